//! Servers and operations: what is called, with what, and what comes back.

use super::{At, Comparison, Direction, Edit, Pair, Shape, shape};
use crate::{
    codegen::adapt::{parameters, reference},
    document::{Document, Operation, members},
    json::step,
    read::schema::ORIGIN,
    rules,
};
use serde_json::{Value, json};

impl<'a> Comparison<'a> {
    pub(super) fn servers(&mut self) {
        let urls = |document: &Document| -> Vec<String> {
            let servers = document.value["servers"].as_array().into_iter().flatten();
            let urls = servers.filter_map(|s| s["url"].as_str());
            urls.map(|url| {
                url.trim_end_matches('/')
                    .trim_end_matches("/v1beta")
                    .to_string()
            })
            .collect()
        };
        let (ours, theirs) = (urls(self.ours), urls(self.theirs));
        // A document without servers says nothing of them.
        if theirs.is_empty() {
            return;
        }
        let all = &self.theirs.value["servers"];
        for (index, url) in theirs
            .iter()
            .enumerate()
            .filter(|(_, url)| !ours.contains(url))
        {
            let pointer = format!("/servers/{index}");
            let at = At::new(&all[index], &pointer);
            self.added(
                &rules::SERVER_ADDED,
                at,
                "/servers",
                format!("the server `{url}`"),
                Vec::new(),
            );
        }
        for (index, url) in ours
            .iter()
            .enumerate()
            .filter(|(_, url)| !theirs.contains(url))
        {
            let edits = vec![Edit::Set("/servers".into(), all.clone())];
            self.gone(
                &rules::SERVER_REMOVED,
                &format!("/servers/{index}"),
                format!("the server `{url}`"),
                edits,
            );
        }
    }

    pub(super) fn operations(&mut self) {
        let (ours, theirs) = (self.ours.operations(), self.theirs.operations());
        let mut taken = vec![None; theirs.len()];
        // By name and place first, then by place, then by name: each of theirs once.
        let same: [fn(&Operation, &Operation) -> bool; 3] = [
            |a, b| key(a) == key(b) && a.id == b.id,
            |a, b| key(a) == key(b),
            |a, b| a.id == b.id,
        ];
        let mut found = vec![None; ours.len()];
        for same in same {
            for (index, operation) in ours.iter().enumerate().filter(|(_, o)| !o.id.is_empty()) {
                let free = |(n, o): &(usize, &Operation)| taken[*n].is_none() && same(operation, o);
                if found[index].is_none()
                    && let Some((n, _)) = theirs.iter().enumerate().find(free)
                {
                    (found[index], taken[n]) = (Some(n), Some(index));
                }
            }
        }
        for (operation, found) in ours.iter().zip(found) {
            match found {
                Some(n) => self.operation(operation, &theirs[n]),
                None => self.operation_gone(operation, &theirs),
            }
        }
        for (operation, _) in theirs
            .iter()
            .zip(&taken)
            .filter(|(_, taken)| taken.is_none())
        {
            let what = format!(
                "{}, {} {}",
                operation.id,
                operation.method().to_uppercase(),
                operation.path
            );
            let edits = vec![joined(operation, &ours)];
            let at = At::new(operation.value, &operation.pointer);
            self.added(&rules::OPERATION_ADDED, at, "/paths", what, edits);
        }
    }

    fn operation_gone(&mut self, operation: &Operation, theirs: &[Operation]) {
        let place = &operation.pointer;
        if theirs.iter().any(|o| key(o) == key(operation)) {
            self.gone(
                &rules::OPERATION_INDISTINCT,
                place,
                operation.id,
                Vec::new(),
            );
            return;
        }
        let what = format!(
            "{}, {} {}",
            operation.id,
            operation.method().to_uppercase(),
            operation.path
        );
        self.gone(
            &rules::OPERATION_REMOVED,
            place,
            what,
            vec![Edit::Remove(place.clone())],
        );
    }

    fn operation(&mut self, ours: &Operation, theirs: &Operation) {
        let pair = Pair::new(
            At::new(ours.value, &ours.pointer),
            At::new(theirs.value, &theirs.pointer),
        );
        let id = ours.id;
        if key(ours) != key(theirs) {
            let what = format!(
                "{id}, {} {} there",
                theirs.method().to_uppercase(),
                theirs.path
            );
            let edits = vec![Edit::Move(ours.pointer.clone(), theirs.pointer.clone())];
            self.differs(&rules::OPERATION_MOVED, pair, what, edits);
        }
        if id != theirs.id {
            self.differs(
                &rules::OPERATION_RENAMED,
                pair,
                format!("{id}, `{}` there", theirs.id),
                Vec::new(),
            );
        }
        if theirs.value["tags"][0].is_string() && ours.value["tags"][0] != theirs.value["tags"][0] {
            let what = format!("{id} belongs to {} there", theirs.value["tags"][0]);
            self.differs(&rules::OPERATION_SERVICE, pair, what, Vec::new());
        }
        let at = format!("{}/deprecated", ours.pointer);
        match (
            ours.value["deprecated"] == true,
            theirs.value["deprecated"] == true,
        ) {
            (false, true) => self.differs(
                &rules::OPERATION_DEPRECATED,
                pair,
                id,
                vec![Edit::Set(at, true.into())],
            ),
            (true, false) if !self.by_example => {
                self.differs(
                    &rules::OPERATION_UNDEPRECATED,
                    pair,
                    id,
                    vec![Edit::Remove(at)],
                );
            }
            _ => {}
        }
        self.prose(pair);
        self.security(pair, id);
        self.parameters(ours, theirs);
        self.request(pair, id);
        self.answers(pair, id);
    }

    fn security(&mut self, pair: Pair, id: &str) {
        let schemes = |security: &Value| -> Vec<String> {
            let all = security.as_array().into_iter().flatten();
            let names = |all: &Value| {
                members(all)
                    .map(|(name, _)| name.as_str())
                    .collect::<Vec<_>>()
                    .join(" + ")
            };
            all.map(names).collect()
        };
        let default = &self.ours.value["security"];
        let ours = schemes(pair.ours.value.get("security").unwrap_or(default));
        let theirs = schemes(&pair.theirs.value["security"]);
        let edits = vec![Edit::Set(
            format!("{}/security", pair.ours.pointer),
            pair.theirs.value["security"].clone(),
        )];
        // No security there means that none is described.
        if theirs.is_empty() {
            return;
        }
        for name in ours.iter().filter(|name| !theirs.contains(name)) {
            self.differs(
                &rules::SECURITY_REMOVED,
                pair,
                format!("{id} takes `{name}` here"),
                edits.clone(),
            );
        }
        for name in theirs.iter().filter(|name| !ours.contains(name)) {
            self.differs(
                &rules::SECURITY_ADDED,
                pair,
                format!("{id} takes `{name}` there"),
                Vec::new(),
            );
        }
    }

    fn parameters(&mut self, ours: &Operation, theirs: &Operation) {
        let list = format!("{}/parameters", ours.pointer);
        self.path_parameters(ours, theirs);
        let (here, there) = (query(ours), query(theirs));
        for (index, parameter) in &here {
            let name = parameter["name"].as_str().unwrap_or_default();
            let at = format!("{list}/{index}");
            let present = &ours.value["parameters"][index];
            let Some((_, other)) = there.iter().find(|(_, p)| p["name"] == name) else {
                if !self.by_example {
                    let edits = vec![Edit::Exclude(list.clone(), present.clone())];
                    let what = format!("{}: the parameter `{name}`", ours.id);
                    self.gone(&rules::PARAMETER_REMOVED, &at, what, edits);
                }
                continue;
            };
            let pair = Pair::new(At::new(parameter, &at), At::new(other, &at));
            let before = self.changes.len();
            self.parameter(ours.id, name, pair, &list, present);
            self.shown_where_it_is(before, &at, present);
        }
        for (_, parameter) in &there {
            let name = parameter["name"].as_str().unwrap_or_default();
            if here.iter().any(|(_, p)| p["name"] == name) {
                continue;
            }
            let needed = parameter["required"] == true;
            let rule = if needed {
                rules::PARAMETER_ADDED_REQUIRED
            } else {
                rules::PARAMETER_ADDED
            };
            let edits = vec![Edit::Include(list.clone(), (*parameter).clone())];
            let what = format!("{}: the parameter `{name}`", ours.id);
            self.added(
                &rule,
                At::new(parameter, &theirs.pointer),
                &list,
                what,
                edits,
            );
        }
        let order = |all: &[(usize, &Value)]| {
            all.iter()
                .map(|(_, p)| p["name"].clone())
                .collect::<Vec<_>>()
        };
        let (here, there) = (order(&here), order(&there));
        if here != there && here.len() == there.len() && here.iter().all(|n| there.contains(n)) {
            self.count(rules::ORDER_CHANGED, &list, "another order");
        }
    }

    fn parameter(&mut self, id: &str, name: &str, pair: Pair, list: &str, present: &Value) {
        let replaced = |key: &str, value: Value| {
            // Others may share the parameter: this operation gets its own.
            let mut own = pair.ours.value.clone();
            own[key] = value;
            vec![
                Edit::Exclude(list.into(), present.clone()),
                Edit::Include(list.into(), own),
            ]
        };
        let rule = match (
            pair.ours.value["required"] == true,
            pair.theirs.value["required"] == true,
        ) {
            (false, true) => Some(rules::PARAMETER_REQUIRED),
            (true, false) if !self.by_example => Some(rules::PARAMETER_OPTIONAL),
            _ => None,
        };
        if let Some(rule) = rule {
            let edits = match rule.id == rules::PARAMETER_REQUIRED.id {
                true => replaced("required", true.into()),
                false => Vec::new(),
            };
            self.differs(&rule, pair, format!("{id}: the parameter `{name}`"), edits);
        }
        self.prose(pair);
        let pointer = format!("{}/schema", pair.ours.pointer);
        let there = pair.theirs.value["schema"][ORIGIN]
            .as_str()
            .unwrap_or(&pointer);
        let before = self.changes.len();
        self.schema(
            Direction::Sent,
            Pair::new(
                At::new(&pair.ours.value["schema"], &pointer),
                At::new(&pair.theirs.value["schema"], there),
            ),
        );
        // Their pointers lead through the operation's list to what may be shared.
        for change in &mut self.changes[before..] {
            let inside = |edit: &Edit| match edit {
                Edit::Set(at, _) | Edit::Remove(at) => at.starts_with(&pointer),
                _ => false,
            };
            if change.edits.iter().any(inside) {
                change.edits = replaced("schema", pair.theirs.value["schema"].clone());
            }
        }
    }

    /// A parameter that operations share is not in the list that refers to it.
    fn shown_where_it_is(&mut self, before: usize, at: &str, present: &Value) {
        let Some(shared) = present["$ref"].as_str().and_then(|r| r.strip_prefix('#')) else {
            return;
        };
        for change in &mut self.changes[before..] {
            let place = &mut change.finding.place;
            if let Some(rest) = place.pointer.strip_prefix(at) {
                place.pointer = format!("{shared}{rest}");
            }
        }
    }

    /// They are told apart by their place in the path, so another name changes nothing.
    fn path_parameters(&mut self, ours: &Operation, theirs: &Operation) {
        let names = |operation: &Operation<'_>| {
            parameters(operation.path)
                .into_iter()
                .map(str::to_string)
                .collect::<Vec<_>>()
        };
        let (here, there) = (names(ours), names(theirs));
        if here.len() != there.len() {
            return;
        }
        for (here, there) in here.iter().zip(&there).filter(|(a, b)| a != b) {
            let what = format!("{}: `{here}` here, `{there}` there", ours.id);
            self.count(rules::PARAMETER_RENAMED, &ours.pointer, what);
        }
    }

    fn request(&mut self, pair: Pair, id: &str) {
        let at = format!("{}/requestBody", pair.ours.pointer);
        let there = format!("{}/requestBody", pair.theirs.pointer);
        match (
            pair.ours.value.get("requestBody"),
            pair.theirs.value.get("requestBody"),
        ) {
            (None, None) => {}
            (None, Some(body)) => {
                let edits = vec![Edit::Set(at.clone(), body.clone())];
                self.added(
                    &rules::BODY_ADDED,
                    At::new(body, &there),
                    &at,
                    format!("{id}: the body"),
                    edits,
                );
            }
            (Some(_), None) if self.by_example => {}
            (Some(_), None) => {
                self.gone(
                    &rules::BODY_REMOVED,
                    &at,
                    format!("{id}: the body"),
                    vec![Edit::Remove(at.clone())],
                );
            }
            (Some(ours), Some(theirs)) => {
                let bodies = Pair::new(At::new(ours, &at), At::new(theirs, &there));
                match (ours["required"] == true, theirs["required"] == true) {
                    (true, false) => self.differs(&rules::BODY_OPTIONAL, bodies, id, Vec::new()),
                    (false, true) => self.differs(
                        &rules::BODY_REQUIRED,
                        bodies,
                        id,
                        vec![Edit::Set(format!("{at}/required"), true.into())],
                    ),
                    _ => {}
                }
                self.body(Direction::Sent, bodies);
            }
        }
    }

    /// The schema of the JSON, and the examples beside it.
    fn body(&mut self, way: Direction, pair: Pair) {
        let inside = "/content/application~1json";
        let (here, there) = (
            format!("{}{inside}", pair.ours.pointer),
            format!("{}{inside}", pair.theirs.pointer),
        );
        let media = |value: &'_ Value| value["content"]["application/json"].clone();
        let (ours, theirs) = (media(pair.ours.value), media(pair.theirs.value));
        self.prose(Pair::new(At::new(&ours, &here), At::new(&theirs, &there)));
        let (here, there) = (format!("{here}/schema"), format!("{there}/schema"));
        self.schema(
            way,
            Pair::new(
                At::new(&ours["schema"], &here),
                At::new(&theirs["schema"], &there),
            ),
        );
    }

    fn answers(&mut self, pair: Pair, id: &str) {
        let ours = &pair.ours.value["responses"];
        let theirs = &pair.theirs.value["responses"];
        let here = format!("{}/responses", pair.ours.pointer);
        let there = format!("{}/responses", pair.theirs.pointer);
        let pair = Pair::new(At::new(ours, &here), At::new(theirs, &there));
        self.statuses(pair, id);
        if let (Some((status, ours)), Some((other, theirs))) = (success(ours), success(theirs)) {
            let (here, there) = (format!("{here}/{status}"), format!("{there}/{other}"));
            let answers = Pair::new(At::new(ours, &here), At::new(theirs, &there));
            self.answer(answers, id);
        }
    }

    fn statuses(&mut self, pair: Pair, id: &str) {
        let (ours, theirs) = (pair.ours.value, pair.theirs.value);
        let lacks = |all: &Value, status: &str| all.get(status).is_none();
        // To the client, one success is like another.
        let other_success = !members(theirs).any(|(s, _)| is_success(s) && !lacks(ours, s));
        for (status, answer) in members(theirs).filter(|(s, _)| lacks(ours, s)) {
            if is_success(status) && other_success {
                continue;
            }
            let there = format!("{}/{}", pair.theirs.pointer, step(status));
            let there = At::new(answer, &there);
            let at = format!("{}/{}", pair.ours.pointer, step(status));
            let error = json!({"$ref": "#/components/responses/Error"});
            let edits = match is_success(status) {
                true => Vec::new(),
                false => vec![Edit::Set(at, error)],
            };
            let what = format!("{id}: the status {status}");
            self.added(&rules::STATUS_ADDED, there, pair.ours.pointer, what, edits);
        }
        let gone = members(ours).filter(|(s, _)| lacks(theirs, s) && !is_success(s));
        for (status, _) in gone.filter(|_| !self.by_example).collect::<Vec<_>>() {
            let place = format!("{}/{}", pair.ours.pointer, step(status));
            let what = format!("{id}: the status {status}");
            self.count(rules::STATUS_REMOVED, &place, what);
        }
    }

    /// What a success holds.
    fn answer(&mut self, pair: Pair, id: &str) {
        self.prose(pair);
        let content = format!("{}/content", pair.ours.pointer);
        match (
            holds_nothing(pair.ours.value),
            holds_nothing(pair.theirs.value),
        ) {
            (true, true) => {}
            (true, false) if self.is_open(pair.theirs.value) => {}
            (true, false) => {
                let edits = vec![Edit::Set(content, pair.theirs.value["content"].clone())];
                self.differs(&rules::ANSWER_ADDED, pair, id, edits);
            }
            (false, true) => {
                let at = format!("{content}/application~1json/schema");
                let empty = json!({"$ref": "#/components/schemas/Empty"});
                self.differs(&rules::ANSWER_REMOVED, pair, id, vec![Edit::Set(at, empty)]);
            }
            (false, false) => self.body(Direction::Received, pair),
        }
    }

    /// Whether the source says of an answer that it is an object, and no more.
    fn is_open(&self, answer: &Value) -> bool {
        let schema = &answer["content"]["application/json"]["schema"];
        let schema = self.theirs.follow(schema).unwrap_or(schema);
        matches!(shape(schema), Shape::Any | Shape::Open)
    }
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

fn success(responses: &Value) -> Option<(&String, &Value)> {
    members(responses).find(|(status, _)| is_success(status))
}

/// In our conventions, `Empty` is nothing, too.
fn holds_nothing(answer: &Value) -> bool {
    let schema = &answer["content"]["application/json"]["schema"];
    answer.get("content").is_none() || reference(schema) == Some("Empty")
}

/// A new operation, on our path and with our names for its parameters if there is one.
fn joined(theirs: &Operation, ours: &[Operation]) -> Edit {
    let mut value = theirs.value.clone();
    let path = key(theirs).1;
    let Some(sibling) = ours.iter().find(|o| key(o).1 == path) else {
        return Edit::Set(theirs.pointer.clone(), value);
    };
    let names = parameters(theirs.path)
        .into_iter()
        .zip(parameters(sibling.path));
    for (there, here) in names {
        let all = value["parameters"].as_array_mut().into_iter().flatten();
        for parameter in all.filter(|p| p["in"] == "path" && p["name"] == there) {
            parameter["name"] = here.into();
        }
    }
    Edit::Set(
        format!("/paths/{}/{}", step(sibling.path), theirs.method()),
        value,
    )
}

/// Method and path, whatever the parameters in it are called.
fn key(operation: &Operation) -> (String, String) {
    let mut path = String::new();
    for (index, piece) in operation
        .path
        .trim_end_matches('/')
        .split(['{', '}'])
        .enumerate()
    {
        path += if index % 2 == 1 { "{}" } else { piece };
    }
    (operation.method().to_string(), path)
}

fn query<'a>(operation: &Operation<'a>) -> Vec<(usize, &'a Value)> {
    let all = operation.parameters.iter().enumerate();
    all.filter(|(_, p)| p["in"] == "query")
        .map(|(index, p)| (index, *p))
        .collect()
}

//! Answers of the live service to calls that change nothing.

use crate::{
    answers::{Answers, Exchange},
    compare::Comparison,
    document::{Document, Operation, members},
    finding::Place,
    json,
    looked::Looked,
    project::{DOCUMENT, Project, SAMPLES},
    read::fetch::Fetch,
    report::Compared,
    rules::seen,
    upstream::sha256,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, env};
use url::{Host, Url};

const DEFAULT: &str = "https://platform.segmentapis.com/v1beta";

pub fn look(
    fetch: &Fetch,
    project: &Project,
    document: &Document,
    base_url: Option<&str>,
) -> Result<Looked> {
    let token = env::var("SEGMENT_ACCESS_TOKEN")
        .ok()
        .filter(|t| !t.trim().is_empty());
    let token = token.context("--live needs a token in SEGMENT_ACCESS_TOKEN")?;
    let base = base_url
        .map(str::to_string)
        .or(env::var("SEGMENT_CONFIG_API_URL").ok());
    let base = base.unwrap_or_else(|| DEFAULT.into());
    ensure!(
        is_safe(&base),
        "{base}: the token is sent with https only, or to this machine"
    );
    let base = base.trim_end_matches('/').to_string();
    Ok(Live {
        fetch,
        project,
        document,
        base,
        token: token.trim().into(),
    }
    .look())
}

fn is_safe(base: &str) -> bool {
    let Ok(url) = Url::parse(base) else {
        return false;
    };
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

struct Live<'a> {
    fetch: &'a Fetch,
    project: &'a Project,
    document: &'a Document,
    base: String,
    token: String,
}

impl Live<'_> {
    fn look(&self) -> Looked {
        let mut findings = Vec::new();
        let answers = Answers::new(self.document);
        let mut names = Names::of(self.document);
        let mut bodies = String::new();
        let mut calls = 0;
        let mut left = self.document.operations();
        // A call that rotates a credential is a GET, too.
        left.retain(|o| o.method() == "get" && o.value["x-idempotent"] == true);
        let all = left.len();
        let not_called = |operation: &Operation, why: &str| {
            let what = format!("{}: {why}", operation.id);
            seen::NOT_CALLED.at(Place::new(DOCUMENT, &operation.pointer), what)
        };
        // The token goes to what takes a token, and nowhere else.
        let (mut left, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|o| self.takes_token(o));
        findings.extend(
            others
                .iter()
                .map(|o| not_called(o, "it takes other credentials than a token")),
        );
        // What one answer names, the next call can be made of.
        while let Some((index, path, query)) = left
            .iter()
            .enumerate()
            .find_map(|(i, o)| Some((i, names.fill(o.path)?, self.query(o, &names)?)))
        {
            let operation = left.remove(index);
            let url = format!("{}{path}{query}", self.base);
            let place = Place::new(format!("{}{}", self.base, operation.path), "");
            let (status, text) = match self.fetch.answer(&url, Some(&self.token)) {
                Ok(answer) => answer,
                Err(mut finding) => {
                    finding.place = place;
                    findings.push(finding);
                    break;
                }
            };
            calls += 1;
            bodies += &text;
            // Not to be let in, or not to be served, is not to have looked.
            if matches!(status.as_u16(), 401 | 403 | 429 | 500..) {
                let what = format!("{} answered with {status}", operation.id);
                findings.push(seen::UNREACHABLE.at(place, what));
                continue;
            }
            let is_empty = text.trim().is_empty();
            let answer = serde_json::from_str(&text).ok();
            names.learn(answer.as_ref().unwrap_or(&Value::Null));
            let exchange = Exchange {
                method: "GET".into(),
                path,
                query: Vec::new(),
                request: None,
                status: status.as_u16(),
                is_empty,
                answer,
                place,
                secrets: BTreeSet::from([self.token.clone()]),
            };
            findings.extend(answers.compare(&exchange));
        }
        findings.extend(
            left.iter()
                .map(|o| not_called(o, "no name is known that it could be called with")),
        );
        let sha256 = match calls {
            0 => String::new(),
            _ => sha256(&bodies),
        };
        let compared = Compared {
            source: self.base.clone(),
            kind: "live answers".into(),
            sha256,
            counts: format!("{calls} of {all} read-only operations called"),
        };
        let comparison = Comparison {
            findings,
            ..Comparison::default()
        };
        Looked {
            compared,
            comparison,
            ..Looked::default()
        }
    }

    fn takes_token(&self, operation: &Operation) -> bool {
        let security = operation.value.get("security");
        let alternatives = security
            .unwrap_or(&self.document.value["security"])
            .as_array();
        alternatives.is_some_and(|all| {
            all.iter()
                .any(|one| members(one).all(|(name, _)| name == "bearer"))
        })
    }

    /// What an operation cannot do without: real names, and of other values its sample's.
    fn query(&self, operation: &Operation, names: &Names) -> Option<String> {
        let file = format!("{SAMPLES}/{}.json", operation.id);
        let sample = self
            .project
            .read(&file)
            .and_then(|text| json::parse(&file, &text));
        let sample = sample.unwrap_or_default();
        let required = operation
            .parameters
            .iter()
            .filter(|p| p["in"] == "query" && p["required"] == true);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for parameter in required {
            let name = parameter["name"].as_str()?;
            let value = match parameter["x-resource-name"].as_str() {
                Some(kind) => json!(names.of_kind(kind)?),
                None => sample["query"][name].clone(),
            };
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value]);
            for value in values {
                query.append_pair(
                    name,
                    &value.as_str().map_or(value.to_string(), str::to_string),
                );
            }
        }
        match query.finish() {
            query if query.is_empty() => Some(query),
            query => Some(format!("?{query}")),
        }
    }
}

/// Resource names that answers have, by their patterns.
struct Names {
    /// The kind of resource, a form of its name, and the form that paths have.
    patterns: Vec<(String, String, String)>,
    /// The first name of each pattern, with the kind.
    known: Vec<(String, String, String)>,
}

impl Names {
    fn of(document: &Document) -> Self {
        let mut patterns = Vec::new();
        for (kind, name) in members(&document.value["x-resource-names"]) {
            let also = name["also"].as_array().into_iter().flatten();
            let pattern = name["pattern"].as_str().unwrap_or_default();
            for form in also.filter_map(Value::as_str).chain([pattern]) {
                patterns.push((kind.clone(), form.to_string(), pattern.to_string()));
            }
        }
        // `…/schema-config` before `…/{collection}`.
        patterns.sort_by_key(|(_, form, _)| form.matches('{').count());
        Self {
            patterns,
            known: Vec::new(),
        }
    }

    fn of_kind(&self, kind: &str) -> Option<&str> {
        let mut names = self.known.iter().filter(|(known, ..)| known == kind);
        names.next().map(|(_, _, name)| name.as_str())
    }

    /// A path with a known name for its parameters.
    fn fill(&self, path: &str) -> Option<String> {
        let filled = self.known.iter().filter_map(|(_, pattern, name)| {
            let rest = path.strip_prefix('/')?.strip_prefix(pattern.as_str())?;
            Some(format!("/{name}{rest}"))
        });
        let mut filled = filled.chain([path.to_string()]);
        filled.find(|path| !path.contains('{'))
    }

    fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Object(map) => {
                if let Some(name) = answer["name"].as_str() {
                    self.name(name, answer["id"].as_str());
                }
                map.values().for_each(|v| self.learn(v));
            }
            Value::Array(all) => all.iter().for_each(|v| self.learn(v)),
            _ => {}
        }
    }

    fn name(&mut self, name: &str, id: Option<&str>) {
        // A name goes into a path as it is.
        if name.contains(['?', '#', '%', '\\', ' '])
            || name.split('/').any(|s| ["", ".", ".."].contains(&s))
        {
            return;
        }
        let found = self.patterns.iter().find_map(|(kind, form, pattern)| {
            let parts = parts(form, name)?;
            let filled =
                pattern
                    .split('/')
                    .map(|step| match parts.iter().find(|(p, _)| *p == step) {
                        Some((_, value)) => value,
                        None => step,
                    });
            Some((
                kind.clone(),
                pattern.clone(),
                filled.collect::<Vec<_>>().join("/"),
            ))
        });
        let Some((kind, pattern, name)) = found else {
            return;
        };
        // Functions want the workspace's id where others want its slug.
        if let Some(id) = id.filter(|id| kind == "Workspace" && !id.contains('/')) {
            let by_id = (
                "workspaces/{workspace_id}".into(),
                format!("workspaces/{id}"),
            );
            self.add(String::new(), by_id);
        }
        self.add(kind, (pattern, name));
    }

    fn add(&mut self, kind: String, (pattern, name): (String, String)) {
        if !self.known.iter().any(|(_, known, _)| *known == pattern) {
            self.known.push((kind, pattern, name));
        }
    }
}

/// What stands for the parameters of a form in a name of that form.
fn parts<'a>(form: &'a str, name: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (form, name): (Vec<_>, Vec<_>) = (form.split('/').collect(), name.split('/').collect());
    let same = |(p, n): (&&str, &&str)| p == n || p.starts_with('{');
    let fits = form.len() == name.len() && form.iter().zip(&name).all(same);
    fits.then(|| {
        form.into_iter()
            .zip(name)
            .filter(|(p, _)| p.starts_with('{'))
            .collect()
    })
}

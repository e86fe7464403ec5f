//! Answers of the live service to calls that change nothing.

use crate::{
    answers::{Answers, Exchange},
    compare::Comparison,
    document::{Document, Operation, members},
    finding::{Finding, Place},
    json,
    looked::Looked,
    project::{DOCUMENT, Project, SAMPLES},
    read::fetch::Fetch,
    report::Compared,
    rules::seen,
    upstream::sha256,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, env};
use url::{Host, Url, form_urlencoded};

const DEFAULT: &str = "https://platform.segmentapis.com/v1beta";

pub fn look(
    fetch: &Fetch,
    project: &Project,
    document: &Document,
    base_url: Option<&str>,
) -> Result<Looked> {
    let token = env::var("SEGMENT_ACCESS_TOKEN").unwrap_or_default();
    ensure!(
        !token.trim().is_empty(),
        "--live needs a token in SEGMENT_ACCESS_TOKEN"
    );
    let base = base_url.map(str::to_string);
    let base = base.or_else(|| env::var("SEGMENT_CONFIG_API_URL").ok());
    let base = base.unwrap_or_else(|| DEFAULT.into());
    ensure!(
        is_safe(&base),
        "{base}: the token is sent with https only, or to this machine"
    );
    let live = Live {
        fetch,
        project,
        document,
        base: base.trim_end_matches('/').into(),
        token: token.trim().into(),
    };
    Ok(live.look())
}

fn is_safe(base: &str) -> bool {
    let url = Url::parse(base);
    url.is_ok_and(|url| {
        let is_here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        is_here || url.scheme() == "https"
    })
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
        let answers = Answers::new(self.document);
        let mut names = Names::of(self.document);
        let (mut bodies, mut calls) = (String::new(), 0);
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
        let why = "it takes other credentials than a token";
        let mut findings: Vec<_> = others.iter().map(|o| not_called(o, why)).collect();
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
                Err(finding) => {
                    findings.push(Finding { place, ..finding });
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
            let answer = serde_json::from_str(&text).ok();
            names.learn(answer.as_ref().unwrap_or(&Value::Null));
            findings.extend(answers.compare(&Exchange {
                method: "GET".into(),
                path,
                query: Vec::new(),
                request: None,
                status: status.as_u16(),
                is_empty: text.trim().is_empty(),
                answer,
                place,
                secrets: BTreeSet::from([self.token.clone()]),
            }));
        }
        let why = "no name is known that it could be called with";
        findings.extend(left.iter().map(|o| not_called(o, why)));
        Looked {
            compared: Compared {
                source: self.base.clone(),
                kind: "live answers".into(),
                sha256: match calls {
                    0 => String::new(),
                    _ => sha256(&bodies),
                },
                counts: format!("{calls} of {all} read-only operations called"),
            },
            comparison: Comparison {
                findings,
                ..Comparison::default()
            },
            ..Looked::default()
        }
    }

    fn takes_token(&self, operation: &Operation) -> bool {
        let security = operation.value.get("security");
        let all = security.unwrap_or(&self.document.value["security"]);
        let mut all = all.as_array().into_iter().flatten();
        all.any(|one| members(one).all(|(name, _)| name == "bearer"))
    }

    /// What an operation cannot do without: real names, and of other values its sample's.
    fn query(&self, operation: &Operation, names: &Names) -> Option<String> {
        let file = format!("{SAMPLES}/{}.json", operation.id);
        let sample = self.project.read(&file);
        let sample = sample.and_then(|text| json::parse(&file, &text));
        let sample = sample.unwrap_or_default();
        let parameters = operation.parameters.iter();
        let mut query = form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        for parameter in parameters.filter(|p| p["in"] == "query" && p["required"] == true) {
            let name = parameter["name"].as_str()?;
            let value = match parameter["x-resource-name"].as_str() {
                Some(kind) => json!(names.of_kind(kind)?),
                None => sample["query"][name].clone(),
            };
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value]);
            for value in values {
                let text = value.as_str().map_or(value.to_string(), str::to_string);
                query.append_pair(name, &text);
            }
        }
        Some(query.finish()).map(|query| query.trim_end_matches('?').into())
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
            let mut filled = pattern.clone();
            for (part, value) in parts(form, name)? {
                filled = filled.replace(part, value);
            }
            Some((kind.clone(), pattern.clone(), filled))
        });
        let Some((kind, pattern, name)) = found else {
            return;
        };
        // Functions want the workspace's id where others want its slug.
        if let Some(id) = id.filter(|id| kind == "Workspace" && !id.contains('/')) {
            let id = format!("workspaces/{id}");
            self.add(String::new(), "workspaces/{workspace_id}".into(), id);
        }
        self.add(kind, pattern, name);
    }

    fn add(&mut self, kind: String, pattern: String, name: String) {
        if !self.known.iter().any(|(_, known, _)| *known == pattern) {
            self.known.push((kind, pattern, name));
        }
    }
}

/// What stands for the parameters of a form in a name of that form.
fn parts<'a>(form: &'a str, name: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut pairs: Vec<_> = form.split('/').zip(name.split('/')).collect();
    let is_whole = form.split('/').count() == name.split('/').count();
    // What is no parameter is the same in both.
    pairs.retain(|(part, value)| part != value);
    let fits = is_whole && pairs.iter().all(|(part, _)| part.starts_with('{'));
    fits.then_some(pairs)
}

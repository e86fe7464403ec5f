//! HTTP archives, version 1.2: recorded calls.

use super::{Source, structured};
use crate::{
    answers::Exchange,
    finding::{Finding, Place},
    rules::seen,
};
use anyhow::{Result, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::collections::BTreeSet;

/// The calls of the API in the archive, and what else there is.
pub fn read(name: &str, text: &str) -> Result<Source> {
    let archive = structured(name, text)?;
    let Some(entries) = archive["log"]["entries"].as_array() else {
        bail!("{name} is not a HAR: it has no `log.entries`");
    };
    match archive["log"]["version"].as_str() {
        Some("1.1" | "1.2") => {}
        version => bail!("{name} is HAR version {version:?}; 1.2 can be read"),
    }
    let mut read = Source {
        name: name.into(),
        kind: "HAR 1.2".into(),
        ..Source::default()
    };
    for (index, entry) in entries.iter().enumerate() {
        let place = Place::new(name, format!("/log/entries/{index}"));
        match exchange(entry, place) {
            Ok(exchange) => read.exchanges.push(exchange),
            Err(finding) => read.findings.push(*finding),
        }
    }
    ensure!(!read.exchanges.is_empty(), "no call of this API in it");
    read.counts = format!("{} calls", read.exchanges.len());
    Ok(read)
}

fn exchange(entry: &Value, place: Place) -> Result<Exchange, Box<Finding>> {
    let (request, response) = (&entry["request"], &entry["response"]);
    let url = request["url"]
        .as_str()
        .and_then(|u| url::Url::parse(u).ok());
    let (Some(url), Some(method)) = (url, request["method"].as_str()) else {
        return Err(Box::new(
            seen::NOT_UNDERSTOOD.at(place, "an entry without a request"),
        ));
    };
    let Some((_, path)) = url.path().split_once("/v1beta") else {
        let what = "an address without `/v1beta`";
        return Err(Box::new(seen::OTHER_HOST.at(place, what)));
    };
    let content = &response["content"];
    let text = content["text"].as_str();
    let is_empty = content["size"].as_i64().is_none_or(|size| size <= 0);
    let text = match (text, content["encoding"].as_str().unwrap_or_default()) {
        (Some(text), "") => Some(text.into()),
        (Some(text), "base64") => STANDARD.decode(text.replace(['\r', '\n'], "")).ok(),
        (None, _) if is_empty => Some(Vec::new()),
        _ => None,
    };
    let Some(text) = text else {
        let what = "an answer that was not recorded";
        return Err(Box::new(seen::NOT_UNDERSTOOD.at(place, what)));
    };
    let body = request["postData"]["text"].as_str();
    Ok(Exchange {
        method: method.into(),
        path: path.into(),
        query: url.query_pairs().map(|(key, _)| key.into_owned()).collect(),
        request: body.and_then(|b| serde_json::from_str(b).ok()),
        status: response["status"]
            .as_u64()
            .and_then(|s| s.try_into().ok())
            .unwrap_or_default(),
        is_empty: text.is_empty(),
        answer: serde_json::from_slice(&text).ok(),
        place: Place::new(
            place.file,
            format!("{}/response/content/text", place.pointer),
        ),
        secrets: secrets(request, response, &url),
    })
}

/// What was sent beside the bodies, and the words that credentials are made of.
fn secrets(request: &Value, response: &Value, url: &url::Url) -> BTreeSet<String> {
    const SIGNS: [&str; 5] = ["auth", "cookie", "token", "key", "secret"];
    let lists = ["headers", "cookies", "queryString"];
    let lists = lists.iter().flat_map(|key| [&request[key], &response[key]]);
    let mut secrets: BTreeSet<String> = url.query_pairs().map(|(_, v)| v.into_owned()).collect();
    for header in lists.filter_map(Value::as_array).flatten() {
        let value = header["value"].as_str().unwrap_or_default();
        let name = header["name"].as_str().unwrap_or_default().to_lowercase();
        secrets.insert(value.into());
        if SIGNS.iter().any(|sign| name.contains(sign)) {
            secrets.extend(value.split([' ', ';', '=', ',']).map(str::to_string));
        }
    }
    secrets.retain(|secret| secret.len() > 3);
    secrets
}

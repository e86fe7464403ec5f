//! Pages in Markdown: tables of services and of errors, and what else they have to say.

use super::{Row, Source as Read, not_html};
use crate::{finding::Place, rules::seen::UNSAID, upstream::Source};
use anyhow::{Result, bail, ensure};

pub fn read(name: &str, text: &str) -> Result<Read> {
    not_html(name, text)?;
    let lines: Vec<_> = text.lines().collect();
    let mut facts = Read {
        name: name.into(),
        kind: "Markdown page".into(),
        ..Read::default()
    };
    for (index, pair) in lines.windows(2).enumerate() {
        let (head, rule) = (cells(pair[0]), pair[1]);
        if !rule.contains("--") || !rule.chars().all(|c| "|-: ".contains(c)) {
            continue;
        }
        let column = |title: &str| head.iter().position(|h| h.eq_ignore_ascii_case(title));
        let (table, name, code) = match (column("service"), column("error"), column("code")) {
            (Some(service), ..) => (&mut facts.services, service, None),
            (None, Some(error), code @ Some(_)) => (&mut facts.errors, error, code),
            _ => continue,
        };
        let rows = lines.iter().zip(1..).skip(index + 2);
        let rows = rows.take_while(|(line, _)| line.contains('|'));
        let rows = rows.filter_map(|(line, number)| row(line, number, name, code));
        table.get_or_insert_default().extend(rows);
    }
    if !lines.iter().any(|line| line.starts_with('#')) {
        bail!("{name} is not a page in Markdown: it has no heading");
    }
    let rows = [("services", &facts.services), ("errors", &facts.errors)];
    let counts = rows
        .iter()
        .filter_map(|(what, rows)| Some(format!("{} {what}", rows.as_ref()?.len())));
    facts.counts = counts.collect::<Vec<_>>().join(", ");
    Ok(facts)
}

/// A row without a code, where there should be one, is no error of the service's own.
fn row(line: &str, number: usize, name: usize, code: Option<usize>) -> Option<Row> {
    let cells = cells(line);
    let code = match code {
        Some(column) => Some(cells.get(column)?.parse().ok()?),
        None => None,
    };
    let name = cells.get(name).filter(|name| !name.is_empty())?.clone();
    Some(Row {
        name,
        code,
        line: number,
    })
}

/// The texts of a row, without links and emphasis.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches('|').trim_end_matches('|');
    line.split('|').map(plain).collect()
}

fn plain(cell: &str) -> String {
    let cell = cell.trim();
    let cell = match cell.strip_prefix('[') {
        Some(link) => link.split(']').next().unwrap_or_default(),
        None => cell,
    };
    cell.replace(['*', '`', '\\'], "")
}

/// A page with what it is an authority for: tables, and phrases that it has to have.
pub fn of(source: &Source, text: &str) -> Result<Read> {
    let mut page = read(&source.url, text)?;
    let words = words(text);
    let unsaid = |what: String| UNSAID.at(Place::new(&source.url, ""), what);
    for authority in &source.authority {
        for phrase in source.says.get(authority).into_iter().flatten() {
            if !says(&words, &self::words(phrase)) {
                page.findings
                    .push(unsaid(format!("{authority}: `{phrase}`")));
            }
        }
    }
    let is_authority = |what: &str| source.authority.iter().any(|a| a == what);
    for (what, table) in [
        ("services", &mut page.services),
        ("errors", &mut page.errors),
    ] {
        match is_authority(what) {
            false => *table = None,
            true => ensure!(table.is_some(), "{}: no table of {what}", source.url),
        }
    }
    Ok(page)
}

/// Whether a phrase is in a text, and not as a part of longer words.
fn says(text: &str, phrase: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        let inner =
            |c: Option<char>, end: Option<char>| c.is_some_and(is_word) && end.is_some_and(is_word);
        !inner(before, phrase.chars().next()) && !inner(after, phrase.chars().next_back())
    })
}

/// The words of a text, whatever their case, markup and line breaks.
fn words(text: &str) -> String {
    let text = text
        .replace("](", "] (")
        .replace(['*', '`', '\\', '|', '[', ']', '"'], " ");
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

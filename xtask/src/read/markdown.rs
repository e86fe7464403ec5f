//! Pages in Markdown: tables of services and of errors.

use super::{Facts, Row};
use anyhow::{Result, bail};

pub fn read(name: &str, text: &str) -> Result<Facts> {
    let lines: Vec<_> = text.lines().collect();
    let mut facts = Facts {
        kind: "Markdown page".into(),
        ..Facts::default()
    };
    for (index, line) in lines.iter().enumerate() {
        let is_rule =
            |line: &&&str| line.contains("--") && line.chars().all(|c| "|-: ".contains(c));
        let Some(head) = lines.get(index + 1).filter(is_rule).map(|_| cells(line)) else {
            continue;
        };
        let rows = lines[index + 2..].iter().zip(index + 3..);
        let rows = rows.take_while(|(line, _)| line.contains('|'));
        let column = |title: &str| head.iter().position(|h| h.eq_ignore_ascii_case(title));
        if let Some(service) = column("service") {
            let row = |(line, number): (&&str, usize)| row(line, number, service, None);
            facts
                .services
                .get_or_insert_default()
                .extend(rows.filter_map(row));
        } else if let (Some(error), Some(code)) = (column("error"), column("code")) {
            let row = |(line, number): (&&str, usize)| row(line, number, error, Some(code));
            facts
                .errors
                .get_or_insert_default()
                .extend(rows.filter_map(row));
        }
    }
    if !lines.iter().any(|line| line.starts_with('#')) {
        bail!("{name} is not a page in Markdown: it has no heading");
    }
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

//! The ratios to the floor, beside what they may be.

use crate::FIGURES;
use std::fs;

pub type Ratios = (&'static str, &'static str, [f64; FIGURES.len()]);

/// Prints the ratios, and says whether all budgets are kept.
pub fn kept(ratios: &[Ratios]) -> bool {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/budgets.txt");
    let budgets = fs::read_to_string(path).expect("budgets");
    println!("\n| ratio to the floor | {} |", FIGURES.join(" | "));
    println!("|---|{}", "---:|".repeat(FIGURES.len()));
    let mut kept = true;
    for (name, what, ratios) in ratios {
        let cells = FIGURES.iter().zip(ratios).map(|(figure, ratio)| {
            let Some(budget) = budget(&budgets, name, figure) else {
                return format!("{ratio:.2}");
            };
            let over = *ratio > budget;
            kept &= !over;
            format!(
                "{ratio:.2} {} {budget:.2}",
                if over { "**over**" } else { "of" }
            )
        });
        println!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    kept
}

/// Lines are `scenario figure ratio reason`; those with `#` say more.
fn budget(budgets: &str, scenario: &str, figure: &str) -> Option<f64> {
    let mut lines = budgets.lines().map(|line| line.split_whitespace());
    let mut line = lines.find(|line| line.clone().take(2).eq([scenario, figure]))?;
    Some(line.nth(2)?.parse().expect("a ratio"))
}

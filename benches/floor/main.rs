//! What calls cost beside hand-written reqwest and serde, the floor.
//!
//! `cargo bench --bench floor` runs every scenario with the crate and by hand in turns, each run in
//! a process of its own, against a server in another. It prints a line of JSON for each scenario
//! and side, then the ratios beside what `benches/budgets.txt` allows, and fails where one is over.
//! `-- --rounds 21 gets plans` makes more runs of these scenarios alone. See `benches/README.md`.

mod allocator;
#[allow(dead_code)]
#[path = "../../tests/support/answering.rs"]
mod answering;
mod budget;
mod by_hand;
mod scenario;
mod server;

use cpu_time::ProcessTime;
use serde_json::{Value, json};
use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitCode, Stdio},
    time::Instant,
};

const SIDES: [&str; 2] = ["crate", "floor"];
/// What is compared. CPU and wall are medians; the others hardly vary.
const FIGURES: [&str; 5] = ["cpu_ms", "wall_ms", "allocations", "peak_heap", "peak_rss"];

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--serve"] => server::serve(),
        ["--run", scenario, side, address, counting] => {
            println!("{}", run(scenario, side, address, counting == "counting"));
        }
        ["--rounds", rounds, ref scenarios @ ..] => {
            return compare(rounds.parse().expect("a number"), scenarios);
        }
        ref scenarios => return compare(11, scenarios),
    }
    ExitCode::SUCCESS
}

/// One run, in this process.
fn run(scenario: &str, side: &str, address: &str, counting: bool) -> Value {
    let start = Instant::now();
    if counting {
        allocator::start();
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let slow = if scenario == "ahead" { "/slow" } else { "" };
    let base_url = format!("http://{address}{slow}");
    let items = match side {
        "crate" => runtime.block_on(scenario::with_the_crate(scenario, &base_url)),
        _ => runtime.block_on(scenario::by_hand(scenario, &base_url)),
    };
    drop(runtime);
    let wall_ms = start.elapsed().as_secs_f64() * 1e3;
    // Since the process began.
    let cpu_ms = ProcessTime::now().as_duration().as_secs_f64() * 1e3;
    let mut figures = json!({"items": items, "wall_ms": wall_ms, "cpu_ms": cpu_ms});
    if counting {
        let (allocations, peak_heap) = allocator::counted();
        figures["allocations"] = allocations.into();
        figures["peak_heap"] = peak_heap.into();
    } else {
        figures["peak_rss"] = peak_rss().into();
    }
    figures
}

/// The most memory that the process has had, in bytes; Linux alone says it.
fn peak_rss() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

fn compare(rounds: usize, scenarios: &[&str]) -> ExitCode {
    let (mut server, address) = start_server();
    let mut ratios = Vec::new();
    for (name, what, requests, items) in scenario::ALL {
        if !scenarios.is_empty() && !scenarios.contains(&name) {
            continue;
        }
        let [ours, floor] = SIDES.map(|side| child(name, side, &address, true));
        let mut runs = [vec![ours], vec![floor]];
        for round in 0..rounds {
            // Neither is always the first.
            for place in [round % 2, 1 - round % 2] {
                runs[place].push(child(name, SIDES[place], &address, false));
            }
        }
        assert!(
            runs.iter().flatten().all(|run| run["items"] == items),
            "{what}"
        );
        let sides = runs.map(|runs| FIGURES.map(|figure| middle(&runs, figure)));
        for (side, figures) in SIDES.iter().zip(sides) {
            let mut line =
                json!({"scenario": name, "side": side, "items": items, "requests": requests});
            for (name, figure) in FIGURES.iter().zip(figures) {
                line[name] = ((figure * 100.0).round() / 100.0).into();
            }
            println!("{line}");
        }
        let [ours, floor] = sides;
        ratios.push((name, what, std::array::from_fn(|n| ours[n] / floor[n])));
    }
    drop(server.stdin.take());
    server.wait().expect("an end");
    match budget::kept(&ratios) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The median of a figure.
fn middle(runs: &[Value], figure: &str) -> f64 {
    let mut values: Vec<_> = runs.iter().filter_map(|run| run[figure].as_f64()).collect();
    if figure.ends_with("_ms") {
        // The run that counts is not timed.
        values.remove(0);
    }
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn itself(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().expect("a program"));
    command.args(arguments);
    command
}

fn start_server() -> (Child, String) {
    let mut command = itself(&["--serve"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = command.spawn().expect("a server");
    let mut address = String::new();
    let output = server.stdout.take().expect("an output");
    let read = BufReader::new(output).read_line(&mut address);
    read.expect("an address");
    (server, address.trim().to_string())
}

fn child(scenario: &str, side: &str, address: &str, counting: bool) -> Value {
    let how = if counting { "counting" } else { "timing" };
    let output = itself(&["--run", scenario, side, address, how])
        .stderr(Stdio::inherit())
        .output();
    let output = output.expect("a run").stdout;
    serde_json::from_slice(&output).expect("figures")
}

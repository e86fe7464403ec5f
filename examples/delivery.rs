//! How delivery to the destinations of a workspace goes: a chart, and an alert.

#[path = "support/mod.rs"]
mod support;

use clap::Parser;
use font8x8::legacy::BASIC_LEGACY;
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressIterator;
use plotters::prelude::*;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Shows how many events each destination got over time, and the share of what was sent again.
///
/// Segment has published no answer of these calls. The shape that is read here is inferred: metrics
/// `successes` and `retried_…`, each with the values of its points. An answer of another shape ends
/// it with a message that shows the answer. The exit status is 1 then, or if there is an alert.
#[derive(Parser)]
struct Cli {
    /// The slug of the workspace.
    #[arg(long, required = std::env::var_os("SEGMENT_ACCESS_TOKEN").is_some())]
    workspace: Option<String>,
    /// The share of retries, in percent, over which a destination is an alert.
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    alert: f64,
    /// Draws the chart into a file, too.
    #[arg(long, value_name = "FILE.png")]
    png: Option<String>,
    /// Prints all destinations in JSON, instead of a chart of the ten with most retries.
    #[arg(long)]
    json: bool,
}

/// The share of retries in percent, the destination, and what it got over time.
type Delivery = (f64, String, Vec<f64>);

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let support::Workspace { client, .. } = &support::workspace().await?;
    let workspace = cli.workspace.as_deref().unwrap_or("acme");
    let sources = client.list_sources().workspace(workspace).all().await?;
    let list = |source: String| client.list_destinations().parent(source).all();
    let destinations = stream::iter(sources.into_iter().progress().map(|source| source.name));
    let mut destinations = destinations.map(list).buffered(8).try_concat().await?;
    destinations.retain(|destination| destination.connection_mode != "DEVICE");
    let mut deliveries = Vec::new();
    for name in destinations.into_iter().progress().map(|d| d.name) {
        let call = client.list_destination_metrics().parent(&name);
        let answer = serde_json::to_value(call.send().await?)?;
        let Some(delivery) = read(&name, &answer) else {
            let begin: String = answer.to_string().chars().take(300).collect();
            eprintln!("The metrics of {name} are not of the shape that was inferred: {begin}");
            return Ok(ExitCode::FAILURE);
        };
        deliveries.push(delivery);
    }
    deliveries.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (all, limit) = (deliveries.len(), cli.alert);
    let alerts = deliveries.partition_point(|delivery| delivery.0 > limit);
    let object = |(a, b, c): &Delivery| json!({"retries": a, "destination": b, "delivered": c});
    if cli.json {
        println!("{}", deliveries.iter().map(object).collect::<Value>());
    }
    deliveries.truncate(10);
    eprintln!("retries   delivered, over time (the shape of the metrics is inferred)");
    for (retries, name, delivered) in deliveries.iter().filter(|_| !cli.json) {
        println!("{retries:6.2} %  {}  {name}", bars(delivered));
    }
    eprintln!("{alerts} of {all} destinations have more than {limit} % of retries.");
    cli.png.iter().try_for_each(|png| draw(png, &deliveries))?;
    Ok(ExitCode::from(u8::from(alerts > 0)))
}

/// None if the answer is of another shape, as far as it matters.
fn read(name: &str, answer: &Value) -> Option<Delivery> {
    let (mut delivered, mut retried) = (Vec::new(), 0.0);
    for metric in answer["metrics"].as_array()? {
        let points = metric["points"].as_array()?.iter();
        let values = points.map(|point| point["value"].as_f64());
        match metric["name"].as_str()?.rsplit('/').next()? {
            "successes" => delivered = values.collect::<Option<_>>()?,
            name if name.starts_with("retried_") => retried += values.sum::<Option<f64>>()?,
            _ => {}
        }
    }
    let all = delivered.iter().sum::<f64>() + retried;
    let name = name.splitn(4, '/').nth(3)?.replace("/destinations/", "/");
    (!delivered.is_empty()).then_some((100.0 * retried / all.max(1.0), name, delivered))
}

fn bars(values: &[f64]) -> String {
    let most = values.iter().copied().fold(1.0, f64::max);
    let bar = |value: &f64| "▁▂▃▄▅▆▇█".chars().nth((7.0 * value / most) as usize);
    values.iter().filter_map(bar).collect()
}

fn draw(path: &str, deliveries: &[Delivery]) -> anyhow::Result<()> {
    let rows = deliveries.len().max(1);
    let image = BitMapBackend::new(path, (640, 90 * rows as u32)).into_drawing_area();
    image.fill(&WHITE)?;
    for (area, (retries, name, delivered)) in image.split_evenly((rows, 1)).iter().zip(deliveries) {
        let most = delivered.iter().copied().fold(1.0, f64::max);
        let width = (608 / delivered.len() as i32).max(2);
        for (x, value) in (16..).step_by(width as usize).zip(delivered) {
            let corners = [(x, 80 - (60.0 * value / most) as i32), (x + width - 2, 80)];
            area.draw(&Rectangle::new(corners, BLUE.filled()))?;
        }
        // Text of plotters' own would look for a font of the system.
        let label = format!("{name} ({retries:.2} % sent again)");
        for (x, byte) in (16..).step_by(8).zip(label.bytes()) {
            let glyph = BASIC_LEGACY.get(usize::from(byte)).unwrap_or(&[0xff; 8]);
            for bit in (0..64).filter(|bit| glyph[bit / 8] >> (bit % 8) & 1 == 1) {
                area.draw_pixel((x + bit as i32 % 8, 6 + bit as i32 / 8), &BLACK)?;
            }
        }
    }
    Ok(image.present()?)
}

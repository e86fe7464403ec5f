//! Metrics of delivery. What Segment answers is not known: the shape here is made up, and so are
//! the numbers, which are the same for the same name.

use super::super::{call::Call, clock::written, refusal::Refusal, state::State};
use serde_json::{Value, json};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

/// The metrics of which the names are known.
const METRICS: [&str; 3] = ["successes", "retried_502", "time_to_success_p95"];
const HOUR: u64 = 3600;

pub(in super::super) fn list_destination_metrics(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let metrics = METRICS.map(|metric| series(state, &format!("{}/{metric}", call.path)));
    Ok(json!({"metrics": metrics, "next_page_token": ""}))
}

pub(in super::super) fn get_destination_metric(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    named(state, call.path)
}

pub(in super::super) fn batch_get_destination_metrics(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let names = call.query.iter().filter(|(key, _)| key == "names");
    let metrics = names.map(|(_, name)| named(state, name));
    Ok(json!({"metrics": metrics.collect::<Result<Vec<_>, _>>()?}))
}

pub(in super::super) fn get_destination_metrics_summary(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let metrics = call.path.trim_end_matches(":getSummary");
    let totals = METRICS.map(|metric| {
        let name = format!("{metrics}/{metric}");
        json!({"name": name, "total": total(&series(state, &name))})
    });
    Ok(json!({"metrics": totals}))
}

pub(in super::super) fn batch_get_event_delivery_metrics_summary(
    state: &mut State,
    call: &Call<'_>,
) -> Result<Value, Refusal> {
    state.owner_exists(call)?;
    let names = call.query.iter().filter(|(key, _)| key == "names");
    let metrics = names.flat_map(|(_, destination)| {
        METRICS.map(|metric| format!("{destination}/metrics/{metric}"))
    });
    let totals = metrics.map(|name| {
        let metric = named(state, &name)?;
        Ok(json!({"name": name, "total": total(&metric)}))
    });
    Ok(json!({"metrics": totals.collect::<Result<Vec<_>, _>>()?}))
}

/// The metric of a name, `…/destinations/{destination}/metrics/{metric}`.
fn named(state: &State, name: &str) -> Result<Value, Refusal> {
    let known = name
        .rsplit_once("/metrics/")
        .is_some_and(|(destination, metric)| {
            let retried = metric
                .strip_prefix("retried_")
                .is_some_and(|s| s.parse::<u16>().is_ok());
            state.resources.contains_key(destination) && (retried || METRICS.contains(&metric))
        });
    match known {
        true => Ok(series(state, name)),
        false => Err(Refusal::not_found(format!("{name} does not exist"))),
    }
}

/// A day of hours.
fn series(state: &State, name: &str) -> Value {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    let mut random = fastrand::Rng::with_seed(hasher.finish());
    let most = if name.ends_with("successes") {
        2000
    } else {
        40
    };
    let this_hour = state.clock.now().as_secs() / HOUR * HOUR;
    let points = (0..24).rev().map(|hour| {
        let time = Duration::from_secs(this_hour.saturating_sub(hour * HOUR));
        json!({"time": written(time), "value": random.u32(most / 2..most)})
    });
    json!({"name": name, "points": points.collect::<Vec<_>>()})
}

fn total(series: &Value) -> u64 {
    let points = series["points"].as_array().into_iter().flatten();
    points.filter_map(|point| point["value"].as_u64()).sum()
}

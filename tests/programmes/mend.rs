//! Brings keys of a drawn programme that depend on each other into order, and takes out what a problem names.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use toml::{Table, Value};

fn ratio(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => levertide::units::Ratio::parse(text).map(levertide::units::Ratio::get),
        Value::Float(value) => Some(*value),
        Value::Integer(value) => Some(*value as f64),
        _ => None,
    }
}

fn table<'t>(of: &'t mut Table, path: &[&str]) -> Option<&'t mut Table> {
    path.iter().try_fold(of, |table, key| table.get_mut(*key)?.as_table_mut())
}

/// Puts the values of `keys` into rising order.
fn rise(table: &mut Table, keys: &[&str]) {
    let there: Vec<&str> = keys.iter().copied().filter(|key| table.get(*key).and_then(ratio).is_some()).collect();
    let mut values: Vec<Value> = there.iter().filter_map(|key| table.get(*key).cloned()).collect();
    values.sort_by(|a, b| ratio(a).partial_cmp(&ratio(b)).expect("finite"));
    for (key, value) in there.iter().zip(values) {
        table.insert(key.to_string(), value);
    }
}

/// Raises `key` to at least the value at `least`, and a little above where `over` says so.
fn lift(table: &mut Table, key: &str, least: Option<f64>, over: f64) {
    if let (Some(value), Some(least)) = (table.get(key).and_then(ratio), least)
        && value < least + over
    {
        table.insert(key.to_string(), Value::Float(least + over));
    }
}

/// Where two keys exclude each other, one is left; where neither stands, the first is written.
fn one_of(table: &mut Table, keys: [&str; 2], otherwise: f64, rng: &mut ChaCha8Rng) {
    match keys.map(|key| table.contains_key(key)) {
        [true, true] => drop(table.remove(keys[rng.random_range(0..2)])),
        [false, false] => drop(table.insert(keys[0].into(), Value::Float(otherwise))),
        _ => {}
    }
}

/// Brings a case into order as far as its keys depend on each other; what is left is told by the program.
pub fn case(case: &mut Table, horizon: u64, rng: &mut ChaCha8Rng) {
    if let Some(margin) = table(case, &["margin"]) {
        rise(margin, &["liquidation", "call", "limit", "warning"]);
        let at = |key: &str| margin.get(key).and_then(ratio);
        let (liquidation, call, limit) = (at("liquidation"), at("call"), at("limit"));
        lift(margin, "cured-at", call, 0.0);
        lift(margin, "restore-to", liquidation, 0.01);
        if let Some(action) = table(margin, &["limit-action"]) {
            lift(action, "reduce-to", limit, 0.0);
        }
        for (inner, keys) in [
            ("volatility-trigger", ["cut-to-leverage", "above-leverage"]),
            ("template", ["stress-leverage", "calm-leverage"]),
            ("dynamic", ["floor", "cap"]),
        ] {
            if let Some(inner) = table(margin, &[inner]) {
                rise(inner, &keys);
            }
        }
        if let Some(clients) = table(case, &["clients"]) {
            lift(clients, "cure-to", call, 0.0);
        }
    }
    if let Some(adl) = table(case, &["liquidation", "adl"]) {
        rise(adl, &["lower", "upper"]);
    }
    if let Some(clients) = table(case, &["clients"]) {
        if let Some(payment) = table(clients, &["payment"]) {
            rise(payment, &["low", "high"]);
        }
        for (_, payment) in table(clients, &["payment-by-grade"]).into_iter().flatten() {
            payment.as_table_mut().into_iter().for_each(|payment| rise(payment, &["low", "high"]));
        }
    }
    for shock in case.get_mut("shocks").and_then(Value::as_array_mut).into_iter().flatten() {
        for (name, shock) in shock.as_table_mut().into_iter().flatten() {
            let Some(shock) = shock.as_table_mut() else { continue };
            rise(shock, &["first-day", "last-day"]);
            let first = shock.get("first-day").and_then(Value::as_integer).unwrap_or(1);
            if let Some(Value::Integer(days)) = shock.get_mut("days") {
                *days = (*days).min(horizon as i64 - first + 1);
            }
            if name == "drift" {
                one_of(shock, ["total", "annual"], -0.1, rng);
            }
        }
    }
    let needs_cash = ["funding", "run", "hedge", "failure", "triggers", "lending", "recourse-delay-days", "replenish-daily"];
    if let Some(pool) = table(case, &["pool"])
        && needs_cash.iter().any(|key| pool.contains_key(*key))
        && rng.random_bool(0.9)
    {
        pool.entry("cash").or_insert_with(|| Value::Table(Table::new()));
    }
}

/// Limits hold on one side.
pub fn limits(root: &mut Table, rng: &mut ChaCha8Rng) {
    for limit in root.get_mut("limits").and_then(Value::as_array_mut).into_iter().flatten() {
        limit.as_table_mut().into_iter().for_each(|limit| one_of(limit, ["below", "above"], 0.5, rng));
    }
}

/// Takes out what stands at a key as a problem names it, `scenario.s1.shocks[2].gap.day`, or the nearest thing above it.
/// False where nothing of it is there.
pub fn take_out(root: &mut Table, field: &str) -> bool {
    let (mut steps, mut rest) = (Vec::new(), field);
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if let Some(inner) = rest.strip_prefix('[') {
            let close = inner.find(']').unwrap_or(inner.len());
            steps.push(inner[..close].to_string());
            rest = inner.get(close + 1..).unwrap_or_default();
        } else {
            steps.push(rest[..end].to_string());
            rest = &rest[end..];
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    let mut value = Value::Table(std::mem::take(root));
    let gone = remove(&mut value, &steps);
    let Value::Table(table) = value else { unreachable!("it was a table") };
    *root = table;
    gone
}

/// Removes the deepest thing along `steps`; names may hold points, so that several steps may be one key.
fn remove(value: &mut Value, steps: &[String]) -> bool {
    match value {
        _ if steps.is_empty() => false,
        Value::Table(table) => {
            for taken in (1..=steps.len()).rev() {
                let key = steps[..taken].join(".");
                let Some(inner) = table.get_mut(&key) else { continue };
                if !remove(inner, &steps[taken..]) {
                    table.remove(&key);
                }
                return true;
            }
            false
        }
        Value::Array(list) => {
            let by_number = steps.first().and_then(|step| step.parse::<usize>().ok()).map(|n| n.wrapping_sub(1));
            let by_name = || list.iter().position(|v| v.get("name").and_then(Value::as_str) == steps.first().map(String::as_str));
            let Some(at) = by_number.or_else(by_name).filter(|at| *at < list.len()) else { return false };
            if steps.len() == 1 || !remove(&mut list[at], &steps[1..]) {
                list.remove(at);
            }
            true
        }
        _ => false,
    }
}

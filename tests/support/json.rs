//! Reads the JSON that a run wrote.

use crate::cli::Desk;
use serde_json::Value;
use std::fs;

pub fn json(desk: &Desk, file: &str) -> Value {
    serde_json::from_slice(&fs::read(desk.path(file)).expect("there")).expect("JSON")
}

pub fn summary(desk: &Desk, folder: &str) -> Value {
    serde_json::from_slice(&fs::read(desk.path(folder).join("summary.json")).expect("there")).expect("JSON")
}

pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

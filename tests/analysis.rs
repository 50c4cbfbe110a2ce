//! Runs the snippets of docs/analysis.md on report folders: their figures are those of `summary.json`.
//!
//! They run where Python has the packages (`LEVERTIDE_PYTHON` names another than `python3`); what cannot run is told as skipped, and
//! the files and columns they name are held against a report all the same.

use crate::cli::Desk;
use crate::code::root;
use crate::support::json::{list, number, summary};
use crate::support::shared;
use polars::prelude::{ParquetReader, SerReader};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// The snippets under each heading.
fn snippets() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs/analysis.md")).expect("the document is there");
    let mut found = Vec::new();
    for part in text.split("\n## ").skip(1) {
        let heading = part.lines().next().expect("a heading").to_string();
        found.extend(
            part.split("```python\n").skip(1).map(|code| (heading.clone(), code.split("```").next().expect("its end").to_string())),
        );
    }
    found
}

/// A report of paths that count alike, and one of a sample of candidates, both with losses.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.edit("programme.toml", "size = \"-12%\"", "size = \"-25%\"");
    desk.expect(0, &["run", "programme.toml", "--out", "report", "--quiet"]);
    desk.edit("programme.toml", "horizon-days = 5", "horizon-days = 5\nsampling = { method = \"stratified\", candidates = 1200 }");
    desk.expect(0, &["run", "programme.toml", "--out", "weighted", "--quiet"]);
    desk
}

fn columns(desk: &Desk, file: &str) -> BTreeSet<String> {
    let table = ParquetReader::new(fs::File::open(desk.path(file)).expect("there")).finish().expect("a table");
    table.get_column_names().into_iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_snippets_name_is_in_a_report() {
    let (desk, snippets) = (desk(), snippets());
    assert_eq!(snippets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["Polars", "pandas", "DuckDB", "Units and labels"]);
    let mut known = columns(&desk, "weighted/paths.parquet");
    known.extend(columns(&desk, "weighted/accounts.parquet"));
    for (name, code) in &snippets {
        assert!(code.lines().count() <= 15, "{name} has {} lines", code.lines().count());
        let quoted: Vec<&str> = code.split(['"', '\'']).skip(1).step_by(2).collect();
        for word in quoted.iter().filter(|word| word.starts_with("report/")) {
            assert!(desk.path("weighted").join(&word["report/".len()..]).is_file(), "{name}: {word}");
        }
        // what they make themselves
        let own = ["w", "tail", "es_97_5", "liquidation_rate", "sum", "stable", "tier_loss_"];
        let is_name = |word: &&&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit());
        for word in quoted.iter().filter(is_name) {
            assert!(known.contains(*word) || own.contains(word), "{name}: no column `{word}`");
        }
    }
    let (_, query) = &snippets[2];
    for column in ["scenario", "path", "pool_loss", "liquidated", "account_id", "weight"] {
        assert!(known.contains(column) && query.contains(column), "{column}");
    }
}

#[test]
fn a_file_says_the_unit_of_each_of_its_figures_and_the_currency() {
    let desk = desk();
    for file in ["paths.parquet", "accounts.parquet", "symbols.parquet", "ledger.parquet"] {
        let path = desk.path("weighted").join(file);
        let mut reader = ParquetReader::new(fs::File::open(&path).expect("there"));
        let footer = reader.get_metadata().expect("a footer");
        let said = footer.key_value_metadata().clone().expect("it says something of itself");
        let of = |key: &str| said.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).expect("said").to_string();
        assert_eq!((of("levertide.currency").as_str(), of("levertide.as_of").as_str()), ("CNY", "2024-03-01"));
        let units: Value = serde_json::from_str(&of("levertide.units")).expect("JSON");
        let table = ParquetReader::new(fs::File::open(&path).expect("there")).finish().expect("a table");
        for column in table.columns() {
            let name = column.name().as_str();
            let is_figure = column.dtype().is_primitive_numeric() && !["path", "entry_id"].contains(&name);
            assert_eq!(
                units[name].is_string(),
                is_figure || name.starts_with("investment_cap") && units[name].is_string(),
                "{file}, {name}"
            );
        }
    }
    let of = |key: &str| number(&list(&summary(&desk, "report")["scenarios"])[1]["measures"][key]["value"]);
    assert!(of("pool_loss.es_97_5") > 0.0 && columns(&desk, "report/paths.parquet").contains("market_return"));
}

#[test]
fn the_snippets_give_the_figures_of_the_summary() {
    let python = std::env::var("LEVERTIDE_PYTHON").unwrap_or("python3".into());
    let runs = |code: &str, folder: &std::path::Path| Command::new(&python).arg("-c").arg(code).current_dir(folder).output();
    let desk = desk();
    let print = [
        "print(figures.write_json())",
        "print(figures.to_json(orient=\"records\", double_precision=15))",
        "import json\nprint(json.dumps([dict(zip(figures.columns, row)) for row in figures.fetchall()]))",
    ];
    for ((name, code), print) in snippets().iter().zip(print) {
        let package = name.to_lowercase();
        let needs = if package == "pandas" { "import pandas, pyarrow".to_string() } else { format!("import {package}") };
        if !runs(&needs, desk.home.path()).is_ok_and(|output| output.status.success()) {
            shared::skip(&format!("runs the snippet for {name}, and `{needs}` fails in {python}"));
            continue;
        }
        for folder in ["report", "weighted"] {
            let code = code.replace("report/", &format!("{folder}/"));
            let output = runs(&format!("{code}\n{print}"), desk.home.path()).expect("it starts");
            let text = String::from_utf8_lossy(&output.stdout);
            let rows: Value =
                serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}\n{}", String::from_utf8_lossy(&output.stderr)));
            let summary = summary(&desk, folder);
            assert_eq!(list(&rows).len(), list(&summary["scenarios"]).len(), "{name}");
            for row in list(&rows) {
                let scenario = list(&summary["scenarios"]).iter().find(|s| s["name"] == row["scenario"]).expect("a scenario");
                let keys = [("es_97_5", "pool_loss.es_97_5".to_string()), ("liquidation_rate", "liquidation_rate".into())];
                let tiers = ["A", "B", "C"].map(|tier| (format!("tier_loss_{tier}"), format!("tier.{tier}.loss.mean")));
                let keys = keys.map(|(own, key)| (own.to_string(), key)).into_iter().chain(tiers);
                for (own, key) in keys {
                    let (found, wanted) = (number(&row[&own]), number(&scenario["measures"][&key]["value"]));
                    assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1e-6), "{name}, {folder}, {key}: {found} and {wanted}");
                }
            }
        }
    }
}

//! Runs the golden cases, each a folder of `tests/golden/`, and compares what they came to with `expected.json`.
//!
//! A case holds a programme, its small files, a derivation by hand, and the figures expected: `estimates` by scenario and
//! key, `accounts` and `symbols` by scenario and name (shares of paths, and the day of the first event, 0 for never), `book`
//! by account on the as-of date. Six significant digits count. `UPDATE_GOLDEN=1` writes the figures that were found, for the
//! keys that stand there; the commit then says why they moved.

use levertide::engine::outcome::Outcome;
use levertide::engine::{Control, simulate};
use levertide::inputs::{self, Inputs, programme};
use levertide::measures;
use levertide::model::case::Programme;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Everything a case came to.
struct Found {
    programme: Programme,
    inputs: Inputs,
    outcomes: Vec<Outcome>,
}

fn run(folder: &Path) -> Found {
    let programme = programme::load(&folder.join("programme.toml"), &programme::Overrides::default())
        .unwrap_or_else(|problems| panic!("{}\n{problems}", folder.display()));
    let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{}\n{problems}", folder.display()));
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    let outcomes = simulate(&programme, &inputs.book, &inputs.market, &control).unwrap_or_else(|problems| panic!("{problems}"));
    Found { programme, inputs, outcomes }
}

impl Found {
    /// The figure that stands at a path of `expected.json`; a place that does not exist is named.
    fn figure(&self, place: &[String]) -> Result<f64, String> {
        let words: Vec<&str> = place.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["estimates", scenario, key] => {
                let at = self.scenario(scenario)?;
                let estimates = measures::estimate(&self.programme.scenarios[at], &self.inputs.book, &self.outcomes[at]);
                estimates.get(*key).map(|e| e.value).ok_or_else(|| format!("there is no measure `{key}`"))
            }
            ["accounts", scenario, account, key] => self.account(self.scenario(scenario)?, self.account_index(account)?, key),
            ["symbols", scenario, symbol, key] => self.symbol(self.scenario(scenario)?, symbol, key),
            ["book", account, key] => self.book(self.account_index(account)?, key),
            _ => Err("a figure stands under estimates, accounts, symbols or book".into()),
        }
    }

    fn scenario(&self, name: &str) -> Result<usize, String> {
        self.programme.scenarios.iter().position(|s| s.name == name).ok_or_else(|| format!("there is no scenario `{name}`"))
    }

    fn account_index(&self, id: &str) -> Result<usize, String> {
        self.inputs.book.account_id.iter().position(|a| a == id).ok_or_else(|| format!("there is no account `{id}`"))
    }

    fn account(&self, scenario: usize, account: usize, key: &str) -> Result<f64, String> {
        let outcome = &self.outcomes[scenario];
        let columns = &outcome.account;
        let share = |count: &[u32]| f64::from(count[account]) / outcome.paths as f64;
        let day = |days: &[[u16; 2]]| {
            let [first, last] = days[account];
            assert_eq!(first, last, "every path of a golden case is the same");
            f64::from(first)
        };
        Ok(match key {
            "warned" => share(&columns.warned),
            "limited" => share(&columns.limited),
            "called" => share(&columns.called),
            "cured" => share(&columns.cured),
            "liquidated" => share(&columns.liquidated),
            "shortfall" => share(&columns.shortfall),
            "first_warning" => day(&columns.first_warning),
            "first_call" => day(&columns.first_call),
            "first_liquidation" => day(&columns.first_liquidation),
            "first_close" => day(&columns.first_close),
            "loss" => columns.loss_sum[account] / outcome.paths as f64,
            "client_loss" => columns.client_loss_sum[account] / outcome.paths as f64,
            _ => return Err(format!("an account has no `{key}`")),
        })
    }

    fn symbol(&self, scenario: usize, symbol: &str, key: &str) -> Result<f64, String> {
        let outcome = &self.outcomes[scenario];
        let index = self.inputs.market.history.symbol_index(symbol).ok_or_else(|| format!("there is no symbol `{symbol}`"))?;
        let columns = &outcome.symbol;
        let at = columns.symbol.iter().position(|s| *s as usize == index).ok_or_else(|| format!("`{symbol}` is not simulated"))?;
        let sum = match key {
            "sold" => columns.sold[at],
            "halted_days" => columns.halted_days[at] as f64,
            "locked_days" => columns.locked_days[at] as f64,
            "queued_days" => columns.queued_days[at] as f64,
            "unsold" => columns.unsold[at],
            _ => return Err(format!("a symbol has no `{key}`")),
        };
        Ok(sum / outcome.paths as f64)
    }

    fn book(&self, account: usize, key: &str) -> Result<f64, String> {
        let (book, price) = (&self.inputs.book, self.inputs.market.prices());
        let exposure = book.cash[account] + book.market_value(account, &price);
        match key {
            "leverage" => Ok(book.leverage(account, &price)),
            "ratio" => Ok(exposure / (book.loan[account] + book.accrued_interest[account])),
            _ => Err(format!("an account of the book has no `{key}`")),
        }
    }
}

/// Six significant digits; a zero must be one to a millionth.
fn agree(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= (5e-6 * 0.1 * expected.abs()).max(1e-6)
}

/// Walks every figure of `expected`, replacing it by what was found; the differences are listed.
fn compare(found: &Found, expected: &Map<String, Value>, place: &mut Vec<String>, differences: &mut Vec<String>) -> Map<String, Value> {
    let mut rewritten = Map::new();
    for (key, value) in expected {
        place.push(key.clone());
        let new = match value {
            Value::Object(inner) => Value::Object(compare(found, inner, place, differences)),
            Value::Number(number) => {
                let expected = number.as_f64().expect("a JSON number");
                match found.figure(place) {
                    Ok(figure) => {
                        if !agree(figure, expected) {
                            differences.push(format!("{}: expected {expected}, found {figure}", place.join(" / ")));
                        }
                        json!(figure)
                    }
                    Err(why) => {
                        differences.push(format!("{}: {why}", place.join(" / ")));
                        value.clone()
                    }
                }
            }
            other => panic!("{}: a figure is a number, not {other}", place.join(" / ")),
        };
        rewritten.insert(key.clone(), new);
        place.pop();
    }
    rewritten
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(root).expect("the golden cases").map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

#[test]
fn every_golden_case_comes_to_its_figures() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let (mut failures, folders) = (Vec::new(), cases());
    assert!(folders.len() >= 9, "{} golden cases", folders.len());
    for folder in folders {
        assert!(folder.join("derivation.md").is_file(), "{}: say in derivation.md how the figures follow", folder.display());
        let file = folder.join("expected.json");
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let expected: Map<String, Value> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let mut differences = Vec::new();
        let rewritten = compare(&run(&folder), &expected, &mut Vec::new(), &mut differences);
        if update && !differences.is_empty() {
            fs::write(&file, serde_json::to_string_pretty(&rewritten).expect("JSON") + "\n").expect("expected.json is writable");
        } else if !differences.is_empty() {
            failures.push(format!("{}\n  {}", folder.file_name().unwrap_or_default().display(), differences.join("\n  ")));
        }
    }
    assert!(failures.is_empty(), "{}\n(UPDATE_GOLDEN=1 writes what was found)", failures.join("\n"));
}

//! Runs the golden cases, each a folder of `tests/golden/`, and compares what they came to with `expected.json`.
//!
//! A case holds a programme, its small files, a derivation by hand, and the figures expected: `estimates` by scenario and
//! key, `accounts` and `symbols` by scenario and name (shares of paths, and the day of the first event, 0 for the as-of close, −1 for never), `book`
//! by account on the as-of date. Six significant digits count. `UPDATE_GOLDEN=1` writes the figures that were found, for the
//! keys that stand there; the commit then says why they moved.

use levertide::engine::outcome::{NEVER, Outcome};
use levertide::engine::{Control, simulate};
use levertide::inputs::{self, Inputs, programme};
use levertide::measures;
use levertide::measures::stated::Basis;
use levertide::model::case::Programme;
use levertide::model::history::flag;
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
    run_with(&folder.join("programme.toml"), &programme::Overrides::default())
}

fn run_with(file: &Path, overrides: &programme::Overrides) -> Found {
    let programme = programme::load(file, overrides).unwrap_or_else(|problems| panic!("{}\n{problems}", file.display()));
    let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{}\n{problems}", file.display()));
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
            if first == NEVER { -1.0 } else { f64::from(first) }
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
            "halted_days" => columns.halted_days[at],
            "locked_days" => columns.locked_days[at],
            "queued_days" => columns.queued_days[at],
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
    let root = root().join("tests/golden");
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

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn levertide(arguments: &[&str]) -> i32 {
    levertide::commands::main(std::iter::once("levertide").chain(arguments.iter().copied()).map(Into::into))
}

#[test]
fn the_shipped_books_are_what_the_generator_makes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (prices, instruments) = (root().join("data/prices.csv"), root().join("data/instruments.csv"));
    let (prices, instruments) = (prices.to_str().expect("a path"), instruments.to_str().expect("a path"));
    for (clients, accounts, shipped) in [
        ("mixed", "300", "data"),
        ("high-leverage", "120", "data/case-a"),
        ("compliant", "120", "data/case-b"),
        ("mixed", "193", "data/pool-500m"),
    ] {
        let out = folder.path().join(shipped.replace('/', "-"));
        let made = levertide(&[
            "sample-book",
            "--quiet",
            "--clients",
            clients,
            "--accounts",
            accounts,
            "--seed",
            "20150612",
            "--as-of",
            "2015-06-12",
            "--prices",
            prices,
            "--instruments",
            instruments,
            "--out",
            out.to_str().expect("a path"),
        ]);
        assert_eq!(made, 0);
        for file in ["accounts.csv", "positions.csv", "funding.csv"] {
            let (made, shipped) = (fs::read(out.join(file)).expect(file), fs::read(root().join(shipped).join(file)).expect(file));
            assert!(made == shipped, "{clients}: {file} is not what data/README.md says it is");
        }
        assert_eq!(levertide(&["check", "--quiet", out.join("programme.toml").to_str().expect("a path")]), 0, "{clients}");
    }
}

#[test]
fn one_more_account_leaves_the_others_as_they_were() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rows = |accounts: &str, file: &str| -> Vec<String> {
        let out = folder.path().join(accounts);
        if !out.exists() {
            let sizes = ["--symbols", "30", "--days", "5", "--paths", "64"];
            let made = ["sample-book", "--quiet", "--accounts", accounts, "--seed", "3", "--out", out.to_str().expect("a path")];
            assert_eq!(levertide(&[&made[..], &sizes[..]].concat()), 0);
        }
        fs::read_to_string(out.join(file)).expect(file).lines().map(String::from).collect()
    };
    for file in ["accounts.csv", "positions.csv"] {
        let (fewer, more) = (rows("40", file), rows("41", file));
        assert!(more.len() > fewer.len() && more[..fewer.len()] == fewer[..], "{file}");
    }
    let programme = folder.path().join("40/programme.toml");
    assert_eq!(levertide(&["check", "--quiet", programme.to_str().expect("a path")]), 0, "a drawn sample is sound");
}

/// Runs a shipped programme at a few paths; scenarios in its order.
fn run_shipped(file: &str, paths: u64) -> Found {
    let path = root().join("scenarios").join(file);
    let overrides = programme::Overrides { paths: Some(paths), ..programme::Overrides::default() };
    run_with(&path, &overrides)
}

#[test]
fn case_a_is_worse_than_case_b_on_the_same_paths() {
    let (a, b) = (run_shipped("case-a-high-leverage.toml", 2_000), run_shipped("case-b-compliant.toml", 2_000));
    for scenario in 0..a.outcomes.len() {
        let name = &a.programme.scenarios[scenario].name;
        let (of_a, of_b) = (&a.outcomes[scenario], &b.outcomes[scenario]);
        // the same paths: differences are taken path by path
        let beyond = |what: &str, difference: Vec<f64>| {
            let n = difference.len() as f64;
            let mean = difference.iter().sum::<f64>() / n;
            let variance = difference.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
            let error = (variance / n).sqrt();
            assert!(mean > 0.0 && mean > 5.0 * error, "{name}: {what} differs by {mean} ± {error}");
        };
        let pairs = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
        let rate =
            |o: &Outcome, accounts: usize| -> Vec<f64> { o.path.liquidated.iter().map(|n| f64::from(*n) / accounts as f64).collect() };
        beyond("the liquidation rate", pairs(&rate(of_a, a.inputs.book.accounts()), &rate(of_b, b.inputs.book.accounts())));
        beyond("the shortfall", pairs(&of_a.path.shortfall, &of_b.path.shortfall));
        let es = |found: &Found| {
            let estimates = measures::estimate(&found.programme.scenarios[scenario], &found.inputs.book, &found.outcomes[scenario]);
            let es = &estimates["pool_loss.es_97_5"];
            // where all paths lose the same a bound by all claims stands in the place of an error
            (es.value, if matches!(es.basis, Basis::Unseen { .. }) { 0.0 } else { es.std_error })
        };
        let ((es_a, error_a), (es_b, error_b)) = (es(&a), es(&b));
        // independent errors are wider than the paired one: common paths only tighten it
        let error = (error_a * error_a + error_b * error_b).sqrt();
        assert!(es_a - es_b > 5.0 * error, "{name}: ES {es_a} against {es_b} ± {error}");
    }
}

/// The shipped prices against an independent vendor's, where those are at hand beside the project (README: they are not ours to ship).
#[test]
fn the_shipped_halts_and_returns_agree_with_another_vendor() {
    let Some(other) = crate::support::shared::file("a_share_2014_2016.parquet") else { return };
    let market = |prices: &Path| {
        let mut programme = programme::load(&root().join("scenarios/weekly.toml"), &programme::Overrides::default()).expect("the weekly");
        programme.data.prices = Some(prices.to_str().expect("a path").into());
        programme.data.instruments = None;
        inputs::market(&programme).unwrap_or_else(|problems| panic!("{problems}"))
    };
    let (ours, theirs) = (market(&root().join("data/prices.csv")).history, market(&other).history);
    let (mut days, mut halts, mut far) = (0, Vec::new(), 0);
    for (symbol, name) in ours.symbols.iter().enumerate() {
        let Some(twin) = theirs.symbol_index(name) else { continue };
        for (day, date) in ours.dates.iter().enumerate() {
            let Ok(there) = theirs.dates.binary_search(date) else { continue };
            let (flags, twin_flags) = (ours.flag_row(day)[symbol], theirs.flag_row(there)[twin]);
            if flags & flag::PRESENT == 0 || twin_flags & flag::PRESENT == 0 || (flags | twin_flags) & flag::PROXY != 0 {
                continue;
            }
            days += 1;
            if (flags ^ twin_flags) & flag::HALTED != 0 {
                halts.push(format!("{name} {date}"));
            }
            far += usize::from((ours.row(day)[symbol] - theirs.row(there)[twin]).abs() > 0.011);
        }
    }
    eprintln!("{days} days in common, {far} returns more than 1.1 points apart, halts differ on {halts:?}");
    assert!(days > 5_000, "{days} days in common");
    assert!(halts.len() <= 8, "halts differ: {halts:?}");
    assert!(far * 100 < days * 2, "{far} of {days} returns differ by more than 1.1 points");
}

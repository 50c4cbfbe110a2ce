//! Checks what no scenario changes: names, data files, limits, and the scenarios' own names.

use super::check_firm;
use super::check_model_risk;
use super::check_reverse;
use super::check_watch;
use super::gather::Check;
use super::locate::View;
use super::shape::{ProgrammeHead, ScenarioHead};
use super::typed::{list, nearest_fix};
use crate::disk::address;
use crate::model::case::{BASE, Data, Limit, Report, Severity};
use crate::model::exchange::calendar;
use crate::problem::{Kind, Problems, visible};

/// The version of the programme's format that this program reads.
const SCHEMA: u32 = 1;
/// Letters of a name: it stands in tables, charts and file names.
const NAME: usize = 100;
/// The data files by key.
const FILES: [&str; 9] =
    ["prices", "returns", "instruments", "accounts", "positions", "funding", "correlations", "implied-volatility", "calendar"];

/// Checks the programme's own keys; `scenarios` are the scenarios' names in order.
pub fn head(head: &ProgrammeHead, scenarios: &[&str], view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: Vec::new() };
    schema(head.schema, &mut check);
    match &head.name {
        Some(name) => self::name(name, &["name"], &mut check),
        None => missing("name", "name = \"weekly\"", &mut check),
    }
    if head.as_of.is_none() {
        missing("as-of", "as-of = \"2015-06-12\"", &mut check);
    }
    let code = head.currency.len() == 3 && head.currency.bytes().all(|b| b.is_ascii_uppercase());
    let what = || format!("found \"{}\"", head.currency);
    check.require(code, &[&["currency"]], what, "a currency is an ISO 4217 code of three capital letters", "write for example \"CNY\"");
    // TOML's integers end at 2^63 - 1, and the resolved programme must be able to hold the seed
    let whole = i64::try_from(head.seed).is_ok();
    let what = || format!("found {}", head.seed);
    check.require(whole, &[&["seed"]], what, "a seed is a whole number from 0 to 9223372036854775807", "write a smaller number");
    data(&head.data, &mut check);
    report(&head.report, &mut check);
    if let Some(path) = &head.report.previous {
        file(&["report", "previous"], path, &mut check);
    }
    for (index, limit) in head.limits.iter().enumerate() {
        self::limit(limit, &index.to_string(), scenarios, &mut check);
    }
    check_model_risk::model_risk(&head.model_risk, scenarios, &head.data, view, problems);
    check_reverse::reverse(&head.reverse, scenarios, view, problems);
    check_watch::watch(&head.watch, scenarios, view, problems);
    if let Some(firm) = &head.firm {
        check_firm::firm(firm, view, problems);
    }
}

/// Checks the keys of one scenario beside its patch.
pub fn scenario(head: &ScenarioHead, view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: Vec::new() };
    match &head.name {
        Some(name) => {
            self::name(name, &["name"], &mut check);
            let why = "\"base\" is the scenario of the programme's own keys";
            let what = || format!("found \"{name}\"");
            check.require(!name.eq_ignore_ascii_case(BASE), &[&["name"]], what, why, "give the scenario another name");
        }
        None => missing("name", "name = \"mild\"", &mut check),
    }
    if let Some(zh) = &head.zh.name {
        self::name(zh, &["zh", "name"], &mut check);
    }
    text(&["narrative"], &head.narrative, &mut check);
    if let Some(zh) = &head.zh.narrative {
        text(&["zh", "narrative"], zh, &mut check);
    }
    let own = head.severity != Some(Severity::Base);
    let why = "the base alone is of severity base";
    check.require(own, &[&["severity"]], || "found \"base\"".into(), why, "write mild, moderate, severe or reverse");
}

fn missing(key: &str, example: &str, check: &mut Check<'_, '_, '_>) {
    let what = || format!("key `{key}` is missing");
    check.require(false, &[&[key]], what, "it cannot be left out", &format!("add a line such as {example}"));
}

fn schema(version: Option<u32>, check: &mut Check<'_, '_, '_>) {
    match version {
        None => missing("schema", "schema = 1", check),
        Some(version) => {
            let why = "this version of levertide reads programmes of schema 1";
            check.require(version == SCHEMA, &[&["schema"]], || format!("found {version}"), why, "write schema = 1");
        }
    }
}

fn name(name: &str, path: &[&str], check: &mut Check<'_, '_, '_>) {
    let fits = !name.trim().is_empty() && name.chars().count() <= NAME && !visible::hides(name);
    let why = "a name holds 1 to 100 printable characters";
    check.require(fits, &[path], || format!("found \"{name}\""), why, "write a short name");
}

/// A text of the report: what does not print is no part of it.
fn text(path: &[&str], text: &str, check: &mut Check<'_, '_, '_>) {
    let why = "a text on the report holds no characters that do not print";
    let what = || format!("found {text:?}");
    check.require(!visible::hides_in_lines(text), &[path], what, why, "delete the characters that do not print");
}

/// The words on the cover.
fn report(report: &Report, check: &mut Check<'_, '_, '_>) {
    let zh = &report.zh;
    let confidentiality = Some(&report.confidentiality);
    for (key, own, zh) in [
        ("title", report.title.as_ref(), &zh.title),
        ("institution", report.institution.as_ref(), &zh.institution),
        ("owner", report.owner.as_ref(), &zh.owner),
        ("approver", report.approver.as_ref(), &zh.approver),
        ("confidentiality", confidentiality, &zh.confidentiality),
    ] {
        own.into_iter().for_each(|words| text(&["report", key], words, check));
        zh.iter().for_each(|words| text(&["report", "zh", key], words, check));
    }
    for (at, cut) in report.cuts.iter().enumerate() {
        let twice = report.cuts[..at].contains(cut);
        let why = "an edition is written once";
        check.require(!twice, &[&["report", "cuts"]], || "names an edition twice".into(), why, "name each once");
    }
    for (at, words) in report.distribution.iter().enumerate() {
        text(&["report", "distribution", &at.to_string()], words, check);
    }
    for (at, words) in zh.distribution.iter().enumerate() {
        text(&["report", "zh", "distribution", &at.to_string()], words, check);
    }
}

fn data(data: &Data, check: &mut Check<'_, '_, '_>) {
    let both = data.prices.is_some() && data.returns.is_some();
    let paths: [&[&str]; 1] = [&["data", "returns"]];
    let why = "the history is read from prices or from returns, not from both";
    check.require(!both, &paths, || "prices and returns are both given".into(), why, "remove one of them");
    let priced = data.has_history() || data.instruments.is_some();
    let why = "without a history every held symbol has its price in the instruments file";
    let fix = "add prices = \"data/prices.csv\" under [data]; or instruments = \"data/instruments.csv\" with a column `price`";
    check.require(priced, &[&["data", "prices"]], || "neither prices nor returns is given, nor instruments".into(), why, fix);
    let why = "implied volatility is set against that of past returns, and neither prices nor returns are named";
    let fix = "name prices or returns under [data], or remove the key";
    let holds = data.implied_volatility.is_none() || data.has_history() || !priced;
    check.require(holds, &[&["data", "implied-volatility"]], || "a series without a history".into(), why, fix);
    for (key, path) in [("accounts", &data.accounts), ("positions", &data.positions)] {
        let fix = format!("add {key} = \"data/{key}.csv\" under [data]");
        let what = || format!("key `{key}` is missing");
        check.require(path.is_some(), &[&["data", key]], what, "a stress test needs the book", &fix);
    }
    let paths = [
        &data.prices,
        &data.returns,
        &data.instruments,
        &data.accounts,
        &data.positions,
        &data.funding,
        &data.correlations,
        &data.implied_volatility,
        &data.calendar,
    ];
    for (key, path) in FILES.iter().zip(paths).chain([(&"root", &data.root)]) {
        if let Some(path) = path {
            file(&["data", key], path, check);
        }
    }
    if let Some(written) = data.calendar.as_deref().filter(|w| !w.contains(['.', '/', '\\']) && !calendar::is_key(w)) {
        let mut keys: Vec<String> = calendar::MARKETS.iter().map(|market| market.key.to_string()).collect();
        keys.push(calendar::WEEKDAYS.into());
        let why = format!("the calendars are {}, or a CSV or Parquet file of session dates", list(&keys));
        let fix = nearest_fix(written, &keys, "name one of them, or a file such as \"data/calendar.csv\"");
        check.require(false, &[&["data", "calendar"]], || format!("found \"{written}\""), &why, &fix);
    }
    let of_files = [("columns", data.columns.keys().collect::<Vec<_>>()), ("sheet", data.sheet.keys().collect())];
    for (key, named) in of_files.into_iter().chain([("header-row", data.header_row.keys().collect())]) {
        for file in named.into_iter().filter(|f| !FILES.contains(&f.as_str())) {
            let files: Vec<String> = FILES.map(String::from).to_vec();
            let fix = nearest_fix(file, &files, "use one of them");
            let what = || format!("\"{file}\" is no data file");
            check.require(false, &[&["data", key, file]], what, &format!("the data files are {}", list(&files)), &fix);
        }
    }
    for (file, row) in &data.header_row {
        let what = || "found 0".to_string();
        check.require(*row > 0, &[&["data", "header-row", file]], what, "rows are counted from 1", "write the row the header stands on");
    }
}

/// A path must be one, or an address of object storage where that is built in; another address of the network is a fault of the data.
fn file(at: &[&str], path: &str, check: &mut Check<'_, '_, '_>) {
    let empty = path.trim().is_empty() || visible::hides(path);
    let what = || format!("found \"{path}\"");
    check.require(!empty, &[at], what, "a data file is named by its path", "write the path, for example \"data/prices.csv\"");
    let object = address::parse(path).is_some();
    if path.contains("://") && !(object && address::BUILT) {
        let (why, fix) = if object {
            ("objects are read by a build with the feature `object-storage`", "copy the file beside the programme, or see docs/scale.md")
        } else {
            ("data is read from files; nothing is fetched from a network", "copy the file beside the programme and name its path")
        };
        let mut problem = check.view.problem(&[at], what(), why, fix);
        problem.kind = Kind::Data;
        check.problems.push(problem);
    }
}

fn limit(limit: &Limit, index: &str, scenarios: &[&str], check: &mut Check<'_, '_, '_>) {
    let at = ["limits", index];
    let place: &[&[&str]] = &[&at];
    let why = "a limit holds a measure on one side of a value";
    let none = limit.below.is_none() && limit.above.is_none();
    check.require(!none, place, || "neither below nor above is given".into(), why, "add for example below = \"1%\"");
    let both = limit.below.is_some() && limit.above.is_some();
    check.require(!both, place, || "below and above are both given".into(), why, "write two limits");
    check.confidence(&[&at[..], &["confidence"]].concat(), limit.confidence);
    let named = !limit.measure.trim().is_empty();
    let what = || "the measure has no name".to_string();
    let fix = "name a key of summary.json, for example pool_loss.es_99";
    check.require(named, &[&[&at[..], &["measure"]].concat()], what, "a limit names the measure it holds for", fix);
    if let Some(name) = &limit.scenario {
        let mut names: Vec<String> = scenarios.iter().map(|s| s.to_string()).collect();
        names.push(BASE.to_string());
        let known = names.contains(name);
        let path = [&at[..], &["scenario"]].concat();
        let fix = nearest_fix(name, &names, "name one of them, or leave the key out for all");
        let why = format!("the scenarios are {}", list(&names));
        check.require(known, &[&path], || format!("no scenario \"{name}\""), &why, &fix);
    }
}

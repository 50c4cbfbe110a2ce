//! Runs the binary as a user does: verbs, exit codes, and what is left on the disk.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// The tiny book every case here starts from: three clients, two shares, forty days.
pub struct Desk {
    pub home: TempDir,
}

const PROGRAMME: &str = r#"schema = 1
name = "tiny"
as-of = "2024-03-01"
currency = "CNY"
seed = 7

[data]
prices = "prices.csv"
instruments = "instruments.csv"
accounts = "accounts.csv"
positions = "positions.csv"
funding = "funding.csv"

[simulation]
paths = 400
horizon-days = 5

[market.gaussian]
volatility-annual = "60%"
drift-annual = "0%"

[margin]
warning = "150%"
limit = "140%"
call = "130%"
cure-days = 1
liquidation = "110%"

[[scenario]]
name = "gap"
severity = "severe"
narrative = "Everything opens 12% lower"
shocks = [{ gap = { day = 1, size = "-12%" } }]
"#;

impl Desk {
    pub fn new() -> Self {
        let desk = Desk { home: tempfile::tempdir().expect("a temporary folder") };
        desk.put("programme.toml", PROGRAMME);
        desk.put("instruments.csv", "symbol,name,board,sector\n600001.SH,Alpha,main,Banks\n600002.SH,=Beta,main,Power\n");
        desk.put(
            "accounts.csv",
            "account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual\n\
             a-1,A,1,margin,1000,90000,0,6%\na-2,B,2,margin,0,65000,0,8%\na-3,B,3,margin,5000,10000,0,8%\n",
        );
        desk.put(
            "positions.csv",
            "account_id,symbol,quantity\na-1,600001.SH,8000\na-1,600002.SH,3000\na-2,600002.SH,4300\na-3,600001.SH,5000\n",
        );
        desk.put(
            "funding.csv",
            "source_id,tier,amount,rate_annual,maturity_date,runnable\nf-1,A,120000,4%,2024-12-31,0\nf-2,B,60000,5%,2024-12-31,0\nf-3,C,20000,0%,,0\n",
        );
        desk.put("prices.csv", &prices());
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a temporary file can be written");
    }

    /// Replaces `from` by `to` in one of the files; `from` must be there.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).expect("a temporary file can be read");
        assert!(text.contains(from), "{name} holds no {from:?}");
        self.put(name, &text.replace(from, to));
    }

    /// Runs the binary in the folder of the book.
    pub fn levertide(&self, arguments: &[&str]) -> Output {
        let mut command = Command::cargo_bin("levertide").expect("the binary is built");
        command.current_dir(self.home.path()).args(arguments).output().expect("the binary runs")
    }

    /// Runs the binary and expects an exit code; what it said otherwise.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> Output {
        let output = self.levertide(arguments);
        assert_eq!(output.status.code(), Some(code), "levertide {}\n{}{}", arguments.join(" "), out(&output), err(&output));
        output
    }
}

/// Forty weekdays of two prices that move by turns.
fn prices() -> String {
    let mut text = String::from("date,symbol,close\n");
    let mut day = levertide::units::Day::parse("2024-01-05").expect("a date");
    let mut close = [10.0, 20.0];
    for k in 0..41_u32 {
        for (symbol, price) in ["600001.SH", "600002.SH"].iter().zip(close) {
            text.push_str(&format!("{day},{symbol},{price:.2}\n"));
        }
        close[0] *= 1.0 + f64::from(k * 7 % 5) / 100.0 - 0.02;
        close[1] *= 1.0 + f64::from(k * 3 % 7) / 100.0 - 0.03;
        day = day.next_weekday();
    }
    text
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file below a folder, by its path from there.
pub fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder_now) = folders.pop() {
        for entry in fs::read_dir(&folder_now).expect("a folder can be listed") {
            let path = entry.expect("a folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("it lies below").to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn help_lists_every_verb_and_every_exit_code() {
    let desk = Desk::new();
    let help = out(&desk.expect(0, &["--help"]));
    for word in ["init", "sample-book", "check", "run", "regress", "schema", "completions", "130 interrupted"] {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
    desk.expect(2, &[]);
    desk.expect(2, &["run"]);
    desk.expect(2, &["run", "programme.toml", "--paths", "0"]);
    desk.expect(2, &["run", "programme.toml", "--thread", "x"]);
    assert!(out(&desk.expect(0, &["completions", "bash"])).contains("levertide"));
}

#[test]
fn the_schema_is_json_and_knows_the_margin() {
    let schema: Value = serde_json::from_slice(&Desk::new().expect(0, &["schema"]).stdout).expect("JSON");
    assert!(schema["properties"]["margin"].is_object(), "{schema}");
}

#[test]
fn a_written_programme_is_not_overwritten_unasked() {
    let desk = Desk::new();
    desk.expect(0, &["init", "mine.toml"]);
    desk.put("mine.toml", "my own");
    assert!(err(&desk.expect(6, &["init", "mine.toml"])).contains("--force"));
    assert_eq!(fs::read_to_string(desk.path("mine.toml")).expect("still there"), "my own");
    desk.expect(0, &["init", "mine.toml", "--force"]);
    assert!(out(&desk.expect(0, &["init", "-"])).starts_with('#'));
}

/// What the report cannot show is told before a path, by `check` too.
#[test]
fn a_character_that_no_report_may_hold_is_found_by_check() {
    let desk = Desk::new();
    desk.edit("programme.toml", "Everything opens 12% lower", "Everything opens \u{e000} lower");
    for command in [&["check", "programme.toml"][..], &["run", "programme.toml", "--out", "r", "--quiet"]] {
        let told = err(&desk.expect(6, command));
        assert!(told.contains("character U+E000 cannot stand in the report") && !told.contains("simulated"), "{told}");
    }
    assert!(!desk.path("r").exists());
}

#[test]
fn a_fresh_programme_checks_and_runs_on_the_shipped_data() {
    let desk = Desk::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    fs::create_dir(desk.path("data")).expect("a temporary folder");
    for entry in fs::read_dir(data).expect("the shipped data") {
        let entry = entry.expect("the shipped data");
        if entry.path().is_dir() {
            continue;
        }
        fs::copy(entry.path(), desk.path("data").join(entry.file_name())).expect("a copy");
    }
    desk.expect(0, &["init", "fresh.toml"]);
    let summary = out(&desk.expect(0, &["check", "fresh.toml"]));
    assert!(summary.contains("accounts") && summary.contains("no problems found"), "{summary}");
    let run = desk.levertide(&["run", "fresh.toml", "--paths", "64", "--out", "first", "--quiet"]);
    assert!(matches!(run.status.code(), Some(0 | 1)), "{}{}", out(&run), err(&run));
    assert!(err(&run).is_empty(), "quiet is quiet: {}", err(&run));
    assert!(out(&run).trim_end().ends_with("report: first/report.pdf"), "{}", out(&run));
}

#[test]
fn a_report_holds_every_file_and_the_manifest_vouches_for_them() {
    use sha2::{Digest, Sha256};
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "reports/r"]);
    let files = tree(&desk.path("reports/r"));
    for name in [
        "accounts.parquet",
        "manifest.json",
        "paths.parquet",
        "programme.resolved.toml",
        "report.html",
        "report.pdf",
        "report.xlsx",
        "summary.json",
        "symbols.parquet",
        "tables/differences.csv",
        "tables/limits.csv",
        "tables/lineage.csv",
        "tables/measures.csv",
        "tables/notes.csv",
    ] {
        assert!(files.contains(&name.to_string()), "{name} is not among {files:?}");
    }
    assert!(files.iter().any(|f| f.starts_with("charts/") && f.ends_with(".png")), "{files:?}");
    let manifest: Value = serde_json::from_slice(&fs::read(desk.path("reports/r/manifest.json")).expect("there")).expect("JSON");
    let outputs = manifest["outputs"].as_object().expect("a list of files");
    assert_eq!(outputs.len() + 1, files.len(), "every file but the manifest itself is listed");
    for (name, written) in outputs {
        let bytes = fs::read(desk.path("reports/r").join(name)).expect("a listed file is there");
        let hash: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(written["sha256"], hash, "{name}");
    }
    assert_eq!(manifest["inputs"].as_array().expect("inputs").len(), 5);
    assert_eq!(tree(&desk.path("reports")).len(), files.len(), "nothing else is left beside the report");
}

#[test]
fn the_summary_has_the_stable_keys_and_the_paired_difference() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let summary: Value = serde_json::from_slice(&fs::read(desk.path("r/summary.json")).expect("there")).expect("JSON");
    assert_eq!(summary["schema"], 1);
    let scenarios = summary["scenarios"].as_array().expect("scenarios");
    assert_eq!(scenarios.iter().map(|s| s["name"].as_str().expect("a name")).collect::<Vec<_>>(), ["base", "gap"]);
    for key in [
        "pool_loss.mean",
        "pool_loss.var_99",
        "pool_loss.es_97_5",
        "shortfall.mean",
        "shortfall.probability",
        "warning_rate",
        "call_rate",
        "cure_rate",
        "liquidation_rate",
        "max_drawdown.mean",
        "tier.A.loss.mean",
        "tier.A.hit_probability",
        "tier.A.exhausted_probability",
    ] {
        let figure = &scenarios[1]["measures"][key];
        assert!(figure["value"].is_number() && figure["std_error"].is_number() && figure["unit"].is_string(), "{key}: {figure}");
    }
    let worse = &scenarios[1]["difference"]["liquidation_rate"];
    assert!(worse["value"].as_f64().expect("a number") > 0.0, "a fall of 12% liquidates more: {worse}");
    assert!(scenarios[0]["difference"].as_object().expect("an object").is_empty());
}

#[test]
fn each_kind_of_mistake_has_its_exit_code_and_leaves_no_folder() {
    let cases: [(i32, &str, &str, &str); 8] = [
        (3, "programme.toml", "[margin]", "[magrin]"),
        (3, "programme.toml", "seed = 7", "seed = \"seven\""),
        (3, "programme.toml", "liquidation = \"110%\"", "liquidation = \"160%\""),
        (4, "positions.csv", "a-2,600002.SH,4300", "a-2,600002.SH,-4300"),
        (4, "accounts.csv", "90000", "1e999"),
        (4, "positions.csv", "a-3,600001.SH", "a-9,600001.SH"),
        (4, "programme.toml", "prices = \"prices.csv\"", "prices = \"http://example.org/prices.csv\""),
        (3, "programme.toml", "[[scenario]]", "[[limits]]\nmeasure = \"pool_los.mean\"\nbelow = 1\n[[scenario]]"),
    ];
    for (code, file, from, to) in cases {
        let desk = Desk::new();
        desk.edit(file, from, to);
        for verb in ["check", "run"] {
            let output = desk.expect(code, &[verb, "programme.toml"]);
            let said = err(&output);
            assert!(said.contains("error: ") && said.contains("why: ") && said.contains("fix: "), "{to}: {said}");
        }
        assert!(!desk.path("reports").exists(), "{to}: a failed run left a folder");
    }
    let desk = Desk::new();
    desk.expect(3, &["run", "nowhere.toml"]);
    desk.expect(3, &["run", "https://example.org/programme.toml"]);
}

#[test]
fn an_existing_folder_is_refused_then_replaced_when_asked() {
    let desk = Desk::new();
    let run = ["run", "programme.toml", "--out", "r", "--quiet"];
    desk.expect(0, &run);
    let first = fs::read(desk.path("r/manifest.json")).expect("there");
    assert!(err(&desk.expect(6, &run)).contains("--force"));
    assert_eq!(fs::read(desk.path("r/manifest.json")).expect("there"), first);
    desk.expect(0, &[&run[..], &["--force", "--seed", "8"]].concat());
    assert_ne!(fs::read(desk.path("r/manifest.json")).expect("there"), first);
    fs::create_dir(desk.path("precious")).expect("a folder");
    desk.put("precious/thesis.txt", "years of work");
    desk.expect(6, &["run", "programme.toml", "--out", "precious", "--force"]);
    desk.expect(6, &["run", "programme.toml", "--out", "accounts.csv"]);
    desk.expect(6, &["run", "programme.toml", "--out", "accounts.csv/r"]);
    assert_eq!(tree(&desk.path("precious")), ["thesis.txt"]);
}

#[test]
fn a_breached_limit_is_reported_and_sets_the_exit_code() {
    let desk = Desk::new();
    desk.edit("programme.toml", "[[scenario]]", "[[limits]]\nmeasure = \"warning_rate\"\nbelow = \"0.1%\"\n\n[[scenario]]");
    let output = desk.expect(1, &["run", "programme.toml", "--out", "r", "--quiet"]);
    assert!(out(&output).contains("BREACH"), "{}", out(&output));
    assert!(desk.path("r/report.pdf").exists(), "the report is written all the same");
}

#[test]
fn tables_are_safe_for_spreadsheets() {
    let desk = Desk::new();
    desk.edit("programme.toml", "name = \"gap\"", "name = \"=HYPERLINK(A1)\"");
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    for name in tree(&desk.path("r/tables")) {
        let text = fs::read_to_string(desk.path("r/tables").join(&name)).expect("a table");
        for cell in text.trim_start_matches('\u{feff}').split(['\n', ',']).map(|c| c.trim_start_matches('"')) {
            let formula = cell.starts_with(['=', '+', '@', '\t', '\r', '＝', '＋', '－', '＠']);
            let minus = cell.starts_with('-') && cell.parse::<f64>().is_err();
            assert!(!formula && !minus, "{name}: {cell}");
        }
    }
    let measures = fs::read_to_string(desk.path("r/tables/measures.csv")).expect("a table");
    assert!(measures.contains("'=HYPERLINK(A1)") && measures.contains(",-"), "text is quoted and numbers keep their sign");
    assert!(tree(&desk.path("r/charts")).iter().all(|f| !f.contains('=')), "file names are tame");
}

#[test]
fn the_page_is_one_file_with_no_script_but_its_own_and_names_stay_words() {
    let desk = Desk::new();
    desk.edit("programme.toml", "name = \"gap\"", "name = \"<script src=//x>\"");
    for lang in ["en", "zh"] {
        desk.expect(0, &["run", "programme.toml", "--paths", "50", "--out", lang, "--lang", lang, "--quiet"]);
        let page = fs::read_to_string(desk.path(lang).join("report.html")).expect("there");
        assert!(page.contains("&lt;script src=//x&gt;") && page.matches("<script").count() == 1, "{lang}");
        assert!(!page.contains("src=\"") && page.matches("<svg").count() >= 3 && page.matches("<table").count() >= 3, "{lang}");
    }
}

#[test]
fn names_that_differ_in_punctuation_alone_have_files_of_their_own_and_names_no_font_has_are_found_before_the_run() {
    let desk = Desk::new();
    desk.edit(
        "programme.toml",
        "[[scenario]]",
        "[[scenario]]\nname = \"Gap!\"\nseverity = \"mild\"\nnarrative = \"a twin\"\n\n[[scenario]]",
    );
    desk.expect(0, &["check", "programme.toml"]);
    desk.expect(0, &["run", "programme.toml", "--paths", "20", "--quiet", "--out", "twins"]);
    let charts = tree(&desk.path("twins/charts"));
    for stem in ["loss-distribution-gap", "loss-distribution-gap-2", "loss-distribution-base"] {
        assert!(charts.contains(&format!("{stem}.svg")) && charts.contains(&format!("{stem}.png")), "{stem}: {charts:?}");
    }
    let desk = Desk::new();
    desk.edit("programme.toml", "Everything opens 12% lower", "Everything opens 12% lower \u{20bb7}");
    assert!(err(&desk.expect(6, &["run", "programme.toml"])).contains("--font-dir"));
    assert!(!desk.path("reports").exists());
}

#[test]
fn json_logs_are_json_to_the_last_line() {
    let desk = Desk::new();
    let output = desk.expect(0, &["run", "programme.toml", "--out", "r", "--log-format", "json"]);
    let events: Vec<Value> = err(&output).lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
    let names: Vec<&str> = events.iter().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"start"), Some(&"done")), "{names:?}");
    let output = desk.expect(3, &["run", "nowhere.toml", "--log-format", "json"]);
    let problem: Value = serde_json::from_str(err(&output).lines().next().expect("a line")).expect("a line of JSON");
    assert_eq!(problem["event"], "problem");
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    use std::process::Stdio;
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("levertide"));
    let mut child = command.args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()));
}

#[test]
fn a_regression_is_found_and_noise_is_not() {
    let desk = Desk::new();
    let regress = ["regress", "programme.toml", "--baselines", "baselines", "--quiet"];
    assert!(err(&desk.expect(4, &regress)).contains("--update"));
    desk.expect(0, &[&regress[..], &["--update"]].concat());
    desk.expect(0, &regress);
    // another seed is noise; a moved line is not
    desk.expect(0, &[&regress[..], &["--seed", "8", "--tolerance", "6"]].concat());
    let output = desk.expect(1, &[&regress[..], &["--set", "margin.liquidation=129%", "--junit", "junit.xml"]].concat());
    assert!(out(&output).contains("changed: tiny"), "{}", out(&output));
    let xml = fs::read_to_string(desk.path("junit.xml")).expect("there");
    assert!(xml.contains("<failure") && xml.contains("liquidation_rate"), "{xml}");
}

#[cfg(unix)]
#[test]
fn a_live_run_keeps_others_out_and_an_interrupted_one_leaves_nothing() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let desk = Desk::new();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("levertide"))
        .current_dir(desk.home.path())
        .args([
            "run",
            "programme.toml",
            "--paths",
            "1000000",
            "--set",
            "simulation.horizon-days=250",
            "--threads",
            "1",
            "--out",
            "r",
            "--quiet",
        ])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let waiting = Instant::now();
    while !has_work_folder(desk.home.path()) {
        assert!(waiting.elapsed() < Duration::from_secs(30), "the folder is claimed before the first path");
        std::thread::sleep(Duration::from_millis(20));
    }
    let second = desk.expect(6, &["run", "programme.toml", "--out", "r", "--quiet"]);
    assert!(err(&second).contains("claimed by another run"), "{}", err(&second));
    let sent = Instant::now();
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(kill.success());
    let status = child.wait().expect("the run ends");
    assert_eq!(status.code(), Some(130));
    assert!(sent.elapsed() < Duration::from_secs(4), "it took {:?} to end", sent.elapsed());
    let names: Vec<String> = fs::read_dir(desk.home.path())
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().all(|n| n != "r" && !n.starts_with(".levertide-")), "{names:?}");
}

#[cfg(unix)]
fn has_work_folder(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").flatten().any(|e| e.file_name().to_string_lossy().starts_with(".levertide-"))
}

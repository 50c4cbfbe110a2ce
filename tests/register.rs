//! Keeps the early-warning register by the binary: numbers of findings over reports, runs repeated, files that are no register, closings by hand.

use crate::cli::{Desk, err, out};
use crate::code::root;
use crate::reproducibility::{assert_same, bytes};
use serde_json::Value;
use std::fs;

/// One watch that a fall turns red, and one that it turns amber.
const WATCHES: &str = "[[watch]]\nname = \"Liquidations\"\nmeasure = \"liquidation_rate\"\nbelow = { amber = \"20%\", red = \"50%\" }\n\
tell = { amber = [\"Margin desk\"], red = [\"Risk committee\"] }\n\
zh = { name = \"强平率\", tell = { amber = [\"保证金岗\"], red = [\"风险委员会\"] } }\n\
[[watch]]\nname = \"In the gap\"\nmeasure = \"liquidation_rate\"\nscenario = \"gap\"\nbelow = { amber = \"40%\", red = \"90%\" }\nclose-after = 2\n";

const RISE: &str = "shocks=[{ gap = { day = 1, size = \"40%\" } }]";
const FALL: &str = "shocks=[{ gap = { day = 1, size = \"-40%\" } }]";

fn desk() -> Desk {
    let desk = Desk::new();
    let programme = fs::read_to_string(desk.path("programme.toml")).expect("there");
    // both scenarios take the shock of the base, and the exchange lets it through
    let programme = programme.replace("shocks = [{ gap = { day = 1, size = \"-12%\" } }]\n", "");
    let programme = programme
        .replace("[margin]", "[exchange]\nprice-limits = false\n[margin]")
        .replace("[[scenario]]", &format!("{WATCHES}[[scenario]]"));
    desk.put("programme.toml", &programme);
    desk
}

/// A run as of a day, with a shock, entered into `r.jsonl`.
fn run<'a>(desk: &Desk, day: &'a str, shock: &'a str, further: &[&'a str]) -> String {
    let as_of = format!("as-of={day}");
    let words = ["run", "programme.toml", "--set", &as_of, "--set", shock, "--history", "r.jsonl", "--out", day, "--quiet"];
    out(&desk.expect(0, &[&words[..], further].concat()))
}

fn lines(desk: &Desk) -> Vec<Value> {
    let text = fs::read_to_string(desk.path("r.jsonl")).expect("there");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// Number, status and level of every finding of a report.
fn findings(entry: &Value) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().expect("a word").to_string();
    let list = entry["report"]["findings"].as_array().expect("a list");
    list.iter().map(|f| (f["number"].as_u64().expect("a number"), text(&f["status"]), text(&f["level"]))).collect()
}

fn told(number: u64, status: &str, level: &str) -> (u64, String, String) {
    (number, status.into(), level.into())
}

#[test]
fn a_finding_keeps_its_number_from_report_to_report_until_it_is_closed() {
    let desk = desk();
    let days = ["2024-02-19", "2024-02-22", "2024-02-26", "2024-02-28", "2024-03-01"];
    for (day, shock) in days.iter().zip([RISE, FALL, FALL, RISE, RISE]) {
        run(&desk, day, shock, &[]);
    }
    let entries = lines(&desk);
    assert_eq!((entries.len(), &entries[0]["levertide"]), (6, &Value::from("early-warning register")));
    let expected = [
        vec![],
        vec![told(1, "opened", "red"), told(2, "opened", "amber")],
        vec![told(1, "persists", "red"), told(2, "persists", "amber")],
        vec![told(1, "closed", "red"), told(2, "green", "amber")],
        vec![told(2, "closed", "amber")],
    ];
    for (entry, wanted) in entries[1..].iter().zip(&expected) {
        assert_eq!(&findings(entry), wanted, "{}", entry["report"]["as_of"]);
    }
    // what is shown is what stands in the files of the report
    let day = |name: &str| desk.path(days[2]).join(name);
    let summary: Value = serde_json::from_slice(&fs::read(day("summary.json")).expect("there")).expect("JSON");
    assert_eq!(summary["findings"], entries[3]["report"]["findings"]);
    assert_eq!((&summary["watches"][0]["state"], &summary["watches"][0]["before"]), (&Value::from("red"), &Value::from("red")));
    let page = fs::read_to_string(day("report.html")).expect("there");
    for words in [
        "Early-warning register",
        "no. 1, Liquidations (red, persists; in 2 reports since 2024-02-22; to be told: Margin desk, Risk committee)",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(day("charts/trend.png").exists() && day("tables/findings.csv").exists() && day("tables/watches.csv").exists());
    assert!(!desk.path(days[0]).join("charts/trend.png").exists(), "one report is no course");
    let lineage = fs::read_to_string(day("tables/lineage.csv")).expect("there");
    assert!(lineage.contains("register,"), "{lineage}");
}

#[test]
fn a_run_repeated_adds_no_line_a_corrected_one_does_and_an_older_one_is_told() {
    let desk = desk();
    run(&desk, "2024-02-22", FALL, &[]);
    run(&desk, "2024-02-26", FALL, &[]);
    let kept = fs::read(desk.path("r.jsonl")).expect("there");
    let again = run(&desk, "2024-02-26", FALL, &["--force", "--threads", "3"]);
    assert!(again.contains("persists"), "{again}");
    run(&desk, "2024-02-26", FALL, &["--force", "--lang", "zh"]);
    let page = fs::read_to_string(desk.path("2024-02-26/report.html")).expect("there");
    for words in ["风险预警台账", "1 号，强平率（红色，持续，自 2024-02-22 起共 2 期，报送：保证金岗、风险委员会）"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert_eq!(fs::read(desk.path("r.jsonl")).expect("there"), kept, "the same report is entered once");
    let older = run(&desk, "2024-02-22", RISE, &["--force"]);
    assert!(older.contains("the history holds reports of later days: this run is not entered"), "{older}");
    assert_eq!(fs::read(desk.path("r.jsonl")).expect("there"), kept);
    run(&desk, "2024-02-26", RISE, &["--force"]);
    let entries = lines(&desk);
    assert_eq!(entries.len(), 4);
    assert_eq!(findings(&entries[3]), [told(1, "closed", "red"), told(2, "green", "amber")], "it rests on the day before");
    assert!(fs::read(desk.path("r.jsonl")).expect("there").starts_with(&kept), "what stands in it stays");
}

#[test]
fn parts_and_threads_enter_the_same_line_and_write_the_same_folder() {
    let desk = desk();
    run(&desk, "2024-02-26", FALL, &[]);
    let kept = fs::read(desk.path("r.jsonl")).expect("there");
    let shock = ["--set", FALL, "--quiet"];
    for part in ["1/2", "2/2"] {
        let name = format!("part{}", &part[..1]);
        desk.expect(0, &[&["shard", "programme.toml", "--part", part, "--out", &name][..], &shock].concat());
    }
    desk.expect(0, &["merge", "part1", "part2", "--history", "r.jsonl", "--out", "merged", "--quiet"]);
    let merged = fs::read(desk.path("r.jsonl")).expect("there");
    desk.put("r.jsonl", &String::from_utf8(kept).expect("text"));
    desk.expect(0, &[&["run", "programme.toml", "--history", "r.jsonl", "--out", "run", "--threads", "1"][..], &shock].concat());
    assert_eq!(fs::read(desk.path("r.jsonl")).expect("there"), merged);
    assert_same(&bytes(&desk.path("run")), &bytes(&desk.path("merged")), "run and merge");
}

#[test]
fn what_is_no_register_is_refused_before_the_first_path_and_left_as_it_is() {
    let desk = desk();
    run(&desk, "2024-02-26", FALL, &[]);
    let good = fs::read_to_string(desk.path("r.jsonl")).expect("there");
    let refused = |code: i32, words: &[&str], said: &str| {
        let before: Vec<_> = fs::read_dir(desk.home.path()).expect("there").map(|f| f.expect("there").file_name()).collect();
        let told = err(&desk.expect(code, &[&["run", "programme.toml", "--quiet"][..], words].concat()));
        assert!(told.contains(said), "{said}: {told}");
        let after: Vec<_> = fs::read_dir(desk.home.path()).expect("there").map(|f| f.expect("there").file_name()).collect();
        assert_eq!(before.len(), after.len(), "{words:?} leaves nothing");
    };
    refused(6, &["--history", "prices.csv"], "is no early-warning register");
    refused(6, &["--history", "none/r.jsonl"], "its folder none is not there");
    // a place that nobody can write in is found out before the first path
    #[cfg(target_os = "linux")]
    refused(6, &["--history", "/sys/r.jsonl"], "/sys/r.jsonl: cannot be written");
    refused(6, &["--history", "out/r.jsonl", "--out", "out"], "its folder out is not there");
    refused(6, &["--history", "2024-02-26/r.jsonl", "--out", "2024-02-26", "--force"], "holds what this command reads: 2024-02-26/r.jsonl");
    refused(2, &["--history", "r.jsonl", "--scenario", "gap"], "--history: stands beside --scenario");
    desk.put("r.jsonl", &good[..good.len() - 30]);
    refused(4, &["--history", "r.jsonl"], "r.jsonl:2: EOF while parsing");
    desk.put("r.jsonl", &good.replace("\"CNY\"", "\"USD\""));
    refused(4, &["--history", "r.jsonl"], "holds reports of “tiny” in USD, the programme is in CNY");
    assert_eq!(fs::read_to_string(desk.path("r.jsonl")).expect("there"), good.replace("\"CNY\"", "\"USD\""));
    // a line without its end is a line
    desk.put("r.jsonl", good.trim_end());
    run(&desk, "2024-03-01", RISE, &[]);
    assert_eq!(lines(&desk).len(), 3);
}

#[test]
fn the_register_is_shown_and_a_finding_closed_by_hand_is_not_opened_again_under_its_number() {
    let desk = desk();
    run(&desk, "2024-02-22", FALL, &[]);
    let shown = out(&desk.expect(0, &["register", "r.jsonl"]));
    for words in ["tiny · 1 report, 2024-02-22 · CNY", "Margin desk, Risk committee", "liquidation_rate (base)"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let close = ["register", "r.jsonl", "--close", "1", "--because", "the client has paid", "--by", "A. Chen"];
    assert_eq!(out(&desk.expect(0, &close)), "finding 1 of tiny is closed\n");
    assert!(err(&desk.expect(2, &close)).contains("finding 1 is not open"));
    assert!(err(&desk.expect(2, &["register", "r.jsonl", "--close", "1"])).contains("--because"));
    assert!(err(&desk.expect(2, &["register", "none.jsonl"])).contains("is not there"));
    assert!(err(&desk.expect(6, &["register", "prices.csv"])).contains("is no early-warning register"));
    assert!(err(&desk.expect(2, &["register", "r.jsonl", "--programme", "other"])).contains("the register holds tiny"));
    let shown = out(&desk.expect(0, &["register", "r.jsonl", "--programme", "tiny"]));
    assert!(shown.contains("finding 1 was closed by A. Chen: the client has paid") && !shown.contains("Margin desk"), "{shown}");
    run(&desk, "2024-02-26", FALL, &[]);
    let entries = lines(&desk);
    assert_eq!(findings(entries.last().expect("a line")), [told(2, "persists", "amber"), told(3, "opened", "red")]);
}

#[test]
fn what_is_wrong_with_a_watch_is_told_at_its_key() {
    let desk = Desk::new();
    let programme = fs::read_to_string(desk.path("programme.toml")).expect("there");
    let good = "[[watch]]\nname = \"Calls\"\nmeasure = \"call_rate\"\nbelow = { amber = \"20%\", red = \"50%\" }\n";
    let refused = |entry: &str, said: &str| {
        desk.put("programme.toml", &format!("{programme}{entry}"));
        let told = err(&desk.expect(3, &["check", "programme.toml"]));
        assert!(told.contains(said), "{said}: {told}");
    };
    refused(&good.replace("call_rate", "cal_rate"), "`watch[1].measure`: unknown measure `cal_rate`");
    refused(&good.replace("\"20%\"", "\"60%\""), "`watch[1].below`: amber is 60%, and red 50%");
    refused(&good.replace("below", "above"), "`watch[1].above`: amber is 20%, and red 50%");
    refused(&good.replace(", red = \"50%\"", ""), "missing");
    refused(&format!("{good}scenario = \"gpa\"\n"), "`watch[1].scenario`: no scenario \"gpa\"");
    refused(&format!("{good}close-after = 0\n"), "`watch[1].close-after`: found 0");
    refused(&format!("{good}{good}"), "`Calls` stands twice");
    refused(&format!("{good}tell = {{ amber = [\"a\", \"b\"] }}\nzh = {{ tell = {{ amber = [\"甲\"] }} }}\n"), "1 names stand for 2");
    desk.put("programme.toml", &format!("{programme}{good}"));
    desk.expect(0, &["check", "programme.toml"]);
}

/// The worked example of docs/register.md, its output to the letter.
#[test]
fn the_page_shows_what_the_commands_say() {
    let page = fs::read_to_string(root().join("docs/register.md")).expect("the page is there");
    let shown: Vec<&str> = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let desk = Desk::new();
    let programme = root().join("scenarios/weekly.toml").display().to_string();
    for day in ["2015-05-15", "2015-05-22", "2015-05-29", "2015-06-05", "2015-06-12"] {
        let as_of = format!("as-of={day}");
        let until = "simulation.until={ half-width = \"50%\", max-paths = 500 }";
        let words =
            ["run", &programme, "--paths", "500", "--set", &as_of, "--set", until, "--history", "register.jsonl", "--out", day, "--quiet"];
        desk.levertide(&words);
    }
    let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
    assert_eq!(plain(&out(&desk.expect(0, &["register", "register.jsonl"]))), plain(shown[0]), "docs/register.md shows another output");
}

//! Runs the regression gate as a build does: its rate of false alarms, its exact mode, what it writes, and the folder that ships with it.

use crate::cli::{Desk, err, out};
use crate::code::root;
use levertide::inputs::programme;
use std::fs;
use std::path::PathBuf;

const REGRESS: [&str; 5] = ["regress", "programme.toml", "--baselines", "baselines", "--quiet"];

/// A desk whose baseline is written.
fn stored() -> Desk {
    let desk = Desk::new();
    with(&desk, 0, &["--update"]);
    desk
}

fn with(desk: &Desk, code: i32, words: &[&str]) -> String {
    let output = desk.expect(code, &[&REGRESS[..], words].concat());
    format!("{}{}", out(&output), err(&output))
}

fn text(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

#[test]
fn the_rate_of_false_alarms_is_stated_everywhere() {
    let desk = stored();
    let said = with(&desk, 0, &["--junit", "j.xml", "--markdown", "m.md"]);
    assert!(said.contains("0 changed") && said.contains("at most 1% of runs without a change fail"), "{said}");
    let (xml, page) = (text(&desk, "j.xml"), text(&desk, "m.md"));
    assert!(xml.contains("<property name=\"false-alarms\" value=\"0.01\"/>"), "{xml}");
    assert!(page.starts_with("<!-- levertide regress -->\n## Regression test\n\n**No figure changed.**"), "{page}");
    assert!(page.contains("at most 1% of runs without a change fail") && page.contains("| tiny |"), "{page}");
    // fewer false alarms, more standard errors
    let errors = |said: &str| -> f64 {
        let rest = said.split("move by ").nth(1).unwrap_or_else(|| panic!("{said}"));
        rest.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    let loose = with(&desk, 0, &["--false-alarms", "20%"]);
    let strict = with(&desk, 0, &["--false-alarms", "0.0001"]);
    assert!(errors(&loose) < errors(&said) && errors(&said) < errors(&strict), "{loose}{said}{strict}");
    assert!(loose.contains("at most 20% of runs") && strict.contains("at most 0.01% of runs"));
    // a number of errors has the rate that follows from it
    let named = with(&desk, 0, &["--tolerance", "6"]);
    assert!(named.contains("by 6 standard errors") && named.contains("up to 0.0"), "{named}");
    let page = |lang: &str| {
        with(&desk, 0, &["--lang", lang, "--markdown", "m.md"]);
        text(&desk, "m.md")
    };
    assert!(page("zh").contains("不超过 1%") && page("en").contains("at most 1%"));
}

#[test]
fn a_command_of_two_programmes_is_one_family() {
    let desk = stored();
    fs::copy(desk.path("programme.toml"), desk.path("other.toml")).expect("a copy");
    desk.edit("other.toml", "name = \"tiny\"", "name = \"other\"");
    let family = |words: &[&str]| -> usize {
        let said = out(&desk.expect(0, words));
        let line = said.lines().last().unwrap_or_default().to_string();
        line.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{said}"))
    };
    desk.expect(0, &["regress", "other.toml", "--baselines", "baselines", "--quiet", "--update"]);
    let one = family(&REGRESS);
    assert!(one > 100);
    assert_eq!(family(&["regress", "programme.toml", "other.toml", "--baselines", "baselines", "--quiet"]), 2 * one);
}

#[test]
fn exact_lists_every_figure_that_is_not_equal_to_the_last_bit() {
    let desk = stored();
    let said = with(&desk, 0, &["--exact", "--threads", "1", "--junit", "j.xml", "--markdown", "m.md"]);
    assert!(said.contains("0 changed") && said.contains("equal to the last bit"), "{said}");
    assert!(!text(&desk, "j.xml").contains("false-alarms") && text(&desk, "m.md").contains("Every figure has to be equal"));
    // one bit of one figure
    let baseline = text(&desk, "baselines/tiny.json");
    let line = baseline.lines().find(|line| line.starts_with("\"forced_sales.mean\"")).expect("a figure").to_string();
    let value: f64 =
        line.split("\"value\":").nth(1).and_then(|rest| rest.split(',').next()).and_then(|n| n.parse().ok()).expect("a number");
    let other = f64::from_bits(value.to_bits() + 1);
    desk.put("baselines/tiny.json", &baseline.replacen(&format!("\"value\":{value}"), &format!("\"value\":{other}"), 1));
    let said = with(&desk, 1, &["--exact"]);
    let changed: Vec<&str> = said.lines().filter(|line| line.starts_with("changed: ")).collect();
    assert_eq!(changed.len(), 1, "{said}");
    assert!(changed[0].contains("forced_sales.mean was ") && changed[0].contains(&other.to_string()), "{said}");
    assert!(with(&desk, 0, &[]).contains("1 within noise"), "a bit is noise elsewhere");
}

#[test]
fn exact_is_refused_where_the_baseline_is_of_another_run() {
    let desk = stored();
    for (words, reason) in [
        (&["--exact", "--seed", "8"][..], "is of another seed: 7, now 8"),
        (&["--exact", "--paths", "401"], "is of another programme: "),
        (&["--exact", "--set", "margin.liquidation=111%"], "is of another programme: "),
    ] {
        let said = with(&desk, 4, words);
        assert!(said.contains(reason) && said.contains("leave --exact out"), "{said}");
    }
    let baseline = text(&desk, "baselines/tiny.json");
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    desk.put("baselines/tiny.json", &baseline.replace(&version, "\"version\":\"0.0.9\""));
    assert!(with(&desk, 4, &["--exact"]).contains("is of another version: 0.0.9, now "));
    // the summary of a report is a baseline, but says less of itself
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    fs::copy(desk.path("r/summary.json"), desk.path("baselines/tiny.json")).expect("a copy");
    assert!(with(&desk, 4, &["--exact"]).contains("does not say which version made it"));
    assert!(with(&desk, 0, &[]).contains("0 changed"));
    desk.put("baselines/tiny.json", &baseline);
    let prices = text(&desk, "prices.csv");
    desk.put("prices.csv", &(prices + "\n"));
    assert!(with(&desk, 4, &["--exact"]).contains("is of another data file prices: "));
}

#[test]
fn an_update_says_what_moved_what_did_not_and_what_it_was_made_from() {
    let desk = Desk::new();
    let said = with(&desk, 0, &["--update", "--markdown", "m.md"]);
    assert!(said.contains("tiny: baseline written to ") && said.contains(" figures\n"), "{said}");
    assert!(text(&desk, "m.md").contains("a new baseline of "), "{}", text(&desk, "m.md"));
    let said = with(&desk, 0, &["--update"]);
    assert!(said.contains(" figures, 0 moved beyond noise, 0 within it, 0 new, 0 gone"), "{said}");
    desk.edit("accounts.csv", "a-3,B,3,margin,5000,10000", "a-3,B,3,margin,5000,50000");
    let said = with(&desk, 0, &["--update", "--seed", "8", "--set", "margin.liquidation=129%", "--markdown", "m.md"]);
    for part in ["  seed: 7, now 8\n", "  programme: ", "  data file accounts: ", " · liquidation_rate was ", "moved by ", "at most 1%"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let page = text(&desk, "m.md");
    for part in
        ["## Baselines renewed", "figures moved beyond noise", "| tiny | data file accounts | `", "| tiny | gap | `liquidation_rate` |"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    // a scenario more is new, and none moves
    desk.put("programme.toml", &(text(&desk, "programme.toml") + "\n[[scenario]]\nname = \"calm\"\n"));
    let said = with(&desk, 0, &["--update", "--seed", "8", "--set", "margin.liquidation=129%"]);
    assert!(said.contains("  calm · liquidation_rate is ") && said.contains("new: the baseline does not hold it"), "{said}");
    assert!(!said.contains("moved by "), "{said}");
}

#[test]
fn a_command_line_that_says_two_things_is_refused_before_anything_runs() {
    let desk = stored();
    let before = text(&desk, "baselines/tiny.json");
    for words in [
        &["--false-alarms", "0"][..],
        &["--false-alarms", "100%"],
        &["--false-alarms", "often"],
        &["--false-alarms", "1%", "--tolerance", "4"],
        &["--exact", "--tolerance", "4"],
        &["--exact", "--false-alarms", "1%"],
        &["--exact", "--update"],
        &["--update", "--junit", "j.xml"],
        &["--update", "--scenario", "gap"],
    ] {
        with(&desk, 2, words);
    }
    desk.put("notes.md", "# Notes of the user");
    for words in [&["--markdown", "notes.md"][..], &["--markdown", "nowhere/m.md"], &["--markdown", "baselines"]] {
        let said = with(&desk, 6, words);
        assert!(said.contains("fix: "), "{said}");
        with(&desk, 6, &[words, &["--update"]].concat());
    }
    assert!(with(&desk, 2, &["--junit", "one", "--markdown", "one"]).contains("names the file of --junit"));
    assert_eq!(text(&desk, "notes.md"), "# Notes of the user");
    assert_eq!(text(&desk, "baselines/tiny.json"), before);
    // every programme's problems at once
    for name in ["bad", "worse"] {
        fs::copy(desk.path("programme.toml"), desk.path(&format!("{name}.toml"))).expect("a copy");
        desk.edit(&format!("{name}.toml"), "liquidation = \"110%\"", "liquidation = \"160%\"");
    }
    let said = err(&desk.expect(3, &["regress", "bad.toml", "worse.toml", "--baselines", "baselines", "--quiet"]));
    assert!(said.contains("bad.toml") && said.contains("worse.toml"), "{said}");
    // one scenario is compared with its own figures alone
    let said = with(&desk, 0, &["--scenario", "gap"]);
    assert!(said.contains("0 changed"), "{said}");
}

fn folder() -> PathBuf {
    root().join("scenarios/regression")
}

fn names(folder: PathBuf, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let names = entries.map(|entry| entry.expect("a folder can be listed").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(ending).map(String::from)).collect();
    names.sort();
    names
}

/// What `.ci/run` runs has a baseline for every programme, of the programme and the data as they stand.
#[test]
fn every_regression_programme_has_the_baseline_of_itself() {
    let programmes = names(folder(), ".toml");
    assert!(programmes.len() >= 18, "{programmes:?}");
    assert_eq!(programmes, names(folder().join("baselines"), ".json"));
    for name in programmes {
        let loaded = programme::load(&folder().join(format!("{name}.toml")), &programme::Overrides::default());
        let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(loaded.name, name, "a programme is named as its file, and so is its baseline");
        let bytes = fs::read(folder().join("baselines").join(format!("{name}.json"))).expect("a baseline");
        let baseline = levertide::report::export::summary::read(&bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let hash = levertide::report::names::sha256(loaded.resolved_toml.as_bytes());
        assert_eq!(baseline.programme_hash, hash, "{name}: the baseline is of an earlier programme; renew it (docs/regress.md)");
        let scenarios: Vec<&str> = baseline.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        assert_eq!(scenarios, loaded.scenarios.iter().map(|scenario| scenario.name.as_str()).collect::<Vec<_>>(), "{name}");
    }
}

/// The ready files name flags that there are, and nothing that a machine without access cannot reach.
#[test]
fn the_files_for_build_servers_call_the_gate_as_it_is() {
    let help = out(&Desk::new().expect(0, &["regress", "--help"]));
    for (name, shows) in [("github-actions.yml", "GITHUB_STEP_SUMMARY"), ("gitlab-ci.yml", "junit: regress.xml")] {
        let file = fs::read_to_string(root().join("deploy/ci").join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(file.contains(" regress $PROGRAMMES ") && file.contains(shows), "{name}");
        let call = &file[file.find(" regress $PROGRAMMES ").expect("it calls the gate")..];
        let call = &call[..call.find("--quiet").expect("it prints no progress") + "--quiet".len()];
        let flags: Vec<&str> = call.split_whitespace().filter(|word| word.starts_with("--")).collect();
        assert!(flags.contains(&"--junit") && flags.contains(&"--markdown") && flags.contains(&"--false-alarms"), "{flags:?}");
        for flag in flags {
            assert!(help.contains(flag), "{name}: there is no flag {flag}");
        }
        assert!(!file.contains("http"), "{name} names a host");
    }
}

/// The worked example of docs/regress.md, its output to the letter.
#[test]
fn the_page_of_the_gate_shows_what_the_command_says() {
    let page = fs::read_to_string(root().join("docs/regress.md")).expect("the page is there");
    let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
    let example = page.split("## A worked example").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("an example");
    let blocks: Vec<&str> = example.split("```").skip(1).step_by(2).collect();
    let desk = Desk::new();
    let mut compared = 0;
    for pair in blocks.windows(2) {
        let (Some(command), Some(shown)) = (pair[0].strip_prefix("sh\n"), pair[1].strip_prefix("text\n")) else { continue };
        let words: Vec<String> = command.trim().replace("\\\n", " ").split_whitespace().skip(1).map(String::from).collect();
        let words: Vec<String> = words
            .into_iter()
            .map(|word| if word.starts_with("scenarios/") { root().join(&word).display().to_string() } else { word })
            .chain(["--quiet".to_string()])
            .collect();
        let output = desk.levertide(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(plain(&out(&output)), plain(shown), "docs/regress.md shows another output of {command}{}", err(&output));
        compared += 1;
    }
    assert!(compared >= 3, "{compared} examples");
}

//! Sweeps keys by the binary: settings are single runs to the bit, what is dominated is named, and what is wrong is found before a path.

use crate::cli::{Desk, err, out, tree};
use crate::code::root;
use crate::reproducibility::{assert_same, bytes};
use crate::support::json::{json, list};
use serde_json::Value;
use std::fs;

const HEAD: &str = "schema = 1\nname = \"lines\"\nprogramme = \"programme.toml\"\n";

/// A desk with a sweep, `sweep.toml`.
fn desk(body: &str) -> Desk {
    let desk = Desk::new();
    desk.put("sweep.toml", &format!("{HEAD}{body}"));
    desk
}

/// Measures of one scenario of a run.
fn of_run<'v>(summary: &'v Value, scenario: &str) -> &'v Value {
    let found = list(&summary["scenarios"]).iter().find(|s| s["name"] == scenario);
    &found.unwrap_or_else(|| panic!("no scenario {scenario}"))["measures"]
}

fn assert_measures(setting: &Value, run: &Value, what: &str) {
    let measures = setting["measures"].as_object().expect("measures");
    assert!(!measures.is_empty());
    for (key, found) in measures {
        assert_eq!(found, &run[key], "{what}: {key}");
    }
}

const GRID: &str = "scenario = \"gap\"\nmeasures = [\"pool_loss.es_99\", \"lender_pnl.mean\", \"unneeded_liquidation_rate\", \"liquidation_rate\"]\n\
[[key]]\nname = \"margin.liquidation\"\nvalues = [\"105%\", \"115%\"]\n\
[[key]]\nname = \"shocks[1].gap.size\"\ntitle = \"gap\"\nvalues = [\"-5%\", \"-12%\"]\n\
[[key]]\nname = \"market.gaussian.volatility-annual\"\nvalues = [\"40%\", \"60%\"]\n";

#[test]
fn every_setting_is_a_single_run_of_its_programme_to_the_bit() {
    let desk = desk(GRID);
    desk.expect(0, &["sweep", "sweep.toml", "--out", "s", "--quiet"]);
    let sweep = json(&desk, "s/sweep.json");
    assert_eq!((list(&sweep["settings"]).len(), &sweep["markets"]), (8, &2.into()));
    for setting in list(&sweep["settings"]) {
        let values: Vec<&str> = list(&setting["values"]).iter().map(|v| v.as_str().expect("a text")).collect();
        let [line, gap, volatility] = values[..] else { panic!("three keys") };
        let sets = [
            format!("scenario.gap.margin.liquidation={line}"),
            format!("scenario.gap.market.gaussian.volatility-annual={volatility}"),
            format!("scenario.gap.shocks=[{{ gap = {{ day = 1, size = \"{gap}\" }} }}]"),
        ];
        let mut arguments = vec!["run", "programme.toml", "--out", "r", "--force", "--quiet"];
        sets.iter().for_each(|set| arguments.extend(["--set", set.as_str()]));
        desk.expect(0, &arguments);
        assert_measures(setting, of_run(&json(&desk, "r/summary.json"), "gap"), &values.join(", "));
    }
    // the resolved programme has them all as scenarios, and runs where it lies
    desk.expect(0, &["run", "s/programme.resolved.toml", "--out", "all", "--quiet"]);
    let summary = json(&desk, "all/summary.json");
    for setting in list(&sweep["settings"]) {
        let name = format!("setting {}", setting["setting"]);
        assert_measures(setting, of_run(&summary, &name), &name);
    }
}

#[test]
fn sampling_and_rounds_of_the_programme_give_way_to_plain_paths() {
    let desk = desk("paths = 300\nmeasures = [\"pool_loss.mean\"]\n[[key]]\nname = \"margin.cure-days\"\nfrom = 0\nto = 2\nsteps = 3\n");
    let plain = |desk: &Desk| {
        desk.expect(0, &["sweep", "sweep.toml", "--out", "s", "--force", "--quiet"]);
        fs::read_to_string(desk.path("s/tables/cells.csv")).expect("a table")
    };
    let wanted = plain(&desk);
    desk.edit(
        "programme.toml",
        "horizon-days = 5",
        "horizon-days = 5\nsampling = { method = \"stratified\", candidates = 8000 }\nuntil = { half-width = \"1%\", max-paths = 20_000 }",
    );
    assert_eq!(plain(&desk), wanted);
    assert_eq!(list(&json(&desk, "s/sweep.json")["settings"]).len(), 3);
    assert!(json(&desk, "s/sweep.json").get("frontier").is_none(), "one measure has no frontier");
}

#[test]
fn a_planted_dominated_setting_is_named_with_what_dominates_it_and_the_same_settings_tie() {
    let desk = desk(
        "scenario = \"gap\"\nmeasures = [\"pool_loss.mean\", \"lender_pnl.mean\"]\n\
         [[key]]\nname = \"liquidation.cost\"\nvalues = [\"0%\", \"8%\"]\n[[key]]\nname = \"margin.warning\"\nvalues = [\"150%\", \"160%\"]\n",
    );
    let told = out(&desk.expect(0, &["sweep", "sweep.toml", "--out", "s"]));
    for word in ["dominated by 1", "4 settings: 2 efficient, 2 dominated, 0 within noise", "report: s/report.pdf"] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    let sweep = json(&desk, "s/sweep.json");
    let place = |setting: usize| &sweep["settings"][setting - 1]["place"];
    assert_eq!([1, 2, 3, 4].map(|s| place(s)["status"].as_str().expect("a status")), ["efficient", "efficient", "dominated", "dominated"]);
    assert_eq!((&place(1)["alike"], &place(3)["alike"]), (&serde_json::json!([2]), &serde_json::json!([4])));
    let gains = &place(3)["gains"];
    assert_eq!(place(3)["by"], 1);
    for measure in ["pool_loss.mean", "lender_pnl.mean"] {
        let gain = &gains[measure];
        assert!(gain["value"].as_f64().expect("a gain") > 0.0 && gain["standing"] == "better", "{gain}");
    }
    let html = fs::read_to_string(desk.path("s/report.html")).expect("a report");
    assert!(html.contains("dominated") && html.contains("<td class=\"right\">1</td><td>0%, 150%</td>"), "{html}");
}

#[test]
fn every_file_is_written_and_is_the_same_on_one_thread_and_three() {
    let desk = desk(GRID);
    desk.expect(0, &["sweep", "sweep.toml", "--out", "one", "--threads", "1", "--quiet"]);
    desk.expect(0, &["sweep", "sweep.toml", "--out", "three", "--threads", "3", "--quiet"]);
    assert_same(&bytes(&desk.path("one")), &bytes(&desk.path("three")), "one thread and three");
    let files = tree(&desk.path("one"));
    for file in [
        "cells.parquet",
        "charts/frontier.png",
        "charts/heat-map-pool-loss-es-99.png",
        "charts/heat-map-unneeded-liquidation-rate.svg",
        "manifest.json",
        "programme.resolved.toml",
        "report.html",
        "report.pdf",
        "sweep.json",
        "tables/cells.csv",
    ] {
        assert!(files.iter().any(|found| found == file), "{file} is not among {files:?}");
    }
    let cells = fs::read_to_string(desk.path("one/tables/cells.csv")).expect("a table");
    let head = cells.lines().next().expect("a head").trim_start_matches('\u{feff}');
    assert!(head.starts_with("setting,margin.liquidation,shocks[1].gap.size,market.gaussian.volatility-annual,pool_loss.es_99,pool_loss.es_99.std_error,pool_loss.es_99.ci_low"), "{head}");
    assert_eq!(cells.lines().count(), 9);
}

#[test]
fn lists_and_random_designs_make_the_settings_they_say() {
    let desk = desk(
        "design = \"list\"\nmeasures = [\"pool_loss.mean\", \"liquidation_rate\"]\n\
         [[key]]\nname = \"margin.liquidation\"\nvalues = [\"105%\", \"110%\", \"115%\"]\n[[key]]\nname = \"margin.cure-days\"\nvalues = [0, 1, 2]\n",
    );
    desk.expect(0, &["sweep", "sweep.toml", "--out", "s", "--quiet"]);
    let values = |file: &str| -> Vec<Value> { list(&json(&desk, file)["settings"]).iter().map(|s| s["values"].clone()).collect() };
    assert_eq!(values("s/sweep.json"), [["105%", "0"], ["110%", "1"], ["115%", "2"]].map(|v| serde_json::json!(v)));
    let random = |seed: u64| {
        desk.put(
            "sweep.toml",
            &format!(
                "{HEAD}design = \"random\"\nsettings = 20\nseed = {seed}\nmeasures = [\"pool_loss.mean\", \"liquidation_rate\"]\n\
                 [[key]]\nname = \"margin.liquidation\"\nfrom = \"101%\"\nto = \"121%\"\n[[key]]\nname = \"margin.cure-days\"\nfrom = 0\nto = 3\n"
            ),
        );
        desk.expect(0, &["sweep", "sweep.toml", "--out", "s", "--force", "--quiet"]);
        values("s/sweep.json")
    };
    let first = random(1);
    let mut parts: Vec<usize> = first
        .iter()
        .map(|v| v[0].as_str().expect("a text").trim_end_matches('%').parse::<f64>().expect("a number") as usize - 101)
        .collect();
    parts.sort_unstable();
    assert_eq!(parts, (0..20).collect::<Vec<_>>(), "a value in each twentieth of the range");
    assert!(random(1) == first && random(2) != first);
    assert!(desk.path("s/charts/sweep-pool-loss-mean.png").exists());
}

#[test]
fn a_sweep_may_hold_its_programme() {
    let desk = desk(GRID);
    desk.expect(0, &["sweep", "sweep.toml", "--out", "named", "--quiet"]);
    let programme: toml::Table = fs::read_to_string(desk.path("programme.toml")).expect("there").parse().expect("TOML");
    let mut sweep: toml::Table = format!("{HEAD}{GRID}").parse().expect("TOML");
    sweep.insert("programme".into(), programme.into());
    desk.put("whole.toml", &toml::to_string(&sweep).expect("TOML"));
    desk.expect(0, &["sweep", "whole.toml", "--out", "held", "--quiet"]);
    assert_eq!(json(&desk, "named/sweep.json"), json(&desk, "held/sweep.json"));
}

#[test]
fn what_is_wrong_is_found_before_the_first_path_with_its_place() {
    let desk = Desk::new();
    let refused = |code: i32, body: &str, words: &[&str]| {
        desk.put("sweep.toml", &format!("{HEAD}{body}"));
        for check in [&["--check"][..], &["--out", "s"]] {
            let told = err(&desk.expect(code, &[&["sweep", "sweep.toml"], check].concat()));
            for word in words {
                assert!(told.contains(word), "{word} is not in\n{told}");
            }
            assert!(!desk.path("s").exists(), "a refused command writes nothing");
        }
    };
    let measures = "measures = [\"pool_loss.mean\", \"lender_pnl.mean\"]\n";
    let key = |name: &str, values: &str| format!("{measures}[[key]]\nname = \"{name}\"\nvalues = {values}\n");
    refused(
        3,
        &key("margin.liqidation", "[\"110%\"]"),
        &["sweep.toml:6, `key[1].name`: unknown key `liqidation`", "did you mean `liquidation`?"],
    );
    refused(3, &key("margin.liquidation", "[\"110%\", \"high\"]"), &["sweep.toml:7, `key[1].values[2]`", "a percentage such as"]);
    refused(
        3,
        &key("margin.liquidation", "[\"110%\", \"170%\"]"),
        &["sweep.toml:7, `key[1].values[2]`: liquidation 170% stands above call 130%"],
    );
    refused(3, &key("shocks[1].gap.size", "[\"-5%\"]"), &["`key[1].name`: there is no `shocks[1]`"]);
    refused(3, &key("simulation.paths", "[100, 200]"), &["`simulation.paths` cannot be swept", "write `paths` at the top"]);
    refused(3, &key("name", "[\"a\"]"), &["sweep.toml:6, `key[1].name`: `name` cannot be swept", "no key that a scenario changes"]);
    refused(3, &key("margin.liquidation", "[\"110%\", \"110%\"]"), &["`key[1].values[2]`: \"110%\" stands twice"]);
    refused(
        3,
        &format!("{}[[key]]\nname = \"margin.liquidation\"\nvalues = [\"105%\"]\n", key("margin.liquidation", "[\"110%\"]")),
        &["is swept twice"],
    );
    refused(
        3,
        &format!("scenario = \"gaps\"\n{}", key("margin.liquidation", "[\"110%\"]")),
        &["sweep.toml:4, `scenario`: no scenario \"gaps\"", "did you mean `gap`?"],
    );
    refused(
        3,
        "measures = [\"pool_loss.maen\", \"lender_pnl.mean\"]\n[[key]]\nname = \"margin.liquidation\"\nvalues = [\"110%\"]\n",
        &["sweep.toml:4, `measures[1]`: unknown measure `pool_loss.maen`", "`pool_loss.mean`"],
    );
    refused(
        3,
        &format!("mesures = 1\n{}", key("margin.liquidation", "[\"110%\"]")),
        &["unknown key `mesures`", "did you mean `measures`?"],
    );
    refused(3, measures, &["no key is swept"]);
    refused(
        3,
        &format!("{measures}[set]\nname = \"x\"\n[[key]]\nname = \"margin.cure-days\"\nvalues = [1]\n"),
        &["sweep.toml:6, `set.name`: `name` cannot be set"],
    );
    refused(
        3,
        &format!("{measures}[set]\nmargin.restore-too = \"150%\"\n[[key]]\nname = \"margin.cure-days\"\nvalues = [1]\n"),
        &["sweep.toml:6, `set.margin.restore-too`: unknown key `restore-too`", "did you mean `restore-to`?"],
    );
    refused(3, &format!("{measures}[[key]]\nname = \"margin.liquidation\"\nfrom = \"101%\"\nto = \"120%\"\n"), &["`steps` is missing"]);
    refused(
        3,
        &format!(
            "{measures}[[key]]\nname = \"margin.liquidation\"\nfrom = \"101%\"\nto = \"120%\"\nsteps = 500\n[[key]]\nname = \"margin.cure-days\"\nvalues = [0, 1, 2]\n"
        ),
        &["1500 settings", "at most 1000 settings", "design = \"random\""],
    );
    refused(
        3,
        &format!("frontier = [\"pool_loss.mean\"]\n{}", key("margin.liquidation", "[\"110%\"]")),
        &["`frontier`: 1 measures", "of two measures"],
    );
    refused(
        3,
        &format!(
            "design = \"list\"\n{}[[key]]\nname = \"margin.cure-days\"\nvalues = [0]\n",
            key("margin.liquidation", "[\"110%\", \"105%\"]")
        ),
        &["1 values, the first key has 2"],
    );
    desk.put("sweep.toml", &format!("{HEAD}{}", key("margin.liquidation", "[\"110%\"]")));
    let told = err(&desk.expect(2, &["sweep", "sweep.toml", "--set", "margin.cal=130%"]));
    assert!(told.contains("unknown key `cal`"), "{told}");
    let told = err(&desk.expect(3, &["sweep", "programme.toml"]));
    assert!(told.contains("this is a programme, and no sweep") && told.matches("error:").count() == 1, "{told}");
    desk.expect(3, &["sweep", "absent.toml"]);
    desk.expect(2, &["sweep"]);
    desk.expect(2, &["sweep", "sweep.toml", "--check", "--out", "s"]);
    let told = out(&desk.expect(0, &["sweep", "sweep.toml", "--check"]));
    assert!(told.contains("1 setting on 400 paths of 1 market\n") && told.contains("no problems found"), "{told}");
}

#[test]
fn nothing_that_the_program_did_not_make_is_replaced() {
    let desk = desk("measures = [\"pool_loss.mean\"]\n[[key]]\nname = \"margin.cure-days\"\nvalues = [0, 1]\n");
    fs::create_dir(desk.path("w")).expect("a temporary folder");
    desk.put("w/mine.txt", "my own");
    for force in [&[][..], &["--force"]] {
        desk.expect(6, &[&["sweep", "sweep.toml", "--out", "w"], force].concat());
    }
    assert_eq!(tree(&desk.path("w")), ["mine.txt"]);
    desk.expect(0, &["sweep", "sweep.toml", "--quiet"]);
    assert!(desk.path("reports/sweep/sweep.json").exists());
    desk.expect(6, &["sweep", "sweep.toml", "--quiet"]);
    desk.expect(0, &["sweep", "sweep.toml", "--quiet", "--force"]);
    let told = err(&desk.expect(6, &["sweep", "sweep.toml", "--out", ".", "--force"]));
    assert!(told.contains("fix:"), "{told}");
}

#[test]
fn the_chinese_edition_speaks_chinese_and_has_the_same_figures() {
    let body = GRID.replace("title = \"gap\"", "title = \"gap\"\nzh = { title = \"跳空幅度\" }");
    let desk = desk(&format!("zh = {{ name = \"平仓线扫描\" }}\n{body}"));
    desk.expect(0, &["sweep", "sweep.toml", "--out", "en", "--quiet"]);
    desk.expect(0, &["sweep", "sweep.toml", "--out", "zh", "--lang", "zh", "--quiet"]);
    let (en, zh) = (json(&desk, "en/sweep.json"), json(&desk, "zh/sweep.json"));
    assert_eq!((&en["settings"], &en["frontier"]), (&zh["settings"], &zh["frontier"]));
    let html = fs::read_to_string(desk.path("zh/report.html")).expect("there");
    for word in ["参数扫描：平仓线扫描", "有效方案", "支配关系", "跳空幅度", "强制平仓率", "热力图", "有效前沿"]
    {
        assert!(html.contains(word), "{word} is not in\n{html}");
    }
    for word in ["Findings", "efficient", "dominated", "Settings", "Darker", "Every setting"] {
        assert!(!html.contains(word), "{word} is in\n{html}");
    }
}

/// Every ready sweep, checked as it is and run on a few paths.
#[test]
fn the_ready_sweeps_run() {
    let folder = root().join("scenarios/sweeps");
    let mut names: Vec<String> =
        fs::read_dir(&folder).expect("there").map(|e| e.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "cure-days.toml",
            "hedge-ratio.toml",
            "leverage-and-line.toml",
            "leverage-and-volatility.toml",
            "participation.toml",
            "tier-sizes.toml"
        ]
    );
    let desk = Desk::new();
    for name in &names {
        let file = folder.join(name).display().to_string();
        desk.expect(0, &["sweep", &file, "--paths", "64", "--out", name, "--quiet"]);
        let sweep = json(&desk, &format!("{name}/sweep.json"));
        assert_eq!(sweep["markets"], 1, "{name}: every setting is on the same paths");
        for setting in list(&sweep["settings"]) {
            assert_eq!(setting["measures"].as_object().expect("measures").len(), list(&sweep["measures"]).len(), "{name}: {setting}");
        }
    }
}

/// The worked example of docs/sweep.md, its output to the letter.
#[test]
fn the_page_of_sweeps_shows_what_the_command_says() {
    let page = fs::read_to_string(root().join("docs/sweep.md")).expect("the page is there");
    let blocks: Vec<&str> = page.split("```").skip(1).step_by(2).collect();
    let block = |kind: &str| blocks.iter().find_map(|block| block.strip_prefix(kind)).unwrap_or_else(|| panic!("no block of {kind}"));
    let (file, shown) = (block("toml\n"), block("text\n"));
    let desk = Desk::new();
    let programme = root().join("scenarios/weekly.toml").display().to_string();
    desk.put("cap.toml", &file.replace("scenarios/weekly.toml", &programme));
    let told = out(&desk.expect(0, &["sweep", "cap.toml"]));
    let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
    assert_eq!(plain(&told), plain(shown), "docs/sweep.md shows another output");
}

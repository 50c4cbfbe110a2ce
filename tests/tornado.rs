//! Finds what measures depend on by the binary: differences are those of single runs to the bit, Sobol' indices meet a closed form, and
//! what is wrong is found before a path.

use crate::cli::{Desk, err, out, tree};
use crate::code::root;
use crate::reproducibility::{assert_same, bytes};
use crate::support::json::{json, list, number};
use serde_json::Value;
use std::fs;

const HEAD: &str = "schema = 1\nname = \"ends\"\nprogramme = \"programme.toml\"\n";

/// A desk with a study, `ends.toml`.
fn desk(body: &str) -> Desk {
    let desk = Desk::new();
    desk.put("ends.toml", &format!("{HEAD}{body}"));
    desk
}

/// The entry of a list whose field has a value.
fn find<'v>(value: &'v Value, field: &str, wanted: &str) -> &'v Value {
    list(value).iter().find(|entry| entry[field] == wanted).unwrap_or_else(|| panic!("no {field} {wanted} in {value}"))
}

const ENDS: &str = "scenario = \"gap\"\nmeasures = [\"pool_loss.es_99\", \"lender_pnl.mean\", \"liquidation_rate\"]\n\
[[key]]\nname = \"margin.liquidation\"\ntitle = \"line\"\nlow = \"105%\"\nhigh = \"115%\"\n\
[[key]]\nname = \"shocks[1].gap.size\"\ntitle = \"gap\"\nlow = \"-14%\"\nhigh = \"-5%\"\n\
[[key]]\nname = \"market.gaussian.volatility-annual\"\nlow = \"40%\"\nhigh = \"80%\"\n\
[[key]]\nname = \"margin.warning\"\nlow = \"145%\"\nhigh = \"160%\"\n";

#[test]
fn a_difference_is_that_of_two_single_runs_to_the_bit() {
    let desk = desk(ENDS);
    desk.expect(0, &["tornado", "ends.toml", "--out", "t", "--quiet"]);
    let found = json(&desk, "t/tornado.json");
    assert_eq!((&found["method"], list(&found["settings"]).len(), &found["markets"]), (&"one-at-a-time".into(), 9, &3.into()));
    let run = |set: Option<String>| {
        let mut arguments = vec!["run", "programme.toml", "--out", "r", "--force", "--quiet"];
        set.iter().for_each(|set| arguments.extend(["--set", set.as_str()]));
        desk.expect(0, &arguments);
        find(&json(&desk, "r/summary.json")["scenarios"], "name", "gap")["measures"].clone()
    };
    let base = run(None);
    let of = |key: &str, value: &str| match key {
        "shocks[1].gap.size" => format!("scenario.gap.shocks=[{{ gap = {{ day = 1, size = \"{value}\" }} }}]"),
        key => format!("scenario.gap.{key}={value}"),
    };
    for key in list(&found["keys"]) {
        let name = key["names"][0].as_str().expect("a name");
        let [low, high] = ["low", "high"].map(|end| run(Some(of(name, key[end].as_str().expect("a value")))));
        for measure in list(&found["measures"]) {
            let key_of = measure["measure"].as_str().expect("a key");
            let bar = find(&measure["bars"], "key", name);
            for (end, run) in [("low", &low), ("high", &high)] {
                let less = number(&run[key_of]["value"]) - number(&base[key_of]["value"]);
                assert_eq!(number(&bar[end]["value"]).to_bits(), less.to_bits(), "{name} {end}, {key_of}");
            }
            let values = [&low, &base, &high].map(|run| number(&run[key_of]["value"]));
            let swing = values.iter().fold(f64::MIN, |a, b| a.max(*b)) - values.iter().fold(f64::MAX, |a, b| a.min(*b));
            assert_eq!(number(&bar["swing"]["value"]).to_bits(), swing.to_bits(), "{name}, {key_of}");
            // the pair is known far better than its two figures, where any path differs
            let apart = libm::hypot(number(&low[key_of]["std_error"]), number(&base[key_of]["std_error"]));
            let same = number(&bar["low"]["value"]) == 0.0 || name.starts_with("market.");
            assert!(same || number(&bar["low"]["std_error"]) < 0.9 * apart, "{name}, {key_of}: {bar}");
        }
    }
    // the resolved programme has them all as scenarios, and runs where it lies
    desk.expect(0, &["run", "t/programme.resolved.toml", "--out", "all", "--quiet"]);
    let summary = json(&desk, "all/summary.json");
    for setting in list(&found["settings"]) {
        let run = find(&summary["scenarios"], "name", &format!("setting {}", setting["setting"]));
        for (key, figure) in setting["measures"].as_object().expect("measures") {
            assert_eq!(figure, &run["measures"][key], "{key} of {setting}");
        }
    }
}

#[test]
fn bars_are_sorted_by_their_swing_and_a_key_that_moves_nothing_is_within_noise() {
    let desk = desk(ENDS);
    let told = out(&desk.expect(0, &["tornado", "ends.toml", "--out", "t"]));
    for word in ["pool_loss.es_99: base ", "all 36 differences judged together at 95%", "report: t/report.pdf", "gap"] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    let found = json(&desk, "t/tornado.json");
    assert_eq!((&found["comparisons"], number(&found["confidence_each"])), (&36.into(), 1.0 - 0.05 / 72.0));
    for measure in list(&found["measures"]) {
        let bars = list(&measure["bars"]);
        assert!(bars.is_sorted_by(|a, b| number(&a["swing"]["value"]) >= number(&b["swing"]["value"])), "{measure}");
        let warning = find(&measure["bars"], "key", "margin.warning");
        assert_eq!((&warning["within_noise"], number(&warning["swing"]["value"])), (&true.into(), 0.0), "a warning moves no money");
        assert_eq!(find(&measure["bars"], "key", "shocks[1].gap.size")["within_noise"], false, "{measure}");
    }
    let key = |name: &str| list(&found["keys"]).iter().find(|key| key["names"][0] == name).expect("a key").clone();
    assert_eq!(key("margin.liquidation")["base"], "110%");
    assert_eq!(key("shocks[1].gap.size")["base"], "-12%");
}

#[test]
fn every_file_is_written_and_is_the_same_on_one_thread_and_three() {
    let sobol = ENDS.replace("scenario = ", "method = \"sobol\"\nrows = 8\nseed = 3\nscenario = ");
    for (body, charts) in [(ENDS, "tornado-pool-loss-es-99"), (&sobol, "sobol-liquidation-rate")] {
        let desk = desk(body);
        desk.expect(0, &["tornado", "ends.toml", "--out", "one", "--threads", "1", "--quiet", "--paths", "200"]);
        desk.expect(0, &["tornado", "ends.toml", "--out", "three", "--threads", "3", "--quiet", "--paths", "200"]);
        assert_same(&bytes(&desk.path("one")), &bytes(&desk.path("three")), "one thread and three");
        let files = tree(&desk.path("one"));
        let wanted = ["manifest.json", "programme.resolved.toml", "report.html", "report.pdf", "settings.parquet"];
        let further = ["tables/sensitivities.csv", "tables/settings.csv", "tornado.json"].map(String::from);
        let charts = ["png", "svg"].map(|kind| format!("charts/{charts}.{kind}"));
        for file in wanted.map(String::from).into_iter().chain(further).chain(charts) {
            assert!(files.contains(&file), "{file} is not among {files:?}");
        }
        let table = |name: &str| fs::read_to_string(desk.path(name)).expect("a table").trim_start_matches('\u{feff}').to_string();
        let (settings, ends) = (table("one/tables/settings.csv"), table("one/tables/sensitivities.csv"));
        if body == ENDS {
            assert!(settings.starts_with("setting,part,key,margin.liquidation,shocks[1].gap.size,"), "{settings}");
            assert!(settings.contains("\n1,base,,110%,'-12%,60%,150%,"), "{settings}");
            assert!(ends.starts_with("measure,key,low,low.std_error,low.ci_low,low.ci_high,high,"), "{ends}");
            assert_eq!((settings.lines().count(), ends.lines().count()), (10, 13));
        } else {
            assert!(settings.starts_with("setting,part,key,row,margin.liquidation,"), "{settings}");
            assert!(ends.starts_with("measure,key,first,first.std_error,first.of_design,first.of_paths,total,"), "{ends}");
            assert_eq!(settings.lines().count(), 1 + 8 * 6);
        }
    }
}

/// A market that is one path, on which nobody is called: profit is linear in what is added to both rates and in the fee.
const LINEAR: &str = "measures = [\"lender_pnl.mean\", \"pool_loss.mean\"]\n\
[[key]]\nname = \"interest.loan-rate-rise\"\nlow = \"0%\"\nhigh = \"10%\"\n\
[[key]]\nname = \"interest.funding-rate-rise\"\nlow = \"0%\"\nhigh = \"5%\"\n";
const CALM: &str = "[set]\nmargin = { warning = \"103%\", limit = \"102%\", call = \"101%\", liquidation = \"100%\" }\n";

fn linear(method: &str) -> Desk {
    let desk = desk(&format!("{method}{LINEAR}{CALM}"));
    desk.edit(
        "programme.toml",
        "[market.gaussian]\nvolatility-annual = \"60%\"\ndrift-annual = \"0%\"",
        "[market.replay]\nstart = \"2024-01-08\"",
    );
    desk
}

#[test]
fn indices_of_a_linear_measure_meet_their_closed_form() {
    let desk = linear("");
    desk.expect(0, &["tornado", "ends.toml", "--out", "t", "--quiet"]);
    let bars = json(&desk, "t/tornado.json")["measures"][0]["bars"].clone();
    // a linear measure on a range has the variance of its swing over twelve
    let swing = |key: &str| {
        let bar = find(&bars, "key", key);
        assert_eq!((number(&bar["swing"]["std_error"]), &bar["within_noise"]), (0.0, &false.into()), "one path has no error");
        number(&bar["swing"]["value"])
    };
    let (loan, funding) = (swing("interest.loan-rate-rise"), swing("interest.funding-rate-rise"));
    assert!(loan > 100.0 && funding > 100.0, "{loan} {funding}");
    let variance = (loan * loan + funding * funding) / 12.0;
    let share = loan * loan / 12.0 / variance;

    let desk = linear("method = \"sobol\"\nrows = 250\nseed = 5\n");
    let told = out(&desk.expect(0, &["tornado", "ends.toml", "--out", "t"]));
    assert!(told.contains("pool_loss.mean: varies by no more than the noise of its paths"), "{told}");
    let found = json(&desk, "t/tornado.json");
    assert_eq!((&found["measures"][1]["status"], list(&found["settings"]).len()), (&"flat".into(), 1_000));
    let measure = &found["measures"][0];
    assert_eq!(number(&measure["noise"]), 0.0);
    for (key, share) in [("interest.loan-rate-rise", share), ("interest.funding-rate-rise", 1.0 - share)] {
        for index in ["first", "total"] {
            let of = &find(&measure["indices"], "key", key)[index];
            let (value, error) = (number(&of["value"]), number(&of["std_error"]));
            assert!((value - share).abs() < 3.0 * error && error < 0.08, "{key} {index}: {of} for {share}");
            assert_eq!((number(&of["of_paths"]), &of["beyond_noise"]), (0.0, &true.into()));
        }
    }
    let deviation = &measure["deviation"];
    assert!((number(&deviation["value"]) - variance.sqrt()).abs() < 3.0 * number(&deviation["std_error"]), "{deviation} for {variance}");
    let together = &measure["together"];
    assert!(number(&together["value"]).abs() < 3.0 * number(&together["std_error"]), "{together}");
}

#[test]
fn a_design_is_drawn_by_its_seed_and_whole_numbers_stay_whole() {
    let body = |seed: u64| {
        format!(
            "{HEAD}method = \"sobol\"\nrows = 40\nseed = {seed}\npaths = 16\nmeasures = [\"liquidation_rate\"]\n\
             [[key]]\nname = \"margin.cure-days\"\nlow = 0\nhigh = 3\n[[key]]\nname = \"margin.liquidation\"\nlow = \"101%\"\nhigh = \"121%\"\n"
        )
    };
    let values = |seed: u64| -> Vec<Value> {
        let desk = Desk::new();
        desk.put("ends.toml", &body(seed));
        desk.expect(0, &["tornado", "ends.toml", "--out", "t", "--quiet"]);
        let found = json(&desk, "t/tornado.json");
        assert_eq!(found["design"], serde_json::json!({ "rows": 40, "seed": seed }));
        list(&found["settings"]).clone()
    };
    let first = values(1);
    let days: Vec<&str> = first.iter().map(|setting| setting["values"][0].as_str().expect("a value")).collect();
    assert!(["0", "1", "2", "3"].iter().all(|day| days.contains(day)) && days.iter().all(|day| day.len() == 1), "{days:?}");
    for row in first.chunks(4) {
        let [a, b, with_days, with_line] = row else { panic!("a row has four settings") };
        assert_eq!((&a["part"], &b["part"], &with_line["key"]), (&"a".into(), &"b".into(), &"margin.liquidation".into()));
        assert_eq!(with_days["values"], serde_json::json!([b["values"][0], a["values"][1]]));
        assert_eq!(with_line["values"], serde_json::json!([a["values"][0], b["values"][1]]));
    }
    let drawn = |settings: &[Value]| settings.iter().map(|setting| setting["values"].clone()).collect::<Vec<Value>>();
    assert!(drawn(&values(1)) == drawn(&first) && drawn(&values(2)) != drawn(&first));
}

#[test]
fn the_base_is_the_programme_s_own_unless_one_is_written() {
    let body = |base: &str| {
        format!(
            "{HEAD}scenario = \"gap\"\nmeasures = [\"lender_pnl.mean\"]\n[[key]]\nname = \"margin.liquidation\"\nlow = \"105%\"\nhigh = \"115%\"\n{base}[[key]]\nname = \"margin.template.calm-leverage\"\nalso = [\"margin.template.stress-leverage\"]\nlow = 2.0\nhigh = 4.0\n"
        )
    };
    let desk = Desk::new();
    let found = |base: &str| {
        desk.put("ends.toml", &body(base));
        desk.expect(0, &["tornado", "ends.toml", "--out", "t", "--force", "--quiet"]);
        json(&desk, "t/tornado.json")
    };
    let own = found("");
    assert_eq!((&own["keys"][0]["base"], own["keys"][1].get("base")), (&"110%".into(), None), "no leverage template is in force");
    let written = found("base = \"112%\"\n");
    assert_eq!(written["keys"][0]["base"], "112%");
    assert_eq!(written["settings"][0]["values"], serde_json::json!(["112%", null]));
    assert_eq!(written["settings"][3]["values"], serde_json::json!(["112%", "2.0"]), "while another key varies it is what is written");
    assert_eq!(own["settings"][1]["measures"], written["settings"][1]["measures"]);
}

#[test]
fn what_is_wrong_is_found_before_the_first_path_with_its_place() {
    let desk = Desk::new();
    let refused = |code: i32, body: &str, words: &[&str]| {
        desk.put("ends.toml", &format!("{HEAD}{body}"));
        for check in [&["--check"][..], &["--out", "t"]] {
            let told = err(&desk.expect(code, &[&["tornado", "ends.toml"], check].concat()));
            for word in words {
                assert!(told.contains(word), "{word} is not in\n{told}");
            }
            assert!(!desk.path("t").exists(), "a refused command writes nothing");
        }
    };
    let measures = "measures = [\"pool_loss.mean\"]\n";
    let sobol = "method = \"sobol\"\nrows = 20\nmeasures = [\"pool_loss.mean\"]\n";
    let key = |head: &str, name: &str, low: &str, high: &str| format!("{head}[[key]]\nname = \"{name}\"\nlow = {low}\nhigh = {high}\n");
    let ends = |head: &str| key(head, "margin.liquidation", "\"105%\"", "\"115%\"");
    refused(
        3,
        &key(measures, "margin.liqidation", "\"105%\"", "\"115%\""),
        &["ends.toml:6, `key[1].name`: unknown key `liqidation`", "did you mean `liquidation`?"],
    );
    refused(
        3,
        &key(measures, "margin.liquidation", "\"105%\"", "\"170%\""),
        &["ends.toml:8, `key[1].high`: liquidation 170% stands above call 130%"],
    );
    refused(3, &key(measures, "margin.liquidation", "\"low\"", "\"110%\""), &["ends.toml:7, `key[1].low`", "a percentage such as"]);
    refused(
        3,
        &key(measures, "simulation.paths", "100", "200"),
        &["`simulation.paths` cannot be varied", "write `paths` at the top of the tornado file"],
    );
    refused(3, &key(measures, "name", "\"a\"", "\"b\""), &["`key[1].name`: `name` cannot be varied", "vary a key of the rules"]);
    refused(3, &key(measures, "margin.liquidation", "\"105%\"", "\"105%\""), &["ends.toml:8, `key[1].high`: is `low`"]);
    refused(3, &key(measures, "shocks[1].gap.size", "\"-5%\"", "\"-4%\""), &["`key[1].name`: there is no `shocks[1]`"]);
    refused(3, &format!("{measures}[[key]]\nname = \"margin.liquidation\"\nlow = \"105%\"\n"), &["`key[1]`: `high` is missing"]);
    refused(3, &format!("{}[[key]]\nname = \"margin.liquidation\"\nlow = 1\nhigh = 2\n", ends(measures)), &["is varied twice"]);
    refused(3, &format!("{}steps = 4\n", ends(measures)), &["unknown key `steps`"]);
    refused(3, measures, &["no key is varied"]);
    refused(3, &format!("rows = 20\n{}", ends(measures)), &["ends.toml:4, `rows`: `rows` and `method` do not go together"]);
    refused(3, &format!("seed = 2\n{}", ends(measures)), &["ends.toml:4, `seed`: nothing is drawn"]);
    refused(
        3,
        &ends("method = \"sobol\"\nmeasures = [\"pool_loss.mean\"]\n"),
        &["`rows` and `method` do not go together", "write rows = 100"],
    );
    refused(3, &ends(&sobol.replace("20", "4")), &["`rows`: found 4", "8 rows at least"]);
    refused(3, &ends(&sobol.replace("20", "400")), &["400 rows of 1 keys are 1200 settings", "write at most 333 rows"]);
    refused(3, &ends(&sobol.replace("sobol", "morris")), &["`method`", "one-at-a-time"]);
    refused(3, &key(sobol, "margin.liquidation", "\"115%\"", "\"105%\""), &["`key[1].low`: does not lie below `high`", "swap them"]);
    refused(3, &key(sobol, "limits", "true", "false"), &["cannot be varied"]);
    refused(3, &key(sobol, "exchange.price-limits", "true", "false"), &["`key[1].low`: is no range of numbers"]);
    refused(3, &format!("{}base = \"110%\"\n", ends(sobol)), &["`key[1].base`: is given", "a Sobol' design draws every key"]);
    refused(
        3,
        &ends("measures = [\"pool_loss.maen\"]\n"),
        &["ends.toml:4, `measures[1]`: unknown measure `pool_loss.maen`", "`pool_loss.mean`"],
    );
    refused(3, &format!("scenario = \"gaps\"\n{}", ends(measures)), &["no scenario \"gaps\"", "did you mean `gap`?"]);
    refused(3, &format!("labels = [\"a\"]\n{}", ends(measures)), &["unknown key `labels`"]);
    refused(3, &format!("{}labels = [\"a\"]\n", ends(measures)), &["`key[1].labels`: 1 labels for 2 values"]);
    desk.put("ends.toml", &format!("{HEAD}{}", ends(measures)));
    let told = err(&desk.expect(2, &["tornado", "ends.toml", "--set", "margin.cal=130%"]));
    assert!(told.contains("unknown key `cal`"), "{told}");
    let told = err(&desk.expect(3, &["tornado", "programme.toml"]));
    assert!(told.contains("this is a programme, and no tornado file") && told.contains("`levertide help tornado`"), "{told}");
    desk.expect(3, &["tornado", "absent.toml"]);
    desk.expect(2, &["tornado"]);
    desk.expect(2, &["tornado", "ends.toml", "--check", "--out", "t"]);
    let told = out(&desk.expect(0, &["tornado", "ends.toml", "--check"]));
    assert!(told.contains("one key at a time\n3 settings on 400 paths of 1 market\n") && told.contains("no problems found"), "{told}");
    assert!(told.contains("margin.liquidation   105%   110%   115%"), "{told}");
}

#[test]
fn nothing_that_the_program_did_not_make_is_replaced() {
    let desk = desk("measures = [\"pool_loss.mean\"]\n[[key]]\nname = \"margin.cure-days\"\nlow = 0\nhigh = 2\n");
    fs::create_dir(desk.path("w")).expect("a temporary folder");
    desk.put("w/mine.txt", "my own");
    for force in [&[][..], &["--force"]] {
        desk.expect(6, &[&["tornado", "ends.toml", "--out", "w"], force].concat());
    }
    assert_eq!(tree(&desk.path("w")), ["mine.txt"]);
    desk.expect(0, &["tornado", "ends.toml", "--quiet"]);
    assert!(desk.path("reports/ends/tornado.json").exists());
    desk.expect(6, &["tornado", "ends.toml", "--quiet"]);
    desk.expect(0, &["tornado", "ends.toml", "--quiet", "--force"]);
}

#[test]
fn the_chinese_edition_speaks_chinese_and_has_the_same_figures() {
    let sobol = ENDS.replace("scenario = ", "method = \"sobol\"\nrows = 8\nscenario = ");
    for (body, words) in [(ENDS, ["龙卷风图", "摆幅", "取低值"]), (&sobol, ["总效应", "一阶效应", "指数"])] {
        let body = body
            .replace("title = \"gap\"", "title = \"gap\"\nzh = { title = \"跳空幅度\" }")
            .replace("title = \"line\"", "title = \"line\"\nzh = { title = \"平仓线\" }");
        let desk = desk(&format!("zh = {{ name = \"两端\" }}\n{body}"));
        desk.expect(0, &["tornado", "ends.toml", "--out", "en", "--quiet"]);
        desk.expect(0, &["tornado", "ends.toml", "--out", "zh", "--lang", "zh", "--quiet"]);
        let (en, zh) = (json(&desk, "en/tornado.json"), json(&desk, "zh/tornado.json"));
        assert_eq!((&en["settings"], &en["measures"]), (&zh["settings"], &zh["measures"]));
        let html = fs::read_to_string(desk.path("zh/report.html")).expect("there");
        for word in ["敏感性分析：两端", "跳空幅度", "参数及其取值范围"].iter().chain(&words[1..]) {
            assert!(html.contains(word), "{word} is not in\n{html}");
        }
        for word in ["Findings", "Swing", "within noise", "first order", "Low"] {
            assert!(!html.contains(word), "{word} is in\n{html}");
        }
    }
}

/// Every ready file, checked as it is and run on a few paths.
#[test]
fn the_ready_files_run() {
    let folder = root().join("scenarios/tornado");
    let mut names: Vec<String> =
        fs::read_dir(&folder).expect("there").map(|e| e.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".toml"));
    names.sort();
    assert_eq!(names, ["tail-loss-sobol.toml", "tail-loss.toml"]);
    let desk = Desk::new();
    for name in &names {
        let file = folder.join(name).display().to_string();
        desk.expect(0, &["tornado", &file, "--check", "--quiet"]);
        desk.expect(0, &["tornado", &file, "--paths", "16", "--out", name, "--quiet"]);
        let found = json(&desk, &format!("{name}/tornado.json"));
        for setting in list(&found["settings"]) {
            assert_eq!(setting["measures"].as_object().expect("measures").len(), list(&found["measures"]).len(), "{name}: {setting}");
        }
    }
}

/// The worked example of docs/tornado.md, its output to the letter.
#[test]
fn the_page_of_tornados_shows_what_the_command_says() {
    let page = fs::read_to_string(root().join("docs/tornado.md")).expect("the page is there");
    let blocks: Vec<&str> = page.split("```").skip(1).step_by(2).collect();
    let all = |kind: &str| blocks.iter().filter_map(|block| block.strip_prefix(kind)).collect::<Vec<&str>>();
    let (files, shown) = (all("toml\n"), all("text\n"));
    assert_eq!((files.len(), shown.len()), (2, 2), "a file and what it says, one at a time and all at once");
    let desk = Desk::new();
    let programme = root().join("scenarios/weekly.toml").display().to_string();
    for ((file, shown), name) in files.iter().zip(shown).zip(["ends", "shares"]) {
        desk.put(&format!("{name}.toml"), &file.replace("scenarios/weekly.toml", &programme));
        let told = out(&desk.expect(0, &["tornado", &format!("{name}.toml")]));
        let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
        assert_eq!(plain(&told), plain(shown), "docs/tornado.md shows another output");
    }
}

//! Splits changes by the binary: steps are differences of single runs to the bit and add up, each change lands in its own step, and what is
//! wrong is found before a path.

use crate::cli::{Desk, err, out, tree};
use crate::code::root;
use crate::reproducibility::{assert_same, bytes};
use crate::support::json::{json, list, number};
use levertide::inputs::programme::mix::Standing;
use levertide::inputs::programme::{self, Overrides};
use serde_json::Value;
use std::fs;

/// A desk with a second programme beside the first, in which some texts are others.
fn desk(changes: &[(&str, &str)]) -> Desk {
    let desk = Desk::new();
    let mut text = fs::read_to_string(desk.path("programme.toml")).expect("there");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    desk.put("second.toml", &text);
    desk
}

const MEASURES: [&str; 6] = ["--measure", "pool_loss.mean", "--measure", "lender_pnl.mean", "--measure", "liquidation_rate"];

fn split(desk: &Desk, first: &str, second: &str, further: &[&str]) -> Value {
    let arguments = [&["compare", first, second, "--split", "--out", "c", "--force", "--quiet"], &MEASURES[..], further].concat();
    desk.expect(0, &arguments);
    json(desk, "c/compare.json")
}

fn step<'v>(found: &'v Value, name: &str) -> &'v Value {
    list(&found["steps"]).iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no step {name} in {}", found["steps"]))
}

fn change(found: &Value, name: &str, measure: &str) -> f64 {
    number(&step(found, name)["measures"][measure]["change"]["value"])
}

/// The steps that change a measure.
fn moving(found: &Value) -> Vec<String> {
    let moves = |step: &&Value| {
        step["measures"].as_object().expect("measures").values().any(|cell| cell["change"]["value"].as_f64().is_some_and(|c| c != 0.0))
    };
    let inner = |step: &&Value| step["status"] == "simulated" || step["status"] == "engine";
    list(&found["steps"]).iter().filter(inner).filter(moves).map(|step| step["step"].as_str().expect("a name").to_string()).collect()
}

#[test]
fn steps_are_differences_of_single_runs_to_the_bit_and_add_up() {
    let desk = desk(&[
        ("call = \"130%\"", "call = \"135%\""),
        ("volatility-annual = \"60%\"", "volatility-annual = \"80%\""),
        ("seed = 7", "seed = 8"),
        ("accounts.csv", "book/accounts.csv"),
    ]);
    fs::create_dir(desk.path("book")).expect("a temporary folder");
    let accounts = fs::read_to_string(desk.path("accounts.csv")).expect("there");
    desk.put("book/accounts.csv", &accounts.replace("a-2,B,2,margin,0,65000", "a-2,B,2,margin,0,67000"));
    let found = split(&desk, "programme.toml", "second.toml", &["--scenario", "gap"]);
    let names: Vec<&str> = list(&found["steps"]).iter().map(|step| step["step"].as_str().expect("a name")).collect();
    assert_eq!(names, ["first", "data", "book", "parameters", "model", "noise", "second"]);
    assert_eq!(step(&found, "data")["status"], "same");
    let run = |programme: &str, set: &[&str]| {
        let mut arguments = vec!["run", programme, "--out", "r", "--force", "--quiet"];
        set.iter().for_each(|set| arguments.extend(["--set", set]));
        desk.expect(0, &arguments);
        let summary = json(&desk, "r/summary.json");
        list(&summary["scenarios"]).iter().find(|s| s["name"] == "gap").expect("a scenario")["measures"].clone()
    };
    let book = "data.accounts=book/accounts.csv";
    let runs = [
        run("programme.toml", &[]),
        run("programme.toml", &[book]),
        run("programme.toml", &[book, "margin.call=135%"]),
        run("programme.toml", &[book, "margin.call=135%", "market.gaussian.volatility-annual=80%"]),
        run("second.toml", &[]),
    ];
    let alone = run("programme.toml", &["market.gaussian.volatility-annual=80%"]);
    for measure in ["pool_loss.mean", "lender_pnl.mean", "liquidation_rate"] {
        let value = |run: &Value| number(&run[measure]["value"]);
        for (at, name) in ["book", "parameters", "model", "noise"].into_iter().enumerate() {
            let cell = &step(&found, name)["measures"][measure];
            assert_eq!(cell["figure"], runs[at + 1][measure], "{name}, {measure}");
            assert_eq!(change(&found, name, measure).to_bits(), (value(&runs[at + 1]) - value(&runs[at])).to_bits(), "{name}, {measure}");
        }
        let cell = &step(&found, "model")["measures"][measure];
        assert_eq!(number(&cell["alone"]["value"]).to_bits(), (value(&alone) - value(&runs[0])).to_bits(), "{measure}");
        let whole = change(&found, "second", measure);
        assert_eq!(whole.to_bits(), (value(&runs[4]) - value(&runs[0])).to_bits(), "{measure}");
        let sum: f64 = ["data", "book", "parameters", "model", "noise"].iter().map(|name| change(&found, name, measure)).sum();
        assert!((sum - whole).abs() <= 1e-9 * value(&runs[0]).abs().max(1.0), "{measure}: {sum} for {whole}");
        // a step on common paths is known better than its two figures, the last is not
        let error = |run: &Value| number(&run[measure]["std_error"]);
        let [book, noise] = ["book", "noise"].map(|name| number(&step(&found, name)["measures"][measure]["change"]["std_error"]));
        assert!(book < 0.9 * libm::hypot(error(&runs[0]), error(&runs[1])), "{measure}: {book}");
        assert!((noise - libm::hypot(error(&runs[3]), error(&runs[4]))).abs() <= 1e-9 * noise, "{measure}: {noise}");
    }
}

#[test]
fn a_change_lands_in_its_own_step() {
    type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);
    let cases: [Case; 5] = [
        (&[("[[scenario]]", "[liquidation]\ncost = \"2%\"\n\n[[scenario]]")], "parameters", "liquidation.cost"),
        (&[("volatility-annual = \"60%\"", "volatility-annual = \"70%\"")], "model", "market.gaussian.volatility-annual"),
        (&[("horizon-days = 5", "horizon-days = 6")], "model", "simulation.horizon-days"),
        (&[("seed = 7", "seed = 9")], "noise", "seed"),
        (&[("paths = 400", "paths = 500")], "noise", "simulation.paths"),
    ];
    for (changes, source, key) in cases {
        let found = split(&desk(changes), "programme.toml", "second.toml", &["--scenario", "gap"]);
        assert_eq!(moving(&found), [source], "{key}");
        let differs = list(&found["differs"]);
        assert_eq!((differs.len(), &differs[0]["source"], &differs[0]["name"]), (1, &source.into(), &key.into()), "{differs:?}");
    }
    // a key that moves no figure is told, and nothing is run for it
    let found = split(&desk(&[("name = \"tiny\"", "name = \"small\"")]), "programme.toml", "second.toml", &[]);
    assert_eq!((moving(&found), found["differs"][0].get("source")), (Vec::new(), None));
}

#[test]
fn a_file_lands_in_its_own_step_whatever_it_is_called() {
    let desk = desk(&[("positions.csv", "later.csv"), ("accounts.csv", "copy.csv")]);
    fs::copy(desk.path("accounts.csv"), desk.path("copy.csv")).expect("a copy");
    let positions = fs::read_to_string(desk.path("positions.csv")).expect("there");
    desk.put("later.csv", &positions.replace("a-2,600002.SH,4300", "a-2,600002.SH,4200"));
    let found = split(&desk, "programme.toml", "second.toml", &[]);
    assert_eq!(moving(&found), ["book"]);
    let differs = list(&found["differs"]);
    assert_eq!((differs.len(), &differs[0]["name"], &differs[0]["second"]["path"]), (1, &"positions".into(), &"later.csv".into()));
    assert!(differs[0]["first"]["sha256"] != differs[0]["second"]["sha256"] && differs[0]["first"]["rows"] == 4, "{differs:?}");
    // prices of the history that the model is not fitted on move the book's value alone
    desk.edit("second.toml", "later.csv", "positions.csv");
    desk.edit("second.toml", "prices.csv", "newer.csv");
    let prices = fs::read_to_string(desk.path("prices.csv")).expect("there");
    let last = prices.lines().last().expect("a line").to_string();
    let parts: Vec<&str> = last.split(',').collect();
    let price: f64 = parts[2].parse().expect("a price");
    let lower =
        [parts[0], parts[1], &format!("{:.2}", price * 0.97)].into_iter().chain(parts[3..].iter().copied()).collect::<Vec<_>>().join(",");
    desk.put("newer.csv", &prices.replace(&last, &lower));
    let found = split(&desk, "programme.toml", "second.toml", &[]);
    assert_eq!(moving(&found), ["data"]);
}

#[test]
fn two_reports_of_one_programme_differ_in_nothing() {
    let desk = Desk::new();
    for folder in ["a", "b"] {
        desk.expect(0, &["run", "programme.toml", "--out", folder, "--quiet"]);
    }
    let told = out(&desk.expect(0, &["compare", "a", "b", "--split", "--exit-code", "--out", "c"]));
    assert!(told.contains("nothing differs") && told.contains("equal to the bit") && told.contains("report: c/report.pdf"), "{told}");
    let found = json(&desk, "c/compare.json");
    let names: Vec<&str> = list(&found["steps"]).iter().map(|step| step["step"].as_str().expect("a name")).collect();
    assert_eq!(names, ["first", "engine-first", "data", "book", "parameters", "model", "noise", "engine-second", "second"]);
    for step in &list(&found["steps"])[1..] {
        for (measure, cell) in step["measures"].as_object().expect("measures") {
            let change = &cell["change"];
            assert_eq!(
                (number(&change["value"]), number(&change["std_error"]).to_bits(), &change["beyond_noise"]),
                (0.0, 0, &false.into()),
                "{measure}: {step}"
            );
        }
    }
    assert_eq!(step(&found, "engine-first")["equal"], 3);
    // a report, its summary and its programme are the same
    desk.expect(0, &["compare", "a/summary.json", "programme.toml", "--exit-code", "--quiet", "--out", "d"]);
    assert_eq!(moving(&json(&desk, "d/compare.json")), Vec::<String>::new());
    // nothing is simulated without a split
    let told = out(&desk.expect(0, &["compare", "a", "b", "--exit-code"]));
    assert!(told.contains("0 moved by more than 4 standard errors") && !told.contains("report:"), "{told}");
}

#[test]
fn the_exit_code_tells_a_change_beyond_noise_where_it_is_asked_for() {
    let desk = desk(&[("[[scenario]]", "[liquidation]\ncost = \"5%\"\n\n[[scenario]]")]);
    let split = ["compare", "programme.toml", "second.toml", "--scenario", "gap", "--measure", "pool_loss.mean", "--out", "c", "--force"];
    let told = out(&desk.expect(1, &[&split[..], &["--exit-code"]].concat()));
    for word in ["liquidation.cost", "5%", "pool_loss.mean", "parameters", "judged together at 95%", "nothing differs"] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    desk.expect(0, &split);
    desk.edit("second.toml", "cost = \"5%\"", "cost = \"0%\"");
    desk.edit("second.toml", "seed = 7", "seed = 77");
    let first = fs::read_to_string(desk.path("programme.toml")).expect("there");
    desk.put("programme.toml", &first.replace("[[scenario]]", "[liquidation]\ncost = \"0%\"\n\n[[scenario]]"));
    desk.expect(0, &[&split[..], &["--exit-code", "--quiet"]].concat());
    // of two stored reports too
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    desk.expect(0, &["run", "programme.toml", "--out", "b", "--quiet", "--set", "liquidation.cost=20%"]);
    desk.expect(1, &["compare", "a", "b", "--exit-code"]);
    desk.expect(0, &["compare", "a", "b"]);
}

#[test]
fn a_step_whose_programme_is_refused_is_joined_with_the_next() {
    // the new book holds a share that the old prices do not know
    let desk = desk(&[
        ("prices.csv", "more.csv"),
        ("positions.csv", "later.csv"),
        ("instruments.csv", "names.csv"),
        ("call = \"130%\"", "call = \"131%\""),
    ]);
    let prices = fs::read_to_string(desk.path("prices.csv")).expect("there");
    let third: String = prices
        .lines()
        .filter(|line| line.contains("600001.SH"))
        .map(|line| format!("{}\n", line.replace("600001.SH", "600003.SH")))
        .collect();
    desk.put("more.csv", &format!("{}\n{third}", prices.trim_end()));
    let names = fs::read_to_string(desk.path("instruments.csv")).expect("there");
    desk.put("names.csv", &format!("{names}600003.SH,Gamma,main,Banks\n"));
    let positions = fs::read_to_string(desk.path("positions.csv")).expect("there");
    desk.put("later.csv", &format!("{positions}a-3,600003.SH,100\n"));
    let found = split(&desk, "programme.toml", "second.toml", &["--order", "book,data,parameters,model"]);
    let joined = step(&found, "book+data");
    assert!(joined["joined"]["what"].as_str().is_some_and(|what| what.contains("600003.SH")), "{joined}");
    assert_eq!(
        (step(&found, "parameters")["status"].as_str(), step(&found, "model")["status"].as_str()),
        (Some("simulated"), Some("same"))
    );
    let told = out(&desk.expect(0, &["compare", "programme.toml", "second.toml", "--order", "book,data,parameters,model", "--out", "d"]));
    assert!(told.contains("book and data: together, since what stands between is refused"), "{told}");
    // in the usual order the data come first, and nothing is joined
    let found = split(&desk, "programme.toml", "second.toml", &[]);
    assert_eq!(step(&found, "data").get("joined"), None);
    assert!(step(&found, "book")["not_alone"]["what"].as_str().is_some_and(|what| what.contains("600003.SH")), "{}", step(&found, "book"));
}

#[test]
fn data_that_were_overwritten_are_told_and_may_be_named_elsewhere() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    fs::create_dir(desk.path("old")).expect("a temporary folder");
    for file in ["prices.csv", "instruments.csv", "accounts.csv", "positions.csv", "funding.csv"] {
        fs::copy(desk.path(file), desk.path("old").join(file)).expect("a copy");
    }
    desk.edit("accounts.csv", "a-2,B,2,margin,0,65000", "a-2,B,2,margin,0,66000");
    let told = err(&desk.expect(4, &["compare", "a", "programme.toml", "--out", "c"]));
    for word in ["accounts.csv", "is not the file that the report was made from", "--first-data DIR"] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    assert!(!desk.path("c").exists());
    let found = split(&desk, "a", "programme.toml", &["--first-data", "old"]);
    assert_eq!(moving(&found), ["book"]);
    // a file that is gone, and one that can no longer be read
    desk.put("accounts.csv", "account_id\n");
    let told = err(&desk.expect(4, &["compare", "programme.toml", "a", "--out", "d", "--second-data", "."]));
    assert!(told.contains("accounts.csv"), "{told}");
    fs::remove_file(desk.path("accounts.csv")).expect("it was there");
    let told = err(&desk.expect(4, &["compare", "a", "a", "--split", "--out", "d"]));
    assert!(told.contains("accounts.csv: is not found") && told.contains("--first-data DIR"), "{told}");
    // and a programme that is no longer that of the report
    desk.edit("a/programme.resolved.toml", "call = \"130%\"", "call = \"131%\"");
    let told = err(&desk.expect(4, &["compare", "a", "a", "--split", "--out", "d", "--first-data", "old", "--second-data", "old"]));
    assert!(told.contains("is not the programme that the report was made from"), "{told}");
}

#[test]
fn what_the_engine_makes_of_a_stored_report_is_a_step_of_its_own() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    let mut summary = json(&desk, "a/summary.json");
    let stored = number(&summary["scenarios"][0]["measures"]["pool_loss.mean"]["value"]);
    summary["scenarios"][0]["measures"]["pool_loss.mean"]["value"] = (stored + 50.0).into();
    desk.put("a/summary.json", &serde_json::to_string_pretty(&summary).expect("JSON"));
    let found = split(&desk, "a", "programme.toml", &[]);
    assert_eq!((moving(&found), &step(&found, "engine-first")["equal"]), (vec!["engine-first".to_string()], &2.into()));
    assert!((change(&found, "engine-first", "pool_loss.mean") + 50.0).abs() < 1e-6);
    assert_eq!(change(&found, "second", "pool_loss.mean"), change(&found, "engine-first", "pool_loss.mean"));
    let told = out(&desk.expect(0, &["compare", "programme.toml", "a", "--out", "d", "--measure", "pool_loss.mean"]));
    assert!(told.contains("a: made by this version") && told.contains("0 of 1 figures alone are equal to the bit"), "{told}");
    // what is not defined in either has not moved
    desk.edit(
        "programme.toml",
        "warning = \"150%\"\nlimit = \"140%\"\ncall = \"130%\"\ncure-days = 1\nliquidation = \"110%\"",
        "warning = \"104%\"\nlimit = \"103%\"\ncall = \"102%\"\ncure-days = 1\nliquidation = \"101%\"",
    );
    desk.expect(0, &["run", "programme.toml", "--out", "calm", "--quiet", "--set", "market.gaussian.volatility-annual=1%"]);
    let arguments = ["compare", "calm", "calm", "--split", "--measure", "cure_share", "--exit-code", "--out", "f"];
    let told = out(&desk.expect(0, &arguments));
    assert!(told.contains("cure_share") && told.contains("equal to the bit"), "{told}");
    let told = out(&desk.expect(0, &["compare", "a", "programme.toml", "--out", "e", "--paths", "64"]));
    assert!(told.contains("the stored figures are left aside: --paths asks for others"), "{told}");
}

#[test]
fn every_file_is_written_and_is_the_same_on_one_thread_and_three() {
    let desk = desk(&[("call = \"130%\"", "call = \"135%\"")]);
    for threads in ["1", "3"] {
        desk.expect(0, &["compare", "programme.toml", "second.toml", "--out", threads, "--threads", threads, "--quiet", "--paths", "200"]);
    }
    assert_same(&bytes(&desk.path("1")), &bytes(&desk.path("3")), "one thread and three");
    let files = tree(&desk.path("1"));
    let wanted =
        ["compare.json", "first.resolved.toml", "manifest.json", "report.html", "report.pdf", "second.resolved.toml", "steps.parquet"];
    let further = ["charts/steps-pool-loss-mean.png", "charts/steps-pool-loss-mean.svg", "tables/differs.csv", "tables/steps.csv"];
    for file in wanted.into_iter().chain(further) {
        assert!(files.iter().any(|own| own == file), "{file} is not among {files:?}");
    }
    let table = |name: &str| fs::read_to_string(desk.path(name)).expect("a table").trim_start_matches('\u{feff}').to_string();
    assert!(table("1/tables/steps.csv").starts_with("measure,step,figure,figure.std_error,figure.ci_low,figure.ci_high,change,"));
    let differs = table("1/tables/differs.csv");
    assert!(differs.contains("\nparameters,key,margin.call,130%,135%,"), "{differs}");
}

#[test]
fn what_is_wrong_is_found_before_the_first_path_with_its_place() {
    let desk = desk(&[("name = \"gap\"", "name = \"fall\"")]);
    let refused = |code: i32, arguments: &[&str], words: &[&str]| {
        let told = err(&desk.expect(code, &[&["compare"], arguments, &["--out", "c"]].concat()));
        for word in words {
            assert!(told.contains(word), "{word} is not in\n{told}");
        }
        assert!(!desk.path("c").exists(), "a refused command writes nothing");
    };
    let both = ["programme.toml", "second.toml"];
    let with = |further: &[&'static str]| [&both[..], further].concat();
    refused(
        2,
        &with(&["--scenario", "gap"]),
        &["--scenario: the second has no scenario \"gap\"", "the first has `base`, `gap`, the second `base`, `fall`"],
    );
    refused(2, &with(&["--measure", "pool_loss.maen"]), &["--measure: unknown measure `pool_loss.maen`", "`pool_loss.mean`"]);
    refused(2, &with(&["--order", "data,book"]), &["--order: found data,book", "name all four"]);
    refused(2, &with(&["--order", "data,books"]), &["invalid value 'books'"]);
    refused(2, &with(&["--tolerance", "3"]), &["--tolerance: does not go with a split"]);
    refused(3, &["programme.toml", "absent.toml"], &["absent.toml: cannot be read"]);
    refused(4, &["programme.toml", "absent"], &["absent: the second cannot be read", "or a programme"]);
    desk.put("second.toml", &fs::read_to_string(desk.path("second.toml")).expect("there").replace("CNY", "HKD"));
    refused(4, &both, &["second.toml: is in HKD, the first in CNY"]);
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    let told = err(&desk.expect(2, &["compare", "a", "a", "--measure", "pool_loss.mean"]));
    assert!(told.contains("--measure: is of a split") && told.contains("add --split"), "{told}");
    desk.expect(2, &["compare", "a"]);
    desk.expect(2, &["compare", "a", "a", "--split", "--check", "--out", "c"]);
    let told = out(&desk.expect(0, &["compare", "a", "programme.toml", "--check"]));
    assert!(
        told.starts_with("nothing differs\n\nmeasures: pool_loss.mean, pool_loss.es_99, liquidation_rate\n1 run on 400 paths\n"),
        "{told}"
    );
    assert!(told.ends_with("no problems found\n"), "{told}");
    // nothing that was read is written over
    desk.expect(6, &["compare", "a", "programme.toml", "--out", "a", "--force"]);
}

#[test]
fn a_measure_that_one_has_not_is_not_defined_there() {
    let clients = "[clients.withdrawal]\nprobability = \"30%\"\nshare = \"50%\"\n\n[[scenario]]";
    let desk = desk(&[("[[scenario]]", clients)]);
    let found = split(&desk, "programme.toml", "second.toml", &["--measure", "client_withdrawals.mean"]);
    let cell = |name: &str| &step(&found, name)["measures"]["client_withdrawals.mean"];
    assert!(cell("first")["figure"].is_null() && !cell("second")["figure"].is_null(), "{found}");
    assert!(cell("parameters")["change"].is_null() && cell("second")["change"].is_null(), "{found}");
    assert!(!step(&found, "second")["measures"]["pool_loss.mean"]["change"].is_null(), "{found}");
    let arguments = ["compare", "programme.toml", "second.toml", "--measure", "client_withdrawals.mean", "--out", "d", "--quiet"];
    desk.expect(1, &[&arguments[..], &["--exit-code"]].concat());
}

#[test]
fn the_chinese_edition_speaks_chinese_and_has_the_same_figures() {
    let desk = desk(&[("call = \"130%\"", "call = \"135%\""), ("seed = 7", "seed = 8")]);
    desk.expect(0, &["compare", "programme.toml", "second.toml", "--out", "en", "--quiet"]);
    desk.expect(0, &["compare", "programme.toml", "second.toml", "--out", "zh", "--lang", "zh", "--quiet"]);
    let (en, zh) = (json(&desk, "en/compare.json"), json(&desk, "zh/compare.json"));
    assert_eq!((&en["steps"], &en["differs"]), (&zh["steps"], &zh["differs"]));
    let html = fs::read_to_string(desk.path("zh/report.html")).expect("there");
    for word in ["变动分析", "规则参数", "抽样误差", "单独影响", "没有差异", "差异明细"] {
        assert!(html.contains(word), "{word} is not in\n{html}");
    }
    for word in ["Findings", "within noise", "nothing differs", "Alone", "Parameters"] {
        assert!(!html.contains(word), "{word} is in\n{html}");
    }
}

/// A scenario that stands alone is the same case, whatever rulebook, shock or patch made it.
#[test]
fn every_scenario_of_the_shipped_programmes_stands_alone() {
    let mut scenarios = 0;
    for entry in fs::read_dir(root().join("scenarios")).expect("there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let programme = programme::load(&path, &Overrides::default()).unwrap_or_else(|problems| panic!("{problems}"));
        for scenario in &programme.scenarios {
            let standing = Standing::of(&programme, &scenario.name).expect("it is one of them");
            let alone = standing.read("alone").unwrap_or_else(|problems| panic!("{}: {}: {problems}", path.display(), scenario.name));
            assert_eq!(alone.scenarios[0].case, scenario.case, "{}: {}", path.display(), scenario.name);
            assert_eq!((alone.seed, alone.as_of, &alone.data), (programme.seed, programme.as_of, &programme.data));
            scenarios += 1;
        }
    }
    assert!(scenarios > 30, "{scenarios} scenarios");
}

/// The worked example of docs/compare.md, its output to the letter.
#[test]
fn the_page_of_compare_shows_what_the_command_says() {
    let page = fs::read_to_string(root().join("docs/compare.md")).expect("the page is there");
    let blocks: Vec<&str> = page.split("```").skip(1).step_by(2).collect();
    let all = |kind: &str| blocks.iter().filter_map(|block| block.strip_prefix(kind)).collect::<Vec<&str>>();
    let (commands, shown) = (all("sh\n"), all("text\n"));
    assert_eq!((commands.len(), shown.len()), (1, 1), "an example and what it says");
    let desk = Desk::new();
    let programme = root().join("scenarios/weekly.toml").display().to_string();
    let mut told = String::new();
    for command in commands[0].lines().filter(|line| !line.is_empty()) {
        let words: Vec<String> = command.split(' ').skip(1).map(|word| word.replace("scenarios/weekly.toml", &programme)).collect();
        told = out(&desk.expect(0, &words.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
    assert_eq!(plain(&told), plain(shown[0]), "docs/compare.md shows another output");
}

//! Reweighs a finished report by the binary: what is written, what is refused, and what stays as it was.

use crate::cli::{Desk, err, out, tree};
use crate::reproducibility::{assert_same, bytes};
use crate::support::json::{json, number};
use serde_json::Value;
use std::fs;

/// A report of 2,000 paths in two scenarios, under `r`.
fn reported() -> Desk {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--paths", "2000", "--out", "r", "--quiet"]);
    desk
}

#[test]
fn more_volatility_costs_more_and_every_file_is_written() {
    let desk = reported();
    let before = bytes(&desk.path("r"));
    let told = out(&desk.expect(0, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "w"]));
    for word in ["effective paths of 2,000", "volatility >= +30%", "pool_loss.es_99", "report: w/report.pdf"] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    let files = ["manifest.json", "report.html", "report.pdf", "reweighed.json", "tables/reweighed.csv", "tables/views.csv"];
    assert_eq!(tree(&desk.path("w")), files);
    assert_same(&before, &bytes(&desk.path("r")), "the report that was read");
    let reweighed = json(&desk, "w/reweighed.json");
    let summary = json(&desk, "r/summary.json");
    for (scenario, of_report) in
        reweighed["scenarios"].as_array().expect("scenarios").iter().zip(summary["scenarios"].as_array().expect("some"))
    {
        assert_eq!(scenario["name"], of_report["name"]);
        let view = &scenario["views"][0];
        assert!((number(&view["posterior"]) / number(&view["prior"]) - 1.3).abs() < 1e-9, "{view}");
        assert!(view["binding"] == true && number(&view["multiplier"]) > 0.0 && view["column"] == "market_volatility");
        assert!(number(&scenario["effective_paths_kish"]) < number(&scenario["effective_paths_entropy"]));
        assert!(number(&scenario["effective_paths_entropy"]) < 2_000.0 && number(&scenario["relative_entropy"]) > 0.0);
        let measures = scenario["measures"].as_object().expect("measures");
        for (key, measure) in measures {
            assert_eq!(measure["prior"]["value"], of_report["measures"][key]["value"], "{key}");
        }
        let es = &measures["pool_loss.es_97_5"];
        let (posterior, prior) = (number(&es["posterior"]["value"]), number(&es["prior"]["value"]));
        assert!(posterior > prior || prior == 0.0, "{es}");
        for key in ["tier.C.hit_probability", "tier.A.loss.mean", "call_rate", "lender_pnl.volatility", "pool_return.mean", "cover_2.es_99"]
        {
            assert!(measures.contains_key(key), "{key} is not among {:?}", measures.keys());
        }
    }
    desk.expect(0, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "again", "--quiet"]);
    assert_same(&bytes(&desk.path("w")), &bytes(&desk.path("again")), "the same views twice");
}

#[test]
fn a_view_that_holds_already_gives_the_report_s_own_figures() {
    let desk = reported();
    desk.expect(0, &["reweigh", "r", "--view", "market_volatility >= prior - 5%", "--out", "w", "--quiet"]);
    let (reweighed, summary) = (json(&desk, "w/reweighed.json"), json(&desk, "r/summary.json"));
    for (at, scenario) in reweighed["scenarios"].as_array().expect("scenarios").iter().enumerate() {
        assert_eq!((number(&scenario["relative_entropy"]), &scenario["views"][0]["binding"]), (0.0, &Value::Bool(false)));
        for (key, measure) in scenario["measures"].as_object().expect("measures") {
            let stated = &summary["scenarios"][at]["measures"][key];
            let found = &measure["posterior"];
            assert!(
                (number(&found["value"]) - number(&stated["value"])).abs() <= 1e-12 * number(&stated["value"]).abs(),
                "{key}: {found} {stated}"
            );
            // a quantile's error is of ranks in the one and of a share's error in the other
            let within = if key.contains("var_") || key.contains("99_9") { 0.7 } else { 0.02 };
            match (found["std_error"].as_f64(), stated["std_error"].as_f64()) {
                (Some(error), Some(known)) => assert!((error - known).abs() <= within * error + 1e-9, "{key}: {found} {stated}"),
                // where nothing bounds a path the error is not known
                (error, known) => assert_eq!(error, known, "{key}: {found} {stated}"),
            }
        }
    }
}

#[test]
fn what_cannot_be_reweighed_is_refused_with_its_exit_code() {
    let desk = reported();
    let refused = |code: i32, arguments: &[&str], words: &[&str]| {
        let arguments: Vec<&str> = [&["reweigh"], arguments, &["--out", "w"]].concat();
        let told = err(&desk.expect(code, &arguments));
        for word in words {
            assert!(told.contains(word), "{word} is not in\n{told}");
        }
        assert!(!desk.path("w").exists(), "a refused command writes nothing");
    };
    refused(2, &["r"], &["--view"]);
    refused(
        2,
        &["r", "--view", "volatilty >= +30%", "--view", "pool_loss >= 30%"],
        &["no column is called", "market_volatility", "of something"],
    );
    refused(2, &["r", "--view", "volatility >= +30%", "--scenario", "bsae"], &["found \"bsae\"", "`base`"]);
    refused(2, &["r", "--scenario", "base", "--view", "unallocated_loss >= +30%"], &["the prior figure is 0"]);
    refused(5, &["r", "--view", "market_return >= 900%"], &["its paths range from", "scenario \"base\"", "scenario \"gap\""]);
    refused(
        5,
        &["r", "--scenario", "base", "--view", "return >= 5%", "--view", "P(return > 0) <= 1%"],
        &["\"return >= 5%\" and \"P(return > 0) <= 1%\" cannot hold together"],
    );
    refused(
        5,
        &["r", "--scenario", "base", "--view", "return <= -19%"],
        &["effective paths", "at least 100 effective paths", "run more paths"],
    );
    refused(4, &["elsewhere", "--view", "volatility >= +30%"], &["the report cannot be read", "name a report folder"]);
    let told = err(&desk.expect(6, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "r", "--force"]));
    assert!(told.contains("the report"), "{told}");
}

#[test]
fn a_scenario_that_cannot_carry_the_views_is_left_out_and_named_unless_it_was_asked_for() {
    let desk = reported();
    let told = out(&desk.expect(0, &["reweigh", "r", "--view", "return <= -19%", "--out", "w"]));
    assert!(told.contains("left out: \"return <= -19%\" leaves") && told.contains("in scenario \"base\""), "{told}");
    let reweighed = json(&desk, "w/reweighed.json");
    assert_eq!(reweighed["scenarios"].as_array().map(Vec::len), Some(1));
    assert_eq!((&reweighed["left_out"][0]["name"], &reweighed["left_out"][0]["reason"]), (&"base".into(), &"too-few-paths".into()));
    assert!(fs::read_to_string(desk.path("w/report.html")).expect("there").contains("base (too few paths would carry the views)"));
}

#[test]
fn nothing_that_the_program_did_not_make_is_replaced() {
    let desk = reported();
    fs::create_dir(desk.path("w")).expect("a temporary folder");
    desk.put("w/mine.txt", "my own");
    for force in [&[][..], &["--force"]] {
        let arguments = [&["reweigh", "r", "--view", "volatility >= +10%", "--out", "w"], force].concat();
        desk.expect(6, &arguments);
    }
    assert_eq!(fs::read_to_string(desk.path("w/mine.txt")).expect("still there"), "my own");
    desk.expect(0, &["reweigh", "r", "--view", "volatility >= +10%", "--quiet"]);
    assert!(desk.path("reports/tiny-reweighed/reweighed.json").exists());
    desk.expect(6, &["reweigh", "r", "--view", "volatility >= +10%", "--quiet"]);
    desk.expect(0, &["reweigh", "r", "--view", "volatility >= +20%", "--quiet", "--force"]);
}

#[test]
fn files_of_two_runs_are_not_read_as_one() {
    let desk = reported();
    desk.expect(0, &["run", "programme.toml", "--paths", "2000", "--seed", "8", "--out", "s", "--quiet"]);
    let swap = |file: &str| fs::copy(desk.path("s").join(file), desk.path("r").join(file)).expect("a copy");
    swap("paths.parquet");
    let told = err(&desk.expect(4, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "w"]));
    assert!(told.contains("by paths.parquet and") && told.contains("not of one run"), "{told}");
    swap("programme.resolved.toml");
    let told = err(&desk.expect(4, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "w"]));
    assert!(told.contains("is not the programme that summary.json was made by"), "{told}");
    let damaged = fs::read(desk.path("s/paths.parquet")).expect("there");
    fs::write(desk.path("s/paths.parquet"), &damaged[..damaged.len() / 2]).expect("a temporary file");
    desk.expect(4, &["reweigh", "s", "--view", "volatility >= +30%", "--out", "w"]);
}

#[test]
fn a_sample_of_candidates_is_reweighed_by_what_its_paths_count() {
    let desk = Desk::new();
    desk.edit("programme.toml", "horizon-days = 5", "horizon-days = 5\nsampling = { method = \"stratified\", candidates = 8000 }");
    desk.expect(0, &["run", "programme.toml", "--paths", "2000", "--out", "r", "--quiet"]);
    desk.expect(0, &["reweigh", "r", "--view", "volatility >= prior", "--out", "same", "--quiet"]);
    desk.expect(0, &["reweigh", "r", "--view", "P(return < -5%) >= +50%", "--out", "w", "--quiet"]);
    let (same, reweighed, summary) = (json(&desk, "same/reweighed.json"), json(&desk, "w/reweighed.json"), json(&desk, "r/summary.json"));
    for at in 0..2 {
        let stated = &summary["scenarios"][at]["measures"];
        for (key, measure) in same["scenarios"][at]["measures"].as_object().expect("measures") {
            let (found, stated) = (number(&measure["posterior"]["value"]), number(&stated[key]["value"]));
            assert!((found - stated).abs() <= 1e-12 * stated.abs(), "{key}: {found} for {stated}");
            // strata of one weight are read back as one
            let error_of = |figure: &Value| figure["std_error"].as_f64();
            let known = error_of(&summary["scenarios"][at]["measures"][key]);
            if let Some((error, known)) = error_of(&measure["posterior"]).zip(known) {
                assert!((error - known).abs() <= 0.15 * known + 1e-9 || key.contains("99"), "{key}: {error} for {known}");
            }
        }
    }
    // the scenario that opens lower shows it on most paths already, and is left out
    for scenario in reweighed["scenarios"].as_array().expect("scenarios") {
        assert!(number(&scenario["prior_effective_paths_kish"]) < 1_999.0, "rows count differently: {scenario}");
        assert!((number(&scenario["views"][0]["posterior"]) / number(&scenario["views"][0]["prior"]) - 1.5).abs() < 1e-9);
        let es = &scenario["measures"]["pool_loss.es_99"];
        let (posterior, prior) = (number(&es["posterior"]["value"]), number(&es["prior"]["value"]));
        assert!(posterior > prior || prior == 0.0, "{es}");
    }
}

#[test]
fn the_chinese_edition_speaks_chinese_and_has_the_same_figures() {
    let desk = reported();
    desk.expect(0, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "en", "--quiet"]);
    desk.expect(0, &["reweigh", "r", "--view", "volatility >= +30%", "--out", "zh", "--lang", "zh", "--quiet"]);
    let read = |file: &str| fs::read_to_string(desk.path(file)).expect("there");
    assert_eq!(read("en/reweighed.json"), read("zh/reweighed.json"));
    let html = read("zh/report.html");
    for word in ["观点约束下的模拟路径", "加权前", "加权后", "熵池化", "资金池损失均值", "穿仓概率"] {
        assert!(html.contains(word), "{word} is not in\n{html}");
    }
    for word in ["Findings", "Before", "effective", "Shortfall"] {
        assert!(!html.contains(word), "{word} is in\n{html}");
    }
    assert!(fs::read(desk.path("zh/report.pdf")).expect("there").starts_with(b"%PDF-1.7"));
}

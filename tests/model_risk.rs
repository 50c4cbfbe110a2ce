//! Runs a book under several market models by the binary: the panel in every output, and no other figure changed.

use crate::cli::{Desk, err, tree};
use serde_json::Value;
use std::fs;

#[test]
fn several_models_give_a_panel_beside_figures_that_stay() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "alone", "--quiet"]);
    let panel = "\n[model-risk]\npaths = 200\nscenarios = [\"base\", \"gap\"]\n[[model-risk.models]]\nmarket.block-bootstrap = {}\n\
                 [[model-risk.models]]\nname = \"wild\"\nmarket.gaussian = { volatility-annual = \"120%\", drift-annual = 0 }\n";
    desk.edit("programme.toml", "[[scenario]]\nname = \"gap\"", &format!("{panel}\n[[scenario]]\nname = \"gap\""));
    desk.expect(0, &["run", "programme.toml", "--out", "beside", "--quiet"]);
    let summary = |folder: &str| -> Value {
        serde_json::from_slice(&fs::read(desk.path(folder).join("summary.json")).expect("there")).expect("JSON")
    };
    let (alone, beside) = (summary("alone"), summary("beside"));
    assert_eq!(alone["scenarios"], beside["scenarios"], "a panel changes no other figure");
    assert!(alone.get("model_risk").is_none());
    let panels = beside["model_risk"].as_array().expect("panels");
    assert_eq!(panels.iter().map(|p| p["scenario"].as_str().unwrap()).collect::<Vec<_>>(), ["base", "gap"]);
    for (panel, scenario) in panels.iter().zip(beside["scenarios"].as_array().unwrap()) {
        let models = panel["models"].as_array().expect("models");
        let names: Vec<&str> = models.iter().map(|m| m["model"].as_str().unwrap()).collect();
        assert_eq!(names, ["gaussian", "block-bootstrap", "wild"]);
        let value = |m: &Value| m["measures"]["pool_loss.es_97_5"]["value"].as_f64().expect("a number");
        assert_eq!(models[0]["measures"]["pool_loss.es_97_5"], scenario["measures"]["pool_loss.es_97_5"]);
        assert_eq!((models[0]["paths"].as_u64(), models[2]["paths"].as_u64()), (Some(400), Some(200)));
        assert!(value(&models[2]) > value(&models[0]), "twice the volatility loses more");
        let spread = &panel["spread"]["pool_loss.es_97_5"];
        assert_eq!(spread["high_model"], "wild");
        let width = spread["width"].as_f64().unwrap();
        assert!((width - (value(&models[2]) - models.iter().map(value).fold(f64::INFINITY, f64::min))).abs() < 1e-9);
    }
    let files = tree(&desk.path("beside"));
    for name in ["tables/model_risk.csv", "charts/model-risk-base.svg", "charts/model-risk-gap.png"] {
        assert!(files.contains(&name.to_string()), "{name} is not among {files:?}");
    }
    let html = fs::read_to_string(desk.path("beside/report.html")).expect("there");
    assert!(html.contains("highest less lowest") && html.contains("block bootstrap"));
    // the resolved programme gives the same bytes, and the Chinese edition its own words
    desk.expect(0, &["run", "beside/programme.resolved.toml", "--out", "again", "--quiet"]);
    assert_eq!(fs::read(desk.path("beside/summary.json")).unwrap(), fs::read(desk.path("again/summary.json")).unwrap());
    desk.expect(0, &["run", "programme.toml", "--out", "zh", "--lang", "zh", "--quiet"]);
    assert!(fs::read_to_string(desk.path("zh/report.html")).expect("there").contains("最高减最低"));
}

#[test]
fn a_panel_s_faults_are_named_together() {
    let desk = Desk::new();
    let panel = "\n[model-risk]\nscenarios = [\"gab\"]\n[[model-risk.models]]\nmarket.gaussian = { trading-days = 0 }\n\
                 [[model-risk.models]]\nmarket.gaussian = {}\n";
    desk.edit("programme.toml", "[[scenario]]\nname = \"gap\"", &format!("{panel}\n[[scenario]]\nname = \"gap\""));
    let told = err(&desk.expect(3, &["check", "programme.toml"]));
    for word in ["no scenario \"gab\"", "`model-risk.models[1].market.gaussian.trading-days`", "a second model is named \"gaussian\""] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
}

#[test]
fn a_further_model_may_be_paths_of_the_user_s() {
    let desk = Desk::new();
    let row = |path: usize, day: usize, symbol: &str| format!("{path},{day},{symbol},-0.01\n");
    let rows = (0..3).flat_map(|path| (1..=10).flat_map(move |day| ["600001.SH", "600002.SH"].map(|symbol| row(path, day, symbol))));
    desk.put("paths.csv", &format!("path,day,symbol,return\n{}", rows.collect::<String>()));
    let panel = "\n[model-risk]\npaths = 3\n[[model-risk.models]]\nmarket.given = { paths = \"paths.csv\" }\n";
    desk.edit("programme.toml", "[[scenario]]\nname = \"gap\"", &format!("{panel}\n[[scenario]]\nname = \"gap\""));
    desk.expect(0, &["run", "programme.toml", "--out", "beside", "--quiet"]);
    let summary: Value = serde_json::from_slice(&fs::read(desk.path("beside/summary.json")).expect("there")).expect("JSON");
    assert_eq!(summary["model_risk"][0]["models"][1]["model"], "given");
    // the resolved programme finds the file from where it lies
    desk.expect(0, &["run", "beside/programme.resolved.toml", "--out", "again", "--quiet"]);
    desk.edit("programme.toml", "paths = 3\n", "paths = 4\n");
    let told = err(&desk.expect(3, &["check", "programme.toml"]));
    for word in ["model-risk.models[1].market.given.paths", "paths.csv has 3 paths, 4 asked for", "set model-risk.paths = 3 or fewer"] {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
}

//! Fits a programme's models by the binary: the figures meet those worked here by hand, the bytes repeat, problems have their code.

use crate::cli::{Desk, err, out, tree};
use serde_json::Value;
use std::fs;

fn json(desk: &Desk, folder: &str) -> Value {
    serde_json::from_slice(&fs::read(desk.path(folder).join("fit.json")).expect("fit.json")).expect("JSON")
}

/// Log returns of one symbol, from the price file.
fn log_returns(desk: &Desk, symbol: &str) -> Vec<f64> {
    let text = fs::read_to_string(desk.path("prices.csv")).expect("prices");
    let close = |line: &str| line.split(',').nth(2).and_then(|c| c.parse::<f64>().ok()).expect("a close");
    let closes: Vec<f64> = text.lines().filter(|l| l.contains(symbol)).map(close).collect();
    closes.windows(2).map(|w| libm::log(w[1] / w[0])).collect()
}

#[test]
fn a_fitted_gaussian_is_the_sample_and_its_likelihood() {
    let desk = Desk::new();
    desk.edit("programme.toml", "volatility-annual = \"60%\"\ndrift-annual = \"0%\"\n", "");
    let told = out(&desk.expect(0, &["fit", "programme.toml", "--out", "f"]));
    assert!(told.contains("gaussian") && told.trim_end().ends_with("f/fit.json"), "{told}");
    let fit = json(&desk, "f");
    let model = &fit["models"][0];
    assert_eq!(fit["models"].as_array().expect("models").len(), 1, "the gap scenario draws from the same model");
    assert_eq!(model["scenarios"], serde_json::json!(["base", "gap"]));
    assert_eq!((&model["sessions"], &model["holdout_sessions"]), (&serde_json::json!(40), &serde_json::json!(8)));
    for symbol in model["symbols"].as_array().expect("symbols") {
        let x = log_returns(&desk, symbol["symbol"].as_str().expect("a name"));
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let deviation = (x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt();
        let likelihood: f64 = x
            .iter()
            .map(|x| {
                let z = (x - mean) / deviation;
                -0.5 * (libm::log(2.0 * std::f64::consts::PI * deviation * deviation) + z * z)
            })
            .sum();
        let number = |value: &Value| value.as_f64().expect("a number");
        assert_eq!(symbol["observations"], 40);
        assert!((number(&symbol["parameters"][0]["value"]) - mean).abs() < 1e-12);
        assert!((number(&symbol["parameters"][1]["value"]) - deviation).abs() < 1e-12);
        assert!((number(&symbol["parameters"][0]["std_error"]) - deviation / n.sqrt()).abs() < 1e-12);
        assert!((number(&symbol["log_likelihood"]) - likelihood).abs() < 1e-9);
        assert!((number(&symbol["aic"]) - (4.0 - 2.0 * likelihood)).abs() < 1e-9);
        assert!((number(&symbol["bic"]) - (2.0 * libm::log(n) - 2.0 * likelihood)).abs() < 1e-9);
        // no loss of this made-up market is a hundredth of a normal's
        assert_eq!((&symbol["in_sample"]["days"], &symbol["holdout"]["days"]), (&serde_json::json!(40), &serde_json::json!(8)));
        assert_eq!(symbol["in_sample"]["zone"], "green");
        assert!((0.0..=1.0).contains(&number(&symbol["ljung_box_squares"]["p_value"])));
    }
}

#[test]
fn the_folder_is_whole_and_repeats_to_the_byte_in_either_language() {
    let desk = Desk::new();
    desk.put(
        "programme.toml",
        &(fs::read_to_string(desk.path("programme.toml")).expect("there")
            + "\n[[scenario]]\nname = \"memory\"\n[scenario.market.filtered-historical]\nvolatility = \"gjr\"\n"),
    );
    desk.expect(0, &["fit", "programme.toml", "--out", "one", "--quiet"]);
    desk.expect(0, &["fit", "programme.toml", "--out", "two", "--quiet"]);
    let files = tree(&desk.path("one"));
    for name in [
        "fit.json",
        "manifest.json",
        "programme.resolved.toml",
        "charts/fit-gaussian-600001-sh.svg",
        "charts/fit-filtered-historical-600002-sh.png",
    ] {
        assert!(files.contains(&name.to_string()), "{name} is not among {files:?}");
    }
    // the manifest alone may differ between runs: it holds the mark of its own folder
    for name in files.iter().filter(|name| *name != "manifest.json") {
        assert_eq!(fs::read(desk.path("one").join(name)).unwrap(), fs::read(desk.path("two").join(name)).unwrap(), "{name}");
    }
    assert!(err(&desk.expect(6, &["fit", "programme.toml", "--out", "one"])).contains("--force"));
    desk.expect(0, &["fit", "programme.toml", "--out", "one", "--force", "--lang", "zh", "--quiet"]);
    let svg = |folder: &str| fs::read(desk.path(folder).join("charts/fit-gaussian-600001-sh.svg")).unwrap();
    assert_ne!(svg("one"), svg("two"), "the chart speaks the language");
    assert_eq!(json(&desk, "one")["models"], json(&desk, "two")["models"]);
}

#[test]
fn the_models_of_a_panel_are_fitted_too() {
    let desk = Desk::new();
    desk.edit(
        "programme.toml",
        "[[scenario]]\nname = \"gap\"",
        "[model-risk]\n[[model-risk.models]]\nmarket.jump-diffusion = {}\n[[model-risk.models]]\nmarket.block-bootstrap = {}\n\n[[scenario]]\nname = \"gap\"",
    );
    desk.expect(0, &["fit", "programme.toml", "--out", "f", "--quiet"]);
    let models = json(&desk, "f")["models"].as_array().expect("models").clone();
    let names: Vec<&str> = models.iter().map(|m| m["model"].as_str().expect("a name")).collect();
    assert_eq!(names, ["gaussian", "jump-diffusion", "block-bootstrap"]);
    assert_eq!(models[1]["scenarios"], serde_json::json!(["base under jump-diffusion"]));
    let likelihood = |m: usize| models[m]["symbols"][0]["log_likelihood"].as_f64();
    assert!(likelihood(1).is_some() && likelihood(2).is_none(), "a bootstrap has no density");
}

#[test]
fn what_cannot_be_fitted_says_so_by_its_exit_code_and_leaves_nothing() {
    let desk = Desk::new();
    assert!(err(&desk.expect(2, &["fit", "programme.toml", "--out", "f", "--holdout", "35"])).contains("hold out fewer"));
    desk.edit(
        "programme.toml",
        "[market.gaussian]\nvolatility-annual = \"60%\"\ndrift-annual = \"0%\"\n",
        "[market.replay]\nstart = \"2024-02-01\"\n",
    );
    assert!(err(&desk.expect(5, &["fit", "programme.toml", "--out", "f"])).contains("nothing to fit") || !desk.path("f").exists());
    assert!(!desk.path("f").exists());
}

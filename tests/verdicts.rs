//! Judges limits by the binary where the sample says little: nothing seen is not nothing, and many verdicts are less sure than one.

use crate::cli::{Desk, out};
use crate::support::json::summary;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A desk with the files of `tests/cases/NAME`.
fn desk(name: &str) -> Desk {
    let desk = Desk::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    for entry in fs::read_dir(folder).expect("a case") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        desk.put(&name, &fs::read_to_string(&path).expect("a text file"));
    }
    desk
}

fn verdicts(summary: &Value) -> Vec<(String, String)> {
    let limits = summary["limits"].as_array().expect("limits");
    limits.iter().map(|l| (l["measure"].as_str().unwrap().to_string(), l["verdict"].as_str().unwrap().to_string())).collect()
}

#[test]
fn money_that_ten_paths_never_lose_is_undecided() {
    let desk = desk("e8");
    let said = out(&desk.expect(0, &["run", "p.toml", "--out", "r", "--quiet"]));
    // where undecided is not good enough, the report is written all the same
    desk.expect(1, &["run", "p.toml", "--out", "strict", "--strict", "--quiet"]);
    let found = summary(&desk, "r");
    assert_eq!(found, summary(&desk, "strict"));
    for (measure, verdict) in verdicts(&found) {
        assert_eq!(verdict, "undecided", "{measure}");
    }
    let mean = &found["limits"][0]["estimate"];
    // none of ten paths: at most 30.85 % of them lose, each at most the loan of 500
    assert!((mean["ci_high"].as_f64().unwrap() - 500.0 * 0.308_497).abs() < 1e-3, "{mean}");
    assert!(mean["std_error"].as_f64().unwrap() > 0.0 && mean["flag"] == "rare-event", "{mean}");
    // what has no bound on a path has no error and no upper end
    let sales = &found["scenarios"][0]["measures"]["forced_sales.mean"];
    if sales["value"] == 0.0 {
        assert!(sales["std_error"].is_null() && sales["ci_high"].is_null() && sales["flag"] == "open-interval", "{sales}");
    }
    // four tests at 95 % each are right together with 80 %
    let joint = &found["limits_joint"];
    assert_eq!(joint["tests"], 4);
    assert!((joint["confidence"].as_f64().unwrap() - 0.8).abs() < 1e-12 && joint["each_for_95"] == 0.9875, "{joint}");
    assert!(said.contains("4 tests") && said.contains("at least 80%"), "{said}");
    let check = out(&desk.expect(0, &["check", "p.toml"]));
    assert!(check.contains("4 tests") && check.contains("at least 80%"), "{check}");
    // the only path there is decides
    let text = fs::read_to_string(desk.path("p.toml")).unwrap();
    let replay =
        text.replace("[market.gaussian]\nvolatility-annual = \"60%\"\ndrift-annual = 0\n", "[market.replay]\nstart = \"2015-02-24\"\n");
    desk.put("replay.toml", &replay);
    desk.expect(0, &["run", "replay.toml", "--out", "s", "--quiet"]);
    let found = summary(&desk, "s");
    assert!(verdicts(&found).iter().all(|(_, verdict)| verdict == "pass"), "{:?}", verdicts(&found));
    assert_eq!(found["limits_joint"]["tests"], 0);
}

#[test]
fn a_hundred_paths_without_a_loss_do_not_pass_a_limit_that_the_truth_breaches() {
    let desk = desk("e19");
    desk.expect(0, &["run", "p.toml", "--out", "r", "--quiet", "--seed", "10"]);
    let found = summary(&desk, "r");
    let mean = &found["limits"][0]["estimate"];
    assert_eq!(mean["value"], 0.0);
    // the mean by quadrature is 0.138
    assert!(mean["ci_high"].as_f64().unwrap() > 0.138, "{mean}");
    assert!(verdicts(&found).iter().all(|(_, verdict)| verdict == "undecided"), "{:?}", verdicts(&found));
}

#[test]
fn another_seed_of_the_same_model_is_no_regression() {
    let desk = desk("e19");
    // some thirty paths of two thousand lose: rare enough for every error to be rough
    let regress = ["regress", "p.toml", "--baselines", "b", "--quiet", "--paths", "2000"];
    desk.expect(0, &[&regress[..], &["--update", "--seed", "1"]].concat());
    for seed in 2..12 {
        let seed = seed.to_string();
        let output = desk.levertide(&[&regress[..], &["--seed", &seed]].concat());
        let said = out(&output);
        assert!(!said.contains("moved by"), "seed {seed}: {said}");
    }
    // a tail three times as likely is one
    let said = out(&desk.levertide(&[&regress[..], &["--seed", "2", "--set", "market.student-t.volatility-annual=0.8"]].concat()));
    assert!(said.contains("moved by"), "{said}");
}

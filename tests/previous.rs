//! Sets a run beside an earlier report by the binary: what moved, and what the two were made of.

use crate::cli::{Desk, err};
use crate::support::json::summary;
use serde_json::Value;
use std::fs;

#[test]
fn a_run_set_beside_an_earlier_report_says_what_changed() {
    let desk = Desk::new();
    let run =
        |out: &str, more: &[&str], code: i32| desk.expect(code, &[&["run", "programme.toml", "--out", out, "--quiet"], more].concat());
    run("then", &[], 0);
    assert!(summary(&desk, "then").get("previous").is_none());
    run("now", &["--set", "margin.liquidation=129%", "--seed", "8", "--previous", "then"], 0);
    let (then, now) = (summary(&desk, "then"), summary(&desk, "now"));
    assert_eq!(now["previous"]["programme_hash"], then["programme_hash"]);
    assert!(now["previous"]["moved"].as_u64() > Some(0), "{}", now["previous"]);
    let of = |file: &Value, part: &str, field: &str| file["scenarios"][0][part]["liquidation_rate"][field].as_f64().expect("a number");
    let change = of(&now, "measures", "value") - of(&then, "measures", "value");
    assert!((of(&now, "change", "value") - change).abs() < 1e-12);
    let both = [&now, &then].map(|file| of(file, "measures", "std_error"));
    let error = (both[0] * both[0] + both[1] * both[1]).sqrt();
    assert!((of(&now, "change", "std_error") - error).abs() < 1e-12 && error > 0.0);
    let csv = fs::read_to_string(desk.path("now/tables/changes.csv")).expect("there");
    assert!(csv.contains("base,liquidation_rate,"), "{csv}");
    // and what the two were made of: a rule, and what is drawn
    let csv = fs::read_to_string(desk.path("now/tables/differs.csv")).expect("there");
    let lines: Vec<&str> = csv.lines().skip(1).collect();
    assert_eq!(lines.len(), 2, "{csv}");
    assert!(lines[0].starts_with("parameters,key,margin.liquidation,110%,129%") && lines[1].starts_with("noise,key,seed,7,8"), "{csv}");
    let page = fs::read_to_string(desk.path("now/report.html")).expect("there");
    for words in ["What the two were made of, as far as it differs", "margin.liquidation", "The largest moves, by their standard errors"] {
        assert!(page.contains(words), "{words}");
    }
    // the resolved programme knows the earlier report from wherever it lies
    desk.expect(0, &["run", "now/programme.resolved.toml", "--out", "again", "--quiet"]);
    for file in ["summary.json", "report.pdf"] {
        assert!(fs::read(desk.path("now").join(file)).unwrap() == fs::read(desk.path("again").join(file)).unwrap(), "{file}");
    }
    // what cannot be set beside it is said before anything runs
    assert!(err(&run("then", &["--force", "--previous", "then"], 2)).contains("the earlier report itself"));
    assert!(err(&run("other", &["--previous", "nowhere"], 4)).contains("--previous"));
    assert!(err(&run("other", &["--previous", "then", "--set", "currency=USD"], 4)).contains("CNY"));
}

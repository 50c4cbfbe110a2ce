//! Reads good programmes: what scenarios inherit, what flags change, what the resolved programme, template and schema hold.

use crate::faults_programme::{GOOD, load, load_with, set};
use levertide::inputs::programme::{self, Overrides};
use levertide::model::case::{Language, Severity};
use proptest::prelude::*;

#[test]
fn a_scenario_changes_its_own_keys_and_inherits_the_rest() {
    let programme = load(GOOD).unwrap();
    let [base, mild, replay] = &programme.scenarios[..] else { panic!("three scenarios") };
    assert_eq!((base.name.as_str(), base.severity), ("base", Severity::Base));
    assert_eq!((mild.case.simulation.horizon_days, mild.case.simulation.paths), (8, 1000));
    assert_eq!((mild.case.market.key(), replay.case.market.key()), ("gaussian", "replay"));
    assert_eq!(replay.case.margin, base.case.margin);
    assert_eq!(replay.narrative, "as it happened");
    // the same choice merges, another replaces, and a list is replaced
    let text = GOOD.replace(
        "horizon-days = 8",
        "horizon-days = 8\n[scenario.market.gaussian]\ndrift-annual = 0\n[[scenario.shocks]]\nvolatility = { multiple = 2 }",
    );
    let programme = load(&text).unwrap();
    let case = &programme.scenarios[1].case;
    let levertide::model::market::MarketSpec::Gaussian(gaussian) = &case.market else { panic!("gaussian") };
    assert_eq!(gaussian.volatility_annual.map(|v| v.get()), Some(0.3));
    assert_eq!(gaussian.drift_annual.map(|v| v.get()), Some(0.0));
    assert_eq!(case.shocks.len(), 1);
    assert_ne!(case.shocks, programme.scenarios[0].case.shocks);
}

#[test]
fn a_chinese_report_has_words_of_its_own_and_nothing_else_changes() {
    let text = GOOD.replace("name = \"mild\"", "name = \"mild\"\nzh = { name = \"轻度\", narrative = \"小跌\" }");
    let text = format!("{text}\n[report]\ntitle = \"Weekly\"\nowner = \"Risk\"\n[report.zh]\ntitle = \"每周\"\n");
    let programme = load(&text).unwrap_or_else(|p| panic!("{p}"));
    let [base, mild, _] = &programme.scenarios[..] else { panic!("three scenarios") };
    assert_eq!((mild.name_in(Language::Zh), mild.narrative_in(Language::Zh)), ("轻度", "小跌"));
    assert_eq!((mild.name_in(Language::En), base.name_in(Language::Zh)), ("mild", "base"));
    let cover = |language| programme.report.in_language(language);
    assert_eq!((cover(Language::Zh).title.as_deref(), cover(Language::Zh).owner.as_deref()), (Some("每周"), Some("Risk")));
    assert_eq!(cover(Language::En).title.as_deref(), Some("Weekly"));
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
    assert_eq!(mild.case, load(GOOD).unwrap().scenarios[1].case);
}

#[test]
fn a_date_may_stand_without_quotes() {
    let bare = GOOD.replace("\"2015-06-12\"", "2015-06-12").replace("\"2015-06-15\"", "2015-06-15");
    assert_eq!(load(&bare).unwrap(), load(GOOD).unwrap());
}

#[test]
fn flags_are_written_into_the_programme() {
    let overrides = Overrides {
        paths: Some(50),
        seed: Some(9),
        scenarios: vec!["mild".into()],
        set: [
            "margin.call=131%",
            "scenario.mild.margin.call=132%",
            "market.block-bootstrap.block-days=5",
            "scenario.2015 replay.narrative=x",
        ]
        .map(String::from)
        .to_vec(),
        language: Some(Language::Zh),
        previous: None,
    };
    let text = GOOD.replace("horizon-days = 8", "paths = 77\nhorizon-days = 8");
    let programme = load_with(&text, &overrides).unwrap();
    let [base, mild] = &programme.scenarios[..] else { panic!("the base and one scenario") };
    assert_eq!((programme.seed, base.case.simulation.paths, mild.case.simulation.paths), (9, 50, 50));
    assert_eq!(base.case.margin.call.unwrap().get(), 1.31);
    assert_eq!(mild.case.margin.call.unwrap().get(), 1.32);
    assert_eq!(base.case.market.key(), "block-bootstrap");
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
}

#[test]
fn a_limit_of_a_scenario_left_out_is_left_out() {
    let text = GOOD.replace("below = 5_000_000", "below = 5_000_000\nscenario = \"mild\"");
    let overrides = Overrides { scenarios: vec!["2015 replay".into()], ..Overrides::default() };
    let programme = load_with(&text, &overrides).unwrap();
    assert!(programme.limits.is_empty() && programme.scenarios.len() == 2);
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
}

#[test]
fn the_resolved_programme_runs_where_it_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let (home, report) = (folder.path().join("scenarios"), folder.path().join("reports/x"));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(&report).unwrap();
    std::fs::write(home.join("p.toml"), GOOD).unwrap();
    let first = programme::load(&home.join("p.toml"), &Overrides::default()).unwrap();
    let copy = report.join("programme.resolved.toml");
    let manifest = serde_json::json!({ "data_root": first.data_root_from(&report) });
    std::fs::write(&copy, &first.resolved_toml).unwrap();
    std::fs::write(report.join("manifest.json"), manifest.to_string()).unwrap();
    let again = programme::load(&copy, &Overrides::default()).unwrap();
    assert_eq!(again.folder.canonicalize().unwrap(), home.canonicalize().unwrap());
    assert_eq!(again.resolved_toml, first.resolved_toml);
    // a root that is given leads the way itself, and leaves no trace in the resolved programme
    std::fs::remove_file(report.join("manifest.json")).unwrap();
    let again = programme::load(&copy, &set(&["data.root=../../scenarios"])).unwrap();
    assert_eq!(again.folder.canonicalize().unwrap(), home.canonicalize().unwrap());
    assert_eq!(again.resolved_toml, first.resolved_toml);
}

#[test]
fn the_template_runs_as_it_is() {
    let programme = load(programme::template()).unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(programme.as_of.to_string(), "2015-06-12");
    let severities: Vec<Severity> = programme.scenarios.iter().map(|s| s.severity).collect();
    assert_eq!(severities, [Severity::Base, Severity::Mild, Severity::Severe]);
    assert!(!programme.limits.is_empty());
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
}

#[test]
fn every_shipped_programme_reads_as_it_is() {
    let mut read = 0;
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            programme::load(&path, &Overrides::default()).unwrap_or_else(|p| panic!("{p}"));
            read += 1;
        }
    }
    assert!(read > 0);
}

#[test]
fn the_schema_accepts_the_template_and_rejects_a_typo() {
    let schema: serde_json::Value = serde_json::from_str(&programme::schema()).unwrap();
    assert_eq!(programme::schema(), programme::schema());
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
    for good in [GOOD, programme::template(), &load(GOOD).unwrap().resolved_toml] {
        let errors: Vec<String> = validator.iter_errors(&json(good)).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let typos = [
        ("call = ", "cal = "),
        ("[interest]", "[interst]"),
        ("[market.gaussian]", "[market.gausian]"),
        ("day = 2", "dya = 2"),
        ("client = \"80%\"", "clientt = \"80%\""),
        ("[scenario.simulation]", "[scenario.simulaton]"),
        ("severity = \"mild\"", "severity = \"soft\""),
        ("schema = 1", "schema = 2"),
        ("name = \"weekly\"\n", ""),
        ("paths = 1000", "paths = \"many\""),
    ];
    for (from, to) in typos {
        assert!(!validator.is_valid(&json(&GOOD.replacen(from, to, 1))), "{to}");
    }
}

proptest! {
    #![proptest_config(crate::support::world::cases(64))]

    /// Whatever stands in a programme, its resolved text reads as the same programme and is written again the same.
    #[test]
    fn the_resolved_programme_is_a_fixed_point(
        paths in 1u64..1_000_000_000, seed in 0u64..(1 << 62), horizon in 3u32..1000, call in 1.12f64..1.39,
        volatility in 0.0f64..5.0, multiple in 0.01f64..50.0, name in "[^\\p{C}\\p{Zl}\\p{Zp}]{0,40}[a-z]", grade in "\\PC{1,8}", lot in 1.0f64..1e6,
        capital in 0.0f64..1e15, market in 0usize..3, mode in 0usize..4,
    ) {
        // a JSON string is a TOML string on one line
        let text = |s: &str| serde_json::to_string(s).unwrap();
        let market = ["block-bootstrap = { block-days = 7.5 }", "replay = { start = 2015-06-15 }", "gaussian = { trading-days = 250.5 }"][market];
        let mode = ["\"none\"", "{ fixed-split = { client = 0.123456789012345 } }", "{ performance-fee = { share = \"20%\" } }",
            "{ guaranteed = { return-annual = \"8%\" } }"][mode];
        let pairs = [
            format!("simulation.paths={paths}"), format!("seed={seed}"), format!("simulation.horizon-days={horizon}"),
            format!("margin.call={call}"), format!("scenario.mild.market.gaussian.volatility-annual={volatility}"),
            format!("shocks=[{{volatility={{multiple={multiple}}}}}]"), format!("name={}", text(&name)),
            format!("clients.cure-probability-by-grade={{{}=0.3}}", text(&grade)), format!("exchange.lot={lot}"),
            format!("pool.capital.{}={capital}", text(&grade)), format!("market={{{market}}}"), format!("sharing.mode={mode}"),
            format!("sharing.product.{}={mode}", text(&grade)), format!("report.title={}", text(&name)),
        ];
        let pairs: Vec<&str> = pairs.iter().map(String::as_str).collect();
        let first = load_with(GOOD, &set(&pairs)).unwrap_or_else(|p| panic!("{p}"));
        let again = load(&first.resolved_toml).unwrap_or_else(|p| panic!("{p}\n{}", first.resolved_toml));
        prop_assert_eq!(&again.resolved_toml, &first.resolved_toml);
        prop_assert_eq!(again, first);
    }
}

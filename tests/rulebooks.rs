//! Names rulebooks in programmes and accounts: what is in force, what stands over it, and what is told of a wrong name.

use crate::faults_programme::{GOOD, load};
use levertide::inputs::programme::{self, Overrides};
use levertide::model::case::Programme;
use levertide::model::margin::contract::LineOverride;
use levertide::units::Ratio;

/// The good programme with other keys under `[margin]`.
fn with_margin(margin: &str) -> String {
    let (before, rest) = GOOD.split_once("[margin]\n").expect("it has a margin");
    let (_, after) = rest.split_once("[liquidation]").expect("sales follow");
    format!("{before}[margin]\n{margin}\n[liquidation]{after}")
}

/// Call, limit, liquidation, restore-to and cure-days of a scenario for accounts of a product.
fn lines(programme: &Programme, scenario: usize, product: &str) -> (f64, f64, f64, f64, u32) {
    let lines = programme.scenarios[scenario].case.margin.lines(&LineOverride::default(), product);
    (lines.call, lines.limit, lines.liquidation, lines.restore_to, lines.cure_days)
}

#[test]
fn a_rulebook_gives_what_is_not_written_by_product_and_by_date() {
    let text = with_margin("rulebook = \"cn-broker-145\"\nversion = \"2015-07-01\"\ncall = \"132%\"\n[margin.products]\nfund = \"kr\"");
    let programme = load(&text).unwrap();
    assert_eq!(lines(&programme, 0, "standard"), (1.32, 1.45, 1.10, 1.45, 1));
    assert_eq!(lines(&programme, 0, "fund"), (1.40, 0.0, 0.0, 1.40, 1));
    // what is in force is written out, and reading that gives the same programme
    for written in ["version = \"2015-07-01\"", "limit = \"145%\"", "withdrawal = \"300%\"", "delay-days = 1"] {
        assert!(programme.resolved_toml.contains(written), "{written} in {}", programme.resolved_toml);
    }
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
    // the version in force follows the as-of date
    let regulated = with_margin("rulebook = \"cn-regulated\"");
    let initial = |as_of: &str| {
        let programme = load(&regulated.replace("2015-06-12", as_of)).unwrap();
        programme.scenarios[0].case.margin.initial_margin.map(Ratio::get)
    };
    assert_eq!([initial("2015-06-12"), initial("2015-11-23"), initial("2023-09-08")], [Some(0.5), Some(1.0), Some(0.8)]);
}

#[test]
fn a_scenario_that_names_a_rulebook_leaves_the_lines_of_the_base_behind() {
    let text = GOOD.replace(
        "[scenario.simulation]\nhorizon-days = 8",
        "[scenario.simulation]\nhorizon-days = 8\n[scenario.margin]\nrulebook = \"us-reg-t\"\nrestore-to = \"150%\"",
    );
    let programme = load(&text).unwrap();
    assert_eq!(lines(&programme, 0, ""), (1.3, 1.4, 1.1, 1.35, 2));
    let (call, limit, liquidation, restore, cure) = lines(&programme, 1, "");
    assert!((call - 4.0 / 3.0).abs() < 1e-9 && restore == 1.5);
    assert_eq!((limit, liquidation, cure), (0.0, 0.0, 3));
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
}

#[test]
fn a_scenarios_line_moves_the_targets_of_the_bases_rulebook_and_the_resolved_programme_says_so() {
    let text = with_margin("rulebook = \"kr\"")
        .replace("[scenario.simulation]\nhorizon-days = 8", "[scenario.simulation]\nhorizon-days = 8\n[scenario.margin]\ncall = \"150%\"");
    let programme = load(&text).unwrap();
    assert_eq!(lines(&programme, 0, ""), (1.4, 0.0, 0.0, 1.4, 1));
    assert_eq!(lines(&programme, 1, ""), (1.5, 0.0, 0.0, 1.5, 1));
    assert_eq!(load(&programme.resolved_toml).unwrap(), programme);
}

#[test]
fn an_unknown_or_later_rulebook_is_told_its_neighbours() {
    for (margin, what, fix) in [
        ("rulebook = \"cn-regulatd\"", "\"cn-regulatd\" is no rulebook", "did you mean `cn-regulated`?"),
        ("rulebook = \"cn-broker-145\"", "rulebook \"cn-broker-145\" has no version on 2015-06-12", "name another, or a later `version`"),
        ("[margin.products]\nfund = \"kk\"", "\"kk\" is no rulebook", "did you mean `kr`?"),
        ("version = \"2015-07-01\"", "found 2015-07-01", "name the `rulebook` too, or remove it"),
    ] {
        let problems = load(&with_margin(margin)).unwrap_err();
        let found = problems.iter().find(|p| p.what == what).unwrap_or_else(|| panic!("{margin}: {problems}"));
        assert_eq!(found.fix, fix, "{margin}");
        assert!(found.place.line.is_some(), "{margin}");
    }
}

#[test]
fn controls_that_cannot_be_meant_are_problems_at_their_keys() {
    for (margin, field) in [
        ("limit-action = { reduce-to = \"150%\" }", "margin.limit-action"),
        ("limit = \"140%\"\nlimit-action = { reduce-to = \"130%\" }", "margin.limit-action"),
        ("limit = \"140%\"\nlimit-action = { cap-leverage = 1.0 }", "margin.limit-action"),
        ("call = \"130%\"\ncured-at = \"120%\"", "margin.cured-at"),
        ("[margin.stop]\nposition-loss = \"120%\"", "margin.stop.position-loss"),
        ("[margin.haircuts]\nwidening = 1.0", "margin.haircuts.widening"),
        ("[margin.haircuts]\nbase = { flat = \"50%\" }\ncap = \"40%\"", "margin.haircuts.base"),
        ("[margin.volatility-trigger]\nthreshold = \"0%\"", "margin.volatility-trigger.threshold"),
        ("[margin.volatility-trigger]\nmeasure = { realised = 100 }", "margin.volatility-trigger.measure.realised"),
        ("[margin.volatility-trigger]\nabove-leverage = 2.0\ncut-to-leverage = 3.0", "margin.volatility-trigger.cut-to-leverage"),
        ("[margin.dynamic]\nfloor = \"100%\"", "margin.dynamic"),
        ("call = \"130%\"\n[margin.dynamic]\nfloor = \"400%\"", "margin.dynamic.floor"),
        ("[margin.template]\ncalm-leverage = 2.0\nstress-leverage = 3.0", "margin.template.stress-leverage"),
        ("[margin.investment-cap]\nrisk-factor = \"120%\"", "margin.investment-cap.risk-factor"),
    ] {
        let problems = load(&with_margin(margin)).unwrap_err();
        let fields: Vec<&str> = problems.iter().filter_map(|p| p.place.field.as_deref()).collect();
        assert_eq!(fields, [field], "{margin}: {problems}");
    }
    let sales = GOOD.replace("cost = \"1%\"", "cost = \"1%\"\ndaily-share = \"0%\"\n[liquidation.adl]\nupper = \"110%\"\nlower = \"120%\"");
    let problems = load(&sales).unwrap_err();
    let mut fields: Vec<&str> = problems.iter().filter_map(|p| p.place.field.as_deref()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["liquidation.adl.lower", "liquidation.daily-share"], "{problems}");
}

#[test]
fn an_account_stands_under_its_own_rulebook_and_its_own_lines_over_that() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it is written");
    write("prices.csv", "date,symbol,close\n2015-06-11,AAA,10\n2015-06-12,AAA,10\n");
    write("positions.csv", "account_id,symbol,quantity\na,AAA,10\nb,AAA,10\nc,AAA,10\n");
    let head = "account_id,tier,cash,loan,rulebook,liquidation,restore_to\n";
    write("accounts.csv", &format!("{head}a,A,0,10,,,\nb,A,0,10,cn-umbrella-3to1,,\nc,A,0,10,kr,1.2,1.5\n"));
    let programme = programme::parse(GOOD, "t.toml", folder.path(), &Overrides::default()).unwrap();
    let book = levertide::inputs::load(&programme).unwrap_or_else(|p| panic!("{p}")).book;
    let margin = &programme.scenarios[0].case.margin;
    let lines = [0, 1, 2].map(|a: usize| margin.lines(&book.lines[a], book.product_of(a)));
    assert_eq!((lines[0].call, lines[0].liquidation, lines[0].restore_to), (1.3, 1.1, 1.35));
    assert!((lines[1].liquidation - 1.2).abs() < 1e-12 && lines[1].call == 0.0 && lines[1].restore_to == 0.0);
    assert_eq!((lines[2].call, lines[2].liquidation, lines[2].restore_to, lines[2].delay_days), (1.4, 1.2, 1.5, Some(1)));
    // what they stand under is told, and counted by the one that names it
    let notes = levertide::inputs::load(&programme).expect("it loads").notes;
    let said = "accounts.csv: 2 accounts stand under rulebooks of their own: cn-umbrella-3to1 (version of 2014-01-01) 1, kr (version of 2010-01-01) 1";
    assert!(notes.iter().any(|note| note.en == said && note.zh.contains("kr（2010-01-01 版本）1 个")), "{notes:?}");
    let uses = |margin: &levertide::model::margin::Margin| -> Vec<String> {
        let uses = levertide::report::rulebooks::in_use(margin, &book);
        uses.iter().map(|used| format!("{} {} {} {}", used.row().rulebook, used.row().named_by, used.accounts, used.loans)).collect()
    };
    assert_eq!(uses(margin), ["cn-umbrella-3to1 account 1 10", "kr account 1 10"]);
    let text = with_margin("rulebook = \"tw\"\n[margin.products]\nstandard = \"us-reg-t\"\nfund = \"kr\"");
    let named = &load(&text).unwrap().scenarios[0].case.margin;
    let expected = ["tw programme 0 0", "kr product 0 0", "us-reg-t product 1 10", "cn-umbrella-3to1 account 1 10", "kr account 1 10"];
    assert_eq!(uses(named), expected);
    // a name that is none, and a target that restores nothing
    write("accounts.csv", &format!("{head}a,A,0,10,cn-umbrela-3to1,,\nb,A,0,10,,,1.05\n"));
    write("positions.csv", "account_id,symbol,quantity\na,AAA,10\nb,AAA,10\n");
    let problems = levertide::inputs::load(&programme).unwrap_err().to_string();
    assert!(problems.contains("did you mean `cn-umbrella-3to1`?") && problems.contains("restore_to 1.05"), "{problems}");
}

#[test]
fn an_account_opened_on_less_than_the_initial_margin_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it is written");
    write("prices.csv", "date,symbol,close\n2015-06-11,AAA,10\n2015-06-12,AAA,10\n");
    write("positions.csv", "account_id,symbol,quantity\na,AAA,15\nb,AAA,15\nc,AAA,15\nd,AAA,20\n");
    // own capital is 50 of a loan of 100 in each but the last; a's opening is not known, c is under a rulebook that asks for all of the loan
    let rows = "a,A,0,100,2015-05-04,,\nb,A,0,100,2015-06-12,,\nc,A,0,100,2015-06-12,,us-reg-t\nd,A,0,100,2015-05-04,40,\n";
    write("accounts.csv", &format!("account_id,tier,cash,loan,open_date,own_capital_initial,rulebook\n{rows}"));
    let notes = |margin: &str| -> Vec<String> {
        let programme = programme::parse(&with_margin(margin), "t.toml", folder.path(), &Overrides::default()).unwrap();
        let notes = levertide::inputs::load(&programme).unwrap_or_else(|p| panic!("{p}")).notes;
        notes.into_iter().filter(|n| n.en.contains("initial margin")).map(|n| format!("{} {}", n.en, n.zh)).collect()
    };
    let found = notes("rulebook = \"cn-regulated\"");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("2 of the 3 accounts whose opening is known") && found[0].contains(": c, d ") && found[0].contains("：c、d"));
    // a key of the programme binds those without another rulebook; without any, only that rulebook's account is known
    assert!(notes("call = \"130%\"\ninitial-margin = \"60%\"")[0].contains("3 of the 3 accounts"));
    assert!(notes("call = \"130%\"\ninitial-margin = \"40%\"")[0].contains("1 of the 3 accounts"));
    assert!(notes("call = \"130%\"")[0].contains("1 of the 1 accounts"));
}

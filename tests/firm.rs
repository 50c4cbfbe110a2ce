//! Holds the firm's indicators to hand-worked figures: a certain loss, its share, how often a level breaks, stages of loans, what is refused.

use crate::cli::{Desk, err};
use crate::code::root;
use crate::sampling::{Small, stratified};
use crate::support::{Account, as_of, book, gap, market, near, programme, ratio, run, still};
use levertide::measures::firm::{After, Standing, Stressed, after, before};
use levertide::measures::staging::over;
use levertide::measures::{Estimate, figure};
use levertide::model::book::Book;
use levertide::model::case::{Case, Programme, Scenario};
use levertide::model::firm::indicator::Indicator;
use levertide::model::firm::{Firm, Level, Levels, LossLevel, Rules};
use levertide::model::history::Market;
use levertide::model::pool::cash::Cash;
use levertide::model::sampling::Sampling;
use levertide::units::Day;
use serde_json::Value;
use std::fs;

/// A firm of which every figure is known.
fn firm() -> Firm {
    Firm {
        net_capital: Some(200.0),
        core_net_capital: Some(180.0),
        risk_capital_reserves: Some(100.0),
        total_assets: Some(1_000.0),
        net_assets: Some(250.0),
        liabilities: Some(700.0),
        liquid_assets: Some(150.0),
        net_outflows_30d: Some(100.0),
        stable_funding: Some(500.0),
        required_stable_funding: Some(400.0),
        ..Firm::default()
    }
}

/// One account that owes 80 on shares of 100, another that owes 10 on 100; prices fall by half: the first costs the pool 30 on every path.
struct Certain {
    programme: Programme,
    book: Book,
    market: Market,
}

impl Certain {
    fn new(firm: Firm, tiers: &[(&str, f64)]) -> Certain {
        let book = book(&[Account::of_one("a", 80.0, 100.0), Account::of_one("b", 10.0, 100.0)], tiers);
        let mut case = still(5);
        case.simulation.paths = 50;
        case.margin.liquidation = Some(ratio(1.1));
        case.shocks = vec![gap(1, -0.5)];
        let calm = Case { shocks: Vec::new(), ..case.clone() };
        let programme = Programme { firm: Some(firm), ..programme(1, vec![calm, case]) };
        Certain { programme, book, market: market(&[1.0]) }
    }

    /// Whether a client would pay is drawn, so that there are paths; none is ever asked, and all come to the same.
    fn drawn(mut self) -> Certain {
        for scenario in &mut self.programme.scenarios {
            let case = &mut scenario.case;
            (case.margin.call, case.margin.cure_days, case.clients.cure_probability) = (Some(ratio(1.2)), Some(1), ratio(0.5));
        }
        self
    }

    fn of(&self, scenario: usize) -> Stressed {
        let outcomes = run(&self.programme, &self.book, &self.market);
        let scenario_ = &self.programme.scenarios[scenario];
        after(&self.programme, scenario_, &self.book, &self.market, &outcomes[scenario]).expect("a firm")
    }
}

fn row(stressed: &Stressed, indicator: Indicator) -> &After {
    stressed.after.iter().find(|after| after.indicator == indicator).unwrap_or_else(|| panic!("no {indicator:?}"))
}

fn value(stressed: &Stressed, indicator: Indicator) -> &Estimate {
    row(stressed, indicator).value.as_ref().unwrap_or_else(|| panic!("{indicator:?} has nothing to divide by"))
}

#[test]
fn a_certain_loss_moves_every_indicator_as_worked_by_hand() {
    let world = Certain::new(firm(), &[("A", 200.0)]);
    let stressed = world.of(1);
    near(stressed.losses["firm_loss.es_99"].value, 30.0);
    let worked = [
        (Indicator::RiskCoverage, 170.0 / 100.0, Standing::Meets),
        (Indicator::CapitalLeverage, 150.0 / 970.0, Standing::NoLevel),
        (Indicator::NetCapitalToNetAssets, 170.0 / 220.0, Standing::Meets),
        (Indicator::NetCapitalToLiabilities, 170.0 / 700.0, Standing::Meets),
        (Indicator::NetAssetsToLiabilities, 220.0 / 700.0, Standing::Meets),
        // at its warning line, and not below it
        (Indicator::LiquidityCoverage, 120.0 / 100.0, Standing::Meets),
        (Indicator::StableFunding, 470.0 / 400.0, Standing::Warning),
        (Indicator::MarginToNetCapital, 90.0 / 170.0, Standing::NoLevel),
        (Indicator::ClientToNetCapital, 80.0 / 170.0, Standing::Breach),
    ];
    for (indicator, wanted, standing) in worked {
        let found = value(&stressed, indicator);
        near(found.value, wanted);
        // nothing is drawn: there is one path, and it is certain
        assert_eq!((found.std_error, row(&stressed, indicator).standing), (0.0, standing), "{indicator:?}");
    }
    // the page has the same figures
    let page = fs::read_to_string(root().join("docs/firm.md")).expect("the page is there");
    let stood = before(&world.programme, &world.book, &world.market).expect("a firm");
    for (indicator, after, _) in worked {
        let was = stood.before.iter().find(|row| row.indicator == indicator).and_then(|row| row.value).expect("a figure");
        let row = format!("| `{}` | {:.2} % | {:.2} % |", indicator.key(), 100.0 * was, 100.0 * after);
        assert!(page.contains(&row), "docs/firm.md lacks {row}");
    }
    let meets = |at: usize| stood.before[at].loss_to_limit.expect("a limit");
    near(meets(0), 100.0);
    // where paths are drawn, one loss on all of them is a bound and no certainty; at fifty paths it says little
    let drawn = Certain::new(firm(), &[("A", 200.0)]).drawn();
    let told = drawn.of(1);
    near(value(&told, Indicator::RiskCoverage).value, 1.7);
    assert!(value(&told, Indicator::RiskCoverage).std_error > 0.0);
    assert_eq!(row(&told, Indicator::LiquidityCoverage).standing, Standing::AtLimit);
    // without the fall nothing is lost, and every indicator stands where it stood, with a bound
    let (world, calm) = (&drawn, drawn.of(0));
    let stood = before(&world.programme, &world.book, &world.market).expect("a firm");
    for row in &stood.before {
        let Some(was) = row.value else { continue };
        near(value(&calm, row.indicator).value, was);
    }
    let cover = value(&calm, Indicator::RiskCoverage);
    assert!(cover.ci_low < 2.0 && cover.ci_high == Some(2.0) && cover.std_error > 0.0, "{cover:?}");
}

#[test]
fn a_level_breaks_on_the_paths_whose_loss_passes_it_and_on_no_other() {
    let level = |limit: f64, warning: f64| Some(Level { limit: ratio(limit), warning: Some(ratio(warning)) });
    // at a loss of 30 risk coverage is 170 %, and margin loans stand at 90/170 = 52.94 % of capital
    let levels = Levels { risk_coverage: level(1.69, 1.71), margin_to_net_capital: level(0.53, 0.52), ..Levels::default() };
    let world = Certain::new(Firm { levels, ..firm() }, &[("A", 200.0)]).drawn();
    let stressed = world.of(1);
    for indicator in [Indicator::RiskCoverage, Indicator::MarginToNetCapital] {
        let at = row(&stressed, indicator);
        let share = |e: &Option<Estimate>| e.as_ref().expect("a level").value;
        assert_eq!((share(&at.beyond_limit), share(&at.beyond_warning)), (0.0, 1.0), "{indicator:?}");
        let never = at.beyond_limit.as_ref().expect("a level");
        near(never.std_error, figure::never(50));
        assert!(never.ci_high.is_some_and(|high| high > 0.05), "{never:?}");
    }
    // broken before any stress: no path is needed
    let broken = Certain::new(Firm { levels: Levels { risk_coverage: level(2.5, 3.0), ..Levels::default() }, ..firm() }, &[("A", 200.0)]);
    let at = broken.of(0);
    let at = row(&at, Indicator::RiskCoverage);
    let share = at.beyond_limit.as_ref().expect("a level");
    assert_eq!((share.value, share.std_error, at.standing), (1.0, 0.0, Standing::Breach));
}

#[test]
fn only_what_the_firm_s_tiers_bear_is_its_loss() {
    let of = |tiers: &[&str], beyond_tiers: bool| {
        let firm = Firm { tiers: tiers.iter().map(ToString::to_string).collect(), beyond_tiers, ..firm() };
        let world = Certain::new(firm, &[("A", 12.0), ("B", 6.0), ("C", 4.0)]);
        world.of(1).losses["firm_loss.es_99"].value
    };
    // of 30 the tiers bear 4, 6 and 12 in the order C, B, A; 8 are left
    for (tiers, beyond, wanted) in [
        (&[][..], true, 30.0),
        (&["C"], false, 4.0),
        (&["C"], true, 12.0),
        (&["B", "A"], false, 18.0),
        (&["A", "B", "C"], true, 30.0),
        (&["A", "B", "C"], false, 22.0),
    ] {
        near(of(tiers, beyond), wanted);
    }
}

#[test]
fn capital_that_is_used_up_is_a_breach_and_no_number() {
    let small = Firm { net_capital: Some(20.0), core_net_capital: Some(20.0), net_assets: Some(25.0), ..firm() };
    let world = Certain::new(small, &[("A", 200.0)]);
    let stressed = world.of(1);
    let margin = row(&stressed, Indicator::ClientToNetCapital);
    assert_eq!((margin.value.is_none(), margin.standing), (true, Standing::Breach));
    assert_eq!(margin.beyond_limit.as_ref().map(|e| e.value), Some(1.0));
    let net = row(&stressed, Indicator::NetCapitalToNetAssets);
    assert_eq!((net.value.is_none(), net.standing), (true, Standing::Breach));
    // capital below nothing is a figure where what it is set against stays
    near(value(&stressed, Indicator::RiskCoverage).value, -0.1);
}

#[test]
fn reserves_fall_with_loans_that_end_where_a_rate_is_given() {
    let firm = Firm { margin_reserve_rate: Some(ratio(0.1)), margin_stable_factor: Some(ratio(0.5)), ..firm() };
    let stressed = Certain::new(firm, &[("A", 200.0)]).of(1);
    // the loan of 80 ends on every path, and no other
    near(stressed.losses["loans_ended.mean"].value, 80.0);
    near(value(&stressed, Indicator::RiskCoverage).value, 170.0 / 92.0);
    near(value(&stressed, Indicator::StableFunding).value, 470.0 / 360.0);
}

#[test]
fn the_loss_that_capital_is_set_against_is_the_one_asked_for() {
    let small = Small::new(3, 4_000, Sampling::default());
    let outcomes = small.outcomes();
    let of = |loss_level: LossLevel| {
        let programme = Programme { firm: Some(Firm { loss_level, ..firm() }), ..small.programme.clone() };
        after(&programme, &programme.scenarios[1], &small.book, &small.market, &outcomes[1]).expect("a firm")
    };
    let levels = [LossLevel::Mean, LossLevel::Es95, LossLevel::Es975, LossLevel::Es99, LossLevel::Es999];
    let covers: Vec<f64> = levels.map(|level| value(&of(level), Indicator::RiskCoverage).value).to_vec();
    assert!(covers.windows(2).all(|pair| pair[0] > pair[1]), "{covers:?}");
    let (stressed, measures) = (of(LossLevel::Es99), small.estimates(&outcomes[1]));
    let (tail, cover) = (&measures["pool_loss.es_99"], value(&stressed, Indicator::RiskCoverage));
    near(cover.value, (200.0 - tail.value) / 100.0);
    near(cover.std_error, tail.std_error / 100.0);
    near(cover.ci_low, (200.0 - tail.ci_high.expect("an end")) / 100.0);
    // and a share of paths is counted, not computed from the tail
    let bound = outcomes[1].path.pool_loss.iter().filter(|loss| 200.0 - **loss < 198.0).count() as f64 / 4_000.0;
    assert!(bound > 0.01 && bound < 0.99, "{bound}");
    let level = Level { limit: ratio(1.98), warning: Some(ratio(1.98)) };
    let own = Firm { levels: Levels { risk_coverage: Some(level), ..Levels::default() }, ..firm() };
    let programme = Programme { firm: Some(own), ..small.programme.clone() };
    let told = after(&programme, &programme.scenarios[1], &small.book, &small.market, &outcomes[1]).expect("a firm");
    let share = row(&told, Indicator::RiskCoverage).beyond_limit.clone().expect("a level");
    near(share.value, bound);
    near(share.std_error, (bound * (1.0 - bound) / 4_000.0).sqrt());
}

#[test]
fn a_sample_whose_paths_count_differently_gives_the_same_figures_within_its_errors() {
    let of = |sampling: Sampling| {
        let small = Small::new(5, 3_000, sampling);
        let levels = Levels { risk_coverage: Some(Level { limit: ratio(1.98), warning: None }), ..Levels::default() };
        let firm = Firm { levels, ..firm() };
        let programme = Programme { firm: Some(firm), ..small.programme.clone() };
        let outcomes = small.outcomes();
        after(&programme, &programme.scenarios[1], &small.book, &small.market, &outcomes[1]).expect("a firm")
    };
    let (plain, sampled) = (of(Sampling::default()), of(stratified(48_000)));
    // loans that end are not counted there
    assert!(plain.losses.contains_key("loans_ended.mean") && !sampled.losses.contains_key("loans_ended.mean"));
    let together = |a: &Estimate, b: &Estimate| {
        let spread = libm::hypot(a.std_error, b.std_error);
        assert!((a.value - b.value).abs() <= 4.0 * spread, "{} ± {} against {} ± {}", a.value, a.std_error, b.value, b.std_error);
    };
    together(value(&plain, Indicator::NetCapitalToLiabilities), value(&sampled, Indicator::NetCapitalToLiabilities));
    let share = |s: &Stressed| row(s, Indicator::RiskCoverage).beyond_limit.clone().expect("a level");
    together(&share(&plain), &share(&sampled));
    for (a, b) in plain.stages.iter().zip(&sampled.stages) {
        if a.accounts == b.accounts {
            together(&a.expected_loss, &b.expected_loss);
        }
    }
}

#[test]
fn liquid_assets_fall_by_the_cash_that_a_pool_kept_daily_uses() {
    let mut world = Certain::new(firm(), &[("A", 100.0)]);
    for scenario in &mut world.programme.scenarios {
        scenario.case.pool.cash = Some(Cash::default());
    }
    // idle cash of 10 at first, of loans of 90 and funding of 100: no path uses more; and nothing is paid out before sales are settled
    let stressed = world.of(1);
    let used = &stressed.losses["cash_used.es_99"];
    assert!((0.0..=10.0).contains(&used.value), "{used:?}");
    near(value(&stressed, Indicator::LiquidityCoverage).value, (150.0 - used.value) / 100.0);
    assert_eq!(row(&stressed, Indicator::LiquidityCoverage).source, "cash_used.es_99");
    // without a source of funds there is no idle cash at first, whatever capital is stated, and none is used
    let funding = std::mem::take(&mut world.book.funding);
    for scenario in &mut world.programme.scenarios {
        scenario.case.pool.capital = [("A".to_string(), 100.0)].into();
    }
    near(world.of(1).losses["cash_used.es_99"].value, 0.0);
    world.book.funding = funding;
    // cash of a pool of which the firm holds a tier is not the firm's
    world.programme.firm.as_mut().expect("a firm").tiers = vec!["A".into()];
    let stressed = world.of(1);
    assert!(!stressed.losses.contains_key("cash_used.es_99"));
    near(value(&stressed, Indicator::LiquidityCoverage).value, 1.2);
}

#[test]
fn other_currencies_have_the_programme_s_own_levels_alone() {
    let standing = |currency: &str, rules: Option<Rules>| {
        let mut world = Certain::new(Firm { rules, ..firm() }, &[("A", 200.0)]);
        world.programme.currency = currency.into();
        before(&world.programme, &world.book, &world.market).expect("a firm").before[0].standing
    };
    assert_eq!([standing("CNY", None), standing("KRW", None)], [Standing::Meets, Standing::NoLevel]);
    assert_eq!([standing("KRW", Some(Rules::Csrc)), standing("CNY", Some(Rules::Own))], [Standing::Meets, Standing::NoLevel]);
}

#[test]
fn the_largest_security_is_set_against_its_free_float_where_that_is_known() {
    let mut world = Certain::new(firm(), &[("A", 200.0)]);
    world.market.instruments[0].free_float_value = Some(800.0);
    let facts = before(&world.programme, &world.book, &world.market).expect("a firm");
    let float = facts.before.iter().find(|row| row.indicator == Indicator::SecurityToFloat).expect("a row");
    assert_eq!((float.value, float.standing, facts.securities[0].of_float), (Some(0.25), Standing::Breach, Some(0.25)));
    assert_eq!((facts.clients[0].id.as_str(), facts.clients[0].of_net_capital, facts.loans), ("a", Some(0.4), 90.0));
    // no path moves it
    let stressed = world.of(1);
    assert_eq!(value(&stressed, Indicator::SecurityToFloat).std_error, 0.0);
}

#[test]
fn loans_stand_in_the_stage_that_the_rules_say_and_lose_what_their_term_makes_of_a_horizon() {
    // 3: owes more than it holds; 3: at the liquidation line; 2: at the call line; 2: liquidated with certainty; 1: none of these
    let accounts = [
        Account::of_one("a", 120.0, 100.0),
        Account::of_one("b", 95.0, 100.0),
        Account::of_one("c", 80.0, 100.0),
        Account::of_one("d", 60.0, 100.0),
        Account::of_one("e", 10.0, 100.0),
        Account::of_one("without a loan", 0.0, 100.0),
    ];
    let book = book(&accounts, &[("A", 1_000.0)]);
    let mut case = still(10);
    case.simulation.paths = 40;
    (case.margin.call, case.margin.cure_days, case.margin.liquidation) = (Some(ratio(1.3)), Some(100), Some(ratio(1.1)));
    case.clients.cure_probability = ratio(0.5);
    case.shocks = vec![gap(1, -0.5)];
    let programme = Programme { firm: Some(firm()), ..programme(1, vec![case]) };
    let market = market(&[1.0]);
    let outcome = run(&programme, &book, &market).remove(0);
    let told = after(&programme, &programme.scenarios[0], &book, &market, &outcome).expect("a firm");
    let counts: Vec<(usize, f64)> = told.stages.iter().map(|stage| (stage.accounts, stage.loans)).collect();
    assert_eq!(counts, [(1, 10.0), (2, 140.0), (2, 215.0)]);
    // a shortfall is certain, so that more horizons add nothing: 30 and 10 of stage 2; `b` is sold at 100 on the as-of close or loses 45
    near(told.stages[1].expected_loss.value, 40.0);
    assert_eq!(told.stages[0].expected_loss.value, 0.0);
    assert!(told.stages[0].expected_loss.ci_high.is_some_and(|high| high > 0.0), "a loss never seen has a bound");
    assert!(told.stages[2].expected_loss.value >= 20.0, "at least what is owed beyond what is held: {:?}", told.stages[2]);
}

#[test]
fn a_horizon_s_loss_is_carried_to_longer_ones_without_passing_the_loss_given_a_shortfall() {
    near(over(2.0, 0.1, 3.0), 20.0 * (1.0 - 0.9 * 0.9 * 0.9));
    near(over(2.0, 0.1, 1.0), 2.0);
    near(over(2.0, 0.1, 1e9), 20.0);
    assert_eq!((over(0.0, 0.0, 12.0), over(7.0, 1.0, 12.0)), (0.0, 7.0));
    // the rest of a term that is shorter than the horizon counts for less
    assert!(over(2.0, 0.1, 0.5) < 2.0 && over(2.0, 0.1, 0.5) > 1.0);
}

#[test]
fn a_firm_moves_no_figure_of_the_simulation() {
    let with = Certain::new(firm(), &[("A", 200.0)]);
    let without = Programme { firm: None, ..with.programme.clone() };
    let of = |programme: &Programme| run(programme, &with.book, &with.market).remove(1).path.pool_loss;
    assert_eq!(of(&with.programme), of(&without));
    let scenario: &Scenario = &without.scenarios[1];
    assert!(after(&without, scenario, &with.book, &with.market, &run(&without, &with.book, &with.market)[1]).is_none());
    assert!(before(&without, &with.book, &with.market).is_none());
    assert!(as_of() > Day::from_ymd(2014, 3, 1).expect("a date"));
}

/// What a programme says of the firm of the desk.
const FIRM: &str = "[firm]\nname = \"Lender\"\nzh = { name = \"放款人\" }\nnet-capital = 40_000\ncore-net-capital = 40_000\n\
risk-capital-reserves = 20_000\ntotal-assets = 400_000\nnet-assets = 60_000\nliabilities = 300_000\nliquid-assets = 30_000\n\
net-outflows-30d = 20_000\nstable-funding = 250_000\nrequired-stable-funding = 200_000\n";

fn desk(firm: &str) -> Desk {
    let desk = Desk::new();
    desk.edit("programme.toml", "[[scenario]]", &format!("{firm}[[scenario]]"));
    desk
}

#[test]
fn the_pack_stands_in_the_report_the_tables_and_the_summary_with_the_source_of_every_cell() {
    let desk = desk(FIRM);
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    let table = |name: &str| fs::read_to_string(desk.path("r/tables").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let (indicators, losses) = (table("firm.csv"), table("firm_losses.csv"));
    let sources: Vec<&str> = indicators.lines().skip(1).map(|line| line.rsplit(',').next().expect("a cell")).collect();
    assert!(!sources.is_empty() && sources.iter().all(|source| !source.is_empty()), "{indicators}");
    for line in indicators.lines().filter(|line| line.contains("firm_losses.csv")) {
        let source = line.split('"').find(|cell| cell.starts_with("firm_losses.csv")).expect("a source");
        let (scenario, measure) = source.trim_start_matches("firm_losses.csv: scenario ").split_once(", measure ").expect("two parts");
        assert!(losses.lines().any(|row| row.starts_with(&format!("{scenario},{measure},"))), "{source} is no row of {losses}");
    }
    assert!(table("stages.csv").lines().count() > 6 && table("firm_names.csv").contains("client,a-1"));
    let page = fs::read_to_string(desk.path("r/report.html")).expect("there");
    for words in ["Capital and liquidity of the firm", "Risk coverage", "reaches Lender", "Expected credit loss by stage"] {
        assert!(page.contains(words), "the report lacks {words:?}");
    }
    let summary: Value = serde_json::from_slice(&fs::read(desk.path("r/summary.json")).expect("there")).expect("JSON");
    assert_eq!(summary["firm"]["statistic"], "es_99");
    assert_eq!(summary["firm"]["before"].as_array().map(Vec::len), Some(10));
    assert_eq!(summary["scenarios"][0]["firm"]["stages"].as_array().map(Vec::len), Some(3));
    // the resolved programme says the same again
    desk.expect(0, &["run", "r/programme.resolved.toml", "--out", "again", "--quiet"]);
    let again = fs::read_to_string(desk.path("again/tables/firm.csv")).expect("there");
    assert_eq!(again, indicators);
    // and in Chinese
    desk.expect(0, &["run", "programme.toml", "--out", "zh", "--set", "report.language=zh", "--quiet"]);
    let page = fs::read_to_string(desk.path("zh/report.html")).expect("there");
    assert!(page.contains("风险覆盖率") && page.contains("传导至放款人的损失"));
    // without a firm there is none of it
    let bare = Desk::new();
    bare.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    assert!(!bare.path("r/tables/firm.csv").exists());
    assert!(!fs::read_to_string(bare.path("r/report.html")).expect("there").contains("Capital and liquidity of the firm"));
}

#[test]
fn what_is_wrong_with_a_firm_is_told_at_its_key_all_at_once() {
    let refused = |text: &str, wanted: &[&str]| {
        let desk = desk(text);
        let told = err(&desk.expect(3, &["check", "programme.toml"]));
        for words in wanted {
            assert!(told.contains(words), "{words}\n{told}");
        }
    };
    let put = |from: &str, to: &str| {
        assert!(FIRM.contains(from), "{from}");
        FIRM.replace(from, to)
    };
    refused(&put("net-capital = 40_000\ncore", "net-capital = -1\ncore"), &["`firm.net-capital`: found -1"]);
    refused(&put("20_000\ntotal", "0\ntotal"), &["`firm.risk-capital-reserves`: found 0", "indicators divide by it"]);
    refused(
        &put("core-net-capital = 40_000", "core-net-capital = 50_000"),
        &["`firm.core-net-capital`: found 50000, and `net-capital` is 40000"],
    );
    refused(&put("net-assets = 60_000", "net-assets = 600_000"), &["`firm.net-assets`: found 600000, and `total-assets` is 400000"]);
    refused(&put("liquid-assets = 30_000", "liquid-assets = nan"), &["`firm.liquid-assets`: found NaN"]);
    refused(&put("name = \"Lender\"", "name = \"\""), &["`firm.name`: found \"\""]);
    refused(&format!("{FIRM}net-captial = 5\n"), &["`firm.net-captial`", "net-capital"]);
    refused(&format!("{FIRM}tiers = [\"D\"]\n"), &["`firm.tiers`: found \"D\"", "name one of: A, B, C"]);
    let much = ["`firm.margin-reserve-rate`: 50% of loans of 165000 is 82500, and `risk-capital-reserves` is 20000"];
    refused(&format!("{FIRM}margin-reserve-rate = \"50%\"\n"), &much);
    refused(&format!("{FIRM}tiers = [\"A\", \"A\"]\n"), &["tier \"A\" stands twice"]);
    refused(&format!("{FIRM}beyond-tiers = false\n"), &["`firm.beyond-tiers`: found false, and no tiers"]);
    refused(&format!("{FIRM}loss-level = \"es-98\"\n"), &["\"es-98\" is not a choice here"]);
    refused(&format!("{FIRM}rules = \"basel\"\n"), &["\"basel\" is not a choice here"]);
    refused(&format!("{FIRM}margin-reserve-rate = \"120%\"\n"), &["`firm.margin-reserve-rate`: found 120%"]);
    refused("[firm]\nnet-capital = 5\nmargin-stable-factor = \"50%\"\n", &["`required-stable-funding` is not given"]);
    refused(&format!("{FIRM}[firm.levels]\nrisk-coverage = {{ limit = \"0%\" }}\n"), &["`firm.levels.risk-coverage.limit`: found 0%"]);
    refused(&format!("{FIRM}[firm.levels]\ncapital-leverage = {{ limit = \"100%\" }}\n"), &["none of them brings it below 100%"]);
    let inside =
        "risk-coverage = { limit = \"100%\", warning = \"90%\" }\nmargin-to-net-capital = { limit = \"400%\", warning = \"500%\" }\n";
    let told = ["`firm.levels.risk-coverage.warning`: found 90%", "`firm.levels.margin-to-net-capital.warning`: found 500%"];
    refused(&format!("{FIRM}[firm.levels]\n{inside}"), &told);
    refused(
        &format!("{FIRM}[firm.staging]\nstage-2-probability = \"120%\"\ndays-a-year = 20\n"),
        &["found 120%", "`firm.staging.days-a-year`: found 20"],
    );
    // a firm is the programme's, and no scenario's
    let desk = desk("");
    desk.edit("programme.toml", "severity = \"severe\"", "severity = \"severe\"\nfirm = { net-capital = 5 }");
    let told = err(&desk.expect(3, &["check", "programme.toml"]));
    assert!(told.contains("firm"), "{told}");
}

//! Breaks every key of `[pool]` that a check watches, one at a time: each fault is one problem, at its line and key.

use crate::faults_programme::{GOOD, load, only};
use levertide::problem::exit;

/// The good programme with more under `[pool]`; `keys` begins on this line.
const FIRST: usize = 37;

fn with(keys: &str) -> String {
    // one horizon for all scenarios, so that a session beyond it is one problem
    let text = GOOD
        .replace("[scenario.simulation]\nhorizon-days = 8\n", "")
        .replace("recourse = \"20%\"\n", &format!("recourse = \"20%\"\n{keys}\n"));
    assert_eq!(text.lines().nth(FIRST - 2), Some("recourse = \"20%\""));
    text
}

/// What stands under `[pool]`, the line of it that is at fault (from 1), the key the problem names, and what it says.
const FAULTS: &[(&str, usize, &str, &str)] = &[
    ("recourse-delay-days = 1001\n[pool.cash]", 1, "recourse-delay-days", "found 1001"),
    ("line-add = { A = \"-1%\" }", 1, "line-add.A", "found -1%"),
    ("line-add = { A = \"501%\" }", 1, "line-add.A", "found 501%"),
    ("replenish-daily = { C = \"101%\" }\n[pool.cash]", 1, "replenish-daily.C", "found 101%"),
    // what happens in time needs the cash account
    ("recourse-delay-days = 5", 1, "recourse-delay-days", "stands without [pool.cash]"),
    ("replenish-daily = { C = \"5%\" }", 1, "replenish-daily", "stands without [pool.cash]"),
    ("funding = {}", 1, "funding", "stands without [pool.cash]"),
    ("run = {}", 1, "run", "stands without [pool.cash]"),
    ("hedge = { tier = \"C\" }", 1, "hedge", "stands without [pool.cash]"),
    ("failure = {}", 1, "failure", "stands without [pool.cash]"),
    ("triggers = [{ pool-loss = \"1%\", recall = \"1%\" }]", 1, "triggers", "stands without [pool.cash]"),
    ("lending.loan-to-value = {}", 1, "lending", "stands without [pool.cash]"),
    // lending
    ("lending.spread-by-grade = { A = \"201%\" }", 1, "lending.spread-by-grade.A", "found 201%"),
    ("cash = {}\n[pool.lending.loan-to-value]\nbase = \"101%\"", 3, "lending.loan-to-value.base", "found 101%"),
    ("cash = {}\n[pool.lending.loan-to-value]\nfloor = \"-1%\"", 3, "lending.loan-to-value.floor", "found -1%"),
    ("cash = {}\n[pool.lending.loan-to-value]\nfunding-weight = -1", 3, "lending.loan-to-value.funding-weight", "found -1"),
    ("cash = {}\n[pool.lending.loan-to-value]\nvolatility-weight = -1", 3, "lending.loan-to-value.volatility-weight", "found -1"),
    ("cash = {}\n[pool.lending.loan-to-value]\nstress-weight = -1", 3, "lending.loan-to-value.stress-weight", "found -1"),
    ("cash = {}\n[pool.lending.loan-to-value]\nparticipation = 0", 3, "lending.loan-to-value.participation", "found 0%"),
    // cash
    ("[pool.cash]\nidle = \"101%\"", 2, "cash.idle", "found 101%"),
    ("[pool.cash]\nminimum = \"-1%\"", 2, "cash.minimum", "found -1%"),
    ("[pool.cash]\ncycle-days = 0.5", 2, "cash.cycle-days", "found 0.5"),
    ("[pool.cash]\nsettlement-days = 1001", 2, "cash.settlement-days", "found 1001"),
    ("[pool.cash]\ngrace-days = 1001", 2, "cash.grace-days", "found 1001"),
    ("[pool.cash]\nrecall = \"newest\"", 2, "cash.recall", "\"newest\" is not a choice"),
    // funding
    ("cash = {}\n[pool.funding]\nroll-probability = \"101%\"", 3, "funding.roll-probability", "found 101%"),
    ("cash = {}\n[pool.funding]\nroll-days = 0", 3, "funding.roll-days", "found 0"),
    ("cash = {}\n[pool.funding]\nloan-roll-probability = \"101%\"", 3, "funding.loan-roll-probability", "found 101%"),
    ("cash = {}\n[pool.funding.roll-probability-by-source]\nB1 = \"101%\"", 3, "funding.roll-probability-by-source.B1", "found 101%"),
    // run
    ("cash = {}\n[pool.run]\nhazard-daily = \"100%\"", 3, "run.hazard-daily", "found 100%"),
    ("cash = {}\n[pool.run]\nshare = \"101%\"", 3, "run.share", "found 101%"),
    ("cash = {}\n[pool.run]\nnotice-days = 1001", 3, "run.notice-days", "found 1001"),
    ("cash = {}\n[pool.run]\nloss-weight = -1", 3, "run.loss-weight", "found -1"),
    ("cash = {}\n[pool.run]\nbuffer-weight = -1", 3, "run.buffer-weight", "found -1"),
    ("cash = {}\n[pool.run]\nbuffer-days = -1", 3, "run.buffer-days", "found -1"),
    ("cash = {}\n[pool.run]\nstress-weight = -1", 3, "run.stress-weight", "found -1"),
    // hedge
    ("cash = {}\n[pool.hedge]\ntier = \"C\"\nratio = 6", 4, "hedge.ratio", "found 600%"),
    ("cash = {}\n[pool.hedge]\ntier = \"C\"\nbasis-volatility-daily = 2", 4, "hedge.basis-volatility-daily", "found 200%"),
    ("cash = {}\n[pool.hedge]\ntier = \"C\"\ncost-annual = 3", 4, "hedge.cost-annual", "found 300%"),
    ("cash = {}\n[pool.hedge]\ntier = \"C\"\nmargin = 2", 4, "hedge.margin", "found 200%"),
    ("cash = {}\n[pool.hedge]\ntier = \" \"", 3, "hedge.tier", "no tier is named"),
    ("cash = {}\n[pool.hedge]\ntier = \"C\"\nweighting = \"cap\"", 4, "hedge.weighting", "\"cap\" is not a choice"),
    // failure
    ("cash = {}\n[pool.failure]\nsources = [\"B1\"]\nsource-day = 11", 4, "failure.source-day", "found day 11"),
    ("cash = {}\n[pool.failure.custodian]\nday = 0", 3, "failure.custodian.day", "found day 0"),
    ("cash = {}\n[pool.failure.custodian]\ncash-share = 2", 3, "failure.custodian.cash-share", "found 200%"),
    ("cash = {}\n[pool.failure.custodian]\nclient-share = 2", 3, "failure.custodian.client-share", "found 200%"),
    ("cash = {}\n[pool.failure.custodian]\nhaircut = 1", 3, "failure.custodian.haircut", "found 100%"),
    ("cash = {}\n[pool.failure.custodian]\nfrozen-days = 0", 3, "failure.custodian.frozen-days", "found 0"),
    // triggers
    ("cash = {}\n[[pool.triggers]]\nrecall = \"1%\"", 2, "triggers[1]", "it waits for nothing"),
    ("cash = {}\n[[pool.triggers]]\nstress = \"1%\"", 2, "triggers[1]", "it does nothing"),
    ("cash = {}\n[[pool.triggers]]\nrecall = \"1%\"\npool-loss = 2", 4, "triggers[1].pool-loss", "found 200%"),
    ("cash = {}\n[[pool.triggers]]\nrecall = \"1%\"\nstress = 2", 4, "triggers[1].stress", "found 200%"),
    ("cash = {}\n[[pool.triggers]]\nrecall = \"1%\"\nbuffer-days = -1", 4, "triggers[1].buffer-days", "found -1"),
    ("cash = {}\n[[pool.triggers]]\nstress = 1\nrecall = 2", 4, "triggers[1].recall", "found 200%"),
    ("cash = {}\n[[pool.triggers]]\nstress = 1\nloss-order = [\"A\", \"A\"]", 4, "triggers[1].loss-order[2]", "found \"A\""),
    ("cash = {}\n[[pool.triggers]]\nstress = 1\nreplenish = { A = -1 }", 4, "triggers[1].replenish.A", "found -1"),
];

#[test]
fn every_fault_of_the_pool_is_one_problem_at_its_line() {
    for (keys, line, field, says) in FAULTS {
        let problems = load(&with(keys)).err().unwrap_or_else(|| panic!("accepted:\n{keys}"));
        assert_eq!(problems.exit_code(), exit::PROGRAMME, "{keys}\n{problems}");
        let found = only(problems);
        assert_eq!(found.place.field.as_deref(), Some(format!("pool.{field}").as_str()), "{keys}: {found:?}");
        assert_eq!(found.place.line, Some(FIRST - 1 + line), "{keys}: {found:?}");
        assert!(found.what.contains(says), "{keys}: {found:?}");
        assert!(!found.why.is_empty() && !found.fix.is_empty(), "{keys}: {found:?}");
    }
    for good in ["cash = {}", "cash = {}\nrun = {}\nfunding = {}\nhedge = { tier = \"C\" }\nfailure = {}", "line-add = { A = \"10%\" }"] {
        assert!(load(&with(good)).is_ok(), "{good}");
    }
}

#[test]
fn given_correlations_without_a_file_are_found_before_anything_is_fitted() {
    let market = "[market.gaussian]\nvolatility-annual = \"30%\"\ncorrelation = 0.5";
    for model in ["gaussian", "student-t", "t-copula"] {
        let text = GOOD.replace(market, &format!("[market.{model}]\ncovariance = \"given\""));
        let found = only(load(&text).err().unwrap_or_else(|| panic!("{model} accepted")));
        assert_eq!(found.place.field.as_deref(), Some(format!("market.{model}.covariance").as_str()));
        assert_eq!((found.place.line, found.what.as_str()), (Some(15), "found \"given\" without a file"));
        assert!(load(&text.replace("accounts = ", "correlations = \"c.csv\"\naccounts = ")).is_ok(), "{model}");
    }
    // in a scenario and in the panel of further models too
    let scenario = GOOD.replace("horizon-days = 8", "horizon-days = 8\n[scenario.market.student-t]\ncovariance = \"given\"");
    assert_eq!(only(load(&scenario).unwrap_err()).place.field.as_deref(), Some("scenario.mild.market.student-t.covariance"));
    let panel = GOOD.replace("[[limits]]", "[[model-risk.models]]\nmarket.t-copula = { covariance = \"given\" }\n[[limits]]");
    assert_eq!(only(load(&panel).unwrap_err()).place.field.as_deref(), Some("model-risk.models[1].market.t-copula.covariance"));
}

#[test]
fn a_limit_that_can_never_be_judged_is_named_with_its_line() {
    let desk = crate::cli::Desk::new();
    let text = std::fs::read_to_string(desk.path("programme.toml")).expect("there");
    let limits =
        "\n[[limits]]\nmeasure = \"pool_loss.mean\"\nbelow = 1e12\n[[limits]]\nbelow = \"1%\"\nmeasure = \"tier.Z.hit_probability\"\n";
    desk.put("programme.toml", &format!("{text}{limits}"));
    let kept = text.lines().count();
    let own = text.matches("[[limits]]").count();
    let said = crate::cli::err(&desk.expect(3, &["check", "programme.toml"]));
    let place = format!("programme.toml:{}, `limits[{}].measure`", kept + 7, own + 2);
    assert!(said.contains(&place) && said.contains("unknown measure `tier.Z.hit_probability`"), "{place}\n{said}");
}

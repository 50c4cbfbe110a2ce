//! Checks the figures given to a market model, each in its range.

use super::check::{Check, found};
use crate::model::market::covariance::Covariance;
use crate::model::market::jump_diffusion::GivenJumps;
use crate::model::market::{MarketSpec, regimes, t_copula};
use crate::units::Ratio;

pub fn market(market: &MarketSpec, check: &mut Check<'_, '_, '_>) {
    match market {
        MarketSpec::Gaussian(g) => {
            annual("gaussian", (g.volatility_annual, g.drift_annual, g.correlation), g.trading_days, check);
            covariance("gaussian", g.covariance, g.factors, g.correlation, check);
        }
        MarketSpec::StudentT(t) => {
            annual("student-t", (t.volatility_annual, t.drift_annual, t.correlation), t.trading_days, check);
            covariance("student-t", t.covariance, t.factors, t.correlation, check);
            degrees("student-t", t.degrees_of_freedom, check);
        }
        MarketSpec::JumpDiffusion(j) => {
            annual("jump-diffusion", (j.volatility_annual, j.drift_annual, j.correlation), j.trading_days, check);
            factor("jump-diffusion", j.correlation, check);
            jumps("common-jumps", j.common_jumps.as_ref(), check);
            jumps("own-jumps", j.own_jumps.as_ref(), check);
        }
        MarketSpec::TCopula(t) => {
            covariance("t-copula", t.covariance, t.factors, t.correlation, check);
            let path = ["market", "t-copula", "correlation"];
            let why = "symbols that share one factor are correlated by 0 to 1";
            check.number(&path, t.correlation.map_or(0.0, Ratio::get), (0.0, 1.0), why);
            let (least, most) = t_copula::DEGREES;
            let why = "degrees of freedom lie within 2 and 200, where a t copula is a normal one";
            check.number(&["market", "t-copula", "degrees-of-freedom"], t.degrees_of_freedom.unwrap_or(most), (least, most), why);
        }
        MarketSpec::RegimeSwitching(r) => {
            let why = "a market is split into 2 or 3 regimes";
            check.number(&["market", "regime-switching", "regimes"], f64::from(r.regimes), (2.0, regimes::MOST as f64), why);
        }
        MarketSpec::BlockBootstrap(_) | MarketSpec::FilteredHistorical(_) | MarketSpec::Given(_) | MarketSpec::Replay(_) => {}
    }
}

/// Correlations that are to be read need the file that holds them.
pub fn given(market: &MarketSpec, check: &mut Check<'_, '_, '_>) {
    let (model, choice) = match market {
        MarketSpec::Gaussian(g) => ("gaussian", g.covariance),
        MarketSpec::StudentT(t) => ("student-t", t.covariance),
        MarketSpec::TCopula(t) => ("t-copula", t.covariance),
        _ => return,
    };
    let why = "given correlations are read from the file of [data] correlations";
    let fix = "name the file under [data], or let them be estimated";
    let path: &[&str] = &["market", model, "covariance"];
    check.require(choice != Covariance::Given, &[path], || "found \"given\" without a file".into(), why, fix);
}

/// Volatility, drift and correlation where given, and the sessions of a year.
fn annual(model: &str, given: (Option<Ratio>, Option<Ratio>, Option<Ratio>), trading_days: f64, check: &mut Check<'_, '_, '_>) {
    let (volatility, drift, correlation) = given;
    if let Some(volatility) = volatility {
        let why = "an annual volatility lies within 0% and 1000%";
        let holds = (0.0..=10.0).contains(&volatility.get());
        let path: &[&str] = &["market", model, "volatility-annual"];
        check.require(holds, &[path], || found(volatility), why, "write it as \"30%\" or 0.3");
    }
    if let Some(drift) = drift {
        let why = "an annual drift lies within -1000% and 1000%";
        let path: &[&str] = &["market", model, "drift-annual"];
        check.require(drift.get().abs() <= 10.0, &[path], || found(drift), why, "write it as \"8%\" or 0.08");
    }
    if let Some(correlation) = correlation {
        let why = "a correlation lies within -1 and 1";
        let path: &[&str] = &["market", model, "correlation"];
        let what = || format!("found {}", correlation.get());
        check.require(correlation.get().abs() <= 1.0, &[path], what, why, "write for example 0.5");
    }
    let why = "a year has 1 to 366 sessions";
    check.number(&["market", model, "trading-days"], trading_days, (1.0, 366.0), why);
}

/// A choice of covariance, and the keys that go with it.
fn covariance(model: &str, choice: Covariance, factors: Option<u32>, correlation: Option<Ratio>, check: &mut Check<'_, '_, '_>) {
    let path: &[&str] = &["market", model, "factors"];
    if let Some(k) = factors {
        let why = "only a factor model has factors";
        let fix = "write covariance = \"factor\" beside it, or leave the key out";
        let what = || format!("found {k} without covariance = \"factor\"");
        check.require(choice == Covariance::Factor, &[path, &["market", model, "covariance"]], what, why, fix);
        check.number(path, f64::from(k), (1.0, 1000.0), "a factor model has 1 to 1000 factors");
    }
    let alone = choice == Covariance::Auto || correlation.is_none();
    let why = "one correlation for all symbols leaves nothing to estimate";
    let paths: [&[&str]; 2] = [&["market", model, "covariance"], &["market", model, "correlation"]];
    check.require(alone, &paths, || "stands beside a given correlation".into(), why, "leave out covariance or correlation");
}

/// A correlation that comes of one common factor.
fn factor(model: &str, correlation: Option<Ratio>, check: &mut Check<'_, '_, '_>) {
    let Some(correlation) = correlation.filter(|rho| (-1.0..0.0).contains(&rho.get())) else { return };
    let why = "symbols that share one factor are correlated by 0 to 1";
    let path: &[&str] = &["market", model, "correlation"];
    check.require(false, &[path], || format!("found {}", correlation.get()), why, "write for example 0.5");
}

fn degrees(model: &str, degrees: Option<f64>, check: &mut Check<'_, '_, '_>) {
    let Some(degrees) = degrees else { return };
    let path: &[&str] = &["market", model, "degrees-of-freedom"];
    let holds = degrees > 2.0 && degrees.is_finite();
    let why = "a Student t has a variance only above 2 degrees of freedom";
    check.require(holds, &[path], || format!("found {degrees}"), why, "write for example 5, or leave the key out to fit it");
}

fn jumps(key: &str, jumps: Option<&GivenJumps>, check: &mut Check<'_, '_, '_>) {
    let Some(jumps) = jumps else { return };
    let at = ["market", "jump-diffusion", key];
    let path = |figure: &'static str| [&at[..], &[figure]].concat();
    check.number(&path("per-year"), jumps.per_year, (0.0, 1000.0), "a year has 0 to 1000 jumps");
    let why = "the mean log size of a jump lies within -200% and 200%";
    check.require(jumps.mean.get().abs() <= 2.0, &[&path("mean")], || found(jumps.mean), why, "write for example \"-8%\"");
    let why = "the deviation of a jump's log size lies within 0% and 200%";
    let holds = (0.0..=2.0).contains(&jumps.deviation.get());
    check.require(holds, &[&path("deviation")], || found(jumps.deviation), why, "write for example \"5%\"");
}

//! Checks one complete case, base or scenario, key against key: lines in order, shares within bounds, days in the horizon.

use super::check_clients;
use super::check_controls;
use super::check_margin;
use super::check_parts;
use super::check_pool;
use super::gather::{Check, HORIZON_DAYS, PATHS, found};
use super::locate::View;
use crate::model::case::{Case, Simulation};
use crate::model::exchange::costs::stamp_duty_most;
use crate::model::exchange::{Costs, Exchange, StampDuty};
use crate::model::liquidation::Liquidation;
use crate::model::market::drift::Drift;
use crate::model::sampling::CANDIDATES_MOST;
use crate::model::sharing::{Mode, Sharing};
use crate::model::until::Until;
use crate::problem::Problems;
use crate::units::Day;

/// Checks one complete case, as it stands on the as-of date.
pub fn case(case: &Case, as_of: Option<Day>, view: &View<'_, '_>, problems: &mut Problems) {
    let mut check = Check { view, problems, above: Vec::new() };
    simulation(case, &mut check);
    check_parts::market(&case.market, &mut check);
    for (index, shock) in case.shocks.iter().enumerate() {
        check_parts::shock(shock, &index.to_string(), case.simulation.horizon_days, &mut check);
    }
    check_parts::rules(case, &mut check);
    drift(case.estimation.drift, &mut check);
    exchange(&case.exchange, &mut check);
    costs(&case.costs, &case.liquidation, &mut check);
    check_margin::margin(&case.margin, as_of, &mut check);
    check_controls::margin(&case.margin, &mut check);
    liquidation(&case.liquidation, &mut check);
    check_controls::liquidation(&case.liquidation, &mut check);
    check_clients::clients(&case.clients, &case.margin, &case.pool, &mut check);
    sharing(&case.sharing, &mut check);
    check_pool::pool(&case.pool, case.simulation.horizon_days, &mut check);
    check_clients::feedback(&case.feedback, &mut check);
    let days = case.interest.day_count;
    for (key, rise) in [("loan-rate-rise", case.interest.loan_rate_rise), ("funding-rate-rise", case.interest.funding_rate_rise)] {
        let holds = (0.0..=1.0).contains(&rise.get());
        let why = "a rise of an annual rate lies within 0% and 100%";
        check.require(holds, &[&["interest", key]], || found(rise), why, "write it as \"2%\" or 0.02");
    }
    let why = "interest is counted on a year of 365 or 360 days";
    check.require([365, 360].contains(&days), &[&["interest", "day-count"]], || format!("found {days}"), why, "write 365 or 360");
}

fn simulation(case: &Case, check: &mut Check<'_, '_, '_>) {
    let (paths, horizon) = (case.simulation.paths, case.simulation.horizon_days);
    let why = "a scenario is simulated on 1 to 1,000,000,000 paths";
    let what = || format!("found {paths}");
    check.require((1..=PATHS).contains(&paths), &[&["simulation", "paths"]], what, why, "write for example 100_000");
    let why = "a path lasts 1 to 1000 trading sessions";
    let what = || format!("found {horizon}");
    check.require((1..=HORIZON_DAYS).contains(&horizon), &[&["simulation", "horizon-days"]], what, why, "use 1 or more");
    check.confidence(&["simulation", "confidence"], case.simulation.confidence);
    sampling(&case.simulation, check);
    if let Some(until) = &case.simulation.until {
        until_exact(until, paths, check);
    }
    if let (Some(start), Some(end)) = (case.estimation.start, case.estimation.end) {
        let what = || format!("start {start} lies after end {end}");
        let why = "the estimation window runs from its first day to its last";
        check.require(start <= end, &[&["estimation", "start"], &["estimation", "end"]], what, why, "swap them");
    }
}

fn until_exact(until: &Until, paths: u64, check: &mut Check<'_, '_, '_>) {
    let key = |name: &'static str| ["simulation", "until", name];
    let why = "a run goes on until at least one figure is exact";
    let fix = "write keys of summary.json, for example [\"pool_loss.es_97_5\"]";
    check.require(!until.measures.is_empty(), &[&key("measures")], || "found no key".into(), why, fix);
    let holds = until.half_width.get() > 0.0 && until.half_width.get() < 1.0;
    let why = "half of an interval is a share of its figure between 0% and 100%";
    check.require(holds, &[&key("half-width")], || found(until.half_width), why, "write for example \"1%\"");
    if let Some(width) = until.half_width_absolute {
        let why = "half of an interval in the figure's own unit is above 0";
        let holds = width > 0.0 && width.is_finite();
        check.require(holds, &[&key("half-width-absolute")], || format!("found {width}"), why, "write for example 10_000");
    }
    let (what, why) =
        (|| format!("found {}", until.max_paths), "the most paths are no fewer than the first ones, and at most 1,000,000,000");
    let holds = (paths..=PATHS).contains(&until.max_paths);
    check.require(holds, &[&key("max-paths"), &["simulation", "paths"]], what, why, "write for example 1_000_000");
}

fn sampling(simulation: &Simulation, check: &mut Check<'_, '_, '_>) {
    let Some(candidates) = simulation.sampling.candidates else { return };
    let key: &[&str] = &["simulation", "sampling", "candidates"];
    let what = || format!("found {candidates}");
    let why = "candidates are those of method = \"stratified\" or \"importance\"; plain sampling simulates every path it draws";
    check.require(!simulation.sampling.is_plain(), &[key], what, why, "write simulation.sampling.method = \"stratified\", or leave it out");
    let why = "the simulated paths are chosen of as many candidates or more, at most 1,000,000,000";
    let holds = (simulation.paths..=CANDIDATES_MOST).contains(&candidates);
    check.require(holds, &[key], what, why, "write about 16 for each of simulation.paths");
}

fn drift(drift: Drift, check: &mut Check<'_, '_, '_>) {
    if let Drift::Annual(size) = drift {
        let holds = (-10.0..=10.0).contains(&size.get());
        let why = "a drift a year lies between -1000% and 1000%";
        check.require(holds, &[&["estimation", "drift"]], || found(size), why, "write \"none\", \"historical\", or for example \"8%\"");
    }
}

fn exchange(exchange: &Exchange, check: &mut Check<'_, '_, '_>) {
    let least = if exchange.tick > 0.0 { TICK_LEAST } else { 0.0 };
    check.number(
        &["exchange", "tick"],
        exchange.tick,
        (least, 1e6),
        "a price tick is 0 (none), or so large that a price's ticks can be counted",
    );
    let why = "a close at the limit adds 0 to 2 limits to what is due";
    check.number(&["exchange", "continuation"], exchange.continuation, (0.0, 2.0), why);
    let why = "names halted on the as-of date stay so for 0 to 1000 sessions; beyond the horizon they do not trade at all";
    check.number(&["exchange", "resume-after"], f64::from(exchange.resume_after.unwrap_or(0)), (0.0, 1000.0), why);
    check.number(&["exchange", "lot"], exchange.lot.unwrap_or(0.0), (0.0, 1e9), "a board lot is 0 (none) or a number of shares");
}

/// The highest price, 1e9, has no more of these than a number counts to one.
const TICK_LEAST: f64 = 1e-6;

fn costs(costs: &Costs, liquidation: &Liquidation, check: &mut Check<'_, '_, '_>) {
    check.cost(&["costs", "commission"], costs.commission);
    check.cost(&["costs", "transfer-fee"], costs.transfer_fee);
    check.cost(&["liquidation", "cost"], liquidation.cost);
    let mut total = costs.commission.get() + costs.transfer_fee.get() + liquidation.cost.get();
    if let StampDuty::Rate(rate) = costs.stamp_duty {
        check.cost(&["costs", "stamp-duty", "rate"], rate);
    }
    total += stamp_duty_most(costs.stamp_duty);
    let why = "commission, stamp duty, transfer fee and liquidation cost together stay below the proceeds";
    let singly = [costs.commission, costs.transfer_fee, liquidation.cost].iter().all(|c| c.get() < 1.0);
    let paths: [&[&str]; 2] = [&["liquidation", "cost"], &["costs"]];
    check.require(total < 1.0 || !singly, &paths, || format!("costs add up to {}%", total * 100.0), why, "lower one of them");
}

fn liquidation(liquidation: &Liquidation, check: &mut Check<'_, '_, '_>) {
    let days = liquidation.delay_days;
    let what = || format!("found {days}");
    let path: &[&str] = &["liquidation", "delay-days"];
    check.require(days <= HORIZON_DAYS, &[path], what, "a delay is at most 1000 sessions", "write a smaller number");
    if let Some(share) = liquidation.participation {
        let why = "sales take more than 0% and at most 100% of a day's turnover";
        let fix = "write for example \"20%\", or leave the key out for no cap";
        let holds = share.get() > 0.0 && share.get() <= 1.0;
        check.require(holds, &[&["liquidation", "participation"]], || found(share), why, fix);
    }
}

fn sharing(sharing: &Sharing, check: &mut Check<'_, '_, '_>) {
    check.share(&["sharing", "platform-fee"], sharing.platform_fee);
    check.share(&["sharing", "exposure-fee"], sharing.exposure_fee);
    mode(&sharing.mode, &["sharing", "mode"], check);
    for (product, own) in &sharing.product {
        mode(own, &["sharing", "product", product], check);
    }
}

fn mode(mode: &Mode, at: &[&str], check: &mut Check<'_, '_, '_>) {
    match mode {
        Mode::None => {}
        Mode::FixedSplit { client, .. } => check.share(&[at, &["fixed-split", "client"]].concat(), *client),
        Mode::CappedLoss { client, lender_loss, cap } => {
            for (key, share) in [("client", client), ("lender-loss", lender_loss), ("cap", cap)] {
                check.share(&[at, &["capped-loss", key]].concat(), *share);
            }
        }
        Mode::PerformanceFee { share } => check.share(&[at, &["performance-fee", "share"]].concat(), *share),
        Mode::Guaranteed { return_annual } => {
            let holds = return_annual.get() > -1.0 && return_annual.get() <= 10.0;
            let why = "a guaranteed return lies above -100% and at most at 1000% a year";
            let path = [at, &["guaranteed", "return-annual"]].concat();
            check.require(holds, &[&path], || found(*return_annual), why, "write it as \"8%\" or 0.08");
        }
    }
}

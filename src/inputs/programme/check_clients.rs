//! Checks what is said of clients and of the market's answer: shares, delays, sensitivities, coefficients of impact.

use super::check_parts;
use super::gather::{Check, HORIZON_DAYS, found};
use crate::model::client::Clients;
use crate::model::client::withdrawal::Withdrawal;
use crate::model::impact::Feedback;
use crate::model::impact::clearing::Clearing;
use crate::model::margin::Margin;
use crate::model::part::Part;
use crate::model::pool::Pool;
use crate::units::Ratio;

/// Normal deviations a sensitivity may move an answer: ten turn every odds into certainty.
const SENSITIVITY: (f64, f64) = (0.0, 10.0);

pub fn clients(clients: &Clients, margin: &Margin, pool: &Pool, check: &mut Check<'_, '_, '_>) {
    check.share(&["clients", "cure-probability"], clients.cure_probability);
    for (grade, share) in &clients.cure_probability_by_grade {
        check.share(&["clients", "cure-probability-by-grade", grade], *share);
    }
    let path: &[&str] = &["clients", "cure-to"];
    check.line(path, clients.cure_to);
    if let (Some(to), Some(call)) = (clients.cure_to, margin.call) {
        let what = || format!("cure-to {to} stands below call {call}");
        let why = "a payment that leaves the account below the call line cures nothing";
        let paths: [&[&str]; 2] = [path, &["margin", "call"]];
        check.require(to >= call, &paths, what, why, "set cure-to at or above the call line");
    }
    delay(&["clients", "cure-delay-days"], clients.cure_delay_days, check);
    for (grade, days) in &clients.cure_delay_days_by_grade {
        delay(&["clients", "cure-delay-days-by-grade", grade], *days, check);
    }
    for (grade, own) in &clients.payment_by_grade {
        check_parts::put(own.faults(), &["clients", "payment-by-grade", grade], check);
    }
    let why = "a sensitivity is 0 to 10 normal deviations";
    check.number(&["clients", "stress-sensitivity"], clients.stress_sensitivity, SENSITIVITY, why);
    check.number(&["clients", "drawdown-sensitivity"], clients.drawdown_sensitivity, SENSITIVITY, why);
    if let Some(rule) = &clients.withdrawal {
        withdrawal(rule, margin, pool, check);
    }
    let correlation = clients.common_correlation;
    let holds = (0.0..1.0).contains(&correlation.get());
    let why = "clients share one factor, and each keeps a part of its own: 0% to below 100%";
    check.require(holds, &[&["clients", "common-correlation"]], || found(correlation), why, "write for example \"20%\"");
}

fn withdrawal(rule: &Withdrawal, margin: &Margin, pool: &Pool, check: &mut Check<'_, '_, '_>) {
    let path = |key: &'static str| ["clients", "withdrawal", key];
    let why = "a pool that is kept daily lends what it was funded for, and opens no new loan within the horizon";
    let what = || "clients borrow more from a pool that is kept daily".to_string();
    check.require(!(rule.borrow && pool.is_kept_daily()), &[&path("borrow"), &["pool"]], what, why, "leave borrow out");
    let highest = [margin.warning, margin.limit, margin.call, margin.liquidation].into_iter().flatten().map(Ratio::get).fold(0.0, f64::max);
    if let Some(line) = margin.withdrawal {
        let what = || format!("the withdrawal line {line} stands below another line");
        let why = "clients who take money out down to it would be warned or called for it";
        let paths: [&[&str]; 2] = [&["margin", "withdrawal"], &["clients", "withdrawal"]];
        check.require(line.get() >= highest, &paths, what, why, "set margin.withdrawal at or above every other line");
    }
}

fn delay(path: &[&str], days: u32, check: &mut Check<'_, '_, '_>) {
    let what = || format!("found {days}");
    check.require(days <= HORIZON_DAYS, &[path], what, "a delay is at most 1000 sessions", "write a smaller number");
}

pub fn feedback(feedback: &Feedback, check: &mut Check<'_, '_, '_>) {
    let why = "a push on the price fades over 0 (never) to 100000 sessions";
    check.number(&["feedback", "fade-days"], feedback.fade_days, (0.0, 1e5), why);
    if let Clearing::FixedPoint(rule) = &feedback.clearing {
        let path = |key: &'static str| ["feedback", "clearing", "fixed-point", key];
        let why = "prices agree when no log price moves by more than this: above 0, and below what a tick could be";
        check.number(&path("tolerance"), rule.tolerance, (1e-14, 1e-2), why);
        let rounds = rule.rounds;
        let why = "a session is gone over 1 to 10000 times";
        check.require((1..=10_000).contains(&rounds), &[&path("rounds")], || format!("found {rounds}"), why, "write for example 100");
    }
    check_parts::impact(&feedback.impact, check);
}

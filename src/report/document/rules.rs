//! Words the rules of a case, line by line in one order, so that two cases can be laid side by side.

use super::parts;
pub use super::rule::Rule;
use super::rules_clients;
use super::rules_margin;
use super::rules_pool;
use crate::model::case::Case;
use crate::model::exchange::{BOARD_LOT, CarryOver, LimitLock, StampDuty};
use crate::model::liquidation::Order;
use crate::model::market::drift::Drift;
use crate::model::sharing::{InterestBase, Mode};
use crate::report::charts::Context;
use crate::report::text::clients;
use crate::report::text::number::{self, line};
use crate::report::text::{PoolWord, ShockWord, Text, Word};

/// Every rule of a case, always the same rows in the same order.
pub fn rows(context: &Context<'_>, case: &Case) -> Vec<Rule> {
    let text = &context.text;
    let mut out = rules_margin::rows(text, case);
    out.extend(sale(text, case));
    out.extend(exchange(text, case));
    out.extend(parties(text, case));
    out.extend(rules_pool::rows(text, case));
    out.extend(market(context, case));
    out
}

fn row(text: &Text, word: Word, value: impl Into<String>) -> Rule {
    (text.get(word).to_string(), value.into())
}

fn sale(text: &Text, case: &Case) -> Vec<Rule> {
    let l = &case.liquidation;
    let order = match l.order {
        Order::ProRata => Word::OrderProRata,
        Order::MostLiquidFirst => Word::OrderLiquid,
        Order::LargestFirst => Word::OrderLargest,
        Order::LosersFirst => Word::OrderLosers,
    };
    vec![
        row(text, Word::RuleDelay, l.delay_days.to_string()),
        row(text, Word::RuleCost, line(l.cost.get())),
        row(text, Word::RuleParticipation, l.participation.map_or(text.get(Word::RuleNoCap).into(), |r| line(r.get()))),
        row(text, Word::RuleOrder, text.get(order)),
    ]
}

fn exchange(text: &Text, case: &Case) -> Vec<Rule> {
    let (x, c) = (&case.exchange, &case.costs);
    let yes_no = |yes: bool| text.get(if yes { Word::Yes } else { Word::No });
    let lock = match x.limit_lock {
        LimitLock::AllDay => Word::LockAllDay,
        LimitLock::Close => Word::LockClose,
    };
    let carry = match x.carry_over {
        CarryOver::Full => Word::CarryFull,
        CarryOver::None => Word::CarryNone,
    };
    let mut carry = text.get(carry).to_string();
    if x.continuation > 0.0 {
        carry = text.fill(ShockWord::Continuation, &[("rule", &carry), ("limits", &number::plain(x.continuation))]);
    }
    let duty = match c.stamp_duty {
        StampDuty::China => text.get(Word::DutyChina).to_string(),
        StampDuty::Rate(rate) => line(rate.get()),
    };
    let halted = match x.resume_after {
        None => text.get(ShockWord::HaltedModelled).to_string(),
        Some(sessions) => text.fill(ShockWord::HaltedFor, &[("n", &sessions.to_string())]),
    };
    vec![
        row(text, Word::RulePriceLimits, yes_no(x.price_limits)),
        row(text, Word::RuleLock, text.get(lock)),
        row(text, Word::RuleCarry, carry),
        (text.get(ShockWord::RuleHalted).to_string(), halted),
        row(text, Word::RuleTPlusOne, yes_no(x.t_plus_one)),
        row(text, Word::RuleLot, number::plain(x.lot.unwrap_or(BOARD_LOT))),
        row(text, Word::RuleTick, number::plain(x.tick)),
        row(text, Word::RuleCommission, line(c.commission.get())),
        row(text, Word::RuleDuty, duty),
        row(text, Word::RuleTransferFee, line(c.transfer_fee.get())),
    ]
}

fn parties(text: &Text, case: &Case) -> Vec<Rule> {
    let (c, i, s, p) = (&case.clients, &case.interest, &case.sharing, &case.pool);
    let semicolon = if text.zh() { "；" } else { "; " };
    let mut cure = vec![line(c.cure_probability.get())];
    cure.extend(c.cure_probability_by_grade.iter().map(|(g, r)| text.fill(Word::RuleClientsGrade, &[("grade", g), ("p", &line(r.get()))])));
    let cure_to = c.cure_to.map_or(text.get(Word::RuleCallLine).into(), |r| line(r.get()));
    let base = match i.interest_base {
        InterestBase::Loan => Word::BaseLoan,
        InterestBase::Exposure => Word::BaseExposure,
    };
    let mut interest = text.get(base).to_string();
    for (word, rise) in [(ShockWord::LoanRateRise, i.loan_rate_rise), (ShockWord::FundingRateRise, i.funding_rate_rise)] {
        if rise.get() != 0.0 {
            interest = text.fill(word, &[("rule", &interest), ("size", &parts::signed(rise.get()))]);
        }
    }
    let mut sharing = vec![mode(text, &s.mode)];
    sharing.extend(s.product.iter().map(|(product, own)| format!("{product}{}{}", if text.zh() { "：" } else { ": " }, mode(text, own))));
    let comma = if text.zh() { "，" } else { ", " };
    let mut out = vec![
        row(text, Word::RuleClients, cure.join(comma)),
        row(text, Word::RulePayment, c.cure_delay_days.to_string()),
        row(text, Word::RulePaymentTo, cure_to),
        (clients::PAID.get(text).to_string(), rules_clients::paid(text, c)),
    ];
    out.extend(rules_clients::under_stress(text, c));
    out.extend([
        (clients::AHEAD.get(text).to_string(), rules_clients::ahead(text, c)),
        (clients::WITHDRAWALS.get(text).to_string(), rules_clients::withdrawals(text, c)),
        row(text, Word::RuleInterest, interest),
        row(text, Word::RuleDayCount, i.day_count.to_string()),
        row(text, Word::RuleFeeProfit, line(s.platform_fee.get())),
        row(text, Word::RuleFeeExposure, line(s.exposure_fee.get())),
        row(text, Word::RuleSharing, sharing.join(semicolon)),
        row(text, Word::RuleLossOrder, p.loss_order.join(if text.zh() { "、" } else { ", " })),
        row(text, Word::RuleRecourse, line(p.recourse.get())),
    ]);
    out
}

fn mode(text: &Text, mode: &Mode) -> String {
    match mode {
        Mode::None => text.get(Word::SharingNone).into(),
        Mode::FixedSplit { client, share_losses } => {
            let word = if *share_losses { Word::SharingSplitBoth } else { Word::SharingSplit };
            text.fill(word, &[("share", &line(client.get()))])
        }
        Mode::CappedLoss { client, lender_loss, cap } => text.fill(
            PoolWord::SharingCapped,
            &[("client", &line(client.get())), ("lender", &line(lender_loss.get())), ("cap", &line(cap.get()))],
        ),
        Mode::PerformanceFee { share } => text.fill(Word::SharingFee, &[("share", &line(share.get()))]),
        Mode::Guaranteed { return_annual } => text.fill(Word::SharingGuaranteed, &[("share", &line(return_annual.get()))]),
    }
}

fn market(context: &Context<'_>, case: &Case) -> Vec<Rule> {
    let text = &context.text;
    let window = match (case.estimation.start, case.estimation.end) {
        (None, None) => text.get(Word::WindowAll).to_string(),
        (Some(start), None) => text.fill(Word::WindowFrom, &[("start", &start.to_string())]),
        (None, Some(end)) => text.fill(Word::WindowTo, &[("end", &end.to_string())]),
        (Some(start), Some(end)) => text.fill(Word::WindowSpan, &[("start", &start.to_string()), ("end", &end.to_string())]),
    };
    let shocks: Vec<String> = case.shocks.iter().map(|s| parts::shock(text, s)).collect();
    let shocks = if shocks.is_empty() { text.get(Word::NoShocks).to_string() } else { shocks.join(if text.zh() { "；" } else { "; " }) };
    let simulation = &case.simulation;
    vec![
        row(text, Word::RuleImpact, impact(text, case)),
        (clients::CLEARING.get(text).to_string(), rules_clients::clearing(text, &case.feedback)),
        row(text, Word::RuleModel, parts::model(text, &case.market)),
        row(text, Word::RuleWindow, window),
        (text.get(ShockWord::RuleDrift).to_string(), drift(context, case)),
        row(text, Word::RuleHorizon, simulation.horizon_days.to_string()),
        row(text, Word::RulePaths, number::count(simulation.paths)),
        row(text, Word::RuleConfidence, line(simulation.confidence.get())),
        row(text, Word::RuleShocks, shocks),
    ]
}

/// The drift asked for, and what it comes to for the portfolio, in the history and as simulated.
fn drift(context: &Context<'_>, case: &Case) -> String {
    let (text, facts) = (&context.text, context.facts);
    let rule = match case.estimation.drift {
        _ if !case.market.is_fitted() => return text.get(ShockWord::DriftPast).into(),
        Drift::None => text.get(ShockWord::DriftNone).to_string(),
        Drift::Historical => text.get(ShockWord::DriftHistorical).to_string(),
        Drift::Annual(size) => text.fill(ShockWord::DriftGiven, &[("size", &parts::signed(size.get()))]),
    };
    let scenario = facts.programme.scenarios.iter().find(|s| std::ptr::eq(&s.case, case));
    let found = scenario.and_then(|own| facts.scenarios.iter().find(|s| s.name == own.name)).and_then(|s| s.drift);
    let Some(drift) = found else { return rule };
    let used = parts::yearly(drift.used);
    match drift.historical {
        Some(past) => {
            let values = [("rule", rule.as_str()), ("used", &used), ("historical", &parts::yearly(past))];
            text.fill(ShockWord::DriftOfPortfolio, &values)
        }
        None => text.fill(ShockWord::DriftOfPortfolioAlone, &[("rule", &rule), ("used", &used)]),
    }
}

/// The impact law and how long a push lasts.
fn impact(text: &Text, case: &Case) -> String {
    let law = parts::law(text, &case.feedback.impact);
    if !case.feedback.is_on() {
        return law;
    }
    let days = case.feedback.fade_days;
    if days > 0.0 {
        text.fill(Word::ImpactFades, &[("law", &law), ("days", &number::plain(days))])
    } else {
        text.fill(Word::ImpactStays, &[("law", &law)])
    }
}

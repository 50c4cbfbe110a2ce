//! Words the rules of the pool: its cash, funders, hedge, failures and controls; always the same rows in the same order.

use super::rule::Rule;
use crate::model::case::Case;
use crate::model::pool::cash::RecallOrder;
use crate::model::pool::trigger_names;
use crate::report::text::number::{self, line};
use crate::report::text::{PoolWord, Text, Word};

/// The pool's rows; what is not in force says so.
pub fn rows(text: &Text, case: &Case) -> Vec<Rule> {
    let row =
        |word: PoolWord, value: Option<String>| (text.get(word).to_string(), value.unwrap_or_else(|| text.get(Word::NotInForce).into()));
    let pool = &case.pool;
    let by_tier = |(tier, share): (&String, &crate::units::Ratio)| format!("{tier} {}", line(share.get()));
    let list = |items: Vec<String>| (!items.is_empty()).then(|| text.list(&items));
    vec![
        row(PoolWord::RuleCapital, list(pool.capital.iter().map(|(tier, money)| format!("{tier} {}", number::plain(*money))).collect())),
        row(PoolWord::RuleFront, list(pool.line_add.iter().map(by_tier).collect())),
        row(PoolWord::RuleLending, lending(text, case)),
        row(PoolWord::RuleCash, cash(text, case)),
        row(PoolWord::RuleRecall, recall(text, case)),
        row(PoolWord::RuleRoll, roll(text, case)),
        row(PoolWord::RuleRun, run(text, case)),
        row(PoolWord::RuleHedge, hedge(text, case)),
        row(PoolWord::RuleSourceFailure, source_failure(text, case)),
        row(PoolWord::RuleCustodian, custodian(text, case)),
        row(PoolWord::RuleRecourseDelay, (pool.recourse_delay_days > 0).then(|| pool.recourse_delay_days.to_string())),
        row(PoolWord::RuleRefill, list(pool.replenish_daily.iter().map(by_tier).collect())),
        row(PoolWord::RuleTriggers, list(trigger_names(&case.pool))),
    ]
}

fn lending(text: &Text, case: &Case) -> Option<String> {
    let lending = case.pool.lending.as_ref()?;
    let spreads: Vec<String> = lending.spread_by_grade.iter().map(|(grade, spread)| format!("{grade} {}", line(spread.get()))).collect();
    let spreads = if spreads.is_empty() { text.get(PoolWord::LendingNoSpreads).to_string() } else { text.list(&spreads) };
    let cap = lending.loan_to_value.as_ref().map_or(text.get(PoolWord::LendingNoCap).to_string(), |l| {
        let values = [
            ("base", line(l.base.get())),
            ("funding", number::plain(l.funding_weight)),
            ("volatility", number::plain(l.volatility_weight)),
            ("stress", number::plain(l.stress_weight)),
            ("floor", line(l.floor.get())),
        ];
        text.fill(PoolWord::LendingCap, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
    });
    Some(text.fill(PoolWord::LendingValue, &[("spreads", &spreads), ("cap", &cap)]))
}

fn cash(text: &Text, case: &Case) -> Option<String> {
    let cash = case.pool.cash.as_ref()?;
    let idle = cash.idle.map_or(text.get(PoolWord::IdleRest).to_string(), |share| line(share.get()));
    let cycle = cash.cycle_days.map_or(text.get(PoolWord::CycleOwn).to_string(), number::plain);
    Some(text.fill(PoolWord::CashValue, &[("idle", &idle), ("minimum", &line(cash.minimum.get())), ("cycle", &cycle)]))
}

fn recall(text: &Text, case: &Case) -> Option<String> {
    let cash = case.pool.cash.as_ref()?;
    let order = text.get(match cash.recall {
        RecallOrder::ProRata => PoolWord::RecallProRata,
        RecallOrder::LargestFirst => PoolWord::RecallLargest,
        RecallOrder::RiskiestFirst => PoolWord::RecallRiskiest,
        RecallOrder::None => PoolWord::RecallNone,
    });
    let (settle, grace) = (cash.settlement_days.to_string(), cash.grace_days.to_string());
    Some(text.fill(PoolWord::RecallValue, &[("order", order), ("settle", &settle), ("grace", &grace)]))
}

fn roll(text: &Text, case: &Case) -> Option<String> {
    let funding = case.pool.funding.as_ref()?;
    let mut sources = vec![line(funding.roll_probability.get())];
    sources.extend(funding.roll_probability_by_source.iter().map(|(source, p)| format!("{source} {}", line(p.get()))));
    let values =
        [("sources", text.list(&sources)), ("days", funding.roll_days.to_string()), ("loans", line(funding.loan_roll_probability.get()))];
    Some(text.fill(PoolWord::RollValue, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn run(text: &Text, case: &Case) -> Option<String> {
    let run = case.pool.run.as_ref().filter(|run| run.hazard_daily.get() > 0.0)?;
    let values = [
        ("hazard", line(run.hazard_daily.get())),
        ("share", line(run.share.get())),
        ("notice", run.notice_days.to_string()),
        ("loss", number::plain(run.loss_weight)),
        ("buffer", number::plain(run.buffer_weight)),
        ("days", number::plain(run.buffer_days)),
        ("stress", number::plain(run.stress_weight)),
    ];
    Some(text.fill(PoolWord::RunValue, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn hedge(text: &Text, case: &Case) -> Option<String> {
    let hedge = case.pool.hedge.as_ref().filter(|hedge| hedge.ratio.get() > 0.0)?;
    let values = [
        ("tier", hedge.tier.clone()),
        ("ratio", line(hedge.ratio.get())),
        ("basis", line(hedge.basis_volatility_daily.get())),
        ("cost", line(hedge.cost_annual.get())),
        ("margin", line(hedge.margin.get())),
    ];
    Some(text.fill(PoolWord::HedgeValue, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn source_failure(text: &Text, case: &Case) -> Option<String> {
    let failure = case.pool.failure.as_ref().filter(|f| !f.sources.is_empty())?;
    Some(text.fill(PoolWord::SourceFailureValue, &[("sources", &text.list(&failure.sources)), ("day", &failure.source_day.to_string())]))
}

fn custodian(text: &Text, case: &Case) -> Option<String> {
    let c = case.pool.failure.as_ref()?.custodian.as_ref()?;
    let values = [
        ("day", c.day.to_string()),
        ("cash", line(c.cash_share.get())),
        ("clients", line(c.client_share.get())),
        ("haircut", line(c.haircut.get())),
        ("frozen", c.frozen_days.to_string()),
    ];
    Some(text.fill(PoolWord::CustodianValue, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

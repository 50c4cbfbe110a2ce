//! Lists the rules of a case that declare themselves: controls of the platform and behaviours of clients, a row each.
//!
//! A rule is a table that is in force where it is written. What it declares is checked, bounds the schema and stands on the page of
//! formats, as of the parts that a programme chooses between (`part`).

use super::case::Case;
use super::client::{payment::Payment, pre_emptive::PreEmptive, withdrawal::Withdrawal};
use super::liquidation::adl::Adl;
use super::margin::cap::InvestmentCap;
use super::margin::dynamic::Dynamic;
use super::margin::haircut::Haircuts;
use super::margin::risk_volatility::RiskVolatility;
use super::margin::stop::Stop;
use super::margin::template::Template;
use super::margin::trigger::VolatilityTrigger;
use super::part::{Declared, Fault, Part};

/// One rule: the table it stands in, what it declares, and what is wrong with a case's own.
pub struct Rule {
    pub above: &'static str,
    pub declared: &'static Declared,
    pub faults: fn(&Case) -> Vec<Fault>,
}

/// What is wrong with a rule that may be absent.
fn of<P: Part>(rule: Option<&P>) -> Vec<Fault> {
    rule.map(Part::faults).unwrap_or_default()
}

/// Every rule, in the order of the page of formats.
pub const RULES: &[Rule] = &[
    Rule { above: "margin", declared: &Stop::DECLARED, faults: |case| case.margin.stop.faults() },
    Rule { above: "margin", declared: &Haircuts::DECLARED, faults: |case| case.margin.haircuts.faults() },
    Rule { above: "margin", declared: &VolatilityTrigger::DECLARED, faults: |case| of(case.margin.volatility_trigger.as_ref()) },
    Rule { above: "margin", declared: &Dynamic::DECLARED, faults: |case| of(case.margin.dynamic.as_ref()) },
    Rule { above: "margin", declared: &RiskVolatility::DECLARED, faults: |case| of(case.margin.risk_volatility.as_ref()) },
    Rule { above: "margin", declared: &Template::DECLARED, faults: |case| of(case.margin.template.as_ref()) },
    Rule { above: "margin", declared: &InvestmentCap::DECLARED, faults: |case| of(case.margin.investment_cap.as_ref()) },
    Rule { above: "liquidation", declared: &Adl::DECLARED, faults: |case| of(case.liquidation.adl.as_ref()) },
    Rule { above: "clients", declared: &Payment::DECLARED, faults: |case| case.clients.payment.faults() },
    Rule { above: "clients", declared: &PreEmptive::DECLARED, faults: |case| of(case.clients.pre_emptive.as_ref()) },
    Rule { above: "clients", declared: &Withdrawal::DECLARED, faults: |case| of(case.clients.withdrawal.as_ref()) },
];

//! Lists the rules that declare themselves: controls of the platform and behaviours of clients, each a table that is in force where it
//! is written.
//!
//! A rule declares its key, its parameters with unit, range and default, its formula, its title and its sentences in its own file; from
//! there it is checked, bounded in the schema, written into the template, put on the page of formats and said in the report, as the
//! parts that a programme chooses between are (`part`).

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
use super::part::rule::Rule;
use super::part::{Declared, Fault, Part, Values, Words};

/// One rule: the table it stands in, what it declares, and what a case's own comes to.
pub struct Entry {
    pub above: &'static str,
    pub title: Words,
    pub declared: &'static Declared,
    /// What is wrong with it.
    pub faults: fn(&Case) -> Vec<Fault>,
    /// What it says, once, or once more for each grade that has its own; nothing where it is not in force.
    pub told: fn(&Case) -> Vec<Told>,
    /// What is assumed where it is in force; `depths` where the depth of any symbol's quotes is known.
    pub assumed: fn(&Case, depths: bool) -> Option<Words>,
}

/// What a rule says of its values.
pub struct Told {
    /// The grade it is said of; the whole book where there is none.
    pub grade: Option<String>,
    pub sentences: Vec<Words>,
    pub values: Values,
}

fn told<R: Rule>(grade: Option<&str>, rule: &R) -> Told {
    let sentences = rule.said().into_iter().map(|at| R::DECLARED.sentences[at]).collect();
    Told { grade: grade.map(String::from), sentences, values: Values::of(rule) }
}

/// The rules from a list, a line each: the table above, the type, where a case holds it, and where it holds those of single grades.
macro_rules! rules {
    ($($(#[$meta:meta])* $above:literal: $Rule:ty, $own:expr $(, by grade $by_grade:expr)?;)*) => {
        /// Every rule, in the order of the page of formats.
        pub const RULES: &[Entry] = &[$($(#[$meta])* {
            fn own(case: &Case) -> Option<&$Rule> {
                let find: fn(&Case) -> Option<&$Rule> = $own;
                find(case)
            }
            Entry {
                above: $above,
                title: <$Rule as Rule>::TITLE,
                declared: &<$Rule as Part>::DECLARED,
                faults: |case| own(case).map(Part::faults).unwrap_or_default(),
                told: |case| {
                    let whole = own(case).filter(|rule| Rule::acts(*rule)).map(|rule| told(None, rule));
                    let out: Vec<Told> = whole.into_iter().collect();
                    $(
                        let by_grade: fn(&Case) -> &std::collections::BTreeMap<String, $Rule> = $by_grade;
                        let out = out.into_iter().chain(by_grade(case).iter().map(|(grade, rule)| told(Some(grade), rule))).collect();
                    )?
                    out
                },
                assumed: |case, depths| {
                    let rules = own(case).into_iter();
                    $(
                        let by_grade: fn(&Case) -> &std::collections::BTreeMap<String, $Rule> = $by_grade;
                        let rules = rules.chain(by_grade(case).values());
                    )?
                    rules.filter(|rule| Rule::acts(*rule)).find_map(|rule| rule.assumed(depths))
                },
            }
        },)*];
    };
}

rules! {
    "margin": Stop, |case| Some(&case.margin.stop);
    "margin": Haircuts, |case| Some(&case.margin.haircuts);
    "margin": VolatilityTrigger, |case| case.margin.volatility_trigger.as_ref();
    "margin": Dynamic, |case| case.margin.dynamic.as_ref();
    "margin": RiskVolatility, |case| case.margin.risk_volatility.as_ref();
    "margin": Template, |case| case.margin.template.as_ref();
    "margin": InvestmentCap, |case| case.margin.investment_cap.as_ref();
    #[cfg(test)]
    "margin": super::margin::example::Example, |case| case.margin.example.as_ref();
    "liquidation": Adl, |case| case.liquidation.adl.as_ref();
    "clients": Payment, |case| Some(&case.clients.payment), by grade |case| &case.clients.payment_by_grade;
    "clients": PreEmptive, |case| case.clients.pre_emptive.as_ref();
    "clients": Withdrawal, |case| case.clients.withdrawal.as_ref();
    #[cfg(test)]
    "clients": super::client::example::Example, |case| case.clients.example.as_ref();
}

//! Sets losses against the buffers that bear them: the tail loss as a share of the tiers, and what each tier bears.

use super::shares::{paths, seen_often};
use super::tables;
use crate::measures::{Estimate, Unit};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::facts::ScenarioFacts;
use crate::report::text::number::{self, Scale};

const OF_FIRST: Words = Words(
    "The ES 99% of “{scenario}”, {es}, is {share} of tier {tier}, which loses first.",
    "“{scenario}”的 ES 99% 为 {es}，相当于首先承担损失的 {tier} 层的 {share}。",
);
const OF_SEVERAL: Words = Words(
    "The ES 99% of “{scenario}”, {es}, is {share} of tier {tier}, which loses first, and {all} of tiers {tiers} together.",
    "“{scenario}”的 ES 99% 为 {es}，相当于首先承担损失的 {tier} 层的 {share}，为 {tiers} 各层合计的 {all}。",
);
const BEYOND: Words = Words(
    "The ES 99% of “{scenario}”, {es}, is more than all tiers hold: {all} of {tiers} together.",
    "“{scenario}”的 ES 99% 为 {es}，超过各层合计：为 {tiers} 各层合计的 {all}。",
);
const TIER: Words =
    Words("Tier {tier} ({size}) loses on {hit} of the paths{gone}{part}.", "{tier} 层（{size}）在 {hit} 的路径上承担损失{gone}{part}。");
const NEVER: Words = Words("Tier {tier} ({size}) loses on none.", "{tier} 层（{size}）在所有路径上均不承担损失。");
const GONE: Words = Words(", is used up on {share}", "，在 {share} 的路径上耗尽");
const PART: Words = Words(", and loses {share} of itself on average in its worst 1%", "，最差 1% 路径平均损失 {share}");

/// A tier and what it holds.
pub struct Buffer {
    pub name: String,
    pub size: f64,
}

/// The tiers of a scenario in its own order of losses; those that hold nothing are left out.
pub fn buffers(context: &Context<'_>, scenario: &ScenarioFacts) -> Vec<Buffer> {
    let own = context.facts.programme.scenarios.iter().find(|s| s.name == scenario.name);
    let order: &[String] = own.map_or(&[], |s| &s.case.pool.loss_order);
    let mut tiers: Vec<_> = context.facts.snapshot.tiers.iter().filter(|tier| tier.capital > 0.0).collect();
    // those the scenario names, then the rest as the base has them
    tiers.sort_by_key(|tier| (order.iter().position(|name| *name == tier.name).unwrap_or(order.len()), tier.loss_rank));
    tiers.into_iter().map(|tier| Buffer { name: tier.name.clone(), size: tier.capital }).collect()
}

/// An estimate as a share of an amount.
pub fn of_amount(e: &Estimate, amount: f64) -> Estimate {
    let part = |x: f64| x / amount;
    let (std_error, ci_low, ci_high) = (part(e.std_error), part(e.ci_low), e.ci_high.map(part));
    Estimate { value: part(e.value), std_error, ci_low, ci_high, unit: Unit::Ratio, ..e.clone() }
}

/// The tail loss of a scenario as a share of its buffers; nothing where there is no loss, or no buffer.
pub fn tail(context: &Context<'_>, scenario: &ScenarioFacts) -> Option<String> {
    let text = &context.text;
    let es = scenario.measures.get("pool_loss.es_99").filter(|e| e.value.is_finite() && e.value > 0.0)?;
    let buffers = buffers(context, scenario);
    let first = buffers.first()?;
    let written = |amount: f64| number::estimate(text, &of_amount(es, amount), Scale::ONE).full();
    let (scenario, loss, share) = (context.scenario(&scenario.name), tables::money_estimate(context, es), written(first.size));
    let values = [("scenario", scenario.as_str()), ("es", &loss)];
    if es.value <= first.size {
        return Some(text.fill(OF_FIRST, &[&values[..], &[("share", share.as_str()), ("tier", &first.name)]].concat()));
    }
    // as many tiers as hold it
    let mut held = 0.0;
    let enough = buffers.iter().position(|buffer| {
        held += buffer.size;
        held >= es.value
    });
    let named: Vec<String> = buffers.iter().take(enough.map_or(buffers.len(), |at| at + 1)).map(|b| b.name.clone()).collect();
    let (all, tiers) = (written(held), text.list(&named));
    let more = [("all", all.as_str()), ("tiers", &tiers)];
    let own = [("share", share.as_str()), ("tier", &first.name)];
    Some(match enough {
        Some(_) => text.fill(OF_SEVERAL, &[&values[..], &more, &own].concat()),
        None => text.fill(BEYOND, &[&values[..], &more].concat()),
    })
}

/// What each tier bears in a scenario, the first to lose first; one sentence for each.
pub fn tiers(context: &Context<'_>, scenario: &ScenarioFacts) -> Vec<String> {
    let text = &context.text;
    let told = |buffer: &Buffer| {
        let of = |figure: &str| scenario.measures.get(&format!("tier.{}.{figure}", buffer.name));
        let (hit, size) = (of("hit_probability")?, tables::money(context, buffer.size));
        let values = [("tier", buffer.name.as_str()), ("size", &size)];
        if hit.value <= 0.0 {
            return Some(text.fill(NEVER, &values));
        }
        let gone = of("exhausted_probability").filter(|e| e.value > 0.0);
        let gone = gone.map_or(String::new(), |e| text.fill(GONE, &[("share", &paths(context, e))]));
        // a mean of the worst hundredth says nothing of what a handful of paths show
        let tail = of("loss.es_99").filter(|e| seen_often(hit) && e.value.is_finite() && e.std_error < e.value);
        let share = tail.map(|e| number::percent(e.value / buffer.size));
        let part = share.map_or(String::new(), |share| text.fill(PART, &[("share", &share)]));
        let hit = paths(context, hit);
        Some(text.fill(TIER, &[&values[..], &[("hit", hit.as_str()), ("gone", &gone), ("part", &part)]].concat()))
    };
    buffers(context, scenario).iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::case::Language;
    use crate::report::sample;

    #[test]
    fn a_tail_is_told_of_as_many_tiers_as_hold_it() {
        let programme = sample::programme(Language::En);
        let facts = sample::facts(&programme);
        let context = Context::new(&facts, Language::En);
        // C holds 6 m, B 24 m and A 30 m
        let of = |es: f64| {
            let mut scenario = facts.scenarios[3].clone();
            let own = scenario.measures["pool_loss.es_99"].clone();
            scenario.measures.insert("pool_loss.es_99".into(), Estimate { value: es, std_error: es / 100.0, ..own });
            tail(&context, &scenario)
        };
        assert_eq!(of(3e6).unwrap(), "The ES 99% of “severe”, CNY 3.00 ± 0.03 m, is 50.0 ± 0.5% of tier C, which loses first.");
        let said = of(15e6).unwrap();
        assert!(said.ends_with("is 250.0 ± 2.5% of tier C, which loses first, and 50.0 ± 0.5% of tiers C and B together."), "{said}");
        let said = of(90e6).unwrap();
        assert!(said.ends_with("is more than all tiers hold: 150.0 ± 1.5% of C, B and A together."), "{said}");
        assert_eq!(of(0.0), None);
    }
}

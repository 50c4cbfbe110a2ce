//! Checks that the pool's keys name tiers, sources and symbols that the data files have.

use crate::model::book::Book;
use crate::model::case::{Case, Programme};
use crate::model::history::Market;
use crate::problem::{Kind, Place, Problem, Problems};

/// Every name a scenario's pool holds that nothing answers to.
pub fn check(programme: &Programme, book: &Book, market: &Market, problems: &mut Problems) {
    let tiers: Vec<&str> = book.tiers.iter().map(String::as_str).collect();
    let sources: Vec<&str> = book.funding.iter().map(|s| s.source_id.as_str()).collect();
    let mut told: Vec<(String, String)> = Vec::new();
    firm(programme, book, problems);
    for scenario in &programme.scenarios {
        let mut tell = |key: String, name: &str, known: &[&str], kind: &str| {
            if known.contains(&name) || told.contains(&(key.clone(), name.to_string())) {
                return;
            }
            told.push((key.clone(), name.to_string()));
            let fix =
                if known.len() > 30 { format!("name a {kind} of the data files") } else { format!("name one of: {}", known.join(", ")) };
            problems.push(Problem::new(
                Kind::Programme,
                Place::default().field(key),
                format!("found \"{name}\" in scenario `{}`", scenario.name),
                format!("the data files have no such {kind}"),
                fix,
            ));
        };
        names_of_tiers(&scenario.case, &mut |key, name| tell(key, name, &tiers, "tier"));
        let grades: Vec<&str> = book.grades.iter().map(String::as_str).collect();
        let pool = &scenario.case.pool;
        for grade in pool.lending.iter().flat_map(|l| l.spread_by_grade.keys()) {
            tell("pool.lending.spread-by-grade".into(), grade, &grades, "grade");
        }
        for source in pool.funding.iter().flat_map(|f| f.roll_probability_by_source.keys()) {
            tell("pool.funding.roll-probability-by-source".into(), source, &sources, "source");
        }
        for source in pool.failure.iter().flat_map(|f| &f.sources) {
            tell("pool.failure.sources".into(), source, &sources, "source");
        }
        let held: Vec<&str> = match &pool.hedge {
            Some(hedge) if !hedge.symbols.is_empty() => held_symbols(book, market),
            _ => Vec::new(),
        };
        for symbol in pool.hedge.iter().flat_map(|h| &h.symbols) {
            tell("pool.hedge.symbols".into(), symbol, &held, "held symbol");
        }
    }
}

/// What a firm says of a book: the tiers that are its own, and what of its reserves stands for the book's loans.
fn firm(programme: &Programme, book: &Book, problems: &mut Problems) {
    let Some(firm) = &programme.firm else { return };
    let mut tell = |key: &str, what: String, why: &str, fix: String| {
        problems.push(Problem::new(Kind::Programme, Place::default().field(key), what, why, fix));
    };
    for tier in firm.tiers.iter().filter(|tier| !book.tiers.contains(tier)) {
        let fix = format!("name one of: {}", book.tiers.join(", "));
        tell("firm.tiers", format!("found \"{tier}\""), "the data files have no such tier", fix);
    }
    let loans: f64 = book.loan.iter().sum();
    for (key, rate, whole, amount) in [
        ("firm.margin-reserve-rate", firm.margin_reserve_rate, "risk-capital-reserves", firm.risk_capital_reserves),
        ("firm.margin-stable-factor", firm.margin_stable_factor, "required-stable-funding", firm.required_stable_funding),
    ] {
        let (Some(rate), Some(amount)) = (rate, amount) else { continue };
        if rate.get() * loans >= amount {
            let what = format!("{rate} of loans of {loans:.0} is {:.0}, and `{whole}` is {amount}", rate.get() * loans);
            tell(key, what, "the book's loans are only a part of what it is held for", "correct one of the two".into());
        }
    }
}

/// Every tier a pool's keys name beside `loss-order` and `capital`, which may name tiers to come.
fn names_of_tiers(case: &Case, tell: &mut dyn FnMut(String, &str)) {
    let pool = &case.pool;
    pool.line_add.keys().for_each(|tier| tell("pool.line-add".into(), tier));
    pool.replenish_daily.keys().for_each(|tier| tell("pool.replenish-daily".into(), tier));
    if let Some(hedge) = pool.hedge.as_ref().filter(|h| h.ratio.get() > 0.0) {
        tell("pool.hedge.tier".into(), &hedge.tier);
    }
    for trigger in &pool.triggers {
        let tiers = trigger.loss_order.iter().chain(&trigger.recall_tier).chain(trigger.replenish.keys());
        tiers.for_each(|tier| tell("pool.triggers".into(), tier));
    }
}

fn held_symbols<'m>(book: &Book, market: &'m Market) -> Vec<&'m str> {
    let mut held: Vec<usize> = book.position_symbol.iter().map(|s| *s as usize).collect();
    held.sort_unstable();
    held.dedup();
    held.into_iter().map(|s| market.instruments[s].symbol.as_str()).collect()
}

//! Checks that what shocks name is there: a sector or symbol that the market does not know would be hit by nothing, unsaid.

use super::Gather;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::shock::Target;
use crate::problem::near::nearest;
use crate::problem::{Kind, Place, Problem};
use std::collections::BTreeSet;

/// Records a problem for every sector and symbol that a shock names and the market lacks.
pub fn check(programme: &Programme, market: &Market, gather: &mut Gather) {
    let sectors: BTreeSet<&str> = market.instruments.iter().map(|i| i.sector.as_str()).collect();
    let Some((base, scenarios)) = programme.scenarios.split_first() else { return };
    // what a scenario inherits stands wrong in the base already
    for scenario in std::iter::once(base).chain(scenarios.iter().filter(|s| s.case.shocks != base.case.shocks)) {
        for (at, shock) in scenario.case.shocks.iter().enumerate() {
            let above = if scenario.name == base.name { String::new() } else { format!("scenario.{}.", scenario.name) };
            let place = || Place::default().field(format!("{above}shocks[{}]", at + 1));
            let mut unknown = |what: String, known: &[String], kind: &str| {
                let why = format!("the market has no such {kind}, and the shock would hit nothing");
                let fix = format!("name one of the market's, for example {}", nearest(&what, known));
                gather.problems.push(Problem::new(Kind::Programme, place(), format!("no {kind} \"{what}\""), why, fix));
            };
            match shock.target() {
                Target::All | Target::Board(_) => {}
                Target::Sector(sector) => {
                    if !sectors.contains(sector.as_str()) {
                        let known: Vec<String> = sectors.iter().map(ToString::to_string).collect();
                        unknown(sector.clone(), &known, "sector");
                    }
                }
                Target::Symbols(symbols) => {
                    for symbol in symbols.iter().filter(|s| market.history.symbol_index(s).is_none()) {
                        unknown(symbol.clone(), &market.history.symbols, "symbol");
                    }
                }
            }
        }
    }
}

//! Writes shares of paths and lists of items in sentences, and tells what many paths show from what a handful do.

use crate::measures::figure::PATHS_NEEDED;
use crate::measures::stated::Basis;
use crate::measures::{Estimate, Flag};
use crate::model::part::Words;
use crate::report::charts::Context;
use crate::report::text::number::{self, Scale};

const NO_PATH: Words = Words("none", "无");

const DECIDE_MORE: Words = Words("{n} more", "另有 {n} 项");

/// How many items a sentence names before it counts the rest.
pub const NAMED: usize = 3;

/// An estimate with its unit in a sentence; money stands unscaled.
pub fn written(context: &Context<'_>, e: &Estimate) -> String {
    number::estimate(&context.text, e, Scale::ONE).full()
}

/// A share of paths in a sentence: what no path did is "none", what every path did 100%; the tables hold the bounds.
pub fn paths(context: &Context<'_>, e: &Estimate) -> String {
    match e.value {
        value if value <= 0.0 => context.text.get(NO_PATH).into(),
        value if value >= 1.0 => "100%".into(),
        _ => written(context, e),
    }
}

/// Whether so many paths show it that it is no matter of chance.
pub fn seen_often(e: &Estimate) -> bool {
    match e.basis {
        Basis::Count { hits, .. } => hits >= PATHS_NEEDED,
        _ => !matches!(e.flag, Some(Flag::RareEvent | Flag::OpenInterval | Flag::Undefined)),
    }
}

/// The items named, and how many more there are.
pub fn listed(context: &Context<'_>, mut named: Vec<String>, all: usize) -> String {
    let text = &context.text;
    if all > named.len() {
        named.push(text.fill(DECIDE_MORE, &[("n", &(all - named.len()).to_string())]));
    }
    text.list(&named)
}

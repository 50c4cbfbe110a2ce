//! Reads the funding sources: who lends how much to which tier, until when, and whether it may run.

use super::accounts::{MOST_MONEY, RATE};
use super::cells::Rule;
use super::headers::FUNDING;
use super::{Gather, duplicates, opened, totals};
use crate::model::case::Programme;
use crate::units::Day;

/// One row of the funding file.
#[derive(Clone, Debug)]
pub struct Source {
    pub source_id: String,
    pub tier: String,
    pub amount: f64,
    pub rate_annual: f64,
    pub maturity_date: Option<Day>,
    pub runnable: bool,
}

const AMOUNT: Rule =
    Rule::any("an amount is money, 0 to 1e15", "write the amount in the programme's currency").at_least(0.0).at_most(MOST_MONEY);

/// Reads the funding file in order of source; nothing when the programme names none.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Vec<Source>> {
    let Some(written) = &programme.data.funding else { return Some(Vec::new()) };
    let before = gather.problems.len();
    let table = opened::read(&FUNDING, written, &programme.folder, &programme.data, gather)?;
    let ids = table.ids("source_id", gather);
    duplicates(&table, "source_id", &ids, "a source has one row", gather);
    totals::refuse(&table, "source_id", ids.iter().map(String::as_str).enumerate(), gather);
    let tiers = table.ids("tier", gather);
    let amounts = table.numbers("amount", &AMOUNT, gather)?;
    let rates = table.numbers("rate_annual", &RATE, gather);
    let maturities = table.days("maturity_date", true, gather);
    let runnable = table.flags("runnable", gather);
    let mut out: Vec<Source> = (0..table.rows)
        .map(|row| Source {
            source_id: ids[row].clone(),
            tier: tiers[row].clone(),
            amount: amounts[row],
            rate_annual: rates.as_ref().map_or(0.0, |c| c[row]),
            maturity_date: maturities.as_ref().and_then(|c| c[row]),
            runnable: runnable.as_ref().and_then(|c| c[row]).unwrap_or(false),
        })
        .collect();
    out.sort_by(|a, b| a.source_id.cmp(&b.source_id));
    (gather.problems.len() == before).then_some(out)
}

//! Estimates the figures of groups of accounts: by tier, by grade, by leverage and by sector on the as-of date.

use super::figure::{Doubt, Figure};
use super::influence::Column;
use super::quantile::LEVELS;
use super::sums;
use super::{Context, Unit, es, estimate, key_names, rates};
use crate::engine::outcome::{EVENTS, GroupColumns};
use crate::model::book::{LEVERAGE_BUCKETS, LEVERAGE_KEYS};

/// `tier.A`, `grade.G1`, `leverage.1_25-1_50`: the prefix of each group's keys, in the groups' order.
pub fn prefixes(groups: &[GroupColumns]) -> Vec<String> {
    let mut prefixes = vec![String::new(); groups.len()];
    let mut kinds: Vec<&str> = groups.iter().map(|g| g.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let members: Vec<usize> = (0..groups.len()).filter(|g| groups[*g].kind == kind).collect();
        let names = key_names(members.iter().map(|g| bucket_key(kind, &groups[*g].name)));
        for (group, name) in members.into_iter().zip(names) {
            prefixes[group] = format!("{kind}.{name}");
        }
    }
    prefixes
}

fn bucket_key<'n>(kind: &str, name: &'n str) -> &'n str {
    match LEVERAGE_BUCKETS.iter().position(|b| *b == name) {
        Some(bucket) if kind == "leverage" => LEVERAGE_KEYS[bucket],
        _ => name,
    }
}

/// Rates of each group, and the loss its accounts caused the pool (`accounts_loss`; what a tier bears is `tier.X.loss`).
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let groups = &context.outcome.groups;
    let mut figures = sector_sales(context);
    for (group, prefix) in groups.iter().zip(prefixes(groups)) {
        for (event, sums) in EVENTS.iter().zip(group.events) {
            figures.push(rates::from_sums(format!("{prefix}.{event}"), context.outcome.paths, group.accounts, sums));
        }
        let (column, prefix) = (Column::of_group(group), format!("{prefix}.accounts_loss"));
        let most = context.claims();
        let mut losses = vec![estimate::mean_of(context, format!("{prefix}.mean"), Unit::Money, column, 1.0, most)];
        losses.extend(es::tail_figures(context, &prefix, Unit::Money, column, &LEVELS, most));
        // a group without accounts can lose nothing, however few paths there are
        let certain = |f: Figure<'a>| if group.accounts == 0 { f.flag(None).doubt(Doubt::Exact) } else { f };
        figures.extend(losses.into_iter().map(certain));
    }
    figures
}

/// `sector.X.forced_sales.mean`, `sector.X.unsold.mean`: of the sector's symbols, whoever held them.
fn sector_sales<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let (book, columns) = (context.book, &context.outcome.symbol);
    let judge = sums::judge(context.scenario, context.outcome);
    let mut figures = Vec::new();
    for (sector, name) in key_names(book.sectors.iter().map(String::as_str)).into_iter().enumerate() {
        let of = |sums: &[f64]| {
            let own = sums.iter().zip(&columns.sector).filter(|(_, s)| **s as usize == sector);
            own.fold(0.0, |sum, (money, _)| sum + money)
        };
        let flows = [
            ("forced_sales", of(&columns.sold), &columns.square.sector_sold),
            ("unsold", of(&columns.unsold), &columns.square.sector_unsold),
        ];
        for (flow, sum, squares) in flows {
            let (value, std_error) =
                (sum / judge.paths as f64, sums::std_error(judge.paths, sum, squares.get(sector).copied().unwrap_or(0.0)));
            let half = judge.z * std_error;
            let doubt = Doubt::Given { std_error, low: (value - half).max(value.min(0.0)), high: value + half };
            figures.push(Figure::new(format!("sector.{name}.{flow}.mean"), value, Unit::Money, Vec::new()).doubt(doubt));
        }
    }
    figures
}

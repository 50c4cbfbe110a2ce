//! Shares the pool's expected shortfall among those who bear it and those who cause it (Euler allocation).
//!
//! The part of k is the mean of its own loss over the paths that make the pool's ES: `ES_k = E[L_k | L in the worst 1 − α]`
//! (Tasche 1999; McNeil, Frey, Embrechts 2015, §8.5). Parts of a full split add up to the ES. Paths equal to the VaR enter
//! by the weight that is left, shared equally among them. SE: the spread of `(L_k − E[L_k | L = VaR])·1{L > VaR}/(1 − α)`,
//! with that mean taken over the VaR's order-statistic interval. Worked: losses (0, 0, 6, 10), of which k has (0, 0, 1, 8);
//! at a level that keeps the worst two, ES = 8 and k's part is 4.5.
//!
//! Of accounts and symbols a value per path is not kept: the paths of the tail are run again (`engine/run/tail.rs`), and their parts follow from
//! sums over them.

use super::figure::{Doubt, Figure};
use super::influence::{Column, Moments, Shape, Term};
use super::quantile::{LEVELS, Level, Tail, quantile};
use super::stratified::WeightedTail;
use super::{Context, Estimate, Flag, Unit, groups, key_names, sums};
use crate::engine::outcome::{Outcome, TailPart, TailRow, TailSum};
use crate::model::book::Book;
use crate::model::case::Scenario;
use std::ops::Range;

/// The level the split is stated at.
const LEVEL: Level = LEVELS[2];

/// The tail of the pool's loss that is to be split.
struct Split<'a> {
    loss: &'a [f64],
    value_at_risk: f64,
    /// The order-statistic interval about it.
    window: (f64, f64),
    /// What each row counts; empty where each counts one.
    weights: Vec<f64>,
    /// Paths in the tail, n(1 − α), and the part of it that paths at the VaR fill.
    tail: f64,
    at_weight: f64,
    at_count: f64,
    window_count: f64,
    flag: Option<Flag>,
    /// The most that is taken to be lost.
    most: f64,
}

impl<'a> Split<'a> {
    fn new(context: &Context<'a>) -> Split<'a> {
        let loss: &'a [f64] = &context.outcome.path.pool_loss;
        let n = context.outcome.paths;
        let (q, window) = match context.sample() {
            None => {
                let ranks = context.ranks[2];
                assert_eq!(ranks.level, LEVEL);
                let tail = Tail::new(Column::Money(loss), n, ranks.low.min(ranks.error_low));
                (quantile(&tail, &ranks), (tail.at(ranks.error_low), tail.at(ranks.error_high.min(n))))
            }
            Some(sample) => {
                let tail = WeightedTail::new(Column::Money(loss), sample);
                (tail.quantile(LEVEL, context.scenario.case.simulation.confidence.get()), tail.window(LEVEL))
            }
        };
        let weights: Vec<f64> = context.sample().map(|sample| sample.weights().collect()).unwrap_or_default();
        let weight = |row: usize| weights.get(row).copied().unwrap_or(1.0);
        let count =
            |meets: &dyn Fn(f64) -> bool| loss.iter().enumerate().filter(|(_, l)| meets(**l)).fold(0.0, |sum, (row, _)| sum + weight(row));
        let size = LEVEL.beyond_permille(n) as f64 / 1000.0;
        Split {
            loss,
            value_at_risk: q.value,
            window,
            tail: size,
            at_weight: size - count(&|l| l > q.value),
            at_count: count(&|l| l == q.value),
            window_count: count(&|l| l >= window.0 && l <= window.1),
            flag: match q.high {
                None => Some(Flag::OpenInterval),
                Some(_) => (q.thin || q.coarse).then_some(Flag::ThinTail),
            },
            most: context.claims(),
            weights,
        }
    }

    /// How many of some rows lie beyond VaR.
    fn beyond(&self, rows: Range<u64>) -> f64 {
        self.loss[rows.start as usize..rows.end as usize].iter().filter(|loss| **loss > self.value_at_risk).count() as f64
    }

    /// Whether a row lies in the tail, and where.
    fn part_of(&self, loss: f64) -> TailPart {
        TailPart { beyond: loss > self.value_at_risk, at: loss == self.value_at_risk, near: loss >= self.window.0 && loss <= self.window.1 }
    }

    /// The part of one account or symbol, of its losses on the tail of each stratum and the rows beyond VaR there.
    fn part_of_sums(&self, context: &Context<'_>, beyond: &[f64], of: &dyn Fn(usize) -> TailSum) -> Estimate {
        let (n, per_path) = (context.outcome.paths, 1.0 / (1.0 - LEVEL.alpha()));
        let weight = |k: usize| context.sample().map_or(1.0, |sample| sample.weight(&sample.strata[k]));
        let strata = || (0..beyond.len()).map(|k| (weight(k), of(k)));
        let sum = |get: fn(&TailSum) -> f64| strata().fold(0.0, |sum, (weight, losses)| sum + weight * get(&losses));
        let value = (sum(|s| s.beyond) + sum(|s| s.at) * self.at_weight / self.at_count) / self.tail;
        let edge = sum(|s| s.near) / self.window_count;
        // Σψ, Σψ² and Σψ³ over the rows of a stratum
        let powers = |k: usize| {
            let (losses, rows) = (of(k), beyond[k]);
            let sum = losses.beyond - edge * rows;
            let square = losses.square - edge * (2.0 * losses.beyond - edge * rows);
            let cube = losses.cube - 3.0 * edge * (losses.square - edge * losses.beyond) - edge * edge * edge * rows;
            [per_path * sum, per_path * per_path * square, per_path * per_path * per_path * cube]
        };
        let active = strata().map(|(_, losses)| u64::from(losses.count)).sum();
        let doubt = Doubt::Known(Moments::of_powers(n, context.sample(), powers, active));
        let figure = Figure::new("es_part", value, Unit::Money, Vec::new()).doubt(doubt).flag(self.flag);
        sums::judge(context.scenario, context.outcome).estimate(&figure.within(0.0, self.most.max(value)))
    }

    fn part(&self, key: String, column: Column<'a>) -> Figure<'a> {
        let (mut beyond, mut at, mut near) = (0.0, 0.0, 0.0);
        column.each(|path, part| {
            let loss = self.loss[path];
            let part = self.weights.get(path).map_or(part, |weight| weight * part);
            beyond += if loss > self.value_at_risk { part } else { 0.0 };
            at += if loss == self.value_at_risk { part } else { 0.0 };
            near += if loss >= self.window.0 && loss <= self.window.1 { part } else { 0.0 };
        });
        let value = (beyond + at * self.at_weight / self.at_count) / self.tail;
        let at_the_edge = near / self.window_count;
        let per_path = 1.0 / (1.0 - LEVEL.alpha());
        let pool = Column::Money(self.loss);
        let influence = vec![
            Term::linear_where(column, per_path, pool, self.value_at_risk),
            Term::new(pool, Shape::Above(self.value_at_risk), -at_the_edge * per_path),
        ];
        let figure = Figure::new(key, value, Unit::Money, influence).flag(self.flag).within(0.0, self.most.max(value));
        Figure { weight: per_path, ..figure }
    }
}

/// `tier.X.loss.es_99_part` and `unallocated_loss.es_99_part` (who bears it), `….accounts_loss.es_99_part` (who causes it).
pub fn figures<'a>(context: &Context<'a>) -> Vec<Figure<'a>> {
    let split = Split::new(context);
    let key = |prefix: &str| format!("{prefix}.es_{}_part", LEVEL.key);
    let path = &context.outcome.path;
    let tiers = key_names(context.book.tiers.iter().map(String::as_str));
    let borne = tiers.iter().zip(&path.tier_loss).map(|(name, loss)| (format!("tier.{name}.loss"), Column::Money(loss)));
    let rest = [("unallocated_loss".to_string(), Column::Money(&path.unallocated_loss))];
    let groups = &context.outcome.groups;
    let caused = groups::prefixes(groups).into_iter().zip(groups).map(|(p, g)| (format!("{p}.accounts_loss"), Column::of_group(g)));
    borne.chain(rest).chain(caused).map(|(prefix, column)| split.part(key(&prefix), column)).collect()
}

/// The rows of the pool's tail, in order; nothing where it is too thin to be shared among accounts.
pub fn tail_rows(scenario: &Scenario, book: &Book, outcome: &Outcome) -> Vec<TailRow> {
    let context = Context::new(scenario, book, outcome);
    let split = Split::new(&context);
    if split.flag.is_some() && !outcome.deterministic || split.value_at_risk <= 0.0 && split.loss.iter().all(|loss| *loss == 0.0) {
        return Vec::new();
    }
    let rows = (0..).zip(split.loss).map(|(row, loss)| (row, split.part_of(*loss)));
    rows.filter(|(_, part)| *part != TailPart::default()).collect()
}

/// The parts of every account and of every symbol, in the order of the book and of `SymbolColumns`.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    pub account: Vec<Estimate>,
    pub symbol: Vec<Estimate>,
}

/// Who causes the pool's ES; nothing where its tail was not run again.
pub fn causes(scenario: &Scenario, book: &Book, outcome: &Outcome) -> Option<Causes> {
    let first = outcome.tail.first()?;
    let context = Context::new(scenario, book, outcome);
    let split = Split::new(&context);
    let beyond: Vec<f64> = match &outcome.sample {
        None => vec![split.beyond(0..outcome.paths)],
        Some(sample) => sample.strata.iter().map(|stratum| split.beyond(stratum.rows.clone())).collect(),
    };
    let account = (0..first.account.len()).map(|a| split.part_of_sums(&context, &beyond, &|k| outcome.tail[k].account[a]));
    let symbol = (0..first.symbol.len()).map(|s| split.part_of_sums(&context, &beyond, &|k| outcome.tail[k].symbol[s]));
    Some(Causes { account: account.collect(), symbol: symbol.collect() })
}

#[cfg(test)]
mod tests {
    use super::super::es::expected_shortfall;
    use super::super::{synthetic, tests};
    use super::*;
    use crate::maths::random::{Stream, Streams};

    #[test]
    fn the_parts_of_a_split_add_up_to_the_whole() {
        let (scenario, book) = (tests::scenario(), tests::book());
        let n = 20_000;
        let key = Streams::new(5).key(Stream::Sample, 9);
        let mut outcome = synthetic::quiet(&book, n);
        for path in 0..n {
            let draw = |k| (key.uniform(path as u64, k) - 0.95).max(0.0) * 1e6;
            // whole units, so that many paths tie at the VaR
            let parts = [draw(0).floor(), (draw(0) * 0.5 + draw(1)).floor()];
            outcome.path.pool_loss[path] = parts[0] + parts[1];
            for (tier, part) in parts.into_iter().enumerate() {
                outcome.path.tier_loss[tier][path] = part;
                if part != 0.0 {
                    outcome.groups[tier].loss.push((path as u32, part));
                }
            }
        }
        let e = crate::measures::estimate(&scenario, &book, &outcome);
        let whole = &e["pool_loss.es_99"];
        for suffix in ["loss.es_99_part", "accounts_loss.es_99_part"] {
            let parts = ["A", "B_x"].map(|tier| &e[&format!("tier.{tier}.{suffix}")]);
            assert!(((parts[0].value + parts[1].value) / whole.value - 1.0).abs() < 1e-12);
            assert!(parts.iter().all(|p| p.std_error > 0.1 * whole.std_error && p.std_error < 3.0 * whole.std_error));
        }
        // the whole as its own part has the error of the whole
        outcome.groups[0].loss = (0..n as u32).map(|p| (p, outcome.path.pool_loss[p as usize])).collect();
        let context = Context::new(&scenario, &book, &outcome);
        let split = Split::new(&context);
        let own = split.part("x".into(), Column::Sparse(&outcome.groups[0].loss));
        let tail = Tail::new(Column::Money(&outcome.path.pool_loss), n as u64, 1);
        assert!((own.value / expected_shortfall(&tail, n as u64, LEVEL) - 1.0).abs() < 1e-12);
        let se = crate::measures::influence::std_error(n, &own.influence, &[]);
        assert!((se / whole.std_error - 1.0).abs() < 0.02, "{se} {}", whole.std_error);
    }
}

//! Shares the pool's expected shortfall among those who bear it and those who cause it (Euler allocation).
//!
//! The part of k is the mean of its own loss over the paths that make the pool's ES: `ES_k = E[L_k | L in the worst 1 − α]`
//! (Tasche 1999; McNeil, Frey, Embrechts 2015, §8.5). Parts of a full split add up to the ES. Paths equal to the VaR enter
//! by the weight that is left, shared equally among them. SE: the spread of `(L_k − E[L_k | L = VaR])·1{L > VaR}/(1 − α)`,
//! with that mean taken over the VaR's order-statistic interval. Worked: losses (0, 0, 6, 10), of which k has (0, 0, 1, 8);
//! at a level that keeps the worst two, ES = 8 and k's part is 4.5.

use super::figure::Figure;
use super::influence::{Column, Shape, Term};
use super::quantile::{LEVELS, Level, Tail, quantile};
use super::stratified::WeightedTail;
use super::{Context, Flag, Unit, groups, key_names};

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

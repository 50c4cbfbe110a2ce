//! Estimates expected shortfall: the mean of the worst n(1 − α) paths, the last of them by its fraction.
//!
//! ES_α = (1/(1−α))·∫ VaR_u du over u from α to 1; for a sample with n(1−α) = k + g, the mean of the k largest and g of the
//! next (Acerbi and Tasche 2002). SE = √{[Var(L | L > q) + α(ES − q)²] / (n(1−α))}, which is the spread of (L − q)⁺/(1−α)
//! (Manistre and Hancock 2005). Worked: (1, …, 10) at 95 % has n(1−α) = 0.5 of the largest: ES = 10.

use super::figure::Figure;
use super::influence::{Column, Shape, Term};
use super::quantile::{LEVELS, Level, Quantile, Ranks, Tail, quantile};
use super::stratified::WeightedTail;
use super::{Context, Flag, Unit};

/// The mean of the tail beyond `level`.
pub fn expected_shortfall(tail: &Tail, n: u64, level: Level) -> f64 {
    let beyond = level.beyond_permille(n);
    let (whole, fraction) = (beyond / 1000, (beyond % 1000) as f64 / 1000.0);
    let sum: f64 = tail.top(whole).iter().sum();
    let next = if fraction > 0.0 { fraction * tail.at(n - whole) } else { 0.0 };
    (sum + next) / (beyond as f64 / 1000.0)
}

fn figure<'a>(prefix: &str, unit: Unit, column: Column<'a>, level: Level, q: &Quantile, value: f64, most: f64) -> Figure<'a> {
    let flag = match q.high {
        // an ES is above its VaR: no bound for the one is none for the other
        None => Some(Flag::OpenInterval),
        Some(_) if q.thin || q.coarse => Some(Flag::ThinTail),
        Some(_) => None,
    };
    let influence = vec![Term::new(column, Shape::Excess(q.value), 1.0 / (1.0 - level.alpha()))];
    // not below its VaR, and moved by what one path more in the tail adds to its mean
    let weight = 1.0 / (1.0 - level.alpha());
    Figure { weight, ..Figure::new(format!("{prefix}.es_{}", level.key), value, unit, influence).flag(flag) }.within(q.low, most.max(value))
}

/// VaR and ES of a column at some levels, never above `most` on a path: `prefix.var_…` and `prefix.es_…`.
pub fn tail_figures<'a>(
    context: &Context<'a>,
    prefix: &str,
    unit: Unit,
    column: Column<'a>,
    levels: &[Level],
    most: f64,
) -> Vec<Figure<'a>> {
    let n = context.outcome.paths;
    let chosen: Vec<_> = LEVELS.iter().zip(&context.ranks).filter(|(level, _)| levels.contains(level)).collect();
    if let Some(sample) = context.sample() {
        let tail = WeightedTail::new(column, sample);
        let confidence = context.scenario.case.simulation.confidence.get();
        let of_level = |(level, _): (&Level, &Ranks)| {
            let (q, value) = (tail.quantile(*level, confidence), tail.mean_beyond(1.0 - level.alpha()));
            [super::quantile::figure(prefix, unit, column, *level, &q), figure(prefix, unit, column, *level, &q, value, most)]
        };
        return chosen.into_iter().flat_map(of_level).collect();
    }
    let first = chosen.iter().map(|(_, r)| r.low.min(r.error_low)).min().unwrap_or(n);
    let tail = Tail::new(column, n, first);
    chosen
        .into_iter()
        .flat_map(|(level, ranks)| {
            let q = quantile(&tail, ranks);
            let value = expected_shortfall(&tail, n, *level);
            [super::quantile::figure(prefix, unit, column, *level, &q), figure(prefix, unit, column, *level, &q, value, most)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail_of(values: &[f64]) -> Tail {
        Tail::new(Column::Money(values), values.len() as u64, 1)
    }

    #[test]
    fn the_sample_on_the_edge_counts_by_its_fraction() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(expected_shortfall(&tail_of(&values), 10, LEVELS[0]), 10.0);
        let values: Vec<f64> = (1..=30).map(f64::from).collect();
        // 1.5 samples: 30 and half of 29
        assert!((expected_shortfall(&tail_of(&values), 30, LEVELS[0]) - (30.0 + 14.5) / 1.5).abs() < 1e-12);
        assert_eq!(expected_shortfall(&tail_of(&values[..20]), 20, LEVELS[0]), 20.0);
    }
}

//! Estimates statistical factors of standardised returns: a correlation for thousands of symbols without its matrix.
//!
//! Formula: zᵢₜ = Σₖ cᵢₖ·fₖₜ + eᵢₜ, f the principal components of the days (unit vectors), c = z·f. A symbol's joint normal is
//! then x = Σₖ lᵢₖ·Fₖ + ψᵢ·own with lᵢₖ = cᵢₖ / √T and ψᵢ² the variance of its e, both divided by √(Σ l² + ψ²), so that x has
//! variance 1; the correlation of two symbols is Σₖ lᵢₖ·lⱼₖ. Components come of the smaller of the two tables of products,
//! days by days or symbols by symbols.
//!
//! The number of factors is the k up to 8·(min(N, T) / 100)^¼ that makes ln V(k) + k·(N + T)/(N·T)·ln min(N, T) least, V(k) the
//! mean square of e: criterion IC_p2 of Bai and Ng (2002), "Determining the number of factors in approximate factor models",
//! Econometrica 70. Days on which a symbol does not trade are filled with what the factors say of them, and the components
//! taken again until they settle: Stock and Watson (2002), "Macroeconomic forecasting using diffusion indexes", Journal of
//! Business and Economic Statistics 20.
//!
//! Worked number: one factor with a load of 0.6 on every symbol correlates any two of them by 0.36.

use crate::maths::eigen::{gram, leading, rows_times};
use crate::maths::linear::dot;

/// Standardised returns, `[symbol][day]`: 0 where a symbol does not trade, or never moves.
pub struct Panel<'a> {
    pub symbols: usize,
    pub days: usize,
    pub standard: &'a [f64],
    /// 1 where the symbol trades, else 0.
    pub traded: &'a [f64],
}

/// Loads and own weights, of which each symbol's squares sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    pub count: usize,
    /// `[symbol][factor]`
    pub load: Vec<f64>,
    pub own: Vec<f64>,
}

/// Times the gaps are filled and the components taken again, at most.
const ROUNDS: usize = 20;
/// A round that moves the explained variance by less than this share of it is the last.
const SETTLED: f64 = 1e-5;

impl Factors {
    /// Estimates `given` factors, or as many as the criterion asks for.
    pub fn of(panel: &Panel<'_>, given: Option<usize>) -> Self {
        let (n, days) = (panel.symbols, panel.days);
        let most = n.min(days);
        let candidates = given.map_or_else(|| most_factors(n, days), |k| k.min(most));
        let mut filled = panel.standard.to_vec();
        let (values, mut series) = components(&filled, n, days, candidates);
        let count = given.map_or_else(|| criterion(dot(&filled, &filled), &values, n, days), |_| candidates);
        series.truncate(count * days);
        let mut loads = loads_on(&filled, &series, n, days);
        let gaps: Vec<usize> = (0..n * days).filter(|cell| panel.traded[*cell] == 0.0).collect();
        let mut explained: f64 = values[..count].iter().sum();
        for _ in 0..if gaps.is_empty() || count == 0 { 0 } else { ROUNDS } {
            for cell in &gaps {
                filled[*cell] = said(&loads, &series, cell / days, cell % days, count, days);
            }
            let (values, found) = components(&filled, n, days, count);
            series = found;
            loads = loads_on(&filled, &series, n, days);
            let now: f64 = values.iter().sum();
            let moved = (now - explained).abs();
            explained = now;
            if moved <= SETTLED * now {
                break;
            }
        }
        Self::scaled(panel, &loads, &series, count)
    }

    /// Every symbol's loads and own weight, its variance made 1.
    fn scaled(panel: &Panel<'_>, loads: &[f64], series: &[f64], count: usize) -> Self {
        let (n, days) = (panel.symbols, panel.days);
        let mut factors = Factors { count, load: vec![0.0; n * count], own: vec![1.0; n] };
        for i in 0..n {
            let (mut left, mut used) = (0.0, 0.0);
            for t in (0..days).filter(|t| panel.traded[i * days + t] > 0.0) {
                let e = panel.standard[i * days + t] - said(loads, series, i, t, count, days);
                left += e * e;
                used += 1.0;
            }
            let mine = &loads[i * count..(i + 1) * count];
            let common = dot(mine, mine) / days as f64;
            let own = left / (used - 1.0f64).max(1.0);
            let scale = if common + own > 0.0 { 1.0 / (common + own).sqrt() } else { continue };
            factors.own[i] = own.sqrt() * scale;
            let root = scale / (days as f64).sqrt();
            factors.load[i * count..(i + 1) * count].iter_mut().zip(mine).for_each(|(l, c)| *l = c * root);
        }
        factors
    }

    pub fn loads(&self, symbol: usize) -> &[f64] {
        &self.load[symbol * self.count..(symbol + 1) * self.count]
    }

    /// The correlation of two different symbols.
    pub fn correlation(&self, i: usize, j: usize) -> f64 {
        dot(self.loads(i), self.loads(j))
    }

    /// The mean correlation of two different symbols; 0 for one symbol.
    pub fn mean_correlation(&self) -> f64 {
        let n = self.own.len();
        if n < 2 {
            return 0.0;
        }
        let sums: Vec<f64> = (0..self.count).map(|k| self.load.iter().skip(k).step_by(self.count).sum()).collect();
        (dot(&sums, &sums) - dot(&self.load, &self.load)) / (n * (n - 1)) as f64
    }

    /// The share of all symbols' variance that is common.
    pub fn explained(&self) -> f64 {
        dot(&self.load, &self.load) / self.own.len() as f64
    }
}

/// Factors the criterion may choose from: Schwert's rule for the length of a lag, taken over by Bai and Ng.
fn most_factors(n: usize, days: usize) -> usize {
    let least = n.min(days);
    let rule = 8.0 * (least as f64 / 100.0).sqrt().sqrt();
    (rule as usize).clamp(1, least.saturating_sub(1).max(1))
}

/// The number of factors of least criterion, from the sum of squares and the largest eigenvalues of the table of products.
fn criterion(total: f64, values: &[f64], n: usize, days: usize) -> usize {
    let (symbols, length) = (n as f64, days as f64);
    let price = (symbols + length) / (symbols * length) * libm::log(symbols.min(length));
    let mut left = total;
    let heights = (0..=values.len()).map(|k| {
        left -= if k > 0 { values[k - 1] } else { 0.0 };
        // what is left to explain is rounding where everything is
        libm::log(left.max(1e-12 * total) / (symbols * length)) + k as f64 * price
    });
    let heights: Vec<f64> = heights.collect();
    (0..heights.len()).min_by(|a, b| heights[*a].total_cmp(&heights[*b])).expect("no factor is one choice")
}

/// The largest eigenvalues of the table of products, and the components as unit series of days, `[factor][day]`.
fn components(filled: &[f64], n: usize, days: usize, count: usize) -> (Vec<f64>, Vec<f64>) {
    if n <= days {
        let mut table = vec![0.0; n * n];
        gram(filled, days, &mut table);
        let found = leading(&table, n, count).expect("returns are finite");
        let mut series = vec![0.0; found.values.len() * days];
        let by_day = transposed(filled, n, days);
        for (vector, series) in found.vectors.chunks_exact(n).zip(series.chunks_exact_mut(days)) {
            rows_times(&by_day, vector, series);
            let length = dot(series, series).sqrt();
            series.iter_mut().for_each(|x| *x /= if length > 0.0 { length } else { 1.0 });
        }
        return (found.values, series);
    }
    let mut table = vec![0.0; days * days];
    gram(&transposed(filled, n, days), n, &mut table);
    let found = leading(&table, days, count).expect("returns are finite");
    (found.values, found.vectors)
}

fn transposed(rows: &[f64], n: usize, days: usize) -> Vec<f64> {
    let mut turned = vec![0.0; n * days];
    for (i, row) in rows.chunks_exact(days).enumerate() {
        row.iter().enumerate().for_each(|(t, x)| turned[t * n + i] = *x);
    }
    turned
}

/// Each symbol's product with each component, `[symbol][factor]`.
fn loads_on(filled: &[f64], series: &[f64], n: usize, days: usize) -> Vec<f64> {
    let count = series.len() / days;
    let mut loads = vec![0.0; n * count];
    for (row, loads) in filled.chunks_exact(days).zip(loads.chunks_exact_mut(count.max(1))) {
        rows_times(series, row, loads);
    }
    loads
}

/// What the factors say of a symbol on a day.
#[inline(always)]
fn said(loads: &[f64], series: &[f64], symbol: usize, day: usize, count: usize, days: usize) -> f64 {
    loads[symbol * count..(symbol + 1) * count].iter().enumerate().map(|(k, c)| c * series[k * days + day]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::{Key, normal};

    /// Standardised returns of symbols with `loads` on as many factors.
    fn panel(n: usize, days: usize, loads: &[f64], item: u32) -> Vec<f64> {
        let own = (1.0 - loads.iter().map(|l| l * l).sum::<f64>()).sqrt();
        let mut rows = Vec::with_capacity(n * days);
        for i in 0..n {
            let cell = |t: usize| {
                let common = loads.iter().enumerate().map(|(k, l)| {
                    // the first factor moves all alike, each further one half of the symbols against the other half
                    let sign = if k > 0 && (i >> (k - 1)) & 1 == 1 { -1.0 } else { 1.0 };
                    sign * l * normal(Key([900 + k as u32, item]), t as u64, 0)
                });
                common.sum::<f64>() + own * normal(Key([i as u32, item]), t as u64, 0)
            };
            let row: Vec<f64> = (0..days).map(cell).collect();
            let mean = row.iter().sum::<f64>() / days as f64;
            let deviation = (row.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (days - 1) as f64).sqrt();
            rows.extend(row.iter().map(|x| (x - mean) / deviation));
        }
        rows
    }

    #[test]
    fn the_number_of_factors_and_their_loads_come_back_on_either_side() {
        for (n, days) in [(60, 800), (400, 120)] {
            for loads in [vec![0.6], vec![0.6, 0.4, 0.3]] {
                let standard = panel(n, days, &loads, 11);
                let traded = vec![1.0; n * days];
                let factors = Factors::of(&Panel { symbols: n, days, standard: &standard, traded: &traded }, None);
                assert_eq!(factors.count, loads.len(), "{n} symbols, {days} days");
                let common: f64 = loads.iter().map(|l| l * l).sum();
                assert!((factors.explained() - common).abs() < 0.06, "{} for {common}", factors.explained());
                let pair = loads[0] * loads[0] + loads[1..].iter().map(|l| l * l).sum::<f64>();
                // symbols 0 and 8 have every load alike
                assert!((factors.correlation(0, 8) - pair).abs() < 0.15, "{} for {pair}", factors.correlation(0, 8));
                for i in 0..n {
                    let square = dot(factors.loads(i), factors.loads(i)) + factors.own[i] * factors.own[i];
                    assert!((square - 1.0).abs() < 1e-12, "{square}");
                }
            }
            let noise = panel(n, days, &[], 12);
            let none = Factors::of(&Panel { symbols: n, days, standard: &noise, traded: &vec![1.0; n * days] }, None);
            assert_eq!((none.count, none.mean_correlation()), (0, 0.0));
        }
    }

    #[test]
    fn gaps_do_not_wash_out_the_loads() {
        let (n, days) = (80, 500);
        let whole = panel(n, days, &[0.7], 13);
        // a third of the symbols is away on a third of the days, all at once
        let away = |cell: usize| (cell / days).is_multiple_of(3) && (cell % days) < days / 3;
        let standard: Vec<f64> = whole.iter().enumerate().map(|(cell, z)| if away(cell) { 0.0 } else { *z }).collect();
        let traded: Vec<f64> = (0..n * days).map(|cell| if away(cell) { 0.0 } else { 1.0 }).collect();
        let factors = Factors::of(&Panel { symbols: n, days, standard: &standard, traded: &traded }, Some(1));
        let mean = |rest: usize| {
            let of = (0..n).filter(|i| i % 3 == rest).map(|i| factors.loads(i)[0].abs());
            of.clone().sum::<f64>() / of.count() as f64
        };
        assert!((mean(0) - 0.7).abs() < 0.03 && (mean(1) - 0.7).abs() < 0.03, "{} with gaps, {} without", mean(0), mean(1));
    }

    #[test]
    fn what_cannot_be_told_apart_is_wholly_common() {
        let (n, days) = (4, 50);
        let one = panel(1, days, &[], 14);
        let twins: Vec<f64> = (0..n).flat_map(|_| one.clone()).collect();
        let traded = vec![1.0; n * days];
        let factors = Factors::of(&Panel { symbols: n, days, standard: &twins, traded: &traded }, Some(1));
        assert!((factors.mean_correlation() - 1.0).abs() < 1e-9 && factors.own.iter().all(|w| *w < 1e-6), "{factors:?}");
        let still = vec![0.0; n * days];
        let factors = Factors::of(&Panel { symbols: n, days, standard: &still, traded: &traded }, None);
        assert!(factors.own.iter().all(|w| *w == 1.0) && factors.load.iter().all(|l| *l == 0.0), "{factors:?}");
        let two_days = Factors::of(&Panel { symbols: 4, days: 2, standard: &panel(4, 2, &[], 15), traded: &[1.0; 8] }, None);
        assert!(two_days.own.iter().chain(&two_days.load).all(|x| x.is_finite()));
    }
}

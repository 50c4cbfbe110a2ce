//! Writes every figure as a mean over paths of its influence, so that one rule gives its error and its paired difference.
//!
//! To first order an estimate T of n paths is its true value plus the mean of an influence ψ over paths (Hampel 1974).
//! Then SE(T) = sd(ψ)/√n, and for two scenarios on the same paths SE(T₁ − T₀) = sd(ψ₁ − ψ₀)/√n. Every ψ used here is a
//! sum of a few terms in one column each: a mean is `1·x`, a ratio `x/b̄ − (ā/b̄²)·y`, a VaR `1{x > q}/f`, an ES `(x − q)⁺/(1 − α)`.
//! The third moment of ψ tells the skewness of T, which the interval corrects for (`figure`).
//! A share of an ES counts its column only on the paths where another column lies above a value: the term's gate.
//! Constants do not matter, for the spread is taken about the mean.
//! Worked: x = (1, 2, 3, 4) has sd 1.290994, so the mean 2.5 has SE 0.645497.

use crate::engine::outcome::{GroupColumns, Sample};
use std::ops::Range;

/// A column of one value per path.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    Money(&'a [f64]),
    Count(&'a [u32]),
    /// (path, value) of the paths where it is not zero, ascending.
    Sparse(&'a [(u32, f64)]),
}

impl<'a> Column<'a> {
    /// What a group of accounts cost the pool, in whichever form it is held.
    pub fn of_group(group: &'a GroupColumns) -> Self {
        if group.loss_by_path.is_empty() { Column::Sparse(&group.loss) } else { Column::Money(&group.loss_by_path) }
    }
}

impl Column<'_> {
    /// Writes the values of a range of paths.
    fn fill(&self, range: Range<usize>, out: &mut [f64]) {
        match self {
            Column::Money(values) => out.copy_from_slice(&values[range]),
            Column::Count(values) => {
                for (out, value) in out.iter_mut().zip(&values[range]) {
                    *out = f64::from(*value);
                }
            }
            Column::Sparse(entries) => {
                out.fill(0.0);
                let first = entries.partition_point(|(path, _)| (*path as usize) < range.start);
                for (path, value) in entries[first..].iter().take_while(|(path, _)| (*path as usize) < range.end) {
                    out[*path as usize - range.start] = *value;
                }
            }
        }
    }

    /// Calls `with` for every path whose value is not zero, in order (and perhaps for some whose value is).
    pub fn each(&self, mut with: impl FnMut(usize, f64)) {
        match self {
            Column::Money(values) => values.iter().enumerate().for_each(|(path, v)| with(path, *v)),
            Column::Count(values) => values.iter().enumerate().for_each(|(path, v)| with(path, f64::from(*v))),
            Column::Sparse(entries) => entries.iter().for_each(|(path, v)| with(*path as usize, *v)),
        }
    }

    /// How many paths meet a condition.
    pub fn count(&self, paths: usize, meets: impl Fn(f64) -> bool) -> u64 {
        match self {
            Column::Money(values) => values.iter().filter(|v| meets(**v)).count() as u64,
            Column::Count(values) => values.iter().filter(|v| meets(f64::from(**v))).count() as u64,
            Column::Sparse(entries) => {
                let zeros = if meets(0.0) { paths - entries.len() } else { 0 };
                (zeros + entries.iter().filter(|(_, v)| meets(*v)).count()) as u64
            }
        }
    }
}

/// How a term looks at its column.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// x
    Linear,
    /// 1 where x > q
    Above(f64),
    /// 1 where x ≥ c
    AtLeast(f64),
    /// x − q where x > q
    Excess(f64),
    /// x²
    Square,
}

/// One term of an influence: weight × shape(column), on the paths that pass the gate.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    column: Column<'a>,
    shape: Shape,
    weight: f64,
    /// Counts only where this column lies above this value.
    gate: Option<(Column<'a>, f64)>,
}

impl<'a> Term<'a> {
    pub fn new(column: Column<'a>, shape: Shape, weight: f64) -> Self {
        Term { column, shape, weight, gate: None }
    }

    pub fn linear(column: Column<'a>, weight: f64) -> Self {
        Term::new(column, Shape::Linear, weight)
    }

    /// weight × x on the paths where `gate` lies above `above`.
    pub fn linear_where(column: Column<'a>, weight: f64, gate: Column<'a>, above: f64) -> Self {
        Term { gate: Some((gate, above)), ..Term::linear(column, weight) }
    }

    fn add_to(&self, range: Range<usize>, scratch: &mut [f64], sum: &mut [f64], sign: f64) {
        self.column.fill(range.clone(), scratch);
        if let Some((gate, above)) = self.gate {
            let mut passes = vec![0.0; range.len()];
            gate.fill(range, &mut passes);
            // gated terms are linear: a path that does not pass adds nothing
            scratch.iter_mut().zip(&passes).for_each(|(x, gate)| *x = if *gate > above { *x } else { 0.0 });
        }
        let weight = sign * self.weight;
        let each = sum.iter_mut().zip(scratch.iter());
        match self.shape {
            Shape::Linear => each.for_each(|(s, x)| *s += weight * x),
            Shape::Square => each.for_each(|(s, x)| *s += weight * x * x),
            Shape::Above(q) => each.for_each(|(s, x)| *s += if *x > q { weight } else { 0.0 }),
            Shape::AtLeast(c) => each.for_each(|(s, x)| *s += if *x >= c { weight } else { 0.0 }),
            Shape::Excess(q) => each.for_each(|(s, x)| *s += if *x > q { weight * (x - q) } else { 0.0 }),
        }
    }
}

/// What the spread of an influence over paths comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    pub paths: u64,
    pub mean: f64,
    /// Divisor n − 1; of a sample, the variance that its mean's error would have come of.
    pub variance: f64,
    /// The variance of one path.
    pub of_path: f64,
    /// Third central moment, divisor n.
    pub third: f64,
    /// Paths that tell the figure from a constant: of those that are not zero, and not what most are, the fewer.
    pub active: u64,
    /// The largest influence of one path, without regard to sign.
    pub scale: f64,
}

impl Moments {
    /// Of values that are not below zero, from Σx and Σx² alone; `active` holds at most (Σx)²/Σx² (Cauchy and Schwarz).
    ///
    /// Σx³ is not kept; the third moment is taken as 1.5·variance²/mean, which is that of rare losses of exponential sizes.
    pub fn of_sums(paths: u64, sum: f64, square: f64) -> Moments {
        let n = paths as f64;
        let mean = sum / n;
        // rounding may leave a constant a hair below zero spread
        let squares = (square - sum * mean).max(0.0);
        let variance = if paths > 1 { squares / (n - 1.0) } else { 0.0 };
        let third = if mean > 0.0 { 1.5 * variance * variance / mean } else { 0.0 };
        let active = if square > 0.0 { (sum * sum / square).ceil().min(n) as u64 } else { 0 };
        Moments { paths, mean, variance, of_path: variance, third, active, scale: mean.abs() }
    }

    /// Those of an influence of which Σψ, Σψ² and Σψ³ over the rows of each stratum are known, or over all rows; it is not zero on `active`.
    pub fn of_powers(paths: u64, sample: Option<&Sample>, powers: impl Fn(usize) -> [f64; 3], active: u64) -> Moments {
        let central = |k: usize, count: f64| {
            let [sum, square, cube] = powers(k);
            let mean = sum / count;
            // rounding may leave a constant a hair below zero spread
            let squares = (square - sum * mean).max(0.0);
            Central { count, mean, squares, cubes: cube - 3.0 * mean * square + 2.0 * count * mean * mean * mean }
        };
        let strata: Vec<Central> = match sample {
            None => vec![central(0, paths as f64)],
            Some(sample) => sample.strata.iter().enumerate().map(|(k, stratum)| central(k, stratum.count() as f64)).collect(),
        };
        let [mean, variance, of_path, third] = joined(sample, &strata, paths as f64);
        Moments { paths, mean, variance, of_path, third, active, scale: mean.abs() }
    }

    /// The standard error of a figure with this influence: sd(ψ)/√n.
    pub fn std_error(&self) -> f64 {
        (self.variance / self.paths as f64).sqrt()
    }

    /// The skewness of the mean over paths: that of a path over √n.
    pub fn skewness_of_mean(&self) -> f64 {
        let n = self.paths as f64;
        let variance = self.variance * (n - 1.0) / n;
        if variance > 0.0 { self.third / (variance * variance.sqrt() * n.sqrt()) } else { 0.0 }
    }

    /// Whether every path shows the same, but for rounding.
    pub fn is_constant(&self) -> bool {
        self.variance.sqrt() <= 1e-13 * self.scale
    }
}

/// Moments over paths of `Σ plus − Σ minus`; of a sample those from which the error of its mean follows by the same rule.
pub fn moments(paths: usize, sample: Option<&Sample>, plus: &[Term<'_>], minus: &[Term<'_>]) -> Moments {
    let mut influence = Influence::new(plus, minus);
    let strata: Vec<Central> = match sample {
        None => vec![influence.over(0..paths)],
        Some(sample) => {
            let rows = |range: &Range<u64>| range.start as usize..range.end as usize;
            sample.strata.iter().map(|stratum| influence.over(rows(&stratum.rows))).collect()
        }
    };
    let [mean, variance, of_path, third] = joined(sample, &strata, paths as f64);
    influence.whole(paths, mean, [variance, of_path], third)
}

/// Mean, variance, variance of one path and third moment of all rows, or of strata.
fn joined(sample: Option<&Sample>, strata: &[Central], n: f64) -> [f64; 4] {
    let Some(sample) = sample else {
        let [all] = strata else { unreachable!("rows without strata are one") };
        let variance = all.variance();
        return [all.mean, variance, variance, if all.count > 0.0 { all.cubes / all.count } else { 0.0 }];
    };
    let (mean, error_square) = sample.gather(|k| (strata[k].mean, strata[k].variance()));
    // the third moment of the mean is that of the strata's means, each drawn by itself
    let third = sample.strata.iter().zip(strata).fold(0.0, |sum, (stratum, central)| {
        let each = sample.share(stratum) / central.count;
        sum + each * each * each * central.cubes
    });
    let of_path = sample.strata.iter().zip(strata).fold(0.0, |sum, (stratum, central)| {
        let apart = central.mean - mean;
        sum + sample.share(stratum) * (central.variance() + apart * apart)
    });
    [mean, error_square * n, of_path, third * n * n]
}

/// How far each path moves a figure from what it would be without it, to first order and times the number of paths: its influence,
/// about its mean.
pub fn by_path(paths: usize, terms: &[Term<'_>]) -> Vec<f64> {
    let (mut sum, mut scratch) = (vec![0.0; paths], vec![0.0; paths]);
    terms.iter().for_each(|term| term.add_to(0..paths, &mut scratch, &mut sum, 1.0));
    let mean = sum.iter().sum::<f64>() / paths as f64;
    sum.iter_mut().for_each(|x| *x -= mean);
    sum
}

/// Count, mean and central sums of some paths.
#[derive(Clone, Copy, Debug, Default)]
struct Central {
    count: f64,
    mean: f64,
    squares: f64,
    cubes: f64,
}

impl Central {
    fn variance(&self) -> f64 {
        if self.count > 1.0 { self.squares / (self.count - 1.0) } else { 0.0 }
    }
}

/// Rows looked at together.
const BLOCK: usize = 4_096;

/// An influence while it is gone through, and what is noted of it over all paths.
struct Influence<'t, 'a> {
    plus: &'t [Term<'a>],
    minus: &'t [Term<'a>],
    scratch: Vec<f64>,
    sum: Vec<f64>,
    scale: f64,
    zeros: usize,
    usual: Option<f64>,
    alike: usize,
}

impl<'t, 'a> Influence<'t, 'a> {
    fn new(plus: &'t [Term<'a>], minus: &'t [Term<'a>]) -> Self {
        Influence { plus, minus, scratch: vec![0.0; BLOCK], sum: vec![0.0; BLOCK], scale: 0.0, zeros: 0, usual: None, alike: 0 }
    }

    /// The moments of some paths, in fixed blocks merged in order (Chan, Golub, LeVeque 1979; Pébay 2008 for the third).
    fn over(&mut self, paths: Range<usize>) -> Central {
        let mut all = Central::default();
        for start in paths.clone().step_by(BLOCK) {
            let range = start..(start + BLOCK).min(paths.end);
            let (scratch, sum) = (&mut self.scratch[..range.len()], &mut self.sum[..range.len()]);
            sum.fill(0.0);
            self.plus.iter().for_each(|t| t.add_to(range.clone(), scratch, sum, 1.0));
            self.scale = sum.iter().fold(self.scale, |m, x| m.max(x.abs()));
            self.minus.iter().for_each(|t| t.add_to(range.clone(), scratch, sum, -1.0));
            let block_count = range.len() as f64;
            let block_mean = sum.iter().sum::<f64>() / block_count;
            let (mut block_squares, mut block_cubes) = (0.0, 0.0);
            for x in sum.iter() {
                let (d, square) = (x - block_mean, (x - block_mean) * (x - block_mean));
                block_squares += square;
                block_cubes += d * square;
            }
            let Central { count, mean, squares, .. } = all;
            let delta = block_mean - mean;
            let total = count + block_count;
            all.cubes += block_cubes
                + delta * delta * delta * count * block_count * (count - block_count) / (total * total)
                + 3.0 * delta * (count * block_squares - block_count * squares) / total;
            all.squares += block_squares + delta * delta * count * block_count / total;
            all.mean += delta * block_count / total;
            all.count = total;
            let usual = *self.usual.get_or_insert_with(|| middle(sum));
            self.zeros += sum.iter().filter(|x| **x == 0.0).count();
            self.alike += sum.iter().filter(|x| **x == usual).count();
        }
        all
    }

    fn whole(&self, paths: usize, mean: f64, [variance, of_path]: [f64; 2], third: f64) -> Moments {
        let active = (paths - self.zeros.max(self.alike)) as u64;
        Moments { paths: paths as u64, mean, variance, of_path, third, active, scale: self.scale }
    }
}

/// The value in the middle of a block's order: what most of its paths show, where most show the same.
fn middle(block: &[f64]) -> f64 {
    let mut values = block.to_vec();
    let at = values.len() / 2;
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}

/// Mean and sample variance over paths of `Σ plus − Σ minus`.
#[cfg(test)]
pub fn spread(paths: usize, plus: &[Term<'_>], minus: &[Term<'_>]) -> (f64, f64) {
    let m = moments(paths, None, plus, minus);
    (m.mean, m.variance)
}

/// The standard error of a figure with this influence: sd(ψ)/√n.
#[cfg(test)]
pub fn std_error(paths: usize, plus: &[Term<'_>], minus: &[Term<'_>]) -> f64 {
    moments(paths, None, plus, minus).std_error()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_mean_is_sd_over_root_n() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let term = Term::linear(Column::Money(&x), 1.0);
        assert!((std_error(4, &[term], &[]) - 0.645_497_224_4).abs() < 1e-10);
        assert_eq!(std_error(4, &[term], &[term]), 0.0);
        assert_eq!(spread(4, &[term], &[]).0, 2.5);
    }

    #[test]
    fn a_sparse_column_is_the_dense_one_without_its_zeros() {
        let paths = 10_000;
        let dense: Vec<f64> = (0..paths).map(|p| if p % 37 == 5 { f64::from(p) * 0.25 } else { 0.0 }).collect();
        let sparse: Vec<(u32, f64)> =
            (0..paths).zip(dense.iter().copied()).filter(|(_, v)| *v != 0.0).map(|(p, v)| (p as u32, v)).collect();
        for shape in [Shape::Linear, Shape::Above(300.0), Shape::AtLeast(0.0), Shape::Excess(20.0)] {
            let of = |column| Term::new(column, shape, 1.5);
            assert_eq!(
                spread(paths as usize, &[of(Column::Money(&dense))], &[]),
                spread(paths as usize, &[of(Column::Sparse(&sparse))], &[])
            );
        }
        let at_least_one = |v: f64| v < 1.0;
        assert_eq!(Column::Money(&dense).count(10_000, at_least_one), Column::Sparse(&sparse).count(10_000, at_least_one));
    }
}

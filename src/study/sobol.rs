//! Estimates Sobol' indices of a measure from the rows of a design, with their errors, less what the noise of paths adds.
//!
//! Of a surface f over k independent keys with variance V, the first-order index of a key is the share of V that its value alone
//! explains, V[E(f | x_i)]/V; its total index is the share that is left when all others are known, E[V(f | x_~i)]/V (Sobol' 1993; Homma
//! and Saltelli 1996). Of N rows, each of two independent points A and B and of A with key i of B, C_i (Saltelli et al. 2010, table 2):
//!
//! ```text
//! V   = 1/(2N − 1) · Σ (f − f̄)²  over all A and B
//! V_i = 1/N · Σ (f(B) − f̄) · (f(C_i) − f(A))      first order
//! T_i = 1/2N · Σ (f(A) − f(C_i))²                 total (Jansen 1999)
//! ```
//!
//! **Noise of paths.** f is known as Y = f + e, the mean over n paths of f's influence ψ (`measures/influence.rs`). All settings have the
//! same paths, so that the errors of two of them move together, and what they add to a product of two differences of Y is known: the
//! covariance of the same differences of ψ over n. It is taken off each of the three sums, term by term: V less var(ψ − ψ̄)/n, T_i less
//! var(ψ_A − ψ_C)/n, V_i less cov(ψ_B − ψ̄, ψ_C − ψ_A)/n.
//!
//! **Errors.** An index is a ratio R = P/V. Rows are drawn independently: the error of the design is sd(p − R·v)/(V·√N) over the terms
//! p, v of each row. Paths are drawn independently too: with φ and χ what each path adds to P and V to first order (of a term d² it is
//! 2·d·(ψ_A − ψ_C)), the error of the paths is sd(φ − R·χ)/(V·√n). Where the noise is as large as what it is taken off, the square of an
//! error counts beside its slope: (f + e)² − var(e) has a standard deviation of √2·var(e) where f is nothing. So √2 of the noise taken off P
//! and V, its largest where all rows err together, is added to the error of the paths as an independent part. The errors of design and paths
//! are independent; the standard error is the root of the sum of their squares. A surface whose V is no more than the error of its paths could make has no indices.
//!
//! f̄ is estimated as well, which moves V_i by (V − V_i)/2N; no part of an error.
//!
//! Worked: f = 2·x₁ + x₂, x uniform on (0, 1): V = 5/12, both indices of x₁ are 0.8 and of x₂ 0.2.

use crate::maths::special::normal_quantile;
use serde::Serialize;
use std::f64::consts::SQRT_2;

/// A measure over a design.
pub struct Surface<'a> {
    pub keys: usize,
    pub rows: usize,
    /// Of each setting; a row has A, B, then A with each key of B.
    pub values: &'a [f64],
    /// Of each setting what each path adds to its figure, about its mean; nothing where it is not known.
    pub influence: Option<&'a [Vec<f64>]>,
}

/// A figure of a design, and where its error comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Index {
    pub value: f64,
    pub std_error: f64,
    /// The parts of the error: that rows are drawn, and that paths are.
    pub of_design: f64,
    pub of_paths: f64,
}

/// Both indices of a key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OfKey {
    pub first: Index,
    pub total: Index,
}

/// What a design tells of a measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Indices {
    /// The measure's mean over the ranges, and its standard deviation.
    pub mean: Index,
    pub deviation: Index,
    /// The share of the variance between settings that the paths made, and that was taken off; nothing where it is not known.
    pub noise: Option<f64>,
    pub keys: Vec<OfKey>,
    /// The share that no key explains by itself: one less the sum of all first-order indices.
    pub together: Index,
}

/// A mean over rows, and what each row and each path adds to it.
#[derive(Clone)]
struct Sum {
    value: f64,
    rows: Vec<f64>,
    paths: Vec<f64>,
    /// What the noise of the paths may have been of it.
    noise: f64,
}

impl Sum {
    fn new(rows: usize, paths: usize) -> Sum {
        Sum { value: 0.0, rows: vec![0.0; rows], paths: vec![0.0; paths], noise: 0.0 }
    }

    /// Adds another.
    fn add(&mut self, other: &Sum) {
        self.value += other.value;
        self.noise += other.noise;
        self.rows.iter_mut().zip(&other.rows).for_each(|(a, b)| *a += b);
        self.paths.iter_mut().zip(&other.paths).for_each(|(a, b)| *a += b);
    }

    /// The error of the value that the paths make.
    fn of_paths(&self) -> f64 {
        libm::hypot(error(&self.paths), SQRT_2 * self.noise)
    }

    /// The value by itself.
    fn alone(&self) -> Index {
        index(self.value, error(&self.rows), self.of_paths())
    }

    /// The value over another's.
    fn over(&self, whole: &Sum) -> Index {
        let ratio = self.value / whole.value;
        let rest = |part: &[f64], whole: &[f64]| -> Vec<f64> { part.iter().zip(whole).map(|(p, w)| p - ratio * w).collect() };
        let of = |part: &[f64], of: &[f64]| error(&rest(part, of)) / whole.value;
        let noise = SQRT_2 * (self.noise + ratio.abs() * whole.noise) / whole.value;
        index(ratio, of(&self.rows, &whole.rows), libm::hypot(of(&self.paths, &whole.paths), noise))
    }
}

fn index(value: f64, of_design: f64, of_paths: f64) -> Index {
    Index { value, std_error: libm::hypot(of_design, of_paths), of_design, of_paths }
}

/// The standard error of a mean of so many parts.
fn error(parts: &[f64]) -> f64 {
    let n = parts.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = parts.iter().sum::<f64>() / n;
    (parts.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0) / n).sqrt()
}

/// The covariance of two figures that paths make, each given by what every path adds, about nothing.
fn covariance(one: impl Iterator<Item = f64>, other: impl Iterator<Item = f64>, paths: usize) -> f64 {
    let n = paths as f64;
    if paths < 2 { 0.0 } else { one.zip(other).map(|(a, b)| a * b).sum::<f64>() / (n - 1.0) / n }
}

/// The indices of a surface; nothing where it does not vary by more than the noise of its paths at this confidence.
pub fn indices(surface: &Surface<'_>, confidence: f64) -> Option<Indices> {
    let &Surface { keys, rows, values, influence } = surface;
    assert!(rows > 1 && values.len() == rows * (keys + 2), "{} values are no {rows} rows of {keys} keys", values.len());
    let of = Of { surface, paths: influence.map_or(0, |influence| influence[0].len()), mean: mean(surface) };
    let variance = of.variance();
    let least = 1e-9 * of.mean.0.abs();
    let beyond = normal_quantile(confidence) * variance.of_paths();
    if variance.value <= beyond.max(least * least) {
        return None;
    }
    let parts: Vec<[Sum; 2]> = (0..keys).map(|key| of.parts(key)).collect();
    let mut firsts = Sum::new(rows, of.paths);
    parts.iter().for_each(|[first, _]| firsts.add(first));
    let sum = firsts.over(&variance);
    let all = variance.alone();
    let deviation = all.value.sqrt();
    let half = 0.5 / deviation;
    Some(Indices {
        mean: of.centre().alone(),
        deviation: index(deviation, half * all.of_design, half * all.of_paths),
        noise: influence.map(|_| variance.noise / (variance.value + variance.noise)),
        keys: parts.iter().map(|[first, total]| OfKey { first: first.over(&variance), total: total.over(&variance) }).collect(),
        together: Index { value: 1.0 - sum.value, ..sum },
    })
}

/// The mean over all A and B, and what each path adds to it.
fn mean(surface: &Surface<'_>) -> (f64, Vec<f64>) {
    let step = surface.keys + 2;
    let points = || (0..surface.rows).flat_map(move |row| [row * step, row * step + 1]);
    let count = 2.0 * surface.rows as f64;
    let mut by_path = vec![0.0; surface.influence.map_or(0, |influence| influence[0].len())];
    for influence in points().filter_map(|at| surface.influence.map(|influence| &influence[at])) {
        by_path.iter_mut().zip(influence).for_each(|(sum, x)| *sum += x / count);
    }
    (points().map(|at| surface.values[at]).sum::<f64>() / count, by_path)
}

/// A surface with its mean.
struct Of<'s, 'a> {
    surface: &'s Surface<'a>,
    paths: usize,
    mean: (f64, Vec<f64>),
}

impl Of<'_, '_> {
    fn setting(&self, row: usize, at: usize) -> usize {
        row * (self.surface.keys + 2) + at
    }

    fn influence(&self, setting: usize) -> Option<&[f64]> {
        Some(&self.surface.influence?[setting])
    }

    /// The mean of the surface.
    fn centre(&self) -> Sum {
        let value = |row: usize| 0.5 * (self.surface.values[self.setting(row, 0)] + self.surface.values[self.setting(row, 1)]);
        Sum { value: self.mean.0, rows: (0..self.surface.rows).map(value).collect(), paths: self.mean.1.clone(), noise: 0.0 }
    }

    /// The variance of the surface.
    fn variance(&self) -> Sum {
        let (rows, mean) = (self.surface.rows, self.mean.0);
        let count = 2.0 * rows as f64;
        let (mut sum, mut noise) = (Sum::new(rows, self.paths), 0.0);
        for row in 0..rows {
            for setting in [self.setting(row, 0), self.setting(row, 1)] {
                let apart = self.surface.values[setting] - mean;
                sum.rows[row] += 0.5 * apart * apart * count / (count - 1.0);
                let Some(influence) = self.influence(setting) else { continue };
                let about = || influence.iter().zip(&self.mean.1).map(|(x, centre)| x - centre);
                noise += covariance(about(), about(), self.paths) / (count - 1.0);
                sum.paths.iter_mut().zip(influence).for_each(|(sum, x)| *sum += 2.0 * apart * x / (count - 1.0));
            }
        }
        sum.value = sum.rows.iter().sum::<f64>() / rows as f64 - noise;
        sum.noise = noise;
        sum
    }

    /// What a key explains alone, and what is left when all others are known; each less its noise.
    fn parts(&self, key: usize) -> [Sum; 2] {
        let (rows, values) = (self.surface.rows, self.surface.values);
        let each = 1.0 / rows as f64;
        let (mut first, mut total) = (Sum::new(rows, self.paths), Sum::new(rows, self.paths));
        for row in 0..rows {
            let [a, b, c] = [0, 1, 2 + key].map(|at| self.setting(row, at));
            let (moved, apart) = (values[c] - values[a], values[b] - self.mean.0);
            first.rows[row] = apart * moved;
            total.rows[row] = 0.5 * moved * moved;
            let Some([a, b, c]) = self.surface.influence.map(|influence| [&influence[a], &influence[b], &influence[c]]) else { continue };
            let moves = || c.iter().zip(a).map(|(c, a)| c - a);
            let about = || b.iter().zip(&self.mean.1).map(|(b, centre)| b - centre);
            let of_moves = covariance(moves(), moves(), self.paths);
            first.rows[row] -= covariance(about(), moves(), self.paths);
            total.rows[row] -= 0.5 * of_moves;
            // the error of a product of two errors is at most √2 of the product of theirs
            first.noise += each * (covariance(about(), about(), self.paths) * of_moves).sqrt();
            total.noise += each * 0.5 * of_moves;
            for (path, (moves, about)) in moves().zip(about()).enumerate() {
                first.paths[path] += each * (about * moved + apart * moves);
                total.paths[path] += each * moved * moves;
            }
        }
        for sum in [&mut first, &mut total] {
            sum.value = sum.rows.iter().sum::<f64>() * each;
        }
        [first, total]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::{Stream, Streams, normal};

    /// The values of a surface on the rows of a design drawn from a seed; keys are uniform on (0, 1).
    fn design(keys: usize, rows: usize, seed: u64) -> Vec<Vec<f64>> {
        let draw = |point: u32, row: usize, key: usize| Streams::new(seed).key(Stream::Sample, key as u64).uniform(row as u64, point);
        let row = |row: usize| {
            let point = |at: u32| (0..keys).map(|key| draw(at, row, key)).collect::<Vec<f64>>();
            let (a, b) = (point(0), point(1));
            let mixed = (0..keys).map(|key| (0..keys).map(|k| if k == key { b[k] } else { a[k] }).collect()).collect::<Vec<Vec<f64>>>();
            [vec![a, b], mixed].concat()
        };
        (0..rows).flat_map(row).collect()
    }

    fn of(keys: usize, rows: usize, values: &[f64], influence: Option<&[Vec<f64>]>) -> Option<Indices> {
        indices(&Surface { keys, rows, values, influence }, 0.95)
    }

    /// Mean and standard deviation of some numbers.
    fn spread(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt())
    }

    #[test]
    fn a_linear_surface_has_its_closed_form_and_errors_that_hold() {
        let weights = [3.0, 2.0, 1.0, 0.0];
        let shares = weights.map(|w| w * w / 14.0);
        let mut scores: Vec<f64> = Vec::new();
        for seed in 0..60 {
            let values: Vec<f64> =
                design(4, 120, seed).iter().map(|x| 5.0 + x.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>()).collect();
            let found = of(4, 120, &values, None).unwrap();
            assert_eq!(found.keys[3], OfKey { first: Index::default(), total: Index::default() }, "a key that moves nothing has no part");
            for (key, share) in found.keys[..3].iter().zip(shares) {
                scores.extend([key.first, key.total].map(|index| (index.value - share) / index.std_error));
            }
            assert!(found.together.value.abs() < 4.0 * found.together.std_error);
            scores.push((found.mean.value - 8.0) / found.mean.std_error);
            scores.push((found.deviation.value - (14.0f64 / 12.0).sqrt()) / found.deviation.std_error);
        }
        let (mean, deviation) = spread(&scores);
        assert!(mean.abs() < 0.2 && (0.85..1.2).contains(&deviation), "errors of {mean} ± {deviation} standard errors");
    }

    #[test]
    fn keys_that_act_together_have_a_larger_total_than_first_order_index() {
        // Ishigami and Homma (1990): a = 7, b = 0.1
        let pi = std::f64::consts::PI;
        let f = |x: &Vec<f64>| {
            let [x, y, z] = [0, 1, 2].map(|k| pi * (2.0 * x[k] - 1.0));
            let sin = libm::sin(y);
            libm::sin(x) + 7.0 * sin * sin + 0.1 * z * z * z * z * libm::sin(x)
        };
        let values: Vec<f64> = design(3, 4_000, 1).iter().map(f).collect();
        let found = of(3, 4_000, &values, None).unwrap();
        let (first, total) = ([0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]);
        for (key, found) in found.keys.iter().enumerate() {
            assert!((found.first.value - first[key]).abs() < 4.0 * found.first.std_error, "{key}: {found:?}");
            assert!((found.total.value - total[key]).abs() < 4.0 * found.total.std_error, "{key}: {found:?}");
            assert!(found.first.std_error < 0.04 && found.total.std_error < 0.03);
        }
        assert!((found.together.value - 0.2437).abs() < 4.0 * found.together.std_error);
    }

    /// A linear surface of two keys, known by the mean over `paths` of f + (1 + x₁)·u + c·x₂·w with u, w normal.
    fn noisy(seed: u64, rows: usize, paths: usize, c: f64) -> (Vec<f64>, Vec<Vec<f64>>) {
        let key = Streams::new(1_000 + seed).key(Stream::Market, 0);
        let draws: Vec<[f64; 2]> = (0..paths as u64).map(|path| [0, 1].map(|draw| normal(key, path, draw))).collect();
        let of = |x: &Vec<f64>| {
            let by_path: Vec<f64> = draws.iter().map(|[u, w]| (1.0 + x[0]) * u + c * x[1] * w).collect();
            let mean = by_path.iter().sum::<f64>() / paths as f64;
            (2.0 * x[0] + x[1] + mean, by_path.iter().map(|v| v - mean).collect())
        };
        design(2, rows, seed).iter().map(of).unzip()
    }

    #[test]
    fn what_paths_add_is_taken_off_and_their_error_is_told() {
        // the noise moves the second key by 4/√50 = 0.57 a unit, the key itself by 1
        let mut scores = Vec::new();
        let truth = [0.8, 0.2];
        for seed in 0..120 {
            let (values, influence) = noisy(seed, 150, 50, 4.0);
            let raw = of(2, 150, &values, None).unwrap();
            let found = of(2, 150, &values, Some(&influence)).unwrap();
            assert!(raw.keys[1].total.value > found.keys[1].total.value && found.noise.unwrap() > 0.0, "{seed}: {raw:?}\n{found:?}");
            assert!(found.keys.iter().all(|key| key.total.of_paths > 0.0 && key.total.of_design > 0.0), "{found:?}");
            let score = |index: Index, truth: f64| (index.value - truth) / index.std_error;
            scores.extend((0..2).map(|key| score(found.keys[key].total, truth[key])));
        }
        let (mean, deviation) = spread(&scores);
        assert!(mean.abs() < 0.3 && deviation < 1.4, "errors of {mean} ± {deviation} standard errors");
    }

    #[test]
    fn the_mean_of_a_part_less_its_noise_is_that_of_the_surface() {
        let of = |seed: u64| {
            let (values, influence) = noisy(seed, 40, 50, 6.0);
            let surface = Surface { keys: 2, rows: 40, values: &values, influence: Some(&influence) };
            let of = Of { surface: &surface, paths: 50, mean: mean(&surface) };
            let [first, total] = of.parts(1);
            [of.variance().value, first.value, total.value]
        };
        let found: Vec<[f64; 3]> = (0..600).map(of).collect();
        for (at, truth) in [5.0 / 12.0, 1.0 / 12.0, 1.0 / 12.0].into_iter().enumerate() {
            let (mean, deviation) = spread(&found.iter().map(|sums| sums[at]).collect::<Vec<f64>>());
            let error = deviation / 600.0f64.sqrt();
            assert!((mean - truth).abs() < 3.5 * error, "{at}: {mean} ± {error} for {truth}");
        }
    }

    #[test]
    fn a_surface_that_only_noise_moves_has_no_indices() {
        let flat = |seed: u64| {
            let (values, influence) = noisy(seed, 60, 50, 6.0);
            let xs = design(2, 60, seed);
            let values: Vec<f64> = values.iter().zip(&xs).map(|(v, x)| v - 2.0 * x[0] - x[1]).collect();
            of(2, 60, &values, Some(&influence)).is_some()
        };
        let claimed = (0..200).filter(|seed| flat(*seed)).count();
        assert!(claimed <= 10, "{claimed} of 200");
        assert_eq!(of(2, 8, &[3.0; 32], None), None);
        // a rounding error of the values is no variance
        let rounded: Vec<f64> = (0..32).map(|k| 3.0 + f64::EPSILON * f64::from(k % 3)).collect();
        assert_eq!(of(2, 8, &rounded, None), None);
    }
}

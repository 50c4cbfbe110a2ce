//! Maximises a likelihood, and gives the standard errors at the maximum.
//!
//! Formula: the scoring of Berndt, Hall, Hall and Hausman (1974), "Estimation and inference in nonlinear structural
//! models", Annals of Economic and Social Measurement 3: the step d solves (Σ sₜ sₜᵀ) d = Σ sₜ for the scores s of each
//! observation (central differences), its length is found by Brent's method. Near the maximum, where the likelihood is too flat
//! to compare values, two Newton steps on the gradient follow. Standard errors are those of the outer product of
//! the scores, by the delta method.
//!
//! Parameters are free of bounds: the caller maps them to its own. A figure that no free parameter changes any more is on
//! its bound, and has no standard error: the likelihood may rise beyond it.
//! Observations of one day may be dependent. Then the error is that of scores summed by day, √(Σ S_d²)/−ℓ″ (Liang and
//! Zeger 1986, "Longitudinal data analysis using generalized linear models", Biometrika 73).

use crate::maths::linear::cholesky;
use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::brent::BrentOpt;

/// A sample's log-likelihood as a function of free parameters.
pub struct Likelihood<'a> {
    /// Observations, each of which has a log-likelihood.
    pub observations: usize,
    /// Fills the log-likelihood of each observation; false where there is none.
    pub each: &'a dyn Fn(&[f64], &mut [f64]) -> bool,
}

/// The maximum of a likelihood.
pub struct Top {
    pub free: Vec<f64>,
    pub log_likelihood: f64,
    /// Outer product of the scores at the top.
    product: Vec<f64>,
    pub iterations: usize,
}

/// Maximises from the best of `starts`; nothing when none of them has a likelihood.
pub fn maximise(likelihood: &Likelihood<'_>, starts: Vec<Vec<f64>>) -> Option<Top> {
    const MOST: usize = 200;
    let mut free = starts
        .into_iter()
        .map(|start| (likelihood.total(&start), start))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(height, _)| height.is_finite())?
        .1;
    let mut best = likelihood.total(&free);
    let mut iterations = 0;
    while iterations < MOST {
        iterations += 1;
        let (gradient, product) = likelihood.scores(&free);
        let Some((next, found, promise)) = step_up(likelihood, &free, best, &gradient, &product) else { break };
        (free, best) = (next, found);
        if promise < 1e-6 {
            break;
        }
    }
    polish(likelihood, &mut free, &mut best);
    let (_, product) = likelihood.scores(&free);
    Some(Top { free, log_likelihood: best, product, iterations })
}

/// The same at a point another method found, without a step from it.
pub fn at(likelihood: &Likelihood<'_>, free: Vec<f64>) -> Top {
    let (_, product) = likelihood.scores(&free);
    Top { log_likelihood: likelihood.total(&free), free, product, iterations: 0 }
}

/// A figure moves by less than this share of itself per unit of every free parameter: a logistic within a thousandth of its end.
const STANDS: f64 = 1e-3;

impl Top {
    /// Standard errors of figures made from the free parameters; NaN where the sample says nothing of one, or it stands on its bound.
    pub fn errors<const N: usize>(&self, figures: impl Fn(&[f64]) -> [f64; N]) -> [f64; N] {
        let free = &self.free;
        let slopes: Vec<[f64; N]> = (0..free.len())
            .map(|p| {
                let (up, down) = (figures(&moved(free, p, 1e-5)), figures(&moved(free, p, -1e-5)));
                std::array::from_fn(|i| if up[i].is_finite() { (up[i] - down[i]) / 2e-5 } else { 0.0 })
            })
            .collect();
        let values = figures(free);
        std::array::from_fn(|i| {
            let slope: Vec<f64> = slopes.iter().map(|s| s[i]).collect();
            if slope.iter().all(|s| s.abs() <= STANDS * values[i].abs()) {
                return f64::NAN;
            }
            // at a bound the product is singular; a touch of ridge leaves the other errors as they are
            let solved = solve(&self.product, &slope, 0.0).or_else(|| solve(&self.product, &slope, 1e-8));
            solved.map_or(f64::NAN, |y| slope.iter().zip(&y).map(|(x, y)| x * y).sum::<f64>().max(0.0).sqrt())
        })
    }
}

/// A copy with one parameter moved.
fn moved(free: &[f64], p: usize, by: f64) -> Vec<f64> {
    free.iter().enumerate().map(|(i, x)| if i == p { x + by } else { *x }).collect()
}

impl Likelihood<'_> {
    /// The log-likelihood; −∞ where there is none.
    fn total(&self, free: &[f64]) -> f64 {
        let mut days = vec![0.0; self.observations];
        if !(self.each)(free, &mut days) {
            return f64::NEG_INFINITY;
        }
        let sum: f64 = days.iter().sum();
        if sum.is_finite() { sum } else { f64::NEG_INFINITY }
    }

    /// The standard error of the only free parameter, from scores summed by `cluster` (ascending or not, from 0); nothing where
    /// the likelihood is not curved down.
    pub fn clustered_error(&self, free: f64, cluster: &[u32]) -> Option<f64> {
        let step = 1e-4 * (1.0 + free.abs());
        let at = |x: f64| {
            let mut each = vec![0.0; self.observations];
            (self.each)(&[x], &mut each).then_some(each)
        };
        let (up, here, down) = (at(free + step)?, at(free)?, at(free - step)?);
        let mut scores = vec![0.0; cluster.iter().max().map_or(0, |last| *last as usize + 1)];
        let mut curvature = 0.0;
        for (t, cluster) in cluster.iter().enumerate() {
            scores[*cluster as usize] += (up[t] - down[t]) / (2.0 * step);
            curvature += (up[t] - 2.0 * here[t] + down[t]) / (step * step);
        }
        let spread: f64 = scores.iter().map(|s| s * s).sum();
        (curvature < 0.0).then(|| spread.sqrt() / -curvature)
    }

    /// The gradient and the outer product of each day's scores, by central differences.
    fn scores(&self, free: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (k, n) = (free.len(), self.observations);
        let mut scores = vec![0.0; k * n];
        let (mut up, mut down) = (vec![0.0; n], vec![0.0; n]);
        for p in 0..k {
            let step = 1e-5 * (1.0 + free[p].abs());
            if (self.each)(&moved(free, p, step), &mut up) && (self.each)(&moved(free, p, -step), &mut down) {
                for t in 0..n {
                    scores[p * n + t] = (up[t] - down[t]) / (2.0 * step);
                }
            }
        }
        let row = |p: usize| &scores[p * n..(p + 1) * n];
        let gradient = (0..k).map(|p| row(p).iter().sum()).collect();
        let product = (0..k * k).map(|i| row(i / k).iter().zip(row(i % k)).map(|(x, y)| x * y).sum()).collect();
        (gradient, product)
    }
}

/// The loss along one direction, for Brent's method.
struct Along<'a> {
    likelihood: &'a Likelihood<'a>,
    from: &'a [f64],
    direction: &'a [f64],
}

impl Along<'_> {
    fn at(&self, length: f64) -> Vec<f64> {
        self.from.iter().zip(self.direction).map(|(x, d)| x + length * d).collect()
    }
}

impl CostFunction for Along<'_> {
    type Param = f64;
    type Output = f64;

    fn cost(&self, length: &f64) -> Result<f64, Error> {
        // Brent needs a finite number where the likelihood has none
        Ok((-self.likelihood.total(&self.at(*length))).min(1e300))
    }
}

/// Solves A x = b for a positive definite A with `ridge` times its diagonal added; nothing when A has no factor.
fn solve(a: &[f64], b: &[f64], ridge: f64) -> Option<Vec<f64>> {
    let n = b.len();
    let mut held = a.to_vec();
    let trace: f64 = (0..n).map(|i| a[i * n + i]).sum();
    (0..n).for_each(|i| held[i * n + i] += ridge * (a[i * n + i] + 1e-6 * trace));
    let l = cholesky(&held, n)?;
    let mut x = b.to_vec();
    for i in 0..n {
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
        x[i] /= l[i * n + i];
    }
    for i in (0..n).rev() {
        for j in i + 1..n {
            x[i] -= l[j * n + i] * x[j];
        }
        x[i] /= l[i * n + i];
    }
    Some(x)
}

/// From pure scoring to steps along the gradient: tried in turn until one raises the likelihood.
const RIDGES: [f64; 7] = [0.0, 1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0];

/// A point higher than `best`, its likelihood, and the squared length of the step in standard errors.
fn step_up(likelihood: &Likelihood<'_>, free: &[f64], best: f64, gradient: &[f64], product: &[f64]) -> Option<(Vec<f64>, f64, f64)> {
    RIDGES.into_iter().find_map(|ridge| {
        let direction = solve(product, gradient, ridge)?;
        let promise = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let along = Along { likelihood, from: free, direction: &direction };
        let next = along.at(longest_step(&along, best));
        let found = likelihood.total(&next);
        (found > best).then_some((next, found, promise))
    })
}

/// The length, up to 4, at which the likelihood along a direction is about highest; 0 when none improves it.
fn longest_step(along: &Along<'_>, best: f64) -> f64 {
    let solver = BrentOpt::new(0.0, 4.0).set_tolerance(0.02, 1e-3);
    let problem = Along { likelihood: along.likelihood, from: along.from, direction: along.direction };
    let found = Executor::new(problem, solver).configure(|state| state.max_iters(12)).run();
    let brent = found.ok().and_then(|r| r.state.best_param).unwrap_or(0.0);
    // Brent may have found a distant local maximum: fractions of the full step are compared with its result
    [brent, 0.5, 0.1, 0.01].into_iter().find(|length| along.likelihood.total(&along.at(*length)) > best).unwrap_or(0.0)
}

/// Two Newton steps on the gradient, where the likelihood itself is too flat to compare values.
fn polish(likelihood: &Likelihood<'_>, free: &mut Vec<f64>, best: &mut f64) {
    let k = free.len();
    for _ in 0..2 {
        let (gradient, _) = likelihood.scores(free);
        let mut curvature = vec![0.0; k * k];
        for p in 0..k {
            let step = 1e-4 * (1.0 + free[p].abs());
            let (up, down) = (likelihood.scores(&moved(free, p, step)).0, likelihood.scores(&moved(free, p, -step)).0);
            (0..k).for_each(|q| curvature[p * k + q] = (down[q] - up[q]) / (2.0 * step));
        }
        let even: Vec<f64> = (0..k * k).map(|i| 0.5 * (curvature[i] + curvature[(i % k) * k + i / k])).collect();
        let Some(direction) = solve(&even, &gradient, 0.0) else { return };
        let next: Vec<f64> = free.iter().zip(&direction).map(|(x, d)| x + d).collect();
        let found = likelihood.total(&next);
        // a step that loses more than rounding does not belong to a top
        if found < *best - 1e-9 * best.abs() {
            return;
        }
        (*free, *best) = (next, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_normal_sample_is_its_mean_and_deviation() {
        let sample: Vec<f64> =
            (0..500).map(|k| 3.0 + 2.0 * crate::maths::random::normal(crate::maths::random::Key([1, 9]), k, 0)).collect();
        let each = |free: &[f64], out: &mut [f64]| {
            let (mean, deviation) = (free[0], libm::exp(free[1]));
            out.iter_mut().zip(&sample).for_each(|(o, x)| *o = -free[1] - 0.5 * ((x - mean) / deviation) * ((x - mean) / deviation));
            true
        };
        let top = maximise(&Likelihood { observations: 500, each: &each }, vec![vec![0.0, 0.0]]).expect("a maximum");
        let mean = sample.iter().sum::<f64>() / 500.0;
        let deviation = (sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 500.0).sqrt();
        assert!((top.free[0] - mean).abs() < 1e-7 && (libm::exp(top.free[1]) - deviation).abs() < 1e-7, "{:?}", top.free);
        let [of_mean, of_deviation] = top.errors(|free| [free[0], libm::exp(free[1])]);
        assert!((of_mean / (deviation / f64::sqrt(500.0)) - 1.0).abs() < 0.15, "{of_mean}");
        assert!((of_deviation / (deviation / f64::sqrt(1000.0)) - 1.0).abs() < 0.15, "{of_deviation}");
    }
}

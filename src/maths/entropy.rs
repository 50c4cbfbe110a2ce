//! Finds the weights nearest to given ones, in relative entropy, under which means keep stated bounds.
//!
//! Source: A. Meucci (2008), "Fully Flexible Views: Theory and Practice", Risk 21(10), 97–102. Of all weights q that keep the bounds,
//! the one with the least Σ q ln(q/p) is an exponential tilt of the prior p,
//!
//! ```text
//! q_i = p_i · exp(Σ_j λ_j g_ij) / Z,   λ ≥ 0 for "at least", ≤ 0 for "at most", free for "equal",
//! ```
//!
//! and λ minimises the convex D(λ) = ln Σ p_i exp(Σ_j λ_j (g_ij − b_j)), whose gradient is E_q[g] − b and whose Hessian is Cov_q(g). The
//! bounds of λ are kept by projected Newton steps (Bertsekas 1982, SIAM J. Control 20(2)): a λ at its bound that the gradient holds there
//! stays out of the step. A bound that the prior keeps has λ = 0 and changes nothing.
//!
//! Any q that keeps the bounds has Σ q ln(q/p) ≤ ln(1/min p), and −D(λ) is never above it: once −D(λ) is above ln(1/min p), no such q
//! exists, which is proof that the bounds contradict each other.
//!
//! Worked: p = (½, ½), g = (0, 1), E[g] ≥ ¾: λ = ln 3, q = (¼, ¾).

use super::lanes;

/// On which side of its bound a mean must stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    AtLeast,
    AtMost,
    Equal,
}

/// A bound on the mean of a value per sample.
#[derive(Clone, Debug)]
pub struct Moment {
    pub values: Vec<f64>,
    pub side: Side,
    pub bound: f64,
}

/// The weights, and what they cost.
#[derive(Clone, Debug)]
pub struct Pooled {
    /// Of one in all.
    pub weights: Vec<f64>,
    /// One per moment, per unit of its values; 0 of a bound that does not bind.
    pub multipliers: Vec<f64>,
    /// Σ q ln(q/p).
    pub relative_entropy: f64,
}

/// Why there are no such weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// No weights keep these bounds together, and any of them left out would leave the others kept.
    Contradiction(Vec<usize>),
    /// They are kept at the edge of what the samples can do, where all weight lies on a few.
    Edge,
}

/// Steps that a solution may take; a feasible one takes about ten.
const STEPS_MOST: usize = 200;
/// How near a mean has to come to its bound, in standard deviations of the prior.
const NEAR: f64 = 1e-12;
/// Added to a Hessian's diagonal, as a share of its largest entry: bounds that say the same twice leave it without an inverse.
const RIDGE: f64 = 1e-11;

/// The weights nearest to `prior` (of one in all) under which every moment keeps its bound.
pub fn pool(prior: &[f64], moments: &[&Moment]) -> Result<Pooled, Unmet> {
    assert!(moments.iter().all(|m| m.values.len() == prior.len()), "every moment has a value per sample");
    match solve(prior, moments) {
        Solved::Found(pooled) => Ok(pooled),
        Solved::Edge => Err(Unmet::Edge),
        Solved::Contradiction => Err(Unmet::Contradiction(core_of(prior, moments))),
    }
}

/// The moments that contradict each other: each left out in turn, and left out for good where the others still do.
fn core_of(prior: &[f64], moments: &[&Moment]) -> Vec<usize> {
    let mut core: Vec<usize> = (0..moments.len()).collect();
    for at in 0..moments.len() {
        let rest: Vec<usize> = core.iter().copied().filter(|k| *k != at).collect();
        let kept: Vec<&Moment> = rest.iter().map(|k| moments[*k]).collect();
        if !kept.is_empty() && matches!(solve(prior, &kept), Solved::Contradiction) {
            core = rest;
        }
    }
    core
}

enum Solved {
    Found(Pooled),
    Contradiction,
    Edge,
}

/// The moments as the solver sees them: centred on their bounds and measured in standard deviations.
struct Standard<'m> {
    moments: &'m [&'m Moment],
    scale: Vec<f64>,
}

/// A point of the dual: its value, the weights there, and how far each mean is above its bound.
struct Point {
    value: f64,
    weights: Vec<f64>,
    gradient: Vec<f64>,
}

impl Standard<'_> {
    fn of(&self, moment: usize, sample: usize) -> f64 {
        let m = self.moments[moment];
        (m.values[sample] - m.bound) / self.scale[moment]
    }

    fn at(&self, prior: &[f64], multipliers: &[f64]) -> Point {
        let lean = |sample: usize| (0..multipliers.len()).fold(0.0, |sum, k| sum + multipliers[k] * self.of(k, sample));
        let mut weights: Vec<f64> = (0..prior.len()).map(lean).collect();
        let top = weights.iter().zip(prior).filter(|(_, p)| **p > 0.0).fold(f64::NEG_INFINITY, |top: f64, (lean, _)| top.max(*lean));
        weights.iter_mut().zip(prior).for_each(|(w, p)| *w = if *p > 0.0 { p * libm::exp(*w - top) } else { 0.0 });
        let whole = sum(weights.iter().copied());
        weights.iter_mut().for_each(|w| *w /= whole);
        let gradient = (0..multipliers.len()).map(|k| sum(weights.iter().enumerate().map(|(i, w)| w * self.of(k, i)))).collect();
        Point { value: top + lanes::ln1(whole), weights, gradient }
    }

    /// Covariances of the free moments under the weights of a point.
    fn hessian(&self, point: &Point, free: &[usize]) -> Vec<f64> {
        let n = free.len();
        let mut out = vec![0.0; n * n];
        for (a, j) in free.iter().enumerate() {
            for (b, k) in free.iter().enumerate().take(a + 1) {
                let product = |(i, w): (usize, &f64)| w * (self.of(*j, i) - point.gradient[*j]) * (self.of(*k, i) - point.gradient[*k]);
                let entry = sum(point.weights.iter().enumerate().map(product));
                (out[a * n + b], out[b * n + a]) = (entry, entry);
            }
        }
        out
    }

    /// A multiplier within its bounds.
    fn kept(&self, moment: usize, multiplier: f64) -> f64 {
        match self.moments[moment].side {
            Side::AtLeast => multiplier.max(0.0),
            Side::AtMost => multiplier.min(0.0),
            Side::Equal => multiplier,
        }
    }

    /// Whether a multiplier stands at its bound and the gradient holds it there.
    fn is_held(&self, moment: usize, multiplier: f64, gradient: f64) -> bool {
        match self.moments[moment].side {
            Side::AtLeast => multiplier <= 0.0 && gradient >= 0.0,
            Side::AtMost => multiplier >= 0.0 && gradient <= 0.0,
            Side::Equal => false,
        }
    }
}

fn solve(prior: &[f64], moments: &[&Moment]) -> Solved {
    let scale = moments.iter().map(|m| spread(prior, &m.values)).map(|s| if s > 0.0 { s } else { 1.0 }).collect();
    let standard = Standard { moments, scale };
    let least = prior.iter().copied().filter(|p| *p > 0.0).fold(f64::INFINITY, f64::min);
    let most_entropy = -lanes::ln1(least);
    let mut multipliers = vec![0.0; moments.len()];
    let mut point = standard.at(prior, &multipliers);
    for _ in 0..STEPS_MOST {
        let held = |k: &usize| standard.is_held(*k, multipliers[*k], point.gradient[*k]);
        let free: Vec<usize> = (0..moments.len()).filter(|k| !held(k)).collect();
        if free.iter().all(|k| point.gradient[*k].abs() <= NEAR) {
            return Solved::Found(found(&standard, prior, point, multipliers));
        }
        if -point.value > most_entropy * (1.0 + 1e-9) + 1e-9 {
            return Solved::Contradiction;
        }
        match step(&standard, prior, &point, &multipliers, &free) {
            Some((next, at)) => (point, multipliers) = (at, next),
            // no step lowers the dual any more: what is left is rounding, or the edge
            None if free.iter().all(|k| point.gradient[*k].abs() <= 1e-8) => {
                return Solved::Found(found(&standard, prior, point, multipliers));
            }
            None => return Solved::Edge,
        }
    }
    Solved::Edge
}

/// The next point of the dual: a Newton step of the free multipliers, shortened until it lowers the dual; nothing where none does.
fn step(standard: &Standard<'_>, prior: &[f64], point: &Point, multipliers: &[f64], free: &[usize]) -> Option<(Vec<f64>, Point)> {
    let mut hessian = standard.hessian(point, free);
    let n = free.len();
    let largest = (0..n).fold(0.0, |largest: f64, k| largest.max(hessian[k * n + k]));
    let ridge = RIDGE * largest.max(1e-12);
    (0..n).for_each(|k| hessian[k * n + k] += ridge);
    let gradient: Vec<f64> = free.iter().map(|k| point.gradient[*k]).collect();
    let newton = solve_positive(&hessian, &gradient)?;
    let mut length = 1.0;
    for _ in 0..60 {
        let mut next = multipliers.to_vec();
        free.iter().zip(&newton).for_each(|(k, d)| next[*k] = standard.kept(*k, multipliers[*k] - length * d));
        let moved = free.iter().fold(0.0, |sum, k| sum + point.gradient[*k] * (multipliers[*k] - next[*k]));
        let at = standard.at(prior, &next);
        let residual = |p: &Point| free.iter().fold(0.0, |most: f64, k| most.max(p.gradient[*k].abs()));
        // near the end the dual moves by less than its rounding; there the gradient tells
        let falls = at.value <= point.value - 1e-4 * moved && at.value < point.value;
        let nears = moved.abs() <= 1e-13 && residual(&at) < residual(point);
        if at.value.is_finite() && (falls || nears) {
            return Some((next, at));
        }
        length *= 0.5;
    }
    None
}

fn found(standard: &Standard<'_>, prior: &[f64], point: Point, multipliers: Vec<f64>) -> Pooled {
    // where no bound binds the weights are the prior, to the last bit
    let weights = if multipliers.iter().all(|m| *m == 0.0) { prior.to_vec() } else { point.weights };
    let ratio = |(q, p): (&f64, &f64)| if *q > 0.0 { q * lanes::ln1(q / p) } else { 0.0 };
    let relative_entropy = sum(weights.iter().zip(prior).map(ratio)).max(0.0);
    let multipliers = multipliers.iter().zip(&standard.scale).map(|(m, s)| m / s).collect();
    Pooled { weights, multipliers, relative_entropy }
}

/// The standard deviation of values under weights of one in all.
pub fn spread(weights: &[f64], values: &[f64]) -> f64 {
    let mean = mean(weights, values);
    sum(weights.iter().zip(values).map(|(w, x)| w * (x - mean) * (x - mean))).max(0.0).sqrt()
}

/// The mean of values under weights of one in all.
pub fn mean(weights: &[f64], values: &[f64]) -> f64 {
    sum(weights.iter().zip(values).map(|(w, x)| w * x))
}

/// A sum whose rounding does not grow with its length (Neumaier 1974).
pub fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut whole, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = whole + term;
        lost += if whole.abs() >= term.abs() { (whole - next) + term } else { (term - next) + whole };
        whole = next;
    }
    whole + lost
}

/// The solution of A x = b for a positive definite A; nothing where it is none.
pub fn solve_positive(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    let mut lower = vec![0.0; n * n];
    for j in 0..n {
        let row = |r: usize, lower: &[f64]| (0..j).fold(a[r * n + j], |rest, k| rest - lower[r * n + k] * lower[j * n + k]);
        let pivot = row(j, &lower);
        // also refuses NaN
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        let root = pivot.sqrt();
        for i in j + 1..n {
            lower[i * n + j] = row(i, &lower) / root;
        }
        lower[j * n + j] = root;
    }
    let mut x = b.to_vec();
    for i in 0..n {
        x[i] = (0..i).fold(x[i], |rest, k| rest - lower[i * n + k] * x[k]) / lower[i * n + i];
    }
    for i in (0..n).rev() {
        x[i] = (i + 1..n).fold(x[i], |rest, k| rest - lower[k * n + i] * x[k]) / lower[i * n + i];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::Key;

    fn moment(values: &[f64], side: Side, bound: f64) -> Moment {
        Moment { values: values.to_vec(), side, bound }
    }

    fn pool(prior: &[f64], moments: &[Moment]) -> Result<Pooled, Unmet> {
        super::pool(prior, &moments.iter().collect::<Vec<&Moment>>())
    }

    fn near(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() <= within, "{found} for {expected}");
    }

    #[test]
    fn two_samples_give_the_worked_weights() {
        let pooled = pool(&[0.5, 0.5], &[moment(&[0.0, 1.0], Side::AtLeast, 0.75)]).unwrap();
        near(pooled.weights[1], 0.75, 1e-12);
        near(pooled.multipliers[0], libm::log(3.0), 1e-11);
        near(pooled.relative_entropy, 0.75 * libm::log(1.5) + 0.25 * libm::log(0.5), 1e-12);
    }

    #[test]
    fn a_bound_that_is_kept_changes_no_bit() {
        let prior = [0.1, 0.2, 0.3, 0.4];
        let pooled = pool(&prior, &[moment(&[1.0, 2.0, 3.0, 4.0], Side::AtLeast, 2.5), moment(&[1.0, 0.0, 0.0, 0.0], Side::AtMost, 0.2)]);
        let pooled = pooled.unwrap();
        assert_eq!((pooled.weights.as_slice(), pooled.multipliers.as_slice(), pooled.relative_entropy), (&prior[..], &[0.0, 0.0][..], 0.0));
    }

    /// The middle of each of n equally likely slices of a standard normal.
    fn normal(n: usize) -> Vec<f64> {
        (0..n).map(|k| crate::maths::quantile::normal_quantile((k as f64 + 0.5) / n as f64)).collect()
    }

    #[test]
    fn a_view_on_the_mean_of_a_normal_shifts_it_and_one_on_its_square_widens_it() {
        let x = normal(200_000);
        let prior = vec![1.0 / 200_000.0; 200_000];
        let pooled = pool(&prior, &[moment(&x, Side::AtLeast, 0.5)]).unwrap();
        near(mean(&pooled.weights, &x), 0.5, 1e-11);
        // the tilt of N(0, 1) to a mean of ½ is N(½, 1), at a relative entropy of ½·½²
        near(spread(&pooled.weights, &x), 1.0, 1e-4);
        near(pooled.multipliers[0], 0.5, 1e-4);
        near(pooled.relative_entropy, 0.125, 1e-4);
        let square: Vec<f64> = x.iter().map(|x| x * x).collect();
        let pooled = pool(&prior, &[moment(&x, Side::Equal, 0.0), moment(&square, Side::AtLeast, 1.44)]).unwrap();
        // N(0, 1.2²): λ = (1 − 1/1.44)/2
        near(pooled.multipliers[1], (1.0 - 1.0 / 1.44) / 2.0, 1e-3);
        near(pooled.multipliers[0], 0.0, 1e-9);
    }

    #[test]
    fn only_the_bound_that_binds_has_a_multiplier_and_one_said_twice_counts_once() {
        let x = normal(1_000);
        let prior = vec![1e-3; 1_000];
        let alone = pool(&prior, &[moment(&x, Side::AtMost, -0.3)]).unwrap();
        let both = pool(&prior, &[moment(&x, Side::AtMost, -0.2), moment(&x, Side::AtMost, -0.3)]).unwrap();
        assert_eq!(both.multipliers[0], 0.0);
        let twice = pool(&prior, &[moment(&x, Side::AtMost, -0.3), moment(&x, Side::AtMost, -0.3)]).unwrap();
        for other in [both, twice] {
            let apart = alone.weights.iter().zip(&other.weights).fold(0.0, |most: f64, (a, b)| most.max((a / b - 1.0).abs()));
            assert!(apart < 1e-9, "{apart}");
        }
    }

    #[test]
    fn contradictions_are_named_without_the_bounds_that_are_no_part_of_them() {
        let x = normal(1_000);
        let y: Vec<f64> = (0..1_000).map(|k| Key([7, 7]).uniform(k, 0)).collect();
        let sum: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x + y).collect();
        let prior = vec![1e-3; 1_000];
        let unmet = |moments: &[Moment]| pool(&prior, moments).unwrap_err();
        let views = [
            moment(&x, Side::AtLeast, 0.5),
            moment(&y, Side::AtLeast, 0.6),
            moment(&sum, Side::AtMost, 1.0),
            moment(&y, Side::AtMost, 0.9),
        ];
        assert_eq!(unmet(&views), Unmet::Contradiction(vec![0, 1, 2]));
        assert_eq!(unmet(&[moment(&x, Side::Equal, 0.1), moment(&x, Side::Equal, 0.2)]), Unmet::Contradiction(vec![0, 1]));
        assert_eq!(unmet(&[moment(&y, Side::AtLeast, 1.5)]), Unmet::Contradiction(vec![0]));
        // at the edge of what the samples can do all weight lies on the outermost
        match pool(&prior, &[moment(&x, Side::AtLeast, x[999])]) {
            Ok(pooled) => near(pooled.weights[999], 1.0, 1e-9),
            Err(unmet) => assert_eq!(unmet, Unmet::Edge),
        }
    }

    #[test]
    fn a_small_system_is_solved() {
        let x = solve_positive(&[4.0, 2.0, 2.0, 3.0], &[2.0, 5.0]).unwrap();
        near(x[0], -0.5, 1e-15);
        near(x[1], 2.0, 1e-15);
        assert!(solve_positive(&[1.0, 2.0, 2.0, 1.0], &[1.0, 1.0]).is_none());
    }
}

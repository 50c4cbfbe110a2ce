//! Tells how plausible a shock is under the fitted model: its distance from the centre, its probability, and how often it returns.
//!
//! The moves m of the shock's baskets have mean μ and covariance C over paths of the model. The distance of a shock is Mahalanobis's,
//! `d = √((m − μ)ᵀ C⁻¹ (m − μ))`. Of all shocks on a plane the nearest to the centre is the most plausible (Breuer, Jandačka, Rheinberger
//! and Summer 2009); the plane through a shock to which it is the nearest has the normal `b = C⁻¹(m − μ)`, and the shock's probability is
//! that of its far side, `P(bᵀx ≥ bᵀm)`, found by paths of the model: for a normal law Φ(−d), for one with fat tails more. Shocks over n
//! sessions return every n/(252·P) years.
//!
//! Where a limit fails on a surface rather than a plane, the nearest point is found by the first-order reliability method (Hasofer and
//! Lind 1974, Rackwitz and Fiessler 1978): the surface is taken for its tangent plane at the last point, whose nearest point gives the
//! next direction, `μ + C g · gᵀ(m − μ)/(gᵀ C g)` with the measure's slope g.
//!
//! Worked: a normal law with μ = 0 and a daily deviation of 2 %; a fall of 8 % in logs in one session has d = 4, P = 3.2·10⁻⁵, and returns
//! every 125 years.

use crate::engine::Moves;
use crate::maths::entropy::solve_positive;
use crate::maths::special::{normal_cdf, probability_high};
use serde::Serialize;

/// Sessions of a year.
const YEAR: f64 = 252.0;

/// Paths beyond a shock that tell its probability, at least.
const FEWEST: u64 = 10;

/// How plausible a shock is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plausibility {
    /// Mahalanobis's distance, in standard deviations, and its error from that of the shock's size.
    pub distance: f64,
    pub distance_std_error: f64,
    /// Probability of this shock or a worse one over its sessions. Nothing where fewer than ten paths show it.
    pub probability: Option<f64>,
    /// Of the paths drawn and of the shock's size together.
    pub probability_std_error: Option<f64>,
    /// Years between two such shocks, with both ends of its interval; the lower one alone where fewer than ten paths show it.
    pub years: Option<f64>,
    pub years_low: Option<f64>,
    pub years_high: Option<f64>,
    pub sessions: usize,
    /// Paths of the model that were drawn.
    pub paths: usize,
}

/// Mean and covariance of the moves of baskets.
#[derive(Clone, Debug)]
pub struct Law {
    pub mean: Vec<f64>,
    pub covariance: Vec<f64>,
}

impl Law {
    /// That of some paths; nothing where a covariance is no number.
    pub fn of(moves: &Moves) -> Option<Law> {
        let k = moves.of.len();
        let n = moves.of.first()?.len() as f64;
        let mean: Vec<f64> = moves.of.iter().map(|of| of.iter().sum::<f64>() / n).collect();
        let entry = |i: usize, j: usize| {
            let products = moves.of[i].iter().zip(&moves.of[j]).map(|(x, y)| (x - mean[i]) * (y - mean[j]));
            products.sum::<f64>() / (n - 1.0)
        };
        let covariance: Vec<f64> = (0..k * k).map(|at| entry(at / k, at % k)).collect();
        covariance.iter().all(|c| c.is_finite()).then_some(Law { mean, covariance })
    }

    fn centred(&self, point: &[f64]) -> Vec<f64> {
        point.iter().zip(&self.mean).map(|(m, mean)| m - mean).collect()
    }

    /// `C⁻¹(m − μ)`: the normal of the plane to which a shock is the nearest point; nothing where baskets move as one.
    pub fn normal(&self, point: &[f64]) -> Option<Vec<f64>> {
        solve_positive(&self.covariance, &self.centred(point))
    }

    /// Mahalanobis's distance of a shock.
    pub fn distance(&self, point: &[f64]) -> Option<f64> {
        let square: f64 = self.normal(point)?.iter().zip(self.centred(point)).map(|(b, m)| b * m).sum();
        Some(square.max(0.0).sqrt())
    }

    /// The nearest point of the plane through `point` on which a measure of that slope stays the same.
    pub fn nearest(&self, slope: &[f64], point: &[f64]) -> Option<Vec<f64>> {
        let k = slope.len();
        let row = |i: usize| self.covariance[i * k..][..k].iter().zip(slope).map(|(c, g)| c * g).sum::<f64>();
        let across: Vec<f64> = (0..k).map(row).collect();
        let spread: f64 = across.iter().zip(slope).map(|(c, g)| c * g).sum();
        let beyond: f64 = slope.iter().zip(self.centred(point)).map(|(g, m)| g * m).sum();
        (spread > 0.0).then(|| self.mean.iter().zip(across).map(|(mean, c)| mean + c * (beyond / spread)).collect())
    }
}

/// The share of paths on which `bᵀx ≥ bᵀm`.
struct Share {
    hits: u64,
    probability: f64,
    std_error: f64,
}

fn beyond(moves: &Moves, normal: &[f64], point: &[f64]) -> Share {
    let level: f64 = normal.iter().zip(point).map(|(b, m)| b * m).sum();
    let n = moves.of.first().map_or(0, Vec::len);
    let (mut hits, mut sum, mut square) = (0, 0.0, 0.0);
    for path in 0..n {
        let reached: f64 = normal.iter().zip(&moves.of).map(|(b, of)| b * of[path]).sum();
        if reached >= level {
            let weight = moves.weights.get(path).copied().unwrap_or(1.0);
            hits += 1;
            sum += weight;
            square += weight * weight;
        }
    }
    let n = n as f64;
    let p = sum / n;
    Share { hits, probability: p, std_error: ((square / n - p * p) / n).max(0.0).sqrt() }
}

/// How plausible a shock is, by paths drawn towards it; `before` and `behind` are the shock one standard error of its size smaller and larger,
/// `z` the standard errors of half an interval.
pub fn plausibility(law: &Law, moves: &Moves, [before, point, behind]: [&[f64]; 3], sessions: usize, z: f64) -> Option<Plausibility> {
    let normal = law.normal(point)?;
    let distance = law.distance(point)?;
    let distance_std_error = (law.distance(behind)? - law.distance(before)?).abs() / 2.0;
    let share = beyond(moves, &normal, point);
    let found = (share.hits >= FEWEST).then_some((share.probability, share.std_error));
    let years = |p: f64| sessions as f64 / (YEAR * p);
    let spread = found.map(|(p, error)| {
        // the size's own error, in logs: what is rare moves by factors
        let of = |point: &[f64]| libm::log(beyond(moves, &normal, point).probability);
        libm::hypot(error / p, (of(before) - of(behind)).abs() / 2.0)
    });
    let paths = moves.of.first().map_or(0, Vec::len);
    let ends = |sign: f64| Some(years(found?.0) * libm::exp(sign * z * spread?)).filter(|years| years.is_finite());
    // no path counts more than the heaviest
    let heaviest = moves.weights.iter().copied().fold(if moves.weights.is_empty() { 1.0 } else { 0.0 }, f64::max);
    let rarer = || years(heaviest * probability_high(share.hits, paths as u64, 1.0 - normal_cdf(z)));
    Some(Plausibility {
        distance,
        distance_std_error,
        probability: found.map(|(p, _)| p),
        probability_std_error: found.zip(spread).map(|((p, _), spread)| p * spread).filter(|error| error.is_finite()),
        years: found.map(|(p, _)| years(p)),
        years_low: ends(-1.0).or_else(|| found.is_none().then(rarer)),
        years_high: ends(1.0),
        sessions,
        paths,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::{Key, normal};

    fn gaussian(n: usize) -> Moves {
        let draw = |item: u32| (0..n as u64).map(|path| normal(Key([item, 5]), path, 0)).collect::<Vec<f64>>();
        let (a, b) = (draw(1), draw(2));
        // deviations of 2 % and 3 %, correlation a half
        let second = a.iter().zip(&b).map(|(a, b)| 0.03 * (0.5 * a + 0.75_f64.sqrt() * b)).collect();
        Moves { of: vec![a.iter().map(|a| 0.02 * a).collect(), second], weights: Vec::new() }
    }

    #[test]
    fn the_distance_and_the_return_period_of_a_normal_shock_are_the_laws() {
        let moves = gaussian(200_000);
        let law = Law::of(&moves).unwrap();
        // a fall of two deviations, the other where it is expected: 0.5 · 2 · 3 %
        let point = [-0.04, -0.03];
        assert!((law.distance(&point).unwrap() - 2.0).abs() < 0.02);
        let found = plausibility(&law, &moves, [&[-0.039, -0.029_25], &point, &[-0.041, -0.030_75]], 1, 1.96).unwrap();
        let p = normal_cdf(-2.0);
        let own = (p / 200_000.0_f64).sqrt();
        assert!((found.probability.unwrap() - p).abs() < 4.0 * own, "{found:?}");
        // a shock known to 2.5 %: d known to 0.05, ln P to 0.05 · φ(2)/Φ(−2)
        assert!((found.distance_std_error - 0.05).abs() < 0.002);
        let relative = found.probability_std_error.unwrap() / found.probability.unwrap();
        assert!((relative - 0.05 * 0.053_991 / p).abs() < 0.01, "{relative}");
        assert!((found.years.unwrap() - 1.0 / (252.0 * p)).abs() < 0.01);
        // seven deviations on no path: at most 3.69 of 200,000 at 97.5 %
        let far = plausibility(&law, &moves, [&[-0.14, -0.105]; 3], 1, 1.959_964).unwrap();
        assert_eq!((far.probability, far.years, far.years_high), (None, None, None));
        assert!((far.years_low.unwrap() - 200_000.0 / (252.0 * 3.688_9)).abs() < 0.1, "{far:?}");
    }

    #[test]
    fn the_nearest_point_of_a_plane_is_the_conditional_mean() {
        let law = Law { mean: vec![0.0, 0.0], covariance: vec![0.0004, 0.0003, 0.0003, 0.0009] };
        // a measure of the first alone: the second follows by its regression, 0.75
        let nearest = law.nearest(&[-1.0, 0.0], &[-0.04, 0.0]).unwrap();
        assert!((nearest[0] + 0.04).abs() < 1e-15 && (nearest[1] + 0.03).abs() < 1e-15, "{nearest:?}");
        assert!(Law { covariance: vec![1.0; 4], ..law }.normal(&[1.0, 1.0]).is_none(), "two baskets that move as one");
    }
}

//! Fits a Markov chain of normal regimes to one series by expectation and maximisation.
//!
//! Formulas, with regimes s = 1 … k, transition probabilities P(s, r), normal densities f(x | s), and ξ, γ the probabilities
//! of a regime given the days so far and given all days:
//!
//! - filter (Hamilton 1989): ξₜ(r) ∝ f(xₜ | r)·pₜ(r), pₜ(r) = Σₛ ξₜ₋₁(s)·P(s, r); the log-likelihood is Σₜ ln Σᵣ f(xₜ | r)·pₜ(r)
//! - smoother (Kim 1994): γₜ(s) = ξₜ(s)·Σᵣ P(s, r)·γₜ₊₁(r) / pₜ₊₁(r)
//! - step (Baum, Petrie, Soules, Weiss 1970): P(s, r) = Σₜ P(s at t, r at t + 1) / Σₜ γₜ(s), and each regime's mean and variance
//!   are those of the series weighted by γ; the first day's probabilities are its γ.
//!
//! A step never lowers the likelihood. A variance is held above `FLOOR` of the series': a regime around a single day would
//! have a likelihood without bound. The best of several starts is kept; regimes are numbered by volatility, the lowest first.
//! Standard errors are those of the outer product of the scores of the filter's daily log-likelihoods (`maximise.rs`).
//!
//! Source: Hamilton (1989), "A new approach to the economic analysis of nonstationary time series and the business cycle",
//! Econometrica 57; Kim (1994), "Dynamic linear models with Markov-switching", Journal of Econometrics 60.
//!
//! Worked number: a regime left with probability 0.05 a session lasts 20 sessions on average.

use super::fit_cache::{Reader, Record, Recorded};
use super::maximise::{self, Likelihood};
use crate::maths::lanes::{exp1, ln1};

/// Regimes a series is split into, at most.
pub const MOST: usize = 3;
/// Fewer days than this do not distinguish regimes from chance.
pub const LEAST_DAYS: usize = 60;
/// The least variance of a regime, a share of the series'.
const FLOOR: f64 = 2.5e-3;
/// Iteration ends where a step gains less log-likelihood than this.
const GAIN: f64 = 1e-9;
const STEPS: usize = 2000;

/// A chain of normal regimes; `k` of them, tables row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub mean: Vec<f64>,
    pub deviation: Vec<f64>,
    /// `[from][to]`, rows sum to 1.
    pub transition: Vec<f64>,
    /// Probabilities of the first day.
    pub first: Vec<f64>,
}

/// What a pass over the series gives: `[day][regime]`.
pub struct Pass {
    /// Given the days before.
    predicted: Vec<f64>,
    /// Given the days up to this one.
    pub filtered: Vec<f64>,
    /// Each day's log-likelihood given the days before.
    pub log_likelihood: Vec<f64>,
}

/// Standard errors of a chain's figures; NaN where the series says nothing of one.
#[derive(Clone, Debug)]
pub struct Errors {
    pub mean: Vec<f64>,
    pub deviation: Vec<f64>,
    pub transition: Vec<f64>,
    pub duration: Vec<f64>,
}

/// A fitted chain.
#[derive(Clone, Debug)]
pub struct Fit {
    pub chain: Chain,
    pub log_likelihood: f64,
    /// Of one normal law without regimes.
    pub plain_log_likelihood: f64,
    pub errors: Errors,
    /// `[day][regime]`: probabilities given the whole series.
    pub smoothed: Vec<f64>,
    /// The log-likelihood before each step and after the last.
    pub likelihoods: Vec<f64>,
}

impl Recorded for Fit {
    fn write(&self, record: &mut Record) {
        let (chain, errors) = (&self.chain, &self.errors);
        for list in [&chain.mean, &chain.deviation, &chain.transition, &chain.first] {
            record.list(list);
        }
        for list in [&errors.mean, &errors.deviation, &errors.transition, &errors.duration, &self.smoothed, &self.likelihoods] {
            record.list(list);
        }
        record.list(&[self.log_likelihood, self.plain_log_likelihood]);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let chain = Chain { mean: reader.list()?, deviation: reader.list()?, transition: reader.list()?, first: reader.list()? };
        let errors = Errors { mean: reader.list()?, deviation: reader.list()?, transition: reader.list()?, duration: reader.list()? };
        let (smoothed, likelihoods) = (reader.list()?, reader.list()?);
        let [log_likelihood, plain_log_likelihood] = reader.array()?;
        let k = chain.mean.len();
        let sizes = [chain.deviation.len(), chain.first.len(), errors.mean.len(), errors.deviation.len(), errors.duration.len()];
        let squares = [chain.transition.len(), errors.transition.len()];
        let sound = k > 0 && sizes.iter().all(|n| *n == k) && squares.iter().all(|n| *n == k * k) && smoothed.len().is_multiple_of(k);
        sound.then_some(Fit { chain, log_likelihood, plain_log_likelihood, errors, smoothed, likelihoods })
    }
}

impl Chain {
    pub fn regimes(&self) -> usize {
        self.mean.len()
    }

    /// Sessions a regime lasts on average once entered.
    pub fn duration(&self, regime: usize) -> f64 {
        1.0 / (1.0 - self.transition[regime * self.regimes() + regime])
    }

    /// The probabilities a day after these.
    pub fn next(&self, probability: &[f64]) -> Vec<f64> {
        let k = self.regimes();
        (0..k).map(|to| (0..k).map(|from| probability[from] * self.transition[from * k + to]).sum()).collect()
    }

    /// Shares of the long run: where the first day's probabilities have come to after 2⁶⁰ days.
    pub fn stationary(&self) -> Vec<f64> {
        let k = self.regimes();
        // half of each step stays in place, which moves no long-run share: a chain that alternates settles too
        let mut power: Vec<f64> =
            self.transition.iter().enumerate().map(|(at, p)| 0.5 * p + if at / k == at % k { 0.5 } else { 0.0 }).collect();
        for _ in 0..60 {
            let squared: Vec<f64> = (0..k * k).map(|at| (0..k).map(|m| power[at / k * k + m] * power[m * k + at % k]).sum()).collect();
            // rounding must not be doubled sixty times over
            let total = |row: &[f64]| row.iter().sum::<f64>();
            power = squared.iter().enumerate().map(|(at, p)| p / total(&squared[at / k * k..][..k])).collect();
        }
        (0..k).map(|to| (0..k).map(|from| self.first[from] * power[from * k + to]).sum()).collect()
    }

    /// The filter over a series.
    pub fn filter(&self, series: &[f64]) -> Pass {
        let k = self.regimes();
        let mut pass = Pass {
            predicted: Vec::with_capacity(series.len() * k),
            filtered: Vec::with_capacity(series.len() * k),
            log_likelihood: Vec::with_capacity(series.len()),
        };
        let constant: Vec<f64> = self.deviation.iter().map(|d| -ln1(*d) - 0.5 * ln1(std::f64::consts::TAU)).collect();
        let (mut predicted, mut height) = (self.first.clone(), vec![0.0; k]);
        for x in series {
            for (s, h) in height.iter_mut().enumerate() {
                let z = (x - self.mean[s]) / self.deviation[s];
                *h = constant[s] - 0.5 * z * z;
            }
            // densities relative to the highest one that is possible: a day far from every regime still has a likelihood
            let reachable = height.iter().zip(&predicted).filter(|(_, p)| **p > 0.0).map(|(h, _)| *h);
            let highest = reachable.fold(f64::NEG_INFINITY, f64::max);
            let mut joint: Vec<f64> =
                height.iter().zip(&predicted).map(|(h, p)| if *p > 0.0 { p * exp1(h - highest) } else { 0.0 }).collect();
            let sum: f64 = joint.iter().sum();
            joint.iter_mut().for_each(|j| *j /= sum);
            pass.log_likelihood.push(highest + ln1(sum));
            pass.predicted.extend_from_slice(&predicted);
            predicted = self.next(&joint);
            pass.filtered.extend_from_slice(&joint);
        }
        pass
    }

    /// Probabilities given the whole series, and the expected number of moves from regime to regime.
    fn smooth(&self, pass: &Pass) -> (Vec<f64>, Vec<f64>) {
        let k = self.regimes();
        let days = pass.log_likelihood.len();
        let mut smoothed = pass.filtered.clone();
        let mut moves = vec![0.0; k * k];
        for day in (0..days.saturating_sub(1)).rev() {
            let (here, after) = smoothed.split_at_mut((day + 1) * k);
            let here = &mut here[day * k..];
            let predicted = &pass.predicted[(day + 1) * k..(day + 2) * k];
            let surprise: Vec<f64> = after[..k].iter().zip(predicted).map(|(g, p)| if *p > 0.0 { g / p } else { 0.0 }).collect();
            for (from, probability) in here.iter_mut().enumerate() {
                let mut leaving = 0.0;
                for (to, surprise) in surprise.iter().enumerate() {
                    let both = *probability * self.transition[from * k + to] * surprise;
                    moves[from * k + to] += both;
                    leaving += both;
                }
                *probability = leaving;
            }
        }
        (smoothed, moves)
    }

    /// The chain that explains best what this one sees in the series.
    fn step(&self, series: &[f64], smoothed: &[f64], moves: &[f64], floor: f64) -> Chain {
        let k = self.regimes();
        let mut next = self.clone();
        next.first.copy_from_slice(&smoothed[..k]);
        for (s, row) in moves.chunks_exact(k).enumerate() {
            let left: f64 = row.iter().sum();
            if left > 0.0 {
                row.iter().enumerate().for_each(|(to, count)| next.transition[s * k + to] = count / left);
            }
            let weight: f64 = smoothed.iter().skip(s).step_by(k).sum();
            // a regime no day belongs to stays where it is
            if weight > 1e-12 {
                let of = |value: &dyn Fn(f64) -> f64| {
                    series.iter().zip(smoothed.iter().skip(s).step_by(k)).map(|(x, g)| g * value(*x)).sum::<f64>() / weight
                };
                let mean = of(&|x| x);
                let variance = of(&|x| (x - mean) * (x - mean));
                (next.mean[s], next.deviation[s]) = (mean, variance.max(floor).sqrt());
            }
        }
        next
    }

    /// The same chain with its regimes in another order.
    fn ordered(&self, order: &[usize]) -> Chain {
        let k = self.regimes();
        Chain {
            mean: order.iter().map(|s| self.mean[*s]).collect(),
            deviation: order.iter().map(|s| self.deviation[*s]).collect(),
            transition: (0..k * k).map(|at| self.transition[order[at / k] * k + order[at % k]]).collect(),
            first: order.iter().map(|s| self.first[*s]).collect(),
        }
    }

    /// In the units of a series `scale` times as wide and moved by `shift`.
    fn scaled(&self, shift: f64, scale: f64) -> Chain {
        Chain {
            mean: self.mean.iter().map(|m| shift + scale * m).collect(),
            deviation: self.deviation.iter().map(|d| scale * d).collect(),
            ..self.clone()
        }
    }
}

/// Starting values, for a series of mean 0 and variance 1: regimes apart in volatility, rarely or often left, and
/// regimes apart in mean.
fn starts(k: usize) -> Vec<Chain> {
    let chain = |mean: &[f64], deviation: &[f64], stay: f64| Chain {
        mean: mean.to_vec(),
        deviation: deviation.to_vec(),
        transition: (0..k * k).map(|at| if at / k == at % k { stay } else { (1.0 - stay) / (k - 1) as f64 }).collect(),
        first: vec![1.0 / k as f64; k],
    };
    match k {
        2 => vec![
            chain(&[0.05, -0.1], &[0.6, 1.6], 0.97),
            chain(&[0.0, 0.0], &[0.8, 1.3], 0.90),
            chain(&[0.1, -0.5], &[0.7, 2.5], 0.80),
            chain(&[0.7, -0.7], &[0.7, 0.7], 0.90),
        ],
        _ => vec![
            chain(&[0.05, 0.0, -0.1], &[0.5, 0.9, 1.8], 0.97),
            chain(&[0.0, 0.0, 0.0], &[0.6, 1.1, 2.5], 0.90),
            chain(&[0.5, 0.0, -0.5], &[0.6, 0.8, 1.6], 0.90),
            chain(&[0.8, 0.0, -0.8], &[0.6, 0.6, 0.6], 0.90),
        ],
    }
}

/// Iterates from one start; the chain and the log-likelihood before each step and at the end.
fn iterate_from(start: Chain, series: &[f64]) -> (Chain, Vec<f64>) {
    let mut chain = start;
    let mut heights: Vec<f64> = Vec::new();
    loop {
        let pass = chain.filter(series);
        let height: f64 = pass.log_likelihood.iter().sum();
        let gain = heights.last().map_or(f64::INFINITY, |before| height - before);
        heights.push(height);
        if gain < GAIN || heights.len() > STEPS {
            return (chain, heights);
        }
        let (smoothed, moves) = chain.smooth(&pass);
        chain = chain.step(series, &smoothed, &moves, FLOOR);
    }
}

/// Fits `k` regimes, 2 or 3; nothing when the series has fewer than `LEAST_DAYS` days or never moves.
pub fn fit(series: &[f64], k: usize) -> Option<Fit> {
    assert!((2..=MOST).contains(&k), "{k} regimes");
    let n = series.len();
    if n < LEAST_DAYS {
        return None;
    }
    let mean = series.iter().sum::<f64>() / n as f64;
    let spread = (series.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64).sqrt();
    if spread <= 1e-12 * (1.0 + mean.abs()) || !spread.is_finite() {
        return None;
    }
    let standard: Vec<f64> = series.iter().map(|x| (x - mean) / spread).collect();
    let runs = starts(k).into_iter().map(|start| iterate_from(start, &standard));
    let highest = |a: &(Chain, Vec<f64>), b: &(Chain, Vec<f64>)| a.1[a.1.len() - 1] >= b.1[b.1.len() - 1];
    let (chain, likelihoods) = runs.reduce(|a, b| if highest(&a, &b) { a } else { b }).expect("there are starts");
    let mut order: Vec<usize> = (0..k).collect();
    order.sort_by(|a, b| chain.deviation[*a].total_cmp(&chain.deviation[*b]).then(chain.mean[*b].total_cmp(&chain.mean[*a])));
    let chain = chain.ordered(&order);
    let errors = errors(&chain, &standard, spread);
    let (smoothed, _) = chain.smooth(&chain.filter(&standard));
    // the density of the series itself is that of the standardised one over its spread
    let unit = n as f64 * ln1(spread);
    Some(Fit {
        chain: chain.scaled(mean, spread),
        log_likelihood: likelihoods[likelihoods.len() - 1] - unit,
        plain_log_likelihood: -0.5 * n as f64 * (1.0 + ln1(std::f64::consts::TAU)) - unit,
        errors,
        smoothed,
        likelihoods: likelihoods.iter().map(|height| height - unit).collect(),
    })
}

/// Figures of the largest chain: means, deviations, transitions and durations.
const FIGURES: usize = MOST + MOST + MOST * MOST + MOST;
/// A transition less likely than this is left out of the scores.
const RARE: f64 = 1e-9;

/// Standard errors in the units of the series, which is `spread` times the standardised one.
///
/// Free of bounds: means, ln deviations, and ln (P(s, r) / P(s, s)) for r ≠ s.
fn errors(chain: &Chain, standard: &[f64], spread: f64) -> Errors {
    let k = chain.regimes();
    let others = |s: usize| (0..k).filter(move |r| *r != s);
    let of = |free: &[f64]| {
        let mut moved = Chain { mean: free[..k].to_vec(), deviation: free[k..2 * k].iter().map(|d| exp1(*d)).collect(), ..chain.clone() };
        for s in 0..k {
            let odds = &free[2 * k + s * (k - 1)..][..k - 1];
            let all = 1.0 + odds.iter().map(|o| exp1(*o)).sum::<f64>();
            moved.transition[s * k + s] = 1.0 / all;
            others(s).zip(odds).for_each(|(r, o)| moved.transition[s * k + r] = exp1(*o) / all);
        }
        moved
    };
    let stay = |s: usize| chain.transition[s * k + s].max(RARE);
    let odds = (0..k).flat_map(|s| others(s).map(move |r| ln1(chain.transition[s * k + r].max(RARE) / stay(s))));
    let free: Vec<f64> = chain.mean.iter().copied().chain(chain.deviation.iter().map(|d| ln1(*d))).chain(odds).collect();
    let each = |free: &[f64], out: &mut [f64]| {
        out.copy_from_slice(&of(free).filter(standard).log_likelihood);
        true
    };
    let top = maximise::at(&Likelihood { observations: standard.len(), each: &each }, free);
    let found = top.errors(|free| {
        let moved = of(free);
        let mut figures = [0.0; FIGURES];
        let durations = (0..k).map(|s| moved.duration(s));
        let all = moved.mean.iter().copied().chain(moved.deviation.iter().copied()).chain(moved.transition.iter().copied());
        figures.iter_mut().zip(all.chain(durations)).for_each(|(figure, value)| *figure = value);
        figures
    });
    let part = |from: usize, count: usize, scale: f64| found[from..from + count].iter().map(|e| scale * e).collect();
    Errors {
        mean: part(0, k, spread),
        deviation: part(k, k, spread),
        transition: part(2 * k, k * k, 1.0),
        duration: part(2 * k + k * k, k, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::{Key, normal};

    /// A series of a chain, and the regimes it went through.
    fn simulated(chain: &Chain, days: usize, item: u32) -> (Vec<f64>, Vec<usize>) {
        let k = chain.regimes();
        let (key, mut regime) = (Key([item, 90]), 0);
        (0..days as u64)
            .map(|day| {
                let mut u = key.uniform(day, 1);
                let row = &chain.transition[regime * k..][..k];
                regime = row
                    .iter()
                    .position(|p| {
                        u -= p;
                        u < 0.0
                    })
                    .unwrap_or(k - 1);
                (chain.mean[regime] + chain.deviation[regime] * normal(key, day, 0), regime)
            })
            .unzip()
    }

    fn two() -> Chain {
        Chain { mean: vec![0.001, -0.002], deviation: vec![0.01, 0.03], transition: vec![0.98, 0.02, 0.06, 0.94], first: vec![0.5; 2] }
    }

    fn three() -> Chain {
        Chain {
            mean: vec![0.001, 0.0, -0.004],
            deviation: vec![0.006, 0.015, 0.04],
            transition: vec![0.97, 0.02, 0.01, 0.02, 0.96, 0.02, 0.02, 0.04, 0.94],
            first: vec![1.0 / 3.0; 3],
        }
    }

    /// Means, deviations, transitions and durations, one after another.
    fn figures(mean: &[f64], deviation: &[f64], transition: &[f64], duration: &[f64]) -> Vec<f64> {
        [mean, deviation, transition, duration].concat()
    }

    #[test]
    fn chains_come_back_from_the_series_they_made_within_their_errors() {
        for chain in [two(), three()] {
            let k = chain.regimes();
            let durations = |c: &Chain| (0..k).map(|s| c.duration(s)).collect::<Vec<_>>();
            let given = figures(&chain.mean, &chain.deviation, &chain.transition, &durations(&chain));
            let (mut squares, mut count) = (0.0, 0.0);
            for item in 1..=5 {
                let (series, regimes) = simulated(&chain, 4000, item);
                let fit = fit(&series, k).expect("moves");
                let found = figures(&fit.chain.mean, &fit.chain.deviation, &fit.chain.transition, &durations(&fit.chain));
                let e = &fit.errors;
                for ((x, y), e) in found.iter().zip(&given).zip(figures(&e.mean, &e.deviation, &e.transition, &e.duration)) {
                    assert!(e > 0.0 && (x - y).abs() < 5.0 * e, "{k} regimes: {x} ± {e} for {y}");
                    squares += ((x - y) / e) * ((x - y) / e);
                    count += 1.0;
                }
                // the likeliest regime of a day is the one it was drawn from, on most days
                let told = regimes.iter().enumerate().filter(|(day, s)| {
                    let row = &fit.smoothed[day * k..][..k];
                    row.iter().all(|p| *p <= row[**s])
                });
                let share = told.count() as f64 / series.len() as f64;
                assert!(share > 0.9, "{share} of the days are told");
                assert!(fit.log_likelihood > fit.plain_log_likelihood + 100.0);
            }
            // distances in standard errors have a mean square of one, when the errors are right
            assert!((0.6..1.7).contains(&(squares / count)), "{k} regimes: mean square {}", squares / count);
        }
    }

    #[test]
    fn no_step_lowers_the_likelihood_and_probabilities_stay_probabilities() {
        let (series, _) = simulated(&two(), 800, 3);
        let noise: Vec<f64> = (0..300).map(|k| 0.01 * normal(Key([4, 4]), k, 0)).collect();
        for (series, k) in [(&series, 2), (&series, 3), (&noise, 2), (&noise, 3)] {
            let mean = series.iter().sum::<f64>() / series.len() as f64;
            let spread = (series.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / series.len() as f64).sqrt();
            let standard: Vec<f64> = series.iter().map(|x| (x - mean) / spread).collect();
            for start in starts(k) {
                let (_, heights) = iterate_from(start, &standard);
                assert!(heights.windows(2).all(|w| w[1] >= w[0] - 1e-8), "{heights:?}");
            }
            let fit = fit(series, k).expect("moves");
            for row in fit.smoothed.chunks_exact(k).chain(fit.chain.transition.chunks_exact(k)) {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9 && row.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)), "{row:?}");
            }
            assert!(fit.chain.deviation.windows(2).all(|w| w[0] <= w[1]), "regimes are numbered by volatility");
        }
    }

    #[test]
    fn the_filter_is_bayes_rule_written_out() {
        let chain = two();
        let series = [0.012, -0.031, 0.004];
        let density = |x: f64, s: usize| {
            let z = (x - chain.mean[s]) / chain.deviation[s];
            libm::exp(-0.5 * z * z) / (chain.deviation[s] * libm::sqrt(std::f64::consts::TAU))
        };
        // all eight ways through three days
        let way = |a: usize, b: usize, c: usize| {
            let moves = chain.first[a] * chain.transition[a * 2 + b] * chain.transition[b * 2 + c];
            moves * density(series[0], a) * density(series[1], b) * density(series[2], c)
        };
        let all: f64 = (0..8).map(|w| way(w & 1, w >> 1 & 1, w >> 2)).sum();
        let pass = chain.filter(&series);
        assert!((pass.log_likelihood.iter().sum::<f64>() - libm::log(all)).abs() < 1e-12);
        let (smoothed, moves) = chain.smooth(&pass);
        let first_calm: f64 = (0..4).map(|w| way(0, w & 1, w >> 1)).sum::<f64>() / all;
        assert!((smoothed[0] - first_calm).abs() < 1e-12, "{} for {first_calm}", smoothed[0]);
        let calm_to_storm = ((0..2).map(|c| way(0, 1, c)).sum::<f64>() + (0..2).map(|a| way(a, 0, 1)).sum::<f64>()) / all;
        assert!((moves[1] - calm_to_storm).abs() < 1e-12, "{} for {calm_to_storm}", moves[1]);
        // 0.06 / (0.02 + 0.06) of the long run is calm
        assert!((chain.stationary()[0] - 0.75).abs() < 1e-12 && (chain.duration(0) - 50.0).abs() < 1e-9);
    }

    #[test]
    fn short_and_constant_series_have_no_regimes() {
        assert!(fit(&[0.001; 500], 2).is_none() && fit(&[0.01, -0.01], 2).is_none());
    }
}

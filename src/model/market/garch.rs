//! Fits GARCH, GJR and EGARCH variances with normal, Student t or skewed t innovations by maximum likelihood.
//!
//! Formulas, with ε = r − μ and z = ε / σ:
//!
//! - garch (Bollerslev 1986): σ² = ω + α ε² + β σ²
//! - gjr (Glosten, Jagannathan, Runkle 1993): σ² = ω + (α + γ·[ε < 0]) ε² + β σ²
//! - egarch (Nelson 1991): ln σ² = ω + α (|z| − √(2/π)) + γ z + β ln σ²
//!
//! each from the day before; before the first day ε² and σ² stand at the mean squared residual (the start of the
//! benchmark of Fiorentini, Calzolari and Panattoni 1996), EGARCH's news at 0. Innovations have mean 0 and variance 1:
//! normal, Student t with ν > 2, or the skewed t of Hansen (1994) with λ in (−1, 1).
//!
//! Maximised by the scoring of Berndt, Hall, Hall and Hausman (1974): the step solves (Σ sₜ sₜᵀ) d = Σ sₜ for the scores
//! s of each day, its length is found by Brent's method, on parameters freed of their bounds. Standard errors are those
//! of the same outer product.
//!
//! Known answer: the DEM/GBP returns of Bollerslev and Ghysels (1996) give μ −0.00619041, ω 0.0107613, α 0.153134,
//! β 0.805974 (`tests/statistics.rs`).

use crate::maths::lanes::{exp1, ln1};
use crate::maths::linear::cholesky;
use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::brent::BrentOpt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the variance answers to news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Volatility {
    #[default]
    Garch,
    /// A fall raises the variance more than a rise.
    Gjr,
    /// The logarithm of the variance answers to the sign and the size of news.
    Egarch,
}

impl Volatility {
    /// As reports write it, in any language.
    pub fn name(self) -> &'static str {
        match self {
            Volatility::Garch => "GARCH",
            Volatility::Gjr => "GJR",
            Volatility::Egarch => "EGARCH",
        }
    }
}

/// The law whose likelihood is maximised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Innovations {
    #[default]
    Normal,
    T,
    SkewedT,
}

impl Innovations {
    /// Named in English and in Chinese.
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Innovations::Normal => ["normal", "正态"],
            Innovations::T => ["Student t", "学生 t"],
            Innovations::SkewedT => ["skewed t", "偏 t"],
        }
    }
}

/// A variance law with its figures, in the units of the returns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    pub volatility: Volatility,
    pub mean: f64,
    pub omega: f64,
    pub alpha: f64,
    pub gamma: f64,
    pub beta: f64,
    /// Degrees of freedom; infinite for normal innovations.
    pub nu: f64,
    /// Skewness of the skewed t; 0 else.
    pub lambda: f64,
}

/// E|z| of a standard normal, the centre of EGARCH's size of news whatever the innovations.
pub const MEAN_ABSOLUTE_NORMAL: f64 = 0.797_884_560_802_865_4;

impl Law {
    /// The next day's variance after a day of variance `variance` and residual `residual`.
    #[inline(always)]
    pub fn next_variance(&self, variance: f64, residual: f64) -> f64 {
        match self.volatility {
            Volatility::Garch => self.omega + self.alpha * residual * residual + self.beta * variance,
            Volatility::Gjr => {
                let weight = if residual < 0.0 { self.alpha + self.gamma } else { self.alpha };
                self.omega + weight * residual * residual + self.beta * variance
            }
            Volatility::Egarch => {
                let z = if variance > 0.0 { residual / variance.sqrt() } else { 0.0 };
                let news = self.alpha * (z.abs() - MEAN_ABSOLUTE_NORMAL) + self.gamma * z;
                exp1(self.omega + news + self.beta * ln1(variance))
            }
        }
    }

    /// The first day's variance, from the mean squared residual standing for all before.
    fn first_variance(&self, level: f64) -> f64 {
        match self.volatility {
            Volatility::Garch => self.omega + (self.alpha + self.beta) * level,
            Volatility::Gjr => self.omega + (self.alpha + 0.5 * self.gamma + self.beta) * level,
            Volatility::Egarch => exp1(self.omega + self.beta * ln1(level)),
        }
    }

    /// How much of a shock to the variance is left a day later.
    pub fn persistence(&self) -> f64 {
        match self.volatility {
            Volatility::Garch => self.alpha + self.beta,
            Volatility::Gjr => self.alpha + 0.5 * self.gamma + self.beta,
            Volatility::Egarch => self.beta,
        }
    }

    /// Variances of every day of a series, and of the day after its end.
    pub fn filter(&self, returns: &[f64]) -> Vec<f64> {
        let level = mean_square(returns, self.mean);
        let mut variances = Vec::with_capacity(returns.len() + 1);
        let mut variance = self.first_variance(level);
        for r in returns {
            variances.push(variance);
            variance = self.next_variance(variance, r - self.mean);
        }
        variances.push(variance);
        variances
    }

    /// The log-likelihood of each day; false as soon as a variance leaves the positive numbers.
    fn likelihoods(&self, returns: &[f64], out: &mut [f64]) -> bool {
        let density = Density::of(self.nu, self.lambda);
        let mut variance = self.first_variance(mean_square(returns, self.mean));
        for (r, out) in returns.iter().zip(out) {
            if !(variance > 0.0 && variance.is_finite()) {
                return false;
            }
            let residual = r - self.mean;
            *out = density.ln(residual, variance);
            variance = self.next_variance(variance, residual);
        }
        true
    }

    /// The law of returns `scale` times as large.
    fn scaled(self, scale: f64) -> Law {
        let omega = match self.volatility {
            Volatility::Egarch => self.omega + (1.0 - self.beta) * 2.0 * ln1(scale),
            _ => self.omega * scale * scale,
        };
        Law { mean: self.mean * scale, omega, ..self }
    }
}

fn mean_square(returns: &[f64], mean: f64) -> f64 {
    returns.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / returns.len() as f64
}

/// The log density of an innovation, its constants taken once.
struct Density {
    nu: f64,
    lambda: f64,
    constant: f64,
    /// Centre and scale of the skewed t.
    a: f64,
    b: f64,
}

impl Density {
    fn of(nu: f64, lambda: f64) -> Self {
        if nu.is_infinite() {
            return Density { nu, lambda, constant: -0.5 * ln1(2.0 * std::f64::consts::PI), a: 0.0, b: 1.0 };
        }
        let constant = libm::lgamma(0.5 * (nu + 1.0)) - libm::lgamma(0.5 * nu) - 0.5 * ln1(std::f64::consts::PI * (nu - 2.0));
        let a = 4.0 * lambda * exp1(constant) * (nu - 2.0) / (nu - 1.0);
        let b = (1.0 + 3.0 * lambda * lambda - a * a).sqrt();
        Density { nu, lambda, constant: constant + ln1(b), a, b }
    }

    #[inline(always)]
    fn ln(&self, residual: f64, variance: f64) -> f64 {
        if self.nu.is_infinite() {
            return self.constant - 0.5 * (ln1(variance) + residual * residual / variance);
        }
        let moved = if self.lambda == 0.0 { residual * residual / variance } else { self.skewed(residual / variance.sqrt()) };
        self.constant - 0.5 * (ln1(variance) + (self.nu + 1.0) * ln1(1.0 + moved / (self.nu - 2.0)))
    }

    #[inline(always)]
    fn skewed(&self, z: f64) -> f64 {
        let y = self.b * z + self.a;
        let side = if y < 0.0 { 1.0 - self.lambda } else { 1.0 + self.lambda };
        (y / side) * (y / side)
    }
}

/// What a fit found.
#[derive(Clone, Debug)]
pub struct Fit {
    pub law: Law,
    pub log_likelihood: f64,
    /// Standard errors of mean, ω, α, γ, β, ν, λ; 0 for those not fitted.
    pub errors: [f64; 7],
    pub iterations: usize,
}

/// The largest persistence: a variance that forgets nothing has no level to return to.
const MOST_PERSISTENT: f64 = 0.99999;

/// The free parameters of a law: no bounds, so that steps need no checks.
///
/// garch: μ, ln ω, p, a with persistence P = 0.99999 / (1 + e⁻ᵖ), α = P eᵃ / s, β = P / s, s = 1 + eᵃ. gjr: the same with
/// α/2, (α + γ)/2 and β as the three shares. egarch: ω, α, γ free, β = tanh b. ν = 2 + eᵈ, λ = tanh l.
fn law_of(volatility: Volatility, innovations: Innovations, free: &[f64]) -> Law {
    let mut law = Law { volatility, mean: free[0], omega: 0.0, alpha: 0.0, gamma: 0.0, beta: 0.0, nu: f64::INFINITY, lambda: 0.0 };
    let persistence = MOST_PERSISTENT / (1.0 + exp1(-free[2]));
    let next = match volatility {
        Volatility::Garch => {
            let share = 1.0 / (1.0 + exp1(-free[3]));
            (law.omega, law.alpha, law.beta) = (exp1(free[1]), persistence * share, persistence * (1.0 - share));
            4
        }
        Volatility::Gjr => {
            let (up, down) = (exp1(free[3]), exp1(free[4]));
            let unit = persistence / (1.0 + up + down);
            (law.omega, law.alpha, law.gamma, law.beta) = (exp1(free[1]), 2.0 * up * unit, 2.0 * (down - up) * unit, unit);
            5
        }
        Volatility::Egarch => {
            (law.omega, law.alpha, law.gamma, law.beta) = (free[1], free[2], free[3], libm::tanh(free[4]));
            5
        }
    };
    if innovations != Innovations::Normal {
        law.nu = 2.0 + exp1(free[next]);
    }
    if innovations == Innovations::SkewedT {
        law.lambda = libm::tanh(free[next + 1]);
    }
    law
}

/// Where the climb may start: calm and nervous markets, for returns of variance 1.
fn starts(volatility: Volatility, innovations: Innovations, mean: f64) -> Vec<Vec<f64>> {
    [(0.05, 0.92), (0.10, 0.80), (0.03, 0.96), (0.15, 0.60)]
        .into_iter()
        .map(|(alpha, beta): (f64, f64)| {
            let (rest, p) = (1.0 - alpha - beta, alpha + beta);
            let odds = ln1(p / (MOST_PERSISTENT - p));
            let mut free = match volatility {
                Volatility::Garch => vec![mean, ln1(rest), odds, ln1(alpha / beta)],
                Volatility::Gjr => vec![mean, ln1(rest), odds, ln1(0.3 * alpha / beta), ln1(0.7 * alpha / beta)],
                Volatility::Egarch => vec![mean, 0.0, 2.0 * alpha, -0.3 * alpha, libm::atanh(alpha + beta)],
            };
            if innovations != Innovations::Normal {
                free.push(ln1(6.0));
            }
            if innovations == Innovations::SkewedT {
                free.push(0.0);
            }
            free
        })
        .collect()
}

/// The likelihood of a series as a function of the free parameters.
struct Climb<'a> {
    volatility: Volatility,
    innovations: Innovations,
    returns: &'a [f64],
}

impl Climb<'_> {
    fn by_day(&self, free: &[f64], out: &mut [f64]) -> bool {
        law_of(self.volatility, self.innovations, free).likelihoods(self.returns, out)
    }

    /// The log-likelihood; −∞ where there is none.
    fn total(&self, free: &[f64]) -> f64 {
        let mut days = vec![0.0; self.returns.len()];
        if !self.by_day(free, &mut days) {
            return f64::NEG_INFINITY;
        }
        let sum: f64 = days.iter().sum();
        if sum.is_finite() { sum } else { f64::NEG_INFINITY }
    }

    /// The gradient and the outer product of each day's scores, by central differences.
    fn scores(&self, free: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (k, n) = (free.len(), self.returns.len());
        let mut scores = vec![0.0; k * n];
        let (mut up, mut down) = (vec![0.0; n], vec![0.0; n]);
        for p in 0..k {
            let step = 1e-5 * (1.0 + free[p].abs());
            let moved = |by: f64| free.iter().enumerate().map(|(i, x)| if i == p { x + by } else { *x }).collect::<Vec<_>>();
            if self.by_day(&moved(step), &mut up) && self.by_day(&moved(-step), &mut down) {
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
    climb: &'a Climb<'a>,
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
        Ok((-self.climb.total(&self.at(*length))).min(1e300))
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

/// From pure scoring to steps along the gradient: what is tried until one climbs.
const RIDGES: [f64; 7] = [0.0, 1e-8, 1e-6, 1e-4, 1e-2, 1.0, 100.0];

/// Fits a law to a series of at least three returns that are not all equal; nothing when no likelihood is found.
pub fn fit(volatility: Volatility, innovations: Innovations, returns: &[f64]) -> Option<Fit> {
    const MOST: usize = 200;
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let scale = mean_square(returns, mean).sqrt();
    if returns.len() < 3 || !(scale > 0.0 && scale.is_finite()) {
        return None;
    }
    // returns of variance 1, so that one set of starts and step sizes fits all
    let unit: Vec<f64> = returns.iter().map(|r| r / scale).collect();
    let climb = Climb { volatility, innovations, returns: &unit };
    let mut free = starts(volatility, innovations, mean / scale)
        .into_iter()
        .map(|start| (climb.total(&start), start))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likelihood, _)| likelihood.is_finite())?
        .1;
    let mut best = climb.total(&free);
    let mut iterations = 0;
    while iterations < MOST {
        iterations += 1;
        let (gradient, product) = climb.scores(&free);
        let Some((next, found, promise)) = step_up(&climb, &free, best, &gradient, &product) else { break };
        (free, best) = (next, found);
        if promise < 1e-6 {
            break;
        }
    }
    polish(&climb, &mut free, &mut best);
    let (_, product) = climb.scores(&free);
    let law = law_of(volatility, innovations, &free).scaled(scale);
    let errors = errors(&free, &product, |free| law_of(volatility, innovations, free).scaled(scale));
    Some(Fit { law, log_likelihood: best - n * ln1(scale), errors, iterations })
}

/// A point higher than `best`, its likelihood, and the squared length of the step in standard errors.
fn step_up(climb: &Climb<'_>, free: &[f64], best: f64, gradient: &[f64], product: &[f64]) -> Option<(Vec<f64>, f64, f64)> {
    RIDGES.into_iter().find_map(|ridge| {
        let direction = solve(product, gradient, ridge)?;
        let promise = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let along = Along { climb, from: free, direction: &direction };
        let next = along.at(longest_step(&along, best));
        let found = climb.total(&next);
        (found > best).then_some((next, found, promise))
    })
}

/// The length, up to 4, at which the likelihood along a direction is about highest; 0 when none improves it.
fn longest_step(along: &Along<'_>, best: f64) -> f64 {
    let solver = BrentOpt::new(0.0, 4.0).set_tolerance(0.02, 1e-3);
    let problem = Along { climb: along.climb, from: along.from, direction: along.direction };
    let found = Executor::new(problem, solver).configure(|state| state.max_iters(12)).run();
    let brent = found.ok().and_then(|r| r.state.best_param).unwrap_or(0.0);
    // Brent may have been led to a hill beyond a ravine: parts of the full step stand beside its answer
    [brent, 0.5, 0.1, 0.01].into_iter().find(|length| along.climb.total(&along.at(*length)) > best).unwrap_or(0.0)
}

/// Two Newton steps on the gradient, where the likelihood itself is too flat to tell better from worse.
fn polish(climb: &Climb<'_>, free: &mut Vec<f64>, best: &mut f64) {
    let k = free.len();
    for _ in 0..2 {
        let (gradient, _) = climb.scores(free);
        let mut curvature = vec![0.0; k * k];
        for p in 0..k {
            let step = 1e-4 * (1.0 + free[p].abs());
            let moved = |by: f64| free.iter().enumerate().map(|(i, x)| if i == p { x + by } else { *x }).collect::<Vec<_>>();
            let (up, down) = (climb.scores(&moved(step)).0, climb.scores(&moved(-step)).0);
            (0..k).for_each(|q| curvature[p * k + q] = (down[q] - up[q]) / (2.0 * step));
        }
        let even: Vec<f64> = (0..k * k).map(|i| 0.5 * (curvature[i] + curvature[(i % k) * k + i / k])).collect();
        let Some(direction) = solve(&even, &gradient, 0.0) else { return };
        let next: Vec<f64> = free.iter().zip(&direction).map(|(x, d)| x + d).collect();
        let found = climb.total(&next);
        // a step that loses more than rounding does not belong to a top
        if found < *best - 1e-9 * best.abs() {
            return;
        }
        (*free, *best) = (next, found);
    }
}

/// Standard errors by the delta method from the outer product of the scores.
fn errors(free: &[f64], product: &[f64], law: impl Fn(&[f64]) -> Law) -> [f64; 7] {
    let k = free.len();
    let figures = |law: Law| [law.mean, law.omega, law.alpha, law.gamma, law.beta, law.nu, law.lambda];
    let slopes: Vec<[f64; 7]> = (0..k)
        .map(|p| {
            let moved = |by: f64| figures(law(&free.iter().enumerate().map(|(i, x)| if i == p { x + by } else { *x }).collect::<Vec<_>>()));
            let (up, down) = (moved(1e-5), moved(-1e-5));
            std::array::from_fn(|i| if up[i].is_finite() { (up[i] - down[i]) / 2e-5 } else { 0.0 })
        })
        .collect();
    std::array::from_fn(|i| {
        let slope: Vec<f64> = slopes.iter().map(|s| s[i]).collect();
        // at a bound the product is singular; a touch of ridge leaves the other errors as they are
        let solved = solve(product, &slope, 0.0).or_else(|| solve(product, &slope, 1e-8));
        solved.map_or(f64::NAN, |y| slope.iter().zip(&y).map(|(x, y)| x * y).sum::<f64>().max(0.0).sqrt())
    })
}

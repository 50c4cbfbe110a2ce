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
//! Maximised by `maximise.rs` on parameters freed of their bounds.
//!
//! Known answer: the DEM/GBP returns of Bollerslev and Ghysels (1996) give μ −0.00619041, ω 0.0107613, α 0.153134,
//! β 0.805974 (`tests/statistics.rs`).

use super::fit_cache::{Reader, Record, Recorded};
use super::maximise::{Likelihood, maximise};
use crate::maths::lanes::{exp1, ln1};
use crate::model::part::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The law of the variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Volatility {
    #[default]
    Garch,
    /// A fall raises the variance more than a rise.
    Gjr,
    /// The logarithm of the variance depends on the sign and the size of the last return.
    Egarch,
}

/// The words of a programme for it, and what a report calls each.
pub const VARIANCES: &[(&str, Words)] =
    &[("garch", Words("GARCH", "GARCH")), ("gjr", Words("GJR", "GJR")), ("egarch", Words("EGARCH", "EGARCH"))];

/// The law whose likelihood is maximised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Innovations {
    #[default]
    Normal,
    T,
    SkewedT,
}

/// The words of a programme for it, and what a report calls each.
pub const INNOVATIONS: &[(&str, Words)] =
    &[("normal", Words("normal", "正态")), ("t", Words("Student t", "学生 t")), ("skewed-t", Words("skewed t", "偏 t"))];

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

impl Recorded for Fit {
    fn write(&self, record: &mut Record) {
        let law = &self.law;
        record.number(f64::from(law.volatility as u8));
        record.list(&[law.mean, law.omega, law.alpha, law.gamma, law.beta, law.nu, law.lambda]);
        record.list(&self.errors);
        record.list(&[self.log_likelihood, self.iterations as f64]);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let volatility = [Volatility::Garch, Volatility::Gjr, Volatility::Egarch].into_iter().nth(reader.count()?)?;
        let [mean, omega, alpha, gamma, beta, nu, lambda] = reader.array()?;
        let (errors, [log_likelihood, iterations]) = (reader.array()?, reader.array()?);
        let law = Law { volatility, mean, omega, alpha, gamma, beta, nu, lambda };
        Some(Fit { law, log_likelihood, errors, iterations: iterations as usize })
    }
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

/// Starting values of the maximisation, for returns of variance 1.
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

/// Fits a law to a series of at least three returns that are not all equal; nothing when no likelihood is found.
pub fn fit(volatility: Volatility, innovations: Innovations, returns: &[f64]) -> Option<Fit> {
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let scale = mean_square(returns, mean).sqrt();
    if returns.len() < 3 || !(scale > 0.0 && scale.is_finite()) {
        return None;
    }
    // returns of variance 1, so that one set of starts and step sizes fits all
    let unit: Vec<f64> = returns.iter().map(|r| r / scale).collect();
    let each = |free: &[f64], out: &mut [f64]| law_of(volatility, innovations, free).likelihoods(&unit, out);
    let likelihood = Likelihood { observations: unit.len(), each: &each };
    let top = maximise(&likelihood, starts(volatility, innovations, mean / scale))?;
    let law = |free: &[f64]| law_of(volatility, innovations, free).scaled(scale);
    let errors = top.errors(|free| {
        let law = law(free);
        [law.mean, law.omega, law.alpha, law.gamma, law.beta, law.nu, law.lambda]
    });
    Some(Fit { law: law(&top.free), log_likelihood: top.log_likelihood - n * ln1(scale), errors, iterations: top.iterations })
}

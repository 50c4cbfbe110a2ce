//! States what a model makes of one symbol's daily log returns: its figures, its likelihood, and the variance it saw each day.
//!
//! Formulas: log-likelihood of a normal Σ [−½ ln(2πs²) − (x − m)²/(2s²)], of a Student t of deviation s
//! Σ [ln Γ((ν + 1)/2) − ln Γ(ν/2) − ½ ln(π(ν − 2)s²) − ½(ν + 1) ln(1 + (x − m)²/((ν − 2)s²))].
//!
//! Worked number: a standard normal day of 0 has −0.918939, a t of 5 degrees −0.729 (its peak is higher).

/// One symbol's fit, on a series of its log returns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SymbolFit {
    /// Name, value, standard error where one is known; those estimated for this symbol alone.
    pub parameters: Vec<(&'static str, f64, Option<f64>)>,
    /// Of the fitted part of the series; nothing for a model that draws past days.
    pub log_likelihood: Option<f64>,
    /// Mean of a day's log return.
    pub mean: f64,
    /// The variance the model saw for each day, knowing the days before it; one per day of the series.
    pub variance: Vec<f64>,
    /// The variance of the first simulated day.
    pub start_variance: f64,
    /// Whether simulated days draw the symbol's own past residuals, each as often as any other: then their quantile is the model's.
    pub draws_residuals: bool,
}

impl SymbolFit {
    /// A model without a law of its own for the symbol: the sample's mean and variance, the same every day.
    pub fn of_past(log_returns: &[f64], fitted: usize) -> SymbolFit {
        let past = &log_returns[..fitted];
        let n = past.len().max(1) as f64;
        let mean = past.iter().fold(0.0, |sum, x| sum + x) / n;
        let variance = past.iter().fold(0.0, |sum, x| sum + (x - mean) * (x - mean)) / n;
        SymbolFit { mean, ..SymbolFit::same_every_day(variance, log_returns.len()) }
    }

    fn same_every_day(variance: f64, days: usize) -> SymbolFit {
        SymbolFit { variance: vec![variance; days], start_variance: variance, ..SymbolFit::default() }
    }

    /// Independent days of a normal, or of a Student t of that deviation where there are degrees of freedom.
    pub fn independent(mean: f64, deviation: f64, degrees: Option<f64>, log_returns: &[f64], fitted: usize) -> SymbolFit {
        let past = &log_returns[..fitted];
        let n = past.len() as f64;
        let log_likelihood = (deviation > 0.0).then(|| past.iter().fold(0.0, |sum, x| sum + log_density(x - mean, deviation, degrees)));
        // asymptotic errors of a normal sample; of a t they hold for the mean and understate the deviation's
        let error = |e: f64| (n > 1.0 && deviation > 0.0 && degrees.is_none()).then_some(e);
        SymbolFit {
            parameters: vec![
                ("mean", mean, error(deviation / n.sqrt())),
                ("deviation", deviation, error(deviation / (2.0 * (n - 1.0)).sqrt())),
            ],
            log_likelihood,
            mean,
            ..SymbolFit::same_every_day(deviation * deviation, log_returns.len())
        }
    }
}

/// Jumps of one kind as one symbol takes them: expected number of a day, mean and deviation of a size.
#[derive(Clone, Copy, Debug)]
pub struct Kicks {
    pub rate: f64,
    pub mean: f64,
    pub deviation: f64,
}

/// Independent days of a normal and two kinds of Poisson jumps.
pub struct JumpLaw {
    pub constant: f64,
    /// Of the diffusion alone.
    pub variance: f64,
    pub kicks: [Kicks; 2],
}

/// Probability left out of a sum over numbers of jumps.
const LEFT_OUT: f64 = 1e-12;

impl JumpLaw {
    /// Mean, variance and likelihood; what is fitted is joint, so that a symbol has no parameters of its own.
    pub fn symbol_fit(&self, log_returns: &[f64], fitted: usize) -> SymbolFit {
        let mean = self.kicks.iter().fold(self.constant, |sum, k| sum + k.rate * k.mean);
        let variance = self.kicks.iter().fold(self.variance, |sum, k| sum + k.rate * (k.mean * k.mean + k.deviation * k.deviation));
        let parts = self.parts();
        let day = |x: f64| {
            let density =
                parts.iter().fold(0.0, |sum, part| sum + part.weight * libm::exp(log_density(x - part.mean, part.deviation, None)));
            libm::log(density)
        };
        let log_likelihood = (self.variance > 0.0).then(|| log_returns[..fitted].iter().fold(0.0, |sum, x| sum + day(*x)));
        SymbolFit { mean, log_likelihood, ..SymbolFit::same_every_day(variance, log_returns.len()) }
    }

    /// One normal for every pair of numbers of jumps that can be.
    fn parts(&self) -> Vec<Part> {
        let numbers = |rate: f64| {
            let (mut list, mut mass, mut sum) = (vec![libm::exp(-rate)], libm::exp(-rate), libm::exp(-rate));
            while sum < 1.0 - LEFT_OUT && list.len() < 200 {
                mass *= rate / list.len() as f64;
                sum += mass;
                list.push(mass);
            }
            list
        };
        let [one, two] = self.kicks;
        let mut parts = Vec::new();
        for (n, p) in numbers(one.rate).into_iter().enumerate() {
            for (m, q) in numbers(two.rate).into_iter().enumerate() {
                let (n, m) = (n as f64, m as f64);
                let variance = self.variance + n * one.deviation * one.deviation + m * two.deviation * two.deviation;
                parts.push(Part { weight: p * q, mean: self.constant + n * one.mean + m * two.mean, deviation: variance.sqrt() });
            }
        }
        parts
    }
}

struct Part {
    weight: f64,
    mean: f64,
    deviation: f64,
}

fn log_density(from_mean: f64, deviation: f64, degrees: Option<f64>) -> f64 {
    let (square, variance) = (from_mean * from_mean, deviation * deviation);
    match degrees {
        None => -0.5 * (libm::log(2.0 * std::f64::consts::PI * variance) + square / variance),
        Some(nu) => {
            let constant =
                libm::lgamma(0.5 * (nu + 1.0)) - libm::lgamma(0.5 * nu) - 0.5 * libm::log(std::f64::consts::PI * (nu - 2.0) * variance);
            constant - 0.5 * (nu + 1.0) * libm::log1p(square / ((nu - 2.0) * variance))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_are_those_of_the_laws() {
        assert!((log_density(0.0, 1.0, None) + 0.918_939).abs() < 1e-6);
        // a t of 1e7 degrees is a normal
        assert!((log_density(1.3, 0.5, Some(1e7)) - log_density(1.3, 0.5, None)).abs() < 1e-5);
        // it integrates to one
        let total: f64 = (-40_000..40_000).map(|k| 0.001 * libm::exp(log_density(f64::from(k) * 0.001, 1.0, Some(5.0)))).sum();
        assert!((total - 1.0).abs() < 1e-4, "{total}");
    }

    #[test]
    fn a_law_of_jumps_has_the_moments_it_states() {
        let kicks = [Kicks { rate: 0.1, mean: -0.08, deviation: 0.02 }, Kicks { rate: 0.3, mean: 0.01, deviation: 0.05 }];
        let law = JumpLaw { constant: 0.002, variance: 0.0004, kicks };
        let fit = law.symbol_fit(&[0.0], 1);
        let parts = law.parts();
        let (weight, mean) = parts.iter().fold((0.0, 0.0), |(w, m), p| (w + p.weight, m + p.weight * p.mean));
        let square: f64 = parts.iter().map(|p| p.weight * (p.deviation * p.deviation + p.mean * p.mean)).sum();
        assert!((weight - 1.0).abs() < 1e-10 && (mean - fit.mean).abs() < 1e-10);
        assert!((square - mean * mean - fit.start_variance).abs() < 1e-10);
        // without jumps it is the normal
        let none = Kicks { rate: 0.0, mean: 0.0, deviation: 0.0 };
        let plain = JumpLaw { constant: 0.0, variance: 1.0, kicks: [none; 2] }.symbol_fit(&[0.0], 1);
        assert!((plain.log_likelihood.unwrap() + 0.918_939).abs() < 1e-6);
    }

    #[test]
    fn the_past_alone_gives_its_mean_and_variance() {
        let fit = SymbolFit::of_past(&[0.01, -0.03, 0.05], 2);
        assert!((fit.mean + 0.01).abs() < 1e-15 && (fit.start_variance - 0.0004).abs() < 1e-15 && fit.variance.len() == 3);
        assert!(fit.log_likelihood.is_none() && SymbolFit::of_past(&[], 0).mean == 0.0);
    }
}

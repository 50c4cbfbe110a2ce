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
    fn the_past_alone_gives_its_mean_and_variance() {
        let fit = SymbolFit::of_past(&[0.01, -0.03, 0.05], 2);
        assert!((fit.mean + 0.01).abs() < 1e-15 && (fit.start_variance - 0.0004).abs() < 1e-15 && fit.variance.len() == 3);
        assert!(fit.log_likelihood.is_none() && SymbolFit::of_past(&[], 0).mean == 0.0);
    }
}

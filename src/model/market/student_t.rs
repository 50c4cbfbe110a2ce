//! Draws joint Student t log returns: the gaussian model with fat tails that come to all symbols on the same days.
//!
//! Formula: log return of a session = (μ − σ²/2) dt + σ √dt · √((ν − 2) / W) · x, x joint normal, W ~ χ²(ν) one for all
//! symbols of a day: a multivariate t with ν degrees of freedom whose standard deviation is σ √dt. μ, σ and the correlation
//! are those of the gaussian model, given or fitted; ν is fitted by the likelihood of all symbols' standardised returns
//! together, each as a t of variance 1, between 2.05 and 200.
//!
//! Source: Demarta and McNeil (2005), "The t copula and related copulas", International Statistical Review 73 (the
//! multivariate t as a normal variance mixture).
//!
//! Worked number: ν = 5 puts the 99 % quantile of a unit-variance t at 2.606 and its expected shortfall at 3.449, against
//! 2.326 and 2.665 of a normal.

use super::climb::{Likelihood, climb};
use super::covariance::Covariance;
use super::gaussian::Gaussian;
use super::moments::Moments;
use super::past::model_problem;
use super::{FitRequest, MarketModel};
use crate::maths::lanes::{exp1, ln1};
use crate::model::lineage::Note;
use crate::problem::Problems;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[market.student-t]`: what is not given is fitted on the estimation window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct StudentT {
    /// Degrees of freedom, above 2; fitted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degrees_of_freedom: Option<f64>,
    /// One annual volatility for every symbol; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility_annual: Option<Ratio>,
    /// One annual drift for every symbol, half the variance above that of the log price; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_annual: Option<Ratio>,
    /// One correlation between any two symbols; fitted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Ratio>,
    /// How a correlation that is not given is estimated: "auto", "sample", "shrinkage", "factor" or "given".
    pub covariance: Covariance,
    /// Statistical factors of covariance = "factor"; chosen by a criterion when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factors: Option<u32>,
    /// Sessions in a year.
    pub trading_days: f64,
}

impl Default for StudentT {
    fn default() -> Self {
        StudentT {
            degrees_of_freedom: None,
            volatility_annual: None,
            drift_annual: None,
            correlation: None,
            covariance: Covariance::Auto,
            factors: None,
            trading_days: 252.0,
        }
    }
}

/// Below 2 there is no variance to match.
const LEAST: f64 = 2.05;
/// From here on a t cannot be told from a normal.
const MOST: f64 = 200.0;

impl StudentT {
    pub fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let mut problems = Problems::new();
        if let Some(nu) = self.degrees_of_freedom.filter(|nu| !(*nu > 2.0 && nu.is_finite())) {
            problems.push(model_problem(
                "market.student-t.degrees-of-freedom",
                format!("found {nu}"),
                "a Student t has a variance only above 2 degrees of freedom",
                "write a number above 2, for example 4, or leave it out to fit it",
            ));
        }
        let gaussian = Gaussian {
            volatility_annual: self.volatility_annual,
            drift_annual: self.drift_annual,
            correlation: self.correlation,
            covariance: self.covariance,
            factors: self.factors,
            trading_days: self.trading_days,
        };
        let (mut joint, moments) = match gaussian.joint("student-t", request) {
            Ok(found) => found,
            Err(more) => {
                problems.extend(more);
                return Err(problems);
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let (nu, error) = match (self.degrees_of_freedom, moments) {
            (Some(nu), _) => (nu, None),
            (None, moments) => {
                // where everything else was given the window's returns still tell the tail
                let standard = moments.map_or_else(|| Moments::of("student-t", request), Ok)?.standardised();
                let known = &request.market.known;
                let ((nu, error), notes): ((f64, Option<f64>), Vec<Note>) =
                    known.or_fit("degrees", |digest| digest.numbers(&standard), || degrees(&standard));
                joint.card.notes.extend(notes);
                (nu, error)
            }
        };
        joint.degrees = Some(nu);
        joint.card.parameters.push(("degrees_of_freedom".into(), nu, error));
        Ok(Box::new(joint))
    }
}

/// Degrees of freedom and their standard error from standardised returns; the normal end, with a note, where they say nothing.
fn degrees(standard: &[f64]) -> ((f64, Option<f64>), Vec<Note>) {
    let nu = |free: &[f64]| LEAST + (MOST - LEAST) / (1.0 + exp1(-free[0]));
    let each = |free: &[f64], out: &mut [f64]| {
        let nu = nu(free);
        let constant = libm::lgamma(0.5 * (nu + 1.0)) - libm::lgamma(0.5 * nu) - 0.5 * ln1(std::f64::consts::PI * (nu - 2.0));
        for (out, z) in out.iter_mut().zip(standard) {
            *out = constant - 0.5 * (nu + 1.0) * ln1(1.0 + z * z / (nu - 2.0));
        }
        true
    };
    let starts = [3.0, 5.0, 10.0, 50.0].map(|start: f64| vec![ln1((start - LEAST) / (MOST - start))]).to_vec();
    let likelihood = Likelihood { observations: standard.len(), each: &each };
    match (standard.len() > 2).then(|| climb(&likelihood, starts)).flatten() {
        Some(top) => {
            let [error] = top.errors(|free| [nu(free)]);
            ((nu(&top.free), Some(error).filter(|e| e.is_finite())), Vec::new())
        }
        None => {
            let note = Note::new("no return moves: the tail is that of a normal", "收益率均无变动：尾部按正态处理");
            ((MOST, None), vec![note])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy;
    use super::*;
    use crate::maths::random::Streams;

    #[test]
    fn degrees_of_freedom_come_back_from_simulated_returns() {
        let template = toy::market(5, 2);
        let spec = StudentT {
            degrees_of_freedom: Some(5.0),
            volatility_annual: Ratio::new(0.4),
            drift_annual: Ratio::new(0.0),
            correlation: Ratio::new(0.3),
            ..StudentT::default()
        };
        let model = spec.fit(&toy::request(&template, &[0, 1, 2, 3, 4], 2000)).expect("given");
        let mut buffer = toy::Buffer::new(2000, 5);
        model.fill(&mut buffer.tile(0), &Streams::new(4));
        let past = toy::with_returns(5, 2000, |day, symbol| buffer.simple_return[(day * 5 + symbol) * super::super::LANES]);
        let card = StudentT::default().fit(&toy::request(&past, &[0, 1, 2, 3, 4], 5)).expect("fits").card();
        let (_, nu, _) = card.parameters.last().expect("a figure").clone();
        assert!((4.0..6.5).contains(&nu), "{nu}");
    }

    #[test]
    fn a_normal_past_has_a_normal_tail_and_a_bad_figure_is_named() {
        let past = toy::normal_market(4, 1000, 0.02);
        let card = StudentT::default().fit(&toy::request(&past, &[0, 1, 2, 3], 5)).expect("fits").card();
        assert!(card.parameters.last().expect("a figure").1 > 30.0, "{:?}", card.parameters);
        let spec = StudentT { degrees_of_freedom: Some(2.0), ..StudentT::default() };
        assert!(spec.fit(&toy::request(&past, &[0], 5)).is_err());
        let still = toy::with_returns(1, 50, |_, _| 0.0);
        assert!(StudentT::default().fit(&toy::request(&still, &[0], 5)).expect("only drifts").is_deterministic());
    }
}

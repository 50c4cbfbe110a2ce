//! Draws joint Student t log returns: the gaussian model with fat tails that hit all symbols on the same days.
//!
//! Formula: log return of a session = (μ − σ²/2) dt + σ √dt · √((ν − 2) / W) · x, x joint normal, W ~ χ²(ν) one for all
//! symbols of a day: a multivariate t with ν degrees of freedom whose standard deviation is σ √dt. μ, σ and the correlation
//! are those of the gaussian model, given or fitted; ν is fitted by the likelihood of all symbols' standardised returns
//! together, each as a t of variance 1, between 2.05 and 200. Symbols share their bad days, so that the standard error of ν takes
//! days, not returns, as independent: it sums the scores of a day before it squares them.
//!
//! Source: Demarta and McNeil (2005), "The t copula and related copulas", International Statistical Review 73 (the
//! multivariate t as a normal variance mixture).
//!
//! Worked number: ν = 5 puts the 99 % quantile of a unit-variance t at 2.606 and its expected shortfall at 3.449, against
//! 2.326 and 2.665 of a normal.

use super::covariance::{self, Covariance};
use super::gaussian::{self, Gaussian};
use super::maximise::{Likelihood, maximise};
use super::moments::Moments;
use super::{FitRequest, MarketModel, ModelSpec};
use crate::maths::digest::Digest;
use crate::maths::lanes::{exp1, ln1};
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Fault, Figure, Kind, Param, Part, Unit, Words};
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
/// From here on a t is indistinguishable from a normal.
const MOST: f64 = 200.0;

impl Part for StudentT {
    const DECLARED: Declared = Declared {
        key: "student-t",
        kind: Kind::Law,
        what: Words(
            "joint Student t returns, fat tails on common days; what is left out is fitted",
            "多元学生 t 收益率，厚尾同日出现，未给出者由历史估计",
        ),
        formula: "log return = (μ − σ²/2)·dt + σ·√dt·x·√((ν − 2)/W), x joint normal, W ~ χ²(ν) one for all symbols of a day",
        source: "Demarta and McNeil (2005)",
        params: &[
            Param {
                key: "degrees-of-freedom",
                unit: Unit::Number,
                range: Bounds::above(2.0, f64::INFINITY),
                absent: Absent::Fitted(gaussian::FITTED),
                shown: "5",
                meaning: Words(
                    "tail of the joint Student t, which has a variance only above 2",
                    "多元学生 t 分布的自由度，大于二方差才存在",
                ),
            },
            gaussian::VOLATILITY,
            gaussian::DRIFT,
            gaussian::CORRELATION,
            covariance::CHOICE,
            covariance::FACTORS,
            gaussian::TRADING_DAYS,
        ],
        sentences: &[Words("joint Student t returns", "多元学生 t 收益率")],
        figures: &[
            gaussian::VOLATILITY_ANNUAL,
            gaussian::DRIFT_ANNUAL,
            gaussian::CORRELATION_MEAN,
            covariance::FACTOR_COUNT,
            covariance::FACTOR_VARIANCE,
            DEGREES,
        ],
    };

    fn contradictions(&self) -> Vec<Fault> {
        covariance::contradictions(self.covariance, self.factors, self.correlation.is_some())
    }
}

/// The figure of a tail.
pub(super) const DEGREES: Figure = Figure { name: "degrees_of_freedom", words: Words("Degrees of freedom", "自由度") };

impl ModelSpec for StudentT {
    fn name(&self) -> Words {
        Words("Student t", "学生 t 分布")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let gaussian = Gaussian {
            volatility_annual: self.volatility_annual,
            drift_annual: self.drift_annual,
            correlation: self.correlation,
            covariance: self.covariance,
            factors: self.factors,
            trading_days: self.trading_days,
        };
        let (mut joint, moments) = gaussian.joint("student-t", request)?;
        let (nu, error) = match (self.degrees_of_freedom, moments) {
            (Some(nu), _) => (nu, None),
            (None, moments) => {
                // where everything else was given the window's returns still tell the tail
                let (standard, day) = moments.map_or_else(|| Moments::of("student-t", request), Ok)?.standardised();
                let cache = &request.market.fit_cache;
                let all = |digest: &mut Digest| {
                    digest.numbers(&standard);
                    digest.numbers(&day.iter().map(|d| f64::from(*d)).collect::<Vec<_>>());
                };
                let ((nu, error), notes): ((f64, Option<f64>), Vec<Note>) = cache.get_or_fit("degrees", all, || degrees(&standard, &day));
                joint.card.notes.extend(notes);
                (nu, error)
            }
        };
        joint.degrees = Some(nu);
        joint.card.parameters.push(("degrees_of_freedom".into(), nu, error));
        Ok(Box::new(joint))
    }
}

/// Degrees of freedom and their standard error from standardised returns of the days beside them; the normal end, with a note,
/// where they say nothing, and no error on a bound.
fn degrees(standard: &[f64], day: &[u32]) -> ((f64, Option<f64>), Vec<Note>) {
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
    match (standard.len() > 2).then(|| maximise(&likelihood, starts)).flatten() {
        Some(top) => {
            // NaN on a bound
            let [plain] = top.errors(|free| [nu(free)]);
            let slope = (nu(&[top.free[0] + 1e-5]) - nu(&[top.free[0] - 1e-5])) / 2e-5;
            let clustered = likelihood.clustered_error(top.free[0], day).map(|error| error * slope);
            let found = nu(&top.free);
            let on_bound = !plain.is_finite();
            let note = |bound: f64| {
                Note::new(
                    format!("the degrees of freedom stand on their bound of {bound}: no standard error is known of them"),
                    format!("自由度估计值位于其边界 {bound}：无标准误"),
                )
            };
            let notes = if on_bound { vec![note(if found > 10.0 { MOST } else { LEAST })] } else { Vec::new() };
            ((found, clustered.filter(|e| e.is_finite() && !on_bound)), notes)
        }
        None => {
            let note = Note::new("no return moves: the tail is that of a normal", "收益率均无变动：尾部按正态处理");
            ((MOST, None), vec![note])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MarketSpec, toy};
    use super::*;
    use crate::maths::random::{Key, Streams, normal};

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
        let (_, nu, error) = card.parameters.last().expect("a figure").clone();
        assert!((4.0..6.5).contains(&nu), "{nu}");
        assert!(error.is_some_and(|e| (nu - 5.0).abs() < 4.0 * e), "{nu} ± {error:?}");
    }

    #[test]
    fn the_same_returns_on_more_symbols_tell_no_more() {
        // a t of six degrees, of variance one
        let square = |k: u64, draw: u32| normal(Key([6, 1]), k, draw) * normal(Key([6, 1]), k, draw);
        let scale = |k: u64| ((1..7).map(|draw| square(k, draw)).sum::<f64>() / 4.0).sqrt();
        let own: Vec<f64> = (0..1500).map(|k| normal(Key([6, 1]), k, 0) / scale(k)).collect();
        let day: Vec<u32> = (0..1500).collect();
        let ((nu, once), _) = degrees(&own, &day);
        let five = |values: &[f64]| values.repeat(5);
        let ((again, clustered), _) = degrees(&five(&own), &day.repeat(5));
        assert!((nu - again).abs() < 1e-3 * nu && (clustered.unwrap() / once.unwrap() - 1.0).abs() < 1e-2, "{once:?} {clustered:?}");
        // taken as independent they would say √5 too much
        let ((_, apart), _) = degrees(&five(&own), &(0..7500).collect::<Vec<_>>());
        assert!((clustered.unwrap() / apart.unwrap() / 5.0_f64.sqrt() - 1.0).abs() < 1e-2, "{apart:?}");
    }

    #[test]
    fn degrees_on_their_bound_have_no_error_but_a_note() {
        // two-point returns have the thinnest of tails
        let flat: Vec<f64> = (0..400).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let ((nu, error), notes) = degrees(&flat, &(0..400).collect::<Vec<_>>());
        assert!(nu > 199.0 && error.is_none() && notes.len() == 1, "{nu} {error:?}");
    }

    #[test]
    fn a_normal_past_has_a_normal_tail_and_a_bad_figure_is_named() {
        let past = toy::normal_market(4, 1000, 0.02);
        let card = StudentT::default().fit(&toy::request(&past, &[0, 1, 2, 3], 5)).expect("fits").card();
        assert!(card.parameters.last().expect("a figure").1 > 30.0, "{:?}", card.parameters);
        let spec = StudentT { degrees_of_freedom: Some(2.0), ..StudentT::default() };
        assert!(MarketSpec::StudentT(spec).fit(&toy::request(&past, &[0], 5)).is_err());
        let still = toy::with_returns(1, 50, |_, _| 0.0);
        assert!(StudentT::default().fit(&toy::request(&still, &[0], 5)).expect("only drifts").is_deterministic());
    }
}

//! Draws joint normal log returns, with volatility, drift and correlation fitted or given.
//!
//! Formula: log return of a session = (μ − σ²/2) dt + σ √dt · x, dt = 1 / trading-days, simple return = e^(log return) − 1.
//! Every symbol draws its own z under its name's address. With one correlation ρ ≥ 0 given, x = √ρ · common + √(1 − ρ) · z,
//! so that a symbol more or less leaves every other symbol's draws as they are. With ρ < 0 or a fitted correlation
//! x = L z, L the Cholesky factor in the order of the history's symbols (by name): a further symbol leaves those named
//! before it as they are.
//!
//! Worked number: σ = 30 % a year over 252 sessions is 1.89 % a session; the one-day 99 % loss of μ = 0 is 4.32 %.

use super::covariance::{self, Covariance, Joined};
use super::fit_cache::FitCache;
use super::joint::{Joint, Mix};
use super::moments::Moments;
use super::past::window_in_words;
use super::{FitRequest, MarketModel, ModelCard, ModelSpec};
use crate::maths::linear::equicorrelation_factor;
use crate::maths::random::name_address;
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Fault, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[market.gaussian]`: what is not given is fitted on the estimation window.
///
/// A symbol's price follows a geometric Brownian motion: the log return of one session is
/// `(drift − volatility²/2)·dt + volatility·√dt·z` with `dt = 1 / trading-days` (drift is of the price, not of its log).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Gaussian {
    /// One annual volatility for every symbol; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility_annual: Option<Ratio>,
    /// One annual drift of the price for every symbol; fitted per symbol when absent.
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

impl Default for Gaussian {
    fn default() -> Self {
        Gaussian {
            volatility_annual: None,
            drift_annual: None,
            correlation: None,
            covariance: Covariance::Auto,
            factors: None,
            trading_days: 252.0,
        }
    }
}

/// What a figure is that is not given.
pub(super) const FITTED: Words = Words("fitted", "由历史估计");

pub(super) const VOLATILITY: Param = Param {
    key: "volatility-annual",
    unit: Unit::Percent,
    range: Bounds::within(0.0, 10.0),
    absent: Absent::Fitted(FITTED),
    shown: "\"30%\"",
    meaning: Words("one annual volatility for every symbol", "全部证券共用的年化波动率"),
};

pub(super) const DRIFT: Param = Param {
    key: "drift-annual",
    unit: Unit::Percent,
    range: Bounds::within(-10.0, 10.0),
    absent: Absent::Fitted(Words("as `[estimation] drift` says", "按估计设置")),
    shown: "\"0%\"",
    meaning: Words("one annual drift of the price for every symbol", "全部证券共用的年化价格漂移"),
};

pub(super) const CORRELATION: Param = Param {
    key: "correlation",
    unit: Unit::Number,
    range: Bounds::within(-1.0, 1.0),
    absent: Absent::Says(FITTED),
    shown: "0.5",
    meaning: Words("one correlation between any two symbols; of n symbols at least −1/(n − 1)", "任意两只证券之间的相关系数"),
};

pub(super) const TRADING_DAYS: Param = Param {
    key: "trading-days",
    unit: Unit::Number,
    range: Bounds::within(1.0, 366.0),
    absent: Absent::Shown,
    shown: "252",
    meaning: Words("sessions in a year", "一年的交易日数"),
};

/// Figures of the card.
pub(super) const VOLATILITY_ANNUAL: Figure = Figure { name: "volatility_annual", words: Words("Annual volatility", "年化波动率") };
pub(super) const DRIFT_ANNUAL: Figure = Figure { name: "drift_annual", words: Words("Annual drift", "年化漂移率") };
pub(super) const CORRELATION_MEAN: Figure = Figure { name: "correlation", words: Words("Correlation", "相关系数") };

impl Part for Gaussian {
    const DECLARED: Declared = Declared {
        key: "gaussian",
        kind: Kind::Law,
        what: Words("joint normal returns; what is left out is fitted", "多元正态收益率，未给出者由历史估计"),
        formula: "log return = (μ − σ²/2)·dt + σ·√dt·z, z joint normal, dt = 1 / trading-days",
        source: "",
        params: &[VOLATILITY, DRIFT, CORRELATION, covariance::CHOICE, covariance::FACTORS, TRADING_DAYS],
        sentences: &[Words("joint normal returns", "多元正态收益率")],
        figures: &[VOLATILITY_ANNUAL, DRIFT_ANNUAL, CORRELATION_MEAN, covariance::FACTOR_COUNT, covariance::FACTOR_VARIANCE],
    };

    fn contradictions(&self) -> Vec<Fault> {
        covariance::contradictions(self.covariance, self.factors, self.correlation.is_some())
    }
}

impl ModelSpec for Gaussian {
    fn name(&self) -> Words {
        Words("Gaussian", "正态模型")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        Ok(Box::new(self.joint("gaussian", request)?.0))
    }
}

impl Gaussian {
    /// The joint law of the figures given and fitted, and the moments when any were taken; `model` names the keys.
    pub(super) fn joint(&self, model: &str, request: &FitRequest<'_>) -> Result<(Joint, Option<Moments>), Problems> {
        let n = request.symbols.len();
        let mut problems = self.shared(model, n);
        let given = self.correlation.is_none().then(|| covariance::given(model, self.covariance, request));
        let given = given.transpose().map(Option::flatten).unwrap_or_else(|more| {
            problems.extend(more);
            None
        });
        let fits_correlation = self.correlation.is_none() && given.is_none() && n > 1;
        // a drift in place of the window's own needs no window
        let drift_annual = self.drift_annual.map(|d| d.get()).or_else(|| request.drift.of_session(1.0));
        let fits_something = self.volatility_annual.is_none() || drift_annual.is_none() || fits_correlation;
        let moments = match fits_something.then(|| Moments::of(model, request)).transpose() {
            Ok(moments) => moments,
            Err(more) => {
                problems.extend(more);
                None
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let year = self.trading_days;
        let fitted = |k: usize| {
            let m = moments.as_ref().expect("moments are taken whenever something is fitted");
            (m.mean[k], m.deviation[k])
        };
        let volatility: Vec<f64> = (0..n).map(|k| self.volatility_annual.map_or_else(|| fitted(k).1 * year.sqrt(), |v| v.get())).collect();
        // the drift of the price: its log drifts by half the fitted variance less
        let drift: Vec<f64> =
            (0..n).map(|k| drift_annual.unwrap_or_else(|| (fitted(k).0 + 0.5 * fitted(k).1 * fitted(k).1) * year)).collect();
        let mut notes = Vec::new();
        if moments.is_some() {
            let window = window_in_words(request, &request.window);
            notes.push(Note::new(format!("fitted on {}", window.en), format!("由{}估计", window.zh)));
        }
        let still = volatility.iter().filter(|v| **v == 0.0).count();
        if still > 0 {
            notes.push(Note::new(
                format!("{still} of {n} symbols have a volatility of 0 and only drift"),
                format!("{n} 只证券中有 {still} 只波动率为 0，仅随漂移变动"),
            ));
        }
        let joined = self.mix(n, moments.as_ref(), given.as_deref(), &request.market.fit_cache);
        notes.extend(joined.notes);
        let mut parameters = parameters(request, &volatility, &drift, (n > 1).then_some(joined.correlation), moments.as_ref(), year);
        if drift_annual.is_some() {
            // what is not estimated has no error
            parameters.iter_mut().filter(|(name, _, _)| name.starts_with("drift_annual")).for_each(|(_, _, error)| *error = None);
        }
        parameters.extend(joined.parameters);
        let joint = Joint {
            addresses: request.symbols.iter().map(|s| name_address(&request.market.history.symbols[*s])).collect(),
            mean: volatility.iter().zip(&drift).map(|(v, d)| (d - 0.5 * v * v) / year).collect(),
            deviation: volatility.iter().map(|v| v / year.sqrt()).collect(),
            mix: joined.mix,
            degrees: None,
            fitted: self.volatility_annual.is_none() && self.drift_annual.is_none(),
            card: ModelCard { model: model.into(), parameters, notes },
        };
        Ok((joint, moments))
    }

    /// A correlation that so many symbols can share.
    fn shared(&self, model: &str, n: usize) -> Problems {
        let mut problems = Problems::new();
        let lowest = if n > 1 { -1.0 / (n - 1) as f64 } else { -1.0 };
        // a millionth of grace for a bound written as a rounded percentage
        if let Some(rho) = self.correlation.filter(|rho| rho.get() < lowest - 1e-6) {
            problems.push(model_problem(
                &format!("market.{model}.correlation"),
                format!("found {rho} for {n} symbols"),
                format!("{n} symbols share one correlation only between {lowest:.6} and 1"),
                "write a correlation in that range, or leave it out to fit it",
            ));
        }
        problems
    }

    /// How own draws become joint ones.
    fn mix(&self, n: usize, moments: Option<&Moments>, given: Option<&[f64]>, cache: &FitCache) -> Joined {
        if let Some(matrix) = given {
            return covariance::join_given(matrix, n);
        }
        match (self.correlation.map(|r| r.get()), moments) {
            // also for one symbol: its draws must not change when a second one comes
            (Some(rho), _) if rho >= 0.0 => Joined::plain(Mix::Common { common: rho.sqrt(), own: (1.0 - rho).sqrt() }, rho),
            _ if n < 2 => Joined::plain(Mix::Own, 0.0),
            (Some(rho), _) => {
                let lowest = -1.0 / (n - 1) as f64;
                let factor = equicorrelation_factor(rho.max(lowest), n).expect("the correlation was checked");
                Joined::plain(Mix::Factor(factor), rho)
            }
            (None, moments) => covariance::join(moments.expect("a fitted correlation has moments"), self.covariance, self.factors, cache),
        }
    }
}

/// The card's figures: every symbol of a short list, the range of a long one.
fn parameters(
    request: &FitRequest<'_>,
    volatility: &[f64],
    drift: &[f64],
    correlation: Option<f64>,
    moments: Option<&Moments>,
    year: f64,
) -> Vec<(String, f64, Option<f64>)> {
    const LISTED: usize = 12;
    let mut rows = Vec::new();
    let errors = |k: usize| {
        moments.map(|m| {
            let days = m.used[k] as f64;
            (volatility[k] / (2.0 * (days - 1.0)).sqrt(), volatility[k] * (year / days).sqrt())
        })
    };
    if volatility.len() <= LISTED {
        for (k, symbol) in request.symbols.iter().enumerate() {
            let name = &request.market.history.symbols[*symbol];
            rows.push((format!("volatility_annual {name}"), volatility[k], errors(k).map(|e| e.0)));
            rows.push((format!("drift_annual {name}"), drift[k], errors(k).map(|e| e.1)));
        }
    } else {
        for (name, values) in [("volatility_annual", volatility), ("drift_annual", drift)] {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            for (of, at) in [("lowest", 0), ("median", sorted.len() / 2), ("highest", sorted.len() - 1)] {
                rows.push((format!("{name} {of}"), sorted[at], None));
            }
        }
    }
    rows.extend(correlation.map(|c| ("correlation mean".to_string(), c, None)));
    rows
}

#[cfg(test)]
mod tests {
    use super::super::{LANES, MarketSpec, toy};
    use super::*;
    use crate::maths::random::{Key, Streams};

    fn given(volatility: f64, drift: f64, correlation: f64) -> Gaussian {
        Gaussian {
            volatility_annual: Some(Ratio::from_fraction(volatility)),
            drift_annual: Some(Ratio::from_fraction(drift)),
            correlation: Some(Ratio::from_fraction(correlation)),
            ..Gaussian::default()
        }
    }

    fn simulate(model: &dyn MarketModel, days: usize, symbols: usize, first_path: u64) -> toy::Buffer {
        let mut buffer = toy::Buffer::new(days, symbols);
        model.fill(&mut buffer.tile(first_path), &Streams::new(5));
        buffer
    }

    #[test]
    fn a_further_symbol_leaves_the_others_draws_alone() {
        let market = toy::market(6, 3);
        for rho in [0.0, 0.4, 1.0] {
            let (one, two) =
                (given(0.3, 0.0, rho).fit(&toy::request(&market, &[2], 5)), given(0.3, 0.0, rho).fit(&toy::request(&market, &[2, 3], 5)));
            let (one, two) = (simulate(&*one.expect("given"), 5, 1, 32), simulate(&*two.expect("given"), 5, 2, 32));
            assert_eq!(one.simple_return[..LANES], two.simple_return[..LANES]);
            let few = given(0.3, 0.05, rho).fit(&toy::request(&market, &[1, 4], 5)).expect("given");
            let many = given(0.3, 0.05, rho).fit(&toy::request(&market, &[0, 1, 3, 4], 5)).expect("given");
            let (a, b) = (simulate(&*few, 5, 2, 32), simulate(&*many, 5, 4, 32));
            for day in 0..5 {
                for (in_few, in_many) in [(0, 1), (1, 3)] {
                    let (x, y) = ((day * 2 + in_few) * LANES, (day * 4 + in_many) * LANES);
                    assert_eq!(a.simple_return[x..x + LANES], b.simple_return[y..y + LANES]);
                }
            }
        }
    }

    #[test]
    fn no_volatility_leaves_the_drift() {
        let market = toy::market(1, 2);
        let model = given(0.0, 0.10, 0.0).fit(&toy::request(&market, &[0], 3)).expect("given");
        assert!(model.is_deterministic());
        let expected = libm::expm1(0.10 / 252.0);
        assert!(simulate(&*model, 3, 1, 0).simple_return.iter().all(|r| (r - expected).abs() < 1e-15));
    }

    #[test]
    fn impossible_figures_are_named_together() {
        let market = toy::market(4, 30);
        let fit = |spec: Gaussian| MarketSpec::Gaussian(spec).fit(&toy::request(&market, &[0, 1, 2, 3], 5));
        let problems = fit(Gaussian { trading_days: 0.0, ..given(-0.1, 0.0, 1.2) }).err().expect("three figures are wrong");
        assert_eq!(problems.len(), 3);
        assert!(problems.to_string().contains("0% to 1000%"), "{problems}");
        let problems = fit(given(0.1, 0.0, -0.4)).err().expect("four symbols cannot share it");
        assert!(problems.to_string().contains("-0.333333"), "{problems}");
        assert!(fit(given(0.1, 0.0, -1.0 / 3.0)).is_ok());
    }

    #[test]
    fn degenerate_histories_fall_back_or_are_named() {
        let all_finite =
            |model: &dyn MarketModel, n: usize| simulate(model, 4, n, 0).simple_return.iter().all(|r| r.is_finite() && *r > -1.0);
        // one day
        let one = toy::market(2, 1);
        let problems = Gaussian::default().fit(&toy::request(&one, &[0, 1], 4)).err().expect("one day has no volatility");
        assert_eq!(problems.len(), 2);
        // a constant series beside a moving one
        let mut still = toy::normal_market(2, 60, 0.02);
        (0..60).for_each(|d| still.history.simple_return[[d, 0]] = 0.0);
        let model = Gaussian::default().fit(&toy::request(&still, &[0, 1], 4)).expect("a still price only drifts");
        assert!(all_finite(&*model, 2) && simulate(&*model, 4, 2, 0).simple_return[..LANES].iter().all(|r| *r == 0.0));
        // two identical symbols
        let twins = toy::with_returns(2, 80, |day, _| 0.01 * crate::maths::random::normal(Key([1, 1]), day as u64, 0));
        let model = Gaussian::default().fit(&toy::request(&twins, &[0, 1], 4)).expect("shrunk");
        assert!(all_finite(&*model, 2) && model.card().notes.iter().any(|n| n.en.contains("shrunk")), "{:?}", model.card().notes);
        // fewer days than symbols
        let wide = toy::normal_market(40, 15, 0.02);
        let symbols: Vec<usize> = (0..40).collect();
        let model = Gaussian::default().fit(&toy::request(&wide, &symbols, 4)).expect("shrunk");
        assert!(all_finite(&*model, 40) && model.card().notes.iter().any(|n| n.en.contains("no more days")), "{:?}", model.card().notes);
    }
}

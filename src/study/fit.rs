//! Fits every distinct market model of a programme and tests what it leaves unexplained, in sample and on a hold-out.
//!
//! A model is fitted twice: on its whole window, for the figures and the tests in sample, and on the window less its last
//! sessions, which then test its one-day value at risk. The forecast of a day is `−(μ + σ_t q)`, σ_t the deviation the model
//! saw for the day from those before it (the same every day for a model without memory), q the quantile of the model's
//! own first simulated day in units of its deviation. A model that draws the residuals themselves has their own quantile, of the
//! days it was fitted on, without the noise of a simulation. Residuals are `(x_t − μ)/σ_t` of log returns on days traded.

use super::model_risk;
use crate::engine::{held_symbols, side_by_side};
use crate::maths::random::Streams;
use crate::measures::backtest::{self, Test, Zone};
use crate::measures::diagnostics;
use crate::model::book::Book;
use crate::model::case::{Programme, Scenario};
use crate::model::history::{Market, flag};
use crate::model::lineage::Note;
use crate::model::market::drift::Drift;
use crate::model::market::{FitRequest, LANES, MarketModel, SymbolFit, Tile, paths_from};
use crate::problem::{Kind, Place, Problem, Problems};
use crate::units::Day;
use serde::Serialize;
use std::ops::Range;

/// Autocorrelations tested and drawn.
pub const LAGS: usize = 10;
pub const LAGS_DRAWN: usize = 20;
/// Level of the value at risk that hits are counted for.
pub const LEVEL: f64 = 0.99;
/// Tiles of the simulated first day: 10,000 paths tell a 1 % quantile to 0.037 deviations.
const TILES: u64 = 625;
/// Fewer sessions make no fit to hold out from.
const LEAST_WINDOW: usize = 30;
/// Default hold-out: a year, or a fifth of a shorter window.
const YEAR: usize = 250;

/// `fit.json`, and what its charts draw.
#[derive(Clone, Debug, Serialize)]
pub struct FitReport {
    pub level: f64,
    pub lags: usize,
    pub models: Vec<ModelFit>,
}

/// One distinct model: a choice of `[market]` on one window.
#[derive(Clone, Debug, Serialize)]
pub struct ModelFit {
    /// The programme's key, with a number behind where two windows or choices share it.
    pub model: String,
    /// The scenarios that draw from it.
    pub scenarios: Vec<String>,
    pub first_day: String,
    pub last_day: String,
    pub sessions: usize,
    /// The last sessions of the window, which the second fit did not see.
    pub holdout_sessions: usize,
    pub parameters: Vec<Parameter>,
    pub notes: Vec<Note>,
    /// How many symbols a test rejects at 5 %.
    pub rejected: Rejected,
    pub symbols: Vec<SymbolReport>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Parameter {
    pub name: String,
    pub value: f64,
    pub std_error: Option<f64>,
}

/// Symbols tested, and rejected at 5 %, test by test.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Rejected {
    pub symbols: usize,
    pub ljung_box_residuals: usize,
    pub ljung_box_squares: usize,
    pub coverage_in_sample: usize,
    pub holdout_symbols: usize,
    pub coverage_holdout: usize,
    pub independence_holdout: usize,
}

/// One symbol of a model.
#[derive(Clone, Debug, Serialize)]
pub struct SymbolReport {
    pub symbol: String,
    /// Days traded in the window.
    pub observations: usize,
    pub parameters: Vec<Parameter>,
    pub log_likelihood: Option<f64>,
    /// −2 ln L + 2k and −2 ln L + k ln n, of the symbol's own parameters.
    pub aic: Option<f64>,
    pub bic: Option<f64>,
    pub residuals: Residuals,
    pub ljung_box_residuals: Option<Test>,
    pub ljung_box_squares: Option<Test>,
    pub in_sample: Option<Hits>,
    pub holdout: Option<Hits>,
    /// The residuals themselves, for the charts.
    #[serde(skip)]
    pub series: Vec<f64>,
}

/// Shape of the residuals.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Residuals {
    pub mean: f64,
    pub deviation: f64,
    pub skewness: f64,
    pub excess_kurtosis: f64,
}

/// How often the loss was above its value at risk.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Hits {
    pub days: u64,
    pub breaches: u64,
    pub expected: f64,
    pub kupiec: Test,
    pub independence: Test,
    pub conditional_coverage: Test,
    pub zone: Zone,
}

/// The sessions held out of a window when none are asked for.
pub fn default_holdout(sessions: usize) -> usize {
    YEAR.min(sessions / 5)
}

/// Fits and tests every distinct model; `holdout` sessions are kept back, or the default's.
///
/// Errors: a model that cannot be fitted, or nothing to fit (kind Model); a hold-out that leaves too little (kind Usage).
pub fn fit(programme: &Programme, book: &Book, market: &Market, holdout: Option<usize>) -> Result<FitReport, Problems> {
    let symbols = held_symbols(book);
    let study = Study { programme, market, symbols: &symbols };
    // the models of a model-risk panel are fitted too
    let extended = model_risk::extended(programme);
    let mut problems = Problems::new();
    let mut models: Vec<ModelFit> = Vec::new();
    for (scenario, names) in distinct(&extended) {
        match study.model(scenario, names, holdout) {
            Ok(model) => models.push(model),
            Err(more) => problems.extend(more),
        }
    }
    number_names(&mut models);
    if models.is_empty() && problems.is_empty() {
        problems.push(Problem::new(
            Kind::Model,
            Place::default().field("market.replay"),
            "there is no model to fit",
            "every scenario replays the past or runs given paths",
            "choose a model under [market], for example [market.filtered-historical]",
        ));
    }
    problems.into_result(FitReport { level: LEVEL, lags: LAGS, models })
}

/// The first scenario of each choice of model and window, and all that share it; a replay and given paths fit nothing.
fn distinct(programme: &Programme) -> Vec<(&Scenario, Vec<String>)> {
    let mut found: Vec<(&Scenario, Vec<String>)> = Vec::new();
    for scenario in programme.scenarios.iter().filter(|s| s.case.market.is_fitted()) {
        let same = |s: &Scenario| s.case.market == scenario.case.market && s.case.estimation == scenario.case.estimation;
        match found.iter_mut().find(|(first, _)| same(first)) {
            Some((_, names)) => names.push(scenario.name.clone()),
            None => found.push((scenario, vec![scenario.name.clone()])),
        }
    }
    found
}

/// `gaussian`, `gaussian-2`, … in the order of the programme.
fn number_names(models: &mut [ModelFit]) {
    for at in 1..models.len() {
        let (earlier, rest) = models.split_at_mut(at);
        let same = earlier.iter().filter(|m| m.model == rest[0].model || m.model.starts_with(&format!("{}-", rest[0].model))).count();
        let numbered =
            earlier.iter().filter(|m| m.model.strip_prefix(&format!("{}-", rest[0].model)).is_some_and(|n| n.parse::<u32>().is_ok()));
        if same > 0 && earlier.iter().any(|m| m.model == rest[0].model) {
            rest[0].model = format!("{}-{}", rest[0].model, numbered.count() + 2);
        }
    }
}

struct Study<'a> {
    programme: &'a Programme,
    market: &'a Market,
    symbols: &'a [usize],
}

/// One symbol's days traded from the window's first session on: history days, and log returns.
struct Series {
    days: Vec<usize>,
    log_returns: Vec<f64>,
}

impl Series {
    /// How many of its days lie before a history day.
    fn before(&self, end: usize) -> usize {
        self.days.partition_point(|d| *d < end)
    }
}

impl Study<'_> {
    fn model(&self, scenario: &Scenario, scenarios: Vec<String>, holdout: Option<usize>) -> Result<ModelFit, Problems> {
        let history = &self.market.history;
        let estimation = &scenario.case.estimation;
        let window = history.window(estimation.start, Some(estimation.end.unwrap_or(self.programme.as_of)));
        let held = holdout.unwrap_or(default_holdout(window.len()));
        let asked = holdout.is_some();
        if window.len() < held + LEAST_WINDOW {
            return Err(self.too_short(scenario, &window, held, asked));
        }
        let whole = self.fitted(scenario, window.clone())?;
        let shorter = window.start..window.end - held;
        let partial = if held > 0 { Some(self.fitted(scenario, shorter.clone())?) } else { None };
        let day = |at: usize| history.dates.get(at).map(Day::to_string).unwrap_or_default();
        let quantiles = self.first_day_quantiles(whole.as_ref());
        let early_quantiles = partial.as_ref().map(|model| self.first_day_quantiles(model.as_ref()));
        let reports: Vec<SymbolReport> = (0..self.symbols.len())
            .map(|k| {
                let series = self.series(self.symbols[k], window.clone());
                let fit = whole.symbol_fit(k, &series.log_returns, series.log_returns.len());
                let q = quantile_of(&series, &fit, series.days.len(), quantiles[k]);
                let mut report = self.symbol(k, &series, &fit, q);
                if let (Some(model), Some(quantiles)) = (&partial, &early_quantiles) {
                    let from = series.before(shorter.end);
                    let fit = model.symbol_fit(k, &series.log_returns, from);
                    let q = quantile_of(&series, &fit, from, quantiles[k]);
                    report.holdout = hits(&series, &fit, q, from..series.days.len());
                }
                report
            })
            .collect();
        let card = whole.card();
        Ok(ModelFit {
            model: card.model,
            scenarios,
            first_day: day(window.start),
            last_day: day(window.end - 1),
            sessions: window.len(),
            holdout_sessions: held,
            parameters: card.parameters.into_iter().map(|(name, value, std_error)| Parameter { name, value, std_error }).collect(),
            notes: card.notes,
            rejected: rejected(&reports),
            symbols: reports,
        })
    }

    fn too_short(&self, scenario: &Scenario, window: &Range<usize>, held: usize, asked: bool) -> Problems {
        let what = format!("the window of scenario `{}` has {} sessions, {held} of them held out", scenario.name, window.len());
        let why = format!("a fit to be tested needs {LEAST_WINDOW} sessions before the hold-out");
        let (kind, place) = if asked { (Kind::Usage, "--holdout") } else { (Kind::Model, "estimation") };
        Problem::new(kind, Place::default().field(place), what, why, "hold out fewer sessions with --holdout, or widen [estimation]").into()
    }

    /// The scenario's model on a window, its volatility started behind it where the window ends before the as-of date.
    fn fitted(&self, scenario: &Scenario, window: Range<usize>) -> Result<Box<dyn MarketModel>, Problems> {
        let after_as_of = window.end.min(self.market.history.window(None, Some(self.programme.as_of)).end);
        let horizon_days = scenario.case.simulation.horizon_days as usize;
        let workers = &side_by_side;
        // the law as it is estimated, whatever drift a scenario puts in its place
        let drift = Drift::Historical;
        let (market, symbols) = (self.market, self.symbols);
        scenario.case.market.fit(&FitRequest { market, symbols, window, after_as_of, horizon_days, drift, workers })
    }

    fn series(&self, symbol: usize, window: Range<usize>) -> Series {
        let history = &self.market.history;
        let traded = |d: &usize| history.flag_row(*d)[symbol] & (flag::PRESENT | flag::HALTED) == flag::PRESENT;
        let days: Vec<usize> = window.filter(|d| traded(d) && history.row(*d)[symbol] > -1.0).collect();
        let log_returns = days.iter().map(|d| libm::log1p(history.row(*d)[symbol])).collect();
        Series { days, log_returns }
    }

    /// The (1 − level) quantile of each symbol's first simulated log return, halted paths aside; NaN where none trades.
    fn first_day_quantiles(&self, model: &dyn MarketModel) -> Vec<f64> {
        let (width, streams) = (self.symbols.len(), Streams::new(self.programme.seed));
        let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(TILES as usize * LANES); width];
        let (mut simple_return, mut state) = (vec![0.0; width * LANES], vec![0; width * LANES]);
        for tile in 0..TILES {
            simple_return.fill(0.0);
            state.fill(0);
            let paths = paths_from(tile * LANES as u64);
            let mut tile = Tile { paths, days: 1, symbols: width, simple_return: &mut simple_return, state: &mut state, volume: &mut [] };
            model.fill(&mut tile, &streams);
            for (cell, r) in simple_return.iter().enumerate().filter(|(cell, _)| state[*cell] & flag::HALTED == 0) {
                drawn[cell / LANES].push(*r);
            }
        }
        drawn.into_iter().map(|sample| own_quantile(sample).map_or(f64::NAN, libm::log1p)).collect()
    }

    fn symbol(&self, k: usize, series: &Series, fit: &SymbolFit, quantile: Option<f64>) -> SymbolReport {
        let residuals: Vec<f64> = standardised(series, fit);
        let squares: Vec<f64> = residuals.iter().map(|z| z * z).collect();
        let [mean, deviation, skewness, excess_kurtosis] = diagnostics::shape(&residuals);
        let (n, free) = (series.days.len() as f64, fit.parameters.len() as f64);
        SymbolReport {
            symbol: self.market.history.symbols[self.symbols[k]].clone(),
            observations: series.days.len(),
            parameters: fit
                .parameters
                .iter()
                .map(|(name, value, std_error)| Parameter { name: (*name).into(), value: *value, std_error: *std_error })
                .collect(),
            log_likelihood: fit.log_likelihood,
            aic: fit.log_likelihood.map(|l| 2.0 * free - 2.0 * l),
            bic: fit.log_likelihood.map(|l| free * libm::log(n) - 2.0 * l),
            residuals: Residuals { mean, deviation, skewness, excess_kurtosis },
            ljung_box_residuals: diagnostics::ljung_box(&residuals, LAGS),
            ljung_box_squares: diagnostics::ljung_box(&squares, LAGS),
            in_sample: hits(series, fit, quantile, 0..series.days.len()),
            holdout: None,
            series: residuals,
        }
    }
}

/// Residuals of the days traded; 0 where the model saw no variance.
fn standardised(series: &Series, fit: &SymbolFit) -> Vec<f64> {
    let days = series.log_returns.iter().zip(&fit.variance);
    days.map(|(x, variance)| if *variance > 0.0 { (x - fit.mean) / variance.sqrt() } else { 0.0 }).collect()
}

/// The (1 − level) quantile of a day in units of its deviation: the residuals' own where the model draws them, else that of the
/// first simulated day, `simulated`; nothing where no day trades.
fn quantile_of(series: &Series, fit: &SymbolFit, fitted: usize, simulated: f64) -> Option<f64> {
    if fit.draws_residuals {
        return own_quantile(standardised(series, fit)[..fitted].to_vec());
    }
    let deviation = fit.start_variance.sqrt();
    (!simulated.is_nan()).then(|| if deviation > 0.0 { (simulated - fit.mean) / deviation } else { 0.0 })
}

/// The order statistic of rank ⌈(1 − level)·n⌉.
fn own_quantile(mut sample: Vec<f64>) -> Option<f64> {
    sample.sort_by(f64::total_cmp);
    let rank = ((1.0 - LEVEL) * sample.len() as f64).ceil() as usize;
    sample.get(rank.saturating_sub(1)).copied()
}

/// Counts the days of `range` whose loss was above the forecast; nothing without days or without a forecast.
fn hits(series: &Series, fit: &SymbolFit, quantile: Option<f64>, range: Range<usize>) -> Option<Hits> {
    let q = quantile.filter(|_| !range.is_empty())?;
    let breach: Vec<bool> = range.map(|t| series.log_returns[t] < fit.mean + fit.variance[t].sqrt() * q).collect();
    let (days, breaches, p) = (breach.len() as u64, breach.iter().filter(|b| **b).count() as u64, 1.0 - LEVEL);
    let transitions = backtest::transitions(&breach);
    Some(Hits {
        days,
        breaches,
        expected: days as f64 * p,
        kupiec: backtest::kupiec(days, breaches, p),
        independence: backtest::independence(transitions),
        conditional_coverage: backtest::conditional_coverage(days, breaches, p, transitions),
        zone: backtest::traffic_light(days, breaches, p),
    })
}

fn rejected(symbols: &[SymbolReport]) -> Rejected {
    let count = |test: &dyn Fn(&SymbolReport) -> Option<f64>| symbols.iter().filter(|s| test(s).is_some_and(|p| p < 0.05)).count();
    Rejected {
        symbols: symbols.len(),
        ljung_box_residuals: count(&|s| s.ljung_box_residuals.map(|t| t.p_value)),
        ljung_box_squares: count(&|s| s.ljung_box_squares.map(|t| t.p_value)),
        coverage_in_sample: count(&|s| s.in_sample.map(|h| h.kupiec.p_value)),
        holdout_symbols: symbols.iter().filter(|s| s.holdout.is_some()).count(),
        coverage_holdout: count(&|s| s.holdout.map(|h| h.kupiec.p_value)),
        independence_holdout: count(&|s| s.holdout.map(|h| h.independence.p_value)),
    }
}

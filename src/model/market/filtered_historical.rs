//! Draws joint past residuals and gives them today's volatility (filtered historical simulation).
//!
//! Formula: each symbol's log returns are r = μ + σ z with σ² of `garch.rs`; the z of the window's trading days are the
//! residuals. A path draws one past day for all symbols on each simulated day, uniformly, takes its residuals, and lets
//! every symbol's variance run on from its level at the as-of date: r = μ + σ z, then the law gives the next σ.
//! Source: Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without correlations for portfolios of derivative
//! securities", Journal of Futures Markets 19.
//! A halted name neither moves nor changes its variance. Limit states of past days are dropped, since the returns are
//! rescaled: the price limits bind them afresh.
//!
//! Worked number: with ω = 0, α = 0.06, β = 0.94, a residual of 3 at σ = 2 % moves by −6 % or +6 %, and the next σ is
//! √(0.06 · 0.0036 + 0.94 · 0.0004) = 2.43 %.

use super::day_tilt::DayTilts;
use super::drift::TRADING_DAYS;
use super::garch::{self, Innovations, Law, MEAN_ABSOLUTE_NORMAL, Volatility};
use super::past::{Past, Traded, window_in_words};
use super::severity::lowest_levels;
use super::tilt::{Component, Tilted, Tilts};
use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, Paths, SymbolFit, Tile};
use crate::maths::digest::Digest;
use crate::maths::isa::by_isa;
use crate::maths::lanes::{exp_less_one, exp1, ln1};
use crate::maths::random::{Key, Stream, Streams, unit, words};
use crate::model::history::flag;
use crate::model::lineage::Note;
use crate::model::part::{Declared, Figure, Kind, Param, Part, Values, Words};
use crate::problem::{Problems, model_problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// `[market.filtered-historical]`
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FilteredHistorical {
    /// "garch", "gjr" or "egarch".
    pub volatility: Volatility,
    /// The law the variance is fitted under: "normal", "t" or "skewed-t". Paths draw past residuals whatever it is.
    pub innovations: Innovations,
}

impl Part for FilteredHistorical {
    const DECLARED: Declared = Declared {
        key: "filtered-historical",
        kind: Kind::PastDays,
        what: Words("joint past residuals at the volatility of the as-of date", "以基准日波动率还原的历史联合残差"),
        formula: "r = μ + σ·z, z of a past day drawn for all symbols at once, σ² run on by its law from the as-of date",
        source: "Barone-Adesi, Giannopoulos and Vosper (1999)",
        params: &[
            Param::choice(
                "volatility",
                garch::VARIANCES,
                "\"garch\"",
                Words("the law of each symbol's variance", "各证券方差所服从的模型"),
            ),
            Param::choice("innovations", garch::INNOVATIONS, "\"normal\"", Words("the law it is fitted under", "估计所用的残差分布")),
        ],
        sentences: &[Words(
            "past residuals at today's volatility ({volatility} variance)",
            "按当前波动率还原的历史残差（{volatility} 方差）",
        )],
        figures: &[
            Figure { name: "mean", words: Words("Mean log return of a session", "日均对数收益率") },
            Figure { name: "omega", words: Words("ω, the constant of the variance", "ω，方差常数项") },
            Figure { name: "alpha", words: Words("α, weight of news", "α，新息权重") },
            Figure { name: "gamma", words: Words("γ, further weight of falls", "γ，下跌的额外权重") },
            Figure { name: "beta", words: Words("β, weight of the day before", "β，前一日方差的权重") },
            Figure { name: "nu", words: Words("ν, degrees of freedom", "ν，自由度") },
            Figure { name: "lambda", words: Words("λ, skewness", "λ，偏度参数") },
            Figure { name: "persistence", words: Words("Persistence of the variance", "方差持续性") },
            Figure { name: "volatility_annual at as-of", words: Words("Annual volatility on the as-of date", "基准日年化波动率") },
        ],
    };
}

/// Below this many trading days a symbol's variance follows the exponential average of RiskMetrics instead of a fit.
const MIN_DAYS: usize = 250;
/// RiskMetrics (1996): the daily decay of an exponentially weighted variance.
const DECAY: f64 = 0.94;

/// One symbol ready to be simulated.
struct Symbol {
    law: Law,
    /// The variance of the first simulated day.
    start: f64,
    /// Mean log return of a day, before `centre`.
    mean: f64,
    /// Mean and variance of the residuals of the days traded.
    cumulants: [f64; 2],
    /// What of them is taken off each return, so that its mean growth is e^mean whatever σ: none, or both.
    centre: [f64; 2],
    /// What the likelihood found; nothing where an exponential average stands in.
    fit: Option<garch::Fit>,
}

struct Fitted {
    /// States of the window's days, for halts.
    past: Past,
    symbols: Vec<Symbol>,
    /// Residuals, `[symbol][day]`; 0 on days without trading.
    residuals: Vec<f64>,
    card: ModelCard,
}

impl ModelSpec for FilteredHistorical {
    fn name(&self) -> Words {
        Words("filtered historical", "滤波历史模拟")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let (history, mut problems) = (&request.market.history, Problems::new());
        let (mut symbols, mut names, mut residuals) =
            (Vec::new(), Vec::new(), Vec::with_capacity(request.symbols.len() * request.window.len()));
        let traded = request.map(request.symbols.len(), |k| Traded::of(request, request.symbols[k], request.window.clone()));
        let fits = self.fit_variances(request, &traded);
        let filtered = request.map(traded.len(), |k| filter(request, k, &traded[k], fits[k].clone()));
        for (&symbol, filtered) in request.symbols.iter().zip(filtered) {
            let name = &history.symbols[symbol];
            match filtered {
                Ok(filtered) => {
                    residuals.extend(filtered.residuals);
                    symbols.push(filtered.symbol);
                    names.push(name.as_str());
                }
                Err(days) => problems.push(model_problem(
                    "market.filtered-historical",
                    format!("symbol {name} trades on {days} days of the window"),
                    "a volatility needs at least two daily returns",
                    "widen [estimation], or name a proxy in [data.proxies]",
                )),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let averaged = symbols.iter().filter(|s| s.fit.is_none() && s.law.beta > 0.0).count();
        let still = symbols.iter().filter(|s| s.law.beta == 0.0).count();
        let past = Past::of(request, request.window.clone());
        let (window, values) = (window_in_words(request, &request.window), Values::of(self));
        let named = |key: &str| Self::DECLARED.chosen(key, &values).expect("a declared choice");
        let (Words(law, _), Words(likelihood, likelihood_zh)) = (named("volatility"), named("innovations"));
        let mut notes = vec![
            Note::new(
                format!("{law} variances fitted under {likelihood} innovations on {}", window.en),
                format!("{law} 方差在{likelihood_zh}新息下由{}估计", window.zh),
            ),
            Note::new("volatility starts at its level on the as-of date", "波动率自基准日水平起步"),
        ];
        if averaged > 0 {
            notes.push(Note::new(
                format!(
                    "{averaged} symbols have fewer than {MIN_DAYS} trading days or no fit: exponential average of variances, decay {DECAY}"
                ),
                format!("{averaged} 只证券交易日少于 {MIN_DAYS} 个或无法估计：方差取指数加权平均，衰减 {DECAY}"),
            ));
        }
        if still > 0 {
            notes.push(Note::new(
                format!("{still} symbols never move in the window and only drift"),
                format!("{still} 只证券在窗口内价格不变，仅含漂移"),
            ));
        }
        notes.extend(past.note_on_missing());
        let card = ModelCard { model: "filtered-historical".into(), parameters: parameters(&names, &symbols), notes };
        Ok(Box::new(Fitted { past, symbols, residuals, card }))
    }
}

/// One symbol's returns in the window.
struct Filtered {
    symbol: Symbol,
    /// By day of the window; 0 on days without trading.
    residuals: Vec<f64>,
}

impl FilteredHistorical {
    /// Every symbol's fit, estimated or from the fit cache; nothing where there are too few days or no maximum is found.
    fn fit_variances(&self, request: &FitRequest<'_>, traded: &[Traded]) -> Vec<Option<garch::Fit>> {
        let one = |k: usize| {
            let returns = &traded[k].returns;
            (returns.len() >= MIN_DAYS).then(|| garch::fit(self.volatility, self.innovations, returns)).flatten()
        };
        let given = |digest: &mut Digest| {
            digest.word(&format!("{self:?}"));
            traded.iter().for_each(|t| digest.numbers(&t.returns));
        };
        let fits = request.market.fit_cache.get_or_fit("garch", given, || request.map(traded.len(), one));
        assert_eq!(fits.len(), traded.len(), "a fit of each symbol");
        fits
    }
}

/// Filters one symbol by its fit or by an exponential average; its trading days where they are too few.
fn filter(request: &FitRequest<'_>, k: usize, traded: &Traded, fit: Option<garch::Fit>) -> Result<Filtered, usize> {
    if traded.returns.len() < 2 {
        return Err(traded.returns.len());
    }
    let law = match &fit {
        Some(fit) => fit.law,
        None => average(&traded.returns),
    };
    let mut residuals = vec![0.0; request.window.len()];
    let variances = law.filter(&traded.returns);
    for ((day, r), variance) in traded.days.iter().zip(&traded.returns).zip(&variances) {
        if *variance > 0.0 {
            residuals[day - request.window.start] = (r - law.mean) / variance.sqrt();
        }
    }
    let n = traded.days.len() as f64;
    let drawn = || traded.days.iter().map(|day| residuals[day - request.window.start]);
    let first = drawn().sum::<f64>() / n;
    let cumulants = [first, drawn().map(|z| (z - first) * (z - first)).sum::<f64>() / n];
    let (mean, centre) = match request.drift.of_session(TRADING_DAYS) {
        Some(target) => (target, cumulants),
        None => (law.mean, [0.0; 2]),
    };
    let start = level_at_as_of(&law, request, request.symbols[k]);
    Ok(Filtered { symbol: Symbol { law, start, mean, cumulants, centre, fit }, residuals })
}

/// The exponential average; all zero for a price that never moves.
fn average(returns: &[f64]) -> Law {
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    let moves = returns.iter().any(|r| (r - mean).abs() > 1e-12 * (1.0 + mean.abs()));
    let (alpha, beta) = if moves { (1.0 - DECAY, DECAY) } else { (0.0, 0.0) };
    Law { volatility: Volatility::Garch, mean, omega: 0.0, alpha, gamma: 0.0, beta, nu: f64::INFINITY, lambda: 0.0 }
}

/// The variance of the first day after the as-of date, filtered from the window's first day on.
fn level_at_as_of(law: &Law, request: &FitRequest<'_>, symbol: usize) -> f64 {
    // a window that lies beyond the as-of date has no past to filter: all the history up to it serves
    let from = if request.window.start < request.after_as_of { request.window.start } else { 0 };
    let known = Traded::of(request, symbol, from..request.after_as_of);
    let returns = if known.returns.is_empty() { Traded::of(request, symbol, request.window.clone()).returns } else { known.returns };
    *law.filter(&returns).last().expect("a filter gives the day after the last")
}

/// Every figure of a short list of symbols, medians of a long one.
fn parameters(names: &[&str], symbols: &[Symbol]) -> Vec<(String, f64, Option<f64>)> {
    const LISTED: usize = 6;
    let mut rows = Vec::new();
    let annual = |variance: f64| (252.0 * variance).sqrt();
    if symbols.len() <= LISTED {
        for (name, symbol) in names.iter().zip(symbols) {
            rows.extend(figures(symbol).into_iter().map(|(figure, value, error)| (format!("{figure} {name}"), value, error)));
            rows.push((format!("volatility_annual at as-of {name}"), annual(symbol.start), None));
        }
        return rows;
    }
    let mut median = |name: &str, value: &dyn Fn(&Symbol) -> f64| {
        let mut values: Vec<f64> = symbols.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        rows.push((format!("{name} median"), values[values.len() / 2], None));
    };
    median("alpha", &|s| s.law.alpha);
    median("gamma", &|s| s.law.gamma);
    median("beta", &|s| s.law.beta);
    median("persistence", &|s| s.law.persistence());
    median("volatility_annual at as-of", &|s| annual(s.start));
    rows
}

/// The figures of one symbol's law, those that are none left out.
fn figures(symbol: &Symbol) -> Vec<(&'static str, f64, Option<f64>)> {
    let law = symbol.law;
    let figures = [law.mean, law.omega, law.alpha, law.gamma, law.beta, law.nu, law.lambda];
    let names = ["mean", "omega", "alpha", "gamma", "beta", "nu", "lambda"];
    let error = |i: usize| symbol.fit.as_ref().map(|f| f.errors[i]).filter(|e| e.is_finite());
    let all = names.into_iter().zip(figures).enumerate().filter(|(i, (_, value))| value.is_finite() && (*value != 0.0 || *i < 3));
    all.map(|(i, (name, value))| (name, value, error(i))).collect()
}

/// Residuals and halts of one simulated day, a lane each.
struct News {
    residual: [f64; LANES],
    /// 1 where the name trades, 0 where it is halted or missing.
    trades: [f64; LANES],
}

/// Beyond this deviation of a session the second order is no approximation of a mean.
const WIDEST: f64 = 0.5;

impl Symbol {
    /// What is taken off a log return drawn at a deviation, to the second order.
    #[inline(always)]
    fn centre_at(&self, deviation: f64) -> f64 {
        let deviation = if deviation < WIDEST { deviation } else { WIDEST };
        self.centre[0] * deviation + 0.5 * self.centre[1] * deviation * deviation
    }
}

by_isa! {
    /// One day of one symbol: log returns out, variances moved on.
    fn step(symbol: &Symbol, news: &News, variance: &mut [f64; LANES], out: &mut [f64]) {
        let law = &symbol.law;
        for lane in 0..LANES {
            let trades = news.trades[lane];
            let deviation = variance[lane].sqrt();
            let residual = deviation * news.residual[lane];
            out[lane] = trades * (symbol.mean + residual - symbol.centre_at(deviation));
            let next = match law.volatility {
                Volatility::Garch | Volatility::Gjr => {
                    let weight = if residual < 0.0 { law.alpha + law.gamma } else { law.alpha };
                    law.omega + weight * residual * residual + law.beta * variance[lane]
                }
                Volatility::Egarch => {
                    let z = news.residual[lane];
                    exp1(law.omega + law.alpha * (z.abs() - MEAN_ABSOLUTE_NORMAL) + law.gamma * z + law.beta * ln1(variance[lane]))
                }
            };
            variance[lane] = if trades == 0.0 { variance[lane] } else { next };
        }
    }
}

impl Fitted {
    /// The uniforms by which every lane's past day is drawn on simulated day `day`.
    fn uniforms(key: Key, paths: &Paths, day: usize) -> [f64; LANES] {
        let mut w = [[0; LANES]; 4];
        words(key, paths, day as u32, &mut w);
        std::array::from_fn(|lane| unit(u64::from(w[2][lane]) | (u64::from(w[3][lane]) << 32)))
    }

    /// The past day whose residuals every lane gets on simulated day `day`.
    fn past_days(&self, key: Key, paths: &Paths, day: usize) -> [usize; LANES] {
        Self::uniforms(key, paths, day).map(|u| self.any(u))
    }

    /// The past day at a uniform, all alike.
    #[inline(always)]
    fn any(&self, u: f64) -> usize {
        ((u * self.past.days as f64) as usize).min(self.past.days - 1)
    }

    /// Fills a tile whose past days are drawn.
    fn fill_days(&self, tile: &mut Tile<'_>, drawn: &[[usize; LANES]]) {
        assert_eq!(tile.symbols, self.symbols.len(), "the tile's symbols are not the fitted ones");
        let days = self.past.days;
        for (day, drawn) in drawn.iter().enumerate() {
            self.past.gather(tile, day, drawn);
        }
        for (k, symbol) in self.symbols.iter().enumerate() {
            let residuals = &self.residuals[k * days..(k + 1) * days];
            let mut variance = [symbol.start; LANES];
            let mut news = News { residual: [0.0; LANES], trades: [0.0; LANES] };
            for (day, drawn) in drawn.iter().enumerate() {
                let at = tile.at(day, k);
                let state = &mut tile.state[at..at + LANES];
                for lane in 0..LANES {
                    news.residual[lane] = residuals[drawn[lane]];
                    let trades = state[lane] & flag::PRESENT != 0 && state[lane] & flag::HALTED == 0;
                    news.trades[lane] = if trades { 1.0 } else { 0.0 };
                    state[lane] &= flag::HALTED;
                }
                let out = &mut tile.simple_return[at..at + LANES];
                step(symbol, &news, &mut variance, out);
                exp_less_one(out);
            }
        }
    }
}

/// The model with its tilts: of the past days whose residuals are drawn.
struct TiltedResiduals {
    model: Arc<Fitted>,
    days: DayTilts,
}

impl Tilted for TiltedResiduals {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>) {
        let key = streams.key(Stream::Market, 0);
        let of_day = |(day, of): (usize, &[u8])| {
            let uniforms = Fitted::uniforms(key, &tile.paths, day);
            std::array::from_fn(|lane| match of[lane] {
                0 => self.model.any(uniforms[lane]),
                component => self.days.place(component, uniforms[lane]),
            })
        };
        let drawn: Vec<[usize; LANES]> = tilts.of.chunks_exact(LANES).enumerate().map(of_day).collect();
        self.model.fill_days(tile, &drawn);
        let drawn = drawn.as_flattened();
        tilts.note(|component, cell| self.days.log_ratio(component, drawn[cell]));
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        let key = streams.key(Stream::Market, 0);
        let drawn: Vec<[usize; LANES]> = (0..tile.days).map(|day| self.past_days(key, &tile.paths, day)).collect();
        self.fill_days(tile, &drawn);
    }

    fn tilted(self: Arc<Self>, exposures: &[Vec<f64>], components: &[Component]) -> Option<Arc<dyn Tilted>> {
        let days = self.past.days;
        let falls = exposures.iter().map(|exposure| {
            let fall = |day: usize| {
                let each = self.symbols.iter().zip(exposure).enumerate();
                -each.fold(0.0, |sum, (k, (symbol, money))| sum + money * symbol.start.sqrt() * self.residuals[k * days + day])
            };
            (0..days).map(fall).collect()
        });
        let days = DayTilts::new(falls, components, 1.0);
        Some(Arc::new(TiltedResiduals { model: self, days }))
    }

    fn severity(&self, paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        let key = streams.key(Stream::Market, 0);
        Some(lowest_levels(paths, days, |paths, moves| {
            for (day, moved) in moves.iter_mut().enumerate() {
                *moved = self.past.moves(&self.past_days(key, paths, day));
            }
        }))
    }

    fn is_deterministic(&self) -> bool {
        self.past.days == 1 || self.symbols.iter().all(|s| s.start == 0.0)
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        let of = &self.symbols[symbol];
        let Symbol { law, start, mean, cumulants: [first, second], .. } = of;
        // σ² expected on each day; of the egarch, e to the power of the log expected
        let next = |variance: f64| match law.volatility {
            Volatility::Garch => law.omega + (law.alpha * second + law.beta) * variance,
            Volatility::Gjr => law.omega + ((law.alpha + 0.5 * law.gamma) * second + law.beta) * variance,
            Volatility::Egarch => exp1(law.omega + law.beta * ln1(variance)),
        };
        std::iter::successors(Some(*start), |variance| Some(next(*variance)))
            .take(days)
            .map(|variance| {
                let deviation = variance.sqrt();
                power * (mean - of.centre_at(deviation) + first * deviation) + 0.5 * power * power * second * variance
            })
            .collect()
    }

    fn card(&self) -> ModelCard {
        self.card.clone()
    }

    fn symbol_fit(&self, symbol: usize, log_returns: &[f64], fitted: usize) -> SymbolFit {
        let symbol = &self.symbols[symbol];
        let mut variance = symbol.law.filter(&log_returns[..fitted]);
        for r in &log_returns[fitted..] {
            let last = *variance.last().expect("a filter gives the day after the last");
            variance.push(symbol.law.next_variance(last, r - symbol.law.mean));
        }
        variance.pop();
        SymbolFit {
            parameters: figures(symbol),
            log_likelihood: symbol.fit.as_ref().map(|f| f.log_likelihood),
            mean: symbol.law.mean,
            variance,
            start_variance: symbol.start,
            draws_residuals: true,
        }
    }
}

#[cfg(test)]
mod tests;

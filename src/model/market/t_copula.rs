//! Draws past returns of each symbol by ranks that a t copula makes joint: own margins, common bad days.
//!
//! Formula: x joint normal, W ~ χ²(ν) one for all symbols of a day, u = T_ν(x √(ν / W)), and the return is the past return
//! of rank u: the ⌊u·n⌋-th smallest of the symbol's n trading days of the window. T_ν is a table over y = t / √(ν + t²) in
//! (−1, 1), where T has the density (1 − y²)^(ν/2 − 1) / B(1/2, ν/2); y = x / √(W + x²) needs no ν.
//!
//! Correlations come of Spearman's ranks, 2 sin(π ρ / 6); ν is the top of the copula's likelihood, summed over pairs of
//! neighbouring symbols.
//!
//! Source: Demarta and McNeil (2005), "The t copula and related copulas", International Statistical Review 73.
//!
//! Worked number: at ν = 4 and a correlation of 0.5, two symbols share their worst days with a tail dependence of 0.253;
//! under a normal copula it is 0.

use super::covariance::{self, Covariance, Joined};
use super::drift::{Drift, TRADING_DAYS};
use super::gaussian;
use super::joint::{Mix, all_chi_squares, direction, fill_joint, severity};
use super::moments::Moments;
use super::normal_tilt::{NormalTilt, Shifted};
use super::past::window_in_words;
use super::student_t;
use super::tilt::{Component, Tilted, Tilts};
use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, SymbolFit, Tile};
use crate::maths::digest::Digest;
use crate::maths::isa::by_isa;
use crate::maths::lanes::{exp1, ln1};
use crate::maths::random::{Streams, name_address};
use crate::maths::special::beta_regularised;
use crate::model::history::flag;
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Fault, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::units::Ratio;
use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::brent::BrentOpt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// `[market.t-copula]`: what is not given is fitted on the estimation window.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct TCopula {
    /// Degrees of freedom, 2 to 200; fitted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degrees_of_freedom: Option<f64>,
    /// One correlation of any two symbols' normals, 0 or more; fitted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Ratio>,
    /// How a correlation that is not given is estimated: "auto", "sample", "shrinkage", "factor" or "given".
    pub covariance: Covariance,
    /// Statistical factors of covariance = "factor"; chosen by a criterion when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factors: Option<u32>,
}

const MODEL: &str = "t-copula";
/// Degrees of freedom: at 200 a t is indistinguishable from a normal.
pub const DEGREES: (f64, f64) = (2.0, 200.0);
/// Fewer days than this do not show tail dependence.
const LEAST_DAYS: usize = 60;
/// Neighbouring pairs the likelihood is summed over, at most.
const PAIRS: usize = 100;

struct Fitted {
    addresses: Vec<u64>,
    /// Each symbol's past simple returns, ascending.
    margins: Vec<Vec<f64>>,
    mix: Mix,
    nu: f64,
    law: Table,
    card: ModelCard,
}

impl Part for TCopula {
    const DECLARED: Declared = Declared {
        key: MODEL,
        kind: Kind::PastDays,
        what: Words(
            "each symbol's past returns, joined by ranks; what is left out is fitted",
            "各证券历史收益率按秩联结，未给出者由历史估计",
        ),
        formula: "u = T_ν(x·√(ν/W)), x joint normal, W ~ χ²(ν) one for all symbols of a day; the return is the past one of rank u",
        source: "Demarta and McNeil (2005)",
        params: &[
            Param {
                key: "degrees-of-freedom",
                unit: Unit::Number,
                range: Bounds::within(DEGREES.0, DEGREES.1),
                absent: Absent::Says(gaussian::FITTED),
                shown: "4",
                meaning: Words(
                    "how often symbols share their worst days; at 200 the copula is a normal one",
                    "各证券同日出现极端下跌的程度，取 200 即为正态",
                ),
            },
            Param {
                range: Bounds::within(0.0, 1.0),
                meaning: Words(
                    "one correlation between any two symbols' ranks, as normals that share one factor",
                    "任意两只证券秩（按正态计）的相关系数",
                ),
                ..gaussian::CORRELATION
            },
            covariance::CHOICE,
            covariance::FACTORS,
        ],
        sentences: &[Words("past returns of each symbol, joined by a t copula", "以 t 连接函数联结的各证券历史收益率")],
        figures: &[
            student_t::DEGREES,
            gaussian::CORRELATION_MEAN,
            Figure {
                name: "tail_dependence mean correlation",
                words: Words("Tail dependence at the mean correlation", "平均相关系数下的尾部相依"),
            },
            covariance::FACTOR_COUNT,
            covariance::FACTOR_VARIANCE,
        ],
    };

    fn contradictions(&self) -> Vec<Fault> {
        covariance::contradictions(self.covariance, self.factors, self.correlation.is_some())
    }
}

impl ModelSpec for TCopula {
    fn name(&self) -> Words {
        Words("t copula", "t 联结函数")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let n = request.symbols.len();
        let mut problems = Problems::new();
        let given = if self.correlation.is_none() { covariance::given(MODEL, self.covariance, request) } else { Ok(None) };
        let given = given.unwrap_or_else(|more| {
            problems.extend(more);
            None
        });
        let mut moments = match Moments::of(MODEL, request) {
            Ok(moments) => moments,
            Err(more) => {
                problems.extend(more);
                return Err(problems);
            }
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let uniform = moments.rank();
        let window = window_in_words(request, &request.window);
        let mut notes = vec![Note::new(format!("margins and ranks of {}", window.en), format!("边缘分布与秩取自{}", window.zh))];
        let all = |digest: &mut Digest| {
            digest.word(&format!("{self:?}, {} days", request.window.len()));
            digest.numbers(&uniform);
            digest.numbers(given.as_deref().unwrap_or_default());
        };
        let (joined, degrees) = request.market.fit_cache.get_or_fit("copula", all, || {
            let (joined, beside) = self.join(&mut moments, &uniform, given.as_deref());
            let pairs = self.degrees_of_freedom.is_none().then(|| Pairs::of(&uniform, request.window.len(), &beside));
            (joined, pairs.and_then(|pairs| pairs.degrees()))
        });
        notes.extend(joined.notes);
        let nu = match self.degrees_of_freedom {
            Some(nu) => nu,
            None => degrees.unwrap_or_else(|| {
                notes.push(Note::new(
                    format!("no two symbols trade on {LEAST_DAYS} common days: the copula is that of a normal"),
                    format!("无两只证券共同交易满 {LEAST_DAYS} 日：连接函数按正态处理"),
                ));
                DEGREES.1
            }),
        };
        let mut parameters = vec![("degrees_of_freedom".to_string(), nu, None)];
        if n > 1 {
            parameters.push(("correlation mean".into(), joined.correlation, None));
            parameters.push(("tail_dependence mean correlation".into(), tail_dependence(nu, joined.correlation), None));
        }
        parameters.extend(joined.parameters);
        Ok(Box::new(Fitted {
            addresses: request.symbols.iter().map(|s| name_address(&request.market.history.symbols[*s])).collect(),
            margins: request.symbols.iter().map(|s| with_drift(margin(request, *s), request.drift)).collect(),
            mix: joined.mix,
            nu,
            law: Table::of(nu),
            card: ModelCard { model: MODEL.into(), parameters, notes },
        }))
    }
}

impl TCopula {
    /// How the normals are joint, and the correlation of every symbol's normal with the next one's.
    fn join(&self, moments: &mut Moments, uniform: &[f64], given: Option<&[f64]>) -> (Joined, Vec<f64>) {
        let n = moments.symbols;
        let pairs = 0..n.saturating_sub(1);
        if let Some(matrix) = given {
            return (covariance::join_given(matrix, n), pairs.map(|i| matrix[i * n + i + 1]).collect());
        }
        match self.correlation.map(|rho| rho.get()) {
            Some(rho) => (Joined::plain(Mix::Common { common: rho.sqrt(), own: (1.0 - rho).sqrt() }, rho), pairs.map(|_| rho).collect()),
            None if n < 2 => (Joined::plain(Mix::Own, 0.0), Vec::new()),
            None if covariance::takes_factors(self.covariance, n) => {
                moments.score(uniform);
                let factors = covariance::estimate(moments, self.factors);
                let beside = pairs.map(|i| factors.correlation(i, i + 1)).collect();
                (covariance::join_by_factors(factors, self.covariance, self.factors.is_some()), beside)
            }
            None => {
                let matrix = of_ranks(&moments.correlation(), n);
                let beside = pairs.map(|i| matrix[i * n + i + 1]).collect();
                (covariance::join_by_matrix(moments, self.covariance, matrix), beside)
            }
        }
    }
}

/// A symbol's simple returns on its trading days, ascending.
fn margin(request: &FitRequest<'_>, symbol: usize) -> Vec<f64> {
    let history = &request.market.history;
    let trades = |day: &usize| {
        let state = history.flag_row(*day)[symbol];
        state & flag::PRESENT != 0 && state & flag::HALTED == 0 && history.row(*day)[symbol] > -1.0
    };
    let mut returns: Vec<f64> = request.window.clone().filter(trades).map(|day| history.row(day)[symbol]).collect();
    returns.sort_by(f64::total_cmp);
    returns
}

/// The same returns with another mean growth: one factor for all of them.
fn with_drift(mut margin: Vec<f64>, drift: Drift) -> Vec<f64> {
    if let Some(target) = drift.of_session(TRADING_DAYS) {
        let factor = libm::exp(target - log_growth(&margin, 1.0));
        margin.iter_mut().filter(|_| factor != 1.0).for_each(|r| *r = (1.0 + *r) * factor - 1.0);
    }
    margin
}

/// ln of the mean of (1 + r)^power; the highest power is taken out, so that none overflows.
fn log_growth(margin: &[f64], power: f64) -> f64 {
    let highest = margin.iter().fold(f64::NEG_INFINITY, |top, r| top.max(power * libm::log1p(*r)));
    let sum = margin.iter().fold(0.0, |sum, r| sum + libm::exp(power * libm::log1p(*r) - highest));
    highest + libm::log(sum / margin.len() as f64)
}

/// Correlations of the normals from Spearman's: exact for a normal copula, close for a t.
fn of_ranks(spearman: &[f64], n: usize) -> Vec<f64> {
    let entry = |(at, rho): (usize, &f64)| if at / n == at % n { 1.0 } else { 2.0 * libm::sin(std::f64::consts::FRAC_PI_6 * rho) };
    spearman.iter().enumerate().map(entry).collect()
}

/// 2 T_{ν+1}(−√((ν + 1)(1 − ρ) / (1 + ρ))): how likely one symbol's worst days are the other's, in the limit.
fn tail_dependence(nu: f64, rho: f64) -> f64 {
    if rho <= -1.0 {
        return 0.0;
    }
    let t = ((nu + 1.0) * (1.0 - rho) / (1.0 + rho)).sqrt();
    let y = t / (nu + 1.0 + t * t).sqrt();
    1.0 - beta_regularised(0.5, 0.5 * (nu + 1.0), y * y)
}

/// Cells of the table of T; between its points T is a straight line.
const CELLS: usize = 8192;

/// T_ν at evenly spaced y = t / √(ν + t²) from −1 to 1; off by less than 10⁻⁶ anywhere, for ν from 2 to 200.
struct Table(Vec<f64>);

impl Table {
    fn of(nu: f64) -> Self {
        let at = |k: usize| {
            let y = 2.0 * k as f64 / CELLS as f64 - 1.0;
            let half = 0.5 * beta_regularised(0.5, 0.5 * nu, y * y);
            if y < 0.0 { 0.5 - half } else { 0.5 + half }
        };
        Table((0..=CELLS).map(at).collect())
    }

    #[inline(always)]
    fn cdf(&self, y: f64) -> f64 {
        let place = (y + 1.0) * (0.5 * CELLS as f64);
        let cell = (place as usize).min(CELLS - 1);
        self.0[cell] + (place - cell as f64) * (self.0[cell + 1] - self.0[cell])
    }

    /// The y of a probability inside (0, 1).
    fn inverse(&self, u: f64) -> f64 {
        let above = self.0.partition_point(|p| *p < u).clamp(1, CELLS);
        let (low, high) = (self.0[above - 1], self.0[above]);
        let part = if high > low { (u - low) / (high - low) } else { 0.5 };
        2.0 * (above as f64 - 1.0 + part) / CELLS as f64 - 1.0
    }
}

/// Ranks of pairs of symbols on the days both trade, with their correlation.
struct Pairs(Vec<(f64, Vec<(f64, f64)>)>);

impl Pairs {
    /// `beside[i]` is the correlation of the normals of symbols `i` and `i + 1`.
    fn of(uniform: &[f64], days: usize, beside: &[f64]) -> Self {
        let all = beside.len();
        let count = all.min(PAIRS);
        let pair = |p: usize| {
            let i = p * all / count;
            let (a, b) = (&uniform[i * days..(i + 1) * days], &uniform[(i + 1) * days..(i + 2) * days]);
            let joint: Vec<(f64, f64)> = a.iter().zip(b).filter(|(x, y)| !x.is_nan() && !y.is_nan()).map(|(x, y)| (*x, *y)).collect();
            // twins would have a likelihood without bound
            (beside[i].clamp(-0.999, 0.999), joint)
        };
        Pairs((0..count).map(pair).filter(|(_, joint)| joint.len() >= LEAST_DAYS).collect())
    }

    /// The log-likelihood of the t copula at ν, summed over pairs and days.
    fn log_likelihood(&self, nu: f64) -> f64 {
        let table = Table::of(nu);
        // t² / ν = y² / (1 − y²)
        let quantile = |u: f64| {
            let y = table.inverse(u);
            y / (1.0 - y * y).sqrt()
        };
        let constant = libm::lgamma(0.5 * nu + 1.0) + libm::lgamma(0.5 * nu) - 2.0 * libm::lgamma(0.5 * (nu + 1.0));
        let of_pair = |(rho, joint): &(f64, Vec<(f64, f64)>)| {
            let left = 1.0 - rho * rho;
            let of_day = |(u, v): &(f64, f64)| {
                let (x, y) = (quantile(*u), quantile(*v));
                let form = (x * x + y * y - 2.0 * rho * x * y) / left;
                0.5 * (nu + 1.0) * ln1((1.0 + x * x) * (1.0 + y * y)) - (0.5 * nu + 1.0) * ln1(1.0 + form)
            };
            joint.iter().map(of_day).sum::<f64>() + joint.len() as f64 * (constant - 0.5 * ln1(left))
        };
        self.0.iter().map(of_pair).sum()
    }

    /// The most likely degrees of freedom: the best of a grid, made exact by Brent's method between its neighbours.
    fn degrees(&self) -> Option<f64> {
        if self.0.is_empty() {
            return None;
        }
        const GRID: [f64; 9] = [DEGREES.0, 3.0, 4.5, 7.0, 11.0, 20.0, 40.0, 90.0, DEGREES.1];
        let heights: Vec<f64> = GRID.iter().map(|nu| self.log_likelihood(*nu)).collect();
        let best = (0..GRID.len()).max_by(|a, b| heights[*a].total_cmp(&heights[*b])).expect("a grid");
        let (low, high) = (GRID[best.saturating_sub(1)], GRID[(best + 1).min(GRID.len() - 1)]);
        let solver = BrentOpt::new(ln1(low), ln1(high)).set_tolerance(1e-4, 1e-4);
        let found = Executor::new(Loss(self), solver).configure(|state| state.max_iters(30)).run();
        let nu = found.ok().and_then(|result| result.state.best_param).map_or(GRID[best], exp1);
        Some(if self.log_likelihood(nu) > heights[best] { nu } else { GRID[best] })
    }
}

/// The loss over ln ν, for Brent's method.
struct Loss<'p>(&'p Pairs);

impl CostFunction for Loss<'_> {
    type Param = f64;
    type Output = f64;

    fn cost(&self, log_nu: &f64) -> Result<f64, Error> {
        Ok(-self.0.log_likelihood(exp1(*log_nu)))
    }
}

by_isa! {
    /// y = t / √(ν + t²) of t = x √(ν / w), which is x / √(w + x²).
    fn places(scale: &[f64], days: &mut [f64]) {
        for (x, w) in days.iter_mut().zip(scale) {
            *x /= (w + *x * *x).sqrt();
        }
    }
}

impl Fitted {
    fn fill_moved(&self, tile: &mut Tile<'_>, streams: &Streams, chi_square: &[f64], tilt: Option<&mut Shifted<'_>>) {
        fill_joint((&self.mix, &self.addresses), tile, streams, tilt, |symbol, first_day, days| {
            let margin = &self.margins[symbol];
            let count = margin.len() as f64;
            places(&chi_square[first_day * LANES..], days);
            for x in days {
                let u = self.law.cdf(*x);
                *x = margin[((u * count) as usize).min(margin.len() - 1)];
            }
        });
    }

    /// The standard deviation of each symbol's past returns.
    fn deviations(&self) -> impl Iterator<Item = f64> {
        self.margins.iter().map(|margin| {
            let n = margin.len() as f64;
            let mean = margin.iter().sum::<f64>() / n;
            (margin.iter().fold(0.0, |sum, r| sum + (r - mean) * (r - mean)) / n).sqrt()
        })
    }
}

/// The copula with its tilts.
struct TiltedCopula {
    model: Arc<Fitted>,
    tilt: NormalTilt,
}

impl Tilted for TiltedCopula {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams, tilts: &mut Tilts<'_>) {
        let mut chi_square = all_chi_squares(tile, streams, self.model.nu);
        self.tilt.shrink(tilts.of, &mut chi_square);
        let mut shifted = self.tilt.shifted(tilts);
        self.model.fill_moved(tile, streams, &chi_square, Some(&mut shifted));
        self.tilt.note(tilts, &shifted, &chi_square);
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams) {
        let chi_square = all_chi_squares(tile, streams, self.nu);
        self.fill_moved(tile, streams, &chi_square, None);
    }

    fn tilted(self: Arc<Self>, exposures: &[Vec<f64>], components: &[Component]) -> Option<Arc<dyn Tilted>> {
        let directions = exposures.iter().map(|exposure| {
            let moved: Vec<f64> = exposure.iter().zip(self.deviations()).map(|(money, deviation)| money * deviation).collect();
            direction(&self.mix, &moved)
        });
        let tilt = NormalTilt::new(directions, components, Some(self.nu))?;
        Some(Arc::new(TiltedCopula { model: self, tilt }))
    }

    fn severity(&self, paths: Range<u64>, days: usize, streams: &Streams) -> Option<Vec<f64>> {
        severity(&self.mix, &self.addresses, paths, days, streams)
    }

    fn is_deterministic(&self) -> bool {
        self.margins.iter().all(|margin| margin[0] == margin[margin.len() - 1])
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        vec![log_growth(&self.margins[symbol], power); days]
    }

    fn symbol_fit(&self, _symbol: usize, log_returns: &[f64], fitted: usize) -> SymbolFit {
        SymbolFit { draws_residuals: true, ..SymbolFit::of_past(log_returns, fitted) }
    }

    fn card(&self) -> ModelCard {
        self.card.clone()
    }
}

#[cfg(test)]
mod tests;

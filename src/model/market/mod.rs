//! Draws the market: each model is one file that fits a history and fills tiles of returns.

use crate::maths::random::Streams;
use crate::model::history::{Market, flag};
use crate::model::lineage::Note;
use crate::problem::Problems;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::OnceLock;

pub mod block_bootstrap;
mod climb;
pub mod covariance;
mod diagnosis;
pub mod drift;
mod factors;
pub mod filtered_historical;
pub mod garch;
pub mod gaussian;
pub mod given;
mod joint;
pub mod jump_diffusion;
pub mod known;
mod moments;
mod past;
mod poisson;
pub mod regime_switching;
pub mod regimes;
pub mod replay;
mod severity;
pub mod student_t;
pub mod t_copula;
#[cfg(test)]
pub(in crate::model) mod toy;

pub use diagnosis::SymbolFit;

/// Paths simulated side by side in one tile.
pub const LANES: usize = crate::maths::lanes::LANES;
pub use crate::maths::random::{Paths, paths_from};

/// A block of paths: `simple_return[(day * symbols + symbol) * LANES + lane]`.
///
/// `day` 0 is the first simulated session. Lane `l` is path `paths[l]`. `state` has the same shape and holds
/// `history::flag` bits of the drawn historical day (HALTED, LOCKED_DOWN, CLOSE_DOWN, …), 0 where the model knows none.
/// PRESENT says that the day is a past one as it was, with a return of the symbol's own unless PROXY stands beside it.
pub struct Tile<'a> {
    pub paths: Paths,
    pub days: usize,
    pub symbols: usize,
    pub simple_return: &'a mut [f64],
    pub state: &'a mut [u8],
    /// Relative volume of the day, same shape; empty when the model gives none (then 1).
    pub volume: &'a mut [f32],
}

impl Tile<'_> {
    #[inline(always)]
    pub fn at(&self, day: usize, symbol: usize) -> usize {
        (day * self.symbols + symbol) * LANES
    }

    /// Multiplies the growth of one cell (a lane of a day and symbol): it is no past day as it was any more, and the price limits
    /// bind it afresh; a factor of 1 changes nothing. What becomes of the drawn day's close and lock at a limit is told when all
    /// that is added to it is known.
    #[inline(always)]
    pub fn grow(&mut self, cell: usize, factor: f64) {
        if factor != 1.0 {
            self.simple_return[cell] = (1.0 + self.simple_return[cell]) * factor - 1.0;
            self.state[cell] = flag::touched(self.state[cell]);
        }
    }

    /// Puts another return in the place of a cell's; the same return changes nothing.
    #[inline(always)]
    pub fn replace(&mut self, cell: usize, simple_return: f64) {
        if simple_return != self.simple_return[cell] {
            self.simple_return[cell] = simple_return;
            self.state[cell] = flag::touched(self.state[cell]);
        }
    }

    /// Whether a cell's session has no trading.
    #[inline(always)]
    pub fn is_halted(&self, cell: usize) -> bool {
        self.state[cell] & flag::HALTED != 0
    }
}

/// A fitted model: fills tiles, each computable alone.
pub trait MarketModel: Send + Sync {
    /// Fills every cell of the tile; the same address gives the same bits whatever else is drawn.
    fn fill(&self, tile: &mut Tile<'_>, streams: &Streams);

    /// How far the market falls on each of these paths, as cheaply as can be told: lower is worse, in any unit.
    ///
    /// Decides which paths are simulated side by side, and no figure. Nothing where a model cannot tell.
    fn severity(&self, _paths: Range<u64>, _days: usize, _streams: &Streams) -> Option<Vec<f64>> {
        None
    }

    /// True when every path is the same (replay): one path tells all.
    fn is_deterministic(&self) -> bool {
        false
    }

    /// ln E[(1 + r)^power] of a symbol's simple return r on each of the first `days` sessions it trades, paths taken together.
    ///
    /// At a power of 1 it is the drift. 0 where the model is no law but one path.
    fn log_growth(&self, _symbol: usize, _power: f64, days: usize) -> Vec<f64> {
        vec![0.0; days]
    }

    /// What was fitted, for the report: name and figures.
    fn card(&self) -> ModelCard;

    /// What the model makes of simulated symbol `symbol`, given its log returns: the first `fitted` of them are the window's.
    fn symbol_fit(&self, _symbol: usize, log_returns: &[f64], fitted: usize) -> SymbolFit {
        SymbolFit::of_past(log_returns, fitted)
    }
}

/// What the report says of a fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// The programme's key, `block-bootstrap`.
    pub model: String,
    /// Name of a parameter, value in plain units, and the standard error where one is known.
    pub parameters: Vec<(String, f64, Option<f64>)>,
    /// Plain sentences on the fit: window used, fallbacks, proxies.
    pub notes: Vec<Note>,
}

/// What a fit needs beside the history.
pub struct FitRequest<'a> {
    pub market: &'a Market,
    /// The symbols to simulate: indices into the history, ascending.
    pub symbols: &'a [usize],
    /// Index range of the history days the model may look at (never beyond the as-of date unless the programme says so).
    pub window: std::ops::Range<usize>,
    /// Index of the first history day after the as-of date.
    pub after_as_of: usize,
    pub horizon_days: usize,
    /// The drift of what is fitted.
    pub drift: drift::Drift,
    /// Who runs jobs that do not depend on each other.
    pub workers: Workers<'a>,
}

/// Runs jobs 0 … n − 1 in any order and on any threads; each writes to a place of its own, so that the order decides nothing.
pub type Workers<'a> = &'a (dyn Fn(usize, Job<'_>) + Sync);
/// One job, by its number.
pub type Job<'a> = &'a (dyn Fn(usize) + Sync);

/// The workers of a caller that has one thread: one job after another.
pub fn in_turn(jobs: usize, job: Job<'_>) {
    (0..jobs).for_each(job);
}

impl FitRequest<'_> {
    /// The results of `jobs` jobs, in order of their numbers.
    pub fn map<T: Send + Sync>(&self, jobs: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let places: Vec<OnceLock<T>> = (0..jobs).map(|_| OnceLock::new()).collect();
        (self.workers)(jobs, &|job| assert!(places[job].set(of(job)).is_ok(), "job {job} was run twice"));
        places.into_iter().map(|place| place.into_inner().expect("every job was run")).collect()
    }
}

/// The choice of `[market.<model>]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarketSpec {
    BlockBootstrap(block_bootstrap::BlockBootstrap),
    FilteredHistorical(filtered_historical::FilteredHistorical),
    Gaussian(gaussian::Gaussian),
    Given(given::Given),
    JumpDiffusion(jump_diffusion::JumpDiffusion),
    RegimeSwitching(regime_switching::RegimeSwitching),
    Replay(replay::Replay),
    StudentT(student_t::StudentT),
    TCopula(t_copula::TCopula),
}

impl Default for MarketSpec {
    fn default() -> Self {
        MarketSpec::BlockBootstrap(block_bootstrap::BlockBootstrap::default())
    }
}

impl MarketSpec {
    /// The key the model is chosen by.
    pub fn key(&self) -> &'static str {
        match self {
            MarketSpec::BlockBootstrap(_) => "block-bootstrap",
            MarketSpec::FilteredHistorical(_) => "filtered-historical",
            MarketSpec::Gaussian(_) => "gaussian",
            MarketSpec::Given(_) => "given",
            MarketSpec::JumpDiffusion(_) => "jump-diffusion",
            MarketSpec::RegimeSwitching(_) => "regime-switching",
            MarketSpec::Replay(_) => "replay",
            MarketSpec::StudentT(_) => "student-t",
            MarketSpec::TCopula(_) => "t-copula",
        }
    }

    /// Fits the model; the problems are the user's to fix (kind Model).
    pub fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        match self {
            MarketSpec::BlockBootstrap(spec) => spec.fit(request),
            MarketSpec::FilteredHistorical(spec) => spec.fit(request),
            MarketSpec::Gaussian(spec) => spec.fit(request),
            MarketSpec::Given(spec) => spec.fit(request),
            MarketSpec::JumpDiffusion(spec) => spec.fit(request),
            MarketSpec::RegimeSwitching(spec) => spec.fit(request),
            MarketSpec::Replay(spec) => spec.fit(request),
            MarketSpec::StudentT(spec) => spec.fit(request),
            MarketSpec::TCopula(spec) => spec.fit(request),
        }
    }
}

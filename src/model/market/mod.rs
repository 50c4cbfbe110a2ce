//! Draws the market: each model is one file that fits a history and fills tiles of returns.

use crate::maths::random::Streams;
use crate::model::history::{Market, flag};
use crate::model::lineage::Note;
use crate::model::part::registry::registry;
use crate::model::part::{Kind, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use crate::units::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub mod block_bootstrap;
pub mod covariance;
mod day_tilt;
mod diagnosis;
pub mod drift;
#[cfg(test)]
pub mod example;
mod factors;
pub mod filtered_historical;
pub mod fit_cache;
pub mod garch;
pub mod gaussian;
pub mod given;
mod joint;
pub mod jump_diffusion;
mod jump_history;
mod maximise;
mod moments;
mod normal_tilt;
mod past;
mod poisson;
pub mod regime_switching;
pub mod regimes;
pub mod replay;
mod severity;
pub mod student_t;
pub mod t_copula;
pub mod tilt;
#[cfg(test)]
pub(in crate::model) mod toy;

pub use diagnosis::SymbolFit;

/// Paths simulated side by side in one tile.
pub const LANES: usize = crate::maths::lanes::LANES;
pub use crate::maths::random::{Paths, paths_from};

/// A block of paths: `simple_return[(day * symbols + symbol) * LANES + lane]`.
///
/// `day` 0 is the first simulated session. Lane `l` is path `paths[l]`. `state` has the same shape and holds
/// `history::flag` bits of the drawn historical day (HALTED, LOCKED_DOWN, CLOSE_DOWN, …), 0 where the model has none.
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

    /// The model whose sessions can be drawn tilted by these components, so that money in each symbol falls, of the component's direction
    /// among `exposures`. Nothing where it cannot be tilted.
    fn tilted(self: Arc<Self>, _exposures: &[Vec<f64>], _components: &[tilt::Component]) -> Option<Arc<dyn tilt::Tilted>> {
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

/// A market model as the programme chooses it.
pub trait ModelSpec {
    /// What a report calls it.
    fn name(&self) -> Words;

    /// Fits the model; the problems are the user's to fix (kind Model).
    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems>;

    /// The first session of the past that is replayed as it was.
    fn replayed_from(&self) -> Option<Day> {
        None
    }
}

registry! {
    /// The choice of `[market.<model>]`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    pub enum MarketSpec: ModelSpec {
        BlockBootstrap(block_bootstrap::BlockBootstrap),
        FilteredHistorical(filtered_historical::FilteredHistorical),
        Gaussian(gaussian::Gaussian),
        Given(given::Given),
        JumpDiffusion(jump_diffusion::JumpDiffusion),
        RegimeSwitching(regime_switching::RegimeSwitching),
        Replay(replay::Replay),
        StudentT(student_t::StudentT),
        TCopula(t_copula::TCopula),
        #[cfg(test)]
        Example(example::Example),
    }
}

impl Default for MarketSpec {
    fn default() -> Self {
        MarketSpec::BlockBootstrap(block_bootstrap::BlockBootstrap::default())
    }
}

impl MarketSpec {
    /// The key the model is chosen by.
    pub fn key(&self) -> &'static str {
        self.declared().key
    }

    /// What a report calls it.
    pub fn name(&self) -> Words {
        self.rule().name()
    }

    /// Whether it reads correlations from the file of `[data] correlations`.
    pub fn reads_correlations(&self) -> bool {
        self.values().text(covariance::CHOICE.key) == Some(covariance::OF_FILE)
    }

    /// Fits the model where its figures are what it declares; the problems are the user's to fix (kind Model).
    pub fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let mut problems = Problems::new();
        for fault in self.faults() {
            let steps = ["market", self.key(), fault.keys.first().map_or("", String::as_str)];
            let key: Vec<&str> = steps.into_iter().filter(|step| !step.is_empty()).collect();
            problems.push(model_problem(&key.join("."), fault.what, fault.why, fault.fix));
        }
        if problems.is_empty() { self.rule().fit(request) } else { Err(problems) }
    }

    /// The first session of the past that is replayed as it was; none where the model draws or is given its paths.
    pub fn replayed_from(&self) -> Option<Day> {
        self.rule().replayed_from()
    }

    /// Whether the model is estimated, so that a drift can be chosen for it.
    pub fn is_fitted(&self) -> bool {
        self.declared().kind.is_fitted()
    }

    /// Whether every path is the same: one path of the past.
    pub fn is_replay(&self) -> bool {
        self.declared().kind == Kind::Replay
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::part::Absent;

    /// Whether a declared name says a figure's: word by word, a slot for any, more words after it.
    fn says(declared: &str, name: &str) -> bool {
        let mut words = name.split(' ');
        declared.split(' ').all(|own| words.next().is_some_and(|word| own == word || own.starts_with('{')))
    }

    #[test]
    fn every_figure_of_a_card_is_declared_by_its_model() {
        let history = toy::normal_market(14, 260, 0.02);
        let all: Vec<usize> = (0..14).collect();
        let specs = [
            MarketSpec::default(),
            MarketSpec::FilteredHistorical(Default::default()),
            MarketSpec::Gaussian(Default::default()),
            MarketSpec::Gaussian(gaussian::Gaussian { covariance: covariance::Covariance::Factor, factors: Some(2), ..Default::default() }),
            MarketSpec::JumpDiffusion(Default::default()),
            MarketSpec::RegimeSwitching(Default::default()),
            MarketSpec::Replay(replay::Replay { start: history.history.dates[0] }),
            MarketSpec::StudentT(Default::default()),
            MarketSpec::TCopula(Default::default()),
            MarketSpec::Example(example::Example { return_daily: crate::units::Ratio::ZERO }),
        ];
        for spec in specs {
            for symbols in [&all[..2], &all[..]] {
                let card =
                    spec.fit(&toy::request(&history, symbols, 5)).unwrap_or_else(|problems| panic!("{}: {problems}", spec.key())).card();
                assert_eq!(card.model, spec.key());
                for (name, _, _) in &card.parameters {
                    let declared = spec.declared().figures.iter().any(|figure| says(figure.name, name));
                    assert!(declared, "{} does not declare the figure `{name}`: name it in its `figures`", spec.key());
                }
            }
        }
    }

    #[test]
    fn a_model_is_fitted_only_where_its_declaration_holds() {
        let history = toy::market(2, 30);
        let spec = MarketSpec::Example(example::Example { return_daily: crate::units::Ratio::ONE });
        let problems = spec.fit(&toy::request(&history, &[0, 1], 5)).err().expect("out of range");
        let text = problems.to_string();
        assert!(text.contains("`market.example.return-daily`: found 100%"), "{text}");
        assert!(text.contains("above -100%, at most 50%: the return of every session"), "{text}");
        assert!(MarketSpec::ALL.iter().flat_map(|m| m.params).all(|p| p.absent != Absent::Shown || !p.shown.is_empty()));
    }
}

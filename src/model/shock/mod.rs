//! Lays stresses over sampled returns, in the order the programme lists them.

use crate::maths::random::{Stream, Streams, name_address};
use crate::model::exchange::resumption::Halted;
use crate::model::history::{Board, Market};
use crate::model::market::{MarketModel, Tile};
use crate::model::part::registry::registry;
use crate::model::part::{Absent, Bounds, Param, Unit, Words};
use crate::units::Ratio;
use moments::Moments;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

pub mod correlation;
pub mod drift;
#[cfg(test)]
pub mod example;
pub mod gap;
mod halted;
pub mod limit_downs;
mod moments;
pub mod pinned_path;
pub mod suspension;
#[cfg(test)]
mod tests;
pub mod volatility;
pub mod volume_dry_up;

/// Which symbols a shock hits.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    #[default]
    All,
    Board(Board),
    Sector(String),
    Symbols(Vec<String>),
}

impl Target {
    /// Whether the shock hits symbol `symbol` (index into the market).
    pub fn hits(&self, market: &Market, symbol: usize) -> bool {
        let instrument = &market.instruments[symbol];
        match self {
            Target::All => true,
            Target::Board(board) => instrument.board == *board,
            Target::Sector(sector) => instrument.sector == *sector,
            Target::Symbols(list) => list.contains(&instrument.symbol),
        }
    }
}

/// A stress as the programme lists it.
pub trait Stress {
    /// Which symbols it hits.
    fn on(&self) -> &Target;

    /// The key that says how large it is, and its value where it does nothing; nothing where it has no size.
    fn size(&self) -> Option<(&'static str, f64)> {
        None
    }

    /// The sessions, of a horizon of `days`, over which prices move by its size; nothing where its size is no move of prices.
    fn moves(&self, _days: usize) -> Option<Range<usize>> {
        None
    }

    /// Changes the returns of a tile in place.
    fn lay(&self, tile: &mut Tile<'_>, known: &Known);

    /// The sessions whose moments it must know, of a horizon of `days`.
    fn measures(&self, _days: usize) -> Option<Range<usize>> {
        None
    }

    /// What each name's growth is centred on, `[day][symbol]`; `powers` holds what earlier stresses have raised each growth to.
    fn centres(&self, _model: &dyn MarketModel, _hits: &[bool], _days: usize, _powers: &mut [f64]) -> Vec<f64> {
        Vec::new()
    }

    /// Whether it draws names by their own address.
    fn draws_names(&self) -> bool {
        false
    }

    /// True when paths differ by it.
    fn is_random(&self) -> bool {
        false
    }
}

registry! {
    /// One entry of `shocks`, for example `{ gap = { day = 1, size = "-10%" } }`.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    pub enum Shock: Stress {
        Correlation(correlation::Correlation),
        Drift(drift::Drift),
        Gap(gap::Gap),
        LimitDowns(limit_downs::LimitDowns),
        PinnedPath(pinned_path::PinnedPath),
        Suspension(suspension::Suspension),
        Volatility(volatility::Volatility),
        VolumeDryUp(volume_dry_up::VolumeDryUp),
        #[cfg(test)]
        Example(example::Example),
    }
}

impl Shock {
    /// Which symbols it hits.
    pub fn target(&self) -> &Target {
        self.rule().on()
    }

    /// The key that says how large it is, and its value where it does nothing.
    pub fn size(&self) -> Option<(&'static str, f64)> {
        self.rule().size()
    }

    /// The sessions, of a horizon of `days`, over which prices move by its size.
    pub fn moves(&self, days: usize) -> Option<Range<usize>> {
        self.rule().moves(days).filter(|sessions| !sessions.is_empty())
    }
}

/// What a shock knows of the market it is laid on.
#[derive(Default)]
pub struct Known {
    /// Which simulated symbols it hits.
    pub hits: Vec<bool>,
    pub price_limit: Arc<Vec<f64>>,
    /// Empty where the shock needs none.
    pub moments: Moments,
    pub centres: Vec<f64>,
    pub draws: Vec<suspension::Draw>,
}

/// What shocks are made ready on: one scenario's market and horizon.
pub struct Ground<'a> {
    pub market: &'a Market,
    /// Indices into the market of the symbols simulated.
    pub symbols: &'a [usize],
    pub model: &'a dyn MarketModel,
    pub streams: &'a Streams,
    pub days: usize,
    /// The daily price limit of each simulated symbol on each simulated day, `[day][symbol]`; infinite where none.
    pub price_limit: Arc<Vec<f64>>,
    /// Which of the simulated symbols are halted on the as-of date, and for how long they stay so; empty where none is.
    pub halted: &'a [Option<Halted>],
}

/// What is laid over a tile, made ready for one market and horizon.
#[expect(clippy::large_enum_variant, reason = "a handful for each scenario")]
pub enum Prepared {
    /// The halts of the as-of date.
    Halted(Vec<halted::Held>),
    Shock(Ready),
}

/// A shock made ready: what it does, and what it must know of the symbols.
pub struct Ready {
    shock: Shock,
    known: Known,
}

/// Makes a list of shocks ready, each on the market as those before it leave it, and the halts of the as-of date before all.
pub fn prepare(shocks: &[Shock], ground: &Ground<'_>) -> Vec<Prepared> {
    let mut ready: Vec<Prepared> = Vec::new();
    // what stresses of volatility have raised each growth to so far
    let mut powers = vec![1.0; ground.days * ground.symbols.len()];
    let held = ground.halted.iter().enumerate().filter_map(|(symbol, halted)| {
        let address = name_address(&ground.market.instruments[ground.symbols[symbol]].symbol);
        Some(halted::Held { symbol, halted: (*halted)?, key: ground.streams.key(Stream::Resumption, address) })
    });
    let held: Vec<halted::Held> = held.collect();
    if !held.is_empty() {
        ready.push(Prepared::Halted(held));
    }
    for shock in shocks {
        let hits: Vec<bool> = ground.symbols.iter().map(|s| shock.target().hits(ground.market, *s)).collect();
        let mut draw = |tile: &mut Tile<'_>| {
            ground.model.fill(tile, ground.streams);
            ready.iter().for_each(|earlier| earlier.apply(tile));
        };
        let stress = shock.rule();
        let moments = stress.measures(ground.days).map(|days| Moments::of(&hits, ground.days, days, &mut draw)).unwrap_or_default();
        let address = |symbol: &usize| name_address(&ground.market.instruments[*symbol].symbol);
        let draws = match stress.draws_names() {
            true => {
                let earlier = |r: &&Prepared| matches!(r, Prepared::Shock(ready) if ready.shock.rule().draws_names());
                let number = ready.iter().filter(earlier).count() as u32;
                ground.symbols.iter().map(|s| suspension::Draw::new(ground.streams, address(s), number)).collect()
            }
            false => Vec::new(),
        };
        let centres = stress.centres(ground.model, &hits, ground.days, &mut powers);
        let known = Known { hits, price_limit: ground.price_limit.clone(), moments, centres, draws };
        ready.push(Prepared::Shock(Ready { shock: shock.clone(), known }));
    }
    ready
}

impl Prepared {
    /// Changes the returns of a tile in place.
    pub fn apply(&self, tile: &mut Tile<'_>) {
        match self {
            Prepared::Halted(names) => names.iter().for_each(|name| name.apply(tile)),
            Prepared::Shock(ready) => ready.shock.rule().lay(tile, &ready.known),
        }
    }

    /// True when it makes paths differ that the model draws all alike.
    pub fn is_random(&self) -> bool {
        match self {
            Prepared::Halted(names) => names.iter().any(halted::Held::is_random),
            Prepared::Shock(ready) => ready.shock.rule().is_random(),
        }
    }
}

/// A day of the horizon, 1-based as people count.
pub type HorizonDay = u32;

/// `size` of a price move, a fraction: −0.10 is −10 %.
pub type Move = Ratio;

/// A price stays positive.
const MOVES: Bounds = Bounds::above(-1.0, 10.0);

/// The parameters that most shocks have.
const FIRST_DAY: Param = Param {
    key: "first-day",
    unit: Unit::Session,
    range: Bounds::ANY,
    absent: Absent::Shown,
    shown: "1",
    meaning: Words("first session", "首个交易日"),
};

const LAST_DAY: Param = Param {
    key: "last-day",
    unit: Unit::LastSession,
    range: Bounds::ANY,
    absent: Absent::Says(Words("the horizon", "期末")),
    shown: "20",
    meaning: Words("last session", "最后一个交易日"),
};

const ON: Param = Param {
    key: "on",
    unit: Unit::Target,
    range: Bounds::ANY,
    absent: Absent::Shown,
    shown: "\"all\"",
    meaning: Words("what it hits", "冲击对象"),
};

/// The first day of a stress that names none.
fn one() -> HorizonDay {
    1
}

/// The sessions from `first` to `last`, or to the end of a horizon of `days`, as indices.
fn span(first: HorizonDay, last: Option<HorizonDay>, days: usize) -> Range<usize> {
    let end = last.map_or(days, |day| (day as usize).min(days));
    ((first as usize).saturating_sub(1)).min(end)..end
}

//! Lays stresses over sampled returns, in the order the programme lists them.

use crate::model::history::{Board, Market};
use crate::model::market::{LANES, Tile};
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod gap;
pub mod limit_downs;
pub mod volatility;

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

/// One entry of `shocks`, for example `{ gap = { day = 1, size = "-10%" } }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shock {
    Gap(gap::Gap),
    LimitDowns(limit_downs::LimitDowns),
    Volatility(volatility::Volatility),
}

impl Shock {
    /// Which symbols it hits.
    pub fn target(&self) -> &Target {
        match self {
            Shock::Gap(shock) => &shock.on,
            Shock::LimitDowns(shock) => &shock.on,
            Shock::Volatility(shock) => &shock.on,
        }
    }
}

/// A shock made ready for one market and horizon: which simulated symbols it hits.
pub struct Prepared {
    pub shock: Shock,
    /// One per simulated symbol.
    pub hits: Vec<bool>,
    /// The daily price limit of each simulated symbol on each simulated day, `[day][symbol]`; infinite where none.
    pub price_limit: std::sync::Arc<Vec<f64>>,
}

impl Prepared {
    /// Changes the returns of a tile in place.
    pub fn apply(&self, tile: &mut Tile<'_>) {
        let _ = LANES;
        match &self.shock {
            Shock::Gap(shock) => shock.apply(tile, &self.hits),
            Shock::LimitDowns(shock) => shock.apply(tile, &self.hits, &self.price_limit),
            Shock::Volatility(shock) => shock.apply(tile, &self.hits),
        }
    }
}

/// A day of the horizon, 1-based as people count.
pub type HorizonDay = u32;

/// `size` of a price move, a fraction: −0.10 is −10 %.
pub type Move = Ratio;

//! Holds the keys of a programme that act on given paths, with the defaults of `docs/formats.md`.
//!
//! Keys that choose or fit a market, that judge or print (`market`, `estimation`, `limits`, `report`, `model-risk`,
//! `simulation.confidence`) are no part of this. A key that is not known here is refused, so that none is passed over.

mod clients;
mod margin;
mod market;
mod pool;
mod shocks;

pub use clients::*;
pub use margin::*;
pub use market::*;
pub use pool::*;
pub use shocks::*;

use crate::date::Date;
use serde::{Deserialize, Serialize};

/// A programme, or one of its scenarios laid over the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Programme {
    pub as_of: Date,
    pub shocks: Vec<Shock>,
    pub exchange: Exchange,
    pub costs: Costs,
    pub margin: Margin,
    pub liquidation: Liquidation,
    pub clients: Clients,
    pub interest: Interest,
    pub sharing: Sharing,
    pub feedback: Feedback,
    pub pool: Pool,
}

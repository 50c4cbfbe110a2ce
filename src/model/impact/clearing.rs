//! States how the sales of one session clear: once, or until decisions and prices agree.
//!
//! Single pass: all accounts decide on the close before the session's own sales, and their impact acts from the next session on.
//! Fixed point: the close itself includes the impact of the session's sales, and accounts decide on that close, so that one client's
//! sale may bring down the next within the session. Prices start without the impact and are lowered round by round until
//! no log price moves by more than the tolerance; what it still moved by is the residual.
//!
//! Worked: `[feedback.clearing.fixed-point]` alone gives a tolerance of 10⁻⁹ in at most 100 rounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The choice of `[feedback.clearing]`.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Clearing {
    /// Sales are decided once.
    #[default]
    SinglePass,
    FixedPoint(FixedPoint),
}

/// `[feedback.clearing.fixed-point]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FixedPoint {
    /// The largest move of a log price between two rounds that counts as agreement.
    pub tolerance: f64,
    /// Rounds of a session at most; what is left then is reported.
    pub rounds: u32,
}

impl Default for FixedPoint {
    fn default() -> Self {
        FixedPoint { tolerance: 1e-9, rounds: 100 }
    }
}

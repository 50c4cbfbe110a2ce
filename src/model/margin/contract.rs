//! Holds what an account's own contract says in place of the programme's lines.

use super::rulebook::InForce;

/// One account's own lines, where its contract differs from the programme's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LineOverride {
    pub warning: Option<f64>,
    pub limit: Option<f64>,
    pub call: Option<f64>,
    pub liquidation: Option<f64>,
    pub restore_to: Option<f64>,
    pub cure_days: Option<u32>,
    /// The account's own rulebook, under the lines above.
    pub rulebook: Option<InForce>,
}

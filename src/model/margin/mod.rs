//! States the margin contract: its lines, its deadlines, and the state an account is in.

use crate::model::book::LineOverride;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod cap;
pub mod distance;

pub use distance::drop_to_reach;

/// `[margin]`: lines on the maintenance ratio 维持担保比例; a line that is absent is not in force.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Margin {
    /// 预警线: below it the account is warned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Ratio>,
    /// 限额线: below it the account may not buy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Ratio>,
    /// 追保线: a close below it starts a margin call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Ratio>,
    /// Sessions a called client has; still below the call line at that close, the account goes into liquidation.
    pub cure_days: u32,
    /// 平仓线: a close at or below it sends the account into liquidation at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidation: Option<Ratio>,
    /// Forced sales stop when the ratio is back here; absent, everything is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_to: Option<Ratio>,
}

/// One account's lines as plain fractions; 0 where a line is not in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lines {
    pub warning: f64,
    pub limit: f64,
    pub call: f64,
    pub liquidation: f64,
    /// 0 when everything is sold.
    pub restore_to: f64,
    pub cure_days: u32,
}

impl Margin {
    /// The programme's lines with one account's own contract laid over them.
    pub fn lines(&self, own: &LineOverride) -> Lines {
        let get = |line: Option<Ratio>| line.map_or(0.0, Ratio::get);
        Lines {
            warning: own.warning.unwrap_or(get(self.warning)),
            limit: own.limit.unwrap_or(get(self.limit)),
            call: own.call.unwrap_or(get(self.call)),
            liquidation: own.liquidation.unwrap_or(get(self.liquidation)),
            restore_to: get(self.restore_to),
            cure_days: own.cure_days.unwrap_or(self.cure_days),
        }
    }
}

impl Lines {
    /// The highest line: above it nothing can happen to the account.
    pub fn highest(&self) -> f64 {
        self.warning.max(self.limit).max(self.call).max(self.liquidation)
    }
}

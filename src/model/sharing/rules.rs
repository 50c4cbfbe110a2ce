//! States how interest is charged and how products share profit and loss.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What interest is charged on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterestBase {
    /// The money borrowed.
    #[default]
    Loan,
    /// The whole exposure at opening: own capital and loan.
    Exposure,
}

/// `[interest]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Interest {
    pub interest_base: InterestBase,
    /// Days in a year: 365 or 360.
    pub day_count: u32,
    /// Added to every client's annual rate over the whole horizon: a rise of rates.
    pub loan_rate_rise: Ratio,
    /// Added to every funding source's annual rate over the whole horizon.
    pub funding_rate_rise: Ratio,
}

impl Default for Interest {
    fn default() -> Self {
        Interest { interest_base: InterestBase::Loan, day_count: 365, loan_rate_rise: Ratio::ZERO, funding_rate_rise: Ratio::ZERO }
    }
}

/// How one product shares profit and loss.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Mode {
    /// The client keeps all profit and bears all loss.
    #[default]
    None,
    /// Profit after financing and fees is split; losses too when `share-losses`.
    FixedSplit {
        client: Ratio,
        #[serde(default)]
        share_losses: bool,
    },
    /// Profit is split, and the lender bears a share of a loss up to a cap, a share of own capital.
    CappedLoss { client: Ratio, lender_loss: Ratio, cap: Ratio },
    /// The lender takes a share of the profit above the high-water mark of own capital.
    PerformanceFee { share: Ratio },
    /// The client is guaranteed a return on own capital over the horizon; the lender keeps the rest and bears the gap.
    Guaranteed { return_annual: Ratio },
}

/// `[sharing]`
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Sharing {
    /// Platform fee, a share of gross profit; a loss pays none.
    pub platform_fee: Ratio,
    /// Fee on the opening exposure for the round trip, whatever the result.
    pub exposure_fee: Ratio,
    /// The mode of every product not named below.
    pub mode: Mode,
    pub product: BTreeMap<String, Mode>,
}

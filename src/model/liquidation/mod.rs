//! States how a forced sale is made: when, at what cost, in what order, within what share of the volume.

use crate::units::Ratio;
use adl::Adl;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod adl;
pub mod lots;
pub mod order;

/// Which holdings go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The same share of every sellable holding.
    #[default]
    ProRata,
    /// By average daily turnover, largest first.
    MostLiquidFirst,
    /// By market value, largest first.
    LargestFirst,
    /// By return since cost (or since the as-of date), lowest first.
    LosersFirst,
}

/// `[liquidation]`
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Liquidation {
    /// Sessions between the close that triggers and the close that sells.
    pub delay_days: u32,
    /// Cost of a forced sale, a share of proceeds (slippage and dealing).
    pub cost: Ratio,
    /// Largest share of a symbol's daily turnover that all forced sales together may take; absent, no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participation: Option<Ratio>,
    pub order: Order,
    /// Most of a position, as it stood on the as-of date, that a close-out sells in a session; absent, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_share: Option<Ratio>,
    /// De-leveraging ahead of the liquidation line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adl: Option<Adl>,
}

/// Value to sell so that the ratio returns to `target`: `S = (m·D − A) / (m·(1 − c) − 1)`.
///
/// `assets` A is cash and market value, `debt` D is loan and interest, `cost` c the share of proceeds lost.
/// Worked: A = 120, D = 100, m = 1.3, c = 0 → 33.33. Infinite when no sale can restore the ratio.
pub fn sale_to_restore(assets_money: f64, debt_money: f64, target: f64, cost: f64) -> f64 {
    let gain = target * (1.0 - cost) - 1.0;
    let need = target * debt_money - assets_money;
    if need <= 0.0 {
        0.0
    } else if gain <= 0.0 {
        f64::INFINITY
    } else {
        need / gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_sales_restore_the_ratio() {
        // domain notes §1.3, without cost: assets, debt, target, sale
        for (assets, debt, target, sale) in [(120.0, 100.0, 1.3, 33.33), (110.0, 100.0, 1.3, 66.67), (110.0, 100.0, 1.45, 77.78)] {
            let found = sale_to_restore(assets, debt, target, 0.0);
            assert!((found - sale).abs() < 0.005, "found {found}, expected {sale}");
        }
        // a lot of a hundred at 10.00, exactly: the two sides are sums whose last digit is none
        let sale = sale_to_restore(10_900.0, 10_000.0, 1.1, 0.0);
        assert_eq!(lots::round_up(sale / 10.0, 1_090.0, lots::Lot::of(100.0)), 100.0, "{sale}");
        // with 2 % of proceeds lost: 10 / (1.3 · 0.98 − 1) = 36.50; assets 83.50, debt 100 − 35.77 = 64.23
        let sale = sale_to_restore(120.0, 100.0, 1.3, 0.02);
        assert!((sale - 36.4964).abs() < 5e-5, "found {sale}");
        assert!(((120.0 - sale) / (100.0 - 0.98 * sale) - 1.3).abs() < 1e-12);
    }

    #[test]
    fn a_ratio_at_the_target_sells_nothing_and_a_target_no_sale_can_reach_sells_all() {
        assert_eq!(sale_to_restore(130.0, 100.0, 1.3, 0.0), 0.0);
        assert_eq!(sale_to_restore(100.0, 100.0, 1.01, 0.02), f64::INFINITY);
        assert_eq!(sale_to_restore(90.0, 100.0, 1.0, 0.0), f64::INFINITY);
    }
}

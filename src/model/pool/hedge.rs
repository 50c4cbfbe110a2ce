//! States the short index of the hedging tier: its size, what it costs, how far it strays from the book, and its margin.
//!
//! The short position is `ratio` times the loans, reset at every close. A session's result is
//! `−notional · (index return + basis noise) − notional · cost-annual · calendar days / day-count`; it is settled in cash the
//! same day, and a margin of `margin · notional` is posted with the broker. The noise is normal with `basis-volatility-daily`, drawn from
//! the address (seed, tier, path, session). Worked: short 100, index −5 %, noise +0.2 %, cost 0.01: +4.79.

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the index weighs its symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weighting {
    /// All alike.
    #[default]
    Equal,
    /// By the market value the book holds on the as-of date.
    Value,
}

/// `[pool.hedge]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Hedge {
    /// The tier that hedges: results add to the capital it bears losses with, costs eat it.
    pub tier: String,
    /// Short notional over loans out; 0 for no hedge.
    pub ratio: Ratio,
    /// The index: these symbols, or every symbol the book holds when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<String>,
    pub weighting: Weighting,
    /// Daily standard deviation of what the index does that the hedge does not.
    pub basis_volatility_daily: Ratio,
    /// Cost of carrying the short, a year.
    pub cost_annual: Ratio,
    /// Margin with the broker, a share of the notional.
    pub margin: Ratio,
}

impl Default for Hedge {
    fn default() -> Self {
        Hedge {
            tier: "C".into(),
            ratio: Ratio::ZERO,
            symbols: Vec::new(),
            weighting: Weighting::Equal,
            basis_volatility_daily: Ratio::ZERO,
            cost_annual: Ratio::ZERO,
            margin: Ratio::from_fraction(0.12),
        }
    }
}

/// Gain of a short over one session before its cost, money.
pub fn gain(notional_money: f64, index_return: f64, noise: f64) -> f64 {
    -notional_money * (index_return + noise)
}

/// What a session's settlement does to cash and margin: `(cash, margin, unpaid)` after `result` is settled and the margin
/// for `notional` is asked for. Cash pays first, then the margin; what neither can pay is owed.
///
/// A hedge whose margin cannot be met is closed by the caller: the margin returned is then below what was asked.
pub fn settle(cash_money: f64, margin_money: f64, result_money: f64, asked_money: f64) -> (f64, f64, f64) {
    let mut whole = cash_money + margin_money + result_money;
    let unpaid = (-whole).max(0.0);
    whole = whole.max(0.0);
    let margin = asked_money.min(whole);
    (whole - margin, margin, unpaid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_gains_what_the_index_loses_less_noise_and_cost() {
        assert!((gain(100.0, -0.05, 0.002) - 0.01 - 4.79).abs() < 1e-12);
    }

    #[test]
    fn settlement_keeps_every_unit_of_money_and_no_cash_below_zero() {
        for (cash, margin, result, asked) in [(10.0, 5.0, 2.0, 6.0), (1.0, 5.0, -3.0, 5.0), (1.0, 2.0, -9.0, 5.0), (0.0, 0.0, 0.0, 3.0)] {
            let (c, m, unpaid) = settle(cash, margin, result, asked);
            assert!(c >= 0.0 && m >= 0.0 && m <= asked && unpaid >= 0.0);
            assert!((c + m - unpaid - (cash + margin + result)).abs() < 1e-12);
        }
    }
}

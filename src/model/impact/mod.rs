//! States how forced sales move the price: the law, its permanence, and how it fades.
//!
//! One session's forced sales of a symbol, `x` = value sold over the session's turnover, cost the sellers a temporary
//! slippage on execution and lower the common price by a lasting impact. Lasting impacts add up in a log impact `J` per
//! symbol, which fades by the same factor every session: after `fade-days` sessions 5 % is left. The price everybody sees
//! is the market model's times `exp(−J)`, within the exchange's limits. `J` is at most `ln 10⁶`.

use crate::model::part::registry::registry;
use clearing::{Clearing, FixedPoint};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod almgren;
pub mod clearing;
#[cfg(test)]
pub mod example;
pub mod linear;
pub mod none;
pub mod square_root;

/// The largest log impact on a price, `ln 10⁶`: sales take it to a millionth of the market's own, far beyond what any law was measured
/// on. Without this bound sales of many times the turnover take prices, and their rise as the impact decays, beyond the range of numbers.
pub const LARGEST: f64 = 13.815_510_557_964_274;

/// What one session's sales of a symbol look like to an impact law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sale {
    /// Value sold over the session's turnover.
    pub participation: f64,
    /// Daily volatility of the symbol's returns.
    pub volatility_daily: f64,
    /// Session's turnover over free-float value: `V/Θ`; 0 where the float is unknown.
    pub turnover_ratio: f64,
}

/// What the sales do, as fractions of the price.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Effect {
    /// The sellers' average loss against the close.
    pub slippage: f64,
    /// Push on the common price from the next session on, before it fades.
    pub lasting: f64,
}

/// An impact law as the programme chooses it.
pub trait Law {
    /// The effect of one session's sales of one symbol, where there are any.
    fn effect(&self, sale: &Sale) -> Effect;
}

registry! {
    /// The choice of `[feedback.impact.<law>]`.
    #[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    pub enum Impact: Law {
        [
            /// Sales move nothing.
            #[default]
            None = none::Nothing
        ]
        SquareRoot(square_root::SquareRoot),
        Linear(linear::Linear),
        Almgren(almgren::Almgren),
        #[cfg(test)]
        Example(example::Example),
    }
}

impl Impact {
    /// The effect of one session's sales of one symbol.
    pub fn effect(&self, sale: &Sale) -> Effect {
        if sale.participation <= 0.0 { Effect::default() } else { self.rule().effect(sale) }
    }
}

/// `[feedback]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Feedback {
    pub impact: Impact,
    /// Sessions after which 5 % of an impact is left; 0 for an impact that does not decay.
    pub fade_days: f64,
    /// Whether the session's own sales move the price its accounts decide on.
    pub clearing: Clearing,
    /// Run every scenario again with parts of the feedback switched off, and report what each part adds.
    pub layers: bool,
}

impl Default for Feedback {
    fn default() -> Self {
        // Bian, He, Shue, Zhou: fire-sale pressure reverses over about 40 trading days
        Feedback { impact: Impact::None, fade_days: 40.0, clearing: Clearing::SinglePass, layers: true }
    }
}

impl Feedback {
    /// The part of an impact that is left one session later: `0.05^(1/fade_days)`.
    ///
    /// Worked: 40 sessions → 0.9278 a session, 0.05 after 40.
    pub fn fade_factor(&self) -> f64 {
        if self.fade_days <= 0.0 { 1.0 } else { libm::pow(0.05, 1.0 / self.fade_days) }
    }

    /// The fixed point sought in every session; none where sales clear in one pass or move nothing.
    pub fn fixed_point(&self) -> Option<&FixedPoint> {
        match &self.clearing {
            Clearing::FixedPoint(rule) if self.is_on() => Some(rule),
            _ => None,
        }
    }

    /// True when sales move prices at all.
    pub fn is_on(&self) -> bool {
        self.impact != Impact::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_fades_to_a_twentieth_in_the_days_named() {
        let factor = Feedback::default().fade_factor();
        assert!((libm::pow(factor, 40.0) - 0.05).abs() < 1e-12);
        assert_eq!(Feedback { fade_days: 0.0, ..Feedback::default() }.fade_factor(), 1.0);
    }

    #[test]
    fn nothing_sold_moves_nothing() {
        let nothing = Sale { participation: 0.0, volatility_daily: 0.02, turnover_ratio: 0.01 };
        for law in [Impact::SquareRoot(Default::default()), Impact::Linear(Default::default()), Impact::Almgren(Default::default())] {
            assert_eq!(law.effect(&nothing), Effect::default());
        }
    }
}

//! Draws joint normal log returns, with volatility, drift and correlation fitted or given.

use super::{FitRequest, MarketModel};
use crate::problem::Problems;
use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[market.gaussian]`: what is not given is fitted on the estimation window.
///
/// A symbol's price follows a geometric Brownian motion: the log return of one session is
/// `(drift − volatility²/2)·dt + volatility·√dt·z` with `dt = 1 / trading-days` (drift is of the price, not of its log).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Gaussian {
    /// One annual volatility for every symbol; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility_annual: Option<Ratio>,
    /// One annual drift of the price for every symbol; fitted per symbol when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift_annual: Option<Ratio>,
    /// One correlation between any two symbols; fitted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Ratio>,
    /// Sessions in a year.
    pub trading_days: f64,
}

impl Default for Gaussian {
    fn default() -> Self {
        Gaussian { volatility_annual: None, drift_annual: None, correlation: None, trading_days: 252.0 }
    }
}

impl Gaussian {
    pub fn fit(&self, _request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        todo!()
    }
}

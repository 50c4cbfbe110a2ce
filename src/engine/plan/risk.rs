//! Prepares what margin rules read of a book beside its lines: haircuts, liquidity, and implied over realised volatility.

use crate::model::case::Case;
use crate::model::history::{Instrument, Market};
use crate::model::margin::template::{Holding, LEAST_LIQUIDITY};

/// The haircut of every simulated symbol at the as-of date.
pub fn haircuts(case: &Case, instruments: &[&Instrument]) -> Vec<f64> {
    let margin = &case.margin;
    let caps = margin.in_force.as_ref().and_then(|i| i.version.collateral.as_ref());
    instruments.iter().map(|i| margin.haircuts.start(i.haircut, i.st, caps)).collect()
}

/// What margin rules read over the realised volatility, by session (the as-of date first); 1 where no implied volatility is known.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskFactors {
    /// Of the market, one more than there are sessions.
    pub market: Vec<f64>,
    /// Of each simulated symbol, `[day][symbol]`; empty where no rule reads them.
    pub symbol: Vec<f64>,
}

impl RiskFactors {
    /// Of a case whose market and symbols had these daily volatilities up to the as-of date; `symbols` are the simulated ones.
    pub fn of(case: &Case, market: &Market, symbols: &[usize], volatility: (f64, &[f64]), days: usize) -> Self {
        let (market_daily, symbol_daily) = volatility;
        let Some((rule, implied)) = case.margin.risk_volatility.as_ref().zip(market.implied.as_ref()) else {
            return RiskFactors { market: vec![1.0; days + 1], symbol: Vec::new() };
        };
        let of_market = implied.market.map_or(1.0, |reading| rule.ratio(reading.annual, market_daily));
        // a symbol without a series of its own stands to its realised volatility as the market does
        let of_symbol = |at: usize| implied.of(symbols[at]).map_or(of_market, |reading| rule.ratio(reading.annual, symbol_daily[at]));
        let ratios: Vec<f64> = if case.margin.haircuts.widening > 0.0 { (0..symbols.len()).map(of_symbol).collect() } else { Vec::new() };
        RiskFactors {
            market: (0..=days).map(|day| rule.factor(of_market, day)).collect(),
            symbol: (0..=days).flat_map(|day| ratios.iter().map(move |ratio| rule.factor(*ratio, day))).collect(),
        }
    }

    /// The factor of one simulated symbol after `day` sessions.
    pub fn of_symbol(&self, day: usize, symbol: usize, symbols: usize) -> f64 {
        self.symbol.get(day * symbols + symbol).copied().unwrap_or(1.0)
    }
}

/// The liquidity that the leverage template sees in holdings.
pub fn liquidity(case: &Case, holdings: impl Iterator<Item = Holding>) -> f64 {
    case.margin.template.as_ref().map_or(1.0, |t| t.liquidity(holdings).max(LEAST_LIQUIDITY))
}

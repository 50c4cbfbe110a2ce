//! Holds one account, one holding and one group as plain numbers, as the day loop reads them.

use crate::maths::random::Key;
use crate::model::client::{CallResponse, pre_emptive::PreEmptive};
use crate::model::liquidation::lots::Lot;
use crate::model::margin::Lines;
use crate::model::sharing::Terms;

/// One account as the day loop reads it. Money in the programme's currency.
#[derive(Clone, Debug)]
pub struct Account {
    pub cash: f64,
    pub loan: f64,
    pub accrued: f64,
    /// Interest of one calendar day on one unit of loan.
    pub rate_day: f64,
    pub lines: Lines,
    /// The ratio above which nothing can happen: the highest line, and at least 1, where equity ends.
    pub calm: f64,
    /// The same once the account was warned, and once it was limited too: what has happened need not be looked for again.
    pub calm_warned: f64,
    pub calm_limited: f64,
    /// Its tier, grade, leverage and sector among the groups; `NO_GROUP` where no sector is known.
    pub groups: [u32; 4],
    pub response: CallResponse,
    /// Draws its turn where a capped session has lots to hand out.
    pub turn: Key,
    /// How the client sells ahead of its line, and the value-weighted daily volatility of its holdings; none where it does not.
    pub ahead: Option<(PreEmptive, f64)>,
    /// The ratio above which the client may take money out; infinite where it does not.
    pub withdraws_above: f64,
    /// The ratio a client's payment restores, and the sessions from the call to it.
    pub restored: f64,
    pub payment_days: u32,
    /// Sessions between the close that triggers a forced sale and the close that sells.
    pub delay_days: u16,
    /// What one unit of dynamic requirement scales the lines by, and the liquidity of the holdings at the as-of date, above 0 to 1.
    pub scale_unit: f64,
    pub liquidity: f64,
    pub terms: Terms,
    pub equity_start: f64,
    /// Market value of the holdings at the as-of date.
    pub value_start: f64,
    /// Range into the plan's positions.
    pub positions: std::ops::Range<usize>,
}

/// In place of a group an account belongs to none of.
pub const NO_GROUP: u32 = u32::MAX;

impl Account {
    /// The groups it belongs to.
    #[inline(always)]
    pub fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        self.groups.into_iter().filter(|g| *g != NO_GROUP).map(|g| g as usize)
    }

    /// What stands on its two sides on the as-of date.
    pub fn gross_start(&self) -> f64 {
        self.cash + self.value_start + self.loan + self.accrued
    }

    /// Part of the own capital of the as-of date that is gone, 0 to 1.
    pub fn drawdown(&self, equity_money: f64) -> f64 {
        if self.equity_start > 0.0 { (1.0 - equity_money / self.equity_start).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// One holding: `symbol` is an index into the simulated symbols.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub symbol: u32,
    pub quantity: f64,
    pub cost: f64,
    /// The lots it is sold in.
    pub lot: Lot,
    /// The price at or below which the position is stopped out; 0 without a stop.
    pub stop: f64,
}

#[cfg(test)]
impl Position {
    /// A holding that may be sold as it is.
    pub fn plain(symbol: u32, quantity: f64) -> Position {
        Position { symbol, quantity, cost: 1.0, lot: Lot::NONE, stop: 0.0 }
    }
}

/// A group of accounts figures are reported by.
#[derive(Clone, Debug)]
pub struct Group {
    pub kind: &'static str,
    pub name: String,
    pub accounts: u32,
}

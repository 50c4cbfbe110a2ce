//! States what the exchange allows: price limits by board, ST and date, ticks, lots, T+1, costs by date.

use crate::model::liquidation::lots::Lot;
use crate::units::{Day, Ratio};
use board::Board;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod board;
pub mod calendar;
pub mod costs;
pub mod kinds;
pub mod price_limit;
pub mod resumption;

/// When a name at its lower limit counts as unsellable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LimitLock {
    /// Locked when every trade of the day was at the limit, where the history's high and low tell; else when the close is there.
    #[default]
    AllDay,
    /// Locked whenever the close stands at the limit.
    Close,
}

/// What becomes of the part of a return the price limit cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CarryOver {
    /// The whole remainder is due on the next session.
    #[default]
    Full,
    /// It is lost.
    None,
}

/// `[exchange]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Exchange {
    /// Apply the daily price limits of each symbol's board.
    pub price_limits: bool,
    /// The price tick that limit prices are rounded to; 0 for none.
    pub tick: f64,
    /// Shares to a lot of the main board; a sale is rounded up to whole lots, a whole position is always sold. STAR, BSE and
    /// convertibles have lots of their own unless it is 0, which is none. Written, it holds for symbols of no board too; absent it is
    /// 100, and none there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<f64>,
    /// Shares bought on a day can be sold from the next session on: those of the as-of day from the first.
    pub t_plus_one: bool,
    pub limit_lock: LimitLock,
    pub carry_over: CarryOver,
    /// How much of a daily limit a close at the limit adds to what is due the next session, in its own direction.
    pub continuation: f64,
    /// Sessions that a name halted on the as-of date still does not trade; modelled from the history's halts when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_after: Option<u32>,
}

impl Default for Exchange {
    fn default() -> Self {
        Exchange {
            price_limits: true,
            tick: 0.01,
            lot: None,
            t_plus_one: true,
            limit_lock: LimitLock::AllDay,
            carry_over: CarryOver::Full,
            continuation: 0.0,
            resume_after: None,
        }
    }
}

/// Shares to a board lot of the exchanges, where the programme names none.
pub const BOARD_LOT: f64 = 100.0;

impl Exchange {
    /// The lots a symbol of a board is sold in.
    pub fn lot_of(&self, board: Board) -> Lot {
        match self.lot {
            Some(lot) if board == Board::None => Lot::of(lot),
            lot => board.lot(lot.unwrap_or(BOARD_LOT)),
        }
    }
}

/// `[costs]`: what a forced sale pays beside `[liquidation] cost`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Costs {
    /// The broker's commission, a share of proceeds.
    pub commission: Ratio,
    /// Stamp duty on sales: "china" for the schedule by date, or a share of proceeds.
    pub stamp_duty: StampDuty,
    /// Transfer fee, a share of proceeds.
    pub transfer_fee: Ratio,
}

impl Default for Costs {
    fn default() -> Self {
        Costs { commission: Ratio::ZERO, stamp_duty: StampDuty::Rate(Ratio::ZERO), transfer_fee: Ratio::ZERO }
    }
}

/// The stamp duty's rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StampDuty {
    /// The Chinese schedule by date: 0.1 % of a sale since 2008-04-24, 0.05 % since 2023-08-28.
    China,
    Rate(Ratio),
}

/// The board a symbol's code tells, when no instruments file does: 600000.SH, 000001.SZ, 300059.SZ, 688111.SH, 830799.BJ.
pub fn board_of_symbol(symbol: &str) -> Board {
    kinds::board_of_symbol(symbol)
}

/// The daily price limit of a board on a date, a fraction; none where no limit binds.
pub fn daily_limit(board: Board, st: bool, day: Day) -> Option<f64> {
    price_limit::daily_limit(board, st, day)
}

//! Shares what a session's volume takes of a symbol among the sales that want it.
//!
//! Each sale gets its part in proportion to what it wants, down to whole lots; what that leaves of the cap goes out by the
//! lot to the largest remainders (parts of what one would sell more), equal ones by a draw with the address (account, path, session). So the cap is used up to
//! less than a lot, and the order of accounts plays no part. Worked: three sales of 500, 300 and 200 shares under a cap of
//! 640 have parts of 320, 192 and 128: 300, 100 and 100 first, then a lot more to the second, whose remainder is 92.

use super::book::{Rest, SaleBook};
use crate::engine::account::accounts::Accounts;
use crate::engine::account::close::Close;
use crate::model::liquidation::lots;
use crate::model::market::LANES;

/// Remainders closer than a millionth of a lot are equal: sums of shares are rounded.
const STEPS: f64 = 1e6;

/// Shares of a symbol that all sales of a session together may take on a path.
fn cap(close: &Close<'_>, symbol: usize, lane: usize) -> f64 {
    let Close { plan, tile, day, .. } = *close;
    plan.volume_cap[symbol] * tile.relative_volume(day, symbol, lane) / tile.prices(day, symbol)[lane]
}

impl SaleBook {
    /// Brings the sales of every symbol that together want more than their share of the session's volume down to it.
    pub fn share_volume(&mut self, close: &Close<'_>, accounts: &Accounts) {
        let Close { plan, tile, day, .. } = *close;
        self.sold.clear();
        self.sold.resize(self.demand.len(), 0.0);
        self.rests.clear();
        for seller in &self.sellers {
            let active = &accounts.active[seller.at as usize];
            let lane = active.lane();
            for (i, position) in plan.positions_of(active.account()).iter().enumerate() {
                let symbol = position.symbol as usize;
                let cell = symbol * LANES + lane;
                let at = seller.wanted + i as u32;
                let wanted = &mut self.wanted[at as usize];
                let cap = cap(close, symbol, lane);
                if self.demand[cell] > cap {
                    let held = active.quantity(&accounts.shares, i, position.quantity);
                    let part = *wanted * (cap / self.demand[cell]);
                    let whole = lots::round_down(part, held, position.lot).min(*wanted);
                    let more = lots::next(whole, *wanted, held, position.lot);
                    let all = std::mem::replace(wanted, whole);
                    if more > 0.0 {
                        let rank = ((part - whole) / more * STEPS).round() as u32;
                        let draw = plan.accounts[active.account()].turn.bits(tile.paths[lane], day as u32);
                        self.rests.push(Rest { cell: cell as u32, rank, draw, at, shares: more, wanted: all, lot: position.lot });
                    }
                }
                self.sold[cell] += *wanted;
            }
        }
        self.hand_out(close);
        for &cell in &self.wanted_cells {
            self.demand[cell as usize] = self.sold[cell as usize];
        }
    }

    /// Hands out what whole lots left of each cap.
    fn hand_out(&mut self, close: &Close<'_>) {
        self.rests.sort_unstable_by(|a, b| (a.cell, b.rank, a.draw, a.at).cmp(&(b.cell, a.rank, b.draw, b.at)));
        for rest in &self.rests {
            // what is left of a sum of shares is rounded
            let (left, rounding) = self.left(close, rest);
            if rest.shares <= left + rounding {
                self.wanted[rest.at as usize] += rest.shares;
                self.sold[rest.cell as usize] += rest.shares;
            }
        }
        // boards that count share by share above a smallest sale have shares left where others' smallest sale is too large
        for rest in self.rests.iter().filter(|rest| rest.lot.step < rest.lot.least) {
            let (left, rounding) = self.left(close, rest);
            let sold = self.wanted[rest.at as usize];
            let more = ((left + rounding).min(rest.wanted - sold) / rest.lot.step).floor() * rest.lot.step;
            if sold >= rest.lot.least && more > 0.0 {
                self.wanted[rest.at as usize] += more;
                self.sold[rest.cell as usize] += more;
            }
        }
    }

    /// What is left of a cap, and what of it is rounding.
    fn left(&self, close: &Close<'_>, rest: &Rest) -> (f64, f64) {
        let cell = rest.cell as usize;
        let cap = cap(close, cell / LANES, cell % LANES);
        (cap - self.sold[cell], 1e-9 * cap)
    }
}

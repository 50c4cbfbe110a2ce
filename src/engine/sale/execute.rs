//! Makes the sales of one session: what the market takes of what accounts want (`orders.rs`), and what is paid with it.
//!
//! All accounts decide on the same prices, then all sales of a symbol clear together: the order of accounts is irrelevant.

use super::book::{Parts, SaleBook, Seller};
use crate::engine::account::accounts::Accounts;
use crate::engine::account::close::Close;
use crate::engine::account::moves::{close_out, pay};
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::active::State;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::lanes::LaneSums;
use crate::model::impact::Sale;
use crate::model::market::LANES;
use crate::model::pool::cash::DUST_MONEY;

/// Least turnover of a session that sales are measured against, as a share of the average: a day without a recorded trade
/// would make any sale infinitely large.
const THINNEST_SESSION: f64 = 0.01;

impl SaleBook {
    /// Step 7, second half: all sales of a symbol share its volume, and pay its slippage.
    pub fn clear(&mut self, close: &Close<'_>, accounts: &Accounts) {
        let plan = close.plan;
        for seller in &self.sellers {
            self.wanted_cells.extend(plan.positions_of(seller.account as usize).iter().map(|p| p.symbol * LANES as u32 + seller.lane));
        }
        if plan.liquidation.participation.is_some() {
            self.share_volume(close, accounts);
        }
        if plan.feedback.is_on() {
            self.price_sales(close);
        }
    }

    /// Step 9: every sale is settled.
    pub fn settle(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums) {
        for s in 0..self.sellers.len() {
            self.execute(close, accounts, lanes, self.sellers[s]);
        }
        for cell in self.wanted_cells.drain(..) {
            self.demand[cell as usize] = 0.0;
        }
    }

    /// What the session's sales of each symbol cost and how they will push its price; `demand` is what is sold.
    fn price_sales(&mut self, close: &Close<'_>) {
        let Close { plan, tile, day, .. } = *close;
        self.wanted_cells.sort_unstable();
        self.wanted_cells.dedup();
        for &cell in &self.wanted_cells {
            let (symbol, lane) = (cell as usize / LANES, cell as usize % LANES);
            // a name halted in this path is held by sellers but not sold, and its turnover of 0 divides nothing
            if self.demand[cell as usize] == 0.0 {
                self.slippage[cell as usize] = 0.0;
                continue;
            }
            let turnover = plan.average_volume[symbol] * tile.relative_volume(day, symbol, lane).max(THINNEST_SESSION);
            let effect = plan.feedback.impact.effect(&Sale {
                participation: self.demand[cell as usize] * tile.prices(day, symbol)[lane] / turnover,
                volatility_daily: plan.volatility_daily[symbol],
                turnover_ratio: plan.turnover_ratio[symbol],
            });
            // far beyond what the laws were measured on, a sale still brings no less than nothing, and leaves a price
            self.slippage[cell as usize] = effect.slippage.min(1.0);
            self.lasting[cell as usize] = effect.lasting.min(tile.room(symbol, lane, plan.fade));
        }
    }

    /// Step 8: today's sales press on tomorrow's prices.
    pub fn apply_impact(&mut self, plan: &Plan<'_>, tile: &mut MarketTile) {
        for symbol in 0..tile.symbols {
            let lasting = &mut self.lasting[symbol * LANES..][..LANES];
            if tile.is_pushed(symbol) || lasting.iter().any(|l| *l != 0.0) {
                tile.push(symbol, plan.fade, lasting);
                lasting.fill(0.0);
            }
        }
    }

    /// Fills one account's sale, pays its debt down, and closes it when nothing is left.
    pub fn execute(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, seller: Seller) {
        let Close { plan, tile, day, .. } = *close;
        let at = seller.at as usize;
        let active = &mut accounts.active[at];
        let (account, lane) = (&plan.accounts[active.account()], active.lane());
        let elapsed = close.elapsed();
        let own = active.own_shares().expect("a seller has its own quantities");
        let closes_out = active.state == State::Liquidating;
        let (mut reduced, mut early) = (0.0, 0.0);
        let (mut gross, mut untaxed, mut slipped, mut held, mut shares_left) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (i, position) in plan.positions[account.positions.clone()].iter().enumerate() {
            let symbol = position.symbol as usize;
            let price = tile.prices(day, symbol)[lane];
            let quantity = &mut accounts.shares[own + i];
            let sold = self.wanted[seller.wanted as usize + i];
            *quantity -= sold;
            // a close that bears the session's own sales lies below what they were made at
            let started = self.price_before.get(symbol * LANES + lane).copied().unwrap_or(price);
            if started != price {
                active.gain += sold * (started - price);
            }
            let slip = sold * started * self.slippage[symbol * LANES + lane];
            gross += sold * started;
            if plan.duty_free.get(symbol).is_some_and(|free| *free) {
                untaxed += sold * started - slip;
            }
            slipped += slip;
            held += *quantity * price;
            shares_left += *quantity;
            // of a sale that found less than it wanted the platform's part goes first
            let whole = Parts { reduction: if closes_out { 0.0 } else { sold }, platform: sold };
            let parts = seller.parts.map_or(whole, |first| self.parts[first as usize + i]);
            let ahead = (sold - parts.platform).max(0.0);
            reduced += parts.reduction.min(sold) * started;
            early += ahead * started;
            if lanes.counts[lane] {
                lanes.note_sale(day, symbol, lane, (sold - ahead) * started, false);
                if ahead > 0.0 {
                    lanes.note_sale(day, symbol, lane, ahead * started, true);
                }
            }
        }
        // fees are a share of what the fill brings; slippage is a cost beside them
        let cost = (gross - slipped) * plan.sale_cost[day] - untaxed * plan.duty[day] + slipped;
        active.held = held;
        active.sale_cost += cost;
        active.proceeds += gross;
        active.early += early;
        active.reduced += reduced;
        active.charge(account, elapsed);
        pay(active, gross - cost);
        // what a recall that was sold for leaves is rounding, of a large sale by its own size
        let dust = DUST_MONEY.max(1e-12 * gross);
        if active.recall > 0.0 && active.loan + active.accrued <= dust {
            (active.loan, active.accrued) = (0.0, 0.0);
        }
        let debt = active.loan + active.accrued;
        let sides = close.sides(&accounts.active[at], &accounts.shares, accounts.active[at].held);
        let restore = close.lines_of(&accounts.active[at], sides).restore_to;
        let active = &mut accounts.active[at];
        let recalled = active.recall > 0.0;
        let uncalled = active.recall - (gross - cost);
        active.recall = if debt > 0.0 && uncalled > dust { uncalled } else { 0.0 };
        if shares_left == 0.0 {
            active.recall = 0.0;
            lanes.loss[day][lane] += close_out(active, day) * (1.0 - plan.recourse_on(0));
        } else if debt <= 0.0 && recalled && !closes_out {
            active.end_liquidation(close.session(), State::Closed);
            active.state = State::Closed;
            active.closed_on = close.session();
        } else if active.state != State::Liquidating {
            // a reduction: the account goes on
        } else if debt <= 0.0 && restore > 0.0 {
            active.end_liquidation(close.session(), State::Closed);
            active.closed_on = close.session();
        } else if restore > 0.0 && sides.0 >= restore * sides.1 - 1e-12 * restore * (sides.1 + gross) {
            // what little a large sale leaves is rounded by its own size
            active.end_liquidation(close.session(), State::Normal);
        }
        lanes.note_loan(account, active, day);
    }
}

//! Makes the sales of one session: what the market takes of what accounts want (`wants.rs`), and what is paid with it.
//!
//! All accounts decide on the same prices, then all sales of a symbol clear together: the order of accounts is irrelevant.

use super::day::{Desk, Seller};
use super::plan::Plan;
use super::pool::plan::recourse_of;
use super::slot::State;
use super::state::{close, pay};
use super::tile::MarketTile;
use super::wants::Parts;
use crate::model::impact::Sale;
use crate::model::market::LANES;
use crate::model::pool::cash::DUST_MONEY;

/// Least turnover of a session that sales are measured against, as a share of the average: a day without a recorded trade
/// would make any sale infinitely large.
const THINNEST_SESSION: f64 = 0.01;

impl Desk {
    /// Step 7, second half: all sales of a symbol share its volume, and pay its slippage.
    pub(super) fn gather(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        for seller in &self.sellers {
            let slot = &self.slots[seller.at as usize];
            let lane = slot.lane() as u32;
            self.wanted_cells.extend(plan.positions_of(slot.account()).iter().map(|p| p.symbol * LANES as u32 + lane));
        }
        if plan.scenario.case.liquidation.participation.is_some() {
            self.share_volume(plan, tile, day);
        }
        if plan.scenario.case.feedback.is_on() {
            self.price_sales(plan, tile, day);
        }
    }

    /// Step 9: every sale is settled.
    pub(super) fn sell(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
        for s in 0..self.sellers.len() {
            self.fill(plan, tile, day, self.sellers[s]);
        }
        for cell in self.wanted_cells.drain(..) {
            self.demand[cell as usize] = 0.0;
        }
    }

    /// What the session's sales of each symbol cost and how they will push its price; `demand` is what is sold.
    fn price_sales(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize) {
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
            let effect = plan.scenario.case.feedback.impact.effect(&Sale {
                participation: self.demand[cell as usize] * tile.prices(day, symbol)[lane] / turnover,
                volatility_daily: plan.volatility_daily[symbol],
                turnover_ratio: plan.turnover_ratio[symbol],
            });
            // far beyond what the laws were measured on, a sale still brings no less than nothing
            self.slippage[cell as usize] = effect.slippage.min(1.0);
            self.lasting[cell as usize] = effect.lasting;
        }
    }

    /// Step 8: today's sales press on tomorrow's prices.
    pub(super) fn press(&mut self, plan: &Plan<'_>, tile: &mut MarketTile) {
        for symbol in 0..tile.symbols {
            let lasting = &mut self.lasting[symbol * LANES..][..LANES];
            if tile.is_pushed(symbol) || lasting.iter().any(|l| *l != 0.0) {
                tile.push(symbol, plan.fade, lasting);
                lasting.fill(0.0);
            }
        }
    }

    /// Fills one account's sale, pays its debt down, and closes it when nothing is left.
    pub(super) fn fill(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, seller: Seller) {
        let at = seller.at as usize;
        let slot = &mut self.slots[at];
        let (account, lane) = (&plan.accounts[slot.account()], slot.lane());
        let elapsed = plan.elapsed_days[day + 1];
        let own = slot.own_shares().expect("a seller has its own quantities");
        let closes_out = slot.state == State::Liquidating;
        let (mut reduced, mut early) = (0.0, 0.0);
        let (mut gross, mut untaxed, mut slipped, mut held, mut shares_left) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (i, position) in plan.positions[account.positions.clone()].iter().enumerate() {
            let symbol = position.symbol as usize;
            let price = tile.prices(day, symbol)[lane];
            let quantity = &mut self.shares[own + i];
            let sold = self.wanted[seller.wanted as usize + i];
            *quantity -= sold;
            // a close that bears the session's own sales lies below what they were made at
            let started = self.search.price_before(symbol, lane).unwrap_or(price);
            if started != price {
                slot.gain += sold * (started - price);
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
            if self.lanes.counts[lane] {
                self.lanes.note_sale(day, symbol, lane, (sold - ahead) * started, false);
                if ahead > 0.0 {
                    self.lanes.note_sale(day, symbol, lane, ahead * started, true);
                }
            }
        }
        // fees are a share of what the fill brings; slippage is a cost beside them
        let cost = (gross - slipped) * plan.sale_cost[day] - untaxed * plan.duty[day] + slipped;
        slot.held = held;
        slot.sale_cost += cost;
        slot.proceeds += gross;
        slot.early += early;
        slot.reduced += reduced;
        slot.charge(account, elapsed);
        pay(slot, gross - cost);
        // what a recall that was sold for leaves is rounding, of a large sale by its own size
        let dust = DUST_MONEY.max(1e-12 * gross);
        if slot.recall > 0.0 && slot.loan + slot.accrued <= dust {
            (slot.loan, slot.accrued) = (0.0, 0.0);
        }
        let debt = slot.loan + slot.accrued;
        let sides = self.slots[at].sides(account, self.counted_held(plan, at), elapsed);
        let restore = self.lines_of(plan, &self.slots[at], sides).restore_to;
        let slot = &mut self.slots[at];
        let recalled = slot.recall > 0.0;
        let uncalled = slot.recall - (gross - cost);
        slot.recall = if debt > 0.0 && uncalled > dust { uncalled } else { 0.0 };
        if shares_left == 0.0 {
            slot.recall = 0.0;
            self.lanes.loss[day][lane] += close(slot, day) * (1.0 - recourse_of(plan, 0));
        } else if debt <= 0.0 && recalled && !closes_out {
            slot.end_liquidation(day as u16 + 1, State::Closed);
            slot.state = State::Closed;
            slot.closed_on = day as u16 + 1;
        } else if slot.state != State::Liquidating {
            // a reduction: the account goes on
        } else if debt <= 0.0 && restore > 0.0 {
            slot.end_liquidation(day as u16 + 1, State::Closed);
            slot.closed_on = day as u16 + 1;
        } else if restore > 0.0 && sides.0 >= restore * sides.1 - 1e-12 * restore * (sides.1 + gross) {
            // what little a large sale leaves is rounded by its own size
            slot.end_liquidation(day as u16 + 1, State::Normal);
        }
        self.lanes.note_loan(account, slot, day);
    }
}

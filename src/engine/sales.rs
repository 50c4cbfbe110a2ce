//! Makes the forced sales of one session: what each account wants, what the market takes, and what is paid with it.
//!
//! All accounts decide on the same prices, then all sales of a symbol clear together: the order of accounts is irrelevant.

use super::day::{Desk, Seller};
use super::plan::{Plan, Position};
use super::pool::plan::recourse_of;
use super::slot::{Slot, State};
use super::state::{close, pay};
use super::tile::{MarketTile, is_blocked};
use crate::model::impact::Sale;
use crate::model::liquidation::{Order, lots, order::Holding, sale_to_restore};
use crate::model::margin::Lines;
use crate::model::market::LANES;

/// Least turnover of a session that sales are measured against, as a share of the average: a day without a recorded trade
/// would make any sale infinitely large.
const THINNEST_SESSION: f64 = 0.01;

/// What a forced sale of one account aims at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// Everything goes.
    Everything,
    /// Until the maintenance ratio is back here.
    Ratio(f64),
    /// A share of the holdings, of the client's own accord.
    Share(f64),
    /// This share of every holding.
    Each(f64),
    /// The positions at or below their stops, and nothing else.
    Stopped,
}

impl Aim {
    /// Of what this close asks for and what the as-of close asked for the one that goes first; of two alike the larger.
    pub fn or_more(self, due: Aim) -> Aim {
        let rank = |aim: Aim| match aim {
            Aim::Everything => 4,
            Aim::Ratio(_) => 3,
            Aim::Each(_) => 2,
            Aim::Stopped => 1,
            Aim::Share(_) => 0,
        };
        match (self, due) {
            (Aim::Ratio(now), Aim::Ratio(due)) => Aim::Ratio(now.max(due)),
            (Aim::Share(now), Aim::Share(due)) => Aim::Share(now.max(due)),
            _ if rank(due) >= rank(self) => due,
            _ => self,
        }
    }

    /// What a close-out aims at: the ratio the contract restores, or everything.
    pub fn of_liquidation(lines: &Lines) -> Aim {
        if lines.restore_to > 0.0 { Aim::Ratio(lines.restore_to) } else { Aim::Everything }
    }
}

impl Desk {
    /// Step 7, first half: puts one account among the sellers with what it wants to sell on today's prices; not where its aim
    /// is met, or its own cash meets it.
    pub(super) fn want(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, aim: Aim) {
        let paid = match aim {
            Aim::Everything => self.pay_from_cash(plan, day, at, f64::INFINITY),
            Aim::Ratio(target) => self.pay_from_cash(plan, day, at, target),
            Aim::Each(_) => self.pay_from_cash(plan, day, at, plan.adl_upper()),
            Aim::Share(_) | Aim::Stopped => 0.0,
        };
        if self.slots[at].state == State::Closed {
            return;
        }
        let slot = &self.slots[at];
        let (assets, debt) = slot.sides(&plan.accounts[slot.account()], self.counted_held(plan, at), plan.elapsed_days[day + 1]);
        let need = match aim {
            Aim::Each(_) if paid > 0.0 && assets >= plan.adl_upper() * debt => 0.0,
            Aim::Ratio(target) if self.counts_less(plan) || !plan.duty_free.is_empty() => target * debt - assets,
            Aim::Ratio(target) => sale_to_restore(assets, debt, target, plan.sale_cost[day]),
            Aim::Share(share) => share * slot.held,
            Aim::Everything | Aim::Each(_) | Aim::Stopped => f64::INFINITY,
        };
        let mut aim = aim;
        if need <= 0.0 {
            let goes_on = self.slots[at].state != State::Liquidating;
            self.slots[at].end_liquidation(day as u16 + 1, State::Normal);
            if !goes_on || self.stop_of(plan, tile, day, at) != Some(true) {
                return;
            }
            aim = Aim::Stopped;
        }
        let seller = self.look_at_holdings(plan, tile, day, at, aim);
        match aim {
            Aim::Each(share) => self.want_each(plan, day, seller, |p, held| lots::round_up(share * held, held, p.lot)),
            Aim::Stopped => self.want_each(plan, day, seller, |_, _| 0.0),
            Aim::Ratio(_) | Aim::Share(_) | Aim::Everything => self.want_money(plan, tile, day, seller, need),
        }
    }

    /// Whether one of the positions at their stops can be sold today, of an account that goes on and owes money; nothing where none
    /// stands there.
    pub(super) fn stop_of(&self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize) -> Option<bool> {
        let slot = &self.slots[at];
        let stops = plan.controls.as_ref().is_some_and(|rules| rules.stop.position_loss.is_some());
        if !stops || !goes_on(slot) || slot.debt(&plan.accounts[slot.account()], plan.elapsed_days[day + 1]) <= 0.0 {
            return None;
        }
        let lock = plan.scenario.case.exchange.limit_lock;
        let frozen = plan.pool.as_ref().is_some_and(|pool| pool.is_frozen(slot.account(), day));
        let stands = |(i, p): (usize, &Position)| {
            let symbol = p.symbol as usize;
            let held = slot.quantity(&self.shares, i, p.quantity);
            let stopped = held > 0.0 && stands_at_stop(plan, p, tile.prices(day, symbol)[slot.lane()], day);
            stopped.then(|| !frozen && !is_blocked(tile.state(day, symbol, slot.lane()), lock))
        };
        plan.positions_of(slot.account()).iter().enumerate().filter_map(stands).reduce(|a, b| a || b)
    }

    /// Divides a need of money over one account's holdings, and asks for the shares; all that is free where they do not do.
    pub(super) fn offer(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, need: f64) {
        let seller = self.look_at_holdings(plan, tile, day, at, Aim::Everything);
        self.want_money(plan, tile, day, seller, need);
    }

    /// Fills `holdings`, `sale_money` and `free` with what the account holds and may sell today; it may become a seller.
    fn look_at_holdings(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, aim: Aim) -> Seller {
        self.slots[at].separate(plan, &mut self.shares);
        let slot = &self.slots[at];
        let lane = slot.lane();
        let case = &plan.scenario.case;
        let frozen = plan.pool.as_ref().is_some_and(|pool| pool.is_frozen(slot.account(), day));
        self.holdings.clear();
        self.sale_money.clear();
        self.free.clear();
        let counts_less = plan.controls.as_ref().is_some_and(|rules| rules.counts_less);
        let ranks_gains = case.liquidation.order == Order::LosersFirst;
        let staged = case.liquidation.daily_share.filter(|_| slot.state == State::Liquidating);
        for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
            let symbol = position.symbol as usize;
            let held = slot.quantity(&self.shares, i, position.quantity);
            let blocked = frozen || is_blocked(tile.state(day, symbol, lane), case.exchange.limit_lock);
            let free = if blocked { 0.0 } else { held };
            let free = staged.map_or(free, |share| free.min(lots::round_up(share.get() * position.quantity, held, position.lot)));
            let price = tile.prices(day, symbol)[lane];
            // money that sells a holding pays debt, and takes away what the holding counted for
            let relief = match aim {
                Aim::Ratio(target) if counts_less || !plan.duty_free.is_empty() => {
                    let haircut = if counts_less { self.counted.haircut[symbol * LANES + lane] } else { 0.0 };
                    (target * (1.0 - plan.sale_cost_of(day, symbol)) - (1.0 - haircut)).max(0.0)
                }
                _ => 1.0,
            };
            self.holdings.push(Holding {
                symbol: position.symbol,
                sellable_money: free * price,
                turnover_money: plan.average_volume[symbol],
                gain: if ranks_gains { price / position.cost - 1.0 } else { 0.0 },
                relief,
            });
            self.sale_money.push(0.0);
            let stopped = goes_on(slot) && stands_at_stop(plan, position, price, day);
            self.free.push(Free { shares: free, blocked, stopped });
        }
        Seller { key: slot.key(), at: at as u32, wanted: self.wanted.len() as u32 }
    }

    /// Divides the money to raise among the holdings, and rounds it to lots.
    fn want_money(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, seller: Seller, need: f64) {
        let order = plan.scenario.case.liquidation.order;
        let left_over = order.divide(need, &self.holdings, &mut self.sequence, &mut self.sale_money);
        let slot = &self.slots[seller.at as usize];
        let lane = slot.lane();
        for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
            let symbol = position.symbol as usize;
            let held = slot.quantity(&self.shares, i, position.quantity);
            let Free { shares: free, blocked, stopped } = self.free[i];
            let price = tile.prices(day, symbol)[lane];
            let shares = if stopped || left_over > 0.0 || self.sale_money[i] >= self.holdings[i].sellable_money {
                free
            } else {
                lots::round_up(self.sale_money[i] / price, held, position.lot).min(free)
            };
            self.wanted.push(shares);
            self.demand[symbol * LANES + lane] += shares;
            if blocked && held > 0.0 && (stopped || left_over > 0.0) && self.lanes.counts[lane] {
                self.lanes.by_symbol.note_queued(day, symbol, lane);
            }
        }
        self.sellers.push(seller);
    }

    /// Wants of each holding what `shares` says of (position, held), and all of what stands at its stop, as far as it is free; no seller where that is nothing.
    fn want_each(&mut self, plan: &Plan<'_>, day: usize, seller: Seller, shares: impl Fn(&Position, f64) -> f64) {
        let slot = &self.slots[seller.at as usize];
        let lane = slot.lane();
        let mut any = false;
        for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
            let symbol = position.symbol as usize;
            let held = slot.quantity(&self.shares, i, position.quantity);
            let Free { shares: free, blocked, stopped } = self.free[i];
            let wanted = if stopped { held } else { shares(position, held) };
            self.wanted.push(wanted.min(free));
            self.demand[symbol * LANES + lane] += wanted.min(free);
            any |= wanted.min(free) > 0.0;
            if blocked && wanted > 0.0 && self.lanes.counts[lane] {
                self.lanes.by_symbol.note_queued(day, symbol, lane);
            }
        }
        if any {
            self.sellers.push(seller);
        } else {
            self.wanted.truncate(seller.wanted as usize);
        }
    }

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
            self.slippage[cell as usize] = effect.slippage;
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
            if self.lanes.counts[lane] {
                self.lanes.note_sale(day, symbol, lane, sold * started, slot.sells_ahead);
            }
        }
        // fees are a share of what the fill brings; slippage is a cost beside them
        let cost = (gross - slipped) * plan.sale_cost[day] - untaxed * plan.duty[day] + slipped;
        slot.held = held;
        slot.sale_cost += cost;
        slot.proceeds += gross;
        if slot.sells_ahead {
            slot.early += gross;
        }
        slot.charge(account, elapsed);
        pay(slot, gross - cost);
        if slot.state != State::Liquidating && slot.recall <= 0.0 && !slot.sells_ahead {
            slot.reduced += gross;
        }
        let debt = slot.loan + slot.accrued;
        let sides = self.slots[at].sides(account, self.counted_held(plan, at), elapsed);
        let restore = self.lines_of(plan, &self.slots[at], sides).restore_to;
        let slot = &mut self.slots[at];
        let recalled = slot.recall > 0.0;
        let uncalled = slot.recall - (gross - cost);
        // what is left of a recall that was sold for is rounding
        slot.recall = if debt > 0.0 && uncalled > 1e-9 * gross { uncalled } else { 0.0 };
        if shares_left == 0.0 {
            slot.recall = 0.0;
            self.lanes.loss[day][lane] += close(slot, day) * (1.0 - recourse_of(plan, 0));
        } else if debt <= 0.0 && recalled {
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

/// What an account may sell of a holding today.
#[derive(Clone, Copy, Debug)]
pub struct Free {
    shares: f64,
    blocked: bool,
    /// It stands at its stop, of an account that goes on.
    stopped: bool,
}

/// Whether the rules before a close-out act on an account.
fn goes_on(slot: &Slot) -> bool {
    matches!(slot.state, State::Normal | State::Called)
}

/// Whether a position stands at its stop; on the first session also where it stood there at the as-of close, which is past.
fn stands_at_stop(plan: &Plan<'_>, position: &Position, price: f64, day: usize) -> bool {
    let start = if day == 0 { plan.price_start[position.symbol as usize] } else { f64::INFINITY };
    position.stop > 0.0 && price.min(start) <= position.stop
}

//! Says what one account wants to sell at a close: a close-out, or what rules and its client sell of an account that goes on.
//!
//! Of an account that goes on the rules act one after the other, each on what those before it leave: the highest of the ratios to
//! restore, de-leveraging ahead of the line, positions at their stops, what is called back, and last what the client sells of its
//! own accord. Own cash pays before shares are sold. All of it is decided at the close's prices; how much of it is sold, the
//! session's volume says (`volume.rs`).
//!
//! Worked: 100 are called back of an account that is sold down for 60: 40 more are sold; of one sold down for 150, nothing more.

use super::day::{Desk, Seller};
use super::plan::{Plan, Position};
use super::slot::{Slot, State};
use super::tile::{MarketTile, is_blocked};
use crate::model::liquidation::{Order, lots, order::Holding, sale_to_restore};
use crate::model::margin::Lines;
use crate::model::market::LANES;
use crate::model::pool::cash::DUST_MONEY;

/// Two sides of a ratio that differ by less than this part of them are equal: what a sale restores is rounded.
const EQUAL: f64 = 1e-12;

/// What a close asks to sell of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Aim {
    /// Everything goes: a close-out.
    pub everything: bool,
    /// The maintenance ratio to restore; 0 for none.
    pub ratio: f64,
    /// De-leveraging ahead of the line was due at the as-of close, which is past: it sells whatever the ratio is by now.
    pub each_due: bool,
    /// The share of its holdings that the client would have sold at the as-of close.
    pub share_due: f64,
}

impl Aim {
    /// What a close-out aims at: the ratio the contract restores, or everything.
    pub fn of_liquidation(lines: &Lines) -> Aim {
        Aim { everything: lines.restore_to <= 0.0, ratio: lines.restore_to, ..Aim::default() }
    }

    /// What is asked for with what the as-of close asked for and this close has to do: the higher of two ratios; de-leveraging where
    /// no ratio was asked for.
    pub fn with_due(self, due: Aim) -> Aim {
        Aim { ratio: self.ratio.max(due.ratio), each_due: due.each_due && self.ratio <= 0.0, share_due: due.share_due, ..self }
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

/// Of the shares wanted of a holding, those that a reduction wants, and those that the platform wants in all; the rest is the client's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    pub reduction: f64,
    pub platform: f64,
}

/// Whether the rules before a close-out act on an account.
pub(super) fn goes_on(slot: &Slot) -> bool {
    matches!(slot.state, State::Normal | State::Called)
}

/// Whether a position stands at its stop; on the first session also where it stood there at the as-of close, which is past.
fn stands_at_stop(plan: &Plan<'_>, position: &Position, price: f64, day: usize) -> bool {
    let start = if day == 0 { plan.price_start[position.symbol as usize] } else { f64::INFINITY };
    position.stop > 0.0 && price.min(start) <= position.stop
}

impl Desk {
    /// Step 7, first half: puts one account among the sellers with what it wants to sell on today's prices; not where nothing is to be
    /// sold, or its own cash does.
    pub(super) fn want(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, aim: Aim) {
        if self.slots[at].state == State::Liquidating {
            self.close_out(plan, tile, day, at, aim);
        } else {
            self.lessen(plan, tile, day, at, aim);
        }
    }

    /// A close-out: everything, or until the ratio is restored.
    fn close_out(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, aim: Aim) {
        self.pay_from_cash(plan, day, at, if aim.everything { f64::INFINITY } else { aim.ratio });
        if self.slots[at].state == State::Closed {
            return;
        }
        let need = if aim.everything { f64::INFINITY } else { self.need_to(plan, day, at, aim.ratio) };
        if need <= 0.0 {
            return self.slots[at].end_liquidation(day as u16 + 1, State::Normal);
        }
        let seller = self.look_at_holdings(plan, tile, day, at);
        self.weigh_relief(plan, day, at, aim.ratio);
        self.want_money(plan, day, seller, need);
        self.sellers.push(seller);
    }

    /// What rules and the client sell of an account that goes on.
    fn lessen(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize, aim: Aim) {
        let mut seller = self.look_at_holdings(plan, tile, day, at);
        self.restore_ratio(plan, day, seller, aim.ratio);
        self.sell_each(plan, day, seller, aim.each_due);
        self.sell_stopped(plan, day, seller);
        let reduced = self.wants(seller);
        let splits = self.slots[at].recall > 0.0 || plan.accounts[self.slots[at].account()].ahead.is_some();
        if splits {
            seller.parts = Some(self.parts.len() as u32);
            self.parts.extend(self.wanted[seller.wanted as usize..].iter().map(|w| Parts { reduction: *w, platform: *w }));
            self.sell_recalled(plan, day, seller);
            let first = self.parts.len() - (self.wanted.len() - seller.wanted as usize);
            for (parts, wanted) in self.parts[first..].iter_mut().zip(&self.wanted[seller.wanted as usize..]) {
                parts.platform = *wanted;
            }
            let platform = reduced || self.wants(seller);
            self.sell_ahead(plan, day, seller, if platform { 0.0 } else { aim.share_due });
        }
        // an account that owes money and holds nothing is closed by its sale
        let slot = &self.slots[at];
        let empty = goes_on(slot) && slot.loan + slot.accrued > 0.0 && self.held_shares.iter().all(|held| *held == 0.0);
        if self.wants(seller) || empty {
            self.sellers.push(seller);
        } else {
            // sales that find no shares to sell leave no trace
            self.wanted.truncate(seller.wanted as usize);
            self.parts.truncate(seller.parts.map_or(self.parts.len(), |first| first as usize));
        }
    }

    /// Whether an account wants to sell anything.
    fn wants(&self, seller: Seller) -> bool {
        self.wanted[seller.wanted as usize..].iter().any(|shares| *shares > 0.0)
    }

    /// Sells down to a ratio, once cash has paid.
    fn restore_ratio(&mut self, plan: &Plan<'_>, day: usize, seller: Seller, ratio: f64) {
        let at = seller.at as usize;
        if ratio <= 0.0 {
            return;
        }
        self.pay_from_cash(plan, day, at, ratio);
        let need = if goes_on(&self.slots[at]) { self.need_to(plan, day, at, ratio) } else { 0.0 };
        if need > 0.0 {
            self.weigh_relief(plan, day, at, ratio);
            self.want_money(plan, day, seller, need);
        }
    }

    /// De-leveraging ahead of the line: the same share of what is left of every holding, where the account stands between the rule's
    /// ratios once the sale before is made and cash has paid.
    fn sell_each(&mut self, plan: &Plan<'_>, day: usize, seller: Seller, due: bool) {
        let Some(adl) = plan.controls.as_ref().and_then(|rules| rules.adl.as_ref()) else { return };
        let (at, upper) = (seller.at as usize, adl.upper.get() * (1.0 - EQUAL));
        let below = |(assets, debt): (f64, f64)| debt > 0.0 && assets < upper * debt;
        let before = self.sides_after(plan, day, seller);
        if !goes_on(&self.slots[at]) || before.1 <= 0.0 || !(due || below(before) && adl.acts(before.0, before.1)) {
            return;
        }
        if below(before) {
            self.pay_from_cash(plan, day, at, adl.upper.get());
            if !goes_on(&self.slots[at]) || !below(self.sides_after(plan, day, seller)) {
                return;
            }
        }
        for (i, position) in plan.positions_of(self.slots[at].account()).iter().enumerate() {
            let place = seller.wanted as usize + i;
            let held = self.held_shares[i] - self.wanted[place];
            let shares = lots::round_up(adl.share.get() * held, held, position.lot);
            self.want_more(day, seller, i, position, shares);
        }
    }

    /// All that is left of the positions at their stops, of an account that owes money.
    fn sell_stopped(&mut self, plan: &Plan<'_>, day: usize, seller: Seller) {
        let slot = &self.slots[seller.at as usize];
        if !goes_on(slot) || slot.debt(&plan.accounts[slot.account()], plan.elapsed_days[day + 1]) <= 0.0 {
            return;
        }
        for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
            if self.free[i].stopped {
                let left = self.held_shares[i] - self.wanted[seller.wanted as usize + i];
                self.want_more(day, seller, i, position, left);
            }
        }
    }

    /// What the pool has called back and the sales before do not pay: from cash at once, then from shares.
    fn sell_recalled(&mut self, plan: &Plan<'_>, day: usize, seller: Seller) {
        let at = seller.at as usize;
        let elapsed = plan.elapsed_days[day + 1];
        let asked = |slot: &Slot| slot.recall.min(slot.debt(&plan.accounts[slot.account()], elapsed));
        let slot = &self.slots[at];
        if slot.recall <= 0.0 || !goes_on(slot) {
            return;
        }
        let lane = slot.lane();
        let asked_now = asked(slot);
        self.pool.paid_at_once[lane] += self.pay_cash(plan, day, at, asked_now);
        let slot = &self.slots[at];
        if slot.recall <= 0.0 || !goes_on(slot) {
            return;
        }
        let asked = asked(slot);
        let need = asked - self.proceeds(plan, day, seller);
        if need > DUST_MONEY.max(EQUAL * asked) {
            // what a holding brings is what its own costs leave
            let positions = plan.positions_of(self.slots[at].account());
            for (holding, position) in self.holdings.iter_mut().zip(positions) {
                holding.relief = 1.0 - plan.sale_cost_of(day, position.symbol as usize);
            }
            self.want_money(plan, day, seller, need);
        }
    }

    /// What the client sells ahead of its line: as far as the line is near where the platform's sales leave the account.
    fn sell_ahead(&mut self, plan: &Plan<'_>, day: usize, seller: Seller, due: f64) {
        let slot = &self.slots[seller.at as usize];
        let account = &plan.accounts[slot.account()];
        let sides = self.sides_after(plan, day, seller);
        let Some((rule, volatility)) = account.ahead.filter(|_| goes_on(slot) && sides.1 > 0.0) else { return };
        let near = self.lines_of(plan, slot, sides).nearest();
        let share = rule.share(sides.0 / sides.1, near, volatility).max(due);
        if share > 0.0 {
            let own = &self.wanted[seller.wanted as usize..];
            let left =
                self.prices.iter().zip(&self.held_shares).zip(own).fold(0.0, |sum, ((price, held), wanted)| sum + (held - wanted) * price);
            self.holdings.iter_mut().for_each(|holding| holding.relief = 1.0);
            self.want_money(plan, day, seller, share * left);
        }
    }

    /// Assets and debt as the lines see them once what is wanted so far is sold at the close.
    fn sides_after(&self, plan: &Plan<'_>, day: usize, seller: Seller) -> (f64, f64) {
        let slot = &self.slots[seller.at as usize];
        let (account, elapsed) = (&plan.accounts[slot.account()], plan.elapsed_days[day + 1]);
        let (assets, debt) = slot.sides(account, self.counted_held(plan, seller.at as usize), elapsed);
        let own = &self.wanted[seller.wanted as usize..];
        let counted = self.prices.iter().zip(&self.haircuts).zip(own).fold(0.0, |sum, ((p, h), wanted)| sum + wanted * (p * (1.0 - h)));
        let proceeds = self.proceeds(plan, day, seller);
        if account.lines.nets_cash {
            return (assets - counted, debt - proceeds);
        }
        let paid = proceeds.min(debt);
        (assets - counted + (proceeds - paid), debt - paid)
    }

    /// What is left of the proceeds of what is wanted so far, sold at the close, once its costs are paid.
    fn proceeds(&self, plan: &Plan<'_>, day: usize, seller: Seller) -> f64 {
        let positions = plan.positions_of(self.slots[seller.at as usize].account());
        let own = &self.wanted[seller.wanted as usize..];
        let net = |(p, (price, wanted)): (&Position, (&f64, &f64))| wanted * price * (1.0 - plan.sale_cost_of(day, p.symbol as usize));
        positions.iter().zip(self.prices.iter().zip(own)).map(net).fold(0.0, |sum, money| sum + money)
    }

    /// What must be met to bring an account to a ratio: money to sell, or where holdings count for less than their price, what counts.
    fn need_to(&self, plan: &Plan<'_>, day: usize, at: usize, ratio: f64) -> f64 {
        let slot = &self.slots[at];
        let (assets, debt) = slot.sides(&plan.accounts[slot.account()], self.counted_held(plan, at), plan.elapsed_days[day + 1]);
        if self.weighs_holdings(plan) { ratio * debt - assets } else { sale_to_restore(assets, debt, ratio, plan.sale_cost[day]) }
    }

    /// Whether a position stands at its stop, of an account that goes on and owes money.
    pub(super) fn meets_stop(&self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize) -> bool {
        let slot = &self.slots[at];
        let stops = plan.controls.as_ref().is_some_and(|rules| rules.stop.position_loss.is_some());
        if !stops || !goes_on(slot) || slot.debt(&plan.accounts[slot.account()], plan.elapsed_days[day + 1]) <= 0.0 {
            return false;
        }
        let price = |p: &Position| tile.prices(day, p.symbol as usize)[slot.lane()];
        let mut positions = plan.positions_of(slot.account()).iter().enumerate();
        positions.any(|(i, p)| slot.quantity(&self.shares, i, p.quantity) > 0.0 && stands_at_stop(plan, p, price(p), day))
    }

    /// Fills `holdings`, `free` and their like with what the account holds and may sell today, of which it wants nothing yet.
    fn look_at_holdings(&mut self, plan: &Plan<'_>, tile: &MarketTile, day: usize, at: usize) -> Seller {
        self.slots[at].separate(plan, &mut self.shares);
        let slot = &self.slots[at];
        let lane = slot.lane();
        let case = &plan.scenario.case;
        let frozen = plan.pool.as_ref().is_some_and(|pool| pool.is_frozen(slot.account(), day));
        let seller = Seller { at: at as u32, wanted: self.wanted.len() as u32, parts: None };
        [&mut self.sale_money, &mut self.held_shares, &mut self.prices, &mut self.haircuts].into_iter().for_each(Vec::clear);
        self.holdings.clear();
        self.free.clear();
        let counts_less = self.counts_less(plan);
        let ranks_gains = case.liquidation.order == Order::LosersFirst;
        let staged = case.liquidation.daily_share.filter(|_| slot.state == State::Liquidating);
        for (i, position) in plan.positions_of(slot.account()).iter().enumerate() {
            let symbol = position.symbol as usize;
            let held = slot.quantity(&self.shares, i, position.quantity);
            let blocked = frozen || is_blocked(tile.state(day, symbol, lane), case.exchange.limit_lock);
            let free = if blocked { 0.0 } else { held };
            let free = staged.map_or(free, |share| free.min(lots::round_up(share.get() * position.quantity, held, position.lot)));
            let price = tile.prices(day, symbol)[lane];
            self.holdings.push(Holding {
                symbol: position.symbol,
                held_money: held * price,
                sellable_money: free * price,
                turnover_money: plan.average_volume[symbol],
                gain: if ranks_gains { price / position.cost - 1.0 } else { 0.0 },
                relief: 1.0,
            });
            self.sale_money.push(0.0);
            self.held_shares.push(held);
            self.prices.push(price);
            self.haircuts.push(if counts_less { self.counted.haircut[symbol * LANES + lane] } else { 0.0 });
            self.wanted.push(0.0);
            let stopped = goes_on(slot) && stands_at_stop(plan, position, price, day);
            self.free.push(Free { shares: free, blocked, stopped });
        }
        seller
    }

    /// Whether the same money of two holdings does not do the same for a ratio: they count for less than their price, or some pay no duty.
    fn weighs_holdings(&self, plan: &Plan<'_>) -> bool {
        self.counts_less(plan) || !plan.duty_free.is_empty()
    }

    /// Of a sale to a ratio: money that sells a holding pays debt, and takes away what the holding counted for.
    fn weigh_relief(&mut self, plan: &Plan<'_>, day: usize, at: usize, ratio: f64) {
        if ratio <= 0.0 || !self.weighs_holdings(plan) {
            return;
        }
        let positions = plan.positions_of(self.slots[at].account());
        for ((holding, haircut), position) in self.holdings.iter_mut().zip(&self.haircuts).zip(positions) {
            let cost = plan.sale_cost_of(day, position.symbol as usize);
            holding.relief = ratio * (1.0 - cost) - (1.0 - haircut);
        }
    }

    /// Divides the money to raise among what is left of the holdings, and rounds it to lots.
    fn want_money(&mut self, plan: &Plan<'_>, day: usize, seller: Seller, need: f64) {
        let own = seller.wanted as usize;
        for (i, holding) in self.holdings.iter_mut().enumerate() {
            // what the rules before leave of it, also where the largest goes first
            holding.held_money = (self.held_shares[i] - self.wanted[own + i]) * self.prices[i];
            holding.sellable_money = (self.free[i].shares - self.wanted[own + i]).max(0.0) * self.prices[i];
        }
        let order = plan.scenario.case.liquidation.order;
        let left_over = order.divide(need, &self.holdings, &mut self.sequence, &mut self.sale_money);
        for (i, position) in plan.positions_of(self.slots[seller.at as usize].account()).iter().enumerate() {
            let left = self.held_shares[i] - self.wanted[own + i];
            let whole = self.sale_money[i] >= self.holdings[i].sellable_money;
            let shares = if left_over > 0.0 || whole && !self.free[i].blocked {
                left
            } else if whole {
                0.0
            } else {
                lots::round_up(self.sale_money[i] / self.prices[i], left, position.lot)
            };
            self.want_more(day, seller, i, position, shares);
        }
    }

    /// Wants more shares of a holding, as far as they are free; those that are blocked wait.
    fn want_more(&mut self, day: usize, seller: Seller, i: usize, position: &Position, shares: f64) {
        let lane = self.slots[seller.at as usize].lane();
        let symbol = position.symbol as usize;
        let wanted = &mut self.wanted[seller.wanted as usize + i];
        let (free, before) = (self.free[i].shares, *wanted);
        let more = shares.min(free - before).max(0.0);
        // all that is free is exactly that, and leaves nothing
        *wanted = if more >= free - before { before.max(free) } else { before + more };
        self.demand[symbol * LANES + lane] += more;
        if self.free[i].blocked && shares > 0.0 && self.lanes.counts[lane] {
            self.lanes.by_symbol.note_queued(day, symbol, lane);
        }
    }
}

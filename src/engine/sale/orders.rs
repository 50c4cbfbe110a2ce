//! Says what one account wants to sell at a close: a close-out, or what rules and its client sell of an account that goes on.
//!
//! Of an account that goes on the rules act one after the other, each on what those before it leave: the highest of the ratios to
//! restore, de-leveraging ahead of the line, positions at their stops, what is called back, and last what the client sells of its
//! own accord. Own cash pays before shares are sold. All of it is decided at the close's prices; how much of it is sold, the
//! session's volume says (`volume.rs`).
//!
//! Worked: 100 are called back of an account that is sold down for 60: 40 more are sold; of one sold down for 150, nothing more.

use super::book::{Free, Parts, SaleBook, Seller};
use crate::engine::account::accounts::Accounts;
use crate::engine::account::assess::stands_at_stop;
use crate::engine::account::close::Close;
use crate::engine::market::tile::is_blocked;
use crate::engine::plan::account::Position;
use crate::engine::plan::active::{ActiveAccount, State};
use crate::engine::plan::opening::SaleTarget;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::lanes::LaneSums;
use crate::model::liquidation::{Order, lots, order::Holding, sale_to_restore};
use crate::model::market::LANES;
use crate::model::pool::cash::DUST_MONEY;

/// Two sides of a ratio that differ by less than this part of them are equal: what a sale restores is rounded.
const EQUAL: f64 = 1e-12;

impl SaleBook {
    /// Step 7, first half: puts one account among the sellers with what it wants to sell on today's prices; not where nothing is to be
    /// sold, or its own cash does.
    pub fn want(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, at: usize, target: SaleTarget) {
        if accounts.active[at].state == State::Liquidating {
            self.close_out(close, accounts, lanes, at, target);
        } else {
            self.lessen(close, accounts, lanes, at, target);
        }
    }

    /// A close-out: everything, or until the ratio is restored.
    fn close_out(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, at: usize, target: SaleTarget) {
        accounts.pay_from_cash(close, lanes, at, if target.everything { f64::INFINITY } else { target.ratio });
        if accounts.active[at].state == State::Closed {
            return;
        }
        let need = if target.everything { f64::INFINITY } else { self.need_to(close, accounts, at, target.ratio) };
        if need <= 0.0 {
            return accounts.active[at].end_liquidation(close.session(), State::Normal);
        }
        let seller = self.look_at_holdings(close, accounts, at);
        self.weigh_relief(close, seller, target.ratio);
        self.want_money(close, lanes, seller, need);
        self.sellers.push(seller);
    }

    /// What rules and the client sell of an account that goes on.
    fn lessen(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, at: usize, target: SaleTarget) {
        let plan = close.plan;
        let mut seller = self.look_at_holdings(close, accounts, at);
        self.restore_ratio(close, accounts, lanes, seller, target.ratio);
        self.sell_each(close, accounts, lanes, seller, target.each_due);
        self.sell_stopped(close, accounts, lanes, seller);
        let reduced = self.wants(seller);
        let splits = accounts.active[at].recall > 0.0 || plan.accounts[accounts.active[at].account()].ahead.is_some();
        if splits {
            seller.parts = Some(self.parts.len() as u32);
            self.parts.extend(self.wanted[seller.wanted as usize..].iter().map(|w| Parts { reduction: *w, platform: *w }));
            self.sell_recalled(close, accounts, lanes, seller);
            let first = self.parts.len() - (self.wanted.len() - seller.wanted as usize);
            for (parts, wanted) in self.parts[first..].iter_mut().zip(&self.wanted[seller.wanted as usize..]) {
                parts.platform = *wanted;
            }
            let platform = reduced || self.wants(seller);
            self.sell_ahead(close, accounts, lanes, seller, if platform { 0.0 } else { target.share_due });
        }
        // an account that owes money and holds nothing is closed by its sale
        let active = &accounts.active[at];
        let empty = active.goes_on() && active.loan + active.accrued > 0.0 && self.held_shares.iter().all(|held| *held == 0.0);
        if self.wants(seller) || empty {
            self.sellers.push(seller);
        } else {
            // sales that find no shares to sell leave no trace
            self.wanted.truncate(seller.wanted as usize);
            self.parts.truncate(seller.parts.map_or(self.parts.len(), |first| first as usize));
        }
    }

    /// Sells down to a ratio, once cash has paid.
    fn restore_ratio(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, seller: Seller, ratio: f64) {
        let at = seller.at as usize;
        if ratio <= 0.0 {
            return;
        }
        accounts.pay_from_cash(close, lanes, at, ratio);
        let need = if accounts.active[at].goes_on() { self.need_to(close, accounts, at, ratio) } else { 0.0 };
        if need > 0.0 {
            self.weigh_relief(close, seller, ratio);
            self.want_money(close, lanes, seller, need);
        }
    }

    /// De-leveraging ahead of the line: the same share of what is left of every holding, where the account stands between the rule's
    /// ratios once the sale before is made and cash has paid.
    fn sell_each(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, seller: Seller, due: bool) {
        let Close { plan, day, .. } = *close;
        let Some(adl) = plan.controls.as_ref().and_then(|rules| rules.adl.as_ref()) else { return };
        let (at, upper) = (seller.at as usize, adl.upper.get() * (1.0 - EQUAL));
        let below = |(assets, debt): (f64, f64)| debt > 0.0 && assets < upper * debt;
        let before = self.sides_after(close, accounts, seller);
        if !accounts.active[at].goes_on() || before.1 <= 0.0 || !(due || below(before) && adl.acts(before.0, before.1)) {
            return;
        }
        if below(before) {
            accounts.pay_from_cash(close, lanes, at, adl.upper.get());
            if !accounts.active[at].goes_on() || !below(self.sides_after(close, accounts, seller)) {
                return;
            }
        }
        for (i, position) in plan.positions_of(accounts.active[at].account()).iter().enumerate() {
            let place = seller.wanted as usize + i;
            let held = self.held_shares[i] - self.wanted[place];
            let shares = lots::round_up(adl.share.get() * held, held, position.lot);
            self.want_more(day, lanes, seller, i, position, shares);
        }
    }

    /// All that is left of the positions at their stops, of an account that owes money.
    fn sell_stopped(&mut self, close: &Close<'_>, accounts: &Accounts, lanes: &mut LaneSums, seller: Seller) {
        let Close { plan, day, .. } = *close;
        let active = &accounts.active[seller.at as usize];
        if !active.goes_on() || active.debt(&plan.accounts[active.account()], close.elapsed()) <= 0.0 {
            return;
        }
        for (i, position) in plan.positions_of(active.account()).iter().enumerate() {
            if self.free[i].stopped {
                let left = self.held_shares[i] - self.wanted[seller.wanted as usize + i];
                self.want_more(day, lanes, seller, i, position, left);
            }
        }
    }

    /// What the pool has called back and the sales before do not pay: from cash at once, then from shares.
    fn sell_recalled(&mut self, close: &Close<'_>, accounts: &mut Accounts, lanes: &mut LaneSums, seller: Seller) {
        let Close { plan, day, .. } = *close;
        let at = seller.at as usize;
        let elapsed = close.elapsed();
        let asked = |active: &ActiveAccount| active.recall.min(active.debt(&plan.accounts[active.account()], elapsed));
        let active = &accounts.active[at];
        if active.recall <= 0.0 || !active.goes_on() {
            return;
        }
        let lane = active.lane();
        let asked_now = asked(active);
        self.paid_on_recall[lane] += accounts.pay_cash(close, lanes, at, asked_now);
        let active = &accounts.active[at];
        if active.recall <= 0.0 || !active.goes_on() {
            return;
        }
        let asked = asked(active);
        let need = asked - self.proceeds(plan, day, seller);
        if need > DUST_MONEY.max(EQUAL * asked) {
            // what a holding brings is what its own costs leave
            let positions = plan.positions_of(accounts.active[at].account());
            for (holding, position) in self.holdings.iter_mut().zip(positions) {
                holding.relief = 1.0 - plan.sale_cost_of(day, position.symbol as usize);
            }
            self.want_money(close, lanes, seller, need);
        }
    }

    /// What the client sells ahead of its line: as far as the line is near where the platform's sales leave the account.
    fn sell_ahead(&mut self, close: &Close<'_>, accounts: &Accounts, lanes: &mut LaneSums, seller: Seller, due: f64) {
        let plan = close.plan;
        let active = &accounts.active[seller.at as usize];
        let account = &plan.accounts[active.account()];
        let sides = self.sides_after(close, accounts, seller);
        let Some((rule, volatility)) = account.ahead.filter(|_| active.goes_on() && sides.1 > 0.0) else { return };
        let near = close.lines_of(active, sides).nearest();
        let share = rule.share(sides.0 / sides.1, near, volatility).max(due);
        if share > 0.0 {
            let own = &self.wanted[seller.wanted as usize..];
            let left =
                self.prices.iter().zip(&self.held_shares).zip(own).fold(0.0, |sum, ((price, held), wanted)| sum + (held - wanted) * price);
            self.holdings.iter_mut().for_each(|holding| holding.relief = 1.0);
            self.want_money(close, lanes, seller, share * left);
        }
    }

    /// Assets and debt as the lines see them once what is wanted so far is sold at the close.
    fn sides_after(&self, close: &Close<'_>, accounts: &Accounts, seller: Seller) -> (f64, f64) {
        let active = &accounts.active[seller.at as usize];
        let (assets, debt) = close.sides(active, &accounts.shares, active.held);
        let own = &self.wanted[seller.wanted as usize..];
        let counted = self.prices.iter().zip(&self.haircuts).zip(own).fold(0.0, |sum, ((p, h), wanted)| sum + wanted * (p * (1.0 - h)));
        let proceeds = self.proceeds(close.plan, close.day, seller);
        if close.plan.accounts[active.account()].lines.nets_cash {
            return (assets - counted, debt - proceeds);
        }
        let paid = proceeds.min(debt);
        (assets - counted + (proceeds - paid), debt - paid)
    }

    /// What is left of the proceeds of what is wanted so far, sold at the close, once its costs are paid.
    fn proceeds(&self, plan: &Plan<'_>, day: usize, seller: Seller) -> f64 {
        let positions = plan.positions_of(seller.account as usize);
        let own = &self.wanted[seller.wanted as usize..];
        let net = |(p, (price, wanted)): (&Position, (&f64, &f64))| wanted * price * (1.0 - plan.sale_cost_of(day, p.symbol as usize));
        positions.iter().zip(self.prices.iter().zip(own)).map(net).fold(0.0, |sum, money| sum + money)
    }

    /// What must be met to bring an account to a ratio: money to sell, or where holdings count for less than their price, what counts.
    fn need_to(&self, close: &Close<'_>, accounts: &Accounts, at: usize, ratio: f64) -> f64 {
        let active = &accounts.active[at];
        let (assets, debt) = close.sides(active, &accounts.shares, active.held);
        let plan = close.plan;
        if weighs_holdings(plan) { ratio * debt - assets } else { sale_to_restore(assets, debt, ratio, plan.sale_cost[close.day]) }
    }

    /// Fills `holdings`, `free` and their like with what the account holds and may sell today, of which it wants nothing yet.
    fn look_at_holdings(&mut self, close: &Close<'_>, accounts: &mut Accounts, at: usize) -> Seller {
        let Close { plan, tile, day, now } = *close;
        accounts.separate(plan, at);
        let active = &accounts.active[at];
        let lane = active.lane();
        let frozen = plan.pool.as_ref().is_some_and(|pool| pool.is_frozen(active.account(), day));
        let (at, account, wanted) = (at as u32, active.account() as u32, self.wanted.len() as u32);
        let seller = Seller { at, account, lane: lane as u32, wanted, parts: None };
        [&mut self.sale_money, &mut self.held_shares, &mut self.prices, &mut self.haircuts].into_iter().for_each(Vec::clear);
        self.holdings.clear();
        self.free.clear();
        let counts_less = plan.counts_less();
        let ranks_gains = plan.liquidation.order == Order::LosersFirst;
        let staged = plan.liquidation.daily_share.filter(|_| active.state == State::Liquidating);
        for (i, position) in plan.positions_of(active.account()).iter().enumerate() {
            let symbol = position.symbol as usize;
            let held = active.quantity(&accounts.shares, i, position.quantity);
            let blocked = frozen || is_blocked(tile.state(day, symbol, lane), plan.exchange.limit_lock);
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
            self.haircuts.push(if counts_less { now.collateral.haircut[symbol * LANES + lane] } else { 0.0 });
            self.wanted.push(0.0);
            let stopped = active.goes_on() && stands_at_stop(plan, position, price, day);
            self.free.push(Free { shares: free, blocked, stopped });
        }
        seller
    }

    /// Of a sale to a ratio: money that sells a holding pays debt, and takes away what the holding counted for.
    fn weigh_relief(&mut self, close: &Close<'_>, seller: Seller, ratio: f64) {
        let Close { plan, day, .. } = *close;
        if ratio <= 0.0 || !weighs_holdings(plan) {
            return;
        }
        let positions = plan.positions_of(seller.account as usize);
        for ((holding, haircut), position) in self.holdings.iter_mut().zip(&self.haircuts).zip(positions) {
            let cost = plan.sale_cost_of(day, position.symbol as usize);
            holding.relief = ratio * (1.0 - cost) - (1.0 - haircut);
        }
    }

    /// Divides the money to raise among what is left of the holdings, and rounds it to lots.
    fn want_money(&mut self, close: &Close<'_>, lanes: &mut LaneSums, seller: Seller, need: f64) {
        let Close { plan, day, .. } = *close;
        let own = seller.wanted as usize;
        for (i, holding) in self.holdings.iter_mut().enumerate() {
            // what the rules before leave of it, also where the largest goes first
            holding.held_money = (self.held_shares[i] - self.wanted[own + i]) * self.prices[i];
            holding.sellable_money = (self.free[i].shares - self.wanted[own + i]).max(0.0) * self.prices[i];
        }
        let order = plan.liquidation.order;
        let left_over = order.divide(need, &self.holdings, &mut self.sequence, &mut self.sale_money);
        for (i, position) in plan.positions_of(seller.account as usize).iter().enumerate() {
            let left = self.held_shares[i] - self.wanted[own + i];
            let whole = self.sale_money[i] >= self.holdings[i].sellable_money;
            let shares = if left_over > 0.0 || whole && !self.free[i].blocked {
                left
            } else if whole {
                0.0
            } else {
                lots::round_up(self.sale_money[i] / self.prices[i], left, position.lot)
            };
            self.want_more(day, lanes, seller, i, position, shares);
        }
    }

    /// Wants more shares of a holding, as far as they are free; those that are blocked wait.
    fn want_more(&mut self, day: usize, lanes: &mut LaneSums, seller: Seller, i: usize, position: &Position, shares: f64) {
        let lane = seller.lane as usize;
        let symbol = position.symbol as usize;
        let wanted = &mut self.wanted[seller.wanted as usize + i];
        let (free, before) = (self.free[i].shares, *wanted);
        let more = shares.min(free - before).max(0.0);
        // all that is free is exactly that, and leaves nothing
        *wanted = if more >= free - before { before.max(free) } else { before + more };
        self.demand[symbol * LANES + lane] += more;
        if self.free[i].blocked && shares > 0.0 && lanes.counts[lane] {
            lanes.by_symbol.note_queued(day, symbol, lane);
        }
    }
}

/// Whether the same money of two holdings does not do the same for a ratio: they count for less than their price, or some pay no duty.
fn weighs_holdings(plan: &Plan<'_>) -> bool {
    plan.counts_less() || !plan.duty_free.is_empty()
}

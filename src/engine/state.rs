//! Moves one account on one path through its margin states, and pays its debt down.

use super::controls::{ControlRules, LaneControls};
use super::outcome::NEVER;
use super::plan::Account;
use super::slot::{Slot, State, event};
use crate::model::client::{Mood, withdrawal::Withdrawal};
use crate::model::margin::Lines;

/// One account on one path at this close, as the rules look at it.
pub struct Look<'a> {
    pub account: &'a Account,
    /// The lines in force.
    pub lines: &'a Lines,
    /// The ratio that a client's payment restores.
    pub restored: f64,
    /// The session whose close this is, from 1; 0 for the as-of close.
    pub session: u16,
    pub path: u64,
    /// What counts for the ratio, and what is owed.
    pub assets: f64,
    pub debt: f64,
    /// The market's stress, 0 to 1: clients called in a storm pay less often.
    pub stress: f64,
}

/// Step 6, first: an account that goes on is warned and limited below its lines, whatever else this close makes of it.
pub fn note_lines(slot: &mut Slot, look: &Look<'_>) {
    let Look { lines, assets, debt, .. } = *look;
    if debt <= 0.0 || slot.state == State::Liquidating {
        return;
    }
    if assets < lines.warning * debt {
        slot.events |= event::WARNED;
        first(&mut slot.first_warning, look.session);
    }
    if assets < lines.limit * debt {
        slot.events |= event::LIMITED;
    }
}

/// Step 6: the margin state machine of one account on one path, at this close.
pub fn move_state(slot: &mut Slot, look: &Look<'_>) {
    let Look { account, lines, restored, session, path, assets, debt, stress } = *look;
    if debt <= 0.0 && slot.state == State::Called {
        // sales have repaid what the call was for
        return cure(slot, session);
    }
    if debt <= 0.0 || slot.state == State::Liquidating {
        return;
    }
    if lines.liquidation > 0.0 && assets <= lines.liquidation * debt {
        return liquidate(slot, session, account);
    }
    if slot.state == State::Normal && assets < lines.call * debt {
        slot.state = State::Called;
        slot.events |= event::CALLED;
        if slot.first_call == NEVER {
            slot.call_amount = lines.deposit_to(lines.call, assets, debt);
        }
        first(&mut slot.first_call, session);
        slot.deadline = session + lines.cure_days as u16;
        // at market prices, whatever the lines take off; what was paid in or taken out is neither gain nor loss
        let cash = if lines.nets_cash { 0.0 } else { slot.cash };
        let own_capital = slot.held + cash - debt - slot.paid_in + slot.withdrawn;
        let mood = Mood { stress, drawdown: account.drawdown(own_capital) };
        // what is paid on the as-of date stands in the book already
        let pays = account.answers.pays(path, u32::from(slot.calls), mood);
        slot.pay_day = if pays { (session + account.payment_days as u16).max(1) } else { 0 };
        slot.calls += 1;
    }
    if slot.state != State::Called {
        return;
    }
    let mut cured = assets >= lines.cured_at * debt;
    // a call that prices cure asks for nothing more
    if !cured && slot.pay_day == session && session > 0 {
        let share = account.answers.payment_share(path, u32::from(slot.calls) - 1);
        let paid = share * lines.deposit_to(restored, assets, debt).max(0.0);
        slot.cash += paid;
        slot.paid_in += paid;
        // a whole payment cures by definition, whatever the last bit of the sum says
        cured = share >= 1.0 || paid >= lines.deposit_to(lines.cured_at, assets, debt);
    }
    if cured {
        cure(slot, session);
    } else if session >= slot.deadline {
        liquidate(slot, session, account);
    }
}

/// A stop on drawdown, looked at before calls: own capital, but for what was paid in or taken out, too far below its best starts a
/// liquidation, and the best starts anew; not at a close that liquidates by the line.
pub fn stop_drawdown(slot: &mut Slot, look: &Look<'_>, own_capital: f64, drawdown: f64) {
    let earned = own_capital - slot.paid_in + slot.withdrawn;
    slot.best = slot.best.max(earned);
    let going_on = matches!(slot.state, State::Normal | State::Called);
    let by_line = look.lines.liquidation > 0.0 && look.assets <= look.lines.liquidation * look.debt;
    if going_on && !by_line && look.debt > 0.0 && earned <= (1.0 - drawdown) * slot.best {
        slot.best = earned;
        liquidate(slot, look.session, look.account);
    }
}

/// Step 7, before any close-out: the ratio that the platform's rules sell an account down to that goes on; 0 where they leave it.
///
/// The limit line leaves a called account to its client; trigger and template do not wait for the client. Of several ratios to
/// restore the highest counts.
pub fn reduction(slot: &Slot, look: &Look<'_>, controls: Option<(&ControlRules, &LaneControls)>) -> f64 {
    let Look { lines, assets, debt, .. } = *look;
    if debt <= 0.0 {
        return 0.0;
    }
    let limited = lines.reduce_to > 0.0 && slot.state == State::Normal && assets < lines.limit * debt;
    let target = if limited { lines.reduce_to } else { 0.0 };
    controls.map_or(target, |(rules, now)| target.max(rules.cut(look.account, now, assets, debt)))
}

/// Whether de-leveraging ahead of the line acts on an account as it stands.
pub fn deleverages(look: &Look<'_>, controls: Option<(&ControlRules, &LaneControls)>) -> bool {
    controls.and_then(|(rules, _)| rules.adl.as_ref()).is_some_and(|adl| adl.acts(look.assets, look.debt))
}

/// Step 7, ahead of any line: the share of what it holds that a client sells of its own accord.
pub fn ahead(look: &Look<'_>) -> f64 {
    let owes = look.account.ahead.filter(|_| look.debt > 0.0);
    owes.map_or(0.0, |(rule, volatility)| rule.share(look.assets / look.debt, look.lines.nearest(), volatility))
}

/// Step 6 in good times: a client above its withdrawal line takes money out, by chance and down to the line at most.
pub fn withdraw(slot: &mut Slot, look: &Look<'_>, rule: &Withdrawal, elapsed: f64) {
    let Look { account, assets, debt, .. } = *look;
    // lines that tighten may stand above the line of the contract
    let line = account.withdraws_above.max(look.lines.highest());
    let may = slot.state == State::Normal && slot.loan + slot.accrued > 0.0 && assets > line * debt;
    if !may || !account.answers.withdraws(look.path, usize::from(look.session) - 1, rule.probability.get()) {
        return;
    }
    let taken =
        if account.lines.nets_cash { rule.take_netted(line, assets, slot.cash, debt) } else { rule.take(line, assets, slot.cash, debt) };
    slot.cash -= taken.cash_money;
    slot.withdrawn += taken.cash_money + taken.borrowed_money;
    if taken.borrowed_money > 0.0 {
        slot.charge(account, elapsed);
        slot.loan += taken.borrowed_money;
        slot.borrowed = true;
    }
}

fn liquidate(slot: &mut Slot, session: u16, account: &Account) {
    slot.state = State::Liquidating;
    slot.decided_on = session;
    slot.events |= event::LIQUIDATED;
    first(&mut slot.first_liquidation, session);
    slot.sell_day = session + account.delay_days;
}

fn cure(slot: &mut Slot, session: u16) {
    slot.state = State::Normal;
    slot.events |= event::CURED;
    slot.cured_on = session;
}

fn first(day: &mut u16, today: u16) {
    if *day == NEVER {
        *day = today;
    }
}

/// Pays money into the debt: interest first, then the loan; what is left is cash.
pub fn pay(slot: &mut Slot, money: f64) {
    let interest = money.min(slot.accrued);
    slot.accrued -= interest;
    let principal = (money - interest).min(slot.loan);
    slot.loan -= principal;
    slot.cash += money - interest - principal;
}

/// Closes an account that has nothing left to sell: its cash pays the debt; returns the shortfall.
pub fn close(slot: &mut Slot, day: usize) -> f64 {
    let cash = slot.cash;
    slot.cash = 0.0;
    pay(slot, cash);
    let shortfall = slot.loan + slot.accrued;
    slot.loan = 0.0;
    slot.accrued = 0.0;
    slot.end_liquidation(day as u16 + 1, State::Closed);
    slot.state = State::Closed;
    slot.closed_on = day as u16 + 1;
    if shortfall > 0.0 {
        slot.shortfall = shortfall;
        slot.events |= event::SHORTFALL;
    }
    shortfall
}

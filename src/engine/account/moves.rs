//! Moves one account on one path through its margin states, and pays its debt down.

use crate::engine::plan::account::Account;
use crate::engine::plan::active::{ActiveAccount, NEVER, State, event};
use crate::engine::plan::controls::{ControlRules, LaneControls};
use crate::model::client::{Distress, withdrawal::Withdrawal};
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
pub fn note_lines(active: &mut ActiveAccount, look: &Look<'_>) {
    let Look { lines, assets, debt, .. } = *look;
    if debt <= 0.0 || active.state == State::Liquidating {
        return;
    }
    if assets < lines.warning * debt {
        active.events |= event::WARNED;
        first(&mut active.first_warning, look.session);
    }
    if assets < lines.limit * debt {
        active.events |= event::LIMITED;
    }
}

/// Step 6: the margin state machine of one account on one path, at this close.
pub fn move_state(active: &mut ActiveAccount, look: &Look<'_>) {
    let Look { account, lines, restored, session, path, assets, debt, stress } = *look;
    if debt <= 0.0 && active.state == State::Called {
        // sales have repaid what the call was for
        return cure(active, session);
    }
    if debt <= 0.0 || active.state == State::Liquidating {
        return;
    }
    if lines.liquidation > 0.0 && assets <= lines.liquidation * debt {
        return liquidate(active, session, account);
    }
    if active.state == State::Normal && assets < lines.call * debt {
        active.state = State::Called;
        active.events |= event::CALLED;
        if active.first_call == NEVER {
            active.call_amount = lines.deposit_to(lines.call, assets, debt);
        }
        first(&mut active.first_call, session);
        active.deadline = session + lines.cure_days as u16;
        // at market prices, whatever the lines take off; what was paid in or taken out is neither gain nor loss
        let cash = if lines.nets_cash { 0.0 } else { active.cash };
        let own_capital = active.held + cash - debt - active.paid_in + active.withdrawn;
        let distress = Distress { stress, drawdown: account.drawdown(own_capital) };
        // what is paid on the as-of date stands in the book already
        let pays = account.response.pays(path, u32::from(active.calls), distress);
        active.pay_day = if pays { (session + account.payment_days as u16).max(1) } else { 0 };
        active.calls += 1;
    }
    if active.state != State::Called {
        return;
    }
    let mut cured = assets >= lines.cured_at * debt;
    // a call that prices cure asks for nothing more
    if !cured && active.pay_day == session && session > 0 {
        let share = account.response.payment_share(path, u32::from(active.calls) - 1);
        let paid = share * lines.deposit_to(restored, assets, debt).max(0.0);
        active.cash += paid;
        active.paid_in += paid;
        // a whole payment cures by definition, whatever the last bit of the sum says
        cured = share >= 1.0 || paid >= lines.deposit_to(lines.cured_at, assets, debt);
    }
    if cured {
        cure(active, session);
    } else if session >= active.deadline {
        liquidate(active, session, account);
    }
}

/// A stop on drawdown, looked at before calls: own capital, but for what was paid in or taken out, too far below its best starts a
/// liquidation, and the best starts anew; not at a close that liquidates by the line.
pub fn stop_drawdown(active: &mut ActiveAccount, look: &Look<'_>, own_capital: f64, drawdown: f64) {
    let earned = own_capital - active.paid_in + active.withdrawn;
    active.best = active.best.max(earned);
    let by_line = look.lines.liquidation > 0.0 && look.assets <= look.lines.liquidation * look.debt;
    if active.goes_on() && !by_line && look.debt > 0.0 && earned <= (1.0 - drawdown) * active.best {
        active.best = earned;
        liquidate(active, look.session, look.account);
    }
}

/// Step 7, before any close-out: the ratio that the platform's rules sell an account down to that goes on; 0 where they leave it.
///
/// The limit line leaves a called account to its client; trigger and template do not wait for the client. Of several ratios to
/// restore the highest counts.
pub fn reduction(active: &ActiveAccount, look: &Look<'_>, controls: Option<(&ControlRules, &LaneControls)>) -> f64 {
    let Look { lines, assets, debt, .. } = *look;
    if debt <= 0.0 {
        return 0.0;
    }
    let limited = lines.reduce_to > 0.0 && active.state == State::Normal && assets < lines.limit * debt;
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
pub fn withdraw(active: &mut ActiveAccount, look: &Look<'_>, rule: &Withdrawal, elapsed: f64) {
    let Look { account, assets, debt, .. } = *look;
    // lines that tighten may stand above the line of the contract
    let line = account.withdraws_above.max(look.lines.highest());
    let may = active.state == State::Normal && active.loan + active.accrued > 0.0 && assets > line * debt;
    if !may || !account.response.withdraws(look.path, usize::from(look.session) - 1, rule.probability.get()) {
        return;
    }
    let taken = if account.lines.nets_cash {
        rule.take_netted(line, assets, active.cash, debt)
    } else {
        rule.take(line, assets, active.cash, debt)
    };
    active.cash -= taken.cash_money;
    active.withdrawn += taken.cash_money + taken.borrowed_money;
    if taken.borrowed_money > 0.0 {
        active.charge(account, elapsed);
        active.loan += taken.borrowed_money;
        active.borrowed = true;
    }
}

fn liquidate(active: &mut ActiveAccount, session: u16, account: &Account) {
    active.state = State::Liquidating;
    active.decided_on = session;
    active.events |= event::LIQUIDATED;
    first(&mut active.first_liquidation, session);
    active.sell_day = session + account.delay_days;
}

fn cure(active: &mut ActiveAccount, session: u16) {
    active.state = State::Normal;
    active.events |= event::CURED;
    active.cured_on = session;
}

fn first(day: &mut u16, today: u16) {
    if *day == NEVER {
        *day = today;
    }
}

/// Pays money into the debt: interest first, then the loan; what is left is cash.
pub fn pay(active: &mut ActiveAccount, money: f64) {
    let interest = money.min(active.accrued);
    active.accrued -= interest;
    let principal = (money - interest).min(active.loan);
    active.loan -= principal;
    active.cash += money - interest - principal;
}

/// Closes an account that has nothing left to sell: its cash pays the debt; returns the shortfall.
pub fn close_out(active: &mut ActiveAccount, day: usize) -> f64 {
    let cash = active.cash;
    active.cash = 0.0;
    pay(active, cash);
    let shortfall = active.loan + active.accrued;
    active.loan = 0.0;
    active.accrued = 0.0;
    active.end_liquidation(day as u16 + 1, State::Closed);
    active.state = State::Closed;
    active.closed_on = day as u16 + 1;
    if shortfall > 0.0 {
        active.shortfall = shortfall;
        active.events |= event::SHORTFALL;
    }
    shortfall
}

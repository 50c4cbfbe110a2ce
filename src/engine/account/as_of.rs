//! Takes every account through the as-of close, whose prices, debts and lines are known: the same on all paths but for clients' payments.
//!
//! The as-of close counts as any other: an account below a line is warned, limited or called at it, one at or below its
//! liquidation line is in liquidation from it, and its sessions run from it. But it is past: nothing is sold or paid at it, and
//! what the book holds is what was left. What would have been sold or paid at the as-of close is at the close of the first session.
//!
//! Worked: at or below the liquidation line with a delay of one session, or of none: sold on session 1; of two: on session 2.
//! Called with two sessions to cure: in liquidation at the close of session 2 where it is not cured.

use super::controls::Controls;
use super::moves::{Look, ahead, deleverages, move_state, note_lines, reduction, stop_drawdown};
use crate::engine::plan::active::{ActiveAccount, State, event};
use crate::engine::plan::opening::{Opening, SaleTarget};
use crate::engine::plan::scenario::Plan;
use crate::model::book::Book;
use crate::model::case::Scenario;
use crate::model::client::Distress;
use crate::model::history::Market;
use crate::problem::Problems;
use crate::units::calendar::sessions_from;
use crate::units::{Calendar, Day};

/// One scenario, ready to run: its accounts as the as-of close leaves them.
///
/// Errors: a rule reads a symbol's turnover and none is known (kind Model).
pub fn prepare<'a>(scenario: &'a Scenario, as_of: Day, seed: u64, book: &Book, market: &Market) -> Result<Plan<'a>, Problems> {
    let mut plan = Plan::new(scenario, as_of, seed, book, market)?;
    let openings = openings(&plan, book, &market.calendar, as_of);
    plan.open(openings, as_of, book, market);
    Ok(plan)
}

/// The accounts that meet something at the as-of close, in order; a plan whose accounts and controls are known.
fn openings(plan: &Plan<'_>, book: &Book, calendar: &Calendar, as_of: Day) -> Vec<Opening> {
    let mut start = Controls::default();
    if let Some(rules) = &plan.controls {
        start.start(rules);
    }
    let close =
        AsOf { plan, start, running: book.called_on.iter().map(|made| made.map(|made| sessions_from(made, as_of, calendar))).collect() };
    (0..plan.accounts.len()).filter_map(|account| close.open(account)).collect()
}

/// The as-of close of one scenario.
struct AsOf<'p> {
    plan: &'p Plan<'p>,
    start: Controls,
    /// Sessions since each account was called; nothing where no call runs.
    running: Vec<Option<usize>>,
}

impl AsOf<'_> {
    fn open(&self, index: usize) -> Option<Opening> {
        let plan = self.plan;
        let account = &plan.accounts[index];
        let mut active = ActiveAccount::of(account, index as u32, 0, 0);
        let controls = plan.controls.as_ref().map(|rules| (rules, &self.start.lanes[0]));
        let (assets, debt) = active.sides(account, plan.counted_at_start(index), 0.0);
        if debt <= 0.0 {
            return None;
        }
        let lines = controls.map_or(account.lines, |(rules, now)| rules.lines(account, now, assets, debt));
        let restored = controls.map_or(account.restored, |(rules, now)| rules.scaled(account, now, account.restored));
        let stress = plan.past_market_state.stress(1.0);
        let look = Look { account, lines: &lines, restored, session: 0, path: 0, assets, debt, stress };
        let distress = Distress { stress, drawdown: account.drawdown(account.equity_start) };
        note_lines(&mut active, &look);
        if let Some(drawdown) = controls.and_then(|(rules, _)| rules.stop.drawdown) {
            let own_capital = active.best;
            stop_drawdown(&mut active, &look, own_capital, drawdown.get());
        }
        let made = self.running.get(index).copied().flatten().filter(|_| lines.call > 0.0 && active.state == State::Normal);
        if let Some(sessions) = made {
            call_before(&mut active, &look, sessions);
        }
        move_state(&mut active, &look);
        if active.state == State::Called && made.is_none() {
            active.pay_day = (account.payment_days as u16).max(1);
        }
        if let (Some(sessions), State::Liquidating) = (made, active.state) {
            // a deadline that passed before the as-of date decided the sale then
            let late = (sessions as u32).saturating_sub(lines.cure_days);
            active.sell_day = (u32::from(account.delay_days)).saturating_sub(late) as u16;
        }
        let goes_on = active.goes_on();
        let ratio = reduction(&active, &look, controls);
        let each_due = ratio <= 0.0 && deleverages(&look, controls);
        let share_due = ahead(&look);
        let acts = ratio > 0.0 || each_due || share_due > 0.0 || self.is_stopped(index);
        let target = (goes_on && acts).then_some(SaleTarget { everything: false, ratio, each_due, share_due });
        (active.events != 0 || target.is_some()).then_some(Opening { active, distress, target })
    }

    /// Whether a holding stands at its stop.
    fn is_stopped(&self, index: usize) -> bool {
        self.plan.positions_of(index).iter().any(|p| p.quantity > 0.0 && self.plan.price_start[p.symbol as usize] <= p.stop)
    }
}

/// A call made `sessions` before the as-of close, whose deadline runs from there.
fn call_before(active: &mut ActiveAccount, look: &Look<'_>, sessions: usize) {
    let left = |days: u32| (days as usize).saturating_sub(sessions) as u16;
    active.state = State::Called;
    active.events |= event::CALLED;
    active.first_call = 0;
    active.call_amount = look.lines.deposit_to(look.lines.call, look.assets, look.debt).max(0.0);
    active.deadline = left(look.lines.cure_days);
    // a client whose payment would have come by now has not paid, and does not; a call of the as-of date is one of its close
    active.pay_day = left(look.account.payment_days).max(u16::from(sessions == 0));
    active.calls = 1;
}

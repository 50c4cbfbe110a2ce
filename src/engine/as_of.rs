//! Takes every account through the as-of close, whose prices, debts and lines are known: the same on all paths but for clients' answers.
//!
//! The as-of close counts as any other: an account below a line is warned, limited or called at it, one at or below its
//! liquidation line is in liquidation from it, and its sessions run from it. But it is past: nothing is sold or paid at it, and
//! what the book holds is what was left. What would have been sold or paid at the as-of close is at the close of the first session.
//!
//! Worked: at or below the liquidation line with a delay of one session, or of none: sold on session 1; of two: on session 2.
//! Called with two sessions to cure: in liquidation at the close of session 2 where it is not cured.

use super::controls::{ControlRules, Controls};
use super::plan::{Account, Plan};
use super::reach::Row;
use super::slot::{Slot, State, event};
use super::state::{Look, ahead, deleverages, move_state, note_lines, reduction, stop_drawdown};
use super::wants::Aim;
use crate::model::book::Book;
use crate::model::client::Mood;
use crate::units::{Calendar, Day, day};

/// Beside the events an account met at the as-of close: something is to be done with it from there on.
pub const ACTS: u8 = 128;

/// An account that met something at the as-of close.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// As the close left it; of a called account the payment's session is that of a client who pays.
    slot: Slot,
    /// What weighs on the client when it is called.
    mood: Mood,
    /// What is sold of it at the first session's close, where it goes on.
    pub aim: Option<Aim>,
}

impl Opening {
    /// Index into the plan's accounts.
    pub fn account(&self) -> usize {
        self.slot.account()
    }

    /// The events met, and `ACTS`.
    pub fn met(&self) -> u8 {
        let acts = self.slot.state != State::Normal || self.aim.is_some() || self.slot.events & event::CALLED != 0;
        self.slot.events | if acts { ACTS } else { 0 }
    }

    /// The account's state and events, and the close that cured its call.
    pub fn told(&self) -> (State, u8, u16) {
        (self.slot.state, self.slot.events, self.slot.cured_on)
    }

    /// The account at a place on a path, whose client answers a call or does not.
    pub fn slot(&self, account: &Account, place: u32, lane: usize, path: u64) -> Slot {
        let mut slot = self.slot.at(place, lane);
        if slot.state == State::Called && !account.answers.pays(path, 0, self.mood) {
            slot.pay_day = 0;
        }
        slot
    }
}

impl Plan<'_> {
    /// What an account met at the as-of close; nothing for most.
    #[inline(always)]
    pub fn opening_of(&self, row: &Row) -> Option<&Opening> {
        if row.met_at_start == 0 {
            return None;
        }
        let at = self.openings.binary_search_by_key(&(row.account as usize), Opening::account);
        Some(&self.openings[at.expect("what met something has an opening")])
    }

    /// What the holdings of an account count for at the as-of close.
    pub fn counted_at_start(&self, index: usize) -> f64 {
        let haircuts = &self.scenario.case.margin.haircuts;
        if !self.controls.as_ref().is_some_and(|rules: &ControlRules| rules.counts_less) {
            return self.accounts[index].value_start;
        }
        let symbols = self.symbols.len();
        self.positions_of(index).iter().fold(0.0, |sum, p| {
            let s = p.symbol as usize;
            let haircut = haircuts.at(self.haircut_start[s], self.risk_factors.of_symbol(0, s, symbols));
            sum + p.quantity * (self.price_start[s] * (1.0 - haircut))
        })
    }

    /// What a rule asked at the as-of close to sell of an account that goes on: it is sold at the first session's close.
    #[inline(always)]
    pub fn due_at_first(&self, day: usize, slot: &Slot) -> Option<Aim> {
        let row = &self.reach.rows[slot.place()];
        if day > 0 || !row.acts_from_start() {
            return None;
        }
        self.opening_of(row).and_then(|opening| opening.aim)
    }
}

/// The accounts that meet something at the as-of close, in order; a plan whose accounts and controls are known.
pub fn openings(plan: &Plan<'_>, book: &Book, calendar: &Calendar, as_of: Day) -> Vec<Opening> {
    let mut start = Controls::default();
    if let Some(rules) = &plan.controls {
        start.start(rules);
    }
    let close = Close {
        plan,
        start,
        running: book.called_on.iter().map(|made| made.map(|made| day::sessions_from(made, as_of, calendar))).collect(),
    };
    (0..plan.accounts.len()).filter_map(|account| close.open(account)).collect()
}

/// The as-of close of one scenario.
struct Close<'p> {
    plan: &'p Plan<'p>,
    start: Controls,
    /// Sessions since each account was called; nothing where no call runs.
    running: Vec<Option<usize>>,
}

impl Close<'_> {
    fn open(&self, index: usize) -> Option<Opening> {
        let plan = self.plan;
        let account = &plan.accounts[index];
        let mut slot = Slot::of(account, index as u32, 0, 0);
        let controls = plan.controls.as_ref().map(|rules| (rules, &self.start.lanes[0]));
        let (assets, debt) = slot.sides(account, plan.counted_at_start(index), 0.0);
        if debt <= 0.0 {
            return None;
        }
        let lines = controls.map_or(account.lines, |(rules, now)| rules.lines(account, now, assets, debt));
        let restored = controls.map_or(account.restored, |(rules, now)| rules.scaled(account, now, account.restored));
        let stress = plan.past_weather.stress(1.0);
        let look = Look { account, lines: &lines, restored, session: 0, path: 0, assets, debt, stress };
        let mood = Mood { stress, drawdown: account.drawdown(account.equity_start) };
        note_lines(&mut slot, &look);
        if let Some(drawdown) = controls.and_then(|(rules, _)| rules.stop.drawdown) {
            let own_capital = slot.best;
            stop_drawdown(&mut slot, &look, own_capital, drawdown.get());
        }
        let made = self.running.get(index).copied().flatten().filter(|_| lines.call > 0.0 && slot.state == State::Normal);
        if let Some(sessions) = made {
            call_before(&mut slot, &look, sessions);
        }
        move_state(&mut slot, &look);
        if slot.state == State::Called && made.is_none() {
            slot.pay_day = (account.payment_days as u16).max(1);
        }
        if let (Some(sessions), State::Liquidating) = (made, slot.state) {
            // a deadline that passed before the as-of date decided the sale then
            let late = (sessions as u32).saturating_sub(lines.cure_days);
            slot.sell_day = (u32::from(account.delay_days)).saturating_sub(late) as u16;
        }
        let goes_on = matches!(slot.state, State::Normal | State::Called);
        let ratio = reduction(&slot, &look, controls);
        let each_due = ratio <= 0.0 && deleverages(&look, controls);
        let share_due = ahead(&look);
        let acts = ratio > 0.0 || each_due || share_due > 0.0 || self.is_stopped(index);
        let aim = (goes_on && acts).then_some(Aim { everything: false, ratio, each_due, share_due });
        (slot.events != 0 || aim.is_some()).then_some(Opening { slot, mood, aim })
    }

    /// Whether a holding stands at its stop.
    fn is_stopped(&self, index: usize) -> bool {
        self.plan.positions_of(index).iter().any(|p| p.quantity > 0.0 && self.plan.price_start[p.symbol as usize] <= p.stop)
    }
}

/// A call made `sessions` before the as-of close, whose deadline runs from there.
fn call_before(slot: &mut Slot, look: &Look<'_>, sessions: usize) {
    let left = |days: u32| (days as usize).saturating_sub(sessions) as u16;
    slot.state = State::Called;
    slot.events |= event::CALLED;
    slot.first_call = 0;
    slot.call_amount = look.lines.deposit_to(look.lines.call, look.assets, look.debt).max(0.0);
    slot.deadline = left(look.lines.cure_days);
    // a client whose payment would have come by now has not paid, and does not; a call of the as-of date is one of its close
    slot.pay_day = left(look.account.payment_days).max(u16::from(sessions == 0));
    slot.calls = 1;
}

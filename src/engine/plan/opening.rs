//! Holds what the as-of close left an account with that met something at it, and what a close asks to sell.

use super::account::Account;
use super::active::{ACTS, ActiveAccount, State, event};
use crate::model::client::Distress;
use crate::model::margin::Lines;

/// What a close asks to sell of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SaleTarget {
    /// Everything goes: a close-out.
    pub everything: bool,
    /// The maintenance ratio to restore; 0 for none.
    pub ratio: f64,
    /// De-leveraging ahead of the line was due at the as-of close, which is past: it sells whatever the ratio is by now.
    pub each_due: bool,
    /// The share of its holdings that the client would have sold at the as-of close.
    pub share_due: f64,
}

impl SaleTarget {
    /// What a close-out aims at: the ratio the contract restores, or everything.
    pub fn of_liquidation(lines: &Lines) -> SaleTarget {
        SaleTarget { everything: lines.restore_to <= 0.0, ratio: lines.restore_to, ..SaleTarget::default() }
    }

    /// What is asked for with what the as-of close asked for and this close has to do: the higher of two ratios; de-leveraging where
    /// no ratio was asked for.
    pub fn with_due(self, due: SaleTarget) -> SaleTarget {
        SaleTarget { ratio: self.ratio.max(due.ratio), each_due: due.each_due && self.ratio <= 0.0, share_due: due.share_due, ..self }
    }
}

/// An account that met something at the as-of close.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// As the close left it; of a called account the payment's session is that of a client who pays.
    pub active: ActiveAccount,
    /// What weighs on the client when it is called.
    pub distress: Distress,
    /// What is sold of it at the first session's close, where it goes on.
    pub target: Option<SaleTarget>,
}

impl Opening {
    /// Index into the plan's accounts.
    pub fn account(&self) -> usize {
        self.active.account()
    }

    /// The events met, and `ACTS`.
    pub fn met(&self) -> u8 {
        let acts = self.active.state != State::Normal || self.target.is_some() || self.active.events & event::CALLED != 0;
        self.active.events | if acts { ACTS } else { 0 }
    }

    /// The account's state and events, and the close that cured its call.
    pub fn told(&self) -> (State, u8, u16) {
        (self.active.state, self.active.events, self.active.cured_on)
    }

    /// The account at a place on a path, whose client pays on a call or does not.
    pub fn active(&self, account: &Account, place: u32, lane: usize, path: u64) -> ActiveAccount {
        let mut active = self.active.at(place, lane);
        if active.state == State::Called && !account.response.pays(path, 0, self.distress) {
            active.pay_day = 0;
        }
        active
    }
}

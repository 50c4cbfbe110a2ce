//! Notes what an account that is not active met, a bit for every lane.

use crate::engine::plan::active::{ActiveAccount, event};
use crate::engine::plan::distance::Row;
use crate::model::market::LANES;

/// What a watched account met at a close, a bit for every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Met {
    /// Where it stands among the candidates.
    pub candidate: u32,
    /// Something is to be done: a line that changes its state, or the line above which money may be taken out.
    pub acts: u16,
    pub warned: u16,
    pub limited: u16,
}

/// What is noted of a candidate while it is not active in a lane; a bit for every lane.
#[derive(Clone, Copy, Debug, Default)]
pub struct Noted {
    /// Lanes where it is active.
    pub open: u16,
    pub warned: u16,
    pub limited: u16,
    /// The session of the first warning, 0 for the as-of close.
    pub first_warning: [u16; LANES],
}

impl Noted {
    /// What an account met at the as-of close, in every lane.
    #[inline(always)]
    pub fn at_start(row: &Row) -> Noted {
        let all = |event: u8| if row.met_at_start & event != 0 && !row.acts_from_start() { u16::MAX } else { 0 };
        Noted { warned: all(event::WARNED), limited: all(event::LIMITED), ..Noted::default() }
    }

    /// Notes what an account met at a close in lanes where it is not active; returns the lanes where it becomes active.
    #[inline(always)]
    pub fn meet(&mut self, met: &Met, day: usize) -> u16 {
        let opens = met.acts & !self.open;
        self.open |= opens;
        let warned = met.warned & !self.open & !self.warned;
        if warned != 0 {
            for lane in 0..LANES {
                self.first_warning[lane] = if warned >> lane & 1 == 1 { day as u16 + 1 } else { self.first_warning[lane] };
            }
        }
        self.warned |= warned;
        self.limited |= met.limited & !self.open;
        opens
    }

    /// Tells an account just made active what was noted in its lane.
    #[inline(always)]
    pub fn tell(&self, active: &mut ActiveAccount) {
        let lane = active.lane();
        if self.warned >> lane & 1 == 1 {
            active.events |= event::WARNED;
            active.first_warning = self.first_warning[lane];
        }
        if self.limited >> lane & 1 == 1 {
            active.events |= event::LIMITED;
        }
    }
}

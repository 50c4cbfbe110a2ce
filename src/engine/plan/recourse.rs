//! Holds what recourse brings back of a shortfall, and when.

/// The recourse of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Recourse {
    /// Share of a shortfall that comes back.
    pub share: f64,
    /// Sessions until it does; 0 where the pool is not kept daily.
    pub delay: usize,
}

impl Recourse {
    /// The share of a shortfall that comes back at once, and the share that comes back within a horizon of `days` when the account was
    /// closed on session `closed_on` (0: never, which also gives the share of the day it is closed).
    pub fn by(&self, days: usize, closed_on: u16) -> f64 {
        let in_time = self.delay == 0 || (closed_on > 0 && usize::from(closed_on) + self.delay <= days);
        if in_time { self.share } else { 0.0 }
    }
}

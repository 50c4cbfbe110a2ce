//! Adds up what one account came to over paths, side by side in memory, and turns the sums into columns at the end.

use super::bytes::Bytes;
use super::outcome::{AccountColumns, EVENTS, NEVER};

/// The first time of one event over paths.
#[derive(Clone, Copy, Debug, Default)]
pub struct First {
    /// Earliest and latest session; nothing where no path met it.
    range: [u16; 2],
    /// Paths that met it, and the sums of its days and of their squares over them.
    paths: u32,
    day_sum: u64,
    day_square: u64,
}

impl First {
    /// One path that met the event on a session; none where it never did.
    #[inline(always)]
    pub fn note(&mut self, day: u16) {
        if day != NEVER {
            self.add(&First { range: [day; 2], paths: 1, day_sum: day.into(), day_square: u64::from(day) * u64::from(day) });
        }
    }

    fn range(&self) -> [u16; 2] {
        if self.paths > 0 { self.range } else { [NEVER; 2] }
    }

    #[inline(always)]
    fn add(&mut self, next: &First) {
        if next.paths > 0 {
            self.range[0] = if self.paths == 0 { next.range[0] } else { self.range[0].min(next.range[0]) };
            self.range[1] = self.range[1].max(next.range[1]);
        }
        self.paths += next.paths;
        self.day_sum += next.day_sum;
        self.day_square += next.day_square;
    }
}

/// One account's sums over paths.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountSums {
    /// Paths that met each event, in the order of `EVENTS`, and paths on which it was sold down before any close-out.
    pub events: [u32; EVENTS.len()],
    pub reduced: u32,
    /// Loss to the pool, and its square.
    pub loss: f64,
    pub loss_square: f64,
    /// Client loss of touched paths less what the untouched account would have lost.
    pub client_loss_beyond: f64,
    /// Of each batch that ended: the client's loss on all its paths, squared, over the number of its paths.
    pub client_loss_square: f64,
    /// First warning, call, liquidation and close.
    pub first: [First; 4],
}

impl AccountSums {
    /// Every sum, to bytes or from them.
    pub fn walk(&mut self, bytes: &mut Bytes<'_>) {
        bytes.row(&mut self.events);
        bytes.value(&mut self.reduced);
        let money = [&mut self.loss, &mut self.loss_square, &mut self.client_loss_beyond, &mut self.client_loss_square];
        money.into_iter().for_each(|sum| bytes.value(sum));
        for first in &mut self.first {
            bytes.row(&mut first.range);
            bytes.value(&mut first.paths);
            bytes.value(&mut first.day_sum);
            bytes.value(&mut first.day_square);
        }
    }

    /// Adds the sums of the next batch of paths.
    pub fn add(&mut self, next: &AccountSums) {
        self.events.iter_mut().zip(next.events).for_each(|(sum, more)| *sum += more);
        self.reduced += next.reduced;
        self.loss += next.loss;
        self.loss_square += next.loss_square;
        self.client_loss_beyond += next.client_loss_beyond;
        self.client_loss_square += next.client_loss_square;
        self.first.iter_mut().zip(&next.first).for_each(|(first, next)| first.add(next));
    }
}

impl AccountColumns {
    /// Adds an account's sums behind the others; `untouched` is what its client would have lost on all paths together.
    pub fn push(&mut self, sums: &AccountSums, untouched: f64) {
        let [warned, limited, called, cured, liquidated, shortfall, unneeded] = sums.events;
        self.unneeded.push(unneeded);
        self.warned.push(warned);
        self.limited.push(limited);
        self.called.push(called);
        self.cured.push(cured);
        self.liquidated.push(liquidated);
        self.shortfall.push(shortfall);
        self.reduced.push(sums.reduced);
        self.loss_sum.push(sums.loss);
        self.loss_square.push(sums.loss_square);
        self.client_loss_sum.push(untouched + sums.client_loss_beyond);
        self.client_loss_square_by_batch.push(sums.client_loss_square);
        let [warning, call, liquidation, close] = sums.first;
        self.first_warning.push(warning.range());
        self.first_call.push(call.range());
        self.first_liquidation.push(liquidation.range());
        self.first_close.push(close.range());
        self.first_day_sum.push(sums.first.map(|first| first.day_sum));
        self.first_day_square.push(sums.first.map(|first| first.day_square));
        self.first_day_paths.push(sums.first.map(|first| first.paths));
    }
}

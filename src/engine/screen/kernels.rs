//! Values and screens many accounts at once, lane by lane, compiled for each instruction set from one body; the bits never differ.

use super::noted::{Met, Noted};
use crate::engine::market::kernels::BLOCK;
use crate::engine::market::lanes::{lanes_above, lanes_below, lowest, lowest_by_lane};
use crate::engine::market::prices::Prices;
use crate::engine::plan::distance::{Distances, Held, Near, Row};
use crate::maths::isa::by_isa;
use crate::model::market::LANES;

/// Market value in every lane of holdings that are the same in all of them.
#[inline(always)]
fn value_of(held: &[Held], prices: Prices<'_>) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for holding in held {
        let price = prices.of(holding.at);
        for lane in 0..LANES {
            sum[lane] += holding.quantity * price[lane];
        }
    }
    sum
}

/// Whether an account could come to a line in any lane at the bounds of prices `low`.
#[inline(always)]
fn is_near(near: &Near, held: &[Held], low: Prices<'_>) -> bool {
    let value = value_of(near.of(held), low);
    lowest(&value) < near.need
}

by_isa! {
    /// Adds the market value of every account's holdings, lane by lane.
    pub fn value_all(near: &[Near], held: &[Held], prices: Prices<'_>, sum: &mut [f64; LANES]) {
        let mut total = [0.0; LANES];
        for account in near {
            let value = value_of(account.of(held), prices);
            for lane in 0..LANES {
                total[lane] += value[lane];
            }
        }
        *sum = total;
    }
}

by_isa! {
    /// Puts into `picked` where in `among` the places stand of accounts that could come to a line in any lane at the bounds `low`.
    pub fn pick(picked: &mut Vec<u32>, among: &[u32], near: &[Near], held: &[Held], low: Prices<'_>) {
        picked.clear();
        for (at, place) in among.iter().enumerate() {
            if is_near(&near[*place as usize], held, low) {
                picked.push(at as u32);
            }
        }
    }
}

by_isa! {
    /// Looks at the watched of the candidates (given by their places) at one close, and puts into `met` those that met a line in any lane.
    ///
    /// `early` makes every line one that something is to be done at.
    pub fn watch(met: &mut Vec<Met>, watched: &[u32], candidates: &[u32], reach: &Distances, prices: Prices<'_>, elapsed: f64, early: bool) {
        met.clear();
        for candidate in watched {
            let place = candidates[*candidate as usize] as usize;
            let value = value_of(reach.near[place].of(&reach.held), prices);
            if let Some(of_place) = meet(&reach.rows[place], &value, elapsed, early) {
                met.push(Met { candidate: *candidate, ..of_place });
            }
        }
    }
}

/// What an account whose holdings are worth `value` meets; nothing where no lane stands at a line.
#[inline(always)]
fn meet(row: &Row, value: &[f64; LANES], elapsed: f64, early: bool) -> Option<Met> {
    let debt = row.debt(elapsed);
    let calm = row.calm * debt;
    let rises = || row.withdraws_above < f64::INFINITY && value.iter().any(|value| row.cash + value > row.withdraws_above * debt);
    if debt <= 0.0 || !(row.cash + lowest(value) <= calm || rises()) {
        return None;
    }
    let DayLines { acts: act, above, warning, limit } = DayLines::of(row, elapsed);
    let act = if early { calm } else { act };
    let assets = value.map(|value| row.cash + value);
    let acts = !lanes_above(&assets, act) | lanes_above(&assets, above);
    Some(Met { candidate: 0, acts, warned: lanes_below(&assets, warning), limited: lanes_below(&assets, limit) })
}

/// One account's horizon, as far as it was looked at.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Market value of the holdings of the as-of date, `[day][lane]`; known from the block in which it first becomes active on.
    pub value: Vec<[f64; LANES]>,
    /// The session (from 0) on which it becomes active in a lane.
    pub opens: [u16; LANES],
    pub noted: Noted,
    /// Of each day; known once a lane was looked at.
    lines: Vec<DayLines>,
}

/// What an account's cash and holdings are held against at one close.
#[derive(Clone, Copy, Debug)]
pub struct DayLines {
    /// At or below which, and above which, something is to be done.
    acts: f64,
    above: f64,
    warning: f64,
    limit: f64,
}

impl DayLines {
    #[inline(always)]
    fn of(row: &Row, elapsed: f64) -> DayLines {
        let debt = row.debt(elapsed);
        if debt <= 0.0 {
            return DayLines { acts: f64::NEG_INFINITY, above: f64::INFINITY, warning: f64::NEG_INFINITY, limit: f64::NEG_INFINITY };
        }
        DayLines { acts: row.acts * debt, above: row.withdraws_above * debt, warning: row.warning * debt, limit: row.limit * debt }
    }
}

impl Scan {
    /// Looks at one lane on the days of a block, line by line, up to the day it becomes active.
    #[inline(always)]
    fn look(&mut self, cash: f64, lane: usize, days: std::ops::Range<usize>) {
        let (mut acts, mut warned, mut limited) = (0_u32, 0_u32, 0_u32);
        for (day, (value, lines)) in self.value[days.clone()].iter().zip(&self.lines[days.clone()]).enumerate() {
            let assets = cash + value[lane];
            acts |= u32::from((assets <= lines.acts) | (assets > lines.above)) << day;
            warned |= u32::from(assets < lines.warning) << day;
            limited |= u32::from(assets < lines.limit) << day;
        }
        let bit = 1 << lane;
        if acts != 0 {
            self.noted.open |= bit;
            self.opens[lane] = (days.start + acts.trailing_zeros() as usize) as u16;
            // what is met on the day it becomes active is noted there
            let before = (1 << acts.trailing_zeros()) - 1;
            warned &= before;
            limited &= before;
        }
        if warned != 0 && self.noted.warned & bit == 0 {
            self.noted.warned |= bit;
            self.noted.first_warning[lane] = (days.start + warned.trailing_zeros() as usize) as u16 + 1;
        }
        self.noted.limited |= u16::from(limited != 0) << lane;
    }
}

by_isa! {
    /// Looks at one account on every day of the tile: `prices` have `depth` rows for each symbol, one for each day, then one of bounds for each block.
    ///
    /// Blocks in which no lane can come near a line are passed over until it becomes active; in the others, lanes that cannot.
    pub fn scan(scan: &mut Scan, place: usize, reach: &Distances, prices: &[f64], depth: usize, elapsed: &[f64]) {
        let days = elapsed.len() - 1;
        let blocks = days.div_ceil(BLOCK);
        let (row, near) = (&reach.rows[place], &reach.near[place]);
        let held = near.of(&reach.held);
        scan.noted = Noted::at_start(row);
        scan.value.resize(days, [0.0; LANES]);
        scan.lines.clear();
        for block in 0..blocks {
            if scan.noted.open == 0 && !is_near(near, &reach.held, Prices::of_depth(prices, depth, days + block)) {
                continue;
            }
            let of_block = block * BLOCK..days.min((block + 1) * BLOCK);
            for (value, day) in scan.value[of_block.clone()].iter_mut().zip(of_block.clone()) {
                *value = value_of(held, Prices::of_depth(prices, depth, day));
            }
            let low = lowest_by_lane(&scan.value[of_block.clone()]);
            let come_near = lanes_below(&low, near.need) & !scan.noted.open;
            if come_near == 0 {
                continue;
            }
            // a lane that is warned has its limit and its state left, one that is limited too its state alone
            let more = lanes_below(&low, near.need_once_warned) & (!scan.noted.limited | lanes_below(&low, near.need_to_act));
            let mut lanes = come_near & (!scan.noted.warned | more);
            if lanes != 0 && scan.lines.is_empty() {
                scan.lines.extend(elapsed[1..].iter().map(|elapsed| DayLines::of(row, *elapsed)));
            }
            while lanes != 0 {
                scan.look(row.cash, lanes.trailing_zeros() as usize, of_block.clone());
                lanes &= lanes - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::market::kernels::{advance, lower};
    use crate::engine::plan::account::Position;
    use crate::maths::isa::{self, Isa};

    /// Accounts that owe `loan` on the holdings of `symbols`, a hundred shares and some each; lines at 103 %, 100 % and 98 %.
    fn reach(accounts: &[(f64, std::ops::Range<u32>)]) -> Distances {
        let mut reach = Distances::default();
        for (loan, symbols) in accounts {
            let quantity = |s: u32| 100.0 + f64::from(s) / 3.0;
            let holdings: Vec<Position> = symbols.clone().map(|s| Position::plain(s, quantity(s))).collect();
            reach.push(Row { loan: *loan, ..Row::of_lines(1.03, 1.0, 0.98) }, [1e9; 3], &holdings);
        }
        reach
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let returns: Vec<f64> = (0..8 * LANES).map(|k| (k as f64 * 0.7073).fract() * 0.2 - 0.1).collect();
        let reach = reach(&[(3_000.0, 0..3), (5_000.0, 3..8), (1_000.0, 1..2)]);
        let mut seen = Vec::new();
        for level in isa::LEVELS {
            isa::force(level);
            let (mut due, mut price, mut unsound) = (vec![10.3; returns.len()], vec![0.0; returns.len()], [0.0]);
            advance(&mut due, &mut price, &returns, &mut unsound);
            assert_eq!(unsound[0], 0.0);
            let (mut sum, mut low, mut picked, mut met) = ([0.0; LANES], due.clone(), Vec::new(), Vec::new());
            value_all(&reach.near, &reach.held, Prices::plain(&price), &mut sum);
            lower(&mut low, &returns);
            pick(&mut picked, &[0, 1, 2], &reach.near, &reach.held, Prices::plain(&price));
            watch(&mut met, &picked, &[0, 1, 2], &reach, Prices::plain(&price), 3.0, false);
            let masks = met.iter().flat_map(|m| [m.candidate, m.acts.into(), m.warned.into(), m.limited.into()]).map(u64::from);
            seen.push([price, low, sum.to_vec()].concat().into_iter().map(f64::to_bits).chain(masks).collect::<Vec<_>>());
        }
        isa::force(Isa::Avx512);
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_watched_account_tells_which_line_it_met_in_which_lane() {
        let reach = reach(&[(100.0, 0..1)]);
        let mut prices = [2.0; LANES];
        (prices[3], prices[5], prices[7]) = (1.02, 0.99, 0.98);
        let mut met = Vec::new();
        watch(&mut met, &[0], &[0], &reach, Prices::plain(&prices), 1.0, false);
        assert_eq!((met[0].acts, met[0].warned, met[0].limited), (1 << 7, 1 << 3 | 1 << 5 | 1 << 7, 1 << 5 | 1 << 7));
        watch(&mut met, &[0], &[0], &reach, Prices::plain(&prices), 1.0, true);
        assert_eq!(met[0].acts, 1 << 3 | 1 << 5 | 1 << 7);
        watch(&mut met, &[0], &[0], &reach, Prices::plain(&[2.0; LANES]), 1.0, true);
        assert!(met.is_empty());
    }

    #[test]
    fn a_scan_notes_warnings_up_to_the_day_a_slot_opens() {
        let reach = reach(&[(100.0, 0..1)]);
        let days = 7_usize;
        let depth = days + days.div_ceil(BLOCK);
        // one symbol: a row for each day, then the bounds of two blocks, which name no lane calm
        let mut prices = vec![2.0; depth * LANES];
        prices[days * LANES..].fill(0.0);
        (prices[LANES + 3], prices[2 * LANES + 3], prices[6 * LANES + 3], prices[6 * LANES + 9]) = (1.02, 0.97, 1.01, 1.01);
        let mut scanned = Scan::default();
        scan(&mut scanned, 0, &reach, &prices, depth, &(0..=days).map(|d| d as f64).collect::<Vec<_>>());
        assert_eq!((scanned.noted.open, scanned.opens[3]), (1 << 3, 2));
        assert_eq!((scanned.noted.warned, scanned.noted.limited), (1 << 3 | 1 << 9, 0));
        assert_eq!((scanned.noted.first_warning[3], scanned.noted.first_warning[9]), (2, 7));
        assert_eq!(scanned.value[6][9], 101.0);
    }
}

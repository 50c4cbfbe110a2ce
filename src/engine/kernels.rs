//! Computes the hot loops over lanes, compiled for each instruction set from one body; the bits never differ.

use super::prices::Prices;
use super::reach::{Held, Near, Reach, Row};
use super::tile::BLOCK;
use super::watch::Noted;
use crate::maths::isa::by_isa;
use crate::model::exchange::price_limit::limit_price;
use crate::model::history::flag;
use crate::model::market::LANES;

/// The highest price that money is reckoned with: its fourth power times any quantity is still a number.
pub const HIGHEST: f64 = 1e30;

/// Adds 0 to the checks while a factor is not negative and the price due is within numbers; else they become negative, or NaN.
#[inline(always)]
fn check(checks: &mut f64, factor: f64, due: f64) {
    *checks += if due <= HIGHEST { 0.0 } else { f64::NAN } + if factor < 0.0 { -1.0 } else { 0.0 };
}

by_isa! {
    /// Moves prices due by one session's simple returns, all `[symbol][lane]`, and writes them as prices.
    ///
    /// `unsound[0]` becomes NaN when any price rises beyond `HIGHEST` or is no number, and negative when a return is below −100 %.
    pub fn advance(due: &mut [f64], price: &mut [f64], returns: &[f64], unsound: &mut [f64; 1]) {
        let mut checks = [0.0; LANES];
        let rows = due.chunks_exact_mut(LANES).zip(price.chunks_exact_mut(LANES)).zip(returns.chunks_exact(LANES));
        for ((due, price), returns) in rows {
            for lane in 0..LANES {
                let factor = 1.0 + returns[lane];
                due[lane] *= factor;
                check(&mut checks[lane], factor, due[lane]);
                price[lane] = due[lane];
            }
        }
        unsound[0] = checks.iter().fold(0.0, |sum, c| sum + c);
    }
}

by_isa! {
    /// The same for all sessions of one symbol: its returns stand `stride` apart, its prices, `[day][lane]`, one after the other.
    pub fn advance_days(due: &mut [f64], price: &mut [f64], returns: &[f64], stride: usize, unsound: &mut [f64; 1]) {
        let mut checks = [0.0; LANES];
        let mut moving: [f64; LANES] = (&*due).try_into().expect("a row of lanes");
        for (price, returns) in price.chunks_exact_mut(LANES).zip(returns.chunks(stride)) {
            let returns: &[f64; LANES] = returns[..LANES].try_into().expect("a row of lanes");
            for lane in 0..LANES {
                let factor = 1.0 + returns[lane];
                moving[lane] *= factor;
                check(&mut checks[lane], factor, moving[lane]);
            }
            price.copy_from_slice(&moving);
        }
        due.copy_from_slice(&moving);
        unsound[0] = checks.iter().fold(0.0, |sum, c| sum + c);
    }
}

by_isa! {
    /// Of one symbol's rows, those of `days` sessions first: puts the lowest prices of each block behind them, and those of all into `horizon`.
    pub fn bound_days(rows: &mut [f64], days: usize, horizon: &mut [f64]) {
        let (prices, bounds) = rows.split_at_mut(days * LANES);
        // rows beyond the last block's only fill the symbol up
        let bounds = &mut bounds.as_chunks_mut().0[..days.div_ceil(BLOCK)];
        for (block, bound) in prices.chunks(BLOCK * LANES).zip(&mut *bounds) {
            *bound = lowest_by_lane(block.as_chunks().0);
        }
        horizon.copy_from_slice(&lowest_by_lane(bounds));
    }
}

by_isa! {
    /// Lowers every bound to the price where that is lower.
    pub fn lower(low: &mut [f64], price: &[f64]) {
        for (low, price) in low.iter_mut().zip(price) {
            *low = if *price < *low { *price } else { *low };
        }
    }
}

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

/// All lanes joined into one, pair by pair: a chain of sixteen would wait for each.
#[inline(always)]
pub(super) fn pair_by_pair<T: Copy>(row: &[T; LANES], join: impl Fn(T, T) -> T) -> T {
    let (mut eight, mut four) = ([row[0]; LANES / 2], [row[0]; LANES / 4]);
    for lane in 0..LANES / 2 {
        eight[lane] = join(row[lane], row[lane + LANES / 2]);
    }
    for lane in 0..LANES / 4 {
        four[lane] = join(eight[lane], eight[lane + LANES / 4]);
    }
    join(join(four[0], four[1]), join(four[2], four[3]))
}

/// The lowest lane.
#[inline(always)]
pub(super) fn lowest(value: &[f64; LANES]) -> f64 {
    pair_by_pair(value, |a, b| if a < b { a } else { b })
}

/// The lowest row of each lane.
#[inline(always)]
fn lowest_by_lane(rows: &[[f64; LANES]]) -> [f64; LANES] {
    let mut low = [f64::INFINITY; LANES];
    for row in rows {
        for lane in 0..LANES {
            low[lane] = if row[lane] < low[lane] { row[lane] } else { low[lane] };
        }
    }
    low
}

/// The lanes below a line, as bits; a value and a line that are the same infinity tell nothing.
#[inline(always)]
fn lanes_below(value: &[f64; LANES], line: f64) -> u16 {
    negative(&value.map(|value| value - line))
}

/// The lanes above a line, as bits.
#[inline(always)]
fn lanes_above(value: &[f64; LANES], line: f64) -> u16 {
    negative(&value.map(|value| line - value))
}

/// The lanes below zero, as bits: signs put in their places and joined, of which compilers make no detours.
#[inline(always)]
fn negative(value: &[f64; LANES]) -> u16 {
    let mut bits = [0; LANES];
    for lane in 0..LANES {
        bits[lane] = (value[lane].to_bits() >> 63) << lane;
    }
    pair_by_pair(&bits, |a, b| a | b) as u16
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

by_isa! {
    /// Looks at the watched of the candidates (given by their places) at one close, and puts into `met` those that met a line in any lane.
    ///
    /// `early` makes every line one that something is to be done at.
    pub fn watch(met: &mut Vec<Met>, watched: &[u32], candidates: &[u32], reach: &Reach, prices: Prices<'_>, elapsed: f64, early: bool) {
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
    /// Market value of the holdings of the as-of date, `[day][lane]`; known from the block of the first slot on.
    pub value: Vec<[f64; LANES]>,
    /// The session (from 0) on which a lane's slot opens.
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
    /// Looks at one lane on the days of a block, line by line, up to the day its slot opens.
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
            // what is met on the day of the slot is the slot's to note
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
    /// Blocks in which no lane can come near a line are passed over until a slot opens; in the others, lanes that cannot.
    pub fn scan(scan: &mut Scan, place: usize, reach: &Reach, prices: &[f64], depth: usize, elapsed: &[f64]) {
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

/// What one symbol's row of a session looks like to the price limits; a lane each.
pub struct LimitRow<'a> {
    pub previous: &'a [f64; LANES],
    pub price: &'a mut [f64; LANES],
    pub state: &'a mut [u8; LANES],
    pub due: &'a mut [f64; LANES],
    /// What was due before the session's return, and the return as it was drawn.
    pub before: &'a [f64; LANES],
    pub drawn: &'a [f64; LANES],
    /// `exp(−impact)` of past sales; 1 where nothing presses.
    pub factor: &'a [f64; LANES],
}

by_isa! {
    /// Stops prices at the day's limits, and marks where they stopped; `keep_due` carries the rest over, else it is lost.
    ///
    /// A close at the limit adds `continuation` limits of its own direction to what is due.
    ///
    /// A halted lane keeps its price. A day drawn whole from the name's own trading was bound when it happened, and is free unless
    /// something is due: what an earlier limit cut off, what sales press, or what comes back of it. The drawn day's own close and
    /// lock at a limit stand while what is added to it, by stresses, by what was due and by sales, is slight.
    pub fn bind_limits(row: &mut LimitRow<'_>, limit: f64, tick: f64, keep_due: bool, continuation: f64) {
        for lane in 0..LANES {
            let (previous, sought, state) = (row.previous[lane], row.price[lane], row.state[lane]);
            let low = limit_price(previous, -limit, tick);
            let high = limit_price(previous, limit, tick);
            let halted = state & flag::HALTED != 0;
            let start = row.before[lane] * row.factor[lane];
            let whole = state & (flag::PRESENT | flag::PROXY) == flag::PRESENT && start == previous;
            let free = halted || whole;
            // rounding of a move of exactly the limit stops at it and leaves nothing due
            let (down, up) = (!free && sought <= low * (1.0 + ROUNDING), !free && sought > low && sought >= high * (1.0 - ROUNDING));
            // what an earlier limit left due waits for the name to trade again
            let price = if halted { previous } else { sought };
            let bound = if down { low } else if up { high } else { price };
            let exact = (price - bound).abs() <= bound * ROUNDING;
            row.price[lane] = bound;
            let stop = if down { flag::CLOSE_DOWN } else if up { flag::CLOSE_UP } else { 0 };
            let added = sought / (previous * (1.0 + row.drawn[lane]));
            row.state[lane] = if free { state } else { flag::after_change(state, added) } | stop;
            let due = if !(down || up) || (keep_due && !exact) { row.due[lane] } else { bound / row.factor[lane] };
            let further = continuation * limit;
            row.due[lane] = due * if down { 1.0 - further } else if up { 1.0 + further } else { 1.0 };
        }
    }
}

/// Relative error of a price that a few multiplications leave.
const ROUNDING: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Position;
    use crate::maths::isa::{self, Isa};

    /// Accounts that owe `loan` on the holdings of `symbols`, a hundred shares and some each; lines at 103 %, 100 % and 98 %.
    fn reach(accounts: &[(f64, std::ops::Range<u32>)]) -> Reach {
        let mut reach = Reach::default();
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

    #[test]
    fn a_return_that_is_no_number_or_below_minus_one_is_told() {
        for bad in [f64::NAN, f64::INFINITY, -1.5] {
            let (mut due, mut price, mut returns, mut unsound) = ([1.0; LANES], [0.0; LANES], [0.0; LANES], [0.0]);
            returns[3] = bad;
            advance(&mut due, &mut price, &returns, &mut unsound);
            assert!(unsound[0] != 0.0, "{bad}");
            unsound[0] = 0.0;
            advance_days(&mut [1.0; LANES], &mut price, &returns, LANES, &mut unsound);
            assert!(unsound[0] != 0.0, "{bad}");
        }
    }
}

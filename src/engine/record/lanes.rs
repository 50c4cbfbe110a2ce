//! Adds up what the paths of one tile came to in its day loop: income, losses, sales and the pool's value, a lane per path.

use super::join::add;
use super::outcome::{CYCLES, SymbolColumns};
use super::symbol_lanes::SymbolLanes;
use crate::engine::market::lanes::NO_ROW;
use crate::engine::plan::account::Account;
use crate::engine::plan::active::ActiveAccount;
use crate::engine::plan::scenario::Plan;
use crate::model::market::{LANES, Paths};

/// Sums of one tile, a lane per path.
#[derive(Clone, Debug, Default)]
pub struct LaneSums {
    /// The paths, and the lanes that stand for one asked for (the last tile may have more lanes than paths).
    pub paths: Paths,
    pub counts: [bool; LANES],
    pub income: [f64; LANES],
    /// Loss that reached the pool, `[day][lane]`; behind the last day what is marked at the horizon's end.
    pub loss: Vec<[f64; LANES]>,
    /// What loans that changed on a day add to the income of one calendar day from the next on, `[day][lane]`; and their sum so far.
    loans_moved: Vec<[f64; LANES]>,
    income_moved: [f64; LANES],
    pub unsold: [f64; LANES],
    /// What the session's prices were off their fixed point by, at most.
    pub residual: [f64; LANES],
    pub value: [f64; LANES],
    peak: [f64; LANES],
    pub drawdown: [f64; LANES],
    pub return_sum: [f64; LANES],
    pub return_square: [f64; LANES],
    pub downside_square: [f64; LANES],
    /// The pool's value after each day, `[day][lane]`.
    pub values: Vec<f64>,
    /// Per symbol, over the lanes that count.
    pub symbol: SymbolColumns,
    /// Per symbol, a lane per path.
    pub by_symbol: SymbolLanes,
    /// What was sold by force, and ahead of a client's line, `[day][symbol]`: the sums are the same whoever sells first.
    sold: Vec<f64>,
    early: Vec<f64>,
    /// Sessions on which the volatility trigger tripped, and the procyclicality of the requirement.
    pub trigger_days: [u32; LANES],
    pub cycles: [[f64; CYCLES]; LANES],
}

impl LaneSums {
    pub fn start(&mut self, plan: &Plan<'_>, paths: &Paths, rows: &[u32; LANES]) {
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        let (mut loss, mut loans_moved) = (std::mem::take(&mut self.loss), std::mem::take(&mut self.loans_moved));
        for rows in [&mut loss, &mut loans_moved] {
            rows.clear();
            rows.resize(plan.days + 1, [0.0; LANES]);
        }
        let mut symbol = std::mem::take(&mut self.symbol);
        symbol.clear(plan);
        let mut by_symbol = std::mem::take(&mut self.by_symbol);
        by_symbol.start(plan);
        let (mut sold, mut early) = (std::mem::take(&mut self.sold), std::mem::take(&mut self.early));
        for rows in [&mut sold, &mut early] {
            rows.clear();
            rows.resize(plan.days * plan.symbols.len(), 0.0);
        }
        *self = LaneSums {
            value: [plan.pool_start; LANES],
            peak: [plan.pool_start; LANES],
            values,
            loss,
            loans_moved,
            symbol,
            by_symbol,
            sold,
            early,
            ..LaneSums::default()
        };
        self.paths = *paths;
        self.counts = rows.map(|row| row != NO_ROW);
    }

    /// Notes that an account's loan changed at a day's close.
    #[inline(always)]
    pub fn note_loan(&mut self, account: &Account, active: &mut ActiveAccount, day: usize) {
        if active.loan != active.earning {
            self.loans_moved[day][active.lane()] += (active.loan - active.earning) * account.rate_day;
            active.earning = active.loan;
        }
    }

    /// Takes back what a day's close noted of loans.
    pub fn forget_loans(&mut self, day: usize) {
        self.loans_moved[day] = [0.0; LANES];
    }

    /// Notes money sold of a symbol, by force or ahead of a client's line.
    #[inline(always)]
    pub fn note_sale(&mut self, day: usize, symbol: usize, lane: usize, money: f64, ahead: bool) {
        let flow = if ahead { &mut self.early } else { &mut self.sold };
        flow[day * self.symbol.symbol.len() + symbol] += money;
        self.by_symbol.note_sale(day, symbol, lane, money, ahead);
    }

    /// The pool's income of a session `gap` calendar days long, on the loans as they stood before it; `day_total` is that of the
    /// as-of date's loans, less the funding's cost.
    pub fn accrue(&mut self, day_total: f64, gap: f64, day: usize) {
        if day > 0 {
            for (sum, moved) in self.income_moved.iter_mut().zip(self.loans_moved[day - 1]) {
                *sum += moved;
            }
        }
        self.income = self.income_moved.map(|moved| (day_total + moved) * gap);
    }

    /// A day ends; the last one ends with the horizon, whose marks belong to it.
    pub fn end_day(&mut self, plan: &Plan<'_>, day: usize) {
        if day + 1 < plan.days {
            self.move_value(plan, day, [0.0; LANES]);
        }
    }

    /// The pool's value moves by income less loss; its daily return is the move over the opening value of the pool.
    #[expect(clippy::needless_range_loop, reason = "a lane is an index of every column")]
    fn move_value(&mut self, plan: &Plan<'_>, day: usize, marked: [f64; LANES]) {
        for lane in 0..LANES {
            let change = self.income[lane] - self.loss[day][lane] - marked[lane];
            self.value[lane] += change;
            let r = change / plan.pool_start;
            self.return_sum[lane] += r;
            self.return_square[lane] += r * r;
            self.downside_square[lane] += if r < 0.0 { r * r } else { 0.0 };
            self.track(lane);
        }
        self.values.extend(self.value);
    }

    /// What the symbols came to by lane joins their sums over paths.
    pub fn close_symbols(&mut self) {
        self.by_symbol.close(&mut self.symbol);
    }

    /// Losses marked at the horizon's end fall on the last day.
    pub fn end_horizon(&mut self, plan: &Plan<'_>) {
        let symbols = plan.symbols.len().max(1);
        for (rows, sums) in [(&self.sold, &mut self.symbol.sold), (&self.early, &mut self.symbol.early)] {
            rows.chunks_exact(symbols).for_each(|row| add(sums, row));
        }
        self.move_value(plan, plan.days - 1, self.loss[plan.days]);
    }

    fn track(&mut self, lane: usize) {
        self.peak[lane] = self.peak[lane].max(self.value[lane]);
        self.drawdown[lane] = self.drawdown[lane].max((self.peak[lane] - self.value[lane]) / self.peak[lane]);
    }
}

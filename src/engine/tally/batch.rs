//! Adds up what the paths of a batch came to: per path, account, symbol and group; and checks that each path balances.

use super::held::{HeldMarket, held_market};
use super::untouched::{settle_active, untouched, untouched_lanes};
use crate::engine::market::lanes::lanes_of;
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::active::{ActiveAccount, NEVER, State, event};
use crate::engine::plan::scenario::Plan;
use crate::engine::pool::record::AccountSide;
use crate::engine::pool::workspace::PoolWorkspace;
use crate::engine::record::account_sums::AccountSums;
use crate::engine::record::join::add;
use crate::engine::record::lanes::LaneSums;
use crate::engine::record::outcome::{
    AccountColumns, CYCLES, ControlColumns, EVENTS, FAN_PATHS, Fan, GroupColumns, PathColumns, PoolColumns, PoolFigure, SymbolColumns,
};
use crate::engine::record::spool::Rows;
use crate::engine::screen::watch::Screen;
use crate::model::ledger::{AccountBalance, PathBalance};
use crate::model::market::LANES;
use crate::model::pool::waterfall;
use crate::model::sharing::{Closing, settle};
use std::ops::Range;

/// What one batch of paths of one scenario came to.
#[derive(Clone, Debug)]
pub struct Tally {
    pub path: PathColumns,
    pub pool: PoolColumns,
    /// By place (`Distances`): what lies near a line lies side by side.
    pub(super) account: Vec<AccountSums>,
    pub symbol: SymbolColumns,
    pub groups: Vec<GroupColumns>,
    pub fan: Fan,
    /// The rows whose pool is kept for the fan.
    pub fan_rows: Range<u64>,
    /// Sum over paths of each symbol's last price, from which untouched accounts' results follow.
    pub(super) final_price: Vec<f64>,
    pub(super) paths: u64,
    pub(super) batches: u32,
    /// The paths of the tile being recorded, and what the market did on them; and scratch of groups and lanes, and of the waterfall.
    open: [PathSums; LANES],
    held: HeldMarket,
    group_loss: Vec<[f64; LANES]>,
    group_events: Vec<[[u32; EVENTS.len()]; LANES]>,
    taken: Vec<f64>,
}

impl Tally {
    pub fn new(plan: &Plan<'_>) -> Self {
        let (accounts, symbols) = (plan.accounts.len(), plan.symbols.len());
        Tally {
            path: PathColumns { tier_loss: vec![Vec::new(); plan.capital.len()], ..PathColumns::default() },
            pool: PoolColumns::new(plan),
            account: vec![AccountSums::default(); accounts],
            symbol: SymbolColumns::zeros(plan),
            groups: plan
                .groups
                .iter()
                .map(|g| GroupColumns { kind: g.kind, name: g.name.clone(), accounts: g.accounts, ..GroupColumns::default() })
                .collect(),
            fan: Fan { days: plan.days + 1, path: Vec::new(), value: Vec::new() },
            fan_rows: 0..FAN_PATHS,
            final_price: vec![0.0; symbols],
            paths: 0,
            batches: 0,
            open: [PathSums::default(); LANES],
            held: HeldMarket::default(),
            group_loss: Vec::new(),
            group_events: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Keeps the pool's value of some paths for the fan; `[path][day]`.
    fn record_fan(&mut self, plan: &Plan<'_>, rows: &[u32; LANES], lanes: &LaneSums) {
        for lane in (0..LANES).filter(|l| lanes.counts[*l] && self.fan_rows.contains(&u64::from(rows[*l]))) {
            self.fan.path.push(rows[lane]);
            self.fan.value.push(plan.pool_start);
            self.fan.value.extend(lanes.values.iter().skip(lane).step_by(LANES));
        }
    }

    /// Step 11 begins: the paths of a tile as if nothing happened to any account.
    pub fn begin(&mut self, plan: &Plan<'_>, tile: &MarketTile) {
        let base = untouched_lanes(plan, tile);
        self.open = [PathSums::default(); LANES];
        for (sums, market_gain) in self.open.iter_mut().zip(base.market_gain) {
            sums.client_loss = base.interest - market_gain;
            sums.lender_income = base.interest;
            sums.market_gain = market_gain;
            sums.gross = libm::fabs(market_gain);
            sums.side.interest = base.interest;
            sums.side.debt = base.debt;
        }
        self.group_loss.clear();
        self.group_loss.resize(self.groups.len(), [0.0; LANES]);
        self.group_events.clear();
        self.group_events.resize(self.groups.len(), [[0; EVENTS.len()]; LANES]);
    }

    /// Step 11 ends: writes the tile's paths, and asserts that money is conserved on each.
    pub fn end(
        &mut self,
        plan: &Plan<'_>,
        tile: &MarketTile,
        lanes: &LaneSums,
        screen: &Screen,
        active: &[ActiveAccount],
        pool: &PoolWorkspace,
    ) {
        self.record_fan(plan, &tile.rows, lanes);
        self.symbol.add(&lanes.symbol);
        let mut paths = self.open;
        self.record_noted(plan, lanes, screen, &mut paths);
        if plan.shares {
            self.share_untouched(plan, tile, &lanes.counts, &touched(plan, screen, active), &mut paths);
        }
        for (s, sum) in self.final_price.iter_mut().enumerate() {
            let prices = tile.prices(plan.days - 1, s);
            *sum += (0..LANES).filter(|l| lanes.counts[*l]).fold(0.0, |sum, lane| sum + prices[lane]);
        }
        self.held = held_market(plan, tile);
        for lane in (0..LANES).filter(|l| lanes.counts[*l]) {
            self.push_path(plan, &mut paths[lane], lanes, pool, lane, tile.paths[lane]);
            for ((group, loss), events) in self.groups.iter_mut().zip(&self.group_loss).zip(&self.group_events) {
                if loss[lane] != 0.0 {
                    group.loss.push((tile.rows[lane], loss[lane]));
                }
                for (sums, count) in group.events.iter_mut().zip(events[lane]) {
                    sums[0] += f64::from(count);
                    sums[1] += f64::from(count) * f64::from(count);
                }
            }
        }
    }

    /// One touched account on one path; not where its lane stands for no path.
    pub fn record_active(&mut self, plan: &Plan<'_>, tile: &MarketTile, lanes: &LaneSums, active: &ActiveAccount) {
        let (a, lane) = (active.account(), active.lane());
        if !lanes.counts[lane] {
            return;
        }
        let path = &mut self.open[lane];
        let account = &plan.accounts[a];
        let equity = active.cash + active.held - active.loan - active.accrued;
        let gross = account.gross_start() + active.gross();
        AccountBalance {
            equity_start: account.equity_start,
            market_gain: active.gain,
            interest: active.charged,
            sale_cost: active.sale_cost,
            paid_in: active.paid_in - active.withdrawn,
            written_off: if active.state == State::Closed { active.shortfall } else { 0.0 },
            custody_loss: active.custody_loss,
            equity_end: equity,
            gross,
        }
        .assert_balanced(a);
        let split = settle_active(active, account, equity);
        let recourse = active.shortfall * plan.recourse_on(active.closed_on);
        let loss = active.shortfall - recourse;
        let (untouched_gain, untouched_interest) = untouched(plan, account, tile, lane);
        let beyond = recourse - split.client_money - (untouched_interest - untouched_gain);
        let sums = &mut self.account[active.place()];
        sums.client_loss_beyond += beyond;
        path.client_loss += beyond;
        path.lender_income += split.income_money() - untouched_interest;
        path.market_gain += active.gain - untouched_gain;
        path.gross += libm::fabs(untouched_gain) + gross;
        path.shortfall += active.shortfall;
        path.recourse += recourse;
        path.forced_sales += active.proceeds - active.early;
        path.early_sales += active.early;
        path.withdrawn += active.withdrawn;
        path.sale_cost += active.sale_cost;
        path.call_amount += active.call_amount;
        path.time_to_call += if active.first_call == NEVER { 0 } else { u32::from(active.first_call) };
        path.close_outs += u32::from(active.close_outs);
        path.close_out_days += active.close_out_days;
        path.client_custody_loss += active.custody_loss;
        path.side.add_loss(loss);
        path.side.interest += active.charged - untouched_interest;
        path.side.debt += active.loan + active.accrued - (account.loan + account.accrued + untouched_interest);
        path.side.marked += if active.state == State::Closed { 0.0 } else { active.shortfall };
        let reduced = u32::from(active.reduced > 0.0);
        path.reduced += reduced;
        path.reduction_sales += active.reduced;
        sums.reduced += reduced;
        sums.loss += loss;
        sums.loss_square += loss * loss;
        self.count_events(plan, active, loss);
        debug_assert!(active.events & event::SHORTFALL == 0 || active.shortfall > 0.0);
    }

    /// What one touched account met on one path, and when.
    fn count_events(&mut self, plan: &Plan<'_>, active: &ActiveAccount, loss: f64) {
        let lane = active.lane();
        let met: [u32; EVENTS.len()] = std::array::from_fn(|e| u32::from(active.events >> e & 1));
        let sums = &mut self.account[active.place()];
        for ((of_account, of_path), met) in sums.events.iter_mut().zip(&mut self.open[lane].events).zip(met) {
            *of_account += met;
            *of_path += met;
        }
        for g in plan.accounts[active.account()].groups() {
            self.group_loss[g][lane] += loss;
            self.group_events[g][lane].iter_mut().zip(met).for_each(|(count, met)| *count += met);
        }
        let closed = if active.closed_on == 0 { NEVER } else { active.closed_on };
        let days = [active.first_warning, active.first_call, active.first_liquidation, closed];
        sums.first.iter_mut().zip(days).for_each(|(first, day)| first.note(day));
    }

    /// The warnings and limits of accounts that met no more than these.
    fn record_noted(&mut self, plan: &Plan<'_>, lanes: &LaneSums, screen: &Screen, paths: &mut [PathSums; LANES]) {
        let counts = (0..LANES).fold(0, |mask, lane| mask | u16::from(lanes.counts[lane]) << lane);
        for (place, noted) in screen.candidates.iter().zip(&screen.noted) {
            let shut = counts & !noted.open;
            let (warned, limited) = (noted.warned & shut, noted.limited & shut);
            if warned | limited == 0 {
                continue;
            }
            let sums = &mut self.account[*place as usize];
            sums.events[0] += warned.count_ones();
            sums.events[1] += limited.count_ones();
            for lane in lanes_of(warned) {
                sums.first[0].note(noted.first_warning[lane]);
            }
            let account = &plan.accounts[plan.distances.rows[*place as usize].account as usize];
            for (e, mask) in [warned, limited].into_iter().enumerate() {
                for lane in lanes_of(mask) {
                    paths[lane].events[e] += 1;
                    for g in account.groups() {
                        self.group_events[g][lane][e] += 1;
                    }
                }
            }
        }
    }

    /// Settles the accounts nothing happened to, where profit is shared or fees are due.
    fn share_untouched(
        &mut self,
        plan: &Plan<'_>,
        tile: &MarketTile,
        counts: &[bool; LANES],
        touched: &[u16],
        paths: &mut [PathSums; LANES],
    ) {
        for (a, account) in plan.accounts.iter().enumerate() {
            for lane in lanes_of(!touched[a]).filter(|l| counts[*l]) {
                let (gain, interest) = untouched(plan, account, tile, lane);
                let equity = account.equity_start + gain - interest;
                let split = settle(
                    &account.terms,
                    &Closing { gross_money: gain, interest_money: interest, equity_money: equity, shortfall_money: 0.0 },
                );
                let beyond = -split.client_money - (interest - gain);
                self.account[plan.distances.place[a] as usize].client_loss_beyond += beyond;
                paths[lane].client_loss += beyond;
                paths[lane].lender_income += split.income_money() - interest;
            }
        }
    }

    fn push_path(&mut self, plan: &Plan<'_>, sums: &mut PathSums, lanes: &LaneSums, pool: &PoolWorkspace, lane: usize, path: u64) {
        let mut taken = std::mem::take(&mut self.taken);
        let borne = bear(plan, sums, pool, lane, &mut taken);
        let (pool_loss, unallocated) = (borne.pool_loss, borne.unallocated);
        (sums.side.shortfall, sums.side.recourse, sums.side.gross) = (sums.shortfall, sums.recourse, sums.gross);
        self.pool.push(plan, pool, lane, &sums.side, path);
        PathBalance {
            market_gain: sums.market_gain,
            sale_cost: sums.sale_cost,
            client_loss: sums.client_loss,
            lender_income: sums.lender_income,
            shortfall: sums.shortfall,
            recourse: sums.recourse,
            client_custody_loss: sums.client_custody_loss,
            custody_loss: borne.custody_loss,
            tier_loss: taken.iter().fold(0.0, |sum, t| sum + t),
            unallocated,
            gross: sums.gross,
        }
        .assert_balanced(path);
        let columns = &mut self.path;
        columns.pool_loss.push(pool_loss);
        columns.shortfall.push(sums.shortfall);
        columns.recourse.push(sums.recourse);
        columns.unallocated_loss.push(unallocated);
        for (tier, taken) in plan.loss_order.iter().zip(&taken) {
            columns.tier_loss[*tier].push(*taken);
        }
        columns.lender_pnl.push(sums.lender_income - pool_loss - borne.funding);
        columns.client_loss.push(sums.client_loss);
        columns.forced_sales.push(sums.forced_sales);
        columns.early_sales.push(sums.early_sales);
        columns.client_withdrawals.push(sums.withdrawn);
        columns.unsold.push(lanes.unsold[lane]);
        columns.clearing_residual.push(lanes.residual[lane]);
        columns.sale_cost.push(sums.sale_cost);
        columns.call_amount.push(sums.call_amount);
        columns.max_drawdown.push(lanes.drawdown[lane]);
        columns.market_return.push(self.held.total_return[lane]);
        columns.market_worst_day.push(self.held.worst_day[lane]);
        columns.market_volatility.push(self.held.volatility[lane]);
        columns.return_sum.push(lanes.return_sum[lane]);
        columns.return_square.push(lanes.return_square[lane]);
        columns.downside_square.push(lanes.downside_square[lane]);
        let [warned, limited, called, cured, liquidated, shortfall, unneeded] = sums.events;
        columns.unneeded.push(unneeded);
        columns.close_outs.push(sums.close_outs);
        columns.close_out_days.push(sums.close_out_days);
        columns.warned.push(warned);
        columns.limited.push(limited);
        columns.called.push(called);
        columns.cured.push(cured);
        columns.liquidated.push(liquidated);
        columns.shortfall_accounts.push(shortfall);
        columns.time_to_call.push(sums.time_to_call);
        push_controls(&mut columns.controls, plan, sums, lanes, lane);
        self.taken = taken;
        self.paths += 1;
    }

    /// The rows of the batch, which go to the spool.
    pub fn take_rows(&mut self) -> Rows {
        Rows {
            path: std::mem::take(&mut self.path),
            pool: std::mem::take(&mut self.pool),
            group_loss: self.groups.iter_mut().map(|g| std::mem::take(&mut g.loss)).collect(),
            group_loss_by_path: Vec::new(),
        }
    }

    /// Joins the next batch, in order of paths, its rows taken already.
    pub fn append(&mut self, next: Tally) {
        self.account.iter_mut().zip(&next.account).for_each(|(sums, next)| sums.add(next));
        self.symbol.add(&next.symbol);
        for (group, next) in self.groups.iter_mut().zip(next.groups) {
            for (sums, more) in group.events.iter_mut().zip(next.events) {
                sums[0] += more[0];
                sums[1] += more[1];
            }
        }
        self.fan.path.extend(next.fan.path);
        self.fan.value.extend(next.fan.value);
        add(&mut self.final_price, &next.final_price);
        self.paths += next.paths;
        self.batches += next.batches;
    }

    /// The sums over paths of every account, in the order of the book; what untouched accounts came to is filled in.
    pub fn accounts(&self, plan: &Plan<'_>) -> AccountColumns {
        let mut columns = AccountColumns { batches: self.batches, ..AccountColumns::default() };
        let untouched: Vec<f64> = self.untouched_losses(plan).collect();
        for place in &plan.distances.place {
            columns.push(&self.account[*place as usize], untouched[*place as usize]);
        }
        columns
    }

    /// What each client would have lost on all paths together had nothing happened to its account; by place, as accounts lie in memory.
    fn untouched_losses<'t>(&self, plan: &'t Plan<'_>) -> impl Iterator<Item = f64> + use<'t> {
        let paths = self.paths as f64;
        let moved: Vec<f64> = self.final_price.iter().zip(&plan.price_start).map(|(last, start)| last - paths * start).collect();
        let elapsed = plan.elapsed_days[plan.days];
        plan.distances.near.iter().zip(&plan.distances.rows).map(move |(near, row)| {
            let gain = near.of(&plan.distances.held).iter().fold(0.0, |sum, held| sum + held.quantity * moved[held.symbol()]);
            paths * row.loan * row.rate_day * elapsed - gain
        })
    }

    /// Ends a batch: squares what each client lost in it, which is known only where its paths end.
    pub fn close_batch(&mut self, plan: &Plan<'_>) {
        let paths = self.paths as f64;
        let losses = self.untouched_losses(plan);
        for (sums, untouched) in self.account.iter_mut().zip(losses) {
            let whole = untouched + sums.client_loss_beyond;
            sums.client_loss_square = whole * whole / paths;
        }
        self.batches = 1;
    }
}

/// The lanes in which each account is active, a bit each.
fn touched(plan: &Plan<'_>, screen: &Screen, active: &[ActiveAccount]) -> Vec<u16> {
    let mut touched = vec![0_u16; plan.accounts.len()];
    for (place, noted) in screen.candidates.iter().zip(&screen.noted) {
        touched[plan.distances.rows[*place as usize].account as usize] = noted.open;
    }
    // a loan called back is touched though no line was near
    active.iter().for_each(|active| touched[active.account()] |= 1 << active.lane());
    touched
}

/// What the controls did on one path, in the columns some rule of the plan writes.
fn push_controls(columns: &mut ControlColumns, plan: &Plan<'_>, sums: &PathSums, lanes: &LaneSums, lane: usize) {
    if plan.reduces {
        columns.reduced.push(sums.reduced);
        columns.reduction_sales.push(sums.reduction_sales);
    }
    let Some(rules) = &plan.controls else { return };
    if rules.trigger.is_some() {
        columns.trigger_days.push(lanes.trigger_days[lane]);
    }
    if rules.dynamic.is_some() {
        columns.cycle.resize(CYCLES, Vec::new());
        for (column, figure) in columns.cycle.iter_mut().zip(lanes.cycles[lane]) {
            column.push(figure);
        }
    }
}

/// One path's sums over accounts.
#[derive(Clone, Copy, Debug, Default)]
struct PathSums {
    client_loss: f64,
    lender_income: f64,
    market_gain: f64,
    /// What it would have been untouched, without its sign, what touched accounts would have added to it, and what theirs is made of.
    gross: f64,
    shortfall: f64,
    recourse: f64,
    forced_sales: f64,
    early_sales: f64,
    withdrawn: f64,
    sale_cost: f64,
    call_amount: f64,
    events: [u32; EVENTS.len()],
    time_to_call: u32,
    close_outs: u32,
    close_out_days: u32,
    client_custody_loss: f64,
    side: AccountSide,
    reduced: u32,
    reduction_sales: f64,
}

/// Who bears one path's loss, and what its funding costs less what a hedge earns.
struct Borne {
    pool_loss: f64,
    custody_loss: f64,
    unallocated: f64,
    funding: f64,
}

/// Sends the path's loss down the tiers at once, or reads off a pool kept daily how it went; `taken` in the order of losses.
fn bear(plan: &Plan<'_>, sums: &PathSums, pool: &PoolWorkspace, lane: usize, taken: &mut Vec<f64>) -> Borne {
    taken.clear();
    if plan.pool.is_some() {
        let of_lane = &pool.lane[lane];
        let figure = |f: PoolFigure| of_lane.figures[f as usize];
        taken.extend(&of_lane.taken);
        let custody_loss = figure(PoolFigure::CustodyLoss);
        return Borne {
            pool_loss: sums.shortfall + custody_loss - sums.recourse,
            custody_loss,
            unallocated: of_lane.unallocated,
            funding: figure(PoolFigure::FundingCost) - figure(PoolFigure::HedgeResult),
        };
    }
    let pool_loss = sums.shortfall - sums.recourse;
    taken.resize(plan.capital.len(), 0.0);
    let unallocated = waterfall::allocate(pool_loss, &plan.capital, taken);
    Borne { pool_loss, custody_loss: 0.0, unallocated, funding: plan.funding_cost_day * plan.elapsed_days[plan.days] }
}

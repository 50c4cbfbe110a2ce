//! Prepares one scenario for its paths: resolves programme, book and market to plain numbers.

use super::account::{Account, Group, NO_GROUP, Position};
use super::controls::ControlRules;
use super::distance::Distances;
use super::facts::{recent_volatility, turnover_ratio, volume_caps};
use super::opening::Opening;
use super::past::{PastMarket, past_returns};
use super::pool::{Parts, PoolPlan};
use super::recourse::Recourse;
use super::risk::{self, RiskFactors};
use super::scenario::{Coupling, Plan};
use crate::maths::random::{Stream, Streams, name_address};
use crate::model::book::{Book, LEVERAGE_BUCKETS, leverage_bucket};
use crate::model::case::Scenario;
use crate::model::client::withdrawal;
use crate::model::exchange::{self, costs};
use crate::model::history::Market;
use crate::model::margin::template::Holding;
use crate::model::pool;
use crate::model::sharing::{InterestBase, Rule};
use crate::problem::Problems;
use crate::units::{Day, Ratio, calendar};

/// The symbols any account holds, as indices into the market, ascending.
pub fn held_symbols(book: &Book) -> Vec<usize> {
    let mut held: Vec<usize> = book.position_symbol.iter().map(|s| *s as usize).collect();
    held.sort_unstable();
    held.dedup();
    held
}

impl<'a> Plan<'a> {
    /// All but what the as-of close makes of its accounts, which `open` completes.
    ///
    /// Errors: a rule reads a symbol's turnover and none is known (kind Model).
    pub fn new(scenario: &'a Scenario, as_of: Day, seed: u64, book: &Book, market: &Market) -> Result<Plan<'a>, Problems> {
        let case = &scenario.case;
        let days = case.simulation.horizon_days as usize;
        let dates = calendar::sessions_after(as_of, days, &market.calendar);
        let mut elapsed_days = vec![0.0];
        elapsed_days.extend(dates.iter().map(|d| f64::from(as_of.calendar_days_until(*d))));
        let symbols = held_symbols(book);
        let instruments: Vec<_> = symbols.iter().map(|s| &market.instruments[*s]).collect();
        let price_start: Vec<f64> = instruments.iter().map(|i| i.price).collect();
        let free: Vec<usize> = symbols.iter().map(|s| market.free_sessions(*s, as_of)).collect();
        let price_limit = dates
            .iter()
            .enumerate()
            .flat_map(|(day, date)| {
                instruments.iter().zip(&free).map(move |(i, free)| {
                    let binds = case.exchange.price_limits && day >= *free;
                    let limit = exchange::daily_limit(i.board, i.st, *date).filter(|_| binds);
                    limit.unwrap_or(f64::INFINITY)
                })
            })
            .collect::<Vec<f64>>();
        let volatility_daily: Vec<f64> = symbols.iter().map(|s| recent_volatility(market, *s, as_of)).collect();
        let turnover_ratio = instruments.iter().map(|i| turnover_ratio(i)).collect();
        let (average_volume, volume_cap) = volume_caps(scenario, &instruments)?;
        let sale_cost: Vec<f64> = dates.iter().map(|d| case.liquidation.cost.get() + costs::sale_cost(&case.costs, *d)).collect();
        let duty = dates.iter().map(|d| costs::stamp_duty(case.costs.stamp_duty, *d)).collect();
        let mut duty_free: Vec<bool> = instruments.iter().map(|i| !i.board.pays_duty()).collect();
        if !duty_free.contains(&true) {
            duty_free.clear();
        }
        let past = past_returns(market, &symbols, as_of);
        let past_market_state = PastMarket::of(&past);
        let market_variance = past_market_state.variance;
        let risk_factors = RiskFactors::of(case, market, &symbols, (market_variance.sqrt(), &volatility_daily), days);
        let controls = ControlRules::of(case, &past, &past_market_state, &risk_factors.market);
        let streams = Streams::new(seed);
        let loss_order = pool::loss_order(book, &case.pool);
        let by_tier = pool::tier_capital(book, &case.pool);
        let capital: Vec<f64> = loss_order.iter().map(|t| by_tier[*t]).collect();
        let mut plan = Plan {
            scenario,
            exchange: &case.exchange,
            liquidation: &case.liquidation,
            clients: &case.clients,
            feedback: &case.feedback,
            haircuts: &case.margin.haircuts,
            recourse: Recourse { share: case.pool.recourse.get(), delay: 0 },
            streams,
            paths: case.simulation.paths,
            days,
            dates,
            elapsed_days,
            quantity_total: vec![0.0; symbols.len()],
            market_variance,
            past_market_state,
            risk_factors,
            free_float: instruments.iter().map(|i| i.free_float_value.unwrap_or(f64::INFINITY)).collect(),
            depth: instruments.iter().map(|i| i.depth_amount.unwrap_or(0.0)).collect(),
            reads_market_state: case.clients.read_stress() || controls.as_ref().is_some_and(ControlRules::reads_market_state),
            controls,
            haircut_start: risk::haircuts(case, &instruments),
            reduces: case.reduces(),
            looks_ahead: false,
            coupling: Coupling::EveryClose,
            passes_over: true,
            symbols,
            price_start,
            price_limit: std::sync::Arc::new(price_limit),
            pool: None,
            shares: false,
            payments_are_random: false,
            volume_cap,
            average_volume,
            volatility_daily,
            turnover_ratio,
            fade: case.feedback.fade_factor(),
            sale_cost,
            duty,
            duty_free,
            tick: instruments.iter().map(|i| i.board.tick(&i.symbol, case.exchange.tick)).collect(),
            accounts: Vec::with_capacity(book.accounts()),
            openings: Vec::new(),
            positions: Vec::with_capacity(book.position_symbol.len()),
            distances: Distances::default(),
            groups: Vec::new(),
            sector_of: Vec::new(),
            sectors: book.sectors.len(),
            net_cash_total: 0.0,
            debt_start_total: 0.0,
            equity_start_total: 0.0,
            interest_day_total: 0.0,
            pool_start: capital.iter().sum(),
            loss_order,
            capital,
            funding_cost_day: book.funding.iter().map(|f| f.amount * (f.rate_annual + case.interest.funding_rate_rise.get())).sum::<f64>()
                / f64::from(case.interest.day_count),
        };
        // less than a cent is no pool whose value could rise or fall by a share
        if plan.pool_start < 0.01 {
            plan.pool_start = book.loan.iter().sum::<f64>().max(1.0);
        }
        plan.add_accounts(book, market);
        Ok(plan)
    }

    /// What follows from the accounts as the as-of close left them: their order, the pool, and what accounts meet in.
    pub fn open(&mut self, openings: Vec<Opening>, as_of: Day, book: &Book, market: &Market) {
        let case = &self.scenario.case;
        self.openings = openings;
        self.distances = Distances::new(&self.accounts, &self.openings, &self.positions, self.elapsed_days[self.days]);
        self.pool = self.resolve_pool(as_of, book, market);
        // without a pool that is kept daily, what recourse brings is shared out at the end
        self.recourse.delay = self.pool.as_ref().map_or(0, |_| self.scenario.case.pool.recourse_delay_days as usize);
        self.reads_market_state |= self.pool.as_ref().is_some_and(PoolPlan::reads_stress);
        self.looks_ahead = !(case.feedback.is_on() || self.pool.is_some() || self.controls.is_some());
        self.coupling = match case.liquidation.participation {
            _ if !self.looks_ahead || self.reads_market_state => Coupling::EveryClose,
            Some(_) => Coupling::Volume,
            None => Coupling::Nothing,
        };
    }

    fn resolve_pool(&self, as_of: Day, book: &Book, market: &Market) -> Option<PoolPlan> {
        let parts = Parts {
            case: &self.scenario.case,
            streams: &self.streams,
            as_of,
            elapsed_days: &self.elapsed_days,
            symbols: &self.symbols,
            price_start: &self.price_start,
            quantity_total: &self.quantity_total,
            loss_order: &self.loss_order,
            capital: &self.capital,
            volatility_daily: &self.volatility_daily,
            average_volume: &self.average_volume,
        };
        PoolPlan::new(&parts, book, market)
    }

    fn add_accounts(&mut self, book: &Book, market: &Market) {
        let case = &self.scenario.case;
        let prices = market.prices();
        let funding_cost = pool::lending::funding_cost(book, case.interest.funding_rate_rise.get());
        let horizon_calendar_days = *self.elapsed_days.last().expect("the as-of date is there") as i32;
        let local = |symbol: u32| self.symbols.binary_search(&(symbol as usize)).expect("every held symbol is simulated") as u32;
        let mut groups: Vec<Group> = Vec::new();
        let named = |kind: &'static str, names: &[String]| {
            names.iter().map(move |n| Group { kind, name: n.clone(), accounts: 0 }).collect::<Vec<_>>()
        };
        groups.extend(named("tier", &book.tiers));
        groups.extend(named("grade", &book.grades));
        groups.extend(named("leverage", &LEVERAGE_BUCKETS.map(String::from)));
        let sectors_from = groups.len();
        groups.extend(named("sector", &book.sectors));
        if !book.sectors.is_empty() {
            let sector = |s: &usize| book.sectors.binary_search(&market.instruments[*s].sector).expect("sectors of held symbols are known");
            self.sector_of = self.symbols.iter().map(|s| sector(s) as u32).collect();
        }
        let programme_call = case.margin.call.map_or(0.0, Ratio::get);
        let (grades_from, leverage_from) = (book.tiers.len(), book.tiers.len() + book.grades.len());
        for a in 0..book.accounts() {
            let first = self.positions.len();
            for p in book.positions(a) {
                let symbol = local(book.position_symbol[p]);
                let instrument = &market.instruments[book.position_symbol[p] as usize];
                self.quantity_total[symbol as usize] += book.position_quantity[p];
                self.positions.push(Position {
                    symbol,
                    quantity: book.position_quantity[p],
                    cost: book.position_cost[p].unwrap_or(instrument.price),
                    lot: case.exchange.lot_of(instrument.board),
                    stop: case.margin.stop.price(book.position_cost[p].unwrap_or(instrument.price)),
                });
            }
            let loan = book.loan[a];
            let exposure = (book.own_capital_initial[a].unwrap_or_else(|| book.own_capital(a, &prices)) + loan).max(0.0);
            let base = match case.interest.interest_base {
                InterestBase::Exposure if loan > 0.0 => exposure / loan,
                _ => 1.0,
            };
            let lines = case.margin.lines(&book.lines[a], book.product_of(a));
            let grade = &book.grades[book.grade[a] as usize];
            let cost = funding_cost[book.tier[a] as usize];
            let rate_annual = case.pool.rate_annual(book.rate_annual[a], &book.grades[book.grade[a] as usize], cost);
            let tier = &book.tiers[book.tier[a] as usize];
            let lines = case.pool.front_lines(tier, lines);
            let leverage = (leverage_from + leverage_bucket(book.leverage(a, &prices))) as u32;
            let sector = book.sector.get(a).map_or(NO_GROUP, |sector| sectors_from as u32 + sector);
            let group = [book.tier[a], grades_from as u32 + book.grade[a], leverage, sector];
            for g in group.into_iter().filter(|g| *g != NO_GROUP) {
                groups[g as usize].accounts += 1;
            }
            let near = lines.nearest();
            let ahead = case.clients.pre_emptive.filter(|_| near > 0.0).map(|rule| (rule, self.volatility_of(first)));
            // a client who sells ahead of its line acts above it
            let acts_below = ahead.map_or(1.0, |(rule, volatility)| rule.starts_below(near, volatility).max(1.0));
            let withdraws = case.clients.withdrawal.filter(|_| loan > 0.0);
            let holdings = self.positions[first..].iter().map(|p| {
                let s = p.symbol as usize;
                Holding { value: p.quantity * self.price_start[s], turnover: self.average_volume[s], depth: self.depth[s] }
            });
            let account = Account {
                scale_unit: case.margin.dynamic.as_ref().map_or(1.0, |d| d.unit(lines.call, lines.liquidation)),
                liquidity: risk::liquidity(case, holdings),
                cash: book.cash[a],
                loan,
                accrued: book.accrued_interest[a],
                rate_day: (rate_annual + case.interest.loan_rate_rise.get()) * base / f64::from(case.interest.day_count),
                lines,
                calm: lines.highest().max(acts_below),
                calm_warned: lines.highest_once_warned().max(acts_below),
                calm_limited: lines.highest_once_limited().max(acts_below),
                groups: group,
                ahead,
                withdraws_above: withdraws.map_or(f64::INFINITY, |_| lines.withdrawal_line(withdrawal::LINE + case.pool.line_add_of(tier))),
                response: case.clients.call_response(&self.streams, &book.account_id[a], grade),
                turn: self.streams.key(Stream::Lot, name_address(&book.account_id[a])),
                restored: case.clients.restored_ratio(lines.call, programme_call).max(lines.cured_at),
                payment_days: case.clients.payment_days(grade, lines.cure_days),
                delay_days: lines.delay_days.unwrap_or(case.liquidation.delay_days) as u16,
                terms: case.sharing.terms(&case.interest, book, a, &prices, horizon_calendar_days),
                equity_start: book.own_capital(a, &prices),
                value_start: self.positions[first..].iter().fold(0.0, |v, p| v + p.quantity * self.price_start[p.symbol as usize]),
                positions: first..self.positions.len(),
            };
            self.net_cash_total += account.cash - account.loan - account.accrued;
            self.debt_start_total += account.loan + account.accrued;
            self.equity_start_total += account.equity_start;
            self.shares |= account.terms.rule != Rule::None || account.terms.platform_fee != 0.0 || account.terms.exposure_fee_money != 0.0;
            self.payments_are_random |= lines.call > 0.0 && account.response.is_random();
            self.payments_are_random |= withdraws.is_some_and(|w| w.probability.get() > 0.0 && w.probability.get() < 1.0);
            self.interest_day_total += account.loan * account.rate_day;
            self.accounts.push(account);
        }
        self.groups = groups;
    }

    /// Value-weighted mean daily volatility of the positions from `first` on, at the as-of prices; 0 where nothing is held.
    fn volatility_of(&self, first: usize) -> f64 {
        let value = |p: &Position| p.quantity * self.price_start[p.symbol as usize];
        let (sum, weighted) = self.positions[first..]
            .iter()
            .fold((0.0, 0.0), |(sum, weighted), p| (sum + value(p), weighted + value(p) * self.volatility_daily[p.symbol as usize]));
        if sum > 0.0 { weighted / sum } else { 0.0 }
    }
}

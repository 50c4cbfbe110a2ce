//! Prepares one scenario for its paths: calendar, limits, costs, and every account as plain numbers.

use super::as_of::{self, Opening};
use super::control_plan::{self, AccountCap, RiskFactors};
use super::controls::ControlRules;
use super::pool::plan::{Parts, PoolPlan};
use super::reach::Reach;
use super::symbol_facts::{recent_volatility, turnover_ratio, volume_caps};
use super::weather::{PastWeather, past_returns};
use crate::maths::random::{Key, Stream, Streams, name_address};
use crate::model::book::{Book, LEVERAGE_BUCKETS, leverage_bucket};
use crate::model::case::Scenario;
use crate::model::client::{Answers, pre_emptive::PreEmptive, withdrawal};
use crate::model::exchange::{self, costs};
use crate::model::history::Market;
use crate::model::liquidation::lots::Lot;
use crate::model::margin::{Lines, template::Holding};
use crate::model::pool;
use crate::model::sharing::{InterestBase, Rule, Terms};
use crate::problem::Problems;
use crate::units::{Day, Ratio, day};

/// One account as the day loop reads it. Money in the programme's currency.
#[derive(Clone, Debug)]
pub struct Account {
    pub cash: f64,
    pub loan: f64,
    pub accrued: f64,
    /// Interest of one calendar day on one unit of loan.
    pub rate_day: f64,
    pub lines: Lines,
    /// The ratio above which nothing can happen: the highest line, and at least 1, where equity ends.
    pub calm: f64,
    /// The same once the account was warned, and once it was limited too: what has happened need not be looked for again.
    pub calm_warned: f64,
    pub calm_limited: f64,
    /// Its tier, grade, leverage and sector among the groups; `NO_GROUP` where no sector is known.
    pub groups: [u32; 4],
    pub answers: Answers,
    /// Draws its turn where a capped session has lots to hand out.
    pub turn: Key,
    /// How the client sells ahead of its line, and the value-weighted daily volatility of its holdings; none where it does not.
    pub ahead: Option<(PreEmptive, f64)>,
    /// The ratio above which the client may take money out; infinite where it does not.
    pub withdraws_above: f64,
    /// The ratio a client's payment restores, and the sessions from the call to it.
    pub restored: f64,
    pub payment_days: u32,
    /// Sessions between the close that triggers a forced sale and the close that sells.
    pub delay_days: u16,
    /// What one unit of dynamic requirement scales the lines by, and the liquidity of the holdings at the as-of date, above 0 to 1.
    pub scale_unit: f64,
    pub liquidity: f64,
    pub terms: Terms,
    pub equity_start: f64,
    /// Market value of the holdings at the as-of date.
    pub value_start: f64,
    /// Range into the plan's positions.
    pub positions: std::ops::Range<usize>,
}

/// In place of a group an account belongs to none of.
pub const NO_GROUP: u32 = u32::MAX;

impl Account {
    /// The groups it belongs to.
    #[inline(always)]
    pub fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        self.groups.into_iter().filter(|g| *g != NO_GROUP).map(|g| g as usize)
    }

    /// Part of the own capital of the as-of date that is gone, 0 to 1.
    pub fn drawdown(&self, equity_money: f64) -> f64 {
        if self.equity_start > 0.0 { (1.0 - equity_money / self.equity_start).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// One holding: `symbol` is an index into the simulated symbols.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    pub symbol: u32,
    pub quantity: f64,
    pub cost: f64,
    /// The lots it is sold in.
    pub lot: Lot,
    /// The price at or below which the position is stopped out; 0 without a stop.
    pub stop: f64,
}

#[cfg(test)]
impl Position {
    /// A holding that may be sold as it is.
    pub fn plain(symbol: u32, quantity: f64) -> Position {
        Position { symbol, quantity, cost: 1.0, lot: Lot::NONE, stop: 0.0 }
    }
}

/// A group of accounts figures are reported by.
#[derive(Clone, Debug)]
pub struct Group {
    pub kind: &'static str,
    pub name: String,
    pub accounts: u32,
}

/// What accounts meet in before the end of the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// Neither in volume, prices, the market's weather nor a pool's cash.
    Nowhere,
    /// In what a session's volume lets them sell.
    InVolume,
    /// In more: they must be at every close together.
    AtEveryClose,
}

/// One scenario, ready to run.
pub struct Plan<'a> {
    pub scenario: &'a Scenario,
    pub streams: Streams,
    pub paths: u64,
    pub days: usize,
    pub dates: Vec<Day>,
    /// Calendar days from the as-of date to the end of each session, index 0 is the as-of date itself.
    pub elapsed_days: Vec<f64>,
    /// Indices into the market's symbols of those simulated (the held ones), ascending.
    pub symbols: Vec<usize>,
    pub price_start: Vec<f64>,
    /// `[day][symbol]`, infinite where no limit binds.
    pub price_limit: std::sync::Arc<Vec<f64>>,
    /// Forced sales all together may take this much of a symbol in a session, money; infinite without a cap.
    pub volume_cap: Vec<f64>,
    pub average_volume: Vec<f64>,
    /// Money that buyers' quotes offer at a time; 0 where unknown.
    pub depth: Vec<f64>,
    /// Daily volatility of each simulated symbol over its last 60 sessions, and average turnover over free float (0: unknown).
    pub volatility_daily: Vec<f64>,
    pub turnover_ratio: Vec<f64>,
    /// Market value of the free float, money; infinite where unknown.
    pub free_float: Vec<f64>,
    /// Daily variance of the equal-weighted mean of the simulated symbols at the as-of date.
    pub market_variance: f64,
    /// The market's weather on the as-of date.
    pub past_weather: PastWeather,
    /// What margin rules read over the realised volatility.
    pub risk_factors: RiskFactors,
    /// True when any rule reads the market's weather; else it is not kept.
    pub reads_weather: bool,
    /// The platform's controls that act day by day; nothing where there are none.
    pub controls: Option<ControlRules>,
    /// Haircut of each simulated symbol at the as-of date.
    pub haircut_start: Vec<f64>,
    /// What each account may invest at the as-of date; empty where no cap is asked for.
    pub caps: Vec<AccountCap>,
    /// True when some rule sells of accounts that are not in liquidation.
    pub reduces: bool,
    /// True when no sale moves a price, and nothing but its own lines tells when an untouched account acts: it can be looked at ahead.
    pub looks_ahead: bool,
    /// What accounts meet in before the end of the horizon.
    pub meeting: Meeting,
    /// True when accounts that cannot act are passed over; false only to check that this changes nothing.
    pub passes_over: bool,
    /// What is left of a push on the price one session later.
    pub fade: f64,
    /// Share of proceeds a sale costs, per day.
    pub sale_cost: Vec<f64>,
    /// The part of it that is stamp duty, per day, and which of the simulated symbols pay none; empty where all pay it.
    pub duty: Vec<f64>,
    pub duty_free: Vec<bool>,
    /// The tick of each simulated symbol's limit prices.
    pub tick: Vec<f64>,
    pub accounts: Vec<Account>,
    /// The accounts that met something at the as-of close, in order.
    pub openings: Vec<Opening>,
    pub positions: Vec<Position>,
    /// What must be known of the accounts to watch them.
    pub reach: Reach,
    pub groups: Vec<Group>,
    /// The sector of each simulated symbol, as an index into the book's, and how many there are; nothing where none is known.
    pub sector_of: Vec<u32>,
    pub sectors: usize,
    /// Total quantity per simulated symbol over all accounts.
    pub quantity_total: Vec<f64>,
    /// Sum over accounts of cash less loan and interest accrued at the start.
    pub net_cash_total: f64,
    /// Sum over accounts of loan and interest accrued at the start.
    pub debt_start_total: f64,
    /// Sum over accounts of equity at the start.
    pub equity_start_total: f64,
    /// Interest all accounts accrue in one calendar day while no loan changes.
    pub interest_day_total: f64,
    /// Tiers in loss order: index into `Book::tiers`, and capital.
    pub loss_order: Vec<usize>,
    pub capital: Vec<f64>,
    /// The pool's value at the start, and its funding cost of one calendar day.
    pub pool_start: f64,
    pub funding_cost_day: f64,
    /// The pool kept day by day; nothing where only its losses are shared out at the end.
    pub pool: Option<PoolPlan>,
    /// True when any account shares profit or pays fees: then every account is settled on every path.
    pub shares: bool,
    /// True when any client's answer to a call is drawn.
    pub answers_are_random: bool,
}

/// The symbols any account holds, as indices into the market, ascending.
pub fn held_symbols(book: &Book) -> Vec<usize> {
    let mut held: Vec<usize> = book.position_symbol.iter().map(|s| *s as usize).collect();
    held.sort_unstable();
    held.dedup();
    held
}

impl<'a> Plan<'a> {
    pub fn new(scenario: &'a Scenario, as_of: Day, seed: u64, book: &Book, market: &Market) -> Result<Plan<'a>, Problems> {
        let case = &scenario.case;
        let days = case.simulation.horizon_days as usize;
        let dates = day::sessions_after(as_of, days, &market.calendar);
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
        let past_weather = PastWeather::of(&past);
        let market_variance = past_weather.variance;
        let risk_factors = RiskFactors::of(case, market, &symbols, (market_variance.sqrt(), &volatility_daily), days);
        let controls = ControlRules::of(case, &past, &past_weather, &risk_factors.market);
        let streams = Streams::new(seed);
        let loss_order = pool::loss_order(book, case);
        let by_tier = pool::tier_capital(book, case);
        let capital: Vec<f64> = loss_order.iter().map(|t| by_tier[*t]).collect();
        let mut plan = Plan {
            scenario,
            streams,
            paths: case.simulation.paths,
            days,
            dates,
            elapsed_days,
            quantity_total: vec![0.0; symbols.len()],
            market_variance,
            past_weather,
            risk_factors,
            free_float: instruments.iter().map(|i| i.free_float_value.unwrap_or(f64::INFINITY)).collect(),
            depth: instruments.iter().map(|i| i.depth_amount.unwrap_or(0.0)).collect(),
            reads_weather: case.clients.read_stress() || controls.as_ref().is_some_and(ControlRules::reads_weather),
            controls,
            haircut_start: control_plan::haircuts(case, &instruments),
            caps: Vec::new(),
            reduces: case.reduces(),
            looks_ahead: false,
            meeting: Meeting::AtEveryClose,
            passes_over: true,
            symbols,
            price_start,
            price_limit: std::sync::Arc::new(price_limit),
            pool: None,
            shares: false,
            answers_are_random: false,
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
            reach: Reach::default(),
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
        plan.openings = as_of::openings(&plan, book, &market.calendar, as_of);
        plan.reach = Reach::new(&plan.accounts, &plan.openings, &plan.positions, plan.elapsed_days[days]);
        plan.pool = plan.resolve_pool(as_of, book, market);
        plan.reads_weather |= plan.pool.as_ref().is_some_and(PoolPlan::reads_stress);
        plan.caps = control_plan::caps(&plan, book, market, as_of);
        plan.looks_ahead = !(case.feedback.is_on() || plan.pool.is_some() || plan.controls.is_some());
        plan.meeting = match case.liquidation.participation {
            _ if !plan.looks_ahead || plan.reads_weather => Meeting::AtEveryClose,
            Some(_) => Meeting::InVolume,
            None => Meeting::Nowhere,
        };
        Ok(plan)
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

    /// True when paths on one market differ: clients' answers, funders' decisions or the hedge's noise are drawn.
    pub fn draws(&self) -> bool {
        self.answers_are_random || self.pool.as_ref().is_some_and(PoolPlan::draws)
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
                liquidity: control_plan::liquidity(case, holdings),
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
                answers: case.clients.answers(&self.streams, &book.account_id[a], grade),
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
            self.answers_are_random |= lines.call > 0.0 && account.answers.are_random();
            self.answers_are_random |= withdraws.is_some_and(|w| w.probability.get() > 0.0 && w.probability.get() < 1.0);
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

    /// Share of proceeds that a sale of a simulated symbol costs on a day.
    pub fn sale_cost_of(&self, day: usize, symbol: usize) -> f64 {
        let free = self.duty_free.get(symbol).is_some_and(|free| *free);
        self.sale_cost[day] - if free { self.duty[day] } else { 0.0 }
    }

    /// True when the session's volume matters: sales are capped by it, or move prices in proportion to it.
    pub fn reads_volume(&self) -> bool {
        self.scenario.case.liquidation.participation.is_some() || self.scenario.case.feedback.is_on()
    }

    /// The holdings of one account.
    pub fn positions_of(&self, account: usize) -> &[Position] {
        &self.positions[self.accounts[account].positions.clone()]
    }

    /// True when two plans draw the same market: their tiles of raw returns can be shared.
    pub fn shares_market_with(&self, other: &Plan<'_>) -> bool {
        let (a, b) = (&self.scenario.case, &other.scenario.case);
        a.market == b.market && a.estimation == b.estimation && self.days == other.days && self.paths == other.paths
    }
}

//! Lives through one path, session by session, in the order of the day.

use crate::account::{Holder, Prices};
use crate::contract;
use crate::date::Date;
use crate::exchange::{self, Drawn, Trading};
use crate::impact;
use crate::kinds;
use crate::ledger::Ledger;
use crate::market_state::{self, MarketState, Weighted};
use crate::pool::Pool;
use crate::programme::{Clearing, HaircutBase, InterestBase};
use crate::shocks;
use crate::story::{DayStory, Lines, PathStory, State, SymbolDay};
use crate::value::Followed;
use crate::world::{Purpose, World};
use std::collections::HashMap;

/// A symbol on a path.
pub struct Symbol {
    pub trading: Trading,
    /// Daily volatility of the as-of date, for impact.
    pub sigma: f64,
    /// Weighted daily volatility, for haircuts.
    pub weighted: Weighted,
    /// The impact J on the log price that this session's price bears.
    pub push: f64,
    /// What this session's sales add to it.
    pub new_push: f64,
    pub base_haircut: f64,
    pub haircut: f64,
    /// Sales of the session, money at the close.
    pub sold: f64,
    pub limit: Option<f64>,
}

/// One path.
pub struct Path<'w> {
    pub world: &'w World,
    pub dates: Vec<Date>,
    pub drawn: Vec<Vec<Drawn>>,
    draws: HashMap<(Purpose, &'w str, usize), f64>,
    pub symbols: Vec<Symbol>,
    pub holders: Vec<Holder>,
    pub market: MarketState,
    pub past_market: Vec<f64>,
    /// The market's return of this session.
    pub market_return: f64,
    pub tripped: bool,
    pub pool: Option<Pool>,
    pub ledger: Ledger,
    pub story: PathStory,
    pub day: usize,
    /// Interest that all clients accrued in this session.
    pub interest_today: f64,
    pub followed: Followed,
}

impl<'w> Path<'w> {
    /// The path on the as-of date.
    pub fn new(world: &'w World, path: usize) -> Path<'w> {
        let single = matches!(world.programme.feedback.clearing, Clearing::SinglePass);
        assert!(single, "a session that clears at the fixed point of its own sales is not read here");
        let dates: Vec<Date> = world.dates().into_iter().take(world.paths[path].len()).collect();
        assert_eq!(dates.len(), world.paths[path].len(), "path {path} has more sessions than there are dates");
        let own = world.draws.iter().filter(|draw| draw.path == path);
        let draws: HashMap<_, _> = own.map(|draw| ((draw.purpose, draw.who.as_str(), draw.number), draw.value)).collect();
        let drawn = shocks::lay(world, path, &dates, |purpose, who| draws.get(&(purpose, who, 0)).copied().unwrap_or(0.5));
        let symbols: Vec<Symbol> = world.instruments.iter().map(|instrument| Symbol::new(world, instrument)).collect();
        let sigmas: Vec<f64> = symbols.iter().map(|symbol| symbol.sigma).collect();
        let holders = world.accounts.iter().map(|account| Holder::new(world, account, contract::of(world, account), &sigmas)).collect();
        let market = MarketState::new(&world.instruments, world.programme.margin.volatility_trigger.as_ref());
        let past_market = market.returns.clone();
        let mut path = Path {
            world,
            dates,
            drawn,
            draws,
            symbols,
            holders,
            tripped: market.tripped(0),
            market,
            past_market,
            market_return: 0.0,
            pool: Pool::new(world),
            ledger: Ledger::default(),
            story: PathStory::default(),
            day: 0,
            interest_today: 0.0,
            followed: Followed::default(),
        };
        path.story.accounts = vec![Default::default(); world.accounts.len()];
        path.open();
        path
    }

    /// All sessions, and the end.
    pub fn run(mut self) -> PathStory {
        // the as-of close counts: whoever stands at a line acts from it, and sells from the first session on
        self.assess_margin();
        self.remember_wishes();
        self.open_pool();
        self.open_value();
        self.record();
        for day in 1..=self.dates.len() {
            self.session(day);
        }
        self.end();
        self.story.entries = std::mem::take(&mut self.ledger.legs);
        self.story
    }

    /// The order of the day.
    fn session(&mut self, day: usize) {
        self.day = day;
        /* 1 */
        let fades = self.carry_over_impact();
        /* 2 */
        self.bind_by_exchange_rules(&fades);
        /* 3 */
        self.accrue_interest();
        /* 4 */
        self.mark_to_market();
        /* 5 */
        self.move_lines_and_haircuts();
        self.custodian_takes_securities();
        self.call_what_is_overdue();
        /* 6 */
        self.assess_margin();
        /* 7 */
        let orders = self.decide_sales();
        let sales = self.clear(orders);
        /* 8 is part of 7: the push of these sales is felt from the next session on */
        /* 9 */
        self.settle(sales);
        /* 10 */
        self.keep_pool();
        self.follow_value();
        /* 11 */
        self.record();
    }

    /// A random number; in the middle where none was given.
    pub fn draw(&self, purpose: Purpose, who: &str, number: usize) -> f64 {
        let middle = if matches!(purpose, Purpose::Common | Purpose::Basis) { 0.0 } else { 0.5 };
        self.draws.get(&(purpose, who, number)).copied().unwrap_or(middle)
    }

    pub fn date(&self) -> Date {
        if self.day == 0 { self.world.programme.as_of } else { self.dates[self.day - 1] }
    }

    /// Calendar days since the last session.
    pub fn calendar_days(&self) -> f64 {
        let before = if self.day <= 1 { self.world.programme.as_of } else { self.dates[self.day - 2] };
        f64::from(self.date().since(before))
    }

    pub fn prices(&self) -> (Vec<f64>, Vec<f64>) {
        (self.symbols.iter().map(|s| s.trading.price).collect(), self.symbols.iter().map(|s| s.haircut).collect())
    }

    pub fn id(&self, at: usize) -> &'w str {
        &self.world.accounts[at].account_id
    }

    /// Step 1: impact still decaying, and that of the last session's sales. The factor it puts on each price.
    fn carry_over_impact(&mut self) -> Vec<f64> {
        let fade = impact::fade(&self.world.programme.feedback);
        let mut fades = Vec::new();
        for symbol in &mut self.symbols {
            let push = (fade * symbol.push + std::mem::take(&mut symbol.new_push)).min(impact::most());
            fades.push((symbol.push - push).exp());
            symbol.push = push;
            symbol.sold = 0.0;
        }
        fades
    }

    /// Step 2: limits, ticks, halts, locks.
    fn bind_by_exchange_rules(&mut self, fades: &[f64]) {
        let date = self.date();
        let drawn = &self.drawn[self.day - 1];
        let mut gains = vec![0.0; self.holders.len()];
        for (at, symbol) in self.symbols.iter_mut().enumerate() {
            let instrument = &self.world.instruments[at];
            let before = symbol.trading.price;
            let st = drawn[at].quote.st.unwrap_or(instrument.st);
            symbol.limit = exchange::daily_limit(instrument.board, st, date);
            let rules = &self.world.programme.exchange;
            let tick = kinds::tick(instrument.board, &instrument.symbol, rules.tick);
            symbol.trading.session(&drawn[at], symbol.limit, tick, fades[at], rules);
            let price = symbol.trading.price;
            assert!(price.is_finite() && price > 0.0, "the price of `{}` becomes {price} on session {}", instrument.symbol, self.day);
            for (gain, holder) in gains.iter_mut().zip(&self.holders) {
                *gain += holder.shares[at] * (price - before);
            }
        }
        for (at, gain) in gains.into_iter().enumerate() {
            let securities = format!("client/{}/securities", self.id(at));
            self.ledger.enter(self.day, "market", &[(&securities, gain), ("market", -gain)]);
        }
    }

    /// Step 3: interest by calendar days.
    fn accrue_interest(&mut self) {
        let rules = &self.world.programme.interest;
        let years = self.calendar_days() / f64::from(rules.day_count);
        self.interest_today = 0.0;
        for at in 0..self.holders.len() {
            let holder = &mut self.holders[at];
            let base = match rules.interest_base {
                InterestBase::Loan => holder.loan,
                InterestBase::Exposure if holder.loan > 0.0 => holder.contract.exposure * holder.loan / self.world.accounts[at].loan,
                InterestBase::Exposure => 0.0,
            };
            let interest = base * holder.contract.rate_annual * years;
            holder.interest += interest;
            holder.accrued += interest;
            self.interest_today += interest;
            let owed = format!("client/{}/interest", self.id(at));
            self.ledger.enter(self.day, "interest", &[(&owed, -interest), ("lender/interest", interest)]);
        }
    }

    /// Step 4: what each symbol and the market did.
    fn mark_to_market(&mut self) {
        let before: Vec<f64> = self.story.days[self.day - 1].symbols.iter().map(|symbol| symbol.price).collect();
        let moved = |(symbol, before): (&Symbol, &f64)| (!symbol.trading.halted).then(|| symbol.trading.price / before - 1.0);
        let returns: Vec<Option<f64>> = self.symbols.iter().zip(&before).map(moved).collect();
        for (symbol, r) in self.symbols.iter_mut().zip(&returns) {
            if let Some(r) = r {
                symbol.weighted.follow(*r);
            }
        }
        self.market_return = self.market.session(self.day, returns.into_iter(), self.world.programme.margin.volatility_trigger.as_ref());
        self.tripped = self.market.tripped(self.day);
    }

    /// Step 5: haircuts move with their symbol's volatility; lines are scaled where they are held against an account.
    fn move_lines_and_haircuts(&mut self) {
        let Some(rules) = &self.world.programme.margin.haircuts else { return };
        for symbol in &mut self.symbols {
            symbol.haircut = market_state::haircut(symbol.base_haircut, rules.widening, rules.cap, symbol.weighted);
        }
    }

    /// The lines of an account at this close.
    pub fn lines(&self, at: usize) -> Lines {
        let margin = &self.world.programme.margin;
        let holder = &self.holders[at];
        let mut lines = holder.contract.lines.clone();
        if let Some(dynamic) = &margin.dynamic {
            let scale = market_state::line_scale(dynamic, self.market.weighted, &self.past_market, &lines);
            contract::each(&mut lines, |line| *line = line.map(|line| market_state::scaled(line, scale)));
        }
        // a tripped trigger raises the limit line of high leverage, and what belongs to it
        if let Some(trigger) = &margin.volatility_trigger
            && self.tripped
            && self.is_high(at, trigger.above_leverage)
            && let Some(limit) = trigger.limit
            && lines.limit.is_none_or(|own| own < limit)
        {
            let raised = contract::Written { warning: None, limit: Some(limit), call: None, liquidation: None };
            contract::move_lines(&mut lines, &raised);
            // without a limit line of its own, an account is sold down to the programme's ratio
            lines.reduce_to = lines.reduce_to.map(|target| target.max(limit));
        }
        lines
    }

    /// Whether an account stands above a leverage, which is below its ratio.
    pub fn is_high(&self, at: usize, leverage: f64) -> bool {
        let (price, haircut) = self.prices();
        self.holders[at].below(&Prices { price: &price, haircut: &haircut }, Some(contract::ratio_of(leverage)))
    }

    /// Step 11: the session is written down, and the ledger must say the same.
    fn record(&mut self) {
        let (price, haircut) = self.prices();
        let prices = Prices { price: &price, haircut: &haircut };
        let mut accounts = Vec::new();
        for at in 0..self.holders.len() {
            let id = self.id(at);
            // one that was sold down may not be of high leverage any more
            let lines = self.lines(at);
            let holder = &mut self.holders[at];
            let mut today = std::mem::take(&mut holder.today);
            today.ratio_after = holder.ratio(&prices);
            today.state = holder.state(today.ratio_after, &lines);
            (today.cash, today.loan, today.accrued_interest) = (holder.cash, holder.loan, holder.interest);
            today.shares.clone_from(&holder.shares);
            accounts.push(today);
            self.ledger.assert_balance(&format!("client/{id}/cash"), holder.cash);
            self.ledger.assert_balance(&format!("client/{id}/securities"), holder.value(&price));
            self.ledger.assert_balance(&format!("client/{id}/loan"), -holder.loan);
            self.ledger.assert_balance(&format!("client/{id}/interest"), -holder.interest);
        }
        let symbols = self.symbols.iter().map(|symbol| SymbolDay {
            price: symbol.trading.price,
            halted: symbol.trading.halted,
            locked: symbol.trading.locked,
            push: symbol.push,
            sold: symbol.sold,
            haircut: symbol.haircut,
        });
        let dynamic = self.world.programme.margin.dynamic.as_ref();
        let programme_lines = contract::lines(&self.world.programme.margin);
        let day = DayStory {
            day: self.day,
            date: self.date(),
            symbols: symbols.collect(),
            accounts,
            market_return: self.market_return,
            market_volatility: self.market.weighted.now,
            stress: self.market.stress,
            line_scale: dynamic.map_or(1.0, |d| market_state::line_scale(d, self.market.weighted, &self.past_market, &programme_lines)),
            tripped: self.tripped,
            pool: self.pool.as_mut().map(|pool| std::mem::take(&mut pool.today)),
        };
        self.story.days.push(day);
    }
}

impl Symbol {
    fn new(world: &World, instrument: &crate::world::Instrument) -> Symbol {
        let sigma = market_state::volatility(instrument.past_returns.iter().copied());
        let base_haircut = match world.programme.margin.haircuts.as_ref().map(|haircuts| &haircuts.base) {
            None | Some(HaircutBase::None) => 0.0,
            Some(HaircutBase::Flat(flat)) => *flat,
            Some(HaircutBase::Collateral) => 1.0 - instrument.conversion,
        };
        Symbol {
            trading: Trading { price: instrument.price, due: 1.0, halted: instrument.halted, locked: false, floor: 0.0 },
            sigma,
            weighted: Weighted::new(sigma),
            push: 0.0,
            new_push: 0.0,
            base_haircut,
            haircut: base_haircut,
            sold: 0.0,
            limit: None,
        }
    }
}

impl Holder {
    /// The state at the end of a session, after its payments and sales.
    fn state(&self, ratio: Option<f64>, lines: &Lines) -> State {
        use crate::account::Standing;
        let below = |line: Option<f64>| ratio.zip(line).is_some_and(|(ratio, line)| ratio < line * (1.0 - 1e-12));
        match self.standing {
            Standing::Closed if self.shortfall > 0.0 => State::ClosedWithShortfall,
            Standing::Closed => State::Closed,
            Standing::InLiquidation { .. } => State::InLiquidation,
            Standing::Called(_) => State::Called,
            Standing::Open if self.cured_today => State::Cured,
            Standing::Open if below(lines.limit) => State::Limited,
            Standing::Open if below(lines.warning) => State::Warned,
            Standing::Open => State::Normal,
        }
    }
}

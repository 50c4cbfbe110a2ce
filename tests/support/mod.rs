//! Builds small books, markets and programmes in code, and runs them through the library.

pub mod containers;
pub mod json;
pub mod shared;
pub mod world;

use levertide::engine::outcome::Outcome;
use levertide::engine::{Control, simulate};
use levertide::measures::{Estimate, Estimates, estimate};
use levertide::model::book::{Book, FundingSource};
use levertide::model::case::{Case, Data, Programme, Report, Scenario, Severity, Simulation};
use levertide::model::exchange::{CarryOver, Exchange, LimitLock};
use levertide::model::history::{Board, History, Instrument, Market, flag};
use levertide::model::margin::contract::LineOverride;
use levertide::model::market::MarketSpec;
use levertide::model::market::gaussian::Gaussian;
use levertide::model::shock::{Shock, Target, gap::Gap};
use levertide::units::{Day, Ratio};
use ndarray::Array2;
use std::sync::atomic::AtomicBool;

/// The as-of date of every built programme, a Friday.
pub fn as_of() -> Day {
    Day::from_ymd(2015, 6, 12).expect("a date")
}

pub fn ratio(fraction: f64) -> Ratio {
    Ratio::new(fraction).expect("a finite fraction")
}

/// A market model with given volatility and drift; symbols move independently.
pub fn gaussian(volatility_annual: f64, drift_annual: f64, trading_days: f64) -> MarketSpec {
    MarketSpec::Gaussian(Gaussian {
        volatility_annual: Some(ratio(volatility_annual)),
        drift_annual: Some(ratio(drift_annual)),
        correlation: Some(Ratio::ZERO),
        trading_days,
        ..Gaussian::default()
    })
}

/// An exchange without limits, ticks, lots or settlement rules.
pub fn free_exchange() -> Exchange {
    Exchange {
        price_limits: false,
        tick: 0.0,
        lot: Some(0.0),
        t_plus_one: false,
        limit_lock: LimitLock::AllDay,
        carry_over: CarryOver::Full,
        continuation: 0.0,
        resume_after: None,
    }
}

/// One scenario after another; the first is the base.
pub fn programme(seed: u64, cases: Vec<Case>) -> Programme {
    let name = |at: usize| if at == 0 { "base".to_string() } else { format!("case {at}") };
    let severity = |at: usize| if at == 0 { Severity::Base } else { Severity::Moderate };
    let scenarios = cases.into_iter().enumerate();
    Programme {
        name: "built".into(),
        as_of: as_of(),
        currency: "CNY".into(),
        seed,
        data: Data::default(),
        folder: std::path::PathBuf::new(),
        scenarios: scenarios
            .map(|(at, case)| Scenario { name: name(at), severity: severity(at), narrative: String::new(), zh: Default::default(), case })
            .collect(),
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    }
}

/// A market of `prices`, without board rules, whose past is ten sessions of 2 % up and down in turn.
pub fn market(prices: &[f64]) -> Market {
    let mut dates = vec![Day::from_ymd(2015, 6, 1).expect("a date")];
    while dates.len() < 10 {
        dates.push(dates[dates.len() - 1].next_weekday());
    }
    let symbols: Vec<String> = (0..prices.len()).map(|at| format!("S{at:04}")).collect();
    let days = dates.len();
    let instruments = symbols.iter().zip(prices).map(|(symbol, price)| Instrument {
        symbol: symbol.clone(),
        name: symbol.clone(),
        board: Board::None,
        st: false,
        sector: "any".into(),
        haircut: 1.0,
        adv_amount: None,
        free_float_value: None,
        depth_amount: None,
        price: *price,
        own_returns: dates.len(),
        proxy: None,
        halt: None,
    });
    Market {
        instruments: instruments.collect(),
        correlations: None,
        fit_cache: Default::default(),
        implied: None,
        given: Vec::new(),
        calendar: Default::default(),
        calendar_note: None,
        listed: Vec::new(),
        history: History {
            symbols,
            simple_return: Array2::from_shape_fn((days, prices.len()), |(day, _)| if day.is_multiple_of(2) { 0.02 } else { -0.02 }),
            flags: Array2::from_elem((days, prices.len()), flag::PRESENT),
            relative_volume: None,
            limit: None,
            dates,
        },
    }
}

/// One account of a built book.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: String,
    pub tier: u32,
    pub grade: u32,
    pub cash: f64,
    pub loan: f64,
    pub rate_annual: f64,
    pub lines: LineOverride,
    /// Symbol and quantity, in order of symbol.
    pub positions: Vec<(u32, f64)>,
}

impl Account {
    /// An account without cash that holds `quantity` of the first symbol against `loan`.
    pub fn of_one(id: &str, loan: f64, quantity: f64) -> Self {
        Account::of(id, loan, 0.0, &[(0, quantity)])
    }

    /// An account without cash on the programme's own lines.
    pub fn of(id: &str, loan: f64, rate_annual: f64, positions: &[(u32, f64)]) -> Self {
        let (id, positions) = (id.to_string(), positions.to_vec());
        Account { id, tier: 0, grade: 0, cash: 0.0, loan, rate_annual, lines: LineOverride::default(), positions }
    }
}

/// A book of `accounts` in order of their ids, as the reader makes it, funded by one source in each of `tiers`.
pub fn book(accounts: &[Account], tiers: &[(&str, f64)]) -> Book {
    let mut accounts = accounts.to_vec();
    accounts.sort_by(|a, b| a.id.cmp(&b.id));
    let mut book = Book {
        tiers: tiers.iter().map(|(name, _)| name.to_string()).collect(),
        grades: ["g1", "g2"].map(String::from).to_vec(),
        products: vec!["standard".into()],
        position_start: vec![0],
        ..Book::default()
    };
    for (tier, (name, amount)) in tiers.iter().enumerate() {
        book.funding.push(FundingSource {
            source_id: format!("source {name}"),
            tier: tier as u32,
            amount: *amount,
            rate_annual: 0.0,
            maturity_date: None,
            runnable: false,
        });
    }
    for account in accounts {
        book.account_id.push(account.id);
        book.tier.push(account.tier);
        book.grade.push(account.grade);
        book.product.push(0);
        book.cash.push(account.cash);
        book.loan.push(account.loan);
        book.accrued_interest.push(0.0);
        book.rate_annual.push(account.rate_annual);
        book.open_date.push(None);
        book.maturity_date.push(None);
        book.lines.push(account.lines);
        book.own_capital_initial.push(None);
        book.high_water_mark.push(None);
        for (symbol, quantity) in account.positions {
            book.position_symbol.push(symbol);
            book.position_quantity.push(quantity);
            book.position_sellable.push(quantity);
            book.position_cost.push(None);
        }
        book.position_start.push(book.position_symbol.len() as u32);
    }
    book
}

/// Runs every scenario; a problem fails the test with its text.
pub fn run(programme: &Programme, book: &Book, market: &Market) -> Vec<Outcome> {
    let stop = AtomicBool::new(false);
    let control = Control { threads: None, stop: &stop, progress: &|_| {} };
    simulate(programme, book, market, &control).unwrap_or_else(|problems| panic!("the run failed: {problems:?}"))
}

/// The measures of one scenario.
pub fn measure(programme: &Programme, scenario: usize, book: &Book, outcome: &Outcome) -> Estimates {
    estimate(&programme.scenarios[scenario], book, outcome)
}

/// One measure by key.
pub fn figure<'a>(estimates: &'a Estimates, key: &str) -> &'a Estimate {
    estimates.get(key).unwrap_or_else(|| panic!("no measure `{key}` among {:?}", estimates.keys().collect::<Vec<_>>()))
}

/// A market that does not move by itself, on an exchange without rules.
pub fn still(days: u32) -> Case {
    Case {
        simulation: Simulation { paths: 1, horizon_days: days, ..Simulation::default() },
        market: gaussian(0.0, 0.0, 252.0),
        exchange: free_exchange(),
        ..Case::default()
    }
}

/// A jump of every price on one session.
pub fn gap(day: u32, size: f64) -> Shock {
    Shock::Gap(Gap { day, size: ratio(size), on: Target::All })
}

/// Two figures of one hand-worked value.
pub fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "found {found}, expected {expected}");
}

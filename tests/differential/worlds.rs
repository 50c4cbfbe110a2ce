//! Makes worlds for the differential test: a book, a market and given paths drawn from a number, with rules switched on beside
//! each other, and writes them as the files that any user writes.

#![expect(clippy::filter_map_bool_then, reason = "both closures draw from one generator")]

use super::features::{self, Feature, Rules};
use levertide_oracle::Date;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// As-of dates: an ordinary Friday, the eve of a long holiday, a date under other fees and limits.
const AS_OF: [&str; 4] = ["2015-06-12", "2015-09-30", "2020-09-15", "2024-02-07"];
/// Codes whose kinds are told from them, and one without a board; how often each is in a world.
const CODES: [(&str, f64); 12] = [
    ("600000.SH", 0.5),
    ("000001.SZ", 0.5),
    ("300001.SZ", 0.5),
    ("X", 0.5),
    ("688001.SH", 0.4),
    ("830001.BJ", 0.2),
    ("510300.SH", 0.15),
    ("588000.SH", 0.1),
    ("161725.SZ", 0.1),
    ("113050.SH", 0.15),
    ("900901.SH", 0.1),
    ("200011.SZ", 0.1),
];
/// Those of shares that trade in whole lots.
const PLAIN: [&str; 4] = ["600000.SH", "000001.SZ", "300001.SZ", "X"];
pub const TIERS: [&str; 3] = ["A", "B", "C"];
/// Sessions of the past behind every symbol.
const PAST: usize = 30;

#[derive(Clone, Debug)]
pub struct Symbol {
    pub code: &'static str,
    pub st: bool,
    pub sector: &'static str,
    pub conversion: f64,
    pub adv_amount: Option<f64>,
    pub free_float_value: f64,
    pub price: f64,
    /// Daily returns before the as-of date.
    pub past: Vec<f64>,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: String,
    pub tier: &'static str,
    pub grade: &'static str,
    pub product: &'static str,
    pub cash: f64,
    pub loan: f64,
    pub interest: f64,
    pub rate_annual: f64,
    pub initial: Option<f64>,
    pub high_water_mark: Option<f64>,
    /// Calendar days from the as-of date to maturity.
    pub matures_in: Option<i32>,
    /// Calendar days from a call that runs to the as-of date.
    pub called_before: Option<i32>,
    /// Own lines by column, as the feature draws them.
    pub lines: Vec<(&'static str, String)>,
    pub positions: Vec<Position>,
}

#[derive(Clone, Debug)]
pub struct Position {
    pub code: &'static str,
    pub quantity: f64,
    pub sellable: f64,
    pub cost: f64,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    pub simple_return: f64,
    pub halted: bool,
    pub locked_down: bool,
    pub volume: f64,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub id: String,
    pub tier: &'static str,
    pub amount: f64,
    pub rate_annual: f64,
    pub matures_in: Option<i32>,
    pub runnable: bool,
}

#[derive(Clone, Debug)]
pub struct World {
    pub number: u64,
    pub as_of: &'static str,
    pub days: usize,
    pub features: Vec<Feature>,
    pub symbols: Vec<Symbol>,
    pub accounts: Vec<Account>,
    pub funding: Vec<Source>,
    /// By path, session, symbol.
    pub paths: Vec<Vec<Vec<Cell>>>,
}

fn written(date: Date) -> String {
    let (year, month, day) = date.parts();
    format!("{year}-{month:02}-{day:02}")
}

/// A number with few digits, so that a world can be read.
pub fn round(value: f64, digits: i32) -> f64 {
    let scale = libm::pow(10.0, f64::from(digits));
    (value * scale).round() / scale
}

impl World {
    /// World number `number` of the series, under some of the rules.
    pub fn drawn(number: u64, rules: &Rules) -> World {
        let rng = &mut ChaCha8Rng::seed_from_u64(number);
        let as_of = AS_OF[rng.random_range(0..AS_OF.len())];
        let days = rng.random_range(2..=8);
        // a board is held from its first year on; kinds with lots, ticks and duties of their own go with the rule of lots
        let opened = |code: &str| match code {
            "688001.SH" => as_of >= "2019-07-22",
            "588000.SH" | "830001.BJ" => as_of >= "2021-11-15",
            _ => true,
        };
        let drawn = |(code, _): &&(&'static str, f64)| opened(code) && (rules.has("lot") || PLAIN.contains(code));
        let symbols: Vec<Symbol> =
            CODES.iter().filter(drawn).filter_map(|(code, often)| rng.random_bool(*often).then(|| symbol(code, rng))).collect();
        let symbols = if symbols.is_empty() { vec![symbol(PLAIN[0], rng)] } else { symbols };
        let accounts: Vec<Account> = (0..rng.random_range(1..=4)).map(|at| account(at, &symbols, rng)).collect();
        let funding = funding(&accounts, rng);
        let paths = (0..rng.random_range(1..=3)).map(|_| (0..days).map(|_| session(&symbols, rng)).collect()).collect();
        let mut world = World { number, as_of, days, features: Vec::new(), symbols, accounts, funding, paths };
        world.features = features::draw(&mut world, rng, rules);
        world
    }

    /// Writes the world's files into `folder` and names its programme.
    pub fn write(&self, folder: &Path) -> PathBuf {
        for (name, text) in self.files() {
            fs::write(folder.join(name), text).expect("a scratch folder can be written");
        }
        folder.join("programme.toml")
    }

    pub fn files(&self) -> Vec<(&'static str, String)> {
        vec![
            ("programme.toml", self.programme()),
            ("accounts.csv", self.accounts_csv()),
            ("positions.csv", self.positions_csv()),
            ("instruments.csv", self.instruments_csv()),
            ("prices.csv", self.prices_csv()),
            ("funding.csv", self.funding_csv()),
            ("paths.csv", self.paths_csv()),
        ]
    }

    fn programme(&self) -> String {
        let mut text = format!(
            "schema = 1\nname = \"world {}\"\nas-of = \"{}\"\nseed = 1\ndata.prices = \"prices.csv\"\ndata.instruments = \"instruments.csv\"\n\
             data.accounts = \"accounts.csv\"\ndata.positions = \"positions.csv\"\ndata.funding = \"funding.csv\"\ndata.min-returns = 1\n\
             simulation.paths = {}\nsimulation.horizon-days = {}\nmarket.given.paths = \"paths.csv\"\n",
            self.number,
            self.as_of,
            self.paths.len(),
            self.days
        );
        for feature in &self.features {
            let _ = writeln!(text, "# {}", feature.name);
            feature.lines.iter().for_each(|line| text.extend([line, "\n"]));
        }
        let shocks: Vec<&str> = self.features.iter().flat_map(|f| &f.shocks).map(String::as_str).collect();
        if !shocks.is_empty() {
            let _ = writeln!(text, "shocks = [{}]", shocks.join(", "));
        }
        text
    }

    pub fn date(&self) -> Date {
        Date::read(self.as_of).expect("a date")
    }

    fn day(&self, calendar_days: i32) -> String {
        written(Date(self.date().0 + calendar_days))
    }

    fn accounts_csv(&self) -> String {
        const LINES: [&str; 6] = ["warning", "limit", "call", "liquidation", "restore_to", "cure_days"];
        let mut text = "account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual,open_date,maturity_date,called_on,own_capital_initial,high_water_mark,rulebook"
            .to_string();
        LINES.iter().for_each(|line| text.extend([",", line]));
        for a in &self.accounts {
            let maturity = a.matures_in.map_or(String::new(), |days| self.day(days));
            let called = a.called_before.map_or(String::new(), |days| self.day(-days));
            let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
            let own = |name: &str| a.lines.iter().find(|(line, _)| *line == name).map_or("", |(_, value)| value.as_str());
            let _ = write!(
                text,
                "\n{},{},{},{},{},{},{},{},{},{maturity},{called},{},{},{}",
                a.id,
                a.tier,
                a.grade,
                a.product,
                a.cash,
                a.loan,
                a.interest,
                a.rate_annual,
                self.day(-60),
                number(a.initial),
                number(a.high_water_mark),
                own("rulebook")
            );
            LINES.iter().for_each(|line| text.extend([",", own(line)]));
        }
        text + "\n"
    }

    fn positions_csv(&self) -> String {
        let mut text = "account_id,symbol,quantity,sellable_quantity,cost\n".to_string();
        for account in &self.accounts {
            for p in &account.positions {
                let _ = writeln!(text, "{},{},{},{},{}", account.id, p.code, p.quantity, p.sellable, p.cost);
            }
        }
        text
    }

    fn instruments_csv(&self) -> String {
        let mut text = "symbol,st,sector,haircut,adv_amount,free_float_value\n".to_string();
        for s in &self.symbols {
            let turnover = s.adv_amount.map_or(String::new(), |adv| adv.to_string());
            let _ = writeln!(text, "{},{},{},{},{turnover},{}", s.code, s.st, s.sector, s.conversion, s.free_float_value);
        }
        text
    }

    fn prices_csv(&self) -> String {
        let mut text = "date,symbol,close\n".to_string();
        let back = (0..).map(|days| Date(self.date().0 - days)).filter(|date| date.weekday() < 5);
        let mut dates: Vec<String> = back.take(PAST + 1).map(written).collect();
        dates.reverse();
        for s in &self.symbols {
            // back from the as-of price
            let mut closes = vec![s.price];
            s.past.iter().rev().for_each(|r| closes.push(closes[closes.len() - 1] / (1.0 + r)));
            for (date, close) in dates.iter().zip(closes.iter().rev()) {
                let _ = writeln!(text, "{date},{},{}", s.code, close);
            }
        }
        text
    }

    fn funding_csv(&self) -> String {
        let mut text = "source_id,tier,amount,rate_annual,maturity_date,runnable\n".to_string();
        for s in &self.funding {
            let maturity = s.matures_in.map_or(String::new(), |days| self.day(days));
            let _ = writeln!(text, "{},{},{},{},{maturity},{}", s.id, s.tier, s.amount, s.rate_annual, s.runnable);
        }
        text
    }

    fn paths_csv(&self) -> String {
        let mut text = "path,day,symbol,return,halted,locked_down,volume\n".to_string();
        for (path, sessions) in self.paths.iter().enumerate() {
            for (day, cells) in sessions.iter().enumerate().take(self.days) {
                for (symbol, c) in self.symbols.iter().zip(cells) {
                    let (halted, locked) = (u8::from(c.halted), u8::from(c.locked_down));
                    let _ = writeln!(text, "{path},{},{},{},{halted},{locked},{}", day + 1, symbol.code, c.simple_return, c.volume);
                }
            }
        }
        text
    }

    /// Smaller worlds of the same kind, the largest steps first.
    pub fn smaller(&self) -> Vec<World> {
        let mut out = Vec::new();
        let mut push = |change: &dyn Fn(&mut World)| {
            let mut world = self.clone();
            change(&mut world);
            out.push(world);
        };
        if self.paths.len() > 1 {
            (0..self.paths.len()).for_each(|keep| push(&|w| w.paths = vec![w.paths[keep].clone()]));
        }
        if self.accounts.len() > 1 {
            (0..self.accounts.len()).for_each(|at| push(&|w| drop(w.accounts.remove(at))));
        }
        if self.days > 1 {
            push(&|w| w.days = w.days.div_ceil(2));
            push(&|w| w.days -= 1);
        }
        (0..self.features.len()).for_each(|at| push(&|w| drop(w.features.remove(at))));
        for at in 0..self.accounts.len() {
            let account = &self.accounts[at];
            if account.positions.len() > 1 {
                (0..account.positions.len()).for_each(|p| push(&|w| _ = w.accounts[at].positions.remove(p)));
            }
            if account.cash != 0.0 {
                push(&|w| w.accounts[at].cash = 0.0);
            }
            if account.interest != 0.0 {
                push(&|w| w.accounts[at].interest = 0.0);
            }
            if account.rate_annual != 0.0 {
                push(&|w| w.accounts[at].rate_annual = 0.0);
            }
            if !account.lines.is_empty() {
                push(&|w| w.accounts[at].lines.clear());
            }
            if account.matures_in.is_some() {
                push(&|w| w.accounts[at].matures_in = None);
            }
            if account.called_before.is_some() {
                push(&|w| w.accounts[at].called_before = None);
            }
        }
        for at in 0..self.funding.len() {
            let source = &self.funding[at];
            if self.funding.iter().filter(|other| other.tier == source.tier).count() > 1 {
                push(&|w| drop(w.funding.remove(at)));
            }
            if source.matures_in.is_some() {
                push(&|w| w.funding[at].matures_in = None);
            }
            if source.rate_annual != 0.0 {
                push(&|w| w.funding[at].rate_annual = 0.0);
            }
        }
        if self.symbols.len() > 1 {
            for at in 0..self.symbols.len() {
                let code = self.symbols[at].code;
                if self.accounts.iter().all(|a| a.positions.iter().all(|p| p.code != code)) {
                    push(&|w| {
                        w.symbols.remove(at);
                        w.paths.iter_mut().flatten().for_each(|cells| {
                            cells.remove(at);
                        });
                    });
                }
            }
        }
        for (path, sessions) in self.paths.iter().enumerate() {
            for (day, cells) in sessions.iter().enumerate().take(self.days) {
                for (symbol, cell) in cells.iter().enumerate() {
                    if cell.simple_return != 0.0 || cell.halted || cell.locked_down || cell.volume != 1.0 {
                        push(&|w| w.paths[path][day][symbol] = Cell { volume: 1.0, ..Cell::default() });
                    }
                }
            }
        }
        out
    }
}

fn symbol(code: &'static str, rng: &mut ChaCha8Rng) -> Symbol {
    let price = round(rng.random_range(2.0..40.0), 2);
    let volatility = rng.random_range(0.01..0.04);
    Symbol {
        code,
        st: code != "X" && rng.random_bool(0.15),
        sector: if rng.random_bool(0.5) { "banks" } else { "tech" },
        conversion: round(rng.random_range(0.3..1.0), 2),
        adv_amount: Some(round(libm::pow(10.0, rng.random_range(4.5..7.0)), 0)),
        free_float_value: round(libm::pow(10.0, rng.random_range(7.0..9.0)), 0),
        price,
        past: (0..PAST).map(|_| round(volatility * rng.random_range(-1.7..1.7), 4)).collect(),
    }
}

fn account(at: usize, symbols: &[Symbol], rng: &mut ChaCha8Rng) -> Account {
    let mut positions: Vec<Position> = symbols.iter().filter_map(|s| rng.random_bool(0.6).then(|| position(s, rng))).collect();
    if positions.is_empty() {
        positions.push(position(&symbols[rng.random_range(0..symbols.len())], rng));
    }
    let price = |code: &str| symbols.iter().find(|s| s.code == code).map_or(0.0, |s| s.price);
    let value: f64 = positions.iter().map(|p| p.quantity * price(p.code)).sum();
    let cash = if rng.random_bool(0.4) { round(value * rng.random_range(0.0..0.3), 2) } else { 0.0 };
    let loan = round((value + cash) / rng.random_range(1.02..2.2), 2);
    Account {
        id: format!("K{at}"),
        tier: TIERS[rng.random_range(0..3)],
        grade: ["g1", "g2"][rng.random_range(0..2)],
        product: ["standard", "fund"][rng.random_range(0..2)],
        cash,
        loan,
        interest: if rng.random_bool(0.3) { round(loan * rng.random_range(0.0..0.01), 2) } else { 0.0 },
        rate_annual: round(rng.random_range(0.0..0.15), 3),
        initial: None,
        high_water_mark: None,
        matures_in: None,
        called_before: None,
        lines: Vec::new(),
        positions,
    }
}

fn position(symbol: &Symbol, rng: &mut ChaCha8Rng) -> Position {
    let lots = f64::from(rng.random_range(1..60_u32)) * 100.0;
    let quantity = if rng.random_bool(0.2) { lots + f64::from(rng.random_range(1..100_u32)) } else { lots };
    Position { code: symbol.code, quantity, sellable: quantity, cost: round(symbol.price * rng.random_range(0.7..1.5), 2) }
}

/// A source for every tier that lends: enough for its loans, or so little that losses go beyond it.
fn funding(accounts: &[Account], rng: &mut ChaCha8Rng) -> Vec<Source> {
    let mut out = Vec::new();
    for tier in TIERS {
        let lent: f64 = accounts.iter().filter(|a| a.tier == tier).map(|a| a.loan).sum();
        for part in 0..rng.random_range(1..=2) {
            let amount =
                if rng.random_bool(0.3) { rng.random_range(100.0..5_000.0) } else { (lent + 1_000.0) * rng.random_range(0.6..1.5) };
            out.push(Source {
                id: format!("{tier}{part}"),
                tier,
                amount: round(amount, 2),
                rate_annual: round(rng.random_range(0.0..0.08), 3),
                matures_in: None,
                runnable: false,
            });
        }
    }
    out
}

/// One session: a common move and an own one, now and then a crash, a halt or a lock.
fn session(symbols: &[Symbol], rng: &mut ChaCha8Rng) -> Vec<Cell> {
    let common = if rng.random_bool(0.25) { rng.random_range(-0.15..-0.05) } else { rng.random_range(-0.04..0.04) };
    let cell = |_: &Symbol| {
        let halted = rng.random_bool(0.06);
        let locked_down = !halted && rng.random_bool(0.03);
        let moved: f64 = if locked_down { rng.random_range(-0.12..-0.05) } else { common + rng.random_range(-0.05..0.05) };
        Cell {
            simple_return: if halted { 0.0 } else { round(moved, 4) },
            halted,
            locked_down,
            volume: round(rng.random_range(0.1..2.0), 2),
        }
    };
    symbols.iter().map(cell).collect()
}

//! Reads a world from a programme, the tables it names, and a table of given paths.
//!
//! Plain CSV in UTF-8 with the canonical headers is read: how vendors write their files is the business of the program itself.

use crate::csv::{self, Table};
use crate::date::Date;
use crate::kinds;
use crate::prices;
use crate::programme::{Board, Programme};
use crate::world::{Account, Instrument, Position, Quote, Source, World};
use std::path::Path;
use toml::{Table as Toml, Value};

/// Keys of a programme that act on no given path.
const ELSEWHERE: [&str; 11] =
    ["schema", "name", "currency", "seed", "data", "simulation", "estimation", "market", "limits", "model-risk", "report"];

/// Tables of one key, a choice: another replaces it, the same merges.
const CHOICES: [&str; 7] =
    ["market", "sharing.mode", "sharing.product.*", "costs.stamp-duty", "feedback.impact", "feedback.clearing", "on"];

impl World {
    /// The world of a programme's scenario (`base` for its own keys), on the paths of a CSV of
    /// `path,day,symbol,return,halted,locked_up,locked_down,volume` (and `closed_up`, `closed_down`, `past`, `st`, `date` where
    /// wanted; what is left out is no halt, no lock, the average turnover).
    pub fn from_files(programme: &Path, scenario: &str, paths: &Path) -> Result<World, String> {
        let mut world = World::from_programme(programme, scenario)?;
        world.read_paths(&text_of(paths)?).map_err(|why| format!("{}: {why}", paths.display()))?;
        Ok(world)
    }

    /// The same without paths: rules and book.
    pub fn from_programme(programme: &Path, scenario: &str) -> Result<World, String> {
        let text = text_of(programme)?;
        let (rules, root) = resolved(&text, scenario).map_err(|why| format!("{}: {why}", programme.display()))?;
        let mut world = World { programme: rules, ..World::default() };
        let folder = programme.parent().unwrap_or(Path::new("."));
        let data = root.get("data").and_then(Value::as_table).cloned().unwrap_or_default();
        let folder = folder.join(data.get("root").and_then(Value::as_str).unwrap_or("."));
        let table = |name: &str| -> Result<Option<Table>, String> {
            let Some(file) = data.get(name).and_then(Value::as_str) else { return Ok(None) };
            csv::read(&text_of(&folder.join(file))?).map(Some).map_err(|why| format!("{file}: {why}"))
        };
        let book = |result: Result<(), String>, name: &str| result.map_err(|why| format!("{name}: {why}"));
        book(world.read_accounts(&table("accounts")?.unwrap_or_default()), "accounts")?;
        book(world.read_positions(&table("positions")?.unwrap_or_default()), "positions")?;
        book(world.read_instruments(&table("instruments")?.unwrap_or_default()), "instruments")?;
        book(world.read_funding(&table("funding")?.unwrap_or_default()), "funding")?;
        if let Some(prices) = table("prices")? {
            let horizon = root.get("simulation").and_then(|s| s.get("horizon-days")).and_then(Value::as_integer).unwrap_or(20);
            let start = root.get("market").and_then(|m| m.get("replay")).and_then(|r| r.get("start")).map(|start| start.to_string());
            let start = start.map(|text| Date::read(text.trim_matches('"'))).transpose()?;
            prices::read(&mut world, &prices, start, horizon.unsigned_abs() as usize).map_err(|why| format!("prices: {why}"))?;
        }
        let given = root.get("market").and_then(|m| m.get("given")).and_then(|g| g.get("paths")).and_then(Value::as_str);
        if let Some(given) = given {
            world.read_paths(&text_of(&folder.join(given))?).map_err(|why| format!("{given}: {why}"))?;
            let simulation =
                |key, default| root.get("simulation").and_then(|s| s.get(key)).and_then(Value::as_integer).unwrap_or(default) as usize;
            world.paths.truncate(simulation("paths", 100_000));
            let horizon = simulation("horizon-days", 20);
            world.paths.iter_mut().for_each(|path| path.truncate(horizon));
        }
        Ok(world)
    }

    /// Every path the same: prices stand still for so many sessions.
    pub fn stand_still(&mut self, sessions: usize) {
        self.paths = vec![vec![vec![Quote::default(); self.instruments.len()]; sessions]];
    }

    /// Given paths of a table.
    pub fn read_paths(&mut self, text: &str) -> Result<(), String> {
        let table = csv::read(text)?;
        // paths count from 0 or from 1
        let first = table.rows.iter().filter_map(|row| table.number(row, &["path"]).ok().flatten()).fold(f64::INFINITY, f64::min);
        let whole = |row: &[String], name| -> Result<usize, String> {
            let number = table.number(row, &[name])?.ok_or(format!("column {name} is empty"))?;
            Ok(number as usize)
        };
        for row in &table.rows {
            let (path, day) = (whole(row, "path")? - first as usize, whole(row, "day")?);
            let symbol = table.text(row, &["symbol"]).ok_or("column symbol is empty")?;
            let Some(symbol) = self.instruments.iter().position(|i| i.symbol == symbol) else { continue };
            if day == 0 {
                return Err("sessions count from 1".into());
            }
            while self.paths.len() <= path {
                self.paths.push(Vec::new());
            }
            while self.paths[path].len() < day {
                self.paths[path].push(vec![Quote::default(); self.instruments.len()]);
            }
            if let Some(date) = table.text(row, &["date"]) {
                let date = Date::read(date)?;
                if self.sessions.len() < day {
                    self.sessions.resize(day, date);
                }
                self.sessions[day - 1] = date;
            }
            let flag = |name| Ok::<bool, String>(table.flag(row, &[name])?.unwrap_or(false));
            let (locked_down, locked_up) = (flag("locked_down")?, flag("locked_up")?);
            self.paths[path][day - 1][symbol] = Quote {
                simple_return: table.number(row, &["return"])?.unwrap_or(0.0),
                halted: flag("halted")?,
                locked_down,
                locked_up,
                closed_down: flag("closed_down")? || locked_down,
                closed_up: flag("closed_up")? || locked_up,
                past: flag("past")?,
                volume: table.number(row, &["volume"])?.unwrap_or(1.0),
                st: table.flag(row, &["st"])?,
            };
        }
        Ok(())
    }

    fn read_accounts(&mut self, table: &Table) -> Result<(), String> {
        for row in &table.rows {
            let word = |name: &str, default: &str| table.text(row, &[name]).unwrap_or(default).to_string();
            let number = |name: &str| table.number(row, &[name]);
            let day = |name: &str| table.text(row, &[name]).map(Date::read).transpose();
            self.accounts.push(Account {
                account_id: word("account_id", ""),
                tier: word("tier", ""),
                grade: word("grade", "unrated"),
                product: word("product", "standard"),
                cash: number("cash")?.unwrap_or(0.0),
                loan: number("loan")?.unwrap_or(0.0),
                accrued_interest: number("accrued_interest")?.unwrap_or(0.0),
                rate_annual: number("rate_annual")?.unwrap_or(0.0),
                open_date: day("open_date")?,
                maturity_date: day("maturity_date")?,
                warning: number("warning")?,
                limit: number("limit")?,
                call: number("call")?,
                liquidation: number("liquidation")?,
                restore_to: number("restore_to")?,
                cure_days: number("cure_days")?.map(|days| days as usize),
                rulebook: table.text(row, &["rulebook"]).map(String::from),
                own_capital_initial: number("own_capital_initial")?,
                high_water_mark: number("high_water_mark")?,
                called_on: day("called_on")?,
            });
        }
        Ok(())
    }

    fn read_positions(&mut self, table: &Table) -> Result<(), String> {
        for row in &table.rows {
            let word = |name: &str| table.text(row, &[name]).unwrap_or_default().to_string();
            self.positions.push(Position {
                account_id: word("account_id"),
                symbol: word("symbol"),
                quantity: table.number(row, &["quantity"])?.unwrap_or(0.0),
                sellable_quantity: table.number(row, &["sellable_quantity"])?,
                cost: table.number(row, &["cost"])?,
            });
        }
        Ok(())
    }

    /// Held symbols, in the order of their names, with what the instruments file says of them.
    fn read_instruments(&mut self, table: &Table) -> Result<(), String> {
        let mut symbols: Vec<String> = self.positions.iter().map(|position| position.symbol.clone()).collect();
        symbols.sort();
        symbols.dedup();
        for symbol in symbols {
            let mut instrument = Instrument { board: kinds::board_of(&symbol), symbol: symbol.clone(), ..Instrument::default() };
            if let Some(row) = table.rows.iter().find(|row| table.text(row, &["symbol"]) == Some(&symbol)) {
                if let Some(board) = table.text(row, &["board"]) {
                    instrument.board = board_named(board)?;
                }
                instrument.st = table.flag(row, &["st"])?.unwrap_or(false);
                instrument.sector = table.text(row, &["sector"]).unwrap_or("unknown").into();
                instrument.conversion = table.number(row, &["haircut"])?.unwrap_or(1.0);
                instrument.adv_amount = table.number(row, &["adv_amount"])?;
                instrument.free_float_value = table.number(row, &["free_float_value"])?;
                instrument.depth_amount = table.number(row, &["depth_amount"])?;
                instrument.price = table.number(row, &["price"])?.unwrap_or(1.0);
            }
            self.instruments.push(instrument);
        }
        Ok(())
    }

    fn read_funding(&mut self, table: &Table) -> Result<(), String> {
        for row in &table.rows {
            let word = |name: &str| table.text(row, &[name]).unwrap_or_default().to_string();
            self.funding.push(Source {
                source_id: word("source_id"),
                tier: word("tier"),
                amount: table.number(row, &["amount"])?.unwrap_or(0.0),
                rate_annual: table.number(row, &["rate_annual"])?.unwrap_or(0.0),
                maturity_date: table.text(row, &["maturity_date"]).map(Date::read).transpose()?,
                runnable: table.flag(row, &["runnable"])?.unwrap_or(false),
            });
        }
        Ok(())
    }
}

fn text_of(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|why| format!("{}: {why}", file.display()))
}

fn board_named(name: &str) -> Result<Board, String> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "main" | "主板" => Board::Main,
        "star" | "科创板" => Board::Star,
        "chinext" | "创业板" => Board::Chinext,
        "bse" | "北交所" => Board::Bse,
        "b" | "b股" => Board::B,
        "etf" => Board::Etf,
        "etf-20" => Board::Etf20,
        "fund" | "基金" => Board::Fund,
        "convertible" | "可转债" => Board::Convertible,
        "none" | "无" => Board::None,
        _ => return Err(format!("`{name}` is no board")),
    })
}

/// A programme's text with a scenario laid over it: its rules, and all its keys.
fn resolved(text: &str, scenario: &str) -> Result<(Programme, Toml), String> {
    let mut root: Toml = toml::from_str(text).map_err(|why| why.to_string())?;
    let scenarios = match root.remove("scenario") {
        Some(Value::Array(scenarios)) => scenarios,
        _ => Vec::new(),
    };
    if scenario != "base" {
        let named = |patch: &&Value| patch.get("name").and_then(Value::as_str) == Some(scenario);
        let mut patch =
            scenarios.iter().find(named).and_then(Value::as_table).cloned().ok_or(format!("there is no scenario `{scenario}`"))?;
        for words in ["name", "severity", "narrative", "zh"] {
            patch.remove(words);
        }
        let restarts = patch.get("margin").is_some_and(|margin| margin.get("rulebook").is_some() || margin.get("version").is_some());
        if restarts {
            // a scenario that names a rulebook starts from it
            root.remove("margin");
        }
        lay_over(&mut root, patch, "");
    }
    let mut rules = root.clone();
    for key in ELSEWHERE {
        rules.remove(key);
    }
    if let Some(Value::Table(margin)) = rules.get_mut("margin") {
        // read once on the as-of date: it moves nothing on a path
        margin.remove("investment-cap");
    }
    let rules = Programme::try_from_toml(rules)?;
    Ok((rules, root))
}

/// A table merges, a list is replaced, a choice is replaced when another is named.
fn lay_over(base: &mut Toml, patch: Toml, place: &str) {
    for (key, value) in patch {
        let here = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        let chosen = |choice: &&str| {
            **choice == here
                || choice
                    .strip_suffix(".*")
                    .is_some_and(|head| here.strip_prefix(head).is_some_and(|tail| tail.starts_with('.') && !tail[1..].contains('.')))
        };
        let is_choice = CHOICES.iter().any(chosen);
        match (base.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) if !is_choice || old.keys().eq(new.keys()) => lay_over(old, new, &here),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

impl Programme {
    fn try_from_toml(table: Toml) -> Result<Programme, String> {
        Value::Table(table).try_into().map_err(|why: toml::de::Error| why.to_string())
    }

    /// A programme of a text, its base.
    pub fn read(text: &str) -> Result<Programme, String> {
        resolved(text, "base").map(|(rules, _)| rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::*;

    const TEXT: &str = r#"
        schema = 1
        as-of = 2015-06-12
        [market.gaussian]
        volatility-annual = "30%"
        [[shocks]]
        gap = { day = 1, size = "-5%", on = { symbols = ["X"] } }
        [costs]
        stamp-duty = "china"
        [margin]
        call = "130%"
        limit-action = { reduce-to = "150%" }
        [feedback.impact.square-root]
        coefficient = 2
        [pool]
        line-add = { A = "10%" }
        [[scenario]]
        name = "hard"
        severity = "severe"
        costs.stamp-duty.rate = "0.2%"
        feedback.impact.linear = {}
        margin.liquidation = 1.1
        [[scenario.shocks]]
        limit-downs = { first-day = 1, days = 3 }
    "#;

    #[test]
    fn a_scenario_is_laid_over_the_base() {
        let base = Programme::read(TEXT).unwrap();
        assert_eq!(base.as_of, Date::new(2015, 6, 12));
        assert_eq!(base.margin.limit_action, Some(LimitAction::ReduceTo(1.5)));
        assert_eq!(base.pool.line_add["A"], 0.1);
        assert_eq!(base.costs.stamp_duty, StampDuty::China);
        assert!(matches!(&base.shocks[..], [Shock::Gap(Gap { day: 1, on: On::Symbols(names), .. })] if names == &["X"]));
        let (hard, _) = resolved(TEXT, "hard").unwrap();
        assert_eq!((hard.margin.call, hard.margin.liquidation), (Some(1.3), Some(1.1)));
        assert_eq!(hard.costs.stamp_duty, StampDuty::Rate(0.002));
        assert!(matches!(hard.feedback.impact, Impact::Linear(_)));
        assert!(matches!(&hard.shocks[..], [Shock::LimitDowns(_)]));
        assert!(Programme::read("[margin]\nunknown = 1").is_err());
    }
}

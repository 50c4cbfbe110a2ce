//! Spoils good files in one way at a time, each so that a figure means something else.

use super::good::{AS_OF, Files, Sheet};
use levertide::units::Day;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// What is done to the files; false where they hold nothing that it could be done to.
type Spoil = fn(&mut Files, &mut ChaCha8Rng) -> bool;

/// Every kind by name.
pub const KINDS: &[(&str, Spoil)] = &[
    // prices
    ("one close without its point (14.10 as 1410)", |f, r| one(f, r, "prices", "close", |v| v * 100.0)),
    ("one close a tenth", |f, r| one(f, r, "prices", "close", |v| v / 10.0)),
    ("the closes of one symbol × 10", |f, r| of_symbol(f, r, &["close"], |v| v * 10.0)),
    ("all prices of one symbol × 10 from a day on", prices_from_a_day),
    ("all prices in fen", |f, _| scale(f, "prices", &["open", "high", "low", "close", "preclose"], 100.0)),
    ("close and open change places", |f, _| swap(f, "prices", "close", "open")),
    ("high and low change places", |f, _| swap(f, "prices", "high", "low")),
    ("close and high change places", |f, _| swap(f, "prices", "close", "high")),
    ("close and preclose change places", |f, _| swap(f, "prices", "close", "preclose")),
    ("close and volume change places", |f, _| swap(f, "prices", "close", "volume")),
    ("volume and amount change places", |f, _| swap(f, "prices", "volume", "amount")),
    ("volume in lots", |f, _| scale(f, "prices", &["volume"], 0.01)),
    ("volume of one symbol in lots", |f, r| of_symbol(f, r, &["volume"], |v| v / 100.0)),
    ("amount in thousands", |f, _| scale(f, "prices", &["amount"], 1e-3)),
    ("amount of one symbol in ten thousands", |f, r| of_symbol(f, r, &["amount"], |v| v / 1e4)),
    ("all dates a day early", |f, _| shift(f, "prices", "date", |_| true, -1)),
    ("all dates a day late", |f, _| shift(f, "prices", "date", |_| true, 1)),
    ("the dates of one symbol a day early", |f, r| {
        let code = symbol(f, r);
        shift(f, "prices", "date", |row| row[1] == code, -1)
    }),
    ("the dates of one exchange a day late", |f, _| shift(f, "prices", "date", |row| row[1].ends_with("SZ"), 1)),
    ("a month of dates in another year", another_year),
    ("one exchange missing on one session", |f, r| {
        let (day, mark) = (session(f, r), exchange(r));
        drop_rows(f, "prices", |row| row[0] == day && row[1].ends_with(mark))
    }),
    ("one exchange missing from a session on", |f, r| {
        let (day, mark) = (session(f, r), exchange(r));
        drop_rows(f, "prices", |row| row[0] >= day && row[1].ends_with(mark))
    }),
    ("one exchange missing", |f, r| {
        let mark = exchange(r);
        drop_rows(f, "prices", |row| row[1].ends_with(mark))
    }),
    ("one session missing", |f, r| {
        let day = session(f, r);
        drop_rows(f, "prices", |row| row[0] == day)
    }),
    ("the last session missing", |f, _| drop_rows(f, "prices", |row| row[0].as_str() == AS_OF)),
    ("two weeks missing for one symbol", |f, r| {
        let (code, day) = (held(f, r), session(f, r));
        let until = later(&day, 14);
        drop_rows(f, "prices", |row| row[1] == code && row[0] >= day && row[0] < until)
    }),
    ("the last row of one held symbol missing", |f, r| {
        let code = held(f, r);
        drop_rows(f, "prices", |row| row[1] == code && row[0].as_str() == AS_OF)
    }),
    ("one session's rows twice", |f, r| {
        let day = session(f, r);
        double(f, "prices", |row| row[0] == day)
    }),
    ("all rows twice", |f, _| double(f, "prices", |_| true)),
    ("one session stands again under the next date", session_again),
    ("two symbols mixed from a day on", mixed),
    ("one symbol under another exchange", |f, r| {
        let code = held(f, r);
        let other = format!("{}.{}", &code[..6], if code.ends_with("SH") { "SZ" } else { "SH" });
        set(f, "prices", "symbol", |row| row[1] == code, &other)
    }),
    ("codes without their zeros", |f, _| each(f, "prices", "symbol", |c| c[..6].trim_start_matches('0').to_string())),
    ("factors inverted", |f, _| number(f, "prices", "adj_factor", |_| true, |v| 1.0 / v)),
    ("a factor that misses its ex-date", |f, r| of_symbol(f, r, &["adj_factor"], |_| 1.0)),
    ("status the wrong way round", |f, _| each(f, "prices", "tradestatus", inverted)),
    ("one symbol's status the wrong way round", |f, r| {
        let code = symbol(f, r);
        set(f, "prices", "tradestatus", |row| row[1] == code, "0")
    }),
    ("closes that are adjusted, as their flag says", |f, _| set(f, "prices", "adjustflag", |_| true, "2")),
    ("closes that are adjusted, without a flag", adjusted),
    ("a share without special treatment that has it", |f, r| {
        let code = symbol(f, r);
        set(f, "prices", "is_st", |row| row[1] == code, "1") && set(f, "instruments", "st", |row| row[0] == code, "1")
    }),
    ("special treatment left out", |f, _| set(f, "prices", "is_st", |_| true, "0") && set(f, "instruments", "st", |_| true, "0")),
    // instruments
    ("haircuts × 100", |f, _| scale(f, "instruments", &["haircut"], 100.0)),
    ("turnovers of the instruments × 1000", |f, _| scale(f, "instruments", &["adv_amount"], 1000.0)),
    ("turnovers of the instruments in ten thousands", |f, _| scale(f, "instruments", &["adv_amount"], 1e-4)),
    ("free floats in hundred millions", |f, _| scale(f, "instruments", &["free_float_value"], 1e-8)),
    ("turnover and free float change places", |f, _| swap(f, "instruments", "adv_amount", "free_float_value")),
    ("the boards of two kinds change places", boards),
    ("listing dates after the first row", |f, _| shift(f, "instruments", "list_date", |_| true, 9000)),
    ("one instrument twice", |f, r| {
        let code = symbol(f, r);
        double(f, "instruments", |row| row[0] == code)
    }),
    // accounts
    ("loans × 1000", |f, _| scale(f, "accounts", &["loan"], 1000.0)),
    ("loans in ten thousands", |f, _| scale(f, "accounts", &["loan"], 1e-4)),
    ("one loan × 10", |f, r| one(f, r, "accounts", "loan", |v| v * 10.0)),
    ("one loan ÷ 10", |f, r| one(f, r, "accounts", "loan", |v| v / 10.0)),
    ("one cash × 1000", |f, r| one(f, r, "accounts", "cash", |v| v * 1000.0 + 1e7)),
    ("cash and loan change places", |f, _| swap(f, "accounts", "cash", "loan")),
    ("loan and interest change places", |f, _| swap(f, "accounts", "loan", "accrued_interest")),
    ("cash and interest change places", |f, _| swap(f, "accounts", "cash", "accrued_interest")),
    ("interest × 1000", |f, _| scale(f, "accounts", &["accrued_interest"], 1000.0)),
    ("a total row", |f, _| total(f, "合计")),
    ("a total row under a number", |f, _| total(f, "99999999")),
    ("one account twice", |f, r| {
        let id = account(f, r);
        double(f, "accounts", |row| row[0] == id)
    }),
    ("one account again under another number", account_again),
    ("loans one row down", |f, _| down(f, "accounts", "loan")),
    ("ids of a spreadsheet", |f, _| each(f, "accounts", "account_id", |id| format!("6.22848{}E+18", &id[7..]))),
    ("ids without their zeros", |f, _| each(f, "accounts", "account_id", |id| id.trim_start_matches('0').to_string())),
    ("ids with a hidden character", |f, r| {
        let id = account(f, r);
        set(f, "accounts", "account_id", |row| row[0] == id, &format!("{id}\u{200b}"))
    }),
    ("rates × 100", |f, _| scale(f, "accounts", &["rate_annual"], 100.0)),
    ("rates ÷ 100", |f, _| scale(f, "accounts", &["rate_annual"], 0.01)),
    ("opening and maturity change places", |f, _| swap(f, "accounts", "open_date", "maturity_date")),
    ("opening dates a year late", |f, _| {
        shift(f, "accounts", "open_date", |_| true, 365) && shift(f, "accounts", "maturity_date", |_| true, 365)
    }),
    ("maturities a year early", |f, _| {
        shift(f, "accounts", "maturity_date", |_| true, -365) && shift(f, "accounts", "open_date", |_| true, -365)
    }),
    // positions
    ("quantities in lots", |f, _| scale(f, "positions", &["quantity", "sellable_quantity"], 0.01)),
    ("quantities × 100", |f, _| scale(f, "positions", &["quantity", "sellable_quantity"], 100.0)),
    ("one quantity × 100", |f, r| one(f, r, "positions", "quantity", |v| v * 100.0)),
    ("one quantity ÷ 10", |f, r| {
        let row = r.random_range(0..f.sheets["positions"].rows.len());
        let n = std::cell::Cell::new(0);
        let this = |_: &[String]| n.replace(n.get() + 1) == row;
        number(f, "positions", "quantity", this, |v| v / 10.0) && {
            n.set(0);
            number(f, "positions", "sellable_quantity", this, |v| v / 10.0)
        }
    }),
    ("quantity and cost change places", |f, _| swap(f, "positions", "quantity", "cost")),
    ("quantity and market value change places", |f, _| swap(f, "positions", "quantity", "stated_value")),
    ("two symbols change places", symbols_cross),
    ("quantities one row down", |f, _| down(f, "positions", "quantity")),
    ("accounts one row down", |f, _| down(f, "positions", "account_id")),
    ("one position twice", |f, r| {
        let row = r.random_range(0..f.sheets["positions"].rows.len());
        let cells = f.sheets["positions"].rows[row].clone();
        double(f, "positions", |row| *row == cells)
    }),
    ("the positions of one account missing", |f, r| {
        let id = account(f, r);
        drop_rows(f, "positions", |row| row[0] == id)
    }),
    ("the second half of the positions missing", |f, _| {
        let rows = &mut f.sheets.get_mut("positions").expect("it is there").rows;
        rows.truncate(rows.len() / 2);
        true
    }),
    ("codes of positions without their zeros, as another exchange's", |f, r| {
        let code = held(f, r);
        set(f, "positions", "symbol", |row| row[1] == code, &format!("{}.BJ", &code[..6]))
    }),
    ("costs in fen", |f, _| scale(f, "positions", &["cost"], 100.0)),
    // funding
    ("funding × 1000", |f, _| scale(f, "funding", &["amount"], 1000.0)),
    ("funding in ten thousands", |f, _| scale(f, "funding", &["amount"], 1e-4)),
    ("one source's amount × 100", |f, r| one(f, r, "funding", "amount", |v| v * 100.0)),
    ("one source twice", |f, _| double(f, "funding", |row| row[0] == "A1")),
    ("one tier's funding missing", |f, _| drop_rows(f, "funding", |row| row[1] == "B")),
    ("funding rates × 100", |f, _| scale(f, "funding", &["rate_annual"], 100.0)),
    ("funding rates ÷ 100", |f, _| scale(f, "funding", &["rate_annual"], 0.01)),
    ("funding maturities a year early", |f, _| shift(f, "funding", "maturity_date", |_| true, -365)),
];

fn sheet<'f>(files: &'f mut Files, name: &str) -> &'f mut Sheet {
    files.sheets.get_mut(name).unwrap_or_else(|| panic!("no file {name}"))
}

fn pick(cells: Vec<String>, rng: &mut ChaCha8Rng) -> String {
    cells[rng.random_range(0..cells.len())].clone()
}

fn symbol(files: &Files, rng: &mut ChaCha8Rng) -> String {
    pick(files.sheets["instruments"].rows.iter().map(|row| row[0].clone()).collect(), rng)
}

fn held(files: &Files, rng: &mut ChaCha8Rng) -> String {
    pick(files.sheets["positions"].rows.iter().map(|row| row[1].clone()).collect(), rng)
}

fn account(files: &Files, rng: &mut ChaCha8Rng) -> String {
    pick(files.sheets["accounts"].rows.iter().map(|row| row[0].clone()).collect(), rng)
}

/// A session within the file, neither the first nor the last.
fn session(files: &Files, rng: &mut ChaCha8Rng) -> String {
    let mut days: Vec<String> = files.sheets["prices"].rows.iter().map(|row| row[0].clone()).collect();
    days.dedup();
    days[rng.random_range(5..days.len() - 5)].clone()
}

fn exchange(rng: &mut ChaCha8Rng) -> &'static str {
    ["SH", "SZ"][rng.random_range(0..2)]
}

fn later(day: &str, days: i32) -> String {
    Day::from_epoch_days(Day::parse(day).expect("a date").epoch_days() + days).to_string()
}

/// Changes the cells of a column in some rows; true where any changed.
fn cells(files: &mut Files, name: &str, column: &str, rows: impl Fn(&[String]) -> bool, to: impl Fn(&str) -> String) -> bool {
    let sheet = sheet(files, name);
    let Some(at) = sheet.column(column) else { return false };
    let mut changed = false;
    for row in sheet.rows.iter_mut() {
        if rows(row) {
            let next = to(&row[at]);
            changed |= next != row[at];
            row[at] = next;
        }
    }
    changed
}

fn each(files: &mut Files, name: &str, column: &str, to: impl Fn(&str) -> String) -> bool {
    cells(files, name, column, |_| true, to)
}

fn set(files: &mut Files, name: &str, column: &str, rows: impl Fn(&[String]) -> bool, to: &str) -> bool {
    cells(files, name, column, rows, |_| to.to_string())
}

fn number(files: &mut Files, name: &str, column: &str, rows: impl Fn(&[String]) -> bool, to: impl Fn(f64) -> f64) -> bool {
    cells(files, name, column, rows, |cell| {
        let value: f64 = cell.parse().unwrap_or_else(|_| panic!("{name} {column}: {cell}"));
        let next = (to(value) * 1e6).round() / 1e6;
        if next == value { cell.to_string() } else { next.to_string() }
    })
}

/// Does something to each of the columns; true where any changed.
fn every(columns: &[&str], change: impl FnMut(&&str) -> bool) -> bool {
    let changed: Vec<bool> = columns.iter().map(change).collect();
    changed.contains(&true)
}

fn scale(files: &mut Files, name: &str, columns: &[&str], by: f64) -> bool {
    every(columns, |column| number(files, name, column, |_| true, |v| v * by))
}

fn one(files: &mut Files, rng: &mut ChaCha8Rng, name: &str, column: &str, to: impl Fn(f64) -> f64) -> bool {
    let chosen = rng.random_range(0..files.sheets[name].rows.len());
    let at = std::cell::Cell::new(0);
    number(files, name, column, |_| at.replace(at.get() + 1) == chosen, to)
}

fn of_symbol(files: &mut Files, rng: &mut ChaCha8Rng, columns: &[&str], to: impl Fn(f64) -> f64) -> bool {
    let code = symbol(files, rng);
    every(columns, |column| number(files, "prices", column, |row| row[1] == code, &to))
}

fn prices_from_a_day(files: &mut Files, rng: &mut ChaCha8Rng) -> bool {
    let (code, day) = (symbol(files, rng), session(files, rng));
    let columns = ["open", "high", "low", "close"];
    every(&columns, |column| number(files, "prices", column, |row| row[1] == code && row[0] >= day, |v| v * 10.0))
}

/// Two headers change places.
fn swap(files: &mut Files, name: &str, a: &str, b: &str) -> bool {
    let sheet = sheet(files, name);
    let (Some(first), Some(second)) = (sheet.column(a), sheet.column(b)) else { return false };
    sheet.header.swap(first, second);
    true
}

fn shift(files: &mut Files, name: &str, column: &str, rows: impl Fn(&[String]) -> bool, days: i32) -> bool {
    cells(files, name, column, rows, |cell| later(cell, days))
}

fn drop_rows(files: &mut Files, name: &str, rows: impl Fn(&[String]) -> bool) -> bool {
    let all = &mut sheet(files, name).rows;
    let before = all.len();
    all.retain(|row| !rows(row));
    all.len() < before
}

fn double(files: &mut Files, name: &str, rows: impl Fn(&[String]) -> bool) -> bool {
    let all = &mut sheet(files, name).rows;
    let again: Vec<Vec<String>> = all.iter().filter(|row| rows(row)).cloned().collect();
    let any = !again.is_empty();
    all.extend(again);
    any
}

/// The cells of a column stand one row too low, the last one first.
fn down(files: &mut Files, name: &str, column: &str) -> bool {
    let sheet = sheet(files, name);
    let Some(at) = sheet.column(column) else { return false };
    let mut column: Vec<String> = sheet.rows.iter().map(|row| row[at].clone()).collect();
    column.rotate_right(1);
    let changed = sheet.rows.iter().zip(&column).any(|(row, cell)| row[at] != *cell);
    sheet.rows.iter_mut().zip(column).for_each(|(row, cell)| row[at] = cell);
    changed
}

fn inverted(cell: &str) -> String {
    if cell == "1" { "0".into() } else { "1".into() }
}

/// April's rows, of the year before.
fn another_year(files: &mut Files, _: &mut ChaCha8Rng) -> bool {
    cells(files, "prices", "date", |row| row[0].starts_with("2015-04"), |cell| cell.replacen("2015", "2014", 1))
}

fn session_again(files: &mut Files, rng: &mut ChaCha8Rng) -> bool {
    let day = session(files, rng);
    let rows = &mut sheet(files, "prices").rows;
    let next = rows.iter().map(|row| row[0].clone()).find(|d| *d > day).expect("it is not the last");
    rows.retain(|row| row[0] != next);
    let again: Vec<Vec<String>> = rows.iter().filter(|row| row[0] == day).cloned().collect();
    rows.extend(again.into_iter().map(|mut row| {
        row[0] = next.clone();
        row
    }));
    true
}

fn mixed(files: &mut Files, rng: &mut ChaCha8Rng) -> bool {
    let (a, b, day) = (held(files, rng), symbol(files, rng), session(files, rng));
    for row in sheet(files, "prices").rows.iter_mut().filter(|row| row[0] >= day) {
        if row[1] == a {
            row[1] = b.clone();
        } else if row[1] == b {
            row[1] = a.clone();
        }
    }
    a != b
}

/// Closes, ranges and reference prices brought to the level of the last day, as a back-adjusted export has them.
fn adjusted(files: &mut Files, _: &mut ChaCha8Rng) -> bool {
    let prices = sheet(files, "prices");
    let at = |name: &str| prices.column(name);
    let Some(factor) = at("adj_factor") else { return false };
    let columns: Vec<usize> = ["open", "high", "low", "close", "preclose"].iter().filter_map(|name| at(name)).collect();
    let mut changed = false;
    let last: Vec<(String, f64)> =
        prices.rows.iter().filter(|row| row[0] == AS_OF).map(|row| (row[1].clone(), row[factor].parse().expect("a number"))).collect();
    for row in &mut prices.rows {
        let end = last.iter().find(|(code, _)| *code == row[1]).expect("every symbol has a last row").1;
        let by = row[factor].parse::<f64>().expect("a number") / end;
        changed |= by != 1.0;
        for column in &columns {
            row[*column] = format!("{:.2}", row[*column].parse::<f64>().expect("a number") * by);
        }
    }
    changed
}

fn boards(files: &mut Files, _: &mut ChaCha8Rng) -> bool {
    each(files, "instruments", "board", |board| if board == "main" { "star".into() } else { "main".into() })
}

fn total(files: &mut Files, id: &str) -> bool {
    let sheet = sheet(files, "accounts");
    let sum = |name: &str| {
        let at = sheet.column(name).expect("it is there");
        format!("{:.2}", sheet.rows.iter().map(|row| row[at].parse::<f64>().expect("a number")).sum::<f64>())
    };
    let (cash, loan, interest) = (sum("cash"), sum("loan"), sum("accrued_interest"));
    let mut row = sheet.rows[0].clone();
    row[0] = id.into();
    for (name, cell) in [("cash", cash), ("loan", loan), ("accrued_interest", interest)] {
        let at = sheet.column(name).expect("it is there");
        row[at] = cell;
    }
    sheet.rows.push(row);
    true
}

fn account_again(files: &mut Files, rng: &mut ChaCha8Rng) -> bool {
    let id = account(files, rng);
    for name in ["accounts", "positions"] {
        let rows = &mut sheet(files, name).rows;
        let again: Vec<Vec<String>> = rows.iter().filter(|row| row[0] == id).cloned().collect();
        rows.extend(again.into_iter().map(|mut row| {
            row[0] = "00098765".into();
            row
        }));
    }
    true
}

/// The codes of two rows of one account, or of two accounts, change places.
fn symbols_cross(files: &mut Files, rng: &mut ChaCha8Rng) -> bool {
    let rows = &mut sheet(files, "positions").rows;
    let (a, b) = (rng.random_range(0..rows.len()), rng.random_range(0..rows.len()));
    let (first, second) = (rows[a][1].clone(), rows[b][1].clone());
    let changed = first != second;
    rows[a][1] = second;
    rows[b][1] = first;
    changed
}

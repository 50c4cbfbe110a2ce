//! Reads the facts of each symbol: name, board, ST, sector, collateral haircut, turnover, free float, depth, price.

use super::accounts::MOST_MONEY;
use super::cells::{self, Rule};
use super::headers::INSTRUMENTS;
use super::identity;
use super::{Gather, opened, table};
use crate::model::case::Programme;
use crate::model::history::Board;
use crate::problem::{Kind, Place, Problem, visible};
use crate::units::Day;
use std::collections::BTreeMap;

/// What the instruments file says of one symbol; nothing where it says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub line: usize,
    pub name: Option<String>,
    pub board: Option<Board>,
    pub st: Option<bool>,
    pub sector: Option<String>,
    pub haircut: Option<f64>,
    pub adv_amount: Option<f64>,
    pub free_float_value: Option<f64>,
    pub depth_amount: Option<f64>,
    pub price: Option<f64>,
    /// The session it trades again, of a symbol halted on the as-of date.
    pub resume_date: Option<Day>,
    pub listed: Option<Day>,
}

const HAIRCUT: Rule = Rule::any("the haircut is the share of value counted as collateral, 0 to 1", "write 0.65 or 65%")
    .at_least(0.0)
    .at_most(1.0)
    .ratio()
    .or_empty();
const MONEY: Rule = Rule::any("it is an amount of money, 0 to 1e15", "write the amount in the programme's currency")
    .at_least(0.0)
    .at_most(MOST_MONEY)
    .or_empty();
const DEPTH: Rule =
    Rule::any("the depth is the money that buyers' best quotes offer, above zero", "write the average, or leave the cell empty")
        .above(0.0)
        .at_most(MOST_MONEY)
        .or_empty();
const PRICE: Rule = Rule::any("a price is a number above zero", "write the price per share").above(0.0).at_most(1e9).or_empty();

/// Every symbol of the instruments file; empty when the programme names none.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<BTreeMap<String, Facts>> {
    let Some(written) = &programme.data.instruments else { return Some(BTreeMap::new()) };
    let before = gather.problems.len();
    let table = opened::read(&INSTRUMENTS, written, &programme.folder, &programme.data, gather)?;
    if table.refuse_numbers("symbol", gather) {
        return None;
    }
    let (codes, code_of) = table.codes("symbol", false, gather);
    let symbols: Vec<&String> = code_of.iter().map(|code| &codes[*code as usize]).collect();
    let boards = boards(&table, gather);
    let st = table.flags("st", gather);
    let haircut = table.numbers("haircut", &HAIRCUT, gather);
    let adv = table.numbers("adv_amount", &MONEY, gather);
    let float = table.numbers("free_float_value", &MONEY, gather);
    let depth = table.numbers("depth_amount", &DEPTH, gather);
    let price = table.numbers("price", &PRICE, gather);
    let resume = table.days("resume_date", true, gather);
    let listed = table.days("list_date", true, gather);
    let (names, sectors) = (table.texts("name"), table.texts("sector"));
    for (column, texts) in [("name", &names), ("sector", &sectors)] {
        for (row, text) in texts.iter().flatten().enumerate().filter(|(_, text)| visible::hides(text)) {
            let why = "a name on the report holds no characters that do not print";
            gather.problems.push(table.problem(row, column, format!("found {text:?}"), why, "delete the characters that do not print"));
        }
    }
    let mut out: BTreeMap<String, Facts> = BTreeMap::new();
    for row in 0..table.rows {
        let number = |column: &Option<Vec<f64>>| column.as_ref().map(|c| c[row]).filter(|v| !v.is_nan());
        let text = |column: &Option<Vec<String>>| column.as_ref().map(|c| c[row].clone()).filter(|t| !t.is_empty());
        let facts = Facts {
            line: table.line(row),
            name: text(&names),
            board: boards[row],
            st: st.as_ref().and_then(|c| c[row]),
            sector: text(&sectors),
            haircut: number(&haircut),
            adv_amount: number(&adv),
            free_float_value: number(&float),
            depth_amount: number(&depth),
            price: number(&price),
            resume_date: resume.as_ref().and_then(|c| c[row]),
            listed: listed.as_ref().and_then(|c| c[row]),
        };
        if let Some(first) = out.insert(symbols[row].to_string(), facts) {
            let what = format!("{:?} stands on lines {} and {}", symbols[row], first.line, table.line(row));
            gather.problems.push(table.problem(row, "symbol", what, "a symbol has one row", "delete one of the rows"));
        }
    }
    mark_st_names(&table.file, &mut out, gather);
    (gather.problems.len() == before).then_some(out)
}

/// A name that says special treatment counts as the flag where the file has none, and is told where the flag says otherwise.
fn mark_st_names(file: &str, facts: &mut BTreeMap<String, Facts>, gather: &mut Gather) {
    let (mut marked, mut against): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let unmarked: Vec<String> = facts.iter().filter_map(|(symbol, facts)| unmarked(symbol, facts)).collect();
    if let Some(first) = unmarked.first() {
        let n = unmarked.len();
        gather.note(
            format!("{file}: {n} symbols are ST by `st` and not by their names (first {first}); the column counts"),
            format!("{file}：{n} 只证券 st 列为是而简称不带 ST（首只为 {first}），以该列为准"),
        );
    }
    for (symbol, facts) in facts.iter_mut() {
        let Some(name) = facts.name.as_deref().filter(|name| cells::is_st_name(name)) else { continue };
        match facts.st {
            None => {
                marked.push(format!("{symbol} {name}"));
                facts.st = Some(true);
            }
            Some(false) => against.push(format!("{symbol} {name}")),
            Some(true) => {}
        }
    }
    if let Some(first) = marked.first() {
        let n = marked.len();
        gather.note(
            format!("{file}: {n} names say special treatment (first {first}) and count as ST, with the ST price limit"),
            format!("{file}：{n} 只证券的简称带 ST（首只为 {first}），按 ST 股票及其涨跌幅限制处理"),
        );
    }
    if let Some(first) = against.first() {
        let n = against.len();
        gather.note(
            format!("{file}: {n} names say special treatment where `st` says no (first {first}); the column counts"),
            format!("{file}：{n} 只证券简称带 ST 而 st 列为否（首只为 {first}），以该列为准"),
        );
    }
}

/// A share of which the flag says special treatment and its Chinese name does not.
fn unmarked(symbol: &str, facts: &Facts) -> Option<String> {
    let name = facts.name.as_deref().filter(|name| !name.is_ascii() && !cells::is_st_name(name))?;
    (facts.st == Some(true)).then(|| format!("{symbol} {name}"))
}

/// The facts under the market's spelling of each symbol; two rows that mean one symbol are a problem.
pub fn respell(file: &str, facts: BTreeMap<String, Facts>, symbols: &[String], gather: &mut Gather) -> BTreeMap<String, Facts> {
    let mut out: BTreeMap<String, Facts> = BTreeMap::new();
    for (named, own) in facts {
        let symbol = identity::lookup(symbols, &named).unwrap_or(named);
        let line = own.line;
        if let Some(first) = out.insert(symbol.clone(), own) {
            let what = format!("{symbol:?} stands on lines {} and {line} in two spellings", first.line.min(line));
            let place = Place::file(file).line(first.line.max(line)).field("symbol");
            gather.problems.push(Problem::new(Kind::Data, place, what, "a symbol has one row", "delete one of the rows"));
        }
    }
    out
}

fn boards(table: &table::Table, gather: &mut Gather) -> Vec<Option<Board>> {
    let mut out = vec![None; table.rows];
    if !table.has("board") {
        return out;
    }
    table.each_text("board", |row, cell| {
        out[row] = match cell.to_lowercase().as_str() {
            "" => return,
            "main" | "主板" | "中小板" | "sme" => Some(Board::Main),
            "star" | "科创板" => Some(Board::Star),
            "chinext" | "gem" | "创业板" => Some(Board::Chinext),
            "bse" | "北交所" | "北证" => Some(Board::Bse),
            "b" | "b股" => Some(Board::B),
            "etf" => Some(Board::Etf),
            "etf-20" => Some(Board::EtfWide),
            "fund" | "lof" | "reit" | "基金" | "封闭式基金" => Some(Board::Fund),
            "convertible" | "可转债" | "转债" | "可转换债券" => Some(Board::Convertible),
            "none" | "无" => Some(Board::None),
            _ => {
                let fix = "write main, star, chinext, bse, b, etf, etf-20, fund, convertible or none";
                gather.problems.push(table.problem(
                    row,
                    "board",
                    format!("found {cell:?}"),
                    "the board decides the daily price limit",
                    fix,
                ));
                None
            }
        };
    });
    out
}

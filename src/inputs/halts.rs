//! Tells which held symbols are halted on the as-of date, and since when.
//!
//! A symbol is halted where its row of the as-of session says so, or where it has no such row but earlier ones, while another
//! symbol of its exchange trades that day (else the file lacks the exchange, not the trading); and where a `resume_date` after
//! the as-of date says so.

use super::Gather;
use super::instruments::Facts;
use super::quotes::Quotes;
use crate::model::case::Programme;
use crate::model::exchange::resumption::hazard;
use crate::model::history::{Halt, History, Instrument, flag};
use std::collections::BTreeMap;

/// Names listed one by one.
const LISTED: usize = 20;

/// Marks the held symbols that are halted; `history` is as built, before proxies fill it.
pub fn mark(
    programme: &Programme,
    quotes: &Quotes,
    history: &History,
    facts: &BTreeMap<String, Facts>,
    held: &[bool],
    instruments: &mut [Instrument],
) {
    let today = history.dates.partition_point(|d| *d <= programme.as_of);
    for symbol in (0..history.width()).filter(|s| held[*s]) {
        let resumes = facts.get(&history.symbols[symbol]).and_then(|f| f.resume_date);
        let said = resumes.filter(|day| *day > programme.as_of).map(|_| today.saturating_sub(1));
        let first = since(quotes, history, today, symbol).or(said);
        let since = first.map(|day| history.dates.get(day).copied().unwrap_or(programme.as_of));
        instruments[symbol].halt = since.map(|since| Halt { since, missed: 1.0, resumes });
    }
}

/// The first session of the halt that holds on the last session of `today`, by its number.
fn since(quotes: &Quotes, history: &History, today: usize, symbol: usize) -> Option<usize> {
    let last = today.checked_sub(1)?;
    let flags = |day: usize| history.flag_row(day)[symbol];
    let before = quotes.days.partition_point(|d| *d < history.dates[0]);
    let missing = |day: usize| flags(day) & flag::PRESENT == 0 && !quotes.is_quoted(before + day, symbol);
    let idle = |day: usize| flags(day) & flag::HALTED != 0 || missing(day);
    if !idle(last) || (missing(last) && !exchange_trades(history, last, symbol)) {
        return None;
    }
    let first = (0..last).rev().take_while(|day| idle(*day)).last().unwrap_or(last);
    // a symbol that never traded before is not listed yet, or lives on its proxy alone
    (first > 0 || quotes.is_quoted(before, symbol)).then_some(first)
}

/// Whether any symbol with the same exchange behind its code trades on a day.
fn exchange_trades(history: &History, day: usize, symbol: usize) -> bool {
    let exchange = |s: usize| history.symbols[s].rsplit_once('.').map(|(_, exchange)| exchange);
    let trades = |s: usize| history.flag_row(day)[s] & (flag::PRESENT | flag::HALTED) == flag::PRESENT;
    (0..history.width()).any(|s| s != symbol && exchange(s) == exchange(symbol) && trades(s))
}

/// Says which held symbols are halted on the as-of date, and what becomes of them.
pub fn note(programme: &Programme, history: &History, instruments: &[Instrument], gather: &mut Gather) {
    let halted: Vec<&Instrument> = instruments.iter().filter(|i| i.halt.is_some()).collect();
    if halted.is_empty() {
        return;
    }
    let name = |en: bool| {
        move |i: &&Instrument| {
            let halt = i.halt.expect("it is halted");
            let missed = 100.0 * (halt.missed - 1.0);
            let back = match (halt.resumes, en) {
                (None, _) => String::new(),
                (Some(day), true) => format!(", resumes on {day}"),
                (Some(day), false) => format!("，{day} 复牌"),
            };
            if en {
                format!("{} since {} (its proxy moved {missed:+.1}% since{back})", i.symbol, halt.since)
            } else {
                format!("{} 自 {} 起（其间替代序列变动 {missed:+.1}%{back}）", i.symbol, halt.since)
            }
        }
    };
    let more = halted.len().saturating_sub(LISTED);
    let listed = &halted[..halted.len() - more];
    let (en, zh): (Vec<String>, Vec<String>) = (listed.iter().map(name(true)).collect(), listed.iter().map(name(false)).collect());
    let (more_en, more_zh) = if more > 0 { (format!(" and {more} more"), format!("，另有 {more} 只")) } else { Default::default() };
    let chance = 100.0 * hazard(history, history.window(None, Some(programme.as_of)).end);
    gather.note(
        format!(
            "halted on the as-of date: {}{more_en}; a name without a resume date stays halted as exchange.resume-after says, else it resumes with a probability of {chance:.1}% a session (from the history's halts), and then takes what its proxy did meanwhile within the price limits",
            en.join(", ")
        ),
        format!(
            "基准日停牌：{}{more_zh}；无复牌日期者按 exchange.resume-after 停牌，未设时每个交易日以 {chance:.1}% 的概率复牌（由历史停牌估计），复牌后在涨跌幅限制内补足其间替代序列的变动",
            zh.join("、")
        ),
    );
}

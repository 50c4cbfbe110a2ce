//! Holds the history against what an exchange allows: what cannot have happened is refused where it would value or move
//! the book wrongly, and else said once for each file with its count and first place.
//!
//! Refused: a symbol, or a file of returns, that moves beyond its limit on more than a quarter of its days (returns in per
//! cent, adjusted closes), closes that mostly lie outside the day's range, halts that mostly trade. Said: the same in single
//! places, closes that are no whole fen, sessions on weekends, sessions that repeat the one before, holes.

use super::Gather;
use super::count::Count;
use super::identity::exchange_of;
use super::listing::Known;
use super::quotes::Quotes;
use crate::model::case::Programme;
use crate::model::exchange::daily_limit;
use crate::model::history::{Board, History, flag};
use crate::problem::{Kind, Place, Problem};
use crate::units::Day;
use std::collections::BTreeMap;

/// Share of days beyond the limit from which on a symbol is refused, and how many at least.
const REFUSED_SHARE: f64 = 0.25;
const REFUSED_LEAST: usize = 10;
/// A move that no stock without a daily limit makes on an ordinary day.
const MOVE_WITHOUT_LIMIT: f64 = 0.5;
/// Sessions after a listing that have wider limits, or none.
const LISTING_SESSIONS: usize = 5;
/// The longest holiday of an exchange, in calendar days from session to session.
const LONGEST_HOLIDAY: i32 = 12;
/// How far a close may lie from a whole fen before it counts as adjusted, in fen: single precision is nearer.
const FEN_SLACK: f64 = 0.02;

/// What is known beside the quotes.
pub struct Facts<'a> {
    pub known: &'a [Known],
    pub held: &'a [bool],
    pub history: &'a History,
}

/// A symbol and a day.
type At = (usize, usize);

fn place_of(count: &Count<At>, quotes: &Quotes) -> String {
    count.first.map_or_else(String::new, |(symbol, day)| format!("{} {}", quotes.symbols[symbol], quotes.days[day]))
}

/// Checks the history of every symbol; `facts.history` is as built, before proxies fill it.
pub fn check(programme: &Programme, quotes: &Quotes, facts: &Facts, gather: &mut Gather) {
    if quotes.is_empty() {
        return;
    }
    moves(quotes, facts, gather);
    ranges(quotes, gather);
    fen(quotes, facts, gather);
    calendar(quotes, gather);
    exchanges(programme, quotes, gather);
    repeats(quotes, gather);
}

fn refuse(quotes: &Quotes, field: &str, what: String, why: &str, fix: &str, gather: &mut Gather) {
    gather.problems.push(Problem::new(Kind::Data, Place::file(&quotes.file).field(field), what, why, fix));
}

/// Returns beyond the daily limit of their board.
fn moves(quotes: &Quotes, facts: &Facts, gather: &mut Gather) {
    let history = facts.history;
    let (days, width) = (history.days(), history.width());
    let offset = quotes.days.len() - days;
    let mut beyond = Count::default();
    let mut symbols = 0;
    let (mut first_move, mut twice) = ((0.0, 0.0), 0);
    let mut worst: Option<(usize, usize, usize, f64)> = None;
    for symbol in 0..width {
        let listed = (0..quotes.days.len()).find(|d| quotes.row(*d, symbol).is_some()).unwrap_or(0);
        let (mut own, mut mine) = (0, 0);
        let mut limit_of = MOVE_WITHOUT_LIMIT;
        for day in 0..days {
            let (cell, at) = ([day, symbol], day + offset);
            let flags = history.flags[cell];
            if flags & (flag::PRESENT | flag::HALTED) != flag::PRESENT {
                continue;
            }
            own += 1;
            let resumes = day > 0 && history.flags[[day - 1, symbol]] & flag::HALTED != 0;
            let fresh = listed > 0 && at <= listed + LISTING_SESSIONS;
            let Some(row) = quotes.row(at, symbol).filter(|_| !resumes && !fresh) else { continue };
            let st = quotes.st.get(row).copied().flatten().unwrap_or(facts.known[symbol].st);
            let limit = daily_limit(facts.known[symbol].board, st, history.dates[day]).unwrap_or(MOVE_WITHOUT_LIMIT);
            let price = quotes.price(row);
            let slack = 0.0015 + if price > 0.0 { 0.006 / price } else { 0.0005 };
            let value = history.simple_return[cell];
            if value.abs() <= limit + slack {
                continue;
            }
            if beyond.count == 0 {
                first_move = (value, limit);
            }
            beyond.add(|| (symbol, at));
            mine += 1;
            limit_of = limit;
            twice += usize::from(factor_counts_twice(quotes, row, at, symbol, limit + slack));
        }
        symbols += usize::from(mine > 0);
        if mine >= REFUSED_LEAST && mine as f64 > REFUSED_SHARE * own as f64 && worst.is_none_or(|(.., m, _)| mine > m) {
            worst = Some((symbol, own, mine, limit_of));
        }
    }
    if let Some((symbol, own, mine, limit)) = worst {
        let what = format!("{} moves by more than {:.0} % on {mine} of {own} days", quotes.symbols[symbol], limit * 100.0);
        let why = "no traded price does: the returns are in per cent, the closes are adjusted, or two series are mixed";
        let fix = "head returns in per cent `return(%)`, give prices as traded, and put adjusted ones under `adj_close`";
        return refuse(quotes, if quotes.simple_return.is_empty() { "close" } else { "return" }, what, why, fix, gather);
    }
    if beyond.count > 0 {
        let (file, n, first) = (&quotes.file, beyond.count, place_of(&beyond, quotes));
        let ((value, limit), held) = (first_move, beyond.first.is_some_and(|(s, _)| facts.held[s]));
        let (held_en, held_zh) = if held { (", held", "，有持仓") } else { ("", "") };
        let (cause_en, cause_zh) = if twice > 0 {
            ("the closes look adjusted already, and the factor counts again", "收盘价疑似已复权，复权因子重复计入")
        } else {
            ("an ex-date that nothing tells, an adjusted close, or a misprint", "可能为除权除息未反映、复权价或数据错误")
        };
        gather.note(
            format!("{file}: {n} returns of {symbols} symbols lie beyond the daily limit (first {first}{held_en}: {:+.1} % where {:.0} % is the most): {cause_en}", value * 100.0, limit * 100.0),
            format!("{file}：{symbols} 只证券的 {n} 个收益率超出当日涨跌幅限制（首个为 {first}{held_zh}：{:+.1}%，限制 {:.0}%）：{cause_zh}", value * 100.0, limit * 100.0),
        );
    }
}

/// A day on which the factor changes and the close does not.
fn factor_counts_twice(quotes: &Quotes, row: usize, day: usize, symbol: usize, most: f64) -> bool {
    let Some(before) = day.checked_sub(1).and_then(|d| quotes.row(d, symbol)) else { return false };
    let (Some(own), Some(last)) = (quotes.adj_factor.get(row), quotes.adj_factor.get(before)) else { return false };
    (own / last - 1.0).abs() > 1e-6 && (quotes.price(row) / quotes.price(before) - 1.0).abs() <= most
}

/// Every row with its symbol and day, symbol by symbol.
fn rows(quotes: &Quotes) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    let days = quotes.days.len();
    (0..quotes.symbols.len()).flat_map(move |symbol| (0..days).filter_map(move |day| quotes.row(day, symbol).map(|row| (symbol, day, row))))
}

/// Closes outside their day's range.
fn ranges(quotes: &Quotes, gather: &mut Gather) {
    if quotes.close.is_empty() {
        return;
    }
    let (mut outside, mut all) = (Count::default(), 0);
    for (symbol, day, row) in rows(quotes) {
        let Some((high, low)) = quotes.range(row) else { continue };
        let close = quotes.close[row];
        all += 1;
        if close < low - 0.005 - 1e-6 * low || close > high + 0.005 + 1e-6 * high {
            outside.add(|| (symbol, day));
        }
    }
    let (file, n, first) = (&quotes.file, outside.count, place_of(&outside, quotes));
    if n >= REFUSED_LEAST && 2 * n > all {
        let what = format!("{n} of {all} closes lie outside the low and high of their day (first {first})");
        let why = "closes and ranges are of different prices: one of them is adjusted or in another unit";
        refuse(quotes, "close", what, why, "give close, high and low as traded, and adjusted closes under `adj_close`", gather);
    } else if n > 0 {
        gather.note(
            format!("{file}: {n} of {all} closes lie outside the low and high of their day (first {first})"),
            format!("{file}：{all} 个收盘价中有 {n} 个位于当日最低价与最高价之外（首个为 {first}）"),
        );
    }
}

/// Days that count as halted and show trading.
pub fn halts(quotes: &Quotes, gather: &mut Gather) {
    let (mut moved, mut traded, mut all) = (Count::default(), Count::default(), 0);
    let mut last: Option<(usize, f64)> = None;
    for (symbol, day, row) in rows(quotes) {
        let close = quotes.price(row);
        all += 1;
        if quotes.halted.get(row).copied().unwrap_or(false) {
            if quotes.volume.get(row).is_some_and(|v| *v > 0.0) {
                traded.add(|| (symbol, day));
            }
            if last.is_some_and(|(s, before)| s == symbol && (close / before - 1.0).abs() > 1e-4) {
                moved.add(|| (symbol, day));
            }
        }
        if close > 0.0 {
            last = Some((symbol, close));
        }
    }
    let file = &quotes.file;
    for (count, share, en, zh) in [
        (&traded, 0.5, "are marked as halted and have volume", "标记为停牌但有成交量"),
        (
            &moved,
            0.3,
            "count as halted (volume 0 or a mark) and change their close; the move is booked on the next day of trading",
            "按停牌处理（成交量为 0 或停牌标记）但收盘价变动；变动计入下一交易日",
        ),
    ] {
        let (n, first) = (count.count, place_of(count, quotes));
        if n >= REFUSED_LEAST && n as f64 > share * all as f64 {
            let what = format!("{n} of {all} rows {} (first {first})", en.split(';').next().unwrap_or(en));
            let why = "the halts of the file are not halts: a status column may be the wrong way round, or a volume that is not known is written as 0";
            refuse(
                quotes,
                "suspended",
                what,
                why,
                "map the status column by what its yes means (`suspended` or `tradestatus`), or leave it or the volume out",
                gather,
            );
        } else if n > 0 {
            gather.note(format!("{file}: {n} rows {en} (first {first})"), format!("{file}：{n} 行{zh}（首行为 {first}）"));
        }
    }
}

fn trades_in_fen(board: Board) -> bool {
    matches!(board, Board::Main | Board::Star | Board::Chinext | Board::Bse)
}

/// Closes of A-shares that are no whole fen.
fn fen(quotes: &Quotes, facts: &Facts, gather: &mut Gather) {
    let (mut off, mut all) = (Count::default(), 0);
    for (symbol, day, row) in rows(quotes).filter(|(symbol, ..)| trades_in_fen(facts.known[*symbol].board)) {
        let Some(cents) = quotes.close.get(row).map(|close| close * 100.0).filter(|c| c.is_finite()) else { continue };
        all += 1;
        if (cents - cents.round()).abs() > FEN_SLACK {
            off.add(|| (symbol, day));
        }
    }
    if off.count >= REFUSED_LEAST && 2 * off.count > all {
        let (file, n, first) = (&quotes.file, off.count, place_of(&off, quotes));
        gather.note(
            format!("{file}: {n} of {all} closes of A-shares are no whole fen (first {first}): they look adjusted, and positions are valued at them"),
            format!("{file}：{all} 个 A 股收盘价中有 {n} 个不是整分（首个为 {first}）：疑似复权价，持仓按其估值"),
        );
    }
}

/// Sessions on weekends, and holes longer than any holiday.
fn calendar(quotes: &Quotes, gather: &mut Gather) {
    let file = &quotes.file;
    let weekend: Vec<&Day> = quotes.days.iter().filter(|day| !day.is_weekday()).collect();
    if let Some(first) = weekend.first() {
        let (n, all) = (weekend.len(), quotes.days.len());
        gather.note(
            format!("{file}: {n} of {all} sessions fall on a Saturday or Sunday (first {first}); the dates may be a day off"),
            format!("{file}：{all} 个交易日中有 {n} 个为周六或周日（首个为 {first}）；日期可能错位一天"),
        );
    }
    let holes: Vec<&[Day]> = quotes.days.windows(2).filter(|pair| pair[0].calendar_days_until(pair[1]) > LONGEST_HOLIDAY).collect();
    if let Some(first) = holes.first() {
        let (n, from, to) = (holes.len(), first[0], first[1]);
        gather.note(
            format!("{file}: {n} times no session for more than {LONGEST_HOLIDAY} days (first from {from} to {to}); rows may be missing"),
            format!("{file}：有 {n} 处超过 {LONGEST_HOLIDAY} 天无交易日（首处为 {from} 至 {to}）；可能缺少数据"),
        );
    }
}

/// Sessions on which a whole exchange has no row while another trades.
fn exchanges(programme: &Programme, quotes: &Quotes, gather: &mut Gather) {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (symbol, name) in quotes.symbols.iter().enumerate() {
        if let Some(exchange) = exchange_of(name) {
            members.entry(exchange).or_default().push(symbol);
        }
    }
    if members.len() < 2 {
        return;
    }
    let has = |symbols: &[usize], day: usize| symbols.iter().any(|s| quotes.row(day, *s).is_some());
    for (exchange, symbols) in members.iter().filter(|(_, symbols)| symbols.len() > 1) {
        let Some(first) = (0..quotes.days.len()).find(|day| has(symbols, *day)) else { continue };
        let others: Vec<usize> = members.iter().filter(|(other, _)| other != &exchange).flat_map(|(_, s)| s.iter().copied()).collect();
        let missing: Vec<usize> = (first..quotes.days.len()).filter(|day| !has(symbols, *day) && has(&others, *day)).collect();
        let Some(day) = missing.first().map(|d| quotes.days[*d]) else { continue };
        let today = quotes.days.partition_point(|d| *d <= programme.as_of).checked_sub(1);
        let at_end = today.is_some_and(|t| missing.contains(&t));
        let (file, n, held) = (&quotes.file, missing.len(), symbols.len());
        let (end_en, end_zh) = if at_end {
            (
                "; on the as-of session too, so that its symbols are valued at an earlier close and count as halted",
                "；其中包括基准日，该市场证券按更早收盘价估值并视为停牌",
            )
        } else {
            ("; its symbols count as halted there", "；该市场证券当日视为停牌")
        };
        gather.note(
            format!("{file}: no .{exchange} symbol has a row on {n} sessions on which others trade (first {day}, {held} symbols){end_en}"),
            format!("{file}：{n} 个交易日所有 .{exchange} 证券均无数据而其他市场正常（首个为 {day}，共 {held} 只）{end_zh}"),
        );
    }
}

/// Sessions on which every price is that of the session before.
fn repeats(quotes: &Quotes, gather: &mut Gather) {
    let width = quotes.symbols.len();
    let same = |day: usize| {
        let mut pairs = 0;
        for symbol in 0..width {
            let (Some(before), Some(row)) = (quotes.row(day - 1, symbol), quotes.row(day, symbol)) else { continue };
            let equal = |column: &[f64]| column.get(row).zip(column.get(before)).is_none_or(|(a, b)| a == b);
            if quotes.halted.get(row).copied().unwrap_or(false) {
                continue;
            }
            if !equal(&quotes.close)
                || !equal(&quotes.adj_close)
                || !equal(&quotes.volume)
                || !equal(&quotes.amount)
                || !equal(&quotes.simple_return)
            {
                return false;
            }
            pairs += 1;
        }
        pairs >= 4
    };
    let repeated: Vec<Day> = (1..quotes.days.len()).filter(|day| same(*day)).map(|day| quotes.days[day]).collect();
    if let Some(first) = repeated.first() {
        let (file, n) = (&quotes.file, repeated.len());
        gather.note(
            format!("{file}: {n} sessions repeat every value of the session before (first {first}); a day may stand twice under two dates"),
            format!("{file}：{n} 个交易日的全部数据与前一交易日相同（首个为 {first}）；同一日数据可能以两个日期重复出现"),
        );
    }
}

/// Held symbols that no limit binds though limits are on, and those valued before the as-of session.
pub fn held(programme: &Programme, unbound: &[&str], stale: &[(&str, Day)], session: Option<Day>, gather: &mut Gather) {
    let limits = programme.scenarios.iter().any(|s| s.case.exchange.price_limits);
    if let Some(first) = unbound.first().filter(|_| limits) {
        let n = unbound.len();
        gather.note(
            format!("{n} held symbols have no board (first {first}), so no daily price limit binds them; `board` of the instruments file names one"),
            format!("{n} 只持仓证券无所属板块（首只为 {first}），不受涨跌幅限制；可在合约文件 board 列注明"),
        );
    }
    if let (Some((first, day)), Some(session)) = (stale.first(), session) {
        let n = stale.len();
        gather.note(
            format!(
                "{n} held symbols have no row on {session}, the as-of session, and are valued at an earlier close (first {first} of {day})"
            ),
            format!("{n} 只持仓证券在基准交易日 {session} 无数据，按更早收盘价估值（首只为 {first}，{day}）"),
        );
    }
}

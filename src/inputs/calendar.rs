//! Finds the calendar whose sessions a programme's horizon follows, and says which it is and where it ends.
//!
//! `[data] calendar` names a market or a file; else held symbols on a Chinese board, the base case's rulebook and the currency
//! name the market, in this order; else the sessions of the history count while they last, and weekdays after them. The
//! horizon counts its sessions from the as-of date in every scenario, a replay's too.

use super::Gather;
use super::headers::CALENDAR;
use super::opened;
use crate::model::case::Programme;
use crate::model::exchange::calendar::{self, Exchanges};
use crate::model::history::Market;
use crate::problem::{Kind, Place, Problem};
use crate::units::calendar::sessions_after;
use crate::units::{Calendar, Day};
use std::collections::{BTreeMap, BTreeSet};

/// The sessions a programme names itself.
pub enum Named {
    Weekdays,
    Market(&'static Exchanges),
    File { name: String, calendar: Calendar },
}

/// What `[data] calendar` names; nothing inside where it is left out, nothing at all where its file is faulty.
pub fn read(programme: &Programme, gather: &mut Gather) -> Option<Option<Named>> {
    let Some(written) = &programme.data.calendar else { return Some(None) };
    if let Some(market) = calendar::of_key(written) {
        return Some(Some(Named::Market(market)));
    }
    if calendar::is_key(written) {
        return Some(Some(Named::Weekdays));
    }
    let calendar = of_file(written, programme, gather)?;
    Some(Some(Named::File { name: written.clone(), calendar }))
}

/// A file of session dates; with a column `open`, of sessions and closed days.
fn of_file(written: &str, programme: &Programme, gather: &mut Gather) -> Option<Calendar> {
    let before = gather.problems.len();
    let table = opened::read(&CALENDAR, written, &programme.folder, &programme.data, gather)?;
    let dates = table.days("date", false, gather)?;
    let open = table.flags("open", gather);
    let mut told: BTreeMap<Day, (usize, bool)> = BTreeMap::new();
    for (row, date) in dates.iter().enumerate() {
        let Some(date) = date else { continue };
        let is_open = match &open {
            None => true,
            Some(open) => match open[row] {
                Some(is_open) => is_open,
                None => {
                    let fix = "write 1 for a session and 0 for a closed day";
                    gather.problems.push(table.problem(row, "open", "is empty", "a day has a session or has none", fix));
                    continue;
                }
            },
        };
        let first = told.entry(*date).or_insert((row, is_open)).to_owned();
        if first.1 != is_open {
            let what = format!("{date} is open on one and closed on the other of lines {} and {}", table.line(first.0), table.line(row));
            gather.problems.push(table.problem(row, "date", what, "a day has a session or has none", "delete one of the rows"));
        }
    }
    if gather.problems.len() > before {
        return None;
    }
    let sessions: Vec<Day> = told.iter().filter(|(_, (_, open))| *open).map(|(day, _)| *day).collect();
    let known = told.keys().next().zip(told.keys().next_back()).map(|(first, last)| (*first, *last));
    let Some((first, last)) = known.filter(|(first, last)| (*first..=*last).contains(&programme.as_of)) else {
        let what = match known {
            Some((first, last)) => format!("it runs from {first} to {last}, and the as-of date is {}", programme.as_of),
            None => "it holds no date".into(),
        };
        let why = "the sessions after the as-of date are read from it";
        let fix = "extend the file, or name a calendar of the program: cn, hk, us, kr, tw or weekdays";
        gather.problems.push(Problem::new(Kind::Data, Place::file(written).field("date"), what, why, fix));
        return None;
    };
    Some(Calendar::of_sessions(&sessions, first, last))
}

/// Gives the market its calendar, with a note on what was chosen, why, and what was used where it is not known.
pub fn resolve(named: Option<Named>, market: &mut Market, held: &BTreeSet<usize>, programme: &Programme, gather: &mut Gather) {
    let dates = &market.history.dates;
    let chosen = match named {
        Some(Named::File { name, calendar }) => {
            let (en, zh) = (format!("those of {name}"), format!("取自 {name}"));
            Chosen { calendar, name, en, zh }
        }
        Some(Named::Weekdays) => Chosen {
            calendar: Calendar::weekdays(),
            name: calendar::WEEKDAYS.into(),
            en: "every Monday to Friday, as [data] calendar = \"weekdays\" says".into(),
            zh: "周一至周五逐日计为交易日（[data] calendar = \"weekdays\"）".into(),
        },
        Some(Named::Market(of)) => Chosen::of(of, "as [data] calendar says", "由 [data] calendar 指定"),
        None => of_programme(programme, market, held).unwrap_or_else(|| unknown(programme, dates)),
    };
    let said = gather.notes.len();
    chosen.note(programme, gather);
    market.calendar_note = gather.notes.get(said).cloned();
    chosen.note_history(programme, dates, gather);
    market.calendar = chosen.calendar;
    for symbol in held {
        let free = market.free_sessions(*symbol, programme.as_of);
        if let (true, Some(listed)) = (free > 0, market.listed[*symbol]) {
            let name = &market.history.symbols[*symbol];
            gather.note(
                format!("{name}: listed on {listed}, so that its first {free} sessions after the as-of date have no daily limit"),
                format!("{name}：{listed} 上市，基准日后前 {free} 个交易日不设涨跌幅限制"),
            );
        }
    }
}

/// The market that boards, the base case's rulebook or the currency tell.
fn of_programme(programme: &Programme, market: &Market, held: &BTreeSet<usize>) -> Option<Chosen> {
    let board = held.iter().find_map(|symbol| calendar::of_board(market.instruments[*symbol].board));
    let rulebook = || programme.scenarios.first()?.case.margin.rulebook.as_deref().and_then(calendar::of_rulebook);
    let currency = || calendar::of_currency(&programme.currency);
    board
        .map(|of| Chosen::of(of, "where held symbols are listed", "持仓证券的上市地"))
        .or_else(|| rulebook().map(|of| Chosen::of(of, "the market of the rulebook", "规则手册所属市场")))
        .or_else(|| currency().map(|of| Chosen::of(of, "the market of the currency", "币种所属市场")))
}

fn unknown(programme: &Programme, dates: &[Day]) -> Chosen {
    let currency = &programme.currency;
    let calendar = match (dates.first(), dates.last()) {
        (Some(first), Some(last)) if *last > programme.as_of => Calendar::of_sessions(dates, *first, *last),
        _ => Calendar::weekdays(),
    };
    let (en, zh) = match calendar.known() {
        Some((_, last)) => (
            format!("those of the history up to {last}; no calendar of {currency} is known, [data] calendar may name one"),
            format!("至 {last} 取自历史数据；无 {currency} 所属市场的日历，可用 [data] calendar 指定"),
        ),
        None => (
            format!("every Monday to Friday: no calendar of {currency} is known, [data] calendar may name one"),
            format!("周一至周五逐日计：无 {currency} 所属市场的日历，可用 [data] calendar 指定"),
        ),
    };
    Chosen { calendar, name: "history".into(), en, zh }
}

/// A calendar and the words for it.
struct Chosen {
    calendar: Calendar,
    name: String,
    en: String,
    zh: String,
}

impl Chosen {
    fn of(market: &Exchanges, en: &str, zh: &str) -> Chosen {
        Chosen {
            calendar: market.calendar(),
            name: market.key.into(),
            en: format!("those of the exchanges of {} (calendar {}, {en})", market.name.0, market.key),
            zh: format!("依{}交易日历（{}，{zh}）", market.name.1, market.key),
        }
    }

    /// Says which sessions the horizon follows, and what was used beyond the known years.
    fn note(&self, programme: &Programme, gather: &mut Gather) {
        let horizon = programme.scenarios.iter().map(|s| s.case.simulation.horizon_days).max().unwrap_or(0) as usize;
        let sessions = sessions_after(programme.as_of, horizon, &self.calendar);
        let (mut en, mut zh) = (format!("sessions after the as-of date are {}", self.en), format!("基准日之后的交易日{}", self.zh));
        if let Some((first, last)) = sessions.first().zip(sessions.last()) {
            en.push_str(&format!("; the first is {first}, the last of the longest horizon {last}"));
            zh.push_str(&format!("；首个交易日 {first}，最长期限止于 {last}"));
        }
        gather.note(en, zh);
        let Some((first, last)) = self.calendar.known() else { return };
        if sessions.iter().all(|day| self.calendar.knows(*day)) {
            return;
        }
        let (en, zh) = if self.calendar.has_fixed_holidays() {
            (
                "Monday to Friday, less holidays of fixed date; those that follow the moon or are announced each year are not known",
                "周一至周五，仅扣除固定日期的假日；农历及逐年公布的假日未知",
            )
        } else {
            ("every Monday to Friday", "周一至周五逐日计")
        };
        gather.note(
            format!("calendar {}: known from {first} to {last}; outside these days sessions are {en}", self.name),
            format!("交易日历 {}：已知范围 {first} 至 {last}；范围之外的交易日为{zh}", self.name),
        );
    }

    /// Says where the history and the calendar tell different days: then one of them is of another market, or rows are missing.
    fn note_history(&self, programme: &Programme, dates: &[Day], gather: &mut Gather) {
        let Some((first, last)) = dates.first().zip(dates.last()) else { return };
        let file = programme.data.prices.as_ref().or(programme.data.returns.as_ref()).map_or("", String::as_str);
        let closed: Vec<Day> = dates.iter().copied().filter(|d| self.calendar.knows(*d) && !self.calendar.is_session(*d)).collect();
        if let Some(example) = closed.first() {
            let n = closed.len();
            gather.note(
                format!(
                    "{file}: {n} of its days, such as {example}, have no session in calendar {}; [data] calendar names another",
                    self.name
                ),
                format!("{file}：其中 {n} 日（如 {example}）在交易日历 {} 中休市；可用 [data] calendar 另行指定", self.name),
            );
        }
        let all = (first.epoch_days()..=last.epoch_days()).map(Day::from_epoch_days);
        let missing: Vec<Day> =
            all.filter(|d| self.calendar.knows(*d) && self.calendar.is_session(*d) && dates.binary_search(d).is_err()).collect();
        if let Some(example) = missing.first() {
            let n = missing.len();
            gather.note(
                format!("{file}: no row on {n} sessions of calendar {}, such as {example}; the next return bears their moves", self.name),
                format!("{file}：交易日历 {} 中的 {n} 个交易日（如 {example}）无数据，其变动计入其后一日收益率", self.name),
            );
        }
    }
}

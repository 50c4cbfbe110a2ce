//! Reads what a price file says of the as-of date and of the sessions of a replay.

use crate::csv::Table;
use crate::date::Date;
use crate::exchange::{daily_limit, limit_prices};
use crate::world::{Instrument, Quote, World};
use std::collections::BTreeMap;

/// Sessions that the average turnover is taken over.
const TURNOVER_SESSIONS: usize = 20;

/// One symbol's session.
#[derive(Clone, Debug, Default)]
struct Row {
    close: f64,
    preclose: Option<f64>,
    high: Option<f64>,
    low: Option<f64>,
    amount: Option<f64>,
    st: Option<bool>,
    suspended: bool,
    limit_close: Option<f64>,
    limit_locked: Option<f64>,
}

/// A session as it was: the return, and the row; nothing where it did not trade.
type Session = Option<(f64, Row)>;

/// Fills the instruments' price, past returns, turnover and flags; and, of a replay, the path.
pub fn read(world: &mut World, table: &Table, replay: Option<Date>, horizon: usize) -> Result<(), String> {
    let mut rows: BTreeMap<(String, Date), Row> = BTreeMap::new();
    let mut days: Vec<Date> = Vec::new();
    for cells in &table.rows {
        let date = Date::read(table.text(cells, &["date", "trade_date"]).ok_or("a row without a date")?)?;
        let symbol = table.text(cells, &["symbol", "ts_code"]).ok_or("a row without a symbol")?.to_string();
        let number = |name: &str| table.number(cells, &[name]);
        let close = number("close")?.ok_or("a row without a close")?;
        let volume = number("volume")?;
        let halted = table.flag(cells, &["suspended"])?.unwrap_or(false) || table.flag(cells, &["tradestatus"])? == Some(false);
        let row = Row {
            close,
            preclose: number("preclose")?,
            high: number("high")?,
            low: number("low")?,
            amount: number("amount")?.or(volume.map(|volume| volume * close)),
            st: table.flag(cells, &["is_st"])?,
            suspended: halted || volume == Some(0.0),
            limit_close: number("limit_close")?,
            limit_locked: number("limit_locked")?,
        };
        days.push(date);
        rows.insert((symbol, date), row);
    }
    days.sort();
    days.dedup();
    let as_of = world.programme.as_of;
    world.past_sessions = days.iter().copied().filter(|day| *day <= as_of).collect();
    let first = replay.map(|start| days.partition_point(|day| *day < start));
    if let Some(first) = first {
        world.paths = vec![vec![Vec::new(); horizon.min(days.len() - first)]];
    }
    for instrument in &mut world.instruments {
        let sessions = history(&rows, &days, &instrument.symbol);
        let past = days.partition_point(|day| *day <= as_of);
        let traded = || sessions[..past].iter().rev().flatten();
        if let Some((_, row)) = traded().next() {
            instrument.price = row.close;
            instrument.st |= row.st.unwrap_or(false);
        }
        instrument.past_returns = sessions[1.min(past)..past].iter().map(|session| session.as_ref().map(|(r, _)| *r)).collect();
        instrument.halted = sessions[..past].last().is_some_and(Option::is_none);
        let amounts: Vec<f64> = traded().filter_map(|(_, row)| row.amount).take(TURNOVER_SESSIONS).collect();
        if instrument.adv_amount.is_none() && !amounts.is_empty() {
            instrument.adv_amount = Some(amounts.iter().sum::<f64>() / amounts.len() as f64);
        }
        if let Some(first) = first {
            for (day, quotes) in world.paths[0].iter_mut().enumerate() {
                let date = days[first + day];
                quotes.push(quote(instrument, date, sessions[first + day].as_ref()));
            }
        }
    }
    Ok(())
}

/// A symbol's sessions on the days of the file: the return is the close over the exchange's reference, else the last close.
fn history(rows: &BTreeMap<(String, Date), Row>, days: &[Date], symbol: &str) -> Vec<Session> {
    let mut last: Option<f64> = None;
    let mut sessions = Vec::new();
    for day in days {
        let row = rows.get(&(symbol.to_string(), *day)).filter(|row| !row.suspended);
        sessions.push(row.map(|row| {
            let reference = row.preclose.or(last).unwrap_or(row.close);
            last = Some(row.close);
            (row.close / reference - 1.0, row.clone())
        }));
    }
    sessions
}

fn quote(instrument: &Instrument, date: Date, session: Option<&(f64, Row)>) -> Quote {
    let Some((simple_return, row)) = session else { return Quote { halted: true, ..Quote::default() } };
    let st = row.st.unwrap_or(instrument.st);
    let reference = row.close / (1.0 + simple_return);
    let prices = daily_limit(instrument.board, st, date).map(|limit| limit_prices(reference, limit, 0.01));
    let at = |price: f64, limit: f64| (price - limit).abs() < 0.005;
    let side = |stated: Option<f64>, sign: f64, of: &dyn Fn(f64, f64) -> bool| match (stated, prices) {
        (Some(stated), _) => stated == sign,
        (None, Some((lower, upper))) => of(lower, upper),
        (None, None) => false,
    };
    let (high, low) = (row.high.unwrap_or(f64::NAN), row.low.unwrap_or(f64::NAN));
    let closed_down = side(row.limit_close, -1.0, &|lower, _| at(row.close, lower));
    let closed_up = side(row.limit_close, 1.0, &|_, upper| at(row.close, upper));
    Quote {
        simple_return: *simple_return,
        closed_down,
        closed_up,
        locked_down: side(row.limit_locked, -1.0, &|lower, _| closed_down && at(high, lower) && at(low, lower)),
        locked_up: side(row.limit_locked, 1.0, &|_, upper| closed_up && at(high, upper) && at(low, upper)),
        past: true,
        volume: row.amount.zip(instrument.adv_amount).map_or(1.0, |(amount, adv)| amount / adv),
        st: row.st,
        ..Quote::default()
    }
}

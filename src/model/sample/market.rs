//! Draws a market for a sample book: a market factor, twenty sectors, own moves, all with Student tails.
//!
//! `r = β·m + s + e` with unit-variance t draws: market 1.3 % a day on 6 degrees of freedom, sector 0.7 % on 6, own 1.2 to
//! 2.8 % on 4. The daily price limit of the board binds, rounded to the tick; what it cuts off is due the next session. A
//! share halts with a chance of 0.1 % a session, for 1 to 15 sessions. Worked: previous 10.00, main board, drawn −15 % →
//! close 9.00, then 8.50 before that day's own draw.

use super::Listing;
use super::draws::{Draws, Family};
use crate::maths::random::Streams;
use crate::model::exchange::{calendar, daily_limit, price_limit::limit_price};
use crate::model::history::Board;
use crate::units::Day;
use ndarray::Array2;

/// Sessions of history.
pub const SESSIONS: usize = 500;
/// The as-of date of a drawn market.
pub const AS_OF: &str = "2025-12-31";

/// Symbols keep six digits up to here.
pub const SYMBOLS_MOST: usize = 10_000;

const SECTORS: usize = 20;
/// Drift, market and sector deviation a session, fractions.
const DRIFT: f64 = 0.0002;
const MARKET_DEVIATION: f64 = 0.013;
const SECTOR_DEVIATION: f64 = 0.007;
const HALT_CHANCE: f64 = 0.001;
const TICK: f64 = 0.01;
/// Shares of the boards: Shanghai and Shenzhen main, ChiNext, STAR.
const BOARDS: [f64; 4] = [0.45, 0.25, 0.24, 0.06];

/// A drawn market: prices as `[[day, symbol]]`, and the listings on the last day.
pub struct SampleMarket {
    pub dates: Vec<Day>,
    pub close: Array2<f64>,
    /// Shares traded; 0 on a halted day.
    pub volume: Array2<f64>,
    pub listings: Vec<Listing>,
}

/// What decides one share's path.
struct Share {
    beta: f64,
    own_deviation: f64,
    sector: usize,
    first_price: f64,
    adv_amount: f64,
    board: Board,
    st: bool,
    symbol: String,
}

/// Draws `symbols` shares over the `SESSIONS` sessions up to `as_of`.
pub fn draw(streams: &Streams, as_of: Day, symbols: usize) -> SampleMarket {
    let dates = sessions_to(as_of, SESSIONS);
    let factors = |family, index: usize, deviation: f64| -> Vec<f64> {
        (0..SESSIONS).map(|day| deviation * Draws::of(streams, family, index, 1 + day as u64).student(6)).collect()
    };
    let market = factors(Family::Market, 0, MARKET_DEVIATION);
    let sectors: Vec<Vec<f64>> = (0..SECTORS).map(|sector| factors(Family::Sector, sector, SECTOR_DEVIATION)).collect();

    let mut close = Array2::zeros((SESSIONS, symbols));
    let mut volume = Array2::zeros((SESSIONS, symbols));
    let mut listings = Vec::with_capacity(symbols);
    for index in 0..symbols {
        let share = share(streams, index);
        let (last, halted) = walk(streams, &share, index, &dates, &market, &sectors[share.sector], |day, price, shares| {
            close[[day, index]] = price;
            volume[[day, index]] = shares;
        });
        listings.push(Listing {
            name: format!("Sample {:04}", index + 1),
            board: share.board,
            st: share.st,
            sector: format!("sector-{:02}", share.sector + 1),
            haircut: if share.st {
                0.0
            } else if share.adv_amount > 3e8 {
                0.70
            } else {
                0.65
            },
            price: last,
            adv_amount: Some((share.adv_amount / 1e3).round() * 1e3),
            halted,
            symbol: share.symbol,
        });
    }
    SampleMarket { dates, close, volume, listings }
}

/// One share's attributes; the turnover falls with the index, so that low indices are the popular names.
fn share(streams: &Streams, index: usize) -> Share {
    let mut draws = Draws::of(streams, Family::Symbol, index, 0);
    let mut cumulative = BOARDS;
    for at in 1..cumulative.len() {
        cumulative[at] += cumulative[at - 1];
    }
    let (symbol, board) = match draws.pick(&cumulative) {
        0 => (format!("{:06}.SH", 600_000 + index), Board::Main),
        1 => (format!("{:06}.SZ", 1 + index), Board::Main),
        2 => (format!("{:06}.SZ", 300_000 + index), Board::Chinext),
        _ => (format!("{:06}.SH", 688_000 + index), Board::Star),
    };
    let adv = draws.lognormal(2.5e9 / (index as f64 + 1.0).sqrt(), 0.6);
    Share {
        beta: draws.between(0.6, 1.5),
        own_deviation: draws.between(0.012, 0.028),
        sector: draws.whole(0, SECTORS as u32 - 1) as usize,
        first_price: draws.lognormal(15.0, 0.7).max(3.0),
        adv_amount: adv,
        board,
        st: board == Board::Main && draws.uniform() < 0.03,
        symbol,
    }
}

/// Walks one share through the sessions; returns the last price and whether it stands halted.
fn walk(
    streams: &Streams,
    share: &Share,
    index: usize,
    dates: &[Day],
    market: &[f64],
    sector: &[f64],
    mut record: impl FnMut(usize, f64, f64),
) -> (f64, bool) {
    let (mut price, mut owed) = ((share.first_price * 100.0).round() / 100.0, 0.0);
    let (mut halt_left, mut halted) = (0u32, false);
    for (day, date) in dates.iter().enumerate() {
        let mut draws = Draws::of(streams, Family::Symbol, index, 1 + day as u64);
        let own = share.own_deviation * draws.student(4);
        let drawn = DRIFT + share.beta * market[day] + sector[day] + own;
        // what a limit or a halt held back is due on the next session with trading
        owed = (1.0 + owed) * (1.0 + drawn.max(-0.9)) - 1.0;
        // the first session has a price for everybody
        if day > 0 && halt_left == 0 && draws.uniform() < HALT_CHANCE {
            halt_left = draws.whole(1, 15);
        }
        halted = halt_left > 0;
        if halted {
            halt_left -= 1;
            record(day, price, 0.0);
            continue;
        }
        let wanted = price * (1.0 + owed);
        let (low, high) = match daily_limit(share.board, share.st, *date) {
            Some(limit) => (limit_price(price, -limit, TICK), limit_price(price, limit, TICK)),
            None => (TICK, f64::INFINITY),
        };
        let next = (wanted * 100.0).round().max(1.0) / 100.0;
        let traded = next.max(low).min(high);
        owed = if traded == next { 0.0 } else { wanted / traded - 1.0 };
        price = traded;
        let shares = share.adv_amount * draws.lognormal(libm::exp(-0.08), 0.4) / price;
        record(day, price, (shares / 100.0).round().max(1.0) * 100.0);
    }
    (price, halted)
}

/// The `count` sessions of the Chinese exchanges up to and including `last` (or the session before it).
fn sessions_to(last: Day, count: usize) -> Vec<Day> {
    let china = calendar::of_key("cn").expect("China is among the markets").calendar();
    let mut days: Vec<Day> =
        (0..).map(|back| Day::from_epoch_days(last.epoch_days() - back)).filter(|day| china.is_session(*day)).take(count).collect();
    days.reverse();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_close_lies_beyond_its_price_limit_and_tails_are_fat() {
        let as_of = Day::parse(AS_OF).unwrap();
        let sample = draw(&Streams::new(5), as_of, 40);
        assert_eq!((sample.dates.len(), *sample.dates.last().unwrap()), (SESSIONS, as_of));
        let (mut n, mut second, mut fourth, mut halted) = (0.0, 0.0, 0.0, 0usize);
        for symbol in 0..40 {
            let listing = &sample.listings[symbol];
            for day in 1..SESSIONS {
                let (before, after) = (sample.close[[day - 1, symbol]], sample.close[[day, symbol]]);
                let limit = daily_limit(listing.board, listing.st, sample.dates[day]).unwrap();
                assert!(after >= limit_price(before, -limit, TICK) - 1e-9 && after <= limit_price(before, limit, TICK) + 1e-9);
                let r = after / before - 1.0;
                n += 1.0;
                second += r * r;
                fourth += r * r * r * r;
                halted += usize::from(sample.volume[[day, symbol]] == 0.0);
            }
        }
        let kurtosis = (fourth / n) / (second / n) / (second / n);
        assert!((3.5..12.0).contains(&kurtosis), "kurtosis {kurtosis}");
        assert!(halted > 0 && (halted as f64) < 0.03 * n, "{halted} halted days of {n}");
        assert_eq!(sample.listings[39], draw(&Streams::new(5), as_of, 60).listings[39], "one more share moves no other");
    }
}

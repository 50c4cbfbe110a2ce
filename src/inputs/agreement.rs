//! Holds columns and files against each other: what two of them tell of one thing must be one thing.
//!
//! Each disagreement is said once with its count and first place; the file that counts is named.
//!
//! - Reference price and the close before: on an ordinary day `preclose` is the last close, on an ex-date the last close times the
//!   change of the factor. Worked: a close of 20.00 and a factor that goes from 1 to 2 give 10.00.
//! - Average price and range: `amount / volume` lies between low and high.
//! - Rows: a file that marks halts by rows of their own has a row for every session of a symbol.
//! - Instruments: the board and the code, the turnover there and in the prices, free float and turnover, listing and first row.

use super::Gather;
use super::count::Count;
use super::history::AsOf;
use super::instruments::Facts;
use super::quotes::Quotes;
use crate::model::exchange::board_of_symbol;
use crate::model::history::Board;
use std::collections::BTreeMap;

/// Half a tick each of the close and of the reference, and a little.
const TICK_SLACK: f64 = 0.011;
/// Rounding of factors.
const REFERENCE_SLACK: f64 = 0.003;
/// Without a factor a reference below the last close may be an ex-date; one so far above it is none.
const REFERENCE_RISE: f64 = 0.02;
/// Ex-dates are fewer than this share of all days.
const EX_DATES: f64 = 0.05;
/// Rows from which on a share is told from chance.
const LEAST: usize = 10;
/// How far an average price may lie outside its day's range, and on which share of rows.
const RANGE_SLACK: f64 = 0.02;
const RANGE_SHARE: f64 = 0.01;
/// A volume that is rounded to lots gives no price below this.
const VOLUME_LEAST: f64 = 10_000.0;
/// Turnovers of one symbol in two files.
const TURNOVER_NEAR: f64 = 10.0;

/// Checks the columns of the prices.
pub fn prices(quotes: &Quotes, gather: &mut Gather) {
    if quotes.is_empty() || quotes.close.is_empty() {
        return;
    }
    references(quotes, gather);
    averages(quotes, gather);
    missing(quotes, gather);
}

fn halted(quotes: &Quotes, row: usize) -> bool {
    quotes.halted.get(row).copied().unwrap_or(false)
}

fn references(quotes: &Quotes, gather: &mut Gather) {
    if quotes.preclose.is_empty() {
        return;
    }
    let factors = !quotes.adj_factor.is_empty();
    let (mut off, mut above, mut all) = (Count::default(), Count::default(), 0);
    for symbol in 0..quotes.symbols.len() {
        let mut last: Option<(f64, f64)> = None;
        for day in 0..quotes.days.len() {
            let Some(row) = quotes.row(day, symbol) else { continue };
            let factor = quotes.adj_factor.get(row).copied().filter(|f| *f > 0.0).unwrap_or(1.0);
            let (close, reference) = (quotes.close[row], quotes.preclose[row]);
            if let Some((before, of)) = last.filter(|_| reference > 0.0 && !halted(quotes, row)) {
                let expected = before * of / factor;
                let place = || format!("{} {}: {reference} after {before}", quotes.symbols[symbol], quotes.days[day]);
                all += 1;
                if (reference - expected).abs() > TICK_SLACK + REFERENCE_SLACK * expected {
                    off.add(place);
                }
                if reference > expected * (1.0 + REFERENCE_RISE) + TICK_SLACK {
                    above.add(place);
                }
            }
            if close > 0.0 {
                last = Some((close, factor));
            }
        }
    }
    let file = &quotes.file;
    let many = off.count >= LEAST && off.count as f64 > EX_DATES * all as f64;
    if let Some((n, first)) = off.told().filter(|_| factors || many) {
        let (than_en, than_zh) = if factors { (" and the factor", "及复权因子") } else { ("", "") };
        gather.note(
            format!("{file}: on {n} of {all} days the reference price is not what the close before{than_en} makes it (first {first}); returns are taken from the reference price"),
            format!("{file}：{all} 天中有 {n} 天的昨收参考价与前一日收盘价{than_zh}不符（首个为 {first}）；收益率按参考价计算"),
        );
    } else if let Some((n, first)) = above.told() {
        gather.note(
            format!("{file}: on {n} days the reference price lies above the close before (first {first}), which no ordinary ex-date does; two series may be mixed"),
            format!("{file}：有 {n} 天的昨收参考价高于前一日收盘价（首个为 {first}），一般除权除息不会如此；可能混入其他序列"),
        );
    }
}

fn averages(quotes: &Quotes, gather: &mut Gather) {
    if quotes.volume.is_empty() || quotes.amount.is_empty() {
        return;
    }
    let (mut outside, mut all) = (Count::default(), 0);
    for symbol in 0..quotes.symbols.len() {
        for day in 0..quotes.days.len() {
            let Some(row) = quotes.row(day, symbol).filter(|row| !halted(quotes, *row)) else { continue };
            let (Some((high, low)), volume, amount) = (quotes.range(row), quotes.volume[row], quotes.amount[row]) else { continue };
            if !(volume >= VOLUME_LEAST && amount > 0.0) {
                continue;
            }
            let average = amount / volume;
            all += 1;
            if average > high * (1.0 + RANGE_SLACK) + TICK_SLACK || average < low * (1.0 - RANGE_SLACK) - TICK_SLACK {
                outside.add(|| format!("{} {}: {average:.2} in {low} to {high}", quotes.symbols[symbol], quotes.days[day]));
            }
        }
    }
    let many = outside.count >= LEAST && outside.count as f64 > RANGE_SHARE * all as f64;
    if let Some((n, first)) = outside.told().filter(|_| many) {
        let file = &quotes.file;
        gather.note(
            format!("{file}: on {n} of {all} rows amount / volume lies outside low and high (first {first}): prices are adjusted, or one of them is in another unit"),
            format!("{file}：{all} 行中有 {n} 行的成交额 / 成交量位于最低价与最高价之外（首个为 {first}）：价格可能已复权，或单位不一致"),
        );
    }
}

/// Sessions without a row of a symbol that has them before and after, in a file that writes halts as rows.
fn missing(quotes: &Quotes, gather: &mut Gather) {
    if !quotes.halted.iter().any(|halted| *halted) {
        return;
    }
    let mut gaps = Count::default();
    for symbol in 0..quotes.symbols.len() {
        let days = || (0..quotes.days.len()).filter(|day| quotes.row(*day, symbol).is_some());
        let (Some(first), Some(last)) = (days().next(), days().next_back()) else { continue };
        for day in (first..last).filter(|day| quotes.row(*day, symbol).is_none()) {
            gaps.add(|| format!("{} {}", quotes.symbols[symbol], quotes.days[day]));
        }
    }
    if let Some((n, first)) = gaps.told() {
        let file = &quotes.file;
        gather.note(
            format!(
                "{file}: halts have rows of their own, and yet {n} rows are missing (first {first}); the symbols count as halted there"
            ),
            format!("{file}：停牌日有单独的行，但仍缺少 {n} 行（首个为 {first}）；缺行当日视为停牌"),
        );
    }
}

/// What the instruments file and the prices tell of each symbol; `at` is in order of symbol.
pub struct Told<'a> {
    pub file: &'a str,
    pub facts: &'a BTreeMap<String, Facts>,
    pub at: &'a [AsOf],
}

/// Checks the instruments file against codes and prices.
pub fn instruments(quotes: &Quotes, told: &Told, gather: &mut Gather) {
    let [mut boards, mut turnovers, mut floats, mut listings] = [(); 4].map(|()| Count::default());
    for (symbol, name) in quotes.symbols.iter().enumerate() {
        let Some(facts) = told.facts.get(name) else { continue };
        let by_code = board_of_symbol(name);
        if let Some(board) = facts.board.filter(|board| by_code != Board::None && *board != by_code) {
            boards.add(|| format!("{name}: {board:?} where the code says {by_code:?}").to_lowercase());
        }
        let own = told.at[symbol].adv_amount.filter(|own| *own > 0.0);
        if let (Some(said), Some(own)) = (facts.adv_amount.filter(|said| *said > 0.0), own)
            && !(1.0 / TURNOVER_NEAR..=TURNOVER_NEAR).contains(&(said / own))
        {
            turnovers.add(|| format!("{name}: {said:.0} and {own:.0}"));
        }
        let turnover = own.or(facts.adv_amount);
        if let (Some(float), Some(turnover)) = (facts.free_float_value.filter(|float| *float > 0.0), turnover)
            && turnover > float
        {
            floats.add(|| format!("{name}: {float:.0}, turnover {turnover:.0}"));
        }
        let first = (0..quotes.days.len()).find(|day| quotes.row(*day, symbol).is_some()).map(|day| quotes.days[day]);
        if let (Some(listed), Some(first)) = (facts.listed, first)
            && listed > first
        {
            listings.add(|| format!("{name}: {listed}, first row {first}"));
        }
    }
    let file = told.file;
    let mut note = |count: &Count<String>, en: &str, zh: &str| {
        if let Some((n, first)) = count.told() {
            gather.note(format!("{file}: {n} {en} (first {first})"), format!("{file}：{n} {zh}（首个为 {first}）"));
        }
    };
    note(&boards, "boards are not those their codes tell; the file's count", "只证券的板块与代码所示不符，以文件为准");
    note(
        &turnovers,
        "daily turnovers differ from those of the prices by more than ten times; the file's count, its unit may be another",
        "只证券的日均成交额与行情相差十倍以上，以文件为准，单位可能有误",
    );
    note(
        &floats,
        "free floats are worth less than is traded in one session; their unit may be another",
        "只证券的流通市值低于单日成交额，单位可能有误",
    );
    note(&listings, "listing dates come after the first row of prices", "只证券的上市日期晚于首个行情日");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Day;

    /// One symbol with a close, a reference and a factor a day.
    fn quotes(days: &[(f64, f64, f64)]) -> Quotes {
        Quotes {
            file: "prices.csv".into(),
            days: (0..days.len() as i32).map(|d| Day::from_epoch_days(16_600 + d)).collect(),
            symbols: vec!["600000.SH".into()],
            grid: (0..days.len() as u32).collect(),
            close: days.iter().map(|d| d.0).collect(),
            preclose: days.iter().map(|d| d.1).collect(),
            adj_factor: days.iter().map(|d| d.2).collect(),
            halted: vec![false; days.len()],
            ..Quotes::default()
        }
    }

    fn said(quotes: &Quotes) -> String {
        let mut gather = Gather::default();
        prices(quotes, &mut gather);
        gather.notes.iter().map(|n| n.en.clone() + "\n").collect()
    }

    #[test]
    fn a_reference_is_the_close_before_times_the_change_of_the_factor() {
        assert_eq!(said(&quotes(&[(20.0, 19.0, 1.0), (10.5, 10.0, 2.0), (10.4, 10.5, 2.0)])), "");
        assert!(said(&quotes(&[(20.0, 19.0, 1.0), (10.5, 10.0, 1.0)])).contains("on 1 of 1 days"), "an ex-date the factor misses");
        let mut bare = quotes(&[(20.0, 19.0, 1.0), (10.5, 10.0, 1.0), (10.4, 10.5, 1.0)]);
        bare.adj_factor.clear();
        assert_eq!(said(&bare), "", "without a factor it is an ex-date");
        bare.preclose[2] = 15.0;
        assert!(said(&bare).contains("lies above the close before (first 600000.SH"), "{}", said(&bare));
    }

    #[test]
    fn a_row_is_missed_where_halts_have_rows() {
        let mut file = quotes(&[(10.0, 10.0, 1.0), (10.0, 10.0, 1.0), (10.0, 10.0, 1.0)]);
        file.grid[1] = super::super::quotes::NONE;
        assert_eq!(said(&file), "");
        file.halted[2] = true;
        assert!(said(&file).contains("1 rows are missing"), "{}", said(&file));
    }
}

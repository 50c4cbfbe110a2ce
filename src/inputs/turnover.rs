//! Holds turnover, volume and close against each other, which tells the units a vendor counts in.
//!
//! `amount / (volume · close)` is near 1 where shares and yuan are meant. Near 100 the volume counts lots of 100 shares; near 0.1
//! lots and thousands, near 0.01 lots and ten thousands, near 0.001 shares and thousands, near 0.0001 shares and ten thousands.
//! Worked number: 10,000 lots of 11.05 traded for 11,050 thousands: 11,050 / (10,000 · 11.05) = 0.1.

use super::Gather;
use super::cells::scaled;
use super::headers::Matches;
use super::quotes::Quotes;

/// What the ratio tells: shares to one of volume, money to one of amount.
const TOLD: [(f64, f64, f64); 5] = [(100.0, 100.0, 1.0), (0.1, 100.0, 1e3), (0.01, 100.0, 1e4), (0.001, 1.0, 1e3), (0.0001, 1.0, 1e4)];
/// How far the median may lie from such a ratio: the average price of a day is nearer to its close than that.
const NEAR: f64 = 0.05;
/// A row further from the median than this factor counts in another unit.
const OTHER: f64 = 3.0;
/// Columns as AkShare writes the daily bars of Eastmoney and Tencent: open, close, high, low.
const VENDOR_ORDER: [&str; 4] = ["open", "close", "high", "low"];

/// Brings volume and amount to shares and money, and says by what.
pub fn settle(quotes: &mut Quotes, matches: &Matches, gather: &mut Gather) {
    if vendor_lots(quotes, matches, gather) {
        return;
    }
    let stated = |name: &str| matches.get(name).is_some_and(|m| m.stated);
    let file = quotes.file.clone();
    match (quotes.volume.is_empty(), quotes.amount.is_empty()) {
        (false, false) => {}
        (false, true) if !stated("volume") => {
            return gather.note(
                format!("{file}: volume is read in shares; no turnover stands beside it that would tell lots of 100"),
                format!("{file}：成交量按股读取；无成交额可供核对是否以手计"),
            );
        }
        (true, false) if !stated("amount") => {
            return gather.note(
                format!("{file}: turnover is read in ones of the currency; no volume stands beside it that would tell another unit"),
                format!("{file}：成交额按货币单位（元）读取；无成交量可供核对单位"),
            );
        }
        _ => return,
    }
    if quotes.close.is_empty() {
        return;
    }
    let ratio = |quotes: &Quotes, row: usize| {
        let traded = quotes.volume[row] * quotes.close[row];
        (traded > 0.0 && quotes.amount[row] > 0.0).then(|| quotes.amount[row] / traded)
    };
    let mut ratios: Vec<f64> = (0..quotes.close.len()).filter_map(|row| ratio(quotes, row)).filter(|r| r.is_finite()).collect();
    if ratios.is_empty() {
        return;
    }
    let middle = ratios.len() / 2;
    let median = *ratios.select_nth_unstable_by(middle, f64::total_cmp).1;
    let near = |target: f64| (median / target - 1.0).abs() <= NEAR;
    let free = !stated("volume") && !stated("amount");
    let told = TOLD.iter().find(|(target, ..)| near(*target));
    if let Some((_, shares, money)) = told.filter(|_| free) {
        quotes.volume.iter_mut().for_each(|v| *v = scaled(*v, *shares));
        quotes.amount.iter_mut().for_each(|a| *a = scaled(*a, *money));
        gather.note(
            format!("{file}: amount / (volume × close) is {median:.4}, so volume is read in units of {shares} shares and amount in units of {money}"),
            format!("{file}：成交额 /（成交量 × 收盘价）为 {median:.4}，故成交量按 {shares} 股、成交额按 {money} 元为单位读取"),
        );
    } else if !(0.8..1.25).contains(&median) {
        gather.note(
            format!("{file}: amount is {median:.4} times volume × close: one of the three is in another unit, or the closes are adjusted"),
            format!("{file}：成交额为成交量 × 收盘价的 {median:.4} 倍：三者之一单位有误，或收盘价为复权价"),
        );
    }
    let off = |r: &f64| !(median / OTHER..median * OTHER).contains(r);
    let others = ratios.iter().filter(|r| off(r)).count();
    if others > 0 {
        let (days, width) = (quotes.days.len(), quotes.symbols.len());
        let scale = told.filter(|_| free).map_or(1.0, |(_, shares, money)| money / shares);
        let first = (0..days * width).find_map(|cell| {
            let row = quotes.row(cell / width, cell % width)?;
            ratio(quotes, row)
                .filter(|r| off(&(r / scale)))
                .map(|_| format!("{} {}", quotes.symbols[cell % width], quotes.days[cell / width]))
        });
        let first = first.unwrap_or_default();
        gather.note(
            format!("{file}: on {others} rows amount, volume and close do not agree as on the others (first {first}): another unit, or a misprint"),
            format!("{file}：{others} 行的成交额、成交量与收盘价之比与其他行不符（首行 {first}）：单位不同或数据有误"),
        );
    }
}

/// Daily bars in the order open, close, high, low are AkShare's; there 成交量 and the `amount` of bars without volume count lots.
fn vendor_lots(quotes: &mut Quotes, matches: &Matches, gather: &mut Gather) -> bool {
    let at = |name: &str| matches.get(name).map(|m| m.index);
    let order: Vec<usize> = VENDOR_ORDER.iter().filter_map(|name| at(name)).collect();
    if order.len() < 4 || !order.is_sorted() {
        return false;
    }
    let file = quotes.file.clone();
    let unstated = |name: &str| matches.get(name).filter(|m| !m.stated).map(|m| m.header.clone());
    match (unstated("volume"), unstated("amount"), quotes.volume.is_empty(), quotes.amount.is_empty()) {
        (Some(header), None, false, true) if header == "成交量" => {
            quotes.volume.iter_mut().for_each(|v| *v = scaled(*v, 100.0));
            gather.note(
                format!("{file}: columns in AkShare's order (open, close, high, low), so {header} is read in lots of 100 shares"),
                format!("{file}：列序与 AkShare 日线一致（开盘、收盘、最高、最低），{header}按手（100 股）读取"),
            );
        }
        (None, Some(header), true, false) => {
            quotes.volume = std::mem::take(&mut quotes.amount).into_iter().map(|lots| scaled(lots, 100.0)).collect();
            gather.note(
                format!("{file}: columns in AkShare's order (open, close, high, low) without volume, so `{header}` is read as volume in lots of 100 shares"),
                format!("{file}：列序与 AkShare 腾讯日线一致且无成交量列，{header} 按成交量（手，100 股）读取"),
            );
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::headers::Match;
    use super::*;
    use crate::units::Day;

    fn settled(volume: &[f64], amount: &[f64], close: &[f64], headers: &[(&'static str, &str)]) -> (Quotes, String) {
        let mut quotes = Quotes {
            days: (0..close.len() as i32).map(|d| Day::from_epoch_days(16_600 + d)).collect(),
            symbols: vec!["600000.SH".into()],
            grid: (0..close.len() as u32).collect(),
            volume: volume.to_vec(),
            amount: amount.to_vec(),
            close: close.to_vec(),
            ..Quotes::default()
        };
        let found = |(index, (name, header)): (usize, &(&'static str, &str))| {
            (*name, Match { index, header: header.to_string(), scale: 1.0, stated: false, milliseconds: false })
        };
        let matches: Matches = headers.iter().enumerate().map(found).collect();
        let mut gather = Gather::default();
        settle(&mut quotes, &matches, &mut gather);
        (quotes, gather.notes.iter().map(|n| n.en.clone()).collect())
    }

    #[test]
    fn the_ratio_tells_lots_and_thousands() {
        for (ratio, shares, money) in TOLD {
            let (quotes, said) = settled(&[10.0; 3], &[ratio * 100.0, ratio * 101.0, ratio * 99.0], &[10.0; 3], &[]);
            assert_eq!((quotes.volume[0], quotes.amount[0]), (10.0 * shares, ratio * 100.0 * money), "{ratio}");
            assert!(said.contains("is read in units"), "{said}");
        }
        assert_eq!(settled(&[10.0; 3], &[100.0; 3], &[10.0; 3], &[]).1, "");
        assert!(settled(&[10.0; 3], &[11.2; 3], &[10.0; 3], &[]).1.contains("0.1120 times"), "an adjusted close is no unit");
        assert!(settled(&[10.0; 3], &[100.0, 100.0, 1.0], &[10.0; 3], &[]).1.contains("on 1 rows"));
        assert!(settled(&[10.0; 3], &[], &[10.0; 3], &[("volume", "volume")]).1.contains("no turnover"));
    }

    #[test]
    fn bars_in_akshares_order_count_lots() {
        let headers = [("date", "日期"), ("open", "开盘"), ("close", "收盘"), ("high", "最高"), ("low", "最低"), ("volume", "成交量")];
        assert_eq!(settled(&[10.0; 2], &[], &[10.0; 2], &headers).0.volume, [1000.0; 2]);
        let headers = [("date", "date"), ("open", "open"), ("close", "close"), ("high", "high"), ("low", "low"), ("amount", "amount")];
        let (quotes, _) = settled(&[], &[10.0; 2], &[10.0; 2], &headers);
        assert_eq!((quotes.volume, quotes.amount.len()), (vec![1000.0; 2], 0));
    }
}

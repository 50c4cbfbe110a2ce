//! Checks what a broker writes beside its holdings: the currency, the kind of security, the shares of a contract, cash among them.
//!
//! A position counts shares of a company in the programme's currency. What counts otherwise would be read as such: an option on 100
//! shares as one share, dollars as yuan.

use super::Gather;
use super::cells::Rule;
use super::table::Table;

const MULTIPLIER: Rule =
    Rule::any("a contract on several shares is no holding of shares", "leave the row out: options and futures are not modelled")
        .at_least(1.0)
        .at_most(1.0)
        .or_empty();

/// Words for securities whose holding is a number of shares.
const SHARES: [&str; 26] = [
    "stk",
    "stock",
    "stocks",
    "equity",
    "equities",
    "etf",
    "etfs",
    "fund",
    "funds",
    "share",
    "shares",
    "common stock",
    "adr",
    "reit",
    "cs",
    "股票",
    "a股",
    "b股",
    "基金",
    "etf基金",
    "可转债",
    "aktie",
    "aktien",
    "fonds",
    "etp",
    "bond-etf",
];

/// Names of a currency, the code first.
const CURRENCIES: [&[&str]; 7] = [
    &["CNY", "RMB", "CNH", "人民币", "元", "人民币元"],
    &["HKD", "港币", "港元"],
    &["USD", "美元", "US$", "$"],
    &["EUR", "欧元", "€"],
    &["GBP", "英镑", "£"],
    &["JPY", "日元"],
    &["TWD", "新台币", "NTD"],
];

/// Refuses rows that hold something else than shares in the programme's currency.
pub fn check(table: &Table, gather: &mut Gather) {
    if table.has("multiplier") {
        table.numbers("multiplier", &MULTIPLIER, gather);
    }
    if table.has("asset_class") {
        table.each_text("asset_class", |row, cell| {
            if !cell.is_empty() && !SHARES.contains(&cell.to_lowercase().as_str()) {
                let why = "positions are shares, funds and convertibles; what a contract is worth moves otherwise";
                gather.problems.push(table.problem(row, "asset_class", format!("found {cell:?}"), why, "leave the row out"));
            }
        });
    }
    currency(table, gather);
}

/// Refuses amounts in another currency than the programme's.
pub fn currency(table: &Table, gather: &mut Gather) {
    if !table.has("currency") {
        return;
    }
    let own = gather.currency.clone();
    table.each_text("currency", |row, cell| {
        let named = CURRENCIES.iter().find(|names| names.iter().any(|name| name.eq_ignore_ascii_case(cell))).map_or(cell, |names| names[0]);
        if !cell.is_empty() && !named.eq_ignore_ascii_case(&own) {
            let what = format!("found {cell:?} in a programme of {own}");
            let why = "amounts of two currencies do not add up, and no rate is known";
            let fix = "leave the row out, or convert its prices and amounts to the programme's currency";
            gather.problems.push(table.problem(row, "currency", what, why, fix));
        }
    });
}

/// Rows that are cash: held in a money fund, which brokers of the United States mark by `**` behind the symbol, or under way
/// (`Pending activity`).
pub fn cash(table: &Table, gather: &mut Gather) -> Vec<bool> {
    let mut cash = vec![false; table.rows];
    table.each_text("symbol", |row, cell| {
        cash[row] = (cell.len() > 2 && cell.ends_with("**")) || cell.eq_ignore_ascii_case("pending activity");
    });
    let count = cash.iter().filter(|cash| **cash).count();
    if count > 0 {
        let file = &table.file;
        gather.note(
            format!(
                "{file}: {count} rows are cash (symbols that end in **, pending activity) and passed over: cash belongs in the accounts file"
            ),
            format!("{file}：{count} 行为现金（代码以 ** 结尾，或 Pending activity），已跳过：现金应列于账户文件"),
        );
    }
    cash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_looked_up_in_lower_case() {
        assert!(SHARES.iter().all(|word| word.to_lowercase() == *word));
    }
}

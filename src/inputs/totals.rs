//! Passes over a total at the foot of a table where it is the sum of the rows above it; another is refused with both figures.
//!
//! A total counted as a row doubles what is lent. One that agrees with its rows says nothing new; one that does not says that a row
//! is missing or changed. A total within the table is refused whatever it says: what it adds up is not known.

use super::Gather;
use super::cells::Rule;
use super::identity::is_total;
use super::table::Table;
use polars::prelude::DataType;

/// Totals at the foot that are looked at.
const FOOT: usize = 3;

/// Columns whose sum means something, by file.
const SUMMED: [(&str, &[&str]); 3] = [
    ("accounts", &["cash", "loan", "accrued_interest", "short_debt", "own_capital_initial"]),
    ("positions", &["quantity", "sellable_quantity", "stated_value"]),
    ("funding", &["amount"]),
];

/// Columns in which the word stands.
const NAMED: [&str; 4] = ["account_id", "source_id", "symbol", "tier"];

const ANY: Rule = Rule::any("", "").or_empty();
/// Half a unit of the last place of cells with two decimals.
const HALF_CENT: f64 = 0.005;
const ROUNDING: f64 = 1e-9;

/// Takes totals off the foot of a table, and says so.
pub fn pass_over(role: &str, table: &mut Table, gather: &mut Gather) {
    let Some((_, columns)) = SUMMED.iter().find(|(name, _)| *name == role) else { return };
    let words = words(table);
    let (feet, body) = (words.len(), table.rows - words.len());
    if feet == 0 || body == 0 {
        return;
    }
    let mut wrong = false;
    for name in columns.iter().filter(|name| table.has(name)) {
        let Some(values) = table.numbers(name, &ANY, &mut Gather::default()) else { continue };
        if values.iter().any(|v| v.is_infinite()) {
            // a cell that is no number, which its reader tells
            return;
        }
        let sum = values[..body].iter().filter(|v| !v.is_nan()).fold(0.0, |sum, v| sum + v);
        let slack = HALF_CENT * body as f64 * table.fields[*name].scale.abs() + ROUNDING * sum.abs();
        for row in (body..table.rows).filter(|row| (values[*row] - sum).abs() > slack) {
            let what = format!("found {} beside {:?}, where the rows above add up to {sum}", values[row], words[row - body]);
            let why = "a total that is not the sum of its rows says that a row is missing or changed, or that it adds up others";
            gather.problems.push(table.problem(row, name, what, why, "export the file again, or delete the row of the total"));
            wrong = true;
        }
    }
    let (file, line, word) = (table.file.clone(), table.line(body), &words[0]);
    table.cut(body);
    gather.pass_over(role, feet as u64);
    if !wrong {
        gather.note(
            format!(
                "{file}: {feet} rows at the foot are totals (first line {line}, {word:?}), the sums of the rows above, and passed over"
            ),
            format!("{file}：表尾 {feet} 行为合计（首行为第 {line} 行 {word:?}），与上方各行之和相符，已跳过"),
        );
    }
}

/// The words that head totals at the foot, in order.
fn words(table: &Table) -> Vec<String> {
    let tail = |name: &&str| {
        let cells = table.fields.get(*name)?.data.tail(Some(FOOT)).cast(&DataType::String).expect("every column can be written as text");
        Some(cells.str().expect("it was cast to text").iter().map(|cell| cell.unwrap_or("").trim().to_string()).collect::<Vec<_>>())
    };
    let named: Vec<Vec<String>> = NAMED.iter().filter_map(tail).collect();
    let word = |row: usize| named.iter().filter_map(|cells| cells.get(row)).find(|cell| is_total(cell)).cloned();
    let rows = FOOT.min(table.rows);
    let mut words: Vec<String> = (0..rows).rev().map_while(word).collect();
    words.reverse();
    words
}

/// Refuses totals in rows that are left.
pub fn refuse<'a>(table: &Table, name: &str, ids: impl Iterator<Item = (usize, &'a str)>, gather: &mut Gather) {
    for (row, id) in ids.filter(|(_, id)| is_total(id)) {
        let what = format!("found {id:?}, which heads a total");
        let why = "a total counted as a row doubles what it adds up";
        gather.problems.push(table.problem(row, name, what, why, "delete the row"));
    }
}

//! Finds the table in a workbook: its sheet, its header, the rows that are rows; and turns its cells into columns.
//!
//! What is found without being named is noted. Cells that would be misread are refused by their address: spreadsheet errors,
//! formulas without a value, merged cells over columns or numbers, identifiers kept as numbers of more digits than a number has.

use super::headers::{self, Match, Role};
use super::looks::Block;
use super::remarks;
use super::workbook::{DIGITS, Row, Sheet, Shown, Value, Workbook, address};
use super::{Gather, workbook};
use crate::model::case::Data;
use crate::problem::{Kind, Place, Problem};
use polars::prelude::{Column, NamedFrom, Series};
use std::collections::BTreeMap;

/// Rows among which a header is looked for.
const HEAD_ROWS: usize = 40;
/// Days between the first days of the two epochs of spreadsheets.
const EPOCHS_APART: f64 = 1462.0;

/// A table of a sheet.
pub struct SheetTable {
    pub header: Vec<String>,
    pub header_row: usize,
    pub rows: Vec<Row>,
    /// Rows that hold something and are none: above the header, repetitions of it, remarks at the foot.
    pub passed: usize,
    file: String,
    sheet: String,
    role: &'static str,
    merged: Vec<Block>,
    first_column: usize,
    counts_from_1904: bool,
    knows_formats: bool,
}

/// Opens a workbook and finds the table of a role in it.
pub fn read(role: &Role, file: &str, kind: workbook::Kind, bytes: Vec<u8>, data: &Data, gather: &mut Gather) -> Option<SheetTable> {
    find(role, file, kind, bytes, data, gather).map_err(|problem| gather.problems.push(problem)).ok()
}

fn find(role: &Role, file: &str, kind: workbook::Kind, bytes: Vec<u8>, data: &Data, gather: &mut Gather) -> Result<SheetTable, Problem> {
    let mut book = Workbook::open(file, kind, bytes)?;
    let sheet = choose(role, file, &mut book, data, gather)?;
    let Sheet { mut rows, merged, hidden } = book.read(&sheet, usize::MAX)?;
    let declared = data.header_row.get(role.name).map(|row| *row as usize);
    let at = header_of(role, &rows, declared, data);
    let place = || Place::file(file);
    let problem = |place: Place, what: String, why: &str, fix: &str| Problem::new(Kind::Data, place, what, why, fix);
    let Some(at) = at else {
        let row = declared.unwrap_or(1);
        let what = format!("row {row} of sheet {sheet:?} is empty");
        let fix = format!("write the row of the header as [data.header-row] {} = n", role.name);
        return Err(problem(place().line(row), what, "the header names the columns", &fix));
    };
    // a header that is merged downwards ends in the row its names end in
    let last = merged.iter().filter(|m| m.rows.0 == rows[at].number && m.columns.0 == m.columns.1).map(|m| m.rows.1).max();
    let header_row = last.filter(|_| declared.is_none()).unwrap_or(rows[at].number);
    let names = names(&rows, header_row, &merged);
    let width = rows.iter().filter_map(|row| row.cells.last()).map(|(column, _)| column + 1).max().unwrap_or(0);
    let first_column = names.keys().next().copied().unwrap_or(0);
    let header: Vec<String> = (first_column..width).map(|column| names.get(&column).cloned().unwrap_or_default()).collect();
    let above = rows.iter().filter(|row| row.number < header_row && row.number != rows[at].number).count();
    let body = rows.partition_point(|row| row.number <= header_row);
    rows.drain(..body);
    let before = rows.len();
    let named: Vec<(usize, &String)> = names.iter().map(|(column, name)| (*column, name)).collect();
    rows.retain(|row| {
        let cells: Vec<(usize, String)> = row.cells.iter().map(|(column, value)| (*column, value.text())).collect();
        !(cells.len() == named.len() && cells.iter().zip(&named).all(|((a, text), (b, name))| a == b && text == *name))
    });
    let repeated = before - rows.len();
    let mut feet = Vec::new();
    while let Some(row) = rows.last().filter(|_| feet.len() < remarks::FOOT_LINES) {
        let texts: Vec<String> = row.cells.iter().map(|(_, value)| value.text()).collect();
        if !remarks::is_remark(texts.iter().map(String::as_str), names.len()) {
            break;
        }
        feet.push((row.number, texts.join(" ")));
        rows.pop();
    }
    if rows.is_empty() {
        let what = format!("sheet {sheet:?} has a header and no rows");
        return Err(problem(place().line(header_row), what, "there is nothing to compute on", "export the file again, with its rows"));
    }
    let first_row = rows.iter().map(|row| row.number).min().unwrap_or(0);
    let unnamed: Vec<String> = (0..header.len())
        .filter(|i| header[*i].is_empty() && rows.iter().any(|row| row.cell(first_column + i).is_some()))
        .map(|i| address(first_row, first_column + i).trim_end_matches(|c: char| c.is_ascii_digit()).to_string())
        .collect();
    if !unnamed.is_empty() {
        let list = unnamed.join(", ");
        gather.note(
            format!("{file}: columns without a name hold values and are not used: {list}"),
            format!("{file}：以下列无表头但有数据，未使用：{list}"),
        );
    }
    if declared.is_none() && (above > 0 || header_row > 1) {
        gather.note(
            format!("{file}: the header of sheet {sheet:?} stands on row {header_row}; {above} rows above it are passed over"),
            format!("{file}：工作表 {sheet:?} 的表头位于第 {header_row} 行，其上 {above} 行已跳过"),
        );
    }
    note_feet(file, repeated, &feet, gather);
    let unseen = |row: &&Row| {
        let after = hidden.partition_point(|(first, _)| *first <= row.number);
        after > 0 && row.number <= hidden[after - 1].1
    };
    if let Some(first) = rows.iter().find(unseen).map(|row| row.number) {
        let n = rows.iter().filter(unseen).count();
        gather.note(
            format!("{file}: {n} rows of sheet {sheet:?} are hidden, by hand or by a filter (first row {first}), and read like the others"),
            format!("{file}：工作表 {sheet:?} 有 {n} 行被隐藏或筛选（首行为第 {first} 行），照常读取"),
        );
    }
    Ok(SheetTable {
        header,
        header_row,
        rows,
        passed: above + repeated + feet.len(),
        file: file.into(),
        sheet,
        role: role.name,
        merged,
        first_column,
        counts_from_1904: book.counts_from_1904,
        knows_formats: book.knows_formats,
    })
}

/// Says that the header stands again in the table, and that remarks stand at its foot, the last of them first.
pub fn note_feet(file: &str, repeated: usize, feet: &[(usize, String)], gather: &mut Gather) {
    if repeated > 0 {
        gather.note(
            format!("{file}: the header is repeated on {repeated} lines, which are passed over"),
            format!("{file}：表头重复出现 {repeated} 行，已跳过"),
        );
    }
    if let Some((line, text)) = feet.last() {
        let n = feet.len();
        let text: String = text.chars().take(40).collect();
        gather.note(
            format!("{file}: {n} lines at the foot are remarks and passed over (first line {line}, {text:?})"),
            format!("{file}：表尾 {n} 行为说明文字，已跳过（首行为第 {line} 行 {text:?}）"),
        );
    }
}

/// The sheet that is named, or the one whose header names the most columns of the role.
fn choose(role: &Role, file: &str, book: &mut Workbook, data: &Data, gather: &mut Gather) -> Result<String, Problem> {
    let all: Vec<String> = book.sheets.iter().map(|(name, _)| name.clone()).collect();
    let list = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let fix = |names: &[String]| format!("write [data.sheet] {} = one of {}", role.name, list(names));
    if let Some(wanted) = data.sheet.get(role.name) {
        let same = |name: &&String| name.trim().to_lowercase() == wanted.trim().to_lowercase();
        return all.iter().find(|name| *name == wanted).or_else(|| all.iter().find(same)).cloned().ok_or_else(|| {
            let why = format!("[data.sheet] names it for {}", role.name);
            Problem::new(Kind::Data, Place::file(file), format!("has no sheet {wanted:?}"), why, fix(&all))
        });
    }
    let mut candidates = Vec::new();
    for (name, hidden) in book.sheets.clone() {
        let sheet = book.read(&name, HEAD_ROWS)?;
        let declared = data.header_row.get(role.name).map(|row| *row as usize);
        let at = header_of(role, &sheet.rows, declared, data);
        let fit = at.map_or((0, 0), |at| headers::fit(role, &texts(&sheet.rows[at]), data));
        if !sheet.rows.is_empty() && !hidden {
            candidates.push((fit, name));
        }
    }
    let best = candidates.iter().map(|(fit, _)| *fit).max().unwrap_or((0, 0));
    let fitting: Vec<String> = candidates.iter().filter(|(fit, _)| *fit == best).map(|(_, name)| name.clone()).collect();
    match fitting.as_slice() {
        [only] if best.1 >= 2 || candidates.len() == 1 => {
            if all.len() > 1 {
                let others = book.sheets.iter().filter(|(name, _)| name != only);
                let others: Vec<String> =
                    others.map(|(name, hidden)| if *hidden { format!("{name:?} (hidden)") } else { format!("{name:?}") }).collect();
                let (role, others) = (role.name, others.join(", "));
                gather.note(
                    format!("{file}: {role} are read from sheet {only:?}, whose header names their columns; other sheets: {others}"),
                    format!("{file}：{role} 取自工作表 {only:?}（按表头识别）；其他工作表：{others}"),
                );
            }
            Ok(only.clone())
        }
        [] => {
            let what = "has no sheet that is shown and holds something";
            Err(Problem::new(Kind::Data, Place::file(file), what, "hidden sheets are read only where they are named", fix(&all)))
        }
        several => {
            let what = format!("{} sheets may hold the {}", several.len(), role.name);
            Err(Problem::new(Kind::Data, Place::file(file), what, "no header tells them apart", fix(several)))
        }
    }
}

fn texts(row: &Row) -> Vec<String> {
    row.cells.iter().map(|(_, value)| value.text()).collect()
}

/// The index of the row that holds the header: the one declared, the first that names two columns, else the first.
fn header_of(role: &Role, rows: &[Row], declared: Option<usize>, data: &Data) -> Option<usize> {
    match declared {
        Some(number) => rows.iter().position(|row| row.number == number),
        None => {
            let head = rows.iter().take_while(|row| row.number <= HEAD_ROWS);
            let found = head.into_iter().position(|row| headers::recognised(role, &texts(row), data) >= 2);
            found.or_else(|| (!rows.is_empty()).then_some(0))
        }
    }
}

/// The names of the columns; one that is merged downwards takes its name from the row it starts in.
fn names(rows: &[Row], header_row: usize, merged: &[Block]) -> BTreeMap<usize, String> {
    let row = |number: usize| rows.binary_search_by_key(&number, |row| row.number).ok().map(|at| &rows[at]);
    let own = row(header_row).into_iter().flat_map(|row| row.cells.iter().map(|(column, value)| (*column, value.text())));
    let mut names: BTreeMap<usize, String> = own.filter(|(_, name)| !name.is_empty()).collect();
    let down = merged.iter().filter(|m| m.rows.0 < header_row && m.rows.1 >= header_row && m.columns.0 == m.columns.1);
    for merged in down {
        if let Some(value) = row(merged.rows.0).and_then(|row| row.cell(merged.columns.0)) {
            names.entry(merged.columns.0).or_insert_with(|| value.text());
        }
    }
    names
}

impl SheetTable {
    pub fn lines(&self) -> Vec<u32> {
        self.rows.iter().map(|row| row.number as u32).collect()
    }

    /// The wanted columns, each with the factor that turns its numbers into the meant unit; every fault is told.
    pub fn columns(&self, wanted: &[(String, Match)], gather: &mut Gather) -> Option<Vec<(Column, f64)>> {
        let before = gather.problems.len();
        let mut filled = 0;
        let columns = wanted.iter().map(|(name, found)| self.column(name, found, &mut filled, gather)).collect();
        if filled > 0 {
            let file = &self.file;
            gather.note(
                format!("{file}: {filled} cells are merged with the cell above them and take its text"),
                format!("{file}：{filled} 个单元格与上方单元格合并，取其文字"),
            );
        }
        (gather.problems.len() == before).then_some(columns)
    }

    fn problem(&self, row: usize, found: &Match, what: String, why: &str, fix: &str) -> Problem {
        Problem::new(Kind::Data, Place::file(&self.file).line(row).field(&found.header), what, why, fix)
    }

    fn column(&self, name: &str, found: &Match, filled: &mut usize, gather: &mut Gather) -> (Column, f64) {
        let column = self.first_column + found.index;
        let (is_text, is_day) = (headers::is_text(name), headers::is_day(name) || (name.is_empty() && self.role != "correlations"));
        let mut cells: Vec<Option<Value>> = self.rows.iter().map(|row| row.cell(column).cloned()).collect();
        self.check_header(column, found, gather);
        self.fill_merged(column, found, is_text, &mut cells, filled, gather);
        for (row, value) in self.rows.iter().zip(&mut cells) {
            let (at, sheet) = (address(row.number, column), &self.sheet);
            match value {
                Some(Value::Error(error)) => {
                    let what = format!("cell {at} of sheet {sheet:?} holds {error}");
                    let fix = "mend the formula in the sheet and save it again";
                    gather.problems.push(self.problem(row.number, found, what, "a spreadsheet error stands where a value belongs", fix));
                }
                Some(Value::Unvalued) => {
                    let what = format!("cell {at} of sheet {sheet:?} holds a formula and no value");
                    let why = "the program that wrote the file has not computed it";
                    let fix = "open the file in a spreadsheet and save it, so that its formulas have values";
                    gather.problems.push(self.problem(row.number, found, what, why, fix));
                }
                Some(Value::Number(v, _)) if is_text && v.abs() >= DIGITS => {
                    let what = format!("cell {at} of sheet {sheet:?} holds the number {v}");
                    let why = "a spreadsheet keeps 15 digits of a number, so that the last of an identifier are lost";
                    gather.problems.push(self.problem(row.number, found, what, why, "enter the identifiers as text, and save again"));
                }
                Some(Value::Number(v, _)) if is_day && self.counts_from_1904 && (18_000.0..80_000.0).contains(v) => *v += EPOCHS_APART,
                _ => {}
            }
        }
        let factor = self.factor(column, found, &cells, gather);
        let numbers = cells.iter().flatten().all(|value| matches!(value, Value::Number(..)));
        let data = if numbers && !is_text && !is_day {
            let values: Vec<Option<f64>> =
                cells.iter().map(|value| if let Some(Value::Number(v, _)) = value { Some(*v) } else { None }).collect();
            Series::new("".into(), values)
        } else {
            let text = |value: &Value| match value {
                Value::Number(v, _) if !is_text && !is_day => without_point(*v),
                value => value.text(),
            };
            Series::new("".into(), cells.iter().map(|value| value.as_ref().map(text)).collect::<Vec<Option<String>>>())
        };
        (data.into(), factor)
    }

    /// A header over several columns names the first alone, and a value of the others could be meant.
    fn check_header(&self, column: usize, found: &Match, gather: &mut Gather) {
        let over = |m: &&Block| (m.rows.0..=m.rows.1).contains(&self.header_row) && m.columns.0 <= column && column <= m.columns.1;
        if let Some(m) = self.merged.iter().filter(|m| m.columns.0 < m.columns.1).find(over) {
            let range = format!("{}:{}", address(m.rows.0, m.columns.0), address(m.rows.1, m.columns.1));
            let what = format!("cells {range} of sheet {:?} are merged into one header", self.sheet);
            let why = "one name over several columns does not say which is meant";
            gather.problems.push(self.problem(self.header_row, found, what, why, "unmerge them and name each column"));
        }
    }

    /// Cells merged downwards: a text holds for all of them, a number for nobody knows which.
    fn fill_merged(
        &self,
        column: usize,
        found: &Match,
        is_text: bool,
        cells: &mut [Option<Value>],
        filled: &mut usize,
        gather: &mut Gather,
    ) {
        let (first, last) = (self.rows[0].number, self.rows[self.rows.len() - 1].number);
        let own = self.merged.iter().filter(|m| m.columns.0 <= column && column <= m.columns.1);
        for m in own.filter(|m| m.rows.0 > self.header_row && m.rows.0 <= last && m.rows.1 >= first) {
            if !is_text || m.columns.0 < m.columns.1 {
                let range = format!("{}:{}", address(m.rows.0, m.columns.0), address(m.rows.1, m.columns.1));
                let what = format!("cells {range} of sheet {:?} are merged", self.sheet);
                let why = "one value for several cells does not say whose it is";
                gather.problems.push(self.problem(m.rows.0, found, what, why, "unmerge them and write each value"));
                continue;
            }
            let start = self.rows.partition_point(|row| row.number < m.rows.0);
            let end = self.rows.partition_point(|row| row.number <= m.rows.1);
            let Some(value) = self.rows.get(start).filter(|row| row.number == m.rows.0).and_then(|row| row.cell(column)).cloned() else {
                continue;
            };
            for cell in &mut cells[start + 1..end] {
                *filled += usize::from(cell.is_none());
                cell.get_or_insert_with(|| value.clone());
            }
        }
    }

    /// What one of a column's numbers is worth beside what its header says: a cell shown as 6 % holds 0.06.
    fn factor(&self, column: usize, found: &Match, cells: &[Option<Value>], gather: &mut Gather) -> f64 {
        if found.scale == 1.0 {
            return 1.0;
        }
        let numbers: Vec<(f64, Shown)> =
            cells.iter().flatten().filter_map(|v| if let Value::Number(v, shown) = v { Some((*v, *shown)) } else { None }).collect();
        let shown = |kind: Shown| numbers.iter().filter(|(_, shown)| *shown == kind).count();
        let at = address(self.rows[0].number, column);
        let mut refuse = |what: &str, why: &str, fix: &str| {
            gather.problems.push(self.problem(self.rows[0].number, found, format!("cell {at} {what}"), why, fix));
        };
        let is_percent = (found.scale - 0.01).abs() < 1e-12;
        if shown(Shown::Scaled) > 0 && !is_percent {
            let why = "the header tells a unit, and the format of the cells shows them in one while they hold another";
            refuse("is shown in another unit than it holds", why, "take the unit out of the header, or the format off the cells");
        }
        if !is_percent || numbers.is_empty() {
            return 1.0;
        }
        match shown(Shown::Percent) {
            n if n == numbers.len() => return 1.0 / found.scale,
            0 if self.knows_formats => {}
            0 if numbers.iter().any(|(v, _)| v.abs() > 1.0) || numbers.iter().all(|(v, _)| *v == 0.0) => {}
            0 => {
                let why = "a cell that is shown as 6 % holds 0.06, and this kind of workbook does not tell how a cell is shown";
                refuse("holds a fraction under a header in per cent", why, "take the per cent sign out of the header, or save it as .xlsx");
            }
            _ => {
                let why = "a cell that is shown as 6 % holds 0.06, one that is shown as 6 holds 6";
                refuse("and others are shown in per cent, and some are not", why, "give all cells of the column one format");
            }
        }
        1.0
    }
}

/// A number without a decimal mark, so that it tells nothing of how the texts beside it are written: 22.5 as `225e-1`.
fn without_point(v: f64) -> String {
    if v.fract() == 0.0 {
        return format!("{v}");
    }
    let text = format!("{v:e}");
    let (mantissa, exponent) = text.split_once('e').expect("the form has an exponent");
    let places = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    let exponent: i32 = exponent.parse().expect("an exponent is a whole number");
    format!("{}e{}", mantissa.replace('.', ""), exponent - places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_to_the_bit_without_its_point() {
        for v in [22.5, -0.1, 1.1e-300, 12_345.678_9, 3.0, 1e300, f64::MIN_POSITIVE, 0.1 + 0.2] {
            let text = without_point(v);
            assert!(!text.contains('.') && text.parse::<f64>() == Ok(v), "{v}: {text}");
        }
    }
}

//! Holds a table as typed columns: cells that are text are parsed one by one, others are taken as they are.

use super::Gather;
use super::cells::{self, Rule};
use super::dates;
use super::decimal::{self, Style};
use super::header_units::fold;
use super::identity;
use super::records::Lines;
use crate::problem::{Kind, Place, Problem};
use crate::units::Day;
use polars::prelude::*;
use std::collections::BTreeMap;

/// A file's columns by canonical name, with the place of every cell.
pub struct Table {
    pub file: String,
    pub rows: usize,
    pub lines: Lines,
    pub fields: BTreeMap<String, Field>,
    pub styles: BTreeMap<String, Style>,
    /// The programme's, whose mark may stand beside an amount.
    pub currency: String,
}

/// A column: its header as the file writes it, its cells, and what one unit of its numbers is worth.
pub struct Field {
    pub header: String,
    pub data: Column,
    pub scale: f64,
    /// Days may be counts of milliseconds.
    pub milliseconds: bool,
}

/// Places of one column's cells, told without the table.
#[derive(Default)]
pub struct Places {
    file: String,
    header: String,
    lines: Lines,
}

impl Places {
    pub fn file(&self) -> &str {
        &self.file
    }

    pub fn of(&self, row: usize) -> Place {
        Place::file(&self.file).line(self.lines.of(row)).field(&self.header)
    }
}

impl Table {
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The place of a cell: its line (its row in Parquet) and the header as the file writes it.
    pub fn place(&self, row: usize, name: &str) -> Place {
        let header = self.fields.get(name).map_or(name, |field| field.header.as_str());
        Place::file(&self.file).line(self.lines.of(row)).field(header)
    }

    /// The places of a column's cells, for problems found when the table is gone.
    pub fn places(&self, name: &str) -> Places {
        let header = self.fields.get(name).map_or(name, |field| field.header.as_str()).to_string();
        Places { file: self.file.clone(), header, lines: self.lines.clone() }
    }

    pub fn line(&self, row: usize) -> usize {
        self.lines.of(row)
    }

    /// A problem at a cell.
    pub fn problem(&self, row: usize, name: &str, what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem::new(Kind::Data, self.place(row, name), what, why, fix)
    }

    /// Keeps the first rows alone.
    pub fn cut(&mut self, rows: usize) {
        self.rows = rows;
        self.fields.values_mut().for_each(|field| field.data = field.data.slice(0, rows));
    }

    /// Lets go of a column's cells that are no longer needed; its header stays known to `place`.
    pub fn forget(&mut self, name: &str) {
        if let Some(field) = self.fields.get_mut(name) {
            field.data = Column::new_empty("".into(), &DataType::Null);
        }
    }

    /// Calls `f` with every cell as trimmed text; empty where there is none.
    pub fn each_text(&self, name: &str, mut f: impl FnMut(usize, &str)) {
        let field = &self.fields[name];
        let cast = field.data.cast(&DataType::String).expect("every column that is read can be written as text");
        for (row, cell) in cast.str().expect("it was cast to text").iter().enumerate() {
            f(row, cell.unwrap_or("").trim());
        }
    }

    /// A column as text; nothing when the file has no such column.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.has(name).then(|| {
            let mut out = Vec::with_capacity(self.rows);
            self.each_text(name, |_, cell| out.push(cell.to_string()));
            out
        })
    }

    /// Codes kept as numbers have lost their leading zeros: a problem of the column.
    pub fn refuse_numbers(&self, name: &str, gather: &mut Gather) -> bool {
        let numeric = self.fields.get(name).is_some_and(|field| field.data.dtype().is_primitive_numeric());
        if numeric {
            let place = Place { line: None, ..self.place(0, name) };
            let fix = "store the codes as text, for example \"000001.SZ\"";
            gather.problems.push(Problem::new(Kind::Data, place, "is stored as numbers", "a code keeps its leading zeros", fix));
        }
        numeric
    }

    /// Identifiers: text that is checked for emptiness, control characters and parts of paths.
    pub fn ids(&self, name: &str, gather: &mut Gather) -> Vec<String> {
        let mut out = Vec::with_capacity(self.rows);
        self.each_text(name, |row, cell| {
            if let Some((what, why, fix)) = cells::bad_id(cell) {
                gather.problems.push(self.problem(row, name, what, why, fix));
            }
            out.push(cell.to_string());
        });
        out
    }

    /// Identifiers that stand in many rows: the different ones in order of appearance, under the name `meant` gives each, and
    /// every row's index into them.
    #[expect(clippy::disallowed_types, reason = "looked up row by row and never walked, so that its order shows nowhere")]
    pub fn named_ids(&self, name: &str, meant: impl Fn(&str) -> String, gather: &mut Gather) -> (Vec<String>, Vec<u32>) {
        let mut numbers = std::collections::HashMap::<String, u32>::new();
        // bad ones are kept apart: each is told in every row it stands in
        let mut bad = BTreeMap::<String, u32>::new();
        let (mut names, mut rows) = (Vec::<String>::new(), Vec::with_capacity(self.rows));
        let mut add = |name: String| {
            names.push(name);
            names.len() as u32 - 1
        };
        let mut last = (String::new(), u32::MAX);
        self.each_text(name, |row, cell| {
            if last.1 == u32::MAX || last.0 != cell {
                let known = numbers.get(cell).copied();
                if let Some((what, why, fix)) = cells::bad_id(cell).filter(|_| known.is_none()) {
                    gather.problems.push(self.problem(row, name, what, why, fix));
                    rows.push(*bad.entry(meant(cell)).or_insert_with_key(|name| add(name.clone())));
                    return;
                }
                // two spellings of one name are one name
                let number = known.unwrap_or_else(|| *numbers.entry(meant(cell)).or_insert_with_key(|name| add(name.clone())));
                numbers.insert(cell.to_string(), number);
                last = (cell.to_string(), number);
            }
            rows.push(last.1);
        });
        (names, rows)
    }

    /// Codes of symbols, each under its one spelling: the different ones in order of appearance, and every row's index into them.
    /// `priced` where the file is the universe that others are looked up in.
    pub fn codes(&self, name: &str, priced: bool, gather: &mut Gather) -> (Vec<String>, Vec<u32>) {
        let (names, mut rows) = self.named_ids(name, cells::symbol, gather);
        let settled = identity::settle(&names, priced);
        for (index, (what, why, fix)) in settled.bad {
            let row = rows.iter().position(|r| *r as usize == index).expect("every name stands in a row");
            gather.problems.push(self.problem(row, name, what, why, fix));
        }
        let file = &self.file;
        if let Some((n, first)) = settled.padded {
            gather.note(
                format!("{file}: {n} codes without their leading zeros (first {first:?}) are read as codes of six digits"),
                format!("{file}：{n} 个证券代码丢失前导零（首个为 {first:?}），按六位代码读取"),
            );
        }
        if let Some((n, first)) = settled.joined {
            gather.note(
                format!("{file}: {n} codes stand with and without their exchange (first {first:?}) and are read as one"),
                format!("{file}：{n} 个证券代码有带与不带交易所后缀两种写法（首个为 {first:?}），按同一证券读取"),
            );
        }
        let mut distinct: Vec<String> = Vec::with_capacity(settled.names.len());
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let number: Vec<u32> = settled
            .names
            .iter()
            .map(|name| {
                *numbers.entry(name).or_insert_with(|| {
                    distinct.push(name.clone());
                    distinct.len() as u32 - 1
                })
            })
            .collect();
        rows.iter_mut().for_each(|row| *row = number[*row as usize]);
        (distinct, rows)
    }

    /// A column of numbers, scaled to its unit. NaN stands for an empty cell and nowhere else; a bad cell, once its
    /// problem is noted, is infinite, so that it is not called empty as well. Nothing when the file has no such column.
    pub fn numbers(&self, name: &str, rule: &Rule, gather: &mut Gather) -> Option<Vec<f64>> {
        let field = self.fields.get(name)?;
        let mut out = Vec::with_capacity(self.rows);
        if let Ok(text) = field.data.str() {
            let style = self.styles.get(name).copied().unwrap_or_default();
            if let Style::Unknown(row) = style {
                let what = format!("found {:?}", text.get(row).unwrap_or("").trim());
                let why = "three digits follow the mark wherever there is one, so that it may be a decimal sign or part thousands";
                let fix = "write [data] decimal = \"point\" (1,234.5) or \"comma\" (1.234,5)";
                gather.problems.push(self.problem(row, name, what, why, fix));
                return Some(vec![f64::INFINITY; self.rows]);
            }
            for (row, cell) in text.iter().enumerate() {
                let cell = cells::without_money_mark(cell.unwrap_or("").trim(), &self.currency);
                let cell = decimal::in_points(&cell, style);
                out.push(self.parse(row, name, &cell, field.scale, rule, gather));
            }
        } else {
            let cast = field.data.cast(&DataType::Float64).expect("a numeric column can be cast");
            for (row, cell) in cast.f64().expect("it was cast").iter().enumerate() {
                let value = cell.map_or(f64::NAN, |v| cells::scaled(v, field.scale));
                if cell.is_none() && !rule.may_be_empty {
                    gather.problems.push(self.problem(row, name, "is empty", rule.why, rule.fix));
                }
                let bad = cell.is_some() && !rule.holds(value);
                if bad {
                    gather.problems.push(self.problem(row, name, format!("found {value}"), rule.why, rule.fix));
                }
                out.push(if bad { f64::INFINITY } else { value });
            }
        }
        Some(out)
    }

    fn parse(&self, row: usize, name: &str, cell: &str, scale: f64, rule: &Rule, gather: &mut Gather) -> f64 {
        if rule.may_be_empty && cells::is_none(cell) {
            return f64::NAN;
        }
        if cell.is_empty() {
            gather.problems.push(self.problem(row, name, "is empty", rule.why, rule.fix));
            return f64::NAN;
        }
        match cells::number_in(cell, rule.ratio, scale) {
            Ok(scaled) => {
                if !rule.holds(scaled) {
                    gather.problems.push(self.problem(row, name, format!("found {cell:?}"), rule.why, rule.fix));
                    return f64::INFINITY;
                }
                scaled
            }
            Err(bad) => {
                let (why, fix) = cells::explain(&bad, rule);
                gather.problems.push(self.problem(row, name, format!("found {cell:?}"), why, fix));
                f64::INFINITY
            }
        }
    }

    /// A column of days; an empty cell is a problem unless `may_be_empty`.
    pub fn days(&self, name: &str, may_be_empty: bool, gather: &mut Gather) -> Option<Vec<Option<Day>>> {
        const FIX: &str = "write the date as 2015-06-12, 20150612 or 2015/6/12";
        let field = self.fields.get(name)?;
        let mut out = Vec::with_capacity(self.rows);
        let empty = |table: &Table, row: usize, gather: &mut Gather| {
            if !may_be_empty {
                gather.problems.push(table.problem(row, name, "is empty", "the row has no day", FIX));
            }
        };
        if field.data.dtype() == &DataType::Date {
            let known = Day::from_ymd(1900, 1, 1).expect("a date")..=Day::from_ymd(2200, 12, 31).expect("a date");
            let physical = field.data.cast(&DataType::Int32).expect("a date is a count of days");
            for (row, cell) in physical.i32().expect("it was cast").iter().enumerate() {
                if cell.is_none() {
                    empty(self, row, gather);
                }
                let day = cell.map(Day::from_epoch_days).filter(|day| {
                    let holds = known.contains(day);
                    if !holds {
                        let what = format!("found a day {} days after 1970-01-01", day.epoch_days());
                        let why = "it lies outside the years 1900 to 2200: the unit of the stored time is another";
                        gather.problems.push(self.problem(row, name, what, why, "store the column as date32"));
                    }
                    holds
                });
                out.push(day);
            }
            return Some(out);
        }
        let form = self.form_of_days(name);
        if let Some(form) = form {
            let (file, header, (en, zh)) = (&self.file, &field.header, form.name());
            gather.note(format!("{file}: `{header}` is written as {en}"), format!("{file}：{header} 列的日期写法为{zh}"));
        }
        self.each_text(name, |row, cell| {
            let day = match form {
                Some(form) => form.read(cell).ok_or(None),
                None => cells::day(cell),
            };
            if cell.is_empty() {
                empty(self, row, gather);
            } else if let Err(half) = &day {
                let (why, fix) = dates::explain(cell);
                let fix = half.as_ref().map_or(fix.to_string(), |half| format!("write half-width characters: {half}"));
                gather.problems.push(self.problem(row, name, format!("found {cell:?}"), why, fix));
            }
            out.push(day.ok());
        });
        Some(out)
    }

    /// How a column of days is written, where its first cell has not the year in front.
    fn form_of_days(&self, name: &str) -> Option<dates::Form> {
        let milliseconds = self.fields.get(name).is_some_and(|field| field.milliseconds);
        let (mut column, mut plain) = (dates::Column::new(milliseconds), None);
        self.each_text(name, |_, cell| {
            if !cell.is_empty() && plain.is_none() {
                plain = Some(cells::day(cell).is_ok());
            }
            if plain == Some(false) {
                column.see(cell);
            }
        });
        column.form()
    }

    /// A column of yes and no; nothing in a cell that is empty.
    pub fn flags(&self, name: &str, gather: &mut Gather) -> Option<Vec<Option<bool>>> {
        let field = self.fields.get(name)?;
        let mut out = Vec::with_capacity(self.rows);
        let meaning = cells::Meaning::of(name, &fold(&field.header));
        const WHY: &str = "it is neither yes nor no";
        const FIX: &str = "write 1 or 0, true or false, 是 or 否";
        if field.data.dtype().is_primitive_numeric() || field.data.dtype() == &DataType::Boolean {
            let cast = field.data.cast(&DataType::Float64).expect("a numeric column can be cast");
            for (row, cell) in cast.f64().expect("it was cast").iter().enumerate() {
                if let Some(found) = cell.filter(|v| meaning.of_number(*v).is_none()) {
                    gather.problems.push(self.problem(row, name, format!("found {found}"), WHY, FIX));
                }
                out.push(cell.map(|v| v == 1.0));
            }
            return Some(out);
        }
        self.each_text(name, |row, cell| {
            let flag = cells::flag(cell, meaning);
            if flag.is_none() && !cell.is_empty() {
                gather.problems.push(self.problem(row, name, format!("found {cell:?}"), WHY, FIX));
            }
            out.push(flag);
        });
        Some(out)
    }
}

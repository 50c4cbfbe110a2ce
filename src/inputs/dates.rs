//! Reads a column of days whose year does not come first: by the whole column, never by one cell.
//!
//! `12.06.2015` is the twelfth of June. `06/12/2015` is the sixth or the twelfth, and the column tells: where some first part
//! lies above 12 the day comes first, where some second part does the month comes first, else nothing tells and nothing is read.
//! Whole numbers between 20,000 and 80,000 in every cell are a spreadsheet's count of days: 42,167 is 2015-06-12.

use crate::units::Day;

/// 1970-01-01 as a spreadsheet counts it.
const EPOCH_SERIAL: i32 = 25_569;

/// How the days of a column are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    DayFirst,
    MonthFirst,
    /// A spreadsheet's count of days.
    Serial,
    /// Milliseconds from 1970 to midnight in Beijing.
    Milliseconds,
}

impl Form {
    /// In English and Chinese.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Form::DayFirst => ("day, month, year", "日、月、年"),
            Form::MonthFirst => ("month, day, year", "月、日、年"),
            Form::Milliseconds => ("milliseconds since 1970, to midnight in Beijing", "1970 年起的毫秒数（北京时间零点）"),
            Form::Serial => ("a spreadsheet's count of days, which starts in 1900", "电子表格的日期序号（1900 年起）"),
        }
    }

    pub fn read(self, cell: &str) -> Option<Day> {
        match self {
            Form::Serial => return serial(cell),
            Form::Milliseconds => return milliseconds(cell),
            Form::DayFirst | Form::MonthFirst => {}
        }
        let (first, second, year, _) = parts(cell)?;
        let (day, month) = if self == Form::DayFirst { (first, second) } else { (second, first) };
        Day::parse(&format!("{year:04}-{month:02}-{day:02}"))
    }
}

/// What the cells of a column have in common.
#[derive(Default)]
pub struct Column {
    /// Whether counts of milliseconds may stand in it.
    milliseconds: bool,
    cells: usize,
    serial: usize,
    counts: usize,
    dotted: usize,
    parted: usize,
    first_above_12: bool,
    second_above_12: bool,
}

impl Column {
    pub fn new(milliseconds: bool) -> Column {
        Column { milliseconds, ..Column::default() }
    }

    pub fn see(&mut self, cell: &str) {
        if cell.is_empty() {
            return;
        }
        self.cells += 1;
        self.serial += usize::from(serial(cell).is_some());
        self.counts += usize::from(self.milliseconds && milliseconds(cell).is_some());
        if let Some((first, second, _, mark)) = parts(cell) {
            self.parted += 1;
            self.dotted += usize::from(mark == '.');
            self.first_above_12 |= first > 12;
            self.second_above_12 |= second > 12;
        }
    }

    /// The one form that every cell is written in.
    pub fn form(&self) -> Option<Form> {
        if self.cells == 0 {
            return None;
        }
        if self.serial == self.cells {
            return Some(Form::Serial);
        }
        if self.counts == self.cells {
            return Some(Form::Milliseconds);
        }
        if self.parted != self.cells {
            return None;
        }
        match (self.first_above_12, self.second_above_12) {
            (true, true) => None,
            (true, false) => Some(Form::DayFirst),
            (false, true) => Some(Form::MonthFirst),
            (false, false) => (self.dotted == self.cells).then_some(Form::DayFirst),
        }
    }
}

fn serial(cell: &str) -> Option<Day> {
    let digits = cell.strip_suffix(".0").unwrap_or(cell);
    let count: i32 = (digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()?;
    (20_000..=80_000).contains(&count).then(|| Day::from_epoch_days(count - EPOCH_SERIAL))
}

/// A count of milliseconds that is midnight eight hours ahead of UTC.
fn milliseconds(cell: &str) -> Option<Day> {
    const DAY: i64 = 86_400_000;
    let digits = cell.strip_suffix(".0").unwrap_or(cell);
    let count: i64 = (digits.len() >= 12 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()?;
    let local = count.checked_add(DAY / 3)?;
    (local % DAY == 0).then(|| i32::try_from(local / DAY).ok()).flatten().map(Day::from_epoch_days)
}

/// `12.06.2015` as 12, 6, 2015 and the mark between them.
fn parts(cell: &str) -> Option<(u32, u32, u32, char)> {
    let cell = cell
        .split_once([' ', 'T'])
        .filter(|(_, time)| !time.is_empty() && time.chars().all(|c| matches!(c, '0' | ':' | '.')))
        .map_or(cell, |(date, _)| date);
    let mark = cell.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
    let mut parts = cell.split(mark);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let long = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    (short(first) && short(second) && long && parts.next().is_none())
        .then(|| Some((first.parse().ok()?, second.parse().ok()?, year.parse().ok()?, mark)))
        .flatten()
}

/// What a cell seems to be that is no date: why it is not read, and what to write.
pub fn explain(cell: &str) -> (&'static str, &'static str) {
    const WRITE: &str = "write the date as 2015-06-12, 20150612 or 2015/6/12";
    let digits = cell.strip_suffix(".0").unwrap_or(cell);
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.len() {
        5 if number => ("it is a spreadsheet's count of days, which is read where the whole column is one", WRITE),
        10 if number => ("it is a count of seconds", WRITE),
        13 if number => ("it is a count of milliseconds", WRITE),
        16 | 19 if number => ("it is a count of microseconds or nanoseconds", WRITE),
        _ if parts(cell).is_some() => ("day and month cannot be told apart in this column, or it mixes two ways of writing", WRITE),
        _ if Day::parse(cell.split([' ', 'T']).next().unwrap_or("")).is_some() => {
            ("a time of day stands behind the date, and a session is a whole day", "write the date alone, in the exchange's own time")
        }
        _ => ("it is no date between 1900 and 2200", WRITE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(cells: &[&str]) -> Option<Form> {
        let mut column = Column::default();
        cells.iter().for_each(|cell| column.see(cell));
        column.form()
    }

    #[test]
    fn the_column_tells_how_its_days_are_written() {
        assert_eq!(form(&["12.06.2015", "", "11.06.2015"]), Some(Form::DayFirst));
        assert_eq!(form(&["06/12/2015", "06/15/2015"]), Some(Form::MonthFirst));
        assert_eq!(form(&["12/06/2015", "15/06/2015"]), Some(Form::DayFirst));
        assert_eq!(form(&["12/06/2015", "11/06/2015"]), None, "nothing tells");
        assert_eq!(form(&["13/06/2015", "06/13/2015"]), None, "both");
        assert_eq!(form(&["42167", "42164.0"]), Some(Form::Serial));
        assert_eq!(form(&["42167", "2015-06-12"]), None);
        assert_eq!(Form::Serial.read("42167"), Day::from_ymd(2015, 6, 12));
        assert_eq!(Form::DayFirst.read("12.06.2015"), Day::from_ymd(2015, 6, 12));
        assert_eq!(Form::MonthFirst.read("6/12/2015 0:00"), Day::from_ymd(2015, 6, 12));
        assert!(explain("1434067200").0.contains("seconds") && explain("2015-06-12 15:00").0.contains("time of day"));
    }
}

//! Splits a table of comma-separated cells, with quotes as RFC 4180 has them.

/// A table: its header, and rows that have as many cells.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The table of a text.
pub fn read(text: &str) -> Result<Table, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let separator = [',', '\t', ';'].into_iter().max_by_key(|c| first.matches(*c).count()).unwrap_or(',');
    let mut lines = split(text, separator).into_iter().filter(|cells| cells.iter().any(|cell| !cell.is_empty()));
    let header = lines.next().ok_or("a table without a header")?;
    let rows: Vec<Vec<String>> = lines.collect();
    if let Some(at) = rows.iter().position(|row| row.len() != header.len()) {
        return Err(format!("row {} has {} cells, the header {}", at + 1, rows[at].len(), header.len()));
    }
    Ok(Table { header, rows })
}

fn split(text: &str, separator: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            c if c == separator && !quoted => row.push(std::mem::take(&mut cell).trim().to_string()),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell).trim().to_string());
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell.trim().to_string());
        rows.push(row);
    }
    rows
}

impl Table {
    /// Where a column stands, by any of its names.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        self.header.iter().position(|head| names.iter().any(|name| head.eq_ignore_ascii_case(name)))
    }

    /// The text of a cell; nothing where the column is absent or the cell empty.
    pub fn text<'a>(&'a self, row: &'a [String], names: &[&str]) -> Option<&'a str> {
        let cell = row[self.column(names)?].as_str();
        (!cell.is_empty()).then_some(cell)
    }

    /// The number of a cell, `6%` as 0.06.
    pub fn number(&self, row: &[String], names: &[&str]) -> Result<Option<f64>, String> {
        self.text(row, names).map(crate::ratio::read).transpose().map_err(|why| format!("column {}: {why}", names[0]))
    }

    /// The yes or no of a cell.
    pub fn flag(&self, row: &[String], names: &[&str]) -> Result<Option<bool>, String> {
        let read = |text: &str| match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "是" => Ok(true),
            "0" | "false" | "no" | "否" => Ok(false),
            _ => Err(format!("column {}: `{text}` is neither yes nor no", names[0])),
        };
        self.text(row, names).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn quotes_hold_separators_and_quotes() {
        let table = super::read("\u{feff}a,b\r\n\"1,234.5\",\"say \"\"x\"\"\"\n\n,2\n").unwrap();
        assert_eq!(table.header, ["a", "b"]);
        assert_eq!(table.rows, [["1,234.5", "say \"x\""], ["", "2"]]);
        assert_eq!(table.number(&table.rows[0], &["a"]).unwrap(), Some(1234.5));
        assert_eq!(table.number(&table.rows[1], &["A"]).unwrap(), None);
        assert!(super::read("a,b\n1\n").is_err());
    }
}

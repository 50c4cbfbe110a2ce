//! Reads one book in every container, and workbooks as desks make them: read right, noted, or refused by the address of the cell.

use crate::support::containers::{Book, Cell, Sheet, cells_of, gzip, ods, xls, xlsx, zstd};
use levertide::inputs::{self, Inputs, programme};
use levertide::problem::Problems;
use levertide::units::Day;
use polars::prelude::*;
use std::io::Cursor;
use std::path::Path;

const FILES: [&str; 3] = ["prices", "accounts", "positions"];
/// What K1 of the base holds.
const K1: f64 = 652_600.0;

fn base(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/base").join(file);
    std::fs::read_to_string(path).expect("the base is there")
}

/// Reads the base with files put beside it; each is named under `[data]` by its stem, with `keys` behind.
fn read(files: &[(&str, Vec<u8>)], keys: &str) -> Result<Inputs, Problems> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut text = base("p.toml");
    for file in FILES {
        std::fs::write(folder.path().join(format!("{file}.csv")), base(&format!("{file}.csv"))).expect("it is written");
    }
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).expect("it is written");
        let stem = name.split('.').next().expect("a name");
        text = text.replace(&format!("{stem} = \"{stem}.csv\""), &format!("{stem} = \"{name}\""));
    }
    text = text.replace("[simulation]", &format!("{keys}\n[simulation]"));
    std::fs::write(folder.path().join("p.toml"), text).expect("it is written");
    let programme = programme::load(&folder.path().join("p.toml"), &programme::Overrides::default())?;
    inputs::load(&programme)
}

fn sound(files: &[(&str, Vec<u8>)], keys: &str) -> Inputs {
    read(files, keys).unwrap_or_else(|problems| panic!("{problems}"))
}

fn one_sheet(csv: &str) -> Book {
    Book::of(vec![Sheet::new("Sheet1", cells_of(csv))])
}

/// A table of text, numbers and days as the columns a database writes.
fn frame(csv: &str) -> DataFrame {
    let rows = cells_of(csv);
    let columns = rows[0].iter().enumerate().map(|(c, header)| {
        let Cell::Text(name) = header else { panic!("a header is text") };
        let cells: Vec<&Cell> = rows[1..].iter().map(|row| &row[c]).collect();
        match cells[0] {
            Cell::Number(_) => {
                Column::new(name.into(), cells.iter().map(|c| if let Cell::Number(v) = c { Some(*v) } else { None }).collect::<Vec<_>>())
            }
            Cell::Day(_) => {
                let days: Vec<i32> =
                    cells.iter().map(|c| if let Cell::Day(day) = c { day.epoch_days() } else { panic!("a day") }).collect();
                Column::new(name.into(), days).cast(&DataType::Date).expect("a count of days is a date")
            }
            _ => Column::new(
                name.into(),
                cells.iter().map(|c| if let Cell::Text(text) = c { text.as_str() } else { "" }).collect::<Vec<_>>(),
            ),
        }
    });
    DataFrame::new(rows.len() - 1, columns.collect()).expect("columns of one length")
}

fn parquet(csv: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame(csv)).expect("memory");
    bytes
}

fn arrow(csv: &str, compression: Option<IpcCompression>) -> Vec<u8> {
    let mut bytes = Vec::new();
    IpcWriter::new(Cursor::new(&mut bytes)).with_compression(compression).finish(&mut frame(csv)).expect("memory");
    bytes
}

#[test]
fn one_book_reads_the_same_to_the_bit_in_every_container() {
    let all = |ending: &str, write: &dyn Fn(&str) -> Vec<u8>| -> Inputs {
        let names = FILES.map(|file| format!("{file}.{ending}"));
        let files: Vec<(&str, Vec<u8>)> =
            FILES.iter().zip(&names).map(|(file, name)| (name.as_str(), write(&base(&format!("{file}.csv"))))).collect();
        sound(&files, "")
    };
    let plain = sound(&[], "");
    let model = |inputs: &Inputs| format!("{:?} {:?}", inputs.book, inputs.market);
    let right = model(&plain);
    for (ending, inputs) in [
        ("csv.gz", all("csv.gz", &|csv| gzip(csv.as_bytes()))),
        ("csv.zst", all("csv.zst", &|csv| zstd(csv.as_bytes()))),
        ("parquet", all("parquet", &parquet)),
        ("arrow", all("arrow", &|csv| arrow(csv, None))),
        ("feather", all("feather", &|csv| arrow(csv, Some(IpcCompression::LZ4)))),
        ("xlsx", all("xlsx", &|csv| xlsx(&one_sheet(csv)))),
        ("xlsx of 1904", all("xlsx", &|csv| xlsx(&Book { counts_from_1904: true, ..one_sheet(csv) }))),
        ("xls", all("xls", &|csv| xls(&one_sheet(csv)))),
        ("xls of 1904", all("xls", &|csv| xls(&Book { counts_from_1904: true, ..one_sheet(csv) }))),
        ("ods", all("ods", &|csv| ods(&one_sheet(csv)))),
    ] {
        assert_eq!(model(&inputs), right, "{ending}");
        let dot = ending.split(' ').next().expect("an ending");
        let notes: Vec<String> = inputs.notes.iter().map(|n| n.en.replace(&format!(".{dot}:"), ".csv:")).collect();
        assert_eq!(notes, plain.notes.iter().map(|n| n.en.clone()).collect::<Vec<_>>(), "{ending}");
        for (file, own) in plain.lineage.iter().zip(&inputs.lineage) {
            assert_eq!((file.rows, file.used), (own.rows, own.used), "{ending}: {}", own.path);
        }
    }
}

#[test]
fn the_bytes_tell_the_container_and_not_the_name() {
    let positions = base("positions.csv");
    for (name, bytes) in [
        ("positions.xls", positions.replace(',', "\t").into_bytes()),
        ("positions.csv", gzip(positions.as_bytes())),
        ("positions.xls", xlsx(&one_sheet(&positions))),
        ("positions.txt", xls(&one_sheet(&positions))),
        ("positions.csv.gz", zstd(positions.as_bytes())),
    ] {
        let inputs = sound(&[(name, bytes.clone())], "");
        assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1, "{name}");
        let told = inputs.notes.iter().any(|n| n.en.contains("told by its first bytes"));
        assert_eq!(told, name != "positions.csv.gz", "{name}: {:?}", inputs.notes);
        let file = inputs.lineage.iter().find(|f| f.role == "positions").expect("it was read");
        assert_eq!(file.bytes, bytes.len() as u64, "{name}");
    }
    let page = b"<html><table><tr><td>account_id</td></tr></table></html>".to_vec();
    assert!(read(&[("positions.xls", page)], "").unwrap_err().to_string().contains("is a web page"));
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

/// The positions of the base as a sheet that `change` has had its way with.
fn holdings(change: impl FnOnce(&mut Sheet)) -> Sheet {
    let mut sheet = Sheet::new("持仓", cells_of(&base("positions.csv")));
    change(&mut sheet);
    sheet
}

type Write = fn(&Book) -> Vec<u8>;
const WRITERS: [(&str, Write); 3] = [("positions.xlsx", xlsx), ("positions.xls", xls), ("positions.ods", ods)];

#[test]
fn a_table_is_found_in_a_workbook_as_a_desk_makes_it() {
    let desk = |change: fn(&mut Sheet)| {
        let above = [vec![text("XX证券 融资融券持仓表")], vec![text("日期：2015-06-12"), Cell::Empty, text("单位：股")], vec![]];
        let mut sheet = holdings(|sheet| {
            sheet.rows.splice(0..0, above);
            sheet.rows.insert(5, sheet.rows[3].clone());
            sheet.rows.push(vec![]);
            sheet.rows.push(vec![text("注：本表仅供内部使用")]);
            sheet.rows.push(vec![text("制表人："), text("王")]);
        });
        change(&mut sheet);
        let cover = Sheet::new("封面", vec![vec![text("报表")], vec![text("account_id"), text("见下页")]]);
        let old = Sheet { hidden: true, name: "旧".into(), ..holdings(|_| {}) };
        Book::of(vec![cover, sheet, old])
    };
    for (name, write) in WRITERS {
        let inputs = sound(&[(name, write(&desk(|_| {})))], "");
        assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1, "{name}");
        let file = inputs.lineage.iter().find(|f| f.role == "positions").expect("it was read");
        assert_eq!((file.rows, file.used, file.passed_over), (9, 4, 5), "{name}");
        for words in [
            "positions are read from sheet \"持仓\"",
            "stands on row 4; 2 rows above",
            "header is repeated on 1 lines",
            "2 lines at the foot are remarks",
        ] {
            assert!(inputs.notes.iter().any(|n| n.en.contains(words)), "{name}: {words:?} in {:#?}", inputs.notes);
        }
        // named, nothing is guessed and nothing said
        let named = sound(&[(name, write(&desk(|_| {})))], "[data.sheet]\npositions = \"持仓\"\n[data.header-row]\npositions = 4");
        assert!(!named.notes.iter().any(|n| n.en.contains("sheet") || n.en.contains("stands on row")), "{name}: {:?}", named.notes);
        let hidden = sound(&[(name, write(&desk(|_| {})))], "[data.sheet]\npositions = \"旧\"");
        assert_eq!(hidden.book.market_value(0, &hidden.market.prices()), K1, "{name}");
        let said = read(&[(name, write(&desk(|_| {})))], "[data.sheet]\npositions = \"Positions\"").unwrap_err().to_string();
        assert!(said.contains("has no sheet \"Positions\"") && said.contains("\"封面\", \"持仓\", \"旧\""), "{said}");
        let twice = Book::of(vec![holdings(|_| {}), Sheet { name: "copy".into(), ..holdings(|_| {}) }]);
        let said = read(&[(name, write(&twice))], "").unwrap_err().to_string();
        assert!(said.contains("2 sheets may hold the positions") && said.contains("[data.sheet] positions"), "{said}");
    }
}

#[test]
fn accounts_and_positions_may_be_sheets_of_one_workbook() {
    let sheet = |name: &str, file: &str| Sheet::new(name, cells_of(&base(file)));
    let book = Book::of(vec![sheet("账户", "accounts.csv"), sheet("持仓", "positions.csv"), sheet("行情", "prices.csv")]);
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("book.xlsx"), xlsx(&book)).expect("it is written");
    let text = FILES.iter().fold(base("p.toml"), |text, file| text.replace(&format!("{file}.csv"), "book.xlsx"));
    std::fs::write(folder.path().join("p.toml"), text).expect("it is written");
    let programme = programme::load(&folder.path().join("p.toml"), &programme::Overrides::default()).unwrap_or_else(|p| panic!("{p}"));
    let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(format!("{:?}", inputs.book), format!("{:?}", sound(&[], "").book));
    for words in ["prices are read from sheet \"行情\"", "accounts are read from sheet \"账户\"", "positions are read from sheet \"持仓\""]
    {
        assert!(inputs.notes.iter().any(|n| n.en.contains(words)), "{words:?} in {:#?}", inputs.notes);
    }
}

/// A change of the positions' sheet, and what has to be said of it; nothing where it reads as the base.
type Case = (&'static str, fn(&mut Sheet), &'static str);

const SHEETS: &[Case] = &[
    // numbers as text, and text as numbers
    ("numbers as text", |s| s.rows[1][2] = text("40000"), ""),
    ("a text with thousands beside numbers", |s| s.rows[1][2] = text("40,000"), "may be a decimal sign"),
    (
        "a fraction beside a text with thousands",
        |s| (s.rows[1][2], s.rows[3][2]) = (text("40,000"), Cell::Number(10_000.125)),
        "may be a decimal sign",
    ),
    ("a text in another alphabet of digits", |s| s.rows[1][2] = text("４００００"), "half-width"),
    (
        "bare codes as numbers",
        |s| (s.rows[1][1], s.rows[2][1], s.rows[3][1]) = (Cell::Number(600_000.0), Cell::Number(1.0), Cell::Number(600_036.0)),
        "",
    ),
    (
        "an account of more digits than a number keeps",
        |s| s.rows[1][0] = Cell::Number(6.228_480_402_564_89e18),
        "cell A2 of sheet \"持仓\" holds the number",
    ),
    // errors
    ("an error in a used cell", |s| s.rows[2][2] = Cell::NotAvailable, "cell C3 of sheet \"持仓\" holds #N/A"),
    ("an error in an identifier", |s| s.rows[3][0] = Cell::NotAvailable, "cell A4 of sheet \"持仓\" holds #N/A"),
    ("an error in a column that is not used", |s| s.rows[1].push(Cell::NotAvailable), ""),
    // formulas
    ("a formula with its value", |s| s.rows[1][2] = Cell::Formula(Some(40_000.0)), ""),
    // days where numbers belong
    ("a quantity shown as a day", |s| s.rows[1][2] = Cell::Day(Day::from_ymd(2009, 7, 6).expect("a date")), "found \"2009-07-06\""),
    ("yes where a number belongs", |s| s.rows[1][2] = Cell::Bool(true), "found \"true\""),
    // columns without a name
    ("values without a header", |s| s.rows[2].push(Cell::Number(3.0)), ""),
    ("a column before the table", |s| s.rows.iter_mut().for_each(|row| row.insert(0, Cell::Empty)), ""),
];

#[test]
fn cells_are_read_as_the_workbook_means_them_or_refused_by_their_address() {
    let mut faults = Vec::new();
    for (name, write) in WRITERS {
        for (what, change, says) in SHEETS {
            match (read(&[(name, write(&Book::of(vec![holdings(change)])))], ""), *says) {
                (Ok(inputs), "") if inputs.book.market_value(0, &inputs.market.prices()) == K1 => {}
                (Err(problems), says) if !says.is_empty() && problems.to_string().contains(says) => {}
                (Ok(inputs), _) => {
                    faults.push(format!("{name}: {what}: it is read as {}", inputs.book.market_value(0, &inputs.market.prices())))
                }
                (Err(problems), _) => faults.push(format!("{name}: {what}: {problems}")),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_formula_without_a_value_is_refused() {
    let book = Book::of(vec![holdings(|s| s.rows[1][2] = Cell::Formula(None))]);
    for (name, write) in [WRITERS[0], WRITERS[2]] {
        let said = read(&[(name, write(&book))], "").unwrap_err().to_string();
        assert!(said.contains("cell C2 of sheet \"持仓\" holds a formula and no value"), "{name}: {said}");
    }
}

#[test]
fn merged_cells_are_read_where_they_can_mean_one_thing() {
    // the account stands once beside its two positions
    let merged = |s: &mut Sheet| {
        s.rows[2][0] = Cell::Empty;
        s.merged = vec![[1, 2, 0, 0]];
    };
    // two rows of headers, the lower one under a common title
    let titled = |s: &mut Sheet| {
        s.rows.insert(0, vec![text("account_id"), text("symbol"), text("holding"), Cell::Empty]);
        s.rows[1] = vec![Cell::Empty, Cell::Empty, text("quantity"), text("cost")];
        s.merged = vec![[0, 1, 0, 0], [0, 1, 1, 1], [0, 0, 2, 3]];
    };
    for (name, write) in &WRITERS {
        for (change, note) in
            [(&merged as &dyn Fn(&mut Sheet), "1 cells are merged with the cell above"), (&titled, "stands on row 2; 0 rows above")]
        {
            let inputs = sound(&[(name, write(&Book::of(vec![holdings(change)])))], "");
            assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1, "{name}");
            assert!(inputs.notes.iter().any(|n| n.en.contains(note)), "{name}: {note:?} in {:#?}", inputs.notes);
        }
        for (range, says) in [
            ([0, 0, 1, 2], "cells B1:C1 of sheet \"持仓\" are merged into one header"),
            ([1, 2, 2, 2], "cells C2:C3 of sheet \"持仓\" are merged"),
            ([2, 2, 0, 1], "cells A3:B3 of sheet \"持仓\" are merged"),
        ] {
            let said = read(&[(name, write(&Book::of(vec![holdings(|s| s.merged = vec![range])])))], "").unwrap_err().to_string();
            assert!(said.contains(says), "{name}: {said}");
        }
    }
}

#[test]
fn hidden_rows_are_read_and_counted_and_hidden_sheets_named() {
    for (name, write) in WRITERS {
        let shown = holdings(|s| s.hidden_rows = vec![2, 3]);
        let book = Book::of(vec![shown, Sheet { hidden: true, name: "旧".into(), ..holdings(|_| {}) }]);
        let inputs = sound(&[(name, write(&book))], "");
        assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1, "{name}");
        for words in ["2 rows of sheet \"持仓\" are hidden, by hand or by a filter (first row 3)", "other sheets: \"旧\" (hidden)"] {
            assert!(inputs.notes.iter().any(|n| n.en.contains(words)), "{name}: {words:?} in {:#?}", inputs.notes);
        }
        let plain = sound(&[(name, write(&Book::of(vec![holdings(|_| {})])))], "");
        assert!(!plain.notes.iter().any(|n| n.en.contains("hidden")), "{name}");
    }
}

/// A row behind the positions or the accounts of the base.
fn with_row(file: &str, row: &str) -> String {
    format!("{}{row}\n", base(file))
}

#[test]
fn a_total_at_the_foot_is_passed_over_where_it_is_one() {
    for (file, row) in [
        ("accounts.csv", "合计,,150000,800000"),
        ("accounts.csv", "小计,A,150000,800000\n总计：,,150000,800000"),
        ("accounts.csv", "Total,A,,\"800,000.00\""),
        ("positions.csv", "合计,,90000"),
        ("positions.csv", ",Grand Total,90000"),
    ] {
        let csv = with_row(file, row);
        let role = file.trim_end_matches(".csv");
        let sheet = |csv: &str| one_sheet(&csv.replace("\"800,000.00\"", "800000"));
        let sheets = [("xlsx", xlsx(&sheet(&csv))), ("xls", xls(&sheet(&csv))), ("ods", ods(&sheet(&csv)))];
        for (ending, bytes) in sheets
            .into_iter()
            .chain([("csv", csv.clone().into_bytes()), ("parquet", parquet(&csv.replace('"', "").replace("800,000.00", "800000")))])
        {
            let inputs = sound(&[(&format!("{role}.{ending}"), bytes)], "");
            assert_eq!(inputs.book.loan, [500_000.0, 300_000.0], "{ending}: {row}");
            assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1, "{ending}: {row}");
            let totals = row.lines().count();
            let words = format!("{totals} rows at the foot are totals");
            assert!(inputs.notes.iter().any(|n| n.en.contains(&words)), "{ending}: {row}: {:#?}", inputs.notes);
            let lines = inputs.lineage.iter().find(|f| f.role == role).expect("it was read");
            assert_eq!(lines.passed_over, totals as u64, "{ending}: {row}");
        }
    }
    for (file, row, says) in [
        ("accounts.csv", "合计,A,150000,800001", "found 800001 beside \"合计\", where the rows above add up to 800000"),
        ("accounts.csv", "合计,A,150000,8e5\nK3,A,1,0", "heads a total"),
        ("positions.csv", "合计,,900000", "where the rows above add up to 90000"),
        ("positions.csv", "合计,600000.SH,x", "heads a total"),
    ] {
        let role = file.trim_end_matches(".csv");
        let said = read(&[(&format!("{role}.csv"), with_row(file, row).into_bytes())], "").unwrap_err().to_string();
        assert!(said.contains(says), "{row}: {said}");
    }
}

/// The accounts of the base with a rate of 6 % and 6.5 %, under a header and in cells of a kind.
fn rates(header: &str, cells: [Cell; 2]) -> Book {
    let mut rows = cells_of(&base("accounts.csv"));
    rows[0].push(text(header));
    for (row, cell) in rows[1..].iter_mut().zip(cells) {
        row.push(cell);
    }
    Book::of(vec![Sheet::new("a", rows)])
}

#[test]
fn a_rate_is_what_its_cell_shows() {
    let shown = [Cell::Percent(0.06), Cell::Percent(0.065)];
    for (name, write) in [("accounts.xlsx", xlsx as Write), ("accounts.xls", xls), ("accounts.ods", ods)] {
        for (header, cells) in [
            ("rate", [Cell::Number(0.06), Cell::Number(0.065)]),
            ("rate(%)", [Cell::Number(6.0), Cell::Number(6.5)]),
            ("rate", shown.clone()),
            ("rate(%)", [text("6"), text("6.5")]),
            ("rate(%)", [text("6%"), text("6.5%")]),
        ] {
            let inputs = sound(&[(name, write(&rates(header, cells.clone())))], "");
            assert_eq!(inputs.book.rate_annual, [0.06, 0.065], "{name}: {header} {cells:?}");
        }
        match (name, read(&[(name, write(&rates("rate(%)", shown.clone())))], "")) {
            ("accounts.xlsx" | "accounts.ods", Ok(inputs)) => assert_eq!(inputs.book.rate_annual, [0.06, 0.065], "{name}"),
            (_, Err(problems)) => assert!(problems.to_string().contains("a fraction under a header in per cent"), "{name}: {problems}"),
            (_, Ok(inputs)) => panic!("{name}: rates are read as {:?}", inputs.book.rate_annual),
        }
    }
    for (name, write) in [("accounts.xlsx", xlsx as Write), ("accounts.ods", ods)] {
        let mixed = write(&rates("rate(%)", [Cell::Percent(0.06), Cell::Number(6.5)]));
        assert!(read(&[(name, mixed)], "").unwrap_err().to_string().contains("and some are not"), "{name}");
    }
    let mut book = one_sheet(&base("accounts.csv"));
    book.sheets[0].rows[0][3] = text("loan(千元)");
    book.sheets[0].rows[1][3] = Cell::InThousands(500_000.0);
    let said = read(&[("accounts.xlsx", xlsx(&book))], "").unwrap_err().to_string();
    assert!(said.contains("cell D2 is shown in another unit than it holds"), "{said}");
}

#[test]
fn codes_that_are_shown_with_their_zeros_keep_them() {
    let mut sheet = holdings(|_| {});
    for (row, code) in sheet.rows[1..].iter_mut().zip([600_000.0, 1.0, 600_036.0]) {
        row[1] = Cell::Code(code);
    }
    let inputs = sound(&[("positions.xlsx", xlsx(&Book::of(vec![sheet])))], "");
    assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1);
    assert!(!inputs.notes.iter().any(|n| n.en.contains("leading zeros")), "{:?}", inputs.notes);
}

#[test]
fn damaged_workbooks_and_those_that_ask_for_too_much_are_refused() {
    for (name, write) in WRITERS {
        let bytes = write(&Book::of(vec![holdings(|_| {})]));
        for end in [bytes.len() / 3, bytes.len() - 600, bytes.len() - 5] {
            if let Err(problems) = read(&[(name, bytes[..end].to_vec())], "") {
                let said = problems.to_string();
                assert!(said.contains("no whole workbook") || said.contains("no workbook lies in it"), "{name}, {end} bytes: {said}");
            } else {
                assert!(name.ends_with("xls") && end > bytes.len() - 100, "{name}: {end} bytes are read");
            }
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 150) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xff;
            // whatever it is read as, it ends
            let _ = read(&[(name, bytes)], "");
        }
    }
    let wide = holdings(|s| {
        s.rows.extend((0..65_000).map(|_| Vec::new()));
        s.rows.push((0..255).map(|_| Cell::Empty).chain([Cell::Number(1.0)]).collect());
    });
    let two = Book::of(vec![wide.clone(), Sheet { name: "b".into(), ..wide }]);
    assert!(read(&[("positions.xls", xls(&two))], "").unwrap_err().to_string().contains("at most 20,000,000 cells"));
    let bomb = gzip(&vec![b'1'; (256 << 20) + 1]);
    let said = read(&[("positions.csv.gz", bomb)], "").unwrap_err().to_string();
    assert!(said.contains("unpacks to more than 268435456 bytes") && said.contains("4 GiB at most"), "{said}");
}

#[test]
fn a_header_row_that_is_declared_holds_for_text_too() {
    let preamble = format!("Report,account_id,symbol,quantity\nprinted 2015\n{}", base("positions.csv"));
    let keys = "[data.header-row]\npositions = 3";
    let inputs = sound(&[("positions.csv", preamble.clone().into_bytes())], keys);
    assert_eq!(inputs.book.market_value(0, &inputs.market.prices()), K1);
    let file = inputs.lineage.iter().find(|f| f.role == "positions").expect("it was read");
    assert_eq!((file.rows, file.used, file.passed_over), (6, 4, 2));
    assert!(
        read(&[("positions.csv", preamble.into_bytes())], "[data.header-row]\npositions = 0")
            .unwrap_err()
            .to_string()
            .contains("counted from 1")
    );
    let said = read(&[], "[data.sheet]\npositions = \"a\"").unwrap_err().to_string();
    assert!(said.contains("data.sheet.positions") && said.contains("only a workbook has sheets"), "{said}");
    let said = read(&[("prices.parquet", parquet(&base("prices.csv")))], "[data.header-row]\nprices = 2").unwrap_err().to_string();
    assert!(said.contains("data.header-row.prices"), "{said}");
    let said = read(&[], "[data.sheet]\npositoins = \"a\"").unwrap_err().to_string();
    assert!(said.contains("data.sheet.positoins") && said.contains("positions"), "{said}");
}

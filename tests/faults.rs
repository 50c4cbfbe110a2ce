//! Breaks a small valid book in one place at a time, and checks that the problem names the place and the remedy.

use levertide::inputs::{self, Inputs};
use levertide::model::case::{Case, Data, Encoding, Programme, Report, ReturnKind, Scenario};
use levertide::problem::{Kind, Problems, exit};
use levertide::units::{Day, Ratio};
use std::path::Path;

const PRICES: &str = "date,symbol,close,high,low,volume,amount\n\
    2015-06-08,600030.SH,10.00,10.10,9.90,1000,10000\n\
    2015-06-08,000001.SZ,20.00,20.10,19.90,1000,20000\n\
    2015-06-09,600030.SH,11.00,11.00,10.50,1000,11000\n\
    2015-06-09,000001.SZ,18.00,18.00,18.00,1000,18000\n\
    2015-06-10,600030.SH,11.00,11.00,11.00,0,0\n\
    2015-06-10,000001.SZ,18.90,19.00,18.00,1000,18900\n\
    2015-06-11,000001.SZ,18.90,19.00,18.00,1000,18900\n\
    2015-06-12,600030.SH,12.10,12.10,11.50,2000,24200\n\
    2015-06-12,000001.SZ,18.90,19.00,18.00,1000,18900\n";
const INSTRUMENTS: &str = "symbol,name,board,st,sector,haircut,adv_amount,free_float_value\n\
    600030.SH,CITIC Securities,main,0,brokers,70%,,\n\
    000001.SZ,平安银行,main,0,banks,0.65,5000000,\n";
const ACCOUNTS: &str = "account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual,open_date,maturity_date,liquidation\n\
    a-2,B,two,margin,\"1,234.5\",5000,0,8%,2015-06-01,2015-06-20,115%\n\
    a-1,A,one,margin,0,10000,12.5,0.06,20150601,2015/12/1,\n";
const POSITIONS: &str = "account_id,symbol,quantity,sellable_quantity,cost\n\
    a-1,600030.SH,1000,900,9.5\n\
    a-1,000001.SZ,500,,\n\
    a-2,600030.SH,300,300,\n";
const FUNDING: &str = "source_id,tier,amount,rate_annual,maturity_date,runnable\n\
    own,A,100000,0,,no\n\
    fund,B,50000,5%,2016-06-30,yes\n";
const FILES: [(&str, &str); 5] = [
    ("prices.csv", PRICES),
    ("instruments.csv", INSTRUMENTS),
    ("accounts.csv", ACCOUNTS),
    ("positions.csv", POSITIONS),
    ("funding.csv", FUNDING),
];

/// A programme over the five files of a folder.
pub fn programme(folder: &Path) -> Programme {
    let file = |name: &str| Some(format!("{name}.csv"));
    Programme {
        name: "faults".into(),
        as_of: Day::from_ymd(2015, 6, 12).unwrap(),
        currency: "CNY".into(),
        seed: 1,
        data: Data {
            prices: file("prices"),
            instruments: file("instruments"),
            accounts: file("accounts"),
            positions: file("positions"),
            funding: file("funding"),
            ..Data::default()
        },
        folder: folder.to_path_buf(),
        scenarios: vec![Scenario::base(Case::default())],
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    }
}

/// Loads the base book after `change` has had its way with its files and its programme.
fn load(change: impl FnOnce(&Path, &mut Programme)) -> Result<Inputs, Problems> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut programme = programme(folder.path());
    change(folder.path(), &mut programme);
    inputs::load(&programme)
}

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} holds no {from:?}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
}

/// One cell or line changed: in which file, what for what, and where the problem must stand and what it must say.
struct Fault {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    line: usize,
    field: &'static str,
    says: &'static str,
}

const fn fault(file: &'static str, from: &'static str, to: &'static str, line: usize, field: &'static str, says: &'static str) -> Fault {
    Fault { file, from, to, line, field, says }
}

const CELLS: &[Fault] = &[
    // prices
    fault("prices.csv", "symbol,close", "symbol,closing", 1, "close", "is missing"),
    fault("prices.csv", "date,", "when,", 1, "date", "is missing"),
    fault("prices.csv", "high,low", "high,High", 1, "High", "columns 4 and 5"),
    fault("prices.csv", "high,low", "high,收盘", 1, "close", "stands twice"),
    fault("prices.csv", "2015-06-09,600030", "2015-06-31,600030", 4, "date", "2015-06-31"),
    fault("prices.csv", "2015-06-09,600030", "09/06/2015,600030", 4, "date", "09/06/2015"),
    fault("prices.csv", "2015-06-09,600030", "２０１５-06-09,600030", 4, "date", "２０１５"),
    fault("prices.csv", "2015-06-09,600030", ",600030", 4, "date", "is empty"),
    fault("prices.csv", "2015-06-09,000001.SZ", "2015-06-09,600030.SH", 5, "date", "on lines 4 and 5"),
    fault("prices.csv", "2015-06-09,000001.SZ", "2015-06-09,../../x", 5, "symbol", "../../x"),
    fault("prices.csv", "2015-06-09,000001.SZ", "2015-06-09,", 5, "symbol", "is empty"),
    fault("prices.csv", "11.00,11.00,10.50", "NaN,11.00,10.50", 4, "close", "NaN"),
    fault("prices.csv", "11.00,11.00,10.50", "-inf,11.00,10.50", 4, "close", "-inf"),
    fault("prices.csv", "11.00,11.00,10.50", "1e309,11.00,10.50", 4, "close", "1e309"),
    fault("prices.csv", "11.00,11.00,10.50", "0x1F,11.00,10.50", 4, "close", "0x1F"),
    fault("prices.csv", "11.00,11.00,10.50", "#REF!,11.00,10.50", 4, "close", "#REF!"),
    fault("prices.csv", "11.00,11.00,10.50", ",11.00,10.50", 4, "close", "is empty"),
    fault("prices.csv", "11.00,11.00,10.50", "0,11.00,10.50", 4, "close", "found 0"),
    fault("prices.csv", "11.00,11.00,10.50", "-11,11.00,10.50", 4, "close", "-11"),
    fault("prices.csv", "11.00,11.00,10.50", "11%,11.00,10.50", 4, "close", "11%"),
    fault("prices.csv", "11.00,11.00,10.50", "\"1,23\",11.00,10.50", 4, "close", "1,23"),
    fault("prices.csv", "11.00,11.00,10.50", "１１,11.00,10.50", 4, "close", "１１"),
    fault("prices.csv", "1000,11000", "-1000,11000", 4, "volume", "-1000"),
    fault("prices.csv", "1000,11000", "1000", 4, "", "6 fields where the header has 7"),
    fault("prices.csv", "1000,11000", "1000,11000,9", 4, "", "8 fields where the header has 7"),
    fault("prices.csv", "2015-06-09,600030", "\"2015-06-09,600030", 4, "", "never closed"),
    fault("prices.csv", "2015-06-09,600030", "2015\"06-09,600030", 4, "", "inside an unquoted cell"),
    // instruments
    fault("instruments.csv", "symbol,", "kind,", 1, "symbol", "is missing"),
    fault("instruments.csv", "0.65", "1.65", 3, "haircut", "1.65"),
    fault("instruments.csv", "banks,0.65", "banks,65", 3, "haircut", "65"),
    fault("instruments.csv", "main,0,banks", "nyse,0,banks", 3, "board", "nyse"),
    fault("instruments.csv", "main,0,banks", "main,maybe,banks", 3, "st", "maybe"),
    fault("instruments.csv", "000001.SZ", "600030.SH", 3, "symbol", "on lines 2 and 3"),
    fault("instruments.csv", "5000000", "-5000000", 3, "adv_amount", "-5000000"),
    // accounts
    fault("accounts.csv", "cash,loan", "cash,lent", 1, "loan", "is missing"),
    fault("accounts.csv", "\na-1,", "\na-2,", 3, "account_id", "on lines 2 and 3"),
    fault("accounts.csv", "\na-1,", "\na/1,", 3, "account_id", "a/1"),
    fault("accounts.csv", "\na-1,", "\na\\1,", 3, "account_id", "a\\\\1"),
    fault("accounts.csv", "\na-1,", "\na\u{7}1,", 3, "account_id", "u{7}"),
    fault("accounts.csv", "\na-1,", "\n,", 3, "account_id", "is empty"),
    fault("accounts.csv", "0,10000", "0,-10000", 3, "loan", "-10000"),
    fault("accounts.csv", "0,10000", "-1,10000", 3, "cash", "-1"),
    fault("accounts.csv", "0,10000", "0,", 3, "loan", "is empty"),
    fault("accounts.csv", "0,10000", "nan,10000", 3, "cash", "nan"),
    fault("accounts.csv", "0.06", "6", 3, "rate_annual", "found \"6\""),
    fault("accounts.csv", "8%", "eight", 2, "rate_annual", "eight"),
    fault("accounts.csv", "20150601", "20150631", 3, "open_date", "20150631"),
    fault("accounts.csv", "2015/12/1", "2014/12/1", 3, "maturity_date", "before it opens"),
    fault("accounts.csv", "a-1,A", "a-1,Z", 3, "tier", "tier \"Z\""),
    fault("accounts.csv", "a-1,A", "a-1,", 3, "tier", "is empty"),
    fault("accounts.csv", "115%", "115", 2, "liquidation", "115"),
    fault("accounts.csv", "115%", "135%", 2, "liquidation", "liquidation 1.35 stands above call 1.3"),
    // positions
    fault("positions.csv", "symbol,quantity", "symbol,count", 1, "quantity", "is missing"),
    fault("positions.csv", "a-2,600030", "a-9,600030", 4, "account_id", "a-9"),
    fault("positions.csv", "a-2,600030.SH", "a-2,600031.SH", 4, "symbol", "600031.SH"),
    fault("positions.csv", "500,,", "-500,,", 3, "quantity", "-500"),
    fault("positions.csv", "500,,", "1.5e9999,,", 3, "quantity", "1.5e9999"),
    fault("positions.csv", "500,,", "500,501,", 3, "sellable_quantity", "501 can be sold of 500"),
    fault("positions.csv", "a-1,000001.SZ", "a-1,600030.SH", 3, "symbol", "on lines 2 and 3"),
    fault("positions.csv", "300,300,", "300,300,abc", 4, "cost", "abc"),
    // funding
    fault("funding.csv", "tier,amount", "tier,sum", 1, "amount", "is missing"),
    fault("funding.csv", "100000", "-100000", 2, "amount", "-100000"),
    fault("funding.csv", "\nfund", "\nown", 3, "source_id", "on lines 2 and 3"),
    fault("funding.csv", "2016-06-30", "2016-02-30", 3, "maturity_date", "2016-02-30"),
    fault("funding.csv", "yes", "perhaps", 3, "runnable", "perhaps"),
];

/// Checks that exactly one problem was found, of kind data, at the place, saying the words, with a why and a fix.
fn assert_one(result: Result<Inputs, Problems>, case: &str, file: &str, line: Option<usize>, field: &str, says: &str) {
    let problems = result.err().unwrap_or_else(|| panic!("{case}: it loads"));
    let list: Vec<_> = problems.iter().collect();
    assert_eq!(list.len(), 1, "{case}: {problems}");
    let problem = list[0];
    assert_eq!(problem.kind, Kind::Data, "{case}");
    assert_eq!(problems.exit_code(), exit::DATA, "{case}");
    assert_eq!(problem.place.file, file, "{case}");
    assert_eq!(problem.place.line, line, "{case}: {problem}");
    assert_eq!(problem.place.field.as_deref().unwrap_or(""), field, "{case}: {problem}");
    assert!(problem.what.contains(says), "{case}: {problem}");
    assert!(problem.why.len() > 8 && problem.fix.len() > 8, "{case}: {problem}");
    assert!(!problem.what.ends_with('.') && !problem.why.ends_with('.'), "{case}: {problem}");
}

#[test]
fn every_bad_cell_is_named_by_file_line_and_column() {
    for f in CELLS {
        let case = format!("{}: {:?} for {:?}", f.file, f.to, f.from);
        let result = load(|folder, programme| {
            edit(folder, f.file, f.from, f.to);
            programme.scenarios[0].case.margin.call = Some(Ratio::from_fraction(1.3));
        });
        assert_one(result, &case, f.file, Some(f.line), f.field, f.says);
    }
}

/// What becomes of a file as a whole.
fn spoil(folder: &Path, programme: &mut Programme, how: &str) {
    let path = folder.join("positions.csv");
    let set = |programme: &mut Programme, name: &str| programme.data.positions = Some(name.into());
    match how {
        "empty" => std::fs::write(path, "").unwrap(),
        "header only" => std::fs::write(path, "account_id,symbol,quantity\n").unwrap(),
        "blank header" => std::fs::write(path, ",,\n1,2,3\n").unwrap(),
        "missing" => std::fs::remove_file(path).unwrap(),
        "folder" => {
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir(path).unwrap();
        }
        "utf-16" => std::fs::write(path, [0xff, 0xfe, b'a', 0, b'\n', 0, 0, 0xd8]).unwrap(),
        "zero byte" => std::fs::write(path, "account_id,symbol\na\0,b\n").unwrap(),
        "old line ends" => std::fs::write(path, "account_id,symbol,quantity\ra-1,600030.SH,5\r").unwrap(),
        "no encoding" => std::fs::write(path, b"account_id,symbol,quantity\na-1,\xff\xff\xff,5\n").unwrap(),
        "declared utf-8" => {
            programme.data.encoding = Encoding::Utf8;
            std::fs::write(path, b"account_id,symbol,quantity\na-1,\xd6\xd0,5\n").unwrap();
        }
        "declared gbk" => {
            programme.data.encoding = Encoding::Gbk;
            std::fs::write(path, b"account_id,symbol,quantity\na-1,\xd6\xff,5\n").unwrap();
        }
        "address" => set(programme, "http://127.0.0.1:8765/positions.csv"),
        "cloud address" => set(programme, "s3://bucket/positions.parquet"),
        "archive" => set(programme, "positions.zip"),
        "other workbook" => set(programme, "positions.xlsb"),
        "other form" => set(programme, "positions.json"),
        "no extension" => set(programme, "positions"),
        "device" => {
            std::fs::remove_file(&path).unwrap();
            #[cfg(unix)]
            std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        }
        "no parquet" => {
            set(programme, "positions.parquet");
            std::fs::write(folder.join("positions.parquet"), POSITIONS).unwrap();
        }
        "truncated parquet" | "damaged parquet" | "parquet without rows" | "parquet of codes" => {
            set(programme, "positions.parquet");
            let mut bytes = parquet(how == "parquet without rows", how == "parquet of codes");
            match how {
                "truncated parquet" => bytes.truncate(bytes.len() / 2),
                "damaged parquet" => bytes[4..40].fill(0xee),
                _ => {}
            }
            std::fs::write(folder.join("positions.parquet"), bytes).unwrap();
        }
        other => panic!("{other}"),
    }
}

/// The positions as Parquet.
fn parquet(empty: bool, codes_as_numbers: bool) -> Vec<u8> {
    use polars::prelude::*;
    let symbols = if codes_as_numbers {
        Column::new("symbol".into(), [600030i64, 1, 600030])
    } else {
        Column::new("symbol".into(), ["600030.SH", "000001.SZ", "600030.SH"])
    };
    let columns = vec![
        Column::new("account_id".into(), ["a-1", "a-1", "a-2"]),
        symbols,
        Column::new("quantity".into(), [1000i64, 500, 300]),
        Column::new("sellable_quantity".into(), [Some(900.0), None, Some(300.0)]),
        Column::new("cost".into(), [Some(9.5), None, None]),
    ];
    let mut frame = DataFrame::new(3, columns).unwrap().head(Some(if empty { 0 } else { 3 }));
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

#[test]
fn every_bad_file_is_named() {
    for (how, file, line, says) in [
        ("empty", "positions.csv", None, "is empty"),
        ("header only", "positions.csv", Some(1), "no rows"),
        ("blank header", "positions.csv", Some(1), "has no header"),
        ("missing", "positions.csv", None, "is not found"),
        ("folder", "positions.csv", None, "is a folder"),
        ("utf-16", "positions.csv", Some(1), "UTF-16"),
        ("zero byte", "positions.csv", Some(2), "zero byte"),
        ("old line ends", "positions.csv", Some(1), "carriage returns"),
        ("no encoding", "positions.csv", Some(2), "neither UTF-8 nor GBK"),
        ("declared utf-8", "positions.csv", Some(2), "is not UTF-8"),
        ("declared gbk", "positions.csv", Some(2), "is not GBK"),
        ("address", "http://127.0.0.1:8765/positions.csv", None, "is an address"),
        ("cloud address", "s3://bucket/positions.parquet", None, "is an address"),
        ("archive", "positions.zip", None, "is an archive"),
        ("other workbook", "positions.xlsb", None, "is a workbook of another kind"),
        ("other form", "positions.json", None, "extension `.json`"),
        ("no extension", "positions", None, "has no extension"),
        ("device", "positions.csv", None, "is no regular file"),
        ("no parquet", "positions.parquet", None, "is no whole Parquet file"),
        ("truncated parquet", "positions.parquet", None, "is no whole Parquet file"),
        ("damaged parquet", "positions.parquet", Some(1), "is no whole Parquet file"),
        ("parquet without rows", "positions.parquet", None, "has no rows"),
        ("parquet of codes", "positions.parquet", None, "stored as numbers"),
    ] {
        let result = load(|folder, programme| spoil(folder, programme, how));
        let field = match how {
            "parquet of codes" => "symbol",
            "damaged parquet" => "account_id",
            _ => "",
        };
        assert_one(result, how, file, line, field, says);
    }
}

#[test]
fn an_as_of_date_outside_the_history_names_its_ends() {
    for as_of in ["2015-06-05", "2015-06-23", "2031-01-01"] {
        let result = load(|_, programme| programme.as_of = Day::parse(as_of).unwrap());
        assert_one(result, as_of, "prices.csv", None, "as-of", "outside the history");
    }
    assert!(load(|_, programme| programme.as_of = Day::parse("2015-06-22").unwrap()).is_ok(), "ten days are no gap");
}

#[test]
fn returns_below_minus_one_and_log_returns_are_told_apart() {
    let with = |text: &'static str, kind: ReturnKind| {
        load(move |folder, programme| {
            std::fs::write(folder.join("returns.csv"), text).unwrap();
            programme.data.prices = None;
            programme.data.returns = Some("returns.csv".into());
            programme.data.return_kind = kind;
        })
    };
    let long = "date,symbol,return\n2015-06-11,600030.SH,-1.5\n2015-06-11,000001.SZ,2%\n2015-06-12,600030.SH,0\n2015-06-12,000001.SZ,0\n";
    assert_one(with(long, ReturnKind::Simple), "returns", "returns.csv", Some(2), "return", "-1.5");
    let inputs = with(long, ReturnKind::Log).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(inputs.market.history.row(0), [libm::expm1(0.02), libm::expm1(-1.5)]);
    assert_eq!(inputs.market.prices(), [1.0, 1.0], "without prices a quantity is money");
    let wide = "日期,600030.SH,000001.SZ\n2015-06-11,0.01,\n2015-06-12,-0.02,0.03\n";
    let inputs = with(wide, ReturnKind::Simple).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(inputs.market.history.row(1), [0.03, -0.02]);
    let text = "date,symbol,ret urn\n2015-06-11,600030.SH,0\n";
    assert_one(with(text, ReturnKind::Simple), "header", "returns.csv", Some(1), "return", "is missing");
}

/// The whole of what was loaded, but for the fingerprints.
fn shape(inputs: &Inputs) -> String {
    format!("{:?} {:?}", inputs.book, inputs.market)
}

#[test]
fn the_same_book_is_read_from_any_dress() {
    let plain = shape(&load(|_, _| {}).unwrap());
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let dressed = [
        ("byte order mark and Windows line ends", "positions.csv", format!("\u{feff}{}", POSITIONS.replace('\n', "\r\n")).into_bytes()),
        ("semicolons", "positions.csv", POSITIONS.replace(',', ";").into_bytes()),
        ("tabs", "positions.csv", POSITIONS.replace(',', "\t").into_bytes()),
        (
            "Chinese headers in GBK",
            "positions.csv",
            gbk(&POSITIONS.replace("account_id,symbol,quantity,sellable_quantity,cost", "客户号,证券代码,持仓数量,可卖数量,成本价")),
        ),
        ("bare codes", "positions.csv", POSITIONS.replace(".SH", "").replace(".SZ", "").into_bytes()),
        (
            "exchange-first codes",
            "positions.csv",
            POSITIONS.replace("600030.SH", "sh.600030").replace("000001.SZ", "sz.000001").into_bytes(),
        ),
        ("blank lines and empty rows", "positions.csv", format!("\n{}\n,,,,\n", POSITIONS.replace("a-2", "\na-2")).into_bytes()),
        ("per cent in the header", "accounts.csv", ACCOUNTS.replace("rate_annual", "年利率(%)").replace("0.06", "6").into_bytes()),
        (
            "thousands in the header",
            "instruments.csv",
            INSTRUMENTS.replace("adv_amount", "日均成交额(万元)").replace("5000000", "500").into_bytes(),
        ),
    ];
    for (dress, file, bytes) in dressed {
        let inputs = load(|folder, _| std::fs::write(folder.join(file), bytes).unwrap());
        let inputs = inputs.unwrap_or_else(|problems| panic!("{dress}: {problems}"));
        assert_eq!(shape(&inputs), plain, "{dress}");
    }
    let inputs = load(|folder, programme| {
        programme.data.positions = Some("positions.parquet".into());
        std::fs::write(folder.join("positions.parquet"), parquet(false, false)).unwrap();
    });
    assert_eq!(shape(&inputs.unwrap_or_else(|problems| panic!("{problems}"))), plain, "Parquet");
}

#[test]
fn own_headers_are_mapped_by_the_programme() {
    let map = |programme: &mut Programme, file: &str, column: &str, header: &str| {
        programme.data.columns.entry(file.into()).or_default().insert(column.into(), header.into());
    };
    let inputs = load(|folder, programme| {
        edit(folder, "positions.csv", "quantity", "Bestand");
        map(programme, "positions", "quantity", " bestand ");
    });
    assert!(inputs.is_ok());
    let result = load(|_, programme| map(programme, "positions", "quantity", "Bestand"));
    assert_one(result, "own header", "positions.csv", Some(1), "quantity", "has no header");
    let problems = load(|_, programme| map(programme, "position", "quantity", "x")).err().unwrap();
    assert_eq!(problems.exit_code(), exit::PROGRAMME, "{problems}");
}

#[test]
fn the_five_inputs_become_a_book_and_a_market() {
    let inputs = load(|_, _| {}).unwrap_or_else(|problems| panic!("{problems}"));
    let (book, market) = (&inputs.book, &inputs.market);
    assert_eq!(book.account_id, ["a-1", "a-2"]);
    assert_eq!(market.history.symbols, ["000001.SZ", "600030.SH"]);
    assert_eq!(market.prices(), [18.90, 12.10]);
    assert_eq!(book.cash, [0.0, 1234.5]);
    assert_eq!(book.rate_annual, [0.06, 0.08]);
    assert_eq!(book.lines[1].liquidation, Some(1.15));
    assert_eq!(book.position_start, [0, 2, 3]);
    assert_eq!(book.position_sellable, [500.0, 900.0, 300.0]);
    assert_eq!(book.funding[0].source_id, "fund");
    assert_eq!(book.tiers, ["A", "B"]);
    assert_eq!(market.instruments[1].haircut, 0.7);
    assert_eq!(market.instruments[0].adv_amount, Some(5e6));
    assert_eq!(market.instruments[1].adv_amount, Some((10_000.0 + 11_000.0 + 24_200.0) / 3.0));
    assert_eq!(
        inputs.lineage.iter().map(|f| (f.role.as_str(), f.rows)).collect::<Vec<_>>(),
        [("prices", 9), ("instruments", 2), ("accounts", 2), ("positions", 3), ("funding", 2)]
    );
    assert_eq!(inputs.lineage[4].sha256.len(), 64);
}

#[test]
fn every_problem_of_every_file_is_told_at_once() {
    let problems = load(|folder, _| {
        edit(folder, "prices.csv", "10.00", "ten");
        edit(folder, "accounts.csv", "10000", "-1");
        edit(folder, "accounts.csv", "8%", "x");
        edit(folder, "positions.csv", "500", "-5");
        edit(folder, "funding.csv", "yes", "?");
    })
    .err()
    .unwrap();
    let files: Vec<&str> = problems.iter().map(|p| p.place.file.as_str()).collect();
    assert_eq!(files.len(), 5, "{problems}");
    for file in ["prices.csv", "accounts.csv", "positions.csv", "funding.csv"] {
        assert!(files.contains(&file), "{problems}");
    }
}

#[test]
fn a_held_symbol_without_prices_lives_on_a_named_proxy_and_a_stated_price() {
    let inputs = load(|folder, programme| {
        edit(folder, "positions.csv", "a-2,600030.SH", "a-2,600999.SH");
        edit(folder, "instruments.csv", "free_float_value", "price");
        edit(folder, "instruments.csv", "5000000,", "5000000,\n600999.SH,New,main,0,brokers,0.5,,7.5");
        programme.data.proxies.insert("600999.SH".into(), "600030.SH".into());
    });
    let inputs = inputs.unwrap_or_else(|problems| panic!("{problems}"));
    let (history, instruments) = (&inputs.market.history, &inputs.market.instruments);
    let (own, proxy) = (history.symbol_index("600999.SH").unwrap(), history.symbol_index("600030.SH").unwrap());
    assert_eq!(instruments[own].price, 7.5);
    assert_eq!(instruments[own].proxy.as_deref(), Some("600030.SH"));
    assert_eq!(history.row(0)[own], history.row(0)[proxy]);
    assert!(inputs.notes.iter().any(|n| n.en.contains("600999.SH: 0 own returns") && n.zh.contains("补全")));
}

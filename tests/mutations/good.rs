//! Makes good files of a mainland lender from a number: a book, its market and its funding, as a desk exports them.

use levertide::units::Day;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;

/// Code, name, board, and whether it stands under special treatment.
const SHARES: [(&str, &str, &str, bool); 12] = [
    ("600036.SH", "招商银行", "main", false),
    ("601318.SH", "中国平安", "main", false),
    ("600519.SH", "贵州茅台", "main", false),
    ("600104.SH", "上汽集团", "main", false),
    ("600234.SH", "*ST山水", "main", true),
    ("601668.SH", "中国建筑", "main", false),
    ("000001.SZ", "平安银行", "main", false),
    ("000002.SZ", "万科A", "main", false),
    ("000651.SZ", "格力电器", "main", false),
    ("002415.SZ", "海康威视", "main", false),
    ("300059.SZ", "东方财富", "chinext", false),
    ("300124.SZ", "汇川技术", "chinext", false),
];
const SECTORS: [&str; 3] = ["银行", "地产", "制造"];
pub const AS_OF: &str = "2015-06-12";
/// Days without a session among the weekdays of the file.
const HOLIDAYS: [&str; 2] = ["2015-04-06", "2015-05-01"];
const FIRST: &str = "2015-03-02";

/// A table as it is written: a header and rows of cells.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    fn of(header: &[&str]) -> Sheet {
        Sheet { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    pub fn csv(&self) -> String {
        let line = |cells: &[String]| cells.join(",") + "\n";
        std::iter::once(line(&self.header)).chain(self.rows.iter().map(|row| line(row))).collect()
    }

    fn without(&mut self, name: &str) {
        let at = self.column(name).expect("the column is there");
        self.header.remove(at);
        self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
    }
}

/// The files of a book by name.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub sheets: BTreeMap<&'static str, Sheet>,
}

pub const PROGRAMME: &str = "schema = 1\nname = \"mutations\"\nas-of = \"2015-06-12\"\nseed = 1\n[data]\nprices = \"prices.csv\"\n\
    instruments = \"instruments.csv\"\naccounts = \"accounts.csv\"\npositions = \"positions.csv\"\nfunding = \"funding.csv\"\n\
    min-returns = 20\n[margin]\nwarning = \"150%\"\ncall = \"130%\"\nliquidation = \"110%\"\n";

fn sessions() -> Vec<String> {
    let (mut day, last) = (Day::parse(FIRST).expect("a date"), Day::parse(AS_OF).expect("a date"));
    let mut out = Vec::new();
    while day <= last {
        if !HOLIDAYS.contains(&day.to_string().as_str()) {
            out.push(day.to_string());
        }
        day = day.next_weekday();
    }
    out
}

fn fen(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

struct Listed {
    code: &'static str,
    close: f64,
    turnover: f64,
}

/// The good files of number `number`; columns that only check others are there in most of them.
pub fn draw(number: u64) -> Files {
    let rng = &mut ChaCha8Rng::seed_from_u64(number);
    let mut files = Files::default();
    let days = sessions();
    let mut prices = Sheet::of(&[
        "date",
        "symbol",
        "open",
        "high",
        "low",
        "close",
        "preclose",
        "volume",
        "amount",
        "adj_factor",
        "adjustflag",
        "tradestatus",
        "is_st",
    ]);
    let mut instruments = Sheet::of(&["symbol", "name", "board", "st", "sector", "haircut", "adv_amount", "free_float_value", "list_date"]);
    let mut listed = Vec::new();
    for (at, (code, name, board, st)) in SHARES.iter().enumerate() {
        let (close, turnover) = series(code, *st, &days, &mut prices, rng);
        let float = turnover * rng.random_range(30.0..200.0);
        instruments.rows.push(
            [
                code.to_string(),
                name.to_string(),
                board.to_string(),
                u8::from(*st).to_string(),
                SECTORS[at % 3].into(),
                format!("{:.2}", rng.random_range(0.5..0.7)),
                format!("{turnover:.0}"),
                format!("{float:.0}"),
                format!("{}-{:02}-{:02}", rng.random_range(1994..2011), rng.random_range(1..=12), rng.random_range(1..=28)),
            ]
            .into(),
        );
        listed.push(Listed { code, close, turnover });
    }
    // exports go day by day
    prices.rows.sort_by(|a, b| (&a[0], &a[1]).cmp(&(&b[0], &b[1])));
    let (accounts, positions, lent) = book(&listed, rng);
    files.sheets.insert("funding", funding(lent, rng));
    files.sheets.insert("prices", prices);
    files.sheets.insert("instruments", instruments);
    files.sheets.insert("accounts", accounts);
    files.sheets.insert("positions", positions);
    for (sheet, column, share) in [
        ("prices", "preclose", 0.25),
        ("prices", "amount", 0.1),
        ("prices", "adjustflag", 0.3),
        ("instruments", "adv_amount", 0.4),
        ("instruments", "list_date", 0.4),
        ("accounts", "stated_ratio", 0.2),
        ("positions", "stated_value", 0.2),
    ] {
        if rng.random_bool(share) {
            files.sheets.get_mut(sheet).expect("it is there").without(column);
        }
    }
    files
}

/// One share's rows; gives its as-of close and mean turnover of the last 20 sessions.
fn series(code: &str, st: bool, days: &[String], prices: &mut Sheet, rng: &mut ChaCha8Rng) -> (f64, f64) {
    let mut close = fen(rng.random_range(6.0..60.0));
    let (volatility, turnover) = (rng.random_range(0.012..0.025), rng.random_range(0.5e8..8e8));
    let split = rng.random_bool(0.5).then(|| rng.random_range(20..days.len() - 15));
    let halt = rng.random_bool(0.3).then(|| rng.random_range(10..days.len() - 25));
    let most = if st { 0.045 } else { 0.09 };
    let (mut factor, mut sums) = (1.0, Vec::new());
    for (at, day) in days.iter().enumerate() {
        let mut preclose = close;
        if split == Some(at) {
            // ten new shares for every ten
            preclose = fen(close / 2.0);
            factor *= close / preclose;
        }
        let halted = halt.is_some_and(|from| (from..from + 4).contains(&at)) && split != Some(at);
        let common = 0.4 * volatility * libm::sin(at as f64);
        let moved = (common + volatility * rng.random_range(-1.7..1.7_f64)).clamp(-most, most);
        close = if halted { preclose } else { fen(preclose * (1.0 + moved)) };
        let open = if halted { close } else { fen(preclose * (1.0 + moved * rng.random_range(-0.2..0.6))) };
        let spread = |r: &mut ChaCha8Rng| if halted { 0.0 } else { r.random_range(0.0..0.008) };
        let (high, low) = (fen(open.max(close) * (1.0 + spread(rng))), fen(open.min(close) * (1.0 - spread(rng))));
        let amount = if halted { 0.0 } else { turnover * rng.random_range(0.6..1.5) };
        let volume = if halted { 0.0 } else { (amount / (0.5 * (high + low))).round() };
        if !halted {
            sums.push(amount);
        }
        let cells = [
            day.clone(),
            code.into(),
            format!("{open:.2}"),
            format!("{high:.2}"),
            format!("{low:.2}"),
            format!("{close:.2}"),
            format!("{preclose:.2}"),
            format!("{volume:.0}"),
            format!("{amount:.0}"),
            format!("{factor:.6}"),
            "3".into(),
            u8::from(!halted).to_string(),
            u8::from(st).to_string(),
        ];
        prices.rows.push(cells.into());
    }
    let last = &sums[sums.len() - 20..];
    (close, last.iter().sum::<f64>() / 20.0)
}

/// Accounts, positions, and what is lent in each of the two tiers.
fn book(listed: &[Listed], rng: &mut ChaCha8Rng) -> (Sheet, Sheet, [f64; 2]) {
    let mut accounts = Sheet::of(&[
        "account_id",
        "tier",
        "grade",
        "cash",
        "loan",
        "accrued_interest",
        "rate_annual",
        "open_date",
        "maturity_date",
        "stated_ratio",
    ]);
    let mut positions = Sheet::of(&["account_id", "symbol", "quantity", "sellable_quantity", "cost", "stated_value"]);
    let mut lent = [0.0; 2];
    for at in 0..rng.random_range(6..14) {
        let id = format!("{:08}", 10_400 + 37 * at);
        let mut value = 0.0;
        let held = rng.random_range(1..5);
        let first = rng.random_range(0..listed.len());
        for share in (0..held).map(|n| &listed[(first + n * 5) % listed.len()]) {
            let wanted = rng.random_range(5e4..6e5);
            let quantity = ((wanted / share.close / 100.0).round() * 100.0).max(100.0);
            let sellable = if rng.random_bool(0.8) { quantity } else { (quantity / 200.0).floor() * 100.0 };
            value += quantity * share.close;
            positions.rows.push(
                [
                    id.clone(),
                    share.code.into(),
                    quantity.to_string(),
                    sellable.to_string(),
                    format!("{:.4}", share.close * rng.random_range(0.6..1.3)),
                    format!("{:.2}", quantity * share.close),
                ]
                .into(),
            );
            debug_assert!(share.turnover > 0.0);
        }
        let cash = fen(if rng.random_bool(0.5) { rng.random_range(1e3..6e4) } else { rng.random_range(0.0..900.0) });
        let loan = fen((value + cash) / rng.random_range(1.25..2.6));
        let interest = fen(loan * rng.random_range(0.001..0.02));
        let tier = rng.random_range(0..2_usize);
        lent[tier] += loan;
        let ratio = 100.0 * (value + cash) / (loan + interest);
        let (open, due) = (rng.random_range(1..=5), rng.random_range(7..=11));
        accounts.rows.push(
            [
                id,
                ["A", "B"][tier].into(),
                ["一级", "二级"][rng.random_range(0..2)].into(),
                format!("{cash:.2}"),
                format!("{loan:.2}"),
                format!("{interest:.2}"),
                format!("{:.4}", rng.random_range(0.06..0.09)),
                format!("2015-{open:02}-{:02}", rng.random_range(1..=28)),
                format!("2015-{due:02}-{:02}", rng.random_range(1..=28)),
                format!("{ratio:.2}%"),
            ]
            .into(),
        );
    }
    (accounts, positions, lent)
}

fn funding(lent: [f64; 2], rng: &mut ChaCha8Rng) -> Sheet {
    let mut sheet = Sheet::of(&["source_id", "tier", "amount", "rate_annual", "maturity_date", "runnable"]);
    for (tier, lent) in ["A", "B"].iter().zip(lent) {
        for part in 1..=2 {
            let amount = 1e4 * (lent * rng.random_range(0.51..0.65) / 1e4).ceil() + 1e4;
            sheet.rows.push(
                [
                    format!("{tier}{part}"),
                    tier.to_string(),
                    amount.to_string(),
                    format!("{:.4}", rng.random_range(0.035..0.055)),
                    format!("2015-{:02}-{:02}", rng.random_range(8..=12), rng.random_range(1..=28)),
                    u8::from(part == 2).to_string(),
                ]
                .into(),
            );
        }
    }
    sheet
}

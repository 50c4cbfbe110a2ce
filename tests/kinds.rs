//! Runs holdings that are no A shares, new listings and shares of a few cents, and checks limits, lots, ticks, duty and what is refused.

use levertide::engine::{Control, outcome::Outcome, simulate};
use levertide::inputs::{self, Inputs, programme};
use levertide::problem::Problems;
use std::sync::atomic::AtomicBool;

/// One account that holds `quantity` of `symbol` at `price`, with a loan of half of it; every price falls 30 % on session 1.
struct Case<'a> {
    as_of: &'a str,
    symbol: &'a str,
    quantity: f64,
    price: f64,
    /// More columns of the instruments file, and their cells.
    more: [&'a str; 2],
    keys: &'a str,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Case { as_of: "2024-06-03", symbol: "600000.SH", quantity: 1000.0, price: 10.0, more: ["", ""], keys: "" }
    }
}

fn load(case: &Case<'_>) -> Result<(levertide::model::case::Programme, Inputs), Problems> {
    let Case { as_of, symbol, quantity, price, more: [columns, cells], keys } = case;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = format!(
        "schema = 1\nname = \"t\"\nas-of = \"{as_of}\"\n[data]\ninstruments = \"i.csv\"\naccounts = \"a.csv\"\npositions = \"p.csv\"\n\
         [simulation]\npaths = 1\nhorizon-days = 3\n[market.gaussian]\nvolatility-annual = 0\ndrift-annual = 0\ncorrelation = 0\n\
         [[shocks]]\ngap = {{ day = 1, size = \"-30%\", on = \"all\" }}\n{keys}"
    );
    let files = [
        ("t.toml", text),
        ("i.csv", format!("symbol,price{columns}\n{symbol},{price}{cells}\n")),
        ("a.csv", format!("account_id,tier,cash,loan\na,A,0,{}\n", quantity * price / 2.0)),
        ("p.csv", format!("account_id,symbol,quantity\na,{symbol},{quantity}\n")),
    ];
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    let programme = programme::load(&folder.path().join("t.toml"), &programme::Overrides::default())?;
    let inputs = inputs::load(&programme)?;
    Ok((programme, inputs))
}

fn run(case: &Case<'_>) -> (Outcome, Inputs) {
    let (programme, inputs) = load(case).unwrap_or_else(|problems| panic!("{}\n{problems}", case.symbol));
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    let mut outcomes = simulate(&programme, &inputs.book, &inputs.market, &control).unwrap_or_else(|problems| panic!("{problems}"));
    (outcomes.remove(0), inputs)
}

/// The fall of one session, told by the account: what it lost of its holding's value by the end of a horizon of one session.
fn first_fall(case: &Case<'_>) -> f64 {
    let (mut programme, inputs) = load(case).unwrap_or_else(|problems| panic!("{}\n{problems}", case.symbol));
    programme.scenarios[0].case.simulation.horizon_days = 1;
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    let outcome = simulate(&programme, &inputs.book, &inputs.market, &control).unwrap_or_else(|problems| panic!("{problems}")).remove(0);
    outcome.account.client_loss_sum[0] / (case.quantity * case.price)
}

#[test]
fn each_kind_falls_by_its_own_limit() {
    for (symbol, as_of, fall) in [
        ("600000.SH", "2024-06-03", 0.10),
        ("688111.SH", "2024-06-03", 0.20),
        ("830799.BJ", "2024-06-03", 0.30),
        ("900901.SH", "2024-06-03", 0.10),
        ("510050.SH", "2024-06-03", 0.10),
        ("588000.SH", "2024-06-03", 0.20),
        ("159919.SZ", "2024-06-03", 0.10),
        ("161725.SZ", "2024-06-03", 0.10),
        ("113050.SH", "2024-06-03", 0.20),
        ("113050.SH", "2022-07-26", 0.30),
        ("AAPL", "2024-06-03", 0.30),
    ] {
        let found = first_fall(&Case { symbol, as_of, ..Case::default() });
        assert!((found - fall).abs() < 1e-9, "{symbol} on {as_of} falls {found}, not {fall}");
    }
    let named = Case { symbol: "159915.SZ", more: [",board", ",etf-20"], ..Case::default() };
    assert!((first_fall(&named) - 0.20).abs() < 1e-9, "the instruments file stands over the code");
}

#[test]
fn a_price_of_a_few_ticks_moves_by_one_at_least() {
    for (symbol, price, fall) in [("600000.SH", 0.04, 0.25), ("510050.SH", 0.004, 0.25), ("600000.SH", 0.01, 0.0)] {
        let found = first_fall(&Case { symbol, price, ..Case::default() });
        assert!((found - fall).abs() < 1e-9, "{symbol} at {price} falls {found}, not {fall}");
    }
}

#[test]
fn a_new_listing_has_no_limit_in_its_first_sessions() {
    // listed on Monday 3 June: the horizon's first session is its third under registration
    for (symbol, listed, as_of, fall) in [
        ("688111.SH", "2024-06-03", "2024-06-04", 0.30),
        ("688111.SH", "2024-06-03", "2024-06-07", 0.20),
        ("600000.SH", "2024-06-03", "2024-06-06", 0.30),
        ("600000.SH", "2023-04-07", "2023-04-07", 0.10),
        ("300001.SZ", "2020-08-21", "2020-08-21", 0.20),
        ("300001.SZ", "2020-08-24", "2020-08-27", 0.30),
        ("830799.BJ", "2024-06-03", "2024-06-03", 0.30),
    ] {
        let cell = format!(",{listed}");
        let case = Case { symbol, as_of, more: [",list_date", &cell], ..Case::default() };
        let found = first_fall(&case);
        assert!((found - fall).abs() < 1e-9, "{symbol}, listed on {listed}, falls {found} after {as_of}, not {fall}");
        let said = load(&case).unwrap_or_else(|p| panic!("{p}")).1.notes.iter().any(|n| n.en.contains("have no daily limit"));
        assert_eq!(said, fall == 0.30 && symbol != "830799.BJ", "{symbol}");
    }
}

#[test]
fn lots_and_duty_are_those_of_the_kind() {
    // no limits, so that the price is 7.00 at once: 7,000 against 5,000 is 140 %, and 160 % is to be restored
    let keys =
        "[exchange]\nprice-limits = false\n[margin]\nliquidation = \"145%\"\nrestore-to = \"160%\"\n[costs]\nstamp-duty = \"china\"\n";
    for (symbol, lot, duty) in [
        ("600000.SH", 100.0_f64, 0.0005_f64),
        ("688111.SH", 1.0, 0.0005),
        ("830799.BJ", 1.0, 0.0005),
        ("900901.SH", 100.0, 0.0005),
        ("510050.SH", 100.0, 0.0),
        ("161725.SZ", 100.0, 0.0),
        ("113050.SH", 10.0, 0.0),
    ] {
        let (outcome, _) = run(&Case { symbol, keys, ..Case::default() });
        // x(t(1 − c) − 1) = t·D − A, the rule of every sale to a ratio
        let need = (1.60 * 5000.0 - 7000.0) / (1.60 * (1.0 - duty) - 1.0);
        let shares = (need / 7.0 / lot).ceil() * lot;
        let (sold, cost) = (outcome.symbol.sold[0], outcome.path.sale_cost[0]);
        assert!((sold - shares * 7.0).abs() < 1e-6, "{symbol} sells {sold}, not {} of {shares}", shares * 7.0);
        assert!((cost - sold * duty).abs() < 1e-9, "{symbol} pays {cost}");
    }
    // STAR sells 200 at least, where 94 would do
    let small = "[exchange]\nprice-limits = false\n[margin]\nliquidation = \"145%\"\nrestore-to = \"146%\"\n";
    let (outcome, _) = run(&Case { symbol: "688111.SH", keys: small, ..Case::default() });
    assert!((outcome.symbol.sold[0] - 200.0 * 7.0).abs() < 1e-6, "{}", outcome.symbol.sold[0]);
}

#[test]
fn what_cannot_be_held_is_refused_by_name_and_kinds_are_counted() {
    for (symbol, what) in [
        ("000300.SH", "an index"),
        ("399006.SZ", "an index"),
        ("019547.SH", "a bond"),
        ("204001.SH", "a repurchase"),
        ("580027.SH", "a warrant"),
        ("730000.SH", "a code for subscriptions"),
        ("519001.SH", "an open-end fund"),
    ] {
        let problems = load(&Case { symbol, ..Case::default() }).err().unwrap_or_else(|| panic!("{symbol} is taken")).to_string();
        assert!(problems.contains("p.csv:2") && problems.contains(what), "{symbol}\n{problems}");
        let named = Case { symbol, more: [",board", ",none"], ..Case::default() };
        assert!(load(&named).is_ok(), "{symbol}: the instruments file says how it trades");
    }
    let (_, inputs) = run(&Case { symbol: "510050.SH", ..Case::default() });
    let note = inputs.notes.iter().find(|n| n.en.starts_with("held besides A shares: 1 ETFs")).expect("a note");
    assert!(note.zh.contains("ETF 1 只"), "{}", note.zh);
}

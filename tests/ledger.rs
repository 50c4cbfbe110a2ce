//! Rebuilds the books from the Parquet files alone: what the ledger says must be what the other tables say.

use crate::cli::Desk;
use polars::prelude::*;
use std::collections::BTreeMap;
use std::fs;

/// One leg of an entry, as the file holds it.
struct Leg {
    entry: u32,
    day: u32,
    what: String,
    account: String,
    amount: f64,
}

/// Legs by scenario and path.
type Books = BTreeMap<(String, u64), Vec<Leg>>;

fn read(desk: &Desk, name: &str) -> DataFrame {
    let file = fs::File::open(desk.path("out").join(name)).expect("there");
    ParquetReader::new(file).finish().expect("a Parquet file")
}

fn texts(table: &DataFrame, name: &str) -> Vec<String> {
    table.column(name).expect("a column").str().expect("text").iter().map(|v| v.unwrap_or_default().to_string()).collect()
}

fn numbers(table: &DataFrame, name: &str) -> Vec<f64> {
    let column = table.column(name).unwrap_or_else(|_| panic!("no column {name}")).cast(&DataType::Float64).expect("numbers");
    column.f64().expect("numbers").iter().map(|v| v.unwrap_or(f64::NAN)).collect()
}

fn books(desk: &Desk) -> Books {
    let table = read(desk, "ledger.parquet");
    let (scenario, what, account) = (texts(&table, "scenario"), texts(&table, "what"), texts(&table, "account"));
    let [path, entry, day, amount] = ["path", "entry_id", "day", "amount"].map(|name| numbers(&table, name));
    let mut books = Books::new();
    for row in 0..table.height() {
        let leg = Leg {
            entry: entry[row] as u32,
            day: day[row] as u32,
            what: what[row].clone(),
            account: account[row].clone(),
            amount: amount[row],
        };
        books.entry((scenario[row].clone(), path[row] as u64)).or_default().push(leg);
    }
    books
}

/// The balance of every account whose name starts with `account`, up to and with `day`.
fn balance(legs: &[Leg], account: &str, day: u32) -> f64 {
    legs.iter().filter(|l| l.account == account && l.day <= day).map(|l| l.amount).sum()
}

fn total(legs: &[Leg], meets: impl Fn(&Leg) -> bool) -> f64 {
    legs.iter().filter(|l| meets(l)).map(|l| l.amount).sum()
}

fn near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 0.005 + 1e-9 * expected.abs(), "{what}: the ledger says {found}, the table {expected}");
}

/// Every key of the pool at once, on a book that loses.
const POOL: &str = r#"
[liquidation]
cost = "1%"

[interest]
day-count = 360

[sharing]
platform-fee = "1%"
exposure-fee = "0.1%"
mode = { fixed-split = { client = "80%" } }

[pool]
recourse = "30%"
recourse-delay-days = 2
[pool.replenish-daily]
C = "10%"
[pool.cash]
idle = "4%"
minimum = "2%"
settlement-days = 1
grace-days = 1
[pool.funding]
roll-probability = "50%"
loan-roll-probability = "50%"
[pool.run]
hazard-daily = "5%"
[pool.hedge]
ratio = "20%"
cost-annual = "5%"
basis-volatility-daily = "0.5%"
[pool.failure]
sources = ["f-2"]
source-day = 2
[pool.failure.custodian]
day = 3
cash-share = "50%"
client-share = "60%"
haircut = "10%"
frozen-days = 1
[[pool.triggers]]
name = "turn"
pool-loss = "1%"
loss-order = ["B", "C", "A"]

[[scenario]]
name = "gap"
"#;

fn desk(programme: &str) -> Desk {
    let desk = Desk::new();
    // deep enough that clients end in shortfall on the first day, and recourse comes in within the horizon
    desk.edit("programme.toml", "size = \"-12%\"", "size = \"-45%\"");
    desk.edit("programme.toml", "[market.gaussian]", "[exchange]\nprice-limits = false\n[market.gaussian]");
    desk.edit("programme.toml", "\n[[scenario]]\nname = \"gap\"\n", programme);
    desk.edit(
        "funding.csv",
        "f-1,A,120000,4%,2024-12-31,0\nf-2,B,60000,5%,2024-12-31,0",
        "f-1,A,120000,4%,2024-03-05,0\nf-2,B,60000,5%,2024-12-31,1",
    );
    desk
}

#[test]
fn the_ledger_of_every_audited_path_rebuilds_the_pool_and_the_tiers() {
    let desk = desk(POOL);
    desk.expect(0, &["run", "programme.toml", "--out", "out", "--quiet"]);
    let (books, paths) = (books(&desk), read(&desk, "paths.parquet"));
    let (scenario, path) = (texts(&paths, "scenario"), numbers(&paths, "path"));
    assert!(books.len() >= 4, "{} audited paths", books.len());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for ((name, number), legs) in &books {
        let row = (0..paths.height()).find(|r| scenario[*r] == *name && path[*r] as u64 == *number).expect("the path has a row");
        let cell = |column: &str| numbers(&paths, column)[row];
        let last = legs.iter().map(|l| l.day).max().unwrap_or(0);
        let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
        legs.iter().for_each(|l| *sums.entry(l.entry).or_default() += l.amount);
        assert!(sums.values().all(|sum| sum.abs() < 0.005), "every entry sums to zero");
        legs.iter().for_each(|l| *seen.entry(l.what.clone()).or_default() += 1);
        // the tier table
        for tier in ["A", "B", "C"] {
            near(-balance(legs, &format!("tier/{tier}"), last), cell(&format!("tier_loss_{tier}")), &format!("tier {tier}"));
        }
        near(-balance(legs, "unallocated", last), cell("unallocated_loss"), "beyond the tiers");
        near(-balance(legs, "recourse", last), cell("recourse"), "recourse");
        let written = total(legs, |l| l.account.starts_with("shortfall/") && l.what == "loss");
        near(written, cell("shortfall"), "shortfall");
        near(balance(legs, "custodian/clients", last), cell("client_custody_loss"), "clients' loss with the custodian");
        // the pool's own tables
        let least = (0..=last).map(|day| balance(legs, "pool/cash", day)).fold(f64::INFINITY, f64::min);
        near(least, cell("cash_min"), "least cash");
        assert!(least >= -1e-9, "cash is never below nothing");
        near(-balance(legs, "hedge/result", last), cell("hedge_result"), "the hedge");
        near(total(legs, |l| l.what == "funding interest" && l.account == "pool/result"), cell("funding_cost"), "funding cost");
        let called = total(legs, |l| l.what == "call" && l.account.starts_with("funder/") && l.account.matches('/').count() == 1);
        near(called, cell("funding_withdrawn"), "withdrawn");
        near(-total(legs, |l| l.account.starts_with("outside/")), cell("replenished"), "refilled");
        near(-total(legs, |l| l.account == "pool/written-down"), cell("written_down"), "written down");
        let income = ["lender/interest", "lender/fees", "lender/share"].iter().map(|a| balance(legs, a, last)).sum::<f64>();
        let lost = cell("pool_loss");
        near(income - lost - cell("funding_cost") + cell("hedge_result"), cell("lender_pnl"), "lender's result");
        // what the pool has less what it owes is what it began with and earned
        let own: f64 = total(legs, |l| l.account.starts_with("pool/own") || l.account == "pool/result" || l.account == "pool/written-down");
        let rest = total(legs, |l| {
            let owed = l.account.starts_with("funder/") || l.account.starts_with("hedge/") || l.account.starts_with("outside/");
            owed || ["pool/cash", "pool/transit", "pool/frozen", "pool/margin", "pool/loans", "pool/undrawn"].contains(&l.account.as_str())
        });
        near(own + rest, 0.0, "the pool's balance sheet");
    }
    let needed = ["call", "payment", "receipt", "hedge", "custodian", "recall", "refill", "recovery", "loss", "sharing", "failure"];
    for what in needed {
        assert!(seen.contains_key(what), "no audited path has an entry `{what}`: {seen:?}");
    }
}

/// One still path: prices move by the shocks alone, and everything can be told exactly.
const STILL: &str = r#"
[pool]
[pool.cash]
idle = "10%"

[[scenario]]
name = "gap"
"#;

#[test]
fn the_ledger_of_a_still_path_rebuilds_the_accounts_table() {
    let desk = desk(STILL);
    desk.edit("programme.toml", "volatility-annual = \"60%\"", "volatility-annual = \"0%\"");
    desk.expect(0, &["run", "programme.toml", "--out", "out", "--quiet"]);
    let (books, accounts) = (books(&desk), read(&desk, "accounts.parquet"));
    let (scenario, id) = (texts(&accounts, "scenario"), texts(&accounts, "account_id"));
    let column = |name: &str| numbers(&accounts, name);
    let (loan, value, own) = (column("loan"), column("market_value"), column("own_capital"));
    let (lender, client) = (column("expected_lender_loss"), column("expected_client_loss"));
    let mut lost = 0;
    for row in 0..accounts.height() {
        let legs = &books.iter().find(|((name, _), _)| *name == scenario[row]).expect("an audited path").1[..];
        let last = legs.iter().map(|l| l.day).max().unwrap_or(0);
        let at = |part: &str, day: u32| balance(legs, &format!("client/{}/{part}", id[row]), day);
        near(-at("loan", 0), loan[row], "loan");
        near(at("securities", 0), value[row], "market value");
        near(-at("capital", 0), own[row], "own capital");
        let shortfall = total(legs, |l| l.account == format!("shortfall/{}", id[row]) && l.what == "loss");
        near(shortfall, lender[row], "lender's loss");
        let equity = at("cash", last) + at("securities", last) + at("loan", last) + at("interest", last);
        let paid_in = -at("paid-in", last);
        near(own[row] + paid_in - equity, client[row], "client's loss");
        lost += usize::from(shortfall > 0.0);
    }
    assert!(lost > 0, "the gap leaves a shortfall");
}

#[test]
fn a_tiers_story_is_told_day_by_day_with_its_entries() {
    let desk = desk(POOL);
    let output = desk.levertide(&["replay", "programme.toml", "--scenario", "gap", "--path", "3", "--tier", "B", "--quiet"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for word in ["tier B, capital 60,000", "pool cash", "funder/f-2/called", "funder/f-2/frozen", "buffer days"] {
        assert!(text.contains(word), "no `{word}` in:\n{text}");
    }
    let output = desk.levertide(&["replay", "programme.toml", "--path", "3", "--tier", "Z", "--quiet"]);
    assert_eq!(output.status.code(), Some(2));
}

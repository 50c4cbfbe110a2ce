//! Replays the crash of 2015 on a book as large as the margin balance of 2015-06-12, and lays its balance beside the observed one.
//!
//! Prices and the balance are not part of this repository; without them the test says so and passes. The book is built here:
//! what is known of it (the balance, each stock's float) is read, what is not (who owed how much at what leverage) is
//! assumed and stated in `docs/feedback.md`, "The summer of 2015". `--nocapture` prints the table that stands there.

use crate::support::ratio;
use crate::support::shared;
use levertide::engine::trace::{Trace, trace};
use levertide::inputs::{self, Inputs};
use levertide::maths::random::{Stream, Streams, name_address};
use levertide::model::case::{Case, Data, Programme, Report, Scenario, Severity};
use levertide::model::client::pre_emptive::PreEmptive;
use levertide::model::history::flag;
use levertide::model::impact::{Impact, square_root::SquareRoot};
use levertide::model::liquidation::Liquidation;
use levertide::model::margin::Margin;
use levertide::model::market::{MarketSpec, replay::Replay};
use levertide::units::Day;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Sessions from 2015-06-15 to 2015-08-26.
const SESSIONS: u32 = 52;
/// Accounts that stand for all margin accounts, and for all shadow accounts.
const ACCOUNTS: [usize; 2] = [2_000, 500];
const HOLDINGS: usize = 5;
/// Leverage of regulated accounts, and the share of the balance lent at each: a whole-book ratio of 298 %. Assumed.
const REGULATED: [(f64, f64); 6] = [(1.2, 0.10), (1.4, 0.25), (1.6, 0.25), (1.8, 0.20), (2.0, 0.15), (2.5, 0.05)];
/// The same with less and with more leverage: whole-book ratios of 345 % and 234 %. Assumed, to see what hangs on it.
const LESS: [(f64, f64); 5] = [(1.2, 0.20), (1.4, 0.30), (1.6, 0.25), (1.8, 0.15), (2.0, 0.10)];
const MORE: [(f64, f64); 5] = [(1.4, 0.15), (1.6, 0.20), (1.8, 0.20), (2.0, 0.25), (2.5, 0.20)];
/// Leverage of off-exchange accounts. Assumed, within the 2 to 10 times reported.
const SHADOW: [(f64, f64); 3] = [(3.0, 0.3), (4.0, 0.4), (6.0, 0.3)];
/// Off-exchange loans: the middle of the 0.5 to 1 trillion yuan estimated on top of the official balance.
const SHADOW_BALANCE: f64 = 0.75e12;

/// The observed balance by date.
fn observed(path: &Path) -> BTreeMap<String, f64> {
    let text = std::fs::read_to_string(path).expect("the balance can be read");
    let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter_map(|cells| Some((cells[0].to_string(), cells[2].parse().ok()?))).collect()
}

/// Draws a stock by float value.
fn drawn(cumulated: &[(usize, f64)], uniform: f64) -> usize {
    let total = cumulated.last().expect("stocks are listed").1;
    cumulated[cumulated.partition_point(|(_, sum)| *sum <= uniform * total).min(cumulated.len() - 1)].0
}

/// Accounts and positions of the book: each account holds five stocks drawn by float value, in equal parts.
fn write_book(folder: &Path, inputs: &Inputs, balance: f64, regulated: &[(f64, f64)]) {
    let history = &inputs.market.history;
    let as_of = history.window(None, Some(Day::from_ymd(2015, 6, 12).unwrap())).end - 1;
    let mut sum = 0.0;
    let mut cumulated = Vec::new();
    for (s, instrument) in inputs.market.instruments.iter().enumerate() {
        let listed = history.flag_row(as_of)[s] & (flag::PRESENT | flag::HALTED) == flag::PRESENT;
        if let (true, Some(float), Some(turnover)) = (listed, instrument.free_float_value, instrument.adv_amount)
            && float > 0.0
            && turnover > 0.0
        {
            sum += float;
            cumulated.push((s, sum));
        }
    }
    assert!(cumulated.len() > 2_000, "{} stocks could be lent on", cumulated.len());
    let mut accounts = String::from("account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual,call,liquidation,cure_days\n");
    let mut positions = String::from("account_id,symbol,quantity\n");
    let kinds = [("margin", regulated.to_vec(), balance, "130%,110%,2"), ("shadow", SHADOW.to_vec(), SHADOW_BALANCE, "110%,107%,0")];
    for ((kind, leverages, balance, lines), count) in kinds.into_iter().zip(ACCOUNTS) {
        let mut at = 0;
        for (leverage, share) in leverages {
            let of_kind = (share * count as f64).round() as usize;
            let loan = balance * share / of_kind as f64;
            for _ in 0..of_kind {
                let id = format!("{kind}-{at:05}");
                at += 1;
                writeln!(accounts, "{id},{kind},1,{kind},0,{loan:.2},0,0.08,{lines}").unwrap();
                let key = Streams::new(2015).key(Stream::Sample, name_address(&id));
                let mut held: BTreeMap<usize, f64> = BTreeMap::new();
                for draw in 0..HOLDINGS {
                    *held.entry(drawn(&cumulated, key.uniform(0, draw as u32))).or_default() +=
                        loan * leverage / (leverage - 1.0) / HOLDINGS as f64;
                }
                for (stock, value) in held {
                    let instrument = &inputs.market.instruments[stock];
                    writeln!(positions, "{id},{},{:.0}", instrument.symbol, (value / instrument.price).round()).unwrap();
                }
            }
        }
    }
    std::fs::write(folder.join("accounts.csv"), accounts).unwrap();
    std::fs::write(folder.join("positions.csv"), positions).unwrap();
}

fn replayed(name: &str, changes: impl Fn(&mut Case)) -> Scenario {
    let mut case = Case { market: MarketSpec::Replay(Replay { start: Day::from_ymd(2015, 6, 15).unwrap() }), ..Case::default() };
    (case.simulation.paths, case.simulation.horizon_days) = (1, SESSIONS);
    case.margin = Margin { restore_to: Some(ratio(1.5)), ..Margin::default() };
    case.liquidation = Liquidation { delay_days: 1, cost: ratio(0.003), participation: Some(ratio(0.2)), ..Liquidation::default() };
    case.clients.cure_probability = ratio(0.5);
    case.clients.cure_delay_days = 1;
    case.feedback.layers = false;
    changes(&mut case);
    Scenario { name: name.into(), severity: Severity::Severe, narrative: String::new(), zh: Default::default(), case }
}

fn programme(folder: &Path, prices: &Path, scenarios: Vec<Scenario>) -> Programme {
    let path = |name: &str| Some(folder.join(name).to_string_lossy().into_owned());
    Programme {
        name: "crash".into(),
        as_of: Day::from_ymd(2015, 6, 12).unwrap(),
        currency: "CNY".into(),
        seed: 20_150_612,
        data: Data {
            prices: Some(prices.to_string_lossy().into_owned()),
            accounts: path("accounts.csv"),
            positions: path("positions.csv"),
            ..Data::default()
        },
        folder: folder.to_path_buf(),
        scenarios,
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    }
}

/// Loans outstanding after each session, of the accounts of one kind.
fn balances(trace: &Trace, inputs: &Inputs, kind: &str) -> Vec<f64> {
    let mut by_day = vec![0.0; trace.dates.len()];
    for line in trace.story.iter().filter(|line| inputs.book.account_id[line.account].starts_with(kind)) {
        by_day[line.day as usize - 1] += line.loan;
    }
    by_day
}

/// Sales of one session by accounts of one kind.
fn sales(trace: &Trace, inputs: &Inputs, kind: &str) -> Vec<f64> {
    let mut by_day = vec![0.0; trace.dates.len()];
    for line in trace.story.iter().filter(|line| inputs.book.account_id[line.account].starts_with(kind)) {
        by_day[line.day as usize - 1] += line.sold;
    }
    by_day
}

/// The market of the replay, under a book of nothing much.
fn stocks(folder: &Path, prices: &Path) -> Inputs {
    std::fs::write(folder.join("accounts.csv"), "account_id,tier,cash,loan\na,A,0,1\n").unwrap();
    std::fs::write(folder.join("positions.csv"), "account_id,symbol,quantity\na,600036.SH,100\n").unwrap();
    inputs::load(&programme(folder, prices, vec![replayed("base", |_| {})])).expect("the market loads")
}

fn presses(case: &mut Case) {
    case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
}

fn ahead(case: &mut Case) {
    case.clients.pre_emptive = Some(PreEmptive { threshold: 3.0, intensity: ratio(0.1) });
}

#[test]
fn a_book_of_the_size_of_2015_unwinds_in_order_and_by_less_than_the_balance_did() {
    let (Some(prices), Some(balance)) = (shared::file("a_share_2014_2016.parquet"), shared::file("cn_margin_daily.csv")) else { return };
    let observed = observed(&balance);
    let start = observed["2015-06-12"];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let look = stocks(folder.path(), &prices);
    write_book(folder.path(), &look, start, &REGULATED);
    drop(look);
    let programme = programme(
        folder.path(),
        &prices,
        vec![
            replayed("lines alone", |_| {}),
            replayed("with impact", presses),
            replayed("selling ahead", ahead),
            replayed("ahead, with impact", |case| {
                presses(case);
                ahead(case);
            }),
        ],
    );
    let inputs = inputs::load(&programme).expect("the book loads");
    let total: f64 = inputs.book.loan.iter().sum();
    assert!((total / (start + SHADOW_BALANCE) - 1.0).abs() < 1e-6, "the book lends {total}");
    let traces: Vec<Trace> =
        (0..programme.scenarios.len()).map(|at| trace(&programme, &inputs.book, &inputs.market, at, 0).expect("the replay runs")).collect();
    let margin: Vec<Vec<f64>> = traces.iter().map(|t| balances(t, &inputs, "margin")).collect();
    let shadow: Vec<Vec<f64>> = traces.iter().map(|t| balances(t, &inputs, "shadow")).collect();
    println!("date | observed | regulated: lines | impact | ahead | both | shadow: lines | impact | ahead | both");
    for (day, date) in traces[0].dates.iter().enumerate() {
        let change = |value: f64, from: f64| format!("{:.1}", 100.0 * (value / from - 1.0));
        let seen = observed.get(&date.to_string()).map_or("–".into(), |b| change(*b, start));
        let cells: Vec<String> =
            margin.iter().map(|b| change(b[day], start)).chain(shadow.iter().map(|b| change(b[day], SHADOW_BALANCE))).collect();
        println!("{date} | {seen} | {}", cells.join(" | "));
    }
    for (scenario, trace) in programme.scenarios.iter().zip(&traces) {
        let sold = |kind: &str| sales(trace, &inputs, kind).iter().fold(0.0, |sum, s| sum + s) / 1e9;
        println!(
            "{}: sales of {:.0} bn by regulated and {:.0} bn by shadow accounts, loss {:.1} bn",
            scenario.name,
            sold("margin"),
            sold("shadow"),
            trace.pool_loss / 1e9
        );
    }
    let at = |date: &str| traces[0].dates.iter().position(|d| d.to_string() == date).expect("a session");
    let (crash, end) = (at("2015-07-08"), SESSIONS as usize - 1);
    let fall = |of: &[f64], day: usize, from: f64| 1.0 - of[day] / from;
    let seen = 1.0 - observed["2015-07-08"] / start;
    assert!((seen - 0.344).abs() < 0.001, "the balance fell by {seen} from 2015-06-12 to 07-08");
    for b in &margin {
        // lines and clients near them explain a part of the fall, and none before prices fell
        assert!(fall(b, at("2015-06-15"), start) < 0.001 && fall(b, crash, start) < seen, "{b:?}");
    }
    assert!(fall(&shadow[0], crash, SHADOW_BALANCE) > fall(&margin[0], crash, start), "higher leverage goes first");
    assert!(
        fall(&margin[1], end, start) >= fall(&margin[0], end, start) && fall(&margin[3], crash, start) >= fall(&margin[2], crash, start)
    );
    assert!(fall(&margin[2], crash, start) > fall(&margin[0], crash, start), "clients who sell ahead owe less");
}

#[test]
fn a_book_of_more_leverage_unwinds_further_and_sooner() {
    let (Some(prices), Some(balance)) = (shared::file("a_share_2014_2016.parquet"), shared::file("cn_margin_daily.csv")) else { return };
    let start = observed(&balance)["2015-06-12"];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let look = stocks(folder.path(), &prices);
    let mut before = [0.0; 4];
    for (name, leverages) in [("less", &LESS[..]), ("as assumed", &REGULATED), ("more", &MORE)] {
        let ratio: f64 = leverages.iter().map(|(leverage, share)| share * leverage / (leverage - 1.0)).sum();
        assert!((leverages.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
        write_book(folder.path(), &look, start, leverages);
        let both = |case: &mut Case| {
            presses(case);
            ahead(case);
        };
        let programme = programme(folder.path(), &prices, vec![replayed("lines alone", |_| {}), replayed("ahead, with impact", both)]);
        let inputs = inputs::load(&programme).expect("the book loads");
        let mut found = Vec::new();
        for at in 0..programme.scenarios.len() {
            let trace = trace(&programme, &inputs.book, &inputs.market, at, 0).expect("the replay runs");
            let balance = balances(&trace, &inputs, "margin");
            for date in ["2015-06-30", "2015-07-08", "2015-08-26"] {
                let day = trace.dates.iter().position(|d| d.to_string() == date).expect("a session");
                found.push(100.0 * (1.0 - balance[day] / start));
            }
        }
        println!("{name}, ratio of the book {:.0} %: lines {:.1?}, both {:.1?}", 100.0 * ratio, &found[..3], &found[3..]);
        // by 07-08 and 08-26, with lines alone and with both
        let now = [found[1], found[2], found[4], found[5]];
        assert!(now.iter().zip(before).all(|(now, before)| *now > before), "{name}: {now:?} after {before:?}");
        before = now;
    }
}

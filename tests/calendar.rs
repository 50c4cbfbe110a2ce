//! Runs small programmes across holidays, with calendars that are shipped, named and given, and without any history.

use levertide::engine::{Control, outcome::Outcome, simulate};
use levertide::inputs::{self, Inputs, programme};
use levertide::problem::Problems;
use levertide::units::Day;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const PROGRAMME: &str = r#"schema = 1
name = "t"
as-of = "2015-09-30"
seed = 1
[data]
instruments = "instruments.csv"
accounts = "accounts.csv"
positions = "positions.csv"
[simulation]
paths = 2000
horizon-days = 2
[market.gaussian]
volatility-annual = 0.6
drift-annual = 0.03
correlation = 0
[margin]
liquidation = 1.1
"#;

/// Files of a programme that holds one share of X at 125 on a loan of 100, with more files beside them.
fn desk(text: &str, more: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let own = [
        ("programme.toml", text),
        ("instruments.csv", "symbol,board,price\nX,none,125\n"),
        ("accounts.csv", "account_id,tier,cash,loan,rate_annual\na,A,0,100,0.0365\n"),
        ("positions.csv", "account_id,symbol,quantity\na,X,1\n"),
    ];
    for (name, text) in own.iter().chain(more) {
        std::fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    folder
}

fn read(folder: &Path) -> Result<(programme::Overrides, Inputs, levertide::model::case::Programme), Problems> {
    let overrides = programme::Overrides::default();
    let programme = programme::load(&folder.join("programme.toml"), &overrides)?;
    Ok((overrides, inputs::load(&programme)?, programme))
}

fn run(text: &str, more: &[(&str, &str)]) -> (Outcome, Inputs) {
    let folder = desk(text, more);
    let (_, inputs, programme) = read(folder.path()).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    let mut outcomes = simulate(&programme, &inputs.book, &inputs.market, &control).unwrap_or_else(|problems| panic!("{problems}"));
    (outcomes.remove(0), inputs)
}

fn faults(text: &str, more: &[(&str, &str)]) -> String {
    match read(desk(text, more).path()) {
        Ok(_) => panic!("no problem was found in\n{text}"),
        Err(problems) => problems.to_string(),
    }
}

fn dates(outcome: &Outcome) -> Vec<String> {
    outcome.dates.iter().map(Day::to_string).collect()
}

fn with(key: &str) -> String {
    PROGRAMME.replace("[data]\n", &format!("[data]\n{key}\n"))
}

#[test]
fn the_horizon_follows_the_calendar_of_the_boards_the_rulebook_or_the_currency() {
    let says = |inputs: &Inputs, words: &str| inputs.notes.iter().any(|note| note.en.contains(words) || note.zh.contains(words));
    let china = ["2015-10-08", "2015-10-09"];
    let (outcome, inputs) = run(PROGRAMME, &[]);
    assert_eq!(dates(&outcome), china, "the currency is CNY");
    assert!(says(&inputs, "(calendar cn, the market of the currency); the first is 2015-10-08") && says(&inputs, "首个交易日 2015-10-08"));
    let yen = PROGRAMME.replace("seed = 1", "currency = \"JPY\"\nseed = 1");
    let (outcome, inputs) = run(&yen, &[]);
    assert_eq!(dates(&outcome), ["2015-10-01", "2015-10-02"]);
    assert!(says(&inputs, "no calendar of JPY is known"));
    let dollars = PROGRAMME.replace("seed = 1", "currency = \"USD\"\nseed = 1").replace("2015-09-30", "2015-07-02");
    assert_eq!(dates(&run(&dollars, &[]).0), ["2015-07-06", "2015-07-07"]);
    let korea = yen.replace("liquidation = 1.1", "rulebook = \"kr\"").replace("2015-09-30", "2015-09-25");
    assert_eq!(dates(&run(&korea, &[]).0), ["2015-09-30", "2015-10-01"]);
    let boards = [("instruments.csv", "symbol,board,price\nX,main,125\n")];
    assert_eq!(dates(&run(&yen, &boards).0), china, "a held symbol is on a Chinese board");
    assert_eq!(dates(&run(&with("calendar = \"weekdays\""), &[]).0), ["2015-10-01", "2015-10-02"]);
    assert_eq!(dates(&run(&with("calendar = \"hk\""), &[]).0), ["2015-10-02", "2015-10-05"]);
}

#[test]
fn a_calendar_of_ones_own_is_followed_to_its_end_and_weekdays_after_it() {
    let named = with("calendar = \"days.csv\"").replace("horizon-days = 2", "horizon-days = 3");
    let (outcome, inputs) = run(&named, &[("days.csv", "date\n2015-09-30\n2015-10-10\n2015-10-12\n")]);
    assert_eq!(dates(&outcome), ["2015-10-10", "2015-10-12", "2015-10-13"], "a Saturday that is listed is a session");
    let outside = "calendar days.csv: known from 2015-09-30 to 2015-10-12; outside these days sessions are every Monday to Friday";
    assert!(inputs.notes.iter().any(|note| note.en == outside), "{:?}", inputs.notes);
    assert!(inputs.lineage.iter().any(|file| file.role == "calendar" && file.rows == 3));
    let vendor =
        "exchange,cal_date,is_open\nSSE,20150930,1\nSSE,20151001,0\nSSE,20151002,0\nSSE,20151003,0\nSSE,20151005,1\nSSE,20151006,0\n";
    assert_eq!(dates(&run(&named, &[("days.csv", vendor)]).0), ["2015-10-05", "2015-10-07", "2015-10-08"]);
    for (text, words) in [
        ("date\n2015-10-08\n", "it runs from 2015-10-08 to 2015-10-08, and the as-of date is 2015-09-30"),
        ("date,open\n2015-09-30,1\n2015-10-08,1\n2015-10-08,0\n", "2015-10-08 is open on one and closed on the other of lines 3 and 4"),
        ("date,open\n2015-09-30,maybe\n", "found \"maybe\""),
        ("date,open\n2015-09-30,1\n2015-10-08,\n", "is empty"),
        ("open\n1\n", "is missing"),
    ] {
        let found = faults(&named, &[("days.csv", text)]);
        assert!(found.contains(words) && found.contains("days.csv"), "{text}\n{found}");
    }
    let typo = faults(&with("calendar = \"cnn\""), &[]);
    assert!(typo.contains("programme.toml:6") && typo.contains("`data.calendar`") && typo.contains("did you mean"), "{typo}");
}

#[test]
fn what_is_not_known_of_a_calendar_is_said() {
    let late = PROGRAMME.replace("2015-09-30", "2026-12-30").replace("horizon-days = 2", "horizon-days = 5");
    let (outcome, inputs) = run(&late, &[]);
    assert_eq!(dates(&outcome), ["2026-12-31", "2027-01-04", "2027-01-05", "2027-01-06", "2027-01-07"]);
    let note = inputs.notes.iter().find(|note| note.en.starts_with("calendar cn: known from 1990-12-19 to 2026-12-31"));
    assert!(note.is_some_and(|note| note.en.contains("holidays of fixed date") && note.zh.contains("农历")), "{:?}", inputs.notes);
    // a history of another market, and one with a gap
    let priced = with("prices = \"prices.csv\"");
    let rows: String = ["2015-09-24", "2015-09-25", "2015-09-27", "2015-09-29", "2015-09-30"].map(|d| format!("{d},X,125\n")).concat();
    let (_, inputs) = run(&priced, &[("prices.csv", &format!("date,symbol,close\n{rows}"))]);
    let says = |words: &str| inputs.notes.iter().any(|note| note.en.contains(words));
    assert!(says("prices.csv: 1 of its days, such as 2015-09-27, have no session in calendar cn"), "{:?}", inputs.notes);
    assert!(says("prices.csv: no row on 1 sessions of calendar cn, such as 2015-09-28"), "{:?}", inputs.notes);
}

#[test]
fn figures_that_are_all_given_need_no_history() {
    let rows: String = ["2015-09-28", "2015-09-29", "2015-09-30"].map(|d| format!("{d},X,125\n")).concat();
    let prices = format!("date,symbol,close\n{rows}");
    for model in [
        "[market.gaussian]\nvolatility-annual = 0.6\ndrift-annual = 0.03\n",
        "[market.student-t]\nvolatility-annual = 0.6\ndrift-annual = 0.03\ndegrees-of-freedom = 5\n",
        "[market.jump-diffusion]\nvolatility-annual = 0.6\ndrift-annual = 0.03\n\
         common-jumps = { per-year = 5, mean = \"-8%\", deviation = \"4%\" }\nown-jumps = { per-year = 5, mean = \"0%\", deviation = \"6%\" }\n",
    ] {
        let from = PROGRAMME.find("[market").expect("a market");
        let until = PROGRAMME.find("[margin]").expect("a margin");
        let text = [&PROGRAMME[..from], model, &PROGRAMME[until..]].concat().replace("horizon-days = 2", "horizon-days = 40");
        let (without, inputs) = run(&text, &[]);
        let (beside, _) = run(&text.replace("[data]\n", "[data]\nprices = \"prices.csv\"\n"), &[("prices.csv", &prices)]);
        assert!(without.path.pool_loss.iter().any(|loss| *loss > 0.0), "{model}");
        assert_eq!(without.path.pool_loss, beside.path.pool_loss, "the same figures and price with a history: {model}");
        assert!(inputs.notes.iter().any(|note| note.en == "no history: prices are those of the instruments file"));
    }
}

#[test]
fn what_only_a_history_tells_is_a_problem_at_its_key() {
    let without = |line: &str| PROGRAMME.replace(line, "");
    let plus = |lines: &str| format!("{PROGRAMME}{lines}");
    let market = |model: &str| {
        let (from, until) = (PROGRAMME.find("[market").expect("a market"), PROGRAMME.find("[margin]").expect("a margin"));
        [&PROGRAMME[..from], model, &PROGRAMME[until..]].concat()
    };
    for (text, key, what) in [
        (without("drift-annual = 0.03\n"), "market.gaussian", "`drift-annual` is not given"),
        (
            market("[market.student-t]\nvolatility-annual = 0.3\ndrift-annual = 0\n"),
            "market.student-t",
            "`degrees-of-freedom` is not given",
        ),
        (market("[market.block-bootstrap]\n"), "market.block-bootstrap", "block-bootstrap without a history"),
        (market(""), "market.block-bootstrap", "block-bootstrap without a history"),
        (market("[market.replay]\nstart = \"2015-06-15\"\n"), "market.replay", "replay without a history"),
        (plus("[estimation]\nstart = \"2014-01-01\"\n"), "estimation.start", "an estimation window without a history"),
        (plus("[margin.dynamic]\n"), "margin.dynamic", "reads the volatility of the past"),
        (plus("[clients]\nstress-sensitivity = 1.0\n"), "clients.stress-sensitivity", "reads the volatility of the past"),
        (plus("[feedback.impact.square-root]\n"), "feedback.impact", "reads the volatility of the past"),
        (plus("[[scenario]]\nname = \"b\"\n[scenario.market.t-copula]\n"), "scenario.b.market.t-copula", "t-copula without a history"),
        (
            plus("[[model-risk.models]]\nmarket.regime-switching = {}\n"),
            "model-risk.models[1].market.regime-switching",
            "without a history",
        ),
        (without("instruments = \"instruments.csv\"\n"), "data.prices", "neither prices nor returns"),
        (with("implied-volatility = \"i.csv\""), "data.implied-volatility", "a series without a history"),
    ] {
        let found = faults(&text, &[]);
        assert!(found.contains(&format!("`{key}`")) && found.contains(what), "{key}\n{found}");
    }
    let unpriced = faults(PROGRAMME, &[("instruments.csv", "symbol,board,price\nX,none,\n")]);
    assert!(unpriced.contains("positions.csv:2") && unpriced.contains("give its price in the instruments file"), "{unpriced}");
    // two symbols share a correlation, which nobody gave
    let two = [
        ("instruments.csv", "symbol,board,price\nX,none,125\nY,none,10\n"),
        ("positions.csv", "account_id,symbol,quantity\na,X,1\na,Y,1\n"),
    ];
    let folder = desk(&without("correlation = 0\n"), &two);
    let (_, inputs, programme) = read(folder.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    let problems = simulate(&programme, &inputs.book, &inputs.market, &control).expect_err("no correlation").to_string();
    assert!(problems.contains("`market.gaussian.correlation`: `correlation` is not given"), "{problems}");
}

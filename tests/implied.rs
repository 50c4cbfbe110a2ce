//! Gives series of implied volatility and the depth of quotes, good and bad, and checks what was known, what acts, and what the report says.

use crate::faults::programme;
use crate::faults_programme::{GOOD, load as read, set};
use crate::support::{Account, book, figure, free_exchange, gaussian, market, measure, ratio, run};
use levertide::inputs::{self, Inputs};
use levertide::model::case::{Case, Programme, Simulation};
use levertide::model::history::{Implied, Reading};
use levertide::model::margin::Margin;
use levertide::model::margin::dynamic::Dynamic;
use levertide::model::margin::risk_volatility::{Measure, RiskVolatility};
use levertide::problem::{Problems, exit};
use levertide::units::Day;

const PRICES: &str = "date,symbol,close\n\
    2015-06-11,600030.SH,11\n2015-06-11,000001.SZ,21\n\
    2015-06-12,600030.SH,10\n2015-06-12,000001.SZ,20\n";

fn load_with(series: &str, change: impl FnOnce(&mut Programme)) -> Result<Inputs, Problems> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let positions = "account_id,symbol,quantity\na-1,600030.SH,1000\na-1,000001.SZ,500\n";
    let accounts = "account_id,tier,cash,loan\na-1,A,0,1000\n";
    for (name, text) in [("prices", PRICES), ("positions", positions), ("accounts", accounts), ("implied", series)] {
        std::fs::write(folder.path().join(format!("{name}.csv")), text).expect("a file can be written");
    }
    let mut programme = programme(folder.path());
    (programme.data.instruments, programme.data.funding) = (None, None);
    programme.data.implied_volatility = Some("implied.csv".into());
    let margin = &mut programme.scenarios[0].case.margin;
    (margin.dynamic, margin.risk_volatility) = (Some(Dynamic::default()), Some(RiskVolatility::default()));
    change(&mut programme);
    inputs::load(&programme)
}

fn load(series: &str) -> Result<Inputs, Problems> {
    load_with(series, |_| {})
}

#[test]
fn the_last_value_up_to_the_as_of_date_is_what_was_known() {
    let day = |text: &str| Day::parse(text).expect("a date");
    let market = Some(Reading { annual: 0.35, date: day("2015-06-11") });
    let own = Reading { annual: 0.6, date: day("2015-06-05") };
    // rows in any order, of the market and of symbols; what comes later, and what is not held, is not looked at
    for series in [
        "date,symbol,implied_volatility\n2015-06-15,,90%\n2015-06-11,,35%\n2015-06-10,,0.30\n2015-06-05,600030.SH,0.6\n2015-06-05,999999.XX,60%\n",
        "日期,代码,隐含波动率(%)\n20150605,600030,60\n20150611,,35.0%\n",
    ] {
        let inputs = load(series).unwrap_or_else(|problems| panic!("{series}\n{problems}"));
        let index = inputs.market.history.symbol_index("600030.SH").expect("there");
        assert_eq!(inputs.market.implied, Some(Implied { market, symbols: vec![(index, own)] }), "{series}");
        assert!(inputs.lineage.iter().any(|file| file.role == "implied-volatility"));
        let says = |words: &str| inputs.notes.iter().any(|note| note.en.contains(words) || note.zh.contains(words));
        assert!(says("implied volatility of the market 35.00% a year, of 2015-06-11") && says("市场隐含波动率年化 35.00%"));
        assert!(says("1 of 2 held symbols have their own implied volatility, 60.00% to 60.00%"));
        assert_eq!(says("1 symbols are not held"), series.contains("999999"));
    }
    let inputs = load("date,iv\n2015-06-12,35%\n").unwrap_or_else(|problems| panic!("{problems}"));
    assert!(inputs.market.implied.is_some_and(|implied| implied.market.is_some() && implied.symbols.is_empty()));
}

#[test]
fn every_bad_series_is_named_with_its_line_and_column() {
    let rows = |rows: &str| format!("date,symbol,implied_volatility\n{rows}");
    let cases = [
        ("date,symbol\n2015-06-12,600030.SH\n".to_string(), "implied.csv:1, `implied_volatility`: is missing"),
        (rows("2015-06-12,,0\n"), "implied.csv:2, `implied_volatility`: found \"0\""),
        (rows("2015-06-12,,-0.3\n"), "implied.csv:2, `implied_volatility`: found \"-0.3\""),
        (rows("2015-06-12,,35\n"), "head the column implied_volatility(%)"),
        (rows("2015-06-12,,\n"), "implied.csv:2, `implied_volatility`: is empty"),
        (rows("2015-06-12,,n/a\n"), "implied.csv:2, `implied_volatility`: found \"n/a\""),
        (rows("2015-06-31,,0.3\n"), "implied.csv:2, `date`: found \"2015-06-31\""),
        (rows("2015-06-12,a/b,0.3\n2015-06-12,,0.3\n"), "implied.csv:2, `symbol`: found \"a/b\""),
        (rows("2015-06-12,,0.3\n2015-06-12,,0.4\n"), "implied.csv:3, `date`: the market has two values on 2015-06-12, on lines 2 and 3"),
        (rows("2015-06-12,,0.3\n2015-06-12,600030.SH,0.4\n2015-06-12,600030.SH,0.4\n"), "600030.SH has two values on 2015-06-12"),
        (rows("2015-05-29,,0.3\n2015-06-01,,0.3\n"), "implied.csv:3, `date`: the series of the market ends on 2015-06-01"),
        (rows("2015-06-12,,0.3\n2015-06-01,600030.SH,0.3\n"), "implied.csv:3, `date`: the series of 600030.SH ends on 2015-06-01"),
        (rows("2015-06-16,,0.3\n2015-06-15,,0.3\n"), "implied.csv:3, `date`: the series of the market starts on 2015-06-15"),
        (rows("2015-06-12,600030.SH,0.3\n"), "has no row of the market"),
    ];
    for (text, says) in cases {
        let problems = load(&text).err().unwrap_or_else(|| panic!("accepted:\n{text}"));
        assert_eq!((problems.len(), problems.exit_code()), (1, exit::DATA), "{text}\n{problems}");
        assert!(problems.to_string().contains(says), "{text}\nsays nothing of {says:?}:\n{problems}");
    }
    // a rule that reads no volatility of the market needs no row of it; somebody must have one
    let without = |series: &str| load_with(series, |p| p.scenarios[0].case.margin.dynamic = None);
    assert!(without(&rows("2015-06-12,600030.SH,0.3\n")).is_ok());
    assert!(without(&rows("2015-06-12,999999.XX,0.3\n")).is_err_and(|p| p.to_string().contains("gives nothing that is held")));
}

#[test]
fn the_table_needs_its_series_and_is_in_force_wherever_one_is_given() {
    let faulty = |text: &str| read(text).err().unwrap_or_else(|| panic!("accepted:\n{text}")).to_string();
    let table = |rows: &str| format!("{GOOD}[margin.risk-volatility]\n{rows}\n");
    assert!(faulty(&table("measure = \"larger\"")).contains("no series is given"));
    let given = |text: String| text.replace("accounts = ", "implied-volatility = \"i.csv\"\naccounts = ");
    for (rows, says) in [
        ("measure = { blend = \"120%\" }", "`blend` is 0% to 100%"),
        ("half-life-days = 0", "found 0"),
        ("half-life-days = 5\nlong-run-ratio = 20", "`long-run-ratio` is 0.1 to 10"),
        ("long-run-ratio = 1.3", "without a half-life"),
        ("trading-days = 25", "`trading-days` is 200 to 366"),
        ("measure = \"bigger\"", "bigger"),
    ] {
        assert!(faulty(&given(table(rows))).contains(says), "{rows}");
    }
    let programme = read(&given(GOOD.into())).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(programme.scenarios.iter().all(|s| s.case.margin.risk_volatility == Some(RiskVolatility::default())));
    assert!(programme.resolved_toml.contains("measure = \"larger\""));
    assert_eq!(read(&programme.resolved_toml).expect("it runs"), programme);
    assert!(read(GOOD).expect("good").scenarios[0].case.margin.risk_volatility.is_none());
    let overrides = set(&["margin.template.depth-refills=0"]);
    assert!(crate::faults_programme::load_with(GOOD, &overrides).is_err_and(|p| p.to_string().contains("`depth-refills` is above 0")));
}

#[test]
fn a_market_whose_options_expect_more_calls_more_clients_and_one_without_a_series_is_unchanged() {
    let case = |measure: Option<Measure>| Case {
        simulation: Simulation { paths: 400, horizon_days: 5, ..Simulation::default() },
        market: gaussian(0.4, 0.0, 252.0),
        exchange: free_exchange(),
        margin: Margin {
            call: Some(ratio(1.3)),
            dynamic: Some(Dynamic::default()),
            risk_volatility: measure.map(|measure| RiskVolatility { measure, ..RiskVolatility::default() }),
            ..Margin::default()
        },
        ..Case::default()
    };
    let cases = [None, Some(Measure::Realised), Some(Measure::Larger), Some(Measure::Blend(ratio(0.5))), Some(Measure::Implied)];
    let programme = crate::support::programme(1, cases.map(case).to_vec());
    let accounts: Vec<Account> = (0..20).map(|n| Account::of_one(&format!("{n:02}"), 100.0, 131.0 + 2.0 * f64::from(n))).collect();
    let book = book(&accounts, &[("A", 1e6)]);
    let rates = |annual: Option<f64>| -> Vec<f64> {
        let mut market = market(&[1.0]);
        market.implied =
            annual.map(|annual| Implied { market: Some(Reading { annual, date: crate::support::as_of() }), symbols: Vec::new() });
        let outcomes = run(&programme, &book, &market);
        (0..5).map(|s| figure(&measure(&programme, s, &book, &outcomes[s]), "call_rate").value).collect()
    };
    // the history's 2 % a day are 31.7 % a year; options expect half as much again, or less
    let (none, more, less) = (rates(None), rates(Some(0.48)), rates(Some(0.2)));
    assert!(none.iter().all(|rate| *rate == none[0]), "{none:?}");
    assert_eq!((more[0], more[1], less[1], less[2]), (none[0], none[0], none[0], none[0]));
    assert!(more[3] > none[0] + 0.02 && more[2] > more[3] + 0.02 && more[4] == more[2], "{more:?}");
    // the floor of 100 % keeps lines at the contract's while options expect less
    assert!(less[4] <= none[0], "{less:?}");
}

#[test]
fn the_report_says_what_was_read_and_what_is_assumed_in_both_languages() {
    let desk = crate::cli::Desk::new();
    desk.edit("programme.toml", "[data]", "[data]\nimplied-volatility = \"implied.csv\"");
    let as_of = std::fs::read_to_string(desk.path("programme.toml")).expect("there");
    let as_of = as_of.lines().find_map(|l| l.strip_prefix("as-of = \"")).expect("an as-of date")[..10].to_string();
    desk.put("implied.csv", &format!("date,iv\n{as_of},40%\n"));
    for (lang, says) in [
        (
            "en",
            [
                "implied volatility of the market 40.00% a year",
                "Volatility that margin reads",
                "how options are priced along a path is assumed",
            ],
        ),
        ("zh", ["市场隐含波动率年化 40.00%", "保证金规则所取波动率", "路径上的期权定价方式为假设"]),
    ] {
        let set = "margin.dynamic={ }";
        desk.expect(0, &["run", "programme.toml", "--paths", "64", "--set", set, "--lang", lang, "--out", lang, "--quiet"]);
        let html = std::fs::read_to_string(desk.path(lang).join("report.html")).expect("there");
        for words in says {
            assert!(html.contains(words), "{lang}: nothing of {words}");
        }
    }
}

#[test]
fn a_depth_is_an_amount_above_zero_and_the_report_counts_those_that_are_known() {
    let with = |rows: &'static str| {
        load_with("date,iv\n2015-06-12,35%\n", move |programme| {
            let text = format!("代码,盘口深度(万元)\n{rows}");
            std::fs::write(programme.folder.join("instruments.csv"), text).expect("a file can be written");
            programme.data.instruments = Some("instruments.csv".into());
        })
    };
    let inputs = with("600030.SH,50\n000001.SZ,\n").unwrap_or_else(|problems| panic!("{problems}"));
    let depth: Vec<Option<f64>> = inputs.market.instruments.iter().map(|i| i.depth_amount).collect();
    assert_eq!(depth, [None, Some(500_000.0)]);
    assert!(inputs.notes.iter().any(|note| note.en.contains("known for 1 of 2 held symbols") && note.zh.contains("2 只持仓证券中 1 只")));
    for (rows, says) in [("600030.SH,0\n", "found \"0\""), ("600030.SH,-5\n", "found \"-5\""), ("600030.SH,deep\n", "found \"deep\"")] {
        let problems = with(rows).err().unwrap_or_else(|| panic!("accepted: {rows}")).to_string();
        assert!(problems.contains("instruments.csv:2, `盘口深度(万元)`") && problems.contains(says), "{problems}");
    }
}

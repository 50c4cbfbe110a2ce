//! Searches for what makes limits fail by the binary: boundaries of a closed form, settings that are single runs to the bit, faults at their place.

use crate::cli::{Desk, err, out};
use crate::code::root;
use crate::reproducibility::{assert_same, bytes};
use crate::support::json::{json, number};
use levertide::maths::special::{normal_cdf, normal_quantile};
use std::fs;

/// A desk whose programme has further entries.
fn desk(entries: &str) -> Desk {
    let desk = Desk::new();
    let programme = fs::read_to_string(desk.path("programme.toml")).expect("there");
    desk.put("programme.toml", &format!("{programme}\n{entries}"));
    desk
}

/// One account: 10,000 shares at 10 on a loan of 60,000, liquidated below 130 %: at a price of 7.80. One session, volatility 80 %.
fn one_account(entries: &str) -> Desk {
    let desk = Desk::new();
    desk.put("instruments.csv", "symbol,name,board,sector\n600001.SH,Alpha,none,Banks\n600002.SH,Beta,none,Power\n");
    desk.put("accounts.csv", "account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual\na-1,A,1,margin,0,60000,0,0%\n");
    desk.put("positions.csv", "account_id,symbol,quantity\na-1,600001.SH,10000\n");
    let prices: String = (1..=20).map(|day| format!("2024-02-{day:02},600001.SH,10.00\n2024-02-{day:02},600002.SH,20.00\n")).collect();
    desk.put("prices.csv", &format!("date,symbol,close\n{prices}2024-03-01,600001.SH,10.00\n2024-03-01,600002.SH,20.00\n"));
    let head = "schema = 1\nname = \"one\"\nas-of = \"2024-03-01\"\nseed = 3\n[data]\nprices = \"prices.csv\"\n\
                instruments = \"instruments.csv\"\naccounts = \"accounts.csv\"\npositions = \"positions.csv\"\nfunding = \"funding.csv\"\n\
                [simulation]\npaths = 10_000\nhorizon-days = 1\n[market.gaussian]\nvolatility-annual = \"80%\"\ndrift-annual = \"0%\"\n\
                [margin]\nliquidation = \"130%\"\ncall = \"140%\"\ncure-days = 1\n";
    desk.put("programme.toml", &format!("{head}{entries}"));
    desk
}

const FALL: &str = "[[reverse]]\nname = \"fall\"\nmeasure = \"liquidation_rate\"\nbelow = \"5%\"\npaths = 40_000\n\
[[reverse.change]]\nshock = { gap = { day = 1, size = \"-40%\" } }\n";

#[test]
fn the_boundary_and_the_return_period_are_those_of_the_closed_form() {
    let desk = one_account(FALL);
    desk.expect(0, &["reverse", "programme.toml", "--out", "r", "--quiet"]);
    let test = &json(&desk, "r/reverse.json")["tests"][0];
    let ray = &test["rays"][0];
    // a log return of mean −σ²/2 below ln 0.78 − ln(1 − x) with a probability of 5 %
    let sigma = 0.8 / 252.0_f64.sqrt();
    let mean = -sigma * sigma / 2.0;
    let move_ = libm::log(0.78) - mean - sigma * normal_quantile(0.05);
    let wanted = libm::expm1(move_);
    let found = number(&ray["boundary"]["values"][0]);
    let error = number(&ray["boundary"]["values_std_error"][0]);
    assert!((found / wanted - 1.0).abs() < 0.01, "{found} {wanted}");
    assert!((found - wanted).abs() < 4.0 * error && error < 0.003, "{found} ± {error}, {wanted}");
    let (holds, fails) = (number(&ray["holds"]["values"][0]), number(&ray["fails"]["values"][0]));
    assert!(fails < found && found < holds, "{fails} {found} {holds}");
    // how often such a fall comes
    let plausibility = &ray["plausibility"];
    let p = normal_cdf((move_ - mean) / sigma);
    let (years, low, high) = (number(&plausibility["years"]), number(&plausibility["years_low"]), number(&plausibility["years_high"]));
    let exact = 1.0 / (252.0 * p);
    assert!(low < exact && exact < high && high / low < 1.6, "{low} {exact} {high}");
    assert!((years / exact - 1.0).abs() < 0.2, "{years} {exact}");
    let distance = (mean - move_) / sigma;
    assert!((number(&plausibility["distance"]) / distance - 1.0).abs() < 0.03, "{plausibility} {distance}");
    // on other paths, four times as many, the answer stands
    let checked = &test["checked"];
    assert_eq!((&checked["fails"]["beyond"], &checked["holds"]["beyond"]), (&true.into(), &false.into()), "{checked}");
    assert_eq!(checked["paths"], 160_000);
    assert_eq!(test["breaks"]["accounts"][0]["account"], "a-1");
}

#[test]
fn a_line_that_must_move_is_found_alike() {
    // the same account with a fall of 15 %: which line makes 5 % of the paths a liquidation?
    let desk = one_account(
        "shocks = [{ gap = { day = 1, size = \"-15%\" } }]\n[[reverse]]\nname = \"line\"\nmeasure = \"liquidation_rate\"\nbelow = \"5%\"\npaths = 40_000\n\
         [[reverse.change]]\nkey = \"margin.liquidation\"\nfrom = \"101%\"\nto = \"139%\"\n",
    );
    desk.edit("programme.toml", "shocks = [{ gap = { day = 1, size = \"-15%\" } }]\n", "");
    desk.edit("programme.toml", "[data]\n", "shocks = [{ gap = { day = 1, size = \"-15%\" } }]\n[data]\n");
    desk.expect(0, &["reverse", "programme.toml", "--out", "r", "--quiet"]);
    let boundary = &json(&desk, "r/reverse.json")["tests"][0]["rays"][0]["boundary"];
    let sigma = 0.8 / 252.0_f64.sqrt();
    let wanted = 100_000.0 / 60_000.0 * 0.85 * libm::exp(-sigma * sigma / 2.0 + sigma * normal_quantile(0.05));
    let (found, error) = (number(&boundary["values"][0]), number(&boundary["values_std_error"][0]));
    assert!((found / wanted - 1.0).abs() < 0.01 && (found - wanted).abs() < 4.0 * error, "{found} ± {error}, {wanted}");
}

const SECTORS: &str = "[[reverse]]\nname = \"sectors\"\nmeasure = \"shortfall.probability\"\nbelow = \"20%\"\npaths = 800\nsearch = \"SEARCH\"\n\
[[reverse.change]]\ntitle = \"Banks\"\nshock = { gap = { day = 1, size = \"-70%\", on = { sector = \"Banks\" } } }\n\
[[reverse.change]]\ntitle = \"Power\"\nshock = { gap = { day = 1, size = \"-70%\", on = { sector = \"Power\" } } }\n";

#[test]
fn the_most_plausible_shock_is_nearer_than_any_other_on_the_boundary() {
    let distance = |search: &str| -> Vec<f64> {
        let desk = desk(&SECTORS.replace("SEARCH", search));
        desk.edit("instruments.csv", "main", "none");
        desk.expect(0, &["reverse", "programme.toml", "--out", "r", "--quiet"]);
        let test = &json(&desk, "r/reverse.json")["tests"][0];
        let rays = test["rays"].as_array().expect("a list");
        rays.iter().filter_map(|ray| ray["plausibility"]["distance"].as_f64()).collect()
    };
    let plausible = distance("plausible");
    let best = *plausible.last().expect("an answer");
    for search in ["each", "together", "curve"] {
        for other in distance(search) {
            assert!(best <= other * 1.02, "{search}: {best} {other}");
        }
    }
}

#[test]
fn what_was_found_is_a_single_run_to_the_bit_whatever_the_threads() {
    let entries = "[[reverse]]\nname = \"days\"\nscenario = \"gap\"\nmeasure = \"liquidation_rate\"\nbelow = \"30%\"\n\
                   [[reverse.change]]\nkey = \"margin.liquidation\"\nto = \"125%\"\n[[reverse.change]]\nkey = \"margin.cure-days\"\nto = 4\n";
    let desk = desk(entries);
    desk.expect(0, &["reverse", "programme.toml", "--out", "one", "--threads", "1", "--quiet"]);
    desk.expect(0, &["reverse", "programme.toml", "--out", "three", "--threads", "3", "--quiet"]);
    assert_same(&bytes(&desk.path("one")), &bytes(&desk.path("three")), "threads");
    let test = &json(&desk, "one/reverse.json")["tests"][0];
    desk.expect(0, &["run", "one/programme.resolved.toml", "--out", "run", "--quiet"]);
    let summary = json(&desk, "run/summary.json");
    let scenarios = summary["scenarios"].as_array().expect("a list");
    let mut seen = 0;
    for (at, ray) in test["rays"].as_array().expect("a list").iter().enumerate() {
        for side in ["holds", "fails"] {
            if ray[side].is_null() {
                continue;
            }
            let name = format!("days {}: {side}", at + 1);
            let scenario = scenarios.iter().find(|s| s["name"] == name.as_str()).unwrap_or_else(|| panic!("no scenario {name}"));
            assert_eq!(ray[side]["estimate"], scenario["measures"]["liquidation_rate"], "{name}");
            seen += 1;
        }
    }
    assert!(seen >= 2, "{test}");
    for file in ["report.pdf", "report.html", "tables/answers.csv", "tables/tried.csv", "tried.parquet", "charts/reverse-days.png"] {
        assert!(desk.path("one").join(file).exists(), "{file}");
    }
}

#[test]
fn a_limit_that_fails_at_once_or_never_is_said_to() {
    let entry = |name: &str, below: &str| {
        format!(
            "[[reverse]]\nname = \"{name}\"\nmeasure = \"call_rate\"\nbelow = \"{below}\"\n[[reverse.change]]\nshock = {{ gap = {{ day = 1, size = \"-5%\" }} }}\n"
        )
    };
    let desk = desk(&[entry("at once", "0.1%"), entry("never", "100%")].concat());
    let told = out(&desk.expect(0, &["reverse", "programme.toml", "--out", "r"]));
    let tests = &json(&desk, "r/reverse.json")["tests"];
    assert_eq!((&tests[0]["rays"][0]["ending"], &tests[1]["rays"][0]["ending"]), (&"at-start".into(), &"holds".into()), "{tests}");
    assert!(told.contains("at once") && told.contains("never"), "{told}");
    desk.expect(0, &["reverse", "programme.toml", "--out", "only", "--only", "never", "--quiet"]);
    assert_eq!(json(&desk, "only/reverse.json")["tests"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_wrong_is_found_before_a_path() {
    let good =
        "[[reverse]]\nname = \"x\"\nmeasure = \"call_rate\"\nbelow = \"50%\"\n[[reverse.change]]\nkey = \"margin.call\"\nto = \"140%\"\n";
    let refused = |entries: &str, words: &[&str]| {
        let desk = desk(entries);
        for command in [&["reverse", "programme.toml", "--check"][..], &["reverse", "programme.toml", "--out", "r"]] {
            let told = err(&desk.expect(3, command));
            words.iter().for_each(|word| assert!(told.contains(word), "{entries}\n{told}"));
        }
        assert!(!desk.path("r").exists());
    };
    refused("", &["the programme has no [[reverse]]"]);
    refused(&good.replace("below", "beneath"), &["`reverse[1].beneath`: unknown key `beneath`"]);
    refused(&good.replace("below = \"50%\"\n", ""), &["`reverse[1].measure`: 0 sides are given"]);
    refused(&good.replace("call_rate", "cal_rate"), &["`reverse[1].measure`: unknown measure `cal_rate`", "`call_rate`"]);
    refused(&good.replace("margin.call", "margin.cal"), &["unknown key `cal`"]);
    refused(&good.replace("\"margin.call\"", "\"simulation.paths\""), &["`simulation.paths` cannot be changed"]);
    refused(&good.replace("140%\"", "130%\""), &["`margin.call` starts at its end"]);
    refused(&good.replace("140%\"", "high\""), &["`reverse[1].change[1].to`: is no number"]);
    // a line beyond another is the programme's own fault
    refused(
        &good.replace("\"margin.call\"\nto = \"140%\"", "\"margin.liquidation\"\nto = \"170%\""),
        &["liquidation 170% stands above call"],
    );
    let shock = good.replace("key = \"margin.call\"\nto = \"140%\"", "shock = { limit-downs = { first-day = 1, days = 2 } }");
    refused(&shock, &["has no size that can grow"]);
    refused(&good.replace("below", "search = \"curve\"\nbelow"), &["a curve is of two changes"]);
    refused(&good.replace("below", "search = \"plausible\"\nbelow"), &["is no move of prices"]);
    refused(&[good, good].concat(), &["`x` stands twice"]);
    let desk = desk(good);
    assert!(err(&desk.expect(2, &["reverse", "programme.toml", "--only", "y"])).contains("no reverse stress test \"y\""));
    assert!(out(&desk.expect(0, &["reverse", "programme.toml", "--check"])).contains("no problems found"));
    desk.expect(0, &["check", "programme.toml"]);
}

#[test]
fn a_run_answers_them_in_a_section_of_its_report_where_it_is_asked_to() {
    let desk = desk(
        "[[reverse]]\nname = \"Fall\"\nmeasure = \"liquidation_rate\"\nbelow = \"30%\"\n[[reverse.change]]\nshock = { gap = { day = 1, size = \"-40%\" } }\n",
    );
    desk.expect(0, &["run", "programme.toml", "--out", "plain", "--quiet"]);
    desk.expect(0, &["run", "programme.toml", "--reverse", "--out", "answered", "--quiet"]);
    desk.expect(0, &["reverse", "programme.toml", "--out", "alone", "--quiet"]);
    let (plain, answered) = (json(&desk, "plain/summary.json"), json(&desk, "answered/summary.json"));
    assert!(plain.get("reverse").is_none());
    assert_eq!(answered["reverse"], json(&desk, "alone/reverse.json")["tests"], "the same answer");
    // nothing else moves
    assert_eq!((&plain["scenarios"], &plain["programme_hash"]), (&answered["scenarios"], &answered["programme_hash"]));
    let page = |folder: &str| fs::read_to_string(desk.path(folder).join("report.html")).expect("there");
    assert!(page("answered").contains("Fall: at most 30%") && page("plain").contains("this run did not answer them"));
    assert!(desk.path("answered/charts/reverse-fall.png").exists() && !desk.path("plain/charts/reverse-fall.png").exists());
    // its resolved programme asks the same
    desk.expect(0, &["reverse", "answered/programme.resolved.toml", "--out", "again", "--quiet"]);
    assert_eq!(json(&desk, "again/reverse.json")["tests"], json(&desk, "alone/reverse.json")["tests"]);
}

/// The worked example of docs/reverse.md, its output to the letter; and every test of the shipped programme can be tried.
#[test]
fn the_page_shows_what_the_command_says() {
    let page = fs::read_to_string(root().join("docs/reverse.md")).expect("the page is there");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of text");
    let desk = Desk::new();
    let programme = root().join("scenarios/weekly.toml").display().to_string();
    let told = out(&desk.expect(0, &["reverse", &programme, "--only", "Fall on the first session", "--paths", "500"]));
    let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string();
    assert_eq!(plain(&told), plain(shown), "docs/reverse.md shows another output");
    desk.expect(0, &["reverse", &programme, "--check"]);
}

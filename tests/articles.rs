//! Runs the worked cases of the domain notes (A1 to A8, B1 to B7) through the whole engine, to the cent, on both interest bases.

use levertide::engine::{Control, simulate};
use levertide::inputs::{self, programme};
use levertide::measures;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What client and lender got in a scenario of a golden case, with keys changed.
fn got(case: &str, scenario: &str, set: &[&str]) -> (f64, f64) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(case).join("programme.toml");
    let overrides = programme::Overrides { set: set.iter().map(|s| s.to_string()).collect(), ..programme::Overrides::default() };
    let programme = programme::load(&file, &overrides).unwrap_or_else(|problems| panic!("{problems}"));
    let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"));
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    let outcomes = simulate(&programme, &inputs.book, &inputs.market, &control).unwrap_or_else(|problems| panic!("{problems}"));
    let at = programme.scenarios.iter().position(|s| s.name == scenario).expect("a scenario");
    let estimates = measures::estimate(&programme.scenarios[at], &inputs.book, &outcomes[at]);
    (-estimates["client_loss.mean"].value, estimates["lender_pnl.mean"].value)
}

fn cents(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 0.005, "{what}: found {found}, expected {expected}");
}

#[test]
fn the_first_article_comes_out_to_the_cent_on_both_bases() {
    // A1 to A5: exposure 300,000, +10 %, 30 days at 6 %, a fee of 1 % of profit, 70/30
    let exposure = ("interest on exposure", 1_479.452, 19_754.384, 8_466.164);
    let loan = ("interest on the loan", 986.301, 20_099.589, 8_614.110);
    for (scenario, interest, client, lender) in [exposure, loan] {
        let (to_client, to_lender) = got("profit-split", scenario, &[]);
        cents(to_client, client, scenario);
        cents(to_lender, lender + interest + 300.0, scenario);
        cents(to_client + to_lender, 30_000.0, "shares, financing and fee make the gross");
    }
    // A6: 19.754 % in 30 days is 240.3 % a year simple, 796 % compounded
    let month = got("profit-split", exposure.0, &[]).0 / 100_000.0;
    assert!((month * 365.0 / 30.0 - 2.403).abs() < 5e-4 && (libm::pow(1.0 + month, 365.0 / 30.0) - 1.0 - 7.96).abs() < 5e-3);
    // A7: −10 % leaves 68,520.55 or 69,013.70
    cents(100_000.0 + got("profit-split", "fall, interest on exposure", &[]).0, 68_520.548, "A7 on the exposure");
    cents(100_000.0 + got("profit-split", "fall, interest on the loan", &[]).0, 69_013.699, "A7 on the loan");
}

#[test]
fn the_fourth_article_comes_out_to_the_cent_on_both_bases() {
    // B1 to B5: exposure 500,000, loan 400,000 at 8 % for 30 days, 500 of fees
    let exposure = ["interest.interest-base=exposure"];
    for (set, interest) in [(&[][..], 2_630.137), (&exposure[..], 3_287.671), (&["interest.day-count=360"][..], 2_666.667)] {
        let (up, lender) = got("five-times", "rise", set);
        cents(up, 50_000.0 - interest - 500.0, "B4");
        cents(lender, interest + 500.0, "B2, B3");
        let (down, _) = got("five-times", "fall", set);
        cents(down, -50_000.0 - interest - 500.0, "B5");
        cents(up + down, -2.0 * (interest + 500.0), "the asymmetry of B4 and B5");
        // B7: leverage times return less financing and fee over own capital
        cents(up, 100_000.0 * (5.0 * 0.10 - interest / 100_000.0 - 500.0 / 100_000.0), "B7");
    }
    // the published figures
    cents(got("five-times", "rise", &[]).0, 46_869.863, "B4");
    cents(got("five-times", "fall", &[]).0, -53_130.137, "B5");
    // B6: the fall of 19.374 % leaves nothing
    cents(got("five-times", "nothing left", &[]).0, -100_000.0, "B6");
}

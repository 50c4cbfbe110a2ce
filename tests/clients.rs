//! Holds what clients do to what must be true of it: odds kept, answers that cluster, draws that belong to a name, layers that add up.

use crate::support::{Account, book, figure, free_exchange, gaussian, market, measure, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::model::case::Case;
use levertide::model::client::payment::Payment;
use levertide::model::impact::{Impact, square_root::SquareRoot};
use levertide::model::shock::{Shock, Target, gap::Gap};

const PATHS: u64 = 4_000;

/// Clients at three times leverage whom a fall of 15 % on the first session takes below the call line, and two days to answer.
fn called(probability: f64) -> Case {
    let mut case = Case { exchange: free_exchange(), market: gaussian(0.0, 0.0, 252.0), ..Case::default() };
    (case.simulation.paths, case.simulation.horizon_days) = (PATHS, 4);
    case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(-0.15), on: Target::All })];
    (case.margin.call, case.margin.cure_days, case.margin.liquidation) = (Some(ratio(1.3)), Some(2), Some(ratio(1.1)));
    case.clients.cure_probability = ratio(probability);
    case.clients.cure_delay_days = 1;
    case
}

fn clients(count: usize) -> Vec<Account> {
    (0..count).map(|k| Account::of_one(&format!("a{k:03}"), 66.6, 100.0)).collect()
}

fn outcome(case: Case, accounts: &[Account]) -> Outcome {
    let mut market = market(&[1.0]);
    market.instruments[0].adv_amount = Some(2_000.0);
    run(&programme(7, vec![case]), &book(accounts, &[("A", 1e6)]), &market).remove(0)
}

/// Mean over paths of the share of accounts that cured, and the standard deviation of that share.
fn cured(outcome: &Outcome, accounts: usize) -> (f64, f64) {
    let shares: Vec<f64> = outcome.path.cured.iter().map(|c| f64::from(*c) / accounts as f64).collect();
    let n = shares.len() as f64;
    let mean = shares.iter().fold(0.0, |sum, s| sum + s) / n;
    (mean, (shares.iter().fold(0.0, |sum, s| sum + (s - mean) * (s - mean)) / n).sqrt())
}

#[test]
fn a_common_shock_keeps_the_odds_and_makes_clients_fail_together() {
    let accounts = clients(25);
    let apart = cured(&outcome(called(0.6), &accounts), 25);
    let mut together = called(0.6);
    together.clients.common_correlation = ratio(0.3);
    let together = cured(&outcome(together, &accounts), 25);
    let error = |deviation: f64| 4.0 * deviation / (PATHS as f64).sqrt();
    assert!((apart.0 - 0.6).abs() < error(apart.1), "{apart:?}");
    assert!((together.0 - 0.6).abs() < error(together.1), "{together:?}");
    // √(0.24/25) = 0.098 alone; with one factor the spread is nearly that of Φ(level + …): over twice as wide
    assert!((apart.1 - 0.098).abs() < 0.005 && together.1 > 2.0 * apart.1, "{apart:?}, {together:?}");
}

#[test]
fn another_client_changes_no_other_clients_answer() {
    let mut case = called(0.6);
    case.clients.common_correlation = ratio(0.3);
    case.clients.payment = Payment { low: ratio(0.2), high: ratio(1.0) };
    let all = outcome(case.clone(), &clients(12));
    let fewer = outcome(case, &clients(12)[..11]);
    assert_eq!(all.account.cured[..11], fewer.account.cured[..]);
    assert_eq!(all.account.loss_sum[..11], fewer.account.loss_sum[..]);
}

#[test]
fn stress_and_loss_lower_the_share_that_pays() {
    // after the fall the drawdown of the market is 15 % of 30 %, so stress is at least a half, and own capital is down by 45 %
    let accounts = clients(25);
    let share = |stress: f64, drawdown: f64| {
        let mut case = called(0.6);
        (case.clients.stress_sensitivity, case.clients.drawdown_sensitivity) = (stress, drawdown);
        cured(&outcome(case, &accounts), 25).0
    };
    let expected_loss = levertide::maths::special::normal_cdf(levertide::maths::special::normal_quantile(0.6) - 0.15 / 0.334);
    let (calm, stressed, lossy) = (share(0.0, 0.0), share(1.0, 0.0), share(0.0, 1.0));
    assert!((lossy - expected_loss).abs() < 0.01, "{lossy}, expected {expected_loss}");
    assert!(stressed < calm - 0.15, "{stressed} under stress, {calm} in a calm market");
}

#[test]
fn a_part_payment_leaves_the_call_standing_and_conserves_money() {
    let mut case = called(1.0);
    case.clients.payment = Payment { low: ratio(0.5), high: ratio(0.5) };
    let half = outcome(case, &clients(1));
    // 85 against 66.6: 1.58 restores 130 %; half of it does not, and the deadline sells the account
    assert_eq!((half.account.called[0], half.account.cured[0], half.account.liquidated[0]), (1, 0, 1));
    let whole = outcome(called(1.0), &clients(1));
    assert_eq!((whole.account.cured[0], whole.account.liquidated[0]), (1, 0));
}

#[test]
fn layers_add_up_to_the_whole_and_each_is_the_case_with_less_switched_on() {
    let mut case = called(0.7);
    // a fall of 24 % leaves 76 against 66.6, and swings that may take it below
    case.market = gaussian(1.0, 0.0, 252.0);
    case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(-0.24), on: Target::All })];
    case.simulation.horizon_days = 10;
    case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
    (case.clients.stress_sensitivity, case.clients.common_correlation) = (1.0, ratio(0.2));
    let accounts = clients(20);
    let whole = outcome(case.clone(), &accounts);
    let programme = programme(7, vec![case.clone()]);
    let estimates = measure(&programme, 0, &book(&accounts, &[("A", 1e6)]), &whole);
    let value = |key: &str| figure(&estimates, key).value;
    let silent = value("contagion.no_feedback.pool_loss.mean");
    let (impact, clients) = (value("contagion.impact.added.mean"), value("contagion.client_stress.added.mean"));
    assert!(silent > 0.0 && impact > 0.0 && clients > 0.0, "{silent}, {impact}, {clients}");
    assert!((silent + impact + clients - value("pool_loss.mean")).abs() < 1e-9 * value("pool_loss.mean"));
    assert!((value("amplification") - value("pool_loss.mean") / silent).abs() < 1e-12);
    assert_eq!(value("contagion.client_stress.amplification"), value("amplification"));
    // common draws: the doubt about what a part adds lies far below that of two runs apart
    let (added, mean) = (figure(&estimates, "contagion.impact.added.mean"), figure(&estimates, "contagion.impact.pool_loss.mean"));
    assert!(added.std_error > 0.0 && added.std_error < mean.std_error, "{added:?}, {mean:?}");
    // a layer is what the case gives when its part is left out by hand
    let alone = outcome(Case { clients: case.clients.calm(), ..case.clone() }, &accounts);
    assert_eq!(alone.path.pool_loss, whole.layers[1].pool_loss);
    let quiet =
        outcome(Case { feedback: levertide::model::impact::Feedback { layers: false, ..case.feedback.clone() }, ..case }, &accounts);
    assert_eq!(quiet.path.pool_loss, whole.path.pool_loss);
    assert_eq!(quiet.layers.len(), 1);
}

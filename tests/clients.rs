//! Holds what clients do to what must be true of it: odds kept, answers that cluster, draws that belong to a name, layers that add up.

use crate::support::{Account, book, figure, free_exchange, gaussian, market, measure, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::model::case::Case;
use levertide::model::client::payment::Payment;
use levertide::model::client::pre_emptive::PreEmptive;
use levertide::model::client::withdrawal::Withdrawal;
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
    let alone = outcome(Case { clients: case.clients.without_stress(), ..case.clone() }, &accounts);
    assert_eq!(alone.path.pool_loss, whole.layers[1].pool_loss);
    let quiet =
        outcome(Case { feedback: levertide::model::impact::Feedback { layers: false, ..case.feedback.clone() }, ..case }, &accounts);
    assert_eq!(quiet.path.pool_loss, whole.path.pool_loss);
    assert_eq!(quiet.layers.len(), 1);
}

/// Clients at two and a half times leverage in a market that swings and falls.
fn near_the_line() -> Case {
    let mut case = called(0.5);
    case.market = gaussian(0.45, -0.5, 252.0);
    case.simulation.horizon_days = 20;
    case.shocks.clear();
    case.margin.restore_to = Some(ratio(1.5));
    case
}

fn three_times(count: usize) -> Vec<Account> {
    let mut accounts = clients(count);
    for (k, account) in accounts.iter_mut().enumerate() {
        (account.cash, account.loan) = (2.0 * k as f64, 58.0 + k as f64);
    }
    accounts
}

#[test]
fn clients_sell_the_share_the_rule_names_and_pay_their_debt_with_it() {
    // one session: 100 shares fall to 0.85; ratio 0.85·100/62 = 1.371, line 1.3, σ = 2 % → DMC 2.588, a fall of 0.137 of 3
    let mut case = called(0.0);
    case.simulation.horizon_days = 1;
    case.clients.pre_emptive = Some(PreEmptive { threshold: 3.0, intensity: ratio(0.2) });
    let mut account = Account::of_one("a", 62.0, 100.0);
    let outcome = outcome(case.clone(), std::slice::from_ref(&account));
    let distance = (1.0 - 1.3 / (85.0 / 62.0)) / 0.02;
    let expected = 0.2 * (1.0 - distance / 3.0) * 85.0;
    assert!((outcome.path.early_sales[0] - expected).abs() < 1e-9, "{} sold, expected {expected}", outcome.path.early_sales[0]);
    assert_eq!((outcome.path.forced_sales[0], outcome.path.client_withdrawals[0]), (0.0, 0.0));
    // far from the line nobody sells
    account.loan = 40.0;
    assert_eq!(self::outcome(case, &[account]).path.early_sales[0], 0.0);
}

#[test]
fn selling_ahead_moves_prices_through_the_same_clearing_and_saves_close_outs() {
    let mut case = near_the_line();
    case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
    let plain = outcome(case.clone(), &three_times(10));
    case.clients.pre_emptive = Some(PreEmptive { threshold: 3.0, intensity: ratio(0.3) });
    case.liquidation.participation = Some(ratio(0.02));
    let ahead = outcome(case, &three_times(10));
    let sum = |values: &[f64]| values.iter().fold(0.0, |sum, x| sum + x);
    assert!(sum(&ahead.path.early_sales) > 0.0 && ahead.symbol.push_max[0] > 0.0);
    assert!(sum(&ahead.path.forced_sales) < sum(&plain.path.forced_sales), "clients who sell ahead leave less to close out");
    // no session sells more than the participation allows: a fiftieth of 2,000 for each of 20 sessions, at prices below 3
    assert!(ahead.path.early_sales.iter().zip(&ahead.path.forced_sales).all(|(a, b)| a + b <= 20.0 * 0.02 * 2_000.0 * (1.0 + 1e-9)));
}

#[test]
fn passing_over_calm_accounts_changes_nothing_when_clients_act_above_their_lines() {
    // a warning line far above the others has accounts looked at that would be passed over, and moves no money
    let mut case = near_the_line();
    case.simulation.paths = 640;
    case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
    case.clients.pre_emptive = Some(PreEmptive { threshold: 3.0, intensity: ratio(0.1) });
    case.clients.withdrawal = Some(Withdrawal { probability: ratio(0.3), share: ratio(0.5), borrow: true });
    case.margin.withdrawal = Some(ratio(1.9));
    let passed = outcome(case.clone(), &three_times(12));
    // a warning at the withdrawal line leaves that line where it is
    case.margin.warning = Some(ratio(1.9));
    let looked_at = outcome(case, &three_times(12));
    assert!(passed.path.client_withdrawals.iter().any(|w| *w > 0.0) && passed.path.early_sales.iter().any(|s| *s > 0.0));
    // accounts are taken up on other days, so that sums run in another order: equal but for rounding
    let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-11 * (1.0 + a.abs()));
    assert!(same(&passed.path.pool_loss, &looked_at.path.pool_loss));
    assert!(same(&passed.path.client_withdrawals, &looked_at.path.client_withdrawals));
    assert!(same(&passed.path.early_sales, &looked_at.path.early_sales));
    assert!(same(&passed.path.client_loss, &looked_at.path.client_loss));
}

#[test]
fn money_leaves_above_the_line_only_and_never_below_it() {
    let mut case = called(0.0);
    case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(0.5), on: Target::All })];
    case.simulation.horizon_days = 1;
    case.clients.withdrawal = Some(Withdrawal { probability: ratio(1.0), share: ratio(1.0), borrow: true });
    // 150 in shares and 10 in cash against 40: 4.0; 10 leave in cash, then 150/3 − 40 = 10 borrowed
    let mut account = Account::of_one("a", 40.0, 100.0);
    account.cash = 10.0;
    let taken = outcome(case.clone(), std::slice::from_ref(&account));
    assert!((taken.path.client_withdrawals[0] - 20.0).abs() < 1e-9, "{}", taken.path.client_withdrawals[0]);
    // at 150/55 = 2.73 nothing leaves
    (account.loan, account.cash) = (55.0, 0.0);
    assert_eq!(outcome(case, &[account]).path.client_withdrawals[0], 0.0);
}

#[test]
fn what_is_borrowed_to_be_taken_out_bears_interest_and_is_lent_at_risk() {
    // a rise lets the client take 50 more, then a fall closes it out below its debt
    let run = |takes: bool| {
        let mut case = called(0.0);
        case.market = gaussian(0.0, 0.0, 252.0);
        case.simulation.horizon_days = 3;
        case.shocks = vec![
            Shock::Gap(Gap { day: 1, size: ratio(1.0), on: Target::All }),
            Shock::Gap(Gap { day: 2, size: ratio(-0.7), on: Target::All }),
        ];
        case.clients.withdrawal = takes.then(|| Withdrawal { probability: ratio(1.0), share: ratio(1.0), borrow: true });
        let mut account = Account::of_one("a", 50.0, 100.0);
        account.rate_annual = 0.1;
        outcome(case, &[account])
    };
    let (kept, taken) = (run(false), run(true));
    // 200 / 50 = 4.0 lets the loan grow to 200/3 (less interest); 60 in shares then covers 50 but not that
    assert!((taken.path.client_withdrawals[0] - (200.0 / 3.0 - 50.0)).abs() < 0.1, "{}", taken.path.client_withdrawals[0]);
    assert_eq!(kept.path.pool_loss[0], 0.0);
    assert!((taken.path.pool_loss[0] - (200.0 / 3.0 - 60.0)).abs() < 0.2, "{}", taken.path.pool_loss[0]);
    // three days to Monday at 50, one to Tuesday's sale at what was lent then; the other pays five days at 50
    let income = |outcome: &Outcome| outcome.path.lender_pnl[0] + outcome.path.pool_loss[0];
    let loan = 50.0 + taken.path.client_withdrawals[0];
    assert!((income(&taken) - 0.1 / 365.0 * (150.0 + loan)).abs() < 1e-9, "{}", income(&taken));
    assert!((income(&kept) - 0.1 / 365.0 * 250.0).abs() < 1e-9, "{}", income(&kept));
}

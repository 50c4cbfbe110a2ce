//! Holds the market's answer and the audit of a path to what must be true of any book.

use crate::support::world::{World, cases, on_the_board, worlds};
use crate::support::{programme, ratio, run};
use levertide::engine::trace::trace;
use levertide::model::case::Case;
use levertide::model::history::flag;
use levertide::model::impact::{Feedback, Impact, almgren::Almgren, linear::Linear, square_root::SquareRoot};
use levertide::model::market::{MarketSpec, replay::Replay};
use levertide::model::shock::{Shock, Target, gap::Gap};
use ndarray::Array2;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn with_feedback(case: &Case, impact: Impact) -> Case {
    Case { feedback: Feedback { impact, ..Feedback::default() }, ..case.clone() }
}

/// The figures of a run that feedback could change, as bits.
fn bits(world: &World, case: Case) -> Vec<u64> {
    let outcome = world.outcomes(vec![case]).remove(0);
    let columns = [
        &outcome.path.pool_loss,
        &outcome.path.client_loss,
        &outcome.path.forced_sales,
        &outcome.path.lender_pnl,
        &outcome.path.max_drawdown,
    ];
    columns.into_iter().flatten().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn impact_of_no_size_changes_no_bit(world in worlds(16), turnover in 1.0..200.0f64, share in 0.05..1.0f64) {
        let world = on_the_board(world, turnover, share);
        let plain = bits(&world, world.case.clone());
        let none = SquareRoot { coefficient: 0.0, ..SquareRoot::default() };
        prop_assert_eq!(&plain, &bits(&world, with_feedback(&world.case, Impact::SquareRoot(none))));
    }

    #[test]
    fn sales_that_press_on_the_price_cost_more_in_the_mean(world in worlds(64), turnover in 0.5..20.0f64) {
        let mut world = on_the_board(world, turnover, 1.0);
        // a fall of a tenth a session: every account with a loan is sold out
        world.case.margin.restore_to = None;
        for impact in [Impact::SquareRoot(SquareRoot::default()), Impact::Linear(Linear::default()), Impact::Almgren(Almgren::default())] {
            let outcome = world.outcomes(vec![with_feedback(&world.case, impact)]).remove(0);
            let mean = |losses: &[f64]| losses.iter().fold(0.0, |sum, x| sum + x);
            let (with, without) = (mean(&outcome.path.pool_loss), mean(&outcome.layers[0].pool_loss));
            prop_assert!(with >= without * (1.0 - 1e-12), "{impact:?}: {with} with, {without} without");
        }
    }

    #[test]
    fn the_ledger_of_a_path_balances_and_rebuilds_its_losses(world in worlds(24), turnover in 1.0..50.0f64, path in 0..24u64, loud in any::<bool>()) {
        let mut world = on_the_board(world, turnover, 0.5);
        if loud {
            world.case = with_feedback(&world.case, Impact::SquareRoot(SquareRoot::default()));
        }
        let (book, market) = (world.book(), world.market());
        let programme = programme(world.seed, vec![world.case.clone()]);
        let outcome = run(&programme, &book, &market).remove(0);
        let traced = trace(&programme, &book, &market, 0, path).expect("the path runs alone");
        let at = path as usize;
        prop_assert_eq!(traced.pool_loss.to_bits(), outcome.path.pool_loss[at].to_bits());
        let mut entries: BTreeMap<u32, f64> = BTreeMap::new();
        let mut accounts: BTreeMap<&str, f64> = BTreeMap::new();
        for entry in &traced.entries {
            *entries.entry(entry.entry_id).or_default() += entry.amount;
            *accounts.entry(entry.account.as_str()).or_default() += entry.amount;
        }
        prop_assert!(entries.values().all(|sum| sum.abs() < 1e-6), "an entry does not sum to zero");
        let balance = |name: &str| accounts.get(name).copied().unwrap_or(0.0);
        for (tier, name) in book.tiers.iter().enumerate() {
            let tier_balance = balance(&format!("tier/{name}"));
            prop_assert!((tier_balance + outcome.path.tier_loss[tier][at]).abs() < 1e-9);
        }
        prop_assert!((balance("recourse") + outcome.path.recourse[at]).abs() < 1e-9);
        prop_assert!((balance("unallocated") + outcome.path.unallocated_loss[at]).abs() < 1e-9);
        prop_assert!((balance("costs") - outcome.path.sale_cost[at]).abs() < 1e-9);
        let open: f64 = accounts.iter().filter(|(name, _)| name.starts_with("shortfall/")).map(|(_, sum)| sum.abs()).fold(0.0, |sum, x| sum + x);
        prop_assert!(open < 1e-9, "a shortfall of {open} is borne by nobody");
        // what each account is worth at the end is its story's last line, once results are shared
        let income = balance("lender/interest") + balance("lender/fees") + balance("lender/share");
        // an entry below a millionth is left out, one an account and day at most
        let left_out = 1e-6 * (book.accounts() * traced.dates.len()) as f64;
        let gap = (income - outcome.path.pool_loss[at] - outcome.path.lender_pnl[at]).abs();
        prop_assert!(gap < left_out + 1e-6 * (1.0 + income.abs()), "income {income} is off by {gap}");
        prop_assert_eq!(traced.story.len(), book.accounts() * traced.dates.len());
    }
}

#[test]
fn a_halted_holding_waits_while_the_rest_is_sold_and_pays_no_slippage() {
    // 100 shares of each of two names; the first falls 30 % while the second is halted, with no turnover at all
    let mut account = crate::support::Account::of_one("a", 160.0, 100.0);
    account.positions = vec![(0, 100.0), (1, 100.0)];
    let book = crate::support::book(&[account], &[("A", 1_000.0)]);
    let mut market = crate::support::market(&[1.0, 1.0]);
    market.instruments.iter_mut().for_each(|i| i.adv_amount = Some(1e4));
    let history = &mut market.history;
    history.simple_return.fill(0.0);
    history.simple_return[[0, 0]] = -0.3;
    history.flags[[0, 1]] |= flag::HALTED;
    let mut volume = Array2::ones(history.flags.raw_dim());
    volume[[0, 1]] = 0.0;
    history.relative_volume = Some(volume);
    let mut case = Case { exchange: crate::support::free_exchange(), ..Case::default() };
    case.market = MarketSpec::Replay(Replay { start: market.history.dates[0] });
    (case.simulation.paths, case.simulation.horizon_days) = (1, 2);
    case.margin.liquidation = Some(ratio(1.1));
    case.feedback.impact = Impact::SquareRoot(SquareRoot::default());
    let outcome = run(&programme(7, vec![case]), &book, &market).remove(0);
    let (sales, cost) = (outcome.path.forced_sales[0], outcome.path.sale_cost[0]);
    // the second is sold a session later: it was not pushed, so the sales are 70 and 100
    assert_eq!(sales, 170.0);
    assert!(cost > 0.0 && cost < 0.05 * sales, "{cost}");
    assert_eq!(outcome.symbol.queued_days, [0.0, 1.0]);
}

/// Mean overlap of two clients' portfolios: the cosine of their weights, over all pairs. 1 when all hold the same.
fn common_holdings(accounts: &[crate::support::Account]) -> f64 {
    let norm = |a: &crate::support::Account| a.positions.iter().fold(0.0, |sum, (_, q)| sum + q * q).sqrt();
    let overlap = |a: &crate::support::Account, b: &crate::support::Account| {
        let shared = a.positions.iter().flat_map(|p| b.positions.iter().filter(|q| q.0 == p.0).map(move |q| p.1 * q.1));
        shared.fold(0.0, |sum, x| sum + x) / (norm(a) * norm(b))
    };
    let pairs = (0..accounts.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let sum = pairs.fold(0.0, |sum, (i, j)| sum + overlap(&accounts[i], &accounts[j]));
    sum / (accounts.len() * (accounts.len() - 1) / 2) as f64
}

#[test]
fn more_common_holdings_amplify_more() {
    // ten clients at 2.4 to 4.2 times leverage hold one share each; the first of them hold the same one
    let sweep = |impact: Impact, seed: u64| {
        let at = |shared: u32| {
            let accounts: Vec<_> = (0..10)
                .map(|k| {
                    let mut account = crate::support::Account::of_one(&format!("a{k}"), 58.0 + 2.0 * f64::from(k), 100.0);
                    account.positions = vec![(if k < shared { 0 } else { k }, 100.0)];
                    account
                })
                .collect();
            let book = crate::support::book(&accounts, &[("A", 1_000.0)]);
            let mut market = crate::support::market(&[1.0; 10]);
            market.instruments.iter_mut().for_each(|i| i.adv_amount = Some(200.0));
            let mut case = Case { exchange: crate::support::free_exchange(), ..Case::default() };
            // all names move as one, so that holding the same adds no risk of its own
            case.market = crate::support::gaussian(0.6, -0.5, 252.0);
            if let MarketSpec::Gaussian(gaussian) = &mut case.market {
                gaussian.correlation = Some(ratio(1.0));
            }
            case.simulation.paths = 4_000;
            case.shocks = vec![Shock::Gap(Gap { day: 1, size: ratio(-0.25), on: Target::All })];
            case.margin.liquidation = Some(ratio(1.1));
            case.feedback.impact = impact;
            let programme = programme(seed, vec![case]);
            let outcome = run(&programme, &book, &market).remove(0);
            let estimates = crate::support::measure(&programme, 0, &book, &outcome);
            let found = crate::support::figure(&estimates, "amplification");
            (common_holdings(&accounts), found.value, found.std_error)
        };
        [1, 3, 5, 8, 10].map(at)
    };
    for (impact, seed) in [
        (Impact::SquareRoot(SquareRoot::default()), 7),
        (Impact::Linear(Linear::default()), 7),
        (Impact::SquareRoot(SquareRoot::default()), 8),
    ] {
        let found = sweep(impact, seed);
        println!("common holdings, amplification, standard error: {found:.3?}");
        assert!(found[0].1 >= 1.0, "{found:?}");
        // the paths are common, so that steps are known far better than each figure
        for pair in found.windows(2) {
            assert!(pair[1].0 > pair[0].0 && pair[1].1 > pair[0].1, "{impact:?}: {found:?}");
        }
        assert!(found[4].1 > found[0].1 + 4.0 * found[4].2, "{impact:?}: {found:?}");
    }
}

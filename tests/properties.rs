//! States what must hold for any numbers: identities of the pure rules, and of whole runs on generated books.

use crate::support::world::{TIERS, World, bare, cases, first_worlds, on_the_board, orders, worlds};
use crate::support::{gaussian, ratio};
use levertide::engine::outcome::{Outcome, PathColumns};
use levertide::model::liquidation::lots::{self, Lot};
use levertide::model::liquidation::order::Holding;
use levertide::model::liquidation::sale_to_restore;
use levertide::model::margin::{cap, distance};
use levertide::model::pool::waterfall;
use levertide::model::sharing::{Closing, Rule, Terms, interest_money, settle};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn near(found: f64, expected: f64, scale: f64) -> Result<(), TestCaseError> {
    prop_assert!((found - expected).abs() <= 1e-9 * scale.abs().max(1.0), "found {}, expected {}", found, expected);
    Ok(())
}

// ---- pure rules -------------------------------------------------------------------------------

prop_compose! {
    fn rules()(kind in 0..5, share in 0.0..1.0f64, money in 0.0..2e6f64, share_losses: bool) -> Rule {
        match kind {
            0 => Rule::None,
            1 => Rule::FixedSplit { client: share, share_losses },
            4 => Rule::CappedLoss { client: share, lender_loss: 1.0 - share, cap_money: 0.1 * money },
            2 => Rule::PerformanceFee { share, high_water_mark_money: money },
            _ => Rule::Guaranteed { guaranteed_money: 0.1 * money },
        }
    }
}

prop_compose! {
    fn holdings()(columns in prop::collection::vec((0.0..1e6f64, 0.0..1e9f64, -0.9..3.0f64), 1..12)) -> Vec<Holding> {
        let rows = columns.into_iter().enumerate();
        rows.map(|(at, (sellable_money, turnover_money, gain))| {
            // coarse figures, so that ties are common
            let turnover_money = (turnover_money / 3e8).floor();
            Holding { symbol: at as u32, held_money: sellable_money, sellable_money, turnover_money, gain: (gain * 2.0).floor(), relief: 1.0 }
        })
        .collect()
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_parts_of_a_settlement_add_up_to_the_gross_result(
        rule in rules(), own in 1.0..1e6f64, loan in 0.0..5e6f64, gross in -2e6..2e6f64, interest in 0.0..1e5f64,
        platform_fee in 0.0..0.2f64, exposure_fee in 0.0..0.02f64, paid_in in 0.0..1e5f64,
    ) {
        let equity_money = own + paid_in + gross - interest;
        let shortfall_money = (-equity_money).max(0.0);
        let terms = Terms { rule, own_capital_money: own, platform_fee, exposure_fee_money: exposure_fee * (own + loan) };
        let closing = Closing { gross_money: gross, interest_money: interest, equity_money, shortfall_money };
        let split = settle(&terms, &closing);
        let scale = own + loan + gross.abs();
        near(split.gross_money(), gross, scale)?;
        near(split.client_money + split.income_money() - split.shortfall_money, gross, scale)?;
        // fees come out of what is left, and a loss pays no platform fee
        prop_assert!(split.platform_fee_money >= 0.0 && split.exposure_fee_money >= 0.0);
        prop_assert!(split.fees_money() <= equity_money.max(0.0) * (1.0 + 1e-12));
        prop_assert!(gross > 0.0 || split.platform_fee_money == 0.0);
        // who may lose what
        match rule {
            Rule::None => prop_assert_eq!(split.lender_money, 0.0),
            Rule::FixedSplit { share_losses: false, .. } | Rule::PerformanceFee { .. } => prop_assert!(split.lender_money >= 0.0),
            Rule::FixedSplit { .. } => prop_assert!(split.client_money * split.lender_money >= 0.0),
            Rule::CappedLoss { cap_money, .. } => prop_assert!(split.lender_money >= -cap_money - 1e-9 * scale),
            Rule::Guaranteed { guaranteed_money } => near(split.client_money, guaranteed_money, scale)?,
        }
        // nobody loses more than own capital and what was paid in, the rest being the shortfall
        if !matches!(rule, Rule::Guaranteed { .. } | Rule::PerformanceFee { .. }) {
            prop_assert!(split.client_money >= -(own + paid_in) - 1e-9 * scale, "client {}", split.client_money);
        }
    }

    #[test]
    fn a_better_result_is_never_worse_for_the_client(
        rule in rules(), gross in -5e5..5e5f64, more in 0.0..1e5f64, fee in 0.0..0.2f64,
    ) {
        let own = 1e6;
        let terms = Terms { rule, own_capital_money: own, platform_fee: fee, exposure_fee_money: 100.0 };
        let at = |gross_money: f64| settle(&terms, &Closing { gross_money, interest_money: 50.0, equity_money: own + gross_money - 50.0, shortfall_money: 0.0 });
        prop_assert!(at(gross + more).client_money >= at(gross).client_money - 1e-6);
        prop_assert!(at(gross + more).income_money() >= at(gross).income_money() - 1e-6);
    }

    #[test]
    fn interest_adds_over_days_and_over_loans(loan in 0.0..1e7f64, other in 0.0..1e7f64, rate in 0.0..0.4f64, days in 0..400, more in 0..400, count in prop_oneof![Just(360u32), Just(365u32)]) {
        let of = |loan: f64, days: i32| interest_money(loan, rate, days, count);
        near(of(loan, days) + of(loan, more), of(loan, days + more), loan)?;
        near(of(loan, days) + of(other, days), of(loan + other, days), loan + other)?;
        near(of(loan, count as i32), loan * rate, loan)?;
    }

    #[test]
    fn the_waterfall_loses_nothing_and_spares_the_senior(capital in prop::collection::vec(0.0..1e6f64, 1..6), losses in prop::collection::vec(0.0..1e6f64, 1..5)) {
        let mut taken = vec![0.0; capital.len()];
        let mut rest = 0.0;
        for loss in &losses {
            rest += waterfall::allocate(*loss, &capital, &mut taken);
        }
        let loss = losses.iter().fold(0.0, |sum, loss| sum + loss);
        near(taken.iter().fold(rest, |sum, part| sum + part), loss, loss)?;
        for tier in 0..capital.len() {
            prop_assert!(taken[tier] >= 0.0 && taken[tier] <= capital[tier] * (1.0 + 1e-12));
            let juniors_full = (0..tier).all(|junior| taken[junior] >= capital[junior] * (1.0 - 1e-12));
            prop_assert!(taken[tier] == 0.0 || juniors_full, "tier {} bears a loss before its juniors are exhausted: {:?}", tier, taken);
        }
        let all_full = (0..capital.len()).all(|tier| taken[tier] >= capital[tier] * (1.0 - 1e-12));
        prop_assert!(rest == 0.0 || all_full);
        // one loss or its parts: the same
        let mut at_once = vec![0.0; capital.len()];
        near(waterfall::allocate(loss, &capital, &mut at_once), rest, loss)?;
        for (parts, whole) in taken.iter().zip(&at_once) {
            near(*parts, *whole, loss)?;
        }
    }

    #[test]
    fn a_sale_restores_the_ratio_exactly(debt in 1.0..1e7f64, ratio in 0.8..2.0f64, target in 1.01..2.0f64, cost in 0.0..0.1f64) {
        let assets = ratio * debt;
        let sale = sale_to_restore(assets, debt, target, cost);
        if ratio >= target {
            prop_assert!(sale <= 1e-9 * debt);
        } else if sale < assets && (1.0 - cost) * sale < debt {
            let (left, owed) = (assets - sale, debt - (1.0 - cost) * sale);
            near(left, target * owed, debt)?;
        } else if sale.is_finite() {
            // not even the sale of everything restores it: what would be left is debt without assets, or neither
            prop_assert!(assets * (1.0 - cost) <= debt * (1.0 + 1e-12));
        } else {
            prop_assert!(target * (1.0 - cost) <= 1.0);
        }
    }

    #[test]
    fn a_divided_sale_raises_what_is_needed_or_all_there_is(order in orders(), holdings in holdings(), need in 0.0..5e6f64, turn in 0usize..12) {
        let (mut sequence, mut sale) = (Vec::new(), vec![0.0; holdings.len()]);
        let rest = order.divide(need, &holdings, &mut sequence, &mut sale);
        let sellable = holdings.iter().fold(0.0, |sum, h| sum + h.sellable_money);
        near(sale.iter().fold(rest, |sum, part| sum + part), need, need)?;
        near(rest, (need - sellable).max(0.0), need)?;
        prop_assert!(holdings.iter().zip(&sale).all(|(h, part)| *part >= 0.0 && *part <= h.sellable_money * (1.0 + 1e-12)));
        // the place of a holding in the list decides nothing
        let mut turned = holdings.clone();
        turned.rotate_left(turn % holdings.len());
        let mut other = vec![0.0; holdings.len()];
        order.divide(need, &turned, &mut sequence, &mut other);
        other.rotate_right(turn % holdings.len());
        for (here, there) in sale.iter().zip(&other) {
            near(*here, *there, need)?;
        }
    }

    #[test]
    fn a_rounded_sale_is_whole_lots_or_the_whole_position(wanted in -10.0..2e4f64, held in 0.0..1e4f64, least in prop_oneof![Just(0.0), Just(1.0), Just(100.0), Just(200.0)], single in any::<bool>()) {
        let held = held.floor();
        let step = if single && least > 0.0 { 1.0 } else { least };
        let lot = Lot { least, step };
        let (up, down) = (lots::round_up(wanted, held, lot), lots::round_down(wanted, held, lot));
        prop_assert!(up >= wanted.max(0.0).min(held) && up <= held);
        prop_assert!(down <= wanted.max(0.0) && down >= 0.0 && down <= held);
        if step > 0.0 {
            prop_assert!(up == 0.0 || up == held || (up % step == 0.0 && up >= least));
            prop_assert!(down == 0.0 || down == held || (down % step == 0.0 && down >= least));
            prop_assert!(up - wanted.max(0.0) < least && wanted.min(held) - down < least);
        }
    }

    #[test]
    fn distances_to_a_line_lead_to_the_line(own in 1.0..1e6f64, financed in 1.0..1e7f64, line in 1.0..2.0f64, limit in 0.05..0.3f64) {
        let leverage = distance::leverage_of(own, financed);
        let drop = distance::drop_to_reach(leverage, line);
        near((1.0 - drop) * (own + financed), line * financed, own + financed)?;
        near(distance::opening_ratio(leverage), (own + financed) / financed, leverage)?;
        let call = distance::cash_call_money(own + financed, financed, line);
        prop_assert!((own + financed + call) >= line * financed * (1.0 - 1e-12));
        prop_assert!(call == 0.0 || (own + financed + call) <= line * financed * (1.0 + 1e-12));
        let days = distance::limit_downs_to_zero(leverage, limit).expect("there is a loan");
        let after = |days: u32| (0..days).fold(own + financed, |assets, _| assets * (1.0 - limit)) - financed;
        prop_assert!(days >= 1 && after(days) <= 1e-6 * (own + financed) && after(days - 1) > 0.0, "{} days", days);
    }

    #[test]
    fn the_cap_is_the_least_bound(means in 0.0..1e6f64, risk in 0.0..1.0f64, lever in 1.0..5.0f64, law in 0.0..1e6f64, platform in 0.0..1e6f64) {
        let found = cap::investment_cap(means, risk, lever, law, platform);
        prop_assert!(found.money <= means * risk * lever && found.money <= law && found.money <= platform);
        let bound = match found.binding {
            cap::Binding::Means => means * risk * lever,
            cap::Binding::Regulation => law,
            cap::Binding::Platform => platform,
        };
        prop_assert_eq!(found.money, bound);
    }
}

// ---- whole runs on generated books ------------------------------------------------------------

fn money_columns(path: &PathColumns) -> Vec<&Vec<f64>> {
    let plain = [
        &path.pool_loss,
        &path.shortfall,
        &path.recourse,
        &path.unallocated_loss,
        &path.lender_pnl,
        &path.client_loss,
        &path.forced_sales,
        &path.unsold,
        &path.sale_cost,
        &path.call_amount,
    ];
    plain.into_iter().chain(&path.tier_loss).collect()
}

fn event_columns(path: &PathColumns) -> [&Vec<u32>; 6] {
    [&path.warned, &path.limited, &path.called, &path.cured, &path.liquidated, &path.shortfall_accounts]
}

/// What must balance in any outcome: a path's loss over its bearers, and the accounts, symbols and events over the paths.
fn balances(world: &World, outcome: &Outcome) -> Result<(), TestCaseError> {
    let path = &outcome.path;
    let scale = 1e3;
    for at in 0..outcome.paths as usize {
        near(path.pool_loss[at], path.shortfall[at] - path.recourse[at], scale)?;
        let borne = path.tier_loss.iter().fold(path.unallocated_loss[at], |sum, tier| sum + tier[at]);
        near(borne, path.pool_loss[at], scale)?;
        prop_assert!(path.shortfall[at] >= 0.0 && path.recourse[at] >= 0.0 && path.unallocated_loss[at] >= 0.0);
        near(path.recourse[at], world.case.pool.recourse.get() * path.shortfall[at], scale)?;
        near(path.sale_cost[at], world.case.liquidation.cost.get() * path.forced_sales[at], scale)?;
        prop_assert!(path.shortfall_accounts[at] > 0 || path.shortfall[at] == 0.0);
        prop_assert!(path.shortfall_accounts[at] <= path.liquidated[at]);
        prop_assert!(path.cured[at] <= path.called[at] && path.liquidated[at] as usize <= world.accounts.len());
    }
    let all = |column: &[f64]| column.iter().fold(0.0, |sum, value| sum + value);
    near(all(&outcome.account.loss_sum), all(&path.pool_loss), scale)?;
    near(all(&outcome.account.client_loss_sum), all(&path.client_loss), scale)?;
    near(all(&outcome.symbol.sold), all(&path.forced_sales), scale)?;
    near(all(&outcome.symbol.unsold), all(&path.unsold), scale)?;
    for (account, columns) in [
        (&outcome.account.liquidated, &path.liquidated),
        (&outcome.account.warned, &path.warned),
        (&outcome.account.called, &path.called),
        (&outcome.account.cured, &path.cured),
        (&outcome.account.shortfall, &path.shortfall_accounts),
    ] {
        prop_assert_eq!(account.iter().map(|n| u64::from(*n)).sum::<u64>(), columns.iter().map(|n| u64::from(*n)).sum::<u64>());
    }
    Ok(())
}

#[test]
fn the_generated_worlds_reach_what_the_properties_speak_of() {
    // a property that never meets its case proves nothing
    let mut paths = 0;
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    for world in first_worlds(300, 16) {
        let path = world.outcome().path;
        paths += path.shortfall.len() as u64;
        let mut count = |name: &'static str, met: usize| *seen.entry(name).or_default() += met as u64;
        let money = |column: &[f64]| column.iter().filter(|value| **value > 0.0).count();
        let events = |column: &[u32]| column.iter().filter(|value| **value > 0).count();
        count("a warning", events(&path.warned));
        count("a call", events(&path.called));
        count("a cure", events(&path.cured));
        count("a liquidation", events(&path.liquidated));
        count("a shortfall", money(&path.shortfall));
        count("a loss beyond the tiers", money(&path.unallocated_loss));
        count("a sale cost", money(&path.sale_cost));
        count("something unsold at the end", money(&path.unsold));
        count("a survivor", path.liquidated.iter().filter(|n| (**n as usize) < world.accounts.len()).count());
    }
    println!("of {paths} paths: {seen:?}");
    for (name, met) in seen {
        assert!(met * 50 >= paths, "{name} was met on {met} of {paths} paths, less than one in fifty");
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn every_shortfall_is_recovered_borne_by_a_tier_or_left_over(world in worlds(16)) {
        balances(&world, &world.outcome())?;
    }

    #[test]
    fn the_balance_holds_on_an_exchange_with_limits_lots_and_scarce_volume(world in worlds(16), turnover in 1.0..200.0f64, share in 0.05..1.0f64) {
        let world = on_the_board(world, turnover, share);
        let outcome = world.outcome();
        balances(&world, &outcome)?;
        // all forced sales together take no more than their share of the volume
        let sessions = f64::from(world.case.simulation.horizon_days);
        for sold in &outcome.path.forced_sales {
            prop_assert!(*sold <= turnover * share * sessions * world.prices.len() as f64 * (1.0 + 1e-9), "sold {}", sold);
        }
    }

    #[test]
    fn money_is_conserved_between_the_market_clients_and_the_lender(mut world in worlds(1), drift in -3.0..1.0f64) {
        // without volatility the price is known, and so is what the market gave or took
        world.case.market = gaussian(0.0, drift, 252.0);
        world.case.clients.cure_probability = ratio(0.0);
        world.case.margin.restore_to = None;
        world.case.liquidation.delay_days = world.case.simulation.horizon_days + 1; // nothing is sold, all is marked
        let outcome = world.outcome();
        let growth = libm::exp(drift * f64::from(world.case.simulation.horizon_days) / 252.0) - 1.0;
        let held = world.accounts.iter().flat_map(|account| &account.positions).fold(0.0, |sum, (_, quantity)| sum + quantity);
        prop_assert_eq!(outcome.path.forced_sales[0], 0.0);
        near(outcome.path.lender_pnl[0] - outcome.path.client_loss[0], growth * held, 1e3)?;
    }

    #[test]
    fn more_leverage_never_spares_an_account(world in worlds(1), line in 1.0..1.3f64, more in 1.0..1.5f64) {
        let mut world = bare(world, line);
        world.accounts.truncate(1);
        let mut worse = world.accounts[0].clone();
        worse.id = "worse".into();
        worse.loan *= more;
        world.accounts.push(worse);
        let outcome = world.outcome();
        let (less, more) = (outcome.account.liquidated[0], outcome.account.liquidated[1]);
        prop_assert!(more >= less, "the account with less debt was liquidated alone");
        if less > 0 {
            prop_assert!(outcome.account.first_liquidation[1][0] <= outcome.account.first_liquidation[0][0]);
        }
    }

    #[test]
    fn a_softer_line_never_liquidates_earlier(world in worlds(1), line in 1.0..1.3f64, softer in 0.0..0.2f64) {
        let cases = [line, line - softer].map(|line| bare(world.clone(), line).case);
        let outcomes = world.outcomes(cases.to_vec());
        for account in 0..world.accounts.len() {
            let [hard, soft] = [0, 1].map(|at: usize| outcomes[at].account.first_liquidation[account][0]);
            prop_assert!(hard <= soft, "line {}: day {}, softer line: day {}", line, hard, soft);
        }
    }

    #[test]
    fn the_place_of_an_account_in_the_book_decides_nothing(mut world in worlds(16), turn in 0usize..8) {
        // answers to calls belong to the name, which this test changes
        world.case.clients.cure_probability = ratio(0.0);
        let count = world.accounts.len();
        let turned = world.turned(turn);
        let (here, there) = (world.outcome(), turned.outcome());
        for at in 0..count {
            let other = (at + turn) % count;
            prop_assert_eq!(here.account.liquidated[at], there.account.liquidated[other]);
            prop_assert_eq!(here.account.first_liquidation[at], there.account.first_liquidation[other]);
            prop_assert_eq!(here.account.loss_sum[at].to_bits(), there.account.loss_sum[other].to_bits());
            prop_assert_eq!(here.account.client_loss_sum[at].to_bits(), there.account.client_loss_sum[other].to_bits());
        }
        prop_assert_eq!(event_columns(&here.path), event_columns(&there.path));
        for (here, there) in money_columns(&here.path).into_iter().zip(money_columns(&there.path)) {
            for (here, there) in here.iter().zip(there) {
                near(*here, *there, 1e3)?;
            }
        }
    }

    #[test]
    fn a_new_account_leaves_the_others_to_the_bit(world in worlds(16)) {
        let mut larger = world.clone();
        let mut new = world.accounts[0].clone();
        new.id = "account 0 and another".into();
        new.loan *= 0.9;
        larger.accounts.push(new);
        let (here, there) = (world.outcome(), larger.outcome());
        for (at, id) in world.book().account_id.iter().enumerate() {
            let other = larger.book().account_id.iter().position(|name| name == id).expect("it is still there");
            prop_assert_eq!(here.account.cured[at], there.account.cured[other]);
            prop_assert_eq!(here.account.liquidated[at], there.account.liquidated[other]);
            prop_assert_eq!(here.account.loss_sum[at].to_bits(), there.account.loss_sum[other].to_bits());
            prop_assert_eq!(here.account.client_loss_sum[at].to_bits(), there.account.client_loss_sum[other].to_bits());
        }
    }

    #[test]
    fn money_in_another_unit_changes_no_event(world in worlds(16), unit in prop_oneof![Just(8.0), Just(10.0), Just(1.0 / 64.0)]) {
        let mut scaled = world.clone();
        let capital = |unit: f64| TIERS.iter().map(|(name, amount)| (name.to_string(), amount * unit)).collect::<BTreeMap<_, _>>();
        for account in &mut scaled.accounts {
            account.cash *= unit;
            account.loan *= unit;
            account.positions.iter_mut().for_each(|(_, quantity)| *quantity *= unit);
        }
        let mut world = world;
        world.case.pool.capital = capital(1.0);
        scaled.case.pool.capital = capital(unit);
        let (here, there) = (world.outcome(), scaled.outcome());
        prop_assert_eq!(event_columns(&here.path), event_columns(&there.path));
        // a power of two is exact in binary, ten is not
        let exact = unit != 10.0;
        for (here, there) in money_columns(&here.path).into_iter().zip(money_columns(&there.path)) {
            for (here, there) in here.iter().zip(there) {
                if exact {
                    prop_assert_eq!((here * unit).to_bits(), there.to_bits(), "{} and {}", here, there);
                } else {
                    near(here * unit, *there, 1e4)?;
                }
            }
        }
    }
}

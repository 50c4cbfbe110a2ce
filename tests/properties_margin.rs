//! States what must hold of margin rules and forced sales for any numbers, on at least ten thousand generated cases each.

use crate::support::world::{World, bare, cases, on_the_board, worlds};
use crate::support::{programme, ratio};
use levertide::engine::outcome::Outcome;
use levertide::engine::trace::{StoryLine, trace};
use levertide::engine::{Control, simulate_every_account};
use levertide::model::client::{pre_emptive::PreEmptive, withdrawal::Withdrawal};
use levertide::model::impact::{Impact, square_root::SquareRoot};
use levertide::model::liquidation::adl::Adl;
use levertide::model::liquidation::{Order, order::Holding, sale_to_restore};
use levertide::model::margin::dynamic::{Dynamic, Method, ValueAtRisk};
use levertide::model::margin::haircut::{Base, Haircuts};
use levertide::model::margin::limit_action::LimitAction;
use levertide::model::margin::risk_volatility::{Measure, RiskVolatility};
use levertide::model::margin::stop::Stop;
use levertide::model::margin::template::Template;
use levertide::model::margin::trigger::{Movement, VolatilityTrigger};
use levertide::model::shock::{Shock, Target, limit_downs::LimitDowns, suspension::Suspension};
use proptest::prelude::*;
use std::sync::atomic::AtomicBool;

fn near(found: f64, expected: f64, scale: f64) -> Result<(), TestCaseError> {
    prop_assert!((found - expected).abs() <= 1e-9 * scale.abs().max(1.0), "found {}, expected {}", found, expected);
    Ok(())
}

/// The story of the first path of a world.
fn story(world: &World) -> Vec<StoryLine> {
    let programme = programme(world.seed, vec![world.case.clone()]);
    trace(&programme, &world.book(), &world.market(), 0, 0).unwrap_or_else(|problems| panic!("{problems}")).story
}

fn every_account(world: &World) -> Outcome {
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| {} };
    let programme = programme(world.seed, vec![world.case.clone()]);
    simulate_every_account(&programme, &world.book(), &world.market(), &control).unwrap_or_else(|p| panic!("{p}")).remove(0)
}

prop_compose! {
    fn dynamics()(var: bool, weight in 0.0..0.5f64, buffer in 0.0..0.5f64, lookback_floor: bool, floor in 0.3..1.0f64, cap in 1.0..3.0f64) -> Dynamic {
        let method = if var { Method::ValueAtRisk(ValueAtRisk::default()) } else { Method::Volatility };
        Dynamic { method, floor: ratio(floor), cap: ratio(cap), stressed_weight: ratio(weight), buffer: ratio(buffer), lookback_floor }
    }
}

prop_compose! {
    fn triggers()(kind in 0..5, threshold in 0.005..0.08f64, days in 1..4u32, above in 1.5..5.0f64, limit in 1.0..2.0f64, cut in prop::option::of(0.5..1.0f64)) -> VolatilityTrigger {
        let measure = [Movement::Absolute, Movement::Realised(3), Movement::Range(4), Movement::Weighted, Movement::SessionRange][kind as usize];
        let cut_to_leverage = cut.map(|share| 1.0 + (above - 1.0) * share);
        VolatilityTrigger { measure, threshold: ratio(threshold), days, above_leverage: above, limit: Some(ratio(limit)), cut_to_leverage }
    }
}

prop_compose! {
    /// A world with any of the platform's controls on.
    fn controlled(paths: u64)(
        world in worlds(paths), dynamic in prop::option::of(dynamics()), trigger in prop::option::of(triggers()),
        flat in prop::option::of(0.0..0.4f64), widening in 0.0..3.0f64, template in prop::option::of((1.5..4.0f64, 0.3..1.0f64)),
        stops in (prop::option::of(0.05..0.6f64), prop::option::of(0.1..0.9f64)), adl in prop::option::of((1.1..1.6f64, 0.05..0.5f64)),
        reduce in prop::option::of(0.0..0.3f64), daily_share in prop::option::of(0.1..1.0f64),
        clients in (prop::option::of(0.05..0.5f64), prop::option::of(0.05..0.5f64)), impact in prop::option::of(0.01..0.3f64),
        implied in prop::option::of((0.05..1.5f64, prop::option::of(1.0..10.0f64))),
    ) -> World {
        let mut world = world;
        world.case.clients.pre_emptive = clients.0.map(|intensity| PreEmptive { intensity: ratio(intensity), ..PreEmptive::default() });
        world.case.clients.withdrawal = clients.1.map(|probability| Withdrawal { probability: ratio(probability), ..Withdrawal::default() });
        if let Some(coefficient) = impact {
            world.case.feedback.impact = Impact::SquareRoot(SquareRoot { coefficient, ..SquareRoot::default() });
            world.case.feedback.layers = false;
        }
        let margin = &mut world.case.margin;
        margin.dynamic = dynamic;
        if let Some((annual, half_life_days)) = implied {
            world.implied_annual = Some(annual);
            margin.risk_volatility = Some(RiskVolatility { measure: Measure::Implied, half_life_days, ..RiskVolatility::default() });
        }
        margin.volatility_trigger = trigger;
        if let Some(share) = flat {
            margin.haircuts = Haircuts { base: Base::Flat(ratio(share)), widening, cap: ratio(0.6) };
        }
        margin.template = template.map(|(calm, part)| Template {
            calm_leverage: calm,
            stress_leverage: 1.0 + (calm - 1.0) * part,
            enforce: true,
            ..Template::default()
        });
        margin.stop = Stop { position_loss: stops.0.map(ratio), drawdown: stops.1.map(ratio) };
        if let (Some(more), Some(limit)) = (reduce, margin.limit) {
            margin.limit_action = LimitAction::ReduceTo(ratio(limit.get() + more));
        }
        world.case.liquidation.adl = adl.map(|(upper, share)| Adl { upper: ratio(upper), lower: ratio(1.0), share: ratio(share) });
        world.case.liquidation.daily_share = daily_share.map(ratio);
        world
    }
}

/// Accounts of one symbol each, so that an account's sales are that symbol's.
fn of_one_symbol(mut world: World) -> World {
    for account in &mut world.accounts {
        account.positions.truncate(1);
        let value = account.positions[0].1 + account.cash;
        account.loan = account.loan.min(value);
    }
    world
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_sale_that_restores_a_ratio_is_its_formula(debt in 1.0..1e6f64, r in 1.001..1.5f64, more in 0.01..1.0f64) {
        let (assets, target) = (debt * r, r + more);
        let sale = sale_to_restore(assets, debt, target, 0.0);
        near(sale, (target * debt - assets) / (target - 1.0), debt)?;
        near((assets - sale) / (debt - sale), target, 1.0)?;
    }

    #[test]
    fn relief_is_met_by_any_order(rows in prop::collection::vec((0.0..1e4f64, 0.01..1.0f64), 1..8), part in 0.0..1.5f64, kind in 0..4) {
        let order = [Order::ProRata, Order::MostLiquidFirst, Order::LargestFirst, Order::LosersFirst][kind as usize];
        let holdings: Vec<Holding> = rows.iter().enumerate().map(|(at, (money, relief))| Holding {
            symbol: at as u32, held_money: *money, sellable_money: *money, turnover_money: at as f64, gain: -(at as f64), relief: *relief,
        }).collect();
        let all = holdings.iter().fold(0.0, |sum, h| sum + h.sellable_money * h.relief);
        let need = part * all;
        let mut sale = vec![0.0; holdings.len()];
        let left_over = order.divide(need, &holdings, &mut Vec::new(), &mut sale);
        let met = holdings.iter().zip(&sale).fold(0.0, |sum, (h, s)| sum + s * h.relief);
        near(met, need.min(all), all)?;
        near(left_over, (need - all).max(0.0), all)?;
        prop_assert!(need > all * (1.0 - 1e-12) || left_over == 0.0, "left over {}", left_over);
        prop_assert!(holdings.iter().zip(&sale).all(|(h, s)| *s >= 0.0 && *s <= h.sellable_money * (1.0 + 1e-12)));
    }

    #[test]
    fn a_close_out_stops_exactly_where_it_restores_whenever_holdings_allow(world in worlds(1), line in 1.05..1.3f64, more in 0.01..0.3f64) {
        let mut world = bare(world, line);
        world.case.margin.restore_to = Some(ratio(line + more));
        world.case.liquidation.cost = ratio(0.0);
        world.case.liquidation.delay_days = 0;
        let target = line + more;
        let book = world.book();
        let mut cash_before = book.cash.clone();
        for line in &story(&world) {
            let debt = line.loan + line.interest_due;
            // before the sale: what was sold was held, and paid debt, after the cash
            let used = cash_before[line.account] - line.cash;
            let debt_before = debt + line.sold + used + line.shortfall;
            let assets_before = cash_before[line.account] + line.market_value + line.sold;
            cash_before[line.account] = line.cash;
            if line.sold == 0.0 {
                // cash met the target, or nothing was asked for
                prop_assert!(used == 0.0 || line.ratio() > target - 1e-7, "ratio {}, target {}", line.ratio(), target);
                continue;
            }
            let needed = (target * (debt_before - used) - (assets_before - used)) / (target - 1.0);
            prop_assert!(line.cash == 0.0 || line.market_value <= 1e-9, "{} of cash beside a sale", line.cash);
            if line.market_value > 1e-9 {
                near(line.sold, needed, debt_before)?;
                prop_assert!(debt < 1e-9 * debt_before || (line.ratio() - target).abs() < 1e-7, "ratio {}, target {}", line.ratio(), target);
            } else {
                // everything went: no less would have restored the ratio
                prop_assert!(needed >= line.sold * (1.0 - 1e-9), "needed {}, sold {}", needed, line.sold);
            }
        }
    }

    #[test]
    fn nothing_blocked_and_no_more_than_its_share_is_sold(
        world in worlds(1), turnover in 5.0..200.0f64, share in 0.05..1.0f64, hit in prop::collection::vec(any::<bool>(), 4),
        first in 1..4u32, days in 1..4u32, suspended: bool,
    ) {
        let mut world = of_one_symbol(on_the_board(world, turnover, share));
        let horizon = world.case.simulation.horizon_days.max(first + days);
        world.case.simulation.horizon_days = horizon;
        let symbols: Vec<String> = (0..4).filter(|s| hit[*s]).map(|s| format!("S{s:04}")).collect();
        if !symbols.is_empty() {
            let on = Target::Symbols(symbols);
            world.case.shocks = vec![match suspended {
                true => Shock::Suspension(Suspension { share: ratio(1.0), first_day: first, days, on }),
                false => Shock::LimitDowns(LimitDowns { first_day: first, days, size_without_limit: ratio(0.1), on }),
            }];
        }
        let book = world.book();
        let symbol = |account: usize| book.position_symbol[book.positions(account).start] as usize;
        let mut sold = vec![[0.0; 4]; horizon as usize + 1];
        for line in story(&world) {
            let s = symbol(line.account);
            let day = u32::from(line.day);
            let blocked = hit[s] && (first..first + days).contains(&day);
            prop_assert!(!(blocked && line.sold > 0.0), "a blocked name was sold on day {}", day);
            sold[line.day as usize][s] += line.sold;
        }
        for day in sold {
            prop_assert!(day.iter().all(|s| *s <= turnover * share * (1.0 + 1e-9)), "sold {:?} of {}", day, turnover * share);
        }
    }

    #[test]
    fn passing_accounts_over_changes_nothing(world in controlled(1)) {
        let (pruned, whole) = (world.outcome(), every_account(&world));
        // whatever belongs to one account or one symbol is the same to the bit; sums over accounts are added in another order
        let bits = |column: &[f64]| column.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let (a, b) = (&pruned.symbol, &whole.symbol);
        for (a, b) in [
            (&pruned.account.loss_sum, &whole.account.loss_sum),
            (&a.sold, &b.sold),
            (&a.square.sold, &b.square.sold),
            (&a.square.early, &b.square.early),
            (&a.square.unsold, &b.square.unsold),
            (&a.square.by_day, &b.square.by_day),
        ] {
            prop_assert_eq!(bits(a), bits(b));
        }
        prop_assert_eq!(&a.square.queued_days, &b.square.queued_days);
        let events = |o: &Outcome| {
            let a = o.account.clone();
            (a.warned, a.limited, a.called, a.cured, a.liquidated, a.shortfall, a.reduced)
        };
        prop_assert_eq!(events(&pruned), events(&whole));
        let days = |o: &Outcome| [&o.account.first_warning, &o.account.first_call, &o.account.first_liquidation, &o.account.first_close].map(Clone::clone);
        prop_assert_eq!(days(&pruned), days(&whole));
        let (a, b) = (&pruned.path, &whole.path);
        prop_assert_eq!(&a.controls.trigger_days, &b.controls.trigger_days);
        for (a, b) in [(&a.forced_sales, &b.forced_sales), (&a.unsold, &b.unsold), (&a.call_amount, &b.call_amount), (&a.pool_loss, &b.pool_loss)] {
            near(a[0], b[0], 1e3)?;
        }
        near(a.client_loss[0], b.client_loss[0], 1e3)?;
    }

    #[test]
    fn under_controls_the_place_of_an_account_decides_nothing(mut world in controlled(1), turn in 0usize..8) {
        // answers and withdrawals belong to the name, which this test changes; what presses on a price is a sum over accounts
        world.case.clients.cure_probability = ratio(0.0);
        world.case.clients.withdrawal = None;
        world.case.feedback.impact = Impact::None;
        let count = world.accounts.len();
        let turned = world.turned(turn);
        let (here, there) = (world.outcome(), turned.outcome());
        for at in 0..count {
            let other = (at + turn) % count;
            prop_assert_eq!(here.account.first_liquidation[at], there.account.first_liquidation[other]);
            prop_assert_eq!(here.account.reduced[at], there.account.reduced[other]);
            prop_assert_eq!(here.account.loss_sum[at].to_bits(), there.account.loss_sum[other].to_bits());
            prop_assert_eq!(here.account.client_loss_sum[at].to_bits(), there.account.client_loss_sum[other].to_bits());
        }
    }

    #[test]
    fn under_moving_lines_more_leverage_never_spares_an_account(world in worlds(1), line in 1.0..1.3f64, more in 1.0..1.5f64, dynamic in dynamics(), flat in 0.0..0.3f64) {
        let mut world = bare(world, line);
        world.case.margin.dynamic = Some(Dynamic { method: Method::Volatility, ..dynamic });
        world.case.margin.haircuts = Haircuts { base: Base::Flat(ratio(flat)), widening: 1.0, cap: ratio(0.5) };
        world.accounts.truncate(1);
        let mut worse = world.accounts[0].clone();
        worse.id = "worse".into();
        worse.loan *= more;
        world.accounts.push(worse);
        let outcome = world.outcome();
        let [less, more] = [0, 1].map(|a: usize| outcome.account.first_liquidation[a][0]);
        prop_assert!(more <= less, "day {} with less debt, day {} with more", less, more);
    }

    #[test]
    fn under_moving_lines_a_softer_line_never_liquidates_earlier(world in worlds(1), line in 1.05..1.3f64, softer in 0.0..0.2f64, dynamic in dynamics()) {
        let dynamic = Dynamic { method: Method::Volatility, ..dynamic };
        let cases = [line, (line - softer).max(1.0)].map(|line| {
            let mut case = bare(world.clone(), line).case;
            case.margin.dynamic = Some(dynamic.clone());
            case
        });
        let outcomes = world.outcomes(cases.to_vec());
        for account in 0..world.accounts.len() {
            let [hard, soft] = [0, 1].map(|at: usize| outcomes[at].account.first_liquidation[account][0]);
            prop_assert!(hard <= soft, "line {}: day {}, softer line: day {}", line, hard, soft);
        }
    }
}

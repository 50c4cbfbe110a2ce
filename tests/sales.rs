//! Checks by hand arithmetic what a sale is when rules meet: lines and their targets, own cash, lots, the cap on turnover.

use crate::support::{Account, as_of, book, gap, market, near, programme, ratio, run, still};
use levertide::engine::trace::{StoryLine, trace};
use levertide::inputs::rulebooks;
use levertide::model::case::Case;
use levertide::model::margin::contract::LineOverride;
use levertide::model::margin::haircut::{Base, Haircuts};
use levertide::model::margin::limit_action::LimitAction;
use levertide::model::margin::trigger::VolatilityTrigger;
use levertide::model::margin::{Lines, Margin};
use levertide::model::pool::cash::Cash;
use levertide::model::pool::trigger::Trigger;
use levertide::model::sharing::InterestBase;
use levertide::model::shock::{Shock, Target, suspension::Suspension};

/// The story of a book of one account.
fn story(case: Case, account: Account) -> Vec<StoryLine> {
    let book = book(&[account], &[("A", 1e6)]);
    trace(&programme(1, vec![case]), &book, &market(&[1.0]), 0, 0).unwrap_or_else(|p| panic!("{p}")).story
}

/// Call, cured-at, restore-to and reduce-to.
fn targets(lines: Lines) -> [f64; 4] {
    [lines.call, lines.cured_at, lines.restore_to, lines.reduce_to]
}

fn all_near(found: [f64; 4], expected: [f64; 4]) {
    found.into_iter().zip(expected).for_each(|(found, expected)| near(found, expected));
}

// ---- a target belongs to a line ------------------------------------------------------------------

#[test]
fn an_accounts_own_line_moves_the_targets_that_belong_to_it() {
    let margin = Margin {
        limit: Some(ratio(1.4)),
        call: Some(ratio(1.3)),
        cured_at: Some(ratio(1.35)),
        liquidation: Some(ratio(1.1)),
        restore_to: Some(ratio(1.33)),
        limit_action: LimitAction::ReduceTo(ratio(1.45)),
        ..Margin::default()
    };
    let lines = |own: LineOverride| targets(margin.lines(&own, "standard"));
    all_near(lines(LineOverride::default()), [1.3, 1.35, 1.33, 1.45]);
    all_near(lines(LineOverride { call: Some(1.36), ..Default::default() }), [1.36, 1.41, 1.39, 1.45]);
    all_near(lines(LineOverride { call: Some(1.2), ..Default::default() }), [1.2, 1.25, 1.23, 1.45]);
    all_near(lines(LineOverride { limit: Some(1.5), ..Default::default() }), [1.3, 1.35, 1.33, 1.55]);
    all_near(lines(LineOverride { liquidation: Some(1.2), ..Default::default() }), [1.3, 1.35, 1.33, 1.45]);
    all_near(lines(LineOverride { call: Some(1.36), restore_to: Some(1.5), ..Default::default() }), [1.36, 1.41, 1.5, 1.45]);
}

#[test]
fn a_key_over_a_rulebook_moves_the_rulebooks_targets() {
    let lines = |name: &str, change: fn(&mut Margin)| {
        let mut margin = Margin { rulebook: Some(name.into()), ..Margin::default() };
        change(&mut margin);
        rulebooks::resolve(&mut margin, Some(as_of()));
        targets(margin.lines(&LineOverride::default(), "standard"))
    };
    // the version of 2010 cures at 150 %; Korea sells until its call line, 145 % belongs to the broker's limit line
    all_near(lines("cn-regulated", |m| m.call = Some(ratio(1.4))), [1.4, 1.6, 0.0, 0.0]);
    all_near(lines("kr", |m| m.call = Some(ratio(1.5))), [1.5, 1.5, 1.5, 0.0]);
    all_near(lines("kr", |m| (m.call, m.restore_to) = (Some(ratio(1.5)), Some(ratio(1.6)))), [1.5, 1.5, 1.6, 0.0]);
    all_near(lines("us-reg-t", |m| m.call = Some(ratio(1.4))), [1.4, 1.4, 1.4, 0.0]);
}

#[test]
fn a_raised_limit_line_sells_down_to_a_raised_target() {
    // 150 against 100; half a limit line of 130 % down to 135 %, which the trigger raises to 160 %, down to 165 %
    let mut case = still(2);
    case.shocks = vec![gap(1, -0.01)];
    case.margin = Margin { limit: Some(ratio(1.3)), limit_action: LimitAction::ReduceTo(ratio(1.35)), ..Margin::default() };
    case.margin.volatility_trigger =
        Some(VolatilityTrigger { threshold: ratio(0.005), above_leverage: 2.0, limit: Some(ratio(1.6)), ..VolatilityTrigger::default() });
    let story = story(case, Account::of_one("a", 100.0, 150.0));
    near(story[0].sold, (1.65 * 100.0 - 148.5) / 0.65);
    near(story[0].ratio(), 1.65);
    assert_eq!(story[1].sold, 0.0);
}

#[test]
fn a_client_pays_up_to_a_target_that_moved_with_its_call_line() {
    let mut case = still(2);
    case.shocks = vec![gap(1, -0.1)];
    case.margin = Margin { call: Some(ratio(1.3)), cure_days: Some(1), ..Margin::default() };
    case.clients.cure_probability = ratio(1.0);
    case.clients.cure_to = Some(ratio(1.4));
    let account = Account { lines: LineOverride { call: Some(1.4), ..Default::default() }, ..Account::of_one("a", 100.0, 150.0) };
    near(story(case.clone(), account)[0].paid_in, 150.0 - 135.0);
    case.pool.line_add = [("A".to_string(), ratio(0.1))].into();
    near(story(case, Account::of_one("a", 100.0, 150.0))[0].paid_in, 150.0 - 135.0);
}

// ---- own cash, netted cash, and what counts -------------------------------------------------------

/// 100 of value, some of it in cash, against `loan`.
fn with_cash(cash: f64, loan: f64) -> Account {
    Account { cash, ..Account::of_one("a", loan, 100.0 - cash) }
}

#[test]
fn cash_pays_interest_before_the_loan_and_a_cost_falls_on_shares_alone() {
    // 102 % a year: from the Friday to the Monday three days of 100 at 102/365 %; 80 of shares and 60 of cash
    let mut case = still(1);
    case.margin = Margin { liquidation: Some(ratio(1.4)), restore_to: Some(ratio(2.0)), ..Margin::default() };
    case.liquidation.cost = ratio(0.02);
    let account = Account { rate_annual: 1.02, cash: 60.0, ..Account::of_one("a", 100.0, 80.0) };
    let line = &story(case, account)[0];
    let debt = 100.0 * (1.0 + 1.02 * 3.0 / 365.0) - 60.0;
    let sold = (2.0 * debt - 80.0) / (2.0 * 0.98 - 1.0);
    near(line.sold, sold);
    near(line.ratio(), 2.0);
    assert_eq!(line.interest_due, 0.0, "60 of cash pay the interest first");
    near(line.loan, debt - 0.98 * sold);
}

#[test]
fn cash_meets_the_target_of_every_rule_that_restores_a_ratio() {
    // 130 against 100, 40 of it cash: 90 against 60 are 150 %
    let rules: [fn(&mut Case, f64); 3] = [
        |case, to| case.margin = Margin { limit: Some(ratio(1.4)), limit_action: LimitAction::ReduceTo(ratio(to)), ..Margin::default() },
        |case, to| case.margin = Margin { liquidation: Some(ratio(1.4)), restore_to: Some(ratio(to)), ..Margin::default() },
        |case, to| {
            let leverage = to / (to - 1.0);
            let rule = VolatilityTrigger {
                threshold: ratio(0.001),
                above_leverage: leverage,
                cut_to_leverage: Some(leverage),
                ..VolatilityTrigger::default()
            };
            case.margin.volatility_trigger = Some(rule);
            case.shocks = vec![gap(1, -0.01)];
        },
    ];
    for (at, rule) in rules.into_iter().enumerate() {
        let told = |to: f64| {
            let mut case = still(1);
            rule(&mut case, to);
            story(case, Account { cash: 40.0, ..Account::of_one("a", 100.0, 90.0) }).remove(0)
        };
        let (held, enough, short) = (if at == 2 { 89.1 } else { 90.0 }, told(1.45), told(1.6));
        assert_eq!(enough.sold, 0.0, "rule {at}");
        near(enough.ratio(), held / 60.0);
        near(short.sold, (1.6 * 60.0 - held) / 0.6);
        near(short.ratio(), 1.6);
    }
}

#[test]
fn cash_that_repays_the_whole_debt_ends_a_close_out_without_a_sale() {
    let told = |cash: f64| {
        let mut case = still(2);
        case.margin = Margin { liquidation: Some(ratio(1.1)), ..Margin::default() };
        story(case, with_cash(cash, 95.0))
    };
    let paid = told(96.0);
    assert_eq!((paid[0].state, paid[0].sold, paid[0].loan, paid[0].market_value), ("closed", 0.0, 0.0, 4.0));
    near(paid[0].cash, 1.0);
    let sold = told(50.0);
    assert_eq!((sold[0].state, sold[0].sold, sold[0].loan), ("closed", 50.0, 0.0));
}

#[test]
fn cash_that_waits_in_a_blocked_close_out_bears_no_interest() {
    // all is halted: the cash pays on the first session, the rest of the loan goes on bearing interest
    let mut case = still(2);
    case.margin = Margin { liquidation: Some(ratio(1.2)), restore_to: Some(ratio(1.5)), ..Margin::default() };
    case.shocks = vec![Shock::Suspension(Suspension { share: ratio(1.0), first_day: 1, days: 1, on: Target::All })];
    let account = Account { rate_annual: 0.365, cash: 30.0, ..Account::of_one("a", 100.0, 80.0) };
    let story = story(case, account);
    near(story[0].loan + story[0].interest_due, 100.0 * 1.003 - 30.0);
    assert_eq!((story[0].sold, story[0].cash, story[0].state), (0.0, 0.0, "in liquidation"));
    near(story[1].ratio(), 1.5);
}

#[test]
fn what_counts_for_nothing_is_told_and_sold_for_what_it_brings() {
    let mut case = still(1);
    case.margin = Margin {
        liquidation: Some(ratio(1.3)),
        restore_to: Some(ratio(1.5)),
        haircuts: Haircuts { base: Base::Collateral, ..Haircuts::default() },
        ..Margin::default()
    };
    let mut market = market(&[1.0, 1.0]);
    market.instruments[0].haircut = 0.0;
    let account = Account { positions: vec![(0, 200.0), (1, 120.0)], ..Account::of_one("a", 100.0, 0.0) };
    let book = book(&[account], &[("A", 1e6)]);
    let line = trace(&programme(1, vec![case]), &book, &market, 0, 0).unwrap_or_else(|p| panic!("{p}")).story.remove(0);
    // 120 count against 100; a unit of the first sold does 1.5, one of the second 0.5: of each the share 30/(1.5·200 + 0.5·120)
    near(line.sold, 30.0 / 360.0 * 320.0);
    near(line.ratio(), 1.5);
    near(line.market_value, 320.0 - line.sold);
}

#[test]
fn netted_cash_lessens_the_debt_in_calls_sales_and_what_may_leave() {
    let mut case = still(2);
    case.margin = Margin { rulebook: Some("us-reg-t".into()), ..Margin::default() };
    case.margin.cure_days = Some(0);
    case.margin.delay_days = Some(0);
    rulebooks::resolve(&mut case.margin, Some(as_of()));
    let told = |cash: f64, loan: f64, held: f64| story(case.clone(), Account { cash, ..Account::of_one("a", loan, held) }).remove(0);
    assert_eq!(told(50.0, 100.0, 70.0).state, "normal");
    near(told(50.0, 100.0, 70.0).ratio(), 70.0 / 50.0);
    let sold = told(10.0, 110.0, 120.0);
    near(sold.sold, 40.0);
    near(sold.ratio(), 4.0 / 3.0);
    near(sold.cash, 0.0);
}

// ---- the cap on turnover ----------------------------------------------------------------------------

#[test]
fn what_whole_lots_leave_of_a_cap_goes_to_the_largest_remainders() {
    let quantities = [1000.0, 700.0, 250.0, 130.0];
    let accounts: Vec<Account> =
        quantities.iter().enumerate().map(|(at, held)| Account::of_one(&format!("{at}"), 0.95 * held, *held)).collect();
    let book = book(&accounts, &[("A", 1e6)]);
    let mut case = still(3);
    case.exchange.lot = Some(100.0);
    case.margin = Margin { liquidation: Some(ratio(1.1)), ..Margin::default() };
    case.liquidation.participation = Some(ratio(0.2));
    let mut market = market(&[1.0]);
    market.instruments[0].adv_amount = Some(3_200.0);
    let story = trace(&programme(1, vec![case]), &book, &market, 0, 0).unwrap_or_else(|p| panic!("{p}")).story;
    let sold = |day: u16| story.iter().filter(|l| l.day == day).map(|l| l.sold).collect::<Vec<f64>>();
    // 640 a session. Of 2,080 wanted: parts of 307.7, 215.4, 76.9 and 40; of 140 left a lot goes to the third
    assert_eq!(sold(1), [300.0, 200.0, 100.0, 0.0]);
    assert_eq!(sold(2), [300.0, 200.0, 100.0, 0.0]);
    // of 400, 300, an odd 50 and 130: 290.9, 218.2, 36.4 and 94.5; lots to the last and the first, 40 are too few for the odd lot
    assert_eq!(sold(3), [300.0, 200.0, 0.0, 100.0]);
}

// ---- what the documents promise -------------------------------------------------------------------

#[test]
fn interest_on_exposure_shrinks_with_the_loan() {
    // exposure 150 at the start, 36.5 % on 365 days; half of the loan is repaid at the first close
    let mut case = still(2);
    case.interest.interest_base = InterestBase::Exposure;
    case.margin = Margin { limit: Some(ratio(1.6)), limit_action: LimitAction::ReduceTo(ratio(2.0)), ..Margin::default() };
    let story = story(case, Account { rate_annual: 0.365, ..Account::of_one("a", 100.0, 150.0) });
    let first = 100.45;
    near(story[0].sold, (2.0 * first - 150.0) / 1.0);
    assert_eq!(story[0].interest_due, 0.0);
    near(story[1].interest_due, 0.15 * story[0].loan / 100.0);
}

#[test]
fn an_account_that_met_no_line_is_a_shortfall_at_the_end_and_a_late_liquidation_a_mark() {
    let mut case = still(2);
    case.shocks = vec![gap(2, -0.4)];
    let book = book(&[Account::of_one("a", 100.0, 150.0)], &[("A", 1e6)]);
    let run_of = |case: &Case| run(&programme(1, vec![case.clone()]), &book, &market(&[1.0])).remove(0);
    let calm = run_of(&case);
    near(calm.path.shortfall[0], 10.0);
    assert_eq!((calm.path.unsold[0], calm.path.liquidated[0]), (0.0, 0));
    case.margin = Margin { liquidation: Some(ratio(1.1)), delay_days: Some(1), ..Margin::default() };
    let late = run_of(&case);
    near(late.path.shortfall[0], 10.0);
    near(late.path.unsold[0], 90.0);
    assert_eq!((late.path.forced_sales[0], late.path.liquidated[0]), (0.0, 1));
}

#[test]
fn recalls_of_triggers_and_cash_together_obey_the_cycle() {
    // ten loans of 100, a cycle of five sessions: 200 a session; the trigger asks for 30 % as soon as anything is lost
    let mut accounts: Vec<Account> = (0..10).map(|at| Account::of_one(&format!("b{at}"), 100.0, 300.0)).collect();
    accounts.push(Account { lines: LineOverride { liquidation: Some(1.1), ..Default::default() }, ..Account::of_one("a", 10.0, 9.0) });
    let book = book(&accounts, &[("A", 1010.0)]);
    let mut case = still(5);
    case.pool.cash = Some(Cash { cycle_days: Some(5.0), ..Cash::default() });
    case.pool.triggers = vec![Trigger { pool_loss: Some(ratio(0.0001)), recall: ratio(0.3), ..Trigger::default() }];
    let story = trace(&programme(1, vec![case]), &book, &market(&[1.0]), 0, 0).unwrap_or_else(|p| panic!("{p}")).story;
    let sold = |day: u16| story.iter().filter(|l| l.day == day && l.account > 0).fold(0.0, |sum, l| sum + l.sold);
    near(sold(1), 0.0);
    near(sold(2), 200.0);
    near(sold(3), 100.0);
    near(sold(4), 0.0);
}

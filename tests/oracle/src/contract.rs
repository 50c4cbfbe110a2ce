//! Resolves the contract of each account: its lines and their targets, its rates, its answers.

use crate::date::Date;
use crate::programme::{LimitAction, Margin};
use crate::rulebook;
use crate::story::Lines;
use crate::world::{Account, World};

/// What binds one account, before anything moves its lines.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Contract {
    pub lines: Lines,
    pub cure_days: usize,
    pub delay_days: usize,
    pub withdrawal: f64,
    /// The ratio counts the loan net of the account's cash.
    pub net_of_cash: bool,
    pub rate_annual: f64,
    /// What interest is charged on, where that is the exposure at opening.
    pub exposure: f64,
    pub cure_probability: f64,
    pub cure_delay_days: usize,
    pub payment: (f64, f64),
}

/// The contract of an account under a programme.
pub fn of(world: &World, account: &Account) -> Contract {
    let programme = &world.programme;
    let as_of = programme.as_of;
    let named = account.rulebook.as_ref().or_else(|| programme.margin.products.get(&account.product));
    // a rulebook of the product or the account is a contract of its own; that of the programme fills what is not written
    let (of_programme, programme_lines) = filled(&programme.margin, as_of);
    let (margin, mut lines) = match named {
        Some(name) => {
            let book = rulebook::of(name, None, as_of);
            let lines = lines(&book);
            (book, lines)
        }
        None => (of_programme, programme_lines.clone()),
    };
    let delay_days = margin.delay_days.unwrap_or(programme.liquidation.delay_days);
    move_lines(&mut lines, &Written::of_account(account));
    lines.restore_to = account.restore_to.or(lines.restore_to);
    // what the limit line does, and what clients restore, the programme says for every account: at the same distance from its own line
    let distance = |own: Option<f64>, of: Option<f64>| own.zip(of).map_or(0.0, |(own, of)| own - of);
    lines.reduce_to = reduce_to(&programme.margin)
        .map(|target| (target + distance(lines.limit, programme_lines.limit)).max(lines.limit.unwrap_or(target)));
    lines.cured_at = lines.call.map(|call| lines.cured_at.unwrap_or(call).max(call));
    // a tier's lines stand higher, and every target with them
    let add = programme.pool.line_add.get(&account.tier).copied().unwrap_or(0.0);
    each(&mut lines, |line| *line = line.map(|line| line + add));
    // a payment cures: it restores what cures the call, where no higher ratio is asked for
    lines.cure_to = lines.call.zip(lines.cured_at).map(|(call, cured_at)| {
        let written = programme.clients.cure_to.map(|to| to + distance(lines.call, programme_lines.call));
        written.unwrap_or(call).max(call).max(cured_at)
    });
    let grade = &account.grade;
    let clients = &programme.clients;
    let payment = clients.payment_by_grade.get(grade).unwrap_or(&clients.payment);
    let opening = account.own_capital_initial.unwrap_or_else(|| world.own_capital(account));
    Contract {
        lines,
        cure_days: account.cure_days.or(margin.cure_days).unwrap_or(0),
        delay_days,
        withdrawal: margin.withdrawal.unwrap_or(3.0) + add,
        net_of_cash: margin.net_of_cash.unwrap_or(false),
        rate_annual: rate(world, account),
        exposure: (opening + account.loan).max(0.0),
        cure_probability: clients.cure_probability_by_grade.get(grade).copied().unwrap_or(clients.cure_probability),
        cure_delay_days: clients.cure_delay_days_by_grade.get(grade).copied().unwrap_or(clients.cure_delay_days),
        payment: (payment.low, payment.high),
    }
}

/// The programme's own keys over its rulebook's, whose targets move with the lines that are written over.
fn filled(written: &Margin, as_of: Date) -> (Margin, Lines) {
    let Some(name) = &written.rulebook else { return (written.clone(), lines(written)) };
    let book = rulebook::of(name, written.version, as_of);
    let mut moved = lines(&book);
    let over = lines(written);
    move_lines(&mut moved, &Written { warning: over.warning, limit: over.limit, call: over.call, liquidation: over.liquidation });
    moved.cured_at = written.cured_at.or(moved.cured_at);
    moved.reduce_to = over.reduce_to.or(moved.reduce_to);
    moved.restore_to = written.restore_to.or(moved.restore_to);
    let margin = Margin {
        cure_days: written.cure_days.or(book.cure_days),
        delay_days: written.delay_days.or(book.delay_days),
        withdrawal: written.withdrawal.or(book.withdrawal),
        net_of_cash: written.net_of_cash.or(book.net_of_cash),
        ..written.clone()
    };
    (margin, moved)
}

/// The ratio that the limit line sells down to.
fn reduce_to(margin: &Margin) -> Option<f64> {
    match margin.limit_action {
        Some(LimitAction::ReduceTo(ratio)) => Some(ratio),
        Some(LimitAction::CapLeverage(leverage)) => Some(ratio_of(leverage)),
        Some(LimitAction::NoPurchases) | None => None,
    }
}

/// The lines a table writes.
pub fn lines(margin: &Margin) -> Lines {
    Lines {
        warning: margin.warning,
        limit: margin.limit,
        call: margin.call,
        liquidation: margin.liquidation,
        cured_at: margin.call.map(|call| margin.cured_at.unwrap_or(call)),
        cure_to: None,
        reduce_to: reduce_to(margin),
        restore_to: margin.restore_to,
    }
}

/// Lines that are written over others.
pub struct Written {
    pub warning: Option<f64>,
    pub limit: Option<f64>,
    pub call: Option<f64>,
    pub liquidation: Option<f64>,
}

impl Written {
    fn of_account(account: &Account) -> Written {
        Written { warning: account.warning, limit: account.limit, call: account.call, liquidation: account.liquidation }
    }
}

/// Moves lines, and by as much the targets that belong to them: `cured-at` and `cure-to` to the call line, the limit action's
/// ratio to the limit line, `restore-to` to the highest line in force at or below it.
pub fn move_lines(lines: &mut Lines, to: &Written) {
    let moved = |old: Option<f64>, new: Option<f64>| old.zip(new).map_or(0.0, |(old, new)| new - old);
    let ladder = [(lines.liquidation, to.liquidation), (lines.call, to.call), (lines.limit, to.limit), (lines.warning, to.warning)];
    let below = |line: f64| lines.restore_to.is_some_and(|target| line <= target);
    // of equal lines the one that is met first, the higher of the ladder
    let owner = ladder.iter().filter(|(old, _)| old.is_some_and(below)).fold(None, |best: Option<&(Option<f64>, Option<f64>)>, next| {
        if best.is_none_or(|best| next.0 >= best.0) { Some(next) } else { best }
    });
    let of_restore = owner.map_or(0.0, |(old, new)| moved(*old, *new));
    lines.restore_to = lines.restore_to.map(|target| target + of_restore);
    lines.cured_at = lines.cured_at.map(|target| target + moved(lines.call, to.call)).or(to.call);
    lines.cure_to = lines.cure_to.map(|target| target + moved(lines.call, to.call)).or(to.call);
    lines.reduce_to = lines.reduce_to.map(|target| target + moved(lines.limit, to.limit));
    lines.warning = to.warning.or(lines.warning);
    lines.limit = to.limit.or(lines.limit);
    lines.call = to.call.or(lines.call);
    lines.liquidation = to.liquidation.or(lines.liquidation);
}

/// Every line and every target.
pub fn each(lines: &mut Lines, change: impl Fn(&mut Option<f64>)) {
    let Lines { warning, limit, call, liquidation, cured_at, cure_to, reduce_to, restore_to } = lines;
    for line in [warning, limit, call, liquidation, cured_at, cure_to, reduce_to, restore_to] {
        change(line);
    }
}

/// The ratio at a leverage: exposure over own capital.
pub fn ratio_of(leverage: f64) -> f64 {
    leverage / (leverage - 1.0)
}

/// The annual rate of an account: its own, or its grade's spread over the average cost of its tier's funding.
fn rate(world: &World, account: &Account) -> f64 {
    let programme = &world.programme;
    let spread = programme.pool.lending.spread_by_grade.get(&account.grade);
    let base = match spread {
        Some(spread) => world.funding_cost(&account.tier) + spread,
        None => account.rate_annual,
    };
    base + programme.interest.loan_rate_rise
}

impl World {
    /// Market value of an account's holdings on the as-of date.
    pub fn market_value(&self, account: &Account) -> f64 {
        let held = self.positions.iter().filter(|position| position.account_id == account.account_id);
        held.map(|position| position.quantity * self.instruments[self.symbol(&position.symbol)].price).sum()
    }

    /// Own capital on the as-of date.
    pub fn own_capital(&self, account: &Account) -> f64 {
        account.cash + self.market_value(account) - account.loan - account.accrued_interest
    }

    /// Where a symbol stands among the instruments.
    pub fn symbol(&self, symbol: &str) -> usize {
        let found = self.instruments.iter().position(|instrument| instrument.symbol == symbol);
        found.unwrap_or_else(|| panic!("a position holds `{symbol}`, which is no instrument"))
    }

    /// The average annual cost of a tier's funding, weighted by amount.
    pub fn funding_cost(&self, tier: &str) -> f64 {
        let sources = || self.funding.iter().filter(|source| source.tier == tier);
        let amount: f64 = sources().map(|source| source.amount).sum();
        let rise = self.programme.interest.funding_rate_rise;
        let cost: f64 = sources().map(|source| source.amount * (source.rate_annual + rise)).sum();
        if amount > 0.0 { cost / amount } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::Programme;

    fn world(margin: Margin) -> World {
        World { programme: Programme { as_of: Date::new(2015, 6, 12), margin, ..Programme::default() }, ..World::default() }
    }

    #[test]
    fn a_raised_line_raises_what_belongs_to_it() {
        let margin = Margin { limit: Some(1.3), call: Some(1.25), limit_action: Some(LimitAction::ReduceTo(1.32)), ..Margin::default() };
        let mut world = world(margin);
        world.programme.pool.line_add.insert("A".into(), 0.1);
        let account = Account { tier: "A".into(), ..Account::default() };
        let lines = of(&world, &account).lines;
        let near = |found: Option<f64>, right: f64| assert!((found.unwrap() - right).abs() < 1e-12);
        near(lines.limit, 1.4);
        near(lines.reduce_to, 1.42);
        near(lines.call, 1.35);
        near(lines.cured_at, 1.35);
        let other = Account { tier: "B".into(), call: Some(1.28), ..Account::default() };
        near(of(&world, &other).lines.cured_at, 1.28);
    }

    #[test]
    fn a_target_keeps_its_distance_from_its_line() {
        // called at 130 % and cured at 150 %, sold at 110 % until 130 %
        let margin = Margin { call: Some(1.3), cured_at: Some(1.5), liquidation: Some(1.1), restore_to: Some(1.3), ..Margin::default() };
        let mut world = world(margin);
        let near = |found: Option<f64>, right: f64| assert!((found.unwrap() - right).abs() < 1e-12, "{found:?} {right}");
        let own = Account { tier: "A".into(), call: Some(1.4), ..Account::default() };
        let lines = of(&world, &own).lines;
        near(lines.cured_at, 1.6);
        near(lines.restore_to, 1.4);
        world.programme.pool.line_add.insert("A".into(), 0.1);
        let lines = of(&world, &Account { tier: "A".into(), ..Account::default() }).lines;
        near(lines.cured_at, 1.6);
        near(lines.restore_to, 1.4);
        near(lines.liquidation, 1.2);
        // a key written over a rulebook moves what is not written
        let margin = Margin { rulebook: Some("cn-broker-150".into()), call: Some(1.35), ..Margin::default() };
        world.programme.margin = margin;
        near(of(&world, &Account::default()).lines.cured_at, 1.55);
    }
}

//! Estimates what a scenario leaves of the firm's capital and liquidity: its indicators before, after, and how often a level breaks.
//!
//! What reaches the firm on a path is `x = Σ losses of its tiers + losses beyond all tiers`, the whole loss of the pool where it names
//! no tiers. An indicator `v(x) = (top − a·x)/(bottom − b·x)` is taken at the stated statistic of x (its ES, say): capital is linear in x,
//! so that capital less the ES is the mean of capital over the worst paths. `SE(v) = |v'(x)|·SE(x)`, the ends of its interval are
//! those of x, for v is monotone. It breaks a level on the paths with x beyond the loss at which it meets it: a share of paths, exact.
//! Loans that end are `Σ loan · share of paths on which the account is closed`, the mean over all paths; accounts depend on one another, so its error
//! is at most the sum of theirs.
//! Worked: net capital 200, reserves 100, ES 50 with SE 4: 150 % ± 4 %.

use super::figure::{Doubt, ERRORS_AT_95, Figure, Judge, never};
use super::influence::{Column, Shape};
use super::quantile::LEVELS;
use super::snapshot::{by_symbol, top};
use super::stated::Basis;
use super::{Context, Estimate, Estimates, Unit, accounts, es, estimate, rates, sums};
use crate::engine::outcome::{Outcome, PoolFigure};
use crate::model::book::Book;
use crate::model::case::{Programme, Scenario};
use crate::model::firm::Firm;
use crate::model::firm::indicator::{Driver, Indicator, OfBook, Quotient};
use crate::model::firm::levels::{InForce, in_force};
use crate::model::history::Market;
use serde::Serialize;
use std::borrow::Cow;

/// Standard errors within which a figure is not told from its level.
const TIE: f64 = 2.0;

/// How an indicator stands against its levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// No level is set.
    NoLevel,
    Meets,
    /// Within two standard errors of the warning line.
    AtWarning,
    /// Beyond the warning line.
    Warning,
    /// Within two standard errors of the limit.
    AtLimit,
    /// Beyond the limit.
    Breach,
}

/// An indicator on the as-of date.
#[derive(Clone, Debug, Serialize)]
pub struct Before {
    pub indicator: Indicator,
    /// Nothing where the programme or the book lacks a figure it divides.
    pub value: Option<f64>,
    /// Keys of `[firm]` that it lacks.
    pub lacks: Vec<&'static str>,
    pub level: Option<InForce>,
    pub standing: Standing,
    /// The loss, or the use of liquid assets, at which it meets its limit, below zero where it is broken; nothing where none does.
    pub loss_to_limit: Option<f64>,
    /// Where its figures come from.
    pub source: String,
}

/// A client or a security with much of the firm's capital at stake, on the as-of date.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    pub id: String,
    pub name: String,
    /// The loan, or the market value held in the book.
    pub amount: f64,
    /// Over net capital; nothing where that is not given.
    pub of_net_capital: Option<f64>,
    /// Over the security's free float; nothing for a client, or where it is not known.
    pub of_float: Option<f64>,
}

/// The firm on the as-of date.
#[derive(Clone, Debug, Serialize)]
pub struct FirmFacts {
    /// The statistic of the loss that capital is set against, as it stands in keys.
    pub statistic: &'static str,
    pub before: Vec<Before>,
    /// Largest loans, and largest market values, first.
    pub clients: Vec<Named>,
    pub securities: Vec<Named>,
    /// Loans of the book, and what of its funding falls due within 30 days.
    pub loans: f64,
    pub funding_due_30d: f64,
}

/// An indicator after a scenario.
#[derive(Clone, Debug, Serialize)]
pub struct After {
    pub indicator: Indicator,
    /// Nothing where the loss leaves nothing to divide by.
    pub value: Option<Estimate>,
    /// Shares of paths on which the limit, and the warning line, break.
    pub beyond_limit: Option<Estimate>,
    pub beyond_warning: Option<Estimate>,
    pub standing: Standing,
    /// The row of `firm_losses.csv` that it was computed from; empty where no path moves it.
    pub source: String,
}

/// What a scenario leaves of the firm.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Stressed {
    /// What reaches it: `firm_loss.…`, `cash_used.…` where the pool is kept daily, `loans_ended.mean`.
    pub losses: Estimates,
    pub after: Vec<After>,
    /// Of each named client: what it costs the pool on average, and how often it is liquidated.
    pub clients: Vec<[Estimate; 2]>,
    /// Of each named security: forced sales, a mean over paths.
    pub securities: Vec<Estimate>,
    pub stages: Vec<super::staging::Stage>,
}

/// The firm on the as-of date; nothing where the programme has none.
pub fn before(programme: &Programme, book: &Book, market: &Market) -> Option<FirmFacts> {
    let firm = programme.firm.as_ref()?;
    let of_book = of_book(book, market);
    let row = |indicator: Indicator| {
        let quotient = indicator.quotient(firm, &of_book, 0.0);
        let value = quotient.and_then(|quotient| quotient.at(0.0));
        let level = in_force(firm, &programme.currency, programme.as_of, indicator);
        let standing = value.map_or(Standing::NoLevel, |value| standing(value, 0.0, level.as_ref(), indicator.is_floor()));
        let breaks = |quotient: Quotient| Some(quotient.breaks_beyond(level?.limit, indicator.is_floor())).filter(|loss| loss.is_finite());
        let (loss_to_limit, source) = (quotient.and_then(breaks), source_before(firm, indicator));
        Before { indicator, value, lacks: indicator.lacks(firm), level, standing, loss_to_limit, source }
    };
    let (clients, securities) = largest(book, market);
    let share = |amount: f64| firm.net_capital.map(|capital| amount / capital);
    let client = |a: &usize| {
        let (id, amount) = (book.account_id[*a].clone(), book.loan[*a]);
        Named { id, name: String::new(), amount, of_net_capital: share(amount), of_float: None }
    };
    let named = |(s, amount): &(usize, f64)| {
        let (instrument, amount) = (&market.instruments[*s], *amount);
        let of_float = instrument.free_float_value.filter(|float| *float > 0.0).map(|float| amount / float);
        Named { id: instrument.symbol.clone(), name: instrument.name.clone(), amount, of_net_capital: share(amount), of_float }
    };
    let due = |day: crate::units::Day| programme.as_of.calendar_days_until(day) <= 30;
    Some(FirmFacts {
        statistic: firm.loss_level.statistic(),
        before: Indicator::ALL.map(row).into_iter().collect(),
        clients: clients.iter().map(client).collect(),
        securities: securities.iter().map(named).collect(),
        loans: of_book.loans,
        funding_due_30d: book.funding.iter().filter(|s| s.maturity_date.is_some_and(due)).map(|s| s.amount).sum(),
    })
}

/// Where the figures of an indicator come from before stress.
fn source_before(firm: &Firm, indicator: Indicator) -> String {
    let keys: Vec<String> = indicator.needs().iter().map(|key| format!("firm.{key}")).collect();
    match indicator {
        Indicator::MarginToNetCapital if firm.margin_loans.is_some() => format!("firm.margin-loans, {}", keys[0]),
        Indicator::MarginToNetCapital => format!("accounts: sum of loan, {}", keys[0]),
        Indicator::ClientToNetCapital => format!("accounts: largest loan, {}", keys[0]),
        Indicator::SecurityToFloat => "positions, instruments: free_float_value".into(),
        _ => keys.join(", "),
    }
}

/// The places of the largest loans, and of the largest market values with what they are, largest first.
fn largest(book: &Book, market: &Market) -> (Vec<usize>, Vec<(usize, f64)>) {
    let holdings = by_symbol(book, market, &market.prices());
    let values: Vec<f64> = holdings.iter().map(|h| h.1).collect();
    (top(&book.loan), top(&values).into_iter().map(|h| holdings[h]).collect())
}

fn of_book(book: &Book, market: &Market) -> OfBook {
    let float = |symbol: usize| market.instruments[symbol].free_float_value.filter(|float| *float > 0.0);
    let held = by_symbol(book, market, &market.prices()).into_iter().filter(|(_, value)| *value > 0.0);
    let known = held.filter_map(|(symbol, value)| Some((value, float(symbol)?)));
    let security = known.fold(None, |most: Option<(f64, f64)>, of| match most {
        Some(most) if most.0 / most.1 >= of.0 / of.1 => Some(most),
        _ => Some(of),
    });
    OfBook { loans: book.loan.iter().sum(), largest_loan: book.loan.iter().copied().fold(0.0, f64::max), security }
}

/// How a value stands; within two standard errors of a level it is told so.
pub fn standing(value: f64, std_error: f64, level: Option<&InForce>, floor: bool) -> Standing {
    let Some(level) = level else { return Standing::NoLevel };
    let beyond = |bound: f64| if floor { value < bound } else { value > bound };
    let near = |bound: f64| (value - bound).abs() < TIE * std_error;
    match () {
        () if near(level.limit) => Standing::AtLimit,
        () if beyond(level.limit) => Standing::Breach,
        () if near(level.warning) => Standing::AtWarning,
        () if beyond(level.warning) => Standing::Warning,
        () => Standing::Meets,
    }
}

/// What a scenario leaves of the firm.
pub fn after(programme: &Programme, scenario: &Scenario, book: &Book, market: &Market, outcome: &Outcome) -> Option<Stressed> {
    let firm = programme.firm.as_ref()?;
    let context = Context::new(scenario, book, outcome);
    let judge = sums::judge(scenario, outcome);
    let loss = loss_by_path(firm, book, outcome);
    let cash = cash_by_path(firm, scenario, book, outcome);
    let mut losses = figures(&context, "firm_loss", &loss, context.claims());
    // cash is never below nothing
    losses.extend(cash.iter().flat_map(|(start, used)| figures(&context, "cash_used", used, *start)));
    let ended = ended(book, outcome);
    losses.extend(ended.map(|(value, std_error)| ended_figure(value, std_error)));
    let losses: Estimates = losses.iter().map(|figure| (figure.key.clone(), judge.estimate(figure))).collect();
    let of_book = of_book(book, market);
    let row = |indicator: Indicator| {
        let level = in_force(firm, &programme.currency, programme.as_of, indicator);
        let quotient = indicator.quotient(firm, &of_book, ended.map_or(0.0, |(value, _)| value))?;
        let (driver, column) = match (indicator.driver(), &cash) {
            (Driver::Cash, Some((_, used))) => ("cash_used", &used[..]),
            _ => ("firm_loss", &loss[..]),
        };
        let key = format!("{driver}.{}", firm.loss_level.statistic());
        if indicator.driver() == Driver::None {
            let value = quotient.at(0.0)?;
            let own = judge.estimate(&Figure::exact(indicator.key(), value, Unit::Ratio));
            let standing = standing(value, 0.0, level.as_ref(), indicator.is_floor());
            return Some(After { indicator, value: Some(own), beyond_limit: None, beyond_warning: None, standing, source: String::new() });
        }
        let of_ended = ended.map_or(0.0, |(_, error)| rate_of(firm, indicator) * error);
        let value = moved(&quotient, &losses[&key], of_ended);
        let standing = match &value {
            Some(e) => standing(e.value, e.std_error, level.as_ref(), indicator.is_floor()),
            None if level.is_some() => Standing::Breach,
            None => Standing::NoLevel,
        };
        let share = |bound: f64| judge.estimate(&beyond(&context, &quotient, column, bound, indicator));
        let (beyond_limit, beyond_warning) = (level.map(|l| share(l.limit)), level.map(|l| share(l.warning)));
        Some(After { indicator, value, beyond_limit, beyond_warning, standing, source: key })
    };
    let shares = accounts::Shares::of(outcome);
    let (clients, securities) = largest(book, market);
    let client = |a: &usize| {
        // no account costs more than it owes
        let (columns, owed) = (&outcome.account, book.loan[*a] + book.accrued_interest[*a]);
        let loss = sums::mean(&judge, "account.loss.mean", Unit::Money, columns.loss_sum[*a], columns.loss_square[*a], owed);
        [loss, accounts::probability(scenario, outcome, accounts::Event::Liquidated, *a)]
    };
    let after = Indicator::ALL.into_iter().filter_map(row).collect();
    Some(Stressed {
        losses,
        after,
        clients: clients.iter().map(client).collect(),
        securities: securities.iter().map(|(s, _)| sold(&judge, outcome, *s)).collect(),
        stages: super::staging::stages(programme, scenario, book, market, outcome, &shares),
    })
}

/// The loss that reaches the firm on each path.
fn loss_by_path<'o>(firm: &Firm, book: &Book, outcome: &'o Outcome) -> Cow<'o, [f64]> {
    if firm.tiers.is_empty() {
        return Cow::Borrowed(&outcome.path.pool_loss);
    }
    let own: Vec<usize> = firm.tiers.iter().filter_map(|name| book.tiers.iter().position(|tier| tier == name)).collect();
    let paths = outcome.paths as usize;
    let beyond = |path: usize| if firm.beyond_tiers { outcome.path.unallocated_loss[path] } else { 0.0 };
    let of_path = |path: usize| own.iter().map(|tier| outcome.path.tier_loss[*tier][path]).sum::<f64>() + beyond(path);
    Cow::Owned((0..paths).map(of_path).collect())
}

/// The idle cash of a pool kept daily on the as-of date, and the most of it that each path uses, where the whole pool is the firm's.
fn cash_by_path(firm: &Firm, scenario: &Scenario, book: &Book, outcome: &Outcome) -> Option<(f64, Vec<f64>)> {
    let daily = outcome.pool.daily.as_ref().filter(|_| firm.tiers.is_empty())?;
    // as the engine has it: what no source of funds gives is no cash
    let funding = book.funding.iter().map(|s| s.amount).sum();
    let start = scenario.case.pool.cash.as_ref()?.idle_money(funding, book.loan.iter().sum());
    Some((start, daily.figure(PoolFigure::CashMin).iter().map(|least| (start - least).max(0.0)).collect()))
}

/// The mean and the tail of a column that is never below zero, and never above `most`.
fn figures<'a>(context: &Context<'a>, key: &str, column: &'a [f64], most: f64) -> Vec<Figure<'a>> {
    let column = Column::Money(column);
    let mut out = vec![estimate::mean_of(context, format!("{key}.mean"), Unit::Money, column, 1.0, most)];
    out.extend(es::tail_figures(context, key, Unit::Money, column, &LEVELS, most));
    out
}

/// Loans that end within the horizon, a mean over paths, and the most its error can be; nothing for a sample whose paths count differently.
fn ended(book: &Book, outcome: &Outcome) -> Option<(f64, f64)> {
    if outcome.account.weighted.is_some() {
        return None;
    }
    let n = outcome.paths as f64;
    let one = never(outcome.paths);
    let of = |(loan, paths): (&f64, &[u32; 4])| {
        let p = f64::from(paths[3]) / n;
        let spread = (p * (1.0 - p) / n).sqrt();
        (
            loan * p,
            loan * if outcome.deterministic {
                0.0
            } else if spread > 0.0 {
                spread
            } else {
                one
            },
        )
    };
    Some(book.loan.iter().zip(&outcome.account.first_day_paths).map(of).fold((0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1)))
}

fn ended_figure(value: f64, std_error: f64) -> Figure<'static> {
    let half = ERRORS_AT_95 * std_error;
    let doubt = Doubt::Given { std_error, low: (value - half).max(0.0), high: value + half };
    Figure::new("loans_ended.mean", value, Unit::Money, Vec::new()).doubt(doubt)
}

/// What an indicator's lower side loses per unit of loans that end.
fn rate_of(firm: &Firm, indicator: Indicator) -> f64 {
    let rate = match indicator {
        Indicator::RiskCoverage => firm.margin_reserve_rate,
        Indicator::StableFunding => firm.margin_stable_factor,
        _ => None,
    };
    rate.map_or(0.0, |rate| rate.get())
}

/// A quotient after an estimated loss; `of_bottom` is the error of what is below the line.
fn moved(quotient: &Quotient, loss: &Estimate, of_bottom: f64) -> Option<Estimate> {
    let (value, slope) = (quotient.at(loss.value)?, quotient.slope(loss.value)?);
    let by_bottom = (value / (quotient.bottom - quotient.from_bottom * loss.value)).abs() * of_bottom;
    let std_error = slope.abs() * loss.std_error + by_bottom;
    let wider = ERRORS_AT_95 * by_bottom;
    let least = quotient.at(loss.ci_low.max(0.0).min(loss.value));
    let most = loss.ci_high.and_then(|high| quotient.at(high));
    // the loss's lower end is the better end of what falls with it
    let (low, high) = if slope <= 0.0 { (most, least) } else { (least, most) };
    let basis = match loss.basis {
        Basis::Exact if by_bottom == 0.0 => Basis::Exact,
        Basis::Unseen { up, of, .. } => {
            let (down, up) = if slope <= 0.0 { (slope.abs() * up, 0.0) } else { (0.0, slope * up) };
            Basis::Unseen { down, up, least: f64::NEG_INFINITY, most: f64::INFINITY, of }
        }
        _ => Basis::Sides,
    };
    Some(Estimate {
        value,
        std_error,
        ci_low: low.map_or(f64::NEG_INFINITY, |low| low - wider),
        ci_high: high.map(|high| high + wider),
        unit: Unit::Ratio,
        basis,
        ..loss.clone()
    })
}

/// How often an indicator breaks a level.
fn beyond<'a>(context: &Context<'a>, quotient: &Quotient, column: &'a [f64], level: f64, indicator: Indicator) -> Figure<'a> {
    let at = quotient.breaks_beyond(level, indicator.is_floor());
    let key = format!("{}.beyond_probability", indicator.key());
    match at {
        // no path is needed to know: a loss is never below zero
        at if at < 0.0 => Figure::exact(key, 1.0, Unit::Ratio),
        at if at == f64::INFINITY => Figure::exact(key, 0.0, Unit::Ratio),
        at => rates::probability(context, key, Column::Money(column), Shape::Above(at)),
    }
}

/// Forced sales of a symbol, a mean over paths.
fn sold(judge: &Judge<'_>, outcome: &Outcome, symbol: usize) -> Estimate {
    let columns = &outcome.symbol;
    let place = columns.symbol.iter().position(|own| *own as usize == symbol);
    let of = |column: &[f64]| place.and_then(|place| column.get(place)).copied().unwrap_or(0.0);
    sums::mean(judge, "security.forced_sales.mean", Unit::Money, of(&columns.sold), of(&columns.square.sold), f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::firm::levels::By;

    #[test]
    fn an_indicator_within_two_errors_of_a_level_is_not_told_from_it() {
        let level = InForce { limit: 1.0, warning: 1.2, by: By::Programme };
        let floor = |value: f64, std_error: f64| standing(value, std_error, Some(&level), true);
        let found = [floor(1.5, 0.1), floor(1.25, 0.03), floor(1.1, 0.03), floor(1.1, 0.06), floor(0.9, 0.03), floor(0.9, 0.06)];
        let wanted = [Standing::Meets, Standing::AtWarning, Standing::Warning, Standing::AtLimit, Standing::Breach, Standing::AtLimit];
        assert_eq!(found, wanted);
        // without error a value on its level keeps it
        assert_eq!([floor(1.2, 0.0), floor(1.0, 0.0)], [Standing::Meets, Standing::Warning]);
        // an error that is not known decides nothing
        assert_eq!(floor(5.0, f64::INFINITY), Standing::AtLimit);
        let most = InForce { limit: 4.0, warning: 3.2, by: By::Programme };
        let ceiling = |value: f64| standing(value, 0.0, Some(&most), false);
        assert_eq!([ceiling(3.0), ceiling(3.5), ceiling(4.5)], [Standing::Meets, Standing::Warning, Standing::Breach]);
        assert_eq!(standing(3.0, 0.1, None, true), Standing::NoLevel);
    }

    #[test]
    fn the_ends_of_a_loss_are_those_of_what_it_leaves() {
        let loss = |ci_high| Estimate {
            value: 50.0,
            std_error: 4.0,
            ci_low: 42.0,
            ci_high,
            paths: 1_000,
            plain_paths: None,
            unit: Unit::Money,
            flag: None,
            basis: Basis::Sides,
        };
        let floor = Quotient { top: 200.0, bottom: 100.0, from_top: 1.0, from_bottom: 0.0 };
        let found = moved(&floor, &loss(Some(60.0)), 0.0).unwrap();
        assert_eq!((found.value, found.std_error, found.ci_low, found.ci_high), (1.5, 0.04, 1.4, Some(1.58)));
        // an open end of the loss is the open lower end of a floor, and the open upper one of a ceiling
        assert_eq!(moved(&floor, &loss(None), 0.0).unwrap().ci_low, f64::NEG_INFINITY);
        let ceiling = Quotient { top: 300.0, bottom: 200.0, from_top: 0.0, from_bottom: 1.0 };
        let found = moved(&ceiling, &loss(Some(60.0)), 0.0).unwrap();
        assert_eq!((found.value, found.ci_low, found.ci_high), (2.0, 300.0 / 158.0, Some(300.0 / 140.0)));
        assert_eq!(moved(&ceiling, &loss(None), 0.0).unwrap().ci_high, None);
        // beyond all capital there is no end either
        assert_eq!(moved(&ceiling, &loss(Some(250.0)), 0.0).unwrap().ci_high, None);
        assert!(moved(&Quotient { bottom: 40.0, ..ceiling }, &loss(Some(60.0)), 0.0).is_none());
    }
}

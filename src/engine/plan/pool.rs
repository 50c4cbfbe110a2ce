//! Resolves the pool of one scenario to plain numbers: cash, sources by session, the hedge's index, failures, triggers.

use crate::maths::random::{Key, Stream, Streams, name_address};
use crate::model::book::Book;
use crate::model::case::Case;
use crate::model::history::Market;
use crate::model::pool::cash::RecallOrder;
use crate::model::pool::funding::{Run, cumulative_gap, maturity_ladder};
use crate::model::pool::hedge::{Hedge, Weighting};
use crate::model::pool::lending::{LoanToValue, Pledged, funding_cost};
use crate::model::pool::trigger::Trigger;
use crate::units::Day;

/// One funding source as the day loop reads it.
#[derive(Clone, Debug)]
pub struct Source {
    pub key: Key,
    /// Place of its tier in the order of losses.
    pub rank: usize,
    pub amount: f64,
    /// Interest of one calendar day on one unit.
    pub rate_day: f64,
    /// Calendar days from the as-of date to its maturity, negative where it is overdue; none for money without a term.
    pub matures: Option<f64>,
    pub roll_probability: f64,
    pub runnable: bool,
    /// The session (from 1) a scenario has it fail; 0 for never.
    pub fails_on: u16,
}

/// A loan that matures within the horizon.
#[derive(Clone, Copy, Debug)]
pub struct LoanDue {
    /// Index of the session.
    pub day: usize,
    pub account: usize,
    pub key: Key,
}

/// The hedge with its index.
#[derive(Clone, Debug)]
pub struct HedgePlan {
    pub rank: usize,
    pub ratio: f64,
    pub margin: f64,
    pub basis: f64,
    pub cost_day: f64,
    pub key: Key,
    /// Per simulated symbol; they sum to one.
    pub weights: Vec<f64>,
}

/// The custodian's failure.
#[derive(Clone, Debug)]
pub struct CustodianPlan {
    /// Index of the session, and of the first on which what is left is free again.
    pub day: usize,
    pub free_from: usize,
    pub cash_share: f64,
    pub haircut: f64,
    /// Per account: whether it holds its securities.
    pub holds: Vec<bool>,
}

/// A trigger with its tiers as places in the order of losses.
#[derive(Clone, Debug)]
pub struct TriggerPlan {
    pub rule: Trigger,
    /// The tiers it puts first in the order of losses; empty to leave it.
    pub order: Vec<usize>,
    /// The tier, an index into `Book::tiers`, whose loans alone are called back.
    pub recall_tier: Option<u32>,
    /// Money by place.
    pub replenish: Vec<f64>,
}

/// The pool of one scenario.
#[derive(Clone, Debug)]
pub struct PoolPlan {
    pub cash_start: f64,
    /// Loans, interest due and cash less funding on the as-of date: what the platform has put in itself.
    pub own_start: f64,
    pub funding_start: f64,
    pub principal_start: f64,
    pub minimum: f64,
    pub cycle_days: Option<f64>,
    pub settlement_days: usize,
    pub grace_days: u16,
    pub recall: RecallOrder,
    /// Least cumulated cash of the maturity ladder when nothing rolls.
    pub maturity_gap_worst: f64,
    /// Funding expected not to roll, a session on average.
    pub leaving_day: f64,
    pub roll_days: f64,
    pub loan_roll_probability: f64,
    pub run: Run,
    pub sources: Vec<Source>,
    pub loans_due: Vec<LoanDue>,
    /// Loans whose maturity lies on or before the as-of date: due on the first session, before its sales.
    pub overdue: Vec<LoanDue>,
    pub hedge: Option<HedgePlan>,
    pub custodian: Option<CustodianPlan>,
    pub triggers: Vec<TriggerPlan>,
    /// The cap on a loan over assets, and per account where it stands without stress.
    pub loan_to_value: Option<(LoanToValue, Vec<f64>)>,
    /// Capital put back a session, by place.
    pub replenish_day: Vec<f64>,
    /// Capital by place, and of all tiers.
    pub capital: Vec<f64>,
    pub capital_total: f64,
}

/// What the pool's plan is made of beside the book.
pub struct Parts<'p> {
    pub case: &'p Case,
    pub streams: &'p Streams,
    pub as_of: Day,
    pub elapsed_days: &'p [f64],
    pub symbols: &'p [usize],
    pub price_start: &'p [f64],
    pub quantity_total: &'p [f64],
    pub loss_order: &'p [usize],
    pub capital: &'p [f64],
    pub volatility_daily: &'p [f64],
    pub average_volume: &'p [f64],
}

impl PoolPlan {
    /// The pool of a case; nothing where it has no cash account.
    pub fn new(parts: &Parts<'_>, book: &Book, market: &Market) -> Option<PoolPlan> {
        let pool = &parts.case.pool;
        let cash = pool.cash.as_ref()?;
        let funding = pool.funding.clone().unwrap_or_default();
        let principal_start: f64 = book.loan.iter().fold(0.0, |sum, loan| sum + loan);
        let interest_start = book.accrued_interest.iter().fold(0.0, |sum, i| sum + i);
        let funding_start = book.funding.iter().fold(0.0, |sum, s| sum + s.amount);
        let cash_start = cash.idle_money(funding_start, principal_start);
        let sources: Vec<Source> = (0..book.funding.len()).map(|s| source(parts, book, s)).collect();
        let days = parts.elapsed_days.len() - 1;
        let horizon = parts.elapsed_days[days];
        let leaving = sources.iter().filter(|s| s.matures.is_some_and(|m| m <= horizon)).map(|s| s.amount * (1.0 - s.roll_probability));
        let (loans_due, overdue) = loans_due(parts, book);
        let place = |name: &str| book.tiers.iter().position(|t| t == name).and_then(|t| parts.loss_order.iter().position(|o| *o == t));
        let mut replenish_day = vec![0.0; parts.capital.len()];
        for (name, share) in &pool.replenish_daily {
            if let Some(rank) = place(name) {
                replenish_day[rank] = share.get() * parts.capital[rank];
            }
        }
        Some(PoolPlan {
            cash_start,
            own_start: principal_start + interest_start + cash_start - funding_start,
            funding_start,
            principal_start,
            minimum: cash.minimum.get() * funding_start,
            cycle_days: cash.cycle_days,
            settlement_days: cash.settlement_days as usize,
            grace_days: cash.grace_days as u16,
            recall: cash.recall,
            maturity_gap_worst: cumulative_gap(cash_start, &maturity_ladder(book, parts.as_of)).into_iter().fold(f64::INFINITY, f64::min),
            leaving_day: leaving.fold(0.0, |sum, money| sum + money) / days as f64,
            roll_days: f64::from(funding.roll_days),
            loan_roll_probability: funding.loan_roll_probability.get(),
            run: pool.run.clone().unwrap_or_default(),
            sources,
            loans_due,
            overdue,
            hedge: pool.hedge.as_ref().filter(|h| h.ratio.get() != 0.0).and_then(|h| hedge(parts, h, market, place(&h.tier)?)),
            custodian: custodian(parts, book),
            triggers: pool.triggers.iter().map(|t| trigger(t, parts, book, &place)).collect(),
            loan_to_value: loan_to_value(parts, book),
            replenish_day,
            capital: parts.capital.to_vec(),
            capital_total: parts.capital.iter().fold(0.0, |sum, c| sum + c),
        })
    }

    /// True when any of it is drawn.
    pub fn draws(&self) -> bool {
        let uncertain = |p: f64| p > 0.0 && p < 1.0;
        let rolls = self.sources.iter().any(|s| s.matures.is_some() && uncertain(s.roll_probability));
        let runs = self.run.hazard_daily.get() > 0.0 && self.sources.iter().any(|s| s.runnable);
        let loans = uncertain(self.loan_roll_probability) && !(self.loans_due.is_empty() && self.overdue.is_empty());
        rolls || runs || loans || self.hedge.as_ref().is_some_and(|h| h.basis > 0.0)
    }

    /// True when funders or triggers look at the market.
    pub fn reads_stress(&self) -> bool {
        let lends_by_stress = self.loan_to_value.as_ref().is_some_and(|(rule, _)| rule.stress_weight > 0.0);
        lends_by_stress || self.run.stress_weight > 0.0 || self.triggers.iter().any(|t| t.rule.stress.is_some())
    }

    /// Whether a client's securities lie frozen with a failed custodian on a session (an index).
    pub fn is_frozen(&self, account: usize, day: usize) -> bool {
        self.custodian.as_ref().is_some_and(|c| c.holds[account] && day >= c.day && day < c.free_from)
    }
}

fn source(parts: &Parts<'_>, book: &Book, at: usize) -> Source {
    let row = &book.funding[at];
    let pool = &parts.case.pool;
    let failure = pool.failure.as_ref().filter(|f| f.sources.contains(&row.source_id));
    Source {
        key: parts.streams.key(Stream::Funding, name_address(&row.source_id)),
        rank: parts.loss_order.iter().position(|t| *t == row.tier as usize).expect("every tier bears losses in some order"),
        amount: row.amount,
        rate_day: (row.rate_annual + parts.case.interest.funding_rate_rise.get()) / f64::from(parts.case.interest.day_count),
        matures: row.maturity_date.map(|day| f64::from(parts.as_of.calendar_days_until(day))),
        roll_probability: pool.funding.clone().unwrap_or_default().roll_of(&row.source_id),
        runnable: row.runnable,
        fails_on: failure.map_or(0, |f| f.source_day as u16),
    }
}

/// Loans by the session on or after their maturity, in order of session and account; and those that are overdue on the as-of date.
fn loans_due(parts: &Parts<'_>, book: &Book) -> (Vec<LoanDue>, Vec<LoanDue>) {
    let (mut due, mut overdue) = (Vec::new(), Vec::new());
    for (account, maturity) in book.maturity_date.iter().enumerate() {
        let Some(maturity) = maturity.filter(|_| book.loan[account] > 0.0) else { continue };
        let left = f64::from(parts.as_of.calendar_days_until(maturity));
        let Some(day) = parts.elapsed_days[1..].iter().position(|elapsed| *elapsed >= left) else { continue };
        let key = parts.streams.key(Stream::Loan, name_address(&book.account_id[account]));
        if left > 0.0 { &mut due } else { &mut overdue }.push(LoanDue { day, account, key });
    }
    due.sort_by_key(|d| (d.day, d.account));
    (due, overdue)
}

fn hedge(parts: &Parts<'_>, hedge: &Hedge, market: &Market, rank: usize) -> Option<HedgePlan> {
    let named = |s: usize| hedge.symbols.is_empty() || hedge.symbols.contains(&market.instruments[parts.symbols[s]].symbol);
    let weigh = |s: usize| match hedge.weighting {
        Weighting::Equal => 1.0,
        Weighting::Value => parts.quantity_total[s] * parts.price_start[s],
    };
    let weights: Vec<f64> = (0..parts.symbols.len()).map(|s| if named(s) { weigh(s) } else { 0.0 }).collect();
    let total = weights.iter().fold(0.0, |sum, w| sum + w);
    (total > 0.0).then(|| HedgePlan {
        rank,
        ratio: hedge.ratio.get(),
        margin: hedge.margin.get(),
        basis: hedge.basis_volatility_daily.get(),
        cost_day: hedge.cost_annual.get() / f64::from(parts.case.interest.day_count),
        key: parts.streams.key(Stream::Hedge, name_address(&hedge.tier)),
        weights: weights.iter().map(|w| w / total).collect(),
    })
}

fn custodian(parts: &Parts<'_>, book: &Book) -> Option<CustodianPlan> {
    let failed = parts.case.pool.failure.as_ref()?.custodian.as_ref()?;
    let share = failed.client_share.get();
    let day = failed.day as usize - 1;
    let held = |id: &String| share >= 1.0 || parts.streams.key(Stream::Custody, name_address(id)).uniform(0, 0) < share;
    Some(CustodianPlan {
        day,
        free_from: day + failed.frozen_days as usize,
        cash_share: failed.cash_share.get(),
        haircut: failed.haircut.get(),
        holds: book.account_id.iter().map(held).collect(),
    })
}

/// Each account's cap: its tier's cost of funding, and its holdings' volatility and turnover on the as-of date.
fn loan_to_value(parts: &Parts<'_>, book: &Book) -> Option<(LoanToValue, Vec<f64>)> {
    let rule = parts.case.pool.lending.as_ref()?.loan_to_value.clone()?;
    let cost = funding_cost(book, parts.case.interest.funding_rate_rise.get());
    let pledged = |p: usize| {
        let symbol = parts.symbols.binary_search(&(book.position_symbol[p] as usize)).expect("every held symbol is simulated");
        Pledged {
            value_money: book.position_quantity[p] * parts.price_start[symbol],
            volatility_daily: parts.volatility_daily[symbol],
            turnover_money: parts.average_volume[symbol],
        }
    };
    let cap = |a: usize| rule.cap(cost[book.tier[a] as usize], &book.positions(a).map(pledged).collect::<Vec<_>>());
    let caps = (0..book.accounts()).map(cap).collect();
    Some((rule, caps))
}

fn trigger(rule: &Trigger, parts: &Parts<'_>, book: &Book, place: &dyn Fn(&str) -> Option<usize>) -> TriggerPlan {
    let order: Vec<usize> = rule.loss_order.iter().filter_map(|name| place(name)).collect();
    let mut replenish = vec![0.0; parts.capital.len()];
    for (name, money) in &rule.replenish {
        if let Some(rank) = place(name) {
            replenish[rank] = *money;
        }
    }
    let recall_tier = rule.recall_tier.as_ref().and_then(|name| book.tiers.iter().position(|t| t == name)).map(|t| t as u32);
    TriggerPlan { rule: rule.clone(), order, recall_tier, replenish }
}

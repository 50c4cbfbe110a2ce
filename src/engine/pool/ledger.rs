//! Books what a pool did between two closes of one path as double entries, read off its state and not off its rules.
//!
//! Accounts: `pool/{cash, transit, frozen, margin, loans, own, result, written-down, undrawn}`, `funder/ID`, `funder/ID/{interest, called,
//! frozen}`, `hedge/{result, owed}`, `custodian`, `outside/TIER`. `recall/ID` against `recall/pool` is what is called back and not
//! paid yet. Every movement of cash has a cause; the cash legs of a session must add up to what the cash moved by.

use super::lane::PoolLane;
use crate::engine::plan::pool::PoolPlan;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::pool::PoolFigure;
use crate::model::book::Book;
use crate::model::ledger::tolerance;

/// The legs of one entry.
pub type Legs = Vec<(String, f64)>;

/// What accounts did in a session, as far as the pool's books need it.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// Repaid by clients, in money.
    pub received: f64,
    /// Lent to clients who took more out.
    pub drawn: f64,
    /// Interest charged.
    pub interest: f64,
    /// New shortfalls by account, closed or marked.
    pub shortfalls: Vec<(usize, f64)>,
}

/// One tier at one close.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TierLine {
    /// Losses borne, money put back from outside, money its sources have called, and claims not paid.
    pub taken: f64,
    pub added: f64,
    pub left: f64,
    pub unpaid: f64,
    pub failed: bool,
}

/// The pool at one close.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PoolLine {
    pub day: u16,
    pub cash: f64,
    pub loans: f64,
    pub buffer_days: f64,
    pub stress: f64,
    pub recalling: f64,
    pub hedge_result: f64,
    /// One per `Book::tiers`.
    pub tiers: Vec<TierLine>,
}

/// The pool's opening balance sheet.
pub fn opening(pool: &PoolPlan, lane: &PoolLane, book: &Book) -> Legs {
    let loans = pool.own_start + pool.funding_start - pool.cash_start;
    let mut legs = vec![("pool/cash".to_string(), lane.cash), ("pool/margin".into(), lane.hedge.margin), ("pool/loans".into(), loans)];
    legs.extend(book.funding.iter().map(|s| (format!("funder/{}", s.source_id), -s.amount)));
    legs.push(("pool/own".into(), -pool.own_start));
    legs
}

/// The entries of one session, in the order things happen; `before` and `after` are two closes.
pub fn entries(plan: &Plan<'_>, book: &Book, before: &PoolLane, after: &PoolLane, flows: &Flows) -> Vec<(&'static str, Legs)> {
    let figure = |f: PoolFigure| after.figures[f as usize] - before.figures[f as usize];
    let cash = || "pool/cash".to_string();
    let transit = after.transit - before.transit;
    let recovered = after.recovered - before.recovered;
    let lost: f64 = flows.shortfalls.iter().fold(0.0, |sum, s| sum + s.1);
    let (hedge, margin) = (figure(PoolFigure::HedgeResult), after.hedge.margin - before.hedge.margin);
    let owed = after.hedge.unpaid - before.hedge.unpaid;
    let (custody, frozen) = (figure(PoolFigure::CustodyLoss), after.frozen - before.frozen);
    let mut out = vec![
        ("interest earned", vec![("pool/loans".into(), flows.interest), ("pool/result".into(), -flows.interest)]),
        ("receipt", vec![(cash(), flows.received - transit), ("pool/transit".into(), transit), ("pool/loans".into(), -flows.received)]),
        (
            "lending",
            vec![
                ("pool/loans".into(), flows.drawn),
                (cash(), after.undrawn - before.undrawn - flows.drawn),
                ("pool/undrawn".into(), before.undrawn - after.undrawn),
            ],
        ),
        ("loan written off", vec![("pool/loans".into(), -lost), ("pool/result".into(), lost)]),
        ("recovery", vec![(cash(), recovered), ("pool/result".into(), -recovered)]),
        ("loss", loss(plan, book, before, after, flows, custody)),
    ];
    for (rank, tier) in plan.loss_order.iter().enumerate() {
        let added = after.added[rank] - before.added[rank];
        out.push(("refill", vec![(cash(), added), (format!("outside/{}", book.tiers[*tier]), -added)]));
    }
    out.push((
        "hedge",
        vec![
            (cash(), hedge - margin + owed),
            ("pool/margin".into(), margin),
            ("hedge/owed".into(), -owed),
            ("hedge/result".into(), -hedge),
        ],
    ));
    out.push(("custodian", vec![(cash(), -frozen - custody), ("pool/frozen".into(), frozen), ("pool/result".into(), custody)]));
    out.extend(funders(plan, book, before, after));
    let legs = || out.iter().flat_map(|(_, legs)| legs);
    let moved = legs().filter(|(account, _)| account == "pool/cash").fold(0.0, |sum, leg| sum + leg.1);
    // what comes in and goes out again is rounded by its own size
    let flow = legs().fold(after.cash + before.cash, |sum, leg| sum + leg.1.abs());
    let gap = after.cash - before.cash - moved;
    assert!(gap.abs() <= tolerance(flow, size(before) + size(after)), "cash of the pool moved by {gap} that no entry explains");
    out
}

/// Balances and running sums of a close, of which a session's legs are differences.
fn size(lane: &PoolLane) -> f64 {
    let withdrawn = lane.source.iter().fold(0.0, |sum, source| sum + source.withdrawn);
    let hedge = lane.hedge.margin + libm::fabs(lane.hedge.result);
    lane.cash + lane.transit + lane.frozen + lane.undrawn + lane.principal + lane.recovered + lane.owed() + withdrawn + hedge
}

/// New shortfalls, and what a custodian lost, against recourse and the tiers; recoveries restore them in the same entry.
fn loss(plan: &Plan<'_>, book: &Book, before: &PoolLane, after: &PoolLane, flows: &Flows, custody: f64) -> Legs {
    let mut legs: Legs = flows.shortfalls.iter().map(|(a, s)| (format!("shortfall/{}", book.account_id[*a]), *s)).collect();
    legs.push(("custodian".into(), custody));
    for (rank, tier) in plan.loss_order.iter().enumerate() {
        legs.push((format!("tier/{}", book.tiers[*tier]), before.taken[rank] - after.taken[rank]));
    }
    legs.push(("unallocated".into(), before.unallocated - after.unallocated));
    let borne = legs.iter().fold(0.0, |sum, leg| sum + leg.1);
    // what neither tier nor nobody bears, recourse does: at once, or with what came in today
    legs.push(("recourse".into(), -borne));
    legs
}

/// Interest, calls, payments and freezes of every source.
fn funders(plan: &Plan<'_>, book: &Book, before: &PoolLane, after: &PoolLane) -> Vec<(&'static str, Legs)> {
    let mut out = Vec::new();
    for (s, row) in book.funding.iter().enumerate() {
        let (b, a) = (&before.source[s], &after.source[s]);
        let id = &row.source_id;
        let accrued = a.accrued - b.accrued;
        out.push(("funding interest", vec![(format!("funder/{id}/interest"), -accrued), ("pool/result".into(), accrued)]));
        let (money, claimed) = (a.withdrawn - b.withdrawn, a.claimed - b.claimed);
        let interest = accrued - (a.interest - b.interest);
        out.push((
            "call",
            vec![
                (format!("funder/{id}"), money),
                (format!("funder/{id}/interest"), interest),
                (format!("funder/{id}/called"), -claimed),
                ("pool/written-down".into(), claimed - money - interest),
            ],
        ));
        let paid = a.paid - b.paid;
        out.push(("payment", vec![(format!("funder/{id}/called"), paid), ("pool/cash".into(), -paid)]));
        let rank = plan.pool.as_ref().map_or(0, |p| p.sources[s].rank);
        if after.failed_on[rank] > 0 && before.failed_on[rank] == 0 {
            let waits = a.claimed_yet();
            out.push(("failure", vec![(format!("funder/{id}/called"), waits), (format!("funder/{id}/frozen"), -waits)]));
        }
    }
    out
}

/// The pool at one close, for its story.
pub fn line(day: usize, plan: &Plan<'_>, pool: &PoolPlan, lane: &PoolLane, book: &Book) -> PoolLine {
    let mut tiers = vec![TierLine::default(); book.tiers.len()];
    for (rank, tier) in plan.loss_order.iter().enumerate() {
        let sources = lane.source.iter().zip(&pool.sources).filter(|(_, s)| s.rank == rank);
        tiers[*tier] = TierLine {
            taken: lane.taken[rank],
            added: lane.added[rank],
            left: lane.left[rank],
            unpaid: sources.fold(0.0, |sum, (s, _)| sum + s.unpaid(day as u16)),
            failed: lane.failed_on[rank] > 0,
        };
    }
    PoolLine {
        day: day as u16,
        cash: lane.cash,
        loans: lane.principal,
        buffer_days: lane.signs.buffer_days,
        stress: lane.signs.stress,
        recalling: lane.recalling,
        hedge_result: lane.hedge.result,
        tiers,
    }
}

//! Draws the clients: who they are, how far they are levered, what they hold.
//!
//! Three kinds of client, after domain notes §1.1 and §2: `margin` (regulated, tier A, leverage 1.1 to 2), `umbrella`
//! (structured sub-accounts, tier B, 2 to 4), `peizi` (off-exchange, tier B, 4 to 10). Leverage within a kind is
//! `low + (high − low)·u^k`, so its mean is `low + (high − low)/(k + 1)`; worked: margin 1.1 + 0.9/3 = 1.40.
//! Own capital is lognormal with a truncated Pareto tail. Holdings are picked with Zipf weights by turnover rank.

use super::draws::{Draws, Family};
use super::{Account, Listing, Mix, OwnLines, Position};
use crate::maths::random::Streams;
use crate::units::Day;

/// The attributes of one kind of client.
struct Kind {
    product: &'static str,
    tier: &'static str,
    /// Share of accounts.
    share: f64,
    /// Leverage from, to, and the power of the uniform.
    leverage: (f64, f64, f64),
    /// Median own capital, yuan.
    own_median: f64,
    /// Lowest grade and the number of grades (1 is best).
    grades: (u32, u32),
    /// Rate of the best grade of the kind, step per grade, spread of the noise; annual fractions.
    rate: (f64, f64, f64),
    /// Most cash, a share of exposure.
    cash_most: f64,
    /// Most positions, and the chance of going on to one more.
    positions: (usize, f64),
    /// Share of positions bought in part on the as-of day (T+1).
    fresh: f64,
    /// Shortest and longest term, calendar days.
    term: (u32, u32),
    /// Lines of its own, by leverage.
    lines: fn(f64) -> OwnLines,
}

/// Terms: regulated contracts run 3 to 6 months (§2.2 "≤ 6 months"), tier B turns over in 5 to 7 days (§1.1 D2).
/// Rates: 6 to 8.6 % regulated; up to 22 to 24 % off the exchange (§2.3).
/// Own capital: regulated clients are by far the richest, so that the book as a whole stands at about 1.6 times (D2).
const MIXED: [Kind; 3] = [
    Kind {
        product: "margin",
        tier: "A",
        share: 0.62,
        leverage: (1.1, 2.0, 2.0),
        own_median: 3_900_000.0,
        grades: (1, 3),
        rate: (0.060, 0.010, 0.006),
        cash_most: 0.20,
        positions: (15, 0.80),
        fresh: 0.15,
        term: (90, 180),
        lines: own_lines,
    },
    Kind {
        product: "umbrella",
        tier: "B",
        share: 0.30,
        leverage: (2.0, 4.0, 2.0),
        own_median: 1_050_000.0,
        grades: (2, 3),
        rate: (0.086, 0.012, 0.010),
        cash_most: 0.10,
        positions: (10, 0.70),
        fresh: 0.30,
        term: (5, 7),
        lines: own_lines,
    },
    Kind {
        product: "peizi",
        tier: "B",
        share: 0.08,
        leverage: (4.0, 10.0, 2.5),
        own_median: 700_000.0,
        grades: (4, 2),
        rate: (0.150, 0.040, 0.050),
        cash_most: 0.03,
        positions: (4, 0.45),
        fresh: 0.40,
        term: (5, 7),
        lines: own_lines,
    },
];

/// The clients of case A and case B (domain notes C3): the same people with the same own capital and the same choice of
/// shares. In A everybody is levered 4 to 8 times on one ladder; in B leverage is capped at 2 and 2.5 by tier, and tier B
/// stands on stricter lines.
const HIGH_LEVERAGE: [Kind; 1] = [Kind {
    product: "uncapped",
    tier: "A",
    share: 1.0,
    leverage: (4.0, 8.0, 2.0),
    own_median: CASE_MEDIAN,
    grades: (1, 5),
    rate: (0.10, 0.01, 0.01),
    cash_most: 0.05,
    positions: (8, 0.65),
    fresh: 0.20,
    term: (20, 60),
    lines: |_| ladder(1.10, 1.09, 1.07, 1.05),
}];
const COMPLIANT: [Kind; 2] = [
    Kind {
        product: "capped",
        tier: "A",
        share: 0.6,
        leverage: (1.2, 2.0, 1.0),
        own_median: CASE_MEDIAN,
        grades: (1, 5),
        rate: (0.065, 0.005, 0.01),
        cash_most: 0.05,
        positions: (8, 0.65),
        fresh: 0.20,
        term: (20, 60),
        lines: |_| OwnLines::default(),
    },
    Kind {
        product: "capped",
        tier: "B",
        share: 0.4,
        leverage: (1.5, 2.5, 1.0),
        own_median: CASE_MEDIAN,
        grades: (1, 5),
        rate: (0.075, 0.005, 0.01),
        cash_most: 0.05,
        positions: (8, 0.65),
        fresh: 0.20,
        term: (20, 60),
        lines: |_| ladder(1.60, 1.50, 1.40, 1.20),
    },
];
const CASE_MEDIAN: f64 = 1_000_000.0;

impl Mix {
    fn kinds(self) -> &'static [Kind] {
        match self {
            Mix::Mixed => &MIXED,
            Mix::HighLeverage => &HIGH_LEVERAGE,
            Mix::Compliant => &COMPLIANT,
        }
    }
}

/// Log-deviation of own capital.
const OWN_SIGMA: f64 = 0.95;
/// Share of clients whose own capital lies in the Pareto tail, its index, and where it starts and ends in medians.
const TAIL: (f64, f64, f64, f64) = (0.04, 1.4, 5.0, 60.0);
/// Exponent of the popularity of shares by turnover rank.
const ZIPF: f64 = 0.8;
/// Shares to a board lot.
const LOT: f64 = 100.0;

/// The shares by popularity: order of turnover, and cumulative Zipf weights.
pub struct Popularity {
    order: Vec<usize>,
    cumulative: Vec<f64>,
}

impl Popularity {
    /// Ranks the listings by average turnover, largest first (unknown turnover last, then by symbol).
    pub fn of(listings: &[Listing]) -> Popularity {
        let mut order: Vec<usize> = (0..listings.len()).collect();
        let turnover = |i: usize| listings[i].adv_amount.unwrap_or(0.0);
        order.sort_by(|a, b| turnover(*b).total_cmp(&turnover(*a)).then_with(|| listings[*a].symbol.cmp(&listings[*b].symbol)));
        let mut total = 0.0;
        let cumulative = (1..=order.len())
            .map(|rank| {
                total += libm::pow(rank as f64, -ZIPF);
                total
            })
            .collect();
        Popularity { order, cumulative }
    }
}

/// Draws account number `index` (from 0).
pub fn draw(streams: &Streams, mix: Mix, as_of: Day, listings: &[Listing], popularity: &Popularity, index: usize) -> Account {
    assert!(!listings.is_empty(), "a book needs something to hold");
    let mut draws = Draws::of(streams, Family::Account, index, 0);
    let kind = kind_of(mix.kinds(), draws.uniform());
    let leverage = kind.leverage.0 + (kind.leverage.1 - kind.leverage.0) * libm::pow(draws.uniform(), kind.leverage.2);
    let own = own_capital(&mut draws, kind);
    let grade = kind.grades.0 + draws.whole(0, kind.grades.1 - 1);
    let rate_annual = round(kind.rate.0 + kind.rate.1 * f64::from(grade - kind.grades.0) + draws.between(0.0, kind.rate.2), 1e4);
    let cash_share = draws.between(0.0, kind.cash_most);
    let term = draws.whole(kind.term.0, kind.term.1);
    let open_date = weekday_before(as_of, draws.whole(0, term - 1));
    let age = open_date.calendar_days_until(as_of);

    let positions = positions(streams, kind, listings, popularity, index, own * leverage * (1.0 - cash_share));
    let market_value: f64 = positions.iter().map(|p| p.quantity * listings[p.listing].price).sum();
    // cash takes up what lots leave over; debt follows from the exposure, so that the leverage is the one drawn
    let cash = round((own * leverage - market_value).max(0.0), 100.0);
    let debt = (cash + market_value) * (1.0 - 1.0 / leverage);
    let loan = round(debt / (1.0 + rate_annual * f64::from(age) / 365.0), 1.0).max(0.0);
    let accrued_interest = round(loan * rate_annual * f64::from(age) / 365.0, 100.0);
    let own_now = cash + market_value - loan - accrued_interest;
    let own_capital_initial = round(own_now / (1.0 + draws.between(-0.10, 0.30)), 1.0);
    Account {
        account_id: format!("C{:06}", index + 1),
        tier: kind.tier,
        grade,
        product: kind.product,
        cash,
        loan,
        accrued_interest,
        rate_annual,
        open_date,
        maturity_date: Day::from_epoch_days(open_date.epoch_days() + term as i32),
        lines: (kind.lines)(leverage),
        own_capital_initial,
        high_water_mark: round(own_capital_initial.max(own_now) * (1.0 + draws.between(0.0, 0.05)), 1.0),
        positions,
    }
}

fn kind_of(kinds: &'static [Kind], uniform: f64) -> &'static Kind {
    let mut rest = uniform;
    for kind in kinds {
        if rest < kind.share {
            return kind;
        }
        rest -= kind.share;
    }
    &kinds[kinds.len() - 1]
}

fn own_capital(draws: &mut Draws, kind: &Kind) -> f64 {
    let (tail_share, alpha, from, to) = TAIL;
    let in_tail = draws.uniform() < tail_share;
    let body = kind.own_median * libm::exp(OWN_SIGMA * draws.normal());
    let tail = draws.pareto(from * kind.own_median, alpha, to * kind.own_median);
    if in_tail { tail } else { body }
}

/// Lines that stand below the ratio a client opens at, `R = L / (L − 1)`.
///
/// Up to 2.6 times (R ≥ 162 %) the programme's regulated lines hold. To 4 times (R ≥ 133 %) those of an umbrella trust at
/// 3:1: NAV 0.95 is 127 %, 0.90 is 120 %. Beyond (R ≥ 111 %) the conventional loan × 110 % and loan × 105 %.
fn own_lines(leverage: f64) -> OwnLines {
    match leverage {
        l if l <= 2.6 => OwnLines::default(),
        l if l <= 4.0 => ladder(1.27, 1.23, 1.20, 1.10),
        _ => ladder(1.10, 1.09, 1.07, 1.05),
    }
}

fn ladder(warning: f64, limit: f64, call: f64, liquidation: f64) -> OwnLines {
    OwnLines { warning: Some(warning), limit: Some(limit), call: Some(call), liquidation: Some(liquidation), cure_days: Some(1) }
}

fn positions(streams: &Streams, kind: &Kind, listings: &[Listing], popularity: &Popularity, index: usize, value: f64) -> Vec<Position> {
    let mut draws = Draws::of(streams, Family::Account, index, 1);
    let mut count = 1;
    while count < kind.positions.0.min(listings.len()) && draws.uniform() < kind.positions.1 {
        count += 1;
    }
    let mut held: Vec<usize> = Vec::with_capacity(count);
    let mut misses = 0;
    while held.len() < count && misses < 200 {
        let listing = popularity.order[draws.pick(&popularity.cumulative)];
        if held.contains(&listing) {
            misses += 1;
        } else {
            held.push(listing);
        }
    }
    // exponential weights with a floor: uneven, but no crumbs
    let weights: Vec<f64> = held.iter().map(|_| 0.15 - libm::log(draws.uniform())).collect();
    let total: f64 = weights.iter().sum();
    let mut positions: Vec<Position> = Vec::with_capacity(held.len());
    for (listing, weight) in held.into_iter().zip(weights) {
        let price = listings[listing].price;
        let lots = (value * weight / total / price / LOT).floor();
        let (fresh, share, gain) = (draws.uniform(), draws.uniform(), draws.normal());
        if lots < 1.0 {
            continue;
        }
        let bought_today = if fresh < kind.fresh && !listings[listing].halted { (lots * share).floor() } else { 0.0 };
        positions.push(Position {
            listing,
            quantity: lots * LOT,
            sellable_quantity: (lots - bought_today) * LOT,
            cost: round(price * libm::exp(-0.10 - 0.20 * gain), 1e3),
        });
    }
    positions.sort_by_key(|p| p.listing);
    positions
}

/// The day `age` days before `as_of`, or the weekday after it.
fn weekday_before(as_of: Day, age: u32) -> Day {
    let day = Day::from_epoch_days(as_of.epoch_days() - age as i32);
    if day.is_weekday() { day } else { day.next_weekday().min(as_of) }
}

fn round(value: f64, per_unit: f64) -> f64 {
    (value * per_unit).round() / per_unit
}

//! States what may be drawn at each key of a programme: its range, its ends, and what is usual.
//!
//! The keys themselves come from the program's own schema; one without an entry here stops the test by name.

use levertide::model::impact::Impact;
use levertide::model::market::MarketSpec;
use levertide::model::part::{Bounds, Declared, Unit};
use levertide::model::rules::RULES;
use levertide::model::shock::Shock;

/// What is drawn at a key.
#[derive(Clone, Copy, Debug)]
pub enum Draw {
    /// A fraction, as a number or in per cent.
    Ratio(Span),
    Number(Span),
    Count(Span),
    Word(&'static [&'static str]),
    Whole(&'static [i64]),
    /// A name or a date of the book that is drawn.
    Of(Of),
    /// A list of such names, without repetition.
    List(Of),
    /// By entries of such names.
    By(Of),
    /// It is written where it is needed, or not at all.
    Never,
}

#[derive(Clone, Copy, Debug)]
pub enum Of {
    Tier,
    Grade,
    Product,
    Source,
    Symbol,
    Sector,
    Scenario,
    Rulebook,
    Session,
    PastDay,
    Measure,
    RowMeasure,
    Text,
}

/// A range: its ends, whether they belong to it, and what is usual.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub least: f64,
    pub most: f64,
    pub open: (bool, bool),
    pub usual: (f64, f64),
}

const fn span(least: f64, most: f64, usual: (f64, f64)) -> Span {
    Span { least, most, open: (false, false), usual }
}

/// Above its least.
const fn above(least: f64, most: f64, usual: (f64, f64)) -> Span {
    Span { least, most, open: (true, false), usual }
}

/// Below its most.
const fn below(least: f64, most: f64, usual: (f64, f64)) -> Span {
    Span { least, most, open: (false, true), usual }
}

const fn between(least: f64, most: f64, usual: (f64, f64)) -> Span {
    Span { least, most, open: (true, true), usual }
}

use Draw::{By, Count, List, Never, Number, Of as One, Ratio, Whole, Word};

const SHARE: Draw = Ratio(span(0.0, 1.0, (0.0, 1.0)));
const PART: Draw = Ratio(above(0.0, 1.0, (0.02, 1.0)));
const COST: Draw = Ratio(below(0.0, 1.0, (0.0, 0.02)));
const AMOUNT: Draw = Number(above(0.0, 1e18, (1e3, 1e7)));
const LINE: Draw = Ratio(span(0.5, 10.0, (1.05, 1.7)));
const LEVERAGE: Draw = Number(above(1.0, 100.0, (1.3, 6.0)));
const DAYS: Draw = Count(span(0.0, 1000.0, (0.0, 4.0)));
const SESSIONS: Draw = Count(span(1.0, 1000.0, (1.0, 6.0)));
const MONEY: Draw = Number(span(0.0, 1e15, (0.0, 1e7)));
const WEIGHT: Draw = Number(span(0.0, 1e6, (0.0, 30.0)));
const DRIFT: Draw = Ratio(span(-10.0, 10.0, (-0.5, 0.5)));

/// By dotted key; `*` is a name that the book gives. Keys of a market stand once for every place that names one, those of
/// a scenario once for it and the base.
pub const KEYS: &[(&str, Draw)] = &[
    ("simulation.paths", Count(span(1.0, 400.0, (1.0, 40.0)))),
    ("simulation.horizon-days", Count(span(1.0, 1000.0, (1.0, 15.0)))),
    ("simulation.confidence", Ratio(between(0.5, 1.0, (0.8, 0.999)))),
    ("simulation.sampling.candidates", Count(span(1.0, 1e9, (1.0, 600.0)))),
    ("simulation.until.measures", List(Of::RowMeasure)),
    ("simulation.until.half-width", Ratio(between(0.0, 1.0, (0.01, 0.9)))),
    ("simulation.until.half-width-absolute", Number(above(0.0, 1e12, (1.0, 1e6)))),
    ("simulation.until.max-paths", Count(span(1.0, 400.0, (1.0, 400.0)))),
    ("estimation.start", One(Of::PastDay)),
    ("estimation.end", One(Of::PastDay)),
    ("estimation.drift", DRIFT),
    ("market.given.paths", Word(&["paths.csv"])),
    ("shocks.*.on.sector", One(Of::Sector)),
    ("shocks.*.on.symbols", List(Of::Symbol)),
    ("exchange.tick", Number(span(0.0, 1e6, (0.0, 0.05)))),
    ("exchange.lot", Number(span(0.0, 1e9, (0.0, 300.0)))),
    ("exchange.continuation", Number(span(0.0, 2.0, (0.0, 1.0)))),
    ("exchange.resume-after", DAYS),
    ("costs.commission", COST),
    ("costs.stamp-duty.rate", COST),
    ("costs.transfer-fee", COST),
    ("margin.rulebook", One(Of::Rulebook)),
    ("margin.version", One(Of::PastDay)),
    ("margin.warning", LINE),
    ("margin.limit", LINE),
    ("margin.call", LINE),
    ("margin.cure-days", DAYS),
    ("margin.cured-at", LINE),
    ("margin.liquidation", LINE),
    ("margin.restore-to", Ratio(above(1.0, 10.0, (1.2, 1.8)))),
    ("margin.delay-days", DAYS),
    ("margin.withdrawal", Ratio(span(0.5, 10.0, (1.5, 3.0)))),
    ("margin.initial-margin", Ratio(above(0.0, 10.0, (0.3, 1.5)))),
    ("margin.limit-action.reduce-to", LINE),
    ("margin.limit-action.cap-leverage", LEVERAGE),
    ("margin.products", By(Of::Product)),
    ("margin.products.*", One(Of::Rulebook)),
    ("liquidation.delay-days", DAYS),
    ("liquidation.cost", COST),
    ("liquidation.participation", PART),
    ("liquidation.daily-share", PART),
    ("clients.cure-probability", SHARE),
    ("clients.cure-probability-by-grade", By(Of::Grade)),
    ("clients.cure-probability-by-grade.*", SHARE),
    ("clients.cure-delay-days", DAYS),
    ("clients.cure-delay-days-by-grade", By(Of::Grade)),
    ("clients.cure-delay-days-by-grade.*", DAYS),
    ("clients.cure-to", LINE),
    ("clients.payment-by-grade", By(Of::Grade)),
    ("clients.payment-by-grade.*.low", SHARE),
    ("clients.payment-by-grade.*.high", SHARE),
    ("clients.stress-sensitivity", Number(span(0.0, 10.0, (0.0, 3.0)))),
    ("clients.drawdown-sensitivity", Number(span(0.0, 10.0, (0.0, 3.0)))),
    ("clients.common-correlation", Ratio(below(0.0, 1.0, (0.0, 0.9)))),
    ("interest.day-count", Whole(&[365, 360])),
    ("interest.loan-rate-rise", Ratio(span(0.0, 1.0, (0.0, 0.1)))),
    ("interest.funding-rate-rise", Ratio(span(0.0, 1.0, (0.0, 0.1)))),
    ("sharing.platform-fee", SHARE),
    ("sharing.exposure-fee", Ratio(span(0.0, 1.0, (0.0, 0.02)))),
    ("sharing.product", By(Of::Product)),
    ("sharing.mode.fixed-split.client", SHARE),
    ("sharing.mode.capped-loss.client", SHARE),
    ("sharing.mode.capped-loss.lender-loss", SHARE),
    ("sharing.mode.capped-loss.cap", SHARE),
    ("sharing.mode.performance-fee.share", SHARE),
    ("sharing.mode.guaranteed.return-annual", Ratio(above(-1.0, 10.0, (0.0, 0.2)))),
    ("feedback.fade-days", Number(span(0.0, 100_000.0, (0.0, 60.0)))),
    ("feedback.clearing.fixed-point.tolerance", Number(span(1e-14, 0.01, (1e-10, 1e-4)))),
    ("feedback.clearing.fixed-point.rounds", Count(span(1.0, 10_000.0, (1.0, 100.0)))),
    ("pool.loss-order", List(Of::Tier)),
    ("pool.capital", By(Of::Tier)),
    ("pool.capital.*", MONEY),
    ("pool.recourse", SHARE),
    ("pool.recourse-delay-days", DAYS),
    ("pool.line-add", By(Of::Tier)),
    ("pool.line-add.*", Ratio(span(0.0, 5.0, (0.0, 0.2)))),
    ("pool.replenish-daily", By(Of::Tier)),
    ("pool.replenish-daily.*", SHARE),
    ("pool.lending.spread-by-grade", By(Of::Grade)),
    ("pool.lending.spread-by-grade.*", Ratio(span(-1.0, 2.0, (0.0, 0.1)))),
    ("pool.lending.loan-to-value.base", SHARE),
    ("pool.lending.loan-to-value.funding-weight", WEIGHT),
    ("pool.lending.loan-to-value.volatility-weight", WEIGHT),
    ("pool.lending.loan-to-value.stress-weight", WEIGHT),
    ("pool.lending.loan-to-value.participation", PART),
    ("pool.lending.loan-to-value.floor", SHARE),
    ("pool.cash.idle", SHARE),
    ("pool.cash.minimum", SHARE),
    ("pool.cash.cycle-days", Number(span(1.0, 1000.0, (1.0, 20.0)))),
    ("pool.cash.settlement-days", DAYS),
    ("pool.cash.grace-days", DAYS),
    ("pool.funding.roll-probability", SHARE),
    ("pool.funding.roll-probability-by-source", By(Of::Source)),
    ("pool.funding.roll-probability-by-source.*", SHARE),
    ("pool.funding.roll-days", Count(span(1.0, 10_000.0, (1.0, 60.0)))),
    ("pool.funding.loan-roll-probability", SHARE),
    ("pool.run.hazard-daily", Ratio(below(0.0, 1.0, (0.0, 0.1)))),
    ("pool.run.share", SHARE),
    ("pool.run.notice-days", DAYS),
    ("pool.run.loss-weight", WEIGHT),
    ("pool.run.buffer-weight", WEIGHT),
    ("pool.run.stress-weight", WEIGHT),
    ("pool.run.buffer-days", Number(span(0.0, 1000.0, (0.0, 5.0)))),
    ("pool.hedge.tier", One(Of::Tier)),
    ("pool.hedge.ratio", Ratio(span(0.0, 5.0, (0.0, 1.0)))),
    ("pool.hedge.symbols", List(Of::Symbol)),
    ("pool.hedge.basis-volatility-daily", Ratio(span(0.0, 1.0, (0.0, 0.02)))),
    ("pool.hedge.cost-annual", Ratio(span(0.0, 2.0, (0.0, 0.1)))),
    ("pool.hedge.margin", SHARE),
    ("pool.failure.sources", List(Of::Source)),
    ("pool.failure.source-day", One(Of::Session)),
    ("pool.failure.custodian.day", One(Of::Session)),
    ("pool.failure.custodian.cash-share", SHARE),
    ("pool.failure.custodian.client-share", SHARE),
    ("pool.failure.custodian.haircut", Ratio(below(0.0, 1.0, (0.0, 0.5)))),
    ("pool.failure.custodian.frozen-days", SESSIONS),
    ("pool.triggers.name", One(Of::Text)),
    ("pool.triggers.pool-loss", SHARE),
    ("pool.triggers.buffer-days", Number(span(0.0, 1000.0, (0.0, 5.0)))),
    ("pool.triggers.stress", SHARE),
    ("pool.triggers.loss-order", List(Of::Tier)),
    ("pool.triggers.recall", SHARE),
    ("pool.triggers.recall-tier", One(Of::Tier)),
    ("pool.triggers.replenish", By(Of::Tier)),
    ("pool.triggers.replenish.*", MONEY),
    ("limits.measure", One(Of::Measure)),
    ("limits.below", Ratio(span(-1e15, 1e15, (0.0, 1.0)))),
    ("limits.above", Ratio(span(-1e15, 1e15, (0.0, 1.0)))),
    ("limits.confidence", Ratio(between(0.5, 1.0, (0.8, 0.999)))),
    ("limits.scenario", One(Of::Scenario)),
    // what they search for is no part of a run
    ("reverse", Never),
    // and what is watched changes no figure
    ("watch", Never),
    ("firm.name", One(Of::Text)),
    ("firm.zh.name", One(Of::Text)),
    ("firm.net-capital", AMOUNT),
    ("firm.core-net-capital", AMOUNT),
    ("firm.risk-capital-reserves", AMOUNT),
    ("firm.total-assets", Number(above(0.0, 1e18, (1e7, 1e9)))),
    ("firm.net-assets", AMOUNT),
    ("firm.liabilities", AMOUNT),
    ("firm.liquid-assets", AMOUNT),
    ("firm.net-outflows-30d", AMOUNT),
    ("firm.stable-funding", AMOUNT),
    ("firm.required-stable-funding", AMOUNT),
    ("firm.margin-loans", AMOUNT),
    ("firm.margin-reserve-rate", SHARE),
    ("firm.margin-stable-factor", SHARE),
    ("firm.tiers", List(Of::Tier)),
    ("firm.levels.*.limit", Ratio(above(0.0, 100.0, (0.05, 3.0)))),
    ("firm.levels.*.warning", Ratio(above(0.0, 100.0, (0.05, 3.0)))),
    ("firm.staging.stage-2-probability", SHARE),
    ("firm.staging.days-a-year", Count(span(200.0, 366.0, (240.0, 255.0)))),
    ("model-risk.scenarios", List(Of::Scenario)),
    ("model-risk.paths", Count(span(1.0, 400.0, (1.0, 20.0)))),
    ("model-risk.models.name", One(Of::Text)),
    ("report.title", One(Of::Text)),
    ("report.institution", One(Of::Text)),
    ("report.owner", One(Of::Text)),
    ("report.approver", One(Of::Text)),
    ("report.distribution", List(Of::Text)),
    ("report.confidentiality", One(Of::Text)),
    ("report.previous", Never),
    // an edition costs a second, and has the same figures
    ("report.cuts", Never),
    ("report.zh.title", One(Of::Text)),
    ("report.zh.institution", One(Of::Text)),
    ("report.zh.owner", One(Of::Text)),
    ("report.zh.approver", One(Of::Text)),
    ("report.zh.distribution", List(Of::Text)),
    ("report.zh.confidentiality", One(Of::Text)),
    ("scenario.narrative", One(Of::Text)),
    ("scenario.zh.name", One(Of::Text)),
    ("scenario.zh.narrative", One(Of::Text)),
    ("scenario.name", Never),
    ("currency", Word(&["CNY", "USD", "HKD", "KRW", "TWD", "EUR"])),
    ("seed", Count(span(0.0, 9.0e18, (0.0, 1e6)))),
    // the head, the files and their spelling are written with the book
    ("schema", Never),
    ("name", Never),
    ("as-of", Never),
    ("data.*", Never),
];

/// The entry of a key, `*` standing for any one name.
pub fn find(path: &[String]) -> Option<Draw> {
    let fits = |key: &str| {
        let mut names = key.split('.');
        path.iter().all(|step| names.next().is_some_and(|name| name == "*" || name == step)) && names.next().is_none()
    };
    KEYS.iter().find(|(key, _)| fits(key)).map(|(_, draw)| *draw).or_else(|| declared(path))
}

/// What a market model, a shock, an impact law or a rule declares at a key: its range, and what is usual about the value it shows.
fn declared(path: &[String]) -> Option<Draw> {
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    let rules = |above: &str| RULES.iter().filter(|rule| rule.above == above).map(|rule| rule.declared).collect();
    let (parts, key, inner): (Vec<&Declared>, _, _) = match &steps[..] {
        ["market", key, inner @ ..] => (MarketSpec::ALL.to_vec(), key, inner),
        ["shocks", key, inner @ ..] => (Shock::ALL.to_vec(), key, inner),
        ["feedback", "impact", key, inner @ ..] => (Impact::ALL.to_vec(), key, inner),
        [above, key, inner @ ..] => (rules(above), key, inner),
        _ => return None,
    };
    let param = parts.iter().find(|part| part.key == *key)?.param(&inner.join("."))?;
    let Bounds { least, most, open } = param.range;
    let (least, most) = (least.max(-1e9), most.min(1e9));
    let shown = levertide::units::Ratio::parse(param.shown.trim_matches('"')).map_or(least, |ratio| ratio.get());
    let about = if param.unit == Unit::Move || shown == 0.0 { (-0.4, 0.2) } else { (0.25 * shown, 2.0 * shown) };
    let within = |figure: f64| figure.clamp(if open.0 { least.next_up() } else { least }, if open.1 { most.next_down() } else { most });
    let span = Span { least, most, open, usual: (within(about.0.min(about.1)), within(about.0.max(about.1))) };
    match param.unit {
        Unit::Percent | Unit::Line | Unit::Move => Some(Ratio(span)),
        Unit::Number | Unit::Share => Some(Number(span)),
        Unit::Count => Some(Count(span)),
        Unit::Session | Unit::LastSession | Unit::Sessions => Some(One(Of::Session)),
        Unit::Date => Some(One(Of::PastDay)),
        Unit::File | Unit::Flag | Unit::Choice(_) | Unit::Target | Unit::Table => None,
    }
}

//! Draws together what charts and tables show of one outcome: the loss histogram, the fan, the worst accounts and symbols.

use super::accounts::Event;
use super::figure::Judge;
use super::symbols::SymbolFigures;
use super::{Estimate, Unit, accounts, attribution, quantile, sums, symbols};
use crate::engine::outcome::{Fan, Outcome, Sample, Stratum};
use crate::model::book::Book;
use crate::model::case::Scenario;
use crate::model::history::Market;
use serde::Serialize;

const BINS: usize = 60;
/// The share of the losing paths a histogram shows; the farthest of a million would squeeze the rest into one bin.
const SHOWN_PERMYRIAD: u64 = 9_995;
/// Losses that all lie above this share of the highest are far from 0.
const FAR: f64 = 0.4;
const WORST: usize = 10;
/// Levels of the fan, in thousandths.
const FAN_PERMILLE: [u64; 7] = [10, 50, 250, 500, 750, 950, 990];

/// What the book's sales did in one symbol.
#[derive(Clone, Debug)]
pub struct SymbolFlow {
    pub symbol: String,
    pub name: String,
    pub figures: SymbolFigures,
}

/// Pool loss over paths, in equal bins from the lowest to the highest shown; bins, zeros and those beyond add up to the paths.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Histogram {
    pub low: f64,
    pub high: f64,
    pub counts: Vec<u64>,
    /// Paths without any loss; they stand in no bin. Of a sample, candidates: here, in the bins and beyond them.
    pub zeros: u64,
    /// Paths above `high`; they stand in no bin.
    pub beyond: u64,
    pub paths: u64,
    /// The share of paths without any loss.
    #[serde(skip)]
    pub none: Option<Estimate>,
}

/// Quantiles of the pool's value by day, over the sampled paths.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FanQuantiles {
    /// Levels, ascending: 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99.
    pub levels: Vec<f64>,
    /// `[level][day]`, day 0 is the as-of date.
    pub value: Vec<Vec<f64>>,
    /// At the last day, by level, each with its doubt; a level flagged there rests on too few paths on every day.
    pub end: Vec<Estimate>,
    pub paths: u64,
}

/// Sixty bins from 0 (or the lowest loss, where one is negative, or all lie far from 0) to the 99.95 % quantile of the losses that are not zero.
///
/// Worked: losses 0, 0, 60, 120 give two zeros, a low of 0, a high of 120, and one path each in the bins 31 and 60.
pub fn histogram(judge: &Judge<'_>, loss: &[f64]) -> Histogram {
    let sample = judge.sample;
    let paths = sample.map_or(loss.len() as u64, |sample| sample.candidates);
    // a row of a sample stands for as many candidates as it was drawn from, in whole numbers that add up
    let stands_for: Vec<u64> = match sample {
        None => vec![1; loss.len()],
        Some(sample) if sample.is_alike() => sample.strata.iter().flat_map(shares).collect(),
        // where candidates count differently, the largest losses first: whole numbers are exact to one from the tail on
        Some(sample) => by_rank(sample, loss),
    };
    let mut losing: Vec<(f64, u64)> = loss.iter().copied().zip(stands_for).filter(|(l, _)| *l != 0.0).collect();
    losing.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let all: u64 = losing.iter().map(|l| l.1).sum();
    let zeros = paths - all;
    let none = Some(without_loss(judge, loss));
    let Some((lowest, _)) = losing.first() else {
        return Histogram { low: 0.0, high: 0.0, counts: vec![0; BINS], zeros, beyond: 0, paths, none };
    };
    let lowest = *lowest;
    let shown = (all * SHOWN_PERMYRIAD).div_ceil(10_000);
    let mut sum = 0;
    let reaches = |(_, count): &&(f64, u64)| {
        sum += count;
        sum >= shown
    };
    // when every loss is negative the scale ends at no loss
    let high = losing.iter().find(reaches).map_or(0.0, |(loss, _)| loss.max(0.0));
    // where every path loses much, bins from zero on would be empty
    let low = if zeros == 0 && lowest > FAR * high && lowest < high { lowest } else { lowest.min(0.0) };
    let mut counts = vec![0; BINS];
    let step = (high - low) / BINS as f64;
    for (value, count) in losing.iter().take_while(|(l, _)| *l <= high) {
        let bin = ((value - low) / step) as usize;
        counts[bin.min(BINS - 1)] += count;
    }
    let beyond = all - counts.iter().sum::<u64>();
    Histogram { low, high, counts, zeros, beyond, paths, none }
}

/// The share of paths without any loss.
fn without_loss(judge: &Judge<'_>, loss: &[f64]) -> Estimate {
    let key = "pool_loss.none";
    let zeros = |loss: &[f64]| loss.iter().filter(|l| **l == 0.0).count() as u64;
    match judge.sample {
        None => sums::share(judge, key, zeros(loss)),
        Some(sample) => {
            let of_stratum = |k: usize| {
                let rows = &sample.strata[k].rows;
                zeros(&loss[rows.start as usize..rows.end as usize]) as f64
            };
            sums::weighted_share(judge, key, sample.share_of(of_stratum))
        }
    }
}

/// All candidates shared among rows by what each counts, so that the rows from any loss upwards have the whole number nearest to theirs.
fn by_rank(sample: &Sample, loss: &[f64]) -> Vec<u64> {
    let (weights, rows): (Vec<f64>, f64) = (sample.weights().collect(), loss.len() as f64);
    let mut order: Vec<usize> = (0..loss.len()).collect();
    order.sort_by(|a, b| loss[*b].total_cmp(&loss[*a]));
    let (mut sum, mut given, mut shares) = (0.0, 0, vec![0; loss.len()]);
    for row in order {
        sum += weights[row] / rows * sample.candidates as f64;
        let all = (libm::round(sum) as u64).min(sample.candidates);
        shares[row] = all - given;
        given = all;
    }
    shares
}

/// The candidates of a stratum shared among its rows, in whole numbers.
fn shares(stratum: &Stratum) -> impl Iterator<Item = u64> {
    let (rows, candidates) = (stratum.count(), stratum.candidates);
    (0..rows).map(move |row| candidates / rows + u64::from(row < candidates % rows))
}

/// Quantiles of the pool's value by day: at each level the first value with that share of paths at or below it.
pub fn fan(judge: &Judge<'_>, fan: &Fan) -> FanQuantiles {
    let levels: Vec<f64> = FAN_PERMILLE.iter().map(|p| *p as f64 / 1000.0).collect();
    if fan.days == 0 || fan.value.is_empty() {
        return FanQuantiles { levels, ..FanQuantiles::default() };
    }
    let paths = fan.value.len() / fan.days;
    let mut value = vec![vec![0.0; fan.days]; levels.len()];
    for day in 0..fan.days {
        let mut of_day: Vec<f64> = (0..paths).map(|path| fan.value[path * fan.days + day]).collect();
        of_day.sort_unstable_by(f64::total_cmp);
        for (row, permille) in value.iter_mut().zip(FAN_PERMILLE) {
            let rank = (paths as u64 * permille).div_ceil(1000).max(1);
            row[day] = of_day[rank as usize - 1];
        }
    }
    let last: Vec<f64> = fan.value.chunks_exact(fan.days).map(|path| path[fan.days - 1]).collect();
    let end = FAN_PERMILLE.iter().map(|permille| quantile::of_sample(judge, "pool_value", Unit::Money, &last, *permille)).collect();
    FanQuantiles { levels, value, end, paths: paths as u64 }
}

/// The ten accounts with the largest expected loss: id, loss, liquidation and shortfall probability.
pub fn worst_accounts(scenario: &Scenario, book: &Book, outcome: &Outcome) -> Vec<(String, [Estimate; 3])> {
    let share = |event: Event, a: usize| accounts::probability(scenario, outcome, event, a);
    let row = |a: usize| {
        let loss = accounts::expected_loss(scenario, outcome, a);
        (book.account_id[a].clone(), [loss, share(Event::Liquidated, a), share(Event::Shortfall, a)])
    };
    accounts::worst(outcome, WORST).into_iter().map(row).collect()
}

/// One account or symbol, and its part of the pool's ES 99 %.
#[derive(Clone, Debug, Serialize)]
pub struct Driver {
    /// An account's id, or a symbol.
    pub id: String,
    /// The symbol's name; the account's tier.
    pub name: String,
    #[serde(flatten)]
    pub part: Estimate,
}

/// The accounts and symbols with the largest parts of the pool's ES 99 %.
#[derive(Clone, Debug, Serialize)]
pub struct Drivers {
    pub accounts: Vec<Driver>,
    pub symbols: Vec<Driver>,
    /// How many accounts have any part, and how many of the largest make half of the ES.
    pub accounts_with_part: u64,
    pub accounts_of_half: u64,
    /// Part and standard error of every account, in the order of the book, and of every symbol.
    #[serde(skip)]
    pub every: [Vec<(f64, f64)>; 2],
}

/// Who causes the pool's ES 99 %: the ten largest of each kind.
pub fn drivers(scenario: &Scenario, book: &Book, market: &Market, outcome: &Outcome) -> Option<Drivers> {
    let causes = attribution::causes(scenario, book, outcome)?;
    let largest = |parts: &[Estimate]| {
        let mut order: Vec<usize> = (0..parts.len()).filter(|k| parts[*k].value > 0.0).collect();
        order.sort_by(|x, y| parts[*y].value.total_cmp(&parts[*x].value).then(x.cmp(y)));
        order
    };
    let (accounts, symbols) = (largest(&causes.account), largest(&causes.symbol));
    let whole = accounts.iter().fold(0.0, |sum, a| sum + causes.account[*a].value);
    let mut reached = 0.0;
    let half = accounts.iter().take_while(|a| {
        let before = reached;
        reached += causes.account[**a].value;
        before < whole / 2.0
    });
    let accounts_of_half = half.count() as u64;
    let account = |a: &usize| {
        let (id, name) = (book.account_id[*a].clone(), book.tiers[book.tier[*a] as usize].clone());
        Driver { id, name, part: causes.account[*a].clone() }
    };
    let symbol = |s: &usize| {
        let instrument = &market.instruments[outcome.symbol.symbol[*s] as usize];
        Driver { id: instrument.symbol.clone(), name: instrument.name.clone(), part: causes.symbol[*s].clone() }
    };
    Some(Drivers {
        accounts: accounts.iter().take(WORST).map(account).collect(),
        symbols: symbols.iter().take(WORST).map(symbol).collect(),
        accounts_with_part: accounts.len() as u64,
        accounts_of_half,
        every: [&causes.account, &causes.symbol].map(|parts| parts.iter().map(|part| (part.value, part.std_error)).collect()),
    })
}

/// The ten symbols with the largest forced sales.
pub fn worst_symbols(scenario: &Scenario, market: &Market, outcome: &Outcome) -> Vec<SymbolFlow> {
    let columns = &outcome.symbol;
    let mut order: Vec<usize> = (0..columns.symbol.len()).filter(|s| columns.sold[*s] > 0.0 || columns.queued_days[*s] > 0.0).collect();
    order.sort_by(|x, y| {
        columns.sold[*y].total_cmp(&columns.sold[*x]).then(columns.queued_days[*y].total_cmp(&columns.queued_days[*x])).then(x.cmp(y))
    });
    let row = |s: usize| {
        let instrument = &market.instruments[columns.symbol[s] as usize];
        SymbolFlow { symbol: instrument.symbol.clone(), name: instrument.name.clone(), figures: symbols::figures(scenario, outcome, s) }
    };
    order.into_iter().take(WORST).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_zeros_and_those_beyond_add_up_to_the_paths() {
        let of = |loss: &[f64]| histogram(&Judge::new(loss.len() as u64, 0.95, false), loss);
        let h = of(&[0.0, 0.0, 60.0, 120.0]);
        assert_eq!((h.low, h.high, h.zeros, h.beyond, h.counts[30], h.counts[59]), (0.0, 120.0, 2, 0, 1, 1));
        let many: Vec<f64> = (0..100_000).map(|i| f64::from(i) - 10.0).collect();
        let h = of(&many);
        assert_eq!((h.low, h.zeros, h.beyond), (-10.0, 1, 49));
        assert_eq!(h.counts.iter().sum::<u64>() + h.zeros + h.beyond, h.paths);
        assert_eq!(of(&[0.0; 5]).counts.iter().sum::<u64>(), 0);
        let far = of(&[70.0, 75.0, 80.0]);
        assert_eq!((far.low, far.high, far.counts[0], far.counts[59]), (70.0, 80.0, 1, 1));
        assert_eq!(of(&[80.0, 80.0]).low, 0.0);
        let gains = of(&[-5.0, -5.0]);
        assert_eq!((gains.low, gains.high, gains.counts[0]), (-5.0, 0.0, 2));
    }

    #[test]
    fn a_fan_ranks_each_day_by_itself() {
        let value = (0..100).flat_map(|path| [100.0, f64::from(path), f64::from(99 - path)]).collect();
        let f = fan(&Judge::new(100, 0.95, false), &Fan { days: 3, value, ..Fan::default() });
        assert_eq!(f.paths, 100);
        assert_eq!(f.value[0], [100.0, 0.0, 0.0]);
        assert_eq!(f.value[3], [100.0, 49.0, 49.0]);
        assert_eq!(f.value[6], [100.0, 98.0, 98.0]);
        assert_eq!((f.end[3].value, f.end[3].flag, f.end[0].flag.is_some()), (49.0, None, true));
    }
}

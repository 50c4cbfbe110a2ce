//! Weighs what the strata of a sample came to, so that their sums read as those of all paths.
//!
//! A column of sums comes back with a column of squares from which the usual error of a mean over paths, `(Σx² − (Σx)²/n) / (n(n − 1))`, is
//! that of the stratified mean (`record/sample.rs`).

use crate::engine::record::outcome::{AccountColumns, GroupColumns, NEVER, SymbolColumns, WeightedAccounts};
use crate::engine::record::sample::Sample;

/// The sum over all rows and its square, of each stratum's sum and mean square between paths.
fn weighed(sample: &Sample, parts: f64, of: impl Fn(usize) -> (f64, f64)) -> (f64, f64) {
    let rows = sample.numbers.len() as f64;
    let (mean, error_square) = sample.gather(|k| {
        let (sum, variance) = of(k);
        (sum / sample.strata[k].count() as f64, variance)
    });
    let sum = mean * rows;
    (sum, sum * mean + error_square * rows * (parts - 1.0))
}

/// The variance between `parts` parts of a stratum, of the sum over its `paths` paths and of squares: of paths, or of batches over the
/// paths of each.
fn variance(sum: f64, square: f64, paths: f64, parts: f64) -> f64 {
    if parts > 1.0 { ((square - sum * (sum / paths)) / (parts - 1.0)).max(0.0) } else { 0.0 }
}

/// Sums and squares over the paths of every stratum, `[stratum][item]`, as of all paths.
fn pairs(sample: &Sample, sums: &[&[f64]], squares: &[&[f64]]) -> (Vec<f64>, Vec<f64>) {
    let rows = sample.numbers.len() as f64;
    let items = sums.first().map_or(0, |first| first.len());
    let of = |item: usize| {
        weighed(sample, rows, |k| {
            let (sum, paths) = (sums[k][item], sample.strata[k].count() as f64);
            (sum, variance(sum, squares[k][item], paths, paths))
        })
    };
    (0..items).map(of).unzip()
}

/// The columns of all strata, in their order, as of all paths.
pub fn symbols(sample: &Sample, strata: &[&SymbolColumns]) -> SymbolColumns {
    let get = |column: fn(&SymbolColumns) -> &Vec<f64>| -> Vec<&[f64]> { strata.iter().map(|s| column(s).as_slice()).collect() };
    let pair = |sums: fn(&SymbolColumns) -> &Vec<f64>, squares: fn(&SymbolColumns) -> &Vec<f64>| pairs(sample, &get(sums), &get(squares));
    let mut whole = strata[0].clone();
    (whole.sold, whole.square.sold) = pair(|s| &s.sold, |s| &s.square.sold);
    (whole.early, whole.square.early) = pair(|s| &s.early, |s| &s.square.early);
    (whole.unsold, whole.square.unsold) = pair(|s| &s.unsold, |s| &s.square.unsold);
    (whole.push_sum, whole.square.push) = pair(|s| &s.push_sum, |s| &s.square.push);
    (whole.by_day, whole.square.by_day) = pair(|s| &s.by_day, |s| &s.square.by_day);
    (whole.halted_days, whole.square.halted_days) = pair(|s| &s.halted_days, |s| &s.square.halted_days);
    (whole.locked_days, whole.square.locked_days) = pair(|s| &s.locked_days, |s| &s.square.locked_days);
    (whole.queued_days, whole.square.queued_days) = pair(|s| &s.queued_days, |s| &s.square.queued_days);
    // of sums over symbols only the squares are kept
    let blocked: Vec<Vec<f64>> = strata.iter().map(|s| s.halted_days.iter().zip(&s.locked_days).map(|(a, b)| a + b).collect()).collect();
    let blocked: Vec<&[f64]> = blocked.iter().map(Vec::as_slice).collect();
    whole.square.blocked_days = pairs(sample, &blocked, &get(|s| &s.square.blocked_days)).1;
    let by_sector = |column: fn(&SymbolColumns) -> &Vec<f64>| -> Vec<Vec<f64>> {
        let of = |s: &&SymbolColumns| {
            let mut sums = vec![0.0; s.square.sector_sold.len()];
            s.sector.iter().zip(column(s)).for_each(|(sector, money)| sums[*sector as usize] += money);
            sums
        };
        strata.iter().map(of).collect()
    };
    let sector = |sums: Vec<Vec<f64>>, squares: fn(&SymbolColumns) -> &Vec<f64>| {
        let sums: Vec<&[f64]> = sums.iter().map(Vec::as_slice).collect();
        pairs(sample, &sums, &get(squares)).1
    };
    whole.square.sector_sold = sector(by_sector(|s| &s.sold), |s| &s.square.sector_sold);
    whole.square.sector_unsold = sector(by_sector(|s| &s.unsold), |s| &s.square.sector_unsold);
    for next in &strata[1..] {
        whole.push_max.iter_mut().zip(&next.push_max).for_each(|(largest, next)| *largest = largest.max(*next));
    }
    whole
}

/// The events of every group over all strata, as of all paths.
pub fn groups(sample: &Sample, strata: &[&[GroupColumns]]) -> Vec<GroupColumns> {
    let rows = sample.numbers.len() as f64;
    let mut whole = strata[0].to_vec();
    for (g, group) in whole.iter_mut().enumerate() {
        for (e, sums) in group.events.iter_mut().enumerate() {
            let (sum, square) = weighed(sample, rows, |k| {
                let ([sum, square], paths) = (strata[k][g].events[e], sample.strata[k].count() as f64);
                (sum, variance(sum, square, paths, paths))
            });
            *sums = [sum, square];
        }
    }
    whole
}

/// The accounts of all strata, as of all paths; counts of paths stay those of the rows.
pub fn accounts(sample: &Sample, strata: &[AccountColumns]) -> AccountColumns {
    let mut whole = strata[0].clone();
    for next in &strata[1..] {
        whole.count(next);
    }
    let get = |column: fn(&AccountColumns) -> &Vec<f64>| -> Vec<&[f64]> { strata.iter().map(|s| column(s).as_slice()).collect() };
    (whole.loss_sum, whole.loss_square) = pairs(sample, &get(|s| &s.loss_sum), &get(|s| &s.loss_square));
    let items = whole.loss_sum.len();
    let client = |a: usize| {
        weighed(sample, f64::from(whole.batches), |k| {
            let (columns, paths) = (&strata[k], sample.strata[k].count() as f64);
            let sum = columns.client_loss_sum[a];
            (sum, variance(sum, columns.client_loss_square_by_batch[a], paths, columns.batches.into()))
        })
    };
    (whole.client_loss_sum, whole.client_loss_square_by_batch) = (0..items).map(client).unzip();
    let share = |e: usize, a: usize| sample.share_of(|k| f64::from(strata[k].events()[e][a]));
    let events = std::array::from_fn(|e| (0..items).map(|a| share(e, a)).collect());
    let first_day = (0..items).map(|a| std::array::from_fn(|event| first_day(sample, strata, a, event))).collect();
    whole.weighted = Some(WeightedAccounts { events, first_day });
    whole
}

/// The mean day of an event over the paths that meet it, and its squared error; nothing where none does.
///
/// A ratio of two means: its error is that of `(day − mean)` over the paths that meet the event, over their share.
fn first_day(sample: &Sample, strata: &[AccountColumns], a: usize, event: usize) -> Option<[f64; 2]> {
    let of = |k: usize| {
        let columns = &strata[k];
        let paths = f64::from(columns.first_day_paths[a][event]);
        (paths, columns.first_day_sum[a][event] as f64, columns.first_day_square[a][event] as f64)
    };
    let rows = |k: usize| sample.strata[k].count() as f64;
    let share = sample.gather(|k| (of(k).0 / rows(k), 0.0)).0;
    let sum = sample.gather(|k| (of(k).1 / rows(k), 0.0)).0;
    (share > 0.0).then(|| {
        let mean = sum / share;
        let (_, square) = sample.gather(|k| {
            let (paths, sum, square) = of(k);
            let rest = sum - mean * paths;
            (rest / rows(k), variance(rest, square - 2.0 * mean * sum + mean * mean * paths, rows(k), rows(k)))
        });
        [mean, square / (share * share)]
    })
}

impl AccountColumns {
    /// Adds the paths of the next stratum that met each event.
    fn count(&mut self, next: &AccountColumns) {
        for (sums, more) in self.events_mut().into_iter().zip(next.events()) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        self.batches += next.batches;
        let mine = [&mut self.first_warning, &mut self.first_call, &mut self.first_liquidation, &mut self.first_close];
        let others = [&next.first_warning, &next.first_call, &next.first_liquidation, &next.first_close];
        for (ranges, others) in mine.into_iter().zip(others) {
            for (range, other) in ranges.iter_mut().zip(others) {
                *range = match (*range, *other) {
                    (range, [NEVER, _]) => range,
                    ([NEVER, _], other) => other,
                    (range, other) => [range[0].min(other[0]), range[1].max(other[1])],
                };
            }
        }
        for (sums, more) in self.first_day_sum.iter_mut().zip(&next.first_day_sum) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        for (sums, more) in self.first_day_square.iter_mut().zip(&next.first_day_square) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        for (sums, more) in self.first_day_paths.iter_mut().zip(&next.first_day_paths) {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
    }
}

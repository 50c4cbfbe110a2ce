//! Takes the rows of finished paths off the engine's hands, and gives those of one scenario back whole.
//!
//! Scenarios that draw one market end together, and their columns would all stand in memory until the last is measured.
//! A spool decides where they wait: in `Memory`, or as bytes (`Rows::encode`) in a file, as a whole run has it.

use super::bytes::{Bytes, Cell};
use super::order::Restorer;
use super::outcome::{ControlColumns, DailyColumns, Layer, Outcome, PathColumns, PoolColumns};
use crate::problem::Problems;
use std::collections::BTreeMap;

/// The rows of consecutive paths of one scenario or layer: every column that holds a value per path.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub path: PathColumns,
    pub pool: PoolColumns,
    /// As `GroupColumns::loss` and `loss_by_path`, group by group; a batch has the first alone.
    pub group_loss: Vec<Vec<(u32, f64)>>,
    pub group_loss_by_path: Vec<Vec<f64>>,
}

/// Where rows wait; runs are numbered by the engine.
pub trait Spool: Send {
    /// Takes the next rows of a run, which come in order of paths; `paths` is how many the run has in all, so far as is known.
    fn put(&mut self, run: usize, paths: usize, rows: Rows) -> Result<(), Problems>;

    /// Gives a copy of the rows of a run that are there.
    fn copy(&mut self, run: usize) -> Result<Rows, Problems>;

    /// Gives all rows of a run back, and forgets them.
    fn take(&mut self, run: usize) -> Result<Rows, Problems>;
}

/// One column of whichever kind.
enum Column<'a> {
    Money(&'a mut Vec<f64>),
    Count(&'a mut Vec<u32>),
    /// Path and value where it is not zero.
    Sparse(&'a mut Vec<(u32, f64)>),
}

/// The values of one column.
enum Values {
    Money(Vec<f64>),
    Count(Vec<u32>),
    /// Those of a sparse column, added already.
    Added,
}

impl Rows {
    /// The paths these are rows of.
    pub fn paths(&self) -> usize {
        self.path.pool_loss.len()
    }

    /// What is kept of a layer of contagion.
    pub fn of_layer(self) -> Rows {
        let PathColumns { pool_loss, forced_sales, liquidated, .. } = self.path;
        Rows { path: PathColumns { pool_loss, forced_sales, liquidated, ..PathColumns::default() }, ..Rows::default() }
    }

    /// As many columns of each kind, without a row; what is the same on every path stays.
    pub fn shape(&self) -> Rows {
        let daily = self.pool.daily.as_ref().map(|daily| DailyColumns {
            figures: vec![Vec::new(); daily.figures.len()],
            tier_failed: vec![Vec::new(); daily.tier_failed.len()],
            trigger_fired: vec![Vec::new(); daily.trigger_fired.len()],
            source_withdrawn: vec![Vec::new(); daily.source_withdrawn.len()],
            buffer_days_start: daily.buffer_days_start,
            maturity_gap_worst: daily.maturity_gap_worst,
        });
        let controls = ControlColumns { cycle: vec![Vec::new(); self.path.controls.cycle.len()], ..ControlColumns::default() };
        Rows {
            path: PathColumns { tier_loss: vec![Vec::new(); self.path.tier_loss.len()], controls, ..PathColumns::default() },
            pool: PoolColumns { daily, ..PoolColumns::default() },
            group_loss: vec![Vec::new(); self.group_loss.len()],
            group_loss_by_path: vec![Vec::new(); self.group_loss.len()],
        }
    }

    /// Calls `with` for every column, in one fixed order.
    fn each(&mut self, mut with: impl FnMut(Column<'_>)) {
        self.path.floats().into_iter().for_each(|c| with(Column::Money(c)));
        self.path.counts().into_iter().for_each(|c| with(Column::Count(c)));
        self.path.tier_loss.iter_mut().for_each(|c| with(Column::Money(c)));
        let controls = &mut self.path.controls;
        [&mut controls.reduced, &mut controls.trigger_days].into_iter().for_each(|c| with(Column::Count(c)));
        std::iter::once(&mut controls.reduction_sales).chain(&mut controls.cycle).for_each(|c| with(Column::Money(c)));
        let pool = &mut self.pool;
        [&mut pool.cover_1, &mut pool.cover_2].into_iter().for_each(|c| with(Column::Money(c)));
        if let Some(daily) = &mut pool.daily {
            daily.figures.iter_mut().chain(&mut daily.source_withdrawn).for_each(|c| with(Column::Money(c)));
            daily.tier_failed.iter_mut().chain(&mut daily.trigger_fired).for_each(|c| with(Column::Count(c)));
        }
        self.group_loss.iter_mut().for_each(|c| with(Column::Sparse(c)));
    }

    /// Puts the rows of a batch in the order of the paths' numbers.
    pub fn restore(&mut self, restorer: &Restorer) {
        self.each(|column| match column {
            Column::Money(values) => restorer.restore(values),
            Column::Count(values) => restorer.restore(values),
            Column::Sparse(values) => values.sort_unstable_by_key(|(path, _)| *path),
        });
    }

    /// Lays the next rows behind the `at` first ones, of `paths` in all.
    pub fn place(&mut self, at: usize, paths: usize, mut next: Rows) {
        if at == 0 {
            *self = next.shape();
        }
        for ((loss, by_path), next) in self.group_loss.iter_mut().zip(&mut self.group_loss_by_path).zip(&mut next.group_loss) {
            add_loss(loss, by_path, paths, std::mem::take(next));
        }
        let mut values = Vec::new();
        next.each(|column| {
            values.push(match column {
                Column::Money(column) => Values::Money(std::mem::take(column)),
                Column::Count(column) => Values::Count(std::mem::take(column)),
                Column::Sparse(_) => Values::Added,
            });
        });
        let mut values = values.into_iter();
        self.each(|column| match (column, values.next()) {
            (Column::Money(column), Some(Values::Money(next))) => lay(column, at, paths, &next),
            (Column::Count(column), Some(Values::Count(next))) => lay(column, at, paths, &next),
            (Column::Sparse(_), Some(Values::Added)) => {}
            _ => unreachable!("rows of one run have the same columns"),
        });
    }

    /// The rows as bytes, behind those in `out`.
    pub fn encode(&mut self, out: &mut Vec<u8>) {
        self.walk(&mut Bytes::Write(out));
    }

    /// The rows that `encode` made these bytes of; nothing where they are no rows.
    pub fn decode(bytes: &[u8]) -> Option<Rows> {
        let (mut rows, mut bytes) = (Rows::default(), Bytes::Read(Some(bytes)));
        rows.walk(&mut bytes);
        bytes.is_done().then_some(rows)
    }

    /// How many columns there are of each kind, what is the same on every path, and then every column.
    fn walk(&mut self, bytes: &mut Bytes<'_>) {
        bytes.count(&mut self.path.tier_loss);
        bytes.count(&mut self.path.controls.cycle);
        bytes.count(&mut self.group_loss);
        let mut is_daily = u16::from(self.pool.daily.is_some());
        bytes.value(&mut is_daily);
        if is_daily == 1 {
            let daily = self.pool.daily.get_or_insert_default();
            bytes.count(&mut daily.figures);
            bytes.count(&mut daily.source_withdrawn);
            bytes.count(&mut daily.tier_failed);
            bytes.count(&mut daily.trigger_fired);
            bytes.value(&mut daily.buffer_days_start);
            bytes.value(&mut daily.maturity_gap_worst);
        }
        self.each(|column| match column {
            Column::Money(values) => bytes.column(values),
            Column::Count(values) => bytes.column(values),
            Column::Sparse(values) => bytes.column(values),
        });
    }
}

/// Adds the losses of the next paths to a group's, of `paths` paths in all: pairs take twice the room of values, and are given up
/// when they would be more than half of the paths.
fn add_loss(loss: &mut Vec<(u32, f64)>, by_path: &mut Vec<f64>, paths: usize, next: Vec<(u32, f64)>) {
    if by_path.is_empty() && 2 * (loss.len() + next.len()) <= paths {
        loss.extend(next);
        return;
    }
    // a run that grows has more paths than it had
    by_path.resize(paths, 0.0);
    for (path, value) in std::mem::take(loss).into_iter().chain(next) {
        by_path[path as usize] = value;
    }
}

/// Values looked at together when a column is laid: a page of memory holds as many.
const BLOCK: usize = 512;

/// Writes the next values of a column where they are not zero: a page that holds nothing else is never touched, and a system
/// that gives memory page by page gives none for it.
fn lay<T: Cell>(column: &mut Vec<T>, at: usize, paths: usize, next: &[T]) {
    // a column no rule writes holds no path at all
    if next.is_empty() {
        return;
    }
    match column.is_empty() {
        true => *column = vec![T::default(); paths],
        // a run that grows has more paths than it had
        false => column.resize(paths.max(column.len()), T::default()),
    }
    for (to, from) in column[at..at + next.len()].chunks_mut(BLOCK).zip(next.chunks(BLOCK)) {
        if !from.iter().all(|value| value.is_zero()) {
            to.copy_from_slice(from);
        }
    }
}

/// A spool in memory.
#[derive(Debug, Default)]
pub struct Memory {
    runs: BTreeMap<usize, (usize, Rows)>,
}

impl Spool for Memory {
    fn put(&mut self, run: usize, paths: usize, rows: Rows) -> Result<(), Problems> {
        let (done, whole) = self.runs.entry(run).or_default();
        let more = rows.paths();
        whole.place(*done, paths, rows);
        *done += more;
        Ok(())
    }

    fn copy(&mut self, run: usize) -> Result<Rows, Problems> {
        Ok(self.runs.get(&run).expect("the engine asks for what it put").1.clone())
    }

    fn take(&mut self, run: usize) -> Result<Rows, Problems> {
        Ok(self.runs.remove(&run).expect("the engine takes what it put").1)
    }
}

/// Every scenario's outcome in the programme's order, without its rows until they are fetched.
#[derive(Debug, Default)]
pub struct Spooled {
    pub outcomes: Vec<Outcome>,
    /// Each scenario's run; those of its layers follow it.
    runs: Vec<usize>,
}

impl Spooled {
    pub fn add(&mut self, run: usize, outcome: Outcome) {
        self.runs.push(run);
        self.outcomes.push(outcome);
    }

    /// Adds the next layer of the last scenario.
    pub fn add_layer(&mut self, name: &'static str, sales_by_day: Vec<f64>, sales_by_day_square: Vec<f64>) {
        let whole = self.outcomes.last_mut().expect("a layer stands behind its scenario");
        whole.layers.push(Layer { name, sales_by_day, sales_by_day_square, ..Layer::default() });
    }

    /// Fills one scenario's columns from the spool.
    ///
    /// Errors: those of the spool.
    pub fn fetch(&mut self, scenario: usize, spool: &mut dyn Spool) -> Result<(), Problems> {
        let run = self.runs[scenario];
        let outcome = &mut self.outcomes[scenario];
        let rows = spool.take(run)?;
        (outcome.path, outcome.pool) = (rows.path, rows.pool);
        for (group, (loss, by_path)) in outcome.groups.iter_mut().zip(rows.group_loss.into_iter().zip(rows.group_loss_by_path)) {
            (group.loss, group.loss_by_path) = (loss, by_path);
        }
        for (k, layer) in outcome.layers.iter_mut().enumerate() {
            let path = spool.take(run + 1 + k)?.path;
            (layer.pool_loss, layer.forced_sales, layer.liquidated) = (path.pool_loss, path.forced_sales, path.liquidated);
        }
        Ok(())
    }

    /// Every outcome with its columns.
    ///
    /// Errors: those of the spool.
    pub fn whole(mut self, spool: &mut dyn Spool) -> Result<Vec<Outcome>, Problems> {
        (0..self.outcomes.len()).try_for_each(|scenario| self.fetch(scenario, spool))?;
        Ok(self.outcomes)
    }

    /// Lets one scenario's columns go.
    pub fn release(&mut self, scenario: usize) {
        let outcome = &mut self.outcomes[scenario];
        (outcome.path, outcome.pool) = (PathColumns::default(), PoolColumns::default());
        outcome.groups.iter_mut().for_each(|group| (group.loss, group.loss_by_path) = (Vec::new(), Vec::new()));
        for layer in &mut outcome.layers {
            (layer.pool_loss, layer.forced_sales, layer.liquidated) = (Vec::new(), Vec::new(), Vec::new());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(first: u32, paths: u32) -> Rows {
        let money = |scale: f64| (first..first + paths).map(|p| f64::from(p) * scale).collect::<Vec<f64>>();
        let mut rows = Rows::default();
        rows.path.pool_loss = money(0.5);
        rows.path.recourse = vec![0.0; paths as usize];
        rows.path.early_sales = vec![-0.0; paths as usize];
        rows.path.tier_loss = vec![money(0.25), vec![0.0; paths as usize]];
        rows.path.called = (first..first + paths).collect();
        rows.path.controls.cycle = vec![money(3.0)];
        rows.pool.cover_1 = money(-1.0);
        rows.pool.daily = Some(DailyColumns { figures: vec![money(7.0)], buffer_days_start: 4.0, ..DailyColumns::default() });
        rows.group_loss = vec![vec![(first, 2.0)], Vec::new()];
        rows
    }

    /// Every bit of every column, and what stands beside them.
    fn bits(mut rows: Rows) -> Vec<u8> {
        let mut bytes = Vec::new();
        rows.encode(&mut bytes);
        bytes
    }

    #[test]
    fn batches_put_one_after_another_come_back_as_one() {
        let mut spool = Memory::default();
        for (first, paths) in [(0, 700), (700, 1_300), (2_000, 1)] {
            spool.put(3, 2_001, rows(first, paths)).unwrap();
        }
        let found = spool.take(3).unwrap();
        let mut wanted = rows(0, 2_001);
        wanted.group_loss = vec![vec![(0, 2.0), (700, 2.0), (2_000, 2.0)], Vec::new()];
        assert_eq!(found.path.early_sales[2_000].to_bits(), (-0.0_f64).to_bits(), "minus nothing is not nothing");
        assert_eq!(bits(found), bits(wanted));
    }

    #[test]
    fn losses_on_more_than_half_of_the_paths_become_values() {
        let mut whole = Rows::default();
        let batch = |losses: &[(u32, f64)]| {
            let path = PathColumns { pool_loss: vec![0.0; 2], ..PathColumns::default() };
            Rows { path, group_loss: vec![losses.to_vec()], ..Rows::default() }
        };
        whole.place(0, 6, batch(&[(0, 3.0), (1, 4.0)]));
        whole.place(2, 6, batch(&[(3, 5.0)]));
        assert_eq!(whole.group_loss, [[(0, 3.0), (1, 4.0), (3, 5.0)]]);
        whole.place(4, 6, batch(&[(4, -6.0)]));
        assert!(whole.group_loss[0].is_empty());
        assert_eq!(whole.group_loss_by_path, [[3.0, 4.0, 0.0, 5.0, -6.0, 0.0]]);
    }

    #[test]
    fn bytes_become_the_rows_they_were_made_of() {
        let mut bytes = Vec::new();
        rows(40, 999).encode(&mut bytes);
        assert_eq!(bits(Rows::decode(&bytes).expect("whole")), bits(rows(40, 999)));
        assert!(Rows::decode(&bytes[1..]).is_none());
        let mut quiet = Rows { path: PathColumns { pool_loss: vec![0.0; 1_000_000], ..PathColumns::default() }, ..Rows::default() };
        let mut bytes = Vec::new();
        quiet.encode(&mut bytes);
        assert!(bytes.len() < 1_000, "{} bytes for a column of nothing", bytes.len());
    }
}

//! Writes `ledger.parquet`: every movement of money on the audited paths of each scenario, as double entries.
//!
//! The audited paths are the worst, the median, and the one nearest the expected shortfall; each is run again alone. A large book has
//! a million entries a path: paths are run again and encoded side by side, page by page, and written in order. What accounts open with
//! is the same on every path, and encoded once.

use super::Audited;
use super::frame::{column, table};
use super::in_order::in_order;
use super::parquet::{Cells, Encoded, Form, ROW_GROUP, RowGroup, write_parquet_to};
use super::units::Stated;
use crate::engine::outcome::Outcome;
use crate::engine::trace::{self, Ledger, Leg, Opening, PAGE, Page, Retold, Scribe};
use crate::model::book::Book;
use crate::model::history::Market;
use crate::problem::Problems;
use crate::report::facts::Facts;
use crate::report::folder::{Claim, Sink};
use polars::prelude::{CompatLevel, SchemaExt};
use polars_arrow::array::{DictionaryArray, MutableBinaryViewArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, IntegerType};
use std::convert::Infallible;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

const NAME: &str = "ledger.parquet";

/// Paths that are run again side by side, at most: the encoded entries of each are in memory.
pub const PATHS_AT_ONCE: usize = 4;

// a page of a path is a row group
const _: () = assert!(PAGE == ROW_GROUP);

/// The paths to audit of one scenario.
pub fn audited(outcome: &Outcome) -> Vec<Audited> {
    trace::audit_paths(outcome).into_iter().map(|(role, path, pool_loss)| Audited { role, path, pool_loss }).collect()
}

/// What the entries follow from. No figure of a simulation is among it, so that they may be written beside everything else.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub facts: &'a Facts<'a>,
    pub book: &'a Book,
    pub market: &'a Market,
    /// The paths to audit of each scenario.
    pub audited: &'a [Vec<Audited>],
    /// How many threads may tell paths.
    pub threads: usize,
}

/// The file while it is open.
pub struct Open {
    sink: Sink,
    shown: PathBuf,
}

/// A scenario whose paths are run again.
struct Scenario<'a> {
    retold: Retold<'a>,
    name: &'a str,
    opening: Opening,
    opened: Arc<Opened>,
}

/// The full pages of an opening, and their columns as they are encoded.
#[derive(Default)]
struct Opened {
    legs: Vec<Leg>,
    pages: Vec<Vec<Encoded>>,
}

/// What is to be run again.
struct Job<'a> {
    scenario: Arc<Scenario<'a>>,
    audited: Audited,
}

/// Opens the file.
///
/// Errors (kind Output): it cannot be made.
pub fn open(claim: &Claim) -> Result<Open, Problems> {
    Ok(Open { sink: claim.open(NAME)?, shown: claim.target().join(NAME) })
}

/// Writes every entry; the file is to be closed.
///
/// Errors: a market that cannot be fitted again, and a file that cannot be written.
pub fn write(told: &Told<'_>, open: Open) -> Result<Sink, Problems> {
    let Open { mut sink, shown } = open;
    let schema = schema();
    let form = Form::of(schema.clone()).expect("the ledger's columns are text and numbers");
    let threads = told.threads.min(PATHS_AT_ONCE);
    let stated = Stated::of(told.facts.programme, NAME);
    write_parquet_to(&mut sink, shown, (threads, Some(&stated)), |file| {
        let mut problems = Problems::new();
        let mut opened = Arc::<Opened>::default();
        // a scenario is prepared while the last paths of the one before are told, and no sooner: a plan takes much memory
        let jobs = told.audited.iter().enumerate().flat_map(|(index, audited)| {
            match Scenario::prepare(told, index, &mut opened, &form).map(Arc::new) {
                Ok(scenario) => audited.iter().map(|audited| Ok(Job { scenario: Arc::clone(&scenario), audited: *audited })).collect(),
                Err(problems) => vec![Err(problems)],
            }
        });
        let tell = |job: Result<Job<'_>, Problems>| job.map(|job| tell(&job, told.book, &form));
        in_order(jobs, threads, tell, |groups| {
            match groups {
                Ok(groups) => groups.iter().try_for_each(|group| file.add_group(&schema, group))?,
                Err(more) => problems.extend(more),
            }
            Ok::<(), Problems>(())
        })?;
        problems.into_result(())
    })?;
    Ok(sink)
}

impl<'a> Scenario<'a> {
    /// Plans a scenario, fits its market, and encodes what its accounts open with unless it is what those of the one before did.
    fn prepare(told: &Told<'a>, index: usize, before: &mut Arc<Opened>, form: &Form) -> Result<Scenario<'a>, Problems> {
        let retold = Retold::prepare(told.facts.programme, told.book, told.market, index)?;
        let mut pages = Collected::default();
        let opening = retold.opening(&mut pages);
        if pages.0 != before.legs {
            *before = Arc::new(Opened::of(pages.0, told.book, form, told.threads));
        }
        Ok(Scenario { retold, name: &told.facts.scenarios[index].name, opening, opened: Arc::clone(before) })
    }
}

/// Legs that are only gathered.
#[derive(Default)]
struct Collected(Vec<Leg>);

impl Scribe for Collected {
    fn start(&mut self) {}

    fn take(&mut self, page: Page<'_>) {
        self.0.extend(page.legs);
    }
}

impl Opened {
    fn of(legs: Vec<Leg>, book: &Book, form: &Form, threads: usize) -> Opened {
        let mut pages = Vec::new();
        let encode = |legs: &[Leg]| columns(&Page { legs, names: &[] }, book, form);
        let Ok(()) = in_order(legs.chunks(PAGE), threads, encode, |page| {
            pages.push(page);
            Ok::<(), Infallible>(())
        });
        Opened { legs, pages }
    }
}

/// Runs a path again, and encodes its entries.
fn tell(job: &Job<'_>, book: &Book, form: &Form) -> Vec<RowGroup> {
    let Job { scenario, audited: Audited { path, pool_loss, .. } } = job;
    let mut pages = Pages { scenario, same: same_of_all(job, PAGE, form), book, form, groups: Vec::new(), last: None };
    let again = scenario.retold.tell(*path, &scenario.opening, &mut pages);
    assert!(again.to_bits() == pool_loss.to_bits(), "path {path} run again loses {again} and not {pool_loss}");
    let Pages { mut groups, last, .. } = pages;
    groups.extend(last.map(|(rows, columns)| group(rows, &same_of_all(job, rows, form), &columns)));
    groups
}

/// Encodes the pages of one path.
struct Pages<'p> {
    scenario: &'p Scenario<'p>,
    /// What all rows of a full page have in common.
    same: Vec<Encoded>,
    book: &'p Book,
    form: &'p Form,
    groups: Vec<RowGroup>,
    /// The page that is not full.
    last: Option<(usize, Vec<Encoded>)>,
}

impl Scribe for Pages<'_> {
    fn start(&mut self) {
        self.groups = self.scenario.opened.pages.iter().map(|page| group(PAGE, &self.same, page)).collect();
    }

    fn take(&mut self, page: Page<'_>) {
        let encoded = columns(&page, self.book, self.form);
        if page.legs.len() == PAGE {
            self.groups.push(group(PAGE, &self.same, &encoded));
        } else {
            self.last = Some((page.legs.len(), encoded));
        }
    }
}

fn group(rows: usize, same: &[Encoded], columns: &[Encoded]) -> RowGroup {
    RowGroup { rows, columns: same.iter().chain(columns).cloned().collect() }
}

/// The columns, as a table without rows has them.
fn schema() -> ArrowSchema {
    let (text, count) = (Vec::<&str>::new(), Vec::<u32>::new());
    let columns = vec![
        column("scenario", text.clone()),
        column("path", Vec::<u64>::new()),
        column("role", text.clone()),
        column("entry_id", count.clone()),
        column("day", count),
        column("what", text.clone()),
        column("account", text),
        column("amount", Vec::<f64>::new()),
    ];
    table(columns).schema().to_arrow(CompatLevel::newest())
}

/// The columns whose cells are one for a path: its scenario, number and role.
fn same_of_all(job: &Job<'_>, rows: usize, form: &Form) -> Vec<Encoded> {
    let Audited { path, role, .. } = job.audited;
    let cells: [Cells; 3] = [
        coded(vec![0; rows], [job.scenario.name].into_iter()),
        PrimitiveArray::from_vec(vec![path; rows]).boxed(),
        coded(vec![0; rows], [role].into_iter()),
    ];
    encoded(&cells, 0, form)
}

/// The columns of a page behind those, in the order of the schema.
fn columns(page: &Page<'_>, book: &Book, form: &Form) -> Vec<Encoded> {
    let legs = page.legs;
    let (whats, of_whats) = few(legs.iter().map(|leg| leg.what));
    let cells: [Cells; 5] = [
        PrimitiveArray::from_vec(legs.iter().map(|leg| leg.entry_id).collect()).boxed(),
        PrimitiveArray::from_vec(legs.iter().map(|leg| u32::from(leg.day)).collect()).boxed(),
        coded(whats, of_whats.into_iter()),
        accounts(page, book),
        PrimitiveArray::from_vec(legs.iter().map(|leg| leg.amount).collect::<Vec<f64>>()).boxed(),
    ];
    encoded(&cells, 3, form)
}

/// Columns of the schema from number `first` on.
fn encoded(cells: &[Cells], first: usize, form: &Form) -> Vec<Encoded> {
    let column = |(at, cells)| form.column(first + at, cells).expect("columns of the ledger's schema are encoded");
    cells.iter().enumerate().map(column).collect()
}

/// The names of the ledger accounts: each once where it is plain that this is shorter; elsewhere the file's writer decides.
fn accounts(page: &Page<'_>, book: &Book) -> Cells {
    let legs = page.legs;
    let (codes, distinct) = numbered(legs.iter().map(|leg| leg.account));
    let mut text = String::new();
    let mut spelled = |ledgers: &mut dyn Iterator<Item = Ledger>| {
        let mut names = MutableBinaryViewArray::<str>::with_capacity(legs.len());
        for ledger in ledgers {
            text.clear();
            page.spell(ledger, book, &mut text);
            names.push_value(&text);
        }
        Utf8ViewArray::from(names)
    };
    // two ledger accounts of the pool's day may have one name
    let named = distinct.iter().any(|ledger| matches!(ledger, Ledger::Named(_)));
    if named || distinct.len() * 5 > legs.len() * 3 {
        spelled(&mut legs.iter().map(|leg| leg.account)).boxed()
    } else {
        dictionary(codes, spelled(&mut distinct.into_iter()))
    }
}

/// The same as `numbered` for values of which there are few.
fn few<'a>(values: impl Iterator<Item = &'a str>) -> (Vec<u32>, Vec<&'a str>) {
    let mut distinct = Vec::new();
    let code = |value: &'a str| {
        let number = distinct.iter().position(|known| *known == value).unwrap_or_else(|| {
            distinct.push(value);
            distinct.len() - 1
        });
        number as u32
    };
    (values.map(code).collect(), distinct)
}

/// A number for each value, in the order in which they come first, and the values of the numbers.
#[expect(clippy::disallowed_types, reason = "looked up leg by leg and never walked, so that its order shows nowhere")]
fn numbered<T: Copy + Eq + Hash>(values: impl Iterator<Item = T>) -> (Vec<u32>, Vec<T>) {
    let (mut numbers, mut distinct) = (std::collections::HashMap::<T, u32, BuildHasherDefault<Quick>>::default(), Vec::new());
    let code = |value: T| {
        *numbers.entry(value).or_insert_with(|| {
            distinct.push(value);
            distinct.len() as u32 - 1
        })
    };
    (values.map(code).collect(), distinct)
}

fn coded<'a>(codes: Vec<u32>, names: impl Iterator<Item = &'a str>) -> Cells {
    dictionary(codes, Utf8ViewArray::from_slice_values(names.collect::<Vec<_>>()))
}

fn dictionary(codes: Vec<u32>, names: Utf8ViewArray) -> Cells {
    let dtype = ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false);
    DictionaryArray::<u32>::try_new(dtype, PrimitiveArray::from_vec(codes), names.boxed()).expect("every code has a name").boxed()
}

/// A hasher for names of this program's own, of which nobody wants two to collide.
#[derive(Default)]
struct Quick(u64);

impl Quick {
    fn stir(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for word in bytes.chunks(8) {
            let mut whole = [0; 8];
            whole[..word.len()].copy_from_slice(word);
            self.stir(u64::from_le_bytes(whole));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.stir(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.stir(value.into());
    }

    fn write_isize(&mut self, value: isize) {
        self.stir(value as u64);
    }
}

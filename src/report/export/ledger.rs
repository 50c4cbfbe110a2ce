//! Writes `ledger.parquet`: every movement of money on the audited paths of each scenario, as double entries.
//!
//! The audited paths are the worst, the median, and the one nearest the expected shortfall; each is run again alone. A large book has
//! a million entries a path: paths are run again and encoded side by side, and written in order.

use super::frame::{column, table};
use super::in_order::in_order;
use super::parquet::{Cells, Form, ROW_GROUP, RowGroup, write_parquet_by};
use super::{Audited, DataExport, Simulated};
use crate::engine::outcome::Outcome;
use crate::engine::trace::{self, Ledger, Leg, Retold};
use crate::model::book::Book;
use crate::problem::Problems;
use crate::report::folder::Claim;
use polars::prelude::{CompatLevel, SchemaExt};
use polars_arrow::array::{DictionaryArray, MutableBinaryViewArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, IntegerType};
use std::hash::{BuildHasherDefault, Hash, Hasher};

pub const EXPORT: DataExport = DataExport { name: "ledger.parquet", write };

/// Paths that are run again side by side, at most: the entries of each are in memory.
pub const PATHS_AT_ONCE: usize = 4;

/// The paths to audit of one scenario.
pub fn audited(outcome: &Outcome) -> Vec<Audited> {
    trace::audit_paths(outcome).into_iter().map(|(role, path, pool_loss)| Audited { role, path, pool_loss }).collect()
}

/// What is to be run again.
struct Job<'j, 'a> {
    retold: &'j Retold<'a>,
    scenario: &'j str,
    audited: Audited,
}

fn write(results: &Simulated<'_>, claim: &mut Claim) -> Result<(), Problems> {
    let schema = schema();
    let form = Form::of(schema.clone()).expect("the ledger's columns are text and numbers");
    write_parquet_by(claim, "ledger.parquet", results.threads, |file| {
        let mut problems = Problems::new();
        // one scenario after another: the plan of a large book takes as much memory as the entries of two paths
        for (index, audited) in results.audited.iter().enumerate() {
            let scenario = results.facts.scenarios[index].name.as_str();
            match Retold::prepare(results.facts.programme, results.book, results.market, index) {
                Ok(retold) => {
                    let jobs = audited.iter().map(|audited| Job { retold: &retold, scenario, audited: *audited });
                    let tell = |job: Job<'_, '_>| tell(&job, results.book, &form);
                    in_order(jobs, results.threads.min(PATHS_AT_ONCE), tell, |groups: Vec<RowGroup>| {
                        groups.iter().try_for_each(|group| file.add_group(&schema, group))
                    })?;
                }
                Err(more) => problems.extend(more),
            }
        }
        problems.into_result(())
    })
}

/// Runs a path again, and encodes its entries.
fn tell(job: &Job<'_, '_>, book: &Book, form: &Form) -> Vec<RowGroup> {
    let Audited { role, path, pool_loss } = job.audited;
    let (legs, again) = job.retold.legs(path);
    assert!(again.to_bits() == pool_loss.to_bits(), "path {path} run again loses {again} and not {pool_loss}");
    let group =
        |legs: &[Leg]| form.encode(&rows(job.scenario, role, path, legs, book)).expect("columns of the ledger's schema are encoded");
    legs.chunks(ROW_GROUP).map(group).collect()
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

/// The columns of some legs, in the order of the schema.
fn rows(scenario: &str, role: &str, path: u64, legs: &[Leg], book: &Book) -> Vec<Cells> {
    let (whats, of_whats) = numbered(legs.iter().map(|leg| leg.what));
    vec![
        coded(vec![0; legs.len()], [scenario].into_iter()),
        PrimitiveArray::from_vec(vec![path; legs.len()]).boxed(),
        coded(vec![0; legs.len()], [role].into_iter()),
        PrimitiveArray::from_vec(legs.iter().map(|leg| leg.entry_id).collect()).boxed(),
        PrimitiveArray::from_vec(legs.iter().map(|leg| u32::from(leg.day)).collect()).boxed(),
        coded(whats, of_whats.into_iter()),
        accounts(legs, book),
        PrimitiveArray::from_vec(legs.iter().map(|leg| leg.amount).collect::<Vec<f64>>()).boxed(),
    ]
}

/// The names of the ledger accounts: each once where it is plain that this is shorter; elsewhere the file's writer decides.
fn accounts(legs: &[Leg], book: &Book) -> Cells {
    let (codes, distinct) = numbered(legs.iter().map(|leg| &leg.account));
    let mut text = String::new();
    let mut spelled = |ledgers: &mut dyn Iterator<Item = &Ledger>| {
        let mut names = MutableBinaryViewArray::<str>::with_capacity(legs.len());
        for ledger in ledgers {
            text.clear();
            ledger.spell(book, &mut text);
            names.push_value(&text);
        }
        Utf8ViewArray::from(names)
    };
    // two ledger accounts of the pool's day may have one name
    let named = distinct.iter().any(|ledger| matches!(ledger, Ledger::Named(_)));
    if named || distinct.len() * 5 > legs.len() * 3 {
        spelled(&mut legs.iter().map(|leg| &leg.account)).boxed()
    } else {
        dictionary(codes, spelled(&mut distinct.into_iter()))
    }
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

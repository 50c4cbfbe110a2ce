//! Reads files into the model: programme, prices, instruments, accounts, positions, funding.

pub mod programme;

use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::lineage::{InputFile, Note};
use crate::problem::Problems;

/// Everything the data files of a programme came to.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub book: Book,
    pub market: Market,
    pub lineage: Vec<InputFile>,
    pub notes: Vec<Note>,
}

/// Reads every data file of a programme; every problem of every file at once.
pub fn load(_programme: &Programme) -> Result<Inputs, Problems> {
    todo!()
}

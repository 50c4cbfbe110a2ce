//! Joins batches in order, simulated now or kept by another process, to what every scenario came to.
//!
//! ```text
//! batches simulated ─► take ──────► tree of the open part ─► tree of the section ─► outcomes
//!                        │                   │ (when a part is closed)
//!                        └─ rows ─► spool    └─ sums ─► store, for another process
//! pieces of a store ─► restore ──────────────────────────► the same
//! ```

use super::sequence::{Ended, Sink};
use super::work::Work;
use crate::engine::record::spool::{Rows, Spool};
use crate::engine::tally::batch::Tally;
use crate::engine::tally::tree::{Node, Tree};
use crate::problem::Problems;

/// What a piece of a part holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The rows of one batch.
    Rows,
    /// The sums of the batches of a node of this level.
    Sums { level: u32 },
}

/// Where a piece of a part belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub holds: Holds,
    pub section: usize,
    /// The batch, or the first of the node, within the section.
    pub batch: u64,
    /// Which of the group's members.
    pub member: usize,
}

/// Keeps finished batches as bytes; one that keeps a single part has nothing to do but take pieces.
pub trait Store: Send {
    /// The next part begins with this batch: those before it are kept already.
    fn begin(&mut self, _first: u64) {}

    /// Takes the next piece.
    fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Problems>;

    /// True when the open part has grown long enough to be closed.
    fn is_due(&self) -> bool {
        false
    }

    /// Closes the open part: every piece of the batches before `end` is there.
    fn close(&mut self, _end: u64) -> Result<(), Problems> {
        Ok(())
    }
}

/// What was joined of a run between two of its rounds.
#[derive(Default)]
pub struct Kept {
    sections: Vec<Tree>,
    next: u64,
}

/// A run, or a part of one, as it is joined.
pub struct Joined<'w, 'a> {
    work: &'w Work<'a>,
    /// Where rows go; absent where a part alone is made.
    spool: Option<&'w mut dyn Spool>,
    store: Option<&'w mut dyn Store>,
    /// What was joined of each section.
    sections: Vec<Tree>,
    /// What is not yet in the store, of the section that is being simulated.
    open: Tree,
    open_section: usize,
    /// The batch to be joined next, and the first that is not yet in a closed part.
    next: u64,
    closed: u64,
    /// Bytes of the piece that is being written.
    bytes: Vec<u8>,
}

impl<'w, 'a> Joined<'w, 'a> {
    /// A run from its first batch.
    pub fn run(work: &'w Work<'a>, spool: &'w mut dyn Spool, store: Option<&'w mut dyn Store>) -> Self {
        Joined::new(work, Some(spool), store, 0)
    }

    /// A part of a run from the batch `first`.
    pub fn part(work: &'w Work<'a>, store: &'w mut dyn Store, first: u64) -> Self {
        Joined::new(work, None, Some(store), first)
    }

    /// A run that goes on with its next round.
    pub fn resume(work: &'w Work<'a>, spool: &'w mut dyn Spool, store: Option<&'w mut dyn Store>, kept: Kept) -> Self {
        let mut joined = Joined::new(work, Some(spool), store, kept.next);
        joined.sections.splice(..kept.sections.len(), kept.sections);
        joined
    }

    /// What the next round goes on from, once all batches of this one are joined.
    ///
    /// Panics when batches are missing, or are not in the store.
    pub fn keep(self) -> Kept {
        assert_eq!(self.next, self.work.batches(), "every batch is joined");
        assert!(self.store.is_none() || self.closed == self.next, "every batch is in a closed part");
        Kept { sections: self.sections, next: self.next }
    }

    fn new(work: &'w Work<'a>, spool: Option<&'w mut dyn Spool>, store: Option<&'w mut dyn Store>, first: u64) -> Self {
        let sections = work.sections.iter().map(|_| Tree::default()).collect();
        let (open, bytes) = (Tree::default(), Vec::new());
        Joined { work, spool, store, sections, open, open_section: 0, next: first, closed: first, bytes }
    }

    /// The batch that comes next.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Closes the open part where there is a store and anything is open.
    ///
    /// Errors: those of the store.
    pub fn close(&mut self) -> Result<(), Problems> {
        self.hand_over()?;
        match &mut self.store {
            Some(store) if self.closed < self.next => {
                store.close(self.next)?;
                self.closed = self.next;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Hands the open nodes to the store, and on to the whole.
    fn hand_over(&mut self) -> Result<(), Problems> {
        for mut node in self.open.take() {
            if let Some(store) = &mut self.store {
                let (section, batch, holds) = (self.open_section, node.first, Holds::Sums { level: node.level });
                for (member, tally) in node.tallies.iter_mut().enumerate() {
                    self.bytes.clear();
                    tally.encode(&mut self.bytes);
                    store.put(Piece { holds, section, batch, member }, &self.bytes)?;
                }
            }
            if self.spool.is_some() {
                self.sections[self.open_section].push(node);
            }
        }
        Ok(())
    }

    /// The sums of every section's members, in order of the sections, once all batches are joined.
    ///
    /// Panics when batches are missing.
    pub fn whole(self) -> Vec<Vec<Tally>> {
        assert_eq!(self.next, self.work.batches(), "every batch is joined");
        self.sections.into_iter().map(|tree| tree.whole().expect("a section has a batch at least")).collect()
    }

    /// Starts to take back a part of the batches from `next` on.
    pub fn restore(&mut self) -> Restored<'_, 'w, 'a> {
        let next = self.next;
        Restored { joined: self, rows: (next, 0), sums: next, members: 0 }
    }
}

impl Sink for Joined<'_, '_> {
    fn take(&mut self, section: usize, batch: u64, ended: Ended) -> Result<(), Problems> {
        let members = &self.work.group_of(section).members;
        let mut tallies = Vec::with_capacity(members.len());
        for (at, (member, (tally, mut rows))) in members.iter().zip(ended).enumerate() {
            if let Some(store) = &mut self.store {
                self.bytes.clear();
                rows.encode(&mut self.bytes);
                store.put(Piece { holds: Holds::Rows, section, batch, member: at }, &self.bytes)?;
            }
            if let Some(spool) = &mut self.spool {
                spool.put(member.index, member.plan.paths as usize, rows)?;
            }
            tallies.push(tally);
        }
        self.open_section = section;
        self.open.push(Node { level: 0, first: batch, tallies });
        self.next += 1;
        if batch + 1 == self.work.sections[section].batches() {
            self.hand_over()?;
        }
        if self.store.as_ref().is_some_and(|store| store.is_due()) { self.close() } else { Ok(()) }
    }
}

/// A part that is being taken back, piece by piece.
pub struct Restored<'j, 'w, 'a> {
    joined: &'j mut Joined<'w, 'a>,
    /// Batch and member whose rows come next, the batch whose sums come next, and how many members of its node have come.
    rows: (u64, usize),
    sums: u64,
    members: usize,
}

impl Restored<'_, '_, '_> {
    /// Takes the next piece; false when it is not the one that comes next, or its bytes are none.
    ///
    /// Errors: those of the spool.
    pub fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<bool, Problems> {
        match piece.holds {
            Holds::Rows => self.put_rows(piece, bytes),
            Holds::Sums { level } => Ok(self.put_sums(piece, level, bytes).is_some()),
        }
    }

    fn put_rows(&mut self, piece: Piece, bytes: &[u8]) -> Result<bool, Problems> {
        let (number, member) = self.rows;
        if number >= self.joined.work.batches() || self.joined.work.place(number) != (piece.section, piece.batch) || member != piece.member
        {
            return Ok(false);
        }
        let (section, group) = (&self.joined.work.sections[piece.section], self.joined.work.group_of(piece.section));
        let paths = section.rows_of(piece.batch).count();
        let Some(rows) = Rows::decode(bytes).filter(|rows| rows.paths() == paths) else { return Ok(false) };
        self.rows = if member + 1 == group.members.len() { (number + 1, 0) } else { (number, member + 1) };
        let run = &group.members[member];
        if let Some(spool) = &mut self.joined.spool {
            spool.put(run.index, run.plan.paths as usize, rows)?;
        }
        Ok(true)
    }

    fn put_sums(&mut self, piece: Piece, level: u32, bytes: &[u8]) -> Option<()> {
        let work = self.joined.work;
        if self.sums >= work.batches() || work.place(self.sums) != (piece.section, piece.batch) || piece.member != self.members {
            return None;
        }
        let (section, group) = (&work.sections[piece.section], work.group_of(piece.section));
        // a node begins at a multiple of its length, and is whole but for the last of its section
        let length = 1_u64.checked_shl(level).filter(|length| piece.batch.is_multiple_of(*length))?;
        let batches = length.min(section.batches() - piece.batch);
        let tally = Tally::decode(&group.members[piece.member].plan, bytes)?;
        self.joined.sections[piece.section].push_member(level, piece.batch, (piece.member, group.members.len()), tally);
        self.members += 1;
        if self.members == group.members.len() {
            (self.members, self.sums) = (0, self.sums + batches);
        }
        Some(())
    }

    /// Ends the part: the batch behind its last; nothing when pieces are missing.
    pub fn end(&mut self) -> Option<u64> {
        let whole = self.rows == (self.sums, 0) && self.members == 0;
        whole.then(|| {
            (self.joined.next, self.joined.closed) = (self.sums, self.sums);
            if let Some(store) = &mut self.joined.store {
                store.begin(self.sums);
            }
            self.sums
        })
    }
}

//! Turns the sums of batches into bytes and back, for a part of a run that another process joins.

use super::batch::Tally;
use crate::engine::plan::scenario::Plan;
use crate::engine::record::bytes::Bytes;

impl Tally {
    /// The sums as bytes, behind those in `out`; rows are not among them (`take_rows`).
    pub fn encode(&mut self, out: &mut Vec<u8>) {
        self.walk(&mut Bytes::Write(out));
    }

    /// The sums that `encode` made these bytes of, for the same plan; nothing where they do not fit it.
    pub fn decode(plan: &Plan<'_>, bytes: &[u8]) -> Option<Tally> {
        let mut tally = Tally::new(plan);
        let lengths = |tally: &mut Tally| {
            let columns = tally.symbol.columns().map(|column| column.len());
            (columns, tally.final_price.len())
        };
        let of_plan = lengths(&mut tally);
        let mut bytes = Bytes::Read(Some(bytes));
        tally.walk(&mut bytes);
        let fits = lengths(&mut tally) == of_plan && tally.fan.value.len() == tally.fan.path.len() * tally.fan.days;
        (bytes.is_done() && fits).then_some(tally)
    }

    fn walk(&mut self, bytes: &mut Bytes<'_>) {
        bytes.value(&mut self.paths);
        bytes.value(&mut self.batches);
        self.account.iter_mut().for_each(|sums| sums.walk(bytes));
        bytes.column(&mut self.final_price);
        self.symbol.columns().into_iter().for_each(|column| bytes.column(column));
        for group in &mut self.groups {
            group.events.iter_mut().for_each(|sums| bytes.row(sums));
        }
        bytes.column(&mut self.fan.path);
        bytes.column(&mut self.fan.value);
    }
}

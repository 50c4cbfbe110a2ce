//! Joins the columns of one batch to those of the batches before it, in the fixed order that keeps every bit.

use super::outcome::{Fan, SymbolColumns, SymbolSquares};
use crate::engine::plan::scenario::Plan;

/// Adds counts, place by place.
pub fn add_counts(sums: &mut [u64], more: &[u64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// Adds sums, place by place.
pub fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

impl Fan {
    /// Puts the paths in the order of their numbers.
    pub fn restore(&mut self) {
        let mut rows: Vec<(u32, &[f64])> = self.path.iter().copied().zip(self.value.chunks_exact(self.days)).collect();
        rows.sort_unstable_by_key(|(path, _)| *path);
        self.value = rows.iter().flat_map(|(_, row)| row.iter().copied()).collect();
        self.path.sort_unstable();
    }
}

impl SymbolColumns {
    /// Columns of zeros for the plan's symbols.
    pub fn zeros(plan: &Plan<'_>) -> Self {
        let symbols = plan.symbols.len();
        SymbolColumns {
            symbol: plan.symbols.iter().map(|s| *s as u32).collect(),
            sector: plan.sector_of.clone(),
            sold: vec![0.0; symbols],
            early: vec![0.0; symbols],
            push_sum: vec![0.0; symbols],
            push_max: vec![0.0; symbols],
            by_day: vec![0.0; plan.days],
            halted_days: vec![0; symbols],
            locked_days: vec![0; symbols],
            queued_days: vec![0; symbols],
            unsold: vec![0.0; symbols],
            square: SymbolSquares::zeros(symbols, plan.sectors, plan.days),
        }
    }

    /// Starts again from zero; columns of another plan's symbols are made anew.
    pub fn clear(&mut self, plan: &Plan<'_>) {
        if self.sold.len() != plan.symbols.len() || self.by_day.len() != plan.days {
            *self = SymbolColumns::zeros(plan);
            return;
        }
        for column in [&mut self.sold, &mut self.early, &mut self.push_sum, &mut self.push_max, &mut self.by_day, &mut self.unsold] {
            column.fill(0.0);
        }
        for column in [&mut self.halted_days, &mut self.locked_days, &mut self.queued_days] {
            column.fill(0);
        }
        self.square.clear();
    }

    /// Adds the sums of the next tile, or of the next batch.
    pub fn add(&mut self, next: &SymbolColumns) {
        add(&mut self.sold, &next.sold);
        add(&mut self.early, &next.early);
        add(&mut self.by_day, &next.by_day);
        add(&mut self.push_sum, &next.push_sum);
        for (largest, next) in self.push_max.iter_mut().zip(&next.push_max) {
            *largest = largest.max(*next);
        }
        add(&mut self.unsold, &next.unsold);
        self.square.add(&next.square);
        for (sums, more) in [
            (&mut self.halted_days, &next.halted_days),
            (&mut self.locked_days, &next.locked_days),
            (&mut self.queued_days, &next.queued_days),
        ] {
            add_counts(sums, more);
        }
    }
}

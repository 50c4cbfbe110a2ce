//! Joins the columns of one batch to those of the batches before it, in the fixed order that keeps every bit.

use super::outcome::{Fan, SymbolColumns, SymbolSquares};
use crate::engine::plan::scenario::Plan;

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
            halted_days: vec![0.0; symbols],
            locked_days: vec![0.0; symbols],
            queued_days: vec![0.0; symbols],
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
        self.columns().into_iter().for_each(|column| column.fill(0.0));
    }

    /// Every column and those of its squares, in one fixed order.
    pub fn columns(&mut self) -> [&mut Vec<f64>; 20] {
        let SymbolColumns { sold, early, push_sum, push_max, by_day, unsold, halted_days, locked_days, queued_days, square, .. } = self;
        let SymbolSquares {
            sold: sold_2,
            early: early_2,
            unsold: unsold_2,
            push: push_2,
            sector_sold: sector_sold_2,
            sector_unsold: sector_unsold_2,
            by_day: by_day_2,
            halted_days: halted_2,
            locked_days: locked_2,
            blocked_days: blocked_2,
            queued_days: queued_2,
        } = square;
        [
            sold,
            early,
            push_sum,
            push_max,
            by_day,
            unsold,
            sold_2,
            early_2,
            unsold_2,
            push_2,
            sector_sold_2,
            sector_unsold_2,
            by_day_2,
            halted_days,
            locked_days,
            queued_days,
            halted_2,
            locked_2,
            blocked_2,
            queued_2,
        ]
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
        add(&mut self.halted_days, &next.halted_days);
        add(&mut self.locked_days, &next.locked_days);
        add(&mut self.queued_days, &next.queued_days);
    }
}

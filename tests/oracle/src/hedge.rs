//! Keeps a tier's short: its index, its result, its margin.

use crate::day::Path;
use crate::programme::Weighting;
use crate::world::Purpose;

impl Path<'_> {
    /// −notional·(index return + noise) − notional·cost·days/day-count, in the cash that pays funders.
    pub fn settle_hedge(&mut self) {
        let Some(hedge) = &self.world.programme.pool.hedge else { return };
        let Some(notional) = self.pool().notional.filter(|notional| *notional > 0.0) else { return };
        let noise = hedge.basis_volatility_daily * self.draw(Purpose::Basis, &hedge.tier, self.day);
        let years = self.calendar_days() / f64::from(self.world.programme.interest.day_count);
        let cost = notional * hedge.cost_annual * years;
        let result = -notional * (self.index_return() + noise) - cost;
        let pool = self.pool();
        pool.story.hedge_cost += cost;
        pool.story.hedge_result += result;
        pool.today.hedge_result += result;
        pool.earned += result;
        *pool.hedged.entry(hedge.tier.clone()).or_insert(0.0) += result;
        // a loss takes cash, then the margin; what is beyond both is owed to the broker
        pool.cash += result;
        let from_margin = (-pool.cash).max(0.0).min(pool.margin);
        pool.cash += from_margin;
        pool.margin -= from_margin;
        let owed = (-pool.cash).max(0.0);
        pool.cash += owed;
        pool.owed += owed;
    }

    /// The short stands at `ratio` times the loans, set anew; margin that cannot be met closes the hedge for good.
    pub fn set_hedge(&mut self) {
        let Some(hedge) = &self.world.programme.pool.hedge else { return };
        let notional = hedge.ratio * self.loans();
        let pool = self.pool();
        if pool.notional.is_none() {
            return;
        }
        let margin = hedge.margin * notional;
        let posted = margin - pool.margin;
        if posted > pool.cash || pool.owed > 0.0 {
            pool.cash += std::mem::take(&mut pool.margin);
            pool.notional = None;
        } else {
            pool.cash -= posted;
            pool.margin = margin;
            pool.notional = Some(notional);
        }
    }

    /// The index of the shares held on the as-of date, or of those named: equally weighted, or by what the book held on the as-of date.
    fn index_return(&self) -> f64 {
        let hedge = self.world.programme.pool.hedge.as_ref().expect("there is a hedge");
        let before = &self.story.days[self.day - 1].symbols;
        let held_by = |at: usize, holder: &crate::account::Holder| holder.opening_shares[at] > 0.0;
        let named = |at: &usize| match &hedge.symbols {
            Some(names) => names.contains(&self.world.instruments[*at].symbol),
            None => self.holders.iter().any(|holder| held_by(*at, holder)),
        };
        let names: Vec<usize> = (0..self.symbols.len()).filter(named).collect();
        let price = |at: usize| self.symbols[at].trading.price;
        match hedge.weighting {
            Weighting::Equal => names.iter().map(|at| price(*at) / before[*at].price - 1.0).sum::<f64>() / names.len() as f64,
            Weighting::Value => {
                let held = |at: usize| self.holders.iter().map(|h| h.opening_shares[at]).sum::<f64>() * self.world.instruments[at].price;
                let whole: f64 = names.iter().map(|at| held(*at)).sum();
                names.iter().map(|at| held(*at) / whole * (price(*at) / before[*at].price - 1.0)).sum()
            }
        }
    }
}

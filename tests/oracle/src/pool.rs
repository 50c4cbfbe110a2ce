//! Keeps the pool day by day: its cash, its funders, its tiers, its hedge.

use crate::day::Path;
use crate::forced::Order;
use crate::story::PoolDay;
use crate::world::World;

/// The pool of one path.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    pub today: PoolDay,
    /// What clients repaid in this session.
    pub repaid_today: f64,
    /// What was written off in this session.
    pub lost_today: f64,
}

impl Pool {
    /// Nothing without `[pool.cash]`.
    pub fn new(world: &World) -> Option<Pool> {
        world.programme.pool.cash.as_ref().map(|_| panic!("a pool kept daily is not read yet"))
    }
}

impl Path<'_> {
    pub fn open_pool(&mut self) {}

    pub fn sell_for_recall(&mut self, _at: usize, _orders: &mut Vec<Order>) {}

    pub fn keep_pool(&mut self) {}

    pub fn end_pool(&mut self) {}
}

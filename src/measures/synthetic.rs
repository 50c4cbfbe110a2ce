//! Makes an outcome without a simulation: nothing happens in it, and a book's keys can be learnt from it.

use crate::engine::outcome::{
    AccountColumns, CYCLES, ControlColumns, EVENTS, Fan, GroupColumns, Outcome, PathColumns, PoolColumns, SymbolColumns,
};
use crate::model::book::{Book, LEVERAGE_BUCKETS};
use crate::model::market::ModelCard;

/// `paths` paths on which nothing happens, with every column and group in place; the pool is not kept daily.
pub fn quiet(book: &Book, paths: usize) -> Outcome {
    let money = || vec![0.0; paths];
    let count = || vec![0u32; paths];
    let group = |kind: &'static str, name: &str, accounts: usize| GroupColumns {
        kind,
        name: name.to_string(),
        accounts: accounts as u32,
        loss: Vec::new(),
        loss_by_path: Vec::new(),
        events: [[0.0; 2]; EVENTS.len()],
    };
    let members = |of: &[u32], index: usize| of.iter().filter(|i| **i as usize == index).count();
    let tiers = book.tiers.iter().enumerate().map(|(t, name)| group("tier", name, members(&book.tier, t)));
    let grades = book.grades.iter().enumerate().map(|(g, name)| group("grade", name, members(&book.grade, g)));
    // which account falls in which bucket needs prices; the keys do not
    let leverage = LEVERAGE_BUCKETS.iter().map(|name| group("leverage", name, 0));
    let sectors = book.sectors.iter().enumerate().map(|(s, name)| group("sector", name, members(&book.sector, s)));
    Outcome {
        paths: paths as u64,
        sample: None,
        dates: vec![crate::units::Day::from_epoch_days(0)],
        path: PathColumns {
            pool_loss: money(),
            shortfall: money(),
            recourse: money(),
            unallocated_loss: money(),
            tier_loss: book.tiers.iter().map(|_| money()).collect(),
            lender_pnl: money(),
            client_loss: money(),
            forced_sales: money(),
            early_sales: money(),
            client_withdrawals: money(),
            unsold: money(),
            clearing_residual: money(),
            sale_cost: money(),
            call_amount: money(),
            max_drawdown: money(),
            market_return: money(),
            market_worst_day: money(),
            market_volatility: money(),
            return_sum: money(),
            return_square: money(),
            downside_square: money(),
            warned: count(),
            limited: count(),
            called: count(),
            cured: count(),
            liquidated: count(),
            shortfall_accounts: count(),
            time_to_call: count(),
            unneeded: count(),
            close_outs: count(),
            close_out_days: count(),
            controls: ControlColumns {
                reduced: count(),
                reduction_sales: money(),
                trigger_days: count(),
                cycle: (0..CYCLES).map(|_| money()).collect(),
            },
        },
        pool: PoolColumns { cover_1: money(), cover_2: money(), daily: None },
        account: AccountColumns::default(),
        symbol: SymbolColumns::default(),
        groups: tiers.chain(grades).chain(leverage).chain(sectors).collect(),
        tail: Vec::new(),
        fan: Fan::default(),
        caps: Vec::new(),
        stocks_beyond_cap: 0,
        market_volatility: [0.0; 2],
        card: ModelCard { model: "none".into(), parameters: Vec::new(), notes: Vec::new() },
        drift: None,
        layers: Vec::new(),
        deterministic: false,
        account_steps: 0,
    }
}

//! Draws what baskets of symbols move by under a fitted model, without simulating any account.
//!
//! A basket holds each symbol as the whole book does on the as-of date; its move is the log of what it is worth after its sessions over what
//! it was worth before. Paths are the first ones that the scenario draws, or weighed ones of the model's tilted laws
//! (`model/market/tilt.rs`) where rare moves are looked for.

use super::group::prepare_one;
use super::threads;
use crate::engine::plan::scenario::Plan;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::market::tilt::Mixture;
use crate::model::market::{LANES, MarketModel, Tile, paths_from};
use crate::model::shock::Target;
use crate::problem::Problems;
use rayon::prelude::*;
use std::ops::Range;

/// The symbols a target hits, and the sessions over which they move.
#[derive(Clone, Debug, PartialEq)]
pub struct Basket {
    pub target: Target,
    pub sessions: Range<usize>,
}

/// What baskets moved by on some paths.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// `[basket][path]`, log returns.
    pub of: Vec<Vec<f64>>,
    /// What each path counts, one on average; empty where all count the same.
    pub weights: Vec<f64>,
}

/// Cells of returns that are drawn, at most; paths, at least and at most.
const CELLS: u64 = 1 << 31;
const PATHS: (u64, u64) = (1 << 14, 1 << 18);

/// Paths of one job.
const CHUNK: u64 = 1 << 10;

/// Draws the moves of baskets under the market of a scenario, without its shocks; with `towards`, weighed paths on which the sum of the
/// baskets' moves times these numbers rises. Nothing where every path of the market is the same, or a basket is empty.
///
/// Errors: a model that cannot be fitted.
pub fn moves(
    (programme, scenario): (&Programme, usize),
    book: &Book,
    market: &Market,
    baskets: &[Basket],
    towards: Option<&[f64]>,
    asked: Option<usize>,
) -> Result<Option<Moves>, Problems> {
    let pool = threads::pool(asked);
    let group = pool.install(|| prepare_one(programme, scenario, book, market))?;
    let plan = &group.members[0].plan;
    let held = money(book, market, &plan.symbols);
    let baskets: Vec<(Vec<f64>, Range<usize>)> =
        baskets.iter().map(|basket| (shares(&basket.target, market, &plan.symbols, &held), basket.sessions.clone())).collect();
    let days = baskets.iter().map(|(_, sessions)| sessions.end).max().unwrap_or(0);
    if group.model.is_deterministic() || days == 0 || baskets.iter().any(|(shares, _)| shares.iter().all(|share| *share == 0.0)) {
        return Ok(None);
    }
    let mixture = towards.and_then(|towards| {
        let exposure = |symbol: usize| -baskets.iter().zip(towards).map(|((shares, _), by)| shares[symbol] * by).sum::<f64>();
        Mixture::new(&group.model, vec![(0..plan.symbols.len()).map(exposure).collect()], days)
    });
    // paths that a file gives are as many as the scenario has
    let most = if programme.scenarios[scenario].case.market.is_fitted() { PATHS.1 } else { PATHS.1.min(plan.paths) };
    let paths = (CELLS / (days * plan.symbols.len()) as u64).clamp(PATHS.0.min(most), most);
    let firsts: Vec<u64> = (0..paths).step_by(CHUNK as usize).collect();
    let draw = |first: u64| chunk(plan, group.model.as_ref(), mixture.as_ref(), &baskets, days, first..(first + CHUNK).min(paths));
    let chunks: Vec<Moves> = pool.install(|| firsts.into_par_iter().map(draw).collect());
    let mut all = Moves { of: vec![Vec::with_capacity(paths as usize); baskets.len()], weights: Vec::new() };
    for chunk in chunks {
        all.of.iter_mut().zip(chunk.of).for_each(|(all, own)| all.extend(own));
        all.weights.extend(chunk.weights);
    }
    Ok(Some(all))
}

/// The money that the book holds in each simulated symbol.
fn money(book: &Book, market: &Market, symbols: &[usize]) -> Vec<f64> {
    let mut money = vec![0.0; symbols.len()];
    for (symbol, quantity) in book.position_symbol.iter().zip(&book.position_quantity) {
        let at = symbols.binary_search(&(*symbol as usize)).expect("every symbol held is simulated");
        money[at] += quantity.abs() * market.instruments[*symbol as usize].price;
    }
    money
}

/// The share of each simulated symbol in a basket; all 0 where the target hits none of them.
fn shares(target: &Target, market: &Market, symbols: &[usize], money: &[f64]) -> Vec<f64> {
    let own = |(symbol, money): (&usize, &f64)| if target.hits(market, *symbol) { *money } else { 0.0 };
    let mut shares: Vec<f64> = symbols.iter().zip(money).map(own).collect();
    let whole: f64 = shares.iter().sum();
    if whole > 0.0 {
        shares.iter_mut().for_each(|share| *share /= whole);
    }
    shares
}

fn chunk(
    plan: &Plan<'_>,
    model: &dyn MarketModel,
    mixture: Option<&Mixture>,
    baskets: &[(Vec<f64>, Range<usize>)],
    days: usize,
    paths: Range<u64>,
) -> Moves {
    let symbols = plan.symbols.len();
    let mut returns = vec![0.0; days * symbols * LANES];
    let mut state = vec![0_u8; days * symbols * LANES];
    let mut moves = Moves { of: vec![Vec::new(); baskets.len()], weights: Vec::new() };
    for first in paths.clone().step_by(LANES) {
        state.fill(0);
        let (simple_return, state) = (&mut returns[..], &mut state[..]);
        let mut tile = Tile { paths: paths_from(first), days, symbols, simple_return, state, volume: &mut [] };
        let weights = match mixture {
            Some(mixture) => Some(mixture.fill_weighed(&mut tile, &plan.streams)),
            None => {
                model.fill(&mut tile, &plan.streams);
                None
            }
        };
        let lanes = LANES.min((paths.end - first) as usize);
        for ((shares, sessions), of) in baskets.iter().zip(&mut moves.of) {
            let mut worth = [0.0; LANES];
            for (symbol, share) in shares.iter().enumerate().filter(|(_, share)| **share != 0.0) {
                let mut growth = [*share; LANES];
                for day in sessions.clone() {
                    let row = &returns[(day * symbols + symbol) * LANES..][..LANES];
                    growth.iter_mut().zip(row).for_each(|(growth, r)| *growth *= 1.0 + r);
                }
                worth.iter_mut().zip(growth).for_each(|(worth, growth)| *worth += growth);
            }
            of.extend(worth[..lanes].iter().map(|worth| libm::log(*worth)));
        }
        moves.weights.extend(weights.iter().flat_map(|weights| &weights[..lanes]));
    }
    moves
}

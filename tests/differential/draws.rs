//! Gives the oracle the random numbers that the engine draws, at their addresses.

use levertide::maths::random::{Stream, Streams, name_address, normal};
use levertide_oracle::World;
use levertide_oracle::programme::{On, Pinned, Shock};
use levertide_oracle::world::{Draw, Purpose};

/// Where the draws of one client for what payments come to, and for withdrawals, begin.
const SIZES: usize = 1 << 31;
const WITHDRAWALS: usize = 1 << 30;

/// The numbers of every path under the programme's seed.
pub fn of(world: &World, seed: u64) -> Vec<Draw> {
    let streams = Streams::new(seed);
    let uniform =
        |stream, who: &str, path: usize, number: usize| streams.key(stream, name_address(who)).uniform(path as u64, number as u32);
    let mut out = Vec::new();
    for (path, sessions) in world.paths.iter().enumerate() {
        for account in &world.accounts {
            for session in 1..=sessions.len() {
                let value = uniform(Stream::Lot, &account.account_id, path, session - 1);
                out.push(Draw { purpose: Purpose::Remainder, path, who: account.account_id.clone(), number: session, value });
            }
        }
        for account in &world.accounts {
            for number in 1..=sessions.len() {
                let mut draw = |purpose, value| out.push(Draw { purpose, path, who: account.account_id.clone(), number, value });
                let call = number - 1;
                draw(Purpose::Answer, uniform(Stream::Client, &account.account_id, path, call));
                draw(Purpose::Payment, uniform(Stream::Client, &account.account_id, path, SIZES | call));
                draw(Purpose::Withdrawal, uniform(Stream::Client, &account.account_id, path, WITHDRAWALS | call));
            }
            let value = uniform(Stream::Custody, &account.account_id, 0, 0);
            out.push(Draw { purpose: Purpose::Custody, path, who: account.account_id.clone(), number: 0, value });
        }
        let common = normal(streams.key(Stream::Clients, 0), path as u64, 0);
        out.push(Draw { purpose: Purpose::Common, path, who: String::new(), number: 0, value: common });
        for session in 1..=sessions.len() {
            for source in &world.funding {
                let value = uniform(Stream::Funding, &source.source_id, path, 2 * (session - 1));
                out.push(Draw { purpose: Purpose::Roll, path, who: source.source_id.clone(), number: session, value });
            }
            if let Some(hedge) = &world.programme.pool.hedge {
                let value = normal(streams.key(Stream::Hedge, name_address(&hedge.tier)), path as u64, session as u32 - 1);
                out.push(Draw { purpose: Purpose::Basis, path, who: hedge.tier.clone(), number: session, value });
            }
        }
        for instrument in &world.instruments {
            let value = uniform(Stream::Shock, &instrument.symbol, path, 0);
            out.push(Draw { purpose: Purpose::Suspension, path, who: instrument.symbol.clone(), number: 0, value });
        }
    }
    out
}

/// Paths the engine measures its market model on; given paths come round and round.
const PILOT: usize = 2_048;

/// How each name follows the index that the first shock pins, as covariance with the sum of the names hit, of mean 1; nothing where
/// the first shock pins none.
pub fn betas(world: &World) -> Vec<(usize, f64)> {
    let Some(Shock::PinnedPath(pin)) =
        world.programme.shocks.first().filter(|s| matches!(s, Shock::PinnedPath(p) if p.what == Pinned::Index))
    else {
        return Vec::new();
    };
    let hit = |at: &usize| match &pin.on {
        On::All => true,
        On::Board(board) => world.instruments[*at].board == *board,
        On::Sector(sector) => world.instruments[*at].sector == *sector,
        On::Symbols(symbols) => symbols.contains(&world.instruments[*at].symbol),
    };
    let names: Vec<usize> = (0..world.instruments.len()).filter(hit).collect();
    let weight = |path: usize| ((PILOT - path).div_ceil(world.paths.len())) as f64;
    // by path and session in the stress: the log returns of the names that trade
    let mut sessions: Vec<(f64, Vec<Option<f64>>)> = Vec::new();
    for (path, days) in world.paths.iter().enumerate() {
        for day in &days[pin.first_day.unwrap_or(1) - 1..pin.last_day.unwrap_or(days.len()).min(days.len())] {
            let log = |at: &usize| Some(&day[*at]).filter(|q| !q.halted).map(|q| libm::log1p(q.simple_return));
            sessions.push((weight(path), names.iter().map(log).collect()));
        }
    }
    let over = |name: usize, of: &dyn Fn(&Vec<Option<f64>>, f64) -> f64| {
        let rows = || sessions.iter().filter_map(|(w, row)| row[name].map(|x| (*w, row, x)));
        let whole: f64 = rows().map(|(w, _, _)| w).sum();
        if whole > 0.0 { rows().map(|(w, row, x)| w * of(row, x)).sum::<f64>() / whole } else { 0.0 }
    };
    let mean: Vec<f64> = (0..names.len()).map(|n| over(n, &|_, x| x)).collect();
    let variance: Vec<f64> = (0..names.len()).map(|n| over(n, &|_, x| (x - mean[n]) * (x - mean[n]))).collect();
    let moves = |n: usize| variance[n] > 1e-12 * mean[n] * mean[n] && variance[n] >= 1e-24;
    let together = |row: &Vec<Option<f64>>| (0..names.len()).filter(|n| moves(*n)).filter_map(|n| row[n].map(|x| x - mean[n])).sum::<f64>();
    let with: Vec<f64> = (0..names.len()).map(|n| if moves(n) { over(n, &|row, x| (x - mean[n]) * together(row)) } else { 0.0 }).collect();
    let average = with.iter().sum::<f64>() / names.len().max(1) as f64;
    let own: f64 = (0..names.len()).filter(|n| moves(*n)).map(|n| variance[n]).sum();
    let still = average * names.len() as f64 <= 1e-9 * own || average <= 0.0;
    names.into_iter().zip(with).map(|(name, with)| (name, if still { 1.0 } else { with / average })).collect()
}

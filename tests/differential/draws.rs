//! Gives the oracle the random numbers that the engine draws, at their addresses.

use levertide::maths::random::{Stream, Streams, name_address};
use levertide_oracle::World;
use levertide_oracle::world::{Draw, Purpose};

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
        for instrument in &world.instruments {
            let value = uniform(Stream::Shock, &instrument.symbol, path, 0);
            out.push(Draw { purpose: Purpose::Suspension, path, who: instrument.symbol.clone(), number: 0, value });
        }
    }
    out
}

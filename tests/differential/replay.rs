//! Replays the summer of 2015 on a book of 150 accounts in both: halts, locks, ST, special days, as the past had them.

use super::compare::replayed;
use levertide::model::case::Programme;
use levertide::model::exchange::LimitLock;
use levertide::model::shock::{Shock, Target, drift::Drift};
use levertide_oracle::programme as plain;
use std::path::Path;

/// The loss of the pool with locks as `lock` says, under a drift of the whole horizon.
fn loss(lock: LimitLock, drift: f64) -> f64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/e17/p.toml");
    let change = |programme: &mut Programme, oracle: &mut plain::Programme| {
        let case = &mut programme.scenarios[0].case;
        case.exchange.limit_lock = lock;
        oracle.exchange.limit_lock = match lock {
            LimitLock::AllDay => plain::LimitLock::AllDay,
            LimitLock::Close => plain::LimitLock::Close,
        };
        if drift != 0.0 {
            let total = Some(crate::support::ratio(drift));
            case.shocks = vec![Shock::Drift(Drift { annual: None, total, first_day: 1, last_day: None, on: Target::All })];
            let of_oracle = plain::Drift { total: Some(drift), annual: None, first_day: None, last_day: None, on: plain::On::All };
            oracle.shocks = vec![plain::Shock::Drift(of_oracle)];
        }
    };
    replayed(&file, change).path.pool_loss[0]
}

/// 728,247 by both. Before accounts acted from the as-of close and own cash paid first it was 712,496, with the first alone 664,878:
/// the oracle without the one rule, or without both, comes to these.
#[test]
fn e17_a_crash_replayed_comes_to_the_same_and_a_drift_of_a_millionth_hardly_moves_it() {
    let whole_day = loss(LimitLock::AllDay, 0.0);
    assert!((whole_day - 728_247.32).abs() < 0.01, "{whole_day}");
    let drifted = loss(LimitLock::AllDay, -1e-6);
    assert!((drifted - whole_day).abs() < 200.0, "{drifted} with a drift of a millionth, {whole_day} without");
    let at_close = loss(LimitLock::Close, 0.0);
    assert!((at_close - 1_809_672.22).abs() < 0.01, "{at_close}");
}

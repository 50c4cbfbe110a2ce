//! Sets a run beside an earlier report: what each figure moved by, with the error of the move, and which verdicts changed.
//!
//! A folder holds no paths to pair, so that the error of a move is √(se_now² + se_then²), as if the runs were independent; on
//! the same seed the true noise is smaller, and a move that is called is a move. What either report could not define is left
//! out, and a figure flagged in either keeps its flag and is not judged; the others have moved as `regress` has it.
//! The interval takes those of both together, d − √((x₁ − l₁)² + (u₀ − x₀)²) to d + √((u₁ − x₁)² + (x₀ − l₀)²) (Zou and Donner
//! 2008), and is never narrower than d ± z·SE.
//! Worked: 100 ± 3 then and 118 ± 4 now moved by 18 ± 5, within four standard errors.

use super::limits::{LimitResult, Verdict};
use super::regress::{Baseline, Figure, StoredLimit, allowed, last_bits, noise, reach};
use crate::measures::figure::Judge;
use crate::measures::stated::Basis;
use crate::measures::{Estimate, Estimates, Flag};
use serde::Serialize;

/// Standard errors that a figure may move by before it is called moved, as `compare` has it.
pub const TOLERANCE: f64 = 4.0;

/// The earlier report, and how the run stands to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Previous {
    pub name: String,
    pub as_of: String,
    pub programme_hash: String,
    /// Figures that both define, those of them that can be judged, and those that moved.
    pub figures: usize,
    pub judged: usize,
    pub moved: usize,
    pub verdicts: Vec<VerdictChange>,
}

/// A limit both reports test, on which the verdict changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictChange {
    pub scenario: String,
    pub measure: String,
    pub before: Verdict,
    pub after: Verdict,
}

/// One scenario of the run.
#[derive(Clone, Copy, Debug)]
pub struct Now<'a> {
    pub scenario: &'a str,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    pub measures: &'a Estimates,
}

/// The moves of every scenario, in order (empty where the earlier report lacks it), and the whole.
pub fn set_beside(earlier: &Baseline, now: &[Now<'_>], limits: &[LimitResult]) -> (Vec<Estimates>, Previous) {
    let mut whole = Previous {
        name: earlier.name.clone(),
        as_of: earlier.as_of.clone(),
        programme_hash: earlier.programme_hash.clone(),
        verdicts: verdicts(earlier, limits),
        ..Previous::default()
    };
    let moves = now.iter().map(|scenario| moves(earlier, scenario, &mut whole)).collect();
    (moves, whole)
}

fn moves(earlier: &Baseline, now: &Now<'_>, whole: &mut Previous) -> Estimates {
    let Some(then) = earlier.scenarios.iter().find(|s| s.name == now.scenario) else { return Estimates::new() };
    let mut moves = Estimates::new();
    for (key, estimate) in now.measures {
        let after = Figure::of(estimate);
        let Some(before) = then.measures.get(key).filter(|f| f.unit.is_none_or(|unit| unit == estimate.unit)) else { continue };
        let (Some(was), Some(is)) = (before.defined(), after.defined()) else { continue };
        let (noise, rounding) = (noise(before, &after), last_bits(was, is));
        let (value, std_error) = if (is - was).abs() <= rounding && noise <= rounding { (0.0, 0.0) } else { (is - was, noise) };
        let half = Judge::new(estimate.paths.max(1), now.confidence, false).z * std_error;
        let (below, above) = reach(before, &after).map_or((half, half), |(below, above)| (below.max(half), above.max(half)));
        // nor is an interval of rounding noise one
        let [below, above] = [below, above].map(|side: f64| if side <= rounding { 0.0 } else { side });
        let flag = estimate.flag.or(before.flag);
        whole.figures += 1;
        if let Some(allowed) = allowed(before, &after, now.confidence, TOLERANCE) {
            whole.judged += 1;
            whole.moved += usize::from(value.abs() > allowed + rounding);
        }
        let open = flag == Some(Flag::OpenInterval) || !above.is_finite();
        let (ci_low, ci_high) = (value - below, (!open).then_some(value + above));
        moves.insert(key.clone(), Estimate { value, std_error, ci_low, ci_high, flag, basis: Basis::Sides, ..estimate.clone() });
    }
    moves
}

fn verdicts(earlier: &Baseline, limits: &[LimitResult]) -> Vec<VerdictChange> {
    let changed = |now: &LimitResult| {
        let same = |l: &&StoredLimit| l.scenario == now.scenario && l.measure == now.measure && l.side == now.side;
        // of several on one measure the one of the same value is meant; a limit whose value changed is still the same limit
        let mut alike = earlier.limits.iter().filter(same);
        let then = alike.clone().find(|l| l.limit.to_bits() == now.limit.to_bits()).or(alike.next())?;
        let (before, after) = (then.verdict, now.verdict);
        (before != after).then(|| VerdictChange { scenario: now.scenario.clone(), measure: now.measure.clone(), before, after })
    };
    limits.iter().filter_map(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::study::regress::Stored;

    fn estimate(value: f64, std_error: f64, flag: Option<Flag>) -> Estimate {
        Estimate {
            value,
            std_error,
            ci_low: value,
            ci_high: Some(value),
            paths: 100,
            plain_paths: None,
            unit: Unit::Money,
            flag,
            basis: Basis::Sides,
        }
    }

    #[test]
    fn a_move_has_the_error_of_both_and_a_thin_tail_is_not_judged() {
        let stored = |value: f64, std_error: f64| Figure::of(&estimate(value, std_error, None));
        let never = Figure { ci_high: Some(0.003), ..stored(0.0, 0.0) };
        // on every path the same, told with the last bits of a sum
        let steady = Estimate { ci_low: 5.0 / 12.0 - 4e-16, ci_high: Some(5.0 / 12.0 + 4e-16), ..estimate(5.0 / 12.0, 1e-16, None) };
        let (a, b, c) = (stored(100.0, 3.0), stored(10.0, 0.1), stored(1.0, 0.1));
        let measures = [("a", a), ("b", b), ("c", c), ("gone", stored(1.0, 0.0)), ("never", never), ("steady", Figure::of(&steady))];
        let limit = |verdict| StoredLimit { scenario: "base".into(), measure: "a".into(), side: "below".into(), limit: 100.0, verdict };
        let earlier = Baseline {
            schema: 1,
            name: "w".into(),
            as_of: "2015-06-05".into(),
            currency: "CNY".into(),
            scenarios: vec![Stored {
                name: "base".into(),
                confidence: 0.95,
                candidates: None,
                strata: Vec::new(),
                deterministic: false,
                measures: measures.map(|(k, f)| (k.to_string(), f)).into(),
            }],
            limits: vec![limit(Verdict::Pass)],
            ..Baseline::default()
        };
        let now = Estimates::from([
            ("a".to_string(), estimate(118.0, 4.0, None)),
            ("b".to_string(), estimate(11.0, 0.1, None)),
            ("c".to_string(), estimate(9.0, 0.1, Some(Flag::ThinTail))),
            ("new".to_string(), estimate(1.0, 0.0, None)),
            ("steady".to_string(), steady.clone()),
            ("never".to_string(), Estimate { ci_high: Some(0.004), ..estimate(0.0, 0.0, None) }),
        ]);
        let side = LimitResult {
            scenario: "base".into(),
            measure: "a".into(),
            side: "below",
            limit: 110.0,
            confidence: 0.95,
            estimate: now["a"].clone(),
            verdict: Verdict::Breach,
        };
        let scenarios = ["base", "other"].map(|scenario| Now { scenario, confidence: 0.95, measures: &now });
        let (moves, whole) = set_beside(&earlier, &scenarios, &[side]);
        assert_eq!((moves[0]["a"].value, moves[0]["a"].std_error, moves[0].len()), (18.0, 5.0, 5));
        let steady = &moves[0]["steady"];
        assert_eq!((steady.value, steady.std_error, steady.ci_low, steady.ci_high), (0.0, 0.0, 0.0, Some(0.0)));
        let never = &moves[0]["never"];
        assert_eq!((never.value, never.ci_low, never.ci_high), (0.0, -0.003, Some(0.004)), "no path of either shows it");
        assert_eq!((whole.figures, whole.judged, whole.moved), (5, 4, 1));
        assert_eq!((whole.verdicts[0].before, whole.verdicts[0].after), (Verdict::Pass, Verdict::Breach));
        assert!(moves[1].is_empty(), "what the earlier report lacks did not move");
    }
}

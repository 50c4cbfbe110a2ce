//! Judges the programme's limits: pass, breach, or undecided at the confidence asked.
//!
//! A limit passes when the one-sided confidence bound of its measure lies on the right side, is breached when the other
//! bound lies on the wrong side, and is undecided between the two: more paths would tell. Probabilities use the exact
//! (Clopper–Pearson) bound, so that an event never seen is not taken for impossible; a loss that no path shows lies below the
//! same bound times all claims, and what has no bound on a path is undecided. One path that is the only one decides exactly.
//!
//! A verdict is wrong with probability at most 1 − c at its own confidence c. All verdicts together are right with at least
//! 1 − Σ(1 − cᵢ), however they hang together (Bonferroni 1936): m limits at 1 − 5 %/m each are right together at 95 %.
//! Worked: no hit in 100,000 paths is below 1 % (bound 0.003 %); no hit in 100 paths is undecided (bound 2.95 %).

use crate::measures::bounds::one_sided;
use crate::measures::stated::Basis;
use crate::measures::{self, Estimate, Estimates, Flag};
use crate::model::book::Book;
use crate::model::case::{Limit, Programme};
use crate::problem::near::nearest;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use serde::{Deserialize, Serialize};

/// A limit and what became of it in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitResult {
    pub scenario: String,
    pub measure: String,
    /// "below" or "above".
    pub side: &'static str,
    pub limit: f64,
    pub confidence: f64,
    pub estimate: Estimate,
    pub verdict: Verdict,
}

impl LimitResult {
    /// The share of the limit that the figure found takes up: 1 at the limit, more beyond it.
    ///
    /// Of a limit to stay below it is figure / limit, of one to stay above limit / figure; none where that says nothing.
    pub fn used(&self) -> Option<f64> {
        let used = if self.side == ABOVE { self.limit / self.estimate.value } else { self.estimate.value / self.limit };
        (used.is_finite() && self.limit > 0.0 && self.estimate.value >= 0.0).then_some(used)
    }
}

pub const BELOW: &str = "below";
pub const ABOVE: &str = "above";

/// Whether a limit holds with the confidence asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Pass,
    Breach,
    Undecided,
}

/// How far all verdicts may be trusted together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Joint {
    /// Tests that sampling can mislead; those on a single path that is the only one are sure.
    pub tests: usize,
    /// That no verdict of them is wrong, at least.
    pub confidence: f64,
    /// The confidence each would need for all together to be right at 95 %; absent for none and for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each_for_95: Option<f64>,
}

/// Bonferroni's bound for tests of these confidences.
fn joint_of(confidences: &[f64]) -> Joint {
    let tests = confidences.len();
    let miss: f64 = confidences.iter().map(|c| 1.0 - c).sum();
    Joint { tests, confidence: (1.0 - miss).max(0.0), each_for_95: (tests > 1).then(|| 1.0 - 0.05 / tests as f64) }
}

/// The joint confidence of verdicts.
pub fn joint(results: &[LimitResult]) -> Joint {
    let sampled = results.iter().filter(|r| r.estimate.basis != Basis::Exact);
    joint_of(&sampled.map(|r| r.confidence).collect::<Vec<_>>())
}

/// The joint confidence of all tests a programme asks for, told before the first path.
pub fn joint_of_programme(programme: &Programme, book: &Book) -> Joint {
    let sampled = programme.scenarios.iter().filter(|s| !s.case.market.is_replay());
    let known: Vec<(&str, Vec<String>)> = sampled.map(|s| (s.name.as_str(), measures::keys(s, book))).collect();
    let holds = |limit: &Limit, name: &str, keys: &[String]| {
        limit.scenario.as_deref().is_none_or(|wanted| wanted == name) && keys.binary_search(&limit.measure).is_ok()
    };
    let tests = programme.limits.iter().flat_map(|limit| {
        let scenarios = known.iter().filter(|(name, keys)| holds(limit, name, keys)).count();
        std::iter::repeat_n(limit.confidence.get(), scenarios)
    });
    joint_of(&tests.collect::<Vec<_>>())
}

/// One scenario's estimates and the two-sided confidence their intervals were made with.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    pub scenario: &'a str,
    pub confidence: f64,
    pub estimates: &'a Estimates,
}

/// Finds, before the first path, every limit of a programme that can never be judged: a typo must not cost a simulation.
///
/// `file` is the programme's own, where the problems lie; `line_of` finds the line of a limit's key in it.
pub fn check_programme(
    file: &str,
    programme: &Programme,
    book: &Book,
    line_of: &dyn Fn(&Limit, &str) -> Option<usize>,
) -> Result<(), Problems> {
    if programme.limits.is_empty() {
        return Ok(());
    }
    let known: Vec<(&str, Vec<String>)> = programme.scenarios.iter().map(|s| (s.name.as_str(), measures::keys(s, book))).collect();
    check(file, &programme.limits, &known, line_of).into_result(())
}

/// Finds every limit on an unknown scenario or measure, without a side, or with a confidence outside (½, 1).
///
/// `known` holds each scenario's name and keys. A limit for every scenario needs its measure in one of them: what only some
/// scenarios have (the amplification of a feedback, say) is judged in those.
fn check(file: &str, limits: &[Limit], known: &[(&str, Vec<String>)], line_of: &dyn Fn(&Limit, &str) -> Option<usize>) -> Problems {
    let mut problems = Problems::new();
    for (index, limit) in limits.iter().enumerate() {
        let mut problem = |field: &str, what: String, why: &str, fix: String| {
            let place = Place { line: line_of(limit, field), ..Place::file(file).field(format!("limits[{}].{field}", index + 1)) };
            problems.push(Problem::new(Kind::Programme, place, what, why, fix));
        };
        let meant = |name: &str| limit.scenario.as_deref().is_none_or(|wanted| wanted == name);
        let mut keys: Vec<String> = known.iter().filter(|(name, _)| meant(name)).flat_map(|(_, keys)| keys.iter().cloned()).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            let names: Vec<String> = known.iter().map(|(name, _)| (*name).to_string()).collect();
            let name = limit.scenario.clone().unwrap_or_default();
            let fix = format!("write one of {}, or leave it out to hold for every one", nearest(&name, &names));
            problem("scenario", format!("unknown scenario `{name}`"), "a limit holds in a scenario of this programme", fix);
        } else if keys.binary_search(&limit.measure).is_err() {
            let what = format!("unknown measure `{}`", limit.measure);
            let fix = format!("write one such as {}", nearest(&limit.measure, &keys));
            problem("measure", what, "a limit holds for a key of summary.json", fix);
        }
        if limit.below.is_none() && limit.above.is_none() {
            let fix = "add `below = \"1%\"` or `above = 0`".to_string();
            problem("measure", "neither `below` nor `above`".to_string(), "a limit needs the side to stay on", fix);
        }
        let confidence = limit.confidence.get();
        if !(confidence > 0.5 && confidence < 1.0) {
            let what = format!("found {}", limit.confidence);
            problem("confidence", what, "a verdict is claimed with a confidence between 50% and 100%", "write \"95%\"".to_string());
        }
    }
    problems
}

/// Judges every limit against every scenario it holds for, in the order of limits, then scenarios.
pub fn judge(limits: &[Limit], results: &[Measured<'_>]) -> Result<Vec<LimitResult>, Problems> {
    let known: Vec<(&str, Vec<String>)> = results.iter().map(|r| (r.scenario, r.estimates.keys().cloned().collect())).collect();
    let problems = check("", limits, &known, &|_, _| None);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut judged = Vec::new();
    for limit in limits {
        let sides = [(BELOW, limit.below), (ABOVE, limit.above)];
        for result in results.iter().filter(|r| limit.scenario.as_deref().is_none_or(|name| name == r.scenario)) {
            let Some(estimate) = result.estimates.get(&limit.measure) else { continue };
            for (side, value) in sides.into_iter().filter_map(|(side, value)| Some((side, value?.get()))) {
                let confidence = limit.confidence.get();
                judged.push(LimitResult {
                    scenario: result.scenario.to_string(),
                    measure: limit.measure.clone(),
                    side,
                    limit: value,
                    confidence,
                    estimate: estimate.clone(),
                    verdict: of_level(estimate, side, value, [confidence, result.confidence]),
                });
            }
        }
    }
    Ok(judged)
}

/// Whether a figure stays on a side of a value; `confidences` are that asked, and that of the figure's own interval.
pub fn of_level(estimate: &Estimate, side: &str, value: f64, [asked, shown]: [f64; 2]) -> Verdict {
    if estimate.flag == Some(Flag::Undefined) {
        return Verdict::Undecided;
    }
    let (low, high) = one_sided(estimate, asked, shown);
    verdict(side, value, low, high)
}

/// The exit code limits ask for: 1 when any is breached, or undecided where that is asked for (`strict`).
pub fn exit_code(results: &[LimitResult], strict: bool) -> i32 {
    let fails = |r: &LimitResult| r.verdict == Verdict::Breach || (strict && r.verdict == Verdict::Undecided);
    if results.iter().any(fails) { exit::BREACH } else { exit::DONE }
}

fn verdict(side: &str, limit: f64, low: f64, high: f64) -> Verdict {
    let (passes, breaches) = if side == BELOW { (high <= limit, low > limit) } else { (low >= limit, high < limit) };
    match (passes, breaches) {
        (true, _) => Verdict::Pass,
        (_, true) => Verdict::Breach,
        _ => Verdict::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Unit;
    use crate::units::Ratio;

    fn estimate(value: f64, half: f64, paths: u64) -> Estimate {
        let z = 1.959_964;
        let (ci_low, ci_high) = (value - half, Some(value + half));
        let basis = Basis::Skewed { skewness: 0.0, least: f64::NEG_INFINITY, most: f64::INFINITY };
        Estimate { value, std_error: half / z, ci_low, ci_high, paths, plain_paths: None, unit: Unit::Ratio, flag: None, basis }
    }

    fn limit(measure: &str, below: f64) -> Limit {
        Limit { measure: measure.into(), below: Ratio::new(below), above: None, confidence: Ratio::from_fraction(0.95), scenario: None }
    }

    fn one(measure: &str, below: f64, e: Estimate) -> Verdict {
        let estimates = Estimates::from([(measure.to_string(), e)]);
        let measured = Measured { scenario: "base", confidence: 0.95, estimates: &estimates };
        judge(&[limit(measure, below)], &[measured]).unwrap()[0].verdict
    }

    #[test]
    fn an_event_never_seen_passes_only_with_enough_paths() {
        let count = |of| Basis::Count { hits: 0, of };
        let unseen = |of| Basis::Unseen { down: 0.0, up: 1.0, least: 0.0, most: 1.0, of };
        for (key, basis) in [("tier.A.hit_probability", count as fn(u64) -> Basis), ("liquidation_rate", unseen)] {
            let never = |paths, basis| Estimate { basis, ..estimate(0.0, 0.0, paths) };
            assert_eq!(one(key, 0.01, never(100_000, basis(100_000))), Verdict::Pass);
            assert_eq!(one(key, 0.01, never(100, basis(100))), Verdict::Undecided);
            // known exactly: every path is the same
            assert_eq!(one(key, 0.01, never(1, Basis::Exact)), Verdict::Pass);
        }
        // money that no path showed is bounded by the claims, where they are known
        let loss = |up| Estimate {
            unit: Unit::Money,
            basis: Basis::Unseen { down: 0.0, up, least: 0.0, most: up, of: 100 },
            ..estimate(0.0, 0.0, 100)
        };
        assert_eq!(one("pool_loss.mean", 3.0, loss(100.0)), Verdict::Pass, "at most 2.95 of 100 are lost");
        assert_eq!(one("pool_loss.mean", 2.9, loss(100.0)), Verdict::Undecided);
        assert_eq!(one("unsold.mean", 1e12, loss(f64::INFINITY)), Verdict::Undecided);
    }

    #[test]
    fn a_family_of_limits_is_right_together_with_less_than_each() {
        let of = |basis: Basis| LimitResult {
            scenario: "base".into(),
            measure: "x".into(),
            side: BELOW,
            limit: 1.0,
            confidence: 0.95,
            estimate: Estimate { basis, ..estimate(0.0, 0.1, 10) },
            verdict: Verdict::Pass,
        };
        let four = joint(&[of(Basis::Sides), of(Basis::Exact), of(Basis::Sides), of(Basis::Sides), of(Basis::Sides)]);
        assert_eq!(four.tests, 4);
        assert!((four.confidence - 0.8).abs() < 1e-12 && (four.each_for_95.unwrap() - 0.9875).abs() < 1e-12);
        assert_eq!((joint(&[]).confidence, joint(&[of(Basis::Sides)]).each_for_95), (1.0, None));
        let many: Vec<_> = (0..30).map(|_| of(Basis::Sides)).collect();
        assert_eq!(joint(&many).confidence, 0.0, "nothing is known of thirty together");
    }

    #[test]
    fn a_limit_within_the_bounds_is_undecided() {
        // one-sided 95 %: 1.645 of the 1.96 in the interval's half
        for (value, wanted) in
            [(0.0915, Verdict::Pass), (0.0917, Verdict::Undecided), (0.1083, Verdict::Undecided), (0.1085, Verdict::Breach)]
        {
            assert_eq!(one("call_rate", 0.1, estimate(value, 0.01, 1_000)), wanted, "{value}");
        }
        let open = Estimate { ci_high: None, flag: Some(Flag::OpenInterval), ..estimate(0.01, 0.001, 250) };
        assert_eq!(one("max_drawdown.var_99", 0.1, open.clone()), Verdict::Undecided);
        assert_eq!(one("max_drawdown.var_99", 0.001, open), Verdict::Breach);
    }

    #[test]
    fn an_unknown_measure_is_a_problem_that_names_its_neighbours() {
        let estimates = Estimates::from([("tier.A.hit_probability".to_string(), estimate(0.0, 0.0, 1))]);
        let measured = Measured { scenario: "base", confidence: 0.95, estimates: &estimates };
        let typos = [limit("tier.a.hit_probabilty", 0.01), Limit { scenario: Some("bsae".into()), ..limit("sharpe", 0.01) }];
        let problems = judge(&typos, &[measured]).unwrap_err();
        assert_eq!((problems.len(), problems.exit_code()), (2, exit::PROGRAMME));
        let text = problems.to_string();
        assert!(
            text.contains("`limits[1].measure`: unknown measure `tier.a.hit_probabilty`")
                && text.contains("`tier.A.hit_probability`")
                && text.contains("`limits[2].scenario`: unknown scenario `bsae`"),
            "{text}"
        );
    }
}

//! Judges the figures of several programmes against their baselines, with one rate of false alarms for all of them together.
//!
//! A command compares m figures that carry a sampling error, over all programmes, scenarios and measures. Each may move by K standard
//! errors of its difference (`regress`), with 2·(1 − Φ(K)) = rate/m: a run without a change then fails, by any figure at all, with a
//! probability of at most the rate, however the figures hang together (Bonferroni 1936). Figures without a sampling error and figures
//! that cannot be judged raise no false alarm and are not counted. With a K that is named, the rate is at most 2·m·(1 − Φ(K)).
//!
//! Holm's step-down rejects first by the same bound: whether a run fails, it settles alike. What the joint law of the differences would
//! gain is measured in docs/regress.md.
//!
//! Example: 158 figures at 1 % → K = 4.00; 3,171 → 4.66; 10,000 → 4.89.

use super::digits::{percent, shown};
use super::limits::{LimitResult, Verdict};
use super::regress::{Baseline, Figure, Stored, allowed, defined_by_chance, last_bits, noise};
use crate::maths::special::{normal_cdf, two_sided_quantile};
use crate::measures::{Estimates, Unit};
use std::collections::BTreeMap;

/// How far a figure may move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// As far as keeps the share of runs without a change that fail to this.
    FalseAlarms(f64),
    /// By so many standard errors.
    Tolerance(f64),
    /// Not by a bit.
    Exact,
}

/// A programme: its baseline, and what it came to.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    pub name: &'a str,
    pub baseline: &'a Baseline,
    pub results: &'a [(String, Estimates)],
    pub limits: &'a [LimitResult],
}

/// What became of one figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// Equal to the last bit.
    Equal,
    /// Within noise.
    Within,
    /// The noise of one is not known.
    Unjudged,
    /// Moved by so much, where so much is allowed.
    Moved { by: f64, allowed: f64 },
    /// Not equal to the last bit, where that is asked for.
    Differs,
    /// Defined in one of the two alone.
    Definition,
    /// The baseline does not hold it.
    New,
    /// Only the baseline holds it.
    Gone,
}

/// A figure before and now.
#[derive(Clone, Debug)]
pub struct Row {
    pub scenario: String,
    pub measure: String,
    pub before: Option<Figure>,
    pub after: Option<Figure>,
    pub fate: Fate,
}

/// A limit, its verdict now, and in the baseline where it was the same limit.
#[derive(Clone, Debug)]
pub struct LimitRow {
    pub result: LimitResult,
    pub before: Option<Verdict>,
}

/// What one programme came to.
#[derive(Clone, Debug)]
pub struct Judged {
    pub name: String,
    pub rows: Vec<Row>,
    pub limits: Vec<LimitRow>,
}

/// A baseline that is written anew.
#[derive(Clone, Debug)]
pub struct Renewal {
    pub name: String,
    /// Whether there was none before.
    pub is_first: bool,
    pub figures: usize,
    /// What it is made from and was not before: what, before, now.
    pub made_of: Vec<[String; 3]>,
}

/// What a command came to.
#[derive(Clone, Debug)]
pub struct Gate {
    pub programmes: Vec<Judged>,
    pub rule: Rule,
    /// Figures with a sampling error that are judged.
    pub family: usize,
    /// Standard errors that each may move by.
    pub tolerance: f64,
    /// Of runs without a change, those in which any figure is called changed, at most.
    pub rate: f64,
}

impl Row {
    pub fn is_change(&self) -> bool {
        !matches!(self.fate, Fate::Equal | Fate::Within | Fate::Unjudged)
    }

    pub fn unit(&self) -> Option<Unit> {
        self.after.or(self.before).and_then(|figure| figure.unit)
    }

    /// The difference and what is allowed in standard errors of the difference; nothing where it has none.
    pub fn in_errors(&self) -> Option<(f64, f64)> {
        let (Fate::Moved { by, allowed }, Some(before), Some(after)) = (self.fate, self.before, self.after) else { return None };
        let noise = noise(&before, &after);
        (noise > 0.0 && noise.is_finite()).then(|| (by / noise, allowed / noise))
    }

    /// What changed, in words; nothing where it is as it was.
    pub fn words(&self) -> Option<String> {
        let of = |figure: &Option<Figure>| figure.as_ref().map_or_else(String::new, |figure| self.side(figure));
        let (was, is) = (of(&self.before), of(&self.after));
        match self.fate {
            Fate::Equal | Fate::Within | Fate::Unjudged => None,
            Fate::Moved { by, allowed } => {
                let [by, allowed] = [by, allowed].map(|x| shown(self.unit(), x, self.scale()));
                Some(format!("was {was}, is {is}: moved by {by} where {allowed} is allowed"))
            }
            Fate::Differs => Some(format!("was {was}, is {is}: not equal to the last bit")),
            Fate::Definition => Some(format!("was {was}, is {is}")),
            Fate::New => Some(format!("is {is}, and new: the baseline does not hold it")),
            Fate::Gone => Some(format!("was {was}, and is gone: only the baseline holds it")),
        }
    }

    /// A figure with its error, with the digits that show the change.
    pub fn side(&self, figure: &Figure) -> String {
        let Some(value) = figure.defined() else { return "not defined".into() };
        let error = figure.std_error.filter(|error| *error > 0.0);
        if self.fate == Fate::Differs {
            let flag = figure.flag.map_or_else(String::new, |flag| format!(" ({flag:?})"));
            let paths = figure.paths.map_or_else(String::new, |paths| format!(" of {paths} paths"));
            return format!("{value}{}{paths}{flag}", error.map_or_else(String::new, |error| format!(" ± {error}")));
        }
        let show = |x: f64| shown(self.unit(), x, self.scale());
        format!("{}{}", show(value), error.map_or_else(String::new, |error| format!(" ± {}", show(error))))
    }

    /// What the digits shown have to tell: the smaller error, and without one the difference.
    fn scale(&self) -> f64 {
        let errors = [self.before, self.after].into_iter().flatten().filter_map(|figure| figure.std_error);
        let least = errors.filter(|error| *error > 0.0).fold(f64::INFINITY, f64::min);
        let value = |figure: Option<Figure>| figure.and_then(|figure| figure.defined());
        let by = value(self.before).zip(value(self.after)).map_or(0.0, |(was, is)| (is - was).abs());
        if least.is_finite() { least } else { by }
    }
}

impl LimitRow {
    pub fn is_breach(&self) -> bool {
        self.result.verdict == Verdict::Breach
    }

    /// The value of the limit.
    pub fn value(&self) -> String {
        shown(Some(self.result.estimate.unit), self.result.limit, self.result.limit.abs() / 1e2)
    }

    /// The figure with its error.
    pub fn figure(&self) -> String {
        let estimate = &self.result.estimate;
        let error = Some(estimate.std_error).filter(|error| *error > 0.0 && error.is_finite());
        let scale = error.unwrap_or(estimate.value.abs() / 1e3);
        let show = |x: f64| shown(Some(estimate.unit), x, scale);
        format!("{}{}", show(estimate.value), error.map_or_else(String::new, |error| format!(" ± {}", show(error))))
    }

    /// What is wrong, in words.
    pub fn words(&self) -> Option<String> {
        self.is_breach().then(|| format!("is {}, must stay {} {}", self.figure(), self.result.side, self.value()))
    }
}

impl Judged {
    pub fn count(&self, is: impl Fn(&Fate) -> bool) -> usize {
        self.rows.iter().filter(|row| is(&row.fate)).count()
    }

    pub fn changes(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_change())
    }

    pub fn breaches(&self) -> impl Iterator<Item = &LimitRow> {
        self.limits.iter().filter(|limit| limit.is_breach())
    }

    pub fn fails(&self) -> bool {
        self.changes().next().is_some() || self.breaches().next().is_some()
    }
}

impl Gate {
    pub fn fails(&self) -> bool {
        self.programmes.iter().any(Judged::fails)
    }

    pub fn count(&self, is: impl Fn(&Fate) -> bool + Copy) -> usize {
        self.programmes.iter().map(|programme| programme.count(is)).sum()
    }

    /// The rule and its rate of false alarms, in words.
    pub fn words(&self) -> String {
        let (family, tolerance) = (self.family, self.tolerance);
        match self.rule {
            Rule::Exact => "every figure has to be equal to the last bit".into(),
            _ if family == 0 => "no figure that is judged has a sampling error: a change is a change".into(),
            Rule::FalseAlarms(_) => format!(
                "{family} figures with a sampling error may each move by {tolerance:.2} standard errors of the difference: \
                 by chance alone at most {} of runs without a change fail",
                percent(self.rate)
            ),
            Rule::Tolerance(_) => format!(
                "{family} figures with a sampling error may each move by {tolerance} standard errors of the difference: \
                 by chance alone up to {} of runs without a change fail",
                percent(self.rate)
            ),
        }
    }
}

/// Standard errors that every one of `figures` may move by, for any of them to do so by chance with a probability of at most `rate`.
pub fn tolerance_of(figures: usize, rate: f64) -> f64 {
    two_sided_quantile(1.0 - rate / figures.max(1) as f64)
}

/// Compares every figure of every programme with its baseline, and adds the verdict on every limit.
pub fn judge(sets: &[Set<'_>], rule: Rule) -> Gate {
    let mut programmes: Vec<Judged> = sets.iter().map(laid_side_by_side).collect();
    let told: Vec<Told<'_>> =
        sets.iter().map(|set| set.baseline.scenarios.iter().map(|stored| (&*stored.name, stored)).collect()).collect();
    // whether a figure is judged, and by its errors, does not hang on how many errors are allowed
    let is_noisy = |(row, told): &(&Row, &Told<'_>)| reach(row, told, 1.0).is_some_and(|allowed| allowed > 0.0);
    let rows = programmes.iter().zip(&told).flat_map(|(programme, told)| programme.rows.iter().map(move |row| (row, told)));
    let family = rows.filter(is_noisy).count();
    let (tolerance, rate) = match rule {
        Rule::FalseAlarms(rate) => (tolerance_of(family, rate), rate),
        Rule::Tolerance(tolerance) => (tolerance, (2.0 * family as f64 * normal_cdf(-tolerance)).min(1.0)),
        Rule::Exact => (0.0, 0.0),
    };
    for (programme, told) in programmes.iter_mut().zip(&told) {
        for row in programme.rows.iter_mut().filter(|row| row.fate == Fate::Unjudged) {
            row.fate = if rule == Rule::Exact { Fate::Differs } else { fate(row, reach(row, told, tolerance), tolerance) };
        }
    }
    Gate { programmes, rule, family, tolerance, rate }
}

/// The stored scenarios of a programme by name.
type Told<'a> = BTreeMap<&'a str, &'a Stored>;

/// Fewer paths tell too little of their spread for the far tails that a family of figures asks about.
const PATHS_NEEDED: u64 = 10;

/// How far a figure that both hold may move; nothing where its noise is not known so far out.
///
/// That is so of a figure that rests on fewer than ten paths, and of a quantile that is an end of its own interval: on that side its values
/// do not lie densely, and an interval of 95 % tells nothing of a wider one.
fn reach(row: &Row, told: &Told<'_>, tolerance: f64) -> Option<f64> {
    let (before, after, stored) = (row.before.as_ref()?, row.after.as_ref()?, told.get(row.scenario.as_str())?);
    let is_few = |f: &Figure| f.paths.is_some_and(|paths| paths < PATHS_NEEDED);
    let is_end = |f: &Figure| f.value == f.ci_low || f.value == f.ci_high;
    let unknown = |f: &Figure| is_few(f) || row.measure.contains(".var_") && is_end(f);
    if !stored.deterministic && (unknown(before) || unknown(after)) {
        return None;
    }
    allowed(before, after, stored.confidence, tolerance)
}

/// Every figure of either side and every limit; a figure that both hold and that is not equal is not judged yet.
fn laid_side_by_side(set: &Set<'_>) -> Judged {
    let then =
        set.baseline.scenarios.iter().flat_map(|s| s.measures.iter().map(|(key, figure)| ((s.name.as_str(), key.as_str()), *figure)));
    let then: BTreeMap<(&str, &str), Figure> = then.collect();
    let of_run = |(scenario, list): &'_ (String, Estimates)| -> Vec<((String, String), Figure)> {
        list.iter().map(|(key, estimate)| ((scenario.clone(), key.clone()), Figure::of(estimate))).collect()
    };
    let now: BTreeMap<(String, String), Figure> = set.results.iter().flat_map(of_run).collect();
    let mut keys: Vec<(&str, &str)> =
        then.keys().copied().chain(now.keys().map(|(scenario, key)| (scenario.as_str(), key.as_str()))).collect();
    keys.sort_unstable();
    keys.dedup();
    let row = |(scenario, measure): (&str, &str)| {
        let before = then.get(&(scenario, measure)).copied();
        let after = now.get(&(scenario.to_string(), measure.to_string())).copied();
        let fate = match (&before, &after) {
            (Some(before), Some(after)) if before.is_same(after) => Fate::Equal,
            (Some(_), Some(_)) => Fate::Unjudged,
            (None, _) => Fate::New,
            (_, None) => Fate::Gone,
        };
        Row { scenario: scenario.to_string(), measure: measure.to_string(), before, after, fate }
    };
    let stored = |result: &LimitResult| {
        let same = |l: &&super::regress::StoredLimit| {
            l.scenario == result.scenario && l.measure == result.measure && l.side == result.side && l.limit == result.limit
        };
        set.baseline.limits.iter().find(same).map(|limit| limit.verdict)
    };
    let limits = set.limits.iter().map(|result| LimitRow { result: result.clone(), before: stored(result) });
    Judged { name: set.name.to_string(), rows: keys.into_iter().map(row).collect(), limits: limits.collect() }
}

/// What became of a figure that both hold, where so much is allowed.
fn fate(row: &Row, allowed: Option<f64>, tolerance: f64) -> Fate {
    let (Some(before), Some(after)) = (row.before, row.after) else { return row.fate };
    let (was, is) = match (before.defined(), after.defined()) {
        (Some(was), Some(is)) => (was, is),
        (None, None) => return Fate::Within,
        (Some(_), None) => return if defined_by_chance(&before, tolerance) { Fate::Within } else { Fate::Definition },
        (None, Some(_)) => return if defined_by_chance(&after, tolerance) { Fate::Within } else { Fate::Definition },
    };
    // beyond too few paths the error is no measure of the noise, and every seed would be a change
    let Some(allowed) = allowed else { return Fate::Unjudged };
    let (by, allowed) = (is - was, allowed + last_bits(was, is));
    if by.abs() > allowed { Fate::Moved { by, allowed } } else { Fate::Within }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Flag;

    fn figure(value: f64, std_error: f64) -> Figure {
        Figure { value: Some(value), std_error: Some(std_error), unit: None, flag: None, paths: None, ci_low: None, ci_high: None }
    }

    fn row(before: Figure, after: Figure) -> Row {
        Row { scenario: "base".into(), measure: "m".into(), before: Some(before), after: Some(after), fate: Fate::Unjudged }
    }

    fn moved(before: Figure, after: Figure, tolerance: f64) -> Option<String> {
        let judged = row(before, after);
        let fate = fate(&judged, allowed(&before, &after, 0.95, tolerance), tolerance);
        Row { fate, ..judged }.words()
    }

    #[test]
    fn noise_is_no_change_and_a_change_is() {
        assert_eq!(moved(figure(100.0, 3.0), figure(118.0, 4.0), 4.0), None);
        let told = moved(figure(100.0, 3.0), figure(121.0, 4.0), 4.0).unwrap();
        assert_eq!(told, "was 100.0 ± 3.0, is 121.0 ± 4.0: moved by 21.0 where 20.0 is allowed");
        assert_eq!(moved(figure(0.3, 0.0), figure(0.1 + 0.2, 0.0), 4.0), None);
        let told = moved(figure(0.3, 0.0), figure(0.300_001, 0.0), 4.0).unwrap();
        assert!(told.starts_with("was 0.3000000, is 0.3000010: moved by 0.0000010 "), "{told}");
        let undefined = Figure { flag: Some(Flag::Undefined), ..figure(0.0, 0.0) };
        assert_eq!(moved(undefined, undefined, 4.0), None);
        assert!(moved(undefined, figure(0.0, 0.0), 4.0).unwrap().starts_with("was not defined, is 0"));
        // what a dozen paths define, none of another run need
        let of = |paths: u64, error: f64| Figure { paths: Some(paths), ..figure(1.0, error) };
        assert_eq!(moved(undefined, of(12, 0.01), 4.87), None);
        assert_eq!(moved(of(10_000, 0.3), undefined, 4.87), None);
        assert!(moved(of(21, 0.01), undefined, 4.87).is_some() && moved(undefined, of(10_000, 0.05), 4.87).is_some());
        // few paths that show the same have no error; the single path of a replay was not drawn
        let one = Figure { flag: Some(Flag::OpenInterval), std_error: None, ..of(1, 0.0) };
        assert_eq!([of(3, 0.0), one].map(|few| moved(undefined, few, 4.87)), [None, None]);
        assert!(moved(of(10_000, 0.0), undefined, 4.87).is_some() && moved(undefined, of(1, 0.0), 4.87).is_some());
    }

    #[test]
    fn a_rare_event_is_set_against_its_interval_and_nothing_against_the_paths_of_the_other() {
        let n = 10_000.0;
        let count = |hits: f64, low: f64, high: f64| Figure {
            ci_low: Some(low / n),
            ci_high: Some(high / n),
            paths: Some(10_000),
            ..figure(hits / n, if hits > 0.0 { hits.sqrt() / n } else { 1.9 / n })
        };
        let none = count(0.0, 0.0, 3.7);
        assert_eq!(moved(none, count(12.0, 6.2, 21.0), 4.0), None);
        assert!(moved(none, count(21.0, 13.0, 32.1), 4.0).is_some());
        // money that no path showed: no interval, and yet what four hundred paths show now is no chance
        let unseen = Figure { std_error: None, flag: Some(Flag::OpenInterval), ci_high: None, ..none };
        let seen = |paths: f64| {
            let error = 1e6 / paths.sqrt();
            Figure { ci_low: Some(1e6 - 1.96 * error), ci_high: Some(1e6 + 1.96 * error), paths: Some(10_000), ..figure(1e6, error) }
        };
        assert!(moved(unseen, seen(400.0), 4.0).is_some() && moved(seen(400.0), unseen, 4.0).is_some());
        assert_eq!(moved(unseen, seen(12.0), 4.0), None);
        assert_eq!(moved(unseen, unseen, 4.0), None);
    }

    #[test]
    fn more_figures_are_allowed_more_errors_each_at_the_same_rate() {
        for (figures, rate, errors) in
            [(1, 0.01, 2.5758), (158, 0.01, 4.0003), (3_171, 0.01, 4.6606), (10_000, 0.01, 4.8916), (10_000, 0.1, 4.4172)]
        {
            assert!((tolerance_of(figures, rate) - errors).abs() < 5e-4, "{figures}: {}", tolerance_of(figures, rate));
        }
    }

    fn stored(figures: &[(&str, f64, f64)]) -> Baseline {
        let measures = figures.iter().map(|(key, value, error)| (key.to_string(), figure(*value, *error))).collect();
        let (candidates, strata, deterministic) = Default::default();
        let scenario = Stored { name: "base".into(), confidence: 0.95, candidates, strata, deterministic, measures };
        Baseline { schema: 1, name: "w".into(), scenarios: vec![scenario], ..Baseline::default() }
    }

    #[test]
    fn what_is_new_and_what_is_gone_are_found() {
        let baseline = stored(&[("gone", 1.0, 0.0)]);
        let set = Set { name: "w", baseline: &baseline, results: &[("base".into(), Estimates::new())], limits: &[] };
        let gate = judge(&[set], Rule::FalseAlarms(0.01));
        assert_eq!(gate.programmes[0].rows[0].fate, Fate::Gone);
        assert!(gate.fails() && gate.family == 0 && gate.words().contains("a change is a change"));
        assert!(gate.programmes[0].rows[0].words().unwrap().contains("gone"));
    }

    #[test]
    fn a_family_is_every_figure_with_an_error_of_every_programme() {
        let now = |value: f64, std_error: f64| {
            let basis = crate::measures::stated::Basis::Sides;
            let (plain_paths, flag) = (None, None);
            let half = 1.96 * std_error;
            let ends = (value - half, Some(value + half));
            crate::measures::Estimate {
                value,
                std_error,
                ci_low: ends.0,
                ci_high: ends.1,
                paths: 99,
                plain_paths,
                unit: Unit::Money,
                flag,
                basis,
            }
        };
        let baseline = stored(&[("a", 100.0, 3.0), ("b", 5.0, 0.0)]);
        let results = [("base".to_string(), Estimates::from([("a".to_string(), now(117.0, 4.0)), ("b".to_string(), now(5.0, 0.0))]))];
        let set = Set { name: "w", baseline: &baseline, results: &results, limits: &[] };
        let one = judge(&[set], Rule::FalseAlarms(0.01));
        assert_eq!((one.family, one.fails()), (1, true), "3.4 errors, 2.58 allowed");
        let many = judge(&[set; 200], Rule::FalseAlarms(0.01));
        assert_eq!((many.family, many.fails()), (200, false), "3.4 errors, 4.06 allowed");
        let named = judge(&[set; 200], Rule::Tolerance(3.0));
        assert!(named.fails() && (named.rate - 200.0 * 0.002_699_8).abs() < 1e-5, "{}", named.rate);
        let exact = judge(&[set], Rule::Exact);
        assert_eq!(exact.programmes[0].count(|fate| *fate == Fate::Differs), 2, "the baseline holds no interval of b");
    }

    #[test]
    fn what_few_paths_or_values_with_gaps_say_is_not_judged() {
        let ends = |low: f64, high: f64, figure: Figure| Figure { ci_low: Some(low), ci_high: Some(high), paths: Some(500), ..figure };
        let (none, some) = (ends(0.0, 0.0, figure(0.0, 0.0)), ends(5_541.0, 6_334.0, figure(6_334.0, 202.0)));
        let baseline = stored(&[]);
        let told: Told<'_> = baseline.scenarios.iter().map(|stored| (&*stored.name, stored)).collect();
        let named = |measure: &str, before, after| Row { measure: measure.into(), ..row(before, after) };
        assert_eq!(reach(&named("pool_loss.var_99", none, some), &told, 4.9), None);
        assert!(reach(&named("pool_loss.mean", none, some), &told, 4.9).is_some());
        let few = |paths: u64| Figure { paths: Some(paths), ..some };
        assert_eq!(reach(&named("amplification", few(9), some), &told, 4.9), None);
        assert!(reach(&named("amplification", few(10), some), &told, 4.9).is_some());
        // the only path there is tells all
        let only = Stored { deterministic: true, ..baseline.scenarios[0].clone() };
        assert!(reach(&named("pool_loss.var_99", none, few(1)), &Told::from([("base", &only)]), 4.9).is_some());
    }
}

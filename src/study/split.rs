//! Splits the change of measures between two programmes into what it comes from.
//!
//! Programmes are run one after another, each with one more source of the second than the one before: m₀ is the first, m₁ the first with the
//! data of the second, and so on to mₙ, the second. A step is the difference of two neighbours, and the steps add up to the whole change,
//! since all between cancels: Σ (mᵢ − mᵢ₋₁) = mₙ − m₀. All but the last have the seed and the paths of the first, so that a step is a paired
//! difference on common random numbers with its own small error; the last takes the seed and the paths of the second over, and its error is
//! that of two independent runs, √(a² + b²). *Alone* is the first with one source of the second and no other: where a step differs from it,
//! the source acts together with those taken over before.
//!
//! A stored report stands before the first, or behind the second: what the engine makes is the figure of the same programme now less the
//! stored one, none where all bits are the same.
//!
//! Every change that was simulated is judged against nothing, all of them together (`noise`).
//!
//! Worked: 10, with the data 12, with the rules too 11.5: steps +2 and −0.5, the whole +1.5. The rules alone −0.8: on the new data they
//! save 0.3 less.

use super::noise::{each_of, side};
use super::regress::Figure;
use super::tornado::Difference;
use crate::measures::pairs::{Figures, apart};
use crate::measures::stated::Basis;
use crate::measures::{Estimate, Flag, Unit};
use crate::model::split::{Differs, Source};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    First,
    Second,
}

/// Why stored figures are left aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// The command asks for other paths.
    Paths,
    /// The programme chooses its paths, or adds to them.
    Sampling,
}

/// Why sources are taken over together, or one cannot be alone: where what stands between is refused, and what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub place: String,
    pub what: String,
}

/// What a line of the split is.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    First,
    /// The stored report against its programme run now; the figures asked for that are equal to the bit, and all of them.
    Engine {
        of: Side,
        equal: usize,
        figures: usize,
    },
    /// Nothing differs.
    Same(Source),
    /// Sources of the second, taken over together where what stands between is refused.
    Taken {
        sources: Vec<Source>,
        why: Option<Refused>,
    },
    Second,
}

impl Step {
    /// Whether it draws other paths, so that it cannot be paired.
    pub fn draws(&self) -> bool {
        matches!(self, Step::Taken { sources, .. } if sources.contains(&Source::Noise))
    }

    /// The sources taken over, or that do not differ.
    pub fn sources(&self) -> &[Source] {
        match self {
            Step::Taken { sources, .. } => sources,
            Step::Same(source) => std::slice::from_ref(source),
            _ => &[],
        }
    }
}

/// A line of the split.
#[derive(Clone, Debug)]
pub struct Row {
    pub step: Step,
    /// Of each measure, what it is behind the step.
    pub figures: Vec<Option<Estimate>>,
    /// Of each measure, what the step changes; nothing where it is not defined before or behind. Of the second the whole change.
    pub changes: Vec<Option<Difference>>,
    /// Of each measure, what the sources change alone; empty where that is the step itself, or was not asked.
    pub alone: Vec<Option<Difference>>,
    /// Why they cannot be alone.
    pub not_alone: Option<Refused>,
}

/// What a change was split into.
#[derive(Clone, Debug)]
pub struct Results {
    /// Keys of `summary.json`.
    pub measures: Vec<String>,
    pub rows: Vec<Row>,
    pub differs: Vec<Differs>,
    /// Two-sided confidence of intervals.
    pub confidence: f64,
    /// Changes judged, and the one-sided confidence of each.
    pub comparisons: usize,
    pub confidence_each: f64,
    /// Paths of the first, which all steps but the last are on, and of the second.
    pub paths: [u64; 2],
}

impl Results {
    /// Whether a measure moved beyond noise, as a whole or by a step that draws no other paths; or is one of one side alone.
    pub fn moved(&self, measure: usize) -> bool {
        let beyond = |row: &Row| row.changes[measure].as_ref().is_some_and(|change| change.side.is_some());
        let has = |row: Option<&Row>| row.is_some_and(|row| row.figures[measure].is_some());
        self.rows.iter().any(|row| !row.step.draws() && beyond(row)) || has(self.rows.first()) != has(self.rows.last())
    }

    /// What differs of some sources.
    pub fn differs_of<'r>(&'r self, sources: &'r [Source]) -> impl Iterator<Item = &'r Differs> {
        self.differs.iter().filter(|differs| differs.source.is_some_and(|source| sources.contains(&source)))
    }

    /// The step that changes a measure most, of those that do beyond noise; what is drawn is none.
    pub fn largest(&self, measure: usize) -> Option<&Row> {
        let ends = |row: &&Row| !matches!(row.step, Step::First | Step::Second) && !row.step.draws();
        let size =
            |row: &&Row| row.changes[measure].as_ref().filter(|change| change.side.is_some()).map(|change| change.estimate.value.abs());
        let steps = self.rows.iter().filter(ends).filter_map(|row| Some((size(&row)?, row)));
        steps
            .fold(None, |most: Option<(f64, &Row)>, next| if most.is_none_or(|most| next.0 > most.0) { Some(next) } else { most })
            .map(|(_, row)| row)
    }

    /// What a measure is at either end; nothing where it is not defined at one.
    pub fn ends(&self, measure: usize) -> Option<[&Estimate; 2]> {
        let [start, end] = [self.rows.first(), self.rows.last()]
            .map(|row| row.and_then(|row| row.figures[measure].as_ref()).filter(|e| e.flag != Some(Flag::Undefined)));
        Some([start?, end?])
    }

    pub fn whole(&self, measure: usize) -> Option<&Difference> {
        self.rows.last().and_then(|row| row.changes[measure].as_ref())
    }
}

/// A run: its figures, in the order of the measures, and the confidence of its intervals.
#[derive(Clone, Copy)]
pub struct Run<'r> {
    pub figures: &'r Figures<'r>,
    pub confidence: f64,
}

/// A step as it was run.
pub struct Taken<'r> {
    pub step: Step,
    /// What it came to; nothing where nothing differs.
    pub run: Option<Run<'r>>,
    /// The first with these sources alone.
    pub alone: Option<Run<'r>>,
    pub not_alone: Option<Refused>,
}

/// What a report that is set beside its own programme had stored, in the order of the measures; nothing for one that it has not.
pub type Stored = Vec<Option<Figure>>;

/// A change before it is judged: whether it is to be, and the confidence of its interval.
struct Raw {
    estimate: Estimate,
    judged: Option<f64>,
}

type RawRow = (Step, Vec<Option<Estimate>>, [Vec<Option<Raw>>; 2], Option<Refused>);

/// Splits the change of every measure.
pub fn split(measures: &[String], first: Run<'_>, taken: Vec<Taken<'_>>, stored: [Option<Stored>; 2]) -> (Vec<Row>, usize, f64) {
    let all = 0..measures.len();
    let figures = |run: Run<'_>| all.clone().map(|at| run.figures.estimate(at).cloned()).collect::<Vec<_>>();
    let [before, behind] = &stored;
    let start = before.as_ref().map_or_else(|| figures(first), |stored| as_stored(stored, first));
    let mut rows: Vec<RawRow> = vec![(Step::First, start.clone(), [none(measures), Vec::new()], None)];
    if let Some(stored) = before {
        rows.push(engine(Side::First, stored, first));
    }
    let (mut last, mut draws, mut ran) = (first, false, false);
    for Taken { step, run, alone, not_alone } in taken {
        let changes: Vec<Option<Raw>> = match run {
            None => all.clone().map(|at| Some(same(last.figures.estimate(at)?))).collect(),
            Some(run) => all.clone().map(|at| less(run, last, at, step.draws())).collect(),
        };
        let alone = alone.map_or_else(Vec::new, |run| all.clone().map(|at| less(run, first, at, false)).collect());
        draws |= step.draws();
        ran |= run.is_some();
        last = run.unwrap_or(last);
        rows.push((step, figures(last), [changes, alone], not_alone));
    }
    let mut end = figures(last);
    if let Some(stored) = behind {
        rows.push(engine(Side::Second, stored, last));
        end = rows.last().map(|row| row.1.clone()).expect("it was added");
    }
    let is_run = |stored: &Option<Stored>, run: Run<'_>, at: usize| stored.as_ref().is_none_or(|s| equal(&s[at], run, at));
    let whole = |at: usize| {
        if is_run(before, first, at) && is_run(behind, last, at) {
            return if ran { less(last, first, at, draws) } else { Some(same(first.figures.estimate(at)?)) };
        }
        let [end, start] = [&end[at], &start[at]].map(|of| of.as_ref().filter(|e| e.flag != Some(Flag::Undefined)));
        let (end, start) = (end?, start?);
        let estimate = apart(end, start, last.confidence, false);
        Some(Raw { estimate, judged: Some(last.confidence) })
    };
    let whole: Vec<Option<Raw>> = all.clone().map(whole).collect();
    rows.push((Step::Second, end, [whole, Vec::new()], None));
    let judged = rows.iter().flat_map(|row| row.2.iter().flatten().flatten()).filter(|raw| raw.judged.is_some()).count();
    let each = each_of(judged, first.confidence);
    let judge = |raws: Vec<Option<Raw>>| -> Vec<Option<Difference>> {
        let of = |Raw { estimate, judged }: Raw| {
            let side = judged.and_then(|shown| side(&estimate, each, shown));
            Difference { estimate, side }
        };
        raws.into_iter().map(|raw| raw.map(of)).collect()
    };
    let row = |(step, figures, [changes, alone], not_alone): RawRow| Row {
        step,
        figures,
        changes: judge(changes),
        alone: judge(alone),
        not_alone,
    };
    (rows.into_iter().map(row).collect(), judged, each)
}

fn none(measures: &[String]) -> Vec<Option<Raw>> {
    measures.iter().map(|_| None).collect()
}

fn less(run: Run<'_>, before: Run<'_>, at: usize, draws: bool) -> Option<Raw> {
    let estimate = if draws { run.figures.less_apart(before.figures, at) } else { run.figures.less(before.figures, at) }?;
    Some(Raw { estimate, judged: Some(run.confidence) })
}

/// No change at all.
fn same(of: &Estimate) -> Raw {
    let estimate = Estimate {
        value: 0.0,
        std_error: 0.0,
        ci_low: 0.0,
        ci_high: Some(0.0),
        plain_paths: None,
        flag: None,
        basis: Basis::Exact,
        ..of.clone()
    };
    Raw { estimate, judged: None }
}

/// Whether a stored figure is that of a run to the bit; so is one that neither has.
fn equal(stored: &Option<Figure>, run: Run<'_>, at: usize) -> bool {
    match (stored, run.figures.estimate(at)) {
        (Some(stored), Some(now)) => {
            // an interval may have been made at another confidence
            let bits = |figure: &Figure| ([figure.value, figure.std_error].map(|x| x.map(f64::to_bits)), figure.flag, figure.paths);
            bits(stored) == bits(&Figure::of(now))
        }
        (None, None) => true,
        _ => false,
    }
}

/// What the engine makes: of the first the figure now less the stored one, of the second the other way round.
fn engine(of: Side, stored: &Stored, run: Run<'_>) -> RawRow {
    let change = |(at, stored): (usize, &Option<Figure>)| {
        let now = run.figures.estimate(at)?;
        if equal(stored, run, at) {
            return (now.flag != Some(Flag::Undefined)).then(|| same(now));
        }
        let stored = stored.as_ref().map(stated).filter(|stored| stored.flag != Some(Flag::Undefined))?;
        let now = Some(now).filter(|now| now.flag != Some(Flag::Undefined))?;
        let estimate = match of {
            Side::First => apart(now, &stored, run.confidence, false),
            Side::Second => apart(&stored, now, run.confidence, false),
        };
        Some(Raw { estimate, judged: Some(run.confidence) })
    };
    let changes = stored.iter().enumerate().map(change).collect();
    let equal = stored.iter().enumerate().filter(|(at, stored)| equal(stored, run, *at)).count();
    let behind = match of {
        Side::First => (0..stored.len()).map(|at| run.figures.estimate(at).cloned()).collect(),
        Side::Second => as_stored(stored, run),
    };
    (Step::Engine { of, equal, figures: stored.len() }, behind, [changes, Vec::new()], None)
}

/// Stored figures; one that is that of the run to the bit as the run has it, with all that bounds it.
fn as_stored(stored: &Stored, run: Run<'_>) -> Vec<Option<Estimate>> {
    let of = |(at, stored): (usize, &Option<Figure>)| match equal(stored, run, at) {
        true => run.figures.estimate(at).cloned(),
        false => stored.as_ref().map(stated),
    };
    stored.iter().enumerate().map(of).collect()
}

/// A stored figure as it was stated.
fn stated(figure: &Figure) -> Estimate {
    let value = figure.defined();
    Estimate {
        value: value.unwrap_or(0.0),
        std_error: figure.std_error.unwrap_or(f64::INFINITY),
        ci_low: figure.ci_low.unwrap_or(f64::NEG_INFINITY),
        ci_high: figure.ci_high,
        paths: figure.paths.unwrap_or(0),
        plain_paths: None,
        unit: figure.unit.unwrap_or(Unit::Number),
        flag: if value.is_some() { figure.flag } else { Some(Flag::Undefined) },
        basis: Basis::Sides,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::noise;

    fn figure(value: f64) -> Estimate {
        let ends = (value - 1.96, Some(value + 1.96));
        let unit = Unit::Money;
        Estimate {
            value,
            std_error: 1.0,
            ci_low: ends.0,
            ci_high: ends.1,
            paths: 9,
            plain_paths: None,
            unit,
            flag: None,
            basis: Basis::Sides,
        }
    }

    fn row(step: Step, change: Option<f64>) -> Row {
        let changes = vec![change.map(|value| {
            let estimate = figure(value);
            let side = noise::side(&estimate, each_of(3, 0.95), 0.95);
            Difference { estimate, side }
        })];
        Row { step, figures: vec![Some(figure(0.0))], changes, alone: Vec::new(), not_alone: None }
    }

    fn taken(source: Source) -> Step {
        Step::Taken { sources: vec![source], why: None }
    }

    fn results(rows: Vec<Row>) -> Results {
        let measures = vec!["pool_loss.mean".to_string()];
        Results { measures, rows, differs: Vec::new(), confidence: 0.95, comparisons: 3, confidence_each: each_of(3, 0.95), paths: [9; 2] }
    }

    #[test]
    fn what_is_drawn_anew_moves_nothing_and_two_steps_that_cancel_do() {
        let still = results(vec![row(taken(Source::Data), Some(1.0)), row(taken(Source::Noise), Some(9.0)), row(Step::Second, Some(2.0))]);
        assert!(!still.moved(0) && still.largest(0).is_none());
        let cancelled =
            results(vec![row(taken(Source::Data), Some(8.0)), row(taken(Source::Model), Some(-9.0)), row(Step::Second, Some(-1.0))]);
        assert!(cancelled.moved(0));
        assert_eq!(cancelled.largest(0).map(|row| row.step.clone()), Some(taken(Source::Model)));
    }

    #[test]
    fn a_stored_figure_is_read_as_it_was_stated() {
        let stored = Figure::of(&figure(5.0));
        let read = stated(&stored);
        assert_eq!((read.value, read.std_error, read.ci_high, read.flag), (5.0, 1.0, Some(6.96), None));
        assert_eq!(stated(&Figure { value: None, ..stored }).flag, Some(Flag::Undefined));
        let joined = Step::Taken { sources: vec![Source::Model, Source::Noise], why: None };
        assert!(joined.draws() && !taken(Source::Model).draws());
    }
}

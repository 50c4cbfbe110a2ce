//! Draws every chart of books at their extremes, and looks where its texts and shapes lie: on the sheet, and no text over another.

use super::{Chart, draw};
use crate::measures::{Estimate, Unit};
use crate::model::case::Language;
use crate::model::part::Words;
use crate::report::facts::{Facts, ScenarioFacts};
use crate::report::fonts::Fonts;
use crate::report::sample;
use resvg::usvg::{self, Group, Node, Rect};

/// How far a stroke or an accent may reach over an edge.
const HAIR: f32 = 3.0;

/// What lies where.
#[derive(Default)]
struct Drawn {
    texts: Vec<(String, Rect)>,
    shapes: Vec<Rect>,
}

fn look(group: &Group, drawn: &mut Drawn) {
    for node in group.children() {
        match node {
            Node::Group(group) => look(group, drawn),
            Node::Text(text) => {
                let words: String = text.chunks().iter().map(|chunk| chunk.text().to_string()).collect();
                drawn.texts.push((words, text.flattened().abs_bounding_box()));
            }
            other => drawn.shapes.push(other.abs_bounding_box()),
        }
    }
}

/// Texts and shapes that leave the sheet, and texts that lie over each other.
fn faults(chart: &Chart, fonts: &Fonts) -> Vec<String> {
    let options = usvg::Options { fontdb: fonts.database(), font_family: crate::report::fonts::FAMILY.into(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&chart.svg_text, &options).expect("a chart is an SVG");
    let mut drawn = Drawn::default();
    look(tree.root(), &mut drawn);
    let (width, height) = (tree.size().width(), tree.size().height());
    let off = |r: &Rect| r.left() < -HAIR || r.top() < -HAIR || r.right() > width + HAIR || r.bottom() > height + HAIR;
    let mut found: Vec<String> =
        drawn.texts.iter().filter(|(_, r)| off(r)).map(|(text, r)| format!("{}: “{text}” leaves the sheet: {r:?}", chart.slug)).collect();
    found.extend(drawn.shapes.iter().filter(|r| off(r)).map(|r| format!("{}: a shape leaves the sheet: {r:?}", chart.slug)));
    for (at, (a, over)) in drawn.texts.iter().enumerate() {
        for (b, under) in &drawn.texts[at + 1..] {
            let across = over.right().min(under.right()) - over.left().max(under.left());
            let down = over.bottom().min(under.bottom()) - over.top().max(under.top());
            if across > HAIR && down > HAIR {
                found.push(format!("{}: “{a}” lies over “{b}”", chart.slug));
            }
        }
    }
    found
}

/// Every figure in money times a factor; at 0 nothing else happens either.
fn scaled(facts: &mut Facts<'_>, factor: f64) {
    let change = |e: &mut Estimate| {
        if e.unit == Unit::Money || factor == 0.0 {
            (e.value, e.std_error, e.ci_low) = (e.value * factor, e.std_error * factor, e.ci_low * factor);
            e.ci_high = e.ci_high.map(|high| high * factor);
        }
    };
    for s in &mut facts.scenarios {
        s.measures.values_mut().chain(s.difference.values_mut()).for_each(change);
        s.exceedance.curve.iter_mut().map(|p| &mut p.1).for_each(change);
        s.sales_by_day.iter_mut().flatten().for_each(change);
        if let Some(causes) = &mut s.causes {
            causes.accounts.iter_mut().chain(&mut causes.symbols).for_each(|driver| change(&mut driver.part));
        }
        (s.histogram.low, s.histogram.high) = (s.histogram.low * factor, s.histogram.high * factor);
        if factor == 0.0 {
            s.histogram.counts.iter_mut().for_each(|n| *n = 0);
            (s.histogram.zeros, s.histogram.beyond) = (s.histogram.paths, 0);
        }
        if factor != 0.0 {
            s.fan.value.iter_mut().flatten().for_each(|v| *v *= factor);
            s.fan.end.iter_mut().for_each(change);
        }
    }
    let book = &mut facts.snapshot;
    book.tiers.iter_mut().for_each(|tier| tier.capital *= factor);
    book.ladder.iter_mut().for_each(|r| (r.loans, r.funding, r.gap) = (r.loans * factor, r.funding * factor, r.gap * factor));
    facts.limits.iter_mut().for_each(|l| change(&mut l.estimate));
}

fn renamed(facts: &mut Facts<'_>, name: impl Fn(usize) -> String) {
    for (at, s) in facts.scenarios.iter_mut().enumerate().skip(1) {
        let own = std::mem::replace(&mut s.name, name(at));
        facts.limits.iter_mut().filter(|l| l.scenario == own).for_each(|l| l.scenario = s.name.clone());
    }
}

const LONG: Words = Words(
    "Ten sessions locked at the lower limit from the first day on while no client pays and every funder leaves",
    "自首个交易日起连续十个交易日一字跌停且融资客户均未补足担保物之极端压力测试情景",
);

#[test]
fn no_chart_of_an_extreme_book_is_clipped_or_has_a_text_over_another() {
    let fonts = Fonts::load(None).expect("the embedded fonts");
    type Extreme = (&'static str, fn(&mut Facts<'_>, &str));
    let extremes: [Extreme; 7] = [
        ("as it is", |_, _| {}),
        ("nothing lost", |facts, _| scaled(facts, 0.0)),
        ("losses of 10^12", |facts, _| scaled(facts, 1e6)),
        ("losses of cents", |facts, _| scaled(facts, 1e-8)),
        ("long names", |facts, long| {
            renamed(facts, |at| format!("{at}{long}"));
            facts.snapshot.days_to_sell.iter_mut().flat_map(|d| &mut d.slowest).for_each(|row| row.1 = long.into());
        }),
        ("many scenarios", |facts, _| {
            let more: Vec<ScenarioFacts> = (0..61).map(|at| facts.scenarios[1 + at % 4].clone()).collect();
            facts.scenarios.extend(more);
            renamed(facts, |at| format!("scenario {at} of very many"));
        }),
        ("one path", |facts, _| facts.scenarios.retain(|s| s.deterministic)),
    ];
    let mut found = Vec::new();
    for language in [Language::En, Language::Zh] {
        let programme = sample::programme(language);
        for (name, change) in &extremes {
            let mut facts = sample::facts(&programme);
            change(&mut facts, if language == Language::Zh { LONG.1 } else { LONG.0 });
            for chart in draw(&facts, language) {
                found.extend(faults(&chart, &fonts).into_iter().map(|fault| format!("{name}, {language:?}: {fault}")));
            }
        }
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

//! Writes reverse stress tests as JSON: what was asked, every ray that was searched, the check on other paths, who breaks first.

use super::frame::finite;
use crate::measures::Estimate;
use crate::model::reverse::{Limit, Search};
use crate::model::way::{Moves, Way};
use crate::study::reverse::Ray;
use crate::study::reverse::answer::{Answer, Breaks, Checked};
use crate::study::reverse::line::{Ending, Tried};
use crate::study::reverse::plausible::Plausibility;
use serde::Serialize;

/// One reverse stress test.
#[derive(Serialize)]
pub struct Test<'a> {
    name: &'a str,
    scenario: &'a str,
    measure: &'a str,
    limit: Limit,
    confidence: f64,
    search: Search,
    paths: u64,
    settings_tried: usize,
    changes: Vec<Change<'a>>,
    /// The number of the ray that is the answer, from 1.
    best: Option<usize>,
    rays: Vec<RayRow<'a>>,
    checked: Option<&'a Checked>,
    breaks: Option<&'a Breaks>,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    /// The key that moves; of a shock, that of its size.
    key: String,
    from: f64,
    to: f64,
}

#[derive(Serialize)]
struct RayRow<'a> {
    ending: Ending,
    /// Part of each change's way at the far end.
    direction: &'a [f64],
    boundary: Option<Place<'a>>,
    holds: Option<Place<'a>>,
    fails: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plausibility: Option<&'a Plausibility>,
}

/// A place: the part of the ray, and each change's value; the error of both where the place is estimated.
#[derive(Serialize)]
struct Place<'a> {
    place: f64,
    values: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_std_error: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values_std_error: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<&'a Estimate>,
}

/// A test as it is written.
pub fn test(answer: &Answer) -> Test<'_> {
    let change = |way: &'_ Way| {
        let key = match &way.moves {
            Moves::Key(key) => key.clone(),
            Moves::Shock(shock, key) => format!("{}.{key}", shock.declared().key),
        };
        (key, way.from, way.to)
    };
    let changes = (answer.ways.iter())
        .map(|way| {
            let (key, from, to) = change(way);
            Change { title: &way.title.en, key, from, to }
        })
        .collect();
    Test {
        name: &answer.reverse.name,
        scenario: &answer.scenario,
        measure: &answer.reverse.measure,
        limit: answer.limit,
        confidence: answer.reverse.confidence.get(),
        search: answer.reverse.search,
        paths: answer.paths,
        settings_tried: answer.tried,
        changes,
        best: answer.best().map(|at| at + 1),
        rays: answer.rays.iter().map(|ray| ray_row(answer, ray)).collect(),
        checked: answer.checked.as_ref(),
        breaks: answer.breaks.as_ref(),
    }
}

fn ray_row<'a>(answer: &Answer, ray: &'a Ray) -> RayRow<'a> {
    let at = |tried: &'a Tried| Place {
        place: tried.place,
        values: values(answer, ray, tried.place),
        place_std_error: None,
        values_std_error: None,
        estimate: tried.estimate.as_ref(),
    };
    RayRow {
        ending: ray.found.ending,
        direction: &ray.direction,
        boundary: ray.found.boundary.map(|(place, error)| {
            let error = finite(error);
            let spread = |error: f64| -> Vec<f64> {
                answer.ways.iter().zip(&ray.direction).map(|(way, far)| (error * far * (way.to - way.from)).abs()).collect()
            };
            Place { place, values: values(answer, ray, place), place_std_error: error, values_std_error: error.map(spread), estimate: None }
        }),
        holds: ray.found.holds.as_ref().map(at),
        fails: ray.found.fails.as_ref().map(at),
        plausibility: ray.plausibility.as_ref(),
    }
}

/// The value of every change at a place of a ray.
pub fn values(answer: &Answer, ray: &Ray, place: f64) -> Vec<f64> {
    answer.ways.iter().zip(ray.at(place)).map(|(way, place)| way.at(place).number.expect("a way is of numbers")).collect()
}

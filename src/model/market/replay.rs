//! Replays a dated window of the past, session by session, halts and limit locks included.
//!
//! Formula: simulated day `d` is the history's session `start + d` for every symbol; every path is the same.

use super::past::{Past, window_in_words};
use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, Tile};
use crate::maths::random::Streams;
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use crate::units::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[market.replay]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replay {
    /// The first session replayed (or the next one in the history).
    pub start: Day,
}

struct Fitted {
    past: Past,
    notes: Vec<Note>,
}

impl Part for Replay {
    const DECLARED: Declared = Declared {
        key: "replay",
        kind: Kind::Replay,
        what: Words("one dated window of the past, as it happened", "历史上某一区间的如实重演"),
        formula: "simulated session d is the d-th session of the history from the start on",
        source: "",
        params: &[Param {
            key: "start",
            unit: Unit::Date,
            range: Bounds::ANY,
            absent: Absent::Required,
            shown: "\"2015-06-15\"",
            meaning: Words("first session replayed", "重演的首个交易日"),
        }],
        sentences: &[Words("replay of the past from {start}", "自 {start} 起的历史重演")],
        figures: &[Figure { name: "sessions", words: Words("Sessions replayed", "重演的交易日数") }],
    };
}

impl ModelSpec for Replay {
    fn name(&self) -> Words {
        Words("replay", "历史重演")
    }

    fn replayed_from(&self) -> Option<Day> {
        Some(self.start)
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let history = &request.market.history;
        let first = history.dates.partition_point(|d| *d < self.start);
        let left = history.days() - first;
        if left < request.horizon_days {
            let span = match (history.dates.first(), history.dates.last()) {
                (Some(first), Some(last)) => format!("the history runs from {first} to {last}"),
                _ => "the history is empty".into(),
            };
            return Err(model_problem(
                "market.replay.start",
                format!("{left} sessions from {} on, {} asked for", self.start, request.horizon_days),
                format!("a replay needs a session of the past for every day of the horizon; {span}"),
                "start earlier, shorten simulation.horizon-days, or bring a longer history",
            )
            .into());
        }
        let window = first..first + request.horizon_days;
        let past = Past::of(request, window.clone());
        let words = window_in_words(request, &window);
        let mut notes = vec![Note::new(format!("{} are replayed", words.en), format!("重演{}", words.zh))];
        if history.dates.get(first).is_some_and(|d| *d != self.start) {
            notes.push(Note::new(
                format!("{} is no session of the history; the next one opens the replay", self.start),
                format!("{} 不是历史中的交易日，自其后一个交易日开始重演", self.start),
            ));
        }
        notes.extend(past.note_on_missing());
        Ok(Box::new(Fitted { past, notes }))
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, _streams: &Streams) {
        assert!(
            tile.days <= self.past.days && tile.symbols == self.past.symbols,
            "a tile of {} days and {} symbols for a replay of {} and {}",
            tile.days,
            tile.symbols,
            self.past.days,
            self.past.symbols
        );
        for day in 0..tile.days {
            self.past.gather(tile, day, &[day; LANES]);
        }
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    fn card(&self) -> ModelCard {
        ModelCard { model: "replay".into(), parameters: vec![("sessions".into(), self.past.days as f64, None)], notes: self.notes.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy;
    use super::*;
    use crate::model::history::flag;

    #[test]
    fn a_replay_gives_the_window_as_it_was() {
        let market = toy::market(3, 10);
        let request = toy::request(&market, &[0, 2], 4);
        let start = market.history.dates[5];
        let model = Replay { start }.fit(&request).expect("enough sessions");
        assert!(model.is_deterministic());
        let mut buffer = toy::Buffer::new(4, 2);
        model.fill(&mut buffer.tile(0), &Streams::new(1));
        for day in 0..4 {
            for (k, symbol) in [0, 2].into_iter().enumerate() {
                for lane in 0..LANES {
                    let at = (day * 2 + k) * LANES + lane;
                    assert_eq!(buffer.simple_return[at], market.history.row(5 + day)[symbol]);
                    assert_eq!(buffer.state[at], market.history.flag_row(5 + day)[symbol]);
                }
            }
        }
        assert!(buffer.state.iter().all(|s| s & flag::PRESENT != 0));
    }

    #[test]
    fn too_short_a_past_names_how_many_sessions_it_has() {
        let market = toy::market(1, 10);
        let request = toy::request(&market, &[0], 4);
        let problems = Replay { start: market.history.dates[7] }.fit(&request).err().expect("three sessions are too few");
        let text = problems.to_string();
        assert!(text.contains("3 sessions from") && text.contains("4 asked for"), "{text}");
        assert_eq!(problems.exit_code(), crate::problem::exit::MODEL);
    }
}

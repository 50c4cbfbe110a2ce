//! Runs the book through paths that the user gives: the output of a scenario generator of their own, a row per path, session and symbol.
//!
//! Formula: simulated day `d` of path `p` has the simple returns, halts, limit locks and volumes of the file's path `p`, session
//! `d + 1`. A day that is not said to be halted or locked is bound by the exchange's limits like a day of any other model.

use super::{FitRequest, LANES, MarketModel, ModelCard, ModelSpec, Tile};
use crate::maths::random::Streams;
use crate::model::given_paths::GivenPaths;
use crate::model::history::flag;
use crate::model::lineage::Note;
use crate::model::part::{Absent, Bounds, Declared, Figure, Kind, Param, Part, Unit, Words};
use crate::problem::Problems;
use crate::problem::model_problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// `[market.given]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// The file of paths, CSV or Parquet: `path,day,symbol,return[,halted,locked_down,locked_up,volume]`.
    pub paths: String,
}

struct Fitted {
    given: Arc<GivenPaths>,
    /// Column of each simulated symbol.
    columns: Vec<usize>,
}

impl Part for Given {
    const DECLARED: Declared = Declared {
        key: "given",
        kind: Kind::OwnPaths,
        what: Words("paths of your own, a row per path, session and symbol", "使用者给出的路径，每条路径、交易日与证券一行"),
        formula: "the returns, halts, locks and volumes of session d + 1 of path p of the file",
        source: "",
        params: &[Param {
            key: "paths",
            unit: Unit::File,
            range: Bounds::ANY,
            absent: Absent::Required,
            shown: "\"data/paths.parquet\"",
            meaning: Words("the file of paths, one choice a scenario", "路径文件，每个情景择一"),
        }],
        sentences: &[Words("paths given by the user in {paths}", "使用者在 {paths} 中给出的路径")],
        figures: &[Figure { name: "paths", words: Words("Paths of the file", "文件中的路径数") }],
    };
}

impl ModelSpec for Given {
    fn name(&self) -> Words {
        Words("given paths", "给定路径")
    }

    fn fit(&self, request: &FitRequest<'_>) -> Result<Box<dyn MarketModel>, Problems> {
        let key = "market.given.paths";
        let Some(given) = request.market.given.iter().find(|given| given.file == self.paths) else {
            let why = "paths are read with the data files of a programme";
            return Err(model_problem(key, format!("{} was not read", self.paths), why, "name a file of paths").into());
        };
        let names = &request.market.history.symbols;
        let mut columns = Vec::with_capacity(request.symbols.len());
        for symbol in request.symbols {
            match given.symbols.binary_search(&names[*symbol]) {
                Ok(column) => columns.push(column),
                Err(_) => {
                    let what = format!("{} has no path of {}", self.paths, names[*symbol]);
                    let why = "given paths move every symbol that is simulated";
                    return Err(model_problem(key, what, why, "add its rows to the file").into());
                }
            }
        }
        if given.days < request.horizon_days {
            let what = format!("{} has {} sessions, {} asked for", self.paths, given.days, request.horizon_days);
            let why = "a given path needs a session for every day of the horizon";
            return Err(model_problem(key, what, why, "shorten simulation.horizon-days, or bring longer paths").into());
        }
        Ok(Box::new(Fitted { given: Arc::clone(given), columns }))
    }
}

impl MarketModel for Fitted {
    fn fill(&self, tile: &mut Tile<'_>, _streams: &Streams) {
        let given = &*self.given;
        let width = given.symbols.len();
        for day in 0..tile.days {
            for symbol in 0..tile.symbols {
                let at = tile.at(day, symbol);
                for lane in 0..LANES {
                    // what measures the model draws more paths than there are: each as often as any other
                    let path = (tile.paths[lane] % given.paths as u64) as usize;
                    let from = (path * given.days + day) * width + self.columns[symbol];
                    tile.simple_return[at + lane] = given.simple_return[from];
                    tile.state[at + lane] = given.state[from];
                    if !tile.volume.is_empty() {
                        tile.volume[at + lane] = given.volume.get(from).copied().unwrap_or(1.0);
                    }
                }
            }
        }
    }

    fn severity(&self, paths: Range<u64>, days: usize, _streams: &Streams) -> Option<Vec<f64>> {
        let width = self.given.symbols.len();
        let of_path = |path: u64| {
            let from = path.min(self.given.paths as u64 - 1) as usize * self.given.days * width;
            let means = self.given.simple_return[from..from + days * width].chunks_exact(width);
            let (_, low) = means.map(|row| row.iter().fold(0.0, |sum, r| sum + r)).fold((0.0, 0.0_f64), |(sum, low), move_sum| {
                let sum: f64 = sum + move_sum;
                (sum, low.min(sum))
            });
            low
        };
        Some(paths.map(of_path).collect())
    }

    fn log_growth(&self, symbol: usize, power: f64, days: usize) -> Vec<f64> {
        let given = &*self.given;
        // one path is no law
        if given.paths == 1 {
            return vec![0.0; days];
        }
        let width = given.symbols.len();
        let cells = || (0..given.paths * given.days).map(|row| row * width + self.columns[symbol]);
        let logs =
            || cells().filter(|cell| given.state[*cell] & flag::HALTED == 0).map(|cell| power * libm::log1p(given.simple_return[cell]));
        let highest = logs().fold(f64::NEG_INFINITY, f64::max);
        let (sum, count) = logs().fold((0.0, 0.0), |(sum, count), x| (sum + libm::exp(x - highest), count + 1.0));
        vec![if highest.is_finite() { highest + libm::log(sum / count) } else { 0.0 }; days]
    }

    fn is_deterministic(&self) -> bool {
        self.given.paths == 1
    }

    fn card(&self) -> ModelCard {
        let given = &self.given;
        let notes = vec![Note::new(
            format!("{} gives {} paths of {} sessions", given.file, given.paths, given.days),
            format!("{} 给出 {} 条路径，每条 {} 个交易日", given.file, given.paths, given.days),
        )];
        ModelCard { model: "given".into(), parameters: vec![("paths".into(), given.paths as f64, None)], notes }
    }
}

#[cfg(test)]
mod tests {
    use super::super::toy;
    use super::*;
    use crate::model::given_paths::GivenPaths;
    use crate::model::history::flag;

    #[test]
    fn a_path_of_the_file_is_a_path_of_the_run() {
        let mut market = toy::market(3, 10);
        let symbols: Vec<String> = market.history.symbols.clone();
        let cells = 20 * 4 * 3;
        market.given.push(Arc::new(GivenPaths {
            file: "p.csv".into(),
            symbols,
            days: 4,
            paths: 20,
            simple_return: (0..cells).map(|cell| cell as f64 * 1e-4).collect(),
            state: (0..cells).map(|cell| if cell % 7 == 0 { flag::HALTED } else { 0 }).collect(),
            volume: Vec::new(),
        }));
        let request = toy::request(&market, &[0, 2], 3);
        let model = Given { paths: "p.csv".into() }.fit(&request).expect("the file covers all that is asked");
        let mut buffer = toy::Buffer::new(3, 2);
        model.fill(&mut buffer.tile(0), &Streams::new(1));
        for (day, k, lane) in [(0, 0, 0), (2, 1, 5), (1, 0, 15)] {
            let from = (lane * 4 + day) * 3 + [0, 2][k];
            assert_eq!(buffer.simple_return[(day * 2 + k) * LANES + lane], from as f64 * 1e-4);
            assert_eq!(buffer.state[(day * 2 + k) * LANES + lane], if from % 7 == 0 { flag::HALTED } else { 0 });
        }
        let problems = Given { paths: "p.csv".into() }.fit(&toy::request(&market, &[0], 5)).err().expect("four sessions are too few");
        assert!(problems.to_string().contains("4 sessions, 5 asked for"), "{problems}");
    }
}

//! Reads the paths of `[market.given]`: a row per path, session and symbol, complete for every symbol the book holds.

use super::Gather;
use super::cells::{self, Rule};
use super::headers::GIVEN;
use super::join::lookup;
use super::opened;
use super::table::Table;
use crate::model::case::Programme;
use crate::model::given_paths::GivenPaths;
use crate::model::history::{Market, flag};
use crate::model::market::MarketSpec;
use crate::problem::{Kind, Place, Problem};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const RETURN: Rule = Rule::any("a simple return is -100 % or more", "write 0.0125, or -1.25% with its sign").at_least(-1.0).ratio();
const NUMBER: Rule = Rule::any("paths and sessions are numbered", "write a whole number").at_least(0.0).at_most(4e9);
const VOLUME: Rule = Rule::any("turnover over its average is 0 or more", "write 1 for an average session").at_least(0.0);

/// What one file is asked for: by a scenario's own model or a further one of its panel, paths and sessions.
struct Asked {
    key: String,
    /// The key that says how many paths.
    number: &'static str,
    paths: u64,
    days: u32,
}

/// Every file of paths that a programme names, and what each is asked for.
fn asked(programme: &Programme) -> BTreeMap<&str, Vec<Asked>> {
    let mut asked: BTreeMap<&str, Vec<Asked>> = BTreeMap::new();
    let panel = &programme.model_risk;
    for (at, scenario) in programme.scenarios.iter().enumerate() {
        let (simulation, name) = (&scenario.case.simulation, &scenario.name);
        let above = if at == 0 { String::new() } else { format!("scenario.{name}.") };
        // of a sample every candidate is drawn, of a run that grows all that there may be
        let number = match (simulation.sampling.is_plain(), &simulation.until) {
            (true, None) => "simulation.paths",
            (true, Some(_)) => "simulation.until.max-paths",
            (false, _) => "simulation.sampling.candidates",
        };
        let drawn = |paths| simulation.sampling.candidates_of(paths);
        let own = (above, &scenario.case.market, number, simulation.most_drawn());
        let further = panel.models.iter().enumerate().filter(|_| panel.shows(name));
        let further = further.map(|(m, further)| {
            let number = if simulation.sampling.is_plain() { "model-risk.paths" } else { number };
            (format!("model-risk.models[{}].", m + 1), &further.market, number, drawn(panel.paths_of(simulation)))
        });
        for (above, market, number, paths) in std::iter::once(own).chain(further) {
            if let MarketSpec::Given(given) = market {
                let one = Asked { key: format!("{above}market.given.paths"), number, paths, days: simulation.horizon_days };
                asked.entry(&given.paths).or_default().push(one);
            }
        }
    }
    asked
}

/// Reads every file of paths that a scenario or a further model of its panel names, once, into the market.
pub fn read(programme: &Programme, market: &mut Market, held: &BTreeSet<usize>, gather: &mut Gather) {
    for (file, asked) in asked(programme) {
        let Some(paths) = read_file(file, programme, market, held, gather) else { continue };
        for one in asked {
            let place = || Place::default().field(one.key.clone());
            if one.paths > paths.paths as u64 {
                let what = format!("{file} has {} paths, {} asked for", paths.paths, one.paths);
                let fix = format!("set {} = {} or fewer, or bring more paths", one.number, paths.paths);
                gather.problems.push(Problem::new(Kind::Programme, place(), what, "a given path is run once", fix));
            }
            if one.days as usize > paths.days {
                let what = format!("{file} has {} sessions, {} asked for", paths.days, one.days);
                let fix = format!("set simulation.horizon-days = {} or fewer, or bring longer paths", paths.days);
                gather.problems.push(Problem::new(
                    Kind::Programme,
                    place(),
                    what,
                    "a path needs a session for every day of the horizon",
                    fix,
                ));
            }
        }
        market.given.push(Arc::new(paths));
    }
}

fn read_file(file: &str, programme: &Programme, market: &Market, held: &BTreeSet<usize>, gather: &mut Gather) -> Option<GivenPaths> {
    let before = gather.problems.len();
    let table = opened::read(&GIVEN, file, &programme.folder, &programme.data, gather)?;
    if table.refuse_numbers("symbol", gather) {
        return None;
    }
    let path = whole(&table, "path", gather)?;
    let day = whole(&table, "day", gather)?;
    let (named, symbol) = table.named_ids("symbol", cells::symbol, gather);
    let returns = table.numbers("return", &RETURN, gather)?;
    let flags = [("halted", flag::HALTED), ("locked_down", LOCKED_DOWN), ("locked_up", LOCKED_UP)];
    let flags: Vec<(Vec<Option<bool>>, u8)> = flags.iter().filter_map(|(name, bits)| Some((table.flags(name, gather)?, *bits))).collect();
    let volume = table.numbers("volume", &VOLUME, gather);
    if gather.problems.len() > before {
        return None;
    }
    if table.rows == 0 {
        let fix = "write a row for each path, session and symbol";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), "has no rows", "there is no path to run", fix));
        return None;
    }
    // the symbols of the file that the book holds, under the market's names
    let names = &market.history.symbols;
    let meant: Vec<Option<usize>> = named.iter().map(|n| lookup(names, n).ok().and_then(|n| market.history.symbol_index(&n))).collect();
    let columns: Vec<usize> = held.iter().copied().collect();
    let column_of: Vec<Option<usize>> = meant.iter().map(|index| index.and_then(|i| columns.binary_search(&i).ok())).collect();
    for missing in columns.iter().filter(|index| !meant.contains(&Some(**index))) {
        let what = format!("has no row of {}", names[*missing]);
        let why = "the book holds it, and given paths move every symbol that is held";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), what, why, "add its rows"));
    }
    let first_path = path.iter().copied().min().unwrap_or(0);
    if first_path > 1 {
        let what = format!("the first path is number {first_path}");
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), what, "paths are numbered from 0 or 1", "renumber them"));
    }
    let paths = path.iter().copied().max().unwrap_or(0) - first_path + 1;
    let days = day.iter().copied().max().unwrap_or(0);
    let cells = paths.checked_mul(days).and_then(|n| n.checked_mul(columns.len()));
    if gather.problems.len() > before {
        return None;
    }
    let Some(cells) = cells.filter(|cells| *cells <= table.rows) else {
        let what = format!("{} rows for {paths} paths of {days} sessions and {} held symbols", table.rows, columns.len());
        let why = "every path has a row for each session and each held symbol, numbered without gaps";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), what, why, "add the missing rows"));
        return None;
    };
    let mut given = GivenPaths {
        file: file.into(),
        symbols: columns.iter().map(|index| names[*index].clone()).collect(),
        days,
        paths,
        simple_return: vec![f64::NAN; cells],
        state: vec![0; cells],
        volume: if volume.is_some() { vec![1.0; cells] } else { Vec::new() },
    };
    for row in 0..table.rows {
        let Some(column) = column_of[symbol[row] as usize] else { continue };
        if day[row] == 0 {
            gather.problems.push(table.problem(row, "day", "found 0", "sessions are numbered from 1", "number the first session 1"));
            continue;
        }
        let at = ((path[row] - first_path) * days + day[row] - 1) * columns.len() + column;
        if !given.simple_return[at].is_nan() {
            let what = format!("path {}, session {} of {} stands on an earlier line too", path[row], day[row], names[columns[column]]);
            gather.problems.push(table.problem(row, "path", what, "a session of a path has one return", "delete one of the rows"));
        }
        given.simple_return[at] = returns[row];
        given.state[at] = flags.iter().filter(|(set, _)| set[row] == Some(true)).fold(0, |state, (_, bits)| state | bits);
        if let Some(volume) = &volume {
            given.volume[at] = volume[row] as f32;
        }
    }
    if let Some(at) = given.simple_return.iter().position(|r| r.is_nan()).filter(|_| gather.problems.len() == before) {
        let missing = given.simple_return.iter().filter(|r| r.is_nan()).count();
        let (column, day, path) = (at % columns.len(), at / columns.len() % days + 1, at / columns.len() / days + first_path);
        let what = format!("{missing} of {cells} returns are missing, the first of path {path}, session {day}, {}", given.symbols[column]);
        let why = "every path has a row for each session and each held symbol";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), what, why, "add the missing rows"));
    }
    if let Some(at) = (0..cells).find(|at| given.state[*at] & flag::HALTED != 0 && given.simple_return[*at] != 0.0) {
        let (column, day, path) = (at % columns.len(), at / columns.len() % days + 1, at / columns.len() / days + first_path);
        let what = format!("path {path}, session {day}: {} is halted and moves by {}", given.symbols[column], given.simple_return[at]);
        let fix = "write 0 on halted sessions, and the move on the session that trades again";
        gather.problems.push(Problem::new(Kind::Data, Place::file(file), what, "a halted name keeps its price", fix));
    }
    (gather.problems.len() == before).then_some(given)
}

/// Locked all day: the close stands at the limit too.
const LOCKED_DOWN: u8 = flag::LOCKED_DOWN | flag::CLOSE_DOWN;
const LOCKED_UP: u8 = flag::LOCKED_UP | flag::CLOSE_UP;

/// A column of whole numbers.
fn whole(table: &Table, name: &str, gather: &mut Gather) -> Option<Vec<usize>> {
    let before = gather.problems.len();
    let numbers = table.numbers(name, &NUMBER, gather)?;
    for (row, number) in numbers.iter().enumerate().filter(|(_, n)| n.is_finite() && n.fract() != 0.0) {
        gather.problems.push(table.problem(row, name, format!("found {number}"), NUMBER.why, NUMBER.fix));
    }
    (gather.problems.len() == before).then(|| numbers.iter().map(|n| *n as usize).collect())
}

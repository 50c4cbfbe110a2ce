//! Holds runs that go on until their figures are exact to runs of as many paths, and their stop to what an oracle would need.

use crate::cli::{Desk, err, out};
use crate::reproducibility::{assert_same, bytes};
use crate::sampling::{Small, stratified};
use crate::shards::{is_part, killed_run};
use levertide::engine::outcome::Outcome;
use levertide::engine::spool::{Memory, Spool};
use levertide::engine::{Control, Joined, Kept, Work, outcomes, runs, simulate_batches};
use levertide::measures::Estimate;
use levertide::model::sampling::Sampling;
use levertide::model::until::Until;
use levertide::study::rounds::{Convergence, Round, look};
use levertide::units::Ratio;
use std::fs;
use std::sync::atomic::AtomicBool;

/// A run whose paths grow as `next` says, which looks at what there is after each round.
fn grown(small: &Small, next: &mut dyn FnMut(&Work<'_>, &mut dyn Spool) -> Option<u64>) -> Vec<Outcome> {
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(2), stop: &stop, progress: &|_| {} };
    let runs = runs(&small.programme);
    let mut work = Work::prepare(&small.programme, &runs, &small.book, &small.market, control.threads).unwrap();
    let (mut spool, mut kept, mut first) = (Memory::default(), Kept::default(), 0);
    loop {
        let mut joined = Joined::resume(&work, &mut spool, None, kept);
        simulate_batches(&work, first..work.batches(), &control, &mut joined).unwrap();
        (kept, first) = (joined.keep(), work.batches());
        let Some(paths) = next(&work, &mut spool) else { break };
        work.extend(paths).unwrap();
    }
    let joined = Joined::resume(&work, &mut spool, None, kept);
    outcomes(&work, &runs, joined).whole(&mut spool).unwrap()
}

/// The same by given numbers of paths.
fn grown_to(small: &Small, totals: &[u64]) -> Vec<Outcome> {
    let mut totals = totals.iter().copied();
    grown(small, &mut |_, _| totals.next())
}

fn growing(seed: u64, paths: u64, sampling: Sampling, until: Until) -> Small {
    let mut small = Small::new(seed, paths, sampling);
    small.programme.scenarios.iter_mut().for_each(|scenario| scenario.case.simulation.until = Some(until.clone()));
    small
}

#[test]
fn paths_added_in_rounds_are_those_of_one_run() {
    let whole = Small::new(5, 3_001, Sampling::default());
    let small = growing(5, 300, Sampling::default(), Until::default());
    let (once, rounds) = (whole.outcomes(), grown_to(&small, &[301, 1_500, 3_001]));
    for (one, other) in once.iter().zip(&rounds) {
        assert_eq!(format!("{:?} {:?} {:?}", one.path, one.pool, one.fan), format!("{:?} {:?} {:?}", other.path, other.pool, other.fan));
        assert_eq!((one.paths, one.account_steps), (other.paths, other.account_steps));
        let (a, b) = (whole.estimates(one), small.estimates(other));
        assert!(a.len() == b.len() && !a.is_empty());
        for (key, one) in &a {
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1e-9) || a == b;
            assert!(near(one.value, b[key].value) && near(one.std_error, b[key].std_error), "{key}: {one:?} {:?}", b[key]);
        }
    }
}

#[test]
fn rounds_of_a_sample_have_the_errors_they_state() {
    let truth = Small::new(99, 200_000, Sampling::default());
    let truth = truth.estimates(&truth.outcomes()[0]);
    let seeds = 120;
    let runs: Vec<_> = (0..seeds)
        .map(|seed| {
            // 16 candidates for each path of either round
            let small = growing(2_000 + seed, 512, stratified(8_192), Until::default());
            let outcomes = grown_to(&small, &[1_280]);
            let sample = outcomes[0].sample.as_ref().expect("a sample");
            assert!(sample.candidates == 20_480 && sample.numbers.len() == 1_280);
            assert!((sample.weights().sum::<f64>() - 1_280.0).abs() < 1e-9);
            small.estimates(&outcomes[0])
        })
        .collect();
    for key in ["pool_loss.mean", "pool_loss.es_97_5", "liquidation_rate", "pool_loss.probability", "tier.A.accounts_loss.mean"] {
        let truth = &truth[key];
        let values: Vec<&Estimate> = runs.iter().map(|run| &run[key]).collect();
        let n = values.len() as f64;
        let mean = values.iter().fold(0.0, |sum, e| sum + e.value) / n;
        let seen = values.iter().fold(0.0, |sum, e| sum + (e.value - mean) * (e.value - mean)) / (n - 1.0);
        let stated = values.iter().fold(0.0, |sum, e| sum + e.std_error * e.std_error) / n;
        let covered = values.iter().filter(|e| e.ci_low <= truth.value && e.ci_high.is_none_or(|high| truth.value <= high)).count();
        eprintln!("{key}: stated over seen {:.2}, {covered} of {seeds} intervals hold", stated / seen);
        assert!((0.65..1.6).contains(&(stated / seen)), "{key}: {stated} stated, {seen} seen");
        assert!(covered as f64 > 0.88 * n, "{key}: {covered} of {seeds} hold");
    }
}

/// Paths at the stop, over those at which the error of many paths is what was asked for.
fn stopped_over_needed(seed: u64, sampling: Sampling, asked: f64, needed: f64) -> f64 {
    let until = Until { half_width: Ratio::new(asked).unwrap(), max_paths: 400_000, ..Until::default() };
    let small = growing(seed, 1_024, sampling, until.clone());
    let mut convergence = Convergence::default();
    let outcomes = grown(&small, &mut |work, spool| {
        let outcome = work.so_far(0, spool).unwrap();
        let figures = look(&until, &small.programme, &small.book, 0, &outcome);
        convergence.add(&until, Round { paths: outcome.paths, figures })
    });
    let figure = &small.estimates(&outcomes[0])["pool_loss.es_97_5"];
    let half = (figure.ci_high.unwrap() - figure.ci_low) / 2.0;
    assert!(convergence.met && half <= asked * figure.value, "{figure:?}");
    outcomes[0].paths as f64 / needed
}

#[test]
fn a_run_stops_close_to_the_paths_that_are_needed() {
    // a first round of few paths has few strata, and is less exact than as many paths of one sample
    for (sampling, paths, asked, most) in [(Sampling::default(), 60_000, 0.04, 1.1), (stratified(16_384), 16_384, 0.02, 1.45)] {
        // the error of many paths tells how many are needed
        let many = match sampling.candidates {
            None => Small::new(7, paths, Sampling::default()),
            Some(_) => Small::new(7, paths, stratified(16 * paths)),
        };
        let figure = many.estimates(&many.outcomes()[0])["pool_loss.es_97_5"].clone();
        let half = (figure.ci_high.unwrap() - figure.ci_low) / 2.0 / figure.value;
        let needed = paths as f64 * (half / asked) * (half / asked);
        let ratios: Vec<f64> = (0..8).map(|seed| stopped_over_needed(300 + seed, sampling.clone(), asked, needed)).collect();
        eprintln!("{needed:.0} paths needed, at the stop {ratios:.2?} of them");
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        assert!((0.8..most).contains(&mean) && ratios.iter().all(|ratio| *ratio < 1.2 * most), "{ratios:?}");
    }
}

const UNTIL: &str = "[simulation]\nuntil = { half-width = \"4%\", measures = [\"liquidation_rate\"], max-paths = 60_000 }";

#[test]
fn a_run_until_its_figures_are_exact_has_the_same_bytes_however_it_is_driven() {
    for (sampling, name) in [("", "plain"), ("sampling = { method = \"stratified\", candidates = 8_192 }\n", "sample")] {
        let desk = Desk::new();
        desk.edit("programme.toml", "[simulation]", &format!("{UNTIL}\n{sampling}"));
        let few = ["--set", "simulation.paths=1_024", "--quiet"];
        let run = |out: &str, more: &[&str]| desk.expect(0, &[&["run", "programme.toml", "--out", out][..], &few, more].concat());
        run("one", &["--threads", "1"]);
        run("three", &["--threads", "3"]);
        let one = bytes(&desk.path("one"));
        assert_same(&one, &bytes(&desk.path("three")), &format!("{name}, three threads"));
        // killed in a later round, it goes on
        let args = [&["run", "programme.toml", "--out", "r", "--checkpoint", "kept", "--checkpoint-every=0"][..], &few].concat();
        killed_run(&desk, &args, 12);
        desk.expect(0, &args);
        assert_same(&one, &bytes(&desk.path("r")), &format!("{name}, after a kill"));
        assert_eq!(fs::read_dir(desk.path("kept")).unwrap().flatten().filter(|e| is_part(&e.path())).count(), 0);
        let summary: serde_json::Value = serde_json::from_slice(&one["summary.json"]).unwrap();
        let convergence = &summary["convergence"];
        let rounds = convergence["rounds"].as_array().unwrap();
        assert!(convergence["met"] == true && rounds.len() > 1, "{convergence}");
        let paths = summary["scenarios"][0]["paths"].as_u64().unwrap();
        assert!(rounds.last().unwrap()["paths"].as_u64() == Some(paths) && paths > 1_024);
        // every scenario's last figure is that of the report
        for figure in rounds.last().unwrap()["figures"].as_array().unwrap() {
            let scenarios = summary["scenarios"].as_array().unwrap();
            let own = scenarios.iter().find(|s| s["name"] == figure["scenario"]).unwrap();
            assert_eq!(own["measures"][figure["measure"].as_str().unwrap()]["value"], figure["value"]);
        }
        let table = String::from_utf8(one["tables/convergence.csv"].clone()).unwrap();
        assert_eq!(table.lines().count(), 1 + rounds.len() * rounds[0]["figures"].as_array().unwrap().len());
        assert!(one.contains_key("charts/convergence.png"));
        // a path of a later round can be told
        desk.expect(0, &["replay", "programme.toml", "--path", "9000", "--set", "simulation.paths=1_024", "--quiet"]);
        if sampling.is_empty() {
            // the rows are those of a run of as many paths
            desk.expect(0, &["run", "programme.toml", "--out", "so-many", "--paths", &paths.to_string(), "--quiet"]);
            assert_eq!(one["paths.parquet"], bytes(&desk.path("so-many"))["paths.parquet"]);
            assert!(!bytes(&desk.path("so-many")).contains_key("tables/convergence.csv"), "--paths is so many and no more");
        }
    }
}

#[test]
fn what_no_round_can_tell_is_refused_before_the_first_path_and_a_ceiling_is_told() {
    let desk = Desk::new();
    desk.edit("programme.toml", "[simulation]", "[simulation]\nuntil = { measures = [\"pool_los.es_97_5\"] }");
    let said = err(&desk.expect(3, &["check", "programme.toml"]));
    assert!(said.contains("no such figure `pool_los.es_97_5`") && said.contains("`pool_loss.es_97_5`"), "{said}");
    desk.edit("programme.toml", "pool_los.es_97_5", "tier.A.liquidation_rate");
    assert!(err(&desk.expect(3, &["check", "programme.toml"])).contains("those of groups and of contagion apart"));
    desk.edit("programme.toml", "\"tier.A.liquidation_rate\"", "");
    assert!(err(&desk.expect(3, &["check", "programme.toml"])).contains("found no key"));
    desk.edit("programme.toml", "measures = []", "half-width = \"0.1%\", max-paths = 2_048");
    assert!(err(&desk.expect(3, &["check", "programme.toml", "--set", "simulation.paths=4_096"])).contains("simulation.until.max-paths"));
    let few = ["--set", "simulation.paths=1_024"];
    assert!(out(&desk.expect(0, &[&["check", "programme.toml"][..], &few].concat())).contains("1,024 to 2,048"));
    let refused = err(&desk.expect(3, &[&["shard", "programme.toml", "--part", "1/2", "--out", "1.part"][..], &few].concat()));
    assert!(refused.contains("name the number with --paths"), "{refused}");
    desk.expect(0, &["shard", "programme.toml", "--part", "1/2", "--out", "1.part", "--paths", "1024", "--quiet"]);
    // the ceiling is no failure, and is told
    let told = err(&desk.expect(0, &[&["run", "programme.toml", "--out", "r"][..], &few].concat()));
    assert!(told.contains("2,048 paths") && told.contains("the most paths allowed"), "{told}");
    let summary = String::from_utf8(bytes(&desk.path("r"))["summary.json"].clone()).unwrap();
    assert!(summary.contains("\"met\": false"), "{summary}");
    desk.edit("programme.toml", "[[scenario]]", "[[scenario]]\nsimulation.paths = 512");
    let said = err(&desk.expect(3, &[&["check", "programme.toml"][..], &few].concat()));
    assert!(said.contains("paths of its own") && said.contains("leave simulation.paths"), "{said}");
}

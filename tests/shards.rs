//! Shows that parts of a run, cut anyhow and joined in any order, and runs that were stopped and went on, give the bytes of one run.

use crate::cli::{Desk, err, out};
use crate::reproducibility::{assert_same, bytes};
use crate::support::world::first_worlds;
use crate::support::{programme, run};
use levertide::engine::spool::Memory;
use levertide::engine::{Control, Joined, Piece, Store, Work, outcomes, runs, simulate_batches};
use levertide::model::sampling::{Method, Sampling};
use levertide::problem::Problems;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Tiles of sixteen paths, and a last one that is not full.
const PATHS: u64 = 16 * 330 + 5;

/// Keeps pieces in memory; a part is closed after so many of them.
#[derive(Default)]
struct Pieces {
    open: Vec<(Piece, Vec<u8>)>,
    closed: Vec<Vec<(Piece, Vec<u8>)>>,
    due_after: usize,
}

impl Store for Pieces {
    fn put(&mut self, piece: Piece, bytes: &[u8]) -> Result<(), Problems> {
        self.open.push((piece, bytes.to_vec()));
        Ok(())
    }

    fn is_due(&self) -> bool {
        self.open.len() >= self.due_after
    }

    fn close(&mut self, _end: u64) -> Result<(), Problems> {
        self.closed.push(std::mem::take(&mut self.open));
        Ok(())
    }
}

#[test]
fn parts_cut_anywhere_join_to_the_same_bits() {
    let stop = AtomicBool::new(false);
    for (at, mut world) in first_worlds(12, PATHS).into_iter().enumerate() {
        // every other one simulates a sample of candidates, cut into sections
        if at % 2 == 1 {
            world.case.simulation.sampling = Sampling { method: Method::Stratified, candidates: Some(3 * PATHS) };
        }
        let mut milder = world.case.clone();
        milder.liquidation.delay_days += 1;
        let (programme, book, market) = (programme(world.seed, vec![world.case.clone(), milder]), world.book(), world.market());
        let plain = format!("{:?}", run(&programme, &book, &market));
        let runs = runs(&programme);
        let control = Control { threads: Some(2), stop: &stop, progress: &|_| {} };
        let work = Work::prepare(&programme, &runs, &book, &market, control.threads).unwrap();
        let all = work.batches();
        assert!(all > 20, "{all} batches");
        // a cut into equal parts, and one that falls as it falls, parts closed early among them
        let equal: Vec<u64> = (1..=7).map(|part| work.part(part, 7).end).collect();
        let ragged: Vec<u64> = [1, 2, 2, 7, all / 2 + at as u64 % 5, all].into_iter().map(|end| end.min(all)).collect();
        for (ends, due_after) in [(equal, usize::MAX), (ragged, 11)] {
            let mut store = Pieces { due_after, ..Pieces::default() };
            let mut first = 0;
            for end in ends {
                let mut joined = Joined::part(&work, &mut store, first);
                simulate_batches(&work, first..end, &control, &mut joined).unwrap();
                joined.close().unwrap();
                first = end;
            }
            let mut spool = Memory::default();
            let mut joined = Joined::run(&work, &mut spool, None);
            for part in &store.closed {
                let mut restored = joined.restore();
                for (piece, bytes) in part {
                    assert!(restored.put(*piece, bytes).unwrap(), "world {at}: {piece:?}");
                    assert!(!restored.put(*piece, &bytes[1..]).unwrap(), "world {at}: a spoilt piece is told");
                }
                assert!(restored.end().is_some());
            }
            let joined = outcomes(&work, &runs, joined).whole(&mut spool).unwrap();
            assert!(format!("{joined:?}") == plain, "world {at}");
        }
    }
}

const FEW: [&str; 3] = ["--paths", "5003", "--quiet"];

/// Makes some parts of `of`, and their names.
fn shards(desk: &Desk, parts: impl IntoIterator<Item = u64>, of: u64) -> Vec<String> {
    let make = |part: u64| {
        let (name, part) = (format!("{part}-of-{of}.part"), format!("{part}/{of}"));
        desk.expect(0, &[&["shard", "programme.toml", "--part", &part, "--out", &name][..], &FEW].concat());
        name
    };
    parts.into_iter().map(make).collect()
}

fn merge(desk: &Desk, code: i32, parts: &[String], more: &[&str]) -> std::process::Output {
    let words: Vec<&str> = ["merge"].into_iter().chain(parts.iter().map(String::as_str)).chain(more.iter().copied()).collect();
    desk.expect(code, &words)
}

#[test]
fn any_number_of_shards_in_any_order_gives_the_bytes_of_a_run() {
    let desk = Desk::new();
    desk.expect(0, &[&["run", "programme.toml", "--out", "whole"][..], &FEW].concat());
    let whole = bytes(&desk.path("whole"));
    for of in [1, 2, 7, 64] {
        let mut parts = shards(&desk, 1..=of, of);
        // shuffled, and one given twice
        parts.sort_by_key(|name| name.bytes().rev().fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into())));
        parts.push(parts[0].clone());
        let name = format!("merged-{of}");
        merge(&desk, 0, &parts, &["--out", &name, "--quiet"]);
        assert_same(&whole, &bytes(&desk.path(&name)), &format!("{of} shards"));
    }
    // a part made again is there already, and the same to the byte
    let before = fs::read(desk.path("2-of-7.part")).unwrap();
    desk.expect(0, &["shard", "programme.toml", "--part", "2/7", "--out", "2-of-7.part", "--paths", "5003", "--threads", "1"]);
    fs::remove_file(desk.path("2-of-7.part")).unwrap();
    shards(&desk, [2], 7);
    assert_eq!(fs::read(desk.path("2-of-7.part")).unwrap(), before);
}

#[test]
fn what_does_not_belong_together_is_refused_by_name() {
    let desk = Desk::new();
    let parts = shards(&desk, 1..=4, 4);
    let refused = |parts: &[String], what: &[&str]| {
        let said = err(&merge(&desk, 4, parts, &["--out", "r", "--quiet"]));
        what.iter().for_each(|what| assert!(said.contains(what), "{what}: {said}"));
        assert!(!desk.path("r").exists());
    };
    refused(&parts[..2], &["2 of 4 parts absent: 3/4, 4/4"]);
    let missing = merge(&desk, 1, &[&parts[..1], &parts[3..]].concat(), &["--missing"]);
    assert_eq!(out(&missing), "2/4\n3/4\n");
    assert_eq!(out(&merge(&desk, 0, &parts, &["--missing"])), "");

    let mut spoilt = fs::read(desk.path(&parts[2])).unwrap();
    let middle = spoilt.len() / 2;
    spoilt[middle] ^= 1;
    fs::write(desk.path("spoilt.part"), &spoilt).unwrap();
    let with = |name: &str| [&parts[..2], &[name.to_string()], &parts[3..]].concat();
    refused(&with("spoilt.part"), &["spoilt.part: is not what was written", "1 of 4 parts absent: 3/4"]);
    assert_eq!(out(&merge(&desk, 1, &with("spoilt.part"), &["--missing"])), "3/4\n");
    refused(&with("prices.csv"), &["prices.csv: is no part of a run"]);
    refused(&with("nowhere.part"), &["nowhere.part: cannot be read"]);

    desk.expect(0, &["shard", "programme.toml", "--part", "3/4", "--out", "other.part", "--paths", "5003", "--seed", "8", "--quiet"]);
    refused(&with("other.part"), &["other.part: was made of another programme"]);
    refused(&[with("other.part"), vec![parts[2].clone()]].concat(), &["other.part: was made of another programme"]);
    // whichever is named first
    let other_first = [&["other.part".to_string()], &parts[..3]].concat();
    assert_eq!(out(&merge(&desk, 1, &other_first, &["--missing"])), "4/4\n");
    let said = err(&merge(&desk, 4, &["prices.csv".to_string()], &["--missing"]));
    assert!(said.contains("prices.csv: is no part of a run"), "{said}");
    let of_two = shards(&desk, [2], 2);
    refused(&[parts.clone(), of_two].concat(), &["2-of-2.part: was made of a cut into 2 parts"]);

    // the data changed since
    desk.edit("accounts.csv", "65000", "65001");
    refused(&parts, &["was made of another file of accounts"]);
    desk.edit("accounts.csv", "65001", "65000");
    merge(&desk, 0, &parts, &["--out", "r", "--quiet"]);

    // a part is written over parts alone
    desk.put("notes.txt", "years of work");
    let said = err(&desk.expect(6, &["shard", "programme.toml", "--part", "1/2", "--out", "notes.txt", "--quiet"]));
    assert!(said.contains("is no levertide part"), "{said}");
    assert_eq!(fs::read_to_string(desk.path("notes.txt")).unwrap(), "years of work");
    for part in ["0/2", "3/2", "1", "x/2"] {
        desk.expect(2, &["shard", "programme.toml", "--part", part, "--out", "x.part"]);
    }
}

/// Runs a shipped programme whole and in three shards.
fn whole_and_sharded(desk: &Desk, programme: &str, paths: &str) -> [BTreeMap<String, Vec<u8>>; 2] {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(programme);
    let shipped = shipped.to_string_lossy();
    let done = |words: &[&str]| {
        let output = desk.levertide(words);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
    };
    let common = ["--paths", paths, "--quiet", "--lang", "zh"];
    done(&[&["run", &shipped, "--out", "whole"][..], &common].concat());
    for part in ["1/3", "2/3", "3/3"] {
        let name = format!("{}.part", &part[..1]);
        done(&[&["shard", &shipped, "--part", part, "--out", &name, "--threads", "1"][..], &common].concat());
    }
    done(&["merge", "3.part", "1.part", "2.part", "--out", "merged", "--quiet"]);
    [bytes(&desk.path("whole")), bytes(&desk.path("merged"))]
}

#[test]
fn the_weekly_report_of_three_shards_has_the_bytes_of_a_run() {
    let [whole, merged] = whole_and_sharded(&Desk::new(), "weekly.toml", "1100");
    assert_same(&whole, &merged, "three shards");
}

#[test]
fn the_report_of_a_pool_kept_daily_has_all_its_columns_in_shards_too() {
    let [whole, merged] = whole_and_sharded(&Desk::new(), "pool-tiers.toml", "400");
    assert_same(&whole, &merged, "three shards");
    let paths = &whole["paths.parquet"];
    for column in ["cash_min", "funding_withdrawn", "tier_failed"] {
        assert!(paths.windows(column.len()).any(|bytes| bytes == column.as_bytes()), "paths.parquet has no {column}");
    }
}

/// Starts a run that keeps a checkpoint in `kept` after every batch, and kills it once it has kept so many.
pub fn killed_run(desk: &Desk, args: &[&str], after: usize) {
    let binary = assert_cmd::cargo::cargo_bin("levertide");
    let mut command = std::process::Command::new(binary);
    command.current_dir(desk.home.path()).args(args).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut run = command.spawn().expect("it starts");
    let kept = || fs::read_dir(desk.path("kept")).map_or(0, |entries| entries.flatten().filter(|e| is_part(&e.path())).count());
    while kept() < after {
        assert!(run.try_wait().expect("a process").is_none(), "it ended before it was killed");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    run.kill().expect("a process");
    run.wait().expect("a process");
    assert!(!desk.path("r").exists(), "no report is partial");
}

const KEPT: [&str; 10] =
    ["run", "programme.toml", "--paths", "40003", "--quiet", "--out", "r", "--checkpoint", "kept", "--checkpoint-every=0"];

pub fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "part")
}

#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bytes() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--paths", "40003", "--quiet", "--out", "whole"]);
    let whole = bytes(&desk.path("whole"));
    killed_run(&desk, &KEPT, 3);
    desk.put("kept/notes.part", "years of work");
    desk.put("kept/notes.txt", "years of work");

    // of another run it is refused, and stays
    let before = fs::read_dir(desk.path("kept")).unwrap().count();
    let said = err(&desk.expect(6, &[&KEPT[..], &["--seed", "8"]].concat()));
    assert!(said.contains("kept: holds the checkpoint of another run: another programme"), "{said}");
    // and while a run goes on, too
    let held = fs::File::open(desk.path("kept")).unwrap();
    held.lock().unwrap();
    let said = err(&desk.expect(6, &KEPT));
    assert!(said.contains("kept: is the checkpoint of a run that goes on"), "{said}");
    drop(held);
    assert!(fs::read_dir(desk.path("kept")).unwrap().count() + 1 >= before, "leftovers of the killed run alone may go");

    // a part that the disk has changed is made again, and what follows it
    let mut parts: Vec<_> = fs::read_dir(desk.path("kept")).unwrap().map(|e| e.unwrap().path()).filter(|p| is_part(p)).collect();
    parts.sort();
    let mut spoilt = fs::read(&parts[1]).unwrap();
    let last = spoilt.len() - 1;
    spoilt[last] ^= 1;
    fs::write(&parts[1], spoilt).unwrap();
    let said = err(&desk.expect(0, &KEPT));
    assert!(said.contains("00001.part is not what was written") && said.contains("00002.part does not follow"), "{said}");
    assert_same(&whole, &bytes(&desk.path("r")), "after a kill");
    let mut left: Vec<_> = fs::read_dir(desk.path("kept")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["notes.part", "notes.txt"], "what is the user's stays, what is the run's goes");

    // a whole run leaves no checkpoint, and one that is asked to end keeps what it has
    desk.expect(0, &["run", "programme.toml", "--paths", "40003", "--quiet", "--out", "s", "--checkpoint", "new", "--threads", "1"]);
    assert_same(&whole, &bytes(&desk.path("s")), "with a checkpoint");
    assert_eq!(fs::read_dir(desk.path("new")).unwrap().count(), 0);
    for inside in ["r2", "r2/kept"] {
        desk.expect(6, &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "r2", "--checkpoint", inside]);
        assert!(!desk.path("r2").exists(), "a refused run changes nothing");
    }
}

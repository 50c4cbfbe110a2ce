//! Shows that a report is a function of programme, data and binary: threads, order and neighbours change no byte.

use crate::cli::{Desk, tree};
use crate::support::json::summary;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file of a report but the manifest.
pub fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = tree(folder).into_iter().filter(|name| name != "manifest.json");
    names.map(|name| (name.clone(), fs::read(folder.join(&name)).expect("a file of the report"))).collect()
}

/// The same files with the same bytes, or the names of those that differ.
pub fn assert_same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{what}");
    let differ: Vec<&String> = a.iter().filter(|(name, bytes)| b[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "{what}: {differ:?} differ");
}

fn scenario<'a>(summary: &'a Value, name: &str) -> &'a Value {
    summary["scenarios"].as_array().expect("scenarios").iter().find(|s| s["name"] == name).expect("the scenario")
}

#[test]
fn threads_change_no_byte() {
    let desk = Desk::new();
    // more than one batch of paths, and a last tile that is not full
    let run = |threads: &str| {
        let out = format!("t{threads}");
        desk.expect(0, &["run", "programme.toml", "--paths", "5003", "--threads", threads, "--out", &out, "--quiet"]);
        bytes(&desk.path(&out))
    };
    let one = run("1");
    for threads in ["2", "3", "8"] {
        assert_same(&one, &run(threads), &format!("{threads} threads"));
    }
}

#[test]
fn threads_change_no_byte_of_the_weekly_report() {
    let desk = Desk::new();
    let weekly = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/weekly.toml");
    let run = |threads: &str| {
        let out = format!("w{threads}");
        let output = desk.levertide(&["run", &weekly.to_string_lossy(), "--paths", "1100", "--threads", threads, "--out", &out, "--quiet"]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", crate::cli::err(&output));
        bytes(&desk.path(&out))
    };
    assert_same(&run("1"), &run("3"), "3 threads");
}

#[test]
fn the_instruction_set_changes_no_byte() {
    let desk = Desk::new();
    let run = |level: &str| {
        let mut command = assert_cmd::Command::cargo_bin("levertide").expect("the binary is built");
        command.current_dir(desk.home.path()).env("LEVERTIDE_ISA", level);
        command.args(["run", "programme.toml", "--paths", "2003", "--out", level, "--quiet"]).assert().success();
        bytes(&desk.path(level))
    };
    let baseline = run("baseline");
    for level in ["avx2", "avx512"] {
        assert_same(&baseline, &run(level), level);
    }
}

#[test]
fn the_resolved_programme_gives_the_same_bytes() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--paths", "300", "--set", "margin.call=135%", "--out", "a", "--quiet"]);
    fs::copy(desk.path("a/programme.resolved.toml"), desk.path("again.toml")).expect("a copy");
    desk.expect(0, &["run", "again.toml", "--out", "b", "--quiet"]);
    assert_same(&bytes(&desk.path("a")), &bytes(&desk.path("b")), "through the resolved programme");
}

#[test]
fn the_folder_the_run_starts_in_changes_no_byte() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    fs::create_dir(desk.path("elsewhere")).expect("a folder");
    let mut command = assert_cmd::Command::cargo_bin("levertide").expect("the binary is built");
    command.current_dir(desk.path("elsewhere")).env("TZ", "Asia/Shanghai").env("LC_ALL", "zh_CN.UTF-8");
    command.args(["run", "../programme.toml", "--out", "../b", "--quiet"]).assert().success();
    assert_same(&bytes(&desk.path("a")), &bytes(&desk.path("b")), "from another folder, zone and locale");
}

#[test]
fn another_scenario_changes_no_figure_of_the_others() {
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    desk.edit(
        "programme.toml",
        "[[scenario]]\nname = \"gap\"",
        "[[scenario]]\nname = \"wild\"\nseverity = \"mild\"\nnarrative = \"Wild swings\"\nshocks = [{ volatility = { multiple = 2.0 } }]\n\n[[scenario]]\nname = \"gap\"",
    );
    desk.expect(0, &["run", "programme.toml", "--out", "b", "--quiet"]);
    let (a, b) = (summary(&desk, "a"), summary(&desk, "b"));
    for name in ["base", "gap"] {
        assert_eq!(scenario(&a, name), scenario(&b, name), "{name}");
    }
}

#[test]
fn another_account_changes_no_figure_of_the_others() {
    use polars::prelude::*;
    let desk = Desk::new();
    let accounts = |folder: &str| -> DataFrame {
        let file = fs::File::open(desk.path(folder).join("accounts.parquet")).expect("there");
        ParquetReader::new(file).finish().expect("a Parquet file")
    };
    desk.expect(0, &["run", "programme.toml", "--out", "a", "--quiet"]);
    let text = fs::read_to_string(desk.path("accounts.csv")).expect("there");
    // it sorts before the others, and holds a share they hold
    desk.put("accounts.csv", &format!("{text}a-0,A,1,margin,0,50000,0,6%\n"));
    let text = fs::read_to_string(desk.path("positions.csv")).expect("there");
    desk.put("positions.csv", &format!("{text}a-0,600001.SH,9000\n"));
    desk.expect(0, &["run", "programme.toml", "--out", "b", "--quiet"]);
    let (a, b) = (accounts("a"), accounts("b"));
    let others = b.column("account_id").expect("a column").str().expect("text").not_equal("a-0");
    let b = b.filter(&others).expect("a filter");
    assert!(a.equals_missing(&b), "{a:?}\n{b:?}");
}

#[test]
fn more_paths_change_no_row_of_the_first_ones() {
    use polars::prelude::*;
    for model in ["[market.gaussian]\nvolatility-annual = \"60%\"\ndrift-annual = \"0%\"\n", "[market.block-bootstrap]\n"] {
        let desk = Desk::new();
        desk.edit("programme.toml", "[market.gaussian]\nvolatility-annual = \"60%\"\ndrift-annual = \"0%\"\n", model);
        let first = |paths: &str| -> DataFrame {
            desk.expect(0, &["run", "programme.toml", "--paths", paths, "--out", paths, "--quiet"]);
            let file = fs::File::open(desk.path(paths).join("paths.parquet")).expect("there");
            let rows = ParquetReader::new(file).finish().expect("a Parquet file");
            let first = rows.column("path").expect("a column").cast(&DataType::UInt64).expect("numbers").u64().expect("numbers").lt(200);
            rows.filter(&first).expect("a filter")
        };
        // the cut into batches differs, and with it which paths share a tile
        let (few, many) = (first("200"), first("33003"));
        assert_eq!(few.height(), 400, "two scenarios");
        assert!(few.equals_missing(&many), "{model}: {few:?}\n{many:?}");
    }
}

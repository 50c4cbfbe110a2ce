//! Shows that no name steers a terminal, and that nothing endless is read: pipes, devices, folders, files out of bounds.

use crate::cli::{Desk, err, out};
use std::fs;
use std::process::Output;

/// Every character that a command wrote, without line ends and tabs.
fn hidden(output: &Output) -> Vec<char> {
    let steers = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    format!("{}{}", out(output), err(output)).chars().filter(steers).collect()
}

const ESCAPES: &str = "\u{1b}[2J\u{9b}31m\u{202e}\u{7}";

#[test]
fn no_name_of_a_key_header_file_scenario_or_flag_steers_a_terminal() {
    let toml = |text: &str| {
        text.chars().map(|c| if (c as u32) < 128 { format!("\\u{:04x}", c as u32) } else { c.to_string() }).collect::<String>()
    };
    let escaped = toml(ESCAPES);
    let told = |name: &str, prepare: &dyn Fn(&Desk), words: &[&str]| {
        let desk = Desk::new();
        prepare(&desk);
        for format in ["text", "json"] {
            let formatted = [words, &["--log-format", format]].concat();
            let words = if matches!(words[0], "compare" | "init" | "sample-book") { words } else { &formatted };
            let output = desk.levertide(words);
            assert!(hidden(&output).is_empty(), "{name}: {:?}\n{}{}", hidden(&output), out(&output), err(&output));
            assert_ne!(output.status.code(), Some(70), "{name}");
        }
    };
    let check = ["check", "programme.toml"];
    told("a key", &|d| d.edit("programme.toml", "[margin]", &format!("[margin]\n\"{escaped}\" = 1")), &check);
    told("a table", &|d| d.edit("programme.toml", "[margin]", &format!("[\"{escaped}\"]\n[margin]")), &check);
    told("a data file", &|d| d.edit("programme.toml", "prices.csv", &escaped), &check);
    told("a file of hidden marks", &|d| d.edit("programme.toml", "prices.csv", "p\u{202e}vsc.csv"), &check);
    told("a name", &|d| d.edit("programme.toml", "\"tiny\"", &format!("\"{escaped}\"")), &check);
    for hidden in ["ti\u{202e}ny", "ti\u{200b}ny"] {
        told("a hidden mark in a name", &|d| d.edit("programme.toml", "tiny", hidden), &check);
        told("a hidden mark in a scenario", &|d| d.edit("programme.toml", "\"gap\"", &format!("\"{hidden}\"")), &check);
        told("the name of a run", &|d| d.edit("programme.toml", "tiny", hidden), &["run", "programme.toml", "--paths", "8", "--out", "r"]);
        told("a tier", &|d| d.edit("accounts.csv", "a-1,A,", &format!("a-1,{hidden},")), &check);
        told("an account", &|d| d.edit("accounts.csv", "a-1,", &format!("{hidden},")), &check);
    }
    told(
        "a grade",
        &|d| d.edit("programme.toml", "[margin]", &format!("[clients.cure-probability-by-grade]\n\"{escaped}\" = \"50%\"\n[margin]")),
        &check,
    );
    // as a run is told, whose log and report's summary say the names again
    let run = ["run", "programme.toml", "--paths", "8", "--out", "r"];
    for title in [&*escaped, "a\u{202e}b"] {
        let titled = format!("[report]\ntitle = \"{title}\"\n[margin]");
        told("a title", &|d| d.edit("programme.toml", "[margin]", &titled), &check);
        told("a title of a run", &|d| d.edit("programme.toml", "[margin]", &titled), &run);
        let graded = format!("[clients.cure-probability-by-grade]\n\"{escaped}\" = \"50%\"\n{titled}");
        told("a title beside a grade", &|d| d.edit("programme.toml", "[margin]", &graded), &run);
    }
    for hidden in [ESCAPES, "a\u{202e}b"] {
        told("the name of a share", &|d| d.edit("instruments.csv", "Alpha", hidden), &run);
        told("a sector", &|d| d.edit("instruments.csv", "Banks", hidden), &run);
    }
    told("a header of a run", &|d| d.edit("accounts.csv", "account_id,tier", &format!("account_id,{ESCAPES},tier")), &run);
    told("a header", &|d| d.edit("accounts.csv", "account_id,tier", &format!("account_id,{ESCAPES},tier")), &check);
    told(
        "an unused header",
        &|d| {
            d.edit("instruments.csv", "sector\n", &format!("sector,\"x{ESCAPES}\"\n"));
            d.edit("instruments.csv", "Banks", "Banks,");
            d.edit("instruments.csv", "Power", "Power,");
        },
        &check,
    );
    told("a cell", &|d| d.edit("positions.csv", "4300", ESCAPES), &check);
    told("a symbol", &|d| d.edit("positions.csv", "a-1,600001.SH", &format!("a-1,{ESCAPES}")), &check);
    told("a programme that is not there", &|_| {}, &["check", &format!("{ESCAPES}.toml")]);
    told("a flag", &|_| {}, &["check", "programme.toml", &format!("--{ESCAPES}")]);
    told("the value of a flag", &|_| {}, &["run", "programme.toml", "--threads", ESCAPES]);
    told("a key to set", &|_| {}, &["check", "programme.toml", "--set", &format!("{ESCAPES}=1")]);
    told("a scenario to keep", &|_| {}, &["check", "programme.toml", "--scenario", ESCAPES]);
    told("an output", &|d| d.put("x", ""), &["run", "programme.toml", "--paths", "8", "--out", &format!("x/{ESCAPES}")]);
    told("a new programme", &|_| {}, &["init", &format!("{ESCAPES}.toml")]);
    told("a new book", &|_| {}, &["sample-book", "--accounts", "5", "--symbols", "3", "--out", ESCAPES]);
    let stored =
        format!(r#"{{"schema":1,"name":"w","scenarios":[{{"name":"{escaped}","measures":{{"{escaped}":{{"value":1,"std_error":0}}}}}}]}}"#);
    told(
        "a stored figure",
        &|d| {
            d.put("a.json", &stored);
            d.put("b.json", r#"{"schema":1,"name":"w","scenarios":[]}"#);
        },
        &["compare", "a.json", "b.json", "--all"],
    );
}

#[cfg(unix)]
#[test]
fn nothing_endless_is_read_wherever_a_file_is_named() {
    let desk = Desk::new();
    assert!(std::process::Command::new("mkfifo").arg(desk.path("pipe")).status().expect("mkfifo runs").success());
    fs::create_dir(desk.path("folder")).expect("a folder");
    fs::File::create(desk.path("sparse")).and_then(|f| f.set_len(1 << 40)).expect("a sparse file");
    fs::create_dir(desk.path("stored")).expect("a folder");
    for odd in ["pipe", "/dev/zero", "folder", "sparse"] {
        let started = std::time::Instant::now();
        let is_refused = |code: i32, words: &[&str]| {
            let output = desk.expect(code, words);
            assert!(started.elapsed().as_secs() < 60, "{words:?} reads on and on");
            assert!(err(&output).contains("error: "), "{words:?}: {}", err(&output));
        };
        is_refused(3, &["check", odd]);
        is_refused(3, &["run", odd, "--out", "r"]);
        is_refused(3, &["replay", odd]);
        is_refused(3, &["fit", odd, "--out", "r"]);
        is_refused(3, &["regress", odd, "--baselines", "stored"]);
        is_refused(4, &["compare", odd, odd]);
        is_refused(4, &["compare", odd, odd, "--split", "--out", "r"]);
        is_refused(4, &["run", "programme.toml", "--previous", odd, "--out", "r"]);
        // a baseline, to compare with and to replace
        fs::remove_file(desk.path("stored/tiny.json")).ok();
        std::os::unix::fs::symlink(if odd.starts_with('/') { odd.into() } else { desk.path(odd) }, desk.path("stored/tiny.json"))
            .expect("a link");
        is_refused(4, &["regress", "programme.toml", "--paths", "8", "--baselines", "stored"]);
        is_refused(6, &["regress", "programme.toml", "--paths", "8", "--baselines", "stored", "--update"]);
        is_refused(6, &["regress", "programme.toml", "--paths", "8", "--baselines", "stored", "--junit", odd]);
        is_refused(6, &["regress", "programme.toml", "--paths", "8", "--baselines", "stored", "--markdown", odd]);
        if odd != "sparse" {
            is_refused(6, &["init", odd, "--force"]);
        }
        assert!(!desk.path("r").exists());
    }
    // the manifest beside a resolved programme, and an entry of the fit cache
    desk.expect(0, &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "first"]);
    fs::remove_file(desk.path("first/manifest.json")).expect("there");
    fs::rename(desk.path("pipe"), desk.path("first/manifest.json")).expect("a move");
    desk.expect(4, &["check", "first/programme.resolved.toml"]);
    desk.expect(6, &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "first", "--force"]);
    desk.edit("programme.toml", "[market.gaussian]\nvolatility-annual = \"60%\"\ndrift-annual = \"0%\"", "[market.filtered-historical]");
    desk.expect(0, &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "fits", "--fit-cache", "cache"]);
    let entry = fs::read_dir(desk.path("cache")).expect("a folder").next().expect("a record").expect("a record").path();
    fs::remove_file(&entry).expect("there");
    fs::rename(desk.path("first/manifest.json"), &entry).expect("a move");
    let said = err(&desk.expect(0, &["run", "programme.toml", "--paths", "8", "--out", "again", "--fit-cache", "cache"]));
    assert!(said.contains("no records") && said.contains("could not be written"), "{said}");
    use std::os::unix::fs::FileTypeExt;
    assert!(fs::symlink_metadata(&entry).expect("there").file_type().is_fifo(), "the pipe is left as it was");
}

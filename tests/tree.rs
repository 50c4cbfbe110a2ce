//! Walks every verb that writes through every state its target can be in, and compares the whole tree before and after.
//!
//! What lies on the disk is either a report or a leftover of this program, by the mark inside, or the user's. Whatever the
//! verb and the state: a refused command changes nothing; a command that is done adds files at its target alone; and what is
//! the user's stays, to the byte, under its name and with its permissions.

use crate::cli::{Desk, err};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What a path is: its kind, its permissions, and its bytes or where it leads.
type Node = (char, u32, Vec<u8>);
type Tree = BTreeMap<String, Node>;

fn mode(facts: &fs::Metadata) -> u32 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        facts.permissions().mode() & 0o7777
    }
    #[cfg(not(unix))]
    {
        u32::from(facts.permissions().readonly())
    }
}

/// Everything below a folder, links not followed.
fn snapshot(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be listed") {
            let path = entry.expect("a folder can be listed").path();
            let facts = fs::symlink_metadata(&path).expect("it is there");
            let name = path.strip_prefix(root).expect("it lies below").to_string_lossy().into_owned();
            let node = if facts.is_symlink() {
                ('l', 0, fs::read_link(&path).expect("a link").to_string_lossy().as_bytes().to_vec())
            } else if facts.is_dir() {
                folders.push(path);
                ('d', mode(&facts), Vec::new())
            } else if facts.is_file() {
                ('f', mode(&facts), fs::read(&path).expect("a file can be read"))
            } else {
                ('o', mode(&facts), Vec::new())
            };
            tree.insert(name, node);
        }
    }
    tree
}

/// The commands that write; `T` stands for the target.
const VERBS: [(&str, &[&str]); 10] = [
    ("run", &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "T"]),
    ("run --force", &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "T", "--force"]),
    ("fit", &["fit", "programme.toml", "--quiet", "--out", "T"]),
    ("fit --force", &["fit", "programme.toml", "--quiet", "--out", "T", "--force"]),
    ("sample-book", &["sample-book", "--accounts", "5", "--symbols", "3", "--days", "2", "--paths", "4", "--quiet", "--out", "T"]),
    ("init", &["init", "T"]),
    ("init --force", &["init", "T", "--force"]),
    ("regress --update", &["regress", "programme.toml", "--paths", "8", "--quiet", "--update", "--baselines", "T"]),
    ("regress --junit", &["regress", "programme.toml", "--paths", "8", "--quiet", "--baselines", "stored", "--junit", "T"]),
    ("regress --markdown", &["regress", "programme.toml", "--paths", "8", "--quiet", "--baselines", "stored", "--markdown", "T"]),
];

/// The states of the target, and which verbs go through; every other one is refused.
struct State {
    name: &'static str,
    target: &'static str,
    set: fn(&Desk),
    done: &'static [&'static str],
}

const ALL: &[&str] = &[
    "run",
    "run --force",
    "fit",
    "fit --force",
    "sample-book",
    "init",
    "init --force",
    "regress --update",
    "regress --junit",
    "regress --markdown",
];
const FOLDERS: &[&str] = &["run", "run --force", "fit", "fit --force", "regress --update"];

const STATES: [State; 17] = [
    State { name: "absent", target: "t", set: |_| {}, done: ALL },
    State {
        name: "absent, two folders deep",
        target: "deep/er/t",
        set: |_| {},
        done: &["run", "run --force", "fit", "fit --force", "sample-book", "regress --update"],
    },
    State { name: "an empty folder", target: "t", set: |desk| folder(desk, "t"), done: FOLDERS },
    State { name: "a file of the user's", target: "t", set: |desk| desk.put("t", "years of work"), done: &["init --force"] },
    State { name: "below a file", target: "t/r", set: |desk| desk.put("t", "years of work"), done: &[] },
    State { name: "a folder of the user's", target: "t", set: |desk| put(desk, "t/thesis.txt"), done: &["regress --update"] },
    State {
        name: "a foreign manifest",
        target: "t",
        set: |desk| {
            put(desk, "t/thesis.txt");
            desk.put("t/manifest.json", "{\"manifest_version\": 3, \"name\": \"an extension\", \"version\": \"1\", \"outputs\": {}}");
        },
        done: &["regress --update"],
    },
    State { name: "a report", target: "t", set: |desk| report(desk, "t"), done: &["run --force", "fit --force", "regress --update"] },
    State {
        name: "a report with notes in it",
        target: "t",
        set: |desk| {
            report(desk, "t");
            put(desk, "t/notes.txt");
            put(desk, "t/tables/notes.csv.bak");
            put(desk, "t/mine/deep/notes.txt");
        },
        done: &["run --force", "fit --force", "regress --update"],
    },
    State {
        name: "beside things that look like leftovers",
        target: "t",
        set: |desk| {
            for name in ["t.old-20150605", "t.old-20150612", "t.partial-1", ".levertide-abcdefABCDEF", ".sample-abcdef"] {
                put(desk, &format!("{name}/mark"));
                put(desk, &format!("{name}/new/thesis.txt"));
                put(desk, &format!("{name}/old/manifest.json"));
            }
            desk.put(".t.lock", "a lock of the user's");
        },
        done: ALL,
    },
    State { name: "a parent that cannot be written", target: "closed/t", set: closed, done: &[] },
    State {
        name: "a link to a folder of the user's",
        target: "t",
        set: |desk| {
            put(desk, "elsewhere/thesis.txt");
            link(desk, "elsewhere", "t");
        },
        done: &["regress --update"],
    },
    State {
        name: "a link to a file of the user's",
        target: "t",
        set: |desk| {
            desk.put("elsewhere.txt", "years of work");
            link(desk, "elsewhere.txt", "t");
        },
        done: &["init --force"],
    },
    State { name: "a link that leads nowhere", target: "t", set: |desk| link(desk, "nowhere", "t"), done: &[] },
    State { name: "the folder itself", target: ".", set: |_| {}, done: &["regress --update"] },
    State {
        name: "the folder of the inputs, with a manifest of ours",
        target: "../desk",
        set: |desk| {
            report(desk, "r");
            fs::copy(desk.path("r/manifest.json"), desk.path("manifest.json")).expect("a copy");
        },
        done: &["regress --update"],
    },
    State { name: "an input of the command's", target: "accounts.csv", set: |_| {}, done: &["init --force"] },
];

fn folder(desk: &Desk, name: &str) {
    fs::create_dir_all(desk.path(name)).expect("a folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(0o750)).expect("a folder of ours");
    }
}

fn put(desk: &Desk, name: &str) {
    fs::create_dir_all(desk.path(name).parent().expect("a folder")).expect("a folder");
    desk.put(name, "years of work");
}

fn link(desk: &Desk, to: &str, name: &str) {
    #[cfg(unix)]
    std::os::unix::fs::symlink(to, desk.path(name)).expect("a link");
    #[cfg(not(unix))]
    desk.put(name, to);
}

fn closed(desk: &Desk) {
    folder(desk, "closed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(desk.path("closed"), fs::Permissions::from_mode(0o555)).expect("a folder of ours");
    }
}

/// A small report of ours, as `run` would leave it: files, and a manifest that lists them.
fn report(desk: &Desk, name: &str) {
    let mut claim = levertide::report::folder::claim(&desk.path(name), false).expect("a claim");
    for file in ["summary.json", "tables/measures.csv", "charts/x/old.svg"] {
        claim.write(file, file.as_bytes()).expect("a file");
    }
    let manifest = serde_json::json!({ "program": "levertide", "token": claim.token(), "outputs": claim.files(), "data_root": ".." });
    claim.write("manifest.json", manifest.to_string().as_bytes()).expect("a manifest");
    claim.publish().expect("a report");
}

/// A folder that is watched, and a desk below it in which commands run.
fn ground() -> (tempfile::TempDir, Desk) {
    let watched = tempfile::tempdir().expect("a temporary folder");
    let home = tempfile::Builder::new().prefix("desk").rand_bytes(0).tempdir_in(watched.path()).expect("a folder");
    let (first, desk) = (Desk::new(), Desk { home });
    for entry in fs::read_dir(first.home.path()).expect("a folder") {
        let path = entry.expect("a file").path();
        fs::copy(&path, desk.path(&path.file_name().expect("a name").to_string_lossy())).expect("a copy");
    }
    (watched, desk)
}

#[test]
fn no_verb_touches_what_it_did_not_make() {
    let desk = Desk::new();
    desk.expect(0, &["regress", "programme.toml", "--paths", "8", "--quiet", "--update", "--baselines", "stored"]);
    let baseline = fs::read(desk.path("stored/tiny.json")).expect("a baseline");
    let mut faults = Vec::new();
    for state in &STATES {
        if state.name.starts_with("a parent") && writes_anywhere() {
            continue;
        }
        for (verb, words) in VERBS {
            let (watched, desk) = ground();
            fs::create_dir(desk.path("stored")).expect("a folder");
            fs::write(desk.path("stored/tiny.json"), &baseline).expect("a file");
            (state.set)(&desk);
            let before = snapshot(watched.path());
            let words: Vec<&str> = words.iter().map(|w| if *w == "T" { state.target } else { w }).collect();
            let output = desk.levertide(&words);
            let after = snapshot(watched.path());
            let code = output.status.code().expect("an exit code");
            let done = matches!(code, 0 | 1);
            if state.done.contains(&verb) != done {
                faults.push(format!("{verb}, {}: exit code {code}\n{}", state.name, err(&output)));
            }
            faults.extend(changes(&before, &after, state, verb, !done).into_iter().map(|f| format!("{verb}, {}: {f}", state.name)));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// What became other than it may.
fn changes(before: &Tree, after: &Tree, state: &State, verb: &str, refused: bool) -> Vec<String> {
    let target = format!("desk/{}", state.target);
    let is_inside = |name: &str| name == target || name.starts_with(&format!("{target}/")) || target.starts_with(&format!("{name}/"));
    // the files of the report that is replaced, and the file that `init --force` was told to replace
    let ours = |name: &str| {
        let inside = name.strip_prefix("desk/t/").unwrap_or("");
        let listed = ["summary.json", "tables/measures.csv", "charts/x/old.svg", "manifest.json", "tables", "charts", "charts/x"];
        let replaced = verb.ends_with("--force") && state.name.starts_with("a report") && listed.contains(&inside);
        let told = verb == "init --force" && matches!(name, "desk/t" | "desk/elsewhere.txt" | "desk/accounts.csv");
        !refused && (replaced || told)
    };
    let mut faults = Vec::new();
    for (name, node) in before.iter().filter(|(name, _)| !ours(name)) {
        match after.get(name) {
            None => faults.push(format!("{name} is gone")),
            Some(now) if now != node => faults.push(format!("{name} was changed: {:?} {:o}, now {:?} {:o}", node.0, node.1, now.0, now.1)),
            Some(_) => {}
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        let own = !refused && (is_inside(name) || (state.target == "." || state.target == "../desk") && name == "desk/tiny.json");
        let linked = !refused && verb == "regress --update" && name == "desk/elsewhere/tiny.json";
        if !own && !linked {
            faults.push(format!("{name} is new"));
        }
    }
    faults
}

/// True for a user whom no permission stops.
fn writes_anywhere() -> bool {
    let home = tempfile::tempdir().expect("a temporary folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o555)).expect("a folder of ours");
    }
    fs::write(home.path().join("x"), "").is_ok()
}

#[test]
fn an_input_inside_the_output_is_refused_by_name() {
    let run = ["run", "t/programme.toml", "--paths", "8", "--quiet", "--out", "t"];
    for force in [false, true] {
        let (watched, desk) = ground();
        report(&desk, "t");
        for name in ["programme.toml", "accounts.csv", "positions.csv", "prices.csv", "instruments.csv", "funding.csv"] {
            fs::rename(desk.path(name), desk.path("t").join(name)).expect("a move");
        }
        let before = snapshot(watched.path());
        let words: Vec<&str> = run.iter().copied().chain(force.then_some("--force")).collect();
        let said = err(&desk.expect(6, &words));
        assert!(said.contains("t/programme.toml") && said.contains("prices.csv"), "{said}");
        assert_eq!(snapshot(watched.path()), before);
    }
    // what is read, or written elsewhere, beside the programme and its data
    for (flag, inside) in [("--fit-cache", "t/cache"), ("--font-dir", "t/fonts"), ("--previous", "t/earlier")] {
        for stands in [true, false] {
            let (watched, desk) = ground();
            if stands {
                report(&desk, "t");
            }
            if flag != "--fit-cache" {
                fs::create_dir_all(desk.path(inside)).expect("a folder");
                desk.put(&format!("{inside}/summary.json"), r#"{"schema":1,"name":"w","scenarios":[]}"#);
            }
            let before = snapshot(watched.path());
            let output = desk.levertide(&["run", "programme.toml", "--paths", "8", "--quiet", "--out", "t", "--force", flag, inside]);
            assert_eq!(output.status.code(), Some(6), "{flag}: {}", err(&output));
            assert!(err(&output).contains(inside), "{flag}: {}", err(&output));
            assert_eq!(snapshot(watched.path()), before, "{flag}");
        }
    }
}

#[test]
fn a_refused_programme_leaves_no_trace_of_any_verb() {
    for words in [
        &["run", "programme.toml", "--out", "reports/deep/r"][..],
        &["run", "programme.toml", "--out", "r", "--fit-cache", "cache"],
        &["fit", "programme.toml", "--out", "reports/f"],
        &["regress", "good.toml", "programme.toml", "--paths", "8", "--quiet", "--update", "--baselines", "stored"],
        &["sample-book", "--accounts", "0", "--out", "reports/book"],
        &["sample-book", "--prices", "none.csv", "--as-of", "2024-03-01", "--out", "reports/book"],
    ] {
        let (watched, desk) = ground();
        fs::copy(desk.path("programme.toml"), desk.path("good.toml")).expect("a copy");
        desk.edit("programme.toml", "name = \"tiny\"", "name = \"spoiled\"");
        desk.edit("programme.toml", "liquidation = \"110%\"", "liquidation = \"160%\"");
        let before = snapshot(watched.path());
        let output = desk.levertide(words);
        assert!(!matches!(output.status.code(), Some(0 | 1)), "{words:?}: {}", err(&output));
        assert_eq!(snapshot(watched.path()), before, "{words:?}");
    }
}

#[cfg(unix)]
#[test]
fn permissions_are_alike_for_every_verb() {
    use std::os::unix::fs::PermissionsExt;
    let (_watched, desk) = ground();
    desk.put("plain", "");
    fs::create_dir(desk.path("folder")).expect("a folder");
    let expected = ["plain", "folder"].map(|name| mode(&fs::metadata(desk.path(name)).expect("there")));
    fs::set_permissions(desk.path("prices.csv"), fs::Permissions::from_mode(0o400)).expect("a file of ours");
    for (place, words) in [
        ("r", &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "r", "--fit-cache", "cache"][..]),
        ("f", &["fit", "programme.toml", "--quiet", "--out", "f"]),
        ("book", &["sample-book", "--accounts", "5", "--symbols", "3", "--quiet", "--out", "book"]),
        ("held", &["sample-book", "--accounts", "5", "--prices", "prices.csv", "--as-of", "2024-03-01", "--quiet", "--out", "held"]),
        ("new.toml", &["init", "new.toml"]),
        ("stored", &["regress", "programme.toml", "--paths", "8", "--quiet", "--update", "--baselines", "stored"]),
        ("j.xml", &["regress", "programme.toml", "--paths", "8", "--quiet", "--baselines", "stored", "--junit", "j.xml"]),
        ("m.md", &["regress", "programme.toml", "--paths", "8", "--quiet", "--baselines", "stored", "--markdown", "m.md"]),
    ] {
        desk.expect(0, words);
        let mut all = if desk.path(place).is_dir() { snapshot(&desk.path(place)) } else { Tree::new() };
        let facts = fs::metadata(desk.path(place)).expect("there");
        all.insert(place.into(), (if facts.is_dir() { 'd' } else { 'f' }, mode(&facts), Vec::new()));
        for (name, (kind, mode, _)) in all {
            assert_eq!(mode, expected[usize::from(kind == 'd')], "{words:?}: {name} has {mode:o}");
        }
    }
    // what is replaced keeps the permissions its owner gave it
    for (place, closed, words) in [
        ("r", 0o700, &["run", "programme.toml", "--paths", "8", "--quiet", "--out", "r", "--force"][..]),
        ("new.toml", 0o600, &["init", "new.toml", "--force"]),
        ("stored/tiny.json", 0o600, &["regress", "programme.toml", "--paths", "8", "--quiet", "--update", "--baselines", "stored"]),
    ] {
        fs::set_permissions(desk.path(place), fs::Permissions::from_mode(closed)).expect("ours");
        desk.expect(0, words);
        assert_eq!(mode(&fs::metadata(desk.path(place)).expect("there")), closed, "{place}");
    }
}

/// A command that runs beside the test, and ends with it.
#[cfg(unix)]
struct Running(std::process::Child);

#[cfg(unix)]
impl Running {
    fn start(desk: &Desk, words: &[&str]) -> Self {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("levertide"));
        let null = std::process::Stdio::null;
        Running(command.current_dir(desk.home.path()).args(words).stdout(null()).stderr(null()).spawn().expect("the binary runs"))
    }

    fn end(&mut self, signal: &str) -> Option<i32> {
        let sent = std::process::Command::new("kill").args([signal, &self.0.id().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "it has ended before");
        self.0.wait().expect("it ends").code()
    }
}

#[cfg(unix)]
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until it holds, for half a minute.
#[cfg(unix)]
fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1_500 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{what}: it has not come to that");
}

/// A run that lasts.
#[cfg(unix)]
const LONG: [&str; 9] =
    ["run", "programme.toml", "--paths", "1000000", "--set", "simulation.horizon-days=250", "--threads", "1", "--quiet"];

#[cfg(unix)]
#[test]
fn a_killed_run_is_cleared_up_by_the_next_and_a_live_one_never() {
    let (watched, desk) = ground();
    desk.put("r.partial-1", "the user's");
    let work = || -> Vec<String> {
        let names = snapshot(desk.home.path()).into_keys();
        names.filter(|name| name.starts_with(".levertide-") && name.ends_with("/new")).collect()
    };
    let before = snapshot(watched.path());
    let mut killed = Running::start(&desk, &[&LONG[..], &["--out", "r"]].concat());
    until("a claim before the first path", || work().len() == 1);
    let second = desk.expect(6, &["run", "programme.toml", "--out", "r", "--quiet"]);
    assert!(err(&second).contains("claimed by another run"), "{}", err(&second));
    killed.end("-KILL");
    let left = work();
    assert_eq!(left.len(), 1, "a killed run cannot clear up");
    // a refused run leaves even that where it is; one that goes on clears it up, whatever its own target
    let tree = snapshot(watched.path());
    desk.expect(6, &["run", "programme.toml", "--out", "r.partial-1", "--quiet"]);
    assert_eq!(snapshot(watched.path()), tree);
    let mut live = Running::start(&desk, &[&LONG[..], &["--out", "live"]].concat());
    let live_alone = || Some(work()).filter(|there| there.len() == 1 && *there != left);
    until("the killed run's folder gone, the live one's there", || live_alone().is_some());
    let now = live_alone().expect("it stays while the run lasts");
    desk.expect(0, &["init", "fresh.toml"]);
    assert_eq!(work(), now, "the live run's folder stands");
    assert_eq!(live.end("-TERM"), Some(130));
    fs::remove_file(desk.path("fresh.toml")).expect("there");
    assert_eq!(snapshot(watched.path()), before);
}

#[cfg(unix)]
#[test]
fn every_signal_ends_every_verb_without_a_trace() {
    let book = ["sample-book", "--preset", "market", "--quiet", "--out", "book"];
    let run = [&LONG[..], &["--out", "reports/r"]].concat();
    for (signal, words) in [("-INT", &book[..]), ("-TERM", &book), ("-HUP", &book), ("-TERM", &run), ("-HUP", &run)] {
        let (watched, desk) = ground();
        let before = snapshot(watched.path());
        let mut running = Running::start(&desk, words);
        until("a claim", || snapshot(watched.path()).len() > before.len() + 2);
        assert_eq!(running.end(signal), Some(130), "{signal} {words:?}");
        assert_eq!(snapshot(watched.path()), before, "{signal} {words:?}");
    }
}

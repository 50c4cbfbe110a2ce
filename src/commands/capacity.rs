//! Holds what a run needs of memory and disk against what the machine and the limits on this process give, before it starts.

use super::pipeline::Loaded;
use crate::disk::space;
use crate::engine::{Needs, needs};
use crate::model::case::Programme;
use crate::problem::{Kind, Place, Problem, Problems};
use crate::report::export::ledger::PATHS_AT_ONCE;
use std::fs;
use std::path::{Path, PathBuf};

/// What the document, its charts and the tables of a report take beside the figures, bytes; measured on the shipped programmes.
const REPORT: u64 = 220 << 20;

/// What the entries of one audited path take for each account, bytes.
const ENTRIES: u64 = 800;

/// What a run of a loaded programme needs in all.
pub struct Demand {
    needs: Needs,
    /// What the process holds already: the program, and what it has read.
    held: u64,
    report: u64,
}

/// What a programme, with its model-risk scenarios, needs on so many threads.
pub fn demand(loaded: &Loaded, simulated: &Programme, threads: usize) -> Demand {
    let entries = ENTRIES * loaded.inputs.book.accounts() as u64 * PATHS_AT_ONCE.min(threads) as u64;
    Demand { needs: needs(simulated, &loaded.inputs.book, threads), held: status("VmRSS:").unwrap_or(0), report: REPORT + entries }
}

impl Demand {
    /// The same where the rows of all scenarios stay in memory, and none wait on the disk.
    pub fn in_memory(mut self) -> Demand {
        self.needs.rows = std::mem::take(&mut self.needs.spool);
        self
    }

    /// Memory that the process will hold at least, and may hold.
    pub fn memory(&self) -> [u64; 2] {
        [self.held + self.needs.least(), self.held + self.needs.most() + self.report]
    }

    /// Disk that the run needs until its report is written.
    pub fn disk(&self) -> u64 {
        self.needs.spool
    }

    /// One line for who wants to know before a run.
    pub fn told(&self) -> String {
        let [least, most] = self.memory();
        let given = memory().map_or(String::new(), |given| format!(" ({} can be had)", size(self.held + given.bytes)));
        format!("a run needs {} to {} of memory{given}, and {} of disk while it runs", size(least), size(most), size(self.disk()))
    }

    /// Refuses a run that cannot end.
    ///
    /// Errors (kind Usage): memory, disk, or the length of a file do not suffice; each with what to change.
    pub fn check(&self, folder: &Path) -> Result<(), Problems> {
        let mut problems = Problems::new();
        let [least, _] = self.memory();
        if let Some(given) = memory().filter(|given| self.held + given.bytes < least) {
            let what = format!("the run needs {} of memory at least, {} can be had", size(least), size(self.held + given.bytes));
            let why = format!("{} gives no more", given.by);
            let fix = "run fewer paths or scenarios at a time (--paths, --scenario), fewer threads (--threads), or parts of it on several \
                       machines (`levertide shard`)";
            problems.push(Problem::new(Kind::Usage, Place::default(), what, why, fix));
        }
        let spool = self.disk();
        let place = || Place::file(folder.display().to_string());
        if let Some(free) = space::free(folder).filter(|free| *free < spool) {
            let what = format!("the run needs {} of disk there, {} are free", size(spool), size(free));
            let fix = "free some, name a folder on another disk with --out, or run fewer paths at a time";
            problems.push(Problem::new(Kind::Usage, place(), what, "rows of finished paths wait there to be measured", fix));
        }
        if let Some(longest) = space::longest_file().filter(|longest| *longest < spool) {
            let what = format!("the run needs a file of {}, and may write files of {}", size(spool), size(longest));
            let fix = "raise the limit (ulimit -f), or run fewer paths at a time";
            problems.push(Problem::new(Kind::Usage, place(), what, "rows of finished paths wait there to be measured", fix));
        }
        problems.into_result(())
    }
}

/// Memory that can still be had, and who says so.
struct Given {
    bytes: u64,
    by: String,
}

/// The least of what the machine, a container and the limits on the process give; nothing where the system does not tell.
fn memory() -> Option<Given> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| kib(&text, "MemAvailable:"));
    let machine = machine.map(|bytes| Given { bytes, by: "the machine".into() });
    let space = |name: &str, held: &str, by: &str| {
        space::limit(name).map(|limit| Given { bytes: limit.saturating_sub(status(held).unwrap_or(0)), by: by.into() })
    };
    let address = space("Max address space", "VmSize:", "the limit on the process (ulimit -v)");
    let data = space("Max data size", "VmData:", "the limit on the process (ulimit -d)");
    [machine, container(), address, data].into_iter().flatten().min_by_key(|given| given.bytes)
}

/// What the tightest control group of the process leaves (cgroup, version 2 and 1).
fn container() -> Option<Given> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let root = Path::new("/sys/fs/cgroup");
    let mut folders: Vec<(PathBuf, [&str; 2])> = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?.trim_start_matches('/'));
        let (base, names) = match controllers {
            "" => (root.to_path_buf(), ["memory.max", "memory.current"]),
            c if c.split(',').any(|c| c == "memory") => (root.join("memory"), ["memory.limit_in_bytes", "memory.usage_in_bytes"]),
            _ => continue,
        };
        // inside a container its own group is the root
        let inside = base.join(path);
        folders.extend(inside.ancestors().take_while(|folder| folder.starts_with(&base)).map(|folder| (folder.to_path_buf(), names)));
    }
    let number = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let left = folders
        .into_iter()
        .filter_map(|(folder, [limit, used])| Some(number(folder.join(limit))?.saturating_sub(number(folder.join(used)).unwrap_or(0))));
    left.min().map(|bytes| Given { bytes, by: "the control group of the process (a container's limit)".into() })
}

/// A line of the status that Linux gives of this process, bytes.
pub fn status(name: &str) -> Option<u64> {
    kib(&fs::read_to_string("/proc/self/status").ok()?, name)
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// "1.3 GB", "40 MB": two figures.
fn size(bytes: u64) -> String {
    let (number, unit) = match bytes {
        0..10_000_000 => (bytes as f64 / 1e6, "MB"),
        10_000_000..1_000_000_000 => return format!("{:.0} MB", bytes as f64 / 1e6),
        1_000_000_000..1_000_000_000_000 => (bytes as f64 / 1e9, "GB"),
        _ => (bytes as f64 / 1e12, "TB"),
    };
    format!("{number:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_units_of_a_reader() {
        assert_eq!(
            [0, 2_500_000, 40_000_000, 1_340_000_000, 3_000_000_000_000].map(size),
            ["0.0 MB", "2.5 MB", "40 MB", "1.3 GB", "3.0 TB"]
        );
    }

    #[test]
    fn a_run_that_needs_more_than_there_is_is_refused_with_what_to_change() {
        let needs = Needs { plans: u64::MAX / 4, spool: u64::MAX / 4, ..Needs::default() };
        let home = tempfile::tempdir().unwrap();
        let said = Demand { needs, held: 0, report: 0 }.check(home.path());
        if cfg!(target_os = "linux") {
            let said = said.unwrap_err().to_string();
            assert!(said.contains("of memory at least") && said.contains("of disk there") && said.contains("levertide shard"), "{said}");
        }
        Demand { needs: Needs::default(), held: 0, report: 0 }.check(home.path()).unwrap();
    }
}

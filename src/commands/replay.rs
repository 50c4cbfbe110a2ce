//! Runs one path again and tells it day by day: the whole book, or one account or one tier with its entries.

use super::command::Command;
use super::flags::{Changes, Drive, Voice};
use super::{fit_cache, interrupt, pipeline, show, simulation, terminal};
use crate::engine::trace::{self, Entry, StoryLine, Trace};
use crate::inputs::programme::Overrides;
use crate::model::pool::tier_capital;
use crate::problem::{Kind, Place, Problem, Problems, exit};
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// Run one path again and print it session by session, or one account or tier on it with its ledger entries
#[derive(Debug, Args)]
pub struct Replay {
    /// The programme, a TOML file; `--scenario` names the scenario [default: base]
    pub programme: PathBuf,
    /// The path: a number from 0, or worst, median, es-typical (which simulates the scenario first)
    #[arg(long, value_name = "PATH", default_value = "worst")]
    pub path: String,
    /// Print this account instead of the whole book
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// Print this tier and the pool's cash instead
    #[arg(long, value_name = "NAME", conflicts_with = "account")]
    pub tier: Option<String>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub drive: Drive,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Replay {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let mut loaded = self.load()?;
        let recall = fit_cache::open(&self.drive.recall, &mut loaded);
        let scenario = find_scenario(self, &loaded)?;
        let account = self.account.as_deref().map(|id| find_account(id, &loaded)).transpose()?;
        let tier = self.tier.as_deref().map(|name| find_tier(name, &loaded)).transpose()?;
        let path = find_path(self, &loaded, scenario)?;
        let trace = trace::trace(&loaded.programme, &loaded.inputs.book, &loaded.inputs.market, scenario, path)?;
        recall.tell(&self.voice);
        let mut out = String::new();
        let name = &loaded.programme.scenarios[scenario].name;
        let _ = writeln!(out, "{} · scenario {name} · path {path} · pool loss {}\n", loaded.programme.name, show::grouped(trace.pool_loss));
        match (account, tier) {
            (Some(index), _) => tell_account(&mut out, &loaded, &trace, index),
            (None, Some(index)) => tell_tier(&mut out, &loaded, &trace, scenario, index),
            (None, None) => tell_book(&mut out, &trace),
        }
        terminal::say(&out)?;
        Ok(exit::DONE)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

impl Replay {
    /// The programme, with every scenario where what is told depends on all of them: tilted laws are fitted to all, and so are samples whose
    /// worst path is looked for.
    fn load(&self) -> Result<pipeline::Loaded, Problems> {
        let loaded = pipeline::load(&self.programme, &self.changes)?;
        let is_role = self.path.parse::<u64>().is_err();
        let by_all = loaded.programme.scenarios.iter().map(|scenario| &scenario.case.simulation.sampling);
        let mut by_all = by_all.map(|sampling| sampling.is_tilted() || is_role && !sampling.is_plain());
        if self.changes.scenario.is_empty() || !by_all.any(|by_all| by_all) {
            return Ok(loaded);
        }
        pipeline::load_with(&self.programme, &Overrides { scenarios: Vec::new(), ..self.changes.overrides() })
    }
}

fn usage(flag: &str, what: String, why: &str, fix: impl Into<String>) -> Problems {
    Problem::new(Kind::Usage, Place::default().field(flag), what, why, fix).into()
}

fn find_scenario(args: &Replay, loaded: &pipeline::Loaded) -> Result<usize, Problems> {
    let wanted = args.changes.scenario.last().map_or("base", String::as_str);
    let names: Vec<&str> = loaded.programme.scenarios.iter().map(|s| s.name.as_str()).collect();
    let fix = || format!("name one of: {}", names.join(", "));
    let found = names.iter().position(|n| *n == wanted);
    found.ok_or_else(|| usage("--scenario", format!("there is no scenario `{wanted}`"), "one scenario's path is told", fix()))
}

fn find_account(id: &str, loaded: &pipeline::Loaded) -> Result<usize, Problems> {
    let found = loaded.inputs.book.account_id.iter().position(|a| a == id);
    found.ok_or_else(|| {
        usage(
            "--account",
            format!("there is no account `{id}`"),
            "--account prints one account of the book",
            "give an account_id of the accounts file",
        )
    })
}

fn find_tier(name: &str, loaded: &pipeline::Loaded) -> Result<usize, Problems> {
    let tiers = &loaded.inputs.book.tiers;
    let found = tiers.iter().position(|t| t == name);
    found.ok_or_else(|| {
        usage("--tier", format!("there is no tier `{name}`"), "one tier's story is told", format!("name one of: {}", tiers.join(", ")))
    })
}

/// A path by number, or by what it came to (which takes a simulation of the scenario).
fn find_path(args: &Replay, loaded: &pipeline::Loaded, scenario: usize) -> Result<u64, Problems> {
    let simulation = &loaded.programme.scenarios[scenario].case.simulation;
    let paths = simulation.most_drawn();
    if let Ok(path) = args.path.parse::<u64>() {
        if path < paths {
            return Ok(path);
        }
        return Err(usage(
            "--path",
            format!("{path} is beyond the last path"),
            "paths are numbered from 0",
            format!("give a number below {paths}"),
        ));
    }
    let progress = pipeline::progress(loaded, &args.voice);
    let outcomes = simulation::in_memory(loaded, &args.drive, &progress)?;
    let audited = trace::audit_paths(&outcomes[scenario]);
    let found = audited.iter().find(|(role, ..)| *role == args.path).map(|(_, path, _)| *path);
    found.ok_or_else(|| {
        usage(
            "--path",
            format!("`{}` is no path", args.path),
            "a path is a number, or a role on the distribution of losses",
            "give a number, worst, median or es-typical",
        )
    })
}

/// A line a day over all accounts.
fn tell_book(out: &mut String, trace: &Trace) {
    let mut table = show::plain(&["day", "date", "called", "in liquidation", "closed", "sold today", "paid in today", "shortfall today"]);
    for (day, date) in trace.dates.iter().enumerate() {
        let lines: Vec<&StoryLine> = trace.story.iter().filter(|l| usize::from(l.day) == day + 1).collect();
        let count = |state: &str| lines.iter().filter(|l| l.state.starts_with(state)).count().to_string();
        let sum = |value: fn(&StoryLine) -> f64| show::grouped(lines.iter().fold(0.0, |sum, l| sum + value(l)));
        table.add_row(vec![
            (day + 1).to_string(),
            date.to_string(),
            count("called"),
            count("in liquidation"),
            count("closed"),
            sum(|l| l.sold),
            sum(|l| l.paid_in),
            sum(|l| l.shortfall),
        ]);
    }
    let _ = writeln!(out, "{}", table.trim_fmt());
}

/// One tier's line a day with the pool's cash, then every entry that touches the tier or its funders.
fn tell_tier(out: &mut String, loaded: &pipeline::Loaded, trace: &Trace, scenario: usize, index: usize) {
    let book = &loaded.inputs.book;
    let name = &book.tiers[index];
    let capital = tier_capital(book, &loaded.programme.scenarios[scenario].case.pool)[index];
    let _ = writeln!(out, "tier {name}, capital {}\n", show::grouped(capital));
    if trace.pool.is_empty() {
        let _ = writeln!(out, "the pool has no cash account ([pool.cash]): its losses are shared out at the end\n");
    } else {
        let heads = ["day", "date", "borne", "refilled", "called", "unpaid", "state", "pool cash", "loans", "buffer days", "called back"];
        let mut table = show::plain(&heads);
        for line in &trace.pool {
            let tier = &line.tiers[index];
            table.add_row(vec![
                line.day.to_string(),
                trace.dates[usize::from(line.day) - 1].to_string(),
                show::grouped(tier.taken),
                show::grouped(tier.added),
                show::grouped(tier.left),
                show::grouped(tier.unpaid),
                if tier.failed { "failed" } else { "stands" }.to_string(),
                show::grouped(line.cash),
                show::grouped(line.loans),
                format!("{:.2}", line.buffer_days),
                show::grouped(line.recalling),
            ]);
        }
        let _ = writeln!(out, "{}\n", table.trim_fmt());
    }
    let own: Vec<String> = book.funding.iter().filter(|s| s.tier as usize == index).map(|s| format!("funder/{}", s.source_id)).collect();
    let (tier, outside) = (format!("tier/{name}"), format!("outside/{name}"));
    let is_own = |account: &str| {
        let funder = own.iter().any(|f| account == f || account.strip_prefix(f.as_str()).is_some_and(|rest| rest.starts_with('/')));
        account == tier || account == outside || funder
    };
    let ids: std::collections::BTreeSet<u32> = trace.entries.iter().filter(|e| is_own(&e.account)).map(|e| e.entry_id).collect();
    // the loss entry has a leg for every account in shortfall: only those who bear it are shown
    entries(out, trace, |e| ids.contains(&e.entry_id) && !e.account.starts_with("shortfall/"));
}

/// A table of the entries that `shown` picks.
fn entries(out: &mut String, trace: &Trace, shown: impl Fn(&Entry) -> bool) {
    let mut table = show::plain(&["day", "entry", "what", "account", "amount"]);
    for entry in trace.entries.iter().filter(|e| shown(e)) {
        table.add_row(vec![
            entry.day.to_string(),
            entry.entry_id.to_string(),
            entry.what.into(),
            entry.account.clone(),
            format!("{:.2}", entry.amount),
        ]);
    }
    let _ = writeln!(out, "{}", table.trim_fmt());
}

/// One account's line a day, then every entry that touches it.
fn tell_account(out: &mut String, loaded: &pipeline::Loaded, trace: &Trace, index: usize) {
    let id = &loaded.inputs.book.account_id[index];
    let _ = writeln!(out, "account {id}\n");
    let mut table =
        show::plain(&["day", "date", "state", "ratio", "cash", "market value", "loan", "interest", "sold", "paid in", "shortfall"]);
    for line in trace.opening.iter().chain(&trace.story).filter(|l| l.account == index) {
        let ratio = line.ratio();
        let date = usize::from(line.day).checked_sub(1).map_or(loaded.programme.as_of, |day| trace.dates[day]);
        table.add_row(vec![
            line.day.to_string(),
            date.to_string(),
            line.state.to_string(),
            if ratio.is_finite() { format!("{:.1}%", ratio * 100.0) } else { "no debt".into() },
            show::grouped(line.cash),
            show::grouped(line.market_value),
            show::grouped(line.loan),
            show::grouped(line.interest_due),
            show::grouped(line.sold),
            show::grouped(line.paid_in),
            show::grouped(line.shortfall),
        ]);
    }
    let _ = writeln!(out, "{}\n", table.trim_fmt());
    let (client, shortfall) = (format!("client/{id}/"), format!("shortfall/{id}"));
    let recall = format!("recall/{id}");
    let own = |e: &Entry| e.account.starts_with(&client) || e.account == shortfall || e.account == recall;
    let ids: std::collections::BTreeSet<u32> = trace.entries.iter().filter(|e| own(e)).map(|e| e.entry_id).collect();
    // the loss entry has a leg for every account in shortfall: only this one's and those who bear it are shown
    entries(out, trace, |e| ids.contains(&e.entry_id) && (own(e) || !e.account.starts_with("shortfall/")));
}

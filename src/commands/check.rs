//! Reads a programme and its data, and lists every problem or what there is; simulates nothing.

use super::command::Command;
use super::flags::{Changes, Voice};
use super::previous::Earlier;
use super::{capacity, delivery, pipeline, previous, show, terminal, threads};
use crate::inputs::Inputs;
use crate::model::case::{Programme, Simulation};
use crate::model::margin::Lines;
use crate::problem::{Problems, exit, visible};
use crate::study::{limits, model_risk};
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Check a programme and its data, and list every problem; nothing is simulated
#[derive(Debug, Args)]
pub struct Check {
    /// The programme, a TOML file
    pub programme: PathBuf,
    /// Folder with further fonts, as `run` takes it
    #[arg(long, value_name = "DIR")]
    pub font_dir: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    pub voice: Voice,
}

impl Command for Check {
    fn execute(&self) -> Result<i32, Problems> {
        let mut loaded = pipeline::load(&self.programme, &self.changes)?;
        let earlier = previous::read(&mut loaded)?;
        delivery::load_fonts(self.font_dir.as_deref(), &loaded, earlier.iter().flat_map(Earlier::texts))?;
        let demand = capacity::demand(&loaded, &model_risk::extended(&loaded.programme), threads::asked(None));
        demand.check(Path::new("."))?;
        if !self.voice.quiet {
            terminal::say(&summary(&loaded.programme, &loaded.inputs, &demand))?;
        }
        Ok(exit::DONE)
    }

    fn voice(&self) -> Option<&Voice> {
        Some(&self.voice)
    }
}

fn summary(programme: &Programme, inputs: &Inputs, demand: &capacity::Demand) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} · as of {} · {} · seed {}", programme.name, programme.as_of, programme.currency, programme.seed);
    let _ = writeln!(out, "\n{}", data(inputs).trim_fmt());
    let _ = writeln!(out, "\n{}", tiers(inputs).trim_fmt());
    let _ = writeln!(out, "\n{}", lines(programme, inputs).trim_fmt());
    let _ = writeln!(out, "\n{}", scenarios(programme).trim_fmt());
    out.push('\n');
    let _ = writeln!(out, "{}", figures(programme, inputs).trim_fmt());
    let _ = writeln!(out, "\n{}", holdings(inputs).trim_fmt());
    out.push('\n');
    if !programme.limits.is_empty() {
        let _ = writeln!(out, "limits: {}", show::together(&limits::joint_of_programme(programme, &inputs.book)));
    }
    for note in &inputs.notes {
        let _ = writeln!(out, "note: {}", visible::line(&note.en));
    }
    let _ = writeln!(out, "{}", demand.told());
    let _ = writeln!(out, "no problems found");
    out
}

fn data(inputs: &Inputs) -> comfy_table::Table {
    let (book, market) = (&inputs.book, &inputs.market);
    let mut table = show::plain(&["data", "count", "remark"]);
    let mut row = |what: &str, count: usize, remark: String| {
        table.add_row(vec![what.to_string(), show::grouped(count as f64), remark]);
    };
    let span = match (market.history.dates.first(), market.history.dates.last()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "no history".into(),
    };
    let held: std::collections::BTreeSet<u32> = book.position_symbol.iter().copied().collect();
    let proxied = held.iter().filter(|s| market.instruments[**s as usize].proxy.is_some()).count();
    row("accounts", book.accounts(), format!("grades {}", book.grades.join(", ")));
    row("positions", book.position_symbol.len(), format!("{} symbols held, {proxied} with returns filled from a proxy", held.len()));
    row("symbols", market.history.width(), "in the price history".into());
    row("sessions", market.history.days(), span);
    row("funding sources", book.funding.len(), String::new());
    for file in &inputs.lineage {
        row(
            &format!("rows of {}", file.role),
            file.rows as usize,
            format!("{}, {} used, {} rejected, {} passed over", file.path, file.used, file.rejected, file.passed_over),
        );
    }
    show::align_right_one(&mut table, 1);
    table
}

/// What a person can hold against the source: the book's sums and its ratio as a whole.
fn figures(programme: &Programme, inputs: &Inputs) -> comfy_table::Table {
    let (book, price) = (&inputs.book, inputs.market.prices());
    let sum = |column: &[f64]| column.iter().fold(0.0, |sum, v| sum + v);
    let value = (0..book.accounts()).fold(0.0, |sum, a| sum + book.market_value(a, &price));
    let (cash, debt) = (sum(&book.cash), sum(&book.loan) + sum(&book.accrued_interest));
    let mut table = show::plain(&["the book as read", &programme.currency]);
    for (what, money) in
        [("loans", sum(&book.loan)), ("accrued interest", sum(&book.accrued_interest)), ("cash", cash), ("market value", value)]
    {
        table.add_row(vec![what.to_string(), show::grouped(money)]);
    }
    let ratio = if debt > 0.0 { format!("{:.2} %", (cash + value) / debt * 100.0) } else { "none, nothing is owed".into() };
    table.add_row(vec!["maintenance ratio of all accounts".to_string(), ratio]);
    show::align_right_one(&mut table, 1);
    table
}

/// Holdings shown.
const LARGEST: usize = 10;

/// The largest holdings of the whole book, with the close each is valued at.
fn holdings(inputs: &Inputs) -> comfy_table::Table {
    let (book, price) = (&inputs.book, inputs.market.prices());
    let mut shares: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
    for (symbol, quantity) in book.position_symbol.iter().zip(&book.position_quantity) {
        *shares.entry(*symbol).or_default() += quantity;
    }
    let mut held: Vec<(u32, f64, f64)> = shares.into_iter().map(|(s, q)| (s, q, q * price[s as usize])).collect();
    held.sort_by(|a, b| b.2.total_cmp(&a.2));
    let mut table = show::plain(&["largest holdings", "name", "board", "shares", "as-of close", "market value"]);
    for (symbol, quantity, value) in held.into_iter().take(LARGEST) {
        let own = &inputs.market.instruments[symbol as usize];
        let close = format!("{}", price[symbol as usize]);
        let board = format!("{:?}", own.board).to_lowercase();
        table.add_row(vec![own.symbol.clone(), own.name.clone(), board, show::grouped(quantity), close, show::grouped(value)]);
    }
    show::align_right(&mut table, 3);
    table
}

fn tiers(inputs: &Inputs) -> comfy_table::Table {
    let book = &inputs.book;
    let mut table = show::plain(&["tier", "accounts", "loans", "funding"]);
    for (index, tier) in book.tiers.iter().enumerate() {
        let accounts: Vec<usize> = (0..book.accounts()).filter(|a| book.tier[*a] as usize == index).collect();
        let loans: f64 = accounts.iter().map(|a| book.loan[*a]).sum();
        let funding: f64 = book.funding.iter().filter(|f| f.tier as usize == index).map(|f| f.amount).sum();
        table.add_row(vec![tier.clone(), show::grouped(accounts.len() as f64), show::grouped(loans), show::grouped(funding)]);
    }
    show::align_right(&mut table, 1);
    table
}

/// A line's name and where it stands.
type Line = (&'static str, fn(&Lines) -> f64);
/// The lines of a margin contract, from the mildest.
const LINES: [Line; 4] = [("warning", |l| l.warning), ("limit", |l| l.limit), ("call", |l| l.call), ("liquidation", |l| l.liquidation)];

/// Accounts already at or below each line of the base case on the as-of date.
fn lines(programme: &Programme, inputs: &Inputs) -> comfy_table::Table {
    let (book, price) = (&inputs.book, inputs.market.prices());
    let margin = &programme.scenarios[0].case.margin;
    let mut table = show::plain(&["below at the start", "accounts", "loans"]);
    for (name, line) in LINES {
        let below = |a: &usize| {
            let debt = book.loan[*a] + book.accrued_interest[*a];
            let line = line(&margin.lines(&book.lines[*a], book.product_of(*a)));
            // money against money: an account without a loan is below no line
            line > 0.0 && debt > 0.0 && book.cash[*a] + book.market_value(*a, &price) <= line * debt
        };
        let accounts: Vec<usize> = (0..book.accounts()).filter(below).collect();
        let loans: f64 = accounts.iter().map(|a| book.loan[*a]).sum();
        table.add_row(vec![format!("{name} line"), show::grouped(accounts.len() as f64), show::grouped(loans)]);
    }
    show::align_right(&mut table, 1);
    table
}

/// How many paths are simulated, and of how many candidates.
fn paths(simulation: &Simulation) -> String {
    let paths = |of: &dyn Fn(u64) -> u64| match &simulation.until {
        None => show::grouped(of(simulation.paths) as f64),
        Some(_) => format!("{} to {}", show::grouped(of(simulation.paths) as f64), show::grouped(of(simulation.most_paths()) as f64)),
    };
    match simulation.sampling.is_plain() {
        true => paths(&|n| n),
        false => format!("{} of {} candidates", paths(&|n| n), paths(&|n| simulation.drawn_for(n))),
    }
}

fn scenarios(programme: &Programme) -> comfy_table::Table {
    let mut table = show::plain(&["scenario", "severity", "market", "shocks", "days", "paths"]);
    for scenario in &programme.scenarios {
        let case = &scenario.case;
        table.add_row(vec![
            scenario.name.clone(),
            format!("{:?}", scenario.severity).to_lowercase(),
            case.market.key().to_string(),
            show::grouped(case.shocks.len() as f64),
            case.simulation.horizon_days.to_string(),
            paths(&case.simulation),
        ]);
    }
    show::align_right(&mut table, 3);
    table
}

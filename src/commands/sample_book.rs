//! Writes a generated book, the market it holds, and a programme that runs on both: a folder, whole or absent.

use super::command::Command;
use super::flags::count;
use super::{interrupt, terminal};
use crate::disk::work::WorkFolder;
use crate::disk::{io_problem, place, refused};
use crate::inputs::{
    self,
    write::{Cells, table},
};
use crate::maths::random::Streams;
use crate::model::case::{Data, Programme, Report};
use crate::model::history::{Board, flag};
use crate::model::sample::{self, Account, Listing, Mix, Size, Source, audit, market};
use crate::problem::{Kind, Place, Problem, Problems, exit};
use crate::units::Day;
use clap::{Args, ValueEnum};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Tables with more rows are written as Parquet.
const ROWS_CSV: usize = 200_000;

/// Write a generated book, its market, and a programme that runs on them
#[derive(Debug, Args)]
pub struct SampleBook {
    /// A reference book: desk 200 accounts, platform 10,000, market 100,000 [default: desk]
    #[arg(long, value_enum)]
    pub preset: Option<Preset>,
    /// Which clients the book is made of
    #[arg(long, value_enum, default_value_t = Clients::Mixed)]
    pub clients: Clients,
    /// Accounts, instead of the preset's
    #[arg(long, value_name = "N", value_parser = few)]
    pub accounts: Option<usize>,
    /// Symbols of the generated market, instead of the preset's
    #[arg(long, value_name = "N", value_parser = few, conflicts_with = "prices")]
    pub symbols: Option<usize>,
    /// Sessions the programme simulates, instead of the preset's
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Paths the programme simulates, instead of the preset's
    #[arg(long, value_name = "N", value_parser = count)]
    pub paths: Option<u64>,
    /// Seed of the book and of its programme
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The folder to write; it must not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Use the symbols of this price file instead of generated ones
    #[arg(long, value_name = "FILE", requires = "as_of")]
    pub prices: Option<PathBuf>,
    /// The instruments file of those symbols
    #[arg(long, value_name = "FILE", requires = "prices")]
    pub instruments: Option<PathBuf>,
    /// The as-of date; a generated market ends there [default: 2025-12-31]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub as_of: Option<Day>,
    /// Do not print a summary of the book
    #[arg(long)]
    pub quiet: bool,
}

/// The reference books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// 200 accounts, 50 symbols, 20 days, 1,000,000 paths
    Desk,
    /// 10,000 accounts, 300 symbols, 20 days, 100,000 paths
    Platform,
    /// 100,000 accounts, 3,000 symbols, 10 days, 10,000 paths
    Market,
}

/// Which clients a sample book is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clients {
    /// Regulated, umbrella and off-exchange clients, at a mean leverage of about 1.6
    Mixed,
    /// All clients at 4 to 8 times leverage, in a pool without tiers
    HighLeverage,
    /// The same clients, with leverage capped at 2 and 2.5 times by tier
    Compliant,
}

impl Command for SampleBook {
    fn execute(&self) -> Result<i32, Problems> {
        interrupt::listen();
        let size = size_of(self)?;
        let work = claim(&self.out)?;
        let folder = work.new_path();
        fs::create_dir(&folder).map_err(|e| io_problem(&self.out, "cannot be written", &e))?;
        let streams = Streams::new(self.seed);
        let (as_of, listings, files) = market_of(self, &streams, size.symbols, &folder)?;
        interrupt::check()?;
        let (accounts, sources) = sample::book(&streams, mix_of(self.clients), as_of, &listings, size.accounts);
        let mut written = write_book(&folder, &listings, &accounts, &sources)?;
        written.extend(files);
        let programme = programme_text(self.seed, as_of, size, &written);
        write_text(&folder.join("programme.toml"), &programme)?;
        let text = summary(&audit::audit(&accounts, &sources, &listings), &self.out);
        interrupt::check()?;
        work.publish_folder().map_err(|e| io_problem(&self.out, "cannot be put in place", &e))?;
        if !self.quiet {
            terminal::say(&text)?;
        }
        Ok(exit::DONE)
    }
}

/// A count that fits the memory's index.
fn few(text: &str) -> Result<usize, String> {
    count(text).and_then(|n| usize::try_from(n).map_err(|_| "a smaller number is needed".into()))
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a date is needed, for example 2015-06-12".into())
}

fn mix_of(clients: Clients) -> Mix {
    match clients {
        Clients::Mixed => Mix::Mixed,
        Clients::HighLeverage => Mix::HighLeverage,
        Clients::Compliant => Mix::Compliant,
    }
}

/// What was asked for: a preset, or sizes of one's own over the desk's.
fn size_of(args: &SampleBook) -> Result<Size, Problems> {
    let preset = match args.preset.unwrap_or(Preset::Desk) {
        Preset::Desk => sample::DESK,
        Preset::Platform => sample::PLATFORM,
        Preset::Market => sample::MARKET,
    };
    let size = Size {
        accounts: args.accounts.unwrap_or(preset.accounts),
        symbols: args.symbols.unwrap_or(preset.symbols),
        days: args.days.unwrap_or(preset.days),
        paths: args.paths.unwrap_or(preset.paths),
    };
    let mut problems = Problems::new();
    let most = [
        ("--accounts", size.accounts as u64, sample::ACCOUNTS_MOST as u64),
        ("--symbols", size.symbols as u64, market::SYMBOLS_MOST as u64),
        ("--days", u64::from(size.days), 1_000),
    ];
    for (flag, asked, most) in most {
        if asked == 0 || asked > most {
            problems.push(Problem::new(
                Kind::Usage,
                Place::default().field(flag),
                format!("found {asked}"),
                "a sample is drawn in one go and held in memory",
                format!("ask for 1 to {most}"),
            ));
        }
    }
    problems.into_result(size)
}

/// The file names of a sample by role, in the order a programme lists them.
type Files = Vec<(&'static str, String)>;

/// The market to hold: a drawn one, or the symbols of existing files, which are copied into the sample.
fn market_of(args: &SampleBook, streams: &Streams, symbols: usize, folder: &Path) -> Result<(Day, Vec<Listing>, Files), Problems> {
    let as_of = args.as_of.unwrap_or_else(|| Day::parse(market::AS_OF).expect("the sample's as-of date is a date"));
    let Some(prices) = &args.prices else {
        let drawn = market::draw(streams, as_of, symbols);
        let files = write_market(folder, &drawn)?;
        return Ok((as_of, drawn.listings, files));
    };
    let listings = listings(prices, args.instruments.as_deref(), as_of)?;
    let mut files = Files::new();
    for (role, path) in [("prices", Some(prices)), ("instruments", args.instruments.as_ref())] {
        let Some(path) = path else { continue };
        let extension = path.extension().map_or("csv".into(), |e| e.to_string_lossy().to_lowercase());
        let name = format!("{role}.{extension}");
        let copied = fs::File::open(path).and_then(|mut from| io::copy(&mut from, &mut fs::File::create_new(folder.join(&name))?));
        copied.map_err(|e| cannot(path, &format!("cannot be copied: {e}")))?;
        files.push((role, name));
    }
    Ok((as_of, listings, files))
}

/// The shares that existing files give a price on the as-of date; indices (board `none`) are left out.
fn listings(prices: &Path, instruments: Option<&Path>, as_of: Day) -> Result<Vec<Listing>, Problems> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let data = Data { prices: Some(text(prices)), instruments: instruments.map(text), ..Data::default() };
    let programme = Programme {
        name: "sample".into(),
        as_of,
        currency: String::new(),
        seed: 0,
        data,
        folder: PathBuf::new(),
        scenarios: Vec::new(),
        limits: Vec::new(),
        report: Report::default(),
        model_risk: Default::default(),
        reverse: Vec::new(),
        watch: Vec::new(),
        firm: None,
        resolved_toml: String::new(),
    };
    let market = inputs::market(&programme)?;
    let today = market.history.window(None, Some(as_of)).end.checked_sub(1);
    let halted = |symbol: usize| today.is_some_and(|day| market.history.flag_row(day)[symbol] & flag::HALTED != 0);
    let listed = market.instruments.iter().enumerate().filter(|(_, i)| i.board != Board::None && i.price > 0.0 && i.own_returns > 0);
    let listings: Vec<Listing> = listed
        .map(|(symbol, i)| Listing {
            symbol: i.symbol.clone(),
            name: i.name.clone(),
            board: i.board,
            st: i.st,
            sector: i.sector.clone(),
            haircut: i.haircut,
            price: i.price,
            adv_amount: i.adv_amount,
            halted: halted(symbol),
        })
        .collect();
    if listings.is_empty() {
        let (why, fix) = ("a book needs shares to hold", "give prices up to the as-of date, and a board for each symbol");
        return Err(Problem::new(Kind::Data, Place::file(text(prices)), format!("lists no share on {as_of}"), why, fix).into());
    }
    Ok(listings)
}

fn write_market(folder: &Path, drawn: &market::SampleMarket) -> Result<Files, Problems> {
    let (days, width) = (drawn.dates.len(), drawn.listings.len());
    let each = || (0..days).flat_map(move |day| (0..width).map(move |symbol| (day, symbol)));
    let columns = vec![
        ("date", Cells::Date(each().map(|(day, _)| Some(drawn.dates[day])).collect())),
        ("symbol", Cells::Text(each().map(|(_, symbol)| drawn.listings[symbol].symbol.clone()).collect())),
        ("close", Cells::Number(each().map(|(day, symbol)| Some(drawn.close[[day, symbol]])).collect())),
        ("volume", Cells::Whole(each().map(|(day, symbol)| Some(drawn.volume[[day, symbol]] as i64)).collect())),
        ("suspended", Cells::Whole(each().map(|(day, symbol)| Some(i64::from(drawn.volume[[day, symbol]] == 0.0))).collect())),
    ];
    let prices = file_name("prices", days * width);
    table(&folder.join(&prices), columns)?;
    let of = |text: fn(&Listing) -> String| Cells::Text(drawn.listings.iter().map(text).collect());
    let columns = vec![
        ("symbol", of(|l| l.symbol.clone())),
        ("name", of(|l| l.name.clone())),
        ("board", of(|l| format!("{:?}", l.board).to_lowercase())),
        ("st", Cells::Flag(drawn.listings.iter().map(|l| l.st).collect())),
        ("sector", of(|l| l.sector.clone())),
        ("haircut", Cells::Number(drawn.listings.iter().map(|l| Some(l.haircut)).collect())),
        ("adv_amount", Cells::Whole(drawn.listings.iter().map(|l| l.adv_amount.map(|a| a as i64)).collect())),
    ];
    let instruments = file_name("instruments", 0);
    table(&folder.join(&instruments), columns)?;
    Ok(vec![("prices", prices), ("instruments", instruments)])
}

fn write_book(folder: &Path, listings: &[Listing], accounts: &[Account], sources: &[Source]) -> Result<Files, Problems> {
    let text = |of: fn(&Account) -> String| Cells::Text(accounts.iter().map(of).collect());
    let number = |of: fn(&Account) -> Option<f64>| Cells::Number(accounts.iter().map(of).collect());
    let whole = |of: fn(&Account) -> Option<i64>| Cells::Whole(accounts.iter().map(of).collect());
    let date = |of: fn(&Account) -> Day| Cells::Date(accounts.iter().map(|a| Some(of(a))).collect());
    let columns = vec![
        ("account_id", text(|a| a.account_id.clone())),
        ("tier", text(|a| a.tier.into())),
        ("grade", whole(|a| Some(i64::from(a.grade)))),
        ("product", text(|a| a.product.into())),
        ("cash", number(|a| Some(a.cash))),
        ("loan", whole(|a| Some(a.loan as i64))),
        ("accrued_interest", number(|a| Some(a.accrued_interest))),
        ("rate_annual", number(|a| Some(a.rate_annual))),
        ("open_date", date(|a| a.open_date)),
        ("maturity_date", date(|a| a.maturity_date)),
        ("warning", number(|a| a.lines.warning)),
        ("limit", number(|a| a.lines.limit)),
        ("call", number(|a| a.lines.call)),
        ("liquidation", number(|a| a.lines.liquidation)),
        ("cure_days", whole(|a| a.lines.cure_days.map(i64::from))),
        ("own_capital_initial", whole(|a| Some(a.own_capital_initial as i64))),
        ("high_water_mark", whole(|a| Some(a.high_water_mark as i64))),
    ];
    let accounts_file = file_name("accounts", accounts.len());
    table(&folder.join(&accounts_file), columns)?;

    let held: Vec<_> = accounts.iter().flat_map(|a| a.positions.iter().map(move |p| (a, p))).collect();
    let columns = vec![
        ("account_id", Cells::Text(held.iter().map(|(a, _)| a.account_id.clone()).collect())),
        ("symbol", Cells::Text(held.iter().map(|(_, p)| listings[p.listing].symbol.clone()).collect())),
        ("quantity", Cells::Whole(held.iter().map(|(_, p)| Some(p.quantity as i64)).collect())),
        ("sellable_quantity", Cells::Whole(held.iter().map(|(_, p)| Some(p.sellable_quantity as i64)).collect())),
        ("cost", Cells::Number(held.iter().map(|(_, p)| Some(p.cost)).collect())),
    ];
    let positions_file = file_name("positions", held.len());
    table(&folder.join(&positions_file), columns)?;

    let columns = vec![
        ("source_id", Cells::Text(sources.iter().map(|s| s.source_id.clone()).collect())),
        ("tier", Cells::Text(sources.iter().map(|s| s.tier.into()).collect())),
        ("amount", Cells::Whole(sources.iter().map(|s| Some(s.amount as i64)).collect())),
        ("rate_annual", Cells::Number(sources.iter().map(|s| Some(s.rate_annual)).collect())),
        ("maturity_date", Cells::Date(sources.iter().map(|s| s.maturity_date).collect())),
        ("runnable", Cells::Flag(sources.iter().map(|s| s.runnable).collect())),
    ];
    let funding_file = file_name("funding", sources.len());
    table(&folder.join(&funding_file), columns)?;
    Ok(vec![("accounts", accounts_file), ("positions", positions_file), ("funding", funding_file)])
}

fn file_name(role: &str, rows: usize) -> String {
    format!("{role}.{}", if rows > ROWS_CSV { "parquet" } else { "csv" })
}

/// The programme of a sample: the base case and three scenarios.
fn programme_text(seed: u64, as_of: Day, size: Size, files: &Files) -> String {
    let mut data = String::new();
    for role in ["prices", "instruments", "accounts", "positions", "funding"] {
        if let Some((_, name)) = files.iter().find(|(r, _)| *r == role) {
            let _ = writeln!(data, "{role} = \"{name}\"");
        }
    }
    include_str!("sample_programme.toml")
        .replace("{as-of}", &as_of.to_string())
        .replace("{seed}", &seed.to_string())
        .replace("{data}", data.trim_end())
        .replace("{paths}", &size.paths.to_string())
        .replace("{days}", &size.days.to_string())
}

fn summary(audit: &audit::Audit, out: &Path) -> String {
    let mut text = String::new();
    let percent = |part: f64, whole: f64| 100.0 * part / whole;
    let _ = writeln!(text, "{} accounts, {} positions", audit.accounts, audit.positions);
    let _ = writeln!(
        text,
        "exposure {:.0}, own capital {:.0}, loans {:.0}, pool {:.0}",
        audit.exposure, audit.own_capital, audit.loans, audit.pool
    );
    let _ = writeln!(text, "utilisation {:.2}%, shares bought today (T+1) {:.1}%", percent(audit.loans, audit.pool), 100.0 * audit.locked);
    let _ = writeln!(text, "mean leverage {:.3}, largest {:.2}", audit.mean_leverage, audit.largest_leverage);
    let _ = writeln!(text, "loans: HHI {:.6}, ten largest clients {:.2}%", audit.hhi, 100.0 * audit.top_ten);
    let _ = writeln!(text, "most held: {} with {:.1}% of market value", audit.top_symbol.0, 100.0 * audit.top_symbol.1);
    let _ = writeln!(text, "at or below a line at the start: {} accounts", audit.below_line);
    let mut group = |kind: &str, name: &str, part: &audit::Part| {
        let accounts = percent(part.accounts as f64, audit.accounts as f64);
        let _ = writeln!(text, "  {kind} {name}: {accounts:.1}% of accounts, {:.1}% of loans", percent(part.loans, audit.loans));
    };
    audit.tiers.iter().for_each(|(name, part)| group("tier", name, part));
    audit.products.iter().for_each(|(name, part)| group("product", name, part));
    audit.grades.iter().for_each(|(name, part)| group("grade", &name.to_string(), part));
    audit::TENORS.iter().zip(&audit.tenors).for_each(|(name, part)| group("tenor", name, part));
    let buckets = crate::model::book::LEVERAGE_BUCKETS;
    buckets.iter().zip(&audit.buckets).for_each(|(name, part)| group("leverage", name, part));
    let _ = writeln!(text, "next: levertide run {}", out.join("programme.toml").display());
    text
}

/// Claims the sample's folder: nothing may stand there.
fn claim(out: &Path) -> Result<WorkFolder, Problems> {
    let target = place::target(out)?;
    if fs::symlink_metadata(&target).is_ok() {
        return Err(refused(out, "exists already", "a sample never mixes with what is there", "name a new folder"));
    }
    WorkFolder::claim(out, &target)
}

fn write_text(path: &Path, text: &str) -> Result<(), Problems> {
    fs::write(path, text).map_err(|e| cannot(path, &format!("cannot be written: {e}")))
}

fn cannot(path: &Path, what: &str) -> Problems {
    let why = "a sample is a folder of files";
    Problem::new(Kind::Output, Place::file(path.display().to_string()), what, why, "name a folder that can be written, with room left")
        .into()
}

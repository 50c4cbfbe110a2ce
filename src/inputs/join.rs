//! Joins the tables: one universe of symbols, prices at the as-of date, a book whose indices hold.

use super::Gather;
use super::accounts::Accounts;
use super::agreement;
use super::funding::Source;
use super::halts;
use super::history::{self, AsOf};
use super::identity;
pub use super::identity::lookup;
use super::instruments::{self, Facts};
use super::listing;
use super::listing::Known;
use super::plausible;
use super::positions::{Position, Positions};
use super::proxies;
use super::quotes::Quotes;
use crate::model::book::{Book, FundingSource};
use crate::model::case::{ListingRuns, Programme};
use crate::model::exchange::board_of_symbol;
use crate::model::exchange::kinds::{self, Told};
use crate::model::history::{Board, Instrument, Market};
use crate::problem::{Kind, Place, Problem};
use crate::units::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Own returns below which a history is called short.
const MIN_RETURNS: u32 = 60;
/// Calendar days by which the as-of date may lie behind the last session.
pub const STALE_DAYS: i32 = 10;

/// A tier that lends must have somebody behind it, when the programme says who funds.
pub fn check_tiers(accounts: &Accounts, funding: &[Source], programme: &Programme, gather: &mut Gather) {
    let Some(file) = &programme.data.funding else { return };
    let known: BTreeSet<&str> = funding.iter().map(|source| source.tier.as_str()).collect();
    for (tier, row) in accounts.tier.iter().zip(&accounts.row).filter(|(tier, _)| !known.contains(tier.as_str())) {
        let why = format!("no source in {file} funds this tier");
        let fix = format!("add a source for it, or write one of {}", known.iter().copied().collect::<Vec<_>>().join(", "));
        gather.problems.push(Problem::new(Kind::Data, accounts.tier_places.of(*row), format!("found tier {tier:?}"), why, fix));
    }
}

/// Every position belongs to an account.
pub fn check_owners(accounts: &Accounts, positions: &Positions, gather: &mut Gather) {
    let known: Vec<bool> = positions.accounts.iter().map(|a| accounts.id.binary_search(a).is_ok()).collect();
    for row in (0..positions.rows.len()).filter(|row| !known[positions.rows[*row].account as usize]) {
        let what = format!("found account {:?}", positions.account_of(row));
        let alike = identity::alike(&accounts.id, positions.account_of(row));
        let why = match alike {
            Some(other) => format!("the accounts file does not have it; {} writes it {other}", accounts.tier_places.file()),
            None => "the accounts file does not have it".to_string(),
        };
        let fix = "add the account to the accounts file, or mend its number here";
        gather.problems.push(Problem::new(Kind::Data, positions.account_place(row), what, why, fix));
    }
}

/// The as-of date has a session on it or within ten days before it.
pub fn check_as_of(programme: &Programme, days: &[Day], file: &str, gather: &mut Gather) {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return };
    let as_of = programme.as_of;
    let session = days[..days.partition_point(|d| *d <= as_of)].last();
    if session.is_none_or(|s| s.calendar_days_until(as_of) > STALE_DAYS) {
        let what = format!("{as_of} lies outside the history");
        let why = format!("{file} has sessions from {first} to {last}, none within {STALE_DAYS} days up to the as-of date");
        let place = Place::file(file).field("as-of");
        gather.problems.push(Problem::new(Kind::Data, place, what, why, "move as-of into the history, or extend the file"));
    } else if let Some(session) = session.filter(|s| **s < as_of && as_of.is_weekday()) {
        gather.note(
            format!("{file} has no session on {as_of}, the as-of date; the book is valued at the closes of {session}"),
            format!("{file} 在基准日 {as_of} 无交易数据；按 {session} 收盘价估值"),
        );
    }
}

/// Builds the market: history, facts of each symbol, proxies for what held symbols lack.
pub fn market(
    programme: &Programme,
    mut quotes: Quotes,
    facts: &BTreeMap<String, Facts>,
    positions: &Positions,
    gather: &mut Gather,
) -> Option<Market> {
    let before = gather.problems.len();
    check_as_of(programme, &quotes.days, &quotes.file, gather);
    let file = programme.data.instruments.as_deref().unwrap_or_default();
    let facts = &instruments::respell(file, facts.clone(), &quotes.symbols, gather);
    let held = resolve(programme, &mut quotes, facts, positions, gather);
    if gather.problems.len() > before {
        return None;
    }
    refuse_untradable(&held, facts, gather);
    if gather.problems.len() > before {
        return None;
    }
    let first_row = |symbol: usize| (0..quotes.days.len()).find(|day| quotes.row(*day, symbol).is_some());
    let known: Vec<Known> = quotes
        .symbols
        .iter()
        .enumerate()
        .map(|(index, symbol)| {
            let said = facts.get(symbol);
            Known {
                board: said.and_then(|f| f.board).unwrap_or_else(|| board_of_symbol(symbol)),
                st: said.and_then(|f| f.st).unwrap_or(false),
                // a first row after the file's first day is taken for a listing
                listed: said.and_then(|f| f.listed).or_else(|| Some(quotes.days[first_row(index).filter(|day| *day > 0)?])),
            }
        })
        .collect();
    let keep = programme.data.listing_runs == ListingRuns::Keep;
    plausible::halts(&quotes, gather);
    if gather.problems.len() > before {
        return None;
    }
    let built = history::build(&quotes, &known, programme.as_of, keep);
    let mut history = built.history;
    if history.days() == 0 && !quotes.is_empty() {
        let why = "no symbol has two sessions in a row to take a return from";
        gather.problems.push(Problem::new(Kind::Data, Place::file(&quotes.file), "gives no returns", why, "give at least two sessions"));
        return None;
    }
    let returns_only = !quotes.simple_return.is_empty();
    let none = Facts::default();
    let held_flags: Vec<bool> = history.symbols.iter().map(|s| held.contains_key(s)).collect();
    gather.notes.extend(listing::note(&built.listing_runs, &history.symbols, &held_flags));
    plausible::check(programme, &quotes, &plausible::Facts { known: &known, held: &held_flags, history: &history }, gather);
    agreement::prices(&quotes, gather);
    agreement::instruments(&quotes, &agreement::Told { file, facts, at: &built.at }, gather);
    note_held(programme, &quotes, facts, &built.at, &known, &held_flags, gather);
    let mut instruments = Vec::with_capacity(history.width());
    for (index, symbol) in history.symbols.iter().enumerate() {
        let said = facts.get(symbol).unwrap_or(&none);
        let place = held.get(symbol);
        instruments.push(instrument(symbol, said, known[index], &built.at[index], returns_only, place, programme, gather));
    }
    halts::mark(programme, &quotes, &history, facts, &held_flags, &mut instruments);
    let today = history.dates.partition_point(|d| *d <= programme.as_of);
    let min_returns = programme.data.min_returns.unwrap_or(MIN_RETURNS) as usize;
    let request = proxies::Request { named: &programme.data.proxies, min_returns, today, held: &held_flags };
    proxies::fill(&mut history, &mut instruments, &request, gather);
    halts::note(programme, &history, &instruments, gather);
    note_sources(&quotes, facts, &history.symbols, returns_only, gather);
    let deep = instruments.iter().zip(&held_flags).filter(|(i, held)| **held && i.depth_amount.is_some()).count();
    if deep > 0 {
        let held = held.len();
        gather.note(
            format!("instruments: the depth of buyers' quotes is known for {deep} of {held} held symbols; a leverage template reads it"),
            format!("合约文件：{held} 只持仓证券中 {deep} 只已知买盘深度，供杠杆模板使用"),
        );
    }
    note_kinds(&instruments, &held_flags, gather);
    Some(Market { history, instruments, listed: known.iter().map(|k| k.listed).collect(), ..Market::default() })
}

/// What no margin account sells on the exchange is no holding, unless the instruments file says by which board's rules it trades.
fn refuse_untradable(held: &BTreeMap<String, Place>, facts: &BTreeMap<String, Facts>, gather: &mut Gather) {
    for (symbol, place) in held.iter().filter(|(symbol, _)| facts.get(*symbol).is_none_or(|f| f.board.is_none())) {
        if let Told::NotTradable { en } = kinds::tell(symbol) {
            let what = format!("found symbol {symbol:?}");
            let why = format!("its code is that of {en}");
            let fix = "name the security that is held; or write its board in the instruments file, none for no limit and no lots";
            gather.problems.push(Problem::new(Kind::Data, place.clone(), what, why, fix));
        }
    }
}

/// Says how many held securities are no A shares, since other limits, lots, ticks and duties apply to them.
fn note_kinds(instruments: &[Instrument], held: &[bool], gather: &mut Gather) {
    let kinds = [
        (Board::B, "B shares", "B 股"),
        (Board::Etf, "ETFs", "ETF"),
        (Board::EtfWide, "ETFs that move by 20%", "涨跌幅 20% 的 ETF"),
        (Board::Fund, "closed and listed funds", "封闭式及 LOF 基金"),
        (Board::Convertible, "convertibles", "可转债"),
    ];
    let count = |board: Board| instruments.iter().zip(held).filter(|(i, held)| **held && i.board == board).count();
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    for (board, name, name_zh) in kinds {
        let n = count(board);
        if n > 0 {
            en.push(format!("{n} {name}"));
            zh.push(format!("{name_zh} {n} 只"));
        }
    }
    if !en.is_empty() {
        gather.note(
            format!("held besides A shares: {}; each kind has its own daily limit, lot, tick and stamp duty", en.join(", ")),
            format!("除 A 股外另持有：{}；各类证券适用各自的涨跌幅限制、交易单位、最小变动价位与印花税", zh.join("、")),
        );
    }
}

/// Says which held symbols no limit binds, and which are valued before the as-of session.
fn note_held(
    programme: &Programme,
    quotes: &Quotes,
    facts: &BTreeMap<String, Facts>,
    at: &[AsOf],
    known: &[Known],
    held: &[bool],
    gather: &mut Gather,
) {
    let symbols = || quotes.symbols.iter().enumerate().filter(|(s, _)| held[*s]);
    let said = |symbol: &String| facts.get(symbol).is_some_and(|f| f.board.is_some());
    let unbound: Vec<&str> =
        symbols().filter(|(s, name)| known[*s].board == Board::None && !said(name)).map(|(_, name)| name.as_str()).collect();
    let session = quotes.days[..quotes.days.partition_point(|d| *d <= programme.as_of)].last().copied();
    let before = |day: Day| session.is_some_and(|s| day < s) && day.calendar_days_until(programme.as_of) <= STALE_DAYS;
    let stale: Vec<(&str, Day)> =
        symbols().filter_map(|(s, name)| Some((name.as_str(), at[s].price_day.filter(|d| before(*d))?))).collect();
    plausible::held(programme, &unbound, &stale, session, gather);
}

/// Finds the symbol of every position, and adds held symbols that live on a proxy alone; the result names where each is held.
fn resolve(
    programme: &Programme,
    quotes: &mut Quotes,
    facts: &BTreeMap<String, Facts>,
    positions: &Positions,
    gather: &mut Gather,
) -> BTreeMap<String, Place> {
    let mut held: BTreeMap<String, Place> = BTreeMap::new();
    let mut extra = Vec::new();
    for (named, row) in positions.symbols.iter().zip(positions.first_rows()) {
        let place = positions.symbol_place(row);
        match lookup(&quotes.symbols, named) {
            Ok(symbol) => {
                held.entry(symbol).or_insert(place);
            }
            Err(candidates) => {
                let priced = facts.get(named).is_some_and(|f| f.price.is_some());
                let proxied = programme.data.proxies.contains_key(named) || quotes.is_empty();
                if candidates.is_empty() && priced && proxied {
                    extra.push(named.clone());
                    held.entry(named.clone()).or_insert(place);
                } else {
                    gather.problems.push(unknown_symbol(named, place, &candidates, quotes));
                }
            }
        }
    }
    if !extra.is_empty() {
        quotes.add_symbols(&extra);
    }
    held
}

/// The symbols that any position holds, as indices into the market.
pub fn held(positions: &Positions, market: &Market) -> BTreeSet<usize> {
    let history = &market.history;
    positions.symbols.iter().filter_map(|named| history.symbol_index(&lookup(&history.symbols, named).ok()?)).collect()
}

fn unknown_symbol(named: &str, place: Place, candidates: &[String], quotes: &Quotes) -> Problem {
    let what = format!("found symbol {named:?}");
    let (why, fix) = if candidates.len() > 1 {
        (format!("the code stands for {}", candidates.join(" and ")), "write the code with its exchange".to_string())
    } else if quotes.is_empty() {
        ("the programme names neither prices nor returns".to_string(), "give its price in the instruments file".to_string())
    } else {
        match identity::alike(&quotes.symbols, named) {
            Some(other) => (format!("{} has no row of it; it writes {other}", quotes.file), format!("write {other}, if that is meant")),
            None => {
                let fix =
                    format!("add its prices; or name a proxy under [data.proxies] \"{named}\" and give its price in the instruments file");
                (format!("{} has no row of it", quotes.file), fix)
            }
        }
    };
    Problem::new(Kind::Data, place, what, why, fix)
}

/// One symbol's facts: what the instruments file says, else what the quotes say, else the default.
#[allow(clippy::too_many_arguments)]
fn instrument(
    symbol: &str,
    said: &Facts,
    known: Known,
    at: &AsOf,
    returns_only: bool,
    held: Option<&Place>,
    programme: &Programme,
    gather: &mut Gather,
) -> Instrument {
    let price = at.price.or(said.price).or(returns_only.then_some(1.0));
    if let (None, Some(place)) = (price, held) {
        let what = format!("{symbol} has no close on or before {}", programme.as_of);
        let fix = "extend its prices, or give its price in the instruments file";
        gather.problems.push(Problem::new(Kind::Data, place.clone(), what, "a position is valued at the as-of close", fix));
    }
    if let (Some(_), Some(day)) = (held, at.price_day.filter(|d| d.calendar_days_until(programme.as_of) > STALE_DAYS)) {
        gather.note(
            format!("{symbol}: its last row before the as-of date is of {day}, and it is valued at that close"),
            format!("{symbol}：基准日前最后一行数据为 {day}，按该日收盘价估值"),
        );
    }
    Instrument {
        symbol: symbol.to_string(),
        name: said.name.clone().unwrap_or_else(|| symbol.to_string()),
        board: known.board,
        st: said.st.or(at.st).unwrap_or(false),
        sector: said.sector.clone().unwrap_or_else(|| proxies::UNKNOWN_SECTOR.into()),
        haircut: said.haircut.unwrap_or(1.0),
        adv_amount: said.adv_amount.or(at.adv_amount),
        free_float_value: said.free_float_value.or(at.free_float_value),
        depth_amount: said.depth_amount,
        // a symbol that is not held and not listed yet: its first close, so that no price is NaN
        price: price.or(at.first_price).unwrap_or(1.0),
        own_returns: at.own_returns,
        proxy: None,
        halt: None,
    }
}

/// Says from what returns, prices and limits were taken where the file leaves a choice.
fn note_sources(quotes: &Quotes, facts: &BTreeMap<String, Facts>, symbols: &[String], returns_only: bool, gather: &mut Gather) {
    let file = &quotes.file;
    if returns_only {
        gather.note(
            format!("{file}: returns without prices; a symbol without a price in the instruments file is valued at 1, so that its quantity is an amount of money"),
            format!("{file}：仅有收益率而无价格；合约文件未给价格的证券按 1 计价，其数量即为金额"),
        );
    } else if !quotes.is_empty() && quotes.close.is_empty() {
        gather.note(
            format!("{file}: adjusted closes only; positions are valued at them and closes at a price limit are told from returns"),
            format!("{file}：仅有复权收盘价；持仓按其估值，涨跌停由收益率判断"),
        );
    } else if !quotes.is_empty() && quotes.preclose.is_empty() && quotes.adj_factor.is_empty() && quotes.adj_close.is_empty() {
        gather.note(
            format!("{file}: no reference prices and no adjustment factors, so ex-rights days count as price moves"),
            format!("{file}：无昨收参考价、无复权因子，除权除息日计为价格变动"),
        );
    } else if quotes.is_empty() {
        gather.note("no history: prices are those of the instruments file".into(), "无历史数据：价格取自合约文件".into());
    }
    let unused = facts.keys().filter(|symbol| symbols.binary_search(symbol).is_err()).count();
    if unused > 0 {
        gather.note(
            format!("instruments: {unused} symbols have neither prices nor positions and are not used"),
            format!("合约文件：{unused} 只证券既无价格也无持仓，未使用"),
        );
    }
}

fn names(columns: [&[String]; 2]) -> Vec<String> {
    let set: BTreeSet<&String> = columns.into_iter().flatten().collect();
    set.into_iter().cloned().collect()
}

fn index(names: &[String], column: &[String]) -> Vec<u32> {
    column.iter().map(|name| names.binary_search(name).expect("every name was listed") as u32).collect()
}

/// Puts the book together; every key was checked before.
pub fn book(
    accounts: Accounts,
    positions: &Positions,
    funding: Vec<Source>,
    market: &Market,
    programme: &Programme,
    gather: &mut Gather,
) -> Book {
    let funding_tiers: Vec<String> = funding.iter().map(|source| source.tier.clone()).collect();
    let tiers = names([&accounts.tier, &funding_tiers]);
    let (grades, products) = (names([&accounts.grade, &[]]), names([&accounts.product, &[]]));
    let account_of: Vec<usize> =
        positions.accounts.iter().map(|named| accounts.id.binary_search(named).expect("owners were checked")).collect();
    let symbol_of = positions.symbols.iter().map(|named| {
        let symbol = lookup(&market.history.symbols, named).expect("symbols were resolved");
        market.history.symbol_index(&symbol).expect("it was found") as u32
    });
    let symbol_of: Vec<u32> = symbol_of.collect();
    let mut rows: Vec<(usize, u32, Position)> =
        positions.rows.iter().map(|p| (account_of[p.account as usize], symbol_of[p.symbol as usize], *p)).collect();
    rows.sort_by_key(|(account, symbol, _)| (*account, *symbol));
    let start = (0..=accounts.id.len()).map(|a| rows.partition_point(|(account, _, _)| *account < a) as u32).collect();
    let tier = index(&tiers, &accounts.tier);
    let funding = if programme.data.funding.is_some() {
        let tier = index(&tiers, &funding_tiers);
        funding
            .into_iter()
            .zip(tier)
            .map(|(s, tier)| FundingSource {
                source_id: s.source_id,
                tier,
                amount: s.amount,
                rate_annual: s.rate_annual,
                maturity_date: s.maturity_date,
                runnable: s.runnable,
            })
            .collect()
    } else {
        funded_by_loans(&tiers, &tier, &accounts.loan, gather)
    };
    let mut book = Book {
        grade: index(&grades, &accounts.grade),
        product: index(&products, &accounts.product),
        tier,
        account_id: accounts.id,
        cash: accounts.cash,
        loan: accounts.loan,
        accrued_interest: accounts.accrued_interest,
        rate_annual: accounts.rate_annual,
        open_date: accounts.open_date,
        maturity_date: accounts.maturity_date,
        called_on: accounts.called_on,
        lines: accounts.lines,
        own_capital_initial: accounts.own_capital_initial,
        high_water_mark: accounts.high_water_mark,
        position_start: start,
        position_symbol: rows.iter().map(|(_, symbol, _)| *symbol).collect(),
        position_quantity: rows.iter().map(|(_, _, p)| p.quantity).collect(),
        position_sellable: rows.iter().map(|(_, _, p)| p.sellable).collect(),
        position_cost: rows.iter().map(|(_, _, p)| p.cost).collect(),
        tiers,
        grades,
        products,
        sectors: Vec::new(),
        sector: Vec::new(),
        funding,
    };
    let sector_of: Vec<&str> = market.instruments.iter().map(|i| i.sector.as_str()).collect();
    book.find_sectors(&sector_of, &market.prices());
    book
}

/// Without a funding file each tier's capital is what it has lent.
fn funded_by_loans(tiers: &[String], tier: &[u32], loan: &[f64], gather: &mut Gather) -> Vec<FundingSource> {
    gather.note("no funding file: each tier's capital is the sum of its loans".into(), "无资金文件：各层资金按其融资余额合计".into());
    let lent = |t: usize| tier.iter().zip(loan).filter(|(of, _)| **of as usize == t).fold(0.0, |sum, (_, loan)| sum + loan);
    let source = |(t, name): (usize, &String)| FundingSource {
        source_id: name.clone(),
        tier: t as u32,
        amount: lent(t),
        rate_annual: 0.0,
        maturity_date: None,
        runnable: false,
    };
    tiers.iter().enumerate().map(source).collect()
}

//! Fills the days a held symbol has no return for from a named proxy: its sector, its board, the market or another symbol.
//!
//! A filled return is `beta · proxy return + residual`. With at least 60 common days before the as-of date, beta is the
//! least-squares slope and the residual one of the symbol's own (about their mean), chosen by the hash of symbol and day;
//! with fewer, beta is 1 and there is no residual. A sector or board stands in on a day when at least three of its
//! other members traded, else the next wider group does.

use super::Gather;
use crate::model::history::{Board, Halt, History, Instrument, flag};
use crate::problem::{Kind, Place, Problem};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Common days that a beta is estimated on.
const OVERLAP_DAYS: usize = 60;
/// Members that make a group.
const PEERS: u32 = 3;
/// The sector of symbols whose sector is not known; it is no group.
pub use crate::model::book::UNKNOWN_SECTOR;

/// What stands in for a symbol.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Source {
    Sector,
    Board,
    Market,
    Symbol(usize),
}

/// What the filling needs to know.
pub struct Request<'a> {
    pub named: &'a BTreeMap<String, String>,
    pub min_returns: usize,
    /// Days up to the as-of date.
    pub today: usize,
    pub held: &'a [bool],
}

/// Fills every held symbol; says so in a note for each.
pub fn fill(history: &mut History, instruments: &mut [Instrument], request: &Request, gather: &mut Gather) {
    let named = named_sources(history, instruments, request, gather);
    if history.days() == 0 {
        return;
    }
    let groups = Groups::of(history, instruments);
    for symbol in (0..history.width()).filter(|s| request.held[*s]) {
        let source = named.get(&symbol).copied().unwrap_or(Source::Sector);
        let missing: Vec<usize> = (0..history.days()).filter(|d| history.flags[[*d, symbol]] & flag::PRESENT == 0).collect();
        let own = instruments[symbol].own_returns;
        let halt = instruments[symbol].halt;
        if missing.is_empty() && halt.is_none() {
            if own < request.min_returns {
                note_short(&instruments[symbol], request.min_returns, gather);
            }
            continue;
        }
        let fit = if own < request.min_returns { Fit::unit() } else { Fit::of(history, &groups, symbol, source, request.today) };
        if let Some(halt) = halt {
            let days = history.dates.partition_point(|day| *day < halt.since)..request.today;
            let missed = days.fold(1.0, |growth, day| growth * fit.growth(groups.value(history, symbol, source, day)));
            instruments[symbol].halt = Some(Halt { missed, ..halt });
        }
        if missing.is_empty() {
            continue;
        }
        let filled: Vec<f64> =
            missing.iter().map(|d| fit.value(&history.symbols[symbol], *d, history, groups.value(history, symbol, source, *d))).collect();
        for (day, value) in missing.iter().zip(&filled) {
            history.simple_return[[*day, symbol]] = *value;
            history.flags[[*day, symbol]] = flag::PRESENT | flag::PROXY;
        }
        let (en, zh) = source_name(source, &instruments[symbol], &history.symbols);
        note_filled(&instruments[symbol], history.days(), missing.len(), &fit, (&en, &zh), gather);
        instruments[symbol].proxy = Some(en);
    }
}

/// The proxies the programme names, by symbol.
fn named_sources(history: &History, instruments: &[Instrument], request: &Request, gather: &mut Gather) -> BTreeMap<usize, Source> {
    let mut out = BTreeMap::new();
    for (symbol, proxy) in request.named {
        let mut problem = |what: String, why: &str, fix: &str| {
            gather.problems.push(Problem::new(Kind::Programme, Place::default().field(format!("data.proxies.{symbol}")), what, why, fix));
        };
        let Some(index) = history.symbol_index(symbol) else {
            problem(
                "names an unknown symbol".into(),
                "it stands neither in the history nor in the positions",
                "delete the line or mend the code",
            );
            continue;
        };
        let source = match proxy.as_str() {
            "sector" => Source::Sector,
            "board" => Source::Board,
            "market" => Source::Market,
            other => match history.symbol_index(other) {
                Some(found) if found != index && instruments[found].own_returns > 0 => Source::Symbol(found),
                _ => {
                    problem(
                        format!("found {other:?}"),
                        "a proxy is a group or another symbol with a history of its own",
                        "write \"sector\", \"board\", \"market\" or a symbol of the price file",
                    );
                    continue;
                }
            },
        };
        out.insert(index, source);
    }
    out
}

/// Sums of own returns of those that traded, by day and group: the market, then boards, then sectors.
struct Groups {
    count: usize,
    sum: Vec<f64>,
    members: Vec<u32>,
    board_of: Vec<usize>,
    /// None where the sector is unknown.
    sector_of: Vec<Option<usize>>,
}

fn traded(flags: u8) -> bool {
    flags & (flag::PRESENT | flag::HALTED | flag::PROXY) == flag::PRESENT
}

impl Groups {
    fn of(history: &History, instruments: &[Instrument]) -> Self {
        let boards: Vec<Board> = sorted(instruments.iter().map(|i| i.board).collect());
        let sectors: Vec<&str> = sorted(instruments.iter().map(|i| i.sector.as_str()).collect());
        let board_of: Vec<usize> = instruments.iter().map(|i| 1 + boards.binary_search(&i.board).expect("every board is listed")).collect();
        let sector_of: Vec<Option<usize>> = instruments
            .iter()
            .map(|i| {
                (i.sector != UNKNOWN_SECTOR)
                    .then(|| 1 + boards.len() + sectors.binary_search(&i.sector.as_str()).expect("every sector is listed"))
            })
            .collect();
        let count = 1 + boards.len() + sectors.len();
        let mut groups =
            Groups { count, sum: vec![0.0; history.days() * count], members: vec![0; history.days() * count], board_of, sector_of };
        for day in 0..history.days() {
            for (symbol, (value, flags)) in history.row(day).iter().zip(history.flag_row(day)).enumerate().filter(|(_, (_, f))| traded(**f))
            {
                let _ = flags;
                for group in groups.of_symbol(symbol) {
                    groups.sum[day * count + group] += value;
                    groups.members[day * count + group] += 1;
                }
            }
        }
        groups
    }

    fn of_symbol(&self, symbol: usize) -> impl Iterator<Item = usize> + use<> {
        [Some(0), Some(self.board_of[symbol]), self.sector_of[symbol]].into_iter().flatten()
    }

    /// The proxy's return on a day, without the symbol's own part.
    fn value(&self, history: &History, symbol: usize, source: Source, day: usize) -> f64 {
        let own = traded(history.flags[[day, symbol]]).then(|| history.simple_return[[day, symbol]]);
        let mean = |group: usize, least: u32| {
            let members = self.members[day * self.count + group] - u32::from(own.is_some());
            (members >= least).then(|| (self.sum[day * self.count + group] - own.unwrap_or(0.0)) / f64::from(members))
        };
        let symbol_value = match source {
            Source::Symbol(other) if traded(history.flags[[day, other]]) => Some(history.simple_return[[day, other]]),
            _ => None,
        };
        let sector = || self.sector_of[symbol].filter(|_| !matches!(source, Source::Board | Source::Market)).and_then(|g| mean(g, PEERS));
        let board = || Some(self.board_of[symbol]).filter(|_| source != Source::Market).and_then(|g| mean(g, PEERS));
        symbol_value.or_else(sector).or_else(board).or_else(|| mean(0, 1)).unwrap_or(0.0)
    }
}

fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values.dedup();
    values
}

/// How a symbol follows its proxy.
struct Fit {
    beta: f64,
    residuals: Vec<f64>,
}

impl Fit {
    fn unit() -> Self {
        Fit { beta: 1.0, residuals: Vec::new() }
    }

    fn of(history: &History, groups: &Groups, symbol: usize, source: Source, today: usize) -> Self {
        let common: Vec<(f64, f64)> = (0..today.min(history.days()))
            .filter(|d| traded(history.flags[[*d, symbol]]))
            .map(|d| (groups.value(history, symbol, source, d), history.simple_return[[d, symbol]]))
            .collect();
        if common.len() < OVERLAP_DAYS {
            return Fit::unit();
        }
        let n = common.len() as f64;
        let (mean_x, mean_y) = common.iter().fold((0.0, 0.0), |(x, y), c| (x + c.0 / n, y + c.1 / n));
        let (cov, var) =
            common.iter().fold((0.0, 0.0), |(cov, var), (x, y)| (cov + (x - mean_x) * (y - mean_y), var + (x - mean_x) * (x - mean_x)));
        let beta = if var > 0.0 { cov / var } else { 1.0 };
        Fit { beta, residuals: common.iter().map(|(x, y)| (y - mean_y) - beta * (x - mean_x)).collect() }
    }

    /// The filled return; draws that would leave nothing of the price are passed over.
    fn value(&self, symbol: &str, day: usize, history: &History, proxy: f64) -> f64 {
        let base = self.beta * proxy;
        let date = history.dates[day].epoch_days();
        let drawn = (0u8..16).map(|attempt| base + self.residual(symbol, date, attempt)).find(|value| *value > -1.0);
        drawn.unwrap_or(proxy)
    }

    /// What a session without trading adds to a halted name, its own residual aside.
    fn growth(&self, proxy: f64) -> f64 {
        let growth = 1.0 + self.beta * proxy;
        if growth > 0.0 { growth } else { 1.0 + proxy }
    }

    fn residual(&self, symbol: &str, date: i32, attempt: u8) -> f64 {
        if self.residuals.is_empty() {
            return 0.0;
        }
        let mut hash = Sha256::new();
        hash.update(symbol.as_bytes());
        hash.update([0, attempt]);
        hash.update(date.to_le_bytes());
        let digest = hash.finalize();
        let word = u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"));
        self.residuals[(word % self.residuals.len() as u64) as usize]
    }
}

fn source_name(source: Source, instrument: &Instrument, symbols: &[String]) -> (String, String) {
    let known = instrument.sector != UNKNOWN_SECTOR;
    match source {
        Source::Sector if known => (format!("sector {}", instrument.sector), format!("行业“{}”", instrument.sector)),
        Source::Sector | Source::Board if instrument.board != Board::None => {
            let board = match instrument.board {
                Board::EtfWide => "etf-20".to_string(),
                board => format!("{board:?}").to_lowercase(),
            };
            let zh = match instrument.board {
                Board::Main => "主板",
                Board::Star => "科创板",
                Board::Chinext => "创业板",
                Board::Bse => "北交所",
                Board::B => "B股",
                Board::Etf | Board::EtfWide => "ETF",
                Board::Fund => "基金",
                Board::Convertible => "可转债",
                Board::None => "无涨跌幅限制板块",
            };
            (format!("board {board}"), format!("板块“{zh}”"))
        }
        Source::Symbol(other) => (symbols[other].clone(), format!("证券 {} ", symbols[other])),
        _ => ("market".into(), "全市场".into()),
    }
}

fn note_filled(instrument: &Instrument, days: usize, filled: usize, fit: &Fit, (en, zh): (&str, &str), gather: &mut Gather) {
    let (symbol, own, beta) = (&instrument.symbol, instrument.own_returns, fit.beta);
    let (residuals, residuals_zh) =
        if fit.residuals.is_empty() { ("no residual", "无残差") } else { ("own residuals", "含自身残差") };
    gather.note(
        format!("{symbol}: {own} own returns up to the as-of date; {filled} of {days} days filled from {en} (beta {beta:.2}, {residuals})"),
        format!("{symbol}：截至基准日自有收益率 {own} 个；{days} 个交易日中 {filled} 个由{zh}补全（贝塔 {beta:.2}，{residuals_zh}）"),
    );
}

fn note_short(instrument: &Instrument, min_returns: usize, gather: &mut Gather) {
    let (symbol, own) = (&instrument.symbol, instrument.own_returns);
    gather.note(
        format!("{symbol}: only {own} own returns up to the as-of date, fewer than {min_returns}; the history is no longer than that"),
        format!("{symbol}：截至基准日自有收益率仅 {own} 个，少于 {min_returns} 个；历史数据本身不足"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// 200 days of a market with five banks; bank 0 moves twice as far as the others and lists on day 100.
    fn market() -> (History, Vec<Instrument>) {
        let (days, width) = (200, 6);
        let listed = |(day, symbol): (usize, usize)| symbol > 0 || day >= 100;
        let value = |(day, symbol): (usize, usize)| {
            let factor = ((day as f64 * 37.0) % 21.0 - 10.0) / 1000.0;
            if symbol == 0 { 2.0 * factor } else { factor }
        };
        let history = History {
            dates: (0..days).map(|d| crate::units::Day::from_epoch_days(16_000 + d as i32)).collect(),
            symbols: (0..width).map(|s| format!("60000{s}.SH")).collect(),
            simple_return: Array2::from_shape_fn((days, width), |cell| if listed(cell) { value(cell) } else { 0.0 }),
            flags: Array2::from_shape_fn((days, width), |cell| if listed(cell) { flag::PRESENT } else { 0 }),
            ..History::default()
        };
        let instruments = history.symbols.iter().enumerate().map(|(s, symbol)| Instrument {
            symbol: symbol.clone(),
            name: symbol.clone(),
            board: Board::Main,
            st: false,
            sector: if s < 5 { "banks".into() } else { UNKNOWN_SECTOR.into() },
            haircut: 1.0,
            adv_amount: None,
            free_float_value: None,
            depth_amount: None,
            price: 10.0,
            own_returns: if s == 0 { 100 } else { 200 },
            proxy: None,
            halt: None,
        });
        let instruments = instruments.collect();
        (history, instruments)
    }

    fn filled(named: &[(&str, &str)], min_returns: usize) -> (History, Vec<Instrument>, Gather) {
        let (mut history, mut instruments) = market();
        let named = named.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        let held = [true, true, false, false, false, false];
        let mut gather = Gather::default();
        let request = Request { named: &named, min_returns, today: 200, held: &held };
        fill(&mut history, &mut instruments, &request, &mut gather);
        (history, instruments, gather)
    }

    #[test]
    fn a_late_listing_follows_its_sector_by_its_own_beta() {
        let (history, instruments, gather) = filled(&[], 60);
        for day in 0..100 {
            let (own, sector) = (history.row(day)[0], history.row(day)[1]);
            assert!((own - 2.0 * sector).abs() < 1e-12, "day {day}: {own} against {sector}");
            assert_eq!(history.flag_row(day)[0], flag::PRESENT | flag::PROXY);
        }
        assert_eq!(instruments[0].proxy.as_deref(), Some("sector banks"));
        assert_eq!(gather.notes.len(), 1);
        assert!(gather.notes[0].en.contains("100 of 200 days filled from sector banks (beta 2.00"), "{}", gather.notes[0].en);
    }

    #[test]
    fn a_short_history_follows_with_beta_one() {
        let (history, _, _) = filled(&[("600000.SH", "600005.SH")], 150);
        assert!((0..100).all(|day| history.row(day)[0] == history.row(day)[5]));
    }

    #[test]
    fn a_proxy_that_does_not_exist_is_a_problem() {
        let (_, _, gather) = filled(&[("600000.SH", "sektor"), ("999999.SH", "market")], 60);
        assert_eq!(gather.problems.len(), 2);
    }
}

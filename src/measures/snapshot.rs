//! Takes the book's picture on the as-of date: leverage, tiers, lines already broken, concentration, utilisation.

use super::book_shapes::{ByRatio, DaysToSell, by_ratio, days_to_sell};
use super::concentration::herfindahl;
use crate::model::book::{Book, LEVERAGE_BUCKETS, leverage_bucket};
use crate::model::case::{Case, Programme};
use crate::model::history::Market;
use crate::model::pool::funding::{cumulative_gap, maturity_ladder};
use crate::model::pool::{loss_order, tier_capital};
use serde::Serialize;

const TOP: usize = 10;

/// The book on the as-of date.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Snapshot {
    pub accounts: usize,
    pub positions: usize,
    pub symbols: usize,
    /// Held symbols of which the depth of buyers' quotes is known.
    pub depths: usize,
    pub loans: f64,
    pub own_capital: f64,
    pub market_value: f64,
    pub cash: f64,
    /// Interest that clients owe beside their loans.
    pub accrued_interest: f64,
    /// Exposure over own capital of the whole book; 0 where nothing is owned.
    pub mean_leverage: f64,
    pub tiers: Vec<TierSnapshot>,
    /// By leverage bucket: name, accounts, loans.
    pub leverage: Vec<(String, usize, f64)>,
    /// By grade: name, accounts, loans.
    pub grades: Vec<(String, usize, f64)>,
    /// Accounts at or below each line on the as-of date: line name, accounts, loans.
    pub below_line: Vec<(String, usize, f64)>,
    pub by_ratio: ByRatio,
    /// Nothing where the base scenario has no cap on sales, or nothing is held.
    pub days_to_sell: Option<DaysToSell>,
    /// Largest clients: account, loan, share of all loans.
    pub top_clients: Vec<(String, f64, f64)>,
    /// Largest holdings: symbol, name, market value, share of all market value.
    pub top_symbols: Vec<(String, String, f64, f64)>,
    /// Herfindahl–Hirschman index of loans over clients, and of market value over symbols.
    pub hhi_clients: f64,
    pub hhi_symbols: f64,
    /// Loans over funding; 0 where nothing is funded.
    pub utilisation: f64,
    pub funding: f64,
    /// The maturity ladder, from the nearest rung.
    pub ladder: Vec<LadderRung>,
}

/// One rung of the maturity ladder.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LadderRung {
    /// Calendar days to maturity, at most; the last rung is open.
    pub up_to_days: i32,
    pub loans: f64,
    pub funding: f64,
    /// Idle cash and loans due less funding due, up to and with this rung.
    pub gap: f64,
}

/// One tier on the as-of date.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TierSnapshot {
    pub name: String,
    pub capital: f64,
    pub loans: f64,
    pub accounts: usize,
    /// 1 bears losses first.
    pub loss_rank: usize,
}

impl Snapshot {
    /// The tiers, the first to lose first.
    pub fn in_loss_order(&self) -> Vec<&TierSnapshot> {
        let mut tiers: Vec<&TierSnapshot> = self.tiers.iter().collect();
        tiers.sort_by_key(|tier| tier.loss_rank);
        tiers
    }
}

/// The book under the base scenario's contract and pool, at as-of prices.
pub fn take(programme: &Programme, book: &Book, market: &Market) -> Snapshot {
    let case = &programme.scenarios[0].case;
    let price = market.prices();
    let accounts = book.accounts();
    let value: Vec<f64> = (0..accounts).map(|a| book.market_value(a, &price)).collect();
    let holdings = by_symbol(book, market, &price);
    let held: Vec<f64> = holdings.iter().map(|h| h.1).collect();
    let (loans, cash, market_value) = (total(&book.loan), total(&book.cash), total(&value));
    let own_capital: f64 = (0..accounts).map(|a| book.own_capital(a, &price)).sum();
    let capital = tier_capital(book, &case.pool);
    let funded: f64 = book.funding.iter().map(|s| s.amount).sum();
    let funding = if book.funding.is_empty() { total(&capital) } else { funded };
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    Snapshot {
        accounts,
        positions: book.position_symbol.len(),
        symbols: holdings.len(),
        depths: holdings.iter().filter(|h| market.instruments[h.0].depth_amount.is_some()).count(),
        loans,
        own_capital,
        market_value,
        cash,
        accrued_interest: total(&book.accrued_interest),
        mean_leverage: share(cash + market_value, own_capital),
        tiers: tiers(book, case, &capital),
        leverage: leverage(book, &price),
        grades: split(&book.grades, |name| (0..accounts).filter(move |a| book.grade[*a] as usize == name), &book.loan),
        below_line: below_lines(book, case, &value),
        by_ratio: by_ratio(book, case, &value),
        days_to_sell: days_to_sell(case, market, &holdings, TOP),
        top_clients: top(&book.loan).into_iter().map(|a| (book.account_id[a].clone(), book.loan[a], share(book.loan[a], loans))).collect(),
        top_symbols: top(&held)
            .into_iter()
            .map(|h| {
                let instrument = &market.instruments[holdings[h].0];
                (instrument.symbol.clone(), instrument.name.clone(), held[h], share(held[h], market_value))
            })
            .collect(),
        hhi_clients: herfindahl(&book.loan),
        hhi_symbols: herfindahl(&held),
        utilisation: share(loans, funding),
        funding,
        ladder: ladder(programme, book, funding, loans),
    }
}

/// Loans and funding by days to maturity, with the cash left when nothing rolls.
fn ladder(programme: &Programme, book: &Book, funding: f64, loans: f64) -> Vec<LadderRung> {
    let cash = programme.scenarios[0].case.pool.cash.clone().unwrap_or_default().idle_money(funding, loans);
    let rungs = maturity_ladder(book, programme.as_of);
    let gaps = cumulative_gap(cash, &rungs);
    let row = |(rung, gap): (&crate::model::pool::funding::Rung, f64)| LadderRung {
        up_to_days: rung.up_to_days,
        loans: rung.loans,
        funding: rung.funding,
        gap,
    };
    rungs.iter().zip(gaps).map(row).collect()
}

fn total(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// Market value by symbol held, in order of symbol.
pub(super) fn by_symbol(book: &Book, market: &Market, price: &[f64]) -> Vec<(usize, f64)> {
    let mut value = vec![None; market.instruments.len()];
    for (symbol, quantity) in book.position_symbol.iter().zip(&book.position_quantity) {
        *value[*symbol as usize].get_or_insert(0.0) += quantity * price[*symbol as usize];
    }
    value.into_iter().enumerate().filter_map(|(symbol, value)| Some((symbol, value?))).collect()
}

/// Indices of the largest values above 0, largest first; ties in order of index.
pub(super) fn top(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).filter(|i| values[*i] > 0.0).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    order.truncate(TOP);
    order
}

/// Accounts and loans of each name's members.
fn split<I: Iterator<Item = usize>>(names: &[String], members: impl Fn(usize) -> I, loan: &[f64]) -> Vec<(String, usize, f64)> {
    let of = |name: usize| members(name).fold((0, 0.0), |(count, sum), a| (count + 1, sum + loan[a]));
    names.iter().enumerate().map(|(index, name)| (name.clone(), of(index).0, of(index).1)).collect()
}

fn leverage(book: &Book, price: &[f64]) -> Vec<(String, usize, f64)> {
    let bucket: Vec<usize> = (0..book.accounts()).map(|a| leverage_bucket(book.leverage(a, price))).collect();
    let names = LEVERAGE_BUCKETS.map(String::from);
    split(&names, |b| (0..bucket.len()).filter(|a| bucket[*a] == b).collect::<Vec<_>>().into_iter(), &book.loan)
}

fn tiers(book: &Book, case: &Case, capital: &[f64]) -> Vec<TierSnapshot> {
    let order = loss_order(book, &case.pool);
    let loans = split(&book.tiers, |tier| (0..book.accounts()).filter(move |a| book.tier[*a] as usize == tier), &book.loan);
    let rank = |tier: usize| 1 + order.iter().position(|t| *t == tier).expect("every tier bears losses in some order");
    let row = |(tier, (name, accounts, loans))| TierSnapshot { name, capital: capital[tier], loans, accounts, loss_rank: rank(tier) };
    loans.into_iter().enumerate().map(row).collect()
}

/// Accounts whose maintenance ratio is at or below each line in force, their own contracts counted; one without debt is below none.
fn below_lines(book: &Book, case: &Case, value: &[f64]) -> Vec<(String, usize, f64)> {
    let mut rows = ["warning", "limit", "call", "liquidation"].map(|name| (name.to_string(), 0, 0.0));
    for (a, own) in book.lines.iter().enumerate() {
        let lines = case.margin.lines(own, book.product_of(a));
        let (assets, debt) = (book.cash[a] + value[a], book.loan[a] + book.accrued_interest[a]);
        for (row, line) in rows.iter_mut().zip([lines.warning, lines.limit, lines.call, lines.liquidation]) {
            if line > 0.0 && debt > 0.0 && assets <= line * debt {
                row.1 += 1;
                row.2 += book.loan[a];
            }
        }
    }
    rows.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::outcome::Outcome;
    use crate::measures::synthetic;
    use crate::model::book::FundingSource;
    use crate::model::case::{Data, Limit, Report, Scenario, Severity};
    use crate::model::history::{Board, Instrument};
    use crate::model::margin::contract::LineOverride;
    use crate::report::facts::gather;
    use crate::study::limits::Verdict;
    use crate::units::{Day, Ratio};

    fn instrument(symbol: &str, price: f64) -> Instrument {
        Instrument {
            symbol: symbol.into(),
            name: format!("name of {symbol}"),
            board: Board::Main,
            st: false,
            sector: String::new(),
            haircut: 1.0,
            adv_amount: None,
            free_float_value: None,
            depth_amount: None,
            price,
            own_returns: 0,
            proxy: None,
            halt: None,
        }
    }

    /// Two accounts: `a` with 100 of assets against 80 of debt, `b` with 300 against 100; pool capital 50 + 150.
    fn book() -> Book {
        let source = |tier, amount| FundingSource {
            source_id: format!("s{tier}"),
            tier,
            amount,
            rate_annual: 0.05,
            maturity_date: None,
            runnable: false,
        };
        Book {
            account_id: vec!["a".into(), "b".into()],
            tier: vec![1, 0],
            grade: vec![0, 0],
            cash: vec![0.0, 100.0],
            loan: vec![80.0, 90.0],
            accrued_interest: vec![0.0, 10.0],
            lines: vec![LineOverride { warning: Some(1.2), ..LineOverride::default() }, LineOverride::default()],
            position_start: vec![0, 1, 3],
            position_symbol: vec![0, 0, 2],
            position_quantity: vec![10.0, 5.0, 30.0],
            tiers: vec!["A".into(), "C".into()],
            grades: vec!["G".into()],
            funding: vec![source(0, 150.0), source(1, 50.0)],
            ..Book::default()
        }
    }

    fn market() -> Market {
        Market { instruments: vec![instrument("X", 10.0), instrument("Y", 1.0), instrument("Z", 5.0)], ..Market::default() }
    }

    fn programme() -> Programme {
        let mut case = Case::default();
        case.margin.warning = Ratio::new(1.5);
        case.margin.call = Ratio::new(1.3);
        let scenario = |name: &str| Scenario {
            name: name.into(),
            severity: Severity::Base,
            narrative: String::new(),
            zh: Default::default(),
            case: case.clone(),
        };
        let limit = |measure: &str, below| Limit {
            measure: measure.into(),
            below: Ratio::new(below),
            above: None,
            confidence: Ratio::from_fraction(0.95),
            scenario: Some("crash".into()),
        };
        Programme {
            name: "w".into(),
            as_of: Day::from_epoch_days(16_598),
            currency: "CNY".into(),
            seed: 1,
            data: Data::default(),
            folder: std::path::PathBuf::new(),
            scenarios: vec![scenario("base"), scenario("crash")],
            limits: vec![limit("tier.C.hit_probability", 0.01), limit("pool_loss.mean", 100.0)],
            model_risk: Default::default(),
            reverse: Vec::new(),
            watch: Vec::new(),
            firm: None,
            report: Report::default(),
            resolved_toml: "schema = 1".into(),
        }
    }

    #[test]
    fn a_holding_takes_its_value_over_what_a_session_takes() {
        let mut case = programme().scenarios.remove(0).case;
        case.liquidation.participation = Ratio::new(0.2);
        let mut market = market();
        market.instruments[0].adv_amount = Some(50.0);
        let of = |holdings: &[(usize, f64)]| days_to_sell(&case, &market, holdings, 5).unwrap();
        let found = of(&[(0, 30.0), (2, 10.0)]);
        assert_eq!((found.slowest.len(), found.slowest[0].2, found.unknown), (1, 3.0, 0.25));
        assert_eq!(found.within[..2], [(1, 0.25), (3, 0.75)]);
        assert!(days_to_sell(&case, &market, &[], 5).is_none());
    }

    fn crash(base: &Outcome) -> Outcome {
        let mut crash = base.clone();
        let paths = crash.paths as usize;
        for path in (0..paths).step_by(10) {
            crash.path.pool_loss[path] = 8.0;
            crash.path.tier_loss[1][path] = 8.0;
        }
        crash.account.loss_sum[0] = 8.0 * paths as f64 / 10.0;
        crash.account.loss_square[0] = 64.0 * paths as f64 / 10.0;
        crash.account.liquidated[0] = (paths / 5) as u32;
        crash
    }

    #[test]
    fn facts_state_the_book_the_difference_and_the_verdicts() {
        let (programme, book, market) = (programme(), book(), market());
        let mut base = synthetic::quiet(&book, 10_000);
        base.account.loss_sum = vec![0.0; 2];
        base.account.loss_square = vec![0.0; 2];
        base.account.liquidated = vec![0; 2];
        base.account.shortfall = vec![0; 2];
        let outcomes = [base.clone(), crash(&base)];
        let facts = gather(&programme, &book, &market, Vec::new(), Vec::new(), &outcomes).unwrap();
        let s = &facts.snapshot;
        assert_eq!((s.loans, s.cash, s.market_value, s.own_capital, s.symbols), (170.0, 100.0, 300.0, 220.0, 2));
        assert!((s.mean_leverage - 400.0 / 220.0).abs() < 1e-15 && (s.utilisation - 0.85).abs() < 1e-15);
        assert_eq!(s.tiers.iter().map(|t| (t.capital, t.loans, t.loss_rank)).collect::<Vec<_>>(), [(150.0, 90.0, 2), (50.0, 80.0, 1)]);
        // `a` stands at 125 %: above its own warning line of 120 %, below the call line of 130 %; `b` is above all
        let below: Vec<(&str, usize)> = s.below_line.iter().map(|row| (row.0.as_str(), row.1)).collect();
        assert_eq!(below, [("warning", 0), ("limit", 0), ("call", 1), ("liquidation", 0)]);
        // what they own adds up
        assert_eq!(s.own_capital, s.market_value + s.cash - s.loans - s.accrued_interest);
        let ratios: Vec<(Option<f64>, usize)> = s.by_ratio.bins.iter().filter(|b| b.accounts > 0).map(|b| (b.from, b.accounts)).collect();
        assert_eq!((ratios, s.by_ratio.other_lines), (vec![(Some(1.2), 1), (Some(3.0), 1)], 1));
        assert!(s.days_to_sell.is_none(), "nothing caps the sales");
        assert_eq!((s.top_clients[0].0.as_str(), s.top_symbols[0].0.as_str()), ("b", "X"));
        assert!((s.hhi_symbols - 0.5).abs() < 1e-15);
        // 5.00 × leverage for `a`, 1.50 for `b`: an edge belongs to the bucket above it
        assert_eq!(s.leverage.iter().map(|b| b.1).collect::<Vec<_>>(), [0, 0, 1, 0, 0, 1]);
        let crash = &facts.scenarios[1];
        assert!(facts.scenarios[0].difference.is_empty());
        assert!((crash.difference["pool_loss.mean"].value - 0.8).abs() < 1e-12);
        assert_eq!((crash.histogram.zeros, crash.histogram.counts[59]), (9_000, 1_000));
        let (id, [loss, liquidated, shortfall]) = &crash.worst_accounts[0];
        assert_eq!((id.as_str(), liquidated.value, shortfall.value, crash.worst_accounts.len()), ("a", 0.2, 0.0, 1));
        assert!((loss.value - 0.8).abs() < 1e-12 && (loss.std_error - 0.024).abs() < 1e-5);
        assert_eq!(facts.limits.iter().map(|l| l.verdict).collect::<Vec<_>>(), [Verdict::Breach, Verdict::Pass]);
    }
}

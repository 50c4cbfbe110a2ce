//! Runs one path again and writes down what happened: a line per account and day, and every movement of money as a double entry.
//!
//! A path has an address, so it can be run alone. Entries come from the difference between an account's state at two
//! closes, not from the rules that moved it: a rule that forgets a leg leaves an entry that does not sum to zero.
//!
//! Ledger accounts: `client/ID/{cash, securities, loan, interest, capital, paid-in, withdrawn}`, `market`, `costs`,
//! `lender/{interest, fees, share}`, `shortfall/ID`, `recourse`, `tier/NAME`, `unallocated`, and those of `pool::ledger` where the pool is kept
//! daily. Assets are positive, debts and what a party gave negative; each entry sums to zero.

pub use super::audit::audit_paths;
use super::books::Books;
use super::group::{Group, prepare_drawn};
use super::legs::House;
pub use super::legs::{Ledger, Leg, Opening, PAGE, Page, Scribe};
use super::pilot;
use super::snapshot::Snapshot;
use crate::engine::day::workspace::Workspace;
use crate::engine::market::lanes::{Carried, NO_ROW};
use crate::engine::market::tile::MarketTile;
use crate::engine::plan::active::{ActiveAccount, Standing, State};
use crate::engine::plan::scenario::Plan;
use crate::engine::pool::lane::PoolLane;
use crate::engine::pool::ledger::{self as pool_ledger, Flows, PoolLine};
use crate::engine::pool::workspace::PoolWorkspace;
use crate::engine::tally::batch::Tally;
use crate::engine::tally::untouched::{settle_active, untouched};
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;
use crate::model::market::{LANES, paths_from};
use crate::model::pool::waterfall;
use crate::model::sharing::{Closing, settle};
use crate::problem::Problems;
use crate::units::Day;
use std::collections::BTreeMap;

/// One leg of a double entry; the legs of an `entry_id` sum to zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub entry_id: u32,
    /// Session, from 1; 0 is the as-of date.
    pub day: u16,
    pub account: String,
    pub amount: f64,
    /// What happened: "opening", "market", "interest", "sale", "repayment", "paid in", "withdrawn", "written off", "sharing", "loss".
    pub what: &'static str,
}

/// Spells every entry of a path.
struct Spelled<'b> {
    book: &'b Book,
    entries: Vec<Entry>,
}

impl Scribe for Spelled<'_> {
    fn start(&mut self) {
        self.entries.clear();
    }

    fn take(&mut self, page: Page<'_>) {
        for leg in page.legs {
            let Leg { entry_id, day, amount, what, .. } = *leg;
            let mut account = String::new();
            page.spell(leg.account, self.book, &mut account);
            self.entries.push(Entry { entry_id, day, account, amount, what });
        }
    }
}

/// One account at one close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoryLine {
    pub day: u16,
    /// Index into the book.
    pub account: usize,
    pub state: &'static str,
    pub cash: f64,
    pub market_value: f64,
    pub loan: f64,
    pub interest_due: f64,
    /// Today's sales, payments by the client (negative: taken out), and shortfall.
    pub sold: f64,
    pub paid_in: f64,
    pub shortfall: f64,
    /// What the holdings count for, after haircuts, and whether the contract nets cash against the debt.
    pub counted: f64,
    pub nets_cash: bool,
}

impl StoryLine {
    /// The maintenance ratio as the lines see it; infinite without debt.
    pub fn ratio(&self) -> f64 {
        let debt = self.loan + self.interest_due;
        let (assets, debt) = if self.nets_cash { (self.counted, debt - self.cash) } else { (self.cash + self.counted, debt) };
        if debt > 0.0 { assets / debt } else { f64::INFINITY }
    }
}

/// What one path came to, in full.
#[derive(Clone, Debug)]
pub struct Trace {
    pub path: u64,
    pub dates: Vec<Day>,
    /// In order of time.
    pub entries: Vec<Entry>,
    /// Every account at the as-of close, as it is left by it.
    pub opening: Vec<StoryLine>,
    /// Every account on every day, in order of day and account.
    pub story: Vec<StoryLine>,
    /// The pool on every day, where it is kept daily.
    pub pool: Vec<PoolLine>,
    pub pool_loss: f64,
}

/// Watches the traced lane through a tile.
struct Tracer<'a> {
    plan: &'a Plan<'a>,
    book: &'a Book,
    lane: usize,
    /// Each account at the last close, where anything happened to it.
    last: Vec<Option<Snapshot>>,
    /// What each symbol counts for, `[day][symbol]`; empty where that is its price.
    counted: Vec<f64>,
    books: Books<'a>,
    told_opening: Option<&'a Opening>,
    with_story: bool,
    story: Vec<StoryLine>,
    /// The pool at the last close, and its story.
    last_pool: PoolLane,
    pool: Vec<PoolLine>,
}

/// Runs path `path` of scenario number `scenario` of the programme alone.
///
/// Errors: the scenario's market cannot be fitted (kind Model). `path` must be below the scenario's number of paths.
pub fn trace(programme: &Programme, book: &Book, market: &Market, scenario: usize, path: u64) -> Result<Trace, Problems> {
    Ok(Retold::prepare(programme, book, market, scenario)?.trace(path))
}

/// A scenario whose paths can be run again, each alone.
pub struct Retold<'a> {
    group: Group<'a>,
    book: &'a Book,
}

impl<'a> Retold<'a> {
    /// Plans the scenario and fits its market.
    ///
    /// Errors: the market cannot be fitted (kind Model).
    pub fn prepare(programme: &'a Programme, book: &'a Book, market: &Market, scenario: usize) -> Result<Self, Problems> {
        Ok(Retold { group: prepare_drawn(programme, scenario, book, market, pilot::fit)?, book })
    }

    /// Tells what every account opens with, but for the last legs.
    pub fn opening(&self, scribe: &mut dyn Scribe) -> Opening {
        let plan = &self.group.members[0].plan;
        let mut books = Books::new(scribe);
        books.start(None);
        (0..plan.accounts.len()).for_each(|index| books.open(plan, index));
        books.opened()
    }

    /// Tells one path behind the full pages of its opening; what it cost the pool.
    pub fn tell(&self, path: u64, opening: &Opening, scribe: &mut dyn Scribe) -> f64 {
        run_again(&self.group, self.book, path, Some(opening), scribe).2
    }

    /// One path, with every line of every account.
    fn trace(&self, path: u64) -> Trace {
        let mut spelled = Spelled { book: self.book, entries: Vec::new() };
        let (mut tracer, tile, pool_loss) = run_again(&self.group, self.book, path, None, &mut spelled);
        tracer.fill_story(&tile);
        let plan = tracer.plan;
        let opening = (0..plan.accounts.len()).map(|index| {
            let opening = Snapshot::opening(plan, index);
            Tracer::line(0, index, &opening, &opening)
        });
        let opening = opening.collect();
        let Tracer { story, pool, .. } = tracer;
        Trace { path, dates: plan.dates.clone(), entries: spelled.entries, opening, story, pool, pool_loss }
    }
}

/// Runs one path; where its opening is told already it is not told again, nor are its lines kept.
fn run_again<'a>(
    group: &'a Group<'_>,
    book: &'a Book,
    path: u64,
    told_opening: Option<&'a Opening>,
    scribe: &'a mut dyn Scribe,
) -> (Tracer<'a>, MarketTile, f64) {
    let member = &group.members[0];
    let plan = &member.plan;
    // alone, a scenario whose paths are all the same has one
    let told = if plan.paths == 1 { 0 } else { path };
    let simulation = &plan.scenario.case.simulation;
    let numbers = if plan.paths == 1 { 1 } else { simulation.most_drawn() };
    assert!(told < numbers, "path {path} of {numbers}");
    let first_path = told / LANES as u64 * LANES as u64;
    let mut tile = MarketTile::new(plan.days, plan.symbols.len(), plan.reads_volume());
    let lane = (told - first_path) as usize;
    tile.look_at(lane);
    // the lane told alone is recorded
    let rows = std::array::from_fn(|other| if other == lane { 0 } else { NO_ROW });
    tile.draw(group.law(), plan, Carried { paths: paths_from(first_path), rows });
    if !plan.feedback.is_on() {
        tile.shock(plan, &member.shocks);
        tile.price_all(plan);
    }
    let mut tracer = Tracer {
        plan,
        book,
        lane,
        last: vec![None; plan.accounts.len()],
        counted: Vec::new(),
        books: Books::new(scribe),
        told_opening,
        with_story: told_opening.is_none(),
        story: Vec::new(),
        last_pool: PoolLane::default(),
        pool: Vec::new(),
    };
    let mut tally = Tally::new(plan);
    let mut workspace = Workspace { tells: true, ..Workspace::default() };
    workspace.run_watched(plan, &mut tile, &member.shocks, &mut tally, &mut |day, workspace, tile| tracer.watch(day, workspace, tile));
    let pool_loss = tally.path.pool_loss[0];
    tracer.finish(&tile, &workspace);
    (tracer, tile, pool_loss)
}

/// The active accounts of one lane, in order of accounts.
fn of_lane(workspace: &Workspace, lane: usize) -> Vec<&ActiveAccount> {
    let mut active: Vec<&ActiveAccount> = workspace.accounts.active.iter().filter(|active| active.lane() == lane).collect();
    active.sort_by_key(|active| active.key());
    active
}

impl Tracer<'_> {
    /// Looks at every touched account after day `day` (from 1); day 0 starts, or starts again; beyond the last the end is marked.
    fn watch(&mut self, day: usize, workspace: &Workspace, tile: &MarketTile) {
        if day == 0 {
            return self.restart(&workspace.pool);
        }
        let session = day.min(self.plan.days);
        let mut flows = Flows::default();
        if day <= self.plan.days && self.plan.counts_less() {
            self.counted.extend(workspace.now.collateral.price.iter().skip(self.lane).step_by(LANES));
        }
        let active = of_lane(workspace, self.lane);
        for active in &active {
            let account = active.account();
            let value = workspace.accounts.value(self.plan, active, tile.prices_of(session - 1));
            let counted = workspace.now.counted_value(self.plan, active, &workspace.accounts.shares, value);
            let now = Snapshot::of(active, &self.plan.accounts[account], self.plan.elapsed_days[session], value, counted);
            let before = self.last[account].replace(now).unwrap_or_else(|| Snapshot::opening(self.plan, account));
            // most closed accounts stay as they are
            if before != now {
                self.books.difference(session, account, &before, &now);
                flows.add(account, &before, &now);
            }
            if self.with_story && day <= self.plan.days {
                self.story.push(Tracer::line(day, account, &before, &now));
            }
        }
        if day > self.plan.days {
            flows.interest += self.untouched_interest(&active);
        }
        self.book_pool(day, session, &workspace.pool, &flows);
    }

    /// The start of a run, or of another with a wider bound.
    fn restart(&mut self, pool: &PoolWorkspace) {
        self.last.fill(None);
        self.counted.clear();
        self.story.clear();
        self.pool.clear();
        self.books.start(self.told_opening);
        if self.told_opening.is_none() {
            (0..self.plan.accounts.len()).for_each(|index| self.books.open(self.plan, index));
        }
        if let Some(plan) = &self.plan.pool {
            self.last_pool = pool.lane[self.lane].clone();
            let legs = pool_ledger::opening(plan, &self.last_pool, self.book);
            self.books.named_entry(0, "pool opening", legs);
        }
    }

    /// Interest of the accounts nothing happened to, over the whole horizon.
    fn untouched_interest(&self, active: &[&ActiveAccount]) -> f64 {
        let mut touched = vec![false; self.plan.accounts.len()];
        active.iter().for_each(|s| touched[s.account()] = true);
        let elapsed = self.plan.elapsed_days[self.plan.days];
        let calm = self.plan.accounts.iter().zip(touched).filter(|(_, touched)| !touched);
        calm.fold(0.0, |sum, (account, _)| sum + account.loan * account.rate_day * elapsed)
    }

    /// The pool's entries of a session, and its line of the story.
    fn book_pool(&mut self, day: usize, session: usize, pool: &PoolWorkspace, flows: &Flows) {
        let Some(plan) = &self.plan.pool else { return };
        let now = &pool.lane[self.lane];
        for (what, legs) in pool_ledger::entries(self.plan, self.book, &self.last_pool, now, flows) {
            self.books.named_entry(session, what, legs);
        }
        if day <= self.plan.days {
            self.pool.push(pool_ledger::line(day, self.plan, plan, now, self.book));
        }
        self.last_pool = now.clone();
    }

    fn line(day: usize, index: usize, before: &Snapshot, now: &Snapshot) -> StoryLine {
        StoryLine {
            day: day as u16,
            account: index,
            state: match now.state {
                State::Normal if now.cured_on == Some(day as u16) => "cured",
                State::Normal => match now.standing {
                    Standing::Clear => "normal",
                    Standing::Warned => "warned",
                    Standing::Limited => "limited",
                },
                State::Called => "called",
                State::Liquidating => "in liquidation",
                State::Closed if now.shortfall > 0.0 => "closed with shortfall",
                State::Closed => "closed",
            },
            cash: now.cash,
            market_value: now.held,
            loan: now.loan,
            interest_due: now.accrued,
            sold: now.proceeds - before.proceeds,
            paid_in: (now.paid_in - now.withdrawn) - (before.paid_in - before.withdrawn),
            shortfall: now.shortfall - before.shortfall,
            counted: now.counted,
            nets_cash: now.nets_cash,
        }
    }

    /// The end: accounts nothing happened to, sharing, and who bears the losses.
    fn finish(&mut self, tile: &MarketTile, workspace: &Workspace) {
        let plan = self.plan;
        let mut touched = vec![None; plan.accounts.len()];
        for active in of_lane(workspace, self.lane) {
            touched[active.account()] = Some(active);
        }
        let mut shortfalls = Vec::new();
        for (index, account) in plan.accounts.iter().enumerate() {
            let split = match touched[index] {
                Some(active) => {
                    if active.shortfall > 0.0 {
                        shortfalls.push((index, active.shortfall));
                    }
                    settle_active(active, account, active.cash + active.held - active.loan - active.accrued)
                }
                None => {
                    let (gain, interest) = untouched(plan, account, tile, self.lane);
                    let opening = Snapshot::opening(plan, index);
                    let end =
                        Snapshot { gain, charged: interest, accrued: opening.accrued + interest, held: opening.held + gain, ..opening };
                    self.books.difference(plan.days, index, &opening, &end);
                    let equity = account.equity_start + gain - interest;
                    settle(
                        &account.terms,
                        &Closing { gross_money: gain, interest_money: interest, equity_money: equity, shortfall_money: 0.0 },
                    )
                }
            };
            self.books.share(plan.days, index, &split);
        }
        if plan.pool.is_none() {
            self.allocate(&shortfalls);
        }
        self.books.end();
    }

    fn allocate(&mut self, shortfalls: &[(usize, f64)]) {
        let plan = self.plan;
        let total = shortfalls.iter().fold(0.0, |sum, s| sum + s.1);
        let recourse = total * plan.recourse.share;
        let mut taken = vec![0.0; plan.capital.len()];
        let unallocated = waterfall::allocate(total - recourse, &plan.capital, &mut taken);
        let mut legs: Vec<(Ledger, f64)> = shortfalls.iter().map(|(a, s)| (Ledger::Shortfall(*a as u32), *s)).collect();
        legs.push((Ledger::Of(House::Recourse), -recourse));
        legs.extend(plan.loss_order.iter().zip(&taken).map(|(tier, loss)| (Ledger::Tier(*tier as u32), -loss)));
        legs.push((Ledger::Of(House::Unallocated), -unallocated));
        self.books.entry(plan.days, "loss", &legs);
    }

    /// Gives every account a line on every day; those before an account's first event are worth its opening holdings.
    fn fill_story(&mut self, tile: &MarketTile) {
        let plan = self.plan;
        let mut told: BTreeMap<(u16, usize), StoryLine> = self.story.drain(..).map(|line| ((line.day, line.account), line)).collect();
        for day in 1..=plan.days {
            for (index, account) in plan.accounts.iter().enumerate() {
                let line = told.remove(&(day as u16, index)).unwrap_or_else(|| {
                    let worth = |price: &dyn Fn(usize) -> f64| {
                        plan.positions_of(index).iter().fold(0.0, |sum, p| sum + p.quantity * price(p.symbol as usize))
                    };
                    let market_value = worth(&|symbol| tile.prices(day - 1, symbol)[self.lane]);
                    let of_day = self.counted.get((day - 1) * tile.symbols..day * tile.symbols);
                    StoryLine {
                        day: day as u16,
                        account: index,
                        state: "normal",
                        cash: account.cash,
                        market_value,
                        loan: account.loan,
                        interest_due: account.accrued + account.loan * account.rate_day * plan.elapsed_days[day],
                        sold: 0.0,
                        paid_in: 0.0,
                        shortfall: 0.0,
                        counted: of_day.map_or(market_value, |counted| worth(&|symbol| counted[symbol])),
                        nets_cash: account.lines.nets_cash,
                    }
                });
                self.story.push(line);
            }
        }
    }
}

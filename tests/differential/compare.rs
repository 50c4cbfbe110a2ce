//! Runs one world through the engine and through the oracle, and says where they first differ.

use super::draws;
use super::worlds::World;
use levertide::engine::PoolLine;
use levertide::engine::outcome::{Outcome, PoolFigure};
use levertide::engine::trace::{StoryLine, trace};
use levertide::engine::{Control, simulate};
use levertide::inputs::{self, Inputs, programme};
use levertide::model::case::Programme;
use levertide::problem::Problems;
use levertide::units::Day;
use levertide_oracle::story::{AccountDay, PathStory, PoolDay, State};
use levertide_oracle::{Date, Story};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A cent.
const CENT: f64 = 0.01;
/// Of large sums, what their digits hold.
const RELATIVE: f64 = 1e-9;

/// What became of a world.
pub enum Found {
    Same,
    /// The engine refuses the programme, with its words.
    Refused(String),
    Differs(String),
}

/// Runs a world that lies in `folder` through both.
pub fn compare(world: &World, folder: &Path) -> Found {
    let file = world.write(folder);
    let both = std::panic::catch_unwind(|| run_both(&file));
    match both {
        Ok(found) => found,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Found::Differs(format!("stopped: {}", said.unwrap_or_default()))
        }
    }
}

fn run_both(file: &Path) -> Found {
    let loaded = programme::load(file, &Default::default()).and_then(|p| inputs::load(&p).map(|inputs| (p, inputs)));
    let (programme, inputs) = match loaded {
        Ok(both) => both,
        Err(problems) => return Found::Refused(problems.to_string()),
    };
    let outcome = match simulated(&programme, &inputs) {
        Ok(outcome) => outcome,
        Err(problems) => return Found::Refused(problems.to_string()),
    };
    let folder = file.parent().expect("a programme lies in a folder");
    let plain = levertide_oracle::World::from_files(file, "base", &folder.join("paths.csv")).unwrap_or_else(|why| panic!("oracle: {why}"));
    against(&programme, &inputs, &outcome, plain)
}

fn simulated(programme: &Programme, inputs: &Inputs) -> Result<Outcome, Problems> {
    let stop = AtomicBool::new(false);
    let control = Control { threads: Some(1), stop: &stop, progress: &|_| () };
    Ok(simulate(programme, &inputs.book, &inputs.market, &control)?.remove(0))
}

/// Holds an outcome of the engine against what the oracle makes of the same world.
fn against(programme: &Programme, inputs: &Inputs, outcome: &Outcome, mut plain: levertide_oracle::World) -> Found {
    let (book, market) = (&inputs.book, &inputs.market);
    // the exchange's sessions are data for both
    plain.sessions = outcome.dates.iter().map(|d| Date::read(&d.to_string()).expect("a date")).collect();
    let back = |day: &Day| Some(market.calendar.next(*day)).filter(|next| *next <= programme.as_of);
    let past = std::iter::successors(Some(Day::from_epoch_days(programme.as_of.epoch_days() - 60)), back);
    plain.past_sessions = past.skip(1).map(|d| Date::read(&d.to_string()).expect("a date")).collect();
    plain.draws = draws::of(&plain, programme.seed);
    for (at, beta) in draws::betas(&plain) {
        plain.instruments[at].beta = Some(beta);
    }
    let told: Story = levertide_oracle::run(&plain);
    for (path, story) in told.paths.iter().enumerate() {
        let traced = match trace(programme, book, market, 0, path as u64) {
            Ok(traced) => traced,
            Err(problems) => return Found::Refused(problems.to_string()),
        };
        for line in traced.opening.iter().chain(&traced.story) {
            let day = &story.days[usize::from(line.day)];
            let id = &book.account_id[line.account];
            let at = plain.accounts.iter().position(|a| a.account_id == *id).expect("both have the account");
            let prices: Vec<f64> = day.symbols.iter().map(|s| s.price).collect();
            if let Some(what) = differ_on_a_day(line, &day.accounts[at], &prices) {
                return Found::Differs(format!("path {path}, session {}, account {id}: {what}", line.day));
            }
        }
        for line in &traced.pool {
            let day = story.days[usize::from(line.day)].pool.as_ref().expect("both keep the pool daily");
            if let Some(what) = first(&pool_of_a_day(line, day, &book.tiers)) {
                return Found::Differs(format!("path {path}, session {}, the pool: {what}", line.day));
            }
        }
        if let Some(what) =
            differ_over_a_path(outcome, path, story, &book.tiers).or_else(|| first(&market_of(&plain, outcome, path, story)))
        {
            return Found::Differs(format!("path {path}: {what}"));
        }
    }
    let costs = book.account_id.iter().enumerate().map(|(account, id)| {
        let at = plain.accounts.iter().position(|a| a.account_id == *id).expect("both have the account");
        let loss = told.paths.iter().fold(0.0, |sum, path| sum + path.accounts[at].lender_loss);
        let of_client = told.paths.iter().fold(0.0, |sum, path| sum + path.accounts[at].client_loss);
        let of_engine = &outcome.account;
        [("what it costs the pool", of_engine.loss_sum[account], loss), ("client_loss", of_engine.client_loss_sum[account], of_client)]
    });
    match costs.zip(&book.account_id).find_map(|(figures, id)| first(&figures).map(|what| format!("account {id}: {what}"))) {
        Some(how) => Found::Differs(how),
        None => Found::Same,
    }
}

fn equal(a: f64, b: f64) -> bool {
    (a - b).abs() <= CENT + RELATIVE * a.abs().max(b.abs())
}

/// The first figure of a list that differs, in words.
fn first(figures: &[(&str, f64, f64)]) -> Option<String> {
    let (name, engine, oracle) = figures.iter().find(|(_, a, b)| !equal(*a, *b))?;
    Some(format!("{name} is {engine} in the engine and {oracle} in the oracle"))
}

fn differ_on_a_day(line: &StoryLine, day: &AccountDay, prices: &[f64]) -> Option<String> {
    let value = day.shares.iter().zip(prices).map(|(q, p)| q * p).sum();
    let sold = day.sales.iter().map(|s| s.proceeds).sum();
    let figures = [
        ("market value", line.market_value, value),
        ("sales", line.sold, sold),
        ("payment", line.paid_in, day.payment - day.withdrawal),
        ("cash", line.cash, day.cash),
        ("loan", line.loan, day.loan),
        ("interest", line.interest_due, day.accrued_interest),
        ("shortfall", line.shortfall, day.shortfall),
    ];
    let state = match day.state {
        State::Normal => "normal",
        State::Warned => "warned",
        State::Limited => "limited",
        State::Called => "called",
        State::Cured => "cured",
        State::InLiquidation => "in liquidation",
        State::Closed => "closed",
        State::ClosedWithShortfall => "closed with shortfall",
    };
    first(&figures).or_else(|| (line.state != state).then(|| format!("state is {} in the engine and {state} in the oracle", line.state)))
}

/// Figures of the pool at one close, the engine's and the oracle's.
fn pool_of_a_day<'n>(line: &PoolLine, day: &PoolDay, tiers: &'n [String]) -> Vec<(&'n str, f64, f64)> {
    let unpaid = line.tiers.iter().fold(0.0, |sum, tier| sum + tier.unpaid);
    let mut figures = vec![
        ("cash", line.cash, day.cash),
        ("loans", line.loans, day.loans),
        ("unpaid", unpaid, day.unpaid),
        ("buffer_days", line.buffer_days, day.buffer_days),
    ];
    figures.extend(tiers.iter().zip(&line.tiers).map(|(name, tier)| (&**name, tier.taken, day.borne.get(name).copied().unwrap_or(0.0))));
    figures
}

/// What the shares held did on a path, of their opening value, so that it is money; from the oracle's prices.
fn market_of(world: &levertide_oracle::World, outcome: &Outcome, path: usize, story: &PathStory) -> Vec<(&'static str, f64, f64)> {
    let quantity = |symbol: &str| world.positions.iter().filter(|p| p.symbol == symbol).map(|p| p.quantity).sum::<f64>();
    let quantities: Vec<f64> = world.instruments.iter().map(|instrument| quantity(&instrument.symbol)).collect();
    let value = |day: &levertide_oracle::story::DayStory| quantities.iter().zip(&day.symbols).map(|(q, s)| q * s.price).sum::<f64>();
    let values: Vec<f64> = story.days.iter().map(value).collect();
    let open = values[0];
    if open <= 0.0 {
        return Vec::new();
    }
    let returns: Vec<f64> = values.windows(2).map(|pair| if pair[0] > 0.0 { pair[1] / pair[0] - 1.0 } else { 0.0 }).collect();
    let square: f64 = returns.iter().map(|r| r * r).sum();
    let c = &outcome.path;
    vec![
        ("market_return", open * c.market_return[path], values[returns.len()] - open),
        ("market_worst_day", open * c.market_worst_day[path], open * returns.iter().copied().fold(f64::INFINITY, f64::min)),
        ("market_volatility", open * c.market_volatility[path], open * (square / returns.len() as f64).sqrt()),
    ]
}

fn differ_over_a_path(outcome: &Outcome, path: usize, story: &PathStory, tiers: &[String]) -> Option<String> {
    let c = &outcome.path;
    let at = |column: &[f64]| column.get(path).copied().unwrap_or(0.0);
    let count = |column: &[u32], n: usize| (f64::from(column[path]), n as f64);
    let mut figures = vec![
        ("forced_sales", at(&c.forced_sales), story.forced_sales),
        ("early_sales", at(&c.early_sales), story.early_sales),
        ("client_withdrawals", at(&c.client_withdrawals), story.client_withdrawals),
        ("sale_cost", at(&c.sale_cost), story.sale_cost),
        ("call_amount", at(&c.call_amount), story.call_amount),
        ("unsold", at(&c.unsold), story.unsold),
        ("shortfall", at(&c.shortfall), story.shortfall),
        ("recourse", at(&c.recourse), story.recourse),
        ("pool_loss", at(&c.pool_loss), story.pool_loss),
        ("unallocated_loss", at(&c.unallocated_loss), story.unallocated_loss),
        ("lender_pnl", at(&c.lender_pnl), story.lender_pnl),
        ("client_loss", at(&c.client_loss), story.client_loss),
    ];
    for (name, column, n) in [
        ("warned", &c.warned, story.warned),
        ("limited", &c.limited, story.limited),
        ("called", &c.called, story.called),
        ("cured", &c.cured, story.cured),
        ("liquidated", &c.liquidated, story.liquidated),
        ("shortfall_accounts", &c.shortfall_accounts, story.shortfall_accounts),
    ] {
        let (engine, oracle) = count(column, n);
        figures.push((name, engine, oracle));
    }
    let names: Vec<String> = tiers.iter().map(|tier| format!("tier {tier}")).collect();
    for (tier, name) in names.iter().enumerate() {
        figures.push((name, c.tier_loss[tier][path], story.tier_loss.get(&tiers[tier]).copied().unwrap_or(0.0)));
    }
    let days = outcome.fan.days;
    let of_path = outcome.fan.path.iter().position(|p| *p as usize == path).expect("the fan holds every path of a world");
    let values = &outcome.fan.value[of_path * days..][..days];
    let value_on: Vec<String> = (0..days).map(|day| format!("value of the pool after session {day}")).collect();
    figures.extend(value_on.iter().zip(values).zip(&story.value).map(|((name, engine), oracle)| (&**name, *engine, *oracle)));
    // of the opening value, so that it is money
    let fall = |fraction: f64| fraction * values[0];
    figures.push(("max_drawdown", fall(at(&c.max_drawdown)), fall(story.max_drawdown)));
    let failed: Vec<String> = tiers.iter().map(|tier| format!("session tier {tier} failed on")).collect();
    if let Some((daily, story)) = outcome.pool.daily.as_ref().zip(story.pool.as_ref()) {
        let figure = |figure: PoolFigure| daily.figure(figure)[path];
        figures.extend([
            ("cash_min", figure(PoolFigure::CashMin), story.cash_min),
            ("buffer_days_min", figure(PoolFigure::BufferDaysMin), story.buffer_days_min),
            ("utilisation_max", figure(PoolFigure::UtilisationMax), story.utilisation_max),
            ("survival_days", figure(PoolFigure::SurvivalDays), story.survival_days),
            ("unpaid_end", figure(PoolFigure::UnpaidEnd), story.unpaid_end),
            ("funding_withdrawn", figure(PoolFigure::Withdrawn), story.funding_withdrawn),
            ("sources_run", figure(PoolFigure::SourcesRun), story.sources_run as f64),
            ("recalled", figure(PoolFigure::Recalled), story.recalled),
            ("funding_cost", figure(PoolFigure::FundingCost), story.funding_cost),
            ("written_down", figure(PoolFigure::WrittenDown), story.written_down),
            ("hedge_result", figure(PoolFigure::HedgeResult), story.hedge_result),
            ("hedge_cost", figure(PoolFigure::HedgeCost), story.hedge_cost),
            ("replenished", figure(PoolFigure::Replenished), story.replenished),
            ("custody_loss", figure(PoolFigure::CustodyLoss), story.custody_loss),
            ("client_custody_loss", figure(PoolFigure::ClientCustodyLoss), story.client_custody_loss),
        ]);
        for (tier, name) in failed.iter().enumerate() {
            let on = story.tier_failed.get(&tiers[tier]).copied().flatten().unwrap_or(0);
            figures.push((name, f64::from(daily.tier_failed[tier][path]), on as f64));
        }
    }
    first(&figures)
}

/// What a replay in a folder comes to in the engine, which the oracle must tell alike, with some lines changed.
pub fn replayed(file: &Path, change: impl Fn(&mut Programme, &mut levertide_oracle::Programme)) -> Outcome {
    let mut programme = programme::load(file, &Default::default()).unwrap_or_else(|problems| panic!("{problems}"));
    let mut plain = levertide_oracle::World::from_programme(file, "base").unwrap_or_else(|why| panic!("oracle: {why}"));
    change(&mut programme, &mut plain.programme);
    let inputs = inputs::load(&programme).unwrap_or_else(|problems| panic!("{problems}"));
    let outcome = simulated(&programme, &inputs).unwrap_or_else(|problems| panic!("{problems}"));
    match against(&programme, &inputs, &outcome, plain) {
        Found::Same => outcome,
        Found::Refused(how) | Found::Differs(how) => panic!("{how}"),
    }
}

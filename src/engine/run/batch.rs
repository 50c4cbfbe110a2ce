//! Simulates batches of tiles over worker threads.
//!
//! The cut into batches depends on the number of paths alone, and they are joined in an order of their own (`tally/tree.rs`): the last
//! bit of every sum is the same on any number of threads and machines.

use super::control::Control;
use super::group::{Group, Member, Run, Section};
use super::joined::Joined;
use super::sequence::{self, Ended, Sink};
use super::work::Work;
use crate::engine::day::workspace::Workspace;
use crate::engine::market::lanes::NO_ROW;
use crate::engine::market::tile::{MarketTile, within_numbers};
use crate::engine::plan::caps::stocks_beyond_cap;
use crate::engine::record::outcome::{AccountColumns, Fan, GroupColumns, Outcome, PathColumns, PoolColumns, SymbolColumns};
use crate::engine::record::spool::Spooled;
use crate::engine::tally::batch::Tally;
use crate::engine::tally::strata;
use crate::problem::Problems;
use std::ops::Range;
use std::sync::atomic::Ordering;

/// Simulates the batches of a range, and hands them to the sink in order.
///
/// Errors: an interrupted run (kind Interrupted), a price beyond numbers (kind Model), and those of the sink.
pub fn simulate(work: &Work<'_>, batches: Range<u64>, control: &Control<'_>, sink: &mut dyn Sink) -> Result<(), Problems> {
    for (at, section) in work.sections.iter().enumerate() {
        let (first, group) = (work.first_of(at), work.group_of(at));
        let own = batches.start.max(first)..batches.end.min(first + section.batches());
        if own.is_empty() {
            continue;
        }
        let own = own.start - first..own.end - first;
        let run = |batch| run_batch(group, section, batch, control);
        within_numbers(|| work.pool.install(|| sequence::run(at, own, sink, run)))?;
    }
    Ok(())
}

/// What every scenario and layer came to, once all batches are joined; rows by path are on the spool.
///
/// Panics when batches are missing.
pub fn outcomes(work: &Work<'_>, runs: &[Run], joined: Joined<'_, '_>) -> Spooled {
    let mut done: Vec<Option<Outcome>> = runs.iter().map(|_| None).collect();
    let mut of_group: Vec<Vec<Vec<Tally>>> = work.groups.iter().map(|group| group.members.iter().map(|_| Vec::new()).collect()).collect();
    for (section, ended) in work.sections.iter().zip(joined.whole()) {
        of_group[section.group].iter_mut().zip(ended).for_each(|(of_member, tally)| of_member.push(tally));
    }
    for (group, tallies) in work.groups.iter().zip(of_group) {
        for (member, tallies) in group.members.iter().zip(tallies) {
            done[member.index] = Some(outcome(member, tallies, group));
        }
    }
    let mut spooled = Spooled::default();
    for (index, (run, outcome)) in runs.iter().zip(done).enumerate() {
        let outcome = outcome.expect("every case belongs to a group");
        match run.layer {
            Some(name) => spooled.add_layer(name, outcome.symbol.by_day, outcome.symbol.square.by_day),
            None => spooled.add(index, outcome),
        }
    }
    spooled
}

fn run_batch(group: &Group<'_>, section: &Section, batch: u64, control: &Control<'_>) -> Option<Ended> {
    let plan = &group.members[0].plan;
    let with_volume = group.members.iter().any(|m| m.plan.reads_volume());
    let mut market = MarketTile::new(plan.days, plan.symbols.len(), with_volume);
    let mut workspace = Workspace::default();
    let mut tallies: Vec<Tally> = group.members.iter().map(|m| Tally::new(&m.plan)).collect();
    tallies.iter_mut().for_each(|tally| tally.fan_rows = section.fan.clone());
    let order = group.order(section.rows_of(batch));
    for carried in order.tiles() {
        if control.stop.load(Ordering::Relaxed) {
            return None;
        }
        market.draw(group.law(), plan, carried);
        for (member, tally) in group.members.iter().zip(&mut tallies) {
            if !member.same_prices && !member.plan.feedback.is_on() {
                market.lay_out(member.plan.looks_ahead);
                market.shock(&member.plan, &member.shocks);
                market.price_all(&member.plan);
            }
            workspace.run(&member.plan, &mut market, &member.shocks, tally);
        }
        let paths = carried.rows.iter().filter(|row| **row != NO_ROW).count();
        (control.progress)((paths * plan.accounts.len() * plan.days * group.members.len()) as u64);
    }
    let restorer = order.restorer();
    let in_order = |(member, mut tally): (&Member<'_>, Tally)| {
        tally.close_batch(&member.plan);
        let mut rows = member.rows(&mut tally);
        if let Some(restorer) = &restorer {
            rows.restore(restorer);
            tally.fan.restore();
        }
        (tally, rows)
    };
    Some(group.members.iter().zip(tallies).map(in_order).collect())
}

/// What a member came to, of all its sections: joined, or as strata.
fn outcome(member: &Member<'_>, tallies: Vec<Tally>, group: &Group<'_>) -> Outcome {
    let plan = &member.plan;
    let (account, symbol, groups, fan) = match &group.sample {
        None => {
            let join = |mut whole: Tally, next| {
                whole.append(next);
                whole
            };
            let whole = tallies.into_iter().reduce(join).expect("a group has a section at least");
            (whole.accounts(plan), whole.symbol, whole.groups, whole.fan)
        }
        Some(sample) => {
            let accounts: Vec<AccountColumns> = tallies.iter().map(|tally| tally.accounts(plan)).collect();
            let symbols: Vec<&SymbolColumns> = tallies.iter().map(|tally| &tally.symbol).collect();
            let groups: Vec<&[GroupColumns]> = tallies.iter().map(|tally| tally.groups.as_slice()).collect();
            let mut fan = Fan { days: plan.days + 1, ..Fan::default() };
            for tally in &tallies {
                fan.path.extend(&tally.fan.path);
                fan.value.extend(&tally.fan.value);
            }
            (strata::accounts(sample, &accounts), strata::symbols(sample, &symbols), strata::groups(sample, &groups), fan)
        }
    };
    Outcome { account, symbol, groups, fan, ..bare(member, group) }
}

/// What is known of a member beside its rows, which are on the spool, and its sums over paths.
pub fn bare(member: &Member<'_>, group: &Group<'_>) -> Outcome {
    let (plan, model) = (&member.plan, group.model.as_ref());
    Outcome {
        paths: plan.paths,
        sample: group.sample.clone(),
        dates: plan.dates.clone(),
        path: PathColumns::default(),
        pool: PoolColumns::default(),
        account: AccountColumns::default(),
        symbol: SymbolColumns::default(),
        groups: Vec::new(),
        tail: Vec::new(),
        fan: Fan::default(),
        caps: member.caps.clone(),
        stocks_beyond_cap: stocks_beyond_cap(plan),
        market_volatility: [1.0, plan.risk_factors.market[0]].map(|factor| factor * plan.market_variance.sqrt()),
        card: model.card(),
        drift: member.drift,
        layers: Vec::new(),
        deterministic: model.is_deterministic() && member.draws_nothing(),
        account_steps: plan.accounts.len() as u64 * plan.days as u64 * plan.paths,
    }
}

//! Lays shocks over the returns of a path, in the order of the list, each over what those before it left.

use crate::date::Date;
use crate::exchange::{Drawn, daily_limit};
use crate::programme::{On, Pinned, Shock};
use crate::world::{Instrument, Purpose, World};

/// The path's quotes after every shock, by session and symbol.
pub fn lay(world: &World, path: usize, dates: &[Date], draw: impl Fn(Purpose, &str) -> f64) -> Vec<Vec<Drawn>> {
    let quotes = &world.paths[path];
    let plain = |quote: &crate::world::Quote| Drawn { quote: quote.clone(), drawn_return: quote.simple_return, ..Drawn::default() };
    let mut days: Vec<Vec<Drawn>> = quotes.iter().map(|day| day.iter().map(plain).collect()).collect();
    for shock in &world.programme.shocks {
        for (at, instrument) in world.instruments.iter().enumerate() {
            let mut name: Vec<&mut Drawn> = days.iter_mut().map(|day| &mut day[at]).collect();
            if hits(on(shock), instrument) {
                lay_one(shock, &mut name, instrument, (dates, world.programme.exchange.price_limits), &draw);
            }
        }
        if let Shock::PinnedPath(pin) = shock
            && pin.what == Pinned::Index
        {
            pin_index(pin, &mut days, &world.instruments);
        }
    }
    days
}

fn on(shock: &Shock) -> &On {
    match shock {
        Shock::Gap(shock) => &shock.on,
        Shock::LimitDowns(shock) => &shock.on,
        Shock::Volatility(shock) => &shock.on,
        Shock::Correlation(shock) => &shock.on,
        Shock::Drift(shock) => &shock.on,
        Shock::VolumeDryUp(shock) => &shock.on,
        Shock::Suspension(shock) => &shock.on,
        Shock::PinnedPath(shock) => &shock.on,
    }
}

fn hits(on: &On, instrument: &Instrument) -> bool {
    match on {
        On::All => true,
        On::Board(board) => instrument.board == *board,
        On::Sector(sector) => instrument.sector == *sector,
        On::Symbols(symbols) => symbols.contains(&instrument.symbol),
    }
}

/// The sessions of a stress, as a range of places from 0.
fn window(first: Option<usize>, last: Option<usize>, sessions: usize) -> std::ops::Range<usize> {
    first.unwrap_or(1) - 1..last.unwrap_or(sessions).min(sessions)
}

fn change(drawn: &mut Drawn, simple_return: f64) {
    if simple_return != drawn.quote.simple_return {
        drawn.quote.simple_return = simple_return;
        drawn.touched = true;
    }
}

/// What is laid over a session comes with the first one from there on that the name trades; with none it is lost.
fn grow_when_it_trades(name: &mut [&mut Drawn], from: usize, factor: f64) {
    if factor != 1.0
        && let Some(day) = name.iter_mut().skip(from).find(|day| !day.quote.halted)
    {
        let moved = (1.0 + day.quote.simple_return) * factor - 1.0;
        change(day, moved);
    }
}

/// `limits` says whether price limits bind at all.
fn lay_one(
    shock: &Shock,
    name: &mut [&mut Drawn],
    instrument: &Instrument,
    (dates, limits): (&[Date], bool),
    draw: impl Fn(Purpose, &str) -> f64,
) {
    let sessions = name.len();
    match shock {
        Shock::Gap(gap) => {
            grow_when_it_trades(name, gap.day - 1, 1.0 + gap.size);
        }
        Shock::LimitDowns(downs) => {
            let (first, end) = (downs.first_day - 1, downs.first_day - 1 + downs.days);
            // what a halted name has not fallen yet
            let mut due = 1.0;
            for at in first..end {
                let st = name[at].quote.st.unwrap_or(instrument.st);
                let limit = daily_limit(instrument.board, st, dates[at]).filter(|_| limits);
                let size = limit.unwrap_or(downs.size_without_limit);
                due *= 1.0 - size;
                if !name[at].quote.halted {
                    name[at].quote.simple_return = due - 1.0;
                    (name[at].touched, name[at].limit_down) = (true, true);
                    due = 1.0;
                }
            }
            grow_when_it_trades(name, end, due);
        }
        Shock::Volatility(shock) => {
            for at in window(shock.first_day, shock.last_day, sessions) {
                // about the mean, which stays: (1 + r)^k · E[1 + r]/E[(1 + r)^k]
                let simple_return = name[at].quote.simple_return;
                if shock.multiple != 1.0 && !name[at].quote.halted {
                    let moved = (1.0 + simple_return).powf(shock.multiple) * instrument.volatility_correction - 1.0;
                    change(name[at], moved);
                }
            }
        }
        Shock::Correlation(_) => panic!("a pull towards the common move needs the market model's own figures: given paths have none"),
        Shock::Drift(drift) => {
            let sessions = window(drift.first_day, drift.last_day, sessions);
            let (size, n) = match (drift.total, drift.annual) {
                (Some(total), None) => (total, sessions.len() as f64),
                (None, Some(annual)) => (annual, 252.0),
                _ => panic!("a drift has exactly one of `total` and `annual`"),
            };
            for at in sessions {
                grow_when_it_trades(name, at, (1.0 + size).powf(1.0 / n));
            }
        }
        Shock::VolumeDryUp(shock) => {
            for at in window(shock.first_day, shock.last_day, sessions) {
                name[at].quote.volume *= shock.multiple;
            }
        }
        Shock::Suspension(shock) => {
            let first = shock.first_day.unwrap_or(1) - 1;
            if draw(Purpose::Suspension, &instrument.symbol) < shock.share {
                let mut missed = 1.0;
                for day in &mut name[first..first + shock.days] {
                    missed *= 1.0 + day.quote.simple_return;
                    (day.quote.simple_return, day.quote.halted) = (0.0, true);
                }
                grow_when_it_trades(name, first + shock.days, missed);
            }
        }
        Shock::PinnedPath(pin) if pin.what == Pinned::Each => {
            let sessions: Vec<usize> = window(pin.first_day, pin.last_day, sessions).filter(|at| !name[*at].quote.halted).collect();
            let logs: f64 = sessions.iter().map(|at| name[*at].quote.simple_return.ln_1p()).sum();
            for at in &sessions {
                let moved = name[*at].quote.simple_return.ln_1p() + (pin.total.ln_1p() - logs) / sessions.len() as f64;
                change(name[*at], moved.exp_m1());
            }
        }
        Shock::PinnedPath(_) => {}
    }
}

/// The equally weighted, geometric index of the names hit ends at its level: x' = x + β·(T − I)/n.
fn pin_index(pin: &crate::programme::PinnedPath, days: &mut [Vec<Drawn>], instruments: &[Instrument]) {
    let sessions = window(pin.first_day, pin.last_day, days.len());
    let names: Vec<usize> = (0..instruments.len()).filter(|at| hits(&pin.on, &instruments[*at])).collect();
    let log = |drawn: &Drawn| if drawn.quote.halted { 0.0 } else { drawn.quote.simple_return.ln_1p() };
    let index: f64 =
        sessions.clone().flat_map(|day| names.iter().map(move |name| (day, *name))).map(|(d, n)| log(&days[d][n])).sum::<f64>()
            / names.len() as f64;
    // a halted session takes no part: a name moves on those it trades, one that never does not at all
    let trades: Vec<(usize, Vec<usize>)> =
        names.iter().map(|name| (*name, sessions.clone().filter(|day| !days[*day][*name].quote.halted).collect())).collect();
    let beta = |name: usize| instruments[name].beta.unwrap_or(1.0);
    let weight = trades.iter().filter(|(_, on)| !on.is_empty()).map(|(name, _)| beta(*name)).sum::<f64>() / names.len() as f64;
    if weight.abs() <= 1e-9 {
        return;
    }
    let shift = (pin.total.ln_1p() - index) / weight;
    for (name, on) in trades {
        for day in &on {
            let drawn = &mut days[*day][name];
            let moved = (log(drawn) + beta(name) * shift / on.len() as f64).exp_m1();
            change(drawn, moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::*;
    use crate::world::Quote;

    fn world(returns: &[f64], shocks: Vec<Shock>) -> World {
        let quotes = returns.iter().map(|r| vec![Quote { simple_return: *r, ..Quote::default() }]).collect();
        let programme = Programme { as_of: Date::new(2015, 6, 12), shocks, ..Programme::default() };
        World {
            programme,
            instruments: vec![Instrument { board: Board::Main, ..Instrument::default() }],
            paths: vec![quotes],
            ..World::default()
        }
    }

    fn returns(world: &World) -> Vec<f64> {
        lay(world, 0, &world.dates(), |_, _| 0.5).iter().map(|day| day[0].quote.simple_return).collect()
    }

    fn near(found: &[f64], right: &[f64]) {
        assert_eq!(found.len(), right.len());
        assert!(found.iter().zip(right).all(|(f, r)| (f - r).abs() < 1e-9), "{found:?} where {right:?} is right");
    }

    #[test]
    fn the_worked_shocks_of_the_documents() {
        let gap = Shock::Gap(Gap { day: 1, size: -0.1, on: On::All });
        near(&returns(&world(&[0.02], vec![gap])), &[-0.082]);
        let double = Shock::Volatility(Volatility { multiple: 2.0, first_day: None, last_day: None, on: On::All });
        near(&returns(&world(&[-0.1], vec![double])), &[-0.19]);
        let drift = Shock::Drift(Drift { total: Some(-0.2), annual: None, first_day: None, last_day: None, on: On::All });
        near(&returns(&world(&[0.0; 20], vec![drift])), &[(0.8f64).powf(0.05) - 1.0; 20]);
        let pin = |what| Shock::PinnedPath(PinnedPath { total: -0.3, what, first_day: None, last_day: None, on: On::All });
        for what in [Pinned::Each, Pinned::Index] {
            let found = returns(&world(&[0.01, -0.02, 0.04], vec![pin(what)]));
            near(&[found.iter().map(|r| 1.0 + r).product::<f64>()], &[0.7]);
            // each by the same step in logs
            near(&[(1.0 + found[0]) / 1.01], &[(0.7f64 / (1.01 * 0.98 * 1.04)).powf(1.0 / 3.0)]);
        }
    }

    #[test]
    fn a_shock_of_size_nothing_is_the_identity() {
        let none = |total| Shock::Drift(Drift { total: Some(total), annual: None, first_day: None, last_day: None, on: On::All });
        let shocks = vec![Shock::Gap(Gap { day: 2, size: 0.0, on: On::All }), none(0.0)];
        let world = world(&[0.1, -0.03, 1.0 / 3.0], shocks);
        let days = lay(&world, 0, &world.dates(), |_, _| 0.5);
        assert!(days.iter().zip(&world.paths[0]).all(|(after, before)| after[0].quote == before[0] && !after[0].touched));
    }

    #[test]
    fn a_share_of_names_is_suspended_by_its_draw() {
        let half = Shock::Suspension(Suspension { share: 0.4, first_day: Some(2), days: 2, on: On::All });
        let world = world(&[0.0; 4], vec![half]);
        let halted = |u: f64| lay(&world, 0, &world.dates(), |_, _| u).iter().map(|day| day[0].quote.halted).collect::<Vec<_>>();
        assert_eq!(halted(0.39), [false, true, true, false]);
        assert_eq!(halted(0.4), [false; 4]);
    }
}

//! Checks one asset and one loan against values that no simulation made: quadrature, and the closed form of first passage.
//!
//! The rule: everything is sold `delay` sessions after the first close at or below the liquidation line, for proceeds less
//! a cost; what is unsold at the end is marked at the last close, without cost; negative equity is the shortfall.
//!
//! The reference: the log price moves by independent normal steps. The density of paths that have not triggered is carried
//! from session to session by Gauss–Legendre integration over the region above the line; what falls below it is a
//! source of a later sale, whose probability and mean beyond any loss are closed normal forms.

use crate::support::{Account, as_of, book, figure, free_exchange, gaussian, market, measure, programme, ratio, run};
use levertide::engine::outcome::Outcome;
use levertide::maths::special::normal_quantile;
use levertide::measures::Estimates;
use levertide::model::case::{Case, Simulation};
use levertide::model::liquidation::Liquidation;
use levertide::model::margin::Margin;
use std::f64::consts::{PI, SQRT_2};

const PATHS: u64 = 1_000_000;

// ---- numbers ----------------------------------------------------------------------------------

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / SQRT_2)
}

fn normal_density(x: f64, mean: f64, deviation: f64) -> f64 {
    let z = (x - mean) / deviation;
    libm::exp(-0.5 * z * z) / (deviation * (2.0 * PI).sqrt())
}

/// Nodes and weights of the Gauss–Legendre rule on [−1, 1], by Newton's method on the Legendre polynomial.
fn legendre(order: usize) -> Vec<(f64, f64)> {
    let n = order as f64;
    let polynomial = |x: f64| {
        let (mut before, mut now) = (1.0, x);
        for k in 2..=order {
            let k = k as f64;
            (before, now) = (now, ((2.0 * k - 1.0) * x * now - (k - 1.0) * before) / k);
        }
        (now, n * (x * now - before) / (x * x - 1.0))
    };
    let node = |i: usize| {
        let mut x = libm::cos(PI * (i as f64 + 0.75) / (n + 0.5));
        for _ in 0..50 {
            let (value, slope) = polynomial(x);
            x -= value / slope;
        }
        let slope = polynomial(x).1;
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..order).map(node).collect()
}

/// Nodes and weights on [low, high], in panels no wider than `width`.
fn panels(low: f64, high: f64, width: f64) -> Vec<(f64, f64)> {
    let rule = legendre(12);
    let count = ((high - low) / width).ceil().max(1.0);
    let half = 0.5 * (high - low) / count;
    let middle = |panel: usize| low + half * (2.0 * panel as f64 + 1.0);
    (0..count as usize).flat_map(|panel| rule.iter().map(move |(x, w)| (middle(panel) + half * x, half * w))).collect()
}

// ---- the reference ----------------------------------------------------------------------------

/// One asset, one loan.
struct OneLoan {
    assets_money: f64,
    /// Debt at the close of each session, the as-of date first.
    debt_money: Vec<f64>,
    line: f64,
    cost: f64,
    delay: usize,
    /// Mean and deviation of one session's log return.
    step_mean: f64,
    step_deviation: f64,
}

/// A mass of paths at log price `position`, to be sold (or marked) `steps` sessions on, if it is then at or below `ceiling`.
struct Source {
    position: f64,
    mass: f64,
    steps: usize,
    ceiling: f64,
    debt_money: f64,
    /// Share of proceeds kept.
    kept: f64,
}

/// The law of the shortfall, as a sum over sources.
struct Law {
    sources: Vec<Source>,
    survived: f64,
    assets_money: f64,
    step_mean: f64,
    step_deviation: f64,
}

impl OneLoan {
    /// Log price, from today's, at or below which session `t` triggers.
    fn barrier(&self, t: usize) -> f64 {
        libm::log(self.line * self.debt_money[t] / self.assets_money)
    }

    fn law(&self) -> Law {
        let (m, s) = (self.step_mean, self.step_deviation);
        let last = self.debt_money.len() - 1;
        let reach = 10.0 * s;
        let mut alive = vec![(0.0, 1.0)];
        let mut sources = Vec::new();
        for t in 1..=last {
            let barrier = self.barrier(t);
            let density = |x: f64| alive.iter().fold(0.0, |sum, (y, mass)| sum + mass * normal_density(x, y + m, s));
            let steps = self.delay.min(last - t);
            let sold = t + self.delay <= last;
            let kept = if sold { 1.0 - self.cost } else { 1.0 };
            let debt_money = self.debt_money[t + steps];
            if steps == 0 {
                // sold or marked at the close that triggers: straight from yesterday's survivors
                sources.extend(alive.iter().map(|&(position, mass)| Source {
                    position,
                    mass,
                    steps: 1,
                    ceiling: barrier,
                    debt_money,
                    kept,
                }));
            } else {
                let low = alive.iter().fold(barrier, |low, (position, _)| low.min(position + m)) - reach;
                sources.extend(panels(low, barrier, s).into_iter().map(|(position, weight)| Source {
                    position,
                    mass: weight * density(position),
                    steps,
                    ceiling: f64::INFINITY,
                    debt_money,
                    kept,
                }));
            }
            let top = m * t as f64 + reach * (t as f64).sqrt();
            let above = panels(barrier, top.max(barrier + reach), s);
            alive = above.into_iter().map(|(x, weight)| (x, weight * density(x))).collect();
        }
        let survived = alive.iter().fold(0.0, |sum, (_, mass)| sum + mass);
        Law { sources, survived, assets_money: self.assets_money, step_mean: m, step_deviation: s }
    }
}

impl Law {
    /// Probability that the line is met.
    fn trigger(&self) -> f64 {
        self.sources.iter().fold(0.0, |sum, source| sum + source.mass * self.below(source, source.ceiling))
    }

    /// Standardised distance of `level` from a source's sale.
    fn distance(&self, source: &Source, level: f64) -> f64 {
        let steps = source.steps as f64;
        (level - source.position - self.step_mean * steps) / (self.step_deviation * steps.sqrt())
    }

    fn below(&self, source: &Source, level: f64) -> f64 {
        if level == f64::INFINITY { 1.0 } else { normal_cdf(self.distance(source, level)) }
    }

    /// Log price below which the shortfall exceeds `loss`, and the strike in money.
    fn strike(&self, source: &Source, loss: f64) -> Option<(f64, f64)> {
        let strike = source.debt_money - loss;
        (strike > 0.0).then(|| (libm::log(strike / (source.kept * self.assets_money)).min(source.ceiling), strike))
    }

    /// Probability that the shortfall exceeds `loss`.
    fn beyond(&self, loss: f64) -> f64 {
        let of = |source: &Source| self.strike(source, loss).map_or(0.0, |(level, _)| source.mass * self.below(source, level));
        self.sources.iter().fold(0.0, |sum, source| sum + of(source))
    }

    /// Mean of what the shortfall exceeds `loss` by.
    fn mean_beyond(&self, loss: f64) -> f64 {
        let of = |source: &Source| {
            let Some((level, strike)) = self.strike(source, loss) else { return 0.0 };
            let steps = source.steps as f64;
            let (mean, deviation) = (self.step_mean * steps, self.step_deviation * steps.sqrt());
            let distance = self.distance(source, level);
            let forward = source.kept * self.assets_money * libm::exp(source.position + mean + 0.5 * deviation * deviation);
            source.mass * (strike * normal_cdf(distance) - forward * normal_cdf(distance - deviation))
        };
        self.sources.iter().fold(0.0, |sum, source| sum + of(source))
    }

    /// Value at risk: the least loss exceeded with probability `1 − level` or less.
    fn value_at_risk(&self, level: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.sources.iter().fold(0.0f64, |most, source| most.max(source.debt_money)));
        assert!(self.beyond(low) > 1.0 - level, "the quantile lies in the mass at zero: choose a riskier loan");
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.beyond(middle) > 1.0 - level { low = middle } else { high = middle }
        }
        high
    }

    /// Expected shortfall in the sense of the tail mean: `v + E(L − v)⁺ / (1 − level)`.
    fn tail_mean(&self, level: f64) -> f64 {
        let quantile = self.value_at_risk(level);
        quantile + self.mean_beyond(quantile) / (1.0 - level)
    }
}

// ---- the simulation ---------------------------------------------------------------------------

/// Parameters that both sides share.
#[derive(Clone, Copy)]
struct Setting {
    assets_money: f64,
    loan_money: f64,
    rate_annual: f64,
    line: f64,
    cost: f64,
    delay: u32,
    volatility: f64,
    drift: f64,
    trading_days: f64,
    horizon: u32,
    paths: u64,
}

/// Five times leverage on a wild asset, so that shortfalls are common enough for a 99 % quantile.
const WILD: Setting = Setting {
    assets_money: 125.0,
    loan_money: 100.0,
    rate_annual: 0.0,
    line: 1.06,
    cost: 0.0,
    delay: 0,
    volatility: 0.60,
    drift: 0.05,
    trading_days: 252.0,
    horizon: 20,
    paths: PATHS,
};

impl Setting {
    fn step(&self) -> (f64, f64) {
        let dt = 1.0 / self.trading_days;
        ((self.drift - 0.5 * self.volatility * self.volatility) * dt, self.volatility * dt.sqrt())
    }

    fn simulated(&self) -> (Estimates, Outcome) {
        let case = Case {
            simulation: Simulation { paths: self.paths, horizon_days: self.horizon, ..Simulation::default() },
            market: gaussian(self.volatility, self.drift, self.trading_days),
            exchange: free_exchange(),
            margin: Margin { liquidation: Some(ratio(self.line)), ..Margin::default() },
            liquidation: Liquidation { delay_days: self.delay, cost: ratio(self.cost), ..Liquidation::default() },
            ..Case::default()
        };
        let mut account = Account::of_one("only", self.loan_money, 100.0);
        account.rate_annual = self.rate_annual;
        let book = book(&[account], &[("A", 1_000.0)]);
        let market = market(&[self.assets_money / 100.0]);
        let programme = programme(20_150_612, vec![case]);
        let outcome = run(&programme, &book, &market).remove(0);
        (measure(&programme, 0, &book, &outcome), outcome)
    }

    /// The reference for the sessions the simulation ran over.
    fn law(&self, outcome: &Outcome) -> Law {
        let days = std::iter::once(0).chain(outcome.dates.iter().map(|date| as_of().calendar_days_until(*date)));
        let (step_mean, step_deviation) = self.step();
        let debt = days.map(|days| self.loan_money * (1.0 + self.rate_annual * f64::from(days) / 365.0));
        OneLoan {
            assets_money: self.assets_money,
            debt_money: debt.collect(),
            line: self.line,
            cost: self.cost,
            delay: self.delay as usize,
            step_mean,
            step_deviation,
        }
        .law()
    }
}

/// Fails unless the estimate lies within four of its standard errors of the reference; returns the row for the methods page.
fn meets(estimates: &Estimates, key: &str, expected: f64) -> String {
    let found = figure(estimates, key);
    let errors = (found.value - expected) / found.std_error;
    let row = format!("{key}: {:.6} ± {:.6}, reference {expected:.6}, {errors:+.2} standard errors", found.value, found.std_error);
    assert!(found.std_error > 0.0 && errors.abs() <= 4.0, "{row}");
    row
}

fn compare(setting: Setting) {
    let (estimates, outcome) = setting.simulated();
    let law = setting.law(&outcome);
    let rows = [
        meets(&estimates, "liquidation_rate", law.trigger()),
        meets(&estimates, "shortfall.probability", law.beyond(0.0)),
        meets(&estimates, "shortfall.mean", law.mean_beyond(0.0)),
        meets(&estimates, "pool_loss.var_99", law.value_at_risk(0.99)),
        meets(&estimates, "pool_loss.es_99", law.tail_mean(0.99)),
    ];
    println!("delay {}, cost {}, rate {}\n  {}", setting.delay, setting.cost, setting.rate_annual, rows.join("\n  "));
    // the standard error itself: a share of n independent paths
    let (p, error) = (law.trigger(), figure(&estimates, "liquidation_rate").std_error);
    let expected = (p * (1.0 - p) / setting.paths as f64).sqrt();
    assert!((error / expected - 1.0).abs() < 0.02, "standard error {error}, expected {expected}");
}

#[test]
fn a_sale_at_the_close_that_triggers_meets_the_quadrature() {
    compare(WILD);
    compare(Setting { cost: 0.02, ..WILD });
}

#[test]
fn a_sale_one_session_later_meets_the_quadrature() {
    compare(Setting { delay: 1, ..WILD });
    compare(Setting { delay: 1, cost: 0.02, ..WILD });
}

#[test]
fn a_sale_three_sessions_later_meets_the_quadrature() {
    compare(Setting { delay: 3, ..WILD });
    compare(Setting { delay: 3, cost: 0.02, ..WILD });
}

#[test]
fn interest_moves_the_line_with_the_calendar() {
    compare(Setting { delay: 1, cost: 0.02, rate_annual: 0.24, ..WILD });
}

/// Probability that a Brownian motion with drift reaches `barrier` (below its start) within `years`.
fn first_passage(barrier: f64, log_drift: f64, volatility: f64, years: f64) -> f64 {
    let root = volatility * years.sqrt();
    let reflected = libm::exp(2.0 * log_drift * barrier / (volatility * volatility));
    normal_cdf((barrier - log_drift * years) / root) + reflected * normal_cdf((barrier + log_drift * years) / root)
}

#[test]
fn fine_steps_approach_the_closed_form_of_first_passage() {
    // 20 days of a 252-day year, looked at 20, 200 and 2,000 times
    let mut gaps = Vec::new();
    for (fineness, paths) in [(1.0, 400_000), (10.0, 400_000), (100.0, 200_000)] {
        // a session is a part of a day: its variance and its drift are that part of the day's
        let (volatility, drift) = (WILD.volatility / f64::sqrt(fineness), WILD.drift / fineness);
        let setting = Setting { volatility, drift, horizon: 20 * fineness as u32, paths, ..WILD };
        let (estimates, _) = setting.simulated();
        let barrier = libm::log(setting.line * setting.loan_money / setting.assets_money);
        let log_drift = WILD.drift - 0.5 * WILD.volatility * WILD.volatility;
        let years = 20.0 / 252.0;
        let continuous = first_passage(barrier, log_drift, WILD.volatility, years);
        // Broadie, Glasserman and Kou (1997): looking at intervals is looking continuously at a line −ζ(1/2)/√(2π) = 0.5826
        // step deviations further off
        let corrected = first_passage(barrier - 0.5826 * setting.step().1, log_drift, WILD.volatility, years);
        let found = figure(&estimates, "liquidation_rate");
        println!(
            "{} looks: {:.5} ± {:.5}, corrected {corrected:.5}, continuous {continuous:.5}",
            setting.horizon, found.value, found.std_error
        );
        // the correction is itself only asymptotic: at 20 looks it is 0.0032 from the quadrature
        let slack = if fineness > 1.0 { 0.0 } else { 0.0035 };
        assert!((found.value - corrected).abs() <= 4.0 * found.std_error + slack, "{} against {corrected}", found.value);
        gaps.push(continuous - found.value);
    }
    assert!(gaps[0] > gaps[1] && gaps[1] > gaps[2], "the gap to the continuous probability shrinks with the step: {gaps:?}");
}

#[test]
fn the_quadrature_conserves_mass_and_meets_closed_forms() {
    let (step_mean, step_deviation) = WILD.step();
    let one = |sessions: usize, delay: usize, line: f64| OneLoan {
        assets_money: 125.0,
        debt_money: vec![100.0; sessions + 1],
        line,
        cost: 0.02,
        delay,
        step_mean,
        step_deviation,
    };
    for (sessions, delay) in [(1, 0), (5, 0), (20, 1), (20, 3)] {
        let law = one(sessions, delay, 1.06).law();
        assert!((law.survived + law.trigger() - 1.0).abs() < 1e-12, "mass {}", law.survived + law.trigger());
    }
    // a line so high that every path triggers on the first session: a European put on the asset, delay sessions later
    let law = one(10, 3, 3.0).law();
    let (mean, deviation) = (4.0 * step_mean, 2.0 * step_deviation);
    let distance = (libm::log(100.0 / (0.98 * 125.0)) - mean) / deviation;
    let forward = 0.98 * 125.0 * libm::exp(mean + 0.5 * deviation * deviation);
    let put = 100.0 * normal_cdf(distance) - forward * normal_cdf(distance - deviation);
    assert!((law.mean_beyond(0.0) - put).abs() < 1e-10, "{} against {put}", law.mean_beyond(0.0));
    assert!((law.beyond(0.0) - normal_cdf(distance)).abs() < 1e-10);
    // the tail mean is the average of the quantiles beyond its level
    let law = one(20, 1, 1.06).law();
    let average: f64 = panels(0.99, 1.0 - 1e-9, 0.001).iter().fold(0.0, |sum, (level, weight)| sum + weight * law.value_at_risk(*level));
    assert!((law.tail_mean(0.99) / (average / 0.01) - 1.0).abs() < 1e-4, "{} against {}", law.tail_mean(0.99), average / 0.01);
}

#[test]
fn a_normal_loss_has_its_textbook_quantile_and_tail_mean() {
    // domain notes A8: exposure 400,000, daily deviation 2 %: VaR 95 % is 13,158.83 (13,160 with z rounded to 1.645), ES 16,501.70
    let setting = Setting { paths: 200_000, horizon: 1, ..WILD };
    let (_, mut outcome) = setting.simulated();
    let paths = outcome.paths as f64;
    // in place of simulated losses, the law itself at equal steps of probability
    for (at, loss) in outcome.path.pool_loss.iter_mut().enumerate() {
        *loss = 400_000.0 * 0.02 * normal_quantile((at as f64 + 0.5) / paths);
    }
    let programme = programme(1, vec![Case::default()]);
    let book = book(&[Account::of_one("only", 100.0, 100.0)], &[("A", 1_000.0)]);
    let estimates = measure(&programme, 0, &book, &outcome);
    let of = |key: &str| figure(&estimates, key).value;
    assert!((of("pool_loss.var_95") - 13_158.829).abs() < 0.5, "VaR {}", of("pool_loss.var_95"));
    assert!((of("pool_loss.var_95") / 13_160.0 - 1.0).abs() < 2e-4);
    assert!((of("pool_loss.es_95") - 16_501.702).abs() < 0.5, "ES {}", of("pool_loss.es_95"));
}

//! Describes a margin rulebook: the lines a market, a broker or a product sets, version by version, each with its source.
//!
//! The rulebooks themselves are data (`inputs/rulebooks/*.toml`); what a version says is laid under `[margin]`, so that an
//! explicit key overrides it. Lines stated in other terms are turned into maintenance ratios:
//! - a net asset value of a unit with senior money r per unit of junior: assets NAV·(1 + r), debt r, so `R = NAV·(1 + r)/r`;
//! - own capital of at least m of market value: `R = 1/(1 − m)`, R the market value over the debt net of cash.
//!
//! Worked: NAV 0.88 at 2 : 1 → 132 %; 0.90 at 3 : 1 → 120 %; 0.95 at 3 : 1 → 126.7 %; m = 25 % → 133.3 %.

use super::lines::Lines;
use crate::units::{Day, Ratio};
use serde::Deserialize;

/// A rulebook in its versions, earliest first.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rulebook {
    /// What a programme calls it.
    pub name: String,
    pub title: String,
    pub title_zh: String,
    #[serde(rename = "version")]
    pub versions: Vec<Version>,
}

/// A rulebook and which of its versions is in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InForce {
    pub rulebook: &'static Rulebook,
    pub version: &'static Version,
}

/// What a rulebook says from one day on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Version {
    /// The first day it is in force.
    pub effective: Day,
    pub warning: Option<Ratio>,
    pub limit: Option<Ratio>,
    pub call: Option<Ratio>,
    pub cure_days: Option<u32>,
    pub cured_at: Option<Ratio>,
    pub liquidation: Option<Ratio>,
    pub restore_to: Option<Ratio>,
    pub delay_days: Option<u32>,
    /// Cash may be withdrawn only above this ratio.
    pub withdrawal: Option<Ratio>,
    /// Own money per unit of a purchase on credit.
    pub initial_margin: Option<Ratio>,
    /// True when the initial margin binds contracts opened from `effective` on, and not those before.
    #[serde(default)]
    pub new_contracts_only: bool,
    /// Own capital of at least this share of market value; stands for `call`.
    pub maintenance: Option<Ratio>,
    /// Lines on a unit's net asset value; stand for `warning` and `liquidation`.
    pub nav: Option<Nav>,
    /// Most that may be lent to one client, a share of the lender's capital.
    pub client_cap: Option<Ratio>,
    /// Most of one stock's free float that may be financed.
    pub stock_cap: Option<Ratio>,
    pub collateral: Option<Collateral>,
    /// Where it is written.
    pub citation: String,
    pub citation_zh: String,
    /// What in it is not sourced.
    pub assumption: Option<String>,
    pub assumption_zh: Option<String>,
}

/// Lines on the net asset value of a unit, 1 at the start.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nav {
    /// Senior money per unit of junior money.
    pub senior_to_junior: f64,
    pub warning: Ratio,
    pub liquidation: Ratio,
}

/// Highest conversion rates 折算率 by class: the share of market value that counts as collateral.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Collateral {
    pub index_stock: Ratio,
    pub other_stock: Ratio,
    pub st: Ratio,
}

/// Maintenance ratio of a unit at a net asset value, with `senior_to_junior` of senior money per unit of junior.
pub fn ratio_at_nav(nav: f64, senior_to_junior: f64) -> f64 {
    nav * (1.0 + senior_to_junior) / senior_to_junior
}

/// Maintenance ratio at which own capital is the share `maintenance` of market value.
pub fn ratio_at_maintenance(maintenance: f64) -> f64 {
    1.0 / (1.0 - maintenance)
}

impl Rulebook {
    /// The version in force on a day; nothing before the first.
    pub fn on(&self, day: Day) -> Option<&Version> {
        self.versions.iter().rev().find(|v| v.effective <= day)
    }

    /// The initial margin of a contract opened on `opened` (as of `day` when unknown), looked at on `day`.
    ///
    /// A version for new contracts only leaves an earlier contract what was in force when it was opened.
    pub fn initial_margin(&self, opened: Option<Day>, day: Day) -> Option<Ratio> {
        let now = self.on(day)?;
        match opened.filter(|opened| now.new_contracts_only && *opened < now.effective) {
            Some(opened) => self.on(opened).unwrap_or(&self.versions[0]).initial_margin,
            None => now.initial_margin,
        }
    }
}

impl Version {
    pub fn warning(&self) -> Option<Ratio> {
        self.warning.or_else(|| self.nav.and_then(|n| Ratio::new(ratio_at_nav(n.warning.get(), n.senior_to_junior))))
    }

    pub fn call(&self) -> Option<Ratio> {
        self.call.or_else(|| self.maintenance.and_then(|m| Ratio::new(ratio_at_maintenance(m.get()))))
    }

    pub fn liquidation(&self) -> Option<Ratio> {
        self.liquidation.or_else(|| self.nav.and_then(|n| Ratio::new(ratio_at_nav(n.liquidation.get(), n.senior_to_junior))))
    }

    /// Where a forced sale stops: as written, and at the maintenance requirement where that is the call line.
    pub fn restore_to(&self) -> Option<Ratio> {
        self.restore_to.or_else(|| self.maintenance.and_then(|_| self.call()))
    }

    /// True where own capital is measured against market value: cash then lessens the debt, and is no part of the assets.
    pub fn nets_cash(&self) -> bool {
        self.maintenance.is_some()
    }

    /// Its lines as plain fractions.
    pub fn lines(&self) -> Lines {
        let get = |line: Option<Ratio>| line.map_or(0.0, Ratio::get);
        Lines {
            warning: get(self.warning()),
            limit: get(self.limit),
            call: get(self.call()),
            cured_at: get(self.cured_at),
            liquidation: get(self.liquidation()),
            restore_to: get(self.restore_to()),
            withdrawal: get(self.withdrawal),
            reduce_to: 0.0,
            cure_days: self.cure_days.unwrap_or(0),
            delay_days: self.delay_days,
            nets_cash: self.nets_cash(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_asset_value_is_a_ratio() {
        for (nav, senior, ratio) in [(0.88, 2.0, 1.32), (0.90, 3.0, 1.20), (0.95, 3.0, 1.2667)] {
            let found = ratio_at_nav(nav, senior);
            assert!((found - ratio).abs() < 5e-5, "{nav} at {senior}: found {found}");
        }
        // a senior share of everything is lost first: 3 : 1 loses senior money below 0.75, 2.5 : 1 below 0.714
        assert!((ratio_at_nav(0.75, 3.0) - 1.0).abs() < 1e-12);
        assert!((ratio_at_nav(2.5 / 3.5, 2.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_share_of_market_value_is_a_ratio() {
        assert!((ratio_at_maintenance(0.25) - 4.0 / 3.0).abs() < 1e-12);
    }
}

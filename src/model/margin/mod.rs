//! States the margin contract: its lines, its deadlines, and the state an account is in.

use crate::units::{Day, Ratio};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub mod cap;
pub mod contract;
pub mod distance;
pub mod dynamic;
#[cfg(test)]
pub mod example;
pub mod haircut;
pub mod limit_action;
pub mod lines;
pub mod risk_volatility;
pub mod rulebook;
pub mod stop;
pub mod template;
pub mod trigger;

use cap::InvestmentCap;
use contract::LineOverride;
pub use distance::drop_to_reach;
use dynamic::Dynamic;
use haircut::Haircuts;
use limit_action::LimitAction;
pub use lines::Lines;
use lines::moved_by;
use risk_volatility::RiskVolatility;
pub use rulebook::InForce;
use stop::Stop;
use template::Template;
use trigger::VolatilityTrigger;

/// `[margin]`: lines on the maintenance ratio 维持担保比例; a line that is absent is not in force.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Margin {
    /// A rulebook by name: it gives every key below that is not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rulebook: Option<String>,
    /// The first day in force of the rulebook's version; the one in force on the as-of date when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Day>,
    /// 预警线: below it the account is warned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Ratio>,
    /// 限额线: below it the account may not buy, and more as `limit-action` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Ratio>,
    /// 追保线: a close below it starts a margin call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Ratio>,
    /// Sessions a called client has; still below the ratio that cures at that close, the account goes into liquidation. 0 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure_days: Option<u32>,
    /// The ratio that cures a call; the call line when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cured_at: Option<Ratio>,
    /// 平仓线: a close at or below it sends the account into liquidation at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidation: Option<Ratio>,
    /// Forced sales stop when the ratio is back here; absent, everything is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_to: Option<Ratio>,
    /// Sessions between the close that triggers a forced sale and the close that sells; `delay-days` of `[liquidation]` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_days: Option<u32>,
    /// 提取线: a client may take money out only while the ratio stays at or above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Ratio>,
    /// 融资保证金比例: own money per unit of a purchase on credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_margin: Option<Ratio>,
    /// What the limit line does beside stopping purchases.
    pub limit_action: LimitAction,
    /// Stops on one position's loss and on an account's drawdown.
    pub stop: Stop,
    /// How much of a holding's market value counts in the ratio.
    pub haircuts: Haircuts,
    /// What a volatile session does to accounts of high leverage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volatility_trigger: Option<VolatilityTrigger>,
    /// Lines that move with the market's volatility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic: Option<Dynamic>,
    /// The volatility that dynamic lines, haircuts and the template read; needs a series of implied volatility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_volatility: Option<RiskVolatility>,
    /// The leverage allowed without stress and under stress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// What an account may invest, and which bound is the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub investment_cap: Option<InvestmentCap>,
    #[cfg(test)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<example::Example>,
    /// Rulebooks of the accounts' products, by product; every other product stands under the keys above.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub products: BTreeMap<String, String>,
    /// The rulebook in force, and those of the products: looked up when the programme is read.
    #[serde(skip)]
    pub in_force: Option<InForce>,
    #[serde(skip)]
    pub in_force_by_product: BTreeMap<String, InForce>,
}

/// Keys of `[margin]` that state a contract: a scenario that names a rulebook leaves those of the base behind.
pub const CONTRACT_KEYS: [&str; 12] = [
    "rulebook",
    "version",
    "warning",
    "limit",
    "call",
    "cure-days",
    "cured-at",
    "liquidation",
    "restore-to",
    "delay-days",
    "withdrawal",
    "initial-margin",
];

impl Margin {
    /// True when some rule sells of accounts that are not in liquidation.
    pub fn reduces(&self) -> bool {
        self.limit_action.target() > 0.0
            || self.stop.position_loss.is_some()
            || self.volatility_trigger.as_ref().is_some_and(|t| t.target() > 0.0)
            || self.template.as_ref().is_some_and(|t| t.enforce)
    }

    /// The same margin without what tightens as the market falls: contract lines, haircuts as of the start.
    pub fn without_spiral(&self) -> Margin {
        let haircuts = Haircuts { widening: 0.0, ..self.haircuts.clone() };
        let template = self.template.clone().map(|t| Template { enforce: false, ..t });
        Margin { dynamic: None, volatility_trigger: None, haircuts, template, ..self.clone() }
    }

    /// True when anything of it tightens as the market falls.
    pub fn spirals(&self) -> bool {
        *self != self.without_spiral()
    }

    /// Fills what is not written from a rulebook's version.
    pub fn adopt(&mut self, in_force: InForce) {
        let version = in_force.version;
        self.version = Some(version.effective);
        // a line that is written moves the rulebook's targets by as much
        let written = [self.warning, self.limit, self.call, self.liquidation].map(|line| line.map(Ratio::get));
        let lines = version.lines().with(written);
        let moved = |target: f64| Ratio::new(target).filter(|t| t.get() > 0.0);
        let given = [
            (&mut self.warning, version.warning()),
            (&mut self.limit, version.limit),
            (&mut self.call, version.call()),
            (&mut self.cured_at, moved(lines.cured_at)),
            (&mut self.liquidation, version.liquidation()),
            (&mut self.restore_to, moved(lines.restore_to)),
            (&mut self.withdrawal, version.withdrawal),
            (&mut self.initial_margin, version.initial_margin),
        ];
        for (own, rule) in given {
            *own = own.or(rule);
        }
        self.cure_days = self.cure_days.or(version.cure_days);
        self.delay_days = self.delay_days.or(version.delay_days);
        self.in_force = Some(in_force);
    }

    /// The lines of an account of `product`: its own contract over its rulebook, its product's, or the programme's keys.
    ///
    /// A target keeps its distance from the line it belongs to: an account's own line moves it by as much.
    pub fn lines(&self, own: &LineOverride, product: &str) -> Lines {
        let base = self.other_rulebook(own, product).map_or_else(|| self.own_lines(), |i| i.version.lines());
        let lines = base.with([own.warning, own.limit, own.call, own.liquidation]);
        let target = self.limit_action.target();
        let shift = moved_by(self.limit.map_or(0.0, Ratio::get), lines.limit);
        Lines {
            cured_at: lines.cured_at.max(lines.call),
            restore_to: own.restore_to.unwrap_or(lines.restore_to),
            reduce_to: if target > 0.0 { (target + shift).max(lines.limit) } else { 0.0 },
            cure_days: own.cure_days.unwrap_or(lines.cure_days),
            ..lines
        }
    }

    /// The rulebook an account stands under: its own, its product's, or the programme's.
    pub fn rulebook_of(&self, own: &LineOverride, product: &str) -> Option<InForce> {
        self.other_rulebook(own, product).or(self.in_force)
    }

    /// A rulebook that stands in place of the programme's keys.
    fn other_rulebook(&self, own: &LineOverride, product: &str) -> Option<InForce> {
        own.rulebook.or_else(|| self.in_force_by_product.get(product).copied())
    }

    /// The initial margin of an account opened on `opened` (as of `day` when unknown), looked at on `day`.
    ///
    /// A key of the programme stands over its rulebook, whose version may differ for older contracts; an account under
    /// another rulebook has that one's.
    pub fn initial_margin_of(&self, own: &LineOverride, product: &str, opened: Option<Day>, day: Day) -> Option<Ratio> {
        if let Some(other) = self.other_rulebook(own, product) {
            return other.rulebook.initial_margin(opened, day);
        }
        let written = self.initial_margin.filter(|m| self.in_force.and_then(|i| i.version.initial_margin) != Some(*m));
        written.or_else(|| self.in_force.and_then(|i| i.rulebook.initial_margin(opened, day)))
    }

    fn own_lines(&self) -> Lines {
        let get = |line: Option<Ratio>| line.map_or(0.0, Ratio::get);
        Lines {
            warning: get(self.warning),
            limit: get(self.limit),
            call: get(self.call),
            cured_at: get(self.cured_at),
            liquidation: get(self.liquidation),
            restore_to: get(self.restore_to),
            withdrawal: get(self.withdrawal),
            reduce_to: 0.0,
            cure_days: self.cure_days.unwrap_or(0),
            delay_days: self.delay_days,
            nets_cash: self.in_force.is_some_and(|i| i.version.nets_cash()),
        }
    }
}

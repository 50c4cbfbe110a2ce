//! States the firm behind the pool: its capital and liquidity as it reports them, which loss reaches it, and its indicators.
//!
//! Every indicator is a quotient that a loss x moves on one or both sides: `(top − a·x) / (bottom − b·x)` with a, b 0 or 1.
//! docs/firm.md explains each; `levels` holds what a supervisor asks of them, by date.
//! Worked: net capital 200, reserves 100 and a loss of 50 give a risk coverage of 150 %; it is below 120 % from a loss of 80 on.

pub mod indicator;
pub mod levels;

use crate::units::Ratio;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[firm]`: amounts in the programme's currency on the as-of date; each may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Firm {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_capital: Option<f64>,
    /// The part of net capital that is no subordinated debt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_net_capital: Option<f64>,
    /// The sum of all reserves of capital for risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_capital_reserves: Option<f64>,
    /// On and off the balance sheet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_assets: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_assets: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liabilities: Option<f64>,
    /// High-quality liquid assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquid_assets: Option<f64>,
    /// Net cash outflows of the next 30 days, funding that falls due among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_outflows_30d: Option<f64>,
    /// Available stable funding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_funding: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_stable_funding: Option<f64>,
    /// Margin loans of the whole firm; those of the book when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_loans: Option<f64>,
    /// Reserves of capital per unit of margin loans: reserves fall with loans that end where it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_reserve_rate: Option<Ratio>,
    /// Required stable funding per unit of margin loans: it falls with loans that end where it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_stable_factor: Option<Ratio>,
    /// Tiers whose losses are the firm's; all of them when absent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<String>,
    /// Whether losses beyond all tiers are the firm's.
    pub beyond_tiers: bool,
    /// Which loss its capital is set against.
    pub loss_level: LossLevel,
    /// Whose levels its indicators are held to; those of the CSRC for a programme in yuan, its own alone for any other, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
    /// Its own levels, in place of the supervisor's.
    #[serde(skip_serializing_if = "Levels::is_empty")]
    pub levels: Levels,
    /// How loans are sorted into stages of credit risk.
    pub staging: Staging,
    /// Its name in a Chinese report.
    #[serde(skip_serializing_if = "FirmZh::is_empty")]
    pub zh: FirmZh,
}

impl Default for Firm {
    fn default() -> Self {
        Firm {
            name: None,
            net_capital: None,
            core_net_capital: None,
            risk_capital_reserves: None,
            total_assets: None,
            net_assets: None,
            liabilities: None,
            liquid_assets: None,
            net_outflows_30d: None,
            stable_funding: None,
            required_stable_funding: None,
            margin_loans: None,
            margin_reserve_rate: None,
            margin_stable_factor: None,
            tiers: Vec::new(),
            beyond_tiers: true,
            loss_level: LossLevel::Es99,
            rules: None,
            levels: Levels::default(),
            staging: Staging::default(),
            zh: FirmZh::default(),
        }
    }
}

/// The words of the firm in a Chinese report.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FirmZh {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
}

impl FirmZh {
    pub fn is_empty(&self) -> bool {
        self.name.is_none()
    }
}

/// The loss that capital is set against: the mean over all paths, or the mean of those beyond a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum LossLevel {
    #[serde(rename = "mean")]
    Mean,
    #[serde(rename = "es-95")]
    Es95,
    #[serde(rename = "es-97.5")]
    Es975,
    #[default]
    #[serde(rename = "es-99")]
    Es99,
    #[serde(rename = "es-99.9")]
    Es999,
}

impl LossLevel {
    /// The statistic as it stands in keys of measures.
    pub fn statistic(self) -> &'static str {
        match self {
            LossLevel::Mean => "mean",
            LossLevel::Es95 => "es_95",
            LossLevel::Es975 => "es_97_5",
            LossLevel::Es99 => "es_99",
            LossLevel::Es999 => "es_99_9",
        }
    }
}

/// Whose levels the indicators are held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rules {
    /// Of the CSRC for securities firms, as in force on the as-of date.
    Csrc,
    /// The programme's own levels alone.
    Own,
}

/// One level that the programme sets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Level {
    /// The least that is allowed, or the most, as the indicator has it.
    pub limit: Ratio,
    /// Crossed first; 120 % of a least, 80 % of a most, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Ratio>,
}

/// `[firm.levels]`: a level by indicator.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Levels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_coverage: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capital_leverage: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_capital_to_net_assets: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_capital_to_liabilities: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_assets_to_liabilities: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidity_coverage: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable_funding: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_to_net_capital: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_to_net_capital: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_to_float: Option<Level>,
}

impl Levels {
    pub fn is_empty(&self) -> bool {
        *self == Levels::default()
    }
}

/// `[firm.staging]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Staging {
    /// A loan of which the account is liquidated within the horizon with a larger probability has a significantly higher risk: stage 2.
    pub stage_2_probability: Ratio,
    /// Trading days of twelve months.
    pub days_a_year: u32,
}

impl Default for Staging {
    fn default() -> Self {
        Staging { stage_2_probability: Ratio::from_fraction(0.2), days_a_year: 250 }
    }
}

impl Firm {
    /// The amounts by the key that gives them.
    pub fn amounts(&self) -> [(&'static str, Option<f64>); 11] {
        [
            ("net-capital", self.net_capital),
            ("core-net-capital", self.core_net_capital),
            ("risk-capital-reserves", self.risk_capital_reserves),
            ("total-assets", self.total_assets),
            ("net-assets", self.net_assets),
            ("liabilities", self.liabilities),
            ("liquid-assets", self.liquid_assets),
            ("net-outflows-30d", self.net_outflows_30d),
            ("stable-funding", self.stable_funding),
            ("required-stable-funding", self.required_stable_funding),
            ("margin-loans", self.margin_loans),
        ]
    }

    /// The name in a report, a Chinese one or an English one.
    pub fn name_in(&self, zh: bool) -> Option<&str> {
        self.zh.name.as_deref().filter(|_| zh).or(self.name.as_deref())
    }

    /// Whose levels hold, where the programme has this currency.
    pub fn rules_for(&self, currency: &str) -> Rules {
        self.rules.unwrap_or(if currency == "CNY" { Rules::Csrc } else { Rules::Own })
    }
}

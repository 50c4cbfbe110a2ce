//! Composes one complete scenario: every rule and parameter a path needs.

use super::client::Clients;
use super::exchange::{Costs, Exchange};
use super::firm::Firm;
use super::impact::Feedback;
use super::liquidation::Liquidation;
use super::margin::Margin;
use super::market::MarketSpec;
use super::market::drift::Drift;
use super::pool::Pool;
use super::reverse::Reverse;
use super::sampling::Sampling;
use super::sharing::{Interest, Sharing};
use super::shock::Shock;
use super::until::Until;
use super::watch::Watch;
use crate::units::{Day, Ratio};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How severe a scenario is meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    #[default]
    Base,
    Mild,
    Moderate,
    Severe,
    Reverse,
}

/// `[simulation]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Simulation {
    pub paths: u64,
    /// Trading sessions simulated.
    pub horizon_days: u32,
    /// Confidence level of every interval.
    pub confidence: Ratio,
    /// Which paths are simulated in full.
    #[serde(skip_serializing_if = "Sampling::is_plain")]
    pub sampling: Sampling,
    /// How exact the figures shall be: paths are added until they are. `paths` alone when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
}

impl Default for Simulation {
    fn default() -> Self {
        let (confidence, sampling) = (Ratio::from_fraction(0.95), Sampling::default());
        Simulation { paths: 100_000, horizon_days: 20, confidence, sampling, until: None }
    }
}

impl Simulation {
    /// The most paths that there may be.
    pub fn most_paths(&self) -> u64 {
        self.until.as_ref().map_or(self.paths, |until| until.max_paths.max(self.paths))
    }

    /// The most paths that may be drawn: of a sample every candidate.
    pub fn most_drawn(&self) -> u64 {
        self.drawn_for(self.most_paths())
    }

    /// How many paths are drawn for so many simulated ones.
    pub fn drawn_for(&self, paths: u64) -> u64 {
        match paths.saturating_sub(self.paths) {
            0 => self.sampling.candidates_of(paths),
            // those of a further round: as many for each path as the first ones had
            more if self.sampling.is_plain() => self.paths + more,
            more => self.sampling.candidates_of(self.paths) + self.candidates_for_further(more),
        }
    }

    /// Candidates of a round of further paths: as many for each as the first ones have, rounded up.
    pub fn candidates_for_further(&self, paths: u64) -> u64 {
        let first = u128::from(self.sampling.candidates_of(self.paths));
        u64::try_from((u128::from(paths) * first).div_ceil(u128::from(self.paths.max(1)))).unwrap_or(u64::MAX)
    }
}

/// `[estimation]`: the history a market model is fitted on.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Estimation {
    /// First day; the first of the history when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Day>,
    /// Last day; the as-of date when absent. A later day is allowed only when it is written here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Day>,
    /// The drift of what is fitted: "none" (default), "historical" (the window's own), or so much a year.
    pub drift: Drift,
}

/// The keys a scenario may patch: one complete case is what one scenario simulates.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Case {
    pub simulation: Simulation,
    pub estimation: Estimation,
    pub market: MarketSpec,
    /// Stresses laid over the sampled returns, in this order.
    pub shocks: Vec<Shock>,
    pub exchange: Exchange,
    pub costs: Costs,
    pub margin: Margin,
    pub liquidation: Liquidation,
    pub clients: Clients,
    pub interest: Interest,
    pub sharing: Sharing,
    pub pool: Pool,
    pub feedback: Feedback,
}

impl Case {
    /// True when both draw the same paths of the market, before shocks.
    pub fn shares_market_with(&self, other: &Case) -> bool {
        let paths = |case: &Case| {
            let Simulation { paths, horizon_days, sampling, until, .. } = case.simulation.clone();
            (paths, horizon_days, sampling, until)
        };
        self.market == other.market && self.estimation == other.estimation && paths(self) == paths(other)
    }

    /// True when some rule sells of accounts that are not in liquidation.
    pub fn reduces(&self) -> bool {
        self.margin.reduces() || self.liquidation.adl.is_some()
    }
}

/// `[data]`: files, relative to the programme.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Data {
    /// The folder every path starts from, relative to the programme's own (which it is when absent).
    /// Once the programme is read, `Programme::folder` holds it and this is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<String>,
    /// Instead of prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<String>,
    pub return_kind: ReturnKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruments: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<String>,
    /// Correlations between the held symbols, in place of estimated ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlations: Option<String>,
    /// A dated series of volatility implied by options, of the market and of symbols.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_volatility: Option<String>,
    /// The sessions after the as-of date: "cn", "hk", "us", "kr", "tw", "weekdays", or a file of session dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Text encoding of CSV files: "auto", "utf-8", "utf-16", "gbk", "big5" or "windows-1252".
    pub encoding: Encoding,
    /// Decimal sign of CSV files: "auto", "point" or "comma".
    pub decimal: Decimal,
    /// The sheet of a workbook, per file: `[data.sheet] positions = "持仓"`; found by its headers when absent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sheet: BTreeMap<String, String>,
    /// The row the header stands on, counted from 1, per file: `[data.header-row] positions = 4`; found when absent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub header_row: BTreeMap<String, u32>,
    /// Own header by canonical name, per file: `[data.columns.prices] close = "昨收(元)"`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Proxies for missing histories, by symbol; "sector", "board", "market" or another symbol.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub proxies: BTreeMap<String, String>,
    /// A symbol with fewer own returns than this in its history is filled from its proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_returns: Option<u32>,
    /// Limit-ups in a row after a listing: left out of the history, or kept.
    pub listing_runs: ListingRuns,
}

impl Data {
    /// True when prices or returns tell the past.
    pub fn has_history(&self) -> bool {
        self.prices.is_some() || self.returns.is_some()
    }
}

/// What becomes of the limit-ups that follow a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListingRuns {
    /// They are missing from the history, and filled from the proxy of a held symbol.
    #[default]
    LeaveOut,
    Keep,
}

/// `[model-risk]`: the same book under further market models.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ModelRisk {
    /// The scenarios run under every model; the base alone when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
    /// Paths under each further model, never more than the scenario's own; as many when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<u64>,
    /// The models beside each scenario's own.
    pub models: Vec<FurtherModel>,
}

impl ModelRisk {
    /// Whether a scenario is run under every further model.
    pub fn shows(&self, scenario: &str) -> bool {
        if self.scenarios.is_empty() { scenario == "base" } else { self.scenarios.iter().any(|name| name == scenario) }
    }

    /// Paths of such a scenario under each of them.
    pub fn paths_of(&self, simulation: &Simulation) -> u64 {
        self.paths.unwrap_or(u64::MAX).min(simulation.paths)
    }
}

/// One entry of `model-risk.models`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FurtherModel {
    /// What it is called in the panel; the model's key when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub market: MarketSpec,
}

impl FurtherModel {
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.market.key())
    }
}

/// How the returns of a returns file are stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReturnKind {
    #[default]
    Simple,
    Log,
}

/// Text encoding of CSV files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    #[default]
    Auto,
    #[serde(rename = "utf-8")]
    Utf8,
    #[serde(rename = "utf-16")]
    Utf16,
    Gbk,
    Big5,
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// The decimal sign of numbers in CSV files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decimal {
    /// As each file tells; a file that does not tell is refused.
    #[default]
    Auto,
    Point,
    Comma,
}

/// One entry of `limits`: a measure that must stay on one side of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limit {
    /// A key of `summary.json`, for example `tier.A.hit_probability`.
    pub measure: String,
    /// The measure must stay at or below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Ratio>,
    /// The measure must stay at or above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Ratio>,
    /// Confidence with which pass or breach is claimed; between the two it is undecided.
    #[serde(default = "confidence_95")]
    pub confidence: Ratio,
    /// The scenario it holds for; every one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
}

fn confidence_95() -> Ratio {
    Ratio::from_fraction(0.95)
}

/// `[report]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Report {
    pub language: Language,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    pub distribution: Vec<String>,
    pub confidentiality: String,
    /// Editions for one kind of reader, beside the whole report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// An earlier report folder, or its summary.json, that this one is set beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// What a Chinese report says in place of these.
    #[serde(skip_serializing_if = "ReportZh::is_empty")]
    pub zh: ReportZh,
}

/// An edition of the report for one kind of reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// What a risk committee decides on, eight pages at most.
    Committee,
    /// What a supervisor asks for, in the order of its list.
    Regulator,
    /// Inputs, rules, fits, and how exact the figures are.
    Engineer,
}

/// Words of a Chinese report; those left out stand as in the other language.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ReportZh {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidentiality: Option<String>,
}

impl ReportZh {
    fn is_empty(&self) -> bool {
        *self == ReportZh::default()
    }
}

impl Report {
    /// The words of a report in a language.
    pub fn in_language(&self, language: Language) -> Report {
        let own = self.clone();
        if language == Language::En {
            return own;
        }
        let zh = &self.zh;
        Report {
            title: zh.title.clone().or(own.title),
            institution: zh.institution.clone().or(own.institution),
            owner: zh.owner.clone().or(own.owner),
            approver: zh.approver.clone().or(own.approver),
            distribution: if zh.distribution.is_empty() { own.distribution } else { zh.distribution.clone() },
            confidentiality: zh.confidentiality.clone().unwrap_or(own.confidentiality),
            ..own
        }
    }
}

impl Default for Report {
    fn default() -> Self {
        Report {
            language: Language::En,
            title: None,
            institution: None,
            owner: None,
            approver: None,
            distribution: Vec::new(),
            confidentiality: "confidential".into(),
            cuts: Vec::new(),
            previous: None,
            zh: ReportZh::default(),
        }
    }
}

/// The language of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    #[default]
    En,
    Zh,
}

/// A named, complete scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// "base" for the programme's own keys.
    pub name: String,
    pub severity: Severity,
    pub narrative: String,
    pub zh: ScenarioZh,
    pub case: Case,
}

/// Name and narrative of a scenario in a Chinese report; what is left out is taken from the other language.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ScenarioZh {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrative: Option<String>,
}

impl ScenarioZh {
    pub fn is_empty(&self) -> bool {
        *self == ScenarioZh::default()
    }
}

/// The name of the scenario that the programme itself is.
pub const BASE: &str = "base";

impl Scenario {
    /// The base scenario, without words of its own.
    pub fn base(case: Case) -> Scenario {
        Scenario { name: BASE.into(), severity: Severity::Base, narrative: String::new(), zh: ScenarioZh::default(), case }
    }

    /// The name in a report of a language.
    pub fn name_in(&self, language: Language) -> &str {
        self.zh.name.as_deref().filter(|_| language == Language::Zh).unwrap_or(&self.name)
    }

    /// What happens in it, in a report of a language.
    pub fn narrative_in(&self, language: Language) -> &str {
        self.zh.narrative.as_deref().filter(|_| language == Language::Zh).unwrap_or(&self.narrative)
    }
}

/// A resolved programme: defaults filled, scenarios complete, base first.
#[derive(Clone, Debug, PartialEq)]
pub struct Programme {
    pub name: String,
    pub as_of: Day,
    pub currency: String,
    pub seed: u64,
    pub data: Data,
    /// The folder data paths are relative to.
    pub folder: std::path::PathBuf,
    pub scenarios: Vec<Scenario>,
    pub limits: Vec<Limit>,
    pub report: Report,
    pub model_risk: ModelRisk,
    /// What makes a limit fail, to be searched for.
    pub reverse: Vec<Reverse>,
    /// What is watched for early warning.
    pub watch: Vec<Watch>,
    /// The firm behind the pool, whose capital and liquidity are stressed.
    pub firm: Option<Firm>,
    /// `programme.resolved.toml`: running it gives the same bytes.
    pub resolved_toml: String,
}

//! Lists the indicators of a firm: what each divides, what a loss moves in it, on which side of its level it has to stay.

use super::{Firm, Level, Levels};
use crate::model::part::Words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An indicator of capital, liquidity or concentration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Indicator {
    RiskCoverage,
    CapitalLeverage,
    NetCapitalToNetAssets,
    NetCapitalToLiabilities,
    NetAssetsToLiabilities,
    LiquidityCoverage,
    StableFunding,
    MarginToNetCapital,
    ClientToNetCapital,
    SecurityToFloat,
}

/// What moves an indicator on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Driver {
    /// The loss that reaches the firm.
    Loss,
    /// The liquid assets that a pool kept daily uses up; the loss where none is kept.
    Cash,
    /// Nothing of a path.
    None,
}

/// `(top − a·x) / (bottom − b·x)` of a loss x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotient {
    pub top: f64,
    pub bottom: f64,
    pub from_top: f64,
    pub from_bottom: f64,
}

/// The figures of a book that indicators read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OfBook {
    pub loans: f64,
    /// The largest loan of one client.
    pub largest_loan: f64,
    /// Of the security with the largest share of its free float in the book: its market value there, and its free float.
    pub security: Option<(f64, f64)>,
}

impl Indicator {
    pub const ALL: [Indicator; 10] = [
        Indicator::RiskCoverage,
        Indicator::CapitalLeverage,
        Indicator::NetCapitalToNetAssets,
        Indicator::NetCapitalToLiabilities,
        Indicator::NetAssetsToLiabilities,
        Indicator::LiquidityCoverage,
        Indicator::StableFunding,
        Indicator::MarginToNetCapital,
        Indicator::ClientToNetCapital,
        Indicator::SecurityToFloat,
    ];

    /// Its key under `[firm.levels]` and in the tables.
    pub fn key(self) -> &'static str {
        match self {
            Indicator::RiskCoverage => "risk-coverage",
            Indicator::CapitalLeverage => "capital-leverage",
            Indicator::NetCapitalToNetAssets => "net-capital-to-net-assets",
            Indicator::NetCapitalToLiabilities => "net-capital-to-liabilities",
            Indicator::NetAssetsToLiabilities => "net-assets-to-liabilities",
            Indicator::LiquidityCoverage => "liquidity-coverage",
            Indicator::StableFunding => "stable-funding",
            Indicator::MarginToNetCapital => "margin-to-net-capital",
            Indicator::ClientToNetCapital => "client-to-net-capital",
            Indicator::SecurityToFloat => "security-to-float",
        }
    }

    pub fn name(self) -> Words {
        match self {
            Indicator::RiskCoverage => Words("Risk coverage", "风险覆盖率"),
            Indicator::CapitalLeverage => Words("Capital leverage", "资本杠杆率"),
            Indicator::NetCapitalToNetAssets => Words("Net capital / net assets", "净资本/净资产"),
            Indicator::NetCapitalToLiabilities => Words("Net capital / liabilities", "净资本/负债"),
            Indicator::NetAssetsToLiabilities => Words("Net assets / liabilities", "净资产/负债"),
            Indicator::LiquidityCoverage => Words("Liquidity coverage", "流动性覆盖率"),
            Indicator::StableFunding => Words("Net stable funding", "净稳定资金率"),
            Indicator::MarginToNetCapital => Words("Margin loans / net capital", "融资余额/净资本"),
            Indicator::ClientToNetCapital => Words("Largest client / net capital", "最大单一客户融资/净资本"),
            Indicator::SecurityToFloat => Words("Largest security / free float", "最大单只担保证券市值/流通市值"),
        }
    }

    /// How it is computed after a loss L, cash used up U and loans ended E.
    pub fn formula(self) -> Words {
        match self {
            Indicator::RiskCoverage => Words(
                "(net capital − loss) / (risk reserves − reserve rate × loans ended)",
                "（净资本－损失）÷（各项风险资本准备之和－准备比例×终结的融资）",
            ),
            Indicator::CapitalLeverage => {
                Words("(core net capital − loss) / (total assets − loss)", "（核心净资本－损失）÷（表内外资产总额－损失）")
            }
            Indicator::NetCapitalToNetAssets => Words("(net capital − loss) / (net assets − loss)", "（净资本－损失）÷（净资产－损失）"),
            Indicator::NetCapitalToLiabilities => Words("(net capital − loss) / liabilities", "（净资本－损失）÷负债"),
            Indicator::NetAssetsToLiabilities => Words("(net assets − loss) / liabilities", "（净资产－损失）÷负债"),
            Indicator::LiquidityCoverage => Words(
                "(liquid assets − liquid assets used) / net outflows of 30 days",
                "（优质流动性资产－耗用的流动性资产）÷未来 30 日现金净流出",
            ),
            Indicator::StableFunding => Words(
                "(stable funding − loss) / (required stable funding − factor × loans ended)",
                "（可用稳定资金－损失）÷（所需稳定资金－系数×终结的融资）",
            ),
            Indicator::MarginToNetCapital => Words("margin loans / (net capital − loss)", "融资余额÷（净资本－损失）"),
            Indicator::ClientToNetCapital => Words("largest loan of a client / (net capital − loss)", "最大单一客户融资÷（净资本－损失）"),
            Indicator::SecurityToFloat => Words("market value in the book / free float of the security", "担保证券市值÷该证券流通市值"),
        }
    }

    /// Whether it has to stay at or above its level; else at or below.
    pub fn is_floor(self) -> bool {
        !matches!(self, Indicator::MarginToNetCapital | Indicator::ClientToNetCapital | Indicator::SecurityToFloat)
    }

    /// Whether its loss leaves both sides: a level of 100 % or more then has no meaning.
    pub fn loses_on_both_sides(self) -> bool {
        matches!(self, Indicator::CapitalLeverage | Indicator::NetCapitalToNetAssets)
    }

    pub fn driver(self) -> Driver {
        match self {
            Indicator::LiquidityCoverage => Driver::Cash,
            Indicator::SecurityToFloat => Driver::None,
            _ => Driver::Loss,
        }
    }

    /// The keys of `[firm]` that it divides.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Indicator::RiskCoverage => &["net-capital", "risk-capital-reserves"],
            Indicator::CapitalLeverage => &["core-net-capital", "total-assets"],
            Indicator::NetCapitalToNetAssets => &["net-capital", "net-assets"],
            Indicator::NetCapitalToLiabilities => &["net-capital", "liabilities"],
            Indicator::NetAssetsToLiabilities => &["net-assets", "liabilities"],
            Indicator::LiquidityCoverage => &["liquid-assets", "net-outflows-30d"],
            Indicator::StableFunding => &["stable-funding", "required-stable-funding"],
            Indicator::MarginToNetCapital | Indicator::ClientToNetCapital => &["net-capital"],
            Indicator::SecurityToFloat => &[],
        }
    }

    /// The programme's own level of it.
    pub fn own_level(self, levels: &Levels) -> Option<Level> {
        match self {
            Indicator::RiskCoverage => levels.risk_coverage,
            Indicator::CapitalLeverage => levels.capital_leverage,
            Indicator::NetCapitalToNetAssets => levels.net_capital_to_net_assets,
            Indicator::NetCapitalToLiabilities => levels.net_capital_to_liabilities,
            Indicator::NetAssetsToLiabilities => levels.net_assets_to_liabilities,
            Indicator::LiquidityCoverage => levels.liquidity_coverage,
            Indicator::StableFunding => levels.stable_funding,
            Indicator::MarginToNetCapital => levels.margin_to_net_capital,
            Indicator::ClientToNetCapital => levels.client_to_net_capital,
            Indicator::SecurityToFloat => levels.security_to_float,
        }
    }

    /// What of its keys the programme leaves out.
    pub fn lacks(self, firm: &Firm) -> Vec<&'static str> {
        let amounts = firm.amounts();
        let given = |key: &str| amounts.iter().any(|(own, amount)| *own == key && amount.is_some());
        self.needs().iter().copied().filter(|key| !given(key)).collect()
    }

    /// The figures it divides after `ended` of loans have ended; nothing where the programme or the book lacks one of them.
    pub fn quotient(self, firm: &Firm, book: &OfBook, ended: f64) -> Option<Quotient> {
        let of = |top: Option<f64>, bottom: Option<f64>, (from_top, from_bottom): (f64, f64)| {
            Some(Quotient { top: top?, bottom: bottom.filter(|b| *b > 0.0)?, from_top, from_bottom })
        };
        let less = |rate: Option<crate::units::Ratio>| rate.map_or(0.0, |rate| rate.get() * ended);
        match self {
            Indicator::RiskCoverage => {
                let reserves = firm.risk_capital_reserves.map(|reserves| reserves - less(firm.margin_reserve_rate));
                of(firm.net_capital, reserves, (1.0, 0.0))
            }
            Indicator::CapitalLeverage => of(firm.core_net_capital, firm.total_assets, (1.0, 1.0)),
            Indicator::NetCapitalToNetAssets => of(firm.net_capital, firm.net_assets, (1.0, 1.0)),
            Indicator::NetCapitalToLiabilities => of(firm.net_capital, firm.liabilities, (1.0, 0.0)),
            Indicator::NetAssetsToLiabilities => of(firm.net_assets, firm.liabilities, (1.0, 0.0)),
            Indicator::LiquidityCoverage => of(firm.liquid_assets, firm.net_outflows_30d, (1.0, 0.0)),
            Indicator::StableFunding => {
                let required = firm.required_stable_funding.map(|required| required - less(firm.margin_stable_factor));
                of(firm.stable_funding, required, (1.0, 0.0))
            }
            Indicator::MarginToNetCapital => of(Some(firm.margin_loans.unwrap_or(book.loans)), firm.net_capital, (0.0, 1.0)),
            Indicator::ClientToNetCapital => of(Some(book.largest_loan), firm.net_capital, (0.0, 1.0)),
            Indicator::SecurityToFloat => {
                let (value, float) = book.security?;
                of(Some(value), Some(float), (0.0, 0.0))
            }
        }
    }
}

impl Quotient {
    /// Its value after a loss; nothing where the loss leaves nothing to divide by.
    pub fn at(&self, loss: f64) -> Option<f64> {
        let bottom = self.bottom - self.from_bottom * loss;
        (bottom > 0.0).then(|| (self.top - self.from_top * loss) / bottom)
    }

    /// How far it moves per unit of loss.
    pub fn slope(&self, loss: f64) -> Option<f64> {
        let bottom = self.bottom - self.from_bottom * loss;
        (bottom > 0.0).then(|| (self.from_bottom * self.top - self.from_top * self.bottom) / (bottom * bottom))
    }

    /// The loss beyond which it breaks a level; infinite where no loss does.
    ///
    /// Worked: `(200 − x) / 100` is below 120 % beyond a loss of 80; `800 / (200 − x)` above 500 % beyond 40.
    pub fn breaks_beyond(&self, level: f64, floor: bool) -> f64 {
        let gone = if self.from_bottom > 0.0 { self.bottom / self.from_bottom } else { f64::INFINITY };
        let sign = if floor { 1.0 } else { -1.0 };
        // (top − a·x) against level·(bottom − b·x)
        let (room, pace) = (sign * (self.top - level * self.bottom), sign * (self.from_top - level * self.from_bottom));
        let crosses = match pace {
            pace if pace > 0.0 => room / pace,
            _ if room < 0.0 => f64::NEG_INFINITY,
            _ => f64::INFINITY,
        };
        crosses.min(gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Quotient = Quotient { top: 200.0, bottom: 1_000.0, from_top: 1.0, from_bottom: 1.0 };

    #[test]
    fn a_loss_moves_each_side_as_it_says() {
        assert_eq!(BOTH.at(100.0), Some(100.0 / 900.0));
        assert_eq!(BOTH.at(1_000.0), None);
        // the slope is that of a small step
        let step = (BOTH.at(100.001).unwrap() - BOTH.at(99.999).unwrap()) / 0.002;
        assert!((BOTH.slope(100.0).unwrap() - step).abs() < 1e-9);
    }

    #[test]
    fn a_level_breaks_exactly_where_the_quotient_meets_it() {
        let floor = Quotient { from_bottom: 0.0, bottom: 100.0, ..BOTH };
        assert_eq!(floor.breaks_beyond(1.2, true), 80.0);
        let ceiling = Quotient { top: 800.0, bottom: 200.0, from_top: 0.0, from_bottom: 1.0 };
        assert_eq!(ceiling.breaks_beyond(5.0, false), 40.0);
        let at = BOTH.breaks_beyond(0.08, true);
        assert!((BOTH.at(at).unwrap() - 0.08).abs() < 1e-12 && at < 200.0);
        // broken before any loss, and never
        assert!(floor.breaks_beyond(2.5, true) < 0.0);
        let fixed = Quotient { top: 1.0, bottom: 10.0, from_top: 0.0, from_bottom: 0.0 };
        assert_eq!((fixed.breaks_beyond(0.2, false), fixed.breaks_beyond(0.05, false)), (f64::INFINITY, f64::NEG_INFINITY));
    }

    #[test]
    fn what_is_left_out_is_named() {
        let firm = Firm { net_capital: Some(200.0), ..Firm::default() };
        assert_eq!(Indicator::RiskCoverage.lacks(&firm), ["risk-capital-reserves"]);
        assert_eq!(Indicator::CapitalLeverage.lacks(&firm), ["core-net-capital", "total-assets"]);
        assert!(Indicator::MarginToNetCapital.lacks(&firm).is_empty());
        let book = OfBook { loans: 500.0, largest_loan: 50.0, security: None };
        assert_eq!(Indicator::RiskCoverage.quotient(&firm, &book, 0.0), None);
        assert_eq!(Indicator::MarginToNetCapital.quotient(&firm, &book, 0.0).unwrap().at(100.0), Some(5.0));
        let own = Firm { margin_loans: Some(800.0), ..firm };
        assert_eq!(Indicator::MarginToNetCapital.quotient(&own, &book, 0.0).unwrap().at(100.0), Some(8.0));
        assert_eq!(Indicator::SecurityToFloat.quotient(&own, &book, 0.0), None);
    }

    #[test]
    fn reserves_and_required_funding_fall_with_loans_that_end_where_a_rate_is_given() {
        let firm = Firm {
            net_capital: Some(200.0),
            risk_capital_reserves: Some(100.0),
            stable_funding: Some(300.0),
            required_stable_funding: Some(250.0),
            ..Firm::default()
        };
        let rated = Firm {
            margin_reserve_rate: Some(crate::units::Ratio::from_fraction(0.1)),
            margin_stable_factor: Some(crate::units::Ratio::from_fraction(0.5)),
            ..firm.clone()
        };
        let bottoms = |firm: &Firm| {
            let of = |i: Indicator| i.quotient(firm, &OfBook::default(), 100.0).unwrap().bottom;
            [of(Indicator::RiskCoverage), of(Indicator::StableFunding)]
        };
        assert_eq!((bottoms(&firm), bottoms(&rated)), ([100.0, 250.0], [90.0, 200.0]));
    }
}

//! Moves the price as estimated by Almgren, Thum, Hauptmann and Li (2005), "Direct estimation of equity market impact".
//!
//! Permanent `I = γ·σ·(X/V)·(Θ/V)^¼`, temporary `K = η·σ·|X/(V·T)|^0.6`, average cost `J = I/2 + K`; γ = 0.314, η = 0.142.
//! Worked (IBM): V = 6.561 m, Θ = 1,728 m, σ = 1.57 %, X = 656,100 → I = 19.860 bp; T = 0.1 → K = 22.294 bp, J = 32.22 bp.

use super::{Effect, Law, Sale};
use crate::model::part::{Absent, Bounds, Declared, Kind, Param, Part, Unit, Words};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[feedback.impact.almgren]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Almgren {
    /// γ of the permanent part.
    pub permanent: f64,
    /// η of the temporary part.
    pub temporary: f64,
    /// T: the part of the session the sale is spread over.
    pub session_share: f64,
    /// Turnover over free float where the float of a symbol is unknown.
    pub turnover_ratio: f64,
}

impl Default for Almgren {
    fn default() -> Self {
        Almgren { permanent: 0.314, temporary: 0.142, session_share: 1.0, turnover_ratio: 0.01 }
    }
}

impl Part for Almgren {
    const DECLARED: Declared = Declared {
        key: "almgren",
        kind: Kind::Impact,
        what: Words("permanent and temporary impact as estimated on executed orders", "按成交订单估计的永久与暂时冲击"),
        formula: "slippage ½·γσx·(Θ/V)^¼ + η·σ·(x/T)^0.6, lasting impact γσx·(Θ/V)^¼",
        source: "Almgren, Thum, Hauptmann and Li (2005)",
        params: &[
            Param {
                key: "permanent",
                unit: Unit::Number,
                range: Bounds::within(0.0, 100.0),
                absent: Absent::Shown,
                shown: "0.314",
                meaning: Words("coefficient γ of the permanent part", "永久部分系数 γ"),
            },
            Param {
                key: "temporary",
                unit: Unit::Number,
                range: Bounds::within(0.0, 100.0),
                absent: Absent::Shown,
                shown: "0.142",
                meaning: Words("coefficient η of the temporary part", "暂时部分系数 η"),
            },
            Param {
                key: "session-share",
                unit: Unit::Number,
                range: Bounds::within(1e-6, 1.0),
                absent: Absent::Shown,
                shown: "1.0",
                meaning: Words("the part of the session the sale is spread over", "卖出所占的交易时段比例"),
            },
            Param {
                key: "turnover-ratio",
                unit: Unit::Number,
                range: Bounds::within(1e-9, 1.0),
                absent: Absent::Shown,
                shown: "0.01",
                meaning: Words("turnover over free float where a symbol's float is unknown", "自由流通市值未知时的换手率"),
            },
        ],
        sentences: &[Words(
            "Almgren, permanent {permanent}, temporary {temporary}",
            "阿姆格伦模型，永久系数 {permanent}，暂时系数 {temporary}",
        )],
        figures: &[],
    };
}

impl Almgren {
    /// The permanent part I.
    pub fn permanent(&self, sale: &Sale) -> f64 {
        let turnover = if sale.turnover_ratio > 0.0 { sale.turnover_ratio } else { self.turnover_ratio };
        self.permanent * sale.volatility_daily * sale.participation / turnover.sqrt().sqrt()
    }

    /// The temporary part K.
    pub fn temporary(&self, sale: &Sale) -> f64 {
        self.temporary * sale.volatility_daily * libm::pow(sale.participation / self.session_share, 0.6)
    }
}

impl Law for Almgren {
    fn effect(&self, sale: &Sale) -> Effect {
        let permanent = self.permanent(sale);
        Effect { slippage: 0.5 * permanent + self.temporary(sale), lasting: permanent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_examples_come_out() {
        let ibm = Sale { participation: 656_100.0 / 6.561e6, volatility_daily: 0.0157, turnover_ratio: 6.561 / 1728.0 };
        let dri = Sale { participation: 192_900.0 / 1.929e6, volatility_daily: 0.0226, turnover_ratio: 1.929 / 168.0 };
        assert!((Almgren::default().permanent(&ibm) * 1e4 - 19.860).abs() < 5e-4);
        assert!((Almgren::default().permanent(&dri) * 1e4 - 21.679).abs() < 5e-4);
        for (session_share, k, j_ibm, j_dri) in [(0.1, 22.294, 32.22, 42.93), (0.2, 14.709, 24.64, 32.01), (0.5, 8.488, 18.42, 23.06)] {
            let law = Almgren { session_share, ..Almgren::default() };
            assert!((law.temporary(&ibm) * 1e4 - k).abs() < 5e-4);
            assert!((law.effect(&ibm).slippage * 1e4 - j_ibm).abs() < 5e-3);
            assert!((law.effect(&dri).slippage * 1e4 - j_dri).abs() < 5e-3);
        }
    }
}

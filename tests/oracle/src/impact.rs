//! Says what a session's sales do to the seller's fill and to the common price.

use crate::programme::{Feedback, Impact};

/// The impact on a log price is at most that of a fall to a millionth.
pub fn most() -> f64 {
    1e6f64.ln()
}

/// Slippage of the fill, and the lasting push on the log price, both shares.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Pressure {
    pub slippage: f64,
    pub push: f64,
}

/// Of sales of a part `x` of a session's turnover in a name of daily volatility `sigma`; `turnover_ratio` is turnover over
/// free float.
pub fn pressure(law: &Impact, x: f64, sigma: f64, turnover_ratio: Option<f64>) -> Pressure {
    match law {
        Impact::None => Pressure::default(),
        Impact::SquareRoot(law) => {
            let impact = law.coefficient * sigma * x.sqrt();
            Pressure { slippage: impact * 2.0 / 3.0, push: law.lasting_share * impact }
        }
        Impact::Linear(law) => {
            let impact = sigma * x / law.depth;
            Pressure { slippage: impact / 2.0, push: impact }
        }
        Impact::Almgren(law) => {
            let float_over_turnover = 1.0 / turnover_ratio.unwrap_or(law.turnover_ratio);
            let permanent = law.permanent * sigma * x * float_over_turnover.powf(0.25);
            let temporary = law.temporary * sigma * (x / law.session_share).powf(0.6);
            Pressure { slippage: permanent / 2.0 + temporary, push: permanent }
        }
    }
}

/// What is left of a push after a session.
pub fn fade(feedback: &Feedback) -> f64 {
    if feedback.fade_days == 0.0 { 1.0 } else { 0.05f64.powf(1.0 / feedback.fade_days) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::{Almgren, SquareRoot};

    #[test]
    fn almgrens_published_vectors_are_met() {
        // volume, shares out, volatility, shares sold, permanent and, by session share, the fill in basis points
        let ibm = (6.561e6, 1728e6, 0.0157, 656_100.0, 19.860, [(0.1, 32.22), (0.2, 24.64), (0.5, 18.42)]);
        let dri = (1.929e6, 168e6, 0.0226, 192_900.0, 21.679, [(0.1, 42.93), (0.2, 32.01), (0.5, 23.06)]);
        for (volume, float, sigma, sold, permanent, fills) in [ibm, dri] {
            for (session_share, fill) in fills {
                let law = Impact::Almgren(Almgren { session_share, ..Almgren::default() });
                let found = pressure(&law, sold / volume, sigma, Some(volume / float));
                assert!((found.push * 1e4 - permanent).abs() < 5e-3, "{found:?}");
                assert!((found.slippage * 1e4 - fill).abs() < 6e-3, "{found:?}");
            }
        }
    }

    #[test]
    fn a_quarter_of_the_turnover_moves_the_square_root_law_by_a_hundred_points() {
        let law = Impact::SquareRoot(SquareRoot { lasting_share: 1.0, ..SquareRoot::default() });
        for (x, points) in [(0.01, 20.0), (0.05, 44.7), (0.1, 63.2), (0.25, 100.0), (1.0, 200.0)] {
            assert!((pressure(&law, x, 0.02, None).push * 1e4 - points).abs() < 0.05);
        }
        let forty = Feedback { fade_days: 40.0, ..Feedback::default() };
        assert!((fade(&forty).powi(40) - 0.05).abs() < 1e-12);
    }
}

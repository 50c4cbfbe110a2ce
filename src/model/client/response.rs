//! Draws whether a called client pays in, from the address (seed, account, path, call), when, and how much.
//!
//! A draw depends on the account's name and not on its place in the book, so that another account more or less leaves it
//! unchanged. With probability p without stress the client pays when
//!
//! ```text
//! √ρ·Z + √(1 − ρ)·ε  <  Φ⁻¹(p) − a·stress − b·drawdown,
//! ```
//!
//! a one-factor normal (probit) model: Z is common to all clients of a path, ε the client's own for this call, a and b the
//! sensitivities. At stress 0 and drawdown 0 the probability is p whatever ρ is: the factor correlates payments and
//! leaves each client's probability unchanged. Source of the form: Vasicek (2002), the one-factor model of joint default.
//!
//! Worked: probability 0.4, uniform 0.39 → pays. p = 60 %, a = 1, full stress: Φ(0.2533 − 1) = 22.8 %.
//! The payment falls due `min(cure delay, deadline)` sessions after.

use super::payment::Payment;
use crate::maths::random::{Key, normal};
use crate::maths::special::normal_cdf;

/// Draws of one client and path: calls count from 0; amounts of payments, and withdrawals by day, have numbers beyond them.
const SIZES: u32 = 1 << 31;
const WITHDRAWALS: u32 = 1 << 30;

/// What lowers a client's probability of payment when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Distress {
    /// Market stress, 0 to 1.
    pub stress: f64,
    /// Part of the own capital lost since the as-of date, 0 to 1.
    pub drawdown: f64,
}

/// How one client responds to margin calls; made once per account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallResponse {
    pub(super) key: Key,
    /// The key of the factor common to all clients.
    pub(super) common: Key,
    /// Probability that the client pays without stress.
    pub probability: f64,
    /// Φ⁻¹ of it.
    pub(super) level: f64,
    pub(super) stress_sensitivity: f64,
    pub(super) drawdown_sensitivity: f64,
    /// √ρ and √(1 − ρ).
    pub(super) load: f64,
    pub(super) own: f64,
    pub(super) payment: Payment,
}

impl CallResponse {
    /// Whether the client pays in on call `call` (0 is the first) of `path`.
    #[inline]
    pub fn pays(&self, path: u64, call: u32, distress: Distress) -> bool {
        // the ends are certain, and need no draw: an ordinary book skips most of them
        if self.probability <= 0.0 || self.probability >= 1.0 {
            return self.probability > 0.0;
        }
        let shift = self.stress_sensitivity * distress.stress + self.drawdown_sensitivity * distress.drawdown;
        let probability = if shift == 0.0 && self.load == 0.0 {
            self.probability
        } else {
            let common = if self.load == 0.0 { 0.0 } else { self.load * normal(self.common, path, 0) };
            normal_cdf((self.level - shift - common) / self.own)
        };
        self.key.uniform(path, call) < probability
    }

    /// The fraction of the amount restoring the ratio that the client pays on that call.
    pub fn payment_share(&self, path: u64, call: u32) -> f64 {
        if self.payment.is_certain() { self.payment.low.get() } else { self.payment.share(self.key.uniform(path, SIZES | call)) }
    }

    /// Whether the client withdraws money on session `day` (from 0) of `path`, where it may.
    pub fn withdraws(&self, path: u64, day: usize, probability: f64) -> bool {
        probability > 0.0 && (probability >= 1.0 || self.key.uniform(path, WITHDRAWALS | day as u32) < probability)
    }

    /// True when a called client's payment depends on a draw.
    pub fn is_random(&self) -> bool {
        self.probability > 0.0 && (self.probability < 1.0 || !self.payment.is_certain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maths::random::Streams;
    use crate::maths::special::normal_quantile;
    use crate::model::client::Clients;
    use crate::units::Ratio;

    fn ratio(fraction: f64) -> Ratio {
        Ratio::from_fraction(fraction)
    }

    fn clients(probability: f64) -> Clients {
        Clients { cure_probability: ratio(probability), cure_delay_days: 3, ..Clients::default() }
    }

    const NO_DISTRESS: Distress = Distress { stress: 0.0, drawdown: 0.0 };

    /// The share of `paths` paths on which the client named `name` pays.
    fn share(clients: &Clients, name: &str, distress: Distress) -> f64 {
        let response = clients.call_response(&Streams::new(7), name, "B");
        (0..100_000).filter(|path| response.pays(*path, 0, distress)).count() as f64 / 1e5
    }

    /// Four standard errors of a share of 100,000 draws.
    fn doubt(probability: f64) -> f64 {
        4.0 * (probability * (1.0 - probability) / 1e5).sqrt()
    }

    #[test]
    fn a_grade_with_its_own_figures_uses_them() {
        let mut clients = clients(0.4);
        clients.cure_probability_by_grade.insert("A".into(), ratio(0.9));
        clients.cure_delay_days_by_grade.insert("A".into(), 1);
        clients.payment_by_grade.insert("A".into(), Payment { low: ratio(0.5), high: ratio(0.5) });
        let streams = Streams::new(1);
        let (a, b) = (clients.call_response(&streams, "x", "A"), clients.call_response(&streams, "x", "B"));
        assert_eq!((a.probability, b.probability), (0.9, 0.4));
        assert_eq!((a.payment_share(0, 0), b.payment_share(0, 0)), (0.5, 1.0));
        assert_eq!((clients.payment_days("A", 5), clients.payment_days("B", 5)), (1, 3));
    }

    #[test]
    fn the_share_of_paid_calls_is_the_probability() {
        let paid = share(&clients(0.4), "account 1", NO_DISTRESS);
        assert!((paid - 0.4).abs() < doubt(0.4), "{paid}");
        assert!((0..1000).all(|path| !clients(0.0).call_response(&Streams::new(7), "a", "B").pays(path, 0, NO_DISTRESS)));
        assert!((0..1000).all(|path| clients(1.0).call_response(&Streams::new(7), "a", "B").pays(path, 0, NO_DISTRESS)));
    }

    #[test]
    fn stress_and_loss_lower_the_probability_as_the_formula_says() {
        let clients = Clients { stress_sensitivity: 1.0, drawdown_sensitivity: 0.5, ..clients(0.6) };
        for (stress, drawdown, expected) in [(0.0, 0.0, 0.6), (1.0, 0.0, 0.2276), (0.5, 0.0, 0.4026), (0.0, 1.0, 0.4026)] {
            let paid = share(&clients, "a", Distress { stress, drawdown });
            assert!((paid - expected).abs() < doubt(expected) + 1e-4, "{stress}, {drawdown}: {paid}, expected {expected}");
        }
    }

    #[test]
    fn a_common_factor_leaves_each_clients_odds_and_makes_answers_cluster() {
        let apart = clients(0.4);
        let together = Clients { common_correlation: ratio(0.3), ..apart.clone() };
        for name in ["a", "b"] {
            let paid = share(&together, name, NO_DISTRESS);
            // the factor is one draw a path, so the paths are independent and the error is that of a share
            assert!((paid - 0.4).abs() < doubt(0.4), "{name}: {paid}");
        }
        let both = |clients: &Clients| {
            let streams = Streams::new(7);
            let (a, b) = (clients.call_response(&streams, "a", "B"), clients.call_response(&streams, "b", "B"));
            (0..100_000).filter(|path| a.pays(*path, 0, NO_DISTRESS) && b.pays(*path, 0, NO_DISTRESS)).count() as f64 / 1e5
        };
        // P(both) of a bivariate normal at Φ⁻¹(0.4) twice, correlation 0.3, as the integral over the factor
        let (independent, clustered) = (both(&apart), both(&together));
        assert!((independent - 0.16).abs() < doubt(0.16), "{independent}");
        assert!((clustered - joint(0.4, 0.3)).abs() < doubt(0.206), "{clustered}, expected {}", joint(0.4, 0.3));
        assert!(joint(0.4, 0.3) > 0.2);
    }

    /// P(two clients both pay): the integral over the common factor of the conditional probability squared.
    fn joint(probability: f64, correlation: f64) -> f64 {
        let level = normal_quantile(probability);
        let steps = 4_000;
        let width = 16.0 / f64::from(steps);
        (0..steps).fold(0.0, |sum, k| {
            let z = -8.0 + (f64::from(k) + 0.5) * width;
            let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
            let given = normal_cdf((level - correlation.sqrt() * z) / (1.0 - correlation).sqrt());
            sum + density * given * given * width
        })
    }

    #[test]
    fn a_part_is_paid_where_the_bounds_say_so() {
        let clients = Clients { payment: Payment { low: ratio(0.2), high: ratio(0.8) }, ..clients(1.0) };
        let response = clients.call_response(&Streams::new(7), "a", "B");
        assert!(response.is_random());
        let shares: Vec<f64> = (0..10_000).map(|path| response.payment_share(path, 0)).collect();
        assert!(shares.iter().all(|s| (0.2..=0.8).contains(s)));
        let mean = shares.iter().fold(0.0, |sum, s| sum + s) / 1e4;
        // the deviation of a uniform is its width over √12
        assert!((mean - 0.5).abs() < 4.0 * 0.6 / 12.0_f64.sqrt() / 100.0, "{mean}");
    }

    #[test]
    fn a_draw_belongs_to_the_name_the_path_and_the_call() {
        let streams = Streams::new(7);
        let draws = |name: &str, call: u32| {
            (0..64).map(|path| clients(0.5).call_response(&streams, name, "").pays(path, call, NO_DISTRESS)).collect::<Vec<_>>()
        };
        assert_eq!(draws("a", 0), draws("a", 0));
        assert_ne!(draws("a", 0), draws("b", 0));
        assert_ne!(draws("a", 0), draws("a", 1));
    }

    #[test]
    fn a_payment_is_never_later_than_the_deadline_nor_below_the_call_line() {
        assert_eq!(clients(0.5).payment_days("", 2), 2);
        assert_eq!(clients(0.5).payment_days("", 5), 3);
        let to = Clients { cure_to: Some(ratio(1.4)), ..Clients::default() };
        assert_eq!((to.restored_ratio(1.3, 1.3), to.restored_ratio(1.5, 0.0), to.restored_ratio(0.0, 1.3)), (1.4, 1.5, 1.4));
        assert_eq!((to.restored_ratio(1.4, 1.3), Clients::default().restored_ratio(1.3, 1.2)), (1.4 + (1.4 - 1.3), 1.3));
    }
}

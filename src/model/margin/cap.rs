//! Bounds what an account may invest: the least of its own means, the law and the platform's threshold.
//!
//! `cap = min(available · risk coefficient · leverage coefficient, regulatory limit, platform threshold)`
//! (domain notes E1). Worked: 100 · 0.8 · 2.5 = 200 against 250 and 180 → 180, the platform binds.

/// Which of the three bounds is the least; of equal ones the first named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// Available funds times the two coefficients.
    Means,
    Regulation,
    Platform,
}

/// The largest investment allowed, in money, and what bounds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cap {
    pub money: f64,
    pub binding: Binding,
}

/// The investment cap; an infinite limit is one that is not in force.
pub fn investment_cap(
    available_money: f64,
    risk_coefficient: f64,
    leverage_coefficient: f64,
    regulatory_money: f64,
    platform_money: f64,
) -> Cap {
    let means = available_money * risk_coefficient * leverage_coefficient;
    let bounds = [(means, Binding::Means), (regulatory_money, Binding::Regulation), (platform_money, Binding::Platform)];
    let (money, binding) =
        bounds.into_iter().reduce(|least, next| if next.0 < least.0 { next } else { least }).expect("there are three bounds");
    Cap { money, binding }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_binds_when_it_is_the_least() {
        for (regulation, platform, money, binding) in [
            (250.0, 300.0, 200.0, Binding::Means),
            (150.0, 300.0, 150.0, Binding::Regulation),
            (250.0, 180.0, 180.0, Binding::Platform),
            (200.0, 200.0, 200.0, Binding::Means),
            (f64::INFINITY, f64::INFINITY, 200.0, Binding::Means),
        ] {
            assert_eq!(investment_cap(100.0, 0.8, 2.5, regulation, platform), Cap { money, binding });
        }
    }
}

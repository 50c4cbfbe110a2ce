//! Splits the result of an account between client and lender, after interest and fees.

use crate::programme::{Sharing, SharingMode};

/// What an account came to over the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Result {
    /// What its assets gained after dealing costs.
    pub gross: f64,
    pub interest: f64,
    /// What the pool bears of it.
    pub shortfall: f64,
    /// Own capital on the as-of date, and at opening.
    pub own: f64,
    pub own_opening: f64,
    pub exposure_opening: f64,
    pub high_water_mark: f64,
    pub calendar_days: f64,
    pub day_count: f64,
    /// Own capital that is left before fees.
    pub left: f64,
}

/// client + lender + interest + fees − shortfall = gross.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Split {
    pub client: f64,
    pub lender: f64,
    pub interest: f64,
    pub fees: f64,
}

pub fn split(sharing: &Sharing, product: &str, result: &Result) -> Split {
    let mode = sharing.product.get(product).unwrap_or(&sharing.mode);
    let asked = sharing.platform_fee * result.gross.max(0.0) + sharing.exposure_fee * result.exposure_opening;
    let fees = asked.min(result.left.max(0.0));
    // what a shortfall takes off the client is the pool's
    let net = result.gross - result.interest - fees + result.shortfall;
    let client = match mode {
        SharingMode::None => net,
        SharingMode::FixedSplit(mode) if net > 0.0 || mode.share_losses => mode.client * net,
        SharingMode::FixedSplit(_) => net,
        SharingMode::CappedLoss(mode) if net > 0.0 => mode.client * net,
        SharingMode::CappedLoss(mode) => net + (mode.lender_loss * -net).min(mode.cap * result.own.max(0.0)),
        SharingMode::PerformanceFee(mode) => net - mode.share * (result.own + net - result.high_water_mark).max(0.0),
        SharingMode::Guaranteed(mode) => mode.return_annual * result.own_opening * result.calendar_days / result.day_count,
    };
    Split { client, lender: net - client, interest: result.interest, fees }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programme::FixedSplit;

    fn near(found: f64, right: f64) {
        assert!((found - right).abs() < 5e-3, "{found} where {right} is right");
    }

    /// Own capital 100,000; a price move of ±10 % over 30 days.
    fn result(exposure: f64, rise: f64, interest: f64) -> Result {
        let gross = exposure * rise;
        Result {
            gross,
            interest,
            own: 100_000.0,
            own_opening: 100_000.0,
            exposure_opening: exposure,
            high_water_mark: 100_000.0,
            calendar_days: 30.0,
            day_count: 365.0,
            left: 100_000.0 + gross - interest,
            ..Result::default()
        }
    }

    #[test]
    fn the_founding_articles_first_example() {
        let mode = SharingMode::FixedSplit(FixedSplit { client: 0.7, share_losses: false });
        let sharing = Sharing { platform_fee: 0.01, mode, ..Sharing::default() };
        for (base, client, lender) in [(300_000.0, 19_754.38, 8_466.16), (200_000.0, 20_099.59, 8_614.11)] {
            let interest = base * 0.06 * 30.0 / 365.0;
            let split = split(&sharing, "", &result(300_000.0, 0.1, interest));
            near(split.fees, 300.0);
            near(split.client, client);
            near(split.lender, lender);
            near(split.client + split.lender + split.interest + split.fees, 30_000.0);
        }
        let loss = split(&sharing, "", &result(300_000.0, -0.1, 300_000.0 * 0.06 * 30.0 / 365.0));
        near(loss.client, -31_479.45);
        near(loss.fees + loss.lender, 0.0);
    }

    #[test]
    fn the_founding_articles_second_example() {
        let sharing = Sharing { exposure_fee: 0.001, ..Sharing::default() };
        let interest = 400_000.0 * 0.08 * 30.0 / 365.0;
        near(interest, 2_630.14);
        near(split(&sharing, "", &result(500_000.0, 0.1, interest)).client, 46_869.86);
        near(split(&sharing, "", &result(500_000.0, -0.1, interest)).client, -53_130.14);
    }
}

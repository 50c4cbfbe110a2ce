//! Holds the rulebooks of `docs/margin.md`: the keys of a contract that a preset gives.

use crate::date::Date;
use crate::programme::Margin;

/// The version of a rulebook in force on a day, or the one that begins on `version`.
pub fn of(name: &str, version: Option<Date>, as_of: Date) -> Margin {
    let day = version.unwrap_or(as_of);
    let since = |year, month, of_month| day >= Date::new(year, month, of_month);
    // what is not written below: sold a session after the trigger, money out above 300 % where cash may be taken out at all
    let plain = Margin { delay_days: Some(1), ..Margin::default() };
    let broker = Margin { withdrawal: Some(3.0), ..plain.clone() };
    let at_once = Margin { delay_days: Some(0), ..Margin::default() };
    match name {
        "cn-regulated" => {
            let cured_at = Some(if since(2015, 7, 1) { 1.3 } else { 1.5 });
            Margin { call: Some(1.3), cured_at, cure_days: Some(2), ..broker }
        }
        "cn-broker-145" => {
            Margin { limit: Some(1.45), call: Some(1.3), cure_days: Some(1), liquidation: Some(1.1), restore_to: Some(1.45), ..broker }
        }
        "cn-broker-150" => Margin { call: Some(1.3), cured_at: Some(1.5), cure_days: Some(2), restore_to: Some(1.5), ..broker },
        "cn-broker-150-130" => Margin { warning: Some(1.5), call: Some(1.3), cure_days: Some(2), restore_to: Some(1.5), ..broker },
        "cn-broker-140-130" => Margin { warning: Some(1.4), call: Some(1.3), cure_days: Some(1), restore_to: Some(1.4), ..broker },
        "cn-peizi-low" => Margin { warning: Some(1.1), liquidation: Some(1.08), ..at_once },
        "cn-peizi-high" => Margin { warning: Some(1.1), liquidation: Some(1.05), ..at_once },
        // R = NAV·(1 + r)/r
        "cn-umbrella-2to1" => Margin { warning: Some(0.88 * 3.0 / 2.0), liquidation: Some(0.83 * 3.0 / 2.0), ..at_once },
        "cn-umbrella-3to1" => Margin { warning: Some(0.95 * 4.0 / 3.0), liquidation: Some(0.90 * 4.0 / 3.0), ..at_once },
        // own capital of 25 % of market value: R = 1/(1 − 25 %)
        "us-reg-t" => Margin { call: Some(1.0 / 0.75), cure_days: Some(3), restore_to: Some(1.0 / 0.75), net_of_cash: Some(true), ..plain },
        "kr" => Margin { call: Some(1.4), cure_days: Some(1), restore_to: Some(1.4), ..plain },
        "tw" => Margin { call: Some(if since(2015, 5, 4) { 1.3 } else { 1.2 }), cure_days: Some(2), ..plain },
        _ => panic!("there is no rulebook `{name}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn net_asset_values_are_ratios() {
        let day = Date::new(2015, 6, 12);
        let near = |found: Option<f64>, right: f64| assert!((found.unwrap() - right).abs() < 5e-4, "{found:?}");
        near(of("cn-umbrella-2to1", None, day).warning, 1.32);
        near(of("cn-umbrella-2to1", None, day).liquidation, 1.245);
        near(of("cn-umbrella-3to1", None, day).warning, 1.267);
        near(of("cn-umbrella-3to1", None, day).liquidation, 1.2);
        near(of("us-reg-t", None, day).call, 1.333);
        near(of("tw", None, Date::new(2015, 5, 3)).call, 1.2);
    }
}

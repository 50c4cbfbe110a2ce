//! Writes numbers with the digits that their error allows.

use crate::measures::Unit;

/// `12.5%`, `1%`, `0.000048%`: two decimals, or two digits where it is smaller.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let power = format!("{percent:e}").split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
    let text = format!("{percent:.*}", (1 - power).clamp(2, 15) as usize);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A number in its unit, with two digits of `scale`: `1,234,568`, `1.204%`, `0.0312`.
pub fn shown(unit: Option<Unit>, x: f64, scale: f64) -> String {
    let (x, scale, sign) = if unit == Some(Unit::Ratio) { (x * 100.0, scale * 100.0, "%") } else { (x, scale, "") };
    // the power of ten by the decimal text, the same on every platform
    let power = if scale > 0.0 { format!("{scale:e}").split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()) } else { Some(0) };
    let decimals = (1 - power.unwrap_or(0)).clamp(0, 15) as usize;
    let text = format!("{:.decimals$}", x.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let minus = if x < 0.0 && text.bytes().any(|b| matches!(b, b'1'..=b'9')) { "-" } else { "" };
    format!("{minus}{grouped}{rest}{sign}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_their_error_allows() {
        assert_eq!(shown(Some(Unit::Money), 1_234_567.8, 321.0), "1,234,568");
        assert_eq!(shown(Some(Unit::Ratio), 0.012_36, 0.000_2), "1.236%");
        assert_eq!(shown(Some(Unit::Days), -0.001, 0.5), "0.00");
        assert_eq!([0.01, 0.125, 0.000_12, 4.8e-7, 0.0].map(percent), ["1%", "12.5%", "0.012%", "0.000048%", "0%"]);
    }
}

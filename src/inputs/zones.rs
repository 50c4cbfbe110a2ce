//! Knows how far the exchanges' time zones lie from UTC, so that an instant is told as a day of its own place.
//!
//! A zone with summer time has two distances. A day is asked for, not an hour: reading with the summer distance all year
//! moves a midnight to one in the morning at most, and never across midnight, as long as the time is before 23:00.

use crate::problem::{Kind, Place, Problem};

const HOUR: i64 = 3600;

/// Zones by name: standard distance in quarters of an hour, and whether there is, or was since 1986, a summer time.
const ZONES: &[(&str, i64, bool)] = &[
    ("Africa/Cairo", 8, true),
    ("Africa/Johannesburg", 8, false),
    ("Africa/Lagos", 4, false),
    ("America/Argentina/Buenos_Aires", -12, false),
    ("America/Bogota", -20, false),
    ("America/Chicago", -24, true),
    ("America/Denver", -28, true),
    ("America/Lima", -20, false),
    ("America/Los_Angeles", -32, true),
    ("America/Mexico_City", -24, true),
    ("America/New_York", -20, true),
    ("America/Santiago", -16, true),
    ("America/Sao_Paulo", -12, true),
    ("America/Toronto", -20, true),
    ("Asia/Bangkok", 28, false),
    ("Asia/Chongqing", 32, true),
    ("Asia/Dhaka", 24, false),
    ("Asia/Dubai", 16, false),
    ("Asia/Harbin", 32, true),
    ("Asia/Ho_Chi_Minh", 28, false),
    ("Asia/Hong_Kong", 32, false),
    ("Asia/Jakarta", 28, false),
    ("Asia/Jerusalem", 8, true),
    ("Asia/Karachi", 20, false),
    ("Asia/Kolkata", 22, false),
    ("Asia/Calcutta", 22, false),
    ("Asia/Kuala_Lumpur", 32, false),
    ("Asia/Macau", 32, false),
    ("Asia/Manila", 32, false),
    ("Asia/Qatar", 12, false),
    ("Asia/Riyadh", 12, false),
    ("Asia/Saigon", 28, false),
    ("Asia/Seoul", 36, true),
    ("Asia/Shanghai", 32, true),
    ("Asia/Singapore", 32, false),
    ("Asia/Taipei", 32, false),
    ("Asia/Tokyo", 36, false),
    ("Australia/Brisbane", 40, false),
    ("Australia/Melbourne", 40, true),
    ("Australia/Perth", 32, false),
    ("Australia/Sydney", 40, true),
    ("CET", 4, true),
    ("EST5EDT", -20, true),
    ("Europe/Amsterdam", 4, true),
    ("Europe/Athens", 8, true),
    ("Europe/Berlin", 4, true),
    ("Europe/Brussels", 4, true),
    ("Europe/Copenhagen", 4, true),
    ("Europe/Dublin", 0, true),
    ("Europe/Helsinki", 8, true),
    ("Europe/Istanbul", 12, false),
    ("Europe/Lisbon", 0, true),
    ("Europe/London", 0, true),
    ("Europe/Luxembourg", 4, true),
    ("Europe/Madrid", 4, true),
    ("Europe/Milan", 4, true),
    ("Europe/Moscow", 12, false),
    ("Europe/Oslo", 4, true),
    ("Europe/Paris", 4, true),
    ("Europe/Rome", 4, true),
    ("Europe/Stockholm", 4, true),
    ("Europe/Vienna", 4, true),
    ("Europe/Warsaw", 4, true),
    ("Europe/Zurich", 4, true),
    ("GB", 0, true),
    ("Hongkong", 32, false),
    ("Japan", 36, false),
    ("PRC", 32, true),
    ("Pacific/Auckland", 48, true),
    ("ROC", 32, false),
    ("ROK", 36, true),
    ("Singapore", 32, false),
    ("US/Central", -24, true),
    ("US/Eastern", -20, true),
    ("US/Pacific", -32, true),
];

/// Seconds to add to an instant of UTC to tell the day of a zone; nothing for a zone that is not known.
pub fn seconds(zone: &str) -> Option<i64> {
    if is_utc(zone) {
        return Some(0);
    }
    if let Some((_, quarters, summer)) = ZONES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(zone)) {
        return Some(quarters * HOUR / 4 + if *summer { HOUR } else { 0 });
    }
    offset(zone.strip_prefix("UTC").or(zone.strip_prefix("GMT")).unwrap_or(zone))
}

/// Whether a zone is UTC itself.
pub fn is_utc(zone: &str) -> bool {
    ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "Etc/Zulu", "+00:00", "-00:00", "+0000", "+00"]
        .iter()
        .any(|u| u.eq_ignore_ascii_case(zone))
}

/// A written distance from UTC, `+08:00`, `+0800` or `-5`, in seconds.
pub fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let number = |text: &str| (text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i64>().ok()).flatten();
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * HOUR + minutes * 60))
}

/// The days of a column of times, each a count of which so many make a day: of each instant in its own zone, of a time without a
/// zone as it is written.
pub fn days(column: Place, counts: &[Option<i64>], per_day: i64, zone: Option<&str>) -> Result<Vec<Option<i32>>, Problem> {
    let problem = |place: Place, what: String, why: &str| {
        Problem::new(Kind::Data, place, what, why, "store the column as date32, or as a timestamp of the exchange's time zone")
    };
    let shift = match zone {
        None => 0,
        Some(zone) => {
            let why = "this zone is not known, so that no day can be told";
            let seconds = seconds(zone).ok_or_else(|| problem(column.clone(), format!("is stored in the time zone {zone:?}"), why))?;
            per_day / 86_400 * seconds + per_day % 86_400 * seconds / 86_400
        }
    };
    if zone.is_some_and(is_utc)
        && let Some((row, at)) =
            counts.iter().enumerate().find_map(|(row, c)| Some((row, (*c)?.rem_euclid(per_day))).filter(|(_, at)| *at != 0))
    {
        let minutes = (at as f64 / per_day as f64 * 1440.0) as i64;
        let what = format!("holds {:02}:{:02} UTC", minutes / 60, minutes % 60);
        let why = "a time of day in UTC may be the next or the last day where the exchange is";
        return Err(problem(column.line(row + 1), what, why));
    }
    let day = |c: i64| c.saturating_add(shift).div_euclid(per_day).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    Ok(counts.iter().map(|c| c.map(day)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_midnight_of_the_exchange_is_its_own_day() {
        // 2015-06-12 00:00 in Shanghai, New York (summer) and Tokyo, and 2015-01-05 00:00 in New York, as seconds of UTC
        for (zone, seconds_utc, day) in [
            ("Asia/Shanghai", 1_434_038_400, 16_598),
            ("+08:00", 1_434_038_400, 16_598),
            ("America/New_York", 1_434_081_600, 16_598),
            ("America/New_York", 1_420_434_000, 16_440),
            ("Asia/Tokyo", 1_434_034_800, 16_598),
            ("UTC", 1_434_067_200, 16_598),
        ] {
            assert_eq!((seconds_utc + seconds(zone).unwrap()).div_euclid(86_400), day, "{zone}");
        }
        // the summer of 1991 in Shanghai: 00:00 is 15:00 of the day before in UTC
        assert_eq!((676_047_600i64 + seconds("Asia/Shanghai").unwrap()).div_euclid(86_400), 7_825);
        assert_eq!(seconds("Mars/Olympus"), None);
        assert_eq!((offset("+0530"), offset("-5"), offset("+25:00"), offset("08:00")), (Some(19_800), Some(-18_000), None, None));
    }
}

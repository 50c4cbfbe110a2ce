//! Holds the levels that the CSRC asks of a securities firm, by the day from which they are in force.
//!
//! docs/firm.md says for each where it was looked up; one that was not found in a second place is marked, and is to be confirmed
//! by whoever uses it. The warning line of a least is 120 % of it, of a most 80 %. A new version is one row behind the others, with
//! the levels that it changes.

use super::indicator::Indicator;
use super::{Firm, Rules};
use crate::model::part::Words;
use crate::units::Day;
use serde::Serialize;

/// What holds for a time.
pub struct Version {
    /// The first day, as year, month and day.
    from: (i32, u32, u32),
    pub name: Words,
    /// What it sets anew; all else stands as the versions before it set it.
    levels: &'static [Asked],
}

/// One level of a version.
struct Asked {
    indicator: Indicator,
    limit: f64,
    /// Found in a second place; else to be confirmed by the user.
    confirmed: bool,
}

/// A level in force, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct InForce {
    pub limit: f64,
    pub warning: f64,
    pub by: By,
}

/// Who sets a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The programme.
    Programme,
    /// The supervisor, by a rule that was confirmed or is to be.
    Supervisor { confirmed: bool },
}

/// The warning line as a share of a least and of a most.
const WARNING_OF_LEAST: f64 = 1.2;
const WARNING_OF_MOST: f64 = 0.8;

const fn asked(indicator: Indicator, limit: f64) -> Asked {
    Asked { indicator, limit, confirmed: true }
}

const fn unconfirmed(indicator: Indicator, limit: f64) -> Asked {
    Asked { indicator, limit, confirmed: false }
}

const OF_2008: &[Asked] = &[
    asked(Indicator::RiskCoverage, 1.0),
    asked(Indicator::NetCapitalToNetAssets, 0.4),
    asked(Indicator::NetCapitalToLiabilities, 0.08),
    asked(Indicator::NetAssetsToLiabilities, 0.2),
    asked(Indicator::ClientToNetCapital, 0.05),
    asked(Indicator::SecurityToFloat, 0.2),
];

const OF_2014: &[Asked] = &[unconfirmed(Indicator::LiquidityCoverage, 1.0), unconfirmed(Indicator::StableFunding, 1.0)];

const OF_2015: &[Asked] = &[unconfirmed(Indicator::MarginToNetCapital, 4.0)];

const OF_2016: &[Asked] = &[
    asked(Indicator::RiskCoverage, 1.0),
    asked(Indicator::CapitalLeverage, 0.08),
    asked(Indicator::NetCapitalToNetAssets, 0.2),
    asked(Indicator::NetCapitalToLiabilities, 0.08),
    asked(Indicator::NetAssetsToLiabilities, 0.1),
    asked(Indicator::LiquidityCoverage, 1.0),
    asked(Indicator::StableFunding, 1.0),
    asked(Indicator::MarginToNetCapital, 4.0),
    asked(Indicator::ClientToNetCapital, 0.05),
    asked(Indicator::SecurityToFloat, 0.2),
];

/// Every version, the first first; each holds to the day before the next.
pub const VERSIONS: &[Version] = &[
    Version {
        from: (2008, 12, 1),
        name: Words(
            "CSRC, Measures on Risk Control Indicators of Securities Companies, as amended 2008",
            "证监会《证券公司风险控制指标管理办法》（2008 年修订）",
        ),
        levels: OF_2008,
    },
    Version {
        from: (2014, 3, 1),
        name: Words(
            "CSRC, Measures on Risk Control Indicators of Securities Companies, as amended 2008; SAC, Guidelines on Liquidity Risk, 2014",
            "证监会《证券公司风险控制指标管理办法》（2008 年修订）；证券业协会《证券公司流动性风险管理指引》（2014 年）",
        ),
        levels: OF_2014,
    },
    Version {
        from: (2015, 7, 1),
        name: Words(
            "CSRC, Measures on Risk Control Indicators of Securities Companies, as amended 2008; Measures on Margin Trading, 2015; SAC, Guidelines on Liquidity Risk, 2014",
            "证监会《证券公司风险控制指标管理办法》（2008 年修订）、《证券公司融资融券业务管理办法》（2015 年）；证券业协会《证券公司流动性风险管理指引》（2014 年）",
        ),
        levels: OF_2015,
    },
    Version {
        from: (2016, 10, 1),
        name: Words(
            "CSRC order 125 (2016) and the calculation standards of announcement 10 of 2016",
            "证监会令第 125 号（2016 年）及公告〔2016〕10 号计算标准",
        ),
        levels: OF_2016,
    },
    Version {
        from: (2020, 6, 1),
        name: Words(
            "CSRC order 125, as amended by order 166 (2020), and the calculation standards of announcement 10 of 2020",
            "证监会令第 125 号（经 2020 年第 166 号令修正）及公告〔2020〕10 号计算标准",
        ),
        levels: &[],
    },
    Version {
        from: (2025, 1, 1),
        name: Words(
            "CSRC order 125, as amended by order 166 (2020), and the calculation standards of announcement 13 of 2024",
            "证监会令第 125 号（经 2020 年第 166 号令修正）及公告〔2024〕13 号计算标准",
        ),
        levels: &[],
    },
];

impl Version {
    fn first_day(&self) -> Day {
        let (year, month, day) = self.from;
        Day::from_ymd(year, month, day).expect("a version begins on a date")
    }
}

/// The version in force on a day; nothing before the first.
pub fn version(day: Day) -> Option<&'static Version> {
    VERSIONS.iter().rev().find(|version| version.first_day() <= day)
}

/// The warning line of a limit; what is beyond the twelfth digit is rounding.
fn warning_of(indicator: Indicator, limit: f64) -> f64 {
    let line = limit * if indicator.is_floor() { WARNING_OF_LEAST } else { WARNING_OF_MOST };
    libm::round(line * 1e12) / 1e12
}

/// The level of an indicator: the programme's own, else the supervisor's where its rules hold.
pub fn in_force(firm: &Firm, currency: &str, day: Day, indicator: Indicator) -> Option<InForce> {
    if let Some(own) = indicator.own_level(&firm.levels) {
        let limit = own.limit.get();
        return Some(InForce {
            limit,
            warning: own.warning.map_or(warning_of(indicator, limit), |warning| warning.get()),
            by: By::Programme,
        });
    }
    if firm.rules_for(currency) != Rules::Csrc {
        return None;
    }
    // the last version that sets it
    let so_far = VERSIONS.iter().rev().filter(|version| version.first_day() <= day);
    let asked = so_far.flat_map(|version| version.levels).find(|asked| asked.indicator == indicator)?;
    Some(InForce { limit: asked.limit, warning: warning_of(indicator, asked.limit), by: By::Supervisor { confirmed: asked.confirmed } })
}

#[cfg(test)]
mod tests {
    use super::super::{Level, Levels};
    use super::*;
    use crate::units::Ratio;

    fn on(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn versions_follow_one_another_and_each_holds_to_the_day_before_the_next() {
        assert!(VERSIONS.is_sorted_by(|a, b| a.first_day() < b.first_day()));
        let share = |day: &str| in_force(&Firm::default(), "CNY", on(day), Indicator::NetCapitalToNetAssets).map(|l| l.limit);
        let days = ["2008-11-30", "2008-12-01", "2016-09-30", "2016-10-01", "2026-01-05"];
        assert_eq!(days.map(share), [None, Some(0.4), Some(0.4), Some(0.2), Some(0.2)]);
    }

    #[test]
    fn warning_lines_stand_inside_their_limits() {
        let of = |indicator| in_force(&Firm::default(), "CNY", on("2025-06-30"), indicator).unwrap();
        let (cover, margin) = (of(Indicator::RiskCoverage), of(Indicator::MarginToNetCapital));
        assert_eq!((cover.limit, cover.warning, margin.limit, margin.warning), (1.0, 1.2, 4.0, 3.2));
        assert!((of(Indicator::CapitalLeverage).warning - 0.096).abs() < 1e-15);
    }

    #[test]
    fn the_programme_s_own_level_goes_before_and_other_currencies_have_no_other() {
        let day = on("2025-06-30");
        let level = Level { limit: Ratio::from_fraction(1.5), warning: None };
        let own = Firm { levels: Levels { risk_coverage: Some(level), ..Levels::default() }, ..Firm::default() };
        let set = in_force(&own, "CNY", day, Indicator::RiskCoverage).unwrap();
        assert_eq!((set.limit, set.by), (1.5, By::Programme));
        assert!((set.warning - 1.8).abs() < 1e-15);
        assert_eq!(in_force(&own, "KRW", day, Indicator::CapitalLeverage), None);
        let asked = Firm { rules: Some(Rules::Csrc), ..own.clone() };
        assert_eq!(in_force(&asked, "KRW", day, Indicator::CapitalLeverage).unwrap().limit, 0.08);
        assert_eq!(in_force(&Firm { rules: Some(Rules::Own), ..own }, "CNY", day, Indicator::CapitalLeverage), None);
    }
}

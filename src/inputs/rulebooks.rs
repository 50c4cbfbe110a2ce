//! Reads the margin rulebooks that come with the program, one file each, and finds them by name.

use crate::model::margin::rulebook::Rulebook;
use crate::model::margin::{InForce, Margin};
use crate::units::Day;
use std::sync::LazyLock;

/// The rulebooks, in order of name.
const FILES: [&str; 12] = [
    include_str!("rulebooks/cn-broker-140-130.toml"),
    include_str!("rulebooks/cn-broker-145.toml"),
    include_str!("rulebooks/cn-broker-150.toml"),
    include_str!("rulebooks/cn-broker-150-130.toml"),
    include_str!("rulebooks/cn-peizi-high.toml"),
    include_str!("rulebooks/cn-peizi-low.toml"),
    include_str!("rulebooks/cn-regulated.toml"),
    include_str!("rulebooks/cn-umbrella-2to1.toml"),
    include_str!("rulebooks/cn-umbrella-3to1.toml"),
    include_str!("rulebooks/kr.toml"),
    include_str!("rulebooks/tw.toml"),
    include_str!("rulebooks/us-reg-t.toml"),
];

static RULEBOOKS: LazyLock<Vec<Rulebook>> = LazyLock::new(|| {
    let read = |text: &&str| toml::from_str(text).unwrap_or_else(|e| panic!("a rulebook of the program cannot be read: {e}"));
    FILES.iter().map(read).collect()
});

/// Every rulebook, in order of name.
pub fn all() -> &'static [Rulebook] {
    &RULEBOOKS
}

/// What a programme may name.
pub fn names() -> Vec<String> {
    all().iter().map(|r| r.name.clone()).collect()
}

/// The rulebook of that name.
pub fn find(name: &str) -> Option<&'static Rulebook> {
    all().iter().find(|r| r.name == name)
}

/// The version of a rulebook in force on a day; nothing when either is unknown.
pub fn in_force(name: &str, day: Day) -> Option<InForce> {
    let rulebook = find(name)?;
    rulebook.on(day).map(|version| InForce { rulebook, version })
}

/// Lays the rulebooks a margin names under its own keys, as they stand on the as-of date; unknown ones are left out.
pub fn resolve(margin: &mut Margin, as_of: Option<Day>) {
    let on = |name: &String| in_force(name, margin.version.or(as_of)?);
    let own = margin.rulebook.as_ref().and_then(on);
    let of_product = |(product, name): (&String, &String)| Some((product.clone(), in_force(name, as_of?)?));
    margin.in_force_by_product = margin.products.iter().filter_map(of_product).collect();
    if let Some(own) = own {
        margin.adopt(own);
    }
    margin.cure_days = margin.cure_days.or(Some(0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn every_rulebook_is_found_by_its_name_and_stands_in_order() {
        let names = names();
        assert!(names.is_sorted(), "{names:?}");
        for rulebook in all() {
            assert!(find(&rulebook.name).is_some());
            assert!(rulebook.versions.is_sorted_by(|a, b| a.effective < b.effective), "{}", rulebook.name);
            for version in &rulebook.versions {
                assert!(version.assumption.is_some() == version.assumption_zh.is_some(), "{} {}", rulebook.name, version.effective);
                let chinese = version.citation_zh.chars().any(|c| ('\u{4e00}'..'\u{a000}').contains(&c));
                assert!(chinese && version.citation.is_ascii(), "{} {}", rulebook.name, version.effective);
                let lines = version.lines();
                let ladder = [lines.liquidation, lines.call, lines.limit, lines.warning];
                let present: Vec<f64> = ladder.into_iter().filter(|line| *line > 0.0).collect();
                assert!(present.is_sorted() && !present.is_empty(), "{} {:?}", rulebook.name, lines);
                assert!(lines.restore_to == 0.0 || lines.restore_to > lines.liquidation, "{}", rulebook.name);
                assert!(lines.cured_at == 0.0 || lines.cured_at >= lines.call, "{}", rulebook.name);
            }
        }
    }

    #[test]
    fn umbrella_lines_on_net_asset_value_are_ratios() {
        let lines = |name: &str| in_force(name, day("2015-06-12")).expect("in force").version.lines();
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 5e-5, "found {found}, expected {expected}");
        near(lines("cn-umbrella-2to1").warning, 1.32);
        near(lines("cn-umbrella-3to1").warning, 1.2667);
        near(lines("cn-umbrella-3to1").liquidation, 1.20);
        near(lines("us-reg-t").call, 1.3333);
        near(lines("us-reg-t").restore_to, 1.3333);
        near(lines("kr").call, 1.40);
        near(lines("tw").call, 1.30);
    }

    #[test]
    fn the_version_in_force_follows_the_date() {
        let regulated = find("cn-regulated").expect("there");
        let initial = |opened: &str, on: &str| regulated.initial_margin(Some(day(opened)), day(on)).map(Ratio::get);
        assert_eq!(initial("2015-06-12", "2015-06-12"), Some(0.5));
        // raised for new contracts only: an open one keeps what it was opened under
        assert_eq!(initial("2015-06-12", "2015-12-01"), Some(0.5));
        assert_eq!(initial("2015-11-23", "2015-12-01"), Some(1.0));
        // lowered for open contracts too
        assert_eq!(initial("2020-01-02", "2023-09-08"), Some(0.8));
        assert_eq!(initial("2024-01-02", "2026-02-02"), Some(0.8));
        assert_eq!(initial("2026-01-20", "2026-02-02"), Some(1.0));
        assert!(regulated.on(day("2009-12-31")).is_none());
    }

    #[test]
    fn explicit_keys_stand_over_the_rulebook_and_resolving_twice_changes_nothing() {
        let mut margin = Margin {
            rulebook: Some("cn-broker-145".into()),
            call: Ratio::new(1.35),
            products: [("umbrella".to_string(), "cn-umbrella-3to1".to_string())].into(),
            ..Margin::default()
        };
        resolve(&mut margin, Some(day("2015-07-06")));
        let (own, none) = (crate::model::margin::contract::LineOverride::default(), "standard");
        let lines = margin.lines(&own, none);
        assert_eq!((lines.call, lines.limit, lines.cured_at, lines.delay_days), (1.35, 1.45, 1.35, Some(1)));
        assert_eq!(margin.version, Some(day("2015-07-01")));
        assert!((margin.lines(&own, "umbrella").liquidation - 1.2).abs() < 1e-12);
        let once = margin.clone();
        resolve(&mut margin, Some(day("2015-07-06")));
        assert_eq!(margin, once);
    }
}

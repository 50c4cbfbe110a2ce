//! Finds the names nearest to a mistyped one.

/// Up to three names in order of edit distance (then of name), quoted and joined, for a problem's remedy.
pub fn nearest(typed: &str, names: &[String]) -> String {
    let mut ranked: Vec<(usize, &String)> = names.iter().map(|name| (distance(typed, name), name)).collect();
    ranked.sort();
    let near: Vec<String> = ranked.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    near.join(", ")
}

/// Levenshtein distance over lower-case characters: insertions, deletions and replacements.
pub fn distance(a: &str, b: &str) -> usize {
    strsim::levenshtein(&a.to_lowercase(), &b.to_lowercase())
}

/// The one name that a mistyped one must have meant: a few edits away for its length, or its beginning; `_` and `-` alike.
pub fn meant<'n>(typed: &str, names: &'n [String]) -> Option<&'n str> {
    let plain = |text: &str| text.replace('_', "-");
    let edits = |name: &str| match plain(name).starts_with(&plain(typed)) && typed.chars().count() >= 3 {
        true => 1,
        false => distance(&plain(typed), &plain(name)),
    };
    let ranked = names.iter().map(|name| (edits(name), name.as_str()));
    ranked.filter(|(edits, name)| *edits <= 1 + name.chars().count() / 4).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_stands_first() {
        let names = ["call_rate", "cure_rate", "pool_loss.mean", "sharpe"].map(String::from);
        assert_eq!(nearest("Cal_rate", &names), "`call_rate`, `cure_rate`, `sharpe`");
        assert_eq!(meant("cal-rate", &names), Some("call_rate"));
        assert_eq!(meant("pool", &names), Some("pool_loss.mean"));
        assert_eq!(meant("temperature", &names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}

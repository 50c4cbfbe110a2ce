//! Writes full-width digits and signs as half-width ones.

/// The half-width spelling of full-width digits and signs.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{2212}' => '-',
            other => other,
        })
        .collect()
}

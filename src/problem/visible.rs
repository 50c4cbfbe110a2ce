//! Spells out characters that steer a terminal or hide in a text, so that names users chose are shown and never obeyed.
//!
//! Controls (C0, DEL, C1), line and paragraph separators, marks of direction and other characters without width become
//! `\\u{1b}`, `\\u{202e}` and the like; a line end becomes `\\n`.

use std::borrow::Cow;

/// One line of text: everything that is no printable character is spelled out.
pub fn line(text: &str) -> Cow<'_, str> {
    spell(text, |_| false)
}

/// The same for a text of several lines: line ends and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    spell(text, |c| matches!(c, '\n' | '\t'))
}

/// Whether a line of text holds anything that is not shown as it is.
pub fn hides(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// The same of a text of several lines.
pub fn hides_in_lines(text: &str) -> bool {
    text.chars().any(|c| is_hidden(c) && !matches!(c, '\n' | '\r' | '\t'))
}

fn spell(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) && !stays(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if stays(c) || !is_hidden(c) => out.push(c),
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            c => out.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(out)
}

/// Controls, and the characters of Unicode's category of formats that change how others are shown.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_passes() {
        assert_eq!(line("a\u{1b}[2J\u{9b}31m\u{7f}\r\nb"), "a\\u{1b}[2J\\u{9b}31m\\u{7f}\\r\\nb");
        assert_eq!(line("x\u{202e}y\u{200b}\u{2066}\u{feff}"), "x\\u{202e}y\\u{200b}\\u{2066}\\u{feff}");
        assert_eq!(lines("a\tb\n\u{1b}c"), "a\tb\n\\u{1b}c");
        assert!(matches!(line("账户 C0042 ± 12.4%"), Cow::Borrowed(_)));
    }
}

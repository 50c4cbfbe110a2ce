//! Writes and reads the file of the early-warning register: a first line that says what it is, then one JSON object a line.

use crate::study::register::line::Line;

/// How such a file begins.
pub const FIRST_LINE: &str = "{\"levertide\":\"early-warning register\",\"schema\":1}\n";

/// A line as it stands in the file.
pub fn written(line: &Line) -> String {
    serde_json::to_string(line).expect("plain structures with text keys become JSON") + "\n"
}

/// The lines of a file; else the number of the line that is wrong, from 1, and what is wrong with it.
pub fn read(text: &str) -> Result<Vec<Line>, (usize, String)> {
    let Some(rest) = text.strip_prefix(FIRST_LINE) else { return Err((1, "is not the first line of a register".into())) };
    let lines = rest.lines().enumerate();
    lines.map(|(at, line)| serde_json::from_str(line).map_err(|error| (at + 2, reason(&error)))).collect()
}

/// What is wrong, without the place inside the line's own text.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::register::line::Closing;

    #[test]
    fn what_is_written_is_read_and_a_line_cut_short_is_named() {
        let line = Line::Closed(Closing { programme: "weekly".into(), number: 3, because: "product closed".into(), by: None });
        let text = format!("{FIRST_LINE}{}{}", written(&line), written(&line));
        assert_eq!(read(&text), Ok(vec![line.clone(), line]));
        let cut = &text[..text.len() - 20];
        assert_eq!(read(cut).unwrap_err().0, 3);
        assert_eq!(read("date,loss\n").unwrap_err().0, 1);
        assert_eq!(read(FIRST_LINE), Ok(Vec::new()));
    }
}

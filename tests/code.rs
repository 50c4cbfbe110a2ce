//! Reads the sources: the files of the project, their code without comments and strings, the paths it names, its literals.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the project: its path from the root, with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` whose name ends in one of `endings`, in order of path.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a folder can be listed").path()) {
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                // made inputs may be in any encoding
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_else(|why| panic!("{name}: {why}"))).into_owned();
                let inside = path.strip_prefix(root()).expect("the file lies in the project");
                found.push(Source { path: inside.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The code of a file: comments and the insides of strings blanked, lines kept, the tests at its foot cut off.
pub fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let blank = |from: &str, code: &mut String| code.extend(from.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
    while let Some(first) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest, code.chars().last()) {
            length
        } else if first == '"' {
            plain_string(rest)
        } else {
            char_literal(rest)
        };
        if skip == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            blank(&rest[..skip], &mut code);
            rest = &rest[skip..];
        }
    }
    // the tests at its foot stand in braces; `mod tests;` only names another file
    let in_braces = |at: &usize| code[at + "\n#[cfg(test)]\n".len()..].lines().next().is_some_and(|line| line.contains('{'));
    let tests = ["", "pub(super) ", "pub(crate) "].into_iter().find_map(|shown| {
        let head = format!("\n#[cfg(test)]\n{shown}mod ");
        code.match_indices(&head).map(|(at, _)| at).find(in_braces)
    });
    match tests {
        Some(tests) => code[..tests].to_string(),
        None => code,
    }
}

/// The length of the raw string a text starts with, if it does.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(is_word) {
        return None;
    }
    let body = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = body.chars().take_while(|c| *c == '#').count();
    let open = body[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - open.len();
    Some(open.find(&close).map_or(text.len(), |end| start + end + close.len()))
}

/// The length of the quoted string a text starts with.
fn plain_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the character literal a text starts with; 0 for a lifetime or anything else.
fn char_literal(text: &str) -> usize {
    let Some(body) = text.strip_prefix('\'') else { return 0 };
    if body.starts_with('\\') {
        return body[2..].find('\'').map_or(0, |end| end + 4);
    }
    let Some(first) = body.chars().next() else { return 0 };
    if body[first.len_utf8()..].starts_with('\'') { 2 + first.len_utf8() } else { 0 }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

// ---- paths ------------------------------------------------------------------------------------

/// A path that code names, and the line it stands on: `crate::units::Day` is `[crate, units, Day]`.
pub struct Named {
    pub names: Vec<String>,
    pub line: usize,
    /// Of a `use` item: its first name may be a module beside the file.
    pub imported: bool,
}

/// Every path that code names: those of `use` items, their groups taken apart, and every other with `::` in it.
pub fn paths(code: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut rest = code;
    let line_at = |rest: &str| line_of(code, code.len() - rest.len());
    let split = |path: &str| path.split("::").map(|name| name.trim().to_string()).collect();
    while let Some(at) = rest.find(|c: char| is_word(c)) {
        let (before, from) = rest.split_at(at);
        let word: &str = &from[..from.find(|c: char| !is_word(c) && c != ':').unwrap_or(from.len())];
        // `use crate::{…};`, whose groups run over lines
        if word == "use" {
            let end = from.find(';').unwrap_or(from.len());
            found.extend(expand(&from[3..end]).iter().map(|path| Named { names: split(path), line: line_at(from), imported: true }));
            rest = &from[end..];
            continue;
        }
        let path = word.trim_end_matches(':');
        let own = !before.ends_with('.') && !before.ends_with("::");
        if own && word.contains("::") {
            found.push(Named { names: split(path), line: line_at(from), imported: false });
        }
        rest = &from[word.len()..];
    }
    found
}

/// The paths a `use` item names, its groups taken apart.
fn expand(item: &str) -> Vec<String> {
    let item = item.trim();
    let Some(open) = item.find('{') else { return vec![item.split(" as ").next().unwrap_or(item).trim().to_string()] };
    let (head, group) = (&item[..open], &item[open + 1..]);
    let (mut depth, mut start, mut names) = (0_i32, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.extend(expand(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names.into_iter().map(|name| format!("{head}{name}")).collect()
}

// ---- literals ---------------------------------------------------------------------------------

/// A quoted text of the code: where it begins and ends, and what it says.
pub struct Literal {
    pub at: usize,
    pub end: usize,
    pub value: String,
}

/// Every quoted text of the code, those of comments left out.
pub fn literals(text: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let before = text[..at].chars().next_back();
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(length) = raw_string(rest, before) {
            length
        } else if rest.starts_with('"') {
            let length = plain_string(rest);
            let quoted = rest[1..length].trim_end_matches('"').replace("\\\"", "\"");
            // a backslash at the end of a line joins it to the next
            let mut lines = quoted.split("\\\n");
            let first = lines.next().unwrap_or_default().to_string();
            let value = lines.fold(first, |all, line| all + line.trim_start());
            found.push(Literal { at, end: at + length, value });
            length
        } else {
            char_literal(rest)
        };
        at += if skip > 0 { skip } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    found
}

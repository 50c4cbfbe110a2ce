//! Gives every code one spelling and tells identifiers that a spreadsheet or an editor has spoilt.
//!
//! `SH600000`, `sh.600000`, `600000.XSHG`, `600000.SS`, `'600000.SH` and `SHSE.600000` are all `600000.SH`. Within one file a bare
//! `600000` beside `600000.SH` is the same share where the code belongs to that exchange; a code of digits that lost its
//! leading zeros (`1` beside `600000`) gets them back; what could be either is refused.

use super::width::half_width;
use crate::model::exchange::board_of_symbol;
use crate::model::history::Board;
use std::collections::BTreeMap;

/// How vendors mark the three exchanges, and how this program does.
const EXCHANGES: [(&str, &[&str]); 3] = [
    ("SH", &["SH", "SS", "XSHG", "SSE", "SHSE", "SHA", "SHG"]),
    ("SZ", &["SZ", "XSHE", "SZSE", "SZE", "SHE", "SZA"]),
    ("BJ", &["BJ", "BSE", "XBSE", "BJSE", "XBJS"]),
];

fn exchange(mark: &str) -> Option<&'static str> {
    EXCHANGES.iter().find(|(_, marks)| marks.iter().any(|m| m.eq_ignore_ascii_case(mark))).map(|(name, _)| *name)
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The one spelling of a code: six digits and `.SH`, `.SZ` or `.BJ` where an exchange is named, else the text without marks of spreadsheets.
pub fn symbol(text: &str) -> String {
    let text = text.trim();
    if text.len() == 9 && text.get(..6).is_some_and(is_code) && matches!(&text[6..], ".SH" | ".SZ" | ".BJ") {
        return text.to_string();
    }
    let text = half_width(text);
    let text = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).unwrap_or(&text);
    let text = text.trim_start_matches(['\'', '\u{2018}', '\u{2019}', '`']).trim();
    if let Some(digits) = text.strip_suffix(".0").filter(|d| is_digits(d)) {
        return digits.to_string();
    }
    for separator in ['.', '-', ':', '_', ' '] {
        let Some((left, right)) = text.split_once(separator) else { continue };
        for (code, mark) in [(left, right), (right, left)] {
            if let Some(exchange) = exchange(mark.trim()).filter(|_| is_code(code)) {
                return format!("{code}.{exchange}");
            }
        }
        // Bloomberg names the country, and the code its exchange
        let mark = right.trim_end_matches("Equity").trim_end_matches("EQUITY").trim();
        if is_code(left) && ["CH", "C1", "C2", "CG", "CS"].contains(&mark) {
            return of_country(left);
        }
    }
    if let Some((mark, code)) = text.split_at_checked(2)
        && is_code(code)
        && let Some(exchange) = exchange(mark)
    {
        return format!("{code}.{exchange}");
    }
    text.to_string()
}

/// The exchange a bare code is listed on by its first digit.
fn of_country(code: &str) -> String {
    let exchange = match code.as_bytes()[0] {
        b'5' | b'6' | b'9' => "SH",
        b'4' | b'8' => "BJ",
        _ => "SZ",
    };
    format!("{code}.{exchange}")
}

/// The exchange of a spelled code: its mark, or where a bare code of six digits is listed.
pub fn exchange_of(symbol: &str) -> Option<&str> {
    match symbol.split_once('.') {
        Some((code, mark)) if is_code(code) => Some(mark),
        None if is_code(symbol) && board_of_symbol(symbol) != Board::None => match &symbol.as_bytes()[..2] {
            [b'5' | b'6', _] | b"90" | b"11" => Some("SH"),
            [b'4' | b'8' | b'9', _] => Some("BJ"),
            _ => Some("SZ"),
        },
        _ => None,
    }
}

/// Whether a bare code and a full one can be one share: the code's own exchange is the one named.
pub fn same_share(bare: &str, full: &str) -> bool {
    is_code(bare)
        && full.strip_prefix(bare).is_some_and(|rest| rest.starts_with('.'))
        && board_of_symbol(bare) == board_of_symbol(full)
        && board_of_symbol(full) != Board::None
}

/// What a file's codes came to.
#[derive(Default, Debug)]
pub struct Settled {
    /// The one spelling of each code given, in the order given.
    pub names: Vec<String>,
    /// Of how many codes the leading zeros were put back, with the first.
    pub padded: Option<(usize, String)>,
    /// How many bare codes were joined to full ones, with the first.
    pub joined: Option<(usize, String)>,
    /// Codes that cannot be told apart: index and (what, why, fix).
    pub bad: Vec<(usize, (String, String, String))>,
}

/// Settles the distinct codes of one file. `priced` files carry the universe: there a column of short numbers alone is refused.
pub fn settle(raw: &[String], priced: bool) -> Settled {
    let mut names: Vec<String> = raw.iter().map(|code| symbol(code)).collect();
    let mut out = Settled::default();
    let lost = |name: &str| is_digits(name) && name.len() < 6 && !name.starts_with('0');
    let six = names.iter().any(|name| name.split('.').next().is_some_and(is_code));
    let short: Vec<usize> = (0..names.len()).filter(|i| lost(&names[*i])).collect();
    let even = short.windows(2).all(|pair| names[pair[0]].len() == names[pair[1]].len());
    if six && !short.is_empty() {
        out.padded = Some((short.len(), raw[short[0]].clone()));
        short.iter().for_each(|i| names[*i] = format!("{:0>6}", names[*i]));
    } else if priced && !(even && short.first().is_none_or(|i| names[*i].len() >= 4)) {
        for i in &short {
            let why = "codes of A-shares have six digits; a spreadsheet has cut the leading zeros off";
            let fix = format!("store the codes as text: {:0>6}", names[*i]);
            out.bad.push((*i, (format!("found {:?}", raw[*i]), why.into(), fix)));
        }
    }
    let full: BTreeMap<String, Vec<String>> = names.iter().filter(|n| n.len() > 6 && n.get(..6).is_some_and(is_code)).fold(
        BTreeMap::new(),
        |mut map: BTreeMap<String, Vec<String>>, name| {
            let list = map.entry(name[..6].to_string()).or_default();
            if !list.contains(name) {
                list.push(name.clone());
            }
            map
        },
    );
    let mut joined = Vec::new();
    #[expect(clippy::needless_range_loop, reason = "names are changed while they are walked")]
    for i in 0..names.len() {
        let Some(candidates) = full.get(&names[i]) else { continue };
        match candidates.as_slice() {
            [only] if same_share(&names[i], only) => joined.push((i, only.clone())),
            _ => {
                let what = format!("found {:?} beside {:?}", names[i], candidates.join(", "));
                let why = "two spellings of one code would split its history, and this code may be either".to_string();
                out.bad.push((i, (what, why, "write every code with its exchange".into())));
            }
        }
    }
    if let Some((first, _)) = joined.first() {
        out.joined = Some((joined.len(), raw[*first].clone()));
    }
    joined.into_iter().for_each(|(i, name)| names[i] = name);
    let mut folded: BTreeMap<String, usize> = BTreeMap::new();
    for (i, name) in names.iter().enumerate() {
        let first = *folded.entry(name.to_lowercase()).or_insert(i);
        if names[first] != *name {
            let what = format!("found {:?} beside {:?}", name, names[first]);
            out.bad.push((i, (what, "two spellings of one code would split its history".into(), "write the code one way".into())));
        }
    }
    out.names = names;
    out
}

/// The spelling in an ascending list of codes that means `named`; a code in doubt gives its candidates.
pub fn lookup(symbols: &[String], named: &str) -> Result<String, Vec<String>> {
    let has = |name: &str| symbols.binary_search_by(|s| s.as_str().cmp(name)).is_ok();
    if has(named) {
        return Ok(named.to_string());
    }
    if is_digits(named) && named.len() < 6 && !named.starts_with('0') {
        let padded = format!("{named:0>6}");
        let found = lookup(symbols, &padded);
        return if found.is_ok() { found } else { Err(Vec::new()) };
    }
    if is_code(named) {
        let from = symbols.partition_point(|s| s.as_str() < named);
        let candidates: Vec<String> =
            symbols[from..].iter().take_while(|s| s.starts_with(named)).filter(|s| s[6..].starts_with('.')).cloned().collect();
        return match candidates.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(candidates),
        };
    }
    if let Some((bare, _)) = named.split_once('.')
        && has(bare)
        && same_share(bare, named)
    {
        return Ok(bare.to_string());
    }
    let folded = named.to_lowercase();
    let alike: Vec<String> = symbols.iter().filter(|s| s.len() == named.len() && s.to_lowercase() == folded).cloned().collect();
    match alike.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(alike),
    }
}

/// A code of the list that is written much like `named`: the same letters and digits, or the same six digits elsewhere.
pub fn alike<'a>(symbols: &'a [String], named: &str) -> Option<&'a str> {
    let core =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase().trim_start_matches('0').to_string();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (own, own_digits) = (core(named), digits(named));
    let same_core = symbols.iter().find(|s| core(s) == own);
    same_core.or_else(|| symbols.iter().find(|s| own_digits.len() == 6 && digits(s) == own_digits)).map(String::as_str)
}

/// Words that head a total and are no identifier.
pub fn is_total(id: &str) -> bool {
    let id = id.trim().trim_end_matches([':', '：']).to_lowercase();
    let id: String = id.chars().filter(|c| !c.is_whitespace()).collect();
    const WORDS: [&str; 16] = [
        "合计",
        "总计",
        "小计",
        "汇总",
        "共计",
        "累计",
        "總計",
        "合計",
        "小計",
        "total",
        "totals",
        "grandtotal",
        "subtotal",
        "sum",
        "summe",
        "gesamt",
    ];
    WORDS.contains(&id.as_str())
}

/// What is wrong with an identifier, as (what, why, fix).
pub fn bad_id(id: &str) -> Option<(String, String, String)> {
    let said = |what: String, why: &str, fix: &str| Some((what, why.to_string(), fix.to_string()));
    if id.is_empty() {
        return said("is empty".into(), "every row is known by its identifier", "fill the cell or delete the row");
    }
    if id.chars().any(char::is_control) {
        return said(format!("found {id:?}"), "an identifier holds no control characters", "delete the characters that do not print");
    }
    if let Some(c) = id.chars().find(|c| is_invisible(*c)) {
        let what = format!("found {:?}, with U+{:04X} in it", id.replace(is_invisible, ""), c as u32);
        let why = "an identifier with a character that does not show looks like another and is not it";
        return said(what, why, "delete the invisible character");
    }
    if is_scientific(id) {
        let why = "a spreadsheet has rounded a long number, and different identifiers became one";
        return said(format!("found {id:?}"), why, "export again from the source, with the column formatted as text");
    }
    if is_rounded(id) {
        let why = "a spreadsheet keeps 15 digits of a number and writes zeros for the rest, so that different identifiers become one";
        return said(format!("found {id:?}"), why, "export again from the source, with the column formatted as text");
    }
    if ["nan", "NaN", "NAN", "null", "NULL", "<NA>", "NaT", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "#DIV/0!", "#NUM!"]
        .contains(&id)
    {
        return said(format!("found {id:?}"), "it stands for a cell without a value", "fill the cell or delete the row");
    }
    if id.contains(['/', '\\']) || id.contains("..") {
        return said(
            format!("found {id:?}"),
            "identifiers reach file names, so they hold no parts of a path",
            "leave out `/`, `\\` and `..`",
        );
    }
    let length = id.chars().count();
    if length > 128 {
        return said(format!("found {length} characters"), "an identifier has at most 128 characters", "shorten it");
    }
    None
}

/// Characters without a shape, the replacement character, and the space that does not look different from a space.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffd}')
}

/// `6.22848E+18`: a number as spreadsheets shorten it.
fn is_scientific(id: &str) -> bool {
    let Some((head, power)) = id.split_once(['E', 'e']) else { return false };
    let Some(power) = power.strip_prefix('+') else { return false };
    let head = head.strip_prefix('-').unwrap_or(head);
    is_digits(power) && head.split_once(['.', ',']).map_or(is_digits(head), |(whole, rest)| is_digits(whole) && is_digits(rest))
}

/// `6228480402564890000`: 18 digits and more of which only 15 are kept.
fn is_rounded(id: &str) -> bool {
    is_digits(id) && id.len() >= 18 && !id.starts_with('0') && id[15..].bytes().all(|b| b == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| n.to_string()).collect()
    }

    #[test]
    fn a_code_of_other_letters_is_taken_as_it_is() {
        for code in ["ab贵州c", "00000Í.SZ", "贵州茅台", "12345贵.SH"] {
            assert_eq!((symbol(code), settle(&[code.to_string()], true).bad.len()), (code.to_string(), 0));
        }
    }

    #[test]
    fn every_spelling_of_a_share_is_one() {
        for text in [
            "600000.SH",
            "SH600000",
            "sh600000",
            "sh.600000",
            "600000.XSHG",
            "600000.SS",
            "'600000.SH",
            "600000-SH",
            "SHSE.600000",
            "600000.SSE",
            "600000 SH",
            "=\"600000.SH\"",
            "６０００００.SH",
            "600000 CH Equity",
            "SSE:600000",
            "600000.sh",
            "600000_SH",
        ] {
            assert_eq!(symbol(text), "600000.SH", "{text}");
        }
        assert_eq!((symbol("000001 CH Equity"), symbol("SZSE.000001")), ("000001.SZ".into(), "000001.SZ".into()));
        for text in ["000001", "AAPL", "BRK.B", "0700.HK", "700 HK", "SHW", "S0001", "000300.CSI"] {
            assert_eq!(symbol(text), text);
        }
    }

    #[test]
    fn codes_of_one_file_are_joined_or_refused() {
        let joined = settle(&list(&["600000", "600000.SH", "000001"]), true);
        assert_eq!(joined.names, ["600000.SH", "600000.SH", "000001"]);
        assert!(joined.bad.is_empty() && joined.joined == Some((1, "600000".into())));
        assert_eq!(settle(&list(&["000001", "000001.SH"]), true).bad.len(), 1, "a share and an index");
        assert_eq!(settle(&list(&["600000", "1", "2"]), true).names, ["600000", "000001", "000002"]);
        assert_eq!(settle(&list(&["1", "2", "2594"]), true).bad.len(), 3);
        assert!(settle(&list(&["7203", "6758"]), true).bad.is_empty(), "codes of four digits are those of other exchanges");
        assert_eq!(settle(&list(&["00700", "600000"]), true).names, ["00700", "600000"]);
        assert_eq!(settle(&list(&["AAPL", "aapl"]), true).bad.len(), 1);
    }

    #[test]
    fn another_file_may_spell_it_otherwise() {
        let full = list(&["000001.SH", "000001.SZ", "600000.SH", "AAPL"]);
        assert_eq!(lookup(&full, "600000").as_deref(), Ok("600000.SH"));
        assert_eq!(lookup(&full, "000001").unwrap_err().len(), 2);
        assert_eq!(lookup(&full, "aapl").as_deref(), Ok("AAPL"));
        assert_eq!(lookup(&list(&["000001", "600000"]), "000001.SZ").as_deref(), Ok("000001"));
        assert!(lookup(&list(&["000001", "600000"]), "000001.SH").is_err(), "an index is no share");
        assert_eq!(lookup(&list(&["000002.SZ"]), "2").as_deref(), Ok("000002.SZ"));
        assert_eq!(alike(&full, "600000.SZ"), Some("600000.SH"));
    }

    #[test]
    fn spoilt_identifiers_are_told() {
        for id in
            ["6.22848E+18", "1E+15", "6228480402564890000", "K1\u{200b}", "K\u{a0}1", "NaN", "", "a/b", "..", "a\tb", &"x".repeat(129)]
        {
            assert!(bad_id(id).is_some(), "{id:?}");
        }
        for id in ["000001", "600030.SH", "客户-17", "A.B", "1E5", "E+5", "6228480402564890127", "张　三", "1000000000"] {
            assert!(bad_id(id).is_none(), "{id:?}");
        }
        assert!(is_total("合计：") && is_total("Grand Total") && !is_total("Totalus"));
    }
}

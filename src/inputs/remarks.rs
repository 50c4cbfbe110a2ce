//! Tells lines that are no rows: remarks below a table (`注：…`, `Source: …`) and above it.
//!
//! A row that was cut off is no remark: a remark starts with a word of remarks, or is a sentence with a colon or of some length,
//! and nothing else stands in its line.

use super::identity::{exchange_of, symbol};

/// Lines at the foot of a table that are looked at.
pub const FOOT_LINES: usize = 20;

/// Words that open a remark.
const OPENING: [&str; 44] = [
    "注",
    "备注",
    "说明",
    "制表",
    "打印",
    "导出",
    "数据来源",
    "来源",
    "单位",
    "声明",
    "免责",
    "统计",
    "报表",
    "以上",
    "本表",
    "查询",
    "生成",
    "截至",
    "复核",
    "审核",
    "页码",
    "第",
    "共",
    "完",
    "note",
    "notes",
    "source",
    "sources",
    "generated",
    "exported",
    "printed",
    "disclaimer",
    "copyright",
    "page",
    "prepared",
    "created",
    "report",
    "data provided",
    "all figures",
    "end of",
    "stand:",
    "quelle",
    "hinweis",
    "erstellt",
];

/// Whether the cells of a line are a remark: one text, or a name with its value, and no more.
pub fn is_remark<'a>(cells: impl Iterator<Item = &'a str>, width: usize) -> bool {
    let held: Vec<&str> = cells.map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let [first, rest @ ..] = held.as_slice() else { return false };
    if width < 3 || rest.len() > 1 {
        return false;
    }
    // a code or a number beside it makes it a row that lacks the rest
    if rest.iter().any(|cell| cell.parse::<f64>().is_ok() || exchange_of(&symbol(cell)).is_some()) {
        return false;
    }
    let lower = first.to_lowercase();
    let marked = first.starts_with(['#', '*', '※', '©', '—', '=']) || first.starts_with("--") || first.starts_with("//");
    let opened = OPENING.iter().any(|word| {
        // a word of its own: `Notes`, and not an account named NOTE7
        lower.strip_prefix(word).is_some_and(|rest| rest.chars().next().is_none_or(|c| !c.is_ascii_alphanumeric()))
    });
    let named = first.split_once([':', '：']).is_some_and(|(name, _)| name.chars().any(char::is_alphabetic) && !is_code(name));
    let sentence = first.chars().count() > 40 || first.split_whitespace().count() > 5;
    marked || opened || named || (rest.is_empty() && sentence)
}

/// Where a line starts, with its number, unless nothing stands on it.
pub fn line_of(text: &str, number: usize) -> Option<(usize, usize)> {
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number {
            return (!line.trim().is_empty()).then_some((at, number));
        }
        at += line.len();
    }
    None
}

/// A first line `sep=;`, which a spreadsheet wants and no person reads.
pub fn is_mark_of_separator(above: &str) -> bool {
    let mark = above.trim_start_matches('\u{feff}').trim();
    mark.len() == 5 && mark.get(..4).is_some_and(|sep| sep.eq_ignore_ascii_case("sep="))
}

/// `SH` of `SH:600000`, `NYSE` of `NYSE:BABA`.
fn is_code(name: &str) -> bool {
    name.len() <= 6 && name.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_told_from_a_row_that_was_cut_off() {
        assert!(!is_mark_of_separator("ab表") && is_mark_of_separator("sep=;\n"));
        let remark = |line: &str| is_remark(line.split(','), 4);
        for line in [
            "注：本表仅供参考",
            "数据来源：Wind,,,",
            "Source: vendor,,",
            "导出时间,2015-06-12 15:31,,",
            "# end of file",
            "Page 1 of 3",
            "*仅供内部使用",
        ] {
            assert!(remark(line), "{line}");
        }
        for line in [
            "2015-06-12,600000.SH",
            "2015-06-1",
            "K1",
            "客户甲",
            "NYSE:BABA,1",
            "",
            ",,,",
            "合计,,800000,1",
            "NOTE7,600000.SH",
            "注册户,600000.SH",
            "客户：甲,sh600000",
            "Note,12",
            "600000.SH,11.05",
        ] {
            assert!(!remark(line), "{line}");
        }
    }
}

//! Writes the commented programme of `init`: the blocks of market models, shocks, impact laws and rules come from what each declares.

use crate::model::impact::Impact;
use crate::model::market::MarketSpec;
use crate::model::part::{Absent, Declared, Param, Unit};
use crate::model::rules::RULES;
use crate::model::shock::Shock;
use std::sync::LazyLock;

/// The column that comments start at.
const COMMENT: usize = 32;

/// The commented programme; it holds every key.
pub fn template() -> &'static str {
    static TEMPLATE: LazyLock<String> = LazyLock::new(|| {
        let text = include_str!("../template.toml");
        let of = |above: &str| RULES.iter().filter(|rule| rule.above == above).map(|rule| table(above, rule.declared, "# ")).collect();
        let blocks = [
            ("#@models\n", models()),
            ("#@shocks\n", shocks()),
            ("#@laws\n", laws()),
            ("#@margin\n", of("margin")),
            ("#@liquidation\n", of("liquidation")),
            ("#@clients\n", of("clients")),
        ];
        blocks.iter().fold(text.to_string(), |text, (mark, block)| {
            assert_eq!(text.matches(mark).count(), 1, "the template has one place for {mark}");
            text.replace(mark, block)
        })
    });
    &TEMPLATE
}

/// A table for each market model, the default alone active.
fn models() -> String {
    let default = MarketSpec::default().key();
    let block = |model: &&Declared| table("market", model, if model.key == default { "" } else { "# " });
    MarketSpec::ALL.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn laws() -> String {
    Impact::ALL.iter().filter(|law| !law.params.is_empty()).map(|law| table("feedback.impact", law, "# ")).collect()
}

/// The table of one part: a heading, and a line for each key.
fn table(above: &str, part: &Declared, mark: &str) -> String {
    let mut out = line(&format!("{mark}[{above}.{}]", part.key), part.what.0);
    for param in part.params.iter().filter(|param| !param.key.contains('.')) {
        let (value, says) = match param.unit {
            Unit::Table => (inline(&below(part, param)), comment(param)),
            _ => match inner(part, param) {
                Some(table) => (table, format!("{}; default {}", comment(param), param.shown)),
                None => (param.shown.to_string(), comment(param)),
            },
        };
        out.push_str(&line(&format!("{mark}{} = {value}", param.key), &says));
    }
    out
}

/// An entry for each shock, and a further one for every key that cannot stand beside another.
fn shocks() -> String {
    let mut out = String::new();
    for shock in Shock::ALL {
        let alone = |param: &&Param| matches!(param.absent, Absent::Unless(other) if comes_first(shock, other, param));
        let (apart, together): (Vec<&Param>, Vec<&Param>) = shock.params.iter().partition(alone);
        let mut entry = |params: &[&Param], says: &str| {
            out.push_str("# [[shocks]]\n");
            out.push_str(&line(&format!("# {} = {}", shock.key, inline(params)), says));
        };
        entry(&together, shock.what.0);
        apart.iter().for_each(|param| entry(&[*param], param.meaning.0));
    }
    out
}

/// Whether `other` stands before a parameter.
fn comes_first(part: &Declared, other: &str, param: &Param) -> bool {
    part.params.iter().find(|p| p.key == other || p.key == param.key).is_some_and(|first| first.key == other)
}

/// The parameters of a part's inner table.
fn below(part: &Declared, table: &Param) -> Vec<&'static Param> {
    part.params.iter().filter(|param| param.key.split_once('.').is_some_and(|(above, _)| above == table.key)).collect()
}

/// A choice as the first of its tables, where one of its words stands for a table of keys.
fn inner(part: &Declared, choice: &Param) -> Option<String> {
    let first = *below(part, choice).first()?;
    let word = first.key.split('.').nth(1)?;
    let keys: Vec<&Param> = below(part, choice).into_iter().filter(|param| param.key.split('.').nth(1) == Some(word)).collect();
    let of_keys = keys.iter().all(|param| param.key.split('.').count() > 2);
    Some(format!("{{ {word} = {} }}", if of_keys { inline(&keys) } else { first.shown.to_string() }))
}

fn inline(params: &[&Param]) -> String {
    let pairs: Vec<String> = params.iter().map(|param| format!("{} = {}", param.name(), param.shown)).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// What a key means, what it may be, and what stands for it where it is left out.
fn comment(param: &Param) -> String {
    let absent = match param.absent {
        Absent::Says(words) if words.0 != "none" => format!("; when absent: {}", words.0),
        _ => String::new(),
    };
    let says = match param.unit {
        Unit::Table | Unit::File | Unit::Date | Unit::Flag => param.meaning.0.to_string(),
        _ => format!("{} ({})", param.meaning.0, param.allowed()),
    };
    (says + &absent).replace('`', "")
}

/// A line with its comment at the column of comments, or after it.
fn line(text: &str, comment: &str) -> String {
    let gap = COMMENT.saturating_sub(text.chars().count()).max(3);
    format!("{text}{}# {comment}\n", " ".repeat(gap))
}

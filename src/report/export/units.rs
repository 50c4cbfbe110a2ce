//! States the unit of every column of the Parquet files; a file carries it, with the currency and the as-of date, as metadata.
//!
//! Nothing of the programme stands there that moves no figure: files of the same figures have the same bytes.

use super::summary;
use crate::measures::Unit;
use crate::model::case::Programme;
use crate::report::export::tables::written;
use crate::study::view::unit_of;
use std::collections::BTreeMap;

/// What a file says of itself beside its columns.
pub struct Stated {
    file: &'static str,
    currency: String,
    as_of: String,
}

impl Stated {
    pub fn of(programme: &Programme, file: &'static str) -> Stated {
        let (currency, as_of) = (programme.currency.clone(), programme.as_of.to_string());
        Stated { file, currency, as_of }
    }

    /// Keys and values for a file with these columns.
    pub fn pairs<'c>(&self, columns: impl Iterator<Item = &'c str>) -> [(&'static str, String); 4] {
        let units: BTreeMap<&str, String> = columns.filter_map(|column| Some((column, written(&unit(self.file, column)?)))).collect();
        [
            ("levertide.schema", summary::SCHEMA.to_string()),
            ("levertide.currency", self.currency.clone()),
            ("levertide.units", serde_json::to_string(&units).expect("names and words become JSON")),
            ("levertide.as_of", self.as_of.clone()),
        ]
    }
}

/// The unit of a column, in the words of `summary.json`; nothing for names, numbers of paths and what is yes or no.
///
/// An error is in the unit of its figure.
pub fn unit(file: &str, column: &str) -> Option<Unit> {
    let column = column.strip_suffix("_std_error").unwrap_or(column);
    match (file, column) {
        (_, "scenario" | "path" | "account_id" | "tier" | "grade" | "product" | "symbol" | "name" | "board" | "sector" | "proxy") => None,
        (_, "investment_cap_binding" | "role" | "entry_id" | "what" | "account") => None,
        (_, "weight") => Some(Unit::Number),
        (_, "paths" | "own_returns") => Some(Unit::Count),
        ("paths.parquet", _) => Some(unit_of(column)),
        (_, "leverage" | "maintenance_ratio" | "push_mean" | "push_max") => Some(Unit::Ratio),
        (_, other) if other.ends_with("_probability") => Some(Unit::Ratio),
        (_, other) if other == "day" || ["_day", "_days", "_days_mean"].iter().any(|end| other.ends_with(end)) => Some(Unit::Days),
        _ => Some(Unit::Money),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_the_unit_of_its_figure_and_names_have_none() {
        let of = |file, column| unit(file, column);
        assert_eq!(of("accounts.parquet", "call_probability_std_error"), Some(Unit::Ratio));
        assert_eq!(of("accounts.parquet", "first_call_day"), Some(Unit::Days));
        assert_eq!(of("paths.parquet", "market_worst_day"), Some(Unit::Ratio));
        assert_eq!(of("paths.parquet", "tier_loss_A"), Some(Unit::Money));
        assert_eq!(of("symbols.parquet", "halted_path_days"), Some(Unit::Days));
        assert_eq!(of("symbols.parquet", "proxy"), None);
        assert_eq!(of("ledger.parquet", "amount"), Some(Unit::Money));
    }
}

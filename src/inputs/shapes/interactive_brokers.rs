//! Knows the open positions of Interactive Brokers: of a Flex query, and of an activity statement.
//!
//! A position stands in a `Summary` row, and again as `Lot` rows that add up to it. A statement holds many sections in one file, each
//! line led by the section's name: that of the open positions is cut out, and the account stands in another section.

use super::{Shape, column};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: ("open positions of an Interactive Brokers Flex query", "盈透证券 Flex 查询持仓"),
        role: "positions",
        marks: &["clientaccountid", "levelofdetail"],
        columns: &[
            column("clientaccountid", "account_id"),
            column("symbol", "symbol"),
            column("quantity", "quantity"),
            column("currencyprimary", "currency"),
            column("assetclass", "asset_class"),
            column("multiplier", "multiplier"),
            column("costbasisprice", "cost"),
            column("positionvalue", "stated_value"),
            column("levelofdetail", "detail"),
        ],
    },
    Shape {
        name: ("activity statement of Interactive Brokers", "盈透证券活动报表"),
        role: "positions",
        marks: &["datadiscriminator", "asset_category"],
        columns: &[
            column("account_id", "account_id"),
            column("symbol", "symbol"),
            column("quantity", "quantity"),
            column("currency", "currency"),
            column("asset_category", "asset_class"),
            column("mult", "multiplier"),
            column("multiplier", "multiplier"),
            column("cost_price", "cost"),
            column("value", "stated_value"),
            column("datadiscriminator", "detail"),
        ],
    },
];

/// The lines of a file that belong to one section, the others blank, so that every line keeps its number.
pub struct Section {
    pub text: String,
    /// Lines that hold something and belong to no row of the section.
    pub passed: usize,
}

/// The open positions of an activity statement, led by the account; nothing where the text is none.
pub fn open_positions(text: &str) -> Option<Section> {
    let text = text.trim_start_matches('\u{feff}');
    let section = ["Open Positions,", "Long Open Positions,"].into_iter().find(|name| {
        let header = format!("{name}Header,");
        text.starts_with(&header) || text.contains(&format!("\n{header}"))
    })?;
    let accounts: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("Account Information,Data,Account,")).collect();
    let account = match accounts.as_slice() {
        [first, others @ ..] if others.iter().all(|other| other == first) => first.trim().trim_matches('"').split(' ').next(),
        _ => None,
    };
    let (mut out, mut passed) = (String::with_capacity(text.len()), 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        let own = bare.strip_prefix(section).and_then(|rest| rest.split_once(','));
        match (own, account) {
            (Some(("Header", columns)), Some(_)) => out += &format!("account_id,{columns}"),
            (Some(("Header", columns)), None) => out += columns,
            (Some(("Data", cells)), Some(account)) => out += &format!("{account},{cells}"),
            (Some(("Data", cells)), None) => out += cells,
            _ => passed += usize::from(!bare.trim().is_empty()),
        }
        out.push('\n');
    }
    Some(Section { text: out, passed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_positions_are_cut_out_of_a_statement() {
        let text = "Statement,Header,Field Name,Field Value\nAccount Information,Data,Account,U1\n\
                    Open Positions,Header,DataDiscriminator,Symbol,Quantity\nOpen Positions,Data,Summary,A,5\nOpen Positions,Total,,,5\n";
        let section = open_positions(text).unwrap();
        assert_eq!((section.text.as_str(), section.passed), ("\n\naccount_id,DataDiscriminator,Symbol,Quantity\nU1,Summary,A,5\n\n", 3));
        assert!(open_positions("account_id,symbol\n").is_none());
        let two = text.replace("Statement,Header,", "Account Information,Data,Account,U2\nStatement,Header,");
        assert!(!open_positions(&two).unwrap().text.contains("account_id"), "whose they are is not told");
    }
}

//! Counts the accounts that stand under each rulebook of a scenario: their own, their product's, or the programme's.

use crate::model::book::Book;
use crate::model::margin::{InForce, Margin};
use serde::Serialize;

/// One rulebook in force, and whom it binds.
#[derive(Clone, Debug, PartialEq)]
pub struct RulebookUse {
    pub scope: Scope,
    pub in_force: InForce,
    pub accounts: usize,
    pub loans: f64,
}

/// Why accounts stand under a rulebook.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The programme names it for every account without another.
    Programme,
    /// The programme names it for their product.
    Product(String),
    /// The accounts file names it.
    Account,
}

/// A row of `rulebooks` in `summary.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Row<'u> {
    pub rulebook: &'u str,
    /// The first day in force of the version.
    pub version: String,
    /// `programme`, `product` or `account`: where it is named.
    pub named_by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<&'u str>,
    pub accounts: usize,
    pub loans: f64,
}

impl RulebookUse {
    pub fn row(&self) -> Row<'_> {
        let (named_by, product) = match &self.scope {
            Scope::Programme => ("programme", None),
            Scope::Product(product) => ("product", Some(product.as_str())),
            Scope::Account => ("account", None),
        };
        let (accounts, loans) = (self.accounts, self.loans);
        Row {
            rulebook: &self.in_force.rulebook.name,
            version: self.in_force.version.effective.to_string(),
            named_by,
            product,
            accounts,
            loans,
        }
    }
}

/// The rulebooks of a margin in force for a book: the programme's, the products' by name, the accounts' own by name.
///
/// A rulebook that the programme names is listed even where it binds nobody.
pub fn in_use(margin: &Margin, book: &Book) -> Vec<RulebookUse> {
    let unused = |scope, in_force: &InForce| RulebookUse { scope, in_force: *in_force, accounts: 0, loans: 0.0 };
    let mut out: Vec<RulebookUse> = margin.in_force.iter().map(|i| unused(Scope::Programme, i)).collect();
    out.extend(margin.in_force_by_product.iter().map(|(product, i)| unused(Scope::Product(product.clone()), i)));
    let named = out.len();
    for account in 0..book.accounts() {
        let own = book.lines[account].rulebook;
        let product = book.product_of(account);
        let scope = match own {
            Some(_) => Scope::Account,
            None if margin.in_force_by_product.contains_key(product) => Scope::Product(product.to_string()),
            None => Scope::Programme,
        };
        let at = match (out.iter().position(|u| u.scope == scope && own.is_none_or(|i| std::ptr::eq(i.version, u.in_force.version))), own) {
            (Some(at), _) => at,
            (None, Some(own)) => {
                out.push(unused(scope, &own));
                out.len() - 1
            }
            // the lines are the programme's own keys
            (None, None) => continue,
        };
        out[at].accounts += 1;
        out[at].loans += book.loan[account];
    }
    out[named..].sort_by(|a, b| a.in_force.rulebook.name.cmp(&b.in_force.rulebook.name));
    out
}

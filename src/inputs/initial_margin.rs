//! Compares accounts with the initial margin in force when they were opened, and says which owe more than it allows.
//!
//! A loan takes own money of at least margin · loan. What an account was opened with is known where the accounts file has
//! `own_capital_initial`, and where the account was opened on the as-of date: it is then its own capital. Every other
//! account is compared only by the investment cap, at as-of prices.

use super::Gather;
use crate::model::book::Book;
use crate::model::case::Programme;
use crate::model::history::Market;

/// Own money short of this share of a loan is rounding.
const ROUNDING: f64 = 1e-6;
/// Accounts that are named before the rest is counted.
const NAMED: usize = 5;

/// Says how many accounts were opened on less than the base's initial margin.
pub fn note(programme: &Programme, book: &Book, market: &Market, gather: &mut Gather) {
    let (margin, as_of, price) = (&programme.scenarios[0].case.margin, programme.as_of, market.prices());
    let (mut known, mut short) = (0, Vec::new());
    for account in (0..book.accounts()).filter(|a| book.loan[*a] > 0.0) {
        let opened = book.open_date[account];
        let today = || (opened == Some(as_of)).then(|| book.own_capital(account, &price));
        let own = book.own_capital_initial[account].or_else(today);
        let asked = margin.initial_margin_of(&book.lines[account], book.product_of(account), opened, as_of);
        let (Some(own), Some(asked)) = (own, asked) else { continue };
        known += 1;
        let nets = margin.lines(&book.lines[account], book.product_of(account)).nets_cash;
        let netted = if nets && opened == Some(as_of) { book.cash[account] } else { 0.0 };
        if own < asked.get() * (book.loan[account] - netted) * (1.0 - ROUNDING) {
            short.push(book.account_id[account].as_str());
        }
    }
    if short.is_empty() {
        return;
    }
    let (n, names) = (short.len(), short[..short.len().min(NAMED)].join(", "));
    let (more, more_zh) = if n > NAMED { (", …", "等") } else { ("", "") };
    let names_zh = names.replace(", ", "、");
    gather.note(
        format!("accounts: {n} of the {known} accounts whose opening is known were opened on less own money than the initial margin asks: {names}{more}"),
        format!("账户：开户情况已知的 {known} 个账户中 {n} 个开户时自有资金不足融资保证金比例：{names_zh}{more_zh}"),
    );
}

//! Words how clients behave, and which of it is assumed.

use crate::model::case::Case;
use crate::model::client::Clients;
use crate::model::client::payment::Payment;
use crate::report::charts::Context;
use crate::report::text::number::{self, line};
use crate::report::text::{Text, Word};

fn separator(text: &Text) -> &'static str {
    if text.zh() { "；" } else { "; " }
}

/// The part of a call that is paid, and where a grade differs.
pub fn paid(text: &Text, clients: &Clients) -> String {
    let part = |p: &Payment| if p.is_certain() { line(p.low.get()) } else { format!("{}–{}", line(p.low.get()), line(p.high.get())) };
    let by_grade = clients.payment_by_grade.iter().map(|(g, p)| text.fill(Word::RuleClientsGrade, &[("grade", g), ("p", &part(p))]));
    std::iter::once(part(&clients.payment)).chain(by_grade).collect::<Vec<_>>().join(separator(text))
}

/// What weighs on an answer.
pub fn under_stress(text: &Text, clients: &Clients) -> String {
    let (stress, drawdown) = (number::plain(clients.stress_sensitivity), number::plain(clients.drawdown_sensitivity));
    [stress, drawdown, line(clients.common_correlation.get())].join(separator(text))
}

/// What any scenario assumes of clients and of the market's answer without a published estimate behind it.
pub fn assumptions(context: &Context<'_>) -> Vec<Word> {
    let any = |holds: fn(&Case) -> bool| context.facts.programme.scenarios.iter().any(|s| holds(&s.case));
    let mut out = Vec::new();
    if any(|case| case.clients.react()) {
        out.push(Word::AssumptionClients);
    }
    if any(|case| case.clients.payment != Payment::default() || !case.clients.payment_by_grade.is_empty()) {
        out.push(Word::AssumptionPart);
    }
    if any(|case| case.feedback.is_on()) {
        out.push(Word::AssumptionImpact);
    }
    out
}

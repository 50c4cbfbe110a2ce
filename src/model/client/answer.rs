//! Draws whether a called client pays in, from the address (seed, account, path, call), and when.
//!
//! The draw depends on the account's name and not on its place in the book, so that another account more or less leaves
//! it unchanged. Worked: probability 0.4, uniform 0.39 → pays; the payment falls due `min(cure delay, deadline)` sessions after.

use super::Clients;
use crate::maths::random::{Key, Stream, Streams, name_address};

/// How one account answers its calls; made once per account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answers {
    key: Key,
    /// Probability that the client pays in.
    pub probability: f64,
}

impl Answers {
    /// Whether the client pays in on call `call` (0 is the first) of `path`.
    #[inline]
    pub fn pays(&self, path: u64, call: u32) -> bool {
        // the ends are certain, and need no draw: an ordinary book skips most of them
        self.probability > 0.0 && (self.probability >= 1.0 || self.key.uniform(path, call) < self.probability)
    }
}

impl Clients {
    /// How the account named `account_id` with grade `grade` answers.
    pub fn answers(&self, streams: &Streams, account_id: &str, grade: &str) -> Answers {
        let probability = self.cure_probability_by_grade.get(grade).unwrap_or(&self.cure_probability).get();
        Answers { key: streams.key(Stream::Client, name_address(account_id)), probability }
    }

    /// Sessions from the call to the payment; never later than the deadline.
    pub fn payment_days(&self, cure_days: u32) -> u32 {
        self.cure_delay_days.min(cure_days)
    }

    /// The ratio a payment restores: the programme's, but never below the account's own call line.
    pub fn restored_ratio(&self, call_line: f64) -> f64 {
        self.cure_to.map_or(call_line, |to| to.get().max(call_line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Ratio;

    fn clients(probability: f64) -> Clients {
        Clients { cure_probability: Ratio::from_fraction(probability), cure_delay_days: 3, ..Clients::default() }
    }

    #[test]
    fn a_grade_with_its_own_probability_uses_it() {
        let mut clients = clients(0.4);
        clients.cure_probability_by_grade.insert("A".into(), Ratio::from_fraction(0.9));
        let streams = Streams::new(1);
        assert_eq!(clients.answers(&streams, "x", "A").probability, 0.9);
        assert_eq!(clients.answers(&streams, "x", "B").probability, 0.4);
    }

    #[test]
    fn the_share_of_paid_calls_is_the_probability() {
        let answers = clients(0.4).answers(&Streams::new(7), "account 1", "B");
        let paid = (0..100_000).filter(|path| answers.pays(*path, 0)).count() as f64;
        // four standard errors
        assert!((paid / 1e5 - 0.4).abs() < 4.0 * (0.4f64 * 0.6 / 1e5).sqrt(), "{paid}");
        assert!((0..1000).all(|path| !clients(0.0).answers(&Streams::new(7), "a", "B").pays(path, 0)));
        assert!((0..1000).all(|path| clients(1.0).answers(&Streams::new(7), "a", "B").pays(path, 0)));
    }

    #[test]
    fn a_draw_belongs_to_the_name_the_path_and_the_call() {
        let streams = Streams::new(7);
        let draws =
            |name: &str, call: u32| (0..64).map(|path| clients(0.5).answers(&streams, name, "").pays(path, call)).collect::<Vec<_>>();
        assert_eq!(draws("a", 0), draws("a", 0));
        assert_ne!(draws("a", 0), draws("b", 0));
        assert_ne!(draws("a", 0), draws("a", 1));
    }

    #[test]
    fn a_payment_is_never_later_than_the_deadline_nor_below_the_call_line() {
        assert_eq!(clients(0.5).payment_days(2), 2);
        assert_eq!(clients(0.5).payment_days(5), 3);
        let to = Clients { cure_to: Some(Ratio::from_fraction(1.4)), ..Clients::default() };
        assert_eq!((to.restored_ratio(1.3), to.restored_ratio(1.5), Clients::default().restored_ratio(1.3)), (1.4, 1.5, 1.3));
    }
}

//! Holds one funding source on one path, and what it claims.

/// Money that a source has called, principal and interest, and that was not paid; payable at the end of session `due_on` (from 1;
/// 0: there is no claim).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Claim {
    pub due_on: u16,
    pub money: f64,
}

/// One source on one path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceLane {
    /// Money lent to the pool and not called.
    pub amount: f64,
    /// Interest owed on it.
    pub interest: f64,
    /// What it has called and was not paid: one claim of a run, one of what it had left.
    pub claims: [Claim; 2],
    /// All it was paid.
    pub paid: f64,
    /// Calendar days to its next maturity; infinite without a term.
    pub matures: f64,
    pub rolls: u32,
    pub ran: bool,
    /// Money it called, by run, maturity or failure; and what it claims for it, less its part of losses, its interest included.
    pub withdrawn: f64,
    pub claimed: f64,
    /// All interest it earned.
    pub accrued: f64,
}

impl Claim {
    pub fn is_due(&self, session: u16) -> bool {
        self.due_on > 0 && self.due_on <= session
    }
}

impl SourceLane {
    /// Claims that are payable by a session and were not paid.
    pub fn unpaid(&self, session: u16) -> f64 {
        self.claims.iter().filter(|claim| claim.is_due(session)).fold(0.0, |sum, claim| sum + claim.money)
    }

    /// All claims that were not paid, due or not.
    pub fn claimed_yet(&self) -> f64 {
        self.claims[0].money + self.claims[1].money
    }
}

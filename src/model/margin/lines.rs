//! Holds one account's lines as plain numbers: how they move, and what brings an account back to one.

/// One account's lines as plain fractions; 0 where a line is not in force.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lines {
    pub warning: f64,
    pub limit: f64,
    pub call: f64,
    /// The ratio that cures a call, at or above the call line.
    pub cured_at: f64,
    pub liquidation: f64,
    /// 0 when everything is sold.
    pub restore_to: f64,
    /// 0 when money may always be taken out.
    pub withdrawal: f64,
    /// The ratio an account below its limit line, where it has one, is sold down to; 0 when it keeps what it holds.
    pub reduce_to: f64,
    pub cure_days: u32,
    /// Sessions from the trigger to the sale, where the contract says so.
    pub delay_days: Option<u32>,
    /// True where cash is netted against the debt, and the lines stand on market value over what is left of it.
    pub nets_cash: bool,
}

impl Lines {
    /// The same contract with other lines (warning, limit, call, liquidation) in place of its own; targets keep their distance.
    ///
    /// Worked: call 130 %, cured at 150 %, with a call line of 140 % is cured at 160 %.
    pub fn with(self, [warning, limit, call, liquidation]: [Option<f64>; 4]) -> Lines {
        let new = Lines {
            warning: warning.unwrap_or(self.warning),
            limit: limit.unwrap_or(self.limit),
            call: call.unwrap_or(self.call),
            liquidation: liquidation.unwrap_or(self.liquidation),
            ..self
        };
        let target = |target: f64, from: f64, to: f64| if target > 0.0 { target + moved_by(from, to) } else { target };
        let (from, to) = self.line_of_restore(&new);
        Lines {
            cured_at: target(self.cured_at, self.call, new.call),
            restore_to: target(self.restore_to, from, to),
            reduce_to: target(self.reduce_to, self.limit, new.limit),
            ..new
        }
    }

    /// The line that `restore_to` belongs to, the highest in force at or below it, here and in `new`; zeros where there is none.
    fn line_of_restore(&self, new: &Lines) -> (f64, f64) {
        let pairs = [(self.liquidation, new.liquidation), (self.call, new.call), (self.limit, new.limit), (self.warning, new.warning)];
        pairs
            .into_iter()
            .filter(|(line, _)| *line > 0.0 && *line <= self.restore_to)
            .fold((0.0, 0.0), |best, pair| if pair.0 >= best.0 { pair } else { best })
    }

    /// The money that brings assets A against a debt D, as the lines see them, up to the ratio m; below 0 where they stand above it.
    ///
    /// Paid in, money is an asset, `m·D − A`; where cash is netted it lessens the debt, `D − A/m`. Worked: 12,000 of shares against
    /// 10,000 at 133.3 %: 1,333, or netted 10,000 − 9,000 = 1,000.
    pub fn deposit_to(&self, target: f64, assets_money: f64, debt_money: f64) -> f64 {
        let need = target * debt_money - assets_money;
        if self.nets_cash && target > 0.0 { need / target } else { need }
    }

    /// Puts every line in force higher by `add`, and every target with it.
    pub fn raise(&mut self, add: f64) {
        self.each(|line| if line > 0.0 { line + add } else { line });
    }

    /// Moves every ratio of the contract.
    pub fn each(&mut self, move_line: impl Fn(f64) -> f64) {
        let lines = [
            &mut self.warning,
            &mut self.limit,
            &mut self.call,
            &mut self.cured_at,
            &mut self.liquidation,
            &mut self.restore_to,
            &mut self.withdrawal,
            &mut self.reduce_to,
        ];
        for line in lines {
            *line = move_line(*line);
        }
    }

    /// The highest line: above it nothing can happen to the account.
    pub fn highest(&self) -> f64 {
        self.warning.max(self.limit).max(self.call).max(self.liquidation)
    }

    /// The line a client fears: where it is called, or sold out.
    pub fn nearest(&self) -> f64 {
        self.call.max(self.liquidation)
    }

    /// The line money may be taken out above: the contract's, `usual` where it names none, and never below another line.
    pub fn withdrawal_line(&self, usual: f64) -> f64 {
        let own = if self.withdrawal > 0.0 { self.withdrawal } else { usual };
        own.max(self.highest()).max(1.0)
    }

    /// The highest line but for the warning, and but for the warning and a limit line that sells nothing.
    pub fn highest_once_warned(&self) -> f64 {
        self.limit.max(self.call).max(self.liquidation)
    }

    pub fn highest_once_limited(&self) -> f64 {
        let reduces = if self.reduce_to > 0.0 { self.limit } else { 0.0 };
        reduces.max(self.call).max(self.liquidation)
    }
}

/// How far a line has moved; nothing where it is not in force.
pub fn moved_by(from: f64, to: f64) -> f64 {
    if from > 0.0 && to > 0.0 { to - from } else { 0.0 }
}

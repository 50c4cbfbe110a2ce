//! Says on which days an exchange trades: every Monday to Friday but its holidays, within the years that are known.
//!
//! Within the known years each closed day is listed. Outside them only holidays of fixed date can be told (1 January,
//! 1 October); those that follow the moon or are announced year by year are taken for sessions there, and whoever reads
//! the calendar says so.

use super::day::Day;

/// The sessions of one exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calendar {
    /// First and last day of the known years; nothing where only weekdays are known.
    known: Option<(Day, Day)>,
    /// Days from Monday to Friday without a session in the known years, ascending.
    closed: Vec<Day>,
    /// Saturdays and Sundays with a session in the known years, ascending.
    opened: Vec<Day>,
    /// Month and day of holidays outside the known years.
    every: Vec<(u32, u32)>,
}

impl Calendar {
    /// Every Monday to Friday.
    pub fn weekdays() -> Calendar {
        Calendar::default()
    }

    /// Sessions as listed, ascending: known from the first listed day to the last, every weekday outside them.
    ///
    /// `first` and `last` may reach beyond the sessions where closed days were listed too.
    pub fn of_sessions(sessions: &[Day], first: Day, last: Day) -> Calendar {
        let mut calendar = Calendar { known: Some((first, last)), ..Calendar::default() };
        for day in (first.epoch_days()..=last.epoch_days()).map(Day::from_epoch_days) {
            match (sessions.binary_search(&day).is_ok(), day.is_weekday()) {
                (false, true) => calendar.closed.push(day),
                (true, false) => calendar.opened.push(day),
                _ => {}
            }
        }
        calendar
    }

    /// Reads a table of closed days: `known FROM TO`, `every MMDD …`, and one line a year, `2015 0101-0102 0218-0224 …`.
    pub fn parse(text: &str) -> Option<Calendar> {
        let month_day = |word: &str| Some((word.get(..2)?.parse().ok()?, word.get(2..)?.parse().ok()?));
        let mut calendar = Calendar::default();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let (head, rest) = line.split_once(' ').unwrap_or((line, ""));
            let mut words = rest.split_whitespace();
            match head {
                "known" => calendar.known = Some((Day::parse(words.next()?)?, Day::parse(words.next()?)?)),
                "every" => calendar.every = words.map(month_day).collect::<Option<_>>()?,
                year => {
                    let year: i32 = year.parse().ok()?;
                    for word in words {
                        let (from, to) = word.split_once('-').unwrap_or((word, word));
                        let day = |word| month_day(word).and_then(|(month, day)| Day::from_ymd(year, month, day));
                        let span = day(from)?.epoch_days()..=day(to)?.epoch_days();
                        calendar.closed.extend(span.map(Day::from_epoch_days).filter(|d| d.is_weekday()));
                    }
                }
            }
        }
        (calendar.known.is_some() && calendar.closed.is_sorted_by(|a, b| a < b)).then_some(calendar)
    }

    /// First and last day of the known years; nothing where only weekdays are known.
    pub fn known(&self) -> Option<(Day, Day)> {
        self.known
    }

    /// True where the calendar tells sessions from holidays on that day.
    pub fn knows(&self, day: Day) -> bool {
        self.known.is_some_and(|(first, last)| (first..=last).contains(&day))
    }

    /// True when holidays of fixed date are told outside the known years.
    pub fn has_fixed_holidays(&self) -> bool {
        !self.every.is_empty()
    }

    pub fn is_session(&self, day: Day) -> bool {
        if self.knows(day) {
            let listed = if day.is_weekday() { &self.closed } else { &self.opened };
            return day.is_weekday() != listed.binary_search(&day).is_ok();
        }
        let (_, month, of_month) = day.ymd();
        day.is_weekday() && !self.every.contains(&(month, of_month))
    }

    /// The first session after a day.
    pub fn next(&self, day: Day) -> Day {
        let mut next = Day::from_epoch_days(day.epoch_days() + 1);
        while !self.is_session(next) {
            next = Day::from_epoch_days(next.epoch_days() + 1);
        }
        next
    }

    /// The last session on or before a day.
    pub fn last_up_to(&self, day: Day) -> Day {
        let mut last = day;
        while !self.is_session(last) {
            last = Day::from_epoch_days(last.epoch_days() - 1);
        }
        last
    }
}

/// The `sessions` trading days after `as_of`.
pub fn sessions_after(as_of: Day, sessions: usize, calendar: &Calendar) -> Vec<Day> {
    std::iter::successors(Some(as_of), |day| Some(calendar.next(*day))).skip(1).take(sessions).collect()
}

/// How many sessions of `calendar` lie after `day`, up to and with `as_of`.
pub fn sessions_from(day: Day, as_of: Day, calendar: &Calendar) -> usize {
    let (mut count, mut next) = (0, calendar.next(day));
    while next <= as_of {
        count += 1;
        next = calendar.next(next);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a date")
    }

    #[test]
    fn a_table_tells_holidays_and_fixed_dates_outside_it() {
        let calendar = Calendar::parse("# a\nknown 2015-01-01 2015-12-31\nevery 0101 1001\n2015 0101-0102 1001-1007\n").unwrap();
        assert_eq!(calendar.next(day("2015-09-30")), day("2015-10-08"));
        assert_eq!(calendar.last_up_to(day("2015-10-07")), day("2015-09-30"));
        assert!(calendar.is_session(day("2019-10-02")) && !calendar.is_session(day("2020-10-01")));
        assert!(calendar.knows(day("2015-12-31")) && !calendar.knows(day("2016-01-01")));
        for broken in ["2015 0101", "known 2015-01-01\n", "known 2015-01-01 2015-12-31\n2015 0230", "known 2015-01-01 2015-12-31\nx 0101"] {
            assert_eq!(Calendar::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn listed_sessions_are_the_calendar_while_they_last() {
        // Friday, Sunday (made up for a holiday), Tuesday; then weekdays
        let sessions = [day("2015-06-12"), day("2015-06-14"), day("2015-06-16")];
        let calendar = Calendar::of_sessions(&sessions, sessions[0], sessions[2]);
        assert_eq!(calendar.next(sessions[0]), sessions[1]);
        assert_eq!(calendar.next(sessions[1]), sessions[2]);
        assert_eq!(calendar.next(sessions[2]), day("2015-06-17"));
        assert_eq!(Calendar::weekdays().next(day("2015-06-12")), day("2015-06-15"));
    }

    #[test]
    fn sessions_since_a_day_are_the_calendars() {
        let june = |day| Day::from_ymd(2015, 6, day).unwrap();
        // Friday the 12th, Monday the 15th, and a holiday on Tuesday the 16th
        let calendar = Calendar::of_sessions(&[june(12), june(15), june(17)], june(12), june(17));
        assert_eq!(sessions_from(june(12), june(17), &calendar), 2);
        assert_eq!(sessions_from(june(17), june(17), &calendar), 0);
        assert_eq!(sessions_from(june(13), june(15), &calendar), 1);
        assert_eq!(sessions_from(june(11), june(15), &Calendar::weekdays()), 2);
    }

    #[test]
    fn sessions_follow_the_calendar_then_weekdays() {
        let friday = Day::from_ymd(2015, 6, 12).unwrap();
        let tuesday = Day::from_ymd(2015, 6, 16).unwrap();
        let days = sessions_after(friday, 3, &Calendar::of_sessions(&[friday, tuesday], friday, tuesday));
        assert_eq!(days[0], tuesday);
        assert_eq!(days[2], Day::from_ymd(2015, 6, 18).unwrap());
    }
}

//! The proleptic Gregorian calendar: days as numbers, numbers as days. Day 1 is the first of January of year 1.

/// The first year.
pub(super) const MIN_YEAR: i64 = 1;
/// The last year.
pub(super) const MAX_YEAR: i64 = 9999;
/// The number of the last day.
pub(super) const MAX_ORDINAL: i64 = 3_652_059;

/// A day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Day {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

/// A time of day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Clock {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub us: u32,
}

impl Clock {
    /// Whole seconds since midnight.
    pub fn seconds(self) -> i64 {
        i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    /// The time of day that is so many seconds (less than a day) and microseconds after midnight.
    pub fn new(seconds: i64, us: u32) -> Clock {
        Clock {
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            us,
        }
    }
}

/// Names of the days of the week, Monday first.
pub(super) const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Names of the months.
pub(super) const MONTH_NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Is it a leap year?
pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month (1 to 12).
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the year before a month (1 to 12).
pub(super) fn days_before_month(year: i64, month: i64) -> i64 {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[(month.clamp(1, 12) - 1) as usize] + i64::from(month > 2 && is_leap(year))
}

/// Days before the first of January of a year (1 or later).
fn days_before_year(year: i64) -> i64 {
    let y = year - 1;
    y * 365 + y / 4 - y / 100 + y / 400
}

/// The number of a day given by its parts.
pub(super) fn ordinal_of(year: i64, month: i64, day: i64) -> i64 {
    days_before_year(year) + days_before_month(year, month) + day
}

impl Day {
    /// Its number.
    pub fn ordinal(self) -> i64 {
        ordinal_of(i64::from(self.year), i64::from(self.month), i64::from(self.day))
    }

    /// The day with this number, which must be 1 or greater.
    pub fn from_ordinal(ordinal: i64) -> Day {
        let n = ordinal - 1;
        let (mut year, n) = (n / 146_097 * 400 + 1, n % 146_097);
        let (centuries, n) = (n / 36_524, n % 36_524);
        let (fours, n) = (n / 1461, n % 1461);
        let (years, n) = (n / 365, n % 365);
        year += centuries * 100 + fours * 4 + years;
        if years == 4 || centuries == 4 {
            // The last day of a leap year.
            return Day { year: (year - 1) as i32, month: 12, day: 31 };
        }
        let mut month = ((n + 50) >> 5).clamp(1, 12);
        if days_before_month(year, month) > n {
            month -= 1;
        }
        Day { year: year as i32, month: month as u8, day: (n - days_before_month(year, month) + 1) as u8 }
    }

    /// The day of the week, Monday 0.
    pub fn weekday(self) -> i64 {
        (self.ordinal() + 6) % 7
    }

    /// The day of the year, 1 to 366.
    pub fn of_year(self) -> i64 {
        days_before_month(i64::from(self.year), i64::from(self.month)) + i64::from(self.day)
    }

    /// ISO year, week and day of the week.
    pub fn iso(self) -> (i64, i64, i64) {
        let (mut year, today) = (i64::from(self.year), self.ordinal());
        let mut days = today - first_monday(year);
        if days < 0 {
            year -= 1;
            days = today - first_monday(year);
        } else if days >= 52 * 7 && today >= first_monday(year + 1) {
            year += 1;
            days = 0;
        }
        (year, days / 7 + 1, (today + 6) % 7 + 1)
    }
}

/// The number of the Monday with which the first ISO week of a year begins.
fn first_monday(year: i64) -> i64 {
    let first = if year > 0 { days_before_year(year) + 1 } else { days_before_year(1) + 1 - 366 };
    let weekday = (first + 6).rem_euclid(7);
    first - weekday + if weekday > 3 { 7 } else { 0 }
}

/// What is wrong with an ISO date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum IsoError {
    Year,
    Week,
    Day,
}

/// The day with this ISO year, week and day of the week. It may be in year 10000.
pub(super) fn from_iso(year: i64, week: i64, day: i64) -> Result<Day, IsoError> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(IsoError::Year);
    }
    let first = (days_before_year(year) + 1) % 7;
    let long = first == 4 || (first == 3 && is_leap(year));
    if !((1..=52).contains(&week) || week == 53 && long) {
        return Err(IsoError::Week);
    }
    if !(1..=7).contains(&day) {
        return Err(IsoError::Day);
    }
    Ok(Day::from_ordinal(first_monday(year) + (week - 1) * 7 + day - 1))
}

#[cfg(test)]
mod tests {
    use super::{Day, MAX_ORDINAL, from_iso};

    #[test]
    fn every_day_has_its_number() {
        let mut before = Day::from_ordinal(1);
        assert_eq!(before, Day { year: 1, month: 1, day: 1 });
        for n in 1..=MAX_ORDINAL {
            let day = Day::from_ordinal(n);
            assert_eq!(day.ordinal(), n);
            assert!(n == 1 || before < day);
            before = day;
        }
        assert_eq!(before, Day { year: 9999, month: 12, day: 31 });
    }

    #[test]
    fn iso_dates_there_and_back() {
        for n in (8..MAX_ORDINAL).step_by(13) {
            let day = Day::from_ordinal(n);
            let (year, week, weekday) = day.iso();
            assert_eq!(from_iso(year, week, weekday), Ok(day));
        }
    }
}

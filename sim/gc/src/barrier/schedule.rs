//! Schedules: when a marker does what, in a form that people can type.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// When an object is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// As soon as it is grey.
    Grey,
    /// When so many heap events have happened, if it is grey by then.
    After(usize),
}

/// A scan that does not wait until marking ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scan {
    /// Number of the object, from 1.
    pub object: u32,
    /// When.
    pub when: When,
}

/// One way in which a marker may run beside the program: when marking begins, when the roots are scanned, when marking ends,
/// and which objects are scanned before that. All others are scanned when it ends.
///
/// Written `3-4-7:5,6@120`: marking begins at GC point 3, roots are scanned at point 4, marking ends at point 7; object #5 is
/// scanned as soon as it is grey, #6 after 120 heap events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule {
    /// The point at which marking begins.
    pub start: u32,
    /// The point at which the roots are scanned, not before that.
    pub roots: u32,
    /// The point at which marking ends, not before that.
    pub end: u32,
    /// Scans that do not wait until then.
    pub scans: Vec<Scan>,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.start, self.roots, self.end)?;
        for (n, scan) in self.scans.iter().enumerate() {
            f.write_str(if n == 0 { ":" } else { "," })?;
            match scan.when {
                When::Grey => write!(f, "{}", scan.object)?,
                When::After(events) => write!(f, "{}@{events}", scan.object)?,
            }
        }
        Ok(())
    }
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleError {
    /// It does not look like one.
    Form,
    /// This is no number, or too large.
    Number(String),
    /// Marking begins, roots are scanned and marking ends in another order.
    Order,
    /// Objects are numbered from 1.
    NoObject,
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("a schedule looks like 3-4-7 or 3-4-7:5,6@120"),
            Self::Number(text) => write!(f, "`{text}` is no number"),
            Self::Order => f.write_str("the three points must be in ascending order"),
            Self::NoObject => f.write_str("objects are numbered from 1"),
        }
    }
}

impl Error for ScheduleError {}

fn number<T: FromStr>(text: &str) -> Result<T, ScheduleError> {
    text.parse().map_err(|_| ScheduleError::Number(text.to_owned()))
}

fn scan(text: &str) -> Result<Scan, ScheduleError> {
    let (object, when) = match text.split_once('@') {
        Some((object, events)) => (object, When::After(number(events)?)),
        None => (text, When::Grey),
    };
    match number(object)? {
        0 => Err(ScheduleError::NoObject),
        object => Ok(Scan { object, when }),
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let (points, scans) = text.split_once(':').unwrap_or((text, ""));
        let points: Vec<u32> = points.split('-').map(number).collect::<Result<_, _>>()?;
        let [start, roots, end] = points[..] else { return Err(ScheduleError::Form) };
        if start > roots || roots > end {
            return Err(ScheduleError::Order);
        }
        let scans = scans.split(',').filter(|scan| !scan.is_empty()).map(scan).collect::<Result<_, _>>()?;
        Ok(Self { start, roots, end, scans })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_read_back_as_it_was_written() {
        for text in ["0-0-1", "3-4-7:5", "3-4-7:5,6@120,12"] {
            assert_eq!(text.parse::<Schedule>().expect("a schedule").to_string(), text);
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_reason() {
        let refused = |text: &str| text.parse::<Schedule>().expect_err("no schedule");
        assert_eq!(refused("3-4"), ScheduleError::Form);
        assert_eq!(refused("3-4-7-9"), ScheduleError::Form);
        assert_eq!(refused("4-3-7"), ScheduleError::Order);
        assert_eq!(refused("4-5-3"), ScheduleError::Order);
        assert_eq!(refused("1-2-3:0"), ScheduleError::NoObject);
        assert_eq!(refused("1-x-3"), ScheduleError::Number("x".into()));
        assert_eq!(refused("1-2-3:4@"), ScheduleError::Number(String::new()));
        assert_eq!(refused(""), ScheduleError::Number(String::new()));
        assert_eq!(refused("99999999999-1-2"), ScheduleError::Number("99999999999".into()));
    }
}

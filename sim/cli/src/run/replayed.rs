//! Replays: what the collector, the stack or a marker is told to do at a point, instead of examining all of them.

use rcsim_diag::Diagnostic;

use super::settings::Collector;

impl Collector {
    /// What is really done, in words; nothing when the points are examined.
    pub fn really(&self) -> Option<String> {
        match self {
            Self { collect_at: Some(point), .. } => Some(format!("collected at point {point}")),
            Self { move_at: Some(point), .. } => Some(format!("moved the stack at point {point}")),
            Self { mark: Some(schedule), .. } => Some(format!("marked as in {schedule}")),
            _ => None,
        }
    }

    /// The last point at which something is to happen.
    fn last_point(&self) -> Option<u32> {
        self.collect_at.or(self.move_at).or(self.mark.as_ref().map(|schedule| schedule.end))
    }

    /// What is wrong when a run had so many points only: nothing of the kind was done there.
    pub fn beyond(&self, points: u32) -> Option<Diagnostic> {
        let point = self.last_point().filter(|point| *point >= points)?;
        let error = Diagnostic::input(format!("the run has no GC point {point}"));
        Some(match points {
            0 => error.with_help("it has none at all; `points` under [gc] says where they are"),
            1 => error.with_help("it has point 0 only"),
            _ => error.with_help(format!("it has {points} of them, 0 to {}", points - 1)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Collector;

    fn at(point: u32) -> Collector {
        Collector { collect_at: Some(point), ..Collector::default() }
    }

    #[test]
    fn a_point_is_one_of_those_that_the_run_has() {
        assert!(at(5).beyond(6).is_none());
        assert!(at(6).beyond(6).is_some() && at(0).beyond(0).is_some());
        assert!(Collector::default().beyond(0).is_none());
        let mark = "1-2-6".parse().expect("a schedule");
        let marking = Collector { mark: Some(mark), ..Collector::default() };
        assert!(marking.beyond(6).is_some() && marking.beyond(7).is_none());
    }

    #[test]
    fn what_is_done_is_told() {
        assert_eq!(at(2).really().as_deref(), Some("collected at point 2"));
        assert_eq!(Collector::default().really(), None);
    }
}

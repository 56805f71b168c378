//! The life of a heap object: one state machine, total.
//!
//! | state | represents | allows | rejects |
//! |---|---|---|---|
//! | `Allocated` | no point has looked at it yet | any use | its memory being given away |
//! | `Reachable` | every point so far has reached it | any use | its memory being given away |
//! | `Condemned` | some point has not reached it: a collection there frees it | to be forgotten | any use, and to be reached again |
//! | `Dangling` | it was reached again after such a point: a scan reads a pointer to freed memory | to be reached and missed | any use |
//! | `Misused` | it was used after such a point | anything: it is told once | nothing |
//! | `Freed` | a collection has really freed it | its memory being given away | any use, and to be reached again |
//! | `Reused` | its memory belongs to another object | anything: its addresses mean the other | nothing |

/// Where an object stands. The table of the module's text says what each state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No point has looked at it yet.
    Allocated,
    /// Every point so far has reached it.
    Reachable,
    /// A point has not reached it.
    Condemned,
    /// It was reached again after a point that had not reached it.
    Dangling,
    /// It was used after a point that had not reached it, or given away while it was alive.
    Misused,
    /// A collection has freed it.
    Freed,
    /// Its memory belongs to another object.
    Reused,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A point has reached it.
    Reached,
    /// A point has not reached it.
    Missed,
    /// The program has read or written it.
    Used,
    /// A collection has freed it.
    Freed,
    /// The allocator has given its memory away.
    Reused,
}

impl State {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Allocated,
        Self::Reachable,
        Self::Condemned,
        Self::Dangling,
        Self::Misused,
        Self::Freed,
        Self::Reused,
    ];

    /// What becomes of an object.
    #[must_use]
    pub const fn after(self, event: Event) -> Self {
        match self {
            Self::Allocated => match event {
                Event::Reached => Self::Reachable,
                Event::Missed => Self::Condemned,
                Event::Used => Self::Allocated,
                Event::Freed => Self::Freed,
                Event::Reused => Self::Misused,
            },
            Self::Reachable => match event {
                Event::Reached | Event::Used => Self::Reachable,
                Event::Missed => Self::Condemned,
                Event::Freed => Self::Freed,
                Event::Reused => Self::Misused,
            },
            Self::Condemned => match event {
                Event::Reached => Self::Dangling,
                Event::Missed => Self::Condemned,
                Event::Used | Event::Reused => Self::Misused,
                Event::Freed => Self::Freed,
            },
            Self::Dangling => match event {
                Event::Reached | Event::Missed => Self::Dangling,
                Event::Used | Event::Reused => Self::Misused,
                Event::Freed => Self::Freed,
            },
            Self::Misused => match event {
                Event::Reached | Event::Missed | Event::Used | Event::Freed | Event::Reused => Self::Misused,
            },
            Self::Freed => match event {
                Event::Reached => Self::Dangling,
                Event::Missed | Event::Freed => Self::Freed,
                Event::Used => Self::Misused,
                Event::Reused => Self::Reused,
            },
            Self::Reused => match event {
                Event::Reached | Event::Missed | Event::Used | Event::Freed | Event::Reused => Self::Reused,
            },
        }
    }

    /// Whether a use now would be of memory that a collection could have freed.
    #[must_use]
    pub const fn is_doomed(self) -> bool {
        match self {
            Self::Condemned | Self::Dangling | Self::Misused | Self::Freed => true,
            Self::Allocated | Self::Reachable | Self::Reused => false,
        }
    }
}

impl Event {
    /// All events.
    pub const ALL: [Self; 5] = [Self::Reached, Self::Missed, Self::Used, Self::Freed, Self::Reused];
}

#[cfg(test)]
mod tests {
    use super::Event::{Freed, Missed, Reached, Reused, Used};
    use super::{Event, State};

    /// One row a state, one column an event, in the order of `ALL`.
    const TABLE: [(State, [State; 5]); 7] = {
        use State::{Allocated, Condemned, Dangling, Freed, Misused, Reachable, Reused};
        [
            (Allocated, [Reachable, Condemned, Allocated, Freed, Misused]),
            (Reachable, [Reachable, Condemned, Reachable, Freed, Misused]),
            (Condemned, [Dangling, Condemned, Misused, Freed, Misused]),
            (Dangling, [Dangling, Dangling, Misused, Freed, Misused]),
            (Misused, [Misused, Misused, Misused, Misused, Misused]),
            (Freed, [Dangling, Freed, Misused, Freed, Reused]),
            (Reused, [Reused, Reused, Reused, Reused, Reused]),
        ]
    };

    #[test]
    fn every_event_in_every_state_leads_where_the_table_says() {
        assert_eq!(TABLE.map(|row| row.0), State::ALL);
        for (state, row) in TABLE {
            for (event, next) in Event::ALL.into_iter().zip(row) {
                assert_eq!(state.after(event), next, "{state:?}, {event:?}");
            }
        }
    }

    #[test]
    fn nothing_that_was_freed_or_condemned_becomes_sound_again() {
        for state in State::ALL.into_iter().filter(|state| state.is_doomed()) {
            for event in Event::ALL {
                let next = state.after(event);
                assert!(next.is_doomed() || next == State::Reused, "{state:?}, {event:?}");
            }
        }
    }

    #[test]
    fn a_use_is_misuse_exactly_where_it_is_rejected() {
        for state in State::ALL {
            assert_eq!(state.after(Used) == State::Misused, state.is_doomed(), "{state:?}");
        }
    }

    #[test]
    fn a_sound_life_ends_in_reuse() {
        let life = [Used, Reached, Used, Reached, Freed, Missed, Reused, Used];
        assert_eq!(life.into_iter().fold(State::Allocated, State::after), State::Reused);
        assert_eq!(
            [Reached, Missed, Reached].into_iter().fold(State::Allocated, State::after),
            State::Dangling
        );
    }
}

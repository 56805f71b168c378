//! A stream prefetcher: lines that follow each other within a page are fetched ahead.

/// Streams that are followed at the same time: what Intel's optimisation manual states for the data prefetcher of the
/// second level is one per page and 32 in all; half of that serves as well here.
const STREAMS: usize = 16;
/// Steps in one direction before lines are fetched ahead.
const STEPS: u8 = 2;

#[derive(Clone, Copy, Debug, Default)]
struct Stream {
    page: u64,
    line: u64,
    up: bool,
    steps: u8,
    used: u64,
}

/// Follows streams.
#[derive(Clone, Debug)]
pub struct Prefetcher {
    streams: [Stream; STREAMS],
    lines_per_page: u64,
    ahead: u64,
    clock: u64,
}

impl Prefetcher {
    /// A prefetcher that stays so many lines ahead.
    #[must_use]
    pub fn new(line_bytes: u32, ahead: u32) -> Self {
        Self {
            streams: [Stream::default(); STREAMS],
            lines_per_page: u64::from(4096 / line_bytes).max(1),
            ahead: u64::from(ahead),
            clock: 0,
        }
    }

    /// A line was accessed: the lines to fetch, first to last, none when the range is empty. They never leave the page.
    pub fn accessed(&mut self, line: u64) -> impl Iterator<Item = u64> + use<> {
        self.clock += 1;
        let page = line / self.lines_per_page + 1;
        let slot = self.slot(page);
        let (ahead, first) = (self.ahead, (page - 1) * self.lines_per_page);
        let stream = &mut self.streams[slot];
        stream.used = self.clock;
        let up = line > stream.line;
        if stream.page != page {
            *stream = Stream { page, line, up: true, steps: 0, used: self.clock };
        } else if line != stream.line {
            stream.steps = if up == stream.up { (stream.steps + 1).min(STEPS) } else { 1 };
            (stream.line, stream.up) = (line, up);
        }
        let count = if stream.steps >= STEPS { ahead } else { 0 };
        let last = first + self.lines_per_page - 1;
        let up = stream.up;
        (1..=count)
            .map_while(move |n| if up { line.checked_add(n) } else { line.checked_sub(n) })
            .take_while(move |next| (first..=last).contains(next))
    }

    fn slot(&self, page: u64) -> usize {
        let known = self.streams.iter().position(|stream| stream.page == page);
        known.unwrap_or_else(|| {
            let oldest = (0..STREAMS).min_by_key(|slot| self.streams[*slot].used);
            oldest.unwrap_or(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Prefetcher;

    #[test]
    fn the_third_line_in_a_row_fetches_ahead_up_to_the_end_of_the_page() {
        let mut streams = Prefetcher::new(64, 4);
        assert_eq!(streams.accessed(58).count(), 0);
        assert_eq!(streams.accessed(59).count(), 0);
        assert_eq!(streams.accessed(60).collect::<Vec<_>>(), [61, 62, 63]);
    }

    #[test]
    fn a_stream_may_go_down() {
        let mut streams = Prefetcher::new(64, 2);
        let _ = (streams.accessed(9).count(), streams.accessed(8).count(), streams.accessed(7).count());
        assert_eq!(streams.accessed(6).collect::<Vec<_>>(), [5, 4]);
    }
}

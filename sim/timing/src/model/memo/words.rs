//! A core's state as numbers: cycles relative to the one that dispatch has come to, so that states compare.

/// Writes.
#[derive(Default)]
pub struct Writer {
    words: Vec<u32>,
    now: u64,
    too_far: bool,
}

impl Writer {
    /// A new state, seen from cycle `now`.
    pub fn begin(&mut self, now: u64) {
        self.words.clear();
        (self.now, self.too_far) = (now, false);
    }

    /// The state, unless something in it is too far away to be told.
    pub fn finish(&self) -> Option<&[u32]> {
        (!self.too_far).then_some(&self.words)
    }

    /// The cycle that others are relative to.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// A small number.
    #[inline]
    pub fn number(&mut self, number: u32) {
        self.words.push(number);
    }

    /// An address.
    #[inline]
    pub fn address(&mut self, address: u64) {
        self.words.extend([address as u32, (address >> 32) as u32]);
    }

    /// A cycle, before or after now.
    #[inline]
    pub fn cycle(&mut self, at: u64) {
        let from_now = at.wrapping_sub(self.now) as i64;
        self.too_far |= i32::try_from(from_now).is_err();
        self.words.push(from_now as u32);
    }

    /// How many operations ago an operation was.
    #[inline]
    pub fn back(&mut self, back: u64) {
        self.too_far |= u32::try_from(back).is_err();
        self.words.push(back as u32);
    }

    /// Cycles in order, each `least` at least; equal neighbours are told once.
    pub fn cycles(&mut self, all: impl Iterator<Item = u64>, least: u64) {
        let mut run: Option<(u64, u32)> = None;
        for cycle in all.map(|cycle| cycle.max(least)) {
            match &mut run {
                Some((same, count)) if *same == cycle => *count += 1,
                _ => {
                    if let Some((before, count)) = run.replace((cycle, 1)) {
                        self.number(count);
                        self.cycle(before);
                    }
                }
            }
        }
        if let Some((last, count)) = run {
            self.number(count);
            self.cycle(last);
        }
    }
}

/// Reads what a [`Writer`] wrote, seen from another cycle.
pub struct Reader<'a> {
    words: std::slice::Iter<'a, u32>,
    now: u64,
}

impl<'a> Reader<'a> {
    /// This state, at cycle `now`.
    pub fn new(words: &'a [u32], now: u64) -> Self {
        Self { words: words.iter(), now }
    }

    /// The cycle that others are relative to.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// A small number.
    #[inline]
    pub fn number(&mut self) -> u32 {
        // A reader asks for what a writer of the same core wrote; nothing is left to be read too often.
        self.words.next().copied().unwrap_or(0)
    }

    /// An address.
    pub fn address(&mut self) -> u64 {
        let low = u64::from(self.number());
        low | u64::from(self.number()) << 32
    }

    /// A cycle.
    #[inline]
    pub fn cycle(&mut self) -> u64 {
        self.now.wrapping_add_signed(i64::from(self.number() as i32))
    }

    /// Fills with cycles in order.
    pub fn cycles(&mut self, places: &mut [u64]) {
        let mut at = 0;
        while at < places.len() {
            let count = (self.number() as usize).clamp(1, places.len() - at);
            let cycle = self.cycle();
            places[at..at + count].fill(cycle);
            at += count;
        }
    }
}

//! The store queue: which loads take their value from it, and which must wait.

/// Granules of memory that the queue is searched by, in bytes.
const GRANULE: u64 = 8;
/// Granules that are remembered: more than any core's queue holds, so that few share a place.
const PLACES: usize = 4096;

/// A store that may not have reached the cache yet.
#[derive(Clone, Copy, Debug)]
struct Store {
    addr: u64,
    bytes: u32,
    data_ready: u64,
    in_cache: u64,
    op: u64,
}

impl Store {
    /// After its last byte.
    #[inline]
    const fn end(&self) -> u64 {
        self.addr.saturating_add(self.bytes as u64)
    }

    /// Whether it stores any of these bytes.
    #[inline]
    const fn meets(&self, addr: u64, end: u64) -> bool {
        self.addr < end && addr < self.end()
    }
}

/// What the queue means to a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: the cache serves it.
    Nothing,
    /// A store has all of it, from this cycle on. The store's operation is given.
    All {
        /// When the data is known.
        ready: u64,
        /// Number of the storing operation.
        op: u64,
    },
    /// A store has a part of it, so the load waits until that store is in the cache.
    Part {
        /// When it is there.
        in_cache: u64,
        /// Number of the storing operation.
        op: u64,
    },
    /// A store is to an address that is the same modulo 4 KiB.
    Alias,
}

/// The stores of a program, by where they store.
pub struct Stores {
    by_granule: Box<[Store; PLACES]>,
    /// Empty where addresses that are the same modulo 4 KiB are told apart at once.
    by_offset: Vec<Store>,
}

const NONE: Store = Store { addr: u64::MAX, bytes: 0, data_ready: 0, in_cache: 0, op: 0 };

impl Stores {
    /// An empty queue, in which loads may meet stores to addresses that are the same modulo 4 KiB, or not.
    #[must_use]
    pub fn new(aliases: bool) -> Self {
        let offsets = if aliases { 4096 / GRANULE as usize } else { 0 };
        Self { by_granule: Box::new([NONE; PLACES]), by_offset: vec![NONE; offsets] }
    }

    /// A store whose data is known at `data_ready` and which reaches the cache at `in_cache`.
    #[inline]
    pub fn store(&mut self, addr: u64, bytes: u32, data_ready: u64, in_cache: u64, op: u64) {
        let store = Store { addr, bytes, data_ready, in_cache, op };
        let mut granule = addr / GRANULE;
        let last = (addr + u64::from(bytes.max(1)) - 1) / GRANULE;
        while granule <= last {
            self.by_granule[granule as usize % PLACES] = store;
            if let Some(place) = self.by_offset.get_mut(granule as usize % (4096 / GRANULE as usize)) {
                *place = store;
            }
            granule += 1;
        }
    }

    /// Whether a load that starts at cycle `at` meets no store; if not, it may meet one.
    #[inline]
    #[must_use]
    pub fn is_clear(&self, addr: u64, bytes: u32, at: u64) -> bool {
        let end = addr + u64::from(bytes.max(1));
        let (first, last) = (addr / GRANULE, (end - 1) / GRANULE);
        let passed = |granule: u64| {
            let store = &self.by_granule[granule as usize % PLACES];
            store.in_cache <= at || !store.meets(addr, end)
        };
        let passed = passed(first) && (first == last || last - first == 1 && passed(last));
        passed && self.alias(first, addr, at) == Found::Nothing
    }

    /// When the data of a load that starts at cycle `at` is known, and which operation stores it, if a store has all of it. Nothing
    /// when that store does not stand first where it is looked for.
    #[inline]
    #[must_use]
    pub fn forwards(&self, addr: u64, bytes: u32, at: u64) -> Option<(u64, u64)> {
        let end = addr + u64::from(bytes.max(1));
        let first = addr / GRANULE;
        let store = &self.by_granule[first as usize % PLACES];
        let all = store.in_cache > at && store.addr <= addr && end <= store.end();
        (all && (end - 1) / GRANULE == first).then_some((store.data_ready, store.op))
    }

    /// What a load that starts at cycle `at` finds.
    #[inline]
    #[must_use]
    pub fn find(&self, addr: u64, bytes: u32, at: u64) -> Found {
        let end = addr + u64::from(bytes.max(1));
        let (first, last) = (addr / GRANULE, (end - 1) / GRANULE);
        let mut newest: Option<&Store> = None;
        for granule in first..=last {
            let store = &self.by_granule[granule as usize % PLACES];
            if store.in_cache > at && store.meets(addr, end) && newest.is_none_or(|known| known.op < store.op)
            {
                newest = Some(store);
            }
        }
        match newest {
            Some(store) if store.addr <= addr && end <= store.end() => {
                // Another store to a part of it, older than this one, has been overwritten.
                Found::All { ready: store.data_ready, op: store.op }
            }
            Some(store) => Found::Part { in_cache: store.in_cache, op: store.op },
            None => self.alias(first, addr, at),
        }
    }

    #[inline]
    fn alias(&self, granule: u64, addr: u64, at: u64) -> Found {
        let Some(store) = self.by_offset.get(granule as usize % (4096 / GRANULE as usize)) else {
            return Found::Nothing;
        };
        let other_page = store.bytes > 0 && store.addr / 4096 != addr / 4096;
        if other_page && store.in_cache > at { Found::Alias } else { Found::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Stores};

    #[test]
    fn a_load_takes_its_value_from_the_store_that_has_all_of_it() {
        let mut stores = Stores::new(true);
        stores.store(0x1000, 8, 50, 90, 1);
        assert_eq!(stores.find(0x1004, 4, 40), Found::All { ready: 50, op: 1 });
        assert_eq!(stores.find(0x1000, 8, 90), Found::Nothing);
    }

    #[test]
    fn a_load_of_more_than_was_stored_waits_for_the_cache() {
        let mut stores = Stores::new(true);
        stores.store(0x1000, 4, 50, 90, 1);
        assert_eq!(stores.find(0x1000, 8, 40), Found::Part { in_cache: 90, op: 1 });
        assert_eq!(stores.find(0x1004, 4, 40), Found::Nothing);
    }

    #[test]
    fn the_same_offset_in_another_page_is_an_alias() {
        let mut stores = Stores::new(true);
        stores.store(0x1008, 8, 50, 90, 1);
        assert_eq!(stores.find(0x5008, 8, 40), Found::Alias);
        assert_eq!(stores.find(0x5010, 8, 40), Found::Nothing);
    }
}

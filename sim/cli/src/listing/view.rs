//! Code as bytes at addresses, for whoever only reads it.

use rcsim_uop::CodeView;

/// Stretches of code. Nothing in it runs, so there are no hooks.
#[derive(Default)]
pub struct View {
    /// Address of the first byte, and the bytes.
    stretches: Vec<(u64, Vec<u8>)>,
}

impl View {
    /// Adds code.
    pub fn add(&mut self, address: u64, bytes: &[u8]) {
        self.stretches.push((address, bytes.to_vec()));
    }

    /// Up to `len` bytes at an address.
    pub fn bytes(&self, address: u64, len: usize) -> &[u8] {
        let inside =
            |(start, bytes): &&(u64, Vec<u8>)| address >= *start && address - start < bytes.len() as u64;
        let Some((start, bytes)) = self.stretches.iter().find(inside) else { return &[] };
        let from = (address - start) as usize;
        &bytes[from..bytes.len().min(from + len)]
    }
}

impl CodeView for View {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let found = self.bytes(pc, out.len());
        out[..found.len()].copy_from_slice(found);
        found.len()
    }

    fn hook(&self, _pc: u64) -> Option<u32> {
        None
    }
}

#[cfg(test)]
mod tests {
    use rcsim_uop::CodeView;

    use super::View;

    #[test]
    fn fetch_stops_at_the_end_of_a_stretch() {
        let mut view = View::default();
        view.add(0x100, &[1, 2, 3]);
        let mut out = [0; 4];
        assert_eq!((view.fetch(0x101, &mut out), out), (2, [2, 3, 0, 0]));
        assert_eq!(view.fetch(0x103, &mut out), 0);
        assert_eq!(view.fetch(0xff, &mut out), 0);
    }
}

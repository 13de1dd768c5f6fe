//! The pieces of a PNG file, to know where it ends.

/// Goes along a PNG file after its signature, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Png {
    /// Length and type of the next piece, as far as they came.
    head: Vec<u8>,
    /// Bytes of this piece that are still to come, its checksum included.
    left: u64,
    /// Whether the last piece was announced.
    last: bool,
    /// What follows the last piece.
    pub(super) behind: u64,
}

impl Png {
    /// Whether the last piece came whole.
    pub(super) fn ended(&self) -> bool {
        self.last && self.left == 0
    }
    /// Takes what came next.
    pub(super) fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let here = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if self.left > 0 {
                let taken = self.left.min(here);
                self.left -= taken;
                bytes = &bytes[usize::try_from(taken).unwrap_or(bytes.len())..];
            } else if self.last {
                self.behind += here;
                return;
            } else {
                self.head.push(bytes[0]);
                bytes = &bytes[1..];
                self.begin();
            }
        }
    }
    fn begin(&mut self) {
        let Ok(head) = <[u8; 8]>::try_from(&self.head[..]) else { return };
        let [a, b, c, d, kind @ ..] = head;
        self.left = u64::from(u32::from_be_bytes([a, b, c, d])) + 4;
        self.last = &kind == b"IEND";
        self.head.clear();
    }
}

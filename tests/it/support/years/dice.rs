//! Chance that is the same on every run.

/// splitmix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Each seed has a run of its own.
    pub fn new(seed: usize) -> Self {
        Self(u64::try_from(seed).unwrap_or(0).wrapping_mul(0xA076_1D64_78BD_642F))
    }
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.bits() % u64::from(end.max(1))).unwrap_or(0)
    }
    /// One of them.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let all = u32::try_from(of.len()).unwrap_or(u32::MAX);
        &of[usize::try_from(self.below(all)).unwrap_or(0)]
    }
}

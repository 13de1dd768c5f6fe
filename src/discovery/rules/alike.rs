//! Which texts are alike: how many of their runs of three words they share (MinHash), and the bands
//! by which those that may be alike are found without comparing all with all.
//!
//! The hashes are kept: changing them here means making all signatures anew.

/// Numbers in a signature.
pub const NUMBERS: usize = 64;
/// Bands of a signature: texts that share seven tenths of their runs share a band in all but one of
/// a hundred cases, those that share a fifth in two of a hundred.
pub const BANDS: usize = 16;
const ROWS: usize = NUMBERS / BANDS;
/// Words to a run.
const RUN: usize = 3;

/// What is kept of a text: for each of 64 hashes the least over all of its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature([u32; NUMBERS]);

fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

fn hashed(run: &[&str]) -> u64 {
    let bytes = run.iter().flat_map(|word| word.bytes().chain([0]));
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    mixed(hash)
}

impl Signature {
    /// Of a text; none where it has fewer words than a run.
    pub fn of(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let words: Vec<&str> =
            lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.len() < RUN {
            return None;
        }
        let mut least = [u32::MAX; NUMBERS];
        for run in words.windows(RUN) {
            let hash = hashed(run);
            for (seed, least) in (1_u64..).zip(&mut least) {
                let hash = mixed(hash ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
                *least = (*least).min(u32::try_from(hash >> 32).unwrap_or(u32::MAX));
            }
        }
        Some(Self(least))
    }
    /// As it is kept.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_be_bytes()).collect()
    }
    /// From what was kept.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut numbers = [0; NUMBERS];
        if bytes.len() != NUMBERS * 4 {
            return None;
        }
        for (number, four) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
            *number = u32::from_be_bytes(four.try_into().ok()?);
        }
        Some(Self(numbers))
    }
    /// Its bands: texts that share one are worth comparing.
    pub fn bands(&self) -> Vec<i64> {
        let band = |rows: &[u32]| {
            let hash = rows.iter().fold(0, |hash, row| mixed(hash ^ u64::from(*row)));
            i64::from_be_bytes(hash.to_be_bytes())
        };
        self.0.chunks_exact(ROWS).map(band).collect()
    }
    /// How much two texts share, in hundredths.
    pub fn shares(&self, other: &Self) -> i64 {
        let same = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        i64::try_from(same * 100 / NUMBERS).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(from: u32, to: u32) -> String {
        (from..to).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ")
    }
    fn of(text: &str) -> Signature {
        Signature::of(text).expect("it has words")
    }
    fn share_a_band(a: &Signature, b: &Signature) -> bool {
        a.bands().iter().zip(b.bands()).any(|(a, b)| *a == b)
    }

    #[test]
    fn the_same_words_are_the_same_text() {
        assert_eq!(of("We grind, it; ourselves"), of("we GRIND it — ourselves!"));
        assert_ne!(of("we grind it ourselves"), of("we grind them ourselves"));
        assert_eq!(Signature::of("two words"), None);
        assert_eq!(Signature::of(""), None);
    }

    #[test]
    fn what_is_shared_is_told_roughly() {
        let whole = of(&text(0, 300));
        assert_eq!(whole.shares(&whole), 100);
        // 200 of 400 runs.
        let half = of(&text(100, 400));
        assert!((35..=65).contains(&whole.shares(&half)), "{}", whole.shares(&half));
        let other = of(&text(1_000, 1_300));
        assert!(whole.shares(&other) <= 5);
        assert!(!share_a_band(&whole, &other));
    }

    #[test]
    fn what_was_copied_and_changed_a_little_is_found() {
        let whole = of(&text(0, 300));
        for cut in [1, 10, 30] {
            let copy = of(&format!("{} {}", text(cut, 300), text(5_000, 5_000 + cut)));
            assert!(share_a_band(&whole, &copy), "{cut}");
        }
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let whole = of(&text(0, 300));
        assert_eq!(Signature::read(&whole.bytes()), Some(whole.clone()));
        assert_eq!(whole.bytes().len(), 256);
        assert_eq!(Signature::read(&whole.bytes()[1..]), None);
        // Kept in databases: a change of these makes all that is kept worthless.
        assert_eq!(whole.bands().len(), BANDS);
    }
}

//! Passwords: which are taken, and how they are kept (argon2id, RFC 9106).

use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::platform::auth::random;
use crate::platform::panics;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, CustomizedPasswordHasher as _, Params, PasswordVerifier, Version};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// 19 MiB, two passes, one lane: OWASP's second recommendation.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Fewest and most characters.
pub const LENGTH: std::ops::RangeInclusive<usize> = 10..=256;
/// Waiting for each that is being hashed; more are told to come back.
const QUEUE: usize = 32;

/// Words that too many passwords are made of.
const COMMON: &str = include_str!("common_passwords.txt");

/// Hashes passwords, a few at a time: each takes 19 MiB and some 20 ms of a processor, so that
/// many at once would be a way to stop the service.
#[derive(Debug, Clone)]
pub struct Hasher {
    slots: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
}

impl Hasher {
    /// At most `parallel` at the same time.
    pub fn new(parallel: usize) -> Self {
        let most_waiting = parallel.saturating_mul(QUEUE);
        Self {
            slots: Arc::new(Semaphore::new(parallel)),
            waiting: Arc::new(AtomicUsize::new(0)),
            most_waiting,
        }
    }

    /// A hash to keep, as a PHC string.
    ///
    /// # Errors
    /// Too many requests, when too many wait already.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, Problem> {
        self.run(move || hash_now(&password)).await?
    }

    /// Whether the password is the one that was hashed. Without a hash (no such account) it takes
    /// as long and says no.
    ///
    /// # Errors
    /// Too many requests, when too many wait already; an internal problem if the hash is damaged.
    pub async fn verify(
        &self,
        password: Zeroizing<String>,
        kept: Option<String>,
    ) -> Result<bool, Problem> {
        self.run(move || verify_now(&password, kept.as_deref())).await?
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let place = Place::take(&self.waiting, self.most_waiting)?;
        let slot = self.slots.clone().acquire_owned().await.map_err(Problem::internal)?;
        drop(place);
        // The slot goes along: a caller who hangs up does not make room before the work ends.
        let work = move || {
            let result = work();
            drop(slot);
            result
        };
        panics::blocking(work).await
    }
}

/// A place in the queue, given back also when the caller hangs up.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, most: usize) -> Result<Self, Problem> {
        let place = Self(waiting.clone());
        if waiting.fetch_add(1, Ordering::SeqCst) >= most {
            return Err(Problem::new(
                Kind::TooManyRequests,
                "Too many people are logging in at this moment.",
            )
            .retry_after(2));
        }
        Ok(place)
    }
}
impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A password that nobody has yet: four groups of five letters and digits, 100 bits. None of them
/// is easily taken for another.
pub fn generate() -> Zeroizing<String> {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut password = Zeroizing::new(String::new());
    while password.len() < 23 {
        if password.len() % 6 == 5 {
            password.push('-');
            continue;
        }
        // Drawn again above the largest multiple: each letter is as likely as any other.
        let [byte] = random::<1>();
        if usize::from(byte) < 256 / LETTERS.len() * LETTERS.len() {
            password.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        }
    }
    password
}

/// As [`Hasher::hash`], at once and without a bound: for the command line and for tests.
///
/// # Errors
/// An internal problem when there is no memory for it.
pub fn hash_now(password: &str) -> Result<String, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|e| Problem::internal(e.to_string()))?;
    let salt = random::<16>();
    let clean = normal(password);
    argon2()
        .hash_password_customized(clean.as_bytes(), &salt, Some("argon2id"), None, params)
        .map(|hash| hash.to_string())
        .map_err(|e| Problem::internal(e.to_string()))
}

/// As [`Hasher::verify`], at once and without a bound: for the command line and for tests.
///
/// # Errors
/// An internal problem if the hash is damaged.
pub fn verify_now(password: &str, kept: Option<&str>) -> Result<bool, Problem> {
    static DUMMY: OnceLock<String> = OnceLock::new();
    let clean = normal(password);
    let Some(kept) = kept else {
        let dummy = match DUMMY.get() {
            Some(dummy) => dummy,
            None => {
                let made = hash_now(&text::hex(&random::<16>()))?;
                DUMMY.get_or_init(|| made)
            }
        };
        verify_phc(&clean, dummy)?;
        return Ok(false);
    };
    verify_phc(&clean, kept)
}

fn verify_phc(password: &str, phc: &str) -> Result<bool, Problem> {
    let hash = PasswordHash::new(phc).map_err(|e| Problem::internal(e.to_string()))?;
    match argon2().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(e) => Err(Problem::internal(e.to_string())),
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// The same keys pressed on another machine may send other code points (NIST SP 800-63B
/// section 3.1.1.2 asks for NFKC or NFKD).
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

/// Why a password is not taken: a stable code, and a sentence for the person.
pub type Weakness = (&'static str, &'static str);

/// Whether a new password may be used by the person with this e-mail address.
///
/// # Errors
/// The first weakness found.
pub fn check(password: &str, email: &str) -> Result<(), Weakness> {
    let clean = normal(password);
    let length = clean.chars().count();
    if length < *LENGTH.start() {
        return Err(("too_short", "use at least 10 characters; a few words do well"));
    }
    if length > *LENGTH.end() {
        return Err(("too_long", "use at most 256 characters"));
    }
    if clean.chars().any(char::is_control) {
        return Err(("malformed", "leave out control characters"));
    }
    let lower = Zeroizing::new(clean.to_lowercase());
    if is_common(&lower) {
        return Err(("common", "many people use this one, and it is tried first; use another"));
    }
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local).to_lowercase();
    if local.chars().count() >= 3 && lower.contains(&local) {
        return Err(("contains_email", "leave your e-mail address out of it"));
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let bare = |word: &str| core.trim_start_matches(word).is_empty();
    let listed = |word: &str| lower == word || core == word || (!core.is_empty() && bare(word));
    COMMON.lines().filter(|w| !w.is_empty()).any(listed) || repeats(lower) || runs(lower)
}

/// One to five characters over and over, as in `abcabcabcabc`.
fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=5).any(|n| chars.iter().skip(n).zip(&chars).all(|(a, b)| a == b))
}

/// Up or down the alphabet, the digits or a row of keys all along.
fn runs(text: &str) -> bool {
    const ROWS: [&str; 5] =
        ["01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let next = |a: char, b: char| {
        let (forth, back) = ([a, b].iter().collect::<String>(), [b, a].iter().collect::<String>());
        ROWS.iter().any(|row| row.contains(&forth) || row.contains(&back))
    };
    let chars: Vec<char> = text.chars().collect();
    let steps = chars.windows(2).filter(|w| !next(w[0], w[1])).count();
    steps <= 2
}

#[cfg(test)]
mod tests;

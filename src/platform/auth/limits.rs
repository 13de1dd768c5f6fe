//! Limits on what needs no login, counted in this process: guessing passwords, filling mailboxes
//! and keeping the hasher busy get slow, whoever does it from wherever.
//!
//! The stopwatch of the limiter runs evenly whatever happens to the clock.

use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::config::{Limit, Limits as Settings};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

macro_rules! doors { ($( $(#[$doc:meta])* $name:ident = $text:literal, )*) => {
    /// What is tried. Each is counted on its own; the policy table says which use-case is which.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Door { $( $(#[$doc])* $name, )* }
    impl Door {
        /// Its name in the policy table.
        pub const fn as_str(self) -> &'static str { match self { $(Door::$name => $text,)* } }
        /// The one of this name.
        pub const fn named(name: &str) -> Option<Self> {
            $( if same(name, $text) { return Some(Door::$name); } )*
            None
        }
    }
} }

doors! {
    /// Logging in, or showing the present password.
    Login = "login",
    /// Showing a code of the second factor.
    Factor = "factor",
    /// Registering.
    Register = "register",
    /// Confirming an address.
    Confirm = "confirm",
    /// Refreshing a session.
    Refresh = "refresh",
    /// Asking for a link that resets a password.
    AskReset = "ask_reset",
    /// Using such a link.
    Reset = "reset",
    /// Announcing a contribution.
    Announce = "announce",
    /// Taking a whole book or file out, or proving one.
    Export = "export",
    /// Going through people or changes, or looking for something among all there is.
    Search = "search",
    /// Taking a file that hangs on something.
    Download = "download",
    /// Sending one.
    Upload = "upload",
}

impl Door {
    /// Whether passing it sends a mail to the address that is named.
    const fn mails(self) -> bool {
        matches!(self, Door::Register | Door::AskReset | Door::Announce)
    }
    /// Whether it is work that is counted by who asks for it, before anything is read. The others
    /// are tries, counted by the account that the use-case finds in the request.
    pub const fn is_work(self) -> bool {
        matches!(self, Door::Export | Door::Search | Door::Download | Door::Upload)
    }
}

/// Equality of texts, for constants.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// From all addresses together an account may be tried this many times as often; and from one
/// address all people together may do this many times the long work of one.
const FROM_ALL: u32 = 10;
/// Tries between two sweeps of what has come to rest.
const SWEEP: u32 = 1000;

type Address = String;
/// Of a fixed length: strangers name what they like, and a digest of it is all that is kept.
type Account = [u8; 32];

/// All counters of the process.
pub struct Limits {
    account: DefaultKeyedRateLimiter<(Door, Account, Address)>,
    account_from_all: DefaultKeyedRateLimiter<(Door, Account)>,
    codes_from_all: DefaultKeyedRateLimiter<(Door, Account)>,
    address: DefaultKeyedRateLimiter<(Door, Address)>,
    overall: DefaultKeyedRateLimiter<Door>,
    mail: DefaultKeyedRateLimiter<Account>,
    work: DefaultKeyedRateLimiter<(Door, Account)>,
    work_from: DefaultKeyedRateLimiter<(Door, Address)>,
    tries: AtomicU32,
}

impl Limits {
    /// With the limits of the settings.
    pub fn new(settings: &Settings) -> Self {
        let tenfold = |limit: Limit| Limit {
            burst: limit.burst.saturating_mul(FROM_ALL),
            per_hour: limit.per_hour.saturating_mul(FROM_ALL),
        };
        Self {
            account: RateLimiter::keyed(quota(settings.account)),
            account_from_all: RateLimiter::keyed(quota(tenfold(settings.account))),
            codes_from_all: RateLimiter::keyed(quota(settings.account)),
            address: RateLimiter::keyed(quota(settings.address)),
            overall: RateLimiter::keyed(quota(settings.overall)),
            mail: RateLimiter::keyed(quota(settings.mail)),
            work: RateLimiter::keyed(quota(settings.work)),
            work_from: RateLimiter::keyed(quota(tenfold(settings.work))),
            tries: AtomicU32::new(0),
        }
    }

    /// Counts one try, of an account (an e-mail address as typed, or an id) where one is named,
    /// from a network address where it is known.
    ///
    /// # Errors
    /// Too many requests, with the seconds to wait. It tells nothing about whether the account
    /// exists: names are counted before anybody looks them up.
    pub fn check(&self, door: Door, account: Option<&str>, address: Option<&str>) -> Result<()> {
        self.sweep();
        let address = address.map(network).unwrap_or_default();
        passed(self.address.check_key(&(door, address.clone())))?;
        if let Some(account) = account {
            let account = named(account);
            passed(self.account.check_key(&(door, account, address)))?;
            // A code is short, and whoever tries one has shown the password: that no stranger locks
            // somebody out is no reason there to let addresses add up.
            let from_all = match door {
                Door::Factor => &self.codes_from_all,
                _ => &self.account_from_all,
            };
            passed(from_all.check_key(&(door, account)))?;
            if door.mails() {
                passed(self.mail.check_key(&account))?;
            }
        }
        // Last, so that one who is stopped above does not use up what everybody shares.
        passed(self.overall.check_key(&door))
    }

    /// Counts one piece of long work by somebody who is signed in (one office has one address: see
    /// [`FROM_ALL`]).
    ///
    /// # Errors
    /// Too many requests, with the seconds to wait.
    pub fn work(&self, door: Door, person: &str, address: Option<&str>) -> Result<()> {
        self.sweep();
        passed(self.work.check_key(&(door, named(person))))?;
        let address = address.map(network).unwrap_or_default();
        passed(self.work_from.check_key(&(door, address)))?;
        passed(self.overall.check_key(&door))
    }

    /// Forgets from time to time who has come to rest; otherwise each name ever tried would stay.
    fn sweep(&self) {
        if self.tries.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.account.retain_recent();
            self.account_from_all.retain_recent();
            self.codes_from_all.retain_recent();
            self.address.retain_recent();
            self.mail.retain_recent();
            self.work.retain_recent();
            self.work_from.retain_recent();
        }
    }
}

/// The same however it is spelled.
fn named(typed: &str) -> Account {
    Sha256::digest(typed.trim().to_lowercase()).into()
}

fn quota(limit: Limit) -> Quota {
    let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    let pause = Duration::from_secs(3600) / limit.per_hour.max(1);
    Quota::with_period(pause)
        .unwrap_or(Quota::per_hour(at_least_one(limit.per_hour)))
        .allow_burst(at_least_one(limit.burst))
}

fn passed(
    result: std::result::Result<(), NotUntil<<DefaultClock as Clock>::Instant>>,
) -> Result<()> {
    result.map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        Problem::new(Kind::TooManyRequests, format!("Try again in {seconds} seconds."))
            .retry_after(seconds)
    })
}

/// Whoever has an IPv6 address has a /64 of them.
fn network(address: &str) -> Address {
    match address.parse::<IpAddr>().map(|a| a.to_canonical()) {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(v4) => v4.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        let limit = |burst, per_hour| Limit { burst, per_hour };
        Limits::new(&Settings {
            account: limit(3, 60),
            address: limit(20, 60),
            overall: limit(50, 60),
            mail: limit(2, 60),
            work: limit(4, 60),
        })
    }

    fn passes(limits: &Limits, door: Door, account: &str, addresses: &[&str]) -> usize {
        let tries = addresses.iter().map(|a| limits.check(door, Some(account), Some(a)));
        tries.filter(std::result::Result::is_ok).count()
    }

    #[test]
    fn codes_of_one_account_from_all_addresses_together() {
        let limits = limits();
        let addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
        assert_eq!(passes(&limits, Door::Factor, "a", &addresses), 3);
        assert_eq!(passes(&limits, Door::Login, "a", &addresses), 5);
        assert_eq!(passes(&limits, Door::Factor, "b", &addresses), 3);
    }

    #[test]
    fn one_account_from_one_address() {
        let limits = limits();
        assert_eq!(passes(&limits, Door::Login, "a@x.org", &["192.0.2.1"; 9]), 3);
        let refused = limits.check(Door::Login, Some("A@x.org "), Some("192.0.2.1"));
        let refused = refused.expect_err("spelled otherwise");
        assert_eq!(refused.kind(), Kind::TooManyRequests);
        assert!((59..=61).contains(&refused.wait().expect("seconds")), "{:?}", refused.wait());
        assert!(limits.check(Door::Login, Some("a@x.org"), Some("192.0.2.2")).is_ok());
        assert!(limits.check(Door::Login, Some("b@x.org"), Some("192.0.2.1")).is_ok());
        assert!(limits.check(Door::Confirm, Some("a@x.org"), Some("192.0.2.1")).is_ok());
    }

    #[test]
    fn one_account_from_everywhere() {
        let limits = limits();
        let addresses: Vec<String> = (0..40).map(|n| format!("192.0.2.{n}")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        assert_eq!(passes(&limits, Door::Login, "a@x.org", &addresses), 30);
        assert_eq!(passes(&limits, Door::AskReset, "a@x.org", &addresses), 2, "mails are fewer");
        assert_eq!(passes(&limits, Door::Register, "a@x.org", &addresses), 0, "of either kind");
    }

    #[test]
    fn one_network_and_everybody() {
        let limits = limits();
        let accounts = |limits: &Limits, address: &str| {
            let tries = (0..60)
                .map(|n| limits.check(Door::Login, Some(&format!("{n}@x.org")), Some(address)));
            tries.filter(std::result::Result::is_ok).count()
        };
        assert_eq!(accounts(&limits, "2001:db8:1:2::1"), 20);
        assert_eq!(accounts(&limits, "2001:db8:1:2:ffff::9"), 0, "the same /64");
        assert_eq!(accounts(&limits, "2001:db8:1:3::1"), 20);
        assert_eq!(accounts(&limits, "192.0.2.7"), 10, "what is left overall");
        assert!(limits.check(Door::Refresh, None, None).is_ok());
    }

    #[test]
    fn one_person_at_long_work_from_wherever() {
        let limits = limits();
        let tries = |door, person: &str| {
            let from = |n: u8| format!("192.0.2.{n}");
            let tries = (0..9).map(|n| limits.work(door, person, Some(&from(n))));
            tries.filter(std::result::Result::is_ok).count()
        };
        assert_eq!((tries(Door::Export, "a"), tries(Door::Export, "b")), (4, 4));
        assert_eq!((tries(Door::Search, "a"), tries(Door::Export, "a")), (4, 0));
    }

    #[test]
    fn forgets_who_has_come_to_rest() {
        let limit = Limit { burst: 1_000_000, per_hour: 1_000_000 };
        let everything =
            Settings { account: limit, address: limit, overall: limit, mail: limit, work: limit };
        let limits = Limits::new(&everything);
        for n in 0..5000 {
            drop(limits.check(Door::Login, Some(&format!("{n}@x.org")), None));
        }
        assert!(limits.account.len() < 3000, "{}", limits.account.len());
    }
}

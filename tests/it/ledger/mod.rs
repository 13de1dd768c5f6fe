//! The ledger: no history of movements breaks an invariant, nobody changes what was posted, and
//! accountants' programs read it as we do.

mod documented;
mod exports;
mod front;
mod guards;
mod histories;
mod hostile;
mod kept;
mod lists;
mod many;
mod moments;
mod outputs;
mod plans;
mod races;
mod seals;
mod sizes;
mod streams;
mod sums;
mod tampering;
pub mod validators;
mod work;

pub use crate::support::books::{Room, about, broken, day, good, grow, holds, town};
use std::fmt::Debug;

/// A setting of the person who runs the tests; the default where there is none.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment how long to run")]
pub fn setting<T: std::str::FromStr<Err: Debug>>(name: &str, default: T) -> T {
    std::env::var(name).map_or(default, |v| v.parse().expect("a number"))
}

//! No money is lost, made, or spent twice.

mod offers;

use crate::promise::Promise;

/// G1 to G11.
pub const PROMISES: &[Promise] = &[offers::RACED, offers::FIRST];

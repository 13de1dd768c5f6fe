//! No money is lost, made, or spent twice.

mod caller;
mod forms;
mod kills;
mod offers;
mod payments;
mod program;
mod proxy;
mod retries;
mod tampering;
mod traces;

use crate::promise::Promise;

/// G1 to G11.
pub const PROMISES: &[Promise] = &[
    offers::RACED,
    offers::FIRST,
    payments::TWICE,
    retries::LOST,
    kills::KILLED,
    tampering::FOUND,
    traces::SAME,
];

//! Staying up: what is sent, cut, late, doubled or killed does not bring the service down.

mod dice;
mod framing;
mod junk;
mod machine;
mod malformed;
mod schema;
mod slow;
mod wire;

use crate::promise::Promise;

/// In the order of the table.
pub const PROMISES: &[Promise] =
    &[malformed::REFUSED, schema::CONFORMS, slow::CUT, framing::REFUSED];

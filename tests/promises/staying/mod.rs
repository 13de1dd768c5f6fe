//! Staying up: what is sent, cut, late, doubled or killed does not bring the service down.

mod clock;
mod crash;
mod dice;
mod framing;
mod fuzz;
mod invitations;
mod junk;
mod machine;
mod malformed;
mod pair;
mod program;
mod schema;
mod slow;
mod soak;
mod wire;

use crate::promise::Promise;

/// In the order of the table.
pub const PROMISES: &[Promise] = &[
    malformed::REFUSED,
    schema::CONFORMS,
    slow::CUT,
    framing::REFUSED,
    clock::RIGHT,
    crash::MAILED,
    pair::ONCE,
    soak::FLAT,
    fuzz::REPLAYED,
];

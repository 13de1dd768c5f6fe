//! No money is lost, made, or spent twice.

mod backups;
mod caller;
mod faults;
mod histories;
mod kills;
mod migrations;
mod offers;
mod payments;
mod program;
mod proxy;
mod retries;
mod schema;
mod tampering;
mod traces;
mod village;

use crate::promise::Promise;

/// G1 to G11.
pub const PROMISES: &[Promise] = &[
    offers::RACED,
    offers::FIRST,
    payments::TWICE,
    retries::LOST,
    kills::KILLED,
    faults::FSYNC,
    faults::FULL,
    faults::READ_ONLY,
    histories::MOVEMENTS,
    histories::STATES,
    tampering::FOUND,
    backups::WHOLE,
    backups::FAST,
    migrations::KILLED,
    traces::SAME,
];

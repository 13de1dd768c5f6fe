//! Which files are taken, and under which names they are given out.

mod name;
mod png;
pub mod scan;
#[cfg(test)]
mod tests;

pub use name::{called, disposition, named};
pub use scan::Scan;

/// Bytes of one file.
pub const BYTES_MAX: u64 = 10_000_000;
/// Files of one application.
pub const FILES_MAX: i64 = 20;
/// Files that one person attaches in a day, removed ones included.
pub const DAILY_MAX: i64 = 100;

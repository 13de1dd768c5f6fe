//! Who changed what, for admins and auditors: the audit log as each of them may read it.
//!
//! Invariant: of an application in which the reader has a stake (they are on it, act for who
//! applies, or declared a conflict) the log does not tell who reviews it, vouches for it, offers on
//! it, speaks of it among those who decide, or keeps out; but what they did themselves.

pub mod api;
pub mod service;

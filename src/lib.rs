//! Almoner: grants and regrants, from an application to money in a bank.
#![recursion_limit = "256"]

pub mod approvals;
pub mod kernel;
pub mod people;
pub mod platform;

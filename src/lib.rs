//! Almoner: grants and regrants, from an application to money in a bank.
#![recursion_limit = "256"]

pub mod kernel;
pub mod platform;

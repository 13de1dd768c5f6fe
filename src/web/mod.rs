//! Tier 4: the one list of routes, the API document made from it, and the server.

mod derived;
mod document;
mod operations;
mod pages;
mod rooms;
pub mod routes;
pub mod seen;
mod server;

pub use document::{openapi, protocol};
pub use server::{Server, bind, run, until_stopped};

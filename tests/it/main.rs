//! All integration tests, in one program: it links once, and shares one PostgreSQL cluster.

#[macro_use]
mod support;

mod db;
mod edge;
mod people;
mod tidy;

//! People: who there is, how they show it, and which roles they hold.
//!
//! A person registers, confirms their address by a mailed link, logs in, and acts through a
//! session (a short-lived access token, continued by rotating refresh tokens) or a personal access
//! token with scopes. Who holds a role that needs it shows a second factor besides: codes of a
//! device, or recovery codes. Admins grant roles and suspend.
//!
//! Invariants:
//! - An address belongs to one person, and is confirmed by whoever reads its mail *and* knows the
//!   password: a stranger who registers somebody's address gets nothing from their click.
//! - No answer, and no time that it takes, tells whether an address is registered.
//! - Roles, suspension and the end of a session are read from the database for each request: they
//!   take effect with the next one.
//! - A refresh token is good once. Using it again ends its session, for one of the two users is a
//!   thief; both are told why.
//! - Passwords are hashed outside of transactions; what was decided on is checked again inside.
//! - A code of a device is good once, and so is a recovery code; a factor's secret is sealed, and
//!   a password reset leaves it. Whatever changes a factor ends the person's other sessions.
//! - Nobody changes their own roles, suspends themselves, or resets their own factor.
//! - An active admin who can log in always stays. Whatever takes one away (a role removed over the
//!   API or at the command line, a suspension) holds all of them first, in the order of their ids.
//! - Several people are held, or kept as they are, in the order of their ids; after the
//!   application, budget, call, grant or payee that is decided on, and before approvals and the
//!   ledger's accounts. Who holds one to change them waits for none of these.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod pages;
pub mod rules;
pub mod service;
mod store;

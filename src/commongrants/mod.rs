//! CommonGrants (protocol 0.4): public calls as funding opportunities, and applying for them, at
//! the addresses and in the shapes of the protocol.
//!
//! Invariants:
//! - Only calls that everybody may see are here: public, and not drafts. A call that was announced
//!   and has not begun is *forecasted*; one whose last day is over is *closed*, whether or not the
//!   job that closes it has run.
//! - Answers have the protocol's envelope, errors too (`platform::http` dresses whatever is
//!   answered below `/common-grants/`). What does not apply is left out, never null.
//! - Fields that the protocol does not know are passed over, as it asks; a filter or an order that
//!   this service has nothing for is named in the answer, and changes nothing silently. In a search
//!   over applications it is refused.
//! - An application is the one that the rest of the API has, and read and written here by those
//!   alone who write it or hand it in: each act is the applications' own, with its rules.
//! - Who searches applications finds those that lists of applications show them, and reads of them
//!   what these tell.

pub mod api;
pub mod model;
pub mod rules;
pub mod service;
mod store;

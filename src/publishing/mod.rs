//! What everybody may read of public applications and grants: data, pages with their tags, feeds;
//! and what of a grant is published elsewhere.
//!
//! Invariants:
//! - Public is an application whose visibility is `public`, once it is open or awarded, and the
//!   grant that it became. The applicant decides that. A draft, one that was taken back, declined
//!   or has lapsed is not there for anybody who asks here: 404, the same as what never was.
//! - Everybody is shown the same, whoever asks. The applicant's name is shown on the page of their
//!   own application and grant, and nowhere else: no feed and no list names anybody; no address, no
//!   reason, no reviewer and no regrantor is shown at all.
//! - What leaves for registers (`exports`, 360Giving) follows [`model::Publication`]: decided by an
//!   admin for a grant, field by field, or the rule of the house. Individuals are never named there.
//! - A grant that is withheld has no public page and is in no list, feed or export.

pub mod api;
pub mod model;
pub mod pages;
pub mod rules;
pub mod service;
mod store;

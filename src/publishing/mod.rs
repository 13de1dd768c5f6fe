//! What everybody may read of public applications and grants: data, pages with their tags, feeds;
//! and what of a grant is published elsewhere.
//!
//! Invariants:
//! - Public is an application whose visibility is `public`, once it is open or awarded, and the
//!   grant that it became. The applicant decides that. A draft, one that was taken back, declined
//!   or has lapsed is not there for anybody who asks here: 404, the same as what never was.
//! - Everybody is shown the same, whoever asks. The applicant's name is shown on the page of their
//!   own application and grant, and who vouches for everybody to read is named there, too. No feed
//!   and no list names anybody; no address, no reason, no reviewer and no offer is shown at all.
//! - What leaves for registers (`exports`, 360Giving) follows [`model::Publication`]: decided by
//!   an admin for a grant, field by field, or the rule of the house. Individuals are never named.
//! - Anybody may announce what they want to give for a public application; no money moves by that,
//!   and neither name nor message is ever published. When it has arrived, finance records it as a
//!   contribution to the call's fund, tied to the application (an *earmark* of the fund). The rule,
//!   which givers are told before they give: it is held for the application, a regrantor offers it
//!   there under all rules of offers, and where the application ends without it, or leaves the
//!   calls in which the fund may spend, an admin gives it another use and says why. An offer that
//!   is released ties it again.
//! - A grant that is withheld has no public page and is in no list, feed or export.

pub mod api;
pub mod jobs;
pub mod model;
pub mod pages;
pub mod rules;
pub mod service;
mod store;

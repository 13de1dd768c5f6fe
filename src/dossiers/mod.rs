//! Dossiers: a whole application in one document, to take elsewhere, to print, and to bring back.
//!
//! Invariants:
//! - A dossier holds what the team of the application may see, and nothing else whatever roles its
//!   reader holds besides: no internal comment, no private vouch, no review, no concern. Who drafts
//!   for the applicant gets the same, but vouches only where they read them.
//! - Its JSON form has a name and a version (docs/FORMS.md). What is brought in has to be of a
//!   version that is known, with no field that is not; it makes a draft of who brings it, under the
//!   same checks as any other, and all that was not taken over is told.
//! - Nothing that is brought in is believed: not who is on the team, what was said, what was
//!   offered, or which files there were.

pub mod api;
pub mod model;
mod pages;
pub mod rules;
pub mod service;

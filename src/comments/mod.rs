//! What people say on an application that was handed in, and who may read it.
//!
//! | visibility | read and written by |
//! |---|---|
//! | public | whoever sees the application; written by its readers who are signed in |
//! | applicant and funders | its team, those who run the service, regrantors who could fund it |
//! | internal | those who run the service, and regrantors who could fund it |
//!
//! Internal ones are never for the team of the application, nor for who is invited to it, whatever
//! roles they hold; nor for who keeps out for a conflict of interest.
//!
//! Invariants:
//! - What somebody may not read is left out in SQL: not counted, not paged over, not mailed.
//! - Only people are mentioned who may read the comment; who may no longer when the mail is written
//!   gets none.
//! - A text is changed within fifteen minutes, by its author; mails are written after that. A
//!   removed comment keeps its place, its author and its moments, and loses its text.
//! - At most one mail an hour to a reader about one application, however much is said.
//! - When an application is taken up by another one, what its team could read moves along, and is
//!   mailed from there if it was not yet; internal words stay, for those who could read them there.
//! - Of what is for applicant and funders hear, besides who spoke there: the applicant, their team
//!   and delegates; of what these say, those who decide and whoever has an offer there (`offers`
//!   listens: see `events`). Nobody hears of their own words.
//! - A delegate who drafts speaks to the funders, in both names.
//! - Texts are plain: nothing here makes HTML of them.

pub mod api;
pub mod events;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;

//! Agendas: research directions, what people say of themselves, and who and what works on which.
//!
//! Invariants:
//! - An agenda's slug never changes, so that whatever names it goes on meaning it. The directory is
//!   two levels deep: an agenda below another has none below it.
//! - A retired agenda stays where it is named, and is not named anew.
//! - Who asks for an agenda gets what is narrower as well (`service::with_narrower`): in lists, in
//!   searches, in the queues of budgets, and where reviewers are chosen.
//! - Nobody is found who did not ask to be: `agenda_people` holds a row exactly for each agenda of
//!   each profile that is listed, once for each thing that the person looks for and once for
//!   anything. Taking back the consent removes the rows in the same transaction; who is suspended
//!   is not shown. Addresses are never shown: who is found is written to through the service, which
//!   shows the sender's address and keeps no text.
//! - Which agendas an application or a budget names is kept here; who may see or change that is
//!   decided by the domains that own those.

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
mod store;

//! Paperwork of a grant: the agreement that both sides sign, and what else must be on file.
//!
//! It knows grants by id only: who may see or act on a grant is decided by those who know it
//! (`grants::service`), whose routes lead here.
//!
//! Invariants:
//! - Templates are versions that are only ever added. A template with a placeholder that we do not
//!   know, or without one that every agreement needs, is refused when it is made.
//! - What a person typed stays their words: it can forge neither a heading nor a placeholder.
//! - An agreement is the exact bytes that were rendered once, with their SHA-256. Who signs says
//!   which SHA-256 they were shown. Signatures are only ever added, one for each side, by two
//!   different persons, with the evidence of who, when, from where and how signed in.
//! - Verifying computes the SHA-256 of the kept bytes anew and compares it with every signature.
//! - Requirements change by `open → provided → satisfied | refused → provided` and
//!   `open → waived`, each step by an update that names the status before. The agreement and the
//!   payee are settled by what happens (both signatures, the verification), by nobody's word.

pub mod api;
pub mod events;
pub mod model;
pub mod rules;
pub mod service;
mod store;

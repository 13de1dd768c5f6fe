//! Files that hang on applications.
//!
//! Invariants:
//! - What a file is, is found from its content, never from what its sender says: PDF, PNG, JPEG,
//!   WebP, plain text and Markdown. What is two things at once is refused as far as it can be
//!   found (`rules::scan`), and in any case nothing is opened, unpacked or rendered here: a file
//!   leaves as a download that no browser shows or runs.
//! - At most 10 MB each, 20 to an application, 100 a day and person.
//! - A row names a file that was whole and on the disk before the row was written; several rows
//!   may name the same content, which is kept once.
//! - Who may see the application may see its files, nobody else: this room is asked by the one
//!   that holds applications, which knows who.
//!
//! What answered a question that not everybody reads is marked as closed once and for all, and so
//! are its copies; who reads it all the same is found out by the room that holds applications.
//!
//! A removed attachment keeps its row, without its file, as a trace.

pub mod api;
pub mod jobs;
pub mod model;
pub mod rules;
pub mod service;
mod store;

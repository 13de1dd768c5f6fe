//! Mail: written in the transaction that is its reason, sent by a job after the commit.
//!
//! A use-case makes a [`Letter`] and calls [`send`]; that stores a `mail.send` job in the same
//! transaction, so that what is rolled back is never told to anybody. The job's handler
//! ([`jobs::deliver`]) hands the mail to the [`Mailer`]: an SMTP server, a folder, or nothing.
//!
//! Invariants: headers hold no line break; links lead only to the configured base URL; a mail
//! that is sent twice (after a crash between sending and noting it) carries the same Message-ID;
//! bodies are neither logged nor kept once sent, for they hold links that let people in.

mod folder;
pub mod jobs;
mod letter;
mod mailer;
mod service;
mod smtp;

pub use letter::{Letter, minute};
pub use mailer::{Mailer, Unsent};
pub use service::send;

use serde::{Deserialize, Serialize};

/// One mail to one person, in plain text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Whom it is for.
    pub to: String,
    /// What it is about: one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Shows neither reader nor text, so that no log can hold them.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

//! How mail leaves: one conversation with a server, a file in a folder, or not at all.

use super::{Mail, folder, smtp::Smtp};
use crate::kernel::ids::JobId;
use crate::kernel::time::Instant;
use crate::platform::config::{Config, ConfigError, MailTransport, wrong};
use lettre::message::header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, Message};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Why a mail did not leave; the text is for the operator and holds nothing of the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsent {
    /// It may work later: the server is away, busy, or does not let us in.
    Later(String),
    /// It never will: the server refuses this mail for good.
    Never(String),
}

impl Unsent {
    fn without(self, address: &str) -> Self {
        let masked = |reason: String| reason.replace(address, "(reader)");
        match self {
            Unsent::Later(reason) => Unsent::Later(masked(reason)),
            Unsent::Never(reason) => Unsent::Never(masked(reason)),
        }
    }
}

/// Hands mail over. Made once, shared by all workers.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(Box<Smtp>),
    Folder(PathBuf),
    Off,
}

impl Mailer {
    /// As the settings say.
    ///
    /// # Errors
    /// For the operator: a sender that is no address, or certificates that cannot be read.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let from: Mailbox = config.mail.from.parse().map_err(|e| wrong("mail.from", e))?;
        let way = match config.mail.transport {
            MailTransport::Smtp => Way::Smtp(Box::new(Smtp::new(&config.mail.smtp)?)),
            MailTransport::Folder => Way::Folder(config.mail_folder()),
            MailTransport::Off => Way::Off,
        };
        Ok(Self { from, way })
    }

    /// Sends one mail. `id` and `at` name it: a repetition carries the same Message-ID and date,
    /// so that the reader's program can tell that it is one.
    ///
    /// Talks to the network and waits (no longer than the configured timeout): not for
    /// transactions, and not for threads that serve requests.
    pub fn send(&self, mail: &Mail, id: JobId, at: Instant) -> Result<(), Unsent> {
        let message = self.message(mail, id, at)?;
        match &self.way {
            // Servers like to quote the address, and what they say is logged.
            Way::Smtp(smtp) => smtp.send(&message).map_err(|unsent| unsent.without(&mail.to)),
            Way::Folder(folder) => folder::write(folder, id, &message.formatted())
                .map_err(|e| Unsent::Later(format!("the mail folder: {e}"))),
            Way::Off => Ok(()),
        }
    }

    /// Whether the mail server answers, and lets us in; no mail is sent. Waits like
    /// [`Mailer::send`].
    pub fn probe(&self) -> Result<(), Unsent> {
        match &self.way {
            Way::Smtp(smtp) => smtp.probe(),
            Way::Folder(_) | Way::Off => Ok(()),
        }
    }

    /// The service's name as readers know it: that of the sender.
    pub(super) fn service(&self) -> &str {
        self.from.name.as_deref().unwrap_or("Almoner")
    }

    fn message(&self, mail: &Mail, id: JobId, at: Instant) -> Result<Message, Unsent> {
        let mail = mail.clone().checked().map_err(|e| Unsent::Never(e.detail().into()))?;
        let to =
            mail.to.parse().map_err(|_| Unsent::Never("no address that can be used".into()))?;
        let micros = Duration::from_micros(u64::try_from(at.as_micros()).unwrap_or(0));
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .date(SystemTime::UNIX_EPOCH + micros)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // RFC 3834 section 5: nobody's holiday notice should answer.
            .raw_header(HeaderValue::new(automatic, "auto-generated".into()))
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|e| Unsent::Never(format!("no mail can be made of it: {e}")))
    }
}

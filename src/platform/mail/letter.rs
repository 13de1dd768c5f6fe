//! What a mail says, and the one layout that all of them share.

use super::Mail;
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::kernel::text;
use crate::kernel::time::Instant;
use askama::Template;

/// Longest subject, in characters; longer ones are cut (RFC 5322 section 2.1.1 allows 998 bytes).
const SUBJECT_MAX: usize = 150;
/// Longest text, in characters.
const TEXT_MAX: usize = 50_000;

/// A mail in plain text that makes sense on its own: who writes, why, what to do, until when.
///
/// ```ignore
/// Letter::new("Confirm your address", "somebody registered with this address")
///     .greeting("Ada")
///     .paragraph("Please confirm that this address is yours. If it was not you, do nothing.")
///     .link("Confirm", "/confirm#token=…")
///     .until(expires_at)
/// ```
#[derive(Debug, Clone)]
pub struct Letter {
    subject: String,
    because: String,
    greeting: Option<String>,
    blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
enum Block {
    Paragraph(String),
    Quote(String),
    /// Label, and path or (once laid out) whole address.
    Link(String, String),
    Until(String),
}

#[derive(Template)]
#[template(path = "platform/mail/templates/letter.txt", escape = "none")]
struct Layout<'a> {
    greeting: Option<&'a str>,
    blocks: &'a [Block],
    because: &'a str,
    service: &'a str,
    base_url: &'a str,
}

impl Letter {
    /// With a subject and the reason why the reader gets it, which completes “You get this mail
    /// because …” and has no full stop.
    pub fn new(subject: impl Into<String>, because: impl Into<String>) -> Self {
        let (greeting, blocks) = (None, Vec::new());
        Self { subject: subject.into(), because: because.into(), greeting, blocks }
    }
    /// Addressed to somebody by name.
    #[must_use]
    pub fn greeting(mut self, name: &str) -> Self {
        self.greeting = Some(tame(name));
        self
    }
    /// A paragraph of ours. Where it holds what somebody typed, addresses in it are broken: the
    /// only links are those of [`Letter::link`].
    #[must_use]
    pub fn paragraph(mut self, text: impl AsRef<str>) -> Self {
        self.blocks.push(Block::Paragraph(tame(text.as_ref())));
        self
    }
    /// Words of somebody else, marked as such.
    #[must_use]
    pub fn quote(mut self, text: impl AsRef<str>) -> Self {
        self.blocks.push(Block::Quote(tame(text.as_ref())));
        self
    }
    /// A link to a page of this service: what it does, and its path from `/` on.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, path: impl Into<String>) -> Self {
        self.blocks.push(Block::Link(label.into(), path.into()));
        self
    }
    /// The moment until which the reader can do what is asked: a sentence of its own, which comes
    /// after what asks it.
    #[must_use]
    pub fn until(mut self, moment: Instant) -> Self {
        self.blocks.push(Block::Until(minute(moment)));
        self
    }

    /// Lays it out for a reader.
    ///
    /// # Errors
    /// 422 for an address that is none; an internal problem for a letter that is wrongly made
    /// (a link that leaves the service, a control character in the subject).
    pub fn to(&self, address: &str, service: &str, base_url: &str) -> Result<Mail> {
        let blocks = self.blocks.iter().map(|b| whole(b, base_url)).collect::<Result<Vec<_>>>()?;
        let layout = Layout {
            greeting: self.greeting.as_deref(),
            blocks: &blocks,
            because: &self.because,
            service,
            base_url,
        };
        let laid_out = layout.render().map_err(Problem::internal)?;
        let mail = Mail { to: address.into(), subject: cut(&self.subject), text: laid_out };
        mail.checked()
    }
}

/// A moment as people read it in a mail, to the minute: `2026-11-30 23:57 UTC`.
pub fn minute(moment: Instant) -> String {
    let text = moment.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or_default())
}

/// The block with its link made a whole address below the base URL.
fn whole(block: &Block, base_url: &str) -> Result<Block> {
    let Block::Link(label, path) = block else { return Ok(block.clone()) };
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if !inside {
        return Err(Problem::internal("a mail links only to paths of this service"));
    }
    Ok(Block::Link(tame(label), format!("{}{path}", base_url.trim_end_matches('/'))))
}

/// Without addresses that mail programs make links of: what somebody typed into a name or a title
/// must not become a link in a mail that we sign.
fn tame(text: &str) -> String {
    text.trim().replace("://", "[:]//").replace("www.", "www[.]")
}

fn cut(subject: &str) -> String {
    if subject.chars().count() <= SUBJECT_MAX {
        return subject.into();
    }
    subject.chars().take(SUBJECT_MAX - 1).chain(['…']).collect()
}

impl Mail {
    /// Refuses what could break out of a header, or has no reader.
    ///
    /// # Errors
    /// 422 for the address; an internal problem for what the service itself wrote.
    pub(super) fn checked(self) -> Result<Self> {
        let wrong = |e: text::TextError| Problem::field("/email", e.code, e.message);
        let to = text::email(&self.to).map_err(wrong)?;
        let ours = |e: text::TextError| Problem::internal(format!("mail: {}", e.message));
        let subject = text::line(&self.subject, 1, SUBJECT_MAX).map_err(ours)?;
        let text = text::paragraphs(&self.text, 1, TEXT_MAX).map_err(ours)?;
        Ok(Self { to, subject, text })
    }
}

//! An attachment.

use crate::kernel::ids::{ApplicationId, AttachmentId, PersonId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::Serialize;
use std::collections::BTreeMap;

text_enum! {
    /// What a file is, as its content says.
    pub enum FileKind {
        /// A document.
        Pdf = "application/pdf",
        /// An image.
        Png = "image/png",
        /// An image.
        Jpeg = "image/jpeg",
        /// An image.
        Webp = "image/webp",
        /// Text in UTF-8.
        Text = "text/plain",
        /// Text in UTF-8, with marks.
        Markdown = "text/markdown",
    }
}

impl FileKind {
    /// Endings of its names; the first is put where none is.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            FileKind::Pdf => &["pdf"],
            FileKind::Png => &["png"],
            FileKind::Jpeg => &["jpg", "jpeg"],
            FileKind::Webp => &["webp"],
            FileKind::Text => &["txt", "text", "csv", "log"],
            FileKind::Markdown => &["md", "markdown"],
        }
    }
    /// As it is sent.
    pub const fn content_type(self) -> &'static str {
        match self {
            FileKind::Pdf => "application/pdf",
            FileKind::Png => "image/png",
            FileKind::Jpeg => "image/jpeg",
            FileKind::Webp => "image/webp",
            FileKind::Text => "text/plain; charset=utf-8",
            FileKind::Markdown => "text/markdown; charset=utf-8",
        }
    }
}

/// What other domains need to know of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentFacts {
    /// Its id.
    pub id: AttachmentId,
    /// What it hangs on.
    pub application_id: ApplicationId,
    /// Who attached it.
    pub uploaded_by: PersonId,
    /// For whom, where they acted for somebody.
    pub uploaded_for: Option<PersonId>,
    /// Its name, safe to show and to save under.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// How long it is.
    pub bytes: i64,
    /// Of its content.
    pub sha256: [u8; 32],
    /// When it was attached.
    pub created_at: Instant,
    /// Whether the answer bank had it copied from another application.
    pub copied: bool,
    /// Whether it answered what not everybody reads, at any time; or is a copy of one that did.
    pub closed: bool,
}

/// Somebody who attached a file, or for whom it was attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Uploader {
    /// Their id.
    pub id: PersonId,
    /// As others see them.
    pub name: String,
}

/// An attachment, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What it hangs on.
    pub application_id: ApplicationId,
    /// Its name.
    pub name: String,
    /// What it is, as its content says.
    pub content_type: FileKind,
    /// How long it is.
    pub bytes: i64,
    /// Of its content, 64 hexadecimal digits.
    pub sha256: String,
    /// Who attached it.
    pub uploaded_by: Uploader,
    /// For whom, where they acted for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Uploader>,
    /// When it was attached.
    pub created_at: Instant,
}

impl Attachment {
    /// As it is shown, with the names of those concerned.
    pub fn of(facts: AttachmentFacts, names: &BTreeMap<PersonId, String>) -> Self {
        let who = |id: PersonId| Uploader { id, name: names.get(&id).cloned().unwrap_or_default() };
        Self {
            id: facts.id,
            application_id: facts.application_id,
            sha256: crate::kernel::text::hex(&facts.sha256),
            uploaded_by: who(facts.uploaded_by),
            on_behalf_of: facts.uploaded_for.map(who),
            name: facts.name,
            content_type: facts.kind,
            bytes: facts.bytes,
            created_at: facts.created_at,
        }
    }
}

/// A file that came in, whole and looked at.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// The name that it was sent under.
    pub name: String,
    /// What its content says that it is.
    pub found: FileKind,
    /// How long it is.
    pub bytes: u64,
    /// Of its content.
    pub sha256: [u8; 32],
}

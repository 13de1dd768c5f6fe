//! A comment.

use crate::applications::model::Named;
use crate::kernel::ids::{ApplicationId, CommentId, PersonId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Who may read a comment.
    pub enum CommentVisibility {
        /// Whoever sees the application.
        Public = "public",
        /// Its team, those who run the service, regrantors who could fund it.
        ApplicantAndFunders = "applicant_and_funders",
        /// Those who run the service, and regrantors who could fund it.
        Internal = "internal",
    }
}

/// A comment, as kept.
#[derive(Debug, Clone)]
pub struct CommentRecord {
    /// Its id.
    pub id: CommentId,
    /// The application.
    pub application_id: ApplicationId,
    /// Who said it.
    pub author_id: PersonId,
    /// For whom they said it, where they do paperwork for that one.
    pub said_for: Option<PersonId>,
    /// Who may read it.
    pub visibility: CommentVisibility,
    /// The text; empty once it was removed.
    pub body: String,
    /// When it was said.
    pub created_at: Instant,
    /// When the text was changed last.
    pub edited_at: Option<Instant>,
    /// When it was removed.
    pub removed_at: Option<Instant>,
    /// Counts edits.
    pub version: i32,
}

/// A comment, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The application.
    pub application_id: ApplicationId,
    /// Who said it.
    pub author: Named,
    /// In whose name, where whoever said it does paperwork for that one.
    pub on_behalf_of: Option<Named>,
    /// Who may read it.
    pub visibility: CommentVisibility,
    /// Plain text; absent once it was removed.
    pub body: Option<String>,
    /// Who is mentioned.
    pub mentions: Vec<Named>,
    /// When it was said.
    pub created_at: Instant,
    /// When the text was changed last.
    pub edited_at: Option<Instant>,
    /// When it was removed.
    pub removed_at: Option<Instant>,
    /// Version, for ETags.
    pub version: i32,
}

impl Comment {
    /// Who speaks, by name, and for whom: `Dora for Ada`.
    pub fn speaker(&self) -> String {
        match &self.on_behalf_of {
            Some(whom) => format!("{} for {}", self.author.name, whom.name),
            None => self.author.name.clone(),
        }
    }
}

/// Says something.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateComment {
    // Who may read it. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub visibility: CommentVisibility,
    /// Plain text, in up to 5,000 characters.
    pub body: String,
    /// Up to 20 people who are told of it; each of them has to be somebody who may read it.
    #[serde(default)]
    pub mention_ids: Vec<PersonId>,
}

/// Changes what was said.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditComment {
    /// Plain text, in 1 to 5,000 characters.
    // Absent reads as empty, which is refused only once it is known that there is a comment.
    #[serde(default)]
    pub body: String,
}

//! How an application came to read as it does.

use super::{Content, Line, Named};
use crate::answers::model::{Answers, Paper};
use crate::calls::model::Visibility;
use crate::kernel::ids::{PersonId, VersionId};
use crate::kernel::money::Money;
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Whether others have seen a version.
    pub enum VersionStage {
        /// Only its team has.
        Draft = "draft",
        /// It was handed in so.
        Submitted = "submitted",
    }
}

/// A line of the budget, as a version keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SnapshotLine {
    /// What it is for.
    pub label: String,
    /// How much.
    pub amount: Money,
}

/// All that the applicant wrote, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Snapshot {
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The case in full.
    pub body: String,
    /// The least that makes sense.
    pub amount_minimum: Option<Money>,
    /// What is asked for.
    pub amount_requested: Option<Money>,
    /// What the money is for.
    pub budget_lines: Vec<SnapshotLine>,
    /// How long the work takes.
    pub duration_months: Option<i32>,
    /// Who may come across it.
    pub visibility: Visibility,
    /// The version of the call's form that its answers are written under.
    pub form_version: i32,
    /// By the keys of the form's questions.
    #[schema(value_type = Object)]
    pub answers: Answers,
    /// Keys of those that were filled in from the answer bank and confirmed by nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggested: Vec<String>,
}

impl Snapshot {
    /// As it reads now.
    pub fn of(content: &Content, paper: &Paper) -> Self {
        let money = |minor: Option<i64>| Some(Money::new(minor?, content.currency?));
        let lines = content.budget_lines.iter().filter_map(|line| {
            let amount = Money::new(line.amount, content.currency?);
            Some(SnapshotLine { label: line.label.clone(), amount })
        });
        Self {
            title: content.title.clone(),
            summary: content.summary.clone(),
            body: content.body.clone(),
            amount_minimum: money(content.amount_minimum),
            amount_requested: money(content.amount_requested),
            budget_lines: lines.collect(),
            duration_months: content.duration_months,
            visibility: content.visibility,
            form_version: paper.form_version,
            answers: paper.answers.clone(),
            suggested: paper.suggested.keys().cloned().collect(),
        }
    }
}

impl From<Snapshot> for Content {
    fn from(snapshot: Snapshot) -> Self {
        let amount = snapshot.amount_requested.or(snapshot.amount_minimum);
        let line = |line: SnapshotLine| Line { label: line.label, amount: line.amount.minor() };
        Self {
            title: snapshot.title,
            summary: snapshot.summary,
            body: snapshot.body,
            amount_minimum: snapshot.amount_minimum.map(Money::minor),
            amount_requested: snapshot.amount_requested.map(Money::minor),
            currency: amount.map(Money::currency),
            budget_lines: snapshot.budget_lines.into_iter().map(line).collect(),
            duration_months: snapshot.duration_months,
            visibility: snapshot.visibility,
        }
    }
}

/// A version, as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionRecord {
    /// Its id.
    pub id: VersionId,
    /// Counts from 1.
    pub number: i32,
    /// Whether others have seen it.
    pub stage: VersionStage,
    /// What was written.
    pub content: Snapshot,
    /// Who saved it; absent for the service itself.
    pub saved_by: Option<PersonId>,
    /// For whom, where they acted for somebody.
    pub saved_for: Option<PersonId>,
    /// First saved.
    pub began_at: Instant,
    /// Last added to.
    pub saved_at: Instant,
}

/// A version, as kept, without what was written.
#[derive(Debug, Clone, Copy)]
pub struct Saved {
    /// Its id.
    pub id: VersionId,
    /// Counts from 1.
    pub number: i32,
    /// Whether others have seen it.
    pub stage: VersionStage,
    /// Who saved it; absent for the service itself.
    pub saved_by: Option<PersonId>,
    /// For whom, where they acted for somebody.
    pub saved_for: Option<PersonId>,
    /// Last added to.
    pub saved_at: Instant,
}

impl From<&VersionRecord> for Saved {
    fn from(whole: &VersionRecord) -> Self {
        let VersionRecord { id, number, stage, saved_by, saved_for, saved_at, .. } = *whole;
        Self { id, number, stage, saved_by, saved_for, saved_at }
    }
}

/// A version in a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VersionRow {
    /// Counts from 1.
    pub number: i32,
    /// Whether others have seen it.
    pub stage: VersionStage,
    /// Who saved it.
    pub saved_by: Option<Named>,
    /// For whom, where they acted for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<Named>,
    /// When it was saved.
    pub saved_at: Instant,
}

/// A version in full.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VersionView {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: VersionRow,
    /// What was written.
    pub content: Snapshot,
}

text_enum! {
    /// What became of a piece of text.
    pub enum PieceKind {
        /// It stands in both.
        Kept = "kept",
        /// It was taken out.
        Removed = "removed",
        /// It was put in.
        Added = "added",
    }
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Piece {
    /// What became of it.
    pub kind: PieceKind,
    /// As it stands.
    pub text: String,
}

/// A field that reads differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// JSON pointer into the content.
    pub pointer: String,
    /// Word by word, in the order of the text.
    pub pieces: Vec<Piece>,
}

/// What changed between two versions.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VersionDiff {
    /// The older one; absent where there is none before.
    pub from: Option<i32>,
    /// The newer one.
    pub to: i32,
    /// The fields that read differently.
    pub changes: Vec<FieldChange>,
}

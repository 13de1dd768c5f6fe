//! What applications are about, and what is shown of a research direction.

use super::ApplicationRow;
use crate::agendas::model::{AgendaDetail, AgendaName, AgendaPerson, LookingFor};
use serde::Serialize;

/// What an application is about, where its work is done, and what it looks for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct About {
    /// The research directions that it names; at most 20.
    pub items: Vec<AgendaName>,
    /// There is no next page.
    pub next: Option<String>,
    /// Where the work is done, in the applicant's words.
    pub place: String,
    /// What it looks for.
    pub looking_for: Vec<LookingFor>,
}

/// An application of a research direction.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AgendaApplication {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: ApplicationRow,
    /// Where the work is done, in the applicant's words.
    pub place: String,
    /// What it looks for.
    pub looking_for: Vec<LookingFor>,
}

/// A research direction, and who and what works on it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AgendaPage {
    /// The direction with its neighbours.
    #[serde(flatten)]
    pub detail: AgendaDetail,
    /// Who works on it, where, and what they look for: the first who want to be found. Absent for
    /// who is not signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<AgendaPerson>>,
    /// Whether more want to be found: see `/people`.
    pub more_people: bool,
    /// The newest applications that the caller may see.
    pub applications: Vec<AgendaApplication>,
    /// Whether there are more: see `/applications`.
    pub more_applications: bool,
}

//! An agenda, and what people say of themselves.

use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, PersonId};
use crate::kernel::patch::Patch;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// Whether an agenda can be named.
    pub enum AgendaStatus {
        /// It can.
        Active = "active",
        /// It stays where it is named, and is not named anew.
        Retired = "retired",
    }
}

impl AgendaStatus {
    /// Takes it out of use.
    ///
    /// # Errors
    /// 409 if it is out of use already.
    pub fn retire(self) -> Result<Self> {
        match self {
            AgendaStatus::Active => Ok(AgendaStatus::Retired),
            AgendaStatus::Retired => Err(Problem::wrong_state("The agenda is retired already.")),
        }
    }
    /// Takes it back into use.
    ///
    /// # Errors
    /// 409 if it is in use.
    pub fn restore(self) -> Result<Self> {
        match self {
            AgendaStatus::Retired => Ok(AgendaStatus::Active),
            AgendaStatus::Active => Err(Problem::wrong_state("The agenda is not retired.")),
        }
    }
}

text_enum! {
    /// What somebody looks for.
    pub enum LookingFor {
        /// A team to join.
        Team = "team",
        /// Somebody for their own team.
        TeamMate = "team_mate",
        /// Somebody who advises.
        Mentor = "mentor",
        /// Somebody to work with.
        Collaborator = "collaborator",
        /// Money.
        Funding = "funding",
        /// Somebody to employ.
        Hiring = "hiring",
    }
}

impl LookingFor {
    const fn bit(self) -> i32 {
        1 << self as i32
    }
    /// For storing.
    pub fn bits(all: &[LookingFor]) -> i32 {
        all.iter().fold(0, |bits, each| bits | each.bit())
    }
    /// From the stored bits, in the order of their declaration.
    pub fn from_bits(bits: i32) -> Vec<LookingFor> {
        LookingFor::ALL.iter().copied().filter(|each| bits & each.bit() != 0).collect()
    }
}

/// An agenda, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaRecord {
    /// Its id.
    pub id: AgendaId,
    /// Its name in addresses and lists of words.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The wider one that it belongs to.
    pub parent_id: Option<AgendaId>,
    /// Whether it can be named.
    pub status: AgendaStatus,
    /// Counts edits.
    pub version: i32,
    /// Made.
    pub created_at: Instant,
}

/// An agenda by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AgendaName {
    /// Its id.
    pub id: AgendaId,
    /// Its name in addresses and lists of words.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// Whether it can be named.
    pub status: AgendaStatus,
}

impl From<AgendaRecord> for AgendaName {
    fn from(agenda: AgendaRecord) -> Self {
        let AgendaRecord { id, slug, title, status, .. } = agenda;
        Self { id, slug, title, status }
    }
}

/// A research direction.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Agenda {
    /// Its id.
    pub id: AgendaId,
    /// Its name in addresses and lists of words; never changes.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// The wider one that it belongs to.
    pub parent_id: Option<AgendaId>,
    /// Whether it can be named.
    pub status: AgendaStatus,
    /// Version, for ETags.
    pub version: i32,
    /// When it was made.
    pub created_at: Instant,
}

impl From<AgendaRecord> for Agenda {
    fn from(agenda: AgendaRecord) -> Self {
        let AgendaRecord { id, slug, title, summary, parent_id, status, version, created_at } =
            agenda;
        Self { id, slug, title, summary, parent_id, status, version, created_at }
    }
}

/// A research direction with its neighbours.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AgendaDetail {
    /// The agenda itself.
    #[serde(flatten)]
    pub agenda: Agenda,
    /// The wider one that it belongs to.
    pub parent: Option<AgendaName>,
    /// The narrower ones below it.
    pub children: Vec<AgendaName>,
}

/// A new agenda.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAgenda {
    /// Its name in addresses: 2 to 60 small letters, digits and single hyphens. It never changes.
    pub slug: String,
    /// Its name, up to 120 characters.
    pub title: String,
    /// What it is about, in up to 2,000 characters.
    #[serde(default)]
    pub summary: Option<String>,
    /// The wider one that it belongs to, which belongs to none itself.
    #[serde(default)]
    pub parent_id: Option<AgendaId>,
}

/// Changes to an agenda: an absent field is left, null clears it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditAgenda {
    /// Its name, up to 120 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// What it is about, in up to 2,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub summary: Patch<String>,
    /// The wider one that it belongs to, which belongs to none itself.
    #[serde(default)]
    #[schema(value_type = Option<AgendaId>)]
    pub parent_id: Patch<AgendaId>,
}

/// What somebody says of themselves, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRecord {
    /// Who.
    pub person_id: PersonId,
    /// Where they work.
    pub place: String,
    /// In their own words.
    pub about: String,
    /// What they look for.
    pub looking_for: Vec<LookingFor>,
    /// Whether they want to be found.
    pub listed: bool,
    /// What they work on.
    pub agendas: Vec<AgendaId>,
    /// Counts edits; 0 where nothing was written yet.
    pub version: i32,
}

/// What one says of oneself.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Profile {
    /// Country or town, in one's own words.
    pub place: String,
    /// What one does and whom one looks for, in one's own words.
    pub about: String,
    /// What one looks for.
    pub looking_for: Vec<LookingFor>,
    /// What one works on.
    pub agendas: Vec<AgendaName>,
    /// Whether one is found under one's agendas by everybody who is signed in.
    pub listed: bool,
    /// Version, for ETags; 0 where nothing was written yet.
    pub version: i32,
}

/// What one says of oneself, whole: what is absent is empty from then on.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProfile {
    /// Country or town, up to 120 characters.
    #[serde(default)]
    pub place: String,
    /// What one does and whom one looks for, in up to 2,000 characters.
    #[serde(default)]
    pub about: String,
    /// What one looks for.
    #[serde(default)]
    pub looking_for: Vec<LookingFor>,
    /// What one works on: up to 10 agendas.
    #[serde(default)]
    pub agendas: Vec<AgendaId>,
    /// true: be found under these agendas by everybody who is signed in, with name, place, and
    /// what is written here, never with an address. false, or absent: not, from this moment on.
    #[serde(default)]
    pub listed: bool,
}

/// Somebody who works on an agenda and wants to be found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AgendaPerson {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Where they work, in their own words.
    pub place: String,
    /// What they look for.
    pub looking_for: Vec<LookingFor>,
    /// In their own words.
    pub about: String,
}

/// A message to somebody whom a direction shows: a person, or the applicant of an application.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteMessage {
    /// Somebody who is found there.
    #[serde(default)]
    pub person_id: Option<PersonId>,
    /// In place of a person: a public application there that says what it looks for.
    #[serde(default)]
    pub application_id: Option<ApplicationId>,
    /// Plain text, 20 to 2,000 characters. Your name and your e-mail address are shown with it, so
    /// that you can be answered.
    #[schema(min_length = 20, max_length = 2000)]
    pub text: String,
}

/// What was sent.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DirectoryMessage {
    /// The direction.
    pub agenda_id: AgendaId,
    /// To whom.
    pub person_id: PersonId,
    /// Their name.
    pub person_name: String,
    /// The application that it is about.
    pub application_id: Option<ApplicationId>,
    /// The text.
    pub text: String,
    /// Your own address, which they were shown.
    pub answer_to: String,
    /// When.
    pub sent_at: Instant,
}

/// Which agendas something is about, in place of those before.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAgendas {
    /// Up to 10; each was named before, or is not retired.
    pub agendas: Vec<AgendaId>,
    /// Where the work is done: country or town, up to 120 characters; left as it is where absent.
    #[serde(default)]
    pub place: Option<String>,
    /// What is looked for; left as it is where absent.
    #[serde(default)]
    pub looking_for: Option<Vec<LookingFor>>,
}

//! Who acts: a person with roles, through a session or a token; or the service itself.

use crate::kernel::ids::{PersonId, SessionId};
use crate::kernel::time::Instant;
use serde::{Deserialize, Serialize};

/// A role that an admin grants. *Researcher* is no entry here: everyone is one.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Spends a delegated budget.
    Regrantor,
    /// Scores applications of a call.
    Reviewer,
    /// Gives money to funds.
    Funder,
    /// Verifies payees, pays, reconciles, exports.
    Finance,
    /// Runs funds, budgets, calls, roles; awards.
    Admin,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// All of them, in the order of their bits.
    pub const ALL: [Role; 6] =
        [Role::Regrantor, Role::Reviewer, Role::Funder, Role::Finance, Role::Admin, Role::Auditor];
    /// As on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Regrantor => "regrantor",
            Role::Reviewer => "reviewer",
            Role::Funder => "funder",
            Role::Finance => "finance",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }
    /// Whether who holds it has to have a second factor.
    pub const fn needs_factor(self) -> bool {
        matches!(self, Role::Regrantor | Role::Finance | Role::Admin | Role::Auditor)
    }
    const fn bit(self) -> i64 {
        1 << self as i64
    }
}

crate::text_enum! {
    /// What a delegate may do for somebody.
    pub enum Errand {
        /// Write applications.
        Draft = "draft",
        /// Hand applications in, and take them back.
        Submit = "submit",
        /// Write and hand in reports, also at checkpoints.
        Report = "report",
    }
}

/// The roles of one person, which add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(i64);

impl Roles {
    /// From the stored bits; unknown bits are dropped.
    pub fn from_bits(bits: i64) -> Self {
        Role::ALL.into_iter().filter(|r| bits & r.bit() != 0).collect()
    }
    /// For storing.
    pub const fn bits(self) -> i64 {
        self.0
    }
    /// Whether `role` is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }
    /// With one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }
    /// With one less.
    #[must_use]
    pub const fn without(self, role: Role) -> Self {
        Self(self.0 & !role.bit())
    }
    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |r| self.has(*r))
    }
}
impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::default(), Self::with)
    }
}

/// What a token may be used for; a session may do all that its person may.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scopes {
    /// A session: no limit beyond the person's rights.
    #[default]
    All,
    /// A personal access token: only these scopes, for example `applications:write`.
    Only(Vec<String>),
}
impl Scopes {
    /// Whether `scope` is covered.
    pub fn cover(&self, scope: &str) -> bool {
        match self {
            Scopes::All => true,
            Scopes::Only(list) => list.iter().any(|s| s == scope),
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody has signed in.
    Anonymous,
    /// A signed-in person.
    Person {
        /// Who.
        id: PersonId,
        /// With which roles, read from the database for this request.
        roles: Roles,
        /// Through which session; `None` for a personal access token.
        session: Option<SessionId>,
        /// How far the token reaches.
        scopes: Scopes,
    },
    /// The service itself: a job, an import or the command line. The name goes to the audit log.
    System(&'static str),
}

impl Actor {
    /// The person, if one acts.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Actor::Person { id, .. } => Some(*id),
            _ => None,
        }
    }
    /// Whether the acting person holds `role`. The service itself holds none.
    pub const fn has(&self, role: Role) -> bool {
        match self {
            Actor::Person { roles, .. } => roles.has(role),
            _ => false,
        }
    }
    /// Whether `person` is the one who acts.
    pub fn is(&self, person: PersonId) -> bool {
        self.person() == Some(person)
    }
    /// Whether the sponsor's people act who look after everything (run the service, pay, audit), or
    /// the service itself.
    pub fn is_sponsor(&self) -> bool {
        let roles = [Role::Admin, Role::Finance, Role::Auditor];
        self.is_system() || roles.into_iter().any(|role| self.has(role))
    }
    /// Whether the service itself acts.
    pub const fn is_system(&self) -> bool {
        matches!(self, Actor::System(_))
    }
}

/// How the caller stands with the second factor, besides being signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody is asked: the service itself carries this out (a job, an import, the
    /// demonstration), or this deployment requires no factor and the person has none.
    Vouched,
    /// They hold a role that needs a factor, and have none: they may only enrol.
    Missing,
    /// They have none, and none of their roles needs one.
    Without,
    /// A personal access token: no factor can be shown through it.
    Token,
    /// They have one, and showed it in this session at that instant.
    Shown(Option<Instant>),
}

//! What every use-case is handed: who acts, when, on which request, and what the service was
//! started with. Nothing below reads the clock, makes up an id or asks the environment.

use crate::kernel::Result;
use crate::kernel::actor::{Actor, Standing};
use crate::kernel::ids::{Id, IdSource, PersonId, RequestId};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Clock, Date, Instant};
use crate::platform::auth::keys::Keys;
use crate::platform::config::Config;
use crate::platform::jobs::Bell;
use crate::platform::mail::Mailer;
use std::sync::Arc;

/// What the service was started with; the same for every request.
pub struct Env {
    /// Settings.
    pub config: Config,
    /// The only source of time.
    pub clock: Clock,
    /// The only source of ids.
    pub ids: IdSource,
    /// Keys for tokens and field encryption.
    pub keys: Keys,
    /// Which job each event starts: pairs of event name and job kind.
    pub subscriptions: &'static [(&'static str, &'static str)],
    /// Hands mail over; only jobs talk to it.
    pub mailer: Mailer,
    /// Wakes waiting workers.
    pub bell: Bell,
}

/// Who acts, when, and how the request came. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    /// Who acts.
    pub actor: Actor,
    /// How they stand with the second factor.
    pub standing: Standing,
    /// Their name as others see it, for the audit log.
    pub actor_name: Arc<str>,
    /// Their address, where it was read with them: to look up what is theirs by it, not to be
    /// shown or logged.
    pub actor_email: Option<Arc<str>>,
    /// In whose name, where they act for somebody else: who, and the name.
    pub behalf: Option<(PersonId, Arc<str>)>,
    /// The moment of the request; the same throughout.
    pub now: Instant,
    /// Quoted in logs, audit and problems.
    pub request_id: RequestId,
    /// The network address that it came from.
    pub address: Option<Arc<str>>,
    /// The program that it came from.
    pub agent: Option<Arc<str>>,
    /// The `If-Match` header: the version that the caller edits.
    pub if_match: Option<Arc<str>>,
    /// What the service was started with.
    pub env: Arc<Env>,
}

impl Ctx {
    /// The service itself acts: a job, an import, the command line.
    pub fn system(env: &Arc<Env>, name: &'static str) -> Self {
        let now = env.clock.now();
        Self {
            actor: Actor::System(name),
            standing: Standing::Vouched,
            actor_name: name.into(),
            actor_email: None,
            behalf: None,
            now,
            request_id: env.ids.next(now),
            address: None,
            agent: None,
            if_match: None,
            env: env.clone(),
        }
    }
    /// The same, at another moment (historical imports). The ledger still records the clock's.
    #[must_use]
    pub fn at(&self, now: Instant) -> Self {
        Self { now, ..self.clone() }
    }
    /// The same, with another actor (tests and imports), whose address is not known.
    #[must_use]
    pub fn acting(&self, actor: Actor, name: &str) -> Self {
        Self { actor, actor_name: name.into(), actor_email: None, ..self.clone() }
    }
    /// The same, with the actor's address.
    #[must_use]
    pub fn known_at(&self, email: &str) -> Self {
        Self { actor_email: Some(email.into()), ..self.clone() }
    }
    /// The same, done for somebody else: both names stand in the audit log.
    #[must_use]
    pub fn on_behalf_of(&self, person: PersonId, name: &str) -> Self {
        Self { behalf: Some((person, name.into())), ..self.clone() }
    }
    /// A new id.
    pub fn id<T>(&self) -> Id<T> {
        self.env.ids.next(self.now)
    }
    /// The day of the request in UTC.
    pub fn today(&self) -> Date {
        self.now.date()
    }
    /// The acting person; refuses nobody and the service itself.
    pub fn me(&self) -> Result<PersonId> {
        let nobody = || Problem::new(Kind::Unauthenticated, "This needs a signed-in person.");
        self.actor.person().ok_or_else(nobody)
    }
}

/// The entity tag of a version: `"v7"`.
pub fn etag(version: impl Into<i64>) -> String {
    let version: i64 = version.into();
    format!("\"v{version}\"")
}

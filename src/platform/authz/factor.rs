//! What an action asks of the second factor.

use super::policy::Rule;
use crate::kernel::Result;
use crate::kernel::actor::{Actor, Role, Standing};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Instant;
use crate::platform::context::Ctx;

/// For how long a factor that was shown is fresh, in seconds.
pub const FRESH_SECONDS: i64 = 300;
/// By how much clocks of two processes may differ, in seconds. A factor shown later than that from
/// now (the clock was set back) is not fresh.
const SKEW_SECONDS: i64 = 30;

/// What an action asks of the second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: it is how one comes to have a factor.
    Nothing,
    /// That who has to have one, has one.
    Enrolled,
    /// One that was shown in the last five minutes.
    Fresh,
}

/// How somebody stands who has a factor or not (`enrolled`), showed it or not, in a deployment
/// where it is `required` or not.
pub fn standing(actor: &Actor, enrolled: bool, shown: Option<Instant>, required: bool) -> Standing {
    let Actor::Person { roles, session, .. } = actor else { return Standing::Without };
    if required && !enrolled && roles.iter().any(Role::needs_factor) {
        return Standing::Missing;
    }
    match (session, enrolled) {
        (None, _) => Standing::Token,
        (Some(_), true) => Standing::Shown(shown),
        (Some(_), false) if required => Standing::Without,
        (Some(_), false) => Standing::Vouched,
    }
}

/// Refuses who has to enrol first.
pub(super) fn enrolled(ctx: &Ctx, rule: &Rule) -> Result<()> {
    if rule.asks == Asks::Nothing || ctx.standing != Standing::Missing {
        return Ok(());
    }
    let detail = "Your role needs a second factor, and you have none: until you enrol one, this \
                  session can do nothing else.";
    Err(Problem::new(Kind::FactorRequired, detail))
}

/// Refuses who has not shown a factor in the last five minutes.
///
/// # Errors
/// A factor is required, where the person has none; a step-up, where it is too old, or where a
/// personal access token is used.
pub fn require_fresh(ctx: &Ctx) -> Result<()> {
    let shown = match ctx.standing {
        Standing::Vouched => return Ok(()),
        Standing::Missing | Standing::Without => {
            let detail = "This needs a second factor, and you have none: enrol one first.";
            return Err(Problem::new(Kind::FactorRequired, detail));
        }
        Standing::Token => {
            let detail = "A personal access token can never do this: log in, and show your \
                          second factor.";
            return Err(Problem::new(Kind::StepUpRequired, detail));
        }
        Standing::Shown(shown) => shown,
    };
    let (oldest, newest) =
        (ctx.now.plus_seconds(-FRESH_SECONDS), ctx.now.plus_seconds(SKEW_SECONDS));
    if shown.is_some_and(|at| (oldest..=newest).contains(&at)) {
        return Ok(());
    }
    let detail = "This needs a second factor that was shown in this session in the last five \
                  minutes.";
    Err(Problem::new(Kind::StepUpRequired, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::actor::{Roles, Scopes};
    use crate::kernel::ids::Id;
    use uuid::Uuid;

    fn person(role: Option<Role>, session: bool) -> Actor {
        let session = session.then(|| Id::from_uuid(Uuid::from_u128(2)));
        let id = Id::from_uuid(Uuid::from_u128(1));
        let roles: Roles = role.into_iter().collect();
        Actor::Person { id, roles, session, scopes: Scopes::All }
    }

    #[test]
    fn who_has_to_have_one() {
        for role in Role::ALL {
            let must = !matches!(role, Role::Reviewer | Role::Funder);
            for session in [true, false] {
                let who = person(Some(role), session);
                let found = standing(&who, false, None, true) == Standing::Missing;
                assert_eq!(found, must, "{role:?}");
                assert_ne!(standing(&who, true, None, true), Standing::Missing);
                assert_ne!(standing(&who, false, None, false), Standing::Missing);
            }
        }
    }

    #[test]
    fn how_others_stand() {
        let (mine, token) = (person(None, true), person(None, false));
        let at = Instant::from_micros(1_800_000_000_000_000);
        assert_eq!(standing(&mine, false, None, true), Standing::Without);
        assert_eq!(standing(&mine, false, None, false), Standing::Vouched);
        for required in [true, false] {
            assert_eq!(standing(&mine, true, at, required), Standing::Shown(at));
            assert_eq!(standing(&token, true, None, required), Standing::Token);
            assert_eq!(standing(&token, false, None, required), Standing::Token);
            assert_eq!(standing(&Actor::Anonymous, false, None, required), Standing::Without);
        }
    }
}

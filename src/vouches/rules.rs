//! Decisions about vouches, from facts alone.

use super::model::{Request, RequestStatus, Said, Scope, SignVouch};
use crate::applications::model::{ApplicationStatus, Ground, found_conflict};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::{Date, Instant};

/// Longest text besides the statement, in characters.
pub const TEXT_MAX: usize = 2_000;
/// Longest statement, in characters.
pub const STATEMENT_MAX: usize = 10_000;
/// Most people asked to vouch for one application.
pub const REQUESTS_MAX: usize = 20;
/// Most people whom one person asks in a day.
pub const REQUESTS_A_DAY: i64 = 20;
/// Seconds until the same question can be mailed again.
pub const ASK_AGAIN_SECONDS: i64 = 24 * 3600;
/// Seconds from the first mail on in which it can be: no more than [`REMIND_SECONDS`], so that the
/// reminder is the last mail.
pub const ASK_AGAIN_FOR_SECONDS: i64 = REMIND_SECONDS;
/// Seconds without an answer until somebody is reminded of a question, once.
pub const REMIND_SECONDS: i64 = 7 * 24 * 3600;
/// Where an application is while it can be vouched for.
pub const VOUCHED_FOR: [ApplicationStatus; 3] =
    [ApplicationStatus::Submitted, ApplicationStatus::Open, ApplicationStatus::ChangesRequested];

/// The quarter of a day, counted from year 0 on, in UTC.
pub fn quarter(day: Date) -> i32 {
    let year = day.year();
    let begun = |month: &i8| Date::new(year, *month, 1).is_some_and(|first| first <= day);
    let past = [4, 7, 10].iter().filter(|month| begun(month)).count();
    i32::from(year) * 4 + i32::try_from(past).unwrap_or(0)
}

/// What is signed; what is wrong goes to `fields`.
pub fn said(fields: &mut Fields, form: &SignVouch, name: &str) -> Said {
    let mut scopes: Vec<Scope> = form.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    let once = scopes.len() == form.scopes.len() && !scopes.is_empty();
    fields.check(once, "/scopes", "out_of_range", "say for what, each once, and one at least");
    Said {
        name: name.to_owned(),
        scopes,
        strength: form.strength,
        how_known: fields.paragraphs("/how_known", &form.how_known, 1, TEXT_MAX),
        statement: fields.paragraphs("/statement", &form.statement, 0, STATEMENT_MAX),
        conflicts: match &form.conflicts {
            Some(text) => fields.paragraphs("/conflicts", text, 1, TEXT_MAX),
            None => String::new(),
        },
        visibility: form.visibility.unwrap_or(Visibility::Private),
    }
}

/// What decides on a vouch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Where the application stands.
    pub application: ApplicationStatus,
    /// Whether the voucher is on it.
    pub on_team: bool,
    /// Whether they declared a conflict with it.
    pub conflict: bool,
    /// What they have in common with its team, and no admin has looked at.
    pub found: Vec<Ground>,
    /// Whether the vouch itself names a conflict.
    pub named: bool,
    /// Whether they vouched for it already, and that stands.
    pub stands: bool,
    /// How many they signed this quarter.
    pub this_quarter: i64,
    /// How many they may.
    pub per_quarter: i64,
}

/// Whether somebody may vouch.
///
/// # Errors
/// 403 on the application, 409 where its state or a limit forbids it or something was found that
/// the vouch does not name, 422 where it leaves a declared conflict out.
pub fn may_vouch(facts: &Facts) -> Result<()> {
    if facts.on_team {
        let detail = "You are on this application: nobody vouches for themselves.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    may_be_vouched_for(facts.application)?;
    if facts.conflict && !facts.named {
        let message = "you declared a conflict with this application: say so here as well";
        return Err(Problem::field("/conflicts", "required", message));
    }
    if !facts.found.is_empty() && !facts.named {
        let who = "You and somebody on this application";
        let mut words = found_conflict(who, &facts.found).detail().to_owned();
        words = words.replace(": an admin has to look at it.", ": say so in conflicts.");
        return Err(Problem::new(Kind::ConflictFound, words));
    }
    if facts.stands {
        return Err(Problem::new(Kind::AlreadyExists, "You vouch for it already."));
    }
    if facts.this_quarter >= facts.per_quarter {
        let detail = format!(
            "You have signed {} vouches this quarter, and nobody may sign more: so each counts.",
            facts.per_quarter
        );
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// Whether it is the time for vouches.
///
/// # Errors
/// 409 before it was submitted and after it ended.
pub fn may_be_vouched_for(status: ApplicationStatus) -> Result<()> {
    if VOUCHED_FOR.contains(&status) {
        return Ok(());
    }
    if status == ApplicationStatus::Draft {
        return Err(Problem::wrong_state("The application is still being written."));
    }
    Err(Problem::wrong_state(format!("The application is {status}: it was decided.")))
}

/// Whether a question that was mailed may be mailed again.
///
/// # Errors
/// 409 where it was answered or taken back, its last mail went less than a day ago, or its first is
/// too long ago.
pub fn may_ask_again(request: &Request, now: Instant) -> Result<()> {
    let again = request.sent_at.plus_seconds(ASK_AGAIN_SECONDS);
    let over = request.created_at.plus_seconds(ASK_AGAIN_FOR_SECONDS);
    let detail = match request.status {
        RequestStatus::Open if now.max(again) >= over => {
            "The mail can be sent again for 7 days. The service itself reminds once of it, and \
             that is the last mail."
                .to_owned()
        }
        RequestStatus::Open if now >= again => return Ok(()),
        RequestStatus::Open => format!("You can send the mail once more at {again}."),
        RequestStatus::Signed => {
            "They have signed a vouch, which ends the question, also where they took it back."
                .to_owned()
        }
        RequestStatus::Declined => "They do not vouch: ask somebody else.".to_owned(),
        RequestStatus::Withdrawn => {
            "You took that back, which ends the question: ask somebody else.".to_owned()
        }
    };
    let detail = format!("You asked this address already. {detail}");
    Err(Problem::new(Kind::AlreadyExists, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            application: ApplicationStatus::Open,
            on_team: false,
            conflict: false,
            found: Vec::new(),
            named: false,
            stands: false,
            this_quarter: 11,
            per_quarter: 12,
        }
    }

    fn code(change: impl FnOnce(&mut Facts)) -> &'static str {
        let mut facts = facts();
        change(&mut facts);
        may_vouch(&facts).map_or_else(|problem| problem.kind().entry().code, |()| "yes")
    }

    #[test]
    fn each_reason_to_refuse() {
        assert_eq!(code(|_| ()), "yes");
        assert_eq!(code(|f| f.on_team = true), "two_persons");
        assert_eq!(code(|f| f.conflict = true), "invalid");
        assert_eq!(code(|f| (f.conflict, f.named) = (true, true)), "yes");
        assert_eq!(code(|f| f.found = vec![Ground::EmailDomain]), "conflict_found");
        assert_eq!(code(|f| (f.found, f.named) = (vec![Ground::EmailDomain], true)), "yes");
        assert_eq!(code(|f| f.stands = true), "already_exists");
        assert_eq!(code(|f| f.this_quarter = 12), "limit_reached");
        for status in ApplicationStatus::ALL {
            use ApplicationStatus as S;
            let takes = matches!(status, S::Submitted | S::Open | S::ChangesRequested);
            assert_eq!(code(|f| f.application = *status) == "yes", takes, "{status}");
        }
    }

    #[test]
    fn quarters_change_at_midnight_of_their_first_day() {
        let of = |text: &str| quarter(text.parse().expect("a day"));
        assert_eq!(of("2026-01-01"), of("2026-03-31"));
        assert_eq!(of("2026-03-31") + 1, of("2026-04-01"));
        assert_eq!(of("2026-12-31") + 1, of("2027-01-01"));
        assert_ne!(of("2026-05-01"), of("2027-05-01"));
    }
}

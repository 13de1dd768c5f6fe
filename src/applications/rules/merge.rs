//! What comes of two applications that become one.
//!
//! The one that goes on keeps its title, summary, duration (the longer of the two) and call; what
//! is asked for, the least that makes sense, and the lines of the budget add up; the text of the
//! other is put below its own, whole, under the other's title. It is public only if both were. No
//! text is ever cut: where it does not fit, nothing is done.

use super::super::model::{Act, Consent, Content, MemberRecord, MemberRole, Record, State};
use super::{BODY_MAX, EVER_INVITED_MAX, LINES_MAX, TEAM_MAX};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::money::{Currency, Money};
use crate::kernel::problem::{Kind, Problem};

/// Whether one application may take up the other, as both stand.
///
/// # Errors
/// 409, saying what stands in the way.
pub fn may_merge(into: &Record, from: &Record) -> Result<()> {
    let no = |detail: String| Err(Problem::wrong_state(detail));
    if into.call_id != from.call_id {
        return no("The applications are in two calls: both have to be in the same.".into());
    }
    if into.left_own_call() || from.left_own_call() {
        return no("One of the applications was declined in its own call: it is in that no more, \
                   and both have to be in the same."
            .into());
    }
    if into.applicant_id == from.applicant_id {
        return no("Both are applications of one person: edit the one, withdraw the other.".into());
    }
    if into.state.after(Act::Edit).is_err() {
        let status = into.state.status();
        return no(format!(
            "The application that would go on is {status}: it has to be a draft, or changes have \
             to be requested."
        ));
    }
    let status = from.state.status();
    if matches!(from.state, State::Awarded | State::Declined | State::Withdrawn | State::Lapsed) {
        return no(format!("The application that would be taken up is {status}: it has ended."));
    }
    if from.offered > 0 {
        return no("There are offers on the application that would be taken up: they have to be \
                   withdrawn first, or it goes on and takes up the other."
            .into());
    }
    if let (Some(one), Some(other)) = (into.content.currency, from.content.currency)
        && one != other
    {
        return no(format!("One asks for {one} and the other for {other}: agree on one."));
    }
    Ok(())
}

fn too_much(detail: String) -> Problem {
    Problem::new(Kind::LimitReached, detail)
}

/// The content of both. Nobody is named in it: where reviews are blind, the text is read without
/// its people.
///
/// # Errors
/// 409 where it would not fit: nothing is cut.
pub fn content(into: &Content, from: &Content) -> Result<Content> {
    let mut new = into.clone();
    new.currency = into.currency.or(from.currency);
    new.amount_requested = sum(new.currency, into.amount_requested, from.amount_requested)?;
    new.amount_minimum = sum(new.currency, into.amount_minimum, from.amount_minimum)?;
    if new.amount_minimum > new.amount_requested && new.amount_requested.is_some() {
        let detail = "Together the minimum would be more than what is requested: complete the \
                      amounts of both first.";
        return Err(Problem::wrong_state(detail));
    }
    new.budget_lines.extend(from.budget_lines.iter().cloned());
    if new.budget_lines.len() > LINES_MAX {
        return Err(too_much(format!("Together they have more than {LINES_MAX} budget lines.")));
    }
    new.duration_months = into.duration_months.max(from.duration_months);
    if from.visibility == Visibility::Private {
        new.visibility = Visibility::Private;
    }
    let heading = format!("Merged from “{}”:", from.title);
    let texts = [&into.body, &heading, &from.summary, &from.body];
    let texts: Vec<&str> =
        texts.into_iter().map(String::as_str).filter(|t| !t.is_empty()).collect();
    new.body = texts.join("\n\n");
    let length = new.body.chars().count();
    if length > BODY_MAX {
        let detail = format!("Together the texts have {length} of at most {BODY_MAX} characters.");
        return Err(too_much(detail));
    }
    Ok(new)
}

fn sum(currency: Option<Currency>, one: Option<i64>, other: Option<i64>) -> Result<Option<i64>> {
    let (Some(a), Some(b), Some(currency)) = (one, other, currency) else {
        return Ok(one.or(other));
    };
    let amounts = [a, b].map(|minor| Money::new(minor, currency));
    let sum = Money::sum(currency, amounts).map_err(|e| too_much(e.to_string()))?;
    Ok(Some(sum.minor()))
}

/// What becomes of somebody from the team that is taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    /// They are on the other team from now on: they agreed to the merge.
    Joins(MemberRecord),
    /// The same, in the place that they had, left or were asked to; never in somebody else's.
    Returns(MemberRecord),
    /// They are asked onto it.
    Asked(MemberRecord),
}

/// Whom the team that goes on gets: the applicant of the other at once, for the merge is their
/// consent; others who had said yes are asked, for theirs was to another team. Who is on it, was
/// asked, said no to it or was taken off it stays as they are. What another person had by the same
/// address, and left, stays theirs: the address has to be taken off it first.
///
/// # Errors
/// 409 where the team would be too large, or somebody else is there by the address of the applicant
/// of the other.
pub fn carried(
    into: &[MemberRecord],
    from: &[MemberRecord],
    applicant: PersonId,
) -> Result<Vec<Carried>> {
    let live = |m: &&MemberRecord| m.consent.is_live();
    let mut all = Vec::new();
    for member in from.iter().filter(|m| m.consent == Consent::Accepted) {
        let same = |m: &&MemberRecord| {
            m.person_id.is_some() && m.person_id == member.person_id || m.email == member.email
        };
        let there: Vec<&MemberRecord> = into.iter().filter(same).collect();
        let agreed = member.person_id == Some(applicant);
        let role = match member.role {
            MemberRole::Lead => MemberRole::Member,
            role => role,
        };
        let same_person = |m: &&MemberRecord| m.person_id == member.person_id;
        let on = |m: &&MemberRecord| m.consent == Consent::Accepted && (!agreed || same_person(m));
        if there.iter().any(on) {
            continue;
        }
        let free = |m: &&MemberRecord| m.person_id.is_none() || same_person(m);
        let free: Vec<&MemberRecord> = there.iter().copied().filter(free).collect();
        let place = free.iter().copied().find(live).or(free.first().copied());
        match (place, agreed) {
            (None, true) if there.iter().any(live) => {
                let detail = "Somebody else is on the team, or asked onto it, by the address of \
                              who applies with the other: take them off it first.";
                return Err(Problem::wrong_state(detail));
            }
            (None, false) if there.iter().any(live) => {}
            (None, true) => all.push(Carried::Joins(MemberRecord { role, ..member.clone() })),
            (None, false) => all.push(Carried::Asked(MemberRecord { role, ..member.clone() })),
            (Some(place), true) => {
                let person_id = member.person_id;
                all.push(Carried::Returns(MemberRecord { person_id, role, ..place.clone() }));
            }
            (Some(_), false) => {}
        }
    }
    let new = all.iter().filter(|c| !matches!(c, Carried::Returns(_))).count();
    let revived = all.iter().filter(|c| match c {
        Carried::Returns(m) => !live(&m),
        _ => false,
    });
    if into.iter().filter(live).count() + revived.count() + new > TEAM_MAX {
        return Err(too_much(format!("Together they would be more than {TEAM_MAX} people.")));
    }
    if into.len() + new > EVER_INVITED_MAX {
        let detail =
            format!("At most {EVER_INVITED_MAX} people can be invited to one application.");
        return Err(too_much(detail));
    }
    Ok(all)
}

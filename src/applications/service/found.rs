//! Conflicts of interest that nobody declared: found by what people have in common, held for a
//! second look. And what admins look at, found or declared.

use super::{conflicts, hold, missing, see, told};
use crate::applications::model::{
    ApplicationFacts, ConflictException, ConflictExceptionForm, Consent, Ground, Named,
};
use crate::applications::{rules, store};
use crate::delegations;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How somebody is tied to an application that they would fund, or have a say in.
#[derive(Debug, Default)]
pub struct Ties {
    /// Whether they take part in it, as [`super::takes_part`] knows it.
    pub takes_part: bool,
    /// Whether they declared a conflict with it that was not lifted.
    pub conflict: bool,
    /// What they have in common with its team, and no admin has looked at: an e-mail domain, a bank
    /// account that both of them ever gave. Nothing is looked for where they take part.
    pub found: Vec<Ground>,
    /// Whether they said no to an invitation onto its team, or that of one that went into it,
    /// which told them who leads it.
    pub declined: bool,
    /// Whether they were ever asked onto one of these teams, by their account or their address,
    /// whatever became of that: the mail, and the application while they are asked, say who leads
    /// it.
    pub asked: bool,
}

/// All of that, read at once.
pub fn ties(conn: &mut Conn, facts: &ApplicationFacts, person: PersonId) -> Result<Ties> {
    let stands = store::stands(conn, facts.id, person)?;
    let takes_part = see::takes_part_as(conn, facts, person, &stands)?;
    let conflict = stands.conflict;
    let theirs = |(whose, invited, _, own, _): &store::Contact| {
        *whose == Some(person) || own.as_ref() == Some(invited)
    };
    let mut before: Vec<(Consent, store::Contact)> = Vec::new();
    if stands.past {
        let mut past = super::lineage(conn, facts.id)?;
        past.retain(|from| *from != facts.id);
        for from in past {
            before.extend(store::stands(conn, from, person)?.places);
        }
    }
    let places = stands.places.iter().chain(&before);
    let mut places = places.filter(|(_, place)| theirs(place)).peekable();
    let asked = places.peek().is_some();
    let declined = places.any(|(answer, _)| *answer == Consent::Declined);
    let found = match takes_part {
        true => Vec::new(),
        false => unexcepted(conn, (facts.id, person), stands)?,
    };
    Ok(Ties { takes_part, conflict, found, declined, asked })
}

/// What they have in common with the team, and no admin has looked at.
fn unexcepted(
    conn: &mut Conn,
    (id, person): (ApplicationId, PersonId),
    stands: store::Stands,
) -> Result<Vec<Ground>> {
    let mut found = shared(conn, contacts(stands), person)?;
    if !found.is_empty() {
        let excepted = store::excepted(conn, id, person)?;
        found.retain(|ground| !excepted.contains(ground));
    }
    Ok(found)
}

/// Those of some applications with whose team somebody has something in common that no admin has
/// looked at.
pub fn found_among(
    conn: &mut Conn,
    ids: &[ApplicationId],
    person: PersonId,
) -> Result<BTreeSet<ApplicationId>> {
    let mut teams: BTreeMap<ApplicationId, Vec<store::Contact>> = BTreeMap::new();
    if !ids.is_empty() {
        for (id, contact) in store::contacts_of(conn, ids, person)? {
            teams.entry(id).or_default().push(contact);
        }
    }
    let mut found = BTreeSet::new();
    for (id, team) in teams {
        let grounds = shared(conn, team, person)?;
        if grounds.is_empty() {
            continue;
        }
        let excepted = store::excepted(conn, id, person)?;
        if grounds.iter().any(|ground| !excepted.contains(ground)) {
            found.insert(id);
        }
    }
    Ok(found)
}

fn in_common(conn: &mut Conn, id: ApplicationId, person: PersonId) -> Result<Vec<Ground>> {
    let stands = store::stands(conn, id, person)?;
    shared(conn, contacts(stands), person)
}

/// Who is on the team: who has not said yes yet binds nobody.
fn contacts(stands: store::Stands) -> Vec<store::Contact> {
    let on = stands.places.into_iter().filter(|(answer, _)| *answer == Consent::Accepted);
    on.map(|(_, contact)| contact).collect()
}

fn shared(conn: &mut Conn, mut team: Vec<store::Contact>, person: PersonId) -> Result<Vec<Ground>> {
    // Whoever is on it themselves is told so in other words.
    team.retain(|(member, ..)| *member != Some(person));
    let domain = team.iter().any(|(_, invited, account, own, _)| {
        let same = |other: &str| own.as_deref().is_some_and(|me| rules::domains::shared(me, other));
        account.as_deref().map_or_else(|| same(invited), |email| same(email) || same(invited))
    });
    let members: Vec<PersonId> = team.iter().filter_map(|(member, ..)| *member).collect();
    let gave = team.iter().any(|(.., gave)| *gave);
    let account = gave && people::service::shares_account(conn, person, &members)?;
    let found = [(domain, Ground::EmailDomain), (account, Ground::BankAccount)];
    Ok(found.into_iter().filter(|(found, _)| *found).map(|(_, ground)| ground).collect())
}

/// An admin has looked at what was found between a person and the team, or at what the person
/// declared: it is no conflict, for this reason. What was declared is lifted, and the person told;
/// what it ended stays ended, and they may declare one anew. Who has a conflict themselves, or is
/// on the application, or is the person or acts for them, says nothing about it.
///
/// # Errors
/// 403 for who is partial, 404 where there is no such application or it was never handed in, 409
/// where it was recorded already, 422 where nothing of the kind was found, or no declared conflict
/// holds.
pub fn except_conflict(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &ConflictExceptionForm,
) -> Result<ConflictException> {
    let (record, _) = hold(conn, ctx, id, Action::ExceptConflict)?;
    // Who is asked onto a draft's team sees it; what is kept for good would keep it from being
    // deleted.
    if record.submitted_at.is_none() {
        return Err(missing());
    }
    let facts = ApplicationFacts::from(&record);
    let me = ctx.me()?;
    impartial(conn, &facts, form.person_id, me)?;
    let side = (Some(form.person_id), facts.created_at);
    delegations::service::another_side(conn, ctx, side, "it is about")?;
    let mut fields = Fields::new();
    let reason = fields.paragraphs("/reason", &form.reason, 1, rules::REASON_MAX);
    let person = people::service::brief(conn, form.person_id)?;
    fields.check(person.is_some(), "/person_id", "unknown", "there is no such person");
    if person.is_some() {
        let (there, message) = match form.ground {
            Ground::Declared => (
                store::has_conflict(conn, id, form.person_id)?,
                "no conflict that they declared holds: there is nothing to lift",
            ),
            ground => (
                in_common(conn, id, form.person_id)?.contains(&ground),
                "nothing of the kind was found",
            ),
        };
        fields.check(there, "/ground", "not_found", message);
    }
    fields.finish()?;
    let row = store::ExceptionRow {
        id: ctx.id(),
        person_id: form.person_id,
        ground: form.ground,
        reason,
        decided_by: me,
        decided_at: ctx.now,
    };
    let kept = match row.ground {
        Ground::Declared => lifted(conn, ctx, id, &row)?,
        Ground::EmailDomain | Ground::BankAccount => store::insert_exception(conn, id, &row)?,
    };
    if !kept {
        return Err(Problem::new(Kind::AlreadyExists, "It was recorded already."));
    }
    note(conn, ctx, id, &row)?;
    Ok(shown(id, row, person.map(|p| p.name).unwrap_or_default()))
}

fn note(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, row: &store::ExceptionRow) -> Result<()> {
    let change = Change::by(Action::ExceptConflict, "application", id.uuid());
    let after = json!({
        "person_id": row.person_id, "ground": row.ground, "reason": row.reason,
    });
    audit::record(conn, ctx, change.to(after))
}

/// Lifts what somebody declared, and tells them; false where somebody was faster. Where it was
/// declared with what the application comes from, and came along, it is lifted there as well: what
/// holds there keeps them out of the lane of what goes on.
fn lifted(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    row: &store::ExceptionRow,
) -> Result<bool> {
    let Some(declared) = store::lift(conn, id, row)? else { return Ok(false) };
    let mut past = super::lineage(conn, id)?;
    past.retain(|one| *one != id);
    for from in store::same_conflict(conn, &past, &declared)? {
        let row = store::ExceptionRow { id: ctx.id(), reason: row.reason.clone(), ..*row };
        if store::lift(conn, from, &row)?.is_some() {
            note(conn, ctx, from, &row)?;
        }
    }
    told::conflict_lifted(conn, ctx, (id, &declared), &row.reason)?;
    Ok(true)
}

fn impartial(
    conn: &mut Conn,
    facts: &ApplicationFacts,
    person: PersonId,
    me: PersonId,
) -> Result<()> {
    let ties = ties(conn, facts, me)?;
    if person == me || ties.takes_part {
        let detail = "It is about yourself or your application: somebody else has to look at it.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    conflicts::without_conflict(ties, Ground::ALL)
}

fn shown(id: ApplicationId, row: store::ExceptionRow, name: String) -> ConflictException {
    ConflictException {
        id: row.id,
        application_id: id,
        person: Named { id: row.person_id, name },
        ground: row.ground,
        reason: row.reason,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
    }
}

/// What admins looked at, newest first.
///
/// # Errors
/// 404 where there is no application that the actor may see, 403 for who is on it.
pub fn conflict_exceptions(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::ConflictException>,
) -> Result<Page<ConflictException>> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListConflictExceptions, &relations)?;
    conflicts::not_on_it(conn, ctx, &facts)?;
    let rows = Page::cut(store::exceptions(conn, id, page)?, page.limit, |row| row.id);
    let people: Vec<PersonId> = rows.items.iter().map(|row| row.person_id).collect();
    let names = people::service::names(conn, &people)?;
    Ok(rows.map(|row| {
        let name = names.get(&row.person_id).cloned().unwrap_or_default();
        shown(id, row, name)
    }))
}

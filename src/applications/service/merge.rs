//! Two applications become one: proposed by one applicant, accepted by the other.

use super::{
    MayJoin, Turn, conflicts, hold_visible, joined, mates, meanwhile, missing, named, see, told,
    turn, versions,
};
use crate::agendas::{self, rules::NAMED_MAX};
use crate::answers;
use crate::applications::events;
use crate::applications::model::{
    Act, Application, ApplicationFacts, ApplicationStatus, BudgetLine, Merge, MergeOffer,
    MergeRecord, MergeStatus, MergedText, Named, ProposeMerge, Record, VersionStage,
};
use crate::applications::rules::merge as rules;
use crate::applications::store;
use crate::funds;
use crate::kernel::Result;
use crate::kernel::ids::{AgendaId, ApplicationId, MergeId, PersonId, of};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::model::Limited;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::outbox;
use serde_json::json;
use std::collections::BTreeSet;

fn no_merge() -> Problem {
    Problem::not_found("merge")
}

/// Both, held in the order of their ids, so that two merges at once do not wait for each other.
fn pair(
    conn: &mut Conn,
    into: ApplicationId,
    from: ApplicationId,
) -> Result<(Option<Record>, Option<Record>)> {
    if into < from {
        let into = store::lock(conn, into)?;
        return Ok((into, store::lock(conn, from)?));
    }
    let from = store::lock(conn, from)?;
    Ok((store::lock(conn, into)?, from))
}

/// Proposes that an application takes up another; the other applicant is asked by mail. Whoever
/// proposes applies with one of them and is on the other, or invited to it: who is asked onto a
/// team may bring their own.
///
/// # Errors
/// 403 for who applies with neither, 404 and 422 where there is none that they are on, 409 where
/// something stands in the way, `may` says why they keep off the team of the one that goes on, or
/// too much was proposed.
pub fn propose_merge(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &ProposeMerge,
    may: MayJoin,
) -> Result<Merge> {
    let me = ctx.me()?;
    let (into, from) = pair(conn, id, form.other)?;
    let into = hold_visible(conn, ctx, into.ok_or_else(missing)?, Action::ProposeMerge)?;
    let unknown = || Problem::field("/other", "unknown", "there is no such application");
    let from = from.filter(|from| from.id != id).ok_or_else(unknown)?;
    if !see::is_inside(&see::relations(conn, ctx, &ApplicationFacts::from(&from))?) {
        return Err(unknown());
    }
    let asked = match (into.applicant_id == me, from.applicant_id == me) {
        (true, _) => from.applicant_id,
        (false, true) => into.applicant_id,
        (false, false) => {
            return Err(Problem::new(Kind::Forbidden, "It is for who applies with one of them."));
        }
    };
    rules::may_merge(&into, &from)?;
    if asked == into.applicant_id {
        may(conn, ctx, &ApplicationFacts::from(&into), me)?;
    }
    nothing_given(conn, &from)?;
    joined::in_one_call(conn, &from)?;
    joined::in_time(conn, ctx, &into)?;
    // Or the other way round: they could not both be accepted.
    if store::is_proposed(conn, (into.id, from.id))?
        || store::is_proposed(conn, (from.id, into.id))?
    {
        let detail = "This was proposed already: it waits for an answer (GET …/merges).";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    room_for_another(conn, ctx, (into.id, from.id), me)?;
    let merge = MergeRecord {
        id: ctx.id(),
        into_id: into.id,
        from_id: from.id,
        proposed_by: me,
        asked_id: asked,
        status: MergeStatus::Proposed,
        kept: None,
        created_at: ctx.now,
        decided_at: None,
    };
    store::insert_merge(conn, &merge)?;
    note(conn, ctx, Action::ProposeMerge, &merge)?;
    told::merge_proposed(conn, ctx, &merge, (&into.content.title, &from.content.title))?;
    shown(conn, ctx, merge)
}

/// Proposing mails somebody each time: so many a day, and the same again only after a day.
fn room_for_another(
    conn: &mut Conn,
    ctx: &Ctx,
    pair: (ApplicationId, ApplicationId),
    me: PersonId,
) -> Result<()> {
    // Held while they are counted, or many at once would each find the last place free.
    people::service::hold(conn, me)?;
    let since = ctx.now.plus_seconds(-24 * 3600);
    let limit = |detail: String| Err(Problem::new(Kind::LimitReached, detail));
    if store::was_proposed_since(conn, pair, since)? {
        return limit("This was proposed today already: try again tomorrow.".into());
    }
    let most = crate::applications::rules::MERGES_A_DAY;
    let proposed = store::proposed_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::Merge, since)?;
    if proposed >= most {
        return limit(format!("One person can propose at most {most} merges a day."));
    }
    Ok(())
}

/// Money that the public gave for an application does not follow it into another.
fn nothing_given(conn: &mut Conn, from: &Record) -> Result<()> {
    if funds::service::any_given_for(conn, from.id)? {
        let detail = "Money was given for the application that would be taken up, and is held for \
                      it: let it go on, and take up the other.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

fn note(conn: &mut Conn, ctx: &Ctx, action: Action, merge: &MergeRecord) -> Result<()> {
    let after = json!({
        "merge_id": merge.id, "into": merge.into_id, "other": merge.from_id,
        "status": merge.status,
    });
    for id in [merge.into_id, merge.from_id] {
        let change = Change::by(action, "application", id.uuid());
        audit::record(conn, ctx, change.to(after.clone()))?;
    }
    Ok(())
}

fn related(ctx: &Ctx, merge: &MergeRecord) -> Vec<Relation> {
    let mut found = Vec::new();
    if ctx.actor.is(merge.proposed_by) {
        found.push(Relation::Own);
    }
    if ctx.actor.is(merge.asked_id) {
        found.push(Relation::Invited);
    }
    found
}

/// A merge that the actor may do this to, with both applications held.
fn held(
    conn: &mut Conn,
    ctx: &Ctx,
    id: MergeId,
    action: Action,
) -> Result<(MergeRecord, Record, Record)> {
    let merge = store::find_merge(conn, id)?.ok_or_else(no_merge)?;
    authz::require(ctx, action, &related(ctx, &merge))?;
    let (into, from) = pair(conn, merge.into_id, merge.from_id)?;
    // What was read before the rows were held may have been answered meanwhile.
    let merge = store::find_merge(conn, id)?.ok_or_else(no_merge)?;
    merge.status.open()?;
    Ok((merge, into.ok_or_else(missing)?, from.ok_or_else(missing)?))
}

/// Makes one of both: the team, the text, the amounts, the agendas, the files and the answers of
/// the one come to the other, and it ends as withdrawn; what others said follows by event.
///
/// # Errors
/// 404 for whom it does not concern, 409 where something stands in the way by now, or `may` says
/// that somebody with a stake in the other keeps off the team of the one that goes on.
pub fn accept_merge(conn: &mut Conn, ctx: &Ctx, id: MergeId, may: MayJoin) -> Result<Application> {
    let (mut merge, mut into, from) = held(conn, ctx, id, Action::AcceptMerge)?;
    rules::may_merge(&into, &from)?;
    let content = rules::content(&into.content, &from.content)?;
    nothing_given(conn, &from)?;
    joined::in_one_call(conn, &from)?;
    joined::in_time(conn, ctx, &into)?;
    name_agendas(conn, &into, &from)?;
    joined::team(conn, ctx, (&into, &from), may)?;
    conflicts::carry(conn, ctx, into.id, from.id)?;
    let old = answers::service::paper(conn, into.id)?;
    versions::begin(conn, ctx, &into, &old)?;
    let (paper, kept) = joined::join(conn, ctx, (&into, &old), &from)?;
    if !store::save_content(conn, into.id, &content, into.version)? {
        return Err(meanwhile());
    }
    if paper != old {
        named::replace(conn, ctx, &into, (&old, &paper))?;
    }
    into.content = content;
    into.version += 1;
    versions::keep(conn, ctx, &into, &paper, VersionStage::Draft)?;
    let seen = from.state.status() != ApplicationStatus::Draft;
    let step = Turn {
        act: Act::Withdraw,
        action: "merge_application",
        reason: Some(format!("Merged into application {}.", into.id)),
        promised_on: None,
        event: seen.then_some(events::WITHDRAWN),
    };
    // Before the other ends, with which what still waits for an answer ends.
    merge.status = MergeStatus::Accepted;
    if !store::decide_merge(conn, id, merge.status, Some(&kept), ctx.now)? {
        return Err(meanwhile());
    }
    let from = turn(conn, ctx, from, step)?;
    let text = format!(
        "Another application, “{}”, has taken up this one and goes on for both:",
        into.content.title
    );
    mates::tell(conn, ctx, &from, ("Taken up by another", &text), &[])?;
    note(conn, ctx, Action::AcceptMerge, &merge)?;
    let told = json!({ "v": 1, "application_id": merge.from_id, "into_id": merge.into_id });
    outbox::emit(conn, ctx, events::MERGED, told)?;
    told::merge_decided(conn, ctx, &merge, &into.content.title)?;
    let relations = see::relations(conn, ctx, &ApplicationFacts::from(&into))?;
    see::shown(conn, ctx, into, &relations)
}

/// What waits for an answer with either side of an application ends with it, and who applies with
/// the other one hears that.
pub(super) fn end_proposals(conn: &mut Conn, ctx: &Ctx, ended: &Record) -> Result<()> {
    for merge in store::end_proposals(conn, ended.id, ctx.now)? {
        told::merge_ended(conn, ctx, &merge, ended)?;
    }
    Ok(())
}

/// The directions of the first, then those of the other, up to as many as one application names.
fn name_agendas(conn: &mut Conn, into: &Record, from: &Record) -> Result<()> {
    let (mut ids, mut own): (Vec<AgendaId>, usize) = (Vec::new(), 0);
    for record in [from, into] {
        let named = agendas::service::of_application(conn, record.id)?;
        own = named.len();
        ids.splice(0..0, named.into_iter().map(|agenda| agenda.id));
    }
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    ids.truncate(NAMED_MAX.max(own));
    agendas::service::rename_application(conn, into.id, &ids)
}

/// Says no to a merge, or takes the proposal back.
///
/// # Errors
/// 404 for whom it does not concern, 409 where it was answered already.
pub fn end_merge(conn: &mut Conn, ctx: &Ctx, id: MergeId, action: Action) -> Result<Merge> {
    let (mut merge, into, _) = held(conn, ctx, id, action)?;
    merge.status = match action {
        Action::DeclineMerge => MergeStatus::Declined,
        _ => MergeStatus::Withdrawn,
    };
    if !store::decide_merge(conn, id, merge.status, None, ctx.now)? {
        return Err(meanwhile());
    }
    merge.decided_at = Some(ctx.now);
    note(conn, ctx, action, &merge)?;
    told::merge_decided(conn, ctx, &merge, &into.content.title)?;
    shown(conn, ctx, merge)
}

/// One merge, for the two applicants whom it concerns.
///
/// # Errors
/// 404 for everybody else.
pub fn merge(conn: &mut Conn, ctx: &Ctx, id: MergeId) -> Result<Merge> {
    let merge = store::find_merge(conn, id)?.ok_or_else(no_merge)?;
    authz::require(ctx, Action::GetMerge, &related(ctx, &merge))?;
    shown(conn, ctx, merge)
}

/// The merges of an application, newest first, for its applicant; for its team, and for who works
/// on it for the applicant, those that were done.
///
/// # Errors
/// 404 where there is no application that the actor may see.
pub fn merges(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    page: &PageOf<of::Merge>,
) -> Result<Page<Merge>> {
    let facts = super::facts(conn, id)?.ok_or_else(missing)?;
    let relations = see::may_see(conn, ctx, &facts)?;
    authz::require(ctx, Action::ListMerges, &relations)?;
    let all = relations.contains(&Relation::Own);
    let rows = Page::cut(store::merges_of(conn, id, all, page)?, page.limit, |row| row.id);
    let items = rows.items.into_iter().map(|row| shown(conn, ctx, row)).collect::<Result<_>>()?;
    Ok(Page { items, next: rows.next })
}

/// What would be taken up, where the actor may see it now, or its applicant proposes it to them.
fn open_to(
    conn: &mut Conn,
    ctx: &Ctx,
    merge: &MergeRecord,
) -> Result<Option<crate::applications::model::Content>> {
    if merge.status != MergeStatus::Proposed {
        return Ok(None);
    }
    let Some(from) = store::find(conn, merge.from_id)? else { return Ok(None) };
    let facts = ApplicationFacts::from(&from);
    let proposed = from.applicant_id == merge.proposed_by && ctx.actor.is(merge.asked_id);
    let seen = proposed || see::may_see(conn, ctx, &facts).is_ok();
    Ok(seen.then_some(from.content))
}

fn shown(conn: &mut Conn, ctx: &Ctx, merge: MergeRecord) -> Result<Merge> {
    let people: [PersonId; 2] = [merge.proposed_by, merge.asked_id];
    let names = people::service::names(conn, &people)?;
    let named = |id: PersonId| Named { id, name: names.get(&id).cloned().unwrap_or_default() };
    let open = open_to(conn, ctx, &merge)?;
    let (mut text, mut offer) = (merge.kept, None);
    if let Some(content) = open {
        let money = |minor: Option<i64>| Some(Money::new(minor?, content.currency?));
        let line = |line: &crate::applications::model::Line| {
            let amount = Money::new(line.amount, content.currency?);
            Some(BudgetLine { label: line.label.clone(), amount })
        };
        text = Some(MergedText::from(&content));
        offer = Some(MergeOffer {
            amount_minimum: money(content.amount_minimum),
            amount_requested: money(content.amount_requested),
            budget_lines: content.budget_lines.iter().filter_map(line).collect(),
        });
    }
    Ok(Merge {
        id: merge.id,
        into: merge.into_id,
        other: merge.from_id,
        proposed_by: named(merge.proposed_by),
        asked: named(merge.asked_id),
        status: merge.status,
        text,
        offer,
        proposed_at: merge.created_at,
        decided_at: merge.decided_at,
    })
}

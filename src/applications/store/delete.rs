//! Deleting an application that was never handed in, with all that hangs on it; and what one said
//! that was handed in.

use super::{routes, save_route, save_text};
use crate::answers::model::Paper;
use crate::applications::model::{
    ApplicationStatus, Consent, MergeStatus, MergedText, RouteRecord, RouteStatus,
};
use crate::calls::model::Visibility;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MemberId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::people::model::{Did, Limited};
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::{
    answer_bank, appeals, application_agendas, application_answers, application_deletions,
    application_members, application_resubmissions, application_routes, application_texts,
    application_versions, applications, attachments, comment_mentions, comments, conflicts, merges,
    nominations, screenings, search_documents, similar_due, similar_texts, vouch_requests, vouches,
};
use crate::platform::db::types::{Doc, Sealed};
use diesel::dsl::exists;
use diesel::prelude::*;

macro_rules! all_of {
    ($conn:expr, $id:expr, $($table:ident),+) => {{
        $( diesel::delete($table::table.filter($table::application_id.eq($id))).execute($conn)?; )+
    }};
}

/// Whether it took another up, or was taken up.
pub(in crate::applications) fn took_part_in_merge(
    conn: &mut Conn,
    id: ApplicationId,
) -> Result<bool> {
    let of = merges::table
        .filter(merges::into_id.eq(id).or(merges::from_id.eq(id)))
        .filter(merges::status.eq(MergeStatus::Accepted));
    Ok(diesel::select(exists(of)).get_result(conn)?)
}

/// What of it limits of a day count, done since then: somebody was invited to it, asked to vouch,
/// mentioned or nominated, a merge was proposed, a file was attached or copied, be it removed or
/// not, something was said.
pub(in crate::applications) fn done_since(
    conn: &mut Conn,
    id: ApplicationId,
    since: Instant,
) -> Result<Vec<Did>> {
    let mut all: Vec<Did> = Vec::new();
    let mut add = |kind: Limited, rows: Vec<(PersonId, Instant)>| {
        all.extend(rows.into_iter().map(|(person, at)| (person, kind, at)));
    };
    let invited: Vec<(Option<PersonId>, Instant)> = application_members::table
        .filter(application_members::application_id.eq(id))
        .filter(application_members::created_at.ge(since))
        .select((application_members::invited_by, application_members::created_at))
        .load(conn)?;
    let by = |(person, at): (Option<PersonId>, Instant)| Some((person?, at));
    add(Limited::Invitation, invited.into_iter().filter_map(by).collect());
    let nominated = nominations::table
        .filter(nominations::application_id.eq(id).and(nominations::created_at.ge(since)))
        .select((nominations::nominator_id, nominations::created_at));
    add(Limited::Nomination, nominated.load(conn)?);
    let merged = merges::table
        .filter(merges::into_id.eq(id).or(merges::from_id.eq(id)))
        .filter(merges::created_at.ge(since))
        .select((merges::proposed_by, merges::created_at));
    add(Limited::Merge, merged.load(conn)?);
    for (kind, copied) in [(Limited::File, false), (Limited::Copy, true)] {
        let attached = attachments::table
            .filter(attachments::application_id.eq(id).and(attachments::created_at.ge(since)))
            .filter(attachments::copied.eq(copied))
            .select((attachments::uploaded_by, attachments::created_at));
        add(kind, attached.load(conn)?);
    }
    let asked: Vec<(PersonId, Option<Instant>)> = vouch_requests::table
        .filter(vouch_requests::application_id.eq(id).and(vouch_requests::sent_at.ge(since)))
        .select((vouch_requests::requested_by, vouch_requests::sent_at))
        .load(conn)?;
    let sent = |(person, at): (PersonId, Option<Instant>)| Some((person, at?));
    add(Limited::VouchRequest, asked.into_iter().filter_map(sent).collect());
    let said = || comments::application_id.eq(id).and(comments::created_at.ge(since));
    let mentioned = comment_mentions::table
        .inner_join(comments::table.on(comments::id.eq(comment_mentions::comment_id)))
        .filter(said())
        .select((comments::author_id, comments::created_at));
    add(Limited::Mention, mentioned.load(conn)?);
    let said = comments::table.filter(said()).select((comments::author_id, comments::created_at));
    add(Limited::Comment, said.load(conn)?);
    Ok(all)
}

/// Deletes every row of it. What only an application has that was handed in (reviews, screenings,
/// offers, its clock) is not looked for: where there is any, the database refuses.
pub(in crate::applications) fn delete(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    let said = comments::table.filter(comments::application_id.eq(id)).select(comments::id);
    let mentions = comment_mentions::table.filter(comment_mentions::comment_id.eq_any(said));
    diesel::delete(mentions).execute(conn)?;
    let of = merges::table.filter(merges::into_id.eq(id).or(merges::from_id.eq(id)));
    diesel::delete(of).execute(conn)?;
    // The request that a vouch answers is named by it.
    all_of!(conn, id, vouches, vouch_requests, comments, attachments, application_agendas);
    all_of!(conn, id, answer_bank, application_answers, application_versions, application_routes);
    all_of!(conn, id, application_resubmissions, conflicts, application_members, application_texts);
    diesel::delete(nominations::table.filter(nominations::application_id.eq(id))).execute(conn)?;
    diesel::delete(applications::table.find(id)).execute(conn)?;
    Ok(())
}

/// What the title of an emptied application says.
pub(in crate::applications) const EMPTIED: &str = "Deleted by its applicant";

/// Whether its applicant deleted what it said.
pub(in crate::applications) fn is_emptied(conn: &mut Conn, id: ApplicationId) -> Result<bool> {
    let of = application_deletions::table.find(id);
    Ok(diesel::select(exists(of)).get_result(conn)?)
}

/// Deletes what these people wrote in an application that has ended: its texts and their versions,
/// answers, files, team, comments, what was answered about harm, and what it is found by. That it
/// was there, its amounts and dates, and what others wrote and decided stays.
pub(in crate::applications) fn empty(
    conn: &mut Conn,
    id: ApplicationId,
    (by, authors): (PersonId, &[PersonId]),
    now: Instant,
) -> Result<()> {
    diesel::update(applications::table.find(id))
        .set((
            applications::title.eq(EMPTIED),
            applications::summary.eq(""),
            applications::place.eq(""),
            applications::place_marks.eq(""),
            applications::looking_for.eq(0),
            applications::visibility.eq(Visibility::Private),
            applications::version.eq(applications::version + 1),
        ))
        .execute(conn)?;
    save_text(conn, id, "", &[])?;
    empty_words(conn, id, (by, authors), now)?;
    for route in routes(conn, id)? {
        let paper = Paper { form_version: route.paper.form_version, ..Paper::default() };
        let carried = Default::default();
        let version = route.version + 1;
        save_route(conn, &RouteRecord { paper, carried, version, ..route })?;
    }
    let open = vouch_requests::table.filter(vouch_requests::application_id.eq(id));
    let answered = vouches::table.filter(vouches::request_id.eq(vouch_requests::id.nullable()));
    diesel::delete(open.filter(diesel::dsl::not(exists(answered)))).execute(conn)?;
    diesel::update(open).set(vouch_requests::message.eq("")).execute(conn)?;
    all_of!(conn, id, attachments, application_agendas, answer_bank, application_answers);
    all_of!(conn, id, application_versions);
    nobody_named(conn, id)?;
    diesel::delete(nominations::table.filter(nominations::application_id.eq(id))).execute(conn)?;
    // Last, as what went before is noted there to be found and compared.
    all_of!(conn, id, search_documents, similar_due, similar_texts);
    diesel::insert_into(application_deletions::table)
        .values((
            application_deletions::application_id.eq(id),
            application_deletions::deleted_by.eq(by),
            application_deletions::deleted_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes names and addresses off its team. Who was on it keeps out of what others wrote about it,
/// for ever: their places stay.
fn nobody_named(conn: &mut Conn, id: ApplicationId) -> Result<()> {
    let team = application_members::table.filter(application_members::application_id.eq(id));
    diesel::delete(team.filter(application_members::person_id.is_null())).execute(conn)?;
    let places: Vec<MemberId> = team.select(application_members::id).load(conn)?;
    for place in places {
        diesel::update(application_members::table.find(place))
            .set((
                application_members::email.eq(place.to_string()),
                application_members::name.eq(""),
                application_members::consent.eq(Consent::Removed),
                application_members::token_hash.eq(None::<Vec<u8>>),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// What these people said beside its own texts: comments, an appeal, answers about harm.
fn empty_words(
    conn: &mut Conn,
    id: ApplicationId,
    (by, authors): (PersonId, &[PersonId]),
    now: Instant,
) -> Result<()> {
    let theirs = comments::table
        .filter(comments::application_id.eq(id).and(comments::removed_at.is_null()))
        .filter(comments::author_id.eq_any(padded(authors)));
    let mentions = comment_mentions::table
        .filter(comment_mentions::comment_id.eq_any(theirs.clone().select(comments::id)));
    diesel::delete(mentions).execute(conn)?;
    diesel::update(theirs)
        .set((
            comments::body.eq(""),
            comments::removed_at.eq(Some(now)),
            comments::removed_by.eq(Some(by)),
            comments::version.eq(comments::version + 1),
        ))
        .execute(conn)?;
    // Why it was taken back, of itself and of further calls; what others kept when it was merged.
    let withdrawn = applications::status.eq(ApplicationStatus::Withdrawn);
    diesel::update(applications::table.filter(applications::id.eq(id).and(withdrawn)))
        .set(applications::status_reason.eq(None::<String>))
        .execute(conn)?;
    let left = application_routes::application_id.eq(id);
    let left = left.and(application_routes::status.eq(RouteStatus::Withdrawn));
    diesel::update(application_routes::table.filter(left))
        .set(application_routes::reason.eq(None::<String>))
        .execute(conn)?;
    let nothing = MergedText::default();
    let nothing = serde_json::to_value(nothing).map_err(Problem::internal)?;
    let kept = merges::from_id.eq(id).and(merges::kept.is_not_null());
    diesel::update(merges::table.filter(kept))
        .set(merges::kept.eq(Some(Doc(nothing))))
        .execute(conn)?;
    diesel::update(appeals::table.filter(appeals::application_id.eq(id)))
        .set(appeals::text.eq(""))
        .execute(conn)?;
    diesel::update(screenings::table.filter(screenings::application_id.eq(id)))
        .set((
            screenings::sealed.eq(None::<Sealed>),
            screenings::set_number.eq(None::<i32>),
            screenings::answered_at.eq(None::<Instant>),
        ))
        .execute(conn)?;
    Ok(())
}

//! Raising a concern.

use super::{begun, held, letters, note, seals};
use crate::applications;
use crate::concerns::model::{
    ConcernRecord, ConcernStatus, MyConcern, RaiseConcern, Raised, Texts,
};
use crate::concerns::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, ConcernId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::reviews;

const DAY: i64 = 86_400;

/// Refuses what is out of the actor's sight: they may see the application, or review it.
fn in_sight(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<()> {
    let Err(problem) = applications::service::visible(conn, ctx, id) else { return Ok(()) };
    let reviews = match ctx.actor.person() {
        Some(me) if problem.kind() == Kind::NotFound => {
            reviews::service::reviews_blind(conn, id, me)?.is_some()
        }
        _ => false,
    };
    if reviews { Ok(()) } else { Err(problem) }
}

/// Raises a concern about an application that the actor may see or reviews.
///
/// # Errors
/// 404 for an application out of sight, 403 for its own team, 409 where its state or a limit
/// forbids it, or nobody is there to look at it.
pub fn raise(conn: &mut Conn, ctx: &Ctx, id: ApplicationId, form: &RaiseConcern) -> Result<Raised> {
    in_sight(conn, ctx, id)?;
    let action = Action::RaiseConcern;
    authz::require(ctx, action, &[])?;
    let mut fields = Fields::new();
    let concern = fields.paragraphs("/concern", &form.concern, 1, rules::CONCERN_MAX);
    fields.finish()?;
    let application = held(conn, id)?;
    let me = ctx.me()?;
    people::service::hold(conn, me)?;
    if applications::service::is_on_now(conn, ctx, &application)? {
        let detail = "You are on this application: say it in the application itself.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    rules::may_be_raised(application.status)?;
    if !store::any_member(conn)? {
        let detail = "Nobody is there to look at it: ask an admin to name a need-to-know group.";
        return Err(Problem::wrong_state(detail));
    }
    let limit = |detail: &str| Err(Problem::new(Kind::LimitReached, detail));
    let since = ctx.now.plus_seconds(-DAY);
    if store::raised_since(conn, me, since)? >= rules::CONCERNS_A_DAY {
        return limit("You raised ten concerns today: go on tomorrow.");
    }
    if store::open_of(conn, id, Some(me))? >= rules::OPEN_EACH {
        return limit(
            "Three of yours about this are being looked at: wait for what comes of them.",
        );
    }
    if store::open_of(conn, id, None)? >= rules::OPEN_MAX {
        // Nothing that this tells: it holds for whoever asks, however many there are of theirs.
        return limit("No more can be raised here now.");
    }
    begun(conn, ctx, id)?;
    let concern_id: ConcernId = ctx.id();
    let named = form.may_name_me;
    let (summary, response, reason, earlier) = (None, None, None, Vec::new());
    let texts = Texts { concern, named, summary, response, reason, earlier };
    let record = ConcernRecord {
        id: concern_id,
        application_id: id,
        raised_about: None,
        raised_by: me,
        status: ConcernStatus::Open,
        outcome: None,
        conditions: None,
        sealed: seals::seal_texts(ctx, concern_id, &texts)?,
        raised_at: ctx.now,
        asked_at: None,
        asked_id: None,
        answered_at: None,
        decided_at: None,
    };
    store::insert_concern(conn, &record)?;
    note(conn, ctx, action, id, ("concern", record.id.uuid(), Some(record.id)))?;
    letters::waits(conn, ctx, id, &format!("/concerns/{}", record.id))?;
    Ok(Raised { id: record.id, raised_at: record.raised_at })
}

/// What the acting person raised, newest first.
pub fn raised(conn: &mut Conn, ctx: &Ctx, page: &PageOf<of::Concern>) -> Result<Page<MyConcern>> {
    authz::require(ctx, Action::ListMyConcerns, &[])?;
    let rows = store::raised_by(conn, ctx.me()?, page)?;
    Ok(Page::cut(rows, page.limit, |row| row.id).map(|row| MyConcern {
        id: row.id,
        application_id: row.raised_about.unwrap_or(row.application_id),
        status: row.status,
        raised_at: row.raised_at,
    }))
}

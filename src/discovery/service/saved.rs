//! Searches that people save.

use crate::discovery::model::{CreateSavedSearch, Digest, EditSavedSearch, SavedSearch};
use crate::discovery::rules;
use crate::discovery::store::{self, NewSearch};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{Id, SavedSearchId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::auth::seal;
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use subtle::ConstantTimeEq as _;

fn missing() -> Problem {
    Problem::not_found("saved search")
}

/// The search, if the actor may do this with it.
fn own(conn: &mut Conn, ctx: &Ctx, action: Action, id: SavedSearchId) -> Result<SavedSearch> {
    let search = store::find(conn, id)?.ok_or_else(missing)?;
    let relations: &[Relation] =
        if ctx.actor.is(search.person_id) { &[Relation::Own] } else { &[] };
    authz::require(ctx, action, relations)?;
    Ok(search)
}

/// Saves a search of the actor's. They are told of what is opened from now on.
///
/// # Errors
/// 409 beyond what one person may save, 422 with all that is wrong.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &CreateSavedSearch) -> Result<SavedSearch> {
    authz::require(ctx, Action::CreateSavedSearch, &[])?;
    let me = ctx.me()?;
    let mut fields = Fields::new();
    let name = rules::name(&mut fields, &form.name);
    fields.finish()?;
    rules::saved(&form.asked, form.digest)?;
    // Held while they are counted, or two at once would each find the last place free.
    people::service::hold(conn, me)?;
    if store::count(conn, me)? >= rules::SAVED_MAX {
        let detail = format!("You saved {} searches: delete one first.", rules::SAVED_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let id = ctx.id();
    let new = NewSearch {
        name: &name,
        asked: &form.asked,
        digest: form.digest,
        due_at: rules::due_at(form.digest, ctx.now),
        told_until: ctx.now,
    };
    store::insert(conn, (id, me), &new, ctx.now)?;
    let change = Change::by(Action::CreateSavedSearch, "saved_search", id.uuid());
    audit::record(conn, ctx, change.to(json!({ "digest": form.digest })))?;
    store::find(conn, id)?.ok_or_else(missing)
}

/// One search of the actor's.
///
/// # Errors
/// 404 for others.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: SavedSearchId) -> Result<SavedSearch> {
    own(conn, ctx, Action::GetSavedSearch, id)
}

/// The actor's searches, newest first.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::SavedSearch>,
) -> Result<Page<SavedSearch>> {
    authz::require(ctx, Action::ListSavedSearches, &[])?;
    Ok(Page::cut(store::list(conn, ctx.me()?, page)?, page.limit, |search| search.id))
}

/// Changes a search of the actor's. Another period begins now; what was told is not told again.
///
/// # Errors
/// 404 for others, 412 when it was changed since it was read, 422 with all that is wrong.
pub fn edit(
    conn: &mut Conn,
    ctx: &Ctx,
    id: SavedSearchId,
    form: &EditSavedSearch,
) -> Result<SavedSearch> {
    own(conn, ctx, Action::EditSavedSearch, id)?;
    // Held, or what its owner is told of meanwhile would be told again.
    let old = store::lock(conn, id)?.ok_or_else(missing)?;
    audit::expect_version(
        conn,
        ctx,
        ("saved_search", id.uuid()),
        old.version,
        &[Action::EditSavedSearch],
    )?;
    let mut fields = Fields::new();
    let name = form.name.as_deref().map(|name| rules::name(&mut fields, name));
    fields.finish()?;
    let asked = form.asked.as_ref().unwrap_or(&old.asked);
    let digest = form.digest.unwrap_or(old.digest);
    // What was saved before such a digest was refused can be called something else.
    if form.asked.is_some() || form.digest.is_some() {
        rules::saved(asked, digest)?;
    }
    let same = digest == old.digest;
    let new = NewSearch {
        name: name.as_deref().unwrap_or(&old.name),
        asked,
        digest,
        due_at: if same { old.due_at } else { rules::due_at(digest, ctx.now) },
        // Without mails nothing was told meanwhile, and nothing of that is news.
        told_until: if old.digest == Digest::None && !same { ctx.now } else { old.told_until },
    };
    if !store::update(conn, (id, old.version), &new)? {
        return Err(Problem::changed_meanwhile("search"));
    }
    let change = Change::by(Action::EditSavedSearch, "saved_search", id.uuid());
    let (before, after) = (json!({ "digest": old.digest }), json!({ "digest": digest }));
    audit::record(conn, ctx, change.from(before).to(after))?;
    store::find(conn, id)?.ok_or_else(missing)
}

/// Deletes a search of the actor's.
///
/// # Errors
/// 404 for others.
pub fn delete(conn: &mut Conn, ctx: &Ctx, id: SavedSearchId) -> Result<()> {
    let old = own(conn, ctx, Action::DeleteSavedSearch, id)?;
    store::delete(conn, id)?;
    let change = Change::by(Action::DeleteSavedSearch, "saved_search", id.uuid());
    audit::record(conn, ctx, change.from(json!({ "digest": old.digest })))
}

/// What the link of a digest proves: whoever has it had the mail, and may end those mails.
fn proof(ctx: &Ctx, id: SavedSearchId) -> [u8; 32] {
    seal::equality(&ctx.env.keys, "unsubscribe", id.uuid().as_bytes())
}

/// The path of the link that ends the mails of a search.
pub(super) fn unsubscribe_path(ctx: &Ctx, id: SavedSearchId) -> String {
    format!("/unsubscribe#token={}", rules::token(id.uuid(), &proof(ctx, id)))
}

/// Ends the mails of a search, for whoever has the link of one. Once ended, or with the search
/// deleted, the link is still good, and does nothing.
///
/// # Errors
/// 401 for a token that is none.
pub fn unsubscribe(conn: &mut Conn, ctx: &Ctx, token: &str) -> Result<()> {
    let refused = || {
        let detail = "This link is not complete: open it from the mail once more.";
        Problem::new(Kind::TokenRefused, detail)
    };
    let (uuid, shown) = rules::read_token(token).ok_or_else(refused)?;
    let id: SavedSearchId = Id::from_uuid(uuid);
    if !bool::from(shown.ct_eq(&proof(ctx, id))) {
        return Err(refused());
    }
    if store::stop(conn, id)? {
        let change = Change::by(Action::Unsubscribe, "saved_search", id.uuid());
        audit::record(conn, ctx, change.to(json!({ "digest": Digest::None })))?;
    }
    Ok(())
}

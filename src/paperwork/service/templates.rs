//! Versions of templates.

use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::paperwork::model::{CreateTemplate, TemplateKind, TemplateView};
use crate::paperwork::{rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// The first version, which comes with the program.
const FIRST: &str = include_str!("../templates/agreement-1.md");

/// Versions of templates, newest first. The first one is there once it was needed.
pub fn list_templates(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::Template>,
) -> Result<Page<TemplateView>> {
    authz::require(ctx, Action::ListTemplates, &[])?;
    Ok(Page::cut(store::list_templates(conn, page)?, page.limit, |t| t.id))
}

/// Makes a new version; agreements that are drafted from now on are made from it.
///
/// # Errors
/// 422 for a placeholder that is not known, not closed, or missing.
pub fn create_template(conn: &mut Conn, ctx: &Ctx, form: &CreateTemplate) -> Result<TemplateView> {
    authz::require(ctx, Action::CreateTemplate, &[])?;
    let mut fields = Fields::new();
    let title = fields.line("/title", &form.title, 1, 200);
    let body = fields.paragraphs("/body", &form.body, 1, 100_000);
    if !body.is_empty()
        && let Err(wrong) = rules::Template::read(&body)
    {
        fields.push("/body", "placeholder", wrong);
    }
    fields.finish()?;
    let number = newest(conn, ctx)?.number + 1;
    insert(conn, ctx, number, title, format!("{body}\n"), ctx.actor.person())
}

/// The newest version; the first one is made where there is none.
pub(super) fn newest(conn: &mut Conn, ctx: &Ctx) -> Result<TemplateView> {
    if let Some(template) = store::newest_template(conn, TemplateKind::Agreement)? {
        return Ok(template);
    }
    let first = template(ctx, 1, "Grant agreement".into(), FIRST.into(), None);
    if store::insert_template(conn, &first)? {
        record(conn, ctx, &first)?;
    }
    // Somebody else may have made it at the same moment.
    let lost = || Problem::internal("the first template vanished");
    store::newest_template(conn, TemplateKind::Agreement)?.ok_or_else(lost)
}

fn insert(
    conn: &mut Conn,
    ctx: &Ctx,
    number: i32,
    title: String,
    body: String,
    by: Option<PersonId>,
) -> Result<TemplateView> {
    let new = template(ctx, number, title, body, by);
    if !store::insert_template(conn, &new)? {
        let detail = "Somebody else made a version at the same moment: look at it first.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    record(conn, ctx, &new)?;
    Ok(new)
}

fn template(
    ctx: &Ctx,
    number: i32,
    title: String,
    body: String,
    created_by: Option<PersonId>,
) -> TemplateView {
    let (id, kind, created_at) = (ctx.id::<of::Template>(), TemplateKind::Agreement, ctx.now);
    TemplateView { id, kind, number, title, body, created_by, created_at }
}

fn record(conn: &mut Conn, ctx: &Ctx, new: &TemplateView) -> Result<()> {
    let after = json!({
        "number": new.number,
        "title": new.title,
        "sha256": rules::sha256(new.body.as_bytes()),
    });
    let made = Change::by(Action::CreateTemplate, "template", new.id.uuid()).to(after);
    audit::record(conn, ctx, made)
}

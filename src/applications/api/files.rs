//! Files that hang on applications.

use crate::applications::service;
use crate::attachments::api::download;
use crate::attachments::model::{Attachment, FileKind, NewAttachment};
use crate::attachments::service as attachments;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, AttachmentId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{
    self, App, Body, Caller, Done, Empty, Inspect, Problems, Query, Routes, Terms, Upload,
};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, post};
use serde::Deserialize;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(attach_file)
        .service(list_attachments)
        .service(get_attachment)
        .service(remove_attachment);
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NameQuery {
    /// The name of the file. Only its last part is kept, without what could be taken for
    /// something else, with an ending that fits the content.
    name: String,
}

#[derive(Default)]
struct Look(attachments::Scan);

impl Inspect for Look {
    type Found = FileKind;
    fn see(&mut self, bytes: &[u8]) {
        self.0.see(bytes);
    }
    fn judge(self, declared: &str) -> Result<FileKind> {
        self.0.judge(declared)
    }
}

/// Hangs a file on an application that can be edited: the body is the file itself, of at most
/// 10,000,000 bytes. PDF, PNG, JPEG, WebP, plain text and Markdown are taken; what it is, its
/// content says.
#[utoipa::path(tag = "applications", operation_id = "attach_file",
    params(("id" = ApplicationId, Path), NameQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    security(("bearer" = [])),
    responses((status = 201, description = "Attached", body = Attachment), Problems))]
#[post("/api/v1/applications/{id}/attachments")]
async fn attach_file(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    query: Query<NameQuery>,
    file: Upload,
) -> HttpResponse {
    let terms = Terms::<Look>::up_to(attachments::BYTES_MAX);
    let id = *id;
    let asked = query.clone();
    let may = move |conn: &mut _, ctx: &_| {
        service::may_attach(conn, ctx, id)?;
        attachments::may_be_called(&asked.read()?.name)
    };
    http::upload(&app, caller, Action::AttachFile, (file, terms), may, move |conn, ctx, came| {
        let new = NewAttachment {
            name: query.read()?.name,
            found: came.found,
            bytes: came.kept.bytes,
            sha256: came.kept.sha256,
        };
        let made = service::attach(conn, ctx, id, &new)?;
        Done::created(&made, format!("/api/v1/applications/{id}/attachments/{}", made.id))
    })
    .await
}

/// The files of an application, newest first.
#[utoipa::path(tag = "applications", operation_id = "list_attachments",
    params(("id" = ApplicationId, Path), PageQuery),
    responses((status = 200, description = "A page", body = Page<Attachment>), Problems))]
#[get("/api/v1/applications/{id}/attachments")]
async fn list_attachments(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    page: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListAttachments, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::attachments(conn, ctx, *id, &page.checked()?)?)
    })
    .await
}

/// The file itself, to download: never to be shown by a browser.
#[utoipa::path(tag = "applications", operation_id = "get_attachment",
    params(("id" = ApplicationId, Path), ("attachment_id" = AttachmentId, Path)),
    responses((status = 200, description = "The file", content(
        (String = "application/pdf"), (String = "image/png"), (String = "image/jpeg"),
        (String = "image/webp"), (String = "text/plain"), (String = "text/markdown"))), Problems))]
#[get("/api/v1/applications/{id}/attachments/{attachment_id}")]
async fn get_attachment(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, AttachmentId)>,
) -> HttpResponse {
    let place = path.into_inner();
    http::download(&app, caller, Action::GetAttachment, move |conn, ctx| {
        service::attachment(conn, ctx, place).map(download)
    })
    .await
}

/// Takes a file off an application that can be edited.
#[utoipa::path(tag = "applications", operation_id = "remove_attachment",
    params(("id" = ApplicationId, Path), ("attachment_id" = AttachmentId, Path)),
    security(("bearer" = [])),
    responses((status = 204, description = "Removed"), Problems))]
#[delete("/api/v1/applications/{id}/attachments/{attachment_id}")]
async fn remove_attachment(
    app: App,
    caller: Caller,
    path: Path<(ApplicationId, AttachmentId)>,
    body: Body<Empty>,
) -> HttpResponse {
    let place = path.into_inner();
    http::command(&app, caller, Action::RemoveAttachment, body, move |conn, ctx, _| {
        service::detach(conn, ctx, place).map(|()| Done::nothing())
    })
    .await
}

//! Routes of contributions for applications, and of what is changed of a fund with a view to them.

use crate::funds;
use crate::funds::model::{Earmark, EarmarkStatus, FundView};
use crate::funds::service::{FundChange, ListEarmarks};
use crate::kernel::Result;
use crate::kernel::ids::{AnnouncementId, ApplicationId, EarmarkId, FundId};
use crate::kernel::page::{Page, PageQuery};
use crate::offers::model::OfferView;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use crate::publishing::model::{
    AnnounceForm, Announced, Announcement, AnnouncementRow, AnnouncementStatus, OfferEarmark,
    ReassignForm, ReceiveForm, Received,
};
use crate::publishing::service::{self, ListAnnouncements};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(announce_contribution)
        .service(list_announcements)
        .service(get_announcement)
        .service(receive_contribution)
        .service(list_earmarks)
        .service(offer_earmark)
        .service(reassign_earmark)
        .service(edit_fund);
}

/// Changes name, purpose or fee of a fund; send its ETag as If-Match. The purpose of a restricted
/// fund stays once money was given to it or is announced for it.
#[utoipa::path(tag = "funds", operation_id = "edit_fund",
    params(("id" = FundId, Path), ("If-Match" = String, Header)),
    request_body = FundChange, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = FundView), Problems))]
#[patch("/api/v1/funds/{id}")]
async fn edit_fund(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    body: Body<FundChange>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditFund, body, move |conn, ctx, form| {
        let view = funds::service::edit(conn, ctx, *id, form, service::awaited)?;
        Ok(Done::ok(&view)?.version(view.fund.version))
    })
    .await
}

/// Announces for an application that was found to be public, counted against where it comes from
/// and against the address that gets the mail.
pub(in crate::publishing) async fn counted(
    app: App,
    ctx: Ctx,
    id: ApplicationId,
    form: AnnounceForm,
) -> Result<Announced> {
    app.tried(&ctx, Action::AnnounceContribution, Some(&form.email))?;
    app.db.write("announce", move |conn| service::announce(conn, &ctx, id, &form)).await
}

/// Announces a contribution for a public application: how to pay is answered and mailed. No money
/// moves, and nothing of it is published.
#[utoipa::path(tag = "public", operation_id = "announce_contribution",
    params(("id" = ApplicationId, Path)), request_body = AnnounceForm,
    responses((status = 202, description = "Noted; a mail says how to pay", body = Announced),
        Problems))]
#[post("/api/v1/public/applications/{id}/announcements")]
async fn announce_contribution(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<AnnounceForm>,
) -> HttpResponse {
    let id = *id;
    let run =
        move |app, ctx, form| async move { Done::accepted(&counted(app, ctx, id, form).await?) };
    let find = move |conn: &mut Conn, ctx: &Ctx| service::may_announce(conn, ctx, id);
    http::found_command(&app, caller, Action::AnnounceContribution, find, body, run).await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AnnouncementQuery {
    /// Only in this state.
    status: Option<AnnouncementStatus>,
    /// Only the one with this reference, as it stands on a payment.
    reference: Option<String>,
    /// Only for this application.
    application_id: Option<ApplicationId>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Announced contributions, newest first.
#[utoipa::path(tag = "public", operation_id = "list_announcements", params(AnnouncementQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<AnnouncementRow>), Problems))]
#[get("/api/v1/announcements")]
async fn list_announcements(
    app: App,
    caller: Caller,
    query: Query<AnnouncementQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListAnnouncements, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let AnnouncementQuery { status, reference, application_id, .. } = query;
        let wanted = ListAnnouncements { status, reference, application_id };
        Done::ok(&service::announcements(conn, ctx, &wanted, &page)?)
    })
    .await
}

/// One announced contribution, with the giver's address.
#[utoipa::path(tag = "public", operation_id = "get_announcement",
    params(("id" = AnnouncementId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = Announcement), Problems))]
#[get("/api/v1/announcements/{id}")]
async fn get_announcement(app: App, caller: Caller, id: Path<AnnouncementId>) -> HttpResponse {
    http::query(&app, caller, Action::GetAnnouncement, move |conn, ctx| {
        Done::ok(&service::announcement(conn, ctx, *id)?)
    })
    .await
}

/// Records that announced money has arrived: a contribution to the fund, held for the application.
#[utoipa::path(tag = "public", operation_id = "receive_contribution",
    params(("id" = AnnouncementId, Path)), request_body = ReceiveForm, security(("bearer" = [])),
    responses((status = 201, description = "Recorded", body = Received), Problems))]
#[post("/api/v1/announcements/{id}/receive")]
async fn receive_contribution(
    app: App,
    caller: Caller,
    id: Path<AnnouncementId>,
    body: Body<ReceiveForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::ReceiveContribution, body, move |conn, ctx, form| {
        let received = service::receive(conn, ctx, *id, form)?;
        Done::created(&received, "/api/v1/earmarks".into())
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EarmarkQuery {
    /// Only in this state.
    status: Option<EarmarkStatus>,
    /// Only for this application.
    application_id: Option<ApplicationId>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Money that was given for applications, newest first.
#[utoipa::path(tag = "public", operation_id = "list_earmarks", params(EarmarkQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Earmark>), Problems))]
#[get("/api/v1/earmarks")]
async fn list_earmarks(app: App, caller: Caller, query: Query<EarmarkQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListEarmarks, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        let EarmarkQuery { status, application_id, .. } = query;
        let wanted = ListEarmarks { status, application_id };
        Done::ok(&funds::service::list_earmarks(conn, ctx, wanted, &page)?)
    })
    .await
}

/// Offers money that is held for an application there, by a budget of the fund that has it.
#[utoipa::path(tag = "public", operation_id = "offer_earmark", params(("id" = EarmarkId, Path)),
    request_body = OfferEarmark, security(("bearer" = [])),
    responses((status = 201, description = "Offered", body = OfferView), Problems))]
#[post("/api/v1/earmarks/{id}/offer")]
async fn offer_earmark(
    app: App,
    caller: Caller,
    id: Path<EarmarkId>,
    body: Body<OfferEarmark>,
) -> HttpResponse {
    http::command(&app, caller, Action::OfferEarmark, body, move |conn, ctx, form| {
        let offer = service::offer_earmark(conn, ctx, *id, form)?;
        Done::created(&offer, format!("/api/v1/offers/{}", offer.id))
    })
    .await
}

/// Gives money that was held for an application another use, once that takes no offers any more, or
/// none of this fund, and cannot come back.
#[utoipa::path(tag = "public", operation_id = "reassign_earmark",
    params(("id" = EarmarkId, Path)), request_body = ReassignForm, security(("bearer" = [])),
    responses((status = 200, description = "Reassigned", body = Earmark), Problems))]
#[post("/api/v1/earmarks/{id}/reassign")]
async fn reassign_earmark(
    app: App,
    caller: Caller,
    id: Path<EarmarkId>,
    body: Body<ReassignForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::ReassignEarmark, body, move |conn, ctx, form| {
        Done::ok(&service::reassign(conn, ctx, *id, form)?)
    })
    .await
}

//! How applications were declined, and what is done about it.

use crate::applications::model::{
    Appeal, AppealAnswer, AppealForm, AppealStatus, Application, CreateDeclineTemplate,
    DeclineTemplate, DeclinedView, EditDeclineTemplate, WithdrawAppealForm,
};
use crate::applications::service;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CallId, DeclineTemplateId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;

pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(get_decline)
        .service(appeal_decline)
        .service(withdraw_appeal)
        .service(answer_appeal)
        .service(list_appeals)
        .service(resubmit_application)
        .service(create_decline_template)
        .service(edit_decline_template)
        .service(get_decline_template)
        .service(list_decline_templates);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeclineQuery {
    /// The further call that declined; absent for the application, or its own call.
    call_id: Option<CallId>,
}

/// How an application was declined, in a further call where one is named, and what can be done
/// about it.
#[utoipa::path(tag = "applications", operation_id = "get_decline",
    params(("id" = ApplicationId, Path), DeclineQuery), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = DeclinedView), Problems))]
#[get("/api/v1/applications/{id}/decline")]
async fn get_decline(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    query: Query<DeclineQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetDecline, move |conn, ctx| {
        Done::ok(&service::declined(conn, ctx, *id, query.read()?.call_id)?)
    })
    .await
}

/// Asks that another person looks at a decline, in a further call where one is named, if the call
/// allows it; once for each call.
#[utoipa::path(tag = "applications", operation_id = "appeal_decline",
    params(("id" = ApplicationId, Path)), request_body = AppealForm, security(("bearer" = [])),
    responses((status = 201, description = "Appealed", body = Appeal), Problems))]
#[post("/api/v1/applications/{id}/appeal")]
async fn appeal_decline(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<AppealForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::AppealDecline, body, move |conn, ctx, form| {
        let made = service::appeal(conn, ctx, *id, form)?;
        Done::created(&made, format!("/api/v1/applications/{}/decline", *id))
    })
    .await
}

/// Takes an appeal back that waits for its answer: the decision stands, and there is no other
/// appeal.
#[utoipa::path(tag = "applications", operation_id = "withdraw_appeal",
    params(("id" = ApplicationId, Path)), request_body = WithdrawAppealForm,
    security(("bearer" = [])),
    responses((status = 200, description = "Taken back", body = Appeal), Problems))]
#[post("/api/v1/applications/{id}/appeal/withdraw")]
async fn withdraw_appeal(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<WithdrawAppealForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::WithdrawAppeal, body, move |conn, ctx, form| {
        Done::ok(&service::withdraw_appeal(conn, ctx, *id, form)?)
    })
    .await
}

/// Answers an appeal: not by whoever declined. Reopened, the application waits for a first look
/// again, with a new promised day; where a call had declined it alone, it is in that again.
#[utoipa::path(tag = "applications", operation_id = "answer_appeal",
    params(("id" = ApplicationId, Path)), request_body = AppealAnswer, security(("bearer" = [])),
    responses((status = 200, description = "Answered", body = Appeal), Problems))]
#[post("/api/v1/applications/{id}/appeal/answer")]
async fn answer_appeal(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<AppealAnswer>,
) -> HttpResponse {
    http::command(&app, caller, Action::AnswerAppeal, body, move |conn, ctx, form| {
        Done::ok(&service::answer_appeal(conn, ctx, *id, form)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AppealQuery {
    /// Only those that wait, or that were answered.
    #[param(inline)]
    status: Option<AppealStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Appeals, newest first.
#[utoipa::path(tag = "applications", operation_id = "list_appeals", params(AppealQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Appeal>), Problems))]
#[get("/api/v1/appeals")]
async fn list_appeals(app: App, caller: Caller, query: Query<AppealQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListAppeals, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::appeals(conn, ctx, query.status, &page)?)
    })
    .await
}

/// Begins a new application with what a declined one said, where the call allows it; once.
#[utoipa::path(tag = "applications", operation_id = "resubmit_application",
    params(("id" = ApplicationId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 201, description = "Begun", body = Application), Problems))]
#[post("/api/v1/applications/{id}/resubmit")]
async fn resubmit_application(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::ResubmitApplication, body, move |conn, ctx, _| {
        let made = service::resubmit(conn, ctx, *id)?;
        let place = format!("/api/v1/applications/{}", made.row.id);
        Ok(Done::created(&made, place)?.version(made.version))
    })
    .await
}

fn versioned(template: &DeclineTemplate) -> Result<Done> {
    Ok(Done::ok(template)?.version(template.version))
}

/// Makes a text that reasons for declines begin as.
#[utoipa::path(tag = "applications", operation_id = "create_decline_template",
    request_body = CreateDeclineTemplate, security(("bearer" = [])),
    responses((status = 201, description = "Made", body = DeclineTemplate), Problems))]
#[post("/api/v1/decline-templates")]
async fn create_decline_template(
    app: App,
    caller: Caller,
    body: Body<CreateDeclineTemplate>,
) -> HttpResponse {
    http::command(&app, caller, Action::CreateDeclineTemplate, body, |conn, ctx, form| {
        let made = service::create_template(conn, ctx, form)?;
        let place = format!("/api/v1/decline-templates/{}", made.id);
        Ok(Done::created(&made, place)?.version(made.version))
    })
    .await
}

/// Changes or retires a text that reasons for declines begin as.
#[utoipa::path(tag = "applications", operation_id = "edit_decline_template",
    params(("id" = DeclineTemplateId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditDeclineTemplate, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = DeclineTemplate), Problems))]
#[patch("/api/v1/decline-templates/{id}")]
async fn edit_decline_template(
    app: App,
    caller: Caller,
    id: Path<DeclineTemplateId>,
    body: Body<EditDeclineTemplate>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditDeclineTemplate, body, move |conn, ctx, form| {
        versioned(&service::edit_template(conn, ctx, *id, form)?)
    })
    .await
}

/// One text that reasons for declines begin as.
#[utoipa::path(tag = "applications", operation_id = "get_decline_template",
    params(("id" = DeclineTemplateId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = DeclineTemplate), Problems))]
#[get("/api/v1/decline-templates/{id}")]
async fn get_decline_template(
    app: App,
    caller: Caller,
    id: Path<DeclineTemplateId>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetDeclineTemplate, move |conn, ctx| {
        versioned(&service::template(conn, ctx, *id)?)
    })
    .await
}

/// The texts that reasons for declines begin as, newest first.
#[utoipa::path(tag = "applications", operation_id = "list_decline_templates", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<DeclineTemplate>), Problems))]
#[get("/api/v1/decline-templates")]
async fn list_decline_templates(app: App, caller: Caller, page: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListDeclineTemplates, move |conn, ctx| {
        let page = page.read()?;
        Done::ok(&service::templates(conn, ctx, &page.checked()?)?)
    })
    .await
}

//! Routes of disbursements and payment batches.

use super::model::{Batch, BatchStatus, Disbursement, DisbursementStatus};
use super::service::{
    self, BatchDetail, BatchForm, ConfirmForm, DisbursementDetail, FileForm, ListDisbursements,
    ReturnForm, SettleForm, VoidForm,
};
use crate::kernel::ids::{BatchId, DisbursementId, GrantId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Empty, File, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(draft_disbursement)
        .service(list_disbursements)
        .service(get_disbursement)
        .service(confirm_double)
        .service(approve_disbursement)
        .service(void_disbursement)
        .service(settle_disbursement)
        .service(return_disbursement)
        .service(retry_disbursement)
        .service(create_payment_batch)
        .service(list_payment_batches)
        .service(get_payment_batch)
        .service(get_payment_file)
        .service(settle_payment_batch);
}

/// What to draft.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftForm {
    /// Send true to draft it although it looks like another payment of within three days: it is
    /// then held until somebody else confirms that it is meant.
    #[serde(default)]
    despite_double: bool,
}

fn made(it: &Disbursement) -> crate::kernel::Result<Done> {
    Ok(Done::created(it, format!("/api/v1/disbursements/{}", it.id))?.version(it.version))
}

fn changed(it: &Disbursement) -> crate::kernel::Result<Done> {
    Ok(Done::ok(it)?.version(it.version))
}

/// Drafts the payment of a released tranche to the grant's payee.
#[utoipa::path(tag = "disbursements", operation_id = "draft_disbursement",
    params(
        ("id" = GrantId, Path),
        ("sequence" = i32, Path, description = "1 for the first tranche"),
    ),
    request_body = DraftForm, security(("bearer" = [])),
    responses((status = 201, description = "Drafted", body = Disbursement), Problems))]
#[post("/api/v1/grants/{id}/tranches/{sequence}/disbursement")]
async fn draft_disbursement(
    app: App,
    caller: Caller,
    path: Path<(GrantId, i32)>,
    body: Body<DraftForm>,
) -> HttpResponse {
    let (grant, sequence) = path.into_inner();
    http::command(&app, caller, Action::DraftDisbursement, body, move |conn, ctx, form| {
        made(&service::draft(conn, ctx, grant, sequence, form.despite_double)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DisbursementQuery {
    /// Only in this state.
    status: Option<DisbursementStatus>,
    /// Only of this grant.
    grant_id: Option<GrantId>,
    /// Only of this batch.
    batch_id: Option<BatchId>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Disbursements, newest first.
#[utoipa::path(tag = "disbursements", operation_id = "list_disbursements",
    params(DisbursementQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Disbursement>), Problems))]
#[get("/api/v1/disbursements")]
async fn list_disbursements(
    app: App,
    caller: Caller,
    query: Query<DisbursementQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListDisbursements, move |conn, ctx| {
        let query = query.read()?;
        let q = &query;
        let page = PageQuery { limit: q.limit, after: q.after.clone() }.checked()?;
        let filter =
            ListDisbursements { status: q.status, grant_id: q.grant_id, batch_id: q.batch_id };
        Done::ok(&service::list(conn, ctx, &filter, &page)?)
    })
    .await
}

/// One disbursement with its tries.
#[utoipa::path(tag = "disbursements", operation_id = "get_disbursement",
    params(("id" = DisbursementId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = DisbursementDetail), Problems))]
#[get("/api/v1/disbursements/{id}")]
async fn get_disbursement(app: App, caller: Caller, id: Path<DisbursementId>) -> HttpResponse {
    http::query(&app, caller, Action::GetDisbursement, move |conn, ctx| {
        let it = service::detail(conn, ctx, *id)?;
        Ok(Done::ok(&it)?.version(it.disbursement.version))
    })
    .await
}

/// Approves a drafted disbursement: another person than the one who drafted it.
#[utoipa::path(tag = "disbursements", operation_id = "approve_disbursement",
    params(("id" = DisbursementId, Path)), request_body = Empty, security(("bearer" = [])),
    responses((status = 200, description = "Approved", body = Disbursement), Problems))]
#[post("/api/v1/disbursements/{id}/approve")]
async fn approve_disbursement(
    app: App,
    caller: Caller,
    id: Path<DisbursementId>,
    body: Body<Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::ApproveDisbursement, body, move |conn, ctx, _| {
        changed(&service::approve(conn, ctx, *id)?)
    })
    .await
}

/// Says that a disbursement which looks like another is meant: somebody other than who drafted it,
/// with a reason that whoever approves it reads. Until then it cannot be approved.
#[utoipa::path(tag = "disbursements", operation_id = "confirm_double",
    params(("id" = DisbursementId, Path)), request_body = ConfirmForm, security(("bearer" = [])),
    responses((status = 200, description = "Confirmed", body = Disbursement), Problems))]
#[post("/api/v1/disbursements/{id}/confirm-double")]
async fn confirm_double(
    app: App,
    caller: Caller,
    id: Path<DisbursementId>,
    body: Body<ConfirmForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::ConfirmDouble, body, move |conn, ctx, form| {
        changed(&service::confirm(conn, ctx, *id, form)?)
    })
    .await
}

/// Drops a disbursement that the bank was not told of.
#[utoipa::path(tag = "disbursements", operation_id = "void_disbursement",
    params(("id" = DisbursementId, Path)), request_body = VoidForm, security(("bearer" = [])),
    responses((status = 200, description = "Dropped", body = Disbursement), Problems))]
#[post("/api/v1/disbursements/{id}/void")]
async fn void_disbursement(
    app: App,
    caller: Caller,
    id: Path<DisbursementId>,
    body: Body<VoidForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::VoidDisbursement, body, move |conn, ctx, form| {
        changed(&service::void(conn, ctx, *id, form)?)
    })
    .await
}

/// Records that a payment arrived.
#[utoipa::path(tag = "disbursements", operation_id = "settle_disbursement",
    params(("id" = DisbursementId, Path)), request_body = SettleForm, security(("bearer" = [])),
    responses((status = 200, description = "Settled", body = Disbursement), Problems))]
#[post("/api/v1/disbursements/{id}/settle")]
async fn settle_disbursement(
    app: App,
    caller: Caller,
    id: Path<DisbursementId>,
    body: Body<SettleForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::SettleDisbursement, body, move |conn, ctx, form| {
        changed(&service::settle(conn, ctx, *id, form)?)
    })
    .await
}

/// Records that a payment came back.
#[utoipa::path(tag = "disbursements", operation_id = "return_disbursement",
    params(("id" = DisbursementId, Path)), request_body = ReturnForm, security(("bearer" = [])),
    responses((status = 200, description = "Returned", body = Disbursement), Problems))]
#[post("/api/v1/disbursements/{id}/return")]
async fn return_disbursement(
    app: App,
    caller: Caller,
    id: Path<DisbursementId>,
    body: Body<ReturnForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::ReturnDisbursement, body, move |conn, ctx, form| {
        changed(&service::returned(conn, ctx, *id, form)?)
    })
    .await
}

/// Drafts a returned payment again; it needs a new approval.
#[utoipa::path(tag = "disbursements", operation_id = "retry_disbursement",
    params(("id" = DisbursementId, Path)), request_body = DraftForm, security(("bearer" = [])),
    responses((status = 200, description = "Drafted again", body = Disbursement), Problems))]
#[post("/api/v1/disbursements/{id}/retry")]
async fn retry_disbursement(
    app: App,
    caller: Caller,
    id: Path<DisbursementId>,
    body: Body<DraftForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RetryDisbursement, body, move |conn, ctx, form| {
        changed(&service::retry(conn, ctx, *id, form.despite_double)?)
    })
    .await
}

/// Puts approved disbursements into a batch: the bank is told.
#[utoipa::path(tag = "disbursements", operation_id = "create_payment_batch",
    request_body = BatchForm, security(("bearer" = [])),
    responses((status = 201, description = "Made", body = Batch), Problems))]
#[post("/api/v1/payment-batches")]
async fn create_payment_batch(app: App, caller: Caller, body: Body<BatchForm>) -> HttpResponse {
    http::command(&app, caller, Action::CreatePaymentBatch, body, |conn, ctx, form| {
        let batch = service::create_batch(conn, ctx, form)?;
        Done::created(&batch, format!("/api/v1/payment-batches/{}", batch.id))
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BatchQuery {
    /// Only in this state.
    status: Option<BatchStatus>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Payment batches, newest first.
#[utoipa::path(tag = "disbursements", operation_id = "list_payment_batches",
    params(BatchQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<Batch>), Problems))]
#[get("/api/v1/payment-batches")]
async fn list_payment_batches(app: App, caller: Caller, query: Query<BatchQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListPaymentBatches, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after.clone() }.checked()?;
        Done::ok(&service::batches(conn, ctx, query.status, &page)?)
    })
    .await
}

/// One payment batch.
#[utoipa::path(tag = "disbursements", operation_id = "get_payment_batch",
    params(("id" = BatchId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = BatchDetail), Problems))]
#[get("/api/v1/payment-batches/{id}")]
async fn get_payment_batch(app: App, caller: Caller, id: Path<BatchId>) -> HttpResponse {
    http::query(&app, caller, Action::GetPaymentBatch, move |conn, ctx| {
        Done::ok(&service::batch(conn, ctx, *id)?)
    })
    .await
}

/// The CSV payment file of a batch, with full bank details. Every download is audited. One that
/// equals the file of another batch is held: see `despite_same_file`. So is one of a batch whose
/// file was given out before: see `despite_given_out`.
#[utoipa::path(tag = "disbursements", operation_id = "get_payment_file",
    params(("id" = BatchId, Path)), request_body = FileForm, security(("bearer" = [])),
    responses((status = 200, description = "The file", body = String, content_type = "text/csv"),
        Problems))]
#[post("/api/v1/payment-batches/{id}/file")]
async fn get_payment_file(
    app: App,
    caller: Caller,
    id: Path<BatchId>,
    body: Body<FileForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::GetPaymentFile, body, move |conn, ctx, form| {
        let bytes = service::payment_file(conn, ctx, *id, form)?;
        let name = format!("payments-{}.csv", *id);
        Ok(Done::file(File { content_type: "text/csv; charset=utf-8", name, bytes }))
    })
    .await
}

/// Records that every payment of a batch arrived which the bank has not spoken of yet.
#[utoipa::path(tag = "disbursements", operation_id = "settle_payment_batch",
    params(("id" = BatchId, Path)), request_body = SettleForm, security(("bearer" = [])),
    responses((status = 200, description = "Settled", body = Batch), Problems))]
#[post("/api/v1/payment-batches/{id}/settle")]
async fn settle_payment_batch(
    app: App,
    caller: Caller,
    id: Path<BatchId>,
    body: Body<SettleForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::SettlePaymentBatch, body, move |conn, ctx, form| {
        Done::ok(&service::settle_batch(conn, ctx, *id, form)?)
    })
    .await
}

//! Routes of bank accounts, and of what banks do on their own.

use super::StatementQuery;
use crate::funds::model::{BankAccount, BankCharge, BankTransfer};
use crate::funds::service::{
    self, BankAccountForm, BankChargeForm, BankTransferForm, UndoBankRecord,
};
use crate::kernel::ids::{BankAccountId, BankChargeId, BankTransferId, FundId};
use crate::kernel::page::{Page, PageQuery};
use crate::ledger::service::Statement;
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};

/// Registers them.
pub(super) fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(create_bank_account)
        .service(list_bank_accounts)
        .service(get_bank_statement)
        .service(record_bank_charge)
        .service(undo_bank_charge)
        .service(list_bank_charges)
        .service(record_bank_transfer)
        .service(undo_bank_transfer)
        .service(list_bank_transfers);
}

/// Adds a bank account.
#[utoipa::path(tag = "funds", operation_id = "create_bank_account",
    request_body = BankAccountForm, security(("bearer" = [])),
    responses((status = 201, description = "Added", body = BankAccount), Problems))]
#[post("/api/v1/bank-accounts")]
async fn create_bank_account(
    app: App,
    caller: Caller,
    body: Body<BankAccountForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::CreateBankAccount, body, |conn, ctx, form| {
        let bank = service::create_bank_account(conn, ctx, form)?;
        Done::created(&bank, "/api/v1/bank-accounts".into())
    })
    .await
}

/// Bank accounts, newest first.
#[utoipa::path(tag = "funds", operation_id = "list_bank_accounts",
    params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<BankAccount>), Problems))]
#[get("/api/v1/bank-accounts")]
async fn list_bank_accounts(app: App, caller: Caller, query: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListBankAccounts, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_bank_accounts(conn, ctx, &query.checked()?)?)
    })
    .await
}

/// What the books say of one bank account, in the order of days, with what lay there before and
/// after: to be held against the bank's own statement.
#[utoipa::path(tag = "funds", operation_id = "get_bank_statement",
    params(("id" = BankAccountId, Path), StatementQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Statement), Problems))]
#[get("/api/v1/bank-accounts/{id}/statement")]
async fn get_bank_statement(
    app: App,
    caller: Caller,
    id: Path<BankAccountId>,
    query: Query<StatementQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetBankStatement, move |conn, ctx| {
        let (days, page) = query.read()?.checked()?;
        Done::ok(&service::bank_statement(conn, ctx, *id, days, &page)?)
    })
    .await
}

/// Records what a bank took of a fund's money on its own: the fund has to have as much that is
/// neither in a budget nor held for an application.
#[utoipa::path(tag = "funds", operation_id = "record_bank_charge",
    params(("id" = FundId, Path)), request_body = BankChargeForm, security(("bearer" = [])),
    responses((status = 201, description = "Recorded", body = BankCharge), Problems))]
#[post("/api/v1/funds/{id}/charges")]
async fn record_bank_charge(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    body: Body<BankChargeForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RecordBankCharge, body, move |conn, ctx, form| {
        let made = service::record_charge(conn, ctx, *id, form)?;
        Done::created(&made, format!("/api/v1/funds/{id}/charges"))
    })
    .await
}

/// Takes a bank charge that was recorded in error out of the books: its entry is reversed, and it
/// can be recorded anew.
#[utoipa::path(tag = "funds", operation_id = "undo_bank_charge",
    params(("id" = FundId, Path), ("charge_id" = BankChargeId, Path)),
    request_body = UndoBankRecord, security(("bearer" = [])),
    responses((status = 200, description = "Undone", body = BankCharge), Problems))]
#[post("/api/v1/funds/{id}/charges/{charge_id}/undo")]
async fn undo_bank_charge(
    app: App,
    caller: Caller,
    path: Path<(FundId, BankChargeId)>,
    body: Body<UndoBankRecord>,
) -> HttpResponse {
    let (fund, id) = path.into_inner();
    http::command(&app, caller, Action::UndoBankCharge, body, move |conn, ctx, form| {
        Done::ok(&service::undo_charge(conn, ctx, fund, id, form)?)
    })
    .await
}

/// What banks took of a fund's money, newest first.
#[utoipa::path(tag = "funds", operation_id = "list_bank_charges",
    params(("id" = FundId, Path), PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<BankCharge>), Problems))]
#[get("/api/v1/funds/{id}/charges")]
async fn list_bank_charges(
    app: App,
    caller: Caller,
    id: Path<FundId>,
    query: Query<PageQuery>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListBankCharges, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_charges(conn, ctx, *id, &query.checked()?)?)
    })
    .await
}

/// Records that money moved between two own accounts: within one currency as much as left, between
/// two what the bank made of it. It is not refused for lack of money: the bank has done it already.
#[utoipa::path(tag = "funds", operation_id = "record_bank_transfer",
    request_body = BankTransferForm, security(("bearer" = [])),
    responses((status = 201, description = "Recorded", body = BankTransfer), Problems))]
#[post("/api/v1/bank-transfers")]
async fn record_bank_transfer(
    app: App,
    caller: Caller,
    body: Body<BankTransferForm>,
) -> HttpResponse {
    http::command(&app, caller, Action::RecordBankTransfer, body, |conn, ctx, form| {
        let made = service::record_transfer(conn, ctx, form)?;
        Done::created(&made, "/api/v1/bank-transfers".into())
    })
    .await
}

/// Takes a transfer between own accounts that was recorded in error out of the books: its entry is
/// reversed, and it can be recorded anew.
#[utoipa::path(tag = "funds", operation_id = "undo_bank_transfer",
    params(("id" = BankTransferId, Path)), request_body = UndoBankRecord, security(("bearer" = [])),
    responses((status = 200, description = "Undone", body = BankTransfer), Problems))]
#[post("/api/v1/bank-transfers/{id}/undo")]
async fn undo_bank_transfer(
    app: App,
    caller: Caller,
    id: Path<BankTransferId>,
    body: Body<UndoBankRecord>,
) -> HttpResponse {
    http::command(&app, caller, Action::UndoBankTransfer, body, move |conn, ctx, form| {
        Done::ok(&service::undo_transfer(conn, ctx, *id, form)?)
    })
    .await
}

/// Transfers between own accounts, newest first.
#[utoipa::path(tag = "funds", operation_id = "list_bank_transfers",
    params(PageQuery), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<BankTransfer>), Problems))]
#[get("/api/v1/bank-transfers")]
async fn list_bank_transfers(app: App, caller: Caller, query: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListBankTransfers, move |conn, ctx| {
        let query = query.read()?;
        Done::ok(&service::list_transfers(conn, ctx, &query.checked()?)?)
    })
    .await
}

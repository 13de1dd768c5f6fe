//! Bank accounts: where the money of funds lies.

use super::super::model::BankAccount;
use super::super::store;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{BankAccountId, of};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageOf};
use crate::kernel::problem::{Kind, Problem};
use crate::ledger::service::{self as ledger, Days, Statement};
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::{self, Conn};
use serde::Deserialize;
use serde_json::json;

/// A bank account to add.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankAccountForm {
    /// What people call it; not used by another one. Not the account's number.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// ISO 4217 code of the currency that it holds.
    #[schema(example = "USD", min_length = 3, max_length = 3)]
    pub currency: String,
}

/// What is said of an id that no bank account has.
pub(super) const NO_SUCH_ACCOUNT: &str = "there is no such bank account";

/// Adds a bank account.
pub fn create_bank_account(
    conn: &mut Conn,
    ctx: &Ctx,
    form: &BankAccountForm,
) -> Result<BankAccount> {
    authz::require(ctx, Action::CreateBankAccount, &[])?;
    let mut fields = Fields::new();
    let name = fields.line("/name", &form.name, 1, 120);
    let currency = super::currency(&mut fields, &form.currency);
    fields.finish()?;
    let currency = currency.ok_or_else(|| Problem::internal("a currency was let through"))?;
    let bank = BankAccount { id: ctx.id(), name, currency, created_at: ctx.now };
    store::insert_bank(conn, &bank).map_err(name_taken)?;
    let change = Change::by(Action::CreateBankAccount, "bank_account", bank.id.uuid())
        .to(json!({ "name": bank.name, "currency": bank.currency }));
    audit::record(conn, ctx, change)?;
    Ok(bank)
}

/// Bank accounts, newest first.
pub fn list_bank_accounts(
    conn: &mut Conn,
    ctx: &Ctx,
    page: &PageOf<of::BankAccount>,
) -> Result<Page<BankAccount>> {
    authz::require(ctx, Action::ListBankAccounts, &[])?;
    Ok(Page::cut(store::list_banks(conn, page)?, page.limit, |b| b.id))
}

/// What the books say of one bank account, in the order of days, to be held against the bank's own
/// statement. A payment from several budgets has a line for each of them, with one entry.
///
/// # Errors
/// 404 if there is no such account; 422 for days in the wrong order.
pub fn bank_statement(
    conn: &mut Conn,
    ctx: &Ctx,
    id: BankAccountId,
    days: Days,
    page: &PageOf<of::Posting>,
) -> Result<Statement> {
    authz::require(ctx, Action::GetBankStatement, &[])?;
    let missing = || Problem::not_found("bank account");
    let bank = store::find_bank(conn, id)?.ok_or_else(missing)?;
    ledger::bank_statement(conn, (id, bank.currency), days, page)
}

/// A wrong field where there is no such bank account, or it holds another currency.
pub(super) fn must_hold(
    conn: &mut Conn,
    fields: &mut Fields,
    id: BankAccountId,
    currency: Currency,
) -> Result<()> {
    let there = "/bank_account_id";
    match store::find_bank(conn, id)? {
        None => fields.push(there, "unknown", NO_SUCH_ACCOUNT),
        Some(bank) => {
            let message = format!("this account holds {}", bank.currency);
            fields.check(bank.currency == currency, there, "currency_mismatch", &message);
        }
    }
    Ok(())
}

fn name_taken(problem: Problem) -> Problem {
    match db::constraint(&problem).as_deref() {
        Some("bank_accounts_name_key") => {
            Problem::new(Kind::AlreadyExists, "Another bank account has this name.")
        }
        _ => problem,
    }
}

/// One bank account, for other domains.
pub fn bank_account(conn: &mut Conn, id: BankAccountId) -> Result<Option<BankAccount>> {
    store::find_bank(conn, id)
}

/// Names of all bank accounts, for exports.
pub fn bank_names(conn: &mut Conn) -> Result<Vec<(BankAccountId, String)>> {
    store::bank_names(conn)
}

//! The sealed account: closing and opening it, and what other domains ask of payees.

use super::{again, logged};
use crate::kernel::Result;
use crate::kernel::ids::{PayeeId, PersonId, of};
use crate::kernel::money::Currency;
use crate::kernel::problem::{Kind, Problem};
use crate::payees::model::{Account, BankDetails, Payee, PayeeFacts, PayeeStatus, Sharing};
use crate::payees::store;
use crate::platform::audit::{self, Change};
use crate::platform::auth::seal::{self, Cell};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use zeroize::Zeroizing;

/// An account as it is kept.
pub(super) struct Kept {
    pub(super) sealed: Vec<u8>,
    pub(super) fingerprint: Vec<u8>,
    pub(super) masked: String,
}

const fn cell(id: PayeeId) -> Cell<'static> {
    Cell { table: "payees", row: id.uuid(), column: "sealed" }
}

/// Seals an account for its row. One that we do not know is like no other.
pub(super) fn keep(ctx: &Ctx, id: PayeeId, account: &Account) -> Result<Kept> {
    let keys = &ctx.env.keys;
    let plain = Zeroizing::new(serde_json::to_vec(account).map_err(Problem::internal)?);
    let fingerprint = match account.spelling() {
        Some(spelling) => seal::equality(keys, "bank account", spelling.as_bytes()),
        None => seal::equality(keys, "external payee", id.uuid().as_bytes()),
    };
    Ok(Kept {
        sealed: seal::seal(keys, &cell(id), &plain),
        fingerprint: fingerprint.to_vec(),
        masked: account.masked(),
    })
}

/// What other domains may know of a payee.
pub fn facts(conn: &mut Conn, id: PayeeId) -> Result<Option<PayeeFacts>> {
    Ok(store::find(conn, id)?.map(|payee| payee.facts))
}

/// The same, with the payee's row held until the transaction ends: nobody edits, verifies or
/// rejects it meanwhile. A grant is held before its payee.
pub fn held(conn: &mut Conn, id: PayeeId) -> Result<Option<PayeeFacts>> {
    store::hold_row(conn, id)?;
    facts(conn, id)
}

/// Who else has the account of this payee.
pub fn sharing(conn: &mut Conn, ctx: &Ctx, payee: &PayeeFacts) -> Result<Sharing> {
    store::sharing(conn, &payee.fingerprint, payee.person_id, ctx.actor.person())
}

/// Holds the account of a payee until the transaction ends: what is paid to it, under whatever
/// payee, is counted by one at a time.
pub fn hold(conn: &mut Conn, payee: &PayeeFacts) -> Result<()> {
    store::hold(conn, &payee.fingerprint)
}

/// Opens the account of a payee, for the payment file and nothing else; each time is recorded.
///
/// # Errors
/// 403 for whoever may not make payment files, 404 for an unknown payee, 500 when the sealed bytes
/// were changed or moved here from another row.
pub fn open_details(conn: &mut Conn, ctx: &Ctx, id: PayeeId) -> Result<BankDetails> {
    authz::require(ctx, Action::GetPaymentFile, &[])?;
    let missing = || Problem::not_found("payee");
    let payee = store::find(conn, id)?.ok_or_else(missing)?;
    let sealed = store::sealed(conn, id)?.ok_or_else(missing)?;
    let plain = seal::open(&ctx.env.keys, &cell(id), &sealed)?;
    // The error of the parser would quote what it could not read.
    let account = serde_json::from_slice(&plain)
        .map_err(|_| Problem::internal("a sealed account is not in our format"))?;
    audit::record(
        conn,
        ctx,
        Change {
            action: "open_payee_details",
            object: ("payee", id.uuid()),
            before: None,
            after: Some(json!({
                "account": payee.facts.masked,
                "details_version": payee.facts.details_version,
            })),
        },
    )?;
    let Payee { facts, town, address, .. } = payee;
    Ok(BankDetails { name: facts.name, country: facts.country, town, address, account })
}

/// A payee that is paid outside of this service, verified as it is; for imports, by the service
/// itself only.
///
/// # Errors
/// 403 for people.
pub fn external(
    conn: &mut Conn,
    ctx: &Ctx,
    person: PersonId,
    name: &str,
    currency: Currency,
) -> Result<PayeeId> {
    if !ctx.actor.is_system() {
        let detail = "Only an import makes payees that are paid elsewhere.";
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    let id = ctx.id::<of::Payee>();
    let kept = keep(ctx, id, &Account::External)?;
    let facts = PayeeFacts {
        id,
        person_id: person,
        name: name.to_owned(),
        status: PayeeStatus::Verified,
        currency,
        // ISO 3166 leaves XX to its users: not known.
        country: "XX".into(),
        masked: kept.masked,
        details_version: 1,
        usable_from: Some(ctx.now),
        edited_by: person,
        verified_by: None,
        fingerprint: kept.fingerprint,
        method: Account::External.method(),
    };
    let payee = Payee {
        facts,
        town: String::new(),
        address: String::new(),
        status_reason: None,
        edited_at: ctx.now,
        verified_at: None,
        version: 1,
        created_at: ctx.now,
    };
    store::insert(conn, &payee, &kept.sealed)?;
    let payee = again(conn, id)?;
    let change = Change {
        action: "import_payee",
        object: ("payee", id.uuid()),
        before: None,
        after: Some(logged(&payee)),
    };
    audit::record(conn, ctx, change)?;
    Ok(id)
}

/// The payee of somebody who is paid outside of this service, for imports.
pub fn external_of(
    conn: &mut Conn,
    person: PersonId,
    currency: Currency,
) -> Result<Option<PayeeId>> {
    store::external_of(conn, person, currency)
}

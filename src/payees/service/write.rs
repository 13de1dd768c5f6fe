//! What its owner does with a payee.

use super::details::keep;
use super::{again, change, for_action, letters, logged, shown};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{PayeeId, of};
use crate::kernel::money::Currency;
use crate::kernel::problem::{Kind, Problem};
use crate::payees::model::{
    Account, CreatePayee, EditPayee, Method, Payee, PayeeFacts, PayeeStatus, PayeeView,
};
use crate::payees::{events, rules, store};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::db::types::Sealed;

/// Registers a payee of the acting person, incomplete. A person's first one can be paid to once it
/// is verified; with a further one they wait as after a change, and are told, so that nobody who
/// gets into an account can pay themselves at once.
///
/// # Errors
/// 422 with all wrong fields; 409 when the person has too many payees.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &CreatePayee) -> Result<PayeeView> {
    authz::require(ctx, Action::CreatePayee, &[])?;
    let me = ctx.me()?;
    let mut fields = Fields::new();
    let name = fields.line("/name", &form.name, 1, 140);
    let country = rules::country(&mut fields, "/country", &form.country);
    let town = fields.line("/town", &form.town, 0, 100);
    let address = fields.paragraphs("/address", &form.address, 0, 300);
    let currency = currency(&mut fields, &form.currency);
    let account = rules::account(&mut fields, "/account", &form.account);
    fits(&mut fields, account.as_ref().map(Account::method), currency);
    fields.finish()?;
    let (Some(currency), Some(account)) = (currency, account) else {
        return Err(Problem::internal("a checked payee lacks a field"));
    };
    // Held while they are counted, or two at once would each find the last place free.
    people::service::hold(conn, me)?;
    if store::count(conn, me)? >= rules::MAX_PAYEES {
        let detail = format!("One person has at most {} payees.", rules::MAX_PAYEES);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    let known = store::was_usable(conn, me)?;
    let cooling = ctx.env.config.payees.cooling_hours;
    let id = ctx.id::<of::Payee>();
    let kept = keep(ctx, id, &account)?;
    let facts = PayeeFacts {
        id,
        person_id: me,
        name,
        status: PayeeStatus::Incomplete,
        currency,
        country,
        masked: kept.masked,
        details_version: 1,
        usable_from: rules::cooled(None, known, ctx.now, cooling),
        edited_by: me,
        verified_by: None,
        fingerprint: kept.fingerprint,
        method: account.method(),
    };
    let payee = Payee {
        facts,
        town,
        address,
        status_reason: None,
        edited_at: ctx.now,
        verified_at: None,
        version: 1,
        created_at: ctx.now,
    };
    store::insert(conn, &payee, &kept.sealed)?;
    people::service::note_account(conn, ctx, me, &payee.facts.fingerprint)?;
    let payee = again(conn, id)?;
    let made = Change::by(Action::CreatePayee, "payee", id.uuid()).to(logged(&payee));
    audit::record(conn, ctx, made)?;
    if known {
        letters::added(conn, ctx, &payee.facts)?;
    }
    shown(conn, ctx, payee)
}

/// Changes a payee. Any change of what was handed in starts the verification anew: all of it is
/// written into payment files. A change of its name, country, currency or account also starts the
/// cooling period, where there was a verified payee before; town and address pay nobody else. The
/// owner is told by mail.
///
/// # Errors
/// 422 with all wrong fields; 412 and 428 as `If-Match` wants it; 409 for imported ones.
pub fn edit(conn: &mut Conn, ctx: &Ctx, id: PayeeId, form: &EditPayee) -> Result<PayeeView> {
    let was = for_action(conn, ctx, id, Action::EditPayee)?;
    audit::expect_version(conn, ctx, ("payee", id.uuid()), was.version, &[Action::EditPayee])?;
    if was.facts.method == Method::External {
        return Err(Problem::wrong_state("It was imported: register a payee of your own."));
    }
    let (mut set, account) = read(&was, form)?;
    if let Some(account) = &account {
        let kept = keep(ctx, id, account)?;
        set.method = Some(account.method());
        set.sealed = Some(Sealed(kept.sealed));
        set.masked = Some(kept.masked);
        people::service::note_account(conn, ctx, was.facts.person_id, &kept.fingerprint)?;
        set.fingerprint = Some(kept.fingerprint);
    }
    let details =
        account.is_some() || set.name.is_some() || set.country.is_some() || set.currency.is_some();
    let moved = set.town.is_some() || set.address.is_some();
    if !details && !moved {
        return shown(conn, ctx, was);
    }
    // Nobody has looked at where somebody lives before it was handed in.
    let anew = details || was.facts.status != PayeeStatus::Incomplete;
    let known = anew && store::was_usable(conn, was.facts.person_id)?;
    if anew {
        restart(ctx, &was, &mut set)?;
    }
    if details {
        let cooling = ctx.env.config.payees.cooling_hours;
        let from = rules::cooled(was.facts.usable_from, known, ctx.now, cooling);
        set.usable_from = Some(from);
    }
    let now = change(conn, &was, set)?;
    let edited =
        Change::by(Action::EditPayee, "payee", id.uuid()).from(logged(&was)).to(logged(&now));
    audit::record(conn, ctx, edited)?;
    if anew {
        events::changed(conn, ctx, &was.facts, &now.facts)?;
    }
    if known && details {
        letters::changed(conn, ctx, (&was, &now), account.is_some())?;
    } else if known {
        letters::moved(conn, ctx, (&was, &now))?;
    }
    shown(conn, ctx, now)
}

/// New details: what was verified is not any longer.
fn restart(ctx: &Ctx, was: &Payee, set: &mut store::Set) -> Result<()> {
    let facts = &was.facts;
    set.status = Some(rules::after_edit(facts.status, true));
    set.status_reason = Some(None);
    set.verified_by = Some(None);
    set.verified_at = Some(None);
    set.edited_by = Some(ctx.me()?);
    set.edited_at = Some(ctx.now);
    set.details_version = Some(facts.details_version + 1);
    Ok(())
}

/// What the form changes, checked; what it leaves as it is stays `None`.
fn read(was: &Payee, form: &EditPayee) -> Result<(store::Set, Option<Account>)> {
    let mut fields = Fields::new();
    let mut set = store::Set::default();
    // What was handed in stays complete.
    let least = usize::from(was.facts.status != PayeeStatus::Incomplete);
    if let Some(name) = &form.name {
        let name = fields.line("/name", name, 1, 140);
        set.name = Some(name).filter(|n| *n != was.facts.name);
    }
    if let Some(country) = &form.country {
        let country = rules::country(&mut fields, "/country", country);
        set.country = Some(country).filter(|c| *c != was.facts.country);
    }
    if let Some(town) = &form.town {
        let town = fields.line("/town", town, least, 100);
        set.town = Some(town).filter(|t| *t != was.town);
    }
    if let Some(address) = &form.address {
        let address = fields.paragraphs("/address", address, least, 300);
        set.address = Some(address).filter(|a| *a != was.address);
    }
    if let Some(code) = &form.currency {
        set.currency = currency(&mut fields, code).filter(|c| *c != was.facts.currency);
    }
    let account = form.account.as_ref().and_then(|a| rules::account(&mut fields, "/account", a));
    let method = account.as_ref().map_or(was.facts.method, Account::method);
    fits(&mut fields, Some(method), Some(set.currency.unwrap_or(was.facts.currency)));
    fields.finish()?;
    Ok((set, account))
}

fn currency(fields: &mut Fields, code: &str) -> Option<Currency> {
    let parsed = Currency::parse(code.trim());
    parsed.map_err(|e| fields.push("/currency", "unknown_currency", e.to_string())).ok()
}

/// Payments by ACH are in US dollars.
fn fits(fields: &mut Fields, method: Option<Method>, currency: Option<Currency>) {
    let dollars = currency.is_none_or(|c| c.code() == "USD");
    let message = "an account in the United States takes USD";
    fields.check(method != Some(Method::UsBank) || dollars, "/currency", "method", message);
}

//! Mails about grants to those who pay for them, and to admins.

use super::{GrantFacts, is_partial};
use crate::grants::model::{GrantStatus, Part};
use crate::grants::store;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::PersonId;
use crate::kernel::money::Money;
use crate::kernel::time::Date;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::{budgets, people};
use std::collections::BTreeMap;

const PAYS: &str = "a budget of yours pays for the grant";
const ADMIN: &str = "you are an admin";

/// Somebody who still holds budgets as a regrantor.
fn regrantor(conn: &mut Conn, id: PersonId) -> Result<Option<Brief>> {
    let person = people::service::brief(conn, id)?;
    Ok(person.filter(|p| p.active && p.roles.has(Role::Regrantor)))
}

/// The admins who have no stake in a grant.
fn admins(conn: &mut Conn, grant: &GrantFacts) -> Result<Vec<Brief>> {
    let mut found = Vec::new();
    for admin in people::service::holders(conn, Role::Admin)? {
        if !is_partial(conn, grant, admin.id)? {
            found.push(admin);
        }
    }
    Ok(found)
}

/// Paperwork has been missing for two weeks: whose budgets pay for the grant hear of it, and all
/// admins; nobody of what they have a stake in. `lacks` says what, and who is waited for.
pub(super) fn stuck(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (lacks, since): (&[&str], Date),
    reminded: bool,
) -> Result<()> {
    let mut told: BTreeMap<PersonId, (Brief, &str)> = BTreeMap::new();
    for holder in store::holders(conn, grant.id)? {
        if let Some(person) = regrantor(conn, holder)?
            && !is_partial(conn, grant, holder)?
        {
            told.insert(holder, (person, PAYS));
        }
    }
    for admin in admins(conn, grant)? {
        told.entry(admin.id).or_insert((admin, ADMIN));
    }
    let (amount, title) = (grant.awarded(), &grant.title);
    for (reader, why) in told.into_values() {
        let mut letter = Letter::new(format!("The grant for {title} is stuck"), why)
            .greeting(&reader.name)
            .paragraph(format!(
                "The grant for “{title}”, {amount}, was awarded on {}. Nothing of it is paid \
                 before its paperwork is there, which was wanted by {since}:",
                grant.awarded_on
            ));
        for lack in lacks {
            letter = letter.paragraph(lack);
        }
        let letter = letter
            .paragraph(match reminded {
                true => {
                    "Its recipient was reminded of what is theirs to do. Ask whether they need \
                     help. If nothing comes, an admin can do without some of it, or end the grant."
                }
                false => "If nothing comes, an admin can do without some of it, or end the grant.",
            })
            .link("The grant", format!("/grants/{}", grant.id));
        mail::send(conn, ctx, &reader.email, &letter)?;
    }
    Ok(())
}

/// The screening of a grant was refused: admins hear, who alone can end it. What was found is not
/// mailed; they read it with the grant. Whoever did it knows.
pub(super) fn screening_refused(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts) -> Result<()> {
    let title = &grant.title;
    let first = format!("Finance has refused the screening of the grant for “{title}”.");
    let then = "Nothing of it is released or paid unless another person finds it right.";
    let last = match grant.status {
        GrantStatus::Awarded => "If what was found stands, cancel the grant.",
        GrantStatus::WindingDown => "If what was found stands, take back what is released.",
        _ => "If what was found stands, wind the grant down.",
    };
    for admin in admins(conn, grant)? {
        let letter = Letter::new(format!("A screening was refused: {title}"), ADMIN);
        send(conn, ctx, grant, (&admin, letter), (&first, &[then.to_owned()], last))?;
    }
    Ok(())
}

/// Money of a grant is back in its budgets: whoever holds them hears how much, in one mail each.
/// Where a budget cannot be spent from any more, or is no regrantor's, admins hear of it instead.
/// Whoever did it knows.
pub(super) fn back_home(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (parts, happened): (&[Part], &str),
) -> Result<()> {
    let mut theirs: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
    let mut idle = Vec::new();
    for part in parts.iter().filter(|part| part.amount > 0) {
        let Some(budget) = budgets::service::terms(conn, part.budget_id)? else { continue };
        let line = format!("“{}”: {}", budget.name, Money::new(part.amount, grant.currency));
        match budget.usable(ctx.today()) {
            true => theirs.entry(budget.holder_id).or_default().push(line),
            false => idle.push(line),
        }
    }
    let title = &grant.title;
    for (holder, lines) in theirs {
        let Some(person) = regrantor(conn, holder)? else {
            idle.extend(lines);
            continue;
        };
        let first = format!("{happened} This came back of the grant for “{title}”:");
        let letter = Letter::new(format!("Money is back in your budget: {title}"), PAYS);
        let last = "It is yours to offer again.";
        send(conn, ctx, grant, (&person, letter), (&first, &lines, last))?;
    }
    if idle.is_empty() {
        return Ok(());
    }
    for admin in admins(conn, grant)? {
        let first = format!(
            "{happened} This came back of the grant for “{title}”, to budgets that are closed or \
             over, or whose holder is no regrantor any more:"
        );
        let letter = Letter::new(format!("Money is back in a budget that rests: {title}"), ADMIN);
        let last = "Nobody can offer it from there: recall it to its fund.";
        send(conn, ctx, grant, (&admin, letter), (&first, &idle, last))?;
    }
    Ok(())
}

/// A closed grant is open again, since the bank gave back what was paid with a tranche of it:
/// admins hear, who close it once more. Whoever did it knows.
pub(super) fn reopened(conn: &mut Conn, ctx: &Ctx, grant: &GrantFacts, number: i32) -> Result<()> {
    let title = &grant.title;
    let first = format!(
        "The grant for “{title}” was closed, and is winding down again: the bank gave back what \
         was paid with tranche {number}."
    );
    let then = "Its recipient is screened anew. Then finance pays it once more, or somebody takes \
                the release back, and the money goes to the budgets that it came from.";
    for admin in admins(conn, grant)? {
        let letter = Letter::new(format!("A closed grant is open again: {title}"), ADMIN);
        let last = "Close it when that is done.";
        send(conn, ctx, grant, (&admin, letter), (&first, &[then.to_owned()], last))?;
    }
    Ok(())
}

/// What came back was recorded in error: those who hold the budgets hear that it has left again.
pub(super) fn left_again(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    parts: &[Part],
) -> Result<()> {
    let mut theirs: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
    for part in parts.iter().filter(|part| part.amount > 0) {
        let Some(budget) = budgets::service::terms(conn, part.budget_id)? else { continue };
        let line = format!("“{}”: {}", budget.name, Money::new(part.amount, grant.currency));
        theirs.entry(budget.holder_id).or_default().push(line);
    }
    let title = &grant.title;
    for (holder, lines) in theirs {
        let Some(person) = regrantor(conn, holder)? else { continue };
        let first = format!(
            "A refund of the grant for “{title}” was recorded in error. What we told you came back \
             has left your budget again:"
        );
        let letter = Letter::new(format!("Money has left your budget again: {title}"), PAYS);
        let last = "Nothing is asked of you.";
        send(conn, ctx, grant, (&person, letter), (&first, &lines, last))?;
    }
    Ok(())
}

fn send(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (reader, letter): (&Brief, Letter),
    (first, lines, last): (&str, &[String], &str),
) -> Result<()> {
    if ctx.actor.is(reader.id) {
        return Ok(());
    }
    let mut letter = letter.greeting(&reader.name).paragraph(first);
    for line in lines {
        letter = letter.paragraph(line);
    }
    let letter = letter.paragraph(last).link("The grant", format!("/grants/{}", grant.id));
    mail::send(conn, ctx, &reader.email, &letter)
}

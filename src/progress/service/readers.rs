//! Those who answer reports and decide on checkpoints: whose budgets pay for the grant, and admins.
//! They hear of what was handed in, and of what is late.

use crate::grants::model::{GrantStatus, TrancheFacts, TrancheStatus};
use crate::grants::service::GrantFacts;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{PersonId, TrancheId};
use crate::kernel::time::Date;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::mail::{self, Letter};
use crate::progress::model::{Checkpoint, Report};
use crate::{grants, paperwork, people};
use std::collections::BTreeSet;

const PAYS: &str = "a budget of yours pays for the grant";
const ADMIN: &str = "you are an admin";

/// Whose budgets pay for the grant; with all admins where those have to know, or nobody is left.
/// Nobody hears of what they have a stake in, nor `but` of what they wrote themselves. With each,
/// why they hear of it.
fn readers(
    conn: &mut Conn,
    grant: &GrantFacts,
    (admins, but): (bool, Option<PersonId>),
) -> Result<Vec<(Brief, &'static str)>> {
    let mut found = Vec::new();
    let mut known: BTreeSet<PersonId> = but.into_iter().collect();
    for holder in grants::service::holders(conn, grant.id)? {
        if known.contains(&holder) {
            continue;
        }
        let person = people::service::brief(conn, holder)?;
        let person = person.filter(|p| p.active && p.roles.has(Role::Regrantor));
        if let Some(person) = person
            && !grants::service::is_partial(conn, grant, holder)?
        {
            known.insert(holder);
            found.push((person, PAYS));
        }
    }
    if admins || found.is_empty() {
        for admin in people::service::holders(conn, Role::Admin)? {
            let new = !known.contains(&admin.id);
            if new && !grants::service::is_partial(conn, grant, admin.id)? {
                found.push((admin, ADMIN));
            }
        }
    }
    Ok(found)
}

/// Which tranche waits for something, in a sentence; none does that was cancelled or released.
pub(super) fn waits(
    conn: &mut Conn,
    grant: &GrantFacts,
    tranche: Option<TrancheId>,
) -> Result<Option<String>> {
    let Some(id) = tranche else { return Ok(None) };
    let all = grants::service::tranches(conn, grant.id)?;
    let waits = |t: &TrancheFacts| format!("Tranche {}, {}, waits for it.", t.sequence, t.money());
    let mut planned = all.iter().filter(|t| t.status == TrancheStatus::Planned);
    Ok(planned.find(|t| t.id == id).map(waits))
}

/// What they are told: what happened, what waits for it, and what is asked of admins, and of those
/// who pay; or what they can do where that would release a tranche of a grant that rests.
struct Said {
    subject: String,
    first: String,
    tranche: Option<TrancheId>,
    last: [&'static str; 2],
    rests: Option<Meanwhile>,
}

/// What can be done while nothing is released, and what once something is.
type Meanwhile = (&'static str, &'static str);

/// What a checkpoint asks of admins, and of those who pay: what stops a grant for all of them is an
/// admin's to decide. Where it is being wound down, neither is left.
const fn to_decide(status: GrantStatus) -> [&'static str; 2] {
    match status {
        GrantStatus::WindingDown => {
            ["Read it, and decide: continue, or rescope. Nothing is released for it any more."; 2]
        }
        _ => [
            "Read it, and decide: continue, rescope, pause, or wind down.",
            "Read it, and decide: continue or rescope, or have an admin pause it or wind it down.",
        ],
    }
}

const ACCEPT_LATER: Meanwhile = ("ask for changes", "accept it");
const CONTINUE_LATER: Meanwhile = ("rescope it", "continue");

/// What is asked where a grant releases nothing for now; nothing where it does, or never will.
fn meanwhile(
    conn: &mut Conn,
    grant: &GrantFacts,
    (now, later): Meanwhile,
) -> Result<Option<String>> {
    let how = match grant.status {
        GrantStatus::Awarded => "The grant has not begun",
        GrantStatus::Paused => "The grant is paused",
        GrantStatus::Active if !paperwork::service::screened(conn, grant.id)? => {
            return Ok(Some(format!(
                "Screening of the grant is not settled, and nothing is released before: you can \
                 {now} now, and {later} then."
            )));
        }
        _ => return Ok(None),
    };
    Ok(Some(format!(
        "{how}, and releases nothing: you can {now} now, and {later} when the grant goes on."
    )))
}

/// Writes to all of them but who did it.
fn tell(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    whom: (bool, Option<PersonId>),
    said: &Said,
) -> Result<()> {
    let waits = waits(conn, grant, said.tranche)?;
    let rests = match (&waits, said.rests) {
        (Some(_), Some(rests)) => meanwhile(conn, grant, rests)?,
        _ => None,
    };
    for (reader, why) in readers(conn, grant, whom)? {
        if ctx.actor.is(reader.id) {
            continue;
        }
        let mut letter =
            Letter::new(&said.subject, why).greeting(&reader.name).paragraph(&said.first);
        if let Some(waits) = &waits {
            letter = letter.paragraph(waits);
        }
        let [admins, payers] = said.last;
        let last = if reader.roles.has(Role::Admin) { admins } else { payers };
        let letter = letter
            .paragraph(rests.as_deref().unwrap_or(last))
            .link("The grant", format!("/grants/{}", grant.id));
        mail::send(conn, ctx, &reader.email, &letter)?;
    }
    Ok(())
}

/// A report was handed in.
pub(super) fn handed_in(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    report: &Report,
) -> Result<()> {
    let title = &grant.title;
    let subject = format!("A report on {title} was handed in");
    let first = format!("The report on “{title}” that was wanted by {} is in.", report.due_on);
    let last = ["Read it, and accept it or say what is missing: they wait for an answer."; 2];
    let rests = Some(ACCEPT_LATER);
    let said = Said { subject, first, tranche: report.tranche_id, last, rests };
    tell(conn, ctx, grant, (false, None), &said)
}

/// What was seen at a checkpoint was written down, for the first time or anew.
pub(super) fn seen(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    checkpoint: &Checkpoint,
    anew: bool,
) -> Result<()> {
    let (title, day) = (&grant.title, checkpoint.due_on);
    let (subject, how) = match anew {
        true => (format!("What was seen at a checkpoint of {title} was written anew"), "anew"),
        false => (format!("A checkpoint of {title} waits for a decision"), "down"),
    };
    let makers = grants::service::private_makers(conn, grant.id)?;
    let by = match &ctx.behalf {
        Some((_, whom)) => format!("{} for {whom}", ctx.actor_name),
        // Others who pay for it do not know them by name.
        None if makers.iter().any(|maker| ctx.actor.is(*maker)) => "one of those who pay".into(),
        None => ctx.actor_name.to_string(),
    };
    let first =
        format!("What came of what “{title}” promised until {day} was written {how} by {by}.");
    let last = to_decide(grant.status);
    let rests = Some(CONTINUE_LATER);
    let said = Said { subject, first, tranche: checkpoint.tranche_id, last, rests };
    tell(conn, ctx, grant, (false, checkpoint.reported_by), &said)
}

/// A report waits for an answer since that day.
pub(super) fn unanswered(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    (report, since): (&Report, Date),
    long: bool,
) -> Result<()> {
    let title = &grant.title;
    let subject = format!("A report on {title} still waits for an answer");
    let first = format!("A report on “{title}” waits since {since} to be read.");
    let last = ["Accept it, or say what is missing."; 2];
    let rests = Some(ACCEPT_LATER);
    let said = Said { subject, first, tranche: report.tranche_id, last, rests };
    tell(conn, ctx, grant, (long, None), &said)
}

/// A checkpoint is reported, and nobody decides.
pub(super) fn undecided(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    checkpoint: &Checkpoint,
    long: bool,
) -> Result<()> {
    let (title, day) = (&grant.title, checkpoint.due_on);
    let subject = format!("A checkpoint of {title} still waits for a decision");
    let first = format!("What was seen at the checkpoint of “{title}” on {day} is written down.");
    let last = to_decide(grant.status);
    let rests = Some(CONTINUE_LATER);
    let said = Said { subject, first, tranche: checkpoint.tranche_id, last, rests };
    tell(conn, ctx, grant, (long, checkpoint.reported_by), &said)
}

/// A report is late; its recipient was reminded.
pub(super) fn report_is_late(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    report: &Report,
    long: bool,
) -> Result<()> {
    let (title, day) = (&grant.title, report.due_on);
    let subject = format!("A report on {title} is late");
    let first =
        format!("The report on “{title}” was wanted by {day}. Its recipient was reminded of it.");
    let last = match grant.status {
        GrantStatus::WindingDown => "Nothing is asked of you: the grant is being wound down.",
        _ => {
            "Nothing is asked of you yet. If you hear nothing, an admin can pause the grant or \
             wind it down."
        }
    };
    let last = [last; 2];
    let said = Said { subject, first, tranche: report.tranche_id, last, rests: None };
    tell(conn, ctx, grant, (long, None), &said)
}

/// Nobody said what was seen at a checkpoint.
pub(super) fn checkpoint_is_late(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: &GrantFacts,
    checkpoint: &Checkpoint,
    long: bool,
) -> Result<()> {
    let (title, day) = (&grant.title, checkpoint.due_on);
    let subject = format!("A checkpoint of {title} has passed in silence");
    let first = format!(
        "Nobody has said what came of what “{title}” promised until {day}. Its recipient was \
         reminded."
    );
    let last = "Whoever pays for it can write down what they saw; then somebody else decides.";
    let last = [last; 2];
    let said = Said { subject, first, tranche: checkpoint.tranche_id, last, rests: None };
    tell(conn, ctx, grant, (long, None), &said)
}

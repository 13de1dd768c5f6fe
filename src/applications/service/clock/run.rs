//! What the clock does by itself: reminds, moves a day before it is missed, and tells all admins of
//! each day that was moved. One mail to each reader and run, whatever the number.

use super::{letters, move_day, moved};
use crate::applications::model::{Record, Running, State, Tick, Why};
use crate::applications::rules::clock as rules;
use crate::applications::service::stakes;
use crate::applications::store;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::actor::Role;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::time::Date;
use crate::people;
use crate::people::service::Brief;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// What the offers on an application come to, in minor units. Only the room of offers knows, which
/// stands above this one: it runs the clock, and says.
pub type Firm = fn(&mut Conn, &Ctx, ApplicationId) -> Result<i64>;

/// One line of a mail to those who decide.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) id: ApplicationId,
    pub(super) why: Why,
    pub(super) title: String,
    pub(super) promised_on: Date,
}

/// Applications on which something is due, up to `limit`.
pub(in crate::applications) fn due(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    store::due_clocks(conn, ctx.today(), limit)
}

/// Applications that wait for changes, and whose applicants are to be reminded, up to `limit`.
pub(in crate::applications) fn changes_missing(
    conn: &mut Conn,
    ctx: &Ctx,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    store::changes_missing(conn, ctx.today(), limit)
}

/// Reminds an applicant of the changes that they were asked for, every other week.
pub(in crate::applications) fn remind_of_changes(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
) -> Result<()> {
    let Some(record) = store::lock(conn, id)? else { return Ok(()) };
    let Some(mut clock) = store::clock(conn, id)? else { return Ok(()) };
    if clock.remind_on.is_none_or(|day| day > ctx.today()) {
        return Ok(());
    }
    let waits = matches!(record.state, State::ChangesRequested(_));
    clock.remind_on = waits.then(|| ctx.today().plus_days(rules::CHANGES_DAYS));
    store::save_clock(conn, &clock)?;
    match waits {
        true => letters::changes_missing(conn, ctx, &record),
        false => Ok(()),
    }
}

/// Does what is due on these, and writes to those who have to know.
pub(in crate::applications) fn run(
    conn: &mut Conn,
    ctx: &Ctx,
    mut ids: Vec<ApplicationId>,
    firm: Firm,
) -> Result<()> {
    // Always in the same order, so that two who run it do not wait for each other.
    ids.sort_unstable();
    let mut notices = Vec::new();
    for id in ids {
        let Some(record) = store::lock(conn, id)? else { continue };
        let notice = step(conn, ctx, &record, firm)?;
        notices.extend(notice.map(|notice| (record.call_id, notice)));
    }
    write(conn, ctx, &mut Readers::default(), notices)
}

/// Writes to those who have to know what there is to know in each call: one mail to each. Nobody
/// reads of that in which they have a stake; where nobody would be left, all other admins do.
pub(super) fn write(
    conn: &mut Conn,
    ctx: &Ctx,
    readers: &mut Readers,
    all: Vec<(CallId, Notice)>,
) -> Result<()> {
    let mut notices = Shares::new();
    let told = share(conn, readers, &mut notices, &all, false)?;
    let left = all.into_iter().filter(|(call, notice)| !told.contains(&(*call, notice.id)));
    let left: Vec<(CallId, Notice)> = left.collect();
    share(conn, readers, &mut notices, &left, true)?;
    for (reader, mut theirs) in notices.into_values() {
        theirs.sort_by_key(|notice| (notice.why, notice.promised_on));
        letters::digest(conn, ctx, &reader, &theirs)?;
    }
    Ok(())
}

/// What each reader is told.
type Shares = BTreeMap<PersonId, (Brief, Vec<Notice>)>;

/// Adds to each reader's share what is theirs of it, `all` admins' or only of those who have to
/// know; what anybody reads of.
fn share(
    conn: &mut Conn,
    readers: &mut Readers,
    shares: &mut Shares,
    news: &[(CallId, Notice)],
    all: bool,
) -> Result<BTreeSet<(CallId, ApplicationId)>> {
    let ids: Vec<ApplicationId> = news.iter().map(|(_, notice)| notice.id).collect();
    let mut on: BTreeMap<PersonId, BTreeSet<ApplicationId>> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for (call, notice) in news {
        for reader in readers.of(conn, *call, all || notice.why <= Why::Moved)? {
            let out = match on.entry(reader.id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(stakes(conn, reader.id, &ids)?),
            };
            if out.contains(&notice.id) {
                continue;
            }
            told.insert((*call, notice.id));
            let theirs = shares.entry(reader.id).or_insert_with(|| (reader, Vec::new()));
            theirs.1.push(notice.clone());
        }
    }
    Ok(told)
}

/// Does what is due on one application; what is to be told of it.
fn step(conn: &mut Conn, ctx: &Ctx, record: &Record, firm: Firm) -> Result<Option<Notice>> {
    let Some(mut clock) = store::clock(conn, record.id)? else { return Ok(None) };
    let waits = matches!(record.state, State::Submitted | State::Open);
    let Some(promised) = record.promised_on.filter(|_| waits) else {
        clock.due_on = None;
        store::save_clock(conn, &clock)?;
        return Ok(None);
    };
    if clock.due_on.is_none_or(|day| day > ctx.today()) {
        return Ok(None);
    }
    let call = calls::service::facts(conn, record.call_id)?;
    let days = call.map_or(7, |call| call.decision_days);
    let (step, rule_extensions) = (clock.step, clock.rule_extensions);
    let running = Running { promised, step, rule_extensions };
    let tick = ticked(conn, ctx, record, (&running, days), firm)?;
    if let Some(day) = tick.moved {
        let moved = moved(ctx, None, (Some(promised), day), reason(tick.why));
        move_day(conn, ctx, record, &moved, tick.due)?;
        letters::extended(conn, ctx, record, &moved)?;
    } else {
        (clock.step, clock.due_on) = (tick.due.step, Some(tick.due.on));
        store::save_clock(conn, &clock)?;
    }
    let promised_on = tick.moved.unwrap_or(promised);
    let title = record.content.title.clone();
    Ok(Some(Notice { id: record.id, why: tick.why, title, promised_on }))
}

/// Why a rule moves a day, for the applicant.
pub(super) fn reason(why: Why) -> String {
    let reason = match why {
        Why::Again => {
            "We have not come to a decision in time again. All admins have been told, and are \
             reminded each day."
        }
        _ => "We have not come to a decision in time, and need longer.",
    };
    reason.to_owned()
}

/// What a clock does on which something is due: the own one of an application, or that of a
/// further call.
pub(super) fn ticked(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    (running, decision_days): (&Running, i32),
    firm: Firm,
) -> Result<Tick> {
    let last = match rules::is_often(running) {
        true => last_day(conn, ctx, record, firm)?,
        false => None,
    };
    Ok(rules::tick(running, ctx.today(), decision_days, last))
}

/// The last day before it lapses if nobody does anything: its time is over in all its calls then,
/// and so are all days that were promised. None where one of them goes on, or what is offered comes
/// to its minimum: then it waits for the award, however long.
fn last_day(conn: &mut Conn, ctx: &Ctx, record: &Record, firm: Firm) -> Result<Option<Date>> {
    let Some(call) = calls::service::facts(conn, record.call_id)? else { return Ok(None) };
    if record.state != State::Open {
        return Ok(None);
    }
    let mut ends = store::further_ends(conn, record.id)?;
    if !record.left_own_call() {
        ends.push((call.closes_on, call.decision_days, record.promised_on));
    }
    let minimum = record.content.amount_minimum.unwrap_or(i64::MAX);
    if firm(conn, ctx, record.id)? >= minimum {
        return Ok(None);
    }
    let mut last = None;
    for (closes_on, days, promised_on) in ends {
        let Some(closes_on) = closes_on else { return Ok(None) };
        last = last.max(Some(closes_on.plus_days(days))).max(promised_on);
    }
    Ok(last)
}

/// Whoever answers for a call, if they still are an admin and not `but`; all other admins where
/// nobody is left.
pub fn deciders(conn: &mut Conn, call: CallId, but: Option<PersonId>) -> Result<Vec<Brief>> {
    let fits = |p: &Brief| p.active && p.roles.has(Role::Admin) && Some(p.id) != but;
    let named = calls::service::decision_terms(conn, call)?.responsible_id;
    let found = match named {
        Some(person) => people::service::brief(conn, person)?.filter(|p| fits(p)),
        None => None,
    };
    if let Some(person) = found {
        return Ok(vec![person]);
    }
    let mut admins = people::service::holders(conn, Role::Admin)?;
    admins.retain(|p| Some(p.id) != but);
    Ok(admins)
}

/// Who hears of the applications of a call, looked up once.
#[derive(Default)]
pub(super) struct Readers {
    admins: Option<Vec<Brief>>,
    responsible: BTreeMap<CallId, Vec<Brief>>,
}

impl Readers {
    /// Whoever answers for the call; all admins where `all` of them have to know.
    fn of(&mut self, conn: &mut Conn, call: CallId, all: bool) -> Result<Vec<Brief>> {
        if all {
            if self.admins.is_none() {
                self.admins = Some(people::service::holders(conn, Role::Admin)?);
            }
            return Ok(self.admins.clone().unwrap_or_default());
        }
        if let Entry::Vacant(place) = self.responsible.entry(call) {
            place.insert(deciders(conn, call, None)?);
        }
        Ok(self.responsible.get(&call).cloned().unwrap_or_default())
    }
}

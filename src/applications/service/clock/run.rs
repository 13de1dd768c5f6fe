//! What the clock does by itself: reminds, moves a day before it is missed, and tells all admins of
//! each day that was moved. One mail to each reader and run, whatever the number.

use super::{letters, move_day, moved};
use crate::applications::model::{Due, Record, State, Step};
use crate::applications::rules::clock as rules;
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
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Why somebody hears of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The day was moved by rule again and again.
    Again,
    /// The day was moved by rule.
    Moved,
    /// The day comes near.
    Near,
}

/// One line of a mail to those who decide.
#[derive(Debug, Clone)]
pub(super) struct Notice {
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

/// Does what is due on these, and writes to those who have to know.
pub(in crate::applications) fn run(
    conn: &mut Conn,
    ctx: &Ctx,
    mut ids: Vec<ApplicationId>,
) -> Result<()> {
    // Always in the same order, so that two who run it do not wait for each other.
    ids.sort_unstable();
    let mut notices = Vec::new();
    for id in ids {
        let Some(record) = store::lock(conn, id)? else { continue };
        let notice = step(conn, ctx, &record)?;
        notices.extend(notice.map(|notice| (record.call_id, notice)));
    }
    write(conn, ctx, &mut Readers::default(), notices)
}

/// Writes to those who have to know what there is to know in each call: one mail to each.
pub(super) fn write(
    conn: &mut Conn,
    ctx: &Ctx,
    readers: &mut Readers,
    all: Vec<(CallId, Notice)>,
) -> Result<()> {
    let mut notices: BTreeMap<PersonId, (Brief, Vec<Notice>)> = BTreeMap::new();
    for (call, notice) in all {
        for reader in readers.of(conn, call, notice.why <= Why::Moved)? {
            let theirs = notices.entry(reader.id).or_insert_with(|| (reader, Vec::new()));
            theirs.1.push(notice.clone());
        }
    }
    for (reader, mut theirs) in notices.into_values() {
        theirs.sort_by_key(|notice| (notice.why, notice.promised_on));
        letters::digest(conn, ctx, &reader, &theirs)?;
    }
    Ok(())
}

/// Does what is due on one application; what is to be told of it.
fn step(conn: &mut Conn, ctx: &Ctx, record: &Record) -> Result<Option<Notice>> {
    let Some(mut clock) = store::clock(conn, record.id)? else { return Ok(None) };
    let today = ctx.today();
    let waits = matches!(record.state, State::Submitted | State::Open);
    let Some(promised) = record.promised_on.filter(|_| waits) else {
        clock.due_on = None;
        store::save_clock(conn, &clock)?;
        return Ok(None);
    };
    if clock.due_on.is_none_or(|day| day > today) {
        return Ok(None);
    }
    let notice =
        |why, promised_on| Some(Notice { why, title: record.content.title.clone(), promised_on });
    let (due, told): (Due, _) = match clock.step {
        Step::Remind => (rules::reminded(promised), notice(Why::Near, promised)),
        // No day that was promised passes without another one, named before it.
        Step::Final | Step::Overdue if rules::is_near(promised, today) => {
            let call = calls::service::facts(conn, record.call_id)?;
            let day =
                rules::extended(promised, today, call.as_ref().map_or(7, |c| c.decision_days));
            let often = clock.rule_extensions >= rules::RULE_EXTENSIONS_MAX;
            if often && lapses(conn, record, day)? {
                let due = rules::again(promised, today);
                (clock.step, clock.due_on) = (due.step, Some(due.on));
                store::save_clock(conn, &clock)?;
                return Ok(notice(Why::Near, promised));
            }
            let reason = match often {
                false => "We have not come to a decision in time, and need longer.",
                true => {
                    "We have not come to a decision in time again. All admins have been told, and \
                     are reminded each day."
                }
            };
            let moved = moved(ctx, record, day, reason.into());
            let (due, why) = match often {
                false => (rules::begin(day, today), Why::Moved),
                true => (rules::again(promised, today), Why::Again),
            };
            move_day(conn, ctx, record, &moved, due)?;
            letters::extended(conn, ctx, record, &moved)?;
            return Ok(notice(why, day));
        }
        Step::Final | Step::Overdue => {
            let tomorrow = Due { step: Step::Overdue, on: today.plus_days(1) };
            (tomorrow, notice(Why::Again, promised))
        }
    };
    (clock.step, clock.due_on) = (due.step, Some(due.on));
    store::save_clock(conn, &clock)?;
    Ok(told)
}

/// Whether it may lapse before that day if nobody does anything, so that no rule promises the day:
/// in all of its calls the time is over by then, and no later day is promised in any of them.
/// (Whether what is offered comes to its minimum, only the room of offers knows.)
pub(super) fn lapses(conn: &mut Conn, record: &Record, day: Date) -> Result<bool> {
    if record.state != State::Open {
        return Ok(false);
    }
    let Some(call) = calls::service::facts(conn, record.call_id)? else { return Ok(false) };
    let own = (call.closes_on, call.decision_days, record.promised_on);
    let mut ends = store::further_ends(conn, record.id)?;
    ends.push(own);
    let over = |end: Option<Date>, days| end.is_some_and(|end| end.plus_days(days) < day);
    let promised = |on: Option<Date>| on.is_none_or(|on| on < day);
    Ok(ends.into_iter().all(|(end, days, on)| over(end, days) && promised(on)))
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

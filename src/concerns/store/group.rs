//! Who is in the group, and what it asks.

use crate::concerns::model::{QuestionSet, ScreeningQuestion};
use crate::kernel::Result;
use crate::kernel::ids::{Id, PersonId, of};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::lane_members::dsl as g;
use crate::platform::db::schema::screening_sets::dsl as q;
use crate::platform::db::types::Doc;
use diesel::dsl::exists;
use diesel::prelude::*;

type AnyId = Id<of::Audit>;

/// Somebody in the group: who, why, since when, added by whom.
pub(in crate::concerns) type Member = (PersonId, String, Instant, Option<PersonId>);

/// Who is in the group, the first first.
pub(in crate::concerns) fn members(conn: &mut Conn) -> Result<Vec<Member>> {
    Ok(g::lane_members
        .filter(g::removed_at.is_null())
        .order(g::id)
        .limit(i64::try_from(crate::concerns::rules::MEMBERS_MAX).unwrap_or(0))
        .select((g::person_id, g::reason, g::added_at, g::added_by))
        .load(conn)?)
}

pub(in crate::concerns) fn is_member(conn: &mut Conn, person: PersonId) -> Result<bool> {
    let member = g::lane_members.filter(g::person_id.eq(person).and(g::removed_at.is_null()));
    Ok(diesel::select(exists(member)).get_result(conn)?)
}

/// Whether there is a group.
pub(in crate::concerns) fn any_member(conn: &mut Conn) -> Result<bool> {
    let member = g::lane_members.filter(g::removed_at.is_null());
    Ok(diesel::select(exists(member)).get_result(conn)?)
}

pub(in crate::concerns) fn add_member(
    conn: &mut Conn,
    id: AnyId,
    person: PersonId,
    reason: &str,
    (by, at): (Option<PersonId>, Instant),
) -> Result<()> {
    diesel::insert_into(g::lane_members)
        .values((
            g::id.eq(id),
            g::person_id.eq(person),
            g::reason.eq(reason),
            g::added_by.eq(by),
            g::added_at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether they were in it until now.
pub(in crate::concerns) fn remove_member(
    conn: &mut Conn,
    person: PersonId,
    (by, at): (Option<PersonId>, Instant),
) -> Result<bool> {
    let this = g::lane_members.filter(g::person_id.eq(person).and(g::removed_at.is_null()));
    let set = (g::removed_by.eq(by), g::removed_at.eq(Some(at)));
    Ok(diesel::update(this).set(set).execute(conn)? == 1)
}

fn set_of((number, questions): (i32, Doc)) -> Result<QuestionSet> {
    let questions: Vec<ScreeningQuestion> =
        serde_json::from_value(questions.0).map_err(Problem::internal)?;
    Ok(QuestionSet { number, questions })
}

/// The newest questions; `None` where nobody has set any.
pub(in crate::concerns) fn newest_set(conn: &mut Conn) -> Result<Option<QuestionSet>> {
    let newest = q::screening_sets.order(q::number.desc()).select((q::number, q::questions));
    newest.first(conn).optional()?.map(set_of).transpose()
}

pub(in crate::concerns) fn set(conn: &mut Conn, number: i32) -> Result<Option<QuestionSet>> {
    let this = q::screening_sets.find(number).select((q::number, q::questions));
    this.first(conn).optional()?.map(set_of).transpose()
}

/// False if this version is there already.
pub(in crate::concerns) fn insert_set(
    conn: &mut Conn,
    set: &QuestionSet,
    (by, at): (Option<PersonId>, Instant),
) -> Result<bool> {
    // Asked first: SQLite's guard against REPLACE cannot tell the two apart.
    if q::screening_sets.find(set.number).count().get_result::<i64>(conn)? > 0 {
        return Ok(false);
    }
    let questions = serde_json::to_value(&set.questions).map_err(Problem::internal)?;
    let insert = diesel::insert_into(q::screening_sets)
        .values((
            q::number.eq(set.number),
            q::questions.eq(Doc(questions)),
            q::set_by.eq(by),
            q::set_at.eq(at),
        ))
        .on_conflict(q::number)
        .do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

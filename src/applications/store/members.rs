//! Rows of teams.

use crate::applications::model::{ApplicationStatus, Consent, MemberRecord, MemberRole};
use crate::applications::rules::EVER_INVITED_MAX;
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, MemberId, PersonId};
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::padded;
use crate::platform::db::schema::application_members;
use crate::platform::db::schema::application_members::dsl as m;
use crate::platform::db::schema::applications::dsl as a;
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

#[derive(Queryable, Selectable)]
#[diesel(table_name = application_members)]
struct Row {
    id: MemberId,
    person_id: Option<PersonId>,
    email: String,
    name: String,
    role: MemberRole,
    consent: Consent,
    token_hash: Option<Vec<u8>>,
    created_at: Instant,
    decided_at: Option<Instant>,
}

impl From<Row> for MemberRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            person_id: row.person_id,
            email: row.email,
            name: row.name,
            role: row.role,
            consent: row.consent,
            token_hash: row.token_hash,
            created_at: row.created_at,
            decided_at: row.decided_at,
        }
    }
}

/// Everybody ever asked onto the team, the first first.
pub(in crate::applications) fn team(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Vec<MemberRecord>> {
    let limit = i64::try_from(EVER_INVITED_MAX + 1).unwrap_or(i64::MAX);
    let rows: Vec<Row> = m::application_members
        .filter(m::application_id.eq(application))
        .order(m::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(MemberRecord::from).collect())
}

pub(in crate::applications) fn insert_member(
    conn: &mut Conn,
    application: ApplicationId,
    member: &MemberRecord,
    invited_by: Option<PersonId>,
) -> Result<()> {
    diesel::insert_into(m::application_members)
        .values((
            m::id.eq(member.id),
            m::application_id.eq(application),
            m::person_id.eq(member.person_id),
            m::email.eq(&member.email),
            m::name.eq(&member.name),
            m::role.eq(member.role),
            m::consent.eq(member.consent),
            m::token_hash.eq(member.token_hash.as_deref()),
            m::invited_by.eq(invited_by),
            m::created_at.eq(member.created_at),
            m::decided_at.eq(member.decided_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes who they are, what they do and how they answered; whether their answer was still
/// `from`.
pub(in crate::applications) fn save_member(
    conn: &mut Conn,
    from: Consent,
    member: &MemberRecord,
    invited_by: Option<PersonId>,
) -> Result<bool> {
    let this = m::application_members.filter(m::id.eq(member.id).and(m::consent.eq(from)));
    let rows = diesel::update(this)
        .set((
            m::person_id.eq(member.person_id),
            m::name.eq(&member.name),
            m::role.eq(member.role),
            m::consent.eq(member.consent),
            m::token_hash.eq(member.token_hash.as_deref()),
            m::created_at.eq(member.created_at),
            m::decided_at.eq(member.decided_at),
        ))
        .execute(conn)?;
    if let (1, Some(by)) = (rows, invited_by) {
        diesel::update(m::application_members.find(member.id))
            .set((m::invited_by.eq(Some(by)), m::reminded_at.eq(None::<Instant>)))
            .execute(conn)?;
    }
    Ok(rows == 1)
}

/// Takes the address off a place whose time on the team is over, for whoever has it now: the place
/// stays with who had it.
pub(in crate::applications) fn free_address(conn: &mut Conn, member: MemberId) -> Result<()> {
    diesel::update(m::application_members.find(member))
        .set((
            m::email.eq(member.to_string()),
            m::consent.eq(Consent::Removed),
            m::token_hash.eq(None::<Vec<u8>>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Invitations of `before` or earlier that nobody answered or was reminded of, the first first.
/// Written out, as the index has it.
pub(in crate::applications) fn silent(
    conn: &mut Conn,
    before: Instant,
    limit: i64,
) -> Result<Vec<(ApplicationId, MemberId)>> {
    let waits = sql::<Bool>(
        "application_members.consent = 'invited' AND application_members.reminded_at IS NULL",
    );
    Ok(m::application_members
        .filter(waits)
        .filter(m::created_at.le(before))
        .order(m::created_at)
        .limit(limit)
        .select((m::application_id, m::id))
        .load(conn)?)
}

/// Notes that somebody is reminded, with the token in that mail; whether they were not before.
pub(in crate::applications) fn remind_member(
    conn: &mut Conn,
    member: &MemberRecord,
    at: Instant,
) -> Result<bool> {
    let waits = m::consent.eq(Consent::Invited).and(m::reminded_at.is_null());
    let rows = diesel::update(m::application_members.filter(m::id.eq(member.id).and(waits)))
        .set((m::token_hash.eq(member.token_hash.as_deref()), m::reminded_at.eq(Some(at))))
        .execute(conn)?;
    Ok(rows == 1)
}

/// Places that wait for the answer of who has this address, the newest, with the titles of their
/// applications; not where these have ended, nor those of others.
pub(in crate::applications) fn invitations(
    conn: &mut Conn,
    (person, email): (PersonId, &str),
    limit: i64,
) -> Result<Vec<(ApplicationId, MemberId, String)>> {
    use ApplicationStatus as S;
    Ok(m::application_members
        .inner_join(a::applications.on(a::id.eq(m::application_id)))
        .filter(m::email.eq(email.to_owned()).and(m::consent.eq(Consent::Invited)))
        .filter(m::person_id.is_null().or(m::person_id.eq(person)))
        .filter(a::status.eq_any([S::Draft, S::Submitted, S::ChangesRequested, S::Open]))
        .order(m::id.desc())
        .limit(limit)
        .select((m::application_id, m::id, a::title))
        .load(conn)?)
}

/// Who was asked onto these teams and has not answered, the first first: to which, and by which
/// name.
pub(in crate::applications) fn awaited(
    conn: &mut Conn,
    ids: &[ApplicationId],
) -> Result<Vec<(ApplicationId, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(m::application_members
        .filter(m::application_id.eq_any(padded(ids)))
        .filter(m::consent.eq(Consent::Invited))
        .order(m::id)
        .select((m::application_id, m::name))
        .load(conn)?)
}

/// What somebody else hands in and this person writes with them, while it can be written; the
/// newest.
pub(in crate::applications) fn written_with(
    conn: &mut Conn,
    person: PersonId,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    use ApplicationStatus as S;
    Ok(m::application_members
        .inner_join(a::applications.on(a::id.eq(m::application_id)))
        .filter(m::person_id.eq(person))
        .filter(m::consent.eq(Consent::Accepted))
        .filter(m::role.ne(MemberRole::Mentor))
        .filter(a::applicant_id.ne(person))
        .filter(a::status.eq_any([S::Draft, S::ChangesRequested]))
        .order(m::application_id.desc())
        .limit(limit)
        .select(m::application_id)
        .load(conn)?)
}

/// The place that waits for whoever has the token of this hash, with the title and applicant of its
/// application; not where that has ended.
pub(in crate::applications) fn invited_by(
    conn: &mut Conn,
    hash: &[u8],
) -> Result<Option<(MemberRecord, String, PersonId)>> {
    use ApplicationStatus as S;
    let found: Option<(Row, String, PersonId)> = m::application_members
        .inner_join(a::applications.on(a::id.eq(m::application_id)))
        .filter(m::token_hash.eq(hash).and(m::consent.eq(Consent::Invited)))
        .filter(a::status.eq_any([S::Draft, S::Submitted, S::ChangesRequested, S::Open]))
        .select((Row::as_select(), a::title, a::applicant_id))
        .first(conn)
        .optional()?;
    Ok(found.map(|(row, title, applicant)| (row.into(), title, applicant)))
}

/// How many people somebody has invited since then.
pub(in crate::applications) fn invited_since(
    conn: &mut Conn,
    inviter: PersonId,
    since: Instant,
) -> Result<i64> {
    Ok(m::application_members
        .filter(m::invited_by.eq(inviter).and(m::created_at.ge(since)))
        .count()
        .get_result(conn)?)
}

/// When the team last came to be another: somebody who had a place was taken off it by its lead, or
/// somebody said yes after the application was first handed in. A place that was left counts as
/// well, from when it was left, once its address is another's.
pub(in crate::applications) fn team_changed(
    conn: &mut Conn,
    application: ApplicationId,
) -> Result<Option<Instant>> {
    let put_out = m::consent.eq(Consent::Removed).and(m::person_id.is_not_null());
    let joined = m::consent.eq(Consent::Accepted).and(m::decided_at.gt(a::submitted_at));
    let last: Option<Instant> = m::application_members
        .inner_join(a::applications.on(a::id.eq(m::application_id)))
        .filter(m::application_id.eq(application))
        .filter(joined.or(put_out))
        .select(max(m::decided_at))
        .first(conn)?;
    Ok(last)
}

//! Rows of agreements and signatures.

use crate::kernel::Result;
use crate::kernel::ids::{AgreementId, GrantId, PersonId, SignatureId, TemplateId};
use crate::kernel::time::Instant;
use crate::paperwork::model::{Agreement, AgreementStatus, Party, SignatureView};
use crate::platform::db::Conn;
use crate::platform::db::ext::Both;
use crate::platform::db::schema::{agreements, signatures, templates};
use diesel::prelude::*;

type Row = (AgreementId, GrantId, Vec<u8>, String, AgreementStatus, Instant, Option<Instant>, i32);

/// Adds an agreement; false if the grant has one already.
pub(in crate::paperwork) fn insert_agreement(
    conn: &mut Conn,
    new: &Agreement,
    template: TemplateId,
) -> Result<bool> {
    use agreements::dsl as a;
    let insert = diesel::insert_into(a::agreements)
        .values((
            a::id.eq(new.id),
            a::grant_id.eq(new.grant_id),
            a::template_id.eq(template),
            a::body.eq(&new.body),
            a::sha256.eq(&new.sha256),
            a::status.eq(new.status),
            a::created_at.eq(new.created_at),
        ))
        .on_conflict_do_nothing();
    Ok(Both(insert).execute(conn)? == 1)
}

/// The agreement of a grant that counts.
pub(in crate::paperwork) fn newest_agreement(
    conn: &mut Conn,
    grant: GrantId,
) -> Result<Option<Agreement>> {
    use agreements::dsl as a;
    let row: Option<Row> = a::agreements
        .inner_join(templates::table.on(templates::id.eq(a::template_id)))
        .filter(a::grant_id.eq(grant).and(a::status.ne(AgreementStatus::Superseded)))
        .select((
            a::id,
            a::grant_id,
            a::body,
            a::sha256,
            a::status,
            a::created_at,
            a::signed_at,
            templates::number,
        ))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, grant_id, body, sha256, status, created_at, signed_at, template)| Agreement {
        id,
        grant_id,
        body,
        sha256,
        status,
        created_at,
        signed_at,
        template,
    }))
}

/// Holds the row until the transaction ends, so that two who sign at once come one after the
/// other and the second one sees the first one's signature.
pub(in crate::paperwork) fn hold(conn: &mut Conn, grant: GrantId) -> Result<()> {
    use agreements::dsl as a;
    let current = a::grant_id.eq(grant).and(a::status.ne(AgreementStatus::Superseded));
    diesel::update(a::agreements.filter(current)).set(a::status.eq(a::status)).execute(conn)?;
    Ok(())
}

/// Marks an open agreement as signed; whether it was open.
pub(in crate::paperwork) fn finish(conn: &mut Conn, id: AgreementId, at: Instant) -> Result<bool> {
    use agreements::dsl as a;
    let open = a::agreements.find(id).filter(a::status.eq(AgreementStatus::Open));
    let set = (a::status.eq(AgreementStatus::Signed), a::signed_at.eq(at));
    Ok(diesel::update(open).set(set).execute(conn)? == 1)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signatures)]
struct SignatureRow {
    party: Party,
    person_id: PersonId,
    typed_name: String,
    consent: String,
    sha256: String,
    signed_at: Instant,
    address: Option<String>,
    agent: Option<String>,
    authenticated: String,
}

/// The signatures of an agreement: the recipient's first.
pub(in crate::paperwork) fn signatures(
    conn: &mut Conn,
    agreement: AgreementId,
) -> Result<Vec<SignatureView>> {
    let rows: Vec<SignatureRow> = signatures::table
        .filter(signatures::agreement_id.eq(agreement))
        .order(signatures::party)
        .select(SignatureRow::as_select())
        .load(conn)?;
    let view = |r: SignatureRow| SignatureView {
        party: r.party,
        person_id: r.person_id,
        typed_name: r.typed_name,
        consent: r.consent,
        sha256: r.sha256,
        signed_at: r.signed_at,
        address: r.address,
        agent: r.agent,
        authenticated: Some(r.authenticated),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A signature to keep.
pub(in crate::paperwork) struct NewSignature<'a> {
    pub(in crate::paperwork) id: SignatureId,
    pub(in crate::paperwork) agreement: AgreementId,
    pub(in crate::paperwork) view: &'a SignatureView,
}

/// Adds a signature.
pub(in crate::paperwork) fn insert_signature(
    conn: &mut Conn,
    new: &NewSignature<'_>,
) -> Result<()> {
    use signatures::dsl as s;
    diesel::insert_into(s::signatures)
        .values((
            s::id.eq(new.id),
            s::agreement_id.eq(new.agreement),
            s::party.eq(new.view.party),
            s::person_id.eq(new.view.person_id),
            s::typed_name.eq(&new.view.typed_name),
            s::consent.eq(&new.view.consent),
            s::sha256.eq(&new.view.sha256),
            s::signed_at.eq(new.view.signed_at),
            s::address.eq(&new.view.address),
            s::agent.eq(&new.view.agent),
            s::authenticated.eq(new.view.authenticated.as_deref().unwrap_or_default()),
        ))
        .execute(conn)?;
    Ok(())
}

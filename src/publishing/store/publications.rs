//! What of a grant is published, where somebody has decided it.

use crate::kernel::Result;
use crate::kernel::ids::{GrantId, PersonId};
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::publications;
use crate::platform::db::schema::publications::dsl as p;
use crate::platform::db::types::Doc;
use crate::publishing::model::{Publication, PublicationStatus, RecipientKind};
use diesel::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

crate::db_text!(PublicationStatus, RecipientKind);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = publications, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    grant_id: GrantId,
    status: PublicationStatus,
    recipient: RecipientKind,
    organisation_name: Option<String>,
    organisation_id: Option<String>,
    fields: Doc,
    decided_by: Option<PersonId>,
    decided_at: Instant,
    version: i32,
}

impl TryFrom<Row> for Publication {
    type Error = Problem;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            status: row.status,
            recipient: row.recipient,
            organisation_name: row.organisation_name,
            organisation_id: row.organisation_id,
            fields: serde_json::from_value(row.fields.0).map_err(Problem::internal)?,
            decided_by: row.decided_by,
            decided_at: Some(row.decided_at),
            version: row.version,
        })
    }
}

pub(in crate::publishing) fn decision(
    conn: &mut Conn,
    grant: GrantId,
) -> Result<Option<Publication>> {
    let row: Option<Row> =
        p::publications.find(grant).select(Row::as_select()).first(conn).optional()?;
    row.map(Publication::try_from).transpose()
}

pub(in crate::publishing) fn decisions(
    conn: &mut Conn,
    grants: &[GrantId],
) -> Result<BTreeMap<GrantId, Publication>> {
    let these = p::publications.filter(p::grant_id.eq_any(padded(grants)));
    let rows: Vec<Row> = Kept(these.select(Row::as_select())).load(conn)?;
    rows.into_iter().map(|row| Ok((row.grant_id, Publication::try_from(row)?))).collect()
}

/// Keeps a decision in place of the one before.
pub(in crate::publishing) fn keep(
    conn: &mut Conn,
    grant: GrantId,
    decided: &Publication,
    now: Instant,
) -> Result<()> {
    let row = Row {
        grant_id: grant,
        status: decided.status,
        recipient: decided.recipient,
        organisation_name: decided.organisation_name.clone(),
        organisation_id: decided.organisation_id.clone(),
        fields: Doc(json!(decided.fields)),
        decided_by: decided.decided_by,
        decided_at: now,
        version: decided.version,
    };
    if diesel::update(p::publications.find(grant)).set(&row).execute(conn)? == 0 {
        diesel::insert_into(p::publications).values(&row).execute(conn)?;
    }
    Ok(())
}

//! Putting sealed fields under the active key, while people work with them.
//!
//! A field's data key is wrapped anew and the data left alone, by an update that does nothing when
//! somebody has changed the field meanwhile: what they wrote is under the active key already.
//! Nothing is remembered between two runs; what is left to do is what the index says.

use super::kind::Kind;
use super::model::{Job, Outcome};
use super::runner::Desk;
use super::store;
use crate::kernel::Result;
use crate::platform::auth::keys::Keys;
use crate::platform::auth::seal::{self, Cell};
use crate::platform::db::Conn;
use crate::platform::db::sealed::{self, Column, Range, SEALED};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Fields to a transaction: few, so that nobody waits for long behind it.
const BITE: u32 = 50;

/// Runs [`rewrap`] each minute; where no key was rotated it asks three indexes.
pub const REWRAP: Kind = Kind::new("keys.rewrap", rewrap).every(60);

/// Fields of one column under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Where.
    pub column: String,
    /// The id of the key; none where the bytes are no sealed field.
    pub key: Option<String>,
    /// How many.
    pub fields: i64,
}

/// Puts all fields under the active key. What does not open is passed over, logged, and told.
pub fn rewrap(desk: &Desk, _: &Job) -> Outcome {
    let keys = &desk.env.keys;
    if let Err(e) = keys.reload() {
        return Outcome::Retry(format!("the key file cannot be read: {e}"));
    }
    let mut refused = 0;
    for column in SEALED {
        for range in others(&keys.active_master()) {
            match walk(desk, column, &range) {
                Ok(count) => refused += count,
                Err(problem) => return problem.into(),
            }
        }
    }
    if refused == 0 {
        return Outcome::Done;
    }
    Outcome::GiveUp(format!("{refused} sealed fields do not open: see the log, and almoner doctor"))
}

/// One range of one column; how many fields did not open.
fn walk(desk: &Desk, column: Column, range: &Range) -> Result<usize> {
    let (mut after, mut refused): (Option<(Uuid, Vec<u8>)>, usize) = (None, 0);
    loop {
        // A look first: a write transaction for nothing would disturb others.
        let look = after.clone();
        let waits = desk
            .db
            .read_now("keys.look", |conn| sealed::page(conn, column, range, look.as_ref(), BITE))?;
        let Some(last) = waits.last().cloned() else { return Ok(refused) };
        let keys = desk.env.keys.clone();
        refused += desk.db.write_now("keys.rewrap", |conn| bite(conn, &keys, column, &waits))?;
        after = Some(last);
    }
}

fn bite(conn: &mut Conn, keys: &Keys, column: Column, waits: &[(Uuid, Vec<u8>)]) -> Result<usize> {
    // In the order of ids, as others touch them.
    let waits: BTreeMap<&Uuid, &Vec<u8>> = waits.iter().map(|(row, was)| (row, was)).collect();
    let mut refused = 0;
    for (row, was) in waits {
        let cell = Cell { table: column.table, row: *row, column: column.column };
        match seal::rewrap(keys, &cell, was) {
            Ok(None) => {}
            Ok(Some(now)) => {
                sealed::swap(conn, column, *row, was, &now)?;
            }
            Err(error) => {
                tracing::error!(%column, %row, %error, "a sealed field keeps its old key");
                refused += 1;
            }
        }
    }
    Ok(refused)
}

/// What is under other keys than this one: what comes before its fields, and what comes after.
fn others(key: &str) -> [Range; 2] {
    let Range { from, to } = under(key);
    [Range { from: Vec::new(), to: from }, Range { from: to, to: vec![u8::MAX] }]
}

/// What is under this key.
fn under(key: &str) -> Range {
    let from = seal::head(key);
    let mut to = from.clone();
    // Ids are letters, digits and dashes: there is room above each of them.
    if let Some(last) = to.last_mut() {
        *last = last.saturating_add(1);
    }
    Range { from, to }
}

/// How many fields are not under the active key.
pub fn outdated(conn: &mut Conn, keys: &Keys) -> Result<i64> {
    let mut sum = store::mails_of_old(conn)?;
    for column in SEALED {
        for range in others(&keys.active_master()) {
            sum += sealed::count(conn, column, &range)?;
        }
    }
    Ok(sum)
}

/// Which keys are in use, and where. Its cost is that of counting.
pub fn uses(conn: &mut Conn) -> Result<Vec<Use>> {
    let mut found = Vec::new();
    let old = store::mails_of_old(conn)?;
    if old > 0 {
        found.push(Use { column: "jobs.payload".into(), key: None, fields: old });
    }
    for column in SEALED {
        let mut from = Vec::new();
        while let Some(head) = sealed::least(conn, column, &from)? {
            let key = seal::head_id(&head).map(str::to_owned);
            let range = match &key {
                Some(key) => under(key),
                None => Range { from: head.clone(), to: [head, vec![0]].concat() },
            };
            let fields = sealed::count(conn, column, &range)?;
            found.push(Use { column: column.to_string(), key, fields });
            from = range.to;
        }
    }
    Ok(found)
}

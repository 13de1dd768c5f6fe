//! The index: FTS5 on SQLite, `tsvector` on PostgreSQL. What is asked for is the same on both, and
//! so is the order: newest documents first.
//!
//! SQLite walks the words of an index from the newest document on, and stops when the page is full.
//! PostgreSQL's index knows no order: it is asked for the newest leaves first (512 documents each),
//! then for as many more leaves or branches (8192 each) as what was found lets expect to be enough,
//! and where nothing was found soon for all that is left. So a word that is in every document costs
//! what its newest leaf costs, and one that is in few costs those few.

use crate::kernel::Result;
use crate::kernel::ids::ApplicationId;
use crate::platform::db::Conn;
use crate::platform::db::ext::{Kept, padded};
use crate::platform::db::schema::search_documents::dsl as s;
use crate::platform::db::types::SqlId;
use crate::platform::search::{fts5, tsquery};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::{PgConnection, SqliteConnection};
use std::collections::BTreeSet;

/// Where all words have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::discovery) enum Tier {
    /// In the title.
    Title,
    /// In title and summary.
    Lead,
    /// Anywhere.
    Text,
}

impl Tier {
    pub(in crate::discovery) const ALL: [Tier; 3] = [Tier::Title, Tier::Lead, Tier::Text];
    /// The better one.
    pub(in crate::discovery) const fn better(self) -> Option<Tier> {
        match self {
            Tier::Title => None,
            Tier::Lead => Some(Tier::Title),
            Tier::Text => Some(Tier::Lead),
        }
    }
    const fn sqlite(self) -> &'static str {
        match self {
            Tier::Title => "search_titles",
            Tier::Lead => "search_leads",
            Tier::Text => "search_texts",
        }
    }
    const fn postgres(self) -> &'static str {
        match self {
            Tier::Title => "title_words",
            Tier::Lead => "lead_words",
            Tier::Text => "all_words",
        }
    }
}

/// A document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(in crate::discovery) struct Found {
    #[diesel(sql_type = BigInt)]
    pub(in crate::discovery) doc: i64,
    #[diesel(sql_type = SqlId)]
    pub(in crate::discovery) application_id: ApplicationId,
}

#[derive(QueryableByName)]
struct Doc {
    #[diesel(sql_type = BigInt)]
    doc: i64,
}

#[derive(QueryableByName)]
struct Newest {
    #[diesel(sql_type = Nullable<BigInt>)]
    doc: Option<i64>,
}

/// The number below which all documents are. SQLite begins with the newest by itself.
pub(in crate::discovery) fn top(conn: &mut Conn) -> Result<i64> {
    match conn {
        Conn::Sqlite(_) => Ok(i64::MAX),
        Conn::Pg(conn) => {
            let newest = diesel::sql_query("SELECT max(doc) AS doc FROM search_documents");
            let newest: Newest = Kept(newest).get_result(conn)?;
            Ok(newest.doc.unwrap_or(0).saturating_add(1))
        }
    }
}

/// The newest documents before `before`, which is no higher than [`top`], with all these words in
/// this tier and one mark of each group, at most `limit`.
pub(in crate::discovery) fn find(
    conn: &mut Conn,
    tier: Tier,
    (words, marks): (&[String], &[Vec<String>]),
    (before, limit): (i64, usize),
) -> Result<Vec<Found>> {
    match conn {
        Conn::Sqlite(conn) => sqlite(conn, tier, &fts5(words, marks), before, limit),
        Conn::Pg(conn) => postgres(conn, tier, (words, marks), before, limit),
    }
}

fn sqlite(
    conn: &mut SqliteConnection,
    tier: Tier,
    asked: &str,
    before: i64,
    limit: usize,
) -> Result<Vec<Found>> {
    let table = tier.sqlite();
    let sql = format!(
        "SELECT d.doc, d.application_id FROM {table} CROSS JOIN search_documents d \
         ON d.doc = {table}.rowid WHERE {table} MATCH ? AND {table}.rowid < ? \
         ORDER BY {table}.rowid DESC LIMIT ?"
    );
    let query = diesel::sql_query(sql).bind::<Text, _>(asked).bind::<BigInt, _>(before);
    Ok(Kept(query.bind::<BigInt, _>(count(limit))).load(conn)?)
}

/// Documents to a leaf, and to a branch.
const LEAF: i64 = 512;
const BRANCH: i64 = 8192;
/// Leaves or branches that are asked for by name at once, at most.
const PARTS_MAX: i64 = 16;

fn postgres(
    conn: &mut PgConnection,
    tier: Tier,
    (words, marks): (&[String], &[Vec<String>]),
    mut before: i64,
    limit: usize,
) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut width = 2 * LEAF;
    while before > 0 && found.len() < limit {
        let (mut marks, mut floor) = (marks.to_vec(), 0);
        let parts = [("leaf", LEAF), ("branch", BRANCH)];
        if let Some((name, size)) = parts.into_iter().find(|(_, size)| width <= size * PARTS_MAX) {
            let last = (before - 1) / size;
            let first = (last + 1 - (width + size - 1) / size).max(0);
            marks.push((first..=last).map(|n| format!("{name}{n}x")).collect());
            floor = first * size;
        }
        let rest = limit - found.len();
        let these = window(conn, tier, (words, &marks), before, rest)?;
        width = wider(width, count(these.len()), count(rest - these.len()));
        found.extend(these);
        before = floor;
    }
    Ok(found)
}

/// Among how many documents to look next, where in `width` of them all that was found was `found`
/// and `missing` are to be found yet: twice as many as should do, if what follows is as what was.
fn wider(width: i64, found: i64, missing: i64) -> i64 {
    let enough = match found {
        0 => width.saturating_mul(PARTS_MAX),
        _ => width.saturating_mul(missing).saturating_mul(2) / found,
    };
    enough.max(width.saturating_mul(2))
}

/// That all the words of the first parameter are in a tier. They are made ready once, not once for
/// each document, also where one plan serves all values.
fn holds(tier: Tier) -> String {
    let column = tier.postgres();
    format!("{column} @@ (SELECT plainto_tsquery('search_words', search_plain($1)))")
}

/// The newest of what an index finds. The fence: the order is made of what was found, or the plan
/// would walk the documents in it.
fn fenced(found: &str, [before, limit]: [&str; 2]) -> String {
    format!(
        "SELECT doc, application_id FROM (SELECT doc, application_id FROM search_documents \
         WHERE {found} OFFSET 0) found WHERE doc < {before} ORDER BY doc DESC LIMIT {limit}"
    )
}

fn window(
    conn: &mut PgConnection,
    tier: Tier,
    (words, marks): (&[String], &[Vec<String>]),
    before: i64,
    limit: usize,
) -> Result<Vec<Found>> {
    // Two texts: with one that asks whether there are words, one plan for all values uses no index
    // of words.
    if words.is_empty() {
        let query = diesel::sql_query(fenced("found_by @@ $1::tsquery", ["$2", "$3"]))
            .bind::<Text, _>(tsquery(marks))
            .bind::<BigInt, _>(before)
            .bind::<BigInt, _>(count(limit));
        return Ok(Kept(query).load(conn)?);
    }
    let found = format!("{} AND found_by @@ $2::tsquery", holds(tier));
    let query = diesel::sql_query(fenced(&found, ["$3", "$4"]))
        .bind::<Text, _>(words.join(" "))
        .bind::<Text, _>(tsquery(marks))
        .bind::<BigInt, _>(before)
        .bind::<BigInt, _>(count(limit));
    Ok(Kept(query).load(conn)?)
}

/// Those of some documents that have all these words in this tier, and one mark of each group.
pub(in crate::discovery) fn matching(
    conn: &mut Conn,
    tier: Tier,
    (words, marks): (&[String], &[Vec<String>]),
    docs: &[i64],
) -> Result<Vec<Found>> {
    if docs.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = docs.iter().map(i64::to_string).collect();
    let list = list.join(", ");
    match conn {
        Conn::Sqlite(conn) => {
            let table = tier.sqlite();
            let sql = format!(
                "SELECT d.doc, d.application_id FROM {table} CROSS JOIN search_documents d \
                 ON d.doc = {table}.rowid WHERE {table} MATCH ? AND {table}.rowid IN ({list})"
            );
            Ok(diesel::sql_query(sql).bind::<Text, _>(fts5(words, marks)).load(conn)?)
        }
        Conn::Pg(conn) => {
            let column = tier.postgres();
            let sql = format!(
                "SELECT doc, application_id FROM search_documents WHERE doc IN ({list}) \
                 AND ($1 = '' OR {column} @@ plainto_tsquery('search_words', search_plain($1))) \
                 AND ($2 = '' OR found_by @@ $2::tsquery)"
            );
            let query = diesel::sql_query(sql).bind::<Text, _>(words.join(" "));
            Ok(query.bind::<Text, _>(tsquery(marks)).load(conn)?)
        }
    }
}

/// Which of some documents, that have one mark of each group, hold all these words in this tier.
///
/// SQLite walks the words and marks between the first and the last of them: asked for each document
/// by its number it would look for the words once for each.
pub(in crate::discovery) fn holding(
    conn: &mut Conn,
    tier: Tier,
    (words, marks): (&[String], &[Vec<String>]),
    docs: &[i64],
) -> Result<BTreeSet<i64>> {
    let (Some(first), Some(last)) = (docs.iter().min(), docs.iter().max()) else {
        return Ok(BTreeSet::new());
    };
    let found: Vec<Doc> = match conn {
        Conn::Sqlite(conn) => {
            let table = tier.sqlite();
            let sql = format!(
                "SELECT rowid AS doc FROM {table} WHERE {table} MATCH ? \
                 AND rowid >= ? AND rowid <= ? ORDER BY rowid"
            );
            let query = diesel::sql_query(sql).bind::<Text, _>(fts5(words, marks));
            Kept(query.bind::<BigInt, _>(first).bind::<BigInt, _>(last)).load(conn)?
        }
        Conn::Pg(conn) => {
            // A fence: these documents are read by their numbers, however many have the words.
            let sql = format!(
                "SELECT doc FROM (SELECT doc, {} FROM search_documents \
                 WHERE doc = ANY($2) OFFSET 0) these WHERE {}",
                tier.postgres(),
                holds(tier)
            );
            let query = diesel::sql_query(sql).bind::<Text, _>(words.join(" "));
            Kept(query.bind::<Array<BigInt>, _>(docs)).load(conn)?
        }
    };
    Ok(found.into_iter().map(|row| row.doc).collect())
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The documents of some applications.
pub(in crate::discovery) fn documents(
    conn: &mut Conn,
    applications: &[ApplicationId],
) -> Result<Vec<(i64, ApplicationId)>> {
    if applications.is_empty() {
        return Ok(Vec::new());
    }
    let these = s::search_documents.filter(s::application_id.eq_any(padded(applications)));
    Ok(Kept(these.select((s::doc, s::application_id))).load(conn)?)
}

#[cfg(test)]
mod tests {
    use super::{BRANCH, LEAF, PARTS_MAX, wider};

    #[test]
    fn looks_among_as_many_as_should_do() {
        // 35 in 1,024, 16 missing: 936 should do; but never fewer than twice as many as before.
        assert_eq!(wider(1024, 35, 16), 2048);
        assert_eq!(wider(1024, 10, 41), 8396);
        // What is not there at all is soon looked for everywhere.
        let (second, third) = (wider(2 * LEAF, 0, 51), wider(wider(2 * LEAF, 0, 51), 0, 51));
        assert_eq!(second, 2 * BRANCH);
        assert!(third > BRANCH * PARTS_MAX);
        assert_eq!(wider(i64::MAX, 0, 51), i64::MAX);
    }
}

//! Values come back as they went in, and compare the same.

use super::sql;
use crate::support::Harness;
use almoner::each;
use almoner::kernel::Result;
use almoner::kernel::ids::{PersonId, of};
use almoner::kernel::money::Currency;
use almoner::kernel::problem::Kind;
use almoner::kernel::time::{Date, Instant};
use almoner::platform::db::ext::{Both, cols, sum_i64};
use almoner::platform::db::types::{Doc, SqlId};
use almoner::platform::db::{Conn, constraint};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

almoner::text_enum! {
    /// A colour.
    pub enum Colour {
        /// Red.
        Red = "red",
        /// Blue.
        Blue = "blue",
    }
}
almoner::db_text!(Colour);

diesel::table! {
    use diesel::sql_types::*;
    use almoner::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    samples (id) {
        id -> SqlId,
        owner -> Nullable<SqlId>,
        at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
        day -> SqlDate,
        due_on -> Nullable<SqlDate>,
        doc -> SqlDoc,
        note -> Nullable<SqlDoc>,
        currency -> Text,
        colour -> Text,
        second -> Nullable<Text>,
        amount -> BigInt,
        small -> Integer,
        flag -> Bool,
        bytes -> Binary,
    }
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = samples, treat_none_as_default_value = false)]
struct Sample {
    id: PersonId,
    owner: Option<PersonId>,
    at: Instant,
    ended_at: Option<Instant>,
    day: Date,
    due_on: Option<Date>,
    doc: Doc,
    note: Option<Doc>,
    currency: Currency,
    colour: Colour,
    second: Option<Colour>,
    amount: i64,
    small: i32,
    flag: bool,
    bytes: Vec<u8>,
}

fn table(t: &Harness) {
    sql(
        t,
        "CREATE TABLE samples (id BLOB NOT NULL PRIMARY KEY, owner BLOB, at INTEGER NOT NULL, \
         ended_at INTEGER, day INTEGER NOT NULL, due_on INTEGER, doc TEXT NOT NULL, note TEXT, \
         currency TEXT NOT NULL, colour TEXT NOT NULL, second TEXT, amount INTEGER NOT NULL, \
         small INTEGER NOT NULL, flag INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT",
        "CREATE TABLE samples (id uuid PRIMARY KEY, owner uuid, at timestamptz NOT NULL, \
         ended_at timestamptz, day date NOT NULL, due_on date, doc jsonb NOT NULL, note jsonb, \
         currency text NOT NULL, colour text NOT NULL, second text, amount bigint NOT NULL, \
         small integer NOT NULL, flag boolean NOT NULL, bytes bytea NOT NULL)",
    );
}

fn sample(t: &Harness, at: &str, day: &str, amount: i64) -> Sample {
    Sample {
        id: t.ids.next::<of::Person>(t.clock.now()),
        owner: None,
        at: at.parse().expect("an instant"),
        ended_at: None,
        day: day.parse().expect("a day"),
        due_on: None,
        doc: Doc(json!({"z": [1, -2, null, true], "a": {"é🎉": "'\"\\"}, "": ""})),
        note: None,
        currency: "JPY".parse().expect("a currency"),
        colour: Colour::Red,
        second: None,
        amount,
        small: i32::MIN,
        flag: true,
        bytes: vec![0, 255, 0],
    }
}

fn store(t: &Harness, rows: &[Sample]) -> Result<usize> {
    let insert = |conn: &mut Conn| {
        Ok(each!(conn, diesel::insert_into(samples::table).values(rows).execute(conn))?)
    };
    t.db.write_now("test.insert", insert)
}

both! {
    fn values_come_back_as_they_went_in(t: &Harness) {
        table(t);
        let mut rows = vec![
            sample(t, "1969-12-31T23:59:59.999999Z", "1969-12-31", i64::MIN),
            sample(t, "0001-01-01T00:00:00Z", "0001-01-01", i64::MAX),
            sample(t, "2026-11-02T09:00:00.000001Z", "2024-02-29", 0),
            sample(t, "9999-12-30T22:00:00Z", "9999-12-31", -1),
        ];
        let other = rows[2].clone();
        rows[1] = Sample {
            owner: Some(other.id),
            ended_at: Some(other.at),
            due_on: Some(other.day),
            note: Some(Doc(json!("just text"))),
            second: Some(Colour::Blue),
            flag: false,
            ..rows[1].clone()
        };
        assert_eq!(store(t, &rows).expect("four rows"), 4);
        let load = |conn: &mut Conn| {
            Ok(samples::table.order(samples::id).select(Sample::as_select()).load(conn)?)
        };
        let found: Vec<Sample> = t.db.read_now("test.load", load).expect("four rows");
        rows.sort_by_key(|r| r.id);
        assert_eq!(found, rows);
    }

    fn values_compare_alike(t: &Harness) {
        table(t);
        let old = sample(t, "1960-06-01T00:00:00Z", "1960-06-01", 2);
        let rows = [
            sample(t, "2026-01-01T00:00:00Z", "2026-01-01", 1),
            Sample { second: Some(Colour::Blue), ..old },
            sample(t, "2026-01-01T00:00:00.000001Z", "2026-01-02", 3),
        ];
        store(t, &rows).expect("three rows");
        let ids = [rows[0].id, rows[2].id];
        let compare = |conn: &mut Conn| {
            let order: Vec<i64> =
                samples::table.order(samples::at).select(samples::amount).load(conn)?;
            assert_eq!(order, [2, 1, 3]);
            let order: Vec<i64> =
                samples::table.order(samples::day.desc()).select(samples::amount).load(conn)?;
            assert_eq!(order, [3, 1, 2]);
            let some: i64 = samples::table
                .filter(samples::id.eq_any(ids).and(samples::at.le(&rows[2].at)))
                .filter(samples::colour.eq(Colour::Red).and(samples::second.is_null()))
                .count()
                .get_result(conn)?;
            assert_eq!(some, 2);
            let blue = samples::second.eq(Some(Colour::Blue)).and(samples::day.lt(rows[0].day));
            let one: i64 = samples::table.filter(blue).count().get_result(conn)?;
            assert_eq!(one, 1);
            let newest: Option<Instant> =
                samples::table.select(diesel::dsl::max(samples::at)).first(conn)?;
            assert_eq!(newest, Some(rows[2].at));
            let nobody: Vec<PersonId> = Vec::new();
            let none: i64 =
                samples::table.filter(samples::id.eq_any(nobody)).count().get_result(conn)?;
            assert_eq!(none, 0);
            Ok(())
        };
        t.db.read_now("test.compare", compare).expect("comparisons");
    }

    fn statements_of_both_kinds_run(t: &Harness) {
        table(t);
        let row = sample(t, "2026-01-01T00:00:00Z", "2026-01-01", 1);
        let work = |conn: &mut Conn| {
            let insert = || diesel::insert_into(samples::table).values(&row);
            let made: Sample = insert().returning(cols::<Sample>()).get_result(conn)?;
            assert_eq!(made, row);
            let again = Both(insert().on_conflict(samples::id).do_nothing()).execute(conn)?;
            assert_eq!(again, 0);
            let changed: Vec<i64> = Both(
                insert()
                    .on_conflict(samples::id)
                    .do_update()
                    .set(samples::amount.eq(samples::amount + 41))
                    .returning(samples::amount),
            )
            .get_results(conn)?;
            assert_eq!(changed, [42]);
            let locked: Vec<PersonId> =
                almoner::platform::db::ext::SkipLocked(samples::table.select(samples::id))
                    .load(conn)?;
            assert_eq!(locked, [row.id]);
            let by_text: Vec<Amount> =
                diesel::sql_query("SELECT id, amount FROM samples WHERE id = $1")
                    .bind::<SqlId, _>(row.id)
                    .load(conn)?;
            assert_eq!(by_text, [Amount { id: row.id, amount: 42 }]);
            Ok(())
        };
        t.db.write_now("test.statements", work).expect("statements");
    }

    fn sums_are_exact_and_overflow_is_an_error(t: &Harness) {
        table(t);
        let amount = (1i64 << 53) + 1;
        let mut rows: Vec<Sample> =
            (0..3).map(|_| sample(t, "2026-01-01T00:00:00Z", "2026-01-01", amount)).collect();
        rows.push(sample(t, "2026-01-01T00:00:00Z", "2026-01-01", -1));
        store(t, &rows).expect("four rows");
        let sum = |conn: &mut Conn| {
            let all: Option<i64> =
                samples::table.select(sum_i64(samples::amount)).first(conn)?;
            let none: Option<i64> = samples::table
                .filter(samples::flag.eq(false))
                .select(sum_i64(samples::amount))
                .first(conn)?;
            let by_day: Vec<(Date, Option<i64>)> = samples::table
                .group_by(samples::day)
                .select((samples::day, sum_i64(samples::amount)))
                .load(conn)?;
            assert_eq!(by_day[0].1, all);
            Ok((all, none))
        };
        let (all, none) = t.db.read_now("test.sum", sum).expect("sums");
        assert_eq!((all, none), (Some(3 * amount - 1), None));
        store(t, &[sample(t, "2026-01-01T00:00:00Z", "2026-01-01", i64::MAX)]).expect("a row");
        assert!(t.db.read_now("test.sum", sum).is_err(), "the sum passes 64 bits");
        let add = |conn: &mut Conn| {
            let largest = samples::table.filter(samples::amount.eq(i64::MAX));
            Ok(diesel::update(largest).set(samples::amount.eq(samples::amount + 1)).execute(conn)?)
        };
        let refused = t.db.write_now("test.add", add).expect_err("the amount passes 64 bits");
        assert_eq!(refused.kind(), Kind::Internal);
    }

    fn nul_is_refused_clearly(t: &Harness) {
        table(t);
        let nul = |conn: &mut Conn| super::put_value(conn, "key", "a\0b");
        let refused = t.db.write_now("test.nul", nul).expect_err("NUL in text");
        assert_eq!(refused.kind(), Kind::MalformedRequest, "{:?}", refused.cause());
        assert!(refused.detail().contains("NUL"));
        for doc in [json!({"a": ["x\0"]}), json!({"\0": 1})] {
            let row = sample(t, "2026-01-01T00:00:00Z", "2026-01-01", 1);
            let refused = store(t, &[Sample { doc: Doc(doc), ..row }]).expect_err("NUL in JSON");
            assert_eq!(refused.kind(), Kind::MalformedRequest, "{:?}", refused.cause());
            assert_eq!(constraint(&refused), None);
        }
    }

    fn a_spelling_that_nobody_knows_is_an_error(t: &Harness) {
        table(t);
        store(t, &[sample(t, "2026-01-01T00:00:00Z", "2026-01-01", 1)]).expect("a row");
        let damage = "UPDATE samples SET colour = 'green'";
        sql(t, damage, damage);
        let colour = samples::table.select(samples::colour);
        let read = |conn: &mut Conn| Ok(colour.first::<Colour>(conn)?);
        let refused = t.db.read_now("test.read", read).expect_err("no such colour");
        assert!(format!("{:?}", refused.cause()).contains("green"), "{:?}", refused.cause());
    }
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Amount {
    #[diesel(sql_type = SqlId)]
    id: PersonId,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

//! Migrations go up, down, and up again, and do not collide.

use super::{keys, put, sql};
use crate::support::{Harness, Side, open};
use almoner::kernel::problem::Kind;
use almoner::platform::db::{Conn, Db, migrate};
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

const SQLITE_DUMP: &str = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line \
    FROM sqlite_schema ORDER BY 1";
const POSTGRES_DUMP: &str = "
    SELECT 'column ' || table_name || '.' || column_name || ' ' || ordinal_position || ' ' ||
      data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS line
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' ||
      pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p
      WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p')
    UNION ALL SELECT 'type ' || typname FROM pg_type t
      WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
    ORDER BY 1";

/// Everything in the schema, one thing to a line.
fn dump(db: &Db) -> Vec<String> {
    let text = if db.is_postgres() { POSTGRES_DUMP } else { SQLITE_DUMP };
    let load = |conn: &mut Conn| Ok(diesel::sql_query(text).load::<Line>(conn)?);
    let lines = db.read_now("test.dump", load).expect("the schema can be read");
    lines.into_iter().map(|l| l.line).collect()
}

both! {
    fn up_down_and_up_again(t: &Harness) {
        let db = open(&t.empty_database(), 2);
        assert!(dump(&db).is_empty());
        let refused = db.ready().expect_err("nothing has been applied");
        assert_eq!(refused.kind(), Kind::Unavailable);
        let all = migrate::pending(&db).expect("names");
        assert_eq!(all.first().map(String::as_str), Some("0000_meta"));
        assert!(all.is_sorted());
        assert!(dump(&db).is_empty(), "asking changes nothing");

        assert_eq!(migrate::migrate(&db).expect("up"), all);
        let first = dump(&db);
        assert!(first.len() > all.len());
        assert!(migrate::migrate(&db).expect("nothing to do").is_empty());

        migrate::revert_all(&db).expect("down");
        let rest: Vec<String> = dump(&db);
        let foreign = |l: &&String| !l.contains("__diesel_schema_migrations");
        assert_eq!(rest.iter().find(foreign), None, "left behind");

        assert_eq!(migrate::migrate(&db).expect("up again"), all);
        assert_eq!(dump(&db), first);
        db.ready().expect("the schema is the newest");
    }

    fn two_at_once_do_not_collide(t: &Harness) {
        for _ in 0..3 {
            let url = t.empty_database();
            let applied: Vec<usize> = std::thread::scope(|scope| {
                let one = || {
                    let db = open(&url, 2);
                    migrate::migrate(&db).unwrap_or_else(|p| panic!("{p}: {:?}", p.cause())).len()
                };
                let threads: Vec<_> = (0..3).map(|_| scope.spawn(one)).collect();
                threads.into_iter().map(|t| t.join().expect("no panic")).collect()
            });
            let db = open(&url, 2);
            db.ready().expect("the schema is the newest");
            let mut applied = applied;
            applied.sort_unstable();
            assert_eq!(applied[..2], [0, 0], "one did all of it");
            assert!(applied[2] > 0);
        }
    }

    fn a_newer_schema_is_refused(t: &Harness) {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
        sql(t, newer, newer);
        let refusals = [t.db.ready().err(), migrate::migrate(&t.db).map(drop).err()];
        for refused in refusals {
            let refused = refused.expect("an old program keeps away");
            assert_eq!(refused.kind(), Kind::Unavailable);
            assert!(refused.detail().contains("9999"));
        }
    }

    fn what_is_written_survives_closing(t: &Harness) {
        let url = t.empty_database();
        let db = open(&url, 2);
        migrate::migrate(&db).expect("up");
        db.write_now("test.put", |conn| put(conn, "a")).expect("a write");
        drop(db);
        let db = open(&url, 2);
        assert!(migrate::migrate(&db).expect("nothing to do").is_empty());
        assert_eq!(db.read_now("test.count", super::count).expect("a read"), 1);
        assert!(keys(t).is_empty(), "another database");
    }

    fn both_sides_have_the_same_migrations(t: &Harness) {
        let names = |side: &str| {
            let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
            let mut names: Vec<_> = root
                .join(side)
                .read_dir()
                .expect("migrations")
                .map(|e| e.expect("a folder").file_name())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names("sqlite"), names("postgres"));
        assert!(migrate::pending(&t.db).expect("names").is_empty());
    }

    fn the_file_is_private(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        use std::os::unix::fs::MetadataExt as _;
        let url = t.empty_database();
        let folder = t.dir().join("new/folder");
        let inside = format!("sqlite://{}/x.db", folder.display());
        for url in [url, inside] {
            drop(open(&url, 2));
            let path = url.trim_start_matches("sqlite://");
            let mode = std::fs::metadata(path).expect("a file").mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(std::fs::metadata(folder).expect("a folder").mode() & 0o777, 0o700);
    }
}

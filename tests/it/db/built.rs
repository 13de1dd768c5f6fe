//! How the SQLite that is compiled in was built, and what hangs on it.

use super::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Built {
    #[diesel(sql_type = Text)]
    compile_options: String,
}

/// What `.cargo/config.toml` asks for, and without which a request costs three times as much.
#[test]
fn sqlite_is_built_as_it_was_measured() {
    Harness::run(Side::Sqlite, |t| {
        let read =
            |conn: &mut Conn| Ok(diesel::sql_query("PRAGMA compile_options").load::<Built>(conn)?);
        let built = t.db.read_now("test.built", read).expect("it tells");
        let has = |option: &str| built.iter().any(|b| b.compile_options == option);
        assert!(has("ENABLE_QPSG"), "each LIMIT has its statement parsed anew");
        assert!(has("THREADSAFE=2"), "each call takes a lock");
        assert!(has("DEFAULT_MEMSTATUS=0") || !has("DEFAULT_MEMSTATUS"), "one lock for all memory");
        assert!(!has("ENABLE_MEMORY_MANAGEMENT"), "one lock for all pages in memory");
    });
}

//! Commands on machines where something is missing or wrong: they say so in words for who typed
//! them, and make nothing that nobody asked for.

use super::doctor::{ask, mode};
use super::*;
use almoner::platform::config::Secret;
use almoner::platform::db::migrate;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

/// A running program; it ends with the test.
struct Running(Child);
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// How it ended, and what it said.
fn told(command: &mut Command) -> (Option<i32>, String) {
    let done = command.output().expect("the program starts");
    (done.status.code(), said(&done))
}

/// What lies in memory of the files that a program was loaded from, in KiB; nothing where the
/// system does not tell.
fn of_files(program: &Running) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.0.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssFile:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

both! {
    fn a_service_that_waits_gives_back_what_only_its_start_ran(t: &Harness) {
        let mut command = program(t, &["serve", "--no-worker", "--bind", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let running = Running(child);
        let mut line = String::new();
        out.read_line(&mut line).expect("it says something");
        let Some(mut most) = of_files(&running) else { return };
        let given_back = (0..1_000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            let now = of_files(&running).expect("it goes on");
            most = most.max(now);
            now < most / 2
        });
        assert!(given_back, "{:?} KiB of {most} KiB are left", of_files(&running));
        let url = line.rsplit(' ').next().unwrap_or_default().trim().to_owned();
        let nobody = Client::new(url, None);
        assert_eq!(nobody.get("/readyz").status, 200);
        assert_eq!(nobody.get("/docs/problems").status, 200);
    }

    fn a_log_that_cannot_be_written_stops_nothing(t: &Harness) {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a device");
        let mut command = program(t, &["serve", "--bind", "127.0.0.1:0"]);
        command.env("ALMONER__LOG__LEVEL", "debug").stdout(Stdio::piped()).stderr(full);
        let mut child = command.spawn().expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut running = Running(child);
        let mut line = String::new();
        out.read_line(&mut line).expect("it says something");
        let url = line.rsplit(' ').next().unwrap_or_default().trim().to_owned();
        let nobody = Client::new(url, None);
        for _ in 0..2 {
            assert_eq!(nobody.get("/readyz").status, 200);
        }
        assert!(running.0.try_wait().expect("asked").is_none(), "it goes on");
    }

    fn a_database_is_made_only_by_what_begins_one(t: &Harness) {
        let nowhere = t.dir().join("nowhere");
        let at = nowhere.to_str().expect("plain").to_owned();
        let url = format!("sqlite://{at}/almoner.db");
        let there = |args: &[&str]| {
            let mut command = program(t, args);
            told(command.env("ALMONER__DATA_DIR", &at).env("ALMONER__DATABASE__URL", &url))
        };
        let file = t.dir().join("none.backup");
        let role = ["admin", "grant-role", "--email", "a@example.org", "--role", "finance"];
        for args in [
            &["check"][..],
            &["backup", file.to_str().expect("plain")],
            &["export", "ledger", "--format", "csv"],
            &["export", "360giving"],
            &["reconciled"],
            &["admin", "keys", "list"],
            &role,
        ] {
            let (code, says) = there(args);
            assert_eq!(code, Some(1), "{args:?}: {says}");
            let why = format!("There is no database at {at}/almoner.db: set data_dir");
            assert!(says.contains(&why), "{args:?}: {says}");
            assert!(!nowhere.exists() && !file.exists(), "{args:?} has made something");
        }
        let (code, says) = there(&["migrate", "--dry-run"]);
        assert!(code == Some(0) && says.contains("would apply 0000_meta"), "{says}");
        assert!(!nowhere.exists(), "it only lists");
        let (code, says) = there(&["admin", "create", "--email", "a@example.org", "--name", "A"]);
        assert_eq!(code, Some(0), "{says}");
        assert_eq!(there(&role).0, Some(0));
    }

    fn keys_are_made_for_a_new_database_only(t: &Harness) {
        let web = t.serve();
        web.person("Ada");
        drop(web);
        let (file, kept) = (t.dir().join("keys.json"), t.dir().join("kept.json"));
        std::fs::rename(&file, &kept).expect("ours");
        let create = ["admin", "create", "--email", "r@example.org", "--name", "R"];
        for args in [
            &create[..],
            &["admin", "keys", "list"],
            &["export", "360giving"],
            &["work"],
            &["serve", "--bind", "127.0.0.1:0"],
        ] {
            refused(t, args, "There is no key file at");
        }
        // What opens nothing goes on without.
        let backup = t.dir().join("one.backup");
        let backup = backup.to_str().expect("plain");
        let ledger = ["export", "ledger", "--format", "csv"];
        for args in [&["check"][..], &["migrate"], &["backup", backup], &ledger] {
            ran(t, args);
        }
        // A folder that is not there yet is made.
        let target = match t.side {
            Side::Sqlite => format!("sqlite://{}", t.dir().join("new/folder/a.db").display()),
            Side::Postgres => t.empty_database(),
        };
        let mut restore = program(t, &["restore", backup]);
        let (code, says) = told(restore.env("ALMONER__DATABASE__URL", &target));
        assert!(code == Some(0) && says.contains("put keys.json back"), "{says}");
        assert!(!file.exists(), "no keys were made");
        std::fs::rename(&kept, &file).expect("ours");
        ran(t, &["admin", "keys", "list"]);
    }

    fn keys_that_cannot_be_used_stop_only_what_needs_them(t: &Harness) {
        let web = t.serve();
        web.person("Ada");
        drop(web);
        let file = t.dir().join("keys.json");
        let whole = std::fs::read(&file).expect("keys");
        let ledger = ["export", "ledger", "--format", "csv"];
        for (open, text) in [(0o600, &b"{\"a\":"[..]), (0o644, &whole[..])] {
            std::fs::write(&file, text).expect("written");
            mode(&file, open);
            let backup = t.dir().join(format!("{open:o}.backup"));
            let backup = backup.to_str().expect("plain");
            for args in [&["check"][..], &["migrate"], &["backup", backup], &ledger] {
                let mut command = program(t, args);
                let (code, says) = told(command.env("ALMONER__LOG__LEVEL", "warn"));
                assert_eq!(code, Some(0), "{args:?}: {says}");
                assert!(says.contains("the keys cannot be used"), "{args:?}: {says}");
            }
            for args in [&["admin", "keys", "list"][..], &["export", "360giving"]] {
                refused(t, args, "The keys cannot be used");
            }
        }
    }

    fn what_is_locked_is_not_taken_for_missing(t: &Harness) {
        if t.side == Side::Postgres {
            return;
        }
        let web = t.serve();
        web.person("Ada");
        drop(web);
        let stranger = Stranger::new(t, (0o700, 0));
        let ledger = ["export", "ledger", "--format", "csv"];
        let serve = ["serve", "--bind", "127.0.0.1:0"];
        for args in [&["check"][..], &["backup", "/nowhere/x"], &ledger, &serve] {
            let (code, says) = told(&mut stranger.program(args));
            assert_eq!(code, Some(1), "{args:?}: {says}");
            assert!(says.contains("cannot be looked at"), "{args:?}: {says}");
            assert!(says.contains("Permission denied"), "{args:?}: {says}");
        }
        let (code, says) = told(&mut stranger.program(&["doctor"]));
        assert!(code == Some(1) && says.contains("ERROR   keys: "), "{says}");
        assert!(says.contains("ERROR   database: "), "{says}");
        assert!(!says.contains("not there") && !says.contains("There is no"), "{says}");
    }

    fn a_migration_is_named_by_who_applied_it(t: &Harness) {
        let empty = t.empty_database();
        let begun = [(); 2].map(|()| {
            let mut command = program(t, &["migrate"]);
            command.env("ALMONER__DATABASE__URL", &empty);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
        });
        let ended = begun.map(|child| child.wait_with_output().expect("it ends"));
        assert!(ended.iter().all(|done| done.status.success()), "{ended:?}");
        let all = ended.map(|done| said(&done)).concat();
        let mut named: Vec<&str> = all.lines().filter(|l| l.starts_with("applied 0")).collect();
        let times = named.len();
        named.sort_unstable();
        named.dedup();
        assert!(times > 0 && named.len() == times, "{all}");
    }

    fn days_in_the_wrong_order_are_told_by_their_flags(t: &Harness) {
        let days = ["--from", "2026-02-02", "--to", "2026-02-01"];
        let args = [&["export", "ledger", "--format", "csv"][..], &days].concat();
        refused(t, &args, "[--to: write a day on or after --from]");
    }

    fn a_backup_comes_before_a_migration(t: &Harness) {
        let newest = "DELETE FROM __diesel_schema_migrations \
            WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
        tamper(t, newest, newest);
        for args in [&["check"][..], &["export", "ledger", "--format", "csv"]] {
            refused(t, args, "1 migrations are waiting: run almoner migrate");
        }
        let file = t.dir().join("before.backup");
        let path = file.to_str().expect("plain");
        let says = ran(t, &["backup", path]);
        assert!(says.contains("1 migrations are waiting: the copy is of"), "{says}");
        assert_eq!(migrate::pending(&t.db).expect("names").len(), 1, "none was applied");
        // Once more: what the API would advise is for others.
        let (code, says) = told(&mut program(t, &["backup", path]));
        assert!(code == Some(1) && says.contains("is there already"), "{says}");
        assert!(!says.contains("Read it again"), "{says}");
        // No folder, and not: no room.
        let nowhere = t.dir().join("nowhere/the.backup");
        let (code, says) = told(&mut program(t, &["backup", nowhere.to_str().expect("plain")]));
        assert!(code == Some(1) && says.contains("could not be written"), "{says}");
        assert!(says.contains("because: ") && !says.contains("no room"), "{says}");
    }

    fn a_database_that_refuses_is_told_in_its_words(t: &Harness) {
        const URL: &str = "ALMONER__DATABASE__URL";
        let empty = t.empty_database();
        drop(crate::support::open(&empty, 1));
        let (code, says) = told(program(t, &["check"]).env(URL, &empty));
        assert!(code == Some(1) && says.contains("waiting: run almoner migrate"), "{says}");
        assert!(!says.contains("request id"), "{says}");
        let (code, says) = told(program(t, &["migrate"]).env(URL, &empty));
        assert!(code == Some(0) && says.contains("applied 0000_meta"), "{says}");
        if t.side == Side::Sqlite {
            return;
        }
        // As after a restore, which puts no rights back.
        let role = format!("poor_{}", std::process::id());
        tamper(t, "", &format!("CREATE ROLE {role} LOGIN"));
        let url = t.url.replacen("postgres@", &format!("{role}@"), 1);
        assert_ne!(url, t.url);
        let (code, says) = told(program(t, &["check"]).env(URL, &url));
        assert!(code == Some(1) && says.contains("permission denied for"), "{says}");
        assert!(says.contains("GRANT") && !says.contains("request id"), "{says}");
        let mut config = t.config();
        config.database.url = Secret::new(url);
        let found = ask(t, &config);
        found.fails("database.schema", "permission denied");
        let remedy = found.of("database.schema").remedy.clone().unwrap_or_default();
        assert!(remedy.contains("GRANT"), "{remedy}");
        tamper(t, "", &format!("DROP ROLE {role}"));
    }
}

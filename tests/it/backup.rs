//! Backups, through the program itself: whole under load, refused when changed, never put over
//! anything.

use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::web::{Client, Web};
use almoner::platform::config::Secret;
use diesel::connection::SimpleConnection as _;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

fn command(dir: &Path, url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_almoner"));
    command
        .args(args)
        .env("ALMONER__DATA_DIR", dir)
        .env("ALMONER__DATABASE__URL", url)
        .env("ALMONER__LOG__LEVEL", "warn");
    command
}

fn run(dir: &Path, url: &str, args: &[&str]) -> (bool, String) {
    let done = command(dir, url, args).output().expect("the program starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    (done.status.success(), said + &String::from_utf8_lossy(&done.stderr))
}

fn ok(dir: &Path, url: &str, args: &[&str]) -> String {
    let (good, said) = run(dir, url, args);
    assert!(good, "{args:?}: {said}");
    said
}

fn refused(dir: &Path, url: &str, args: &[&str], why: &str) {
    let (good, said) = run(dir, url, args);
    assert!(!good && said.contains(why), "{args:?}, wanted {why:?}: {said}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("plain")
}

/// Somewhere to restore to; on SQLite a file that is not there.
fn place(t: &Harness, number: u32) -> String {
    if t.url.starts_with("postgres") {
        return t.empty_database();
    }
    format!("sqlite://{}", t.dir().join(format!("restored-{number}.db")).display())
}

fn key_file(dir: &Path, name: &str, digits: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = dir.join(name);
    fs::write(&path, digits).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
    path
}

/// A fund that gifts come in to.
fn fund(web: &Web) -> (Client, String) {
    let desk = web.desk();
    let fund = desk.fund("General");
    desk.give(&fund, "5.00").ok();
    web.work();
    (desk.finance.clone(), fund)
}

fn give(who: &Client, fund: &str) {
    let gift = json!({ "amount": usd("1.00"), "received_on": "2026-11-02", "funder_name": "N" });
    who.post(&format!("/api/v1/funds/{fund}/contributions"), gift).ok();
}

fn entries(said: &str) -> u32 {
    let line = said.lines().find(|l| l.contains(" entries, ")).expect("a count");
    line.split(' ').next().and_then(|n| n.parse().ok()).expect("a number")
}

/// The same person, in the same session, at another service.
fn at(web: &Web, who: &Client) -> Client {
    let mut client = Client::new(web.url.clone(), who.token.clone());
    client.device.clone_from(&who.device);
    client
}

/// Folders of plain copies that are on their way.
fn passing(t: &Harness) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(t.dir().join("passing")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir())
}

/// What is not whole, beside the backups.
fn parts(t: &Harness) -> Vec<PathBuf> {
    let entries = fs::read_dir(t.dir()).expect("a folder").flatten().map(|entry| entry.path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "part")).collect()
}

both! {
    fn a_backup_made_under_load_is_whole(t: &Harness) {
        let web = t.serve();
        let (finance, fund) = fund(&web);
        let (stop, given) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        give(&finance, &fund);
                        given.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            for round in 0..3 {
                let acknowledged = given.load(Ordering::SeqCst);
                let file = t.dir().join(format!("{round}.backup"));
                ok(t.dir(), &t.url, &["backup", text(&file)]);
                let target = place(t, round);
                let said = ok(t.dir(), &target, &["restore", text(&file)]);
                assert!(said.contains("every invariant holds"), "{said}");
                // Two entries before the load; each gift is one, as the fund takes no fee.
                assert!(entries(&said) > acknowledged, "{said}: {acknowledged} were acknowledged");
                assert!(entries(&ok(t.dir(), &target, &["check"])) == entries(&said));
            }
            stop.store(true, Ordering::SeqCst);
        });
        assert_eq!(parts(t), Vec::<PathBuf>::new(), "nothing half-made is left behind");
        assert_eq!(passing(t).count(), 0, "no plain copy is left behind");
    }

    fn what_was_changed_is_refused_and_nothing_is_overwritten(t: &Harness) {
        let web = t.serve();
        fund(&web);
        let (dir, file) = (t.dir().to_owned(), t.dir().join("plain.backup"));
        let said = ok(&dir, &t.url, &["backup", text(&file)]);
        assert!(said.contains("keys.json") && said.contains("files/"), "{said}");
        refused(&dir, &t.url, &["backup", text(&file)], "there already");
        refused(&dir, &t.url, &["restore", text(&file)], "not empty");
        let whole = fs::read(&file).expect("a backup");
        let target = place(t, 1);
        let broken = dir.join("broken.backup");
        let spoil = |bytes: &[u8], why: &str| {
            fs::write(&broken, bytes).expect("written");
            refused(&dir, &target, &["restore", text(&broken)], why);
        };
        for at in [0, 30, whole.len() / 2, whole.len() - 70, whole.len() - 2] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            spoil(&bytes, "changed or cut off");
        }
        spoil(&whole[..whole.len() - 1], "changed or cut off");
        spoil(&whole[..40], "changed or cut off");
        spoil(b"", "changed or cut off");
        let other = if t.url.starts_with("postgres") {
            format!("sqlite://{}", dir.join("other.db").display())
        } else {
            "postgres://nobody@127.0.0.1:9/none".to_owned()
        };
        let (good, said) = run(&dir, &other, &["restore", text(&file)]);
        assert!(!good && said.contains("goes back to the engine"), "{said}");
        // The place is as empty as before: the whole one still fits.
        ok(&dir, &target, &["restore", text(&file)]);
    }

    fn what_was_put_back_pays_once_the_bank_was_asked(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["10.00", "20.00"]);
        let sent = payday.payment(&grant, 1, &["approve"]);
        let paid = payday.payment(&grant, 2, &["approve"]);
        let under_way = payday.batch(&[&sent]).id();
        let (dir, file) = (t.dir().to_owned(), t.dir().join("early.backup"));
        ok(&dir, &t.url, &["backup", text(&file)]);
        // The bank pays what the backup knows as approved only.
        payday.batch(&[&paid]).ok();
        payday.settle(&paid).ok();

        let target = place(t, 1);
        let said = ok(&dir, &target, &["restore", text(&file)]);
        assert!(said.contains("run almoner reconciled"), "{said}");
        let mut config = t.config();
        config.database.url = Secret::new(target.as_str());
        let back = t.serve_on(config, crate::support::open(&target, 4));
        t.clock.advance_seconds(600);
        let fia = at(&back, &payday.fia);
        let batch = || payday.batch_as(&fia, &[&paid]);
        let fetch = || fia.command(&format!("/api/v1/payment-batches/{under_way}/file"));
        let unsent = || {
            let form = json!({ "reason": "It waits.", "not_sent": true });
            fia.post(&format!("/api/v1/disbursements/{sent}/return"), form)
        };
        for reply in [batch(), fetch(), unsent()] {
            let told = reply.refused(409, "wrong_state").to_string();
            assert!(told.contains("put back from a backup of"), "{told}");
        }
        let doctor = run(&dir, &target, &["doctor"]).1;
        assert!(doctor.contains("WARNING backup.restored"), "{doctor}");
        let next = || fia.get("/api/v1/me/next").ok().to_string();
        let give = format!("/api/v1/payment-batches/{under_way}/file");
        assert!(!next().contains(&give), "{}", next());
        // Asked without a word of consent, it only says what stands.
        refused(&dir, &target, &["reconciled"], "bank's statements");
        batch().refused(409, "wrong_state");

        ok(&dir, &target, &["reconciled", "--yes"]);
        // Whether the file of a batch from before was sent, this database does not know.
        let told = fetch().refused(409, "limit_reached").to_string();
        assert!(told.contains("does not know whether"), "{told}");
        let told = unsent().refused(409, "wrong_state").to_string();
        assert!(told.contains("not know whether the bank was given its file"), "{told}");
        let asked = next();
        assert!(asked.contains(&give) && asked.contains("before the database was put"), "{asked}");
        let why = json!({ "despite_given_out": "The bank has not seen it." });
        assert_eq!(fia.post(&give, why).status, 200);
        assert!(!next().contains(&give), "{}", next());
        batch().ok();
        let said = ok(&dir, &target, &["reconciled", "--yes"]);
        assert!(said.contains("nothing to do"), "{said}");
        let admin = at(&back, &payday.field.desk.admin);
        let nil = "00000000-0000-0000-0000-000000000000";
        let path = format!("/api/v1/audit?object_kind=database&object_id={nil}");
        let rows = admin.get(&path).ok();
        assert_eq!(rows["items"].as_array().map(Vec::len), Some(1), "{rows}");
        assert_eq!(rows["items"][0]["action"], "reconciled");
    }

    fn a_backup_of_what_was_put_back_keeps_its_mark(t: &Harness) {
        let dir = t.dir().to_owned();
        let (first, second) = (dir.join("first.backup"), dir.join("second.backup"));
        let made = ok(&dir, &t.url, &["backup", text(&first)]);
        assert!(made.contains("There is no seal in it yet"), "{made}");
        let target = place(t, 1);
        let said = ok(&dir, &target, &["restore", text(&first)]);
        assert!(said.contains("the backup has no seal to compare with"), "{said}");
        let mark = |said: &str| {
            let line = said.lines().find(|l| l.contains("put back from a backup of"));
            line.map(str::to_owned).unwrap_or_else(|| panic!("no mark: {said}"))
        };
        ok(&dir, &target, &["backup", text(&second)]);
        // The bank has to be asked since the first.
        let again = ok(&dir, &place(t, 2), &["restore", text(&second)]);
        assert_eq!(mark(&again), mark(&said));
    }

    fn a_ledger_that_does_not_hold_is_not_put_back(t: &Harness) {
        let web = t.serve();
        let (finance, given) = fund(&web);
        give(&finance, &given);
        let (dir, file) = (t.dir().to_owned(), t.dir().join("bad.backup"));
        let spoil = if t.url.starts_with("postgres") {
            "ALTER TABLE ledger_entries DISABLE TRIGGER ALL;
             UPDATE ledger_entries SET memo = memo || '!';"
        } else {
            "DROP TRIGGER ledger_entries_no_update;
             UPDATE ledger_entries SET memo = memo || '!';"
        };
        web.app.db.write_now("test.spoil", |conn| Ok(conn.batch_execute(spoil)?)).expect("spoilt");
        ok(&dir, &t.url, &["backup", text(&file)]);
        let target = place(t, 1);
        refused(&dir, &target, &["restore", text(&file)], "does not hold");
        if let Some(path) = target.strip_prefix("sqlite://") {
            assert!(!Path::new(path).exists(), "nothing is in its place");
        }
        // It is as empty as before: again the ledger is what is refused, not the place.
        refused(&dir, &target, &["restore", text(&file)], "does not hold");
        assert_eq!(passing(t).count(), 0);
    }

    fn a_backup_that_is_stopped_leaves_nothing(t: &Harness) {
        use std::os::unix::fs::PermissionsExt as _;
        let web = t.serve();
        fund(&web);
        let file = t.dir().join("stopped.backup");
        // What one that was killed while it packed has left is no obstacle.
        let left = file.with_added_extension("part");
        fs::write(&left, "half of").expect("written");
        for signal in ["-TERM", "-KILL"] {
            let child = command(t.dir(), &t.url, &["backup", text(&file)]).spawn();
            let mut child = child.expect("the program starts");
            let mut seen = None;
            while seen.is_none() && child.try_wait().expect("asked").is_none() {
                seen = passing(t).next();
            }
            if let Some(folder) = &seen
                && let Ok(meta) = fs::metadata(folder)
            {
                assert_eq!(meta.permissions().mode() & 0o077, 0, "only its owner may look in");
            }
            let pid = child.id().to_string();
            drop(Command::new("kill").args([signal, &pid]).status());
            child.wait().expect("it ends");
            if signal == "-TERM" {
                assert_eq!(passing(t).count(), 0, "a signal clears up");
                assert_eq!(parts(t), std::slice::from_ref(&left), "beside the backup, too");
            }
            drop(fs::remove_file(&file));
        }
        // Whatever was killed is swept by the next.
        ok(t.dir(), &t.url, &["backup", text(&file)]);
        assert_eq!(passing(t).count(), 0);
    }

    fn an_encrypted_backup_opens_with_its_key_only(t: &Harness) {
        let web = t.serve();
        fund(&web);
        let (dir, file) = (t.dir().to_owned(), t.dir().join("sealed.backup"));
        let key = key_file(&dir, "right.key", &"0f".repeat(32));
        let other = key_file(&dir, "other.key", &"1e".repeat(32));
        let short = key_file(&dir, "short.key", "0f");
        ok(&dir, &t.url, &["backup", text(&file), "--key-file", text(&key)]);
        let bytes = fs::read(&file).expect("a backup");
        let shows = |what: &[u8]| bytes.windows(what.len()).any(|w| w == what);
        assert!(!shows(b"SQLite format") && !shows(b"PGDMP"), "it is readable");
        let target = place(t, 1);
        refused(&dir, &target, &["restore", text(&file)], "is encrypted");
        let with = |key: &Path| {
            let args = ["restore", text(&file), "--key-file", text(key)];
            args.map(str::to_owned)
        };
        let args = with(&other);
        refused(&dir, &target, &args.each_ref().map(String::as_str), "does not open");
        let args = with(&short);
        refused(&dir, &target, &args.each_ref().map(String::as_str), "64 hexadecimal digits");
        let args = with(&key);
        ok(&dir, &target, &args.each_ref().map(String::as_str));
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "a backup is its owner's alone");
    }
}

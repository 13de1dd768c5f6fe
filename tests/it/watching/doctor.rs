//! `almoner doctor`, on machines and databases that something is wrong with.

use super::*;
use crate::support::smtp::{At, Deed, Smtp};
use almoner::cli::doctor::{Finding, Level, examine};
use almoner::kernel::time::Clock;
use almoner::platform::config::{Config, MailTransport, Secret, SmtpSecurity};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

pub(super) struct Told(pub(super) Vec<Finding>);

impl Told {
    #[track_caller]
    pub(super) fn of(&self, check: &str) -> &Finding {
        let worst = |level| self.0.iter().find(|f| f.check == check && f.level == level);
        let found = worst(Level::Error).or_else(|| worst(Level::Warning));
        found.or_else(|| worst(Level::Ok)).unwrap_or_else(|| panic!("no {check} in {:#?}", self.0))
    }
    /// This was found, and something is to be done.
    #[track_caller]
    pub(super) fn found(&self, level: Level, check: &str, words: &str) {
        let finding = self.of(check);
        assert_eq!(finding.level, level, "{finding:#?}");
        assert!(finding.says.contains(words), "wanted {words:?}: {finding:#?}");
        assert!(finding.remedy.as_ref().is_some_and(|r| r.len() > 10), "{finding:#?}");
    }
    #[track_caller]
    pub(super) fn warns(&self, check: &str, words: &str) {
        self.found(Level::Warning, check, words);
    }
    #[track_caller]
    pub(super) fn fails(&self, check: &str, words: &str) {
        self.found(Level::Error, check, words);
    }
    #[track_caller]
    pub(super) fn fine(&self, check: &str) {
        let finding = self.of(check);
        assert_eq!((finding.level, &finding.remedy), (Level::Ok, &None), "{finding:#?}");
    }
}

/// What is told of these settings, by the test's clock.
pub(super) fn ask(t: &Harness, config: &Config) -> Told {
    Told(examine(Ok(config.clone()), &t.clock))
}

pub(super) fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
}

/// Names, sizes and times of all files.
fn files(dir: &Path) -> Vec<(String, u64, std::time::SystemTime)> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|f| {
            let f = f.expect("a file");
            let meta = f.metadata().expect("it is there");
            let name = f.file_name().to_string_lossy().into_owned();
            // The index of the WAL is shared memory: its time is not its content's.
            let time = meta.modified().expect("a time");
            let time = if name.ends_with("-shm") { std::time::UNIX_EPOCH } else { time };
            (name, meta.len(), time)
        })
        .collect();
    found.sort();
    found
}

fn json_of(t: &Harness, more: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = program(t, &["doctor", "--json"]);
    for (key, value) in more {
        command.env(key, value);
    }
    let done = command.output().expect("the program starts");
    (done.status.code(), said(&done))
}

both! {
    fn it_changes_nothing_and_exits_by_what_it_found(t: &Harness) {
        let web = t.serve();
        if t.side == Side::Sqlite {
            // The template that tests begin with is no file that the service made.
            mode(&t.dir().join("almoner.db"), 0o600);
        }
        web.desk();
        web.with_role("Fay", Role::Finance);
        // The program's clock is ahead of the test's: what was due is late.
        t.clock.set(Clock::system().now());
        web.work();
        let before = files(t.dir());
        let (code, text) = json_of(t, &[]);
        assert_eq!(code, Some(0), "{text}");
        let all: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        assert!(all.len() > 15 && all.iter().all(|f| f["level"] != "error"), "{text}");
        let plain = program(t, &["doctor"]).output().expect("it starts");
        let plain = said(&plain);
        for words in ["WARNING backup: ", "        → Run almoner backup"] {
            assert!(plain.contains(words), "{plain}");
        }
        assert!(plain.contains("0 errors, "), "{plain}");
        assert_eq!(files(t.dir()), before, "nothing was touched");
        let nowhere = t.dir().join("nowhere").join("at-all");
        let at = nowhere.to_str().expect("plain");
        let url = format!("sqlite://{at}/almoner.db");
        let env = [("ALMONER__DATA_DIR", at), ("ALMONER__DATABASE__URL", &url)];
        let (code, text) = json_of(t, &env);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("is not there yet") && text.contains("There is no database yet"));
        assert!(!nowhere.exists() && !t.dir().join("nowhere").exists());
    }

    fn settings_and_secrets(t: &Harness) {
        for (key, value, words) in [
            ("ALMONER__SERVER__PORT", "80", "server.port: there is no such setting"),
            ("ALMONER__JOBS__WORKERS", "many", "jobs.workers: write a whole number"),
            ("ALMONER__DATABASE__URL", "postgres://a:changeme@db.example.org/x", "is a sample"),
            ("ALMONER__DATABASE__URL", "postgres://a:changeme@/x?host=db.example.org", "a sample"),
            ("ALMONER__DATABASE__URL", "postgres://a:Vq7Ld@db.example.org/x", "shorter than 8"),
            ("ALMONER__DATABASE__URL", "postgres://a:x/changeme@db.example.org/x", "percent-enc"),
            ("ALMONER__DATABASE__URL_FILE", "/nowhere/url", "cannot read /nowhere/url"),
            ("ALMONER_DATABASE__URL", "sqlite://x.db", "is ALMONER__DATABASE__URL meant?"),
            ("ALMONER__BIND", "x", "is `server.bind` meant (ALMONER__SERVER__BIND)?"),
            ("ALMONER__SERVER_BIND", "x", "is `server.bind` meant (ALMONER__SERVER__BIND)?"),
            ("ALMONER__LOG__LEVEL", "inof", "is none; write off, error, warn"),
            ("ALMONER__LOG__FORMAT", "xml", "log.format: write json or text"),
            ("ALMONER__MAIL__TRANSPORT", "smpt", "mail.transport: write smtp or folder or off"),
            ("ALMONER__SERVER__BIND", "localhost", "server.bind: write an address and a port"),
        ] {
            let mut env = vec![(key, value)];
            if key.ends_with("URL_FILE") {
                env.push(("ALMONER__DATABASE__URL", ""));
            }
            let (code, text) = json_of(t, &env);
            assert_eq!(code, Some(1), "{text}");
            assert!(text.contains(words) && !text.contains("changeme"), "{text}");
        }
        let file = t.dir().join("bad.toml");
        std::fs::write(&file, "[server\n").expect("written");
        let done = program(t, &["doctor", "--config", file.to_str().expect("plain")]).output();
        let done = done.expect("it starts");
        assert!(!done.status.success() && said(&done).contains("ERROR   settings"));
    }

    fn the_data_folder(t: &Harness) {
        let mut config = t.config();
        config.database.url = Secret::new(t.url.as_str());
        mode(t.dir(), 0o700);
        ask(t, &config).fine("data_dir");
        ask(t, &config).fine("disk");
        mode(t.dir(), 0o777);
        ask(t, &config).fails("data_dir", "Everybody may write");
        mode(t.dir(), 0o770);
        ask(t, &config).warns("data_dir", "A group may write");
        mode(t.dir(), 0o755);
        config.data_dir = t.dir().join("absent");
        ask(t, &config).warns("data_dir", "is not there yet");
        std::fs::write(t.dir().join("file"), "").expect("written");
        config.data_dir = t.dir().join("file");
        ask(t, &config).fails("data_dir", "is no folder");
        // As somebody who may read it and no more.
        let stranger = Stranger::new(t, (0o755, 0o500));
        let done = stranger.program(&["doctor"]).output().expect("it starts");
        assert!(said(&done).contains("cannot be written to by this user"), "{}", said(&done));
    }

    fn keys_and_files_that_are_open_or_gone(t: &Harness) {
        let web = t.serve();
        let config = t.config();
        web.desk();
        ask(t, &config).fine("keys");
        ask(t, &config).fine("sealed.keys");
        let file = t.dir().join("keys.json");
        mode(&file, 0o640);
        ask(t, &config).fails("keys.mode", "is open to others (mode 640)");
        mode(&file, 0o600);
        if t.side == Side::Sqlite {
            mode(&t.dir().join("almoner.db"), 0o644);
            ask(t, &config).fails("database.mode", "open to others");
            mode(&t.dir().join("almoner.db"), 0o600);
            ask(t, &config).fine("database.mode");
        }
        let kept = std::fs::read(&file).expect("keys");
        std::fs::remove_file(&file).expect("ours");
        let told = ask(t, &config);
        told.warns("keys", "is not there");
        told.fails("sealed.keys", &web.env().keys.active_master());
        assert!(!file.exists(), "the doctor makes none");
        // Another deployment's keys do not open what is here.
        almoner::platform::auth::keys::Keys::load(&file, true).expect("keys");
        let told = ask(t, &config);
        told.fine("keys");
        told.fails("sealed.keys", "factors.secret");
        std::fs::write(&file, "{ \"version\": 1").expect("written");
        ask(t, &config).fails("keys", "damaged at line");
        std::fs::write(&file, &kept).expect("written");
        ask(t, &config).fine("sealed.keys");
        ran(t, &["admin", "keys", "rotate"]);
        ask(t, &config).warns("sealed.rotation", "2 sealed fields are under an old key");
        t.clock.advance_seconds(61);
        web.work();
        assert!(ask(t, &config).0.iter().all(|f| f.check != "sealed.rotation"));
    }

    fn files_of_secrets_that_everybody_may_read(t: &Harness) {
        let (file, mut config) = (t.dir().join("secret"), t.config());
        std::fs::write(&file, "Vq7LdyrrXbWgN4").expect("written");
        config.database.url_file.clone_from(&file);
        config.mail.smtp.password_file.clone_from(&file);
        for check in ["database.url_file", "mail.smtp.password_file"] {
            mode(&file, 0o644);
            ask(t, &config).warns(check, "is open to everybody (mode 644)");
            // The service may be of that group.
            mode(&file, 0o640);
            ask(t, &config).fine(check);
        }
    }

    fn addresses_and_mail(t: &Harness) {
        let mut config = t.config();
        ask(t, &config).fine("server.base_url");
        config.server.bind = "0.0.0.0:8080".parse().expect("an address");
        ask(t, &config).fails("server.base_url", "the reader's own machine");
        config.server.base_url = "http://grants.example.org".into();
        ask(t, &config).fails("server.base_url", "in the clear");
        config.server.base_url = "https://grants.example.org".into();
        ask(t, &config).fine("server.base_url");
        config.auth.require_factor = false;
        ask(t, &config).warns("auth.require_factor", "Nobody has to have");
        ask(t, &config).warns("mail", "nobody receives them");
        config.mail.transport = MailTransport::Off;
        ask(t, &config).warns("mail", "Mails are dropped");
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp.timeout_seconds = 2;
        config.mail.smtp.security = SmtpSecurity::None;
        config.mail.smtp.username = "grants".into();
        config.mail.smtp.password = Secret::new("p4sT-niL-0rV");
        let mut with = |server: &Smtp| {
            config.mail.smtp.host = server.address.ip().to_string();
            config.mail.smtp.port = server.address.port();
            ask(t, &config)
        };
        let server = Smtp::start();
        with(&server).fine("mail");
        assert_eq!(server.taken().len(), 0, "no mail is sent");
        let server = Smtp::that(At::Auth, Deed::Reply("535 5.7.8 who are you?"));
        let told = with(&server);
        told.fails("mail", "535");
        assert!(!told.of("mail").says.contains("p4sT"));
        let server = Smtp::that(At::Greeting, Deed::Hang);
        with(&server).fails("mail", "no answer within 2 s");
        let address = server.address;
        drop(server);
        config.mail.smtp.port = address.port();
        ask(t, &config).fails("mail", "does not let us in");
    }
}

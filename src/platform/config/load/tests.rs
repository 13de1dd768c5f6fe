use super::*;
use crate::platform::config::{MailTransport, Network, UNCLEAR, is_clear, without_password};
use std::path::PathBuf;

fn from_env(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_parts(None, env.iter().map(|(k, v)| (k.into(), v.into())))
}

/// A file with this text, removed with the guard.
struct Written(PathBuf);
impl Written {
    fn new(text: &str) -> Self {
        let tag = u64::from_be_bytes(crate::platform::auth::random());
        let path = std::env::temp_dir().join(format!("almoner-settings-{tag:x}.toml"));
        std::fs::write(&path, text).expect("written");
        Self(path)
    }
}
impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn refused(result: Result<Config, ConfigError>, key: &str) -> String {
    let ConfigError(lines) = result.expect_err(key);
    let line = lines.iter().find(|l| l.starts_with(&format!("{key}: ")));
    line.unwrap_or_else(|| panic!("no line about {key}: {lines:?}")).clone()
}

#[test]
fn defaults_are_right_and_all_commented() {
    let config = from_env(&[]).expect("defaults");
    assert_eq!(config.database.url.expose(), "sqlite://./almoner-data/almoner.db");
    assert_eq!(config.base_url(), "http://127.0.0.1:8080");
    assert_eq!(config.keys_file(), PathBuf::from("./almoner-data/keys.json"));
    let mut commented = false;
    for line in DEFAULTS.lines() {
        let is_key = line.contains(" = ") && !line.starts_with('#');
        let known = ["per_hour", "host", "port"].iter().any(|k| line.starts_with(k));
        assert!(!is_key || commented || known, "no comment above: {line}");
        commented = line.starts_with('#');
    }
}

#[test]
fn every_key_can_be_set_by_the_environment() {
    let defaults =
        leaves_of(File::from_str(DEFAULTS, FileFormat::Toml).collect()).expect("defaults");
    assert!(defaults.len() > 40);
    // Some defaults are refused where they are empty or say that something else is to be set.
    for (key, value) in &defaults {
        let given = match &value.kind {
            ValueKind::Array(_) if key.ends_with("origins") => "https://app.example.org".to_owned(),
            ValueKind::Array(_) => "127.0.0.1, 10.0.0.0/8".to_owned(),
            _ => text(value),
        };
        from_env(&[(&variable(key), &given)]).unwrap_or_else(|e| panic!("{key}: {e}"));
    }
    let config = from_env(&[
        ("ALMONER__DATA_DIR", "/srv/almoner"),
        ("ALMONER__SERVER__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
        ("ALMONER__SERVER__WORKERS", "3"),
        ("ALMONER__MAIL__TRANSPORT", "off"),
        ("ALMONER__AUTH__LIMITS__ACCOUNT__BURST", "7"),
        ("ALMONER_TEST_SOMETHING", "not ours"),
        ("PATH", "/bin"),
    ])
    .expect("set");
    assert_eq!(config.database.url.expose(), "sqlite:///srv/almoner/almoner.db");
    let proxies: Vec<Network> =
        ["127.0.0.1", "10.0.0.0/8"].iter().map(|n| n.parse().expect("a network")).collect();
    assert_eq!(config.server.trusted_proxies, proxies);
    assert_eq!((config.workers(), config.auth.limits.account.burst), (3, 7));
    assert_eq!(config.mail.transport, MailTransport::Off);
}

#[test]
fn the_environment_beats_the_file_and_the_file_the_defaults() {
    let file = Written::new("[offers]\nexpiry_days = 10\n[payees]\ncooling_hours = 24\n");
    let env = [("ALMONER__OFFERS__EXPIRY_DAYS".into(), "11".into())];
    let config = Config::from_parts(Some(&file.0), env).expect("right");
    assert_eq!((config.offers.expiry_days, config.payees.cooling_hours), (11, 24));
    assert!(Config::from_parts(Some(Path::new("/nowhere/at/all.toml")), []).is_err());
}

#[test]
fn the_example_is_right() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/production.example.toml");
    let config = Config::from_parts(Some(&example), []).expect("right");
    assert_eq!(config.base_url(), "https://grants.example.org");
}

#[test]
fn what_is_wrong_is_told_all_at_once_by_key() {
    let file = Written::new(
        "[server]\nbnid = \"x\"\nworkers = 1.5\n[offers]\nexpiry_days = -1\n\
         [jobs]\nworkers = \"no\"\n[mail.smtp]\nallow_insecure = \"yes\"\n\
         password = \"Vq7LdyrrXbWgN4\"\n",
    );
    let ConfigError(lines) = Config::from_parts(Some(&file.0), []).expect_err("wrong");
    let keys: Vec<&str> = lines.iter().filter_map(|l| l.split(": ").next()).collect();
    let expected = [
        "jobs.workers",
        "mail.smtp.allow_insecure",
        "offers.expiry_days",
        "server.bnid",
        "server.workers",
    ];
    assert!(keys.starts_with(&["mail.smtp.password"]) && keys.ends_with(&expected), "{lines:#?}");
    assert!(!lines.join("\n").contains("Vq7Ldyrr"));
}

#[test]
fn wrong_values_name_their_key() {
    let wrong = [
        ("ALMONER__SERVER__BIND", "localhost", "server.bind"),
        ("ALMONER__SERVER__BASE_URL", "grants.example.org", "server.base_url"),
        ("ALMONER__SERVER__BASE_URL", "https://x.example/path", "server.base_url"),
        ("ALMONER__SERVER__BASE_URL", "javascript://x", "server.base_url"),
        ("ALMONER__SERVER__TRUSTED_PROXIES", "everybody", "server.trusted_proxies"),
        ("ALMONER__SERVER__BODY_LIMIT_BYTES", "0", "server.body_limit_bytes"),
        ("ALMONER__SERVER__WORKERS", "yes", "server.workers"),
        ("ALMONER__SERVER__WORKERS", "99999999999999999999", "server.workers"),
        ("ALMONER__DATABASE__URL", "mysql://x", "database.url"),
        ("ALMONER__DATABASE__URL", "sqlite://", "database.url"),
        ("ALMONER__DATABASE__URL", "postgres://a:changeme@db.example/x", "database.url"),
        ("ALMONER__DATABASE__URL_FILE", "/nowhere/at/all", "database.url_file"),
        ("ALMONER__AUTH__ISSUER", "", "auth.issuer"),
        ("ALMONER__AUTH__HASH_PARALLEL", "0", "auth.hash_parallel"),
        ("ALMONER__MAIL__TRANSPORT", "pigeon", "mail.transport"),
        ("ALMONER__MAIL__TRANSPORT", "smtp", "mail.smtp.host"),
        ("ALMONER__MAIL__FROM", "nobody", "mail.from"),
        ("ALMONER__PUBLISHING__IMAGE", "http://x.example/a.png", "publishing.image"),
        ("ALMONER__PUBLISHING__IMAGE", "https:///a.png", "publishing.image"),
        ("ALMONER__PUBLISHING__IMAGE", "https://x.example/a b.png", "publishing.image"),
        ("ALMONER__PUBLISHING__IMAGE", "/a.png", "publishing.image"),
        ("ALMONER__PUBLISHING__IMAGE", "https://x.example/a.png", "publishing.image_alt"),
        ("ALMONER__PUBLISHING__IMAGE_ALT", "A lens", "publishing.image_alt"),
        ("ALMONER__LOG__LEVEL", "a=b=c", "log.level"),
        ("ALMONER__LOG__LEVEL", "inof", "log.level"),
        ("ALMONER__LOG__LEVEL", "info,almoner", "log.level"),
        ("ALMONER__LOG__LEVEL", "info,almoner::ledger=degub", "log.level"),
        ("ALMONER__LOG__LEVEL", ",", "log.level"),
        ("ALMONER__LOG__FORMAT", "xml", "log.format"),
        ("ALMONER__LOG", "json", "log"),
        ("ALMONER__SERVER__PORT", "80", "server.port"),
        ("ALMONER__", "x", ""),
    ];
    for (name, value, key) in wrong {
        refused(from_env(&[(name, value)]), key);
    }
    for level in ["off", "WARN", "info,almoner::ledger=debug"] {
        assert!(from_env(&[("ALMONER__LOG__LEVEL", level)]).is_ok(), "{level}");
    }
}

#[test]
fn a_name_with_one_underscore_is_no_setting() {
    for name in [
        "ALMONER_DATABASE__URL",
        "ALMONER_DATABASE_URL",
        "ALMONER_DATA_DIR",
        "ALMONER_SERVER__PORT",
    ] {
        refused(from_env(&[(name, "x")]), name);
    }
    for other in ["ALMONER_REQUIRE_POSTGRES", "ALMONER_TOOLS", "ALMONER_PORT_80_TCP", "ALMONER_"] {
        assert!(from_env(&[(other, "x")]).is_ok(), "{other}");
    }
}

#[test]
fn mail_goes_out_protected_and_with_real_secrets() {
    let smtp = |more: &[(&str, &str)]| {
        let mut env = vec![("ALMONER__MAIL__TRANSPORT", "smtp")];
        env.extend_from_slice(more);
        from_env(&env)
    };
    const HOST: (&str, &str) = ("ALMONER__MAIL__SMTP__HOST", "mail.example.org");
    const NONE: (&str, &str) = ("ALMONER__MAIL__SMTP__SECURITY", "none");
    const USER: (&str, &str) = ("ALMONER__MAIL__SMTP__USERNAME", "grants");
    const PASSWORD: &str = "ALMONER__MAIL__SMTP__PASSWORD";
    assert!(smtp(&[HOST]).is_ok());
    refused(smtp(&[HOST, NONE]), "mail.smtp.security");
    assert!(smtp(&[HOST, NONE, ("ALMONER__MAIL__SMTP__ALLOW_INSECURE", "true")]).is_ok());
    assert!(smtp(&[("ALMONER__MAIL__SMTP__HOST", "127.0.0.1"), NONE]).is_ok());
    refused(smtp(&[HOST, USER]), "mail.smtp.username");
    for weak in ["short", "changeme", "Password123"] {
        refused(smtp(&[HOST, USER, (PASSWORD, weak)]), "mail.smtp.password");
    }
    assert!(smtp(&[HOST, USER, (PASSWORD, "Vq7LdyrrXbWgN4")]).is_ok());
    let file = Written::new("0123-Vq7LdyrrXbWgN4\n");
    let name = file.0.to_str().expect("UTF-8");
    let from_file = ("ALMONER__MAIL__SMTP__PASSWORD_FILE", name);
    let config = smtp(&[HOST, USER, from_file]).expect("right");
    assert_eq!(config.mail.smtp.password.expose(), "0123-Vq7LdyrrXbWgN4");
    assert!(!format!("{config:?}").contains("Vq7L"), "secrets don't show");
    refused(smtp(&[HOST, USER, (PASSWORD, "Vq7LdyrrXbWgN4"), from_file]), "mail.smtp.password");
}

#[test]
fn addresses_with_passwords_stay_out_of_files() {
    let file = Written::new("[database]\nurl = \"postgres://a:Vq7LdyrrXb@db.example/x\"\n");
    let line = refused(Config::from_parts(Some(&file.0), []), "database.url");
    assert!(line.contains("ALMONER__DATABASE__URL") && !line.contains("Vq7L"), "{line}");
    let file = Written::new("[database]\nurl = \"postgres://a@db.example/x\"\n");
    assert!(Config::from_parts(Some(&file.0), []).is_ok());
    for (url, passwords) in [
        ("postgres://a:b:c@h/x", vec!["b:c"]),
        ("postgres://a@h:5432/x", vec![]),
        ("postgres:///x?host=/tmp&password=p", vec!["p"]),
        ("postgres://a:b@h/x?password=c&password=d", vec!["b", "c", "d"]),
        ("postgres://h/x?y=a:b@c", vec![]),
        ("sqlite:///a:b@c", vec![]),
        // One that is empty hides none of the others.
        ("postgres://ada@db/x?password=hunter22&password=", vec!["hunter22"]),
        ("postgres://ada:hunter22@db/x?password=", vec!["hunter22"]),
    ] {
        assert_eq!(passwords_of(url), passwords, "{url}");
    }
    let hidden = "[database]\nurl = \"postgres://ada@db/x?password=Vq7LdyrrXb&password=\"\n";
    let line = refused(Config::from_parts(Some(&Written::new(hidden).0), []), "database.url");
    assert!(line.contains("ALMONER__DATABASE__URL") && !line.contains("Vq7L"), "{line}");
    let local = ("ALMONER__DATABASE__URL", "postgres://postgres:postgres@localhost:5432/almoner");
    assert!(from_env(&[local]).is_ok());
}

#[test]
fn a_database_elsewhere_has_a_real_password() {
    let at = |url: &str| from_env(&[("ALMONER__DATABASE__URL", url)]);
    for weak in [
        "postgres://a:Vq7Ld@db.example/x",
        "postgres://a:%56q7%4Cd@db.example/x",
        "postgres://db.example/x?password=Vq7Ld",
        "postgres://a:change%6De@db.example/x",
        "postgres://a:changeme@/x?host=db.example",
        "postgres://a:changeme@localhost/x?connect_timeout=3&host=db.example",
        "postgres://a:changeme@/x?host=/tmp,db.example",
        "postgres://a:changeme@/x?host=%2Ftmp%2Cdb.example",
        "postgres://a:changeme@localhost/x?hostaddr=192.0.2.7",
        "postgres://a:changeme@localhost:5432,db.example:5432/x",
        "postgres://a@db.example/x?password=Vq7Ld&password=",
    ] {
        let line = refused(at(weak), "database.url");
        assert!(!line.contains("Vq7") && !line.contains("changeme"), "{line}");
    }
    for fine in [
        "postgres://a:Vq7LdyrrXbWgN4@db.example/x",
        "postgres://a@db.example/x",
        "postgres://a:short@127.0.0.1:5432,[::1]:5432/x",
        "postgres://a:short@localhost/x?hostaddr=127.0.0.1",
        "postgres://a:changeme@/x?host=/var/run/postgresql",
        "postgres://a:changeme@/x?port=5432&host=%2Ftmp",
        "postgres://a:changeme@%2Ftmp/x",
    ] {
        assert!(at(fine).is_ok(), "{fine}");
    }
}

#[test]
fn an_address_that_is_not_clear_is_refused_and_shows_nothing() {
    for url in [
        "postgres://a:Ldyrr@Vq7@db.example/x",
        "postgres://a:Vq7/Ldyrr@db.example/x",
        "postgres://a:12/Vq7@db.example/x",
        "postgres://a:Vq7?Ldyrr@db.example/x",
        "postgres://a:Vq7?k=Ldyrr@db.example/x",
        "postgres://a:Vq7%Ldyrr@db.example/x",
    ] {
        let line = refused(from_env(&[("ALMONER__DATABASE__URL", url)]), "database.url");
        assert!(line.contains("percent-encode") && !line.contains("Vq7"), "{line}");
        assert_eq!(without_password("no such host: \"Vq7@db.example\"", url), UNCLEAR);
    }
    for clear in [
        "postgresql://postgres@/almoner?host=/dev/shm/x&port=5432",
        "postgres://a:b%40c%2Fd:e@[::1]:5432,db.example:5432/x",
        "postgres://db/x?user=a@b:c",
        "postgres://db",
    ] {
        assert!(is_clear(clear), "{clear}");
    }
}

#[test]
fn what_reads_as_the_password_is_taken_out_once() {
    let said = |text: &str, password: &str| {
        without_password(text, &format!("postgres://ada:{password}@db.example/x"))
    };
    let failed = "password authentication failed";
    assert_eq!(said(failed, "password"), "(password) authentication failed");
    assert_eq!(said("it is pass%77ord, password", "pass%77ord"), "it is (password), (password)");
    // What is left of it would show a short one.
    let text = said(failed, "pass");
    assert!(text.contains("is not shown") && !text.contains("authentication"), "{text}");
    assert_eq!(said("connection refused", "pass"), "connection refused");
    // Of several each is a secret, whichever is used.
    let each = "postgres://ada:Vq7LdyrrXb@db.example/x?password=hunter22&password=";
    let text = "no Vq7LdyrrXb, hunter22 or hunter222";
    assert_eq!(without_password(text, each), "no (password), (password) or (password)2");
    let text = without_password("it is hunter22", "postgres://a:it@db/x?password=hunter22");
    assert!(text.contains("is not shown") && !text.contains("hunter22"), "{text}");
}

#[test]
fn an_empty_secret_in_a_file_is_none() {
    let file = Written::new("[mail.smtp]\npassword = \"\"\n");
    let config = Config::from_parts(Some(&file.0), []).expect("right");
    assert!(config.mail.smtp.password.is_empty());
}

#[test]
fn the_folder_is_private() {
    use crate::platform::config::create_private_dir;
    use std::os::unix::fs::PermissionsExt;
    let tag = u64::from_be_bytes(crate::platform::auth::random());
    let top = std::env::temp_dir().join(format!("almoner-folder-{tag:x}"));
    let inner = top.join("data");
    create_private_dir(&inner).expect("made");
    create_private_dir(&inner).expect("there already");
    let mode = std::fs::metadata(&inner).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o777)).expect("chmod");
    assert!(create_private_dir(&inner).is_err());
    std::fs::remove_dir_all(top).expect("removed");
}

//! What the types cannot say about settings, and reading secrets from their files.

use super::address::{UNCLEAR, decoded, hosts_of, is_clear, passwords_of};
use super::load::variable;
use super::secret::is_sample;
use super::{Config, MailTransport, Secret, SmtpSecurity};
use std::net::IpAddr;
use std::path::Path;

/// Fills in what follows from other settings, and tells all that is wrong.
pub(super) fn all(config: &mut Config, errors: &mut Vec<String>) {
    ranges(config, errors);
    server(config, errors);
    database(config, errors);
    mail(config, errors);
    publishing(config, errors);
    let level = &config.log.level;
    if tracing_subscriber::EnvFilter::try_new(level).is_err() || !is_level(level) {
        errors.push(format!(
            "log.level: {level:?} is none; write off, error, warn, info, debug or trace, also for \
             single parts, for example \"info,almoner::ledger=debug\""
        ));
    }
}

/// Whether each of its parts ends with a level: a word that is none would be taken for a part of
/// the program, and all others fall silent.
fn is_level(text: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let known = |part: &str| {
        let level = part.rsplit('=').next().unwrap_or(part);
        LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level))
    };
    let mut parts = text.split(',').filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(known)
}

fn publishing(config: &Config, errors: &mut Vec<String>) {
    let prefix = &config.publishing.prefix;
    if prefix.is_empty() || prefix.len() > 40 || !prefix.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        errors.push(format!("publishing.prefix: write letters and digits, not {prefix:?}"));
    }
    let license = &config.publishing.license;
    if !license.is_empty() && !license.starts_with("https://") {
        errors.push("publishing.license: write its address, which begins with https://".into());
    }
    let (image, alt) = (&config.publishing.image, &config.publishing.image_alt);
    if !image.is_empty() && !is_address(image) {
        errors.push(
            "publishing.image: write the whole address of a picture, for example \
             https://grants.example.org/picture.png"
                .into(),
        );
    }
    if image.is_empty() != alt.is_empty() {
        errors.push("publishing.image_alt: set it together with publishing.image".into());
    } else if !alt.is_empty() && crate::kernel::text::line(alt, 1, 400).as_ref() != Ok(alt) {
        errors.push("publishing.image_alt: write 1 to 400 characters on one line".into());
    }
}

/// Whether it is an absolute address with https, of a host and a path, up to 2,000 characters.
fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").unwrap_or("");
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let plain = |c: char| c.is_ascii_graphic() && !"\"'<>\\^`{|}".contains(c);
    is_origin(&format!("https://{host}")) && url.len() <= 2_000 && url.chars().all(plain)
}

fn ranges(config: &Config, errors: &mut Vec<String>) {
    let mut range = |key: &str, value: i128, min: i128, max: i128| {
        if !(min..=max).contains(&value) {
            errors.push(format!("{key}: write a number from {min} to {max}, not {value}"));
        }
    };
    let (s, a, m, j) = (&config.server, &config.auth, &config.mail, &config.jobs);
    range("server.body_limit_bytes", s.body_limit_bytes as i128, 1024, 1 << 30);
    range("server.request_timeout_seconds", s.request_timeout_seconds.into(), 1, 3600);
    range("server.stream_timeout_seconds", s.stream_timeout_seconds.into(), 1, 3600);
    range("server.head_timeout_seconds", s.head_timeout_seconds.into(), 1, 3600);
    range("server.body_timeout_seconds", s.body_timeout_seconds.into(), 1, 3600);
    range("server.idle_timeout_seconds", s.idle_timeout_seconds.into(), 1, 3600);
    range("server.shutdown_seconds", s.shutdown_seconds.into(), 0, 3600);
    range("server.workers", s.workers as i128, 0, 1024);
    range("server.blocking_threads", s.blocking_threads as i128, 0, 4096);
    range("database.pool_size", config.database.pool_size.into(), 4, 1000);
    range("auth.access_token_minutes", a.access_token_minutes.into(), 1, 60);
    range("auth.refresh_token_days", a.refresh_token_days.into(), 1, 365);
    range("auth.session_days", a.session_days.into(), 1, 3650);
    range("auth.reset_minutes", a.reset_minutes.into(), 5, 24 * 60);
    range("auth.confirm_hours", a.confirm_hours.into(), 1, 30 * 24);
    range("auth.hash_parallel", a.hash_parallel as i128, 1, 256);
    let limits = [
        ("account", a.limits.account),
        ("address", a.limits.address),
        ("overall", a.limits.overall),
        ("mail", a.limits.mail),
        ("work", a.limits.work),
    ];
    for (name, limit) in limits {
        let key = format!("auth.limits.{name}");
        range(&format!("{key}.burst"), limit.burst.into(), 1, 1_000_000);
        range(&format!("{key}.per_hour"), limit.per_hour.into(), 1, 1_000_000);
    }
    range("mail.smtp.port", m.smtp.port.into(), 1, 65535);
    range("mail.smtp.timeout_seconds", m.smtp.timeout_seconds.into(), 1, 600);
    range("jobs.workers", j.workers.into(), 1, 64);
    range("jobs.poll_ms", j.poll_ms.into(), 10, 60_000);
    range("jobs.lease_seconds", j.lease_seconds.into(), 60, 86_400);
    range("jobs.max_attempts", j.max_attempts.into(), 1, 100);
    range("jobs.backoff_seconds", j.backoff_seconds.into(), 1, 3600);
    range("jobs.backoff_max_seconds", j.backoff_max_seconds.into(), 1, 7 * 86400);
    range("payees.cooling_hours", config.payees.cooling_hours.into(), 0, 90 * 24);
    range("offers.expiry_days", config.offers.expiry_days.into(), 1, 3650);
    range("calls.decision_days", config.calls.decision_days.into(), 1, 365);
    range("vouches.per_quarter", config.vouches.per_quarter.into(), 1, 1000);
    range("ledger.seal_batch", config.ledger.seal_batch.into(), 1, 100_000);
    range("import.batch_rows", config.import.batch_rows as i128, 1, 10_000);
}

fn server(config: &mut Config, errors: &mut Vec<String>) {
    if config.data_dir.as_os_str().is_empty() {
        errors.push("data_dir: write the path of a folder".into());
    }
    let issuer = &config.auth.issuer;
    if issuer.is_empty() || issuer.len() > 200 || issuer.chars().any(char::is_control) {
        errors.push("auth.issuer: write a name of 1 to 200 characters".into());
    }
    let sponsor = &config.sponsor.name;
    if crate::kernel::text::line(sponsor, 1, 200).as_deref() != Ok(sponsor.as_str()) {
        errors.push("sponsor.name: write a name of 1 to 200 characters on one line".into());
    }
    let url = config.server.base_url.trim_end_matches('/').to_owned();
    for origin in &config.server.cors_origins {
        if !is_origin(origin) || origin.chars().any(|c| c.is_ascii_uppercase()) {
            errors.push(
                "server.cors_origins: write scheme and host only, in lower case, for example \
                 https://app.example.org"
                    .into(),
            );
        }
    }
    if !url.is_empty() && !is_origin(&url) {
        errors.push(
            "server.base_url: write scheme and host only, for example https://grants.example.org"
                .into(),
        );
    }
    config.server.base_url = url;
}

/// Whether it is scheme, host and perhaps a port, and nothing else.
fn is_origin(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    host.is_some_and(|h| !h.is_empty() && h.chars().all(plain))
}

fn database(config: &mut Config, errors: &mut Vec<String>) {
    let file = config.database.url_file.clone();
    let url = &mut config.database.url;
    from_file(url, &file, "database.url", errors);
    if url.is_empty() {
        *url = Secret::new(format!("sqlite://{}", config.data_dir.join("almoner.db").display()));
    }
    let text = url.expose();
    let known = ["sqlite://", "postgres://", "postgresql://"];
    if !known.iter().any(|p| text.strip_prefix(p).is_some_and(|rest| !rest.is_empty())) {
        errors
            .push("database.url: write sqlite://PATH or postgres://USER@HOST:PORT/NAME".to_owned());
    }
    if !is_clear(text) {
        return errors.push(format!("database.url: {UNCLEAR}"));
    }
    let weak = |plain: String| plain.chars().count() < 8 || is_sample(&plain);
    let weak = passwords_of(text).into_iter().map(decoded).any(weak);
    // On this machine's own address such a password guards nothing that is not open anyway.
    if weak && !hosts_of(text).iter().all(|host| local(host) || host.starts_with('/')) {
        errors.push(
            "database.url: its password is a sample or shorter than 8 characters; use a real one"
                .into(),
        );
    }
}

/// Whether a host is this machine itself. An empty host is a socket in a folder.
fn local(host: &str) -> bool {
    let loopback = host.parse::<IpAddr>().is_ok_and(|a| a.to_canonical().is_loopback());
    host.is_empty() || host == "localhost" || loopback
}

fn mail(config: &mut Config, errors: &mut Vec<String>) {
    let mail = &mut config.mail;
    let file = mail.smtp.password_file.clone();
    from_file(&mut mail.smtp.password, &file, "mail.smtp.password", errors);
    if mail.from.chars().any(char::is_control) || !mail.from.contains('@') {
        errors.push("mail.from: write a sender, for example Grants <grants@example.org>".into());
    }
    if mail.transport != MailTransport::Smtp {
        return;
    }
    let smtp = &mail.smtp;
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '/';
    if smtp.host.is_empty() || smtp.host.contains(odd) {
        errors.push("mail.smtp.host: write the name of the mail server".into());
    }
    if smtp.security == SmtpSecurity::None && !local(&smtp.host) && !smtp.allow_insecure {
        errors.push(
            "mail.smtp.security: \"none\" is for this machine only; write \"starttls\" or \"tls\""
                .into(),
        );
    }
    if smtp.username.is_empty() != smtp.password.is_empty() {
        let variable = variable("mail.smtp.password");
        errors.push(format!(
            "mail.smtp.username: set it together with mail.smtp.password_file or {variable}"
        ));
    }
    let password = smtp.password.expose();
    if !password.is_empty() && !local(&smtp.host) && (password.len() < 8 || is_sample(password)) {
        errors.push(
            "mail.smtp.password: this is a sample or shorter than 8 characters; use a real one"
                .into(),
        );
    }
}

/// Reads a secret from its file; one line, of which the end of line does not count.
fn from_file(secret: &mut Secret, file: &Path, key: &str, errors: &mut Vec<String>) {
    if file.as_os_str().is_empty() {
        return;
    }
    if !secret.is_empty() {
        errors.push(format!("{key}: given twice; leave out either {key} or {key}_file"));
        return;
    }
    match std::fs::read_to_string(file) {
        Ok(text) if text.trim().is_empty() => {
            errors.push(format!("{key}_file: {} is empty", file.display()));
        }
        Ok(text) => *secret = Secret::new(text.trim_end_matches(['\r', '\n'])),
        Err(e) => errors.push(format!("{key}_file: cannot read {}: {e}", file.display())),
    }
}

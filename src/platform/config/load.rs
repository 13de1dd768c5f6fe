//! Defaults, file, environment, in this order; each layer is held against the defaults.

use super::address::passwords_of;
use super::{
    Config, ConfigError, DEFAULTS, LogFormat, MailTransport, Secret, SmtpSecurity, check, wrong,
};
use config::{File, FileFormat, Map, Source as _, Value, ValueKind};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// Keys whose values come from the environment or from a file of their own only.
const SECRETS: &[&str] = &["mail.smtp.password"];

impl Config {
    /// From the defaults, `file` (TOML) if given, and the environment.
    ///
    /// # Errors
    /// All settings that are unknown or wrong, each with its key and what to write.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_parts(file, std::env::vars_os())
    }

    /// As [`Config::load`], with `env` in place of the process's environment. Only names that
    /// begin with `ALMONER__` count; one that was meant to, and has a single `_`, is refused.
    pub fn from_parts(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let defaults = leaves_of(File::from_str(DEFAULTS, FileFormat::Toml).collect())
            .map_err(|e| wrong("config/default.toml", e))?;
        let mut errors = Vec::new();
        let mut merged = defaults.clone();
        if let Some(path) = file {
            let name = path.display().to_string();
            let layer = leaves_of(File::from(path).format(FileFormat::Toml).collect())
                .map_err(|e| wrong(&name, e))?;
            let given = |s: &&&str| layer.get(**s).is_some_and(|v| !text(v).is_empty());
            for secret in SECRETS.iter().filter(given) {
                let variable = variable(secret);
                errors.push(format!("{secret}: not in {name}; set {variable} or {secret}_file"));
            }
            if layer.get("database.url").is_some_and(|v| !passwords_of(&text(v)).is_empty()) {
                let variable = variable("database.url");
                errors.push(format!(
                    "database.url: an address with a password does not belong in {name}; \
                     set {variable} or database.url_file"
                ));
            }
            overlay(&mut merged, &defaults, layer, &format!("in {name}"), &mut errors);
        }
        let layer = environment(env, &defaults, &mut errors);
        overlay(&mut merged, &defaults, layer, "in the environment", &mut errors);
        let config = build(merged, &mut errors);
        match config {
            Some(mut config) => {
                check::all(&mut config, &mut errors);
                if errors.is_empty() { Ok(config) } else { Err(ConfigError(errors)) }
            }
            None => Err(ConfigError(errors)),
        }
    }

    /// The defaults with the data folder elsewhere, for tests and demos.
    pub fn for_folder(data_dir: &Path) -> Self {
        let mut config = Self::from_parts(None, []).expect("invariant: the defaults are right");
        config.data_dir = data_dir.to_owned();
        config.database.url =
            Secret::new(format!("sqlite://{}", data_dir.join("almoner.db").display()));
        config
    }
}

type Leaves = BTreeMap<String, Value>;

fn leaves_of(table: Result<Map<String, Value>, config::ConfigError>) -> Result<Leaves, String> {
    fn walk(prefix: &str, table: Map<String, Value>, into: &mut Leaves) {
        for (name, value) in table {
            let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            match value.kind {
                ValueKind::Table(inner) => walk(&key, inner, into),
                _ => drop(into.insert(key, value)),
            }
        }
    }
    let mut leaves = Leaves::new();
    walk("", table.map_err(|e| e.to_string())?, &mut leaves);
    Ok(leaves)
}

fn environment(
    env: impl IntoIterator<Item = (OsString, OsString)>,
    defaults: &Leaves,
    errors: &mut Vec<String>,
) -> Leaves {
    let mut leaves = Leaves::new();
    for (name, value) in env {
        let Some(name) = name.to_str() else { continue };
        let Some(key) = name.strip_prefix("ALMONER__") else {
            errors.extend(misspelt(name, defaults));
            continue;
        };
        let key = key.to_lowercase().replace("__", ".");
        match value.into_string() {
            Ok(value) => drop(leaves.insert(key, Value::from(value))),
            Err(_) => errors.push(format!("{key}: its value in the environment is not UTF-8")),
        }
    }
    leaves
}

/// What is wrong with the name of a variable that was meant for a setting: it would be passed over,
/// and the service start with another database than the one that is named there. Other names of
/// ours (`ALMONER_TEST_…`) are nobody's settings.
fn misspelt(name: &str, defaults: &Leaves) -> Option<String> {
    let key = name.strip_prefix("ALMONER_")?.to_lowercase();
    let flat = |text: &str| text.replace("__", "_").replace('.', "_");
    let meant = defaults.keys().find(|known| flat(known) == flat(&key));
    let section = key.split_once("__").map(|(section, _)| format!("{section}."));
    if meant.is_none() && !section.is_some_and(|s| defaults.keys().any(|k| k.starts_with(&s))) {
        return None;
    }
    let meant = meant.map(|key| format!("; is {} meant?", variable(key))).unwrap_or_default();
    Some(format!("{name}: settings begin with ALMONER__ (two underscores){meant}"))
}

/// Lays `layer` over `merged`. The default's kind says what a value has to look like: the config
/// crate alone would take 1.6 for 2 and "yes" for 1.
fn overlay(
    merged: &mut Leaves,
    defaults: &Leaves,
    layer: Leaves,
    place: &str,
    errors: &mut Vec<String>,
) {
    for (key, value) in layer {
        let Some(default) = defaults.get(&key) else {
            errors
                .push(format!("{key}: there is no such setting ({place}){}", hint(&key, defaults)));
            continue;
        };
        match fitting(&default.kind, value) {
            Ok(value) => drop(merged.insert(key, value)),
            Err(expected) => errors.push(format!("{key}: write {expected} ({place})")),
        }
    }
}

fn hint(key: &str, defaults: &Leaves) -> String {
    let similar = defaults.keys().filter_map(|known| Some((likeness(key, known)?, known))).max();
    match similar {
        Some((_, known)) => {
            let variable = variable(known);
            format!("; is `{known}` meant ({variable})? config/default.toml lists them all")
        }
        None => "; config/default.toml lists them all".to_owned(),
    }
}

/// How like a setting a key is that is none, more is greater: it has `_` where `.` belongs; it is
/// in the same section; it has the same name, or a longer or a shorter one.
fn likeness(key: &str, known: &str) -> Option<(bool, bool, bool, usize)> {
    fn parts(key: &str) -> (&str, &str) {
        key.rsplit_once('.').unwrap_or(("", key))
    }
    let ((section, name), (its_section, its_name)) = (parts(key), parts(known));
    let same = key.replace('.', "_") == known.replace('.', "_");
    let alike = !name.is_empty() && (its_name.starts_with(name) || name.starts_with(its_name));
    (same || alike).then(|| (same, section == its_section, name == its_name, its_name.len()))
}

fn fitting(default: &ValueKind, value: Value) -> Result<Value, &'static str> {
    let given = text(&value);
    let ok = match (default, &value.kind) {
        (ValueKind::I64(_), ValueKind::I64(n)) => *n >= 0,
        (ValueKind::I64(_), ValueKind::String(_)) => {
            !given.is_empty() && given.len() <= 18 && given.bytes().all(|b| b.is_ascii_digit())
        }
        (ValueKind::I64(_), _) => false,
        (ValueKind::Boolean(_), ValueKind::Boolean(_)) => true,
        (ValueKind::Boolean(_), _) => given == "true" || given == "false",
        (ValueKind::Array(_), ValueKind::Array(_) | ValueKind::String(_)) => true,
        (ValueKind::String(_), ValueKind::String(_)) => true,
        _ => false,
    };
    if ok {
        return Ok(value);
    }
    Err(match default {
        ValueKind::I64(_) => "a whole number, zero or more, in digits",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::Array(_) => "a list",
        _ => "a text in quotes",
    })
}

fn text(value: &Value) -> String {
    value.clone().into_string().unwrap_or_default()
}

fn build(merged: Leaves, errors: &mut Vec<String>) -> Option<Config> {
    let mut builder = config::Config::builder();
    for (key, value) in merged {
        match builder.clone().set_override(&key, value) {
            Ok(next) => builder = next,
            Err(e) => errors.push(format!("{key}: {e}")),
        }
    }
    builder
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|e| errors.push(plain(&e)))
        .ok()
}

/// What can be written, or else the crate's words, with the key first where it is known.
fn plain(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::At { error, key: Some(key), .. } => match writable(key) {
            Some(what) => format!("{key}: write {what}"),
            None => format!("{key}: {error}"),
        },
        other => other.to_string(),
    }
}

/// What can be written for a key whose type takes not every text.
fn writable(key: &str) -> Option<String> {
    let one_of = |words: Vec<&str>| words.join(" or ");
    Some(match key {
        "server.bind" => "an address and a port, for example 127.0.0.1:8080".into(),
        "mail.transport" => one_of(MailTransport::ALL.iter().map(|t| t.as_str()).collect()),
        "mail.smtp.security" => one_of(SmtpSecurity::ALL.iter().map(|s| s.as_str()).collect()),
        "log.format" => one_of(LogFormat::ALL.iter().map(|f| f.as_str()).collect()),
        _ => return None,
    })
}

/// The environment's name of a key.
pub(super) fn variable(key: &str) -> String {
    format!("ALMONER__{}", key.to_uppercase().replace('.', "__"))
}

#[cfg(test)]
mod tests;

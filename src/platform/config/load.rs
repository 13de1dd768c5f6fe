//! Defaults, file, environment, in this order; each layer is held against the defaults.

use super::{Config, ConfigError, DEFAULTS, Secret, check, wrong};
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
    /// begin with `ALMONER__` count.
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
            for secret in SECRETS.iter().filter(|s| layer.contains_key(**s)) {
                let variable = variable(secret);
                errors.push(format!("{secret}: not in {name}; set {variable} or {secret}_file"));
            }
            if layer.get("database.url").is_some_and(|v| holds_password(&text(v))) {
                let variable = variable("database.url");
                errors.push(format!(
                    "database.url: an address with a password does not belong in {name}; \
                     set {variable} or database.url_file"
                ));
            }
            overlay(&mut merged, &defaults, layer, &format!("in {name}"), &mut errors);
        }
        let layer = environment(env, &mut errors);
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
    errors: &mut Vec<String>,
) -> Leaves {
    let mut leaves = Leaves::new();
    for (name, value) in env {
        let Some(key) = name.to_str().and_then(|n| n.strip_prefix("ALMONER__")) else { continue };
        let key = key.to_lowercase().replace("__", ".");
        match value.into_string() {
            Ok(value) => drop(leaves.insert(key, Value::from(value))),
            Err(_) => errors.push(format!("{key}: its value in the environment is not UTF-8")),
        }
    }
    leaves
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
            errors.push(format!("{key}: there is no such setting ({place}){}", hint(&key)));
            continue;
        };
        match fitting(&default.kind, value) {
            Ok(value) => drop(merged.insert(key, value)),
            Err(expected) => errors.push(format!("{key}: write {expected} ({place})")),
        }
    }
}

fn hint(key: &str) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    let near = DEFAULTS.lines().filter_map(|l| l.split_once(" = ")).map(|(k, _)| k);
    let similar =
        near.filter(|k| k.starts_with(name) || name.starts_with(k)).max_by_key(|k| k.len());
    similar.map_or_else(
        || "; config/default.toml lists them all".to_owned(),
        |k| format!("; is `{k}` meant? config/default.toml lists them all"),
    )
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

/// The crate's words, with the key first where it is known.
fn plain(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::At { error, key: Some(key), .. } => format!("{key}: {error}"),
        other => other.to_string(),
    }
}

/// The environment's name of a key.
pub(super) fn variable(key: &str) -> String {
    format!("ALMONER__{}", key.to_uppercase().replace('.', "__"))
}

/// Whether an address `scheme://user:password@host…` holds a password.
pub(super) fn holds_password(url: &str) -> bool {
    password_of(url).is_some()
}

/// The password in an address, if there is one, also as `?password=`.
pub(super) fn password_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (main, query) = rest.split_once('?').unwrap_or((rest, ""));
    let in_query = query.split('&').find_map(|p| p.strip_prefix("password="));
    let authority = main.split('/').next().unwrap_or(main);
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let in_user = user.and_then(|u| u.split_once(':')).map(|(_, password)| password);
    in_query.or(in_user).filter(|p| !p.is_empty()).map(str::to_owned)
}

/// A text without the password of this address, as it is written in it, and in plain.
pub fn without_password(text: &str, url: &str) -> String {
    let Some(password) = password_of(url) else { return text.to_owned() };
    let plain = percent_encoding::percent_decode_str(&password).decode_utf8_lossy().into_owned();
    text.replace(&password, "(password)").replace(&plain, "(password)")
}

#[cfg(test)]
mod tests;

//! `almoner doctor`: what is wrong with a configuration or a database, in plain words, and what to
//! do. It looks, and changes nothing: no folder, no file, no schema.

mod database;
mod machine;
mod service;

use super::say;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Clock;
use crate::platform::config::{Config, ConfigError};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and should not stay so.
    Warning,
    /// It does not work, or may not be relied on.
    Error,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, for example `keys.mode`: stable, for scripts.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was seen: one sentence.
    pub says: String,
    /// What to do, where something is to be done.
    pub remedy: Option<String>,
}

/// The findings, as they come in.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, check: &'static str, says: impl Into<String>) {
        self.0.push(Finding { check, level: Level::Ok, says: says.into(), remedy: None });
    }
    fn warn(&mut self, check: &'static str, says: impl Into<String>, remedy: impl Into<String>) {
        self.bad(check, Level::Warning, says, remedy);
    }
    fn error(&mut self, check: &'static str, says: impl Into<String>, remedy: impl Into<String>) {
        self.bad(check, Level::Error, says, remedy);
    }
    fn bad(
        &mut self,
        check: &'static str,
        level: Level,
        says: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let remedy = Some(remedy.into());
        self.0.push(Finding { check, level, says: says.into(), remedy });
    }
}

/// Looks at everything that these settings lead to.
pub fn examine(config: std::result::Result<Config, ConfigError>, clock: &Clock) -> Vec<Finding> {
    let mut findings = Findings::default();
    let config = match config {
        Ok(config) => config,
        Err(ConfigError(wrong)) => {
            for line in wrong {
                let remedy = "Put this setting right where it is made (the file given by --config, \
                              or the environment); config/default.toml explains each.";
                findings.error("settings", line, remedy);
            }
            return findings.0;
        }
    };
    findings.ok("settings", "The settings can be read, and every key is known.");
    machine::look(&config, &mut findings);
    let keys = machine::keys(&config, &mut findings);
    if let Some(mut conn) = database::look(&config, clock.now(), &mut findings) {
        let looked = service::look(&mut conn, &config, clock.now(), keys.as_ref(), &mut findings);
        if let Err(problem) = looked {
            let why = problem.cause().map(ToString::to_string).unwrap_or_default();
            let remedy =
                "Run almoner check; if it cannot read the tables either, restore a backup.";
            findings.error("database.read", format!("A table cannot be read: {why}"), remedy);
        }
    }
    machine::mail(&config, &mut findings);
    findings.0
}

pub(super) fn run(file: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let findings = examine(Config::load(file), &Clock::system());
    if args.json {
        say(&serde_json::to_string_pretty(&findings).map_err(Problem::internal)?);
    } else {
        tell(&findings);
    }
    let broken = findings.iter().any(|f| f.level == Level::Error);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn tell(findings: &[Finding]) {
    for finding in findings {
        let word = match finding.level {
            Level::Ok => "ok     ",
            Level::Warning => "WARNING",
            Level::Error => "ERROR  ",
        };
        say(&format!("{word} {}: {}", finding.check, finding.says));
        if let Some(remedy) = &finding.remedy {
            say(&format!("        → {remedy}"));
        }
    }
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    say(&format!("{} errors, {} warnings", count(Level::Error), count(Level::Warning)));
}

/// A problem's words, with its cause.
fn words(problem: &Problem) -> String {
    match problem.cause() {
        Some(cause) if problem.kind() != Kind::Internal => {
            format!("{} ({})", problem.detail(), cause.to_string().trim_end())
        }
        Some(cause) => cause.to_string(),
        None => problem.detail().to_owned(),
    }
}

//! What was asked for on the command line.

use std::time::Duration;

/// How to call it.
pub const USAGE: &str = "\
cargo bench -- [--full] [--only NAME]… [--rows N]… [--seconds N]

  --full        1,000 and 100,000 applications, 10 seconds to a scenario
  --only NAME   sqlite, postgres; place, worker, read, applications, grants, offers, bare, start,
                books; million (postings; with --full, or by its name)
  --rows N      this many applications
  --seconds N   this long a scenario";

/// The options.
#[derive(Debug)]
pub struct Options {
    /// Applications in the database, one run to each.
    pub rows: Vec<u32>,
    /// How long a scenario is measured.
    pub long: Duration,
    only: Vec<String>,
    full: bool,
}

/// The databases to choose from.
const SIDES: [&str; 2] = ["sqlite", "postgres"];

impl Options {
    /// Reads them.
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let long = Duration::from_secs(3);
        let mut options = Self { rows: Vec::new(), long, only: Vec::new(), full: false };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value\n{USAGE}"));
            match arg.as_str() {
                // Cargo says it to every benchmark.
                "--bench" => {}
                "--full" => options.full = true,
                "--only" => options.only.push(value()?),
                "--rows" => options.rows.push(number(&value()?)?),
                "--seconds" => options.long = Duration::from_secs(number(&value()?)?.into()),
                _ => return Err(USAGE.into()),
            }
        }
        if options.full {
            options.long = options.long.max(Duration::from_secs(10));
        }
        if options.rows.is_empty() {
            options.rows = if options.full { vec![1_000, 100_000] } else { vec![1_000] };
        }
        Ok(options)
    }
    /// Whether this scenario is wanted.
    pub fn wants(&self, name: &str) -> bool {
        let named: Vec<&String> =
            self.only.iter().filter(|n| !SIDES.contains(&n.as_str())).collect();
        named.is_empty() || named.iter().any(|n| n.as_str() == name)
    }
    /// Whether this is wanted that takes too long to be wanted always.
    pub fn wants_named(&self, name: &str) -> bool {
        self.wants(name) && (self.full || self.only.iter().any(|n| n == name))
    }
    /// Whether this database is wanted.
    pub fn wants_side(&self, name: &str) -> bool {
        let named: Vec<&String> =
            self.only.iter().filter(|n| SIDES.contains(&n.as_str())).collect();
        named.is_empty() || named.iter().any(|n| n.as_str() == name)
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.replace(['_', ','], "").parse().map_err(|_| format!("{text} is no number\n{USAGE}"))
}

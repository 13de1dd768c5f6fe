//! The command line.

use crate::promise::Promise;
use crate::support::Side;

/// What is asked for.
#[derive(Debug, Default)]
pub struct Options {
    /// The full figures, not the short forms.
    pub full: bool,
    /// How much of a figure, in hundredths: of hours, kills, requests, seeds.
    pub scale: Option<u32>,
    /// Only this database.
    pub side: Option<Side>,
    /// Only promises whose id is, or whose text has, one of these.
    pub only: Vec<String>,
    /// Name them, run nothing.
    pub list: bool,
    /// Print the table in Markdown, for docs/RELIABILITY.md.
    pub markdown: bool,
}

const HELP: &str = "\
cargo test --test promises -- [--full] [--scale PERCENT] [--markdown] [--list] [--only …] [G1 …]
  --full       the full figures: hours, not minutes; build with --release
  --scale      this part of the figures, 1 to 100: the table says so
  --markdown   print the table as docs/RELIABILITY.md has it
  --list       name the promises, run nothing
  --only       one of the databases: sqlite or postgres";

impl Options {
    /// Reads the arguments.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--full" | "--ignored" => options.full = true,
                "--markdown" => options.markdown = true,
                "--list" => options.list = true,
                "--scale" => {
                    let percent = args.next().and_then(|text| text.parse().ok());
                    let whole = percent.filter(|percent| (1..=100).contains(percent));
                    options.scale = Some(whole.ok_or(HELP)?);
                }
                "--only" => {
                    options.side = Some(match args.next().as_deref() {
                        Some("sqlite") => Side::Sqlite,
                        Some("postgres") => Side::Postgres,
                        _ => return Err(HELP.into()),
                    });
                }
                // Those of the standard harness that cannot change the outcome.
                "--nocapture" | "--quiet" | "-q" | "--include-ignored" => {}
                other if other.starts_with('-') => return Err(HELP.into()),
                other => options.only.push(other.to_owned()),
            }
        }
        Ok(options)
    }
    /// Is this one asked for?
    pub fn wants(&self, promise: &Promise) -> bool {
        let named = |text: &String| promise.id == text || promise.says.contains(text.as_str());
        self.only.is_empty() || self.only.iter().any(named)
    }
}

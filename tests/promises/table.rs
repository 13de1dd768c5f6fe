//! The table: promise, figure, result.

use crate::options::Options;
use crate::promise::Promise;
use crate::support::say;
use std::io::Write as _;
use std::time::Duration;

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Kept(String),
    Broken(String),
    /// Could not be tried here, and why.
    Skipped(String),
}

/// A promise on a database.
pub struct Row {
    pub promise: &'static Promise,
    /// The database, if that makes a difference.
    pub title: &'static str,
    pub outcome: Outcome,
    pub took: Duration,
}

impl Row {
    /// Not broken.
    pub fn kept(&self) -> bool {
        !matches!(self.outcome, Outcome::Broken(_))
    }
    /// For the terminal.
    pub fn line(&self) -> String {
        let (word, says) = self.words();
        let (id, on) = (self.promise.id, self.title);
        format!("{id:<4} {on:<10} {word:<7} {:>6} s  {says}", self.seconds())
    }
    fn words(&self) -> (&'static str, &str) {
        match &self.outcome {
            Outcome::Kept(says) => ("kept", says),
            Outcome::Broken(why) => ("BROKEN", why),
            Outcome::Skipped(why) => ("skipped", why),
        }
    }
    fn seconds(&self) -> String {
        format!("{}.{}", self.took.as_secs(), self.took.subsec_millis() / 100)
    }
    fn cells(&self, options: &Options) -> String {
        let whole = if options.full { self.promise.full } else { self.promise.short };
        let part = options.scale.filter(|percent| *percent < 100);
        let figure = part.map_or(whole.into(), |percent| format!("{percent} % of: {whole}"));
        let (word, says) = self.words();
        let (p, says) = (self.promise, says.replace('\n', " ").replace('|', "/"));
        let (on, s) = (self.title, self.seconds());
        format!("| {} | {} | {figure} | {on} | {word}: {says} | {s} |", p.id, p.says)
    }
}

/// Prints what there is to print after the last one.
pub fn print(rows: &[Row], options: &Options) {
    if options.markdown {
        let head =
            "| # | promise | figure | database | result | seconds |\n|---|---|---|---|---|---|";
        let body: Vec<String> = rows.iter().map(|row| row.cells(options)).collect();
        drop(writeln!(std::io::stdout().lock(), "{head}\n{}", body.join("\n")));
    }
    let broken = rows.iter().filter(|row| !row.kept()).count();
    let skipped = rows.iter().filter(|row| matches!(row.outcome, Outcome::Skipped(_))).count();
    let form = if options.full { "full" } else { "short" };
    say(&format!(
        "{} promises in their {form} form: {broken} broken, {skipped} skipped",
        rows.len()
    ));
}

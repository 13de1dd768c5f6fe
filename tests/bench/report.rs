//! Tables in Markdown, on standard output; what is going on, on standard error.

use std::io::Write as _;
use std::time::Duration;

/// A table that grows.
pub struct Table {
    lines: Vec<Vec<String>>,
}

impl Table {
    /// With these heads.
    pub fn new(heads: &[&str]) -> Self {
        Self { lines: vec![heads.iter().map(ToString::to_string).collect()] }
    }
    /// One more row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.lines.push(cells);
    }
    /// Writes it, if it has rows.
    pub fn print(&self, title: &str) {
        if self.lines.len() < 2 {
            return;
        }
        let columns = self.lines[0].len();
        let width = |i: usize| {
            self.lines.iter().filter_map(|l| l.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        say(&format!("\n### {title}\n"));
        for (number, line) in self.lines.iter().enumerate() {
            let cells: Vec<String> =
                line.iter().zip(&widths).map(|(cell, &wide)| format!("{cell:<wide$}")).collect();
            say(&format!("| {} |", cells.join(" | ")));
            if number == 0 {
                let rules: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
                say(&format!("| {} |", rules.join(" | ")));
            }
        }
    }
}

/// A line of the report.
pub fn say(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// A line for who waits.
pub fn progress(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Milliseconds, to the hundredth.
pub fn ms(time: Duration) -> String {
    let hundredths = (time.as_micros() + 5) / 10;
    format!("{}.{:02} ms", hundredths / 100, hundredths % 100)
}

/// The same where it may not be known.
pub fn ms_or_not(time: Option<Duration>) -> String {
    time.map_or_else(|| "n/a".into(), ms)
}

/// Seconds, to the hundredth.
pub fn seconds(time: Duration) -> String {
    let hundredths = (time.as_millis() + 5) / 10;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

/// KiB in MB.
pub fn megabytes(kib: Option<u64>) -> String {
    kib.map_or_else(|| "n/a".into(), |kib| format!("{} MB", kib * 1024 / 1_000_000))
}

/// `a` in hundredths of `b`.
pub fn percent(a: u64, b: u64) -> u64 {
    a * 100 / b.max(1)
}

/// Hundredths as a factor: `1.25`.
pub fn factor(hundredths: u64) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

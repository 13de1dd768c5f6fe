//! Figures of tests in `tests/it`, which do less when they are run as part of `cargo test`.

use crate::promise::{Kept, On, Promise, Run};
use crate::support::{Side, environment};
use std::process::Command;

/// Only of the full form: the short one is a part of `tests/it`.
pub const PROMISES: &[Promise] = &[
    Promise {
        id: "P1",
        says: "An approval is of what was looked at, also when the payee is edited meanwhile",
        short: "`tests/it` does 4",
        full: "1,000 edits raced with approvals, in `tests/it`",
        on: On::Both,
        run: races,
    },
    Promise {
        id: "P2",
        says: "No column of the database is taken as a field of a body that does not have it",
        short: "`tests/it` tries each 16th",
        full: "Every column in every body, in `tests/it`",
        on: On::Both,
        run: columns,
    },
];

fn races(run: &Run) -> Kept {
    let figure: u32 = run.much(4, 1_000);
    let test = "disbursements::payees::editing_races_approving";
    run.with(|_| it(run, test, ("ALMONER_RACES", figure)))
}

fn columns(run: &Run) -> Kept {
    // One of so many.
    let step = run.figure(16, 100_u32.div_ceil(run.scale));
    let test = "matrix::no_column_is_taken_as_an_extra_field";
    run.with(|_| it(run, test, ("ALMONER_COLUMNS", step)))
}

/// One test of `tests/it`, with this setting, by cargo: it builds what is not built yet.
fn it(run: &Run, test: &str, (name, figure): (&str, u32)) -> Kept {
    let cargo = environment("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["test", "--test", "it"]);
    if cfg!(not(debug_assertions)) {
        command.arg("--release");
    }
    let side = if run.side == Side::Sqlite { "sqlite" } else { "postgres" };
    let test = format!("{test}::{side}");
    command.args(["--", "--exact", &test]).env(name, figure.to_string());
    // Without the database the test would pass over it.
    command.env("ALMONER_REQUIRE_POSTGRES", "1");
    let output = command.output().map_err(|e| format!("cargo does not start: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    // A test of another name would be none, and nothing would fail.
    if output.status.success() && said.contains("test result: ok. 1 passed") {
        return Ok(format!("{test} with {name}={figure}"));
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let text = format!("{complaint}{said}");
    let start = text.char_indices().rev().nth(1_500).map_or(0, |(at, _)| at);
    Err(format!("{test} with {name}={figure}: {}", &text[start..]))
}

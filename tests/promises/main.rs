//! The promises of docs/RELIABILITY.md, each measured on both databases: a table of promise,
//! figure and result. Short forms by default, as part of `cargo test`; the full figures with
//! `cargo test --release --test promises -- --full`. `--help` tells the other options.

#[macro_use]
#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, unused_macros, reason = "each program needs a part of it")]
mod support;

mod figures;
mod money;
mod options;
mod promise;
mod staying;
mod table;
mod trace;

use options::Options;
use promise::Promise;
use std::process::ExitCode;

// As in the program itself: memory is one of the things that are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Every promise of this form, in the order of the table.
fn promises(full: bool) -> impl Iterator<Item = &'static Promise> {
    let figures: &'static [Promise] = if full { figures::PROMISES } else { &[] };
    money::PROMISES.iter().chain(staying::PROMISES).chain(figures)
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            support::say(&why);
            return ExitCode::FAILURE;
        }
    };
    let chosen: Vec<_> = promises(options.full).filter(|p| options.wants(p)).collect();
    if options.list {
        chosen.iter().for_each(|p| support::say(&format!("{}: {}", p.id, p.says)));
        return ExitCode::SUCCESS;
    }
    let rows: Vec<_> = chosen.into_iter().flat_map(|p| promise::keep(p, &options)).collect();
    table::print(&rows, &options);
    if rows.iter().all(table::Row::kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

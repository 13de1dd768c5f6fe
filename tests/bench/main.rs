//! How fast it is, measured from outside: the program in a process of its own, asked over HTTP.
//! Prints tables in Markdown, for docs/PERFORMANCE.md; `cargo bench -- --help` tells the options.

#[path = "../it/support/cluster.rs"]
#[allow(dead_code, reason = "the promises kill their clusters, the benchmark does not")]
mod cluster;
#[path = "../it/support/temp.rs"]
mod temp;
#[path = "../it/support/years/mod.rs"]
mod years;

mod bare;
mod books;
mod discovery;
mod home;
mod load;
mod machine;
mod options;
mod raw;
mod report;
mod run;
mod scenarios;
mod server;

use home::Side;
use options::Options;
use report::{progress, say};
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            progress(&why);
            return ExitCode::FAILURE;
        }
    };
    say(&format!("Machine: {}; load before: {}", machine::describe(), machine::load()));
    let mut tables = run::Tables::new();
    let mut code = ExitCode::SUCCESS;
    for side in Side::ALL.into_iter().filter(|s| options.wants_side(s.option())) {
        if let Err(why) = run::side(side, &options, &mut tables) {
            progress(&format!("{}: {why}", side.title()));
            code = ExitCode::FAILURE;
        }
    }
    tables.print();
    say(&format!("\nLoad after: {}", machine::load()));
    code
}

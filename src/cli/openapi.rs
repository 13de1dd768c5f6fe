//! `almoner openapi`.

use super::say;
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::web;
use std::process::ExitCode;

/// Prints the API document as JSON.
pub(super) fn run() -> Result<ExitCode> {
    let document = web::openapi().to_pretty_json().map_err(Problem::internal)?;
    say(&document);
    Ok(ExitCode::SUCCESS)
}

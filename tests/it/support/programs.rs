//! Other people's programs that judge what leaves the service.

use super::environment;
use std::path::PathBuf;
use std::process::Command;

/// The command that starts an SMTP server of the Python package `aiosmtpd`: by the Python that
/// `ALMONER_AIOSMTPD` names, or as found on the path. `None`, with a notice, where there is none;
/// a failure where `ALMONER_REQUIRE_VALIDATORS` is 1.
pub fn aiosmtpd() -> Option<Command> {
    if let Some(python) = environment("ALMONER_AIOSMTPD") {
        let mut command = Command::new(python);
        command.args(["-m", "aiosmtpd"]);
        return Some(command);
    }
    on_path("aiosmtpd")
        .map(Command::new)
        .or_else(|| absent("aiosmtpd", "ALMONER_REQUIRE_VALIDATORS"))
}

/// Says that a program is not there; a failure where `required` is 1.
pub fn absent<T>(program: &str, required: &str) -> Option<T> {
    assert!(
        environment(required).as_deref() != Some("1"),
        "{program} is required here ({required}=1) and not found"
    );
    super::say(&format!("skipped: {program} is not installed"));
    None
}

/// Where it is, if it is on the path.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = environment("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|p| p.is_file())
}

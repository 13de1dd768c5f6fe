//! Settings: defaults (`config/default.toml`, compiled in), an optional file, the environment.
//!
//! Invariants: a key outside `config/default.toml` is refused; all wrong settings are told at
//! once, each by its key; secrets come from the environment or from a file of their own and never
//! show in `Debug`. Nothing else in the crate reads the environment.

mod address;
mod check;
mod load;
pub mod log;
mod net;
mod private;
mod secret;
mod sections;

pub use address::{UNCLEAR, is_clear, split_password, without_password};
pub use net::Network;
pub use private::{create_private_dir, private_file, refuse_shared};
pub use secret::Secret;
pub use sections::{
    Auth, Calls, Config, Database, Files, Import, Jobs, Ledger, Limit, Limits, Log, LogFormat,
    Mail, MailTransport, Offers, Payees, Publishing, Server, Smtp, SmtpSecurity, Sponsor, Vouches,
};

/// Each setting with its comment, as compiled in.
pub const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// What is wrong with the settings: one sentence each, naming the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the settings are not right:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}
impl std::error::Error for ConfigError {}
impl From<ConfigError> for crate::kernel::problem::Problem {
    fn from(error: ConfigError) -> Self {
        Self::new(crate::kernel::problem::Kind::Invalid, error.to_string())
    }
}

/// One setting that is wrong.
pub(crate) fn wrong(key: &str, message: impl std::fmt::Display) -> ConfigError {
    ConfigError(vec![format!("{key}: {message}")])
}

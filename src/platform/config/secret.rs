//! A secret setting.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A text that is not shown by `Debug` and is wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }
    /// The text itself, to be handed to what needs it and to nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "(none)" } else { "(secret)" })
    }
}
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Self::new)
    }
}

/// Words that stand in manuals and samples where a secret belongs.
const SAMPLES: &[&str] = &[
    "changeme",
    "changeit",
    "password",
    "passw0rd",
    "secret",
    "example",
    "sample",
    "default",
    "insert",
    "replace",
    "todo",
    "xxxx",
    "1234",
    "postgres",
    "almoner",
    "yourpassword",
];

/// Whether this is a secret out of a manual: a sample word with at most a little around it.
pub(super) fn is_sample(secret: &str) -> bool {
    let letters: String =
        secret.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    SAMPLES.iter().any(|s| letters.strip_prefix(s).is_some_and(|rest| rest.len() <= 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_known_and_secrets_are_not_shown() {
        for sample in ["changeme", "change-me!", "Secret123", "<password>", "postgres", "1234"] {
            assert!(is_sample(sample), "{sample}");
        }
        for real in ["Vq7LdyrrXbWgN4", "secretariat-of-the-old-bridge", "p4sT-niL-0rV"] {
            assert!(!is_sample(real), "{real}");
        }
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "(secret)");
        assert_eq!(format!("{:?}", Secret::default()), "(none)");
    }
}

//! Fields of a PATCH (as in RFC 7396): an absent one is left alone, null clears it.

use serde::{Deserialize, Deserializer};

/// One field of a PATCH; put `#[serde(default)]` on it, so that an absent one reads as `Leave`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It was absent.
    #[default]
    Leave,
    /// It was null.
    Clear,
    /// It was given.
    Set(T),
}

impl<T> Patch<T> {
    /// As a reference.
    pub const fn as_ref(&self) -> Patch<&T> {
        match self {
            Patch::Leave => Patch::Leave,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::Set(value),
        }
    }
    /// Whether it was absent.
    pub const fn is_leave(&self) -> bool {
        matches!(self, Patch::Leave)
    }
}

/// What a creation says: what is absent there is left at its default.
impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Patch::Leave, Patch::Set)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(d)?.map_or(Patch::Clear, Patch::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Form {
        #[serde(default)]
        note: Patch<String>,
    }

    #[test]
    fn absent_is_not_null() {
        let read = |text| serde_json::from_str::<Form>(text).expect("well formed").note;
        assert_eq!(read("{}"), Patch::Leave);
        assert_eq!(read(r#"{"note":null}"#), Patch::Clear);
        assert_eq!(read(r#"{"note":"x"}"#), Patch::Set("x".into()));
        assert!(serde_json::from_str::<Form>(r#"{"note":1}"#).is_err());
    }
}

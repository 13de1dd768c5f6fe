//! Rows of people, their sessions and their tokens.

/// The columns of a person, in the order of `people::Row`.
macro_rules! person_columns {
    () => {{
        use crate::platform::db::schema::people::dsl as p;
        (
            p::id,
            p::email,
            p::name,
            p::password_hash,
            p::status,
            p::roles,
            p::version,
            p::created_at,
            p::confirmed_at,
        )
    }};
}

mod people;
mod sessions;
mod tokens;

pub(super) use people::*;
pub(super) use sessions::*;
pub(super) use tokens::*;

use crate::people::model::{EndReason, LinkKind, PersonStatus};

crate::db_text!(PersonStatus);
crate::db_text!(EndReason);
crate::db_text!(LinkKind);

//! Rows of people, their sessions, tokens and second factors.

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

/// The active factor of the person of the same query.
macro_rules! active_factor {
    () => {
        f::person_id.eq(p::id).and(f::state.eq(FactorState::Active))
    };
}

mod accounts;
mod factors;
mod limits;
mod people;
mod sessions;
mod tokens;

pub(super) use accounts::*;
pub(super) use factors::*;
pub(super) use limits::*;
pub(super) use people::*;
pub(super) use sessions::*;
pub(super) use tokens::*;

use crate::people::model::{EndReason, FactorState, Limited, LinkKind, PersonStatus};

crate::db_text!(PersonStatus);
crate::db_text!(EndReason);
crate::db_text!(LinkKind);
crate::db_text!(FactorState);
crate::db_text!(Limited);

//! Tables of attachments.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    attachments (id) {
        id -> SqlId,
        application_id -> SqlId,
        uploaded_by -> SqlId,
        name -> Text,
        kind -> Text,
        bytes -> BigInt,
        sha256 -> Binary,
        created_at -> SqlInstant,
        removed_at -> Nullable<SqlInstant>,
        uploaded_for -> Nullable<SqlId>,
        copied -> Bool,
        closed -> Bool,
    }
}

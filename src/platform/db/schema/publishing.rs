//! Tables of what is published.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    publications (grant_id) {
        grant_id -> SqlId,
        status -> Text,
        recipient -> Text,
        organisation_name -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        fields -> SqlDoc,
        decided_by -> Nullable<SqlId>,
        decided_at -> SqlInstant,
    }
}

//! Tables of forms and answers.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    call_forms (call_id, version) {
        call_id -> SqlId,
        version -> Integer,
        form -> SqlDoc,
        created_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
    }
}

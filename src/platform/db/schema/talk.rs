//! Tables of comments.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    comments (id) {
        id -> SqlId,
        application_id -> SqlId,
        author_id -> SqlId,
        visibility -> Text,
        body -> Text,
        created_at -> SqlInstant,
        edited_at -> Nullable<SqlInstant>,
        removed_at -> Nullable<SqlInstant>,
        removed_by -> Nullable<SqlId>,
        version -> Integer,
        said_for -> Nullable<SqlId>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    comment_mentions (comment_id, person_id) {
        comment_id -> SqlId,
        person_id -> SqlId,
    }
}

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

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    application_answers (application_id) {
        application_id -> SqlId,
        form_version -> Integer,
        answers -> SqlDoc,
        suggested -> SqlDoc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    answer_bank (id) {
        id -> SqlId,
        person_id -> SqlId,
        reuse_key -> Text,
        kind -> Text,
        label -> Text,
        answer -> SqlDoc,
        application_id -> SqlId,
        answered_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    application_versions (id) {
        id -> SqlId,
        application_id -> SqlId,
        number -> Integer,
        stage -> Text,
        content -> SqlDoc,
        saved_by -> Nullable<SqlId>,
        began_at -> SqlInstant,
        saved_at -> SqlInstant,
        saved_for -> Nullable<SqlId>,
    }
}

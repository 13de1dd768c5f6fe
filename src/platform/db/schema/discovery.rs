//! Tables of discovery: what was handed in as documents to search, and searches that were saved.
//! What differs between the databases (the words) is asked for in SQL.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    search_documents (doc) {
        doc -> BigInt,
        application_id -> SqlId,
    }
}

// A view: what an application is found by.
diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    search_contents (application_id) {
        application_id -> SqlId,
        whole -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlDoc, SqlId, SqlInstant};
    saved_searches (id) {
        id -> SqlId,
        person_id -> SqlId,
        name -> Text,
        asked -> SqlDoc,
        digest -> Text,
        told_until -> SqlInstant,
        due_at -> Nullable<SqlInstant>,
        version -> Integer,
        created_at -> SqlInstant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    search_due (application_id) {
        application_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    similar_due (application_id) {
        application_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    similar_texts (application_id) {
        application_id -> SqlId,
        version -> Integer,
        signature -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    similar_bands (band, hash, application_id) {
        band -> Integer,
        hash -> BigInt,
        application_id -> SqlId,
    }
}

//! Tables of the directory: research directions, and who and what works on which.

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    agendas (id) {
        id -> SqlId,
        slug -> Text,
        title -> Text,
        summary -> Text,
        parent_id -> Nullable<SqlId>,
        status -> Text,
        version -> Integer,
        created_by -> Nullable<SqlId>,
        created_at -> SqlInstant,
        retired_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    profiles (person_id) {
        person_id -> SqlId,
        place -> Text,
        about -> Text,
        looking_for -> Integer,
        listed -> Bool,
        version -> Integer,
        updated_at -> SqlInstant,
    }
}

diesel::table! {
    use crate::platform::db::types::SqlId;
    profile_agendas (person_id, agenda_id) {
        person_id -> SqlId,
        agenda_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::SqlId;
    agenda_people (agenda_id, looking_for, person_id) {
        agenda_id -> SqlId,
        looking_for -> Text,
        person_id -> SqlId,
    }
}

diesel::table! {
    use crate::platform::db::types::{SqlId, SqlInstant};
    directory_messages (sender_id, sent_at, recipient_id) {
        sender_id -> SqlId,
        recipient_id -> SqlId,
        sent_at -> SqlInstant,
    }
}

diesel::table! {
    use crate::platform::db::types::SqlId;
    application_agendas (application_id, agenda_id) {
        application_id -> SqlId,
        agenda_id -> SqlId,
    }
}

diesel::table! {
    use crate::platform::db::types::SqlId;
    budget_agendas (budget_id, agenda_id) {
        budget_id -> SqlId,
        agenda_id -> SqlId,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDate, SqlId, SqlInstant};
    delegations (id) {
        id -> SqlId,
        principal_id -> SqlId,
        delegate_id -> Nullable<SqlId>,
        email -> Text,
        errands -> Integer,
        expires_on -> SqlDate,
        status -> Text,
        token_hash -> Nullable<Binary>,
        created_at -> SqlInstant,
        answered_at -> Nullable<SqlInstant>,
        ended_at -> Nullable<SqlInstant>,
        ended_by -> Nullable<SqlId>,
        warn_on -> Nullable<SqlDate>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlDoc, SqlId, SqlInstant};
    merges (id) {
        id -> SqlId,
        into_id -> SqlId,
        from_id -> SqlId,
        proposed_by -> SqlId,
        asked_id -> SqlId,
        status -> Text,
        kept -> Nullable<SqlDoc>,
        created_at -> SqlInstant,
        decided_at -> Nullable<SqlInstant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::platform::db::types::{SqlId, SqlInstant};
    nominations (id) {
        id -> SqlId,
        call_id -> SqlId,
        nominator_id -> SqlId,
        email -> Text,
        name -> Text,
        title -> Text,
        summary -> Text,
        why -> Text,
        status -> Text,
        token_hash -> Nullable<Binary>,
        expires_at -> SqlInstant,
        nominee_id -> Nullable<SqlId>,
        application_id -> Nullable<SqlId>,
        created_at -> SqlInstant,
        decided_at -> Nullable<SqlInstant>,
        due_at -> Nullable<SqlInstant>,
    }
}

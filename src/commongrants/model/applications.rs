//! Applications and answers to forms in the protocol's shapes.

use super::CustomField;
use crate::kernel::ids::{ApplicationId, CallId};
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Begins an application. What the protocol does not know is passed over, as it asks.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StartForm {
    /// The competition: the id of a call.
    pub competition_id: CallId,
    /// The organization that applies: here people do, and none is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid", nullable = false)]
    pub organization_id: Option<String>,
    /// The title of the application.
    pub title: String,
}

text_enum! {
    /// Where an application stands, in the protocol's words.
    pub enum AppStatusValue {
        /// It is written, or changed.
        InProgress = "inProgress",
        /// It was handed in.
        Submitted = "submitted",
        /// It became a grant.
        Accepted = "accepted",
        /// It was declined.
        Rejected = "rejected",
        /// Something else, which is named.
        Custom = "custom",
    }
}

/// Where an application stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppStatus {
    /// One of the protocol's words.
    pub value: AppStatusValue,
    /// The word for it, where the protocol has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub custom_value: Option<String>,
    /// In words.
    pub description: String,
}

text_enum! {
    /// How far the answers to a form are.
    pub enum FormResponseStatusValue {
        /// Nothing is answered yet.
        NotStarted = "notStarted",
        /// Something is missing or wrong.
        InProgress = "inProgress",
        /// It can be handed in.
        Complete = "complete",
    }
}

/// How far the answers to a form are.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FormResponseStatus {
    /// One of the protocol's words.
    pub value: FormResponseStatusValue,
}

/// What is missing or wrong.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ValidationError {
    /// Where: a JSON pointer into what was answered.
    pub field: String,
    /// What to do about it.
    pub message: String,
}

/// The answers to one form.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormResponse {
    /// The application.
    pub application_id: ApplicationId,
    /// Its own id, made of the application's and the form's.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// The form.
    #[schema(value_type = String, format = "uuid")]
    pub form_id: Uuid,
    /// The answers.
    #[schema(value_type = Object)]
    pub response: Map<String, Value>,
    /// How far they are.
    pub status: FormResponseStatus,
    /// What is missing or wrong.
    pub validation_errors: Vec<ValidationError>,
    /// When the application was begun.
    pub created_at: Instant,
    /// When the application was last changed.
    pub last_modified_at: Instant,
}

/// An application: in full for its team, and as lists show it in what a search finds.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolApplication {
    /// Its id.
    pub id: ApplicationId,
    /// Its title.
    pub title: String,
    /// The competition: its call. All zeros in what a search finds where that call is private, and
    /// the application is shown for nothing but that it is public.
    pub competition_id: CallId,
    /// The opportunity: the same call.
    pub opportunity_id: CallId,
    /// The answers, by the names that the competition gives its forms; none in what a search finds:
    /// they are read one by one.
    pub form_responses: BTreeMap<&'static str, FormResponse>,
    /// Where it stands.
    pub status: AppStatus,
    /// When it was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submitted_at: Option<Instant>,
    /// What keeps it from being handed in; absent in what a search finds, where nobody looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub validation_errors: Option<Vec<ValidationError>>,
    /// Fields of our own: `formVersion`, or `summary` in what a search finds; and
    /// `decisionPromisedOn` once it was handed in.
    pub custom_fields: BTreeMap<&'static str, CustomField>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was last changed.
    pub last_modified_at: Instant,
}

/// One application.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ApplicationAnswer {
    /// 200, or 201 for one that was begun.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The application.
    pub data: ProtocolApplication,
}

/// The answers to one form.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FormResponseAnswer {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The answers.
    pub data: FormResponse,
}

//! Competitions and forms in the protocol's shapes.

use super::{OppEvent, PaginationInfo};
use crate::kernel::ids::CallId;
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a call asks of those who apply.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProtocolForm {
    /// Its id: a call has one form of its own, so this is the call's; that of the basics is the
    /// same everywhere.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Which version of it this is; what was begun under an older one stays under it.
    pub version: String,
    /// What can be handed in, as JSON Schema.
    #[schema(value_type = Object)]
    pub json_schema: Value,
    /// When this version was written.
    pub created_at: Instant,
    /// When this version was written: a form is never changed, an edit makes the next version.
    pub last_modified_at: Instant,
}

text_enum! {
    /// Where a competition stands.
    pub enum CompetitionStatusValue {
        /// Takes applications.
        Open = "open",
        /// Takes no more.
        Closed = "closed",
        /// Something else, which is named.
        Custom = "custom",
    }
}

/// Where a competition stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompetitionStatus {
    /// One of the protocol's words.
    pub value: CompetitionStatusValue,
    /// The word for it, where the protocol has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub custom_value: Option<String>,
    /// In words.
    pub description: String,
}

/// The days that matter to those who apply.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompetitionTimeline {
    /// From when on applications can begin.
    pub open_date: OppEvent,
    /// Until when they can be submitted.
    pub close_date: OppEvent,
    /// Others, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other_dates: BTreeMap<&'static str, OppEvent>,
}

/// What has to be filled in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CompetitionForms {
    /// By name: `basics` are what every application says, `application` what the call asks besides.
    pub forms: BTreeMap<&'static str, ProtocolForm>,
}

/// How a public call takes applications: each call has one competition, with the call's id.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Competition {
    /// Its id: that of the call.
    pub id: CallId,
    /// The opportunity: the same call.
    pub opportunity_id: CallId,
    /// The call's name.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// How to apply.
    pub instructions: String,
    /// Where it stands.
    pub status: CompetitionStatus,
    /// The days that matter.
    pub key_dates: CompetitionTimeline,
    /// What has to be filled in.
    pub forms: CompetitionForms,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub last_modified_at: Instant,
}

/// One competition.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CompetitionAnswer {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The competition.
    pub data: Competition,
}

/// One form.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FormAnswer {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The form.
    pub data: ProtocolForm,
}

/// A page of forms.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormPage {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The forms.
    pub items: Vec<ProtocolForm>,
    /// Which page this is.
    pub pagination_info: PaginationInfo,
}

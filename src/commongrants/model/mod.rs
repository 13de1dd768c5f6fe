//! The shapes of the protocol: camelCase, money as text, what is absent left out.

mod applications;
mod forms;
mod found;
mod search;

pub use applications::{
    AppStatus, AppStatusValue, ApplicationAnswer, FormResponse, FormResponseAnswer,
    FormResponseStatus, FormResponseStatusValue, ProtocolApplication, StartForm, ValidationError,
};
pub use forms::{
    Competition, CompetitionAnswer, CompetitionForms, CompetitionStatus, CompetitionStatusValue,
    CompetitionTimeline, FormAnswer, FormPage, ProtocolForm,
};
pub use found::{
    AppFilterInfo, AppFilters, AppSearchForm, AppSearchQuery, AppSortBy, AppSortInfo, AppSorting,
    ApplicationResults,
};
pub use search::{
    ArrayOperator, DateRange, DateRangeFilter, DefaultFilter, MoneyRange, MoneyRangeFilter,
    OppFilters, OppSortBy, OppSorting, PageForm, ProtocolMoney, RangeOperator, SearchForm,
    SortOrder, StringArrayFilter,
};

use crate::kernel::ids::CallId;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

text_enum! {
    /// Where an opportunity stands.
    pub enum OppStatusValue {
        /// Announced; applications begin later.
        Forecasted = "forecasted",
        /// Takes applications.
        Open = "open",
        /// Takes no more.
        Closed = "closed",
    }
}

/// Where an opportunity stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OppStatus {
    /// One of the protocol's words.
    pub value: OppStatusValue,
    /// In words.
    pub description: String,
}

/// Something on a day, over some days, or without any.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(tag = "eventType", rename_all = "camelCase")]
pub enum OppEvent {
    /// On one day.
    SingleDate {
        /// What happens.
        name: String,
        /// The day.
        date: Date,
        /// More about it.
        description: String,
    },
    /// From one day to another, both included.
    DateRange {
        /// What happens.
        name: String,
        /// The first day.
        #[serde(rename = "startDate")]
        start_date: Date,
        /// The last day.
        #[serde(rename = "endDate")]
        end_date: Date,
        /// More about it.
        description: String,
    },
    /// Without a day.
    Other {
        /// What happens.
        name: String,
        /// When, in words.
        details: String,
    },
}

/// The days that matter.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OppTimeline {
    /// From when on applications can begin.
    pub post_date: OppEvent,
    /// Until when they can be submitted.
    pub close_date: OppEvent,
    /// Others, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other_dates: BTreeMap<&'static str, OppEvent>,
}

text_enum! {
    /// How to read the value of a field of our own.
    pub enum CustomFieldType {
        /// A text.
        String = "string",
        /// A whole number.
        Integer = "integer",
    }
}

/// A field of our own.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomField {
    /// Its name.
    pub name: &'static str,
    /// How to read the value.
    pub field_type: CustomFieldType,
    /// The value.
    pub value: Value,
    /// What it means.
    pub description: &'static str,
}

/// A call, as the protocol tells of it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opportunity {
    /// Its id.
    pub id: CallId,
    /// Its name.
    pub title: String,
    /// Where it stands.
    pub status: OppStatus,
    /// What it is for.
    pub description: String,
    /// The days that matter.
    pub key_dates: OppTimeline,
    /// Where this service tells more of it.
    #[schema(format = "uri")]
    pub source: String,
    /// What the protocol has no word for.
    pub custom_fields: BTreeMap<&'static str, CustomField>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub last_modified_at: Instant,
}

/// Which page was shown, and how much there is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaginationInfo {
    /// The page, from 1 on.
    #[schema(minimum = 1)]
    pub page: i32,
    /// Rows to a page.
    #[schema(minimum = 1)]
    pub page_size: i32,
    /// Rows in all.
    pub total_items: i64,
    /// Pages in all.
    pub total_pages: i64,
}

/// A page of opportunities.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpportunityPage {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The opportunities.
    pub items: Vec<Opportunity>,
    /// Which page this is.
    pub pagination_info: PaginationInfo,
}

/// One opportunity.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OpportunityAnswer {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The opportunity.
    pub data: Opportunity,
}

/// What was found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpportunityResults {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The opportunities.
    pub items: Vec<Opportunity>,
    /// Which page this is.
    pub pagination_info: PaginationInfo,
    /// In which order.
    pub sort_info: SortInfo,
    /// By which filters.
    pub filter_info: FilterInfo,
}

/// In which order the results are.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SortInfo {
    /// By what.
    pub sort_by: OppSortBy,
    /// Upward or downward.
    pub sort_order: SortOrder,
    /// What could not be followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

/// Which filters were applied.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FilterInfo {
    /// As they were understood.
    pub filters: OppFilters,
    /// What could not be followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

/// An error, as the protocol has it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProtocolError {
    /// The HTTP status.
    pub status: i32,
    /// What is wrong.
    pub message: String,
    /// Each wrong field.
    pub errors: Vec<Value>,
}

//! The shapes of the protocol: camelCase, money as text, what is absent left out.

use crate::kernel::ids::CallId;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};
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

text_enum! {
    /// By what to sort.
    pub enum OppSortBy {
        /// When it was last changed.
        LastModifiedAt = "lastModifiedAt",
        /// When it was made.
        CreatedAt = "createdAt",
        /// Its name.
        Title = "title",
        /// Where it stands.
        Status = "status.value",
        /// Its last day.
        CloseDate = "keyDates.closeDate",
        /// The most to one award.
        MaxAward = "funding.maxAwardAmount",
        /// The least to one award.
        MinAward = "funding.minAwardAmount",
        /// What there is in all.
        Total = "funding.totalAmountAvailable",
        /// Awards expected.
        AwardCount = "funding.estimatedAwardCount",
        /// As this service has it.
        Custom = "custom",
    }
}
text_enum! {
    /// Upward or downward.
    pub enum SortOrder {
        /// The smallest first.
        Asc = "asc",
        /// The largest first.
        Desc = "desc",
    }
}
text_enum! {
    /// Compares with a list.
    pub enum ArrayOperator {
        /// Is one of them.
        In = "in",
        /// Is none of them.
        NotIn = "notIn",
    }
}
text_enum! {
    /// Compares with a range.
    pub enum RangeOperator {
        /// Inside, both ends included.
        Between = "between",
        /// Outside.
        Outside = "outside",
    }
}

/// What to look for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub struct SearchForm {
    /// Words that stand in the title or the description, all of them.
    #[serde(default)]
    #[schema(nullable = false)]
    pub search: Option<String>,
    /// Filters; all of them have to fit.
    #[serde(default)]
    #[schema(nullable = false)]
    pub filters: Option<OppFilters>,
    /// The order.
    #[serde(default)]
    #[schema(nullable = false)]
    pub sorting: Option<OppSorting>,
    /// The page.
    #[serde(default)]
    #[schema(nullable = false)]
    pub pagination: Option<PageForm>,
}

/// Which page.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PageForm {
    /// The page, from 1 on.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1, default = 1)]
    #[param(nullable = false, minimum = 1, default = 1)]
    pub page: Option<i32>,
    /// Rows to a page; more than 100 are read as 100.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1, default = 100)]
    #[param(nullable = false, minimum = 1, default = 100)]
    pub page_size: Option<i32>,
}

/// In which order.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OppSorting {
    /// By what.
    pub sort_by: OppSortBy,
    /// Where `sortBy` is `custom`: by what; this service has nothing of its own.
    #[serde(default)]
    #[schema(nullable = false)]
    pub custom_sort_by: Option<String>,
    /// Upward or downward; downward where absent.
    #[serde(default)]
    #[schema(nullable = false)]
    pub sort_order: Option<SortOrder>,
}

/// Filters; what is absent lets everything pass.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OppFilters {
    /// By where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<StringArrayFilter>,
    /// By its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub close_date_range: Option<DateRangeFilter>,
    /// By what there is in all: calls here tell of no amount, so nothing passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_funding_available_range: Option<MoneyRangeFilter>,
    /// By the least to one award: calls here tell of no amount, so nothing passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub min_award_amount_range: Option<MoneyRangeFilter>,
    /// By the most to one award: calls here tell of no amount, so nothing passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_award_amount_range: Option<MoneyRangeFilter>,
    /// Filters of a service's own: this one has none, and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub custom_filters: Option<BTreeMap<String, DefaultFilter>>,
}

/// Compares with a list of texts.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StringArrayFilter {
    /// How.
    pub operator: ArrayOperator,
    /// With what.
    pub value: Vec<String>,
}

/// Compares with a range of days.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DateRangeFilter {
    /// How.
    pub operator: RangeOperator,
    /// With what.
    pub value: DateRange,
}

/// From one day or moment to another.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DateRange {
    /// The first: a day, or a moment with its time zone.
    pub min: String,
    /// The last: a day, or a moment with its time zone.
    pub max: String,
}

/// Compares with a range of amounts.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoneyRangeFilter {
    /// How.
    pub operator: RangeOperator,
    /// With what.
    pub value: MoneyRange,
}

/// From one amount to another.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoneyRange {
    /// The least.
    pub min: ProtocolMoney,
    /// The most.
    pub max: ProtocolMoney,
}

/// Money as the protocol has it: the number of decimals is free.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProtocolMoney {
    /// A decimal as text.
    #[schema(pattern = r"^-?[0-9]+\.?[0-9]*$")]
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

/// A filter of a service's own.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DefaultFilter {
    /// How.
    pub operator: String,
    /// With what.
    pub value: Value,
}

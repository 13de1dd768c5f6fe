//! What a search may ask for.

use crate::text_enum;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A field that may be left out, and may not be null: the protocol has no nulls here.
pub(super) fn some<'de, T, D>(d: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(d).map(Some)
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
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub search: Option<String>,
    /// Filters; all of them have to fit.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub filters: Option<OppFilters>,
    /// The order.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub sorting: Option<OppSorting>,
    /// The page.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub pagination: Option<PageForm>,
}

/// Which page.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PageForm {
    /// The page, from 1 on.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false, minimum = 1, default = 1)]
    #[param(nullable = false, minimum = 1, default = 1)]
    pub page: Option<i32>,
    /// Rows to a page; more than 100 are read as 100.
    #[serde(default, deserialize_with = "some")]
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
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub custom_sort_by: Option<String>,
    /// Upward or downward; downward where absent.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub sort_order: Option<SortOrder>,
}

/// Filters; what is absent lets everything pass.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OppFilters {
    /// By where it stands.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<StringArrayFilter>,
    /// By its last day.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub close_date_range: Option<DateRangeFilter>,
    /// By what there is in all: calls here tell of no amount, so nothing passes.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_funding_available_range: Option<MoneyRangeFilter>,
    /// By the least to one award: calls here tell of no amount, so nothing passes.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub min_award_amount_range: Option<MoneyRangeFilter>,
    /// By the most to one award: calls here tell of no amount, so nothing passes.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_award_amount_range: Option<MoneyRangeFilter>,
    /// Filters of a service's own: this one has none, and says so.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
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

//! What a search over applications may ask for, and what it answers.

use super::search::{DateRangeFilter, DefaultFilter, PageForm, SortOrder, StringArrayFilter, some};
use super::{PaginationInfo, ProtocolApplication};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::text_enum;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

text_enum! {
    /// By what to sort applications.
    pub enum AppSortBy {
        /// When it was last changed.
        LastModifiedAt = "lastModifiedAt",
        /// When it was begun.
        CreatedAt = "createdAt",
        /// When it was handed in.
        SubmittedAt = "submittedAt",
        /// Where it stands.
        Status = "status.value",
        /// Its call.
        OpportunityId = "opportunityId",
        /// Its call.
        CompetitionId = "competitionId",
        /// As this service has it.
        Custom = "custom",
    }
}

/// Which applications to look for: the part that may stand in the body, as in other searches.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub struct AppSearchForm {
    /// Filters; all of them have to fit.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub filters: Option<AppFilters>,
    /// The order.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub sorting: Option<AppSorting>,
    /// The page.
    #[serde(default, deserialize_with = "some")]
    #[schema(nullable = false)]
    pub pagination: Option<PageForm>,
}

/// The part that may stand in the address, where the protocol has it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AppSearchQuery {
    /// Filters, as a JSON object; all of them have to fit. They may stand in the body instead.
    #[param(value_type = Option<AppFilters>, explode = false)]
    pub filters: Option<String>,
    /// The order, as a JSON object or as `sortBy,createdAt,sortOrder,desc`. It may stand in the
    /// body instead.
    #[param(value_type = Option<AppSorting>, explode = false)]
    pub sorting: Option<String>,
}

impl AppSearchQuery {
    /// The same as the body would have it, by its names there.
    ///
    /// # Errors
    /// 422 for what is no object.
    pub fn objects(&self) -> Result<Map<String, Value>> {
        let mut fields = Fields::new();
        let mut all = Map::new();
        for (name, text) in [("filters", &self.filters), ("sorting", &self.sorting)] {
            let Some(text) = text else { continue };
            let read = object(text);
            let message = "write a JSON object, or leave it out";
            fields.check(read.is_some(), &format!("?{name}"), "malformed", message);
            all.extend(read.map(|object| (name.to_owned(), object)));
        }
        fields.finish()?;
        Ok(all)
    }
}

/// JSON; or each name before its value and commas between all, as OpenAPI has an object in an
/// address that holds no other.
fn object(text: &str) -> Option<Value> {
    if text.starts_with('{') {
        return serde_json::from_str(text).ok();
    }
    let mut parts = text.split(',');
    let mut object = Map::new();
    while let Some(name) = parts.next() {
        object.insert(name.to_owned(), parts.next()?.into());
    }
    Some(Value::Object(object))
}

/// In which order. Applications come by `createdAt`, `desc`, and in no other.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppSorting {
    /// By what.
    pub sort_by: AppSortBy,
    /// Where `sortBy` is `custom`: by what; this service has nothing of its own, and refuses it.
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
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppFilters {
    /// By the call that it was written for: `in`, at most ten of them. What that call alone has
    /// declined is found by it by those alone who read so.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub opportunity_id: Option<StringArrayFilter>,
    /// The same: an opportunity has one competition, with its id.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub competition_id: Option<StringArrayFilter>,
    /// By when it was handed in: applications are not found by that, and it is refused.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub submitted_at_range: Option<DateRangeFilter>,
    /// By where it stands, in the protocol's words.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub status: Option<StringArrayFilter>,
    /// Filters of a service's own: this one has none, and refuses them.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub custom_filters: Option<BTreeMap<String, DefaultFilter>>,
}

/// The applications that were found.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationResults {
    /// 200.
    pub status: i32,
    /// `Success`.
    pub message: &'static str,
    /// The applications.
    pub items: Vec<ProtocolApplication>,
    /// Which page this is.
    pub pagination_info: PaginationInfo,
    /// In which order.
    pub sort_info: AppSortInfo,
    /// By which filters.
    pub filter_info: AppFilterInfo,
}

/// In which order the applications are.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppSortInfo {
    /// By what.
    pub sort_by: AppSortBy,
    /// Upward or downward.
    pub sort_order: SortOrder,
}

/// Which filters were applied.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct AppFilterInfo {
    /// As they were understood.
    pub filters: AppFilters,
    /// How far was counted, where there are more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

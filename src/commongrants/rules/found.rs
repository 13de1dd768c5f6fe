//! What a search over applications asks for, and how what it finds reads.

use super::super::model::{
    AppFilters, AppSearchForm, AppSortBy, AppSorting, ArrayOperator, CustomField, CustomFieldType,
    PageForm, ProtocolApplication, SortOrder, StringArrayFilter,
};
use super::applications::{promised, stands};
use super::{Paging, paging};
use crate::applications::model::{ApplicationRow, ApplicationStatus};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::CallId;
use crate::kernel::time::Instant;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Most calls that a search names.
pub const CALLS_MAX: usize = 10;

/// The code of what the protocol has, and this service does not.
const UNSUPPORTED: &str = "unsupported";

/// What a search over applications asks for.
#[derive(Debug, Clone)]
pub struct Sought {
    /// In one of these statuses; in any where absent.
    pub statuses: Option<Vec<ApplicationStatus>>,
    /// Written for one of these calls; for any where absent.
    pub calls: Option<Vec<CallId>>,
    /// The page.
    pub paging: Paging,
}

/// Reads a search.
///
/// # Errors
/// 422 with every field that cannot be read, and every filter and order that cannot be followed:
/// passed over, they would bring up what nobody asked for.
pub fn sought(form: &AppSearchForm) -> Result<Sought> {
    let mut fields = Fields::new();
    let none = PageForm::default();
    let page = form.pagination.as_ref().unwrap_or(&none);
    let paging = paging(&mut fields, "/pagination/", page);
    let mut sought = Sought { statuses: None, calls: None, paging };
    if let Some(filters) = &form.filters {
        filter(&mut fields, &mut sought, filters);
    }
    if let Some(sorting) = &form.sorting {
        sort(&mut fields, sorting);
    }
    fields.finish()?;
    Ok(sought)
}

fn filter(fields: &mut Fields, sought: &mut Sought, filters: &AppFilters) {
    if let Some(status) = &filters.status {
        let named = |s: ApplicationStatus| {
            let word = stands(s).value.as_str();
            status.value.iter().any(|value| value == word)
        };
        let is_in = status.operator == ArrayOperator::In;
        let all = ApplicationStatus::ALL.iter().copied();
        let some: Vec<ApplicationStatus> = all.filter(|s| named(*s) == is_in).collect();
        sought.statuses = (some.len() < ApplicationStatus::ALL.len()).then_some(some);
    }
    // An opportunity has one competition, with its id: both filters name calls.
    for (name, filter) in
        [("opportunityId", &filters.opportunity_id), ("competitionId", &filters.competition_id)]
    {
        let Some(filter) = filter else { continue };
        let mut named = calls(fields, &format!("/filters/{name}"), filter);
        if let Some(others) = &sought.calls {
            named.retain(|call| others.contains(call));
        }
        sought.calls = Some(named);
    }
    let by_day = "applications are not found by when they were handed in: leave it out";
    let absent = filters.submitted_at_range.is_none();
    fields.check(absent, "/filters/submittedAtRange", UNSUPPORTED, by_day);
    let own = "there are no filters of this service's own: leave them out";
    let absent = filters.custom_filters.as_ref().is_none_or(BTreeMap::is_empty);
    fields.check(absent, "/filters/customFilters", UNSUPPORTED, own);
}

/// The calls that are named, each once.
fn calls(fields: &mut Fields, at: &str, filter: &StringArrayFilter) -> Vec<CallId> {
    let outside = "applications are found in calls, and not outside of them: write `in`";
    let is_in = filter.operator == ArrayOperator::In;
    fields.check(is_in, &format!("{at}/operator"), UNSUPPORTED, outside);
    let value = format!("{at}/value");
    let most = format!("name at most {CALLS_MAX} of them");
    fields.check(filter.value.len() <= CALLS_MAX, &value, "too_many", &most);
    let mut calls: Vec<CallId> = Vec::new();
    for (index, text) in filter.value.iter().enumerate().take(CALLS_MAX) {
        match text.parse::<CallId>() {
            Ok(call) if calls.contains(&call) => {}
            Ok(call) => calls.push(call),
            Err(_) => fields.push(&format!("{value}/{index}"), "malformed", "ids are UUIDs"),
        }
    }
    calls
}

fn sort(fields: &mut Fields, sorting: &AppSorting) {
    let by = "applications come by createdAt alone: write that, or leave the order out";
    fields.check(sorting.sort_by == AppSortBy::CreatedAt, "/sorting/sortBy", UNSUPPORTED, by);
    let own = "there is no order of this service's own: leave it out";
    let absent = sorting.custom_sort_by.is_none();
    fields.check(absent, "/sorting/customSortBy", UNSUPPORTED, own);
    let up = "applications come the newest first: write desc, or leave it out";
    let is_down = sorting.sort_order != Some(SortOrder::Asc);
    fields.check(is_down, "/sorting/sortOrder", UNSUPPORTED, up);
}

/// An application as lists show it, last changed then.
pub fn application((row, changed_at): (ApplicationRow, Instant)) -> ProtocolApplication {
    // RFC 9562 section 5.9: no id, where one has to be.
    let call = row.call_id.unwrap_or(CallId::from_uuid(Uuid::nil()));
    let mut custom_fields = BTreeMap::new();
    custom_fields.extend(row.promised_on.map(promised));
    if !row.summary.is_empty() {
        let summary = CustomField {
            name: "summary",
            field_type: CustomFieldType::String,
            value: json!(row.summary),
            description: "What it is about",
        };
        custom_fields.insert("summary", summary);
    }
    ProtocolApplication {
        id: row.id,
        title: row.title,
        competition_id: call,
        opportunity_id: call,
        form_responses: BTreeMap::new(),
        status: stands(row.status),
        submitted_at: row.submitted_at,
        validation_errors: None,
        custom_fields,
        created_at: row.created_at,
        last_modified_at: changed_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn read(form: Value) -> Result<Sought> {
        sought(&serde_json::from_value(form).expect("a form"))
    }

    #[track_caller]
    fn refused(form: Value, pointers: &[&str]) {
        let wrong = read(form).expect_err("it is wrong");
        let found: Vec<&str> = wrong.fields().iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(found, pointers);
    }

    #[test]
    fn every_status_has_one_word() {
        use ApplicationStatus as S;
        let by = |operator: &str, words: &[&str]| {
            let status = json!({ "operator": operator, "value": words });
            read(json!({ "filters": { "status": status } })).expect("readable").statuses
        };
        let most = ["inProgress", "submitted", "accepted", "rejected"];
        for (operator, words, some) in [
            ("in", &["inProgress"][..], vec![S::Draft, S::ChangesRequested]),
            ("in", &["submitted", "x"][..], vec![S::Submitted, S::Open]),
            ("in", &["accepted", "rejected"][..], vec![S::Awarded, S::Declined]),
            ("in", &["custom"][..], vec![S::Withdrawn, S::Lapsed]),
            ("notIn", &most[..], vec![S::Withdrawn, S::Lapsed]),
            ("in", &[] as &[&str], vec![]),
        ] {
            assert_eq!(by(operator, words), Some(some), "{operator} {words:?}");
        }
        assert_eq!(by("notIn", &[]), None, "all of them");
    }

    #[test]
    fn calls_are_named_by_either_name() {
        let [one, two] = ["01a19b7c-a680-7035-80a7-6d853561f4e6"; 2];
        let two = two.replace("f4e6", "f4e7");
        let ids = |of: &[&str]| json!({ "operator": "in", "value": of });
        let calls = |filters: Value| {
            let read = read(json!({ "filters": filters })).expect("readable");
            read.calls.map(|calls| calls.iter().map(CallId::to_string).collect::<Vec<_>>())
        };
        assert_eq!(calls(json!({})), None);
        let both = json!({ "opportunityId": ids(&[one, &two, one]) });
        assert_eq!(calls(both), Some(vec![one.to_owned(), two.clone()]));
        let common = json!({ "opportunityId": ids(&[one, &two]), "competitionId": ids(&[&two]) });
        assert_eq!(calls(common), Some(vec![two.clone()]));
        assert_eq!(calls(json!({ "competitionId": ids(&[]) })), Some(vec![]));
        let at = "/filters/competitionId/value";
        refused(json!({ "filters": { "competitionId": ids(&[one, "x"]) } }), &[&format!("{at}/1")]);
        let many = vec![one; CALLS_MAX + 1];
        refused(json!({ "filters": { "competitionId": ids(&many) } }), &[at]);
        let outside = json!({ "operator": "notIn", "value": [one] });
        let form = json!({ "filters": { "opportunityId": outside } });
        refused(form, &["/filters/opportunityId/operator"]);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        let day = json!({ "min": "2026-01-01", "max": "2026-12-31" });
        let filters = json!({
            "submittedAtRange": { "operator": "between", "value": day },
            "customFilters": { "x": { "operator": "eq", "value": 1 } },
        });
        let sorting = json!({ "sortBy": "custom", "customSortBy": "x", "sortOrder": "asc" });
        let form = json!({ "filters": filters, "sorting": sorting, "pagination": { "page": 0 } });
        refused(
            form,
            &[
                "/pagination/page",
                "/filters/submittedAtRange",
                "/filters/customFilters",
                "/sorting/sortBy",
                "/sorting/customSortBy",
                "/sorting/sortOrder",
            ],
        );
        for sort_by in AppSortBy::ALL.iter().filter(|by| **by != AppSortBy::CreatedAt) {
            refused(json!({ "sorting": { "sortBy": sort_by } }), &["/sorting/sortBy"]);
        }
        let sorting = json!({ "sortBy": "createdAt", "sortOrder": "desc" });
        read(json!({ "filters": { "customFilters": {} }, "sorting": sorting })).expect("fine");
    }
}

//! How a call reads in the protocol's words, and what a search asks for.

pub mod applications;
pub mod found;

use super::model::{
    ArrayOperator, Competition, CompetitionForms, CompetitionStatus, CompetitionStatusValue,
    CompetitionTimeline, CustomField, CustomFieldType, DateRange, OppEvent, OppFilters, OppSortBy,
    OppSorting, OppStatus, OppStatusValue, OppTimeline, Opportunity, PageForm, PaginationInfo,
    ProtocolForm, RangeOperator, SearchForm, SortOrder,
};
use crate::answers::model::FormView;
use crate::calls::model::CallStatus;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::CallId;
use crate::kernel::time::{Date, Instant};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most rows to a page.
pub const PAGE_MAX: i32 = 100;
/// Most words that a search looks for.
pub const WORDS_MAX: usize = 10;

/// What the protocol tells of a call.
#[derive(Debug, Clone)]
pub struct PublicCall {
    /// Its id.
    pub id: CallId,
    /// Its name.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// First day on which applications can begin.
    pub opens_on: Date,
    /// Last day on which applications can be submitted.
    pub closes_on: Option<Date>,
    /// Days within which a decision is promised.
    pub decision_days: i32,
    /// Where it stands.
    pub status: CallStatus,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
}

/// Where a call stands today, in the protocol's words; nowhere while it is a draft.
pub fn stands(
    status: CallStatus,
    opens_on: Date,
    closes_on: Option<Date>,
    today: Date,
) -> Option<OppStatusValue> {
    match status {
        CallStatus::Draft => None,
        CallStatus::Closed => Some(OppStatusValue::Closed),
        CallStatus::Open if today < opens_on => Some(OppStatusValue::Forecasted),
        CallStatus::Open if closes_on.is_some_and(|last| last < today) => {
            Some(OppStatusValue::Closed)
        }
        CallStatus::Open => Some(OppStatusValue::Open),
    }
}

/// A call as an opportunity; none while it is a draft. `base` is how people reach the service.
pub fn opportunity(call: PublicCall, today: Date, base: &str) -> Option<Opportunity> {
    let value = stands(call.status, call.opens_on, call.closes_on, today)?;
    let description = match value {
        OppStatusValue::Forecasted => format!("Applications can begin on {}.", call.opens_on),
        OppStatusValue::Open => "Applications can begin and be submitted.".to_owned(),
        OppStatusValue::Closed => "No more applications are taken.".to_owned(),
    };
    let decision = CustomField {
        name: "decisionDays",
        field_type: CustomFieldType::Integer,
        value: json!(call.decision_days),
        description: "Days after submission within which a decision is promised",
    };
    Some(Opportunity {
        id: call.id,
        status: OppStatus { value, description },
        key_dates: timeline(call.opens_on, call.closes_on),
        source: format!("{base}/api/v1/calls/{}", call.id),
        custom_fields: BTreeMap::from([("decisionDays", decision)]),
        created_at: call.created_at,
        last_modified_at: call.changed_at,
        title: call.title,
        description: call.summary,
    })
}

/// A call as a competition, with what it asks; none while it is a draft.
pub fn competition(
    call: PublicCall,
    basics: ProtocolForm,
    form: Option<ProtocolForm>,
    today: Date,
    base: &str,
) -> Option<Competition> {
    let OppStatus { value, description } = opportunity(call.clone(), today, base)?.status;
    let (value, custom_value) = match value {
        OppStatusValue::Open => (CompetitionStatusValue::Open, None),
        OppStatusValue::Closed => (CompetitionStatusValue::Closed, None),
        other => (CompetitionStatusValue::Custom, Some(other.as_str().to_owned())),
    };
    let days = timeline(call.opens_on, call.closes_on);
    let changed = form.as_ref().map_or(call.changed_at, |f| f.created_at.max(call.changed_at));
    let mut forms = vec![(applications::BASICS_NAME, basics)];
    forms.extend(form.map(|form| (applications::FORM_NAME, form)));
    Some(Competition {
        id: call.id,
        opportunity_id: call.id,
        instructions: format!(
            "Sign in at {base}, begin an application in this call, and submit it there; or do the \
             same here, with a token of yours: start an application, answer its forms, submit it."
        ),
        status: CompetitionStatus { value, custom_value, description },
        key_dates: CompetitionTimeline {
            open_date: days.post_date,
            close_date: days.close_date,
            other_dates: days.other_dates,
        },
        forms: CompetitionForms { forms: forms.into_iter().collect() },
        created_at: call.created_at,
        last_modified_at: changed,
        title: call.title,
        description: call.summary,
    })
}

/// What a call asks, as the protocol has it; none where it asks nothing of its own.
pub fn form(call: &PublicCall, asked: &FormView, schema: Value) -> Option<ProtocolForm> {
    let written = asked.created_at.filter(|_| asked.version > 0)?;
    Some(ProtocolForm {
        id: call.id.uuid(),
        name: format!("Application form of “{}”", call.title),
        description: "What this call asks besides title, summary, case and amounts.".into(),
        version: asked.version.to_string(),
        json_schema: schema,
        created_at: written,
        last_modified_at: written,
    })
}

fn timeline(opens_on: Date, closes_on: Option<Date>) -> OppTimeline {
    let single = |name: &str, date, description: &str| OppEvent::SingleDate {
        name: name.into(),
        date,
        description: description.into(),
    };
    let mut other_dates = BTreeMap::new();
    let close_date = match closes_on {
        Some(last) => {
            let period = OppEvent::DateRange {
                name: "Application period".into(),
                start_date: opens_on,
                end_date: last,
                description: "Applications are taken on these days (UTC), both included.".into(),
            };
            other_dates.insert("applicationPeriod", period);
            single("Last day", last, "Applications can be submitted until the end of it (UTC).")
        }
        None => OppEvent::Other {
            name: "Rolling".into(),
            details: "There is no last day: applications are taken until the call is closed."
                .into(),
        },
    };
    let post_date = single("First day", opens_on, "Applications can begin from this day on (UTC).");
    OppTimeline { post_date, close_date, other_dates }
}

/// A page that was asked for, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1 on.
    pub page: i32,
    /// 1 to [`PAGE_MAX`].
    pub size: i32,
}

impl Paging {
    /// Rows before it.
    pub fn offset(self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.size)
    }
    /// What is told of it, `total` being all rows.
    pub fn told(self, total: i64) -> PaginationInfo {
        let total_pages = total.div_euclid(i64::from(self.size))
            + i64::from(total.rem_euclid(i64::from(self.size)) > 0);
        PaginationInfo { page: self.page, page_size: self.size, total_items: total, total_pages }
    }
}

/// The page; the first hundred where nothing is said. `at` is where the fields stand.
pub fn paging(fields: &mut Fields, at: &str, form: &PageForm) -> Paging {
    let (page, size) = (form.page.unwrap_or(1), form.page_size.unwrap_or(PAGE_MAX));
    let first = "pages are counted from 1 on";
    fields.check(page >= 1, &format!("{at}page"), "out_of_range", first);
    let least = "write the rows that you want to a page, from 1 on";
    fields.check(size >= 1, &format!("{at}pageSize"), "out_of_range", least);
    Paging { page: page.max(1), size: size.clamp(1, PAGE_MAX) }
}

/// What a search asks for, and what of it could not be followed.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// All of these stand in title or description; lower case.
    pub words: Vec<String>,
    /// It stands at one of these; any where absent.
    pub statuses: Option<Vec<OppStatusValue>>,
    /// Its last day is inside, or outside, of these days.
    pub closes: Option<(RangeOperator, Date, Date)>,
    /// A filter lets nothing pass.
    pub nothing: bool,
    /// The order.
    pub sort_by: OppSortBy,
    /// Upward or downward.
    pub sort_order: SortOrder,
    /// The page.
    pub paging: Paging,
    /// What is said about the filters.
    pub filter_errors: Vec<String>,
    /// What is said about the order.
    pub sort_errors: Vec<String>,
}

impl Wanted {
    /// Everything, last changed first.
    pub fn all(paging: Paging) -> Self {
        Self {
            words: Vec::new(),
            statuses: None,
            closes: None,
            nothing: false,
            sort_by: OppSortBy::LastModifiedAt,
            sort_order: SortOrder::Desc,
            paging,
            filter_errors: Vec::new(),
            sort_errors: Vec::new(),
        }
    }
}

/// Reads a search.
///
/// # Errors
/// 422 with every field that cannot be read.
pub fn wanted(form: &SearchForm) -> Result<Wanted> {
    let mut fields = Fields::new();
    let none = PageForm::default();
    let page = form.pagination.as_ref().unwrap_or(&none);
    let mut wanted = Wanted::all(paging(&mut fields, "/pagination/", page));
    let text = form.search.as_deref().unwrap_or_default().to_lowercase();
    let mut words = text.split_whitespace();
    wanted.words = words.by_ref().take(WORDS_MAX).map(|w| w.chars().take(100).collect()).collect();
    if words.next().is_some() {
        wanted.filter_errors.push(format!("Only the first {WORDS_MAX} words were looked for."));
    }
    if let Some(filters) = &form.filters {
        filter(&mut fields, &mut wanted, filters);
    }
    if let Some(sorting) = &form.sorting {
        sort(&mut wanted, sorting);
    }
    fields.finish()?;
    Ok(wanted)
}

fn filter(fields: &mut Fields, wanted: &mut Wanted, filters: &OppFilters) {
    if let Some(status) = &filters.status {
        let named = |s: &OppStatusValue| status.value.iter().any(|v| v == s.as_str());
        let is_in = status.operator == ArrayOperator::In;
        let all = OppStatusValue::ALL.iter().copied();
        wanted.statuses = Some(all.filter(|s| named(s) == is_in).collect());
    }
    if let Some(range) = &filters.close_date_range {
        let (min, max) = days(fields, &range.value);
        wanted.closes = min.zip(max).map(|(min, max)| (range.operator, min, max));
    }
    for (name, filter) in [
        ("totalFundingAvailableRange", &filters.total_funding_available_range),
        ("minAwardAmountRange", &filters.min_award_amount_range),
        ("maxAwardAmountRange", &filters.max_award_amount_range),
    ] {
        if let Some(range) = filter {
            wanted.nothing = true;
            for (end, money) in [("min", &range.value.min), ("max", &range.value.max)] {
                let message = "write the amount as digits, with a point if need be";
                let pointer = format!("/filters/{name}/value/{end}/amount");
                fields.check(is_decimal(&money.amount), &pointer, "malformed", message);
            }
            let says = format!("{name}: calls here tell of no amounts, so nothing passes.");
            wanted.filter_errors.push(says);
        }
    }
    let custom = filters.custom_filters.iter().flatten();
    wanted.filter_errors.extend(custom.map(|(name, _)| {
        let name: String = name.chars().take(100).collect();
        format!("{name}: there is no such filter; it was passed over.")
    }));
}

/// What the protocol takes for an amount: digits, at most one point after the first.
fn is_decimal(text: &str) -> bool {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    !whole.is_empty() && digits(whole) && digits(part)
}

fn days(fields: &mut Fields, range: &DateRange) -> (Option<Date>, Option<Date>) {
    let mut day = |name: &str, text: &str| {
        let found = day(text);
        let message = "write a day as YYYY-MM-DD, or a moment as RFC 3339 has it";
        let pointer = format!("/filters/closeDateRange/value/{name}");
        fields.check(found.is_some(), &pointer, "malformed", message);
        found
    };
    (day("min", &range.min), day("max", &range.max))
}

fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().or_else(|| text.parse::<Instant>().ok().map(Instant::date))
}

fn sort(wanted: &mut Wanted, sorting: &OppSorting) {
    wanted.sort_order = sorting.sort_order.unwrap_or(SortOrder::Desc);
    match sorting.sort_by {
        OppSortBy::LastModifiedAt
        | OppSortBy::CreatedAt
        | OppSortBy::Title
        | OppSortBy::CloseDate => wanted.sort_by = sorting.sort_by,
        other => wanted.sort_errors.push(format!(
            "There is nothing here to sort by {other}; sorted by lastModifiedAt instead."
        )),
    }
}

#[cfg(test)]
mod tests;

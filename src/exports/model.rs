//! A grant in the words of the 360Giving Data Standard (1.4): camelCase, amounts as numbers.

use serde::Serialize;
use serde_json::value::RawValue;

/// An organisation.
#[derive(Debug, Serialize)]
pub struct Organization {
    /// Its id: in a register, or one of the publisher's own.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A person: an id that leads to nobody, and no name.
#[derive(Debug, Serialize)]
pub struct Individual {
    /// Always the same for the same person at the same publisher.
    pub id: String,
    /// The same words for everybody.
    pub name: &'static str,
}

/// When a grant runs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// From.
    pub start_date: String,
    /// To.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// In months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<i32>,
}

/// The call that a grant came from.
#[derive(Debug, Serialize)]
pub struct Programme {
    /// Its id.
    pub code: String,
    /// Its name.
    pub title: String,
}

/// A grant. Amounts are written digit by digit from whole minor units: no number passes through
/// a float.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the standard's, which documents them")]
pub struct Giving {
    pub id: String,
    pub title: String,
    pub description: String,
    pub currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_applied_for: Option<Box<RawValue>>,
    pub amount_awarded: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_disbursed: Option<Box<RawValue>>,
    pub award_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub planned_dates: Vec<Planned>,
    pub funding_organization: Vec<Organization>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recipient_organization: Vec<Organization>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_individual: Option<Individual>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_programme: Vec<Programme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_open_call: Option<&'static str>,
}

//! What is looked for, what was saved, and what stands in a queue.

use crate::agendas::model::LookingFor;
use crate::applications::model::{ApplicationRow, ApplicationStatus};
use crate::kernel::ids::{AgendaId, ApplicationId, CallId, PersonId, SavedSearchId};
use crate::kernel::money::Money;
use crate::kernel::time::{Date, Instant};
use crate::reviews::model::{ReviewedApplication, Reviews};
use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// How often somebody is told what is new.
    pub enum Digest {
        /// Never.
        None = "none",
        /// Each day.
        Daily = "daily",
        /// Each week.
        Weekly = "weekly",
    }
}

/// What somebody looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Words, all of which have to be there; no sign in it has a meaning of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub q: Option<String>,
    /// Only what names this direction, or one below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agenda_id: Option<AgendaId>,
    /// Only in this call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<CallId>,
    /// Only where they stand here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ApplicationStatus>,
    /// Only where the work is done in a place with these words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 120)]
    pub place: Option<String>,
    /// Only what looks for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looking_for: Option<LookingFor>,
    /// Only what this person vouches for in public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched_by: Option<PersonId>,
    /// The currency of the amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Only those that ask for at least this; needs the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_min: Option<String>,
    /// Only those that ask for at most this; needs the currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_max: Option<String>,
    /// Only teams of at least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub team_min: Option<i64>,
    /// Only teams of at most so many; 20 and more count as 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub team_max: Option<i64>,
}

/// To save a search.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSavedSearch {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What you look for.
    pub asked: Asked,
    /// How often you are told what is new.
    pub digest: Digest,
}

/// To change a saved search; what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditSavedSearch {
    /// What you call it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What you look for.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// How often you are told what is new.
    #[serde(default)]
    pub digest: Option<Digest>,
}

/// To end the mails of a saved search.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsubscribe {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 200)]
    pub token: String,
}

/// A saved search.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SavedSearch {
    /// Its id.
    pub id: SavedSearchId,
    /// What its owner calls it.
    pub name: String,
    /// What they look for.
    pub asked: Asked,
    /// How often they are told what is new.
    pub digest: Digest,
    /// When they are told next, if something is new.
    pub due_at: Option<Instant>,
    /// When it was saved.
    pub created_at: Instant,
    /// Grows with each change.
    pub version: i32,
    /// Whose it is.
    #[serde(skip)]
    pub person_id: PersonId,
    /// Up to when they were told.
    #[serde(skip)]
    pub told_until: Instant,
}

/// An open application that could be lost.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct QueueItem {
    /// The application.
    #[serde(flatten)]
    pub row: ApplicationRow,
    /// What its offers come to today, with their conditions.
    pub funded: Money,
    /// What is missing to its minimum.
    pub missing_to_minimum: Money,
    /// What is missing to all that it asks for.
    pub missing_to_full: Money,
    /// What was given for it and funds hold until somebody with a budget of theirs offers it there;
    /// absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Money>,
    /// When the first of its offers lapses.
    pub first_lapses_at: Option<Instant>,
    /// How many public vouches stand for it; of equals, those with more vouches of both kinds come
    /// first.
    pub vouches: i64,
    /// How many private ones, of those that you may read.
    pub vouches_private: i64,
    /// How pressing it is, from 0 to 1000; `docs/API.md` says how it is counted.
    pub pressing: i64,
}

/// What a regrantor could fund, the most pressing first.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Queue {
    /// The applications.
    pub items: Vec<QueueItem>,
    /// How many were looked at: those promised first, and those whose offers lapse first.
    pub considered: i64,
    /// Whether there are more than were looked at: what was left out was promised later, or its
    /// offers lapse later.
    pub truncated: bool,
}

/// An application that is like another.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Similar {
    /// The application.
    #[serde(flatten)]
    pub row: ApplicationRow,
    /// How much of their texts they share, in hundredths; 0 below 30.
    pub text_shared: i64,
    /// Whether somebody of its team is on the other's.
    pub same_people: bool,
}

/// An application that is like the one that somebody reviews, and that they see nothing else of.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Likeness {
    /// Its name.
    pub title: String,
    /// How much of their texts they share, in hundredths; 0 below 30.
    pub text_shared: i64,
    /// Whether somebody of its team is on the other's; absent in a blind call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_people: Option<bool>,
}

/// What is like an application.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub struct SimilarList {
    /// Those whose texts share most first; at most 50.
    pub items: Vec<Similar>,
    /// For who reviews it: those that they may not see, by their names, in the same order; in a
    /// blind call all of them stand here, and none for its people.
    pub others: Vec<Likeness>,
}

/// How many applications are like one; `GET /applications/{id}/similar` tells which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Alike {
    /// Those whose texts share much with its.
    pub texts: usize,
    /// Those of somebody of its team; absent where its names are hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_people: Option<usize>,
}

/// What a reviewer reads of an application, and whether there are others like it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewedAndAlike {
    /// The application.
    #[serde(flatten)]
    pub application: ReviewedApplication,
    /// How many are like it.
    pub alike: Alike,
}

/// All reviews of an application, and whether there are others like it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReviewsAndAlike {
    /// The reviews.
    #[serde(flatten)]
    pub reviews: Reviews,
    /// How many are like the application.
    pub alike: Alike,
}

/// What is known of an application that may stand in a queue, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub id: ApplicationId,
    /// The day by which a decision is promised.
    pub promised_on: Option<Date>,
    /// The least that makes sense.
    pub minimum: i64,
    /// What is asked for.
    pub requested: i64,
    /// What is offered, those on a condition in full.
    pub offered: i64,
    /// When the first offer lapses, where it is one of those that lapse soon.
    pub lapses_on: Option<Date>,
}

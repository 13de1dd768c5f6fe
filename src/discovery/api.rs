//! Routes of discovery.

use super::model::{
    Asked, CreateSavedSearch, EditSavedSearch, Queue, ReviewedAndAlike, ReviewsAndAlike,
    SavedSearch, SimilarList, Unsubscribe,
};
use super::service;
use crate::agendas::model::LookingFor;
use crate::applications::model::{ApplicationRow, ApplicationStatus};
use crate::kernel::ids::{AgendaId, ApplicationId, CallId, PersonId, ReviewId, SavedSearchId};
use crate::kernel::page::{Page, PageQuery};
use crate::platform::authz::Action;
use crate::platform::http::{self, App, Body, Caller, Done, Problems, Query, Routes};
use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, patch, post};
use serde::Deserialize;

/// Registers them.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(search_applications)
        .service(get_queue)
        .service(list_similar_applications)
        .service(get_reviewed_application)
        .service(get_application_reviews)
        .service(unsubscribe)
        .service(create_saved_search)
        .service(list_saved_searches)
        .service(get_saved_search)
        .service(edit_saved_search)
        .service(delete_saved_search);
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words, all of which have to be there. No sign in it has a meaning of its own.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only what names this direction, or one below it.
    agenda_id: Option<AgendaId>,
    /// Only in this call.
    call_id: Option<CallId>,
    /// Only where they stand here; drafts are never found.
    status: Option<ApplicationStatus>,
    /// Only where the work is done in a place with these words, as `Berlin`.
    #[param(max_length = 120)]
    place: Option<String>,
    /// Only what looks for this.
    looking_for: Option<LookingFor>,
    /// Only what this person vouches for in public.
    vouched_by: Option<PersonId>,
    /// The currency of the amounts.
    currency: Option<String>,
    /// Only those that ask for at least this, as `1000.00`; needs the currency.
    amount_min: Option<String>,
    /// Only those that ask for at most this; needs the currency.
    amount_max: Option<String>,
    /// Only teams of at least so many.
    #[param(minimum = 1, maximum = 20)]
    team_min: Option<i64>,
    /// Only teams of at most so many; 20 and more count as 20.
    #[param(minimum = 1, maximum = 20)]
    team_max: Option<i64>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Applications that were handed in and that you may come across. Those with all words in the title
/// come first, then those with them in title and summary, then those with them anywhere; the newest
/// first among each. A page may be short, or empty, and still have a `next`.
#[utoipa::path(tag = "discovery", operation_id = "search_applications", params(SearchQuery),
    responses((status = 200, description = "A page", body = Page<ApplicationRow>), Problems))]
#[get("/api/v1/search/applications")]
async fn search_applications(app: App, caller: Caller, query: Query<SearchQuery>) -> HttpResponse {
    http::query(&app, caller, Action::SearchApplications, move |conn, ctx| {
        let query = query.read()?;
        let page = PageQuery { limit: query.limit, after: query.after }.checked()?;
        let asked = Asked {
            q: query.q,
            agenda_id: query.agenda_id,
            call_id: query.call_id,
            status: query.status,
            place: query.place,
            looking_for: query.looking_for,
            vouched_by: query.vouched_by,
            currency: query.currency,
            amount_min: query.amount_min,
            amount_max: query.amount_max,
            team_min: query.team_min,
            team_max: query.team_max,
        };
        Done::ok(&service::search(conn, ctx, &asked, &page)?)
    })
    .await
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct QueueQuery {
    /// Rows, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Open applications that your budgets may fund and that miss money, those first that are most
/// likely lost by waiting; without your own and those that you have a conflict with.
#[utoipa::path(tag = "discovery", operation_id = "get_queue", params(QueueQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "The queue", body = Queue), Problems))]
#[get("/api/v1/me/queue")]
async fn get_queue(app: App, caller: Caller, query: Query<QueueQuery>) -> HttpResponse {
    http::query(&app, caller, Action::GetQueue, move |conn, ctx| {
        let limit = query.read()?.limit;
        let page = PageQuery { limit, after: None }.checked::<crate::kernel::ids::of::Found>()?;
        Done::ok(&service::queue(conn, ctx, page.limit)?)
    })
    .await
}

/// Applications like this one: near-duplicate texts, and others of the same people. For those who
/// review and decide; only what they may come across.
#[utoipa::path(tag = "discovery", operation_id = "list_similar_applications",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "What is like it", body = SimilarList), Problems))]
#[get("/api/v1/applications/{id}/similar")]
async fn list_similar_applications(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
) -> HttpResponse {
    http::query(&app, caller, Action::ListSimilarApplications, move |conn, ctx| {
        Done::ok(&service::similar(conn, ctx, *id)?)
    })
    .await
}

/// The application that you review, and how many are like it; where the call hides names, without
/// applicant and team.
#[utoipa::path(tag = "reviews", operation_id = "get_reviewed_application",
    params(("id" = ReviewId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = ReviewedAndAlike), Problems))]
#[get("/api/v1/reviews/{id}/application")]
async fn get_reviewed_application(app: App, caller: Caller, id: Path<ReviewId>) -> HttpResponse {
    http::query(&app, caller, Action::GetReviewedApplication, move |conn, ctx| {
        Done::ok(&service::reviewed(conn, ctx, *id)?)
    })
    .await
}

/// All reviews of an application that are in, what they come to, who has not answered, and how
/// many applications are like it. Whoever reviews it themselves sees this once theirs is in.
#[utoipa::path(tag = "reviews", operation_id = "get_application_reviews",
    params(("id" = ApplicationId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = ReviewsAndAlike), Problems))]
#[get("/api/v1/applications/{id}/reviews")]
async fn get_application_reviews(
    app: App,
    caller: Caller,
    id: Path<ApplicationId>,
) -> HttpResponse {
    http::query(&app, caller, Action::GetApplicationReviews, move |conn, ctx| {
        Done::ok(&service::reviews_of(conn, ctx, *id)?)
    })
    .await
}

/// Saves a search; at most 50 of a person. With a digest you are told by mail what was opened since
/// the last one, if anything was.
#[utoipa::path(tag = "discovery", operation_id = "create_saved_search",
    request_body = CreateSavedSearch, security(("bearer" = [])),
    responses((status = 201, description = "Saved", body = SavedSearch), Problems))]
#[post("/api/v1/saved-searches")]
async fn create_saved_search(
    app: App,
    caller: Caller,
    body: Body<CreateSavedSearch>,
) -> HttpResponse {
    http::command(&app, caller, Action::CreateSavedSearch, body, |conn, ctx, form| {
        let made = service::create(conn, ctx, form)?;
        let place = format!("/api/v1/saved-searches/{}", made.id);
        Ok(Done::created(&made, place)?.version(made.version))
    })
    .await
}

/// Your saved searches, newest first.
#[utoipa::path(tag = "discovery", operation_id = "list_saved_searches", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = Page<SavedSearch>), Problems))]
#[get("/api/v1/saved-searches")]
async fn list_saved_searches(app: App, caller: Caller, query: Query<PageQuery>) -> HttpResponse {
    http::query(&app, caller, Action::ListSavedSearches, move |conn, ctx| {
        Done::ok(&service::list(conn, ctx, &query.read()?.checked()?)?)
    })
    .await
}

/// One of your saved searches.
#[utoipa::path(tag = "discovery", operation_id = "get_saved_search",
    params(("id" = SavedSearchId, Path)), security(("bearer" = [])),
    responses((status = 200, description = "Found", body = SavedSearch), Problems))]
#[get("/api/v1/saved-searches/{id}")]
async fn get_saved_search(app: App, caller: Caller, id: Path<SavedSearchId>) -> HttpResponse {
    http::query(&app, caller, Action::GetSavedSearch, move |conn, ctx| {
        let search = service::get(conn, ctx, *id)?;
        Ok(Done::ok(&search)?.version(search.version))
    })
    .await
}

/// Changes one of your saved searches; what is left out stays.
#[utoipa::path(tag = "discovery", operation_id = "edit_saved_search",
    params(("id" = SavedSearchId, Path),
        ("If-Match" = String, Header, description = "The ETag of what you read")),
    request_body = EditSavedSearch, security(("bearer" = [])),
    responses((status = 200, description = "Saved", body = SavedSearch), Problems))]
#[patch("/api/v1/saved-searches/{id}")]
async fn edit_saved_search(
    app: App,
    caller: Caller,
    id: Path<SavedSearchId>,
    body: Body<EditSavedSearch>,
) -> HttpResponse {
    http::command(&app, caller, Action::EditSavedSearch, body, move |conn, ctx, form| {
        let search = service::edit(conn, ctx, *id, form)?;
        Ok(Done::ok(&search)?.version(search.version))
    })
    .await
}

/// Deletes one of your saved searches.
#[utoipa::path(tag = "discovery", operation_id = "delete_saved_search",
    params(("id" = SavedSearchId, Path)), security(("bearer" = [])),
    responses((status = 204, description = "Deleted"), Problems))]
#[delete("/api/v1/saved-searches/{id}")]
async fn delete_saved_search(
    app: App,
    caller: Caller,
    id: Path<SavedSearchId>,
    body: Body<http::Empty>,
) -> HttpResponse {
    http::command(&app, caller, Action::DeleteSavedSearch, body, move |conn, ctx, _| {
        service::delete(conn, ctx, *id)?;
        Ok(Done::nothing())
    })
    .await
}

/// Ends the mails of a saved search, with the token of the link in one of them; nothing else.
#[utoipa::path(tag = "discovery", operation_id = "unsubscribe", request_body = Unsubscribe,
    responses((status = 204, description = "No more mails"), Problems))]
#[post("/api/v1/saved-searches/unsubscribe")]
async fn unsubscribe(app: App, caller: Caller, body: Body<Unsubscribe>) -> HttpResponse {
    http::command(&app, caller, Action::Unsubscribe, body, |conn, ctx, form| {
        service::unsubscribe(conn, ctx, &form.token)?;
        Ok(Done::nothing())
    })
    .await
}

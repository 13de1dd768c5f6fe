//! Use-cases of the protocol: reading what is public, and applying.

mod applications;
mod found;

pub use applications::{application, form_response, respond, start, submit};
pub use found::search_applications;

use super::model::{
    CompetitionAnswer, FilterInfo, FormAnswer, FormPage, Opportunity, OpportunityAnswer,
    OpportunityPage, OpportunityResults, PageForm, PaginationInfo, ProtocolForm, SearchForm,
    SortInfo,
};
use super::rules::applications::BASICS;
use super::rules::{self, PublicCall, Wanted};
use super::store;
use crate::answers;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::CallId;
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

const SUCCESS: (i32, &str) = (200, "Success");

/// A page of opportunities, last changed first.
///
/// # Errors
/// 422 for a page that cannot be.
pub fn list(conn: &mut Conn, ctx: &Ctx, form: &PageForm) -> Result<OpportunityPage> {
    authz::require(ctx, Action::ListOpportunities, &[])?;
    let mut fields = Fields::new();
    let paging = rules::paging(&mut fields, "?", form);
    fields.finish()?;
    let (items, pagination_info) = found(conn, ctx, &Wanted::all(paging))?;
    let (status, message) = SUCCESS;
    Ok(OpportunityPage { status, message, items, pagination_info })
}

/// One opportunity.
///
/// # Errors
/// 404 for what is no id, is not there, or is not public.
pub fn get(conn: &mut Conn, ctx: &Ctx, id: &str) -> Result<OpportunityAnswer> {
    authz::require(ctx, Action::GetOpportunity, &[])?;
    let missing = || Problem::not_found("opportunity");
    let id: CallId = id.parse().map_err(|_| missing())?;
    let call = store::find(conn, id)?;
    let data = call.and_then(|call| shown(ctx, call)).ok_or_else(missing)?;
    let (status, message) = SUCCESS;
    Ok(OpportunityAnswer { status, message, data })
}

/// A page of what fits.
///
/// # Errors
/// 422 with every field that cannot be read.
pub fn search(conn: &mut Conn, ctx: &Ctx, form: SearchForm) -> Result<OpportunityResults> {
    authz::require(ctx, Action::SearchOpportunities, &[])?;
    let wanted = rules::wanted(&form)?;
    let (items, pagination_info) = found(conn, ctx, &wanted)?;
    let Wanted { sort_by, sort_order, sort_errors, filter_errors, .. } = wanted;
    let (status, message) = SUCCESS;
    Ok(OpportunityResults {
        status,
        message,
        items,
        pagination_info,
        sort_info: SortInfo { sort_by, sort_order, errors: sort_errors },
        filter_info: FilterInfo {
            filters: form.filters.unwrap_or_default(),
            errors: filter_errors,
        },
    })
}

fn found(
    conn: &mut Conn,
    ctx: &Ctx,
    wanted: &Wanted,
) -> Result<(Vec<Opportunity>, PaginationInfo)> {
    let (calls, total) = match wanted.nothing {
        true => (Vec::new(), 0),
        false => store::search(conn, wanted, ctx.today())?,
    };
    let items = calls.into_iter().filter_map(|call| shown(ctx, call)).collect();
    Ok((items, wanted.paging.told(total)))
}

fn shown(ctx: &Ctx, call: PublicCall) -> Option<Opportunity> {
    rules::opportunity(call, ctx.today(), &ctx.env.config.base_url())
}

/// One competition: how a public call takes applications.
///
/// # Errors
/// 404 for what is no id, is not there, or is not public.
pub fn competition(conn: &mut Conn, ctx: &Ctx, id: &str) -> Result<CompetitionAnswer> {
    authz::require(ctx, Action::GetCompetition, &[])?;
    let missing = || Problem::not_found("competition");
    let id: CallId = id.parse().map_err(|_| missing())?;
    let call = store::find(conn, id)?.ok_or_else(missing)?;
    let form = form_of(conn, ctx, &call)?;
    let base = ctx.env.config.base_url();
    let basics = applications::basics()?;
    let data = rules::competition(call, basics, form, ctx.today(), &base).ok_or_else(missing)?;
    let (status, message) = SUCCESS;
    Ok(CompetitionAnswer { status, message, data })
}

/// The forms of public calls, the newest call's first; calls that ask nothing of their own have
/// none.
///
/// # Errors
/// 422 for a page that cannot be.
pub fn forms(conn: &mut Conn, ctx: &Ctx, form: &PageForm) -> Result<FormPage> {
    authz::require(ctx, Action::ListProtocolForms, &[])?;
    let mut fields = Fields::new();
    let paging = rules::paging(&mut fields, "?", form);
    fields.finish()?;
    let (calls, total) = store::with_forms(conn, paging)?;
    let ids: Vec<CallId> = calls.iter().map(|call| call.id).collect();
    let mut forms = answers::service::public_forms(conn, &ids)?;
    let form = |call: &PublicCall| {
        let (asked, schema) = forms.remove(&call.id)?;
        rules::form(call, &asked, schema)
    };
    let items = calls.iter().filter_map(form).collect();
    let (status, message) = SUCCESS;
    Ok(FormPage { status, message, items, pagination_info: paging.told(total) })
}

/// The form of a public call, by the call's id; or what every application says, by its own.
///
/// # Errors
/// 404 for what is no id, is not there, is not public, or asks nothing of its own.
pub fn form(conn: &mut Conn, ctx: &Ctx, id: &str) -> Result<FormAnswer> {
    authz::require(ctx, Action::GetProtocolForm, &[])?;
    let missing = || Problem::not_found("form");
    let id: CallId = id.parse().map_err(|_| missing())?;
    let data = match id.uuid() {
        BASICS => applications::basics()?,
        _ => {
            let call = store::find(conn, id)?.ok_or_else(missing)?;
            form_of(conn, ctx, &call)?.ok_or_else(missing)?
        }
    };
    let (status, message) = SUCCESS;
    Ok(FormAnswer { status, message, data })
}

/// What a public call asks: everybody may read it who may read the call.
fn form_of(conn: &mut Conn, ctx: &Ctx, call: &PublicCall) -> Result<Option<ProtocolForm>> {
    let asked = answers::service::get_form(conn, ctx, call.id, None)?;
    let schema = answers::service::form_schema(conn, ctx, call.id, Some(asked.version))?;
    Ok(rules::form(call, &asked, schema))
}

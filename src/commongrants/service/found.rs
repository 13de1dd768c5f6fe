//! Use-cases of the protocol: finding applications. They are those that lists show.

use super::super::model::{
    AppFilterInfo, AppSearchForm, AppSortBy, AppSortInfo, ApplicationResults, SortOrder,
};
use super::super::rules::found as rules;
use super::SUCCESS;
use crate::applications;
use crate::applications::service::{MOST, Numbered};
use crate::kernel::Result;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// A page of the applications that the actor comes across in lists, the newest first.
///
/// # Errors
/// 422 with every field that cannot be read, and every filter and order that cannot be followed.
pub fn search_applications(
    conn: &mut Conn,
    ctx: &Ctx,
    form: AppSearchForm,
) -> Result<ApplicationResults> {
    authz::require(ctx, Action::SearchProtocolApplications, &[])?;
    let sought = rules::sought(&form)?;
    let asked = Numbered {
        statuses: sought.statuses.as_deref(),
        calls: sought.calls.as_deref(),
        offset: sought.paging.offset(),
        size: sought.paging.size,
    };
    let found = applications::service::numbered(conn, ctx, asked)?;
    let mut errors = Vec::new();
    if found.more && found.total < MOST {
        let count = found.total;
        errors.push(format!("There are more: totalItems counts the first {count} of them alone."));
    } else if found.more {
        errors.push(format!("These are the newest {MOST}: ask for less to find others."));
    }
    let (status, message) = SUCCESS;
    Ok(ApplicationResults {
        status,
        message,
        items: found.rows.into_iter().map(rules::application).collect(),
        pagination_info: sought.paging.told(found.total),
        sort_info: AppSortInfo { sort_by: AppSortBy::CreatedAt, sort_order: SortOrder::Desc },
        filter_info: AppFilterInfo { filters: form.filters.unwrap_or_default(), errors },
    })
}

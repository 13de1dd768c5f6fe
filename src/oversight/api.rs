//! Reading the audit log.

use super::service;
use crate::kernel::Result;
use crate::kernel::ids::{Id, PersonId, of};
use crate::kernel::page::{Page, PageQuery};
use crate::kernel::problem::Problem;
use crate::platform::audit::{AuditRow, Filter};
use crate::platform::authz::Action;
use crate::platform::http::{App, Caller, Done, Problems, Query, Routes, query};
use actix_web::{HttpResponse, get};
use serde::Deserialize;

/// The id of an object of any kind.
type AnyId = Id<of::Audit>;

/// Registers the routes.
pub fn routes(cfg: &mut Routes<'_, '_>) {
    cfg.service(list_audit);
}

/// Which changes to list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Only changes of this kind of object, for example `offer`; goes with `object_id`.
    pub object_kind: Option<String>,
    /// Only changes of this object; goes with `object_kind`.
    pub object_id: Option<AnyId>,
    /// Only what this person did.
    pub person_id: Option<PersonId>,
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub after: Option<String>,
}

impl AuditQuery {
    fn filter(&self) -> Result<Filter> {
        let object = match (&self.object_kind, self.object_id) {
            (Some(kind), Some(id)) => Some((kind.clone(), id.uuid())),
            (None, None) => None,
            (Some(_), None) => return Err(together("?object_id")),
            (None, Some(_)) => return Err(together("?object_kind")),
        };
        Ok(Filter { object, person: self.person_id })
    }
}

fn together(missing: &str) -> Problem {
    Problem::field(missing, "required", "give object_kind and object_id together")
}

/// Who changed what, newest first; without what is hidden from who has a stake in an application.
#[utoipa::path(
    operation_id = "list_audit",
    tag = "audit",
    params(AuditQuery),
    responses((status = 200, body = Page<AuditRow>), Problems)
)]
#[get("/api/v1/audit")]
pub async fn list_audit(app: App, caller: Caller, asked: Query<AuditQuery>) -> HttpResponse {
    query(&app, caller, Action::ListAudit, move |conn, ctx| {
        let asked = asked.read()?;
        let page = PageQuery { limit: asked.limit, after: asked.after.clone() };
        let page = page.checked::<of::Audit>()?;
        Done::ok(&service::audit(conn, ctx, &asked.filter()?, &page)?)
    })
    .await
}

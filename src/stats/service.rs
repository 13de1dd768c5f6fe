//! Use-cases of published figures.

use super::model::{CallStats, Span};
use super::rules;
use crate::applications;
use crate::calls;
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{CallId, of};
use crate::kernel::page::{Page, PageOf};
use crate::kernel::time::Date;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

/// Calls to a page: each may have two years of months.
const CALLS_MAX: i64 = 50;

/// Which figures.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Only of this call.
    pub call_id: Option<CallId>,
    /// From the month of this day on.
    pub from: Option<Date>,
    /// Up to the month of this day.
    pub to: Option<Date>,
}

/// How long decisions took in each public call, the newest call first.
///
/// # Errors
/// 422 for months out of range.
pub fn decisions(
    conn: &mut Conn,
    ctx: &Ctx,
    asked: Asked,
    page: &PageOf<of::Call>,
) -> Result<Page<CallStats>> {
    authz::require(ctx, Action::ListDecisionStats, &[])?;
    let mut fields = Fields::new();
    let Span { from, to } = rules::span(&mut fields, asked.from, asked.to, ctx.today());
    fields.finish()?;
    let page = PageOf { limit: page.limit.min(CALLS_MAX), after: page.after };
    let calls = calls::service::announced(conn, asked.call_id, &page)?;
    let ids: Vec<CallId> = calls.items.iter().map(|call| call.id).collect();
    let counted = applications::service::counted(conn, &ids, (from, to))?;
    let waiting = applications::service::waiting_in(conn, &ids)?;
    Ok(calls.map(|call| {
        let found = waiting.iter().find(|line| line.0 == call.id);
        let lines = counted.iter().filter(|line| line.0 == call.id);
        let lines: Vec<_> = lines.map(|line| (line.1, line.2, line.3, line.4)).collect();
        let months = rules::months(&lines);
        CallStats {
            call_id: call.id,
            title: call.title,
            promised_days: call.decision_days,
            waiting: rules::waiting(found.map(|line| (line.1, line.2.date())), ctx.today()),
            span: rules::together(&lines),
            months,
        }
    }))
}

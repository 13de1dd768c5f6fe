//! The ledger with what only the domains know.

use super::super::store;
use crate::kernel::Result;
use crate::kernel::money::Currency;
use crate::ledger::export::{self, Names, Query};
use crate::ledger::service::{self as ledger, CheckReport, Expectations, SealHead};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{budgets, disbursements, funds, grants, offers};
use std::collections::BTreeMap;
use std::io::Write;

/// Proves every invariant of the ledger, those included that the domains take part in.
pub fn check(conn: &mut Conn, ctx: &Ctx) -> Result<CheckReport> {
    authz::require(ctx, Action::CheckLedger, &[])?;
    prove(conn, None)
}

/// The same, for the command line; `against` is a seal that was kept outside.
pub fn prove(conn: &mut Conn, against: Option<&SealHead>) -> Result<CheckReport> {
    let expected = Expectations {
        reserved: sums(offers::service::expected_reserved(conn)?),
        committed: sums(grants::service::expected_committed(conn)?),
        payable: sums(grants::service::expected_payable(conn)?),
        in_transit: sums(disbursements::service::expected_in_transit(conn)?),
        tied: sums(funds::service::expected_tied(conn)?),
        contributed: store::contributed(conn)?,
        charged: store::charged(conn)?,
        strayed: store::strayed(conn)?,
        uneven: store::uneven(conn)?,
    };
    ledger::check(conn, expected, against)
}

fn sums<K: Ord>(rows: Vec<(K, Currency, i64)>) -> BTreeMap<(K, Currency), i128> {
    let mut sums = BTreeMap::new();
    for (id, currency, minor) in rows {
        *sums.entry((id, currency)).or_insert(0) += i128::from(minor);
    }
    sums
}

/// Writes the journal with the names of funds, budgets and bank accounts.
pub fn export(conn: &mut Conn, ctx: &Ctx, query: &Query, out: &mut dyn Write) -> Result<()> {
    authz::require(ctx, Action::ExportLedger, &[])?;
    let names = Names {
        funds: funds::service::names(conn)?.into_iter().collect(),
        budgets: budgets::service::names(conn)?.into_iter().collect(),
        banks: funds::service::bank_names(conn)?.into_iter().collect(),
    };
    export::export(conn, query, &names, ctx.today(), out)
}

//! The tables, one file per migration.

pub mod applications;
pub mod funds;
pub mod grants;
pub mod ledger;
pub mod payments;
pub mod people;
pub mod platform;

pub use applications::*;
pub use funds::*;
pub use grants::*;
pub use ledger::*;
pub use payments::*;
pub use people::*;
pub use platform::*;

diesel::allow_tables_to_appear_in_same_query!(
    idempotency_keys,
    jobs,
    events,
    audit_log,
    people,
    mail_tokens,
    sessions,
    refresh_tokens,
    access_tokens,
    bank_accounts,
    funds,
    contributions,
    budgets,
    allocations,
    approvals,
    approval_votes,
    calls,
    call_funds,
    applications,
    application_members,
    conflicts,
    offers,
    payees,
    grants,
    grant_sources,
    tranches,
    tranche_parts,
    templates,
    agreements,
    signatures,
    requirements,
    payment_batches,
    disbursements,
    attempts,
    reports,
    checkpoints,
    import_rows,
);

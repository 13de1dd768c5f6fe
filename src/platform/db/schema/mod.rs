//! The tables, one file per migration.

pub mod accounts;
pub mod awards;
pub mod directory;
pub mod intake;
pub mod ledger;
pub mod money;
pub mod payments;
pub mod platform;

pub use accounts::*;
pub use awards::*;
pub use directory::*;
pub use intake::*;
pub use ledger::*;
pub use money::*;
pub use payments::*;
pub use platform::*;

diesel::allow_tables_to_appear_in_same_query!(
    ledger_accounts,
    ledger_entries,
    ledger_postings,
    ledger_unsealed,
    ledger_seals,
    meta,
    idempotency_keys,
    jobs,
    events,
    audit_log,
    people,
    mail_tokens,
    sessions,
    factors,
    recovery_codes,
    challenges,
    refresh_tokens,
    access_tokens,
    person_accounts,
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
    conflict_exceptions,
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
    agendas,
    profiles,
    profile_agendas,
    agenda_people,
    application_agendas,
    budget_agendas,
    delegations,
    merges,
    nominations,
);

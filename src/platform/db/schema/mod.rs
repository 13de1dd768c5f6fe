//! The tables, one file per migration.

pub mod accounts;
pub mod answers;
pub mod awards;
pub mod decisions;
pub mod directory;
pub mod discovery;
pub mod files;
pub mod intake;
pub mod ledger;
pub mod money;
pub mod payments;
pub mod platform;
pub mod publishing;
pub mod review;
pub mod routes;
pub mod talk;

pub use accounts::*;
pub use answers::*;
pub use awards::*;
pub use decisions::*;
pub use directory::*;
pub use discovery::*;
pub use files::*;
pub use intake::*;
pub use ledger::*;
pub use money::*;
pub use payments::*;
pub use platform::*;
pub use publishing::*;
pub use review::*;
pub use routes::*;
pub use talk::*;

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
    still_counted,
    bank_accounts,
    funds,
    contributions,
    bank_charges,
    bank_transfers,
    budgets,
    allocations,
    approvals,
    approval_votes,
    calls,
    call_funds,
    call_forms,
    application_answers,
    answer_bank,
    application_versions,
    application_routes,
    applications,
    application_texts,
    application_members,
    conflicts,
    conflict_exceptions,
    lifted_conflicts,
    attachments,
    call_decisions,
    application_clocks,
    application_extensions,
    decision_tallies,
    decline_templates,
    application_declines,
    appeals,
    application_resubmissions,
    application_deletions,
    comments,
    comment_mentions,
    offers,
    award_notices,
    search_documents,
    search_contents,
    search_due,
    saved_searches,
    similar_due,
    similar_texts,
    similar_bands,
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
    payment_files,
    disbursements,
    attempts,
    reports,
    checkpoints,
    import_rows,
    agendas,
    profiles,
    profile_agendas,
    agenda_people,
    directory_messages,
    application_agendas,
    budget_agendas,
    review_settings,
    reviews,
    review_versions,
    review_decisions,
    vouch_requests,
    vouches,
    lane_members,
    screening_sets,
    screenings,
    concerns,
    lane_log,
    publications,
    earmarks,
    announcements,
    delegations,
    merges,
    nominations,
);

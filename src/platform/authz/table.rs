//! The table itself, a row for each operation of the API: what it is called, what it acts on, the
//! scope that it needs, whether it hides, its key, and who may.

use super::factor::Asks;
use super::policy::{Allow, Key, Relation, Rule, asks, is_hidden, policy};
use crate::kernel::actor::{Errand, Role};
use Allow::{Anyone, Person, Rel};
const ADMIN: Allow = Allow::Role(Role::Admin);
const FINANCE: Allow = Allow::Role(Role::Finance);
const AUDITOR: Allow = Allow::Role(Role::Auditor);
const REGRANTOR: Allow = Allow::Role(Role::Regrantor);
const OWN: Allow = Rel(Relation::Own);
const HOLDER: Allow = Rel(Relation::Holder);
const TEAM: Allow = Rel(Relation::Team);
const INVITED: Allow = Rel(Relation::Invited);
const DRAFTER: Allow = Rel(Relation::Delegate(Errand::Draft));
const SUBMITTER: Allow = Rel(Relation::Delegate(Errand::Submit));
const REPORTER: Allow = Rel(Relation::Delegate(Errand::Report));
const NAMED: Allow = Rel(Relation::Named);
const RECIPIENT: Allow = Rel(Relation::Recipient);
const BACKER: Allow = Rel(Relation::Backer);
const CONTRIBUTOR: Allow = Rel(Relation::Contributor);
const PUBLIC: Allow = Rel(Relation::Public);
const KNOWN: Allow = Rel(Relation::Known);

policy! {
    "auth" {
        Register = "register", "account", "account", open, Never, [Anyone];
        ConfirmEmail = "confirm_email", "account", "account", open, Never, [Anyone];
        Login = "login", "account", "account", open, Never, [Anyone];
        LoginFactor = "login_factor", "account", "account", open, Never, [Anyone];
        StepUp = "step_up", "session", "account", open, Never, [Person];
        RefreshSession = "refresh_session", "session", "account", open, Never, [Anyone];
        Logout = "logout", "session", "account", open, Never, [Person], enrol;
        RequestPasswordReset = "request_password_reset", "account", "account", open, Never, [Anyone];
        ResetPassword = "reset_password", "account", "account", open, Never, [Anyone];
        ChangePassword = "change_password", "account", "account", open, Never, [Person];
    }
    "me" {
        GetMe = "get_me", "account", "me:read", open, No, [Person];
        EditMe = "edit_me", "account", "me:write", open, May, [Person];
        GetFactor = "get_factor", "factor", "account", open, No, [Person], enrol;
        EnrolFactor = "enrol_factor", "factor", "account", open, Never, [Person], enrol;
        ConfirmFactor = "confirm_factor", "factor", "account", open, Never, [Person], enrol;
        RemoveFactor = "remove_factor", "factor", "account", open, Never, [Person], step_up;
        RenewRecoveryCodes = "renew_recovery_codes", "factor", "account", open, Never, [Person], step_up;
        GetNext = "get_next", "account", "applications:read", open, No, [Person];
        ListSessions = "list_sessions", "session", "account", open, No, [Person];
        EndOtherSessions = "end_other_sessions", "session", "account", open, Never, [Person];
        EndSession = "end_session", "session", "account", hidden, Never, [OWN];
        ListAccessTokens = "list_access_tokens", "access token", "account", open, No, [Person];
        CreateAccessToken = "create_access_token", "access token", "account", open, Never, [Person], step_up;
        RevokeAccessToken = "revoke_access_token", "access token", "account", hidden, Never, [OWN];
    }
    "people" {
        ListPeople = "list_people", "person", "people:read", open, No, [ADMIN, AUDITOR];
        GetPerson = "get_person", "person", "people:read", hidden, No, [ADMIN, FINANCE, AUDITOR, OWN];
        GrantRole = "grant_role", "person", "people:write", open, May, [ADMIN], step_up;
        RemoveRole = "remove_role", "person", "people:write", open, May, [ADMIN], step_up;
        ResetFactor = "reset_factor", "person", "people:write", open, May, [ADMIN], step_up;
        SuspendPerson = "suspend_person", "person", "people:write", open, May, [ADMIN];
        ReactivatePerson = "reactivate_person", "person", "people:write", open, May, [ADMIN], step_up;
    }
    "agendas" {
        ListAgendas = "list_agendas", "agenda", "agendas:read", open, No, [Anyone];
        GetAgenda = "get_agenda", "agenda", "agendas:read", open, No, [Anyone];
        CreateAgenda = "create_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        EditAgenda = "edit_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        RetireAgenda = "retire_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        RestoreAgenda = "restore_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        ListAgendaPeople = "list_agenda_people", "agenda", "agendas:read", open, No, [Person];
        ListAgendaApplications = "list_agenda_applications", "agenda", "agendas:read", open, No, [Anyone];
        ListAgendaGrants = "list_agenda_grants", "agenda", "agendas:read", open, No, [Anyone];
        ListApplicationAgendas = "list_application_agendas", "application", "applications:read", hidden, No,
            [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        SetApplicationAgendas = "set_application_agendas", "application", "applications:write", open, May, [OWN, DRAFTER];
        GetProfile = "get_profile", "profile", "me:read", open, No, [Person];
        SetProfile = "set_profile", "profile", "me:write", open, May, [Person];
    }
    "delegations" {
        AppointDelegate = "appoint_delegate", "delegation", "account", open, May, [Person];
        ListDelegates = "list_delegates", "delegation", "me:read", open, No, [Person];
        ListDelegations = "list_delegations", "delegation", "me:read", open, No, [Person];
        GetDelegation = "get_delegation", "delegation", "me:read", hidden, No, [OWN, NAMED, INVITED];
        AcceptDelegation = "accept_delegation", "delegation", "account", hidden, Never, [INVITED];
        DeclineDelegation = "decline_delegation", "delegation", "account", hidden, Never, [INVITED];
        RevokeDelegation = "revoke_delegation", "delegation", "account", hidden, May, [OWN, NAMED];
    }
    "funds" {
        CreateBankAccount = "create_bank_account", "bank account", "funds:write", open, May, [ADMIN];
        ListBankAccounts = "list_bank_accounts", "bank account", "funds:read", open, No, [ADMIN, FINANCE, AUDITOR];
        CreateFund = "create_fund", "fund", "funds:write", open, May, [ADMIN];
        EditFund = "edit_fund", "fund", "funds:write", open, May, [ADMIN];
        CloseFund = "close_fund", "fund", "funds:write", open, May, [ADMIN];
        ListFunds = "list_funds", "fund", "funds:read", open, No, [Person];
        GetFund = "get_fund", "fund", "funds:read", hidden, No, [ADMIN, FINANCE, AUDITOR, CONTRIBUTOR];
        RecordContribution = "record_contribution", "fund", "funds:write", open, Must, [FINANCE];
        ListContributions = "list_contributions", "fund", "funds:read", hidden, No, [ADMIN, FINANCE, AUDITOR, CONTRIBUTOR];
        GetFundStatement = "get_fund_statement", "fund", "ledger:read", hidden, No, [ADMIN, FINANCE, AUDITOR, CONTRIBUTOR];
    }
    "budgets" {
        CreateBudget = "create_budget", "budget", "budgets:write", open, May, [ADMIN];
        EditBudget = "edit_budget", "budget", "budgets:write", open, May, [ADMIN];
        CloseBudget = "close_budget", "budget", "budgets:write", open, May, [ADMIN];
        AllocateBudget = "allocate_budget", "budget", "budgets:write", open, Must, [ADMIN];
        RecallBudget = "recall_budget", "budget", "budgets:write", open, Must, [ADMIN];
        ListBudgets = "list_budgets", "budget", "budgets:read", open, No, [Person];
        GetBudget = "get_budget", "budget", "budgets:read", hidden, No, [ADMIN, FINANCE, AUDITOR, HOLDER];
        ListAllocations = "list_allocations", "budget", "budgets:read", hidden, No, [ADMIN, FINANCE, AUDITOR, HOLDER];
        GetBudgetStatement = "get_budget_statement", "budget", "ledger:read", hidden, No, [ADMIN, FINANCE, AUDITOR, HOLDER];
    }
    "calls" {
        CreateCall = "create_call", "call", "calls:write", open, May, [ADMIN];
        EditCall = "edit_call", "call", "calls:write", open, May, [ADMIN];
        OpenCall = "open_call", "call", "calls:write", open, May, [ADMIN];
        CloseCall = "close_call", "call", "calls:write", open, May, [ADMIN];
        ListCalls = "list_calls", "call", "calls:read", open, No, [Anyone];
        GetCall = "get_call", "call", "calls:read", hidden, No, [PUBLIC, KNOWN, ADMIN, AUDITOR];
    }
    "applications" {
        CreateApplication = "create_application", "application", "applications:write", open, May, [Person];
        EditApplication = "edit_application", "application", "applications:write", open, May, [OWN, DRAFTER];
        SubmitApplication = "submit_application", "application", "applications:write", open, May, [OWN, SUBMITTER];
        WithdrawApplication = "withdraw_application", "application", "applications:write", open, May, [OWN, SUBMITTER];
        ListApplications = "list_applications", "application", "applications:read", open, No, [Anyone];
        GetApplication = "get_application", "application", "applications:read", hidden, No,
            [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        OpenApplication = "open_application", "application", "applications:screen", open, May, [ADMIN];
        RequestChanges = "request_changes", "application", "applications:screen", open, May, [ADMIN];
        DeclineApplication = "decline_application", "application", "applications:screen", open, May, [ADMIN];
        InviteMember = "invite_member", "application", "applications:write", open, May, [OWN];
        RemoveMember = "remove_member", "application", "applications:write", open, May, [OWN];
        AcceptMembership = "accept_membership", "application", "applications:write", open, May, [INVITED];
        DeclineMembership = "decline_membership", "application", "applications:write", open, May, [INVITED, TEAM];
        ListMembers = "list_members", "application", "applications:read", hidden, No,
            [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        DeclareConflict = "declare_conflict", "application", "applications:write", open, May, [REGRANTOR, ADMIN, FINANCE, Allow::Role(Role::Reviewer)];
        ExceptConflict = "except_conflict", "application", "applications:screen", open, May, [ADMIN], step_up;
        ListConflictExceptions = "list_conflict_exceptions", "application", "applications:screen", open, No, [ADMIN, AUDITOR];
        ListConflicts = "list_conflicts", "application", "applications:screen", open, No, [ADMIN, AUDITOR];
    }
    "joining" {
        ProposeMerge = "propose_merge", "application", "applications:write", open, May, [OWN, TEAM, INVITED];
        ListMerges = "list_merges", "application", "applications:read", open, No, [OWN];
        GetMerge = "get_merge", "merge", "applications:read", hidden, No, [OWN, INVITED];
        AcceptMerge = "accept_merge", "merge", "applications:write", hidden, May, [INVITED];
        DeclineMerge = "decline_merge", "merge", "applications:write", hidden, May, [INVITED];
        WithdrawMerge = "withdraw_merge", "merge", "applications:write", hidden, May, [OWN];
        Nominate = "nominate", "nomination", "applications:write", open, May, [REGRANTOR];
        ListNominations = "list_nominations", "nomination", "applications:read", open, No, [Person];
        GetNomination = "get_nomination", "nomination", "applications:read", hidden, No, [OWN, NAMED, INVITED];
        AcceptNomination = "accept_nomination", "nomination", "applications:write", hidden, Never, [INVITED];
        DeclineNomination = "decline_nomination", "nomination", "applications:write", hidden, Never, [INVITED];
        WithdrawNomination = "withdraw_nomination", "nomination", "applications:write", hidden, May, [OWN];
    }
    "offers" {
        PlaceOffer = "place_offer", "application", "offers:write", open, Must, [Allow::RoleRel(Role::Regrantor, Relation::Holder)];
        ListApplicationOffers = "list_application_offers", "application", "offers:read", hidden, No, [OWN, TEAM, BACKER, ADMIN, FINANCE, AUDITOR, REGRANTOR];
        ListOffers = "list_offers", "offer", "offers:read", open, No, [Person];
        GetOffer = "get_offer", "offer", "offers:read", hidden, No, [OWN, HOLDER, RECIPIENT, ADMIN, FINANCE, AUDITOR];
        ApproveOffer = "approve_offer", "offer", "offers:approve", open, Must, [ADMIN], step_up;
        DenyOffer = "deny_offer", "offer", "offers:approve", open, Must, [ADMIN];
        WithdrawOffer = "withdraw_offer", "offer", "offers:write", hidden, Must, [OWN];
        AwardApplication = "award_application", "application", "grants:award", open, Must, [ADMIN], step_up;
    }
    "grants" {
        ListGrants = "list_grants", "grant", "grants:read", open, No, [Person];
        GetGrant = "get_grant", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        GetGrantStatement = "get_grant_statement", "grant", "ledger:read", hidden, No, [RECIPIENT, BACKER, ADMIN, FINANCE, AUDITOR];
        SetGrantPayee = "set_grant_payee", "grant", "grants:write", open, May, [RECIPIENT], step_up;
        ReleaseTranche = "release_tranche", "grant", "grants:release", open, Must, [FINANCE, ADMIN], step_up;
        UndoRelease = "undo_release", "grant", "grants:release", open, Must, [FINANCE, ADMIN], step_up;
        PauseGrant = "pause_grant", "grant", "grants:manage", open, May, [ADMIN];
        ResumeGrant = "resume_grant", "grant", "grants:manage", open, May, [ADMIN];
        WindDownGrant = "wind_down_grant", "grant", "grants:manage", open, Must, [ADMIN];
        CloseGrant = "close_grant", "grant", "grants:manage", open, Must, [ADMIN];
        CancelGrant = "cancel_grant", "grant", "grants:manage", open, Must, [ADMIN];
        RecordRefund = "record_refund", "grant", "grants:release", open, Must, [FINANCE];
        GetAgreement = "get_agreement", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
        GetAgreementText = "get_agreement_text", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
        SignAgreement = "sign_agreement", "grant", "account", open, May, [RECIPIENT, ADMIN];
        VerifyAgreement = "verify_agreement", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
        ListTemplates = "list_templates", "template", "templates:read", open, No, [ADMIN, AUDITOR];
        CreateTemplate = "create_template", "template", "templates:write", open, May, [ADMIN];
        ListRequirements = "list_requirements", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
        ProvideRequirement = "provide_requirement", "grant", "grants:write", open, May, [RECIPIENT, FINANCE];
        SatisfyRequirement = "satisfy_requirement", "grant", "grants:manage", open, May, [FINANCE], step_up;
        RefuseRequirement = "refuse_requirement", "grant", "grants:manage", open, May, [FINANCE];
        WaiveRequirement = "waive_requirement", "grant", "grants:manage", open, May, [ADMIN], step_up;
    }
    "payees" {
        CreatePayee = "create_payee", "payee", "account", open, Never, [Person], step_up;
        EditPayee = "edit_payee", "payee", "account", open, Never, [OWN], step_up;
        SubmitPayee = "submit_payee", "payee", "payees:write", open, May, [OWN];
        ListPayees = "list_payees", "payee", "payees:read", open, No, [Person];
        GetPayee = "get_payee", "payee", "payees:read", hidden, No, [OWN, FINANCE, ADMIN, AUDITOR];
        VerifyPayee = "verify_payee", "payee", "payees:verify", open, May, [FINANCE], step_up;
        RejectPayee = "reject_payee", "payee", "payees:verify", open, May, [FINANCE];
    }
    "disbursements" {
        DraftDisbursement = "draft_disbursement", "grant", "disbursements:write", open, Must, [FINANCE];
        ListDisbursements = "list_disbursements", "disbursement", "disbursements:read", open, No, [FINANCE, ADMIN, AUDITOR];
        GetDisbursement = "get_disbursement", "disbursement", "disbursements:read", hidden, No, [RECIPIENT, FINANCE, ADMIN, AUDITOR];
        ApproveDisbursement = "approve_disbursement", "disbursement", "disbursements:approve", open, Must, [FINANCE, ADMIN], step_up;
        VoidDisbursement = "void_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        RetryDisbursement = "retry_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        SettleDisbursement = "settle_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        ReturnDisbursement = "return_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        CreatePaymentBatch = "create_payment_batch", "payment batch", "disbursements:pay", open, Must, [FINANCE], step_up;
        ListPaymentBatches = "list_payment_batches", "payment batch", "disbursements:read", open, No, [FINANCE, ADMIN, AUDITOR];
        GetPaymentBatch = "get_payment_batch", "payment batch", "disbursements:read", hidden, No, [FINANCE, ADMIN, AUDITOR];
        GetPaymentFile = "get_payment_file", "payment batch", "disbursements:pay", hidden, Never, [FINANCE], step_up;
        SettlePaymentBatch = "settle_payment_batch", "payment batch", "disbursements:write", open, Must, [FINANCE];
    }
    "progress" {
        ListReports = "list_reports", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        EditReport = "edit_report", "report", "reports:write", open, May, [RECIPIENT, TEAM, REPORTER];
        SubmitReport = "submit_report", "report", "reports:write", open, May, [RECIPIENT, TEAM, REPORTER];
        AcceptReport = "accept_report", "report", "reports:decide", open, Must, [ADMIN, BACKER], step_up;
        ReturnReport = "return_report", "report", "reports:decide", open, May, [ADMIN, BACKER];
        ListCheckpoints = "list_checkpoints", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        AddCheckpoint = "add_checkpoint", "grant", "reports:decide", open, May, [ADMIN, BACKER];
        ReportCheckpoint = "report_checkpoint", "checkpoint", "reports:write", open, May, [RECIPIENT, TEAM, BACKER];
        DecideCheckpoint = "decide_checkpoint", "checkpoint", "reports:decide", open, Must, [ADMIN, BACKER], step_up;
    }
    "ledger" {
        ListLedgerAccounts = "list_ledger_accounts", "account", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        ListLedgerEntries = "list_ledger_entries", "entry", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        GetLedgerEntry = "get_ledger_entry", "entry", "ledger:read", hidden, No, [FINANCE, ADMIN, AUDITOR];
        GetTrialBalance = "get_trial_balance", "trial balance", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        ExportLedger = "export_ledger", "ledger", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        CheckLedger = "check_ledger", "ledger", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
    }
    "operations" {
        ListAudit = "list_audit", "audit", "audit:read", open, No, [ADMIN, AUDITOR];
        ListDeadJobs = "list_dead_jobs", "job", "jobs:read", open, No, [ADMIN];
        RetryJob = "retry_job", "job", "jobs:write", open, May, [ADMIN];
    }
}

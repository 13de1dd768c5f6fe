//! The table itself, a row for each operation of the API: what it is called, what it acts on, the
//! scope that it needs, whether it hides, its key, and who may.

use super::factor::Asks;
use super::policy::{Allow, Key, Relation, Rule, asks, is_hidden, policy};
use crate::kernel::actor::Role;
use Allow::{Anyone, Person, Rel};
const ADMIN: Allow = Allow::Role(Role::Admin);
const FINANCE: Allow = Allow::Role(Role::Finance);
const AUDITOR: Allow = Allow::Role(Role::Auditor);
const REGRANTOR: Allow = Allow::Role(Role::Regrantor);
const OWN: Allow = Rel(Relation::Own);
const HOLDER: Allow = Rel(Relation::Holder);
const TEAM: Allow = Rel(Relation::Team);
const INVITED: Allow = Rel(Relation::Invited);
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
        GetCallDecisions = "get_call_decisions", "call", "calls:read", hidden, No, [PUBLIC, KNOWN, ADMIN, AUDITOR];
        SetCallDecisions = "set_call_decisions", "call", "calls:write", open, May, [ADMIN];
    }
    "applications" {
        CreateApplication = "create_application", "application", "applications:write", open, May, [Person];
        EditApplication = "edit_application", "application", "applications:write", open, May, [OWN];
        SubmitApplication = "submit_application", "application", "applications:write", open, May, [OWN];
        WithdrawApplication = "withdraw_application", "application", "applications:write", open, May, [OWN];
        ListApplications = "list_applications", "application", "applications:read", open, No, [Anyone];
        GetApplication = "get_application", "application", "applications:read", hidden, No,
            [OWN, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        OpenApplication = "open_application", "application", "applications:screen", open, May, [ADMIN];
        RequestChanges = "request_changes", "application", "applications:screen", open, May, [ADMIN];
        DeclineApplication = "decline_application", "application", "applications:screen", open, May, [ADMIN];
        InviteMember = "invite_member", "application", "applications:write", open, May, [OWN];
        RemoveMember = "remove_member", "application", "applications:write", open, May, [OWN];
        AcceptMembership = "accept_membership", "application", "applications:write", open, May, [INVITED];
        DeclineMembership = "decline_membership", "application", "applications:write", open, May, [INVITED, TEAM];
        ListMembers = "list_members", "application", "applications:read", hidden, No,
            [OWN, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        DeclareConflict = "declare_conflict", "application", "applications:write", open, May, [REGRANTOR, ADMIN, FINANCE, Allow::Role(Role::Reviewer)];
        ExceptConflict = "except_conflict", "application", "applications:screen", open, May, [ADMIN], step_up;
        ListConflictExceptions = "list_conflict_exceptions", "application", "applications:screen", open, No, [ADMIN, AUDITOR];
        ListConflicts = "list_conflicts", "application", "applications:screen", open, No, [ADMIN, AUDITOR];
    }
    "comments" {
        CreateComment = "create_comment", "application", "applications:write", open, May,
            [OWN, TEAM, KNOWN, ADMIN, FINANCE, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        ListComments = "list_comments", "application", "applications:read", hidden, No,
            [OWN, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        EditComment = "edit_comment", "comment", "applications:write", hidden, May, [OWN];
        RemoveComment = "remove_comment", "comment", "applications:write", hidden, May, [OWN, ADMIN];
    }
    "decisions" {
        GetClock = "get_clock", "application", "applications:read", open, No, [OWN, TEAM, INVITED, ADMIN, FINANCE, AUDITOR];
        ExtendApplication = "extend_application", "application", "applications:screen", open, May, [ADMIN];
        GetDecline = "get_decline", "application", "applications:read", open, No, [OWN, TEAM, ADMIN, FINANCE, AUDITOR];
        AppealDecline = "appeal_decline", "application", "applications:write", open, May, [OWN];
        AnswerAppeal = "answer_appeal", "application", "applications:screen", open, May, [ADMIN];
        ListAppeals = "list_appeals", "appeal", "applications:screen", open, No, [ADMIN, AUDITOR];
        ResubmitApplication = "resubmit_application", "application", "applications:write", open, May, [OWN];
        CreateDeclineTemplate = "create_decline_template", "decline template", "applications:screen", open, May, [ADMIN];
        EditDeclineTemplate = "edit_decline_template", "decline template", "applications:screen", open, May, [ADMIN];
        GetDeclineTemplate = "get_decline_template", "decline template", "applications:screen", open, No, [ADMIN, AUDITOR];
        ListDeclineTemplates = "list_decline_templates", "decline template", "applications:screen", open, No, [ADMIN, AUDITOR];
        ListDecisionStats = "list_decision_stats", "figure", "calls:read", open, No, [Anyone];
    }
    "attachments" {
        AttachFile = "attach_file", "application", "applications:write", open, May, [OWN];
        ListAttachments = "list_attachments", "application", "applications:read", hidden, No,
            [OWN, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        GetAttachment = "get_attachment", "application", "applications:read", hidden, No,
            [OWN, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, Allow::RoleRel(Role::Regrantor, Relation::Backer)];
        RemoveAttachment = "remove_attachment", "application", "applications:write", open, May, [OWN];
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
        GetGrant = "get_grant", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
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
        ListReports = "list_reports", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
        EditReport = "edit_report", "report", "reports:write", open, May, [RECIPIENT, TEAM];
        SubmitReport = "submit_report", "report", "reports:write", open, May, [RECIPIENT, TEAM];
        AcceptReport = "accept_report", "report", "reports:decide", open, Must, [ADMIN, BACKER], step_up;
        ReturnReport = "return_report", "report", "reports:decide", open, May, [ADMIN, BACKER];
        ListCheckpoints = "list_checkpoints", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
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

//! The policy table: every operation of the API, who may do it, under which scope.

use super::factor::Asks;
use crate::kernel::actor::Role;

/// How an actor is related to the object at hand. Services find these; the table names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// It is theirs: their account, application, offer, payee.
    Own,
    /// They hold the budget.
    Holder,
    /// They are on the application's team, and said yes.
    Team,
    /// They were invited by name and have not answered.
    Invited,
    /// The grant is theirs to receive.
    Recipient,
    /// Their budget pays a part of it.
    Backer,
    /// They gave to the fund.
    Contributor,
    /// It is public.
    Public,
    /// They are signed in and have its address: it was made known to whoever has that.
    Known,
}

/// One way to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// Also without signing in.
    Anyone,
    /// Every signed-in person.
    Person,
    /// Everyone who holds the role.
    Role(Role),
    /// Everyone who stands in the relation.
    Rel(Relation),
    /// Those who hold the role and stand in the relation.
    RoleRel(Role, Relation),
}

impl std::fmt::Display for Allow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = |relation: &Relation| match relation {
            Relation::Own => "whose it is",
            Relation::Holder => "who holds the budget",
            Relation::Team => "who is on the team",
            Relation::Invited => "who is invited",
            Relation::Recipient => "who receives the grant",
            Relation::Backer => "whose budget pays for it",
            Relation::Contributor => "who gave to the fund",
            Relation::Public => "anyone, where it is public",
            Relation::Known => "everyone signed in who has its address",
        };
        match self {
            Allow::Anyone => f.write_str("anyone"),
            Allow::Person => f.write_str("everyone signed in"),
            Allow::Role(role) => f.write_str(role.as_str()),
            Allow::Rel(relation) => f.write_str(words(relation)),
            Allow::RoleRel(role, relation) => write!(f, "{} {}", role.as_str(), words(relation)),
        }
    }
}

/// Whether a request must carry an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A read: none.
    No,
    /// Kept if it is sent.
    May,
    /// It moves money: refused without.
    Must,
    /// Never kept: the answer or the request holds a secret.
    Never,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The operation.
    pub action: Action,
    /// What it acts on, as in “there is no such …”.
    pub resource: &'static str,
    /// The scope that a personal access token needs.
    pub scope: &'static str,
    /// Whether to answer those who are not allowed as if there were nothing.
    pub hide: bool,
    /// Whether it takes an idempotency key.
    pub key: Key,
    /// Who may.
    pub allow: &'static [Allow],
    /// What it asks of the second factor.
    pub asks: Asks,
}

/// What a row's mark means: `step_up` asks for a fresh factor; `enrol` is open to those who have
/// yet to enrol.
macro_rules! asks {
    () => {
        Asks::Enrolled
    };
    (step_up) => {
        Asks::Fresh
    };
    (enrol) => {
        Asks::Nothing
    };
}

macro_rules! policy { ($( $section:literal { $(
    $name:ident = $op:literal, $resource:literal, $scope:literal, $vis:ident, $key:ident, [$($allow:expr),+ $(,)?]
        $(, $mark:ident)?;
)* } )*) => {
    /// An operation of the API; its text is the `operationId`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Action { $($( #[doc = $op] $name, )*)* }
    impl Action {
        /// All of them, in the order of the table.
        pub const ALL: &'static [Action] = &[$($(Action::$name,)*)*];
        /// The `operationId`.
        pub const fn as_str(self) -> &'static str { match self { $($(Action::$name => $op,)*)* } }
        /// Its row.
        pub const fn rule(self) -> &'static Rule { match self { $($(Action::$name => {
            const RULE: &Rule = &Rule {
                action: Action::$name, resource: $resource, scope: $scope,
                hide: is_hidden(stringify!($vis)), key: Key::$key, allow: &[$($allow),+],
                asks: asks!($($mark)?),
            };
            RULE
        })*)* } }
        /// The part of the table that it stands in.
        pub const fn section(self) -> &'static str { match self { $($(Action::$name => $section,)*)* } }
    }
} }

const fn is_hidden(word: &str) -> bool {
    matches!(word.as_bytes(), b"hidden")
}

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

/// The table as a page of Markdown (docs/generated/authorization.md).
pub fn markdown() -> String {
    let mut page = String::from(
        "# Who may do what\n\nGenerated from `src/platform/authz/policy.rs`; do not edit.\n\n\
         *hidden*: those who may not get the answer of a missing object (404). *key*: whether \
         an `Idempotency-Key` is taken (`May`), needed (`Must`) or never kept (`Never`). A \
         personal access token also needs the scope. *factor*: `step-up` asks for a second \
         factor shown in the last five minutes, and is out of reach of personal access tokens; \
         `none` is open also to those who have yet to enrol one. The two-person rules come on top: see \
         docs/AUTHORIZATION.md.\n",
    );
    let mut section = "";
    for action in Action::ALL {
        if action.section() != section {
            section = action.section();
            page.push_str(&format!(
                "\n## {section}\n\n| operation | scope | hidden | key | factor | who |\n\
                 |---|---|---|---|---|---|\n"
            ));
        }
        let rule = action.rule();
        let who: Vec<String> = rule.allow.iter().map(ToString::to_string).collect();
        let hidden = if rule.hide { "yes" } else { "" };
        let asks = match rule.asks {
            Asks::Nothing => "none",
            Asks::Enrolled => "",
            Asks::Fresh => "step-up",
        };
        page.push_str(&format!(
            "| `{}` | `{}` | {hidden} | {:?} | {asks} | {} |\n",
            action.as_str(),
            rule.scope,
            rule.key,
            who.join("; ")
        ));
    }
    page
}

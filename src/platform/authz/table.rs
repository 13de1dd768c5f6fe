//! The table itself, a row for each operation of the API: what it is called, what it acts on, the
//! scope that it needs, whether it hides, its key, who may, and its marks: what it asks of the
//! second factor, and which counter it is counted by.

use super::allow::*;
use super::policy::Allow::{Anyone, Person};
use super::policy::{Key, Rule, asks, is_hidden, pace, policy};

policy! {
    "auth" {
        Register = "register", "account", "account", open, Never, [Anyone], register;
        ConfirmEmail = "confirm_email", "account", "account", open, Never, [Anyone], confirm;
        Login = "login", "account", "account", open, Never, [Anyone], login;
        LoginFactor = "login_factor", "account", "account", open, Never, [Anyone], factor;
        StepUp = "step_up", "session", "account", open, Never, [Person], factor;
        RefreshSession = "refresh_session", "session", "account", open, Never, [Anyone], refresh;
        Logout = "logout", "session", "account", open, Never, [Person], enrol;
        RequestPasswordReset = "request_password_reset", "account", "account", open, Never, [Anyone], ask_reset;
        ResetPassword = "reset_password", "account", "account", open, Never, [Anyone], reset;
        ChangePassword = "change_password", "account", "account", open, Never, [Person], login;
    }
    "me" {
        GetMe = "get_me", "account", "me:read", open, No, [Person];
        EditMe = "edit_me", "account", "me:write", open, May, [Person];
        GetFactor = "get_factor", "factor", "account", open, No, [Person], enrol;
        EnrolFactor = "enrol_factor", "factor", "account", open, Never, [Person], enrol, login;
        ConfirmFactor = "confirm_factor", "factor", "account", open, Never, [Person], enrol, factor;
        RemoveFactor = "remove_factor", "factor", "account", open, Never, [Person], step_up;
        RenewRecoveryCodes = "renew_recovery_codes", "factor", "account", open, Never, [Person], step_up;
        GetNext = "get_next", "account", "applications:read", open, No, [Person], search;
        PreviewInvitation = "preview_invitation", "invitation", "account", open, No, [Anyone];
        ListSessions = "list_sessions", "session", "account", open, No, [Person];
        EndOtherSessions = "end_other_sessions", "session", "account", open, Never, [Person];
        EndSession = "end_session", "session", "account", hidden, Never, [OWN];
        ListAccessTokens = "list_access_tokens", "access token", "account", open, No, [Person];
        CreateAccessToken = "create_access_token", "access token", "account", open, Never, [Person], step_up;
        RevokeAccessToken = "revoke_access_token", "access token", "account", hidden, Never, [OWN];
    }
    "people" {
        ListPeople = "list_people", "person", "people:read", open, No, [ADMIN, AUDITOR], search;
        GetPerson = "get_person", "person", "people:read", hidden, No, [ADMIN, FINANCE, AUDITOR, OWN], search;
        GrantRole = "grant_role", "person", "people:write", open, May, [ADMIN], step_up;
        RemoveRole = "remove_role", "person", "people:write", open, May, [ADMIN], step_up;
        ResetFactor = "reset_factor", "person", "people:write", open, May, [ADMIN], step_up;
        SuspendPerson = "suspend_person", "person", "people:write", open, May, [ADMIN];
        ReactivatePerson = "reactivate_person", "person", "people:write", open, May, [ADMIN], step_up;
    }
    "agendas" {
        ListAgendas = "list_agendas", "agenda", "agendas:read", open, No, [Anyone];
        GetAgenda = "get_agenda", "agenda", "agendas:read", open, No, [Anyone], search;
        CreateAgenda = "create_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        EditAgenda = "edit_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        RetireAgenda = "retire_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        RestoreAgenda = "restore_agenda", "agenda", "agendas:write", open, May, [ADMIN];
        ListAgendaPeople = "list_agenda_people", "agenda", "agendas:read", open, No, [Person];
        SendAgendaMessage = "send_agenda_message", "agenda", "me:write", open, May, [Person];
        ListAgendaApplications = "list_agenda_applications", "agenda", "agendas:read", open, No, [Anyone], search;
        ListAgendaGrants = "list_agenda_grants", "agenda", "agendas:read", open, No, [Anyone], search;
        ListApplicationAgendas = "list_application_agendas", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        SetApplicationAgendas = "set_application_agendas", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER];
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
        CreateBankAccount = "create_bank_account", "bank account", "funds:write", open, May, [ADMIN], step_up;
        ListBankAccounts = "list_bank_accounts", "bank account", "funds:read", open, No, [ADMIN, FINANCE, AUDITOR];
        CreateFund = "create_fund", "fund", "funds:write", open, May, [ADMIN];
        EditFund = "edit_fund", "fund", "funds:write", open, May, [ADMIN];
        CloseFund = "close_fund", "fund", "funds:write", open, May, [ADMIN];
        ReopenFund = "reopen_fund", "fund", "funds:write", open, May, [ADMIN];
        ListFunds = "list_funds", "fund", "funds:read", open, No, [Person];
        GetFund = "get_fund", "fund", "funds:read", hidden, No, [ADMIN, FINANCE, AUDITOR, CONTRIBUTOR];
        RecordContribution = "record_contribution", "fund", "funds:write", open, Must, [FINANCE];
        UndoContribution = "undo_contribution", "fund", "funds:write", open, Must, [FINANCE], step_up;
        ListContributions = "list_contributions", "fund", "funds:read", hidden, No, [ADMIN, FINANCE, AUDITOR, CONTRIBUTOR];
        GetFundStatement = "get_fund_statement", "fund", "ledger:read", hidden, No, [ADMIN, FINANCE, AUDITOR, CONTRIBUTOR];
        RecordBankCharge = "record_bank_charge", "fund", "funds:write", open, Must, [FINANCE];
        UndoBankCharge = "undo_bank_charge", "fund", "funds:write", open, Must, [FINANCE], step_up;
        ListBankCharges = "list_bank_charges", "fund", "funds:read", open, No, [ADMIN, FINANCE, AUDITOR];
        RecordBankTransfer = "record_bank_transfer", "bank transfer", "funds:write", open, Must, [FINANCE];
        UndoBankTransfer = "undo_bank_transfer", "bank transfer", "funds:write", open, Must, [FINANCE], step_up;
        ListBankTransfers = "list_bank_transfers", "bank transfer", "funds:read", open, No, [ADMIN, FINANCE, AUDITOR];
        GetBankStatement = "get_bank_statement", "bank account", "ledger:read", open, No, [ADMIN, FINANCE, AUDITOR], search;
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
    "answers" {
        EditCallForm = "edit_call_form", "call", "calls:write", open, May, [ADMIN];
        GetCallForm = "get_call_form", "call", "calls:read", hidden, No, [PUBLIC, KNOWN, ADMIN, AUDITOR];
        GetCallFormSchema = "get_call_form_schema", "call", "calls:read", hidden, No, [PUBLIC, KNOWN, ADMIN, AUDITOR];
        TryEligibility = "try_eligibility", "call", "calls:read", hidden, Never, [KNOWN, ADMIN, AUDITOR];
        ListMyAnswers = "list_my_answers", "remembered answer", "applications:read", open, No, [Person];
        ForgetAnswer = "forget_answer", "remembered answer", "applications:write", open, May, [Person];
    }
    "applications" {
        CreateApplication = "create_application", "application", "applications:write", open, May, [Person];
        EditApplication = "edit_application", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER];
        SubmitApplication = "submit_application", "application", "applications:write", open, May, [OWN, SUBMITTER];
        WithdrawApplication = "withdraw_application", "application", "applications:write", open, May, [OWN, SUBMITTER];
        DeleteApplication = "delete_application", "application", "applications:write", open, May, [OWN];
        ListApplications = "list_applications", "application", "applications:read", open, No, [Anyone];
        GetApplication = "get_application", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        OpenApplication = "open_application", "application", "applications:screen", open, May, [ADMIN];
        RequestChanges = "request_changes", "application", "applications:screen", open, May, [ADMIN];
        DeclineApplication = "decline_application", "application", "applications:screen", open, May, [ADMIN];
        InviteMember = "invite_member", "application", "applications:write", open, May, [OWN];
        EditMember = "edit_member", "application", "applications:write", open, May, [OWN];
        RemoveMember = "remove_member", "application", "applications:write", open, May, [OWN];
        AcceptMembership = "accept_membership", "application", "applications:write", open, May, [INVITED];
        DeclineMembership = "decline_membership", "application", "applications:write", open, May, [INVITED, TEAM];
        ListMembers = "list_members", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        DeclareConflict = "declare_conflict", "application", "applications:write", open, May, [REGRANTOR, ADMIN, FINANCE, REVIEWER];
        ExceptConflict = "except_conflict", "application", "applications:screen", open, May, [ADMIN], step_up;
        ListConflictExceptions = "list_conflict_exceptions", "application", "applications:screen", open, No, [ADMIN, AUDITOR];
        MoveApplicationForm = "move_application_form", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER];
        ListApplicationVersions = "list_application_versions", "application", "applications:read", hidden, No, [OWN, DRAFTER, TEAM, ADMIN, AUDITOR];
        GetApplicationVersion = "get_application_version", "application", "applications:read", hidden, No, [OWN, DRAFTER, TEAM, ADMIN, AUDITOR];
        RestoreApplicationVersion = "restore_application_version", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER];
        DiffApplicationVersion = "diff_application_version", "application", "applications:read", hidden, No, [OWN, DRAFTER, TEAM, ADMIN, AUDITOR], search;
        RouteApplication = "route_application", "application", "applications:write", open, May, [OWN, DRAFTER];
        ListApplicationRoutes = "list_application_routes", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, TEAM, INVITED, ADMIN, FINANCE, AUDITOR, BACKING];
        GetRoute = "get_route", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, TEAM, INVITED, ADMIN, FINANCE, AUDITOR, BACKING];
        EditRoute = "edit_route", "application", "applications:write", open, May, [OWN, DRAFTER];
        SubmitRoute = "submit_route", "application", "applications:write", open, May, [OWN, SUBMITTER];
        WithdrawRoute = "withdraw_route", "application", "applications:write", open, May, [OWN, SUBMITTER];
        DeclineRoute = "decline_route", "application", "applications:screen", open, May, [ADMIN];
        ExportApplication = "export_application", "application", "applications:read", hidden, No, [OWN, DRAFTER, TEAM], export;
        ImportApplication = "import_application", "application", "applications:write", open, May, [Person];
        ListConflicts = "list_conflicts", "application", "applications:screen", open, No, [ADMIN, AUDITOR];
    }
    "joining" {
        ProposeMerge = "propose_merge", "application", "applications:write", open, May, [OWN, TEAM, INVITED];
        ListMerges = "list_merges", "application", "applications:read", open, No, [OWN, DRAFTER, TEAM];
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
    "vouches" {
        SignVouch = "sign_vouch", "application", "vouches:write", open, May, [Person];
        ListApplicationVouches = "list_application_vouches", "application", "vouches:read", hidden, No, [OWN, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        RequestVouch = "request_vouch", "application", "vouches:write", open, May, [OWN];
        ListVouchRequests = "list_vouch_requests", "application", "vouches:read", hidden, No, [OWN];
        GetVouch = "get_vouch", "vouch", "vouches:read", hidden, No, [OWN, KNOWN, ADMIN, AUDITOR, BACKING];
        WithdrawVouch = "withdraw_vouch", "vouch", "vouches:write", open, May, [OWN];
        ListMyVouches = "list_my_vouches", "vouch", "vouches:read", open, No, [Person];
        ListPersonVouches = "list_person_vouches", "person", "vouches:read", hidden, No, [OWN, ADMIN, AUDITOR];
        ListMyVouchRequests = "list_my_vouch_requests", "vouch request", "vouches:read", open, No, [Person];
        GetVouchRequest = "get_vouch_request", "vouch request", "vouches:read", hidden, No, [OWN, INVITED];
        SignRequestedVouch = "sign_requested_vouch", "vouch request", "vouches:write", open, May, [INVITED];
        DeclineVouchRequest = "decline_vouch_request", "vouch request", "vouches:write", open, May, [INVITED];
        WithdrawVouchRequest = "withdraw_vouch_request", "vouch request", "vouches:write", open, May, [OWN];
    }
    "reviews" {
        GetReviewSettings = "get_review_settings", "call", "reviews:read", hidden, No, [ADMIN, AUDITOR, REVIEWER];
        SetReviewSettings = "set_review_settings", "call", "reviews:manage", open, May, [ADMIN];
        AssignReviewer = "assign_reviewer", "application", "reviews:manage", open, May, [ADMIN];
        AssignReviewers = "assign_reviewers", "call", "reviews:manage", open, May, [ADMIN];
        GetApplicationReviews = "get_application_reviews", "application", "reviews:read", hidden, No, [ADMIN, AUDITOR];
        DecideReviews = "decide_reviews", "application", "reviews:manage", open, May, [ADMIN];
        ListMyReviews = "list_my_reviews", "review", "reviews:read", open, No, [Person];
        GetReview = "get_review", "review", "reviews:read", hidden, No, [MY_REVIEW, ADMIN, AUDITOR];
        GetReviewVersions = "get_review_versions", "review", "reviews:read", hidden, No, [MY_REVIEW, ADMIN, AUDITOR];
        GetReviewSummary = "get_review_summary", "review", "reviews:read", hidden, No, [MY_REVIEW];
        GetReviewedApplication = "get_reviewed_application", "review", "reviews:read", hidden, No, [MY_REVIEW];
        GetReviewedAttachment = "get_reviewed_attachment", "review", "reviews:read", hidden, No, [MY_REVIEW], download;
        EditReview = "edit_review", "review", "reviews:write", open, May, [MY_REVIEW];
        SubmitReview = "submit_review", "review", "reviews:write", open, May, [MY_REVIEW];
        DeclareReviewConflict = "declare_review_conflict", "review", "reviews:write", open, May, [MY_REVIEW];
        DeclineReview = "decline_review", "review", "reviews:write", open, May, [MY_REVIEW];
        SetAsideReview = "set_aside_review", "review", "reviews:manage", open, May, [ADMIN];
    }
    "comments" {
        CreateComment = "create_comment", "application", "applications:write", open, May,
            [OWN, DRAFTER, TEAM, KNOWN, ADMIN, FINANCE, BACKING];
        ListComments = "list_comments", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        EditComment = "edit_comment", "comment", "applications:write", hidden, May, [OWN];
        RemoveComment = "remove_comment", "comment", "applications:write", hidden, May, [OWN, ADMIN];
    }
    "decisions" {
        GetClock = "get_clock", "application", "applications:read", open, No, [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, ADMIN, FINANCE, AUDITOR];
        ExtendApplication = "extend_application", "application", "applications:screen", open, May, [ADMIN];
        GetDecline = "get_decline", "application", "applications:read", open, No, [OWN, DRAFTER, SUBMITTER, TEAM, ADMIN, FINANCE, AUDITOR];
        AppealDecline = "appeal_decline", "application", "applications:write", open, May, [OWN];
        WithdrawAppeal = "withdraw_appeal", "application", "applications:write", open, May, [OWN];
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
        AttachFile = "attach_file", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER], upload;
        ListAttachments = "list_attachments", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        GetAttachment = "get_attachment", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING], download;
        RemoveAttachment = "remove_attachment", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER];
    }
    "concerns" {
        GetNeedToKnow = "get_need_to_know", "need-to-know group", "account", open, No, [ADMIN, AUDITOR, NEED_TO_KNOW];
        AddNeedToKnow = "add_need_to_know", "person", "account", open, May, [ADMIN], step_up;
        RemoveNeedToKnow = "remove_need_to_know", "person", "account", open, May, [ADMIN], step_up;
        GetScreeningQuestions = "get_screening_questions", "screening", "applications:read", open, No, [Person];
        SetScreeningQuestions = "set_screening_questions", "screening", "account", open, May, [ADMIN];
        GetScreeningForm = "get_screening_form", "application", "account", hidden, No, [OWN];
        AnswerScreening = "answer_screening", "application", "account", open, Never, [OWN];
        RespondToConcern = "respond_to_concern", "application", "account", open, Never, [OWN];
        GetScreeningConditions = "get_screening_conditions", "application", "applications:read", hidden, No, [OWN, TEAM, ADMIN, FINANCE, AUDITOR, BACKING];
        RaiseConcern = "raise_concern", "application", "account", open, Never, [Person];
        ListMyConcerns = "list_my_concerns", "concern", "account", open, No, [Person];
        ListScreenings = "list_screenings", "screening", "account", open, No, [NEED_TO_KNOW], search;
        GetScreening = "get_screening", "screening", "account", hidden, No, [NEED_TO_KNOW];
        GetScreenedAttachment = "get_screened_attachment", "screening", "account", hidden, No, [NEED_TO_KNOW], download;
        ClearScreening = "clear_screening", "screening", "account", open, Never, [NEED_TO_KNOW], step_up;
        ListConcerns = "list_concerns", "concern", "account", open, No, [NEED_TO_KNOW], search;
        GetConcern = "get_concern", "concern", "account", hidden, No, [NEED_TO_KNOW];
        AskAboutConcern = "ask_about_concern", "concern", "account", open, Never, [NEED_TO_KNOW];
        DecideConcern = "decide_concern", "concern", "account", open, Never, [NEED_TO_KNOW], step_up;
    }
    "offers" {
        PlaceOffer = "place_offer", "application", "offers:write", open, Must, [HOLDING];
        PreviewOffer = "preview_offer", "application", "offers:write", open, Never, [HOLDING];
        GetFunding = "get_funding", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, REPORTER, TEAM, INVITED, PUBLIC, ADMIN, FINANCE, AUDITOR, BACKING];
        ListApplicationOffers = "list_application_offers", "application", "offers:read", hidden, No, [OWN, TEAM, BACKER, ADMIN, FINANCE, AUDITOR, REGRANTOR];
        ListOffers = "list_offers", "offer", "offers:read", open, No, [Person];
        GetOffer = "get_offer", "offer", "offers:read", hidden, No, [OWN, HOLDER, RECIPIENT, ADMIN, FINANCE, AUDITOR];
        ApproveOffer = "approve_offer", "offer", "offers:approve", open, Must, [ADMIN], step_up;
        DenyOffer = "deny_offer", "offer", "offers:approve", open, Must, [ADMIN];
        WithdrawOffer = "withdraw_offer", "offer", "offers:write", hidden, Must, [OWN, ADMIN];
        AwardApplication = "award_application", "application", "grants:award", open, Must, [ADMIN], step_up;
    }
    "discovery" {
        SearchApplications = "search_applications", "application", "applications:read", open, No, [Anyone], search;
        ListSimilarApplications = "list_similar_applications", "application", "applications:screen", hidden, No,
            [ADMIN, AUDITOR, REVIEWER], search;
        GetQueue = "get_queue", "application", "applications:read", open, No, [REGRANTOR], search;
        CreateSavedSearch = "create_saved_search", "saved search", "searches:write", open, May, [Person];
        ListSavedSearches = "list_saved_searches", "saved search", "searches:read", open, No, [Person];
        GetSavedSearch = "get_saved_search", "saved search", "searches:read", hidden, No, [OWN];
        EditSavedSearch = "edit_saved_search", "saved search", "searches:write", hidden, May, [OWN];
        DeleteSavedSearch = "delete_saved_search", "saved search", "searches:write", hidden, May, [OWN];
        Unsubscribe = "unsubscribe", "saved search", "account", open, Never, [Anyone];
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
        UndoRefund = "undo_refund", "grant", "grants:release", open, Must, [FINANCE], step_up;
        GetAgreement = "get_agreement", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR];
        GetAgreementText = "get_agreement_text", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, BACKER, ADMIN, FINANCE, AUDITOR], download;
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
        ConfirmDouble = "confirm_double", "disbursement", "disbursements:approve", open, Must, [FINANCE, ADMIN], step_up;
        ApproveDisbursement = "approve_disbursement", "disbursement", "disbursements:approve", open, Must, [FINANCE, ADMIN], step_up;
        VoidDisbursement = "void_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        RetryDisbursement = "retry_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        SettleDisbursement = "settle_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        ReturnDisbursement = "return_disbursement", "disbursement", "disbursements:write", open, Must, [FINANCE];
        CreatePaymentBatch = "create_payment_batch", "payment batch", "disbursements:pay", open, Must, [FINANCE], step_up;
        ListPaymentBatches = "list_payment_batches", "payment batch", "disbursements:read", open, No, [FINANCE, ADMIN, AUDITOR];
        GetPaymentBatch = "get_payment_batch", "payment batch", "disbursements:read", hidden, No, [FINANCE, ADMIN, AUDITOR];
        GetPaymentFile = "get_payment_file", "payment batch", "disbursements:pay", hidden, Never, [FINANCE], step_up, export;
        SettlePaymentBatch = "settle_payment_batch", "payment batch", "disbursements:write", open, Must, [FINANCE];
    }
    "progress" {
        ListReports = "list_reports", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        AddReport = "add_report", "grant", "reports:decide", open, May, [ADMIN, BACKER];
        GetReport = "get_report", "report", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        EditReport = "edit_report", "report", "reports:write", open, May, [RECIPIENT, TEAM, REPORTER];
        SubmitReport = "submit_report", "report", "reports:write", open, May, [RECIPIENT, TEAM, REPORTER];
        AcceptReport = "accept_report", "report", "reports:decide", open, Must, [ADMIN, BACKER], step_up;
        ReturnReport = "return_report", "report", "reports:decide", open, May, [ADMIN, BACKER];
        ListCheckpoints = "list_checkpoints", "grant", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        AddCheckpoint = "add_checkpoint", "grant", "reports:decide", open, May, [ADMIN, BACKER];
        GetCheckpoint = "get_checkpoint", "checkpoint", "grants:read", hidden, No, [RECIPIENT, TEAM, REPORTER, BACKER, ADMIN, FINANCE, AUDITOR];
        ReportCheckpoint = "report_checkpoint", "checkpoint", "reports:write", open, May, [RECIPIENT, TEAM, REPORTER, BACKER];
        DecideCheckpoint = "decide_checkpoint", "checkpoint", "reports:decide", open, Must, [ADMIN, BACKER], step_up;
    }
    "publishing" {
        ListPublicApplications = "list_public_applications", "application", "applications:read", open, No, [Anyone];
        GetPublicApplication = "get_public_application", "application", "applications:read", hidden, No, [PUBLIC];
        ListPublicGrants = "list_public_grants", "grant", "grants:read", open, No, [Anyone];
        GetPublicGrant = "get_public_grant", "grant", "grants:read", hidden, No, [PUBLIC];
        AnnounceContribution = "announce_contribution", "application", "applications:read", hidden, Never, [PUBLIC], announce;
        ListAnnouncements = "list_announcements", "announcement", "funds:read", open, No, [FINANCE, ADMIN, AUDITOR], search;
        GetAnnouncement = "get_announcement", "announcement", "funds:read", open, No, [FINANCE, ADMIN, AUDITOR], search;
        ReceiveContribution = "receive_contribution", "announcement", "funds:write", open, Must, [FINANCE];
        ListEarmarks = "list_earmarks", "earmark", "funds:read", open, No, [FINANCE, ADMIN, AUDITOR, REGRANTOR];
        OfferEarmark = "offer_earmark", "earmark", "offers:write", open, Must, [HOLDING];
        ReassignEarmark = "reassign_earmark", "earmark", "funds:write", open, May, [ADMIN];
        GetPublication = "get_publication", "grant", "grants:read", open, No, [ADMIN, FINANCE, AUDITOR];
        DecidePublication = "decide_publication", "grant", "grants:manage", open, May, [ADMIN];
    }
    "exports" {
        ExportGrants = "export_grants", "grant", "grants:read", open, No, [FINANCE, ADMIN, AUDITOR], step_up, export;
        ExportPublicGrants = "export_public_grants", "grant", "grants:read", open, No, [Anyone], export;
    }
    "commongrants" {
        ListOpportunities = "list_opportunities", "opportunity", "calls:read", open, No, [Anyone];
        GetOpportunity = "get_opportunity", "opportunity", "calls:read", open, No, [Anyone];
        SearchOpportunities = "search_opportunities", "opportunity", "calls:read", open, No, [Anyone], search;
        GetCompetition = "get_competition", "competition", "calls:read", open, No, [Anyone];
        ListProtocolForms = "list_protocol_forms", "form", "calls:read", open, No, [Anyone];
        GetProtocolForm = "get_protocol_form", "form", "calls:read", open, No, [Anyone];
        SearchProtocolApplications = "search_protocol_applications", "application", "applications:read", open, No, [Anyone], search;
        StartProtocolApplication = "start_protocol_application", "application", "applications:write", open, May, [Person];
        GetProtocolApplication = "get_protocol_application", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, WRITER];
        GetProtocolResponse = "get_protocol_response", "application", "applications:read", hidden, No, [OWN, DRAFTER, SUBMITTER, WRITER];
        SetProtocolResponse = "set_protocol_response", "application", "applications:write", open, May, [OWN, DRAFTER, WRITER];
        SubmitProtocolApplication = "submit_protocol_application", "application", "applications:write", open, May, [OWN, SUBMITTER];
    }
    "ledger" {
        ListLedgerAccounts = "list_ledger_accounts", "account", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        ListLedgerEntries = "list_ledger_entries", "entry", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        GetLedgerEntry = "get_ledger_entry", "entry", "ledger:read", hidden, No, [FINANCE, ADMIN, AUDITOR];
        GetTrialBalance = "get_trial_balance", "trial balance", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR];
        ExportLedger = "export_ledger", "ledger", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR], export;
        CheckLedger = "check_ledger", "ledger", "ledger:read", open, No, [FINANCE, ADMIN, AUDITOR], export;
    }
    "operations" {
        ListAudit = "list_audit", "audit", "audit:read", open, No, [ADMIN, AUDITOR], search;
        ListDeadJobs = "list_dead_jobs", "job", "jobs:read", open, No, [ADMIN];
        RetryJob = "retry_job", "job", "jobs:write", open, May, [ADMIN];
    }
}

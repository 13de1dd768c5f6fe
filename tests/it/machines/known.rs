//! No machine without a test: every enumeration of statuses in the code is named here with who
//! walks through it, and so is everything that can be done to what has a status.

use super::{acts, texts};
use crate::support::sources;
use almoner::agendas::model::AgendaStatus;
use almoner::applications::model::ApplicationStatus;
use almoner::budgets::model::BudgetStatus;
use almoner::calls::model::CallStatus;
use almoner::disbursements::model::{BatchStatus, DisbursementStatus};
use almoner::funds::model::FundStatus;
use almoner::grants::model::GrantStatus;
use almoner::offers::model::OfferStatus;
use almoner::paperwork::model::RequirementStatus;
use almoner::payees::model::PayeeStatus;
use almoner::people::model::PersonStatus;
use almoner::progress::model::{CheckpointStatus, ReportStatus};
use std::collections::BTreeSet;
use std::path::Path;

/// Enumerations of statuses, and the test that walks through each, or why none does.
const WALKED: &[(&str, &str)] = &[
    ("AgendaStatus", "agendas"),
    ("AgreementStatus", "paperwork::signing"),
    ("AnnouncementStatus", "machines::money"),
    ("AppStatusValue", "nothing moves it: the protocol's words for an application"),
    ("AppealStatus", "machines::trust"),
    ("ApplicationStatus", "applications::steps"),
    ("ApprovalStatus", "approvals"),
    ("BatchStatus", "disbursements::batches"),
    ("BudgetStatus", "budgets"),
    ("CallStatus", "calls"),
    ("CheckpointStatus", "progress::checkpoints"),
    ("CompetitionStatusValue", "nothing moves it: the protocol's words for a call"),
    ("ConcernStatus", "machines::trust"),
    ("DelegationStatus", "machines::people"),
    ("DisbursementStatus", "disbursements::steps"),
    ("EarmarkStatus", "machines::money"),
    ("FactorState", "people::enrol"),
    ("FormResponseStatusValue", "nothing moves it: the protocol's words for how far answers are"),
    ("FundStatus", "funds"),
    ("GrantStatus", "grants::ends"),
    ("JobStatus", "jobs"),
    ("MergeStatus", "machines::people"),
    ("NominationStatus", "machines::people"),
    ("OfferStatus", "offers::life"),
    ("OppStatusValue", "nothing moves it: the protocol's words for a call"),
    ("PayeeStatus", "payees::decisions"),
    ("PersonStatus", "people::admin"),
    ("PublicationStatus", "publishing"),
    ("ReportStatus", "progress::reports"),
    ("RequestStatus", "machines::trust"),
    ("RequirementStatus", "paperwork::requirements"),
    ("ReviewStatus", "machines::trust"),
    ("RouteStatus", "machines::routes"),
    ("ScreeningStatus", "machines::trust"),
    ("TrancheStatus", "grants::tranches"),
    ("VouchStatus", "machines::trust"),
];

/// Machines that are walked through elsewhere: where their objects are, their statuses, as the code
/// has them and as that test does, and all that writes there. Behind the bar is what moves nothing,
/// or another machine's object.
type Elsewhere = (&'static str, Vec<&'static str>, &'static str, &'static str);

fn elsewhere() -> Vec<Elsewhere> {
    [of_payments(), of_grants(), of_the_rest()].concat()
}

fn of_payments() -> Vec<Elsewhere> {
    vec![
        (
            "/api/v1/offers/{id}",
            texts!(OfferStatus),
            "awaiting_approval placed committed released",
            "approve_offer deny_offer withdraw_offer",
        ),
        (
            "/api/v1/disbursements/{id}",
            texts!(DisbursementStatus),
            "drafted approved instructed settled returned voided",
            "approve_disbursement void_disbursement settle_disbursement return_disbursement \
             retry_disbursement confirm_double",
        ),
        (
            "/api/v1/payment-batches/{id}",
            texts!(BatchStatus),
            "instructed closed",
            "settle_payment_batch get_payment_file",
        ),
        (
            "/api/v1/payees/{id}",
            texts!(PayeeStatus),
            "incomplete submitted verified rejected",
            "submit_payee verify_payee reject_payee edit_payee",
        ),
    ]
}

fn of_grants() -> Vec<Elsewhere> {
    vec![
        (
            "/api/v1/reports/{id}",
            texts!(ReportStatus),
            "due draft submitted accepted changes_requested",
            "edit_report submit_report accept_report return_report",
        ),
        (
            "/api/v1/checkpoints/{id}",
            texts!(CheckpointStatus),
            "due reported decided",
            "report_checkpoint decide_checkpoint",
        ),
        (
            "/api/v1/grants/{id}/requirements/{kind}",
            texts!(RequirementStatus),
            "open provided satisfied refused waived",
            "provide_requirement satisfy_requirement refuse_requirement waive_requirement",
        ),
        (
            "/api/v1/grants/{id}",
            texts!(GrantStatus),
            "awarded active paused winding_down closed cancelled",
            "pause_grant resume_grant wind_down_grant close_grant cancel_grant | \
             provide_requirement satisfy_requirement refuse_requirement waive_requirement \
             set_grant_payee sign_agreement release_tranche undo_release draft_disbursement \
             record_refund undo_refund add_report add_checkpoint decide_publication",
        ),
        (
            "/api/v1/applications/{id}",
            texts!(ApplicationStatus),
            "draft submitted open changes_requested awarded declined withdrawn lapsed",
            "edit_application submit_application open_application request_changes \
             decline_application withdraw_application award_application",
        ),
    ]
}

/// What hangs on an application, and the test that walks it: it has a machine of its own, or moves
/// nothing.
const HANGING: &[(&str, &str)] = &[
    ("accept_membership", "applications::team"),
    ("answer_appeal", "machines::trust"),
    ("answer_screening", "concerns"),
    ("appeal_decline", "machines::trust"),
    ("assign_reviewer", "reviews::assign"),
    ("attach_file", "attachments"),
    ("create_comment", "comments"),
    ("decide_reviews", "reviews::write"),
    ("declare_conflict", "offers::persons"),
    ("decline_membership", "applications::team"),
    ("decline_route", "machines::routes"),
    ("delete_application", "applications::delete"),
    ("edit_comment", "comments"),
    ("edit_member", "applications::team"),
    ("edit_route", "machines::routes"),
    ("except_conflict", "offers::found"),
    ("extend_application", "decisions"),
    ("invite_member", "applications::team"),
    ("move_application_form", "answers::forms"),
    ("place_offer", "offers::life"),
    ("preview_offer", "offers::life"),
    ("propose_merge", "applications::merge"),
    ("raise_concern", "machines::trust"),
    ("remove_attachment", "attachments"),
    ("remove_comment", "comments"),
    ("remove_member", "applications::team"),
    ("request_vouch", "machines::trust"),
    ("respond_to_concern", "machines::trust"),
    ("restore_application_version", "applications::versions"),
    ("resubmit_application", "appeals"),
    ("route_application", "machines::routes"),
    ("set_application_agendas", "agendas"),
    ("sign_vouch", "vouches"),
    ("submit_route", "machines::routes"),
    ("withdraw_appeal", "machines::trust"),
    ("withdraw_route", "machines::routes"),
];

fn of_the_rest() -> Vec<Elsewhere> {
    vec![
        (
            "/api/v1/agendas/{id}",
            texts!(AgendaStatus),
            "active retired",
            "edit_agenda retire_agenda restore_agenda | send_agenda_message",
        ),
        (
            "/api/v1/calls/{id}",
            texts!(CallStatus),
            "draft open closed",
            "open_call close_call edit_call edit_call_form | set_call_decisions \
             set_review_settings assign_reviewers try_eligibility",
        ),
        (
            "/api/v1/funds/{id}",
            texts!(FundStatus),
            "open closed",
            "close_fund reopen_fund edit_fund | record_contribution undo_contribution \
             record_bank_charge undo_bank_charge",
        ),
        (
            "/api/v1/budgets/{id}",
            texts!(BudgetStatus),
            "active closed",
            "close_budget \
             edit_budget allocate_budget recall_budget",
        ),
        (
            "/api/v1/people/{id}",
            texts!(PersonStatus),
            "unconfirmed active suspended",
            "suspend_person reactivate_person | grant_role remove_role reset_factor \
             add_need_to_know remove_need_to_know",
        ),
    ]
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().filter(|word| *word != "|").map(str::to_owned).collect()
}

#[test]
fn every_status_and_every_act_is_known() {
    let mut wrong = Vec::new();
    for (at, statuses, known, done) in elsewhere() {
        let statuses: BTreeSet<String> = statuses.into_iter().map(str::to_owned).collect();
        let (known, mut done) = (words(known), words(done));
        let all: BTreeSet<String> = acts(at).into_iter().collect();
        if known != statuses {
            wrong.push(format!("{at}: the code has the statuses {statuses:?}, the test {known:?}"));
        }
        if at == "/api/v1/applications/{id}" {
            done.extend(HANGING.iter().map(|(act, _)| (*act).to_owned()));
        }
        if done != all {
            wrong.push(format!("{at}: acts are {all:?}, the test knows {done:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_hangs_on_an_application_is_walked_somewhere() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for (act, place) in HANGING {
        let path = place.replace("::", "/");
        let files = [format!("{path}.rs"), format!("{path}/mod.rs")];
        assert!(files.iter().any(|file| tests.join(file).exists()), "{act}: there is no {place}");
    }
    let acts: BTreeSet<&str> = HANGING.iter().map(|(act, _)| *act).collect();
    assert_eq!(acts.len(), HANGING.len(), "one is named twice");
}

#[test]
fn every_enumeration_of_statuses_has_its_walk() {
    let texts = sources();
    let lines = texts.iter().flat_map(|(_, text)| text.lines());
    let names = lines.filter_map(|line| line.trim().strip_prefix("pub enum "));
    let names = names.map(|rest| rest.trim_end_matches(" {"));
    let ours = |name: &str| {
        ["Status", "StatusValue"].iter().any(|end| name.ends_with(end)) || name == "FactorState"
    };
    let found: BTreeSet<&str> = names.filter(|name| ours(name)).collect();
    let walked: BTreeSet<&str> = WALKED.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, walked, "say which test walks through it");
}

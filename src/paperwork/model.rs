//! Templates, agreements, signatures and requirements, and what is sent and shown of them.

use crate::kernel::ids::{AgreementId, GrantId, PersonId, TemplateId};
use crate::kernel::money::Money;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// What a template is for.
    pub enum TemplateKind {
        /// Grant agreements.
        Agreement = "agreement",
    }
}

text_enum! {
    /// Where an agreement stands.
    pub enum AgreementStatus {
        /// Waits for signatures.
        Open = "open",
        /// Both sides have signed.
        Signed = "signed",
        /// Another one has taken its place.
        Superseded = "superseded",
    }
}

text_enum! {
    /// For whom somebody signs.
    pub enum Party {
        /// Who receives the grant.
        Recipient = "recipient",
        /// Who holds the money.
        Sponsor = "sponsor",
    }
}

text_enum! {
    /// What must be on file.
    pub enum RequirementKind {
        /// The agreement, signed by both sides.
        Agreement = "agreement",
        /// A verified payee.
        Payee = "payee",
        /// A tax form.
        TaxForm = "tax_form",
        /// Screening against sanctions lists.
        Screening = "screening",
    }
}

text_enum! {
    /// Where a requirement stands: `open → provided → satisfied | refused → provided`, and
    /// `open → waived`; a screening also `satisfied | waived → refused`.
    pub enum RequirementStatus {
        /// Nothing is there yet.
        Open = "open",
        /// Waits to be looked at.
        Provided = "provided",
        /// It is on file.
        Satisfied = "satisfied",
        /// What was given will not do; the reason is there.
        Refused = "refused",
        /// Not needed here, by somebody's decision; the reason is there.
        Waived = "waived",
    }
}

impl RequirementKind {
    /// Whether it is settled by what happens elsewhere (both signatures, a payee's verification)
    /// and not by somebody's word.
    pub const fn is_automatic(self) -> bool {
        matches!(self, RequirementKind::Agreement | RequirementKind::Payee)
    }
    /// What is asked, in a sentence for the recipient.
    pub const fn asks(self) -> &'static str {
        match self {
            RequirementKind::Agreement => "Read the agreement and sign it.",
            RequirementKind::Payee => {
                "Name the payee that the money goes to, and have it verified."
            }
            RequirementKind::TaxForm => "Give the tax form that applies to you (W-9 or W-8).",
            RequirementKind::Screening => {
                "Nothing to do for you: we compare names with sanctions lists."
            }
        }
    }
}

impl RequirementStatus {
    /// Those in which nothing more is needed.
    pub const SETTLED: [Self; 2] = [Self::Satisfied, Self::Waived];
    /// Whether nothing more is needed.
    pub const fn is_settled(self) -> bool {
        matches!(self, RequirementStatus::Satisfied | RequirementStatus::Waived)
    }
    /// Where a step leads; `None` where it is not possible. What is found out later about somebody
    /// who was screened is recorded as a refusal.
    pub const fn after(self, step: Step, kind: RequirementKind) -> Option<RequirementStatus> {
        use RequirementStatus::{Open, Provided, Refused, Satisfied, Waived};
        match (self, step) {
            (Open | Refused, Step::Provide) => Some(Provided),
            (Provided, Step::Satisfy) => Some(Satisfied),
            (Provided, Step::Refuse) => Some(Refused),
            (Satisfied | Waived, Step::Refuse) if matches!(kind, RequirementKind::Screening) => {
                Some(Refused)
            }
            (Open, Step::Waive) => Some(Waived),
            _ => None,
        }
    }
}

text_enum! {
    /// What people do with a requirement.
    pub enum Step {
        /// Give what is asked.
        Provide = "provided",
        /// Find it right.
        Satisfy = "satisfied",
        /// Find it wrong.
        Refuse = "refused",
        /// Do without it.
        Waive = "waived",
    }
}

/// One thing that must be on file before a grant is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequirementView {
    /// What.
    pub kind: RequirementKind,
    /// Where it stands.
    pub status: RequirementStatus,
    /// What is asked of the recipient.
    pub asks: &'static str,
    /// By when.
    pub due_on: Option<Date>,
    /// What was said when it was given.
    pub note: Option<String>,
    /// Why it was refused or waived.
    pub reason: Option<String>,
    /// Who gave it.
    pub provided_by: Option<PersonId>,
    /// Who decided.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Instant>,
}

/// Something of a grant's paperwork of which somebody is to be reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminder {
    /// What.
    pub kind: RequirementKind,
    /// Where it stands.
    pub status: RequirementStatus,
    /// By when it is wanted, or was.
    pub due_on: Date,
    /// Whether it is the first time since it has been late for two weeks.
    pub long_late: bool,
}

/// A template as kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TemplateView {
    /// Its id.
    pub id: TemplateId,
    /// What it is for.
    pub kind: TemplateKind,
    /// Which version: 1, 2, 3…; new agreements are made from the newest.
    pub number: i32,
    /// What it is called.
    pub title: String,
    /// Markdown with placeholders.
    pub body: String,
    /// Who made it; null for the one that comes with the program.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Instant,
}

/// To make a new version of a template.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTemplate {
    /// What it is called.
    #[schema(max_length = 200)]
    pub title: String,
    /// Markdown. Placeholders in a line: `{{grant_id}}`, `{{template}}`, `{{grantee}}`,
    /// `{{sponsor}}`, `{{title}}`, `{{amount}}`, `{{awarded_on}}`, `{{ends_on}}`; on a line of
    /// their own: `{{purpose}}`, `{{tranches}}`, `{{conditions}}`. All but `grant_id`, `template`
    /// and `ends_on` have to occur.
    #[schema(max_length = 100000)]
    pub body: String,
}

/// What an agreement is about; for rendering it.
#[derive(Debug, Clone)]
pub struct AgreementFacts {
    /// Name of who receives the grant.
    pub grantee: String,
    /// Name of who holds the money.
    pub sponsor: String,
    /// Title of the project.
    pub title: String,
    /// The award.
    pub amount: Money,
    /// Day of the award.
    pub awarded_on: Date,
    /// Day of the end, if there is one.
    pub ends_on: Option<Date>,
    /// Number, amount, and when it is paid, in words; they sum to the award.
    pub tranches: Vec<(i32, Money, String)>,
    /// What those who fund it ask for.
    pub conditions: Vec<String>,
    /// What the money is for, in the applicant's words.
    pub purpose: String,
}

/// An agreement as kept.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// Whose.
    pub grant_id: GrantId,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// SHA-256 of the bytes when they were made, in small hexadecimal digits.
    pub sha256: String,
    /// Where it stands.
    pub status: AgreementStatus,
    /// When it was made.
    pub created_at: Instant,
    /// When the second side signed.
    pub signed_at: Option<Instant>,
    /// Version of the template that it was made from.
    pub template: i32,
}

/// One side's signature, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignatureView {
    /// For whom.
    pub party: Party,
    /// Who signed.
    pub person_id: PersonId,
    /// The name that they typed.
    pub typed_name: String,
    /// Version of the consent that they gave.
    pub consent: String,
    /// SHA-256 of the text that they were shown.
    pub sha256: String,
    /// When.
    pub signed_at: Instant,
    /// The network address that they signed from; null to those whom it does not concern.
    pub address: Option<String>,
    /// The program that they signed with.
    pub agent: Option<String>,
    /// How they had shown who they are.
    pub authenticated: Option<String>,
}

/// What whoever signs agrees to, besides the agreement.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConsentView {
    /// Its version, kept with the signature.
    pub version: &'static str,
    /// To be shown before signing.
    pub text: &'static str,
}

/// The consent that is asked for now.
pub const CONSENT: ConsentView =
    ConsentView { version: "consent-1", text: include_str!("templates/consent-1.md") };

/// The agreement of a grant; its text is at `…/agreement/text`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AgreementView {
    /// Its id.
    pub id: AgreementId,
    /// Whose.
    pub grant_id: GrantId,
    /// Version of the template that it was made from.
    pub template: i32,
    /// SHA-256 of its exact bytes; send it when you sign.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: i64,
    /// Where it stands.
    pub status: AgreementStatus,
    /// When it was made.
    pub created_at: Instant,
    /// When the second side signed.
    pub signed_at: Option<Instant>,
    /// What whoever signs agrees to besides.
    pub consent: ConsentView,
    /// Who has signed so far.
    pub signatures: Vec<SignatureView>,
}

/// To sign.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignForm {
    /// Your name as in your account, or a word of it, typed as your signature.
    #[schema(min_length = 1, max_length = 200)]
    pub typed_name: String,
    /// True: you agree to the consent that was shown with the agreement.
    pub consent: bool,
    /// SHA-256 of the text that you were shown.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
}

/// Whether an agreement is what was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verification {
    /// True if the text is unchanged, every signature is for exactly this text and, where it is
    /// kept as signed, both sides have signed.
    pub valid: bool,
    /// SHA-256 that was kept when it was made.
    pub sha256: String,
    /// SHA-256 of the kept text, computed now.
    pub computed_sha256: String,
    /// Whether both sides have signed.
    pub complete: bool,
    /// What was found, one sentence to each fault.
    pub faults: Vec<String>,
    /// Each signature, and whether it is for exactly this text.
    pub signatures: Vec<SignatureCheck>,
}

/// One signature, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignatureCheck {
    /// Whether it is for the text as it is kept.
    pub matches: bool,
    /// The signature.
    #[serde(flatten)]
    pub signature: SignatureView,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_status_and_every_step() {
        use RequirementStatus::{Open, Provided, Refused, Satisfied, Waived};
        let allowed = [
            (Open, Step::Provide, Provided),
            (Open, Step::Waive, Waived),
            (Provided, Step::Satisfy, Satisfied),
            (Provided, Step::Refuse, Refused),
            (Refused, Step::Provide, Provided),
        ];
        for status in RequirementStatus::ALL {
            for step in Step::ALL {
                let expected = allowed.iter().find(|(s, t, _)| s == status && t == step);
                let after = status.after(*step, RequirementKind::TaxForm);
                assert_eq!(after, expected.map(|(_, _, to)| *to), "{status} {step}");
            }
            let settled = matches!(*status, Satisfied | Waived);
            assert_eq!(status.is_settled(), settled, "{status}");
            assert_eq!(RequirementStatus::SETTLED.contains(status), settled, "{status}");
        }
    }
}

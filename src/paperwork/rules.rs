//! Decisions about paperwork, from facts alone.

mod remind;
mod template;
mod words;

pub use remind::{due_again, is_long_late, remind};
pub use template::Template;

use crate::kernel::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::paperwork::model::{
    Agreement, AgreementFacts, AgreementStatus, Party, RequirementKind, RequirementStatus,
    RequirementView, SignatureCheck, SignatureView, Step, Verification,
};
use sha2::{Digest as _, Sha256};

/// SHA-256 in small hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    text::hex(&Sha256::digest(bytes))
}

/// Whether the plan of an agreement holds together: its tranches sum to the award.
///
/// # Errors
/// 500: whoever asks for an agreement has checked that before.
pub fn sums_up(facts: &AgreementFacts) -> Result<()> {
    let parts = facts.tranches.iter().map(|(_, amount, _)| *amount);
    let sum = Money::sum(facts.amount.currency(), parts).map_err(Problem::internal)?;
    if sum == facts.amount {
        return Ok(());
    }
    Err(Problem::internal(format!("tranches of {sum} for an award of {}", facts.amount)))
}

/// Whether this person may sign for this party now. `text_is_intact` tells whether the kept bytes
/// still are those that were rendered.
///
/// # Errors
/// 409 when it is not open, was signed for this party, or its text was changed; 403 `two_persons`
/// for whoever has signed for the other side.
pub fn may_sign(
    status: AgreementStatus,
    text_is_intact: bool,
    signatures: &[SignatureView],
    party: Party,
    person: PersonId,
) -> Result<()> {
    if let Some(theirs) = signatures.iter().find(|s| s.person_id == person) {
        return Err(if theirs.party == party {
            let detail = format!("You have signed this already, at {}.", theirs.signed_at);
            Problem::new(Kind::AlreadyExists, detail)
        } else {
            let detail = format!("You have signed for the {}.", theirs.party);
            Problem::new(Kind::TwoPersons, detail)
        });
    }
    if let Some(theirs) = signatures.iter().find(|s| s.party == party) {
        let detail = format!("It was signed for the {party} already, at {}.", theirs.signed_at);
        return Err(Problem::wrong_state(detail));
    }
    if status != AgreementStatus::Open {
        return Err(Problem::wrong_state(format!("The agreement is {status}.")));
    }
    if !text_is_intact {
        let detail = "The kept text of this agreement was changed outside of this service. Nobody \
                      can sign it: tell those who run the service.";
        return Err(Problem::wrong_state(detail));
    }
    Ok(())
}

/// Whether what somebody typed as their signature has a word of two letters or more of their name;
/// case, accents and marks between words count for nothing. Who has a name without such a word
/// types the whole.
pub fn is_name_of(typed: &str, name: &str) -> bool {
    let (typed, name) = (text::folded(typed), text::folded(name));
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let (typed, name) = (words(&typed), words(&name));
    let shared = |word: &String| word.chars().nth(1).is_some() && name.contains(word);
    typed.iter().any(shared) || typed.concat() == name.concat()
}

/// Looks at an agreement and its signatures, trusting none of what was kept.
pub fn verify(agreement: &Agreement, signatures: Vec<SignatureView>) -> Verification {
    let computed = sha256(&agreement.body);
    let mut faults = Vec::new();
    if computed != agreement.sha256 {
        faults.push("The kept text is not the one that was made: its SHA-256 differs.".to_owned());
    }
    for s in signatures.iter().filter(|s| s.sha256 != computed) {
        faults.push(format!("The signature for the {} is for another text.", s.party));
    }
    let has = |party| signatures.iter().any(|s| s.party == party);
    let complete = Party::ALL.iter().all(|party| has(*party));
    if (agreement.status == AgreementStatus::Signed) != complete {
        faults.push(if complete {
            "Both sides have signed, but it is not kept as signed.".to_owned()
        } else {
            "It is kept as signed, but a signature is missing.".to_owned()
        });
    }
    let check = |signature: SignatureView| SignatureCheck {
        matches: signature.sha256 == computed,
        signature,
    };
    Verification {
        valid: faults.is_empty(),
        sha256: agreement.sha256.clone(),
        complete,
        signatures: signatures.into_iter().map(check).collect(),
        faults,
        computed_sha256: computed,
    }
}

/// Where a step by a person leads, or why it does not.
///
/// # Errors
/// 409 where the state does not allow it, or it is settled by itself.
pub fn step(
    now: &RequirementView,
    step: Step,
    person: Option<PersonId>,
) -> Result<RequirementStatus> {
    if now.kind.is_automatic() && step != Step::Waive && person.is_some() {
        let how = match now.kind {
            RequirementKind::Agreement => "It is settled when both sides have signed.",
            _ => "It is settled when the grant's payee is verified.",
        };
        return Err(Problem::wrong_state(how));
    }
    let impossible =
        || Problem::wrong_state(format!("It is {}: it cannot be {step} now.", now.status));
    now.status.after(step, now.kind).ok_or_else(impossible)
}

#[cfg(test)]
mod tests;

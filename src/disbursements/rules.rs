//! Decisions about paying, from facts alone.

use crate::kernel::Result;
use crate::kernel::ids::{PayeeId, PersonId};
use crate::kernel::money::Money;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::text;
use crate::kernel::time::Instant;
use crate::payees::model::Sharing;
use sha2::{Digest as _, Sha256};

/// What an approval is bound to.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// How much.
    pub amount: Money,
    /// To whom.
    pub payee: PayeeId,
    /// With which version of the details.
    pub payee_version: i32,
    /// How often it was drafted anew.
    pub attempt: i32,
    /// Which release of the tranche it pays: no two of them share their instant.
    pub released_at: Option<Instant>,
}

/// Hash of what is approved: any change of it ends the approval.
pub fn bound_hash(bound: &Bound) -> String {
    let words = format!(
        "disbursement\n{}\n{}\n{}\n{}\n{}",
        bound.amount,
        bound.payee,
        bound.payee_version,
        bound.attempt,
        bound.released_at.map_or("never".into(), |at| at.as_micros().to_string()),
    );
    text::hex(&Sha256::digest(words.as_bytes()))
}

/// Who had a hand in a disbursement.
#[derive(Debug, Clone, Copy)]
pub struct Hands {
    /// Who drafted it.
    pub drafted_by: Option<PersonId>,
    /// Who approved it.
    pub approved_by: Option<PersonId>,
    /// The grant's recipient.
    pub recipient: PersonId,
    /// Whose bank account it goes to.
    pub payee_owner: PersonId,
}

fn two_persons(detail: &str) -> Problem {
    Problem::new(Kind::TwoPersons, detail)
}

/// Who has a payee with the account that is paid would be paid by it under another name.
pub fn unshared(sharing: Sharing) -> Result<()> {
    if sharing.acting {
        let detail = "You have a payee with the account that is paid: somebody else has to do it.";
        return Err(two_persons(detail));
    }
    Ok(())
}

/// Nobody drafts money to themselves.
pub fn may_draft(hands: &Hands, person: Option<PersonId>) -> Result<()> {
    match person {
        Some(p) if p == hands.recipient || p == hands.payee_owner => {
            Err(two_persons("You would be paid by it: somebody else has to draft it."))
        }
        _ => Ok(()),
    }
}

/// Who approves did not draft it and is not paid by it.
pub fn may_approve(hands: &Hands, person: Option<PersonId>) -> Result<()> {
    may_draft(hands, person)?;
    if person.is_some() && person == hands.drafted_by {
        return Err(two_persons("You drafted it: somebody else has to approve it."));
    }
    Ok(())
}

/// Who says that a double is meant did not draft it and is not paid by it.
pub fn may_confirm(hands: &Hands, person: Option<PersonId>) -> Result<()> {
    may_draft(hands, person)?;
    if person.is_some() && person == hands.drafted_by {
        return Err(two_persons("You drafted it: somebody else has to say that it is meant."));
    }
    Ok(())
}

/// Who sends it did not approve it and is not paid by it.
pub fn may_send(hands: &Hands, person: Option<PersonId>) -> Result<()> {
    may_draft(hands, person)?;
    if person.is_some() && person == hands.approved_by {
        return Err(two_persons("You approved it: somebody else has to send it to the bank."));
    }
    Ok(())
}

/// A reference that banks carry: `ALM-` and 20 of the id's hexadecimal digits, from its random
/// end, and from the second try on its number; within ISO 20022's 35 characters. A bank that has
/// seen an end-to-end reference may take the next payment with it for the same one.
pub fn reference(id: crate::kernel::ids::DisbursementId, attempt: i32) -> String {
    let hex = id.uuid().simple().to_string().to_uppercase();
    let first = format!("ALM-{}", &hex[12..]);
    if attempt > 1 { format!("{first}-{attempt}") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::IdSource;
    use crate::kernel::money::Currency;

    #[test]
    fn hands_are_compared_by_person() {
        let ids = IdSource::seeded(1);
        let now = Instant::from_micros(0).expect("in range");
        let [ada, ben, cho, dee]: [PersonId; 4] = std::array::from_fn(|_| ids.next(now));
        let hands = Hands {
            drafted_by: Some(ada),
            approved_by: Some(ben),
            recipient: cho,
            payee_owner: dee,
        };
        for (person, draft, approve, send) in [
            (ada, true, false, true),
            (ben, true, true, false),
            (cho, false, false, false),
            (dee, false, false, false),
        ] {
            assert_eq!(may_draft(&hands, Some(person)).is_ok(), draft);
            assert_eq!(may_approve(&hands, Some(person)).is_ok(), approve);
            assert_eq!(may_confirm(&hands, Some(person)).is_ok(), approve);
            assert_eq!(may_send(&hands, Some(person)).is_ok(), send);
        }
    }

    #[test]
    fn any_change_of_what_was_approved_changes_the_hash() {
        let ids = IdSource::seeded(2);
        let now = Instant::from_micros(0).expect("in range");
        let usd = Currency::parse("USD").expect("known");
        let one = Bound {
            amount: Money::new(100, usd),
            payee: ids.next(now),
            payee_version: 1,
            attempt: 0,
            released_at: Some(now),
        };
        let others = [
            Bound { amount: Money::new(101, usd), ..one },
            Bound { payee: ids.next(now), ..one },
            Bound { payee_version: 2, ..one },
            Bound { attempt: 1, ..one },
            Bound { released_at: Some(now.just_after()), ..one },
            Bound { released_at: None, ..one },
        ];
        assert!(others.iter().all(|o| bound_hash(o) != bound_hash(&one)));
        let id = ids.next(now);
        assert_eq!(reference(id, 1).len(), 24);
        assert_eq!(reference(id, 12), format!("{}-12", reference(id, 1)));
        assert!(reference(id, i32::MAX).len() <= 35);
        assert!(unshared(Sharing { others: 1, acting: true }).is_err());
        assert!(unshared(Sharing { others: 1, acting: false }).is_ok());
    }
}

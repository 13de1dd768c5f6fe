//! Disbursements, their attempts, and payment batches.

use crate::kernel::Result;
use crate::kernel::ids::{
    BankAccountId, BatchId, DisbursementId, EntryId, GrantId, PayeeId, PersonId, TrancheId,
};
use crate::kernel::money::Money;
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::Serialize;

text_enum! {
    /// Where a disbursement stands.
    pub enum DisbursementStatus {
        /// Prepared; waits for another person.
        Drafted = "drafted",
        /// Another person has approved exactly this.
        Approved = "approved",
        /// The bank was told to pay.
        Instructed = "instructed",
        /// The bank says that it arrived.
        Settled = "settled",
        /// The bank says that it came back.
        Returned = "returned",
        /// Dropped before the bank was told.
        Voided = "voided",
    }
}

text_enum! {
    /// Where a payment batch stands.
    pub enum BatchStatus {
        /// The bank was told; some payments wait for its word.
        Instructed = "instructed",
        /// The bank has spoken about each payment.
        Closed = "closed",
    }
}

text_enum! {
    /// How a try ended.
    pub enum Outcome {
        /// It arrived.
        Settled = "settled",
        /// It came back.
        Returned = "returned",
    }
}

text_enum! {
    /// What can be done to a disbursement.
    pub enum Act {
        /// Approve it.
        Approve = "approve",
        /// Tell the bank.
        Instruct = "instruct",
        /// Record that it arrived.
        Settle = "settle",
        /// Record that it came back.
        Return = "return",
        /// Prepare another try.
        Retry = "retry",
        /// Drop it.
        Void = "void",
    }
}

impl Act {
    /// What has been done, in a word.
    pub const fn past(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Instruct => "instructed",
            Self::Settle => "settled",
            Self::Return => "returned",
            Self::Retry => "retried",
            Self::Void => "voided",
        }
    }
}

impl DisbursementStatus {
    /// Where `act` leads from here; refuses what the state does not allow.
    pub fn after(self, act: Act) -> Result<Self> {
        use DisbursementStatus as S;
        match (self, act) {
            (S::Drafted, Act::Approve) => Ok(S::Approved),
            (S::Approved, Act::Instruct) => Ok(S::Instructed),
            (S::Instructed, Act::Settle) => Ok(S::Settled),
            (S::Instructed | S::Settled, Act::Return) => Ok(S::Returned),
            (S::Returned, Act::Retry) => Ok(S::Drafted),
            (S::Drafted | S::Approved, Act::Void) => Ok(S::Voided),
            (state, act) => Err(Problem::wrong_state(format!(
                "The disbursement is {state}: it cannot be {} now.",
                act.past()
            ))),
        }
    }
}

/// One instruction to pay.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Disbursement {
    /// Its id.
    pub id: DisbursementId,
    /// The grant that it pays.
    pub grant_id: GrantId,
    /// The tranche that it pays.
    pub tranche_id: TrancheId,
    /// Whom the bank pays.
    pub payee_id: PayeeId,
    /// Version of the payee's details that it was drafted for.
    pub payee_version: i32,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: DisbursementStatus,
    /// What the bank and the recipient see: at most 35 plain characters.
    pub reference: String,
    /// Who drafted it; null for imports.
    pub drafted_by: Option<PersonId>,
    /// Who approved it.
    pub approved_by: Option<PersonId>,
    /// The batch that carries it.
    pub batch_id: Option<BatchId>,
    /// Why it is as it is, for returned and voided ones.
    pub status_reason: Option<String>,
    /// Version, for ETags.
    pub version: i32,
    /// When it was drafted.
    pub created_at: Instant,
    /// When the bank was told.
    pub instructed_at: Option<Instant>,
    /// The day it arrived.
    pub settled_on: Option<Date>,
    /// The payment that it looks like, made twice: held until somebody else says that it is meant.
    pub double_of: Option<DisbursementId>,
    /// Who said so.
    pub double_confirmed_by: Option<PersonId>,
    /// Why, in their words.
    pub double_reason: Option<String>,
}

/// One try of a disbursement through a bank.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Attempt {
    /// First, second…
    pub number: i32,
    /// The batch that carried it.
    pub batch_id: Option<BatchId>,
    /// When the bank was told.
    pub instructed_at: Instant,
    /// The ledger entry of the instruction.
    pub entry_id: EntryId,
    /// How it ended; null while the bank has not spoken.
    pub outcome: Option<Outcome>,
    /// The bank's day for it.
    pub outcome_on: Option<Date>,
    /// The ledger entry of the outcome.
    pub outcome_entry_id: Option<EntryId>,
    /// The bank's reason for a return.
    pub reason: Option<String>,
    /// The day on which it had arrived, where it came back after that.
    pub settled_on: Option<Date>,
    /// The ledger entry of that.
    pub settled_entry_id: Option<EntryId>,
    /// Whether it was taken out of its batch before the bank was given it.
    pub not_sent: bool,
}

/// Payments that leave in one bank file.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// The account that pays.
    pub bank_account_id: BankAccountId,
    /// Sum of its payments.
    pub total: Money,
    /// How many.
    pub payments: i32,
    /// Where it stands.
    pub status: BatchStatus,
    /// SHA-256 of the file, once it was made.
    pub file_sha256: Option<String>,
    /// Who made it; null for imports.
    pub created_by: Option<PersonId>,
    /// When.
    pub created_at: Instant,
}

/// How payments of a grant came to be owed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwedAgain {
    /// The bank sent one back.
    CameBack,
    /// Each was taken out of its batch before the bank was given it.
    NotSent,
}

/// What keeps the file of a batch from being given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The grant of a payment is paused.
    Paused,
    /// The recipient of a payment was suspended.
    Suspended,
    /// Whoever approved a payment may not approve payments any more.
    Approval,
    /// The payee of a payment is not as it was when that was approved.
    Payee,
    /// Some paperwork of the grant of a payment is open.
    Papers,
}

/// How the file of a batch was given out last.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GivenOut {
    /// Who fetched it.
    pub by: Option<PersonId>,
    /// When.
    pub at: Instant,
    /// SHA-256 of that file.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_and_every_act() {
        use DisbursementStatus as S;
        let allowed = [
            (S::Drafted, Act::Approve, S::Approved),
            (S::Drafted, Act::Void, S::Voided),
            (S::Approved, Act::Instruct, S::Instructed),
            (S::Approved, Act::Void, S::Voided),
            (S::Instructed, Act::Settle, S::Settled),
            (S::Instructed, Act::Return, S::Returned),
            (S::Settled, Act::Return, S::Returned),
            (S::Returned, Act::Retry, S::Drafted),
        ];
        for status in S::ALL {
            for act in Act::ALL {
                let expected = allowed.iter().find(|(s, a, _)| s == status && a == act);
                let got = status.after(*act).ok();
                assert_eq!(got, expected.map(|(_, _, to)| *to), "{status} {act}");
            }
        }
    }
}

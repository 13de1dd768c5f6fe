//! What an offer is, and what is sent and shown of it.

use crate::kernel::ids::{ApplicationId, BudgetId, GrantId, OfferId, PersonId};
use crate::kernel::money::{Currency, Money, MoneyText};
use crate::kernel::time::Instant;
use crate::offers::rules::{Promise, Terms};
use serde::{Deserialize, Serialize};

crate::text_enum! {
    /// Where an offer stands.
    pub enum OfferStatus {
        /// The money is held; a second person has to approve.
        AwaitingApproval = "awaiting_approval",
        /// The money is held and promised.
        Placed = "placed",
        /// It became a part of a grant.
        Committed = "committed",
        /// The money went back to the budget.
        Released = "released",
    }
}
crate::text_enum! {
    /// Why an offer was released.
    pub enum ReleaseReason {
        /// By its regrantor, or by an admin for them.
        Withdrawn = "withdrawn",
        /// Its time was over.
        Lapsed = "lapsed",
        /// The application was declined, withdrawn or lapsed, or awarded without it.
        ApplicationEnded = "application_ended",
        /// The second person said no.
        Denied = "denied",
    }
}

crate::text_enum! {
    /// On which condition an offer is made.
    pub enum OfferKind {
        /// None.
        Plain = "plain",
        /// All of it if others bring a sum; nothing otherwise.
        IfOthers = "if_others",
        /// As much as others bring, up to its amount.
        Match = "match",
    }
}

impl OfferStatus {
    /// Whether it holds a reservation.
    pub const fn is_open(self) -> bool {
        matches!(self, OfferStatus::AwaitingApproval | OfferStatus::Placed)
    }
    /// Where this step leads; `None` where it is not possible.
    pub const fn after(self, step: Step) -> Option<OfferStatus> {
        match (self, step) {
            (OfferStatus::AwaitingApproval, Step::Approve) => Some(OfferStatus::Placed),
            (OfferStatus::AwaitingApproval, Step::Release(_)) => Some(OfferStatus::Released),
            (OfferStatus::Placed, Step::Commit) => Some(OfferStatus::Committed),
            (OfferStatus::Placed, Step::Release(ReleaseReason::Denied)) => None,
            (OfferStatus::Placed, Step::Release(_)) => Some(OfferStatus::Released),
            _ => None,
        }
    }
}

/// What can happen to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A second person agrees.
    Approve,
    /// A grant takes it over.
    Commit,
    /// The money goes back.
    Release(ReleaseReason),
}

/// What other domains may know of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferFacts {
    /// Its id.
    pub id: OfferId,
    /// On which application.
    pub application_id: ApplicationId,
    /// From which budget.
    pub budget_id: BudgetId,
    /// By whom.
    pub regrantor_id: PersonId,
    /// What its budget holds for it: the most that it gives, in minor units.
    pub amount: i64,
    /// Of which currency.
    pub currency: Currency,
    /// On which condition.
    pub terms: Terms,
    /// Whether others read whose it is.
    pub private: bool,
    /// Where it stands.
    pub status: OfferStatus,
    /// What the regrantor asks for; may be empty.
    pub conditions: String,
    /// When it lapses.
    pub expires_at: Instant,
}

impl OfferFacts {
    /// Its amount with its currency.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }
    /// What it promises, and on which condition.
    pub const fn promise(&self) -> Promise {
        Promise { id: self.id, by: self.regrantor_id, most: self.amount, terms: self.terms }
    }
}

/// To place an offer.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceOffer {
    /// The budget that pays; one that you hold.
    pub budget_id: BudgetId,
    /// How much, in the budget's currency.
    pub amount: MoneyText,
    /// What you ask for in return; shown to the applicant.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub conditions: String,
    /// When it lapses if it is not awarded; the service's own term when left out.
    #[serde(default)]
    pub expires_at: Option<Instant>,
    /// Give it only if others bring this much to the same application.
    #[serde(default)]
    pub if_others: Option<MoneyText>,
    /// Give only as much as others bring, up to the amount. Not together with `if_others`.
    #[serde(default, rename = "match")]
    pub matching: bool,
    /// Keep your name from others than those who run the service.
    #[serde(default)]
    pub private: bool,
}

/// To approve an offer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveOffer {
    /// Why; kept with the vote.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// To deny an offer.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DenyOffer {
    /// Why; the regrantor reads it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// To withdraw an offer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawOffer {
    /// Why; needed of an admin who withdraws somebody else's, and read by its regrantor.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

/// An offer, as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OfferView {
    /// Its id.
    pub id: OfferId,
    /// On which application.
    pub application_id: ApplicationId,
    /// From which budget; null where it is private.
    pub budget_id: Option<BudgetId>,
    /// By whom; null where it is private.
    pub regrantor_id: Option<PersonId>,
    /// Their name; null where it is private.
    pub regrantor_name: Option<String>,
    /// How much; the most that it gives, where it is on a condition.
    pub amount: Money,
    /// On which condition.
    pub kind: OfferKind,
    /// What others have to bring, if that is the condition.
    pub if_others: Option<Money>,
    /// What became part of the grant; the rest went back to the budget.
    pub effective: Option<Money>,
    /// Whether others are kept from reading whose it is.
    pub private: bool,
    /// What the regrantor asks for; may be empty.
    pub conditions: String,
    /// Where it stands.
    pub status: OfferStatus,
    /// Why it was released, if it was.
    pub release_reason: Option<ReleaseReason>,
    /// When it lapses if it is not awarded.
    pub expires_at: Instant,
    /// The grant that took it over.
    pub grant_id: Option<GrantId>,
    /// When it was placed.
    pub created_at: Instant,
    /// When it was approved, committed or released.
    pub decided_at: Option<Instant>,
    /// When it was promised: at once, or when somebody else approved it.
    pub placed_at: Option<Instant>,
    /// Grows with each change.
    pub version: i32,
}

/// One offer, and what it is about.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OneOffer {
    /// The offer.
    #[serde(flatten)]
    pub offer: OfferView,
    /// What its application was called when it was handed in; null where you may not see that now.
    pub application_title: Option<String>,
    /// What its budget is called; null where you may not see it.
    pub budget_name: Option<String>,
}

impl OfferView {
    /// Without whose it is.
    #[must_use]
    pub fn nameless(self) -> Self {
        Self { budget_id: None, regrantor_id: None, regrantor_name: None, ..self }
    }
}

/// An offer that counts, as whoever sees the application sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FundingOffer {
    /// By whom; null where it is private, and for who has not signed in.
    pub regrantor_name: Option<String>,
    /// Whether it is your own.
    pub yours: bool,
    /// The most that it gives.
    pub amount: Money,
    /// What it comes to with the offers of today.
    pub effective: Money,
    /// On which condition.
    pub kind: OfferKind,
    /// What others have to bring, if that is the condition.
    pub if_others: Option<Money>,
    /// When it lapses if it is not awarded; null once it is part of the grant.
    pub expires_at: Option<Instant>,
}

/// What offers come to together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FundingSum {
    /// What they come to today.
    pub offered: Money,
    /// What is missing to the least that makes sense.
    pub missing_to_minimum: Money,
    /// What is missing to all that is asked for.
    pub missing_to_full: Money,
}

/// How an application is funded.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Funding {
    /// The least that makes sense.
    pub amount_minimum: Money,
    /// What is asked for.
    pub amount_requested: Money,
    /// The most that the offers can come to, all conditions met.
    pub promised: Money,
    /// What they come to.
    #[serde(flatten)]
    pub sum: FundingSum,
    /// What was given for it and funds hold until somebody with a budget of theirs offers it there;
    /// absent where nothing is, and for who could not fund it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Money>,
    /// When the first of those that are not part of a grant lapses.
    pub first_lapses_at: Option<Instant>,
    /// The offers, the first to lapse first; at most 200 of them.
    pub offers: Vec<FundingOffer>,
    /// How many there are.
    pub offers_count: i64,
}

/// What an offer would do.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OfferPreview {
    /// Whether a second person would have to approve it first; it counts once they have.
    pub needs_approval: bool,
    /// What yours would come to.
    pub yours: Money,
    /// What the application has without it.
    pub without: FundingSum,
    /// And with it.
    pub with: FundingSum,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_by_every_step() {
        use OfferStatus::{AwaitingApproval, Committed, Placed, Released};
        let mut possible = Vec::new();
        let releases = ReleaseReason::ALL.iter().map(|r| Step::Release(*r));
        let steps: Vec<Step> = [Step::Approve, Step::Commit].into_iter().chain(releases).collect();
        for from in OfferStatus::ALL {
            for step in &steps {
                if let Some(to) = from.after(*step) {
                    possible.push((*from, *step, to));
                }
            }
        }
        let withdrawn = Step::Release(ReleaseReason::Withdrawn);
        let lapsed = Step::Release(ReleaseReason::Lapsed);
        let ended = Step::Release(ReleaseReason::ApplicationEnded);
        let expected = vec![
            (AwaitingApproval, Step::Approve, Placed),
            (AwaitingApproval, withdrawn, Released),
            (AwaitingApproval, lapsed, Released),
            (AwaitingApproval, ended, Released),
            (AwaitingApproval, Step::Release(ReleaseReason::Denied), Released),
            (Placed, Step::Commit, Committed),
            (Placed, withdrawn, Released),
            (Placed, lapsed, Released),
            (Placed, ended, Released),
        ];
        assert_eq!(possible, expected);
    }
}

//! What the people of the village try, and how often.

use crate::support::years::dice::Dice;

/// What somebody tries; whom it concerns is up to chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Give,
    /// A contribution was recorded in error.
    Ungive,
    Allocate,
    Recall,
    Apply,
    /// On which condition: `plain`, `match`, `if_others`.
    Offer(&'static str),
    /// The second person's word on an offer.
    Decide(&'static str),
    Withdraw,
    /// Days pass: offers lapse.
    Wait,
    Award,
    Release,
    Undo,
    Draft,
    /// A step of a payment.
    Pay(&'static str),
    /// A step of a grant.
    Grant(&'static str),
    Refund,
    /// A refund was recorded in error.
    Unrefund,
    Decline,
    /// The appeal against a decline, and the answer to it.
    Appeal,
    Merge,
    /// Somebody gives for an application.
    Gift,
    /// A step of what was given so.
    Earmark(&'static str),
}

/// With how often they are tried.
const DEEDS: &[(Deed, usize)] = &[
    (Deed::Give, 2),
    (Deed::Ungive, 2),
    (Deed::Allocate, 3),
    (Deed::Recall, 1),
    (Deed::Apply, 4),
    (Deed::Offer("plain"), 8),
    (Deed::Offer("match"), 3),
    (Deed::Offer("if_others"), 3),
    (Deed::Decide("approve"), 3),
    (Deed::Decide("deny"), 1),
    (Deed::Withdraw, 2),
    (Deed::Wait, 1),
    (Deed::Award, 5),
    (Deed::Release, 4),
    (Deed::Undo, 3),
    (Deed::Draft, 8),
    (Deed::Pay("approve"), 7),
    (Deed::Pay("batch"), 7),
    (Deed::Pay("settle"), 6),
    (Deed::Pay("return"), 3),
    (Deed::Pay("retry"), 3),
    (Deed::Pay("void"), 2),
    (Deed::Grant("pause"), 1),
    (Deed::Grant("resume"), 2),
    (Deed::Grant("wind_down"), 1),
    (Deed::Grant("close"), 1),
    (Deed::Grant("cancel"), 2),
    (Deed::Refund, 3),
    (Deed::Unrefund, 2),
    (Deed::Decline, 1),
    (Deed::Appeal, 1),
    (Deed::Merge, 1),
    (Deed::Gift, 3),
    (Deed::Earmark("offer"), 3),
    (Deed::Earmark("reassign"), 1),
    (Deed::Earmark("undo"), 1),
];

impl Deed {
    /// What there has to be before much can happen; each kind of deed is tried here.
    pub const FIRST: &[Self] = &[
        Self::Apply,
        Self::Offer("plain"),
        Self::Offer("match"),
        Self::Gift,
        Self::Earmark("offer"),
        Self::Offer("if_others"),
        Self::Decide("approve"),
        Self::Award,
        Self::Grant("cancel"),
        Self::Apply,
        Self::Offer("plain"),
        Self::Award,
        Self::Draft,
        Self::Apply,
        Self::Gift,
        Self::Gift,
        Self::Earmark("undo"),
        Self::Give,
        Self::Ungive,
        Self::Earmark("offer"),
        Self::Wait,
        Self::Withdraw,
        Self::Decline,
        Self::Appeal,
        Self::Apply,
        Self::Merge,
    ];
    /// Any, as often as they are tried.
    pub fn any(dice: &mut Dice) -> Self {
        let all: Vec<Self> =
            DEEDS.iter().flat_map(|(deed, often)| std::iter::repeat_n(*deed, *often)).collect();
        *dice.one(&all)
    }
}

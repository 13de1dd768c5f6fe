//! A payee, its account, and what is sent and shown of them.

mod account;

pub use account::{Account, AccountType, BankDetails};

use crate::kernel::ids::{PayeeId, PersonId};
use crate::kernel::money::Currency;
use crate::kernel::time::Instant;
use crate::text_enum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// Where a payee stands: `incomplete → submitted → verified | rejected`. A change of its
    /// details leads back to `submitted`; finance may also withdraw a verification.
    pub enum PayeeStatus {
        /// Its owner is still writing it.
        Incomplete = "incomplete",
        /// Waits to be verified.
        Submitted = "submitted",
        /// A second person has found it right.
        Verified = "verified",
        /// A second person has found it wrong; the reason is there.
        Rejected = "rejected",
    }
}

text_enum! {
    /// How a payee is paid.
    pub enum Method {
        /// Into an account with an IBAN (ISO 13616).
        Iban = "iban",
        /// Into an account in the United States (ACH).
        UsBank = "us_bank",
        /// Outside of this service; only from imports.
        External = "external",
    }
}

/// What other domains may know of a payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayeeFacts {
    /// Its id.
    pub id: PayeeId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Name that the account is held under.
    pub name: String,
    /// Where it stands.
    pub status: PayeeStatus,
    /// What it takes.
    pub currency: Currency,
    /// ISO 3166-1 code of two letters.
    pub country: String,
    /// The account, masked.
    pub masked: String,
    /// Counts changes of the details; an approval is bound to it.
    pub details_version: i32,
    /// Not paid to before; absent until it was first verified.
    pub usable_from: Option<Instant>,
    /// Who wrote the details last.
    pub edited_by: PersonId,
    /// Who verified them.
    pub verified_by: Option<PersonId>,
    /// Equal for equal accounts.
    pub fingerprint: Vec<u8>,
    /// How it is paid.
    pub method: Method,
}

/// Who else has a payee with the same account, its owner not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sharing {
    /// How many payees of others.
    pub others: i64,
    /// Whether whoever acts has one of them.
    pub acting: bool,
}

/// A payee as kept, without its account.
#[derive(Debug, Clone)]
pub struct Payee {
    /// What others may know.
    pub facts: PayeeFacts,
    /// Town.
    pub town: String,
    /// Street, number, postcode.
    pub address: String,
    /// Why it was rejected.
    pub status_reason: Option<String>,
    /// When the details were written last.
    pub edited_at: Instant,
    /// When it was verified.
    pub verified_at: Option<Instant>,
    /// Counts edits.
    pub version: i32,
    /// When it was first written.
    pub created_at: Instant,
}

/// A payee in a list: without the street, which its own page tells.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PayeeRow {
    /// Its id.
    pub id: PayeeId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Name that the account is held under.
    pub name: String,
    /// ISO 3166-1 code of two letters.
    pub country: String,
    /// Town.
    pub town: String,
    /// How it is paid.
    pub method: Method,
    /// The account, masked: the rest is never shown.
    #[schema(example = "DE •••• 3000")]
    pub account: String,
    /// What it takes.
    pub currency: Currency,
    /// Where it stands.
    pub status: PayeeStatus,
    /// Why it was rejected.
    pub status_reason: Option<String>,
    /// Nothing is paid to it before this moment.
    pub usable_from: Option<Instant>,
    /// Counts changes of the details; say it when you verify.
    pub details_version: i32,
    /// When the details were written last.
    pub edited_at: Instant,
    /// When it was verified.
    pub verified_at: Option<Instant>,
    /// For staff: how many payees of other people have the same account. Null for its owner.
    pub same_account: Option<i64>,
    /// Counts edits, as in the ETag.
    pub version: i32,
    /// When it was first written.
    pub created_at: Instant,
}

/// A payee, as its owner and staff see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PayeeView {
    /// What lists show.
    #[serde(flatten)]
    pub row: PayeeRow,
    /// Street, number, postcode.
    pub address: String,
}

impl Payee {
    /// As it is shown; `same_account` to staff only.
    pub fn view(self, same_account: Option<i64>) -> PayeeView {
        PayeeView { address: self.address.clone(), row: self.row(same_account) }
    }
    /// As lists show it.
    pub fn row(self, same_account: Option<i64>) -> PayeeRow {
        let facts = self.facts;
        PayeeRow {
            id: facts.id,
            person_id: facts.person_id,
            name: facts.name,
            country: facts.country,
            town: self.town,
            method: facts.method,
            account: facts.masked,
            currency: facts.currency,
            status: facts.status,
            status_reason: self.status_reason,
            usable_from: facts.usable_from,
            details_version: facts.details_version,
            edited_at: self.edited_at,
            verified_at: self.verified_at,
            same_account,
            version: self.version,
            created_at: self.created_at,
        }
    }
}

/// An account as it is typed.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountForm {
    /// An account with an IBAN.
    Iban {
        /// Spaces and small letters are fine.
        #[schema(example = "DE89 3704 0044 0532 0130 00", max_length = 50)]
        iban: String,
        /// Where the bank asks for it.
        #[schema(example = "COBADEFFXXX", max_length = 20)]
        bic: Option<String>,
    },
    /// An account in the United States.
    UsBank {
        /// ABA routing number: nine digits.
        #[schema(example = "021000021", max_length = 20)]
        routing: String,
        /// 4 to 17 digits.
        #[schema(max_length = 40)]
        account: String,
        /// What kind of account it is.
        account_type: AccountType,
    },
}

impl std::fmt::Debug for AccountForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountForm(…)")
    }
}

/// To register a payee.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePayee {
    /// Name that the account is held under.
    #[schema(max_length = 140)]
    pub name: String,
    /// ISO 3166-1 code of two letters, of where the holder lives.
    #[schema(example = "DE", min_length = 2, max_length = 2)]
    pub country: String,
    /// Town; needed before it is submitted.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub town: String,
    /// Street, number, postcode; needed before it is submitted.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub address: String,
    /// What it takes.
    #[schema(example = "EUR", min_length = 3, max_length = 3)]
    pub currency: String,
    /// Where the money goes.
    pub account: AccountForm,
}

/// To change a payee; what is absent stays. A change of what was handed in, or sending the account
/// again, starts the verification anew; of name, country, currency or account also the wait.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPayee {
    /// Name that the account is held under.
    #[schema(max_length = 140)]
    pub name: Option<String>,
    /// ISO 3166-1 code of two letters.
    #[schema(min_length = 2, max_length = 2)]
    pub country: Option<String>,
    /// Town.
    #[schema(max_length = 100)]
    pub town: Option<String>,
    /// Street, number, postcode.
    #[schema(max_length = 300)]
    pub address: Option<String>,
    /// What it takes.
    #[schema(min_length = 3, max_length = 3)]
    pub currency: Option<String>,
    /// Where the money goes.
    pub account: Option<AccountForm>,
}

/// To verify a payee.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyPayee {
    /// The version of the details that you looked at.
    pub details_version: i32,
    /// Send true where the account rightly belongs to several people's payees, for example a
    /// university's.
    #[serde(default)]
    pub confirm_shared_account: bool,
}

/// To reject a payee, or to withdraw its verification.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectPayee {
    /// What is wrong; its owner reads it.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// Which payees to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct PayeeFilter {
    /// Only of this person.
    pub person: Option<PersonId>,
    /// Only in this state.
    pub status: Option<PayeeStatus>,
}

//! An account: what is sealed, shown and written into payment files.

use super::Method;
use crate::text_enum;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

text_enum! {
    /// What kind of account a bank in the United States holds.
    pub enum AccountType {
        /// For everyday payments.
        Checking = "checking",
        /// For savings.
        Savings = "savings",
    }
}

/// An account, checked and in one spelling. Wiped when dropped; `Debug` shows no number.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Account {
    /// An IBAN in its electronic form, and the BIC where one was given.
    Iban {
        /// Without spaces, in capitals.
        iban: String,
        /// Eight or eleven characters.
        bic: Option<String>,
    },
    /// Routing and account number.
    UsBank {
        /// Nine digits.
        routing: String,
        /// 4 to 17 digits.
        account: String,
        /// What kind of account it is.
        #[zeroize(skip)]
        account_type: AccountType,
    },
    /// None that we know of.
    External,
}

impl Account {
    /// How it is paid.
    pub const fn method(&self) -> Method {
        match self {
            Account::Iban { .. } => Method::Iban,
            Account::UsBank { .. } => Method::UsBank,
            Account::External => Method::External,
        }
    }
    /// What may be shown: the last four characters, and of a short number no more than half.
    pub fn masked(&self) -> String {
        match self {
            Account::Iban { iban, .. } => {
                format!("{} •••• {}", iban.get(..2).unwrap_or_default(), tail(iban))
            }
            Account::UsBank { account, .. } => format!("US •••• {}", tail(account)),
            Account::External => "external".into(),
        }
    }
    /// One spelling to each account, for finding the same account again; `None` where there is
    /// none. Leading zeros of a number are left out: banks pad them.
    pub fn spelling(&self) -> Option<Zeroizing<String>> {
        match self {
            Account::Iban { iban, .. } => Some(Zeroizing::new(format!("iban:{iban}"))),
            Account::UsBank { routing, account, .. } => {
                let number = account.trim_start_matches('0');
                Some(Zeroizing::new(format!("us:{routing}:{number}")))
            }
            Account::External => None,
        }
    }
}

fn tail(number: &str) -> &str {
    let shown = 4.min(number.len() / 2);
    number.get(number.len() - shown..).unwrap_or_default()
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.method())
    }
}

/// All that a payment file needs; from `service::open_details` only.
#[derive(Debug, Clone)]
pub struct BankDetails {
    /// Name that the account is held under.
    pub name: String,
    /// ISO 3166-1 code of two letters.
    pub country: String,
    /// Town.
    pub town: String,
    /// Street, number, postcode; may have several lines.
    pub address: String,
    /// The account.
    pub account: Account,
}

impl BankDetails {
    /// IBAN, BIC, routing number, account number and account type; empty where there is none.
    pub fn columns(&self) -> [String; 5] {
        let mut columns = <[String; 5]>::default();
        match &self.account {
            Account::Iban { iban, bic } => {
                columns[0].clone_from(iban);
                columns[1] = bic.clone().unwrap_or_default();
            }
            Account::UsBank { routing, account, account_type } => {
                columns[2].clone_from(routing);
                columns[3].clone_from(account);
                columns[4] = account_type.to_string();
            }
            Account::External => {}
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(account: &str) -> Account {
        let (routing, account) = ("021000021".to_owned(), account.to_owned());
        Account::UsBank { routing, account, account_type: AccountType::Checking }
    }

    #[test]
    fn a_mask_never_shows_more_than_half() {
        let iban = Account::Iban { iban: "DE89370400440532013000".into(), bic: None };
        assert_eq!(iban.masked(), "DE •••• 3000");
        assert_eq!(us("123456789").masked(), "US •••• 6789");
        assert_eq!(us("123456").masked(), "US •••• 456");
        assert_eq!(us("1234").masked(), "US •••• 34");
        assert!(!format!("{iban:?} {:?}", us("123456789")).contains("789"));
    }

    #[test]
    fn the_same_account_has_one_spelling() {
        assert_eq!(us("000123456").spelling(), us("123456").spelling());
        assert_ne!(us("1234560").spelling(), us("123456").spelling());
        assert_eq!(Account::External.spelling(), None);
    }
}

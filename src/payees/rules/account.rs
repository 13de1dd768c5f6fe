//! Whether what was typed can be an account. The messages never repeat what was typed.

use super::countries;
use crate::kernel::fields::Fields;
use crate::payees::model::{Account, AccountForm};
use iban::{BaseIban, Iban, IbanLike as _, ParseBaseIbanError, ParseIbanError};

/// What is wrong: a code and a sentence.
type Wrong = (&'static str, &'static str);

/// The account that a form describes; `None` when something is wrong with it.
pub fn account(fields: &mut Fields, pointer: &str, form: &AccountForm) -> Option<Account> {
    match form {
        AccountForm::Iban { iban, bic } => {
            let iban = take(fields, &format!("{pointer}/iban"), checked_iban(iban));
            let bic = match bic.as_deref().map(checked_bic).transpose() {
                Ok(bic) => Some(bic),
                Err(wrong) => take(fields, &format!("{pointer}/bic"), Err(wrong)),
            };
            Some(Account::Iban { iban: iban?, bic: bic? })
        }
        AccountForm::UsBank { routing, account, account_type } => {
            let routing = take(fields, &format!("{pointer}/routing"), checked_routing(routing));
            let account = take(fields, &format!("{pointer}/account"), checked_number(account));
            let account_type = *account_type;
            Some(Account::UsBank { routing: routing?, account: account?, account_type })
        }
    }
}

/// A country's code in capitals; empty when it is none.
pub fn country(fields: &mut Fields, pointer: &str, code: &str) -> String {
    let code = code.trim().to_ascii_uppercase();
    if countries::known(&code) {
        return code;
    }
    let message = "write the two letters of ISO 3166, for example DE or US";
    fields.push(pointer, "unknown_country", message);
    String::new()
}

fn take<T>(fields: &mut Fields, pointer: &str, checked: Result<T, Wrong>) -> Option<T> {
    checked.map_err(|(code, message)| fields.push(pointer, code, message)).ok()
}

/// Without white space and, where people put them, dashes.
fn packed(text: &str, dashes: bool) -> String {
    let gap = |c: char| c.is_whitespace() || (dashes && c == '-');
    text.chars().filter(|c| !gap(*c)).collect()
}

/// ISO 13616: two letters of the country, two check digits (modulo 97, from 02 to 98), and the
/// country's own pattern and length.
fn checked_iban(text: &str) -> Result<String, Wrong> {
    const SHAPE: Wrong = ("malformed", "write the whole IBAN, for example DE89 3704 0044 …");
    let text = packed(text, false).to_ascii_uppercase();
    if text.get(2..4) == Some("99") {
        return Err(("checksum", "the check digits do not fit: look for a slip of the pen"));
    }
    match text.parse::<Iban>() {
        Ok(iban) => Ok(iban.electronic_str().to_owned()),
        Err(ParseIbanError::UnknownCountry(base)) if is_of_the_registry(&base) => {
            Ok(base.electronic_str().to_owned())
        }
        Err(ParseIbanError::InvalidBaseIban { source: ParseBaseIbanError::InvalidChecksum }) => {
            Err(("checksum", "the check digits do not fit: look for a slip of the pen"))
        }
        Err(ParseIbanError::UnknownCountry(_)) => {
            Err(("unknown_country", "no country with IBANs begins with these two letters"))
        }
        Err(ParseIbanError::InvalidBban(_)) => {
            Err(("malformed", "this is not as long, or not built, as IBANs of that country are"))
        }
        Err(ParseIbanError::InvalidBaseIban { .. }) => Err(SHAPE),
    }
}

/// Countries of the registry of ISO 13616 that the crate does not know: a bank of four letters,
/// then for Pakistan 16 letters and digits, for Honduras 20 digits.
fn is_of_the_registry(iban: &BaseIban) -> bool {
    let (bank, account) = iban.bban_unchecked().split_at_checked(4).unwrap_or_default();
    let built = match iban.country_code() {
        "PK" => account.len() == 16,
        "HN" => account.len() == 20 && account.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    built && bank.bytes().all(|b| b.is_ascii_uppercase())
}

/// ISO 9362: four characters, a country, two characters, and three more or none.
fn checked_bic(text: &str) -> Result<String, Wrong> {
    let bic = packed(text, false).to_ascii_uppercase();
    let well_formed = matches!(bic.len(), 8 | 11)
        && bic.bytes().all(|b| b.is_ascii_alphanumeric())
        && bic.get(4..6).is_some_and(countries::known);
    if well_formed { Ok(bic) } else { Err(("malformed", "a BIC has 8 or 11 letters and digits")) }
}

/// ABA: nine digits; weighted 3, 7, 1 they sum to a multiple of ten.
fn checked_routing(text: &str) -> Result<String, Wrong> {
    let digits = packed(text, true);
    if digits.len() != 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(("malformed", "a routing number has nine digits"));
    }
    let weights = [3, 7, 1].into_iter().cycle();
    let sum: u32 = digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    if sum == 0 || !sum.is_multiple_of(10) {
        return Err(("checksum", "the digits do not fit together: look for a slip of the pen"));
    }
    Ok(digits)
}

fn checked_number(text: &str) -> Result<String, Wrong> {
    let digits = packed(text, true);
    let well_formed = (4..=17).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.bytes().any(|b| b != b'0');
    if well_formed {
        Ok(digits)
    } else {
        Err(("malformed", "an account number has 4 to 17 digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ibans_of_many_countries() {
        let good = [
            "DE89370400440532013000",
            " de89 3704 0044 0532 0130 00 ",
            "GB29 NWBK 6016 1331 9268 19",
            "FR14 2004 1010 0505 0001 3M02 606",
            "NO93 8601 1117 947",
            "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
            "PK36 SCBL 0000 0011 2345 6702",
            "PK71ABPAU3Q4TD5BOC2AIV6S",
            "HN88 CABF 0000 0000 0002 5000 5469",
            "DE89\u{a0}3704\t0044 0532 0130 00",
        ];
        for iban in good {
            assert!(checked_iban(iban).is_ok(), "{iban}");
        }
        assert_eq!(checked_iban(good[1]), checked_iban(good[0]));
        let bad = [
            ("DE89370400440532013001", "checksum"),
            ("DE88370400440532013000", "checksum"),
            ("DE8937040044053201300", "checksum"),
            ("", "malformed"),
            ("DE", "malformed"),
            ("DE89-3704-0044-0532-0130-00", "malformed"),
            ("ＤＥ89370400440532013000", "malformed"),
            ("DE89370400440532013000DE89370400440532013000", "malformed"),
        ];
        for (iban, code) in bad {
            assert_eq!(checked_iban(iban).map_err(|w| w.0), Err(code), "{iban}");
        }
    }

    /// Right check digits, but not built as the country's are, or of no such country.
    #[test]
    fn right_digits_are_not_enough() {
        for (country, bban) in [("DE", "3704004405320130"), ("US", "12345678901234")] {
            let whole = (2..=98).map(|n| format!("{country}{n:02}{bban}")).find(|candidate| {
                let code = checked_iban(candidate).map_err(|w| w.0);
                matches!(code, Err("malformed" | "unknown_country"))
            });
            assert!(whole.is_some(), "{country}");
        }
    }

    #[test]
    fn bics_and_routing_and_account_numbers() {
        for good in ["COBADEFF", "cobadeffxxx", "BOFAUS3N", "NWBK GB 2L", "C0BADEFF"] {
            assert!(checked_bic(good).is_ok(), "{good}");
        }
        for bad in ["", "COBADEF", "COBAXXFF", "CO-ADEFF", "COBADEFFXX", "COBADEFFXXXX", "ÖOBADEFF"]
        {
            assert!(checked_bic(bad).is_err(), "{bad}");
        }
        for good in ["021000021", "011401533", "0910 0001 9", "122-105-278"] {
            assert!(checked_routing(good).is_ok(), "{good}");
        }
        for bad in ["021000022", "02100002", "0210000210", "000000000", "02100002A", ""] {
            assert!(checked_routing(bad).is_err(), "{bad}");
        }
        for good in ["1234", "12345678901234567", "0000-1234"] {
            assert!(checked_number(good).is_ok(), "{good}");
        }
        for bad in ["123", "123456789012345678", "12a4", "", "0000", "-123", "١٢٣٤"] {
            assert!(checked_number(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = (checked_iban(&text), checked_bic(&text));
            let _ = (checked_routing(&text), checked_number(&text));
        }
        /// One wrong digit is always found, as is a swap of two neighbours.
        #[test]
        fn slips_of_the_pen_are_found(place in 4usize..22, digit in 0u8..10) {
            let good = "DE89370400440532013000";
            let mut bytes = good.as_bytes().to_vec();
            bytes[place] = b'0' + digit;
            let slip = String::from_utf8(bytes).expect("digits");
            prop_assert_eq!(checked_iban(&slip).is_ok(), slip == good);
            let mut bytes = good.as_bytes().to_vec();
            bytes.swap(place, (place + 1).min(21));
            let slip = String::from_utf8(bytes).expect("digits");
            prop_assert_eq!(checked_iban(&slip).is_ok(), slip == good);
        }
    }
}

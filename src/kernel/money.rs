//! Money: whole minor units (cents) and an ISO 4217 currency. No float, no unchecked arithmetic.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use serde::{Deserialize, Serialize};

/// No single amount may be larger: 10^15 minor units, so that sums of many stay far inside i64.
pub const MAX_MINOR: i64 = 1_000_000_000_000_000;

/// An ISO 4217 currency that has minor units (gold and test codes are refused).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    exponent: u8,
}

/// An amount in minor units of one currency; may be negative as a difference, never as a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount is refused. The text says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a currency code with minor units.
    #[error("“{0}” is not an ISO 4217 currency that can be paid; write for example USD or EUR")]
    UnknownCurrency(String),
    /// Not digits with one optional point.
    #[error("write the amount as digits with a point, for example 1250.00")]
    Malformed,
    /// More or fewer decimals than the currency has.
    #[error("{currency} amounts have exactly {digits} digits after the point")]
    Precision {
        /// The currency asked for.
        currency: String,
        /// Digits after the point that it has.
        digits: u32,
    },
    /// Beyond [`MAX_MINOR`], or a sum that does not fit.
    #[error("the amount is too large")]
    TooLarge,
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added: convert first")]
    Mixed(Currency, Currency),
}

impl Currency {
    /// Parses three capital letters.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let unknown = || MoneyError::UnknownCurrency(code.chars().take(12).collect());
        let known = iso_currency::Currency::from_code(code).ok_or_else(unknown)?;
        let exponent = known.exponent().ok_or_else(unknown)?;
        let exponent = u8::try_from(exponent).map_err(|_| unknown())?;
        let code = code.as_bytes().try_into().map_err(|_| unknown())?;
        Ok(Self { code, exponent })
    }
    /// `USD`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("XXX")
    }
    /// Minor units as a decimal with exactly its digits: `-1250.00`.
    pub fn decimal(self, minor: i128) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let digits = minor.unsigned_abs();
        let exponent = self.exponent();
        if exponent == 0 {
            return format!("{sign}{digits}");
        }
        let unit = 10u128.saturating_pow(exponent);
        let whole = digits.checked_div(unit).unwrap_or(digits);
        let part = digits.checked_rem(unit).unwrap_or(0);
        format!("{sign}{whole}.{part:0width$}", width = usize::from(self.exponent))
    }
    /// Digits after the point: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        u32::from(self.exponent)
    }
}
impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
impl std::str::FromStr for Currency {
    type Err = MoneyError;
    fn from_str(s: &str) -> Result<Self, MoneyError> {
        Self::parse(s)
    }
}
impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Money {
    /// From minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    /// Nothing, of this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }
    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }
    /// Its currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }
    /// More than nothing.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }
    /// Parses a decimal with exactly the currency's digits, as on the wire.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let precision = || MoneyError::Precision {
            currency: currency.code().into(),
            digits: currency.exponent(),
        };
        let (negative, digits) = match amount.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let well_formed = !whole.is_empty()
            && all_digits(whole)
            && all_digits(fraction)
            && (whole == "0" || !whole.starts_with('0'))
            && !(digits.contains('.') && fraction.is_empty());
        if !well_formed {
            return Err(MoneyError::Malformed);
        }
        if fraction.len() != usize::from(currency.exponent) {
            return Err(precision());
        }
        let minor: i64 = format!("{whole}{fraction}").parse().map_err(|_| MoneyError::TooLarge)?;
        if minor > MAX_MINOR {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { minor: if negative { minor.saturating_neg() } else { minor }, currency })
    }
    /// The decimal with exactly the currency's digits: `-1250.00`.
    pub fn decimal(self) -> String {
        self.currency.decimal(self.minor.into())
    }
    /// The sum; refuses two currencies and overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }
    /// The difference; refuses two currencies and overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }
    /// The sum of many, which must all be of `currency`.
    pub fn sum(
        currency: Currency,
        items: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        items.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }
    /// A share in hundredths of a percent, rounded half up (a sponsor's fee).
    pub fn basis_points(self, bps: u32) -> Result<Self, MoneyError> {
        let share = i128::from(self.minor).saturating_mul(i128::from(bps));
        let share = share.saturating_add(5_000).div_euclid(10_000);
        let minor = i64::try_from(share).map_err(|_| MoneyError::TooLarge)?;
        Ok(Self { minor, ..self })
    }
    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Mixed(self.currency, other.currency))
        }
    }
}
impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

/// Money as it is written on the wire; parsed by [`crate::kernel::fields::Fields::money`], which
/// names the field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyText {
    /// Decimal with exactly the currency's minor digits.
    #[schema(example = "1250.00", max_length = 20, pattern = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$")]
    pub amount: String,
    /// ISO 4217 code.
    #[schema(example = "USD", min_length = 3, max_length = 3, pattern = "^[A-Z]{3}$")]
    pub currency: String,
}
impl From<Money> for MoneyText {
    fn from(m: Money) -> Self {
        Self { amount: m.decimal(), currency: m.currency.code().into() }
    }
}
impl TryFrom<MoneyText> for Money {
    type Error = MoneyError;
    fn try_from(t: MoneyText) -> Result<Self, MoneyError> {
        Self::parse(&t.amount, Currency::parse(&t.currency)?)
    }
}
impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        MoneyText::from(*self).serialize(s)
    }
}
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = MoneyText::deserialize(d)?;
        Self::try_from(text).map_err(serde::de::Error::custom)
    }
}
impl utoipa::PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        MoneyText::schema()
    }
}
impl utoipa::ToSchema for Money {
    fn name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }
}
impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(3))
            .max_length(Some(3))
            .into()
    }
}
impl utoipa::ToSchema for Currency {
    fn name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd() -> Currency {
        Currency::parse("USD").expect("known")
    }

    #[test]
    fn refuses_what_is_not_exactly_an_amount() {
        for bad in ["", "-", ".", "1.", ".5", "1e3", "1,000.00", "01.00", "+1.00", " 1.00", "１.00"]
        {
            assert_eq!(Money::parse(bad, usd()), Err(MoneyError::Malformed), "{bad}");
        }
        assert!(matches!(Money::parse("1", usd()), Err(MoneyError::Precision { .. })));
        assert!(matches!(Money::parse("1.005", usd()), Err(MoneyError::Precision { .. })));
        assert_eq!(Money::parse("10000000000000.01", usd()), Err(MoneyError::TooLarge));
        assert_eq!(Money::parse("99999999999999999999.00", usd()), Err(MoneyError::TooLarge));
        assert!(Currency::parse("XAU").is_err() && Currency::parse("usd").is_err());
    }

    #[test]
    fn keeps_each_currencys_digits() {
        let yen = Currency::parse("JPY").expect("known");
        let dinar = Currency::parse("KWD").expect("known");
        assert_eq!(Money::parse("500", yen).expect("whole").decimal(), "500");
        assert_eq!(Money::parse("1.005", dinar).expect("three").minor(), 1005);
        assert_eq!(Money::new(-5, usd()).decimal(), "-0.05");
    }

    proptest! {
        #[test]
        fn decimal_round_trips(minor in -MAX_MINOR..=MAX_MINOR) {
            let money = Money::new(minor, usd());
            prop_assert_eq!(Money::parse(&money.decimal(), usd()), Ok(money));
        }
        #[test]
        fn never_panics_on_any_text(text in ".*") {
            let _ = Money::parse(&text, usd());
            let _ = Currency::parse(&text);
        }
    }
}

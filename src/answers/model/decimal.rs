//! Numbers of forms and answers, as JSON writes them, kept digit by digit.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

/// Most digits after the point.
pub const DECIMALS_MAX: u32 = 6;
/// One, in the unit that numbers are kept in.
const ONE: u128 = 1_000_000;

/// A number of at most six digits after the point, in millionths: compared and told exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    /// The number of a JSON value; none where it is no number, has more digits after the point, or
    /// is beyond anything that is asked for.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::read(&number.to_string()),
            _ => None,
        }
    }
    /// The smallest step of numbers with so many digits after the point.
    pub fn step(decimals: u32) -> Self {
        Self(10_i128.pow(DECIMALS_MAX.saturating_sub(decimals)))
    }
    /// Whether it has no more than so many digits after the point.
    pub fn fits(self, decimals: u32) -> bool {
        self.0 % Self::step(decimals).0 == 0
    }
    /// As JSON: a whole number is written without a point.
    pub fn value(self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
    /// Reads what JSON writes: digits, perhaps with a sign, a point and an exponent.
    fn read(text: &str) -> Option<Self> {
        let digits = text.trim_start_matches('-');
        let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{part}");
        let kept = all.trim_end_matches('0');
        if kept.is_empty() {
            return Some(Self(0));
        }
        // What the last digit that is not zero counts, as a power of ten of millionths.
        let zeros = i64::try_from(all.len() - kept.len()).ok()?;
        let after = i64::try_from(part.len()).ok()?;
        let power = exponent.parse::<i64>().ok()?.checked_add(zeros)?.checked_sub(after)?;
        let power = u32::try_from(power.checked_add(i64::from(DECIMALS_MAX))?).ok()?;
        let number = kept.parse::<i128>().ok()?.checked_mul(10_i128.checked_pow(power)?)?;
        Some(Self(if text.starts_with('-') { -number } else { number }))
    }
}
impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        Self(i128::from(whole) * Self::step(0).0)
    }
}
impl std::ops::Neg for Decimal {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / ONE, self.0.unsigned_abs() % ONE);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{part:06}").trim_end_matches('0'))
    }
}
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.to_string().parse::<Number>().map_err(S::Error::custom)?.serialize(s)
    }
}
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(d)?;
        let message = "write a number of at most 6 digits after the point";
        Self::read(&number.to_string()).ok_or_else(|| D::Error::custom(message))
    }
}
impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("A number of at most six digits after the point."))
            .into()
    }
}
impl utoipa::ToSchema for Decimal {
    fn name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Option<String> {
        let value: Value = serde_json::from_str(json).expect("JSON");
        Decimal::of(&value).map(|number| number.to_string())
    }

    #[test]
    fn numbers_are_read_as_json_writes_them() {
        for (json, told) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("5.0", "5"),
            ("0.1", "0.1"),
            ("-12.50", "-12.5"),
            ("1e-6", "0.000001"),
            ("0.000001", "0.000001"),
            ("1.5e3", "1500"),
            ("1e15", "1000000000000000"),
            ("999999999.999999", "999999999.999999"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(read(json).as_deref(), Some(told), "{json}");
        }
        for json in ["1e-7", "0.1234567", "1e300", "\"5\"", "true", "null", "[5]"] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn digits_after_the_point_are_counted() {
        let number = |json: &str| Decimal::of(&serde_json::from_str(json).expect("JSON"));
        for (json, digits) in [("7", 0), ("0.1", 1), ("0.10", 1), ("2.25", 2), ("1e-6", 6)] {
            let number = number(json).expect("a number");
            for most in 0..=DECIMALS_MAX {
                assert_eq!(number.fits(most), digits <= most, "{json} with {most}");
            }
        }
    }

    proptest! {
        /// Of at most 15 digits none is lost on the way through JSON.
        #[test]
        fn nothing_is_lost(units in -999_999_999_999_999_i64..1_000_000_000_000_000) {
            for decimals in 0..=DECIMALS_MAX {
                let number = Decimal(i128::from(units) * Decimal::step(decimals).0);
                let text = serde_json::to_string(&number).expect("JSON");
                prop_assert_eq!(serde_json::from_str::<Decimal>(&text).expect("a number"), number);
                let value: Value = serde_json::from_str(&text).expect("JSON");
                prop_assert_eq!(Decimal::of(&number.value()), Some(number));
                prop_assert_eq!(value, number.value());
            }
        }
    }
}

//! Sums of many amounts.

use crate::kernel::money::{Currency, Money};
use serde::{Serialize, Serializer};

/// A sum of many amounts: may be below zero, and cannot overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sum {
    /// Minor units.
    pub minor: i128,
    /// Its currency.
    pub currency: Currency,
}

impl Sum {
    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }
    /// The decimal with exactly the currency's digits: `-1250.00`.
    pub fn decimal(self) -> String {
        self.currency.decimal(self.minor)
    }
    /// As money, where it fits.
    pub fn money(self) -> Option<Money> {
        Some(Money::new(i64::try_from(self.minor).ok()?, self.currency))
    }
}
impl From<Money> for Sum {
    fn from(money: Money) -> Self {
        Self { minor: money.minor().into(), currency: money.currency() }
    }
}
impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}
impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Text<'a> {
            amount: String,
            currency: &'a Currency,
        }
        Text { amount: self.decimal(), currency: &self.currency }.serialize(s)
    }
}
impl utoipa::PartialSchema for Sum {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Money::schema()
    }
}
impl utoipa::ToSchema for Sum {
    fn name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_are_written_as_money_is(minor: i64, which in 0usize..3) {
            let currency = Currency::parse(["USD", "JPY", "KWD"][which]).expect("known");
            let money = Money::new(minor, currency);
            prop_assert_eq!(Sum::from(money).decimal(), money.decimal());
        }
    }

    #[test]
    fn sums_beyond_money() {
        let currency = Currency::parse("KWD").expect("known");
        let sum = Sum { minor: -(i128::from(i64::MAX) * 1000 + 5), currency };
        assert_eq!(sum.decimal(), "-9223372036854775807.005");
        assert_eq!(sum.money(), None);
    }
}

//! Collecting what is wrong with a request, all fields at once.

use crate::kernel::Result;
use crate::kernel::money::{Currency, Money, MoneyError, MoneyText};
use crate::kernel::problem::{FieldError, Problem};
use crate::kernel::text::{self, TextError};
use crate::kernel::time::Date;

/// Refuses days that end before they begin. `at` is what stands before the name of each where it
/// was written: `?` in an address, `--` in a command.
///
/// # Errors
/// 422 on the last day.
pub fn days_in_order(at: &str, from: Option<Date>, to: Option<Date>) -> Result<()> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => {
            let message = format!("write a day on or after {at}from");
            Err(Problem::field(&format!("{at}to"), "out_of_range", message))
        }
        _ => Ok(()),
    }
}

/// The wrong fields so far. Each check returns a usable value, so that the next can go on;
/// [`Fields::finish`] refuses if there was any error. Pointers are JSON pointers.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// One more wrong field.
    pub fn push(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code, message: message.into() });
    }
    /// Wrong unless `ok`.
    pub fn check(&mut self, ok: bool, pointer: &str, code: &'static str, message: &str) {
        if !ok {
            self.push(pointer, code, message);
        }
    }
    /// A cleaned line of `min` to `max` characters.
    pub fn line(&mut self, pointer: &str, value: &str, min: usize, max: usize) -> String {
        self.text_or_default(pointer, text::line(value, min, max))
    }
    /// Cleaned paragraphs of `min` to `max` characters.
    pub fn paragraphs(&mut self, pointer: &str, value: &str, min: usize, max: usize) -> String {
        self.text_or_default(pointer, text::paragraphs(value, min, max))
    }
    /// A cleaned line, if there is one.
    pub fn optional_line(
        &mut self,
        pointer: &str,
        value: Option<&str>,
        max: usize,
    ) -> Option<String> {
        value.map(|v| self.line(pointer, v, 1, max))
    }
    /// An e-mail address in its stored form.
    pub fn email(&mut self, pointer: &str, value: &str) -> String {
        self.text_or_default(pointer, text::email(value))
    }
    /// An amount of zero or more; `None` when it is wrong.
    pub fn money(&mut self, pointer: &str, value: &MoneyText) -> Option<Money> {
        let parsed = match Currency::parse(&value.currency) {
            Ok(currency) => Money::parse(&value.amount, currency),
            Err(e) => Err(e),
        };
        match parsed {
            Ok(money) if money.minor() < 0 => {
                self.push(&format!("{pointer}/amount"), "negative", "write an amount above zero");
                None
            }
            Ok(money) => Some(money),
            Err(e) => {
                let (part, code) = match e {
                    MoneyError::UnknownCurrency(_) => ("currency", "unknown_currency"),
                    MoneyError::Precision { .. } => ("amount", "precision"),
                    MoneyError::TooLarge => ("amount", "too_large"),
                    _ => ("amount", "malformed"),
                };
                self.push(&format!("{pointer}/{part}"), code, e.to_string());
                None
            }
        }
    }
    /// An amount above zero; `None` when it is wrong.
    pub fn positive_money(&mut self, pointer: &str, value: &MoneyText) -> Option<Money> {
        let money = self.money(pointer, value)?;
        if !money.is_positive() {
            self.push(&format!("{pointer}/amount"), "not_positive", "write an amount above zero");
            return None;
        }
        Some(money)
    }
    /// An amount above zero in a given currency; `None` when it is wrong.
    pub fn money_in(
        &mut self,
        pointer: &str,
        value: &MoneyText,
        currency: Currency,
    ) -> Option<Money> {
        let money = self.positive_money(pointer, value)?;
        if money.currency() != currency {
            let message = format!("this has to be in {currency}");
            self.push(&format!("{pointer}/currency"), "currency_mismatch", message);
            return None;
        }
        Some(money)
    }
    /// A whole number within a range.
    pub fn range(&mut self, pointer: &str, value: i64, min: i64, max: i64) {
        if !(min..=max).contains(&value) {
            self.push(pointer, "out_of_range", format!("write a number from {min} to {max}"));
        }
    }
    /// A day within a century of plausibility (1900 to 2200).
    pub fn plausible(&mut self, pointer: &str, value: Date) {
        if !(1900..=2200).contains(&value.year()) {
            self.push(pointer, "out_of_range", "write a day from 1900-01-01 to 2200-12-31");
        }
    }
    /// Refuses with all that was wrong.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
    fn text_or_default(
        &mut self,
        pointer: &str,
        result: std::result::Result<String, TextError>,
    ) -> String {
        result.unwrap_or_else(|e| {
            self.push(pointer, e.code, e.message);
            String::new()
        })
    }
}

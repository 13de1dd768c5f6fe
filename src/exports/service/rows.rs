//! Reading the rows of a file of past grants.

use super::import::GrantRow;
use crate::kernel::money::{Currency, Money};
use crate::kernel::time::Date;
use serde::Deserialize;
use std::io::Read;

/// A row with its line in the file; or what is wrong with it.
pub type Row = (u64, std::result::Result<GrantRow, String>);

/// One row as it stands in the file.
#[derive(Debug, Deserialize)]
struct Raw {
    id: String,
    title: String,
    recipient_organization: String,
    amount: String,
    currency: String,
    award_date: String,
    #[serde(default)]
    programs: String,
}

/// The columns that a file has to have.
const COLUMNS: [&str; 6] =
    ["id", "title", "recipient_organization", "amount", "currency", "award_date"];

/// The rows of a file (CSV in UTF-8, with a line of names), one after the other; where that line
/// lacks a column, this is all that is told.
pub fn read_rows(file: impl Read) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let missing: Vec<&str> = match reader.headers() {
        Ok(names) => COLUMNS.iter().copied().filter(|c| !names.iter().any(|n| n == *c)).collect(),
        Err(e) => return vec![(1, Err(e.to_string()))],
    };
    if !missing.is_empty() {
        let why = format!("these columns are missing: {}", missing.join(", "));
        return vec![(1, Err(why))];
    }
    let read = |(index, raw): (usize, csv::Result<Raw>)| {
        let line = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(2);
        (line, raw.map_err(|e| e.to_string()).and_then(|raw| parse(&raw)))
    };
    reader.deserialize::<Raw>().enumerate().map(read).collect()
}

/// An amount without the commas that part its thousands. A comma anywhere else may be a decimal
/// one, which would make it a hundred times as much.
fn ungrouped(amount: &str) -> std::result::Result<String, String> {
    let (whole, rest) = match amount.split_once('.') {
        Some((whole, rest)) => (whole, format!(".{rest}")),
        None => (amount, String::new()),
    };
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = whole.contains(',');
    let thousands = (1..=3).contains(&first.trim_start_matches('-').len())
        && groups.all(|group| group.len() == 3);
    if (grouped && !thousands) || rest.contains(',') {
        return Err(
            "amount: write the decimals after a point, and commas only between thousands, \
                    as in 1,250.50"
                .into(),
        );
    }
    Ok(format!("{}{rest}", whole.replace(',', "")))
}

fn parse(raw: &Raw) -> std::result::Result<GrantRow, String> {
    let currency = Currency::parse(&raw.currency).map_err(|e| e.to_string())?;
    let whole = ungrouped(&raw.amount)?;
    let exact = if whole.contains('.') || currency.exponent() == 0 {
        whole
    } else {
        format!("{whole}.{}", "0".repeat(usize::try_from(currency.exponent()).unwrap_or(2)))
    };
    let amount = Money::parse(&exact, currency).map_err(|e| format!("amount: {e}"))?;
    if !amount.is_positive() {
        return Err("amount: this is not above zero".into());
    }
    let awarded_on: Date = raw.award_date.parse().map_err(|e| format!("award_date: {e}"))?;
    if raw.id.is_empty() || raw.id.chars().count() > 140 {
        return Err("id: write 1 to 140 characters".into());
    }
    let kept = |text: &str, max: usize| text.chars().take(max).collect::<String>();
    Ok(GrantRow {
        external_id: raw.id.clone(),
        title: kept(&raw.title, 200),
        recipient: raw.recipient_organization.clone(),
        amount,
        awarded_on,
        programs: kept(&raw.programs, 1_000),
    })
}

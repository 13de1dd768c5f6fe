//! docs/LEDGER.md says what the code does: its chart of accounts and its movements.

use super::{about, day};
use almoner::kernel::Result;
use almoner::kernel::ids::{BankAccountId, BudgetId, FundId, GrantId, Id};
use almoner::kernel::money::{Currency, Money};
use almoner::ledger::model::{Book, Code, Dimension, Line, Movement, MovementKind, Side};
use almoner::ledger::movements::{self as m, Payment, Share};
use uuid::Uuid;

const PAGE: &str = include_str!("../../../docs/LEDGER.md");

/// The rows of the table whose header begins so, each as its cells.
fn table(header: &str) -> Vec<Vec<String>> {
    let mut lines = PAGE.lines().skip_while(|line| !line.starts_with(header));
    assert!(lines.next().is_some_and(|l| l.starts_with(header)), "no table {header}");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| -> Vec<String> {
        let inner = row.trim_matches('|');
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_chart_is_the_code() {
    let row = |code: &Code| -> Vec<String> {
        let each = match code.dimension() {
            Dimension::None => "",
            Dimension::Bank => "bank account",
            Dimension::Fund => "fund",
            Dimension::Budget => "budget",
            Dimension::Grant => "grant",
            Dimension::GrantBudget => "grant and budget",
        };
        let guarded = if code.guarded() { "yes" } else { "" };
        let (book, side) = (code.book(), code.normal_side());
        [code.as_str(), code.title(), each, book.as_str(), side.as_str(), guarded]
            .map(str::to_owned)
            .to_vec()
    };
    let wanted: Vec<Vec<String>> = Code::ALL.iter().map(row).collect();
    assert_eq!(table("| code |"), wanted);
}

/// Every movement of a kind, in the order of the page.
fn made(kind: MovementKind) -> Result<Vec<Movement>> {
    fn id<T>(number: u128) -> Id<T> {
        Id::from_uuid(Uuid::from_u128(number))
    }
    let (fund, budget, grant): (FundId, BudgetId, GrantId) = (id(1), id(2), id(3));
    let (bank, other): (BankAccountId, BankAccountId) = (id(4), id(5));
    let usd = Currency::parse("USD").expect("known");
    let amount = Money::new(100, usd);
    let yen = Money::new(9, Currency::parse("JPY").expect("known"));
    let on = day("2026-11-02");
    let about = &about(on, "");
    let shares = [Share { fund, budget, minor: 100 }];
    let payment = Payment {
        disbursement: id(6),
        grant,
        bank,
        amount,
        reference: "R".into(),
        shares: shares.to_vec(),
    };
    use MovementKind as M;
    Ok(vec![match kind {
        M::ContributionReceived => m::contribution_received(fund, bank, amount, about)?,
        M::SponsorFeeCharged => m::sponsor_fee_charged(fund, amount, about)?,
        M::BudgetAllocated => m::budget_allocated(fund, budget, amount, about)?,
        M::BudgetRecalled => m::budget_recalled(fund, budget, amount, about)?,
        M::OfferPlaced => m::offer_placed(fund, budget, amount, about)?,
        M::OfferReleased => m::offer_released(fund, budget, amount, about)?,
        M::GrantAwarded => m::grant_awarded(grant, &shares[0], usd, about)?,
        M::TrancheReleased => m::tranche_released(grant, &shares, usd, about)?,
        M::TaxWithheld => m::tax_withheld(grant, &shares, usd, about)?,
        M::PaymentInstructed => m::payment_instructed(&payment, on)?,
        M::PaymentSettled => m::payment_settled(&payment, on)?,
        M::PaymentReturned => {
            let before = m::payment_returned(&payment, false, on)?;
            return Ok(vec![before, m::payment_returned(&payment, true, on)?]);
        }
        M::BankCharge => m::bank_charge(fund, bank, amount, about)?,
        M::CommitmentReleased => m::commitment_released(grant, &shares, usd, about)?,
        M::ReleaseUndone => m::release_undone(grant, &shares, usd, about)?,
        M::RefundReceived => m::refund_received(grant, bank, &shares, usd, about)?,
        M::CurrencyExchanged => m::currency_exchanged((bank, amount), (other, yen), about)?,
        // The opposite of anything: it has no lines of its own.
        M::Reversal => return Ok(Vec::new()),
    }])
}

/// What lines of one book say: `Dr 1000 Cr 4000`, several with a stroke between.
fn spelt(lines: &[Line], book: Book) -> String {
    let of_book: Vec<&Line> = lines.iter().filter(|l| l.account.code.book() == book).collect();
    let pair = |pair: &[&Line]| {
        assert_eq!((pair[0].side, pair[1].side), (Side::Debit, Side::Credit));
        format!("Dr {} Cr {}", pair[0].account.code, pair[1].account.code)
    };
    of_book.chunks(2).map(pair).collect::<Vec<_>>().join(" / ")
}

#[test]
fn the_movements_are_the_code() {
    let rows = table("| movement |");
    let kinds: Vec<String> = MovementKind::ALL.iter().map(|k| format!("`{k}`")).collect();
    let named: Vec<&String> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(named, kinds.iter().collect::<Vec<_>>(), "in the order of the code");
    for (kind, row) in MovementKind::ALL.iter().zip(&rows) {
        assert!(!row[1].is_empty(), "{kind} is explained");
        let movements = made(*kind).expect("sound");
        assert!(movements.iter().all(|m| m.kind == *kind));
        let book = |book: Book| {
            let texts: Vec<String> = movements.iter().map(|m| spelt(&m.lines, book)).collect();
            texts.iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>().join(" / ")
        };
        assert_eq!(row[2..], [book(Book::General), book(Book::Budget)], "{kind}");
    }
}

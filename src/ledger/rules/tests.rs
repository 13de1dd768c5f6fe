use super::super::model::{Code, Dims, Movement, MovementKind};
use super::super::movements::{self, About};
use super::seal::{Fields, GENESIS};
use super::*;
use crate::kernel::ids::{BankAccountId, Id};
use crate::kernel::money::Money;
use crate::kernel::text::hex;
use crate::kernel::time::{Date, Instant};
use proptest::prelude::*;
use uuid::Uuid;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").expect("known"))
}

fn contribution() -> Movement {
    let on = Date::new(2026, 3, 1).expect("a day");
    let about = About { on, memo: "m".into(), source: ("test", Uuid::nil()) };
    let (fund, bank) = (Id::from_uuid(Uuid::from_u128(1)), Id::from_uuid(Uuid::from_u128(2)));
    movements::contribution_received(fund, bank, usd(500), &about).expect("sound")
}

#[test]
fn planted_faults_are_found() {
    let good = contribution();
    assert_eq!(sound(&good), Ok(()));
    let harm = |f: &dyn Fn(&mut Movement)| {
        let mut movement = good.clone();
        f(&mut movement);
        sound(&movement).expect_err("harmed").to_string()
    };
    assert!(harm(&|m| m.lines.clear()).contains("0 lines"));
    assert!(harm(&|m| m.lines = vec![m.lines[0].clone(); MAX_LINES + 1]).contains("401 lines"));
    assert!(harm(&|m| m.lines[0].amount = usd(501)).contains("general book does not balance"));
    assert!(harm(&|m| m.lines[0].amount = usd(0)).contains("a line of 0.00 USD"));
    assert!(harm(&|m| m.lines[2].side = Side::Credit).contains("budget book does not balance"));
    assert!(harm(&|m| m.lines[0].account.dims = Dims::default()).contains("lacks its dimension"));
    assert!(harm(&|m| drop(m.lines.drain(..2))).contains("has left"), "one book alone");
    assert!(harm(&|m| m.lines[3].account.code = Code::SponsorFee).contains("does not balance"));
    // Balanced, and against the chart: what may be spent is moved to nowhere.
    let nowhere = |m: &mut Movement| {
        m.lines.drain(..2);
        m.lines[1].account.code = Code::SpendingAuthority;
        m.lines[0].account.code = Code::Unallocated;
        m.lines[1].side = Side::Credit;
        m.lines[1].account.code = Code::Spent;
        m.lines[1].account.dims.budget = Some(Id::from_uuid(Uuid::from_u128(3)));
        m.lines[1].account.dims.grant = Some(Id::from_uuid(Uuid::from_u128(4)));
    };
    assert!(harm(&nowhere).contains("has left"));
    let eur = Money::new(500, Currency::parse("EUR").expect("known"));
    assert!(harm(&|m| m.lines.iter_mut().for_each(|l| l.amount = eur)).contains("a line of"));
}

#[test]
fn every_kind_has_a_title() {
    assert_eq!(MovementKind::ContributionReceived.title(), "Contribution received");
    let titles: std::collections::BTreeSet<_> =
        MovementKind::ALL.iter().map(|k| k.title()).collect();
    assert_eq!(titles.len(), MovementKind::ALL.len());
}

#[test]
fn memos_are_kept_as_far_as_they_are_harmless() {
    assert_eq!(memo("  a\r\n\tb\0c\u{2028}d  "), "a b c d");
    assert_eq!(memo("\u{202E}abc\u{2066}"), "abc");
    assert_eq!(memo("Zoë 👩🏽‍🔬 محمد"), "Zoë 👩🏽‍🔬 محمد");
    assert_eq!(memo(&"é".repeat(600)).chars().count(), MAX_MEMO);
    assert_eq!(memo("\n\n"), "");
}

proptest! {
    #[test]
    fn memos_are_one_line_and_settle(text in ".*") {
        let once = memo(&text);
        prop_assert!(once.chars().count() <= MAX_MEMO && !once.chars().any(char::is_control));
        prop_assert_eq!(memo(&once), once);
    }
    #[test]
    fn no_two_lists_of_fields_give_the_same_bytes(
        a in prop::collection::vec(prop::option::of(".{0,6}"), 0..5),
        b in prop::collection::vec(prop::option::of(".{0,6}"), 0..5),
    ) {
        let hash = |list: &[Option<String>]| {
            let mut fields = Fields::after(&GENESIS);
            for field in list {
                match field {
                    Some(text) => fields.text(text),
                    None => fields.maybe(None::<BankAccountId>),
                }
            }
            fields.hash()
        };
        prop_assert_eq!(a == b, hash(&a) == hash(&b));
    }
}

#[test]
fn the_bytes_of_a_seal_stay_as_they_are() {
    let mut fields = Fields::after(&GENESIS);
    fields.number(1);
    fields.instant(Instant::from_micros(1_762_000_000_000_000).expect("in range"));
    fields.id(BankAccountId::from_uuid(Uuid::from_u128(0xAB)));
    fields.maybe(None::<BankAccountId>);
    fields.text("Zoë 😀");
    let golden = "769a9b514da5e2b3dacd972be7f82772e7583e2d9bcb3dca3b545792f447a91b";
    assert_eq!(hex(&fields.hash()), golden);
}

use super::*;

const CANARY: &[u8] = b"canary DE89370400440532013000 canary";

fn cell(row: u128, column: &'static str) -> Cell<'static> {
    Cell { table: "payees", row: Uuid::from_u128(row), column }
}

#[test]
fn opens_where_it_belongs_and_shows_nothing() {
    let keys = Keys::ephemeral();
    for plain in [CANARY, b"", &[0; 5000]] {
        let sealed = seal(&keys, &cell(1, "details"), plain);
        assert_eq!(**open(&keys, &cell(1, "details"), &sealed).expect("opens"), *plain);
        assert_eq!(key_id(&sealed), Ok(keys.master().id.as_str()));
    }
    let (a, b) = (seal(&keys, &cell(1, "x"), CANARY), seal(&keys, &cell(1, "x"), CANARY));
    assert_ne!(a, b, "the same text twice does not show");
    assert!(!a.windows(8).any(|w| CANARY.windows(8).any(|c| c == w)), "the canary stays inside");
}

#[test]
fn moved_cells_do_not_open() {
    let keys = Keys::ephemeral();
    let sealed = seal(&keys, &cell(1, "details"), CANARY);
    let elsewhere = [
        cell(2, "details"),
        cell(1, "notes"),
        Cell { table: "persons", ..cell(1, "details") },
        // The parts are told apart by their lengths.
        Cell { table: "payeesd", column: "etails", ..cell(1, "") },
    ];
    for cell in elsewhere {
        assert_eq!(open(&keys, &cell, &sealed).map(|_| ()), Err(SealError::Refused), "{cell:?}");
    }
    let other = Keys::ephemeral();
    assert!(matches!(
        open(&other, &cell(1, "details"), &sealed).map(|_| ()),
        Err(SealError::UnknownKey(_))
    ));
}

#[test]
fn no_changed_bit_goes_unnoticed() {
    let keys = Keys::ephemeral();
    let place = cell(1, "details");
    let sealed = seal(&keys, &place, b"secret");
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&keys, &place, &changed).is_err(), "bit {bit}");
    }
    for end in 0..sealed.len() {
        assert!(open(&keys, &place, &sealed[..end]).is_err(), "cut at {end}");
    }
    let longer = [sealed.as_slice(), b"x"].concat();
    assert!(open(&keys, &place, &longer).is_err());
}

#[test]
fn parts_of_two_cells_do_not_mix() {
    let keys = Keys::ephemeral();
    let place = cell(1, "details");
    let (one, two) = (seal(&keys, &place, b"one"), seal(&keys, &place, b"two"));
    let head = 2 + keys.master().id.len() + WRAPPED;
    let mixed = [&one[..head], &two[head..]].concat();
    assert!(open(&keys, &place, &mixed).is_err(), "another cell's data key");
}

#[test]
fn rotation_leaves_the_data_alone() {
    let keys = Keys::ephemeral();
    let place = cell(1, "details");
    let old = seal(&keys, &place, CANARY);
    assert_eq!(rewrap(&keys, &place, &old), Ok(None));
    keys.rotate_in_memory();
    assert_eq!(**open(&keys, &place, &old).expect("old keys stay"), *CANARY);
    let new = rewrap(&keys, &place, &old).expect("wraps").expect("is new");
    assert_eq!(key_id(&new), Ok(keys.master().id.as_str()));
    let data = |s: &[u8]| Parts::of(s).expect("parts").data.to_vec();
    assert_eq!(data(&old), data(&new));
    assert_eq!(**open(&keys, &place, &new).expect("opens"), *CANARY);
    assert!(rewrap(&keys, &cell(2, "details"), &old).is_err(), "not for another place");
}

#[test]
fn equality_tells_kinds_and_keys_apart() {
    let (keys, other) = (Keys::ephemeral(), Keys::ephemeral());
    let iban = equality(&keys, "bank_account", CANARY);
    assert_eq!(iban, equality(&keys, "bank_account", CANARY));
    assert_ne!(iban, equality(&keys, "tax_id", CANARY));
    assert_ne!(iban, equality(&other, "bank_account", CANARY));
    assert_ne!(iban, equality(&keys, "bank_account", &CANARY[1..]));
    assert_ne!(equality(&keys, "ab", b"c"), equality(&keys, "a", b"bc"));
}

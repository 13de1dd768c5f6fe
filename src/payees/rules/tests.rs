use super::*;
use crate::kernel::ids::IdSource;
use crate::kernel::money::Currency;

const HOUR: i64 = 3600;

fn noon() -> Instant {
    Instant::from_micros(1_800_000_000_000_000).expect("in range")
}

fn people<const N: usize>() -> [PersonId; N] {
    let ids = IdSource::seeded(7);
    std::array::from_fn(|_| ids.next(noon()))
}

fn payee(status: PayeeStatus) -> PayeeFacts {
    let ids = IdSource::seeded(8);
    let [owner] = people();
    PayeeFacts {
        id: ids.next(noon()),
        person_id: owner,
        name: "Ada Lovelace".into(),
        status,
        currency: Currency::parse("EUR").expect("known"),
        country: "DE".into(),
        masked: "DE •••• 3000".into(),
        details_version: 3,
        usable_from: Some(noon()),
        edited_by: owner,
        verified_by: None,
        fingerprint: vec![1; 32],
        method: Method::Iban,
    }
}

fn code(result: Result<()>) -> &'static str {
    result.map_or_else(|p| p.kind().entry().code, |()| "ok")
}

#[test]
fn three_days_to_the_second() {
    let changed = noon();
    let mut facts = payee(PayeeStatus::Verified);
    facts.usable_from = cooled(Some(noon().plus_seconds(-9 * HOUR)), true, changed, 72);
    let at = |seconds| code(usable(&facts, changed.plus_seconds(seconds)));
    assert_eq!(at(72 * HOUR - 1), "cooling_period");
    assert_eq!(at(72 * HOUR), "ok");
    assert_eq!(at(72 * HOUR + 1), "ok");
}

#[test]
fn the_first_details_need_no_cooling_and_later_ones_never_less() {
    assert_eq!(cooled(None, false, noon(), 72), None);
    let first = cooled(None, true, noon(), 72).expect("known");
    assert_eq!(first, noon().plus_seconds(72 * HOUR));
    // Changed back an hour later: an hour longer.
    let back = cooled(Some(first), true, noon().plus_seconds(HOUR), 72).expect("known");
    assert_eq!(back, noon().plus_seconds(73 * HOUR));
    // The setting was lowered meanwhile: what runs already stays.
    assert_eq!(cooled(Some(first), true, noon(), 1), Some(first));
}

#[test]
fn only_verified_ones_are_paid() {
    for status in PayeeStatus::ALL {
        let expected = if *status == PayeeStatus::Verified { "ok" } else { "wrong_state" };
        assert_eq!(code(usable(&payee(*status), noon())), expected, "{status}");
    }
    let never = PayeeFacts { usable_from: None, ..payee(PayeeStatus::Verified) };
    assert_eq!(code(usable(&never, noon())), "wrong_state");
}

#[test]
fn every_status_and_every_act() {
    use PayeeStatus::{Incomplete, Rejected, Submitted, Verified};
    let [owner, other] = people();
    assert_eq!(payee(Submitted).person_id, owner);
    let form = VerifyPayee { details_version: 3, confirm_shared_account: false };
    for (status, submit, verify, reject, edited) in [
        (Incomplete, true, false, false, Incomplete),
        (Submitted, false, true, true, Submitted),
        (Verified, false, false, true, Submitted),
        (Rejected, true, false, false, Submitted),
    ] {
        let facts = payee(status);
        assert_eq!(may_submit(status).is_ok(), submit, "{status}");
        assert_eq!(
            may_verify(&facts, Some(other), &form, Sharing::default()).is_ok(),
            verify,
            "{status}"
        );
        assert_eq!(may_reject(&facts).is_ok(), reject, "{status}");
        assert_eq!(after_edit(status, true), edited, "{status}");
        assert_eq!(after_edit(status, false), status, "{status}");
    }
    let external = PayeeFacts { method: Method::External, ..payee(Verified) };
    assert_eq!(code(may_reject(&external)), "wrong_state");
}

#[test]
fn who_verifies_is_somebody_else_and_knows_what() {
    let [owner, editor, finance, _] = people();
    let facts = PayeeFacts { edited_by: editor, ..payee(PayeeStatus::Submitted) };
    let seen = |details_version| VerifyPayee { details_version, confirm_shared_account: false };
    let try_as = |who, form: &VerifyPayee, others, acting| {
        code(may_verify(&facts, Some(who), form, Sharing { others, acting }))
    };
    assert_eq!(try_as(finance, &seen(3), 0, false), "ok");
    assert_eq!(try_as(owner, &seen(3), 0, false), "two_persons");
    assert_eq!(try_as(editor, &seen(3), 0, false), "two_persons");
    assert_eq!(try_as(finance, &seen(2), 0, false), "wrong_state");
    assert_eq!(try_as(finance, &seen(4), 0, false), "wrong_state");
    assert_eq!(try_as(finance, &seen(3), 1, false), "wrong_state");
    let sure = VerifyPayee { confirm_shared_account: true, ..seen(3) };
    assert_eq!(try_as(finance, &sure, 1, false), "ok");
    assert_eq!(try_as(finance, &sure, 2, true), "two_persons");
}

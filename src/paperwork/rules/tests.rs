use super::*;
use crate::kernel::ids::{Id, IdSource};
use crate::kernel::time::Instant;

fn id<T>(n: u64) -> Id<T> {
    IdSource::seeded(n).next(Instant::from_micros(0).expect("in range"))
}

fn code(result: Result<()>) -> &'static str {
    result.map_or_else(|p| p.kind().entry().code, |()| "ok")
}

fn agreement(status: AgreementStatus) -> Agreement {
    Agreement {
        id: id(1),
        grant_id: id(2),
        body: b"We agree.\n".to_vec(),
        sha256: sha256(b"We agree.\n"),
        status,
        created_at: Instant::from_micros(0).expect("in range"),
        signed_at: None,
        template: 1,
    }
}

fn signature(party: Party, person: PersonId) -> SignatureView {
    SignatureView {
        party,
        person_id: person,
        typed_name: "Ada".into(),
        consent: "consent-1".into(),
        sha256: sha256(b"We agree.\n"),
        signed_at: Instant::from_micros(0).expect("in range"),
        address: None,
        agent: None,
        authenticated: None,
    }
}

#[test]
fn known_digest() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(sha256(b""), empty);
}

#[test]
fn two_sides_two_persons_once() {
    use AgreementStatus::{Open, Signed, Superseded};
    let (ada, ben, cho) = (id(10), id(11), id(12));
    let one = [signature(Party::Recipient, ada)];
    assert_eq!(code(may_sign(Open, true, &[], Party::Recipient, ada)), "ok");
    assert_eq!(code(may_sign(Open, true, &one, Party::Sponsor, ben)), "ok");
    assert_eq!(code(may_sign(Open, true, &one, Party::Sponsor, ada)), "two_persons");
    assert_eq!(code(may_sign(Open, true, &one, Party::Recipient, ada)), "already_exists");
    assert_eq!(code(may_sign(Open, true, &one, Party::Recipient, cho)), "wrong_state");
    assert_eq!(code(may_sign(Open, false, &one, Party::Sponsor, ben)), "wrong_state");
    for status in [Signed, Superseded] {
        assert_eq!(code(may_sign(status, true, &[], Party::Sponsor, ben)), "wrong_state");
    }
}

#[test]
fn verification_finds_each_fault() {
    let both = || vec![signature(Party::Recipient, id(10)), signature(Party::Sponsor, id(11))];
    let good = verify(&agreement(AgreementStatus::Signed), both());
    assert!(good.valid && good.complete && good.signatures.iter().all(|s| s.matches));
    assert!(verify(&agreement(AgreementStatus::Open), vec![]).valid);

    let mut text = agreement(AgreementStatus::Signed);
    text.body.push(b' ');
    let found = verify(&text, both());
    assert!(!found.valid && found.faults.len() == 3 && found.signatures.iter().all(|s| !s.matches));
    // Text and digest both changed: the signatures tell.
    text.sha256 = sha256(&text.body);
    assert_eq!(verify(&text, both()).faults.len(), 2);

    let mut other = both();
    other[1].sha256 = sha256(b"another");
    assert_eq!(verify(&agreement(AgreementStatus::Signed), other).faults.len(), 1);
    let lost = verify(&agreement(AgreementStatus::Signed), vec![signature(Party::Sponsor, id(11))]);
    assert!(!lost.valid && !lost.complete);
    assert!(!verify(&agreement(AgreementStatus::Open), both()).valid);
}

#[test]
fn a_signature_is_ones_own_name() {
    let own = [
        ("Ada Lovelace", "Ada Lovelace"),
        ("LOVELACE, a.", "Ada Lovelace"),
        ("Zoe Angstrom", "Zoë Ångström"),
        ("Li Bo", "Bo"),
        ("李 小龍", "李小龍"),
        ("x", "X"),
    ];
    for (typed, name) in own {
        assert!(is_name_of(typed, name), "{typed} for {name}");
    }
    let others = [("Mickey Mouse", "Ada Lovelace"), ("A. L.", "Ada Lovelace"), ("...", "Ada")];
    for (typed, name) in others {
        assert!(!is_name_of(typed, name), "{typed} for {name}");
    }
}

#[test]
fn what_settles_itself_takes_no_word() {
    let ben = Some(id(11));
    let given = |kind| RequirementView {
        kind,
        status: RequirementStatus::Provided,
        asks: "",
        due_on: None,
        note: None,
        reason: None,
        provided_by: Some(id(10)),
        decided_by: None,
        decided_at: None,
    };
    let code = |kind, step_, who| {
        step(&given(kind), step_, who).map_or_else(|p| p.kind().entry().code, |s| s.as_str())
    };
    use RequirementKind::{Agreement, Payee, Screening, TaxForm};
    assert_eq!(code(TaxForm, Step::Satisfy, ben), "satisfied");
    assert_eq!(code(Screening, Step::Refuse, ben), "refused");
    assert_eq!(code(Screening, Step::Waive, ben), "wrong_state");
    for kind in [Agreement, Payee] {
        for step in [Step::Provide, Step::Satisfy, Step::Refuse] {
            assert_eq!(code(kind, step, ben), "wrong_state");
        }
    }
    assert_eq!(code(Payee, Step::Satisfy, None), "satisfied", "the service itself");
    let open = RequirementView { status: RequirementStatus::Open, ..given(Agreement) };
    assert!(step(&open, Step::Waive, ben).is_ok());
}

use super::*;
use crate::kernel::actor::Roles;
use crate::kernel::ids::IdSource;

fn at(seconds: i64) -> Instant {
    Instant::from_micros(1_800_000_000_000_000).expect("in range").plus_seconds(seconds)
}

fn person(status: PersonStatus) -> Person {
    Person {
        id: IdSource::system().next(at(0)),
        email: "ada@example.org".into(),
        name: "Ada".into(),
        password_hash: None,
        status,
        roles: Roles::default(),
        version: 1,
        created_at: at(0),
        confirmed_at: (status != PersonStatus::Unconfirmed).then(|| at(0)),
    }
}

#[test]
fn only_who_knows_the_password_learns_more() {
    let blind = |p: Option<&Person>, fits| {
        let problem = login(p, fits).map(|_| ()).expect_err("refused");
        (problem.kind(), problem.detail().to_owned())
    };
    for status in PersonStatus::ALL {
        let person = person(*status);
        assert_eq!(blind(Some(&person), false), blind(None, true), "{status}");
        assert_eq!(login(Some(&person), true).is_ok(), *status == PersonStatus::Active);
    }
    let suspended = person(PersonStatus::Suspended);
    assert!(blind(Some(&suspended), true).1.contains("suspended"));
}

#[test]
fn a_refresh_token_is_good_once_and_for_a_while() {
    let ids = IdSource::system();
    let session = |created: i64, ended| Session {
        id: ids.next(at(0)),
        person_id: ids.next(at(0)),
        created_at: at(created),
        last_used_at: at(created),
        ended,
        address: None,
        agent: None,
        factor_at: None,
    };
    let token = |expires: i64, used: Option<i64>| RefreshToken {
        id: ids.next(at(0)),
        session_id: ids.next(at(0)),
        expires_at: at(expires),
        used_at: used.map(at),
    };
    let live = session(0, None);
    let decide =
        |t: &RefreshToken, s: &Session| refresh(t, s, PersonStatus::Active, at(100), at(-1000));
    assert_eq!(decide(&token(101, None), &live), Refresh::Rotate);
    assert!(matches!(decide(&token(100, None), &live), Refresh::Refuse(_)), "on the second");
    assert_eq!(decide(&token(101, Some(99)), &live), Refresh::EndFamily);
    assert_eq!(decide(&token(50, Some(40)), &live), Refresh::EndFamily, "also an old one");
    let ended = session(0, Some((at(50), EndReason::Reuse)));
    let refused = Refresh::Refuse(EndReason::Reuse.explain());
    assert_eq!(decide(&token(101, None), &ended), refused);
    assert_eq!(decide(&token(101, Some(40)), &ended), refused, "ended once");
    let old = session(-1001, None);
    assert!(matches!(decide(&token(101, None), &old), Refresh::Refuse(_)));
    let suspended = refresh(&token(101, None), &live, PersonStatus::Suspended, at(100), at(-1000));
    assert!(matches!(suspended, Refresh::Refuse(_)));
}

#[test]
fn nobody_changes_themselves() {
    let active = person(PersonStatus::Active);
    let other = Some(person(PersonStatus::Active).id);
    let kind = |r: Result<bool>| r.map_err(|p| p.kind());
    let (me, admin) = (Some(active.id), Role::Admin);
    assert_eq!(kind(change_role(me, &active, admin, true)), Err(Kind::TwoPersons));
    assert_eq!(kind(change_role(me, &active, admin, false)), Err(Kind::TwoPersons));
    assert_eq!(kind(change_role(other, &active, admin, true)), Ok(true));
    assert_eq!(kind(change_role(None, &active, admin, true)), Ok(true));
    assert_eq!(kind(change_role(other, &active, admin, false)), Ok(false));
    for status in [PersonStatus::Unconfirmed, PersonStatus::Suspended] {
        let person = person(status);
        assert_eq!(kind(change_role(other, &person, admin, true)), Err(Kind::WrongState));
        assert_eq!(kind(change_role(other, &person, admin, false)), Ok(false));
    }
    assert!(suspend(me, &active).is_err() && suspend(other, &active).is_ok());
}

#[test]
fn suspension_is_left_as_it_was_entered() {
    let mut suspended = person(PersonStatus::Suspended);
    assert!(suspend(None, &suspended).is_err());
    assert_eq!(reactivate(None, &suspended).ok(), Some(PersonStatus::Active));
    suspended.confirmed_at = None;
    assert_eq!(reactivate(None, &suspended).ok(), Some(PersonStatus::Unconfirmed));
    assert!(reactivate(None, &person(PersonStatus::Active)).is_err());
}

#[test]
fn an_admin_who_can_log_in_stays() {
    let [ada, ben, cho] = [(); 3].map(|()| person(PersonStatus::Active));
    let imported = Person { email: format!("funder-1{IMPORTED}"), ..cho };
    let left = |from: &[&Person]| {
        let admins: Vec<Person> = from.iter().map(|admin| (*admin).clone()).collect();
        leaves_an_admin(&ada, &admins).is_ok()
    };
    assert!(left(&[&ada, &ben]) && left(&[&ben, &ada]));
    assert!(!left(&[&ada]) && !left(&[&imported, &ada]));
    // Whoever is none can be taken from nobody.
    assert!(left(&[&ben]) && left(&[&imported]) && left(&[]));
}

#[test]
fn scopes_are_known_and_sorted() {
    let known = ["a:read", "b:write"];
    let check = |wanted: &[&str]| {
        let wanted: Vec<String> = wanted.iter().map(|s| (*s).to_owned()).collect();
        let mut fields = Fields::new();
        let scopes = scopes(&mut fields, &wanted, &known);
        fields.finish().map(|()| scopes).map_err(|p| p.fields()[0].pointer.clone())
    };
    let sorted = vec!["a:read".to_owned(), "b:write".to_owned()];
    assert_eq!(check(&["b:write", "a:read", "b:write"]), Ok(sorted));
    assert_eq!(check(&[]), Err("/scopes".into()));
    assert_eq!(check(&["a:read", "account"]), Err("/scopes/1".into()));
}

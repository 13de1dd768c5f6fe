//! Approvals, by their service: their routes belong to the objects that need them.

use crate::support::Harness;
use crate::support::desk::threads;
use crate::support::web::Web;
use almoner::approvals::model::{ApprovalStatus, Subject, SubjectKind, Vote, VoteResult};
use almoner::approvals::service;
use almoner::kernel::Result;
use almoner::kernel::actor::{Actor, Roles, Scopes};
use almoner::kernel::ids::PersonId;
use almoner::kernel::problem::Kind;
use almoner::platform::context::Ctx;
use almoner::platform::db::Conn;

/// Persons at a table, and one object that needs approving.
struct Table<'w> {
    web: &'w Web,
    people: Vec<Ctx>,
    subject: Subject,
}

impl<'w> Table<'w> {
    /// With this many persons; the first asks for approval by `needed` others.
    fn open(web: &'w Web, people: usize, needed: i32) -> Self {
        let seat = |n: usize| {
            let id = web.person(&format!("Person {n}")).id();
            let (roles, session) = (Roles::default(), None);
            let actor = Actor::Person { id, roles, session, scopes: Scopes::All };
            web.system().acting(actor, &format!("Person {n}"))
        };
        let people = (0..people).map(seat).collect();
        let id = web.system().id::<almoner::kernel::ids::of::Offer>().uuid();
        let subject = Subject { kind: SubjectKind::Offer, id, hash: "as it is".into() };
        let table = Self { web, people, subject };
        table.run(0, |c, ctx, s| service::open(c, ctx, s, needed)).expect("it opens");
        table
    }
    fn run<T: Send + 'static>(
        &self,
        who: usize,
        f: impl Fn(&mut Conn, &Ctx, &Subject) -> Result<T>,
    ) -> Result<T> {
        self.web.app.db.write_now("test", |conn| f(conn, &self.people[who], &self.subject))
    }
    fn says(&self, who: usize, vote: Vote) -> Result<VoteResult> {
        self.run(who, |c, ctx, s| service::vote(c, ctx, s, vote, Some("because"), &[]))
    }
    fn status(&self) -> (ApprovalStatus, usize) {
        let history =
            self.web.app.db.read_now("test", |conn| {
                service::history(conn, self.subject.kind, self.subject.id)
            });
        let history = history.expect("it is read");
        (history[0].approval.status, history[0].votes.len())
    }
    fn person(&self, n: usize) -> PersonId {
        self.people[n].me().expect("a person")
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>) -> Kind {
    result.expect_err("it is refused").kind()
}

both! {
    fn enough_different_persons_approve(t: &Harness) {
        let web = t.serve();
        let table = Table::open(&web, 4, 2);
        assert_eq!(refused(table.says(0, Vote::Approve)), Kind::TwoPersons);
        assert_eq!(table.says(1, Vote::Approve).expect("a vote"), VoteResult::Pending);
        assert_eq!(refused(table.says(1, Vote::Approve)), Kind::WrongState);
        assert_eq!(refused(table.says(1, Vote::Deny)), Kind::WrongState);
        assert_eq!(table.status(), (ApprovalStatus::Pending, 1));
        assert_eq!(table.says(2, Vote::Approve).expect("a vote"), VoteResult::Approved);
        assert_eq!(table.status(), (ApprovalStatus::Approved, 2));
        assert_eq!(refused(table.says(3, Vote::Deny)), Kind::WrongState);
    }

    fn one_denial_denies(t: &Harness) {
        let web = t.serve();
        let table = Table::open(&web, 3, 2);
        table.says(1, Vote::Approve).expect("a vote");
        assert_eq!(table.says(2, Vote::Deny).expect("a vote"), VoteResult::Denied);
        assert_eq!(table.status(), (ApprovalStatus::Denied, 2));
    }

    fn who_gains_does_not_vote_and_an_earlier_vote_stops_counting(t: &Harness) {
        let web = t.serve();
        let table = Table::open(&web, 4, 2);
        let barred = [table.person(1)];
        let vote = |who: usize| {
            table.run(who, |c, ctx, s| service::vote(c, ctx, s, Vote::Approve, None, &barred))
        };
        assert_eq!(refused(vote(1)), Kind::TwoPersons);
        assert_eq!(table.status(), (ApprovalStatus::Pending, 0), "a refused vote is not kept");
        // Voted first, then came to gain from it.
        table.says(1, Vote::Approve).expect("nothing against it yet");
        assert_eq!(vote(2).expect("a vote"), VoteResult::Pending);
        assert_eq!(vote(3).expect("a vote"), VoteResult::Approved);
    }

    fn a_change_ends_what_was_asked(t: &Harness) {
        let web = t.serve();
        let mut table = Table::open(&web, 3, 1);
        let again = table.run(0, |c, ctx, s| service::open(c, ctx, s, 1));
        assert_eq!(refused(again), Kind::AlreadyExists);
        table.subject.hash = "changed".into();
        assert_eq!(refused(table.says(1, Vote::Approve)), Kind::WrongState);
        assert_eq!(table.status(), (ApprovalStatus::Pending, 0));
        let end = |c: &mut Conn, ctx: &Ctx, s: &Subject| service::end(c, ctx, s.kind, s.id);
        assert!(table.run(0, end).expect("it ends"));
        assert!(!table.run(0, end).expect("nothing is left to end"));
        assert_eq!(refused(table.says(1, Vote::Approve)), Kind::WrongState);
        table.run(0, |c, ctx, s| service::open(c, ctx, s, 1)).expect("it opens again");
        assert_eq!(table.says(1, Vote::Approve).expect("a vote"), VoteResult::Approved);
    }

    fn nothing_was_asked(t: &Harness) {
        let web = t.serve();
        let mut table = Table::open(&web, 2, 1);
        table.subject.kind = SubjectKind::Disbursement;
        assert_eq!(refused(table.says(1, Vote::Approve)), Kind::WrongState);
        for needed in [0, -1, 6] {
            let opened = table.run(0, |c, ctx, s| service::open(c, ctx, s, needed));
            assert_eq!(refused(opened), Kind::Internal);
        }
        let long = "x".repeat(2001);
        let vote = table.run(1, |c, ctx, s| {
            service::vote(c, ctx, s, Vote::Deny, Some(&long), &[])
        });
        assert_eq!(refused(vote), Kind::Invalid);
    }

    fn the_service_itself_concludes_at_once(t: &Harness) {
        let web = t.serve();
        let table = Table::open(&web, 1, 3);
        let done = web.app.db.write_now("test", |conn| {
            service::vote(conn, &web.system(), &table.subject, Vote::Approve, None, &[])
        });
        assert_eq!(done.expect("concluded"), VoteResult::Approved);
        assert_eq!(table.status(), (ApprovalStatus::Approved, 0));
    }

    /// The same person clicks eight times at once: one vote.
    fn a_double_click_counts_once(t: &Harness) {
        let web = t.serve();
        let table = Table::open(&web, 2, 2);
        let results = threads(8, |_| table.says(1, Vote::Approve));
        let taken = results.iter().filter(|r| r.is_ok()).count();
        let refusals = results.into_iter().filter_map(|r| r.err());
        let kinds: Vec<Kind> = refusals.map(|p| p.kind()).collect();
        assert_eq!((taken, kinds), (1, vec![Kind::WrongState; 7]));
        assert_eq!(table.status(), (ApprovalStatus::Pending, 1));
    }

    /// The last votes at the same moment see each other: it is concluded, and once.
    fn the_last_votes_see_each_other(t: &Harness) {
        let web = t.serve();
        for _ in 0..8 {
            let table = Table::open(&web, 4, 3);
            let results = threads(3, |n| table.says(n + 1, Vote::Approve).expect("a vote"));
            let approved = results.iter().filter(|o| **o == VoteResult::Approved).count();
            assert_eq!(approved, 1, "{results:?}");
            assert_eq!(table.status(), (ApprovalStatus::Approved, 3));
        }
    }

    /// Approving and denying at the same moment: one word stands, and nothing comes after it.
    fn yes_and_no_at_once(t: &Harness) {
        let web = t.serve();
        for _ in 0..8 {
            let table = Table::open(&web, 3, 1);
            let results = threads(2, |n| {
                table.says(n + 1, if n == 0 { Vote::Approve } else { Vote::Deny }).ok()
            });
            let (status, votes) = table.status();
            assert_eq!(votes, 1);
            match status {
                ApprovalStatus::Approved => assert_eq!(results, [Some(VoteResult::Approved), None]),
                ApprovalStatus::Denied => assert_eq!(results, [None, Some(VoteResult::Denied)]),
                other => panic!("{other}"),
            }
        }
    }
}

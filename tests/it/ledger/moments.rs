//! An entry tells two times apart: the day that it counts for, and the instant at which it was
//! written.

use super::{Room, about, day, holds};
use crate::support::Harness;
use almoner::kernel::money::{Currency, Money};
use almoner::kernel::time::Instant;
use almoner::ledger::movements::contribution_received;
use almoner::ledger::service::{self, Expectations};

both! {
    fn an_entry_of_the_past_is_recorded_now(t: &Harness) {
        let room = Room::new(t);
        let then: Instant = "2012-07-01T12:00:00Z".parse().expect("an instant");
        let past = Room { t, ctx: room.ctx.at(then) };
        let amount = Money::new(500, Currency::parse("USD").expect("known"));
        let received = |room: &Room<'_>| {
            let about = about(room.ctx.today(), "gift");
            room.post(contribution_received(room.id(), room.id(), amount, &about))
        };
        let today = received(&room);
        t.clock.advance_seconds(90);
        let imported = received(&past);
        let head = |id| room.read(|conn| service::entry(conn, &room.ctx, id)).head;
        assert_eq!(head(imported).effective_on, day("2012-07-01"));
        assert_eq!(head(imported).recorded_at, t.clock.now());
        assert_eq!(head(today).recorded_at, room.ctx.now);
        // The order of the seals is that of the queue, whatever the days are.
        room.seal();
        holds(&room.check(Expectations::default));
        assert_eq!(room.head().seq, 2);
    }
}

//! Thousands of rows, for whoever looks at plans.

use crate::support::web::Web;
use crate::support::{Harness, Side};
use almoner::kernel::actor::Role;
use almoner::kernel::ids::{ApplicationId, PersonId};
use diesel::connection::SimpleConnection as _;

/// One agenda that everybody and everything is about, and as many delegations to one person,
/// merges into one application, and of it into each other one, and nominations by one person; the
/// agenda's id.
pub fn fill(t: &Harness, web: &Web, person: PersonId, application: ApplicationId) -> String {
    let admin = web.with_role("Ada Admin", Role::Admin);
    let agenda = super::agenda(&admin, "everything");
    let sqlite = t.side == Side::Sqlite;
    let id = |id: &str| {
        if sqlite { format!("x'{}'", id.replace('-', "")) } else { format!("'{id}'::uuid") }
    };
    let (yes, day) = if sqlite { ("1", "30000") } else { ("true", "DATE '2052-02-20'") };
    let (a, p, into) = (id(&agenda), id(&person.to_string()), id(&application.to_string()));
    let new = if sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let others = format!("FROM people WHERE id <> {p}");
    // One statement makes what months make.
    let patience = if sqlite { "" } else { "SET LOCAL statement_timeout = 0; " };
    let rows = format!(
        "{patience}INSERT INTO application_agendas SELECT id, {a} FROM applications;
         INSERT INTO profiles SELECT id, 'Here', '', 1, {yes}, 1, created_at FROM people;
         INSERT INTO profile_agendas SELECT id, {a} FROM people;
         INSERT INTO agenda_people SELECT {a}, 'anything', id FROM people;
         INSERT INTO agenda_people SELECT {a}, 'team', id FROM people;
         INSERT INTO delegations SELECT id, id, {p}, 'x@example.org', 7, {day}, 'accepted', NULL,
           created_at, created_at, NULL, NULL, NULL {others};
         INSERT INTO merges SELECT id, {into}, id, {p}, applicant_id, 'declined', NULL, created_at,
           created_at FROM applications WHERE id <> {into};
         INSERT INTO merges SELECT {new}, id, {into}, {p}, applicant_id, 'declined', NULL,
           created_at, created_at FROM applications WHERE id <> {into};
         INSERT INTO nominations SELECT id, call_id, {p}, 'x@example.org', '', '', '', '',
           'withdrawn', NULL, created_at, NULL, NULL, created_at, created_at, NULL
           FROM applications;"
    );
    web.app
        .db
        .write_now("test.fill", |conn| Ok(conn.batch_execute(&rows)?))
        .unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
    agenda
}

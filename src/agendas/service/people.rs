//! What people say of themselves, and who finds them.

use super::{exists, meanwhile};
use crate::agendas::model::{AgendaPerson, LookingFor, Profile, ProfileRecord, SetProfile};
use crate::agendas::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AgendaId, PersonId, of};
use crate::kernel::page::{Page, PageOf};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

fn load(conn: &mut Conn, person: PersonId) -> Result<ProfileRecord> {
    let empty = ProfileRecord {
        person_id: person,
        place: String::new(),
        about: String::new(),
        looking_for: Vec::new(),
        listed: false,
        agendas: Vec::new(),
        version: 0,
    };
    Ok(store::profile(conn, person)?.unwrap_or(empty))
}

fn shown(conn: &mut Conn, profile: ProfileRecord) -> Result<Profile> {
    Ok(Profile {
        agendas: super::names_of(conn, &profile.agendas)?,
        place: profile.place,
        about: profile.about,
        looking_for: profile.looking_for,
        listed: profile.listed,
        version: profile.version,
    })
}

/// What the acting person says of themselves; empty, and version 0, where they never did.
pub fn get_profile(conn: &mut Conn, ctx: &Ctx) -> Result<Profile> {
    authz::require(ctx, Action::GetProfile, &[])?;
    let profile = load(conn, ctx.me()?)?;
    shown(conn, profile)
}

/// Says it anew, whole. Who is not listed is found by nobody from this moment on.
///
/// # Errors
/// 412 when it was changed since it was read, 422 with all that is wrong.
pub fn set_profile(conn: &mut Conn, ctx: &Ctx, form: &SetProfile) -> Result<Profile> {
    authz::require(ctx, Action::SetProfile, &[])?;
    let me = ctx.me()?;
    people::service::hold(conn, me)?;
    let old = load(conn, me)?;
    audit::expect_version(conn, ctx, ("profile", me.uuid()), old.version, &[Action::SetProfile])?;
    let mut fields = Fields::new();
    let said = rules::said(&mut fields, form);
    let mut agendas = Vec::new();
    if rules::few(&mut fields, &form.agendas) {
        let known = store::these(conn, &form.agendas)?;
        agendas = rules::named(&mut fields, &form.agendas, &known, &old.agendas);
    }
    fields.finish()?;
    agendas.sort_unstable();
    let mut new = ProfileRecord {
        person_id: me,
        place: said.place,
        about: said.about,
        looking_for: said.looking_for,
        listed: form.listed,
        agendas,
        version: old.version,
    };
    if new == old {
        return shown(conn, old);
    }
    if !store::save_profile(conn, &new, old.version, ctx.now)? {
        return Err(meanwhile());
    }
    // What people say of themselves is theirs to take back: the log keeps only that they did.
    let told = |p: &ProfileRecord| json!({ "listed": p.listed, "agendas": p.agendas.len() });
    let change = Change::by(Action::SetProfile, "profile", me.uuid());
    audit::record(conn, ctx, change.from(told(&old)).to(told(&new)))?;
    new.version += 1;
    shown(conn, new)
}

/// Who works on an agenda, or on one below it, and wants to be found, perhaps only those who look
/// for this.
///
/// # Errors
/// 404 if there is no such agenda.
pub fn people(
    conn: &mut Conn,
    ctx: &Ctx,
    agenda: AgendaId,
    looking_for: Option<LookingFor>,
    page: &PageOf<of::Person>,
) -> Result<Page<AgendaPerson>> {
    authz::require(ctx, Action::ListAgendaPeople, &[])?;
    exists(conn, agenda)?;
    let all = super::with_narrower(conn, &[agenda])?;
    let rows = store::people(conn, &all, looking_for, page)?;
    Ok(Page::cut(rows, page.limit, |row| row.0).map(|(id, name, place, bits, about)| {
        AgendaPerson { id, name, place, looking_for: LookingFor::from_bits(bits), about }
    }))
}

//! What applicants do: begin, write, hand in, take back.

use super::see::shown;
use super::{
    Turn, acting, declines, hold, letters, mates, meanwhile, named, papers, turn, versions,
};
use crate::answers::model::Paper;
use crate::applications::events;
use crate::applications::model::{
    Act, Application, ApplicationFacts, ApplicationStatus, Consent, Content, CreateApplication,
    EditApplication, MemberRecord, MemberRole, Record, State, VersionStage, WithdrawForm,
};
use crate::applications::rules::{self, Bounds};
use crate::applications::store;
use crate::calls;
use crate::calls::model::CallFacts;
use crate::delegations;
use crate::funds;
use crate::kernel::Result;
use crate::kernel::actor::Errand;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{ApplicationId, CallId, PersonId};
use crate::kernel::problem::{FieldError, Kind, Problem};
use crate::people;
use crate::platform::audit::{self, Change};
use crate::platform::authz::{self, Action, Relation};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::{Map, Value, json};

/// Begins an application of the acting person.
///
/// # Errors
/// 409 where the call takes none today, 422 with all that is wrong.
pub fn create(conn: &mut Conn, ctx: &Ctx, form: &CreateApplication) -> Result<Application> {
    authz::require(ctx, Action::CreateApplication, &[])?;
    let me = ctx.me()?;
    let Some(principal) = form.on_behalf_of.filter(|principal| *principal != me) else {
        return create_for(conn, ctx, me, form);
    };
    let message = "there is nobody such who lets you draft for them";
    let unknown = || Problem::field("/on_behalf_of", "unknown", message);
    let ctx = delegations::service::acting(conn, ctx, principal, Errand::Draft)?;
    let ctx = ctx.ok_or_else(unknown)?;
    let made = create_for(conn, &ctx, principal, form)?;
    letters::begun_for(conn, &ctx, (principal, made.row.id), &made.row.title)?;
    Ok(made)
}

/// The same in the name of somebody, for imports and demonstrations. A person may act only for
/// themselves, and for those who let them.
pub fn create_for(
    conn: &mut Conn,
    ctx: &Ctx,
    applicant: PersonId,
    form: &CreateApplication,
) -> Result<Application> {
    let in_their_name = ctx.behalf.as_ref().is_some_and(|(whom, _)| *whom == applicant);
    if !ctx.actor.is_system() && !ctx.actor.is(applicant) && !in_their_name {
        return Err(Problem::new(Kind::Forbidden, "People apply for themselves."));
    }
    let mut fields = Fields::new();
    let draft = Bounds { submitted: false, offered: 0, given: false };
    let content = rules::edit(&mut fields, &Content::empty(), &form.content(), draft);
    calls::service::keep(conn, form.call_id)?;
    let call = calls::service::facts(conn, form.call_id)?;
    let call = call.filter(|call| call.status != calls::model::CallStatus::Draft);
    fields.check(call.is_some(), "/call_id", "unknown", "there is no such call");
    let paper = match &call {
        Some(call) => papers::begin(conn, ctx, &mut fields, (call.id, applicant), &form.answers)?,
        None => Paper::default(),
    };
    fields.finish()?;
    call.map_or(Ok(()), |call| calls::service::accepts(&call, ctx.today()))?;
    if !ctx.actor.is_system() {
        room_for_another(conn, applicant)?;
    }
    begin(conn, ctx, (applicant, form.call_id), content, &paper)
}

/// A draft that says this, with its applicant as the lead.
pub(super) fn begin(
    conn: &mut Conn,
    ctx: &Ctx,
    (applicant, call_id): (PersonId, CallId),
    content: Content,
    paper: &Paper,
) -> Result<Application> {
    let person = people::service::brief(conn, applicant)?;
    let person = person.ok_or_else(|| Problem::not_found("person"))?;
    let record = Record {
        id: ctx.id(),
        call_id,
        applicant_id: applicant,
        content,
        offered: 0,
        promised: 0,
        state: State::Draft,
        status_reason: None,
        promised_on: None,
        submitted_at: None,
        submitted_by: None,
        nominated_by: None,
        opened_at: None,
        decided_at: None,
        version: 1,
        created_at: ctx.now,
        withheld: false,
        place: String::new(),
        looking_for: Vec::new(),
        own_call_declined_at: None,
    };
    store::insert(conn, &record)?;
    let lead = MemberRecord {
        id: ctx.id(),
        person_id: Some(applicant),
        email: person.email,
        name: person.name,
        role: MemberRole::Lead,
        consent: Consent::Accepted,
        token_hash: None,
        created_at: ctx.now,
        decided_at: Some(ctx.now),
    };
    store::insert_member(conn, record.id, &lead, None)?;
    let paper = papers::save_first(conn, ctx, &record, paper)?;
    versions::keep(conn, ctx, &record, &paper, VersionStage::Draft)?;
    let change = Change::by(Action::CreateApplication, "application", record.id.uuid());
    let after = json!({ "call_id": record.call_id, "applicant_id": applicant });
    audit::record(conn, ctx, change.to(after))?;
    let relations = super::relations(conn, ctx, &ApplicationFacts::from(&record))?;
    shown(conn, ctx, record, &relations)
}

/// Held while they are counted, or two at once would each find the last place free.
pub(super) fn room_for_another(conn: &mut Conn, applicant: PersonId) -> Result<()> {
    people::service::hold(conn, applicant)?;
    if store::drafts(conn, applicant)? >= rules::DRAFTS_MAX {
        let detail = format!("You have {} drafts: withdraw one first.", rules::DRAFTS_MAX);
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

/// Changes what an application says; made for saving while it is being written.
///
/// # Errors
/// 409 where its state does not allow it, 412 when it was changed since it was read, 422 with all
/// that is wrong.
pub fn edit(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &EditApplication,
) -> Result<Application> {
    let (mut record, relations) = hold(conn, ctx, id, Action::EditApplication)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Draft)?;
    super::expect_version(conn, ctx, &record)?;
    record.state.after(Act::Edit)?;
    let mut fields = Fields::new();
    let given = funds::service::any_given_for(conn, id)?;
    let bounds = Bounds::of(&record, given);
    let new = rules::edit(&mut fields, &record.content, form, bounds);
    let theirs = [Relation::Own, Relation::Delegate(Errand::Draft)];
    let theirs =
        ctx.actor.is_system() || relations.iter().any(|relation| theirs.contains(relation));
    if !theirs {
        let same = new.visibility == record.content.visibility;
        let message = "who applies decides who may come across it";
        fields.check(same, "/visibility", "not_yours", message);
    }
    let old = crate::answers::service::paper(conn, id)?;
    let paper = papers::edit(conn, &mut fields, (&record, theirs), &old, form)?;
    fields.finish()?;
    if new == record.content && paper == old {
        return shown(conn, ctx, record, &relations);
    }
    versions::begin(conn, ctx, &record, &old)?;
    if !store::save_content(conn, id, &new, record.version)? {
        return Err(meanwhile());
    }
    if paper != old {
        named::replace(conn, ctx, &record, (&old, &paper))?;
    }
    let (before, mut after) = difference(&record, &new);
    papers::note(&mut after, is_unread(&record.state), &old, &paper);
    let change = Change::by(Action::EditApplication, "application", id.uuid());
    audit::record(conn, ctx, change.from(before).to(after))?;
    record.content = new;
    record.version += 1;
    versions::keep(conn, ctx, &record, &paper, VersionStage::Draft)?;
    shown(conn, ctx, record, &relations)
}

/// What changed, for the audit log. Its readers do not see drafts, nor what is changed before it is
/// handed in again: of those only the names of the fields; and of long texts only their length.
fn difference(record: &Record, new: &Content) -> (Value, Value) {
    let told = |content: &Content| {
        let mut all = Map::new();
        let amounts = [content.amount_minimum, content.amount_requested];
        all.insert("title".into(), json!(content.title));
        all.insert("summary".into(), json!(content.summary));
        all.insert("body".into(), json!(content.body));
        all.insert("amount_minimum".into(), json!(amounts[0]));
        all.insert("amount_requested".into(), json!(amounts[1]));
        all.insert("currency".into(), json!(content.currency));
        all.insert("budget_lines".into(), json!(content.budget_lines));
        all.insert("duration_months".into(), json!(content.duration_months));
        all.insert("visibility".into(), json!(content.visibility));
        all
    };
    let (mut old, mut new) = (told(&record.content), told(new));
    let same: Vec<String> =
        old.iter().filter(|(k, v)| new.get(*k) == Some(*v)).map(|(k, _)| k.clone()).collect();
    for name in same {
        old.remove(&name);
        new.remove(&name);
    }
    if is_unread(&record.state) {
        let names: Vec<&String> = new.keys().collect();
        return (json!({ "version": record.version }), json!({ "changed": names }));
    }
    for side in [&mut old, &mut new] {
        for name in ["summary", "body"] {
            if let Some(Value::String(text)) = side.get(name) {
                let length = json!({ "characters": text.chars().count() });
                side.insert(name.into(), length);
            }
        }
    }
    (Value::Object(old), Value::Object(new))
}

/// Whether what is written now is the team's alone until it is handed in.
fn is_unread(state: &State) -> bool {
    matches!(state.status(), ApplicationStatus::Draft | ApplicationStatus::ChangesRequested)
}

/// Hands an application in, also again after changes: back to where it stood. Promises a decision
/// by the day that the call's decision time gives from today; after changes the days that these
/// took are added to what was promised.
///
/// # Errors
/// 409 where its state or its call does not allow it, 422 with all that is missing.
pub fn submit(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Application> {
    let draft = super::facts(conn, id)?.filter(|it| it.status == ApplicationStatus::Draft);
    draft.map_or(Ok(()), |draft| calls::service::keep(conn, draft.call_id))?;
    let (record, relations) = hold(conn, ctx, id, Action::SubmitApplication)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Submit)?;
    record.state.after(Act::Submit)?;
    // Others write as well: who says what they read hands in nothing else.
    if ctx.if_match.is_some() {
        super::expect_version(conn, ctx, &record)?;
    }
    let call = calls::service::facts(conn, record.call_id)?;
    let call = call.ok_or_else(|| Problem::internal("an application without its call"))?;
    // What came in on time stays in: only the first submission asks the call's days.
    if record.state == State::Draft && !declines::comes_again(conn, ctx, id)? {
        calls::service::accepts(&call, ctx.today())?;
    }
    let (fields, paper) = judged(conn, ctx, &record, &call)?;
    fields.finish()?;
    papers::keep(conn, ctx, &record, &paper)?;
    // Where its own call has declined it, the further calls promise alone.
    let promised_on = match record.left_own_call() {
        true => None,
        false => Some(super::clock::promise(conn, ctx, &record, &call)?),
    };
    let step = Turn {
        act: Act::Submit,
        action: Action::SubmitApplication.as_str(),
        reason: None,
        promised_on,
        event: Some(events::SUBMITTED),
    };
    let record = turn(conn, ctx, record, step)?;
    super::routes::follow(conn, &record, &paper)?;
    versions::keep(conn, ctx, &record, &paper, VersionStage::Submitted)?;
    letters::submitted(conn, ctx, &record, &call.title)?;
    shown(conn, ctx, record, &relations)
}

/// What is missing or wrong for handing it in, and the answers as they would be handed in.
fn judged(
    conn: &mut Conn,
    ctx: &Ctx,
    record: &Record,
    call: &CallFacts,
) -> Result<(Fields, Paper)> {
    let mut fields = Fields::new();
    rules::complete(&mut fields, &record.content, ctx.actor.is_system());
    rules::answered(&mut fields, &store::team(conn, record.id)?);
    if !record.left_own_call() {
        payable(conn, &mut fields, &record.content, call)?;
    }
    for further in store::further_calls(conn, record.id)? {
        if let Some(further) = calls::service::facts(conn, further)? {
            payable(conn, &mut fields, &record.content, &further)?;
        }
    }
    let paper = papers::hand_in(conn, ctx, &mut fields, record)?;
    Ok((fields, paper))
}

/// What is still missing or wrong before an application can be handed in; nothing of one that can
/// not be, where it stands. For its team: whoever calls has asked.
pub fn lacking(conn: &mut Conn, ctx: &Ctx, id: ApplicationId) -> Result<Vec<FieldError>> {
    let record = store::find(conn, id)?.ok_or_else(super::missing)?;
    if record.state.after(Act::Submit).is_err() {
        return Ok(Vec::new());
    }
    let call = calls::service::facts(conn, record.call_id)?.ok_or_else(super::missing)?;
    let (fields, _) = judged(conn, ctx, &record, &call)?;
    Ok(fields.finish().err().map_or_else(Vec::new, |problem| problem.fields().to_vec()))
}

/// Some fund that may spend in the call holds the currency that is asked for.
pub(super) fn payable(
    conn: &mut Conn,
    fields: &mut Fields,
    content: &Content,
    call: &CallFacts,
) -> Result<()> {
    let Some(currency) = content.currency else { return Ok(()) };
    let mut held = Vec::new();
    for fund in &call.fund_ids {
        if let Some(fund) = funds::service::facts(conn, *fund)? {
            held.push(fund.currency);
        }
    }
    held.sort_unstable();
    held.dedup();
    if !held.is_empty() && !held.contains(&currency) {
        let names: Vec<&str> = held.iter().map(|c| c.code()).collect();
        let (title, names) = (&call.title, names.join(", "));
        let message = format!("the funds of the call “{title}” hold {names}");
        fields.push("/amount_requested/currency", "currency_mismatch", message);
    }
    Ok(())
}

/// Takes an application back.
///
/// # Errors
/// 409 where it has ended already.
pub fn withdraw(
    conn: &mut Conn,
    ctx: &Ctx,
    id: ApplicationId,
    form: &WithdrawForm,
) -> Result<Application> {
    let (record, relations) = hold(conn, ctx, id, Action::WithdrawApplication)?;
    let ctx = &acting(conn, ctx, &record, &relations, Errand::Submit)?;
    record.state.after(Act::Withdraw)?;
    let reason = form.reason.as_deref().map(super::reason).transpose()?;
    let seen = record.state.status() != ApplicationStatus::Draft;
    let step = Turn {
        act: Act::Withdraw,
        action: Action::WithdrawApplication.as_str(),
        reason,
        promised_on: None,
        // Nobody but its team has heard of a draft.
        event: seen.then_some(events::WITHDRAWN),
    };
    let record = turn(conn, ctx, record, step)?;
    letters::withdrawn_for(conn, ctx, &record)?;
    let text = "Its lead has taken back this application.";
    mates::tell(conn, ctx, &record, ("Withdrawn", text), &[])?;
    shown(conn, ctx, record, &relations)
}

//! The answers of a route: what comes over from the application, and what the call asks besides.

use super::named;
use crate::answers;
use crate::answers::model::{Answers, Form, Paper};
use crate::answers::rules as forms;
use crate::applications::model::{CarriedKeys, EditRoute, Record, RouteRecord};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::CallId;
use crate::platform::db::Conn;

/// The application's own form, and its answers.
fn own(conn: &mut Conn, record: &Record) -> Result<(Form, Answers)> {
    let paper = answers::service::paper(conn, record.id)?;
    let form = answers::service::form_of(conn, record.call_id, paper.form_version)?;
    // What nobody has confirmed yet is no answer.
    let sure = |key: &String| !paper.suggested.contains_key(key);
    let answers = paper.answers.clone().into_iter().filter(|(key, _)| sure(key)).collect();
    Ok((form, answers))
}

/// The answers under the newest form of the call: those that come over, those that were given here
/// before, those that were sent, and what the answer bank has for the rest. Who cannot apply is
/// told at once.
pub(super) fn begin(
    conn: &mut Conn,
    fields: &mut Fields,
    (record, call): (&Record, CallId),
    before: Option<&RouteRecord>,
    sent: &Answers,
) -> Result<(Paper, CarriedKeys)> {
    let (form_version, form) = answers::service::newest(conn, call)?;
    let (from, given) = own(conn, record)?;
    let mut carried = forms::common(&from, &given, &form);
    let mut paper = Paper { form_version, ..Paper::default() };
    if let Some(old) = before {
        // What was filled in from the bank and confirmed by nobody is filled in anew, and marked.
        let own =
            |key: &String| !old.carried.contains_key(key) && !old.paper.suggested.contains_key(key);
        let own = old.paper.answers.iter().filter(|(key, _)| own(key));
        let own: Answers = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        let asked = answers::service::form_of(conn, call, old.paper.form_version)?;
        paper.answers = forms::carry(&asked, &own, &form);
        carried.retain(|key, _| !paper.answers.contains_key(key));
    }
    for (key, old) in &carried {
        paper.answers.insert(key.clone(), given[old].clone());
    }
    take(conn, fields, record, &form, (&mut paper, &mut carried), sent)?;
    for refused in forms::eligibility(&form, &paper.answers).reasons {
        fields.push(&format!("/answers/{}", refused.key), "not_eligible", refused.reason);
    }
    answers::service::suggest(conn, record.applicant_id, &form, &mut paper)?;
    Ok((paper, carried))
}

/// Takes what was sent. What came over and is answered anew belongs to this call from then on; what
/// is cleared stays empty here: it keeps its place among what came over, from nowhere.
fn take(
    conn: &mut Conn,
    fields: &mut Fields,
    record: &Record,
    form: &Form,
    (paper, carried): (&mut Paper, &mut CarriedKeys),
    sent: &Answers,
) -> Result<()> {
    let old = std::mem::take(&mut paper.answers);
    paper.answers = forms::merge(fields, form, &old, sent);
    forms::fits(fields, &paper.answers);
    named::check(conn, fields, Some(record.id), (form, &paper.answers), Some(sent))?;
    paper.suggested.retain(|key, _| !sent.contains_key(key));
    carried.retain(|key, from| !sent.contains_key(key) || from.is_empty());
    carried.retain(|key, _| !sent.contains_key(key) || !paper.answers.contains_key(key));
    for key in sent.keys().filter(|key| old.contains_key(*key)) {
        if !paper.answers.contains_key(key) {
            carried.insert(key.clone(), String::new());
        }
    }
    Ok(())
}

/// Takes further answers, and what was confirmed.
pub(super) fn edit(
    conn: &mut Conn,
    fields: &mut Fields,
    record: &Record,
    route: &mut RouteRecord,
    asked: &EditRoute,
) -> Result<()> {
    let form = answers::service::form_of(conn, route.call_id, route.paper.form_version)?;
    let known = route.paper.suggested.clone();
    let both = (&mut route.paper, &mut route.carried);
    take(conn, fields, record, &form, both, &asked.answers)?;
    let few = asked.confirm.len() <= forms::QUESTIONS_MAX;
    fields.check(few, "/confirm", "too_many", "these are more than a form has questions");
    for (i, key) in asked.confirm.iter().enumerate().take(forms::QUESTIONS_MAX) {
        let message = "no suggested answer has this key";
        fields.check(known.contains_key(key), &format!("/confirm/{i}"), "unknown", message);
        route.paper.suggested.remove(key);
    }
    Ok(())
}

/// Takes what comes over from the application as it is now, also what it has answered since it was
/// routed; what is there no more is asked.
pub(super) fn refresh(conn: &mut Conn, record: &Record, route: &mut RouteRecord) -> Result<()> {
    let (from, given) = own(conn, record)?;
    let form = answers::service::form_of(conn, route.call_id, route.paper.form_version)?;
    let common = forms::common(&from, &given, &form);
    let (paper, carried) = (&mut route.paper, &mut route.carried);
    for (key, old) in std::mem::take(carried) {
        if old.is_empty() || common.get(&key) == Some(&old) {
            carried.insert(key, old);
        } else {
            paper.answers.remove(&key);
        }
    }
    for (key, old) in common {
        let cleared = carried.get(&key).is_some_and(String::is_empty);
        // What nobody has confirmed yet is no answer.
        let answered = paper.answers.contains_key(&key)
            && !paper.suggested.contains_key(&key)
            && !carried.contains_key(&key);
        if cleared || answered {
            continue;
        }
        paper.suggested.remove(&key);
        paper.answers.insert(key.clone(), given[&old].clone());
        carried.insert(key, old);
    }
    Ok(())
}

/// Whether all that the call asks is answered, rightly and surely.
pub(super) fn whole(
    conn: &mut Conn,
    fields: &mut Fields,
    record: &Record,
    form: &Form,
    paper: &Paper,
) -> Result<()> {
    forms::check(fields, form, &paper.answers);
    named::check(conn, fields, Some(record.id), (form, &paper.answers), None)?;
    super::super::papers::unconfirmed(fields, paper);
    Ok(())
}

/// Takes out what names a file that hangs on the application no more.
pub(super) fn there(
    conn: &mut Conn,
    record: &Record,
    form: &Form,
    paper: &mut Paper,
) -> Result<()> {
    named::prune(conn, record.id, form, paper)
}

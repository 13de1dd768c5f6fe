//! What was said on an application that another one takes up.

use super::{concerned, is_inside, missing, sight_of, tell_also, tell_funders};
use crate::applications;
use crate::comments::model::CommentVisibility;
use crate::comments::{jobs, store};
use crate::kernel::Result;
use crate::kernel::ids::{ApplicationId, CommentId, PersonId};
use crate::kernel::time::Instant;
use crate::platform::audit::{self, Change};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;
use std::collections::BTreeMap;

/// Moves what was said on an application to the one that has taken it up, where its team may read
/// it. Internal words stay where they are: on the team that goes on are people of whom they speak.
/// What nobody was to be told of before the merge is told from there, however late this runs.
pub(in crate::comments) fn move_along(
    conn: &mut Conn,
    ctx: &Ctx,
    (from, into): (ApplicationId, ApplicationId),
    merged_at: Instant,
) -> Result<()> {
    let told = [CommentVisibility::Public, CommentVisibility::ApplicantAndFunders];
    let moved = store::move_to(conn, (from, into), &told)?;
    if moved.is_empty() {
        return Ok(());
    }
    let action = "move_comments";
    let object = ("application", into.uuid());
    let after = Some(json!({ "from": from, "comments": moved.len() }));
    audit::record(conn, ctx, Change { action, object, before: None, after })?;
    // Who was to hear of it there finds nothing there any more.
    let mut untold: BTreeMap<i64, Vec<Said>> = BTreeMap::new();
    for (id, author, visibility, said_at) in moved {
        let hour = jobs::hour(said_at);
        if hour >= jobs::first_untold(merged_at) {
            untold.entry(hour).or_default().push((id, author, visibility));
        }
    }
    for (hour, said) in untold {
        let (readers, to_funders) = readers(conn, ctx, (from, into), &said)?;
        tell_also(conn, ctx, (into, hour), &readers)?;
        if to_funders {
            tell_funders(conn, ctx, into, hour)?;
        }
    }
    Ok(())
}

/// A comment, whose it is, and who reads it.
type Said = (CommentId, PersonId, CommentVisibility);

/// Who hears of what was moved: who is mentioned, whom it concerns where it is now, and who applied
/// with what was taken up; and whether somebody from the inside said some of it to the funders.
fn readers(
    conn: &mut Conn,
    ctx: &Ctx,
    (from, into): (ApplicationId, ApplicationId),
    said: &[Said],
) -> Result<(Vec<PersonId>, bool)> {
    let there = applications::service::facts(conn, from)?.ok_or_else(missing)?;
    let here = applications::service::facts(conn, into)?.ok_or_else(missing)?;
    let ids: Vec<CommentId> = said.iter().map(|(id, ..)| *id).collect();
    // Whether each of them said something to applicant and funders.
    let mut authors: BTreeMap<PersonId, bool> = BTreeMap::new();
    for (_, author, visibility) in said {
        *authors.entry(*author).or_default() |=
            *visibility == CommentVisibility::ApplicantAndFunders;
    }
    let between = authors.values().any(|between| *between);
    let (mut inside, mut to_funders) = (false, false);
    for (author, between) in authors {
        // Who would add nothing to what is known is not looked at.
        if to_funders || (inside && !between) {
            continue;
        }
        // Its team is still the team of what it was said on; here they may not have said yes yet.
        let sight = sight_of(conn, ctx, (from, author))?;
        if sight.is_some_and(|(_, sight)| is_inside(&sight)) {
            inside = true;
            to_funders |= between;
        }
    }
    let widest =
        if between { CommentVisibility::ApplicantAndFunders } else { CommentVisibility::Public };
    let mut all = concerned(conn, ctx, (&here, inside), widest)?;
    all.push(there.applicant_id);
    all.extend(store::mentions(conn, &ids)?.into_iter().map(|(_, person)| person));
    all.sort_unstable();
    all.dedup();
    Ok((all, to_funders))
}

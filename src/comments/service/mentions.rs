//! Whom a comment may name: they get it by mail.

use super::{Sight, sight_of};
use crate::comments::model::CreateComment;
use crate::comments::{rules, store};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::ids::PersonId;
use crate::kernel::problem::{Kind, Problem};
use crate::people;
use crate::people::model::Limited;
use crate::platform::authz::Relation;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;

const DAY: i64 = 86_400;

/// Who is mentioned, each once. Whoever does not exist, whoever may not read it, and whom the
/// author may not name get the same words.
pub(super) fn mentioned(
    conn: &mut Conn,
    ctx: &Ctx,
    fields: &mut Fields,
    (from, form): (&Sight, &CreateComment),
) -> Result<Vec<PersonId>> {
    if form.mention_ids.len() > rules::MENTIONS_MAX {
        let message = format!("mention at most {} people", rules::MENTIONS_MAX);
        fields.push("/mention_ids", "too_many", message);
        return Ok(Vec::new());
    }
    for (i, person) in form.mention_ids.iter().enumerate() {
        let sight = sight_of(conn, ctx, (from.facts.id, *person))?;
        let reads = match sight {
            Some((_, sight)) if sight.seen.contains(&form.visibility) => {
                !is_passing(ctx, from) || is_there(conn, &sight, *person)?
            }
            _ => false,
        };
        let message = "there is nobody with this id who may read the comment and whom you may name";
        fields.check(reads, &format!("/mention_ids/{i}"), "unknown", message);
    }
    let mut all = form.mention_ids.clone();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Whether the author has nothing to do with the application, but that everybody sees it.
fn is_passing(ctx: &Ctx, author: &Sight) -> bool {
    let public = [Relation::Public, Relation::Known];
    !ctx.actor.is_sponsor() && author.relations.iter().all(|relation| public.contains(relation))
}

/// Whether somebody is part of what is said there: they apply, are on the team, or said something
/// that everybody reads.
fn is_there(conn: &mut Conn, sight: &Sight, person: PersonId) -> Result<bool> {
    let inside = [Relation::Own, Relation::Team];
    if sight.relations.iter().any(|relation| inside.contains(relation)) {
        return Ok(true);
    }
    store::spoke(conn, sight.facts.id, person)
}

/// Refuses who has named too many in a day.
pub(super) fn room(conn: &mut Conn, ctx: &Ctx, me: PersonId, more: usize) -> Result<()> {
    if more == 0 {
        return Ok(());
    }
    let since = ctx.now.plus_seconds(-DAY);
    let before = store::mentioned_since(conn, me, since)?
        + people::service::still_counted(conn, me, Limited::Mention, since)?;
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    if before.saturating_add(more) > rules::MENTIONS_A_DAY {
        let most = rules::MENTIONS_A_DAY;
        let detail = format!("You can mention {most} people in a day, and did {before}.");
        return Err(Problem::new(Kind::LimitReached, detail));
    }
    Ok(())
}

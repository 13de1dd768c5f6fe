//! State machines: each status by each act, through the front door. Statuses come from the code,
//! acts from the API document: one that nobody has said anything about here fails.

mod known;
mod money;
mod people;
mod routes;
mod trust;

use crate::support::web::{Reply, Web};
use almoner::web::routes as served;
use serde_json::Value;
use std::collections::BTreeSet;

/// Every operation that writes at addresses that begin so; those on what hangs on the object too.
pub fn acts(begin: &str) -> Vec<String> {
    let all = served::operations(&almoner::web::openapi());
    let writes = all.into_iter().filter(|o| o.method != "GET");
    let ours = writes.filter(|o| o.path.strip_prefix(begin).is_some_and(is_whole));
    let found: Vec<String> = ours.map(|o| o.id).collect();
    assert!(!found.is_empty(), "nothing writes at {begin}");
    found
}

fn is_whole(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// The spelling of each of them.
macro_rules! texts {
    ($kind:ty) => {
        <$kind>::ALL.iter().map(|one| one.as_str()).collect::<Vec<&'static str>>()
    };
}
pub(crate) use texts;

/// Objects of one kind, what can be done to them, and what comes of it.
pub struct Machine<'a> {
    pub web: &'a Web,
    /// All statuses that the code knows.
    pub statuses: Vec<&'static str>,
    /// All operations that write there.
    pub acts: Vec<String>,
    /// Statuses that have to be tried, each once at least; more words behind a colon say in which
    /// circumstances.
    pub tried: &'a [&'a str],
    /// Where an act leads from there. Whatever is not here is refused.
    pub moves: &'a [(&'a str, &'a str, &'a str)],
    /// What is refused as if there were nothing: whoever acts has no more to do with it.
    pub hidden: &'a [(&'a str, &'a str)],
    /// Makes one that is there; its id.
    pub make: &'a dyn Fn(&str) -> String,
    /// Does something to it, by whoever may.
    pub act: &'a dyn Fn(&str, &str) -> Reply,
    /// All that somebody who sees everything is told about it.
    pub read: &'a dyn Fn(&str) -> Value,
    /// Where it stands, in that.
    pub status: &'a dyn Fn(&Value) -> String,
}

/// The `status` that is told.
pub fn status(told: &Value) -> String {
    told["status"].as_str().unwrap_or_else(|| panic!("no status in {told}")).to_owned()
}

impl Machine<'_> {
    /// Tries everything.
    pub fn run(&self) {
        let told: BTreeSet<&str> = self.tried.iter().map(|tried| base(tried)).collect();
        assert_eq!(told, self.statuses.iter().copied().collect(), "name a way to each status");
        for (status, act, _) in self.moves {
            let known = self.tried.contains(status) && self.acts.iter().any(|known| known == act);
            assert!(known, "{act} from {status} is no act of these");
        }
        let mut wrong = Vec::new();
        for tried in self.tried {
            // What refuses is as it was, and refuses the next.
            let refuses = (self.make)(tried);
            for act in &self.acts {
                let to = self.moves.iter().find(|(s, a, _)| s == tried && a == act);
                wrong.extend(match to {
                    Some((_, _, to)) => self.moved(tried, act, to),
                    None => self.refused(&refuses, tried, act),
                });
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    /// What was done, but for showing a second factor on the way.
    fn audited(&self) -> i64 {
        let query = "SELECT COUNT(*) FROM audit_log WHERE action NOT IN \
                     ('step_up', 'enrol_factor', 'confirm_factor')";
        crate::payees::count(self.web, query)
    }
    fn moved(&self, from: &str, act: &str, to: &str) -> Option<String> {
        let id = (self.make)(from);
        let was = (self.status)(&(self.read)(&id));
        assert_eq!(was, base(from), "{from}");
        let reply = (self.act)(act, &id);
        if reply.status >= 300 {
            return Some(format!("{act} from {from}: {} {}", reply.status, reply.text()));
        }
        let now = (self.status)(&(self.read)(&id));
        (now != to).then(|| format!("{act} from {from} leads to {now}, not to {to}"))
    }
    fn refused(&self, id: &str, from: &str, act: &str) -> Option<String> {
        let (before, audited) = ((self.read)(id), self.audited());
        assert_eq!((self.status)(&before), base(from), "{from}");
        let reply = (self.act)(act, id);
        let said = format!("{act} from {from}: {} {}", reply.status, reply.text());
        let hidden = self.hidden.contains(&(from, act));
        let code = if reply.bytes.is_empty() { Value::Null } else { reply.json()["code"].clone() };
        let fits = match hidden {
            true => reply.status == 404 && code == "not_found",
            false => reply.status == 409,
        };
        if !fits {
            return Some(format!("{said}\n    wanted {}", if hidden { "404" } else { "409" }));
        }
        let same = (self.read)(id) == before && self.audited() == audited;
        (!same).then(|| format!("{said}\n    and something was changed"))
    }
}

/// The status, without the circumstances.
fn base(tried: &str) -> &str {
    tried.split(':').next().unwrap_or(tried)
}

//! The policy: what a row of [`super::table`] says, and the table as a page.

use super::factor::Asks;
pub use super::table::Action;
use crate::kernel::actor::{Errand, Role};
use crate::platform::auth::limits::Door;

/// How an actor is related to the object at hand. Services find these; the table names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// It is theirs: their account, application, offer, payee.
    Own,
    /// They hold the budget.
    Holder,
    /// They are on the application's team, and said yes.
    Team,
    /// They are on the team, and write with whoever applies.
    Writer,
    /// They were invited by name and have not answered.
    Invited,
    /// The grant is theirs to receive.
    Recipient,
    /// Their budget pays a part of it.
    Backer,
    /// They gave to the fund.
    Contributor,
    /// They may do this for whose it is.
    Delegate(Errand),
    /// It names them, and they have answered.
    Named,
    /// It is public.
    Public,
    /// They are signed in and have its address: it was made known to whoever has that.
    Known,
    /// They are in the need-to-know group, and not partial.
    NeedToKnow,
}

/// One way to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// Also without signing in.
    Anyone,
    /// Every signed-in person.
    Person,
    /// Everyone who holds the role.
    Role(Role),
    /// Everyone who stands in the relation.
    Rel(Relation),
    /// Those who hold the role and stand in the relation.
    RoleRel(Role, Relation),
}

impl std::fmt::Display for Allow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words = |relation: &Relation| match relation {
            Relation::Own => "whose it is",
            Relation::Holder => "who holds the budget",
            Relation::Team => "who is on the team",
            Relation::Writer => "who writes on the team",
            Relation::Invited => "who is invited",
            Relation::Recipient => "who receives the grant",
            Relation::Backer => "whose budget pays for it",
            Relation::Contributor => "who gave to the fund",
            Relation::Delegate(Errand::Draft) => "who may draft for them",
            Relation::Delegate(Errand::Submit) => "who may submit for them",
            Relation::Delegate(Errand::Report) => "who may report for them",
            Relation::Named => "whom it names",
            Relation::Public => "anyone, where it is public",
            Relation::Known => "everyone signed in who has its address",
            Relation::NeedToKnow => "who is in the need-to-know group",
        };
        match self {
            Allow::Anyone => f.write_str("anyone"),
            Allow::Person => f.write_str("everyone signed in"),
            Allow::Role(role) => f.write_str(role.as_str()),
            Allow::Rel(relation) => f.write_str(words(relation)),
            Allow::RoleRel(role, relation) => write!(f, "{} {}", role.as_str(), words(relation)),
        }
    }
}

/// Whether a request must carry an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A read: none.
    No,
    /// Kept if it is sent.
    May,
    /// It moves money: refused without.
    Must,
    /// Never kept: the answer or the request holds a secret.
    Never,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The operation.
    pub action: Action,
    /// What it acts on, as in “there is no such …”.
    pub resource: &'static str,
    /// The scope that a personal access token needs.
    pub scope: &'static str,
    /// Whether to answer those who are not allowed as if there were nothing.
    pub hide: bool,
    /// Whether it takes an idempotency key.
    pub key: Key,
    /// Who may.
    pub allow: &'static [Allow],
    /// What it asks of the second factor.
    pub asks: Asks,
    /// What it is counted as, where it can be done only so often.
    pub pace: Option<Door>,
}

/// What a row's marks ask of the second factor: `step_up` a fresh one; `enrol` is open to those
/// who have yet to enrol.
pub(super) const fn asks(marks: &[&str]) -> Asks {
    let mut at = 0;
    while at < marks.len() {
        match marks[at].as_bytes() {
            b"step_up" => return Asks::Fresh,
            b"enrol" => return Asks::Nothing,
            _ => at += 1,
        }
    }
    Asks::Enrolled
}

/// The counter that a row's marks name. A mark that nobody knows does not compile.
pub(super) const fn pace(marks: &[&str]) -> Option<Door> {
    let (mut at, mut found) = (0, None);
    while at < marks.len() {
        match (marks[at].as_bytes(), Door::named(marks[at])) {
            (b"step_up" | b"enrol", _) => {}
            (_, Some(door)) if found.is_none() => found = Some(door),
            _ => panic!("this mark of the policy table is not known, or names a second counter"),
        }
        at += 1;
    }
    found
}

macro_rules! policy { ($( $section:literal { $(
    $name:ident = $op:literal, $resource:literal, $scope:literal, $vis:ident, $key:ident, [$($allow:expr),+ $(,)?]
        $(, $mark:ident)*;
)* } )*) => {
    /// An operation of the API; its text is the `operationId`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Action { $($( #[doc = $op] $name, )*)* }
    impl Action {
        /// All of them, in the order of the table.
        pub const ALL: &'static [Action] = &[$($(Action::$name,)*)*];
        /// The `operationId`.
        pub const fn as_str(self) -> &'static str { match self { $($(Action::$name => $op,)*)* } }
        /// Its row.
        pub const fn rule(self) -> &'static Rule { match self { $($(Action::$name => {
            const RULE: &Rule = &Rule {
                action: Action::$name, resource: $resource, scope: $scope,
                hide: is_hidden(stringify!($vis)), key: Key::$key, allow: &[$($allow),+],
                asks: asks(&[$(stringify!($mark)),*]), pace: pace(&[$(stringify!($mark)),*]),
            };
            RULE
        })*)* } }
        /// The part of the table that it stands in.
        pub const fn section(self) -> &'static str { match self { $($(Action::$name => $section,)*)* } }
    }
} }

pub(super) use policy;

pub(super) const fn is_hidden(word: &str) -> bool {
    matches!(word.as_bytes(), b"hidden")
}

/// The table as a page of Markdown (docs/generated/authorization.md).
pub fn markdown() -> String {
    let mut page = String::from(
        "# Who may do what\n\nGenerated from `src/platform/authz/table.rs`; do not edit.\n\n\
         *hidden*: those who may not get the answer of a missing object (404). *key*: whether \
         an `Idempotency-Key` is taken (`May`), needed (`Must`) or never kept (`Never`). A \
         personal access token also needs the scope. *factor*: `step-up` asks for a second \
         factor shown in the last five minutes, and is out of reach of personal access tokens; \
         `none` is open also to those who have yet to enrol one. *counted*: by which counter it is \
         done only so often (429 with `Retry-After`). The two-person rules come on top: see \
         docs/AUTHORIZATION.md.\n",
    );
    let mut section = "";
    for action in Action::ALL {
        if action.section() != section {
            section = action.section();
            page.push_str(&format!(
                "\n## {section}\n\n| operation | scope | hidden | key | factor | counted | who |\n\
                 |---|---|---|---|---|---|---|\n"
            ));
        }
        let rule = action.rule();
        let who: Vec<String> = rule.allow.iter().map(ToString::to_string).collect();
        let hidden = if rule.hide { "yes" } else { "" };
        let asks = match rule.asks {
            Asks::Nothing => "none",
            Asks::Enrolled => "",
            Asks::Fresh => "step-up",
        };
        page.push_str(&format!(
            "| `{}` | `{}` | {hidden} | {:?} | {asks} | {} | {} |\n",
            action.as_str(),
            rule.scope,
            rule.key,
            rule.pace.map_or("", Door::as_str),
            who.join("; ")
        ));
    }
    page
}

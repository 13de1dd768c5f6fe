//! Decisions about applications, from facts alone.

pub mod clock;
pub mod declines;
pub mod domains;
pub mod merge;
pub mod versions;

use super::model::{
    BudgetLineForm, Consent, Content, EditApplication, Line, MemberRecord, Record, State,
};
use crate::kernel::Result;
use crate::kernel::fields::Fields;
use crate::kernel::money::{Currency, Money, MoneyText};
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;

/// Longest title, label or name, in characters.
pub const LINE_MAX: usize = 200;
/// Longest summary, in characters.
pub const SUMMARY_MAX: usize = 2_000;
/// Longest body, in characters.
pub const BODY_MAX: usize = 50_000;
/// Longest reason, in characters.
pub const REASON_MAX: usize = 5_000;
/// Most lines of a budget.
pub const LINES_MAX: usize = 50;
/// Most people on a team, the applicant included.
pub const TEAM_MAX: usize = 20;
/// Most people ever invited to one application, those who left included.
pub const EVER_INVITED_MAX: usize = 60;
/// Most invitations that one person sends in a day.
pub const INVITATIONS_A_DAY: i64 = 50;
/// Most people whom one person nominates in a day.
pub const NOMINATIONS_A_DAY: i64 = 10;
/// Most merges that one person proposes in a day.
pub const MERGES_A_DAY: i64 = 10;
/// Days until a nomination is over.
pub const NOMINATION_DAYS: i64 = 60;
/// Seconds before its end at which a nominee is reminded of a nomination, once.
pub const NOMINATION_REMIND_SECONDS: i64 = 7 * 24 * 3600;
/// Most drafts of one person at a time.
pub const DRAFTS_MAX: i64 = 100;
/// Seconds until the same address can be invited again.
pub const INVITE_AGAIN_SECONDS: i64 = 24 * 3600;
/// Seconds without an answer until somebody is reminded of an invitation, once.
pub const INVITE_REMIND_SECONDS: i64 = 7 * 24 * 3600;

/// What an edit may not change, because somebody relies on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// It was submitted once: its amounts can change, but not be left out.
    pub submitted: bool,
    /// What is offered already, in minor units.
    pub offered: i64,
    /// Whether a fund holds money that was given for it.
    pub given: bool,
}

impl Bounds {
    /// Those of an application, for which money may have been given.
    pub fn of(record: &Record, given: bool) -> Self {
        Self { submitted: record.state != State::Draft, offered: record.offered, given }
    }
}

/// The content with the changes asked for; what is wrong goes to `fields`.
pub fn edit(fields: &mut Fields, old: &Content, form: &EditApplication, bounds: Bounds) -> Content {
    let mut new = old.clone();
    match &form.title {
        Patch::Leave => {}
        Patch::Clear => needed(fields, "/title"),
        Patch::Set(title) => new.title = fields.line("/title", title, 1, LINE_MAX),
    }
    paragraphs(fields, "/summary", &mut new.summary, &form.summary, SUMMARY_MAX);
    paragraphs(fields, "/body", &mut new.body, &form.body, BODY_MAX);
    match form.duration_months {
        Patch::Leave => {}
        Patch::Clear => new.duration_months = None,
        Patch::Set(months) => {
            fields.range("/duration_months", i64::from(months), 1, 120);
            new.duration_months = Some(months);
        }
    }
    match form.visibility {
        Patch::Leave => {}
        Patch::Clear => needed(fields, "/visibility"),
        Patch::Set(visibility) => new.visibility = visibility,
    }
    amounts(fields, old, &mut new, form, bounds);
    new
}

fn needed(fields: &mut Fields, pointer: &str) {
    fields.push(pointer, "required", "this is needed: it cannot be cleared");
}

fn paragraphs(
    fields: &mut Fields,
    pointer: &str,
    place: &mut String,
    patch: &Patch<String>,
    max: usize,
) {
    match patch {
        Patch::Leave => {}
        Patch::Clear => place.clear(),
        Patch::Set(text) => *place = fields.paragraphs(pointer, text, 0, max),
    }
}

/// Amounts as they come in, and the one currency that they all have to share.
struct Purse {
    currency: Option<Currency>,
}

impl Purse {
    /// The first amount sets the currency, the others follow; `None` when it is wrong.
    fn take(&mut self, fields: &mut Fields, pointer: &str, text: &MoneyText) -> Option<i64> {
        let money = fields.positive_money(pointer, text)?;
        let currency = *self.currency.get_or_insert(money.currency());
        if money.currency() == currency {
            return Some(money.minor());
        }
        let message = format!("all amounts of an application are in one currency, here {currency}");
        fields.push(&format!("{pointer}/currency"), "currency_mismatch", message);
        None
    }
}

fn amounts(
    fields: &mut Fields,
    old: &Content,
    new: &mut Content,
    form: &EditApplication,
    bounds: Bounds,
) {
    let stays = |kept: bool, patch_is_leave: bool| kept && patch_is_leave;
    let kept = stays(old.amount_minimum.is_some(), form.amount_minimum.is_leave())
        || stays(old.amount_requested.is_some(), form.amount_requested.is_leave())
        || stays(!old.budget_lines.is_empty(), form.budget_lines.is_leave());
    // Offers are in the currency that it has, and so is what was given: they hold it fast.
    let fast = kept || bounds.offered > 0 || bounds.given;
    let mut purse = Purse { currency: old.currency.filter(|_| fast) };
    let required = bounds.submitted;
    let (requested, minimum) = (&form.amount_requested, &form.amount_minimum);
    one(fields, &mut purse, "/amount_requested", &mut new.amount_requested, requested, required);
    one(fields, &mut purse, "/amount_minimum", &mut new.amount_minimum, minimum, required);
    match &form.budget_lines {
        Patch::Leave => {}
        Patch::Clear => new.budget_lines.clear(),
        Patch::Set(sent) => new.budget_lines = lines(fields, &mut purse, sent),
    }
    let any = new.amount_minimum.is_some()
        || new.amount_requested.is_some()
        || !new.budget_lines.is_empty();
    new.currency = purse.currency.filter(|_| any);
    if let (Some(minimum), Some(requested)) = (new.amount_minimum, new.amount_requested) {
        let blamed = if form.amount_minimum.is_leave() { "requested" } else { "minimum" };
        let message = "the minimum cannot be more than what is requested";
        let pointer = format!("/amount_{blamed}/amount");
        fields.check(minimum <= requested, &pointer, "above_requested", message);
    }
    if new.amount_requested.is_some_and(|requested| requested < bounds.offered) {
        let message = "this is less than what is kept for offers";
        fields.push("/amount_requested/amount", "below_offered", message);
    }
}

fn one(
    fields: &mut Fields,
    purse: &mut Purse,
    pointer: &str,
    place: &mut Option<i64>,
    patch: &Patch<MoneyText>,
    required: bool,
) {
    match patch {
        Patch::Leave => {}
        Patch::Clear if required => needed(fields, pointer),
        Patch::Clear => *place = None,
        Patch::Set(text) => {
            if let Some(minor) = purse.take(fields, pointer, text) {
                *place = Some(minor);
            }
        }
    }
}

fn lines(fields: &mut Fields, purse: &mut Purse, sent: &[BudgetLineForm]) -> Vec<Line> {
    if sent.len() > LINES_MAX {
        let message = format!("write at most {LINES_MAX} lines");
        fields.push("/budget_lines", "too_many", message);
        return Vec::new();
    }
    let mut lines = Vec::with_capacity(sent.len());
    for (i, line) in sent.iter().enumerate() {
        let pointer = format!("/budget_lines/{i}");
        let label = fields.line(&format!("{pointer}/label"), &line.label, 1, LINE_MAX);
        if let Some(amount) = purse.take(fields, &format!("{pointer}/amount"), &line.amount) {
            lines.push(Line { label, amount });
        }
    }
    lines
}

/// What is still missing before it can be handed in, all at once. Records of the past (`historic`)
/// may lack what nobody wrote down; what they do say has to agree.
pub fn complete(fields: &mut Fields, content: &Content, historic: bool) {
    let missing = |fields: &mut Fields, absent: bool, pointer: &str, what: &str| {
        fields.check(!absent, pointer, "required", what);
    };
    let lenient = !historic;
    missing(fields, lenient && content.summary.is_empty(), "/summary", "say what it is about");
    missing(fields, lenient && content.body.is_empty(), "/body", "make your case");
    let minimum = content.amount_minimum.is_none();
    missing(fields, minimum, "/amount_minimum", "say what the least is that makes sense");
    let requested = content.amount_requested.is_none();
    missing(fields, requested, "/amount_requested", "say how much you ask for");
    let months = lenient && content.duration_months.is_none();
    missing(fields, months, "/duration_months", "say how long the work takes");
    let no_lines = content.budget_lines.is_empty();
    missing(fields, lenient && no_lines, "/budget_lines", "say what the money is for");
    let (Some(currency), Some(requested)) = (content.currency, content.amount_requested) else {
        return;
    };
    if no_lines {
        return;
    }
    let amounts = content.budget_lines.iter().map(|line| Money::new(line.amount, currency));
    let requested = Money::new(requested, currency);
    match Money::sum(currency, amounts) {
        Ok(sum) if sum == requested => {}
        Ok(sum) => {
            let message = format!("the lines add up to {sum}; they have to add up to {requested}");
            fields.push("/budget_lines", "sum", message);
        }
        Err(e) => fields.push("/budget_lines", "too_large", e.to_string()),
    }
}

/// Everybody who was invited has answered; says who has not.
pub fn answered(fields: &mut Fields, team: &[MemberRecord]) {
    let waiting: Vec<&str> = team
        .iter()
        .filter(|member| member.consent == Consent::Invited)
        .map(|member| member.name.as_str())
        .collect();
    if !waiting.is_empty() {
        let message = format!(
            "these have not answered yet: {}; wait for them, or take the invitation back",
            waiting.join(", ")
        );
        fields.push("/members", "unanswered", message);
    }
}

/// How somebody stands to an application that they are about to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// They apply, or are on the team.
    pub on_team: bool,
    /// They declared a conflict of interest.
    pub conflict: bool,
}

/// Whether somebody with this stake may decide on the application.
///
/// # Errors
/// 403: another person has to.
pub fn may_decide(stake: Stake) -> Result<()> {
    if stake.on_team {
        let detail = "You are on this application: somebody else has to decide.";
        return Err(Problem::new(Kind::TwoPersons, detail));
    }
    if stake.conflict {
        let detail = "You declared a conflict of interest: somebody else has to decide.";
        return Err(Problem::new(Kind::ConflictOfInterest, detail));
    }
    Ok(())
}

/// What counts for the lapse of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// Where it stands.
    pub state: State,
    /// The last day of its call; none while a rolling call goes on.
    pub call_ended_on: Option<Date>,
    /// The call's decision time.
    pub decision_days: i32,
    /// The day by which a decision was promised.
    pub promised_on: Option<Date>,
    /// What the offers on it come to.
    pub firm: i64,
    /// The least that makes sense.
    pub minimum: i64,
}

/// Whether its time is over: the call ended longer ago than its decision time, its own promised
/// day is over too, and the offers on it do not reach its minimum.
pub fn is_over(age: &Age, today: Date) -> bool {
    let ended = age.call_ended_on.is_some_and(|day| day.plus_days(age.decision_days) < today);
    let promised = age.promised_on.is_none_or(|day| day < today);
    age.state == State::Open && ended && promised && age.firm < age.minimum
}

#[cfg(test)]
mod tests;

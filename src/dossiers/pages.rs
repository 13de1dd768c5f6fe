//! A dossier to read: as a page to print, and as Markdown. Texts are plain: in both nothing of them
//! is taken for a mark.

use super::model::{Answered, Dossier, Further};
use crate::answers::model::QuestionKind;
use crate::applications::model::RouteStatus;
use crate::kernel::Result;
use crate::kernel::money::MoneyText;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::platform::mail;
use askama::Template;

#[derive(Template)]
#[template(path = "dossiers/templates/dossier.html")]
struct Page<'a> {
    d: &'a Dossier,
}

impl Page<'_> {
    fn looking_for(&self) -> String {
        looking_for(self.d)
    }
    fn money(&self, money: &MoneyText) -> String {
        amount(money)
    }
    fn day(&self, moment: &str) -> String {
        day(moment)
    }
    fn minute(&self, moment: &str) -> String {
        minute(moment)
    }
    fn promised(&self) -> Option<&str> {
        promised(self.d)
    }
    fn promised_there(&self, further: &Further) -> Option<String> {
        promised_there(self.d, further)
    }
}

/// A page to print, whole in itself: no address is named in it, and nothing runs.
pub(super) fn html(dossier: &Dossier) -> Result<String> {
    Page { d: dossier }.render().map_err(Problem::internal)
}

/// What it looks for, in words.
fn looking_for(d: &Dossier) -> String {
    let words = d.application.looking_for.iter().map(|what| what.as_str().replace('_', " "));
    words.collect::<Vec<_>>().join(", ")
}

fn amount(money: &MoneyText) -> String {
    format!("{} {}", money.amount, money.currency)
}

/// The day of a moment, in UTC.
fn day(moment: &str) -> String {
    moment.split_once('T').map_or(moment, |(day, _)| day).to_owned()
}

/// A moment to the minute.
fn minute(moment: &str) -> String {
    moment.parse::<Instant>().map_or_else(|_| moment.to_owned(), mail::minute)
}

/// The day by which a decision is promised, as long as there is none.
fn promised(d: &Dossier) -> Option<&str> {
    d.standing.promised_on.as_deref().filter(|_| d.standing.decided_at.is_none())
}

/// The same of a further call.
fn promised_there(d: &Dossier, further: &Further) -> Option<String> {
    let waits = further.status == RouteStatus::Submitted.as_str();
    further.promised_on.clone().filter(|_| waits && d.standing.decided_at.is_none())
}

/// Plain text, so that Markdown takes nothing of it for a mark.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let start = line.trim_start();
        let numbered = start.trim_start_matches(|c: char| c.is_ascii_digit());
        let listed = numbered.len() < start.len() && numbered.starts_with(['.', ')']);
        if listed {
            let digits = start.len() - numbered.len();
            out.push_str(&start[..digits]);
            out.push('\\');
            marked(&mut out, numbered);
        } else {
            if start.starts_with(['#', '+', '-', '=', '~', ':']) {
                out.push('\\');
            }
            marked(&mut out, start);
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

fn marked(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '!' | '&' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
}

/// On one line.
fn line(text: &str) -> String {
    plain(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// As Markdown.
pub(super) fn markdown(d: &Dossier) -> String {
    let mut out = String::new();
    let mut say = |text: String| {
        out.push_str(&text);
        out.push_str("\n\n");
    };
    let (a, s) = (&d.application, &d.standing);
    say(format!("# {}", line(&a.title)));
    say(format!("{}, by {}: {}", line(&s.call), line(&s.applicant), line(&s.status)));
    for (name, text) in [
        ("Handed in", s.submitted_at.as_deref().map(minute)),
        ("Decision promised by", promised(d).map(str::to_owned)),
        ("Decided", s.decided_at.as_deref().map(day)),
        ("Reason", s.reason.clone()),
    ] {
        if let Some(text) = text {
            say(format!("{name}: {}", plain(&text)));
        }
    }
    say(plain(&a.summary));
    say(plain(&a.body));
    say("## Money".into());
    for (name, money) in [
        ("Asked for", &a.amount_requested),
        ("The least that makes sense", &a.amount_minimum),
        ("Offered", &s.offered),
    ] {
        if let Some(money) = money {
            say(format!("{name}: {}", amount(money)));
        }
    }
    let lines =
        a.budget_lines.iter().map(|l| format!("- {}: {}", line(&l.label), amount(&l.amount)));
    say(lines.collect::<Vec<_>>().join("\n"));
    if !a.place.is_empty() {
        say(format!("Where the work is done: {}", line(&a.place)));
    }
    if !a.looking_for.is_empty() {
        say(format!("Looks for: {}", looking_for(d)));
    }
    rest(d, &mut say);
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn rest(d: &Dossier, say: &mut impl FnMut(String)) {
    answers(&d.answers, "## Answers", say);
    let list = |items: Vec<String>| items.join("\n");
    if !d.team.is_empty() {
        say("## Team".into());
        let mate =
            d.team.iter().map(|m| format!("- {}, {} ({})", line(&m.name), m.role, m.consent));
        say(list(mate.collect()));
    }
    if !d.files.is_empty() {
        say("## Files".into());
        let file = d
            .files
            .iter()
            .map(|f| format!("- {}, {} bytes, SHA-256 {}", line(&f.name), f.bytes, f.sha256));
        say(list(file.collect()));
    }
    for further in &d.further_calls {
        say(format!("## Also in {}", line(&further.call)));
        let status = line(&further.status);
        say(match promised_there(d, further) {
            Some(day) => format!("{status}; promised by {day}"),
            None => status,
        });
        answers(&further.answers, "", say);
    }
    if !d.vouches.is_empty() {
        say("## Vouches".into());
    }
    for v in &d.vouches {
        say(format!("{}, for {} ({}):", line(&v.voucher), v.scopes.join(", "), v.strength));
        say(plain(&v.statement));
    }
    if !d.comments.is_empty() {
        say("## Comments".into());
    }
    for c in &d.comments {
        say(format!("{}, {}:", line(&c.author), minute(&c.said_at)));
        say(plain(&c.body));
    }
}

fn answers(answers: &[Answered], heading: &str, say: &mut impl FnMut(String)) {
    if answers.is_empty() {
        return;
    }
    say(heading.into());
    for answered in answers {
        say(format!("### {}", line(&answered.label)));
        say(told(answered));
    }
}

/// What was chosen, and the rows of a table, stand below each other in the text: they are a list.
fn told(answered: &Answered) -> String {
    let lists = [QuestionKind::Choices, QuestionKind::Table];
    if !lists.iter().any(|kind| answered.kind == kind.as_str()) {
        return plain(&answered.text);
    }
    let items = answered.text.lines().map(|item| format!("- {}", line(item)));
    items.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_a_mark() {
        for (text, wanted) in [
            ("# No heading", "\\# No heading"),
            ("a <b> & *c*", "a \\<b\\> \\& \\*c\\*"),
            ("1. no list\n- nor this", "1\\. no list\n\\- nor this"),
            ("[x](javascript:y)", "\\[x\\](javascript:y)"),
            ("---", "\\---"),
            ("```\nrm\n```", "\\`\\`\\`\nrm\n\\`\\`\\`"),
        ] {
            assert_eq!(plain(text), wanted);
        }
        assert_eq!(line("a\n# b"), "a # b");
    }
}

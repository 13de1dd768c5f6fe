//! The story: `story.txt`, a line for each step.
//!
//! `ada edit_application lens title=Better > later:/title` is Ada, who asks for an operation about
//! `lens`, with that in the form; what is at that place of the answer (the id, where no place is
//! named) has a name from then on. What is named stands for itself in addresses and forms, `$5` is
//! an amount, and `~` a number that nothing else has. `wait 3600` lets time pass, and what is due
//! be done.

use super::Trace;
use super::cast::CAST;
use super::document::Operation;
use super::forms::Filled;
use super::pool::Pool;
use crate::support::desk::usd;
use crate::support::years::dice::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The cast whom chance should find, and what there is before the story, by the list it is in.
const LISTS: &[(&str, &[&str])] = &[
    ("reviewers", &["rita", "remy"]),
    ("regrantors", &["urs", "reg"]),
    ("emails", &["tom.email", "flo.email", "dora.email", "vera.email", "mo.email"]),
    ("calls", &["call"]),
    ("competitions", &["call"]),
    ("budgets", &["budget"]),
    ("bank-accounts", &["bank"]),
];

/// Who tells it, and what has a name by now.
pub struct Teller {
    known: BTreeMap<String, Value>,
    /// The step that comes next when it is told again.
    next: usize,
}

/// The steps, with their numbers in the file.
fn steps() -> impl Iterator<Item = (usize, &'static str)> {
    let lines = include_str!("story.txt").lines().enumerate();
    let lines = lines.map(|(number, line)| (number + 1, line.split('#').next().unwrap_or("")));
    lines.map(|(number, line)| (number, line.trim())).filter(|(_, line)| !line.is_empty())
}

/// One step, read.
struct Step {
    who: usize,
    operation: Operation,
    path: String,
    fields: Vec<(String, Value)>,
    /// The name of what is where in the answer.
    named: Option<(String, String)>,
}

impl Teller {
    pub fn new(pool: &mut Pool, known: BTreeMap<String, Value>) -> Self {
        for (list, names) in LISTS {
            let ids = names.iter().filter_map(|name| known[*name].as_str().map(str::to_owned));
            pool.knows(list, ids);
        }
        Self { known, next: 0 }
    }
    /// Tells it from the beginning to the end: every step succeeds.
    pub fn tell(&mut self, trace: &mut Trace<'_>) -> Result<(), String> {
        for (number, line) in steps() {
            let told = self.well(trace, line);
            told.map_err(|why| format!("story.txt:{number}: {line}: {why}"))?;
        }
        Ok(())
    }
    fn well(&mut self, trace: &mut Trace<'_>, line: &str) -> Result<(), String> {
        if let Some(seconds) = line.strip_prefix("wait ") {
            trace.work(seconds.parse().map_err(|_| "for how long?")?);
            return Ok(());
        }
        let step = self.read(trace, line)?;
        let filled = Filled::Well(trace.asked);
        let (status, text) = self.go(trace, step, filled)?;
        if (200..300).contains(&status) { Ok(()) } else { Err(format!("{status} {text}")) }
    }
    /// The next step once more, whether it succeeds now or not; now and then it is somebody else
    /// who tries first, or with a form that chance filled in. What only the story may do is left
    /// out.
    pub fn again(&mut self, trace: &mut Trace<'_>, dice: &mut Dice) -> Result<(), String> {
        let Some((number, line)) = steps().nth(self.next) else {
            self.next = 0;
            return Ok(());
        };
        self.next += 1;
        if line.starts_with("wait ") {
            return self.well(trace, line);
        }
        let mut step = self.read(trace, line)?;
        if super::listed(&step.operation, super::ONCE) {
            return Ok(());
        }
        let at = |why| format!("story.txt:{number}: {line}: {why}");
        let (other, chance) = (dice.below(12) == 0, dice.below(4) == 0);
        if other || chance {
            if other {
                let people = u32::try_from(CAST.len()).unwrap_or(1);
                step.who = usize::try_from(dice.below(people)).unwrap_or(0);
            }
            let (status, _) = self.go(trace, step, Filled::ByChance(dice)).map_err(at)?;
            if status < 300 {
                return Ok(());
            }
            step = self.read(trace, line)?;
        }
        let filled = Filled::Well(trace.asked);
        self.go(trace, step, filled).map(drop).map_err(at)
    }
    fn go(
        &mut self,
        trace: &mut Trace<'_>,
        step: Step,
        filled: Filled<'_>,
    ) -> Result<(u16, String), String> {
        let Step { who, operation, path, fields, named } = step;
        let mut body = trace.forms.body(&operation, &trace.document, &trace.pool, filled);
        for (name, value) in fields {
            if let Some(Value::Object(body)) = &mut body {
                body.insert(name, value);
            }
        }
        let body = body.filter(|_| !matches!(operation.method, "GET" | "DELETE"));
        let request = trace.request(&operation, who, path, body)?;
        let told = trace.ask(&operation, &request)?;
        if let (true, Some((name, at))) = (told.good(), named) {
            let answer: Value = serde_json::from_str(&told.text).unwrap_or_default();
            match answer.pointer(&at) {
                Some(found) => drop(self.known.insert(name, found.clone())),
                None => return Ok((404, format!("nothing at {at} of {answer}"))),
            }
        }
        Ok((told.status, told.text))
    }
    fn read(&self, trace: &Trace<'_>, line: &str) -> Result<Step, String> {
        let line = line.replace('~', &trace.asked.to_string());
        let (asked, named) = line.split_once(" > ").unwrap_or((&line, ""));
        let mut words = asked.split_whitespace();
        let (who, id) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let who = CAST.iter().position(|name| *name == who).ok_or("who?")?;
        let operation = trace.operations.iter().find(|o| o.id == id).ok_or("what?")?.clone();
        let mut path = operation.path.clone();
        let (mut fields, mut query) = (Vec::new(), String::new());
        for word in words {
            match word.split_once('=') {
                Some((name, value)) if name.starts_with('?') => {
                    query = format!("{name}={value}");
                }
                Some((name, value)) => fields.push((name.to_owned(), self.value(value))),
                None => {
                    let value = self.value(word);
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    let (before, rest) = path.split_once('{').ok_or("too many places")?;
                    path = format!("{before}{text}{}", rest.split_once('}').unwrap_or_default().1);
                }
            }
        }
        path = path + &query + &trace.document.query(operation.method, &operation.path);
        let (name, at) = named.split_once(':').unwrap_or((named, "/id"));
        let named = (!name.is_empty()).then(|| (name.to_owned(), at.to_owned()));
        Ok(Step { who, operation, path, fields, named })
    }
    /// What has that name; or JSON, with names in it; or a word.
    fn value(&self, text: &str) -> Value {
        if let Some(value) = self.known.get(text) {
            return value.clone();
        }
        let mut value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        self.name(&mut value);
        value
    }
    /// `"@lens"` within a form is what has that name.
    fn name(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.name(item)),
            Value::Object(fields) => fields.values_mut().for_each(|item| self.name(item)),
            Value::String(text) => {
                let known = text.strip_prefix('@').and_then(|name| self.known.get(name));
                if let Some(known) = known {
                    *value = known.clone();
                } else if let Some(amount) = text.strip_prefix('$') {
                    *value = usd(&format!("{amount}.00"));
                }
            }
            _ => {}
        }
    }
}

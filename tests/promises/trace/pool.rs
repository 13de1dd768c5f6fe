//! What a trace of requests has seen: ids by the list that they are in, what state each is in, and
//! in which states a step has been possible. It learns all of that from the answers.

use super::document::Operation;
use super::names::Told;
use crate::support::years::dice::Dice;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An id that nothing has.
pub const NOTHING: &str = "01990000-0000-7000-8000-00000000dead";

/// How many ids of a kind are remembered.
const KEPT: usize = 40;

/// Ids, states, pairs and pages.
#[derive(Debug, Default)]
pub struct Pool {
    ids: BTreeMap<String, Vec<String>>,
    /// What hangs on what: by `applications/members`, say, the one and the other.
    pairs: BTreeMap<String, Vec<(String, String)>>,
    states: BTreeMap<String, String>,
    /// By operation and person: the states in which it was possible.
    fits: BTreeMap<(String, usize), BTreeSet<String>>,
    /// By id: the version that was seen last, as an ETag.
    versions: BTreeMap<String, String>,
    /// Where the next page of a list begins, by its address.
    next: BTreeMap<String, String>,
}

/// The list of what a field names.
pub fn list_of(field: &str) -> Option<String> {
    Some(match field.strip_suffix("_id")? {
        "person" | "holder" | "applicant" | "recipient" | "funder" | "responsible" => {
            "people".to_owned()
        }
        "batch" => "payment-batches".to_owned(),
        "entry" => "entries".to_owned(),
        one => format!("{}s", one.replace('_', "-")),
    })
}

/// `applications/members`, of `/api/v1/applications/{id}/members/{member_id}` and of what lists it.
fn pair_of(template: &str) -> Option<String> {
    let mut parts = template.split('/').skip_while(|part| part.starts_with("api") || *part == "v1");
    let parts: Vec<&str> = parts.by_ref().filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = parts.into_iter().filter(|p| *p != "api" && *p != "v1").collect();
    match parts[..] {
        [one, "{id}", two, ..] if !two.starts_with('{') => Some(format!("{one}/{two}")),
        _ => None,
    }
}

impl Pool {
    /// Takes from an answer what later requests can ask for.
    pub fn learn(&mut self, operation: &Operation, path: &str, reply: &Told) {
        if !reply.good() {
            return;
        }
        self.hangs(operation, path);
        let Ok(told) = serde_json::from_str::<Value>(&reply.text) else { return };
        if let Some(next) = told["next"].as_str() {
            self.next.insert(operation.path.clone(), next.to_owned());
        }
        let items = told["items"].as_array().cloned().unwrap_or_else(|| vec![told.clone()]);
        for item in &items {
            let child = item.get(&operation.child).unwrap_or(&item["id"]);
            self.keep(&operation.gives, child);
            if let (Some(pair), Some(child)) = (pair_of(&operation.path), child.as_str()) {
                let parent = path.split('/').nth(4).unwrap_or_default().to_owned();
                self.pair(pair, parent, child.to_owned());
            }
            if let (Some(id), Some(state)) = (item["id"].as_str(), item["status"].as_str()) {
                self.states.insert(id.to_owned(), state.to_owned());
            }
            let version = item["version"].as_i64().map(|number| format!("\"v{number}\""));
            if let (Some(id), Some(version)) = (item["id"].as_str(), version) {
                self.versions.insert(id.to_owned(), version);
            }
            for (field, value) in item.as_object().into_iter().flatten() {
                if let Some(list) = list_of(field) {
                    self.keep(&list, value);
                }
            }
        }
    }
    /// The version of what is at this address, as far as it was seen.
    pub fn version(&self, path: &str) -> Option<String> {
        self.versions.get(path.rsplit('/').next()?).cloned()
    }
    /// It was possible here: in what state was that, and what hung on what?
    pub fn possible(&mut self, operation: &Operation, who: usize, path: &str) {
        let last = path.split(['/', '?']).rev().find_map(|part| self.states.get(part)).cloned();
        let fits = self.fits.entry((operation.id.clone(), who)).or_default();
        fits.extend(last);
    }
    fn hangs(&mut self, operation: &Operation, path: &str) {
        if operation.path.matches('{').count() != 2 {
            return;
        }
        let ids: Vec<String> = operation
            .path
            .split('/')
            .zip(path.split(['/', '?']))
            .filter(|(part, _)| part.starts_with('{'))
            .map(|(_, id)| id.to_owned())
            .collect();
        if let (Some(pair), [one, two]) = (pair_of(&operation.path), &ids[..]) {
            self.pair(pair, one.clone(), two.clone());
        }
    }
    fn pair(&mut self, pair: String, one: String, two: String) {
        let known = self.pairs.entry(pair).or_default();
        if one.starts_with('<')
            && two.starts_with('<')
            && !known.contains(&(one.clone(), two.clone()))
        {
            known.push((one, two));
            if known.len() > KEPT {
                known.remove(0);
            }
        }
    }
    fn keep(&mut self, list: &str, id: &Value) {
        let Some(id) = id.as_str().map(str::to_owned) else { return };
        let known = self.ids.entry(list.to_owned()).or_default();
        if !known.contains(&id) {
            known.push(id);
            if known.len() > KEPT {
                known.remove(0);
            }
        }
    }
    /// Knows of these as well.
    pub fn knows(&mut self, list: &str, ids: impl Iterator<Item = String>) {
        ids.for_each(|id| self.keep(list, &Value::from(id)));
    }
    /// The newest of a list.
    pub fn newest(&self, list: &str, back: usize) -> Option<String> {
        self.ids.get(list)?.iter().rev().nth(back).cloned()
    }
    /// One of a list: of the newest more often, and now and then of nothing.
    pub fn one(&self, list: &str, dice: &mut Dice) -> String {
        self.fitting(list, None, dice)
    }
    fn fitting(&self, list: &str, fits: Option<&BTreeSet<String>>, dice: &mut Dice) -> String {
        let known = self.ids.get(list).map(Vec::as_slice).unwrap_or_default();
        if known.is_empty() || dice.below(30) == 0 {
            return NOTHING.into();
        }
        let fit = |id: &&String| match (fits, self.states.get(*id)) {
            (Some(fits), Some(state)) => fits.contains(state),
            _ => true,
        };
        let fit: Vec<&String> = known.iter().filter(fit).collect();
        if !fit.is_empty() && dice.below(6) != 0 {
            return (*dice.one(&fit)).clone();
        }
        let newest = &known[known.len().saturating_sub(3)..];
        let among = if dice.below(2) == 0 { newest } else { known };
        dice.one(among).clone()
    }
    /// The address of an operation, about what it was possible for.
    pub fn fill(&self, operation: &Operation, who: usize, dice: &mut Dice) -> String {
        let fits = self.fits.get(&(operation.id.clone(), who));
        let both = operation.path.matches('{').count() == 2;
        let pairs = pair_of(&operation.path).filter(|_| both).and_then(|p| self.pairs.get(&p));
        let pairs = pairs.filter(|pairs| !pairs.is_empty() && dice.below(6) != 0);
        let pair = pairs.map(|pairs| dice.one(pairs));
        let mut ids = pair.map(|(one, two)| [one, two]).into_iter().flatten();
        let mut list = "";
        let mut parts = Vec::new();
        for part in operation.path.split('/') {
            parts.push(match part {
                "{number}" | "{sequence}" => (1 + dice.below(3)).to_string(),
                "{kind}" => (*dice.one(&["agreement", "tax_form", "screening", "payee"])).into(),
                _ if part.starts_with('{') => match ids.next() {
                    Some(id) => id.clone(),
                    None => self.fitting(list, fits, dice),
                },
                _ => part.to_owned(),
            });
            list = part;
        }
        parts.join("/")
    }
    /// The address of an operation about the newest, or what came some places before it.
    pub fn address(&self, operation: &Operation, back: usize) -> Option<String> {
        let mut list = "";
        let mut parts = Vec::new();
        let both = operation.path.matches('{').count() == 2;
        let pairs = pair_of(&operation.path).filter(|_| both).and_then(|p| self.pairs.get(&p));
        let pair = pairs.and_then(|pairs| pairs.iter().rev().nth(back));
        let mut ids = pair.map(|(one, two)| [one, two]).into_iter().flatten();
        for part in operation.path.split('/') {
            parts.push(match part {
                "{number}" | "{sequence}" => "1".to_owned(),
                "{kind}" => "tax_form".to_owned(),
                _ if part.starts_with('{') => match ids.next() {
                    Some(id) => id.clone(),
                    None => self.newest(list, back)?,
                },
                _ => part.to_owned(),
            });
            list = part;
        }
        Some(parts.join("/"))
    }
    /// Which page of a list to ask for: the first, of some size, or the one after it.
    pub fn page(&self, template: &str, dice: &mut Dice) -> String {
        match (dice.below(15), self.next.get(template)) {
            (0, _) => "?limit=0".into(),
            (1..4, _) => String::new(),
            (4..8, Some(next)) => format!("?limit=3&after={next}"),
            (4..11, _) => "?limit=2".into(),
            _ => "?limit=200".into(),
        }
    }
}

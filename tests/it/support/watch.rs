//! Overhears what is asked of a database: the statements of every connection to it that is opened
//! from now on.

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::collections::BTreeMap;
use std::sync::{Mutex, Once, PoisonError};

/// Statements by the address of the database, for those that are watched: as they were asked.
static HEARD: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());

/// Begins to listen to the database at this address.
pub fn watch(url: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let made = set_default_instrumentation(|| Some(Box::new(Ear(None))));
        made.expect("nobody panicked while setting it");
    });
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    heard.insert(address(url).to_owned(), Vec::new());
}

/// What was asked so far, each text once, without the values.
pub fn heard(url: &str) -> Vec<String> {
    let mut all = asked(url);
    all.sort();
    all.dedup();
    all
}

/// What is asked while this is done, as often and in that order; and what came of it.
pub fn during<T>(url: &str, done: impl FnOnce() -> T) -> (Vec<String>, T) {
    let before = asked(url).len();
    let told = done();
    (asked(url).split_off(before), told)
}

/// What was asked so far, as often as it was and in that order.
fn asked(url: &str) -> Vec<String> {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    heard.get(address(url)).cloned().unwrap_or_default()
}

/// A connection to SQLite is told the path alone.
fn address(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

/// One connection's; it learns first where that leads.
struct Ear(Option<String>);

impl Instrumentation for Ear {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => self.0 = Some(url.into()),
            InstrumentationEvent::StartQuery { query, .. } => {
                let Some(url) = &self.0 else { return };
                let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(statements) = heard.get_mut(url) else { return };
                let text = query.to_string();
                let sql = text.split_once(" -- binds:").map_or(text.as_str(), |(sql, _)| sql);
                statements.push(sql.to_owned());
            }
            _ => {}
        }
    }
}

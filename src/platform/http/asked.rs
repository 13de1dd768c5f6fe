//! What stands behind the `?` of an address, read strictly.

use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};
use std::marker::PhantomData;

/// Query parameters as they came. They are read only after the caller has passed the gate: whoever
/// may not do a thing does not learn what it takes.
#[derive(Debug, Clone)]
pub struct Query<T> {
    asked: String,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Query<T> {
    /// What they say.
    ///
    /// # Errors
    /// 422, with the parameter, for what is unknown, cannot be read or holds U+0000.
    pub fn read(&self) -> Result<T> {
        // No database takes it in a text, or not both of them alike.
        if let Some(part) = self.asked.split('&').find(|part| part.contains("%00")) {
            let name = part.split('=').next().unwrap_or_default().replace("%00", "");
            let message = "leave out the character U+0000";
            return Err(Problem::field(&format!("?{name}"), "malformed", message));
        }
        let read = web::Query::<T>::from_query(&self.asked);
        read.map(web::Query::into_inner).map_err(|e| malformed(&e.to_string(), &self.asked))
    }
}

impl<T> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { asked: request.query_string().to_owned(), of: PhantomData }))
    }
}

const WHOLE: &str = "write a whole number";
const YES_OR_NO: &str = "write true or false";

/// Which of them cannot be read, and why.
fn malformed(text: &str, asked: &str) -> Problem {
    let message = plain(text.rsplit(": ").next().unwrap_or(text)).to_owned();
    let found = culprit(asked, &message);
    let (name, says) = found.unwrap_or_default();
    let (pointer, message) = (format!("?{name}"), says.map_or(message, str::to_owned));
    let code = if message.starts_with("unknown field") { "unknown_field" } else { "malformed" };
    Problem::field(&pointer, code, message)
}

/// In words of ours where a reader of numbers, or of yes and no, speaks of itself.
fn plain(message: &str) -> &str {
    let number = ["invalid digit", "cannot parse integer", "number too large", "number too small"];
    if number.iter().any(|start| message.starts_with(start)) {
        WHOLE
    } else if message.starts_with("provided string was not") {
        YES_OR_NO
    } else {
        message
    }
}

/// Which parameter is the one that cannot be read, and better words for it where the message has
/// none: it quotes a name or a value, or tells of an id, a day or a number without saying which.
fn culprit<'q>(query: &'q str, message: &str) -> Option<(&'q str, Option<&'static str>)> {
    let sent = || query.split('&').map(|p| p.split_once('=').unwrap_or((p, "")));
    let quoted = |word: &str| message.contains(&format!("`{word}`"));
    if let Some((name, _)) = sent().find(|(name, value)| quoted(name) || quoted(value)) {
        return Some((name, None));
    }
    sent().find_map(|(name, value)| match name {
        "limit" | "team_min" | "team_max" | "version" if value.parse::<i64>().is_err() => {
            Some((name, Some(WHOLE)))
        }
        // Of versions they are numbers, elsewhere days.
        "from" | "to" if message == WHOLE => value.parse::<i64>().is_err().then_some((name, None)),
        "from" | "to" | "at" if value.parse::<Date>().is_err() => Some((name, None)),
        "mine" if message == YES_OR_NO => Some((name, None)),
        id if id.ends_with("_id") && value.parse::<uuid::Uuid>().is_err() => {
            Some((name, Some("ids are UUIDs")))
        }
        _ => None,
    })
}

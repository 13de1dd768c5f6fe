//! What is compared of an answer, and ids by the order in which they came up.

use std::collections::BTreeMap;

/// What there is to compare of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    pub kind: Option<String>,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub text: String,
}

impl Told {
    pub fn good(&self) -> bool {
        (200..300).contains(&self.status)
    }
    /// Where two answers part.
    pub fn parting(&self, other: &Self) -> String {
        let (a, b) = (format!("{self:?}"), format!("{other:?}"));
        let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count().saturating_sub(80);
        let part = |text: &str| text.chars().skip(same).take(240).collect::<String>();
        format!("SQLite …{}, PostgreSQL …{}", part(&a), part(&b))
    }
}

/// Ids and hashes by the order in which they came up: `<7>` is the eighth.
#[derive(Debug, Default)]
pub struct Names {
    known: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Names {
    /// The text with ordinals for what is hexadecimal and long.
    pub fn ordinals(&mut self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_hexdigit() && c != '-');
            let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
            // An id, a hash; or the beginning of an id at the end of a name, as in exports.
            let tail = run.len().saturating_sub(8);
            let part = run.get(..tail).is_some_and(|before| before.ends_with('-'));
            if run.len() >= 20 {
                plain.push_str(&self.ordinal(run));
            } else if part && !run[tail..].contains('-') {
                plain.push_str(&run[..tail]);
                plain.push_str(&self.ordinal(&run[tail..]));
            } else {
                plain.push_str(run);
            }
            let first = after.chars().next().map_or(0, char::len_utf8);
            plain.push_str(&after[..first]);
            rest = &after[first..];
        }
        let plain = self.references(&plain);
        self.cursors(&plain)
    }
    /// What a giver writes on a transfer is made of chance.
    fn references(&mut self, text: &str) -> String {
        const LONG: usize = "ALM-0000-0000".len();
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.find("ALM-").map(|at| rest.split_at(at)) {
            plain.push_str(before);
            let end = after.char_indices().nth(LONG).map_or(after.len(), |(at, _)| at);
            let (reference, after) = after.split_at(end);
            plain.push_str(&self.ordinal(reference));
            rest = after;
        }
        plain + rest
    }
    fn ordinal(&mut self, run: &str) -> String {
        let next = self.list.len();
        let place = *self.known.entry(run.to_owned()).or_insert(next);
        if place == next {
            self.list.push(run.to_owned());
        }
        format!("<{place}>")
    }
    /// A cursor is an id in other clothes.
    fn cursors(&mut self, text: &str) -> String {
        const NEXT: &str = "\"next\":\"";
        let Some((before, rest)) = text.split_once(NEXT) else { return text.to_owned() };
        let Some((cursor, after)) = rest.split_once('"') else { return text.to_owned() };
        format!("{before}{NEXT}{}\"{after}", self.ordinal(cursor))
    }
    /// The text with this database's own ids again.
    pub fn ids(&self, text: &str) -> String {
        let mut parts = text.split('<');
        let mut own = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let known = part.split_once('>').and_then(|(place, after)| {
                let id = self.list.get(place.parse::<usize>().ok()?)?;
                Some(format!("{id}{after}"))
            });
            own.push_str(&known.unwrap_or_else(|| format!("<{part}")));
        }
        own
    }
}

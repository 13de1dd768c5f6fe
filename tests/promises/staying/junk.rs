//! Requests that nobody in their right mind would send, made from the API document: every
//! operation with something wrong in its address, headers or body.

use super::dice::Dice;
use crate::support::bodies::{Document, NOBODY};
use almoner::web::routes::{self, Operation};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Makes them.
pub struct Junk {
    document: Document,
    operations: Vec<Operation>,
    dice: Dice,
    /// By operation: addresses of what there is.
    addresses: BTreeMap<String, Vec<String>>,
}

const IDS: &[&str] = &[
    "0",
    "-1",
    "null",
    "%00",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%2f",
    "a%20b",
    "%ff%fe",
    "%",
    "%zz",
    "%F0%9F%92%A9",
    "{01a19b7c-a680-7035-80a7-6d853561f4e6}",
    "1%27%20OR%201=1--",
    "",
    "urn:uuid:01a19b7c-a680-7035-80a7-6d853561f4e6",
    "01A19B7CA680703580A76D853561F4E6",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999",
    "1e9",
    "0x10",
    "tax_form",
    "%0d%0aX:y",
    ";x=y",
    "a.b",
    "*",
    "~",
    "%252e%252e",
];
const QUERIES: &[&str] = &[
    "limit=0",
    "limit=-1",
    "limit=201",
    "limit=9223372036854775808",
    "limit=1e2",
    "limit=",
    "limit",
    "limit=%00",
    "limit=50&limit=60",
    "after=",
    "after=AAAAAAAAAAAAAAAAAAAAAA",
    "after=!!!!",
    "after=_____________________w",
    "after=AAAAAAAAAAAAAAAAAAAAAB",
    "after=%ff%ff",
    "q=%00",
    "q=%25%25%25",
    "q=%27%3B+DROP+TABLE+people%3B--",
    "status=",
    "status=nothing",
    "status[]=open",
    "from=2026-02-30&to=0000-00-00",
    "from=9999-12-31",
    "from=-009999-01-01",
    "to=+",
    "at=2026-1-1",
    "fund_id=1",
    "code=1000&code=x",
    "&&&&",
    "=",
    "%",
    "%=%",
    "a=b=c=d",
    "\u{1F}",
    "unknown=1",
    "from=9999-12-31&to=0001-01-01",
    "limit=200&after=%00%00",
    "mine=yes",
    "mine=true&mine=false",
];
const HEADERS: &[&str] = &[
    "Content-Type: text/plain",
    "Content-Type: application/xml",
    "Content-Type: ",
    "Content-Type: /",
    "Content-Type: application/json; charset=utf-16",
    "Content-Type: multipart/form-data",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Encoding: gzip",
    "Content-Encoding: br, gzip, deflate",
    "Accept: application/xml",
    "Accept: \u{7f}",
    "Accept-Encoding: gzip;q=2, *;q=x",
    "Accept-Encoding: gzip",
    "Accept-Language: xx-xx-xx-xx",
    "If-Match: *",
    "If-Match: W/\"v1\"",
    "If-Match: \"v99999999999999999999\"",
    "If-Match: v1",
    "If-Match: \"v-1\"",
    "If-Match: ",
    "If-Match: \"v1\", \"v2\"",
    "If-None-Match: *",
    "Idempotency-Key: ",
    "Idempotency-Key: \u{e9}",
    "Idempotency-Key: a b\tc",
    "Authorization: ",
    "Authorization: Bearer",
    "Authorization: Bearer a.b.c",
    "Authorization: Basic OTk6OTk=",
    "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
    "Authorization: Bearer \u{fffd}",
    "X-Forwarded-For: 1.2.3.4, , ::, x",
    "Forwarded: for=\"_x\"",
    "Range: bytes=0-,1-2,99999999999999999999-",
    "Cookie: a=b; c; =;",
    "Origin: null",
    "X-HTTP-Method-Override: DELETE",
    "Upgrade: h2c",
    "User-Agent: ",
    "User-Agent: \u{0}x",
    "Expect: nothing",
    "Traceparent: 00-0-0-0",
    "Referer: javascript:alert(1)",
    "TE: trailers",
];
const METHODS: &[&str] = &["HEAD", "OPTIONS", "TRACE", "PROPFIND", "PUT", "PATCH", "DELETE", "X"];

impl Junk {
    pub fn new(seed: u64, addresses: BTreeMap<String, Vec<String>>) -> Self {
        let operations = routes::operations(&almoner::web::openapi());
        Self { document: Document::new(), operations, dice: Dice::new(seed), addresses }
    }
    /// How many operations there are.
    pub fn operations(&self) -> usize {
        self.operations.len()
    }
    /// The operation at this place.
    pub fn name(&self, number: usize) -> &str {
        &self.operations[number % self.operations.len()].id
    }
    /// Which operations are about something that there is, but were not reached.
    pub fn missed(&self, reached: &BTreeSet<usize>) -> Vec<&str> {
        let all = self.operations.iter().enumerate();
        let missed = all.filter(|(place, operation)| {
            !reached.contains(place) && self.addresses.contains_key(&operation.id)
        });
        missed.map(|(_, operation)| operation.id.as_str()).collect()
    }
    /// The next one, as bytes; an operation after the other.
    pub fn request(&mut self, number: usize, token: Option<&str>) -> Vec<u8> {
        let operation = self.operations[number % self.operations.len()].clone();
        let (path_wrong, head_wrong) = (self.dice.one_in(3), self.dice.one_in(3));
        let mut method = operation.method;
        if self.dice.one_in(40) {
            method = self.dice.pick(METHODS);
        }
        let path = self.path(&operation, path_wrong);
        let body_wrong = !(path_wrong || head_wrong) || self.dice.one_in(3);
        let body = self.body(&operation, body_wrong);
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: almoner\r\n");
        if let Some(token) = token {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if !self.dice.one_in(20) {
            head.push_str("Content-Type: application/json\r\n");
        }
        if !self.dice.one_in(8) {
            head.push_str(&format!("Idempotency-Key: k{}\r\n", self.dice.below(100_000)));
        }
        if operation.method == "PATCH" {
            head.push_str(&format!("If-Match: \"v{}\"\r\n", self.dice.below(3)));
        }
        for _ in 0..if head_wrong { 1 + self.dice.below(3) } else { 0 } {
            head.push_str(self.dice.pick(HEADERS));
            head.push_str("\r\n");
        }
        if head_wrong && self.dice.one_in(10) {
            let long = "x".repeat(1 << self.dice.below(14));
            head.push_str(&format!("Idempotency-Key: {long}\r\nX-Long: {long}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        [head.into_bytes(), body].concat()
    }
    fn path(&mut self, operation: &Operation, wrong: bool) -> String {
        let known = self.known(operation);
        let mut parts = Vec::new();
        for (place, part) in operation.path.split('/').enumerate() {
            parts.push(match (part, known.get(place)) {
                _ if wrong && part.starts_with('{') => (*self.dice.pick(IDS)).to_owned(),
                (p, Some(id)) if p.starts_with('{') => id.clone(),
                ("{number}" | "{sequence}", _) => "1".to_owned(),
                ("{kind}", _) => "tax_form".to_owned(),
                (p, _) if p.starts_with('{') => NOBODY.to_owned(),
                (p, _) => p.to_owned(),
            });
        }
        let mut path = parts.join("/");
        if wrong && self.dice.one_in(8) {
            let long = "a".repeat(1 << self.dice.below(14));
            path.push_str(
                self.dice.pick(&["/", "//", "/..", "/.%2e/x", "/\u{e9}", "?", "#x", "/a"]),
            );
            path.push_str(&long);
        }
        let query = self.document.query(operation.method, &operation.path);
        path.push_str(&query);
        if self.dice.one_in(8) {
            // Nothing else is wrong, so that it is read at all.
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str(&format!("after={}", self.cursor()));
        } else if wrong || self.dice.one_in(6) {
            path.push(if path.contains('?') { '&' } else { '?' });
            for _ in 0..=self.dice.below(3) {
                path.push_str(self.dice.pick(QUERIES));
                path.push('&');
            }
        }
        path
    }
    /// The parts of an address of something that there is; now and then none.
    fn known(&mut self, operation: &Operation) -> Vec<String> {
        let some = self.addresses.get(&operation.id).filter(|_| !self.dice.one_in(4));
        let one = some.and_then(|some| some.get(self.dice.below(some.len())));
        one.into_iter().flat_map(|path| path.split('/')).map(str::to_owned).collect()
    }
    /// Letters that a cursor is made of, as many as it has or not.
    fn cursor(&mut self) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let length = if self.dice.one_in(3) { 22 } else { self.dice.below(48) };
        (0..length).map(|_| char::from(LETTERS[self.dice.below(LETTERS.len())])).collect()
    }
    fn body(&mut self, operation: &Operation, wrong: bool) -> Vec<u8> {
        let mut body = self.document.body(operation.method, &operation.path);
        if body.is_none() && self.dice.one_in(2) {
            return Vec::new();
        }
        if wrong && self.dice.one_in(2) {
            let text = body.unwrap_or(json!({})).to_string().into_bytes();
            return self.torn(text);
        }
        let value = body.get_or_insert(json!({}));
        for _ in 0..if wrong { 1 + self.dice.below(2) } else { 0 } {
            self.spoil(value);
        }
        value.to_string().into_bytes()
    }
    /// One value of it becomes something else.
    fn spoil(&mut self, value: &mut Value) {
        let deeper = !self.dice.one_in(4);
        let new = self.nasty();
        match value {
            Value::Object(fields) if deeper && !fields.is_empty() => {
                let at = self.dice.below(fields.len());
                let name = fields.keys().nth(at).cloned().unwrap_or_default();
                match self.dice.below(6) {
                    0 => drop(fields.remove(&name)),
                    1 => drop(fields.insert(format!("{name}\u{0}"), new)),
                    2 => drop(fields.insert("is_admin".into(), new)),
                    _ => self.spoil(&mut fields[name.as_str()]),
                }
            }
            Value::Array(items) if deeper && !items.is_empty() => {
                if self.dice.one_in(3) {
                    let many = 1 << self.dice.below(11);
                    *items = vec![items[0].clone(); many];
                } else {
                    self.spoil(&mut items[0]);
                }
            }
            other => *other = new,
        }
    }
    fn nasty(&mut self) -> Value {
        let long = 1 << self.dice.below(17);
        match self.dice.below(26) {
            0 => json!(null),
            1 => json!(true),
            2 => json!(-1),
            3 => json!(0),
            4 => json!(i64::MAX),
            5 => json!(u64::MAX),
            6 => json!(i64::MIN),
            7 => json!(0.1),
            8 => json!(1e300),
            9 => json!(""),
            10 => json!(" \t\n"),
            11 => json!("\u{0}"),
            12 => json!("\u{202e}\u{200d}\u{feff}\u{1F468}\u{200d}\u{1F4BB}e\u{301}"),
            13 => json!("x".repeat(long)),
            14 => json!("\u{1F4A9}".repeat(long / 4)),
            15 => json!("2026-02-30"),
            16 => json!("9999-12-31T23:59:60.999999999Z"),
            17 => json!("-009999-01-01"),
            18 => json!("a\r\nBcc: b@example.org"),
            19 => json!("'; DROP TABLE people; --"),
            20 => json!("../../etc/passwd"),
            21 => json!({ "amount": "92233720368547758.08", "currency": "USD" }),
            22 => json!({ "amount": "1e5", "currency": "\u{0}\u{0}\u{0}" }),
            23 => json!([]),
            24 => json!({}),
            _ => json!([[[[{ "a": [null] }]]]]),
        }
    }
    /// Its text is no JSON any more, or hardly.
    fn torn(&mut self, mut text: Vec<u8>) -> Vec<u8> {
        let at = self.dice.below(text.len());
        match self.dice.below(16) {
            0 => text.truncate(at),
            1 => text[at] ^= 1 << self.dice.below(8),
            2 => drop(text.splice(at..at, *b"\xff\xfe\xc0\xaf")),
            3 => drop(text.splice(0..0, *b"\xef\xbb\xbf")),
            4 => text.extend_from_slice(b"{}"),
            5 => text = nested(60 + self.dice.below(10)),
            6 => text = nested(1 << self.dice.below(17)),
            7 => text = format!("{{\"a\":{}}}", "9".repeat(5000)).into_bytes(),
            8 => text = b"{\"a\":1e999999999}".to_vec(),
            9 => text = b"NaN".to_vec(),
            10 => text = b"{'a':1}".to_vec(),
            11 => text = b"[]".to_vec(),
            12 => text = b"\"\\ud800\"".to_vec(),
            13 => text = vec![b' '; 1 << self.dice.below(17)],
            14 => text = b"{\"a\":1,\"a\":2,\"email\":\"x\",\"email\":\"y\"}".to_vec(),
            _ => text = (0..at).map(|_| self.dice.next().to_le_bytes()[0]).collect(),
        }
        text
    }
}

fn nested(depth: usize) -> Vec<u8> {
    [vec![b'['; depth], vec![b']'; depth]].concat()
}

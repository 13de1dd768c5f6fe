//! The JSON body of a request, read strictly.

use super::objects::Objects;
use super::state::App;
use crate::kernel::Result;
use crate::kernel::problem::{FieldError, Kind, Problem};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 64;

/// A body as it came. It is read only after the caller has passed the gate: whoever may not do a
/// thing does not learn what it takes.
#[derive(Debug)]
pub struct Body<T> {
    /// As it came; `{}` where nothing came.
    pub bytes: Vec<u8>,
    json: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Body<T> {
    /// What it says.
    ///
    /// # Errors
    /// 400 for what is not JSON in UTF-8, 415 for another type of content, 422 for wrong fields.
    pub fn read(&self) -> Result<T> {
        parse(self.json()?)
    }
    /// The same, with fields that stood elsewhere in the request.
    ///
    /// # Errors
    /// As for [`Body::read`], and 422 for a field that stands in both.
    pub fn read_with(&self, beside: &Map<String, Value>) -> Result<T> {
        if beside.is_empty() {
            return self.read();
        }
        let mut all: Map<String, Value> = parse(self.json()?)?;
        let double = |name: &&String| all.contains_key(name.as_str());
        if let Some(name) = beside.keys().find(double) {
            let message = "it is in the address, and in the body: send it in one of them";
            return Err(Problem::field(&segment(name), "duplicate", message));
        }
        all.extend(beside.clone());
        parse(&serde_json::to_vec(&all).map_err(Problem::internal)?)
    }
    fn json(&self) -> Result<&[u8]> {
        if !self.json {
            let detail = "Send Content-Type: application/json.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        Ok(&self.bytes)
    }
}

/// The body of a command that needs none: nothing, or `{}`.
#[derive(Debug, Default, Clone, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let server = request.app_data::<App>().map(|state| &state.env.config.server);
        let limit = server.map_or(1 << 20, |s| s.body_limit_bytes);
        let seconds = server.map_or(20, |s| s.body_timeout_seconds);
        let kind = request.headers().get(CONTENT_TYPE).cloned();
        let payload = payload.take();
        Box::pin(async move {
            // The framework cuts slow heads, not slow bodies.
            let whole = timeout(Duration::from_secs(seconds), take(payload, limit)).await;
            let mut bytes = whole.unwrap_or_else(|_| {
                let detail = format!("A body has to be here within {seconds} seconds.");
                Err(Problem::new(Kind::TooSlow, detail))
            })?;
            let kind = kind.as_ref().and_then(|k| k.to_str().ok()).unwrap_or("");
            let kind = kind.split(';').next().unwrap_or("").trim();
            let json = bytes.is_empty() || kind.eq_ignore_ascii_case("application/json");
            if bytes.is_empty() {
                bytes.extend_from_slice(b"{}");
            }
            Ok(Body { bytes, json, of: PhantomData })
        })
    }
}

/// The whole of a body that is not too large.
async fn take(mut payload: Payload, limit: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| {
            let detail = "The body ended early.";
            Problem::new(Kind::MalformedRequest, detail).because(e.to_string())
        })?;
        if bytes.len() + chunk.len() > limit {
            let detail = format!("A body has at most {limit} bytes.");
            return Err(Problem::new(Kind::TooLarge, detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let malformed = |detail: String| Problem::new(Kind::MalformedRequest, detail);
    let text = std::str::from_utf8(bytes)
        .map_err(|e| malformed(format!("The body is not UTF-8 at byte {}.", e.valid_up_to())))?;
    if too_deep(text) {
        return Err(malformed(format!("JSON may nest at most {MAX_DEPTH} levels.")));
    }
    without_nul(text)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(Objects(&mut json)).map_err(|e| {
        let inner = e.inner();
        if !inner.is_data() {
            return malformed(format!("The body is not JSON: {inner}."));
        }
        let mut pointer = String::new();
        for step in e.path() {
            use serde_path_to_error::Segment;
            match step {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&segment(key)),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        let message = inner.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        let (code, message) = match missing(&message) {
            Some(name) => {
                pointer.push_str(&segment(name));
                ("required", "it is missing: send it".to_owned())
            }
            None if message.starts_with("unknown field") => {
                ("unknown_field", without_value(&message))
            }
            None => ("malformed", without_value(&message)),
        };
        Problem::invalid(vec![FieldError { pointer, code, message }])
    })?;
    json.end().map_err(|_| malformed("Something follows the JSON.".into()))?;
    Ok(value)
}

/// Refuses U+0000 in every text, and in the name of every field: PostgreSQL keeps none, SQLite
/// does, and programs that read the text later end it there. JSON can only write it escaped.
fn without_nul(text: &str) -> Result<()> {
    if !text.contains("\\u0000") {
        return Ok(());
    }
    // What is no JSON is told of by the reader that knows what is wanted.
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Ok(()) };
    let mut found = Vec::new();
    find_nul(&value, &mut String::new(), &mut found);
    if found.is_empty() { Ok(()) } else { Err(Problem::invalid(found)) }
}

/// Nests as deep as [`MAX_DEPTH`] at most.
fn find_nul(value: &Value, pointer: &mut String, found: &mut Vec<FieldError>) {
    let wrong = |pointer: &str| {
        let message = "leave out the character U+0000".into();
        FieldError { pointer: pointer.into(), code: "malformed", message }
    };
    let length = pointer.len();
    match value {
        Value::String(text) if text.contains('\0') => found.push(wrong(pointer)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                find_nul(item, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                pointer.push_str(&segment(&name.replace('\0', "")));
                if name.contains('\0') {
                    found.push(wrong(pointer));
                }
                find_nul(item, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The name of a field as a part of a JSON pointer.
fn segment(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The field that is not there at all, if the message tells of one: it knows where that would be.
fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// The message without what was sent: a password or an account number in the wrong place must not
/// come back, for answers end up in logs.
fn without_value(message: &str) -> String {
    let Some((before, expected)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let kept = match before.split_once(['"', '`']) {
        Some(("unknown field ", _)) | None => before,
        Some((what, _)) => what.trim_end(),
    };
    format!("{kept}, expected {expected}")
}

/// Counts brackets outside of strings; never recurses itself.
fn too_deep(text: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for b in text.bytes() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        lines: Vec<Line>,
    }
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        n: i32,
    }
    /// Every place that an object can stand in.
    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Places {
        one: Option<Line>,
        held: Option<Held>,
        lines: Vec<Line>,
        named: BTreeMap<String, Line>,
        outside: Option<Outside>,
        within: Option<Within>,
        beside: Option<Beside>,
        two: Option<(Line, Line)>,
        word: Option<Word>,
    }
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Open,
        Shut,
    }
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Held(Line);
    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Outside {
        Plain { n: i32 },
        Line(Line),
        Pair(i32, i32),
    }
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(tag = "kind")]
    enum Within {
        Plain { n: i32 },
    }
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(tag = "kind", content = "what")]
    enum Beside {
        Line(Line),
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        let wrong = parse::<Sample>(br#"{"lines":[{"n":1},{"n":"x"}]}"#).expect_err("a string");
        assert_eq!(wrong.fields()[0].pointer, "/lines/1/n");
        for (body, pointer) in [("{}", "/lines"), (r#"{"lines":[{"n":1},{}]}"#, "/lines/1/n")] {
            let absent = parse::<Sample>(body.as_bytes()).expect_err("missing");
            let field = &absent.fields()[0];
            assert_eq!((field.pointer.as_str(), field.code), (pointer, "required"));
        }
        let extra = parse::<Sample>(br#"{"lines":[{"n":1,"m":2}]}"#).expect_err("extra");
        assert_eq!(extra.fields()[0].code, "unknown_field");
        assert_eq!(parse::<Sample>(b"{\"lines\":[").expect_err("cut").status(), 400);
        assert_eq!(parse::<Sample>(b"\xff").expect_err("not UTF-8").status(), 400);
        assert_eq!(wrong.fields()[0].message, "invalid type: string, expected i32");
        let number = parse::<Sample>(br#"{"lines":123456789}"#).expect_err("a number");
        assert_eq!(number.fields()[0].message, "invalid type: integer, expected a sequence");
        let ok = parse::<Sample>(br#"{"lines":[{"n":7}]}"#).expect("good");
        assert_eq!(ok.lines[0].n, 7);
        let deep = "[".repeat(65) + &"]".repeat(65);
        assert_eq!(parse::<Sample>(deep.as_bytes()).expect_err("deep").status(), 400);
    }

    #[test]
    fn no_list_passes_for_an_object() {
        for (body, pointer) in [
            ("[]", ""),
            (r#"[{"n":1}]"#, ""),
            (r#"{"one":[1]}"#, "/one"),
            (r#"{"held":[1]}"#, "/held"),
            (r#"{"held":[[1]]}"#, "/held"),
            (r#"{"lines":[{"n":1},[1]]}"#, "/lines/1"),
            (r#"{"named":{"a":[1]}}"#, "/named/a"),
            (r#"{"named":[]}"#, "/named"),
            (r#"{"outside":{"Plain":[1]}}"#, "/outside"),
            (r#"{"outside":{"Line":[1]}}"#, "/outside"),
            (r#"{"within":["Plain",1]}"#, "/within"),
            (r#"{"within":["Plain",{"n":1}]}"#, "/within"),
            (r#"{"beside":["Line",{"n":1}]}"#, "/beside"),
            (r#"{"beside":{"kind":"Line","what":[1]}}"#, "/beside/what"),
            (r#"{"two":[{"n":1},[1]]}"#, "/two/1"),
        ] {
            let wrong = parse::<Places>(body.as_bytes()).expect_err(body);
            let field = &wrong.fields()[0];
            let message = "invalid type: sequence, expected an object";
            let told = (field.pointer.as_str(), field.code, field.message.as_str());
            assert_eq!(told, (pointer, "malformed", message), "{body}");
        }
        assert_eq!(parse::<Empty>(b"[]").expect_err("a list").status(), 422);
        let text = parse::<Places>(br#"{"one":"x"}"#).expect_err("a text");
        assert_eq!(text.fields()[0].message, "invalid type: string, expected an object");
    }

    #[test]
    fn nothing_else_passes_for_a_word() {
        for (body, message) in [
            (r#"{"word":{"open":null}}"#, "invalid type: map, expected a text"),
            (r#"{"word":["open"]}"#, "invalid type: sequence, expected one of `open`, `shut`"),
            (r#"{"word":5}"#, "invalid type: integer, expected one of `open`, `shut`"),
            (r#"{"word":"x"}"#, "unknown variant, expected `open` or `shut`"),
        ] {
            let wrong = parse::<Places>(body.as_bytes()).expect_err(body);
            let field = &wrong.fields()[0];
            assert_eq!((field.pointer.as_str(), field.message.as_str()), ("/word", message));
        }
        let whole = Places { word: Some(Word::Open), ..Places::default() };
        assert_eq!(parse::<Places>(br#"{"word":"open"}"#).expect("good"), whole);
    }

    #[test]
    fn lists_and_objects_are_read_where_they_belong() {
        let body = br#"{"one":{"n":1},"held":{"n":2},"lines":[{"n":3}],"named":{"a":{"n":4}},
            "outside":{"Pair":[5,6]},"within":{"n":7,"kind":"Plain"},
            "beside":{"kind":"Line","what":{"n":8}},"two":[{"n":9},{"n":10}]}"#;
        let whole = Places {
            one: Some(Line { n: 1 }),
            held: Some(Held(Line { n: 2 })),
            lines: vec![Line { n: 3 }],
            named: BTreeMap::from([("a".into(), Line { n: 4 })]),
            outside: Some(Outside::Pair(5, 6)),
            within: Some(Within::Plain { n: 7 }),
            beside: Some(Beside::Line(Line { n: 8 })),
            two: Some((Line { n: 9 }, Line { n: 10 })),
            word: None,
        };
        assert_eq!(parse::<Places>(body).expect("good"), whole);
        let plain = parse::<Outside>(br#"{"Plain":{"n":1}}"#).expect("good");
        assert_eq!(plain, Outside::Plain { n: 1 });
        let line = parse::<Outside>(br#"{"Line":{"n":1}}"#).expect("good");
        assert_eq!(line, Outside::Line(Line { n: 1 }));
        let any = parse::<Value>(br#"[[1],{"a":[]}]"#).expect("good");
        assert_eq!(any, serde_json::json!([[1], { "a": [] }]));
        let raw = parse::<Box<serde_json::value::RawValue>>(b"[1.50]").expect("good");
        assert_eq!(raw.get(), "[1.50]");
    }
}

//! Reading Rust well enough to hold it to the rules of the house: without its comments, with the
//! paths that it names written out.

use std::path::Path;

/// One file.
pub struct Source {
    /// Below the root of the project, with `/` between.
    pub path: String,
    /// As it is written.
    pub text: String,
    /// The same lines without comments and without what stands in quotes.
    pub code: String,
    /// The same lines without comments only.
    pub quoted: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let (code, quoted) = strip(text);
        Self { path: path.into(), text: text.into(), code, quoted }
    }
    /// All `.rs` files below `folder`, in order.
    pub fn all(root: &Path, folder: &str) -> Vec<Source> {
        let mut found = Vec::new();
        collect(root, &root.join(folder), &mut found);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        assert!(!found.is_empty(), "there is no Rust in {folder}");
        found
    }
    /// Paths from the root of the crate (`offers::store::insert`) with the line they stand in.
    /// Groups are written out, `super` and `self` are resolved by the file's place.
    pub fn paths(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let here = module(&self.path);
        for (at, word) in words(&self.code) {
            let mut base = match word {
                "crate" => Vec::new(),
                "super" => here[..here.len().saturating_sub(1)].to_vec(),
                _ => continue,
            };
            // Within `pub(super)` or `a::super`, and the further ones of `super::super`.
            if self.code[..at].ends_with("::") || !self.code[at + word.len()..].starts_with("::") {
                continue;
            }
            let mut rest = &self.code[at + word.len() + 2..];
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            let mut paths = Vec::new();
            expand(rest, &base.join("::"), &mut paths);
            let first = line_of(&self.code, at);
            found.extend(
                paths
                    .into_iter()
                    .map(|(offset, p)| (first + rest[..offset].matches('\n').count(), p)),
            );
        }
        found
    }
    /// Where `word` stands as a word of its own, by line.
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        let places = words(&self.code).filter(|(_, w)| *w == word);
        places.map(|(at, _)| line_of(&self.code, at)).collect()
    }
    /// Functions: the line, the name, and how many lines of code their body has.
    pub fn functions(&self) -> Vec<(usize, String, usize)> {
        let mut found = Vec::new();
        for (at, word) in words(&self.code) {
            if word != "fn" {
                continue;
            }
            let rest = self.code[at + 2..].trim_start();
            let name: String =
                rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // A declaration without a body, a type (`fn(u8)`), or a pattern of a macro (`fn $x`).
            let Some(body) = body(&self.code[at..]).filter(|_| !name.is_empty()) else { continue };
            let lines = body.lines().filter(|l| !l.trim().is_empty()).count().saturating_sub(2);
            found.push((line_of(&self.code, at), name, lines));
        }
        found
    }
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in folder.read_dir().expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            let name = path.strip_prefix(root).expect("below the root");
            found.push(Source::new(&name.to_string_lossy().replace('\\', "/"), &text));
        }
    }
}

/// `src/offers/service/place.rs` is `["offers", "service", "place"]`.
fn module(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut parts: Vec<&str> = path.split('/').collect();
    if matches!(parts.last(), Some(&"mod" | &"lib" | &"main")) {
        parts.pop();
    }
    parts
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Each word with its place.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].find(part)?;
        let start = at;
        at += text[at..].find(|c| !part(c)).unwrap_or(text.len() - at);
        Some((start, &text[start..at]))
    })
}

/// Writes out a path with groups (`a::{b, c::{d, e}}`), each with its place in `text`; returns
/// what was read.
fn expand(text: &str, base: &str, found: &mut Vec<(usize, String)>) -> usize {
    let mut path = base.to_owned();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if text[at..].starts_with('{') {
            at += 1;
            loop {
                let mut inside = Vec::new();
                let start = at;
                at += expand(&text[at..], &path, &mut inside);
                found.extend(inside.into_iter().map(|(o, p)| (start + o, p)));
                let next = text[at..].find([',', '}']).unwrap_or(text.len() - at);
                let more = text[at + next..].starts_with(',');
                at = (at + next + 1).min(text.len());
                if !more {
                    return at;
                }
            }
        }
        let name = text[at..].find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let name = &text[at..at + name.unwrap_or(text.len() - at)];
        let start = at;
        at += name.len();
        if !name.is_empty() {
            path = if path.is_empty() { name.into() } else { format!("{path}::{name}") };
        }
        if text[at..].starts_with("::") && !name.is_empty() {
            at += 2;
            continue;
        }
        if !name.is_empty() || text[at..].starts_with(['*', '<']) {
            found.push((start, path));
        }
        return at;
    }
}

/// From the first brace to the one that closes it; none where a `;` comes first.
fn body(text: &str) -> Option<&str> {
    let (mut depth, mut round, mut start) = (0usize, 0usize, None);
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' => round += 1,
            ')' | ']' => round = round.checked_sub(1)?,
            ';' if start.is_none() && round == 0 => return None,
            '{' => {
                start.get_or_insert(i);
                depth += 1;
            }
            '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(&text[start?..=i]);
                }
            }
            _ => {}
        }
    }
    None
}

/// The text without comments and quoted text, and without comments only; lines stay where they
/// are.
fn strip(text: &str) -> (String, String) {
    let mut code = String::with_capacity(text.len());
    let mut quoted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let word = code.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (length, keep) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), Keep::Nothing)
        } else if rest.starts_with("/*") {
            (block_comment(rest), Keep::Nothing)
        } else if let Some(length) = string(rest).filter(|_| !word || c == '"') {
            (length, Keep::Quoted)
        } else if let Some(length) = character(rest) {
            (length, Keep::Quoted)
        } else {
            (c.len_utf8(), Keep::All)
        };
        let (piece, next) = rest.split_at(length);
        let blank = || piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' });
        match keep {
            Keep::All => {
                code.push_str(piece);
                quoted.push_str(piece);
            }
            Keep::Quoted => {
                code.extend(blank());
                quoted.push_str(piece);
            }
            Keep::Nothing => {
                code.extend(blank());
                quoted.extend(blank());
            }
        }
        rest = next;
    }
    (code, quoted)
}

enum Keep {
    All,
    Quoted,
    Nothing,
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// The length of the string literal that `text` begins with.
fn string(text: &str) -> Option<usize> {
    let open = text.find('"').filter(|i| *i < 12)?;
    let prefix = &text[..open];
    let raw = prefix.trim_start_matches(['b', 'c']).strip_prefix('r');
    if let Some(hashes) = raw.filter(|h| h.chars().all(|c| c == '#')) {
        let end = format!("\"{hashes}");
        return text[open + 1..].find(&end).map(|i| open + 1 + i + end.len());
    }
    if !matches!(prefix, "" | "b" | "c") {
        return None;
    }
    let mut escaped = false;
    for (i, c) in text[open + 1..].char_indices() {
        match c {
            '"' if !escaped => return Some(open + 1 + i + 1),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    Some(text.len())
}

/// The length of the character literal that `text` begins with; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('\'')?;
    let mut chars = rest.char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        let from = 2 + rest[1..].chars().next()?.len_utf8();
        return text[from..].find('\'').map(|i| from + i + 1);
    }
    let (after, second) = chars.next()?;
    (second == '\'').then_some(after + 2)
}

mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_go_and_lines_stay() {
        let text = "a /* b /* c */ \n d */ e // \"f\n\"g\\\"h\" 'i' '\\'' &'j str r#\"k\"l\"# m";
        let (code, quoted) = strip(text);
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "e", "&'j", "str", "m"]);
        assert!(quoted.contains("g\\\"h") && quoted.contains("k\"l") && !quoted.contains('f'));
        assert_eq!(code.lines().count(), text.lines().count());
    }

    #[test]
    fn paths_are_written_out() {
        let text = "use crate::{\n  kernel::Result, offers::{store, service::{self, a}}, x};\n\
                    use super::b; fn c() { super::super::calls::d(); crate::e::f::<u8>() }\n\
                    pub(super) struct S; use crate::calls::*;";
        let source = Source::new("src/grants/service/award.rs", text);
        let all = [
            (2, "kernel::Result"),
            (2, "offers::store"),
            (2, "offers::service::self"),
            (2, "offers::service::a"),
            (2, "x"),
            (3, "grants::service::b"),
            (3, "grants::calls::d"),
            (3, "e::f"),
            (4, "calls"),
        ];
        let found = source.paths();
        let found: Vec<(usize, &str)> = found.iter().map(|(l, p)| (*l, p.as_str())).collect();
        assert_eq!(found, all);
    }

    #[test]
    fn functions_are_measured() {
        let text = "fn a() {\n  1;\n\n  // x\n  2\n}\ntrait T {\n  fn b();\n  fn c() { 1 }\n}\n\
                    fn d<F: Fn(u8) -> [u8; 2]>(f: fn(u8)) -> u8\nwhere u8: Copy,\n{\n  3\n}";
        let found = Source::new("src/x.rs", text).functions();
        let found: Vec<(usize, &str, usize)> =
            found.iter().map(|(l, n, c)| (*l, n.as_str(), *c)).collect();
        assert_eq!(found, [(1, "a", 2), (9, "c", 0), (11, "d", 1)]);
    }
}

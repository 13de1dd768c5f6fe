//! Shapes of the API document: the library that writes it keeps one of two that go by one name, and
//! says nothing.

use super::source::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// The names of the shapes that a file makes.
fn shapes(source: &Source) -> Vec<String> {
    let (mut found, mut shape, mut named) = (Vec::new(), false, None);
    for line in source.code.lines().map(str::trim) {
        shape |= line.contains("ToSchema") || line.starts_with("text_enum!");
        if let Some(name) = line.strip_prefix("#[schema(as = ") {
            named = name.split([')', ',']).next().map(str::to_owned);
        }
        let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
        let kind = words.next();
        if !matches!(kind, Some("struct" | "enum")) {
            continue;
        }
        let name = words.next().unwrap_or_default();
        let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
        let name = named.take().unwrap_or_else(|| name[..end].to_owned());
        if std::mem::take(&mut shape) {
            found.push(name);
        }
    }
    found
}

fn doubles(sources: &[Source]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in sources {
        for name in shapes(source) {
            places.entry(name).or_default().push(&source.path);
        }
    }
    places.retain(|_, at| at.len() > 1);
    places.into_iter().map(|(name, at)| format!("{name}: {}", at.join(", "))).collect()
}

#[test]
fn no_two_shapes_have_one_name() {
    let document = almoner::web::openapi().to_json().expect("it serialises");
    let told = |line: &String| {
        let name = line.split(':').next().unwrap_or_default();
        document.contains(&format!("\"{name}\":{{"))
    };
    let sources = Source::all(Path::new(env!("CARGO_MANIFEST_DIR")), "src");
    let count: usize = sources.iter().map(|source| shapes(source).len()).sum();
    assert!(count > 250, "{count}");
    // Words that no answer has may be told twice.
    let doubles: Vec<String> = doubles(&sources).into_iter().filter(told).collect();
    assert!(doubles.is_empty(), "the document would keep one of each:\n{}", doubles.join("\n"));
}

#[test]
fn two_of_one_name_are_seen() {
    let one = "#[derive(Debug, ToSchema)]\n#[schema(as = Kind)]\npub struct Known<T> {\n}\n";
    let other = "text_enum! {\n    /// Says.\n    pub enum Kind {\n    }\n}\nenum Known { A }\n";
    let sources = [Source::new("src/a/model.rs", one), Source::new("src/b/model.rs", other)];
    assert_eq!(doubles(&sources), ["Kind: src/a/model.rs, src/b/model.rs"]);
    assert!(doubles(&sources[..1]).is_empty());
}

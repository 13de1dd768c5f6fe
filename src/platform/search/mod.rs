//! What somebody typed, as a question to the index of either database.
//!
//! Words are all that counts: quotes, stars, colons and words such as NEAR or OR have no meaning of
//! their own, so that nothing that is typed is an error or asks for something else. A *mark* is a
//! word of ours that a document carries, such as its status.

/// Longest text that is searched for, in characters.
pub const TEXT_MAX: usize = 200;

/// The words of a text in their order, each once.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// Marks of which a document carries at least one from each group.
pub type Groups = [Vec<String>];

fn is_mark(mark: &str) -> bool {
    !mark.is_empty() && mark.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn grouped(groups: &Groups, quote: char, or: &str) -> Vec<String> {
    let group = |marks: &Vec<String>| {
        debug_assert!(marks.iter().all(|m| is_mark(m)), "invariant: marks are words of ours");
        let marks = marks.iter().filter(|mark| is_mark(mark));
        let quoted: Vec<String> = marks.map(|mark| format!("{quote}{mark}{quote}")).collect();
        format!("({})", quoted.join(or))
    };
    groups.iter().filter(|marks| !marks.is_empty()).map(group).collect()
}

/// All of the words and one mark of each group, for FTS5: each word is a string of its own there,
/// and looked for among words alone, as a mark is among marks.
pub fn fts5(words: &[String], groups: &Groups) -> String {
    let words = words.iter().map(|word| format!("\"{}\"", word.replace('"', ""))).collect();
    let columns = [("words", words), ("marks", grouped(groups, '"', " OR "))];
    let among = |(column, all): (&str, Vec<String>)| {
        (!all.is_empty()).then(|| format!("{column} : ({})", all.join(" AND ")))
    };
    columns.into_iter().filter_map(among).collect::<Vec<_>>().join(" AND ")
}

/// One mark of each group, as a `tsquery`.
pub fn tsquery(groups: &Groups) -> String {
    grouped(groups, '\'', "|").join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_all_that_counts() {
        assert_eq!(
            words(r#"the "Lens" NEAR(lens, 5) title:x -y* "#),
            ["the", "lens", "near", "5", "title", "x", "y"]
        );
        assert_eq!(words("'); DROP TABLE applications;--"), ["drop", "table", "applications"]);
        assert_eq!(words("*** \" ' :"), Vec::<String>::new());
        assert_eq!(words("Ångström 李小龍"), ["ångström", "李小龍"]);
    }

    #[test]
    fn as_the_databases_read_it() {
        let groups = [vec!["openx".to_owned(), "awardedx".to_owned()], vec!["callx".to_owned()]];
        let asked = fts5(&words("a b"), &groups);
        let marks = r#"marks : (("openx" OR "awardedx") AND ("callx"))"#;
        assert_eq!(asked, format!(r#"words : ("a" AND "b") AND {marks}"#));
        assert_eq!(tsquery(&groups), "('openx'|'awardedx')&('callx')");
        assert_eq!(fts5(&[], &groups[1..]), r#"marks : (("callx"))"#);
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_quotes(text in ".*") {
            let asked = fts5(&words(&text), &[]);
            for (n, part) in asked.split('"').enumerate() {
                let inside = n % 2 == 1;
                let ours = ["", " AND ", "words : (", ")"].contains(&part);
                prop_assert!(inside || ours, "{asked}");
                prop_assert!(!inside || part.chars().all(char::is_alphanumeric));
            }
        }
    }
}

//! Making text harmless in each format.

/// A part of an account's name: a capital or digit first, then letters, digits and hyphens, in
/// ASCII, which every program takes.
pub(super) fn account_part(name: &str) -> String {
    let mut part: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    while part.contains("--") {
        part = part.replace("--", "-");
    }
    let part = part.trim_matches('-');
    let mut letters = part.chars();
    match letters.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
        None => "X".into(),
    }
}

/// Text on one line, without control and direction marks, single-spaced.
pub(super) fn flat(text: &str) -> String {
    let harmless = |c: char| {
        let marks = matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}');
        if c.is_control() || c.is_whitespace() || marks { ' ' } else { c }
    };
    let spaced: String = text.chars().map(harmless).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For hledger and ledger: nothing that begins a comment, a tag, a status, a code or an amount.
pub(super) fn hledger(text: &str) -> String {
    let plain: String = flat(text)
        .chars()
        .map(|c| match c {
            ';' => ',',
            '|' => '/',
            ':' => '.',
            '(' | '[' | '{' => '<',
            ')' | ']' | '}' => '>',
            other => other,
        })
        .collect();
    plain.trim_start_matches(['*', '!', '=', '<', '%', '#', ' ']).trim_end().to_owned()
}

/// The value of a tag: besides, commas end it.
pub(super) fn hledger_tag(text: &str) -> String {
    flat(&hledger(text).replace(',', " "))
}

/// A quoted string of beancount.
pub(super) fn beancount(text: &str) -> String {
    format!("\"{}\"", flat(text).replace('\\', "\\\\").replace('"', "\\\""))
}

/// A cell that no spreadsheet takes for a formula (OWASP: CSV injection): what begins like one is
/// preceded by an apostrophe.
pub(super) fn cell(text: &str) -> String {
    crate::kernel::text::csv_cell(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tricks_lose_their_teeth() {
        assert_eq!(account_part("Æther & Co: \"x\""), "Ther-Co-x");
        assert_eq!(account_part("🙂"), "X");
        assert_eq!(flat("a\r\n\tb\u{2028}c\0d"), "a b c d");
        assert_eq!(hledger("* ! pay; x:y | (z)"), "pay, x.y / <z>");
        assert_eq!(beancount("a\"b\\c\n"), "\"a\\\"b\\\\c\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }

    proptest! {
        #[test]
        fn nothing_leaves_its_line(text in ".*") {
            for safe in [hledger(&text), hledger_tag(&text), beancount(&text), flat(&text)] {
                prop_assert!(!safe.chars().any(char::is_control));
                prop_assert!(!safe.contains("  "));
            }
            prop_assert!(!hledger(&text).contains([';', '|', ':', '(']));
            prop_assert!(!hledger_tag(&text).contains(','));
            let quoted = beancount(&text);
            let inside = quoted[1..quoted.len() - 1].replace("\\\\", "").replace("\\\"", "");
            prop_assert!(!inside.contains('"') && !inside.contains('\\'));
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            prop_assert!(account_part(&text).bytes().all(plain));
        }
    }
}

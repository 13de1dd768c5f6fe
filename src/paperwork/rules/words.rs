//! What people typed, made harmless in Markdown: it reads as they wrote it, and can be neither a
//! heading, nor a link, nor the end of the paragraph that it stands in.

/// Characters that mean something to Markdown wherever they stand.
const MARKS: &str = "\\`*_{}[]<>#|~&!$^@";

/// One line of somebody's words, to stand inside a sentence of ours.
pub(super) fn inline(text: &str) -> String {
    let words: Vec<&str> = text.split(is_gap).filter(|w| !w.is_empty()).collect();
    if words.is_empty() { "—".into() } else { escaped(&words.join(" ")) }
}

/// Somebody's paragraphs, as a quotation: every line of it begins with `>`.
pub(super) fn quoted(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split(is_break) {
        let words: Vec<&str> = line.split(is_gap).filter(|w| !w.is_empty()).collect();
        match (words.is_empty(), lines.last().is_none_or(|l| l == ">")) {
            (true, true) => {}
            (true, false) => lines.push(">".into()),
            (false, _) => lines.push(format!("> {}", escaped(&words.join(" ")))),
        }
    }
    while lines.last().is_some_and(|l| l == ">") {
        lines.pop();
    }
    if lines.is_empty() { "> —".into() } else { lines.join("\n") }
}

/// Line and paragraph ends of any kind.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What separates words: white space, and what shows nothing or turns the reading direction.
fn is_gap(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// With a backslash before every character that Markdown would take as a mark (CommonMark 2.4).
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    // At the start of a line these make lists and underlined headings: `- x`, `+ x`, `=`, `1.`
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in line.char_indices() {
        let opens = match c {
            '-' | '+' | '=' | ':' => at == 0,
            '.' | ')' => digits > 0 && at == digits,
            other => MARKS.contains(other),
        };
        if opens {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(inline("Zoë O'Brien-Smith, PhD"), "Zoë O'Brien-Smith, PhD");
        assert_eq!(inline("محمد 李小龍 👩🏽‍🔬"), "محمد 李小龍 👩🏽‍🔬");
        assert_eq!(inline("a\n\n# 3. Amount\r\n"), "a \\# 3. Amount");
        assert_eq!(inline("**x** [y](z) {{amount}} <b> a|b"), {
            "\\*\\*x\\*\\* \\[y\\](z) \\{\\{amount\\}\\} \\<b\\> a\\|b"
        });
        assert_eq!(inline("- x"), "\\- x");
        assert_eq!(inline("12. x"), "12\\. x");
        assert_eq!(inline("1.5 x"), "1\\.5 x");
        assert_eq!(inline("\u{202E}abc\u{202C}"), "abc");
        assert_eq!(inline(" \u{feff}\n"), "—");
    }

    #[test]
    fn paragraphs_stay_in_their_quotation() {
        let text = "one\n\n\n## two\u{2028}===\n    code\n> deeper\n\n";
        assert_eq!(
            quoted(text),
            "> one\n>\n> \\## two\n> \\===\n> code\n> \\> deeper".replace("\\##", "\\#\\#")
        );
        assert_eq!(quoted("\n \n"), "> —");
    }

    proptest! {
        #[test]
        fn no_line_begins_anything(text in "\\PC{0,40}|[#>=*+\\-\\[\\]{}<1-9.\n \t|`~]{0,40}") {
            let line = inline(&text);
            prop_assert!(!line.contains('\n') && !line.contains("{{"));
            let opening = ['#', '>', '-', '+', '=', '*', '|', '`', '~', '<', '[', ' '];
            prop_assert!(!line.starts_with(opening), "{}", line);
            for line in quoted(&text).lines() {
                prop_assert!(line.starts_with('>') && !line.contains("{{"));
                let rest = line.strip_prefix("> ").unwrap_or("");
                prop_assert!(!rest.starts_with(opening), "{}", line);
            }
        }
    }
}

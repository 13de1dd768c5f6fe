//! Text that people typed: normalised, bounded, and free of what breaks other programs.

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Why a text is refused; the message says how to write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// `required`, `too_long` or `malformed`.
    pub code: &'static str,
    /// For the person who typed it.
    pub message: String,
}

fn refuse(code: &'static str, message: impl Into<String>) -> TextError {
    TextError { code, message: message.into() }
}

/// One line: normalised to NFC, trimmed, without control characters, `min` to `max` characters.
/// Names in any script and with emoji pass; embedding and override marks (which can make a name
/// read as another) do not.
pub fn line(text: &str, min: usize, max: usize) -> Result<String, TextError> {
    let clean: String = text.trim().nfc().collect();
    if clean.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{2029}') {
        return Err(refuse("malformed", "write it on one line, without control characters"));
    }
    bounded(clean, min, max)
}

/// Several lines: as [`line`], but line breaks (made `\n`) and tabs may stay.
pub fn paragraphs(text: &str, min: usize, max: usize) -> Result<String, TextError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String = text.trim().nfc().collect();
    if clean.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(refuse("malformed", "leave out control characters"));
    }
    bounded(clean, min, max)
}

fn bounded(clean: String, min: usize, max: usize) -> Result<String, TextError> {
    if clean.chars().any(|c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')) {
        return Err(refuse("malformed", "leave out marks that override the writing direction"));
    }
    let length = clean.chars().count();
    if length < min && length == 0 {
        Err(refuse("required", "this is needed"))
    } else if length < min {
        Err(refuse("too_short", format!("write at least {min} characters")))
    } else if length > max {
        Err(refuse("too_long", format!("write at most {max} characters; these are {length}")))
    } else {
        Ok(clean)
    }
}

/// Hexadecimal digits of bytes, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that hexadecimal digits spell, if they are exactly as many.
pub fn unhex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 2 * N)?;
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(pair[0] << 4 | pair[1]).ok()?;
    }
    Some(bytes)
}

/// An e-mail address, in the form that is compared and stored: trimmed, domain in lower case,
/// the local part as well (no provider in use tells its case apart). At most 254 characters
/// (RFC 5321 section 4.5.3.1.3).
pub fn email(text: &str) -> Result<String, TextError> {
    let wrong = || refuse("malformed", "write an e-mail address, for example ada@example.org");
    let clean = line(text, 3, 254)?.to_lowercase();
    let (local, domain) = clean.rsplit_once('@').ok_or_else(wrong)?;
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let label_ok = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let domain_ok = domain.contains('.') && domain.split('.').all(label_ok);
    if local_ok && domain_ok { Ok(clean) } else { Err(wrong()) }
}

/// An address of which only who knows it can tell whose it is: `a…@example.org`. Lists show it so.
pub fn masked_email(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// A spreadsheet cell that is not taken for a formula: what begins like one, or holds a line
/// break, is made harmless (an apostrophe in front, spaces for breaks).
pub fn csv_cell(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let first = flat.trim_start().chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') => format!("'{flat}"),
        _ => flat,
    }
}

/// In small letters and without accents, to compare by and to search.
pub fn folded(text: &str) -> String {
    let bare = text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    bare.collect::<String>().to_lowercase()
}

/// A mark for each word of a place, each once: the same for the same word, whatever letters are in
/// it, so that any index finds it.
pub fn place_marks(place: &str) -> Vec<String> {
    let mut marks: Vec<String> = Vec::new();
    for word in place.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let hash = Sha256::digest(word.to_lowercase().as_bytes());
        let mark = format!("place{}x", hex(&hash[..8]));
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_the_world_pass_and_tricks_do_not() {
        for good in ["Zoë Ångström", "محمد بن راشد", "李小龍", "👩🏽‍🔬 Ada", "עדה"]
        {
            assert!(line(good, 1, 80).is_ok(), "{good}");
        }
        for bad in ["a\0b", "a\nb", "\u{202E}gnp.exe", "x\u{2028}y", "\u{7}"] {
            assert_eq!(line(bad, 1, 80).map_err(|e| e.code), Err("malformed"), "{bad:?}");
        }
        assert_eq!(line("  ", 1, 80).map_err(|e| e.code), Err("required"));
        assert_eq!(line("éé", 1, 1).map_err(|e| e.code), Err("too_long"));
        assert_eq!(line("e\u{301}", 1, 1).as_deref(), Ok("é"));
    }

    #[test]
    fn addresses() {
        assert_eq!(masked_email("ada@example.org"), "a…@example.org");
        assert_eq!(masked_email("nonsense"), "n…@");
        assert_eq!(email(" Ada@Example.ORG ").as_deref(), Ok("ada@example.org"));
        for bad in ["", "a@b", "@b.c", "a@", "a b@c.d", "a@b..c", "a\r\nb@c.de", "a@b.c>,x@y.z"] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".*") {
            let _ = (line(&text, 1, 10), paragraphs(&text, 1, 10), email(&text));
        }
    }
}

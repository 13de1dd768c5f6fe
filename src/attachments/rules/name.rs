//! Names of files: what somebody sent, made safe to show, to save under and to put in a header.

use crate::attachments::model::FileKind;
use crate::kernel::fields::Fields;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a name, its ending included.
const NAME_MAX: usize = 120;
/// Characters that may be sent.
const SENT_MAX: usize = 1_000;
/// Names of devices on Windows, whatever their ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// The last part of the name that was sent, without what a shell, a file system or a reader could
/// take for something else; with an ending that fits what the file is. Empty where nothing is
/// left, which is told to `fields`.
pub fn named(fields: &mut Fields, sent: &str, kind: FileKind) -> String {
    if sent.chars().count() > SENT_MAX {
        fields.push("?name", "too_long", format!("write at most {SENT_MAX} characters"));
        return String::new();
    }
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !is_hidden(*c)).map(safe).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let clean = words.join(" ");
    let clean = clean.trim_matches(['.', ' ', '-', '_']);
    if clean.is_empty() {
        fields.push("?name", "required", "write the name of the file, for example plan.pdf");
        return String::new();
    }
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if fits(kind, ending) && !stem.is_empty() => {
            (stem, ending.to_lowercase())
        }
        _ => (clean, kind.endings()[0].to_owned()),
    };
    let first = stem.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = ["com", "lpt"].iter().any(|device| {
        first
            .strip_prefix(device)
            .is_some_and(|n| n.len() == 1 && n != "0" && n.parse::<u8>().is_ok())
    });
    let device = DEVICES.contains(&first.as_str()) || numbered;
    let before = if device { "_" } else { "" };
    let room = NAME_MAX.saturating_sub(ending.len() + 1 + before.len());
    let stem: String = stem.chars().take(room).collect();
    format!("{before}{}.{ending}", stem.trim_end())
}

/// Text whose name says that it has marks is Markdown.
pub fn called(sent: &str, found: FileKind) -> FileKind {
    let ending = sent.rsplit_once('.').map_or("", |(_, ending)| ending);
    match found {
        FileKind::Text if fits(FileKind::Markdown, ending.trim()) => FileKind::Markdown,
        found => found,
    }
}

fn fits(kind: FileKind, ending: &str) -> bool {
    kind.endings().iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// Controls, and what turns the direction of text or has no width: `exe.fdp` must not read as
/// `pdf.exe`.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn safe(c: char) -> char {
    if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '`' | '$' | '%' | ';') {
        '_'
    } else {
        c
    }
}

/// Letters and digits stand for themselves, and these (RFC 8187 section 3.2.1).
const HEADER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` of a download under this name (RFC 6266): in plain ASCII for old
/// programs, whole for the others.
pub fn disposition(name: &str) -> String {
    let plain = |c: char| {
        let stays = c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
        if stays { c } else { '_' }
    };
    let ascii: String = name.chars().map(plain).collect();
    let whole = utf8_percent_encode(name, HEADER);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{whole}")
}

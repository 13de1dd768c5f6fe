//! What a file is, found while it comes in: one pass over its bytes, in constant memory.
//!
//! | taken | begins | and |
//! |---|---|---|
//! | PDF | `%PDF-` at its first byte | nothing but white space behind its last `%%EOF` |
//! | PNG | its signature | nothing behind its last piece |
//! | JPEG | `FF D8 FF` and a mark | phones put more behind the image, which is let be |
//! | WebP | `RIFF` … `WEBP` | as long as it says |
//! | text | | UTF-8 without controls, and no page of HTML, SVG or XML at its beginning |
//!
//! Of all: no archive (zip) that ends with the file, and no `%PDF-` further in where readers of
//! PDF would look for it. What hides deeper is harmless as long as nobody runs it: files leave as
//! downloads in a sandbox, with their type fixed.

use super::png::Png;
use crate::attachments::model::FileKind;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};

/// Readers look for the beginning of a PDF, and for what tells a type, in so many bytes.
const HEAD: usize = 1024;
/// The end mark of an archive with the longest comment.
const TAIL: usize = 22 + 65_535;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What browsers take for a page when a text begins with it.
const PAGES: &[&str] = &[
    "<!doctype",
    "<html",
    "<head",
    "<body",
    "<script",
    "<iframe",
    "<style",
    "<title",
    "<svg",
    "<?xml",
    "<math",
    "<object",
    "<embed",
];

/// Looks at a file while it comes in.
#[derive(Debug)]
pub struct Scan {
    head: Vec<u8>,
    tail: Vec<u8>,
    length: u64,
    png: Png,
    text: Text,
}

impl Default for Scan {
    fn default() -> Self {
        let (head, tail) = (Vec::with_capacity(HEAD), Vec::new());
        Self { head, tail, length: 0, png: Png::default(), text: Text::default() }
    }
}

impl Scan {
    /// Takes what came next.
    pub fn see(&mut self, bytes: &[u8]) {
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(bytes);
        if self.tail.len() > 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
        let skip = 8_u64.saturating_sub(self.length);
        let skip = usize::try_from(skip).unwrap_or(0).min(bytes.len());
        self.png.see(&bytes[skip..]);
        self.text.see(bytes);
        self.length += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }
    /// What it is. `declared` is the type that its sender named, if they did.
    ///
    /// # Errors
    /// 415 for what is not taken, is two things at once, or is not what its sender said.
    pub fn judge(mut self, declared: &str) -> Result<FileKind> {
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        let kind = self.kind()?;
        self.one_thing_only(kind)?;
        agree(kind, declared)?;
        Ok(kind)
    }
    fn kind(&self) -> Result<FileKind> {
        let head = &self.head[..];
        if head.is_empty() {
            return Err(Problem::field("", "required", "the file is empty"));
        }
        if head.starts_with(b"%PDF-") {
            let end = last(&self.tail, b"%%EOF");
            let end = end.ok_or_else(|| refused("This PDF has no end: it was cut off."))?;
            let behind = &self.tail[end + 5..];
            if behind.iter().any(|b| !matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0)) {
                return Err(refused("Something stands behind the end of this PDF: save it anew."));
            }
            return Ok(FileKind::Pdf);
        }
        if head.starts_with(PNG) {
            return match (self.png.ended(), self.png.behind) {
                (true, 0) => Ok(FileKind::Png),
                (true, _) => Err(refused("Something stands behind this image: save it anew.")),
                (false, _) => Err(refused("This image was cut off.")),
            };
        }
        if head.starts_with(&[0xff, 0xd8, 0xff]) && head.get(3).is_some_and(|mark| *mark >= 0xc0) {
            return Ok(FileKind::Jpeg);
        }
        if head.starts_with(b"RIFF") && head.get(8..12) == Some(&b"WEBP"[..]) {
            let size = [head[4], head[5], head[6], head[7]];
            let whole = u64::from(u32::from_le_bytes(size)) + 8;
            if whole != self.length {
                return Err(refused("This image is not as long as it says: save it anew."));
            }
            return Ok(FileKind::Webp);
        }
        self.as_text()
    }
    fn as_text(&self) -> Result<FileKind> {
        if !self.text.is_text() {
            let taken = "PDF, PNG, JPEG, WebP, and text in UTF-8 without control characters";
            return Err(refused(format!("Files of this type are not taken; these are: {taken}.")));
        }
        let head = String::from_utf8_lossy(&self.head).to_lowercase();
        let begin = head.trim_start_matches('\u{feff}').trim_start();
        if PAGES.iter().any(|page| begin.starts_with(page)) {
            return Err(refused("This is a page (HTML, SVG or XML), not a text."));
        }
        Ok(FileKind::Text)
    }
    /// No archive at its end, no PDF within its beginning.
    fn one_thing_only(&self, kind: FileKind) -> Result<()> {
        let pdf_inside = kind != FileKind::Pdf && last(&self.head, b"%PDF-").is_some();
        if pdf_inside || ends_as_archive(&self.tail) {
            return Err(refused("This file is two things at once: save it anew as one of them."));
        }
        Ok(())
    }
}

fn refused(detail: impl Into<String>) -> Problem {
    Problem::new(Kind::UnsupportedMediaType, detail)
}

/// Whoever names a type has to name the right one; text may be called by any name of text.
fn agree(kind: FileKind, declared: &str) -> Result<()> {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_lowercase();
    let text = matches!(kind, FileKind::Text | FileKind::Markdown);
    let names = match declared.as_str() {
        "" | "application/octet-stream" | "binary/octet-stream" => true,
        "image/jpg" => kind == FileKind::Jpeg,
        "text/plain" | "text/markdown" | "text/x-markdown" | "text/csv" => text,
        other => other == kind.as_str(),
    };
    if names {
        return Ok(());
    }
    // What they said is not repeated: answers end up in logs.
    Err(refused(format!("The content is {kind}, and Content-Type says something else.")))
}

/// Where the last occurrence begins.
fn last(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).rposition(|window| window == mark)
}

/// Whether an archive's end mark (zip: one disk, so many entries here as in all, a comment that
/// fits) stands near the end, where unpacking programs look for it.
fn ends_as_archive(tail: &[u8]) -> bool {
    let mut marks = tail.windows(22).enumerate().filter(|(_, w)| w.starts_with(b"PK\x05\x06"));
    marks.any(|(at, mark)| {
        let one_disk = mark[4..8] == [0; 4] && mark[8..10] == mark[10..12];
        let comment = usize::from(u16::from_le_bytes([mark[20], mark[21]]));
        one_disk && at + mark.len() + comment <= tail.len()
    })
}

/// Whether all that came is text: UTF-8, over the seams of what came, without controls.
#[derive(Debug, Default)]
struct Text {
    /// The beginning of a character whose end has not come yet.
    open: Vec<u8>,
    broken: bool,
}

impl Text {
    fn see(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        let mut joined = std::mem::take(&mut self.open);
        joined.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&joined) {
            Ok(text) => text,
            Err(e) if e.error_len().is_some() => {
                self.broken = true;
                return;
            }
            Err(e) => {
                self.open = joined[e.valid_up_to()..].to_vec();
                std::str::from_utf8(&joined[..e.valid_up_to()]).unwrap_or_default()
            }
        };
        self.broken = whole.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'));
    }
    fn is_text(&self) -> bool {
        !self.broken && self.open.is_empty()
    }
}

//! Files at the edges of what is taken, whole and in pieces of all sizes.

use super::*;
use crate::attachments::model::FileKind;
use crate::kernel::fields::Fields;
use proptest::prelude::*;

fn judged(bytes: &[u8], declared: &str, piece: usize) -> std::result::Result<FileKind, u16> {
    let mut scan = Scan::default();
    bytes.chunks(piece.max(1)).for_each(|chunk| scan.see(chunk));
    scan.judge(declared).map_err(|problem| problem.status())
}

fn found(bytes: &[u8]) -> std::result::Result<FileKind, u16> {
    let whole = judged(bytes, "", bytes.len());
    for piece in [1, 7, 4096] {
        assert_eq!(judged(bytes, "", piece), whole, "in pieces of {piece}");
    }
    whole
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
/// The end mark of an archive with one entry and no comment.
const ARCHIVE: &[u8] = b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x10\0\0\0\0\0\0\0\0\0";

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend_from_slice(b"\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0CRC!");
    bytes.extend_from_slice(b"\0\0\0\0IENDCRC!");
    bytes
}

fn webp() -> Vec<u8> {
    b"RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0data".to_vec()
}

fn with(mut bytes: Vec<u8>, more: &[u8]) -> Vec<u8> {
    bytes.extend_from_slice(more);
    bytes
}

#[test]
fn each_type_is_found_by_its_content() {
    assert_eq!(found(PDF), Ok(FileKind::Pdf));
    assert_eq!(found(&png()), Ok(FileKind::Png));
    assert_eq!(found(b"\xff\xd8\xff\xe0\0\x10JFIF\0\xff\xd9"), Ok(FileKind::Jpeg));
    assert_eq!(found(&webp()), Ok(FileKind::Webp));
    assert_eq!(found("# Plan\n\nعدالة 👩🏽‍🔬 <b>bold</b>\t1\r\n".as_bytes()), Ok(FileKind::Text));
}

#[test]
fn what_is_two_things_at_once_is_refused() {
    let cases: &[(&str, Vec<u8>)] = &[
        ("a PDF that does not begin at its first byte", with(b"x\n".to_vec(), PDF)),
        ("a page behind a PDF", with(PDF.to_vec(), b"<script>alert(1)</script>")),
        ("an archive behind a PDF", with(PDF.to_vec(), ARCHIVE)),
        ("an archive whose comment ends a PDF", {
            let mut end = ARCHIVE.to_vec();
            end[20] = 5;
            with(with(b"%PDF-1.7\n".to_vec(), &end), b"%%EOF")
        }),
        ("a page behind an image", with(png(), b"<html>")),
        ("an archive behind an image", with(webp(), ARCHIVE)),
        ("an archive behind a photo", with(b"\xff\xd8\xff\xe0 \xff\xd9".to_vec(), ARCHIVE)),
        ("a PDF in a photo", with(b"\xff\xd8\xff\xfe\0\x40".to_vec(), PDF)),
        ("a page of HTML", b"\xef\xbb\xbf \n<!DOCTYPE html><p>".to_vec()),
        ("a drawing with a script", b"<svg onload='alert(1)'>".to_vec()),
        ("XML", b"<?xml version='1.0'?><svg/>".to_vec()),
        ("an archive", with(b"PK\x03\x04".to_vec(), ARCHIVE)),
        ("a compressed file", b"\x1f\x8b\x08\0\0\0\0\0".to_vec()),
        ("a program", b"\x7fELF\x02\x01\x01\0".to_vec()),
        ("text with a NUL", b"one\0two".to_vec()),
        ("text with an escape", b"one \x1b[31m two".to_vec()),
        ("text in another encoding", b"caf\xe9".to_vec()),
        ("text cut off in a character", b"caf\xc3".to_vec()),
        ("an image cut off", png()[..30].to_vec()),
        ("a PDF cut off", PDF[..20].to_vec()),
    ];
    for (what, bytes) in cases {
        assert_eq!(found(bytes), Err(415), "{what}");
    }
    assert_eq!(found(b""), Err(422));
}

#[test]
fn a_named_type_has_to_be_the_right_one() {
    let judge = |bytes: &[u8], declared: &str| judged(bytes, declared, 4096);
    for declared in ["", "application/octet-stream", "application/pdf", "Application/PDF; a=b"] {
        assert_eq!(judge(PDF, declared), Ok(FileKind::Pdf), "{declared}");
    }
    for declared in ["image/png", "text/plain", "application/json", "multipart/form-data"] {
        assert_eq!(judge(PDF, declared), Err(415), "{declared}");
    }
    assert_eq!(judge(b"a,b", "text/csv"), Ok(FileKind::Text));
    assert_eq!(judge(b"a,b", "text/html"), Err(415));
}

#[test]
fn names_are_made_safe() {
    let clean = |sent: &str, kind| {
        let mut fields = Fields::new();
        let name = named(&mut fields, sent, kind);
        fields.finish().map(|()| name).map_err(|p| p.fields()[0].code)
    };
    for (sent, kind, kept) in [
        ("plan.pdf", FileKind::Pdf, "plan.pdf"),
        ("Plan 2.PDF", FileKind::Pdf, "Plan 2.pdf"),
        ("../../etc/passwd", FileKind::Text, "passwd.txt"),
        ("..\\..\\boot.ini", FileKind::Text, "boot.ini.txt"),
        ("C:\\Users\\x\\cv.pdf", FileKind::Pdf, "cv.pdf"),
        ("run.exe", FileKind::Pdf, "run.exe.pdf"),
        ("photo.jpeg", FileKind::Jpeg, "photo.jpeg"),
        (".htaccess", FileKind::Text, "htaccess.txt"),
        ("con.txt", FileKind::Text, "_con.txt"),
        ("COM1.pdf", FileKind::Pdf, "_COM1.pdf"),
        ("fdp.\u{202e}exe", FileKind::Pdf, "fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x", FileKind::Text, "aSet-Cookie_ x.txt"),
        ("a\"; filename=\"b.exe", FileKind::Pdf, "a__ filename=_b.exe.pdf"),
        ("سيرة.pdf", FileKind::Pdf, "سيرة.pdf"),
    ] {
        assert_eq!(clean(sent, kind).as_deref(), Ok(kept), "{sent}");
    }
    for nothing in ["", ".", "..", "/", "a/", " \u{200b} ", "..\\"] {
        assert_eq!(clean(nothing, FileKind::Pdf), Err("required"), "{nothing:?}");
    }
    assert_eq!(clean(&"x".repeat(1_001), FileKind::Pdf), Err("too_long"));
    let long = clean(&"x".repeat(1_000), FileKind::Pdf).expect("cut");
    assert_eq!((long.chars().count(), long.ends_with(".pdf")), (120, true));
}

#[test]
fn the_header_of_a_download_is_plain_and_whole() {
    assert_eq!(
        disposition("sé \"x\".pdf"),
        "attachment; filename=\"s_ _x_.pdf\"; filename*=UTF-8''s%C3%A9%20%22x%22.pdf"
    );
}

proptest! {
    #[test]
    fn whatever_is_sent_the_name_is_safe(sent in any::<String>()) {
        let mut fields = Fields::new();
        let name = named(&mut fields, &sent, FileKind::Pdf);
        if fields.finish().is_ok() {
            prop_assert!(name.ends_with(".pdf") && name.len() > 4, "{name}");
            prop_assert!(!name.contains(['/', '\\', '"', '<', '\n', '\r', '\0']), "{name}");
            prop_assert!(!name.starts_with('.') && name.chars().count() <= 120, "{name}");
            let header = disposition(&name);
            prop_assert!(header.bytes().all(|b| (b' '..=b'~').contains(&b)), "{header}");
        }
    }

    #[test]
    fn nothing_that_is_sent_breaks_the_scan(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        piece in 1_usize..50,
    ) {
        prop_assert_eq!(judged(&bytes, "", piece), judged(&bytes, "", 600));
    }
}

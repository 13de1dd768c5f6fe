//! A mail as its reader sees it.

use super::*;

#[test]
fn reads_well() {
    let server = Smtp::start();
    send(&smtp_settings(server.address)).expect("sent");
    let taken = server.taken();
    let [taken] = taken.as_slice() else { panic!("one mail, not {}", taken.len()) };
    assert_eq!(taken.from, "MAIL FROM:<grants@example.org>");
    assert_eq!(taken.to, ["RCPT TO:<ada@example.org>"]);
    let read = MessageParser::default().parse(&taken.bytes).expect("a mail");
    let headers: Vec<_> = read.headers_raw().map(|(n, v)| format!("{n}: {}", v.trim())).collect();
    insta::assert_snapshot!("mail_headers", headers.join("\n"));
    assert_eq!(read.subject(), Some("Bestätige deine Adresse ✓"));
    insta::assert_snapshot!("mail_text", read.body_text(0).expect("text"));
}

#[test]
fn in_a_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = Folder::new();
    let folder = outer.0.join("mail");
    let mut config = settings();
    config.mail.transport = MailTransport::Folder;
    config.mail.folder = folder.clone();
    send(&config).expect("written");
    send(&config).expect("written again");
    let files: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").map(|f| f.expect("a file")).collect();
    assert_eq!(files.len(), 1, "a repetition writes the same file");
    assert_eq!(files[0].file_name().to_string_lossy(), format!("{}.eml", id()));
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777
    };
    assert_eq!((mode(&files[0].path()), mode(&folder)), (0o600, 0o700));
    let bytes = std::fs::read(files[0].path()).expect("readable");
    let read = MessageParser::default().parse(&bytes).expect("a mail");
    assert_eq!(read.body_text(0).expect("text"), mail().text.replace('\n', "\r\n"));
}

#[test]
fn holds_no_tricks() {
    let letter = || Letter::new("Hello", "you asked");
    let to =
        |letter: Letter, address: &str| letter.to(address, "Almoner", "https://grants.example.org");
    // Nothing breaks out of a header.
    for bad in ["a@b.org\r\nBcc: x@y.org", "a@b.org, x@y.org", "a@b.org\0", "<a@b.org>", ""] {
        assert!(to(letter(), bad).is_err(), "{bad:?}");
    }
    for bad in ["Hi\r\nBcc: x@y.org", "Hi\nthere", "Hi\0", "Hi\u{2028}there", " "] {
        assert!(to(Letter::new(bad, "you asked"), "a@b.org").is_err(), "{bad:?}");
    }
    let tampered =
        Mail { to: "a@b.org".into(), subject: "Hi\r\nBcc: x@y.org".into(), text: "t".into() };
    let server = Smtp::start();
    let mailer = Mailer::new(&smtp_settings(server.address)).expect("good settings");
    assert!(!later(mailer.send(&tampered, id(), noon())));
    assert_eq!(server.connections(), 0);
    // Links stay on the service.
    for bad in
        ["//evil.example", "https://evil.example", "@evil.example", "/a b", "/a\r\nb", "/\\evil"]
    {
        assert!(to(letter().link("Go", bad), "a@b.org").is_err(), "{bad:?}");
    }
    // What people typed becomes no link, and forges no line of its own.
    let typed = letter()
        .greeting("http://evil.example")
        .paragraph("www.evil.example")
        .quote("first\nhttps://evil.example/");
    let text = to(typed, "a@b.org").expect("a mail").text;
    assert!(!text.contains("http://") && !text.contains("www.e") && !text.contains("https://e"));
    assert!(text.contains("> first\n> https[:]//evil.example/\n"), "{text}");
    let long = to(Letter::new("é".repeat(400), "you asked"), "a@b.org").expect("a mail");
    assert_eq!(long.subject.chars().count(), 150);
    assert!(!format!("{:?}", mail()).contains("s3cret"));
}

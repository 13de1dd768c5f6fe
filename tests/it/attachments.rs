//! Files that hang on applications: what is taken, who gets it, how it is given out, and what is
//! left of it.

use crate::support::Harness;
use crate::support::field::Field;
use crate::support::web::{Client, Reply, Web, new_key};
use almoner::kernel::actor::Role;
use almoner::platform::files::Files;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

fn files(application: &str) -> String {
    format!("/api/v1/applications/{application}/attachments")
}

fn attach(who: &Client, application: &str, name: &str, bytes: &[u8]) -> Reply {
    attach_as(who, application, name, "application/octet-stream", bytes)
}

fn attach_as(who: &Client, application: &str, name: &str, kind: &str, bytes: &[u8]) -> Reply {
    let path = format!("{}?name={name}", files(application));
    let key = new_key();
    let headers = [("Content-Type", kind), ("Idempotency-Key", key.as_str())];
    who.send("POST", &path, &headers, Some(bytes.to_vec()))
}

/// A draft of somebody; its id.
fn draft(field: &Field<'_>, who: &Client) -> String {
    let form = json!({ "call_id": field.call, "title": "A better lens" });
    who.post("/api/v1/applications", form).id()
}

/// Every file below the folder of files, but the empty folders.
fn kept(web: &Web) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let mut found = Vec::new();
    walk(Files::of(&web.env().config).root(), &mut found);
    found
}

fn names(who: &Client, application: &str) -> Vec<String> {
    let page = who.get(&files(application)).ok();
    let items = page["items"].as_array().expect("items").clone();
    items.iter().map(|a| a["name"].as_str().expect("a name").to_owned()).collect()
}

/// Sets the age of every kept file to two days.
fn age(web: &Web) {
    let past = std::time::UNIX_EPOCH + std::time::Duration::from_secs(86_400 * 365);
    for path in kept(web) {
        let file = std::fs::File::options().write(true).open(path).expect("a file");
        file.set_modified(past).expect("set");
    }
}

fn sweep(t: &Harness, web: &Web) {
    t.clock.advance_seconds(7 * 3600);
    web.work();
}

both! {
    fn a_file_is_kept_whole_and_given_out_inertly(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        let made = attach(&rea, &id, "..%2F..%2Fetc%2Fpl%C3%A4n.PDF", PDF);
        let (view, place) = (made.ok(), made.header("location").expect("a place").to_owned());
        assert_eq!(made.status, 201);
        assert_eq!(view["name"], "plän.pdf");
        assert_eq!(view["content_type"], "application/pdf");
        assert_eq!(view["bytes"], PDF.len());
        assert_eq!(view["sha256"].as_str().map(str::len), Some(64));
        let got = rea.get(&place);
        assert_eq!((got.status, &got.bytes[..]), (200, PDF));
        for (name, value) in [
            ("content-type", "application/pdf"),
            (
                "content-disposition",
                "attachment; filename=\"pl_n.pdf\"; filename*=UTF-8''pl%C3%A4n.pdf",
            ),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(got.header(name), Some(value), "{name}");
        }
        let found = kept(&web);
        assert_eq!(found.len(), 1, "{found:?}");
        let name = found[0].file_name().and_then(|n| n.to_str());
        assert_eq!(name, view["sha256"].as_str());
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&found[0]).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    fn one_content_is_kept_once_and_swept_when_nobody_names_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, bob) = (web.person("Rea"), web.person("Bob"));
        let (one, two) = (draft(&field, &rea), draft(&field, &bob));
        let first = attach(&rea, &one, "a.pdf", PDF).id();
        attach(&rea, &one, "b.pdf", PDF).ok();
        let third = attach(&bob, &two, "c.pdf", PDF).id();
        assert_eq!(kept(&web).len(), 1);
        assert_eq!(names(&rea, &one), ["b.pdf", "a.pdf"]);
        rea.delete(&format!("{}/{first}", files(&one))).ok();
        rea.get(&format!("{}/{first}", files(&one))).refused(404, "not_found");
        assert_eq!(names(&rea, &one), ["b.pdf"]);
        bob.delete(&format!("{}/{third}", files(&two))).ok();
        age(&web);
        sweep(t, &web);
        assert_eq!(kept(&web).len(), 1, "it is still named");
        let last = rea.get(&files(&one)).ok()["items"][0]["id"].as_str().expect("an id").to_owned();
        rea.delete(&format!("{}/{last}", files(&one))).ok();
        sweep(t, &web);
        assert_eq!(kept(&web), Vec::<PathBuf>::new());
        attach(&rea, &one, "d.pdf", PDF).ok();
        sweep(t, &web);
        assert_eq!(kept(&web).len(), 1, "and comes back");
    }

    fn what_came_in_just_now_is_not_swept(t: &Harness) {
        let web = t.serve();
        let files = Files::of(&web.env().config);
        let mut incoming = files.receive().expect("begun");
        incoming.write(b"its row is on its way").expect("written");
        incoming.keep().expect("kept");
        // One that was never ended.
        std::mem::forget(files.receive().expect("begun"));
        sweep(t, &web);
        assert_eq!(kept(&web).len(), 2);
        age(&web);
        sweep(t, &web);
        assert_eq!(kept(&web), Vec::<PathBuf>::new());
    }

    fn what_is_not_taken_leaves_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        // A bomb: 10 MB of zeros, compressed a thousandfold. Nobody unpacks it.
        let bomb = [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &[0xed; 4_000]].concat();
        for (what, name, bytes) in [
            ("a compressed bomb", "a.gz", &bomb[..]),
            ("an archive", "a.zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
            ("a page", "a.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
            ("a drawing", "a.svg", b"<svg onload=alert(1)>"),
            ("a PDF not at its first byte", "a.pdf", b"\n%PDF-1.7\n%%EOF"),
            ("a page behind a PDF", "a.pdf", b"%PDF-1.7\n%%EOF\n<html>"),
            ("a program", "a.txt", b"\x7fELF\x02\x01\x01\0"),
        ] {
            let reply = attach(&rea, &id, name, bytes);
            assert_eq!((reply.status, what), (415, what), "{}", reply.text());
            reply.refused(415, "unsupported_media_type");
        }
        attach_as(&rea, &id, "a.pdf", "image/png", PDF).refused(415, "unsupported_media_type");
        attach_as(&rea, &id, "a.pdf", "text/html", PDF).refused(415, "unsupported_media_type");
        attach(&rea, &id, "a.pdf", b"").wrong_fields(&[""]);
        attach(&rea, &id, "..", PDF).wrong_fields(&["?name"]);
        let path = files(&id);
        let headers = [("Content-Type", "application/pdf")];
        let bare = rea.send("POST", &path, &headers, Some(PDF.to_vec()));
        bare.refused(422, "invalid");
        assert_eq!(names(&rea, &id), Vec::<String>::new());
        assert_eq!(kept(&web), Vec::<PathBuf>::new());
    }

    fn a_file_that_is_too_large_is_refused_early(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        let just = vec![b'a'; 10_000_000];
        assert_eq!(attach(&rea, &id, "just.txt", &just).ok()["bytes"], 10_000_000);
        // Its length is said: not a byte of it is waited for.
        let answer = raw(&web, &rea, &id, "Content-Length: 50000000", &[]);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        // Its length is not said: it is refused once one byte too many is there.
        let mut chunked = format!("{:x}\r\n", 10_000_001).into_bytes();
        chunked.extend(std::iter::repeat_n(b'a', 10_000_001));
        chunked.extend_from_slice(b"\r\n");
        let answer = raw(&web, &rea, &id, "Transfer-Encoding: chunked", &chunked);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("too_large") && answer.contains("10000000"), "{answer}");
        assert_eq!(names(&rea, &id), ["just.txt"]);
        assert_eq!(kept(&web).len(), 1, "nothing half");
    }

    fn a_file_that_was_cut_off_leaves_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        let mut stream = begin(&web, &rea, &id, "Content-Length: 1000");
        stream.write_all(PDF).expect("sent");
        drop(stream);
        let patience = std::time::Duration::from_millis(50);
        for _ in 0..100 {
            std::thread::sleep(patience);
            if kept(&web).is_empty() {
                break;
            }
        }
        assert_eq!(kept(&web), Vec::<PathBuf>::new());
        assert_eq!(names(&rea, &id), Vec::<String>::new());
    }

    fn where_files_cannot_be_written_no_row_is(t: &Harness) {
        let mut config = t.config();
        // A file where the folder should be.
        let folder = t.dir().join("no-folder");
        std::fs::write(&folder, "").expect("written");
        config.files.folder = folder.clone();
        let web = t.serve_with(config);
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        attach(&rea, &id, "a.pdf", PDF).refused(503, "unavailable");
        assert_eq!(names(&rea, &id), Vec::<String>::new());
        std::fs::remove_file(&folder).expect("removed");
        let place = attach(&rea, &id, "a.pdf", PDF).header("location").expect("a place").to_owned();
        // The file is lost: its row tells so, and nothing else.
        std::fs::remove_dir_all(&folder).expect("removed");
        rea.get(&place).refused(503, "unavailable");
        let stock = web.app.db.read_now("test.stock", |conn| {
            almoner::attachments::service::stock(conn, &Files::of(&web.env().config))
        });
        let stock = stock.expect("counted");
        assert_eq!((stock.files, stock.missing), (1, 1));
    }

    fn files_follow_their_application(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, bob) = (web.person("Rea"), web.person("Bob"));
        let (id, other) = (draft(&field, &rea), draft(&field, &bob));
        let place = attach(&rea, &id, "a.pdf", PDF).header("location").expect("it").to_owned();
        let file = place.rsplit('/').next().expect("an id").to_owned();
        let outside = [
            web.anonymous(), bob.clone(), web.with_role("Ada", Role::Admin),
            web.with_role("Audrey", Role::Auditor), web.with_role("Remy", Role::Reviewer),
        ];
        for who in &outside {
            who.get(&place).refused(404, "not_found");
            who.get(&files(&id)).refused(404, "not_found");
        }
        // Not by the address of an application that they do see.
        bob.get(&format!("{}/{file}", files(&other))).refused(404, "not_found");
        bob.delete(&format!("{}/{file}", files(&other))).refused(404, "not_found");
        attach(&bob, &id, "b.pdf", PDF).refused(404, "not_found");
        attach(&web.anonymous(), &id, "b.pdf", PDF).refused(401, "unauthenticated");

        let open = field.applies(&rea, "1.00", "2.00");
        attach(&rea, &open, "late.pdf", PDF).refused(409, "wrong_state");
        let admin = &field.desk.admin;
        let why = json!({ "reason": "Add the plan." });
        admin.post(&format!("/api/v1/applications/{open}/request-changes"), why).ok();
        let made = attach(&rea, &open, "plan.md", b"# Plan");
        let place = made.header("location").expect("it").to_owned();
        attach(admin, &open, "ours.pdf", PDF).refused(403, "forbidden");
        rea.command(&format!("/api/v1/applications/{open}/submit")).ok();
        rea.delete(&place).refused(409, "wrong_state");
        // Public and open: everybody reads it, and its files.
        let got = web.anonymous().get(&place);
        assert_eq!((got.status, got.text().as_str()), (200, "# Plan"));
        assert_eq!(got.header("content-type"), Some("text/markdown; charset=utf-8"));
        assert_eq!(names(&web.anonymous(), &open), ["plan.md"]);
    }

    fn there_are_twenty_to_an_application(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        for n in 0..20 {
            attach(&rea, &id, &format!("{n}.txt"), b"a").ok();
        }
        attach(&rea, &id, "more.txt", b"a").refused(409, "limit_reached");
        let page = rea.get(&format!("{}?limit=15", files(&id))).ok();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(15));
        let next = page["next"].as_str().expect("more");
        let rest = rea.get(&format!("{}?limit=15&after={next}", files(&id))).ok();
        assert_eq!(rest["items"].as_array().map(Vec::len), Some(5));
        assert_eq!(rest["next"], Value::Null);
        let first = page["items"][0]["id"].as_str().expect("an id");
        rea.delete(&format!("{}/{first}", files(&id))).ok();
        attach(&rea, &id, "more.txt", b"a").ok();
    }

    fn the_same_upload_twice_attaches_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let id = draft(&field, &rea);
        let path = format!("{}?name=a.pdf", files(&id));
        let headers = [("Content-Type", "application/pdf"), ("Idempotency-Key", "once")];
        let send = |bytes: &[u8]| rea.send("POST", &path, &headers, Some(bytes.to_vec()));
        assert_eq!(send(PDF).id(), send(PDF).id());
        assert_eq!(names(&rea, &id), ["a.pdf"]);
        send(b"%PDF-1.7\n%%EOF").refused(422, "key_reused");
    }

    fn an_upload_with_a_used_key_leaves_nothing(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea");
        let form = json!({ "call_id": field.call, "title": "A better lens" });
        let id = rea.post_key("/api/v1/applications", "draft", form).id();
        let send = |key: &str, name: &str, bytes: &[u8]| {
            let path = format!("{}?name={name}", files(&id));
            let headers = [("Content-Type", "text/plain"), ("Idempotency-Key", key)];
            rea.send("POST", &path, &headers, Some(bytes.to_vec()))
        };
        let first = send("once", "a.txt", b"a").id();
        send("once", "a.txt", b"another content").refused(422, "key_reused");
        send("once", "b.txt", b"a").refused(422, "key_reused");
        send("draft", "c.txt", b"a third content").refused(422, "key_reused");
        assert_eq!((kept(&web).len(), names(&rea, &id)), (1, vec!["a.txt".to_owned()]));
        // Who did not hear the answer is told it again, also where no more files fit.
        for n in 1..20 {
            attach(&rea, &id, &format!("{n}.txt"), b"a").ok();
        }
        send("more", "more.txt", b"more").refused(409, "limit_reached");
        assert_eq!(send("once", "a.txt", b"a").id(), first);
        assert_eq!(kept(&web).len(), 1);
    }
}

/// The head of an upload, sent; the rest is the caller's.
fn begin(web: &Web, who: &Client, application: &str, length: &str) -> std::net::TcpStream {
    let address = web.url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let wait = Some(std::time::Duration::from_secs(30));
    stream.set_read_timeout(wait).expect("a time limit");
    let token = who.token.as_deref().expect("signed in");
    let head = format!(
        "POST {}?name=a.txt HTTP/1.1\r\nHost: almoner\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: text/plain\r\n{length}\r\n\r\n",
        files(application),
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream
}

/// The answer to an upload that may be answered before it ended.
fn raw(web: &Web, who: &Client, application: &str, length: &str, body: &[u8]) -> String {
    let mut stream = begin(web, who, application, length);
    // The other side may hang up on the way.
    drop(stream.write_all(body));
    let (mut answer, mut buffer) = (Vec::new(), [0_u8; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..read]);
        if String::from_utf8_lossy(&answer).contains("\"request_id\"") {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

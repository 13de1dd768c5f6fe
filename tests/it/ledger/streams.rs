//! A file that was cut off never looks whole, whatever stopped its writing.

use super::Room;
use super::town::history;
use crate::support::web::{Client, Web};
use crate::support::{Harness, Side};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpResponse, HttpServer, web};
use almoner::kernel::actor::Role;
use almoner::kernel::problem::Problem;
use almoner::platform::authz::Action;
use almoner::platform::http::{self, Caller, edge};
use diesel::result::DatabaseErrorKind;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Asks by hand, and reads nothing yet.
fn ask(url: &str, path: &str, who: &Client, more: &str) -> TcpStream {
    let address = url.strip_prefix("http://").expect("plain");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let token = who.token.as_deref().expect("signed in");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n{more}\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    stream
}

/// Asks by hand; all bytes of the answer, as they came.
fn raw(url: &str, path: &str, who: &Client, more: &str) -> String {
    let mut answer = Vec::new();
    // A connection that is reset is cut off as well.
    drop(ask(url, path, who, more).read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Whether a chunked answer has its end (RFC 9112 section 7.1).
fn is_whole(answer: &str) -> bool {
    answer.ends_with("\r\n0\r\n\r\n")
}

/// Whether an answer that was cut off had begun well; of a fast one nothing may have left yet.
fn has_begun(answer: &str) -> bool {
    answer.is_empty() || answer.starts_with("HTTP/1.1 200")
}

#[derive(Clone, Copy)]
enum Ends {
    Well,
    Empty,
    RefusedAtOnce,
    Refused,
    PanicAtOnce,
    Panic,
    /// The database asks to begin again, once.
    Again,
    Never,
}

/// Writes more than what can wait on the way, and ends as it is told; `stopped` when nobody takes
/// it.
async fn file(
    app: http::App,
    caller: Caller,
    how: web::Path<String>,
    stopped: web::Data<AtomicBool>,
) -> HttpResponse {
    let ends = match how.as_str() {
        "well" => Ends::Well,
        "empty" => Ends::Empty,
        "refused-at-once" => Ends::RefusedAtOnce,
        "refused" => Ends::Refused,
        "panic-at-once" => Ends::PanicAtOnce,
        "again" => Ends::Again,
        "never" => Ends::Never,
        _ => Ends::Panic,
    };
    let (name, again) = ("file.txt".to_owned(), AtomicBool::new(true));
    http::stream(&app, caller, Action::ExportLedger, "text/plain", name, move |_, _, out| {
        match ends {
            Ends::Empty => return Ok(()),
            Ends::RefusedAtOnce => return Err(Problem::wrong_state("not now")),
            Ends::PanicAtOnce => panic!("planned, at once"),
            _ => {}
        }
        let mut lines = 0;
        while lines < 20_000 || matches!(ends, Ends::Never) {
            let written = out.write_all(b"a line of a long file\n");
            stopped.fetch_or(written.is_err(), Ordering::SeqCst);
            written.map_err(Problem::internal)?;
            lines += 1;
        }
        match ends {
            Ends::Refused => Err(Problem::internal("planned")),
            Ends::Panic => panic!("planned"),
            Ends::Again if again.swap(false, Ordering::SeqCst) => {
                let kind = DatabaseErrorKind::SerializationFailure;
                Err(diesel::result::Error::DatabaseError(kind, Box::new(String::new())).into())
            }
            _ => Ok(()),
        }
    })
    .await
}

/// A server of one route that writes files which end as they are told.
struct Files {
    url: String,
    stopped: web::Data<AtomicBool>,
    handle: actix_web::dev::ServerHandle,
    thread: std::thread::JoinHandle<()>,
}

impl Files {
    fn serve(web: &Web) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let stopped = web::Data::new(AtomicBool::new(false));
        let (state, told) = (web.app.clone(), stopped.clone());
        let (sender, receiver) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .app_data(state.clone())
                        .app_data(told.clone())
                        .wrap(Compress::default())
                        .wrap(from_fn(edge::edge))
                        .route("/{how}", web::get().to(file))
                };
                let server = HttpServer::new(app).workers(1).listen(listener).expect("it starts");
                let server = server.run();
                sender.send(server.handle()).expect("the test waits");
                server.await.expect("it serves");
            });
        });
        let handle = receiver.recv().expect("it came up");
        Self { url, stopped, handle, thread }
    }
    fn stop(self) {
        crate::support::block_on(self.handle.stop(true));
        drop(self.thread.join());
    }
}

both! {
    fn only_what_was_written_to_its_end_looks_whole(t: &Harness) {
        let web = t.serve();
        let auditor = web.with_role("Audra", Role::Auditor);
        let files = Files::serve(&web);
        let ask = |how: &str, more: &str| raw(&files.url, how, &auditor, more);
        for more in ["", "Accept-Encoding: gzip\r\n"] {
            let whole = ask("/well", more);
            assert!(whole.starts_with("HTTP/1.1 200") && is_whole(&whole), "{more}");
            for how in ["/refused", "/panic", "/again"] {
                let cut = ask(how, more);
                assert!(has_begun(&cut), "{how} {more}: {cut}");
                assert!(!is_whole(&cut), "{how} {more} looks whole");
            }
        }
        let empty = ask("/empty", "");
        assert!(empty.starts_with("HTTP/1.1 200"), "{empty}");
        assert!(empty.contains("filename=\"file.txt\""), "{empty}");
        let refused = ask("/refused-at-once", "");
        assert!(refused.starts_with("HTTP/1.1 409"), "{refused}");
        let broken = ask("/panic-at-once", "");
        assert!(broken.starts_with("HTTP/1.1 500"), "{broken}");
        assert!(broken.contains("application/problem+json") && !broken.contains("planned"));
        files.stop();
        // What a panic left behind does not disturb the next.
        t.db.ready().unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(auditor.get("/api/v1/ledger/export").status, 200);
    }

    fn a_reader_that_takes_nothing_is_given_up(t: &Harness) {
        let mut config = t.config();
        config.server.request_timeout_seconds = 2;
        let web = t.serve_with(config);
        let auditor = web.with_role("Audra", Role::Auditor);
        let files = Files::serve(&web);
        let mut idle = ask(&files.url, "/never", &auditor, "");
        // Else it would hold its snapshot, and a connection to the database, for ever.
        let waited = (0..400).find(|_| {
            std::thread::sleep(Duration::from_millis(50));
            files.stopped.load(Ordering::SeqCst)
        });
        assert!(waited.is_some(), "it is still written");
        let mut rest = Vec::new();
        drop(idle.read_to_end(&mut rest));
        assert!(!rest.is_empty() && !is_whole(&String::from_utf8_lossy(&rest)));
        files.stop();
    }

    fn a_reader_that_drips_is_given_up(t: &Harness) {
        let mut config = t.config();
        config.server.stream_timeout_seconds = 2;
        let web = t.serve_with(config);
        let auditor = web.with_role("Audra", Role::Auditor);
        let files = Files::serve(&web);
        let mut slow = ask(&files.url, "/never", &auditor, "");
        let mut bytes = [0; 16 * 1024];
        // Never long enough without taking any to be given up for that.
        let waited = (0..400).find(|_| {
            std::thread::sleep(Duration::from_millis(50));
            let over = matches!(slow.read(&mut bytes), Ok(0) | Err(_));
            over || files.stopped.load(Ordering::SeqCst)
        });
        assert!(waited.is_some() && files.stopped.load(Ordering::SeqCst), "it is still written");
        drop(slow);
        files.stop();
    }

    fn so_many_are_read_at_once_that_others_find_a_connection(t: &Harness) {
        let web = t.serve();
        let auditor = web.with_role("Audra", Role::Auditor);
        let files = Files::serve(&web);
        // Of four connections one; and one for what is open to everybody.
        let mut held = ask(&files.url, "/never", &auditor, "");
        held.read_exact(&mut [0; 12]).expect("it has begun");
        let full = auditor.get("/api/v1/ledger/export");
        full.refused(429, "too_many_requests");
        assert!(full.header("retry-after").is_some());
        // Who may not read it hears that, and takes no place.
        web.anonymous().get("/api/v1/ledger/export").refused(401, "unauthenticated");
        auditor.get("/api/v1/me").ok();
        web.anonymous().get("/api/v1/public/360giving").ok();
        drop(held);
        let free = (0..400).find(|_| {
            std::thread::sleep(Duration::from_millis(50));
            auditor.get("/api/v1/ledger/export").status == 200
        });
        assert!(free.is_some(), "who left still has their place");
        files.stop();
    }

    fn an_export_over_what_cannot_be_read_is_cut_off(t: &Harness) {
        let room = Room::new(t);
        history(&room, 700);
        let web = t.serve();
        let auditor = web.with_role("Audra", Role::Auditor);
        let path = "/api/v1/ledger/export?format=jsonl&book=both";
        let whole = raw(&web.url, path, &auditor, "");
        assert!(is_whole(&whole) && whole.len() > 200_000, "{}", whole.len());
        // The last day of all, in a chunk of entries after the first.
        let newest = room.read(|conn| {
            let page = almoner::kernel::page::PageQuery { limit: Some(1), after: None };
            let filter = Default::default();
            almoner::ledger::service::entries(conn, &room.ctx, &filter, &page.checked()?)
        });
        let entry = room.lit(newest.items[0].id.uuid());
        room.sql(match t.side {
            Side::Sqlite => "DROP TRIGGER ledger_entries_no_update",
            Side::Postgres => "DROP TRIGGER ledger_entries_no_update ON ledger_entries",
        })
        .expect("it is there");
        room.sql(&format!("UPDATE ledger_entries SET kind = 'nosuch' WHERE id = {entry}"))
            .expect("nothing refuses it any more");
        let cut = raw(&web.url, path, &auditor, "");
        assert!(has_begun(&cut) && !is_whole(&cut), "{cut}");
        assert!(cut.len() < whole.len(), "{}", cut.len());
    }
}

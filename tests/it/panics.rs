//! A panic is a 500 problem and one line of the log, which says where and nothing that was typed.

use crate::support::Harness;
use crate::support::web::Client;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use almoner::kernel::ids::IdSource;
use almoner::kernel::time::Clock;
use almoner::platform::authz::Action;
use almoner::platform::config::{Config, log};
use almoner::platform::http::{self, Body, Caller, Done, edge};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// What nobody should find in a log.
const TYPED: &str = "what-somebody-typed";
/// Names the program of [`as_a_program`], for itself.
const ITSELF: &str = "ALMONER_TEST_PANICS";

async fn planted(app: http::App, caller: Caller, how: web::Path<String>) -> HttpResponse {
    let action = Action::GetCall;
    match how.as_str() {
        "handler" => panic!("{TYPED} in a handler"),
        "reading" => http::query(&app, caller, action, |_, _| panic!("{TYPED} in a read")).await,
        "file" => {
            let name = "file.txt".to_owned();
            let write = |_: &mut _, _: &_, _: &mut dyn std::io::Write| panic!("{TYPED} in a file");
            let action = Action::ExportPublicGrants;
            http::stream(&app, caller, action, "text/plain", name, write).await
        }
        _ => HttpResponse::Ok().body("well"),
    }
}

async fn written(app: http::App, caller: Caller, body: Body<Value>) -> HttpResponse {
    let write = |_: &mut _, _: &_, _: &Value| -> almoner::kernel::Result<Done> {
        panic!("{TYPED} in a write")
    };
    http::command(&app, caller, Action::Login, body, write).await
}

/// Not a test by itself: the program that panics, started by the one below.
#[test]
fn as_a_program() {
    if std::env::var_os(ITSELF).is_none() {
        return;
    }
    let config = Config::load(None).expect("settings");
    let clock = Clock::system();
    log::init(&config.log, &clock).expect("a log");
    let db = almoner::app::database(&config).expect("a database");
    let env = almoner::app::environment(config, clock, IdSource::system()).expect("an environment");
    let state = almoner::app::state(env, db);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nlistens on http://{address}").expect("said");
    out.flush().expect("said");
    actix_web::rt::System::new().block_on(async move {
        let app = move || {
            App::new()
                .app_data(state.clone())
                .wrap(from_fn(edge::edge))
                .route("/{how}", web::get().to(planted))
                .route("/{how}", web::post().to(written))
        };
        let server = HttpServer::new(app).workers(1).listen(listener).expect("it starts");
        server.run().await.expect("it serves");
    });
}

struct Running(Child);
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

both! {
    fn a_panic_is_a_500_and_one_line(t: &Harness) {
        drop(t.serve());
        let log = t.dir().join("log");
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .args(["--exact", "panics::as_a_program", "--nocapture", "--test-threads", "1"])
            .env(ITSELF, "1")
            .env("ALMONER__DATA_DIR", t.dir())
            .env("ALMONER__DATABASE__URL", &t.url)
            .env("ALMONER__LOG__LEVEL", "info")
            .env("ALMONER__LOG__FORMAT", "json")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).expect("a file"));
        let mut child = command.spawn().expect("it starts");
        let said = BufReader::new(child.stdout.take().expect("a pipe"));
        let running = Running(child);
        let line = said.lines().map_while(Result::ok).find(|line| line.contains("http://"));
        let url = line.expect("it listens").rsplit(' ').next().expect("an address").to_owned();
        let nobody = Client::new(url, None);
        let asked = [
            ("handler", nobody.get("/handler")),
            ("reading", nobody.get("/reading")),
            ("writing", nobody.post("/writing", json!({ "typed": TYPED }))),
            ("file", nobody.get("/file")),
        ];
        assert_eq!(nobody.get("/well").text(), "well", "it goes on");
        drop(running);
        let log = std::fs::read_to_string(&log).expect("a log");
        let lines: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
            .collect();
        assert!(!log.contains(TYPED), "{log}");
        for (how, reply) in &asked {
            let problem = reply.refused(500, "internal");
            assert!(!reply.text().contains(TYPED), "{how}");
            let id = reply.header("x-request-id").expect("an id");
            assert_eq!(problem["request_id"], id, "{how}");
            let of = |l: &&Value| l["request_id"] == id;
            let errors: Vec<&Value> =
                lines.iter().filter(of).filter(|l| l["level"] == "ERROR").collect();
            assert_eq!(errors.len(), 1, "{how}: {log}");
            let place = errors[0]["place"].as_str().unwrap_or_default();
            assert!(place.contains("panics.rs:"), "{how}: {place}");
            assert!(lines.iter().filter(of).any(|l| l["message"] == "answered"), "{how}");
        }
        let errors = lines.iter().filter(|l| l["level"] == "ERROR").count();
        assert_eq!(errors, asked.len(), "one to each, and no other: {log}");
    }
}

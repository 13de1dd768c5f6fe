//! The front door: the whole service on a port of its own, and people who use it over HTTP.

use super::Harness;
use super::device::{self, Device};
use almoner::app;
use almoner::kernel::actor::{Role, Roles};
use almoner::kernel::ids::PersonId;
use almoner::people;
use almoner::people::model::{Login, PasswordHash, Shown, Tokens};
use almoner::platform::auth::password;
use almoner::platform::auth::totp::Secret;
use almoner::platform::config::{Config, Limit, MailTransport};
use almoner::platform::context::{Ctx, Env};
use almoner::platform::db::Db;
use almoner::platform::http::App;
use almoner::web;
use serde_json::{Value, json};
use std::cell::Cell;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::JoinHandle;

/// The password of everybody whom [`Web::person`] makes.
pub const PASSWORD: &str = "a long walk along the quiet river";

/// A running service.
pub struct Web {
    pub url: String,
    pub app: App,
    made: AtomicU32,
    named: AtomicU32,
    handle: actix_web::dev::ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Harness {
    /// The settings of a test: mail goes to a folder, tokens outlive any jump of the clock.
    pub fn config(&self) -> Config {
        let mut config = Config::for_folder(self.dir());
        config.database.url = almoner::platform::config::Secret::new(self.url.as_str());
        config.database.pool_size = 4;
        config.server.workers = 1;
        config.auth.access_token_minutes = 60 * 24 * 3650;
        // The clock jumps, and each jump asks for another code: more than people ever type.
        config.auth.limits.account = Limit { burst: 10_000, per_hour: 10_000 };
        config.auth.limits.work = Limit { burst: 10_000, per_hour: 10_000 };
        config.mail.transport = MailTransport::Folder;
        config
    }
    /// Starts the service on this test's database, without a worker: see [`Web::work`].
    pub fn serve(&self) -> Web {
        self.serve_with(self.config())
    }
    /// The same with other settings.
    pub fn serve_with(&self, config: Config) -> Web {
        self.serve_on(config, self.db.clone())
    }
    /// The same over these connections.
    pub fn serve_on(&self, config: Config, db: Db) -> Web {
        let env = app::environment(config, self.clock.clone(), self.ids.clone());
        let env = env.unwrap_or_else(|p| panic!("{p}"));
        let app = app::state(env, db);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (sender, receiver) = mpsc::channel();
        let state = app.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = web::bind(state, listener).expect("it starts");
                let told = (server.address(), server.handle());
                sender.send(told).expect("the test waits");
                server.run().await.expect("it serves");
            });
        });
        let (address, handle) = receiver.recv().expect("the server came up");
        let url = format!("http://{address}");
        Web {
            url,
            app,
            made: AtomicU32::new(0),
            named: AtomicU32::new(0),
            handle,
            thread: Some(thread),
        }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let stop = self.handle.stop(true);
        super::block_on(stop);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Argon2 takes its time: once is enough for all people of all tests.
fn hash() -> PasswordHash {
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| password::hash_now(PASSWORD).expect("it hashes"));
    PasswordHash(hash.clone())
}

impl Web {
    /// What the service was started with.
    pub fn env(&self) -> &Arc<Env> {
        &self.app.env
    }
    /// The service itself, as it acts in jobs.
    pub fn system(&self) -> Ctx {
        Ctx::system(self.env(), "test")
    }
    /// A number that nothing else of this service has: the same on every run.
    pub fn number(&self) -> u32 {
        self.named.fetch_add(1, Ordering::SeqCst)
    }
    /// Somebody who has not signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.url.clone(), None)
    }
    /// A confirmed person without roles, signed in.
    pub fn person(&self, name: &str) -> Client {
        self.with_roles(name, &[])
    }
    /// A confirmed person with one role, signed in.
    pub fn with_role(&self, name: &str, role: Role) -> Client {
        self.with_roles(name, &[role])
    }
    /// A confirmed person with these roles, signed in; with a second factor if a role needs it.
    pub fn with_roles(&self, name: &str, roles: &[Role]) -> Client {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let email = format!("{}-{number}@example.org", name.to_lowercase().replace(' ', "."));
        self.with_address(&email, name, roles)
    }
    /// A confirmed person with this address, who belongs where it says.
    pub fn with_address(&self, email: &str, name: &str, roles: &[Role]) -> Client {
        let roles: Roles = roles.iter().copied().collect();
        let system = self.system();
        let made = self.app.db.write_now("test.person", |conn| {
            people::service::ensure(conn, &system, email, name, Some(hash()), roles)
        });
        let (id, _) = made.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
        self.known(id, email, roles.iter().any(Role::needs_factor))
    }
    /// Somebody who has an account, signed in; with a second factor where one is needed.
    pub fn known(&self, id: PersonId, email: &str, factor: bool) -> Client {
        let mut client = Client::new(self.url.clone(), None);
        (client.person, client.email) = (Some(id), email.into());
        let secret = factor.then(|| self.factor_for(id));
        client.device = Some(Arc::new(Device::new(self.env().clock.clone(), secret)));
        self.sign_in(client)
    }
    fn factor_for(&self, id: PersonId) -> Secret {
        let system = self.system();
        let made = self
            .app
            .db
            .write_now("test.factor", |conn| people::service::ensure_factor(conn, &system, id));
        made.unwrap_or_else(|p| panic!("{p}"))
    }
    /// The same person in a session of its own, the factor shown just now.
    pub fn sign_in(&self, mut client: Client) -> Client {
        let tokens = self.begin(&client).unwrap_or_else(|p| panic!("{p}"));
        client.token = Some(tokens.access_token.to_string());
        client
    }
    fn begin(&self, client: &Client) -> almoner::kernel::Result<Tokens> {
        let mut ctx = self.system();
        ctx.actor = almoner::kernel::actor::Actor::Anonymous;
        let db = &self.app.db;
        let login = db.write_now("test.sign_in", |conn| {
            let person = people::service::account(conn, &client.email)?.expect("made");
            people::service::begin_session(conn, &ctx, &person)
        })?;
        let waits = match login {
            Login::Begun(tokens) => return Ok(tokens),
            Login::Waits(waits, _) => waits,
        };
        let code = client.device.as_ref().and_then(|d| d.code()).expect("a code is left");
        let shown = Shown::Code(code.into());
        db.write_now("test.factor", |conn| {
            let waiting = people::service::waiting(conn, &ctx, &waits)?;
            people::service::pass_factor(conn, &ctx, &waiting, &shown)
        })?
    }
    /// Somebody who logged in over HTTP, with a device of their own for when one is asked for.
    pub fn holding(&self, token: &str) -> Client {
        let mut client = Client::new(self.url.clone(), Some(token.to_owned()));
        client.device = Some(Arc::new(Device::new(self.env().clock.clone(), None)));
        client
    }
    /// Does all background work that is due; how many jobs.
    pub fn work(&self) -> usize {
        app::runner(&self.app).run_until_idle().unwrap_or_else(|p| panic!("{p}"))
    }
}

/// Somebody who uses the service.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
    pub token: Option<String>,
    pub(super) person: Option<PersonId>,
    pub email: String,
    /// Where there is one, it answers when a factor is asked for.
    pub device: Option<Arc<Device>>,
}

thread_local! { static KEYS: Cell<u64> = const { Cell::new(0) }; }
static THREADS: AtomicU32 = AtomicU32::new(0);

/// A new idempotency key on each call.
pub fn new_key() -> String {
    thread_local! { static THREAD: u32 = THREADS.fetch_add(1, Ordering::SeqCst); }
    KEYS.set(KEYS.get() + 1);
    THREAD.with(|thread| format!("key-{thread}-{}", KEYS.get()))
}

impl Client {
    pub fn new(url: String, token: Option<String>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build()
            .into();
        Self { agent, url, token, person: None, email: String::new(), device: None }
    }
    /// The same session, which shows its factor only when told to.
    pub fn bare(&self) -> Self {
        Self { device: None, ..self.clone() }
    }
    /// Their device.
    pub fn device(&self) -> &Device {
        self.device.as_ref().expect("only people have devices")
    }
    /// Who it is.
    pub fn id(&self) -> PersonId {
        self.person.expect("only people have ids")
    }
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }
    /// A POST with a key of its own.
    pub fn post(&self, path: &str, body: Value) -> Reply {
        self.post_key(path, &new_key(), body)
    }
    /// A POST with this key.
    pub fn post_key(&self, path: &str, key: &str, body: Value) -> Reply {
        self.send("POST", path, &[("Idempotency-Key", key)], Some(body.to_string().into_bytes()))
    }
    /// A POST with an empty object.
    pub fn command(&self, path: &str) -> Reply {
        self.post(path, json!({}))
    }
    /// The same to what is at the path before the act, as it reads now.
    pub fn command_as_read(&self, path: &str) -> Reply {
        let (read, _) = path.rsplit_once('/').expect("an act");
        let etag = self.get(read).etag().to_owned();
        self.send("POST", path, &[("If-Match", &etag)], Some(b"{}".to_vec()))
    }
    /// A PATCH of a version.
    pub fn patch(&self, path: &str, etag: &str, body: Value) -> Reply {
        self.send("PATCH", path, &[("If-Match", etag)], Some(body.to_string().into_bytes()))
    }
    pub fn put(&self, path: &str, body: Value) -> Reply {
        self.send("PUT", path, &[], Some(body.to_string().into_bytes()))
    }
    pub fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], None)
    }
    /// Anything at all. A body is said to be JSON unless the headers say otherwise. Where it asks
    /// for a second factor, the device shows one and it is sent again, as people do.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Reply {
        let Some(device) = &self.device else { return self.once(method, path, headers, body) };
        let reply = self.once(method, path, headers, body.clone());
        match device::asked(&reply) {
            Some(refusal) if device.satisfy(&self.bare(), &refusal) => {
                self.once(method, path, headers, body)
            }
            _ => reply,
        }
    }
    fn once(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Reply {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let typed = headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !typed {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(bytes) => self.agent.run(request.body(bytes).expect("a request")),
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        // Sessions are tokens in a header: a cookie would let other sites act for somebody.
        assert!(!answer.headers().contains_key("set-cookie"), "{method} {path} sets a cookie");
        let headers = answer
            .headers()
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_str().unwrap_or_default().to_owned()))
            .collect();
        let bytes = answer.body_mut().with_config().limit(1 << 30).read_to_vec();
        Reply {
            asked: format!("{method} {path}"),
            status: answer.status().as_u16(),
            headers,
            bytes: bytes.expect("a whole answer"),
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    asked: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, v)| v.as_str())
    }
    /// The version that it has.
    pub fn etag(&self) -> &str {
        self.header("etag").unwrap_or_else(|| panic!("{}: no ETag: {}", self.asked, self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
    /// The JSON that it holds; null where there is none.
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|e| panic!("{}: {e}: {}", self.asked, self.text()))
    }
    /// It went well.
    #[track_caller]
    pub fn ok(&self) -> Value {
        let good = (200..300).contains(&self.status);
        assert!(good, "{} answered {}: {}", self.asked, self.status, self.text());
        self.json()
    }
    /// It made something: its id.
    #[track_caller]
    pub fn id(&self) -> String {
        let made = self.ok();
        made["id"].as_str().unwrap_or_else(|| panic!("{}: no id in {made}", self.asked)).into()
    }
    /// It was refused with this status and code; the problem.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let text = self.text();
        assert_eq!(self.status, status, "{} answered {}: {text}", self.asked, self.status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{text}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}: {text}", self.asked);
        problem
    }
    /// It was refused because of these fields, in this order.
    #[track_caller]
    pub fn wrong_fields(&self, pointers: &[&str]) -> Value {
        let problem = self.refused(422, "invalid");
        let fields = problem["fields"].as_array().cloned().unwrap_or_default();
        let found: Vec<&str> = fields.iter().filter_map(|f| f["pointer"].as_str()).collect();
        assert_eq!(found, pointers, "{}: {problem}", self.asked);
        problem
    }
}

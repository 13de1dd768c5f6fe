//! A mail server to test against: it does as it is told, also badly.

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Where in the conversation something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Greeting,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    /// The `DATA` command.
    Data,
    /// After the first bytes of the mail.
    Content,
    /// After the whole mail, before the answer to it.
    End,
    Quit,
}

/// What happens there, in place of the proper answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Reply(&'static str),
    /// Says nothing more.
    Hang,
    /// Says a byte now and then, and never an end of line.
    Drip,
    /// Closes the connection.
    Drop,
    /// The proper answer, after so many milliseconds.
    #[allow(dead_code, reason = "each program needs a part of it")]
    Wait(u64),
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub from: String,
    pub to: Vec<String>,
    pub bytes: Vec<u8>,
    /// Whether the conversation was encrypted.
    pub tls: bool,
    /// User and password, if a login was made.
    pub login: Option<(String, String)>,
}

/// How the server protects its conversations.
#[derive(Clone)]
pub enum Guard {
    Plain,
    Starttls(Arc<ServerConfig>),
    Tls(Arc<ServerConfig>),
}

pub struct Smtp {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    listening: Option<JoinHandle<()>>,
}

struct Inner {
    guard: Guard,
    /// What to do wrong, for one connection after the other; the last holds for all further ones.
    script: Mutex<Vec<Option<(At, Deed)>>>,
    taken: Mutex<Vec<Taken>>,
    connections: AtomicUsize,
    stop: AtomicBool,
}

impl Smtp {
    /// A server without faults or encryption.
    pub fn start() -> Self {
        Self::with(Guard::Plain, vec![None])
    }
    /// A server that does one thing wrong each time.
    pub fn that(at: At, deed: Deed) -> Self {
        Self::with(Guard::Plain, vec![Some((at, deed))])
    }
    pub fn with(guard: Guard, mut script: Vec<Option<(At, Deed)>>) -> Self {
        script.reverse();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let inner = Arc::new(Inner {
            guard,
            script: Mutex::new(script),
            taken: Mutex::default(),
            connections: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        });
        let shared = inner.clone();
        let listening = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.stop.load(Ordering::SeqCst) {
                    return;
                }
                let (stream, shared) = (stream.expect("a connection"), shared.clone());
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, inner, listening: Some(listening) }
    }
    /// The mails that it has taken.
    pub fn taken(&self) -> Vec<Taken> {
        self.inner.taken.lock().expect("not poisoned").clone()
    }
    pub fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.inner.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(listening) = self.listening.take() {
            listening.join().expect("the server did not panic");
        }
    }
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// A conversation ends: in good order, or because something is wrong with the connection.
struct Over;
impl From<std::io::Error> for Over {
    fn from(_: std::io::Error) -> Self {
        Over
    }
}

struct Talk<'a> {
    inner: &'a Inner,
    stream: Box<dyn Stream>,
    fault: Option<(At, Deed)>,
    mail: Taken,
}

impl Inner {
    fn serve(&self, tcp: TcpStream) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let fault = {
            let mut script = self.script.lock().expect("not poisoned");
            if script.len() > 1 { script.pop().flatten() } else { script[0] }
        };
        let spare = tcp.try_clone().expect("a second handle");
        let nothing =
            Taken { from: String::new(), to: vec![], bytes: vec![], tls: false, login: None };
        let mut talk = Talk { inner: self, stream: Box::new(tcp), fault, mail: nothing };
        if let Guard::Tls(config) = &self.guard {
            talk.encrypt(spare.try_clone().expect("a handle"), config);
        }
        let _ = talk.run(&spare);
    }
}

impl Talk<'_> {
    fn encrypt(&mut self, tcp: TcpStream, config: &Arc<ServerConfig>) {
        let session = ServerConnection::new(config.clone()).expect("a good configuration");
        self.stream = Box::new(StreamOwned::new(session, tcp));
        self.mail.tls = true;
    }

    fn run(&mut self, spare: &TcpStream) -> Result<(), Over> {
        self.answer(At::Greeting, "220 test ESMTP")?;
        loop {
            let line = self.line()?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => self.answer(At::Ehlo, &self.hello())?,
                "STARTTLS" => {
                    let Guard::Starttls(config) = &self.inner.guard else { return Err(Over) };
                    self.say("220 go ahead")?;
                    self.encrypt(spare.try_clone()?, config);
                }
                "AUTH" => {
                    self.mail.login = login(&line);
                    self.answer(At::Auth, "235 welcome")?;
                }
                "MAIL" => {
                    self.mail.from = line;
                    self.answer(At::Mail, "250 ok")?;
                }
                "RCPT" => {
                    self.mail.to.push(line);
                    self.answer(At::Rcpt, "250 ok")?;
                }
                "DATA" => {
                    self.answer(At::Data, "354 go on")?;
                    self.content()?;
                    self.answer(At::End, "250 taken")?;
                    self.inner.taken.lock().expect("not poisoned").push(self.mail.clone());
                }
                "QUIT" => return self.answer(At::Quit, "221 bye"),
                other => panic!("unexpected command {other}"),
            }
        }
    }

    fn hello(&self) -> String {
        let starttls = match (&self.inner.guard, self.mail.tls) {
            (Guard::Starttls(_), false) => "250-STARTTLS\r\n",
            _ => "",
        };
        format!("250-test\r\n{starttls}250-AUTH PLAIN LOGIN\r\n250 8BITMIME")
    }

    /// The proper answer, or what the script has for this place.
    fn answer(&mut self, at: At, proper: &str) -> Result<(), Over> {
        match self.fault.filter(|(place, _)| *place == at).map(|(_, deed)| deed) {
            None => self.say(proper),
            Some(Deed::Reply(reply)) => {
                self.say(reply)?;
                // What was refused is not followed by what would have been.
                if at == At::Data || at == At::End { Err(Over) } else { Ok(()) }
            }
            Some(Deed::Wait(ms)) => {
                std::thread::sleep(Duration::from_millis(ms));
                self.say(proper)
            }
            Some(Deed::Drop) => Err(Over),
            Some(Deed::Hang) => self.idle(""),
            Some(Deed::Drip) => self.idle("2"),
        }
    }

    fn idle(&mut self, now_and_then: &str) -> Result<(), Over> {
        while !self.inner.stop.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
            self.stream.write_all(now_and_then.as_bytes())?;
            self.stream.flush()?;
        }
        Err(Over)
    }

    fn say(&mut self, line: &str) -> Result<(), Over> {
        self.stream.write_all(format!("{line}\r\n").as_bytes())?;
        Ok(self.stream.flush()?)
    }

    fn byte(&mut self) -> Result<u8, Over> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn line(&mut self) -> Result<String, Over> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.byte()?);
        }
        line.truncate(line.len() - 2);
        String::from_utf8(line).map_err(|_| Over)
    }

    fn content(&mut self) -> Result<(), Over> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n.\r\n") {
            bytes.push(self.byte()?);
            if bytes.len() == 20 && self.fault == Some((At::Content, Deed::Drop)) {
                return Err(Over);
            }
        }
        bytes.truncate(bytes.len() - 3);
        // Undo the doubling of dots (RFC 5321 section 4.5.2).
        let text = String::from_utf8(bytes).expect("what we send is ASCII");
        self.mail.bytes = text.replace("\r\n..", "\r\n.").into_bytes();
        Ok(())
    }
}

fn login(line: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    let coded = line.strip_prefix("AUTH PLAIN ")?;
    let plain = base64::engine::general_purpose::STANDARD.decode(coded).ok()?;
    let plain = String::from_utf8(plain).ok()?;
    let mut parts = plain.split('\0').skip(1);
    Some((parts.next()?.into(), parts.next()?.into()))
}

/// A certificate authority of our own, and what it gave a server called `localhost`.
pub struct Authority {
    /// For clients: the authority's certificate.
    pub root: String,
    /// For servers: their certificate and key.
    pub certificate: String,
    pub key: String,
    pub server: Arc<ServerConfig>,
}

pub fn authority() -> Authority {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    let mut params = CertificateParams::new(vec![]).expect("no names");
    // Another name than the server's: OpenSSL takes a certificate that names itself as its issuer
    // for one that nobody has signed.
    params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let root = params.self_signed(&key).expect("a certificate").pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".into()]).expect("a name");
    let leaf = params.signed_by(&own, &issuer).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .expect("a key that fits");
    let (certificate, key) = (leaf.pem(), own.serialize_pem());
    Authority { root, certificate, key, server: Arc::new(server) }
}

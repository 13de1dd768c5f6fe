//! The conversation with a mail server (RFC 5321), bounded in time as a whole.

use super::Unsent;
use crate::platform::config::{ConfigError, Smtp as Settings, SmtpSecurity, wrong};
use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::time::timeout;

/// How long a server may take to say goodbye; the mail is in its hands by then.
const GOODBYE: Duration = Duration::from_secs(1);

/// Permanent replies that speak of our login or of encryption (RFC 4954 section 6): the mail is
/// well, the settings are not, so it waits for them to be put right.
const OUR_FAULT: [u16; 4] = [530, 534, 535, 538];

pub(super) struct Smtp {
    host: String,
    port: u16,
    security: SmtpSecurity,
    tls: Option<TlsParameters>,
    login: Option<Credentials>,
    timeout: Duration,
}

impl Smtp {
    pub(super) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let tls = match settings.security {
            SmtpSecurity::None => None,
            SmtpSecurity::Starttls | SmtpSecurity::Tls => Some(tls(settings)?),
        };
        let (user, password) = (&settings.username, settings.password.expose());
        let login = || Credentials::new(user.clone(), password.to_owned());
        Ok(Self {
            host: settings.host.clone(),
            port: settings.port,
            security: settings.security,
            tls,
            login: (!user.is_empty()).then(login),
            timeout: Duration::from_secs(settings.timeout_seconds),
        })
    }

    /// Says hello, logs in, and says goodbye.
    pub(super) fn probe(&self) -> Result<(), Unsent> {
        self.bounded(async {
            let late = |_| Unsent::Later(format!("no answer within {} s", self.timeout.as_secs()));
            let greeted = timeout(self.timeout, self.greet()).await.map_err(late)?;
            let mut server = greeted.map_err(|e| Unsent::Later(e.to_string()))?;
            drop(timeout(GOODBYE, server.quit()).await);
            Ok(())
        })
    }

    /// Sends it, or tells whether another try makes sense.
    pub(super) fn send(&self, message: &Message) -> Result<(), Unsent> {
        self.bounded(self.converse(message))
    }

    fn bounded(&self, talk: impl Future<Output = Result<(), Unsent>>) -> Result<(), Unsent> {
        // lettre's blocking client bounds each read, not their sum: a server that drips one byte
        // at a time would hold a worker for good. Hence the asynchronous one, under one timeout.
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| Unsent::Later(format!("no event loop: {e}")))?;
        let result = runtime.block_on(talk);
        // Without waiting: a name server that does not answer holds a thread of its own.
        runtime.shutdown_background();
        result
    }

    async fn converse(&self, message: &Message) -> Result<(), Unsent> {
        let body = message.formatted();
        let conversation = async {
            // Whatever goes wrong before the mail is offered says nothing about the mail.
            let mut server = self.greet().await.map_err(|e| Unsent::Later(e.to_string()))?;
            let sent = server.send(message.envelope(), &body).await.map_err(|e| judge(&e))?;
            // Only this says that it has taken the mail; a server out of step says other things.
            if sent.code().severity == Severity::PositiveCompletion {
                Ok(server)
            } else {
                Err(Unsent::Later(format!("an answer out of place ({})", sent.code())))
            }
        };
        let late = |_| Unsent::Later(format!("no answer within {} s", self.timeout.as_secs()));
        let mut server = timeout(self.timeout, conversation).await.map_err(late)??;
        // Its goodbye changes nothing: it has taken the mail.
        drop(timeout(GOODBYE, server.quit()).await);
        Ok(())
    }

    async fn greet(&self) -> Result<AsyncSmtpConnection, Error> {
        let name = ClientId::default();
        let address = (self.host.as_str(), self.port);
        let from_start = match self.security {
            SmtpSecurity::Tls => self.tls.clone(),
            SmtpSecurity::Starttls | SmtpSecurity::None => None,
        };
        let wait = Some(self.timeout);
        let mut server =
            AsyncSmtpConnection::connect_tokio1(address, wait, &name, from_start, None).await?;
        if let (SmtpSecurity::Starttls, Some(tls)) = (self.security, &self.tls) {
            server.starttls(tls.clone(), &name).await?;
        }
        if let Some(login) = &self.login {
            server.auth(&[Mechanism::Plain, Mechanism::Login], login).await?;
        }
        Ok(server)
    }
}

/// Trusts the public authorities, and those of `ca_file`.
fn tls(settings: &Settings) -> Result<TlsParameters, ConfigError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    let file = &settings.ca_file;
    if !file.as_os_str().is_empty() {
        let unread = |e: String| wrong("mail.smtp.ca_file", format!("{}: {e}", file.display()));
        let pem = std::fs::read(file).map_err(|e| unread(e.to_string()))?;
        let authority = Certificate::from_pem(&pem).map_err(|e| unread(e.to_string()))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|e| wrong("mail.smtp.host", e))
}

/// Only a lasting refusal of this very mail is final.
fn judge(error: &Error) -> Unsent {
    let code = error.status().map(u16::from);
    if error.is_permanent() && !code.is_some_and(|c| OUR_FAULT.contains(&c)) {
        Unsent::Never(error.to_string())
    } else {
        Unsent::Later(error.to_string())
    }
}

//! From a request to a use-case and back: who calls, what they sent, how they are answered.
//!
//! A handler is one call of [`command`] (a write: idempotency key, one transaction, stored
//! answer) or [`query`] (a read: one snapshot). Both find out who calls inside that same
//! transaction, and pass the policy's gate before the use-case runs. The edge ([`edge`]) puts the
//! request id, the time limit, the security headers and the log line around every answer.

mod answer;
mod asked;
mod body;
mod caller;
mod command;
mod connection;
mod cors;
mod download;
pub mod edge;
mod forwarded;
pub mod metrics;
mod objects;
mod protocol;
mod routes;
mod state;
mod stream;
mod upload;

pub use answer::{Done, File, Problems, malformed_path};
pub use asked::Query;
pub use body::{Body, Empty};
pub use caller::{Caller, Credential, Identity};
pub use command::{command, found_command, open_command, query, respond, staged_command};
pub use connection::{Patience, watch};
pub use download::{Download, download};
pub use edge::{PAGE_POLICY, Served};
pub use routes::Routes;
pub use state::{App, State};
pub use stream::{Places, stream};
pub use upload::{Inspect, Received, Terms, Upload, upload};

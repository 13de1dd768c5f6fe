//! Long answers, written while they are read: constant memory on our side.

use super::answer::problem_response;
use super::caller::Caller;
use super::command::guarded;
use super::state::{App, State};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::platform::auth::limits::Door;
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::panics::{self, Behalf};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, http::header};
use futures_util::{Stream, StreamExt as _};
use std::cell::Cell;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot};

/// Bytes to a chunk; at most [`WAITING`] of them wait for a slow reader.
const CHUNK: usize = 64 * 1024;
const WAITING: usize = 4;

/// What the writing thread hands over.
enum Step {
    Chunk(Bytes),
    /// All of it was written. Where this is missing, for whatever reason, it was not.
    End,
}

/// Runs `write` in one snapshot and sends what it writes. What it refuses before the first chunk
/// is answered as a problem; a failure after that, a panic too, cuts the connection, so that
/// nobody takes half a file for a whole one. So does a reader that takes nothing for as long as a
/// request may take.
pub async fn stream<F>(
    app: &App,
    caller: Caller,
    action: Action,
    content_type: &'static str,
    name: String,
    write: F,
) -> HttpResponse
where
    F: Fn(&mut Conn, &Ctx, &mut dyn Write) -> Result<()> + Send + Sync + 'static,
{
    let request_id = caller.request_id.to_string();
    if !action.rule().pace.is_some_and(Door::is_work) {
        let unpaced = Problem::internal("the policy table sets no pace for what is streamed");
        return problem_response(&unpaced, Some(request_id));
    }
    let state: Arc<State> = app.clone().into_inner();
    let (chunks, mut receiver) = mpsc::channel::<Step>(WAITING);
    let (failed, failure) = oneshot::channel::<Problem>();
    let db = app.db.clone();
    let patience = Duration::from_secs(app.env.config.server.request_timeout_seconds);
    let behalf = Behalf::now();
    let work = move || {
        let sent = Cell::new(0u64);
        let result = db.read_now(action.as_str(), |conn| {
            // The database may ask to begin again, but what was sent cannot be called back.
            if sent.get() > 0 {
                return Err(Problem::internal("the snapshot was lost on the way"));
            }
            let ctx = caller.context(conn, &state)?;
            guarded(&state, &caller, &ctx, action, || Ok(()))?;
            let waiting = Vec::with_capacity(CHUNK);
            let mut sink = Sink { chunks: &chunks, patience, sent: &sent, waiting };
            write(conn, &ctx, &mut sink)?;
            sink.flush().map_err(Problem::internal)
        });
        // Both ends may be gone already when the reader has left: nothing to tell then.
        match result {
            Ok(()) => drop(chunks.blocking_send(Step::End)),
            Err(problem) => drop(failed.send(problem)),
        }
    };
    tokio::task::spawn_blocking(move || behalf.scope(work));
    let first = match receiver.recv().await {
        Some(Step::Chunk(first)) => Some(first),
        Some(Step::End) => None,
        None => return problem_response(&why(failure).await, Some(request_id)),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(content_type).insert_header((header::CONTENT_DISPOSITION, disposition));
    match first {
        Some(first) => {
            let first = futures_util::stream::once(async move { Ok(first) });
            response.streaming(first.chain(rest(receiver, failure, request_id)))
        }
        None => response.finish(),
    }
}

/// The chunks after the first, up to the end; an error where there is none.
fn rest(
    receiver: mpsc::Receiver<Step>,
    failure: oneshot::Receiver<Problem>,
    request_id: String,
) -> impl Stream<Item = io::Result<Bytes>> {
    let open = Some((receiver, failure, request_id));
    futures_util::stream::unfold(open, |open| async move {
        let (mut receiver, failure, request_id) = open?;
        match receiver.recv().await {
            Some(Step::Chunk(chunk)) => Some((Ok(chunk), Some((receiver, failure, request_id)))),
            Some(Step::End) => None,
            None => {
                let problem = why(failure).await;
                if !panics::is_told(&problem) {
                    let cause = problem.cause().map(ToString::to_string).unwrap_or_default();
                    tracing::error!(request_id, cause, "a file was cut off: {}", problem.detail());
                }
                Some((Err(io::ErrorKind::Other.into()), None))
            }
        }
    })
}

/// Why the writing ended before its end.
async fn why(failure: oneshot::Receiver<Problem>) -> Problem {
    failure.await.unwrap_or_else(|_| panics::problem())
}

struct Sink<'s> {
    chunks: &'s mpsc::Sender<Step>,
    /// How long a reader may take nothing: the snapshot is held meanwhile.
    patience: Duration,
    /// Chunks that were sent.
    sent: &'s Cell<u64>,
    waiting: Vec<u8>,
}
impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.waiting, Vec::with_capacity(CHUNK));
        let send = self.chunks.send_timeout(Step::Chunk(chunk.into()), self.patience);
        tokio::runtime::Handle::current().block_on(send).map_err(|e| match e {
            SendTimeoutError::Timeout(_) => io::Error::from(io::ErrorKind::TimedOut),
            SendTimeoutError::Closed(_) => io::Error::from(io::ErrorKind::BrokenPipe),
        })?;
        self.sent.set(self.sent.get() + 1);
        Ok(())
    }
}

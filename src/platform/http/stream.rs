//! Long answers, written while they are read: constant memory on our side.

use super::answer::problem_response;
use super::caller::Caller;
use super::command::{counted, guarded};
use super::state::{App, State};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Stopwatch;
use crate::platform::auth::limits::Door;
use crate::platform::authz::{Action, Allow};
use crate::platform::context::Ctx;
use crate::platform::db::{Conn, idle_for};
use crate::platform::panics::{self, Behalf};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, http::header};
use futures_util::{Stream, StreamExt as _};
use std::cell::Cell;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

/// Bytes to a chunk; at most [`WAITING`] of them wait for a slow reader.
const CHUNK: usize = 64 * 1024;
const WAITING: usize = 4;
/// Seconds after which to ask again where no place is free.
const LATER: u32 = 10;

/// How many long answers may be written at once: each holds a connection to the database for as
/// long as it is read. What is open to anyone has places of its own, so that strangers take none
/// from those who look after the books.
pub struct Places {
    open: Arc<Semaphore>,
    others: Arc<Semaphore>,
}

impl Places {
    /// Of so many connections a quarter for either, one at least.
    pub fn among(connections: u32) -> Self {
        let some = usize::try_from(connections / 4).unwrap_or(1).max(1);
        let places = || Arc::new(Semaphore::new(some));
        Self { open: places(), others: places() }
    }
    /// One of them, until it is dropped.
    fn take(&self, action: Action) -> Result<OwnedSemaphorePermit> {
        let open = action.rule().allow.contains(&Allow::Anyone);
        let places = if open { &self.open } else { &self.others };
        places.clone().try_acquire_owned().map_err(|_| {
            let detail = "As many such files as can be are being read at this moment.";
            Problem::new(Kind::TooManyRequests, detail).retry_after(LATER)
        })
    }
}

/// Runs `write` in one snapshot and sends what it writes. What it refuses before the first chunk
/// is answered as a problem; a failure after that, a panic too, cuts the connection, so that
/// nobody takes half a file for a whole one. So does a reader that takes nothing for as long as a
/// request may take, or has to be waited for when `server.stream_timeout_seconds` are over.
/// Where no place is free, it is refused (429): see [`Places`].
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
    let place = place(app, &caller, action).await;
    let first = match place.and_then(|place| begin(app, caller, action, place, write)) {
        Ok(begun) => begun.next().await,
        Err(refused) => Err(refused),
    };
    let first = match first {
        Ok(first) => first,
        Err(problem) => return problem_response(&problem, Some(request_id)),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(content_type).insert_header((header::CONTENT_DISPOSITION, disposition));
    match first {
        Some((first, more)) => {
            let first = futures_util::stream::once(async move { Ok(first) });
            response.streaming(first.chain(rest(more, request_id)))
        }
        None => response.finish(),
    }
}

/// What comes from the writing thread.
struct Begun {
    chunks: mpsc::Receiver<Bytes>,
    /// How it ended. Where this never comes, it panicked.
    end: oneshot::Receiver<Result<()>>,
}

impl Begun {
    /// The next chunk, and what comes after it; none where all of it was written.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        match self.chunks.recv().await {
            Some(chunk) => Ok(Some((chunk, self))),
            None => self.end.await.unwrap_or_else(|_| Err(panics::problem())).map(|()| None),
        }
    }
}

/// A place, for who passes the gate: whoever does not takes none, and hears that.
async fn place(app: &App, caller: &Caller, action: Action) -> Result<OwnedSemaphorePermit> {
    let (state, asking): (Arc<State>, _) = (app.clone().into_inner(), caller.clone());
    let asked = app.db.read(action.as_str(), move |conn| {
        let ctx = asking.context(conn, &state)?;
        guarded(&state, &asking, &ctx, action, || state.places.take(action))
    });
    asked.await
}

/// Begins to write, on a thread of its own: a worker has few, which everybody else waits for.
fn begin<F>(
    app: &App,
    caller: Caller,
    action: Action,
    place: OwnedSemaphorePermit,
    write: F,
) -> Result<Begun>
where
    F: Fn(&mut Conn, &Ctx, &mut dyn Write) -> Result<()> + Send + Sync + 'static,
{
    if !action.rule().pace.is_some_and(Door::is_work) {
        return Err(Problem::internal("the policy table sets no pace for what is streamed"));
    }
    let state: Arc<State> = app.clone().into_inner();
    let (chunks, taken) = mpsc::channel(WAITING);
    let (ended, end) = oneshot::channel();
    let server = &app.env.config.server;
    let patience = Duration::from_secs(server.request_timeout_seconds);
    let most = Duration::from_secs(server.stream_timeout_seconds);
    let (behalf, runtime) = (Behalf::now(), Handle::current());
    let work = move || {
        let held = place;
        let (since, sent) = (Stopwatch::start(), Cell::new(0u64));
        let result = state.db.read_now(action.as_str(), |conn| {
            // The database may ask to begin again, but what was sent cannot be called back.
            if sent.get() > 0 {
                return Err(Problem::internal("the snapshot was lost on the way"));
            }
            idle_for(conn, most + patience)?;
            let ctx = caller.context(conn, &state)?;
            counted(&caller, &ctx, action, || Ok(()))?;
            let (chunks, sent, runtime, since) = (&chunks, &sent, &runtime, &since);
            let waiting = Vec::with_capacity(CHUNK);
            let mut sink = Sink { chunks, runtime, patience, since, most, sent, waiting };
            write(conn, &ctx, &mut sink)?;
            sink.flush().map_err(Problem::internal)
        });
        // Before its reader is told that it ended: they may ask for the next one at once.
        drop(held);
        // The reader may have left: nothing to tell then.
        drop(ended.send(result));
    };
    let begun = thread::Builder::new().name("stream".into()).spawn(move || behalf.scope(work));
    begun.map_err(|e| Problem::new(Kind::Unavailable, "No thread can be begun.").because(e))?;
    Ok(Begun { chunks: taken, end })
}

/// What comes after the first chunk, up to the end; an error where there is none.
fn rest(begun: Begun, request_id: String) -> impl Stream<Item = io::Result<Bytes>> {
    futures_util::stream::unfold(Some((begun, request_id)), |open| async move {
        let (begun, request_id) = open?;
        match begun.next().await {
            Ok(next) => next.map(|(chunk, more)| (Ok(chunk), Some((more, request_id)))),
            Err(problem) => {
                if !panics::is_told(&problem) {
                    let cause = problem.cause().map(ToString::to_string).unwrap_or_default();
                    tracing::error!(request_id, cause, "a file was cut off: {}", problem.detail());
                }
                Some((Err(io::ErrorKind::Other.into()), None))
            }
        }
    })
}

struct Sink<'s> {
    chunks: &'s mpsc::Sender<Bytes>,
    runtime: &'s Handle,
    /// How long a reader may take nothing: the snapshot is held meanwhile.
    patience: Duration,
    /// When it was begun.
    since: &'s Stopwatch,
    /// After how long no reader is waited for any more, however often they take a little.
    most: Duration,
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
        let wait = self.patience.min(self.most.saturating_sub(self.since.read()));
        let send = self.chunks.send_timeout(chunk.into(), wait);
        self.runtime.block_on(send).map_err(|e| match e {
            SendTimeoutError::Timeout(_) => io::Error::from(io::ErrorKind::TimedOut),
            SendTimeoutError::Closed(_) => io::Error::from(io::ErrorKind::BrokenPipe),
        })?;
        self.sent.set(self.sent.get() + 1);
        Ok(())
    }
}

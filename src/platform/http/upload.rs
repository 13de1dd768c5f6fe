//! A file in the body of a request, written to disk while it comes in.

use super::answer::Done;
use super::caller::Caller;
use super::command::{counted, guarded, keyed, respond};
use super::state::{App, State};
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::{Result, text};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::files::{Files, Incoming, Kept};
use crate::platform::idempotency;
use crate::platform::panics;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload};
use futures_util::StreamExt as _;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes that are held before they are written: all that one upload takes of memory.
const PIECE: usize = 256 * 1024;

/// A body that has not been read yet. Nothing of it is, before its sender has passed the gate and
/// may do what they ask for.
pub struct Upload {
    payload: Payload,
    /// What its sender says that it is.
    declared: String,
    /// How long its sender says that it is.
    length: Option<u64>,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let text = |name| header(headers, name).unwrap_or_default();
        let declared = text(CONTENT_TYPE);
        let length = text(CONTENT_LENGTH).parse().ok();
        ready(Ok(Self { payload: payload.take(), declared, length }))
    }
}

fn header(headers: &HeaderMap, name: actix_web::http::header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// Looks at a file while it comes in.
pub trait Inspect: Send + 'static {
    /// What it finds.
    type Found: Send + Sync + 'static;
    /// Takes what came next.
    fn see(&mut self, bytes: &[u8]);
    /// What it was; `declared` is what its sender said.
    ///
    /// # Errors
    /// 415 for what is not taken.
    fn judge(self, declared: &str) -> Result<Self::Found>;
}

/// A file that came in whole and is in its place.
#[derive(Debug)]
pub struct Received<F> {
    /// Where it is.
    pub kept: Kept,
    /// What it is.
    pub found: F,
}

/// What may be sent, and how it is looked at.
pub struct Terms<I> {
    limit: u64,
    inspect: I,
}

impl<I: Inspect + Default> Terms<I> {
    /// Of at most so many bytes.
    pub fn up_to(limit: u64) -> Self {
        Self { limit, inspect: I::default() }
    }
}

/// Takes a file: asks whether its sender `may` before any of it is read, receives it, and runs the
/// use-case with it like any command. It comes to its place only once its key is known to be free.
/// A file whose use-case fails stays in the folder until it is swept; no row ever names a file that
/// is not there.
pub async fn upload<I, M, F>(
    app: &App,
    caller: Caller,
    action: Action,
    (upload, terms): (Upload, Terms<I>),
    may: M,
    run: F,
) -> HttpResponse
where
    I: Inspect,
    M: Fn(&mut Conn, &Ctx) -> Result<()> + Send + Sync + 'static,
    F: Fn(&mut Conn, &Ctx, &Received<I::Found>) -> Result<Done> + Send + Sync + 'static,
{
    let request_id = caller.request_id.to_string();
    let state: Arc<State> = app.clone().into_inner();
    let received = match arrive(app, &caller, action, (upload, terms), may).await {
        Ok(Arrived::New(received)) => received,
        Ok(Arrived::Before(done)) => return respond(Ok(done), &request_id),
        Err(refused) => return respond(Err(refused), &request_id),
    };
    let result = app.db.write(action.as_str(), move |conn| {
        let ctx = caller.context(conn, &state)?;
        counted(&caller, &ctx, action, || {
            let content = text::hex(&received.kept.sha256);
            let Some(keyed) = keyed(&ctx, &caller, action, content.as_bytes())? else {
                return run(conn, &ctx, &received);
            };
            if let Some(stored) = idempotency::begin(conn, &keyed, ctx.now)? {
                return Ok(Done::replayed(stored));
            }
            let done = run(conn, &ctx, &received)?;
            idempotency::finish(conn, &keyed, &done.stored())?;
            Ok(done)
        })
    });
    respond(result.await, &request_id)
}

/// What became of a file on its way in.
enum Arrived<F> {
    New(Received<F>),
    /// The same was sent before with this key: what was answered then.
    Before(Done),
}

/// Asks, receives, and puts in place what was not sent before.
async fn arrive<I, M>(
    app: &App,
    caller: &Caller,
    action: Action,
    (upload, terms): (Upload, Terms<I>),
    may: M,
) -> Result<Arrived<I::Found>>
where
    I: Inspect,
    M: Fn(&mut Conn, &Ctx) -> Result<()> + Send + Sync + 'static,
{
    let state: Arc<State> = app.clone().into_inner();
    let asking = caller.clone();
    let asked = app.db.read(action.as_str(), move |conn| {
        let ctx = asking.context(conn, &state)?;
        guarded(&state, &asking, &ctx, action, || {
            // What was attached already is not asked for its room again.
            match keyed(&ctx, &asking, action, &[])? {
                Some(keyed) if idempotency::used(conn, &keyed)? => Ok(()),
                _ => may(conn, &ctx),
            }
        })
    });
    asked.await?;
    let Came { incoming, found } = receive(app, upload, terms).await?;
    if let Some(done) = before(app, caller, action, &incoming).await? {
        return Ok(Arrived::Before(done));
    }
    let kept = on_disk(move || incoming.keep()).await?;
    Ok(Arrived::New(Received { kept, found }))
}

/// What was answered to the same upload before. Refuses a key that something else was sent with.
async fn before(
    app: &App,
    caller: &Caller,
    action: Action,
    incoming: &Incoming,
) -> Result<Option<Done>> {
    if caller.key.is_none() {
        return Ok(None);
    }
    let state: Arc<State> = app.clone().into_inner();
    let (caller, content) = (caller.clone(), text::hex(&incoming.sha256()));
    let looked = app.db.read(action.as_str(), move |conn| {
        let ctx = caller.context(conn, &state)?;
        counted(&caller, &ctx, action, || match keyed(&ctx, &caller, action, content.as_bytes())? {
            Some(keyed) => Ok(idempotency::answered(conn, &keyed)?.map(Done::replayed)),
            None => Ok(None),
        })
    });
    looked.await
}

/// A file that came in whole and was looked at. It is not in its place yet, and is gone again
/// unless it is put there.
struct Came<F> {
    incoming: Incoming,
    found: F,
}

async fn receive<I: Inspect>(
    state: &State,
    upload: Upload,
    terms: Terms<I>,
) -> Result<Came<I::Found>> {
    let config = &state.env.config;
    let Upload { payload, declared, length } = upload;
    let Terms { limit, inspect } = terms;
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let files = Files::of(config);
    let begun = on_disk(move || Ok(Desk { incoming: files.receive()?, inspect })).await?;
    let seconds = config.server.body_timeout_seconds;
    let whole = timeout(Duration::from_secs(seconds), take(payload, limit, begun)).await;
    let desk = whole.unwrap_or_else(|_| {
        let detail = format!("A body has to be here within {seconds} seconds.");
        Err(Problem::new(Kind::TooSlow, detail))
    })?;
    on_disk(move || {
        let found = desk.inspect.judge(&declared)?;
        Ok(Came { incoming: desk.incoming, found })
    })
    .await
}

/// A file on its way, and who looks at it.
struct Desk<I> {
    incoming: Incoming,
    inspect: I,
}

/// All of a body that is not too large. A thread is taken for a moment for each piece, so that a
/// slow sender holds none.
async fn take<I: Inspect>(mut payload: Payload, limit: u64, mut desk: Desk<I>) -> Result<Desk<I>> {
    let (mut piece, mut length) = (Vec::new(), 0_u64);
    loop {
        let next = payload.next().await.transpose().map_err(|e| {
            let detail = "The body ended early.";
            Problem::new(Kind::MalformedRequest, detail).because(e.to_string())
        })?;
        let last = next.is_none();
        if let Some(chunk) = next {
            length += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if length > limit {
                return Err(too_large(limit));
            }
            piece.extend_from_slice(&chunk);
        }
        if piece.len() >= PIECE || last {
            let full = std::mem::take(&mut piece);
            desk = on_disk(move || {
                desk.incoming.write(&full)?;
                desk.inspect.see(&full);
                Ok(desk)
            })
            .await?;
        }
        if last {
            return Ok(desk);
        }
    }
}

fn too_large(limit: u64) -> Problem {
    Problem::new(Kind::TooLarge, format!("A file has at most {limit} bytes."))
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    panics::blocking(work).await?
}

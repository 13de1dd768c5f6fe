//! Long answers, written while they are read: constant memory on our side.

use super::answer::problem_response;
use super::caller::Caller;
use super::state::{App, State};
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, http::header};
use std::io::{self, Write};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Bytes to a chunk; at most [`WAITING`] of them wait for a slow reader.
const CHUNK: usize = 64 * 1024;
const WAITING: usize = 4;

/// Runs `write` in one snapshot and sends what it writes. What it refuses before the first chunk
/// is answered as a problem; a failure after that cuts the connection, so that nobody takes half
/// a file for a whole one.
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
    let state: Arc<State> = app.clone().into_inner();
    let (chunks, mut receiver) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let (failed, failure) = oneshot::channel::<Problem>();
    let db = app.db.clone();
    tokio::task::spawn_blocking(move || {
        let out = chunks.clone();
        let result = db.read_now(action.as_str(), move |conn| {
            let ctx = caller.context(conn, &state)?;
            authz::gate(&ctx, action)?;
            let mut sink = Sink { chunks: out.clone(), waiting: Vec::with_capacity(CHUNK) };
            write(conn, &ctx, &mut sink)?;
            sink.flush().map_err(Problem::internal)
        });
        if let Err(problem) = result {
            // Both ends may be gone already when the reader has left: nothing to tell then.
            drop(failed.send(problem));
            drop(chunks.blocking_send(Err(io::ErrorKind::Other.into())));
        }
    });
    match receiver.recv().await {
        Some(Ok(first)) => {
            let rest = futures_util::stream::unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|chunk| (chunk, receiver))
            });
            let all = futures_util::StreamExt::chain(
                futures_util::stream::once(async move { Ok(first) }),
                rest,
            );
            HttpResponse::Ok()
                .content_type(content_type)
                .insert_header((
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ))
                .streaming(all)
        }
        Some(Err(_)) => {
            let problem = failure.await.unwrap_or_else(|_| Problem::internal("the export stopped"));
            problem_response(&problem, Some(request_id))
        }
        None => HttpResponse::Ok().content_type(content_type).finish(),
    }
}

struct Sink {
    chunks: mpsc::Sender<io::Result<Bytes>>,
    waiting: Vec<u8>,
}
impl Write for Sink {
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
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.chunks.blocking_send(Ok(chunk.into())).map_err(gone)
    }
}

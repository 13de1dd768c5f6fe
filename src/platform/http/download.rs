//! A file of somebody, given out so that no browser shows or runs it.

use super::answer::problem_response;
use super::caller::Caller;
use super::command::guarded;
use super::state::{App, State};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::files::{Files, Sha};
use crate::platform::panics;
use actix_web::body::SizedStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::Stream;
use std::fs::File;
use std::io::{self, Read as _};
use std::sync::Arc;

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;
/// Were it shown after all, it could load nothing, run nothing, and belong to no site.
const SANDBOX: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// What to give out.
#[derive(Debug)]
pub struct Download {
    /// Its content.
    pub sha256: Sha,
    /// How long it is.
    pub bytes: u64,
    /// What it is.
    pub content_type: &'static str,
    /// The whole header `Content-Disposition`.
    pub disposition: String,
}

/// Finds out in one snapshot what to give out, then reads it from the folder: the database is not
/// held by a slow reader.
pub async fn download<F>(app: &App, caller: Caller, action: Action, find: F) -> HttpResponse
where
    F: Fn(&mut Conn, &Ctx) -> Result<Download> + Send + Sync + 'static,
{
    let request_id = caller.request_id.to_string();
    let state: Arc<State> = app.clone().into_inner();
    let found = app.db.read(action.as_str(), move |conn| {
        let ctx = caller.context(conn, &state)?;
        guarded(&state, &caller, &ctx, action, || find(conn, &ctx))
    });
    let files = Files::of(&app.env.config);
    let opened = match found.await {
        Ok(found) => open(files, found).await,
        Err(problem) => Err(problem),
    };
    match opened {
        Ok((found, file)) => answer(HttpResponse::Ok(), found, file),
        Err(problem) => problem_response(&problem, Some(request_id)),
    }
}

async fn open(files: Files, found: Download) -> Result<(Download, File)> {
    let sha256 = found.sha256;
    let file = panics::blocking(move || files.open(&sha256)).await??;
    let lost = || {
        let detail = "The file is missing in its folder: tell an operator.";
        Problem::new(Kind::Unavailable, detail).because("almoner doctor counts what is missing")
    };
    Ok((found, file.ok_or_else(lost)?))
}

fn answer(mut response: HttpResponseBuilder, found: Download, file: File) -> HttpResponse {
    response
        .content_type(found.content_type)
        .insert_header((CONTENT_DISPOSITION, found.disposition))
        .insert_header((CONTENT_SECURITY_POLICY, SANDBOX))
        .body(SizedStream::new(found.bytes, Box::pin(chunks(file))))
}

/// The file in pieces; a thread is taken for a moment for each. One that is shorter than its row
/// says cuts the connection, so that nobody takes a part for the whole.
fn chunks(file: File) -> impl Stream<Item = io::Result<Bytes>> {
    futures_util::stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let read = panics::blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let length = file.read(&mut chunk)?;
            chunk.truncate(length);
            Ok((chunk, file))
        });
        match read.await.unwrap_or_else(|e| Err(io::Error::other(e))) {
            Ok((chunk, _)) if chunk.is_empty() => None,
            Ok((chunk, file)) => Some((Ok(chunk.into()), Some(file))),
            Err(e) => Some((Err(e), None)),
        }
    })
}

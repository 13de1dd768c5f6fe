//! Running a use-case for a request.

use super::answer::{Done, problem_response};
use super::body::Body;
use super::caller::Caller;
use super::state::{App, State};
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::auth::seal;
use crate::platform::authz::policy::Key;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::platform::idempotency::{self, Keyed};
use actix_web::HttpResponse;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Runs `run` for who calls, once they have passed the gate and the limit of what takes long, and
/// logs what is denied: who, what, on which request, and never what they sent.
pub(super) fn guarded<T>(
    state: &State,
    caller: &Caller,
    ctx: &Ctx,
    action: Action,
    run: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let passed = authz::gate(ctx, action)
        .and_then(|()| caller.readable())
        .and_then(|()| limited(state, ctx, action));
    told(ctx, action, passed.and_then(|()| run()))
}

/// The same for what was counted when it began.
pub(super) fn counted<T>(
    caller: &Caller,
    ctx: &Ctx,
    action: Action,
    run: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let passed = authz::gate(ctx, action).and_then(|()| caller.readable());
    told(ctx, action, passed.and_then(|()| run()))
}

fn told<T>(ctx: &Ctx, action: Action, result: Result<T>) -> Result<T> {
    if let Err(problem) = &result {
        denied(ctx, action, problem);
    }
    result
}

/// Counts work by who asks for it, where the policy's row says that it is.
fn limited(state: &State, ctx: &Ctx, action: Action) -> Result<()> {
    let Some(door) = action.rule().pace.filter(|door| door.is_work()) else { return Ok(()) };
    let address = ctx.address.as_deref();
    match ctx.actor.person() {
        Some(person) => state.limits.work(door, &person.to_string(), address),
        // Somebody unknown is known by their network alone.
        None => state.limits.work(door, address.unwrap_or_default(), address),
    }
}

/// A line of the log for every no to somebody: the ids that answer “who tried what”.
fn denied(ctx: &Ctx, action: Action, problem: &Problem) {
    let entry = problem.kind().entry();
    if !matches!(entry.status, 401 | 403 | 404 | 429) {
        return;
    }
    let person = ctx.actor.person().map(|id| id.to_string());
    let (request_id, action) = (ctx.request_id, action.as_str());
    tracing::info!(%request_id, person, action, code = entry.code, "denied");
}

/// A write: who calls, the gate, the idempotency key, the use-case and its stored answer, all in
/// one transaction. `run` may be run again when the database asks for it.
pub async fn command<B, F>(
    app: &App,
    caller: Caller,
    action: Action,
    body: Body<B>,
    run: F,
) -> HttpResponse
where
    B: DeserializeOwned + Send + Sync + 'static,
    F: Fn(&mut Conn, &Ctx, &B) -> Result<Done> + Send + Sync + 'static,
{
    let request_id = caller.request_id.to_string();
    let state: Arc<State> = app.clone().into_inner();
    let result = app
        .db
        .write(action.as_str(), move |conn| {
            let ctx = caller.context(conn, &state)?;
            guarded(&state, &caller, &ctx, action, || {
                let form = body.read()?;
                let Some(keyed) = keyed(&ctx, &caller, action, &body.bytes)? else {
                    return run(conn, &ctx, &form);
                };
                if let Some(stored) = idempotency::begin(conn, &keyed, ctx.now)? {
                    return Ok(Done::replayed(stored));
                }
                let done = run(conn, &ctx, &form)?;
                idempotency::finish(conn, &keyed, &done.stored())?;
                Ok(done)
            })
        })
        .await;
    respond(result, &request_id)
}

/// A read, in one snapshot.
pub async fn query<F>(app: &App, caller: Caller, action: Action, run: F) -> HttpResponse
where
    F: Fn(&mut Conn, &Ctx) -> Result<Done> + Send + Sync + 'static,
{
    let request_id = caller.request_id.to_string();
    let state: Arc<State> = app.clone().into_inner();
    let result = app
        .db
        .read(action.as_str(), move |conn| {
            let ctx = caller.context(conn, &state)?;
            guarded(&state, &caller, &ctx, action, || run(conn, &ctx))
        })
        .await;
    respond(result, &request_id)
}

/// A use-case that is open to everybody and does its own transactions (login and the like, which
/// hash passwords outside of any transaction).
pub async fn open_command<B, F, R>(
    app: &App,
    caller: Caller,
    action: Action,
    body: Body<B>,
    run: F,
) -> HttpResponse
where
    B: DeserializeOwned,
    F: FnOnce(App, Ctx, B) -> R,
    R: Future<Output = Result<Done>>,
{
    let request_id = caller.request_id.to_string();
    let ctx = caller.anonymous(app);
    let result = match authz::gate(&ctx, action).and_then(|()| caller.readable()) {
        Ok(()) => match body.read() {
            Ok(form) => run(app.clone(), ctx.clone(), form).await,
            Err(refused) => Err(refused),
        },
        Err(refused) => Err(refused),
    };
    if let Err(problem) = &result {
        denied(&ctx, action, problem);
    }
    respond(result, &request_id)
}

/// A use-case that does its own transactions, because it hashes passwords or counts tries outside
/// of any. Who calls is found out first; the use-case checks again what it relies on.
pub async fn staged_command<B, F, R>(
    app: &App,
    caller: Caller,
    action: Action,
    body: Body<B>,
    run: F,
) -> HttpResponse
where
    B: DeserializeOwned,
    F: FnOnce(App, Ctx, B) -> R,
    R: Future<Output = Result<Done>>,
{
    found_command(app, caller, action, |_, _| Ok(()), body, run).await
}

/// The same, for what is there only for some: it is looked for after the gate and before the body
/// is read, so that what is hidden answers like what is missing, whatever was sent.
pub async fn found_command<B, F, L, R>(
    app: &App,
    caller: Caller,
    action: Action,
    find: L,
    body: Body<B>,
    run: F,
) -> HttpResponse
where
    B: DeserializeOwned,
    F: FnOnce(App, Ctx, B) -> R,
    L: Fn(&mut Conn, &Ctx) -> Result<()> + Send + Sync + 'static,
    R: Future<Output = Result<Done>>,
{
    let request_id = caller.request_id.to_string();
    let state: Arc<State> = app.clone().into_inner();
    let found = app.db.read(action.as_str(), move |conn| {
        let ctx = caller.context(conn, &state)?;
        guarded(&state, &caller, &ctx, action, || find(conn, &ctx))?;
        Ok(ctx)
    });
    let result = match found.await {
        Ok(ctx) => match body.read() {
            Ok(form) => {
                let result = run(app.clone(), ctx.clone(), form).await;
                if let Err(problem) = &result {
                    denied(&ctx, action, problem);
                }
                result
            }
            Err(refused) => Err(refused),
        },
        Err(refused) => Err(refused),
    };
    respond(result, &request_id)
}

/// The answer to a result.
pub fn respond(result: Result<Done>, request_id: &str) -> HttpResponse {
    match result {
        Ok(done) => done.into_response(),
        Err(problem) => problem_response(&problem, Some(request_id.to_owned())),
    }
}

/// The key of this request, as its rule wants it.
pub(super) fn keyed(
    ctx: &Ctx,
    caller: &Caller,
    action: Action,
    bytes: &[u8],
) -> Result<Option<Keyed>> {
    let rule = action.rule();
    let key = match (rule.key, &caller.key) {
        (Key::No | Key::Never, _) | (Key::May, None) => return Ok(None),
        (Key::Must, None) => {
            let detail = "This moves money: send an Idempotency-Key header of your own making.";
            return Err(Problem::new(Kind::MalformedRequest, detail));
        }
        (Key::May | Key::Must, Some(key)) => key,
    };
    let Some(person) = ctx.actor.person() else { return Ok(None) };
    let mut request = caller.target.as_bytes().to_vec();
    request.push(0);
    request.extend_from_slice(bytes);
    let hash = seal::equality(&ctx.env.keys, "idempotency", &request);
    let (key, operation) = (key.to_string(), action.as_str());
    Ok(Some(Keyed { person, key, operation, hash: hash.to_vec() }))
}

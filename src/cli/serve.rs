//! `almoner serve` and `almoner work`.

use super::{Setup, say};
use crate::app;
use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::platform::http::App;
use crate::web;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Leave the background work to `almoner work`
    #[arg(long)]
    no_worker: bool,
    /// Address and port to listen on, instead of the configured one
    #[arg(long, value_name = "ADDRESS")]
    pub(super) bind: Option<SocketAddr>,
}

fn state(setup: &Setup) -> Result<App> {
    let db = setup.database()?;
    db.ready()?;
    Ok(app::state(setup.env.clone(), db))
}

/// Serves until it is told to stop.
pub(super) fn run(setup: &Setup, args: &Args) -> Result<ExitCode> {
    let state = state(setup)?;
    let bind = setup.env.config.server.bind;
    let listener = TcpListener::bind(bind).map_err(|e| {
        Problem::new(Kind::Unavailable, format!("The address {bind} cannot be taken.")).because(e)
    })?;
    let worker = if args.no_worker { None } else { Some(app::worker(&state)?) };
    let served =
        web::run(state, listener, |address| say(&format!("almoner listens on http://{address}")));
    drop(worker);
    served.map_err(Problem::internal)?;
    Ok(ExitCode::SUCCESS)
}

/// Works until it is told to stop.
pub(super) fn work(setup: &Setup) -> Result<ExitCode> {
    let worker = app::worker(&state(setup)?)?;
    web::until_stopped(|| say("almoner works")).map_err(Problem::internal)?;
    drop(worker);
    Ok(ExitCode::SUCCESS)
}

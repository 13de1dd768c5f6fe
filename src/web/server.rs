//! The HTTP server: routes, limits, and an end that finishes what is in flight.

use super::{operations, pages, routes};
use crate::platform::http::{Patience, State, edge, malformed_path, watch};
use crate::{discovery, people, publishing};
use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, PathConfig};
use actix_web::{App, HttpServer};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// A bound server; run it with [`Server::run`].
pub struct Server {
    inner: actix_web::dev::Server,
    address: SocketAddr,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
    /// To stop it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.inner.handle()
    }
    /// Serves until it is told to stop; on SIGTERM and SIGINT it takes nothing new, finishes what
    /// is in flight within `server.shutdown_seconds`, and returns.
    pub async fn run(self) -> std::io::Result<()> {
        self.inner.await
    }
}

/// Binds `listener` to all routes. Refuses to start when a route has no permission declared.
pub fn bind(state: Data<State>, listener: TcpListener) -> std::io::Result<Server> {
    let address = listener.local_addr()?;
    let shared = operations::document().map_err(std::io::Error::other)?;
    let settings = &state.env.config.server;
    let config = &state.env.config;
    let workers = config.workers();
    let blocking = config.blocking_threads().div_ceil(workers);
    let (shutdown, head) = (settings.shutdown_seconds, settings.head_timeout_seconds);
    let idle = Duration::from_secs(settings.idle_timeout_seconds);
    // A little more than the edge takes to give a request up.
    let within = Duration::from_secs(settings.request_timeout_seconds + 2);
    let patience = Patience { between: idle, within };
    let server = HttpServer::new(move || {
        let app = App::new()
            .app_data(state.clone())
            .app_data(Data::new(shared.clone()))
            .app_data(PathConfig::default().error_handler(malformed_path))
            .wrap(Compress::default())
            .wrap(from_fn(edge::edge));
        let ui = SwaggerUi::new("/docs/{_:.*}").config(Config::new(["/openapi.json"]));
        app.configure(routes::routes)
            .configure(operations::configure)
            .configure(pages::configure)
            .configure(people::pages::routes)
            .configure(discovery::pages::routes)
            .configure(publishing::pages::routes)
            .service(ui)
            .default_service(web::to(operations::nothing_here))
    })
    .workers(workers)
    .worker_max_blocking_threads(blocking)
    .client_request_timeout(Duration::from_secs(head))
    .keep_alive(idle)
    .on_connect(move |socket, data| watch(socket, data, patience))
    .shutdown_timeout(shutdown)
    .listen(listener)?
    .run();
    Ok(Server { inner: server, address })
}

/// Binds and serves on this thread until it is told to stop; `ready` is told the address.
pub fn run(
    state: Data<State>,
    listener: TcpListener,
    ready: impl FnOnce(SocketAddr),
) -> std::io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let server = bind(state, listener)?;
        ready(server.address());
        server.run().await
    })
}

/// Waits for SIGTERM or SIGINT; `ready` is called once neither ends the process by itself.
pub fn until_stopped(ready: impl FnOnce()) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    actix_web::rt::System::new().block_on(async {
        let mut term = signal(SignalKind::terminate())?;
        let mut int = signal(SignalKind::interrupt())?;
        ready();
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        Ok(())
    })
}

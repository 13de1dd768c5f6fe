//! Connections on which nothing happens: the framework cuts slow heads only of a connection's
//! first request, and never a reader that takes nothing.

use crate::kernel::time::Stopwatch;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use actix_web::rt::spawn;
use actix_web::web::Bytes;
use std::any::Any;
use std::net::Shutdown;
use std::os::fd::AsFd as _;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

/// How long nothing may happen on a connection.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Between two requests, and while the head of one arrives.
    pub between: Duration,
    /// While a request is answered, or its answer waits to be taken.
    pub within: Duration,
}

/// A connection as the edge sees it.
pub(super) struct Life {
    socket: std::net::TcpStream,
    since: Stopwatch,
    /// Milliseconds from the beginning to what happened last.
    last: AtomicU64,
    /// Requests that are being answered.
    open: AtomicUsize,
}

impl Life {
    fn happened(&self) {
        self.last.store(self.age(), Ordering::SeqCst);
    }
    fn age(&self) -> u64 {
        u64::try_from(self.since.read().as_millis()).unwrap_or(u64::MAX)
    }
    /// How long it may go on like this; `None` if it is over.
    fn left(&self, patience: Patience) -> Option<Duration> {
        let busy = self.open.load(Ordering::SeqCst) > 0;
        let most = if busy { patience.within } else { patience.between };
        let still = self.age().saturating_sub(self.last.load(Ordering::SeqCst));
        most.checked_sub(Duration::from_millis(still)).filter(|left| !left.is_zero())
    }
}

/// To be called for each new connection: cuts it when nothing happens on it for too long.
pub fn watch(socket: &dyn Any, data: &mut Extensions, patience: Patience) {
    let Some(socket) = socket.downcast_ref::<TcpStream>() else { return };
    let Ok(socket) = socket.as_fd().try_clone_to_owned() else { return };
    let (since, last, open) = (Stopwatch::start(), AtomicU64::new(0), AtomicUsize::new(0));
    // Held by the connection alone: its end is not put off by who watches it.
    let life = Arc::new(Life { socket: socket.into(), since, last, open });
    spawn(cut(Arc::downgrade(&life), patience));
    data.insert(life);
}

async fn cut(life: Weak<Life>, patience: Patience) {
    while let Some(here) = life.upgrade() {
        let Some(left) = here.left(patience) else {
            tracing::debug!("nothing happened on a connection for too long");
            // It may be closed already.
            drop(here.socket.shutdown(Shutdown::Both));
            return;
        };
        drop(here);
        tokio::time::sleep(left).await;
    }
}

/// One request on a connection, until its answer was taken.
pub(super) struct Visit(Option<Arc<Life>>);

impl Visit {
    pub(super) fn begin(life: Option<&Arc<Life>>) -> Self {
        if let Some(life) = life {
            life.open.fetch_add(1, Ordering::SeqCst);
            life.happened();
        }
        Self(life.cloned())
    }
    /// The answer, watched until it is taken.
    pub(super) fn attend(self, body: BoxBody) -> BoxBody {
        self.happened();
        BoxBody::new(Attended { body, visit: self })
    }
    fn happened(&self) {
        if let Some(life) = &self.0 {
            life.happened();
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(life) = &self.0 {
            life.happened();
            life.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

struct Attended {
    body: BoxBody,
    visit: Visit,
}

impl MessageBody for Attended {
    type Error = <BoxBody as MessageBody>::Error;
    fn size(&self) -> BodySize {
        self.body.size()
    }
    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        // Asked for only when what was given before has been taken.
        let next = Pin::new(&mut self.body).poll_next(cx);
        if next.is_ready() {
            self.visit.happened();
        }
        next
    }
}

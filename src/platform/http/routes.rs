//! Where a domain registers its handlers.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config;

/// Takes handlers, to be served by a thread of the server or to be written into the API document.
/// The document is made once: to make it again in each thread that serves would take most of the
/// time and memory of starting.
pub enum Routes<'a, 'b> {
    /// For requests.
    Served(&'a mut web::ServiceConfig),
    /// For the document.
    Described(&'a mut service_config::ServiceConfig<'b>),
}

impl Routes<'_, '_> {
    /// Registers a handler.
    pub fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(
        &mut self,
        handler: F,
    ) -> &mut Self {
        match self {
            Self::Served(cfg) => drop(cfg.service(handler)),
            Self::Described(cfg) => drop(cfg.service(handler)),
        }
        self
    }
}

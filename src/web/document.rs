//! The API document (OpenAPI 3.1), derived from the handlers.

use super::{derived, routes};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, ContactBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_actix_web::AppExt as _;

/// The document without its paths.
fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Almoner")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Grants and regrants: apply once, fund together, pay in tranches, account for every \
             cent. Money is a decimal string with its currency; lists are pages by cursor; errors \
             are RFC 9457 problems with a stable code.",
        ))
        .contact(Some(ContactBuilder::new().name(Some("Almoner")).build()))
        .build();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token from login, or a personal access token."))
        .build();
    let components =
        ComponentsBuilder::new().security_scheme("bearer", SecurityScheme::Http(bearer)).build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// The whole document.
pub fn openapi() -> OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(head()).configure(routes::routes);
    let (_, mut document) = app.split_for_parts();
    document.openapi = utoipa::openapi::OpenApiVersion::Version31;
    derived::complete(&mut document);
    document
}

//! The API document (OpenAPI 3.1), derived from the handlers.

use super::{derived, routes};
use std::collections::BTreeSet;
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
    let app = actix_web::App::new().into_utoipa_app().openapi(head()).configure(routes::described);
    let (_, mut document) = app.split_for_parts();
    document.openapi = utoipa::openapi::OpenApiVersion::Version31;
    derived::complete(&mut document);
    document
}

/// What the document says of the CommonGrants protocol alone: its paths, and the schemas that they
/// lead to.
pub fn protocol(whole: &OpenApi) -> OpenApi {
    let mut part = whole.clone();
    part.paths.paths.retain(|path, _| path.starts_with("/common-grants/"));
    let Some(components) = &mut part.components else { return part };
    components.security_schemes.clear();
    let mut kept = BTreeSet::new();
    let mut unread = vec![serde_json::to_string(&part.paths).unwrap_or_default()];
    while let Some(text) = unread.pop() {
        for name in named(&text) {
            let schema = components.schemas.get(name);
            if let Some(schema) = schema.filter(|_| kept.insert(name.to_owned())) {
                unread.push(serde_json::to_string(schema).unwrap_or_default());
            }
        }
    }
    components.schemas.retain(|name, _| kept.contains(name));
    part
}

/// The schemas that this JSON refers to by their names.
fn named(json: &str) -> impl Iterator<Item = &str> {
    let after = json.split("\"#/components/schemas/").skip(1);
    after.filter_map(|rest| rest.split('"').next())
}

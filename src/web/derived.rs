//! What the API document says of every operation alike, derived from the policy table and from
//! what all handlers share: headers, cursors, problems.

use crate::kernel::problem::{FieldError, ProblemBody};
use crate::platform::authz::Action;
use crate::platform::authz::policy::{Allow, Key, Relation};
use std::collections::BTreeSet;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Required, Schema};
use utoipa::{PartialSchema as _, ToSchema as _};

/// A cursor: the 16 bytes of an id in base64url, as `kernel::page` writes it.
const CURSOR: &str = "^[A-Za-z0-9_-]{21}[AQgw]$";
/// A header's value: printable ASCII, no space around it.
const HEADER: &str = "^[!-~]([ -~]*[!-~])?$";

/// Completes the document.
pub(super) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    let empty = may_be_empty(components);
    open_what_is_a_part(components);
    for item in document.paths.paths.values_mut() {
        let methods =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in methods.into_iter().flatten() {
            name_problems(operation);
            describe_cursor(operation);
            describe_headers(operation);
            open_to_all(operation);
            excuse_body(operation, &empty);
        }
    }
}

/// What refuses fields that it does not know is, as a part of something else, not all of it.
fn open_what_is_a_part(components: &mut Components) {
    let all = components.schemas.clone();
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::AllOf(whole)) = schema else { continue };
        for part in &mut whole.items {
            let RefOr::Ref(named) = part else { continue };
            let name = named.ref_location.rsplit('/').next().unwrap_or_default();
            let Some(RefOr::T(Schema::Object(object))) = all.get(name) else { continue };
            if object.additional_properties.is_some() {
                let mut object = object.clone();
                object.additional_properties = None;
                *part = RefOr::T(Schema::Object(object));
            }
        }
    }
}

/// What everybody may ask for, or what is public, takes no token.
fn open_to_all(operation: &mut Operation) {
    let open = |allow: &&Allow| matches!(allow, Allow::Anyone | Allow::Rel(Relation::Public));
    let id = operation.operation_id.as_deref();
    let action = Action::ALL.iter().find(|a| Some(a.as_str()) == id);
    if action.is_some_and(|a| a.rule().allow.iter().any(|allow| open(&allow))) {
        operation.security = None;
    }
}

/// The names of what an empty object is one of.
fn may_be_empty(components: &Components) -> BTreeSet<String> {
    let all = components.schemas.iter();
    let empty = all.filter(|(_, schema)| {
        matches!(schema, RefOr::T(Schema::Object(object)) if object.required.is_empty())
    });
    empty.map(|(name, _)| name.clone()).collect()
}

/// A body may be left out where an empty object would do: it is read as one.
fn excuse_body(operation: &mut Operation, empty: &BTreeSet<String>) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let excused = body.content.values().all(|content| match content {
        RefOr::T(content) => match &content.schema {
            Some(RefOr::Ref(named)) => {
                named.ref_location.rsplit('/').next().is_some_and(|name| empty.contains(name))
            }
            _ => false,
        },
        RefOr::Ref(_) => false,
    });
    if excused {
        body.required = Some(Required::False);
    }
}

/// Problems are one schema with a name, not a copy in each answer.
fn name_problems(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        if let Some(RefOr::T(content)) = response.content.get_mut("application/problem+json") {
            content.schema = Some(Ref::from_schema_name(ProblemBody::name()).into());
        }
    }
}

fn text(min: Option<usize>, max: Option<usize>, pattern: &str) -> Schema {
    let text = ObjectBuilder::new().schema_type(SchemaType::from(Type::String));
    text.min_length(min).max_length(max).pattern(Some(pattern)).into()
}

fn parameters(operation: &mut Operation) -> impl Iterator<Item = &mut Parameter> {
    let all = operation.parameters.iter_mut().flatten();
    all.filter_map(|p| if let RefOr::T(p) = p { Some(p) } else { None })
}

fn describe_cursor(operation: &mut Operation) {
    for parameter in parameters(operation).filter(|p| p.name == "after") {
        parameter.schema = Some(text(None, None, CURSOR).into());
    }
}

fn describe_headers(operation: &mut Operation) {
    for parameter in parameters(operation).filter(|p| p.name == "If-Match") {
        parameter.schema = Some(text(Some(1), Some(200), HEADER).into());
    }
    let id = operation.operation_id.as_deref();
    let action = Action::ALL.iter().find(|a| Some(a.as_str()) == id);
    let (required, says) = match action.map(|a| a.rule().key) {
        Some(Key::Must) => (Required::True, "This moves money: a key of your own making."),
        Some(Key::May) => (Required::False, "The same request twice has one effect."),
        Some(Key::No | Key::Never) | None => return,
    };
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(says))
        .schema(Some(text(Some(1), Some(255), HEADER)));
    operation.parameters.get_or_insert_default().push(key.build().into());
}

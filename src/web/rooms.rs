//! Which domain a request is for, by comparing the parts of its address. Left to itself, the
//! framework tries the regular expression of each route of the service in turn, for each request.

use super::routes::Operation;
use crate::platform::http::{Routes, Served};
use actix_web::guard::{Guard, GuardContext};
use actix_web::web;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use utoipa_actix_web::AppExt as _;

/// What registers the routes of one domain.
pub(super) type Room = fn(&mut Routes<'_, '_>);

/// A method, and the template of the addresses that take it.
struct Shape {
    method: &'static str,
    template: Arc<str>,
    /// Templates of any domain that name a part for which this one takes anything: what is theirs
    /// is not an id here, whatever they do not take.
    named: Vec<String>,
}

impl Shape {
    /// `all` are the templates of all domains.
    fn of(operation: Operation, all: &BTreeSet<String>) -> Self {
        let template = operation.path;
        let narrower = |other: &&String| fits(&template, other) && !fits(other, &template);
        let named = all.iter().filter(narrower).cloned().collect();
        Self { method: operation.method, template: template.into(), named }
    }
    fn takes(&self, method: &str, path: &str) -> bool {
        let named = || self.named.iter().any(|named| fits(named, path));
        self.method == method && fits(&self.template, path) && !named()
    }
}

/// The routes of one domain.
#[derive(Clone)]
struct Shapes(Arc<[Shape]>);

impl Shapes {
    /// Of each of these domains.
    fn of(rooms: &[Room]) -> Vec<Self> {
        let domains: Vec<Vec<Operation>> = rooms.iter().map(|room| described(*room)).collect();
        let all: BTreeSet<String> = domains.iter().flatten().map(|o| o.path.clone()).collect();
        let shapes = |domain: Vec<Operation>| {
            Self(domain.into_iter().map(|operation| Shape::of(operation, &all)).collect())
        };
        domains.into_iter().map(shapes).collect()
    }
}

/// The operations of one domain.
fn described(room: Room) -> Vec<Operation> {
    let app = actix_web::App::new().into_utoipa_app();
    let app = app.configure(|cfg| room(&mut Routes::Described(cfg)));
    let (_, document) = app.split_for_parts();
    super::routes::operations(&document)
}

impl Guard for Shapes {
    fn check(&self, request: &GuardContext<'_>) -> bool {
        let (method, path) = (request.head().method.as_str(), request.head().uri.path());
        let found = self.0.iter().find(|shape| shape.takes(method, path));
        if let Some(shape) = found {
            request.req_data_mut().insert(Served(shape.template.clone()));
        }
        found.is_some()
    }
}

/// Whether an address is of this template. Parts of ours may come with their letters encoded.
pub(super) fn fits(template: &str, path: &str) -> bool {
    // Most differ in the first letters.
    let fixed = template.split_once('{').map_or(template, |(fixed, _)| fixed);
    if !path.starts_with(fixed) && !path.contains('%') {
        return false;
    }
    let (mut a, mut b) = (template.split('/'), path.split('/'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(t), Some(p)) if t.starts_with('{') => {
                if p.is_empty() {
                    return false;
                }
            }
            (Some(t), Some(p)) if t == p => {}
            (Some(t), Some(p)) if p.contains('%') && percent_decode_str(p).eq(t.bytes()) => {}
            _ => return false,
        }
    }
}

/// Registers each domain behind a look at the address.
pub(super) fn register(cfg: &mut web::ServiceConfig, rooms: &[Room]) {
    static SHAPES: OnceLock<Vec<Shapes>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| Shapes::of(rooms));
    for (room, shapes) in rooms.iter().zip(shapes) {
        let room = |cfg: &mut web::ServiceConfig| room(&mut Routes::Served(cfg));
        cfg.service(web::scope("").guard(shapes.clone()).configure(room));
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, Shape, Shapes, fits};
    use actix_web::guard::Guard as _;
    use actix_web::http::Method;
    use actix_web::test::TestRequest;
    use std::collections::BTreeSet;

    #[test]
    fn a_room_takes_its_own_methods_only() {
        let operation =
            Operation { method: "GET", path: "/offers/{id}".into(), id: "get_offer".into() };
        let others = ["/offers/{number}", "/offers/search", "/offers/{id}/deny", "/offers"];
        let all = BTreeSet::from(others.map(str::to_owned));
        let room = Shapes(vec![Shape::of(operation, &all)].into());
        let takes = |method, path| {
            let request = TestRequest::with_uri(path).method(method).to_srv_request();
            room.check(&request.guard_ctx())
        };
        assert!(takes(Method::GET, "/offers/7?why=not"));
        assert!(!takes(Method::POST, "/offers/7") && !takes(Method::GET, "/offers"));
        // What has a name of its own is no id, also where it comes encoded.
        assert!(!takes(Method::GET, "/offers/search") && !takes(Method::GET, "/offers/%73earch"));
        assert!(takes(Method::GET, "/offers/searches"));
    }

    #[test]
    fn addresses_are_compared_part_by_part() {
        let template = "/api/v1/offers/{id}/approve";
        for good in ["/api/v1/offers/7/approve", "/api/v1/%6Fffers/a%2Fb/approve"] {
            assert!(fits(template, good), "{good}");
        }
        let bad = [
            "/api/v1/offers//approve",
            "/api/v1/offers/7",
            "/api/v1/offers/7/approve/",
            "/api/v1/offers/7/approved",
            "/api/v1/offers%2F7/approve",
            "/api/v2/offers/7/approve",
            "",
        ];
        for bad in bad {
            assert!(!fits(template, bad), "{bad}");
        }
        assert!(fits("/api/v1/me", "/api/v1/me") && !fits("/api/v1/me", "/api/v1/me2"));
    }
}

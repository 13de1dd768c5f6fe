//! Which domain a request is for, by comparing the parts of its address. Left to itself, the
//! framework tries the regular expression of each route of the service in turn, for each request.

use crate::platform::http::{Routes, Served};
use actix_web::guard::{Guard, GuardContext};
use actix_web::web;
use percent_encoding::percent_decode_str;
use std::sync::{Arc, OnceLock};
use utoipa_actix_web::AppExt as _;

/// What registers the routes of one domain.
pub(super) type Room = fn(&mut Routes<'_, '_>);

/// The routes of one domain: methods and templates of addresses.
#[derive(Clone)]
struct Shapes(Arc<[(&'static str, Arc<str>)]>);

impl Shapes {
    fn of(room: Room) -> Self {
        let app = actix_web::App::new().into_utoipa_app();
        let app = app.configure(|cfg| room(&mut Routes::Described(cfg)));
        let (_, document) = app.split_for_parts();
        let all = super::routes::operations(&document).into_iter();
        Self(all.map(|operation| (operation.method, operation.path.into())).collect())
    }
}

impl Guard for Shapes {
    fn check(&self, request: &GuardContext<'_>) -> bool {
        let (method, path) = (request.head().method.as_str(), request.head().uri.path());
        let found = self.0.iter().find(|(m, template)| *m == method && fits(template, path));
        if let Some((_, template)) = found {
            request.req_data_mut().insert(Served(template.clone()));
        }
        found.is_some()
    }
}

/// Whether an address is of this template. Parts of ours may come with their letters encoded.
fn fits(template: &str, path: &str) -> bool {
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
    let shapes = SHAPES.get_or_init(|| rooms.iter().map(|room| Shapes::of(*room)).collect());
    for (room, shapes) in rooms.iter().zip(shapes) {
        let room = |cfg: &mut web::ServiceConfig| room(&mut Routes::Served(cfg));
        cfg.service(web::scope("").guard(shapes.clone()).configure(room));
    }
}

#[cfg(test)]
mod tests {
    use super::{Shapes, fits};
    use actix_web::guard::Guard as _;
    use actix_web::http::Method;
    use actix_web::test::TestRequest;

    #[test]
    fn a_room_takes_its_own_methods_only() {
        let room = Shapes(vec![("GET", "/offers/{id}".into())].into());
        let takes = |method, path| {
            let request = TestRequest::with_uri(path).method(method).to_srv_request();
            room.check(&request.guard_ctx())
        };
        assert!(takes(Method::GET, "/offers/7?why=not"));
        assert!(!takes(Method::POST, "/offers/7") && !takes(Method::GET, "/offers"));
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

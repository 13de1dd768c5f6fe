//! Where `GET /me/next` sends everybody.

use super::world::World;
use almoner::web::{openapi, routes};
use std::collections::BTreeSet;

/// Whether an address is one of those that a template describes.
fn fits(template: &str, address: &str) -> bool {
    let (known, asked): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), address.split('/').collect());
    let same = |(k, a): (&&str, &&str)| k == a || (k.starts_with('{') && !a.is_empty());
    known.len() == asked.len() && known.iter().zip(&asked).all(same)
}

/// Every address takes something; and what is changed in its own place is read there, with the ETag
/// that the change names.
pub fn every_address_takes_something(world: &World) {
    let operations = routes::operations(&openapi());
    let (mut sent, mut written) = (BTreeSet::new(), 0);
    for caller in world.callers.iter().filter(|caller| caller.signed_in && !caller.ended) {
        let view = caller.client.get("/api/v1/me/next").ok();
        let steps = view["items"].as_array().expect("items").iter();
        for todo in steps.flat_map(|step| step["todo"].as_array().expect("todo")) {
            let href = todo["href"].as_str().expect("an address");
            let there = operations.iter().filter(|o| fits(&o.path, href));
            let methods: Vec<&str> = there.map(|o| o.method).collect();
            let takes = methods.iter().any(|method| *method != "GET");
            assert!(takes, "{}: {todo} is no address that takes anything", caller.name);
            if methods.contains(&"PATCH") {
                assert!(!caller.client.get(href).etag().is_empty());
                written += 1;
            }
            sent.insert(href.to_owned());
        }
    }
    assert!(sent.len() > 3 && written > 0, "{sent:?}");
}

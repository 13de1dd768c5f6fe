//! Who asks for a direction gets what is below it as well.

use super::*;
use crate::support::desk::usd;
use crate::support::field::Field;

/// A public application about these, handed in; its id.
fn about(field: &Field<'_>, who: &Client, agendas: &[&String]) -> String {
    let form = json!({
        "call_id": field.call, "title": "Probes", "summary": "s", "body": "b",
        "visibility": "public", "duration_months": 2,
        "amount_minimum": usd("1.00"), "amount_requested": usd("9.00"),
        "budget_lines": [{ "label": "All", "amount": usd("9.00") }],
    });
    let id = who.post("/api/v1/applications", form).id();
    let path = format!("/api/v1/applications/{id}");
    let named = json!({ "agendas": agendas });
    put(who, &format!("{path}/agendas"), who.get(&path).etag(), named).ok();
    who.command(&format!("{path}/submit")).ok();
    id
}

/// All ids of a list, by pages of this size.
fn by_pages(who: &Client, path: &str, size: usize) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = who.get(&at(&format!("{path}?limit={size}{after}")));
        found.extend(ids(&page));
        match page.ok()["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

both! {
    fn a_direction_lists_what_is_below_it_once(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (bio, optics) = (agenda(admin, "bio"), agenda(admin, "optics"));
        let [detection, vaccines] = ["detection", "vaccines"].map(|slug| below(admin, slug, &bio));
        let (rea, nobody) = (web.person("Rea"), web.anonymous());
        let three = [&detection, &vaccines, &bio];
        let named: [&[&String]; 4] = [&[&bio], &[&detection], &three, &[&vaccines]];
        let mut all = Vec::from(named.map(|agendas| about(&field, &rea, agendas)));
        all.push(about(&field, &rea, &[&optics]));
        for id in &all {
            admin.command(&format!("/api/v1/applications/{id}/open")).ok();
        }
        all.pop();
        all.reverse();
        let list = |of: &str, what: &str| ids(&nobody.get(&at(&format!("{of}/{what}"))));
        assert_eq!(list(&bio, "applications"), all);
        assert_eq!(list(&detection, "applications"), all[1..3]);
        for size in 1..=3 {
            let path = format!("{bio}/applications");
            assert_eq!(by_pages(&nobody, &path, size), all, "pages of {size}");
        }
        let page = nobody.get(&at(&bio)).ok();
        assert_eq!(page["applications"].as_array().map(Vec::len), Some(4));
        // What is retired stays where it is named.
        admin.command(&at(&format!("{vaccines}/retire"))).ok();
        assert_eq!(list(&bio, "applications"), all);
        let backer = field.backer("100.00");
        let grants: Vec<String> = all[1..3].iter().map(|id| {
            backer.offer(id, "5.00").ok();
            field.awarded(id)
        }).collect();
        assert_eq!(list(&bio, "grants"), grants);
        assert_eq!(by_pages(&nobody, &format!("{bio}/grants"), 1), grants);
        // What is below it no more is not listed there.
        let read = admin.get(&at(&detection));
        admin.patch(&at(&detection), read.etag(), json!({ "parent_id": null })).ok();
        assert_eq!(list(&bio, "applications"), [&all[0], &all[1], &all[3]].map(String::clone));
    }

    fn people_are_found_under_what_is_wider_once(t: &Harness) {
        let web = t.serve();
        let admin = admin(&web);
        let bio = agenda(&admin, "bio");
        let detection = below(&admin, "detection", &bio);
        let (rea, mo, nora) = (web.person("Rea"), web.person("Mo"), web.person("Nora"));
        let said = |agendas: &[&String], look: &str| {
            json!({ "agendas": agendas, "looking_for": [look], "listed": true })
        };
        says(&rea, said(&[&bio, &detection], "team")).ok();
        says(&mo, said(&[&detection], "mentor")).ok();
        let people = format!("{bio}/people");
        let both = [mo.id().to_string(), rea.id().to_string()];
        assert_eq!(ids(&nora.get(&at(&people))), both);
        assert_eq!(by_pages(&nora, &people, 1), both);
        let mentors = nora.get(&at(&format!("{people}?looking_for=mentor")));
        assert_eq!(ids(&mentors), both[..1]);
    }

    fn who_knows_a_direction_reviews_what_is_below_it(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let admin = &field.desk.admin;
        let (bio, optics) = (agenda(admin, "bio"), agenda(admin, "optics"));
        let detection = below(admin, "detection", &bio);
        // The one who knows is not the first.
        let [una, duo] = ["Una", "Duo"].map(|name| web.with_role(name, Role::Reviewer));
        let rea = web.person("Rea");
        says(&duo, json!({ "agendas": [bio, detection] })).ok();
        let spread = || {
            let form = json!({ "per_application": 1, "dry_run": true });
            let path = format!("/api/v1/calls/{}/assign-reviewers", field.call);
            admin.post(&path, form).ok()["assigned"].clone()
        };
        let pair = |id: &str, who: &Client| {
            json!({ "application_id": id, "reviewer_id": who.id() })
        };
        let first = about(&field, &rea, &[&detection]);
        assert_eq!(spread(), json!([pair(&first, &duo)]));
        // To know both the wider and the narrower one is to know one of its directions.
        says(&una, json!({ "agendas": [bio, optics] })).ok();
        let second = about(&field, &rea, &[&detection, &optics]);
        assert_eq!(spread(), json!([pair(&first, &una), pair(&second, &una)]));
    }
}

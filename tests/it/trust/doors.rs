//! What can be asked of everything there is, is asked a number of times.

use super::*;
use almoner::platform::config::Limit;

both! {
    fn looking_through_everything_is_limited(t: &Harness) {
        let mut config = t.config();
        config.auth.limits.work = Limit { burst: 3, per_hour: 60 };
        let web = t.serve_with(config);
        let field = web.field();
        let backer = field.backer("9.00");
        let ron = web.with_role("Ron", Role::Reviewer);
        let id = draft(&backer.who, &field.call, json!({}));
        let octets = [("Content-Type", "text/plain")];
        let path = at(&id, "/attachments?name=a.txt");
        let file = backer.who.send("POST", &path, &octets, Some(b"Text.".to_vec())).id();
        let search = "/api/v1/search/applications?q=lens".to_owned();
        let file = at(&id, &format!("/attachments/{file}"));
        let similar = at(&id, "/similar");
        let form = json!({ "slug": "optics", "title": "Optics" });
        let direction = field.desk.admin.post("/api/v1/agendas", form).id();
        let direction = format!("/api/v1/agendas/{direction}");
        let (in_it, grants) = (format!("{direction}/applications"), format!("{direction}/grants"));
        // Searches and queues are one door, files another; each person has their own.
        for (who, path, other) in [
            (&backer.who, &search, "/api/v1/me/queue"),
            (&web.person("Stan"), &search, search.as_str()),
            (&ron, &similar, similar.as_str()),
            (&web.person("Sue"), &direction, in_it.as_str()),
            (&web.person("Stu"), &in_it, grants.as_str()),
            (&backer.who, &file, file.as_str()),
        ] {
            for _ in 0..3 {
                assert_ne!(who.get(path).status, 429, "{path}");
            }
            let reply = who.get(other);
            reply.refused(429, "too_many_requests");
            assert!(reply.header("retry-after").is_some(), "{other}");
        }
    }

    fn names_are_in_no_list_for_who_has_not_signed_in(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let rea = web.person("Rea Searcher");
        let form = json!({ "slug": "optics", "title": "Optics" });
        let agenda = field.desk.admin.post("/api/v1/agendas", form).id();
        let id = draft(&rea, &field.call, json!({ "visibility": "public" }));
        let etag = rea.get(&at(&id, "")).etag().to_owned();
        let body = json!({ "agendas": [agenda] }).to_string().into_bytes();
        rea.send("PUT", &at(&id, "/agendas"), &[("If-Match", &etag)], Some(body)).ok();
        rea.command(&at(&id, "/submit")).ok();
        field.desk.admin.command(&at(&id, "/open")).ok();
        web.work();
        let backer = field.backer("9.00");
        let lists = ["/api/v1/applications?limit=200".to_owned(),
            "/api/v1/search/applications?q=lens".to_owned(),
            format!("/api/v1/agendas/{agenda}/applications"),
            format!("/api/v1/agendas/{agenda}/grants")];
        let looked = |grant: bool| {
            for (n, path) in lists.iter().enumerate() {
                let text = web.anonymous().get(path).text();
                let some = n < 3 || grant;
                assert_eq!(text.contains("A better lens"), some, "{path}: {text}");
                let id = rea.id().to_string();
                assert!(!text.contains("Searcher") && !text.contains(&id), "{path}: {text}");
                assert_eq!(backer.who.get(path).text().contains("Searcher"), some, "{path}");
            }
        };
        looked(false);
        backer.offer(&id, "5.00").ok();
        field.awarded(&id);
        looked(true);
        assert!(web.anonymous().get(&at(&id, "")).text().contains("Searcher"), "its own page");
    }
}

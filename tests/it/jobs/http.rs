//! The dead letters, over HTTP.

use super::*;

/// A job of the whole service that is given up at once: its payload is none.
pub fn give_up_one(web: &Web) {
    let ctx = web.system();
    let put = |conn: &mut _| {
        let (run_at, payload) = (ctx.env.clock.now(), json!({ "sealed": "c2VjcmV0" }));
        jobs::enqueue(conn, &ctx, NewJob { kind: "mail.send", payload, run_at, dedupe: None })
    };
    assert!(web.app.db.write_now("test.job", put).expect("enqueued"));
    web.work();
}

both! {
    fn given_up_are_seen_and_tried_again_over_http(t: &Harness) {
        let web = t.serve();
        let admin = web.with_role("Ada", Role::Admin);
        let others = [
            web.person("Rey"),
            web.with_roles("Fin", &[Role::Finance, Role::Regrantor, Role::Auditor]),
        ];
        web.nothing_left_undone();
        (0..3).for_each(|_| give_up_one(&web));
        let first = admin.get("/api/v1/jobs/dead?limit=2").ok();
        let next = first["next"].as_str().expect("there are three");
        let second = admin.get(&format!("/api/v1/jobs/dead?limit=2&after={next}")).ok();
        let ids: Vec<&str> = [&first, &second]
            .into_iter()
            .flat_map(|page| page["items"].as_array().expect("a list"))
            .filter_map(|job| job["id"].as_str())
            .collect();
        assert!(ids.len() == 3 && ids.is_sorted_by(|a, b| a > b), "newest first: {ids:?}");
        assert_eq!(second["next"], Value::Null);
        let mut shown = first["items"][0].clone();
        shown["id"] = "(id)".into();
        assert_eq!(
            shown,
            json!({
                "id": "(id)",
                "kind": "mail.send",
                "attempts": 1,
                "last_error": "the stored mail: these bytes are no sealed field",
                "created_at": "2026-11-02T09:00:00Z",
                "finished_at": "2026-11-02T09:00:00Z",
            })
        );

        let retry = format!("/api/v1/jobs/{}/retry", ids[0]);
        web.anonymous().get("/api/v1/jobs/dead").refused(401, "unauthenticated");
        web.anonymous().command(&retry).refused(401, "unauthenticated");
        for other in &others {
            other.get("/api/v1/jobs/dead").refused(403, "forbidden");
            other.command(&retry).refused(403, "forbidden");
        }
        let again = admin.post_key(&retry, "once", json!({}));
        assert_eq!((again.status, &again.json()["attempts"]), (202, &json!(0)));
        assert_eq!(admin.post_key(&retry, "once", json!({})).json(), again.json(), "replayed");
        admin.command(&retry).refused(409, "wrong_state");
        let unknown = format!("/api/v1/jobs/{}/retry", admin.id());
        admin.command(&unknown).refused(404, "not_found");
        admin.command("/api/v1/jobs/x/retry").refused(400, "malformed_request");
        admin.get("/api/v1/jobs/dead?limit=0").refused(422, "invalid");

        let log = admin.get(&format!("/api/v1/audit?object_kind=job&object_id={}", ids[0])).ok();
        assert_eq!(log["items"].as_array().map(Vec::len), Some(1), "{log}");
        assert_eq!(log["items"][0]["action"], "retry_job");
        assert_eq!(log["items"][0]["person_id"], json!(admin.id()));
        t.clock.advance_seconds(5);
        let text = web.anonymous().get("/metrics").text();
        for line in ["jobs_due 1", "jobs_oldest_seconds 5", "jobs_dead 2"] {
            assert!(text.contains(&format!("\nalmoner_{line}\n")), "{line} in {text}");
        }
    }
}

//! One's own account.

use super::*;

both! {
    fn a_name_is_changed_by_version(t: &Harness) {
        let web = t.serve_with(patient(t));
        let ada = web.person("Ada");
        let read = ada.get("/api/v1/me");
        let etag = read.etag().to_owned();
        let body = json!({ "name": "Ada L." });
        let bare = ada.send("PATCH", "/api/v1/me", &[], Some(body.to_string().into_bytes()));
        bare.refused(428, "precondition_required");
        let changed = ada.patch("/api/v1/me", &etag, body);
        assert_eq!(changed.ok()["name"], "Ada L.");
        assert_ne!(changed.etag(), etag);
        let stale = ada.patch("/api/v1/me", &etag, json!({ "name": "Ada" }));
        let stale = stale.refused(412, "edited_meanwhile");
        assert!(text(&stale, "detail").contains("Ada"), "tells who: {stale}");
        assert_eq!(ada.patch("/api/v1/me", changed.etag(), json!({})).etag(), changed.etag());
        for bad in ["", "A\u{0}", "A\u{202E}", &"x".repeat(201)] {
            let reply = ada.patch("/api/v1/me", changed.etag(), json!({ "name": bad }));
            reply.wrong_fields(&["/name"]);
        }
        for extra in ["email", "roles", "status", "version", "id", "password_hash"] {
            let reply = ada.patch("/api/v1/me", changed.etag(), json!({ extra: "x" }));
            reply.wrong_fields(&[&format!("/{extra}")]);
        }
        web.anonymous().get("/api/v1/me").refused(401, "unauthenticated");
        assert_eq!(ada.get("/api/v1/me").ok()["name"], "Ada L.");
    }
}

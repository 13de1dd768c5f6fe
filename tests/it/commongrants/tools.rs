//! The real tools: schemathesis with the official document drives our server and holds each answer
//! against its schemas, and the official Python SDK reads every row. Where one is not installed,
//! what it would prove is skipped and says so; `ALMONER_REQUIRE_VALIDATORS=1` makes that a failure.

use super::opened;
use crate::support::web::{Client, Web};
use crate::support::{Harness, environment, say};
use almoner::kernel::actor::Role;
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// Reads the list, each opportunity, and what a search finds, with the types of the SDK; and page
/// by page the applications of whoever has the token, of which it knows the answer's type alone.
const READER: &str = "\
import sys
from common_grants_sdk.client import Client, Auth
from common_grants_sdk.client.config import Config
c = Client(config=Config(base_url=sys.argv[1], api_key='x'), auth=Auth.api_key('x'))
r = c.opportunities.list()
assert r.items and not r.errors, r.errors
for item in r.items:
    assert c.opportunities.get(item.id).id == item.id
    s = c.opportunities.search(search=item.title.split()[0])
    assert not s.errors and item.id in [found.id for found in s.items], s
a = Client(config=Config(base_url=sys.argv[1], api_key='x'), auth=Auth.bearer(sys.argv[2]))
f = a.search('/common-grants/applications/search', {}, page_size=2)
assert f.sort_info.sort_by == 'createdAt' and not f.filter_info.errors, f
assert len(set(found['id'] for found in f.items)) == len(f.items), f
print('read', len(r.items), len(f.items))
";

/// The program that a variable names; none where it is not there and need not be.
pub fn tool(variable: &str, what: &str) -> Option<Command> {
    let found = environment(variable).map(Command::new);
    if found.is_none() {
        let required = environment("ALMONER_REQUIRE_VALIDATORS").is_some();
        assert!(!required, "ALMONER_REQUIRE_VALIDATORS is set, but {variable} is not: {what}");
        say(&format!("skipped: what {what} would prove ({variable})"));
    }
    found
}

/// Runs it to its good end; what it said.
#[track_caller]
pub fn passes(mut command: Command) -> String {
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{complained}");
    said
}

/// Calls of every kind, and somebody who applies three times.
fn filled(t: &Harness) -> (Web, Client) {
    let web = t.serve();
    let rea = web.person("Rea");
    let admin = web.with_role("Ada", Role::Admin);
    opened(&admin, "Rolling \u{1F33E} call", json!({ "summary": "For everybody." }));
    for (title, opens, closes) in
        [("Forecast", "2026-12-01", "2026-12-31"), ("Open", "2026-11-01", "2026-11-30")]
    {
        let days = json!({ "kind": "dated", "opens_on": opens, "closes_on": closes });
        opened(&admin, title, days);
    }
    let call = super::forms::asking(&admin, "Asks");
    for title in ["A lens", "A kiln", "A loom"] {
        let form = json!({ "competitionId": call, "title": title });
        rea.post("/common-grants/applications/start", form).ok();
    }
    let closed = opened(&admin, "Closed", json!({}));
    admin.command(&format!("/api/v1/calls/{closed}/close")).ok();
    (web, rea)
}

both! {
    fn the_official_document_and_sdk_take_our_answers(t: &Harness) {
        let (web, rea) = filled(t);
        if let Some(mut python) = tool("ALMONER_COMMONGRANTS", "the CommonGrants SDK") {
            python.arg("-c").arg(READER).arg(&web.url);
            python.arg(rea.token.as_deref().expect("she has signed in"));
            assert_eq!(passes(python).trim(), "read 5 3");
        }
        let Some(mut command) = tool("ALMONER_SCHEMATHESIS", "schemathesis") else { return };
        let document = Path::new(env!("CARGO_MANIFEST_DIR"));
        command.arg("run").arg(document.join("tests/it/commongrants/openapi.0.4.0.json"));
        command.args([
            "--url",
            &web.url,
            "--include-path-regex",
            "^/common-grants/(opportunities|forms|competitions|applications)",
        ]);
        command.args(["--mode", "positive", "--max-examples", "25", "--seed", "1"]);
        let checks = "not_a_server_error,content_type_conformance,response_schema_conformance";
        command.args(["--checks", checks, "--no-color", "--generation-database", "none"]);
        // Its own settings would be read from the folder where it is started.
        command.current_dir(t.dir());
        let said = passes(command);
        let line = said.lines().find(|line| line.contains(" generated, ")).unwrap_or_default();
        let cases: u64 = line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0);
        assert!(cases > 50, "{said}");
    }
}

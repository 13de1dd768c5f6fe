//! No list walks a whole table: every statement that any list asks, for anybody and with every
//! filter, is explained on a database of thousands of rows.

use crate::support::web::{Client, Web};
use crate::support::years::{self, Sample, world::World};
use crate::support::{Harness, Side, watch};
use almoner::kernel::actor::Role;
use almoner::platform::context::Ctx;
use almoner::web::{openapi, routes};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Enough for a walk to cost more than an index, on either database.
fn applications(side: Side) -> u32 {
    match side {
        Side::Sqlite => 8_000,
        Side::Postgres => 24_000,
    }
}
/// A table with more rows than this must not be walked.
const SMALL: i64 = 1_000;

/// What may pass rows by, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("people.search LIKE", "a part of a name is found by reading names"),
    (
        "WHERE (applications.submitted_at IS NOT NULL) ORDER BY",
        "that is the whole of its index, and the limit ends it",
    ),
    ("(ledger_entries.effective_on >=", "the days that were asked for are passed by"),
    ("WHERE people.roles <> 0 AND", "few have a role, and those are the whole of that index"),
    (
        "SELECT COUNT(*), min(application_routes.submitted_at)",
        "what waits in a call is counted whole, and here one call has all the routes",
    ),
    ("AND grants.status <> 'cancelled')", "newest first by two indexes, and the limit ends both"),
];

/// A request for a list: its address, filled in.
fn requests(world: &World, sample: &Sample, agenda: &str) -> Vec<String> {
    let document = openapi();
    let json = serde_json::to_value(&document).expect("it serialises");
    let mut all = Vec::new();
    for operation in routes::operations(&document) {
        let found = ["search_applications", "get_queue"].contains(&operation.id.as_str());
        if operation.method != "GET" || !(found || operation.id.starts_with("list_")) {
            continue;
        }
        let path = filled(&operation.path, world, sample, agenda);
        let parameters = &json["paths"][&operation.path]["get"]["parameters"];
        let mut variants = vec![String::new()];
        for parameter in parameters.as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                let name = parameter["name"].as_str().expect("a name");
                let values = values(name, parameter, &json, world, sample);
                variants.extend(values.iter().map(|value| format!("{name}={value}")));
            }
        }
        all.extend(variants.iter().map(|variant| format!("{path}?{variant}")));
    }
    all
}

/// Feeds are lists, too; the document has none of them.
fn feeds(world: &World) -> [String; 3] {
    let of_call = format!("/feeds/calls/{}/applications.atom", world.calls[0]);
    [of_call, "/feeds/applications.atom".into(), "/feeds/grants.atom".into()]
}

fn filled(template: &str, world: &World, sample: &Sample, agenda: &str) -> String {
    let parts: Vec<&str> = template.split('/').collect();
    let mut path = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        path.push(match (*part, parts.get(index.wrapping_sub(1)).copied()) {
            ("{id}", Some("applications")) => sample.public[0].to_string(),
            ("{id}", Some("grants")) => sample.grants[0].to_string(),
            ("{id}", Some("agendas")) => agenda.to_owned(),
            ("{id}", Some("funds")) => world.regrantors[0].fund.to_string(),
            ("{id}", Some("budgets")) => world.regrantors[0].budget.to_string(),
            ("{id}", Some("people")) => world.regrantors[0].id.to_string(),
            (part, of) if part.starts_with('{') => panic!("{template}: what is {part} of {of:?}?"),
            (part, _) => part.to_owned(),
        });
    }
    path.join("/")
}

/// What a parameter of a list may be.
fn values(
    name: &str,
    parameter: &Value,
    json: &Value,
    world: &World,
    sample: &Sample,
) -> Vec<String> {
    let regrantor = &world.regrantors[0];
    let one = |value: String| vec![value];
    match name {
        "limit" => one("50".into()),
        "after" => Vec::new(),
        "mine" => one("true".into()),
        "page" | "pageSize" => one("2".into()),
        "reference" => one("ALM-0000-0000".into()),
        "q" => one("gupta".into()),
        "place" => one("Berlin".into()),
        "currency" => one("USD".into()),
        "amount_min" | "amount_max" => one("5000.00&currency=USD".into()),
        "team_min" | "team_max" => one("2".into()),
        "vouched_by" => one(regrantor.id.to_string()),
        "agenda_id" => one(world.calls[0].to_string()),
        "from" | "to" => one("2025-06-01".into()),
        // Only together with the object.
        "object_kind" => Vec::new(),
        "fund_id" => one(regrantor.fund.to_string()),
        "budget_id" => one(regrantor.budget.to_string()),
        "holder_id" | "person_id" => one(regrantor.id.to_string()),
        "call_id" => one(world.calls[0].to_string()),
        "application_id" => one(sample.open[0].to_string()),
        "grant_id" => one(sample.grants[0].to_string()),
        "batch_id" | "account_id" => one(sample.offers[0].to_string()),
        "object_id" => one(format!("{}&object_kind=offer", sample.offers[0])),
        _ => words(parameter, json).unwrap_or_else(|| panic!("what may {name} be?")),
    }
}

/// All words of an enumeration, wherever its schema names it.
fn words(value: &Value, json: &Value) -> Option<Vec<String>> {
    if let Some(words) = value["enum"].as_array() {
        return Some(words.iter().filter_map(|w| w.as_str().map(str::to_owned)).collect());
    }
    if let Some(name) = value["$ref"].as_str() {
        let name = name.trim_start_matches("#/components/schemas/");
        return words(&json["components"]["schemas"][name], json);
    }
    let inside = [&value["schema"], &value["oneOf"], &value["allOf"], &value["anyOf"]];
    inside.into_iter().find_map(|inside| match inside {
        Value::Array(all) => all.iter().find_map(|each| words(each, json)),
        Value::Object(_) => words(inside, json),
        _ => None,
    })
}

fn callers(web: &Web, world: &World) -> Vec<Client> {
    let who = &world.regrantors[0];
    let mut all = vec![web.anonymous(), web.person("Nora"), web.known(who.id, &who.email, true)];
    all.extend([Role::Admin, Role::Finance].map(|role| web.with_role(role.as_str(), role)));
    let lane = web.person("Lana");
    let admin = &all[all.len() - 2];
    let path = format!("/api/v1/people/{}/need-to-know", lane.id());
    admin.post(&path, json!({ "reason": "Knows the field." })).ok();
    all.push(lane);
    all
}

/// Asks for a page, and for the one after it.
fn two_pages(who: &Client, path: &str) {
    let reply = who.get(path);
    // Drafts are not searched.
    let refused = path.contains("/search/") && path.contains("status=draft");
    let expected = [200, 401, 403, 404].contains(&reply.status) || refused;
    assert!(expected, "{path}: {} {}", reply.status, reply.text());
    if refused {
        return;
    }
    if let Some(next) = reply.json()["next"].as_str() {
        who.get(&format!("{path}&after={next}")).ok();
    }
}

/// Searches over applications in the protocol's words: a POST, with statuses, also in two calls.
fn protocol_searches(who: &Client, world: &World) {
    let calls = json!({ "operator": "in", "value": [world.calls[0], world.calls[1]] });
    let mut filters = vec![json!({}), json!({ "opportunityId": calls })];
    for (operator, word) in [("in", "accepted"), ("in", "custom"), ("notIn", "accepted")] {
        let status = json!({ "operator": operator, "value": [word] });
        filters.push(json!({ "status": status }));
        filters.push(json!({ "status": status, "opportunityId": calls }));
    }
    for filters in filters {
        let form = json!({ "filters": filters, "pagination": { "page": 2, "pageSize": 20 } });
        who.post("/common-grants/applications/search", form).ok();
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}
#[derive(QueryableByName)]
struct Postgres {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}
#[derive(QueryableByName)]
struct Sqlite {
    #[diesel(sql_type = Text)]
    detail: String,
}
#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Tables with more rows than [`SMALL`].
fn large(t: &Harness) -> BTreeSet<String> {
    let names = match t.side {
        Side::Sqlite => "SELECT name AS line FROM sqlite_master WHERE type = 'table'",
        Side::Postgres => {
            "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'"
        }
    };
    let found = t.db.read_now("test.tables", |conn| {
        let mut large = BTreeSet::new();
        for name in diesel::sql_query(names).load::<Line>(conn)? {
            let count = format!("SELECT count(*) AS rows FROM {}", name.line);
            if diesel::sql_query(count).get_result::<Count>(conn)?.rows > SMALL {
                large.insert(name.line);
            }
        }
        Ok(large)
    });
    found.expect("tables can be counted")
}

/// How the database goes about a statement, whatever its values are.
fn plan(t: &Harness, sql: &str) -> Vec<String> {
    let plan = t.db.read_now("test.plan", |conn| match t.side {
        Side::Sqlite => {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let rows: Vec<Sqlite> = diesel::sql_query(explain).load(conn)?;
            Ok(rows.into_iter().map(|row| row.detail).collect())
        }
        Side::Postgres => {
            let (sql, parameters) = with_limit(sql);
            let nulls = vec!["NULL"; parameters].join(", ");
            let values = if parameters == 0 { String::new() } else { format!("({nulls})") };
            conn.batch_execute("SET LOCAL plan_cache_mode = force_generic_plan")?;
            conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE asked AS {sql}"))?;
            let explain = format!("EXPLAIN EXECUTE asked{values}");
            let rows: Vec<Postgres> = diesel::sql_query(explain).load(conn)?;
            Ok(rows.into_iter().map(|row| row.line).collect())
        }
    });
    plan.unwrap_or_else(|p| panic!("{sql}: {p}: {:?}", p.cause()))
}

/// The statement with its limit written out, for a limit that PostgreSQL does not know it takes for
/// a tenth of the table; and how many parameters are left.
fn with_limit(sql: &str) -> (String, usize) {
    let mut sql = sql.to_owned();
    let parameters = (1..100).take_while(|n| sql.contains(&format!("${n}"))).count();
    let last = format!("LIMIT ${parameters}");
    if parameters > 0 && sql.contains(&last) {
        sql = sql.replace(&last, "LIMIT 51");
        return (sql, parameters - 1);
    }
    (sql, parameters)
}

/// The tables that a plan walks, of those that are large.
fn walked(side: Side, plan: &[String], sql: &str, large: &BTreeSet<String>) -> Vec<String> {
    let mut walked = Vec::new();
    for (number, line) in plan.iter().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let table = match side {
            // What a virtual table is asked for it looks up in an index of its own.
            Side::Sqlite if line.contains("VIRTUAL TABLE INDEX") => None,
            Side::Sqlite => line.strip_prefix("SCAN ").and_then(|l| l.split(' ').next()),
            Side::Postgres if line.contains("Scan") => {
                words.iter().position(|w| *w == "on").and_then(|i| words.get(i + 1).copied())
            }
            Side::Postgres => None,
        };
        let Some(table) = table.filter(|t| large.contains(*t)) else { continue };
        let whole = match side {
            // In the order of the table or an index, and without a condition, the limit ends it.
            Side::Sqlite => {
                let sorted = plan.iter().any(|l| l.contains("TEMP B-TREE"));
                sql.contains(" WHERE ") || !sql.contains(" LIMIT ") || sorted
            }
            Side::Postgres => line.contains("Seq Scan") || passes_by(plan, number),
        };
        if whole {
            walked.push(table.to_owned());
        }
    }
    walked
}

/// Whether rows are passed by, and more than a quarter of what the index leads to would have to be
/// before the page is full. (A frequent status is found soon in the order of the ids; a rare one
/// has to be looked up.)
fn passes_by(plan: &[String], number: usize) -> bool {
    let details =
        || plan[number + 1..].iter().map(|l| l.trim()).take_while(|l| !l.starts_with("->"));
    let finds = |l: &str| {
        let condition = l.starts_with("Index Cond:") || l.starts_with("Recheck Cond:");
        // Words and marks are looked up in the index of words.
        condition && [" = ", "ANY", " @@ "].iter().any(|way| l.contains(way))
    };
    let filters = details().any(|l| l.starts_with("Filter:"));
    filters && !details().any(finds) && cost(&plan[0]) > cost(&plan[number]) / 4
}

/// What PostgreSQL thinks that a step costs, to the end.
fn cost(line: &str) -> u64 {
    let end = line.split_once("cost=").and_then(|(_, rest)| rest.split_once(".."));
    let whole = end.and_then(|(_, rest)| rest.split('.').next()?.parse().ok());
    whole.unwrap_or_else(|| panic!("no cost in {line}"))
}

/// Whether it asks for what looks for something by visibility and status alone, which there is an
/// index of for each thing. By call, applicant or team it is looked up otherwise.
fn looks(sql: &str) -> bool {
    let otherwise = ["call_id", "applicant_id", "application_members"];
    sql.contains("looking_for &") && !otherwise.iter().any(|part| sql.contains(part))
}

/// Every application is in a further call as well: enough for a walk over the routes to be seen.
fn route_all(t: &Harness, world: &World) {
    let doc = match t.side {
        Side::Sqlite => "'{}'",
        Side::Postgres => "'{}'::jsonb",
    };
    let call = world.calls[1].uuid().simple().to_string();
    let same = match t.side {
        Side::Sqlite => format!("lower(hex(c.id)) = '{}'", call),
        Side::Postgres => format!("replace(c.id::text, '-', '') = '{}'", call),
    };
    let sql = format!(
        "INSERT INTO application_routes (application_id, call_id, status, form_version, answers, \
         suggested, carried, routed_at, submitted_at, promised_on, step, rule_extensions, version) \
         SELECT a.id, c.id, 'submitted', 0, {doc}, {doc}, {doc}, a.submitted_at, a.submitted_at, \
         a.promised_on, 'remind', 0, 1 FROM applications a, calls c \
         WHERE {same} AND a.call_id <> c.id AND a.submitted_at IS NOT NULL \
         AND a.promised_on IS NOT NULL"
    );
    let routed = t.db.write_now("test.route", |conn| Ok(conn.batch_execute(&sql)?));
    routed.unwrap_or_else(|p| panic!("{p}: {:?}", p.cause()));
}

both! {
    fn lists_walk_no_whole_table(t: &Harness) {
        t.clock.set("2026-11-02T09:00:00Z".parse().expect("an instant"));
        watch::watch(&t.url);
        let web = t.serve_on(t.config(), t.open_again(2));
        let system = Ctx::system(web.env(), "test");
        let (world, sample) = years::make(&t.db, &system, applications(t.side)).expect("years");
        let (person, application) = (world.regrantors[0].id, sample.public[0]);
        let agenda = crate::agendas::many::fill(t, &web, person, application);
        route_all(t, &world);
        // What making them asked is no list's.
        watch::watch(&t.url);
        if t.side == Side::Postgres {
            let mut conn = PgConnection::establish(&t.url).expect("it was there");
            conn.batch_execute("VACUUM ANALYZE").expect("statistics");
        }
        let requests = requests(&world, &sample, &agenda);
        for who in callers(&web, &world) {
            requests.iter().for_each(|path| two_pages(&who, path));
            protocol_searches(&who, &world);
        }
        for path in feeds(&world) {
            let reply = web.anonymous().get(&path);
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        }
        let asks = |sql: &String| {
            // Nothing is in an empty list, and both databases know it at once.
            sql.starts_with("SELECT") && !sql.ends_with("COMMIT") && !sql.contains("(1=0)")
        };
        let selects = watch::heard(&t.url).into_iter().filter(asks);
        let selects: Vec<String> = selects.collect();
        assert!(selects.len() > 60, "only {} statements were heard", selects.len());
        let (large, mut faults, mut looked) = (large(t), Vec::new(), 0);
        for sql in &selects {
            let plan = plan(t, sql);
            let walked = walked(t.side, &plan, sql, &large);
            let plain = sql.replace(['"', '`'], "");
            if looks(&plain) {
                let by = |index: &str| plan.iter().any(|line| line.contains(index));
                looked += usize::from(by("applications_looks_"));
                if !by("applications_looks_") {
                    faults.push(format!("no index of what looks: {sql}\n  {}", plan.join("\n  ")));
                }
            }
            let allowed = ALLOWED.iter().any(|(part, _)| plain.contains(part));
            if !walked.is_empty() && !allowed {
                faults.push(format!("{walked:?}: {sql}\n  {}", plan.join("\n  ")));
            }
        }
        assert!(faults.is_empty(), "{} walks\n{}", faults.len(), faults.join("\n\n"));
        assert!(looked > 20, "only {looked} lists by an index of what looks for something");
    }
}

//! The rules of the house, proven from paths and from what the files name.
//!
//! 1. Direction: kernel ← platform ← ledger ← domains ← web ← cli, app, main. No circles.
//! 2. diesel, actix and lettre only where [`CRATES`] says.
//! 3. `model` and `rules` know only the kernel, each other, and other domains' models.
//! 4. A domain calls another's service, never its store.
//! 5. Only the ledger inserts postings, `platform/db` opens transactions, `kernel/time` tells time.
//! 7. Functions ≤ 70 lines, files ≤ 400, lines ≤ 100. The lists of rooms and files are closed.
//!    (Rule 6, no network in a transaction, does not show.)

mod fuzz;
mod locks;
mod shapes;
mod source;

use source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// In the order of the house: each may use those before it.
const DOMAINS: &[&str] = &[
    "people",
    "agendas",
    "delegations",
    "funds",
    "budgets",
    "approvals",
    "calls",
    "answers",
    "attachments",
    "applications",
    "comments",
    "vouches",
    "reviews",
    "concerns",
    "offers",
    "discovery",
    "dossiers",
    "paperwork",
    "payees",
    "grants",
    "disbursements",
    "progress",
    "publishing",
    "commongrants",
    "exports",
    "stats",
    "oversight",
];
const PLATFORM: &[&str] = &[
    "audit",
    "auth",
    "authz",
    "config",
    "context",
    "db",
    "files",
    "http",
    "idempotency",
    "jobs",
    "mail",
    "outbox",
    "panics",
    "pdf",
    "search",
];
const KERNEL: &[&str] = &[
    "actor",
    "fields",
    "ids",
    "money",
    "page",
    "patch",
    "problem",
    "split",
    "text",
    "text_enum",
    "time",
];
/// What may be in a domain and in the ledger; each may be a folder as well.
const ROOMS: &[&str] =
    &["mod", "model", "rules", "store", "service", "api", "pages", "jobs", "events"];
/// What the ledger has besides.
const LEDGER: &[&str] = &["export", "movements"];

/// Who may name a crate.
const CRATES: &[(&str, &[&str], &[&str])] = &[
    ("diesel", &["platform/db/"], &["store"]),
    ("diesel_migrations", &["platform/db/"], &[]),
    ("actix_web", &["platform/http/", "web/"], &["api", "pages"]),
    ("actix_http", &["platform/http/", "web/"], &["api", "pages"]),
    ("utoipa_actix_web", &["platform/http/", "web/"], &["api", "pages"]),
    ("lettre", &["platform/mail/"], &[]),
];

/// Words that open a transaction; text in quotes counts.
const TRANSACTIONS: &[&str] = &[
    ".transaction(",
    ".transaction::<",
    "begin_transaction",
    "build_transaction",
    "commit_transaction",
    "\"BEGIN",
    "\"COMMIT",
    "\"ROLLBACK",
    "\"SAVEPOINT",
];
/// Words that read a clock; text in quotes counts.
const CLOCKS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "now_v7",
    "CURRENT_TIMESTAMP",
    "clock_timestamp(",
    "('now')",
];
/// A table with a row to a line is easier to check wide than wrapped.
const TABLES: &[&str] = &["src/platform/authz/policy.rs", "src/platform/authz/table.rs"];

const FUNCTION_LINES: usize = 70;
const FILE_LINES: usize = 400;
const LINE_CHARS: usize = 100;
const DOMAIN_MOD_LINES: usize = 80;
const ROOT_LINES: usize = 60;

/// The top of the house that a file or a path belongs to.
fn top(path: &str) -> &str {
    let end = path.find(['/', ':', '.']).unwrap_or(path.len());
    &path[..end]
}

/// How high a room is; `None` for what is no room (a macro).
fn height(room: &str) -> Option<usize> {
    let domain = DOMAINS.iter().position(|d| *d == room).map(|i| 3 + i);
    domain.or(match room {
        "kernel" => Some(0),
        "platform" => Some(1),
        "ledger" => Some(2),
        "web" => Some(100),
        "app" => Some(101),
        "cli" => Some(102),
        "main" | "lib" => Some(103),
        _ => None,
    })
}

/// The part of a room that a file is in: `store` of `offers/store/list.rs`.
fn part(place: &str) -> &str {
    let rooms = place.strip_prefix("platform/").unwrap_or(place);
    let inside = rooms.split_once('/').map_or("", |(_, rest)| rest);
    top(inside)
}

/// Everything wrong with one file, a line to each.
fn faults(source: &Source) -> Vec<String> {
    let mut faults = sizes(source);
    if let Some(place) = source.path.strip_prefix("src/") {
        faults.extend(lists(place).map(|why| format!("{}: {why}", source.path)));
        let mut at =
            |line: usize, why: String| faults.push(format!("{}:{line}: {why}", source.path));
        for (line, path) in source.paths() {
            path_faults(place, &path).into_iter().for_each(|why| at(line, why));
        }
        word_faults(place, source, &mut at);
    }
    faults
}

/// The closed lists of rooms and files.
fn lists(place: &str) -> Option<String> {
    let parts: Vec<&str> = place.trim_end_matches(".rs").split('/').collect();
    let listed = match parts[..] {
        ["main" | "lib" | "app"] | ["cli" | "web", ..] => true,
        ["kernel", name] => name == "mod" || KERNEL.contains(&name),
        ["platform", room, ..] => room == "mod" || PLATFORM.contains(&room),
        ["ledger", file, ..] => ROOMS.contains(&file) || LEDGER.contains(&file),
        [room, file, ..] => DOMAINS.contains(&room) && ROOMS.contains(&file),
        _ => false,
    };
    (!listed).then(|| "this file or folder is not on the lists of the house".into())
}

/// Rules 1, 3 and 4, of one path that a file names.
fn path_faults(place: &str, path: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let (here, there) = (top(place), top(path));
    let (Some(low), Some(high)) = (height(here), height(there)) else { return faults };
    if high > low {
        faults.push(format!("{here} may not use {there} (rule 1: it stands above)"));
    }
    let is_domain = |room: &str| DOMAINS.contains(&room) || room == "ledger";
    let mut parts = path.split("::").skip(1);
    let target = if there == "platform" { parts.nth(1) } else { parts.next() };
    let same_room = match there {
        "platform" => path.split("::").nth(1) == place.split('/').nth(1) && here == "platform",
        _ => here == there,
    };
    if target == Some("store") && !same_room {
        faults.push(format!("{path}: the store of another room (rule 4: call its service)"));
    }
    if is_domain(here) && matches!(part(place), "model" | "rules") {
        let busy = ["store", "service", "api", "pages", "jobs", "events"];
        let value = |t: &str| t == "model" || t.starts_with(char::is_uppercase);
        let pure = there == "kernel"
            || (same_room && target.is_none_or(|t| !busy.contains(&t)))
            || (is_domain(there) && target.is_some_and(value));
        if !pure {
            faults.push(format!("{path} in {} (rule 3: it knows only values)", part(place)));
        }
    }
    faults
}

/// Rules 2 and 5.
fn word_faults(place: &str, source: &Source, at: &mut impl FnMut(usize, String)) {
    for (name, folders, files) in CRATES {
        let allowed = folders.iter().any(|f| place.starts_with(f)) || files.contains(&part(place));
        for line in source.lines_with(name).into_iter().filter(|_| !allowed) {
            at(line, format!("{name} has no place here (rule 2)"));
        }
    }
    for (number, line) in source.quoted.lines().enumerate().map(|(i, l)| (i + 1, l)) {
        let find = |all: &[&str]| all.iter().find(|w| line.contains(**w)).map(|w| w.to_string());
        if let Some(word) = find(TRANSACTIONS).filter(|_| !place.starts_with("platform/db/")) {
            at(number, format!("{word}: only platform/db opens transactions (rule 5)"));
        }
        if let Some(word) = find(CLOCKS).filter(|_| place != "kernel/time.rs") {
            at(number, format!("{word}: only kernel/time reads the clock (rule 5)"));
        }
        let squeezed: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let inserts = squeezed.to_uppercase().contains("INSERT INTO POSTINGS");
        if inserts && !place.starts_with("ledger/") {
            at(number, "only the ledger inserts postings (rule 5)".into());
        }
    }
    let tables = ["postings", "entries"];
    for (line, path) in source.paths().into_iter().filter(|_| !place.starts_with("ledger/")) {
        let mut parts = path.split("::");
        let schema = path.starts_with("platform::db::schema::");
        if schema && parts.any(|p| tables.contains(&p)) && !place.starts_with("platform/db/") {
            at(line, format!("{path}: ask the ledger's service (rule 5)"));
        }
    }
}

/// Rule 7.
fn sizes(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let lines = source.text.lines().count();
    let inside = source.path.strip_prefix("src/").unwrap_or("");
    let most = match inside.split('/').collect::<Vec<_>>()[..] {
        ["main.rs" | "lib.rs"] => ROOT_LINES,
        [room, "mod.rs"] if DOMAINS.contains(&room) => DOMAIN_MOD_LINES,
        _ => FILE_LINES,
    };
    if lines > most {
        faults.push(format!("{}: {lines} lines; at most {most} (rule 7)", source.path));
    }
    for (i, line) in source.text.lines().enumerate() {
        let length = line.chars().count();
        if length > LINE_CHARS && !TABLES.contains(&source.path.as_str()) {
            let place = format!("{}:{}", source.path, i + 1);
            faults.push(format!("{place}: {length} characters; at most {LINE_CHARS} (rule 7)"));
        }
    }
    for (line, name, length) in source.functions() {
        if length > FUNCTION_LINES {
            let place = format!("{}:{line}", source.path);
            faults.push(format!(
                "{place}: {name} has {length} lines; at most {FUNCTION_LINES} (rule 7)"
            ));
        }
    }
    faults
}

/// Rule 1 within the platform, where there is no order: who names whom, and a circle if there is
/// one. `context` is outside of it: it holds the parts that were started and is handed to them.
fn circle(sources: &[Source]) -> Option<String> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        let Some(place) = source.path.strip_prefix("src/platform/") else { continue };
        if top(place) == "context" || place.ends_with("/tests.rs") {
            continue;
        }
        for (_, path) in source.paths() {
            let Some(there) = path.strip_prefix("platform::") else { continue };
            let (here, there) = (top(place).to_owned(), top(there).to_owned());
            if here != there && here != "mod" && PLATFORM.contains(&there.as_str()) {
                uses.entry(here).or_default().insert(there);
            }
        }
    }
    // Takes away what uses nothing that is left, again and again; a circle stays.
    loop {
        let before = uses.len();
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        uses.retain(|_, targets| {
            targets.retain(|t| left.contains(t));
            !targets.is_empty()
        });
        if uses.is_empty() {
            return None;
        }
        if uses.len() == before {
            return Some(format!("src/platform: {uses:?} (rule 1: no circles)"));
        }
    }
}

#[test]
fn the_house_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Source::all(root, "src");
    sources.extend(Source::all(root, "tests"));
    let mut faults: Vec<String> = sources.iter().flat_map(faults).collect();
    faults.extend(circle(&sources));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn planted_faults_are_found() {
    let long = format!("fn long() {{\n{}}}\n", "  x();\n".repeat(71));
    let file = "// x\n".repeat(401);
    let planted: &[(&str, &str, &str)] = &[
        ("src/offers/rules.rs", "use crate::grants::model::G;", ":1: offers may not use grants"),
        ("src/kernel/ids.rs", "\nfn a() { crate::platform::db::b(); }", ":2: kernel may not use"),
        ("src/platform/jobs/store.rs", "use crate::{kernel::X, people::Y};", "may not use people"),
        ("src/offers/service.rs", "use diesel::prelude::*;", "diesel has no place"),
        ("src/offers/service.rs", "use actix_web::web;", "actix_web has no place"),
        ("src/people/service/mail.rs", "let a = lettre::Message::b();", "lettre has no place"),
        ("src/offers/model.rs", "use crate::platform::db::Conn;", "knows only values"),
        ("src/offers/rules.rs", "use super::store::x;", "knows only values"),
        ("src/offers/rules.rs", "use crate::calls::service;", "knows only values"),
        ("src/offers/service.rs", "use crate::calls::{model, store::list};", "call its service"),
        ("src/offers/service.rs", "crate::platform::audit::store::list(c)", "call its service"),
        ("src/offers/service/a.rs", "super::super::super::calls::store::b()", "call its service"),
        ("src/offers/store.rs", "let q = \"INSERT  into postings\";", "only the ledger inserts"),
        ("src/offers/store.rs", "use crate::platform::db::schema::{offers, postings};", "ledger's"),
        ("src/offers/store.rs", "conn.transaction(|c| x)", "opens transactions"),
        ("src/offers/store.rs", "conn.batch_execute(\"BEGIN\")", "opens transactions"),
        ("src/offers/service.rs", "let now = std::time::SystemTime::now();", "reads the clock"),
        (
            "src/platform/http/edge.rs",
            "use std::time::{Duration, Instant}; Instant::now()",
            "clock",
        ),
        ("src/offers/helpers.rs", "", "not on the lists"),
        ("src/donations/mod.rs", "", "not on the lists"),
        ("src/platform/cache/mod.rs", "", "not on the lists"),
        ("src/kernel/clock.rs", "", "not on the lists"),
        ("src/offers/service.rs", &long, "long has 71 lines"),
        ("src/offers/service.rs", &file, "401 lines"),
        ("src/offers/mod.rs", &file[..81 * 5], "81 lines; at most 80"),
        ("src/lib.rs", &file[..61 * 5], "61 lines; at most 60"),
    ];
    for (path, text, wanted) in planted {
        let found = faults(&Source::new(path, text));
        assert!(found.iter().any(|f| f.contains(wanted)), "{path}: {text}: {found:?}");
        assert!(found.iter().all(|f| f.starts_with(path)), "{found:?}");
    }
    let wide = "é".repeat(101);
    assert_eq!(faults(&Source::new("tests/it/x.rs", &wide)).len(), 1);
}

#[test]
fn what_is_allowed_is_not_reported() {
    let fine: &[(&str, &str)] = &[
        ("src/grants/rules.rs", "use crate::{kernel::Result, offers::model::A, offers::OfferB};"),
        ("src/grants/rules/tests.rs", "use super::*; use super::super::model::State;"),
        ("src/grants/store/list.rs", "use diesel::prelude::*; use crate::platform::db::Conn;"),
        ("src/grants/service/award.rs", "use crate::offers::service; // diesel, SystemTime::now"),
        ("src/grants/api/mod.rs", "use actix_web::get; use super::service;"),
        ("src/platform/audit/mod.rs", "mod store; pub use self::store::list;"),
        ("src/platform/audit/api.rs", "use crate::platform::audit::store;"),
        ("src/platform/db/transaction.rs", "conn.batch_execute(\"BEGIN\")"),
        ("src/ledger/movements.rs", "use crate::kernel::money::Money;"),
        ("src/web/routes.rs", "use crate::grants::api; use actix_web::web;"),
        ("src/kernel/time.rs", "std::time::SystemTime::now()"),
        ("src/app.rs", "use crate::{web, grants::jobs};"),
    ];
    for (path, text) in fine {
        assert_eq!(faults(&Source::new(path, text)), [""; 0], "{path}");
    }
}

#[test]
fn a_circle_is_found() {
    let file = |room: &str, uses: &str| {
        let path = format!("src/platform/{room}/mod.rs");
        Source::new(&path, &format!("use crate::platform::{uses}::x;"))
    };
    let line = [file("http", "audit"), file("audit", "db"), file("db", "config")];
    assert_eq!(circle(&line), None);
    let round = [file("http", "audit"), file("audit", "db"), file("db", "http")];
    assert!(circle(&round).is_some_and(|c| c.contains("audit")));
}

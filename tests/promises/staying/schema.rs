//! The running service against its own API document, by schemathesis, as each role.

use crate::promise::{Kept, MISSING, On, Promise, Run};
use crate::support::desk::threads;
use crate::support::environment;
use crate::support::programs::{absent, on_path};
use crate::support::web::{Client, Web};
use crate::trace::{Trace, served};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// S2.
pub const CONFORMS: Promise = Promise {
    id: "S2",
    says: "The service does what its API document says, whatever is asked and by whom",
    short: "schemathesis with ids of what there is: each operation in every phase as one role, \
            with a case of each kind at the document's limits; by a single example as two more",
    full: "schemathesis with ids of what there is: 100,000 cases in all, each operation in every \
           phase as each of 11 roles",
    on: On::Once,
    run: conforms,
};

/// Who asks: a role, and who of the cast has it (see [`crate::trace`]).
const ROLES: [(&str, &str); 11] = [
    ("researcher", "ada"),
    ("regrantor", "reg"),
    ("reviewer", "remy"),
    ("finance", "fia"),
    ("admin", "admin"),
    ("auditor", "aud"),
    ("need-to-know", "lana"),
    ("delegate", "dora"),
    ("funder", "flo"),
    (SUSPENDED, "sus"),
    (ANONYMOUS, "nobody"),
];
/// Every answer to them is that they are.
const SUSPENDED: &str = "suspended";
/// Who has no session to lose.
const ANONYMOUS: &str = "anonymous";

/// What schemathesis does one after the other, as its report names it.
const PHASES: [&str; 4] = [EXAMPLES, COVERAGE, "fuzzing", CHAINS];
/// The story's forms as they are.
const EXAMPLES: &str = "examples";
/// What the document marks off: each limit, and what is just beyond it.
const COVERAGE: &str = "coverage";
/// Requests that use each other's answers.
const CHAINS: &str = "stateful";
/// The one that is repeated as others: it sends what is random.
const AGAIN: [&str; 1] = ["fuzzing"];

/// Which answers fit which requests.
const SETTINGS: &str = "tests/promises/staying/schemathesis.toml";
/// How many cases there are of what the document marks off, in the short form.
const BOUNDED: &str = "tests/promises/staying/bounded.py";

/// Operations that are left out of a run with a session, and why; they are called without one.
const ENDS_THE_SESSION: &[(&str, &str)] = &[
    ("logout", "every further request would only be told to sign in"),
    ("end_session", "it may pick the one that asks"),
    ("change_password", "it ends all sessions"),
    ("suspend_person", "an admin may suspend the one who asks"),
    ("grant_role", "a change of roles ends all sessions of that person"),
    ("remove_role", "a change of roles ends all sessions of that person"),
    ("reset_factor", "it ends all sessions of that person"),
    ("remove_factor", "it ends all sessions"),
    ("confirm_factor", "it ends the other sessions"),
];

/// Its command: as `ALMONER_SCHEMATHESIS` names it, or as found on the path. A failure without it
/// where `ALMONER_REQUIRE_VALIDATORS` is 1.
fn schemathesis() -> Option<Command> {
    let named = environment("ALMONER_SCHEMATHESIS").map(PathBuf::from);
    named
        .or_else(|| on_path("schemathesis"))
        .map(Command::new)
        .or_else(|| absent("schemathesis", "ALMONER_REQUIRE_VALIDATORS"))
}

fn conforms(run: &Run) -> Kept {
    if schemathesis().is_none() {
        return Err(format!("{MISSING}schemathesis is not installed"));
    }
    run.with(|t| {
        let web = served(t);
        let mut trace = Trace::new(&[(&web, t)])?;
        trace.tell_the_story()?;
        trace.look_for_the_rest()?;
        // Codes of second factors are good once: for a new session each needs another.
        t.clock.advance_seconds(60);
        let asks = web.anonymous().get("/openapi.json").ok();
        let document = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi-with-examples.json");
        let text = trace.examples(asks).to_string();
        std::fs::write(&document, text).map_err(|e| e.to_string())?;
        let people = sessions(&web, &trace)?;
        let mut parts = if run.full { whole() } else { shares(&trace) };
        parts.sort_by_key(|part| part.phases.len() * part.only.len());
        let left = Mutex::new(parts);
        // What takes longest comes first.
        let told = threads(2, |_| {
            let mut told = Vec::new();
            loop {
                let next = left.lock().expect("no panic holds it").pop();
                let Some(part) = next else { return told };
                let who = people.get(part.role).cloned().flatten();
                let heard = part.ask(run, &web, &document, who.as_ref());
                told.push(heard.map(|heard| (part, heard)));
            }
        });
        let all: Result<Vec<_>, String> = told.into_iter().flatten().collect();
        judge(run, &all?, trace.named().count())
    })
}

/// By role, whoever has it: with the factor shown just now; none without a session.
fn sessions(
    web: &Web,
    trace: &Trace<'_>,
) -> Result<BTreeMap<&'static str, Option<Client>>, String> {
    let mut all = BTreeMap::new();
    for (role, name) in ROLES {
        let who = trace.person(name).ok_or_else(|| format!("who is {name}?"))?;
        let client = match (who.token.is_some(), role == SUSPENDED) {
            (false, _) => None,
            (true, true) => Some(who),
            (true, false) => Some(web.sign_in(who)),
        };
        all.insert(role, client);
    }
    Ok(all)
}

/// What one of them asks.
struct Part {
    role: &'static str,
    phases: &'static [&'static str],
    /// Only these operations; where there are none, all but those that would end the session.
    only: Vec<String>,
}

/// Whether it may end the session of whoever asks for it, or of others.
pub fn ends_the_session(operation: &str) -> bool {
    ENDS_THE_SESSION.iter().any(|(name, _)| *name == operation)
}

/// The full form: all, as everybody.
fn whole() -> Vec<Part> {
    let part = |(role, _)| Part { role, phases: &PHASES, only: Vec::new() };
    ROLES.into_iter().map(part).collect()
}

/// The short form. Each operation is asked in every phase by one of those who succeeded with it,
/// who has fewest yet; where that is nobody here, by anybody. Then by two more, whoever they are.
fn shares(trace: &Trace<'_>) -> Vec<Part> {
    let roles = 0..ROLES.len();
    let mut own: Vec<Vec<String>> = vec![Vec::new(); ROLES.len()];
    let mut more = own.clone();
    for (number, operation) in trace.named().enumerate() {
        let ends = ends_the_session(operation);
        let may = |role: &usize| !ends || ROLES[*role].0 == ANONYMOUS;
        let able = |role: &usize| may(role) && trace.succeeded(operation, ROLES[*role].1);
        let any = |role: &usize| ends || ![SUSPENDED, ANONYMOUS].contains(&ROLES[*role].0);
        let fewest = |role: &usize| own[*role].len();
        let first = roles.clone().filter(able).min_by_key(fewest);
        let first = first.or_else(|| roles.clone().filter(may).filter(any).min_by_key(fewest));
        let Some(first) = first else { continue };
        own[first].push(operation.to_owned());
        let others = (1..=2).map(|step| (number + step) % ROLES.len()).filter(may);
        for other in others.filter(|other| *other != first) {
            more[other].push(operation.to_owned());
        }
    }
    let mut parts = Vec::new();
    for ((own, more), (role, _)) in own.into_iter().zip(more).zip(ROLES) {
        parts.push(Part { role, phases: &PHASES, only: own });
        parts.push(Part { role, phases: &AGAIN, only: more });
    }
    parts.retain(|part| !part.only.is_empty());
    parts
}

impl Part {
    /// Asks, and tells what came of it.
    fn ask(
        &self,
        run: &Run,
        web: &Web,
        document: &Path,
        who: Option<&Client>,
    ) -> Result<Heard, String> {
        let name = self.role;
        let mut command = self.command(run, web, document, who)?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let which = if self.phases.len() == AGAIN.len() { "-again" } else { "" };
        let place = |kind: &str| folder.join(format!("schemathesis-{name}{which}.{kind}"));
        let (log, report) = (place("txt"), place("json"));
        // What another run has left is not taken for its own.
        drop(std::fs::remove_file(&report));
        command.current_dir(folder).arg("--report-json-path").arg(&report);
        let output = command.output().map_err(|e| format!("schemathesis does not start: {e}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        std::fs::write(&log, said.as_bytes()).map_err(|e| e.to_string())?;
        let log = log.display();
        if let Some(who) = who
            && (who.bare().get("/api/v1/me").status == 200) == (name == SUSPENDED)
        {
            return Err(format!(
                "as {name}: a session that ended on the way, or did not; see {log}"
            ));
        }
        if said.contains("Unresolvable references") {
            return Err(format!("the document names what it does not have; see {log}"));
        }
        if said.contains("Unmatched filters") {
            return Err(format!("{SETTINGS} names what the document does not have; see {log}"));
        }
        if !output.status.success() {
            let start = said.find("FAILURES").or_else(|| said.find("ERRORS")).unwrap_or(0);
            let why: String = said[start..].chars().take(1500).collect();
            let complaint = String::from_utf8_lossy(&output.stderr);
            return Err(format!("as {name}: {why} {complaint}; all of it in {log}"));
        }
        let report = std::fs::read(&report).map_err(|e| format!("as {name}: no report: {e}"))?;
        let report: Value =
            serde_json::from_slice(&report).map_err(|e| format!("as {name}: no report: {e}"))?;
        let heard = Heard::read(&report, &said);
        let heard = heard.ok_or_else(|| format!("as {name}: no numbers in {report}"))?;
        let wrong = heard.wrong(self, who.is_some());
        wrong.map_or(Ok(heard), |why| Err(format!("as {name}: {why}; see {log}")))
    }
    fn command(
        &self,
        run: &Run,
        web: &Web,
        document: &Path,
        who: Option<&Client>,
    ) -> Result<Command, String> {
        let mut command = schemathesis().ok_or("it was there a moment ago")?;
        command.envs([("PYTHONUTF8", "1"), ("PYTHONDONTWRITEBYTECODE", "1")]);
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        if !run.full {
            command.env("SCHEMATHESIS_HOOKS", root.join(BOUNDED));
        }
        command.arg("--config-file").arg(root.join(SETTINGS));
        command.arg("run").arg(document).args(["--url", &web.url]);
        command.args(["--phases", &self.phases.join(","), "--checks", "all"]);
        command.args(["--no-color", "--generation-database", "none", "--continue-on-failure"]);
        command.args(["--request-timeout", "20", "--suppress-health-check", "all"]);
        command.args(["--seed", if run.full { "2" } else { "1" }]);
        // Of what is random, to an operation; no limit of time, which would leave operations out.
        command.arg("--max-examples").arg(run.much::<u32>(1, 20).to_string());
        for operation in &self.only {
            command.args(["--include-operation-id", operation]);
        }
        if let Some(who) = who {
            for (operation, _) in ENDS_THE_SESSION.iter().filter(|_| self.only.is_empty()) {
                command.args(["--exclude-operation-id", operation]);
            }
            let token = who.token.as_deref().unwrap_or_default();
            command.arg("--header").arg(format!("Authorization: Bearer {token}"));
        }
        Ok(command)
    }
    /// Whether this phase may find nothing to do.
    fn may_lack(&self, phase: &str, full: bool) -> bool {
        match phase {
            // A few operations may have no example among them.
            EXAMPLES => !full,
            // Nor a chain; and whoever is refused everything has nothing to go on with.
            CHAINS => !full || self.role == SUSPENDED,
            // Of a single random case it may be that no check is about it.
            _ => self.phases.len() == AGAIN.len(),
        }
    }
}

/// What schemathesis says in the end.
struct Heard {
    cases: u64,
    selected: usize,
    total: usize,
    /// In whatever phase.
    tested: usize,
    /// In the second phase.
    covered: usize,
    /// The phases in which something was asked.
    ran: Vec<&'static str>,
    /// It was not cut off.
    whole: bool,
}

impl Heard {
    /// From its report; only what it prints tells how many operations a phase had cases for.
    fn read(report: &Value, said: &str) -> Option<Self> {
        let count = |at: &str| report.pointer(at).and_then(Value::as_u64);
        let number = |at: &str| count(at).and_then(|number| usize::try_from(number).ok());
        let did = |phase: &&str| report["phases"][*phase]["status"] == "success";
        Some(Self {
            cases: count("/test_cases/generated")?,
            selected: number("/operations/selected")?,
            total: number("/operations/total")?,
            tested: number("/operations/tested")?,
            covered: covered(said).unwrap_or(0),
            ran: PHASES.into_iter().filter(did).collect(),
            whole: report["stop_reason"] == "completed",
        })
    }
    /// What was not asked that had to be.
    fn wrong(&self, part: &Part, session: bool) -> Option<String> {
        let left_out = if session { ENDS_THE_SESSION.len() } else { 0 };
        let wanted = match part.only.len() {
            0 => self.total.saturating_sub(left_out),
            some => some,
        };
        let (tested, selected) = (self.tested, self.selected);
        // Of a single random case it may be that no check is about it.
        let whole = part.phases.len() > AGAIN.len();
        if selected != wanted || (whole && tested != wanted) || !self.whole || self.cases == 0 {
            return Some(format!("{tested} of {selected} operations, of which {wanted} should be"));
        }
        // Whatever takes no parameters has a case there as well.
        if part.phases.contains(&COVERAGE) && self.covered != wanted {
            return Some(format!("{COVERAGE} of {} operations, not {wanted}", self.covered));
        }
        None
    }
}

/// Of how many operations the second phase had cases: `Coverage (in 7.81s)`, then `7 passed`.
fn covered(said: &str) -> Option<usize> {
    let (_, after) = said.split_once(" Coverage (in ")?;
    let (before, _) = after.split_once(" passed")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// Every phase took place wherever it was asked for, unless it may lack there what it needs; and as
/// two of them at least.
fn judge(run: &Run, all: &[(Part, Heard)], operations: usize) -> Kept {
    let mut phases = Vec::new();
    for phase in PHASES {
        let asked = |(part, _): &&(Part, Heard)| part.phases.contains(&phase);
        let without = |(part, heard): &&(Part, Heard)| {
            !heard.ran.contains(&phase) && !part.may_lack(phase, run.full)
        };
        let idle: Vec<&str> =
            all.iter().filter(asked).filter(without).map(|(part, _)| part.role).collect();
        let did = all.iter().filter(|(_, heard)| heard.ran.contains(&phase)).count();
        if did < 2 || !idle.is_empty() {
            return Err(format!("{phase} took place in {did} runs, not as {idle:?}"));
        }
        phases.push(format!("{phase} in {did}"));
    }
    let cases: u64 = all.iter().map(|(_, heard)| heard.cases).sum();
    if run.full && cases < run.much(0, 100_000) {
        return Err(format!("only {cases} cases"));
    }
    let tested = |whole: bool| -> usize {
        let parts = all.iter().filter(|(part, _)| (part.phases.len() > 1) == whole);
        parts.map(|(_, heard)| heard.tested).sum()
    };
    // In the short form each operation is in one part of all phases.
    if !run.full && tested(true) != operations {
        return Err(format!("{} operations asked, {operations} there are", tested(true)));
    }
    Ok(format!(
        "{cases} cases in {} runs as {} roles, 0 failures; {operations} operations, asked {} times \
         in all phases and {} times more in one; {}",
        all.len(),
        ROLES.len(),
        tested(true),
        tested(false),
        phases.join(", ")
    ))
}

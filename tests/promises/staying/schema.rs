//! The running service against its own API document, by schemathesis, as each role.

use crate::promise::{Kept, MISSING, On, Promise, Run};
use crate::support::desk::threads;
use crate::support::environment;
use crate::support::programs::{absent, on_path};
use crate::support::web::{Client, Web};
use crate::trace::{Trace, served};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// S2.
pub const CONFORMS: Promise = Promise {
    id: "S2",
    says: "The service does what its API document says, whatever is asked and by whom",
    short: "schemathesis, 15 seconds as each of 11 roles, with ids of what there is",
    full: "schemathesis, 100,000 cases in all as 11 roles, with ids of what there is",
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
    ("anonymous", "nobody"),
];
/// Every answer to them is that they are.
const SUSPENDED: &str = "suspended";

/// Checks that are left out, and why. All others count.
const LEFT_OUT: &[(&str, &str)] = &[(
    "positive_data_acceptance",
    "what the document allows may still break a rule between fields or objects (a sum, a currency \
     of the fund, a key used before), which is a 422; JSON Schema cannot say that",
)];

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
        let asks = web.anonymous().get("/openapi.json").ok();
        let document = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi-with-examples.json");
        let text = trace.examples(asks).to_string();
        std::fs::write(&document, text).map_err(|e| e.to_string())?;
        let left = Mutex::new(ROLES.iter().collect::<Vec<_>>());
        let told = threads(2, |_| {
            let mut told = Vec::new();
            loop {
                let next = left.lock().expect("no panic holds it").pop();
                let Some((role, name)) = next else { return told };
                let who = trace.person(name).ok_or_else(|| format!("who is {name}?"));
                let asked = Asked { web: &web, document: &document, role };
                told.push(who.and_then(|who| asked.by(run, who)));
            }
        });
        let mut cases = 0;
        for role in told.into_iter().flatten() {
            cases += role?;
        }
        if run.full && cases < run.much(0, 100_000) {
            return Err(format!("only {cases} cases"));
        }
        Ok(format!("{cases} cases as {} roles, 0 failures", ROLES.len()))
    })
}

/// What one of them asks, and of whom.
struct Asked<'a> {
    web: &'a Web,
    document: &'a Path,
    role: &'a str,
}

impl Asked<'_> {
    /// How many cases.
    fn by(&self, run: &Run, who: Client) -> Result<u64, String> {
        let (web, name) = (self.web, self.role);
        let client = match (who.token.is_some(), name == SUSPENDED) {
            (false, _) => None,
            (true, true) => Some(who),
            // With the factor shown just now.
            (true, false) => Some(web.sign_in(who)),
        };
        let mut command = schemathesis().ok_or("it was there a moment ago")?;
        command.arg("run").arg(self.document).args(["--url", &web.url]);
        command.args(["--phases", "coverage,fuzzing,stateful", "--checks", "all"]);
        command.args(["--no-color", "--generation-database", "none", "--continue-on-failure"]);
        command.args(["--request-timeout", "20", "--suppress-health-check", "all"]);
        command.args(["--seed", if run.full { "2" } else { "1" }]);
        // Cases to an operation, and seconds: generation goes on until they are spent.
        command.args(["--max-examples", run.figure("10", "70")]);
        command.arg("--max-time").arg(run.much::<u32>(15, 2_400).to_string());
        for (check, _) in LEFT_OUT {
            command.args(["--exclude-checks", check]);
        }
        if let Some(client) = &client {
            for (operation, _) in ENDS_THE_SESSION {
                command.args(["--exclude-operation-id", operation]);
            }
            let token = client.token.as_deref().unwrap_or_default();
            command.arg("--header").arg(format!("Authorization: Bearer {token}"));
        }
        // Its own settings would be read from the folder where it is started.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        command.current_dir(folder);
        let output = command.output().map_err(|e| format!("schemathesis does not start: {e}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let log = folder.join(format!("schemathesis-{name}.txt"));
        std::fs::write(&log, said.as_bytes()).map_err(|e| e.to_string())?;
        if let Some(client) = &client
            && (client.bare().get("/api/v1/me").status == 200) == (name == SUSPENDED)
        {
            return Err(format!(
                "as {name}: a session that ended on the way, or did not; see {}",
                log.display()
            ));
        }
        if said.contains("Unresolvable references") {
            return Err(format!("the document names what it does not have; see {}", log.display()));
        }
        let cases = cases(&said);
        if output.status.success() && cases > 0 {
            return Ok(cases);
        }
        let start = said.find("FAILURES").or_else(|| said.find("ERRORS")).unwrap_or(0);
        let why: String = said[start..].chars().take(1500).collect();
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("as {name}: {why} {complaint}; all of it in {}", log.display()))
    }
}

/// `4400 generated, …`, from its summary.
fn cases(said: &str) -> u64 {
    let line = said.lines().find(|line| line.contains(" generated, "));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

//! The bare engine doing the statements with which the ledger posts an offer, on the same tables
//! with their indexes and triggers: what is left when everything else is taken away.

use crate::cluster;
use crate::home::Home;
use crate::load::CLIENTS;
use crate::raw::{Raw, Value};
use crate::years::dice::Dice;
use crate::years::world::World;
use almoner::kernel::ids::{IdSource, of};
use almoner::kernel::time::{Clock, Stopwatch};
use diesel::prelude::*;
use std::process::Command;
use std::time::Duration;
use uuid::Uuid;

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Bare {
    /// Transactions.
    pub done: u64,
    /// How long it took.
    pub took: Duration,
    /// The database server's time on the processor, where it is a process of its own.
    pub cpu: Option<Duration>,
}

impl Bare {
    /// Transactions in a second.
    pub fn rate(&self) -> u64 {
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX).max(1);
        self.done.saturating_mul(1_000_000) / micros
    }
}

/// A budget's accounts: `8200` and `8300`, each with its key.
struct Accounts {
    keys: [String; 2],
    ids: [Uuid; 2],
    budget: Uuid,
    fund: Uuid,
    holder: Uuid,
}

fn accounts(home: &Home, world: &World) -> Result<Vec<Accounts>, String> {
    use almoner::kernel::ids::AccountId;
    use almoner::platform::db::schema::ledger_accounts::dsl as a;
    let db = home.open()?;
    let of = |budget: Uuid| [format!("8200/USD/{budget}"), format!("8300/USD/{budget}")];
    let id = |key: &String| -> Result<Uuid, String> {
        db.read_now("bench.account", |conn| {
            let query = a::ledger_accounts.filter(a::key.eq(key)).select(a::id);
            Ok(query.first::<AccountId>(conn)?.uuid())
        })
        .map_err(|p| format!("{key}: {p}"))
    };
    let accounts = world.regrantors.iter().map(|who| {
        let keys = of(who.budget.uuid());
        let ids = [id(&keys[0])?, id(&keys[1])?];
        let (budget, fund, holder) = (who.budget.uuid(), who.fund.uuid(), who.id.uuid());
        Ok(Accounts { keys, ids, budget, fund, holder })
    });
    accounts.collect()
}

const LOOK: &str = "SELECT key, id FROM ledger_accounts WHERE key IN (?, ?)";
const CHANGE: &str = "UPDATE ledger_accounts SET balance = balance + ? \
    WHERE id = ? AND balance BETWEEN ? AND ?";
const ENTRY: &str = "INSERT INTO ledger_entries (id, kind, effective_on, recorded_at, memo, \
    source_kind, source_id, person_id, reverses_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const POSTINGS: &str = "INSERT INTO ledger_postings (id, entry_id, line, account_id, code, side, \
    amount, currency, effective_on, fund_id, budget_id, grant_id) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const UNSEALED: &str = "INSERT INTO ledger_unsealed (entry_id) VALUES (?)";

/// SQLite: one connection in a loop, WAL, `synchronous=FULL`, with `together` postings to a
/// commit, each in a savepoint of its own when there is more than one.
pub fn sqlite(home: &Home, world: &World, together: u32, long: Duration) -> Result<Bare, String> {
    let accounts = accounts(home, world)?;
    let raw = Raw::open(&home.file())?;
    raw.run(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000",
    )?;
    let prepare = |sql: &str| raw.prepare(sql);
    let (begin, commit) = (prepare("BEGIN IMMEDIATE")?, prepare("COMMIT")?);
    let (savepoint, release) = (prepare("SAVEPOINT one")?, prepare("RELEASE one")?);
    let (look, change) = (prepare(LOOK)?, prepare(CHANGE)?);
    let (entry, postings) = (prepare(ENTRY)?, prepare(POSTINGS)?);
    let unsealed = prepare(UNSEALED)?;
    let (ids, clock, mut dice) = (IdSource::system(), Clock::system(), Dice::new(3));
    let post = |of: &Accounts| -> Result<(), String> {
        let now = clock.now();
        let [id, source, first, second] = [(); 4].map(|()| ids.next::<of::Entry>(now).uuid());
        let day = Value::Int(now.date().days_since_epoch().into());
        raw.step(&look, &[Value::Text(&of.keys[0]), Value::Text(&of.keys[1])])?;
        for (account, by, least, most) in
            [(&of.ids[0], -100, 100, i64::MAX), (&of.ids[1], 100, 0, i64::MAX - 100)]
        {
            let account = Value::Blob(account.as_bytes());
            let values = [Value::Int(by), account, Value::Int(least), Value::Int(most)];
            raw.step(&change, &values)?;
        }
        raw.step(
            &entry,
            &[
                Value::Blob(id.as_bytes()),
                Value::Text("offer_placed"),
                day,
                Value::Int(now.as_micros()),
                Value::Text("offer placed"),
                Value::Text("offer"),
                Value::Blob(source.as_bytes()),
                Value::Blob(of.holder.as_bytes()),
                Value::Null,
            ],
        )?;
        let line = |posting, number: usize| line(posting, &id, of, number, now.date());
        let lines: Vec<Value<'_>> = line(&first, 0).into_iter().chain(line(&second, 1)).collect();
        raw.step(&postings, &lines)?;
        raw.step(&unsealed, &[Value::Blob(id.as_bytes())]).map(drop)
    };
    let (mut done, watch) = (0, Stopwatch::start());
    while watch.read() < long {
        raw.step(&begin, &[])?;
        for _ in 0..together {
            let of = dice.one(&accounts);
            if together > 1 {
                raw.step(&savepoint, &[])?;
                post(of)?;
                raw.step(&release, &[])?;
            } else {
                post(of)?;
            }
            done += 1;
        }
        raw.step(&commit, &[])?;
    }
    Ok(Bare { done, took: watch.read(), cpu: None })
}

fn line<'a>(
    posting: &'a Uuid,
    entry: &'a Uuid,
    of: &'a Accounts,
    number: usize,
    day: almoner::kernel::time::Date,
) -> [Value<'a>; 12] {
    [
        Value::Blob(posting.as_bytes()),
        Value::Blob(entry.as_bytes()),
        Value::Int(if number == 0 { 1 } else { 2 }),
        Value::Blob(of.ids[number].as_bytes()),
        Value::Text(if number == 0 { "8200" } else { "8300" }),
        Value::Text(if number == 0 { "debit" } else { "credit" }),
        Value::Int(100),
        Value::Text("USD"),
        Value::Int(day.days_since_epoch().into()),
        Value::Blob(of.fund.as_bytes()),
        Value::Blob(of.budget.as_bytes()),
        Value::Null,
    ]
}

/// The same for `pgbench`. Its first run looks up which budget the client has; ids increase with
/// time, as ours do.
const SCRIPT: &str = r"\if :ready = 0
SELECT available, available_key, reserved, reserved_key, fund, budget, holder
  FROM bench_budgets WHERE number = :client_id \gset
\set ready 1
\endif
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT key, id FROM ledger_accounts WHERE key IN (:available_key, :reserved_key);
UPDATE ledger_accounts SET balance = balance + -100
  WHERE id = :available AND balance BETWEEN 100 AND 9223372036854775807;
UPDATE ledger_accounts SET balance = balance + 100
  WHERE id = :reserved AND balance BETWEEN 0 AND 9223372036854775707;
INSERT INTO ledger_entries (id, kind, effective_on, recorded_at, memo, source_kind, source_id,
    person_id, reverses_id)
  VALUES (bench_id(), 'offer_placed', current_date, now(), 'offer placed', 'offer', bench_id(),
    :holder, NULL) RETURNING id AS entry \gset
INSERT INTO ledger_postings (id, entry_id, line, account_id, code, side, amount, currency,
    effective_on, fund_id, budget_id, grant_id)
  VALUES (bench_id(), :entry, 1, :available, '8200', 'debit', 100, 'USD', current_date, :fund,
      :budget, NULL),
    (bench_id(), :entry, 2, :reserved, '8300', 'credit', 100, 'USD', current_date, :fund,
      :budget, NULL);
INSERT INTO ledger_unsealed (entry_id) VALUES (:entry);
COMMIT;
";

const HELPERS: &str = "
DROP TABLE IF EXISTS bench_budgets;
CREATE TABLE bench_budgets (number int PRIMARY KEY, available uuid, available_key text,
  reserved uuid, reserved_key text, fund uuid, budget uuid, holder uuid);
CREATE OR REPLACE FUNCTION bench_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
    || substring(uuid_send(gen_random_uuid()) FROM 7), 'hex')::uuid $$;
";

/// PostgreSQL: `pgbench` with prepared statements and as many clients. `None`: it is not there.
pub fn postgres(home: &Home, world: &World, long: Duration) -> Result<Option<Bare>, String> {
    let pgbench = cluster::binaries().map(|bin| bin.join("pgbench")).filter(|p| p.is_file());
    let Some(pgbench) = pgbench else { return Ok(None) };
    home.sql(HELPERS)?;
    for (number, of) in accounts(home, world)?.iter().enumerate() {
        let Accounts { keys: [available_key, reserved_key], ids: [available, reserved], .. } = of;
        let Accounts { fund, budget, holder, .. } = of;
        home.sql(&format!(
            "INSERT INTO bench_budgets VALUES ({number}, '{available}', '{available_key}', \
             '{reserved}', '{reserved_key}', '{fund}', '{budget}', '{holder}')"
        ))?;
    }
    let script = home.scratch().join("post.sql");
    std::fs::write(&script, SCRIPT).map_err(|e| e.to_string())?;
    let clients = CLIENTS.to_string();
    let before = home.cpu();
    let output = Command::new(pgbench)
        .args(["-n", "-M", "prepared", "-D", "ready=0", "-j", "2", "-c", &clients])
        .args(["-T", &long.as_secs().max(1).to_string(), "-f"])
        .arg(&script)
        .arg(&home.url)
        .output()
        .map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    let number = |line: &str| -> Option<u64> {
        let rest = said.lines().find_map(|l| l.strip_prefix(line))?;
        rest.split(['.', '/', ' ']).find_map(|word| word.parse().ok())
    };
    let done = number("number of transactions actually processed: ");
    let (Some(done), Some(rate)) = (done, number("tps = ")) else {
        return Err(format!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)));
    };
    let cpu = home.cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
    let micros = done.saturating_mul(1_000_000) / rate.max(1);
    Ok(Some(Bare { done, took: Duration::from_micros(micros), cpu }))
}

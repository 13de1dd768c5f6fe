//! One run over one database.

use crate::bare::{self, Bare};
use crate::books;
use crate::home::{Home, Side};
use crate::load::{self, Load};
use crate::options::Options;
use crate::report::{Table, count, factor, megabytes, ms, ms_or_not, percent, progress};
use crate::scenarios::{Material, Scenario};
use crate::server::Server;
use crate::years::world::{Regrantor, World};
use crate::years::{self, Sample, told};
use almoner::kernel::actor::Actor;
use almoner::kernel::problem::Problem;
use almoner::kernel::time::Stopwatch;
use almoner::people;
use almoner::people::model::Login;
use almoner::platform::context::Ctx;
use almoner::platform::db::{Conn, Db};
use std::collections::BTreeMap;
use std::time::Duration;

/// Before each scenario, for caches and connections.
const WARM: Duration = Duration::from_secs(1);
/// How much slower a hundred times the rows may be, in hundredths.
const GROWTH: u64 = 130;
/// How much more a page may cost than one application by its key, in hundredths.
const PAGE: u64 = 500;

/// All that is printed.
pub struct Tables {
    requests: Table,
    keyed: Table,
    bare: Table,
    growth: Table,
    start: Table,
    books: Table,
}

impl Tables {
    /// Empty ones.
    pub fn new() -> Self {
        let requests = ["database", "applications", "scenario", "requests/s", "p50", "p99"];
        let cpu = ["CPU program", "CPU database", "target"];
        let growth = ["database", "scenario", "rows", "CPU a request", "p50", "target"];
        Self {
            requests: Table::new(&[&requests[..], &cpu[..]].concat()),
            keyed: Table::new(&["database", "applications", "page", "CPU a request", "target"]),
            bare: Table::new(&[
                "database",
                "applications",
                "bare engine",
                "transactions/s",
                "CPU database",
                "place an offer",
                "target",
            ]),
            growth: Table::new(&growth),
            start: Table::new(&["database", "applications", "what", "measured", "target"]),
            books: Table::new(&[
                "database",
                "what",
                "took",
                "CPU program",
                "most memory",
                "target",
            ]),
        }
    }
    /// Prints those that have rows.
    pub fn print(&self) {
        self.requests.print("Requests of 32 clients");
        self.keyed.print("Beside one application by its key");
        self.bare.print("Beside the bare engine, the ledger's statements alone");
        self.growth.print("A hundred times the rows");
        self.start.print("Starting and waiting");
        self.books.print("Books");
    }
}

/// What a scenario cost.
#[derive(Clone)]
struct Cost {
    load: Load,
    program: Option<Duration>,
    database: Option<Duration>,
}

impl Cost {
    /// The program and the database together.
    fn cpu(&self) -> Option<Duration> {
        self.program.map(|p| p + self.database.unwrap_or_default())
    }
}

/// Everything that is wanted on one side.
pub fn side(side: Side, options: &Options, tables: &mut Tables) -> Result<(), String> {
    let mut costs: BTreeMap<(u32, &'static str), Cost> = BTreeMap::new();
    for &rows in &options.rows {
        one(side, rows, options, tables, &mut costs)?;
        for scenario in Scenario::ALL.into_iter().filter(|s| s.is_page()) {
            let of = |scenario: Scenario| costs.get(&(rows, scenario.option()));
            let (Some(read), Some(page)) = (of(Scenario::Read), of(scenario)) else { continue };
            tables.keyed.row(keyed((side, rows, scenario), read, page));
        }
    }
    if let [few, .., many] = options.rows[..] {
        for scenario in Scenario::ALL {
            let of = |rows| costs.get(&(rows, scenario.option()));
            let (Some(few), Some(many)) = (of(few), of(many)) else { continue };
            let names = (side, scenario, options.rows.as_slice());
            tables.growth.row(growth(names, few, many));
        }
    }
    if options.wants("books") {
        let home = Home::new(side, "bench_books")?;
        books::import(&home, &mut tables.books)?;
    }
    if options.wants_named("million") {
        let home = Home::new(side, "bench_million")?;
        books::million(&home, &mut tables.books)?;
    }
    Ok(())
}

fn one(
    side: Side,
    rows: u32,
    options: &Options,
    tables: &mut Tables,
    costs: &mut BTreeMap<(u32, &'static str), Cost>,
) -> Result<(), String> {
    let loads = Scenario::ALL.into_iter().filter(|s| options.wants(s.option()));
    let loads: Vec<Scenario> = loads.collect();
    let others = ["bare", "start"].iter().any(|name| options.wants(name));
    if loads.is_empty() && !others {
        return Ok(());
    }
    let home = Home::new(side, &format!("bench_{rows}"))?;
    let (world, sample, tokens) = seed(&home, rows)?;
    if options.wants("start") {
        start(&home, rows, tables)?;
    }
    if options.wants("books") && rows >= 100_000 {
        let what = format!("{} applications", count(rows.into()));
        books::prove(&home, &what, &mut tables.books)?;
    }
    for (run, scenario) in (1..).zip(loads) {
        let holders = usize::try_from(years::world::holders(rows)).unwrap_or(1);
        let (world, sample, tokens) = (&world, &sample, tokens.as_slice());
        let material = Material { world, sample, tokens, holders, run };
        let cost = measure(&home, scenario, &material, options.long)?;
        tables.requests.row(request_row(side, rows, scenario, &cost));
        costs.insert((rows, scenario.option()), cost);
    }
    if options.wants("bare") {
        let place = costs.get(&(rows, Scenario::Place.option()));
        for (name, bare, target) in bares(&home, &world, options.long)? {
            let cells = bare_row(&bare, place, target);
            let first = [side.title().to_owned(), count(rows.into()), name.to_owned()];
            tables.bare.row(first.into_iter().chain(cells).collect());
        }
    }
    Ok(())
}

fn seed(home: &Home, rows: u32) -> Result<(World, Sample, Vec<String>), String> {
    let (side, rows_) = (home.side.title(), count(rows.into()));
    progress(&format!("{side}: making {rows_} applications"));
    let watch = Stopwatch::start();
    let db = home.open()?;
    let ctx = Ctx::system(&home.env()?, "bench");
    let (world, sample) = years::make(&db, &ctx, rows)?;
    let tokens = sign_in(&db, ctx, &world)?;
    drop(db);
    home.settle()?;
    progress(&format!("{side}: made in {} s", watch.read().as_secs()));
    Ok((world, sample, tokens))
}

/// An access token for each regrantor, from a session of their own.
fn sign_in(db: &Db, mut ctx: Ctx, world: &World) -> Result<Vec<String>, String> {
    ctx.actor = Actor::Anonymous;
    let begin = |conn: &mut Conn, who: &Regrantor| -> almoner::kernel::Result<String> {
        let person = people::service::account(conn, &who.email)?;
        let person = person.ok_or_else(|| Problem::not_found("person"))?;
        match people::service::begin_session(conn, &ctx, &person)? {
            Login::Begun(tokens) => Ok(tokens.access_token.to_string()),
            Login::Waits(..) => Err(Problem::internal("a regrantor of the benchmark has a factor")),
        }
    };
    db.write_now("bench.sign_in", |conn| world.regrantors.iter().map(|r| begin(conn, r)).collect())
        .map_err(told)
}

fn measure(
    home: &Home,
    scenario: Scenario,
    material: &Material<'_>,
    long: Duration,
) -> Result<Cost, String> {
    progress(&format!("{}: {}", home.side.title(), scenario.title()));
    let server = Server::start(home, scenario == Scenario::PlaceWithWorker)?;
    let mut before = (None, None);
    let request = |turn: load::Turn<'_>| material.request(scenario, turn);
    let load = load::run(server.address, scenario.wanted(), (WARM, long), request, || {
        before = (server.cpu(), home.cpu());
    });
    let load = load.map_err(|e| e.to_string())?;
    let after = (server.cpu(), home.cpu());
    if let (refused @ 1.., Some(first)) = &load.refused {
        progress(&format!("{refused} were refused, the first with {first}"));
    }
    let each = |after: Option<Duration>, before: Option<Duration>| {
        let spent = after?.checked_sub(before?)?;
        spent.checked_div(u32::try_from(load.answered).ok()?)
    };
    let (program, database) = (each(after.0, before.0), each(after.1, before.1));
    let rate = count(load.rate());
    progress(&format!("  {rate}/s, {} CPU a request", ms_or_not(program)));
    Ok(Cost { load, program, database })
}

fn request_row(side: Side, rows: u32, scenario: Scenario, cost: &Cost) -> Vec<String> {
    let most = match scenario {
        Scenario::Read => Some(300),
        Scenario::Applications | Scenario::Grants | Scenario::Offers => Some(700),
        Scenario::Search | Scenario::SearchWords => Some(3_000),
        Scenario::Queue => Some(1_000),
        _ => None,
    };
    let target = most.map(Duration::from_micros).map_or_else(String::new, |most| {
        // Of the program alone nothing is met where the database's part is not known.
        let known = side == Side::Sqlite || cost.database.is_some();
        let cpu = cost.cpu().filter(|_| known);
        let met = cpu.map(|cpu| if cpu <= most { ": met" } else { ": MISSED" });
        format!("≤ {} CPU{}", ms(most), met.unwrap_or_default())
    });
    let refused = match cost.load.refused.0 {
        0 => String::new(),
        refused => format!(" ({refused} refused)"),
    };
    vec![
        side.title().into(),
        count(rows.into()),
        format!("{}{refused}", scenario.title()),
        count(cost.load.rate()),
        ms(cost.load.p50),
        ms(cost.load.p99),
        ms_or_not(cost.program),
        if side == Side::Sqlite { "(within)".into() } else { ms_or_not(cost.database) },
        target,
    ]
}

type Named = (&'static str, Bare, Option<u64>);

/// The bare engine, and the least that we have to reach of it, in hundredths.
fn bares(home: &Home, world: &World, long: Duration) -> Result<Vec<Named>, String> {
    progress(&format!("{}: the bare engine", home.side.title()));
    match home.side {
        Side::Sqlite => {
            let one = bare::sqlite(home, world, 1, long)?;
            let group = bare::sqlite(home, world, 32, long)?;
            Ok(vec![
                ("SQLite's C interface, a commit each", one, Some(50)),
                ("the same, 32 to a commit", group, None),
            ])
        }
        Side::Postgres => {
            let bench = bare::postgres(home, world, long)?;
            let named = |bare| ("pgbench -M prepared -c 32", bare, Some(40));
            Ok(bench.map(named).into_iter().collect())
        }
    }
}

fn bare_row(bare: &Bare, place: Option<&Cost>, target: Option<u64>) -> [String; 4] {
    let share = place.map(|place| percent(place.load.rate(), bare.rate()));
    let target = target.map_or_else(String::new, |least| {
        let met = share.map(|share| if share >= least { ": met" } else { ": MISSED" });
        format!("≥ {least} %{}", met.unwrap_or_default())
    });
    let share = share.map_or_else(|| "not measured".into(), |share| format!("{share} %"));
    let cpu = bare.cpu.and_then(|cpu| cpu.checked_div(u32::try_from(bare.done).ok()?));
    [count(bare.rate()), ms_or_not(cpu), share, target]
}

/// What a page costs beside one application by its key, the program and the database together.
fn keyed((side, rows, scenario): (Side, u32, Scenario), read: &Cost, page: &Cost) -> Vec<String> {
    let micros = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
    let cpu = read.cpu().zip(page.cpu()).map(|(read, page)| percent(micros(page), micros(read)));
    let met = cpu.map(|cpu| if cpu <= PAGE { ": met" } else { ": MISSED" });
    vec![
        side.title().into(),
        count(rows.into()),
        scenario.title().into(),
        cpu.map_or_else(|| "n/a".into(), |cpu| format!("{} ×", factor(cpu))),
        format!("≤ {} ×{}", factor(PAGE), met.unwrap_or_default()),
    ]
}

fn growth(
    (side, scenario, rows): (Side, Scenario, &[u32]),
    few: &Cost,
    many: &Cost,
) -> Vec<String> {
    let micros = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
    let cpu = few.cpu().zip(many.cpu()).map(|(few, many)| percent(micros(many), micros(few)));
    let p50 = percent(micros(many.load.p50), micros(few.load.p50));
    let met = cpu.map(|cpu| if cpu <= GROWTH { ": met" } else { ": MISSED" });
    let ends = [rows.first(), rows.last()].map(|n| count(n.copied().unwrap_or(0).into()));
    vec![
        side.title().into(),
        scenario.title().into(),
        format!("{} to {}", ends[0], ends[1]),
        cpu.map_or_else(|| "n/a".into(), |cpu| format!("{} ×", factor(cpu))),
        format!("{} ×", factor(p50)),
        format!("≤ {} ×{}", factor(GROWTH), met.unwrap_or_default()),
    ]
}

/// From the start of the process to its readiness, on a database that is there; and what it keeps
/// in memory while nobody asks.
fn start(home: &Home, rows: u32, tables: &mut Tables) -> Result<(), String> {
    const READY: Duration = Duration::from_millis(500);
    const IDLE: u64 = 40_000_000;
    let mut times = Vec::new();
    let mut idle = None;
    for last in [false, false, true] {
        let server = Server::start(home, true)?;
        times.push(server.ready);
        if last {
            std::thread::sleep(Duration::from_secs(2));
            idle = server.memory();
        }
    }
    times.sort_unstable();
    let mut row = |what: &str, measured: String, target: &str, met: Option<bool>| {
        let met = met.map_or("", |met| if met { ": met" } else { ": MISSED" });
        let target = format!("{target}{met}");
        let side = home.side.title().to_owned();
        tables.start.row(vec![side, count(rows.into()), what.into(), measured, target]);
    };
    let ready = times[times.len() / 2];
    row("start to ready, median of 3", ms(ready), "≤ 0.5 s", Some(ready <= READY));
    let met = idle.map(|kib| kib * 1024 <= IDLE);
    row("memory (RSS) while idle", megabytes(idle), "≤ 40 MB", met);
    Ok(())
}

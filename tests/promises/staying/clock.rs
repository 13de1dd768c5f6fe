//! Days that clocks are wrong about: what is due, expires or cools is decided right, and what is
//! numbered goes on growing when the clock goes back.

use crate::promise::{Kept, On, Promise, Run};
use crate::support::Harness;
use crate::support::desk::usd;
use crate::support::field::Backer;
use crate::support::payday::{us_payee, verified_payee, verify_payee};
use crate::support::web::{Client, Web, new_key};
use almoner::kernel::actor::Role;
use almoner::kernel::ids::PayeeId;
use almoner::kernel::time::{Clock, Instant};
use almoner::payees;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// S5.
pub const RIGHT: Promise = Promise {
    id: "S5",
    says: "On days that clocks are wrong about, deadlines are right and numbers go on growing",
    short: "4 moments, each with cooling, expiry, deadlines, tokens, and an hour back",
    full: "7 moments, each with cooling, expiry, deadlines, tokens, and an hour back",
    on: On::Both,
    run: right,
};

/// A moment, and what is about it.
const MOMENTS: &[(&str, &str)] = &[
    ("2027-03-28T00:59:59Z", "clocks go forward in Europe"),
    ("2028-02-28T23:59:59Z", "tomorrow is the 29th of February"),
    ("2028-12-31T23:59:59Z", "the year ends"),
    ("2038-01-19T03:14:07Z", "seconds no longer fit into 31 bits"),
    ("2028-02-29T23:59:59Z", "it is the 29th of February"),
    ("2027-11-07T05:59:59Z", "clocks go back in America"),
    ("2106-02-07T06:28:15Z", "nor into 32"),
];
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn right(run: &Run) -> Kept {
    let mut checks = 0;
    let moments = &MOMENTS[..run.figure(4, MOMENTS.len())];
    for (moment, what) in moments {
        let moment: Instant = moment.parse().map_err(|_| "no instant")?;
        // An hour back first: what comes after it moves the clock by days.
        run.with(|t| {
            t.clock.set(moment);
            let mut config = t.config();
            config.auth.access_token_minutes = 15;
            let web = t.serve_with(config);
            for check in [an_hour_back, cooling, expiry, deadline, tokens] {
                t.clock.set(moment);
                check(t, &web).map_err(|why| format!("{moment} ({what}): {why}"))?;
                checks += 1;
            }
            Ok(String::new())
        })?;
    }
    Ok(format!("{} moments, {checks} checks", moments.len()))
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?}, wanted {wanted:?}")) }
}

/// Bank details that were changed cool for 72 hours, to the second.
fn cooling(t: &Harness, web: &Web) -> Kept {
    let desk = web.desk();
    let ada = web.person("Ada Researcher");
    let payee = verified_payee(&desk, &ada, us_payee("000123456789", json!({})));
    let path = format!("/api/v1/payees/{payee}");
    let etag = ada.get(&path).etag().to_owned();
    let account = us_payee("000123450000", json!({}))["account"].clone();
    ada.patch(&path, &etag, json!({ "account": account })).ok();
    verify_payee(&desk.finance, &payee);
    let id: PayeeId = payee.parse().map_err(|_| "no id")?;
    let code = |clock: &Clock| {
        let facts = web.app.db.read_now("test.facts", |conn| payees::service::facts(conn, id));
        let facts = facts.expect("it reads").expect("it is there");
        payees::rules::usable(&facts, clock.now()).map_err(|p| p.kind().entry().code)
    };
    t.clock.advance_seconds(72 * HOUR - 1);
    expect("a second before", code(&t.clock), Err("cooling_period"))?;
    t.clock.advance_seconds(1);
    expect("after 72 hours", code(&t.clock), Ok(()))?;
    Ok(String::new())
}

/// An offer lapses when it expires, and not before.
fn expiry(t: &Harness, web: &Web) -> Kept {
    let field = web.field();
    let backer = field.backer("100.00");
    let application = field.application("1.00", "100.00");
    let offer = backer.offer(&application, "10.00").ok();
    let end = t.clock.now().plus_seconds(30 * DAY);
    expect("expires", offer["expires_at"].as_str(), Some(end.to_string().as_str()))?;
    let status = || {
        web.work();
        let admin = web.known(field.desk.admin.id(), &field.desk.admin.email, true);
        let id = offer["id"].as_str().expect("an id");
        admin.get(&format!("/api/v1/offers/{id}")).ok()["status"].clone()
    };
    t.clock.set(end.plus_seconds(-60));
    expect("a minute before", status(), json!("placed"))?;
    // The job that looks for them comes every few minutes.
    t.clock.set(end.plus_seconds(DAY));
    expect("after", status(), json!("released"))?;
    Ok(String::new())
}

/// A checkpoint may be due today, and no longer a second after midnight.
fn deadline(t: &Harness, web: &Web) -> Kept {
    let field = web.field();
    let backer = field.backer("100.00");
    let grant = field.active(&[(&backer, "10.00")], json!({}));
    let add = |backer: &Backer, day: &str| {
        let form = json!({ "due_on": day, "promised": "A lens." });
        let who = web.known(backer.who.id(), &backer.who.email, true);
        who.post_key(&format!("/api/v1/grants/{grant}/checkpoints"), &new_key(), form).status
    };
    let today = t.clock.now().date();
    expect("today", add(&backer, &today.to_string()), 201)?;
    t.clock.set(today.plus_days(1).start().plus_seconds(-1));
    expect("the last second of today", add(&backer, &today.to_string()), 201)?;
    t.clock.advance_seconds(1);
    expect("the first second of tomorrow", add(&backer, &today.to_string()), 422)?;
    let year = today.year();
    let march = format!("{year}-03-01").parse()?;
    let next = if t.clock.now().date() < march { year } else { year + 1 };
    let exists = next % 4 == 0 && (next % 100 != 0 || next % 400 == 0);
    let wanted = if exists { 201 } else { 422 };
    expect("the 29th of February", add(&backer, &format!("{next}-02-29")), wanted)?;
    Ok(String::new())
}

/// An access token is good for its quarter of an hour.
fn tokens(t: &Harness, web: &Web) -> Kept {
    let ada = web.person("Ada");
    let status = || ada.get("/api/v1/me").status;
    expect("at once", status(), 200)?;
    t.clock.advance_seconds(15 * 60 - 1);
    expect("before its end", status(), 200)?;
    // Less than five seconds of difference between machines are forgiven.
    t.clock.advance_seconds(5);
    expect("four seconds after its end", status(), 200)?;
    t.clock.advance_seconds(1);
    expect("five seconds after its end", status(), 401)?;
    Ok(String::new())
}

/// The ids of all entries of the ledger.
fn entries(who: &Client) -> Result<BTreeSet<String>, String> {
    let page = who.get("/api/v1/ledger/entries?limit=200").ok();
    let items: &Vec<Value> = page["items"].as_array().ok_or("no items")?;
    expect("more pages", &page["next"], &Value::Null)?;
    Ok(items.iter().filter_map(|i| i["id"].as_str()).map(str::to_owned).collect())
}

/// After the clock went back, what is made still counts as newer, nothing is forgotten, and nobody
/// has a fresh factor because of it.
fn an_hour_back(t: &Harness, web: &Web) -> Kept {
    let field = web.field();
    let backer = field.backer("100.00");
    let application = field.application("1.00", "100.00");
    let form = backer.form("10.00", json!({}));
    let path = format!("/api/v1/applications/{application}/offers");
    let key = new_key();
    let first = backer.who.post_key(&path, &key, form.clone());
    let first_id = first.id();
    let before = entries(&field.desk.finance)?;
    t.clock.advance_seconds(-HOUR);
    // A token from the future is none, and neither is a factor.
    expect("a token from the future", backer.who.bare().get("/api/v1/me").status, 401)?;
    // Codes of the hour that comes again are used up: an admin resets the factor.
    let who = web.known(backer.who.id(), &backer.who.email, true);
    expect("the same request again", who.post_key(&path, &key, form).bytes, first.bytes)?;
    let mut more = json!({ "budget_id": backer.budget, "amount": usd("5.00") });
    more["conditions"] = json!("after the clock went back");
    let second = who.post(&path, more).id();
    if second <= first_id {
        return Err(format!("{second} was made after {first_id}"));
    }
    let finance = web.with_role("Later Finance", Role::Finance);
    let new: Vec<String> = entries(&finance)?.difference(&before).cloned().collect();
    let newest = before.last().ok_or("no entries")?;
    if new.is_empty() || new.iter().any(|id| id <= newest) {
        return Err(format!("{new:?} were posted after {newest}"));
    }
    web.work();
    expect("the check", &finance.get("/api/v1/ledger/check").ok()["holds"], &json!(true))?;
    Ok(String::new())
}

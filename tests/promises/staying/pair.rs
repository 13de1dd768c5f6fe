//! Two programs on one database: each job is done once, and what one knows the other knows.

use super::invitations::{Teams, received};
use super::program::{Program, get, post};
use super::wire::{Answer, Wire};
use crate::promise::{Kept, On, Promise, Run};
use crate::support::desk::threads;
use crate::support::smtp::Smtp;
use crate::support::web::{Client, PASSWORD};
use almoner::kernel::time::Stopwatch;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// S7.
pub const ONCE: Promise = Promise {
    id: "S7",
    says: "Two programs on one database do each job once and share sessions, keys and refusals",
    short: "45 invitations, each sent to both at once",
    full: "1,500 invitations, each sent to both at once",
    on: On::Postgres,
    run: once,
};

fn once(run: &Run) -> Kept {
    let invitations = run.much(45, 1_500);
    run.with(|t| {
        let web = t.serve();
        let teams = Teams::with_room(&web, invitations);
        let smtp = Smtp::start();
        let pair = [Program::serve(t, &smtp, &[])?, Program::serve(t, &smtp, &[])?];
        let refused = doubled(&teams, &pair, invitations)?;
        let mut wire = pair[0].wire();
        let invited = teams.invited(&mut wire)?;
        if invited.len() != invitations {
            return Err(format!("{} of {invitations} are invited", invited.len()));
        }
        let since = Stopwatch::start();
        while received(&smtp).len() < invitations && since.read() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(50));
        }
        // Long enough for a second one to arrive, if there were any.
        std::thread::sleep(Duration::from_secs(1));
        let mails = received(&smtp);
        let wrong: Vec<_> = mails.iter().filter(|(_, times)| **times != 1).collect();
        if mails.len() != invitations || !wrong.is_empty() {
            return Err(format!("{} of {invitations} mailed; not once: {wrong:?}", mails.len()));
        }
        let ada = web.person("Ada");
        sessions(&ada, &pair)?;
        let tries = guesses(&web.person("Bea"), &pair)?;
        Ok(format!(
            "{invitations} invited and mailed once, {refused} second requests told to wait, the \
             others answered alike; a token used twice ends its session on both; {tries} wrong \
             passwords before both refuse"
        ))
    })
}

/// The same request to both at the same moment: one effect, one answer. How many were told to wait.
fn doubled(teams: &Teams, pair: &[Program; 2], all: usize) -> Result<usize, String> {
    let waits = AtomicUsize::new(0);
    let mut wires = pair.each_ref().map(Program::wire);
    for number in 0..all {
        let (path, form) = teams.invitation(number);
        let key = format!("both-{number}");
        let [a, b] = &mut wires;
        let send = |wire: &mut Wire| loop {
            let answer = post(wire, teams.owner(number), &path, &key, &form);
            match answer {
                Some(answer) if answer.status == 409 && answer.text().contains("key_in_flight") => {
                    waits.fetch_add(1, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(10));
                }
                other => break other,
            }
        };
        let answers = std::thread::scope(|scope| {
            let other = scope.spawn(|| send(b));
            (send(a), other.join().expect("no panic"))
        });
        match answers {
            (Some(a), Some(b)) if a.status == 201 && b.status == 201 && a.body == b.body => {}
            (a, b) => return Err(format!("invitation {number}: {a:?} and {b:?}")),
        }
    }
    Ok(waits.load(Ordering::SeqCst))
}

fn text(answer: Option<Answer>, field: &str) -> Result<String, String> {
    let answer = answer.ok_or("no answer")?;
    let value: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let told = value[field].as_str().map(str::to_owned);
    told.ok_or_else(|| format!("{}: {}", answer.status, answer.text()))
}

/// Refreshed at one, good at the other; the old one, shown to the other, ends it at both.
fn sessions(ada: &Client, pair: &[Program; 2]) -> Result<(), String> {
    let [mut a, mut b] = pair.each_ref().map(Program::wire);
    let nobody = Client::new(String::new(), None);
    let login = json!({ "email": ada.email, "password": PASSWORD });
    let first = post(&mut a, &nobody, "/api/v1/auth/login", "", &login);
    let first = text(first, "refresh_token")?;
    let refresh = |wire: &mut Wire, token: &str| {
        let form = json!({ "refresh_token": token });
        post(wire, &nobody, "/api/v1/auth/refresh", "", &form)
    };
    let second = refresh(&mut b, &first).ok_or("no answer")?;
    let mut held = nobody.clone();
    held.token = Some(text(Some(second.clone()), "access_token")?);
    for wire in [&mut a, &mut b] {
        let me = get(wire, &held, "/api/v1/me").ok_or("no answer")?;
        if me.status != 200 {
            return Err(format!("the new token: {}", me.text()));
        }
    }
    let again = refresh(&mut a, &first).ok_or("no answer")?;
    let newest = text(Some(second), "refresh_token")?;
    let newest = refresh(&mut b, &newest).ok_or("no answer")?;
    if again.status != 401 || newest.status != 401 {
        return Err(format!("used twice: {}, then {}", again.text(), newest.text()));
    }
    for wire in [&mut a, &mut b] {
        let me = get(wire, &held, "/api/v1/me").ok_or("no answer")?;
        if me.status != 401 {
            return Err(format!("the session goes on: {}", me.text()));
        }
    }
    Ok(())
}

/// Guesses at both until both refuse: each counts for itself, so that twice as many are let
/// through, and no more.
fn guesses(bea: &Client, pair: &[Program; 2]) -> Result<usize, String> {
    let wrong = json!({ "email": bea.email, "password": "a wrong password, quite" });
    let nobody = Client::new(String::new(), None);
    let tried = threads(2, |n| {
        let mut wire = pair[n].wire();
        for tries in 0..50 {
            match post(&mut wire, &nobody, "/api/v1/auth/login", "", &wrong) {
                Some(answer) if answer.status == 401 => {}
                Some(answer) if answer.status == 429 => return Ok(tries),
                other => return Err(format!("a wrong password: {other:?}")),
            }
        }
        Err("50 wrong passwords are let through".to_owned())
    });
    let tried: usize = tried.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().sum();
    if tried > 20 { Err(format!("{tried} wrong passwords are let through")) } else { Ok(tried) }
}

//! The program is killed again and again while it works: no mail is lost, none is made up.

use super::invitations::{Teams, received};
use super::program::Program;
use crate::promise::{Kept, On, Promise, Run};
use crate::support::smtp::{At, Deed, Smtp};
use almoner::kernel::time::{Clock, Stopwatch};
use almoner::platform::config::{MailTransport, SmtpSecurity};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// S6.
pub const MAILED: Promise = Promise {
    id: "S6",
    says: "However often the program is killed, each committed change is mailed, and nothing else",
    short: "4 kills within 60 invitations",
    full: "100 kills within 1,500 invitations",
    on: On::Both,
    run: mailed,
};

fn mailed(run: &Run) -> Kept {
    let (kills, invitations): (usize, _) = (run.much(4, 100), run.much(60, 1_500));
    run.with(|t| {
        // So slow that each kill comes while mails are on their way.
        let post = Smtp::that(At::Mail, Deed::Wait(60));
        let mut config = t.config();
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp.host = "localhost".into();
        config.mail.smtp.port = post.address.port();
        config.mail.smtp.security = SmtpSecurity::None;
        let web = t.serve_with(config);
        let teams = Teams::with_room(&web, invitations);
        let (next, told) = (AtomicUsize::new(0), AtomicUsize::new(0));
        for _ in 0..kills {
            let program = Program::serve(t, &post, &[])?;
            let end = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let writer = || write(&program, &teams, (&next, invitations), &told, &end);
                let writers = [scope.spawn(writer), scope.spawn(writer)];
                // Not always at the same place.
                let n = next.load(Ordering::SeqCst) as u64;
                std::thread::sleep(Duration::from_millis(250 + n * 37 % 300));
                end.store(true, Ordering::SeqCst);
                kill(&program);
                writers.into_iter().for_each(|w| w.join().expect("no panic"));
            });
            drop(program);
        }
        let program = Program::serve(t, &post, &[])?;
        let end = AtomicBool::new(false);
        write(&program, &teams, (&next, invitations), &told, &end);
        let mut wire = program.wire();
        let invited = teams.invited(&mut wire)?;
        let early = wait(&post, &invited);
        drop(program);
        // What the dead had taken is given to another when its lease has run out: a day later, on
        // which nobody is reminded yet.
        t.clock.set(Clock::system().now().plus_seconds(86_400));
        web.work();
        let mails = received(&post);
        let late = mails.len() - early.len();
        let said = judge(kills, told.load(Ordering::SeqCst), &invited, &mails)?;
        Ok(format!("{said}, {late} of them after a lease had run out"))
    })
}

fn kill(program: &Program) {
    let done = std::process::Command::new("kill").args(["-9", &program.pid()]).status();
    assert!(done.is_ok_and(|s| s.success()), "it was running");
}

/// Invites one after the other, until the program is gone. What was sent at that moment is never
/// sent again: only the database knows what became of it.
fn write(
    program: &Program,
    teams: &Teams,
    (next, all): (&AtomicUsize, usize),
    told: &AtomicUsize,
    end: &AtomicBool,
) {
    let mut wire = program.wire();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= all {
            return;
        }
        match teams.invite(&mut wire, number) {
            Some(201) => drop(told.fetch_add(1, Ordering::SeqCst)),
            Some(status) => panic!("invitation {number}: {status}"),
            None => return,
        }
        if end.load(Ordering::SeqCst) {
            return;
        }
    }
}

/// Until everybody who is invited has a mail, or nothing more comes.
fn wait(post: &Smtp, invited: &[String]) -> BTreeMap<String, usize> {
    let (mut since, mut seen) = (Stopwatch::start(), 0);
    loop {
        let mails = received(post);
        if mails.len() != seen {
            (since, seen) = (Stopwatch::start(), mails.len());
        }
        let all = invited.iter().all(|email| mails.contains_key(email));
        if all || since.read() > Duration::from_secs(2) {
            return mails;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn judge(kills: usize, told: usize, invited: &[String], mails: &BTreeMap<String, usize>) -> Kept {
    let missing: Vec<_> = invited.iter().filter(|email| !mails.contains_key(*email)).collect();
    let made_up: Vec<_> = mails.keys().filter(|email| !invited.contains(email)).collect();
    if invited.len() < told || !missing.is_empty() || !made_up.is_empty() {
        return Err(format!(
            "{told} acknowledged, {} committed; without a mail: {missing:?}; mailed for nothing: \
             {made_up:?}",
            invited.len()
        ));
    }
    if told == 0 {
        return Err("nothing was written".into());
    }
    let sent: usize = mails.values().sum();
    Ok(format!(
        "{kills} kills, {told} acknowledged, {} committed, {} mailed, {} of them more than once",
        invited.len(),
        mails.len(),
        sent - mails.len()
    ))
}

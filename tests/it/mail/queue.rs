//! From a transaction through the queue to a server.

use super::*;

/// As a worker that dies between sending and noting it, the first time.
fn deliver_and_die(desk: &Desk, job: &Job) -> Outcome {
    let outcome = mail::jobs::deliver(desk, job);
    if job.attempts > 1 {
        return outcome;
    }
    loop {
        std::thread::park();
    }
}

const KINDS: Kinds = &[&[mail::jobs::SEND]];
const DYING: Kinds = &[&[Kind::new("mail.send", deliver_and_die).private()]];

/// A service that sends its mail through a server.
struct Post<'t> {
    t: &'t Harness,
    env: Arc<Env>,
    server: Smtp,
}

impl<'t> Post<'t> {
    fn new(t: &'t Harness, server: Smtp) -> Self {
        let smtp = smtp_settings(server.address);
        let mut config = t.config();
        config.mail = smtp.mail;
        config.server.base_url = "https://grants.example.org".into();
        let env = t.env(config, &[]);
        Self { t, env, server }
    }
    /// Writes a mail to Ada in a transaction that ends as told.
    fn write(&self, commit: bool) {
        self.write_to("ada@example.org", commit);
    }
    fn write_to(&self, address: &'static str, commit: bool) {
        let ctx = Ctx::system(&self.env, "test");
        let letter = Letter::new("Reset your password", "somebody asked for it")
            .paragraph("With this link you can choose a new one.")
            .link("Choose a password", "/reset#token=s3cret-canary");
        let result = self.t.db.write_now("write", move |conn| {
            mail::send(conn, &ctx, address, &letter)?;
            if commit { Ok(()) } else { Err(Problem::wrong_state("rolled back")) }
        });
        assert_eq!(result.is_ok(), commit);
    }
    fn run(&self) -> usize {
        let runner = Runner::new(self.t.db.clone(), self.env.clone(), KINDS);
        runner.run_until_idle().expect("the queue works")
    }
    /// What the jobs hold.
    fn payloads(&self) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            payload: String,
        }
        let load = |conn: &mut Conn| {
            let query = "SELECT CAST(payload AS TEXT) AS payload FROM jobs";
            Ok(diesel::sql_query(query).load::<Row>(conn)?)
        };
        let rows = self.t.db.read_now("payloads", load).expect("read");
        rows.into_iter().map(|r| r.payload).collect()
    }
    /// The last error of each job that was given up.
    fn dead(&self) -> Vec<String> {
        let now = self.env.clock.now();
        let list = self.t.db.read_now("unfinished", move |conn| jobs::unfinished(conn, now));
        list.expect("listed").into_iter().filter_map(|j| j.last_error).collect()
    }
}

fn message_id(bytes: &[u8]) -> String {
    let read = MessageParser::default().parse(bytes).expect("a mail");
    read.message_id().expect("an id").into()
}

both! {
    fn leaves_after_the_commit_only(t: &Harness) {
        let post = Post::new(t, Smtp::start());
        post.write(false);
        assert_eq!((post.run(), post.server.connections()), (0, 0));
        post.write(true);
        assert_eq!(post.server.connections(), 0, "not before a worker comes");
        assert_eq!(post.run(), 1);
        let taken = post.server.taken();
        let read = MessageParser::default().parse(&taken[0].bytes).expect("a mail");
        let text = read.body_text(0).expect("text");
        assert!(text.contains("https://grants.example.org/reset#token=s3cret-canary"), "{text}");
        assert_eq!((post.run(), post.server.taken().len()), (0, 1));
        assert_eq!(post.payloads(), ["{}"], "what is sent is not kept");
    }
}

both! {
    // As those have who come out of an import.
    fn an_address_that_leads_nowhere_is_done_with(t: &Harness) {
        let post = Post::new(t, Smtp::start());
        post.write_to("grantee-1@import.invalid", true);
        assert_eq!((post.run(), post.server.connections()), (1, 0));
        assert_eq!(post.dead(), Vec::<String>::new());
        assert_eq!((post.run(), post.payloads()), (0, vec!["{}".to_owned()]));
    }
}

both! {
    fn is_sent_again_under_the_same_id(t: &Harness) {
        // Lost on the way, put off, then taken; and the worker dies before it can note that.
        let script = vec![
            Some((At::End, Deed::Drop)),
            Some((At::Rcpt, Deed::Reply("451 4.7.1 greylisted, try again"))),
            None,
        ];
        let post = Post::new(t, Smtp::with(Guard::Plain, script));
        post.write(true);
        for _ in 0..2 {
            assert_eq!((post.run(), post.server.taken().len()), (1, 0));
            post.env.clock.advance_seconds(post.env.config.jobs.backoff_max_seconds);
        }
        assert_eq!((post.run(), post.server.taken().len()), (1, 1));
        post.write(true);
        let dying = Runner::new(post.t.db.clone(), post.env.clone(), DYING);
        std::thread::spawn(move || dying.run_one());
        while post.server.taken().len() < 2 {
            std::thread::sleep(Duration::from_millis(10));
        }
        post.env.clock.advance_seconds(post.env.config.jobs.lease_seconds);
        assert_eq!(post.run(), 1);
        let taken = post.server.taken();
        assert_eq!(taken.len(), 3, "at least once");
        assert_eq!(taken[1].bytes, taken[2].bytes, "the reader's program can tell");
        assert_ne!(message_id(&taken[0].bytes), message_id(&taken[1].bytes));
        assert_eq!(post.dead(), [""; 0]);
    }
}

both! {
    fn that_is_refused_waits_for_an_admin(t: &Harness) {
        let reply = "550 5.1.1 <ada@example.org>: no such person";
        let script = vec![Some((At::Rcpt, Deed::Reply(reply))), None];
        let post = Post::new(t, Smtp::with(Guard::Plain, script));
        post.write(true);
        assert_eq!((post.run(), post.run()), (1, 0));
        post.env.clock.advance_seconds(7 * 86_400);
        assert_eq!((post.run(), post.server.connections()), (0, 1));
        assert_eq!(post.dead(), ["permanent error (550): 5.1.1 <(reader)>: no such person"]);
    }
}

both! {
    fn that_comes_late_begins_with_its_day(t: &Harness) {
        let post = Post::new(t, Smtp::start());
        let begins = format!("This was written on {} and", post.env.clock.now().date());
        post.write(true);
        post.env.clock.advance_seconds(6 * 3600);
        assert_eq!(post.run(), 1);
        post.write(true);
        post.env.clock.advance_seconds(6 * 3600 + 1);
        assert_eq!(post.run(), 1);
        let read = |bytes: &[u8]| {
            let mail = MessageParser::default().parse(bytes).expect("a mail");
            mail.body_text(0).expect("text").into_owned()
        };
        let taken = post.server.taken();
        let texts: Vec<String> = taken.iter().map(|taken| read(&taken.bytes)).collect();
        assert!(!texts[0].contains("This was written"), "{}", texts[0]);
        assert!(texts[1].starts_with(&begins), "{}", texts[1]);
        assert!(texts[1].contains("/reset#token=s3cret-canary"), "{}", texts[1]);
    }
}

both! {
    fn to_nobody_is_refused_at_once(t: &Harness) {
        let post = Post::new(t, Smtp::start());
        let ctx = Ctx::system(&post.env, "test");
        let send = move |conn: &mut _| {
            let address = "ada@example.org\r\nBcc: eve@example.org";
            mail::send(conn, &ctx, address, &Letter::new("Hi", "you asked"))
        };
        let refused = post.t.db.write_now("write", send).map_err(|e| e.kind());
        assert_eq!(refused, Err(ProblemKind::Invalid));
    }
}

#[test]
fn lies_sealed_until_it_is_sent() {
    Harness::run(Side::Sqlite, |t| {
        let post = Post::new(t, Smtp::that(At::Mail, Deed::Reply("450 later")));
        let holds = |canary: &str| {
            std::fs::read_dir(t.dir()).expect("a folder").any(|file| {
                let bytes = std::fs::read(file.expect("a file").path()).unwrap_or_default();
                bytes.windows(canary.len()).any(|w| w == canary.as_bytes())
            })
        };
        post.write(true);
        post.run();
        assert!(holds("mail.send") && holds("sealed"), "the right files are looked at");
        for canary in ["s3cret-canary", "ada@example.org", "Choose a password"] {
            assert!(!holds(canary), "{canary}");
        }
    });
}

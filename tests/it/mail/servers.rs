//! Servers of every temper, and a real one.

use super::*;

#[test]
fn is_tried_again_or_given_up_as_the_server_says() {
    let again = |at, reply| later(send(&smtp_settings(Smtp::that(at, Deed::Reply(reply)).address)));
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::End] {
        assert!(again(at, "450 4.2.0 busy, come back later"), "{at:?}");
    }
    for at in [At::Mail, At::Rcpt, At::Data, At::End] {
        assert!(!again(at, "550-5.1.1 no such\r\n550 5.1.1 person here"), "{at:?}");
    }
    // These say that we are not welcome, and nothing of the mail.
    for at in [At::Greeting, At::Ehlo] {
        assert!(again(at, "554 5.7.1 we do not talk to you"), "{at:?}");
    }
    assert!(again(At::Mail, "530 5.7.0 log in first"));
    assert!(again(At::Greeting, "nonsense"));
    assert!(again(At::Ehlo, "250 test\r\n250 unasked"), "no address was ever given");
}

#[test]
fn survives_servers_that_drop() {
    for at in [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Content, At::End] {
        let server = Smtp::that(at, Deed::Drop);
        assert!(later(send(&smtp_settings(server.address))), "{at:?}");
        assert!(server.taken().is_empty());
    }
    let closed = Smtp::start().address;
    assert!(later(send(&smtp_settings(closed))), "a port that nobody listens on");
    // Once the mail is taken, nothing that follows makes it be sent again.
    for deed in [Deed::Drop, Deed::Hang, Deed::Reply("500 what")] {
        let server = Smtp::that(At::Quit, deed);
        send(&smtp_settings(server.address)).expect("sent");
        assert_eq!(server.taken().len(), 1, "{deed:?}");
    }
}

#[test]
fn is_not_held_up_by_servers_that_hang_or_drip() {
    for (at, deed) in [
        (At::Greeting, Deed::Hang),
        (At::Greeting, Deed::Drip),
        (At::Ehlo, Deed::Drip),
        (At::End, Deed::Hang),
        (At::End, Deed::Drip),
    ] {
        let server = Smtp::that(at, deed);
        let mut config = smtp_settings(server.address);
        config.mail.smtp.timeout_seconds = 1;
        let watch = Stopwatch::start();
        assert!(later(send(&config)), "{deed:?} at {at:?}");
        // Generous: other tests take their share of the machine.
        assert!(watch.read() < Duration::from_secs(15), "{deed:?} at {at:?}");
    }
}

#[test]
fn goes_encrypted_or_not_at_all() {
    let (ours, folder) = (authority(), Folder::new());
    let tls = ours.server;
    let root = folder.file("root.pem", &ours.root);
    let other_root = folder.file("other-root.pem", &authority().root);
    let with = |server: &Smtp, security, pem: Option<&PathBuf>| {
        let mut config = smtp_settings(server.address);
        config.mail.smtp.security = security;
        config.mail.smtp.username = "grants".into();
        config.mail.smtp.password = Secret::new("p4sT-niL-0rV");
        config.mail.smtp.ca_file = pem.cloned().unwrap_or_default();
        config
    };
    for (guard, security) in [
        (Guard::Starttls(tls.clone()), SmtpSecurity::Starttls),
        (Guard::Tls(tls.clone()), SmtpSecurity::Tls),
    ] {
        let server = Smtp::with(guard, vec![None]);
        send(&with(&server, security, Some(&root))).expect("sent");
        let taken = server.taken().remove(0);
        assert!(taken.tls, "{security:?}");
        assert_eq!(taken.login, Some(("grants".into(), "p4sT-niL-0rV".into())));
        // An authority that we do not know, and a name that is not in the certificate.
        assert!(later(send(&with(&server, security, None))));
        assert!(later(send(&with(&server, security, Some(&other_root)))));
        let mut elsewhere = with(&server, security, Some(&root));
        elsewhere.mail.smtp.host = "127.0.0.1".into();
        assert!(later(send(&elsewhere)));
        assert_eq!(server.taken().len(), 1);
    }
    // No encryption where it must be: neither the login nor the mail is sent.
    let plain = Smtp::start();
    assert!(later(send(&with(&plain, SmtpSecurity::Starttls, Some(&root)))));
    assert!(plain.taken().is_empty());
    // A refused login is a matter of settings: the mail waits for them to be put right.
    let refuses = Smtp::with(
        Guard::Starttls(tls),
        vec![Some((At::Auth, Deed::Reply("535 5.7.8 wrong password")))],
    );
    assert!(later(send(&with(&refuses, SmtpSecurity::Starttls, Some(&root)))));
}

/// A program that is ended with the guard.
struct Running(Child);
impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn is_taken_by_aiosmtpd() {
    let Some(mut command) = programs::aiosmtpd() else { return };
    let (ours, folder) = (authority(), Folder::new());
    let root = folder.file("root.pem", &ours.root);
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("bound");
    drop(free);
    let errors = std::fs::File::create(folder.0.join("errors.txt")).expect("made");
    command.args(["-n", "-l", &format!("127.0.0.1:{}", address.port())]);
    command.arg("--tlscert").arg(folder.file("server.pem", &ours.certificate));
    command.arg("--tlskey").arg(folder.file("server.key", &ours.key));
    command.arg("-c").arg("aiosmtpd.handlers.Mailbox").arg(folder.0.join("box"));
    let _running = Running(command.stderr(errors).stdout(Stdio::null()).spawn().expect("started"));
    let awake = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        TcpStream::connect(address).is_ok()
    });
    let errors = || std::fs::read_to_string(folder.0.join("errors.txt")).unwrap_or_default();
    assert!(awake, "aiosmtpd did not start: {}", errors());

    let mut config = smtp_settings(address);
    config.mail.smtp.security = SmtpSecurity::Starttls;
    config.mail.smtp.ca_file = root;
    send(&config).unwrap_or_else(|e| panic!("{e:?}: {}", errors()));
    let arrived: Vec<_> = std::fs::read_dir(folder.0.join("box/new"))
        .expect("a mailbox")
        .map(|f| std::fs::read(f.expect("a file").path()).expect("readable"))
        .collect();
    let [arrived] = arrived.as_slice() else { panic!("{} mails arrived", arrived.len()) };
    let read = MessageParser::default().parse(arrived).expect("a mail");
    assert_eq!(read.subject(), Some("Bestätige deine Adresse ✓"));
    let text = read.body_text(0).expect("text").replace("\r\n", "\n");
    assert_eq!(text.trim_end(), mail().text);
    // A mail that is offered without encryption waits until the settings are right.
    config.mail.smtp.security = SmtpSecurity::None;
    assert!(later(send(&config)));
}

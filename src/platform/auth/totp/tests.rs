use super::*;

fn at(seconds: i64) -> Instant {
    Instant::from_micros(seconds * 1_000_000).expect("in range")
}

fn rfc() -> Secret {
    Secret::from_bytes(b"12345678901234567890").expect("160 bits")
}

/// RFC 6238 appendix B, the column of SHA-1: the last six of its eight digits.
const VECTORS: [(i64, &str); 6] = [
    (59, "94287082"),
    (1_111_111_109, "07081804"),
    (1_111_111_111, "14050471"),
    (1_234_567_890, "89005924"),
    (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130"),
];

#[test]
fn the_vectors_of_rfc_6238() {
    for (seconds, code) in VECTORS {
        assert_eq!(*rfc().code(step(at(seconds))), code[2..], "{seconds}");
        assert_eq!(rfc().verify(&code[2..], at(seconds), 0), Some(step(at(seconds))));
    }
}

/// RFC 4226 appendix D: the same codes by counter.
#[test]
fn the_vectors_of_rfc_4226() {
    let codes = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    for (count, code) in (0..).zip(codes) {
        assert_eq!(*rfc().code(count), code);
    }
}

#[test]
fn one_step_to_either_side_and_no_further() {
    let (now, secret) = (at(1_234_567_890), rfc());
    let present = step(now);
    for (offset, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let code = secret.code(present + offset);
        let wanted = taken.then_some(present + offset);
        assert_eq!(secret.verify(&code, now, 0), wanted, "{offset}");
    }
}

#[test]
fn only_codes_of_later_steps_than_the_last() {
    let (now, secret) = (at(1_234_567_890), rfc());
    let present = step(now);
    let code = secret.code(present);
    assert_eq!(secret.verify(&code, now, present - 1), Some(present));
    assert_eq!(secret.verify(&code, now, present), None, "the same again");
    assert_eq!(secret.verify(&secret.code(present - 1), now, present), None, "an older one");
    assert_eq!(secret.verify(&secret.code(present + 1), now, present), Some(present + 1));
}

#[test]
fn odd_texts_are_no_codes() {
    let (now, secret) = (at(1_234_567_890), rfc());
    let code = secret.code(step(now));
    assert!(secret.verify(&format!(" {} {} ", &code[..3], &code[3..]), now, 0).is_some());
    for odd in ["", "0", "00000", &code[1..], &format!("{}0", *code), "٠٠٥٩٢٤", "\u{0}"] {
        assert_eq!(secret.verify(odd, now, 0), None, "{odd}");
    }
}

/// RFC 4648 section 10, without its padding.
#[test]
fn base32_as_devices_read_it() {
    let vectors = [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ];
    for (plain, encoded) in vectors {
        assert_eq!(*base32(plain.as_bytes()), encoded);
    }
    assert_eq!(*rfc().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

#[test]
fn the_address_names_whose_it_is() {
    let uri = rfc().uri("Grants & co", "zoë@x.org");
    let wanted = "otpauth://totp/Grants%20%26%20co:zo%C3%AB%40x.org\
                  ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Grants%20%26%20co\
                  &algorithm=SHA1&digits=6&period=30";
    assert_eq!(*uri, wanted);
}

#[test]
fn secrets_differ_and_do_not_show() {
    let secret = Secret::new();
    assert_ne!(secret.bytes(), Secret::new().bytes());
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    assert!(Secret::from_bytes(&[0; 19]).is_none());
}

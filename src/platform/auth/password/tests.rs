use super::*;

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

#[test]
fn hashes_as_promised_and_verifies() {
    let hash = hash_now("the salmon of doubt").expect("hashed");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert_ne!(hash, hash_now("the salmon of doubt").expect("hashed"), "salted");
    assert_eq!(verify_now("the salmon of doubt", Some(&hash)).ok(), Some(true));
    assert_eq!(verify_now("the salmon of doubt ", Some(&hash)).ok(), Some(false));
    assert_eq!(verify_now("", Some(&hash)).ok(), Some(false));
    assert_eq!(verify_now("the salmon of doubt", None).ok(), Some(false));
    assert!(verify_now("x", Some("damaged")).is_err());
    let composed = hash_now("caf\u{e9} au lait").expect("hashed");
    assert_eq!(verify_now("cafe\u{301} au lait", Some(&composed)).ok(), Some(true));
}

#[tokio::test]
async fn few_at_a_time_and_no_endless_queue() {
    let hasher = Hasher::new(1);
    let hash = hasher.hash(secret("the salmon of doubt")).await.expect("hashed");
    assert_eq!(hasher.verify(secret("the salmon of doubt"), Some(hash)).await.ok(), Some(true));
    let held = hasher.slots.clone().acquire_owned().await.expect("open");
    let waiting: Vec<_> = (0..QUEUE)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify(secret("x"), None).await })
        })
        .collect();
    tokio::task::yield_now().await;
    let refused = hasher.verify(secret("x"), None).await.expect_err("one too many");
    assert_eq!((refused.kind(), refused.wait()), (Kind::TooManyRequests, Some(2)));
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    for task in waiting {
        assert!(task.await.is_err(), "hung up while waiting");
    }
    assert_eq!(hasher.waiting.load(Ordering::SeqCst), 0, "their places are free again");
    drop(held);
    assert_eq!(hasher.verify(secret("x"), None).await.ok(), Some(false));
}

#[test]
fn what_is_tried_first_is_refused() {
    let code = |p: &str| check(p, "ada.lovelace@example.org").err().map(|(code, _)| code);
    for good in [
        "correct horse battery staple",
        "gV7!kk2-qz9",
        "пароль на двоих",
        "ゆき さくら うみ そら やま",
    ] {
        assert_eq!(code(good), None, "{good}");
    }
    for common in [
        "password123",
        "Password1234!",
        "!!PASSWORD!!",
        "passwordpassword",
        "qwertyuiop",
        "1234567890",
        "0987654321",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "iloveyou2024",
        "Welcome2024!",
        "administrator",
        "letmein12345",
        "asdfghjkl123",
    ] {
        assert_eq!(code(common), Some("common"), "{common}");
    }
    assert_eq!(code("short"), Some("too_short"));
    assert_eq!(code("ééééééééé"), Some("too_short"));
    assert_eq!(code(&"long ".repeat(60)), Some("too_long"));
    assert_eq!(code("with\0nothing"), Some("malformed"));
    assert_eq!(code("my ada.Lovelace 77"), Some("contains_email"));
    let longest: String = ('a'..='z').cycle().step_by(7).take(256).collect();
    assert_eq!(code(&longest), None);
}

#[test]
fn made_up_passwords_are_taken_and_differ() {
    let (one, other) = (generate(), generate());
    assert_ne!(one, other);
    assert_eq!(one.len(), 23);
    assert_eq!(check(&one, "ada@example.org"), Ok(()));
}

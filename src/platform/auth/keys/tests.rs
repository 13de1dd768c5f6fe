use super::*;
use crate::kernel::text;
use std::os::unix::fs::PermissionsExt;

fn folder() -> PathBuf {
    let tag = text::hex(&random::<8>());
    let dir = std::env::temp_dir().join(format!("almoner-keys-{tag}"));
    std::fs::create_dir(&dir).expect("a folder");
    dir
}

#[test]
fn made_once_private_and_the_same_for_all() {
    let dir = folder();
    let path = dir.join("keys.json");
    assert!(Keys::load(&path, false).is_err(), "absent and not to be made");
    let prints: Vec<String> = std::thread::scope(|s| {
        let starts: Vec<_> = (0..8)
            .map(|_| s.spawn(|| Keys::load(&path, true).expect("keys").fingerprint()))
            .collect();
        starts.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    assert!(prints.iter().all(|p| *p == prints[0]), "{prints:?}");
    let mode = std::fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&dir).expect("folder").count(), 1, "nothing is left beside it");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("chmod");
    let refused = Keys::load(&path, true).expect_err("open to the group").to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
    std::fs::remove_dir_all(dir).expect("removed");
}

#[test]
fn rotation_keeps_the_old_and_reaches_running_processes() {
    let dir = folder();
    let path = dir.join("keys.json");
    let running = Keys::load(&path, true).expect("keys");
    let (old_signing, old_master) = (running.signing().id, running.master().id);
    let (signing, master) = Keys::rotate(&path).expect("rotated");
    assert_ne!((&signing, &master), (&old_signing, &old_master));
    assert!(running.signing_by(&signing).is_some(), "an unknown id makes it look");
    assert_eq!((running.signing().id, running.master().id), (signing, master));
    let (again, _) = Keys::rotate(&path).expect("rotated");
    assert_eq!(running.signing().id, again, "nothing is made under a key that was replaced");
    assert!(running.signing_by(&old_signing).is_some() && running.master_by(&old_master).is_some());
    assert!(running.signing_by("s-000000000000").is_none());
    assert!(!running.reload().expect("readable"), "nothing new");
    std::fs::remove_dir_all(dir).expect("removed");
}

#[test]
fn damage_is_refused_and_not_repeated() {
    let dir = folder();
    let path = dir.join("keys.json");
    Keys::load(&path, true).expect("keys");
    let good = std::fs::read_to_string(&path).expect("text");
    let value: serde_json::Value = serde_json::from_str(&good).expect("json");
    let secret = value["signing"][0]["key"].as_str().expect("a key").to_owned();
    let zero = URL_SAFE_NO_PAD.encode([0; 32]);
    let damaged = [
        good[..good.len() / 2].to_owned(),
        good.replace(&secret, &secret[..20]),
        good.replace(&secret, &zero),
        good.replace("\"version\": 1", "\"version\": 2"),
        good.replace("\"version\": 1", "\"version\": 1, \"more\": 1"),
        good.replace("\"s-", "\"../s-"),
    ];
    for text in damaged {
        std::fs::write(&path, &text).expect("written");
        let refused = Keys::load(&path, true).expect_err("damaged").to_string();
        assert!(!refused.contains(&secret[..12]), "{refused}");
    }
    std::fs::remove_dir_all(dir).expect("removed");
}

#[test]
fn debug_shows_no_secret() {
    let keys = Keys::ephemeral();
    let secret = URL_SAFE_NO_PAD.encode(keys.signing().key.bytes());
    let shown = format!(
        "{keys:?} {:?} {:?}",
        keys.signing(),
        keys.0.loaded.read().map(|l| { format!("{:?}", l.material) })
    );
    let bytes = format!("{:?}", keys.signing().key.bytes());
    assert!(!shown.contains(&secret) && !shown.contains(&bytes[1..20]), "{shown}");
}

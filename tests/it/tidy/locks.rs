//! What is locked in both lock files: no version below its floor, nothing from elsewhere. The same
//! as `.deny.toml` says, without the tool.

use std::path::Path;

/// The lowest versions that may be used, where the crate is used at all.
const FLOORS: &[(&str, [u64; 3])] = &[
    ("jsonwebtoken", [10, 3, 0]),
    ("actix-http", [3, 12, 1]),
    ("actix-multipart", [0, 8, 0]),
    ("diesel", [2, 3, 10]),
    ("lettre", [0, 11, 22]),
    ("time", [0, 3, 47]),
    ("bytes", [1, 11, 1]),
    ("h2", [0, 4, 16]),
    ("quick-xml", [0, 41, 0]),
];
/// What is made here: the service, and the programs that fuzz it.
const OURS: [&str; 2] = [env!("CARGO_PKG_NAME"), "almoner-fuzz"];
/// How the one place that packages may come from is named in a lock file.
const HOME: &str = "/crates.io-index";

/// A package: name, version, source (none for our own).
type Package = (String, String, Option<String>);

fn packages(lock: &str) -> Vec<Package> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        line.map(|rest| rest.trim_end_matches('"').to_owned())
    };
    let blocks = lock.split("[[package]]").skip(1);
    blocks
        .filter_map(|b| Some((value(b, "name")?, value(b, "version")?, value(b, "source"))))
        .collect()
}

fn faults(lock: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, version, source) in packages(lock) {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        let mut numbers = plain.split('.').map(|n| n.parse::<u64>().unwrap_or(0));
        let found = [(); 3].map(|()| numbers.next().unwrap_or(0));
        let floor = FLOORS.iter().find(|(floored, _)| *floored == name);
        if floor.is_some_and(|(_, floor)| found < *floor) {
            faults.push(format!("{name} {version} is below its floor"));
        }
        let ours = source.is_none() && OURS.contains(&name.as_str());
        let home = |s: &String| s.starts_with("registry+https://") && s.ends_with(HOME);
        if !ours && !source.as_ref().is_some_and(home) {
            faults.push(format!("{name} {version} comes from elsewhere: {source:?}"));
        }
    }
    faults
}

#[test]
fn versions_and_sources_are_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let lock = std::fs::read_to_string(root.join(name)).expect("it is committed");
        assert!(packages(&lock).len() > 100, "{name} is read");
        assert_eq!(faults(&lock), [""; 0], "{name}");
    }
}

#[test]
fn old_versions_and_other_sources_are_found() {
    let package = |name: &str, version: &str, source: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n")
    };
    let home = format!("registry+https://example.org{HOME}");
    let fine = package("bytes", "1.11.1", &home) + &package("time", "1.0.0", &home);
    assert_eq!(faults(&fine), [""; 0]);
    assert_eq!(faults(&package("bytes", "1.11.0", &home)).len(), 1);
    assert_eq!(faults(&package("lettre", "0.9.30", &home)).len(), 1);
    let git = package("serde", "1.0.0", "git+https://example.org/serde#1234567");
    assert_eq!(faults(&git).len(), 1);
    assert_eq!(faults(&package("x", "1.0.0", "registry+https://example.org/other")).len(), 1);
    assert_eq!(faults("[[package]]\nname = \"x\"\nversion = \"1.0.0\"\n").len(), 1, "a folder");
}

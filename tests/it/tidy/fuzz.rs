//! What is fuzzed is one list: the programs of `fuzz/`, what they do, and what was kept for them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.flatten().map(name).collect()
}

/// The first text in quotes of each line that begins like this.
fn quoted(text: &str, begins: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix(begins));
    lines.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn programs_targets_and_corpus_are_one_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let read = |name: &str| fs::read_to_string(root.join(name)).expect("it is committed");
    let targets = quoted(&read("targets.rs"), "(\"");
    assert!(targets.len() >= 8, "{targets:?}");
    let manifest = read("Cargo.toml");
    let programs = manifest.split("[[bin]]").skip(1).flat_map(|bin| quoted(bin, "name = \""));
    assert_eq!(programs.collect::<BTreeSet<_>>(), targets, "Cargo.toml");
    assert_eq!(names(&root.join("corpus")), targets, "corpus");
    let files: BTreeSet<String> = targets.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names(&root.join("fuzz_targets")), files, "fuzz_targets");
    for name in &targets {
        let program = read(&format!("fuzz_targets/{name}.rs"));
        assert!(program.contains(&format!("targets::{name}(")), "{name} runs another: {program}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(!names(&root.join("corpus").join(name)).is_empty(), "nothing is kept for {name}");
    }
}

//! Who comes second of two that write at once is told so in one way, whatever they write: 412, and
//! what to do.

use almoner::kernel::problem::{Kind, Problem};
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn it_is_said_in_one_place() {
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut elsewhere = Vec::new();
    for path in all.iter().filter(|path| !path.ends_with("kernel/problem.rs")) {
        let text = std::fs::read_to_string(path).expect("a text");
        for (number, line) in text.lines().enumerate() {
            let says = ["at the same moment", "has just changed", "has just closed"];
            let says = says.iter().any(|words| line.contains(words));
            let code = !line.trim_start().starts_with("//");
            // A link that was used, and a template of which there is a newer version.
            let other = line.contains("This link") || line.contains("made a version");
            if says && code && !other {
                elsewhere.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert_eq!(elsewhere, [""; 0]);
    assert!(all.len() > 300, "the sources are read");
}

#[test]
fn it_says_what_to_do() {
    let problem = Problem::changed_meanwhile("offer");
    assert_eq!((problem.kind(), problem.status()), (Kind::EditedMeanwhile, 412));
    let detail = problem.detail();
    assert!(detail.contains("The offer") && detail.contains("read it again"), "{detail}");
    assert!(detail.contains("once more"), "{detail}");
}

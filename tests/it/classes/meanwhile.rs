//! Who comes second of two that write at once is told so in one way, whatever they write: 412, and
//! what to do.

use crate::support::sources;
use almoner::kernel::problem::{Kind, Problem};

#[test]
fn it_is_said_in_one_place() {
    let all = sources();
    let mut elsewhere = Vec::new();
    for (path, text) in all.iter().filter(|(path, _)| !path.ends_with("kernel/problem.rs")) {
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

//! How much there can be.

use super::*;
use crate::support::Harness;

both! {
    fn answers_have_an_end(t: &Harness) {
        let web = t.serve();
        let (admin, rea) = (admin(&web), web.person("Rea"));
        let call = call(&admin);
        let all = (0..40).map(|n| question(&format!("q{n}"), "long_text", json!({})));
        write_form(&admin, &call, &json!({ "questions": all.collect::<Vec<_>>() })).ok();
        let id = draft(&rea, &call, json!({}));
        let text = "x".repeat(20_000);
        let some = |from: usize, to: usize| -> Value {
            (from..to).map(|n| (format!("q{n}"), json!(text))).collect()
        };
        answer(&rea, &id, some(0, 19)).ok();
        answer(&rea, &id, some(19, 21)).wrong_fields(&["/answers"]);
        let many: Value = (0..231).map(|n| (format!("x{n}"), json!(1))).collect();
        answer(&rea, &id, many).wrong_fields(&["/answers"]);
        let kept = rea.get(&at(&id, "")).ok();
        assert_eq!(kept["answers"].as_object().map(|a| a.len()), Some(19));
    }
}

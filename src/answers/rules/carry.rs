//! What one form's answers are worth under another form.

use super::kinds;
use crate::answers::model::{Answers, Form, Question, QuestionKind};
use crate::kernel::fields::Fields;
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether an answer fits a question as it stands.
pub fn fills(question: &Question, value: &Value) -> bool {
    let mut fields = Fields::new();
    kinds::check(&mut fields, "", question, value);
    fields.finish().is_ok()
}

/// The question of the other form that asks the same: of the same reuse key, or of the same key and
/// kind.
fn same<'f>(form: &'f Form, question: &Question) -> Option<&'f Question> {
    let reused = question
        .reuse_key
        .as_ref()
        .and_then(|name| form.questions.iter().find(|q| q.reuse_key.as_ref() == Some(name)));
    let keyed = || form.questions.iter().find(|q| q.key == question.key && q.kind == question.kind);
    // The id of a file says nothing as a text, and no text is a file.
    let is_file = |q: &Question| q.kind == QuestionKind::File;
    reused.or_else(keyed).filter(|found| is_file(found) == is_file(question))
}

/// The questions of `to` that `from` asked as well and that its answers fit: by their keys, the
/// keys that these answers have.
pub fn common(from: &Form, answers: &Answers, to: &Form) -> BTreeMap<String, String> {
    let asked = to.questions.iter().filter_map(|q| Some((q, same(from, q)?)));
    let fits = |(q, old): &(&Question, &Question)| {
        answers.get(&old.key).is_some_and(|value| fills(q, value))
    };
    asked.filter(fits).map(|(q, old)| (q.key.clone(), old.key.clone())).collect()
}

/// The answers to the questions of `to` that `from` asked as well, where they fit.
pub fn carry(from: &Form, answers: &Answers, to: &Form) -> Answers {
    let mut carried = Answers::new();
    for (key, old) in common(from, answers, to) {
        carried.insert(key, answers[&old].clone());
    }
    for quiz in &to.eligibility {
        let asked = from.eligibility.iter().any(|q| q.key == quiz.key && q.label == quiz.label);
        let answer = answers.get(&quiz.key).filter(|_| asked);
        let known = |value: &&Value| quiz.options.iter().any(|o| value.as_str() == Some(&o.key));
        if let Some(value) = answer.filter(known) {
            carried.insert(quiz.key.clone(), value.clone());
        }
    }
    carried
}

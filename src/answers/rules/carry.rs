//! What one form's answers are worth under another form.

use super::kinds;
use crate::answers::model::{Answers, Form, Question};
use crate::kernel::fields::Fields;
use serde_json::Value;

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
    reused.or_else(keyed)
}

/// The answers to the questions of `to` that `from` asked as well, where they fit.
pub fn carry(from: &Form, answers: &Answers, to: &Form) -> Answers {
    let mut carried = Answers::new();
    for question in &to.questions {
        let answer = same(from, question).and_then(|asked| answers.get(&asked.key));
        if let Some(value) = answer.filter(|value| fills(question, value)) {
            carried.insert(question.key.clone(), value.clone());
        }
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

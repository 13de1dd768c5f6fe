//! Answers that are files: each names one by its id.

use crate::answers::model::{Answers, Form, Question, QuestionKind};
use crate::kernel::ids::AttachmentId;
use serde_json::{Value, json};

/// The questions that are answered with a file, and which.
pub fn files<'f>(form: &'f Form, answers: &Answers) -> Vec<(&'f Question, AttachmentId)> {
    let asked = form.questions.iter().filter(|question| question.kind == QuestionKind::File);
    let named = |value: &Value| value.as_str()?.parse().ok();
    asked.filter_map(|q| Some((q, answers.get(&q.key).and_then(named)?))).collect()
}

/// Points the answers that are files to others; those that `to` has nothing for are taken out.
pub fn point(
    form: &Form,
    answers: &mut Answers,
    to: impl Fn(AttachmentId) -> Option<AttachmentId>,
) {
    for (question, id) in files(form, answers) {
        match to(id) {
            Some(id) => drop(answers.insert(question.key.clone(), json!(id))),
            None => drop(answers.remove(&question.key)),
        }
    }
}

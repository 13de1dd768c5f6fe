//! Answers in a document: as people read them, and as a form takes them.

use crate::answers::model::{Answers, Column, Form, Question, QuestionKind, QuizQuestion};
use crate::answers::rules as forms;
use crate::applications::rules::versions::as_text;
use crate::dossiers::model::{Answered, Dossier, NotTaken};
use crate::dossiers::rules::QUIZ;
use crate::kernel::fields::Fields;
use serde_json::Value;

/// The question of a form that asks what was answered: of the same reuse key, or of the same key
/// and kind.
fn asked<'f>(form: &'f Form, answered: &Answered) -> Option<&'f Question> {
    let reused = answered
        .reuse_key
        .as_ref()
        .and_then(|name| form.questions.iter().find(|q| q.reuse_key.as_ref() == Some(name)));
    let keyed = || {
        let same = |q: &&Question| q.key == answered.key && q.kind.as_str() == answered.kind;
        form.questions.iter().find(same)
    };
    reused.or_else(keyed)
}

/// The answers that the call's form takes; why it does not take the others goes to `left`.
pub(super) fn answers(form: &Form, document: &Dossier, left: &mut Vec<NotTaken>) -> Answers {
    let mut taken = Answers::new();
    for (i, answered) in document.answers.iter().enumerate() {
        let mut leave = |reason: &str| {
            let pointer = format!("/document/answers/{i}");
            left.push(NotTaken { pointer, reason: reason.to_owned() });
        };
        if answered.kind == QUIZ {
            leave("each call asks for itself who can apply: answer its quiz");
            continue;
        }
        match asked(form, answered) {
            _ if answered.kind == QuestionKind::File.as_str() => {
                leave("a file is not in the document: attach it, then answer");
            }
            None => leave("this call does not ask it"),
            Some(question) if question.kind == QuestionKind::File => {
                leave("this call asks for a file: attach it, then answer");
            }
            Some(question) if taken.contains_key(&question.key) => {
                leave("another answer of the document was taken for the same question");
            }
            Some(question) => match fitting(question, &answered.answer) {
                Some(answer) => drop(taken.insert(question.key.clone(), answer)),
                None => leave("it does not fit the question of this call: answer it anew"),
            },
        }
    }
    taken
}

/// The answer as it would be kept, where it fits.
fn fitting(question: &Question, answer: &Value) -> Option<Value> {
    let one = Form { questions: vec![unconditional(question)], ..Form::default() };
    let sent = Answers::from_iter([(question.key.clone(), answer.clone())]);
    let mut fields = Fields::new();
    let kept = forms::merge(&mut fields, &one, &Answers::new(), &sent);
    fields.finish().ok()?;
    kept.get(&question.key).cloned()
}

fn unconditional(question: &Question) -> Question {
    Question { shown_if: None, ..question.clone() }
}

/// An answer as people read it: options by their labels.
pub(super) fn readable(question: &Question, answer: &Value) -> String {
    let label = |value: &Value| {
        let found = question.options.iter().find(|o| value.as_str() == Some(&o.key));
        found.map_or_else(|| as_text(value), |option| option.label.clone())
    };
    match (question.kind, answer) {
        (QuestionKind::Choice, value) => label(value),
        (QuestionKind::Choices, Value::Array(items)) => {
            items.iter().map(label).collect::<Vec<_>>().join("\n")
        }
        (QuestionKind::Table, Value::Array(rows)) => {
            rows.iter().map(|row| cells(question, row)).collect::<Vec<_>>().join("\n")
        }
        (_, value) => as_text(value),
    }
}

fn cells(question: &Question, row: &Value) -> String {
    let cell = |column: &Column| {
        let value = row.get(&column.key)?;
        let option = column.options.iter().find(|o| value.as_str() == Some(&o.key));
        let text = option.map_or_else(|| as_text(value), |option| option.label.clone());
        Some(format!("{}: {text}", column.label))
    };
    question.columns.iter().filter_map(cell).collect::<Vec<_>>().join("; ")
}

/// The same of the quiz.
pub(super) fn chosen(quiz: &QuizQuestion, answer: &Value) -> String {
    let found = quiz.options.iter().find(|o| answer.as_str() == Some(&o.key));
    found.map_or_else(|| as_text(answer), |option| option.label.clone())
}

//! Whether answers fit their form.

use super::{ANSWERS_BYTES_MAX, QUESTIONS_MAX, QUIZ_MAX, kinds};
use crate::answers::model::{
    Answers, Condition, Decimal, Eligibility, Form, Ineligible, Question, QuizQuestion,
};
use crate::kernel::fields::Fields;
use serde_json::Value;

/// A key as a part of a JSON pointer, cut to a length that can be told.
pub(super) fn segment(key: &str) -> String {
    key.chars().take(60).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// What a key of answers stands for.
enum Asked<'f> {
    Question(&'f Question),
    Quiz(&'f QuizQuestion),
}

fn asked<'f>(form: &'f Form, key: &str) -> Option<Asked<'f>> {
    let question = form.questions.iter().find(|q| q.key == key).map(Asked::Question);
    question.or_else(|| form.eligibility.iter().find(|q| q.key == key).map(Asked::Quiz))
}

/// The answers with those that were sent: null, or nothing but space, clears one. What is wrong
/// with what was sent goes to `fields`; nothing is asked of what was not sent.
pub fn merge(fields: &mut Fields, form: &Form, old: &Answers, sent: &Answers) -> Answers {
    let mut new = old.clone();
    if sent.len() > QUESTIONS_MAX + QUIZ_MAX {
        fields.push("/answers", "too_many", "these are more answers than a form has questions");
        return new;
    }
    for (key, value) in sent {
        let at = format!("/answers/{}", segment(key));
        let kept = match asked(form, key) {
            None => {
                fields.push(&at, "unknown", "the form has no question with this key");
                continue;
            }
            Some(Asked::Question(question)) => {
                let kept = kinds::clean(question, value);
                if !kept.is_null() {
                    kinds::check(fields, &at, question, &kept);
                }
                kept
            }
            Some(Asked::Quiz(quiz)) => {
                if !value.is_null() {
                    chosen(fields, &at, quiz, value);
                }
                value.clone()
            }
        };
        if kept.is_null() {
            new.remove(key);
        } else {
            new.insert(key.clone(), kept);
        }
    }
    new
}

fn chosen(fields: &mut Fields, at: &str, quiz: &QuizQuestion, value: &Value) {
    let known = value.as_str().is_some_and(|text| quiz.options.iter().any(|o| o.key == text));
    let keys: Vec<&str> = quiz.options.iter().take(20).map(|o| o.key.as_str()).collect();
    let message = format!("choose one of: {}", keys.join(", "));
    fields.check(known, at, "unknown_option", &message);
}

/// Refuses more than can be kept of one application.
pub fn fits(fields: &mut Fields, answers: &Answers) {
    let bytes = serde_json::to_string(answers).map_or(usize::MAX, |text| text.len());
    let message = format!("all answers together have at most {ANSWERS_BYTES_MAX} bytes");
    fields.check(bytes <= ANSWERS_BYTES_MAX, "/answers", "too_long", &message);
}

/// Whether a condition holds.
fn holds(condition: &Condition, answers: &Answers) -> bool {
    let chosen = |value: &Value| {
        value.as_str().is_some_and(|text| condition.any_of.iter().any(|key| key == text))
    };
    match answers.get(&condition.question) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => items.iter().any(chosen),
        Some(value @ Value::Number(_)) => Decimal::of(value).is_some_and(|number| {
            condition.any_of.is_empty()
                && condition.at_least.is_none_or(|least| number >= least)
                && condition.at_most.is_none_or(|most| number <= most)
        }),
        Some(value) => chosen(value),
    }
}

fn is_shown(question: &Question, answers: &Answers) -> bool {
    question.shown_if.as_ref().is_none_or(|condition| holds(condition, answers))
}

/// The answers without those to questions that are not shown, and to none of the form: what is
/// handed in. (A draft keeps them: who chooses otherwise again finds them there.)
pub fn prune(form: &Form, answers: &Answers) -> Answers {
    let mut kept = Answers::new();
    for quiz in &form.eligibility {
        if let Some(value) = answers.get(&quiz.key) {
            kept.insert(quiz.key.clone(), value.clone());
        }
    }
    for question in &form.questions {
        if let Some(value) = answers.get(&question.key).filter(|_| is_shown(question, &kept)) {
            kept.insert(question.key.clone(), value.clone());
        }
    }
    kept
}

/// The questions that have to be answered, and are not.
pub fn unanswered<'f>(form: &'f Form, answers: &Answers) -> Vec<&'f Question> {
    let asked = form.questions.iter().filter(|q| q.required && is_shown(q, answers));
    asked.filter(|q| !answers.contains_key(&q.key)).collect()
}

/// Whether the answers can be handed in: all that is asked is answered, rightly, and nothing else.
/// Takes exactly what the form's JSON Schema takes.
pub fn check(fields: &mut Fields, form: &Form, answers: &Answers) {
    for key in answers.keys().filter(|key| asked(form, key).is_none()) {
        let at = format!("/answers/{}", segment(key));
        fields.push(&at, "unknown", "the form has no question with this key");
    }
    for quiz in &form.eligibility {
        let at = format!("/answers/{}", quiz.key);
        match answers.get(&quiz.key) {
            None => fields.push(&at, "required", "this decides whether you can apply"),
            Some(value) if is_eligible(quiz, value) => {}
            Some(value) => {
                let known = value.as_str().is_some_and(|v| quiz.options.iter().any(|o| o.key == v));
                if known {
                    fields.push(&at, "not_eligible", quiz.refusal.clone());
                } else {
                    chosen(fields, &at, quiz, value);
                }
            }
        }
    }
    for question in &form.questions {
        let at = format!("/answers/{}", question.key);
        let shown = is_shown(question, answers);
        match answers.get(&question.key) {
            None if shown && question.required => {
                fields.push(&at, "required", format!("answer this: {}", question.label));
            }
            None => {}
            Some(_) if !shown => {
                fields.push(&at, "not_shown", "this is not asked after what was answered before");
            }
            Some(value) => kinds::check(fields, &at, question, value),
        }
    }
}

fn is_eligible(quiz: &QuizQuestion, value: &Value) -> bool {
    value.as_str().is_some_and(|text| quiz.eligible.iter().any(|key| key == text))
}

/// What the quiz says. Answers to anything else count for nothing here.
pub fn eligibility(form: &Form, answers: &Answers) -> Eligibility {
    let (mut reasons, mut missing) = (Vec::new(), Vec::new());
    for quiz in &form.eligibility {
        match answers.get(&quiz.key) {
            None | Some(Value::Null) => missing.push(quiz.key.clone()),
            Some(value) if is_eligible(quiz, value) => {}
            Some(_) => {
                reasons.push(Ineligible { key: quiz.key.clone(), reason: quiz.refusal.clone() });
            }
        }
    }
    Eligibility { eligible: reasons.is_empty() && missing.is_empty(), reasons, missing }
}

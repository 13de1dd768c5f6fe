//! Rows of templates, agreements, signatures and requirements.

mod agreements;
mod requirements;
mod templates;

pub(super) use agreements::{
    NewSignature, finish, hold, insert_agreement, insert_signature, newest_agreement, signatures,
};
pub(super) use requirements::{
    Decision, change_requirement, due, due_of, insert_requirement, reminded, requirement,
    requirements,
};
pub(super) use templates::{insert_template, list_templates, newest_template};

use super::model::{AgreementStatus, Party, RequirementKind, RequirementStatus, TemplateKind};
use crate::platform::db::types::db_text;

db_text!(AgreementStatus, Party, RequirementKind, RequirementStatus, TemplateKind);

//! Use-cases of paperwork. Whoever calls has authorised: rights hang on the grant, which is known
//! elsewhere. Only templates are authorised here.

mod agreements;
mod reminders;
mod requirements;
mod templates;

pub use agreements::{
    agreement, agreement_text, draft_agreement, sign, signed_by_recipient, verify_agreement,
};
pub use reminders::{due, take_due};
pub use requirements::{
    all_settled, mark, mark_by, open_requirements, provide, refuse, requirements, satisfy,
    screened, waive,
};
pub use templates::{create_template, list_templates};

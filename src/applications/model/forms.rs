//! What people send.

use super::MemberRole;
use crate::answers::model::Answers;
use crate::calls::model::Visibility;
use crate::kernel::ids::{CallId, PersonId};
use crate::kernel::money::MoneyText;
use crate::kernel::patch::Patch;
use serde::Deserialize;

/// A line of the budget, as sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetLineForm {
    /// What it is for, up to 200 characters.
    pub label: String,
    /// How much, more than nothing.
    pub amount: MoneyText,
}

/// A new application; a call and a title are enough to begin with.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApplication {
    /// The call that it answers.
    pub call_id: CallId,
    /// Who applies, where you may draft for them; you, where absent.
    #[serde(default)]
    pub on_behalf_of: Option<PersonId>,
    /// Its name, up to 200 characters.
    pub title: String,
    /// What it is about, in up to 2,000 characters.
    #[serde(default)]
    pub summary: Option<String>,
    /// The case in full, in up to 50,000 characters.
    #[serde(default)]
    pub body: Option<String>,
    /// The least that makes sense.
    #[serde(default)]
    pub amount_minimum: Option<MoneyText>,
    /// What is asked for.
    #[serde(default)]
    pub amount_requested: Option<MoneyText>,
    /// What it is for; up to 50 lines.
    #[serde(default)]
    pub budget_lines: Option<Vec<BudgetLineForm>>,
    /// How long the work takes, 1 to 120 months.
    #[serde(default)]
    pub duration_months: Option<i32>,
    /// Who may come across it once it is open; private where absent.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// By the keys of the call's form. What you answered before and is not answered here is filled
    /// in, and marked as suggested.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: Answers,
}

/// Changes to an application: an absent field is left, null clears it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditApplication {
    /// Its name, up to 200 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// What it is about, in up to 2,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub summary: Patch<String>,
    /// The case in full, in up to 50,000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub body: Patch<String>,
    /// The least that makes sense.
    #[serde(default)]
    #[schema(value_type = Option<MoneyText>)]
    pub amount_minimum: Patch<MoneyText>,
    /// What is asked for; never below what is kept for offers.
    #[serde(default)]
    #[schema(value_type = Option<MoneyText>)]
    pub amount_requested: Patch<MoneyText>,
    /// What it is for; up to 50 lines, which replace those before.
    #[serde(default)]
    #[schema(value_type = Option<Vec<BudgetLineForm>>)]
    pub budget_lines: Patch<Vec<BudgetLineForm>>,
    /// How long the work takes, 1 to 120 months.
    #[serde(default)]
    #[schema(value_type = Option<i32>)]
    pub duration_months: Patch<i32>,
    /// Who may come across it once it is open.
    #[serde(default)]
    #[schema(value_type = Option<Visibility>)]
    pub visibility: Patch<Visibility>,
    /// Answers by the keys of the form's questions: an absent one is left, null clears it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: Answers,
    /// Keys of suggested answers that are right as they are.
    #[serde(default)]
    pub confirm: Vec<String>,
}

impl CreateApplication {
    /// The same as changes to an empty draft.
    pub fn content(&self) -> EditApplication {
        let form = self.clone();
        EditApplication {
            title: Patch::Set(form.title),
            summary: form.summary.into(),
            body: form.body.into(),
            amount_minimum: form.amount_minimum.into(),
            amount_requested: form.amount_requested.into(),
            budget_lines: form.budget_lines.into(),
            duration_months: form.duration_months.into(),
            visibility: form.visibility.into(),
            answers: form.answers,
            confirm: Vec::new(),
        }
    }
}

/// Why, for the applicant to read.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonForm {
    /// In up to 5,000 characters.
    pub reason: String,
}

/// Why, if there is something to say.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawForm {
    /// In up to 5,000 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Whom to ask onto the team.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMember {
    /// Where the invitation goes.
    pub email: String,
    /// Their name, up to 200 characters.
    pub name: String,
    /// What they will do; member where absent.
    #[serde(default)]
    pub role: Option<MemberRole>,
}

/// Says what somebody does on the team.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMember {
    // What they do from now on. A doc comment here would make it an object as well.
    #[schema(inline)]
    pub role: MemberRole,
}

/// An invited person's own answer.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    /// The token of the invitation's link; needed only where the account has another address than
    /// the one that was invited.
    #[serde(default)]
    pub token: Option<String>,
}

/// Which version of the call's form to move to.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveAnswers {
    /// The newest where absent.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub version: Option<i32>,
}

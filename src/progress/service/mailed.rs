//! What a mailed link asks, for whoever holds its token: they had the mail, which says the same.

use crate::kernel::Result;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::time::Date;
use crate::platform::authz::{self, Action};
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use crate::{applications, delegations, vouches};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The token of a mailed link.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailedToken {
    /// What stands behind `#token=` in the link.
    pub token: String,
}

/// What the mail of an invitation, a nomination, a delegation or a vouch request asks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Invitation {
    /// `invitation`, `nomination`, `delegation` or `vouch_request`.
    pub object: &'static str,
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// Who asks, by name.
    pub from: String,
    /// What is asked, in a sentence.
    pub question: String,
    /// The title of the application that it is about, if it is about one.
    pub title: Option<String>,
    /// What they wrote about it, or what a yes would mean.
    pub says: Option<String>,
    /// The last day: of answering a nomination, or of what a delegation lets somebody do.
    pub until: Option<Date>,
}

/// What the link with this token asks. Anybody may ask who has the token; it answers nothing yet.
///
/// # Errors
/// 401 for a token that is none, or whose question was answered, taken back, or is over.
pub fn mailed(conn: &mut Conn, ctx: &Ctx, token: &str) -> Result<Invitation> {
    authz::require(ctx, Action::PreviewInvitation, &[])?;
    if let Some((member, title, from)) = applications::service::mailed_place(conn, ctx, token)? {
        let role = member.role;
        return Ok(Invitation {
            object: "invitation",
            id: member.id.uuid(),
            question: format!("{from} asks you onto the team of an application, as {role}."),
            from,
            title: Some(title),
            says: None,
            until: None,
        });
    }
    if let Some((row, from)) = applications::service::mailed_nomination(conn, ctx, token)? {
        return Ok(Invitation {
            object: "nomination",
            id: row.id.uuid(),
            question: format!("{from} nominates you: make this application yours, or say no."),
            from,
            title: Some(row.title),
            says: Some(format!("{}\n\n{}", row.summary, row.why)),
            until: Some(row.expires_at.date()),
        });
    }
    if let Some((id, from, errands, until)) = delegations::service::mailed(conn, ctx, token)? {
        return Ok(Invitation {
            object: "delegation",
            id: id.uuid(),
            question: format!("{from} asks you to do paperwork for them."),
            from,
            title: None,
            says: Some(format!("You may then: {errands}. You sign nothing.")),
            until: Some(until),
        });
    }
    if let Some(asked) = vouches::service::mailed(conn, ctx, token)? {
        let from = asked.applicant.name;
        let said = [asked.summary.unwrap_or_default(), asked.message];
        let said: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
        return Ok(Invitation {
            object: "vouch_request",
            id: asked.id.uuid(),
            question: format!("{from} applies for a grant, and asks you to vouch for them."),
            from,
            title: asked.title,
            says: (!said.is_empty()).then(|| said.join("\n\n")),
            until: None,
        });
    }
    let detail = "This link is not complete, or its question was answered, taken back, or is over.";
    Err(Problem::new(Kind::TokenRefused, detail))
}

//! Drafting, reading, signing and verifying agreements.

use super::requirements::mark;
use super::templates::newest;
use crate::kernel::Result;
use crate::kernel::actor::Actor;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AgreementId, GrantId, of};
use crate::kernel::problem::{Kind, Problem};
use crate::paperwork::model::{
    Agreement, AgreementFacts, AgreementStatus, AgreementView, CONSENT, Party, RequirementKind,
    RequirementStatus, SignForm, SignatureView, Verification,
};
use crate::paperwork::{events, rules, store};
use crate::platform::audit::{self, Change};
use crate::platform::authz::Action;
use crate::platform::context::Ctx;
use crate::platform::db::Conn;
use serde_json::json;

/// Renders the agreement of a grant from the newest template, once, and keeps its exact bytes.
///
/// # Errors
/// 409 if the grant has one already.
pub fn draft_agreement(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    facts: &AgreementFacts,
) -> Result<AgreementId> {
    rules::sums_up(facts)?;
    let template = newest(conn, ctx)?;
    let text = rules::Template::read(&template.body)
        .map_err(|e| Problem::internal(format!("template {}: {e}", template.number)))?
        .render(facts, &grant.to_string(), template.number);
    let agreement = Agreement {
        id: ctx.id::<of::Agreement>(),
        grant_id: grant,
        sha256: rules::sha256(text.as_bytes()),
        body: text.into_bytes(),
        status: AgreementStatus::Open,
        created_at: ctx.now,
        signed_at: None,
        template: template.number,
    };
    if !store::insert_agreement(conn, &agreement, template.id)? {
        let detail = "The grant has an agreement already.";
        return Err(Problem::new(Kind::AlreadyExists, detail));
    }
    let change = Change {
        action: "draft_agreement",
        object: ("agreement", agreement.id.uuid()),
        before: None,
        after: Some(json!({
            "grant_id": grant,
            "template": template.number,
            "sha256": agreement.sha256,
        })),
    };
    audit::record(conn, ctx, change)?;
    Ok(agreement.id)
}

/// The agreement of a grant and its signatures, if there is one.
pub fn agreement(conn: &mut Conn, grant: GrantId) -> Result<Option<AgreementView>> {
    let Some(agreement) = store::newest_agreement(conn, grant)? else { return Ok(None) };
    let signatures = store::signatures(conn, agreement.id)?;
    view(agreement, signatures).map(Some)
}

/// The exact bytes that were rendered, and the SHA-256 that they had then.
pub fn agreement_text(conn: &mut Conn, grant: GrantId) -> Result<Option<(Vec<u8>, String)>> {
    Ok(store::newest_agreement(conn, grant)?.map(|a| (a.body, a.sha256)))
}

/// Signs for one side. When both have signed, the agreement is signed and its requirement
/// satisfied.
///
/// # Errors
/// 404 without an agreement; 422 without their own name or consent, or when the SHA-256 is not
/// that of the kept text; 403 `two_persons` for whoever has signed for the other side; 409 when it
/// was signed already.
pub fn sign(
    conn: &mut Conn,
    ctx: &Ctx,
    grant: GrantId,
    party: Party,
    form: &SignForm,
) -> Result<AgreementView> {
    let me = ctx.me()?;
    store::hold(conn, grant)?;
    let missing = || Problem::not_found("agreement");
    let kept = store::newest_agreement(conn, grant)?.ok_or_else(missing)?;
    let before = store::signatures(conn, kept.id)?;
    let intact = rules::sha256(&kept.body) == kept.sha256;
    rules::may_sign(kept.status, intact, &before, party, me)?;
    let mut fields = Fields::new();
    let typed_name = fields.line("/typed_name", &form.typed_name, 1, 200);
    let own = typed_name.is_empty() || rules::is_name_of(&typed_name, &ctx.actor_name);
    fields.check(own, "/typed_name", "mismatch", "type your own name, as it is in your account");
    fields.check(form.consent, "/consent", "required", "without your consent it is no signature");
    let same = form.sha256.eq_ignore_ascii_case(&kept.sha256);
    let message = "this is not the text that is kept: read it again before you sign";
    fields.check(same, "/sha256", "mismatch", message);
    fields.finish()?;
    let signature = SignatureView {
        party,
        person_id: me,
        typed_name,
        consent: CONSENT.version.into(),
        sha256: kept.sha256.clone(),
        signed_at: ctx.now,
        address: ctx.address.as_deref().map(str::to_owned),
        agent: ctx.agent.as_deref().map(str::to_owned),
        authenticated: Some(authenticated(&ctx.actor)),
    };
    let id = ctx.id::<of::Signature>();
    store::insert_signature(
        conn,
        &store::NewSignature { id, agreement: kept.id, view: &signature },
    )?;
    let change = Change::by(Action::SignAgreement, "agreement", kept.id.uuid()).to(json!({
        "grant_id": grant,
        "party": party,
        "typed_name": signature.typed_name,
        "consent": signature.consent,
        "sha256": signature.sha256,
        "authenticated": signature.authenticated,
    }));
    audit::record(conn, ctx, change)?;
    if !before.is_empty() {
        complete(conn, ctx, &kept)?;
    }
    agreement(conn, grant)?.ok_or_else(missing)
}

/// The second side has signed.
fn complete(conn: &mut Conn, ctx: &Ctx, kept: &Agreement) -> Result<()> {
    if !store::finish(conn, kept.id, ctx.now)? {
        return Err(Problem::wrong_state("The agreement is not open any longer."));
    }
    let (grant, satisfied) = (kept.grant_id, RequirementStatus::Satisfied);
    mark(conn, ctx, grant, RequirementKind::Agreement, satisfied)?;
    events::signed(conn, ctx, grant, &kept.sha256)
}

/// Whether the agreement of a grant still is what was signed; the SHA-256 is computed anew.
///
/// # Errors
/// 404 without an agreement.
pub fn verify_agreement(conn: &mut Conn, grant: GrantId) -> Result<Verification> {
    let missing = || Problem::not_found("agreement");
    let kept = store::newest_agreement(conn, grant)?.ok_or_else(missing)?;
    let signatures = store::signatures(conn, kept.id)?;
    Ok(rules::verify(&kept, signatures))
}

fn view(kept: Agreement, signatures: Vec<SignatureView>) -> Result<AgreementView> {
    Ok(AgreementView {
        id: kept.id,
        grant_id: kept.grant_id,
        template: kept.template,
        bytes: i64::try_from(kept.body.len()).map_err(Problem::internal)?,
        sha256: kept.sha256,
        status: kept.status,
        created_at: kept.created_at,
        signed_at: kept.signed_at,
        consent: CONSENT,
        signatures,
    })
}

/// How whoever signs has shown who they are.
fn authenticated(actor: &Actor) -> String {
    match actor {
        Actor::Person { session: Some(id), .. } => format!("signed in, session {id}"),
        Actor::Person { session: None, .. } => "personal access token".into(),
        Actor::Anonymous | Actor::System(_) => "not signed in".into(),
    }
}

/// Whether the recipient has signed the newest agreement of a grant.
pub fn signed_by_recipient(conn: &mut Conn, grant: GrantId) -> Result<bool> {
    let Some(kept) = store::newest_agreement(conn, grant)? else { return Ok(false) };
    let signatures = store::signatures(conn, kept.id)?;
    Ok(signatures.iter().any(|s| s.party == Party::Recipient))
}

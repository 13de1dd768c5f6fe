//! Who may, in the words of the table.

use super::policy::Allow::{self, Rel};
use super::policy::Relation;
use crate::kernel::actor::{Errand, Role};

pub(super) const ADMIN: Allow = Allow::Role(Role::Admin);
pub(super) const FINANCE: Allow = Allow::Role(Role::Finance);
pub(super) const AUDITOR: Allow = Allow::Role(Role::Auditor);
pub(super) const REGRANTOR: Allow = Allow::Role(Role::Regrantor);
pub(super) const OWN: Allow = Rel(Relation::Own);
pub(super) const HOLDER: Allow = Rel(Relation::Holder);
pub(super) const TEAM: Allow = Rel(Relation::Team);
pub(super) const WRITER: Allow = Rel(Relation::Writer);
pub(super) const INVITED: Allow = Rel(Relation::Invited);
pub(super) const DRAFTER: Allow = Rel(Relation::Delegate(Errand::Draft));
pub(super) const SUBMITTER: Allow = Rel(Relation::Delegate(Errand::Submit));
pub(super) const REPORTER: Allow = Rel(Relation::Delegate(Errand::Report));
pub(super) const NAMED: Allow = Rel(Relation::Named);
pub(super) const RECIPIENT: Allow = Rel(Relation::Recipient);
pub(super) const BACKER: Allow = Rel(Relation::Backer);
pub(super) const CONTRIBUTOR: Allow = Rel(Relation::Contributor);
pub(super) const PUBLIC: Allow = Rel(Relation::Public);
pub(super) const KNOWN: Allow = Rel(Relation::Known);
pub(super) const NEED_TO_KNOW: Allow = Rel(Relation::NeedToKnow);
pub(super) const REVIEWER: Allow = Allow::Role(Role::Reviewer);
pub(super) const MY_REVIEW: Allow = Allow::RoleRel(Role::Reviewer, Relation::Own);
pub(super) const BACKING: Allow = Allow::RoleRel(Role::Regrantor, Relation::Backer);
pub(super) const HOLDING: Allow = Allow::RoleRel(Role::Regrantor, Relation::Holder);

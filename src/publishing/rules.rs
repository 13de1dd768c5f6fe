//! What is published, decided from facts.

use super::model::{
    Publication, PublicationForm, PublicationStatus, PublishedField, RecipientKind,
};
use crate::applications::model::ApplicationStatus;
use crate::kernel::fields::Fields;
use crate::kernel::ids::{AnnouncementId, PersonId};
use crate::kernel::time::Instant;
use sha2::{Digest as _, Sha256};

/// What is published of a grant on which nobody has decided: all of what everybody may read
/// already; of a private one amounts and days alone.
pub fn by_default(public: bool) -> Publication {
    let fields = match public {
        true => PublishedField::ALL.to_vec(),
        false => vec![PublishedField::AmountDisbursed, PublishedField::PlannedDates],
    };
    Publication {
        status: PublicationStatus::Published,
        recipient: RecipientKind::Individual,
        organisation_name: None,
        organisation_id: None,
        fields,
        decided_by: None,
        decided_at: None,
        version: 0,
    }
}

/// What an admin decides, in place of the version `before`.
pub fn decided(
    fields: &mut Fields,
    form: &PublicationForm,
    before: i32,
    (by, now): (Option<PersonId>, Instant),
) -> Publication {
    let recipient = form.recipient.unwrap_or(RecipientKind::Individual);
    let name = fields.optional_line("/organisation_name", form.organisation_name.as_deref(), 200);
    let id = fields.optional_line("/organisation_id", form.organisation_id.as_deref(), 100);
    if recipient == RecipientKind::Organisation {
        let message = "an organisation is published with its name";
        fields.check(form.organisation_name.is_some(), "/organisation_name", "required", message);
    } else {
        let message = "an individual is never named; leave this out";
        fields.check(name.is_none(), "/organisation_name", "not_allowed", message);
        fields.check(id.is_none(), "/organisation_id", "not_allowed", message);
    }
    if let Some(id) = &id {
        let message = "write the register's prefix and the number, for example US-EIN-123456789";
        fields.check(is_organisation_id(id), "/organisation_id", "malformed", message);
    }
    let mut chosen = form.fields.clone().unwrap_or_else(|| PublishedField::ALL.to_vec());
    chosen.sort_unstable();
    chosen.dedup();
    Publication {
        status: form.status,
        recipient,
        organisation_name: name,
        organisation_id: id,
        fields: chosen,
        decided_by: by,
        decided_at: Some(now),
        version: before + 1,
    }
}

/// `US-EIN-123456789`: two letters for the country, a register, a number.
fn is_organisation_id(id: &str) -> bool {
    let mut parts = id.splitn(3, '-');
    let capitals = |s: &str| s.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let country = parts.next().is_some_and(|p| p.len() == 2 && capitals(p));
    let register = parts.next().is_some_and(|p| (2..=12).contains(&p.len()) && capitals(p));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-./".contains(&b);
    country && register && parts.next().is_some_and(|n| !n.is_empty() && n.bytes().all(plain))
}

/// Days after which an announcement that nothing came of is forgotten.
pub const ANNOUNCED_DAYS: i64 = 30;

/// On what terms the public gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The fund that takes the money.
    pub fund: String,
    /// The sponsor's share of it, in hundredths of a percent.
    pub fee_basis_points: i32,
}

impl Terms {
    /// The rule *earmarked money waits for its application*, as givers read it.
    pub fn sentences(&self) -> Vec<String> {
        let fund = &self.fund;
        let mut all = vec![
            format!(
                "Your contribution goes to the fund “{fund}”, which holds it for this application: \
                 it can be offered here and nowhere else while the application is open."
            ),
            "It reaches the applicant only with a grant: when a regrantor offers it and the \
             application is awarded."
                .into(),
            format!(
                "If the application ends without a grant, or leaves the calls in which the fund \
                 may spend, or is granted without it, or the grant is cancelled before it begins, \
                 the money stays in the fund “{fund}” and is given another use within the fund's \
                 purpose; the reason is written down. It is not paid back."
            ),
            "What comes back of a grant that has begun goes to the budgets that it came from, in \
             the same fund and for the same purpose."
                .into(),
        ];
        if self.fee_basis_points > 0 {
            let (whole, part) = (self.fee_basis_points / 100, self.fee_basis_points % 100);
            all.push(format!("The sponsor's fee of {whole}.{part:02} % is taken from it."));
        }
        all
    }
}

/// What stands on the payment: thirteen characters that are hard to mistake for others.
pub fn reference(id: AnnouncementId) -> String {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let hash = Sha256::digest(id.uuid().as_bytes());
    let signs: Vec<char> =
        hash.iter().take(8).map(|b| char::from(SIGNS[usize::from(b % 32)])).collect();
    let (left, right) = signs.split_at(4);
    format!("ALM-{}-{}", String::from_iter(left), String::from_iter(right))
}

/// A reference as somebody typed it.
pub fn read_reference(text: &str) -> String {
    text.trim().to_uppercase()
}

/// Whether an application may still be offered money.
pub fn may_still_get(status: ApplicationStatus) -> bool {
    use ApplicationStatus as S;
    matches!(status, S::Draft | S::Submitted | S::Open | S::ChangesRequested)
}

/// What is missing to an aim; never less than nothing.
pub fn missing(aim: i64, offered: i64) -> i64 {
    aim.saturating_sub(offered).max(0)
}

/// The paragraphs of a text.
pub fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

/// At most this many characters, cut at a space, for tags that show a beginning.
pub fn beginning(text: &str, most: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= most {
        return flat;
    }
    let cut: String = flat.chars().take(most.saturating_sub(1)).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    format!("{whole}…")
}

/// Without what XML cannot hold.
pub fn xml_text(text: &str) -> String {
    let holds = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(|c| holds(c) && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(
        recipient: Option<RecipientKind>,
        name: Option<&str>,
        id: Option<&str>,
    ) -> PublicationForm {
        PublicationForm {
            status: PublicationStatus::Published,
            recipient,
            organisation_name: name.map(str::to_owned),
            organisation_id: id.map(str::to_owned),
            fields: Some(vec![PublishedField::Title, PublishedField::Title]),
        }
    }
    fn wrong(form: &PublicationForm) -> Vec<String> {
        let mut fields = Fields::new();
        let now = "2026-11-02T09:00:00Z".parse().expect("an instant");
        decided(&mut fields, form, 0, (None, now));
        let refused = fields.finish().err();
        refused.iter().flat_map(|p| p.fields()).map(|f| f.pointer.clone()).collect()
    }

    #[test]
    fn organisations_are_named_and_individuals_never() {
        use RecipientKind::{Individual, Organisation};
        assert_eq!(wrong(&form(None, None, None)), [""; 0]);
        let good = form(Some(Organisation), Some("Org"), Some("GB-CHC-1164883"));
        assert_eq!(wrong(&good), [""; 0]);
        assert_eq!(wrong(&form(Some(Organisation), None, None)), ["/organisation_name"]);
        let both = ["/organisation_name", "/organisation_id"];
        assert_eq!(wrong(&form(Some(Individual), Some("Ada"), Some("GB-CHC-1"))), both);
        for bad in ["12345", "GB-CHC", "gb-chc-1", "GB-CHC-", "GB-CHC-1 2"] {
            let form = form(Some(Organisation), Some("Org"), Some(bad));
            assert_eq!(wrong(&form), ["/organisation_id"], "{bad}");
        }
        assert!(by_default(false).fields.iter().all(|f| *f != PublishedField::Title));
    }

    #[test]
    fn texts_are_cut_at_words() {
        assert_eq!(beginning("a  b\nc", 10), "a b c");
        assert_eq!(beginning("one two three", 9), "one two…");
        assert_eq!(beginning(&"é".repeat(20), 5).chars().count(), 5);
        assert_eq!(paragraphs("a\nb\n\n\n\n c "), ["a\nb", "c"]);
        assert_eq!(xml_text("a\u{1}b\u{FFFF}\n"), "ab\n");
        assert_eq!((missing(5, 3), missing(5, 9)), (2, 0));
    }
}

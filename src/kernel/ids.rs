//! Typed ids: UUIDv7 (RFC 9562 section 5.7), one type per entity, so that a budget's id can
//! never be passed where a fund's is wanted.

use crate::kernel::time::Instant;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The id of one `T`. `T` is only a marker from [`of`].
pub struct Id<T> {
    uuid: Uuid,
    of: PhantomData<fn() -> T>,
}

/// The entities that have ids.
pub mod of {
    macro_rules! entities { ($($name:ident),* $(,)?) => { $(
        /// Marker.
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
    )* } }
    entities!(
        Person,
        Session,
        RefreshToken,
        AccessToken,
        MailToken,
        Factor,
        RecoveryCode,
        Challenge,
        BankAccount,
        Fund,
        Contribution,
        Budget,
        Allocation,
        Approval,
        Vote,
        Call,
        Application,
        Version,
        Remembered,
        Member,
        Conflict,
        ConflictException,
        Offer,
        SavedSearch,
        Found,
        Template,
        Agreement,
        Signature,
        Requirement,
        Payee,
        Grant,
        Source,
        Tranche,
        Disbursement,
        Attempt,
        Batch,
        Report,
        Checkpoint,
        Account,
        Entry,
        Posting,
        Job,
        Event,
        Audit,
        Request,
        ImportRow,
        Agenda,
        Delegation,
        Merge,
        Nomination,
        Review,
        Vouch,
        VouchRequest,
        Concern,
        Screening,
        Attachment,
        Extension,
        DeclineTemplate,
        Decline,
        Appeal,
        Comment,
        Earmark,
        Announcement,
        BankCharge,
        BankTransfer,
        StillCounted,
    );
}

macro_rules! names { ($($alias:ident = $of:ident),* $(,)?) => { $(
    #[doc = concat!("Id of a `", stringify!($of), "`.")]
    pub type $alias = Id<of::$of>;
)* } }
names!(
    PersonId = Person,
    SessionId = Session,
    RefreshTokenId = RefreshToken,
    AccessTokenId = AccessToken,
    MailTokenId = MailToken,
    FactorId = Factor,
    RecoveryCodeId = RecoveryCode,
    ChallengeId = Challenge,
    BankAccountId = BankAccount,
    FundId = Fund,
    ContributionId = Contribution,
    BudgetId = Budget,
    AllocationId = Allocation,
    ApprovalId = Approval,
    VoteId = Vote,
    CallId = Call,
    ApplicationId = Application,
    VersionId = Version,
    MemberId = Member,
    ConflictId = Conflict,
    ConflictExceptionId = ConflictException,
    OfferId = Offer,
    SavedSearchId = SavedSearch,
    FoundId = Found,
    TemplateId = Template,
    AgreementId = Agreement,
    SignatureId = Signature,
    RequirementId = Requirement,
    PayeeId = Payee,
    GrantId = Grant,
    SourceId = Source,
    TrancheId = Tranche,
    DisbursementId = Disbursement,
    AttemptId = Attempt,
    BatchId = Batch,
    ReportId = Report,
    CheckpointId = Checkpoint,
    AccountId = Account,
    EntryId = Entry,
    PostingId = Posting,
    JobId = Job,
    EventId = Event,
    AuditId = Audit,
    RequestId = Request,
    ImportRowId = ImportRow,
    AgendaId = Agenda,
    DelegationId = Delegation,
    MergeId = Merge,
    NominationId = Nomination,
    ReviewId = Review,
    VouchId = Vouch,
    VouchRequestId = VouchRequest,
    ConcernId = Concern,
    ScreeningId = Screening,
    AttachmentId = Attachment,
    ExtensionId = Extension,
    DeclineTemplateId = DeclineTemplate,
    DeclineId = Decline,
    AppealId = Appeal,
    CommentId = Comment,
    EarmarkId = Earmark,
    AnnouncementId = Announcement,
    BankChargeId = BankCharge,
    BankTransferId = BankTransfer,
);

impl<T> Id<T> {
    /// The id with these 128 bits.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self { uuid, of: PhantomData }
    }
    /// The bits, for storing and for dimensions of the ledger, which knows no entities.
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<T> std::fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uuid.fmt(f)
    }
}
impl<T> std::fmt::Display for Id<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.uuid.fmt(f)
    }
}
impl<T> std::str::FromStr for Id<T> {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(s).map(Self::from_uuid)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.uuid.serialize(s)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Uuid::deserialize(d).map(Self::from_uuid)
    }
}
impl<T> utoipa::PartialSchema for Id<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("uuid".into())))
            .into()
    }
}
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

/// Where new ids come from. Ids of one source always increase, also when the clock steps back.
#[derive(Clone)]
pub struct IdSource(Arc<Mutex<State>>);

struct State {
    /// Milliseconds and sequence of the newest id: `ms << 12 | sequence`.
    last: u64,
    random: Random,
}
enum Random {
    System,
    Seeded(u64),
}

impl IdSource {
    /// Ids with random bits from the operating system.
    pub fn system() -> Self {
        Self::of(Random::System)
    }
    /// The same ids on every run, for tests that compare whole answers.
    pub fn seeded(seed: u64) -> Self {
        Self::of(Random::Seeded(seed))
    }
    fn of(random: Random) -> Self {
        Self(Arc::new(Mutex::new(State { last: 0, random })))
    }
    /// A new id, made at `now`.
    pub fn next<T>(&self, now: Instant) -> Id<T> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ms = u64::try_from(now.as_micros() / 1000).unwrap_or(0) & 0xFFFF_FFFF_FFFF;
        state.last = (ms << 12).max(state.last.wrapping_add(1));
        let (ms, sequence) = (state.last >> 12, state.last & 0xFFF);
        let low = state.random.bits();
        let high = ms << 16 | 0x7000 | sequence;
        Id::from_uuid(Uuid::from_u64_pair(high, low & (u64::MAX >> 2) | 1 << 63))
    }
}
impl Random {
    fn bits(&mut self) -> u64 {
        match self {
            // Without the system's randomness no secret is safe: better to stop than to go on.
            Random::System => getrandom::u64().expect("the operating system gives random bits"),
            Random::Seeded(s) => {
                // splitmix64 (Steele, Lea, Flood 2014): spreads a counter over 64 bits.
                *s = s.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let z = (*s ^ (*s >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ (z >> 31)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_increase_even_when_the_clock_steps_back() {
        let source = IdSource::system();
        let noon = Instant::from_micros(1_800_000_000_000_000).expect("in range");
        let eleven = Instant::from_micros(1_800_000_000_000_000 - 3_600_000_000).expect("in range");
        let mut last: PersonId = source.next(noon);
        for i in 0..10_000 {
            let next = source.next(if i % 2 == 0 { eleven } else { noon });
            assert!(next > last);
            assert_eq!(next.uuid().get_version_num(), 7);
            assert_eq!(next.uuid().get_variant(), uuid::Variant::RFC4122);
            last = next;
        }
    }
}

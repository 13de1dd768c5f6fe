//! What the clients ask for.

use crate::discovery;
use crate::load::Turn;
use crate::years::Sample;
use crate::years::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// The whole use-case: an offer on an open application, from the client's own budget.
    Place,
    /// The same, while a worker in the same process does the background work.
    PlaceWithWorker,
    /// One application.
    Read,
    /// Fifty applications from anywhere in the list.
    Applications,
    /// Fifty grants that the regrantor paid for.
    Grants,
    /// Fifty offers of the regrantor.
    Offers,
    /// Fifty applications with a word that is in nearly all of them.
    Search,
    /// Those with three words of which each is in nearly all of them, in the title if there are
    /// any.
    SearchWords,
    /// The regrantor's queue.
    Queue,
}

impl Scenario {
    /// Reads first: they find the database as it was made.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Applications,
        Self::Grants,
        Self::Offers,
        Self::Search,
        Self::SearchWords,
        Self::Queue,
        Self::Place,
        Self::PlaceWithWorker,
    ];
    /// On the command line.
    pub fn option(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::PlaceWithWorker => "worker",
            Self::Read => "read",
            Self::Applications => "applications",
            Self::Grants => "grants",
            Self::Offers => "offers",
            Self::Search => "search",
            Self::SearchWords => "words",
            Self::Queue => "queue",
        }
    }
    /// In the report.
    pub fn title(self) -> &'static str {
        match self {
            Self::Place => "place an offer",
            Self::PlaceWithWorker => "place an offer, worker beside",
            Self::Read => "read an application",
            Self::Applications => "list 50 applications",
            Self::Grants => "list 50 grants",
            Self::Offers => "list 50 offers",
            Self::Search => "search a common word",
            Self::SearchWords => "search three common words",
            Self::Queue => "a regrantor's queue",
        }
    }
    /// Whether it asks for a page of a list, a search or a queue.
    pub fn is_page(self) -> bool {
        !matches!(self, Self::Read | Self::Place | Self::PlaceWithWorker)
    }
    /// The status of a good answer.
    pub fn wanted(self) -> u16 {
        match self {
            Self::Place | Self::PlaceWithWorker => 201,
            _ => 200,
        }
    }
}

/// What requests are made of.
pub struct Material<'a> {
    pub world: &'a World,
    pub sample: &'a Sample,
    pub tokens: &'a [String],
    /// How many of the clients have a history.
    pub holders: usize,
    /// Tells the idempotency keys of one scenario from those of another.
    pub run: u32,
}

impl Material<'_> {
    /// The bytes of one request.
    pub fn request(&self, scenario: Scenario, turn: Turn<'_>) -> Vec<u8> {
        let Turn { client, number, dice } = turn;
        let sample = self.sample;
        let token = match scenario {
            // Of those who have any.
            Scenario::Grants | Scenario::Offers => &self.tokens[client % self.holders],
            _ => &self.tokens[client],
        };
        let path = match scenario {
            Scenario::Place | Scenario::PlaceWithWorker => {
                let application = dice.one(&sample.open);
                let budget = self.world.regrantors[client].budget;
                let amount = 10 + dice.below(90);
                let body = format!(
                    "{{\"budget_id\":\"{budget}\",\"amount\":{{\"amount\":\"{amount}.00\",\
                     \"currency\":\"USD\"}},\"conditions\":\"Share what you learn.\"}}"
                );
                let run = self.run;
                return format!(
                    "POST /api/v1/applications/{application}/offers HTTP/1.1\r\n\
                     Host: localhost\r\nAuthorization: Bearer {token}\r\n\
                     Content-Type: application/json\r\nIdempotency-Key: {run}-{client}-{number}\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .into_bytes();
            }
            Scenario::Read => format!("applications/{}", dice.one(&sample.public)),
            Scenario::Applications => {
                format!(
                    "applications?limit=50&after={}",
                    after(dice.one(newer(&sample.public)).uuid())
                )
            }
            Scenario::Grants => {
                format!("grants?limit=50&after={}", after(dice.one(newer(&sample.grants)).uuid()))
            }
            Scenario::Offers => {
                format!("offers?limit=50&after={}", after(dice.one(newer(&sample.offers)).uuid()))
            }
            Scenario::Search => discovery::search(dice, 1),
            Scenario::SearchWords => discovery::search(dice, 3),
            Scenario::Queue => discovery::queue(),
        };
        format!(
            "GET /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             \r\n"
        )
        .into_bytes()
    }
}

/// The newer half: below each of them there is a full page, also in the smaller database.
fn newer<T>(ids: &[T]) -> &[T] {
    &ids[ids.len() / 2..]
}

/// The cursor of a page that begins below this id.
fn after(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.as_bytes())
}

//! Where an application stands, and where it can go from there.

use super::Consent;
use crate::kernel::Result;
use crate::kernel::problem::Problem;
use crate::text_enum;

text_enum! {
    /// Where an application stands.
    pub enum ApplicationStatus {
        /// Being written; only its team sees it.
        Draft = "draft",
        /// Waits for a first look.
        Submitted = "submitted",
        /// Regrantors may offer.
        Open = "open",
        /// Waits for changes by the applicant.
        ChangesRequested = "changes_requested",
        /// Became a grant.
        Awarded = "awarded",
        /// Was declined.
        Declined = "declined",
        /// Was taken back by the applicant.
        Withdrawn = "withdrawn",
        /// Its time is over.
        Lapsed = "lapsed",
    }
}

impl Consent {
    /// Whether somebody is on the team, or asked onto it.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Invited | Self::Accepted)
    }
}

impl ApplicationStatus {
    /// Where what is there may differ from what was handed in: while the applicant is changing it,
    /// and where it ended meanwhile.
    pub const MAY_DIFFER: [Self; 3] = [Self::ChangesRequested, Self::Declined, Self::Withdrawn];

    /// Whether it is decided: see [`State::is_end`].
    pub const fn is_end(self) -> bool {
        use ApplicationStatus as S;
        matches!(self, S::Awarded | S::Declined | S::Withdrawn | S::Lapsed)
    }
}

text_enum! {
    /// Where an application stood before changes were requested, and goes back to.
    pub enum Stage {
        /// Waits for a first look.
        Submitted = "submitted",
        /// Regrantors may offer.
        Open = "open",
    }
}

text_enum! {
    /// What can be done to an application.
    pub enum Act {
        /// Change what it says.
        Edit = "edit",
        /// Hand it in, also again after changes.
        Submit = "submit",
        /// Show it to regrantors.
        Open = "open",
        /// Send it back to the applicant.
        RequestChanges = "request_changes",
        /// Say no.
        Decline = "decline",
        /// Take it back.
        Withdraw = "withdraw",
        /// Let its time be over.
        Lapse = "lapse",
        /// Make it a grant.
        Award = "award",
        /// Look at it again, after an appeal.
        Reopen = "reopen",
    }
}

/// The state with what belongs to it: only an application that waits for changes has a stage to go
/// back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for a first look.
    Submitted,
    /// Regrantors may offer.
    Open,
    /// Waits for changes, then goes back to this stage.
    ChangesRequested(Stage),
    /// Became a grant.
    Awarded,
    /// Was declined.
    Declined,
    /// Was taken back.
    Withdrawn,
    /// Its time is over.
    Lapsed,
}

impl State {
    /// From the two columns; `None` where they contradict each other.
    pub fn from_columns(status: ApplicationStatus, returned_from: Option<Stage>) -> Option<Self> {
        use ApplicationStatus as S;
        Some(match (status, returned_from) {
            (S::ChangesRequested, Some(stage)) => State::ChangesRequested(stage),
            (S::ChangesRequested, None) | (_, Some(_)) => return None,
            (S::Draft, None) => State::Draft,
            (S::Submitted, None) => State::Submitted,
            (S::Open, None) => State::Open,
            (S::Awarded, None) => State::Awarded,
            (S::Declined, None) => State::Declined,
            (S::Withdrawn, None) => State::Withdrawn,
            (S::Lapsed, None) => State::Lapsed,
        })
    }
    /// As shown.
    pub const fn status(self) -> ApplicationStatus {
        use ApplicationStatus as S;
        match self {
            State::Draft => S::Draft,
            State::Submitted => S::Submitted,
            State::Open => S::Open,
            State::ChangesRequested(_) => S::ChangesRequested,
            State::Awarded => S::Awarded,
            State::Declined => S::Declined,
            State::Withdrawn => S::Withdrawn,
            State::Lapsed => S::Lapsed,
        }
    }
    /// The stage to go back to, for the column.
    pub const fn returned_from(self) -> Option<Stage> {
        match self {
            State::ChangesRequested(stage) => Some(stage),
            _ => None,
        }
    }
    /// Where `act` leads from here.
    ///
    /// # Errors
    /// 409 where the state does not allow it.
    pub fn after(self, act: Act) -> Result<Self> {
        match (self, act) {
            (State::Draft | State::ChangesRequested(_), Act::Edit) => Ok(self),
            (State::Draft, Act::Submit) => Ok(State::Submitted),
            (State::ChangesRequested(Stage::Submitted), Act::Submit) => Ok(State::Submitted),
            (State::ChangesRequested(Stage::Open), Act::Submit) => Ok(State::Open),
            (State::Submitted, Act::Open) => Ok(State::Open),
            (State::Submitted, Act::RequestChanges) => {
                Ok(State::ChangesRequested(Stage::Submitted))
            }
            (State::Open, Act::RequestChanges) => Ok(State::ChangesRequested(Stage::Open)),
            (State::Submitted | State::Open | State::ChangesRequested(_), Act::Decline) => {
                Ok(State::Declined)
            }
            (
                State::Draft | State::Submitted | State::Open | State::ChangesRequested(_),
                Act::Withdraw,
            ) => Ok(State::Withdrawn),
            (State::Submitted | State::Open, Act::Lapse) => Ok(State::Lapsed),
            (State::Open, Act::Award) => Ok(State::Awarded),
            (State::Declined, Act::Reopen) => Ok(State::Submitted),
            (state, act) => Err(refused(state, act)),
        }
    }
    /// Whether it is decided: nothing more can become of it but a grant's own life, or, of one
    /// that was declined, what an appeal brings.
    pub const fn is_end(self) -> bool {
        self.status().is_end()
    }
}

fn refused(state: State, act: Act) -> Problem {
    let what = match act {
        Act::Edit => "it can be edited only as a draft or when changes were requested",
        Act::Submit if state.is_end() => "it has ended",
        Act::Submit => "it was handed in already",
        Act::Open => "only a submitted one can be opened",
        Act::RequestChanges => "changes can be requested of a submitted or an open one",
        Act::Decline => "only one that was handed in and has not ended can be declined",
        Act::Withdraw => "it has ended",
        Act::Lapse => "only a submitted or an open one can lapse",
        Act::Award => "only an open one can be awarded",
        Act::Reopen => "only a declined one can be reopened",
    };
    Problem::wrong_state(format!("The application is {}: {what}.", state.status()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::problem::Kind;

    const STATES: [State; 9] = [
        State::Draft,
        State::Submitted,
        State::Open,
        State::ChangesRequested(Stage::Submitted),
        State::ChangesRequested(Stage::Open),
        State::Awarded,
        State::Declined,
        State::Withdrawn,
        State::Lapsed,
    ];

    #[test]
    fn every_state_and_every_act() {
        let back = State::ChangesRequested;
        let allowed = [
            (State::Draft, Act::Edit, State::Draft),
            (State::Draft, Act::Submit, State::Submitted),
            (State::Draft, Act::Withdraw, State::Withdrawn),
            (State::Submitted, Act::Open, State::Open),
            (State::Submitted, Act::RequestChanges, back(Stage::Submitted)),
            (State::Submitted, Act::Decline, State::Declined),
            (State::Submitted, Act::Withdraw, State::Withdrawn),
            (State::Submitted, Act::Lapse, State::Lapsed),
            (State::Open, Act::RequestChanges, back(Stage::Open)),
            (State::Open, Act::Decline, State::Declined),
            (State::Open, Act::Withdraw, State::Withdrawn),
            (State::Open, Act::Lapse, State::Lapsed),
            (State::Open, Act::Award, State::Awarded),
            (State::Declined, Act::Reopen, State::Submitted),
            (back(Stage::Submitted), Act::Edit, back(Stage::Submitted)),
            (back(Stage::Submitted), Act::Submit, State::Submitted),
            (back(Stage::Submitted), Act::Withdraw, State::Withdrawn),
            (back(Stage::Submitted), Act::Decline, State::Declined),
            (back(Stage::Open), Act::Edit, back(Stage::Open)),
            (back(Stage::Open), Act::Submit, State::Open),
            (back(Stage::Open), Act::Withdraw, State::Withdrawn),
            (back(Stage::Open), Act::Decline, State::Declined),
        ];
        for state in STATES {
            for act in Act::ALL {
                let expected = allowed.iter().find(|(s, a, _)| *s == state && a == act);
                match state.after(*act) {
                    Ok(to) => assert_eq!(Some(to), expected.map(|e| e.2), "{state:?} {act}"),
                    Err(e) => {
                        assert_eq!(e.kind(), Kind::WrongState);
                        assert!(expected.is_none(), "{state:?} {act}");
                    }
                }
            }
        }
    }

    #[test]
    fn ends_are_ends_and_columns_round_trip() {
        for state in STATES {
            let acts = Act::ALL.iter().filter(|act| state.after(**act).is_ok()).count();
            let appeal = usize::from(state == State::Declined);
            assert_eq!(state.is_end(), acts == appeal, "{state:?}");
            let back = State::from_columns(state.status(), state.returned_from());
            assert_eq!(back, Some(state));
        }
        let odd = State::from_columns(ApplicationStatus::Open, Some(Stage::Open));
        assert_eq!(odd, None);
        assert_eq!(State::from_columns(ApplicationStatus::ChangesRequested, None), None);
    }
}

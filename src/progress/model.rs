//! Reports and checkpoints.

use crate::kernel::Result;
use crate::kernel::ids::{CheckpointId, GrantId, PersonId, ReportId, TrancheId};
use crate::kernel::problem::Problem;
use crate::kernel::time::{Date, Instant};
use crate::text_enum;
use serde::Serialize;

text_enum! {
    /// Where a report stands.
    pub enum ReportStatus {
        /// Nothing is written yet.
        Due = "due",
        /// Begun.
        Draft = "draft",
        /// Handed in; waits for an answer.
        Submitted = "submitted",
        /// Good.
        Accepted = "accepted",
        /// Something is missing.
        ChangesRequested = "changes_requested",
    }
}

text_enum! {
    /// What can be done to a report.
    pub enum ReportAct {
        /// Write it.
        Edit = "edit",
        /// Hand it in.
        Submit = "submit",
        /// Accept it.
        Accept = "accept",
        /// Ask for changes.
        Return = "return",
    }
}

text_enum! {
    /// Where a checkpoint stands.
    pub enum CheckpointStatus {
        /// Its day comes.
        Due = "due",
        /// What was seen is written down.
        Reported = "reported",
        /// Decided.
        Decided = "decided",
    }
}

text_enum! {
    /// What can be done to a checkpoint.
    pub enum CheckpointAct {
        /// Write down what was seen.
        Report = "report",
        /// Decide.
        Decide = "decide",
    }
}

text_enum! {
    /// How a checkpoint ends.
    pub enum Decision {
        /// Go on; a tranche that waits for it is released.
        Continue = "continue",
        /// Go on with other aims; nothing is released.
        Rescope = "rescope",
        /// Stop for a while.
        Pause = "pause",
        /// End it; what is not committed returns to its budgets.
        WindDown = "wind_down",
    }
}

impl ReportStatus {
    /// Where `act` leads from here; refuses what the state does not allow.
    pub fn after(self, act: ReportAct) -> Result<Self> {
        use ReportStatus as S;
        match (self, act) {
            (S::Due | S::Draft, ReportAct::Edit) => Ok(S::Draft),
            (S::ChangesRequested, ReportAct::Edit) => Ok(S::ChangesRequested),
            (S::Draft | S::ChangesRequested, ReportAct::Submit) => Ok(S::Submitted),
            (S::Submitted, ReportAct::Accept) => Ok(S::Accepted),
            (S::Submitted, ReportAct::Return) => Ok(S::ChangesRequested),
            (state, act) => {
                let why = match (state, act) {
                    (S::Due, ReportAct::Submit) => "Write it first.",
                    (S::Due | S::Draft, _) => "The report is not in yet.",
                    (S::ChangesRequested, _) => "Changes were asked for, and it is not in again.",
                    (S::Submitted, _) => "It is in already: whoever reads it can ask for changes.",
                    (S::Accepted, _) => "It is in already, and was accepted.",
                };
                Err(Problem::wrong_state(why))
            }
        }
    }
}

impl CheckpointStatus {
    /// Where `act` leads from here; refuses what the state does not allow.
    pub fn after(self, act: CheckpointAct) -> Result<Self> {
        use CheckpointStatus as S;
        match (self, act) {
            (S::Due | S::Reported, CheckpointAct::Report) => Ok(S::Reported),
            (S::Reported, CheckpointAct::Decide) => Ok(S::Decided),
            (S::Due, CheckpointAct::Decide) => {
                Err(Problem::wrong_state("Write down first what was seen, then decide."))
            }
            (S::Decided, _) => Err(Problem::wrong_state("The checkpoint is decided.")),
        }
    }
}

/// A report on a grant.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The grant that it is about.
    pub grant_id: GrantId,
    /// The tranche that waits for it, if one does.
    pub tranche_id: Option<TrancheId>,
    /// The day by which it is wanted.
    pub due_on: Date,
    /// Where it stands.
    pub status: ReportStatus,
    /// The text; until it was handed in, empty to all but those who write it.
    pub body: String,
    /// Who wrote it last.
    pub author_id: Option<PersonId>,
    /// When it was handed in.
    pub submitted_at: Option<Instant>,
    /// Who handed it in: on the grant, or who may report for the recipient.
    pub submitted_by: Option<PersonId>,
    /// Who accepted it or asked for changes; not told to those who may not know whose a private
    /// offer is, where it is theirs.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Instant>,
    /// What the reader answered.
    pub feedback: Option<String>,
    /// Version, for ETags.
    pub version: i32,
    /// The day on which somebody is reminded of it next.
    #[serde(skip)]
    pub(super) remind_on: Option<Date>,
}

impl Report {
    /// The same without these, as whoever reads it may not know them.
    pub(super) fn without(mut self, unnamed: &[PersonId]) -> Self {
        self.decided_by = self.decided_by.filter(|by| !unnamed.contains(by));
        self
    }
}

/// A dated decision point of a grant.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Checkpoint {
    /// Its id.
    pub id: CheckpointId,
    /// The grant that it is about.
    pub grant_id: GrantId,
    /// The tranche that waits for it, if one does.
    pub tranche_id: Option<TrancheId>,
    /// Its day.
    pub due_on: Date,
    /// Where it stands.
    pub status: CheckpointStatus,
    /// What was promised.
    pub promised: String,
    /// What was seen.
    pub seen: String,
    /// How it ended.
    pub decision: Option<Decision>,
    /// Why.
    pub reason: Option<String>,
    /// Who wrote down what was seen; not told to those who may not know whose a private offer is,
    /// where it is theirs.
    pub reported_by: Option<PersonId>,
    /// Who decided; told likewise.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Version, for ETags.
    pub version: i32,
    /// The day on which somebody is reminded of it next.
    #[serde(skip)]
    pub(super) remind_on: Option<Date>,
    /// Since when what was seen is written down.
    #[serde(skip)]
    pub(super) reported_at: Option<Instant>,
}

impl Checkpoint {
    /// The same without these, as whoever reads it may not know them.
    pub(super) fn without(mut self, unnamed: &[PersonId]) -> Self {
        self.reported_by = self.reported_by.filter(|by| !unnamed.contains(by));
        self.decided_by = self.decided_by.filter(|by| !unnamed.contains(by));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_status_and_act() {
        use ReportStatus as S;
        let allowed = [
            (S::Due, ReportAct::Edit, S::Draft),
            (S::Draft, ReportAct::Edit, S::Draft),
            (S::ChangesRequested, ReportAct::Edit, S::ChangesRequested),
            (S::Draft, ReportAct::Submit, S::Submitted),
            (S::ChangesRequested, ReportAct::Submit, S::Submitted),
            (S::Submitted, ReportAct::Accept, S::Accepted),
            (S::Submitted, ReportAct::Return, S::ChangesRequested),
        ];
        for status in S::ALL {
            for act in ReportAct::ALL {
                let expected = allowed.iter().find(|(s, a, _)| s == status && a == act);
                assert_eq!(status.after(*act).ok(), expected.map(|x| x.2), "{status} {act}");
            }
        }
    }

    #[test]
    fn every_checkpoint_status_and_act() {
        use CheckpointStatus as S;
        let allowed = [
            (S::Due, CheckpointAct::Report, S::Reported),
            (S::Reported, CheckpointAct::Report, S::Reported),
            (S::Reported, CheckpointAct::Decide, S::Decided),
        ];
        for status in S::ALL {
            for act in CheckpointAct::ALL {
                let expected = allowed.iter().find(|(s, a, _)| s == status && a == act);
                assert_eq!(status.after(*act).ok(), expected.map(|x| x.2), "{status} {act}");
            }
        }
    }
}

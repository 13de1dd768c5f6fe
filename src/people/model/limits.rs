//! What one person does only so often in a day.

use crate::kernel::ids::PersonId;
use crate::kernel::time::Instant;
use crate::text_enum;

text_enum! {
    /// What one person does only so often in a day, on all applications. It is counted where it
    /// stands, and after it was deleted as what is still counted.
    pub enum Limited {
        /// Asked somebody onto a team.
        Invitation = "invitation",
        /// Began an application for somebody.
        Nomination = "nomination",
        /// Proposed a merge.
        Merge = "merge",
        /// Attached a file.
        File = "file",
        /// Had a file of theirs copied to another application.
        Copy = "copy",
        /// Asked somebody to vouch.
        VouchRequest = "vouch_request",
        /// Named somebody in a comment.
        Mention = "mention",
        /// Said something: only so often in an hour.
        Comment = "comment",
    }
}

/// Who did one of these things, and when.
pub type Did = (PersonId, Limited, Instant);

//! How a file leaves; the rooms that hold what it hangs on have the routes.

use super::model::AttachmentFacts;
use super::rules::disposition;
use crate::platform::http::Download;

/// A file that the caller may read, as a download under its name.
pub fn download(found: AttachmentFacts) -> Download {
    Download {
        sha256: found.sha256,
        bytes: u64::try_from(found.bytes).unwrap_or(0),
        content_type: found.kind.content_type(),
        disposition: disposition(&found.name),
    }
}

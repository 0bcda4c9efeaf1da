//! The name of a job on a code host, which has no stages.

use domain::model::jobs::filters::JobDetails;
use domain::model::reports::DEFAULT_STAGE;
use std::borrow::Cow;

/// The name of a job in the default stage, where all reports of code hosts are; of others with their stage before
/// it, so that two jobs of two stages are not taken for one.
pub fn context(found: &JobDetails) -> Cow<'_, str> {
    match found.stage.as_str() {
        DEFAULT_STAGE => Cow::Borrowed(&found.job.name),
        stage => Cow::Owned(format!("{stage}/{}", found.job.name)),
    }
}

//! Which jobs the page of a pipeline shows.

use domain::model::jobs::Job;

/// Which jobs of a pipeline are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobsFilter {
    /// Only jobs that failed or timed out.
    pub failed: bool,
    /// Only jobs whose name contains this text, in any case.
    pub q: String,
}

impl JobsFilter {
    /// The parameter of [`failed`](Self::failed) in addresses.
    pub const FAILED: &str = "failed";
    /// The parameter of [`q`](Self::q) in addresses.
    pub const Q: &str = "q";

    /// Whether all jobs are shown.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a job is shown.
    pub(super) fn matches(&self, job: &Job) -> bool {
        (!self.failed || job.attempt.status.is_bad())
            && job.name.to_lowercase().contains(&self.q.to_lowercase())
    }
}

//! The state of a commit, from the results of its jobs in all pipelines.

use crate::model::status::Status;

/// The state of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CombinedState {
    /// A job failed that was not allowed to, was canceled or timed out.
    Failure,
    /// A job is not finished, or there is none.
    Pending,
    /// Every job succeeded, was skipped, or was allowed to fail.
    Success,
}

impl CombinedState {
    /// The name that GitHub and Gitea give it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Pending => "pending",
            Self::Success => "success",
        }
    }

    /// The state of a commit, from the number of jobs of each status and `allow_failure`.
    pub fn new(counts: &[(Status, bool, u64)]) -> Self {
        let has_failed = counts.iter().any(|(status, allow_failure, _)| {
            !allow_failure && matches!(status, Status::Failed | Status::TimedOut | Status::Canceled)
        });
        let is_finished = counts.iter().all(|(status, ..)| status.is_finished());
        match (has_failed, is_finished && !counts.is_empty()) {
            (true, _) => Self::Failure,
            (false, true) => Self::Success,
            (false, false) => Self::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::*;

    #[test]
    fn a_commit_without_jobs_is_pending_and_a_failure_outweighs_what_is_not_finished() {
        for (counts, state) in [
            (&[][..], CombinedState::Pending),
            (&[(Success, false, 1)], CombinedState::Success),
            (&[(Success, false, 2), (Skipped, false, 1), (Failed, true, 1)], CombinedState::Success),
            (&[(Success, false, 2), (Running, false, 1)], CombinedState::Pending),
            (&[(Failed, true, 2), (Pending, true, 1)], CombinedState::Pending),
            (&[(Failed, false, 1), (Running, false, 1)], CombinedState::Failure),
            (&[(Success, false, 2), (TimedOut, false, 1)], CombinedState::Failure),
            (&[(Success, false, 2), (Canceled, false, 1)], CombinedState::Failure),
        ] {
            assert_eq!(CombinedState::new(counts), state, "{counts:?}");
        }
    }
}

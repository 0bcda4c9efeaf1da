//! The health of repositories: what the latest pipelines of the default branch say. The first page, the wall and the
//! feeds show it.
//!
//! The *result* of a branch is its newest pipeline that succeeded, failed or timed out. Pipelines that were canceled
//! or skipped say nothing about the branch and do not change its result. The *current* pipeline is the newest one,
//! while it is unfinished.

use super::ids::PipelineId;
use super::insights::percentile;
use super::page::Page;
use super::pipelines::Pipeline;
use super::repositories::{Repository, RepositoryOverview};
use super::status::Status;
use jiff::{SignedDuration, Timestamp};

/// Pipelines of a branch that its health is computed from.
pub const RECENT: u32 = 30;
/// Most repositories that are ordered by health. Of more, a list is in the order of its filter.
pub const RANKED_MAX: u32 = 1_000;
/// Most unfinished pipelines of a repository that are read to count those of other refs, so that a repository with many
/// of them delays no list.
pub const UNFINISHED_MAX: u32 = 1_000;

/// A pipeline of a branch with the fields that the health uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchPipeline {
    /// Its id.
    pub id: PipelineId,
    /// Full commit id.
    pub sha: String,
    /// Its status.
    pub status: Status,
    /// The earliest `created_at` of its attempts.
    pub created_at: Timestamp,
    /// The earliest start among the newest attempts.
    pub started_at: Option<Timestamp>,
    /// The latest end among the newest attempts, when the pipeline is finished.
    pub finished_at: Option<Timestamp>,
    /// Increases with every change of the pipeline.
    pub version: i64,
}

impl BranchPipeline {
    /// The time from start to end, if both are known.
    pub fn duration(&self) -> Option<SignedDuration> {
        Some(self.finished_at?.duration_since(self.started_at?)).filter(|time| !time.is_negative())
    }

    /// When it ended; without a known end, when it was created.
    pub fn ended_at(&self) -> Timestamp {
        self.finished_at.unwrap_or(self.created_at)
    }

    /// Whether its status is a result of the branch.
    pub fn is_result(&self) -> bool {
        self.status == Status::Success || self.status.is_bad()
    }
}

impl From<&Pipeline> for BranchPipeline {
    fn from(pipeline: &Pipeline) -> Self {
        Self {
            id: pipeline.id,
            sha: pipeline.identity.sha.clone(),
            status: pipeline.status,
            created_at: pipeline.created_at,
            started_at: pipeline.started_at,
            finished_at: pipeline.finished_at,
            version: pipeline.version,
        }
    }
}

/// The health of a branch. The order is that of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// The result is a failure or a timeout, also while another pipeline runs.
    Failing,
    /// The newest pipeline is unfinished, and the result is no failure.
    Running,
    /// The result is a success.
    Passing,
    /// There are pipelines, but none of them is a result.
    Unknown,
    /// There are no pipelines.
    Empty,
}

impl Health {
    /// All variants, in order.
    pub const ALL: [Self; 5] = [Self::Failing, Self::Running, Self::Passing, Self::Unknown, Self::Empty];
    /// The names of the variants, in order.
    pub const NAMES: &'static [&'static str] = &["failing", "running", "passing", "unknown", "empty"];

    /// The name of the variant.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|health| health.as_str() == name)
    }
}

/// How far an unfinished pipeline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The time since its start.
    pub elapsed: SignedDuration,
    /// The median duration of earlier pipelines, if there is one and it is positive.
    pub median: Option<SignedDuration>,
}

impl Progress {
    /// The elapsed part of the median, 0 to 100 percent.
    pub fn percent(&self) -> Option<u8> {
        let median = self.median?.as_millis();
        let percent = (self.elapsed.as_millis() * 100).checked_div(median)?;
        Some(u8::try_from(percent.clamp(0, 100)).unwrap_or(100))
    }
}

/// The latest pipelines of a branch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BranchHealth {
    /// At most [`RECENT`] pipelines, newest first.
    pub pipelines: Vec<BranchPipeline>,
}

impl BranchHealth {
    /// The newest pipeline, while it is unfinished.
    pub fn current(&self) -> Option<&BranchPipeline> {
        self.pipelines.first().filter(|newest| !newest.status.is_finished())
    }

    /// The newest pipeline that succeeded, failed or timed out.
    pub fn result(&self) -> Option<&BranchPipeline> {
        self.pipelines.iter().find(|pipeline| pipeline.is_result())
    }

    /// The result; without one, the newest finished pipeline.
    pub fn last_finished(&self) -> Option<&BranchPipeline> {
        self.result().or_else(|| self.pipelines.iter().find(|pipeline| pipeline.status.is_finished()))
    }

    /// The oldest of the failures in a row up to the result; `None` when the result is no failure.
    pub fn failing_since(&self) -> Option<&BranchPipeline> {
        let results = self.pipelines.iter().filter(|pipeline| pipeline.is_result());
        results.take_while(|pipeline| pipeline.status.is_bad()).last()
    }

    /// The health.
    pub fn health(&self) -> Health {
        match self.result() {
            Some(result) if result.status.is_bad() => Health::Failing,
            _ if self.current().is_some() => Health::Running,
            Some(_) => Health::Passing,
            None if self.pipelines.is_empty() => Health::Empty,
            None => Health::Unknown,
        }
    }

    /// The median duration of the pipelines that succeeded; if there are none, of those that failed or timed out.
    pub fn median(&self) -> Option<SignedDuration> {
        let of = |is_counted: fn(Status) -> bool| {
            let counted = self.pipelines.iter().filter(|pipeline| is_counted(pipeline.status));
            let mut durations: Vec<SignedDuration> = counted.filter_map(BranchPipeline::duration).collect();
            durations.sort_unstable();
            percentile(&durations, 50)
        };
        of(|status| status == Status::Success).or_else(|| of(Status::is_bad))
    }

    /// The progress of the current pipeline at `now`; `None` when there is none or it has not started.
    pub fn progress(&self, now: Timestamp) -> Option<Progress> {
        let elapsed = now.duration_since(self.current()?.started_at?).max(SignedDuration::ZERO);
        Some(Progress { elapsed, median: self.median().filter(SignedDuration::is_positive) })
    }
}

impl RepositoryOverview {
    /// The place in a list by health: archived repositories are last, then the health, then the path.
    fn rank(&self) -> (bool, Health, String) {
        (self.repository.archived, self.branch.health(), self.repository.path.clone())
    }
}

/// The number of repositories with each health. Archived repositories are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HealthCounts([usize; 5]);

impl HealthCounts {
    /// Counts repositories.
    pub fn of(repositories: &[RepositoryOverview]) -> Self {
        let mut counts = Self::default();
        for of in repositories.iter().filter(|of| !of.repository.archived) {
            counts.0[of.branch.health() as usize] += 1;
        }
        counts
    }

    /// The number of repositories with this health.
    pub const fn get(&self, health: Health) -> usize {
        self.0[health as usize]
    }
}

/// Repositories as the store finds them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundRepositories {
    /// All that match if they are at most [`RANKED_MAX`], else those of the page, in the order of the filter.
    pub repositories: Vec<RepositoryOverview>,
    /// The number of all that match.
    pub total: u64,
}

/// A page of repositories by health.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HealthPage {
    /// The repositories of the page.
    pub repositories: Vec<RepositoryOverview>,
    /// The number of repositories of the whole list.
    pub total: u64,
    /// The numbers of all that match the search, whatever their health. `None`: more than [`RANKED_MAX`] match, so the
    /// list is in the order of its filter and not filtered by health.
    pub counts: Option<HealthCounts>,
}

impl HealthPage {
    /// Orders repositories by health and takes a page of them. `only`: those with one of these healths; empty: all.
    pub fn arrange(found: FoundRepositories, only: &[Health], page: Page) -> Self {
        let FoundRepositories { mut repositories, total } = found;
        if total > u64::from(RANKED_MAX) {
            return Self { repositories, total, counts: None };
        }
        let counts = Some(HealthCounts::of(&repositories));
        repositories.retain(|of| only.is_empty() || only.contains(&of.branch.health()));
        repositories.sort_by_cached_key(RepositoryOverview::rank);
        let total = repositories.len() as u64;
        let (offset, limit) = (page.offset as usize, page.limit as usize);
        let repositories = repositories.into_iter().skip(offset).take(limit).collect();
        Self { repositories, total, counts }
    }
}

/// The finished pipelines of the default branches that ended last, at most `limit`, the latest first.
pub fn latest_finished(
    repositories: &[RepositoryOverview],
    limit: usize,
) -> Vec<(&Repository, &BranchPipeline)> {
    let pipelines = repositories.iter().flat_map(|of| {
        let finished = of.branch.pipelines.iter().filter(|pipeline| pipeline.status.is_finished());
        finished.map(|pipeline| (&of.repository, pipeline))
    });
    let mut latest: Vec<_> = pipelines.collect();
    let key = |(repository, pipeline): &(&Repository, &BranchPipeline)| {
        (std::cmp::Reverse(pipeline.ended_at()), repository.id, std::cmp::Reverse(pipeline.id))
    };
    // There may be tens of thousands, of which only few are sorted.
    if limit < latest.len() {
        latest.select_nth_unstable_by_key(limit, key);
        latest.truncate(limit);
    }
    latest.sort_unstable_by_key(key);
    latest
}

#[cfg(test)]
mod tests;

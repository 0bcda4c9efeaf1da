//! The page of the repositories and the wall as JSON: repositories with the health of their default branches.

use super::repositories::Repository;
use serde::{Deserialize, Serialize};

/// A pipeline of the default branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthPipeline {
    /// Its id.
    pub id: i32,
    /// The full commit id.
    pub sha: String,
    /// Its status.
    pub status: String,
    /// The time of creation.
    pub created_at: String,
    /// The time of the start.
    pub started_at: Option<String>,
    /// The time of the end.
    pub finished_at: Option<String>,
}

/// The health of a default branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `failing`, `running`, `passing`, `unknown` (pipelines without a result) or `empty` (no pipelines).
    pub state: String,
    /// The newest pipeline that succeeded, failed or timed out.
    pub result: Option<HealthPipeline>,
    /// The newest pipeline, while it is unfinished.
    pub current: Option<HealthPipeline>,
    /// The first of the failures in a row up to the result.
    pub failing_since: Option<HealthPipeline>,
    /// The time since the start of the current pipeline in milliseconds.
    pub elapsed_ms: Option<i64>,
    /// The median duration of the latest pipelines in milliseconds.
    pub median_ms: Option<i64>,
    /// The number of unfinished pipelines of other refs.
    pub running_elsewhere: u64,
}

/// A repository with the health of its default branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryHealth {
    /// The repository.
    #[serde(flatten)]
    pub repository: Repository,
    /// The health of its default branch.
    pub health: Health,
}

/// The numbers of repositories by health, without archived ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCounts {
    /// Those whose result is a failure.
    pub failing: usize,
    /// Those whose newest pipeline is unfinished, and whose result is no failure.
    pub running: usize,
    /// Those whose result is a success.
    pub passing: usize,
    /// Those with pipelines and without a result.
    pub unknown: usize,
    /// Those without pipelines.
    pub empty: usize,
}

/// `/repositories.json`: a page of repositories, failing ones first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryHealthList {
    /// The repositories.
    pub repositories: Vec<RepositoryHealth>,
    /// The number of repositories of the whole list.
    pub total: u64,
    /// The numbers of all that match the search; null: too many match to be ordered by health.
    pub counts: Option<HealthCounts>,
}

/// A repository on the wall. It has no more than a feed: the address may have a feed token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WallRepository {
    /// The id of the repository.
    pub id: i32,
    /// The path with its namespace.
    pub path: String,
    /// The default branch.
    pub default_branch: String,
    /// Whether it is archived.
    pub archived: bool,
    /// The health of its default branch.
    pub health: Health,
}

/// `/wall.json`: the repositories of a wall, failing ones first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wall {
    /// The repositories.
    pub repositories: Vec<WallRepository>,
    /// The number of repositories of the whole list.
    pub total: u64,
    /// The numbers of all that match the search; null: too many match to be ordered by health.
    pub counts: Option<HealthCounts>,
}

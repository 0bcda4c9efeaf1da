//! The data that lists are read from: pipelines of [`JOBS`] jobs with one report each, in a few repositories.

use crate::batches::{Batches, batches};
use crate::generator;
use crate::reports::sha;
use crate::server::Started;
use crate::{JOBS, Outcome};
use std::cell::Cell;

/// The repository with the smallest id.
const FIRST: u64 = 1_001;
/// Repositories of a large set; their batches are sent at the same time.
const REPOSITORIES: u64 = 8;
/// Pipelines that each repository should have.
const PIPELINES: u64 = 250;

/// A set of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSet {
    repositories: u64,
    /// In each repository.
    pipelines: u64,
}

/// A pipeline of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// The id of its repository.
    pub repository: u64,
    /// Its id in the repository.
    pub id: u64,
    /// Its commit.
    pub sha: String,
}

impl DataSet {
    /// The set with about this number of jobs.
    pub fn of(jobs: u64) -> Self {
        let pipelines = (jobs / JOBS).max(1);
        let repositories = (pipelines / PIPELINES).clamp(1, REPOSITORIES);
        Self { repositories, pipelines: pipelines / repositories }
    }

    /// The number of its jobs.
    pub fn jobs(self) -> u64 {
        self.pipelines() * JOBS
    }

    /// The number of its pipelines.
    pub fn pipelines(self) -> u64 {
        self.repositories * self.pipelines
    }

    /// The pipeline with a number below [`pipelines`](Self::pipelines).
    pub fn pipeline(self, number: u64) -> Pipeline {
        let (repository, pipeline) = (FIRST + number % self.repositories, number / self.repositories);
        // The server numbers the pipelines of a repository from 1, in the order of the reports.
        Pipeline { repository, id: pipeline + 1, sha: sha(repository, pipeline) }
    }

    /// Reports everything to a server whose store is empty: each job once, or with its three statuses.
    ///
    /// # Errors
    /// When the server refuses a report, or numbers the pipelines in another way.
    pub fn generate(self, server: &Started, three: bool) -> Outcome {
        for repository in 0..self.repositories {
            server.create_repository(FIRST + repository)?;
        }
        let next = Cell::new(FIRST);
        let load: generator::Load = Box::new(move || {
            let repository = next.replace(next.get() + 1);
            batches(Batches { repository, owner: repository, pipelines: self.pipelines, three })
        });
        let tally = generator::run(server.address, &load, self.repositories as usize, None)?;
        if let Some(error) = tally.error {
            return Err(format!("a batch of the data set: {error}"));
        }
        for number in [0, self.pipelines() - 1] {
            let Pipeline { repository, id, sha } = self.pipeline(number);
            let pipeline =
                server.get(&format!("/native/v1/repositories/{repository}/pipelines/{id}"))?.json()?;
            if pipeline["sha"] != sha || pipeline["job_count"] != JOBS {
                return Err(format!("pipeline {id} is not as it was reported: {pipeline}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipelines_are_spread_over_the_repositories() {
        let set = DataSet::of(1_000_000);
        assert_eq!((set.jobs(), set.pipelines()), (1_000_000, 50_000));
        let first = Pipeline { repository: 1_001, id: 1, sha: sha(1_001, 0) };
        assert_eq!(set.pipeline(0), first);
        let last = Pipeline { repository: 1_008, id: 6_250, sha: sha(1_008, 6_249) };
        assert_eq!(set.pipeline(49_999), last);
    }

    #[test]
    fn a_small_set_has_one_repository() {
        assert_eq!(DataSet::of(1), DataSet { repositories: 1, pipelines: 1 });
        assert_eq!(DataSet::of(4_000), DataSet { repositories: 1, pipelines: 200 });
    }
}

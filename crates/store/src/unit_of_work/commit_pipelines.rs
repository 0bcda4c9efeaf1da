//! The pipelines of recent commits, for reports without a branch: each asks for the pipelines of its commit. Where
//! other nodes write, the commits of a repository are valid as long as its counters equal the cached ones.

use super::{CommitKey, UnitOfWork};
use crate::rows::{jobs, pipelines};
use domain::Result;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::pipelines::Pipeline;
use domain::model::reports::Report;
use domain::model::text::same_ignoring_case;
use quick_cache::Equivalent;
use quick_cache::unsync::Cache;
use std::collections::HashMap;

/// The maximum of commits.
const COMMITS_MAX: usize = 10_000;
/// The maximum of pipelines of a commit, as many as a query of them returns.
const PIPELINES_MAX: usize = 100;
/// The maximum of repositories whose earlier commits are invalid.
const FORGOTTEN_MAX: usize = 10_000;

/// Finds a commit without a copy of its key.
#[derive(Hash)]
struct CommitRef<'a>(RepositoryId, &'a str, &'a str);

impl Equivalent<CommitKey> for CommitRef<'_> {
    fn equivalent(&self, (repository, sha, source): &CommitKey) -> bool {
        (self.0, self.1, self.2) == (*repository, sha, source)
    }
}

/// The pipelines of a commit and source.
struct Known {
    ids: Vec<PipelineId>,
    /// The insertions until then.
    inserted: u64,
}

/// The pipelines of commits and sources without their own key, newest first: those in the tables and those that
/// are pending.
pub struct CommitPipelines {
    commits: Cache<CommitKey, Known>,
    insertions: u64,
    /// The insertions when the commits of a repository became invalid.
    forgotten: HashMap<RepositoryId, u64>,
    /// The new pipelines of this group that the session has, oldest first.
    written: HashMap<CommitKey, Vec<PipelineId>>,
    /// Those of the group before. A query does not see them until it is committed.
    new_before: HashMap<CommitKey, Vec<PipelineId>>,
}

impl Default for CommitPipelines {
    fn default() -> Self {
        Self {
            commits: Cache::new(COMMITS_MAX),
            insertions: 0,
            forgotten: HashMap::new(),
            written: HashMap::new(),
            new_before: HashMap::new(),
        }
    }
}

impl CommitPipelines {
    /// The pipelines of a commit and source, if they are known.
    pub fn get(&self, repository: RepositoryId, sha: &str, source: &str) -> Option<&[PipelineId]> {
        let known = self.commits.get(&CommitRef(repository, sha, source))?;
        let is_valid = self.forgotten.get(&repository).is_none_or(|forgotten| known.inserted > *forgotten);
        is_valid.then_some(known.ids.as_slice())
    }

    /// The pipelines of a commit and source that the group before created, newest first.
    pub fn new_before(&self, commit: &CommitKey) -> impl Iterator<Item = PipelineId> {
        self.new_before.get(commit).into_iter().flatten().rev().copied()
    }

    /// Adds new pipelines of this group that were passed to the session, oldest first.
    pub fn add_written(&mut self, new: HashMap<CommitKey, Vec<PipelineId>>) {
        for (commit, ids) in new {
            self.written.entry(commit).or_default().extend(ids);
        }
    }

    /// The session has all rows of this group.
    pub fn end_group(&mut self) {
        self.new_before = std::mem::take(&mut self.written);
    }

    /// Remembers all pipelines of a commit and source.
    pub fn insert(&mut self, repository: RepositoryId, sha: &str, source: &str, ids: Vec<PipelineId>) {
        self.insert_known((repository, sha.to_owned(), source.to_owned()), ids);
    }

    fn insert_known(&mut self, commit: CommitKey, ids: Vec<PipelineId>) {
        self.insertions += 1;
        self.commits.insert(commit, Known { ids, inserted: self.insertions });
    }

    /// Adds a new pipeline.
    pub fn add_new(&mut self, pipeline: &Pipeline) {
        let (repository, identity) = (pipeline.repository_id, &pipeline.identity);
        if !identity.key.is_empty() {
            return;
        }
        let Some(known) = self.get(repository, &identity.sha, &identity.source) else { return };
        let mut ids = known.to_vec();
        if !ids.contains(&pipeline.id) {
            // An imported one may have a smaller id.
            ids.insert(ids.partition_point(|known| *known > pipeline.id), pipeline.id);
        }
        ids.truncate(PIPELINES_MAX);
        self.insert(repository, &identity.sha, &identity.source, ids);
    }

    /// Forgets the commits of a repository: another node wrote to it, or a commit failed.
    pub fn forget(&mut self, repository: RepositoryId) {
        if self.forgotten.len() >= FORGOTTEN_MAX {
            self.clear();
        }
        self.forgotten.insert(repository, self.insertions);
        self.written.retain(|(owner, ..), _| *owner != repository);
        self.new_before.retain(|(owner, ..), _| *owner != repository);
    }

    /// Forgets all: pipelines were deleted or rolled back.
    pub fn clear(&mut self) {
        *self = Self { insertions: self.insertions, ..Self::default() };
    }
}

impl UnitOfWork {
    /// The pipelines of a report's commit and source without their own key, newest first, up to the first one
    /// that has the job of the report, each with whether it has it. With a single pipeline the second value is always
    /// false, because it decides nothing.
    pub fn pipelines_of_commit(
        &mut self,
        repository: RepositoryId,
        report: &Report,
    ) -> Result<Vec<(PipelineId, bool)>> {
        let ids = match self.of_commits.get(repository, &report.sha, &report.source) {
            Some(ids) => ids.to_vec(),
            None => self.find_of_commit(repository, report)?,
        };
        let several = ids.len() > 1;
        let mut candidates = Vec::with_capacity(ids.len());
        for id in ids {
            let has_job = several
                && match self.cache.get(&(repository, id)) {
                    Some(state) => state.has_job_of(report),
                    // It has no pending rows.
                    None if report.name_ignores_case => {
                        let names = jobs::names(self.sql(), repository, id, &report.stage)?;
                        names.iter().any(|name| same_ignoring_case(name, &report.name))
                    }
                    None => jobs::exists(self.sql(), repository, id, &report.stage, &report.name)?,
                };
            candidates.push((id, has_job));
            if has_job {
                break;
            }
        }
        Ok(candidates)
    }

    /// The pipelines of a report's commit and source without their own key, newest first.
    fn find_of_commit(&mut self, repository: RepositoryId, report: &Report) -> Result<Vec<PipelineId>> {
        let mut ids = self.pending.new_of_commit(repository, &report.sha, &report.source);
        if let Some(frozen) = self.frozen() {
            ids.extend(frozen.pending.new_of_commit(repository, &report.sha, &report.source));
        }
        let commit = (repository, report.sha.clone(), report.source.clone());
        let prefetched = self.prefetched.as_ref().and_then(|prefetched| prefetched.of_commits.get(&commit));
        let stored = match prefetched {
            Some(prefetched) => prefetched.clone(),
            None => pipelines::of_commit(self.sql(), repository, &report.sha, &report.source)?,
        };
        // The frozen ones may be in the tables already.
        let stored: Vec<_> = stored.into_iter().filter(|id| !ids.contains(id)).collect();
        ids.extend(stored);
        self.of_commits.insert(repository, &report.sha, &report.source, ids.clone());
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;
    use domain::model::pipelines::{PipelineIdentity, PipelineState};

    fn pipeline(id: i64, sha: &str, key: &str) -> Pipeline {
        let identity = PipelineIdentity {
            sha: sha.into(),
            git_ref: "main".into(),
            source: "external".into(),
            key: key.into(),
        };
        let (id, repository) = (PipelineId::new(id).unwrap(), RepositoryId::new(1).unwrap());
        PipelineState::new(id, repository, identity, Timestamp::UNIX_EPOCH).pipeline
    }

    #[test]
    fn a_known_commit_gets_its_new_pipelines_in_order_of_id() {
        let repository = RepositoryId::new(1).unwrap();
        let mut commits = CommitPipelines::default();
        commits.add_new(&pipeline(1, "a", ""));
        assert_eq!(commits.get(repository, "a", "external"), None, "it may have others");
        commits.insert(repository, "a", "external", vec![pipeline(5, "a", "").id]);
        for (id, sha, key) in [(9, "a", ""), (7, "a", ""), (8, "a", "nightly"), (10, "b", ""), (9, "a", "")] {
            commits.add_new(&pipeline(id, sha, key));
        }
        let ids: Vec<_> =
            commits.get(repository, "a", "external").unwrap().iter().map(|id| id.get()).collect();
        assert_eq!(ids, [9, 7, 5]);
        assert_eq!(commits.get(repository, "a", "jenkins"), None);
        commits.forget(repository);
        assert_eq!(commits.get(repository, "a", "external"), None, "another node may have added one");
        commits.insert(repository, "a", "external", vec![]);
        assert_eq!(commits.get(repository, "a", "external"), Some(&[][..]));
        commits.clear();
        assert_eq!(commits.get(repository, "a", "external"), None);
    }
}

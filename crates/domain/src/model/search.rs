//! Search over the repositories that a caller may read: what a text can name, and what was found.

mod names;
mod terms;

pub use names::NameMatch;
pub use terms::{BuildTerms, SHA_MIN, SearchTerms};

use super::ids::{JobId, PipelineId, RepositoryId};
use super::pipelines::Pipeline;
use super::repositories::Repository;
use super::status::Status;
use std::sync::Arc;
use terms::SHA_LENGTHS;

/// Most repositories of one search: those that changed or received a report last.
pub const REPOSITORIES_MAX: u32 = 500;
/// Most hits of one kind.
pub const HITS_MAX: u32 = 10;
/// The shortest start of a commit id that counts as exact, if it names one commit of a repository.
const SHA_EXACT_MIN: usize = 7;

/// The limits of what a store reads and returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchLimits {
    /// Most items of each list.
    pub hits: u32,
    /// Most different names of jobs that are compared in a repository, and most refs.
    pub names_of_repository: u32,
    /// Most different names of jobs that are compared in all repositories together, and most refs.
    pub names: u32,
    /// The newest attempts of a name, in which its stages and sources are found.
    pub attempts_of_name: u32,
}

impl SearchLimits {
    /// The limits of the server.
    pub const SERVER: Self = Self {
        // One more than the hits of a kind, to know whether there are more.
        hits: HITS_MAX + 1,
        names_of_repository: 5_000,
        names: 20_000,
        attempts_of_name: 200,
    };
}

/// An attempt that a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAttempt {
    /// The repository.
    pub repository: RepositoryId,
    /// The pipeline.
    pub pipeline: PipelineId,
    /// The attempt.
    pub id: JobId,
    /// The name of the stage.
    pub stage: String,
    /// The name of the job.
    pub name: String,
    /// The ref of the pipeline.
    pub git_ref: String,
    /// The source of the pipeline.
    pub source: String,
    /// The status.
    pub status: Status,
    /// The id of the build system.
    pub third_build_id: Option<String>,
}

/// What a store finds in some repositories; each list at most as long as its limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundRows {
    /// Pipelines with the number.
    pub pipelines: Vec<Pipeline>,
    /// For each commit whose id begins with the text, one of its newest pipelines.
    pub commits: Vec<Pipeline>,
    /// For each ref that has the text in its name, its newest pipeline; the best matches first.
    pub refs: Vec<Pipeline>,
    /// For each job that has the text in its name, its newest attempt; the best matches first. Jobs of one name in
    /// several stages or of several sources are several jobs.
    pub jobs: Vec<FoundAttempt>,
    /// The newest attempts with one of the ids of the build system.
    pub builds: Vec<FoundAttempt>,
    /// Not every name of a job or ref was compared. A name that begins with the text, with case, is found anyway.
    pub incomplete: bool,
}

impl FoundRows {
    /// Adds what was found in other repositories.
    pub fn append(&mut self, more: Self) {
        self.pipelines.extend(more.pipelines);
        self.commits.extend(more.commits);
        self.refs.extend(more.refs);
        self.jobs.extend(more.jobs);
        self.builds.extend(more.builds);
        self.incomplete |= more.incomplete;
    }

    /// The number of jobs with the stage and name of this one: those of several sources.
    fn sources_of(&self, job: &FoundAttempt) -> usize {
        let is_same = |other: &&FoundAttempt| {
            other.repository == job.repository && other.stage == job.stage && other.name == job.name
        };
        self.jobs.iter().filter(is_same).count()
    }
}

/// The kind of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HitKind {
    /// A repository.
    Repository,
    /// A pipeline by its number.
    Pipeline,
    /// A commit.
    Commit,
    /// A branch, tag or other ref.
    Ref,
    /// A job by its name.
    Job,
    /// An attempt by the id of the build system.
    Build,
}

impl HitKind {
    /// All kinds, in the order of the groups.
    pub const ALL: [Self; 6] =
        [Self::Repository, Self::Pipeline, Self::Commit, Self::Ref, Self::Job, Self::Build];
    /// The names of the kinds, in order.
    pub const NAMES: &'static [&'static str] = &["repository", "pipeline", "commit", "ref", "job", "build"];

    /// The name of the kind.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The object of a hit.
#[derive(Debug, Clone, PartialEq)]
pub enum HitObject {
    /// The repository itself.
    Repository,
    /// A pipeline.
    Pipeline(Box<Pipeline>),
    /// A commit, with one of its newest pipelines.
    Commit(Box<Pipeline>),
    /// A ref, with its newest pipeline.
    Ref(Box<Pipeline>),
    /// A job, with its newest attempt.
    Job(Box<FoundAttempt>),
    /// An attempt.
    Build(Box<FoundAttempt>),
}

impl HitObject {
    /// Its kind.
    pub const fn kind(&self) -> HitKind {
        match self {
            Self::Repository => HitKind::Repository,
            Self::Pipeline(_) => HitKind::Pipeline,
            Self::Commit(_) => HitKind::Commit,
            Self::Ref(_) => HitKind::Ref,
            Self::Job(_) => HitKind::Job,
            Self::Build(_) => HitKind::Build,
        }
    }

    /// How the text matches it. `commits`: the commits of its repository that were found.
    fn rank(&self, terms: &SearchTerms, repository: &Repository, commits: usize) -> NameMatch {
        let matched = match self {
            Self::Repository => terms.in_path(&repository.path),
            Self::Commit(_) => {
                let names_one = terms.sha.as_ref().is_some_and(|sha| {
                    SHA_LENGTHS.contains(&sha.len()) || (sha.len() >= SHA_EXACT_MIN && commits == 1)
                });
                Some(if names_one { NameMatch::Exact } else { NameMatch::Start })
            }
            Self::Ref(pipeline) => terms.in_ref(&pipeline.identity.git_ref),
            Self::Job(attempt) => terms.in_name(&attempt.name),
            Self::Pipeline(_) | Self::Build(_) => Some(NameMatch::Exact),
        };
        // The text is in the description of a repository.
        matched.unwrap_or(NameMatch::Elsewhere)
    }
}

/// What was found in a repository that the caller may read.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The repository.
    pub repository: Arc<Repository>,
    /// The object.
    pub object: HitObject,
    /// How the text matches it.
    pub rank: NameMatch,
    /// Of a job: jobs of other sources have its stage and name.
    pub of_sources: bool,
}

impl Hit {
    /// Whether the text names the object completely.
    pub fn is_exact(&self) -> bool {
        self.rank == NameMatch::Exact
    }
}

/// The hits of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct HitGroup {
    /// The kind.
    pub kind: HitKind,
    /// The hits, the best matches first, then in the order of the repositories; at most [`HITS_MAX`].
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub more: bool,
}

/// The result of a search.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchResult {
    /// The groups with hits, in the order of [`HitKind::ALL`].
    pub groups: Vec<HitGroup>,
    /// The caller may read more repositories than were searched.
    pub truncated: bool,
    /// Not every name of the searched repositories was compared; see [`FoundRows::incomplete`].
    pub incomplete: bool,
    /// The repository of the page where the search began, if the caller may read it and others were searched as well.
    pub page: Option<Arc<Repository>>,
}

impl SearchResult {
    /// Groups what was found, `matching` repositories among others. `repositories` are those that were searched, in
    /// the order of the hits; rows of any other repository are dropped.
    pub fn of(
        terms: &SearchTerms,
        repositories: &[Arc<Repository>],
        matching: Vec<Arc<Repository>>,
        rows: FoundRows,
    ) -> Self {
        let mut hits: Vec<(usize, Hit)> = Vec::new();
        let mut add = |at, repository: Arc<Repository>, object: HitObject, commits, of_sources| {
            let rank = object.rank(terms, &repository, commits);
            hits.push((at, Hit { repository, object, rank, of_sources }));
        };
        for (at, repository) in matching.into_iter().enumerate() {
            add(at, repository, HitObject::Repository, 0, false);
        }
        let incomplete = rows.incomplete;
        let commits: Vec<RepositoryId> = rows.commits.iter().map(|pipeline| pipeline.repository_id).collect();
        let of_sources: Vec<bool> = rows.jobs.iter().map(|job| rows.sources_of(job) > 1).collect();
        let mut of_sources = of_sources.into_iter();
        for (id, object) in objects(rows) {
            let is_job = object.kind() == HitKind::Job;
            let of_sources = is_job && of_sources.next().unwrap_or_default();
            let Some(at) = repositories.iter().position(|repository| repository.id == id) else { continue };
            let commits = commits.iter().filter(|of| **of == id).count();
            add(at, Arc::clone(&repositories[at]), object, commits, of_sources);
        }
        // Stable: hits of a repository keep the order of the store.
        hits.sort_by_key(|(at, hit)| (hit.object.kind(), hit.rank, *at));
        let mut groups: Vec<HitGroup> = Vec::new();
        for (_, hit) in hits {
            let kind = hit.object.kind();
            match groups.last_mut().filter(|group| group.kind == kind) {
                Some(group) if group.hits.len() == HITS_MAX as usize => group.more = true,
                Some(group) => group.hits.push(hit),
                None => groups.push(HitGroup { kind, hits: vec![hit], more: false }),
            }
        }
        Self { groups, incomplete, ..Self::default() }
    }

    /// Whether everything that the caller may read was searched.
    pub fn is_complete(&self) -> bool {
        !self.truncated && !self.incomplete
    }

    /// All hits.
    pub fn hits(&self) -> impl Iterator<Item = &Hit> {
        self.groups.iter().flat_map(|group| &group.hits)
    }

    /// The hit that the text means: the only exact one, else the only exact one in the repository of the page where
    /// the search began.
    pub fn direct(&self, page: Option<RepositoryId>) -> Option<&Hit> {
        let only = |of: Option<RepositoryId>| {
            let mut exact =
                self.hits().filter(|hit| hit.is_exact() && of.is_none_or(|id| hit.repository.id == id));
            exact.next().filter(|_| exact.next().is_none())
        };
        only(None).or_else(|| only(Some(page?)))
    }
}

fn objects(rows: FoundRows) -> impl Iterator<Item = (RepositoryId, HitObject)> {
    type OfPipeline = fn(Box<Pipeline>) -> HitObject;
    type OfAttempt = fn(Box<FoundAttempt>) -> HitObject;
    let pipelines = |found: Vec<Pipeline>, object: OfPipeline| {
        found.into_iter().map(move |pipeline| (pipeline.repository_id, object(Box::new(pipeline))))
    };
    let attempts = |found: Vec<FoundAttempt>, object: OfAttempt| {
        found.into_iter().map(move |attempt| (attempt.repository, object(Box::new(attempt))))
    };
    pipelines(rows.pipelines, HitObject::Pipeline)
        .chain(pipelines(rows.commits, HitObject::Commit))
        .chain(pipelines(rows.refs, HitObject::Ref))
        .chain(attempts(rows.jobs, HitObject::Job))
        .chain(attempts(rows.builds, HitObject::Build))
}

#[cfg(test)]
mod tests;

//! Search over the repositories that a caller may read: what a text can name, and what was found.

use super::ids::{JobId, PipelineId, RepositoryId};
use super::pipelines::Pipeline;
use super::refs;
use super::repositories::Repository;
use super::status::Status;
use super::text;
use crate::error::Invalid;
use std::sync::Arc;

/// Most repositories of one search: those with the latest changes.
pub const REPOSITORIES_MAX: u32 = 500;
/// Most hits of one kind.
pub const HITS_MAX: u32 = 10;
/// The shortest text that is searched as the start of a commit id.
pub const SHA_MIN: usize = 4;
/// The shortest start of a commit id that counts as exact, if it names one commit of a repository.
const SHA_EXACT_MIN: usize = 7;
/// The lengths of complete commit ids, SHA-1 and SHA-256.
const SHA_LENGTHS: [usize; 2] = [40, 64];

/// What a text can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerms {
    /// The text without white space at its ends.
    pub text: String,
    /// The number of a pipeline: `175`, `#175` or `acme/demo#175`.
    pub pipeline: Option<PipelineId>,
    /// The path before `#`, to whose repository the number of the pipeline belongs.
    pub repository: Option<String>,
    /// The start of a commit id, in lower case.
    pub sha: Option<String>,
    /// The refs that the text names or begins: the branch, then the tag. None after a `#`.
    pub refs: Vec<String>,
    /// The text as the start of a name of a job, and as an id of a build system; `None` after a `#`.
    pub name: Option<String>,
}

impl SearchTerms {
    /// The name of the text in a request.
    pub const FIELD: &'static str = "q";

    /// Reads a text: one line of 1 to 255 characters.
    ///
    /// # Errors
    /// [`Problem::Blank`](crate::error::Problem::Blank), [`Problem::TooLong`](crate::error::Problem::TooLong) or
    /// [`Problem::ControlCharacter`](crate::error::Problem::ControlCharacter) on `q`.
    pub fn parse(given: &str) -> Result<Self, Invalid> {
        let text = text::single_line(Self::FIELD, given.trim(), text::NAME_MAX)?;
        let after_hash = text.rsplit_once('#').and_then(|(path, number)| Some((path, number_of(number)?)));
        let only_pipeline = after_hash.is_some_and(|(path, _)| path.is_empty());
        let is_hexadecimal = text.len() >= SHA_MIN && text.bytes().all(|b| b.is_ascii_hexdigit());
        let longest = SHA_LENGTHS[1];
        Ok(Self {
            pipeline: after_hash.map(|(_, number)| number).or_else(|| number_of(&text)),
            repository: after_hash.map(|(path, _)| path.to_owned()).filter(|path| !path.is_empty()),
            sha: (is_hexadecimal && text.len() <= longest).then(|| text.to_ascii_lowercase()),
            refs: if only_pipeline { Vec::new() } else { refs::named(&text).collect() },
            name: (!only_pipeline).then(|| text.clone()),
            text,
        })
    }
}

fn number_of(text: &str) -> Option<PipelineId> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    PipelineId::parse(text).ok().filter(|_| is_number)
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
    /// For each ref that the text names or begins, its newest pipeline; those that it names first.
    pub refs: Vec<Pipeline>,
    /// For each name of a job that begins with the text, its newest attempt; the job of exactly this name first.
    pub jobs: Vec<FoundAttempt>,
    /// The newest attempts with the text as the id of the build system.
    pub builds: Vec<FoundAttempt>,
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

    /// Whether the text names it completely. `commits`: the commits of its repository that were found.
    fn is_exact(&self, terms: &SearchTerms, repository: &Repository, commits: usize) -> bool {
        match self {
            Self::Repository => repository.path.eq_ignore_ascii_case(&terms.text),
            Self::Pipeline(_) => true,
            Self::Commit(_) => terms.sha.as_ref().is_some_and(|sha| {
                SHA_LENGTHS.contains(&sha.len()) || (sha.len() >= SHA_EXACT_MIN && commits == 1)
            }),
            Self::Ref(pipeline) => terms.refs.contains(&pipeline.identity.git_ref),
            Self::Job(attempt) => attempt.name == terms.text,
            Self::Build(_) => true,
        }
    }
}

/// What was found in a repository that the caller may read.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The repository.
    pub repository: Arc<Repository>,
    /// The object.
    pub object: HitObject,
    /// Whether the text names the object completely.
    pub exact: bool,
}

/// The hits of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct HitGroup {
    /// The kind.
    pub kind: HitKind,
    /// The hits, exact ones first, then in the order of the repositories; at most [`HITS_MAX`].
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
        for (at, repository) in matching.into_iter().enumerate() {
            let object = HitObject::Repository;
            let exact = object.is_exact(terms, &repository, 0);
            hits.push((at, Hit { repository, object, exact }));
        }
        let commits: Vec<RepositoryId> = rows.commits.iter().map(|pipeline| pipeline.repository_id).collect();
        for (id, object) in objects(rows) {
            let Some(at) = repositories.iter().position(|repository| repository.id == id) else { continue };
            let repository = Arc::clone(&repositories[at]);
            let commits = commits.iter().filter(|of| **of == id).count();
            let exact = object.is_exact(terms, &repository, commits);
            hits.push((at, Hit { repository, object, exact }));
        }
        // Stable: hits of a repository keep the order of the store.
        hits.sort_by_key(|(at, hit)| (hit.object.kind(), !hit.exact, *at));
        let mut groups: Vec<HitGroup> = Vec::new();
        for (_, hit) in hits {
            let kind = hit.object.kind();
            match groups.last_mut().filter(|group| group.kind == kind) {
                Some(group) if group.hits.len() == HITS_MAX as usize => group.more = true,
                Some(group) => group.hits.push(hit),
                None => groups.push(HitGroup { kind, hits: vec![hit], more: false }),
            }
        }
        Self { groups, truncated: false }
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
                self.hits().filter(|hit| hit.exact && of.is_none_or(|id| hit.repository.id == id));
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

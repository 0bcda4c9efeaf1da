//! Destinations: forges that receive the statuses of the commits of a repository. `docs/forwarding.md` describes them.

mod globs;

use super::events::{Change, Event, PipelineChange};
use super::forwarded_states::{StateKey, Target, is_forwarded};
use super::ids::{DestinationId, RepositoryId};
use super::text;
use super::webhooks::networks::Networks;
use super::webhooks::urls;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Most destinations of one repository.
pub const DESTINATIONS_MAX: usize = 20;
/// Most patterns of jobs, and most excepted sources, of one destination.
pub const PATTERNS_MAX: usize = 50;
/// Greatest length of a token, in bytes.
const TOKEN_MAX: usize = 1_000;

/// A forge that receives the statuses of the commits of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The id, unique in the installation.
    pub id: DestinationId,
    /// The repository whose statuses it receives.
    pub repository_id: RepositoryId,
    /// The API that it has.
    pub kind: ForgeKind,
    /// The base URL of the API, without a `/` at its end.
    pub url: String,
    /// The project there: `owner/name`; at GitLab the id or the full path.
    pub project: String,
    /// The credential.
    pub token: ForgeToken,
    /// The forwarded content.
    pub selection: Selection,
    /// Whether it receives anything.
    pub enabled: bool,
    /// The first attempt of the current series of failures of the forge itself; a refused status is none.
    pub failing_since: Option<Timestamp>,
    /// No attempt is made before this time, because the forge limits the rate.
    pub paused_until: Option<Timestamp>,
    /// The time of creation.
    pub created_at: Timestamp,
}

/// The API of a forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForgeKind {
    /// GitHub, GitHub Enterprise Server.
    GitHub,
    /// GitLab.
    GitLab,
    /// Gitea, Forgejo.
    Gitea,
    /// Bitbucket Server and Data Center.
    Bitbucket,
}

/// The token for the API of a forge. It is stored in plain text, because every request contains it.
#[derive(Clone, PartialEq, Eq)]
pub struct ForgeToken(String);

/// The content that a destination receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Which statuses.
    pub choice: Choice,
    /// Statuses of these sources are not forwarded.
    pub except_sources: Vec<String>,
}

/// The statuses that a destination receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// One for each source of the pipelines of a commit.
    Pipeline,
    /// One for each job that matches one of these patterns of `stage/name`. `*` matches any text.
    Jobs(Vec<String>),
    /// One for each target branch for which the verdict of the merge gate is recorded. Sources do not matter.
    Gate,
}

/// The input for a new destination.
#[derive(Debug, Clone)]
pub struct DestinationInput {
    /// The API: one of [`ForgeKind::NAMES`].
    pub kind: String,
    /// The base URL of the API.
    pub url: String,
    /// The project there.
    pub project: String,
    /// The credential.
    pub token: String,
    /// The forwarded content: one of [`Choice::NAMES`].
    pub choice: Option<String>,
    /// The patterns of jobs.
    pub jobs: Option<Vec<String>>,
    /// The excepted sources.
    pub except_sources: Vec<String>,
    /// Whether it receives anything.
    pub enabled: bool,
}

/// Changes of a destination. A field that is `None` does not change.
#[derive(Debug, Clone, Default)]
pub struct DestinationChange {
    /// The base URL of the API. A new one needs the token too, so that a user cannot redirect an unknown token.
    pub url: Option<String>,
    /// The project there.
    pub project: Option<String>,
    /// The credential.
    pub token: Option<String>,
    /// The forwarded content: one of [`Choice::NAMES`].
    pub choice: Option<String>,
    /// The patterns of jobs.
    pub jobs: Option<Vec<String>>,
    /// The excepted sources.
    pub except_sources: Option<Vec<String>>,
    /// Whether it receives anything.
    pub enabled: Option<bool>,
}

impl ForgeKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::GitHub, Self::GitLab, Self::Gitea, Self::Bitbucket];
    /// Their names, in the same order.
    pub const NAMES: &'static [&'static str] = &["github", "gitlab", "gitea", "bitbucket"];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(|at| Self::ALL[at])
    }
}

impl ForgeToken {
    /// A token of 1 to 1,000 visible ASCII characters, as a header can hold it.
    ///
    /// # Errors
    /// [`Problem::Blank`], [`Problem::TooLong`] or [`Problem::ControlCharacter`].
    pub fn new(token: String) -> Result<Self, Invalid> {
        let problem = match token.as_bytes() {
            [] => Problem::Blank,
            bytes if bytes.len() > TOKEN_MAX => Problem::TooLong { max: TOKEN_MAX },
            bytes if !bytes.iter().all(u8::is_ascii_graphic) => Problem::ControlCharacter,
            _ => return Ok(Self(token)),
        };
        Err(Invalid::new("token", problem))
    }

    /// The text that requests contain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ForgeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForgeToken(..)")
    }
}

impl Choice {
    /// The names of the variants.
    pub const NAMES: &'static [&'static str] = &["pipeline", "jobs", "gate"];

    /// The name of the variant.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Jobs(_) => "jobs",
            Self::Gate => "gate",
        }
    }

    /// The patterns of jobs.
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::Pipeline | Self::Gate => &[],
            Self::Jobs(patterns) => patterns,
        }
    }

    /// Checks a choice with its patterns. Patterns alone mean `jobs`.
    ///
    /// # Errors
    /// The invalid field, `choice` or `jobs`.
    fn check(choice: Option<&str>, jobs: Option<Vec<String>>) -> Result<Self, Invalid> {
        let has_jobs = jobs.as_ref().is_some_and(|jobs| !jobs.is_empty());
        match (choice, jobs) {
            (Some("pipeline" | "gate"), _) if has_jobs => {
                Err(Invalid::new("jobs", Problem::Contradicts { other: "choice" }))
            }
            (None, None) | (Some("pipeline"), _) => Ok(Self::Pipeline),
            (Some("gate"), _) => Ok(Self::Gate),
            (None | Some("jobs"), Some(jobs)) if !jobs.is_empty() => Ok(Self::Jobs(lines("jobs", jobs)?)),
            (None | Some("jobs"), _) => Err(Invalid::new("jobs", Problem::Missing)),
            _ => Err(Invalid::new("choice", Problem::NotOneOf { allowed: Self::NAMES })),
        }
    }
}

/// Checks a list of names or patterns.
fn lines(field: &str, lines: Vec<String>) -> Result<Vec<String>, Invalid> {
    if lines.len() > PATTERNS_MAX {
        return Err(Invalid::new(field, Problem::TooMany { max: PATTERNS_MAX }));
    }
    // A pattern of a job has a stage and a name, each of at most `NAME_MAX`.
    lines.into_iter().map(|line| text::single_line(field, line, 2 * text::NAME_MAX + 1)).collect()
}

/// Checks the base URL of an API: as that of a webhook, without a query, because paths are added to it.
fn check_url(url: &str, allowed: &Networks) -> Result<String, Invalid> {
    urls::check("url", url, allowed)?;
    match url.contains('?') {
        true => Err(Invalid::new("url", Problem::HasQuery)),
        false => Ok(url.trim_end_matches('/').to_owned()),
    }
}

/// Checks the name of a project: `owner/name`; at GitLab an id, or a path of two or more parts.
fn check_project(kind: ForgeKind, project: &str) -> Result<String, Invalid> {
    let project = text::single_line("project", project.trim_matches('/'), text::NAME_MAX)?;
    let parts: Vec<&str> = project.split('/').collect();
    let is_name = |part: &&str| {
        !matches!(*part, "" | "." | "..")
            && !part.contains(|c: char| c.is_whitespace() || "?#%\\".contains(c))
    };
    let is_id = project.bytes().all(|b| b.is_ascii_digit());
    let fits = match kind {
        ForgeKind::GitLab => is_id || parts.len() >= 2,
        _ => parts.len() == 2,
    };
    match fits && parts.iter().all(is_name) {
        true => Ok(project),
        false => Err(Invalid::new("project", Problem::NotProject)),
    }
}

impl DestinationInput {
    /// Checks every value and returns the destination.
    ///
    /// # Errors
    /// The first invalid field.
    pub fn check(
        self,
        (id, repository_id): (DestinationId, RepositoryId),
        allowed: &Networks,
        created_at: Timestamp,
    ) -> Result<Destination, Invalid> {
        let unknown = || Invalid::new("kind", Problem::NotOneOf { allowed: ForgeKind::NAMES });
        let kind = ForgeKind::parse(&self.kind).ok_or_else(unknown)?;
        Ok(Destination {
            id,
            repository_id,
            kind,
            url: check_url(&self.url, allowed)?,
            project: check_project(kind, &self.project)?,
            token: ForgeToken::new(self.token)?,
            selection: Selection {
                choice: Choice::check(self.choice.as_deref(), self.jobs)?,
                except_sources: lines("except_sources", self.except_sources)?,
            },
            enabled: self.enabled,
            failing_since: None,
            paused_until: None,
            created_at,
        })
    }
}

impl DestinationChange {
    /// The destination after the change. It is tried again at once.
    ///
    /// # Errors
    /// The first invalid field; [`Problem::Missing`] on `token` for a new URL without one.
    pub fn apply(self, before: &Destination, allowed: &Networks) -> Result<Destination, Invalid> {
        let mut after = before.clone();
        if let Some(url) = self.url {
            after.url = check_url(&url, allowed)?;
        }
        if after.url != before.url && self.token.is_none() {
            return Err(Invalid::new("token", Problem::Missing));
        }
        if let Some(project) = self.project {
            after.project = check_project(before.kind, &project)?;
        }
        if let Some(token) = self.token {
            after.token = ForgeToken::new(token)?;
        }
        if self.choice.is_some() || self.jobs.is_some() {
            let jobs = match self.jobs {
                None if self.choice.as_deref() == Some("jobs") => {
                    Some(before.selection.choice.patterns().to_vec())
                }
                jobs => jobs,
            };
            after.selection.choice = Choice::check(self.choice.as_deref(), jobs)?;
        }
        if let Some(sources) = self.except_sources {
            after.selection.except_sources = lines("except_sources", sources)?;
        }
        after.enabled = self.enabled.unwrap_or(before.enabled);
        (after.failing_since, after.paused_until) = (None, None);
        Ok(after)
    }
}

impl Destination {
    /// Whether both are the same project of the same forge.
    pub fn is_same_project(&self, other: &Self) -> bool {
        (self.kind, &self.url, &self.project) == (other.kind, &other.url, &other.project)
    }
}

impl Selection {
    /// The key of the status that an event changes, if it is forwarded. Imports and deletions cause none, because they
    /// do not come from a build system.
    pub fn key(&self, event: &Event) -> Option<StateKey> {
        let (pipeline, job) = match &event.change {
            Change::Pipeline(pipeline, PipelineChange::Job(job)) => (pipeline, job),
            Change::Pipeline(..) => return None,
            Change::Verdict(verdict) => {
                let target = Target::Gate { branch: verdict.target.clone() };
                return self.has(&target).then(|| StateKey { sha: verdict.sha.clone(), target });
            }
        };
        let identity = &pipeline.identity;
        let changed = job.previous_status != Some(job.status) || event.changes_pipeline_status();
        if !changed {
            return None;
        }
        let target = match &self.choice {
            Choice::Gate => return None,
            Choice::Pipeline => Target::Pipeline { source: identity.source.clone() },
            Choice::Jobs(_) => Target::Job {
                source: identity.source.clone(),
                stage: job.stage.clone(),
                name: job.name.clone(),
            },
        };
        self.has(&target).then(|| StateKey { sha: identity.sha.clone(), target })
    }

    /// Whether a state about this target is forwarded. A pipeline has other jobs too: the store reads which of them
    /// count.
    pub fn has(&self, target: &Target) -> bool {
        match (target, &self.choice) {
            (Target::Test, _) | (Target::Gate { .. }, Choice::Gate) => true,
            (Target::Pipeline { source }, Choice::Pipeline) => self.has_source(source),
            (Target::Job { source, stage, name }, Choice::Jobs(patterns)) => {
                self.has_source(source) && has_job(patterns, stage, name)
            }
            _ => false,
        }
    }

    fn has_source(&self, source: &str) -> bool {
        !self.except_sources.iter().any(|except| except == source)
    }
}

/// Whether a pattern matches a job. A status that a Stagepost forwarded is never forwarded again.
fn has_job(patterns: &[String], stage: &str, name: &str) -> bool {
    let job = format!("{stage}/{name}");
    !is_forwarded(stage, name) && patterns.iter().any(|pattern| globs::matches(pattern, &job))
}

#[cfg(test)]
mod tests;

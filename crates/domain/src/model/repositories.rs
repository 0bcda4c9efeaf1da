//! A repository: a name for pipelines. Its git lives elsewhere; only the links are kept.

use super::ids::{Hex32, RepositoryId, UserId};
use super::pipelines::Pipeline;
use super::roles::Role;
use super::text;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Who may see a repository without being a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// Nobody.
    Private,
    /// Whoever signs in.
    Internal,
    /// Whoever signs in; shown as public by the CodeArts API.
    Public,
}

impl Visibility {
    /// The three words of the CodeArts v4 API.
    pub const NAMES: &'static [&'static str] = &["private", "internal", "public"];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Reads one of the three words.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Private, Self::Internal, Self::Public].into_iter().find(|v| v.as_str() == word)
    }

    /// The CodeArts v1 and v2 number: 0 private, 10 internal, 20 public.
    pub const fn level(self) -> i32 {
        self as i32 * 10
    }
}

/// The CodeArts project a repository belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// 32 hexadecimal digits.
    pub id: Hex32,
    /// Its name.
    pub name: String,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Unique.
    pub id: RepositoryId,
    /// Unique; what v1 and v2 calls name it by.
    pub uuid: Hex32,
    /// Its project.
    pub project: Project,
    /// Path with namespace, unique: `acme/demo`.
    pub path: String,
    /// A line for people.
    pub description: Option<String>,
    /// The branch that counts.
    pub default_branch: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// No longer used; still readable.
    pub archived: bool,
    /// Somebody said that it has a pipeline, or it has had one.
    pub has_pipeline: bool,
    /// Where a person sees its git.
    pub web_url: Option<String>,
    /// Where git clones it over https.
    pub http_url: Option<String>,
    /// Where git clones it over ssh.
    pub ssh_url: Option<String>,
    /// Who made it.
    pub creator_id: UserId,
    /// The name of who made it.
    pub creator_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its record, or a pipeline of it, last changed.
    pub updated_at: Timestamp,
}

impl Repository {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path without its last part; empty where there is none.
    pub fn namespace(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(namespace, _)| namespace)
    }
}

/// How a request names a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RepositoryKey {
    /// By number.
    Id(RepositoryId),
    /// By uuid.
    Uuid(Hex32),
    /// By path with namespace.
    Path(String),
}

/// What is given to make a repository; what is `None` is chosen for it.
#[derive(Debug, Clone, Default)]
pub struct NewRepository {
    /// An id to keep, when moving from elsewhere.
    pub id: Option<RepositoryId>,
    /// A uuid to keep.
    pub uuid: Option<Hex32>,
    /// Its project; by default one named after the namespace.
    pub project_id: Option<Hex32>,
    /// The project's name; by default that of the project's other repositories, or the namespace.
    pub project_name: Option<String>,
    /// Path with namespace.
    pub path: String,
    /// A line for people.
    pub description: Option<String>,
    /// By default `main`.
    pub default_branch: Option<String>,
    /// By default private.
    pub visibility: Option<Visibility>,
    /// Where a person sees its git.
    pub web_url: Option<String>,
    /// Where git clones it over https.
    pub http_url: Option<String>,
    /// Where git clones it over ssh.
    pub ssh_url: Option<String>,
    /// When it was made, when moving from elsewhere.
    pub created_at: Option<Timestamp>,
}

impl NewRepository {
    /// # Errors
    /// The first field that cannot be taken.
    pub fn check(&self) -> Result<(), Invalid> {
        check_path(&self.path)?;
        if let Some(name) = &self.project_name {
            text::single_line("project_name", name, text::NAME_MAX)?;
        }
        if let Some(description) = &self.description {
            text::within("description", description, text::DESCRIPTION_MAX)?;
        }
        if let Some(branch) = &self.default_branch {
            text::single_line("default_branch", branch, text::NAME_MAX)?;
        }
        for (field, url) in [("web_url", &self.web_url), ("http_url", &self.http_url)] {
            if let Some(url) = url {
                text::http_url(field, url)?;
            }
        }
        if let Some(url) = &self.ssh_url {
            text::single_line("ssh_url", url, text::URL_MAX)?;
        }
        Ok(())
    }
}

/// What is changed of a repository; `None` leaves it.
#[derive(Debug, Clone, Default)]
pub struct RepositoryChange {
    /// A line for people.
    pub description: Option<String>,
    /// The branch that counts.
    pub default_branch: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// No longer used.
    pub archived: Option<bool>,
}

impl RepositoryChange {
    /// # Errors
    /// The first field that cannot be taken.
    pub fn check(&self) -> Result<(), Invalid> {
        if let Some(description) = &self.description {
            text::within("description", description, text::DESCRIPTION_MAX)?;
        }
        if let Some(branch) = &self.default_branch {
            text::single_line("default_branch", branch, text::NAME_MAX)?;
        }
        Ok(())
    }
}

/// A path with namespace: 1 to 20 names joined by `/`, at most 255 characters.
///
/// # Errors
/// Names `path`.
pub fn check_path(path: &str) -> Result<(), Invalid> {
    text::single_line("path", path, text::NAME_MAX)?;
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 20 {
        return Err(Invalid::new("path", Problem::TooMany { max: 20 }));
    }
    parts.iter().try_for_each(|part| {
        text::name("path", part, text::NAME_MAX).map(drop).map_err(|_| Invalid::new("path", Problem::NotName))
    })
}

/// A repository with how it did of late.
#[derive(Debug, Clone, PartialEq)]
pub struct RepositoryOverview {
    /// The repository.
    pub repository: Repository,
    /// What the caller may do there.
    pub role: Role,
    /// The newest pipelines on its default branch, newest first.
    pub last_pipelines: Vec<Pipeline>,
}

/// By what a list of repositories is ordered; equal ones by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepositoryOrder {
    /// By id.
    Id,
    /// By path.
    Name,
    /// By `created_at`.
    CreatedAt,
    /// By `updated_at`.
    UpdatedAt,
}

/// Which repositories a list has.
#[derive(Debug, Clone)]
pub struct RepositoryFilter {
    /// Part of the path or description, any case.
    pub search: Option<String>,
    /// Only of this project.
    pub project_id: Option<Hex32>,
    /// Only archived, or only not archived.
    pub archived: Option<bool>,
    /// Only where the caller is a member.
    pub membership: bool,
    /// Only what the caller made.
    pub created: bool,
    /// By what.
    pub order: RepositoryOrder,
    /// Greatest first.
    pub descending: bool,
}

impl Default for RepositoryFilter {
    fn default() -> Self {
        Self {
            search: None,
            project_id: None,
            archived: None,
            membership: false,
            created: false,
            order: RepositoryOrder::CreatedAt,
            descending: true,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn repository(id: i64, visibility: Visibility) -> Repository {
        Repository {
            id: RepositoryId::new(id).unwrap(),
            uuid: Hex32::from_bytes([1; 16]),
            project: Project { id: Hex32::from_bytes([2; 16]), name: "p".into() },
            path: "acme/sub/demo".into(),
            description: None,
            default_branch: "main".into(),
            visibility,
            archived: false,
            has_pipeline: false,
            web_url: None,
            http_url: None,
            ssh_url: None,
            creator_id: UserId::new(1).unwrap(),
            creator_name: "root".into(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_path_has_a_namespace_and_a_name() {
        let repository = repository(1, Visibility::Private);
        assert_eq!((repository.namespace(), repository.name()), ("acme/sub", "demo"));
        for good in ["demo", "a/b", "流水线/任务", "a.b/c-d_e"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "../a", "a b", "a?b", "a%2Fb", &"x/".repeat(30)] {
            assert_eq!(check_path(bad).unwrap_err().field, "path", "{bad}");
        }
    }
}

//! A repository: the owner of pipelines. Its git repository is on another server; only the links are stored.

use super::ids::{Hex32, RepositoryId, UserId};
use super::repository_health::BranchHealth;
use super::roles::Role;
use super::{refs, text};
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// The users who may read a repository without being a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// Nobody.
    Private,
    /// Every authenticated user.
    Internal,
    /// Every authenticated user; the CodeArts API shows it as public.
    Public,
}

impl Visibility {
    /// The names of the variants in the CodeArts v4 API, in order.
    pub const NAMES: &'static [&'static str] = &["private", "internal", "public"];

    /// The name of the variant.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Private, Self::Internal, Self::Public].into_iter().find(|v| v.as_str() == name)
    }

    /// The CodeArts v1 and v2 number: 0 private, 10 internal, 20 public.
    pub const fn level(self) -> i32 {
        self as i32 * 10
    }
}

/// The CodeArts project of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The id.
    pub id: Hex32,
    /// The name.
    pub name: String,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The id, unique in the installation.
    pub id: RepositoryId,
    /// The uuid, unique in the installation; v1 and v2 calls use it.
    pub uuid: Hex32,
    /// The project.
    pub project: Project,
    /// Path with namespace, unique: `acme/demo`.
    pub path: String,
    /// A line of text for people.
    pub description: Option<String>,
    /// The default branch.
    pub default_branch: String,
    /// The users who may read it.
    pub visibility: Visibility,
    /// The repository is no longer used; it can still be read.
    pub archived: bool,
    /// A client set that it has a pipeline, or it has or had one.
    pub has_pipeline: bool,
    /// The page of its git repository.
    pub web_url: Option<String>,
    /// The clone URL over https.
    pub http_url: Option<String>,
    /// The clone URL over ssh.
    pub ssh_url: Option<String>,
    /// The user who created it.
    pub creator_id: UserId,
    /// The name of the user who created it.
    pub creator_name: String,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change of the repository or one of its pipelines.
    pub updated_at: Timestamp,
}

impl Repository {
    /// The last segment of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path without its last segment; empty when there is only one.
    pub fn namespace(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(namespace, _)| namespace)
    }
}

/// The key of a repository in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RepositoryKey {
    /// By id.
    Id(RepositoryId),
    /// By uuid.
    Uuid(Hex32),
    /// By path with namespace.
    Path(String),
    /// By path with namespace, in lower case: the repository with exactly this path, else the only one whose path
    /// differs in nothing but the case of ASCII letters.
    PathIgnoringCase(String),
}

/// The input for a new repository. A field that is `None` has a default.
#[derive(Debug, Clone, Default)]
pub struct NewRepository {
    /// The id, for an import.
    pub id: Option<RepositoryId>,
    /// The uuid.
    pub uuid: Option<Hex32>,
    /// The id of its project; by default that of the project with its name.
    pub project_id: Option<Hex32>,
    /// The name of its project; by default that of the other repositories of the project, or the namespace.
    pub project_name: Option<String>,
    /// Path with namespace.
    pub path: String,
    /// A line of text for people.
    pub description: Option<String>,
    /// By default `main`.
    pub default_branch: Option<String>,
    /// By default private.
    pub visibility: Option<Visibility>,
    /// The page of its git repository.
    pub web_url: Option<String>,
    /// The clone URL over https.
    pub http_url: Option<String>,
    /// The clone URL over ssh.
    pub ssh_url: Option<String>,
    /// The time of creation, for an import.
    pub created_at: Option<Timestamp>,
}

impl NewRepository {
    /// Checks every value, and gives the default branch its stored name.
    ///
    /// # Errors
    /// The first invalid field.
    pub fn check(&mut self) -> Result<(), Invalid> {
        check_path(&self.path)?;
        if let Some(name) = &self.project_name {
            text::single_line("project_name", name, text::NAME_MAX)?;
        }
        if let Some(description) = &self.description {
            text::within("description", description, text::DESCRIPTION_MAX)?;
        }
        if let Some(branch) = &mut self.default_branch {
            *branch = refs::check("default_branch", &*branch)?;
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

/// Changes of a repository. A field that is `None` does not change.
#[derive(Debug, Clone, Default)]
pub struct RepositoryChange {
    /// A line of text for people.
    pub description: Option<String>,
    /// The default branch.
    pub default_branch: Option<String>,
    /// The users who may read it.
    pub visibility: Option<Visibility>,
    /// The repository is no longer used.
    pub archived: Option<bool>,
}

impl RepositoryChange {
    /// Checks every value, and gives the default branch its stored name.
    ///
    /// # Errors
    /// The first invalid field.
    pub fn check(&mut self) -> Result<(), Invalid> {
        if let Some(description) = &self.description {
            text::within("description", description, text::DESCRIPTION_MAX)?;
        }
        if let Some(branch) = &mut self.default_branch {
            *branch = refs::check("default_branch", &*branch)?;
        }
        Ok(())
    }
}

/// Checks a path with namespace: 1 to 20 names joined by `/`, at most 255 characters.
///
/// # Errors
/// [`Invalid`] on `path`.
pub fn check_path(path: &str) -> Result<(), Invalid> {
    text::single_line("path", path, text::NAME_MAX)?;
    let parts: Vec<&str> = path.split('/').collect();
    if parts.len() > 20 {
        return Err(Invalid::new("path", Problem::TooMany { max: 20 }));
    }
    parts.iter().try_for_each(|part| {
        text::name("path", *part, text::NAME_MAX)
            .map(drop)
            .map_err(|_| Invalid::new("path", Problem::NotName))
    })
}

/// A repository with the health of its default branch.
#[derive(Debug, Clone, PartialEq)]
pub struct RepositoryOverview {
    /// The repository.
    pub repository: Repository,
    /// The role of the caller.
    pub role: Role,
    /// The newest pipelines on its default branch.
    pub branch: BranchHealth,
    /// The number of unfinished pipelines of other refs, among at most
    /// [`UNFINISHED_MAX`](super::repository_health::UNFINISHED_MAX) unfinished ones.
    pub running_elsewhere: u64,
}

/// The order of a list of repositories; equal ones are ordered by id.
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

/// The filter and order of a list of repositories.
#[derive(Debug, Clone)]
pub struct RepositoryFilter {
    /// Only repositories with this text in the path or description, ignoring case.
    pub search: Option<String>,
    /// Only repositories of this project.
    pub project_id: Option<Hex32>,
    /// Only archived repositories, or only others.
    pub archived: Option<bool>,
    /// Only repositories with this visibility.
    pub visibility: Option<Visibility>,
    /// Only repositories with the caller as a member.
    pub membership: bool,
    /// Only repositories that the caller created.
    pub created: bool,
    /// The order.
    pub order: RepositoryOrder,
    /// True for descending order.
    pub descending: bool,
}

impl Default for RepositoryFilter {
    fn default() -> Self {
        Self {
            search: None,
            project_id: None,
            archived: None,
            visibility: None,
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

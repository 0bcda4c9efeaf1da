//! Converts between the domain's types and those of Gitea.

use crate::code_hosts::{self, Combined, Fields};
use crate::http::query::encode_url;
use crate::request::IncomingRequest;
use crate::routes::{Context, Requirement};
use domain::Timestamp;
use domain::error::{Invalid, Problem};
use domain::model::attempts::Attempt;
use domain::model::conclusions::Conclusion;
use domain::model::jobs::filters::{FoundJob, Reporter};
use domain::model::reports::{Adjustments, ReportInput};
use domain::model::repositories::{Repository as StoredRepository, Visibility};
use domain::model::roles::Role;
use domain::model::status::Status;
use domain::model::text::{NAME_MAX, sha, single_line};
use domain::model::users::User as StoredUser;
use wire::gitea::commits::{Commit, CommitMeta, GitCommit, Person};
use wire::gitea::repositories::{Permissions, Repository};
use wire::gitea::statuses::{CombinedStatus, CommitStatus};
use wire::gitea::users::User;

/// The states of a report.
pub const STATES: &[&str] = &["pending", "success", "error", "failure", "warning", "skipped"];
/// The orders of a list. Gitea's `leastindex` and `highestindex` sort in the opposite direction of their names.
pub const ORDERS: &[&str] = &["oldest", "recentupdate", "leastupdate", "leastindex", "highestindex"];
/// The job's name for a report without a context.
const DEFAULT_CONTEXT: &str = "default";
/// The time of a user whose creation is not known, as Go writes an unset time.
const UNKNOWN_TIME: &str = "0001-01-01T00:00:00Z";

/// A report on the commit in the path. A warning is a failure that the pipeline allows: it passes, and is no success.
///
/// # Errors
/// [`Invalid`] with the field.
pub fn report(
    fields: &Fields,
    request: &IncomingRequest,
    repository: &StoredRepository,
) -> Result<ReportInput, Invalid> {
    let state = fields.one_of("state", STATES)?;
    let context = fields.text("context")?.unwrap_or(DEFAULT_CONTEXT);
    let context = single_line("context", context, NAME_MAX)?;
    let mut adjusted = Adjustments::default();
    let status = match state {
        "error" | "failure" | "warning" => Status::Failed.as_str(),
        state => state,
    };
    Ok(ReportInput {
        sha: Some(sha("sha", request.param("sha"))?),
        git_ref: request.query.get("ref")?.map(str::to_owned),
        source: request.query.get("source")?.map(str::to_owned),
        default_ref: Some(repository.default_branch.clone()),
        name: Some(context),
        status: Some(status.to_owned()),
        conclusion: (state == "error").then_some(Conclusion::Error),
        allow_failure: Some(state == "warning"),
        target_url: fields.displayed("target_url", &mut adjusted),
        description: fields.displayed("description", &mut adjusted),
        adjusted,
        ..ReportInput::default()
    })
}

/// Whether the list is in descending order of ids.
///
/// # Errors
/// [`Problem::NotOneOf`].
pub fn descending(request: &IncomingRequest) -> Result<bool, Invalid> {
    match request.query.get("sort")?.filter(|sort| !sort.is_empty()) {
        None | Some("recentupdate" | "leastindex") => Ok(true),
        Some("oldest" | "leastupdate" | "highestindex") => Ok(false),
        Some(_) => Err(Invalid::new("sort", Problem::NotOneOf { allowed: ORDERS })),
    }
}

/// The state of an attempt. Gitea has no word for running, canceled and timed out.
fn state(attempt: &Attempt) -> &'static str {
    match attempt.status {
        Status::Pending | Status::Running => "pending",
        Status::Success => "success",
        Status::Skipped => "skipped",
        Status::Failed | Status::TimedOut | Status::Canceled if attempt.allow_failure => "warning",
        Status::Failed if attempt.conclusion() == Some(Conclusion::Error) => "error",
        Status::Failed | Status::TimedOut => "failure",
        Status::Canceled => "error",
    }
}

/// The state that a list is limited to.
#[derive(Debug, Clone, Copy)]
pub struct StateFilter(&'static str);

impl StateFilter {
    /// Reads `state`. An empty one is refused, because a variable that is not set must not select everything.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`].
    pub fn read(request: &IncomingRequest) -> Result<Option<Self>, Invalid> {
        let Some(text) = request.query.get("state")? else { return Ok(None) };
        let known = STATES.iter().copied().find(|state| *state == text);
        known
            .map(|state| Some(Self(state)))
            .ok_or_else(|| Invalid::new("state", Problem::NotOneOf { allowed: STATES }))
    }

    /// The statuses that attempts with this state have.
    pub fn statuses(self) -> &'static [Status] {
        match self.0 {
            "pending" => &[Status::Pending, Status::Running],
            "success" => &[Status::Success],
            "skipped" => &[Status::Skipped],
            _ => &[Status::Failed, Status::TimedOut, Status::Canceled],
        }
    }

    /// Whether every attempt with such a status has this state.
    pub fn is_exact(self) -> bool {
        matches!(self.0, "pending" | "success" | "skipped")
    }

    /// Whether an attempt has this state.
    pub fn matches(self, attempt: &Attempt) -> bool {
        state(attempt) == self.0
    }
}

/// A user of Gitea with this name and id.
fn user(base: &str, name: &str, id: i32) -> User {
    User {
        id,
        login: name.to_owned(),
        username: name.to_owned(),
        login_name: String::new(),
        full_name: String::new(),
        email: String::new(),
        avatar_url: code_hosts::picture(base),
        html_url: encode_url(&format!("{base}/{name}")),
        language: String::new(),
        is_admin: false,
        created: UNKNOWN_TIME.to_owned(),
        active: true,
        visibility: "public".to_owned(),
    }
}

/// The caller.
pub fn current_user(base: &str, caller: &StoredUser) -> User {
    let created = code_hosts::seconds(caller.created_at);
    User { is_admin: caller.is_administrator(), created, ..user(base, &caller.name, caller.id.get()) }
}

/// Makes the bodies about one repository, with addresses of the API below the one that the client called, which clients
/// compare with their setting.
pub struct Presenter<'a> {
    /// The URL of the server as the client called it.
    called: String,
    /// The URL of the server for people.
    public: String,
    repository: &'a StoredRepository,
}

impl<'a> Presenter<'a> {
    pub fn new<N: Requirement>(ctx: &Context<N>, repository: &'a StoredRepository) -> Self {
        Self { called: ctx.request.called_url(), public: ctx.request.public_url(), repository }
    }

    /// An address below that of the repository.
    fn url(&self, more: &str) -> String {
        format!("{}/api/v1/repos/{}{more}", self.called, code_hosts::in_url(&self.repository.path))
    }

    /// A page of the repository.
    fn page(&self, more: &str) -> String {
        format!("{}/repositories/{}{more}", self.public, self.repository.id)
    }

    /// An attempt as a status.
    pub fn status(&self, found: &FoundJob) -> CommitStatus {
        let (job, attempt) = (&found.job, &found.job.attempt);
        let creator = |reporter: &Reporter| user(&self.public, &reporter.name, reporter.id.get());
        CommitStatus {
            id: job.id.get(),
            status: state(attempt).to_owned(),
            target_url: attempt.target_url.clone().unwrap_or_default(),
            description: attempt.description.clone().unwrap_or_default(),
            url: self.url(&format!("/statuses/{}", found.pipeline.identity.sha)),
            context: code_hosts::context(found).into_owned(),
            creator: found.reporter.as_ref().map(creator),
            created_at: code_hosts::seconds(attempt.created_at),
            updated_at: code_hosts::seconds(job.updated_at),
        }
    }

    /// The state of a commit with a page of its statuses.
    pub fn combined(&self, sha: &str, combined: &Combined) -> CombinedStatus {
        CombinedStatus {
            state: combined.state.as_str().to_owned(),
            sha: sha.to_owned(),
            total_count: combined.total,
            statuses: combined.page.iter().map(|found| self.status(found)).collect(),
            repository: self.repository(None),
            commit_url: self.url(&format!("/git/commits/{sha}")),
            url: self.url(&format!("/commits/{sha}/status")),
        }
    }

    /// A commit that is known since then.
    pub fn commit(&self, sha: &str, since: Timestamp) -> Commit {
        let git = |kind: &str, id: &str| self.url(&format!("/git/{kind}/{id}"));
        let (url, created) = (git("commits", sha), code_hosts::seconds(since));
        let nobody = Person { name: String::new(), email: String::new(), date: created.clone() };
        let unknown = "0".repeat(sha.len());
        Commit {
            sha: sha.to_owned(),
            html_url: self.page(&format!("/commits/{sha}")),
            commit: GitCommit {
                url: url.clone(),
                author: nobody.clone(),
                committer: nobody,
                message: String::new(),
                tree: CommitMeta { url: git("trees", &unknown), sha: unknown, created: created.clone() },
            },
            created,
            author: None,
            committer: None,
            parents: Vec::new(),
            url,
        }
    }

    /// The repository, with the permissions of a caller with this role, or without any.
    pub fn repository(&self, role: Option<Role>) -> Repository {
        let r = self.repository;
        let (owner, name) = r.path.split_once('/').unwrap_or(("", &r.path));
        let html_url = r.web_url.clone().unwrap_or_else(|| self.page(""));
        Repository {
            id: r.id.get(),
            owner: user(&self.public, owner, 0),
            name: name.to_owned(),
            full_name: r.path.clone(),
            description: r.description.clone().unwrap_or_default(),
            empty: false,
            private: r.visibility == Visibility::Private,
            internal: r.visibility == Visibility::Internal,
            fork: false,
            template: false,
            mirror: false,
            url: self.url(""),
            clone_url: r.http_url.clone().unwrap_or_else(|| html_url.clone()),
            html_url,
            ssh_url: r.ssh_url.clone().unwrap_or_default(),
            default_branch: r.default_branch.clone(),
            archived: r.archived,
            created_at: code_hosts::seconds(r.created_at),
            updated_at: code_hosts::seconds(r.updated_at),
            permissions: role.map(|role| Permissions {
                admin: role >= Role::Manage,
                push: role >= Role::Report,
                pull: true,
            }),
        }
    }
}

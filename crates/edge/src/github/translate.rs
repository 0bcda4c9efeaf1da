//! Converts between the domain's types and those of GitHub.

mod checks;

pub use checks::{
    CHECK_RUN_STATUSES, CONCLUSIONS, LISTED_STATUSES, annotation_of, changed_check_run, listed_statuses,
    new_check_run,
};

use crate::code_hosts::{self, Combined, Fields};
use crate::http::query::encode_url;
use crate::request::IncomingRequest;
use crate::routes::{Context, Requirement};
use domain::Timestamp;
use domain::model::attempts::Attempt;
use domain::model::conclusions::Conclusion;
use domain::model::jobs::filters::{FoundJob, Reporter};
use domain::model::reports::{Adjustments, ReportInput};
use domain::model::repositories::{Repository as StoredRepository, Visibility};
use domain::model::roles::Role;
use domain::model::status::Status as JobStatus;
use domain::model::text::{NAME_MAX, sha, single_line};
use domain::model::users::User as StoredUser;
use wire::github::commits::{Commit, GitCommit, Person, Tree};
use wire::github::repositories::{Counts, Parts, Permissions, Repository, RepositoryLinks};
use wire::github::statuses::{CombinedStatus, SimpleStatus, Status};
use wire::github::users::{CurrentUser, User, UserLinks};

/// The states of a report.
pub const STATES: &[&str] = &["error", "failure", "pending", "success"];
/// The context of a report without one.
const DEFAULT_CONTEXT: &str = "default";

/// The address of the API as the client called it: with `/api/v3`, or without.
pub fn api(request: &IncomingRequest) -> String {
    let below = request.target.path().trim_start_matches('/').starts_with("api/v3");
    let mut api = request.called_url();
    api.push_str(if below { "/api/v3" } else { "" });
    api
}

/// A report on the commit in the path.
///
/// # Errors
/// [`code_hosts::NO_COMMIT`] for anything but a full commit id; [`domain::Error::Invalid`] with the field.
pub fn report(
    fields: &Fields,
    request: &IncomingRequest,
    repository: &StoredRepository,
) -> domain::Result<ReportInput> {
    let state = fields.one_of("state", STATES)?;
    let context = fields.text("context")?.unwrap_or(DEFAULT_CONTEXT);
    let context = single_line("context", context, NAME_MAX)?;
    let mut adjusted = Adjustments::default();
    Ok(ReportInput {
        sha: Some(sha("sha", request.param("sha")).map_err(|_| code_hosts::NO_COMMIT)?),
        git_ref: request.query.get("ref")?.map(str::to_owned),
        source: request.query.get("source")?.map(str::to_owned),
        default_ref: Some(repository.default_branch.clone()),
        name: Some(context),
        name_ignores_case: true,
        status: Some(if matches!(state, "error" | "failure") { "failed" } else { state }.to_owned()),
        conclusion: (state == "error").then_some(Conclusion::Error),
        target_url: fields.displayed("target_url", &mut adjusted),
        description: fields.displayed("description", &mut adjusted),
        adjusted,
        ..ReportInput::default()
    })
}

/// The state of an attempt. GitHub has no word for running, skipped, canceled and timed out.
fn state(attempt: &Attempt) -> &'static str {
    match attempt.status {
        JobStatus::Pending | JobStatus::Running => "pending",
        JobStatus::Success | JobStatus::Skipped => "success",
        JobStatus::Failed if attempt.conclusion() == Some(Conclusion::Error) => "error",
        JobStatus::Failed | JobStatus::TimedOut => "failure",
        JobStatus::Canceled => "error",
    }
}

/// A user of GitHub with this name and id.
fn user(api: &str, public: &str, name: &str, id: i32) -> User {
    User {
        login: name.to_owned(),
        id,
        node_id: format!("User:{id}"),
        avatar_url: code_hosts::picture(public),
        gravatar_id: Some(String::new()),
        html_url: encode_url(&[public, "/", name].concat()),
        kind: "User".to_owned(),
        site_admin: false,
        links: UserLinks::below(&encode_url(&[api, "/users/", name].concat())),
    }
}

/// The author of a commit that is known since then: only git knows who it is.
fn nobody(since: Timestamp) -> Person {
    Person { name: String::new(), email: String::new(), date: code_hosts::seconds(since) }
}

/// The caller.
pub fn current_user(request: &IncomingRequest, caller: &StoredUser) -> CurrentUser {
    let user = user(&api(request), &request.public_url(), &caller.name, caller.id.get());
    CurrentUser {
        user: User { site_admin: caller.is_administrator(), ..user },
        name: Some(caller.name.clone()),
        company: None,
        blog: None,
        location: None,
        email: None,
        hireable: None,
        bio: None,
        public_repos: 0,
        public_gists: 0,
        followers: 0,
        following: 0,
        created_at: code_hosts::seconds(caller.created_at),
        updated_at: code_hosts::seconds(caller.created_at),
    }
}

/// Makes the bodies about one repository, with addresses of the API below the one that the client called, which clients
/// compare with their setting.
pub struct Presenter<'a> {
    /// The address of the API.
    api: String,
    /// The address of the repository in the API.
    below: String,
    /// The URL of the server for people.
    public: String,
    repository: &'a StoredRepository,
}

impl<'a> Presenter<'a> {
    pub fn new<N: Requirement>(ctx: &Context<N>, repository: &'a StoredRepository) -> Self {
        let api = api(&ctx.request);
        let below = [&api, "/repos/", &code_hosts::in_url(&repository.path)].concat();
        Self { api, below, public: ctx.request.public_url(), repository }
    }

    /// An address below that of the repository.
    fn url(&self, more: &str) -> String {
        [&self.below, more].concat()
    }

    /// A page of the repository.
    fn page(&self, more: &str) -> String {
        format!("{}/repositories/{}{more}", self.public, self.repository.id)
    }

    fn simple_status(&self, found: &FoundJob) -> SimpleStatus {
        let (job, attempt) = (&found.job, &found.job.attempt);
        SimpleStatus {
            url: [&self.below, "/statuses/", &found.pipeline.identity.sha].concat(),
            avatar_url: None,
            id: job.id.get(),
            node_id: format!("Status:{}", job.id),
            state: state(attempt).to_owned(),
            description: attempt.description.clone(),
            target_url: attempt.target_url.clone(),
            context: code_hosts::context(found).into_owned(),
            created_at: code_hosts::seconds(attempt.created_at),
            updated_at: code_hosts::seconds(job.updated_at),
        }
    }

    /// An attempt as a status.
    pub fn status(&self, found: &FoundJob) -> Status {
        let creator = |reporter: &Reporter| user(&self.api, &self.public, &reporter.name, reporter.id.get());
        Status { status: self.simple_status(found), creator: found.reporter.as_ref().map(creator) }
    }

    /// The state of a commit with a page of its statuses.
    pub fn combined(&self, sha: &str, combined: &Combined) -> CombinedStatus {
        let commit_url = self.url(&format!("/commits/{sha}"));
        CombinedStatus {
            state: combined.state.as_str().to_owned(),
            statuses: combined.page.iter().map(|found| self.simple_status(found)).collect(),
            sha: sha.to_owned(),
            total_count: combined.total,
            repository: self.repository(None),
            url: format!("{commit_url}/status"),
            commit_url,
        }
    }

    /// A commit that is known since then.
    pub fn commit(&self, sha: &str, since: Timestamp) -> Commit {
        let url = self.url(&format!("/commits/{sha}"));
        let git = |kind: &str, id: &str| self.url(&format!("/git/{kind}/{id}"));
        let nobody = nobody(since);
        let unknown = "0".repeat(sha.len());
        Commit {
            sha: sha.to_owned(),
            node_id: format!("Commit:{sha}"),
            html_url: self.page(&format!("/commits/{sha}")),
            comments_url: format!("{url}/comments"),
            commit: GitCommit {
                url: git("commits", sha),
                author: nobody.clone(),
                committer: nobody,
                message: String::new(),
                comment_count: 0,
                tree: Tree { url: git("trees", &unknown), sha: unknown },
            },
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
        let clone_url = r.http_url.clone().unwrap_or_else(|| html_url.clone());
        Repository {
            id: r.id.get(),
            node_id: format!("Repository:{}", r.id),
            name: name.to_owned(),
            full_name: r.path.clone(),
            owner: user(&self.api, &self.public, owner, 0),
            private: r.visibility == Visibility::Private,
            visibility: r.visibility.as_str().to_owned(),
            description: r.description.clone(),
            default_branch: r.default_branch.clone(),
            git_url: clone_url.clone(),
            ssh_url: r.ssh_url.clone().unwrap_or_default(),
            clone_url,
            svn_url: html_url.clone(),
            html_url,
            mirror_url: None,
            homepage: None,
            language: None,
            license: None,
            topics: Vec::new(),
            archived: r.archived,
            created_at: code_hosts::seconds(r.created_at),
            updated_at: code_hosts::seconds(r.updated_at),
            pushed_at: code_hosts::seconds(r.updated_at),
            permissions: role.map(|role| Permissions {
                admin: role >= Role::Manage,
                maintain: role >= Role::Manage,
                push: role >= Role::Report,
                triage: true,
                pull: true,
            }),
            links: RepositoryLinks::below(&self.url("")),
            counts: Counts::default(),
            parts: Parts::default(),
        }
    }
}

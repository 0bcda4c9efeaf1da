//! `GET /repos/{owner}/{repo}`, and the repository in a combined status.

use super::links::links;
use super::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

links! {
    /// URLs that belong to a repository.
    RepositoryLinks {
        url = "",
        archive_url = "/{archive_format}{/ref}",
        assignees_url = "/assignees{/user}",
        blobs_url = "/git/blobs{/sha}",
        branches_url = "/branches{/branch}",
        collaborators_url = "/collaborators{/collaborator}",
        comments_url = "/comments{/number}",
        commits_url = "/commits{/sha}",
        compare_url = "/compare/{base}...{head}",
        contents_url = "/contents/{+path}",
        contributors_url = "/contributors",
        deployments_url = "/deployments",
        downloads_url = "/downloads",
        events_url = "/events",
        forks_url = "/forks",
        git_commits_url = "/git/commits{/sha}",
        git_refs_url = "/git/refs{/sha}",
        git_tags_url = "/git/tags{/sha}",
        hooks_url = "/hooks",
        issue_comment_url = "/issues/comments{/number}",
        issue_events_url = "/issues/events{/number}",
        issues_url = "/issues{/number}",
        keys_url = "/keys{/key_id}",
        labels_url = "/labels{/name}",
        languages_url = "/languages",
        merges_url = "/merges",
        milestones_url = "/milestones{/number}",
        notifications_url = "/notifications{?since,all,participating}",
        pulls_url = "/pulls{/number}",
        releases_url = "/releases{/id}",
        stargazers_url = "/stargazers",
        statuses_url = "/statuses/{sha}",
        subscribers_url = "/subscribers",
        subscription_url = "/subscription",
        tags_url = "/tags",
        teams_url = "/teams",
        trees_url = "/git/trees{/sha}",
    }
}

/// Declares the numbers of what is not stored.
macro_rules! counts {
    ($($field:ident),*) => {
        /// The numbers of what is not stored.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct Counts {
            $(
                #[doc = "The number; always 0."]
                #[schemars(extend("zh" = "数量，始终为 0。"))]
                pub $field: i32,
            )*
        }
    };
}

counts!(
    forks_count,
    stargazers_count,
    watchers_count,
    open_issues_count,
    network_count,
    subscribers_count,
    size,
    forks,
    open_issues,
    watchers
);

/// Declares the parts of GitHub that a repository does not have.
macro_rules! parts {
    ($($field:ident),*) => {
        /// The parts of GitHub that a repository does not have.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct Parts {
            $(
                #[doc = "Always false."]
                #[schemars(extend("zh" = "始终为 false。"))]
                pub $field: bool,
            )*
        }
    };
}

parts!(
    fork,
    has_issues,
    has_projects,
    has_wiki,
    has_pages,
    has_downloads,
    has_discussions,
    is_template,
    disabled
);

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// The repository's id.
    #[schemars(extend("zh" = "仓库 ID。"))]
    pub id: i32,
    /// The id as text.
    #[schemars(extend("zh" = "文本形式的 ID。"))]
    pub node_id: String,
    /// The path after the owner.
    #[schemars(extend("zh" = "路径中所有者之后的部分。"))]
    pub name: String,
    /// The path.
    #[schemars(extend("zh" = "路径。"))]
    pub full_name: String,
    /// The first part of the path.
    #[schemars(extend("zh" = "路径的第一段。"))]
    pub owner: User,
    /// Whether only members may read it.
    #[schemars(extend("zh" = "是否仅成员可见。"))]
    pub private: bool,
    /// `private`, `internal` or `public`.
    #[schemars(description = "The visibility.", extend("zh" = "可见性。"))]
    pub visibility: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub html_url: String,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// The default branch.
    #[schemars(extend("zh" = "默认分支。"))]
    pub default_branch: String,
    /// The clone URL; the web address if unknown.
    #[schemars(extend("zh" = "克隆地址；未知时为网页地址。"))]
    pub clone_url: String,
    /// The clone URL; the web address if unknown.
    #[schemars(extend("zh" = "克隆地址；未知时为网页地址。"))]
    pub git_url: String,
    /// The clone URL; empty if unknown.
    #[schemars(extend("zh" = "克隆地址；未知时为空。"))]
    pub ssh_url: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub svn_url: String,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub mirror_url: Option<String>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub homepage: Option<String>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub language: Option<String>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub license: Option<String>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub topics: Vec<String>,
    /// Whether it is archived.
    #[schemars(extend("zh" = "是否已归档。"))]
    pub archived: bool,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub updated_at: String,
    /// The time of the last activity.
    #[schemars(extend("zh" = "最近活动时间。"))]
    pub pushed_at: String,
    /// The permissions of the caller; absent in a combined status.
    #[schemars(extend("zh" = "调用者的权限；汇总状态中不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permissions: Option<Permissions>,
    /// URLs that belong to it.
    #[serde(flatten)]
    pub links: RepositoryLinks,
    /// The numbers of what is not stored.
    #[serde(flatten)]
    pub counts: Counts,
    /// The parts of GitHub that it does not have.
    #[serde(flatten)]
    pub parts: Parts,
}

/// The caller's rights in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Permissions {
    /// Whether the caller may manage it.
    #[schemars(extend("zh" = "是否可以管理。"))]
    pub admin: bool,
    /// Whether the caller may manage it.
    #[schemars(extend("zh" = "是否可以管理。"))]
    pub maintain: bool,
    /// Whether the caller may report.
    #[schemars(extend("zh" = "是否可以上报。"))]
    pub push: bool,
    /// Whether the caller may read.
    #[schemars(extend("zh" = "是否可以读取。"))]
    pub triage: bool,
    /// Whether the caller may read.
    #[schemars(extend("zh" = "是否可以读取。"))]
    pub pull: bool,
}

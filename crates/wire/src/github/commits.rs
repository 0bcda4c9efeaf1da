//! `GET /repos/{owner}/{repo}/commits/{ref}`.

use super::users::User;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A commit. Fields that only Git contains are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its address. Clients build the address of a new status from it.
    #[schemars(description = "The address of the commit.", extend("zh" = "提交的地址。"))]
    pub url: String,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub sha: String,
    /// The commit id.
    #[schemars(extend("zh" = "提交 ID。"))]
    pub node_id: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub html_url: String,
    /// The address of the comments.
    #[schemars(extend("zh" = "评论的地址。"))]
    pub comments_url: String,
    /// The commit in git.
    #[schemars(extend("zh" = "Git 中的提交。"))]
    pub commit: GitCommit,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub author: Option<User>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub committer: Option<User>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub parents: Vec<Tree>,
}

/// The commit in git.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GitCommit {
    /// The address of the commit.
    #[schemars(extend("zh" = "提交的地址。"))]
    pub url: String,
    /// The author; unknown.
    #[schemars(extend("zh" = "作者；未知。"))]
    pub author: Person,
    /// The committer; unknown.
    #[schemars(extend("zh" = "提交者；未知。"))]
    pub committer: Person,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub message: String,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub comment_count: i32,
    /// The tree; unknown.
    #[schemars(extend("zh" = "目录树；未知。"))]
    pub tree: Tree,
}

/// A person in a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub name: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub email: String,
    /// The first report on the commit, or now.
    #[schemars(extend("zh" = "该提交首次上报的时间，或当前时间。"))]
    pub date: String,
}

/// A tree or a parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tree {
    /// Its id: zeros.
    #[schemars(extend("zh" = "ID：全为 0。"))]
    pub sha: String,
    /// An address.
    #[schemars(extend("zh" = "地址。"))]
    pub url: String,
}

//! `POST /repos/{owner}/{repo}/check-runs`, `PATCH` and `GET .../check-runs/{id}` and its annotations, and the check
//! runs and check suites of a commit.

use super::commits::Person;
use super::repositories::Repository;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A report of a check run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewCheckRun {
    /// The name of the check.
    #[schemars(extend("zh" = "检查运行的名称。"))]
    pub name: String,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub head_sha: String,
    /// The reported fields.
    #[serde(flatten)]
    pub change: CheckRunChange,
}

/// A change of a check run. A field that is absent or null does not change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRunChange {
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub details_url: Option<String>,
    /// The id of the run in the build system: another id is another attempt.
    #[schemars(extend("zh" = "构建系统中该次运行的 ID；不同的 ID 表示不同的执行。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub external_id: Option<String>,
    /// The status; by default `queued` for a new check run, and `completed` with a conclusion.
    #[schemars(extend("zh" = "状态；新建时默认为 queued，带有结论时为 completed。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// The conclusion; required if the status is `completed`, or with `completed_at`.
    #[schemars(extend("zh" = "结论；状态为 completed 或带有 completed_at 时必填。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conclusion: Option<String>,
    /// The time of the start.
    #[schemars(extend("zh" = "开始时间。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<String>,
    /// The time of the end.
    #[schemars(extend("zh" = "结束时间。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub completed_at: Option<String>,
    /// The result of the check run.
    #[schemars(extend("zh" = "检查运行的结果说明。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub output: Option<NewOutput>,
}

/// The result of a check run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewOutput {
    /// The title; required for a new check run.
    #[schemars(extend("zh" = "标题；新建检查运行时必填。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// The summary, in Markdown.
    #[schemars(extend("zh" = "摘要，Markdown 格式。"))]
    pub summary: String,
    /// The text, in Markdown.
    #[schemars(extend("zh" = "正文，Markdown 格式。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Annotations, which are added to those of earlier reports.
    #[schemars(extend("zh" = "标注，累加到之前上报的标注中。"))]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub annotations: Vec<NewAnnotation>,
}

/// A remark about some lines of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewAnnotation {
    /// The file, relative to the root of the repository.
    #[schemars(extend("zh" = "文件路径，相对于仓库根目录。"))]
    pub path: String,
    /// The first line, from 1.
    #[schemars(extend("zh" = "起始行，从 1 开始。"))]
    pub start_line: i32,
    /// The last line.
    #[schemars(extend("zh" = "结束行。"))]
    pub end_line: i32,
    /// The first column; only if first and last line are the same.
    #[schemars(extend("zh" = "起始列；仅当起始行与结束行相同时有效。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_column: Option<i32>,
    /// The last column; only if first and last line are the same.
    #[schemars(extend("zh" = "结束列；仅当起始行与结束行相同时有效。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_column: Option<i32>,
    /// `notice`, `warning` or `failure`.
    #[schemars(description = "The level.", extend("zh" = "级别。"))]
    pub annotation_level: String,
    /// The remark.
    #[schemars(extend("zh" = "说明。"))]
    pub message: String,
    /// The title.
    #[schemars(extend("zh" = "标题。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// More about it.
    #[schemars(extend("zh" = "更多信息。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub raw_details: Option<String>,
}

/// One attempt of a job as a check run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRun {
    /// The attempt's id, unique in its repository.
    #[schemars(extend("zh" = "任务（一次执行）的 ID，在仓库内编号。"))]
    pub id: i32,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub head_sha: String,
    /// The id as text.
    #[schemars(extend("zh" = "文本形式的 ID。"))]
    pub node_id: String,
    /// The id of the run in the build system.
    #[schemars(extend("zh" = "构建系统中该次运行的 ID。"))]
    pub external_id: Option<String>,
    /// The address of the check run.
    #[schemars(extend("zh" = "该检查运行的地址。"))]
    pub url: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub html_url: Option<String>,
    /// The link in the build system.
    #[schemars(extend("zh" = "构建系统中的链接。"))]
    pub details_url: Option<String>,
    /// `queued`, `in_progress` or `completed`.
    #[schemars(description = "The status.", extend("zh" = "状态。"))]
    pub status: String,
    /// The conclusion of a completed check run.
    #[schemars(extend("zh" = "结论；未结束时为 null。"))]
    pub conclusion: Option<String>,
    /// The time of the start.
    #[schemars(extend("zh" = "开始时间。"))]
    pub started_at: Option<String>,
    /// The time of the end.
    #[schemars(extend("zh" = "结束时间。"))]
    pub completed_at: Option<String>,
    /// Its result.
    #[schemars(extend("zh" = "检查运行的结果说明。"))]
    pub output: Output,
    /// The name of the job.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// The check suite: the pipeline.
    #[schemars(extend("zh" = "所属的检查套件，即流水线。"))]
    pub check_suite: Option<CheckSuiteId>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub app: (),
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub pull_requests: Vec<CheckSuiteId>,
}

/// The result of a check run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The title.
    #[schemars(extend("zh" = "标题。"))]
    pub title: Option<String>,
    /// The summary, in Markdown.
    #[schemars(extend("zh" = "摘要，Markdown 格式。"))]
    pub summary: Option<String>,
    /// The text, in Markdown.
    #[schemars(extend("zh" = "正文，Markdown 格式。"))]
    pub text: Option<String>,
    /// The number of annotations.
    #[schemars(extend("zh" = "标注数。"))]
    pub annotations_count: u64,
    /// The address of the annotations.
    #[schemars(extend("zh" = "标注的地址。"))]
    pub annotations_url: String,
}

/// A remark about some lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Annotation {
    /// The file, relative to the root of the repository.
    #[schemars(extend("zh" = "文件路径，相对于仓库根目录。"))]
    pub path: String,
    /// The first line.
    #[schemars(extend("zh" = "起始行。"))]
    pub start_line: i32,
    /// The last line.
    #[schemars(extend("zh" = "结束行。"))]
    pub end_line: i32,
    /// The first column.
    #[schemars(extend("zh" = "起始列。"))]
    pub start_column: Option<i32>,
    /// The last column.
    #[schemars(extend("zh" = "结束列。"))]
    pub end_column: Option<i32>,
    /// `notice`, `warning` or `failure`.
    #[schemars(description = "The level.", extend("zh" = "级别。"))]
    pub annotation_level: Option<String>,
    /// The title.
    #[schemars(extend("zh" = "标题。"))]
    pub title: Option<String>,
    /// The remark.
    #[schemars(extend("zh" = "说明。"))]
    pub message: Option<String>,
    /// More about it.
    #[schemars(extend("zh" = "更多信息。"))]
    pub raw_details: Option<String>,
    /// The address of the file; always empty, because git is hosted elsewhere.
    #[schemars(extend("zh" = "文件的地址；Git 托管在别处，始终为空。"))]
    pub blob_href: String,
}

/// The id of a check suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSuiteId {
    /// The pipeline's id.
    #[schemars(extend("zh" = "流水线 ID。"))]
    pub id: i32,
}

/// A page of check runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckRunList {
    /// The number of all.
    #[schemars(extend("zh" = "总数。"))]
    pub total_count: u64,
    /// The check runs of the page.
    #[schemars(extend("zh" = "当前页的检查运行。"))]
    pub check_runs: Vec<CheckRun>,
}

/// A pipeline as a check suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSuite {
    /// The pipeline's id, unique in its repository.
    #[schemars(extend("zh" = "流水线 ID，在仓库内编号。"))]
    pub id: i32,
    /// The id as text.
    #[schemars(extend("zh" = "文本形式的 ID。"))]
    pub node_id: String,
    /// The branch or tag.
    #[schemars(extend("zh" = "分支或标签。"))]
    pub head_branch: Option<String>,
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub head_sha: String,
    /// `queued`, `in_progress` or `completed`.
    #[schemars(description = "The status.", extend("zh" = "状态。"))]
    pub status: Option<String>,
    /// The conclusion of a finished pipeline.
    #[schemars(extend("zh" = "结论；未结束时为 null。"))]
    pub conclusion: Option<String>,
    /// The address of the check suite.
    #[schemars(extend("zh" = "该检查套件的地址。"))]
    pub url: Option<String>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub before: Option<String>,
    /// The commit.
    #[schemars(extend("zh" = "提交。"))]
    pub after: Option<String>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub pull_requests: Vec<CheckSuiteId>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub app: (),
    /// The repository.
    #[schemars(extend("zh" = "仓库。"))]
    pub repository: Repository,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Option<String>,
    /// The time of the last change.
    #[schemars(extend("zh" = "最近修改时间。"))]
    pub updated_at: Option<String>,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub rerequestable: bool,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub runs_rerequestable: bool,
    /// The commit.
    #[schemars(extend("zh" = "提交。"))]
    pub head_commit: HeadCommit,
    /// The number of all attempts of its jobs.
    #[schemars(extend("zh" = "各任务的执行总数。"))]
    pub latest_check_runs_count: u32,
    /// The address of its check runs.
    #[schemars(extend("zh" = "其检查运行的地址。"))]
    pub check_runs_url: String,
}

/// The commit of a check suite. Fields that only Git contains are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeadCommit {
    /// The full commit id: 40 or 64 hexadecimal digits.
    #[schemars(extend("zh" = "完整的提交 ID：40 或 64 位十六进制数。"))]
    pub id: String,
    /// Zeros.
    #[schemars(extend("zh" = "全为 0。"))]
    pub tree_id: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub message: String,
    /// The first report on the commit.
    #[schemars(extend("zh" = "该提交首次上报的时间。"))]
    pub timestamp: String,
    /// Nobody: typed clients such as octocrab require an object.
    #[schemars(description = "Not known: all texts are empty.", extend("zh" = "内容为空。"))]
    pub author: Person,
    /// Nobody.
    #[schemars(description = "Not known: all texts are empty.", extend("zh" = "内容为空。"))]
    pub committer: Person,
}

/// A page of check suites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckSuiteList {
    /// The number of all.
    #[schemars(extend("zh" = "总数。"))]
    pub total_count: u64,
    /// The check suites of the page.
    #[schemars(extend("zh" = "当前页的检查套件。"))]
    pub check_suites: Vec<CheckSuite>,
}

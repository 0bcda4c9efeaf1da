//! The details of a job, its content besides the status: in a report, and in `GET
//! /native/v1/repositories/{id}/jobs/{job_id}/details`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The details of a job. `Line` is the type of a required line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound(
    deserialize = "Required: Deserialize<'de>, Integer: Deserialize<'de>, Line: Deserialize<'de>"
))]
#[schemars(rename = "Details", description = "The content of a job besides its status.")]
pub struct Details<Required = String, Integer = i32, Line = Integer> {
    /// One line; absent: none.
    #[schemars(description = "A title of one line.", extend("zh" = "标题，一行。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Markdown; absent: none.
    #[schemars(description = "A summary in Markdown.", extend("zh" = "摘要，Markdown 格式。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Markdown; absent: none.
    #[schemars(description = "A longer text in Markdown.", extend("zh" = "正文，Markdown 格式。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Remarks about lines of files; those of all reports of an attempt add up. Absent: none.
    #[schemars(
        description = "Remarks about lines of files. Those of all reports of an attempt add up, each once.",
        extend("zh" = "对文件中某些行的标注。一次执行的所有上报中的标注会累加，相同的只保留一条。")
    )]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub annotations: Vec<Annotation<Required, Integer, Line>>,
    /// Absent: unknown.
    #[schemars(description = "The test counts.", extend("zh" = "测试数量。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts<Integer>>,
}

impl<Required, Integer, Line> Default for Details<Required, Integer, Line> {
    fn default() -> Self {
        Self { title: None, summary: None, text: None, annotations: Vec::new(), tests: None }
    }
}

/// A remark about lines of a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Annotation", description = "A remark about lines of a file.")]
pub struct Annotation<Required = String, Integer = i32, Line = Integer> {
    /// The file, relative to the root of the repository, without `..`.
    #[schemars(
        description = "The path of the file, relative to the root of the repository, without `..`.",
        extend("zh" = "文件路径，相对于仓库根目录，不能包含 `..`。")
    )]
    pub path: Required,
    /// The first line.
    #[schemars(extend("zh" = "起始行。"))]
    pub start_line: Line,
    /// The last line; the first one if it is absent.
    #[schemars(description = "The last line; absent: the first one.", extend("zh" = "结束行；不填则为起始行。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<Integer>,
    /// The first column; only on a single line.
    #[schemars(description = "The first column, if it is a single line.", extend("zh" = "起始列，仅限单行。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_column: Option<Integer>,
    /// The last column; only on a single line.
    #[schemars(description = "The last column, if it is a single line.", extend("zh" = "结束列，仅限单行。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<Integer>,
    /// `notice`, `warning` or `failure`.
    #[schemars(description = "The severity.", extend("zh" = "级别。"))]
    pub level: Required,
    /// One line; absent: none.
    #[schemars(description = "A title of one line.", extend("zh" = "标题，一行。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The remark.
    #[schemars(extend("zh" = "说明。"))]
    pub message: Required,
    /// More about it; absent: nothing.
    #[schemars(
        description = "Further text, such as the output of a tool.",
        extend("zh" = "更多信息，如工具的输出。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_details: Option<String>,
}

/// The numbers of tests by their results; an absent number is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "TestCounts", description = "The test counts; an absent count is 0.")]
pub struct TestCounts<Integer = i32> {
    /// Tests that failed.
    #[schemars(extend("zh" = "失败的测试数。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Integer>,
    /// Tests that passed.
    #[schemars(extend("zh" = "通过的测试数。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed: Option<Integer>,
    /// Tests that did not run.
    #[schemars(extend("zh" = "跳过的测试数。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Integer>,
}

/// Details as the server reads them. A required field may be absent and an integer out of range, because the domain
/// checks them.
pub type ReceivedDetails = Details<Option<String>, i64, Option<i64>>;

/// The details of a report in the history of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "The details of a report.")]
pub struct ReportedDetails {
    /// The SHA-256 digest of the details: equal details have equal digests. 64 hexadecimal digits.
    #[schemars(
        description = "The SHA-256 digest of the details; equal details have equal digests.",
        extend("zh" = "详情的 SHA-256 摘要；相同的详情摘要相同。")
    )]
    pub digest: String,
    /// The number of annotations.
    #[schemars(extend("zh" = "标注的数量。"))]
    pub annotations: u32,
}

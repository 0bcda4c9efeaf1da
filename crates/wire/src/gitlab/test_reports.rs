//! `GET /api/v4/projects/{project}/pipelines/{pipeline_id}/test_report` and `.../test_report_summary`. A job reports
//! numbers of tests, so a suite has no test cases and no time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The results of the tests of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// Seconds; always 0.
    #[schemars(extend("zh" = "秒数，始终为 0。"))]
    pub total_time: f64,
    /// The number of all tests.
    #[schemars(extend("zh" = "测试总数。"))]
    pub total_count: i64,
    /// Tests that passed.
    #[schemars(extend("zh" = "通过的测试数。"))]
    pub success_count: i64,
    /// Tests that failed.
    #[schemars(extend("zh" = "失败的测试数。"))]
    pub failed_count: i64,
    /// Tests that did not run.
    #[schemars(extend("zh" = "跳过的测试数。"))]
    pub skipped_count: i64,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub error_count: i64,
    /// One suite for each job that has numbers of tests.
    #[schemars(extend("zh" = "测试套件，每个有测试数量的任务对应一个。"))]
    pub test_suites: Vec<TestSuite>,
}

/// The tests of the newest attempt of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestSuite {
    /// The name of the job.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// Seconds; always 0.
    #[schemars(extend("zh" = "秒数，始终为 0。"))]
    pub total_time: f64,
    /// The number of all tests.
    #[schemars(extend("zh" = "测试总数。"))]
    pub total_count: i64,
    /// Tests that passed.
    #[schemars(extend("zh" = "通过的测试数。"))]
    pub success_count: i64,
    /// Tests that failed.
    #[schemars(extend("zh" = "失败的测试数。"))]
    pub failed_count: i64,
    /// Tests that did not run.
    #[schemars(extend("zh" = "跳过的测试数。"))]
    pub skipped_count: i64,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub error_count: i64,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub suite_error: Option<String>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub test_cases: Vec<Value>,
}

/// The totals of the tests of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReportSummary {
    /// The totals of all suites.
    #[schemars(extend("zh" = "所有测试套件的合计。"))]
    pub total: TestTotals,
    /// One suite for each job that has numbers of tests.
    #[schemars(extend("zh" = "测试套件，每个有测试数量的任务对应一个。"))]
    pub test_suites: Vec<TestSuiteSummary>,
}

/// Totals of tests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestTotals {
    /// Seconds; always 0.
    #[schemars(extend("zh" = "秒数，始终为 0。"))]
    pub time: f64,
    /// The number of all tests.
    #[schemars(extend("zh" = "测试总数。"))]
    pub count: i64,
    /// Tests that passed.
    #[schemars(extend("zh" = "通过的测试数。"))]
    pub success: i64,
    /// Tests that failed.
    #[schemars(extend("zh" = "失败的测试数。"))]
    pub failed: i64,
    /// Tests that did not run.
    #[schemars(extend("zh" = "跳过的测试数。"))]
    pub skipped: i64,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub error: i64,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub suite_error: Option<String>,
}

/// The numbers of the tests of the newest attempt of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestSuiteSummary {
    /// The name of the job.
    #[schemars(extend("zh" = "任务名称。"))]
    pub name: String,
    /// Seconds; always 0.
    #[schemars(extend("zh" = "秒数，始终为 0。"))]
    pub total_time: f64,
    /// The number of all tests.
    #[schemars(extend("zh" = "测试总数。"))]
    pub total_count: i64,
    /// Tests that passed.
    #[schemars(extend("zh" = "通过的测试数。"))]
    pub success_count: i64,
    /// Tests that failed.
    #[schemars(extend("zh" = "失败的测试数。"))]
    pub failed_count: i64,
    /// Tests that did not run.
    #[schemars(extend("zh" = "跳过的测试数。"))]
    pub skipped_count: i64,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub error_count: i64,
    /// The id of the attempt.
    #[schemars(extend("zh" = "该次执行的 ID。"))]
    pub build_ids: Vec<i32>,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub suite_error: Option<String>,
}

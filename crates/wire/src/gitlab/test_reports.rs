//! `GET /api/v4/projects/{project}/pipelines/{pipeline_id}/test_report` and `.../test_report_summary`. Results of single
//! tests are not stored, so both are empty.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The results of the tests of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// Seconds; always 0.
    #[schemars(extend("zh" = "秒数，始终为 0。"))]
    pub total_time: f64,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub total_count: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub success_count: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub failed_count: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub skipped_count: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub error_count: i32,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub test_suites: Vec<Value>,
}

/// The totals of the tests of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReportSummary {
    /// The totals of all suites.
    #[schemars(extend("zh" = "所有测试套件的合计。"))]
    pub total: TestTotals,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub test_suites: Vec<Value>,
}

/// Totals of tests.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestTotals {
    /// Seconds; always 0.
    #[schemars(extend("zh" = "秒数，始终为 0。"))]
    pub time: f64,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub count: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub success: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub failed: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub skipped: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub error: i32,
    /// Always null.
    #[schemars(extend("zh" = "始终为 null。"))]
    pub suite_error: Option<String>,
}

//! The numbers of tests of a pipeline, and its downstream pipelines, which no pipeline has here.

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{jobs, pipelines};
use domain::error::Result;
use domain::model::details::TestCounts;
use domain::model::ids::PipelineId;
use wire::gitlab::test_reports::{TestReport, TestReportSummary, TestSuite, TestSuiteSummary, TestTotals};

/// The numbers of tests of the newest attempts, one suite for each job that has them.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let state = ctx.edge.whole_pipelines.read(&ctx.edge.app, &ctx.proof, id).await?;
    let mut report = TestReport::default();
    for (job, tests) in jobs::test_counts(&ctx.edge.app, &ctx.proof, &state).await? {
        report.total_count += total(tests);
        report.success_count += i64::from(tests.passed);
        report.failed_count += i64::from(tests.failed);
        report.skipped_count += i64::from(tests.skipped);
        report.test_suites.push(TestSuite {
            name: job.name.clone(),
            total_count: total(tests),
            success_count: tests.passed.into(),
            failed_count: tests.failed.into(),
            skipped_count: tests.skipped.into(),
            ..TestSuite::default()
        });
    }
    Reply::json(&report)
}

/// As [`show`], with the ids of the attempts.
pub async fn summary(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let state = ctx.edge.whole_pipelines.read(&ctx.edge.app, &ctx.proof, id).await?;
    let (mut totals, mut test_suites) = (TestTotals::default(), Vec::new());
    for (job, tests) in jobs::test_counts(&ctx.edge.app, &ctx.proof, &state).await? {
        totals.count += total(tests);
        totals.success += i64::from(tests.passed);
        totals.failed += i64::from(tests.failed);
        totals.skipped += i64::from(tests.skipped);
        test_suites.push(TestSuiteSummary {
            name: job.name.clone(),
            total_count: total(tests),
            success_count: tests.passed.into(),
            failed_count: tests.failed.into(),
            skipped_count: tests.skipped.into(),
            build_ids: vec![job.id.get()],
            ..TestSuiteSummary::default()
        });
    }
    Reply::json(&TestReportSummary { total: totals, test_suites })
}

/// The number of all tests of an attempt.
fn total(tests: TestCounts) -> i64 {
    let TestCounts { failed, passed, skipped } = tests;
    [failed, passed, skipped].map(i64::from).iter().sum()
}

/// No bridges: jobs that start another pipeline.
pub async fn bridges(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    // An unknown pipeline is an error, not an empty list.
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    pipelines::show(&ctx.edge.app, &ctx.proof, id).await?;
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::read(&ctx.request, &parameters)?;
    for scope in parameters.all("scope") {
        translate::statuses("scope", scope)?;
    }
    paging.empty().await
}

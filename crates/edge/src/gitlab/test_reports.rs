//! What a pipeline of GitLab has and no pipeline has here: results of single tests, and downstream pipelines.

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::pipelines;
use domain::error::Result;
use domain::model::ids::PipelineId;
use wire::gitlab::test_reports::{TestReport, TestReportSummary};

/// An empty report.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    check_pipeline(&ctx).await?;
    Reply::json(&TestReport::default())
}

/// An empty summary.
pub async fn summary(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    check_pipeline(&ctx).await?;
    Reply::json(&TestReportSummary::default())
}

/// No bridges: jobs that start another pipeline.
pub async fn bridges(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    check_pipeline(&ctx).await?;
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::read(&ctx.request, &parameters)?;
    for scope in parameters.all("scope") {
        translate::statuses("scope", scope)?;
    }
    paging.empty().await
}

/// An unknown pipeline is an error, not an empty list.
async fn check_pipeline(ctx: &Context<WithRole<Reads>>) -> Result<()> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    pipelines::show(&ctx.edge.app, &ctx.proof, id).await.map(drop)
}

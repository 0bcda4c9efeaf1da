//! The grid of a ref: its jobs by its latest pipelines.

use super::{filters, translate};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::{Granted, Reads};
use domain::actions::grid;
use domain::error::{Invalid, Result};
use domain::model::grid::{GridFilter, PIPELINES_MAX};
use domain::model::ids::PipelineId;
use domain::ports::App;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let git_ref = filters::text(query, "ref")?;
    let source = filters::text(query, "source")?;
    let filter = filter(&ctx.edge.app, &ctx.proof, query, git_ref, source).await?;
    let found = grid::read(&ctx.edge.app, &ctx.proof, filter.clone()).await?;
    Reply::json(&translate::grid::grid(&filter, &found))
}

/// The filter of a request with this ref and source; without a ref, that of the default branch.
pub async fn filter(
    app: &App,
    by: &Granted<Reads>,
    query: &Query,
    git_ref: Option<String>,
    source: Option<String>,
) -> Result<GridFilter> {
    let before = query.get("before")?.map(PipelineId::parse).transpose();
    let before = before.map_err(|error| Invalid::new("before", error.problem))?;
    let limit = filters::limit(query, PIPELINES_MAX)?;
    let git_ref = match git_ref {
        Some(git_ref) => git_ref,
        None => grid::default_ref(app, by).await?,
    };
    Ok(grid::filter(git_ref, source, before, limit))
}

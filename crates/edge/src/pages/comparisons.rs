//! The page that compares two pipelines, and the section about changes of the page of a pipeline.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::comparisons;
use domain::error::{Invalid, Problem, Result};
use domain::model::comparisons::RelatedPipelines;
use domain::model::ids::PipelineId;
use domain::model::pipelines::PipelineState;
use pages::{ChangesSection, ComparisonPage, Frame, Html};

/// The separator of the two ids in the address.
const BETWEEN: &str = "...";

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (base, head) = parse(ctx.request.param("pipelines"))?;
    let found = native::comparisons::read(&ctx, base, head).await?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let page = || {
        ComparisonPage {
            frame: &frame,
            repository: ctx.proof.repository(),
            base: &found.base,
            head: &found.head,
            comparison: &found.comparison,
        }
        .html()
    };
    reply(&ctx.request, || native::translate::comparisons::comparison(&found), page)
}

/// The ids in `171...175`.
fn parse(text: &str) -> Result<(PipelineId, PipelineId), Invalid> {
    let (base, head) =
        text.split_once(BETWEEN).ok_or_else(|| Invalid::new(PipelineId::FIELD, Problem::NotInteger))?;
    Ok((PipelineId::parse(base)?, PipelineId::parse(head)?))
}

/// The section about the changes of a pipeline.
pub async fn section(
    ctx: &Context<WithRole<Reads>>,
    frame: &Frame,
    state: &PipelineState,
    related: RelatedPipelines,
) -> Result<Html> {
    let changes = comparisons::changes(&ctx.edge.app, &ctx.proof, state, related).await?;
    let (repository, pipeline) = (ctx.proof.repository(), &state.pipeline);
    Ok(ChangesSection { frame, repository, pipeline, changes: &changes }.html())
}

//! The page of the grid: the jobs of a ref by its latest pipelines.

use super::conditional::{self, Revalidation};
use super::frame::frame;
use super::response::html;
use crate::http::reply::Reply;
use crate::native::filters;
use crate::native::grid::filter;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use crate::state::PageState;
use domain::actions::access::Reads;
use domain::actions::grid;
use domain::error::Result;
use domain::model::roles::Role;
use pages::GridPage;

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let text = |name| filters::form_text(&request.query, name);
    let (git_ref, source) = (text("ref")?, text("source")?);
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let revalidation = Revalidation::begin(&ctx).await;
    if !request.wants_json
        && let Some(unchanged) = revalidation.unchanged(&frame)
    {
        return Ok(unchanged);
    }
    let filter = filter(app, &ctx.proof, &request.query, git_ref, source).await?;
    if request.wants_json {
        let found = grid::read(app, &ctx.proof, filter.clone()).await?;
        return Reply::json(&translate::grid::grid(&filter, &found));
    }
    // The grid may be newer than the entity tag. Then the next request gets the same page again.
    let columns = grid::columns(app, &ctx.proof, &filter).await?;
    let state = PageState { versions: vec![conditional::digest(&columns)], active: false };
    let etag = revalidation.etag(&frame, state).await;
    if conditional::has(request, &etag) {
        return Ok(conditional::not_modified(&etag));
    }
    let found = grid::read(app, &ctx.proof, filter.clone()).await?;
    let page = GridPage {
        frame: &frame,
        repository: ctx.proof.repository(),
        can_manage: ctx.proof.role() == Role::Manage,
        filter: &filter,
        grid: &found,
        etag: &etag,
    };
    Ok(html(page.html()).header("etag", &etag))
}

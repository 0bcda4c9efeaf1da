//! The page of one job across pipelines. The job is in the query, because a name may be `..` or contain a slash, which
//! proxies and browsers change in a path.

use super::frame::frame;
use super::response::reply;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::{self, filters, translate};
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::error::{Invalid, Result};
use domain::model::jobs::filters::JobOrder;
use domain::model::page::Start;
use pages::{JobRunsFilters, JobRunsPage};

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let query = &ctx.request.query;
    let repository = ctx.proof.repository();
    if !ctx.request.wants_json && query.get("name")?.is_none() && query.get("stage")?.is_none() {
        return Ok(Reply::see_other(&format!("/repositories/{}/grid", repository.id)));
    }
    let window = filters::window(query, JobOrder)?;
    let before = match window.start {
        Start::After(before) => before,
        Start::Offset(_) => None,
    };
    let filters = page_filters(query, before)?;
    let (app, statuses) = (&ctx.edge.app, filters.statuses.clone());
    let (summary, page) = native::job_runs::read(app, &ctx.proof, &filters.job, statuses, window).await?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let native = || translate::job_runs::job_runs(&filters.job, &summary, &page);
    let html = || {
        JobRunsPage {
            frame: &frame,
            repository,
            filters: &filters,
            summary: &summary,
            attempts: &page.items,
            next: page.next,
        }
        .html()
    };
    reply(&ctx.request, native, html)
}

/// The filter in the address. A form sends one `status` for each checkbox; a link separates them by commas.
fn page_filters(query: &Query, before: Option<i32>) -> Result<JobRunsFilters, Invalid> {
    let names = query.all("status").flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
    let statuses = filters::each_status(names)?;
    let git_ref = filters::form_text(query, "ref")?.map(|git_ref| git_ref.trim().to_owned());
    let job = native::job_runs::filter(query, git_ref.filter(|git_ref| !git_ref.is_empty()))?;
    let limit = query.get("limit")?.unwrap_or_default().to_owned();
    Ok(JobRunsFilters { job, statuses, before, limit })
}

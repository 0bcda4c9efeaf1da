//! Build statuses of commits: build systems report and list them. The old API names no repository: it is the one that
//! the token is limited to.

use super::dialect::BITBUCKET;
use super::translate;
use crate::forges::{self, Fields};
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::routes::{Context, WithRole, WithRoleInOnly};
use domain::actions::access::{Granted, Reads, Reporting};
use domain::actions::{jobs, reports};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::jobs::filters::{JobDetails, JobFilter, JobOrder};
use domain::model::page::{Start, Window};
use domain::model::status::Status;
use domain::ports::App;
use wire::bitbucket::builds::{BuildStats, BuildStatusPage};

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    accept(&ctx.edge.app, &ctx.proof, &ctx.request).await
}

/// As [`record`], of the old API.
pub async fn record_in_only(ctx: Context<WithRoleInOnly<Reporting>>) -> Result<Reply> {
    accept(&ctx.edge.app, &ctx.proof, &ctx.request).await
}

async fn accept(app: &App, by: &Granted<Reporting>, request: &IncomingRequest) -> Result<Reply> {
    let fields = Fields::read(request)?;
    let report = translate::report(&fields, request.param("sha"), by.repository())?;
    let (receipt, _) = reports::record_and_show(app, by, BITBUCKET.name, report).await?;
    Ok(forges::with_adjustments(Reply::no_content(), receipt.adjusted))
}

/// The newest attempts of the jobs of a commit.
pub async fn list(ctx: Context<WithRoleInOnly<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let (start, limit) = translate::page(&ctx.request);
    let sha = forges::commit(app, by, ctx.request.param("sha")).await?;
    let filter = forges::of_commit(&sha, false);
    let window = Window { order: JobOrder, descending: true, start: Start::Offset(start), limit: limit + 1 };
    let mut found = jobs::find(app, by, filter, window).await?.items;
    let is_last_page = found.len() <= limit as usize;
    found.truncate(limit as usize);
    Reply::json(&BuildStatusPage {
        size: found.len() as u64,
        limit,
        start,
        is_last_page,
        next_page_start: (!is_last_page).then(|| start.saturating_add(limit)),
        // The old API has no word for a canceled build.
        values: found.iter().map(|found| translate::build(found, translate::OLD_CANCELED)).collect(),
    })
}

/// The numbers of the jobs of a commit by state.
pub async fn stats(ctx: Context<WithRoleInOnly<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let sha = forges::commit(app, by, ctx.request.param("sha")).await?;
    let count = |statuses: &[Status]| {
        let filter = JobFilter { statuses: statuses.to_vec(), ..forges::of_commit(&sha, false) };
        jobs::count(app, by, filter)
    };
    Reply::json(&BuildStats {
        successful: count(&[Status::Success, Status::Skipped]).await?,
        in_progress: count(&[Status::Pending, Status::Running]).await?,
        failed: count(&[Status::Failed, Status::TimedOut]).await?,
        cancelled: count(&[Status::Canceled]).await?,
        unknown: 0,
    })
}

/// The newest attempt of the job with a key.
pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by, request) = (&ctx.edge.app, &ctx.proof, &ctx.request);
    let key = request.query.get("key")?.ok_or_else(|| Invalid::new("key", Problem::Missing))?;
    let sha = forges::commit(app, by, request.param("sha")).await?;
    let found = find(app, by, &sha, key).await?.ok_or(Error::NotFound { noun: "job" })?;
    Reply::json(&translate::build(&found, translate::CANCELED))
}

/// The newest attempt of the job with a key. A key with a `/` may be a stage and a name.
async fn find(app: &App, by: &Granted<Reads>, sha: &str, key: &str) -> Result<Option<JobDetails>> {
    let names = [0].into_iter().chain(key.match_indices('/').map(|(at, _)| at + 1));
    for name in names.map(|at| &key[at..]).filter(|name| !name.is_empty()) {
        let filter = JobFilter { name: Some(name.to_owned()), ..forges::of_commit(sha, false) };
        let window = Window { order: JobOrder, descending: true, start: Start::Offset(0), limit: 100 };
        let page = jobs::find(app, by, filter, window).await?;
        let of_key = page.items.into_iter().find(|found| forges::context(found) == key);
        if of_key.is_some() {
            return Ok(of_key);
        }
    }
    Ok(None)
}

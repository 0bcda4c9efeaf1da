//! Statuses of commits: build systems report and list them.

use super::dialect::GITEA;
use super::translate::{self, Presenter, StateFilter};
use crate::code_hosts::{self, Fields, Paging};
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::{Granted, Reads, Reporting};
use domain::actions::{jobs, reports};
use domain::error::Result;
use domain::model::jobs::filters::{FoundJob, JobFilter, JobOrder};
use domain::model::page::{LIMIT_MAX, Start, Window};
use domain::ports::App;
use std::ops::Range;
use std::pin::pin;

/// Items of a page without `limit`.
const LIMIT: u32 = 30;

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let (app, by, request) = (&ctx.edge.app, &ctx.proof, &ctx.request);
    let fields = Fields::read(request)?;
    let report = translate::report(&fields, request, by.repository())?;
    let (receipt, found) = reports::record_and_show(app, by, GITEA.name, report).await?;
    let status = Presenter::new(&ctx, by.repository()).status(&found);
    Ok(code_hosts::with_adjustments(Reply::json(&status)?.status(201), receipt.adjusted))
}

/// Every attempt of the jobs of a commit in all its pipelines.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async {
        let (app, by, request) = (&ctx.edge.app, &ctx.proof, &ctx.request);
        let descending = translate::descending(request)?;
        let state = StateFilter::read(request)?;
        let sha = code_hosts::commit(app, by, request.param("sha")).await?;
        let paging = Paging::read(request, "limit", LIMIT);
        let filter = JobFilter {
            statuses: state.map(|state| state.statuses().to_vec()).unwrap_or_default(),
            ..code_hosts::all_attempts(sha)
        };
        let (found, total) = match state.filter(|state| !state.is_exact()) {
            None => code_hosts::page(app, by, filter, &paging, descending).await?,
            Some(state) => matching(app, by, filter, state, descending, paging.positions()).await?,
        };
        let presenter = Presenter::new(&ctx, by.repository());
        let statuses: Vec<_> = found.iter().map(|found| presenter.status(found)).collect();
        let reply = linked(Reply::json_of_size(&statuses, 512 * statuses.len())?, &paging, total);
        Ok((reply, Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GiteaListStatuses", by_address(&ctx.request), build).await
}

/// Of the attempts whose state does not follow from their status, those at these positions, and the number of all.
async fn matching(
    app: &App,
    by: &Granted<Reads>,
    filter: JobFilter,
    state: StateFilter,
    descending: bool,
    positions: Range<u64>,
) -> Result<(Vec<FoundJob>, u64)> {
    let limit = u32::try_from(LIMIT_MAX).unwrap_or(u32::MAX);
    let (mut items, mut total, mut after) = (Vec::new(), 0, None);
    loop {
        let window = Window { order: JobOrder, descending, start: Start::After(after), limit };
        let page = jobs::find(app, by, filter.clone(), window).await?;
        for found in page.items.into_iter().filter(|found| state.matches(&found.job.attempt)) {
            if positions.contains(&total) {
                items.push(found);
            }
            total += 1;
        }
        after = page.next;
        if after.is_none() {
            return Ok((items, total));
        }
    }
}

/// The jobs of a commit, and the state that follows from all of them.
pub async fn combined(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async {
        let (app, by) = (&ctx.edge.app, &ctx.proof);
        let sha = code_hosts::commit(app, by, ctx.request.param("sha")).await?;
        let paging = Paging::read(&ctx.request, "limit", LIMIT);
        let combined = code_hosts::combined(app, by, &sha, &paging).await?;
        let presenter = Presenter::new(&ctx, by.repository());
        let reply = Reply::json(&presenter.combined(&sha, &combined))?;
        Ok((linked(reply, &paging, combined.total), Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GiteaGetCombinedStatus", by_address(&ctx.request), build).await
}

fn linked(reply: Reply, paging: &Paging<'_>, total: u64) -> Reply {
    let reply = reply.header("x-total-count", &total.to_string());
    match paging.links(total) {
        Some(links) => reply.header("link", &links),
        None => reply,
    }
}

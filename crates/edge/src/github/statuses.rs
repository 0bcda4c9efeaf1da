//! Statuses of commits: build systems report and list them.

use super::dialect::GITHUB;
use super::translate::{self, Presenter};
use crate::code_hosts::{self, Fields, Paging};
use crate::http::reply::Reply;
use crate::routes::{Context, Source, Validity, WithRole, by_address, cached};
use domain::actions::access::{Reads, Reporting};
use domain::actions::reports;
use domain::error::Result;
use std::pin::pin;

/// Items of a page without `per_page`.
pub const PER_PAGE: u32 = 30;
/// About the bytes of a status in JSON, of which most are addresses.
const STATUS_BYTES: usize = 2048;

/// Accepts a report, also a repeated or late one.
pub async fn record(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    let (app, by, request) = (&ctx.edge.app, &ctx.proof, &ctx.request);
    let fields = Fields::read(request)?;
    let report = translate::report(&fields, request, by.repository())?;
    let (receipt, found) = reports::record_and_show(app, by, GITHUB.name, report).await?;
    let presenter = Presenter::new(&ctx, by.repository());
    let status = presenter.status(&found);
    let reply =
        Reply::json_of_size(&status, STATUS_BYTES)?.status(201).header("location", &status.status.url);
    Ok(code_hosts::with_adjustments(reply, receipt.adjusted))
}

/// Every attempt of the jobs of a commit in all its pipelines, newest first.
pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async {
        let (app, by) = (&ctx.edge.app, &ctx.proof);
        let filter = code_hosts::all_attempts(code_hosts::commit(app, by, ctx.request.param("sha")).await?);
        let paging = Paging::read(&ctx.request, "per_page", PER_PAGE);
        let (found, total) = code_hosts::page(app, by, filter, &paging, true).await?;
        let presenter = Presenter::new(&ctx, by.repository());
        let statuses: Vec<_> = found.iter().map(|found| presenter.status(found)).collect();
        let reply = linked(Reply::json_of_size(&statuses, 1024 * statuses.len())?, &paging, total);
        Ok((reply, Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GitHubListCommitStatuses", by_address(&ctx.request), build).await
}

/// The jobs of a commit, and the state that follows from all of them.
pub async fn combined(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let build = pin!(async {
        let (app, by) = (&ctx.edge.app, &ctx.proof);
        let sha = code_hosts::commit(app, by, ctx.request.param("sha")).await?;
        let paging = Paging::read(&ctx.request, "per_page", PER_PAGE);
        let combined = code_hosts::combined(app, by, &sha, &paging).await?;
        let presenter = Presenter::new(&ctx, by.repository());
        let reply = Reply::json(&presenter.combined(&sha, &combined))?;
        Ok((linked(reply, &paging, combined.total), Validity::UntilChange))
    });
    cached(&ctx, Source::Repository, "GitHubGetCombinedStatus", by_address(&ctx.request), build).await
}

/// Adds the addresses of the other pages.
pub fn linked(reply: Reply, paging: &Paging<'_>, total: u64) -> Reply {
    match paging.links(total) {
        Some(links) => reply.header("link", &links),
        None => reply,
    }
}

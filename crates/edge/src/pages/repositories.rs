//! The repositories that a person may see.

use super::{frame, reply};
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Ctx, Member, SomeUser};
use domain::actions::access::{Reads, SignedIn};
use domain::actions::{access, pipelines, repositories};
use domain::error::Result;
use domain::model::access::Role;
use domain::model::page::{Page, Start, Window};
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use domain::model::repositories::{Repository, RepositoryFilter, RepositoryOrder};
use domain::ports::App;
use pages::paging::Pager;
use pages::{Repositories, RepositoryRow, links};
use std::sync::Arc;
use wire::native::repositories::RepositoryList;

/// Results shown of a repository.
const RESULTS: u32 = 30;

pub async fn list(ctx: Ctx<SomeUser>) -> Result<Reply> {
    let query = &ctx.request.query;
    let q = query.get("q")?.unwrap_or_default().trim();
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let filter = RepositoryFilter {
        search: Some(q.to_owned()).filter(|q| !q.is_empty()),
        order: RepositoryOrder::Name,
        descending: false,
        ..RepositoryFilter::default()
    };
    let app = &ctx.edge.app;
    let listed = repositories::list(app, &ctx.proof, filter, page).await?;
    let mut rows = Vec::new();
    if !ctx.request.wants_json {
        for (repository, role) in &listed.items {
            rows.push(row(app, &ctx.proof, repository, *role).await?);
        }
    }
    let at = |offset: u32| links::address("/repositories", &[("q", q), ("offset", &offset.to_string())]);
    let after = page.offset.saturating_add(page.limit);
    let pager = Pager {
        before: (page.offset > 0).then(|| at(page.offset.saturating_sub(page.limit))),
        after: (u64::from(after) < listed.total).then(|| at(after)),
        by_time: false,
    };
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let native = || RepositoryList {
        repositories: listed.items.iter().map(|(r, role)| translate::repository(r, Some(*role))).collect(),
        total: listed.total,
    };
    reply(&ctx.request, native, || Repositories { frame: &frame, q, rows, total: listed.total, pager }.html())
}

async fn row(app: &App, by: &SignedIn, repository: &Repository, role: Role) -> Result<RepositoryRow> {
    let granted = access::grant::<Reads>(by.clone(), Some((Arc::new(repository.clone()), role)))?;
    let filter =
        PipelineFilter { git_ref: Some(repository.default_branch.clone()), ..PipelineFilter::default() };
    let window =
        Window { order: PipelineOrder::Id, descending: true, start: Start::After(None), limit: RESULTS };
    let last = pipelines::find(app, &granted, filter, window).await?.items;
    let results = last.iter().map(|pipeline| pipeline.status).collect();
    Ok(RepositoryRow { repository: repository.clone(), last: last.into_iter().next(), results })
}

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let repository = ctx.proof.repository();
    if ctx.request.wants_json {
        let fresh = repositories::show(&ctx.edge.app, &ctx.proof).await?;
        return Reply::json(&translate::repository(&fresh, Some(ctx.proof.role())));
    }
    Ok(Reply::see_other(&format!("/repositories/{}/pipelines", repository.id)))
}

//! The page of the repositories that the user may see.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Authenticated, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::Result;
use domain::model::page::Page;
use domain::model::repositories::{RepositoryFilter, RepositoryOrder, RepositoryOverview};
use pages::paging::Pager;
use pages::{Repositories, links};
use wire::native::repositories::RepositoryList;

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let q = query.get("q")?.unwrap_or_default().trim();
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let filter = RepositoryFilter {
        search: Some(q.to_owned()).filter(|q| !q.is_empty()),
        order: RepositoryOrder::Name,
        descending: false,
        ..RepositoryFilter::default()
    };
    let list = repositories::overview(&ctx.edge.app, &ctx.proof, filter, page).await?;
    let limit = query.get("limit")?.unwrap_or_default();
    let at = |offset: u32| {
        links::address("/repositories", &[("q", q), ("limit", limit), ("offset", &offset.to_string())])
    };
    let after = page.offset.saturating_add(page.limit);
    let pager = Pager {
        before: (page.offset > 0).then(|| at(page.offset.saturating_sub(page.limit))),
        after: (u64::from(after) < list.total).then(|| at(after)),
        by_time: false,
    };
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let repository = |o: &RepositoryOverview| translate::repository(&o.repository, Some(o.role));
    let native =
        || RepositoryList { repositories: list.items.iter().map(repository).collect(), total: list.total };
    let page = || Repositories { frame: &frame, q, rows: &list.items, total: list.total, pager }.html();
    reply(&ctx.request, native, page)
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = ctx.proof.repository();
    if ctx.request.wants_json {
        let current = repositories::show(&ctx.edge.app, &ctx.proof).await?;
        return Reply::json(&translate::repository(&current, Some(ctx.proof.role())));
    }
    Ok(Reply::see_other(&format!("/repositories/{}/pipelines", repository.id)))
}

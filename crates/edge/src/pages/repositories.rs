//! The page of the repositories that the user may see.

use super::forms;
use super::frame::frame;
use super::response::{html, reply};
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Admin, Authenticated, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::{Invalid, Problem, Result};
use domain::model::page::Page;
use domain::model::repositories::{
    NewRepository, RepositoryFilter, RepositoryOrder, RepositoryOverview, Visibility,
};
use pages::forms::SubmittedForm;
use pages::paging::Pager;
use pages::{NewRepositoryPage, Notice, Repositories, links};
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

pub async fn show_new(ctx: Context<Admin>) -> Result<Reply> {
    new_page(&ctx, &SubmittedForm::default()).await
}

async fn new_page(ctx: &Context<Admin>, submitted: &SubmittedForm) -> Result<Reply> {
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    Ok(html(NewRepositoryPage { frame: &frame, submitted }.html()))
}

/// Creates a repository, and leads on to the settings that connect it.
pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let created = async {
        let name = forms::text(&fields, "visibility")?.unwrap_or_default();
        let unknown = || Invalid::new("visibility", Problem::NotOneOf { allowed: Visibility::NAMES });
        let new = NewRepository {
            path: forms::text(&fields, "path")?.unwrap_or_default(),
            description: forms::text(&fields, "description")?,
            default_branch: forms::text(&fields, "default_branch")?,
            visibility: Some(Visibility::parse(&name).ok_or_else(unknown)?),
            ..NewRepository::default()
        };
        repositories::create(&ctx.edge.app, &ctx.proof, new).await
    };
    match created.await {
        Ok(repository) => {
            Ok(forms::done(&format!("/repositories/{}/connect", repository.id), Notice::Created))
        }
        Err(error) => {
            const KNOWN: &[&str] = &["path", "description", "default_branch", "visibility"];
            let submitted = forms::with_error("repository", KNOWN, &fields, &error, &ctx.request)?;
            Ok(new_page(&ctx, &submitted).await?.status(400))
        }
    }
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = ctx.proof.repository();
    if ctx.request.wants_json {
        let current = repositories::show(&ctx.edge.app, &ctx.proof).await?;
        return Reply::json(&translate::repository(&current, Some(ctx.proof.role())));
    }
    Ok(Reply::see_other(&format!("/repositories/{}/pipelines", repository.id)))
}

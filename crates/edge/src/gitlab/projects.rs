//! Repositories as projects: those that the caller may read, and one, which build systems look up by its path
//! before they report.

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate::Presenter;
use super::translate::projects::READER;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::{Invalid, Problem, Result};
use domain::model::repositories::{RepositoryFilter, RepositoryOrder, Visibility};

/// Sort fields of the list.
pub const ORDERS: &[&str] = &["id", "name", "path", "created_at", "updated_at", "last_activity_at"];

/// The repositories that the caller may read.
pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::read(&ctx.request, &parameters)?;
    let simple = parameters.flag("simple")?.unwrap_or_default();
    let filter = filter(&parameters)?;
    // There are no starred repositories.
    if parameters.flag("starred")?.unwrap_or_default() {
        return paging.empty().await;
    }
    let found = repositories::list(&ctx.edge.app, &ctx.proof, filter, paging.page()).await?;
    let items = found.items.iter();
    let items = items.map(|(repository, role)| (Presenter::new(&ctx, repository), *role));
    let reply = match simple {
        true => Reply::json(&items.map(|(presenter, _)| presenter.basic_project()).collect::<Vec<_>>()),
        false => Reply::json(&items.map(|(presenter, role)| presenter.project(role)).collect::<Vec<_>>()),
    };
    Ok(paging.of_total(reply?, found.total))
}

fn filter(parameters: &Parameters<'_>) -> Result<RepositoryFilter, Invalid> {
    let flag = |name| Ok::<_, Invalid>(parameters.flag(name)?.unwrap_or_default());
    let level = parameters.integer("min_access_level")?;
    if level.is_some_and(|level| level > READER) {
        // The list does not contain the users who may report or manage.
        return Err(Invalid::new("min_access_level", Problem::NotOneOf { allowed: &["20"] }));
    }
    let visibility = parameters.one_of("visibility", Visibility::NAMES)?.and_then(Visibility::parse);
    let order = match parameters.one_of("order_by", ORDERS)? {
        Some("id") => RepositoryOrder::Id,
        // The name is the last segment of the path; the index has the path.
        Some("name" | "path") => RepositoryOrder::Name,
        Some("updated_at" | "last_activity_at") => RepositoryOrder::UpdatedAt,
        _ => RepositoryOrder::CreatedAt,
    };
    Ok(RepositoryFilter {
        search: parameters.text("search")?.map(str::to_owned),
        archived: parameters.flag("archived")?,
        visibility,
        membership: flag("membership")?,
        created: flag("owned")?,
        order,
        descending: parameters.descending(true)?,
        ..RepositoryFilter::default()
    })
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Presenter::new(&ctx, &repository).project(ctx.proof.role()))
}

//! Repositories in v4: lists, and one repository.

use super::translate::with_facts;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::Hex32;
use domain::model::page::Page;
use domain::model::repositories::{RepositoryFilter, RepositoryOrder};
use wire::codearts::repositories::{ProjectRepository, RepositorySimplest};
use wire::codearts::show_repository::ShowRepository;

/// Sort fields of the list of the caller's repositories.
pub const ORDERS: &[&str] = &["created_at", "updated_at"];
/// Sort fields of the list of a project's repositories.
pub const PROJECT_ORDERS: &[&str] = &["id", "name", "created_at", "updated_at"];
/// Sort directions.
pub const SORTS: &[&str] = &["asc", "desc"];
/// Greatest length of `search` (wire fact 3.2).
pub const SEARCH_MAX: usize = 512;

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let order = match query.get("order_by")?.unwrap_or("created_at") {
        "created_at" => RepositoryOrder::CreatedAt,
        "updated_at" => RepositoryOrder::UpdatedAt,
        _ => {
            return Err(Invalid::new("order_by", Problem::NotOneOf { allowed: ORDERS }).into());
        }
    };
    // There are no starred repositories, so the list of them is empty.
    let starred = query.flag("starred")?.unwrap_or_default();
    let filter = RepositoryFilter {
        archived: Some(query.flag("archived")?.unwrap_or_default()),
        membership: query.flag("membership")?.unwrap_or_default(),
        created: query.flag("user_created")?.unwrap_or_default(),
        order,
        ..search_and_sort(&ctx)?
    };
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let mut list = repositories::list(&ctx.edge.app, &ctx.proof, filter, page).await?;
    if starred {
        (list.items, list.total) = (Vec::new(), 0);
    }
    let user = &ctx.proof.caller().user;
    let body: Vec<_> = list
        .items
        .iter()
        .map(|(r, role)| with_facts(r, Some(*role), user, &ctx.edge.settings, RepositorySimplest::new))
        .collect();
    Ok(Reply::json(&body)?.header("x-total", &list.total.to_string()))
}

pub async fn list_in_project(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let order = match query.get("order_by")?.unwrap_or("updated_at") {
        "id" => RepositoryOrder::Id,
        "name" => RepositoryOrder::Name,
        "created_at" => RepositoryOrder::CreatedAt,
        "updated_at" => RepositoryOrder::UpdatedAt,
        _ => {
            return Err(Invalid::new("order_by", Problem::NotOneOf { allowed: PROJECT_ORDERS }).into());
        }
    };
    let project = Hex32::parse("project_id", ctx.request.param("project_id"))?;
    let filter = RepositoryFilter { project_id: Some(project), order, ..search_and_sort(&ctx)? };
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let list = repositories::list(&ctx.edge.app, &ctx.proof, filter, page).await?;
    let user = &ctx.proof.caller().user;
    let body: Vec<_> = list
        .items
        .iter()
        .map(|(r, role)| with_facts(r, Some(*role), user, &ctx.edge.settings, ProjectRepository::new))
        .collect();
    Ok(Reply::json(&body)?.header("x-total", &list.total.to_string()))
}

/// The filter of `search` and `sort`.
fn search_and_sort(ctx: &Context<Authenticated>) -> Result<RepositoryFilter, Invalid> {
    let query = &ctx.request.query;
    let descending = descending(query, true)?;
    Ok(RepositoryFilter { search: search(query)?, descending, ..RepositoryFilter::default() })
}

/// The direction of `sort`.
pub fn descending(query: &Query, by_default: bool) -> Result<bool, Invalid> {
    Ok(one_of(query, "sort", SORTS)?.map_or(by_default, |sort| sort == "desc"))
}

/// A parameter with one of these values; an empty one counts as absent.
pub fn one_of(
    query: &Query,
    name: &str,
    allowed: &'static [&'static str],
) -> Result<Option<&'static str>, Invalid> {
    let Some(value) = query.get(name)?.filter(|value| !value.is_empty()) else { return Ok(None) };
    let found = allowed.iter().find(|known| **known == value);
    found.map(|known| Some(*known)).ok_or_else(|| Invalid::new(name, Problem::NotOneOf { allowed }))
}

/// The parameter `search`, also of v2.
pub fn search(query: &Query) -> Result<Option<String>, Invalid> {
    match query.get("search")? {
        None | Some("") => Ok(None),
        Some(text) if text.chars().count() > SEARCH_MAX => {
            Err(Invalid::new("search", Problem::TooLong { max: SEARCH_MAX }))
        }
        Some(text) => Ok(Some(text.to_owned())),
    }
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    let (role, user) = (Some(ctx.proof.role()), &ctx.proof.caller().user);
    Reply::json(&with_facts(&repository, role, user, &ctx.edge.settings, ShowRepository::new))
}

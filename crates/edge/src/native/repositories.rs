//! Repositories: the list, one repository, creating and changing it.

use super::{filters, translate};
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context, WithRole};
use domain::actions::access::{Manages, Reads};
use domain::actions::repositories;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{Hex32, RepositoryId};
use domain::model::page::Page;
use domain::model::reports::is_unset;
use domain::model::repositories::{
    NewRepository, RepositoryChange, RepositoryFilter, RepositoryOrder, Visibility,
};
use domain::model::text;
use wire::native::repositories as native;

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let filter = RepositoryFilter {
        search: filters::text(query, "search")?,
        archived: filters::flag(query, "archived")?,
        order: RepositoryOrder::Name,
        descending: false,
        ..RepositoryFilter::default()
    };
    let listed = repositories::list(&ctx.edge.app, &ctx.proof, filter, page).await?;
    let repositories = listed.items.iter().map(|(r, role)| translate::repository(r, Some(*role))).collect();
    Reply::json(&native::RepositoryList { repositories, total: listed.total })
}

pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let new = check(json::read("repository", ctx.request.body()?)?)?;
    let made = repositories::create(&ctx.edge.app, &ctx.proof, new).await?;
    Ok(Reply::json(&translate::repository(&made, None))?.status(201))
}

/// Checks a repository as a request describes it.
///
/// # Errors
/// [`Invalid`] naming the field.
pub fn check(new: native::NewRepository) -> Result<NewRepository, Invalid> {
    let hex = |name: &str, text: Option<String>| text.map(|text| Hex32::parse(name, &text)).transpose();
    let id = |id| RepositoryId::new(id).map_err(|e| Invalid::new("id", e.problem));
    Ok(NewRepository {
        id: new.id.map(id).transpose()?,
        uuid: hex("uuid", new.uuid)?,
        project_id: hex("project_id", new.project_id)?,
        project_name: new.project_name,
        path: new.path,
        description: new.description,
        default_branch: new.default_branch,
        visibility: visibility(new.visibility)?,
        web_url: new.web_url,
        http_url: new.http_url,
        ssh_url: new.ssh_url,
        created_at: new
            .created_at
            .map(|at| text::time("created_at", &at))
            .transpose()?
            .filter(|at| !is_unset(*at)),
    })
}

fn visibility(word: Option<String>) -> Result<Option<Visibility>, Invalid> {
    let read = |word: String| {
        Visibility::parse(&word)
            .ok_or_else(|| Invalid::new("visibility", Problem::NotOneOf { allowed: Visibility::NAMES }))
    };
    word.map(read).transpose()
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&translate::repository(&repository, Some(ctx.proof.role())))
}

pub async fn change(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let change: native::RepositoryChange = json::read("repository", ctx.request.body()?)?;
    let change = RepositoryChange {
        description: change.description,
        default_branch: change.default_branch,
        visibility: visibility(change.visibility)?,
        archived: change.archived,
    };
    let changed = repositories::change(&ctx.edge.app, &ctx.proof, change).await?;
    Reply::json(&translate::repository(&changed, Some(ctx.proof.role())))
}

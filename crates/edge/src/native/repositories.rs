//! Repositories: the list, one repository, creating and changing it.

use super::translate;
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context, WithRole};
use domain::actions::access::{Manages, Reads};
use domain::actions::repositories;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::{Hex32, RepositoryId};
use domain::model::page::Page;
use domain::model::reports::parse_time;
use domain::model::repositories::{
    NewRepository, RepositoryChange, RepositoryFilter, RepositoryOrder, Visibility,
};
use serde_json::Value;
use wire::native::repositories::RepositoryList;

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    let query = &ctx.request.query;
    let page = Page::parse(query.get("offset")?, query.get("limit")?)?;
    let filter = RepositoryFilter {
        search: query.get("search")?.filter(|text| !text.is_empty()).map(str::to_owned),
        archived: query.flag("archived")?,
        order: RepositoryOrder::Name,
        descending: false,
        ..RepositoryFilter::default()
    };
    let list = repositories::list(&ctx.edge.app, &ctx.proof, filter, page).await?;
    let repositories = list.items.iter().map(|(r, role)| translate::repository(r, Some(*role))).collect();
    Reply::json(&RepositoryList { repositories, total: list.total })
}

pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let new = read(&fields::parse(ctx.request.body()?)?)?;
    let created = repositories::create(&ctx.edge.app, &ctx.proof, new).await?;
    Ok(Reply::json(&translate::repository(&created, None))?.status(201))
}

/// Reads the description of a repository.
pub fn read(value: &Value) -> Result<NewRepository, Invalid> {
    let fields = Fields::of("repository", value)?;
    let hex = |name: &str| fields.text(name)?.map(|text| Hex32::parse(name, &text)).transpose();
    let id = |id| RepositoryId::new(id).map_err(|e| Invalid::new("id", e.problem));
    Ok(NewRepository {
        id: fields.integer("id")?.map(id).transpose()?,
        uuid: hex("uuid")?,
        project_id: hex("project_id")?,
        project_name: fields.text("project_name")?,
        path: fields.text("path")?.ok_or_else(|| Invalid::new("path", Problem::Missing))?,
        description: fields.text("description")?,
        default_branch: fields.text("default_branch")?,
        visibility: visibility(&fields)?,
        web_url: fields.text("web_url")?,
        http_url: fields.text("http_url")?,
        ssh_url: fields.text("ssh_url")?,
        created_at: fields.text("created_at")?.map(|text| parse_time("created_at", &text)).transpose()?,
    })
}

fn visibility(fields: &Fields<'_>) -> Result<Option<Visibility>, Invalid> {
    let read = |name: String| {
        Visibility::parse(&name)
            .ok_or_else(|| Invalid::new("visibility", Problem::NotOneOf { allowed: Visibility::WORDS }))
    };
    fields.text("visibility")?.map(read).transpose()
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&translate::repository(&repository, Some(ctx.proof.role())))
}

pub async fn change(ctx: Context<WithRole<Manages>>) -> Result<Reply> {
    let value = fields::parse(ctx.request.body()?)?;
    let fields = Fields::of("repository", &value)?;
    let change = RepositoryChange {
        description: fields.text("description")?,
        default_branch: fields.text("default_branch")?,
        visibility: visibility(&fields)?,
        archived: fields.boolean("archived")?,
    };
    let changed = repositories::change(&ctx.edge.app, &ctx.proof, change).await?;
    Reply::json(&translate::repository(&changed, Some(ctx.proof.role())))
}

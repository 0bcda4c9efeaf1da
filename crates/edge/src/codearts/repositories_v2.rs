//! Repositories in v1 and v2, with bodies in an envelope.

use super::repositories::search;
use super::translate::with_facts;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context, WithRole};
use domain::actions::access::{Reads, Reporting};
use domain::actions::repositories;
use domain::error::{Invalid, Problem, Result};
use domain::model::ids::Hex32;
use domain::model::page::Page;
use domain::model::repositories::{NewRepository, RepositoryFilter, RepositoryOrder, Visibility};
use domain::model::text;
use wire::codearts::error::Envelope;
use wire::codearts::repositories_v2::{CreateRepository, CreatedRepository, RepoInfoV2, RepoListV2};

pub async fn list(ctx: Context<Authenticated>) -> Result<Reply> {
    page(&ctx, None, 100).await
}

pub async fn list_in_project(ctx: Context<Authenticated>) -> Result<Reply> {
    let project = Hex32::parse("project_uuid", ctx.request.param("project_uuid"))?;
    page(&ctx, Some(project), 20).await
}

async fn page(ctx: &Context<Authenticated>, project_id: Option<Hex32>, size: u32) -> Result<Reply> {
    let query = &ctx.request.query;
    let page = Page::parse_index(query.get("page_index")?, query.get("page_size")?, size)?;
    let filter = RepositoryFilter {
        search: search(query)?,
        project_id,
        order: RepositoryOrder::UpdatedAt,
        ..RepositoryFilter::default()
    };
    let list = repositories::list(&ctx.edge.app, &ctx.proof, filter, page).await?;
    let user = &ctx.proof.caller().user;
    let repositories = list
        .items
        .iter()
        .map(|(r, role)| with_facts(r, Some(*role), user, &ctx.edge.settings, RepoInfoV2::new))
        .collect();
    let total = i32::try_from(list.total).unwrap_or(i32::MAX);
    Reply::json(&Envelope::success(RepoListV2 { total, repositories }))
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let repository = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    let (role, user) = (Some(ctx.proof.role()), &ctx.proof.caller().user);
    Reply::json(&Envelope::success(with_facts(&repository, role, user, &ctx.edge.settings, RepoInfoV2::new)))
}

/// `ShowRepoId`: the id of the repository that the query names by its group and name.
pub async fn show_id(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    Reply::json(&Envelope::success(ctx.proof.repository().id.get()))
}

/// `ShowHasPipeline`. In spite of its name it records that the repository has a pipeline. A request body is
/// ignored.
pub async fn note_pipeline(ctx: Context<WithRole<Reporting>>) -> Result<Reply> {
    repositories::note_pipeline(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Envelope::success(true))
}

/// Creates a repository. The server hosts no git, so the parameters for its content (`template_id`,
/// `import_url`, ...) are ignored.
pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let body: CreateRepository = json::read("body", ctx.request.body()?)?;
    let missing = |name: &str| Invalid::new(name, Problem::Missing);
    let name = text::name("name", body.name.ok_or_else(|| missing("name"))?, text::NAME_MAX)?;
    let project_id =
        Hex32::parse("project_uuid", &body.project_uuid.ok_or_else(|| missing("project_uuid"))?)?;
    let visibility = match body.visibility_level {
        None | Some(0) => Visibility::Private,
        Some(20) => Visibility::Public,
        Some(_) => {
            return Err(Invalid::new("visibility_level", Problem::NotOneOf { allowed: &["0", "20"] }).into());
        }
    };
    let new = NewRepository {
        // The namespace is the project's name if a repository of the project exists, else the project's id.
        path: repositories::path_in_project(&ctx.edge.app, &ctx.proof, &project_id, &name).await?,
        project_id: Some(project_id),
        description: body.description.filter(|text| !text.is_empty()),
        visibility: Some(visibility),
        ..NewRepository::default()
    };
    let created =
        repositories::create(&ctx.edge.app, &ctx.proof, new).await.map_err(|error| match error {
            // The request has a name, not a path.
            domain::Error::Invalid(invalid) if invalid.field == "path" => {
                Invalid::new("name", invalid.problem).into()
            }
            other => other,
        })?;
    Reply::json(&Envelope::success(CreatedRepository { repository_uuid: created.uuid.to_string() }))
}

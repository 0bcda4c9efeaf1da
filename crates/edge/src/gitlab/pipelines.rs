//! Pipelines: lists, the newest pipeline of a ref, and one pipeline.

use super::paging::Paging;
use super::parameters::Parameters;
use super::translate::{self, Presenter, Scope};
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Reads;
use domain::actions::{jobs, pipelines};
use domain::error::{Error, Invalid, Result};
use domain::model::ids::PipelineId;
use domain::model::page::TimeRange;
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::{PipelineFilter, PipelineOrder};

/// Sort fields of the list.
pub const ORDERS: &[&str] = &["id", "status", "ref", "updated_at", "user_id"];

pub async fn list(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let parameters = Parameters::from_query(&ctx.request);
    let paging = Paging::by_id(&ctx.request, &parameters)?;
    let order = match parameters.one_of("order_by", ORDERS)? {
        Some("status") => PipelineOrder::Status,
        Some("ref") => PipelineOrder::Ref,
        Some("updated_at") => PipelineOrder::UpdatedAt,
        // Pipelines have no user here.
        _ => PipelineOrder::Id,
    };
    let window = paging.window(order, parameters.descending(true)?);
    let Some(filter) = filter(&parameters)? else { return paging.empty().await };
    let presenter = Presenter::new(&ctx, by.repository());
    let (count, find) = (pipelines::count(app, by, filter.clone()), pipelines::find(app, by, filter, window));
    let by_id: Option<fn(&Pipeline) -> i32> = Some(|pipeline| pipeline.id.get());
    let id = by_id.filter(|_| order == PipelineOrder::Id);
    let write = |found: &[Pipeline]| {
        Reply::json(&found.iter().map(|pipeline| presenter.pipeline(pipeline)).collect::<Vec<_>>())
    };
    paging.respond(count, find, id, write).await
}

/// The filter of the list; `None`: no pipeline can match.
fn filter(parameters: &Parameters<'_>) -> Result<Option<PipelineFilter>, Invalid> {
    let text = |name| parameters.filter(name).map(|text| text.map(str::to_owned));
    let span = |after, before| {
        Ok::<_, Invalid>(TimeRange { since: parameters.time(after)?, until: parameters.time(before)? })
    };
    let mut filter = PipelineFilter {
        git_ref: text("ref")?,
        sha: text("sha")?.map(|sha| sha.to_ascii_lowercase()),
        source: text("source")?,
        key: text("name")?,
        trigger_user: text("username")?,
        created: span("created_after", "created_before")?,
        updated: span("updated_after", "updated_before")?,
        ..PipelineFilter::default()
    };
    // Only a full commit id matches, as in GitLab.
    let is_sha = |sha: &String| matches!(sha.len(), 40 | 64) && sha.bytes().all(|b| b.is_ascii_hexdigit());
    let mut possible = filter.sha.as_ref().is_none_or(is_sha);
    // No pipeline is created from a YAML file here.
    possible &= !parameters.flag("yaml_errors")?.unwrap_or_default();
    let mut statuses =
        parameters.text("status")?.map(|status| translate::statuses("status", status)).transpose()?;
    match translate::scope(parameters)? {
        None => {}
        Some(Scope::NewestOf(kind)) => filter.newest_of_ref_kind = Some(kind),
        Some(Scope::Statuses(of_scope)) => {
            let both = statuses.unwrap_or_else(|| of_scope.to_vec());
            statuses = Some(both.into_iter().filter(|status| of_scope.contains(status)).collect());
        }
    }
    possible &= statuses.as_ref().is_none_or(|statuses| !statuses.is_empty());
    filter.statuses = statuses.unwrap_or_default();
    Ok(possible.then_some(filter))
}

/// The newest pipeline of a ref; without a ref, of the default branch.
pub async fn latest(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    let parameters = Parameters::from_query(&ctx.request);
    let git_ref = parameters.filter("ref")?.unwrap_or(&ctx.proof.repository().default_branch);
    let filter = PipelineFilter { git_ref: Some(git_ref.to_owned()), ..PipelineFilter::default() };
    let newest = pipelines::newest(&ctx.edge.app, &ctx.proof, filter).await?;
    detail(&ctx, newest.ok_or(Error::PipelineNotFound)?.id).await
}

pub async fn show(ctx: Context<WithRole<Reads>>) -> Result<Reply> {
    detail(&ctx, PipelineId::parse(ctx.request.param("pipeline_id"))?).await
}

async fn detail(ctx: &Context<WithRole<Reads>>, id: PipelineId) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let state = ctx.edge.whole_pipelines.read(app, by, id).await?;
    let reporter = match state.jobs.first() {
        None => None,
        Some(first) => match jobs::show(app, by, first.id).await {
            Ok(found) => found.reporter,
            // Deleted in the meantime.
            Err(Error::NotFound { .. }) => None,
            Err(error) => return Err(error),
        },
    };
    Reply::json(&Presenter::new(ctx, by.repository()).detail(&state, reporter.as_ref()))
}

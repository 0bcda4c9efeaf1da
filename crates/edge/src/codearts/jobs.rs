//! `ListPipelineJobs` and `ListLatestPipelineJobs`: what Stagepost is asked most. An answer is kept, whole, under the store's mark
//! of its pipeline, and served again for as long as the mark stays: never stale after an acknowledged report.

use super::translate;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Member};
use domain::actions::access::Reads;
use domain::actions::jobs;
use domain::error::{Error, Result};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::page::Page;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// Bytes of answers kept.
const KEPT_BYTES: u64 = 64 << 20;

/// Which answer: a page, or without one the newest attempts.
type Key = (RepositoryId, PipelineId, Option<Page>);

#[derive(Clone)]
struct CachedBody {
    mark: u64,
    reply: Reply,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, CachedBody> for ByBytes {
    fn weight(&self, _: &Key, kept: &CachedBody) -> u64 {
        // Twice for the compressed form, and what an entry costs in itself.
        kept.reply.len() as u64 * 2 + 512
    }
}

/// The answers kept.
pub struct Bodies(Cache<Key, CachedBody, ByBytes>);

impl Bodies {
    pub fn new() -> Self {
        Self(Cache::with_weighter(10_000, KEPT_BYTES, ByBytes))
    }
}

/// One page of every attempt, ascending by id; `X-Total` counts all.
pub async fn list(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let page = Page::parse(ctx.request.query.get("offset")?, ctx.request.query.get("limit")?)?;
    let build = async {
        let list = jobs::list(&ctx.edge.app, &ctx.proof, id, page).await?;
        let offset = ctx.edge.settings.offset;
        let written: Vec<_> =
            list.jobs.iter().map(|job| translate::job(&list.pipeline, &list.stages, job, offset)).collect();
        Ok(Reply::json(&written)?.header("x-total", &list.pipeline.job_count.to_string()))
    };
    cached_body(&ctx, id, Some(page), build).await
}

/// The newest attempt of each job, by stage.
pub async fn latest(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let id = PipelineId::parse(ctx.request.param("pipeline_id"))?;
    let build = async {
        let run = jobs::latest(&ctx.edge.app, &ctx.proof, id).await?;
        Reply::json(&translate::latest(&run, ctx.edge.settings.offset))
    };
    cached_body(&ctx, id, None, build).await
}

/// The kept answer while it is true; else a new one.
async fn cached_body(
    ctx: &Ctx<Member<Reads>>,
    id: PipelineId,
    page: Option<Page>,
    build: impl Future<Output = Result<Reply, Error>>,
) -> Result<Reply> {
    let (store, bodies) = (&ctx.edge.app.store, &ctx.edge.bodies.0);
    let repository = ctx.proof.repository().id;
    let key = (repository, id, page);
    let mark = ctx.request.versions.pipeline;
    if let (Some(mark), Some(kept)) = (mark, bodies.get(&key))
        && kept.mark == mark
    {
        return Ok(kept.reply);
    }
    let reply = build.await?;
    // What was read between two equal marks is the state of that mark.
    if let Some(mark) = mark
        && store.current_versions(Some((repository, id))).await.is_ok_and(|now| now.pipeline == Some(mark))
    {
        bodies.insert(key, CachedBody { mark, reply: reply.clone() });
    }
    Ok(reply)
}

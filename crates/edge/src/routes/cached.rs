//! Responses about one pipeline or repository, from the cache while they are valid. The access of the caller is checked
//! for each request before.

use super::{Context, WithRole};
use crate::auth::is_in_address;
use crate::http::bodies::{BodyKey, Variant};
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::actions::access::Reads;
use domain::error::Result;
use domain::model::ids::PipelineId;
use domain::ports::CurrentVersions;
use std::pin::Pin;

/// The sources of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The pipeline alone.
    Pipeline(PipelineId),
    /// The pipeline, and users or its repository.
    PipelineAndAccess(PipelineId),
    /// Any pipelines of the repository, and users or the repository.
    Repository,
}

/// How long a response is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Until its source changes.
    UntilChange,
    /// Only now: it contains durations until now.
    Now,
}

impl Source {
    fn pipeline(self) -> Option<PipelineId> {
        match self {
            Self::Pipeline(id) | Self::PipelineAndAccess(id) => Some(id),
            Self::Repository => None,
        }
    }

    fn key(self, ctx: &Context<WithRole<Reads>>, operation: &'static str, variant: Variant) -> BodyKey {
        BodyKey { repository: ctx.proof.repository().id, pipeline: self.pipeline(), operation, variant }
    }

    fn is_pipeline_alone(self) -> bool {
        matches!(self, Self::Pipeline(_))
    }

    /// The current versions; the version of a repository is in the place of that of a pipeline. None if they
    /// cannot be read.
    async fn versions(self, ctx: &Context<WithRole<Reads>>) -> CurrentVersions {
        let (store, repository) = (&ctx.edge.app.store, ctx.proof.repository().id);
        let of_pipeline = self.pipeline().map(|pipeline| (repository, pipeline));
        let mut versions = store.current_versions(of_pipeline).await.unwrap_or_default();
        match self {
            Self::Pipeline(_) => versions.access = None,
            Self::PipelineAndAccess(_) => {}
            Self::Repository => {
                versions.pipeline = store.repository_version(repository).await.unwrap_or_default();
            }
        }
        versions
    }

    /// As [`Self::versions`], but as far as they were read with the request: that of access, and that of a pipeline if
    /// the path has the ids of both.
    async fn versions_of_request(self, ctx: &Context<WithRole<Reads>>) -> CurrentVersions {
        let (store, of_request) = (&ctx.edge.app.store, ctx.request.versions);
        match (self, of_request.pipeline) {
            (Self::Pipeline(_), Some(_)) => CurrentVersions { access: None, ..of_request },
            (Self::PipelineAndAccess(_), Some(_)) => of_request,
            (Self::Repository, _) => {
                let version = store.repository_version(ctx.proof.repository().id).await;
                CurrentVersions { pipeline: version.unwrap_or_default(), ..of_request }
            }
            _ => self.versions(ctx).await,
        }
    }
}

/// The longest address of a cached response, in bytes.
const ADDRESS_MAX: usize = 512;

/// The variant of a response that has parts of the address that the client called; `None` if it is not
/// cached, because the address is long or has a credential.
pub fn by_address(request: &IncomingRequest) -> Option<Variant> {
    let address = format!("{}{}", request.called_url(), request.target);
    let has_credential = is_in_address(&request.query);
    (address.len() <= ADDRESS_MAX && !has_credential).then(|| Variant::Address(address.into()))
}

/// The cached response of an operation while it is valid; else the one that `build` makes. Without a variant
/// it is not cached. The caller pins `build`, because moving a future copies its kilobytes.
///
/// # Errors
/// Those of `build`.
pub async fn cached(
    ctx: &Context<WithRole<Reads>>,
    source: Source,
    operation: &'static str,
    variant: Option<Variant>,
    build: Pin<&mut impl Future<Output = Result<(Reply, Validity)>>>,
) -> Result<Reply> {
    let Some(variant) = variant else { return Ok(build.await?.0) };
    let key = source.key(ctx, operation, variant);
    let versions = source.versions_of_request(ctx).await;
    match ctx.edge.bodies.get(&key, &versions, &ctx.request.headers) {
        Some(reply) => Ok(reply),
        None => build_cached(ctx, source, key, versions, build).await,
    }
}

/// As [`cached`], for a response of much memory, which is built in its `turn`. Another request may have built it in
/// the meantime.
///
/// # Errors
/// Those of `turn` and `build`.
pub async fn cached_in_turn<T>(
    ctx: &Context<WithRole<Reads>>,
    source: Source,
    operation: &'static str,
    turn: Pin<&mut impl Future<Output = Result<T>>>,
    build: Pin<&mut impl Future<Output = Result<(Reply, Validity)>>>,
) -> Result<Reply> {
    let key = source.key(ctx, operation, Variant::Whole);
    let versions = source.versions_of_request(ctx).await;
    if let Some(reply) = ctx.edge.bodies.get(&key, &versions, &ctx.request.headers) {
        return Ok(reply);
    }
    let _turn = turn.await?;
    let versions = source.versions(ctx).await;
    match ctx.edge.bodies.get(&key, &versions, &ctx.request.headers) {
        Some(reply) => Ok(reply),
        None => build_cached(ctx, source, key, versions, build).await,
    }
}

/// Builds a response, and stores it if the versions of its source are still `before`.
async fn build_cached(
    ctx: &Context<WithRole<Reads>>,
    source: Source,
    key: BodyKey,
    before: CurrentVersions,
    build: Pin<&mut impl Future<Output = Result<(Reply, Validity)>>>,
) -> Result<Reply> {
    let (reply, validity) = build.await?;
    let is_known = before.pipeline.is_some() && (source.is_pipeline_alone() || before.access.is_some());
    // Data that was read between two equal versions is the state of that version.
    if is_known && validity == Validity::UntilChange && source.versions(ctx).await == before {
        ctx.edge.bodies.insert(key, before, &reply, &ctx.request.headers);
    }
    Ok(reply)
}

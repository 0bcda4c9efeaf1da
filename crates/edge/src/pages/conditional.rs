//! Conditional requests for pages: the entity tag of a page, and the response that it did not change.

use crate::http::conditional;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::routes::{Context, WithRole};
use crate::state::{PageState, PageVersion};
use domain::actions::access::Reads;
use domain::model::pipelines::Pipeline;
use http::header::IF_NONE_MATCH;
use pages::{Frame, zones};
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Interval at which a page with unfinished jobs changes by time alone, in seconds.
const TIME_STEP: i64 = 10;

/// The entity tag of the content of `<main>`, for this state and this reader. With unfinished jobs it is
/// valid only for some seconds.
pub fn etag(frame: &Frame, state: &[i64], active: bool) -> String {
    let state: Vec<String> = state.iter().map(i64::to_string).collect();
    let time = if active { frame.now.as_second() / TIME_STEP } else { 0 };
    format!("\"{}.{}.{}.{time}\"", state.join("."), frame.language.code(), zones::label(&frame.zone))
}

/// A digest of the versions of pipelines, for an entity tag.
pub fn digest<'a>(pipelines: impl IntoIterator<Item = &'a Pipeline>) -> i64 {
    let versions = pipelines.into_iter().map(|pipeline| (pipeline.id.get(), pipeline.version));
    digest_of(&versions.collect::<Vec<_>>())
}

/// A digest of values, for an entity tag. It is the same in every process of one version of the program.
pub fn digest_of(values: &impl Hash) -> i64 {
    let mut hasher = DefaultHasher::new();
    values.hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// Whether the browser has the version with this entity tag.
pub fn has(request: &IncomingRequest, etag: &str) -> bool {
    conditional::has(&request.headers, etag)
}

/// The response that the page did not change (304).
pub fn not_modified(etag: &str) -> Reply {
    Reply::no_content().status(304).header("etag", etag)
}

/// A request for a page that is made from the pipelines and the settings of one repository, users, and the role of the
/// caller, and from nothing else that changes.
pub struct Revalidation<'a> {
    ctx: &'a Context<WithRole<Reads>>,
    address: String,
    /// The version before the page is read; `None`: nothing is remembered.
    version: Option<PageVersion>,
    /// A digest of the role of the caller, on which links depend.
    role: i64,
}

impl<'a> Revalidation<'a> {
    /// Reads the change version of the repository, if the request is conditional.
    pub async fn begin(ctx: &'a Context<WithRole<Reads>>) -> Self {
        let is_conditional = ctx.request.headers.contains_key(IF_NONE_MATCH);
        let version = if is_conditional { version(ctx).await } else { None };
        let address = ctx.request.target.path_and_query().map(ToString::to_string).unwrap_or_default();
        let role = digest_of(&ctx.proof.role());
        Self { ctx, address, version, role }
    }

    /// The response 304, if the state of the page is known for the present version, and the browser has that.
    pub fn unchanged(&self, frame: &Frame) -> Option<Reply> {
        let repository = self.ctx.proof.repository().id;
        let state = self.ctx.edge.page_states.get(repository, &self.address, self.version?)?;
        let etag = self.tag(frame, &state);
        has(&self.ctx.request, &etag).then(|| not_modified(&etag))
    }

    /// The entity tag of the page, which was made from this state. It is remembered, unless something has changed
    /// meanwhile.
    pub async fn etag(&self, frame: &Frame, state: PageState) -> String {
        let etag = self.tag(frame, &state);
        if let Some(before) = self.version
            && version(self.ctx).await == Some(before)
        {
            let repository = self.ctx.proof.repository().id;
            self.ctx.edge.page_states.insert(repository, &self.address, before, state);
        }
        etag
    }

    fn tag(&self, frame: &Frame, state: &PageState) -> String {
        let versions: Vec<i64> = state.versions.iter().copied().chain([self.role]).collect();
        etag(frame, &versions, state.active)
    }
}

/// The present version of the pipelines of the repository, with that of access when the request arrived.
async fn version(ctx: &Context<WithRole<Reads>>) -> Option<PageVersion> {
    let access = ctx.request.versions.access?;
    let found = ctx.edge.app.store.repository_version(ctx.proof.repository().id).await;
    Some(PageVersion { repository: found.ok().flatten()?, access })
}

//! Conditional requests for pages: the entity tag of a page, and the response that it did not change.

use crate::http::conditional;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::model::pipelines::Pipeline;
use pages::{Frame, zones};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    let mut hasher = DefaultHasher::new();
    for pipeline in pipelines {
        (pipeline.id.get(), pipeline.version).hash(&mut hasher);
    }
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

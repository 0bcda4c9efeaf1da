//! The assets of pages. Browsers cache them permanently, because the name changes with the content.

use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::error::{Error, Result};
use http::{HeaderValue, StatusCode};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The responses, each compressed at most once.
static REPLIES: LazyLock<HashMap<&'static str, Reply>> = LazyLock::new(|| {
    let reply = |asset: &'static pages::assets::Asset| {
        let kind = HeaderValue::from_static(asset.content_type);
        let reply = Reply::new(StatusCode::OK, kind, asset.text.as_bytes())
            .header("cache-control", "public, max-age=31536000, immutable")
            .header("content-security-policy", super::response::POLICY);
        (asset.address.as_str(), reply)
    };
    pages::assets::all().iter().map(reply).collect()
});

pub async fn show(ctx: Context<Public>) -> Result<Reply> {
    let address = format!("/assets/{}", ctx.request.param("name"));
    REPLIES.get(address.as_str()).cloned().ok_or(Error::NotFound { noun: "page" })
}

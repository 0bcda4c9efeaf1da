//! The badge of a ref. Without access to the repository, the response is that of a repository that does not
//! exist.

use super::conditional;
use crate::http::reply::Reply;
use crate::routes::{Context, PublicReader};
use domain::actions::badges;
use domain::error::Result;
use domain::model::ids::hex;
use domain::model::refs;
use domain::model::repositories::Visibility;
use http::{HeaderValue, StatusCode};

const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml; charset=utf-8");

pub async fn show(ctx: Context<PublicReader>) -> Result<Reply> {
    let request = &ctx.request;
    let repository = ctx.proof.repository();
    // An empty ref is refused by the action; the badge of another branch would be wrong.
    let requested = request.query.get("ref")?;
    let git_ref = refs::canonical(requested.unwrap_or(&repository.default_branch));
    let status = badges::status(&ctx.edge.app, &ctx.proof, git_ref).await?;
    let svg = pages::badge(git_ref, status, request.language);
    let etag = format!("\"{}\"", hex(&ctx.edge.app.secrets.digest(svg.as_bytes())[..8]));
    let reply = if conditional::has(request, &etag) {
        conditional::not_modified(&etag)
    } else {
        Reply::new(StatusCode::OK, SVG, svg)
    };
    // The badge of a public repository may be slightly outdated; that of any other is revalidated for every
    // request.
    let public = repository.visibility == Visibility::Public;
    let cache = if public { "public, max-age=30" } else { "private, no-cache" };
    Ok(reply
        .header("etag", &etag)
        .header("cache-control", cache)
        .header("vary", "Accept-Language, Cookie")
        .header("content-security-policy", "default-src 'none'"))
}

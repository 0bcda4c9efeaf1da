//! The badges of a ref and of a gate. Without access to the repository, the response is that of a repository that does
//! not exist.

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
    let git_ref = requested_ref(&ctx)?;
    let status = badges::status(&ctx.edge.app, &ctx.proof, git_ref).await?;
    svg(&ctx, pages::badge(git_ref, status, ctx.request.language))
}

/// The badge of a gate: of the commit of the newest pipeline of a ref, or of the commit `sha`.
pub async fn gate(ctx: Context<PublicReader>) -> Result<Reply> {
    let (app, query, language) = (&ctx.edge.app, &ctx.request.query, ctx.request.language);
    let target = query.get("target")?;
    if let Some(sha) = query.get("sha")? {
        let found = badges::verdict_of_commit(app, &ctx.proof, sha, target).await?;
        let (verdict, chosen) = found.unzip();
        let chosen = chosen.as_deref().unwrap_or(&ctx.proof.repository().default_branch);
        return svg(&ctx, pages::gate_badge(target.map_or(chosen, refs::canonical), verdict, language));
    }
    let git_ref = requested_ref(&ctx)?;
    let verdict = badges::verdict(app, &ctx.proof, git_ref, target).await?;
    svg(&ctx, pages::gate_badge(target.map_or(git_ref, refs::canonical), verdict, language))
}

/// The ref that a badge is about. An empty one is refused by the action; the badge of another branch would be wrong.
fn requested_ref(ctx: &Context<PublicReader>) -> Result<&str> {
    let requested = ctx.request.query.get("ref")?;
    Ok(refs::canonical(requested.unwrap_or(&ctx.proof.repository().default_branch)))
}

/// The response with a badge. That of a public repository may be slightly outdated; that of any other is revalidated
/// for every request.
fn svg(ctx: &Context<PublicReader>, svg: String) -> Result<Reply> {
    let etag = format!("\"{}\"", hex(&ctx.edge.app.secrets.digest(svg.as_bytes())[..8]));
    let reply = if conditional::has(&ctx.request, &etag) {
        conditional::not_modified(&etag)
    } else {
        Reply::new(StatusCode::OK, SVG, svg)
    };
    let public = ctx.proof.repository().visibility == Visibility::Public;
    let cache = if public { "public, max-age=30" } else { "private, no-cache" };
    Ok(reply
        .header("etag", &etag)
        .header("cache-control", cache)
        .header("vary", "Accept-Language, Cookie")
        .header("content-security-policy", "default-src 'none'"))
}

//! The wall: the health of repositories on a screen that nobody operates. A feed token in the address opens it, because
//! a session ends after a day.

use super::frame::frame;
use super::repositories::health_filter;
use super::response::html;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Context, FeedReader};
use domain::actions::repository_health;
use domain::error::Result;
use domain::model::page::Page;
use pages::{TILES, Wall};

pub async fn show(ctx: Context<FeedReader>) -> Result<Reply> {
    let (app, request) = (&ctx.edge.app, &ctx.request);
    let limit = request.query.get("limit")?.unwrap_or(TILES);
    let page = Page::parse(None, Some(limit))?;
    let list = repository_health::list(app, &ctx.proof, health_filter(&request.query)?, page).await?;
    if request.wants_json {
        return Reply::json(&translate::repository_health::wall(&list, app.clock.now()));
    }
    let frame = frame(&ctx.edge, request, &ctx.proof);
    let page = Wall { frame: &frame, list: &list }.html();
    // The address may have a token, which must reach no other server and no log.
    Ok(html(page).header("referrer-policy", "no-referrer").header("cache-control", "no-store"))
}

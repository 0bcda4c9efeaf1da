//! The page of the audit log.

use super::frame::frame;
use super::response::reply;
use crate::http::reply::Reply;
use crate::native::audit::{before, form_filter};
use crate::native::translate;
use crate::routes::{Admin, Context};
use domain::actions::audit;
use domain::error::Result;
use pages::AuditLogPage;

/// The number of entries of a page.
const LIMIT: u32 = 50;
/// The fields of the form.
const FIELDS: [&str; 8] = ["kind", "action", "actor", "object", "repository", "address", "since", "until"];

pub async fn show(ctx: Context<Admin>) -> Result<Reply> {
    let (request, by) = (&ctx.request, &ctx.proof);
    let filter = form_filter(&request.query)?;
    let mut sent = Vec::new();
    for name in FIELDS {
        if let Some(value) = request.query.get(name)?.filter(|value| !value.is_empty()) {
            sent.push((name, value.to_owned()));
        }
    }
    let before = before(&request.query)?;
    let page = audit::list(&ctx.edge.app, by, filter.clone(), before, LIMIT).await?;
    let frame = frame(&ctx.edge, request, by);
    let view =
        AuditLogPage { frame: &frame, sent: &sent, filter: &filter, page: &page, is_later: before.is_some() };
    reply(request, || translate::audit::page(&page), || view.html())
}

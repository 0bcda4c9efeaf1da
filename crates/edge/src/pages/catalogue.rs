//! The catalogue of errors, a public page.

use super::frame::frame;
use super::response::reply;
use super::visitor::visitor;
use crate::catalogue::{ALL, Entry};
use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::error::Result;
use pages::{Catalogue, CatalogueEntry};
use wire::native::catalogue::{ErrorEntry, ErrorList, ErrorText};

pub async fn show(ctx: Context<Public>) -> Result<Reply> {
    let q = ctx.request.query.get("q")?.unwrap_or_default().trim();
    let entries: Vec<CatalogueEntry> =
        ALL.iter().map(catalogue_entry).filter(|entry| entry.matches(q)).collect();
    // The frame shows the signed-in user, if there is one.
    let frame = frame(&ctx.edge, &ctx.request, &visitor(&ctx.edge, &ctx.request).await);
    let native = || ErrorList { errors: entries.iter().map(error_entry).collect() };
    reply(&ctx.request, native, || Catalogue { frame: &frame, q, entries: &entries }.html())
}

fn catalogue_entry(entry: &Entry) -> CatalogueEntry {
    let Entry { code, status, zh, en, advice_zh, advice_en } = *entry;
    CatalogueEntry { code, status, meaning: [zh, en], advice: [advice_zh, advice_en] }
}

fn error_entry(entry: &CatalogueEntry) -> ErrorEntry {
    let text = |[zh, en]: [&str; 2]| ErrorText { zh: zh.to_owned(), en: en.to_owned() };
    let (meaning, advice) = (text(entry.meaning), text(entry.advice));
    ErrorEntry { code: entry.code.to_owned(), status: entry.status, meaning, advice }
}

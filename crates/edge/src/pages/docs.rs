//! The documentation of the repository, in the language of the visitor. It is a part of the binary, compressed
//! (`build.rs`), and is unpacked when a page is first read.

use super::frame::frame;
use super::response::reply;
use super::visitor::visitor;
use crate::http::reply::Reply;
use crate::language::Language;
use crate::routes::{Context, Public};
use domain::error::{Error, Result};
use flate2::read::GzDecoder;
use pages::{DocsList, DocsPage, DocsView};
use serde_json::json;
use std::io::Read as _;
use std::sync::LazyLock;

/// The archive: for each page its path, its length in bytes and its text, each followed by a line break.
const ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/docs.gz"));
/// The folder of the Chinese pages.
const CHINESE: &str = "zh-CN/";

struct Docs {
    chinese: Vec<DocsPage>,
    english: Vec<DocsPage>,
}

static DOCS: LazyLock<Docs> = LazyLock::new(|| {
    let mut text = String::new();
    if let Err(error) = GzDecoder::new(ARCHIVE).read_to_string(&mut text) {
        tracing::error!(%error, "the documentation cannot be unpacked");
    }
    let (mut chinese, mut english) = (Vec::new(), Vec::new());
    let mut rest = text.as_str();
    while let Some((path, text, after)) = next(rest) {
        let text = text.to_owned();
        match path.strip_prefix(CHINESE) {
            Some(path) => chinese.push(DocsPage { path: path.to_owned(), text }),
            None => english.push(DocsPage { path: path.to_owned(), text }),
        }
        rest = after;
    }
    Docs { chinese, english }
});

/// Path and text of the next page, and what follows it.
fn next(archive: &str) -> Option<(&str, &str, &str)> {
    let (path, rest) = archive.split_once('\n')?;
    let (length, rest) = rest.split_once('\n')?;
    let length = length.parse().ok()?;
    Some((path, rest.get(..length)?, rest.get(length + 1..)?))
}

/// The pages in a language, by path.
fn pages(language: Language) -> &'static [DocsPage] {
    match language {
        Language::Chinese => &DOCS.chinese,
        Language::English => &DOCS.english,
    }
}

pub async fn list(ctx: Context<Public>) -> Result<Reply> {
    let q = ctx.request.query.get("q")?.unwrap_or_default().trim();
    let found: Vec<_> = pages(ctx.request.language).iter().filter(|page| page.matches(q)).collect();
    let frame = frame(&ctx.edge, &ctx.request, &visitor(&ctx.edge, &ctx.request).await);
    let entries = || {
        let entries = found.iter().map(|page| json!({ "path": page.path, "title": page.title() }));
        json!({ "pages": entries.collect::<Vec<_>>() })
    };
    reply(&ctx.request, entries, || DocsList { frame: &frame, q, pages: found.clone() }.html())
}

pub async fn show(ctx: Context<Public>) -> Result<Reply> {
    let path = ctx.request.param("page").to_owned();
    page(&ctx, &path).await
}

pub async fn show_in_folder(ctx: Context<Public>) -> Result<Reply> {
    let path = format!("{}/{}", ctx.request.param("folder"), ctx.request.param("page"));
    page(&ctx, &path).await
}

async fn page(ctx: &Context<Public>, path: &str) -> Result<Reply> {
    let all = pages(ctx.request.language);
    let page = all.iter().find(|page| page.path == path).ok_or(Error::NotFound { noun: "page" })?;
    let frame = frame(&ctx.edge, &ctx.request, &visitor(&ctx.edge, &ctx.request).await);
    let native = || json!({ "path": page.path, "title": page.title(), "markdown": page.text });
    let exists = |path: &str| all.iter().any(|page| page.path == path);
    reply(&ctx.request, native, || DocsView { frame: &frame, page, exists: &exists }.html())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_in_both_languages() {
        let paths = |language| pages(language).iter().map(|page| page.path.as_str()).collect::<Vec<_>>();
        assert_eq!(paths(Language::Chinese), paths(Language::English));
        assert!(paths(Language::English).contains(&"operating/tls"));
        for page in pages(Language::English).iter().chain(pages(Language::Chinese)) {
            assert!(page.text.starts_with("# "), "{}", page.path);
        }
    }
}

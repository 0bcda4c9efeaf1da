//! `/openapi` and `/openapi/{document}`.

use super::FILES;
use crate::http::conditional;
use crate::http::reply::{JSON, Reply};
use crate::language::Language;
use crate::operations::OPERATIONS;
use crate::request::IncomingRequest;
use crate::routes::{Context, Public, Routes};
use domain::error::{Error, Invalid, Problem, Result};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    routes.add(&OPERATIONS, Method::GET, "/openapi", "ListOpenApiDocuments", list);
    routes.add(&OPERATIONS, Method::GET, "/openapi/{document}", "ShowOpenApiDocument", show);
}

/// The language of the response: as for other requests, but the query parameter `language` has precedence.
fn language(request: &IncomingRequest) -> Result<Language, Invalid> {
    let Some(tag) = request.query.get("language")? else { return Ok(request.language) };
    let allowed = &["zh", "en"];
    Language::from_tag(tag).ok_or_else(|| Invalid::new("language", Problem::NotOneOf { allowed }))
}

async fn list(ctx: Context<Public>) -> Result<Reply> {
    let (language, base) = (language(&ctx.request)?, ctx.request.public_url());
    let list: Vec<Value> = (ctx.edge.documents)(language)
        .iter()
        .map(|document| {
            json!({
                "name": document.name,
                "title": document.title,
                "url": format!("{base}/openapi/{}.json", document.name),
            })
        })
        .collect();
    with_etag(Reply::json(&json!({ "documents": list }))?, language, &ctx.request)
}

async fn show(ctx: Context<Public>) -> Result<Reply> {
    let (language, base) = (language(&ctx.request)?, ctx.request.public_url());
    let file = ctx.request.param("document");
    let not_found = Error::NotFound { noun: "document" };
    let at = FILES.iter().position(|name| *name == file).ok_or(not_found.clone())?;
    let key = (at, language, base);
    if let Some(cached) = ctx.edge.document_replies.get(&key) {
        return with_etag(cached, language, &ctx.request);
    }
    let mut document = (ctx.edge.documents)(language).get(at).ok_or(not_found)?.json.clone();
    document["servers"] = json!([{ "url": key.2 }]);
    let reply = Reply::json(&document)?;
    ctx.edge.document_replies.insert(key, reply.clone());
    with_etag(reply, language, &ctx.request)
}

/// The response with its entity tag, or 304 if the client has this version.
fn with_etag(reply: Reply, language: Language, request: &IncomingRequest) -> Result<Reply> {
    // Weak, because the compressed document has other bytes.
    let tag = format!("W/\"{}\"", domain::model::ids::hex(&reply.digest()[..12]));
    let reply = if conditional::has(&request.headers, &tag) {
        Reply::new(StatusCode::NOT_MODIFIED, JSON, "")
    } else {
        reply
    };
    Ok(reply
        .header("etag", &tag)
        .header("cache-control", "no-cache")
        .header("content-language", language.pick("zh-CN", "en"))
        .header("vary", "Accept-Language, X-Language, Cookie"))
}

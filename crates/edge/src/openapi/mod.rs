//! `/openapi` and `/openapi/{document}`: what every dialect understands and answers, as OpenAPI 3.1. A document is made of the table of
//! routes, of the types in `wire` and of the descriptions here, a file a dialect or a noun. The pages of persons are in none.

mod codearts;
mod document;
mod fields;
mod gitlab;
mod iam;
mod native;
mod operation;
mod operations;
mod schemas;
mod shape;

use crate::Edge;
use crate::http::conditional;
use crate::http::reply::{JSON, Reply};
use crate::language::Language;
use crate::operations::OPERATIONS;
use crate::routes::{Anybody, Ctx, Incoming, Routes};
use document::Document;
use domain::error::{Error, Invalid, Problem, Result};
use http::{Method, StatusCode};
use quick_cache::sync::Cache;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, OnceLock};

const DOCUMENTS: &[&Document] =
    &[&codearts::DOCUMENT, &iam::DOCUMENT, &gitlab::DOCUMENT, &native::DOCUMENT, &operations::DOCUMENT];

/// Names of the documents, as their addresses end.
const FILES: &[&str] = &["codearts.json", "iam.json", "gitlab.json", "native.json", "operations.json"];

/// The documents, made when they are first asked for.
pub struct Documents {
    made: [OnceLock<Vec<Arc<Value>>>; 2],
    /// Answers by document, language and the address that the client called.
    written: Cache<(usize, Language, String), Reply>,
}

impl Documents {
    pub(crate) fn new() -> Self {
        Self { made: [OnceLock::new(), OnceLock::new()], written: Cache::new(32) }
    }
}

/// The documents in a language, by name; where they are served is not in them.
pub fn documents(edge: &Arc<Edge>, language: Language) -> impl Iterator<Item = (&'static str, Arc<Value>)> {
    let at = language.pick("0", "1") == "1";
    let made = edge.documents.made[usize::from(at)].get_or_init(|| {
        let routes = crate::route_table(edge);
        DOCUMENTS.iter().map(|document| Arc::new(document.build(&routes, language))).collect()
    });
    DOCUMENTS.iter().zip(made).map(|(document, made)| (document.name, Arc::clone(made)))
}

pub fn routes(routes: &mut Routes) {
    routes.add(&OPERATIONS, Method::GET, "/openapi", "ListOpenApiDocuments", list);
    routes.add(&OPERATIONS, Method::GET, "/openapi/{document}", "ShowOpenApiDocument", show);
}

/// As elsewhere, but that an address alone can say it, too.
fn language(request: &Incoming) -> Result<Language, Invalid> {
    let Some(tag) = request.query.get("language")? else { return Ok(request.language) };
    let allowed = &["zh", "en"];
    Language::from_tag(tag).ok_or_else(|| Invalid::new("language", Problem::NotOneOf { allowed }))
}

async fn list(ctx: Ctx<Anybody>) -> Result<Reply> {
    let (language, base) = (language(&ctx.request)?, ctx.request.base_url());
    let list: Vec<Value> = DOCUMENTS
        .iter()
        .map(|document| {
            json!({
                "name": document.name,
                "title": language.pick(document.title.0, document.title.1),
                "url": format!("{base}/openapi/{}.json", document.name),
            })
        })
        .collect();
    tagged(Reply::json(&json!({ "documents": list }))?, language, &ctx.request)
}

async fn show(ctx: Ctx<Anybody>) -> Result<Reply> {
    let (language, base) = (language(&ctx.request)?, ctx.request.base_url());
    let file = ctx.request.param("document");
    let at = FILES.iter().position(|name| *name == file).ok_or(Error::NotFound { noun: "document" })?;
    let key = (at, language, base);
    if let Some(known) = ctx.edge.documents.written.get(&key) {
        return tagged(known, language, &ctx.request);
    }
    let (_, made) = documents(&ctx.edge, language).nth(at).ok_or(Error::NotFound { noun: "document" })?;
    let mut document = Value::clone(&made);
    document["servers"] = json!([{ "url": key.2 }]);
    let reply = Reply::json(&document)?;
    ctx.edge.documents.written.insert(key, reply.clone());
    tagged(reply, language, &ctx.request)
}

/// With its tag; or that the client has it already.
fn tagged(reply: Reply, language: Language, request: &Incoming) -> Result<Reply> {
    let digest = Sha256::digest(reply.body());
    // Weak: compressed it is the same document in other bytes.
    let tag = format!("W/\"{}\"", domain::model::ids::hex(&digest[..12]));
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

//! The OpenAPI 3.1 documents of all dialects but the pages, and `/openapi` and `/openapi/{document}`, which
//! serve them. A document is built from the table of routes, the types in `wire` and the descriptions here:
//! one file for each dialect or noun.

mod bitbucket;
mod codearts;
mod document;
mod fields;
mod gitea;
mod github;
mod gitlab;
mod iam;
mod native;
mod operation;
mod operations;
mod routes;
mod schemas;
mod shape;

pub use routes::routes;

use crate::language::Language;
use crate::routes::RouteInfo;
use crate::state::ApiDocument;
use document::Document;

/// The documents. That of a new dialect is added here.
const DOCUMENTS: &[&Document] = &[
    &codearts::DOCUMENT,
    &iam::DOCUMENT,
    &gitlab::DOCUMENT,
    &github::DOCUMENT,
    &gitea::DOCUMENT,
    &bitbucket::DOCUMENT,
    &native::DOCUMENT,
    &operations::DOCUMENT,
];

/// The last segments of the documents' addresses.
const FILES: &[&str] = &{
    let mut files = [""; DOCUMENTS.len()];
    let mut at = 0;
    while at < files.len() {
        files[at] = DOCUMENTS[at].file;
        at += 1;
    }
    files
};

/// Builds the documents in a language from the table of routes.
pub fn build(table: &[RouteInfo], language: Language) -> Vec<ApiDocument> {
    let build = |document: &&Document| ApiDocument {
        name: document.name(),
        title: document.title(language),
        json: document.build(table, language),
    };
    DOCUMENTS.iter().map(build).collect()
}

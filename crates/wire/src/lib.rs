//! The wire format: the bodies of every dialect as serde structs, and request signing. The server and the
//! client share them.
//!
//! The documentation of a body's field is its description in the OpenAPI documents, unless
//! `#[schemars(description)]` has another one; the extension `zh` is the Chinese description.
//!
//! Must not know: HTTP frameworks, the domain, the store, the clock (time is a parameter) or any other I/O.

pub mod bitbucket;
pub mod chat;
pub mod codearts;
pub mod gitea;
pub mod github;
pub mod gitlab;
pub mod iam;
pub mod native;
pub mod operations;
mod retry_after;
pub mod signing;
pub mod webhooks;

pub use retry_after::{parse_http_date, parse_retry_after};

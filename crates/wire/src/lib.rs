//! What travels over HTTP: the bodies of every dialect as serde structs, and request signing. Shared by the
//! server and the client, so that both mean the same.
//!
//! Must not know: HTTP frameworks, the domain, the store, the clock (time is a parameter) or any other I/O.

pub mod codearts;
pub mod gitlab;
pub mod iam;
pub mod native;
pub mod operations;
pub mod signing;
pub mod webhooks;

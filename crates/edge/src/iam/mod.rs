//! The IAM dialect (Keystone v3): what SDKs and users of tokens call before the first call to the CodeArts
//! API. A "project" is a region of the account here, not a CodeArts project. It grants no access in
//! Stagepost.

mod dialect;
mod domains;
mod error;
mod projects;
mod routes;
mod security_tokens;
mod tokens;
mod translate;

pub use dialect::IAM;
pub use routes::routes;
